/* SPDX-License-Identifier: GPL-3.0-or-later */

/* ARM templates and Bicep: one file for each scope that is deployed to. */

#include "config.h"

#include "lw-domain-error.h"
#include "lw-export-private.h"

#include <glib/gi18n-lib.h>
#include <string.h>

typedef struct
{
  LwScopeKind kind;
  char *scope;
  GPtrArray *items; /* (element-type LwExportItem) (unowned) */
} Target;

static void
target_free (Target *self)
{
  g_free (self->scope);
  g_ptr_array_unref (self->items);
  g_free (self);
}

/* What a template has to be deployed to for an exemption there: a resource's is its group's or subscription's. */
static char *
deployment_scope (const LwExportItem *item)
{
  char *group;

  if (item->kind == LW_SCOPE_MANAGEMENT_GROUP)
    return g_strdup (item->scope);
  group = lw_arm_id_resource_group_scope (item->scope);
  return group != NULL ? group : lw_arm_id_subscription_scope (item->scope);
}

/* (nullable) (transfer full) (element-type Target) */
static GPtrArray *
find_targets (LwExport *self, GError **error)
{
  g_autoptr (GPtrArray) targets = g_ptr_array_new_with_free_func ((GDestroyNotify) target_free);

  for (guint i = 0; i < self->items->len; i++)
    {
      LwExportItem *item = g_ptr_array_index (self->items, i);
      g_autofree char *scope = deployment_scope (item);
      Target *target = NULL;

      if (scope == NULL || item->kind == LW_SCOPE_OTHER)
        {
          g_autofree char *shown = lw_code_comment (item->scope);

          g_set_error (error, LW_DOMAIN_ERROR, LW_DOMAIN_ERROR_TYPE,
                       _ ("A template cannot be deployed to “%s”"), shown);
          return NULL;
        }
      for (guint j = 0; j < targets->len && target == NULL; j++)
        if (lw_arm_id_equal (((Target *) g_ptr_array_index (targets, j))->scope, scope))
          target = g_ptr_array_index (targets, j);
      if (target == NULL)
        {
          target = g_new0 (Target, 1);
          target->scope = g_steal_pointer (&scope);
          target->kind = lw_scope_kind (target->scope);
          target->items = g_ptr_array_new ();
          g_ptr_array_add (targets, target);
        }
      g_ptr_array_add (target->items, item);
    }
  return g_steal_pointer (&targets);
}

static void
add_file (LwExport *self, Target *target, const char *extension, GString *text)
{
  g_autofree char *name = lw_arm_id_name (target->scope);
  g_autofree char *stem = g_strconcat ("exemptions-", name, NULL);

  lw_export_add_file (self, stem, extension, text);
}

/* "Microsoft.KeyVault/vaults/kv": what lies behind the deployment's scope. (nullable) */
static const char *
relative_scope (const LwExportItem *item, const Target *target)
{
  if (item->kind != LW_SCOPE_RESOURCE)
    return NULL;
  return item->scope + strlen (target->scope) + strlen ("/providers/");
}

/* --- ARM ---------------------------------------------------------------------------------------------- */

static const char *
schema_of (const Target *target)
{
  switch (target->kind)
    {
    case LW_SCOPE_MANAGEMENT_GROUP:
      return "https://schema.management.azure.com/schemas/2019-08-01/"
             "managementGroupDeploymentTemplate.json#";
    case LW_SCOPE_SUBSCRIPTION:
      return "https://schema.management.azure.com/schemas/2018-05-01/"
             "subscriptionDeploymentTemplate.json#";
    case LW_SCOPE_RESOURCE_GROUP:
    case LW_SCOPE_RESOURCE:
    case LW_SCOPE_OTHER:
    default:
      return "https://schema.management.azure.com/schemas/2019-04-01/deploymentTemplate.json#";
    }
}

static void
set_literal (JsonObject *object, const char *member, const char *text)
{
  g_autoptr (JsonNode) node = json_node_init_string (json_node_alloc (), text);

  json_object_set_member (object, member, lw_code_arm_literal (node));
}

