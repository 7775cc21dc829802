/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "lw-attach.h"
#include "lw-domain-error.h"
#include "lw-fiber-test.h"
#include "lw-good-request.h"
#include "lw-json.h"
#include "lw-temp-dir.h"
#include "lw-test-faulty.h"
#include "lw-verbs.h"

#include <string.h>

#define PRIYA "priya@contoso.example"
#define TOMAS "tomas@contoso.example"

static LwTestFaulty *faulty;
static char *dir;   /* of the test that runs: the share with the ledger's folder is in it */
static char *share; /* "share" while the ledger can be reached, "away" while it cannot */
static char *away;

/* --- what the tests are made of ----------------------------------------------------------------- */

static LwProfile *
make_profile (const char *ledger)
{
  JsonObject *line = faulty->tenant->line;
  g_autoptr (JsonObject) object = json_object_new ();
  JsonObject *endpoints = json_object_new ();
  g_autoptr (JsonNode) node = NULL;
  g_autoptr (GBytes) bytes = NULL;
  g_autoptr (GError) error = NULL;
  static const char *const names[] = { "arm", "login", "graph", "blob" };
  LwProfile *profile;
  char *text;

  for (guint i = 0; i < G_N_ELEMENTS (names); i++)
    lw_json_set_string (endpoints, names[i], lw_json_get_string (line, names[i]));
  lw_json_set_string (object, "cloud", "custom");
  json_object_set_object_member (object, "endpoints", endpoints);
  lw_json_set_string (object, "tenant", lw_json_get_string (line, "tenant"));
  lw_json_set_string (object, "clientId", lw_json_get_string (line, "clientId"));
  lw_json_set_string (object, "caFile", faulty->ca_file);
  lw_json_set_string (object, "signIn", "token");
  lw_json_set_string (object, "ledger", ledger);
  node = lw_json_object_to_node (object);
  text = json_to_string (node, FALSE);
  bytes = g_bytes_new_take (text, strlen (text));
  profile = lw_profile_from_json (bytes, &error);
  g_assert_no_error (error);

  return profile;
}

static LwSession *
open_at (const char *upn, const char *ledger)
{
  g_autoptr (LwProfile) profile = make_profile (ledger);
  LwSession *session = lw_session_new (profile, lw_test_tenant_token (faulty->tenant, upn), NULL);

  lw_assert_awaits (lw_session_open (session));
  /* An outage is told soon. */
  lw_transport_set_deadline (lw_client_get_transport (lw_session_get_client (session)),
                             lw_test_patience (2000), 5);

  return session;
}

static char *
blob_url (void)
{
  JsonObject *line = faulty->tenant->line;

  return g_strdup_printf ("%s/%s", lw_json_get_string (line, "blob"),
                          lw_json_get_string (line, "ledger"));
}

static LwSession *
open_folder (const char *upn)
{
  g_autofree char *ledger = g_build_filename (share, "ledger", NULL);

  return open_at (upn, ledger);
}

static LwSession *
open_blob (const char *upn)
{
  g_autofree char *url = blob_url ();

  return open_at (upn, url);
}

/* The folder takes the rules of the tenant's ledger, which name Tomás as an approver. */
static void
make_ledger (void)
{
  g_autoptr (LwSession) session = open_blob (PRIYA);
  g_autofree char *url = blob_url ();
  g_autofree char *folder = g_build_filename (share, "ledger", NULL);
  g_autoptr (GError) error = NULL;
  g_autoptr (LwStore) from = lw_store_new_for_url (lw_session_get_client (session), url, &error);
  g_autoptr (LwStore) to = lw_folder_store_new (folder, &error);
  g_autoptr (GBytes) rules =
      dex_await_boxed (lw_store_get (from, LW_SHELF_RULES, "000001.json"), &error);

  g_assert_no_error (error);
  lw_assert_awaits (lw_store_put_new (to, LW_SHELF_RULES, "000001.json", rules));
}

/* The share is taken away, or is back. */
static void
cut (gboolean gone)
{
  g_assert_cmpint (g_rename (gone ? share : away, gone ? away : share), ==, 0);
}

/* Awaits a verb. */
static LwCase *
done (DexFuture *future)
{
  g_autoptr (GError) error = NULL;
  LwCase *value = dex_await_boxed (future, &error);

  g_assert_no_error (error);

  return value;
}

#define must_queue(future)                                                                         \
  G_STMT_START                                                                                     \
  {                                                                                                \
    g_autoptr (LwCase) queued_ = done (future);                                                    \
    g_assert_cmpint (queued_->queued, >, 0);                                                       \
  }                                                                                                \
  G_STMT_END

#define must_write(future)                                                                         \
  G_STMT_START                                                                                     \
  {                                                                                                \
    g_autoptr (LwCase) written_ = done (future);                                                   \
    g_assert_cmpint (written_->queued, ==, 0);                                                     \
  }                                                                                                \
  G_STMT_END

static LwCase *
newest (LwSession *session, const char *request_id)
{
  return done (lw_ledger_read_newest_case (lw_session_get_ledger (session), request_id));
}

