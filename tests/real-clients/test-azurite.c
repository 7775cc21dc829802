/* SPDX-License-Identifier: GPL-3.0-or-later */

/*
 * The client's blobs on Azurite, Microsoft's own emulator of Blob Storage, over TLS and with a bearer
 * token: what the ledger counts on, from a server that we did not write.
 */

#include <glib/gstdio.h>
#include <string.h>

#include "lw-json.h"
#include "lw-pkce.h"
#include "lw-test.h"

#define TENANT    "5e7c0a10-0000-4000-8000-000000000001"
#define CONTAINER "ledger-requests"

static struct
{
  char *folder;
  char *ca;
  char *key;
  GSubprocess *process;
  char *account; /* "https://127.0.0.1:port/devstoreaccount1" */
  char *container;
} state;

/* Azurite looks at what a token says, not at its signature. */
static char *
make_token (gint64 from_now)
{
  static const char head[] = "{\"alg\":\"none\",\"typ\":\"JWT\"}";
  gint64 now = g_get_real_time () / G_USEC_PER_SEC;
  g_autofree char *claims = g_strdup_printf (
      "{\"iss\":\"https://sts.windows.net/" TENANT "/\",\"aud\":\"https://storage.azure.com\","
      "\"tid\":\"" TENANT "\",\"oid\":\"11111111-0000-4000-8000-000000000000\","
      "\"iat\":%" G_GINT64_FORMAT ",\"nbf\":%" G_GINT64_FORMAT ",\"exp\":%" G_GINT64_FORMAT "}",
      now - 7200, now - 7200, now + from_now);
  g_autofree char *first = lw_base64url_encode ((const guchar *) head, strlen (head));
  g_autofree char *second = lw_base64url_encode ((const guchar *) claims, strlen (claims));

  return g_strdup_printf ("%s.%s.c2ln", first, second);
}

static LwClient *
new_client (gint64 token_seconds)
{
  g_autofree char *token = make_token (token_seconds);
  g_autofree char *text = g_strdup_printf (
      "{\"cloud\":\"custom\",\"endpoints\":{\"arm\":\"https://127.0.0.1:1\","
      "\"login\":\"https://127.0.0.1:1\",\"graph\":\"https://127.0.0.1:1\",\"blob\":\"%s\"},"
      "\"tenant\":\"" TENANT "\",\"clientId\":\"c11e0000-0000-4000-8000-000000000002\","
      "\"ledger\":\"%s/ledger\",\"signIn\":\"token\",\"caFile\":\"%s\"}",
      state.account, state.account, state.ca);
  g_autoptr (GBytes) bytes = g_bytes_new (text, strlen (text));
  g_autoptr (GError) error = NULL;
  g_autoptr (LwProfile) profile = lw_profile_from_json (bytes, &error);
  g_autoptr (LwIdentity) identity = NULL;
  LwClient *client;

  g_assert_no_error (error);
  identity = lw_identity_new_for_token (profile, token);
  client = lw_client_new (profile, identity);
  lw_transport_set_deadline (lw_client_get_transport (client), 20000, 50);
  return client;
}

static void
make_container (LwClient *client)
{
  static const char *const headers[] = { "x-ms-version", "2021-12-02", NULL };
  g_autofree char *url = g_strconcat (state.container, "?restype=container", NULL);
  g_autoptr (GError) error = NULL;
  g_autoptr (LwAnswer) answer =
      lw_test_boxed (lw_transport_send (lw_client_get_transport (client), LW_AUDIENCE_STORAGE,
                                        "PUT", url, headers, NULL, NULL, FALSE),
                     &error);

  g_assert_no_error (error);
  g_assert_cmpuint (answer->status, ==, 201);
}

static gboolean
put_new (LwClient *client, const char *name, const char *text)
{
  g_autoptr (GBytes) bytes = g_bytes_new (text, strlen (text));

  return lw_test_boolean (lw_client_blob_put_new (client, state.container, name, bytes), NULL);
}

