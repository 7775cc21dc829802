/* SPDX-License-Identifier: GPL-3.0-or-later */

/*
 * What the crash test needs that leewayctl does not do.
 *
 *   crash-helper points                   prints the names of all fault points
 *   crash-helper save PROFILE REQUEST N   saves a draft N times, "Version 1" to "Version N"; says each
 *   crash-helper remove PROFILE REQUEST   removes it
 *   crash-helper drafts PROFILE           prints id and title of each draft; fails where one is damaged
 *   crash-helper stage PROFILE ID FILE    keeps a file with the draft
 */

#include "lw-attach.h"
#include "lw-drafts.h"
#include "lw-fault-point.h"
#include "lw-session.h"

#include <gio/gio.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define OID "7faf45be-93c6-51b8-a1fd-d906d4452a99"

static char **args;
static GMainLoop *loop;
static int status = EXIT_SUCCESS;

static void
say (const char *format, const char *a, const char *b)
{
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wformat-nonliteral"
  printf (format, a, b);
#pragma GCC diagnostic pop
  fflush (stdout);
}

static gboolean
save (LwDrafts *drafts, GError **error)
{
  g_autofree char *text = NULL;
  g_autoptr (GBytes) bytes = NULL;
  g_autoptr (LwRequest) request = NULL;
  gsize size;
  int n = atoi (args[4]);

  if (!g_file_get_contents (args[3], &text, &size, error))
    return FALSE;
  bytes = g_bytes_new (text, size);
  if (!(request = lw_request_from_bytes (bytes, error)))
    return FALSE;

  for (int i = 1; i <= n; i++)
    {
      g_free (request->title);
      request->title = g_strdup_printf ("Version %d", i);
      if (!dex_await (lw_drafts_save (drafts, request), error))
        return FALSE;
      say ("%s%s\n", request->title, "");
    }

  return TRUE;
}

static gboolean
list (LwDrafts *drafts, GError **error)
{
  g_autoptr (GPtrArray) requests = dex_await_boxed (lw_drafts_list (drafts), error);

  if (!requests)
    return FALSE;
  for (guint i = 0; i < requests->len; i++)
    {
      const LwRequest *request = g_ptr_array_index (requests, i);

      say ("%s %s\n", request->id, request->title);
    }
  if (lw_drafts_get_problems (drafts)[0])
    {
      g_set_error_literal (error, G_IO_ERROR, G_IO_ERROR_FAILED,
                           lw_drafts_get_problems (drafts)[0]);
      return FALSE;
    }

  return TRUE;
}

static gboolean
stage (LwProfile *profile, GError **error)
{
  g_autoptr (LwSession) session = lw_session_new (profile, "token", NULL);
  g_autoptr (GFile) file = g_file_new_for_path (args[4]);
  g_autoptr (LwEvidence) evidence = NULL;

  evidence = dex_await_boxed (lw_stage_evidence (session, args[3], file), error);

  return evidence != NULL;
}

static gboolean
run (GError **error)
{
  g_autoptr (LwProfile) profile = lw_profile_load (args[2], error);
  g_autoptr (LwDrafts) drafts = NULL;

  if (!profile)
    return FALSE;

  drafts = lw_drafts_new (profile, OID);
  if (g_str_equal (args[1], "save"))
    return save (drafts, error);
  if (g_str_equal (args[1], "remove"))
    return dex_await (lw_drafts_remove (drafts, args[3]), error);
  if (g_str_equal (args[1], "stage"))
    return stage (profile, error);

  return list (drafts, error);
}

static DexFuture *
run_fiber (gpointer data)
{
  g_autoptr (GError) error = NULL;

  if (!run (&error))
    {
      fprintf (stderr, "crash-helper: %s\n", error->message);
      status = EXIT_FAILURE;
    }
  g_main_loop_quit (loop);

  return dex_future_new_for_boolean (TRUE);
}

int
main (int argc, char **argv)
{
  args = argv;
  if (argc == 2 && g_str_equal (argv[1], "points"))
    {
      for (guint i = 0; i < LW_FAULT_POINT_N; i++)
        say ("%s%s\n", lw_fault_point_get_name (i), "");
      return EXIT_SUCCESS;
    }
  if (argc < 3)
    return EXIT_FAILURE;

  dex_init ();
  loop = g_main_loop_new (NULL, FALSE);
  dex_future_disown (dex_scheduler_spawn (NULL, 512 * 1024, run_fiber, NULL, NULL));
  g_main_loop_run (loop);
  g_main_loop_unref (loop);

  return status;
}
