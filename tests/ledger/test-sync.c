/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "lw-case-state.h"
#include "lw-fiber-test.h"
#include "lw-history.h"
#include "lw-ledger-private.h"
#include "lw-memory-store.h"
#include "lw-temp-dir.h"

#define NOW     "2027-01-02T12:00:00Z"
#define N_CASES 12

/* --- what the tests are made of ----------------------------------------------------------------- */

static void
set_now (LwLedger *ledger, const char *text)
{
  g_autoptr (GDateTime) now = lw_instant_parse (text, NULL);

  g_assert_nonnull (now);
  lw_ledger_set_now (ledger, now);
}

static LwLedger *
open_ledger (TestStore *store, const char *folder)
{
  LwLedger *ledger = lw_ledger_new_cached (LW_STORE (store), folder);

  set_now (ledger, NOW);

  return ledger;
}

static void
put (TestStore *store, LwShelf shelf, const char *name, GBytes *bytes)
{
  lw_assert_awaits (lw_store_put_new (LW_STORE (store), shelf, name, bytes));
}

static void
mark (TestStore *store, const char *hour, const char *id, guint seq)
{
  g_autofree char *name = g_strdup_printf ("%s/%s-%06u", hour, id, seq);
  g_autoptr (GBytes) nothing = g_bytes_new_static ("", 0);

  put (store, LW_SHELF_LOG, name, nothing);
}

/* Puts what of @history was not put so far, with a marker for each event where @hour is given. */
static void
put_history (TestStore *store, History *history, guint from, const char *hour)
{
  for (guint i = from; i < history->objects->len; i++)
    {
      HistoryObject *object = g_ptr_array_index (history->objects, i);

      put (store, object->shelf, object->name, object->bytes);
      if (hour && object->shelf == LW_SHELF_REQUESTS)
        mark (store, hour, history->id, lw_record_seq_of (object->name));
    }
}

static TestStore *
new_store (guint n)
{
  TestStore *store = test_store_new ();
  g_autoptr (GBytes) rules = history_rules ();

  put (store, LW_SHELF_RULES, "000001.json", rules);
  for (guint i = 0; i < n; i++)
    {
      g_autoptr (History) history = history_usual (i);

      put_history (store, history, 0, NULL);
    }

  return store;
}

static GPtrArray *
list (LwLedger *ledger)
{
  g_autoptr (GError) error = NULL;
  GPtrArray *cases = dex_await_boxed (lw_ledger_list_cases (ledger), &error);

  g_assert_no_error (error);

  return cases;
}

static guint
sync_news (LwLedger *ledger, LwSyncKind kind)
{
  g_autoptr (GError) error = NULL;
  guint news = dex_await_uint (lw_ledger_sync (ledger, kind), &error);

  g_assert_no_error (error);

  return news;
}

