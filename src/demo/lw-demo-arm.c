/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Resource Manager's front door: tokens, api-versions, and what lies under a scope. */

#include "lw-demo-arm.h"

#include "lw-demo-denials.h"
#include "lw-demo-json.h"
#include "lw-demo-quota.h"

#include <string.h>

#define SUBSCRIPTION_READ "Microsoft.Resources/subscriptions/read"
#define GROUP_READ        "Microsoft.Resources/subscriptions/resourceGroups/read"

void
lw_demo_metadata_handle (LwDemoCall *self)
{
  g_autoptr (JsonObject) object = json_object_new ();
  JsonObject *authentication = json_object_new ();
  JsonObject *suffixes = json_object_new ();
  JsonArray *audiences = json_array_new ();
  g_autofree char *graph = g_strconcat (self->base, "/graph/", NULL);
  const char *const here[] = {
    "portal",        "resourceManager",        "gallery", "batch", "media",
    "sqlManagement", "activeDirectoryDataLake"
  };

  json_object_set_string_member (object, "name", "LeewayDemo");
  for (guint i = 0; i < G_N_ELEMENTS (here); i++)
    json_object_set_string_member (object, here[i], self->base);
  json_object_set_string_member (object, "graph", graph);
  json_object_set_string_member (object, "graphAudience", graph);
  json_object_set_string_member (object, "microsoftGraphResourceId", graph);
  json_array_add_string_element (audiences, self->base);
  json_array_add_string_element (audiences, "https://management.azure.com/");
  json_object_set_string_member (authentication, "loginEndpoint", self->base);
  json_object_set_array_member (authentication, "audiences", audiences);
  json_object_set_string_member (authentication, "tenant", "common");
  json_object_set_string_member (authentication, "identityProvider", "AAD");
  json_object_set_object_member (object, "authentication", authentication);
  json_object_set_string_member (suffixes, "storage", "core.localhost");
  json_object_set_string_member (suffixes, "keyVaultDns", "vault.localhost");
  json_object_set_string_member (suffixes, "acrLoginServer", "acr.localhost");
  json_object_set_object_member (object, "suffixes", suffixes);
  lw_demo_call_reply_object (self, 200, object);
}

static gboolean
authenticate (LwDemoCall *self)
{
  g_autofree char *problem = NULL;
  g_autofree char *challenge = NULL;
  gboolean sent = lw_demo_call_header (self, "Authorization") != NULL;

  if (lw_demo_call_authenticate (self, LW_DEMO_AUDIENCE_ARM, &problem))
    return TRUE;

  challenge = g_strdup_printf ("Bearer authorization_uri=\"%s/%s\", error=\"invalid_token\", "
                               "error_description=\"%s\"",
                               self->base, self->tenant->id, problem);
  lw_demo_call_set_header (self, "WWW-Authenticate", challenge);
  lw_demo_call_fail_gateway (self, 401,
                             !sent ? "AuthenticationFailed"
                             : strstr (problem, "wrong audience") != NULL
                                 ? "InvalidAuthenticationTokenAudience"
                             : strstr (problem, "expired") != NULL ? "ExpiredAuthenticationToken"
                                                                   : "InvalidAuthenticationToken",
                             "%s", problem);

  return FALSE;
}

