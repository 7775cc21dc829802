/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "config.h"

#include <glib/gi18n-lib.h>
#include <string.h>

#include "lw-client-private.h"
#include "lw-json.h"

#define ENTITIES_VERSION      "2020-05-01"
#define SUBSCRIPTIONS_VERSION "2022-12-01"
#define RESOURCES_VERSION     "2021-04-01"
#define MAX_FOUND             1000

#define RESOURCE_COLUMNS                                                                           \
  " | project id, name, type, location, tags, resourceGroup, subscriptionId | order by id asc"

#define SCOPES_QUERY                                                                               \
  "resourcecontainers | where type in ('microsoft.resources/subscriptions', "                      \
  "'microsoft.resources/subscriptions/resourcegroups', "                                           \
  "'microsoft.management/managementgroups') | project id, name, type, location, tags, properties " \
  "| order by id asc"

/* Elements */

/* Subscriptions, resource groups, resources and rows of Resource Graph: what each calls its name. */
static gpointer
read_scope (JsonNode *node, GError **error)
{
  JsonObject *object = lw_json_node_object (node);
  JsonObject *properties = lw_json_get_object (object, "properties");
  const char *id = lw_json_get_string (object, "id");
  const char *subscription = lw_json_get_string (object, "subscriptionId");
  const char *type = lw_json_get_string (object, "type");
  const char *name = lw_json_get_string (object, "displayName");

  if (name == NULL)
    name = lw_json_get_string (properties, "displayName");
  if (name == NULL)
    name = lw_json_get_string (object, "name");
  if (id == NULL || id[0] != '/')
    {
      g_set_error_literal (error, LW_AZURE_ERROR, LW_AZURE_ERROR_PROTOCOL,
                           "an element without an id");
      return NULL;
    }
  if (type == NULL && subscription != NULL)
    type = "Microsoft.Resources/subscriptions";
  return lw_scope_info_new (id, name, type != NULL ? type : "",
                            lw_json_get_string (object, "location"),
                            lw_json_get_object (object, "tags"));
}

/* Hierarchy */

static gboolean
is_subscription_entity (JsonObject *entity)
{
  const char *type = lw_json_get_string (entity, "type");
  gsize length = type != NULL ? strlen (type) : 0;

  return length >= 14 && g_ascii_strcasecmp (type + length - 14, "/subscriptions") == 0;
}

/* getEntities names subscriptions "/subscriptions/{guid}"; older answers gave them below their group. */
static char *
entity_id (JsonObject *entity)
{
  const char *id = lw_json_get_string (entity, "id");
  const char *name = lw_json_get_string (entity, "name");

  if (is_subscription_entity (entity) && lw_scope_kind (id) != LW_SCOPE_SUBSCRIPTION &&
      name != NULL && g_uuid_string_is_valid (name))
    return g_strconcat ("/subscriptions/", name, NULL);
  return g_strdup (id);
}

typedef struct
{
  char *id;
  char *parent; /* nullable */
  char *display_name;
} Entity;

static void
entity_free (gpointer data)
{
  Entity *self = data;

  g_free (self->id);
  g_free (self->parent);
  g_free (self->display_name);
  g_free (self);
}

/* %NULL without an error for what is no scope. */
static gpointer
read_entity (JsonNode *node, GError **error)
{
  JsonObject *object = lw_json_node_object (node);
  JsonObject *properties = lw_json_get_object (object, "properties");
  const char *parent = lw_json_get_string (lw_json_get_object (properties, "parent"), "id");
  g_autofree char *id = entity_id (object);
  Entity *entity;

  if (id == NULL || id[0] != '/')
    return NULL;
  if (parent != NULL && (parent[0] != '/' || lw_arm_id_equal (parent, id)))
    parent = NULL;
  entity = g_new0 (Entity, 1);
  entity->id = g_steal_pointer (&id);
  entity->parent = g_strdup (parent);
  entity->display_name = g_strdup (lw_json_get_string (properties, "displayName"));
  return entity;
}

static LwHierarchy *
hierarchy_from_entities (GPtrArray *entities)
{
  LwHierarchy *hierarchy = lw_hierarchy_new ();

  for (guint i = 0; i < entities->len; i++)
    {
      const Entity *entity = g_ptr_array_index (entities, i);

      lw_hierarchy_add (hierarchy, entity->id, entity->parent, entity->display_name);
    }
  return hierarchy;
}

static GPtrArray *
await_subscriptions (LwClient *self, GError **error)
{
  return lw_arm_await_values (self,
                              &(LwArmCall) { .api = LW_API_FIXED,
                                             .version = SUBSCRIPTIONS_VERSION,
                                             .method = "GET",
                                             .id = "",
                                             .suffix = "/subscriptions" },
                              read_scope, (GDestroyNotify) lw_scope_info_unref, error);
}

