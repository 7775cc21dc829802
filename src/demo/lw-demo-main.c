/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "lw-demo-faults.h"
#include "lw-demo-json.h"
#include "lw-demo-server.h"

#include <errno.h>
#include <fcntl.h>
#include <glib-unix.h>
#include <locale.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <unistd.h>

typedef struct
{
  char *tenant;
  char *certificate;
  char *key;
  char *now;
  char *auto_sign_in;
  char **app_certificates;
  char *record;
  char *faults;
  int port;
  int exemptions;
  int states;
  int page_size;
  int token_seconds;
  int quota;
  char *exemption_versions;
  char *policy_versions;
  int device_seconds;
  int device_interval;
  gboolean with_parent;
  gboolean control;
  gboolean help_faults;
} Options;

static void
options_clear (Options *options)
{
  g_free (options->tenant);
  g_free (options->certificate);
  g_free (options->key);
  g_free (options->now);
  g_free (options->auto_sign_in);
  g_strfreev (options->app_certificates);
  g_free (options->record);
  g_free (options->faults);
  g_free (options->exemption_versions);
  g_free (options->policy_versions);
}

static gboolean
parse_options (Options *options, int *argc, char ***argv, GError **error)
{
  const GOptionEntry entries[] = {
    { "tenant", 0, 0, G_OPTION_ARG_FILENAME, &options->tenant, "The tenant's data", "FILE" },
    { "port", 0, 0, G_OPTION_ARG_INT, &options->port, "Port to listen on; 0 is any free one", "N" },
    { "tls-certificate", 0, 0, G_OPTION_ARG_FILENAME, &options->certificate,
      "Serve https with this certificate (PEM)", "FILE" },
    { "tls-key", 0, 0, G_OPTION_ARG_FILENAME, &options->key, "Its private key (PEM)", "FILE" },
    { "exemptions", 0, 0, G_OPTION_ARG_INT, &options->exemptions,
      "Grow the tenant to this many exemptions", "N" },
    { "policy-states", 0, 0, G_OPTION_ARG_INT, &options->states, "Add this many compliance records",
      "N" },
    { "page-size", 0, 0, G_OPTION_ARG_INT, &options->page_size, "Items in a page of a list", "N" },
    { "token-seconds", 0, 0, G_OPTION_ARG_INT, &options->token_seconds,
      "How long an access token is good", "N" },
    { "quota", 0, 0, G_OPTION_ARG_INT, &options->quota,
      "Throttle a caller after this many calls; 0 is never", "N" },
    { "exemption-versions", 0, 0, G_OPTION_ARG_STRING, &options->exemption_versions,
      "The only api-versions of policyExemptions there are, as in other clouds", "LIST" },
    { "policy-versions", 0, 0, G_OPTION_ARG_STRING, &options->policy_versions,
      "The same for policyAssignments, policyDefinitions and policySetDefinitions", "LIST" },
    { "now", 0, 0, G_OPTION_ARG_STRING, &options->now,
      "The instant that the data's dates count from", "INSTANT" },
    { "auto-sign-in", 0, 0, G_OPTION_ARG_STRING, &options->auto_sign_in,
      "Sign this persona in without asking", "UPN" },
    { "app-certificate", 0, 0, G_OPTION_ARG_FILENAME_ARRAY, &options->app_certificates,
      "Register this certificate (PEM) for an application; may be repeated", "APPID=FILE" },
    { "device-seconds", 0, 0, G_OPTION_ARG_INT, &options->device_seconds,
      "How long a device code is good", "N" },
    { "device-interval", 0, 0, G_OPTION_ARG_INT, &options->device_interval,
      "Seconds to wait before asking about a device code", "N" },
    { "record", 0, 0, G_OPTION_ARG_FILENAME, &options->record,
      "Write calls and answers down, without what signs anybody in", "FILE" },
    { "faults", 0, 0, G_OPTION_ARG_FILENAME, &options->faults,
      "Get wrong what this file says (JSON; see --help-faults)", "FILE" },
    { "help-faults", 0, 0, G_OPTION_ARG_NONE, &options->help_faults,
      "Say what there is to get wrong", NULL },
    { "control", 0, 0, G_OPTION_ARG_NONE, &options->control,
      "Take orders from standard input, a line of JSON each: {\"faults\": […]}, {\"stats\": true}",
      NULL },
    { "exit-with-parent", 0, 0, G_OPTION_ARG_NONE, &options->with_parent,
      "End when the program that started this one does", NULL },
    G_OPTION_ENTRY_NULL,
  };
  g_autoptr (GOptionContext) context =
      g_option_context_new ("— a simulated Azure tenant on this machine's loopback address");

  g_option_context_add_main_entries (context, entries, NULL);
  if (!g_option_context_parse (context, argc, argv, error))
    return FALSE;
  if (options->help_faults)
    return TRUE;
  if (options->tenant == NULL || options->port < 0 || options->port > 65535 ||
      options->exemptions < 0 || options->states < 0 || options->page_size < 1 ||
      options->token_seconds < 1 || options->quota < 0 || options->device_seconds < 1 ||
      options->device_interval < 1 || (options->certificate == NULL) != (options->key == NULL))
    {
      g_set_error (error, G_OPTION_ERROR, G_OPTION_ERROR_BAD_VALUE,
                   "--tenant FILE is needed, numbers must not be negative, and a certificate and a "
                   "key go together");
      return FALSE;
    }

  return TRUE;
}

