/* SPDX-License-Identifier: GPL-3.0-or-later */

#include <glib/gstdio.h>
#include <signal.h>

#include "lw-connections-dialog.h"
#include "lw-identity-private.h"
#include "lw-keyring.h"
#include "lw-settings.h"
#include "lw-shell-private.h"
#include "lw-test-browser.h"
#include "lw-ui-shot.h"
#include "lw-ui-tenant.h"
#include "lw-window.h"

/* Whose a connection is, in the whole window, with a real keyring and the simulated tenant. */

typedef struct
{
  LwTestTenant *tenant;
  LwProfile *profile; /* nobody's */
  LwWindow *window;
} Fixture;

static void
set_up (Fixture *self, gconstpointer data)
{
  self->tenant = lw_ui_tenant_new ();
  self->profile = lw_ui_tenant_profile (self->tenant, NULL);
}

static void
clear_profiles (void)
{
  g_auto (GStrv) paths = lw_profiles_list ();

  for (guint i = 0; paths[i] != NULL; i++)
    g_unlink (paths[i]);
}

/* The accounts in the keyring. (element-type LwPerson) (transfer full) (nullable) */
static GPtrArray *
kept (Fixture *self)
{
  g_autoptr (GError) error = NULL;
  GPtrArray *people = lw_test_boxed (lw_keyring_list_people (self->profile), &error);

  if (people == NULL)
    g_assert_error (error, LW_AZURE_ERROR, LW_AZURE_ERROR_SIGN_IN);
  return people;
}

static void
tear_down (Fixture *self, gconstpointer data)
{
  g_autoptr (GPtrArray) people = kept (self);

  for (guint i = 0; people != NULL && i < people->len; i++)
    g_assert_true (lw_test_boolean (
        lw_keyring_clear (self->profile, ((LwPerson *) g_ptr_array_index (people, i))->id), NULL));
  if (self->window != NULL)
    gtk_window_destroy (GTK_WINDOW (self->window));
  lw_ui_test_settle ();
  clear_profiles ();
  lw_profile_unref (self->profile);
  lw_test_tenant_free (self->tenant);
}

/* Another connection of the tenant signs in and keeps that. (transfer full) */
static LwPerson *
sign_in_elsewhere (Fixture *self, const char *upn)
{
  g_autoptr (LwIdentity) identity = lw_identity_new (self->profile);
  g_autoptr (LwTestBrowser) browser = lw_test_browser_new (upn, TRUE, NULL);
  g_autoptr (GError) error = NULL;

  g_assert_true (lw_test_boolean (lw_test_browser_sign_in (browser, identity), &error));
  g_assert_no_error (error);
  lw_test_until (lw_test_browser_has_page, browser);
  g_assert_no_error (lw_identity_get_keyring_error (identity));
  return lw_person_copy (lw_identity_get_person (identity));
}

/* A connection in the person's own folder, and the window with it. */
static LwConnection *
open_window (Fixture *self, LwProfile *profile)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GDateTime) now = lw_ui_test_now ();
  g_autoptr (LwConnections) list = lw_connections_new (NULL);
  g_autoptr (LwConnection) saved = lw_connections_create (list, profile, &error);

  g_assert_no_error (error);
  g_assert_true (lw_test_boolean (lw_connections_flush (list), NULL));
  lw_ui_shot_style ();
  self->window = lw_window_new (NULL);
  lw_window_set_now (self->window, now);
  gtk_window_set_default_size (GTK_WINDOW (self->window), lw_ui_shot_width (1000), 760);
  gtk_window_present (GTK_WINDOW (self->window));
  lw_window_open_last (self->window);
  return lw_connections_get_nth (lw_window_get_connections (self->window), 0);
}

/* (transfer none) (nullable) */
static LwShell *
shell_of (gpointer window)
{
  GtkWidget *shell = lw_ui_test_find (window, LW_TYPE_SHELL, NULL);

  return shell != NULL ? LW_SHELL (shell) : NULL;
}

static gboolean
asks (gpointer window)
{
  GtkWidget *group = lw_ui_test_find (window, ADW_TYPE_PREFERENCES_GROUP, "Continue As");

  return group != NULL && gtk_widget_get_mapped (group);
}

static gboolean
is_open (gpointer window)
{
  LwShell *shell = shell_of (window);

  return shell != NULL && lw_shell_has_workspace (shell);
}

