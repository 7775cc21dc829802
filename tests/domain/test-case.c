/* SPDX-License-Identifier: GPL-3.0-or-later */

#include <string.h>

#include "lw-case-record.h"
#include "lw-domain-error.h"
#include "lw-domain-fixture.h"
#include "lw-json.h"

static void
assert_phase (Record *self, LwPhase phase)
{
  g_autoptr (LwCase) item = fold (self);

  g_assert_cmpstr (lw_phase_to_string (item->phase), ==, lw_phase_to_string (phase));
  g_assert_cmpuint (item->flags->len, ==, 0);
  g_assert_cmpuint (item->last_seq, ==, self->events->len);
}

static void
test_whole_life (void)
{
  g_auto (Record) record = { 0 };
  g_autoptr (LwRequest) request = fixture_request ();
  g_autofree char *digest = lw_request_digest (request, NULL);
  g_autoptr (LwCase) item = NULL;
  g_autofree char *approved_by = NULL;

  record_init (&record, NULL);
  assert_phase (&record, LW_PHASE_NEW);
  submit (&record, request, 1);
  assert_phase (&record, LW_PHASE_PENDING);
  approve (&record, MEI, digest);
  assert_phase (&record, LW_PHASE_APPROVED);
  decide (&record, LW_EVENT_APPLYING, TOMAS, digest, NULL);
  assert_phase (&record, LW_PHASE_APPLYING);
  decide (&record, LW_EVENT_APPLY_FAILED, TOMAS, digest, FAILED);
  assert_phase (&record, LW_PHASE_APPLY_FAILED);
  decide (&record, LW_EVENT_APPLYING, MEI, digest, NULL);
  decide (&record, LW_EVENT_APPLIED, MEI, digest, APPLIED);
  assert_phase (&record, LW_PHASE_APPLIED);
  decide (&record, LW_EVENT_CONTROL_CHECKED, MEI, digest, NULL);
  decide (&record, LW_EVENT_COMMENTED, EVE, digest, NULL);
  assert_phase (&record, LW_PHASE_APPLIED);

  item = fold (&record);
  approved_by = lw_case_approved_by (item);
  g_assert_cmpuint (item->revision, ==, 1);
  g_assert_cmpstr (item->digest, ==, digest);
  g_assert_cmpstr (approved_by, ==, "somebody@contoso.example");
  g_assert_nonnull (lw_case_approved_on (item));
  g_assert_true (lw_case_has_approved (item, MEI));
  g_assert_false (lw_case_has_approved (item, TOMAS));
  g_assert_cmpstr (item->applier->id, ==, MEI);
  g_assert_cmpstr (
      lw_json_get_string (g_hash_table_lookup (item->results, GUINT_TO_POINTER (1)), "id"), ==,
      "x");
  g_assert_cmpuint (g_hash_table_size (item->failures), ==, 0);

  decide (&record, LW_EVENT_RETIRING, EVE, digest, NULL);
  assert_phase (&record, LW_PHASE_RETIRING);
  decide (&record, LW_EVENT_RETIRED, EVE, digest, NULL);
  assert_phase (&record, LW_PHASE_RETIRED);
  decide (&record, LW_EVENT_RESTORED, TOMAS, digest, APPLIED);
  assert_phase (&record, LW_PHASE_APPLIED);
}

static void
test_sent_back (void)
{
  g_auto (Record) record = { 0 };
  g_autoptr (LwRequest) request = fixture_request ();
  g_autofree char *digest = lw_request_digest (request, NULL);
  g_autofree char *second = NULL;
  g_autoptr (LwCase) item = NULL;

  record_init (&record, NULL);
  submit (&record, request, 1);
  decide (&record, LW_EVENT_CHANGES_REQUESTED, MEI, digest, NULL);
  assert_phase (&record, LW_PHASE_CHANGES_REQUESTED);
  g_set_str (&request->title, "A better title for it");
  second = lw_request_digest (request, NULL);
  submit (&record, request, 2);
  assert_phase (&record, LW_PHASE_PENDING);
  item = fold (&record);
  g_assert_cmpuint (item->revision, ==, 2);
  g_assert_cmpstr (item->digest, ==, second);
  g_assert_cmpstr (item->previous->title, !=, item->content->title);
  g_assert_cmpint (item->last_decision->kind, ==, LW_EVENT_CHANGES_REQUESTED);
  decide (&record, LW_EVENT_REJECTED, TOMAS, second, NULL);
  assert_phase (&record, LW_PHASE_REJECTED);
}