static LwCase *
find (GPtrArray *cases, const char *id)
{
  for (guint i = 0; i < cases->len; i++)
    {
      LwCase *value = g_ptr_array_index (cases, i);

      if (g_str_equal (value->request_id, id))
        return value;
    }
  g_assert_not_reached ();
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

/* Everything that a list shows, as text. */
static char *
state_of (LwLedger *ledger)
{
  g_autoptr (GPtrArray) cases = list (ledger);
  g_autoptr (GPtrArray) lines = g_ptr_array_new_null_terminated (cases->len, g_free, TRUE);

  for (guint i = 0; i < cases->len; i++)
    {
      LwCase *value = g_ptr_array_index (cases, i);
      g_autoptr (GBytes) state = lw_case_freeze (value);

      g_ptr_array_add (lines, g_strdup_printf ("%s %.*s", value->request_id,
                                               (int) g_bytes_get_size (state),
                                               (const char *) g_bytes_get_data (state, NULL)));
    }
  g_ptr_array_sort_values (lines, (GCompareFunc) strcmp);

  return g_strjoinv ("\n", (char **) lines->pdata);
}

/* What somebody sees who comes to the ledger for the first time. */
static char *
cold_state (LwStore *store)
{
  g_autoptr (LwLedger) cold = lw_ledger_new (store);

  return state_of (cold);
}

static void
assert_as_cold (LwLedger *ledger, TestStore *store)
{
  g_autofree char *warm = state_of (ledger);
  g_autofree char *cold = cold_state (LW_STORE (store));

  g_assert_cmpstr (warm, ==, cold);
}

/* --- how much is read --------------------------------------------------------------------------- */

static void
nothing_new_reads_nothing (gconstpointer data)
{
  char *dir = lw_temp_dir_new ();
  g_autoptr (TestStore) store = new_store (N_CASES);
  g_autoptr (LwLedger) ledger = open_ledger (store, dir);
  g_autoptr (LwLedger) again = NULL;
  g_autoptr (GPtrArray) cases = list (ledger);

  g_assert_cmpuint (cases->len, ==, N_CASES);
  g_assert_cmpuint (store->gets, ==, N_CASES * 6 + 1);

  /* Neither now, nor for the next window, nor an hour later. */
  for (guint i = 0; i < 3; i++)
    {
      test_store_reset_counts (store);
      if (i == 1)
        again = open_ledger (store, dir);
      if (i == 2)
        set_now (again, "2027-01-02T13:30:00Z");
      g_assert_cmpuint (sync_news (i ? again : ledger, LW_SYNC_NEW), ==, 0);
      g_assert_cmpuint (store->gets, ==, 0);
      g_assert_cmpuint (store->lists[LW_SHELF_REQUESTS], ==, 0);
      g_assert_cmpuint (store->lists[LW_SHELF_SEALS], ==, 0);
      g_assert_cmpuint (store->lists[LW_SHELF_EVIDENCE], ==, 0);
      g_assert_cmpuint (store->lists[LW_SHELF_RULES], ==, 1);
      g_assert_cmpuint (store->lists[LW_SHELF_LOG], <=, 2);
    }
  assert_as_cold (again, store);
  lw_temp_dir_free (dir);
}

static void
only_news_is_read (gconstpointer data)
{
  g_autoptr (TestStore) store = new_store (N_CASES);
  g_autoptr (LwLedger) ledger = open_ledger (store, NULL);
  g_autoptr (History) history = history_new (500);
  g_autoptr (GPtrArray) cases = NULL;

  g_assert_cmpuint (sync_news (ledger, LW_SYNC_NEW), ==, N_CASES * 6);
  history_submit (history, 500, "News");
  put_history (store, history, 0, "2027-01-02/12");
  test_store_reset_counts (store);
  g_assert_cmpuint (sync_news (ledger, LW_SYNC_NEW), ==, 1);
  g_assert_cmpuint (store->gets, ==, 1);

  /* An approval comes with its seal, which no marker names. */
  history_seal (history);
  history_approve (history);
  put_history (store, history, 1, "2027-01-02/12");
  test_store_reset_counts (store);
  g_assert_cmpuint (sync_news (ledger, LW_SYNC_NEW), ==, 2);
  g_assert_cmpuint (store->gets, ==, 2);
  g_assert_cmpuint (store->lists[LW_SHELF_SEALS], ==, 0);
  cases = list (ledger);
  g_assert_cmpint (find (cases, history->id)->phase, ==, LW_PHASE_APPROVED);
  assert_as_cold (ledger, store);
}

static void
lists_all_once_a_day (gconstpointer data)
{
  g_autoptr (TestStore) store = new_store (2);
  g_autoptr (LwLedger) ledger = open_ledger (store, NULL);
  g_autoptr (History) history = history_usual (500);

  sync_news (ledger, LW_SYNC_NEW);
  put_history (store, history, 0, NULL); /* whoever wrote it died before the markers */
  g_assert_cmpuint (sync_news (ledger, LW_SYNC_NEW), ==, 0);
  set_now (ledger, "2027-01-03T11:00:00Z");
  g_assert_cmpuint (sync_news (ledger, LW_SYNC_NEW), ==, 0);
  set_now (ledger, "2027-01-03T12:00:01Z");
  g_assert_cmpuint (sync_news (ledger, LW_SYNC_NEW), ==, 6);
  assert_as_cold (ledger, store);

  /* A clock that was set back tells nothing of when that was. */
  test_store_reset_counts (store);
  set_now (ledger, "2027-01-01T12:00:00Z");
  sync_news (ledger, LW_SYNC_NEW);
  g_assert_cmpuint (store->lists[LW_SHELF_REQUESTS], ==, 1);

  test_store_reset_counts (store);
  sync_news (ledger, LW_SYNC_ALL);
  g_assert_cmpuint (store->lists[LW_SHELF_REQUESTS], ==, 1);
  g_assert_cmpuint (store->gets, ==, 0);
}

static void
clocks_may_differ (gconstpointer data)
{
  static const struct
  {
    const char *hour;
    gboolean found;
  } markers[] = {
    { "2027-01-02/12", TRUE },  { "2027-01-02/06", TRUE },  { "2027-01-02/14", TRUE },
    { "2027-01-01/20", FALSE }, { "2027-01-03/09", FALSE }, { "2031-01-01/00", FALSE }
  };

  for (gsize i = 0; i < G_N_ELEMENTS (markers); i++)
    {
      g_autoptr (TestStore) store = new_store (1);
      g_autoptr (LwLedger) ledger = open_ledger (store, NULL);
      g_autoptr (History) history = history_new (500);

      sync_news (ledger, LW_SYNC_NEW);
      history_submit (history, 500, "News");
      put_history (store, history, 0, markers[i].hour);
      g_assert_cmpuint (sync_news (ledger, LW_SYNC_NEW), ==, markers[i].found);
      if (!markers[i].found)
        g_assert_cmpuint (sync_news (ledger, LW_SYNC_ALL), ==, 1);
      assert_as_cold (ledger, store);
    }
}

static void
midnight_is_no_gap (gconstpointer data)
{
  g_autoptr (TestStore) store = new_store (1);
  g_autoptr (LwLedger) ledger = open_ledger (store, NULL);
  g_autoptr (History) history = history_new (500);

  set_now (ledger, "2027-01-01T23:50:00Z");
  sync_news (ledger, LW_SYNC_NEW);
  history_submit (history, 500, "News");
  put_history (store, history, 0, "2027-01-01/23");
  set_now (ledger, "2027-01-02T00:10:00Z");
  g_assert_cmpuint (sync_news (ledger, LW_SYNC_NEW), ==, 1);
}

static void
markers_fill_gaps (gconstpointer data)
{
  g_autoptr (TestStore) store = new_store (1);
  g_autoptr (LwLedger) ledger = open_ledger (store, NULL);
  g_autoptr (History) few = history_new (500);
  g_autoptr (History) many = history_new (501);

  sync_news (ledger, LW_SYNC_NEW);
  history_submit (few, 500, "Few");
  history_comment (few, HISTORY_APPROVER, "One");
  history_submit (many, 501, "Many");
  for (guint i = 0; i < 30; i++)
    history_comment (many, HISTORY_APPROVER, "More");
  put_history (store, few, 0, NULL);
  put_history (store, many, 0, NULL);
  mark (store, "2027-01-02/12", few->id, 2);
  mark (store, "2027-01-02/12", many->id, 31);
  test_store_reset_counts (store);
  g_assert_cmpuint (sync_news (ledger, LW_SYNC_NEW), ==, 33);
  g_assert_cmpuint (store->lists[LW_SHELF_REQUESTS], ==, 1); /* of the one with many */
  assert_as_cold (ledger, store);
}

/* What is no marker says nothing; one of an event that is not there brings a full listing, once. */
static void
wrong_markers (gconstpointer data)
{
  g_autoptr (TestStore) store = new_store (2);
  g_autoptr (LwLedger) ledger = open_ledger (store, NULL);
  g_autoptr (History) history = history_new (0);

  sync_news (ledger, LW_SYNC_NEW);
  test_store_set (store, LW_SHELF_LOG, "2027-01-02/12/README", "");
  test_store_set (store, LW_SHELF_LOG, "2027-01-02/12/nonsense-000001", "");
  test_store_set (store, LW_SHELF_LOG, "2027-01-02/12/01930000-0000-7000-8000-000000000000-00000x",
                  "");
  test_store_reset_counts (store);
  g_assert_cmpuint (sync_news (ledger, LW_SYNC_NEW), ==, 0);
  g_assert_cmpuint (store->gets, ==, 0);

  mark (store, "2027-01-02/12", history->id, 6);
  sync_news (ledger, LW_SYNC_NEW);
  g_assert_cmpuint (store->lists[LW_SHELF_REQUESTS], ==, 1);
  test_store_reset_counts (store);
  sync_news (ledger, LW_SYNC_NEW);
  g_assert_cmpuint (store->lists[LW_SHELF_REQUESTS], ==, 0);
  g_assert_cmpuint (store->gets, ==, 0);
  assert_as_cold (ledger, store);
}

static void
count_progress (LwLedger *ledger, guint done, guint total, gpointer data)
{
  guint *last = data;

  g_assert_cmpuint (done, <=, total);
  g_assert_cmpuint (done, >=, *last);
  *last = done;
}

/* Under valgrind there is patience, but not for as much. */
static guint
rounds (guint n)
{
  return g_getenv ("LEEWAY_TEST_SLOWNESS") ? MAX (1, n / 5) : n;
}

static void
goes_on_where_it_was_cut_off (gconstpointer data)
{
  char *dir = lw_temp_dir_new ();
  guint n = rounds (200), part = n * 3 / 2;
  g_autoptr (TestStore) store = new_store (n);
  guint total = n * 6 + 1, asked = 0;

  for (guint i = 0; i < 4; i++)
    {
      g_autoptr (LwLedger) ledger = open_ledger (store, dir);

      store->gets_left = (int) part;
      lw_assert_rejects (lw_ledger_sync (ledger, LW_SYNC_NEW), LW_LEDGER_ERROR,
                         LW_LEDGER_ERROR_UNREACHABLE);
      g_assert_error (lw_ledger_get_sync_error (ledger), LW_LEDGER_ERROR,
                      LW_LEDGER_ERROR_UNREACHABLE);
      /* A list that is only a part of the ledger is not given out. */
      lw_assert_rejects (lw_ledger_list_cases (ledger), LW_LEDGER_ERROR,
                         LW_LEDGER_ERROR_UNREACHABLE);
      asked += part;
    }
  g_assert_cmpuint (asked, <, total);

  store->gets_left = -1;
  test_store_reset_counts (store);
  {
    g_autoptr (LwLedger) ledger = open_ledger (store, dir);
    guint last = 0;

    g_signal_connect (ledger, "progress", G_CALLBACK (count_progress), &last);
    sync_news (ledger, LW_SYNC_NEW);
    g_assert_cmpuint (store->gets, ==, total - asked);
    g_assert_cmpuint (last, ==, store->gets);
    g_assert_null (lw_ledger_get_sync_error (ledger));
    assert_as_cold (ledger, store);
  }
  lw_temp_dir_free (dir);
}

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

/* --- folding again ------------------------------------------------------------------------------ */

/* States are those of the rules and the hierarchy in force now, not when they were folded. */
static void
rules_and_hierarchy_refold (gconstpointer data)
{
  static const char *const text =
      "{\"version\":1,\"seq\":1,\"kind\":\"rules-changed\",\"at\":\"2027-01-01T00:00:00Z\","
      "\"by\":{\"id\":\"" HISTORY_APPROVER "\"},\"prev\":\"\",\"body\":{\"rules\":{\"version\":1,"
      "\"approvers\":[{\"scope\":\"/providers/Microsoft.Management/managementGroups/platform\","
      "\"people\":[{\"id\":\"" HISTORY_APPROVER "\"}]}],"
      "\"administrators\":[{\"id\":\"" HISTORY_APPROVER "\"}]}}}";
  char *dir = lw_temp_dir_new ();
  g_autoptr (TestStore) store = test_store_new ();
  g_autoptr (LwLedger) ledger = open_ledger (store, dir);
  g_autoptr (LwHierarchy) hierarchy = lw_hierarchy_new ();
  g_autoptr (History) history = history_usual (1);
  g_autoptr (GPtrArray) without = NULL;
  g_autoptr (GPtrArray) with = NULL;
  g_autoptr (GPtrArray) again = NULL;

  test_store_set (store, LW_SHELF_RULES, "000001.json", text);
  put_history (store, history, 0, NULL);
  without = list (ledger);
  g_assert_cmpint (find (without, history->id)->phase, ==, LW_PHASE_PENDING);

  lw_hierarchy_add (hierarchy, "/providers/Microsoft.Management/managementGroups/platform", NULL,
                    "Platform");
  lw_hierarchy_add (hierarchy, "/subscriptions/00000000-0000-4000-8000-000000000000",
                    "/providers/Microsoft.Management/managementGroups/platform", "One");
  lw_ledger_set_hierarchy (ledger, hierarchy);
  with = list (ledger);
  g_assert_cmpint (find (with, history->id)->phase, ==, LW_PHASE_APPLIED);

  lw_ledger_set_hierarchy (ledger, NULL);
  again = list (ledger);
  g_assert_cmpint (find (again, history->id)->phase, ==, LW_PHASE_PENDING);
  lw_temp_dir_free (dir);
}

static void
unchanged_cases_are_the_same (gconstpointer data)
{
  g_autoptr (TestStore) store = new_store (N_CASES);
  g_autoptr (LwLedger) ledger = open_ledger (store, NULL);
  g_autoptr (History) history = history_usual (3);
  g_autoptr (GPtrArray) before = list (ledger);
  g_autoptr (GPtrArray) after = NULL;
  guint same = 0;

  history_comment (history, HISTORY_REQUESTER, "And?");
  put_history (store, history, 6, "2027-01-02/12");
  after = list (ledger);
  g_assert_cmpuint (after->len, ==, N_CASES);
  for (guint i = 0; i < after->len; i++)
    {
      LwCase *value = g_ptr_array_index (after, i);

      same += find (before, value->request_id) == value;
    }
  g_assert_cmpuint (same, ==, N_CASES - 1);
  g_assert_cmpuint (find (after, history->id)->last_seq, ==, 6);
}

/* --- asking ------------------------------------------------------------------------------------- */

static guint
found (LwLedger *ledger, const char *text)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GPtrArray) cases = dex_await_boxed (lw_ledger_search (ledger, text, 100), &error);

  g_assert_no_error (error);

  return cases->len;
}