static GPtrArray *
waiting (LwSession *session)
{
  g_autoptr (GError) error = NULL;
  GPtrArray *items = dex_await_boxed (lw_sender_load (lw_session_get_sender (session)), &error);

  g_assert_no_error (error);

  return items;
}

static guint
count (LwSession *session)
{
  g_autoptr (GPtrArray) items = waiting (session);

  return items->len;
}

static LwOutboxItem *
only_item (LwSession *session)
{
  g_autoptr (GPtrArray) items = waiting (session);

  g_assert_cmpuint (items->len, ==, 1);

  return lw_outbox_item_ref (g_ptr_array_index (items, 0));
}

static void
send (LwSession *session)
{
  lw_assert_awaits (lw_sender_run (lw_session_get_sender (session)));
}

static const char *
text_of (LwCase *value, guint i)
{
  LwEvent *event = g_ptr_array_index (value->events, i);
  const char *text = lw_json_get_string (event->body, "text");

  return text ? text : lw_json_get_string (event->body, "comment");
}

static LwEventKind
kind_of (LwCase *value, guint i)
{
  return ((LwEvent *) g_ptr_array_index (value->events, i))->kind;
}

/* --- a folder ----------------------------------------------------------------------------------- */

static void
test_comment_waits (gconstpointer data)
{
  g_autoptr (LwSession) priya = open_folder (PRIYA);
  g_autoptr (LwRequest) request = lw_test_good_request ("A comment waits");
  g_autoptr (LwCase) pending = done (lw_submit (priya, request));
  g_autoptr (LwCase) queued = NULL;
  g_autoptr (LwCase) after = NULL;
  g_autoptr (LwOutboxItem) item = NULL;

  g_assert_cmpint (pending->queued, ==, 0);
  cut (TRUE);
  queued = done (lw_comment (priya, request->id, "  Written on the train  "));
  g_assert_cmpint (queued->queued, >, 0);
  g_assert_cmpint (queued->phase, ==, LW_PHASE_PENDING);
  g_assert_cmpuint (queued->events->len, ==, 1);

  item = only_item (priya);
  g_assert_cmpint (item->id, ==, queued->queued);
  g_assert_cmpint (item->kind, ==, LW_EVENT_COMMENTED);
  g_assert_cmpstr (lw_outbox_item_text (item), ==, "Written on the train");
  g_assert_cmpstr (item->title, ==, "A comment waits");
  g_assert_nonnull (strstr (item->problem, "connect it"));

  /* Trying does no harm. */
  send (priya);
  g_assert_nonnull (lw_sender_get_error (lw_session_get_sender (priya)));
  g_assert_cmpuint (count (priya), ==, 1);

  cut (FALSE);
  send (priya);
  g_assert_null (lw_sender_get_error (lw_session_get_sender (priya)));
  g_assert_cmpuint (count (priya), ==, 0);
  after = newest (priya, request->id);
  g_assert_cmpuint (after->events->len, ==, 2);
  g_assert_cmpstr (text_of (after, 1), ==, "Written on the train");
  g_assert_true (lw_case_is_intact (after));
}

static void
test_order (gconstpointer data)
{
  g_autoptr (LwSession) priya = open_folder (PRIYA);
  g_autoptr (LwRequest) one = lw_test_good_request ("The order, one");
  g_autoptr (LwRequest) two = lw_test_good_request ("The order, two");
  g_autoptr (LwCase) first = NULL;
  g_autoptr (LwCase) second = NULL;

  must_write (lw_submit (priya, one));
  must_write (lw_submit (priya, two));
  cut (TRUE);
  must_queue (lw_comment (priya, one->id, "a"));
  must_queue (lw_comment (priya, two->id, "b"));
  must_queue (lw_comment (priya, one->id, "c"));
  must_queue (lw_withdraw (priya, one->id, "d"));
  cut (FALSE);

  /* What is written now goes behind what waits. */
  must_write (lw_comment (priya, one->id, "e"));
  first = newest (priya, one->id);
  g_assert_cmpuint (first->events->len, ==, 5);
  g_assert_cmpstr (text_of (first, 1), ==, "a");
  g_assert_cmpstr (text_of (first, 2), ==, "c");
  g_assert_cmpstr (text_of (first, 3), ==, "d");
  g_assert_cmpstr (text_of (first, 4), ==, "e");
  g_assert_cmpint (kind_of (first, 3), ==, LW_EVENT_WITHDRAWN);
  g_assert_cmpint (first->phase, ==, LW_PHASE_WITHDRAWN);
  second = newest (priya, two->id);
  g_assert_cmpstr (text_of (second, 1), ==, "b");
  g_assert_cmpuint (count (priya), ==, 0);
}

