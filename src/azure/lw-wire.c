/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "config.h"

#include <glib/gi18n-lib.h>
#include <string.h>

#include "lw-body.h"
#include "lw-certificate.h"
#include "lw-clock.h"
#include "lw-proxy.h"
#include "lw-trace.h"
#include "lw-wire.h"

#define STALL_MS 30000 /* of a body that has begun */

#define HEADERS_SEEN "lw-headers-seen"
#define STARTED      "lw-started"
#define RESTARTED    "lw-restarted"

struct _LwWire
{
  char *ca_file;
  LwProxy *proxy;
  SoupSession *session;
  gboolean http2;
  guint pending; /* messages that are alive */
};

static void
lw_wire_clear (gpointer data)
{
  LwWire *self = data;

  g_free (self->ca_file);
  g_clear_object (&self->session);
  g_clear_object (&self->proxy);
}

LwWire *
lw_wire_new (const char *ca_file)
{
  LwWire *self = g_atomic_rc_box_new0 (LwWire);

  self->ca_file = g_strdup (ca_file);
  self->http2 = soup_check_version (3, 7, 1);
  return self;
}

void
lw_wire_allow_http2 (LwWire *self, gboolean allow)
{
  self->http2 = allow;
}

LwWire *
lw_wire_ref (LwWire *self)
{
  return g_atomic_rc_box_acquire (self);
}

void
lw_wire_unref (LwWire *self)
{
  g_atomic_rc_box_release_full (self, lw_wire_clear);
}

static SoupSession *
ensure_session (LwWire *self, GError **error)
{
  g_autoptr (SoupSession) session = NULL;

  if (self->session != NULL)
    return self->session;
  session = soup_session_new_with_options (
      "max-conns", 4 * LW_WIRE_CONNS, "max-conns-per-host", LW_WIRE_CONNS, "idle-timeout", 60,
      "timeout", 0, "user-agent", "Leeway/" LW_VERSION, "accept-language-auto", FALSE, NULL);
  if (self->ca_file != NULL)
    {
      g_autoptr (GError) local = NULL;
      g_autoptr (GTlsDatabase) database = g_tls_file_database_new (self->ca_file, &local);

      if (database == NULL)
        {
          g_set_error (error, LW_AZURE_ERROR, LW_AZURE_ERROR_TLS,
                       _ ("The certificates in “%s” cannot be read: %s"), self->ca_file,
                       local->message);
          return NULL;
        }
      soup_session_set_tls_database (session, database);
    }
  self->proxy = lw_proxy_new ();
  soup_session_set_proxy_resolver (session, G_PROXY_RESOLVER (self->proxy));
  self->session = g_steal_pointer (&session);
  return self->session;
}

typedef struct
{
  LwWire *wire;
  char *method;
  char *url;
  GStrv headers;
  GBytes *body;
  char *content_type;
  char *request_id;
  guint timeout_ms;
  gboolean idempotent;

  GUri *uri;
  SoupMessage *message;
  gint64 end; /* monotonic, microseconds */
  guint timer;
  gboolean timed_out;
  GCancellable *cancellable; /* the task's */
} Exchange;

static void
exchange_free (gpointer data)
{
  Exchange *self = data;

  lw_wire_unref (self->wire);
  g_free (self->method);
  g_free (self->url);
  for (guint i = 0; self->headers != NULL && self->headers[i] != NULL; i++)
    lw_wipe (self->headers[i]);
  g_free (self->headers);
  g_clear_pointer (&self->body, g_bytes_unref);
  g_free (self->content_type);
  g_free (self->request_id);
  g_clear_pointer (&self->uri, g_uri_unref);
  g_clear_object (&self->message);
  g_clear_object (&self->cancellable);
  g_free (self);
}

/* What happened to a message, kept with it: libsoup may hold it longer than the fiber that began it. */
static void
note_headers (SoupMessage *message, gpointer data)
{
  g_object_set_data (G_OBJECT (message), HEADERS_SEEN, data);
}

static void
note_start (SoupMessage *message, gpointer data)
{
  g_object_set_data (G_OBJECT (message), STARTED, data);
}

static void
sent (GObject *source, GAsyncResult *result, gpointer data)
{
  g_autoptr (DexPromise) promise = data;
  g_autoptr (GError) error = NULL;
  GInputStream *stream = soup_session_send_finish (SOUP_SESSION (source), result, &error);

  if (stream != NULL)
    dex_promise_resolve_object (promise, stream);
  else
    dex_promise_reject (promise, g_steal_pointer (&error));
}