static gboolean
parse_now (const char *text, gint64 *now, GError **error)
{
  g_autoptr (GTimeZone) utc = g_time_zone_new_utc ();
  g_autoptr (GDateTime) time = text != NULL ? g_date_time_new_from_iso8601 (text, utc) : NULL;

  *now = time != NULL ? g_date_time_to_unix (time) * G_USEC_PER_SEC : g_get_real_time ();
  if (text != NULL && time == NULL)
    {
      g_set_error (error, G_OPTION_ERROR, G_OPTION_ERROR_BAD_VALUE,
                   "--now: “%s” is not an instant such as 2026-11-24T09:00:00Z", text);
      return FALSE;
    }

  return TRUE;
}

static JsonObject *
persona_json (LwDemo *demo, LwDemoPerson *person, const char *base)
{
  JsonObject *object = json_object_new ();
  g_autofree char *token = lw_demo_token_new_for_persona (demo, person, base);

  json_object_set_string_member (object, "name", person->name);
  json_object_set_string_member (object, "oid", person->oid);
  json_object_set_string_member (object, "upn", person->upn);
  json_object_set_string_member (object, "role", person->title);
  json_object_set_string_member (object, "token", token);

  return object;
}

static void
print_line (LwDemo *demo, guint port, gboolean tls)
{
  g_autoptr (JsonObject) line = json_object_new ();
  g_autofree char *base = tls ? g_strdup_printf ("https://localhost:%u", port)
                              : g_strdup_printf ("http://127.0.0.1:%u", port);
  g_autofree char *graph = g_strconcat (base, "/graph", NULL);
  g_autofree char *blob = g_strconcat (base, "/", demo->tenant->account, NULL);
  JsonArray *personas = json_array_new ();
  g_autofree char *text = NULL;

  json_object_set_string_member (line, "arm", base);
  json_object_set_string_member (line, "login", base);
  json_object_set_string_member (line, "graph", graph);
  json_object_set_string_member (line, "blob", blob);
  json_object_set_string_member (line, "tenant", demo->tenant->id);
  json_object_set_string_member (line, "clientId", demo->tenant->client_id);
  json_object_set_string_member (line, "storageAccount", demo->tenant->account);
  if (demo->tenant->ledger != NULL)
    json_object_set_string_member (line, "ledger", demo->tenant->ledger);
  for (guint i = 0; i < demo->tenant->people->len; i++)
    {
      LwDemoPerson *person = g_ptr_array_index (demo->tenant->people, i);

      if (person->persona)
        json_array_add_object_element (personas, persona_json (demo, person, base));
    }
  json_object_set_array_member (line, "personas", personas);
  text = lw_demo_json_object_text (line);
  printf ("%s\n", text);
  fflush (stdout);
}

