/* SPDX-License-Identifier: GPL-3.0-or-later */

#include <glib/gstdio.h>

#include "lw-azure-error.h"
#include "lw-connections.h"
#include "lw-device-code.h"
#include "lw-settings.h"
#include "lw-setup-form.h"
#include "lw-setup-page.h"
#include "lw-sign-in-fields.h"
#include "lw-sign-in-page.h"
#include "lw-test.h"
#include "lw-ui-shot.h"
#include "lw-widgets.h"

#define TENANT "22222222-2222-4222-8222-222222222222"
#define CLIENT "33333333-3333-4333-8333-333333333333"

static LwPresets *
parse (const char *text)
{
  return lw_presets_parse ("/etc/xdg/leeway/leeway.conf", text, strlen (text));
}

static void
assert_problem (const char *text, const char *wanted)
{
  g_autoptr (LwPresets) presets = parse (text);
  gboolean found = FALSE;

  for (guint i = 0; i < presets->problems->len; i++)
    {
      const char *problem = g_ptr_array_index (presets->problems, i);

      g_test_message ("%s", problem);
      found =
          found || (strstr (problem, wanted) != NULL && strstr (problem, "leeway.conf") != NULL);
    }
  g_assert_true (found);
}

static void
test_presets (void)
{
  g_autoptr (LwPresets) presets =
      parse ("# all of it\n[Leeway]\nAddConnections=false\n\n[Connection \"Contoso & Co\"]\n"
             "Tenant = contoso.example\nClientId=" CLIENT "\nLedger=/srv/ledger\nLocked=true\n"
             "[Connection \"Part\"]\nCloud=AzureUSGovernment\n");
  const LwPreset *whole, *part;
  g_autoptr (LwProfile) profile = NULL;
  g_autoptr (LwProfile) none = NULL;
  g_autoptr (GError) error = NULL;

  g_assert_cmpuint (presets->problems->len, ==, 0);
  g_assert_cmpuint (presets->items->len, ==, 2);
  g_assert_false (presets->may_add);
  g_assert_true (presets->demo);
  whole = lw_presets_find (presets, "Contoso & Co");
  g_assert_true (whole->locked);
  g_assert_cmpuint (whole->line, ==, 5);
  profile = lw_preset_to_profile (whole, &error);
  g_assert_no_error (error);
  g_assert_cmpstr (lw_profile_get_tenant (profile), ==, "contoso.example");
  g_assert_cmpstr (lw_profile_get_name (profile), ==, "Contoso & Co");
  part = lw_presets_find (presets, "Part");
  g_assert_false (part->locked);
  none = lw_preset_to_profile (part, &error);
  g_assert_null (none);
  g_assert_nonnull (error);
}

/* Each is told with its line, and what can be used is. */
static void
test_presets_broken (void)
{
  static const char good[] = "[Connection \"A\"]\nTenant=a.example\n";

  assert_problem ("[Connection \"A\"]\nTennant=a.example\n", "line 2: ");
  assert_problem ("\n\nnonsense\n", "line 3: ");
  assert_problem ("[Connection A]\n", "line 1: ");
  assert_problem ("[Connection \"A\"\n", "line 1: ");
  assert_problem ("[Connection \"A\"]\n[Connection \"A\"]\n", "line 2: ");
  assert_problem ("[Leeway]\nDemo=perhaps\n", "line 2: ");
  assert_problem ("[Leeway]\nTenant=x\n", "line 2: ");
  assert_problem ("[Connection \"A\"]\nTenant=\n", "line 2: ");
  assert_problem ("[Connection \"A\"]\nLocked=yes\n", "line 2: ");
  assert_problem ("ok=1\n\xff\xfe\n", "line 2: ");
  assert_problem ("[Connection \"A\"]\nTenant=a b\nClientId=x\nLedger=y\n", "line 1: ");
  {
    g_autofree char *text = g_strconcat (good, "=\n[\n]]\n", NULL);
    g_autoptr (LwPresets) presets = parse (text);

    g_assert_cmpuint (presets->items->len, ==, 1);
    g_assert_cmpuint (presets->problems->len, >, 0);
  }
  {
    g_autofree char *big = g_strnfill (1024 * 1024, 'x');

    assert_problem (big, "too large");
  }
}