static void
test_withdrawn (void)
{
  static const char *const by[] = { PRIYA, DANIEL };

  for (guint i = 0; i < G_N_ELEMENTS (by); i++)
    for (guint approved = 0; approved < 2; approved++)
      {
        g_auto (Record) record = { 0 };
        g_autoptr (LwRequest) request = fixture_request ();
        g_autofree char *digest = lw_request_digest (request, NULL);

        record_init (&record, NULL);
        submit (&record, request, 1);
        if (approved)
          approve (&record, MEI, digest);
        decide (&record, LW_EVENT_WITHDRAWN, by[i], digest, NULL);
        assert_phase (&record, LW_PHASE_WITHDRAWN);
      }
}

/* New content voids what was approved before. */
static void
test_voided (void)
{
  g_auto (Record) record = { 0 };
  g_autoptr (LwRequest) request = fixture_request ();
  g_autofree char *digest = lw_request_digest (request, NULL);
  g_autofree char *second = NULL;
  g_autoptr (LwCase) item = NULL;

  record_init (&record, "{'approvals':{'resource':2}}");
  submit (&record, request, 1);
  approve (&record, MEI, digest);
  assert_phase (&record, LW_PHASE_PENDING);
  g_set_str (&request->title, "Another title for it");
  second = lw_request_digest (request, NULL);
  submit (&record, request, 2);
  approve (&record, TOMAS, second);
  item = fold (&record);
  g_assert_cmpint (item->phase, ==, LW_PHASE_PENDING);
  g_assert_cmpuint (item->approvals_counting, ==, 1);
  g_assert_cmpuint (item->approvals_needed, ==, 2);
  g_assert_cmpuint (item->approvals->len, ==, 2);
  g_assert_false (lw_case_has_approved (item, MEI));
  approve (&record, MEI, second);
  assert_phase (&record, LW_PHASE_APPROVED);
}

/* One event that must not count after a submission: flagged, and the state stays. */
static void
assert_not_allowed (LwEventKind kind,
                    const char *who,
                    JsonObject *body,
                    const char *flag,
                    const char *rules)
{
  g_auto (Record) record = { 0 };
  g_autoptr (LwRequest) request = fixture_request ();
  g_autoptr (LwCase) before = NULL;
  g_autoptr (LwCase) after = NULL;
  g_autoptr (LwPerson) person = lw_person_new (who, NULL, NULL);
  g_autoptr (GError) error = NULL;
  const char *digest = lw_json_get_string (body, "digest");

  record_init (&record, rules);
  submit (&record, request, 1);
  if (digest != NULL && strcmp (flag, "ledger.unsealed") != 0)
    seal (&record, digest, who);
  before = fold (&record);
  if (strcmp (flag, "ledger.not-allowed") == 0)
    {
      g_assert_false (lw_case_check (before, kind, person, body, NULL, &error));
      g_assert_error (error, LW_DOMAIN_ERROR, LW_DOMAIN_ERROR_NOT_ALLOWED);
      g_assert_cmpuint (strlen (error->message), >, 20);
    }
  append (&record, kind, who, body);
  after = fold (&record);
  g_assert_true (has_flag (after, flag, 2));
  g_assert_cmpint (after->phase, ==, LW_PHASE_PENDING);
  g_assert_cmpuint (after->approvals_counting, ==, 0);
  g_assert_true (lw_case_is_intact (after));
  g_assert_cmpuint (after->last_seq, ==, 2);
}

