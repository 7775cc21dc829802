/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "lw-stand.h"

#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>

#include "lw-json.h"
#include "lw-pkce.h"
#include "lw-temp-dir.h"
#include "lw-transport.h"

#define TENANT "5e7c0a10-0000-4000-8000-000000000001"
#define CLIENT "c11e0000-0000-4000-8000-000000000002"
#define PERSON "11111111-1111-4111-8111-111111111111"
/* Everybody's, in the simulated tenant. */
#define UPN "ingrid@contoso.example"

static void
write_file (const char *path, const char *text)
{
  g_autoptr (GError) error = NULL;

  g_file_set_contents (path, text, -1, &error);
  g_assert_no_error (error);
}

/* --- servers ------------------------------------------------------------------------------------ */

static void
make_certificate (const char *ca, const char *key)
{
  const char *const openssl[] = { "openssl",
                                  "req",
                                  "-x509",
                                  "-newkey",
                                  "ec",
                                  "-pkeyopt",
                                  "ec_paramgen_curve:prime256v1",
                                  "-nodes",
                                  "-keyout",
                                  key,
                                  "-out",
                                  ca,
                                  "-days",
                                  "2",
                                  "-subj",
                                  "/CN=t",
                                  "-addext",
                                  "subjectAltName=DNS:localhost,IP:127.0.0.1",
                                  NULL };
  g_autoptr (GSubprocess) process = NULL;
  g_autoptr (GError) error = NULL;

  process = g_subprocess_newv (openssl, G_SUBPROCESS_FLAGS_STDERR_SILENCE, &error);
  g_assert_no_error (error);
  g_subprocess_wait_check (process, NULL, &error);
  g_assert_no_error (error);
}

/* Azurite looks at what a token says, not at its signature. */
static char *
make_token (void)
{
  static const char head[] = "{\"alg\":\"none\",\"typ\":\"JWT\"}";
  gint64 now = g_get_real_time () / G_USEC_PER_SEC;
  g_autofree char *claims = g_strdup_printf (
      "{\"iss\":\"https://sts.windows.net/" TENANT "/\",\"aud\":\"https://storage.azure.com\","
      "\"tid\":\"" TENANT "\",\"oid\":\"" PERSON "\","
      "\"iat\":%" G_GINT64_FORMAT ",\"nbf\":%" G_GINT64_FORMAT ",\"exp\":%" G_GINT64_FORMAT "}",
      now - 7200, now - 7200, now + 7200);
  g_autofree char *first = lw_base64url_encode ((const guchar *) head, strlen (head));
  g_autofree char *second = lw_base64url_encode ((const guchar *) claims, strlen (claims));

  return g_strdup_printf ("%s.%s.c2ln", first, second);
}

/* Reads lines until one holds @pattern; the match. (transfer full) */
static char *
read_until (GSubprocess *process, const char *pattern)
{
  g_autoptr (GRegex) regex = g_regex_new (pattern, 0, 0, NULL);
  g_autoptr (GDataInputStream) output =
      g_data_input_stream_new (g_subprocess_get_stdout_pipe (process));

  g_filter_input_stream_set_close_base_stream (G_FILTER_INPUT_STREAM (output), FALSE);
  while (TRUE)
    {
      g_autoptr (GError) error = NULL;
      g_autofree char *line = g_data_input_stream_read_line (output, NULL, NULL, &error);
      g_autoptr (GMatchInfo) match = NULL;

      g_assert_no_error (error);
      if (line == NULL)
        g_error ("The server ended before it listened");
      if (g_regex_match (regex, line, 0, &match))
        return g_match_info_fetch (match, 0);
    }
}

/* A test that is aborted leaves no server behind. */
static void
end_with_parent (gpointer data)
{
  prctl (PR_SET_PDEATHSIG, SIGKILL);
}

