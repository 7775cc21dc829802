/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "config.h"

#include <glib/gi18n-lib.h>
#include <string.h>

#include "lw-case-private.h"
#include "lw-domain-error.h"
#include "lw-json.h"

G_DEFINE_BOXED_TYPE (LwCase, lw_case, lw_case_ref, lw_case_unref)

const char *
lw_phase_to_string (LwPhase phase)
{
  static const char *const names[] = {
    [LW_PHASE_NEW] = "new",
    [LW_PHASE_PENDING] = "pending",
    [LW_PHASE_CHANGES_REQUESTED] = "changes-requested",
    [LW_PHASE_REJECTED] = "rejected",
    [LW_PHASE_WITHDRAWN] = "withdrawn",
    [LW_PHASE_APPROVED] = "approved",
    [LW_PHASE_APPLYING] = "applying",
    [LW_PHASE_PARTLY_APPLIED] = "partly-applied",
    [LW_PHASE_APPLY_FAILED] = "apply-failed",
    [LW_PHASE_APPLIED] = "applied",
    [LW_PHASE_RETIRING] = "retiring",
    [LW_PHASE_RETIRED] = "retired",
  };

  g_return_val_if_fail ((guint) phase < G_N_ELEMENTS (names), "unknown");

  return names[phase];
}

static void
approval_free (gpointer data)
{
  LwApproval *self = data;

  lw_person_free (self->by);
  g_free (self->digest);
  g_date_time_unref (self->at);
  g_free (self);
}

static void
flag_free (gpointer data)
{
  LwFlag *self = data;

  g_free (self->id);
  g_free (self->message);
  g_free (self);
}

static LwCase *
case_new (const char *request_id, LwRules *rules)
{
  LwCase *self = g_atomic_rc_box_new0 (LwCase);

  self->request_id = g_strdup (request_id);
  self->last_sha256 = g_strdup ("");
  self->approvals = g_ptr_array_new_with_free_func (approval_free);
  self->results = g_hash_table_new_full (NULL, NULL, NULL, (GDestroyNotify) json_object_unref);
  self->failures = g_hash_table_new_full (NULL, NULL, NULL, (GDestroyNotify) json_object_unref);
  self->events = g_ptr_array_new_with_free_func ((GDestroyNotify) lw_event_unref);
  self->flags = g_ptr_array_new_with_free_func (flag_free);
  self->rules = rules != NULL ? lw_rules_ref (rules) : lw_rules_new_default ();
  return self;
}

LwCase *
lw_case_ref (LwCase *self)
{
  return g_atomic_rc_box_acquire (self);
}

static void
case_clear (gpointer data)
{
  LwCase *self = data;

  g_free (self->request_id);
  lw_request_free (self->content);
  lw_request_free (self->previous);
  g_free (self->digest);
  g_ptr_array_unref (self->approvals);
  g_clear_pointer (&self->submitted, g_date_time_unref);
  g_clear_pointer (&self->changed, g_date_time_unref);
  g_free (self->last_sha256);
  g_clear_pointer (&self->last_decision, lw_event_unref);
  g_hash_table_unref (self->results);
  g_hash_table_unref (self->failures);
  lw_person_free (self->applier);
  g_ptr_array_unref (self->events);
  g_ptr_array_unref (self->flags);
  lw_rules_unref (self->rules);
}

void
lw_case_unref (LwCase *self)
{
  g_atomic_rc_box_release_full (self, case_clear);
}

static void
flag (LwCase *self, guint seq, const char *id, const char *message)
{
  LwFlag *flag = g_new0 (LwFlag, 1);

  flag->seq = seq;
  flag->id = g_strdup (id);
  flag->message = g_strdup (message);
  g_ptr_array_add (self->flags, flag);
}

/* New content voids all approvals so far. Takes @content. */
static void
replace_content (LwCase *self, LwRequest *content, const char *digest)
{
  lw_request_free (self->previous);
  self->previous = self->content;
  self->content = content;
  g_set_str (&self->digest, digest);
  for (guint i = 0; i < self->approvals->len; i++)
    {
      LwApproval *approval = g_ptr_array_index (self->approvals, i);

      approval->counts = FALSE;
    }
  self->approvals_counting = 0;
  self->approvals_needed = lw_rules_approvals_needed (self->rules, content);
}

static void
on_submitted (LwCase *self, LwEvent *event)
{
  LwRequest *content = lw_case_read_content (self, event->body, NULL);

  g_return_if_fail (content != NULL);

  replace_content (self, content, lw_json_get_string (event->body, "digest"));
  self->revision++;
  self->phase = LW_PHASE_PENDING;
  g_clear_pointer (&self->submitted, g_date_time_unref);
  self->submitted = g_date_time_ref (event->at);
}

