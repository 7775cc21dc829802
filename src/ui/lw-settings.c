/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "config.h"

#include "lw-settings.h"

#include <gio/gio.h>
#include <glib/gstdio.h>

#define SCHEMA "org.leeway.Leeway"

GSettings *
lw_settings_new (void)
{
  GSettingsSchemaSource *source = g_settings_schema_source_get_default ();
  g_autoptr (GSettingsSchema) schema = NULL;

  if (source == NULL)
    return NULL;
  schema = g_settings_schema_source_lookup (source, SCHEMA, TRUE);
  return schema != NULL ? g_settings_new_full (schema, NULL, NULL) : NULL;
}

static char *
profiles_folder (void)
{
  return g_build_filename (g_get_user_config_dir (), "leeway", "profiles", NULL);
}

char *
lw_profiles_find_last (void)
{
  g_autoptr (GSettings) settings = lw_settings_new ();
  g_autofree char *folder = profiles_folder ();
  g_autoptr (GDir) dir = NULL;
  g_autofree char *found = NULL;
  const char *name;

  if (settings != NULL)
    {
      g_autofree char *last = g_settings_get_string (settings, "last-profile");

      if (*last != '\0' && g_file_test (last, G_FILE_TEST_EXISTS))
        return g_steal_pointer (&last);
    }
  dir = g_dir_open (folder, 0, NULL);
  while (dir != NULL && (name = g_dir_read_name (dir)) != NULL)
    if (g_str_has_suffix (name, ".json") && (found == NULL || strcmp (name, found) < 0))
      g_set_str (&found, name);
  return found != NULL ? g_build_filename (folder, found, NULL) : NULL;
}

void
lw_profiles_set_last (const char *path)
{
  g_autoptr (GSettings) settings = lw_settings_new ();
  g_autofree char *full = g_canonicalize_filename (path, NULL);

  if (settings != NULL)
    g_settings_set_string (settings, "last-profile", full);
}

char *
lw_profiles_save (LwProfile *profile, GError **error)
{
  g_autofree char *folder = profiles_folder ();
  g_autofree char *stem = g_strdup (lw_profile_get_tenant (profile));
  g_autofree char *path = NULL;
  g_autoptr (GBytes) bytes = lw_profile_to_json (profile);
  gsize size;
  const char *data = g_bytes_get_data (bytes, &size);

  if (g_mkdir_with_parents (folder, 0700) != 0)
    {
      int saved = errno;

      g_set_error (error, G_FILE_ERROR, g_file_error_from_errno (saved), "%s: %s", folder,
                   g_strerror (saved));
      return NULL;
    }
  g_strcanon (stem, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789.-_", '_');
  for (guint n = 1; path == NULL; n++)
    {
      g_autofree char *name =
          n == 1 ? g_strdup_printf ("%s.json", stem) : g_strdup_printf ("%s-%u.json", stem, n);
      g_autofree char *full = g_build_filename (folder, name, NULL);
      g_autofree char *there = NULL;
      gsize there_size;

      if (!g_file_get_contents (full, &there, &there_size, NULL) ||
          (there_size == size && memcmp (there, data, size) == 0))
        path = g_steal_pointer (&full);
    }
  if (!g_file_set_contents_full (path, data, size, G_FILE_SET_CONTENTS_CONSISTENT, 0600, error))
    return NULL;
  return g_steal_pointer (&path);
}
