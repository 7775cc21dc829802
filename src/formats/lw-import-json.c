/* SPDX-License-Identifier: GPL-3.0-or-later */

/* JSON with comments and trailing commas; each entry of the list is read by itself, so that one that is
 * malformed spoils no other. */

#include "config.h"

#include "lw-domain-error.h"
#include "lw-import-private.h"

#include <glib/gi18n-lib.h>
#include <string.h>

typedef struct
{
  gsize start;
  gsize end;
  guint line;
} Slice;

/* --- comments and commas ------------------------------------------------------------------------------- */

static gsize
skip_string (const char *text, gsize at)
{
  for (at++; text[at] != '\0' && text[at] != '"'; at++)
    if (text[at] == '\\' && text[at + 1] != '\0')
      at++;
  return text[at] == '"' ? at + 1 : at;
}

static void
blank (char *text, gsize from, gsize to)
{
  for (; from < to; from++)
    if (text[from] != '\n')
      text[from] = ' ';
}

/* Everything stays where it is. */
static void
blank_comments (char *text)
{
  gsize comma = 0;
  gboolean has_comma = FALSE;

  for (gsize i = 0; text[i] != '\0';)
    {
      gsize start = i;

      if (text[i] == '"')
        {
          i = skip_string (text, i);
          has_comma = FALSE;
        }
      else if (text[i] == '/' && text[i + 1] == '/')
        {
          while (text[i] != '\0' && text[i] != '\n')
            i++;
          blank (text, start, i);
        }
      else if (text[i] == '/' && text[i + 1] == '*')
        {
          const char *end = strstr (text + i + 2, "*/");

          i = end != NULL ? (gsize) (end - text) + 2 : strlen (text);
          blank (text, start, i);
        }
      else
        {
          if ((text[i] == ']' || text[i] == '}') && has_comma)
            text[comma] = ' ';
          if (text[i] == ',')
            comma = i;
          if (!g_ascii_isspace (text[i]))
            has_comma = text[i] == ',';
          i++;
        }
    }
}

/* --- the list ------------------------------------------------------------------------------------------- */

static gboolean
is_list_name (const char *name, gsize length)
{
  static const char *const names[] = { "exemptions", "value", "data" };

  for (guint i = 0; i < G_N_ELEMENTS (names); i++)
    if (length == strlen (names[i]) && g_ascii_strncasecmp (name, names[i], length) == 0)
      return TRUE;
  return FALSE;
}

/* Finds the elements of the list that the file is, or that its root holds; %FALSE where there is none, or the
 * brackets do not match. */
static gboolean
find_elements (const char *text, GArray *slices, gsize *list_start, gsize *list_end)
{
  gsize depth = 0;
  gsize list_depth = 0; /* of what lies in it; 0 before it was found */
  gsize key = 0, key_length = 0;
  gboolean expect_list = FALSE;
  gboolean done = FALSE;
  guint line = 1;
  Slice slice = { 0 };

  for (gsize i = 0; text[i] != '\0';)
    {
      char c = text[i];
      gsize from = i;

      if (c == '"')
        {
          i = skip_string (text, i);
          if (depth == 1 && list_depth == 0)
            {
              key = from + 1;
              key_length = i > from + 1 ? i - from - 2 : 0;
            }
        }
      else
        i++;
      if (list_depth > 0 && !done && depth == list_depth && slice.line == 0 &&
          !g_ascii_isspace (c) && c != ',' && c != ']')
        {
          slice.start = from;
          slice.line = line;
        }
      if (c == '\n')
        line++;
      else if (c == ':' && depth == 1)
        expect_list = is_list_name (text + key, key_length);
      else if (c == '{' || c == '[')
        {
          if (c == '[' && list_depth == 0 && (depth == 0 || (depth == 1 && expect_list)))
            {
              list_depth = depth + 1;
              *list_start = i;
            }
          depth++;
          expect_list = FALSE;
        }
      else if (c == '}' || c == ']' || c == ',')
        {
          if (list_depth > 0 && !done && depth == list_depth && slice.line > 0 && c != '}')
            {
              slice.end = from;
              g_array_append_val (slices, slice);
              slice.line = 0;
            }
          if (c == ']' && depth == list_depth && !done && list_depth > 0)
            {
              *list_end = from;
              done = TRUE;
            }
          if (c != ',' && depth-- == 0)
            return FALSE;
          if (c == ',' && depth == 1)
            expect_list = FALSE;
        }
    }
  if (list_depth > 0 && !done)
    {
      /* the file is cut: what is whole is read, and the rest reported */
      if (slice.line > 0)
        {
          slice.end = strlen (text);
          g_array_append_val (slices, slice);
        }
      *list_end = strlen (text);
    }
  return list_depth > 0;
}

