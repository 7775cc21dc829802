/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Signing in through the browser, against the simulated tenant and against a scripted one. */

#include <glib/gstdio.h>
#include <string.h>

#include "lw-json.h"
#include "lw-pkce.h"
#include "lw-test-browser.h"
#include "lw-test-tenant.h"

#define PRIYA "priya@contoso.example"

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

typedef struct
{
  LwTestServer *server;
  LwProfile *profile;
  LwIdentity *identity;
  LwTestBrowser *browser;
  const char *nonce; /* (nullable): in place of the right one */
  const char *aud;
  const char *tid;
  const char *error_body; /* (nullable): what refreshes get */
  guint error_status;
  guint in_flight;
  guint most_in_flight;
  guint refreshes;
  guint codes;
  GPtrArray *paused; /* messages held back */
} Entra;

static char *
make_id_token (Entra *self)
{
  g_autofree char *head = lw_base64url_encode ((const guchar *) "{\"alg\":\"none\"}", 14);
  g_autofree char *payload = g_strdup_printf (
      "{\"oid\":\"11111111-0000-4000-8000-000000000000\",\"tid\":\"%s\",\"aud\":\"%s\",\"nonce\":"
      "\"%s\",\"name\":\"P\",\"preferred_username\":\"p@x\"}",
      self->tid != NULL ? self->tid : LW_TEST_TENANT,
      self->aud != NULL ? self->aud : LW_TEST_CLIENT,
      self->nonce != NULL            ? self->nonce
      : self->browser->nonce != NULL ? self->browser->nonce
                                     : "");
  g_autofree char *body = lw_base64url_encode ((const guchar *) payload, strlen (payload));

  return g_strdup_printf ("%s.%s.c2ln", head, body);
}

static gboolean
let_go (gpointer data)
{
  Entra *self = data;

  while (self->paused->len > 0)
    {
      g_autoptr (SoupServerMessage) message =
          g_object_ref (g_ptr_array_index (self->paused, self->paused->len - 1));

      g_ptr_array_set_size (self->paused, self->paused->len - 1);
      self->in_flight--;
      soup_server_message_unpause (message);
    }
  return G_SOURCE_REMOVE;
}

static void
check_code (Entra *self, GHashTable *form)
{
  g_autofree char *challenge = lw_pkce_challenge (g_hash_table_lookup (form, "code_verifier"));

  self->codes++;
  g_assert_cmpstr (challenge, ==, self->browser->challenge);
  g_assert_cmpstr (g_hash_table_lookup (form, "code"), ==, "the-code");
  g_assert_cmpstr (g_hash_table_lookup (form, "redirect_uri"), ==, self->browser->redirect_uri);
  g_assert_cmpstr (g_hash_table_lookup (form, "client_id"), ==, LW_TEST_CLIENT);
}

static void
entra (LwTestServer *server,
       SoupServerMessage *message,
       const char *path,
       GHashTable *query,
       gpointer data)
{
  Entra *self = data;
  const char *body = g_ptr_array_index (server->bodies, server->bodies->len - 1);
  g_autoptr (GHashTable) form = soup_form_decode (body);
  gboolean refresh = g_strcmp0 (g_hash_table_lookup (form, "grant_type"), "refresh_token") == 0;
  g_autofree char *id_token = make_id_token (self);
  g_autofree char *answer = NULL;

  g_assert_cmpstr (path, ==, "/" LW_TEST_TENANT "/oauth2/v2.0/token");
  g_assert_cmpstr (g_ptr_array_index (server->authorizations, 0), ==, "");
  if (!refresh)
    check_code (self, form);
  else
    self->refreshes++;
  if (refresh && self->error_body != NULL)
    {
      lw_test_answer (message, self->error_status, "application/json", self->error_body);
      return;
    }
  answer = g_strdup_printf ("{\"access_token\":\"access-%u-%s\",\"expires_in\":3600,"
                            "\"refresh_token\":\"refresh-%u\",\"id_token\":\"%s\"}",
                            self->refreshes, refresh ? "r" : "c", self->refreshes, id_token);
  lw_test_answer (message, 200, "application/json", answer);
  self->in_flight++;
  self->most_in_flight = MAX (self->most_in_flight, self->in_flight);
  soup_server_message_pause (message);
  g_ptr_array_add (self->paused, g_object_ref (message));
  g_timeout_add (5, let_go, self);
}

