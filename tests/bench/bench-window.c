/* SPDX-License-Identifier: GPL-3.0-or-later */

/* What lists of a big ledger cost the window: how soon they are there, and for how long the main loop is not
 * free meanwhile. Nothing is asserted: the figures are of one run on one machine. LEEWAY_BENCH_REQUESTS sets
 * how many requests there are (10,000, each with five events and a seal). */

#include "lw-case-list.h"
#include "lw-history.h"
#include "lw-pages.h"
#include "lw-ui-test.h"

#include <stdlib.h>

static gint64 last_tick, longest_tick, started;

static gboolean
tick (gpointer data)
{
  gint64 now = g_get_monotonic_time ();

  longest_tick = MAX (longest_tick, now - last_tick);
  last_tick = now;
  return G_SOURCE_CONTINUE;
}

static void
start (void)
{
  longest_tick = 0;
  last_tick = started = g_get_monotonic_time ();
}

static void
report (const char *what)
{
  g_print ("%-46s %8.1f ms, main loop busy for at most %6.1f ms\n", what,
           (double) (g_get_monotonic_time () - started) / 1000, (double) longest_tick / 1000);
}

static DexFuture *
pass_on (DexFuture *future, gpointer data)
{
  return dex_ref (future);
}

/* However long it takes. (transfer full) */
static DexFuture *
settle (DexFuture *future)
{
  DexFuture *here = dex_future_finally (future, pass_on, NULL, NULL);

  while (dex_future_is_pending (here))
    g_main_context_iteration (NULL, TRUE);
  return here;
}

static void
sync_ledger (LwWorkspace *workspace)
{
  LwLedger *ledger = lw_session_get_ledger (lw_workspace_get_session (workspace));

  dex_unref (settle (lw_ledger_sync (ledger, LW_SYNC_ALL)));
}

static gboolean
is_idle (gpointer list)
{
  return !lw_case_list_is_busy (list);
}

static gboolean
is_read (gpointer item)
{
  return lw_case_item_get_case (item) != NULL;
}

static void
measure_whole (LwWorkspace *workspace)
{
  g_autoptr (DexFuture) all = NULL;
  const GValue *value;
  GPtrArray *cases;
  g_autoptr (GListStore) store = g_list_store_new (LW_TYPE_CASE_ITEM);

  start ();
  all =
      settle (lw_ledger_list_cases (lw_session_get_ledger (lw_workspace_get_session (workspace))));
  value = dex_future_get_value (all, NULL);
  cases = g_value_get_boxed (value);
  for (guint i = 0; i < cases->len; i++)
    {
      LwCase *one = g_ptr_array_index (cases, i);
      g_autoptr (LwCaseItem) item = lw_case_item_new (one->request_id, one);

      g_list_store_append (store, item);
    }
  tick (NULL);
  report ("all of them listed, as it was before");
}

static LwCaseList *
measure_list (LwWorkspace *workspace)
{
  const LwLedgerQuery everything = { .limit = 0 };
  g_autoptr (LwCaseItem) item = NULL;
  LwCaseList *list;

  start ();
  list = lw_case_list_new (workspace, &everything);
  lw_ui_test_wait (is_idle, list);
  report ("a list of them, how many there are");
  start ();
  for (guint i = 0; i < 200; i++)
    {
      g_clear_object (&item);
      item = g_list_model_get_item (G_LIST_MODEL (list), i);
    }
  lw_ui_test_wait (is_read, item);
  report ("what is in view of it");
  start ();
  g_signal_emit_by_name (workspace, "records-changed");
  lw_ui_test_wait (is_idle, list);
  report ("asked again, nothing new");
  return list;
}

static gboolean
shows (gpointer window)
{
  return lw_ui_test_shows (window, "Private endpoint for cluster");
}

static void
measure_page (LwWorkspace *workspace)
{
  AdwNavigationPage *page = lw_requests_page_new (workspace);
  GtkWidget *window = lw_ui_test_window (GTK_WIDGET (page), 1000);

  gtk_widget_activate_action (GTK_WIDGET (page), "requests.search", NULL);
  lw_ui_test_settle ();
  start ();
  gtk_editable_set_text (GTK_EDITABLE (lw_ui_test_find (window, GTK_TYPE_SEARCH_ENTRY, NULL)),
                         "endpoint");
  lw_ui_test_wait (shows, window);
  report ("all of them found by a word, drawn in a window");
  gtk_window_destroy (GTK_WINDOW (window));
}

int
main (int argc, char *argv[])
{
  const char *asked = g_getenv ("LEEWAY_BENCH_REQUESTS");
  guint requests = asked ? (guint) MAX (1, atoi (asked)) : 10000;
  g_autoptr (LwWorkspace) workspace = NULL;
  g_autoptr (LwCaseList) list = NULL;
  g_autoptr (GBytes) rules = history_rules ();
  const char *folder;

  lw_ui_test_init (&argc, &argv);
  workspace = lw_ui_test_workspace ();
  folder = lw_profile_get_ledger (lw_session_get_profile (lw_workspace_get_session (workspace)));
  history_write (folder, LW_SHELF_RULES, "000001.json", rules);
  for (guint i = 0; i < requests; i++)
    {
      g_autoptr (History) history = history_usual (i);

      history_write_all (folder, history);
    }
  g_print ("A window on a folder of %u requests with 5 events and a seal each\n", requests);
  g_timeout_add_full (G_PRIORITY_HIGH, 1, tick, NULL, NULL);
  start ();
  sync_ledger (workspace);
  report ("first sync");
  list = measure_list (workspace);
  measure_page (workspace);
  measure_whole (workspace);
  lw_workspace_close (workspace);
  lw_ui_test_settle ();
  return 0;
}
