/* SPDX-License-Identifier: GPL-3.0-or-later */

#include <glib/gstdio.h>
#include <signal.h>

#include "lw-identity.h"
#include "lw-json.h"
#include "lw-pages.h"
#include "lw-review-queue.h"
#include "lw-settings.h"
#include "lw-shell-private.h"
#include "lw-test-browser.h"
#include "lw-ui-shot.h"
#include "lw-ui-tenant.h"
#include "lw-verbs.h"
#include "lw-window.h"

/* What the window does by itself about what stands as approved or begun in the ledger. */

typedef struct
{
  LwTestTenant *tenant;
  LwProfile *profile; /* Tomás's */
  char *path;         /* of the profile */
  char *token;        /* a file */
  LwSession *priya;
  LwSession *tomas;
  LwWindow *window;
} Fixture;

static void
set_up (Fixture *self, gconstpointer data)
{
  const char *const arguments[] = { "--now", "2026-11-24T09:00:00Z", "--control", NULL };
  g_autoptr (LwProfile) nobodys = NULL;
  g_autoptr (LwIdentity) identity = NULL;
  g_autoptr (LwTestBrowser) browser = NULL;
  g_autoptr (GPtrArray) taken = g_ptr_array_new ();
  g_autoptr (GBytes) json = NULL;
  g_autoptr (GError) error = NULL;
  int file;

  self->tenant = lw_test_tenant_new (arguments);
  self->priya = lw_ui_tenant_session (self->tenant, PRIYA);
  self->tomas = lw_ui_tenant_session (self->tenant, TOMAS);
  nobodys = lw_ui_tenant_profile (self->tenant, NULL);
  self->profile = lw_profile_with_account (nobodys, lw_session_get_person (self->tomas)->id, TOMAS);
  identity = lw_identity_new (self->profile);
  browser = lw_test_browser_new (TOMAS, TRUE, NULL);
  g_assert_true (lw_test_boolean (lw_test_browser_sign_in (browser, identity), &error));
  g_assert_no_error (error);
  lw_test_until (lw_test_browser_has_page, browser);

  self->path = lw_profiles_new_path (self->profile, taken, &error);
  g_assert_no_error (error);
  json = lw_profile_to_json (self->profile);
  g_assert_true (g_file_set_contents (self->path, g_bytes_get_data (json, NULL),
                                      (gssize) g_bytes_get_size (json), &error));
  file = g_file_open_tmp ("leeway-token-XXXXXX", &self->token, &error);
  g_assert_no_error (error);
  g_close (file, NULL);
  g_assert_true (
      g_file_set_contents (self->token, lw_test_tenant_token (self->tenant, TOMAS), -1, &error));
}

static void
tear_down (Fixture *self, gconstpointer data)
{
  if (self->window != NULL)
    gtk_window_destroy (GTK_WINDOW (self->window));
  lw_ui_test_settle ();
  g_unlink (self->path);
  g_unlink (self->token);
  g_free (self->path);
  g_free (self->token);
  g_clear_object (&self->priya);
  g_clear_object (&self->tomas);
  lw_profile_unref (self->profile);
  lw_test_tenant_free (self->tenant);
}

/* How often an exemption was written, asked of the tenant. */
static guint
count_puts (Fixture *self)
{
  g_autoptr (JsonObject) stats = lw_test_tenant_ask (self->tenant, "{\"stats\": true}");
  JsonObject *writes = lw_json_get_object (stats, "writes");
  g_autoptr (GList) keys = NULL;
  guint n = 0;

  g_assert_nonnull (writes);
  keys = json_object_get_members (writes);
  for (GList *key = keys; key != NULL; key = key->next)
    {
      g_autofree char *lower = g_ascii_strdown (key->data, -1);

      if (strstr (lower, "policyexemptions") != NULL)
        n += (guint) lw_json_get_int (writes, key->data, 0);
    }
  return n;
}

