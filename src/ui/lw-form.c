/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "config.h"

#include "lw-form.h"

#include <glib/gi18n-lib.h>

#include "lw-await.h"

#define SAVE_DELAY_MS   250
#define ASSESS_DELAY_MS 120

/* Where more fail than this, all of them is no longer the narrow choice: they are only marked. */
#define MOST_PRESELECTED 3

struct _LwForm
{
  GObject parent_instance;

  LwWorkspace *workspace;
  LwRequest *request;
  guint next_grant;
  gboolean dirty;
  gboolean finished;
  gboolean left[LW_FORM_STEPS];
  guint save_source;
  guint assess_source;
  GDateTime *saved_at;
  GError *save_error;
  GPtrArray *findings;

  LwAssignment *assignment;
  GError *assignment_error;
  GPtrArray *failing;
  guint loading; /* the turn: a newer one makes an older one void */
  gboolean reading;
  gboolean preselect; /* the references follow what fails, until the person chooses some */
};

typedef enum
{
  PROP_SAVED_AT = 1,
  PROP_SAVE_ERROR
} LwFormProperty;
enum
{
  CHANGED,
  ASSESSED,
  POLICY_CHANGED,
  N_SIGNALS
};

static GParamSpec *properties[PROP_SAVE_ERROR + 1];
static guint signals[N_SIGNALS];

G_DEFINE_FINAL_TYPE (LwForm, lw_form, G_TYPE_OBJECT)

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

static void
assess (LwForm *self)
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
  g_signal_emit (self, signals[ASSESSED], 0);
}

static gboolean
assess_now (gpointer data)
{
  LwForm *self = data;

  self->assess_source = 0;
  assess (self);
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
  g_signal_emit (self, signals[CHANGED], 0);
}

