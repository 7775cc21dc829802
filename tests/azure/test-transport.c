/* SPDX-License-Identifier: GPL-3.0-or-later */

/* What must be survived on the wire. */

#include "config.h"

#include <string.h>

#include "lw-json.h"
#include "lw-test.h"
#include "lw-wire.h"

typedef struct
{
  const char *type;
  const char *body;
  guint status;
  guint fail_first; /* how many requests get @status before all is well */
  const char *retry_after;
  const char *challenge;
  const char *location;
  char *next; /* nextLink of every page */
  guint pages;
  guint seen;
  char user_agent[64]; /* of the last request */
  char request_id[64];
} Script;

static void
play (LwTestServer *server,
      SoupServerMessage *message,
      const char *path,
      GHashTable *query,
      gpointer data)
{
  Script *script = data;
  SoupMessageHeaders *headers = soup_server_message_get_response_headers (message);

  SoupMessageHeaders *asked = soup_server_message_get_request_headers (message);

  g_strlcpy (script->user_agent, soup_message_headers_get_one (asked, "User-Agent"),
             sizeof script->user_agent);
  g_strlcpy (script->request_id, soup_message_headers_get_one (asked, "x-ms-client-request-id"),
             sizeof script->request_id);
  script->seen++;
  if (script->fail_first > 0 && script->seen > script->fail_first)
    {
      lw_test_answer (message, 200, "application/json", "{\"fine\":true}");
      return;
    }
  if (script->retry_after != NULL)
    soup_message_headers_replace (headers, "Retry-After", script->retry_after);
  if (script->challenge != NULL)
    soup_message_headers_replace (headers, "WWW-Authenticate", script->challenge);
  if (script->location != NULL)
    soup_message_headers_replace (headers, "Location", script->location);
  if (script->next != NULL || script->pages > 0)
    {
      g_autofree char *page = NULL;

      if (script->next != NULL)
        page = g_strdup_printf ("{\"value\":[{\"n\":%u}],\"nextLink\":\"%s\"}", script->seen,
                                script->next);
      else if (script->seen < script->pages)
        page = g_strdup_printf ("{\"value\":[{\"n\":%u}],\"nextLink\":\"%s/p?page=%u\"}",
                                script->seen, server->base, script->seen);
      else
        page = g_strdup_printf ("{\"value\":[{\"n\":%u}],\"nextLink\":null}", script->seen);
      lw_test_answer (message, 200, "application/json", page);
      return;
    }
  lw_test_answer (message, script->status, script->type != NULL ? script->type : "application/json",
                  script->body);
}

static JsonNode *
call (const char *base, const char *method, guint deadline_ms, gboolean idempotent, GError **error)
{
  g_autoptr (LwClient) client = lw_test_client (base, deadline_ms);
  g_autofree char *url = g_strconcat (base, "/thing?api-version=1", NULL);

  return lw_test_boxed (lw_transport_json (lw_client_get_transport (client), LW_AUDIENCE_ARM,
                                           method, url, NULL, idempotent),
                        error);
}

static JsonNode *
list (const char *base, GError **error)
{
  g_autoptr (LwClient) client = lw_test_client (base, 2000);
  static const LwPageReader reader = { "value", NULL, NULL };
  g_autofree char *url = g_strconcat (base, "/p", NULL);
  g_autoptr (LwPage) page = lw_test_boxed (
      lw_transport_list (lw_client_get_transport (client), LW_AUDIENCE_ARM, "GET", url, &reader),
      error);

  return page != NULL ? lw_page_to_array (page) : NULL;
}

static GError *
expect_error (Script script, LwAzureError code, guint *seen)
{
  g_autoptr (LwTestServer) server = lw_test_server_new (play, &script);
  g_autoptr (GError) error = NULL;
  g_autoptr (JsonNode) node = call (server->base, "GET", 3000, TRUE, &error);

  g_assert_null (node);
  g_assert_error (error, LW_AZURE_ERROR, (int) code);
  if (seen != NULL)
    *seen = script.seen;
  return g_steal_pointer (&error);
}

/* Answers that are not what they should be */

