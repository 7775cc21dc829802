/* SPDX-License-Identifier: GPL-3.0-or-later */

/* The port that the browser comes back to, and everybody else who finds it. */

#include <locale.h>
#include <string.h>

#include "lw-azure-error.h"
#include "lw-loopback.h"
#include "lw-test-browser.h"

#define STATE "AbCdEfGhIjKlMnOpQrStUv"

typedef struct
{
  LwLoopback *loopback;
  DexFuture *future;
  LwTestBrowser *browser;
  guint16 port;
  gboolean six; /* ::1 is there, too */
} Fixture;

static void
set_up (Fixture *self, gconstpointer data)
{
  g_autoptr (GUri) uri = NULL;
  g_autoptr (GSocketConnection) connection = NULL;
  g_autoptr (GSocketClient) client = g_socket_client_new ();

  self->loopback = lw_loopback_new (STATE, 60000, NULL);
  g_assert_nonnull (self->loopback);
  self->future = lw_loopback_wait (self->loopback);
  self->browser = lw_test_browser_new (NULL, FALSE, NULL);
  uri = g_uri_parse (lw_loopback_get_redirect_uri (self->loopback), G_URI_FLAGS_NONE, NULL);
  self->port = (guint16) g_uri_get_port (uri);
  connection = g_socket_client_connect_to_host (client, "::1", self->port, NULL, NULL);
  self->six = connection != NULL;
}

static void
tear_down (Fixture *self, gconstpointer data)
{
  g_clear_pointer (&self->future, dex_unref);
  g_clear_pointer (&self->loopback, lw_loopback_free);
  lw_test_browser_free (self->browser);
}

static guint
visit (Fixture *self, const char *method, const char *host, const char *rest)
{
  g_autofree char *url = g_strdup_printf ("http://%s:%u%s", host, self->port, rest);

  return lw_test_browser_go (self->browser, method, url, NULL);
}

static char *
take_code (Fixture *self, GError **error)
{
  return lw_test_string (g_steal_pointer (&self->future), error);
}

static void
check_untouched (Fixture *self)
{
  g_assert_true (dex_future_is_pending (self->future));
}

/* "localhost" may be either. */
static void
test_both_addresses (Fixture *self, gconstpointer data)
{
  g_autofree char *code = NULL;

  g_assert_cmpuint (visit (self, "GET", "127.0.0.1", "/?state=x"), ==, 400);
  g_assert_cmpuint (visit (self, "GET", "localhost", "/?state=x"), ==, 400);
  if (self->six)
    g_assert_cmpuint (visit (self, "GET", "[::1]", "/?state=" STATE "&code=the+code%2F"), ==, 200);
  else
    g_assert_cmpuint (visit (self, "GET", "localhost", "/?state=" STATE "&code=the+code%2F"), ==,
                      200);
  code = take_code (self, NULL);
  g_assert_cmpstr (code, ==, "the code/");
}

static void
test_strangers (Fixture *self, gconstpointer data)
{
  static const struct
  {
    const char *method, *rest;
    guint status;
  } cases[] = {
    { "GET", "/", 400 },
    { "GET", "/?code=c", 400 },
    { "GET", "/?code=c&state=", 400 },
    { "GET", "/?code=c&state=AbCdEfGhIjKlMnOpQrStU", 400 },
    { "GET", "/?code=c&state=AbCdEfGhIjKlMnOpQrStUvw", 400 },
    { "GET", "/?code=c&state=abcdefghijklmnopqrstuv", 400 },
    { "GET", "/?error=access_denied", 400 },
    { "GET", "/favicon.ico", 404 },
    { "GET", "/x?code=c&state=" STATE, 404 },
    { "GET", "//?code=c&state=" STATE, 404 },
    { "POST", "/?code=c&state=" STATE, 405 },
    { "PUT", "/?code=c&state=" STATE, 405 },
    { "DELETE", "/?code=c&state=" STATE, 405 },
    { "OPTIONS", "/?code=c&state=" STATE, 405 },
    { "HEAD", "/?code=c&state=" STATE, 405 },
  };
  g_autofree char *code = NULL;

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      guint status = visit (self, cases[i].method, "127.0.0.1", cases[i].rest);

      if (status != cases[i].status)
        g_error ("%s %s: %u", cases[i].method, cases[i].rest, status);
      check_untouched (self);
      /* Nobody's text comes back, and no page of another origin may look. */
      g_assert_null (strstr (self->browser->page, "state="));
      g_assert_null (
          soup_message_headers_get_one (self->browser->headers, "Access-Control-Allow-Origin"));
    }
  g_assert_cmpuint (visit (self, "GET", "127.0.0.1", "/?code=c&state=" STATE), ==, 200);
  code = take_code (self, NULL);
  g_assert_cmpstr (code, ==, "c");
}