gboolean
lw_demo_call_supports (LwDemoCall *self, const char *type, const char *const *versions)
{
  const char *version = lw_demo_call_query (self, "api-version");
  g_autofree char *known = NULL;

  if (version == NULL || *version == '\0')
    {
      lw_demo_call_fail_gateway (
          self, 400, "MissingApiVersionParameter",
          "The api-version query parameter (?api-version=) is required for all "
          "requests.");
      return FALSE;
    }
  if (versions == NULL)
    {
      if (g_regex_match_simple ("^\\d{4}-\\d{2}-\\d{2}(-[a-z]+)?$", version, 0, 0))
        return TRUE;
      lw_demo_call_fail_gateway (self, 400, "InvalidApiVersionParameter",
                                 "The api-version '%s' is invalid. The supported versions are "
                                 "'2024-03-01,2022-12-01,2021-04-01,2020-05-01,2019-10-01'.",
                                 version);
      return FALSE;
    }
  if (g_strv_contains (versions, version))
    return TRUE;

  known = g_strjoinv (", ", (GStrv) versions);
  lw_demo_call_fail_gateway (self, 400, "NoRegisteredProviderFound",
                             "No registered resource provider found for location 'global' and API "
                             "version '%s' for type '%s'. The supported api-versions are '%s'. The "
                             "supported locations are ', global'.",
                             version, type, known);

  return FALSE;
}

char *
lw_demo_call_next_link (LwDemoCall *self, guint offset)
{
  GString *link = g_string_new (self->base);
  g_autofree char *path = lw_demo_call_path (self, self->n_path);
  g_autofree char *escaped = g_uri_escape_string (path, "/", FALSE);
  GHashTableIter iter;
  gpointer name, value;

  g_string_append_printf (link, "%s?$skiptoken=%u", escaped, offset);
  g_hash_table_iter_init (&iter, self->query);
  while (g_hash_table_iter_next (&iter, &name, &value))
    {
      g_autofree char *text = g_uri_escape_string (value, "()'", FALSE);

      if (!g_str_equal (name, "$skiptoken"))
        g_string_append_printf (link, "&%s=%s", (char *) name, text);
    }

  return g_string_free (link, FALSE);
}

/* Answers {"value": […]} with one page of the objects, which are taken. */
void
lw_demo_call_reply_list (LwDemoCall *self, GPtrArray *objects)
{
  guint start = lw_demo_call_query_uint (self, "$skiptoken", 0);
  guint top = lw_demo_call_query_uint (self, "$top", self->demo->page_size);
  g_autoptr (JsonObject) answer = json_object_new ();
  JsonArray *value = json_array_new ();
  guint i;

  top = CLAMP (top, 1, self->demo->page_size);
  for (i = start; i < objects->len && i < start + top; i++)
    json_array_add_object_element (value, json_object_ref (g_ptr_array_index (objects, i)));
  json_object_set_array_member (answer, "value", value);
  if (i < objects->len)
    {
      g_autofree char *link = lw_demo_call_next_link (self, i);

      json_object_set_string_member (answer, "nextLink", link);
    }
  lw_demo_call_reply_object (self, 200, answer);
}

static JsonObject *
subscription_json (LwDemoTenant *tenant, const LwDemoNode *node)
{
  JsonObject *object = json_object_new ();
  JsonObject *policies = json_object_new ();

  json_object_set_string_member (object, "id", node->id);
  json_object_set_string_member (object, "authorizationSource", "RoleBased");
  json_object_set_array_member (object, "managedByTenants", json_array_new ());
  if (node->tags != NULL)
    json_object_set_object_member (object, "tags", json_object_ref (node->tags));
  json_object_set_string_member (object, "subscriptionId", node->name);
  json_object_set_string_member (object, "tenantId", tenant->id);
  json_object_set_string_member (object, "displayName", node->display);
  json_object_set_string_member (object, "state", "Enabled");
  json_object_set_string_member (policies, "locationPlacementId", "Internal_2014-09-01");
  json_object_set_string_member (policies, "quotaId", "Internal_2014-09-01");
  json_object_set_string_member (policies, "spendingLimit", "Off");
  json_object_set_object_member (object, "subscriptionPolicies", policies);

  return object;
}

