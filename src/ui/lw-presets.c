/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "config.h"

#include "lw-presets.h"

#include <glib/gi18n-lib.h>

#include "lw-json.h"

#define MAX_SIZE (256 * 1024)

/* What may stand in a connection's group. "endpoints." is an object of the profile. */
static const struct
{
  const char *key;
  const char *member;
} keys[] = {
  { "Cloud", "cloud" },           { "Tenant", "tenant" },
  { "ClientId", "clientId" },     { "Ledger", "ledger" },
  { "SignIn", "signIn" },         { "CertificateFile", "certificateFile" },
  { "CAFile", "caFile" },         { "ResourceManager", "endpoints.arm" },
  { "Login", "endpoints.login" }, { "Graph", "endpoints.graph" },
  { "Blob", "endpoints.blob" },
};

static void
preset_free (gpointer data)
{
  LwPreset *self = data;

  g_free (self->name);
  g_free (self->file);
  g_hash_table_unref (self->members);
  g_free (self);
}

static LwPresets *
presets_new (void)
{
  LwPresets *self = g_new0 (LwPresets, 1);

  self->items = g_ptr_array_new_with_free_func (preset_free);
  self->problems = g_ptr_array_new_with_free_func (g_free);
  self->may_add = TRUE;
  self->demo = TRUE;
  return self;
}

void
lw_presets_free (LwPresets *self)
{
  g_ptr_array_unref (self->items);
  g_ptr_array_unref (self->problems);
  g_free (self);
}

/* A file being read. */
typedef struct
{
  LwPresets *presets;
  const char *file;
  guint line;
  LwPreset *preset;     /* the group that is being read; nullable */
  gboolean in_settings; /* the group is [Leeway] */
} Reading;

static void G_GNUC_PRINTF (2, 3) tell (Reading *reading, const char *format, ...)
{
  g_autofree char *text = NULL;
  va_list args;

  va_start (args, format);
  text = g_strdup_vprintf (format, args);
  va_end (args);
  /* Translators: file name, number of a line, what is wrong there */
  g_ptr_array_add (reading->presets->problems,
                   g_strdup_printf (_ ("%s, line %u: %s"), reading->file, reading->line, text));
}

/* The name in [Connection "Name"]. (transfer full) (nullable) */
static char *
name_of_group (const char *group)
{
  g_autofree char *rest = NULL;
  gsize length;

  if (!g_str_has_prefix (group, "Connection "))
    return NULL;
  rest = g_strstrip (g_strdup (group + strlen ("Connection ")));
  length = strlen (rest);
  if (length < 3 || rest[0] != '"' || rest[length - 1] != '"')
    return NULL;
  return g_strndup (rest + 1, length - 2);
}

static LwPreset *
find (LwPresets *presets, const char *name)
{
  for (guint i = 0; i < presets->items->len; i++)
    {
      LwPreset *item = g_ptr_array_index (presets->items, i);

      if (g_str_equal (item->name, name))
        return item;
    }
  return NULL;
}

static void
read_group (Reading *reading, const char *line)
{
  g_autofree char *group = g_strndup (line + 1, strlen (line) - 2);
  g_autofree char *name = name_of_group (group);
  LwPreset *preset;

  reading->preset = NULL;
  reading->in_settings = g_str_equal (group, "Leeway");
  if (reading->in_settings)
    return;
  if (name == NULL)
    {
      tell (reading, _ ("There is no group “%s”. Use [Leeway] or [Connection \"Name\"]."), group);
      return;
    }
  preset = find (reading->presets, name);
  if (preset != NULL && g_str_equal (preset->file, reading->file))
    {
      tell (reading, _ ("The connection “%s” is there twice."), name);
      return;
    }
  preset = g_new0 (LwPreset, 1);
  preset->name = g_steal_pointer (&name);
  preset->file = g_strdup (reading->file);
  preset->line = reading->line;
  preset->members = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_free);
  g_ptr_array_add (reading->presets->items, preset);
  reading->preset = preset;
}

