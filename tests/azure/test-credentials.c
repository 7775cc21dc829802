/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Where the sign-in goes, and where it must not: other hosts, redirects, next links, certificates, traces. */

#include "config.h"

#include <string.h>

#include "lw-json.h"
#include "lw-test-certificate.h"
#include "lw-test-script.h"

/* Credentials */

static void
test_401 (void)
{
  LwTestScript challenged = { .status = 401,
                              .challenge = "Bearer realm=\"\", error=\"invalid_token\"" };
  LwTestScript with_claims = {
    .status = 401, .challenge = "Bearer error=\"insufficient_claims\", claims=\"eyJhIjp7fX0=\""
  };
  LwTestScript quota = { .status = 401,
                         .body = "{\"Code\":\"Unauthorized\",\"Message\":\"quota\"}" };
  guint seen;
  g_autoptr (GError) again = lw_test_script_expect (challenged, LW_AZURE_ERROR_SIGN_IN, &seen);
  g_autoptr (GError) claims = NULL;
  g_autoptr (GError) refused = NULL;

  g_assert_cmpuint (seen, ==, 2);
  claims = lw_test_script_expect (with_claims, LW_AZURE_ERROR_SIGN_IN, &seen);
  g_assert_cmpuint (seen, ==, 1);
  g_assert_cmpstr (lw_azure_error_get_details (claims)->claims, ==, "{\"a\":{}}");
  refused = lw_test_script_expect (quota, LW_AZURE_ERROR_FORBIDDEN, &seen);
  g_assert_cmpuint (seen, ==, 1);
}

static void
test_redirect (void)
{
  LwTestScript other_script = { .status = 200, .body = "{}" };
  g_autoptr (LwTestServer) other = lw_test_server_new (lw_test_script_play, &other_script);
  static const guint statuses[] = { 301, 302, 303, 307, 308 };

  for (guint i = 0; i < G_N_ELEMENTS (statuses); i++)
    {
      LwTestScript away = { .status = statuses[i], .location = other->base };
      LwTestScript near = { .status = statuses[i], .location = "/elsewhere" };
      g_autoptr (GError) off = lw_test_script_expect (away, LW_AZURE_ERROR_HOST, NULL);
      g_autoptr (GError) same = lw_test_script_expect (near, LW_AZURE_ERROR_PROTOCOL, NULL);
    }
  g_assert_cmpuint (other_script.seen, ==, 0);
}

static void
test_next_link_elsewhere (void)
{
  LwTestScript other_script = { .status = 200, .body = "{\"value\":[]}" };
  g_autoptr (LwTestServer) other = lw_test_server_new (lw_test_script_play, &other_script);
  const char *const nexts[] = { other->base,    "http://evil.example/p",     "/relative",
                                "javascript:1", "http://user:pw@127.0.0.1/", "" };

  for (guint i = 0; i < G_N_ELEMENTS (nexts); i++)
    {
      LwTestScript script = { .next = (char *) nexts[i] };
      g_autoptr (LwTestServer) server = lw_test_server_new (lw_test_script_play, &script);
      g_autoptr (GError) error = NULL;
      g_autoptr (JsonNode) node = lw_test_script_list (server->base, &error);

      g_assert_cmpuint (script.seen, ==, 1);
      if (nexts[i][0] == '\0')
        g_assert_nonnull (node);
      else
        g_assert_error (error, LW_AZURE_ERROR, LW_AZURE_ERROR_HOST);
    }
  g_assert_cmpuint (other_script.seen, ==, 0);
}

static void
test_next_link_loop (void)
{
  LwTestScript script = { 0 };
  g_autoptr (LwTestServer) server = lw_test_server_new (lw_test_script_play, &script);
  g_autoptr (GError) error = NULL;

  script.next = g_strconcat (server->base, "/p?page=1", NULL);
  g_assert_null (lw_test_script_list (server->base, &error));
  g_assert_error (error, LW_AZURE_ERROR, LW_AZURE_ERROR_PROTOCOL);
  g_assert_cmpuint (script.seen, ==, 2);
  g_free (script.next);
}

