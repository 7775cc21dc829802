/* SPDX-License-Identifier: GPL-3.0-or-later */

/* What lies between a request and its answer: connections, proxies, bodies. */

#include "config.h"

#include <libsoup/soup.h>
#include <string.h>

#include "lw-json.h"
#include "lw-test-certificate.h"
#include "lw-test-crowd.h"
#include "lw-test-proxy.h"
#include "lw-test-wire.h"

/* Connections */

static void
check_reuse (GTlsCertificate *certificate, const char *ca_file)
{
  g_autoptr (LwTestCrowd) crowd = lw_test_crowd_new (certificate);
  g_autoptr (LwWire) wire = lw_wire_new (ca_file);
  g_autofree char *url = g_strconcat (crowd->base, "/100/x", NULL);

  lw_wire_allow_http2 (wire, TRUE);
  for (guint i = 0; i < 50; i++)
    {
      g_autoptr (LwAnswer) answer = lw_test_wire_get (wire, url, 10000, NULL);

      g_assert_cmpuint (g_bytes_get_size (answer->body), ==, 100);
    }
  g_assert_cmpint (g_atomic_int_get (&crowd->connections), ==, 1);
  g_assert_cmpint (g_atomic_int_get (&crowd->by_http2), ==, certificate != NULL ? 50 : 0);
  /* What may not be sent twice goes over a connection that was never used. */
  for (guint i = 0; i < 3; i++)
    {
      const LwWireRequest once = { .method = "PUT", .url = url, .timeout_ms = 10000 };
      g_autoptr (LwAnswer) answer = lw_test_boxed (lw_wire_send (wire, &once), NULL);

      g_assert_cmpint (g_atomic_int_get (&crowd->connections), ==, 2 + (int) i);
    }
}

static void
test_reuse (void)
{
  check_reuse (NULL, NULL);
  lw_test_with_certificate (check_reuse);
}

/* Unless libsoup is new enough, what a server offers is not taken. */
static void
check_protocol (GTlsCertificate *certificate, const char *ca_file)
{
  g_autoptr (LwTestCrowd) crowd = lw_test_crowd_new (certificate);
  g_autoptr (LwWire) wire = lw_wire_new (ca_file);
  g_autofree char *url = g_strconcat (crowd->base, "/100/x", NULL);
  g_autoptr (LwAnswer) answer = lw_test_wire_get (wire, url, 10000, NULL);

  g_assert_cmpint (g_atomic_int_get (&crowd->by_http2), ==, soup_check_version (3, 7, 1) ? 1 : 0);
}

static void
test_protocol (void)
{
  lw_test_with_certificate (check_protocol);
}

/* Bodies */

static void
play_bomb (LwTestServer *server,
           SoupServerMessage *message,
           const char *path,
           GHashTable *query,
           gpointer data)
{
  GBytes *bomb = data;

  soup_message_headers_replace (soup_server_message_get_response_headers (message),
                                "Content-Encoding", "gzip");
  soup_server_message_set_status (message, 200, NULL);
  soup_message_body_append_bytes (soup_server_message_get_response_body (message), bomb);
}

/* @size zeros, packed. */
static GBytes *
pack (gsize size)
{
  static const char zeros[65536];
  g_autoptr (GZlibCompressor) compressor = g_zlib_compressor_new (G_ZLIB_COMPRESSOR_FORMAT_GZIP, 9);
  g_autoptr (GOutputStream) memory = g_memory_output_stream_new_resizable ();
  g_autoptr (GOutputStream) stream =
      g_converter_output_stream_new (memory, G_CONVERTER (compressor));

  for (gsize done = 0; done < size; done += sizeof zeros)
    g_assert_true (g_output_stream_write_all (stream, zeros, sizeof zeros, NULL, NULL, NULL));
  g_assert_true (g_output_stream_close (stream, NULL, NULL));
  return g_memory_output_stream_steal_as_bytes (G_MEMORY_OUTPUT_STREAM (memory));
}

