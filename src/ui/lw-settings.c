/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "config.h"

#include "lw-settings.h"

#include <gio/gio.h>
#include <glib/gstdio.h>

#include "lw-json.h"

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

static gint
compare_strings (gconstpointer a, gconstpointer b)
{
  return strcmp (*(const char *const *) a, *(const char *const *) b);
}

GStrv
lw_profiles_list (void)
{
  g_autoptr (GPtrArray) paths = g_ptr_array_new_null_terminated (4, g_free, TRUE);
  g_autofree char *folder = profiles_folder ();
  g_autoptr (GDir) dir = g_dir_open (folder, 0, NULL);
  const char *name;

  while (dir != NULL && (name = g_dir_read_name (dir)) != NULL)
    if (g_str_has_suffix (name, ".json") && *name != '.')
      g_ptr_array_add (paths, g_build_filename (folder, name, NULL));
  g_ptr_array_sort (paths, compare_strings);
  return (GStrv) g_ptr_array_steal (paths, NULL);
}

char *
lw_profiles_get_last (void)
{
  g_autoptr (GSettings) settings = lw_settings_new ();
  g_autofree char *last = NULL;

  if (settings == NULL)
    return NULL;
  last = g_settings_get_string (settings, "last-profile");
  return *last != '\0' && g_file_test (last, G_FILE_TEST_EXISTS) ? g_steal_pointer (&last) : NULL;
}

void
lw_profiles_set_last (const char *path)
{
  g_autoptr (GSettings) settings = lw_settings_new ();
  g_autofree char *full = g_canonicalize_filename (path, NULL);

  if (settings != NULL)
    g_settings_set_string (settings, "last-profile", full);
}

gboolean
lw_profiles_is_own (const char *path)
{
  g_autofree char *folder = profiles_folder ();
  g_autofree char *parent = g_path_get_dirname (path);

  return g_str_equal (folder, parent);
}

typedef struct
{
  GBytes *bytes; /* nullable: the file is to go */
  char *path;
} Work;

static void
work_free (gpointer data)
{
  Work *self = data;

  g_clear_pointer (&self->bytes, g_bytes_unref);
  g_free (self->path);
  g_free (self);
}

static DexFuture *
write_now (gpointer data)
{
  const Work *work = data;
  gsize size;
  const char *text = g_bytes_get_data (work->bytes, &size);
  GError *error = NULL;

  if (!g_file_set_contents_full (work->path, text, (gssize) size, G_FILE_SET_CONTENTS_CONSISTENT,
                                 0600, &error))
    return dex_future_new_for_error (error);
  return dex_future_new_for_boolean (TRUE);
}

static GError *
file_error (const char *path, int code)
{
  return g_error_new (G_FILE_ERROR, g_file_error_from_errno (code), "%s: %s", path,
                      g_strerror (code));
}

static DexFuture *
remove_now (gpointer data)
{
  const Work *work = data;

  if (g_unlink (work->path) != 0 && errno != ENOENT)
    return dex_future_new_for_error (file_error (work->path, errno));
  return dex_future_new_for_boolean (TRUE);
}

DexFuture *
lw_profiles_write (LwSerial *files, LwProfile *profile, const char *path)
{
  Work *work = g_new0 (Work, 1);

  work->bytes = lw_profile_to_json (profile);
  work->path = g_strdup (path);
  return lw_serial_push (files, write_now, work, work_free);
}

DexFuture *
lw_profiles_remove (LwSerial *files, const char *path)
{
  Work *work = g_new0 (Work, 1);

  work->path = g_strdup (path);
  return lw_serial_push (files, remove_now, work, work_free);
}

static gboolean
is_taken (const char *path, GPtrArray *taken)
{
  return g_ptr_array_find_with_equal_func (taken, path, g_str_equal, NULL) ||
         g_file_test (path, G_FILE_TEST_EXISTS);
}

char *
lw_profiles_new_path (LwProfile *profile, GPtrArray *taken, GError **error)
{
  g_autofree char *folder = profiles_folder ();
  g_autofree char *stem = g_strdup (lw_profile_get_tenant (profile));

  if (g_mkdir_with_parents (folder, 0700) != 0)
    {
      g_propagate_error (error, file_error (folder, errno));
      return NULL;
    }
  g_strcanon (stem, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789.-_", '_');
  for (guint n = 1;; n++)
    {
      g_autofree char *name =
          n == 1 ? g_strdup_printf ("%s.json", stem) : g_strdup_printf ("%s-%u.json", stem, n);
      g_autofree char *path = g_build_filename (folder, name, NULL);

      if (!is_taken (path, taken))
        return g_steal_pointer (&path);
    }
}

LwProfile *
lw_profile_with_member (LwProfile *profile, const char *member, const char *value, GError **error)
{
  g_autoptr (GBytes) bytes = lw_profile_to_json (profile);
  g_autoptr (JsonNode) node = lw_json_parse (bytes, g_bytes_get_size (bytes), error);
  g_autoptr (GBytes) edited = NULL;
  JsonObject *object;
  char *text;

  if (node == NULL)
    return NULL;
  object = lw_json_node_object (node);
  if (value != NULL)
    json_object_set_string_member (object, member, value);
  else
    json_object_remove_member (object, member);
  text = json_to_string (node, FALSE);
  edited = g_bytes_new_take (text, strlen (text));
  return lw_profile_from_json (edited, error);
}
