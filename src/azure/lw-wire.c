/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "config.h"

#include <glib/gi18n-lib.h>
#include <string.h>

#include "lw-json.h"
#include "lw-trace.h"
#include "lw-wire.h"

#define CHUNK    (64 * 1024)
#define BIG_JSON (64 * 1024)

#define HEADERS_SEEN "lw-headers-seen"
#define RESTARTED    "lw-restarted"

struct _LwWire
{
  char *ca_file;
  SoupSession *session;
};

static void
lw_answer_clear (gpointer data)
{
  LwAnswer *self = data;

  g_clear_pointer (&self->headers, g_hash_table_unref);
  g_clear_pointer (&self->body, g_bytes_unref);
}

LwAnswer *
lw_answer_ref (LwAnswer *self)
{
  return g_atomic_rc_box_acquire (self);
}

void
lw_answer_unref (LwAnswer *self)
{
  g_atomic_rc_box_release_full (self, lw_answer_clear);
}

G_DEFINE_BOXED_TYPE (LwAnswer, lw_answer, lw_answer_ref, lw_answer_unref)

const char *
lw_answer_get_header (LwAnswer *self, const char *name)
{
  return g_hash_table_lookup (self->headers, name);
}

static void
lw_wire_clear (gpointer data)
{
  LwWire *self = data;

  g_free (self->ca_file);
  g_clear_object (&self->session);
}