static void
words_are_found (gconstpointer data)
{
  static const struct
  {
    const char *text;
    guint n;
  } searches[] = {
    { "cluster", N_CASES },
    { "clus", N_CASES },
    { "Cluster 7", 1 },
    { "zürich", 1 },
    { "Zurich", 1 },
    { "nonesuch", 0 },
    { "endpoint zürich", 1 },
    { "zürich nonesuch", 0 },
    { "rg-3", 1 },
    { "tomas@contoso.example", 0 },
    { "priya raman", 13 },
    { "ferry boat", 1 },
    { "title:zürich", 0 },
    { "zürich OR cluster", 0 },
    { "\"", 0 },
    { "\"zürich", 1 },
    { "*", 0 },
    { "", 0 },
    { "zürich)", 1 },
    { "NEAR(", 0 },
    { "deny-public-7", 1 },
    { " 01930000-0000-7000-8000-000000000003\n", 1 },
    { "01930000-0000-7000-8000-00000000ffff", 0 },
  };
  g_autoptr (TestStore) store = new_store (N_CASES);
  g_autoptr (LwLedger) ledger = open_ledger (store, NULL);
  g_autoptr (History) history = history_new (600);

  history_submit (history, 600, "Endpoint in Zürich");
  history_comment (history, HISTORY_APPROVER, "Is this about the ferry boat?");
  put_history (store, history, 0, NULL);
  sync_news (ledger, LW_SYNC_NEW);
  for (gsize i = 0; i < G_N_ELEMENTS (searches); i++)
    {
      g_test_message ("%s", searches[i].text);
      g_assert_cmpuint (found (ledger, searches[i].text), ==, searches[i].n);
    }

  /* What is written later is found; what a new revision dropped is not. */
  history_submit (history, 600, "Endpoint in Basel");
  put_history (store, history, 2, "2027-01-02/12");
  sync_news (ledger, LW_SYNC_NEW);
  g_assert_cmpuint (found (ledger, "zürich"), ==, 0);
  g_assert_cmpuint (found (ledger, "basel"), ==, 1);
}