static GtkWidget *
choice (Fixture *self, const char *upn)
{
  GtkWidget *group =
      lw_ui_test_find (GTK_WIDGET (self->window), ADW_TYPE_PREFERENCES_GROUP, "Continue As");
  GtkWidget *row = lw_ui_test_find (group, ADW_TYPE_ACTION_ROW, upn);
  g_autofree char *label = g_strdup_printf ("Continue as %s", upn);

  g_assert_nonnull (row);
  gtk_test_accessible_assert_property (row, GTK_ACCESSIBLE_PROPERTY_LABEL, label);
  return row;
}

/* Who signed in to another connection is offered, and is not taken for this one's person. */
static void
test_asks (Fixture *self, gconstpointer data)
{
  g_autoptr (LwPerson) priya = sign_in_elsewhere (self, PRIYA);
  LwConnection *connection = open_window (self, self->profile);
  g_autoptr (LwProfile) written = NULL;
  g_autoptr (GError) error = NULL;

  lw_ui_test_wait (asks, self->window);
  lw_ui_shot (GTK_WIDGET (self->window), "shell-continue-as");
  g_assert_false (is_open (self->window));
  g_assert_null (lw_connection_get_account_id (connection));
  gtk_widget_activate (choice (self, PRIYA));
  lw_ui_test_wait (is_open, self->window);
  g_assert_cmpstr (lw_connection_get_account_id (connection), ==, priya->id);
  g_assert_true (
      lw_test_boolean (lw_connections_flush (lw_window_get_connections (self->window)), NULL));
  written = lw_profile_load (lw_connection_get_path (connection), &error);
  g_assert_no_error (error);
  g_assert_cmpstr (lw_profile_get_account_id (written), ==, priya->id);
  g_assert_cmpstr (lw_profile_get_account_upn (written), ==, PRIYA);
}

static void
test_several (Fixture *self, gconstpointer data)
{
  g_autoptr (LwPerson) priya = sign_in_elsewhere (self, PRIYA);
  g_autoptr (LwPerson) ingrid = sign_in_elsewhere (self, INGRID);
  LwConnection *connection = open_window (self, self->profile);

  lw_ui_test_wait (asks, self->window);
  lw_ui_shot (GTK_WIDGET (self->window), "shell-continue-as-several");
  choice (self, PRIYA);
  gtk_widget_activate (choice (self, INGRID));
  lw_ui_test_wait (is_open, self->window);
  g_assert_cmpstr (lw_connection_get_account_id (connection), ==, ingrid->id);
}

/* A connection that says whose it is opens without a question, however many are in the keyring. */
static void
test_claimed (Fixture *self, gconstpointer data)
{
  g_autoptr (LwPerson) priya = sign_in_elsewhere (self, PRIYA);
  g_autoptr (LwPerson) ingrid = sign_in_elsewhere (self, INGRID);
  g_autoptr (LwProfile) claimed = lw_profile_with_account (self->profile, priya->id, PRIYA);
  LwConnection *connection = open_window (self, claimed);

  lw_ui_test_wait (is_open, self->window);
  g_assert_cmpstr (lw_connection_get_person (connection)->upn, ==, PRIYA);
}

static gboolean
says_no (gpointer data)
{
  return lw_ui_test_shows (data, "Signing In Did Not Work");
}

/* What is kept of whoever was chosen is good no longer: anybody may sign in then. */
static void
test_refused (Fixture *self, gconstpointer data)
{
  g_autoptr (LwPerson) priya = sign_in_elsewhere (self, PRIYA);
  LwConnection *connection;

  g_assert_true (
      lw_test_boolean (lw_keyring_store (self->profile, priya->id, PRIYA, "no token"), NULL));
  connection = open_window (self, self->profile);
  lw_ui_test_wait (asks, self->window);
  gtk_widget_activate (choice (self, PRIYA));
  lw_ui_test_wait (says_no, self->window);
  lw_ui_shot (GTK_WIDGET (self->window), "shell-continue-refused");
  g_assert_null (lw_connection_get_account_id (connection));
  g_assert_nonnull (lw_ui_test_find (GTK_WIDGET (self->window), GTK_TYPE_BUTTON, "Not Now"));
  g_assert_false (asks (self->window));
}

static gboolean
is_first_run (gpointer data)
{
  return lw_ui_test_shows (data, "Connect to Your Organisation");
}

static gboolean
is_done (gpointer data)
{
  return dex_future_get_status (data) != DEX_FUTURE_STATUS_PENDING;
}

static GtkWidget *
find_tip (GtkWidget *widget, const char *tip)
{
  GtkWidget *found = NULL;

  if (g_strcmp0 (gtk_widget_get_tooltip_text (widget), tip) == 0)
    return widget;
  for (GtkWidget *child = gtk_widget_get_first_child (widget); child != NULL && found == NULL;
       child = gtk_widget_get_next_sibling (child))
    found = find_tip (child, tip);
  return found;
}

