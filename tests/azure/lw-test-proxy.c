/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "lw-test-proxy.h"

#include <string.h>

/* The resolver */

#define LW_TYPE_TEST_RESOLVER (lw_test_resolver_get_type ())
G_DECLARE_FINAL_TYPE (LwTestResolver, lw_test_resolver, LW, TEST_RESOLVER, GSimpleProxyResolver)

struct _LwTestResolver
{
  GSimpleProxyResolver parent_instance;
};

static gboolean
is_supported (GProxyResolver *resolver)
{
  return TRUE;
}

static void
resolver_init (GProxyResolverInterface *iface)
{
  iface->is_supported = is_supported;
}

G_DEFINE_FINAL_TYPE_WITH_CODE (LwTestResolver,
                               lw_test_resolver,
                               G_TYPE_SIMPLE_PROXY_RESOLVER,
                               G_IMPLEMENT_INTERFACE (G_TYPE_PROXY_RESOLVER, resolver_init))

static void
lw_test_resolver_class_init (LwTestResolverClass *klass)
{
}

static void
lw_test_resolver_init (LwTestResolver *self)
{
  g_simple_proxy_resolver_set_default_proxy (G_SIMPLE_PROXY_RESOLVER (self), "direct://");
}

void
lw_test_proxy_init (void)
{
  g_setenv ("GIO_USE_PROXY_RESOLVER", "lw-test", TRUE);
  g_io_extension_point_register (G_PROXY_RESOLVER_EXTENSION_POINT_NAME);
  g_io_extension_point_implement (G_PROXY_RESOLVER_EXTENSION_POINT_NAME, LW_TYPE_TEST_RESOLVER,
                                  "lw-test", 1000);
  g_assert_true (LW_IS_TEST_RESOLVER (g_proxy_resolver_get_default ()));
}

void
lw_test_proxy_use (const char *uri)
{
  g_simple_proxy_resolver_set_default_proxy (
      G_SIMPLE_PROXY_RESOLVER (g_proxy_resolver_get_default ()), uri != NULL ? uri : "direct://");
}

/* The proxy */

static char *
read_head (GInputStream *input)
{
  g_autoptr (GString) head = g_string_new (NULL);
  char byte;

  while (strstr (head->str, "\r\n\r\n") == NULL && head->len < 16384)
    {
      if (g_input_stream_read (input, &byte, 1, NULL, NULL) != 1)
        return NULL;
      g_string_append_c (head, byte);
    }
  return g_string_free (g_steal_pointer (&head), FALSE);
}

static void
say (GOutputStream *output, const char *text)
{
  g_output_stream_write_all (output, text, strlen (text), NULL, NULL, NULL);
}

typedef struct
{
  GInputStream *from;
  GOutputStream *to;
} Pipe;

static gpointer
pump (gpointer data)
{
  Pipe *pipe = data;

  g_output_stream_splice (pipe->to, pipe->from, G_OUTPUT_STREAM_SPLICE_CLOSE_TARGET, NULL, NULL);
  return NULL;
}

static void
tunnel (GIOStream *client, const char *target)
{
  g_autoptr (GSocketClient) connector = g_socket_client_new ();
  g_autoptr (GSocketConnection) server = NULL;
  GThread *back;
  Pipe up;
  Pipe down;

  g_socket_client_set_enable_proxy (connector, FALSE);
  server = g_socket_client_connect_to_host (connector, target, 443, NULL, NULL);
  if (server == NULL)
    {
      say (g_io_stream_get_output_stream (client),
           "HTTP/1.1 502 Bad Gateway\r\nContent-Length: 0\r\n\r\n");
      return;
    }
  say (g_io_stream_get_output_stream (client), "HTTP/1.1 200 Connection established\r\n\r\n");
  up = (Pipe) { g_io_stream_get_input_stream (client),
                g_io_stream_get_output_stream (G_IO_STREAM (server)) };
  down = (Pipe) { g_io_stream_get_input_stream (G_IO_STREAM (server)),
                  g_io_stream_get_output_stream (client) };
  back = g_thread_new ("back", pump, &down);
  pump (&up);
  g_socket_shutdown (g_socket_connection_get_socket (server), TRUE, TRUE, NULL);
  g_thread_join (back);
}

static gboolean
is_let_through (LwTestProxy *self, const char *head)
{
  if (self->refuse != 0)
    return FALSE;
  return self->password == NULL || strstr (head, self->password) != NULL;
}

static void
refuse (LwTestProxy *self, GOutputStream *output)
{
  if (self->refuse == 403)
    say (output, "HTTP/1.1 403 Forbidden\r\nContent-Length: 4\r\n\r\nno!\n");
  else
    say (output, "HTTP/1.1 407 Proxy Authentication Required\r\n"
                 "Proxy-Authenticate: Basic realm=\"company\"\r\nContent-Length: 0\r\n\r\n");
}

static gboolean
run (GThreadedSocketService *service, GSocketConnection *connection, GObject *source, gpointer data)
{
  LwTestProxy *self = data;
  GIOStream *stream = G_IO_STREAM (connection);
  GOutputStream *output = g_io_stream_get_output_stream (stream);
  g_autofree char *head = NULL;

  while ((head = read_head (g_io_stream_get_input_stream (stream))) != NULL)
    {
      g_auto (GStrv) words = g_strsplit (head, " ", 3);
      g_autofree char *before = NULL;

      g_mutex_lock (&self->mutex);
      before = g_steal_pointer (&self->seen);
      self->seen = g_strconcat (before != NULL ? before : "", head, NULL);
      g_mutex_unlock (&self->mutex);
      if (!is_let_through (self, head))
        {
          refuse (self, output);
        }
      else if (g_str_equal (words[0], "CONNECT"))
        {
          g_atomic_int_inc (&self->tunnels);
          tunnel (stream, words[1]);
          break;
        }
      else
        {
          g_atomic_int_inc (&self->plain);
          say (output, "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n"
                       "Content-Length: 14\r\n\r\n{\"by\":\"proxy\"}");
        }
      g_clear_pointer (&head, g_free);
    }
  g_io_stream_close (stream, NULL, NULL);
  return TRUE;
}

static gpointer
serve (gpointer data)
{
  LwTestProxy *self = data;

  g_main_context_push_thread_default (self->context);
  self->service = g_threaded_socket_service_new (50);
  g_signal_connect (self->service, "run", G_CALLBACK (run), self);
  g_atomic_pointer_set (
      &self->base,
      g_strdup_printf ("127.0.0.1:%u", g_socket_listener_add_any_inet_port (
                                           G_SOCKET_LISTENER (self->service), NULL, NULL)));
  g_socket_service_start (self->service);
  g_main_loop_run (self->loop);
  g_socket_service_stop (self->service);
  g_socket_listener_close (G_SOCKET_LISTENER (self->service));
  while (g_main_context_iteration (self->context, FALSE))
    ;
  g_main_context_pop_thread_default (self->context);
  return NULL;
}

LwTestProxy *
lw_test_proxy_new (void)
{
  LwTestProxy *self = g_new0 (LwTestProxy, 1);

  g_mutex_init (&self->mutex);
  self->context = g_main_context_new ();
  self->loop = g_main_loop_new (self->context, FALSE);
  self->thread = g_thread_new ("proxy", serve, self);
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

/* What its threads still hold lives as long as the test. */
void
lw_test_proxy_free (LwTestProxy *self)
{
  g_autoptr (GSource) source = g_idle_source_new ();

  g_source_set_callback (source, quit, self->loop, NULL);
  g_source_attach (source, self->context);
  g_thread_join (self->thread);
}