static void
test_not_allowed (void)
{
  g_autoptr (LwRequest) request = fixture_request ();
  g_autofree char *digest = lw_request_digest (request, NULL);
  g_autoptr (JsonObject) body = decision (digest, APPLIED);
  g_autofree char *zeros = g_strnfill (64, '0');
  g_autoptr (JsonObject) stale = decision (zeros, NULL);
  g_autoptr (JsonObject) none = json_object_new ();
  static const LwEventKind by_approver[] = { LW_EVENT_APPROVED, LW_EVENT_REJECTED,
                                             LW_EVENT_CHANGES_REQUESTED };
  static const LwEventKind later[] = { LW_EVENT_APPLYING, LW_EVENT_APPLIED, LW_EVENT_APPLY_FAILED,
                                       LW_EVENT_RETIRING, LW_EVENT_RETIRED, LW_EVENT_RESTORED };
  const char *flag = "ledger.not-allowed";

  for (guint i = 0; i < G_N_ELEMENTS (by_approver); i++)
    {
      /* The requester, the owner, and somebody whom the rules do not name, even where they name them. */
      assert_not_allowed (by_approver[i], PRIYA, body, flag,
                          "{'approvers':[{'people':[{'id':'" PRIYA "'}]}]}");
      assert_not_allowed (by_approver[i], DANIEL, body, flag,
                          "{'approvers':[{'people':[{'id':'" DANIEL "'}]}]}");
      assert_not_allowed (by_approver[i], EVE, body, flag, NULL);
      assert_not_allowed (by_approver[i], MEI, body, flag, "{'approvers':[]}");
      assert_not_allowed (by_approver[i], MEI, stale, flag, NULL);
      assert_not_allowed (by_approver[i], MEI, none, flag, NULL);
    }
  for (guint i = 0; i < G_N_ELEMENTS (later); i++)
    assert_not_allowed (later[i], MEI, body, flag, NULL);
  assert_not_allowed (LW_EVENT_WITHDRAWN, MEI, body, flag, NULL);
  assert_not_allowed (LW_EVENT_CONTROL_CHECKED, TOMAS, body, flag, NULL);
  assert_not_allowed (LW_EVENT_APPROVED, MEI, body, "ledger.unsealed", NULL);
}

static void
test_owner_may_approve (void)
{
  g_auto (Record) record = { 0 };
  g_autoptr (LwRequest) request = fixture_request ();
  g_autofree char *digest = lw_request_digest (request, NULL);

  record_init (&record, "{'ownerMayApprove':true,'approvers':[{'people':[{'id':'" DANIEL "'}]}]}");
  submit (&record, request, 1);
  approve (&record, DANIEL, digest);
  assert_phase (&record, LW_PHASE_APPROVED);
}

/* A submission that is not what it says it is. */
static void
test_bad_submissions (void)
{
  static const char *const changes[] = {
    "{'revision':2}",
    "{'revision':null}",
    "{'digest':'0000000000000000000000000000000000000000000000000000000000000000'}",
    "{'digest':null}",
    "{'content':null}",
    "{'content':{'version':2}}",
    "{'content':{'version':1,'grants':7}}",
  };

  for (guint i = 0; i < G_N_ELEMENTS (changes); i++)
    {
      g_auto (Record) record = { 0 };
      g_autoptr (LwRequest) request = fixture_request ();
      g_autoptr (JsonObject) body = submission (request, 1);
      g_autoptr (JsonNode) change = fixture_json (changes[i]);
      g_autoptr (LwCase) item = NULL;
      JsonObjectIter iter;
      const char *name;
      JsonNode *value;

      record_init (&record, NULL);
      json_object_iter_init (&iter, json_node_get_object (change));
      while (json_object_iter_next (&iter, &name, &value))
        json_object_set_member (body, name, lw_json_node_copy (value));
      append (&record, LW_EVENT_SUBMITTED, PRIYA, body);
      item = fold (&record);
      g_assert_cmpint (item->phase, ==, LW_PHASE_NEW);
      g_assert_true (has_flag (item, "ledger.not-allowed", 1));
      g_assert_null (item->content);
    }
}

