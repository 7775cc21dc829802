/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "lw-sync-test.h"

/* --- what is wrong in the ledger ---------------------------------------------------------------- */

static void
assert_append_refused (LwLedger *ledger, LwCase *value)
{
  g_autoptr (LwPerson) by = history_person (HISTORY_APPROVER);
  g_autoptr (GDateTime) at = lw_instant_parse (NOW, NULL);
  g_autoptr (JsonObject) body = history_body ("text", "More");

  lw_assert_rejects (lw_ledger_append (ledger, value->request_id, value->last_seq,
                                       LW_EVENT_COMMENTED, by, "tenant", at, body),
                     LW_LEDGER_ERROR, LW_LEDGER_ERROR_BROKEN);
}

static History *
other_comment (guint number, const char *text)
{
  History *history = history_new (number);

  history_submit (history, number, "Same");
  history_comment (history, HISTORY_APPROVER, text);

  return history;
}

static void
replace (TestStore *store, History *history, guint i)
{
  HistoryObject *object = g_ptr_array_index (history->objects, i);
  g_autofree char *text =
      g_strndup (g_bytes_get_data (object->bytes, NULL), g_bytes_get_size (object->bytes));

  test_store_set (store, object->shelf, object->name, text);
}

static void
rewriting_is_reported (gconstpointer data)
{
  char *dir = lw_temp_dir_new ();
  g_autoptr (TestStore) store = new_store (3);
  g_autoptr (LwLedger) ledger = open_ledger (store, dir);
  g_autoptr (History) first = other_comment (500, "I do not agree.");
  g_autoptr (History) second = other_comment (500, "I agree.");
  g_autoptr (GPtrArray) before = NULL;
  g_autoptr (GPtrArray) after = NULL;
  g_autoptr (GPtrArray) mended = NULL;
  LwCase *value;

  put_history (store, first, 0, "2027-01-02/12");
  sync_news (ledger, LW_SYNC_NEW);
  replace (store, second, 1);
  before = list (ledger);
  g_assert_cmpuint (find (before, first->id)->flags->len, ==, 0); /* names alone do not tell */

  g_assert_cmpuint (sync_news (ledger, LW_SYNC_VERIFY), ==, 0);
  after = list (ledger);
  value = find (after, first->id);
  g_assert_true (has_flag (value, "ledger.rewritten"));
  g_assert_cmpstr (value->last_sha256, ==, first->last_sha256);
  g_assert_cmpstr (
      lw_json_get_string (((LwEvent *) g_ptr_array_index (value->events, 1))->body, "text"), ==,
      "I do not agree.");
  assert_append_refused (ledger, value);

  /* It is remembered by the next window too, until the ledger is as it was. */
  g_clear_object (&ledger);
  ledger = open_ledger (store, dir);
  g_clear_pointer (&after, g_ptr_array_unref);
  after = list (ledger);
  g_assert_true (has_flag (find (after, first->id), "ledger.rewritten"));
  replace (store, first, 1);
  sync_news (ledger, LW_SYNC_VERIFY);
  mended = list (ledger);
  g_assert_cmpuint (find (mended, first->id)->flags->len, ==, 0);
  lw_temp_dir_free (dir);
}

/* The next entry follows from the changed one: the chain alone gives it away. */
static void
rewriting_shows_by_the_chain (gconstpointer data)
{
  g_autoptr (TestStore) store = new_store (3);
  g_autoptr (LwLedger) ledger = open_ledger (store, NULL);
  g_autoptr (History) first = other_comment (500, "I do not agree.");
  g_autoptr (History) second = other_comment (500, "I agree.");
  g_autoptr (GPtrArray) cases = NULL;
  LwCase *value;

  put_history (store, first, 0, "2027-01-02/12");
  sync_news (ledger, LW_SYNC_NEW);
  history_comment (second, HISTORY_REQUESTER, "Thank you.");
  replace (store, second, 1);
  put_history (store, second, 2, "2027-01-02/12");
  sync_news (ledger, LW_SYNC_NEW);
  cases = list (ledger);
  value = find (cases, first->id);
  g_assert_true (has_flag (value, "ledger.chain"));
  g_assert_true (has_flag (value, "ledger.rewritten"));
  g_assert_cmpuint (value->last_seq, ==, 2);
  assert_append_refused (ledger, value);
}

