/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "config.h"

#include "lw-attach.h"
#include "lw-domain-error.h"
#include "lw-json.h"
#include "lw-queue.h"

#include <glib/gi18n-lib.h>

static void
take_snapshots (LwRequest *request, GHashTable *assignments)
{
  for (guint i = 0; i < request->grants->len; i++)
    {
      LwGrant *grant = g_ptr_array_index (request->grants, i);
      LwAssignment *assignment = NULL;

      if (grant->assignment)
        assignment = g_hash_table_lookup (assignments, grant->assignment);
      if (!assignment)
        continue;

      g_clear_pointer (&grant->policy, lw_policy_snapshot_free);
      grant->policy = lw_assignment_snapshot (assignment, grant->references);
      if (!grant->policy_name || !*grant->policy_name)
        g_set_str (&grant->policy_name, assignment->display_name);
    }
}

static gboolean
refuse_blockers (GPtrArray *findings, GError **error)
{
  g_autoptr (GString) messages = g_string_new (NULL);

  if (lw_findings_submittable (findings))
    return TRUE;

  for (guint i = 0; i < findings->len; i++)
    {
      LwFinding *finding = g_ptr_array_index (findings, i);

      if (finding->severity == LW_SEVERITY_BLOCKER)
        g_string_append_printf (messages, "\n• %s", finding->message);
    }

  g_set_error (error, LW_DOMAIN_ERROR, LW_DOMAIN_ERROR_NOT_ALLOWED,
               _ ("This request cannot be submitted yet:%s"), messages->str);

  return FALSE;
}

static gboolean
assess (LwSession *session, LwRequest *request, GHashTable *assignments, GError **error)
{
  g_autoptr (GDateTime) now = lw_session_now (session);
  g_autoptr (GPtrArray) findings = NULL;
  LwAssessContext context = { 0 };

  context.now = now;
  context.rules = lw_session_get_rules (session);
  context.hierarchy = lw_session_get_hierarchy (session);
  context.assignments = assignments;
  findings = lw_assess (request, &context);

  return refuse_blockers (findings, error);
}

/* Makes the content what it will be on record, and assesses that. Awaits. */
static gboolean
prepare (LwSession *session, LwRequest *request, GError **error)
{
  g_autoptr (GHashTable) assignments = NULL;

  if (!dex_await (lw_ledger_load_rules (lw_session_get_ledger (session)), error) ||
      !(assignments = lw_read_assignments (session, request, TRUE, error)))
    return FALSE;

  take_snapshots (request, assignments);

  return assess (session, request, assignments, error);
}

static JsonObject *
make_body (LwLedger *ledger, LwRequest *request, guint revision, const char *digest)
{
  JsonObject *body = json_object_new ();
  JsonObject *rules = json_object_new ();

  json_object_set_int_member (rules, "seq", lw_ledger_get_rules_seq (ledger));
  json_object_set_string_member (rules, "sha256", lw_ledger_get_rules_sha256 (ledger));

  json_object_set_int_member (body, "revision", revision);
  json_object_set_member (body, "content", lw_request_to_json (request));
  json_object_set_string_member (body, "digest", digest);
  json_object_set_object_member (body, "rules", rules);

  return body;
}

static gboolean
ensure_id (LwSession *session, LwRequest *request, GError **error)
{
  g_autoptr (GDateTime) now = lw_session_now (session);
  g_autofree char *id = NULL;

  if (!request->id || !*request->id)
    id = lw_uuid_v7 (g_date_time_to_unix_usec (now) / 1000);
  else if (lw_uuid_is_valid (request->id))
    id = g_ascii_strdown (request->id, -1);

  if (!id)
    {
      g_set_error (error, LW_DOMAIN_ERROR, LW_DOMAIN_ERROR_TYPE,
                   _ ("The id of the request is not a UUID; leave it out to get one"));
      return FALSE;
    }

  g_set_str (&request->id, id);

  return TRUE;
}