static LwProfile *
profile_new (const char *sign_in, const char *more)
{
  g_autofree char *text = g_strdup_printf ("{\"tenant\": \"%s\", \"clientId\": \"%s\", \"ledger\": "
                                           "\"/srv/ledger\", \"signIn\": \"%s\"%s}",
                                           TENANT, CLIENT, sign_in, more);
  g_autoptr (GBytes) bytes = g_bytes_new (text, strlen (text));
  g_autoptr (GError) error = NULL;
  LwProfile *profile = lw_profile_from_json (bytes, &error);

  g_assert_no_error (error);
  return profile;
}

/* A locked preset is what counts, whatever the person's file says. */
static void
test_presets_follow (void)
{
  g_autoptr (LwPresets) presets = parse ("[Connection \"A\"]\nTenant=new.example\nLocked=true\n"
                                         "[Connection \"B\"]\nTenant=new.example\n");
  g_autoptr (LwProfile) locked = profile_new ("browser", ", \"preset\": \"A\", \"name\": \"Mine\"");
  g_autoptr (LwProfile) free_one = profile_new ("browser", ", \"preset\": \"B\"");
  g_autoptr (LwProfile) first = lw_presets_follow (presets, locked);
  g_autoptr (LwProfile) second = lw_presets_follow (presets, free_one);

  g_assert_cmpstr (lw_profile_get_tenant (first), ==, "new.example");
  g_assert_cmpstr (lw_profile_get_name (first), ==, "Mine");
  g_assert_cmpstr (lw_profile_get_tenant (second), ==, TENANT);
}

static void
flush (LwConnections *list)
{
  g_assert_true (lw_test_boolean (lw_connections_flush (list), NULL));
  lw_ui_test_settle ();
}

/* Two accounts of a tenant are two connections; the same one twice is one. */
static void
test_list (void)
{
  g_autoptr (LwConnections) list = lw_connections_new (NULL);
  g_autoptr (LwProfile) plain = profile_new ("browser", "");
  g_autoptr (LwProfile) priya = lw_profile_with_account (plain, CLIENT, "priya@contoso.example");
  g_autoptr (LwProfile) tomas = lw_profile_with_account (plain, TENANT, "tomas@contoso.example");
  g_autoptr (GError) error = NULL;
  g_autoptr (LwConnection) first = lw_connections_create (list, priya, &error);
  g_autoptr (LwConnection) second = lw_connections_create (list, tomas, &error);
  g_autoptr (LwConnection) again = lw_connections_create (list, priya, &error);
  g_autoptr (LwConnections) read = NULL;
  g_autofree char *path = g_strdup (lw_connection_get_path (first));

  g_assert_no_error (error);
  g_assert_true (first == again);
  g_assert_cmpuint (g_list_model_get_n_items (G_LIST_MODEL (list)), ==, 2);
  g_assert_cmpstr (lw_connection_get_title (first), ==, "priya@contoso.example");
  flush (list);
  read = lw_connections_new (NULL);
  g_assert_cmpuint (g_list_model_get_n_items (G_LIST_MODEL (read)), ==, 2);
  lw_connections_remove (list, first);
  flush (list);
  g_assert_false (g_file_test (path, G_FILE_TEST_EXISTS));
  g_assert_true (g_file_test (lw_connection_get_path (second), G_FILE_TEST_EXISTS));
  lw_connections_remove (list, second);
  flush (list);
}

static void
count_failures (guint *failures, const char *heading, const GError *error)
{
  g_assert_cmpstr (heading, ==, "The Connection Could Not Be Saved");
  g_assert_error (error, G_FILE_ERROR, G_FILE_ERROR_NOENT);
  (*failures)++;
}

