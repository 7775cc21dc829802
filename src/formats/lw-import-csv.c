/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "config.h"

#include "lw-csv.h"
#include "lw-domain-error.h"
#include "lw-import-private.h"

#include <glib/gi18n-lib.h>
#include <string.h>

#define PORTAL_LIMIT 55000 /* rows, of Resource Graph Explorer */

typedef struct
{
  GStrv header;
  LwCsvRow *row;
} Line;

/* (nullable): the cell of a column, where it is not blank */
static const char *
cell (const Line *line, const char *column)
{
  guint n = g_strv_length (line->row->cells);

  for (guint i = 0; line->header[i] != NULL && i < n; i++)
    if (g_ascii_strcasecmp (line->header[i], column) == 0 &&
        line->row->cells[i][strspn (line->row->cells[i], " \t")] != '\0')
      return line->row->cells[i];
  return NULL;
}

static gboolean
has_column (GStrv header, const char *column)
{
  for (guint i = 0; header[i] != NULL; i++)
    if (g_ascii_strcasecmp (header[i], column) == 0)
      return TRUE;
  return FALSE;
}

static const char *
format_of (GStrv header)
{
  if (has_column (header, "ExemptionId") && has_column (header, "PolicyAssignmentId"))
    return "azgovviz";
  if (has_column (header, "exemptionCategory") &&
      (has_column (header, "scope") || has_column (header, "scopes")) && !has_column (header, "id"))
    return "epac-csv";
  if (has_column (header, "id") &&
      (has_column (header, "properties") || has_column (header, "name")))
    return "resource-graph-csv";
  return NULL;
}

static void
set (JsonObject *object, const char *member, const char *text)
{
  if (text != NULL)
    json_object_set_string_member (object, member, text);
}

/* Text that an apostrophe keeps from being a formula, without it. */
static const char *
plain (const char *text)
{
  return text != NULL && text[0] == '\'' && text[1] != '\0' && strchr ("=+-@\t\r", text[1]) != NULL
             ? text + 1
             : text;
}

/* --- EPAC --------------------------------------------------------------------------------------------- */

/* What EPAC makes of "assignmentReferenceId", as it tests it, but without regard to case. */
static const char *
member_of_reference (const char *text)
{
  g_autofree char *folded = g_ascii_strdown (text, -1);

  if (strstr (folded, "/providers/microsoft.authorization/policyassignments/") != NULL)
    return "policyAssignmentId";
  if (g_str_has_prefix (folded, "policydefinitions/"))
    return "policyDefinitionName";
  if (strstr (folded, "/providers/microsoft.authorization/policydefinitions/") != NULL)
    return "policyDefinitionId";
  if (g_str_has_prefix (folded, "policysetdefinitions/"))
    return "policySetDefinitionName";
  if (strstr (folded, "/providers/microsoft.authorization/policysetdefinitions/") != NULL)
    return "policySetDefinitionId";
  return NULL;
}

static gboolean
set_reference (JsonObject *entry, const Line *line, LwImportRow *row)
{
  const char *reference = cell (line, "assignmentReferenceId");
  const char *legacy = cell (line, "policyAssignmentId");
  const char *member;

  if (reference != NULL && legacy != NULL)
    {
      lw_import_refuse (row, _ ("It has both “assignmentReferenceId” and “policyAssignmentId”"));
      return FALSE;
    }
  if (legacy != NULL)
    set (entry, "policyAssignmentId", legacy);
  if (reference == NULL)
    return TRUE;
  member = member_of_reference (reference);
  if (member == NULL)
    {
      lw_import_refuse (row, _ ("“%s” is no assignment, definition or initiative"), reference);
      return FALSE;
    }
  if (g_str_equal (member, "policyAssignmentId") &&
      strstr (reference, "/providers/Microsoft.Authorization/policyAssignments/") == NULL)
    lw_import_note (row, _ ("EPAC itself refuses this assignment, for its upper and lower case"));
  set (entry, member, reference);
  return TRUE;
}

