/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "lw-domain-error.h"
#include "lw-fiber-test.h"
#include "lw-folder.h"
#include "lw-json.h"
#include "lw-ledger-private.h"
#include "lw-temp-dir.h"

#include <gio/gio.h>
#include <string.h>

#define REQUESTER "11111111-1111-4111-8111-111111111111"
#define APPROVER  "22222222-2222-4222-8222-222222222222"
#define STRANGER  "33333333-3333-4333-8333-333333333333"
#define REQUEST   "01930000-0000-7000-8000-000000000001"
#define OTHER     "01930000-0000-7000-8000-000000000002"
#define ASSIGNMENT                                                                                 \
  "/subscriptions/00000000-0000-4000-8000-000000000000/providers/Microsoft.Authorization/"         \
  "policyAssignments/deny-public"
#define SCOPE                                                                                      \
  "/subscriptions/00000000-0000-4000-8000-000000000000/resourceGroups/rg/providers/"               \
  "Microsoft.Storage/storageAccounts/one"

static const char *self_path;

/* --- what a ledger is made of ------------------------------------------------------------------- */

static LwPerson *
person (const char *oid)
{
  const char *name = g_str_equal (oid, REQUESTER)  ? "Priya Raman"
                     : g_str_equal (oid, APPROVER) ? "Tomás Ferreira"
                                                   : "Sam Stranger";

  return lw_person_new (oid, name, "someone@contoso.example");
}

static GDateTime *
instant (const char *text)
{
  return lw_instant_parse (text, NULL);
}

static char *
put_rules (const char *dir, guint seq, const char *prev, const char *by, const char *approver)
{
  g_autofree char *path = g_strdup_printf ("rules/%06u.json", seq);
  g_autofree char *text = g_strdup_printf (
      "{\"version\":1,\"seq\":%u,\"kind\":\"rules-changed\",\"at\":\"2027-01-01T00:00:00Z\","
      "\"by\":{\"id\":\"%s\",\"name\":\"Admin\",\"upn\":\"admin@contoso.example\"},\"prev\":\"%s\","
      "\"body\":{\"rules\":{\"version\":1,\"approvers\":[{\"people\":[{\"id\":\"%s\"}]}],"
      "\"administrators\":[{\"id\":\"%s\"}]}}}",
      seq, by, prev, approver, APPROVER);
  g_autoptr (GBytes) bytes = g_bytes_new (text, strlen (text));
  g_autoptr (GError) error = NULL;

  lw_folder_prepare (dir, NULL);
  lw_folder_put_new (dir, path, bytes, &error);
  g_assert_no_error (error);

  return g_compute_checksum_for_bytes (G_CHECKSUM_SHA256, bytes);
}

static LwLedger *
open_ledger (const char *dir)
{
  g_autoptr (LwStore) store = lw_folder_store_new (dir, NULL);
  LwLedger *ledger = lw_ledger_new (store);
  g_autoptr (GDateTime) now = instant ("2027-01-02T09:30:00Z");

  lw_ledger_set_now (ledger, now);
  lw_assert_awaits (lw_ledger_load_rules (ledger));

  return ledger;
}

static char *
new_ledger_dir (void)
{
  char *dir = lw_temp_dir_new ();
  g_autofree char *sha256 = put_rules (dir, 1, "", APPROVER, APPROVER);

  return dir;
}

static JsonObject *
submission (LwLedger *ledger, const char *id, guint revision, const char *title)
{
  g_autoptr (LwRequest) request = lw_request_new (id);
  LwGrant *grant = lw_grant_new (1);
  JsonObject *body = json_object_new ();
  JsonObject *rules = json_object_new ();
  g_autofree char *digest = NULL;

  g_set_str (&request->title, title);
  g_set_str (&request->expires, "2027-03-01T00:00:00Z");
  request->requester = person (REQUESTER);
  grant->assignment = g_strdup (ASSIGNMENT);
  grant->scope = g_strdup (SCOPE);
  g_ptr_array_add (request->grants, grant);
  digest = lw_request_digest (request, NULL);

  json_object_set_int_member (rules, "seq", lw_ledger_get_rules_seq (ledger));
  json_object_set_string_member (rules, "sha256", lw_ledger_get_rules_sha256 (ledger));
  json_object_set_int_member (body, "revision", revision);
  json_object_set_member (body, "content", lw_request_to_json (request));
  json_object_set_string_member (body, "digest", digest);
  json_object_set_object_member (body, "rules", rules);

  return body;
}