static JsonObject *
resource_group_json (const LwDemoNode *node)
{
  JsonObject *object = json_object_new ();
  JsonObject *properties = json_object_new ();

  json_object_set_string_member (object, "id", node->id);
  json_object_set_string_member (object, "name", node->name);
  json_object_set_string_member (object, "type", node->type);
  json_object_set_string_member (object, "location", node->location);
  if (node->tags != NULL)
    json_object_set_object_member (object, "tags", json_object_ref (node->tags));
  json_object_set_string_member (properties, "provisioningState", "Succeeded");
  json_object_set_object_member (object, "properties", properties);

  return object;
}

JsonObject *
lw_demo_resource_json (const LwDemoNode *node)
{
  static const char *const members[] = { "sku", "kind", "identity", NULL };
  JsonObject *object = json_object_new ();

  json_object_set_string_member (object, "id", node->id);
  json_object_set_string_member (object, "name", node->name);
  json_object_set_string_member (object, "type", node->type);
  for (guint i = 0; members[i] != NULL; i++)
    if (node->extra != NULL && json_object_has_member (node->extra, members[i]))
      json_object_set_member (object, members[i],
                              lw_demo_json_copy (json_object_get_member (node->extra, members[i])));
  json_object_set_string_member (object, "location", node->location);
  if (node->tags != NULL)
    json_object_set_object_member (object, "tags", json_object_ref (node->tags));

  return object;
}

static GPtrArray *
new_objects (void)
{
  return g_ptr_array_new_with_free_func ((GDestroyNotify) json_object_unref);
}

/* A subscription shows when the caller may read it or anything in it. */
gboolean
lw_demo_call_sees_subscription (LwDemoCall *self, const LwDemoNode *node)
{
  LwDemoPerson *person = self->caller->person;

  if (lw_demo_person_can_node (person, SUBSCRIPTION_READ, node))
    return TRUE;
  for (guint i = 0; i < person->roles->len; i++)
    {
      LwDemoRoleAssignment *held = g_ptr_array_index (person->roles, i);

      if (held->scope->anchor == node && held->scope->kind > LW_DEMO_SUBSCRIPTION)
        return TRUE;
    }

  return FALSE;
}

static void
list_subscriptions (LwDemoCall *self)
{
  g_autoptr (GPtrArray) objects = new_objects ();

  for (guint i = 0; i < self->tenant->subscriptions->len; i++)
    {
      const LwDemoNode *node = g_ptr_array_index (self->tenant->subscriptions, i);

      if (lw_demo_call_sees_subscription (self, node))
        g_ptr_array_add (objects, subscription_json (self->tenant, node));
    }
  lw_demo_call_reply_list (self, objects);
}

static gboolean
filter_tag (const char *filter, const LwDemoNode *node)
{
  g_autoptr (GRegex) regex =
      g_regex_new ("^\\s*tagName eq '([^']*)'(?:\\s+and\\s+tagValue eq '([^']*)')?\\s*$",
                   G_REGEX_CASELESS, 0, NULL);
  g_autoptr (GMatchInfo) match = NULL;
  g_autofree char *name = NULL;
  g_autofree char *value = NULL;
  const char *held;

  if (filter == NULL || !g_regex_match (regex, filter, 0, &match))
    return TRUE;
  name = g_match_info_fetch (match, 1);
  value = g_match_info_fetch (match, 2);
  held = lw_demo_json_string (node->tags, name);

  return held != NULL && (value == NULL || *value == '\0' || g_str_equal (held, value));
}

static gboolean
filter_type (const char *filter, const LwDemoNode *node)
{
  g_autoptr (GRegex) regex = g_regex_new ("resourceType eq '([^']*)'", G_REGEX_CASELESS, 0, NULL);
  g_autoptr (GMatchInfo) match = NULL;
  g_autofree char *type = NULL;

  if (filter == NULL || !g_regex_match (regex, filter, 0, &match))
    return TRUE;
  type = g_match_info_fetch (match, 1);

  return g_ascii_strcasecmp (type, node->type) == 0;
}