static void
test_second_request (Fixture *self, gconstpointer data)
{
  g_autofree char *code = NULL;

  g_assert_cmpuint (visit (self, "GET", "127.0.0.1", "/?code=one&state=" STATE), ==, 200);
  /* While the port is still open. */
  g_assert_cmpuint (visit (self, "GET", "127.0.0.1", "/?code=two&state=" STATE), ==, 410);
  code = take_code (self, NULL);
  g_assert_cmpstr (code, ==, "one");
  g_clear_pointer (&self->loopback, lw_loopback_free);
  g_assert_cmpuint (visit (self, "GET", "127.0.0.1", "/?code=three&state=" STATE), ==, 599);
}

/* What Entra says against it, in the page and in the error. */
static void
test_errors (void)
{
  static const struct
  {
    const char *query, *code, *says;
  } cases[] = {
    { "error=access_denied&error_subcode=cancel", "access_denied", "cancelled or refused" },
    { "error=consent_required&error_description=AADSTS65001%3a+The+user+has+not+consented",
      "consent_required", "Grant admin consent" },
    { "error=interaction_required&error_description=AADSTS53003%3a+Blocked%0d%0aTrace+ID%3a+t%0d%0a"
      "Correlation+ID%3a+c0ffee00-0000-4000-8000-000000000000%0d%0aTimestamp%3a+2026-11-22+09%3a00%"
      "3a00Z",
      "interaction_required", "Conditional Access" },
    { "error=%3Cscript%3E&error_description=%3Cimg+src%3Dx%3E", "<script>", "<img src=x>" },
    { "error=server_error&error_description=%FF%FE", "server_error", "refuses the sign-in" },
    { "", "invalid_response", "refuses the sign-in" },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      Fixture fixture = { 0 };
      g_autoptr (GError) error = NULL;
      g_autofree char *rest = g_strdup_printf ("/?%s&state=" STATE, cases[i].query);

      set_up (&fixture, NULL);
      g_assert_cmpuint (visit (&fixture, "GET", "127.0.0.1", rest), ==, 200);
      g_assert_null (take_code (&fixture, &error));
      g_assert_error (error, LW_AZURE_ERROR, LW_AZURE_ERROR_SIGN_IN);
      g_assert_cmpstr (lw_azure_error_get_details (error)->code, ==, cases[i].code);
      if (strstr (error->message, cases[i].says) == NULL)
        g_error ("“%s” does not say “%s”", error->message, cases[i].says);
      g_assert_true (g_utf8_validate (error->message, -1, NULL));
      g_assert_nonnull (strstr (fixture.browser->page, "The sign-in did not succeed"));
      g_assert_null (strstr (fixture.browser->page, "<script"));
      g_assert_null (strstr (fixture.browser->page, "<img"));
      if (i == 2)
        {
          g_assert_cmpstr (lw_azure_error_get_details (error)->request_id, ==,
                           "c0ffee00-0000-4000-8000-000000000000");
          g_assert_cmpint (lw_azure_error_get_details (error)->at, ==, 1795338000);
        }
      tear_down (&fixture, NULL);
    }
}

static void
expect_header (Fixture *self, const char *name, const char *value)
{
  g_assert_cmpstr (soup_message_headers_get_one (self->browser->headers, name), ==, value);
}

/* The page loads nothing, tells nobody where it came from, and stays in no cache. */
static void
test_page (Fixture *self, gconstpointer data)
{
  g_assert_cmpuint (visit (self, "GET", "127.0.0.1", "/?code=the-code&state=" STATE), ==, 200);
  expect_header (self, "Cache-Control", "no-store");
  expect_header (self, "Referrer-Policy", "no-referrer");
  expect_header (self, "X-Content-Type-Options", "nosniff");
  expect_header (self, "Content-Security-Policy", "default-src 'none'; style-src 'unsafe-inline'");
  expect_header (self, "Content-Type", "text/html; charset=utf-8");
  g_assert_true (g_str_has_prefix (self->browser->page, "<!DOCTYPE html><html lang=\""));
  g_assert_nonnull (strstr (self->browser->page, "Go back to its window"));
  g_assert_null (strstr (self->browser->page, "the-code"));
  g_assert_null (strstr (self->browser->page, STATE));
  g_assert_null (strstr (self->browser->page, "<script"));
  g_assert_null (strstr (self->browser->page, "http"));
}

