/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "lw-test.h"

#include <string.h>
#include <unistd.h>

#include "lw-json.h"

#define DEADLINE_S 30

void
lw_test_note_secret (const char *kind, const char *value)
{
  static GHashTable *noted;
  const char *folder = g_getenv ("LEEWAY_DEMO_SECRETS");
  g_autofree char *name = NULL;
  g_autoptr (GFile) file = NULL;
  g_autoptr (GFileOutputStream) stream = NULL;
  g_autoptr (GError) error = NULL;
  char *line;

  if (folder == NULL || folder[0] == '\0')
    return;
  if (noted == NULL)
    noted = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  line = g_strdup_printf ("%s %s\n", kind, value);
  if (!g_hash_table_add (noted, line))
    return;
  name = g_strdup_printf ("test-%d", (int) getpid ());
  file = g_file_new_build_filename (folder, name, NULL);
  stream = g_file_append_to (file, G_FILE_CREATE_PRIVATE, NULL, &error);
  g_assert_no_error (error);
  g_assert_true (
      g_output_stream_write_all (G_OUTPUT_STREAM (stream), line, strlen (line), NULL, NULL, NULL));
}

guint
lw_test_patience (guint ms)
{
  const char *slowness = g_getenv ("LEEWAY_TEST_SLOWNESS");
  guint64 times = slowness != NULL ? g_ascii_strtoull (slowness, NULL, 10) : 1;

  return ms * (guint) CLAMP (times, 1, 100);
}

static gboolean
too_late (gpointer data)
{
  g_error ("The test waited for more than %d seconds", DEADLINE_S);
  return G_SOURCE_REMOVE;
}

void
lw_test_until (gboolean (*done) (gpointer), gpointer user_data)
{
  guint source = g_timeout_add (lw_test_patience (DEADLINE_S * 1000), too_late, NULL);

  while (!done (user_data))
    g_main_context_iteration (NULL, TRUE);
  g_source_remove (source);
}

static gboolean
is_settled (gpointer data)
{
  return !dex_future_is_pending (data);
}

static DexFuture *
pass_on (DexFuture *future, gpointer data)
{
  return dex_ref (future);
}

DexFuture *
lw_test_settle (DexFuture *future)
{
  /* What another thread settles wakes nobody by itself. */
  g_autoptr (DexFuture) here = dex_future_finally (dex_ref (future), pass_on, NULL, NULL);

  lw_test_until (is_settled, here);
  return future;
}

static const GValue *
settled_value (DexFuture *future, GError **error)
{
  g_autoptr (GError) local = NULL;
  const GValue *value = dex_future_get_value (lw_test_settle (future), &local);

  if (value == NULL)
    {
      if (error == NULL)
        g_error ("Unexpected rejection: %s", local->message);
      g_propagate_error (error, g_steal_pointer (&local));
    }
  return value;
}

gpointer
lw_test_boxed (DexFuture *future, GError **error)
{
  const GValue *value = settled_value (future, error);
  gpointer boxed = value != NULL ? g_value_dup_boxed (value) : NULL;

  dex_unref (future);
  return boxed;
}

char *
lw_test_string (DexFuture *future, GError **error)
{
  const GValue *value = settled_value (future, error);
  char *text = value != NULL ? g_value_dup_string (value) : NULL;

  dex_unref (future);
  return text;
}

gboolean
lw_test_boolean (DexFuture *future, GError **error)
{
  const GValue *value = settled_value (future, error);
  gboolean result = value != NULL && g_value_get_boolean (value);

  dex_unref (future);
  return result;
}

/* Servers */

static void
on_request (SoupServer *server,
            SoupServerMessage *message,
            const char *path,
            GHashTable *query,
            gpointer data)
{
  LwTestServer *self = data;
  SoupMessageHeaders *headers = soup_server_message_get_request_headers (message);
  const char *authorization = soup_message_headers_get_one (headers, "Authorization");
  GUri *uri = soup_server_message_get_uri (message);
  SoupMessageBody *body = soup_server_message_get_request_body (message);
  g_autoptr (GBytes) bytes = soup_message_body_flatten (body);

  g_ptr_array_add (self->requests,
                   g_strdup_printf ("%s %s%s%s", soup_server_message_get_method (message), path,
                                    g_uri_get_query (uri) != NULL ? "?" : "",
                                    g_uri_get_query (uri) != NULL ? g_uri_get_query (uri) : ""));
  g_ptr_array_add (self->authorizations, g_strdup (authorization != NULL ? authorization : ""));
  g_ptr_array_add (self->bodies,
                   g_strndup (g_bytes_get_data (bytes, NULL), g_bytes_get_size (bytes)));
  self->handler (self, message, path, query, self->user_data);
}