/* Whether this person may submit it now, before Azure is asked anything. */
static gboolean
check_early (LwSession *session, LwRequest *request, LwCase *value, GError **error)
{
  g_autofree char *digest = NULL;
  g_autoptr (JsonObject) body = NULL;

  g_clear_pointer (&request->requester, lw_person_free);
  request->requester = lw_person_copy (lw_session_get_person (session));
  if (!(digest = lw_request_digest (request, error)))
    return FALSE;

  body = make_body (lw_session_get_ledger (session), request, value->revision + 1, digest);

  return lw_case_check (value, LW_EVENT_SUBMITTED, request->requester, body,
                        lw_session_get_hierarchy (session), error);
}

gboolean
lw_submit_make_body (LwSession *session,
                     LwRequest *request,
                     LwCase *value,
                     JsonObject **body,
                     GError **error)
{
  g_autofree char *digest = NULL;

  *body = NULL;
  if (!check_early (session, request, value, error) || !prepare (session, request, error) ||
      !(digest = lw_request_digest (request, error)))
    return FALSE;

  /* The same again, after an answer that got lost, say: it is what waits already. */
  if (value->phase == LW_PHASE_PENDING && g_strcmp0 (value->digest, digest) == 0)
    return TRUE;

  /* What the record names must be there before the record is. */
  if (!dex_await (lw_submit_evidence (session, request), error))
    return FALSE;

  *body = make_body (lw_session_get_ledger (session), request, value->revision + 1, digest);

  return TRUE;
}

/* The newest state; in an outage what is known of it, which is nothing for a new request. Awaits. */
static LwCase *
read_case (LwSession *session, const char *request_id, GError **outage, GError **error)
{
  LwLedger *ledger = lw_session_get_ledger (session);
  LwCase *value = dex_await_boxed (lw_ledger_read_newest_case (ledger, request_id), outage);

  if (value)
    return value;
  if (lw_error_is_outage (*outage) &&
      (value = dex_await_boxed (lw_ledger_get_case (ledger, request_id), NULL)))
    return value;

  g_propagate_error (error, g_steal_pointer (outage));

  return NULL;
}

/* What can be found wrong without the tenant is said now; the rest when it is sent. Awaits. */
static LwCase *
submit_later (LwSession *session,
              LwRequest *request,
              const LwWriting *writing,
              const GError *cause,
              GError **error)
{
  if (!check_early (session, request, writing->value, error) ||
      !assess (session, request, NULL, error))
    return NULL;

  return lw_queue_add (session, writing, NULL, cause, error);
}

/* Awaits. */
static LwCase *
submit (LwSession *session, LwRequest *request, GError **error)
{
  g_autoptr (JsonObject) content = json_object_new ();
  g_autoptr (JsonObject) body = NULL;
  g_autoptr (GPtrArray) files = NULL;
  g_autoptr (LwCase) value = NULL;
  g_autoptr (GError) cause = NULL;
  LwWriting writing = { .kind = LW_EVENT_SUBMITTED, .content = content, .title = request->title };
  gboolean behind = lw_queue_is_behind (session, request->id);

  if (!(value = read_case (session, request->id, &cause, error)))
    return NULL;

  writing.value = value;
  json_object_set_member (content, "request", lw_request_to_json (request));
  writing.files = files = lw_staged_evidence (session, request);
  if (cause || behind)
    return submit_later (session, request, &writing, cause, error);

  if (!lw_submit_make_body (session, request, value, &body, &cause))
    {
      if (lw_error_is_outage (cause))
        return submit_later (session, request, &writing, cause, error);
      g_propagate_error (error, g_steal_pointer (&cause));
      return NULL;
    }

  return body ? lw_queue_write (session, &writing, body, error) : g_steal_pointer (&value);
}

static DexFuture *
submit_fiber (gpointer data)
{
  LwVerb *verb = data;
  g_autoptr (GError) error = NULL;
  LwCase *after = NULL;

  if (!ensure_id (verb->session, verb->request, &error) ||
      !(after = submit (verb->session, verb->request, &error)))
    return dex_future_new_for_error (g_steal_pointer (&error));

  return dex_future_new_take_boxed (LW_TYPE_CASE, after);
}

DexFuture *
lw_submit (LwSession *session, LwRequest *request)
{
  LwVerb *verb;

  g_return_val_if_fail (LW_IS_SESSION (session), NULL);
  g_return_val_if_fail (request != NULL, NULL);

  verb = lw_verb_new (session, NULL, NULL, NULL);
  verb->request = lw_request_copy (request);

  return lw_verb_run (verb, submit_fiber);
}