static JsonObject *
arm_resource (const LwExportItem *item, const Target *target)
{
  JsonObject *object = json_object_new ();
  const char *scope = relative_scope (item, target);
  g_autoptr (JsonNode) properties = json_node_init_object (json_node_alloc (), item->properties);

  json_object_set_string_member (object, "type", LW_EXEMPTIONS_TYPE);
  json_object_set_string_member (object, "apiVersion", lw_export_api_version (item));
  if (scope != NULL)
    set_literal (object, "scope", scope);
  set_literal (object, "name", item->name);
  json_object_set_member (object, "properties", lw_code_arm_literal (properties));
  return object;
}

gboolean
lw_export_arm (LwExport *self, GError **error)
{
  g_autoptr (GPtrArray) targets = find_targets (self, error);

  if (targets == NULL)
    return FALSE;
  for (guint i = 0; i < targets->len; i++)
    {
      Target *target = g_ptr_array_index (targets, i);
      g_autoptr (JsonObject) template = json_object_new ();
      g_autoptr (JsonNode) node = NULL;
      JsonArray *resources = json_array_new ();
      g_autofree char *text = NULL;

      json_object_set_string_member (template, "$schema", schema_of (target));
      json_object_set_string_member (template, "contentVersion", "1.0.0.0");
      for (guint j = 0; j < target->items->len; j++)
        json_array_add_object_element (resources,
                                       arm_resource (g_ptr_array_index (target->items, j), target));
      json_object_set_array_member (template, "resources", resources);
      node = json_node_init_object (json_node_alloc (), template);
      text = lw_json_pretty (node);
      add_file (self, target, "json", g_string_new (text));
    }
  return TRUE;
}

/* --- Bicep -------------------------------------------------------------------------------------------- */

/* A version that knows the type, to refer to a resource that is there: its properties do not matter. (nullable) */
static const char *
version_of_type (const char *type)
{
  static const char *const versions[][2] = {
    { "Microsoft.ApiManagement/service", "2022-08-01" },
    { "Microsoft.App/containerApps", "2023-05-01" },
    { "Microsoft.Cache/redis", "2023-08-01" },
    { "Microsoft.CognitiveServices/accounts", "2023-05-01" },
    { "Microsoft.Compute/disks", "2023-04-02" },
    { "Microsoft.Compute/virtualMachines", "2023-03-01" },
    { "Microsoft.Compute/virtualMachineScaleSets", "2023-03-01" },
    { "Microsoft.ContainerRegistry/registries", "2023-07-01" },
    { "Microsoft.ContainerService/managedClusters", "2023-08-01" },
    { "Microsoft.Databricks/workspaces", "2023-02-01" },
    { "Microsoft.DataFactory/factories", "2018-06-01" },
    { "Microsoft.DBforMySQL/flexibleServers", "2021-05-01" },
    { "Microsoft.DBforPostgreSQL/flexibleServers", "2022-12-01" },
    { "Microsoft.DocumentDB/databaseAccounts", "2023-04-15" },
    { "Microsoft.EventHub/namespaces", "2021-11-01" },
    { "Microsoft.Insights/components", "2020-02-02" },
    { "Microsoft.KeyVault/vaults", "2023-07-01" },
    { "Microsoft.MachineLearningServices/workspaces", "2023-04-01" },
    { "Microsoft.ManagedIdentity/userAssignedIdentities", "2023-01-31" },
    { "Microsoft.Network/applicationGateways", "2023-04-01" },
    { "Microsoft.Network/loadBalancers", "2023-04-01" },
    { "Microsoft.Network/networkInterfaces", "2023-04-01" },
    { "Microsoft.Network/networkSecurityGroups", "2023-04-01" },
    { "Microsoft.Network/privateEndpoints", "2023-04-01" },
    { "Microsoft.Network/publicIPAddresses", "2023-04-01" },
    { "Microsoft.Network/virtualNetworks", "2023-04-01" },
    { "Microsoft.Network/virtualNetworks/subnets", "2023-04-01" },
    { "Microsoft.OperationalInsights/workspaces", "2022-10-01" },
    { "Microsoft.Search/searchServices", "2022-09-01" },
    { "Microsoft.ServiceBus/namespaces", "2021-11-01" },
    { "Microsoft.Sql/servers", "2021-11-01" },
    { "Microsoft.Sql/servers/databases", "2021-11-01" },
    { "Microsoft.Storage/storageAccounts", "2023-01-01" },
    { "Microsoft.Synapse/workspaces", "2021-06-01" },
    { "Microsoft.Web/serverfarms", "2022-09-01" },
    { "Microsoft.Web/sites", "2022-09-01" },
  };

  for (guint i = 0; i < G_N_ELEMENTS (versions); i++)
    if (g_ascii_strcasecmp (versions[i][0], type) == 0)
      return versions[i][1];
  return NULL;
}