static DexFuture *
append (LwLedger *ledger,
        const char *id,
        guint seq,
        LwEventKind kind,
        const char *oid,
        JsonObject *body)
{
  g_autoptr (LwPerson) by = person (oid);
  g_autoptr (GDateTime) at = instant ("2027-01-02T09:00:00Z");

  return lw_ledger_append (ledger, id, seq, kind, by, "tenant", at, body);
}

static LwCase *
submit (LwLedger *ledger, const char *id)
{
  g_autoptr (JsonObject) body = submission (ledger, id, 1, "One");
  g_autoptr (GError) error = NULL;
  LwCase *value =
      dex_await_boxed (append (ledger, id, 0, LW_EVENT_SUBMITTED, REQUESTER, body), &error);

  g_assert_no_error (error);

  return value;
}

static JsonObject *
digest_body (LwCase *value)
{
  JsonObject *body = json_object_new ();

  json_object_set_string_member (body, "digest", value->digest);

  return body;
}

static JsonObject *
comment_body (const char *text)
{
  JsonObject *body = json_object_new ();

  json_object_set_string_member (body, "text", text);

  return body;
}

static LwCase *
load (LwLedger *ledger, const char *id)
{
  g_autoptr (GError) error = NULL;
  LwCase *value = dex_await_boxed (lw_ledger_load_case (ledger, id), &error);

  g_assert_no_error (error);

  return value;
}

static gboolean
has_flag (LwCase *value, const char *id)
{
  for (guint i = 0; i < value->flags->len; i++)
    {
      LwFlag *flag = g_ptr_array_index (value->flags, i);

      if (g_str_equal (flag->id, id))
        return TRUE;
    }

  return FALSE;
}

static void
overwrite (const char *dir, const char *path, const char *text)
{
  g_autofree char *whole = g_build_filename (dir, path, NULL);
  g_autofree char *parent = g_path_get_dirname (whole);

  g_mkdir_with_parents (parent, 0755);
  g_remove (whole);
  g_assert_true (g_file_set_contents (whole, text, -1, NULL));
}

/* --- tests -------------------------------------------------------------------------------------- */

static void
travels (gconstpointer data)
{
  char *dir = new_ledger_dir ();
  g_autoptr (LwLedger) requester = open_ledger (dir);
  g_autoptr (LwLedger) approver = open_ledger (dir);
  g_autoptr (LwCase) submitted = submit (requester, REQUEST);
  g_autoptr (LwCase) seen = load (approver, REQUEST);
  g_autoptr (LwCase) approved = NULL;
  g_autoptr (LwCase) again = NULL;
  g_autoptr (JsonObject) body = digest_body (seen);
  g_autoptr (GError) error = NULL;
  g_auto (GStrv) markers = NULL;
  g_autofree char *joined = NULL;

  g_assert_cmpint (submitted->phase, ==, LW_PHASE_PENDING);
  g_assert_cmpint (seen->phase, ==, LW_PHASE_PENDING);
  g_assert_cmpuint (seen->last_seq, ==, 1);
  g_assert_cmpstr (seen->digest, ==, submitted->digest);

  json_object_set_null_member (body, "terms");
  approved =
      dex_await_boxed (append (approver, REQUEST, 1, LW_EVENT_APPROVED, APPROVER, body), &error);
  g_assert_no_error (error);
  g_assert_cmpint (approved->phase, ==, LW_PHASE_APPROVED);
  g_assert_cmpuint (approved->approvals_counting, ==, 1);
  g_assert_cmpuint (approved->flags->len, ==, 0);

  /* The requester's side sees the same, and what is in the folder is what design asks for. */
  again = load (requester, REQUEST);
  g_assert_cmpint (again->phase, ==, LW_PHASE_APPROVED);
  g_assert_cmpstr (again->last_sha256, ==, approved->last_sha256);
  markers = lw_folder_list (dir, "log", "", NULL);
  joined = g_strjoinv (" ", markers);
  g_assert_cmpstr (joined, ==, "2027-01-02/09/" REQUEST "-000001 2027-01-02/09/" REQUEST "-000002");
  lw_temp_dir_free (dir);
}