static void
assert_holds (LwClient *client, const char *name, const char *text)
{
  g_autoptr (GBytes) found =
      lw_test_boxed (lw_client_blob_get (client, state.container, name), NULL);

  g_assert_cmpmem (g_bytes_get_data (found, NULL), g_bytes_get_size (found), text, strlen (text));
}

/* Somebody is first, and stays so. */
static void
test_put_if_absent (void)
{
  static const char *const names[] = { "plain/000001.json", "it's (1) & ü 東京/+%20#?.json", "a" };
  g_autoptr (LwClient) client = new_client (3600);

  for (guint i = 0; i < G_N_ELEMENTS (names); i++)
    {
      g_assert_true (put_new (client, names[i], "first"));
      g_assert_false (put_new (client, names[i], "second"));
      assert_holds (client, names[i], "first");
    }
  g_assert_true (put_new (client, "empty", ""));
  assert_holds (client, "empty", "");
}

/* Of many at once one is first. */
static void
test_race (void)
{
  g_autoptr (LwClient) client = new_client (3600);
  DexFuture *futures[16];
  guint won = 0;

  for (guint i = 0; i < G_N_ELEMENTS (futures); i++)
    {
      g_autofree char *text = g_strdup_printf ("%u", i);
      g_autoptr (GBytes) bytes = g_bytes_new (text, strlen (text));

      futures[i] = lw_client_blob_put_new (client, state.container, "race/1", bytes);
    }
  for (guint i = 0; i < G_N_ELEMENTS (futures); i++)
    won += lw_test_boolean (futures[i], NULL);
  g_assert_cmpuint (won, ==, 1);
}

static void
test_list (void)
{
  g_autoptr (LwClient) client = new_client (3600);
  g_auto (GStrv) all = NULL;
  g_auto (GStrv) none = NULL;

  for (guint i = 20; i > 0; i--)
    {
      g_autofree char *name = g_strdup_printf ("list/%06u <&>.json", i);

      g_assert_true (put_new (client, name, "x"));
    }
  all = lw_test_boxed (lw_client_blob_list (client, state.container, "list/"), NULL);
  g_assert_cmpuint (g_strv_length (all), ==, 20);
  g_assert_cmpstr (all[0], ==, "list/000001 <&>.json");
  g_assert_cmpstr (all[19], ==, "list/000020 <&>.json");
  none = lw_test_boxed (lw_client_blob_list (client, state.container, "nothing/"), NULL);
  g_assert_cmpuint (g_strv_length (none), ==, 0);
}

static void
assert_error (DexFuture *future, LwAzureError code, const char *azure_code)
{
  g_autoptr (GError) error = NULL;
  const LwAzureErrorDetails *details;

  g_assert_null (lw_test_boxed (future, &error));
  g_assert_error (error, LW_AZURE_ERROR, (int) code);
  details = lw_azure_error_get_details (error);
  g_assert_nonnull (details);
  g_assert_cmpstr (details->code, ==, azure_code);
  g_assert_nonnull (details->request_id);
}

static void
test_refusals (void)
{
  g_autoptr (LwClient) client = new_client (3600);
  g_autoptr (LwClient) expired = new_client (-60);
  g_autofree char *nowhere = g_strconcat (state.account, "/no-such-container", NULL);

  assert_error (lw_client_blob_get (client, state.container, "none"), LW_AZURE_ERROR_NOT_FOUND,
                "BlobNotFound");
  assert_error (lw_client_blob_list (client, nowhere, ""), LW_AZURE_ERROR_NOT_FOUND,
                "ContainerNotFound");
  /* Azure itself answers 401 here. */
  assert_error (lw_client_blob_get (expired, state.container, "a"), LW_AZURE_ERROR_FORBIDDEN,
                "AuthenticationFailed");
}

