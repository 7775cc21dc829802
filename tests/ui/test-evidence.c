/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "lw-attach.h"
#include "lw-case-talk.h"
#include "lw-comment-dialog.h"
#include "lw-evidence-list.h"
#include "lw-evidence-row.h"
#include "lw-form-page.h"
#include "lw-pages.h"
#include "lw-ui-shot.h"
#include "lw-test.h"
#include "lw-ui-tenant.h"

#include <glib/gstdio.h>

/* Files as evidence, in the window, against the simulated tenant. */

typedef struct
{
  LwTestTenant *tenant;
  LwSession *priya;
  LwWorkspace *workspace;
  GtkWidget *overlay;
  GtkWidget *window;
  char *folder;
} Fixture;

static void
set_up (Fixture *self, gconstpointer data)
{
  lw_ui_shot_style ();
  self->tenant = lw_ui_tenant_new ();
  self->priya = lw_ui_tenant_session (self->tenant, PRIYA);
  self->workspace = lw_workspace_new (self->priya);
  self->overlay = adw_toast_overlay_new ();
  self->window = lw_ui_test_window (self->overlay, lw_ui_shot_width (760));
  self->folder = g_dir_make_tmp ("leeway-files-XXXXXX", NULL);
}

static void
tear_down (Fixture *self, gconstpointer data)
{
  gtk_window_destroy (GTK_WINDOW (self->window));
  lw_workspace_close (self->workspace);
  lw_ui_test_settle ();
  g_object_unref (self->workspace);
  g_object_unref (self->priya);
  lw_test_tenant_free (self->tenant);
  g_free (self->folder);
}

static GFile *
file_new (Fixture *self, const char *name, const char *content)
{
  g_autofree char *path = g_build_filename (self->folder, name, NULL);
  g_autoptr (GError) error = NULL;

  g_file_set_contents (path, content, -1, &error);
  g_assert_no_error (error);
  return g_file_new_for_path (path);
}

static void
show (Fixture *self, GtkWidget *child)
{
  adw_toast_overlay_set_child (ADW_TOAST_OVERLAY (self->overlay), child);
  lw_ui_test_settle ();
}

/* What it resolved to; %NULL with an error. */
static gpointer
object_of (DexFuture *future, GError **error)
{
  g_autoptr (DexFuture) settled = lw_test_settle (future);
  const GValue *value = dex_future_get_value (settled, error);

  return value ? g_value_dup_object (value) : NULL;
}

static gboolean
is_idle (gpointer list)
{
  return !lw_evidence_list_is_busy (list);
}

static void
add (Fixture *self, GtkWidget *list, const char *name, const char *content)
{
  g_autoptr (GFile) file = file_new (self, name, content);

  lw_evidence_list_add (LW_EVIDENCE_LIST (list), file);
  g_assert_true (lw_evidence_list_is_busy (LW_EVIDENCE_LIST (list)));
  lw_ui_test_wait (is_idle, list);
}

static void
count (GtkWidget *list, gpointer data)
{
  ++*(guint *) data;
}

static void
test_list (Fixture *self, gconstpointer data)
{
  GtkWidget *list = lw_evidence_list_new (self->workspace, NULL, "Files");
  GPtrArray *files = lw_evidence_list_get_files (LW_EVIDENCE_LIST (list));
  GtkWidget *row;
  guint changes = 0;

  show (self, list);
  g_signal_connect (list, "changed", G_CALLBACK (count), &changes);
  add (self, list, "scan.txt", "What the scanner found");
  g_assert_cmpuint (files->len, ==, 1);
  g_assert_cmpuint (changes, ==, 1);
  g_assert_true (lw_ui_test_shows (list, "scan.txt"));

  add (self, list, "copy.txt", "What the scanner found");
  g_assert_cmpuint (files->len, ==, 1);
  g_assert_true (lw_ui_test_shows (list, "attached already"));
  add (self, list, "empty.txt", "");
  g_assert_true (lw_ui_test_shows (list, "is empty"));
  add (self, list, "second.pdf", "%PDF-1.7");
  g_assert_cmpuint (files->len, ==, 2);
  g_assert_false (lw_ui_test_shows (list, "is empty"));

  gtk_test_accessible_assert_property (list, GTK_ACCESSIBLE_PROPERTY_LABEL, "Files");
  row = lw_ui_test_find (list, LW_TYPE_EVIDENCE_ROW, "second.pdf");
  g_assert_nonnull (row);
  g_signal_emit_by_name (row, "removed");
  g_assert_cmpuint (files->len, ==, 1);
  g_assert_cmpuint (changes, ==, 3);
  g_assert_null (lw_ui_test_find (list, LW_TYPE_EVIDENCE_ROW, "second.pdf"));
}

/* Nothing of a draft leaves this machine before it is submitted. */
static void
test_draft (Fixture *self, gconstpointer data)
{
  g_autoptr (LwRequest) request = lw_ui_tenant_request ("With a file", NULL);
  LwControl *control = g_ptr_array_index (request->controls, 0);
  GtkWidget *list = lw_evidence_list_new (self->workspace, request->id, "Files");
  LwLedger *ledger = lw_session_get_ledger (self->priya);
  g_autofree char *kept = NULL;
  g_autoptr (GError) error = NULL;
  g_autoptr (LwCase) value = NULL;
  g_autoptr (GBytes) bytes = NULL;
  const LwEvidence *file;

  show (self, list);
  add (self, list, "plan.txt", "Only after it is submitted");
  file = g_ptr_array_index (lw_evidence_list_get_files (LW_EVIDENCE_LIST (list)), 0);
  kept = g_build_filename (g_get_user_data_dir (), "leeway", "evidence", request->id, file->sha256,
                           NULL);
  g_assert_true (g_file_test (kept, G_FILE_TEST_IS_REGULAR));
  g_assert_null (lw_test_boxed (lw_ledger_get_evidence (ledger, file->sha256), &error));
  g_assert_error (error, LW_LEDGER_ERROR, LW_LEDGER_ERROR_NOT_FOUND);
  g_clear_error (&error);

  g_ptr_array_add (control->evidence, lw_evidence_copy (file));
  value = lw_ui_tenant_case (lw_submit (self->priya, request));
  bytes = lw_test_boxed (lw_ledger_get_evidence (ledger, file->sha256), &error);
  g_assert_no_error (error);
  g_assert_cmpuint (g_bytes_get_size (bytes), ==, 26);
  lw_evidence_forget_draft (request->id);
  g_assert_false (g_file_test (kept, G_FILE_TEST_EXISTS));
}

