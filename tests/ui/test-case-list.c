/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "lw-case-list.h"
#include "lw-history.h"
#include "lw-pages.h"
#include "lw-test.h"
#include "lw-ui-shot.h"
#include "lw-ui-test.h"

/* Lists of requests that are read as they come into view, and what becomes of them when somebody else writes
 * to the ledger. */

#define N 300

typedef struct
{
  LwWorkspace *workspace;
  const char *folder; /* of the ledger */
  LwCaseList *list;
} Fixture;

static void
write_request (Fixture *self, guint number, guint comments)
{
  g_autoptr (History) history = history_usual (number);

  for (guint i = 0; i < comments; i++)
    {
      history->at += 1000000; /* later than all others */
      history_comment (history, HISTORY_APPROVER, "And another thing.");
    }
  for (guint i = 0; i < history->objects->len; i++)
    {
      HistoryObject *object = g_ptr_array_index (history->objects, i);
      g_autofree char *path =
          g_build_filename (self->folder, lw_shelf_to_string (object->shelf), object->name, NULL);

      if (!g_file_test (path, G_FILE_TEST_EXISTS))
        history_write (self->folder, object->shelf, object->name, object->bytes);
    }
}

static void
read_ledger (Fixture *self)
{
  g_autoptr (GError) error = NULL;
  LwLedger *ledger = lw_session_get_ledger (lw_workspace_get_session (self->workspace));
  g_autoptr (DexFuture) sync = lw_ledger_sync (ledger, LW_SYNC_ALL);

  lw_test_settle (sync);
  dex_future_get_value (sync, &error);
  g_assert_no_error (error);
  g_signal_emit_by_name (self->workspace, "records-changed");
}

static gboolean
is_idle (gpointer data)
{
  Fixture *self = data;

  return !lw_case_list_is_busy (self->list);
}

static void
set_up (Fixture *self, gconstpointer data)
{
  const LwLedgerQuery everything = { .limit = 0 };
  g_autoptr (GBytes) rules = history_rules ();

  self->workspace = lw_ui_test_workspace ();
  self->folder =
      lw_profile_get_ledger (lw_session_get_profile (lw_workspace_get_session (self->workspace)));
  history_write (self->folder, LW_SHELF_RULES, "000001.json", rules);
  for (guint i = 0; i < N; i++)
    write_request (self, i, 0);
  self->list = lw_case_list_new (self->workspace, &everything);
  read_ledger (self);
  lw_ui_test_wait (is_idle, self);
  g_assert_cmpuint (g_list_model_get_n_items (G_LIST_MODEL (self->list)), ==, N);
}

static void
tear_down (Fixture *self, gconstpointer data)
{
  g_object_unref (self->list);
  lw_workspace_close (self->workspace);
  lw_ui_test_settle ();
  g_object_unref (self->workspace);
}

static LwCaseItem *
item_at (Fixture *self, guint position)
{
  return g_list_model_get_item (G_LIST_MODEL (self->list), position);
}

static gboolean
is_read (gpointer data)
{
  return lw_case_item_get_case (data) != NULL;
}

/* What nobody looks at is not read. */
static void
test_on_demand (Fixture *self, gconstpointer data)
{
  g_autoptr (LwCaseItem) first = item_at (self, 0);
  g_autoptr (LwCaseItem) again = NULL;
  g_autoptr (LwCaseItem) far_away = NULL;

  g_assert_null (lw_case_item_get_case (first));
  lw_ui_test_wait (is_read, first);
  /* The newest comes first. */
  g_assert_cmpstr (lw_case_item_get_case (first)->content->title, ==,
                   "Private endpoint for cluster 299");
  again = item_at (self, 0);
  g_assert_true (again == first);
  far_away = item_at (self, 250);
  g_assert_null (
      lw_workspace_find_case (self->workspace, lw_case_item_get_request_id (far_away), 0, NULL));
  lw_ui_test_wait (is_read, far_away);
}

typedef struct
{
  Fixture *fixture;
  LwCaseItem *item;
  guint events;
} Grown;

