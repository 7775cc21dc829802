/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "lw-outbox-button.h"
#include "lw-outbox-card.h"
#include "lw-outbox-dialog.h"
#include "lw-comment-dialog.h"
#include "lw-pages.h"
#include "lw-test.h"
#include "lw-ui-shot.h"
#include "lw-ui-tenant.h"

#include <glib/gstdio.h>

#define DANIEL "daniel@contoso.example"

/* What waits to be sent, in the window, on a folder that goes away and comes back. */

typedef struct
{
  LwTestTenant *tenant;
  char *folder; /* the ledger is in "share", or in "away" while it cannot be reached */
  LwSession *priya;
  LwSession *daniel;
  LwWorkspace *workspace;
  GtkWidget *window;
  GtkWidget *button;
  LwRequest *request;
} Fixture;

/* The folder takes the rules of the tenant's ledger, which name approvers. */
static void
make_ledger (Fixture *self)
{
  g_autoptr (LwSession) session = lw_ui_tenant_session (self->tenant, PRIYA);
  const char *url = lw_profile_get_ledger (lw_session_get_profile (session));
  g_autofree char *folder = g_build_filename (self->folder, "share", "ledger", NULL);
  g_autoptr (GError) error = NULL;
  g_autoptr (LwStore) from = lw_store_new_for_url (lw_session_get_client (session), url, &error);
  g_autoptr (LwStore) to = lw_folder_store_new (folder, &error);
  g_autoptr (GBytes) rules =
      lw_test_boxed (lw_store_get (from, LW_SHELF_RULES, "000001.json"), &error);

  g_assert_no_error (error);
  g_assert_true (
      lw_test_boolean (lw_store_put_new (to, LW_SHELF_RULES, "000001.json", rules), &error));
}

static LwSession *
session_new (Fixture *self, const char *upn)
{
  g_autofree char *ledger = g_build_filename (self->folder, "share", "ledger", NULL);
  g_autoptr (LwProfile) profile = lw_ui_tenant_profile (self->tenant, ledger);
  g_autoptr (GDateTime) now = lw_ui_test_now ();
  LwSession *session = lw_session_new (profile, lw_test_tenant_token (self->tenant, upn), now);
  g_autoptr (GError) error = NULL;

  g_assert_true (lw_test_boolean (lw_session_open (session), &error));
  g_assert_no_error (error);
  return session;
}

static void
cut (Fixture *self, gboolean gone)
{
  g_autofree char *share = g_build_filename (self->folder, "share", NULL);
  g_autofree char *away = g_build_filename (self->folder, "away", NULL);

  g_assert_cmpint (g_rename (gone ? share : away, gone ? away : share), ==, 0);
}

static void
set_up (Fixture *self, gconstpointer data)
{
  g_autofree char *share = NULL;
  g_autoptr (LwCase) value = NULL;

  lw_ui_shot_style ();
  self->tenant = lw_ui_tenant_new ();
  self->folder = g_dir_make_tmp ("leeway-share-XXXXXX", NULL);
  share = g_build_filename (self->folder, "share", NULL);
  g_mkdir (share, 0700);
  make_ledger (self);
  self->priya = session_new (self, PRIYA);
  self->daniel = session_new (self, DANIEL);
  self->workspace = lw_workspace_new (self->priya);
  self->button = g_object_new (LW_TYPE_OUTBOX_BUTTON, NULL);
  self->window = lw_ui_test_window (self->button, lw_ui_shot_width (760));
  gtk_window_set_default_size (GTK_WINDOW (self->window), lw_ui_shot_width (760), 640);
  lw_outbox_button_set_workspace (LW_OUTBOX_BUTTON (self->button), self->workspace);
  self->request = lw_ui_tenant_request ("Endpoint for the evaluation runs", NULL);
  value = lw_ui_tenant_case (lw_submit (self->priya, self->request));
  g_assert_cmpint (value->queued, ==, 0);
  lw_ui_tenant_refresh (self->workspace);
}

static void
remove_all (const char *path)
{
  g_autoptr (GDir) dir = g_dir_open (path, 0, NULL);
  const char *name;

  while (dir && (name = g_dir_read_name (dir)))
    {
      g_autofree char *child = g_build_filename (path, name, NULL);

      remove_all (child);
    }
  g_remove (path);
}

static void
tear_down (Fixture *self, gconstpointer data)
{
  gtk_window_destroy (GTK_WINDOW (self->window));
  lw_workspace_close (self->workspace);
  lw_ui_test_settle ();
  lw_request_free (self->request);
  g_object_unref (self->workspace);
  g_object_unref (self->priya);
  g_object_unref (self->daniel);
  lw_test_tenant_free (self->tenant);
  remove_all (self->folder);
  g_free (self->folder);
}

