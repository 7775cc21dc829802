/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "config.h"

#include "lw-attach.h"
#include "lw-domain-error.h"
#include "lw-json.h"
#include "lw-verb-private.h"

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

/* Makes the content what it will be on record, and assesses that. Awaits. */
static gboolean
prepare (LwSession *session, LwRequest *request, GError **error)
{
  g_autoptr (GDateTime) now = lw_session_now (session);
  g_autoptr (GHashTable) assignments = NULL;
  g_autoptr (GPtrArray) findings = NULL;
  LwAssessContext context = { 0 };

  if (!dex_await (lw_ledger_load_rules (lw_session_get_ledger (session)), error) ||
      !(assignments = lw_read_assignments (session, request, TRUE, error)))
    return FALSE;

  take_snapshots (request, assignments);

  context.now = now;
  context.rules = lw_session_get_rules (session);
  context.hierarchy = lw_session_get_hierarchy (session);
  context.assignments = assignments;
  findings = lw_assess (request, &context);

  return refuse_blockers (findings, error);
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

static DexFuture *
submit_fiber (gpointer data)
{
  LwVerb *verb = data;
  LwLedger *ledger = lw_session_get_ledger (verb->session);
  g_autoptr (LwCase) value = NULL;
  g_autoptr (JsonObject) body = NULL;
  g_autoptr (GError) error = NULL;
  g_autofree char *digest = NULL;

  if (!ensure_id (verb->session, verb->request, &error) ||
      !(value = dex_await_boxed (lw_ledger_load_case (ledger, verb->request->id), &error)) ||
      !check_early (verb->session, verb->request, value, &error) ||
      !prepare (verb->session, verb->request, &error) ||
      !(digest = lw_request_digest (verb->request, &error)))
    return dex_future_new_for_error (g_steal_pointer (&error));

  /* The same again, after an answer that got lost, say: it is what waits already. */
  if (value->phase == LW_PHASE_PENDING && g_strcmp0 (value->digest, digest) == 0)
    return dex_future_new_take_boxed (LW_TYPE_CASE, g_steal_pointer (&value));

  /* What the record names must be there before the record is. */
  if (!dex_await (lw_submit_evidence (verb->session, verb->request), &error))
    return dex_future_new_for_error (g_steal_pointer (&error));

  body = make_body (ledger, verb->request, value->revision + 1, digest);

  return lw_verb_append (verb->session, value, LW_EVENT_SUBMITTED, body);
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