static LwCase *
approved_request (Fixture *self, const char *title)
{
  g_autoptr (LwRequest) request = lw_ui_tenant_request (title, NULL);
  g_autoptr (LwCase) submitted = lw_ui_tenant_case (lw_submit (self->priya, request));

  return lw_ui_tenant_case (lw_approve (self->tomas, submitted->request_id, submitted->digest));
}

static LwCase *
read_again (Fixture *self, const LwCase *value)
{
  return lw_ui_tenant_case (lw_load_case (self->priya, value->request_id));
}

static gboolean
is_open (gpointer data)
{
  GtkWidget *shell = lw_ui_test_find (data, LW_TYPE_SHELL, NULL);

  return shell != NULL && LW_SHELL (shell)->workspace != NULL;
}

static LwShell *
open_window (Fixture *self)
{
  g_autoptr (GDateTime) now = lw_ui_test_now ();

  lw_ui_shot_style ();
  self->window = lw_window_new (NULL);
  lw_window_set_now (self->window, now);
  gtk_window_set_default_size (GTK_WINDOW (self->window), lw_ui_shot_width (1000), 760);
  gtk_window_present (GTK_WINDOW (self->window));
  lw_window_open_last (self->window);
  lw_ui_test_wait (is_open, self->window);
  return LW_SHELL (lw_ui_test_find (GTK_WIDGET (self->window), LW_TYPE_SHELL, NULL));
}

static gboolean
was_finished (gpointer data)
{
  return lw_ui_test_shows (data, "was cut off before it was in Azure; now it is");
}

/* leewayctl is killed between the PUT and what it would have written about it; the window of the same
 * account on the same machine takes it down, and says so. */
static void
test_finishes (Fixture *self, gconstpointer data)
{
  g_autoptr (LwCase) value = approved_request (self, "Access from the runners, killed");
  g_autoptr (LwCase) killed = NULL;
  g_autoptr (LwCase) after = NULL;
  g_autoptr (GSubprocessLauncher) launcher = NULL;
  g_autoptr (GSubprocess) process = NULL;
  g_autoptr (GError) error = NULL;

  launcher = g_subprocess_launcher_new (G_SUBPROCESS_FLAGS_STDOUT_SILENCE);
  g_subprocess_launcher_setenv (launcher, "LEEWAY_DIE_AT", "apply.put", TRUE);
  process = g_subprocess_launcher_spawn (launcher, &error, g_getenv ("LEEWAYCTL"), "--profile",
                                         self->path, "--access-token-file", self->token, "--now",
                                         "2026-11-24T09:00:00Z", "apply", value->request_id, NULL);
  g_assert_no_error (error);
  g_assert_true (g_subprocess_wait (process, NULL, &error));
  if (!g_subprocess_get_if_signaled (process))
    {
      g_test_skip ("this build has no fault points");
      return;
    }
  g_assert_cmpint (g_subprocess_get_term_sig (process), ==, SIGKILL);
  killed = read_again (self, value);
  g_assert_cmpint (killed->phase, ==, LW_PHASE_APPLYING);
  g_assert_cmpuint (count_puts (self), ==, 1);

  open_window (self);
  lw_ui_test_wait (was_finished, self->window);
  lw_ui_shot (GTK_WIDGET (self->window), "begun-finished");
  after = read_again (self, value);
  g_assert_cmpint (after->phase, ==, LW_PHASE_APPLIED);
  g_assert_cmpuint (after->flags->len, ==, 0);
  /* It was there already. */
  g_assert_cmpuint (count_puts (self), ==, 1);
}