static gboolean
quit (gpointer loop)
{
  g_main_loop_quit (loop);

  return G_SOURCE_CONTINUE;
}

static gboolean
stdin_ready (int fd, GIOCondition condition, gpointer loop)
{
  char buffer[256];

  if (read (fd, buffer, sizeof buffer) > 0)
    return G_SOURCE_CONTINUE;
  g_main_loop_quit (loop);

  return G_SOURCE_REMOVE;
}

static void
quit_with_input (gpointer loop)
{
  g_main_loop_quit (loop);
}

/* Tests look in all that Leeway leaves behind for what is written down there. */
static int
open_secrets (void)
{
  const char *folder = g_getenv ("LEEWAY_DEMO_SECRETS");
  g_autofree char *name = NULL;
  g_autofree char *path = NULL;
  int fd;

  if (folder == NULL || *folder == '\0')
    return -1;
  name = g_strdup_printf ("tenant-%d-%" G_GINT64_FORMAT, (int) getpid (), g_get_real_time ());
  path = g_build_filename (folder, name, NULL);
  fd = open (path, O_WRONLY | O_CREAT | O_EXCL | O_APPEND | O_CLOEXEC, 0600);
  if (fd < 0)
    g_error ("“%s” can’t be made: %s", path, g_strerror (errno));

  return fd;
}

static void
demo_init (LwDemo *demo, LwDemoTenant *tenant, const Options *options)
{
  demo->tenant = tenant;
  demo->secrets = open_secrets ();
  demo->token_seconds = options->token_seconds;
  demo->device_seconds = options->device_seconds;
  demo->device_interval = options->device_interval;
  demo->page_size = options->page_size;
  demo->auto_sign_in = g_strdup (options->auto_sign_in);
  demo->quota = options->quota;
  if (options->exemption_versions != NULL)
    demo->exemption_versions = g_strsplit (options->exemption_versions, ",", -1);
  if (options->policy_versions != NULL)
    demo->policy_versions = g_strsplit (options->policy_versions, ",", -1);
  if (getrandom (demo->key, sizeof demo->key, 0) != sizeof demo->key)
    g_error ("The system gives no random numbers");
  if ((guint) options->exemptions > tenant->exemption_list->len)
    lw_demo_tenant_grow_exemptions (tenant, options->exemptions - tenant->exemption_list->len);
  tenant->extra_states = options->states;
  lw_demo_entra_start (demo);
  lw_demo_blob_start (demo);
}

static void
demo_clear (LwDemo *demo)
{
  g_free (demo->auto_sign_in);
  g_clear_pointer (&demo->buckets, g_hash_table_unref);
  g_strfreev (demo->exemption_versions);
  g_strfreev (demo->policy_versions);
  g_clear_pointer (&demo->record, fclose);
  g_hash_table_unref (demo->codes);
  g_hash_table_unref (demo->refresh);
  g_hash_table_unref (demo->devices);
  g_hash_table_unref (demo->assertions);
  g_clear_pointer (&demo->certificates, g_ptr_array_unref);
  g_hash_table_unref (demo->containers);
  g_free (demo->rows_key);
  g_clear_pointer (&demo->rows, g_ptr_array_unref);
  g_clear_pointer (&demo->states, g_array_unref);
}

/* The port; 0 with an error. */
static guint
start_listening (LwDemo *demo,
                 SoupServer *server,
                 const Options *options,
                 GTlsCertificate *certificate,
                 GError **error)
{
  guint port = options->port;

  if (demo->faults == NULL)
    return lw_demo_server_listen (server, port, certificate != NULL, error);

  return lw_demo_front_listen (demo, server, certificate, &port, error) ? port : 0;
}