static void
test_bomb (void)
{
  g_autoptr (GBytes) bomb = pack (256 * 1024 * 1024);
  g_autoptr (LwTestServer) server = lw_test_server_new (play_bomb, bomb);
  g_autoptr (LwWire) wire = lw_wire_new (NULL);
  g_autoptr (GError) error = NULL;

  g_assert_cmpuint (g_bytes_get_size (bomb), <, 1024 * 1024);
  error = lw_test_wire_expect (wire, server->base, 20000, LW_AZURE_ERROR_TOO_LARGE);
  lw_test_says (error, "32 MiB");
}

static void
test_packed (void)
{
  g_autoptr (GBytes) packed = pack (65536);
  g_autoptr (LwTestServer) server = lw_test_server_new (play_bomb, packed);
  g_autoptr (LwWire) wire = lw_wire_new (NULL);
  g_autoptr (LwAnswer) answer = lw_test_wire_get (wire, server->base, 20000, NULL);

  g_assert_cmpuint (g_bytes_get_size (answer->body), ==, 65536);
}

static void
test_stalled (void)
{
  static const char *const beginnings[] = {
    "", "HTTP/1.1 200 OK\r\nContent-Le", "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n12",
    "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\n1"
  };

  for (guint i = 0; i < G_N_ELEMENTS (beginnings); i++)
    {
      g_autoptr (LwTestRaw) raw = lw_test_raw_new (beginnings[i], TRUE);
      g_autoptr (LwWire) wire = lw_wire_new (NULL);
      g_autoptr (GError) error =
          lw_test_wire_expect (wire, raw->base, 300, LW_AZURE_ERROR_TIMED_OUT);

      lw_test_says (error, i < 2 ? "did not answer in time" : "began to answer and then stopped");
      g_assert_true (lw_azure_error_get_details (error)->lost);
    }
}

typedef struct
{
  SoupServerMessage *message;
  guint timer;
} Drip;

static gboolean
drip (gpointer data)
{
  Drip *self = data;

  soup_message_body_append (soup_server_message_get_response_body (self->message),
                            SOUP_MEMORY_STATIC, "x", 1);
  soup_server_message_unpause (self->message);
  return G_SOURCE_CONTINUE;
}

static void
stop_dripping (SoupServerMessage *message, gpointer data)
{
  Drip *self = data;

  g_clear_handle_id (&self->timer, g_source_remove);
  g_clear_object (&self->message);
}

static void
play_drip (LwTestServer *server,
           SoupServerMessage *message,
           const char *path,
           GHashTable *query,
           gpointer data)
{
  Drip *self = data;

  soup_message_headers_set_encoding (soup_server_message_get_response_headers (message),
                                     SOUP_ENCODING_CHUNKED);
  soup_server_message_set_status (message, 200, NULL);
  self->message = g_object_ref (message);
  self->timer = g_timeout_add (1, drip, self);
  g_signal_connect (message, "finished", G_CALLBACK (stop_dripping), self);
  drip (self);
}

/* A body that goes on coming, a little at a time, does not outlive the time it has. */
static void
test_dripping (void)
{
  Drip dripping = { 0 };
  g_autoptr (LwTestServer) server = lw_test_server_new (play_drip, &dripping);
  g_autoptr (LwWire) wire = lw_wire_new (NULL);
  gint64 start = g_get_monotonic_time ();
  g_autoptr (GError) error =
      lw_test_wire_expect (wire, server->base, 500, LW_AZURE_ERROR_TIMED_OUT);

  g_assert_cmpint (g_get_monotonic_time () - start, <, 15 * G_USEC_PER_SEC);
  lw_test_says (error, "began to answer");
  stop_dripping (NULL, &dripping);
}

/* An address that cannot be used is not quoted: what is in it may be secret. */
static void
test_no_address (void)
{
  g_autoptr (LwWire) wire = lw_wire_new (NULL);
  g_autoptr (GError) odd =
      lw_test_wire_expect (wire, "ftp://files.example/?sig=hunter2", 500, LW_AZURE_ERROR_INVALID);
  g_autoptr (GError) broken =
      lw_test_wire_expect (wire, "http://[/?sig=hunter2", 500, LW_AZURE_ERROR_INVALID);

  lw_test_says (odd, "files.example");
  lw_test_keeps_quiet (odd, "hunter2");
  lw_test_keeps_quiet (broken, "hunter2");
}

