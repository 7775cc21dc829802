/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "config.h"

#include "lw-keyring-file.h"

#define PATIENCE_MS 10000 /* with other processes at the same file */

static guint64 last_seen; /* unix seconds: the file's time when this process gave its turn back */

static char *
file_path (void)
{
  const char *test = g_getenv ("SECRET_FILE_TEST_PATH");

  if (g_strcmp0 (g_getenv ("SECRET_BACKEND"), "file") != 0 && g_getenv ("SNAP_NAME") == NULL &&
      !g_file_test ("/.flatpak-info", G_FILE_TEST_EXISTS))
    return NULL;
  return test != NULL
             ? g_strdup (test)
             : g_build_filename (g_get_user_data_dir (), "keyrings", "default.keyring", NULL);
}

/* 0 where there is no file. */
static guint64
changed_at (GFile *file)
{
  g_autoptr (GFileInfo) info =
      g_file_query_info (file, G_FILE_ATTRIBUTE_TIME_MODIFIED, G_FILE_QUERY_INFO_NONE, NULL, NULL);

  return info != NULL ? g_file_info_get_attribute_uint64 (info, G_FILE_ATTRIBUTE_TIME_MODIFIED) : 0;
}

/* Makes libsecret read the file anew. */
static void
freshen (GFile *file)
{
  guint64 now = (guint64) (g_get_real_time () / G_USEC_PER_SEC);
  guint64 changed = changed_at (file);

  if (changed != 0 && changed == last_seen)
    g_file_set_attribute_uint64 (file, G_FILE_ATTRIBUTE_TIME_MODIFIED,
                                 now != last_seen ? now : now + 1, G_FILE_QUERY_INFO_NONE, NULL,
                                 NULL);
}

LwKeyringVisit
lw_keyring_visit (void)
{
  g_autofree char *path = file_path ();
  LwKeyringVisit self = { 0 };

  if (path != NULL)
    {
      self.file = g_file_new_for_path (path);
      self.turn = lw_turn_take (path, PATIENCE_MS);
      freshen (self.file);
    }
  return self;
}

void
lw_keyring_visit_again (LwKeyringVisit *self)
{
  if (self->file == NULL)
    return;
  last_seen = changed_at (self->file);
  freshen (self->file);
}

void
lw_keyring_visit_end (LwKeyringVisit *self)
{
  if (self->file != NULL)
    last_seen = changed_at (self->file);
  g_clear_object (&self->file);
  g_clear_pointer (&self->turn, lw_turn_free);
}
