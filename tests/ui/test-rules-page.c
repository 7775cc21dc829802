/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "lw-json.h"
#include "lw-pages.h"
#include "lw-rules-form.h"
#include "lw-test.h"
#include "lw-text-row.h"
#include "lw-ui-shot.h"
#include "lw-ui-tenant.h"

/* The rules in the window, against the simulated tenant. */

typedef struct
{
  LwTestTenant *tenant;
  LwSession *session;
  LwWorkspace *workspace;
  GtkWidget *page;
  GtkWidget *window;
} Fixture;

static gboolean
is_read (gpointer data)
{
  Fixture *self = data;

  return lw_ui_test_shows (self->window, "Longest Waiver");
}

static void
show_page (Fixture *self)
{
  GtkWidget *overlay = adw_toast_overlay_new ();

  lw_ui_shot_style ();
  self->workspace = lw_workspace_new (self->session);
  self->page = GTK_WIDGET (lw_rules_page_new (self->workspace));
  adw_toast_overlay_set_child (ADW_TOAST_OVERLAY (overlay), self->page);
  self->window = lw_ui_test_window (overlay, lw_ui_shot_width (760));
  lw_ui_test_wait (is_read, self);
}

static void
set_up (Fixture *self, gconstpointer upn)
{
  self->tenant = lw_ui_tenant_new ();
  self->session = lw_ui_tenant_session (self->tenant, upn);
  show_page (self);
}

static void
tear_down (Fixture *self, gconstpointer data)
{
  gtk_window_destroy (GTK_WINDOW (self->window));
  lw_workspace_close (self->workspace);
  lw_ui_test_settle ();
  g_object_unref (self->workspace);
  g_object_unref (self->session);
  lw_test_tenant_free (self->tenant);
}

static gboolean
sees_button (GtkWidget *root, const char *label)
{
  GtkWidget *button = lw_ui_test_find (root, GTK_TYPE_BUTTON, label);

  return button != NULL && gtk_widget_get_child_visible (button);
}

static void
click (GtkWidget *root, const char *label)
{
  GtkWidget *button = lw_ui_test_find (root, GTK_TYPE_BUTTON, label);

  g_assert_nonnull (button);
  g_signal_emit_by_name (button, "clicked");
  lw_ui_test_settle ();
}

static AdwDialog *
dialog_of (Fixture *self)
{
  return ADW_DIALOG (lw_ui_test_find (self->window, ADW_TYPE_ALERT_DIALOG, NULL));
}

static gboolean
has_dialog (gpointer data)
{
  return dialog_of (data) != NULL;
}

/* The row of that title. */
static GtkWidget *
row_of (Fixture *self, GType type, const char *title)
{
  GtkWidget *row = lw_ui_test_find (self->page, type, title);

  g_assert_nonnull (row);
  return row;
}

static GtkWidget *
spin_of (Fixture *self, const char *title)
{
  GtkWidget *row = row_of (self, ADW_TYPE_ACTION_ROW, title);
  GtkWidget *spin = lw_ui_test_find (row, GTK_TYPE_SPIN_BUTTON, NULL);

  g_assert_nonnull (spin);
  gtk_test_accessible_assert_role (spin, GTK_ACCESSIBLE_ROLE_SPIN_BUTTON);
  gtk_test_accessible_assert_property (spin, GTK_ACCESSIBLE_PROPERTY_LABEL, title);
  return spin;
}

static void
test_reader (Fixture *self, gconstpointer data)
{
  lw_ui_shot (self->window, "rules-reader");
  g_assert_null (lw_ui_test_find (self->page, GTK_TYPE_SPIN_BUTTON, NULL));
  g_assert_null (lw_ui_test_find (self->page, ADW_TYPE_SWITCH_ROW, NULL));
  g_assert_null (lw_ui_test_find (self->page, ADW_TYPE_BUTTON_ROW, NULL));
  g_assert_true (lw_ui_test_shows (self->page, "Only an administrator"));
  g_assert_true (lw_ui_test_shows (self->page, "Tomás Herrera, Ingrid Solberg"));
  g_assert_true (lw_ui_test_shows (self->page, "180 days"));
  g_assert_true (lw_ui_test_shows (self->page, "History"));
  g_assert_false (sees_button (self->page, "Review and Save"));
}

static gboolean
is_saved (gpointer data)
{
  Fixture *self = data;

  return lw_ledger_get_rules_last_seq (lw_session_get_ledger (self->session)) >= 2 &&
         lw_ui_test_shows (self->window, "Rules saved");
}