static void
loser_is_told (gconstpointer data)
{
  char *dir = new_ledger_dir ();
  g_autoptr (LwLedger) one = open_ledger (dir);
  g_autoptr (LwLedger) two = open_ledger (dir);
  g_autoptr (LwCase) value = submit (one, REQUEST);
  g_autoptr (JsonObject) reject = digest_body (value);
  g_autoptr (JsonObject) approve = digest_body (value);
  g_autoptr (DexFuture) first = NULL;
  g_autoptr (DexFuture) second = NULL;
  g_autoptr (GError) error = NULL;
  guint won = 0;

  json_object_set_string_member (reject, "comment", "No");
  json_object_set_null_member (approve, "terms");
  first = append (one, REQUEST, 1, LW_EVENT_REJECTED, APPROVER, reject);
  second = append (two, REQUEST, 1, LW_EVENT_APPROVED, APPROVER, approve);
  dex_await (dex_future_all (dex_ref (first), dex_ref (second), NULL), NULL);

  won += dex_future_get_value (first, &error) != NULL;
  if (error)
    g_assert_error (error, LW_LEDGER_ERROR, LW_LEDGER_ERROR_TAKEN);
  g_clear_error (&error);
  won += dex_future_get_value (second, &error) != NULL;
  if (error)
    {
      g_assert_error (error, LW_LEDGER_ERROR, LW_LEDGER_ERROR_TAKEN);
      g_assert_nonnull (strstr (error->message, "Tomás Ferreira"));
    }
  g_assert_cmpuint (won, ==, 1);

  /* Who comes with an old state is told without anything being written. */
  lw_assert_rejects (append (one, REQUEST, 1, LW_EVENT_REJECTED, APPROVER, reject), LW_LEDGER_ERROR,
                     LW_LEDGER_ERROR_TAKEN);
  lw_temp_dir_free (dir);
}

static void
not_allowed_is_not_written (gconstpointer data)
{
  char *dir = new_ledger_dir ();
  g_autoptr (LwLedger) ledger = open_ledger (dir);
  g_autoptr (LwCase) value = submit (ledger, REQUEST);
  g_autoptr (JsonObject) body = digest_body (value);
  g_auto (GStrv) names = NULL;
  g_auto (GStrv) seals = NULL;

  json_object_set_null_member (body, "terms");
  lw_assert_rejects (append (ledger, REQUEST, 1, LW_EVENT_APPROVED, REQUESTER, body),
                     LW_DOMAIN_ERROR, LW_DOMAIN_ERROR_NOT_ALLOWED);
  lw_assert_rejects (append (ledger, REQUEST, 1, LW_EVENT_APPROVED, STRANGER, body),
                     LW_DOMAIN_ERROR, LW_DOMAIN_ERROR_NOT_ALLOWED);
  lw_assert_rejects (append (ledger, REQUEST, 1, LW_EVENT_APPLYING, APPROVER, body),
                     LW_DOMAIN_ERROR, LW_DOMAIN_ERROR_NOT_ALLOWED);
  lw_assert_rejects (append (ledger, "no-uuid", 0, LW_EVENT_COMMENTED, APPROVER, body),
                     LW_LEDGER_ERROR, LW_LEDGER_ERROR_NOT_FOUND);

  names = lw_folder_list (dir, "requests", "", NULL);
  seals = lw_folder_list (dir, "seals", "", NULL);
  g_assert_cmpuint (g_strv_length (names), ==, 1);
  g_assert_cmpuint (g_strv_length (seals), ==, 0);
  lw_temp_dir_free (dir);
}