static gboolean
has_grown (gpointer data)
{
  const Grown *grown = data;
  g_autoptr (LwCaseItem) first = item_at (grown->fixture, 0);

  return first == grown->item && lw_case_item_get_case (grown->item)->events->len == grown->events;
}

static void
count_change (GListModel *model, guint position, guint removed, guint added, guint *rows)
{
  *rows = MAX (*rows, MAX (removed, added));
}

/* Somebody writes a comment: the same item moves to the top and says more; another one's request appears and
 * moves the others on by one. */
static void
test_live (Fixture *self, gconstpointer data)
{
  g_autoptr (LwCaseItem) item = item_at (self, 5);
  g_autoptr (LwCaseItem) tenth = item_at (self, 10);
  g_autoptr (LwCaseItem) moved = NULL;
  Grown grown = { self, item, 6 };
  guint rows = 0;

  lw_ui_test_wait (is_read, item);
  g_signal_connect (self->list, "items-changed", G_CALLBACK (count_change), &rows);
  write_request (self, N - 1 - 5, 1);
  read_ledger (self);
  lw_ui_test_wait (has_grown, &grown);
  /* Only what lies between the two places was moved. */
  g_assert_cmpuint (rows, ==, 6);
  moved = item_at (self, 10);
  g_assert_true (moved == tenth);

  write_request (self, N, 0);
  read_ledger (self);
  lw_ui_test_wait (is_idle, self);
  g_clear_object (&moved);
  moved = item_at (self, 11);
  g_assert_true (moved == tenth);
}

/* Nothing new: nothing moves. */
static void
test_quiet (Fixture *self, gconstpointer data)
{
  guint rows = 0;

  g_signal_connect (self->list, "items-changed", G_CALLBACK (count_change), &rows);
  read_ledger (self);
  lw_ui_test_wait (is_idle, self);
  g_assert_cmpuint (rows, ==, 0);
}

static void
test_words (Fixture *self, gconstpointer data)
{
  g_autoptr (LwCaseItem) item = NULL;

  lw_case_list_set_text (self->list, "cluster 77");
  lw_ui_test_wait (is_idle, self);
  /* What has it in its title comes before what lies in resource group 77. */
  g_assert_cmpuint (g_list_model_get_n_items (G_LIST_MODEL (self->list)), ==, 2);
  item = item_at (self, 0);
  lw_ui_test_wait (is_read, item);
  g_assert_cmpstr (lw_case_item_get_case (item)->content->title, ==,
                   "Private endpoint for cluster 77");
  lw_case_list_set_text (self->list, "nowhere");
  lw_ui_test_wait (is_idle, self);
  g_assert_cmpuint (g_list_model_get_n_items (G_LIST_MODEL (self->list)), ==, 0);
  lw_case_list_set_text (self->list, NULL);
  g_assert_cmpuint (g_list_model_get_n_items (G_LIST_MODEL (self->list)), ==, 0);
}

typedef struct
{
  GtkWidget *root;
  const char *text;
} Sight;

static gboolean
sees (gpointer data)
{
  const Sight *sight = data;

  return lw_ui_test_shows (sight->root, sight->text);
}