/* Different people, for one person may have approved an earlier content and this one. */
static guint
count_approvals (LwCase *self)
{
  guint count = 0;

  for (guint i = 0; i < self->approvals->len; i++)
    {
      const LwApproval *approval = g_ptr_array_index (self->approvals, i);
      gboolean repeated = FALSE;

      for (guint k = 0; k < i; k++)
        {
          const LwApproval *earlier = g_ptr_array_index (self->approvals, k);

          repeated |= earlier->counts && lw_person_equal (earlier->by, approval->by);
        }
      count += approval->counts && !repeated;
    }
  return count;
}

static void
on_approved (LwCase *self, LwEvent *event, gboolean sealed)
{
  LwRequest *terms = lw_case_read_terms (self, event->body, NULL);
  LwApproval *approval = g_new0 (LwApproval, 1);

  approval->by = lw_person_copy (event->by);
  approval->digest = g_strdup (lw_json_get_string (event->body, "digest"));
  approval->seq = event->seq;
  approval->at = g_date_time_ref (event->at);
  approval->sealed = sealed;
  g_ptr_array_add (self->approvals, approval);
  if (!sealed)
    {
      flag (self, event->seq, "ledger.unsealed",
            _ ("This approval has no seal on record, so it does not count."));
      lw_request_free (terms);
      return;
    }
  if (terms != NULL)
    replace_content (self, terms, approval->digest);
  approval->counts = TRUE;
  self->approvals_counting = count_approvals (self);
  if (self->approvals_counting >= self->approvals_needed)
    self->phase = LW_PHASE_APPROVED;
}

static void
on_decision (LwCase *self, LwEvent *event, LwPhase phase)
{
  g_clear_pointer (&self->last_decision, lw_event_unref);
  self->last_decision = lw_event_ref (event);
  self->phase = phase;
}

static void
on_applying (LwCase *self, LwEvent *event)
{
  lw_person_free (self->applier);
  self->applier = lw_person_copy (event->by);
  self->phase = LW_PHASE_APPLYING;
}

/* Takes in what Azure answered for each grant. */
static void
take_results (LwCase *self, LwEvent *event)
{
  JsonArray *grants = lw_json_get_array (event->body, "grants");

  for (guint i = 0; grants != NULL && i < json_array_get_length (grants); i++)
    {
      JsonObject *result = lw_json_array_get_object (grants, i);
      JsonObject *exemption = lw_json_get_object (result, "exemption");
      JsonObject *error = lw_json_get_object (result, "error");
      gint64 n = lw_json_get_int (result, "n", 0);
      gpointer key = GUINT_TO_POINTER ((guint) CLAMP (n, 0, G_MAXINT32));

      if (lw_request_get_grant (self->content, GPOINTER_TO_UINT (key)) == NULL)
        continue;
      if (exemption != NULL)
        {
          g_hash_table_insert (self->results, key, json_object_ref (exemption));
          g_hash_table_remove (self->failures, key);
        }
      else if (error != NULL)
        g_hash_table_insert (self->failures, key, json_object_ref (error));
    }
}

static void
on_results (LwCase *self, LwEvent *event)
{
  guint applied;

  take_results (self, event);
  applied = g_hash_table_size (self->results);
  if (applied == 0)
    self->phase = LW_PHASE_APPLY_FAILED;
  else
    self->phase = applied < self->content->grants->len ? LW_PHASE_PARTLY_APPLIED : LW_PHASE_APPLIED;
}

static void
take_event (LwCase *self, LwEvent *event, gboolean sealed)
{
  switch (event->kind)
    {
    case LW_EVENT_SUBMITTED:
      on_submitted (self, event);
      break;
    case LW_EVENT_WITHDRAWN:
      on_decision (self, event, LW_PHASE_WITHDRAWN);
      break;
    case LW_EVENT_CHANGES_REQUESTED:
      on_decision (self, event, LW_PHASE_CHANGES_REQUESTED);
      break;
    case LW_EVENT_REJECTED:
      on_decision (self, event, LW_PHASE_REJECTED);
      break;
    case LW_EVENT_APPROVED:
      on_approved (self, event, sealed);
      break;
    case LW_EVENT_APPLYING:
      on_applying (self, event);
      break;
    case LW_EVENT_APPLIED:
    case LW_EVENT_APPLY_FAILED:
      on_results (self, event);
      break;
    case LW_EVENT_RETIRING:
      self->phase = LW_PHASE_RETIRING;
      break;
    case LW_EVENT_RETIRED:
      self->phase = LW_PHASE_RETIRED;
      break;
    case LW_EVENT_RESTORED:
      take_results (self, event);
      self->phase = LW_PHASE_APPLIED;
      break;
    case LW_EVENT_CONTROL_CHECKED:
    case LW_EVENT_COMMENTED:
    case LW_EVENT_UNKNOWN:
    default:
      break;
    }
}