static void
test_submission (gconstpointer data)
{
  g_autoptr (LwSession) priya = open_folder (PRIYA);
  g_autoptr (LwRequest) request = lw_test_good_request ("Submitted on the train");
  g_autoptr (LwRequest) vague = lw_test_good_request ("Submitted on the train, vaguely");
  g_autoptr (LwRequest) kept = NULL;
  g_autoptr (LwCase) queued = NULL;
  g_autoptr (LwCase) after = NULL;
  g_autoptr (LwOutboxItem) item = NULL;
  LwGrant *grant;

  cut (TRUE);
  queued = done (lw_submit (priya, request));
  g_assert_cmpint (queued->queued, >, 0);
  g_assert_cmpint (queued->phase, ==, LW_PHASE_NEW);
  item = only_item (priya);
  kept = lw_outbox_item_request (item);
  g_assert_cmpstr (kept->title, ==, "Submitted on the train");
  g_assert_cmpstr (kept->reason->blocker, ==, request->reason->blocker);

  /* What is wrong without asking anybody is said at once. */
  g_set_str (&vague->reason->blocker, "");
  lw_assert_rejects (lw_submit (priya, vague), LW_DOMAIN_ERROR, LW_DOMAIN_ERROR_NOT_ALLOWED);
  g_assert_cmpuint (count (priya), ==, 1);

  cut (FALSE);
  send (priya);
  g_assert_cmpuint (count (priya), ==, 0);
  after = newest (priya, request->id);
  g_assert_cmpint (after->phase, ==, LW_PHASE_PENDING);
  grant = g_ptr_array_index (after->content->grants, 0);
  g_assert_nonnull (grant->policy);
}

static void
test_approval (gconstpointer data)
{
  g_autoptr (LwSession) priya = open_folder (PRIYA);
  g_autoptr (LwSession) tomas = open_folder (TOMAS);
  g_autoptr (LwRequest) request = lw_test_good_request ("An approval is never kept");
  g_autoptr (LwCase) pending = done (lw_submit (priya, request));
  g_autoptr (LwCase) seen = newest (tomas, request->id);
  g_autoptr (LwCase) after = NULL;
  g_autoptr (GError) error = NULL;

  cut (TRUE);
  g_assert_false (dex_await (lw_approve (tomas, request->id, pending->digest), &error));
  g_assert_error (error, LW_LEDGER_ERROR, LW_LEDGER_ERROR_UNREACHABLE);
  g_assert_nonnull (strstr (error->message, "never kept to be sent later"));
  g_assert_cmpuint (count (tomas), ==, 0);
  g_clear_error (&error);
  g_assert_false (dex_await (lw_apply (tomas, request->id, pending->digest), &error));
  g_assert_cmpuint (count (tomas), ==, 0);

  cut (FALSE);
  send (tomas);
  after = newest (tomas, request->id);
  g_assert_cmpint (after->phase, ==, LW_PHASE_PENDING);
  g_assert_cmpuint (after->approvals->len, ==, 0);
}

static void
test_two_accounts (gconstpointer data)
{
  g_autoptr (LwSession) priya = open_folder (PRIYA);
  g_autoptr (LwSession) tomas = open_folder (TOMAS);
  g_autoptr (LwRequest) request = lw_test_good_request ("Two accounts");
  g_autoptr (LwCase) pending = done (lw_submit (priya, request));
  g_autoptr (LwCase) seen = newest (tomas, request->id);
  g_autoptr (LwCase) after = NULL;
  g_autoptr (LwCase) last = NULL;

  cut (TRUE);
  must_queue (lw_comment (priya, request->id, "Priya's"));
  must_queue (lw_reject (tomas, request->id, pending->digest, "Tomás's"));
  g_assert_cmpuint (count (priya), ==, 1);
  g_assert_cmpuint (count (tomas), ==, 1);
  cut (FALSE);

  send (tomas);
  g_assert_cmpuint (count (priya), ==, 1);
  g_assert_cmpuint (count (tomas), ==, 0);
  after = newest (tomas, request->id);
  g_assert_cmpuint (after->events->len, ==, 2);
  g_assert_cmpint (after->phase, ==, LW_PHASE_REJECTED);
  g_assert_cmpstr (after->last_decision->by->upn, ==, TOMAS);

  send (priya);
  last = newest (priya, request->id);
  g_assert_cmpstr (((LwEvent *) g_ptr_array_index (last->events, 2))->by->upn, ==, PRIYA);
}