/* libsoup sends a PUT or DELETE again by itself where a connection that was used before breaks, and
 * without its body then. Whether to send it again is for others to decide, who can look what came of it. */
static void
refuse_restart (SoupMessage *message, GCancellable *cancellable)
{
  const char *method = soup_message_get_method (message);

  if (g_str_equal (method, "GET") || g_str_equal (method, "HEAD"))
    return;
  g_object_set_data (G_OBJECT (message), RESTARTED, GINT_TO_POINTER (TRUE));
  g_cancellable_cancel (cancellable);
}

/* Where it is cancelled nobody may be left to take the stream: it goes with the promise then.
 *
 * libsoup 3.6 frees a message twice that is cancelled after its headers came and before it said so. So
 * it is cancelled only as long as they have not come; afterwards the stream is about to be here. */
static GInputStream *
await_soup (SoupSession *session, SoupMessage *message, GError **error)
{
  DexPromise *promise = dex_promise_new ();
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();
  g_autoptr (GError) local = NULL;
  GInputStream *stream;

  g_signal_connect (message, "starting", G_CALLBACK (note_start), GINT_TO_POINTER (TRUE));
  g_signal_connect (message, "got-headers", G_CALLBACK (note_headers), GINT_TO_POINTER (TRUE));
  g_signal_connect (message, "restarted", G_CALLBACK (note_headers), NULL);
  g_signal_connect (message, "restarted", G_CALLBACK (refuse_restart), cancellable);
  soup_session_send_async (session, message, G_PRIORITY_DEFAULT, cancellable, sent,
                           dex_ref (promise));
  stream = dex_await_object (lw_gate (DEX_FUTURE (promise)), &local);
  if (lw_wire_is_cancelled (local) && !g_object_get_data (G_OBJECT (message), HEADERS_SEEN))
    g_cancellable_cancel (cancellable);
  g_signal_handlers_disconnect_by_func (message, refuse_restart, cancellable);
  if (local != NULL && g_object_get_data (G_OBJECT (message), RESTARTED))
    g_set_error_literal (error, G_IO_ERROR, G_IO_ERROR_CONNECTION_CLOSED,
                         _ ("The connection was closed before an answer came."));
  else if (local != NULL)
    g_propagate_error (error, g_steal_pointer (&local));
  return stream;
}

static GError *
wire_error (const Exchange *self, LwAzureError code, const char *text)
{
  g_autofree char *address = g_uri_to_string_partial (
      self->uri, G_URI_HIDE_QUERY | G_URI_HIDE_FRAGMENT | G_URI_HIDE_USERINFO);
  g_autofree char *url = g_strdup_printf ("%s %s", self->method, address);
  LwAzureErrorDetails details = {
    .url = url,
    .request_id = self->request_id,
    .at = g_get_real_time () / G_USEC_PER_SEC,
    .lost = self->message != NULL && g_object_get_data (G_OBJECT (self->message), STARTED) != NULL,
  };

  return lw_azure_error_new (code, &details, text);
}

static GError *
certificate_error (const Exchange *self, const GError *cause)
{
  const char *host = g_uri_get_host (self->uri);
  GTlsCertificateFlags flags = soup_message_get_tls_peer_certificate_errors (self->message);
  g_autofree char *text = NULL;

  if (flags != 0)
    text =
        lw_certificate_problem (soup_message_get_tls_peer_certificate (self->message), flags, host);
  else
    text = g_strdup_printf (_ ("No secure connection to %s: %s"), host, cause->message);
  return wire_error (self, LW_AZURE_ERROR_TLS, text);
}

static gboolean
is_proxy_trouble (const GError *cause)
{
  return g_error_matches (cause, G_IO_ERROR, G_IO_ERROR_PROXY_FAILED) ||
         g_error_matches (cause, G_IO_ERROR, G_IO_ERROR_PROXY_AUTH_FAILED) ||
         g_error_matches (cause, G_IO_ERROR, G_IO_ERROR_PROXY_NEED_AUTH) ||
         g_error_matches (cause, G_IO_ERROR, G_IO_ERROR_PROXY_NOT_ALLOWED);
}