static void
list_resource_groups (LwDemoCall *self, LwDemoScope *scope)
{
  g_autoptr (GPtrArray) objects = new_objects ();
  const char *filter = lw_demo_call_query (self, "$filter");

  if (!lw_demo_call_sees_subscription (self, scope->node))
    {
      lw_demo_call_fail_right (self, GROUP_READ, scope->id);
      return;
    }
  for (guint i = 0; i < scope->node->children->len; i++)
    {
      const LwDemoNode *node = g_ptr_array_index (scope->node->children, i);

      if (filter_tag (filter, node) &&
          lw_demo_person_can_node (self->caller->person, GROUP_READ, node))
        g_ptr_array_add (objects, resource_group_json (node));
    }
  lw_demo_call_reply_list (self, objects);
}

static void
list_resources (LwDemoCall *self, LwDemoScope *scope)
{
  g_autoptr (GPtrArray) objects = new_objects ();
  const char *filter = lw_demo_call_query (self, "$filter");

  if (!lw_demo_call_sees_subscription (self, scope->anchor))
    {
      lw_demo_call_fail_right (self, SUBSCRIPTION_READ, scope->id);
      return;
    }
  for (guint i = 0; i < self->tenant->resources->len; i++)
    {
      const LwDemoNode *node = g_ptr_array_index (self->tenant->resources, i);

      if (lw_demo_node_within (node, scope) && filter_type (filter, node) &&
          filter_tag (filter, node) &&
          lw_demo_person_can_node (self->caller->person, "Microsoft.Resources/read", node))
        g_ptr_array_add (objects, lw_demo_resource_json (node));
    }
  lw_demo_call_reply_list (self, objects);
}

static void
get_scope (LwDemoCall *self, LwDemoScope *scope)
{
  g_autoptr (JsonObject) object = NULL;
  g_autofree char *action = NULL;

  if (scope->kind == LW_DEMO_SUBSCRIPTION)
    action = g_strdup (SUBSCRIPTION_READ);
  else if (scope->kind == LW_DEMO_RESOURCE_GROUP)
    action = g_strdup (GROUP_READ);
  else
    action = g_strdup_printf ("%s/read", scope->node != NULL ? scope->node->type : "resource");

  if (!lw_demo_person_can (self->caller->person, action, scope))
    {
      if (scope->kind == LW_DEMO_SUBSCRIPTION && scope->node != NULL &&
          lw_demo_call_sees_subscription (self, scope->node))
        ;
      else
        {
          lw_demo_call_fail_right (self, action, scope->id);
          return;
        }
    }
  if (!lw_demo_call_need_scope (self, scope))
    return;
  if (lw_demo_call_is (self, "HEAD"))
    {
      lw_demo_call_reply_empty (self, 204);
      return;
    }

  if (scope->kind == LW_DEMO_SUBSCRIPTION)
    object = subscription_json (self->tenant, scope->node);
  else if (scope->kind == LW_DEMO_RESOURCE_GROUP)
    object = resource_group_json (scope->node);
  else
    {
      object = lw_demo_resource_json (scope->node);
      json_object_set_object_member (
          object, "properties",
          scope->node->extra != NULL &&
                  lw_demo_json_object (scope->node->extra, "properties") != NULL
              ? lw_demo_json_copy_object (lw_demo_json_object (scope->node->extra, "properties"))
              : json_object_new ());
    }
  lw_demo_call_reply_object (self, 200, object);
}

static JsonArray *
action_array (GStrv actions)
{
  JsonArray *array = json_array_new ();

  for (guint i = 0; actions != NULL && actions[i] != NULL; i++)
    json_array_add_string_element (array, actions[i]);

  return array;
}