/* --- formats ------------------------------------------------------------------------------------------- */

static JsonNode *
parse (const char *text, gsize size, GError **error)
{
  g_autoptr (GBytes) bytes = g_bytes_new (text, size);

  return lw_json_parse (bytes, LW_IMPORT_MAX_SIZE, error);
}

static const char *
format_of (JsonObject *root, JsonObject *first)
{
  if (root != NULL && json_object_has_member (root, "exemptions"))
    return "epac";
  if (root != NULL &&
      (json_object_has_member (root, "totalRecords") ||
       json_object_has_member (root, "total_records") || json_object_has_member (root, "data") ||
       json_object_has_member (root, "Data")))
    return "resource-graph";
  if (first == NULL)
    return "rest";
  if (json_object_has_member (first, "PolicyAssignmentId") ||
      json_object_has_member (first, "Properties"))
    return "powershell";
  if (json_object_has_member (first, "policyAssignmentId") && json_object_has_member (first, "id"))
    return "az";
  if (json_object_has_member (first, "scope") || json_object_has_member (first, "scopes"))
    return "epac";
  if (json_object_has_member (first, "tenantId") ||
      json_object_has_member (first, "subscriptionId"))
    return "resource-graph";
  return "rest";
}

static void
note_whole (LwImporting *self, JsonObject *root, guint n)
{
  const char *truncated = lw_json_get_string (root, "resultTruncated");
  gint64 total =
      lw_json_get_int (root, "totalRecords", lw_json_get_int (root, "total_records", -1));

  if (root == NULL)
    return;
  if (g_strcmp0 (truncated, "true") == 0 || lw_json_get_string (root, "$skipToken") != NULL ||
      lw_json_get_string (root, "skip_token") != NULL || total > (gint64) n ||
      lw_json_get_string (root, "nextLink") != NULL)
    g_ptr_array_add (self->import->notes,
                     g_strdup (_ ("The file holds a part of the list only: there are more pages")));
}

/* {"columns": [{"name"}], "rows": [[…]]} */
static gboolean
import_table (LwImporting *self, JsonObject *table)
{
  JsonArray *columns = lw_json_get_array (table, "columns");
  JsonArray *rows = lw_json_get_array (table, "rows");

  if (columns == NULL || rows == NULL)
    return FALSE;
  for (guint i = 0; i < json_array_get_length (rows) && !lw_import_is_full (self); i++)
    {
      JsonNode *node = json_array_get_element (rows, i);
      JsonArray *cells = JSON_NODE_HOLDS_ARRAY (node) ? json_node_get_array (node) : NULL;
      LwImportRow *row = lw_import_add_row (self, 0);
      g_autoptr (JsonObject) entry = json_object_new ();

      g_free (row->where);
      row->where = g_strdup_printf (_ ("row %u"), i + 1);
      for (guint j = 0; cells != NULL && j < json_array_get_length (columns) &&
                        j < json_array_get_length (cells);
           j++)
        {
          const char *name = lw_json_get_string (lw_json_array_get_object (columns, j), "name");

          if (name != NULL)
            json_object_set_member (entry, name,
                                    lw_json_node_copy (json_array_get_element (cells, j)));
        }
      lw_import_entry (self, row, entry, FALSE);
    }
  return TRUE;
}

