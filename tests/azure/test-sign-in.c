/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Signing in through the browser, against the simulated tenant and against a scripted one. */

#include <glib/gstdio.h>
#include <string.h>

#include "lw-test-entra.h"
#include "lw-test-keyring.h"
#include "lw-test-people.h"

/* Against the simulated tenant */

static LwTestTenant *
tenant_or_skip (const char *const *arguments)
{
  LwTestTenant *tenant = lw_test_tenant_new (arguments);

  if (tenant == NULL)
    g_test_skip ("The simulated tenant is not here; set LEEWAY_DEMO_TENANT and LEEWAY_DEMO_DATA");
  return tenant;
}

static void
test_sign_in_and_resume (void)
{
  g_autoptr (LwTestTenant) tenant = tenant_or_skip (NULL);
  g_autoptr (LwProfile) profile = tenant != NULL ? lw_test_tenant_profile (tenant, NULL) : NULL;
  g_autoptr (LwIdentity) identity = NULL;
  g_autoptr (LwIdentity) later = NULL;
  g_autoptr (LwClient) client = NULL;
  g_autoptr (LwTestBrowser) browser = lw_test_browser_new (PRIYA, TRUE, NULL);
  g_autoptr (GPtrArray) me = NULL;
  g_autoptr (GError) error = NULL;
  g_autofree char *arm = NULL;
  g_autofree char *graph = NULL;

  if (tenant == NULL)
    return;
  identity = lw_identity_new (profile);
  g_assert_false (lw_identity_is_signed_in (identity));
  g_assert_false (lw_test_boolean (lw_identity_resume (identity), &error));
  g_assert_error (error, LW_AZURE_ERROR, LW_AZURE_ERROR_SIGN_IN);
  g_assert_true (lw_test_boolean (lw_test_browser_sign_in (browser, identity), NULL));
  lw_test_until (lw_test_browser_has_page, browser);
  g_assert_cmpuint (browser->status, ==, 200);
  g_assert_nonnull (strstr (browser->page, "<!DOCTYPE html>"));
  g_assert_true (g_str_has_prefix (browser->redirect_uri, "http://localhost:"));
  g_assert_true (g_str_has_suffix (browser->redirect_uri, "/"));
  g_assert_true (lw_identity_is_signed_in (identity));
  g_assert_cmpstr (lw_identity_get_person (identity)->upn, ==, PRIYA);
  g_assert_cmpstr (lw_identity_get_person (identity)->name, ==, "Priya Raman");
  g_assert_cmpstr (lw_identity_get_tenant_id (identity), ==, lw_profile_get_tenant (profile));
  g_assert_null (lw_identity_get_keyring_error (identity));

  client = lw_client_new (profile, identity);
  me = lw_test_boxed (lw_client_get_me (client), NULL);
  g_assert_cmpstr (((LwPerson *) g_ptr_array_index (me, 0))->id, ==,
                   lw_identity_get_person (identity)->id);
  arm = lw_test_string (lw_identity_get_token (identity, LW_AUDIENCE_ARM), NULL);
  graph = lw_test_string (lw_identity_get_token (identity, LW_AUDIENCE_GRAPH), NULL);
  g_assert_cmpstr (arm, !=, graph);

  later = lw_identity_new (profile);
  g_assert_true (lw_test_boolean (lw_identity_resume (later), NULL));
  g_assert_cmpstr (lw_identity_get_person (later)->upn, ==, PRIYA);

  g_assert_true (lw_test_boolean (lw_identity_sign_out (later), NULL));
  g_assert_false (lw_identity_is_signed_in (later));
  g_assert_null (lw_identity_get_person (later));
  g_clear_error (&error);
  g_assert_null (lw_test_string (lw_identity_get_token (later, LW_AUDIENCE_ARM), &error));
  g_assert_error (error, LW_AZURE_ERROR, LW_AZURE_ERROR_SIGN_IN);
  g_clear_object (&later);
  later = lw_identity_new (profile);
  g_clear_error (&error);
  g_assert_false (lw_test_boolean (lw_identity_resume (later), &error));
  g_assert_error (error, LW_AZURE_ERROR, LW_AZURE_ERROR_SIGN_IN);
}