static void
permissions (LwDemoCall *self, LwDemoScope *scope)
{
  LwDemoPerson *person = self->caller->person;
  g_autoptr (GPtrArray) objects = new_objects ();

  for (guint i = 0; i < person->roles->len; i++)
    {
      LwDemoRoleAssignment *held = g_ptr_array_index (person->roles, i);
      JsonObject *object;

      if (!lw_demo_scope_within (scope, held->scope))
        continue;
      object = json_object_new ();
      json_object_set_array_member (object, "actions", action_array (held->role->actions));
      json_object_set_array_member (object, "notActions", action_array (held->role->not_actions));
      json_object_set_array_member (object, "dataActions", json_array_new ());
      json_object_set_array_member (object, "notDataActions", json_array_new ());
      g_ptr_array_add (objects, object);
    }
  if (objects->len == 0)
    lw_demo_call_fail_right (self, "Microsoft.Authorization/permissions/read", scope->id);
  else if (lw_demo_call_need_scope (self, scope))
    lw_demo_call_reply_list (self, objects);
}

static void
tenants (LwDemoCall *self)
{
  g_autoptr (GPtrArray) objects = new_objects ();
  JsonObject *object = json_object_new ();
  g_autofree char *id = g_strconcat ("/tenants/", self->tenant->id, NULL);
  JsonArray *domains = json_array_new ();

  json_object_set_string_member (object, "id", id);
  json_object_set_string_member (object, "tenantId", self->tenant->id);
  json_object_set_string_member (object, "displayName",
                                 self->tenant->name != NULL ? self->tenant->name : "Demo");
  if (self->tenant->domain != NULL)
    {
      json_object_set_string_member (object, "defaultDomain", self->tenant->domain);
      json_array_add_string_element (domains, self->tenant->domain);
    }
  json_object_set_array_member (object, "domains", domains);
  json_object_set_string_member (object, "tenantCategory", "Home");
  json_object_set_string_member (object, "tenantType", "AAD");
  g_ptr_array_add (objects, object);
  lw_demo_call_reply_list (self, objects);
}

/* Where "providers/<namespace>" of an extension begins; the length of the path where there is none. */
static guint
extension_start (LwDemoCall *self)
{
  static const char *const namespaces[] = { "Microsoft.Authorization", "Microsoft.PolicyInsights" };

  for (guint i = self->n_path; i-- > 0;)
    for (guint j = 0; j < G_N_ELEMENTS (namespaces); j++)
      if (lw_demo_call_path_is (self, i, "providers") &&
          lw_demo_call_path_is (self, i + 1, namespaces[j]))
        return i;

  return self->n_path;
}

static void
authorization (LwDemoCall *self, LwDemoScope *scope, guint at)
{
  const char *name = at + 3 < self->n_path ? self->path[at + 3] : NULL;

  if (lw_demo_call_path_is (self, at + 2, "policyExemptions"))
    {
      lw_demo_exemptions_handle (self, scope, name);
      return;
    }
  for (LwDemoPolicyKind kind = 0; kind < LW_DEMO_N_POLICY_KINDS; kind++)
    if (lw_demo_call_path_is (self, at + 2, lw_demo_policy_type (kind)))
      {
        lw_demo_policy_handle (self, kind, scope, name, MIN (at + 4, self->n_path));
        return;
      }
  if (!lw_demo_call_supports (self, NULL, NULL))
    return;
  if (lw_demo_call_path_is (self, at + 2, "permissions") && lw_demo_call_is (self, "GET"))
    permissions (self, scope);
  else if (lw_demo_call_path_is (self, at + 2, "denyAssignments") && lw_demo_call_is (self, "GET"))
    lw_demo_denials_handle (self, scope);
  else if (lw_demo_call_path_is (self, at + 2, "roleAssignments") && lw_demo_call_is (self, "GET"))
    lw_demo_call_reply_json (self, 200, g_strdup ("{\"value\":[]}"));
  else
    lw_demo_call_fail_not_found (self);
}