/* The page finds what is anybody's, and says what is wrong with the ledger until it was read. */
static void
test_page (Fixture *self, gconstpointer data)
{
  AdwNavigationPage *page;
  GtkWidget *window, *entry;
  Sight sight = { NULL, "Private endpoint for cluster 123" };
  AdwDialog *dialog;

  g_autofree char *stray = g_build_filename (self->folder, "requests", "note.txt", NULL);

  g_assert_true (g_file_set_contents (stray, "x", -1, NULL));
  read_ledger (self);
  page = lw_requests_page_new (self->workspace);
  window = lw_ui_test_window (GTK_WIDGET (page), lw_ui_shot_width (760));
  sight.root = window;
  g_assert_true (gtk_widget_activate_action (GTK_WIDGET (page), "requests.search", NULL));
  entry = lw_ui_test_find (window, GTK_TYPE_SEARCH_ENTRY, NULL);
  g_assert_nonnull (entry);
  gtk_editable_set_text (GTK_EDITABLE (entry), "cluster 123");
  lw_ui_test_wait (sees, &sight);
  sight.text = "Found Among All Requests";
  lw_ui_test_wait (sees, &sight);
  sight.text = "note.txt";
  lw_ui_test_wait (sees, &sight);
  lw_ui_shot (window, "requests-found");
  g_signal_emit_by_name (lw_ui_test_find (window, ADW_TYPE_BANNER, "note.txt"), "button-clicked");
  dialog = adw_window_get_visible_dialog (ADW_WINDOW (window));
  g_assert_true (ADW_IS_ALERT_DIALOG (dialog));
  lw_ui_shot (window, "ledger-details");
  g_signal_emit_by_name (dialog, "response", "close");
  adw_dialog_force_close (dialog);
  g_assert_false (
      adw_banner_get_revealed (ADW_BANNER (lw_ui_test_find (window, ADW_TYPE_BANNER, "note.txt"))));
  gtk_editable_set_text (GTK_EDITABLE (entry), "nowhere");
  sight.text = "No Requests Found";
  lw_ui_test_wait (sees, &sight);
  gtk_window_destroy (GTK_WINDOW (window));
}

static void
count_due (LwWatcher *watcher, guint *due)
{
  (*due)++;
}

static gboolean
is_due (gpointer data)
{
  return *(guint *) data > 0;
}

/* The less there is to see, and to be seen, the longer it waits; a marker in the folder ends the wait. */
static void
test_watcher (void)
{
  g_autofree char *folder = g_dir_make_tmp ("leeway-XXXXXX", NULL);
  g_autofree char *log = g_build_filename (folder, "log", NULL);
  g_autofree char *marker = g_build_filename (log, "marker", NULL);
  g_autoptr (LwWatcher) blob = lw_watcher_new ("https://contoso.blob.example/leeway");
  g_autoptr (LwWatcher) local = lw_watcher_new (folder);
  guint due = 0, seen, used;

  lw_watcher_set_attention (blob, LW_ATTENTION_SEEN);
  seen = lw_watcher_get_interval (blob);
  lw_watcher_set_attention (blob, LW_ATTENTION_USED);
  used = lw_watcher_get_interval (blob);
  g_assert_cmpuint (used, <, seen);
  g_assert_cmpuint (seen, <=, 5000);
  for (guint i = 0; i < 100; i++)
    lw_watcher_synced (blob, FALSE, FALSE);
  g_assert_cmpuint (lw_watcher_get_interval (blob), >, used);
  g_assert_cmpuint (lw_watcher_get_interval (blob), <=, 30000);
  lw_watcher_synced (blob, TRUE, FALSE);
  g_assert_cmpuint (lw_watcher_get_interval (blob), ==, used);
  lw_watcher_set_attention (blob, LW_ATTENTION_HIDDEN);
  g_assert_cmpuint (lw_watcher_get_interval (blob), >=, 60000);
  lw_watcher_set_attention (blob, LW_ATTENTION_NONE);
  g_assert_cmpuint (lw_watcher_get_interval (blob), ==, 0);

  g_assert_cmpint (g_mkdir_with_parents (log, 0755), ==, 0);
  lw_watcher_set_attention (local, LW_ATTENTION_HIDDEN);
  lw_watcher_synced (local, TRUE, FALSE);
  g_signal_connect (local, "due", G_CALLBACK (count_due), &due);
  lw_ui_test_settle ();
  g_assert_cmpuint (due, ==, 0);
  g_assert_true (g_file_set_contents (marker, "", 0, NULL));
  lw_ui_test_wait (is_due, &due);
}

int
main (int argc, char *argv[])
{
  lw_ui_test_init (&argc, &argv);
#define ADD(path, test) g_test_add ("/case-list/" path, Fixture, NULL, set_up, test, tear_down)
  ADD ("on-demand", test_on_demand);
  ADD ("live", test_live);
  ADD ("quiet", test_quiet);
  ADD ("words", test_words);
  ADD ("page", test_page);
  g_test_add_func ("/case-list/watcher", test_watcher);
  return g_test_run ();
}