/* What is on disk is what was said last, also where it was said all at once and nobody waits. */
static void
test_list_order (void)
{
  g_autoptr (LwProfile) plain = profile_new ("browser", "");
  g_autoptr (GError) error = NULL;
  g_autofree char *path = NULL;
  g_autofree char *last = NULL;
  g_autoptr (LwProfile) written = NULL;

  {
    g_autoptr (LwConnections) list = lw_connections_new (NULL);
    g_autoptr (LwConnection) connection = lw_connections_create (list, plain, &error);

    g_assert_no_error (error);
    path = g_strdup (lw_connection_get_path (connection));
    for (guint i = 0; i < 20; i++)
      {
        g_autoptr (LwProfile) named = NULL;

        g_set_str (&last, NULL);
        last = g_strdup_printf ("Contoso %u", i);
        named = lw_profile_with_member (plain, "name", last, &error);
        g_assert_no_error (error);
        lw_connections_update (list, connection, named);
      }
  }
  written = lw_profile_load (path, &error);
  g_assert_no_error (error);
  g_assert_cmpstr (lw_profile_get_name (written), ==, last);
  {
    g_autoptr (LwConnections) list = lw_connections_new (NULL);
    LwConnection *connection = lw_connections_get_nth (list, 0);
    g_autoptr (LwConnection) other = NULL;

    /* Written and removed at once it stays away, and another one may have its place. */
    lw_connections_update (list, connection, plain);
    lw_connections_remove (list, connection);
    other = lw_connections_create (list, plain, &error);
    g_assert_no_error (error);
    lw_connections_remove (list, other);
  }
  g_assert_false (g_file_test (path, G_FILE_TEST_EXISTS));
}

/* What cannot be written is told. */
static void
test_list_failure (void)
{
  g_autoptr (LwConnections) list = lw_connections_new (NULL);
  g_autoptr (LwProfile) plain = profile_new ("browser", "");
  g_autoptr (GError) error = NULL;
  g_autoptr (LwConnection) connection = lw_connections_create (list, plain, &error);
  g_autofree char *folder = g_path_get_dirname (lw_connection_get_path (connection));
  guint failures = 0;

  g_assert_no_error (error);
  flush (list);
  g_signal_connect_swapped (list, "failed", G_CALLBACK (count_failures), &failures);
  lw_connections_update (list, connection, plain);
  flush (list);
  g_assert_cmpuint (failures, ==, 0);
  g_assert_no_errno (g_unlink (lw_connection_get_path (connection)));
  g_assert_no_errno (g_rmdir (folder));
  lw_connections_update (list, connection, plain);
  flush (list);
  g_assert_cmpuint (failures, ==, 1);
  /* Gone is gone. */
  lw_connections_remove (list, connection);
  flush (list);
  g_assert_cmpuint (failures, ==, 1);
}

static LwConnection *
add_connection (LwConnections *list, const char *sign_in, const char *more, const char *account)
{
  g_autoptr (LwProfile) plain = profile_new (sign_in, more);
  g_autoptr (LwProfile) bound = lw_profile_with_account (plain, account, NULL);
  LwConnection *connection = lw_connection_new (bound, NULL, NULL);

  lw_connections_add (list, connection);
  return connection;
}

/* What is in the keyring is of an account and not of a ledger: who removes a connection may take another
 * one's sign-in away. */
static void
test_shared_sign_in (void)
{
  static const char cloud[] = ", \"cloud\": \"AzureUSGovernment\"";
  g_autoptr (LwConnections) list = lw_connections_new (NULL);
  g_autoptr (LwConnection) priya = add_connection (list, "browser", "", CLIENT);
  g_autoptr (LwConnection) tomas = add_connection (list, "browser", "", TENANT);
  g_autoptr (LwConnection) elsewhere = add_connection (list, "browser", cloud, CLIENT);
  g_autoptr (LwConnection) app = add_connection (list, "secret", "", NULL);
  g_autoptr (LwConnection) certificate =
      add_connection (list, "certificate", ", \"certificateFile\": \"/srv/app.pem\"", NULL);
  g_autoptr (LwConnection) second = NULL, other_app = NULL;

  g_assert_false (lw_connections_shares_sign_in (list, priya));
  g_assert_false (lw_connections_shares_sign_in (list, app));
  second = add_connection (list, "device-code", "", CLIENT);
  other_app = add_connection (list, "secret", "", NULL);
  g_assert_true (lw_connections_shares_sign_in (list, priya));
  g_assert_true (lw_connections_shares_sign_in (list, second));
  g_assert_true (lw_connections_shares_sign_in (list, app));
  g_assert_false (lw_connections_shares_sign_in (list, tomas));
  g_assert_false (lw_connections_shares_sign_in (list, elsewhere));
  g_assert_false (lw_connections_shares_sign_in (list, certificate));
  lw_connections_remove (list, second);
  g_assert_false (lw_connections_shares_sign_in (list, priya));
  g_assert_true (lw_connections_shares_sign_in (list, second));
}

