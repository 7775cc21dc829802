/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "lw-test-keyring.h"

#include <glib/gstdio.h>
#include <libdex.h>

int
lw_test_keyring_main (int argc, char **argv, void (*add_tests) (void))
{
  g_autofree char *folder = g_dir_make_tmp ("leeway-keyring-XXXXXX", NULL);
  g_autofree char *file = g_build_filename (folder, "keyring", NULL);
  int status;

  if (g_getenv ("LEEWAY_KEYRING_CASE") == NULL)
    g_setenv ("SECRET_BACKEND", "file", TRUE);
  g_setenv ("SECRET_FILE_TEST_PATH", file, TRUE);
  g_setenv ("SECRET_FILE_TEST_PASSWORD", "pw", TRUE);
  dex_init ();
  g_test_init (&argc, &argv, NULL);
  add_tests ();
  status = g_test_run ();
  g_remove (file);
  g_rmdir (folder);
  return status;
}