/* @endpoints: (transfer none): of ARM, sign-in, Graph, Blob */
static void
write_connection (LwStand *self,
                  const char *const endpoints[4],
                  const char *tenant,
                  const char *client,
                  const char *ca,
                  const char *token)
{
  g_autofree char *text = g_strdup_printf (
      "{\"cloud\":\"custom\",\"endpoints\":{\"arm\":\"%s\",\"login\":\"%s\",\"graph\":\"%s\","
      "\"blob\":\"%s\"},\"tenant\":\"%s\",\"clientId\":\"%s\",\"ledger\":\"%s\","
      "\"signIn\":\"token\",\"caFile\":\"%s\"}",
      endpoints[0], endpoints[1], endpoints[2], endpoints[3], tenant, client, self->ledger, ca);

  write_file (self->profile, text);
  write_file (self->token, token);
}

static void
start_azurite (LwStand *self, const char *ca, const char *key)
{
  const char *peers = g_getenv ("LEEWAY_PEERS");
  g_autofree char *program =
      g_build_filename (peers ? peers : ".", "node_modules/azurite/dist/src/blob/main.js", NULL);
  const char *const argv[] = { "node",
                               program,
                               "--blobHost",
                               "127.0.0.1",
                               "--blobPort",
                               "0",
                               "--oauth",
                               "basic",
                               "--cert",
                               ca,
                               "--key",
                               key,
                               "--silent",
                               "--inMemoryPersistence",
                               "--disableTelemetry",
                               NULL };
  g_autoptr (GSubprocessLauncher) launcher =
      g_subprocess_launcher_new (G_SUBPROCESS_FLAGS_STDOUT_PIPE);
  g_autofree char *base = NULL;
  g_autofree char *blob = NULL;
  g_autofree char *token = make_token ();
  g_autoptr (GError) error = NULL;

  g_subprocess_launcher_set_cwd (launcher, self->folder);
  g_subprocess_launcher_set_child_setup (launcher, end_with_parent, NULL, NULL);
  self->process = g_subprocess_launcher_spawnv (launcher, argv, &error);
  g_assert_no_error (error);
  base = read_until (self->process, "https://127\\.0\\.0\\.1:[1-9]\\d*");
  blob = g_strconcat (base, "/devstoreaccount1", NULL);
  self->ledger = g_strconcat (blob, "/ledger0", NULL);
  write_connection (self, (const char *const[]) { base, base, base, blob }, TENANT, CLIENT, ca,
                    token);
}

static void
start_tenant (LwStand *self, const char *ca, const char *key)
{
  g_autofree char *line = NULL;
  g_autoptr (JsonNode) node = NULL;
  g_autoptr (GError) error = NULL;
  JsonObject *object;
  JsonArray *people;
  const char *token = NULL;

  self->process = g_subprocess_new (
      G_SUBPROCESS_FLAGS_STDOUT_PIPE, &error, g_getenv ("LEEWAY_DEMO_TENANT"), "--exit-with-parent",
      "--tenant", g_getenv ("LEEWAY_DEMO_DATA"), "--tls-certificate", ca, "--tls-key", key, NULL);
  g_assert_no_error (error);
  line = read_until (self->process, "^\\{.*\\}$");
  node = lw_json_parse_string (line, &error);
  g_assert_no_error (error);
  object = lw_json_node_object (node);
  people = lw_json_get_array (object, "personas");
  for (guint i = 0; i < json_array_get_length (people); i++)
    {
      JsonObject *person = lw_json_array_get_object (people, i);

      if (g_strcmp0 (lw_json_get_string (person, "upn"), UPN) == 0)
        token = lw_json_get_string (person, "token");
    }
  self->ledger = g_strdup_printf ("%s/%s", lw_json_get_string (object, "blob"),
                                  lw_json_get_string (object, "ledger"));
  write_connection (self,
                    (const char *const[]) {
                        lw_json_get_string (object, "arm"), lw_json_get_string (object, "login"),
                        lw_json_get_string (object, "graph"), lw_json_get_string (object, "blob") },
                    lw_json_get_string (object, "tenant"), lw_json_get_string (object, "clientId"),
                    ca, token);
}

/* --- connections -------------------------------------------------------------------------------- */

