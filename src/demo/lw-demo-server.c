/* SPDX-License-Identifier: GPL-3.0-or-later */

/* From a request to the part of the tenant that answers it, and the headers all answers share. */

#include "lw-demo-server.h"

#include "lw-demo-faults.h"

#include <string.h>

static GStrv
split_path (const char *path)
{
  g_auto (GStrv) parts = g_strsplit (path, "/", -1);
  g_autoptr (GStrvBuilder) builder = g_strv_builder_new ();

  for (guint i = 0; parts[i] != NULL; i++)
    {
      g_autofree char *decoded = g_uri_unescape_string (parts[i], NULL);

      if (decoded != NULL && *decoded != '\0' && g_utf8_validate (decoded, -1, NULL))
        g_strv_builder_add (builder, decoded);
    }

  return g_strv_builder_end (builder);
}

static void
call_clear (LwDemoCall *self)
{
  g_strfreev (self->path);
  g_hash_table_unref (self->query);
  lw_demo_caller_free (self->caller);
  g_free (self->request_id);
  g_free (self->base);
}

static char *
call_base (GUri *uri)
{
  const char *host = g_uri_get_host (uri);
  gboolean v6 = host != NULL && strchr (host, ':') != NULL;
  int port = g_uri_get_port (uri);

  if (port <= 0)
    return g_strdup_printf (v6 ? "%s://[%s]" : "%s://%s", g_uri_get_scheme (uri), host);

  return g_strdup_printf ("%s://%s%s%s:%d", g_uri_get_scheme (uri), v6 ? "[" : "", host,
                          v6 ? "]" : "", port);
}

/* What Resource Manager sets on every answer. */
static void
common_headers (LwDemoCall *self)
{
  const char *wants_id = lw_demo_call_header (self, "x-ms-return-client-request-id");
  const char *client_id = lw_demo_call_header (self, "x-ms-client-request-id");
  g_autofree char *stamp = lw_demo_stamp (g_get_real_time ());
  g_autofree char *route = g_strdup_printf ("DEMO:%s:%s", stamp, self->request_id);

  lw_demo_call_set_header (self, "Cache-Control", "no-cache");
  lw_demo_call_set_header (self, "Pragma", "no-cache");
  lw_demo_call_set_header (self, "Expires", "-1");
  lw_demo_call_set_header (self, "X-Content-Type-Options", "nosniff");
  lw_demo_call_set_header (self, "x-ms-request-id", self->request_id);
  lw_demo_call_set_header (self, "x-ms-correlation-request-id", self->request_id);
  lw_demo_call_set_header (self, "x-ms-routing-request-id", route);
  if (client_id != NULL && wants_id != NULL && g_ascii_strcasecmp (wants_id, "true") == 0)
    lw_demo_call_set_header (self, "x-ms-client-request-id", client_id);
}

static void
dispatch (LwDemoCall *self)
{
  if (self->demo->faults != NULL && lw_demo_faults_before (self->demo->faults, self))
    return;
  if (lw_demo_call_path_is (self, 0, "metadata") && lw_demo_call_path_is (self, 1, "endpoints"))
    lw_demo_metadata_handle (self);
  else if (lw_demo_call_path_is (self, 0, "graph") || lw_demo_call_path_is (self, 0, "v1.0"))
    lw_demo_graph_handle (self);
  else if (lw_demo_call_path_is (self, 0, self->tenant->account))
    lw_demo_blob_handle (self);
  else if (lw_demo_entra_owns (self))
    lw_demo_entra_handle (self);
  else
    lw_demo_arm_handle (self);
  if (self->demo->faults != NULL)
    lw_demo_faults_after (self->demo->faults, self);
}

static void
handle (SoupServer *server,
        SoupServerMessage *message,
        const char *path,
        GHashTable *query,
        gpointer data)
{
  GUri *uri = soup_server_message_get_uri (message);
  LwDemoCall call = { 0 };

  call.demo = data;
  call.tenant = call.demo->tenant;
  call.message = message;
  call.method = soup_server_message_get_method (message);
  call.path = split_path (g_uri_get_path (uri));
  call.n_path = g_strv_length (call.path);
  call.query = lw_demo_parse_form (g_uri_get_query (uri), TRUE);
  call.request_id = g_uuid_string_random ();
  call.base = call_base (uri);
  common_headers (&call);
  dispatch (&call);
  lw_demo_record (&call);
  call_clear (&call);
}

SoupServer *
lw_demo_server_new (LwDemo *demo, GTlsCertificate *certificate)
{
  SoupServer *server = soup_server_new ("server-header", "leeway-demo-tenant", NULL);

  if (certificate != NULL)
    soup_server_set_tls_certificate (server, certificate);
  soup_server_add_handler (server, "/", handle, demo, NULL);

  return server;
}

static gboolean
listen_on (SoupServer *server, GSocketFamily family, guint port, gboolean tls, GError **error)
{
  g_autoptr (GInetAddress) loopback = g_inet_address_new_loopback (family);
  g_autoptr (GSocketAddress) address = g_inet_socket_address_new (loopback, port);

  return soup_server_listen (server, address, tls ? SOUP_SERVER_LISTEN_HTTPS : 0, error);
}

guint
lw_demo_server_listen (SoupServer *server, guint port, gboolean tls, GError **error)
{
  GSList *uris;

  if (!listen_on (server, G_SOCKET_FAMILY_IPV4, port, tls, error))
    return 0;

  uris = soup_server_get_uris (server);
  port = g_uri_get_port (uris->data);
  g_slist_free_full (uris, (GDestroyNotify) g_uri_unref);
  /* A machine without IPv6, or with the port taken there, is no reason to stop. */
  listen_on (server, G_SOCKET_FAMILY_IPV6, port, tls, NULL);

  return port;
}