static gboolean
read_boolean (Reading *reading, const char *key, const char *value, gboolean *result)
{
  if (g_str_equal (value, "true"))
    *result = TRUE;
  else if (g_str_equal (value, "false"))
    *result = FALSE;
  else
    {
      tell (reading, _ ("“%s” is true or false, not “%s”."), key, value);
      return FALSE;
    }
  return TRUE;
}

static void
read_setting (Reading *reading, const char *key, const char *value)
{
  if (g_str_equal (key, "AddConnections"))
    read_boolean (reading, key, value, &reading->presets->may_add);
  else if (g_str_equal (key, "Demo"))
    read_boolean (reading, key, value, &reading->presets->demo);
  else
    tell (reading, _ ("[Leeway] has no “%s”. It may have AddConnections and Demo."), key);
}

static void
read_member (Reading *reading, const char *key, const char *value)
{
  if (g_str_equal (key, "Locked"))
    {
      read_boolean (reading, key, value, &reading->preset->locked);
      return;
    }
  for (guint i = 0; i < G_N_ELEMENTS (keys); i++)
    if (g_str_equal (key, keys[i].key))
      {
        if (*value == '\0')
          tell (reading, _ ("“%s” is empty."), key);
        else
          g_hash_table_replace (reading->preset->members, g_strdup (keys[i].member),
                                g_strdup (value));
        return;
      }
  tell (reading, _ ("A connection has no “%s”."), key);
}

static void
read_line (Reading *reading, const char *line)
{
  const char *equals = strchr (line, '=');
  g_autofree char *key = NULL;
  g_autofree char *value = NULL;

  if (*line == '\0' || *line == '#' || *line == ';')
    return;
  if (*line == '[')
    {
      if (g_str_has_suffix (line, "]"))
        read_group (reading, line);
      else
        {
          reading->preset = NULL;
          reading->in_settings = FALSE;
          tell (reading, _ ("The group's closing “]” is missing."));
        }
      return;
    }
  if (equals == NULL || equals == line)
    {
      tell (reading, _ ("This is neither a group nor “Key=value”: %s"), line);
      return;
    }
  key = g_strchomp (g_strndup (line, equals - line));
  value = g_strstrip (g_strdup (equals + 1));
  if (reading->in_settings)
    read_setting (reading, key, value);
  else if (reading->preset != NULL)
    read_member (reading, key, value);
}

/* A connection whose values make no profile is not offered; one that merely leaves some out is. */
static void
check_presets (Reading *reading)
{
  for (guint i = reading->presets->items->len; i > 0; i--)
    {
      LwPreset *preset = g_ptr_array_index (reading->presets->items, i - 1);
      g_autoptr (GError) error = NULL;
      g_autoptr (LwProfile) profile = NULL;

      if (!g_str_equal (preset->file, reading->file))
        continue;
      profile = lw_preset_to_profile (preset, &error);
      if (profile != NULL || lw_preset_get (preset, "tenant") == NULL ||
          lw_preset_get (preset, "clientId") == NULL || lw_preset_get (preset, "ledger") == NULL)
        continue;
      reading->line = preset->line;
      tell (reading, _ ("The connection “%s” cannot be used. %s"), preset->name, error->message);
      g_ptr_array_remove_index (reading->presets->items, i - 1);
    }
}

static void
parse_into (LwPresets *presets, const char *file, const char *text, gsize length)
{
  Reading reading = { .presets = presets, .file = file, .line = 1 };
  g_auto (GStrv) lines = NULL;
  const char *bad;

  if (length > MAX_SIZE)
    {
      tell (&reading, _ ("The file is far too large."));
      return;
    }
  if (!g_utf8_validate_len (text, length, &bad))
    {
      for (const char *p = text; p < bad; p++)
        reading.line += *p == '\n';
      tell (&reading, _ ("This is not UTF-8."));
      return;
    }
  lines = g_strsplit (text, "\n", 0);
  for (guint i = 0; lines[i] != NULL; i++)
    {
      reading.line = i + 1;
      read_line (&reading, g_strstrip (lines[i]));
    }
  check_presets (&reading);
}

