/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "config.h"

#include "lw-cli-run.h"
#include "lw-core-dump.h"
#include "lw-thread.h"

#include <glib/gi18n-lib.h>
#include <libdex.h>
#include <locale.h>
#include <signal.h>
#include <stdio.h>
#include <unistd.h>

#define ENDING_MS 5000 /* for what is still being written when a command has failed */

int
main (int argc, char **argv)
{
  g_autoptr (LwCliArgs) args = NULL;
  g_autoptr (GError) error = NULL;
  LwExit status;

  lw_core_dump_leave_memory_out ();
  lw_cli_take_secret ();
  setlocale (LC_ALL, "");
  bindtextdomain (GETTEXT_PACKAGE, LW_LOCALEDIR);
  bind_textdomain_codeset (GETTEXT_PACKAGE, "UTF-8");
  textdomain (GETTEXT_PACKAGE);
  g_set_prgname ("leewayctl");
  signal (SIGPIPE, SIG_IGN);
  dex_init ();

  if (!(args = lw_cli_args_parse (argv, &error)))
    {
      lw_cli_print_error (error);
      return LW_EXIT_INPUT;
    }

  if (args->command == LW_COMMAND_NONE)
    {
      g_print ("leewayctl %s\n", LW_VERSION);
      return LW_EXIT_DONE;
    }

  status = lw_cli_run (args);
  if (!lw_thread_wait_for_all (ENDING_MS))
    {
      fflush (NULL);
      _exit ((int) status);
    }

  return (int) status;
}