static DexFuture *
hierarchy_fiber (gpointer data)
{
  LwCall *call = data;
  LwClient *self = call->client;
  g_autoptr (GError) error = NULL;
  g_autoptr (GPtrArray) entities = NULL;
  g_autoptr (GPtrArray) subscriptions = NULL;
  LwHierarchy *hierarchy;

  entities =
      lw_arm_await_values (self,
                           &(LwArmCall) { .api = LW_API_FIXED,
                                          .version = ENTITIES_VERSION,
                                          .method = "POST",
                                          .id = "",
                                          .suffix = "/providers/Microsoft.Management/getEntities" },
                           read_entity, entity_free, &error);
  if (entities != NULL && entities->len > 0)
    return dex_future_new_take_boxed (LW_TYPE_HIERARCHY, hierarchy_from_entities (entities));
  if (entities == NULL && !lw_error_is_invisible (error) &&
      !g_error_matches (error, LW_AZURE_ERROR, LW_AZURE_ERROR_INVALID))
    return dex_future_new_for_error (g_steal_pointer (&error));
  g_clear_error (&error);
  subscriptions = await_subscriptions (self, &error);
  if (subscriptions == NULL)
    return dex_future_new_for_error (g_steal_pointer (&error));
  hierarchy = lw_hierarchy_new ();
  for (guint i = 0; i < subscriptions->len; i++)
    {
      const LwScopeInfo *info = g_ptr_array_index (subscriptions, i);

      lw_hierarchy_add (hierarchy, info->id, NULL, info->display_name);
    }
  return dex_future_new_take_boxed (LW_TYPE_HIERARCHY, hierarchy);
}

DexFuture *
lw_client_load_hierarchy (LwClient *self)
{
  dex_return_error_if_fail (LW_IS_CLIENT (self));

  return lw_spawn (hierarchy_fiber, lw_call_new (self, NULL, NULL), lw_call_free);
}

/* Lists by REST */

static DexFuture *
subscriptions_fiber (gpointer data)
{
  LwCall *call = data;
  g_autoptr (GError) error = NULL;
  GPtrArray *found = await_subscriptions (call->client, &error);

  return lw_future_take_array (found, g_steal_pointer (&error));
}

DexFuture *
lw_client_list_subscriptions (LwClient *self)
{
  dex_return_error_if_fail (LW_IS_CLIENT (self));

  return lw_spawn (subscriptions_fiber, lw_call_new (self, NULL, NULL), lw_call_free);
}

/* @a: scope, @b: what stands below it */
static DexFuture *
below_fiber (gpointer data)
{
  LwCall *call = data;

  return lw_arm_list_future (call->client,
                             &(LwArmCall) { .api = LW_API_FIXED,
                                            .version = RESOURCES_VERSION,
                                            .method = "GET",
                                            .id = call->a,
                                            .suffix = call->b },
                             read_scope, (GDestroyNotify) lw_scope_info_unref);
}

DexFuture *
lw_client_list_resource_groups (LwClient *self, const char *subscription)
{
  g_autofree char *scope = NULL;

  dex_return_error_if_fail (LW_IS_CLIENT (self));
  dex_return_error_if_fail (subscription != NULL);

  scope = subscription[0] == '/' ? g_strdup (subscription)
                                 : g_strconcat ("/subscriptions/", subscription, NULL);
  return lw_spawn (below_fiber, lw_call_new (self, scope, "/resourcegroups"), lw_call_free);
}

DexFuture *
lw_client_list_resources (LwClient *self, const char *resource_group)
{
  dex_return_error_if_fail (LW_IS_CLIENT (self));
  dex_return_error_if_fail (resource_group != NULL);

  return lw_spawn (below_fiber, lw_call_new (self, resource_group, "/resources"), lw_call_free);
}

/* By Resource Graph: @a is the query, @flag caps it */

static DexFuture *
graph_scopes_fiber (gpointer data)
{
  LwCall *call = data;
  g_autoptr (GError) error = NULL;
  g_autoptr (LwPage) rows = NULL;
  GPtrArray *found;

  rows = dex_await_boxed (lw_resource_graph_query (call->client, call->a, FALSE,
                                                   call->flag ? MAX_FOUND : 0, read_scope,
                                                   (GDestroyNotify) lw_scope_info_unref),
                          &error);
  if (rows == NULL)
    return dex_future_new_for_error (g_steal_pointer (&error));
  found = lw_client_take_page (call->client, rows);
  if (call->flag && found->len > MAX_FOUND)
    g_ptr_array_set_size (found, MAX_FOUND);
  return lw_future_take_array (found, NULL);
}

DexFuture *
lw_client_search_resources (LwClient *self, const char *text)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *quoted = NULL;
  g_autofree char *query = NULL;
  LwCall *call;

  dex_return_error_if_fail (LW_IS_CLIENT (self));
  dex_return_error_if_fail (text != NULL);

  quoted = lw_kql_quote (text, &error);
  if (quoted == NULL)
    return dex_future_new_for_error (g_steal_pointer (&error));
  query = g_strdup_printf ("resources | where name contains %s or id contains %s" RESOURCE_COLUMNS,
                           quoted, quoted);
  call = lw_call_new (self, query, NULL);
  call->flag = TRUE;
  return lw_spawn (graph_scopes_fiber, call, lw_call_free);
}

DexFuture *
lw_client_list_resources_under (LwClient *self, const char *scope)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *quoted = NULL;
  g_autofree char *query = NULL;

  dex_return_error_if_fail (LW_IS_CLIENT (self));
  dex_return_error_if_fail (scope != NULL);

  quoted = lw_kql_quote (scope, &error);
  if (quoted == NULL)
    return dex_future_new_for_error (g_steal_pointer (&error));
  query = g_strdup_printf ("resources | where id startswith %s" RESOURCE_COLUMNS, quoted);
  return lw_spawn (graph_scopes_fiber, lw_call_new (self, query, NULL), lw_call_free);
}

DexFuture *
lw_client_load_scopes (LwClient *self)
{
  dex_return_error_if_fail (LW_IS_CLIENT (self));

  return lw_spawn (graph_scopes_fiber, lw_call_new (self, SCOPES_QUERY, NULL), lw_call_free);
}
