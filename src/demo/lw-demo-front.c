/* SPDX-License-Identifier: GPL-3.0-or-later */

/* The tenant's door where faults are played: closed at times, and with another name on it. */

#include "lw-demo-faults.h"

typedef struct
{
  LwDemo *demo;
  SoupServer *server;
  GTlsCertificate *certificate; /* nullable: plain http */
  GSocketService *service;      /* nullable: closed */
  guint port;
  guint reopening;
} Front;

/* A connection that shakes hands. */
typedef struct
{
  SoupServer *server;
  GSocketAddress *local;
  GSocketAddress *remote;
} Greeting;

static void
hand_over (SoupServer *server, GIOStream *stream, GSocketAddress *local, GSocketAddress *remote)
{
  soup_server_accept_iostream (server, stream, local, remote, NULL);
}

static void
greeted (GObject *source, GAsyncResult *result, gpointer data)
{
  Greeting *greeting = data;

  if (g_tls_connection_handshake_finish (G_TLS_CONNECTION (source), result, NULL))
    hand_over (greeting->server, G_IO_STREAM (source), greeting->local, greeting->remote);
  g_object_unref (greeting->server);
  g_clear_object (&greeting->local);
  g_clear_object (&greeting->remote);
  g_free (greeting);
}

static gboolean
incoming (GSocketService *service, GSocketConnection *connection, GObject *source, gpointer data)
{
  Front *self = data;
  const LwDemoFault *fault = lw_demo_faults_connection (self->demo->faults);
  g_autoptr (GSocketAddress) local = g_socket_connection_get_local_address (connection, NULL);
  g_autoptr (GSocketAddress) remote = g_socket_connection_get_remote_address (connection, NULL);
  g_autoptr (GIOStream) stream = NULL;
  Greeting *greeting;

  if (self->certificate == NULL)
    {
      hand_over (self->server, G_IO_STREAM (connection), local, remote);
      return TRUE;
    }
  stream = g_tls_server_connection_new (
      G_IO_STREAM (connection), fault != NULL ? fault->certificate : self->certificate, NULL);
  if (stream == NULL)
    return TRUE;
  g_object_set (stream, "require-close-notify", FALSE, NULL);
  greeting = g_new0 (Greeting, 1);
  greeting->server = g_object_ref (self->server);
  greeting->local = g_steal_pointer (&local);
  greeting->remote = g_steal_pointer (&remote);
  g_tls_connection_handshake_async (G_TLS_CONNECTION (stream), G_PRIORITY_DEFAULT, NULL, greeted,
                                    greeting);

  return TRUE;
}

static gboolean
listen_on (GSocketService *service, GSocketFamily family, guint port, guint *got, GError **error)
{
  g_autoptr (GInetAddress) loopback = g_inet_address_new_loopback (family);
  g_autoptr (GSocketAddress) address = g_inet_socket_address_new (loopback, (guint16) port);
  g_autoptr (GSocketAddress) effective = NULL;

  if (!g_socket_listener_add_address (G_SOCKET_LISTENER (service), address, G_SOCKET_TYPE_STREAM,
                                      G_SOCKET_PROTOCOL_TCP, NULL, &effective, error))
    return FALSE;
  *got = g_inet_socket_address_get_port (G_INET_SOCKET_ADDRESS (effective));

  return TRUE;
}

static gboolean
open_door (Front *self, GError **error)
{
  /* Not active yet: with each address that is added it begins to accept anew, and a connection that the
   * accept before it took is lost (GLib 2.84). */
  g_autoptr (GSocketService) service = g_object_new (G_TYPE_SOCKET_SERVICE, "active", FALSE, NULL);
  guint unused;

  /* libsoup keeps connections alive only where it listens itself. Nobody is told of that port. */
  if (!soup_server_listen_local (self->server, 0, SOUP_SERVER_LISTEN_IPV4_ONLY, error))
    return FALSE;
  if (!listen_on (service, G_SOCKET_FAMILY_IPV4, self->port, &self->port, error))
    return FALSE;
  listen_on (service, G_SOCKET_FAMILY_IPV6, self->port, &unused, NULL);
  g_signal_connect (service, "incoming", G_CALLBACK (incoming), self);
  g_socket_service_start (service);
  self->service = g_steal_pointer (&service);

  return TRUE;
}

static void
close_door (Front *self)
{
  if (self->service == NULL)
    return;
  g_signal_handlers_disconnect_by_data (self->service, self);
  g_socket_service_stop (self->service);
  g_socket_listener_close (G_SOCKET_LISTENER (self->service));
  g_clear_object (&self->service);
  /* Those that are open would be used again. */
  soup_server_disconnect (self->server);
}

static gboolean
reopen (gpointer data)
{
  Front *self = data;
  g_autoptr (GError) error = NULL;

  self->reopening = 0;
  if (self->service == NULL && !open_door (self, &error))
    g_printerr ("leeway-demo-tenant: can’t listen on port %u again: %s\n", self->port,
                error->message);

  return G_SOURCE_REMOVE;
}

static void
changed (gpointer data)
{
  Front *self = data;
  const LwDemoFault *refuse = lw_demo_faults_state (self->demo->faults, "refuse");

  g_clear_handle_id (&self->reopening, g_source_remove);
  if (refuse == NULL)
    {
      reopen (self);
      return;
    }
  close_door (self);
  if (refuse->seconds > 0)
    self->reopening = g_timeout_add_seconds ((guint) refuse->seconds, reopen, self);
}

static void
front_free (gpointer data)
{
  Front *self = data;

  if (self->demo->faults != NULL)
    lw_demo_faults_set_changed (self->demo->faults, NULL, NULL);
  g_clear_handle_id (&self->reopening, g_source_remove);
  if (self->service != NULL)
    {
      g_signal_handlers_disconnect_by_data (self->service, self);
      g_socket_listener_close (G_SOCKET_LISTENER (self->service));
      g_object_unref (self->service);
    }
  g_clear_object (&self->certificate);
  g_free (self);
}

gboolean
lw_demo_front_listen (LwDemo *demo,
                      SoupServer *server,
                      GTlsCertificate *certificate,
                      guint *port,
                      GError **error)
{
  Front *self = g_new0 (Front, 1);

  self->demo = demo;
  self->server = server;
  g_set_object (&self->certificate, certificate);
  self->port = *port;
  g_object_set_data_full (G_OBJECT (server), "lw-demo-front", self, front_free);
  if (!open_door (self, error))
    return FALSE;
  *port = self->port;
  lw_demo_faults_set_changed (demo->faults, changed, self);
  changed (self);

  return TRUE;
}
