/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "lw-refusal-private.h"

#include <string.h>

#define MAX_SEGMENTS 64

static gboolean
same (const char *a, const char *b)
{
  return a != NULL && b != NULL && g_ascii_strcasecmp (a, b) == 0;
}

gboolean
lw_refusal_is_type (const char *text)
{
  const char *slash = text != NULL ? strchr (text, '/') : NULL;

  if (slash == NULL || slash == text || slash[1] == '\0' || strlen (text) > 200 ||
      !g_ascii_isalpha (text[0]) || memchr (text, '.', (gsize) (slash - text)) == NULL)
    return FALSE;
  for (const char *p = text; *p != '\0'; p++)
    if (!g_ascii_isalnum (*p) && strchr ("./-_", *p) == NULL)
      return FALSE;
  return strstr (text, "//") == NULL && !g_str_has_suffix (text, "/");
}

gboolean
lw_refusal_is_location (const char *text)
{
  if (text == NULL || !g_ascii_isalpha (text[0]) || strlen (text) > 40)
    return FALSE;
  for (const char *p = text; *p != '\0'; p++)
    if (!g_ascii_isalnum (*p) && *p != ' ')
      return FALSE;
  return TRUE;
}

/* How many segments of "namespace/type/name[/type/name…]" from @parts on belong to a resource; what
 * follows, as a portal address has it, does not. */
static guint
resource_length (char **parts)
{
  guint n = 0;

  if (parts[0] == NULL || strchr (parts[0], '.') == NULL || parts[1] == NULL || parts[2] == NULL)
    return 0;
  n = 3;
  while (parts[n] != NULL && parts[n + 1] != NULL && !same (parts[n], "providers"))
    n += 2;
  if (same (parts[n], "providers"))
    {
      guint more = resource_length (parts + n + 1);

      if (more > 0)
        n += 1 + more;
    }
  return n;
}

static char *
join (char **parts, guint n)
{
  GString *out = g_string_new (NULL);

  for (guint i = 0; i < n; i++)
    g_string_append_printf (out, "/%s", parts[i]);
  return g_string_free_and_steal (out);
}

static gboolean
has_blank_name (char **parts)
{
  for (guint i = 0; parts[i] != NULL; i++)
    if (parts[i][0] == '\0' || strcmp (parts[i], ".") == 0 || strcmp (parts[i], "..") == 0)
      return TRUE;
  return FALSE;
}

/* How many segments say where something lies: a subscription, a group or a management group. */
static guint
scope_length (char **parts)
{
  if (same (parts[0], "subscriptions") && parts[1] != NULL && g_uuid_string_is_valid (parts[1]))
    return same (parts[2], "resourceGroups") && parts[3] != NULL ? 4 : 2;
  if (same (parts[0], "providers") && same (parts[1], "Microsoft.Management") &&
      same (parts[2], "managementGroups") && parts[3] != NULL)
    return 4;
  return 0;
}

static LwRefusalIdKind
kind_of_resource (char **parts, guint scope, guint length)
{
  static const struct
  {
    const char *type;
    LwRefusalIdKind kind;
  } kinds[] = {
    { "policyAssignments", LW_REFUSAL_ID_ASSIGNMENT },
    { "policyDefinitions", LW_REFUSAL_ID_DEFINITION },
    { "policySetDefinitions", LW_REFUSAL_ID_SET },
    { "policyExemptions", LW_REFUSAL_ID_EXEMPTION },
  };
  static const char *const context[][2] = {
    { "Microsoft.Resources", "deployments" },
    { "Microsoft.Insights", "eventtypes" },
    { "Microsoft.Resources", "deploymentStacks" },
    { "Microsoft.PolicyInsights", NULL },
    { "Microsoft.Management", NULL },
  };

  for (guint i = scope; i + 2 < scope + length; i++)
    {
      if (!same (parts[i], "providers"))
        continue;
      if (same (parts[i + 1], "Microsoft.Authorization"))
        for (guint k = 0; k < G_N_ELEMENTS (kinds); k++)
          if (same (parts[i + 2], kinds[k].type))
            return kinds[k].kind;
      if (same (parts[i + 2], "locations"))
        return LW_REFUSAL_ID_CONTEXT;
      for (guint k = 0; k < G_N_ELEMENTS (context); k++)
        if (same (parts[i + 1], context[k][0]) &&
            (context[k][1] == NULL || same (parts[i + 2], context[k][1])))
          return LW_REFUSAL_ID_CONTEXT;
    }
  return LW_REFUSAL_ID_RESOURCE;
}

