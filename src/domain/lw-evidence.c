/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "config.h"

#include "lw-evidence.h"
#include "lw-json.h"

#include <string.h>

#define MAX_NAME   120 /* bytes */
#define MAX_ENDING 16

G_DEFINE_BOXED_TYPE (LwEvidence, lw_evidence, lw_evidence_copy, lw_evidence_free)

LwEvidence *
lw_evidence_new_file (const char *sha256, const char *name, gint64 size, const char *media_type)
{
  LwEvidence *self = lw_evidence_new_link (NULL);

  self->sha256 = g_strdup (sha256);
  self->name = lw_evidence_safe_name (name);
  self->size = size;
  self->media_type = g_strdup (media_type);

  return self;
}

/* --- in events ---------------------------------------------------------------------------------- */

JsonArray *
lw_evidence_list_to_json (GPtrArray *list)
{
  JsonArray *array = json_array_new ();

  for (guint i = 0; list && i < list->len; i++)
    {
      const LwEvidence *item = g_ptr_array_index (list, i);
      JsonObject *object = json_object_new ();

      if (item->sha256)
        {
          lw_json_set_string (object, "sha256", item->sha256);
          lw_json_set_string (object, "name", item->name);
          json_object_set_int_member (object, "size", item->size);
          lw_json_set_string (object, "mediaType", item->media_type);
        }
      else
        lw_json_set_string (object, "link", item->link);
      json_array_add_object_element (array, object);
    }

  return array;
}

static LwEvidence *
read_item (JsonObject *object)
{
  const char *link = lw_json_get_string (object, "link");
  const char *sha256 = lw_json_get_string (object, "sha256");

  if (sha256)
    return lw_evidence_new_file (sha256, lw_json_get_string (object, "name"),
                                 MAX (0, lw_json_get_int (object, "size", 0)),
                                 lw_json_get_string (object, "mediaType"));

  return link ? lw_evidence_new_link (link) : NULL;
}

GPtrArray *
lw_evidence_list_from_json (JsonArray *array)
{
  GPtrArray *list = g_ptr_array_new_with_free_func ((GDestroyNotify) lw_evidence_free);

  for (guint i = 0; array && i < json_array_get_length (array); i++)
    {
      LwEvidence *item = read_item (lw_json_array_get_object (array, i));

      if (item)
        g_ptr_array_add (list, item);
    }

  return list;
}

static void
add_files (GPtrArray *files, JsonObject *holder)
{
  g_autoptr (GPtrArray) list = lw_evidence_list_from_json (lw_json_get_array (holder, "evidence"));

  for (guint i = 0; i < list->len; i++)
    {
      const LwEvidence *item = g_ptr_array_index (list, i);

      if (item->sha256)
        g_ptr_array_add (files, lw_evidence_copy (item));
    }
}

static void
add_files_of_content (GPtrArray *files, JsonObject *content)
{
  JsonArray *controls = lw_json_get_array (content, "controls");

  add_files (files, content);
  for (guint i = 0; controls && i < json_array_get_length (controls); i++)
    add_files (files, lw_json_array_get_object (controls, i));
}

GPtrArray *
lw_evidence_files_of (JsonObject *body)
{
  GPtrArray *files = g_ptr_array_new_with_free_func ((GDestroyNotify) lw_evidence_free);

  add_files (files, body);
  add_files_of_content (files, lw_json_get_object (body, "content"));
  add_files_of_content (files, lw_json_get_object (body, "terms"));

  return files;
}

static void
take_files (GPtrArray *files, GPtrArray *list)
{
  for (guint i = 0; i < list->len; i++)
    {
      LwEvidence *item = g_ptr_array_index (list, i);

      if (item->sha256)
        g_ptr_array_add (files, item);
    }
}

GPtrArray *
lw_evidence_files_of_request (const LwRequest *request)
{
  GPtrArray *files = g_ptr_array_new ();

  take_files (files, request->evidence);
  for (guint i = 0; i < request->controls->len; i++)
    {
      const LwControl *control = g_ptr_array_index (request->controls, i);

      take_files (files, control->evidence);
    }

  return files;
}

/* --- names -------------------------------------------------------------------------------------- */

gboolean
lw_evidence_sha256_is_valid (const char *text)
{
  return text && strlen (text) == 64 && strspn (text, "0123456789abcdef") == 64;
}