/* Somebody with write access to requests only puts an approval in the name of the approver. */
static void
forged_approval_does_not_count (gconstpointer data)
{
  char *dir = new_ledger_dir ();
  g_autoptr (LwLedger) ledger = open_ledger (dir);
  g_autoptr (LwCase) value = submit (ledger, REQUEST);
  g_autoptr (JsonObject) body = digest_body (value);
  g_autoptr (LwPerson) by = person (APPROVER);
  g_autoptr (GDateTime) at = instant ("2027-01-02T10:00:00Z");
  g_autoptr (LwEvent) forged = NULL;
  g_autoptr (LwCase) seen = NULL;
  g_autofree char *seal = g_strdup_printf ("seals/" REQUEST "/%s-" APPROVER ".json", value->digest);
  g_autoptr (GBytes) other_bytes = NULL;

  json_object_set_null_member (body, "terms");
  forged = lw_event_new (REQUEST, 2, LW_EVENT_APPROVED, at, by, "tenant", value->last_sha256, body);
  g_assert_true (lw_folder_put_new (dir, "requests/" REQUEST "/000002.json", forged->bytes, NULL));

  seen = load (ledger, REQUEST);
  g_assert_cmpint (seen->phase, ==, LW_PHASE_PENDING);
  g_assert_cmpuint (seen->approvals_counting, ==, 0);
  g_assert_true (has_flag (seen, "ledger.unsealed"));
  lw_case_unref (g_steal_pointer (&seen));

  /* A seal of other content under that name does not help. */
  other_bytes = lw_seal_to_bytes (OTHER, value->digest, at, by, "tenant");
  g_assert_true (lw_folder_put_new (dir, seal, other_bytes, NULL));
  seen = load (ledger, REQUEST);
  g_assert_cmpint (seen->phase, ==, LW_PHASE_PENDING);
  lw_temp_dir_free (dir);
}

static void
damaged_records_are_flagged (gconstpointer data)
{
  static const struct
  {
    const char *path;
    const char *text; /* NULL removes */
    const char *flag;
    guint last_seq;
  } damages[] = {
    { "requests/" REQUEST "/000002.json", NULL, "ledger.gap", 1 },
    { "requests/" REQUEST "/000002.json", "<!DOCTYPE html><html><body>Sign in</body></html>",
      "ledger.foreign", 1 },
    { "requests/" REQUEST "/000002.json", "", "ledger.foreign", 1 },
    { "requests/" REQUEST "/000002.json", "{\"version\":1}", "ledger.foreign", 1 },
    { "requests/" REQUEST "/000003.json", "nonsense", "ledger.foreign", 2 },
    { "requests/" REQUEST "/000004.json", "{\"version\":1,", "ledger.foreign", 3 },
    { "requests/" REQUEST "/notes.txt", "hello", "ledger.stray", 3 },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (damages); i++)
    {
      char *dir = new_ledger_dir ();
      g_autoptr (LwLedger) ledger = open_ledger (dir);
      g_autoptr (LwLedger) fresh = NULL;
      g_autoptr (LwCase) first = submit (ledger, REQUEST);
      g_autoptr (LwCase) other = submit (ledger, OTHER);
      g_autoptr (JsonObject) comment = comment_body ("Look");
      g_autofree char *whole = g_build_filename (dir, damages[i].path, NULL);
      g_autoptr (GPtrArray) cases = NULL;
      LwCase *damaged;
      gboolean stray = g_str_equal (damages[i].flag, "ledger.stray");

      lw_assert_awaits (append (ledger, REQUEST, 1, LW_EVENT_COMMENTED, APPROVER, comment));
      lw_assert_awaits (append (ledger, REQUEST, 2, LW_EVENT_COMMENTED, REQUESTER, comment));
      if (damages[i].text)
        overwrite (dir, damages[i].path, damages[i].text);
      else
        g_remove (whole);

      fresh = open_ledger (dir);
      cases = dex_await_boxed (lw_ledger_list_cases (fresh), NULL);
      g_assert_nonnull (cases);
      g_assert_cmpuint (cases->len, ==, 2);
      damaged = g_ptr_array_index (cases, 0);
      g_assert_cmpstr (damaged->request_id, ==, REQUEST);
      g_assert_true (has_flag (damaged, damages[i].flag));
      g_assert_cmpuint (damaged->last_seq, ==, damages[i].last_seq);
      g_assert_cmpuint (((LwCase *) g_ptr_array_index (cases, 1))->flags->len, ==, 0);

      /* Nothing is added to what is damaged; a stray file is only in the way of tidiness. */
      if (stray)
        lw_assert_awaits (append (fresh, REQUEST, 3, LW_EVENT_COMMENTED, APPROVER, comment));
      else
        lw_assert_rejects (
            append (fresh, REQUEST, damaged->last_seq, LW_EVENT_COMMENTED, APPROVER, comment),
            LW_LEDGER_ERROR, LW_LEDGER_ERROR_BROKEN);
      lw_assert_awaits (append (fresh, OTHER, 1, LW_EVENT_COMMENTED, APPROVER, comment));
      lw_temp_dir_free (dir);
    }
}