/* Tokens that live a second, asked for by many at once: the tenant refuses a refresh token at its third
 * use, so that a client that loses the newest one is found out. */
static void
test_rotation (void)
{
  const char *const arguments[] = { "--token-seconds", "1", NULL };
  g_autoptr (LwTestTenant) tenant = tenant_or_skip (arguments);
  g_autoptr (LwProfile) profile = tenant != NULL ? lw_test_tenant_profile (tenant, NULL) : NULL;
  g_autoptr (LwIdentity) identity = NULL;
  g_autoptr (LwIdentity) later = NULL;
  g_autoptr (LwTestBrowser) browser = lw_test_browser_new (PRIYA, TRUE, NULL);

  if (tenant == NULL)
    return;
  identity = lw_identity_new (profile);
  g_assert_true (lw_test_boolean (lw_test_browser_sign_in (browser, identity), NULL));
  for (guint round = 0; round < 4; round++)
    {
      DexFuture *futures[30];

      for (guint i = 0; i < G_N_ELEMENTS (futures); i++)
        {
          g_autofree char *token = NULL;

          futures[i] = lw_identity_get_token (identity, i % LW_AUDIENCE_COUNT);
        }
      for (guint i = 0; i < G_N_ELEMENTS (futures); i++)
        {
          g_autofree char *token = lw_test_string (futures[i], NULL);

          g_assert_nonnull (token);
          lw_identity_invalidate (identity, i % LW_AUDIENCE_COUNT, token);
        }
    }
  later = lw_identity_new (profile);
  g_assert_true (lw_test_boolean (lw_identity_resume (later), NULL));
  lw_test_until (lw_test_browser_has_page, browser);
  g_assert_true (lw_test_boolean (lw_identity_sign_out (later), NULL));
}

static void
test_over_tls (void)
{
  g_autofree char *folder = g_dir_make_tmp ("leeway-tls-XXXXXX", NULL);
  g_autofree char *pem = g_build_filename (folder, "c.pem", NULL);
  g_autofree char *key = g_build_filename (folder, "c.key", NULL);
  const char *const openssl[] = {
    "openssl",  "req",      "-x509",   "-newkey",
    "rsa:2048", "-nodes",   "-keyout", key,
    "-out",     pem,        "-days",   "2",
    "-subj",    "/CN=test", "-addext", "subjectAltName=DNS:localhost,IP:127.0.0.1",
    NULL
  };
  const char *const arguments[] = { "--tls-certificate", pem, "--tls-key", key, NULL };
  g_autofree char *errors = NULL;
  g_autoptr (LwTestTenant) tenant = NULL;
  g_autoptr (LwProfile) profile = NULL;
  g_autoptr (LwIdentity) identity = NULL;
  g_autoptr (LwClient) client = NULL;
  g_autoptr (GPtrArray) found = NULL;
  int status = -1;

  if (!g_spawn_sync (NULL, (char **) openssl, NULL, G_SPAWN_SEARCH_PATH, NULL, NULL, NULL, &errors,
                     &status, NULL) ||
      status != 0)
    {
      g_test_skip ("The openssl command is not here");
      return;
    }
  tenant = tenant_or_skip (arguments);
  if (tenant == NULL)
    return;
  profile = lw_test_tenant_profile (tenant, pem);
  identity = lw_identity_new_for_token (profile, lw_test_tenant_token (tenant, PRIYA));
  client = lw_client_new (profile, identity);
  found = lw_test_boxed (lw_client_list_subscriptions (client), NULL);
  g_assert_cmpuint (found->len, >, 0);
  g_remove (pem);
  g_remove (key);
  g_rmdir (folder);
}

/* Against a script */