static void
import_slice (LwImporting *self, const char *text, const Slice *slice, gboolean is_epac)
{
  LwImportRow *row = lw_import_add_row (self, slice->line);
  g_autoptr (GError) error = NULL;
  g_autoptr (JsonNode) node = parse (text + slice->start, slice->end - slice->start, &error);

  if (node == NULL)
    /* Translators: %s is a sentence about what is wrong, with a line counted from the entry's own first. */
    lw_import_refuse (row, _ ("It is not JSON. Within it: %s"), error->message);
  else if (!JSON_NODE_HOLDS_OBJECT (node))
    lw_import_refuse (row, _ ("It is no object"));
  else
    lw_import_entry (self, row, json_node_get_object (node), is_epac);
}

/* One object: an exemption, or a table of Resource Graph. */
static gboolean
import_object (LwImporting *self, const char *text, gsize size, const char *format, GError **error)
{
  g_autoptr (JsonNode) root = parse (text, size, error);
  JsonObject *object;
  JsonObject *table;

  if (root == NULL)
    return FALSE;
  if (!JSON_NODE_HOLDS_OBJECT (root))
    {
      g_set_error (error, LW_DOMAIN_ERROR, LW_DOMAIN_ERROR_TYPE,
                   _ ("The file is JSON, but neither an object nor a list"));
      return FALSE;
    }
  object = json_node_get_object (root);
  table = lw_json_get_object (object, "data");
  if (table != NULL && import_table (self, table))
    {
      self->import->format = "resource-graph";
      note_whole (self, object, self->import->rows->len);
      return TRUE;
    }
  if (!json_object_has_member (object, "id") && !json_object_has_member (object, "Id") &&
      !json_object_has_member (object, "scope"))
    {
      g_set_error (error, LW_DOMAIN_ERROR, LW_DOMAIN_ERROR_TYPE,
                   _ ("The file is JSON, but no list of exemptions that is known here"));
      return FALSE;
    }
  self->import->format = format != NULL ? format : format_of (NULL, object);
  lw_import_entry (self, lw_import_add_row (self, 1), object,
                   g_str_equal (self->import->format, "epac"));
  return TRUE;
}

gboolean
lw_import_json (LwImporting *self,
                const char *given,
                gsize size,
                const char *format,
                GError **error)
{
  g_autofree char *text = g_strndup (given, size);
  g_autoptr (GArray) slices = g_array_new (FALSE, FALSE, sizeof (Slice));
  g_autoptr (JsonNode) root = NULL;
  g_autoptr (JsonNode) first = NULL;
  gsize list_start = 0, list_end = 0;
  gboolean is_epac;

  blank_comments (text);
  if (!find_elements (text, slices, &list_start, &list_end))
    return import_object (self, text, strlen (text), format, error);
  {
    /* the rest of the file, with the list empty */
    g_autoptr (GString) shell = g_string_new_len (text, (gssize) list_start);

    g_string_append (shell, text + list_end);
    root = parse (shell->str, shell->len, NULL);
  }
  for (guint i = 0; i < slices->len && first == NULL; i++)
    {
      Slice *slice = &g_array_index (slices, Slice, i);

      first = parse (text + slice->start, slice->end - slice->start, NULL);
    }
  if (root == NULL)
    g_ptr_array_add (
        self->import->notes,
        g_strdup (_ ("The file is cut or malformed around its list; what is whole was read")));
  self->import->format =
      format != NULL ? format : format_of (lw_json_node_object (root), lw_json_node_object (first));
  is_epac = g_str_equal (self->import->format, "epac");
  if (!is_epac && root == NULL && format == NULL && strstr (text, "\"exemptions\"") != NULL)
    {
      self->import->format = "epac";
      is_epac = TRUE;
    }
  for (guint i = 0; i < slices->len && !lw_import_is_full (self); i++)
    import_slice (self, text, &g_array_index (slices, Slice, i), is_epac);
  note_whole (self, lw_json_node_object (root), slices->len);
  return TRUE;
}