/* Raw connections */

static GSocketConnection *
connect_raw (Fixture *self, const char *text)
{
  g_autoptr (GSocketClient) client = g_socket_client_new ();
  g_autoptr (GError) error = NULL;
  GSocketConnection *connection;
  GOutputStream *output;

  /* The server is in this very thread. */
  while (g_main_context_iteration (NULL, FALSE))
    ;
  connection = g_socket_client_connect_to_host (client, "127.0.0.1", self->port, NULL, &error);
  g_assert_no_error (error);
  output = g_io_stream_get_output_stream (G_IO_STREAM (connection));
  g_socket_set_timeout (g_socket_connection_get_socket (connection), 10);
  g_assert_true (g_output_stream_write_all (output, text, strlen (text), NULL, NULL, NULL));
  return connection;
}

static void
line_came (GObject *source, GAsyncResult *result, gpointer data)
{
  char **line = data;

  *line = g_data_input_stream_read_line_finish (G_DATA_INPUT_STREAM (source), result, NULL, NULL);
  if (*line == NULL)
    *line = g_strdup ("");
}

static gboolean
has_line (gpointer data)
{
  return *(char **) data != NULL;
}

/* Other paths, as nobody's library would send them. */
static void
test_paths (Fixture *self, gconstpointer data)
{
  static const char *const paths[] = { "/%2f", "/%00", "*", "/;x", "/x", "x" };

  for (guint i = 0; i < G_N_ELEMENTS (paths); i++)
    {
      g_autofree char *text =
          g_strdup_printf ("GET %s?code=c&state=" STATE " HTTP/1.1\r\nHost: localhost:%u\r\n\r\n",
                           paths[i], self->port);
      g_autoptr (GSocketConnection) connection = connect_raw (self, text);
      g_autoptr (GDataInputStream) input =
          g_data_input_stream_new (g_io_stream_get_input_stream (G_IO_STREAM (connection)));
      g_autofree char *line = NULL;

      g_data_input_stream_read_line_async (input, G_PRIORITY_DEFAULT, NULL, line_came, &line);
      lw_test_until (has_line, &line);
      g_test_message ("%s: %s", paths[i], line);
      g_assert_null (strstr (line, " 200 "));
      check_untouched (self);
    }
}

typedef struct
{
  GSocketConnection *connection;
  const char *start;
  char *fill;
  gsize left;
} Flood;

/* Sends until it is refused, on a thread of its own. */
static gpointer
flood (gpointer data)
{
  Flood *self = data;
  GOutputStream *output = g_io_stream_get_output_stream (G_IO_STREAM (self->connection));

  while (self->left > 0 &&
         g_output_stream_write_all (output, self->fill, strlen (self->fill), NULL, NULL, NULL))
    self->left -= MIN (self->left, strlen (self->fill));
  return NULL;
}

static gboolean
is_joined (gpointer data)
{
  return g_atomic_int_get ((int *) data) != 0;
}

static gpointer
join (gpointer data)
{
  gpointer *pair = data;

  g_thread_join (pair[0]);
  g_atomic_int_set ((int *) pair[1], 1);
  g_main_context_wakeup (NULL);
  return NULL;
}