static LwClient *
open_client (const char *profile_file, const char *token_file, LwProfile **profile)
{
  g_autofree char *text = NULL;
  g_autofree char *token = NULL;
  g_autoptr (GBytes) bytes = NULL;
  g_autoptr (LwIdentity) identity = NULL;
  g_autoptr (GError) error = NULL;
  gsize length;

  g_file_get_contents (profile_file, &text, &length, &error);
  g_assert_no_error (error);
  g_file_get_contents (token_file, &token, NULL, &error);
  g_assert_no_error (error);
  bytes = g_bytes_new (text, length);
  *profile = lw_profile_from_json (bytes, &error);
  g_assert_no_error (error);
  identity = lw_identity_new_for_token (*profile, token);

  return lw_client_new (*profile, identity);
}

LwStore *
lw_stand_open_files (const char *profile_file, const char *token_file)
{
  g_autoptr (LwProfile) profile = NULL;
  g_autoptr (LwClient) client = open_client (profile_file, token_file, &profile);
  g_autoptr (GError) error = NULL;
  LwStore *store = lw_store_new_for_url (client, lw_profile_get_ledger (profile), &error);

  g_assert_no_error (error);

  return store;
}

LwStore *
lw_stand_open (const LwStand *self)
{
  return lw_stand_open_files (self->profile, self->token);
}

typedef struct
{
  LwTransport *transport;
  const char *ledger;
  GMainLoop *loop;
} Making;

static DexFuture *
make_containers_fiber (gpointer data)
{
  static const char *const headers[] = { "x-ms-version", "2021-12-02", NULL };
  Making *making = data;

  for (guint i = 0; i < LW_SHELF_COUNT; i++)
    {
      g_autofree char *url = g_strdup_printf ("%s-%s?restype=container", making->ledger,
                                              lw_shelf_to_string ((LwShelf) i));
      g_autoptr (GError) error = NULL;
      g_autoptr (LwAnswer) answer =
          dex_await_boxed (lw_transport_send (making->transport, LW_AUDIENCE_STORAGE, "PUT", url,
                                              headers, NULL, NULL, FALSE),
                           &error);

      g_assert_no_error (error);
      g_assert_cmpuint (answer->status, ==, 201);
    }
  g_main_loop_quit (making->loop);

  return dex_future_new_for_boolean (TRUE);
}

static void
make_containers (LwStand *self)
{
  g_autoptr (LwProfile) profile = NULL;
  g_autoptr (LwClient) client = open_client (self->profile, self->token, &profile);
  g_autoptr (GMainLoop) loop = g_main_loop_new (NULL, FALSE);
  Making making = { lw_client_get_transport (client), self->ledger, loop };

  dex_future_disown (dex_scheduler_spawn (NULL, 0, make_containers_fiber, &making, NULL));
  g_main_loop_run (loop);
}

static void
replace_in_file (const char *path, const char *from, const char *to)
{
  g_autofree char *text = NULL;
  g_autoptr (GString) changed = NULL;
  g_autoptr (GError) error = NULL;

  g_file_get_contents (path, &text, NULL, &error);
  g_assert_no_error (error);
  changed = g_string_new (text);
  g_assert_cmpuint (g_string_replace (changed, from, to, 0), >, 0);
  write_file (path, changed->str);
}

void
lw_stand_renew (LwStand *self)
{
  static guint number;
  g_autofree char *before = g_strconcat ("\"", self->ledger, "\"", NULL);
  g_autofree char *after = NULL;
  char *digit = self->ledger + strlen (self->ledger);

  while (g_ascii_isdigit (digit[-1]))
    digit--;
  *digit = '\0';
  digit = self->ledger;
  self->ledger = g_strdup_printf ("%s%u", digit, ++number);
  g_free (digit);
  after = g_strconcat ("\"", self->ledger, "\"", NULL);
  replace_in_file (self->profile, before, after);
  if (self->process)
    make_containers (self);
}