static void
removing_is_reported (gconstpointer data)
{
  g_autoptr (TestStore) store = new_store (3);
  g_autoptr (LwLedger) ledger = open_ledger (store, NULL);
  g_autoptr (History) history = history_usual (1);
  g_autoptr (GPtrArray) cases = NULL;
  LwCase *value;

  sync_news (ledger, LW_SYNC_NEW);
  for (guint i = 0; i < history->objects->len; i++)
    {
      HistoryObject *object = g_ptr_array_index (history->objects, i);

      test_store_set (store, object->shelf, object->name, NULL);
    }
  sync_news (ledger, LW_SYNC_ALL);
  cases = list (ledger);
  g_assert_cmpuint (cases->len, ==, 3);
  value = find (cases, history->id);
  g_assert_true (has_flag (value, "ledger.gone"));
  g_assert_cmpint (value->phase, ==, LW_PHASE_APPLIED);
  assert_append_refused (ledger, value);
}

static void
rules_may_be_rewritten (gconstpointer data)
{
  g_autoptr (TestStore) store = new_store (1);
  g_autoptr (LwLedger) ledger = open_ledger (store, NULL);
  g_autofree char *sha256 = NULL;

  sync_news (ledger, LW_SYNC_NEW);
  sha256 = g_strdup (lw_ledger_get_rules_sha256 (ledger));
  test_store_set (store, LW_SHELF_RULES, "000001.json", "{\"version\":1}");
  sync_news (ledger, LW_SYNC_VERIFY);
  g_assert_cmpuint (g_strv_length ((GStrv) lw_ledger_get_problems (ledger)), ==, 1);
  g_assert_nonnull (strstr (lw_ledger_get_problems (ledger)[0], "rules/000001.json"));
  g_assert_cmpstr (lw_ledger_get_rules_sha256 (ledger), ==, sha256);
}

/* An empty folder may be a share that is not connected. */
static void
emptied_ledger_is_not_believed (gconstpointer data)
{
  g_autoptr (TestStore) store = new_store (3);
  g_autoptr (LwLedger) ledger = open_ledger (store, NULL);
  g_autoptr (GPtrArray) cases = NULL;

  sync_news (ledger, LW_SYNC_NEW);
  g_tree_remove_all (store->objects[LW_SHELF_REQUESTS]);
  g_tree_remove_all (store->objects[LW_SHELF_SEALS]);
  lw_assert_rejects (lw_ledger_sync (ledger, LW_SYNC_ALL), LW_LEDGER_ERROR,
                     LW_LEDGER_ERROR_UNREACHABLE);
  cases = list (ledger);
  g_assert_cmpuint (cases->len, ==, 3);
}

static void
other_ledger_begins_anew (gconstpointer data)
{
  char *dir = lw_temp_dir_new ();
  g_autoptr (TestStore) one = new_store (3);
  g_autoptr (TestStore) two = new_store (0);
  g_autoptr (History) history = history_usual (700);
  g_autoptr (LwLedger) ledger = open_ledger (one, dir);
  g_autoptr (GPtrArray) cases = NULL;

  sync_news (ledger, LW_SYNC_NEW);
  g_clear_object (&ledger);
  put_history (two, history, 0, NULL);
  ledger = open_ledger (two, dir);
  sync_news (ledger, LW_SYNC_ALL);
  cases = list (ledger);
  g_assert_cmpuint (cases->len, ==, 1);
  g_assert_nonnull (strstr (lw_ledger_get_notice (ledger), "another ledger"));
  lw_temp_dir_free (dir);
}