static void
test_strangers_change_nothing (LwTestEntra *self, gconstpointer data)
{
  DexFuture *future = lw_test_browser_sign_in (self->browser, self->identity);
  LwTestBrowser *browser = self->browser;
  g_autofree char *back = NULL;
  g_autofree char *right_path = NULL;
  g_autofree char *other_state = NULL;
  g_autofree char *no_state = NULL;
  g_autofree char *refused = NULL;

  lw_test_until (lw_test_browser_was_opened, browser);
  back = lw_test_browser_way_back (browser, "code=the-code");
  other_state =
      g_strdup_printf ("%s?code=the-code&state=AAAAAAAAAAAAAAAAAAAAAA", browser->redirect_uri);
  no_state = g_strdup_printf ("%s?code=the-code", browser->redirect_uri);
  refused = g_strdup_printf ("%s?error=access_denied", browser->redirect_uri);
  right_path =
      g_strdup_printf ("%selse?code=the-code&state=%s", browser->redirect_uri, browser->state);
  g_assert_cmpuint (lw_test_browser_go (browser, "GET", other_state, NULL), ==, 400);
  g_assert_cmpuint (lw_test_browser_go (browser, "GET", no_state, NULL), ==, 400);
  g_assert_cmpuint (lw_test_browser_go (browser, "GET", refused, NULL), ==, 400);
  g_assert_cmpuint (lw_test_browser_go (browser, "GET", right_path, NULL), ==, 404);
  g_assert_cmpuint (lw_test_browser_go (browser, "POST", back, NULL), ==, 405);
  g_assert_cmpuint (lw_test_browser_go (browser, "GET", back, "evil.example"), ==, 400);
  g_assert_true (dex_future_is_pending (future));
  g_assert_cmpuint (self->codes, ==, 0);
  g_assert_cmpuint (lw_test_browser_go (browser, "GET", back, NULL), ==, 200);
  g_assert_true (lw_test_boolean (future, NULL));
  g_assert_cmpuint (self->codes, ==, 1);
  /* One shot: nobody listens any more. */
  g_assert_cmpuint (lw_test_browser_go (browser, "GET", back, NULL), ==, 599);
  g_assert_cmpuint (self->codes, ==, 1);
}

static void
test_denied (LwTestEntra *self, gconstpointer data)
{
  DexFuture *future = lw_test_browser_sign_in (self->browser, self->identity);
  g_autoptr (GError) error = NULL;
  g_autofree char *back = NULL;

  lw_test_until (lw_test_browser_was_opened, self->browser);
  back = lw_test_browser_way_back (
      self->browser, "error=access_denied&error_description=%3Cscript%3Ealert(1)%3C/script%3E");
  g_assert_cmpuint (lw_test_browser_go (self->browser, "GET", back, NULL), ==, 200);
  g_assert_false (lw_test_boolean (future, &error));
  g_assert_error (error, LW_AZURE_ERROR, LW_AZURE_ERROR_SIGN_IN);
  g_assert_cmpstr (lw_azure_error_get_details (error)->code, ==, "access_denied");
  g_assert_nonnull (strstr (error->message, "refused in the browser"));
  g_assert_null (strstr (self->browser->page, "<script"));
  g_assert_cmpuint (self->codes, ==, 0);
}

static void
test_foreign_id_token (LwTestEntra *self, gconstpointer data)
{
  static const struct
  {
    const char *nonce, *aud, *tid;
  } cases[] = {
    { "someone-elses-nonce", NULL, NULL },
    { "", NULL, NULL },
    { NULL, "00000000-0000-4000-8000-00000000000f", NULL },
    { NULL, NULL, "00000000-0000-4000-8000-00000000000f" },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr (LwIdentity) identity = lw_identity_new (self->profile);
      g_autoptr (GError) error = NULL;
      g_autofree char *back = NULL;
      DexFuture *future;

      lw_test_browser_free (self->browser);
      self->browser = lw_test_browser_new (NULL, FALSE, NULL);
      self->nonce = cases[i].nonce;
      self->aud = cases[i].aud;
      self->tid = cases[i].tid;
      future = lw_test_browser_sign_in (self->browser, identity);
      lw_test_until (lw_test_browser_was_opened, self->browser);
      back = lw_test_browser_way_back (self->browser, "code=the-code");
      lw_test_browser_visit (self->browser, "GET", back, NULL);
      g_assert_false (lw_test_boolean (future, &error));
      g_assert_true (error->domain == LW_AZURE_ERROR);
      g_assert_false (lw_identity_is_signed_in (identity));
      g_assert_null (lw_identity_get_person (identity));
      lw_test_until (lw_test_browser_has_page, self->browser);
    }
}