/* Bodies of all sizes around those at which buffers grow come through whole. */
static void
test_sizes (void)
{
  static const guint sizes[] = { 0,     1,     16383, 16384, 16385,  32767,   32768,
                                 65535, 65536, 65537, 99999, 262144, 1000000, 5000000 };
  g_autoptr (LwTestCrowd) crowd = lw_test_crowd_new (NULL);
  g_autoptr (LwWire) wire = lw_wire_new (NULL);

  for (guint i = 0; i < G_N_ELEMENTS (sizes); i++)
    {
      g_autofree char *url = g_strdup_printf ("%s/%u/", crowd->base, sizes[i]);
      g_autoptr (LwAnswer) answer = lw_test_wire_get (wire, url, 20000, NULL);
      gsize length;
      const char *data = g_bytes_get_data (answer->body, &length);

      g_assert_cmpuint (length, ==, sizes[i]);
      for (gsize j = 0; j < length; j++)
        g_assert_true (data[j] == 'x');
    }
}

/* What was never sent and what was sent and lost are told apart. */
static void
test_lost (void)
{
  LwTestRaw *gone = lw_test_raw_new ("", FALSE);
  g_autofree char *nobody = g_strdup (gone->base);
  g_autoptr (LwTestRaw) breaks = lw_test_raw_new ("", FALSE);
  g_autoptr (LwWire) wire = lw_wire_new (NULL);
  g_autoptr (GError) refused = NULL;
  g_autoptr (GError) unknown = NULL;
  g_autoptr (GError) lost = NULL;

  lw_test_raw_free (gone);
  refused = lw_test_wire_expect (wire, nobody, 5000, LW_AZURE_ERROR_NETWORK);
  g_assert_false (lw_azure_error_get_details (refused)->lost);
  unknown = lw_test_wire_expect (wire, "http://nowhere.invalid/", 20000, LW_AZURE_ERROR_NETWORK);
  g_assert_false (lw_azure_error_get_details (unknown)->lost);
  lost = lw_test_wire_expect (wire, breaks->base, 5000, LW_AZURE_ERROR_NETWORK);
  g_assert_true (lw_azure_error_get_details (lost)->lost);
}

static void
test_lost_call (void)
{
  g_autoptr (LwTestRaw) breaks = lw_test_raw_new ("", FALSE);
  LwTestRaw *gone = lw_test_raw_new ("", FALSE);
  g_autofree char *nobody = g_strdup (gone->base);
  g_autoptr (LwClient) client = lw_test_client (breaks->base, 5000);
  g_autoptr (LwClient) other = lw_test_client (nobody, 5000);
  g_autoptr (GError) lost = NULL;
  g_autoptr (GError) refused = NULL;

  lw_test_raw_free (gone);
  g_assert_null (lw_test_call (client, breaks->base, "PUT", FALSE, &lost));
  g_assert_error (lost, LW_AZURE_ERROR, LW_AZURE_ERROR_NETWORK);
  lw_test_says (lost, "may have been carried out");
  g_assert_true (lw_azure_error_get_details (lost)->lost);
  g_assert_cmpint (g_atomic_int_get (&breaks->connections), ==, 1);
  g_assert_null (lw_test_call (other, nobody, "PUT", FALSE, &refused));
  g_assert_error (refused, LW_AZURE_ERROR, LW_AZURE_ERROR_NETWORK);
  lw_test_keeps_quiet (refused, "may have been carried out");
}