static void
test_submitter (void)
{
  g_auto (Record) record = { 0 };
  g_autoptr (LwRequest) request = fixture_request ();
  g_autoptr (JsonObject) body = submission (request, 1);
  g_autoptr (LwRequest) taken = NULL;
  g_autoptr (JsonObject) takeover = NULL;
  g_autoptr (LwRequest) other = NULL;
  g_autoptr (JsonObject) foreign = NULL;
  g_autoptr (LwCase) item = NULL;

  record_init (&record, NULL);
  /* Not in another's name, not under another's id, and not somebody else's request. */
  append (&record, LW_EVENT_SUBMITTED, EVE, body);
  other = lw_request_copy (request);
  g_set_str (&other->id, "01933f2e-7a10-7c3d-8e4f-ffffffffffff");
  foreign = submission (other, 1);
  append (&record, LW_EVENT_SUBMITTED, PRIYA, foreign);
  submit (&record, request, 1);
  taken = lw_request_copy (request);
  g_set_str (&taken->requester->id, EVE);
  takeover = submission (taken, 2);
  append (&record, LW_EVENT_SUBMITTED, EVE, takeover);
  item = fold (&record);
  g_assert_true (has_flag (item, "ledger.not-allowed", 1));
  g_assert_true (has_flag (item, "ledger.not-allowed", 2));
  g_assert_true (has_flag (item, "ledger.not-allowed", 4));
  g_assert_cmpint (item->phase, ==, LW_PHASE_PENDING);
  g_assert_cmpuint (item->revision, ==, 1);
  g_assert_cmpstr (item->content->requester->id, ==, PRIYA);
}

static void
test_quorum (void)
{
  g_auto (Record) record = { 0 };
  g_autoptr (LwRequest) request = fixture_request ();
  g_autofree char *digest = lw_request_digest (request, NULL);
  g_autofree char *shouting = g_ascii_strup (MEI, -1);
  g_autoptr (LwCase) item = NULL;

  record_init (&record, "{'approvals':{'resource':2}}");
  submit (&record, request, 1);
  approve (&record, MEI, digest);
  approve (&record, MEI, digest);
  approve (&record, shouting, digest);
  item = fold (&record);
  g_assert_cmpint (item->phase, ==, LW_PHASE_PENDING);
  g_assert_cmpuint (item->approvals_counting, ==, 1);
  approve (&record, TOMAS, digest);
  lw_case_unref (g_steal_pointer (&item));
  item = fold (&record);
  g_assert_cmpint (item->phase, ==, LW_PHASE_APPROVED);
  g_assert_cmpuint (item->approvals_counting, ==, 2);
}

/* Approves with terms made by @change from what was asked. */
static LwCase *
with_terms (Record *record, void (*change) (LwRequest *terms))
{
  g_autoptr (LwRequest) request = fixture_request ();
  g_autoptr (LwRequest) terms = NULL;
  g_autoptr (JsonObject) body = json_object_new ();
  g_autofree char *digest = NULL;

  g_ptr_array_add (((LwGrant *) g_ptr_array_index (request->grants, 0))->references,
                   g_strdup ("second"));
  terms = lw_request_copy (request);
  change (terms);
  digest = lw_request_digest (terms, NULL);
  submit (record, request, 1);
  json_object_set_member (body, "terms", lw_request_to_json (terms));
  lw_json_set_string (body, "digest", digest);
  seal (record, digest, MEI);
  append (record, LW_EVENT_APPROVED, MEI, body);
  return fold (record);
}

static LwGrant *
first_grant (LwRequest *request)
{
  return g_ptr_array_index (request->grants, 0);
}

static void
tighten_references (LwRequest *terms)
{
  g_ptr_array_remove_index (first_grant (terms)->references, 1);
}

static void
tighten_selectors (LwRequest *terms)
{
  g_autoptr (JsonNode) node =
      fixture_json ("[{'name':'a','selectors':[{'kind':'resourceType','in':['x']}]}]");

  json_array_unref (first_grant (terms)->selectors);
  first_grant (terms)->selectors = json_array_ref (json_node_get_array (node));
}

static void
keep_all (LwRequest *terms)
{
}