static LwSender *
sender_of (Fixture *self)
{
  return lw_session_get_sender (self->priya);
}

static void
must_queue (DexFuture *future)
{
  g_autoptr (LwCase) value = lw_ui_tenant_case (future);

  g_assert_cmpint (value->queued, >, 0);
}

static gboolean
has_two (gpointer sender)
{
  return lw_sender_get_items (sender)->len == 2;
}

static gboolean
has_one (gpointer sender)
{
  return lw_sender_get_items (sender)->len == 1;
}

static gboolean
has_none (gpointer sender)
{
  return lw_sender_get_items (sender)->len == 0;
}

static gboolean
has_conflict (gpointer sender)
{
  return lw_sender_count (sender, LW_OUTBOX_CONFLICT) == 1 &&
         lw_sender_count (sender, LW_OUTBOX_WAITING) == 0;
}

/* A comment and the next revision wait. */
static void
write_offline (Fixture *self)
{
  cut (self, TRUE);
  must_queue (lw_comment (self->priya, self->request->id, "I have asked the network team again."));
  g_set_str (&self->request->reason->blocker,
             "The nightly evaluation runs reach the account over its public endpoint, since the "
             "private one has no address in the build network before January.");
  must_queue (lw_submit (self->priya, self->request));
  lw_ui_test_wait (has_two, sender_of (self));
  lw_ui_test_settle ();
}

static GtkWidget *
open_dialog (Fixture *self)
{
  GtkWidget *inner = lw_ui_test_find (self->button, GTK_TYPE_BUTTON, NULL);
  AdwDialog *dialog;

  g_signal_emit_by_name (inner, "clicked");
  lw_ui_test_settle ();
  dialog = adw_window_get_visible_dialog (ADW_WINDOW (self->window));
  g_assert_true (LW_IS_OUTBOX_DIALOG (dialog));
  return GTK_WIDGET (dialog);
}

static void
click (GtkWidget *root, const char *label)
{
  GtkWidget *button = lw_ui_test_find (root, GTK_TYPE_BUTTON, label);

  g_assert_nonnull (button);
  g_assert_true (gtk_widget_is_sensitive (button));
  g_signal_emit_by_name (button, "clicked");
}

static gboolean
shows_withdrawn (gpointer dialog)
{
  return lw_ui_test_shows (dialog, "withdrew") || lw_ui_test_shows (dialog, "Reading…") == FALSE;
}

static gboolean
hidden (gpointer widget)
{
  return !gtk_widget_get_visible (widget);
}

static void
test_waiting (Fixture *self, gconstpointer data)
{
  GtkWidget *inner = lw_ui_test_find (self->button, GTK_TYPE_BUTTON, NULL);
  GtkWidget *dialog;
  GtkWidget *discard;

  g_assert_false (gtk_widget_get_visible (self->button));
  write_offline (self);
  g_assert_true (gtk_widget_get_visible (self->button));
  inner = lw_ui_test_find (self->button, GTK_TYPE_BUTTON, NULL);
  g_assert_true (lw_ui_test_shows (self->button, "2 waiting to be sent"));
  gtk_test_accessible_assert_property (inner, GTK_ACCESSIBLE_PROPERTY_LABEL,
                                       "2 entries wait to be sent.");

  dialog = open_dialog (self);
  g_assert_true (lw_ui_test_shows (dialog, "Comment on “Endpoint for the evaluation runs”"));
  g_assert_true (lw_ui_test_shows (dialog, "Submission on “Endpoint for the evaluation runs”"));
  g_assert_true (lw_ui_test_shows (dialog, "I have asked the network team again."));
  g_assert_true (lw_ui_test_shows (dialog, "connect it"));
  discard = lw_ui_test_find (lw_ui_test_find (dialog, LW_TYPE_OUTBOX_CARD, "Comment on"),
                             GTK_TYPE_BUTTON, "Discard");
  gtk_test_accessible_assert_property (discard, GTK_ACCESSIBLE_PROPERTY_LABEL,
                                       "Discard: Comment on “Endpoint for the evaluation runs”");
  lw_ui_shot (self->window, "outbox-waiting");

  /* With the ledger back, everything goes. */
  cut (self, FALSE);
  click (dialog, "Send Now");
  lw_ui_test_wait (has_none, sender_of (self));
  lw_ui_test_wait (hidden, self->button);
  g_assert_true (lw_ui_test_shows (dialog, "Nothing Waits"));
}