static void
pages_and_filters (gconstpointer data)
{
  g_autoptr (TestStore) store = new_store (N_CASES);
  g_autoptr (LwLedger) ledger = open_ledger (store, NULL);
  g_autoptr (History) history = history_new (600);
  g_autoptr (GHashTable) seen = g_hash_table_new (g_str_hash, g_str_equal);
  g_autoptr (GPtrArray) pages =
      g_ptr_array_new_with_free_func ((GDestroyNotify) lw_ledger_page_unref);
  gint64 last = G_MAXINT64;

  history_submit (history, 600, "Pending");
  put_history (store, history, 0, NULL);
  sync_news (ledger, LW_SYNC_NEW);
  for (guint offset = 0; offset < N_CASES + 1; offset += 5)
    {
      LwLedgerQuery query = { .offset = offset, .limit = 5 };
      LwLedgerPage *page = dex_await_boxed (lw_ledger_query (ledger, &query), NULL);

      g_assert_nonnull (page);
      g_ptr_array_add (pages, page);
      g_assert_cmpuint (page->total, ==, N_CASES + 1);
      for (guint i = 0; i < page->cases->len; i++)
        {
          LwCase *value = g_ptr_array_index (page->cases, i);
          gint64 changed = g_date_time_to_unix (value->changed);

          g_assert_true (g_hash_table_add (seen, value->request_id));
          g_assert_cmpint (changed, <=, last);
          last = changed;
        }
    }
  g_assert_cmpuint (g_hash_table_size (seen), ==, N_CASES + 1);

  {
    LwLedgerQuery pending = { .phases = 1 << LW_PHASE_PENDING };
    LwLedgerQuery mine = { .person = HISTORY_REQUESTER, .phases = 1 << LW_PHASE_APPLIED };
    LwLedgerQuery nobody = { .person = HISTORY_APPROVER };
    g_autoptr (LwLedgerPage) one = dex_await_boxed (lw_ledger_query (ledger, &pending), NULL);
    g_autoptr (LwLedgerPage) two = dex_await_boxed (lw_ledger_query (ledger, &mine), NULL);
    g_autoptr (LwLedgerPage) three = dex_await_boxed (lw_ledger_query (ledger, &nobody), NULL);

    g_assert_cmpuint (one->total, ==, 1);
    g_assert_cmpuint (two->total, ==, N_CASES);
    g_assert_cmpuint (three->total, ==, 0);
  }
}

