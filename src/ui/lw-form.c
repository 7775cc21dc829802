/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "config.h"

#include "lw-form-private.h"

#include <glib/gi18n-lib.h>

#include "lw-await.h"

#define SAVE_DELAY_MS   250
#define ASSESS_DELAY_MS 120

typedef enum
{
  PROP_SAVED_AT = 1,
  PROP_SAVE_ERROR
} LwFormProperty;
static GParamSpec *properties[PROP_SAVE_ERROR + 1];
static guint signals[LW_FORM_SIGNALS];

G_DEFINE_FINAL_TYPE (LwForm, lw_form, G_TYPE_OBJECT)

void
lw_form_emit (LwForm *self, LwFormSignal signal)
{
  g_signal_emit (self, signals[signal], 0);
}

LwWorkspace *
lw_form_get_workspace (LwForm *self)
{
  g_return_val_if_fail (LW_IS_FORM (self), NULL);
  return self->workspace;
}

LwSession *
lw_form_get_session (LwForm *self)
{
  g_return_val_if_fail (LW_IS_FORM (self), NULL);
  return lw_workspace_get_session (self->workspace);
}

LwRequest *
lw_form_get_request (LwForm *self)
{
  g_return_val_if_fail (LW_IS_FORM (self), NULL);
  return self->request;
}

/* Saving */

typedef struct
{
  LwForm *form;
  LwRequest *request;
} Save;

static void
save_free (gpointer data)
{
  Save *save = data;

  g_object_unref (save->form);
  lw_request_free (save->request);
  g_free (save);
}

static void
set_save_error (LwForm *self, GError *error)
{
  if (self->save_error == NULL && error == NULL)
    return;
  g_clear_error (&self->save_error);
  self->save_error = error;
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_SAVE_ERROR]);
}

static DexFuture *
save_fiber (gpointer data)
{
  Save *save = data;
  LwForm *self = save->form;
  g_autoptr (GError) error = NULL;

  if (!dex_await (lw_drafts_save (lw_workspace_get_drafts (self->workspace), save->request),
                  &error))
    {
      self->dirty = TRUE;
      set_save_error (self, g_error_copy (error));
      return dex_future_new_for_error (g_steal_pointer (&error));
    }
  set_save_error (self, NULL);
  g_clear_pointer (&self->saved_at, g_date_time_unref);
  self->saved_at = g_date_time_new_now_utc ();
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_SAVED_AT]);
  return dex_future_new_for_boolean (TRUE);
}

DexFuture *
lw_form_flush (LwForm *self)
{
  Save *save;

  g_return_val_if_fail (LW_IS_FORM (self), NULL);
  g_clear_handle_id (&self->save_source, g_source_remove);
  if (!self->dirty || self->finished)
    return dex_future_new_for_boolean (TRUE);
  self->dirty = FALSE;
  save = g_new0 (Save, 1);
  save->form = g_object_ref (self);
  save->request = lw_request_copy (self->request);
  return dex_scheduler_spawn (NULL, 0, save_fiber, save, save_free);
}

static gboolean
save_now (gpointer data)
{
  LwForm *self = data;

  self->save_source = 0;
  dex_future_disown (lw_form_flush (self));
  return G_SOURCE_REMOVE;
}

static DexFuture *
finish_fiber (gpointer data)
{
  LwForm *self = data;
  g_autoptr (GError) error = NULL;

  if (!dex_await (lw_drafts_remove (lw_workspace_get_drafts (self->workspace), self->request->id),
                  &error))
    return dex_future_new_for_error (g_steal_pointer (&error));
  lw_workspace_drafts_changed (self->workspace);
  return dex_future_new_for_boolean (TRUE);
}

DexFuture *
lw_form_finish (LwForm *self)
{
  g_return_val_if_fail (LW_IS_FORM (self), NULL);
  g_clear_handle_id (&self->save_source, g_source_remove);
  self->finished = TRUE;
  return dex_scheduler_spawn (NULL, 0, finish_fiber, g_object_ref (self), g_object_unref);
}

/* Assessing */

void
lw_form_assess (LwForm *self)
{
  LwSession *session = lw_form_get_session (self);
  g_autoptr (GDateTime) now = lw_session_now (session);
  g_autoptr (GHashTable) assignments = NULL;
  LwAssessContext context = { .now = now,
                              .rules = lw_session_get_rules (session),
                              .hierarchy = lw_session_get_hierarchy (session) };

  g_clear_handle_id (&self->assess_source, g_source_remove);
  if (self->assignment != NULL)
    {
      assignments = g_hash_table_new (lw_arm_id_hash, lw_arm_id_equal);
      g_hash_table_insert (assignments, self->assignment->id, self->assignment);
      context.assignments = assignments;
    }
  g_clear_pointer (&self->findings, g_ptr_array_unref);
  self->findings = lw_assess (self->request, &context);
  lw_form_emit (self, LW_FORM_SIGNAL_ASSESSED);
}