static gboolean
is_harmless (gunichar c)
{
  switch (g_unichar_type (c))
    {
    case G_UNICODE_CONTROL:
    case G_UNICODE_FORMAT: /* marks of direction among them */
    case G_UNICODE_SURROGATE:
    case G_UNICODE_PRIVATE_USE:
    case G_UNICODE_UNASSIGNED:
    case G_UNICODE_LINE_SEPARATOR:
    case G_UNICODE_PARAGRAPH_SEPARATOR:
      return FALSE;
    default:
      return c != 0xfffd && (c >= 128 || strchr ("\"*:<>?|", (char) c) == NULL);
    }
}

/* Cuts @text to @max bytes at the end of a character. */
static void
cut (GString *text, gsize max)
{
  if (text->len <= max)
    return;

  while (max > 0 && ((guchar) text->str[max] & 0xc0) == 0x80)
    max--;
  g_string_truncate (text, max);
}

static void
shorten (GString *name)
{
  const char *dot = strrchr (name->str, '.');
  g_autofree char *ending = NULL;

  if (name->len <= MAX_NAME)
    return;

  if (dot && dot != name->str && strlen (dot) <= MAX_ENDING)
    ending = g_strdup (dot);
  cut (name, MAX_NAME - (ending ? strlen (ending) : 0));
  if (ending)
    g_string_append (name, ending);
}

/* Windows takes these for devices, whatever follows the dot. */
static gboolean
is_device (const char *name)
{
  static const char *const devices[] = { "CON", "PRN", "AUX", "NUL" };
  gsize stem = strcspn (name, ".");

  for (gsize i = 0; i < G_N_ELEMENTS (devices); i++)
    {
      if (stem == 3 && g_ascii_strncasecmp (name, devices[i], 3) == 0)
        return TRUE;
    }

  return stem == 4 && g_ascii_isdigit (name[3]) &&
         (g_ascii_strncasecmp (name, "COM", 3) == 0 || g_ascii_strncasecmp (name, "LPT", 3) == 0);
}

char *
lw_evidence_safe_name (const char *name)
{
  g_autofree char *valid = g_utf8_make_valid (name ? name : "", -1);
  g_autofree char *normal = g_utf8_normalize (valid, -1, G_NORMALIZE_DEFAULT_COMPOSE);
  g_autoptr (GString) safe = g_string_new (NULL);
  const char *start = normal;

  for (const char *c = normal; *c; c++)
    {
      if (*c == '/' || *c == '\\')
        start = c + 1;
    }
  for (const char *c = start; *c; c = g_utf8_next_char (c))
    {
      gunichar character = g_utf8_get_char (c);

      if (is_harmless (character))
        g_string_append_unichar (safe, g_unichar_isspace (character) ? ' ' : character);
    }

  while (safe->len > 0 && strchr (". ", safe->str[0]))
    g_string_erase (safe, 0, 1);
  shorten (safe);
  while (safe->len > 0 && strchr (". ", safe->str[safe->len - 1]))
    g_string_truncate (safe, safe->len - 1);
  if (is_device (safe->str))
    g_string_prepend_c (safe, '_');

  return safe->len > 0 ? g_string_free_and_steal (g_steal_pointer (&safe)) : g_strdup ("evidence");
}

gboolean
lw_evidence_is_program (const char *name)
{
  static const char *const endings[] = {
    "apk",  "app",  "appimage", "appref-ms",  "bash",        "bat",    "bin",    "chm",  "cmd",
    "com",  "cpl",  "csh",      "deb",        "desktop",     "dll",    "dmg",    "docm", "dotm",
    "elf",  "exe",  "fish",     "flatpakref", "flatpakrepo", "gadget", "hta",    "htm",  "html",
    "inf",  "iso",  "jar",      "js",         "jse",         "ksh",    "lnk",    "mht",  "mhtml",
    "msc",  "msi",  "msix",     "msp",        "mst",         "perl",   "php",    "pif",  "pl",
    "potm", "ppam", "ppsm",     "pptm",       "ps1",         "psm1",   "py",     "pyc",  "pyw",
    "rb",   "reg",  "rpm",      "run",        "scf",         "scr",    "sh",     "snap", "so",
    "svg",  "svgz", "url",      "vb",         "vbe",         "vbs",    "webloc", "ws",   "wsc",
    "wsf",  "wsh",  "xht",      "xhtml",      "xlam",        "xlsm",   "xltm",   "xsl",  "xslt",
    "zsh",
  };
  const char *dot = name ? strrchr (name, '.') : NULL;

  for (gsize i = 0; dot && i < G_N_ELEMENTS (endings); i++)
    {
      if (g_ascii_strcasecmp (dot + 1, endings[i]) == 0)
        return TRUE;
    }

  return FALSE;
}