static void
import_epac (LwImporting *self, const Line *line, LwImportRow *row)
{
  static const char *const columns[] = { "name",
                                         "displayName",
                                         "description",
                                         "exemptionCategory",
                                         "expiresOn",
                                         "scope",
                                         "scopes",
                                         "resourceSelectors",
                                         "metadata",
                                         "policyDefinitionReferenceIds",
                                         "assignmentScopeValidation",
                                         "status" };
  g_autoptr (JsonObject) entry = json_object_new ();
  const char *metadata = cell (line, "metadata");
  const char *selectors = cell (line, "resourceSelectors");
  const char *description = cell (line, "description");

  if (cell (line, "exemptionCategory") == NULL && description != NULL &&
      (g_str_equal (description, "Waiver") || g_str_equal (description, "Mitigated")))
    {
      lw_import_refuse (
          row, _ ("Its cells are shifted, as in the row that EPAC’s documentation shows: the "
                  "category is in the column of the description"));
      return;
    }
  if (metadata != NULL && (metadata[0] != '{' || !g_str_has_suffix (metadata, "}")))
    {
      lw_import_refuse (row, _ ("“metadata” is no JSON object"));
      return;
    }
  if (selectors != NULL && selectors[0] != '[' && g_ascii_strcasecmp (selectors, "null") != 0)
    lw_import_note (
        row, _ ("EPAC itself overlooks these “resourceSelectors”, as they do not begin with a "
                "bracket"));
  for (guint i = 0; i < G_N_ELEMENTS (columns); i++)
    set (entry, columns[i], plain (cell (line, columns[i])));
  if (selectors != NULL && g_ascii_strcasecmp (selectors, "null") == 0)
    json_object_remove_member (entry, "resourceSelectors");
  if (set_reference (entry, line, row))
    lw_import_entry (self, row, entry, TRUE);
}

/* --- Resource Graph ------------------------------------------------------------------------------------ */

static void
import_graph (LwImporting *self, const Line *line, LwImportRow *row)
{
  g_autoptr (JsonObject) entry = json_object_new ();

  for (guint i = 0; line->header[i] != NULL; i++)
    set (entry, line->header[i], cell (line, line->header[i]));
  lw_import_entry (self, row, entry, FALSE);
}

/* --- AzGovViz ------------------------------------------------------------------------------------------ */

/* "ann@contoso.example (User)" */
static void
set_identity (JsonObject *system, const char *member, const char *type_member, const char *text)
{
  const char *open = text != NULL ? strrchr (text, '(') : NULL;
  g_autofree char *identity = NULL;
  g_autofree char *type = NULL;

  if (text == NULL || g_ascii_strcasecmp (text, "n/a") == 0)
    return;
  identity = g_strstrip (open != NULL ? g_strndup (text, (gsize) (open - text)) : g_strdup (text));
  set (system, member, identity);
  if (open == NULL || !g_str_has_suffix (open, ")"))
    return;
  type = g_strndup (open + 1, strlen (open) - 2);
  set (system, type_member, type);
}

static void
set_instant (JsonObject *system, const char *member, const char *text)
{
  gboolean ambiguous;
  g_autofree char *date =
      text != NULL ? lw_import_date (text, LW_DATE_ORDER_UNKNOWN, &ambiguous) : NULL;

  if (date != NULL && date[0] != '\0')
    set (system, member, date);
}