/* Somebody else was first, and it is not allowed any more. */
static void
test_not_allowed (gconstpointer data)
{
  g_autoptr (LwSession) priya = open_folder (PRIYA);
  g_autoptr (LwSession) tomas = open_folder (TOMAS);
  g_autoptr (LwRequest) request = lw_test_good_request ("Not allowed any more");
  g_autoptr (LwCase) pending = done (lw_submit (priya, request));
  g_autoptr (LwCase) seen = newest (tomas, request->id);
  g_autoptr (LwCase) value = NULL;
  g_autoptr (LwCase) last = NULL;
  g_autoptr (GPtrArray) items = NULL;
  g_autoptr (GPtrArray) events = NULL;
  g_autoptr (GPtrArray) again = NULL;
  g_autoptr (GError) error = NULL;
  LwOutbox *outbox;
  LwOutboxItem *item;

  cut (TRUE);
  must_queue (lw_reject (tomas, request->id, pending->digest, "Not on my watch"));
  must_queue (lw_comment (tomas, request->id, "As said on the phone"));
  cut (FALSE);
  must_write (lw_withdraw (priya, request->id, "No longer needed"));

  send (tomas);
  items = waiting (tomas);
  g_assert_cmpuint (items->len, ==, 2);
  item = g_ptr_array_index (items, 0);
  g_assert_cmpint (item->state, ==, LW_OUTBOX_CONFLICT);
  g_assert_nonnull (strstr (item->problem, "Priya Raman has withdrawn this request"));
  g_assert_cmpstr (lw_outbox_item_text (item), ==, "Not on my watch");
  g_assert_cmpint (((LwOutboxItem *) g_ptr_array_index (items, 1))->state, ==, LW_OUTBOX_WAITING);

  /* The other side. */
  value = done (lw_sender_load_case (lw_session_get_sender (tomas), item->id));
  events = lw_outbox_item_events_since (item, value);
  g_assert_cmpuint (events->len, ==, 1);
  g_assert_cmpint (((LwEvent *) g_ptr_array_index (events, 0))->kind, ==, LW_EVENT_WITHDRAWN);

  /* To insist does not help; it stays as it is. */
  g_assert_false (
      dex_await_boolean (lw_sender_send_again (lw_session_get_sender (tomas), item->id), &error));
  g_assert_no_error (error);
  g_assert_cmpuint (count (tomas), ==, 2);

  /* Taken out, what is behind it goes; and it can be brought back. */
  outbox = lw_session_get_outbox (tomas);
  lw_assert_awaits (lw_outbox_discard (outbox, item->id, TRUE));
  send (tomas);
  g_assert_cmpuint (count (tomas), ==, 0);
  last = newest (tomas, request->id);
  g_assert_cmpuint (last->events->len, ==, 3);
  g_assert_cmpstr (text_of (last, 2), ==, "As said on the phone");
  lw_assert_awaits (lw_outbox_discard (outbox, item->id, FALSE));
  again = waiting (tomas);
  g_assert_cmpstr (lw_outbox_item_text (g_ptr_array_index (again, 0)), ==, "Not on my watch");
}

/* The content is another one than that it was written about. */
static void
test_content_changed (gconstpointer data)
{
  g_autoptr (LwSession) priya = open_folder (PRIYA);
  g_autoptr (LwSession) tomas = open_folder (TOMAS);
  g_autoptr (LwRequest) request = lw_test_good_request ("The content changes");
  g_autoptr (LwCase) pending = done (lw_submit (priya, request));
  g_autoptr (LwCase) seen = newest (tomas, request->id);
  g_autoptr (LwCase) second = NULL;
  g_autoptr (LwCase) held = NULL;
  g_autoptr (LwCase) after = NULL;
  g_autoptr (LwOutboxItem) item = NULL;
  g_autoptr (GError) error = NULL;

  cut (TRUE);
  must_queue (lw_request_changes (tomas, request->id, pending->digest, "A shorter time, please"));
  cut (FALSE);
  lw_test_set_day (&request->reason->end_state_by, 40);
  second = done (lw_submit (priya, request));
  g_assert_cmpuint (second->revision, ==, 2);

  send (tomas);
  item = only_item (tomas);
  g_assert_cmpint (item->state, ==, LW_OUTBOX_CONFLICT);
  g_assert_nonnull (strstr (item->problem, "revision 2 is in force now"));
  held = newest (tomas, request->id);
  g_assert_cmpint (held->phase, ==, LW_PHASE_PENDING);

  /* It holds for that too, says Tomás. */
  g_assert_true (
      dex_await_boolean (lw_sender_send_again (lw_session_get_sender (tomas), item->id), &error));
  g_assert_no_error (error);
  after = newest (tomas, request->id);
  g_assert_cmpint (after->phase, ==, LW_PHASE_CHANGES_REQUESTED);
  g_assert_cmpstr (lw_json_get_string (after->last_decision->body, "digest"), ==, second->digest);
}

/* A decision came before the next revision that was written without knowing of it. */
static void
test_submission_overtaken (gconstpointer data)
{
  g_autoptr (LwSession) priya = open_folder (PRIYA);
  g_autoptr (LwSession) tomas = open_folder (TOMAS);
  g_autoptr (LwRequest) request = lw_test_good_request ("A decision comes first");
  g_autoptr (LwCase) pending = done (lw_submit (priya, request));
  g_autoptr (LwCase) after = NULL;
  g_autoptr (LwOutboxItem) item = NULL;
  g_autoptr (GError) error = NULL;

  cut (TRUE);
  lw_test_set_day (&request->reason->end_state_by, 40);
  must_queue (lw_submit (priya, request));
  cut (FALSE);
  must_write (lw_comment (tomas, request->id, "Looking at it"));
  must_write (lw_request_changes (tomas, request->id, pending->digest, "Name the subnet"));

  send (priya);
  item = only_item (priya);
  g_assert_cmpint (item->state, ==, LW_OUTBOX_CONFLICT);
  g_assert_nonnull (strstr (item->problem, "has asked for changes in the meantime"));

  g_assert_true (
      dex_await_boolean (lw_sender_send_again (lw_session_get_sender (priya), item->id), &error));
  g_assert_no_error (error);
  after = newest (priya, request->id);
  g_assert_cmpuint (after->revision, ==, 2);
  g_assert_cmpint (after->phase, ==, LW_PHASE_PENDING);
}