static gboolean
make_certificate (void)
{
  const char *const openssl[] = { "openssl",  "req",    "-x509",   "-newkey",
                                  "rsa:2048", "-nodes", "-keyout", state.key,
                                  "-out",     state.ca, "-days",   "2",
                                  "-subj",    "/CN=t",  "-addext", "subjectAltName=IP:127.0.0.1",
                                  NULL };
  int status = -1;

  return g_spawn_sync (NULL, (char **) openssl, NULL,
                       G_SPAWN_SEARCH_PATH | G_SPAWN_STDERR_TO_DEV_NULL, NULL, NULL, NULL, NULL,
                       &status, NULL) &&
         status == 0;
}

/* Waits for the line that names the port. */
static void
start (const char *program)
{
  const char *const argv[] = { "node",
                               program,
                               "--blobHost",
                               "127.0.0.1",
                               "--blobPort",
                               "0",
                               "--oauth",
                               "basic",
                               "--cert",
                               state.ca,
                               "--key",
                               state.key,
                               "--silent",
                               "--inMemoryPersistence",
                               "--disableTelemetry",
                               NULL };
  g_autoptr (GRegex) address = g_regex_new ("https://127\\.0\\.0\\.1:[1-9]\\d*", 0, 0, NULL);
  g_autoptr (GSubprocessLauncher) launcher =
      g_subprocess_launcher_new (G_SUBPROCESS_FLAGS_STDOUT_PIPE);
  g_autoptr (GDataInputStream) output = NULL;
  g_autoptr (GError) error = NULL;

  g_subprocess_launcher_set_cwd (launcher, state.folder);
  state.process = g_subprocess_launcher_spawnv (launcher, argv, &error);
  g_assert_no_error (error);
  output = g_data_input_stream_new (g_subprocess_get_stdout_pipe (state.process));
  while (state.account == NULL)
    {
      g_autofree char *line = g_data_input_stream_read_line (output, NULL, NULL, &error);
      g_autoptr (GMatchInfo) match = NULL;

      g_assert_no_error (error);
      if (line == NULL)
        g_error ("Azurite ended before it listened");
      if (g_regex_match (address, line, 0, &match))
        {
          g_autofree char *base = g_match_info_fetch (match, 0);

          state.account = g_strconcat (base, "/devstoreaccount1", NULL);
          state.container = g_strconcat (state.account, "/" CONTAINER, NULL);
        }
    }
}

static void
finish (void)
{
  g_autoptr (GDir) folder = g_dir_open (state.folder, 0, NULL);
  const char *name;

  g_subprocess_force_exit (state.process);
  g_subprocess_wait (state.process, NULL, NULL);
  while ((name = g_dir_read_name (folder)) != NULL)
    {
      g_autofree char *path = g_build_filename (state.folder, name, NULL);

      g_remove (path);
    }
  g_rmdir (state.folder);
  g_object_unref (state.process);
  g_free (state.folder);
  g_free (state.ca);
  g_free (state.key);
  g_free (state.account);
  g_free (state.container);
}

int
main (int argc, char **argv)
{
  const char *peers = g_getenv ("LEEWAY_PEERS");
  g_autofree char *program = g_build_filename (peers != NULL ? peers : ".",
                                               "node_modules/azurite/dist/src/blob/main.js", NULL);
  int status;

  g_test_init (&argc, &argv, NULL);
  dex_init ();
  state.folder = g_dir_make_tmp ("leeway-azurite-XXXXXX", NULL);
  state.ca = g_build_filename (state.folder, "c.pem", NULL);
  state.key = g_build_filename (state.folder, "k.pem", NULL);
  g_assert_true (make_certificate ());
  start (program);
  {
    g_autoptr (LwClient) client = new_client (3600);

    make_container (client);
  }
  g_test_add_func ("/azurite/put-if-absent", test_put_if_absent);
  g_test_add_func ("/azurite/race", test_race);
  g_test_add_func ("/azurite/list", test_list);
  g_test_add_func ("/azurite/refusals", test_refusals);
  status = g_test_run ();
  finish ();
  return status;
}