/* Whether the event follows from the one before it; else nothing from here on counts. */
static gboolean
check_link (LwCase *self, LwEvent *event)
{
  g_autofree char *message = NULL;

  if (g_ascii_strcasecmp (event->request, self->request_id) != 0)
    {
      flag (self, event->seq, "ledger.foreign",
            _ ("This entry belongs to another request. It and what follows it do not count."));
      return FALSE;
    }
  if (event->seq <= self->last_seq)
    {
      flag (self, event->seq, "ledger.foreign",
            _ ("This entry carries a number that another entry has. It and what follows it do not "
               "count."));
      return FALSE;
    }
  if (event->seq != self->last_seq + 1)
    {
      message = g_strdup_printf (_ ("Entry %u is missing. What follows it does not count."),
                                 self->last_seq + 1);
      flag (self, self->last_seq + 1, "ledger.gap", message);
      return FALSE;
    }
  if (strcmp (event->prev, self->last_sha256) != 0)
    {
      flag (self, event->seq, "ledger.chain",
            _ ("This entry does not follow from the one before it: one of them was changed "
               "afterwards. It and what follows it do not count."));
      return FALSE;
    }
  return TRUE;
}

static gboolean
is_sealed (LwCase *self, LwEvent *event, LwSealLookup seals, gpointer user_data)
{
  const char *digest = lw_json_get_string (event->body, "digest");

  return event->kind == LW_EVENT_APPROVED && digest != NULL && seals != NULL &&
         seals (self->request_id, digest, event->by->id, user_data);
}

LwCase *
lw_case_fold (const char *request_id,
              GPtrArray *events,
              LwSealLookup seals,
              gpointer user_data,
              LwRules *rules,
              LwHierarchy *hierarchy)
{
  LwCase *self;
  gboolean intact = TRUE;

  g_return_val_if_fail (request_id != NULL, NULL);

  self = case_new (request_id, rules);
  for (guint i = 0; events != NULL && i < events->len; i++)
    {
      LwEvent *event = g_ptr_array_index (events, i);
      g_autoptr (GError) error = NULL;

      g_ptr_array_add (self->events, lw_event_ref (event));
      intact = intact && check_link (self, event);
      if (!intact)
        continue;
      if (event->kind == LW_EVENT_UNKNOWN)
        flag (self, event->seq, "ledger.unknown-kind",
              _ ("This entry is of a kind that this Leeway does not know; update Leeway."));
      else if (lw_case_check_at (self, event->kind, event->by, event->body, event->at, hierarchy,
                                 &error))
        take_event (self, event, is_sealed (self, event, seals, user_data));
      else
        flag (self, event->seq, "ledger.not-allowed", error->message);
      self->last_seq = event->seq;
      g_set_str (&self->last_sha256, event->sha256);
      g_clear_pointer (&self->changed, g_date_time_unref);
      self->changed = g_date_time_ref (event->at);
    }
  return self;
}

gboolean
lw_case_is_intact (LwCase *self)
{
  static const char *const breaks[] = { "ledger.foreign", "ledger.gap",       "ledger.chain",
                                        "ledger.gone",    "ledger.rewritten", NULL };

  for (guint i = 0; i < self->flags->len; i++)
    {
      const LwFlag *flag = g_ptr_array_index (self->flags, i);

      if (g_strv_contains (breaks, flag->id))
        return FALSE;
    }
  return TRUE;
}

char *
lw_case_approved_by (LwCase *self)
{
  g_autoptr (GString) text = g_string_new (NULL);

  for (guint i = 0; i < self->approvals->len; i++)
    {
      const LwApproval *approval = g_ptr_array_index (self->approvals, i);
      const char *name = approval->by->upn != NULL ? approval->by->upn : approval->by->id;

      if (approval->counts)
        g_string_append_printf (text, "%s%s", text->len > 0 ? ", " : "", name);
    }
  return g_string_free_and_steal (g_steal_pointer (&text));
}

GDateTime *
lw_case_approved_on (LwCase *self)
{
  GDateTime *last = NULL;

  for (guint i = 0; i < self->approvals->len; i++)
    {
      const LwApproval *approval = g_ptr_array_index (self->approvals, i);

      if (approval->counts)
        last = approval->at;
    }
  return last;
}

gboolean
lw_case_has_approved (LwCase *self, const char *oid)
{
  for (guint i = 0; i < self->approvals->len; i++)
    {
      const LwApproval *approval = g_ptr_array_index (self->approvals, i);

      if (approval->counts && oid != NULL && g_ascii_strcasecmp (approval->by->id, oid) == 0)
        return TRUE;
    }
  return FALSE;
}