/* Comments of others do not hinder; nor does what oneself wrote before. */
static void
test_no_conflict (gconstpointer data)
{
  g_autoptr (LwSession) priya = open_folder (PRIYA);
  g_autoptr (LwSession) tomas = open_folder (TOMAS);
  g_autoptr (LwRequest) request = lw_test_good_request ("No conflict");
  g_autoptr (LwCase) after = NULL;

  must_write (lw_submit (priya, request));
  cut (TRUE);
  lw_test_set_day (&request->reason->end_state_by, 40);
  must_queue (lw_submit (priya, request));
  lw_test_set_day (&request->reason->end_state_by, 45);
  must_queue (lw_submit (priya, request));
  must_queue (lw_withdraw (priya, request->id, NULL));
  cut (FALSE);
  must_write (lw_comment (tomas, request->id, "Looking at it"));

  send (priya);
  g_assert_cmpuint (count (priya), ==, 0);
  after = newest (priya, request->id);
  g_assert_cmpuint (after->events->len, ==, 5);
  g_assert_cmpuint (after->revision, ==, 3);
  g_assert_cmpint (after->phase, ==, LW_PHASE_WITHDRAWN);
}

static void
test_evidence (gconstpointer data)
{
  g_autoptr (LwSession) priya = open_folder (PRIYA);
  g_autoptr (LwRequest) request = lw_test_good_request ("Evidence waits too");
  g_autofree char *path = g_build_filename (dir, "scan.txt", NULL);
  g_autofree char *draft_path = g_build_filename (dir, "plan.txt", NULL);
  g_autoptr (GFile) file = g_file_new_for_path (path);
  g_autoptr (GFile) draft_file = g_file_new_for_path (draft_path);
  g_autoptr (GPtrArray) list = g_ptr_array_new_with_free_func ((GDestroyNotify) lw_evidence_free);
  g_autoptr (LwRequest) other = lw_test_good_request ("Evidence of a draft waits");
  g_autoptr (GBytes) held = NULL;
  g_autoptr (GBytes) sent = NULL;
  g_autoptr (GBytes) of_draft = NULL;
  g_autoptr (LwCase) after = NULL;
  g_autoptr (GError) error = NULL;
  LwEvidence *evidence;
  LwEvidence *staged;

  g_assert_true (g_file_set_contents (path, "all clear", -1, NULL));
  g_assert_true (g_file_set_contents (draft_path, "the plan", -1, NULL));
  must_write (lw_submit (priya, request));
  staged = dex_await_boxed (lw_stage_evidence (priya, other->id, draft_file), &error);
  g_assert_no_error (error);
  g_ptr_array_add (other->evidence, staged);

  cut (TRUE);
  evidence = dex_await_boxed (lw_attach_evidence (priya, file), &error);
  g_assert_no_error (error);
  g_ptr_array_add (list, evidence);
  held = dex_await_boxed (lw_fetch_evidence (priya, NULL, evidence), &error);
  g_assert_no_error (error);
  must_queue (lw_comment_with (priya, request->id, "See the scan", list));
  must_queue (lw_submit (priya, other));
  lw_evidence_forget_draft (other->id);
  g_remove (path);
  g_remove (draft_path);
  cut (FALSE);

  send (priya);
  g_assert_cmpuint (count (priya), ==, 0);
  sent = dex_await_boxed (lw_ledger_get_evidence (lw_session_get_ledger (priya), evidence->sha256),
                          &error);
  g_assert_no_error (error);
  g_assert_true (g_bytes_equal (sent, held));
  of_draft = dex_await_boxed (
      lw_ledger_get_evidence (lw_session_get_ledger (priya), staged->sha256), &error);
  g_assert_no_error (error);
  g_assert_cmpuint (g_bytes_get_size (of_draft), ==, 8);
  after = newest (priya, request->id);
  g_assert_cmpuint (json_array_get_length (lw_json_get_array (
                        ((LwEvent *) g_ptr_array_index (after->events, 1))->body, "evidence")),
                    ==, 1);
}