static gboolean
is_unreachable (const GError *cause)
{
  return g_error_matches (cause, G_IO_ERROR, G_IO_ERROR_NETWORK_UNREACHABLE) ||
         g_error_matches (cause, G_IO_ERROR, G_IO_ERROR_HOST_UNREACHABLE);
}

/* A sentence where no connection came about; %NULL where one did, and broke. */
static char *
no_connection (const GError *cause, const char *host, const char *proxy, const char *said)
{
  gboolean refused = g_error_matches (cause, G_IO_ERROR, G_IO_ERROR_CONNECTION_REFUSED);
  gboolean unknown = cause->domain == G_RESOLVER_ERROR;

  if (is_proxy_trouble (cause))
    return g_strdup_printf (_ ("The proxy on the way to %s refuses: %s"), host, said);
  if (proxy != NULL && (refused || unknown || is_unreachable (cause)))
    return g_strdup_printf (
        refused
            ? _ ("The proxy %s on the way to %s refuses the connection.")
            : _ ("The proxy %s on the way to %s cannot be found. Check the network's settings."),
        proxy, host);
  if (refused)
    return g_strdup_printf (_ ("%s refuses the connection."), host);
  if (unknown)
    return g_strdup_printf (_ ("%s cannot be found. Check the network connection."), host);
  if (is_unreachable (cause))
    return g_strdup_printf (_ ("%s cannot be reached. Check the network connection."), host);
  return NULL;
}

static GError *
network_error (const Exchange *self, const GError *cause)
{
  const char *host = g_uri_get_host (self->uri);
  g_autofree char *said = lw_mask_secrets (cause->message);
  g_autofree char *proxy = lw_proxy_on_the_way (self->wire->proxy, host);
  g_autofree char *text = NULL;

  if (cause->domain == G_TLS_ERROR)
    return certificate_error (self, cause);
  text = no_connection (cause, host, proxy, said);
  if (text == NULL)
    text = g_strdup_printf (_ ("The connection to %s broke: %s"), host, said);
  return wire_error (self, LW_AZURE_ERROR_NETWORK, text);
}

/* A proxy that refused a tunnel: libsoup hands over its answer as if it were the server's. */
static GError *
tunnel_error (const Exchange *self)
{
  const char *host = g_uri_get_host (self->uri);
  guint status = soup_message_get_status (self->message);
  g_autofree char *text = NULL;

  if (status == SOUP_STATUS_PROXY_AUTHENTICATION_REQUIRED)
    text = g_strdup_printf (
        _ ("The proxy on the way to %s asks for a name and a password. Give them in the proxy's "
           "address in the system's settings, or ask for a way past it."),
        host);
  else
    text = g_strdup_printf (_ ("The proxy on the way to %s refuses (HTTP %u)."), host, status);
  return wire_error (self, LW_AZURE_ERROR_NETWORK, text);
}

static gboolean
is_from_proxy (const Exchange *self)
{
  guint status = soup_message_get_status (self->message);

  return status == SOUP_STATUS_PROXY_AUTHENTICATION_REQUIRED ||
         (g_str_equal (g_uri_get_scheme (self->uri), "https") &&
          g_object_get_data (G_OBJECT (self->message), STARTED) == NULL);
}

/* Late: the exchange is cancelled by itself, and says why. */
static gboolean
give_up (gpointer data)
{
  Exchange *self = data;

  self->timer = 0;
  self->timed_out = TRUE;
  g_cancellable_cancel (self->cancellable);
  return G_SOURCE_REMOVE;
}

static void
arm (Exchange *self, guint at_most_ms)
{
  gint64 left = (self->end - g_get_monotonic_time ()) / 1000;

  g_clear_handle_id (&self->timer, g_source_remove);
  self->timer = g_timeout_add ((guint) CLAMP (left, 1, at_most_ms), give_up, self);
}

/* What goes on coming is given up at the end too, however little there is between its pieces. */
static void
some_came (gpointer data)
{
  Exchange *self = data;

  g_clear_handle_id (&self->timer, g_source_remove);
  if (g_get_monotonic_time () >= self->end)
    give_up (self);
  else
    arm (self, STALL_MS);
}