LwPresets *
lw_presets_parse (const char *file, const char *text, gsize length)
{
  LwPresets *self = presets_new ();
  /* the file need not end in a NUL, and may hold one: the UTF-8 check then finds it */
  g_autofree char *copy = g_malloc0 (length + 1);

  if (length > 0)
    memcpy (copy, text, length);
  parse_into (self, file, copy, length);
  return self;
}

/* Those of an earlier folder win. */
static void
merge (LwPresets *self, LwPresets *later)
{
  while (later->items->len > 0)
    {
      LwPreset *preset = g_ptr_array_steal_index (later->items, 0);

      if (find (self, preset->name) == NULL)
        g_ptr_array_add (self->items, preset);
      else
        preset_free (preset);
    }
  while (later->problems->len > 0)
    g_ptr_array_add (self->problems, g_ptr_array_steal_index (later->problems, 0));
  self->may_add = self->may_add && later->may_add;
  self->demo = self->demo && later->demo;
}

LwPresets *
lw_presets_load (void)
{
  LwPresets *self = presets_new ();
  const char *const *folders = g_get_system_config_dirs ();

  for (guint i = 0; folders[i] != NULL; i++)
    {
      g_autofree char *file = g_build_filename (folders[i], "leeway", "leeway.conf", NULL);
      g_autofree char *text = NULL;
      g_autoptr (GError) error = NULL;
      g_autoptr (LwPresets) one = NULL;
      gsize length;

      if (!g_file_get_contents (file, &text, &length, &error))
        {
          if (!g_error_matches (error, G_FILE_ERROR, G_FILE_ERROR_NOENT) &&
              !g_error_matches (error, G_FILE_ERROR, G_FILE_ERROR_NOTDIR))
            g_ptr_array_add (self->problems, g_strdup (error->message));
          continue;
        }
      one = lw_presets_parse (file, text, length);
      merge (self, one);
    }
  return self;
}

const LwPreset *
lw_presets_find (LwPresets *self, const char *name)
{
  return name != NULL ? find (self, name) : NULL;
}

const char *
lw_preset_get (const LwPreset *self, const char *member)
{
  return g_hash_table_lookup (self->members, member);
}

static void
put_members (const LwPreset *self, JsonObject *object)
{
  for (guint i = 0; i < G_N_ELEMENTS (keys); i++)
    {
      const char *value = lw_preset_get (self, keys[i].member);
      const char *dot = strchr (keys[i].member, '.');

      if (value == NULL)
        continue;
      if (dot == NULL)
        json_object_set_string_member (object, keys[i].member, value);
      else
        {
          if (lw_json_get_object (object, "endpoints") == NULL)
            json_object_set_object_member (object, "endpoints", json_object_new ());
          json_object_set_string_member (lw_json_get_object (object, "endpoints"), dot + 1, value);
        }
    }
}

static LwProfile *
profile_of (JsonObject *object, GError **error)
{
  g_autoptr (JsonNode) node = lw_json_object_to_node (object);
  char *text = json_to_string (node, FALSE);
  g_autoptr (GBytes) bytes = g_bytes_new_take (text, strlen (text));

  return lw_profile_from_json (bytes, error);
}

LwProfile *
lw_preset_to_profile (const LwPreset *self, GError **error)
{
  g_autoptr (JsonObject) object = json_object_new ();

  json_object_set_string_member (object, "name", self->name);
  json_object_set_string_member (object, "preset", self->name);
  put_members (self, object);
  return profile_of (object, error);
}

LwProfile *
lw_presets_follow (LwPresets *self, LwProfile *profile)
{
  g_autoptr (GBytes) bytes = lw_profile_to_json (profile);
  g_autoptr (JsonNode) node = lw_json_parse (bytes, g_bytes_get_size (bytes), NULL);
  JsonObject *object = lw_json_node_object (node);
  const LwPreset *preset = lw_presets_find (self, lw_json_get_string (object, "preset"));
  g_autoptr (JsonObject) followed = NULL;
  LwProfile *result;

  if (preset == NULL || !preset->locked)
    return lw_profile_ref (profile);
  followed = lw_json_object_copy (object);
  put_members (preset, followed);
  result = profile_of (followed, NULL);
  return result != NULL ? result : lw_profile_ref (profile);
}
