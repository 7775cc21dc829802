/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "config.h"

#include "lw-domain-error.h"
#include "lw-export-private.h"

#include <glib/gi18n-lib.h>
#include <string.h>

static const struct
{
  LwScopeKind kind;
  const char *type;
  const char *argument;
} types[] = {
  { LW_SCOPE_MANAGEMENT_GROUP, "azurerm_management_group_policy_exemption", "management_group_id" },
  { LW_SCOPE_SUBSCRIPTION, "azurerm_subscription_policy_exemption", "subscription_id" },
  { LW_SCOPE_RESOURCE_GROUP, "azurerm_resource_group_policy_exemption", "resource_group_id" },
  { LW_SCOPE_RESOURCE, "azurerm_resource_policy_exemption", "resource_id" },
};

/* What azurerm cannot say of it; NULL for nothing. */
static const char *
beyond_azurerm (const LwExportItem *item)
{
  const char *validation = lw_export_text (item, "assignmentScopeValidation");
  const char *category = lw_export_text (item, "exemptionCategory");

  if (lw_json_get_array (item->properties, "resourceSelectors") != NULL)
    return "resource selectors";
  if (validation != NULL && strcmp (validation, "Default") != 0)
    return "an assignment scope validation";
  if (lw_export_has_unknown (item))
    return "properties that are newer than it";
  if (strcmp (category, "Waiver") != 0 && strcmp (category, "Mitigated") != 0)
    return "this category";
  if (item->kind == LW_SCOPE_OTHER)
    return "this kind of scope";
  return NULL;
}

static void
append_argument (GString *out, const char *name, const char *text)
{
  if (text == NULL)
    return;
  g_string_append_printf (out, "  %s = ", name);
  lw_code_append_hcl_string (out, text);
  g_string_append_c (out, '\n');
}

static void
append_azurerm (GString *out, const LwExportItem *item, guint type)
{
  JsonArray *references = lw_json_get_array (item->properties, "policyDefinitionReferenceIds");
  JsonObject *metadata = lw_json_get_object (item->properties, "metadata");

  append_argument (out, "name", item->name);
  append_argument (out, types[type].argument, item->scope);
  append_argument (out, "policy_assignment_id", lw_export_text (item, "policyAssignmentId"));
  append_argument (out, "exemption_category", lw_export_text (item, "exemptionCategory"));
  append_argument (out, "display_name", lw_export_text (item, "displayName"));
  append_argument (out, "description", lw_export_text (item, "description"));
  append_argument (out, "expires_on", lw_export_text (item, "expiresOn"));
  if (references != NULL)
    {
      g_autoptr (JsonNode) node = json_node_init_array (json_node_alloc (), references);

      g_string_append (out, "  policy_definition_reference_ids = ");
      lw_code_append_hcl (out, node, 1);
      g_string_append_c (out, '\n');
    }
  if (metadata != NULL)
    {
      g_autoptr (JsonNode) node = json_node_init_object (json_node_alloc (), metadata);

      g_string_append (out, "\n  metadata = jsonencode(");
      lw_code_append_hcl (out, node, 1);
      g_string_append (out, ")\n");
    }
}

static void
append_azapi (GString *out, const LwExportItem *item, const char *why)
{
  g_autoptr (JsonObject) body = json_object_new ();
  g_autoptr (JsonNode) node = json_node_init_object (json_node_alloc (), body);
  g_autofree char *type =
      g_strdup_printf ("%s@%s", LW_EXEMPTIONS_TYPE, lw_export_api_version (item));

  g_string_append_printf (out, "  # azapi, as azurerm has no word for %s\n", why);
  append_argument (out, "type", type);
  append_argument (out, "name", item->name);
  append_argument (out, "parent_id", item->scope);
  if (lw_export_has_unknown (item))
    g_string_append (out, "  schema_validation_enabled = false\n");
  json_object_set_object_member (body, "properties", json_object_ref (item->properties));
  g_string_append (out, "\n  body = ");
  lw_code_append_hcl (out, node, 1);
  g_string_append_c (out, '\n');
}

gboolean
lw_export_terraform (LwExport *self, GError **error)
{
  g_autoptr (GHashTable) labels = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  GString *out = g_string_new (NULL);

  for (guint i = 0; i < self->items->len; i++)
    {
      const LwExportItem *item = g_ptr_array_index (self->items, i);
      const char *why = beyond_azurerm (item);
      g_autofree char *label = lw_export_symbol (labels, item->name);
      const char *type = "azapi_resource";
      guint n = 0;

      while (why == NULL && n < G_N_ELEMENTS (types) - 1 && types[n].kind != item->kind)
        n++;
      if (why == NULL)
        type = types[n].type;
      else
        lw_export_note (self, _ ("%s: written for azapi, as azurerm has no word for %s."),
                        item->name, why);
      g_string_append_printf (out, "%sresource \"%s\" \"%s\" {\n", i > 0 ? "\n" : "", type, label);
      if (why == NULL)
        append_azurerm (out, item, n);
      else
        append_azapi (out, item, why);
      g_string_append (out, "}\n");
      if (item->exists)
        {
          g_string_append_printf (out, "\n# it is there already\nimport {\n  to = %s.%s\n", type,
                                  label);
          append_argument (out, "id", item->id);
          g_string_append (out, "}\n");
        }
    }
  lw_export_add_file (self, "exemptions", "tf", out);
  return TRUE;
}