static void
test_html_502 (void)
{
  Script script = { .status = 502,
                    .type = "text/html",
                    .body = "<html><head><title>Bad &amp; gateway</title></head><b>x</b></html>" };
  guint seen;
  g_autoptr (GError) error = expect_error (script, LW_AZURE_ERROR_SERVER, &seen);

  g_assert_cmpuint (seen, >, 1);
  g_assert_nonnull (strstr (error->message, "Bad & gateway"));
  g_assert_cmpuint (lw_azure_error_get_details (error)->status, ==, 502);
}

static void
test_html_200 (void)
{
  Script script = { .status = 200, .type = "text/html", .body = "<html>Please log on</html>" };
  g_autoptr (GError) error = expect_error (script, LW_AZURE_ERROR_PROTOCOL, NULL);

  g_assert_nonnull (strstr (error->message, "web page"));
}

static void
test_bad_json (void)
{
  static const char *const bodies[] = { "{\"value\":[{\"id\":\"a\"}", "{\"a\":1,\"a\":2}", "\xff",
                                        "{\"a\":\"\\u0000\"}", "text" };

  for (guint i = 0; i < G_N_ELEMENTS (bodies); i++)
    {
      Script script = { .status = 200, .body = bodies[i] };
      g_autoptr (GError) error = expect_error (script, LW_AZURE_ERROR_PROTOCOL, NULL);
    }
}