LwTestServer *
lw_test_server_new (LwTestHandler handler, gpointer user_data)
{
  LwTestServer *self = g_new0 (LwTestServer, 1);
  g_autoptr (GError) error = NULL;
  GSList *uris;

  self->handler = handler;
  self->user_data = user_data;
  self->requests = g_ptr_array_new_with_free_func (g_free);
  self->authorizations = g_ptr_array_new_with_free_func (g_free);
  self->bodies = g_ptr_array_new_with_free_func (g_free);
  self->server = soup_server_new (NULL, NULL);
  soup_server_listen_local (self->server, 0, SOUP_SERVER_LISTEN_IPV4_ONLY, &error);
  g_assert_no_error (error);
  uris = soup_server_get_uris (self->server);
  self->base = g_strdup_printf ("http://127.0.0.1:%d", g_uri_get_port (uris->data));
  g_slist_free_full (uris, (GDestroyNotify) g_uri_unref);
  soup_server_add_handler (self->server, NULL, on_request, self, NULL);
  return self;
}

void
lw_test_server_free (LwTestServer *self)
{
  soup_server_disconnect (self->server);
  g_object_unref (self->server);
  g_free (self->base);
  g_ptr_array_unref (self->requests);
  g_ptr_array_unref (self->authorizations);
  g_ptr_array_unref (self->bodies);
  g_free (self);
}

void
lw_test_answer (SoupServerMessage *message, guint status, const char *type, const char *body)
{
  soup_server_message_set_status (message, status, NULL);
  if (body != NULL)
    soup_server_message_set_response (message, type, SOUP_MEMORY_COPY, body, strlen (body));
}

/* Raw answers */

static void
answer_raw (LwTestRaw *self, GIOStream *connection)
{
  g_autoptr (GIOStream) stream = g_object_ref (connection);
  GOutputStream *output;
  GInputStream *input;
  char buffer[8192];

  if (self->certificate != NULL)
    {
      g_autoptr (GIOStream) plain = g_steal_pointer (&stream);

      stream = g_tls_server_connection_new (plain, self->certificate, NULL);
      if (!g_tls_connection_handshake (G_TLS_CONNECTION (stream), self->cancellable, NULL))
        return;
    }
  output = g_io_stream_get_output_stream (stream);
  input = g_io_stream_get_input_stream (stream);
  /* What is asked must be read before the end, or the answer is lost with a reset. */
  g_input_stream_read (input, buffer, sizeof buffer, self->cancellable, NULL);
  g_output_stream_write_all (output, self->bytes, strlen (self->bytes), NULL, self->cancellable,
                             NULL);
  if (self->stall)
    g_ptr_array_add (self->held, g_object_ref (connection));
  else
    g_io_stream_close (stream, NULL, NULL);
  g_atomic_int_inc (&self->connections);
}

static gpointer
raw_thread (gpointer data)
{
  LwTestRaw *self = data;

  for (;;)
    {
      g_autoptr (GSocket) socket = g_socket_accept (self->socket, self->cancellable, NULL);
      g_autoptr (GSocketConnection) connection = NULL;

      if (socket == NULL)
        return NULL;
      connection = g_socket_connection_factory_create_connection (socket);
      answer_raw (self, G_IO_STREAM (connection));
    }
}

LwTestRaw *
lw_test_raw_new (const char *bytes, gboolean stall)
{
  return lw_test_raw_new_tls (bytes, stall, NULL);
}

LwTestRaw *
lw_test_raw_new_tls (const char *bytes, gboolean stall, GTlsCertificate *certificate)
{
  LwTestRaw *self = g_new0 (LwTestRaw, 1);
  g_autoptr (GInetAddress) loopback = g_inet_address_new_loopback (G_SOCKET_FAMILY_IPV4);
  g_autoptr (GSocketAddress) any = g_inet_socket_address_new (loopback, 0);
  g_autoptr (GSocketAddress) actual = NULL;
  g_autoptr (GError) error = NULL;

  self->bytes = g_strdup (bytes);
  self->stall = stall;
  g_set_object (&self->certificate, certificate);
  self->held = g_ptr_array_new_with_free_func (g_object_unref);
  self->cancellable = g_cancellable_new ();
  self->socket =
      g_socket_new (G_SOCKET_FAMILY_IPV4, G_SOCKET_TYPE_STREAM, G_SOCKET_PROTOCOL_TCP, &error);
  g_assert_no_error (error);
  g_socket_bind (self->socket, any, TRUE, &error);
  g_assert_no_error (error);
  g_socket_listen (self->socket, &error);
  g_assert_no_error (error);
  actual = g_socket_get_local_address (self->socket, &error);
  g_assert_no_error (error);
  self->base = g_strdup_printf ("http%s://127.0.0.1:%u", certificate != NULL ? "s" : "",
                                g_inet_socket_address_get_port (G_INET_SOCKET_ADDRESS (actual)));
  self->thread = g_thread_new ("raw", raw_thread, self);
  return self;
}