/* A file that is none is told and left alone. */
static void
test_list_broken (void)
{
  g_autofree char *folder = g_build_filename (g_get_user_config_dir (), "leeway", "profiles", NULL);
  g_autofree char *path = g_build_filename (folder, "broken.json", NULL);
  g_autoptr (LwConnections) list = NULL;

  g_mkdir_with_parents (folder, 0700);
  g_assert_true (g_file_set_contents (path, "{\"tenant\": 3", -1, NULL));
  list = lw_connections_new (NULL);
  g_assert_cmpuint (g_list_model_get_n_items (G_LIST_MODEL (list)), ==, 0);
  g_assert_nonnull (strstr (lw_connections_get_problems (list)[0], "broken.json"));
  g_assert_true (g_file_test (path, G_FILE_TEST_EXISTS));
  g_unlink (path);
}

static GtkWidget *
form_button (GtkWidget *form, const char *label)
{
  GtkWidget *button = lw_ui_test_find (form, GTK_TYPE_BUTTON, label);

  g_assert_nonnull (button);
  return button;
}

static GtkEditable *
form_row (GtkWidget *form, const char *title)
{
  GtkWidget *row = lw_ui_test_find (form, ADW_TYPE_ENTRY_ROW, title);

  g_assert_nonnull (row);
  return GTK_EDITABLE (row);
}

static gboolean
tells_problem (gpointer form)
{
  return lw_ui_test_shows (form, "refuses the connection");
}

/* Whoever goes on typing while all is tested can connect again, and nothing waits for what was given
 * up. */
static void
test_form_edited (void)
{
  g_autoptr (GSocketListener) silent = g_socket_listener_new ();
  guint16 port = g_socket_listener_add_any_inet_port (silent, NULL, NULL);
  g_autofree char *endpoints = g_strdup_printf (
      ", \"cloud\": \"custom\", \"endpoints\": {\"arm\": \"http://127.0.0.1:%u\"}", port);
  g_autoptr (LwProfile) profile = profile_new ("browser", endpoints);
  GtkWidget *form = lw_setup_form_new ();
  GtkWidget *window = lw_ui_test_window (form, 600);
  GtkWidget *connect;
  GtkEditable *tenant;

  lw_setup_form_set_profile (LW_SETUP_FORM (form), profile);
  connect = form_button (form, "Connect");
  tenant = form_row (form, "Tenant");
  g_signal_emit_by_name (connect, "clicked");
  g_assert_false (gtk_widget_get_sensitive (connect));
  gtk_editable_set_text (tenant, "contoso.example");
  g_assert_true (gtk_widget_get_sensitive (connect));
  g_signal_emit_by_name (connect, "clicked");
  g_assert_false (gtk_widget_get_sensitive (connect));
  g_signal_emit_by_name (form_button (form, "Test"), "clicked");
  g_assert_true (gtk_widget_get_sensitive (connect));
  g_signal_emit_by_name (connect, "clicked");
  lw_ui_test_settle ();
  gtk_editable_set_text (form_row (form, "Resource Manager"), "http://127.0.0.1:9");
  g_assert_true (gtk_widget_get_sensitive (connect));
  g_assert_false (lw_ui_test_shows (form, "Reading the cloud"));
  gtk_window_destroy (GTK_WINDOW (window));
}