static void
widen_expiry (LwRequest *terms)
{
  g_set_str (&terms->expires, "2027-02-01T00:00:00Z");
}

static void
drop_expiry (LwRequest *terms)
{
  g_clear_pointer (&terms->expires, g_free);
}

static void
widen_references (LwRequest *terms)
{
  g_ptr_array_add (first_grant (terms)->references, g_strdup ("third"));
}

static void
widen_to_all (LwRequest *terms)
{
  g_ptr_array_set_size (first_grant (terms)->references, 0);
}

static void
change_scope (LwRequest *terms)
{
  g_set_str (&first_grant (terms)->scope, "/subscriptions/s");
}

static void
change_assignment (LwRequest *terms)
{
  g_set_str (&first_grant (terms)->assignment, "/other");
}

static void
change_category (LwRequest *terms)
{
  g_set_str (&terms->category, "Mitigated");
}

static void
change_owner (LwRequest *terms)
{
  g_set_str (&terms->owner->id, MEI);
}

static void
change_requester (LwRequest *terms)
{
  g_set_str (&terms->requester->id, MEI);
}

static void
add_grant (LwRequest *terms)
{
  LwGrant *grant = lw_grant_copy (first_grant (terms));

  grant->n = 2;
  g_ptr_array_add (terms->grants, grant);
}

static void
repeat_grant (LwRequest *terms)
{
  g_ptr_array_add (terms->grants, lw_grant_copy (first_grant (terms)));
}

static void
drop_grants (LwRequest *terms)
{
  g_ptr_array_set_size (terms->grants, 0);
}

static void
test_terms (void)
{
  static void (*const tighter[]) (LwRequest *) = { tighten_expiry, tighten_references,
                                                   tighten_selectors, keep_all };
  static void (*const wider[]) (LwRequest *) = {
    widen_expiry, drop_expiry,       widen_references, widen_to_all,
    change_scope, change_assignment, change_category,  change_requester,
    change_owner, add_grant,         repeat_grant,     drop_grants,
  };

  for (guint i = 0; i < G_N_ELEMENTS (tighter); i++)
    {
      g_auto (Record) record = { 0 };
      g_autoptr (LwCase) item = NULL;

      record_init (&record, NULL);
      item = with_terms (&record, tighter[i]);
      g_assert_cmpint (item->phase, ==, LW_PHASE_APPROVED);
      g_assert_cmpuint (item->flags->len, ==, 0);
      g_assert_cmpuint (item->revision, ==, 1);
      g_assert_cmpstr (item->digest, ==,
                       ((LwApproval *) g_ptr_array_index (item->approvals, 0))->digest);
    }
  for (guint i = 0; i < G_N_ELEMENTS (wider); i++)
    {
      g_auto (Record) record = { 0 };
      g_autoptr (LwCase) item = NULL;

      record_init (&record, NULL);
      item = with_terms (&record, wider[i]);
      g_assert_cmpint (item->phase, ==, LW_PHASE_PENDING);
      g_assert_true (has_flag (item, "ledger.not-allowed", 2));
    }
}

/* Terms void the approvals of the wider content. */
static void
test_terms_void (void)
{
  g_auto (Record) record = { 0 };
  g_autoptr (LwCase) item = NULL;

  record_init (&record, "{'approvals':{'resource':2}}");
  item = with_terms (&record, tighten_expiry);
  g_assert_cmpint (item->phase, ==, LW_PHASE_PENDING);
  g_assert_cmpuint (item->approvals_counting, ==, 1);
  approve (&record, TOMAS, item->digest);
  lw_case_unref (g_steal_pointer (&item));
  item = fold (&record);
  g_assert_cmpint (item->phase, ==, LW_PHASE_APPROVED);
}

