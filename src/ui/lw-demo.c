/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "config.h"

#include "lw-demo.h"

#include <glib/gi18n-lib.h>
#include <libsoup/soup.h>
#include <signal.h>
#include <sys/prctl.h>

#include "lw-json.h"

#define START_SECONDS 60

struct _LwDemo
{
  GObject parent_instance;

  GSubprocess *process;
  LwProfile *profile;
  GPtrArray *personas;
  SoupSession *browser;
};

G_DEFINE_FINAL_TYPE (LwDemo, lw_demo, G_TYPE_OBJECT)

void
lw_demo_stop (LwDemo *self)
{
  g_return_if_fail (LW_IS_DEMO (self));
  if (self->process != NULL)
    g_subprocess_force_exit (self->process);
  g_clear_object (&self->process);
}

static void
lw_demo_finalize (GObject *object)
{
  LwDemo *self = LW_DEMO (object);

  lw_demo_stop (self);
  g_clear_pointer (&self->profile, lw_profile_unref);
  g_clear_pointer (&self->personas, g_ptr_array_unref);
  g_clear_object (&self->browser);
  G_OBJECT_CLASS (lw_demo_parent_class)->finalize (object);
}

static void
lw_demo_class_init (LwDemoClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = lw_demo_finalize;
}

static void
lw_demo_init (LwDemo *self)
{
  self->personas = g_ptr_array_new_with_free_func ((GDestroyNotify) lw_person_free);
}

/* Runs in the child between fork and exec: only async-signal-safe calls. */
static void
die_with_parent (gpointer user_data)
{
  prctl (PR_SET_PDEATHSIG, SIGTERM);
}

/* The program beside this one, as it is when installed; else the one a build folder names. */
static char *
find_program (void)
{
  const char *named = g_getenv ("LEEWAY_DEMO_TENANT");
  g_autofree char *self = NULL;

  if (named != NULL && *named != '\0')
    return g_strdup (named);
  self = g_file_read_link ("/proc/self/exe", NULL);
  if (self != NULL)
    {
      g_autofree char *dir = g_path_get_dirname (self);
      g_autofree char *beside = g_build_filename (dir, "leeway-demo-tenant", NULL);
      g_autofree char *built = g_build_filename (dir, "..", "demo", "leeway-demo-tenant", NULL);

      if (g_file_test (beside, G_FILE_TEST_IS_EXECUTABLE))
        return g_steal_pointer (&beside);
      if (g_file_test (built, G_FILE_TEST_IS_EXECUTABLE))
        return g_steal_pointer (&built);
    }
  return g_find_program_in_path ("leeway-demo-tenant");
}

static char *
find_data (void)
{
  const char *named = g_getenv ("LEEWAY_DEMO_DATA");

  if (named != NULL && *named != '\0')
    return g_strdup (named);
  return g_build_filename (LW_PKGDATADIR, "demo", "tenant.json", NULL);
}

static void
line_read (GObject *object, GAsyncResult *result, gpointer user_data)
{
  DexPromise *promise = user_data;
  g_autoptr (GError) error = NULL;
  g_autofree char *line = NULL;

  line = g_data_input_stream_read_line_finish_utf8 (G_DATA_INPUT_STREAM (object), result, NULL,
                                                    &error);
  if (error != NULL)
    dex_promise_reject (promise, g_steal_pointer (&error));
  else
    dex_promise_resolve_string (promise, g_steal_pointer (&line));
  dex_unref (promise);
}

static DexFuture *
read_line (GInputStream *stream)
{
  g_autoptr (GDataInputStream) data = g_data_input_stream_new (stream);
  DexPromise *promise = dex_promise_new_cancellable ();

  g_data_input_stream_read_line_async (data, G_PRIORITY_DEFAULT,
                                       dex_promise_get_cancellable (promise), line_read,
                                       dex_ref (promise));
  return DEX_FUTURE (promise);
}

/* Keeps the pipe from filling up: what the tenant logs is of no use here. */
static DexFuture *
drain_fiber (gpointer data)
{
  GInputStream *stream = data;
  g_autoptr (GDataInputStream) lines = g_data_input_stream_new (stream);

  for (;;)
    {
      DexPromise *promise = dex_promise_new_cancellable ();
      g_autofree char *line = NULL;

      g_data_input_stream_read_line_async (lines, G_PRIORITY_LOW,
                                           dex_promise_get_cancellable (promise), line_read,
                                           dex_ref (promise));
      line = dex_await_string (DEX_FUTURE (promise), NULL);
      if (line == NULL)
        return dex_future_new_for_boolean (TRUE);
      g_debug ("Demo tenant: %s", line);
    }
}