static void
test_pages (void)
{
  LwTestScript script = { .pages = 25 };
  g_autoptr (LwTestServer) server = lw_test_server_new (lw_test_script_play, &script);
  g_autoptr (JsonNode) node = lw_test_script_list (server->base, NULL);

  g_assert_cmpuint (json_array_get_length (json_node_get_array (node)), ==, 25);
  g_assert_cmpint (
      lw_json_get_int (lw_json_array_get_object (json_node_get_array (node), 24), "n", 0), ==, 25);
}

static void
test_foreign_host_gets_nothing (void)
{
  LwTestScript script = { .status = 200, .body = "{}" };
  g_autoptr (LwTestServer) own = lw_test_server_new (lw_test_script_play, &script);
  LwTestScript other_script = { .status = 200, .body = "{}" };
  g_autoptr (LwTestServer) other = lw_test_server_new (lw_test_script_play, &other_script);
  g_autoptr (LwClient) client = lw_test_client (own->base, 1000);
  g_autoptr (GError) error = NULL;

  g_assert_null (lw_test_boxed (lw_transport_json (lw_client_get_transport (client),
                                                   LW_AUDIENCE_ARM, "GET", other->base, NULL, TRUE),
                                &error));
  g_assert_error (error, LW_AZURE_ERROR, LW_AZURE_ERROR_HOST);
  g_assert_cmpuint (other_script.seen, ==, 0);
}

static void
test_own_headers (void)
{
  LwTestScript script = { .status = 200, .body = "{}" };
  g_autoptr (LwTestServer) server = lw_test_server_new (lw_test_script_play, &script);
  g_autoptr (JsonNode) one = lw_test_script_call (server->base, "GET", 1000, TRUE, NULL);
  g_autofree char *first = g_strdup (script.request_id);
  g_autoptr (JsonNode) two = lw_test_script_call (server->base, "GET", 1000, TRUE, NULL);

  g_assert_cmpstr (g_ptr_array_index (server->authorizations, 0), ==, "Bearer " LW_TEST_TOKEN);
  g_assert_cmpstr (script.user_agent, ==, "Leeway/" LW_VERSION);
  g_assert_true (g_uuid_string_is_valid (first));
  g_assert_true (g_uuid_string_is_valid (script.request_id));
  g_assert_cmpstr (script.request_id, !=, first);
}

/* Certificates */

static char *
make_certificate (const char *folder, const char *name, const char *subject, const char *days)
{
  g_autofree char *base = g_build_filename (folder, name, NULL);
  g_autofree char *pem = g_strconcat (base, ".pem", NULL);
  g_autofree char *key = g_strconcat (base, ".key", NULL);
  g_autofree char *san = g_strconcat ("subjectAltName=", subject, NULL);
  const char *const argv[] = { "openssl", "req",      "-x509",   "-newkey", "rsa:2048", "-nodes",
                               "-keyout", key,        "-out",    pem,       "-days",    days,
                               "-subj",   "/CN=test", "-addext", san,       NULL };
  g_autofree char *output = NULL;
  g_autofree char *errors = NULL;
  int status = -1;

  if (!g_spawn_sync (NULL, (char **) argv, NULL, G_SPAWN_SEARCH_PATH, NULL, NULL, &output, &errors,
                     &status, NULL) ||
      status != 0)
    return NULL;
  return g_steal_pointer (&base);
}

static GError *
call_tls (const char *certificate, const char *ca_file, guint *seen)
{
  g_autofree char *pem = g_strconcat (certificate, ".pem", NULL);
  g_autofree char *key = g_strconcat (certificate, ".key", NULL);
  g_autoptr (GTlsCertificate) pair = g_tls_certificate_new_from_files (pem, key, NULL);
  /* Not libsoup's own server, which stumbles where a handshake fails. */
  g_autoptr (LwTestRaw) server = lw_test_raw_new_tls (
      "HTTP/1.1 200 OK\r\nContent-Length: 12\r\n\r\n{\"value\":[]}", FALSE, pair);
  g_autoptr (LwProfile) profile = lw_test_profile (server->base, ca_file);
  g_autoptr (LwIdentity) identity = lw_identity_new_for_token (profile, LW_TEST_TOKEN);
  g_autoptr (LwClient) client = lw_client_new (profile, identity);
  g_autoptr (GError) error = NULL;
  g_autoptr (GPtrArray) found = NULL;

  lw_transport_set_deadline (lw_client_get_transport (client), 25000, 5);
  found = lw_test_boxed (lw_client_list_subscriptions (client), &error);
  *seen = (guint) g_atomic_int_get (&server->connections);
  return g_steal_pointer (&error);
}

