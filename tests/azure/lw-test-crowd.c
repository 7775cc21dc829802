/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "lw-test-crowd.h"

#include <libsoup/soup.h>
#include <string.h>

typedef struct
{
  SoupServerMessage *message;
} Pause;

static gboolean
go_on (gpointer data)
{
  Pause *pause = data;

  soup_server_message_unpause (pause->message);
  return G_SOURCE_REMOVE;
}

static void
pause_free (gpointer data)
{
  Pause *pause = data;

  g_object_unref (pause->message);
  g_free (pause);
}

static void
finished (SoupServerMessage *message, gpointer data)
{
  LwTestCrowd *self = data;
  GSource *source = g_object_get_data (G_OBJECT (message), "pause");

  if (source != NULL)
    g_source_destroy (source);
  g_atomic_int_inc (&self->ended);
}

static guint
remote_port (SoupServerMessage *message)
{
  GSocketAddress *address = soup_server_message_get_remote_address (message);

  return g_inet_socket_address_get_port (G_INET_SOCKET_ADDRESS (address));
}

static void
on_request (SoupServer *server,
            SoupServerMessage *message,
            const char *path,
            GHashTable *query,
            gpointer data)
{
  LwTestCrowd *self = data;
  gsize size = (gsize) g_ascii_strtoull (path + 1, NULL, 10);
  const char *pause = query != NULL ? g_hash_table_lookup (query, "pause") : NULL;
  char *body = g_malloc (size + 1);

  g_atomic_int_inc (&self->requests);
  if (g_hash_table_add (self->ports, GUINT_TO_POINTER (remote_port (message))))
    g_atomic_int_inc (&self->connections);
  if (soup_server_message_get_http_version (message) == SOUP_HTTP_2_0)
    g_atomic_int_inc (&self->by_http2);
  g_signal_connect (message, "finished", G_CALLBACK (finished), self);
  memset (body, 'x', size);
  soup_server_message_set_status (message, 200, NULL);
  soup_server_message_set_response (message, "text/plain", SOUP_MEMORY_TAKE, body, size);
  if (pause != NULL)
    {
      Pause *pausing = g_new0 (Pause, 1);
      GSource *source = g_timeout_source_new ((guint) g_ascii_strtoull (pause, NULL, 10));

      pausing->message = g_object_ref (message);
      soup_server_message_pause (message);
      g_source_set_callback (source, go_on, pausing, pause_free);
      g_source_attach (source, self->context);
      g_object_set_data_full (G_OBJECT (message), "pause", source, (GDestroyNotify) g_source_unref);
    }
}

static gpointer
serve (gpointer data)
{
  LwTestCrowd *self = data;
  g_autoptr (SoupServer) server = NULL;
  g_autoptr (GError) error = NULL;
  GSList *uris;

  g_main_context_push_thread_default (self->context);
  server = soup_server_new ("tls-certificate", self->certificate, NULL);
  soup_server_listen_local (server, 0,
                            SOUP_SERVER_LISTEN_IPV4_ONLY |
                                (self->certificate != NULL ? SOUP_SERVER_LISTEN_HTTPS : 0),
                            &error);
  g_assert_no_error (error);
  soup_server_add_handler (server, NULL, on_request, self, NULL);
  uris = soup_server_get_uris (server);
  g_atomic_pointer_set (&self->base, g_strdup_printf ("http%s://127.0.0.1:%d",
                                                      self->certificate != NULL ? "s" : "",
                                                      g_uri_get_port (uris->data)));
  g_slist_free_full (uris, (GDestroyNotify) g_uri_unref);
  g_main_loop_run (self->loop);
  soup_server_disconnect (server);
  g_clear_object (&server);
  while (g_main_context_iteration (self->context, FALSE))
    ;
  g_main_context_pop_thread_default (self->context);
  return NULL;
}

LwTestCrowd *
lw_test_crowd_new (GTlsCertificate *certificate)
{
  LwTestCrowd *self = g_new0 (LwTestCrowd, 1);

  g_set_object (&self->certificate, certificate);
  self->ports = g_hash_table_new (NULL, NULL);
  self->context = g_main_context_new ();
  self->loop = g_main_loop_new (self->context, FALSE);
  self->thread = g_thread_new ("crowd", serve, self);
  while (g_atomic_pointer_get (&self->base) == NULL)
    g_thread_yield ();
  return self;
}

static gboolean
quit (gpointer data)
{
  g_main_loop_quit (data);
  return G_SOURCE_REMOVE;
}

void
lw_test_crowd_free (LwTestCrowd *self)
{
  g_autoptr (GSource) source = g_idle_source_new ();

  g_source_set_callback (source, quit, self->loop, NULL);
  g_source_attach (source, self->context);
  g_thread_join (self->thread);
  g_main_loop_unref (self->loop);
  g_main_context_unref (self->context);
  g_hash_table_unref (self->ports);
  g_clear_object (&self->certificate);
  g_free (self->base);
  g_free (self);
}
