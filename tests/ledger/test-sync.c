/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "lw-sync-test.h"

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
assert_counts (LwLedger *ledger,
               guint new_events,
               guint new_requests,
               guint updated,
               guint events,
               guint requests,
               guint flagged)
{
  const LwSyncCounts *counts = lw_ledger_get_sync_counts (ledger);

  g_assert_cmpuint (counts->new_events, ==, new_events);
  g_assert_cmpuint (counts->new_requests, ==, new_requests);
  g_assert_cmpuint (counts->updated_requests, ==, updated);
  g_assert_cmpuint (counts->events, ==, events);
  g_assert_cmpuint (counts->requests, ==, requests);
  g_assert_cmpuint (counts->flagged, ==, flagged);
}

static void
only_news_is_read (gconstpointer data)
{
  g_autoptr (TestStore) store = new_store (N_CASES);
  g_autoptr (LwLedger) ledger = open_ledger (store, NULL);
  g_autoptr (History) history = history_new (500);
  g_autoptr (GPtrArray) cases = NULL;

  g_assert_cmpuint (sync_news (ledger, LW_SYNC_NEW), ==, N_CASES * 6);
  assert_counts (ledger, N_CASES * 5, N_CASES, 0, N_CASES * 5, N_CASES, 0);
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
  assert_counts (ledger, 1, 0, 1, N_CASES * 5 + 2, N_CASES + 1, 0);
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

FIBER_TEST (nothing_new_reads_nothing)
FIBER_TEST (only_news_is_read)
FIBER_TEST (lists_all_once_a_day)
FIBER_TEST (clocks_may_differ)
FIBER_TEST (midnight_is_no_gap)
FIBER_TEST (markers_fill_gaps)
FIBER_TEST (wrong_markers)
FIBER_TEST (goes_on_where_it_was_cut_off)
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
  g_test_add_func ("/sync/random", test_any_history_is_as_cold);

  return g_test_run ();
}
