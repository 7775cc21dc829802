/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Runs a fuzz target over every file of the folders given: a crash found once stays found. Each file is
 * also read cut in half, and with a byte changed here and there, from a fixed seed. */

#include <glib.h>
#include <string.h>

#include "lw-fuzz.h"

static char **folders;

static void
run (const char *data, gsize size)
{
  /* a copy of just that size, so that reading past it is seen */
  g_autofree uint8_t *copy = g_memdup2 (data, size);
  static const uint8_t none[1];

  g_assert_cmpint (LLVMFuzzerTestOneInput (copy != NULL ? copy : none, size), ==, 0);
}

static void
replay (gconstpointer path)
{
  g_autoptr (GRand) rand = g_rand_new_with_seed (20261122);
  g_autofree char *data = NULL;
  g_autoptr (GError) error = NULL;
  gsize size;

  g_file_get_contents (path, &data, &size, &error);
  g_assert_no_error (error);
  run (data, size);
  for (guint i = 1; i < 16 && size < 65536; i++)
    run (data, size * i / 16);
  for (guint i = 0; i < 64 && size > 0 && size < 65536; i++)
    {
      g_autofree char *changed = g_memdup2 (data, size);

      for (guint n = 0; n <= i / 16; n++)
        changed[g_rand_int_range (rand, 0, (gint32) size)] = (char) g_rand_int_range (rand, 0, 256);
      run (changed, size);
    }
}

int
main (int argc, char **argv)
{
  guint n = 0;

  g_test_init (&argc, &argv, NULL);
  folders = argv + 1;
  for (char **folder = folders; *folder != NULL; folder++)
    {
      g_autoptr (GDir) dir = g_dir_open (*folder, 0, NULL);
      const char *name;

      while (dir != NULL && (name = g_dir_read_name (dir)) != NULL)
        {
          g_autofree char *path = g_build_filename (*folder, name, NULL);
          g_autofree char *test = g_strdup_printf ("/fuzz/%s", name);

          if (!g_file_test (path, G_FILE_TEST_IS_REGULAR))
            continue;
          g_test_add_data_func_full (test, g_steal_pointer (&path), replay, g_free);
          n++;
        }
    }
  /* an empty corpus tests nothing */
  g_assert_cmpuint (n, >, 0);

  return g_test_run ();
}