static void
test_certificates (void)
{
  g_autofree char *folder = g_dir_make_tmp ("leeway-tls-XXXXXX", NULL);
  g_autofree char *good = make_certificate (folder, "good", "IP:127.0.0.1", "2");
  g_autofree char *other =
      good != NULL ? make_certificate (folder, "other", "DNS:x.example", "2") : NULL;
  g_autofree char *good_pem = g_strconcat (good, ".pem", NULL);
  g_autofree char *other_pem = g_strconcat (other, ".pem", NULL);
  g_autofree char *missing = g_build_filename (folder, "none.pem", NULL);
  g_autoptr (GError) fine = NULL;
  g_autoptr (GError) unknown = NULL;
  g_autoptr (GError) name = NULL;
  g_autoptr (GError) file = NULL;
  guint seen;

  if (good == NULL || other == NULL)
    {
      g_test_skip ("The openssl command is not here");
      return;
    }
  fine = call_tls (good, good_pem, &seen);
  g_assert_no_error (fine);
  g_assert_cmpuint (seen, <=, 1); /* counted once it is over */
  unknown = call_tls (good, NULL, &seen);
  g_assert_error (unknown, LW_AZURE_ERROR, LW_AZURE_ERROR_TLS);
  g_assert_nonnull (strstr (unknown->message, "does not trust"));
  g_assert_cmpuint (seen, ==, 0);
  name = call_tls (other, other_pem, &seen);
  g_assert_error (name, LW_AZURE_ERROR, LW_AZURE_ERROR_TLS);
  g_assert_nonnull (strstr (name->message, "another name"));
  g_assert_cmpuint (seen, ==, 0);
  file = call_tls (good, missing, &seen);
  g_assert_error (file, LW_AZURE_ERROR, LW_AZURE_ERROR_TLS);
  g_assert_nonnull (strstr (file->message, "none.pem"));
}

/* The trace, in a process of its own */

static void
test_trace (void)
{
  if (g_test_subprocess ())
    {
      LwTestScript script = { .status = 429,
                              .fail_first = 1,
                              .body =
                                  "{\"error\":{\"code\":\"x\",\"message\":\"Bearer " LW_TEST_TOKEN
                                  "\"}}" };
      g_autoptr (LwTestServer) server = lw_test_server_new (lw_test_script_play, &script);
      g_autoptr (JsonNode) node = NULL;
      g_autoptr (GError) error = NULL;

      g_setenv ("LEEWAY_DEBUG", "http", TRUE);
      node = lw_test_script_call (server->base, "GET", 2000, TRUE, NULL);
      script =
          (LwTestScript) { .status = 403, .body = "{\"message\":\"Bearer " LW_TEST_TOKEN "\"}" };
      g_assert_null (lw_test_script_call (server->base, "GET", 2000, TRUE, &error));
      g_printerr ("error: %s %s\n", error->message, lw_azure_error_get_details (error)->message);
      return;
    }
  g_test_trap_subprocess (NULL, 0, G_TEST_SUBPROCESS_DEFAULT);
  g_test_trap_assert_passed ();
  g_test_trap_assert_stderr ("*http 1 > GET http://127.0.0.1:*Authorization: ****http 1 < 429*");
  g_test_trap_assert_stderr ("*error: *Bearer ****");
  g_test_trap_assert_stderr_unmatched ("*" LW_TEST_TOKEN "*");
  g_test_trap_assert_stdout_unmatched ("*" LW_TEST_TOKEN "*");
}

int
main (int argc, char **argv)
{
  dex_init ();
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/credentials/401", test_401);
  g_test_add_func ("/credentials/redirect", test_redirect);
  g_test_add_func ("/credentials/next-link-elsewhere", test_next_link_elsewhere);
  g_test_add_func ("/credentials/foreign-host", test_foreign_host_gets_nothing);
  g_test_add_func ("/credentials/own-headers", test_own_headers);
  g_test_add_func ("/pages/loop", test_next_link_loop);
  g_test_add_func ("/pages/all", test_pages);
  g_test_add_func ("/certificates", test_certificates);
  g_test_add_func ("/trace", test_trace);
  return g_test_run ();
}
