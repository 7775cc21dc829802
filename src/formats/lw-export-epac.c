/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Enterprise Azure Policy as Code. */

#include "config.h"

#include "lw-csv.h"
#include "lw-domain-error.h"
#include "lw-export-private.h"

#include <glib/gi18n-lib.h>
#include <string.h>

#define SCHEMA                                                                                     \
  "https://raw.githubusercontent.com/Azure/enterprise-azure-policy-as-code/main/Schemas/"          \
  "policy-exemption-schema.json"

static const char *const reserved[] = { "deployedBy", "pacOwnerId", "epacMetadata" };
static const char *const header[] = { "name",
                                      "displayName",
                                      "description",
                                      "exemptionCategory",
                                      "expiresOn",
                                      "scope",
                                      "assignmentReferenceId",
                                      "policyDefinitionReferenceIds",
                                      "resourceSelectors",
                                      "metadata",
                                      "assignmentScopeValidation",
                                      NULL };

static void
note_limits (LwExport *self, const LwExportItem *item)
{
  g_autoptr (GList) members = json_object_get_members (item->properties);

  for (GList *l = members; l != NULL; l = l->next)
    if (!lw_export_is_known (l->data))
      lw_export_note (self, _ ("%s: EPAC does not know “%s”, which is left out."), item->name,
                      (char *) l->data);
  if (item->expires != NULL && g_date_time_compare (item->expires, self->now) < 0)
    lw_export_note (self, _ ("%s: EPAC leaves an exemption that has expired as it is."),
                    item->name);
  if (strpbrk (item->name, "%&\\?/<>:#*+") != NULL || g_str_has_suffix (item->name, " "))
    lw_export_note (self, _ ("%s: EPAC refuses this name."), item->name);
}

/* Without what EPAC writes by itself. (nullable) (transfer full) */
static JsonObject *
own_metadata (LwExport *self, const LwExportItem *item)
{
  JsonObject *metadata = lw_json_object_copy (lw_json_get_object (item->properties, "metadata"));

  for (guint i = 0; metadata != NULL && i < G_N_ELEMENTS (reserved); i++)
    if (json_object_has_member (metadata, reserved[i]))
      {
        json_object_remove_member (metadata, reserved[i]);
        lw_export_note (self, _ ("%s: “%s” in the metadata is EPAC’s own and is left out."),
                        item->name, reserved[i]);
      }
  if (metadata != NULL && json_object_get_size (metadata) == 0)
    g_clear_pointer (&metadata, json_object_unref);
  return metadata;
}

static void
copy (const LwExportItem *item, JsonObject *to, const char *member)
{
  if (json_object_has_member (item->properties, member))
    json_object_set_member (to, member, json_object_dup_member (item->properties, member));
}

static JsonObject *
entry_of (LwExport *self, const LwExportItem *item)
{
  JsonObject *entry = json_object_new ();
  JsonObject *metadata = own_metadata (self, item);
  const char *title = lw_export_text (item, "displayName");

  json_object_set_string_member (entry, "name", item->name);
  json_object_set_string_member (entry, "displayName", title != NULL ? title : item->name);
  copy (item, entry, "description");
  copy (item, entry, "exemptionCategory");
  copy (item, entry, "expiresOn");
  json_object_set_string_member (entry, "scope", item->scope);
  copy (item, entry, "policyAssignmentId");
  copy (item, entry, "policyDefinitionReferenceIds");
  copy (item, entry, "resourceSelectors");
  copy (item, entry, "assignmentScopeValidation");
  if (metadata != NULL)
    json_object_set_object_member (entry, "metadata", metadata);
  return entry;
}

gboolean
lw_export_epac (LwExport *self, GError **error)
{
  g_autoptr (JsonObject) root = json_object_new ();
  g_autoptr (JsonNode) node = NULL;
  JsonArray *entries = json_array_new ();
  g_autofree char *text = NULL;

  for (guint i = 0; i < self->items->len; i++)
    {
      const LwExportItem *item = g_ptr_array_index (self->items, i);

      note_limits (self, item);
      json_array_add_object_element (entries, entry_of (self, item));
    }
  json_object_set_string_member (root, "$schema", SCHEMA);
  json_object_set_array_member (root, "exemptions", entries);
  node = json_node_init_object (json_node_alloc (), root);
  text = lw_json_pretty (node);
  lw_export_add_file (self, "exemptions", "json", g_string_new (text));
  return TRUE;
}