static gboolean
assess_now (gpointer data)
{
  LwForm *self = data;

  self->assess_source = 0;
  lw_form_assess (self);
  return G_SOURCE_REMOVE;
}

void
lw_form_changed (LwForm *self)
{
  g_return_if_fail (LW_IS_FORM (self));
  self->dirty = TRUE;
  g_clear_handle_id (&self->assess_source, g_source_remove);
  self->assess_source = g_timeout_add (ASSESS_DELAY_MS, assess_now, self);
  /* Not put off by further typing: what was typed is on disk soon after. */
  if (self->save_source == 0 && !self->finished)
    self->save_source = g_timeout_add (SAVE_DELAY_MS, save_now, self);
  lw_form_emit (self, LW_FORM_SIGNAL_CHANGED);
}

GPtrArray *
lw_form_get_findings (LwForm *self)
{
  g_return_val_if_fail (LW_IS_FORM (self), NULL);
  if (self->assess_source != 0)
    lw_form_assess (self);
  return self->findings;
}

void
lw_form_take_findings (LwForm *self, GPtrArray *findings)
{
  g_return_if_fail (LW_IS_FORM (self));
  g_clear_handle_id (&self->assess_source, g_source_remove);
  g_ptr_array_ref (findings);
  g_clear_pointer (&self->findings, g_ptr_array_unref);
  self->findings = findings;
  lw_form_emit (self, LW_FORM_SIGNAL_ASSESSED);
}

gboolean
lw_field_matches (const char *pattern, const char *field)
{
  while (*pattern != '\0')
    {
      if (g_str_equal (pattern, "**"))
        return TRUE;
      if (*pattern == '*')
        {
          pattern++;
          while (g_ascii_isdigit (*field))
            field++;
        }
      else if (*pattern++ != *field++)
        return FALSE;
    }
  return *field == '\0';
}

LwStep
lw_form_step_of (const LwFinding *finding)
{
  const char *field = finding->field;

  if (g_str_equal (field, "title"))
    return LW_FORM_POLICY;
  if (g_str_equal (field, "category") || g_str_equal (field, "ticket"))
    return LW_FORM_OWNER;
  return lw_finding_step (finding);
}

const LwFinding *
lw_form_find (LwForm *self, const char *field)
{
  g_return_val_if_fail (LW_IS_FORM (self), NULL);
  for (guint i = 0; i < self->findings->len; i++)
    {
      LwFinding *finding = g_ptr_array_index (self->findings, i);

      if (lw_field_matches (field, finding->field))
        return finding;
    }
  return NULL;
}

guint
lw_form_count_problems (LwForm *self, LwStep step)
{
  guint n = 0;

  g_return_val_if_fail (LW_IS_FORM (self), 0);
  for (guint i = 0; i < self->findings->len; i++)
    {
      LwFinding *finding = g_ptr_array_index (self->findings, i);

      n += lw_form_step_of (finding) == step && finding->severity != LW_SEVERITY_ADVICE;
    }
  return n;
}

static gboolean
is_begun (LwForm *self, LwStep step)
{
  LwRequest *request = self->request;
  LwReason *reason = request->reason;
  LwGrant *grant = request->grants->len > 0 ? g_ptr_array_index (request->grants, 0) : NULL;

  switch (step)
    {
    case LW_FORM_POLICY:
      return grant != NULL && lw_form_has_text (grant->assignment);
    case LW_FORM_SCOPE:
      return grant != NULL && lw_form_has_text (grant->scope);
    case LW_FORM_REASON:
      return lw_form_has_text (reason->blocker) || lw_form_has_text (reason->control) ||
             lw_form_has_text (reason->impractical) || lw_form_has_text (reason->end_state);
    case LW_FORM_OWNER:
      return request->owner != NULL || lw_form_has_text (request->expires);
    case LW_FORM_CONTROLS:
      return request->controls->len > 0;
    case LW_FORM_CHECK:
    default:
      return FALSE;
    }
}

LwStepState
lw_form_get_step_state (LwForm *self, LwStep step)
{
  gboolean blocked = FALSE;

  g_return_val_if_fail (LW_IS_FORM (self), LW_STEP_STATE_OPEN);
  if (step == LW_FORM_CHECK)
    return LW_STEP_STATE_OPEN;
  for (guint i = 0; i < self->findings->len; i++)
    {
      LwFinding *finding = g_ptr_array_index (self->findings, i);

      blocked |= lw_form_step_of (finding) == step && finding->severity == LW_SEVERITY_BLOCKER;
    }
  if (!blocked && (is_begun (self, step) || self->left[step]))
    return LW_STEP_STATE_DONE;
  return blocked && self->left[step] ? LW_STEP_STATE_ATTENTION : LW_STEP_STATE_OPEN;
}