/* "server/database" of "…/servers/server/databases/database". */
static char *
full_name (const char *relative)
{
  g_auto (GStrv) parts = g_strsplit (relative, "/", -1);
  GString *out = g_string_new (NULL);

  for (guint i = 2; parts[0] != NULL && parts[1] != NULL && parts[i] != NULL; i += 2)
    {
      g_string_append_printf (out, "%s%s", i > 2 ? "/" : "", parts[i]);
      if (parts[i + 1] == NULL)
        break;
    }
  return g_string_free_and_steal (out);
}

/* The resource that an exemption hangs on, by a symbol. */
static char *
append_existing (GString *out,
                 GHashTable *symbols,
                 const LwExportItem *item,
                 const Target *target,
                 GError **error)
{
  const char *relative = relative_scope (item, target);
  g_autofree char *type = lw_arm_id_resource_type (item->scope);
  const char *version =
      type != NULL && strstr (relative, "/providers/") == NULL ? version_of_type (type) : NULL;
  g_autofree char *name = NULL;
  g_autofree char *wanted = NULL;
  char *symbol;

  if (version == NULL)
    {
      g_autofree char *shown = lw_code_comment (type != NULL ? type : item->scope);

      g_set_error (error, LW_DOMAIN_ERROR, LW_DOMAIN_ERROR_TYPE,
                   _ ("Bicep names a resource by a version of its type, and none is known here for "
                      "“%s”. An ARM template needs none: export to arm"),
                   shown);
      return NULL;
    }
  name = full_name (relative);
  wanted = g_strconcat ("of_", name, NULL);
  symbol = lw_export_symbol (symbols, wanted);
  g_string_append_printf (out, "resource %s '%s@%s' existing = {\n  name: ", symbol, type, version);
  lw_code_append_bicep_string (out, name);
  g_string_append (out, "\n}\n\n");
  return symbol;
}

static gboolean
append_bicep (GString *out,
              GHashTable *symbols,
              const LwExportItem *item,
              const Target *target,
              GError **error)
{
  g_autofree char *existing = NULL;
  g_autofree char *symbol = NULL;
  g_autoptr (JsonNode) properties = json_node_init_object (json_node_alloc (), item->properties);

  if (item->kind == LW_SCOPE_RESOURCE &&
      (existing = append_existing (out, symbols, item, target, error)) == NULL)
    return FALSE;
  symbol = lw_export_symbol (symbols, item->name);
  g_string_append_printf (out, "resource %s '%s@%s' = {\n", symbol, LW_EXEMPTIONS_TYPE,
                          lw_export_api_version (item));
  if (existing != NULL)
    g_string_append_printf (out, "  scope: %s\n", existing);
  g_string_append (out, "  name: ");
  lw_code_append_bicep_string (out, item->name);
  g_string_append (out, "\n  properties: ");
  lw_code_append_bicep (out, properties, 1);
  g_string_append (out, "\n}\n");
  return TRUE;
}

gboolean
lw_export_bicep (LwExport *self, GError **error)
{
  g_autoptr (GPtrArray) targets = find_targets (self, error);

  if (targets == NULL)
    return FALSE;
  for (guint i = 0; i < targets->len; i++)
    {
      Target *target = g_ptr_array_index (targets, i);
      g_autoptr (GHashTable) symbols =
          g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
      g_autoptr (GString) out = g_string_new (NULL);

      g_string_append_printf (out, "targetScope = '%s'\n\n",
                              target->kind == LW_SCOPE_MANAGEMENT_GROUP ? "managementGroup"
                              : target->kind == LW_SCOPE_SUBSCRIPTION   ? "subscription"
                                                                        : "resourceGroup");
      for (guint j = 0; j < target->items->len; j++)
        {
          g_string_append (out, j > 0 ? "\n" : "");
          if (!append_bicep (out, symbols, g_ptr_array_index (target->items, j), target, error))
            return FALSE;
        }
      add_file (self, target, "bicep", g_steal_pointer (&out));
    }
  return TRUE;
}
