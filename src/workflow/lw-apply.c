/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "config.h"

#include "lw-apply-begun.h"
#include "lw-apply-private.h"
#include "lw-domain-error.h"
#include "lw-fault-point.h"
#include "lw-json.h"

#include <glib/gi18n-lib.h>

/* Others may comment while this person applies; that only moves the number of the closing entry. */
#define MAX_ATTEMPTS 20

static void
apply_clear (LwApply *apply)
{
  g_clear_pointer (&apply->value, lw_case_unref);
  g_clear_pointer (&apply->grants, json_array_unref);
  g_clear_pointer (&apply->answers, json_array_unref);
  g_clear_error (&apply->refusal);
  g_clear_error (&apply->outage);
  g_clear_error (&apply->changed);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (LwApply, apply_clear)

static LwEvent *
last_applying (LwCase *value)
{
  for (guint i = value->events->len; i > 0; i--)
    {
      LwEvent *event = g_ptr_array_index (value->events, i - 1);

      if (event->kind == LW_EVENT_APPLYING)
        return event;
    }

  return NULL;
}

/* What only newer api-versions know of an exemption would be lost: said once, before anything begins. Who
 * applies again then means it. */
static gboolean
may_overwrite (LwApply *apply, GError **error)
{
  LwClient *client = lw_session_get_client (apply->session);
  g_autoptr (GError) local_error = NULL;

  if (lw_client_may_overwrite (client, &local_error))
    return TRUE;

  lw_client_accept_older (client);
  g_set_error (error, local_error->domain, local_error->code,
               /* Translators: %s is a sentence that says what would be lost. */
               _ ("%s An exemption that is there already would be written over. Apply again to do "
                  "so"),
               local_error->message);

  return FALSE;
}

/* Reads what is there of each grant and tries what would be written, so that nothing begins that is
 * known to fail. Awaits. */
static gboolean
plan (LwApply *apply, GError **error)
{
  LwRequest *content = apply->value->content;

  for (guint i = 0; i < content->grants->len; i++)
    {
      LwGrant *grant = g_ptr_array_index (content->grants, i);
      JsonObject *entry;
      g_autoptr (LwExemption) existing = NULL;
      g_autoptr (JsonNode) body = NULL;

      if (g_hash_table_contains (apply->value->results, GUINT_TO_POINTER (grant->n)))
        continue;
      if (!lw_apply_read (apply, grant, &existing, error) ||
          !(body = lw_apply_write (apply, grant, existing, error)) ||
          (existing && !lw_grant_is_applied (existing, body) && !may_overwrite (apply, error)))
        return FALSE;

      entry = json_object_new ();
      json_object_set_int_member (entry, "n", grant->n);
      if (existing)
        json_object_set_member (entry, "before", lw_exemption_to_json (existing));
      else
        json_object_set_null_member (entry, "before");
      json_array_add_object_element (apply->grants, entry);
    }

  return TRUE;
}

static gboolean
append (LwApply *apply, LwEventKind kind, JsonObject *body, GError **error)
{
  LwCase *after =
      dex_await_boxed (lw_verb_append (apply->session, apply->value, kind, body), error);

  if (!after)
    return FALSE;

  g_clear_pointer (&apply->value, lw_case_unref);
  apply->value = after;

  return TRUE;
}

/* Awaits. */
static gboolean
begin (LwApply *apply, GError **error)
{
  const LwPerson *person = lw_session_get_person (apply->session);
  g_autoptr (JsonObject) early = json_object_new ();
  g_autoptr (JsonObject) body = json_object_new ();
  g_autoptr (GError) cause = NULL;

  lw_json_set_string (early, "digest", apply->value->digest);
  json_object_set_array_member (early, "grants", json_array_ref (apply->grants));
  if (!lw_case_check (apply->value, LW_EVENT_APPLYING, person, early,
                      lw_session_get_hierarchy (apply->session), error) ||
      !lw_verify_policy (apply->session, apply->value->content, error) || !plan (apply, error))
    return FALSE;

  /* From here on the next start finishes it, so this machine must know before anybody else does. */
  if (!lw_apply_note (apply->session, apply->value, apply->value->last_seq, error))
    return FALSE;
  LW_FAULT_POINT (APPLY_NOTED);

  lw_json_set_string (body, "digest", apply->value->digest);
  json_object_set_array_member (body, "grants", json_array_ref (apply->grants));
  if (append (apply, LW_EVENT_APPLYING, body, &cause))
    return TRUE;

  /* Where it is not known whether the ledger has it, the next start looks. */
  if (g_error_matches (cause, LW_LEDGER_ERROR, LW_LEDGER_ERROR_UNREACHABLE))
    lw_apply_note_told (apply->session, apply->value);
  else
    lw_apply_forget (apply->session, apply->value->request_id, apply->value->digest);
  g_propagate_error (error, g_steal_pointer (&cause));

  return FALSE;
}

/* Goes on with what this person began and did not finish: the program was killed, say. What is in Azure
 * already is taken down in any case. */
static gboolean
resume (LwApply *apply, GError **error)
{
  const LwPerson *person = lw_session_get_person (apply->session);
  LwEvent *event = last_applying (apply->value);
  JsonArray *grants = event ? lw_json_get_array (event->body, "grants") : NULL;

  if (!event || !lw_person_equal (event->by, person))
    {
      g_set_error (error, LW_DOMAIN_ERROR, LW_DOMAIN_ERROR_NOT_ALLOWED,
                   _ ("%s has begun to apply this request and has to finish it"),
                   event && event->by->name ? event->by->name : _ ("Somebody else"));
      return FALSE;
    }

  if (!lw_verify_policy (apply->session, apply->value->content, &apply->changed) &&
      !g_error_matches (apply->changed, LW_DOMAIN_ERROR, LW_DOMAIN_ERROR_NOT_ALLOWED))
    {
      g_propagate_error (error, g_steal_pointer (&apply->changed));
      return FALSE;
    }
  if (!lw_apply_note (apply->session, apply->value, event->seq - 1, error))
    return FALSE;

  /* That was said when it began. */
  lw_client_accept_older (lw_session_get_client (apply->session));
  for (guint i = 0; grants && i < json_array_get_length (grants); i++)
    {
      JsonObject *entry = lw_json_array_get_object (grants, i);
      gint64 n = lw_json_get_int (entry, "n", 0);

      if (n > 0 && n <= G_MAXINT && lw_request_get_grant (apply->value->content, (guint) n))
        json_array_add_object_element (apply->grants, json_object_ref (entry));
    }

  return TRUE;
}

static guint
count_applied (LwApply *apply)
{
  guint n = 0;

  for (guint i = 0; i < json_array_get_length (apply->answers); i++)
    n += lw_json_get_object (lw_json_array_get_object (apply->answers, i), "exemption") != NULL;

  return n;
}

/* Writes what Azure answered. Awaits. */
static gboolean
finish (LwApply *apply, GError **error)
{
  LwEventKind kind = count_applied (apply) > 0 ? LW_EVENT_APPLIED : LW_EVENT_APPLY_FAILED;
  g_autoptr (JsonObject) body = json_object_new ();
  LwLedger *ledger = lw_session_get_ledger (apply->session);

  lw_json_set_string (body, "digest", apply->value->digest);
  json_object_set_array_member (body, "grants", json_array_ref (apply->answers));

  for (guint attempt = 1;; attempt++)
    {
      g_autoptr (GError) local_error = NULL;
      LwCase *newest;

      if (append (apply, kind, body, &local_error))
        return TRUE;

      if (!g_error_matches (local_error, LW_LEDGER_ERROR, LW_LEDGER_ERROR_TAKEN) ||
          attempt == MAX_ATTEMPTS ||
          !(newest =
                dex_await_boxed (lw_ledger_load_case (ledger, apply->value->request_id), NULL)))
        {
          g_set_error (
              error, local_error->domain, local_error->code,
              _ ("Azure has answered, but the ledger could not take it down: %s. Apply again "
                 "when it can be reached; what is in Azure already is left as it is"),
              local_error->message);
          return FALSE;
        }

      g_clear_pointer (&apply->value, lw_case_unref);
      apply->value = newest;

      /* The same account finished it elsewhere. */
      if (newest->phase == LW_PHASE_APPLIED)
        return TRUE;
    }
}

static DexFuture *
apply_fiber (gpointer data)
{
  LwVerb *verb = data;
  g_auto (LwApply) apply = { 0 };
  g_auto (LwApplyLock) lock = -1;
  g_autoptr (GError) error = NULL;
  gboolean begun;

  apply.session = verb->session;
  apply.grants = json_array_new ();
  apply.answers = json_array_new ();

  if (!lw_apply_lock (&lock, verb->session, verb->request_id, &error) ||
      !(apply.value = lw_verb_read_case (verb, &error)))
    return dex_future_new_for_error (g_steal_pointer (&error));

  /* Done already; a second click changes nothing. */
  if (apply.value->phase == LW_PHASE_APPLIED)
    return dex_future_new_take_boxed (LW_TYPE_CASE, g_steal_pointer (&apply.value));

  if (apply.value->phase == LW_PHASE_APPLYING)
    begun = resume (&apply, &error);
  else
    begun = begin (&apply, &error);
  if (!begun)
    return dex_future_new_for_error (g_steal_pointer (&error));
  LW_FAULT_POINT (APPLY_BEGUN);

  for (guint i = 0; i < json_array_get_length (apply.grants); i++)
    lw_apply_grant (&apply, json_array_get_object_element (apply.grants, i));

  LW_FAULT_POINT (APPLY_ANSWERED);
  if (!finish (&apply, &error))
    return dex_future_new_for_error (g_steal_pointer (&error));
  LW_FAULT_POINT (APPLY_RECORDED);
  lw_apply_forget (apply.session, apply.value->request_id, verb->digest);
  LW_FAULT_POINT (APPLY_FORGOTTEN);

  if (apply.outage)
    return dex_future_new_for_error (g_steal_pointer (&apply.outage));
  if (apply.refusal && count_applied (&apply) == 0)
    return dex_future_new_for_error (g_steal_pointer (&apply.refusal));

  return dex_future_new_take_boxed (LW_TYPE_CASE, g_steal_pointer (&apply.value));
}

DexFuture *
lw_apply (LwSession *session, const char *request_id, const char *digest)
{
  g_return_val_if_fail (LW_IS_SESSION (session), NULL);
  g_return_val_if_fail (request_id != NULL, NULL);
  g_return_val_if_fail (digest != NULL, NULL);

  return lw_verb_run (lw_verb_new (session, request_id, digest, NULL), apply_fiber);
}