/* A header without end, a body without end, slow ones and garbage: none holds up the real one. */
static void
test_hostile (Fixture *self, gconstpointer data)
{
  static const char *const garbage[] = {
    "\r\n\r\n",
    "GET\r\n\r\n",
    "GET / HTTP/9.9\r\n\r\n",
    "\x16\x03\x01\x02\x01\x01\xfc\x03\x03",
    "GET / HTTP/1.1\r\nHost: localhost\r\nContent-Length: -1\r\n\r\n",
    "GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n",
    "GET http://evil.example/?code=c&state=" STATE " HTTP/1.1\r\nHost: evil.example\r\n\r\n",
    "CONNECT evil.example:443 HTTP/1.1\r\nHost: evil.example\r\n\r\n",
    "GET /?code=c&state=" STATE " HTTP/1.0\r\n\r\n",
    "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
  };
  static const char *const floods[] = {
    "GET /?code=c HTTP/1.1\r\nHost: localhost\r\nX: ",
    "GET /?code=",
    "POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 99999999999\r\n\r\n",
    "POST / HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\nfffffff\r\n",
  };
  g_autoptr (GPtrArray) held = g_ptr_array_new_with_free_func (g_object_unref);
  g_autofree char *fill = g_strnfill (64 * 1024, 'x');
  g_autofree char *code = NULL;

  for (guint i = 0; i < G_N_ELEMENTS (garbage); i++)
    g_ptr_array_add (held, connect_raw (self, garbage[i]));
  /* Slow ones: they send a line and wait. */
  for (guint i = 0; i < 60; i++)
    g_ptr_array_add (held,
                     connect_raw (self, i % 2 == 0 ? "GET /?co" : "GET / HTTP/1.1\r\nHost: l"));
  for (guint i = 0; i < G_N_ELEMENTS (floods); i++)
    {
      Flood one = { .connection = connect_raw (self, floods[i]),
                    .fill = fill,
                    .left = 20 * 1024 * 1024 };
      int joined = 0;
      gpointer pair[] = { g_thread_new ("flood", flood, &one), &joined };
      GThread *joining = g_thread_new ("join", join, pair);

      lw_test_until (is_joined, &joined);
      g_thread_join (joining);
      g_object_unref (one.connection);
    }
  check_untouched (self);
  g_assert_cmpuint (visit (self, "GET", "127.0.0.1", "/?code=right&state=" STATE), ==, 200);
  code = take_code (self, NULL);
  g_assert_cmpstr (code, ==, "right");
}

static gboolean
is_settled (gpointer data)
{
  return !dex_future_is_pending (data);
}

/* Whoever brings the code and does not read the page is not waited for. */
static void
test_page_not_read (Fixture *self, gconstpointer data)
{
  g_autoptr (GSocketConnection) connection =
      connect_raw (self, "GET /?code=c&state=" STATE " HTTP/1.1\r\n");
  g_autofree char *line = g_strdup_printf ("Host: localhost:%u\r\n\r\n", self->port);
  GOutputStream *output = g_io_stream_get_output_stream (G_IO_STREAM (connection));
  g_autofree char *code = NULL;

  g_assert_true (g_output_stream_write_all (output, line, strlen (line), NULL, NULL, NULL));
  lw_test_until (is_settled, self->future);
  code = take_code (self, NULL);
  g_assert_cmpstr (code, ==, "c");
}

/* Freed while somebody waits. */
static void
test_freed (Fixture *self, gconstpointer data)
{
  g_autoptr (GSocketConnection) connection = connect_raw (self, "GET / HT");
  g_autoptr (GError) error = NULL;

  g_clear_pointer (&self->loopback, lw_loopback_free);
  g_assert_null (take_code (self, &error));
  g_assert_nonnull (error);
}

static void
test_many (void)
{
  g_autoptr (GPtrArray) all = g_ptr_array_new_with_free_func ((GDestroyNotify) lw_loopback_free);
  g_autoptr (GHashTable) seen = g_hash_table_new (g_str_hash, g_str_equal);

  for (guint i = 0; i < 20; i++)
    {
      LwLoopback *loopback = lw_loopback_new (STATE, 1000, NULL);

      g_assert_true (g_hash_table_add (seen, (char *) lw_loopback_get_redirect_uri (loopback)));
      g_ptr_array_add (all, loopback);
    }
}

#define ADD(path, function) g_test_add (path, Fixture, NULL, set_up, function, tear_down)

int
main (int argc, char **argv)
{
  setlocale (LC_ALL, "");
  dex_init ();
  g_test_init (&argc, &argv, NULL);
  ADD ("/loopback/both-addresses", test_both_addresses);
  ADD ("/loopback/strangers", test_strangers);
  ADD ("/loopback/paths", test_paths);
  ADD ("/loopback/second-request", test_second_request);
  g_test_add_func ("/loopback/errors", test_errors);
  ADD ("/loopback/page", test_page);
  ADD ("/loopback/hostile", test_hostile);
  ADD ("/loopback/page-not-read", test_page_not_read);
  ADD ("/loopback/freed", test_freed);
  g_test_add_func ("/loopback/many", test_many);
  return g_test_run ();
}