/* What an earlier run left is sent by the next, once there is a sync. */
static void
test_restart (gconstpointer data)
{
  g_autoptr (LwRequest) request = lw_test_good_request ("The next start");
  g_autoptr (LwSession) next = NULL;
  g_autoptr (LwCase) after = NULL;
  guint n = 1;

  {
    g_autoptr (LwSession) priya = open_folder (PRIYA);

    must_write (lw_submit (priya, request));
    cut (TRUE);
    must_queue (lw_comment (priya, request->id, "From before"));
    cut (FALSE);
  }

  next = open_folder (PRIYA);
  g_assert_cmpuint (count (next), ==, 1);
  lw_sender_start (lw_session_get_sender (next));
  for (guint i = 0; i < 500 && n > 0; i++)
    {
      dex_await (dex_timeout_new_msec (10), NULL);
      n = count (next);
    }
  g_assert_cmpuint (n, ==, 0);
  after = newest (next, request->id);
  g_assert_cmpstr (text_of (after, 1), ==, "From before");
}

static void
test_after_sync (gconstpointer data)
{
  g_autoptr (LwSession) priya = open_folder (PRIYA);
  g_autoptr (LwRequest) request = lw_test_good_request ("After a sync");
  guint n = 1;

  lw_sender_start (lw_session_get_sender (priya));
  must_write (lw_submit (priya, request));
  cut (TRUE);
  must_queue (lw_comment (priya, request->id, "Soon"));
  cut (FALSE);
  g_assert_cmpuint (count (priya), ==, 1);
  lw_assert_awaits (lw_ledger_sync (lw_session_get_ledger (priya), LW_SYNC_NEW));
  for (guint i = 0; i < 200 && n > 0; i++)
    {
      dex_await (dex_timeout_new_msec (10), NULL);
      n = count (priya);
    }
  g_assert_cmpuint (n, ==, 0);
}

/* Killed after the event was written and before it was noted. */
static void
test_sent_and_not_noted (gconstpointer data)
{
  g_autoptr (LwSession) priya = open_folder (PRIYA);
  g_autoptr (LwRequest) request = lw_test_good_request ("Sent and not noted");
  g_autoptr (LwCase) pending = done (lw_submit (priya, request));
  g_autoptr (LwOutboxItem) item = NULL;
  g_autoptr (LwOutboxItem) recorded = NULL;
  g_autoptr (LwEvent) event = NULL;
  g_autoptr (GDateTime) now = g_date_time_new_now_utc ();
  g_autoptr (LwCase) after = NULL;
  g_autoptr (GError) error = NULL;

  cut (TRUE);
  must_queue (lw_comment (priya, request->id, "Only once"));
  cut (FALSE);
  item = only_item (priya);
  event = lw_event_new (request->id, 2, LW_EVENT_COMMENTED, now, lw_session_get_person (priya),
                        lw_session_get_tenant_id (priya), pending->last_sha256, item->content);
  recorded = dex_await_boxed (
      lw_outbox_set_attempt (lw_session_get_outbox (priya), item->id, item->attempt, event),
      &error);
  g_assert_no_error (error);
  must_write (lw_ledger_append_event (lw_session_get_ledger (priya), event));
  must_write (lw_comment (priya, request->id, "Another one"));

  send (priya);
  g_assert_cmpuint (count (priya), ==, 0);
  after = newest (priya, request->id);
  g_assert_cmpuint (after->events->len, ==, 3);
}

static void
test_outbox_full (gconstpointer data)
{
  g_autoptr (LwSession) priya = NULL;
  g_autoptr (LwRequest) request = lw_test_good_request ("The disk is full");
  g_autofree char *text = g_strnfill (9000, 'x');
  g_autoptr (GError) error = NULL;

  lw_outbox_set_limits (5000, 40);
  priya = open_folder (PRIYA);
  must_write (lw_submit (priya, request));
  cut (TRUE);
  for (guint i = 0; i < 20 && !error; i++)
    dex_await (lw_comment (priya, request->id, text), &error);
  lw_outbox_set_limits (5000, 0);
  g_assert_error (error, LW_OUTBOX_ERROR, LW_OUTBOX_ERROR_FULL);
  g_assert_nonnull (strstr (error->message, "could not be kept to be sent later either"));
  cut (FALSE);
}

/* --- Blob Storage ------------------------------------------------------------------------------- */

/* The answer is lost, and then there is no network. */
static void
test_lost_answer (gconstpointer data)
{
  g_autoptr (LwSession) priya = open_blob (PRIYA);
  g_autoptr (LwRequest) request = lw_test_good_request ("A lost answer");
  g_autoptr (LwCase) after = NULL;
  g_autoptr (LwOutboxItem) item = NULL;
  g_autofree char *rules = NULL;

  must_write (lw_submit (priya, request));
  rules = g_strdup_printf (
      "{\"do\":\"lose\",\"method\":\"PUT\",\"path\":\"*/%s/000002.json\",\"times\":1},"
      "{\"do\":\"unavailable\",\"method\":\"PUT\",\"path\":\"*/%s/000002.json\",\"times\":0},"
      "{\"do\":\"unavailable\",\"method\":\"GET\",\"path\":\"*/%s/000002.json\",\"times\":0}",
      request->id, request->id, request->id);
  lw_test_faulty_set (faulty, rules);
  must_queue (lw_comment (priya, request->id, "Is it there?"));
  item = only_item (priya);
  g_assert_nonnull (item->attempt);

  lw_test_faulty_set (faulty, "");
  send (priya);
  g_assert_cmpuint (count (priya), ==, 0);
  after = newest (priya, request->id);
  g_assert_cmpuint (after->events->len, ==, 2);
  g_assert_cmpstr (text_of (after, 1), ==, "Is it there?");
}