/* A storage that tells when an object was written: the daily listing notices without reading all. */
static void
listing_notices_rewriting (gconstpointer data)
{
  g_autoptr (TestStore) store = new_store (3);
  g_autoptr (LwLedger) ledger = open_ledger (store, NULL);
  g_autoptr (History) first = other_comment (500, "I do not agree.");
  g_autoptr (History) second = other_comment (500, "I agree.");
  g_autoptr (GPtrArray) before = NULL;
  g_autoptr (GPtrArray) after = NULL;
  g_autoptr (GPtrArray) mended = NULL;

  store->stamps = TRUE;
  sync_news (ledger, LW_SYNC_NEW);
  put_history (store, first, 0, "2027-01-02/12");
  sync_news (ledger, LW_SYNC_NEW);

  /* What was read without a listing is read once more by the next one, and the rules are. */
  test_store_reset_counts (store);
  sync_news (ledger, LW_SYNC_ALL);
  g_assert_cmpuint (store->gets, ==, first->objects->len + 1);
  test_store_reset_counts (store);
  sync_news (ledger, LW_SYNC_ALL);
  g_assert_cmpuint (store->gets, ==, 0);

  replace (store, second, 1);
  sync_news (ledger, LW_SYNC_NEW);
  before = list (ledger);
  g_assert_cmpuint (find (before, first->id)->flags->len, ==, 0);
  test_store_reset_counts (store);
  set_now (ledger, "2027-01-03T12:00:01Z");
  g_assert_cmpuint (sync_news (ledger, LW_SYNC_NEW), ==, 0);
  /* what changed, and before that is believed all of its request */
  g_assert_cmpuint (store->gets, ==, 1 + first->objects->len);
  g_assert_cmpuint (lw_ledger_get_sync_counts (ledger)->flagged, ==, 1);
  after = list (ledger);
  g_assert_true (has_flag (find (after, first->id), "ledger.rewritten"));
  assert_append_refused (ledger, find (after, first->id));

  /* As long as it is so, each listing looks; when it is as it was again, that shows too. */
  replace (store, first, 1);
  sync_news (ledger, LW_SYNC_ALL);
  mended = list (ledger);
  g_assert_cmpuint (find (mended, first->id)->flags->len, ==, 0);
}

static guint
count_problems (LwLedger *ledger, const char *name)
{
  const char *const *problems = lw_ledger_get_problems (ledger);
  guint n = 0;

  for (gsize i = 0; problems[i]; i++)
    n += strstr (problems[i], name) != NULL;

  return n;
}

/* Whatever somebody puts beside the entries: it is said, and hinders nothing. */
static void
odd_names_are_strays (gconstpointer data)
{
  char *dir = lw_temp_dir_new ();
  g_autoptr (TestStore) store = new_store (2);
  g_autoptr (LwLedger) ledger = open_ledger (store, dir);
  g_autoptr (History) history = history_usual (0);
  g_autofree char *copy = g_strconcat (history->id, "/000001 (copy).json", NULL);
  g_autoptr (GPtrArray) cases = NULL;
  LwCase *value;

  test_store_set (store, LW_SHELF_REQUESTS, "read me.txt", "x");
  test_store_set (store, LW_SHELF_REQUESTS, "größe\n/.x", "x");
  test_store_set (store, LW_SHELF_REQUESTS, copy, "x");
  test_store_set (store, LW_SHELF_SEALS, copy, "x");
  for (guint i = 0; i < 3; i++)
    {
      sync_news (ledger, LW_SYNC_ALL);
      g_assert_cmpuint (count_problems (ledger, "read me.txt"), ==, 1);
      g_assert_cmpuint (count_problems (ledger, "größe?/.x"), ==, 1);
      g_assert_null (lw_ledger_get_notice (ledger)); /* the cache is whole */
    }
  cases = list (ledger);
  g_assert_cmpuint (cases->len, ==, 2);
  value = find (cases, history->id);
  g_assert_cmpint (value->phase, ==, LW_PHASE_APPLIED);
  g_assert_true (has_flag (value, "ledger.stray"));
  g_assert_true (lw_case_is_intact (value));

  test_store_set (store, LW_SHELF_REQUESTS, "read me.txt", NULL);
  sync_news (ledger, LW_SYNC_ALL);
  g_assert_cmpuint (count_problems (ledger, "read me.txt"), ==, 0);
  lw_temp_dir_free (dir);
}

/* --- without the storage ------------------------------------------------------------------------ */

