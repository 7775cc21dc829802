/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "config.h"

#include "lw-attach.h"
#include "lw-cli-output.h"
#include "lw-cli-private.h"
#include "lw-json.h"

#include <errno.h>
#include <fcntl.h>
#include <glib/gi18n-lib.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

static gboolean
write_all (int fd, GBytes *bytes)
{
  gsize size;
  const char *data = g_bytes_get_data (bytes, &size);

  while (size > 0)
    {
      gssize n = write (fd, data, size);

      if (n < 0 && errno == EINTR)
        continue;
      if (n < 0)
        return FALSE;
      data += n;
      size -= (gsize) n;
    }

  return TRUE;
}

gboolean
lw_cli_write (const LwCliArgs *args, GBytes *bytes, GError **error)
{
  g_autofree char *shown = g_filename_display_name (args->output ? args->output : "-");
  gboolean to_file = args->output && !g_str_equal (args->output, "-");
  int fd =
      to_file ? open (args->output, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600) : STDOUT_FILENO;
  gboolean done = fd >= 0 && write_all (fd, bytes);

  if (!done)
    g_set_error (error, G_IO_ERROR, (int) g_io_error_from_errno (errno),
                 _ ("%s cannot be written: %s"), shown, g_strerror (errno));
  if (to_file && fd >= 0 && close (fd) < 0 && done)
    {
      g_set_error (error, G_IO_ERROR, (int) g_io_error_from_errno (errno),
                   _ ("%s cannot be written: %s"), shown, g_strerror (errno));
      done = FALSE;
    }

  return done;
}

LwExit
lw_cli_run_attach (LwCliRun *run, GError **error)
{
  g_autoptr (GFile) file = g_file_new_for_commandline_arg (run->args->operand);
  g_autoptr (LwEvidence) evidence =
      dex_await_boxed (lw_attach_evidence (run->session, file), error);
  g_autoptr (GPtrArray) list = g_ptr_array_new ();
  g_autoptr (JsonArray) array = NULL;
  g_autoptr (JsonNode) node = NULL;
  g_autoptr (GBytes) kept = NULL;

  if (!evidence)
    return LW_EXIT_FAILED;

  kept = dex_await_boxed (
      lw_outbox_get_file (lw_session_get_outbox (run->session), evidence->sha256), NULL);
  if (kept)
    g_printerr (_ ("The ledger cannot be reached. The file is kept for a week, and goes to the "
                   "ledger with what names it.\n"));

  g_ptr_array_add (list, evidence);
  array = lw_evidence_list_to_json (list);
  node = lw_json_object_to_node (lw_json_array_get_object (array, 0));

  return lw_cli_print_json (node, error) ? LW_EXIT_DONE : LW_EXIT_INPUT;
}

LwExit
lw_cli_run_evidence (LwCliRun *run, GError **error)
{
  LwLedger *ledger = lw_session_get_ledger (run->session);
  g_autofree char *sha256 = g_ascii_strdown (run->args->operand, -1);
  g_autoptr (GBytes) bytes = dex_await_boxed (lw_ledger_get_evidence (ledger, sha256), error);

  if (!bytes)
    return LW_EXIT_FAILED;

  if (isatty (STDOUT_FILENO) && !run->args->output)
    {
      g_set_error (error, LW_CLI_ERROR, LW_CLI_ERROR_USAGE,
                   _ ("A file is not printed on a terminal: name one with --output FILE"));
      return LW_EXIT_INPUT;
    }

  return lw_cli_write (run->args, bytes, error) ? LW_EXIT_DONE : LW_EXIT_INPUT;
}

/* Awaits. */
static GPtrArray *
attach_all (LwCliRun *run, GError **error)
{
  g_autoptr (GPtrArray) list = g_ptr_array_new_with_free_func ((GDestroyNotify) lw_evidence_free);

  for (gsize i = 0; run->args->attach && run->args->attach[i]; i++)
    {
      g_autoptr (GFile) file = g_file_new_for_commandline_arg (run->args->attach[i]);
      LwEvidence *evidence = dex_await_boxed (lw_attach_evidence (run->session, file), error);

      if (!evidence)
        return NULL;
      g_ptr_array_add (list, evidence);
    }

  return g_steal_pointer (&list);
}

LwExit
lw_cli_run_comment (LwCliRun *run, GError **error)
{
  const LwCliArgs *args = run->args;
  g_autoptr (GPtrArray) evidence = attach_all (run, error);
  g_autoptr (LwCase) value = NULL;

  if (!evidence)
    return LW_EXIT_FAILED;

  value =
      dex_await_boxed (args->command == LW_COMMAND_COMMENT
                           ? lw_comment_with (run->session, args->operand, args->comment, evidence)
                           : lw_check_control (run->session, args->operand, (guint) args->control,
                                               args->comment, evidence),
                       error);

  return value ? lw_cli_print_case (run, value, FALSE, error) : LW_EXIT_FAILED;
}
