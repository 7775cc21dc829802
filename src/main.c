/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "config.h"

#include <glib/gi18n.h>
#include <libdex.h>
#include <locale.h>

#include "lw-application.h"
#include "lw-core-dump.h"

int
main (int argc, char *argv[])
{
  g_autoptr (LwApplication) application = NULL;

  lw_core_dump_leave_memory_out ();
  setlocale (LC_ALL, "");
  bindtextdomain (GETTEXT_PACKAGE, LW_LOCALEDIR);
  bind_textdomain_codeset (GETTEXT_PACKAGE, "UTF-8");
  textdomain (GETTEXT_PACKAGE);
  dex_init ();
  g_set_prgname ("leeway");
  application = lw_application_new ();
  return g_application_run (G_APPLICATION (application), argc, argv);
}