/* --- any history -------------------------------------------------------------------------------- */

static void
random_step (History *history, guint number)
{
  switch (g_test_rand_int_range (0, 9))
    {
    case 0:
    case 1:
      history_submit (history, number, g_test_rand_bit () ? "One" : "Two");
      break;
    case 2:
      history_seal (history);
      break;
    case 3:
    case 4:
      if (history->digest)
        history_approve (history);
      break;
    case 5:
      if (history->digest)
        history_apply (history);
      break;
    default:
      history_comment (history, g_test_rand_bit () ? HISTORY_REQUESTER : HISTORY_APPROVER, "Words");
      break;
    }
}

/* Puts what is new of it, some of it without markers, some of it twice, some of it damaged. */
static void
random_put (TestStore *store, History *history, guint from)
{
  for (guint i = from; i < history->objects->len; i++)
    {
      HistoryObject *object = g_ptr_array_index (history->objects, i);
      gboolean damaged = g_test_rand_int_range (0, 60) == 0;

      if (g_tree_lookup (store->objects[object->shelf], object->name))
        continue;
      if (g_test_rand_int_range (0, 60) == 0)
        continue;
      if (damaged)
        test_store_set (store, object->shelf, object->name, "{\"version\":1,");
      else
        put (store, object->shelf, object->name, object->bytes);
      if (object->shelf == LW_SHELF_REQUESTS && g_test_rand_int_range (0, 5) > 0)
        mark (store, "2027-01-02/12", history->id, lw_record_seq_of (object->name));
    }
}