void
lw_test_raw_free (LwTestRaw *self)
{
  g_cancellable_cancel (self->cancellable);
  g_thread_join (self->thread);
  g_socket_close (self->socket, NULL);
  g_object_unref (self->socket);
  g_object_unref (self->cancellable);
  g_ptr_array_unref (self->held);
  g_clear_object (&self->certificate);
  g_free (self->base);
  g_free (self->bytes);
  g_free (self);
}

/* Connections */

LwProfile *
lw_test_profile (const char *base, const char *ca_file)
{
  g_autoptr (JsonBuilder) builder = json_builder_new ();
  g_autoptr (JsonNode) root = NULL;
  g_autoptr (GBytes) bytes = NULL;
  g_autoptr (GError) error = NULL;
  static const char *const endpoints[] = { "arm", "login", "graph", "blob" };
  LwProfile *profile;
  char *text;

  json_builder_begin_object (builder);
  json_builder_set_member_name (builder, "cloud");
  json_builder_add_string_value (builder, "custom");
  json_builder_set_member_name (builder, "endpoints");
  json_builder_begin_object (builder);
  for (guint i = 0; i < G_N_ELEMENTS (endpoints); i++)
    {
      json_builder_set_member_name (builder, endpoints[i]);
      json_builder_add_string_value (builder, base);
    }
  json_builder_end_object (builder);
  json_builder_set_member_name (builder, "tenant");
  json_builder_add_string_value (builder, LW_TEST_TENANT);
  json_builder_set_member_name (builder, "clientId");
  json_builder_add_string_value (builder, LW_TEST_CLIENT);
  json_builder_set_member_name (builder, "ledger");
  json_builder_add_string_value (builder, "/tmp/ledger");
  json_builder_set_member_name (builder, "signIn");
  json_builder_add_string_value (builder, "browser");
  if (ca_file != NULL)
    {
      json_builder_set_member_name (builder, "caFile");
      json_builder_add_string_value (builder, ca_file);
    }
  json_builder_end_object (builder);
  root = json_builder_get_root (builder);
  text = json_to_string (root, FALSE);
  bytes = g_bytes_new_take (text, strlen (text));
  profile = lw_profile_from_json (bytes, &error);
  g_assert_no_error (error);
  return profile;
}

LwClient *
lw_test_client (const char *base, guint deadline_ms)
{
  g_autoptr (LwProfile) profile = lw_test_profile (base, NULL);
  g_autoptr (LwIdentity) identity = lw_identity_new_for_token (profile, LW_TEST_TOKEN);
  LwClient *client = lw_client_new (profile, identity);

  lw_test_note_secret ("given_token", LW_TEST_TOKEN);
  lw_transport_set_deadline (lw_client_get_transport (client), deadline_ms, 5);
  return client;
}

JsonNode *
lw_test_call (LwClient *client,
              const char *base,
              const char *method,
              gboolean idempotent,
              GError **error)
{
  g_autofree char *url = g_strconcat (base, "/thing?api-version=1", NULL);

  return lw_test_boxed (lw_transport_json (lw_client_get_transport (client), LW_AUDIENCE_ARM,
                                           method, url, NULL, idempotent),
                        error);
}

/* Sentences */

void
lw_test_says (const GError *error, const char *text)
{
  if (strstr (error->message, text) == NULL)
    g_error ("“%s” does not say “%s”", error->message, text);
}

void
lw_test_keeps_quiet (const GError *error, const char *text)
{
  if (strstr (error->message, text) != NULL)
    g_error ("“%s” says “%s”", error->message, text);
}

/* Data */

char *
lw_test_canonical (JsonNode *node)
{
  g_autoptr (GError) error = NULL;
  char *text = lw_json_canonical (node, &error);

  g_assert_no_error (error);
  return text;
}

char *
lw_test_shared (const char *name)
{
  const char *shared = g_getenv ("LEEWAY_SHARED");
  g_autofree char *path = NULL;

  if (shared == NULL)
    shared = LW_TEST_SHARED;
  path = g_build_filename (shared, "azure", name, NULL);
  return g_file_test (path, G_FILE_TEST_EXISTS) ? g_steal_pointer (&path) : NULL;
}

JsonNode *
lw_test_load_json (const char *path)
{
  g_autofree char *contents = NULL;
  g_autoptr (GError) error = NULL;
  g_autoptr (GBytes) bytes = NULL;
  gsize length;
  JsonNode *node;

  g_file_get_contents (path, &contents, &length, &error);
  g_assert_no_error (error);
  bytes = g_bytes_new_take (g_steal_pointer (&contents), length);
  node = lw_json_parse (bytes, 0, &error);
  g_assert_no_error (error);
  return node;
}