static void
test_partly (void)
{
  g_auto (Record) record = { 0 };
  g_autoptr (LwRequest) request = fixture_request ();
  LwGrant *second = lw_grant_copy (first_grant (request));
  g_autofree char *digest = NULL;
  g_autoptr (LwCase) item = NULL;

  second->n = 2;
  g_ptr_array_add (request->grants, second);
  digest = lw_request_digest (request, NULL);
  record_init (&record, NULL);
  submit (&record, request, 1);
  approve (&record, MEI, digest);
  decide (&record, LW_EVENT_APPLYING, MEI, digest, NULL);
  decide (&record, LW_EVENT_APPLY_FAILED, MEI, digest,
          "[{'n':1,'exemption':{}},{'n':2,'error':{'code':'x'}},{'n':9,'exemption':{}}]");
  assert_phase (&record, LW_PHASE_PARTLY_APPLIED);
  item = fold (&record);
  g_assert_cmpuint (g_hash_table_size (item->results), ==, 1);
  g_assert_cmpuint (g_hash_table_size (item->failures), ==, 1);
  decide (&record, LW_EVENT_APPLYING, TOMAS, digest, NULL);
  decide (&record, LW_EVENT_APPLIED, TOMAS, digest, "[{'n':2,'exemption':{}}]");
  assert_phase (&record, LW_PHASE_APPLIED);
}

/* Only who began to apply may say how it went. */
static void
test_result_by_another (void)
{
  g_auto (Record) record = { 0 };
  g_autoptr (LwRequest) request = fixture_request ();
  g_autofree char *digest = lw_request_digest (request, NULL);
  g_autoptr (LwCase) item = NULL;

  record_init (&record, NULL);
  submit (&record, request, 1);
  approve (&record, MEI, digest);
  decide (&record, LW_EVENT_APPLYING, MEI, digest, NULL);
  decide (&record, LW_EVENT_APPLIED, TOMAS, digest, APPLIED);
  item = fold (&record);
  g_assert_cmpint (item->phase, ==, LW_PHASE_APPLYING);
  g_assert_true (has_flag (item, "ledger.not-allowed", 4));
}

static void
test_restored_too_late (void)
{
  g_auto (Record) record = { 0 };
  g_autoptr (LwRequest) request = fixture_request ();
  g_autofree char *digest = lw_request_digest (request, NULL);
  g_autoptr (LwCase) item = NULL;

  record_init (&record, NULL);
  submit (&record, request, 1);
  approve (&record, MEI, digest);
  decide (&record, LW_EVENT_APPLYING, MEI, digest, NULL);
  decide (&record, LW_EVENT_APPLIED, MEI, digest, APPLIED);
  decide (&record, LW_EVENT_RETIRING, MEI, digest, NULL);
  decide (&record, LW_EVENT_RETIRED, MEI, digest, NULL);
  record.minutes = 100 * 24 * 60;
  decide (&record, LW_EVENT_RESTORED, MEI, digest, APPLIED);
  item = fold (&record);
  g_assert_cmpint (item->phase, ==, LW_PHASE_RETIRED);
  g_assert_true (has_flag (item, "ledger.not-allowed", 7));
}

static void
assert_broken (Record *record, const char *flag, guint seq)
{
  g_autoptr (LwCase) item = fold (record);
  g_autoptr (LwPerson) priya = lw_person_new (PRIYA, NULL, NULL);
  g_autoptr (JsonObject) body = json_object_new ();
  g_autoptr (GError) error = NULL;

  g_assert_true (has_flag (item, flag, seq));
  g_assert_cmpint (item->phase, ==, LW_PHASE_PENDING);
  g_assert_cmpuint (item->last_seq, ==, 1);
  g_assert_cmpuint (item->events->len, ==, record->events->len);
  g_assert_false (lw_case_is_intact (item));
  g_assert_false (lw_case_check (item, LW_EVENT_COMMENTED, priya, body, NULL, &error));
  g_assert_error (error, LW_DOMAIN_ERROR, LW_DOMAIN_ERROR_NOT_ALLOWED);
}