/* "providers/Microsoft.Management/register" and the like, which az sends first. */
static gboolean
registration (LwDemoCall *self)
{
  g_autofree char *text = NULL;

  if (self->n_path < 4 || self->n_path > 5 || !lw_demo_call_path_is (self, 0, "subscriptions") ||
      !lw_demo_call_path_is (self, 2, "providers") ||
      (self->n_path == 5 && !lw_demo_call_path_is (self, 4, "register")))
    return FALSE;
  text = g_strdup_printf ("{\"id\":\"/subscriptions/%s/providers/%s\",\"namespace\":\"%s\","
                          "\"registrationState\":\"Registered\",\"resourceTypes\":[]}",
                          self->path[1], self->path[3], self->path[3]);
  lw_demo_call_reply_json (self, 200, g_steal_pointer (&text));

  return TRUE;
}

static void
plain (LwDemoCall *self)
{
  gboolean lists_groups = self->n_path == 3 && lw_demo_call_path_is (self, 2, "resourceGroups");
  gboolean lists_resources = (self->n_path == 3 || self->n_path == 5) &&
                             lw_demo_call_path_is (self, self->n_path - 1, "resources");
  guint length = lists_groups || lists_resources ? self->n_path - 1 : self->n_path;
  g_autofree char *path = lw_demo_call_path (self, length);
  g_autoptr (LwDemoScope) scope = lw_demo_tenant_scope (self->tenant, path);

  if (scope == NULL || scope->kind == LW_DEMO_ROOT)
    lw_demo_call_fail_gateway (self, 404, "MissingSubscription",
                               "The request did not have a subscription or a valid tenant level "
                               "resource provider.");
  else if (!lw_demo_call_is (self, "GET") && !lw_demo_call_is (self, "HEAD"))
    lw_demo_call_fail_method (self);
  else if (!lists_groups && !lists_resources)
    get_scope (self, scope);
  else if (lw_demo_call_need_scope (self, scope))
    {
      if (lists_groups)
        list_resource_groups (self, scope);
      else
        list_resources (self, scope);
    }
}

void
lw_demo_arm_handle (LwDemoCall *self)
{
  guint at = extension_start (self);

  lw_demo_call_count (self, !lw_demo_call_path_is (self, 0, "subscriptions"));
  if (!authenticate (self) || !lw_demo_quota_take (self))
    return;

  if (at < self->n_path)
    {
      g_autofree char *path = lw_demo_call_path (self, at);
      g_autoptr (LwDemoScope) scope = lw_demo_tenant_scope (self->tenant, path);

      if (scope == NULL)
        lw_demo_call_fail_gateway (
            self, 404, "MissingSubscription",
            "The request did not have a subscription or a valid tenant level "
            "resource provider.");
      else if (lw_demo_call_path_is (self, at + 1, "Microsoft.PolicyInsights"))
        lw_demo_states_handle (self, scope, at + 2);
      else
        authorization (self, scope, at);
      return;
    }

  if (!lw_demo_call_supports (self, NULL, NULL))
    return;
  if (self->n_path == 1 && !lw_demo_call_is (self, "GET"))
    lw_demo_call_fail_method (self);
  else if (self->n_path == 1 && lw_demo_call_path_is (self, 0, "subscriptions"))
    list_subscriptions (self);
  else if (self->n_path == 1 && lw_demo_call_path_is (self, 0, "tenants"))
    tenants (self);
  else if (lw_demo_call_path_is (self, 0, "providers") &&
           lw_demo_call_path_is (self, 1, "Microsoft.Management") &&
           lw_demo_call_path_is (self, 2, "getEntities"))
    lw_demo_entities_handle (self);
  else if (lw_demo_call_path_is (self, 0, "providers") &&
           lw_demo_call_path_is (self, 1, "Microsoft.Management"))
    lw_demo_groups_handle (self);
  else if (lw_demo_call_path_is (self, 0, "providers") &&
           lw_demo_call_path_is (self, 1, "Microsoft.ResourceGraph") &&
           lw_demo_call_path_is (self, 2, "resources"))
    lw_demo_resource_graph_handle (self);
  else if (!registration (self))
    plain (self);
}