static void
any_history_is_as_cold (gconstpointer data)
{
  for (guint round = 0; round < rounds (15); round++)
    {
      char *dir = lw_temp_dir_new ();
      g_autoptr (TestStore) store = new_store (1);
      g_autoptr (LwLedger) ledger = open_ledger (store, dir);
      g_autoptr (GPtrArray) all = g_ptr_array_new_with_free_func ((GDestroyNotify) history_free);

      for (guint i = 0; i < 6; i++)
        g_ptr_array_add (all, history_new (800 + i));

      for (guint step = 0; step < 8; step++)
        {
          for (guint i = 0; i < all->len; i++)
            {
              History *history = g_ptr_array_index (all, i);
              guint from = history->objects->len;

              for (int n = g_test_rand_int_range (0, 4); n > 0; n--)
                if (history->digest || step < 2)
                  {
                    if (!history->digest)
                      history_submit (history, 800 + i, "Begin");
                    else
                      random_step (history, 800 + i);
                  }
              random_put (store, history, from);
            }
          if (g_test_rand_int_range (0, 4) == 0)
            {
              g_clear_object (&ledger);
              ledger = open_ledger (store, dir);
            }
          sync_news (ledger, LW_SYNC_NEW);
        }

      /* What the log does not name is found by a full listing at the latest. */
      sync_news (ledger, LW_SYNC_ALL);
      assert_as_cold (ledger, store);
      lw_temp_dir_free (dir);
    }
}

