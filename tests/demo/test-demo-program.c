/* SPDX-License-Identifier: GPL-3.0-or-later */

/* The program itself: its command line, its line of JSON, its end, TLS, and the demo organisation. */

#include "lw-demo-fixture.h"

#include <string.h>

/* Runs the program to its end; gives its exit status and what it said on stderr. */
static int
run (char **said, const char *first, ...)
{
  g_autoptr (GPtrArray) args = g_ptr_array_new ();
  g_autoptr (GSubprocess) process = NULL;
  g_autoptr (GError) error = NULL;
  const char *arg;
  va_list list;

  g_ptr_array_add (args, (gpointer) g_getenv ("LEEWAY_DEMO_TENANT"));
  va_start (list, first);
  for (arg = first; arg != NULL; arg = va_arg (list, const char *))
    g_ptr_array_add (args, (gpointer) arg);
  va_end (list);
  g_ptr_array_add (args, NULL);
  process = g_subprocess_newv ((const char *const *) args->pdata,
                               G_SUBPROCESS_FLAGS_STDOUT_SILENCE | G_SUBPROCESS_FLAGS_STDERR_PIPE,
                               &error);
  g_assert_no_error (error);
  g_subprocess_communicate_utf8 (process, NULL, NULL, NULL, said, &error);
  g_assert_no_error (error);

  return g_subprocess_get_exit_status (process);
}

static void
one_sentence (const char *said)
{
  g_assert_true (g_str_has_prefix (said, "leeway-demo-tenant: "));
  g_assert_true (strchr (said, '\n') == said + strlen (said) - 1);
}

static void
refusals (void)
{
  g_autofree char *file = demo_file ("tenant.json");
  g_autofree char *people = demo_file ("people.json");
  g_autofree char *said[6] = { NULL };

  g_assert_cmpint (run (&said[0], NULL), ==, 2);
  g_assert_cmpint (run (&said[1], "--tenant", "/nowhere/tenant.json", NULL), ==, 2);
  g_assert_cmpint (run (&said[2], "--tenant", people, NULL), ==, 2);
  g_assert_cmpint (run (&said[3], "--tenant", file, "--now", "tomorrow", NULL), ==, 2);
  g_assert_cmpint (run (&said[4], "--tenant", file, "--auto-sign-in", "Nobody", NULL), ==, 2);
  g_assert_cmpint (run (&said[5], "--tenant", file, "--tls-key", file, NULL), ==, 2);
  for (guint i = 0; i < G_N_ELEMENTS (said); i++)
    {
      one_sentence (said[i]);
      g_clear_pointer (&said[i], g_free);
    }
}

/* What is wrong with a file of faults is said with the number of the fault. */
static void
bad_faults (void)
{
  static const char *const texts[] = {
    "",
    "[]",
    "{\"faults\":3}",
    "{\"faults\":[],\"more\":1}",
    "{\"faults\":[null]}",
    "{\"faults\":[{\"do\":\"explode\"}]}",
    "{\"faults\":[{\"do\":\"reset\",\"tmes\":2}]}",
    "{\"faults\":[{\"do\":\"reset\",\"from\":0}]}",
    "{\"faults\":[{\"do\":\"reset\",\"path\":7}]}",
    "{\"faults\":[{\"do\":\"redirect\"}]}",
    "{\"faults\":[{\"do\":\"answer\",\"status\":99}]}",
    "{\"faults\":[{\"do\":\"certificate\",\"certificate\":\"/nowhere\",\"key\":\"/nowhere\"}]}",
  };
  g_autofree char *file = demo_file ("tenant.json");
  g_autofree char *folder = g_dir_make_tmp ("leeway-faults-XXXXXX", NULL);
  g_autofree char *faults = g_build_filename (folder, "faults.json", NULL);
  g_autofree char *missing = NULL;

  for (guint i = 0; i < G_N_ELEMENTS (texts); i++)
    {
      g_autofree char *said = NULL;

      g_assert_true (g_file_set_contents (faults, texts[i], -1, NULL));
      g_assert_cmpint (run (&said, "--tenant", file, "--faults", faults, NULL), ==, 2);
      one_sentence (said);
      g_assert_true (i < 4 || strstr (said, "fault 1: ") != NULL);
    }
  g_assert_cmpint (g_unlink (faults), ==, 0);
  g_assert_cmpint (run (&missing, "--tenant", file, "--faults", faults, NULL), ==, 2);
  one_sentence (missing);
  g_assert_cmpint (g_rmdir (folder), ==, 0);
}