LwWire *
lw_wire_new (const char *ca_file)
{
  LwWire *self = g_atomic_rc_box_new0 (LwWire);

  self->ca_file = g_strdup (ca_file);
  return self;
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
  session = soup_session_new_with_options ("max-conns", 32, "max-conns-per-host", 8, "idle-timeout",
                                           60, "timeout", 0, "user-agent", "Leeway/" LW_VERSION,
                                           "accept-language-auto", FALSE, NULL);
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
  guint timeout_ms;

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
  g_strfreev (self->headers);
  g_clear_pointer (&self->body, g_bytes_unref);
  g_free (self->content_type);
  g_clear_object (&self->cancellable);
  g_free (self);
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

static void
note_headers (SoupMessage *message, gpointer data)
{
  g_object_set_data (G_OBJECT (message), HEADERS_SEEN, data);
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

static char *
describe_certificate (GTlsCertificateFlags flags, const char *host)
{
  if (flags & G_TLS_CERTIFICATE_BAD_IDENTITY)
    return g_strdup_printf (
        _ ("The certificate of %s is for another name. Something between you and "
           "Azure answers in its place, or the address is wrong."),
        host);
  if (flags & G_TLS_CERTIFICATE_EXPIRED)
    return g_strdup_printf (
        _ ("The certificate of %s has expired. Check this machine's clock; if it "
           "is right, tell whoever runs that host."),
        host);
  if (flags & G_TLS_CERTIFICATE_NOT_ACTIVATED)
    return g_strdup_printf (
        _ ("The certificate of %s is not valid yet. Check this machine's clock."), host);
  if (flags & G_TLS_CERTIFICATE_REVOKED)
    return g_strdup_printf (_ ("The certificate of %s was revoked."), host);
  if (flags & G_TLS_CERTIFICATE_INSECURE)
    return g_strdup_printf (_ ("The certificate of %s uses a method that is no longer secure."),
                            host);
  if (flags & G_TLS_CERTIFICATE_UNKNOWN_CA)
    return g_strdup_printf (
        _ ("The certificate of %s was issued by an authority that this machine "
           "does not trust. Behind a company proxy, name its certificates in the "
           "profile's “caFile”."),
        host);
  return g_strdup_printf (_ ("The certificate of %s was not accepted."), host);
}

static GError *
wire_error (LwAzureError code, const Exchange *exchange, GUri *uri, const char *text)
{
  g_autofree char *address =
      g_uri_to_string_partial (uri, G_URI_HIDE_QUERY | G_URI_HIDE_FRAGMENT | G_URI_HIDE_USERINFO);
  g_autofree char *url = g_strdup_printf ("%s %s", exchange->method, address);
  LwAzureErrorDetails details = { .url = url, .at = g_get_real_time () / G_USEC_PER_SEC };

  return lw_azure_error_new (code, &details, text);
}

static GError *
network_error (const Exchange *exchange, GUri *uri, SoupMessage *message, const GError *cause)
{
  const char *host = g_uri_get_host (uri);
  GTlsCertificateFlags flags = soup_message_get_tls_peer_certificate_errors (message);
  g_autofree char *text = NULL;

  if (cause->domain == G_TLS_ERROR)
    {
      text = flags != 0
                 ? describe_certificate (flags, host)
                 : g_strdup_printf (_ ("No secure connection to %s: %s"), host, cause->message);
      return wire_error (LW_AZURE_ERROR_TLS, exchange, uri, text);
    }
  if (cause->domain == G_RESOLVER_ERROR)
    text = g_strdup_printf (_ ("%s cannot be found. Check the network connection."), host);
  else if (g_error_matches (cause, G_IO_ERROR, G_IO_ERROR_CONNECTION_REFUSED))
    text = g_strdup_printf (_ ("%s refuses the connection."), host);
  else if (g_error_matches (cause, G_IO_ERROR, G_IO_ERROR_NETWORK_UNREACHABLE) ||
           g_error_matches (cause, G_IO_ERROR, G_IO_ERROR_HOST_UNREACHABLE))
    text = g_strdup_printf (_ ("%s cannot be reached. Check the network connection."), host);
  else
    text = g_strdup_printf (_ ("The connection to %s broke: %s"), host, cause->message);
  return wire_error (LW_AZURE_ERROR_NETWORK, exchange, uri, text);
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
answer_new (SoupMessage *message, GByteArray *body)
{
  LwAnswer *answer = g_atomic_rc_box_new0 (LwAnswer);

  answer->status = soup_message_get_status (message);
  answer->headers = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_free);
  soup_message_headers_foreach (soup_message_get_response_headers (message), collect_header,
                                answer->headers);
  answer->body = g_byte_array_free_to_bytes (body);
  return answer;
}

static SoupMessage *
make_message (const Exchange *exchange, GUri *uri)
{
  SoupMessage *message = soup_message_new_from_uri (exchange->method, uri);
  SoupMessageHeaders *headers = soup_message_get_request_headers (message);

  soup_message_add_flags (message, SOUP_MESSAGE_NO_REDIRECT);
  for (guint i = 0; exchange->headers != NULL && exchange->headers[i] != NULL &&
                    exchange->headers[i + 1] != NULL;
       i += 2)
    soup_message_headers_replace (headers, exchange->headers[i], exchange->headers[i + 1]);
  if (exchange->body != NULL)
    soup_message_set_request_body_from_bytes (message, exchange->content_type, exchange->body);
  else if (g_str_equal (exchange->method, "POST") || g_str_equal (exchange->method, "PUT"))
    soup_message_headers_set_content_length (headers, 0);
  return message;
}

/* Reads the body to its end; %NULL with a wire error once it is over the cap. */
static GByteArray *
read_body (const Exchange *exchange,
           GUri *uri,
           SoupMessage *message,
           GInputStream *stream,
           GError **error)
{
  g_autoptr (GByteArray) body = g_byte_array_new ();
  goffset announced =
      soup_message_headers_get_content_length (soup_message_get_response_headers (message));

  while (announced <= LW_MAX_BODY && body->len <= LW_MAX_BODY)
    {
      g_autoptr (GError) local = NULL;
      g_autoptr (GBytes) chunk = dex_await_boxed (
          lw_gate (dex_input_stream_read_bytes (stream, CHUNK, G_PRIORITY_DEFAULT)), &local);

      if (chunk == NULL)
        {
          if (lw_wire_is_cancelled (local))
            g_propagate_error (error, g_steal_pointer (&local));
          else
            g_propagate_error (error, network_error (exchange, uri, message, local));
          return NULL;
        }
      if (g_bytes_get_size (chunk) == 0)
        return g_steal_pointer (&body);
      g_byte_array_append (body, g_bytes_get_data (chunk, NULL), g_bytes_get_size (chunk));
    }
  g_propagate_error (error, wire_error (LW_AZURE_ERROR_TOO_LARGE, exchange, uri,
                                        _ ("The answer is larger than 32 MiB and was given up. Ask "
                                           "for less at a time.")));
  return NULL;
}

/* The answer is late: the exchange is cancelled by itself, and says why. */
static gboolean
give_up (gpointer data)
{
  Exchange *self = data;

  self->timer = 0;
  self->timed_out = TRUE;
  g_cancellable_cancel (self->cancellable);
  return G_SOURCE_REMOVE;
}

static GError *
late_error (const Exchange *self, GUri *uri)
{
  g_autofree char *text = g_strdup_printf (_ ("%s did not answer in time."), g_uri_get_host (uri));

  return wire_error (LW_AZURE_ERROR_TIMED_OUT, self, uri, text);
}

/* The answer's body, or %NULL with an error for people. */
static GByteArray *
fetch (Exchange *self, GUri *uri, SoupSession *session, SoupMessage *message, GError **error)
{
  g_autoptr (GError) local = NULL;
  g_autoptr (GInputStream) stream = NULL;
  GByteArray *body = NULL;

  self->cancellable = g_object_ref (lw_task_get_cancellable ());
  self->timer = g_timeout_add (self->timeout_ms, give_up, self);
  stream = await_soup (session, message, &local);
  if (stream != NULL)
    body = read_body (self, uri, message, stream, &local);
  g_clear_handle_id (&self->timer, g_source_remove);
  if (body != NULL)
    return body;
  if (self->timed_out)
    g_propagate_error (error, late_error (self, uri));
  else if (stream == NULL && !lw_wire_is_cancelled (local))
    g_propagate_error (error, network_error (self, uri, message, local));
  else
    g_propagate_error (error, g_steal_pointer (&local));
  return NULL;
}

static DexFuture *
exchange_fiber (gpointer data)
{
  static guint counter;
  Exchange *self = data;
  guint id = ++counter;
  gint64 start = g_get_monotonic_time ();
  g_autoptr (GError) error = NULL;
  g_autoptr (GUri) uri = g_uri_parse (self->url, SOUP_HTTP_URI_FLAGS, NULL);
  g_autoptr (SoupMessage) message = NULL;
  g_autoptr (GByteArray) body = NULL;
  SoupSession *session = ensure_session (self->wire, &error);

  if (session == NULL)
    return dex_future_new_for_error (g_steal_pointer (&error));
  if (uri == NULL || g_uri_get_host (uri) == NULL || g_uri_get_userinfo (uri) != NULL)
    return dex_future_new_reject (LW_AZURE_ERROR, LW_AZURE_ERROR_INVALID,
                                  _ ("This is no usable address: %s"), self->url);
  message = make_message (self, uri);
  lw_trace_request (id, self->method, uri, soup_message_get_request_headers (message),
                    self->body != NULL ? g_bytes_get_size (self->body) : 0);
  body = fetch (self, uri, session, message, &error);
  if (body == NULL)
    {
      lw_trace_failure (id, error->message);
      return dex_future_new_for_error (g_steal_pointer (&error));
    }
  lw_trace_answer (id, soup_message_get_status (message),
                   soup_message_get_response_headers (message), body->len,
                   g_get_monotonic_time () - start);
  return dex_future_new_take_boxed (LW_TYPE_ANSWER, answer_new (message, g_steal_pointer (&body)));
}

static Exchange *
exchange_new (LwWire *wire, const char *method, const char *url)
{
  Exchange *self = g_new0 (Exchange, 1);

  self->wire = lw_wire_ref (wire);
  self->method = g_strdup (method);
  self->url = g_strdup (url);
  return self;
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
  Exchange *exchange = exchange_new (self, method, url);

  exchange->headers = g_strdupv ((GStrv) headers);
  exchange->body = body != NULL ? g_bytes_ref (body) : NULL;
  exchange->content_type = g_strdup (content_type);
  exchange->timeout_ms = MAX (timeout_ms, 1);
  return lw_spawn (exchange_fiber, exchange, exchange_free);
}

/* JSON */

typedef struct
{
  GBytes *bytes;
  DexPromise *promise;
} Parsing;

static JsonNode *
parse_now (GBytes *bytes, GError **error)
{
  g_autoptr (GError) local = NULL;
  JsonNode *node = lw_json_parse (bytes, LW_MAX_BODY, &local);

  if (node == NULL)
    g_set_error (error, LW_AZURE_ERROR, LW_AZURE_ERROR_PROTOCOL,
                 _ ("Azure's answer cannot be read: %s"), local->message);
  return node;
}

static gpointer
parse_thread (gpointer data)
{
  Parsing *parsing = data;
  g_autoptr (GError) error = NULL;
  JsonNode *node = parse_now (parsing->bytes, &error);

  if (node != NULL)
    dex_promise_resolve_boxed (parsing->promise, JSON_TYPE_NODE, node);
  else
    dex_promise_reject (parsing->promise, g_steal_pointer (&error));
  g_bytes_unref (parsing->bytes);
  dex_unref (parsing->promise);
  g_free (parsing);
  return NULL;
}

DexFuture *
lw_parse_json (GBytes *bytes)
{
  g_autoptr (GError) error = NULL;
  JsonNode *node;

  if (g_bytes_get_size (bytes) == 0)
    return dex_future_new_take_boxed (JSON_TYPE_NODE, json_node_new (JSON_NODE_NULL));
  if (g_bytes_get_size (bytes) > BIG_JSON)
    {
      DexPromise *promise = dex_promise_new ();
      Parsing *parsing = g_new0 (Parsing, 1);

      parsing->bytes = g_bytes_ref (bytes);
      parsing->promise = dex_ref (promise);
      g_thread_unref (g_thread_new ("lw-json", parse_thread, parsing));
      return DEX_FUTURE (promise);
    }
  node = parse_now (bytes, &error);
  if (node == NULL)
    return dex_future_new_for_error (g_steal_pointer (&error));
  return dex_future_new_take_boxed (JSON_TYPE_NODE, node);
}