#define FIBER_TEST(func)                                                                           \
  static void test_##func (void) { lw_fiber_test_run (func, NULL); }

FIBER_TEST (nothing_new_reads_nothing)
FIBER_TEST (only_news_is_read)
FIBER_TEST (lists_all_once_a_day)
FIBER_TEST (clocks_may_differ)
FIBER_TEST (midnight_is_no_gap)
FIBER_TEST (markers_fill_gaps)
FIBER_TEST (wrong_markers)
FIBER_TEST (goes_on_where_it_was_cut_off)
FIBER_TEST (rewriting_is_reported)
FIBER_TEST (rewriting_shows_by_the_chain)
FIBER_TEST (removing_is_reported)
FIBER_TEST (rules_may_be_rewritten)
FIBER_TEST (emptied_ledger_is_not_believed)
FIBER_TEST (other_ledger_begins_anew)
FIBER_TEST (reads_without_the_storage)
FIBER_TEST (rules_and_hierarchy_refold)
FIBER_TEST (unchanged_cases_are_the_same)
FIBER_TEST (words_are_found)
FIBER_TEST (pages_and_filters)
FIBER_TEST (any_history_is_as_cold)

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  dex_init ();

  g_test_add_func ("/sync/nothing-new", test_nothing_new_reads_nothing);
  g_test_add_func ("/sync/only-news", test_only_news_is_read);
  g_test_add_func ("/sync/once-a-day", test_lists_all_once_a_day);
  g_test_add_func ("/sync/clocks", test_clocks_may_differ);
  g_test_add_func ("/sync/midnight", test_midnight_is_no_gap);
  g_test_add_func ("/sync/gaps", test_markers_fill_gaps);
  g_test_add_func ("/sync/wrong-markers", test_wrong_markers);
  g_test_add_func ("/sync/cut-off", test_goes_on_where_it_was_cut_off);
  g_test_add_func ("/sync/rewritten", test_rewriting_is_reported);
  g_test_add_func ("/sync/rewritten-chain", test_rewriting_shows_by_the_chain);
  g_test_add_func ("/sync/gone", test_removing_is_reported);
  g_test_add_func ("/sync/rules-rewritten", test_rules_may_be_rewritten);
  g_test_add_func ("/sync/emptied", test_emptied_ledger_is_not_believed);
  g_test_add_func ("/sync/other-ledger", test_other_ledger_begins_anew);
  g_test_add_func ("/sync/offline", test_reads_without_the_storage);
  g_test_add_func ("/sync/refold", test_rules_and_hierarchy_refold);
  g_test_add_func ("/sync/unchanged", test_unchanged_cases_are_the_same);
  g_test_add_func ("/sync/search", test_words_are_found);
  g_test_add_func ("/sync/pages", test_pages_and_filters);
  g_test_add_func ("/sync/random", test_any_history_is_as_cold);

  return g_test_run ();
}