static GError *
explain (const Exchange *self, GInputStream *stream, GError *cause)
{
  const char *host = g_uri_get_host (self->uri);
  g_autoptr (GError) taken = cause;
  g_autofree char *text = NULL;

  if (self->timed_out)
    {
      text = g_strdup_printf (stream == NULL ? _ ("%s did not answer in time.")
                                             : _ ("%s began to answer and then stopped."),
                              host);
      return wire_error (self, LW_AZURE_ERROR_TIMED_OUT, text);
    }
  if (lw_wire_is_cancelled (cause))
    return g_steal_pointer (&taken);
  if (g_error_matches (cause, G_IO_ERROR, G_IO_ERROR_MESSAGE_TOO_LARGE))
    return wire_error (
        self, LW_AZURE_ERROR_TOO_LARGE,
        _ ("The answer is larger than 32 MiB and was given up. Ask for less at a time."));
  return network_error (self, cause);
}

/* The answer's body, or %NULL with an error for people. */
static GBytes *
fetch (Exchange *self, SoupSession *session, GError **error)
{
  g_autoptr (GError) local = NULL;
  g_autoptr (GInputStream) stream = NULL;
  GBytes *body = NULL;

  self->cancellable = g_object_ref (lw_task_get_cancellable ());
  self->end = g_get_monotonic_time () + (gint64) self->timeout_ms * 1000;
  arm (self, G_MAXINT);
  stream = await_soup (session, self->message, &local);
  if (stream != NULL && is_from_proxy (self))
    {
      g_clear_handle_id (&self->timer, g_source_remove);
      g_propagate_error (error, tunnel_error (self));
      return NULL;
    }
  if (stream != NULL)
    {
      goffset announced = soup_message_headers_get_content_length (
          soup_message_get_response_headers (self->message));

      arm (self, STALL_MS);
      if (announced > LW_MAX_BODY)
        local = g_error_new_literal (G_IO_ERROR, G_IO_ERROR_MESSAGE_TOO_LARGE, "Too large");
      else
        body =
            lw_body_read (stream, (gsize) MAX (announced, 0), LW_MAX_BODY, some_came, self, &local);
    }
  g_clear_handle_id (&self->timer, g_source_remove);
  if (body == NULL)
    g_propagate_error (error, explain (self, stream, g_steal_pointer (&local)));
  return body;
}

static void
collect_header (const char *name, const char *value, gpointer user_data)
{
  GHashTable *headers = user_data;
  char *key = g_ascii_strdown (name, -1);
  const char *before = g_hash_table_lookup (headers, key);

  g_hash_table_insert (headers, key,
                       before != NULL ? g_strconcat (before, ", ", value, NULL) : g_strdup (value));
}

static LwAnswer *
answer_new (SoupMessage *message, GBytes *body)
{
  LwAnswer *answer = g_atomic_rc_box_new0 (LwAnswer);

  answer->status = soup_message_get_status (message);
  answer->headers = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_free);
  soup_message_headers_foreach (soup_message_get_response_headers (message), collect_header,
                                answer->headers);
  answer->body = g_bytes_ref (body);
  return answer;
}

static void
message_gone (gpointer data, GObject *message)
{
  LwWire *self = data;

  self->pending--;
  lw_wire_unref (self);
}

guint
lw_wire_get_pending (LwWire *self)
{
  return self->pending;
}

static gboolean
authenticate (SoupMessage *message, SoupAuth *auth, gboolean retrying, gpointer data)
{
  return lw_proxy_authenticate (data, auth, retrying);
}

/* On a connection that was used before, what is sent may get lost when the server closes it at that very
 * moment. Who only creates what is not there finds out whether it was, and a connection for each entry of
 * a ledger costs more than the entry. */
static gboolean
may_reuse (const Exchange *self)
{
  for (guint i = 0; self->headers != NULL && self->headers[i] != NULL; i += 2)
    {
      if (g_ascii_strcasecmp (self->headers[i], "If-None-Match") == 0)
        return TRUE;
    }

  return self->idempotent;
}