static void
changed_entry_breaks_the_chain (gconstpointer data)
{
  char *dir = new_ledger_dir ();
  g_autoptr (LwLedger) ledger = open_ledger (dir);
  g_autoptr (LwLedger) fresh = NULL;
  g_autoptr (LwCase) value = submit (ledger, REQUEST);
  g_autoptr (JsonObject) comment = comment_body ("Look");
  g_autoptr (JsonObject) changed = comment_body ("Nothing to see");
  g_autoptr (LwPerson) by = person (APPROVER);
  g_autoptr (GDateTime) at = instant ("2027-01-02T10:00:00Z");
  g_autoptr (LwEvent) event = NULL;
  g_autoptr (LwCase) seen = NULL;
  g_autofree char *text = NULL;

  lw_assert_awaits (append (ledger, REQUEST, 1, LW_EVENT_COMMENTED, APPROVER, comment));
  lw_assert_awaits (append (ledger, REQUEST, 2, LW_EVENT_COMMENTED, APPROVER, comment));
  event =
      lw_event_new (REQUEST, 2, LW_EVENT_COMMENTED, at, by, "tenant", value->last_sha256, changed);
  text = g_strndup (g_bytes_get_data (event->bytes, NULL), g_bytes_get_size (event->bytes));
  overwrite (dir, "requests/" REQUEST "/000002.json", text);

  fresh = open_ledger (dir);
  seen = load (fresh, REQUEST);
  g_assert_true (has_flag (seen, "ledger.chain"));
  g_assert_cmpuint (seen->last_seq, ==, 2);
  lw_temp_dir_free (dir);
}

static void
strays_are_reported (gconstpointer data)
{
  char *dir = new_ledger_dir ();
  g_autoptr (LwLedger) ledger = open_ledger (dir);
  g_autoptr (LwCase) value = submit (ledger, REQUEST);
  g_autoptr (GPtrArray) cases = NULL;

  overwrite (dir, "requests/README", "hello");
  overwrite (dir, "requests/" REQUEST "/.lw-1-aaaa", "{\"version");
  cases = dex_await_boxed (lw_ledger_list_cases (ledger), NULL);
  g_assert_cmpuint (cases->len, ==, 1);
  g_assert_cmpuint (((LwCase *) g_ptr_array_index (cases, 0))->flags->len, ==, 0);
  g_assert_cmpuint (g_strv_length ((GStrv) lw_ledger_get_problems (ledger)), ==, 1);
  g_assert_nonnull (strstr (lw_ledger_get_problems (ledger)[0], "README"));
  lw_temp_dir_free (dir);
}