LwRefusalIdKind
lw_refusal_id (const char *text, char **id)
{
  g_autofree char *whole = lw_arm_id_normalize (text);
  g_auto (GStrv) parts = NULL;
  LwRefusalIdKind kind;
  guint scope;
  guint length;

  *id = NULL;
  /* placeholders and masks are no ids */
  if (whole[0] != '/' || strpbrk (whole, "{}<>*?#\"|\\\n") != NULL || strstr (whole, "…") != NULL)
    return LW_REFUSAL_ID_NONE;
  parts = g_strsplit (whole + 1, "/", MAX_SEGMENTS);
  if (g_strv_length (parts) >= MAX_SEGMENTS || has_blank_name (parts))
    return LW_REFUSAL_ID_NONE;
  scope = scope_length (parts);
  length = same (parts[scope], "providers") ? resource_length (parts + scope + 1) : 0;
  if (length > 0)
    {
      kind = kind_of_resource (parts, scope, length + 1);
      if (scope == 0 && (kind == LW_REFUSAL_ID_RESOURCE || kind == LW_REFUSAL_ID_CONTEXT))
        return LW_REFUSAL_ID_NONE;
      /* an assignment at a resource has the resource's segments before it */
      *id = join (parts, kind == LW_REFUSAL_ID_CONTEXT ? scope : scope + 1 + length);
      if (kind == LW_REFUSAL_ID_RESOURCE && lw_scope_kind (*id) == LW_SCOPE_OTHER)
        {
          g_clear_pointer (id, g_free);
          return LW_REFUSAL_ID_NONE;
        }
      return kind;
    }
  if (scope == 0)
    return LW_REFUSAL_ID_NONE;
  *id = join (parts, scope);
  if (lw_scope_kind (*id) != LW_SCOPE_OTHER)
    return LW_REFUSAL_ID_SCOPE;
  g_clear_pointer (id, g_free);
  return LW_REFUSAL_ID_NONE;
}

/* --- what tools call a type -------------------------------------------------------------------------- */

