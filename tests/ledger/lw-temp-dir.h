/* SPDX-License-Identifier: GPL-3.0-or-later */

#pragma once

#include <glib.h>
#include <glib/gstdio.h>
#include <sys/stat.h>

static inline char *
lw_temp_dir_new (void)
{
  char *dir = g_dir_make_tmp ("leeway-test-XXXXXX", NULL);

  g_assert_nonnull (dir);

  return dir;
}

static inline void
lw_temp_dir_remove (const char *path)
{
  GStatBuf info;

  if (g_lstat (path, &info) == 0 && S_ISDIR (info.st_mode))
    {
      g_autoptr (GDir) dir = g_dir_open (path, 0, NULL);
      const char *name;

      while (dir && (name = g_dir_read_name (dir)))
        {
          g_autofree char *child = g_build_filename (path, name, NULL);

          lw_temp_dir_remove (child);
        }
    }
  g_remove (path);
}

/* Removes the folder with what is in it. Takes @dir. */
static inline void
lw_temp_dir_free (char *dir)
{
  lw_temp_dir_remove (dir);
  g_free (dir);
}