/* What is opened is a read-only copy in a private folder, and goes away. */
static void
test_copy (Fixture *self, gconstpointer data)
{
  g_autoptr (GFile) source = file_new (self, "report.txt", "to be opened");
  g_autoptr (GFile) harmful = file_new (self, "report.pdf.desktop", "[Desktop Entry]");
  g_autoptr (GError) error = NULL;
  g_autoptr (LwEvidence) evidence =
      lw_test_boxed (lw_attach_evidence (self->priya, source), &error);
  g_autoptr (LwEvidence) program =
      lw_test_boxed (lw_attach_evidence (self->priya, harmful), &error);
  g_autoptr (GFile) copy = NULL;
  g_autoptr (GFile) folder = NULL;
  g_autoptr (GFile) none = NULL;
  GStatBuf info;

  g_assert_no_error (error);
  copy = object_of (lw_copy_evidence (self->priya, NULL, evidence), &error);
  g_assert_no_error (error);
  g_assert_cmpint (g_stat (g_file_peek_path (copy), &info), ==, 0);
  g_assert_cmpuint (info.st_mode & 0777, ==, 0400);
  folder = g_file_get_parent (copy);
  g_assert_cmpint (g_stat (g_file_peek_path (folder), &info), ==, 0);
  g_assert_cmpuint (info.st_mode & 0777, ==, 0700);

  none = object_of (lw_copy_evidence (self->priya, NULL, program), &error);
  g_assert_null (none);
  g_assert_error (error, LW_LEDGER_ERROR, LW_LEDGER_ERROR_REFUSED);

  lw_evidence_remove_copies (3600);
  g_assert_true (g_file_query_exists (copy, NULL));
  lw_evidence_remove_copies (0);
  g_assert_false (g_file_query_exists (folder, NULL));
}

static gboolean
has_comment (gpointer data)
{
  Fixture *self = data;

  return lw_ui_test_shows (self->window, "See the log");
}

static void
test_comment (Fixture *self, gconstpointer data)
{
  g_autoptr (LwRequest) request = lw_ui_tenant_request ("To be talked about", NULL);
  g_autoptr (LwCase) value = lw_ui_tenant_case (lw_submit (self->priya, request));
  AdwNavigationPage *page;
  GtkWidget *dialog, *list;

  lw_ui_tenant_refresh (self->workspace);
  page = lw_case_page_new (self->workspace, value);
  show (self, GTK_WIDGET (page));
  /* she checks none of the controls */
  g_assert_false (lw_case_talk_may_check (self->workspace, value));
  g_assert_false (lw_ui_test_shows (self->window, "Record a Check"));

  lw_case_talk_comment (GTK_WIDGET (page), self->workspace, value);
  lw_ui_test_settle ();
  dialog = lw_ui_test_find (self->window, LW_TYPE_COMMENT_DIALOG, NULL);
  g_assert_nonnull (dialog);
  list = lw_ui_test_find (dialog, LW_TYPE_EVIDENCE_LIST, NULL);
  g_assert_nonnull (list);
  add (self, list, "check.log", "403 from outside");
  lw_ui_shot (self->window, "comment");
  g_signal_emit_by_name (dialog, "send", "See the log");
  lw_ui_test_wait (has_comment, self);
  g_assert_nonnull (lw_ui_test_find (GTK_WIDGET (page), LW_TYPE_EVIDENCE_ROW, "check.log"));
  gtk_widget_child_focus (lw_ui_test_find (GTK_WIDGET (page), LW_TYPE_EVIDENCE_ROW, "check.log"),
                          GTK_DIR_TAB_FORWARD);
  lw_ui_shot (self->window, "history");
}

static void
test_form (Fixture *self, gconstpointer data)
{
  g_autoptr (LwRequest) request = lw_ui_tenant_request ("In the form", NULL);
  AdwNavigationPage *page;
  GtkWidget *list;

  lw_ui_tenant_refresh (self->workspace);
  page = lw_form_page_new (self->workspace, request);
  show (self, GTK_WIDGET (page));
  lw_form_page_show (LW_FORM_PAGE (page), 4, "controls[0].nextCheck");
  lw_ui_test_settle ();
  list = lw_ui_test_find (self->window, LW_TYPE_EVIDENCE_LIST, NULL);
  g_assert_nonnull (list);
  add (self, list, "A rather long name of a file that nobody can read in one go.txt", "403");
  gtk_widget_child_focus (list, GTK_DIR_TAB_FORWARD);
  lw_ui_shot (self->window, "form");
}

#define ADD(path, func) g_test_add (path, Fixture, NULL, set_up, func, tear_down)

int
main (int argc, char **argv)
{
  lw_ui_test_init (&argc, &argv);
  ADD ("/evidence/list", test_list);
  ADD ("/evidence/draft", test_draft);
  ADD ("/evidence/copy", test_copy);
  ADD ("/evidence/comment", test_comment);
  ADD ("/evidence/form", test_form);
  return g_test_run ();
}