static void
rules_follow_their_chain (gconstpointer data)
{
  char *dir = lw_temp_dir_new ();
  g_autofree char *one = put_rules (dir, 1, "", STRANGER, APPROVER);
  g_autofree char *two = put_rules (dir, 2, one, APPROVER, STRANGER);
  g_autofree char *three = put_rules (dir, 3, two, REQUESTER, REQUESTER);
  g_autoptr (LwLedger) ledger = open_ledger (dir);
  g_autoptr (LwRequest) any = lw_request_new (REQUEST);
  g_autofree char *four = NULL;
  LwGrant *grant = lw_grant_new (1);

  grant->assignment = g_strdup (ASSIGNMENT);
  grant->scope = g_strdup (SCOPE);
  g_ptr_array_add (any->grants, grant);

  /* The third is by nobody entitled: it is reported and does not count, and the chain goes on. */
  g_assert_cmpuint (lw_ledger_get_rules_seq (ledger), ==, 2);
  g_assert_cmpstr (lw_ledger_get_rules_sha256 (ledger), ==, two);
  g_assert_true (lw_rules_is_approver (lw_ledger_get_rules (ledger), any, STRANGER, NULL));
  g_assert_false (lw_rules_is_approver (lw_ledger_get_rules (ledger), any, REQUESTER, NULL));
  g_assert_cmpuint (g_strv_length ((GStrv) lw_ledger_get_problems (ledger)), ==, 1);

  four = put_rules (dir, 4, three, APPROVER, APPROVER);
  lw_assert_awaits (lw_ledger_load_rules (ledger));
  g_assert_cmpuint (lw_ledger_get_rules_seq (ledger), ==, 4);

  g_free (put_rules (dir, 5, two, APPROVER, REQUESTER));
  lw_assert_rejects (lw_ledger_load_rules (ledger), LW_LEDGER_ERROR, LW_LEDGER_ERROR_BROKEN);
  g_assert_cmpuint (lw_ledger_get_rules_seq (ledger), ==, 4);
  lw_temp_dir_free (dir);

  dir = lw_temp_dir_new ();
  g_free (put_rules (dir, 2, "", APPROVER, APPROVER));
  g_clear_object (&ledger);
  g_autoptr (LwStore) store = lw_folder_store_new (dir, NULL);
  ledger = lw_ledger_new (store);
  lw_assert_rejects (lw_ledger_load_rules (ledger), LW_LEDGER_ERROR, LW_LEDGER_ERROR_BROKEN);
  g_assert_cmpuint (lw_ledger_get_rules_seq (ledger), ==, 0);
  lw_temp_dir_free (dir);
}

/* Rules that came later do not change who may decide on what was submitted before. */
static void
rules_at_submission_hold (gconstpointer data)
{
  char *dir = lw_temp_dir_new ();
  g_autofree char *one = put_rules (dir, 1, "", APPROVER, APPROVER);
  g_autoptr (LwLedger) ledger = open_ledger (dir);
  g_autoptr (LwCase) value = submit (ledger, REQUEST);
  g_autoptr (JsonObject) body = digest_body (value);
  g_autofree char *two = put_rules (dir, 2, one, APPROVER, STRANGER);

  json_object_set_null_member (body, "terms");
  lw_assert_awaits (lw_ledger_load_rules (ledger));
  g_assert_cmpuint (lw_ledger_get_rules_seq (ledger), ==, 2);
  lw_assert_rejects (append (ledger, REQUEST, 1, LW_EVENT_APPROVED, STRANGER, body),
                     LW_DOMAIN_ERROR, LW_DOMAIN_ERROR_NOT_ALLOWED);
  lw_assert_awaits (append (ledger, REQUEST, 1, LW_EVENT_APPROVED, APPROVER, body));
  lw_temp_dir_free (dir);
}

/* --- several processes at once ------------------------------------------------------------------ */

#define N_PROCESSES 4
#define N_COMMENTS  25