/* A custom cloud says where its services are; the rest is asked then, or told where it says nothing. */
static void
test_form_all (void)
{
  g_autoptr (LwProfile) profile = profile_new ("browser", ", \"cloud\": \"custom\", \"endpoints\": "
                                                          "{\"arm\": \"http://127.0.0.1:9\"}");
  GtkWidget *form = lw_setup_form_new ();
  GtkWidget *window = lw_ui_test_window (form, 600);

  lw_setup_form_set_profile (LW_SETUP_FORM (form), profile);
  gtk_editable_set_text (form_row (form, "Tenant"), "no tenant");
  g_signal_emit_by_name (form_button (form, "Test"), "clicked");
  lw_ui_test_wait (tells_problem, form);
  g_assert_true (lw_ui_test_shows (form, "neither a tenant's id nor a domain"));
  g_assert_false (lw_ui_test_shows (form, "Looking for the application"));
  g_assert_true (gtk_widget_get_sensitive (form_button (form, "Connect")));
  gtk_window_destroy (GTK_WINDOW (window));
}

static void
test_token_expiry (void)
{
  /* {"exp": 1700000000} between two parts that are not looked at */
  g_assert_cmpint (lw_token_expiry ("x.eyJleHAiOiAxNzAwMDAwMDAwfQ.x"), ==, 1700000000);
  g_assert_cmpint (lw_token_expiry (" x.eyJleHAiOiAxNzAwMDAwMDAwfQ.x\n"), ==, 1700000000);
  g_assert_cmpint (lw_token_expiry ("opaque"), ==, 0);
  g_assert_cmpint (lw_token_expiry (NULL), ==, 0);
}

static void
assert_narrow (GtkWidget *widget, const char *what)
{
  int minimum;

  gtk_widget_measure (widget, GTK_ORIENTATION_HORIZONTAL, -1, &minimum, NULL, NULL, NULL);
  g_test_message ("%s: %d", what, minimum);
  g_assert_cmpint (minimum, <=, 360);
}

static void
show_narrow (GtkWidget *widget, const char *what)
{
  GtkWidget *window = lw_ui_test_window (widget, lw_ui_shot_width (360));
  g_autofree char *name = g_strdup_printf ("connect-%s", what);

  assert_narrow (widget, what);
  lw_ui_shot (window, name);
  gtk_window_destroy (GTK_WINDOW (window));
}

/* Every page of every way to sign in, with the longest that it may have to say, fits a phone. */
static void
test_narrow (void)
{
  static const char *const ways[] = { "browser", "device-code", "secret", "certificate", "token" };
  const LwAzureErrorDetails details = { .code = (char *) "invalid_client",
                                        .message = (char *) "AADSTS7000215: Invalid client secret.",
                                        .request_id = (char *) TENANT,
                                        .at = 1700000000 };
  g_autoptr (LwConnections) list = lw_connections_new (NULL);

  for (guint i = 0; i < G_N_ELEMENTS (ways); i++)
    for (guint code = 0; code < 2; code++)
      {
        g_autoptr (LwProfile) profile =
            profile_new (ways[i], ", \"certificateFile\": \"/home/a-rather-long-name/certificates/"
                                  "leeway-of-the-organisation.pem\"");
        g_autoptr (LwConnection) connection = lw_connection_new (profile, NULL, NULL);
        g_autoptr (LwSession) session = lw_session_new (profile, NULL, NULL);
        g_autoptr (GError) error = lw_azure_error_new (
            code == 0 ? LW_AZURE_ERROR_SIGN_IN : LW_AZURE_ERROR_KEYRING_LOCKED, &details,
            "Donaudampfschifffahrtsgesellschaftskapitän <b>verweigert</b> die Anmeldung.");
        g_autofree char *problem = g_strdup_printf ("%s-problem-%u", ways[i], code);

        show_narrow (lw_sign_in_page_new (session, list, connection, NULL), ways[i]);
        show_narrow (lw_sign_in_page_new (session, list, connection, error), problem);
      }
  show_narrow (lw_setup_page_new (list, NULL, TRUE), "first run");
  show_narrow (lw_setup_form_new (), "form");
  {
    GtkWidget *view = lw_device_code_view_new ();

    lw_device_code_view_show (LW_DEVICE_CODE_VIEW (view),
                              "https://login.microsoftonline.com/common/oauth2/deviceauth",
                              "ABCD-EFGHI", g_get_real_time () / G_USEC_PER_SEC + 900);
    show_narrow (view, "code");
  }
}