LwStand *
lw_stand_start (const char *kind)
{
  LwStand *self = g_new0 (LwStand, 1);
  g_autofree char *ca = NULL;
  g_autofree char *key = NULL;

  self->folder = lw_temp_dir_new ();
  self->profile = g_build_filename (self->folder, "profile.json", NULL);
  self->token = g_build_filename (self->folder, "token", NULL);
  ca = g_build_filename (self->folder, "c.pem", NULL);
  key = g_build_filename (self->folder, "k.pem", NULL);
  if (g_str_equal (kind, "folder"))
    {
      g_autofree char *text = NULL;

      self->ledger = g_build_filename (self->folder, "ledger0", NULL);
      text = g_strdup_printf ("{\"tenant\":\"%s\",\"clientId\":\"%s\",\"ledger\":\"%s\","
                              "\"signIn\":\"token\"}",
                              TENANT, CLIENT, self->ledger);
      write_file (self->profile, text);
      write_file (self->token, "token");
      return self;
    }

  make_certificate (ca, key);
  if (g_str_equal (kind, "tenant"))
    {
      start_tenant (self, ca, key);
      return self;
    }
  g_assert_cmpstr (kind, ==, "azurite");
  start_azurite (self, ca, key);
  make_containers (self);

  return self;
}

void
lw_stand_stop (LwStand *self)
{
  if (self->process)
    {
      g_subprocess_force_exit (self->process);
      g_subprocess_wait (self->process, NULL, NULL);
    }
  g_clear_object (&self->process);
  lw_temp_dir_free (self->folder);
  g_free (self->ledger);
  g_free (self->profile);
  g_free (self->token);
  g_free (self);
}

/* --- rivals ------------------------------------------------------------------------------------- */

void
lw_stand_rival_ready (void)
{
  char line[8];

  puts ("ready");
  fflush (stdout);
  if (!fgets (line, sizeof line, stdin))
    g_error ("Nobody said when to begin");
}

static GSubprocess *
start_rival (const LwStand *self, guint number, const char *const *arguments)
{
  g_autoptr (GPtrArray) argv = g_ptr_array_new_null_terminated (8, g_free, TRUE);
  g_autoptr (GSubprocessLauncher) launcher =
      g_subprocess_launcher_new (G_SUBPROCESS_FLAGS_STDIN_PIPE | G_SUBPROCESS_FLAGS_STDOUT_PIPE);
  GSubprocess *process;
  g_autoptr (GError) error = NULL;

  g_subprocess_launcher_set_child_setup (launcher, end_with_parent, NULL, NULL);
  g_ptr_array_add (argv, g_file_read_link ("/proc/self/exe", NULL));
  for (guint i = 0; arguments[i]; i++)
    g_ptr_array_add (argv, g_strdup (arguments[i]));
  g_ptr_array_add (argv, g_strdup_printf ("%u", number));
  g_ptr_array_add (argv, g_strdup (self->profile));
  g_ptr_array_add (argv, g_strdup (self->token));
  process = g_subprocess_launcher_spawnv (launcher, (const char *const *) argv->pdata, &error);
  g_assert_no_error (error);

  return process;
}

GPtrArray *
lw_stand_run_rivals (const LwStand *self, guint n, const char *const *arguments)
{
  g_autoptr (GPtrArray) processes = g_ptr_array_new_with_free_func (g_object_unref);
  g_autoptr (GPtrArray) outputs = g_ptr_array_new_with_free_func (g_object_unref);
  GPtrArray *lines = g_ptr_array_new_with_free_func (g_free);

  for (guint i = 0; i < n; i++)
    {
      GSubprocess *process = start_rival (self, i, arguments);

      g_ptr_array_add (processes, process);
      g_ptr_array_add (outputs, g_data_input_stream_new (g_subprocess_get_stdout_pipe (process)));
    }
  for (guint i = 0; i < n; i++)
    {
      g_autofree char *line =
          g_data_input_stream_read_line (g_ptr_array_index (outputs, i), NULL, NULL, NULL);

      g_assert_cmpstr (line, ==, "ready");
    }
  for (guint i = 0; i < n; i++)
    {
      GOutputStream *input = g_subprocess_get_stdin_pipe (g_ptr_array_index (processes, i));

      g_assert_true (g_output_stream_write_all (input, "go\n", 3, NULL, NULL, NULL));
      g_assert_true (g_output_stream_flush (input, NULL, NULL));
    }
  for (guint i = 0; i < n; i++)
    {
      g_autoptr (GError) error = NULL;

      g_ptr_array_add (
          lines, g_data_input_stream_read_line (g_ptr_array_index (outputs, i), NULL, NULL, NULL));
      g_subprocess_wait_check (g_ptr_array_index (processes, i), NULL, &error);
      g_assert_no_error (error);
    }

  return lines;
}