static gboolean
take_line (LwDemo *self, const char *line, GError **error)
{
  g_autoptr (JsonNode) node = lw_json_parse_string (line, error);
  g_autoptr (JsonObject) profile = NULL;
  g_autoptr (JsonNode) profile_node = NULL;
  g_autofree char *ledger = NULL;
  g_autofree char *text = NULL;
  g_autoptr (GBytes) bytes = NULL;
  JsonObject *object, *endpoints;
  JsonArray *personas;
  const char *const names[] = { "arm", "login", "graph", "blob" };

  if (node == NULL)
    return FALSE;
  object = lw_json_node_object (node);
  profile = json_object_new ();
  endpoints = json_object_new ();
  json_object_set_string_member (profile, "cloud", "custom");
  json_object_set_object_member (profile, "endpoints", endpoints);
  for (guint i = 0; i < G_N_ELEMENTS (names); i++)
    lw_json_set_string (endpoints, names[i], lw_json_get_string (object, names[i]));
  lw_json_set_string (profile, "tenant", lw_json_get_string (object, "tenant"));
  lw_json_set_string (profile, "clientId", lw_json_get_string (object, "clientId"));
  ledger = g_strdup_printf ("%s/leeway", lw_json_get_string (object, "blob") != NULL
                                             ? lw_json_get_string (object, "blob")
                                             : "");
  json_object_set_string_member (profile, "ledger", ledger);
  json_object_set_string_member (profile, "signIn", "browser");
  profile_node = lw_json_object_to_node (profile);
  text = json_to_string (profile_node, FALSE);
  bytes = g_bytes_new (text, strlen (text));
  g_clear_pointer (&self->profile, lw_profile_unref);
  self->profile = lw_profile_from_json (bytes, error);
  if (self->profile == NULL)
    return FALSE;
  personas = lw_json_get_array (object, "personas");
  g_ptr_array_set_size (self->personas, 0);
  for (guint i = 0; personas != NULL && i < json_array_get_length (personas); i++)
    {
      JsonObject *persona = lw_json_array_get_object (personas, i);

      if (persona != NULL && lw_json_get_string (persona, "upn") != NULL)
        g_ptr_array_add (self->personas, lw_person_new (lw_json_get_string (persona, "oid"),
                                                        lw_json_get_string (persona, "name"),
                                                        lw_json_get_string (persona, "upn")));
    }
  return TRUE;
}

static DexFuture *
start_fiber (gpointer data)
{
  LwDemo *self = data;
  g_autoptr (GSubprocessLauncher) launcher = NULL;
  g_autoptr (GError) error = NULL;
  g_autofree char *program = find_program ();
  g_autofree char *tenant = find_data ();
  g_autofree char *line = NULL;

  if (program == NULL)
    return dex_future_new_reject (G_IO_ERROR, G_IO_ERROR_NOT_FOUND,
                                  _ ("The program leeway-demo-tenant is missing. Install it beside "
                                     "leeway, or name it in LEEWAY_DEMO_TENANT."));
  if (!g_file_test (tenant, G_FILE_TEST_EXISTS))
    return dex_future_new_reject (G_IO_ERROR, G_IO_ERROR_NOT_FOUND,
                                  _ ("The data of the demo tenant is missing: %s. Install it, or "
                                     "name it in LEEWAY_DEMO_DATA."),
                                  tenant);
  launcher =
      g_subprocess_launcher_new (G_SUBPROCESS_FLAGS_STDOUT_PIPE | G_SUBPROCESS_FLAGS_STDERR_PIPE);
  g_subprocess_launcher_set_child_setup (launcher, die_with_parent, NULL, NULL);
  self->process = g_subprocess_launcher_spawn (launcher, &error, program, "--tenant", tenant, NULL);
  if (self->process == NULL)
    return dex_future_new_for_error (g_steal_pointer (&error));
  line =
      dex_await_string (dex_future_first (read_line (g_subprocess_get_stdout_pipe (self->process)),
                                          dex_timeout_new_seconds (START_SECONDS), NULL),
                        &error);
  if (line == NULL)
    {
      g_autofree char *said = NULL;

      if (error == NULL)
        said = dex_await_string (
            dex_future_first (read_line (g_subprocess_get_stderr_pipe (self->process)),
                              dex_timeout_new_seconds (2), NULL),
            NULL);
      lw_demo_stop (self);
      return dex_future_new_reject (G_IO_ERROR, G_IO_ERROR_FAILED,
                                    _ ("The demo tenant did not start: %s"),
                                    said != NULL    ? said
                                    : error != NULL ? error->message
                                                    : _ ("it ended without a word."));
    }
  if (!take_line (self, line, &error))
    {
      lw_demo_stop (self);
      return dex_future_new_reject (G_IO_ERROR, G_IO_ERROR_INVALID_DATA,
                                    _ ("The demo tenant said something unreadable: %s"),
                                    error->message);
    }
  dex_future_disown (dex_scheduler_spawn (
      NULL, 0, drain_fiber, g_object_ref (g_subprocess_get_stderr_pipe (self->process)),
      g_object_unref));
  return dex_future_new_for_boolean (TRUE);
}

DexFuture *
lw_demo_start (LwDemo *self)
{
  g_return_val_if_fail (LW_IS_DEMO (self), NULL);
  lw_demo_stop (self);
  return dex_scheduler_spawn (NULL, 0, start_fiber, g_object_ref (self), g_object_unref);
}

LwProfile *
lw_demo_get_profile (LwDemo *self)
{
  g_return_val_if_fail (LW_IS_DEMO (self), NULL);
  return self->profile;
}

GPtrArray *
lw_demo_get_personas (LwDemo *self)
{
  g_return_val_if_fail (LW_IS_DEMO (self), NULL);
  return self->personas;
}

static void
browser_done (GObject *object, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GBytes) bytes =
      soup_session_send_and_read_finish (SOUP_SESSION (object), result, &error);

  /* What counts is the redirect that the identity waits for; it says what went wrong. */
  if (bytes == NULL)
    g_debug ("The demo's sign-in page: %s", error->message);
}

void
lw_demo_open_uri (const char *uri, gpointer data)
{
  LwDemo *self = data;
  g_autofree char *address = NULL;
  g_autoptr (SoupMessage) message = NULL;

  g_return_if_fail (LW_IS_DEMO (self));
  address = g_strdup_printf ("%s%cprompt=none", uri, strchr (uri, '?') != NULL ? '&' : '?');
  message = soup_message_new (SOUP_METHOD_GET, address);
  if (message == NULL)
    return;
  if (self->browser == NULL)
    self->browser = soup_session_new ();
  soup_session_send_and_read_async (self->browser, message, G_PRIORITY_DEFAULT, NULL, browser_done,
                                    NULL);
}

LwDemo *
lw_demo_new (void)
{
  return g_object_new (LW_TYPE_DEMO, NULL);
}