static void
test_narrow_rtl (void)
{
  gtk_widget_set_default_direction (GTK_TEXT_DIR_RTL);
  test_narrow ();
  gtk_widget_set_default_direction (GTK_TEXT_DIR_LTR);
}

/* What could not be done is told in full, in a language of long words too. */
static void
test_long_heading (void)
{
  g_autoptr (GError) error =
      g_error_new_literal (G_FILE_ERROR, G_FILE_ERROR_NOSPC, "There is no space left.");

  for (guint i = 0; i < 2; i++)
    {
      GtkWidget *window = lw_ui_test_window (gtk_label_new ("x"), i == 0 ? 1000 : 360);

      lw_error_dialog (window, "Die Mandantenverbindung konnte nicht gespeichert werden", error);
      lw_ui_test_settle ();
      g_assert_true (lw_ui_test_shows (
          GTK_WIDGET (adw_window_get_visible_dialog (ADW_WINDOW (window))), "Mandantenverbindung"));
      lw_ui_shot (window, i == 0 ? "error-wide" : "error-narrow");
      gtk_window_destroy (GTK_WINDOW (window));
    }
}

/* A code is spelled for whoever cannot see it, and ends by itself. */
static void
test_device_code (void)
{
  GtkWidget *view = lw_device_code_view_new ();
  GtkWidget *window = lw_ui_test_window (view, 400);
  GtkWidget *label;
  g_autofree char *half = lw_time_left (30), *some = lw_time_left (845),
                  *more = lw_time_left (7200);

  g_assert_cmpstr (half, ==, "30 seconds");
  g_assert_cmpstr (some, ==, "14:05 minutes");
  g_assert_cmpstr (more, ==, "2 hours");
  lw_device_code_view_show (LW_DEVICE_CODE_VIEW (view), "https://x.example", "AB12",
                            g_get_real_time () / G_USEC_PER_SEC + 845);
  label = lw_ui_test_find (view, GTK_TYPE_LABEL, "AB12");
  g_assert_nonnull (label);
  gtk_test_accessible_assert_property (GTK_ACCESSIBLE (label), GTK_ACCESSIBLE_PROPERTY_DESCRIPTION,
                                       "A B 1 2");
  g_assert_true (lw_ui_test_shows (view, "Good for 14:0"));
  lw_device_code_view_show (LW_DEVICE_CODE_VIEW (view), "https://x.example", "AB12", 1);
  g_assert_true (lw_ui_test_shows (view, "has expired"));
  gtk_window_destroy (GTK_WINDOW (window));
}

int
main (int argc, char *argv[])
{
  lw_ui_test_init (&argc, &argv);
  lw_ui_shot_style ();
  g_test_add_func ("/connections/presets", test_presets);
  g_test_add_func ("/connections/presets-broken", test_presets_broken);
  g_test_add_func ("/connections/presets-follow", test_presets_follow);
  g_test_add_func ("/connections/list-broken", test_list_broken);
  g_test_add_func ("/connections/list", test_list);
  g_test_add_func ("/connections/list-order", test_list_order);
  g_test_add_func ("/connections/list-failure", test_list_failure);
  g_test_add_func ("/connections/shared-sign-in", test_shared_sign_in);
  g_test_add_func ("/connections/form-edited", test_form_edited);
  g_test_add_func ("/connections/form-all", test_form_all);
  g_test_add_func ("/connections/token-expiry", test_token_expiry);
  g_test_add_func ("/connections/narrow", test_narrow);
  g_test_add_func ("/connections/narrow-rtl", test_narrow_rtl);
  g_test_add_func ("/connections/long-heading", test_long_heading);
  g_test_add_func ("/connections/device-code", test_device_code);
  return g_test_run ();
}