static void
test_change (Fixture *self, gconstpointer data)
{
  GtkWidget *row = spin_of (self, "Renewals");
  AdwDialog *dialog;

  lw_ui_shot (self->window, "rules-editor");
  gtk_spin_button_set_value (GTK_SPIN_BUTTON (row), 1);
  lw_ui_test_settle ();
  g_assert_true (lw_ui_test_shows (self->page, "1 change"));
  adw_switch_row_set_active (
      ADW_SWITCH_ROW (row_of (self, ADW_TYPE_SWITCH_ROW, "The owner may be among")), TRUE);
  g_assert_true (lw_ui_test_shows (self->page, "2 changes"));

  click (self->page, "Review and Save…");
  lw_ui_test_wait (has_dialog, self);
  dialog = dialog_of (self);
  g_assert_true (lw_ui_test_shows (GTK_WIDGET (dialog), "Most renewals: 3, now 1"));
  g_assert_true (lw_ui_test_shows (GTK_WIDGET (dialog), "The owner of a request may now"));
  lw_ui_shot (self->window, "rules-save");
  click (GTK_WIDGET (dialog), "Save");
  lw_ui_test_wait (is_saved, self);
  g_assert_cmpuint (lw_rules_max_renewals (lw_session_get_rules (self->session)), ==, 1);
  g_assert_true (lw_ui_test_shows (self->page, "2. Ingrid Solberg"));
}

/* Back to what was in force is no change. */
static void
test_discard (Fixture *self, gconstpointer data)
{
  GtkWidget *row = spin_of (self, "Renewals");

  gtk_spin_button_set_value (GTK_SPIN_BUTTON (row), 9);
  g_assert_true (lw_ui_test_shows (self->page, "1 change"));
  gtk_spin_button_set_value (GTK_SPIN_BUTTON (row), 3);
  g_assert_false (lw_ui_test_shows (self->page, "1 change"));
  gtk_spin_button_set_value (GTK_SPIN_BUTTON (row), 9);
  click (self->page, "Discard");
  row = spin_of (self, "Renewals");
  g_assert_cmpfloat (gtk_spin_button_get_value (GTK_SPIN_BUTTON (row)), ==, 3);
}

static void
test_invalid (Fixture *self, gconstpointer data)
{
  GtkWidget *row = row_of (self, ADW_TYPE_ENTRY_ROW, "Reminders");
  GtkWidget *save;

  gtk_editable_set_text (GTK_EDITABLE (row), "30, soon");
  lw_ui_test_settle ();
  save = lw_ui_test_find (self->page, GTK_TYPE_BUTTON, "Review and Save…");
  g_assert_nonnull (save);
  g_assert_false (gtk_widget_get_sensitive (save));
  g_assert_true (lw_ui_test_shows (self->page, "from 0 to 365"));
  gtk_editable_set_text (GTK_EDITABLE (row), "30, 14");
  g_assert_true (gtk_widget_get_sensitive (save));
}

/* A blocker is said and cannot be saved. */
static void
test_blocked (Fixture *self, gconstpointer data)
{
  GtkWidget *group =
      lw_ui_test_find (self->page, ADW_TYPE_PREFERENCES_GROUP, "They alone may change");
  GtkWidget *row, *remove;
  AdwDialog *dialog;

  g_assert_nonnull (group);
  row = lw_ui_test_find (group, ADW_TYPE_ACTION_ROW, "ingrid@contoso.example");
  g_assert_nonnull (row);
  remove = lw_ui_test_find (row, GTK_TYPE_BUTTON, NULL);
  g_assert_nonnull (remove);
  g_signal_emit_by_name (remove, "clicked");
  lw_ui_test_settle ();
  click (self->page, "Review and Save…");
  lw_ui_test_wait (has_dialog, self);
  dialog = dialog_of (self);
  lw_ui_shot (self->window, "rules-blocked");
  g_assert_true (lw_ui_test_shows (GTK_WIDGET (dialog), "Name at least one administrator"));
  g_assert_null (lw_ui_test_find (GTK_WIDGET (dialog), GTK_TYPE_BUTTON, "Save"));
}

/* What somebody else does, at the same desk or another. */
static void
change_elsewhere (Fixture *self)
{
  g_autoptr (LwSession) other = lw_ui_tenant_session (self->tenant, INGRID);
  LwLedger *ledger = lw_session_get_ledger (other);
  g_autoptr (JsonNode) node = lw_rules_to_json (lw_ledger_get_rules (ledger));
  g_autoptr (LwRules) rules = NULL;
  g_autoptr (LwRules) saved = NULL;
  g_autoptr (GError) error = NULL;

  json_object_set_int_member (json_node_get_object (node), "pendingDays", 10);
  rules = lw_rules_from_json (node, &error);
  g_assert_no_error (error);
  saved =
      lw_test_boxed (lw_set_rules (other, lw_ledger_get_rules_last_seq (ledger), rules), &error);
  g_assert_no_error (error);
}

static gboolean
has_conflict (gpointer data)
{
  Fixture *self = data;
  AdwDialog *dialog = dialog_of (self);

  return dialog != NULL && lw_ui_test_shows (GTK_WIDGET (dialog), "Their Changes");
}