GPtrArray *
lw_form_get_findings (LwForm *self)
{
  g_return_val_if_fail (LW_IS_FORM (self), NULL);
  if (self->assess_source != 0)
    assess (self);
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
  g_signal_emit (self, signals[ASSESSED], 0);
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
has_text (const char *text)
{
  return text != NULL && *text != '\0';
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
      return grant != NULL && has_text (grant->assignment);
    case LW_FORM_SCOPE:
      return grant != NULL && has_text (grant->scope);
    case LW_FORM_REASON:
      return has_text (reason->blocker) || has_text (reason->control) ||
             has_text (reason->impractical) || has_text (reason->end_state);
    case LW_FORM_OWNER:
      return request->owner != NULL || has_text (request->expires);
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
  g_signal_emit (self, signals[ASSESSED], 0);
}

gboolean
lw_form_was_left (LwForm *self, LwStep step)
{
  g_return_val_if_fail (LW_IS_FORM (self), FALSE);
  return self->left[step];
}

/* The policy */

LwAssignment *
lw_form_get_assignment (LwForm *self)
{
  g_return_val_if_fail (LW_IS_FORM (self), NULL);
  return self->assignment;
}

const GError *
lw_form_get_assignment_error (LwForm *self)
{
  g_return_val_if_fail (LW_IS_FORM (self), NULL);
  return self->assignment_error;
}

gboolean
lw_form_is_loading (LwForm *self)
{
  g_return_val_if_fail (LW_IS_FORM (self), FALSE);
  return self->reading;
}

GPtrArray *
lw_form_get_failing (LwForm *self)
{
  g_return_val_if_fail (LW_IS_FORM (self), NULL);
  return self->failing;
}

gboolean
lw_form_reference_fails (LwForm *self, const char *reference_id)
{
  g_return_val_if_fail (LW_IS_FORM (self), FALSE);
  for (guint i = 0; self->failing != NULL && i < self->failing->len; i++)
    {
      LwPolicyState *state = g_ptr_array_index (self->failing, i);

      if (g_ascii_strcasecmp (state->reference_id != NULL ? state->reference_id : "",
                              reference_id) == 0)
        return TRUE;
    }
  return FALSE;
}

static const char *
assignment_id (LwForm *self)
{
  LwGrant *grant =
      self->request->grants->len > 0 ? g_ptr_array_index (self->request->grants, 0) : NULL;

  return grant != NULL && has_text (grant->assignment) ? grant->assignment : NULL;
}

static void
collect_subscriptions (LwHierarchy *hierarchy, const char *id, GPtrArray *into, guint depth)
{
  g_autoptr (GPtrArray) children = NULL;

  if (lw_scope_kind (id) == LW_SCOPE_SUBSCRIPTION)
    {
      g_ptr_array_add (into, g_strdup (id));
      return;
    }
  if (depth > 16)
    return;
  children = lw_hierarchy_children (hierarchy, id);
  for (guint i = 0; i < children->len; i++)
    collect_subscriptions (hierarchy, g_ptr_array_index (children, i), into, depth + 1);
}

/* The subscriptions in which the assignment can fail, as far as the person sees them. */
static GPtrArray *
subscriptions_of (LwForm *self, LwAssignment *assignment)
{
  GPtrArray *into = g_ptr_array_new_with_free_func (g_free);
  LwHierarchy *hierarchy = lw_session_get_hierarchy (lw_form_get_session (self));
  g_autofree char *own = lw_arm_id_subscription_scope (assignment->scope);

  if (own != NULL)
    g_ptr_array_add (into, g_steal_pointer (&own));
  else if (hierarchy != NULL)
    {
      collect_subscriptions (hierarchy, assignment->scope, into, 0);
      if (into->len == 0)
        {
          /* Whose management group the person cannot see. */
          g_autoptr (GPtrArray) roots = lw_hierarchy_roots (hierarchy);

          for (guint i = 0; i < roots->len; i++)
            collect_subscriptions (hierarchy, g_ptr_array_index (roots, i), into, 0);
        }
    }
  return into;
}

static gint
find_string (GPtrArray *array, const char *text)
{
  for (guint i = 0; i < array->len; i++)
    if (g_ascii_strcasecmp (g_ptr_array_index (array, i), text) == 0)
      return i;
  return -1;
}

/* Where the initiative may not be read, what the request already asks for is shown all the same. */
static void
show_asked (LwForm *self)
{
  LwAssignment *more;

  if (self->assignment == NULL)
    return;
  for (guint i = 0; i < self->request->grants->len; i++)
    {
      LwGrant *grant = g_ptr_array_index (self->request->grants, i);

      more = lw_assignment_with_references (self->assignment, grant->references);
      lw_assignment_unref (self->assignment);
      self->assignment = more;
    }
}

static gboolean
fails_where_chosen (LwPolicyState *state, GPtrArray *scopes)
{
  for (guint i = 0; i < scopes->len; i++)
    if (lw_arm_id_contains (g_ptr_array_index (scopes, i), state->resource_id))
      return TRUE;
  return scopes->len == 0;
}

/* The definitions that fail in the scopes chosen, or anywhere while there are none.
 * (transfer container) */
static GPtrArray *
failing_references (LwForm *self)
{
  g_autoptr (GPtrArray) scopes = lw_form_get_scopes (self);
  GPtrArray *ids = g_ptr_array_new ();

  for (guint i = 0; i < self->failing->len; i++)
    {
      LwPolicyState *state = g_ptr_array_index (self->failing, i);

      if (has_text (state->reference_id) && fails_where_chosen (state, scopes) &&
          find_string (ids, state->reference_id) < 0)
        g_ptr_array_add (ids, state->reference_id);
    }
  return ids;
}

/* Selects what fails as long as that is few. Whether anything changed. */
static gboolean
preselect_failing (LwForm *self)
{
  g_autoptr (GPtrArray) wanted = NULL;

  if (!self->preselect || self->assignment == NULL || !self->assignment->initiative ||
      self->failing == NULL)
    return FALSE;
  wanted = failing_references (self);
  lw_form_clear_references (self);
  for (guint i = 0; wanted->len <= MOST_PRESELECTED && i < wanted->len; i++)
    lw_form_set_reference (self, g_ptr_array_index (wanted, i), TRUE);
  return TRUE;
}

void
lw_form_keep_references (LwForm *self)
{
  g_return_if_fail (LW_IS_FORM (self));
  self->preselect = FALSE;
}

gboolean
lw_form_follows_failing (LwForm *self)
{
  g_return_val_if_fail (LW_IS_FORM (self), FALSE);
  return self->preselect;
}

/* Both the policy and the turn of loading that it is for: a newer choice makes an older one void. */
static gboolean
still_wanted (LwForm *self, guint turn)
{
  return self->loading == turn && !lw_workspace_is_closed (self->workspace);
}

static DexFuture *
load_fiber (gpointer data)
{
  LwForm *self = data;
  LwClient *client = lw_session_get_client (lw_form_get_session (self));
  guint turn = self->loading;
  g_autofree char *id = g_strdup (assignment_id (self));
  g_autoptr (GError) error = NULL;
  g_autoptr (LwAssignment) bare = NULL;
  g_autoptr (LwAssignment) whole = NULL;
  g_autoptr (GPtrArray) subscriptions = NULL;
  g_autoptr (GPtrArray) futures = g_ptr_array_new_with_free_func (dex_unref);
  g_autoptr (GPtrArray) failing =
      g_ptr_array_new_with_free_func ((GDestroyNotify) lw_policy_state_unref);
  gboolean known = FALSE;

  if (self->assignment != NULL && lw_arm_id_equal (self->assignment->id, id))
    bare = lw_assignment_ref (self->assignment);
  else
    bare = dex_await_boxed (lw_client_get_assignment (client, id), &error);
  if (bare != NULL)
    whole = dex_await_boxed (lw_client_load_definition (client, bare), &error);
  if (!still_wanted (self, turn) || (error != NULL && lw_error_is_cancelled (error)))
    return dex_future_new_for_boolean (FALSE);
  self->reading = FALSE;
  if (whole == NULL)
    {
      g_clear_error (&self->assignment_error);
      self->assignment_error = g_steal_pointer (&error);
      g_signal_emit (self, signals[POLICY_CHANGED], 0);
      return dex_future_new_for_boolean (FALSE);
    }
  g_clear_pointer (&self->assignment, lw_assignment_unref);
  self->assignment = g_steal_pointer (&whole);
  show_asked (self);
  assess (self);
  g_signal_emit (self, signals[POLICY_CHANGED], 0);

  subscriptions = subscriptions_of (self, self->assignment);
  for (guint i = 0; i < subscriptions->len; i++)
    g_ptr_array_add (
        futures, lw_client_list_noncompliant (client, g_ptr_array_index (subscriptions, i), id));
  for (guint i = 0; i < futures->len; i++)
    {
      g_autoptr (GPtrArray) some = dex_await_boxed (dex_ref (g_ptr_array_index (futures, i)), NULL);

      known |= some != NULL;
      for (guint j = 0; some != NULL && j < some->len; j++)
        g_ptr_array_add (failing, lw_policy_state_ref (g_ptr_array_index (some, j)));
    }
  if (known && self->assignment->initiative && !self->assignment->definition_known)
    whole = dex_await_boxed (lw_client_load_evaluated (client, self->assignment, failing), NULL);
  if (!still_wanted (self, turn) || !known)
    return dex_future_new_for_boolean (FALSE);
  if (whole != NULL)
    {
      g_clear_pointer (&self->assignment, lw_assignment_unref);
      self->assignment = g_steal_pointer (&whole);
      show_asked (self);
      assess (self);
    }
  g_clear_pointer (&self->failing, g_ptr_array_unref);
  self->failing = g_steal_pointer (&failing);
  if (preselect_failing (self))
    lw_form_changed (self);
  g_signal_emit (self, signals[POLICY_CHANGED], 0);
  return dex_future_new_for_boolean (TRUE);
}

void
lw_form_load_assignment (LwForm *self)
{
  g_return_if_fail (LW_IS_FORM (self));
  self->loading++;
  g_clear_error (&self->assignment_error);
  g_clear_pointer (&self->failing, g_ptr_array_unref);
  self->reading = assignment_id (self) != NULL;
  if (!self->reading)
    return;
  g_signal_emit (self, signals[POLICY_CHANGED], 0);
  lw_workspace_spawn (self->workspace, load_fiber, g_object_ref (self), g_object_unref);
}

void
lw_form_set_policy (LwForm *self, LwAssignment *assignment)
{
  GPtrArray *grants;

  g_return_if_fail (LW_IS_FORM (self));
  g_return_if_fail (assignment != NULL);
  grants = self->request->grants;
  if (grants->len == 0)
    g_ptr_array_add (grants, lw_grant_new (self->next_grant++));
  for (guint i = 0; i < grants->len; i++)
    {
      LwGrant *grant = g_ptr_array_index (grants, i);

      g_set_str (&grant->assignment, assignment->id);
      g_set_str (&grant->policy_name, assignment->display_name);
      g_ptr_array_set_size (grant->references, 0);
      g_clear_pointer (&grant->policy, lw_policy_snapshot_free);
    }
  g_clear_pointer (&self->assignment, lw_assignment_unref);
  self->assignment = lw_assignment_ref (assignment);
  self->preselect = TRUE;
  lw_form_changed (self);
  lw_form_load_assignment (self);
}

/* Grants */

gboolean
lw_form_has_reference (LwForm *self, const char *reference_id)
{
  g_return_val_if_fail (LW_IS_FORM (self), FALSE);
  for (guint i = 0; i < self->request->grants->len; i++)
    {
      LwGrant *grant = g_ptr_array_index (self->request->grants, i);

      if (find_string (grant->references, reference_id) >= 0)
        return TRUE;
    }
  return FALSE;
}

void
lw_form_set_reference (LwForm *self, const char *reference_id, gboolean chosen)
{
  g_return_if_fail (LW_IS_FORM (self));
  for (guint i = 0; i < self->request->grants->len; i++)
    {
      LwGrant *grant = g_ptr_array_index (self->request->grants, i);
      gint at = find_string (grant->references, reference_id);

      if (chosen && at < 0)
        g_ptr_array_add (grant->references, g_strdup (reference_id));
      else if (!chosen && at >= 0)
        g_ptr_array_remove_index (grant->references, at);
    }
  if (chosen && self->assignment != NULL &&
      lw_assignment_get_reference (self->assignment, reference_id) == NULL)
    {
      show_asked (self);
      g_signal_emit (self, signals[POLICY_CHANGED], 0);
    }
}

void
lw_form_clear_references (LwForm *self)
{
  g_return_if_fail (LW_IS_FORM (self));
  for (guint i = 0; i < self->request->grants->len; i++)
    {
      LwGrant *grant = g_ptr_array_index (self->request->grants, i);

      g_ptr_array_set_size (grant->references, 0);
    }
}

gboolean
lw_form_has_scope (LwForm *self, const char *scope)
{
  g_return_val_if_fail (LW_IS_FORM (self), FALSE);
  for (guint i = 0; i < self->request->grants->len; i++)
    {
      LwGrant *grant = g_ptr_array_index (self->request->grants, i);

      if (has_text (grant->scope) && lw_arm_id_equal (grant->scope, scope))
        return TRUE;
    }
  return FALSE;
}

static void
add_scope (LwForm *self, const char *scope)
{
  GPtrArray *grants = self->request->grants;
  LwGrant *model = grants->len > 0 ? g_ptr_array_index (grants, 0) : NULL;
  LwGrant *grant;

  if (model != NULL && !has_text (model->scope))
    {
      g_set_str (&model->scope, scope);
      return;
    }
  grant = lw_grant_new (self->next_grant++);
  g_set_str (&grant->scope, scope);
  if (model != NULL)
    {
      g_set_str (&grant->assignment, model->assignment);
      g_set_str (&grant->policy_name, model->policy_name);
      g_set_str (&grant->why, model->why);
      for (guint i = 0; i < model->references->len; i++)
        g_ptr_array_add (grant->references, g_strdup (g_ptr_array_index (model->references, i)));
    }
  g_ptr_array_add (grants, grant);
}

static void
remove_scope (LwForm *self, const char *scope)
{
  GPtrArray *grants = self->request->grants;

  for (guint i = 0; i < grants->len; i++)
    {
      LwGrant *grant = g_ptr_array_index (grants, i);

      if (!has_text (grant->scope) || !lw_arm_id_equal (grant->scope, scope))
        continue;
      /* The last one stays: it carries the policy. */
      if (grants->len == 1)
        g_clear_pointer (&grant->scope, g_free);
      else
        g_ptr_array_remove_index (grants, i);
      return;
    }
}

void
lw_form_set_scope (LwForm *self, const char *scope, gboolean chosen)
{
  g_return_if_fail (LW_IS_FORM (self));
  g_return_if_fail (scope != NULL);
  if (lw_form_has_scope (self, scope) == chosen)
    return;
  if (chosen)
    add_scope (self, scope);
  else
    remove_scope (self, scope);
  if (preselect_failing (self))
    g_signal_emit (self, signals[POLICY_CHANGED], 0);
  lw_form_changed (self);
}

GPtrArray *
lw_form_get_scopes (LwForm *self)
{
  GPtrArray *scopes = g_ptr_array_new ();

  g_return_val_if_fail (LW_IS_FORM (self), scopes);
  for (guint i = 0; i < self->request->grants->len; i++)
    {
      LwGrant *grant = g_ptr_array_index (self->request->grants, i);

      if (has_text (grant->scope))
        g_ptr_array_add (scopes, grant->scope);
    }
  return scopes;
}

const char *
lw_form_get_why (LwForm *self)
{
  g_return_val_if_fail (LW_IS_FORM (self), NULL);
  for (guint i = 0; i < self->request->grants->len; i++)
    {
      LwGrant *grant = g_ptr_array_index (self->request->grants, i);

      if (has_text (grant->why))
        return grant->why;
    }
  return NULL;
}

void
lw_form_set_why (LwForm *self, const char *why)
{
  g_return_if_fail (LW_IS_FORM (self));
  if (self->request->grants->len == 0 && has_text (why))
    g_ptr_array_add (self->request->grants, lw_grant_new (self->next_grant++));
  for (guint i = 0; i < self->request->grants->len; i++)
    {
      LwGrant *grant = g_ptr_array_index (self->request->grants, i);

      g_set_str (&grant->why, has_text (why) ? why : NULL);
    }
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
  const char *const names[N_SIGNALS] = { "changed", "assessed", "policy-changed" };

  object_class->get_property = lw_form_get_property;
  object_class->dispose = lw_form_dispose;
  object_class->finalize = lw_form_finalize;
  properties[PROP_SAVED_AT] = g_param_spec_boxed ("saved-at", NULL, NULL, G_TYPE_DATE_TIME, flags);
  properties[PROP_SAVE_ERROR] = g_param_spec_boxed ("save-error", NULL, NULL, G_TYPE_ERROR, flags);
  g_object_class_install_properties (object_class, G_N_ELEMENTS (properties), properties);
  for (guint i = 0; i < N_SIGNALS; i++)
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
  GListModel *cases = lw_workspace_get_cases (self->workspace);
  guint highest = 0;

  for (guint i = 0; i < g_list_model_get_n_items (cases); i++)
    {
      g_autoptr (LwCaseItem) item = g_list_model_get_item (cases, i);
      LwCase *value = lw_case_item_get_case (item);
      LwRequest *contents[] = { value->content, value->previous };

      if (g_strcmp0 (value->request_id, self->request->id) != 0)
        continue;
      for (guint j = 0; j < G_N_ELEMENTS (contents); j++)
        if (contents[j] != NULL)
          highest = MAX (highest, lw_request_next_grant_number (contents[j]) - 1);
    }
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
  assess (self);
  lw_form_load_assignment (self);
  return self;
}