/* What a service says is looked at as far as it is shown, however much it says. */
static void
test_long_refusals (void)
{
  static const char *const fillers[] = { "-", "%25", "sig=x&", "word ", "{\"code\":", "\xff" };

  for (guint i = 0; i < 2 * G_N_ELEMENTS (fillers); i++)
    {
      gboolean json = i >= G_N_ELEMENTS (fillers);
      g_autoptr (GString) text = g_string_new ("HTTP/1.1 403 Forbidden\r\n\r\n");
      g_autoptr (LwTestRaw) raw = NULL;
      g_autoptr (LwClient) client = NULL;
      g_autoptr (GError) error = NULL;
      gint64 start = g_get_monotonic_time ();

      g_string_append (text, json ? "{\"error\":{\"code\":\"Scope\\u004cocked\",\"message\":"
                                    "\"So \\\"it\\\" is\",\"rest\":["
                                  : "");
      while (text->len < 1024 * 1024)
        g_string_append (text, fillers[i % G_N_ELEMENTS (fillers)]);
      raw = lw_test_raw_new (text->str, FALSE);
      client = lw_test_client (raw->base, 20000);
      g_assert_null (lw_test_call (client, raw->base, "GET", TRUE, &error));
      g_assert_error (error, LW_AZURE_ERROR, LW_AZURE_ERROR_FORBIDDEN);
      g_assert_cmpint (g_get_monotonic_time () - start, <, 10 * G_USEC_PER_SEC);
      g_assert_true (g_utf8_validate (error->message, -1, NULL));
      g_assert_cmpint (g_utf8_strlen (error->message, -1), <, 3000);
      if (json)
        {
          lw_test_says (error, "So \"it\" is");
          lw_test_says (error, "(ScopeLocked)");
        }
    }
}

/* The call's own id stands in where the service gives none. */
static void
test_request_id (void)
{
  g_autoptr (LwTestRaw) silent =
      lw_test_raw_new ("HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\n\r\n", FALSE);
  g_autoptr (LwTestRaw) telling = lw_test_raw_new (
      "HTTP/1.1 403 Forbidden\r\nx-ms-request-id: theirs\r\nContent-Length: 0\r\n\r\n", FALSE);
  g_autoptr (LwClient) client = lw_test_client (silent->base, 2000);
  g_autoptr (LwClient) other = lw_test_client (telling->base, 2000);
  g_autoptr (GError) own = NULL;
  g_autoptr (GError) theirs = NULL;

  g_assert_null (lw_test_call (client, silent->base, "GET", TRUE, &own));
  g_assert_true (g_uuid_string_is_valid (lw_azure_error_get_details (own)->request_id));
  g_assert_null (lw_test_call (other, telling->base, "GET", TRUE, &theirs));
  g_assert_cmpstr (lw_azure_error_get_details (theirs)->request_id, ==, "theirs");
}

/* Proxies */

static void
test_proxy_plain (void)
{
  g_autoptr (LwTestProxy) proxy = lw_test_proxy_new ();
  g_autofree char *uri = g_strconcat ("http://", proxy->base, NULL);
  g_autoptr (LwWire) wire = lw_wire_new (NULL);
  g_autoptr (LwAnswer) answer = NULL;

  lw_test_proxy_use (uri);
  answer = lw_test_wire_get (wire, "http://some.example/path", 10000, NULL);
  lw_test_proxy_use (NULL);
  g_assert_cmpuint (answer->status, ==, 200);
  g_assert_cmpmem (g_bytes_get_data (answer->body, NULL), g_bytes_get_size (answer->body),
                   "{\"by\":\"proxy\"}", 14);
  g_assert_cmpint (g_atomic_int_get (&proxy->plain), ==, 1);
}

typedef struct
{
  guint refuse;
  const char *asks; /* nullable: for this */
  const char *user; /* nullable: "user:password@" of the proxy's address */
  const char *says; /* nullable: the error */
} ProxyCase;

