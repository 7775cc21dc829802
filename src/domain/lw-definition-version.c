/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "lw-definition-version.h"

#include <string.h>

#include "lw-json.h"

#define N_PARTS 3
#define ANY     (-1)

typedef struct
{
  gint64 parts[N_PARTS]; /* %ANY for "*" */
  char *label;           /* "preview" and the like; "" for none */
} Version;

static void
version_clear (Version *self)
{
  g_free (self->label);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Version, version_clear)

static gboolean
read_version (const char *text, Version *self)
{
  gsize length = text != NULL ? strcspn (text, "-+") : 0;
  g_autofree char *numbers = g_strndup (text, length);
  g_auto (GStrv) parts = g_strsplit (numbers, ".", N_PARTS + 1);

  if (length == 0 || g_strv_length (parts) != N_PARTS)
    return FALSE;
  for (guint i = 0; i < N_PARTS; i++)
    {
      guint64 number = 0;

      if (!g_str_equal (parts[i], "*") &&
          !g_ascii_string_to_unsigned (parts[i], 10, 0, G_MAXINT32, &number, NULL))
        return FALSE;
      self->parts[i] = parts[i][0] == '*' ? ANY : (gint64) number;
    }
  self->label = g_strdup (text[length] == '-' ? text + length + 1 : "");
  return TRUE;
}

gboolean
lw_definition_version_matches (const char *pattern, const char *version)
{
  g_auto (Version) wanted = { 0 };
  g_auto (Version) given = { 0 };

  if (pattern == NULL || pattern[0] == '\0')
    return TRUE;
  if (!read_version (pattern, &wanted) || !read_version (version, &given))
    return g_strcmp0 (pattern, version) == 0;
  for (guint i = 0; i < N_PARTS; i++)
    {
      if (wanted.parts[i] != ANY && wanted.parts[i] != given.parts[i])
        return FALSE;
    }
  return given.label[0] == '\0' || g_ascii_strcasecmp (wanted.label, given.label) == 0;
}

/* Like strcmp(): a release is newer than its previews. */
static int
compare (const char *a, const char *b)
{
  g_auto (Version) left = { 0 };
  g_auto (Version) right = { 0 };
  gboolean readable = read_version (a, &left);

  if (!read_version (b, &right) || !readable)
    return readable - (right.label != NULL);
  for (guint i = 0; i < N_PARTS; i++)
    {
      if (left.parts[i] != right.parts[i])
        return left.parts[i] < right.parts[i] ? -1 : 1;
    }
  if ((left.label[0] == '\0') != (right.label[0] == '\0'))
    return left.label[0] == '\0' ? 1 : -1;
  return strcmp (left.label, right.label);
}

const char *
lw_definition_version_choose (const char *pattern, JsonArray *versions)
{
  const char *best = NULL;

  for (guint i = 0; versions != NULL && i < json_array_get_length (versions); i++)
    {
      const char *version = lw_json_array_get_string (versions, i);

      if (version != NULL && lw_definition_version_matches (pattern, version) &&
          (best == NULL || compare (version, best) > 0))
        best = version;
    }
  return best;
}

char *
lw_definition_key (const char *id, const char *pattern)
{
  if (pattern == NULL || pattern[0] == '\0')
    return g_strdup (id);
  return g_strconcat (id, "/versions/", pattern, NULL);
}