static int
run (const Options *options)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (LwDemoFaults) faults =
      options->faults != NULL || options->control ? lw_demo_faults_new () : NULL;
  g_autoptr (LwDemoTenant) tenant = NULL;
  g_autoptr (GTlsCertificate) certificate = NULL;
  g_autoptr (SoupServer) server = NULL;
  g_autoptr (GMainLoop) loop = g_main_loop_new (NULL, FALSE);
  LwDemo demo = { .faults = faults };
  gint64 now;
  guint port;

  if (!parse_now (options->now, &now, &error) ||
      (tenant = lw_demo_tenant_load (options->tenant, now, &error)) == NULL ||
      (options->certificate != NULL && (certificate = g_tls_certificate_new_from_files (
                                            options->certificate, options->key, &error)) == NULL) ||
      (options->faults != NULL && !lw_demo_faults_load (faults, options->faults, &error)))
    {
      fprintf (stderr, "leeway-demo-tenant: %s\n", error->message);
      return 2;
    }
  if (options->auto_sign_in != NULL &&
      lw_demo_tenant_find_person (tenant, options->auto_sign_in) == NULL)
    {
      fprintf (stderr, "leeway-demo-tenant: nobody in the tenant is called “%s”\n",
               options->auto_sign_in);
      return 2;
    }

  if (options->record != NULL && (demo.record = fopen (options->record, "we")) == NULL)
    {
      fprintf (stderr, "leeway-demo-tenant: can’t write to %s: %s\n", options->record,
               g_strerror (errno));
      return 2;
    }
  demo_init (&demo, tenant, options);
  for (guint i = 0; options->app_certificates != NULL && options->app_certificates[i] != NULL; i++)
    if (!lw_demo_assertion_register (&demo, options->app_certificates[i], &error))
      {
        fprintf (stderr, "leeway-demo-tenant: %s\n", error->message);
        demo_clear (&demo);
        return 2;
      }
  server = lw_demo_server_new (&demo, certificate);
  port = start_listening (&demo, server, options, certificate, &error);
  if (port == 0)
    {
      fprintf (stderr, "leeway-demo-tenant: can’t listen on port %d of this machine: %s\n",
               options->port, error->message);
      demo_clear (&demo);
      return 1;
    }

  if (options->control)
    lw_demo_control_start (faults, quit_with_input, loop);
  else if (options->with_parent)
    {
      struct stat status;

      /* The signal comes when the thread that started us ends, so a pipe is the better sign. */
      if (fstat (STDIN_FILENO, &status) == 0 &&
          (S_ISFIFO (status.st_mode) || S_ISSOCK (status.st_mode)))
        g_unix_fd_add (STDIN_FILENO, G_IO_IN | G_IO_HUP | G_IO_ERR, stdin_ready, loop);
      else
        prctl (PR_SET_PDEATHSIG, SIGTERM);
    }
  g_unix_signal_add (SIGTERM, quit, loop);
  g_unix_signal_add (SIGINT, quit, loop);
  print_line (&demo, port, certificate != NULL);
  g_main_loop_run (loop);
  soup_server_disconnect (server);
  g_clear_object (&server);
  demo_clear (&demo);

  return 0;
}

int
main (int argc, char **argv)
{
  Options options = {
    .page_size = 1000, .token_seconds = 3599, .device_seconds = 900, .device_interval = 1
  };
  g_autoptr (GError) error = NULL;
  int status;

  setlocale (LC_ALL, "");
  if (!parse_options (&options, &argc, &argv, &error))
    {
      fprintf (stderr, "leeway-demo-tenant: %s\n", error->message);
      options_clear (&options);
      return 2;
    }
  if (options.help_faults)
    {
      g_autofree char *help = lw_demo_faults_help ();

      printf ("%s", help);
      options_clear (&options);
      return 0;
    }
  status = run (&options);
  options_clear (&options);

  return status;
}