/* Appends comments until they are all there, deciding anew whenever somebody was first. */
static void
work (gconstpointer data)
{
  char *const *argv = (char *const *) data;
  g_autoptr (LwLedger) ledger = open_ledger (argv[2]);

  for (guint i = 0; i < N_COMMENTS;)
    {
      g_autoptr (LwCase) value = load (ledger, REQUEST);
      g_autofree char *text = g_strdup_printf ("%s/%u", argv[3], i);
      g_autoptr (JsonObject) body = comment_body (text);
      g_autoptr (GError) error = NULL;

      if (dex_await (append (ledger, REQUEST, value->last_seq, LW_EVENT_COMMENTED, APPROVER, body),
                     &error))
        i++;
      else
        g_assert_error (error, LW_LEDGER_ERROR, LW_LEDGER_ERROR_TAKEN);
    }
}

static void
processes_append (gconstpointer data)
{
  char *dir = new_ledger_dir ();
  g_autoptr (LwLedger) ledger = open_ledger (dir);
  g_autoptr (LwCase) value = submit (ledger, REQUEST);
  g_autoptr (LwCase) after = NULL;
  g_autoptr (GHashTable) texts = g_hash_table_new (g_str_hash, g_str_equal);
  GSubprocess *processes[N_PROCESSES];

  for (guint i = 0; i < N_PROCESSES; i++)
    {
      g_autofree char *number = g_strdup_printf ("%u", i);

      processes[i] =
          g_subprocess_new (G_SUBPROCESS_FLAGS_NONE, NULL, self_path, "--work", dir, number, NULL);
      g_assert_nonnull (processes[i]);
    }
  for (guint i = 0; i < N_PROCESSES; i++)
    {
      g_autoptr (GError) error = NULL;

      g_subprocess_wait_check (processes[i], NULL, &error);
      g_assert_no_error (error);
      g_object_unref (processes[i]);
    }

  after = load (ledger, REQUEST);
  g_assert_cmpuint (after->flags->len, ==, 0);
  g_assert_cmpuint (after->last_seq, ==, 1 + N_PROCESSES * N_COMMENTS);
  for (guint i = 1; i < after->events->len; i++)
    {
      LwEvent *event = g_ptr_array_index (after->events, i);

      g_assert_true (g_hash_table_add (texts, (gpointer) lw_json_get_string (event->body, "text")));
    }
  g_assert_cmpuint (g_hash_table_size (texts), ==, N_PROCESSES * N_COMMENTS);
  lw_temp_dir_free (dir);
}

#define FIBER_TEST(func)                                                                           \
  static void test_##func (void) { lw_fiber_test_run (func, NULL); }

FIBER_TEST (travels)
FIBER_TEST (loser_is_told)
FIBER_TEST (not_allowed_is_not_written)
FIBER_TEST (forged_approval_does_not_count)
FIBER_TEST (damaged_records_are_flagged)
FIBER_TEST (changed_entry_breaks_the_chain)
FIBER_TEST (strays_are_reported)
FIBER_TEST (rules_follow_their_chain)
FIBER_TEST (rules_at_submission_hold)
FIBER_TEST (processes_append)

int
main (int argc, char **argv)
{
  dex_init ();

  if (argc == 4 && g_str_equal (argv[1], "--work"))
    {
      lw_fiber_test_run (work, argv);
      return 0;
    }

  g_test_init (&argc, &argv, NULL);
  self_path = argv[0];

  g_test_add_func ("/ledger/travels", test_travels);
  g_test_add_func ("/ledger/loser-is-told", test_loser_is_told);
  g_test_add_func ("/ledger/not-allowed", test_not_allowed_is_not_written);
  g_test_add_func ("/ledger/forged-approval", test_forged_approval_does_not_count);
  g_test_add_func ("/ledger/damaged", test_damaged_records_are_flagged);
  g_test_add_func ("/ledger/chain", test_changed_entry_breaks_the_chain);
  g_test_add_func ("/ledger/strays", test_strays_are_reported);
  g_test_add_func ("/ledger/rules-chain", test_rules_follow_their_chain);
  g_test_add_func ("/ledger/rules-at-submission", test_rules_at_submission_hold);
  g_test_add_func ("/ledger/processes-append", test_processes_append);

  return g_test_run ();
}