static void
test_chain (void)
{
  g_autoptr (LwRequest) request = fixture_request ();
  g_autofree char *digest = lw_request_digest (request, NULL);
  g_autofree char *zeros = g_strnfill (64, '0');
  g_autoptr (JsonObject) body = decision (digest, NULL);
  g_autoptr (GDateTime) now = fixture_now ();
  g_autoptr (LwPerson) mei = lw_person_new (MEI, NULL, NULL);
  const struct
  {
    const char *request;
    guint seq;
    gboolean linked;
    const char *flag;
    guint flagged;
  } cases[] = {
    { FIXTURE_ID, 3, TRUE, "ledger.gap", 2 },
    { FIXTURE_ID, 2, FALSE, "ledger.chain", 2 },
    { "01933f2e-7a10-7c3d-8e4f-ffffffffffff", 2, TRUE, "ledger.foreign", 2 },
    { FIXTURE_ID, 1, TRUE, "ledger.foreign", 1 },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_auto (Record) record = { 0 };
      const LwEvent *first;
      const LwEvent *second;

      record_init (&record, NULL);
      seal (&record, digest, MEI);
      submit (&record, request, 1);
      first = g_ptr_array_index (record.events, 0);
      g_ptr_array_add (record.events,
                       lw_event_new (cases[i].request, cases[i].seq, LW_EVENT_APPROVED, now, mei,
                                     NULL, cases[i].linked ? first->sha256 : zeros, body));
      assert_broken (&record, cases[i].flag, cases[i].flagged);
      /* What follows a break does not count either, however well it is linked. */
      second = g_ptr_array_index (record.events, 1);
      g_ptr_array_add (record.events, lw_event_new (FIXTURE_ID, second->seq + 1, LW_EVENT_APPROVED,
                                                    now, mei, NULL, second->sha256, body));
      assert_broken (&record, cases[i].flag, cases[i].flagged);
    }
}

/* An event that was changed afterwards breaks the link of the one behind it. */
static void
test_tampered (void)
{
  g_auto (Record) record = { 0 };
  g_autoptr (LwRequest) request = fixture_request ();
  g_autofree char *digest = lw_request_digest (request, NULL);
  g_autoptr (GBytes) bytes = NULL;
  g_autoptr (GString) text = NULL;
  LwEvent *second;

  record_init (&record, NULL);
  submit (&record, request, 1);
  decide (&record, LW_EVENT_COMMENTED, EVE, digest, NULL);
  approve (&record, MEI, digest);
  assert_phase (&record, LW_PHASE_APPROVED);
  second = g_ptr_array_index (record.events, 1);
  text = g_string_new_len (g_bytes_get_data (second->bytes, NULL),
                           (gssize) g_bytes_get_size (second->bytes));
  g_assert_cmpuint (
      g_string_replace (text, "somebody@contoso.example", "somebodx@contoso.example", 0), ==, 1);
  bytes = g_bytes_new (text->str, text->len);
  lw_event_unref (second);
  record.events->pdata[1] = lw_event_from_bytes (bytes, NULL);
  {
    g_autoptr (LwCase) item = fold (&record);

    g_assert_true (has_flag (item, "ledger.chain", 3));
    g_assert_cmpint (item->phase, ==, LW_PHASE_PENDING);
  }
}

static void
test_unknown_kind (void)
{
  g_auto (Record) record = { 0 };
  g_autoptr (LwRequest) request = fixture_request ();
  g_autofree char *digest = lw_request_digest (request, NULL);
  g_autoptr (LwCase) item = NULL;

  record_init (&record, NULL);
  submit (&record, request, 1);
  decide (&record, LW_EVENT_UNKNOWN, EVE, digest, NULL);
  approve (&record, MEI, digest);
  item = fold (&record);
  g_assert_true (has_flag (item, "ledger.unknown-kind", 2));
  g_assert_cmpint (item->phase, ==, LW_PHASE_APPROVED);
}

