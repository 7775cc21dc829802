/* SPDX-License-Identifier: GPL-3.0-or-later */

/* What must be survived on the wire. */

#include "config.h"

#include <string.h>

#include "lw-json.h"
#include "lw-test-script.h"
#include "lw-wire.h"

/* Answers that are not what they should be */

static void
test_html_502 (void)
{
  LwTestScript script = {
    .status = 502,
    .type = "text/html",
    .body = "<html><head><title>Bad &amp; gateway</title></head><b>x</b></html>"
  };
  guint seen;
  g_autoptr (GError) error = lw_test_script_expect (script, LW_AZURE_ERROR_SERVER, &seen);

  g_assert_cmpuint (seen, >, 1);
  g_assert_nonnull (strstr (error->message, "Bad & gateway"));
  g_assert_cmpuint (lw_azure_error_get_details (error)->status, ==, 502);
}

static void
test_html_200 (void)
{
  LwTestScript script = { .status = 200,
                          .type = "text/html",
                          .body = "<html>Please log on</html>" };
  g_autoptr (GError) error = lw_test_script_expect (script, LW_AZURE_ERROR_PROTOCOL, NULL);

  g_assert_nonnull (strstr (error->message, "web page"));
}

static void
test_bad_json (void)
{
  static const char *const bodies[] = { "{\"value\":[{\"id\":\"a\"}", "{\"a\":1,\"a\":2}", "\xff",
                                        "{\"a\":\"\\u0000\"}", "text" };

  for (guint i = 0; i < G_N_ELEMENTS (bodies); i++)
    {
      LwTestScript script = { .status = 200, .body = bodies[i] };
      g_autoptr (GError) error = lw_test_script_expect (script, LW_AZURE_ERROR_PROTOCOL, NULL);
    }
}

static void
test_big_json_is_checked_too (void)
{
  g_autoptr (GString) body = g_string_new ("{\"a\":\"");
  g_autoptr (GError) error = NULL;
  g_autoptr (JsonNode) node = NULL;
  LwTestScript script = { .status = 200 };
  g_autoptr (LwTestServer) server = lw_test_server_new (lw_test_script_play, &script);

  for (guint i = 0; i < 200000; i++)
    g_string_append_c (body, 'x');
  script.body = body->str;
  node = lw_test_script_call (server->base, "GET", 5000, TRUE, &error);
  g_assert_error (error, LW_AZURE_ERROR, LW_AZURE_ERROR_PROTOCOL);
  g_clear_error (&error);
  g_string_append (body, "\"}");
  script.body = body->str;
  node = lw_test_script_call (server->base, "GET", 5000, TRUE, &error);
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
      LwTestScript script = { .status = 200, .body = bodies[i] };
      g_autoptr (LwTestServer) server = lw_test_server_new (lw_test_script_play, &script);
      g_autoptr (GError) error = NULL;
      g_autoptr (JsonNode) node = lw_test_script_list (server->base, &error);

      g_assert_null (node);
      g_assert_error (error, LW_AZURE_ERROR, LW_AZURE_ERROR_PROTOCOL);
    }
}

static void
test_empty_is_null (void)
{
  LwTestScript script = { .status = 204 };
  g_autoptr (LwTestServer) server = lw_test_server_new (lw_test_script_play, &script);
  g_autoptr (JsonNode) node = lw_test_script_call (server->base, "DELETE", 1000, TRUE, NULL);

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
      LwTestScript script = { .status = 200, .body = bodies[i] };
      g_autoptr (LwTestServer) server = lw_test_server_new (lw_test_script_play, &script);
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
  g_autoptr (JsonNode) node = lw_test_script_call (raw->base, "GET", 200, TRUE, &error);

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
  g_autoptr (JsonNode) node = lw_test_script_call (raw->base, "GET", 2000, TRUE, &error);

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
  LwTestScript script = { .status = 503, .fail_first = 100 };
  g_autoptr (LwTestServer) server = lw_test_server_new (lw_test_script_play, &script);
  g_autoptr (GError) error = NULL;
  g_autoptr (GError) busy = NULL;

  g_assert_null (lw_test_script_call (raw->base, "POST", 2000, FALSE, &error));
  g_assert_error (error, LW_AZURE_ERROR, LW_AZURE_ERROR_NETWORK);
  g_assert_cmpint (raw->connections, ==, 1);
  g_assert_null (lw_test_script_call (server->base, "POST", 2000, FALSE, &busy));
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
  g_assert_null (lw_test_script_call (base, "GET", 2000, TRUE, &error));
  g_assert_error (error, LW_AZURE_ERROR, LW_AZURE_ERROR_NETWORK);
  g_assert_nonnull (strstr (error->message, "refuses"));
}