/* The same, and meanwhile somebody else wrote. */
static void
test_lost_answer_then_others (gconstpointer data)
{
  g_autoptr (LwSession) priya = open_blob (PRIYA);
  g_autoptr (LwSession) tomas = open_blob (TOMAS);
  g_autoptr (LwRequest) request = lw_test_good_request ("A lost answer, and others");
  g_autoptr (LwCase) after = NULL;
  g_autofree char *rules = NULL;

  must_write (lw_submit (priya, request));
  /* It is not done either. */
  rules = g_strdup_printf ("{\"do\":\"unavailable\",\"path\":\"*/%s/000002.json\",\"times\":0}",
                           request->id);
  lw_test_faulty_set (faulty, rules);
  must_queue (lw_comment (priya, request->id, "Mine"));
  lw_test_faulty_set (faulty, "");
  must_write (lw_comment (tomas, request->id, "Between"));

  send (priya);
  g_assert_cmpuint (count (priya), ==, 0);
  after = newest (priya, request->id);
  g_assert_cmpuint (after->events->len, ==, 3);
  g_assert_cmpstr (text_of (after, 1), ==, "Between");
  g_assert_cmpstr (text_of (after, 2), ==, "Mine");
  g_assert_true (lw_case_is_intact (after));
}

/* Each way of being out of reach. */
static void
test_outages (gconstpointer data)
{
  static const char *const kinds[] = { "html-502", "error-500", "unavailable", "throttle" };
  g_autoptr (LwSession) priya = open_blob (PRIYA);
  g_autoptr (LwRequest) request = lw_test_good_request ("Out of reach");
  g_autoptr (LwCase) after = NULL;

  must_write (lw_submit (priya, request));
  for (guint i = 0; i < G_N_ELEMENTS (kinds); i++)
    {
      g_autofree char *rules =
          g_strdup_printf ("{\"do\":\"%s\",\"path\":\"*-requests*\",\"times\":0}", kinds[i]);

      lw_test_faulty_set (faulty, rules);
      must_queue (lw_comment (priya, request->id, kinds[i]));
      g_assert_cmpuint (count (priya), ==, i + 1);
    }

  lw_test_faulty_set (faulty, "");
  send (priya);
  g_assert_cmpuint (count (priya), ==, 0);
  after = newest (priya, request->id);
  g_assert_cmpuint (after->events->len, ==, 1 + G_N_ELEMENTS (kinds));
  for (guint i = 0; i < G_N_ELEMENTS (kinds); i++)
    g_assert_cmpstr (text_of (after, i + 1), ==, kinds[i]);
}

/* A refusal is no outage. */
static void
test_refused (gconstpointer data)
{
  g_autoptr (LwSession) priya = open_blob (PRIYA);
  g_autoptr (LwRequest) request = lw_test_good_request ("It is refused");

  must_write (lw_submit (priya, request));
  lw_test_faulty_set (faulty, "{\"do\":\"forbidden-blob\",\"method\":\"PUT\",\"times\":0}");
  lw_assert_rejects (lw_comment (priya, request->id, "May I?"), LW_LEDGER_ERROR,
                     LW_LEDGER_ERROR_REFUSED);
  g_assert_cmpuint (count (priya), ==, 0);
  lw_test_faulty_set (faulty, "");
}

/* Refused only when it is sent: it stays, with the sentence. */
static void
test_refused_later (gconstpointer data)
{
  g_autoptr (LwSession) priya = open_blob (PRIYA);
  g_autoptr (LwRequest) request = lw_test_good_request ("Refused later");
  g_autoptr (LwOutboxItem) item = NULL;
  g_autoptr (GError) error = NULL;

  must_write (lw_submit (priya, request));
  lw_test_faulty_set (faulty, "{\"do\":\"unavailable\",\"path\":\"*-requests*\",\"times\":0}");
  must_queue (lw_comment (priya, request->id, "May I?"));
  lw_test_faulty_set (faulty, "{\"do\":\"forbidden-blob\",\"method\":\"PUT\",\"times\":0}");
  send (priya);
  item = only_item (priya);
  g_assert_cmpint (item->state, ==, LW_OUTBOX_CONFLICT);
  g_assert_nonnull (strstr (item->problem, "may not add"));
  lw_test_faulty_set (faulty, "");
  g_assert_true (
      dex_await_boolean (lw_sender_send_again (lw_session_get_sender (priya), item->id), &error));
  g_assert_no_error (error);
}