/* A file of faults is obeyed from the start. */
static void
faults_of_a_file (void)
{
  static const char text[] =
      "{\"faults\":[{\"do\":\"html-502\",\"path\":\"/SUBSCR*\",\"from\":2}]}";
  g_autofree char *folder = g_dir_make_tmp ("leeway-faults-XXXXXX", NULL);
  g_autofree char *faults = g_build_filename (folder, "faults.json", NULL);
  static const guint expected[] = { 200, 502, 200 };

  g_assert_true (g_file_set_contents (faults, text, -1, NULL));
  {
    g_autoptr (Tenant) tenant = tenant_start (NULL, "--faults", faults, NULL);

    for (guint i = 0; i < G_N_ELEMENTS (expected); i++)
      {
        g_autoptr (Answer) answer =
            tenant_get (tenant, "Priya", "/subscriptions?api-version=2022-12-01");

        g_assert_cmpuint (answer->status, ==, expected[i]);
      }
  }
  g_assert_cmpint (g_unlink (faults), ==, 0);
  g_assert_cmpint (g_rmdir (folder), ==, 0);
}

static void
port_in_use (void)
{
  g_autoptr (Tenant) tenant = tenant_start (NULL, NULL);
  g_autofree char *file = demo_file ("tenant.json");
  g_autofree char *said = NULL;
  const char *port = strrchr (tenant_member (tenant, "arm"), ':') + 1;

  g_assert_cmpint (run (&said, "--tenant", file, "--port", port, NULL), ==, 1);
  one_sentence (said);
  g_assert_nonnull (strstr (said, port));
}

static void
ends_with_parent (void)
{
  g_autofree char *file = demo_file ("tenant.json");
  g_autofree char *said = NULL;
  g_autoptr (GError) error = NULL;
  g_autoptr (GSubprocess) process = g_subprocess_new (
      G_SUBPROCESS_FLAGS_STDIN_PIPE | G_SUBPROCESS_FLAGS_STDOUT_PIPE, &error,
      g_getenv ("LEEWAY_DEMO_TENANT"), "--tenant", file, "--exit-with-parent", NULL);

  g_assert_no_error (error);
  /* Closes its standard input and waits for its end. */
  g_subprocess_communicate_utf8 (process, "", NULL, &said, NULL, &error);
  g_assert_no_error (error);
  g_assert_true (g_subprocess_get_successful (process));
  g_assert_true (g_str_has_prefix (said, "{\"arm\":"));
}

static void
line (void)
{
  static const char *const members[] = { "arm",    "login",    "graph",          "blob",
                                         "tenant", "clientId", "storageAccount", "ledger" };
  static const char *const persona[] = { "name", "oid", "upn", "role", "token" };
  g_autoptr (Tenant) tenant = tenant_start (NULL, NULL);
  JsonArray *personas = json_object_get_array_member (tenant->line, "personas");

  for (guint i = 0; i < G_N_ELEMENTS (members); i++)
    g_assert_nonnull (tenant_member (tenant, members[i]));
  g_assert_cmpuint (json_array_get_length (personas), ==, 8);
  for (guint i = 0; i < G_N_ELEMENTS (persona); i++)
    g_assert_nonnull (
        json_object_get_string_member (json_array_get_object_element (personas, 0), persona[i]));
}

static void
one_command (const char *folder, const char *command)
{
  g_autoptr (GSubprocessLauncher) launcher =
      g_subprocess_launcher_new (G_SUBPROCESS_FLAGS_STDERR_SILENCE);
  g_autoptr (GError) error = NULL;
  g_auto (GStrv) argv = NULL;
  g_autoptr (GSubprocess) process = NULL;

  g_shell_parse_argv (command, NULL, &argv, &error);
  g_assert_no_error (error);
  g_subprocess_launcher_set_cwd (launcher, folder);
  process = g_subprocess_launcher_spawnv (launcher, (const char *const *) argv, &error);
  g_assert_no_error (error);
  g_assert_true (g_subprocess_wait_check (process, NULL, &error));
  g_assert_no_error (error);
}

static void
remove_files (const char *folder)
{
  g_autoptr (GDir) dir = g_dir_open (folder, 0, NULL);
  const char *name;

  while ((name = g_dir_read_name (dir)) != NULL)
    {
      g_autofree char *path = g_build_filename (folder, name, NULL);

      g_remove (path);
    }
  g_rmdir (folder);
}