/* Each phase says something to a person that asks for what it does not allow. */
static void
test_sentences (void)
{
  g_auto (Record) record = { 0 };
  g_autoptr (LwCase) item = NULL;
  g_autoptr (LwPerson) nobody = lw_person_new (NULL, NULL, NULL);
  g_autoptr (LwPerson) mei = lw_person_new (MEI, NULL, NULL);
  g_autoptr (JsonObject) body = json_object_new ();
  g_autoptr (GError) error = NULL;

  record_init (&record, NULL);
  item = fold (&record);
  for (LwEventKind kind = LW_EVENT_WITHDRAWN; kind <= LW_EVENT_UNKNOWN; kind++)
    {
      g_assert_false (lw_case_check (item, kind, mei, body, NULL, &error));
      g_assert_error (error, LW_DOMAIN_ERROR, LW_DOMAIN_ERROR_NOT_ALLOWED);
      g_assert_cmpstr (error->message, ==,
                       "This request has not been submitted yet; submit it first.");
      g_clear_error (&error);
    }
  g_assert_false (lw_case_check (item, LW_EVENT_SUBMITTED, nobody, body, NULL, &error));
  g_assert_error (error, LW_DOMAIN_ERROR, LW_DOMAIN_ERROR_NOT_ALLOWED);
  g_clear_error (&error);
  g_assert_false (lw_case_check (item, LW_EVENT_SUBMITTED, NULL, NULL, NULL, &error));
  g_assert_error (error, LW_DOMAIN_ERROR, LW_DOMAIN_ERROR_NOT_ALLOWED);
}

/* Every phase after the approval has a sentence of its own for who asks to approve again. */
static void
test_later_sentences (void)
{
  g_auto (Record) record = { 0 };
  g_autoptr (LwRequest) request = fixture_request ();
  g_autofree char *digest = lw_request_digest (request, NULL);
  g_autoptr (LwPerson) mei = lw_person_new (MEI, NULL, NULL);
  g_autoptr (JsonObject) body = decision (digest, NULL);
  g_autoptr (GHashTable) seen = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  static const struct
  {
    LwEventKind kind;
    const char *grants;
  } steps[] = {
    { LW_EVENT_APPLYING, NULL },   { LW_EVENT_APPLY_FAILED, FAILED }, { LW_EVENT_APPLYING, NULL },
    { LW_EVENT_APPLIED, APPLIED }, { LW_EVENT_RETIRING, NULL },       { LW_EVENT_RETIRED, NULL },
  };

  record_init (&record, NULL);
  submit (&record, request, 1);
  approve (&record, MEI, digest);
  for (guint i = 0; i <= G_N_ELEMENTS (steps); i++)
    {
      g_autoptr (LwCase) item = fold (&record);
      g_autoptr (GError) error = NULL;

      g_assert_false (lw_case_check (item, LW_EVENT_APPROVED, mei, body, NULL, &error));
      g_assert_error (error, LW_DOMAIN_ERROR, LW_DOMAIN_ERROR_NOT_ALLOWED);
      g_hash_table_add (seen, g_strdup (error->message));
      if (i < G_N_ELEMENTS (steps))
        decide (&record, steps[i].kind, MEI, digest, steps[i].grants);
    }
  g_assert_cmpuint (g_hash_table_size (seen), ==, 6);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/case/whole-life", test_whole_life);
  g_test_add_func ("/case/sent-back", test_sent_back);
  g_test_add_func ("/case/withdrawn", test_withdrawn);
  g_test_add_func ("/case/voided", test_voided);
  g_test_add_func ("/case/not-allowed", test_not_allowed);
  g_test_add_func ("/case/owner-may-approve", test_owner_may_approve);
  g_test_add_func ("/case/bad-submissions", test_bad_submissions);
  g_test_add_func ("/case/submitter", test_submitter);
  g_test_add_func ("/case/quorum", test_quorum);
  g_test_add_func ("/case/terms", test_terms);
  g_test_add_func ("/case/terms-void", test_terms_void);
  g_test_add_func ("/case/partly", test_partly);
  g_test_add_func ("/case/result-by-another", test_result_by_another);
  g_test_add_func ("/case/restored-too-late", test_restored_too_late);
  g_test_add_func ("/case/chain", test_chain);
  g_test_add_func ("/case/tampered", test_tampered);
  g_test_add_func ("/case/unknown-kind", test_unknown_kind);
  g_test_add_func ("/case/sentences", test_sentences);
  g_test_add_func ("/case/later-sentences", test_later_sentences);
  return g_test_run ();
}
