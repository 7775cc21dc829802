/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "config.h"

#include <glib/gi18n-lib.h>
#include <libsoup/soup.h>
#include <string.h>

#include "lw-azure-error.h"
#include "lw-entra.h"
#include "lw-loopback.h"
#include "lw-pkce.h"

#define MAX_TRIES 20
#define PAGE_MS   3000

struct _LwLoopback
{
  SoupServer *server;
  char *state;
  char *redirect_uri;
  guint port;
  DexPromise *promise;
  SoupServerMessage *message; /* the one that counts, while its page is on the way */
  gboolean done;
  char *code;
  GError *error;
  guint patience_ms;
  guint timer;
  guint unread;
};

static const char page_format[] =
    "<!DOCTYPE html><html lang=\"%s\" dir=\"%s\"><head><meta charset=\"utf-8\"><title>%s</title>"
    "<meta name=\"viewport\" content=\"width=device-width\"><style>body{font-family:sans-serif;"
    "max-width:34em;margin:15vh auto;padding:0 1em;line-height:1.5;color:#222;background:#fff}"
    "@media (prefers-color-scheme:dark){body{color:#eee;background:#222}}</style></head>"
    "<body><h1>%s</h1><p>%s</p></body></html>";

static void
answer_with_page (SoupServerMessage *message, guint status, const char *title, const char *text)
{
  SoupMessageHeaders *headers = soup_server_message_get_response_headers (message);
  const char *const *languages = g_get_language_names ();
  g_autofree char *language = g_strdelimit (g_strdup (languages[0]), "_", '-');
  g_autofree char *safe_language = NULL;
  g_autofree char *safe_title = g_markup_escape_text (title, -1);
  g_autofree char *safe_text = g_markup_escape_text (text, -1);
  /* Translators: the direction of your script: ltr, or rtl for right to left. */
  const char *direction = g_str_equal (C_ ("direction", "ltr"), "rtl") ? "rtl" : "ltr";
  char *page;

  language[strcspn (language, ".@")] = '\0';
  safe_language = g_markup_escape_text (g_str_equal (language, "C") ? "en" : language, -1);
  page = g_strdup_printf (page_format, safe_language, direction, safe_title, safe_title, safe_text);
  soup_server_message_set_status (message, status, NULL);
  soup_server_message_set_response (message, "text/html; charset=utf-8", SOUP_MEMORY_TAKE, page,
                                    strlen (page));
  soup_message_headers_replace (headers, "Cache-Control", "no-store");
  soup_message_headers_replace (headers, "Referrer-Policy", "no-referrer");
  soup_message_headers_replace (headers, "X-Content-Type-Options", "nosniff");
  soup_message_headers_replace (headers, "Content-Security-Policy",
                                "default-src 'none'; style-src 'unsafe-inline'");
  soup_message_headers_replace (headers, "Connection", "close");
}

static gboolean
is_own_host (LwLoopback *self, SoupServerMessage *message)
{
  const char *host =
      soup_message_headers_get_one (soup_server_message_get_request_headers (message), "Host");
  static const char *const names[] = { "localhost", "127.0.0.1", "[::1]" };

  for (guint i = 0; host != NULL && i < G_N_ELEMENTS (names); i++)
    {
      g_autofree char *expected = g_strdup_printf ("%s:%u", names[i], self->port);

      if (g_ascii_strcasecmp (host, expected) == 0)
        return TRUE;
    }
  return FALSE;
}

static void
settle (LwLoopback *self)
{
  if (!dex_future_is_pending (DEX_FUTURE (self->promise)))
    return;
  if (self->code != NULL)
    dex_promise_resolve_string (self->promise, g_steal_pointer (&self->code));
  else
    dex_promise_reject (self->promise, g_steal_pointer (&self->error));
}

/* Settles only once the page is on its way, so that closing the port does not cut it off. */
static void
page_sent (SoupServerMessage *message, gpointer data)
{
  settle (data);
}

/* A browser that does not read its page is not waited for. */
static gboolean
page_unread (gpointer data)
{
  LwLoopback *self = data;

  self->unread = 0;
  settle (self);
  return G_SOURCE_REMOVE;
}

static void
take_answer (LwLoopback *self, SoupServerMessage *message, GHashTable *query)
{
  const char *code = g_hash_table_lookup (query, "code");
  const char *refused = g_hash_table_lookup (query, "error");

  self->done = TRUE;
  if (code != NULL && code[0] != '\0')
    {
      self->code = g_strdup (code);
      answer_with_page (message, SOUP_STATUS_OK, _ ("You can close this page"),
                        _ ("Leeway has what it needs. Go back to its window."));
    }
  else
    {
      self->error = lw_entra_refusal (refused != NULL ? refused : "invalid_response",
                                      g_hash_table_lookup (query, "error_description"), NULL, NULL);
      answer_with_page (message, SOUP_STATUS_OK, _ ("The sign-in did not succeed"),
                        self->error->message);
    }
  self->message = g_object_ref (message);
  g_signal_connect (message, "finished", G_CALLBACK (page_sent), self);
  self->unread = g_timeout_add (PAGE_MS, page_unread, self);
}

static gboolean
has_body (SoupServerMessage *message)
{
  SoupMessageHeaders *headers = soup_server_message_get_request_headers (message);

  return soup_message_headers_get_encoding (headers) == SOUP_ENCODING_CHUNKED ||
         soup_message_headers_get_content_length (headers) > 0;
}