void
lw_form_leave_step (LwForm *self, LwStep step)
{
  g_return_if_fail (LW_IS_FORM (self));
  if (self->left[step])
    return;
  self->left[step] = TRUE;
  lw_form_emit (self, LW_FORM_SIGNAL_ASSESSED);
}

gboolean
lw_form_was_left (LwForm *self, LwStep step)
{
  g_return_val_if_fail (LW_IS_FORM (self), FALSE);
  return self->left[step];
}

/* The object */

static void
lw_form_get_property (GObject *object, guint id, GValue *value, GParamSpec *pspec)
{
  LwForm *self = LW_FORM (object);

  switch ((LwFormProperty) id)
    {
    case PROP_SAVED_AT:
      g_value_set_boxed (value, self->saved_at);
      break;
    case PROP_SAVE_ERROR:
      g_value_set_boxed (value, self->save_error);
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
    }
}

static void
lw_form_dispose (GObject *object)
{
  LwForm *self = LW_FORM (object);

  g_clear_handle_id (&self->save_source, g_source_remove);
  g_clear_handle_id (&self->assess_source, g_source_remove);
  G_OBJECT_CLASS (lw_form_parent_class)->dispose (object);
}

static void
lw_form_finalize (GObject *object)
{
  LwForm *self = LW_FORM (object);

  g_clear_object (&self->workspace);
  g_clear_pointer (&self->request, lw_request_free);
  g_clear_pointer (&self->findings, g_ptr_array_unref);
  g_clear_pointer (&self->failing, g_ptr_array_unref);
  g_clear_pointer (&self->assignment, lw_assignment_unref);
  g_clear_pointer (&self->saved_at, g_date_time_unref);
  g_clear_error (&self->assignment_error);
  g_clear_error (&self->save_error);
  G_OBJECT_CLASS (lw_form_parent_class)->finalize (object);
}

static void
lw_form_class_init (LwFormClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);
  const GParamFlags flags = G_PARAM_READABLE | G_PARAM_EXPLICIT_NOTIFY | G_PARAM_STATIC_STRINGS;
  const char *const names[LW_FORM_SIGNALS] = { "changed", "assessed", "policy-changed" };

  object_class->get_property = lw_form_get_property;
  object_class->dispose = lw_form_dispose;
  object_class->finalize = lw_form_finalize;
  properties[PROP_SAVED_AT] = g_param_spec_boxed ("saved-at", NULL, NULL, G_TYPE_DATE_TIME, flags);
  properties[PROP_SAVE_ERROR] = g_param_spec_boxed ("save-error", NULL, NULL, G_TYPE_ERROR, flags);
  g_object_class_install_properties (object_class, G_N_ELEMENTS (properties), properties);
  for (guint i = 0; i < LW_FORM_SIGNALS; i++)
    signals[i] = g_signal_new (names[i], LW_TYPE_FORM, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL,
                               G_TYPE_NONE, 0);
}

static void
lw_form_init (LwForm *self)
{
}

/* Numbers of grants that earlier revisions used are not given again. */
static guint
highest_number_on_record (LwForm *self)
{
  LwCase *value = self->request->id != NULL
                      ? lw_workspace_find_case (self->workspace, self->request->id, 0, NULL)
                      : NULL;
  LwRequest *contents[] = { value != NULL ? value->content : NULL,
                            value != NULL ? value->previous : NULL };
  guint highest = 0;

  for (guint i = 0; i < G_N_ELEMENTS (contents); i++)
    if (contents[i] != NULL)
      highest = MAX (highest, lw_request_next_grant_number (contents[i]) - 1);
  return highest;
}

LwForm *
lw_form_new (LwWorkspace *workspace, const LwRequest *request)
{
  LwForm *self;

  g_return_val_if_fail (LW_IS_WORKSPACE (workspace), NULL);
  self = g_object_new (LW_TYPE_FORM, NULL);
  self->workspace = g_object_ref (workspace);
  self->request = request != NULL ? lw_request_copy (request) : lw_request_new (NULL);
  if (self->request->requester == NULL)
    self->request->requester =
        lw_person_copy (lw_session_get_person (lw_workspace_get_session (workspace)));
  self->next_grant =
      MAX (lw_request_next_grant_number (self->request), highest_number_on_record (self) + 1);
  lw_form_assess (self);
  lw_form_load_assignment (self);
  return self;
}