static void
check_tunnel (const ProxyCase *proxy_case, LwTestCrowd *crowd, const char *ca_file)
{
  g_autoptr (LwTestProxy) proxy = lw_test_proxy_new ();
  g_autofree char *uri =
      g_strconcat ("http://", proxy_case->user != NULL ? proxy_case->user : "", proxy->base, NULL);
  g_autofree char *url = g_strconcat (crowd->base, "/7/secret-path", NULL);
  const char *const headers[] = { "Authorization", "Bearer " LW_TEST_TOKEN, NULL };
  const LwWireRequest request = {
    .method = "GET", .url = url, .headers = headers, .timeout_ms = 10000, .idempotent = TRUE
  };
  g_autoptr (LwWire) wire = lw_wire_new (ca_file);
  g_autoptr (GError) error = NULL;
  g_autoptr (LwAnswer) answer = NULL;

  proxy->refuse = proxy_case->refuse;
  proxy->password = proxy_case->asks;
  lw_test_proxy_use (uri);
  answer = lw_test_boxed (lw_wire_send (wire, &request), &error);
  lw_test_proxy_use (NULL);
  if (proxy_case->says == NULL)
    {
      g_assert_no_error (error);
      g_assert_cmpuint (g_bytes_get_size (answer->body), ==, 7);
      g_assert_cmpint (g_atomic_int_get (&proxy->tunnels), ==, 1);
    }
  else
    {
      g_assert_error (error, LW_AZURE_ERROR, LW_AZURE_ERROR_NETWORK);
      g_test_message ("%s", error->message);
      lw_test_says (error, proxy_case->says);
      lw_test_keeps_quiet (error, "hunter2");
      g_assert_false (lw_azure_error_get_details (error)->lost);
    }
  /* The proxy learns the host, and nothing else. */
  g_assert_nonnull (proxy->seen);
  g_assert_null (strstr (proxy->seen, LW_TEST_TOKEN));
  g_assert_null (strstr (proxy->seen, "secret-path"));
}

static void
check_tunnels (GTlsCertificate *certificate, const char *ca_file)
{
  /* "user:hunter2" */
  static const ProxyCase cases[] = {
    { .says = NULL },
    { .asks = "Basic dXNlcjpodW50ZXIy", .user = "user:hunter2@" },
    { .asks = "Basic dXNlcjpodW50ZXIy", .user = "user:wrong@", .says = "asks for a name" },
    { .refuse = 407, .says = "asks for a name and a password" },
    { .refuse = 407, .user = "user:hunter2@", .says = "asks for a name and a password" },
    { .refuse = 403, .says = "refuses (HTTP 403)" },
  };
  g_autoptr (LwTestCrowd) crowd = lw_test_crowd_new (certificate);

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    check_tunnel (&cases[i], crowd, ca_file);
}

static void
test_proxy_tunnel (void)
{
  lw_test_with_certificate (check_tunnels);
}

static void
test_proxy_gone (void)
{
  LwTestRaw *gone = lw_test_raw_new ("", FALSE);
  g_autofree char *uri = g_strdup (gone->base);
  g_autoptr (LwWire) wire = lw_wire_new (NULL);
  g_autoptr (GError) error = NULL;

  lw_test_raw_free (gone);
  lw_test_proxy_use (uri);
  error = lw_test_wire_expect (wire, "https://some.example/", 10000, LW_AZURE_ERROR_NETWORK);
  lw_test_proxy_use (NULL);
  g_test_message ("%s", error->message);
  lw_test_says (error, "proxy");
}

int
main (int argc, char **argv)
{
  g_setenv ("SOUP_SERVER_HTTP2", "1", TRUE); /* libsoup's own server offers it when told so */
  lw_test_proxy_init ();
  dex_init ();
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/wire/reuse", test_reuse);
  g_test_add_func ("/wire/protocol", test_protocol);
  g_test_add_func ("/wire/bomb", test_bomb);
  g_test_add_func ("/wire/packed", test_packed);
  g_test_add_func ("/wire/stalled", test_stalled);
  g_test_add_func ("/wire/dripping", test_dripping);
  g_test_add_func ("/wire/no-address", test_no_address);
  g_test_add_func ("/wire/long-refusals", test_long_refusals);
  g_test_add_func ("/wire/sizes", test_sizes);
  g_test_add_func ("/wire/lost", test_lost);
  g_test_add_func ("/wire/lost-call", test_lost_call);
  g_test_add_func ("/wire/request-id", test_request_id);
  g_test_add_func ("/wire/proxy/plain", test_proxy_plain);
  g_test_add_func ("/wire/proxy/tunnel", test_proxy_tunnel);
  g_test_add_func ("/wire/proxy/gone", test_proxy_gone);
  return g_test_run ();
}