static void
test_big_json_is_checked_too (void)
{
  g_autoptr (GString) body = g_string_new ("{\"a\":\"");
  g_autoptr (GError) error = NULL;
  g_autoptr (JsonNode) node = NULL;
  Script script = { .status = 200 };
  g_autoptr (LwTestServer) server = lw_test_server_new (play, &script);

  for (guint i = 0; i < 200000; i++)
    g_string_append_c (body, 'x');
  script.body = body->str;
  node = call (server->base, "GET", 5000, TRUE, &error);
  g_assert_error (error, LW_AZURE_ERROR, LW_AZURE_ERROR_PROTOCOL);
  g_clear_error (&error);
  g_string_append (body, "\"}");
  script.body = body->str;
  node = call (server->base, "GET", 5000, TRUE, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (strlen (lw_json_get_string (json_node_get_object (node), "a")), ==, 200000);
}

static void
test_wrong_shapes (void)
{
  static const char *const bodies[] = { "",
                                        "null",
                                        "[]",
                                        "7",
                                        "{}",
                                        "{\"value\":null}",
                                        "true",
                                        "{\"value\":7}",
                                        "{\"value\":[],\"nextLink\":7}" };

  for (guint i = 0; i < G_N_ELEMENTS (bodies); i++)
    {
      Script script = { .status = 200, .body = bodies[i] };
      g_autoptr (LwTestServer) server = lw_test_server_new (play, &script);
      g_autoptr (GError) error = NULL;
      g_autoptr (JsonNode) node = list (server->base, &error);

      g_assert_null (node);
      g_assert_error (error, LW_AZURE_ERROR, LW_AZURE_ERROR_PROTOCOL);
    }
}

static void
test_empty_is_null (void)
{
  Script script = { .status = 204 };
  g_autoptr (LwTestServer) server = lw_test_server_new (play, &script);
  g_autoptr (JsonNode) node = call (server->base, "DELETE", 1000, TRUE, NULL);

  g_assert_true (JSON_NODE_HOLDS_NULL (node));
}

/* Typed verbs on wrong shapes: errors or empty lists, never a critical. */
static void
test_verbs_on_wrong_shapes (void)
{
  static const char *const bodies[] = { "null",
                                        "[]",
                                        "{}",
                                        "{\"value\":[null,7,\"x\",[],{},{\"id\":7},{\"id\":null}]}",
                                        "{\"id\":7,\"properties\":[]}",
                                        "{\"id\":\"/x\",\"properties\":null}",
                                        "{\"data\":[null,7,{}],\"$skipToken\":7}",
                                        "{\"data\":{}}" };

  for (guint i = 0; i < G_N_ELEMENTS (bodies); i++)
    {
      Script script = { .status = 200, .body = bodies[i] };
      g_autoptr (LwTestServer) server = lw_test_server_new (play, &script);
      g_autoptr (LwClient) client = lw_test_client (server->base, 1000);
      DexFuture *calls[] = {
        lw_client_load_hierarchy (client),
        lw_client_list_subscriptions (client),
        lw_client_list_resources (client, "/subscriptions/s/resourceGroups/g"),
        lw_client_search_resources (client, "x"),
        lw_client_load_scopes (client),
        lw_client_list_assignments (client, "/subscriptions/s"),
        lw_client_list_all_assignments (client),
        lw_client_get_assignment (client, "/subscriptions/s"),
        lw_client_list_noncompliant (client, "/subscriptions/s", "/a"),
        lw_client_list_exemptions (client, "/subscriptions/s", NULL),
        lw_client_list_all_exemptions (client),
        lw_client_get_exemption (client, "/subscriptions/s"),
        lw_client_get_permissions (client, "/subscriptions/s"),
        lw_client_get_me (client),
        lw_client_search_people (client, "x"),
        lw_client_get_manager (client, LW_TEST_TENANT),
      };

      for (guint j = 0; j < G_N_ELEMENTS (calls); j++)
        {
          g_autoptr (GError) error = NULL;

          dex_future_get_value (lw_test_settle (calls[j]), &error);
          if (error != NULL)
            g_assert_true (error->domain == LW_AZURE_ERROR);
          dex_unref (calls[j]);
        }
    }
}

/* Broken connections */

static void
test_stalled (void)
{
  g_autoptr (LwTestRaw) raw = lw_test_raw_new (
      "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 100\r\n\r\n{\"a\":",
      TRUE);
  g_autoptr (GError) error = NULL;
  gint64 start = g_get_monotonic_time ();
  g_autoptr (JsonNode) node = call (raw->base, "GET", 200, TRUE, &error);

  g_assert_null (node);
  g_assert_error (error, LW_AZURE_ERROR, LW_AZURE_ERROR_TIMED_OUT);
  g_assert_cmpint (g_get_monotonic_time () - start, <, 5 * G_USEC_PER_SEC);
  g_assert_nonnull (strstr (lw_azure_error_get_details (error)->url, "GET http://127.0.0.1"));
}

static void
test_reset_mid_body (void)
{
  g_autoptr (LwTestRaw) raw = lw_test_raw_new (
      "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 100\r\n\r\n{\"a\":",
      FALSE);
  g_autoptr (GError) error = NULL;
  g_autoptr (JsonNode) node = call (raw->base, "GET", 2000, TRUE, &error);

  g_assert_null (node);
  g_assert_error (error, LW_AZURE_ERROR, LW_AZURE_ERROR_NETWORK);
  /* Tried again, but not for ever. */
  g_assert_cmpint (raw->connections, >, 1);
  g_assert_cmpint (raw->connections, <, 10);
}

static void
test_no_second_try_unless_idempotent (void)
{
  g_autoptr (LwTestRaw) raw =
      lw_test_raw_new ("HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n{", FALSE);
  Script script = { .status = 503, .fail_first = 100 };
  g_autoptr (LwTestServer) server = lw_test_server_new (play, &script);
  g_autoptr (GError) error = NULL;
  g_autoptr (GError) busy = NULL;

  g_assert_null (call (raw->base, "POST", 2000, FALSE, &error));
  g_assert_error (error, LW_AZURE_ERROR, LW_AZURE_ERROR_NETWORK);
  g_assert_cmpint (raw->connections, ==, 1);
  g_assert_null (call (server->base, "POST", 2000, FALSE, &busy));
  g_assert_error (busy, LW_AZURE_ERROR, LW_AZURE_ERROR_SERVER);
  g_assert_cmpuint (script.seen, ==, 1);
}

static void
test_refused (void)
{
  LwTestRaw *raw = lw_test_raw_new ("", FALSE);
  g_autofree char *base = g_strdup (raw->base);
  g_autoptr (GError) error = NULL;

  lw_test_raw_free (raw);
  g_assert_null (call (base, "GET", 2000, TRUE, &error));
  g_assert_error (error, LW_AZURE_ERROR, LW_AZURE_ERROR_NETWORK);
  g_assert_nonnull (strstr (error->message, "refuses"));
}

static void
test_not_http (void)
{
  g_autoptr (LwTestRaw) raw = lw_test_raw_new ("SSH-2.0-OpenSSH_9.2\r\n", FALSE);
  g_autoptr (GError) error = NULL;

  g_assert_null (call (raw->base, "GET", 2000, TRUE, &error));
  g_assert_error (error, LW_AZURE_ERROR, LW_AZURE_ERROR_NETWORK);
}

static void
stream_for_ever (SoupServerMessage *message, gpointer data)
{
  static char chunk[256 * 1024];

  soup_message_body_append (soup_server_message_get_response_body (message), SOUP_MEMORY_STATIC,
                            chunk, sizeof chunk);
}

static void
play_endless (LwTestServer *server,
              SoupServerMessage *message,
              const char *path,
              GHashTable *query,
              gpointer data)
{
  soup_server_message_set_status (message, 200, NULL);
  soup_message_headers_set_encoding (soup_server_message_get_response_headers (message),
                                     SOUP_ENCODING_CHUNKED);
  soup_message_body_set_accumulate (soup_server_message_get_response_body (message), FALSE);
  g_signal_connect (message, "wrote-headers", G_CALLBACK (stream_for_ever), NULL);
  g_signal_connect (message, "wrote-chunk", G_CALLBACK (stream_for_ever), NULL);
}

static void
test_over_the_cap (void)
{
  g_autoptr (LwTestRaw) raw =
      lw_test_raw_new ("HTTP/1.1 200 OK\r\nContent-Length: 104857600\r\n\r\n{", TRUE);
  g_autoptr (LwTestServer) endless = lw_test_server_new (play_endless, NULL);
  g_autoptr (GError) announced = NULL;
  g_autoptr (GError) streamed = NULL;

  g_assert_null (call (raw->base, "GET", 2000, TRUE, &announced));
  g_assert_error (announced, LW_AZURE_ERROR, LW_AZURE_ERROR_TOO_LARGE);
  g_assert_null (call (endless->base, "GET", 20000, TRUE, &streamed));
  g_assert_error (streamed, LW_AZURE_ERROR, LW_AZURE_ERROR_TOO_LARGE);
}

/* Throttling */

static void
test_retry_after_is_waited (void)
{
  Script script = { .status = 429, .fail_first = 1, .retry_after = "1" };
  g_autoptr (LwTestServer) server = lw_test_server_new (play, &script);
  gint64 start = g_get_monotonic_time ();
  g_autoptr (JsonNode) node = call (server->base, "GET", 10000, TRUE, NULL);

  g_assert_true (lw_json_get_boolean (json_node_get_object (node), "fine", FALSE));
  g_assert_cmpint (g_get_monotonic_time () - start, >=, G_USEC_PER_SEC);
  g_assert_cmpuint (script.seen, ==, 2);
}

static void
test_retry_after_beyond_deadline (void)
{
  Script script = { .status = 429,
                    .retry_after = "3600",
                    .body = "{\"error\":{\"code\":\"TooMany\",\"message\":\"Slow down\"}}" };
  guint seen;
  gint64 start = g_get_monotonic_time ();
  g_autoptr (GError) error = expect_error (script, LW_AZURE_ERROR_THROTTLED, &seen);

  g_assert_cmpuint (seen, ==, 1);
  g_assert_cmpint (g_get_monotonic_time () - start, <, 2 * G_USEC_PER_SEC);
  g_assert_nonnull (strstr (error->message, "3600"));
  g_assert_cmpstr (lw_azure_error_get_details (error)->code, ==, "TooMany");
}

static void
test_retry_without_header (void)
{
  Script script = { .status = 503, .fail_first = 3 };
  g_autoptr (LwTestServer) server = lw_test_server_new (play, &script);
  g_autoptr (JsonNode) node = call (server->base, "GET", 5000, TRUE, NULL);

  g_assert_nonnull (node);
  g_assert_cmpuint (script.seen, ==, 4);
}

static void
test_no_retry_of_other_errors (void)
{
  static const guint statuses[] = { 400, 403, 404, 409, 412, 501 };

  for (guint i = 0; i < G_N_ELEMENTS (statuses); i++)
    {
      Script script = { .status = statuses[i], .body = "null" };
      g_autoptr (LwTestServer) server = lw_test_server_new (play, &script);
      g_autoptr (GError) error = NULL;

      g_assert_null (call (server->base, "GET", 2000, TRUE, &error));
      g_assert_cmpuint (lw_azure_error_get_details (error)->status, ==, statuses[i]);
      g_assert_cmpuint (script.seen, ==, 1);
    }
}

/* Credentials */

static void
test_401 (void)
{
  Script challenged = { .status = 401, .challenge = "Bearer realm=\"\", error=\"invalid_token\"" };
  Script with_claims = { .status = 401,
                         .challenge =
                             "Bearer error=\"insufficient_claims\", claims=\"eyJhIjp7fX0=\"" };
  Script quota = { .status = 401, .body = "{\"Code\":\"Unauthorized\",\"Message\":\"quota\"}" };
  guint seen;
  g_autoptr (GError) again = expect_error (challenged, LW_AZURE_ERROR_SIGN_IN, &seen);
  g_autoptr (GError) claims = NULL;
  g_autoptr (GError) refused = NULL;

  g_assert_cmpuint (seen, ==, 2);
  claims = expect_error (with_claims, LW_AZURE_ERROR_SIGN_IN, &seen);
  g_assert_cmpuint (seen, ==, 1);
  g_assert_cmpstr (lw_azure_error_get_details (claims)->claims, ==, "{\"a\":{}}");
  refused = expect_error (quota, LW_AZURE_ERROR_FORBIDDEN, &seen);
  g_assert_cmpuint (seen, ==, 1);
}

static void
test_redirect (void)
{
  Script other_script = { .status = 200, .body = "{}" };
  g_autoptr (LwTestServer) other = lw_test_server_new (play, &other_script);
  static const guint statuses[] = { 301, 302, 303, 307, 308 };

  for (guint i = 0; i < G_N_ELEMENTS (statuses); i++)
    {
      Script away = { .status = statuses[i], .location = other->base };
      Script near = { .status = statuses[i], .location = "/elsewhere" };
      g_autoptr (GError) off = expect_error (away, LW_AZURE_ERROR_HOST, NULL);
      g_autoptr (GError) same = expect_error (near, LW_AZURE_ERROR_PROTOCOL, NULL);
    }
  g_assert_cmpuint (other_script.seen, ==, 0);
}

static void
test_next_link_elsewhere (void)
{
  Script other_script = { .status = 200, .body = "{\"value\":[]}" };
  g_autoptr (LwTestServer) other = lw_test_server_new (play, &other_script);
  const char *const nexts[] = { other->base,    "http://evil.example/p",     "/relative",
                                "javascript:1", "http://user:pw@127.0.0.1/", "" };

  for (guint i = 0; i < G_N_ELEMENTS (nexts); i++)
    {
      Script script = { .next = (char *) nexts[i] };
      g_autoptr (LwTestServer) server = lw_test_server_new (play, &script);
      g_autoptr (GError) error = NULL;
      g_autoptr (JsonNode) node = list (server->base, &error);

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
  Script script = { 0 };
  g_autoptr (LwTestServer) server = lw_test_server_new (play, &script);
  g_autoptr (GError) error = NULL;

  script.next = g_strconcat (server->base, "/p?page=1", NULL);
  g_assert_null (list (server->base, &error));
  g_assert_error (error, LW_AZURE_ERROR, LW_AZURE_ERROR_PROTOCOL);
  g_assert_cmpuint (script.seen, ==, 2);
  g_free (script.next);
}

static void
test_pages (void)
{
  Script script = { .pages = 25 };
  g_autoptr (LwTestServer) server = lw_test_server_new (play, &script);
  g_autoptr (JsonNode) node = list (server->base, NULL);

  g_assert_cmpuint (json_array_get_length (json_node_get_array (node)), ==, 25);
  g_assert_cmpint (
      lw_json_get_int (lw_json_array_get_object (json_node_get_array (node), 24), "n", 0), ==, 25);
}

static void
test_foreign_host_gets_nothing (void)
{
  Script script = { .status = 200, .body = "{}" };
  g_autoptr (LwTestServer) own = lw_test_server_new (play, &script);
  Script other_script = { .status = 200, .body = "{}" };
  g_autoptr (LwTestServer) other = lw_test_server_new (play, &other_script);
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
  Script script = { .status = 200, .body = "{}" };
  g_autoptr (LwTestServer) server = lw_test_server_new (play, &script);
  g_autoptr (JsonNode) one = call (server->base, "GET", 1000, TRUE, NULL);
  g_autofree char *first = g_strdup (script.request_id);
  g_autoptr (JsonNode) two = call (server->base, "GET", 1000, TRUE, NULL);

  g_assert_cmpstr (g_ptr_array_index (server->authorizations, 0), ==, "Bearer " LW_TEST_TOKEN);
  g_assert_cmpstr (script.user_agent, ==, "Leeway/" LW_VERSION);
  g_assert_true (g_uuid_string_is_valid (first));
  g_assert_true (g_uuid_string_is_valid (script.request_id));
  g_assert_cmpstr (script.request_id, !=, first);
}

/* Cancelling */

static gboolean
has_connection (gpointer data)
{
  return g_atomic_int_get (&((LwTestRaw *) data)->connections) > 0;
}

static gboolean
peer_hung_up (gpointer data)
{
  LwTestRaw *raw = data;
  GSocketConnection *connection = g_ptr_array_index (raw->held, 0);
  GSocket *socket = g_socket_connection_get_socket (connection);
  char byte;

  g_socket_set_blocking (socket, FALSE);
  return g_socket_receive (socket, &byte, 1, NULL, NULL) == 0;
}

static gboolean
tick (gpointer data)
{
  return G_SOURCE_CONTINUE;
}

static void
test_discarding_stops_the_request (void)
{
  g_autoptr (LwTestRaw) raw =
      lw_test_raw_new ("HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n{", TRUE);
  g_autoptr (LwClient) client = lw_test_client (raw->base, 60000);
  DexFuture *future = lw_client_list_subscriptions (client);
  guint ticking = g_timeout_add (10, tick, NULL);

  /* The raw listener lives on a thread of its own, which wakes nobody here. */
  lw_test_until (has_connection, raw);
  dex_unref (future);
  lw_test_until (peer_hung_up, raw);
  g_source_remove (ticking);
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
      Script script = { .status = 429,
                        .fail_first = 1,
                        .body = "{\"error\":{\"code\":\"x\",\"message\":\"Bearer " LW_TEST_TOKEN
                                "\"}}" };
      g_autoptr (LwTestServer) server = lw_test_server_new (play, &script);
      g_autoptr (JsonNode) node = NULL;
      g_autoptr (GError) error = NULL;

      g_setenv ("LEEWAY_DEBUG", "http", TRUE);
      node = call (server->base, "GET", 2000, TRUE, NULL);
      script = (Script) { .status = 403, .body = "{\"message\":\"Bearer " LW_TEST_TOKEN "\"}" };
      g_assert_null (call (server->base, "GET", 2000, TRUE, &error));
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
  g_test_add_func ("/answer/html-502", test_html_502);
  g_test_add_func ("/answer/html-200", test_html_200);
  g_test_add_func ("/answer/bad-json", test_bad_json);
  g_test_add_func ("/answer/big-json", test_big_json_is_checked_too);
  g_test_add_func ("/answer/wrong-shapes", test_wrong_shapes);
  g_test_add_func ("/answer/empty", test_empty_is_null);
  g_test_add_func ("/answer/verbs-on-wrong-shapes", test_verbs_on_wrong_shapes);
  g_test_add_func ("/broken/stalled", test_stalled);
  g_test_add_func ("/broken/reset-mid-body", test_reset_mid_body);
  g_test_add_func ("/broken/not-idempotent", test_no_second_try_unless_idempotent);
  g_test_add_func ("/broken/refused", test_refused);
  g_test_add_func ("/broken/not-http", test_not_http);
  g_test_add_func ("/broken/over-the-cap", test_over_the_cap);
  g_test_add_func ("/throttled/retry-after", test_retry_after_is_waited);
  g_test_add_func ("/throttled/beyond-deadline", test_retry_after_beyond_deadline);
  g_test_add_func ("/throttled/without-header", test_retry_without_header);
  g_test_add_func ("/throttled/other-errors", test_no_retry_of_other_errors);
  g_test_add_func ("/credentials/401", test_401);
  g_test_add_func ("/credentials/redirect", test_redirect);
  g_test_add_func ("/credentials/next-link-elsewhere", test_next_link_elsewhere);
  g_test_add_func ("/credentials/foreign-host", test_foreign_host_gets_nothing);
  g_test_add_func ("/credentials/own-headers", test_own_headers);
  g_test_add_func ("/pages/loop", test_next_link_loop);
  g_test_add_func ("/pages/all", test_pages);
  g_test_add_func ("/cancel", test_discarding_stops_the_request);
  g_test_add_func ("/certificates", test_certificates);
  g_test_add_func ("/trace", test_trace);
  return g_test_run ();
}