/* --- CSV ---------------------------------------------------------------------------------------------- */

static gboolean
refuse (const LwExportItem *item, const char *what, GError **error)
{
  g_set_error (error, LW_DOMAIN_ERROR, LW_DOMAIN_ERROR_TYPE,
               /* Translators: the first is a name, the second a member such as “scope”. */
               _ ("%s: EPAC’s CSV cannot hold this “%s”. Export to epac, which is JSON"),
               item->name, what);
  return FALSE;
}

static gboolean
is_formula (const char *text)
{
  return text[0] != '\0' && strchr ("=+-@\t\r", text[0]) != NULL;
}

/* "a&b" (transfer full) (nullable) */
static char *
join_references (const LwExportItem *item)
{
  JsonArray *references = lw_json_get_array (item->properties, "policyDefinitionReferenceIds");
  g_autoptr (GString) out = g_string_new (NULL);

  for (guint i = 0; references != NULL && i < json_array_get_length (references); i++)
    {
      const char *text = lw_json_array_get_string (references, i);
      g_autofree char *trimmed = text != NULL ? g_strstrip (g_strdup (text)) : NULL;

      if (trimmed == NULL || strchr (text, '&') != NULL || trimmed[0] == '\0' ||
          strcmp (trimmed, text) != 0)
        return NULL;
      g_string_append_printf (out, "%s%s", i > 0 ? "&" : "", text);
    }
  return g_string_free_and_steal (g_steal_pointer (&out));
}

static const char *
or_empty (const char *text)
{
  return text != NULL ? text : "";
}

static gboolean
append_row (LwExport *self, GString *out, const LwExportItem *item, GError **error)
{
  g_autoptr (JsonObject) entry = entry_of (self, item);
  g_autofree char *references = join_references (item);
  JsonNode *selectors = json_object_get_member (entry, "resourceSelectors");
  JsonNode *metadata = json_object_get_member (entry, "metadata");
  g_autofree char *selectors_text = selectors != NULL ? json_to_string (selectors, FALSE) : NULL;
  g_autofree char *metadata_text = metadata != NULL ? json_to_string (metadata, FALSE) : NULL;
  const char *const cells[] = {
    item->name,
    lw_json_get_string (entry, "displayName"),
    or_empty (lw_json_get_string (entry, "description")),
    or_empty (lw_json_get_string (entry, "exemptionCategory")),
    or_empty (lw_json_get_string (entry, "expiresOn")),
    item->scope,
    or_empty (lw_json_get_string (entry, "policyAssignmentId")),
    references,
    or_empty (selectors_text),
    or_empty (metadata_text),
    or_empty (lw_json_get_string (entry, "assignmentScopeValidation")),
    NULL,
  };

  if (references == NULL || is_formula (references))
    return refuse (item, "policyDefinitionReferenceIds", error);
  if (is_formula (item->name))
    return refuse (item, "name", error);
  if (is_formula (cells[3]))
    return refuse (item, "exemptionCategory", error);
  if (is_formula (cells[1]) || is_formula (cells[2]))
    lw_export_note (
        self,
        _ ("%s: a text begins like a formula; it got an apostrophe, which EPAC takes for a "
           "part of it."),
        item->name);
  lw_csv_append_row (out, cells, LW_CSV_SAFE);
  return TRUE;
}

gboolean
lw_export_epac_csv (LwExport *self, GError **error)
{
  g_autoptr (GString) out = g_string_new (NULL);

  lw_csv_append_row (out, header, LW_CSV_EXACT);
  for (guint i = 0; i < self->items->len; i++)
    {
      note_limits (self, g_ptr_array_index (self->items, i));
      if (!append_row (self, out, g_ptr_array_index (self->items, i), error))
        return FALSE;
    }
  lw_export_add_file (self, "exemptions", "csv", g_steal_pointer (&out));
  return TRUE;
}
