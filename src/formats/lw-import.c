/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "config.h"

#include "lw-domain-error.h"
#include "lw-import-private.h"

#include <glib/gi18n-lib.h>
#include <string.h>

static void
row_free (LwImportRow *self)
{
  g_clear_pointer (&self->exemption, lw_exemption_unref);
  g_free (self->where);
  g_free (self->problem);
  g_ptr_array_unref (self->notes);
  g_free (self);
}

void
lw_import_free (LwImport *self)
{
  if (self == NULL)
    return;
  g_ptr_array_unref (self->rows);
  g_ptr_array_unref (self->notes);
  g_free (self);
}

gboolean
lw_import_is_full (LwImporting *self)
{
  if (self->import->rows->len < LW_IMPORT_MAX_ROWS)
    return FALSE;
  g_ptr_array_add (self->import->notes,
                   g_strdup_printf (_ ("The file holds more than %u entries; the rest is not read"),
                                    (guint) LW_IMPORT_MAX_ROWS));
  return TRUE;
}

LwImportRow *
lw_import_add_row (LwImporting *self, guint line)
{
  LwImportRow *row = g_new0 (LwImportRow, 1);

  row->where = g_strdup_printf (_ ("line %u"), line);
  row->notes = g_ptr_array_new_with_free_func (g_free);
  g_ptr_array_add (self->import->rows, row);
  return row;
}

void
lw_import_note (LwImportRow *row, const char *format, ...)
{
  va_list args;

  va_start (args, format);
  g_ptr_array_add (row->notes, g_strdup_vprintf (format, args));
  va_end (args);
}

void
lw_import_refuse (LwImportRow *row, const char *format, ...)
{
  va_list args;

  if (row->problem != NULL)
    return;
  va_start (args, format);
  row->problem = g_strdup_vprintf (format, args);
  va_end (args);
}

/* The name that lasts, of one that the caller gave. (nullable) */
static const char *
known_format (const char *format)
{
  static const char *const formats[] = {
    "epac",           "epac-csv",           "rest",    "az", "powershell",
    "resource-graph", "resource-graph-csv", "azgovviz"
  };

  for (guint i = 0; i < G_N_ELEMENTS (formats); i++)
    if (g_strcmp0 (format, formats[i]) == 0)
      return formats[i];
  return NULL;
}

static gboolean
is_csv_format (const char *format)
{
  return g_str_has_suffix (format, "-csv") || g_str_equal (format, "azgovviz");
}

/* UTF-8 without its byte order mark; what Windows PowerShell writes is UTF-16. (transfer full) (nullable) */
static char *
read_text (GBytes *bytes, GError **error)
{
  gsize size;
  const char *data = g_bytes_get_data (bytes, &size);

  if (size > LW_IMPORT_MAX_SIZE)
    {
      g_set_error (error, LW_DOMAIN_ERROR, LW_DOMAIN_ERROR_TYPE,
                   _ ("The file is larger than %u MiB"),
                   (guint) (LW_IMPORT_MAX_SIZE / 1024 / 1024));
      return NULL;
    }
  if (size >= 2 && ((guchar) data[0] == 0xff || (guchar) data[0] == 0xfe))
    {
      char *text = g_convert (data + 2, (gssize) ((size - 2) & ~(gsize) 1), "UTF-8",
                              (guchar) data[0] == 0xff ? "UTF-16LE" : "UTF-16BE", NULL, NULL, NULL);

      if (text != NULL && strlen (text) > 0)
        return text;
      g_free (text);
    }
  if (size == 0 || memchr (data, '\0', size) != NULL ||
      !g_utf8_validate (data, (gssize) size, NULL))
    {
      g_set_error (error, LW_DOMAIN_ERROR, LW_DOMAIN_ERROR_TYPE,
                   size == 0 ? _ ("The file is empty") : _ ("The file is no text"));
      return NULL;
    }
  if (size >= 3 && memcmp (data, "\xef\xbb\xbf", 3) == 0)
    return g_strndup (data + 3, size - 3);
  return g_strndup (data, size);
}

static gboolean
looks_like_json (const char *text)
{
  while (g_ascii_isspace (*text))
    text++;
  return *text == '{' || *text == '[' || (text[0] == '/' && (text[1] == '/' || text[1] == '*'));
}

LwImport *
lw_import (GBytes *bytes, const char *format, GError **error)
{
  g_autofree char *text = read_text (bytes, error);
  g_autoptr (LwImport) import = NULL;
  g_autoptr (GHashTable) seen = NULL;
  LwImporting self = { 0 };
  gboolean read;

  if (text == NULL)
    return NULL;
  if (format != NULL && known_format (format) == NULL)
    {
      g_set_error (error, LW_DOMAIN_ERROR, LW_DOMAIN_ERROR_TYPE,
                   _ ("“%s” is no format that is read here"), format);
      return NULL;
    }
  format = known_format (format);
  import = g_new0 (LwImport, 1);
  import->rows = g_ptr_array_new_with_free_func ((GDestroyNotify) row_free);
  import->notes = g_ptr_array_new_with_free_func (g_free);
  seen = g_hash_table_new_full (lw_arm_id_hash, lw_arm_id_equal, g_free, g_free);
  self.import = import;
  self.seen = seen;
  if (format != NULL ? !is_csv_format (format) : looks_like_json (text))
    read = lw_import_json (&self, text, strlen (text), format, error);
  else
    read = lw_import_csv (&self, text, format, error);
  return read ? g_steal_pointer (&import) : NULL;
}

GPtrArray *
lw_import_get_exemptions (const LwImport *self)
{
  GPtrArray *out = g_ptr_array_new_with_free_func ((GDestroyNotify) lw_exemption_unref);

  for (guint i = 0; i < self->rows->len; i++)
    {
      LwImportRow *row = g_ptr_array_index (self->rows, i);

      if (row->exemption != NULL)
        g_ptr_array_add (out, lw_exemption_ref (row->exemption));
    }
  return out;
}

static void
add_message (JsonArray *array, const char *where, const char *message)
{
  JsonObject *object = json_object_new ();

  json_object_set_string_member (object, "where", where);
  json_object_set_string_member (object, "message", message);
  json_array_add_object_element (array, object);
}

JsonNode *
lw_import_to_json (const LwImport *self)
{
  g_autoptr (JsonObject) object = json_object_new ();
  JsonArray *exemptions = json_array_new ();
  JsonArray *problems = json_array_new ();
  JsonArray *notes = json_array_new ();
  gboolean partial = FALSE;

  for (guint i = 0; i < self->rows->len; i++)
    {
      LwImportRow *row = g_ptr_array_index (self->rows, i);

      partial |= row->exemption != NULL && row->partial;
      if (row->exemption != NULL)
        json_array_add_element (exemptions, lw_exemption_to_json (row->exemption));
      if (row->problem != NULL)
        add_message (problems, row->where, row->problem);
      for (guint j = 0; j < row->notes->len; j++)
        add_message (notes, row->where, g_ptr_array_index (row->notes, j));
    }
  for (guint i = 0; i < self->notes->len; i++)
    add_message (notes, "", g_ptr_array_index (self->notes, i));
  json_object_set_string_member (object, "format", self->format);
  json_object_set_array_member (object, "exemptions", exemptions);
  json_object_set_array_member (object, "problems", problems);
  json_object_set_array_member (object, "notes", notes);
  if (partial)
    json_object_set_boolean_member (object, "partial", TRUE);
  return json_node_init_object (json_node_alloc (), object);
}
