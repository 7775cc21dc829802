/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "lw-sync-test.h"

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

FIBER_TEST (rules_and_hierarchy_refold)
FIBER_TEST (unchanged_cases_are_the_same)
FIBER_TEST (words_are_found)
FIBER_TEST (pages_and_filters)

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  dex_init ();

  g_test_add_func ("/sync/refold", test_rules_and_hierarchy_refold);
  g_test_add_func ("/sync/unchanged", test_unchanged_cases_are_the_same);
  g_test_add_func ("/sync/search", test_words_are_found);
  g_test_add_func ("/sync/pages", test_pages_and_filters);

  return g_test_run ();
}