/* As a person does, who means it. */
static void
remove_connection (Fixture *self, const char *tip)
{
  AdwApplicationWindow *window = ADW_APPLICATION_WINDOW (self->window);
  AdwDialog *dialog, *alert;
  GtkWidget *button;

  gtk_widget_activate_action (GTK_WIDGET (window), "win.connections", NULL);
  dialog = adw_application_window_get_visible_dialog (window);
  g_assert_true (LW_IS_CONNECTIONS_DIALOG (dialog));
  button = find_tip (GTK_WIDGET (dialog), tip);
  g_assert_nonnull (button);
  g_signal_emit_by_name (button, "clicked");
  alert = adw_application_window_get_visible_dialog (window);
  g_assert_true (ADW_IS_ALERT_DIALOG (alert));
  g_signal_emit_by_name (alert, "response", "remove");
  adw_dialog_force_close (alert);
  adw_dialog_force_close (dialog);
}

/* (transfer full) */
static LwIdentity *
identity_at_work (Fixture *self)
{
  return g_object_ref (lw_session_get_identity (shell_of (self->window)->session));
}

/* The tenant answers a refresh after its connection was removed: what it rotated to is not kept. */
static void
test_removed_while_refreshing (Fixture *self, gconstpointer data)
{
  g_autoptr (LwPerson) priya = sign_in_elsewhere (self, PRIYA);
  g_autoptr (LwProfile) claimed = lw_profile_with_account (self->profile, priya->id, PRIYA);
  g_autoptr (LwIdentity) identity = NULL;
  g_autoptr (DexFuture) refresh = NULL;
  g_autoptr (GPtrArray) left = NULL;
  g_autofree char *token = NULL;

  open_window (self, claimed);
  lw_ui_test_wait (is_open, self->window);
  identity = identity_at_work (self);
  token = lw_test_string (lw_identity_get_token (identity, LW_AUDIENCE_ARM), NULL);
  g_subprocess_send_signal (self->tenant->process, SIGSTOP);
  lw_identity_invalidate (identity, LW_AUDIENCE_ARM, token);
  refresh = lw_identity_get_token (identity, LW_AUDIENCE_ARM);
  lw_ui_test_settle ();
  g_assert_false (is_done (refresh));
  remove_connection (self, "Remove Priya Raman");
  lw_ui_test_wait (is_first_run, self->window);
  g_subprocess_send_signal (self->tenant->process, SIGCONT);
  lw_ui_test_wait (is_done, refresh);
  lw_ui_test_settle ();
  left = kept (self);
  g_assert_null (left);
}

static gboolean
has_nothing (gpointer data)
{
  g_autoptr (GPtrArray) people = kept (data);

  return people == NULL;
}

static gboolean
is_idle (gpointer data)
{
  const LwIdentity *identity = data;

  return identity->busy == NULL && identity->remembering == NULL &&
         identity->refreshing[LW_AUDIENCE_ARM] == NULL;
}

/* The same while it is being opened with what the keyring has, which was read before it was forgotten. */
static void
test_removed_while_opening (Fixture *self, gconstpointer data)
{
  g_autoptr (LwPerson) priya = sign_in_elsewhere (self, PRIYA);
  g_autoptr (LwProfile) claimed = lw_profile_with_account (self->profile, priya->id, PRIYA);
  g_autoptr (LwIdentity) identity = NULL;
  g_autoptr (GPtrArray) left = NULL;

  open_window (self, claimed);
  identity = identity_at_work (self);
  g_assert_false (lw_identity_is_signed_in (identity));
  remove_connection (self, "Remove " PRIYA);
  lw_ui_test_wait (is_first_run, self->window);
  lw_ui_test_wait (has_nothing, self);
  lw_ui_test_wait (is_idle, identity);
  g_assert_false (lw_identity_is_signed_in (identity));
  left = kept (self);
  g_assert_null (left);
}

int
main (int argc, char *argv[])
{
  lw_ui_test_init (&argc, &argv);
#define ADD(path, test) g_test_add ("/shell/" path, Fixture, NULL, set_up, test, tear_down)
  ADD ("asks", test_asks);
  ADD ("several", test_several);
  ADD ("claimed", test_claimed);
  ADD ("refused", test_refused);
  ADD ("removed-while-refreshing", test_removed_while_refreshing);
  ADD ("removed-while-opening", test_removed_while_opening);
  return g_test_run ();
}