static void
test_conflict (Fixture *self, gconstpointer data)
{
  g_autoptr (LwCase) withdrawn = NULL;
  GtkWidget *dialog;

  write_offline (self);
  cut (self, FALSE);
  withdrawn = lw_ui_tenant_case (
      lw_withdraw (self->daniel, self->request->id, "The account is gone, nobody needs this."));
  dialog = open_dialog (self);
  click (dialog, "Send Now");
  lw_ui_test_wait (has_conflict, sender_of (self));
  lw_ui_test_settle ();
  lw_ui_test_wait (shows_withdrawn, dialog);
  g_assert_true (lw_ui_test_shows (dialog, "What you wrote"));
  g_assert_true (lw_ui_test_shows (dialog, "What happened meanwhile"));
  g_assert_true (lw_ui_test_shows (dialog, "The account is gone, nobody needs this."));
  g_assert_true (lw_ui_test_shows (dialog, "has withdrawn this request in the meantime"));
  g_assert_true (lw_ui_test_shows (dialog, "Needs you"));
  lw_ui_shot (self->window, "outbox-conflict");

  /* Discarded, and brought back. */
  click (dialog, "Discard");
  lw_ui_test_wait (has_none, sender_of (self));
  lw_ui_test_settle ();
  click (dialog, "Undo");
  lw_ui_test_wait (has_one, sender_of (self));
}

/* What waits can be edited: a submission as a draft, a text in its own dialog. */
static void
test_edit (Fixture *self, gconstpointer data)
{
  GListModel *drafts = lw_workspace_get_draft_items (self->workspace);
  GtkWidget *dialog;
  GtkWidget *card;
  AdwDialog *text;
  g_autoptr (LwDraftItem) draft = NULL;
  LwOutboxItem *item;

  write_offline (self);
  dialog = open_dialog (self);
  card = lw_ui_test_find (dialog, LW_TYPE_OUTBOX_CARD, "Submission on");
  click (card, "Edit…");
  lw_ui_test_wait (has_one, sender_of (self));
  lw_ui_test_settle ();
  g_assert_cmpuint (g_list_model_get_n_items (drafts), ==, 1);
  draft = g_list_model_get_item (drafts, 0);
  g_assert_cmpstr (lw_draft_item_get_request (draft)->id, ==, self->request->id);
  g_assert_nonnull (strstr (lw_draft_item_get_request (draft)->reason->blocker, "before January"));

  dialog = open_dialog (self);
  card = lw_ui_test_find (dialog, LW_TYPE_OUTBOX_CARD, "Comment on");
  click (card, "Edit…");
  lw_ui_test_settle ();
  text = adw_window_get_visible_dialog (ADW_WINDOW (self->window));
  g_assert_true (LW_IS_COMMENT_DIALOG (text));
  g_signal_emit_by_name (text, "send", "I have asked the network team twice.");
  lw_ui_test_wait (has_one, sender_of (self));
  lw_ui_test_settle ();
  for (guint i = 0; i < 200; i++)
    {
      item = g_ptr_array_index (lw_sender_get_items (sender_of (self)), 0);
      if (g_strcmp0 (lw_outbox_item_text (item), "I have asked the network team twice.") == 0)
        break;
      g_main_context_iteration (NULL, TRUE);
    }
  item = g_ptr_array_index (lw_sender_get_items (sender_of (self)), 0);
  g_assert_cmpstr (lw_outbox_item_text (item), ==, "I have asked the network team twice.");
  cut (self, FALSE);
}

/* The page of the request shows what waits for it. */
static void
test_case_page (Fixture *self, gconstpointer data)
{
  g_autoptr (LwCase) value = lw_ui_tenant_case (lw_load_case (self->priya, self->request->id));
  GtkWidget *page = GTK_WIDGET (lw_case_page_new (self->workspace, value));

  adw_window_set_content (ADW_WINDOW (self->window), page);
  lw_ui_test_settle ();
  g_assert_false (lw_ui_test_shows (page, "waiting to be sent"));
  write_offline (self);
  lw_ui_test_settle ();
  g_assert_true (lw_ui_test_shows (page, "Comment, waiting to be sent"));
  g_assert_true (lw_ui_test_shows (page, "Submission, waiting to be sent"));
  lw_ui_shot (self->window, "outbox-case");
  cut (self, FALSE);
}

int
main (int argc, char **argv)
{
  lw_ui_test_init (&argc, &argv);
  g_test_add ("/ui/outbox/waiting", Fixture, NULL, set_up, test_waiting, tear_down);
  g_test_add ("/ui/outbox/conflict", Fixture, NULL, set_up, test_conflict, tear_down);
  g_test_add ("/ui/outbox/edit", Fixture, NULL, set_up, test_edit, tear_down);
  g_test_add ("/ui/outbox/case-page", Fixture, NULL, set_up, test_case_page, tear_down);
  return g_test_run ();
}