static void
tls (void)
{
  g_autofree char *openssl = g_find_program_in_path ("openssl");
  g_autofree char *folder = g_dir_make_tmp ("leeway-tls-XXXXXX", NULL);
  g_autofree char *certificate = g_build_filename (folder, "srv.pem", NULL);
  g_autofree char *key = g_build_filename (folder, "srv.key", NULL);
  g_autofree char *authority = g_build_filename (folder, "ca.pem", NULL);
  g_autofree char *extensions = g_build_filename (folder, "ext", NULL);
  g_autoptr (GTlsDatabase) database = NULL;
  g_autoptr (Tenant) tenant = NULL;
  g_autoptr (Answer) answer = NULL;

  if (openssl == NULL)
    {
      g_test_skip ("openssl, which makes the certificates, is not on this machine");
      return;
    }
  g_file_set_contents (extensions,
                       "subjectAltName=DNS:localhost,IP:127.0.0.1\nbasicConstraints=CA:FALSE\n"
                       "extendedKeyUsage=serverAuth\n",
                       -1, NULL);
  one_command (folder, "openssl req -x509 -newkey rsa:2048 -nodes -days 30 -subj /CN=test-ca "
                       "-keyout ca.key -out ca.pem");
  one_command (folder, "openssl req -newkey rsa:2048 -nodes -subj /CN=localhost -keyout srv.key "
                       "-out srv.csr");
  one_command (folder, "openssl x509 -req -in srv.csr -CA ca.pem -CAkey ca.key -CAcreateserial "
                       "-days 30 -extfile ext -out srv.pem");

  tenant = tenant_start (NULL, "--tls-certificate", certificate, "--tls-key", key, NULL);
  g_assert_true (g_str_has_prefix (tenant_member (tenant, "arm"), "https://localhost:"));
  database = g_tls_file_database_new (authority, NULL);
  soup_session_set_tls_database (tenant->session, database);
  answer = tenant_get (tenant, "Priya", "/subscriptions?api-version=2022-12-01");
  g_assert_cmpuint (answer->status, ==, 200);
  remove_files (folder);
}

/* From one calendar day to the other. */
static int
days_until (const char *instant, const char *now)
{
  g_autofree char *first = g_strndup (now, 10);
  g_autofree char *last = g_strndup (instant, 10);
  GDate a, b;

  g_date_clear (&a, 1);
  g_date_clear (&b, 1);
  g_date_set_parse (&a, first);
  g_date_set_parse (&b, last);
  g_assert_true (g_date_valid (&a) && g_date_valid (&b));

  return g_date_days_between (&a, &b);
}

/* The organisation does not age: what ends in twelve days does so on any day. */
static void
never_ages (gconstpointer now)
{
  g_autoptr (Tenant) tenant = tenant_start (NULL, "--now", now, NULL);
  g_autofree char *subscription = tenant_subscription (tenant, "Priya", "sub-evals-prod");
  g_autofree char *url = g_strconcat (
      subscription,
      "/resourceGroups/rg-eval-weu/providers/Microsoft.CognitiveServices/accounts/aoai-redteam-weu/"
      "providers/Microsoft.Authorization/policyExemptions/redteam-private-link?"
      "api-version=2022-07-01-preview",
      NULL);
  g_autoptr (Answer) answer = tenant_get (tenant, "Priya", url);
  JsonObject *properties = json_object_get_object_member (answer->json, "properties");

  g_assert_cmpint (days_until (json_object_get_string_member (properties, "expiresOn"), now), ==,
                   12);
}

static void
unexpected_requests (void)
{
  static const struct
  {
    const char *method, *url;
    guint status;
  } requests[] = {
    { "GET", "/", 400 },
    { "GET", "/%00/%ff%fe?api-version=2022-12-01", 400 },
    { "GET", "/providers?api-version=2022-12-01", 404 },
    { "GET", "/subscriptions/nowhere?api-version=2022-12-01", 403 },
    { "POST", "/providers/Microsoft.ResourceGraph/resources?api-version=2022-10-01", 400 },
    { "GET", "/providers/Microsoft.Management/managementGroups/x/y/z/w?api-version=2022-12-01",
      404 },
    { "PUT", "/subscriptions?api-version=2022-12-01", 405 },
  };
  g_autoptr (Tenant) tenant = tenant_start (NULL, NULL);
  g_autofree char *deep = g_strnfill (100000, '[');
  g_autoptr (Answer) nested = tenant_send (
      tenant, "Ingrid", "POST",
      "/providers/Microsoft.ResourceGraph/resources?api-version=2022-10-01", deep, NULL);

  for (guint i = 0; i < G_N_ELEMENTS (requests); i++)
    {
      g_autoptr (Answer) answer =
          tenant_send (tenant, "Priya", requests[i].method, requests[i].url, NULL, NULL);

      if (answer->status != requests[i].status)
        g_error ("%s %s: %u", requests[i].method, requests[i].url, answer->status);
    }
  g_assert_cmpuint (nested->status, ==, 400);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/demo/program/refusals", refusals);
  g_test_add_func ("/demo/program/bad-faults", bad_faults);
  g_test_add_func ("/demo/program/faults", faults_of_a_file);
  g_test_add_func ("/demo/program/port-in-use", port_in_use);
  g_test_add_func ("/demo/program/ends-with-parent", ends_with_parent);
  g_test_add_func ("/demo/program/line", line);
  g_test_add_func ("/demo/program/tls", tls);
  g_test_add_func ("/demo/program/unexpected", unexpected_requests);
  g_test_add_data_func ("/demo/program/never-ages/2026", "2026-11-24T09:00:00Z", never_ages);
  g_test_add_data_func ("/demo/program/never-ages/2031", "2031-02-28T23:30:00Z", never_ages);

  return g_test_run ();
}