/* Adds an entry to the container as only the requester's right allows. */
static LwCase *
forge (Fixture *self, LwCase *value, LwEventKind kind, const LwPerson *by)
{
  LwSession *session = self->priya;
  g_autoptr (GDateTime) now = lw_session_now (session);
  g_autoptr (JsonObject) body = json_object_new ();
  g_autoptr (LwEvent) event = NULL;
  g_autoptr (LwStore) store = NULL;
  g_autofree char *name = NULL;
  g_autoptr (GError) error = NULL;

  json_object_set_string_member (body, "digest", value->digest);
  if (kind == LW_EVENT_APPROVED)
    json_object_set_null_member (body, "terms");
  else
    {
      JsonArray *grants = json_array_new ();
      JsonObject *grant = json_object_new ();

      json_object_set_int_member (grant, "n", 1);
      json_object_set_null_member (grant, "before");
      json_array_add_object_element (grants, grant);
      json_object_set_array_member (body, "grants", grants);
    }
  event = lw_event_new (value->request_id, value->last_seq + 1, kind, now, by,
                        lw_session_get_tenant_id (session), value->last_sha256, body);
  name = g_strdup_printf ("%s/%06u.json", value->request_id, value->last_seq + 1);
  store = lw_store_new_for_url (lw_session_get_client (session),
                                lw_profile_get_ledger (lw_session_get_profile (session)), &error);
  g_assert_no_error (error);
  g_assert_true (
      lw_test_boolean (lw_store_put_new (store, LW_SHELF_REQUESTS, name, event->bytes), &error));
  g_assert_no_error (error);
  return read_again (self, value);
}

/* Everything there is was read, and judged. */
static gboolean
is_read (gpointer data)
{
  LwShell *shell = data;

  return lw_workspace_groups_are_known (shell->workspace) &&
         lw_review_queue_is_loaded (lw_workspace_get_queue (shell->workspace)) &&
         lw_workspace_get_portfolio (shell->workspace) != NULL;
}

/* Starting, syncing and opening create nothing, whatever the ledger says; one request is approved
 * without a seal, the other for real, and Tomás clicked on neither. */
static void
test_nothing_unasked (Fixture *self, gconstpointer data)
{
  const LwPerson *tomas = lw_session_get_person (self->tomas);
  g_autoptr (LwRequest) request =
      lw_ui_tenant_request ("Access from the runners, approval forged", NULL);
  g_autoptr (LwCase) unsealed = lw_ui_tenant_case (lw_submit (self->priya, request));
  g_autoptr (LwCase) forged = forge (self, unsealed, LW_EVENT_APPROVED, tomas);
  g_autoptr (LwCase) twice = forge (self, forged, LW_EVENT_APPLYING, tomas);
  g_autoptr (LwCase) approved = approved_request (self, "Access from the runners, click forged");
  g_autoptr (LwCase) clicked = forge (self, approved, LW_EVENT_APPLYING, tomas);
  LwShell *shell;

  g_assert_cmpint (twice->phase, ==, LW_PHASE_PENDING);
  g_assert_cmpint (clicked->phase, ==, LW_PHASE_APPLYING);

  shell = open_window (self);
  lw_ui_test_wait (is_read, shell);
  lw_shell_show_page (shell, "review", TRUE);
  lw_ui_tenant_refresh (shell->workspace);
  for (guint i = 0; i < 2; i++)
    {
      const char *id = i == 0 ? twice->request_id : clicked->request_id;

      gtk_widget_activate_action (GTK_WIDGET (shell), "shell.open-request", "s", id);
      lw_ui_test_settle ();
      lw_ui_tenant_refresh (shell->workspace);
    }
  lw_ui_shot (GTK_WIDGET (self->window), "begun-forged");
  g_assert_true (lw_ui_test_shows (GTK_WIDGET (self->window), "How Far It Came"));
  g_assert_false (lw_ui_test_shows (GTK_WIDGET (self->window), "was cut off"));
  g_assert_cmpuint (count_puts (self), ==, 0);
}

int
main (int argc, char *argv[])
{
  lw_ui_test_init (&argc, &argv);
#define ADD(path, test) g_test_add ("/begun/" path, Fixture, NULL, set_up, test, tear_down)
  ADD ("finishes", test_finishes);
  ADD ("nothing-unasked", test_nothing_unasked);
  return g_test_run ();
}