const char *
lw_refusal_type_of_tool (const char *word)
{
  static const struct
  {
    const char *terraform;
    const char *powershell;
    const char *az;
    const char *type;
  } tools[] = {
    { "storage_account", "StorageAccount", "storage account", "Microsoft.Storage/storageAccounts" },
    { "key_vault", "KeyVault", "keyvault", "Microsoft.KeyVault/vaults" },
    { "linux_virtual_machine", "VM", "vm", "Microsoft.Compute/virtualMachines" },
    { "windows_virtual_machine", "VM", NULL, "Microsoft.Compute/virtualMachines" },
    { "virtual_machine", NULL, NULL, "Microsoft.Compute/virtualMachines" },
    { "linux_virtual_machine_scale_set", "Vmss", "vmss",
      "Microsoft.Compute/virtualMachineScaleSets" },
    { "managed_disk", "Disk", "disk", "Microsoft.Compute/disks" },
    { "public_ip", "PublicIpAddress", "network public-ip", "Microsoft.Network/publicIPAddresses" },
    { "network_interface", "NetworkInterface", "network nic",
      "Microsoft.Network/networkInterfaces" },
    { "virtual_network", "VirtualNetwork", "network vnet", "Microsoft.Network/virtualNetworks" },
    { "subnet", NULL, "network vnet subnet", "Microsoft.Network/virtualNetworks/subnets" },
    { "network_security_group", "NetworkSecurityGroup", "network nsg",
      "Microsoft.Network/networkSecurityGroups" },
    { "route_table", "RouteTable", "network route-table", "Microsoft.Network/routeTables" },
    { "application_gateway", "ApplicationGateway", "network application-gateway",
      "Microsoft.Network/applicationGateways" },
    { "lb", "LoadBalancer", "network lb", "Microsoft.Network/loadBalancers" },
    { "private_endpoint", "PrivateEndpoint", "network private-endpoint",
      "Microsoft.Network/privateEndpoints" },
    { "kubernetes_cluster", "AksCluster", "aks", "Microsoft.ContainerService/managedClusters" },
    { "container_registry", "ContainerRegistry", "acr", "Microsoft.ContainerRegistry/registries" },
    { "container_group", "ContainerGroup", "container",
      "Microsoft.ContainerInstance/containerGroups" },
    { "container_app", "ContainerApp", "containerapp", "Microsoft.App/containerApps" },
    { "service_plan", "AppServicePlan", "appservice plan", "Microsoft.Web/serverfarms" },
    { "linux_web_app", "WebApp", "webapp", "Microsoft.Web/sites" },
    { "windows_web_app", NULL, NULL, "Microsoft.Web/sites" },
    { "linux_function_app", "FunctionApp", "functionapp", "Microsoft.Web/sites" },
    { "windows_function_app", NULL, NULL, "Microsoft.Web/sites" },
    { "cognitive_account", "CognitiveServicesAccount", "cognitiveservices account",
      "Microsoft.CognitiveServices/accounts" },
    { "ai_services", NULL, NULL, "Microsoft.CognitiveServices/accounts" },
    { "machine_learning_workspace", "MLWorkspace", "ml workspace",
      "Microsoft.MachineLearningServices/workspaces" },
    { "search_service", "SearchService", "search service", "Microsoft.Search/searchServices" },
    { "cosmosdb_account", "CosmosDBAccount", "cosmosdb", "Microsoft.DocumentDB/databaseAccounts" },
    { "mssql_server", "SqlServer", "sql server", "Microsoft.Sql/servers" },
    { "mssql_database", "SqlDatabase", "sql db", "Microsoft.Sql/servers/databases" },
    { "postgresql_flexible_server", "PostgreSqlFlexibleServer", "postgres flexible-server",
      "Microsoft.DBforPostgreSQL/flexibleServers" },
    { "mysql_flexible_server", "MySqlFlexibleServer", "mysql flexible-server",
      "Microsoft.DBforMySQL/flexibleServers" },
    { "redis_cache", "RedisCache", "redis", "Microsoft.Cache/redis" },
    { "eventhub_namespace", "EventHubNamespace", "eventhubs namespace",
      "Microsoft.EventHub/namespaces" },
    { "servicebus_namespace", "ServiceBusNamespace", "servicebus namespace",
      "Microsoft.ServiceBus/namespaces" },
    { "data_factory", "DataFactoryV2", "datafactory", "Microsoft.DataFactory/factories" },
    { "databricks_workspace", "DatabricksWorkspace", "databricks workspace",
      "Microsoft.Databricks/workspaces" },
    { "synapse_workspace", "SynapseWorkspace", "synapse workspace",
      "Microsoft.Synapse/workspaces" },
    { "log_analytics_workspace", "OperationalInsightsWorkspace", "monitor log-analytics workspace",
      "Microsoft.OperationalInsights/workspaces" },
    { "api_management", "ApiManagement", "apim", "Microsoft.ApiManagement/service" },
    { "user_assigned_identity", "UserAssignedIdentity", "identity",
      "Microsoft.ManagedIdentity/userAssignedIdentities" },
    { "resource_group", "ResourceGroup", "group",
      "Microsoft.Resources/subscriptions/resourceGroups" },
  };

  if (g_str_has_prefix (word, "azurerm_"))
    word += strlen ("azurerm_");
  else if (g_ascii_strncasecmp (word, "Az", 2) == 0 && g_ascii_isupper (word[2]))
    word += 2;
  for (guint i = 0; i < G_N_ELEMENTS (tools); i++)
    if (same (word, tools[i].terraform) || same (word, tools[i].powershell) ||
        same (word, tools[i].az))
      return tools[i].type;
  return NULL;
}