static void
entra_set_up (Entra *self, gconstpointer data)
{
  self->paused = g_ptr_array_new_with_free_func (g_object_unref);
  self->server = lw_test_server_new (entra, self);
  self->profile = lw_test_profile (self->server->base, NULL);
  self->identity = lw_identity_new (self->profile);
  self->browser = lw_test_browser_new (NULL, FALSE, NULL);
}

static void
entra_tear_down (Entra *self, gconstpointer data)
{
  DexFuture *out = lw_identity_sign_out (self->identity);

  g_assert_true (lw_test_boolean (out, NULL));
  g_object_unref (self->identity);
  lw_profile_unref (self->profile);
  lw_test_server_free (self->server);
  lw_test_browser_free (self->browser);
  g_ptr_array_unref (self->paused);
}

static void
sign_in (Entra *self)
{
  DexFuture *future = lw_test_browser_sign_in (self->browser, self->identity);
  g_autofree char *back = NULL;

  lw_test_until (lw_test_browser_was_opened, self->browser);
  back = lw_test_browser_way_back (self->browser, "code=the-code");
  lw_test_browser_visit (self->browser, "GET", back, NULL);
  g_assert_true (lw_test_boolean (future, NULL));
}

static void
test_strangers_change_nothing (Entra *self, gconstpointer data)
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
test_denied (Entra *self, gconstpointer data)
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
test_foreign_id_token (Entra *self, gconstpointer data)
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

/* Many callers, three audiences: one refresh for each audience, and never two at once. */
static void
test_single_flight (Entra *self, gconstpointer data)
{
  DexFuture *futures[60];
  g_autofree char *first = NULL;

  sign_in (self);
  first = lw_test_string (lw_identity_get_token (self->identity, LW_AUDIENCE_ARM), NULL);
  g_assert_cmpstr (first, ==, "access-0-c");
  lw_identity_invalidate (self->identity, LW_AUDIENCE_ARM, first);
  for (guint i = 0; i < G_N_ELEMENTS (futures); i++)
    futures[i] = lw_identity_get_token (self->identity, i % LW_AUDIENCE_COUNT);
  /* Some lose interest. */
  for (guint i = 0; i < G_N_ELEMENTS (futures); i += 7)
    g_clear_pointer (&futures[i], dex_unref);
  for (guint i = 0; i < G_N_ELEMENTS (futures); i++)
    {
      g_autofree char *token = NULL;

      if (futures[i] == NULL)
        continue;
      token = lw_test_string (futures[i], NULL);
      g_assert_true (g_str_has_prefix (token, "access-"));
    }
  g_assert_cmpuint (self->refreshes, ==, LW_AUDIENCE_COUNT);
  g_assert_cmpuint (self->most_in_flight, ==, 1);
}

static gboolean
refreshed_once (gpointer data)
{
  return ((Entra *) data)->refreshes == 1 && ((Entra *) data)->in_flight == 0;
}

/* Everybody went away while the refresh was under way: what it brought is kept all the same. */
static void
test_refresh_survives_its_callers (Entra *self, gconstpointer data)
{
  g_autofree char *token = NULL;

  sign_in (self);
  lw_identity_invalidate (self->identity, LW_AUDIENCE_ARM, "access-0-c");
  dex_unref (lw_identity_get_token (self->identity, LW_AUDIENCE_ARM));
  lw_test_until (refreshed_once, self);
  token = lw_test_string (lw_identity_get_token (self->identity, LW_AUDIENCE_ARM), NULL);
  g_assert_cmpstr (token, ==, "access-1-r");
  g_assert_cmpuint (self->refreshes, ==, 1);
}

static void
test_refused_refresh (Entra *self, gconstpointer data)
{
  static const struct
  {
    guint status;
    const char *body;
    LwAzureError code;
    const char *claims;
  } cases[] = {
    { 400, "{\"error\":\"invalid_grant\",\"error_description\":\"AADSTS50173: x\"}",
      LW_AZURE_ERROR_SIGN_IN, NULL },
    { 400, "{\"error\":\"interaction_required\",\"claims\":\"{\\\"a\\\":{}}\"}",
      LW_AZURE_ERROR_SIGN_IN, "{\"a\":{}}" },
    { 400, "{\"error\":\"consent_required\"}", LW_AZURE_ERROR_SIGN_IN, NULL },
    { 200, "<html></html>", LW_AZURE_ERROR_PROTOCOL, NULL },
  };

  sign_in (self);
  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr (GError) error = NULL;

      self->error_body = cases[i].body;
      self->error_status = cases[i].status;
      lw_identity_invalidate (self->identity, LW_AUDIENCE_ARM, "access-0-c");
      g_assert_null (
          lw_test_string (lw_identity_get_token (self->identity, LW_AUDIENCE_ARM), &error));
      g_assert_error (error, LW_AZURE_ERROR, (int) cases[i].code);
      if (cases[i].code == LW_AZURE_ERROR_SIGN_IN)
        g_assert_cmpstr (lw_azure_error_get_details (error)->claims, ==, cases[i].claims);
    }
  g_assert_false (lw_identity_is_signed_in (self->identity));
  /* What passes by itself is tried again, and the sign-in is still good. */
  self->error_body = NULL;
  g_assert_true (lw_test_boolean (lw_identity_resume (self->identity), NULL));
  g_assert_true (lw_identity_is_signed_in (self->identity));
}