static SoupMessage *
make_message (const Exchange *self)
{
  SoupMessage *message = soup_message_new_from_uri (self->method, self->uri);
  SoupMessageHeaders *headers = soup_message_get_request_headers (message);

  g_signal_connect_object (message, "authenticate", G_CALLBACK (authenticate), self->wire->proxy,
                           G_CONNECT_DEFAULT);
  soup_message_set_force_http1 (message, !self->wire->http2);
  self->wire->pending++;
  g_object_weak_ref (G_OBJECT (message), message_gone, lw_wire_ref (self->wire));
  soup_message_add_flags (
      message, SOUP_MESSAGE_NO_REDIRECT |
                   (may_reuse (self) ? SOUP_MESSAGE_IDEMPOTENT : SOUP_MESSAGE_NEW_CONNECTION));
  for (guint i = 0;
       self->headers != NULL && self->headers[i] != NULL && self->headers[i + 1] != NULL; i += 2)
    soup_message_headers_replace (headers, self->headers[i], self->headers[i + 1]);
  if (self->body != NULL)
    soup_message_set_request_body_from_bytes (message, self->content_type, self->body);
  else if (g_str_equal (self->method, "POST") || g_str_equal (self->method, "PUT"))
    soup_message_headers_set_content_length (headers, 0);
  return message;
}

static const char *
version_of (SoupMessage *message)
{
  switch (soup_message_get_http_version (message))
    {
    case SOUP_HTTP_2_0:
      return "2";
    case SOUP_HTTP_1_1:
      return "1.1";
    case SOUP_HTTP_1_0:
    default:
      return "1.0";
    }
}

static gboolean
is_http (GUri *uri)
{
  return g_uri_get_host (uri) != NULL && g_uri_get_userinfo (uri) == NULL &&
         (g_str_equal (g_uri_get_scheme (uri), "https") ||
          g_str_equal (g_uri_get_scheme (uri), "http"));
}

static DexFuture *
exchange_fiber (gpointer data)
{
  static guint counter;
  Exchange *self = data;
  guint id = ++counter;
  gint64 start = g_get_monotonic_time ();
  g_autoptr (GError) error = NULL;
  g_autoptr (GBytes) body = NULL;
  LwAnswer *answer;
  SoupSession *session = ensure_session (self->wire, &error);

  if (session == NULL)
    return dex_future_new_for_error (g_steal_pointer (&error));
  self->uri = g_uri_parse (self->url, SOUP_HTTP_URI_FLAGS, NULL);
  if (self->uri == NULL || !is_http (self->uri))
    return dex_future_new_reject (
        LW_AZURE_ERROR, LW_AZURE_ERROR_INVALID, _ ("This is no usable address: %s"),
        self->uri != NULL && g_uri_get_host (self->uri) != NULL ? g_uri_get_host (self->uri) : "?");
  self->message = make_message (self);
  lw_trace_request (id, self->method, self->uri, soup_message_get_request_headers (self->message),
                    self->body != NULL ? g_bytes_get_size (self->body) : 0);
  body = fetch (self, session, &error);
  if (body == NULL)
    {
      lw_trace_failure (id, error->message);
      return dex_future_new_for_error (g_steal_pointer (&error));
    }
  lw_trace_answer (id, soup_message_get_status (self->message), version_of (self->message),
                   soup_message_get_response_headers (self->message), g_bytes_get_size (body),
                   g_get_monotonic_time () - start);
  answer = answer_new (self->message, body);
  lw_clock_note (lw_answer_get_header (answer, "date"));
  return dex_future_new_take_boxed (LW_TYPE_ANSWER, answer);
}

DexFuture *
lw_wire_send (LwWire *self, const LwWireRequest *request)
{
  Exchange *exchange = g_new0 (Exchange, 1);

  exchange->wire = lw_wire_ref (self);
  exchange->method = g_strdup (request->method);
  exchange->url = g_strdup (request->url);
  exchange->headers = g_strdupv ((GStrv) request->headers);
  exchange->body = request->body != NULL ? g_bytes_ref (request->body) : NULL;
  exchange->content_type = g_strdup (request->content_type);
  exchange->request_id = g_strdup (request->request_id);
  exchange->timeout_ms = MAX (request->timeout_ms, 1);
  exchange->idempotent = request->idempotent;
  return lw_spawn (exchange_fiber, exchange, exchange_free);
}

DexFuture *
lw_wire_exchange (LwWire *self,
                  const char *method,
                  const char *url,
                  const char *const *headers,
                  GBytes *body,
                  const char *content_type,
                  guint timeout_ms)
{
  const LwWireRequest request = { .method = method,
                                  .url = url,
                                  .headers = headers,
                                  .body = body,
                                  .content_type = content_type,
                                  .timeout_ms = timeout_ms,
                                  .idempotent =
                                      g_str_equal (method, "GET") || g_str_equal (method, "HEAD") };

  return lw_wire_send (self, &request);
}