/* Once the headers are there, so that no body is ever kept. */
static void
handle (SoupServer *server,
        SoupServerMessage *message,
        const char *path,
        GHashTable *query,
        gpointer data)
{
  LwLoopback *self = data;
  const char *state = query != NULL ? g_hash_table_lookup (query, "state") : NULL;

  soup_message_body_set_accumulate (soup_server_message_get_request_body (message), FALSE);
  if (!is_own_host (self, message))
    answer_with_page (message, SOUP_STATUS_BAD_REQUEST, _ ("Not here"),
                      _ ("This address is for Leeway's own sign-in only."));
  else if (!g_str_equal (path, "/"))
    answer_with_page (message, SOUP_STATUS_NOT_FOUND, _ ("Not here"),
                      _ ("This address is for Leeway's own sign-in only."));
  else if (!g_str_equal (soup_server_message_get_method (message), "GET") || has_body (message))
    answer_with_page (message, SOUP_STATUS_METHOD_NOT_ALLOWED, _ ("Not here"),
                      _ ("This address is for Leeway's own sign-in only."));
  else if (self->done)
    answer_with_page (message, SOUP_STATUS_GONE, _ ("This sign-in is over"),
                      _ ("Go back to Leeway's window. To sign in again, begin there."));
  else if (!lw_secret_equal (state, self->state))
    answer_with_page (message, SOUP_STATUS_BAD_REQUEST,
                      _ ("This is not the sign-in that was begun"),
                      _ ("The answer does not belong to the sign-in that Leeway waits for. Begin "
                         "again in Leeway's window."));
  else
    take_answer (self, message, query);
}

static guint
port_of (SoupServer *server)
{
  GSList *uris = soup_server_get_uris (server);
  guint port = uris != NULL ? (guint) g_uri_get_port (uris->data) : 0;

  g_slist_free_full (uris, (GDestroyNotify) g_uri_unref);
  return port;
}

/* On 127.0.0.1 with a port of the system's choice, then on ::1 with the same one: "localhost" may be
 * either in the browser. Where somebody else has that port on ::1 another is tried, since the code
 * could end up there; a machine without ::1 does without. */
static SoupServer *
listen_once (guint *port, gboolean *taken, GError **error)
{
  g_autoptr (SoupServer) server = soup_server_new ("server-header", "Leeway", NULL);
  g_autoptr (GError) local = NULL;

  *taken = FALSE;
  if (!soup_server_listen_local (server, 0, SOUP_SERVER_LISTEN_IPV4_ONLY, error))
    return NULL;
  *port = port_of (server);
  if (!soup_server_listen_local (server, *port, SOUP_SERVER_LISTEN_IPV6_ONLY, &local) &&
      g_error_matches (local, G_IO_ERROR, G_IO_ERROR_ADDRESS_IN_USE))
    {
      *taken = TRUE;
      g_propagate_error (error, g_steal_pointer (&local));
      return NULL;
    }
  return g_steal_pointer (&server);
}

LwLoopback *
lw_loopback_new (const char *state, guint patience_ms, GError **error)
{
  g_autoptr (SoupServer) server = NULL;
  g_autoptr (GError) local = NULL;
  gboolean taken = TRUE;
  guint port = 0;
  LwLoopback *self;

  for (guint i = 0; server == NULL && taken && i < MAX_TRIES; i++)
    {
      g_clear_error (&local);
      server = listen_once (&port, &taken, &local);
    }
  if (server == NULL)
    {
      g_set_error (error, LW_AZURE_ERROR, LW_AZURE_ERROR_SIGN_IN,
                   _ ("Leeway cannot listen on this machine for the browser's answer: %s"),
                   local->message);
      return NULL;
    }
  self = g_new0 (LwLoopback, 1);
  self->server = g_steal_pointer (&server);
  self->state = g_strdup (state);
  self->patience_ms = patience_ms;
  self->port = port;
  self->redirect_uri = g_strdup_printf ("http://localhost:%u/", port);
  self->promise = dex_promise_new ();
  soup_server_add_early_handler (self->server, NULL, handle, self, NULL);
  return self;
}

void
lw_loopback_free (LwLoopback *self)
{
  g_clear_handle_id (&self->timer, g_source_remove);
  g_clear_handle_id (&self->unread, g_source_remove);
  if (self->message != NULL)
    g_signal_handlers_disconnect_by_data (self->message, self);
  g_clear_object (&self->message);
  soup_server_remove_handler (self->server, NULL);
  soup_server_disconnect (self->server);
  g_object_unref (self->server);
  g_free (self->state);
  g_free (self->redirect_uri);
  g_free (self->code);
  g_clear_error (&self->error);
  if (dex_future_is_pending (DEX_FUTURE (self->promise)))
    dex_promise_reject (self->promise,
                        g_error_new_literal (G_IO_ERROR, G_IO_ERROR_CANCELLED, "closed"));
  dex_unref (self->promise);
  g_free (self);
}

const char *
lw_loopback_get_redirect_uri (LwLoopback *self)
{
  return self->redirect_uri;
}

static gboolean
out_of_time (gpointer data)
{
  LwLoopback *self = data;

  self->timer = 0;
  if (dex_future_is_pending (DEX_FUTURE (self->promise)))
    dex_promise_reject (
        self->promise,
        lw_azure_error_new (
            LW_AZURE_ERROR_TIMED_OUT, NULL,
            _ ("The browser did not come back for five minutes, so the sign-in was given up. Begin "
               "again.")));
  return G_SOURCE_REMOVE;
}

DexFuture *
lw_loopback_wait (LwLoopback *self)
{
  if (self->timer == 0)
    self->timer = g_timeout_add (self->patience_ms, out_of_time, self);
  return dex_ref (DEX_FUTURE (self->promise));
}