static void
test_conflict (Fixture *self, gconstpointer data)
{
  GtkWidget *row = spin_of (self, "Renewals");
  AdwDialog *dialog;

  gtk_spin_button_set_value (GTK_SPIN_BUTTON (row), 7);
  change_elsewhere (self);
  click (self->page, "Review and Save…");
  lw_ui_test_wait (has_dialog, self);
  click (GTK_WIDGET (dialog_of (self)), "Save");
  lw_ui_test_wait (has_conflict, self);
  dialog = dialog_of (self);
  g_assert_true (lw_ui_test_shows (GTK_WIDGET (dialog), "Ingrid Solberg was faster"));
  g_assert_true (
      lw_ui_test_shows (GTK_WIDGET (dialog), "Days that a request may wait: 30, now 10"));
  g_assert_true (lw_ui_test_shows (GTK_WIDGET (dialog), "Most renewals: 3, now 7"));
  lw_ui_shot (self->window, "rules-conflict");
  click (GTK_WIDGET (dialog), "Put Mine on Top");

  /* theirs is there, mine waits to be saved */
  row = spin_of (self, "Renewals");
  g_assert_cmpfloat (gtk_spin_button_get_value (GTK_SPIN_BUTTON (row)), ==, 7);
  row = spin_of (self, "A request may wait");
  g_assert_cmpfloat (gtk_spin_button_get_value (GTK_SPIN_BUTTON (row)), ==, 10);
  g_assert_true (lw_ui_test_shows (self->page, "1 change"));
  g_assert_cmpuint (lw_ledger_get_rules_last_seq (lw_session_get_ledger (self->session)), ==, 2);
}

/* --- a ledger without rules --- */

static void
set_up_empty (Fixture *self, gconstpointer upn)
{
  g_autofree char *folder = g_dir_make_tmp ("leeway-rules-XXXXXX", NULL);
  g_autoptr (LwProfile) profile = NULL;
  g_autoptr (GDateTime) now = lw_ui_test_now ();
  g_autoptr (GError) error = NULL;

  self->tenant = lw_ui_tenant_new ();
  profile = lw_ui_tenant_profile (self->tenant, folder);
  self->session = lw_session_new (profile, lw_test_tenant_token (self->tenant, upn), now);
  g_assert_true (lw_test_boolean (lw_session_open (self->session), &error));
  g_assert_no_error (error);
  show_page (self);
}

static gboolean
has_first (gpointer data)
{
  Fixture *self = data;

  return lw_ledger_get_rules_last_seq (lw_session_get_ledger (self->session)) == 1 &&
         lw_ui_test_shows (self->page, "History");
}

/* Anybody may, knowingly: they become the administrator. */
static void
test_first (Fixture *self, gconstpointer data)
{
  AdwDialog *dialog;

  lw_ui_shot (self->window, "rules-first");
  g_assert_true (lw_ui_test_shows (self->page, "This ledger has no rules yet"));
  g_assert_true (lw_ui_test_shows (self->page, "Priya Raman"));
  g_assert_false (lw_ui_test_shows (self->page, "History"));
  click (self->page, "Set the First Rules…");
  lw_ui_test_wait (has_dialog, self);
  dialog = dialog_of (self);
  g_assert_true (lw_ui_test_shows (GTK_WIDGET (dialog), "You become their administrator"));
  g_assert_true (lw_ui_test_shows (GTK_WIDGET (dialog), "No approver is named"));
  lw_ui_shot (self->window, "rules-first-ask");
  click (GTK_WIDGET (dialog), "Cancel");
  g_assert_cmpuint (lw_ledger_get_rules_last_seq (lw_session_get_ledger (self->session)), ==, 0);

  click (self->page, "Set the First Rules…");
  lw_ui_test_wait (has_dialog, self);
  click (GTK_WIDGET (dialog_of (self)), "Set Rules");
  lw_ui_test_wait (has_first, self);
  g_assert_true (lw_may_set_rules (self->session));
  g_assert_false (sees_button (self->page, "Set the First Rules…"));
}

#define ADD(path, who, func) g_test_add (path, Fixture, who, set_up, func, tear_down)

int
main (int argc, char **argv)
{
  lw_ui_test_init (&argc, &argv);
  ADD ("/rules/reader", PRIYA, test_reader);
  ADD ("/rules/change", INGRID, test_change);
  ADD ("/rules/discard", INGRID, test_discard);
  ADD ("/rules/invalid", INGRID, test_invalid);
  ADD ("/rules/blocked", INGRID, test_blocked);
  ADD ("/rules/conflict", INGRID, test_conflict);
  g_test_add ("/rules/first", Fixture, PRIYA, set_up_empty, test_first, tear_down);
  return g_test_run ();
}