static gboolean destroyed;

static void
mark_destroyed (gpointer data)
{
  destroyed = TRUE;
}

static gboolean
is_destroyed (gpointer data)
{
  return destroyed;
}

static void
test_cancelling_closes_the_port (LwTestEntra *self, gconstpointer data)
{
  const LwSignInAsk ask = { .claims = "{\"a\":1}", .login_hint = "p@x" };
  const LwSignInHooks hooks = { .open_uri = lw_test_browser_open };
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();
  g_autoptr (GError) error = NULL;
  DexFuture *future;
  g_autofree char *back = NULL;

  destroyed = FALSE;
  future = lw_identity_sign_in (self->identity, &ask, &hooks, self->browser, mark_destroyed,
                                cancellable);
  lw_test_until (lw_test_browser_was_opened, self->browser);
  g_assert_nonnull (strstr (self->browser->url, "%22a%22%3A1"));
  g_assert_nonnull (
      strstr (self->browser->url, "%22xms_cc%22%3A%7B%22values%22%3A%5B%22cp1%22%5D"));
  g_assert_nonnull (strstr (self->browser->url, "&login_hint=p%40x"));
  back = lw_test_browser_way_back (self->browser, "code=the-code");
  g_cancellable_cancel (cancellable);
  g_assert_false (lw_test_boolean (future, &error));
  g_assert_error (error, LW_AZURE_ERROR, LW_AZURE_ERROR_CANCELLED);
  lw_test_until (is_destroyed, NULL);
  g_assert_cmpuint (lw_test_browser_go (self->browser, "GET", back, NULL), ==, 599);
  g_assert_cmpuint (self->codes, ==, 0);
  g_clear_error (&error);
  /* Cancelled before it began. */
  future = lw_identity_sign_in (self->identity, &ask, &hooks, NULL, NULL, cancellable);
  g_assert_false (lw_test_boolean (future, &error));
  g_assert_error (error, LW_AZURE_ERROR, LW_AZURE_ERROR_CANCELLED);
}

/* The trace of a whole sign-in, in a process of its own: no token, code, verifier or state in it. */
static void
test_trace (LwTestEntra *self, gconstpointer data)
{
  if (g_test_subprocess ())
    {
      g_setenv ("LEEWAY_DEBUG", "http", TRUE);
      lw_test_entra_sign_in (self);
      lw_identity_invalidate (self->identity, LW_AUDIENCE_ARM, "access-0-c");
      g_free (lw_test_string (lw_identity_get_token (self->identity, LW_AUDIENCE_ARM), NULL));
      g_assert_cmpuint (self->refreshes, ==, 1);
      return;
    }
  g_test_trap_subprocess (NULL, 0, G_TEST_SUBPROCESS_DEFAULT);
  g_test_trap_assert_passed ();
  g_test_trap_assert_stderr ("*http 1 > POST http://127.0.0.1:*oauth2/v2.0/token*http 2 < 200*");
  g_test_trap_assert_stderr_unmatched ("*access-*");
  g_test_trap_assert_stderr_unmatched ("*refresh-0*");
  g_test_trap_assert_stderr_unmatched ("*the-code*");
  g_test_trap_assert_stderr_unmatched ("*eyJ*");
}

#define ADD(path, function)                                                                        \
  g_test_add (path, LwTestEntra, NULL, lw_test_entra_set_up, function, lw_test_entra_tear_down)

static void
add_tests (void)
{
  g_test_add_func ("/tenant/sign-in-and-resume", test_sign_in_and_resume);
  g_test_add_func ("/tenant/rotation", test_rotation);
  g_test_add_func ("/tenant/over-tls", test_over_tls);
  ADD ("/entra/strangers", test_strangers_change_nothing);
  ADD ("/entra/denied", test_denied);
  ADD ("/entra/foreign-id-token", test_foreign_id_token);
  ADD ("/entra/cancel", test_cancelling_closes_the_port);
  ADD ("/entra/trace", test_trace);
}

int
main (int argc, char **argv)
{
  return lw_test_keyring_main (argc, argv, add_tests);
}