/* Two programs of one account send the same at once. */
static void
test_two_senders (gconstpointer data)
{
  g_autoptr (LwSession) here = open_blob (PRIYA);
  g_autoptr (LwSession) there = open_blob (PRIYA);
  g_autoptr (LwRequest) request = lw_test_good_request ("Two senders");
  g_autoptr (LwCase) after = NULL;

  must_write (lw_submit (here, request));
  lw_test_faulty_set (faulty, "{\"do\":\"unavailable\",\"path\":\"*-requests*\",\"times\":0}");
  for (guint i = 0; i < 5; i++)
    {
      g_autofree char *text = g_strdup_printf ("%u", i);

      must_queue (lw_comment (here, request->id, text));
    }
  lw_test_faulty_set (faulty, "");

  for (guint i = 0; i < 3 && count (here) > 0; i++)
    {
      g_autoptr (DexFuture) one = lw_sender_run (lw_session_get_sender (here));
      g_autoptr (DexFuture) two = lw_sender_run (lw_session_get_sender (there));

      lw_assert_awaits (g_steal_pointer (&one));
      lw_assert_awaits (g_steal_pointer (&two));
    }
  g_assert_cmpuint (count (here), ==, 0);
  after = newest (here, request->id);
  g_assert_cmpuint (after->events->len, ==, 6);
  for (guint i = 0; i < 5; i++)
    {
      g_autofree char *text = g_strdup_printf ("%u", i);

      g_assert_cmpstr (text_of (after, i + 1), ==, text);
    }
}

/* Azure cannot be asked about the policy: the submission waits for that too. */
static void
test_no_azure (gconstpointer data)
{
  g_autoptr (LwSession) priya = open_folder (PRIYA);
  g_autoptr (LwRequest) request = lw_test_good_request ("No answer of Azure");
  g_autoptr (LwCase) after = NULL;

  lw_test_faulty_set (faulty,
                      "{\"do\":\"unavailable\",\"path\":\"*policyassignments*\",\"times\":0}");
  must_queue (lw_submit (priya, request));
  lw_test_faulty_set (faulty, "");
  send (priya);
  after = newest (priya, request->id);
  g_assert_cmpint (after->phase, ==, LW_PHASE_PENDING);
}

/* --- running ------------------------------------------------------------------------------------ */

typedef struct
{
  const char *name;
  LwFiberTest func;
  gboolean folder;
} Entry;

static const Entry entries[] = {
  { "comment-waits", test_comment_waits, TRUE },
  { "order", test_order, TRUE },
  { "submission", test_submission, TRUE },
  { "approval", test_approval, TRUE },
  { "two-accounts", test_two_accounts, TRUE },
  { "not-allowed", test_not_allowed, TRUE },
  { "content-changed", test_content_changed, TRUE },
  { "submission-overtaken", test_submission_overtaken, TRUE },
  { "no-conflict", test_no_conflict, TRUE },
  { "evidence", test_evidence, TRUE },
  { "restart", test_restart, TRUE },
  { "after-sync", test_after_sync, TRUE },
  { "sent-and-not-noted", test_sent_and_not_noted, TRUE },
  { "outbox-full", test_outbox_full, TRUE },
  { "no-azure", test_no_azure, TRUE },
  { "lost-answer", test_lost_answer, FALSE },
  { "lost-answer-then-others", test_lost_answer_then_others, FALSE },
  { "outages", test_outages, FALSE },
  { "refused", test_refused, FALSE },
  { "refused-later", test_refused_later, FALSE },
  { "two-senders", test_two_senders, FALSE },
};

static void
in_fiber (gconstpointer data)
{
  const Entry *entry = data;

  if (entry->folder)
    {
      g_assert_cmpint (g_mkdir (share, 0700), ==, 0);
      make_ledger ();
    }
  entry->func (NULL);
}

static void
run (gconstpointer data)
{
  if (!faulty)
    {
      g_test_skip ("The simulated tenant or openssl is not here");
      return;
    }

  dir = lw_temp_dir_new ();
  share = g_build_filename (dir, "share", NULL);
  away = g_build_filename (dir, "away", NULL);
  lw_test_faulty_set (faulty, "");
  lw_fiber_test_run (in_fiber, data);
  g_clear_pointer (&dir, lw_temp_dir_free);
  g_clear_pointer (&share, g_free);
  g_clear_pointer (&away, g_free);
}

int
main (int argc, char **argv)
{
  g_autofree char *home = lw_temp_dir_new ();
  int status;

  g_setenv ("XDG_DATA_HOME", home, TRUE);
  g_setenv ("XDG_CACHE_HOME", home, TRUE);
  dex_init ();
  g_test_init (&argc, &argv, NULL);
  faulty = lw_test_faulty_new (NULL);
  for (guint i = 0; i < G_N_ELEMENTS (entries); i++)
    {
      g_autofree char *path = g_strconcat ("/workflow/outbox/", entries[i].name, NULL);

      g_test_add_data_func (path, &entries[i], run);
    }
  status = g_test_run ();
  g_clear_pointer (&faulty, lw_test_faulty_free);
  lw_temp_dir_remove (home);

  return status;
}