static void
reads_without_the_storage (gconstpointer data)
{
  char *dir = lw_temp_dir_new ();
  g_autoptr (TestStore) store = new_store (N_CASES);
  g_autoptr (LwLedger) ledger = open_ledger (store, dir);
  g_autoptr (LwLedger) cold = NULL;
  g_autoptr (LwLedger) later = NULL;
  g_autoptr (History) history = history_usual (3);
  g_autofree char *before = state_of (ledger);
  g_autofree char *after = NULL;
  g_autofree char *synced_at = NULL;
  g_autoptr (LwCase) value = NULL;
  g_autoptr (GError) error = NULL;

  g_assert_null (lw_ledger_get_sync_error (ledger));
  store->away = TRUE;
  cold = open_ledger (store, NULL);
  lw_assert_rejects (lw_ledger_list_cases (cold), LW_LEDGER_ERROR, LW_LEDGER_ERROR_UNREACHABLE);
  lw_assert_rejects (lw_ledger_load_rules (cold), LW_LEDGER_ERROR, LW_LEDGER_ERROR_UNREACHABLE);

  later = open_ledger (store, dir);
  set_now (later, "2027-01-05T09:00:00Z");
  lw_assert_awaits (lw_ledger_load_rules (later));
  g_assert_cmpuint (lw_ledger_get_rules_seq (later), ==, 1);
  after = state_of (later);
  g_assert_cmpstr (after, ==, before);
  g_assert_error (lw_ledger_get_sync_error (later), LW_LEDGER_ERROR, LW_LEDGER_ERROR_UNREACHABLE);
  synced_at = lw_instant_format (lw_ledger_get_synced_at (later));
  g_assert_cmpstr (synced_at, ==, NOW);

  value = dex_await_boxed (lw_ledger_load_case (later, history->id), &error);
  g_assert_no_error (error);
  g_assert_cmpuint (value->events->len, ==, 5);
  g_assert_nonnull (((LwEvent *) g_ptr_array_index (value->events, 0))->bytes);
  lw_assert_rejects (lw_ledger_load_case (later, "01930000-0000-7000-8000-00000000ffff"),
                     LW_LEDGER_ERROR, LW_LEDGER_ERROR_UNREACHABLE);

  /* Nothing is written on the strength of what was seen once. */
  {
    g_autoptr (LwPerson) by = history_person (HISTORY_APPROVER);
    g_autoptr (GDateTime) at = lw_instant_parse (NOW, NULL);
    g_autoptr (JsonObject) body = history_body ("text", "More");

    lw_assert_rejects (
        lw_ledger_append (later, history->id, 5, LW_EVENT_COMMENTED, by, "tenant", at, body),
        LW_LEDGER_ERROR, LW_LEDGER_ERROR_UNREACHABLE);
  }

  store->away = FALSE;
  sync_news (later, LW_SYNC_NEW);
  g_assert_null (lw_ledger_get_sync_error (later));
  lw_temp_dir_free (dir);
}

FIBER_TEST (rewriting_is_reported)
FIBER_TEST (rewriting_shows_by_the_chain)
FIBER_TEST (removing_is_reported)
FIBER_TEST (rules_may_be_rewritten)
FIBER_TEST (emptied_ledger_is_not_believed)
FIBER_TEST (other_ledger_begins_anew)
FIBER_TEST (listing_notices_rewriting)
FIBER_TEST (odd_names_are_strays)
FIBER_TEST (reads_without_the_storage)

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  dex_init ();

  g_test_add_func ("/sync/rewritten", test_rewriting_is_reported);
  g_test_add_func ("/sync/rewritten-chain", test_rewriting_shows_by_the_chain);
  g_test_add_func ("/sync/gone", test_removing_is_reported);
  g_test_add_func ("/sync/rules-rewritten", test_rules_may_be_rewritten);
  g_test_add_func ("/sync/emptied", test_emptied_ledger_is_not_believed);
  g_test_add_func ("/sync/other-ledger", test_other_ledger_begins_anew);
  g_test_add_func ("/sync/rewritten-listed", test_listing_notices_rewriting);
  g_test_add_func ("/sync/odd-names", test_odd_names_are_strays);
  g_test_add_func ("/sync/offline", test_reads_without_the_storage);

  return g_test_run ();
}