static void
import_governance (LwImporting *self, const Line *line, LwImportRow *row)
{
  g_autoptr (JsonObject) properties = json_object_new ();
  g_autoptr (JsonObject) system = json_object_new ();
  const char *exempted = cell (line, "PoliciesExempted");

  row->partial = TRUE;
  set (properties, "displayName", cell (line, "ExemptionName"));
  set (properties, "description", cell (line, "ExemptionDescription"));
  set (properties, "exemptionCategory", cell (line, "Category"));
  set (properties, "expiresOn", cell (line, "ExpiresOn_UTC"));
  set (properties, "policyAssignmentId", cell (line, "PolicyAssignmentId"));
  set_identity (system, "createdBy", "createdByType", cell (line, "CreatedBy"));
  set_instant (system, "createdAt", cell (line, "CreatedAt"));
  set_identity (system, "lastModifiedBy", "lastModifiedByType", cell (line, "LastModifiedBy"));
  set_instant (system, "lastModifiedAt", cell (line, "LastModifiedAt"));
  if (exempted != NULL && g_ascii_strncasecmp (exempted, "all ", 4) != 0 &&
      g_ascii_strcasecmp (cell (line, "PolicyType") != NULL ? cell (line, "PolicyType") : "",
                          "PolicySet") == 0)
    lw_import_note (row, _ ("A part of the initiative is exempted, but not which references: %s"),
                    exempted);
  lw_import_take (self, row, cell (line, "ExemptionId"), NULL, NULL, properties, system);
}

/* --- the file ------------------------------------------------------------------------------------------ */

static void
find_orders (LwImporting *self, GPtrArray *rows, GStrv header)
{
  for (guint i = 1; i < rows->len; i++)
    {
      Line line = { header, g_ptr_array_index (rows, i) };
      const char *expires = cell (&line, "expiresOn");
      const char *references = cell (&line, "policyDefinitionReferenceIds");
      LwDateOrder order;

      if (expires == NULL)
        expires = cell (&line, "ExpiresOn_UTC");
      order = expires != NULL ? lw_import_date_order (expires) : LW_DATE_ORDER_UNKNOWN;
      if (self->dates == LW_DATE_ORDER_UNKNOWN)
        self->dates = order;
      self->ampersands |= references != NULL && strchr (references, '&') != NULL;
    }
}

/* Cells beyond the header. */
static void
note_surplus (const Line *line, LwImportRow *row)
{
  guint columns = g_strv_length (line->header);
  guint n = g_strv_length (line->row->cells);

  for (guint i = columns; i < n; i++)
    if (line->row->cells[i][0] != '\0')
      lw_import_note (row, _ ("A cell has no column and was left out: %s"), line->row->cells[i]);
}

gboolean
lw_import_csv (LwImporting *self, const char *text, const char *format, GError **error)
{
  g_autoptr (GPtrArray) rows = lw_csv_read (text, '\0');
  GStrv header = rows->len > 0 ? ((LwCsvRow *) g_ptr_array_index (rows, 0))->cells : NULL;

  if (header != NULL)
    for (guint i = 0; header[i] != NULL; i++)
      g_strstrip (header[i]);
  if (format == NULL && header != NULL)
    format = format_of (header);
  if (header == NULL || format == NULL)
    {
      g_set_error (
          error, LW_DOMAIN_ERROR, LW_DOMAIN_ERROR_TYPE,
          _ ("The file is no list of exemptions that is known here: its first line names none of "
             "the columns"));
      return FALSE;
    }
  self->import->format = format;
  find_orders (self, rows, header);
  for (guint i = 1; i < rows->len && !lw_import_is_full (self); i++)
    {
      Line line = { header, g_ptr_array_index (rows, i) };
      LwImportRow *row = lw_import_add_row (self, line.row->line);

      if (line.row->cut)
        {
          lw_import_refuse (row, _ ("A quote begins here and never ends"));
          continue;
        }
      note_surplus (&line, row);
      if (g_str_equal (format, "azgovviz"))
        import_governance (self, &line, row);
      else if (g_str_equal (format, "resource-graph-csv"))
        import_graph (self, &line, row);
      else
        import_epac (self, &line, row);
    }
  if (g_str_equal (format, "resource-graph-csv") && rows->len == PORTAL_LIMIT + 1)
    g_ptr_array_add (
        self->import->notes,
        g_strdup (_ ("The portal exports no more than 55,000 rows: there may be more")));
  return TRUE;
}