static void
test_network_is_no_sign_in_error (Entra *self, gconstpointer data)
{
  g_autoptr (GError) error = NULL;

  sign_in (self);
  lw_test_until (lw_test_browser_has_page, self->browser);
  lw_identity_invalidate (self->identity, LW_AUDIENCE_ARM, "access-0-c");
  soup_server_disconnect (self->server->server);
  g_assert_null (lw_test_string (lw_identity_get_token (self->identity, LW_AUDIENCE_ARM), &error));
  g_assert_error (error, LW_AZURE_ERROR, LW_AZURE_ERROR_NETWORK);
  g_assert_true (lw_identity_is_signed_in (self->identity));
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
test_cancelling_closes_the_port (Entra *self, gconstpointer data)
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
test_trace (Entra *self, gconstpointer data)
{
  if (g_test_subprocess ())
    {
      g_setenv ("LEEWAY_DEBUG", "http", TRUE);
      sign_in (self);
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

/* Without a keyring the session lives in memory, and says why. */
static void
test_no_keyring (Entra *self, gconstpointer data)
{
  g_autofree char *token = NULL;

  if (!g_test_subprocess ())
    {
      g_test_trap_subprocess (NULL, 0, G_TEST_SUBPROCESS_DEFAULT);
      g_test_trap_assert_passed ();
      return;
    }
  g_unsetenv ("SECRET_BACKEND");
  g_setenv ("DBUS_SESSION_BUS_ADDRESS", "unix:path=/nowhere", TRUE);
  sign_in (self);
  g_assert_true (lw_identity_is_signed_in (self->identity));
  g_assert_error (lw_identity_get_keyring_error (self->identity), LW_AZURE_ERROR,
                  LW_AZURE_ERROR_KEYRING_MISSING);
  lw_identity_invalidate (self->identity, LW_AUDIENCE_ARM, "access-0-c");
  token = lw_test_string (lw_identity_get_token (self->identity, LW_AUDIENCE_ARM), NULL);
  g_assert_cmpstr (token, ==, "access-1-r");
}

#define ADD(path, function) g_test_add (path, Entra, NULL, entra_set_up, function, entra_tear_down)

int
main (int argc, char **argv)
{
  g_autofree char *folder = g_dir_make_tmp ("leeway-keyring-XXXXXX", NULL);
  g_autofree char *file = g_build_filename (folder, "keyring", NULL);
  int status;

  g_setenv ("SECRET_BACKEND", "file", TRUE);
  g_setenv ("SECRET_FILE_TEST_PATH", file, TRUE);
  g_setenv ("SECRET_FILE_TEST_PASSWORD", "pw", TRUE);
  dex_init ();
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/tenant/sign-in-and-resume", test_sign_in_and_resume);
  g_test_add_func ("/tenant/rotation", test_rotation);
  g_test_add_func ("/tenant/over-tls", test_over_tls);
  ADD ("/entra/strangers", test_strangers_change_nothing);
  ADD ("/entra/denied", test_denied);
  ADD ("/entra/foreign-id-token", test_foreign_id_token);
  ADD ("/entra/single-flight", test_single_flight);
  ADD ("/entra/survives-its-callers", test_refresh_survives_its_callers);
  ADD ("/entra/refused-refresh", test_refused_refresh);
  ADD ("/entra/network", test_network_is_no_sign_in_error);
  ADD ("/entra/cancel", test_cancelling_closes_the_port);
  ADD ("/entra/trace", test_trace);
  ADD ("/entra/no-keyring", test_no_keyring);
  status = g_test_run ();
  g_remove (file);
  g_rmdir (folder);
  return status;
}