static void
test_not_http (void)
{
  g_autoptr (LwTestRaw) raw = lw_test_raw_new ("SSH-2.0-OpenSSH_9.2\r\n", FALSE);
  g_autoptr (GError) error = NULL;

  g_assert_null (lw_test_script_call (raw->base, "GET", 2000, TRUE, &error));
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

  g_assert_null (lw_test_script_call (raw->base, "GET", 2000, TRUE, &announced));
  g_assert_error (announced, LW_AZURE_ERROR, LW_AZURE_ERROR_TOO_LARGE);
  g_assert_null (lw_test_script_call (endless->base, "GET", 20000, TRUE, &streamed));
  g_assert_error (streamed, LW_AZURE_ERROR, LW_AZURE_ERROR_TOO_LARGE);
}

/* Throttling */

static void
test_retry_after_is_waited (void)
{
  LwTestScript script = { .status = 429, .fail_first = 1, .retry_after = "1" };
  g_autoptr (LwTestServer) server = lw_test_server_new (lw_test_script_play, &script);
  gint64 start = g_get_monotonic_time ();
  g_autoptr (JsonNode) node = lw_test_script_call (server->base, "GET", 10000, TRUE, NULL);

  g_assert_true (lw_json_get_boolean (json_node_get_object (node), "fine", FALSE));
  g_assert_cmpint (g_get_monotonic_time () - start, >=, G_USEC_PER_SEC);
  g_assert_cmpuint (script.seen, ==, 2);
}

static void
test_retry_after_beyond_deadline (void)
{
  LwTestScript script = { .status = 429,
                          .retry_after = "3600",
                          .body = "{\"error\":{\"code\":\"TooMany\",\"message\":\"Slow down\"}}" };
  guint seen;
  gint64 start = g_get_monotonic_time ();
  g_autoptr (GError) error = lw_test_script_expect (script, LW_AZURE_ERROR_THROTTLED, &seen);

  g_assert_cmpuint (seen, ==, 1);
  g_assert_cmpint (g_get_monotonic_time () - start, <, 2 * G_USEC_PER_SEC);
  g_assert_nonnull (strstr (error->message, "3600"));
  g_assert_cmpstr (lw_azure_error_get_details (error)->code, ==, "TooMany");
}

static void
test_retry_without_header (void)
{
  LwTestScript script = { .status = 503, .fail_first = 3 };
  g_autoptr (LwTestServer) server = lw_test_server_new (lw_test_script_play, &script);
  g_autoptr (JsonNode) node = lw_test_script_call (server->base, "GET", 5000, TRUE, NULL);

  g_assert_nonnull (node);
  g_assert_cmpuint (script.seen, ==, 4);
}

static void
test_no_retry_of_other_errors (void)
{
  static const guint statuses[] = { 400, 403, 404, 409, 412, 501 };

  for (guint i = 0; i < G_N_ELEMENTS (statuses); i++)
    {
      LwTestScript script = { .status = statuses[i], .body = "null" };
      g_autoptr (LwTestServer) server = lw_test_server_new (lw_test_script_play, &script);
      g_autoptr (GError) error = NULL;

      g_assert_null (lw_test_script_call (server->base, "GET", 2000, TRUE, &error));
      g_assert_cmpuint (lw_azure_error_get_details (error)->status, ==, statuses[i]);
      g_assert_cmpuint (script.seen, ==, 1);
    }
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
  g_test_add_func ("/cancel", test_discarding_stops_the_request);
  return g_test_run ();
}
