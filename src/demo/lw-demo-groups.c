/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Management groups and getEntities. */

#include "lw-demo-arm.h"
#include "lw-demo-json.h"

#define MG_READ  "Microsoft.Management/managementGroups/read"
#define MG_WRITE "Microsoft.Management/managementGroups/write"

static JsonObject *
parent_json (const LwDemoNode *node)
{
  JsonObject *parent = json_object_new ();

  if (node->parent != NULL)
    json_object_set_string_member (parent, "id", node->parent->id);
  else
    json_object_set_null_member (parent, "id");

  return parent;
}

static guint
count_below (const LwDemoNode *node)
{
  guint n = 0;

  for (guint i = 0; node->kind == LW_DEMO_GROUP && i < node->children->len; i++)
    n += 1 + count_below (g_ptr_array_index (node->children, i));

  return n;
}

static JsonArray *
parent_chain (const LwDemoNode *node, gboolean display)
{
  g_autoptr (GPtrArray) names = g_ptr_array_new ();
  JsonArray *chain = json_array_new ();

  for (const LwDemoNode *at = node->parent; at != NULL; at = at->parent)
    g_ptr_array_insert (names, 0, display ? at->display : at->name);
  for (guint i = 0; i < names->len; i++)
    json_array_add_string_element (chain, g_ptr_array_index (names, i));

  return chain;
}

/* What the caller may do there; %NULL where it does not show at all. */
static const char *
permission (LwDemoCall *self, const LwDemoNode *node)
{
  LwDemoPerson *person = self->caller->person;
  gboolean group = node->kind == LW_DEMO_GROUP;

  if (lw_demo_person_can_node (person, "Microsoft.Management/managementGroups/delete", node))
    return "delete";
  if (lw_demo_person_can_node (person, group ? MG_WRITE : "Microsoft.Resources/subscriptions/write",
                               node))
    return "edit";
  if (lw_demo_person_can_node (person, group ? MG_READ : "Microsoft.Resources/subscriptions/read",
                               node))
    return "view";
  if (!group)
    return lw_demo_call_sees_subscription (self, node) ? "view" : NULL;
  for (guint i = 0; i < node->children->len; i++)
    if (permission (self, g_ptr_array_index (node->children, i)) != NULL)
      return "noaccess";

  return NULL;
}

static JsonObject *
entity_json (LwDemoCall *self, const LwDemoNode *node, const char *allowed)
{
  JsonObject *object = json_object_new ();
  JsonObject *properties = json_object_new ();
  gboolean group = node->kind == LW_DEMO_GROUP;
  const char *inherited = node->parent != NULL ? permission (self, node->parent) : allowed;
  guint groups = 0;

  for (guint i = 0; group && i < node->children->len; i++)
    groups += ((LwDemoNode *) g_ptr_array_index (node->children, i))->kind == LW_DEMO_GROUP;
  json_object_set_string_member (object, "name", node->name);
  json_object_set_string_member (object, "id", node->id);
  json_object_set_string_member (
      object, "type", group ? "Microsoft.Management/managementGroups" : "/subscriptions");
  json_object_set_string_member (properties, "tenantId", self->tenant->id);
  json_object_set_int_member (properties, "numberOfChildren", group ? node->children->len : 0);
  json_object_set_int_member (properties, "numberOfChildGroups", groups);
  json_object_set_int_member (properties, "numberOfDescendants", count_below (node));
  json_object_set_string_member (properties, "displayName", node->display);
  json_object_set_array_member (properties, "parentDisplayNameChain", parent_chain (node, TRUE));
  json_object_set_object_member (properties, "parent", parent_json (node));
  json_object_set_array_member (properties, "parentNameChain", parent_chain (node, FALSE));
  json_object_set_string_member (properties, "inheritedPermissions",
                                 inherited != NULL ? inherited : "noaccess");
  json_object_set_string_member (properties, "permissions", allowed);
  json_object_set_object_member (object, "properties", properties);

  return object;
}

static void
add_entities (LwDemoCall *self, const LwDemoNode *node, GPtrArray *objects)
{
  const char *allowed = permission (self, node);

  if (allowed == NULL)
    return;
  g_ptr_array_add (objects, entity_json (self, node, allowed));
  for (guint i = 0; node->kind == LW_DEMO_GROUP && i < node->children->len; i++)
    add_entities (self, g_ptr_array_index (node->children, i), objects);
}

void
lw_demo_entities_handle (LwDemoCall *self)
{
  g_autoptr (GPtrArray) objects =
      g_ptr_array_new_with_free_func ((GDestroyNotify) json_object_unref);
  const char *view = lw_demo_call_query (self, "$view");
  guint start =
      lw_demo_call_query_uint (self, "$skiptoken", lw_demo_call_query_uint (self, "$skip", 0));
  guint top = lw_demo_call_query_uint (self, "$top", self->demo->page_size);
  g_autoptr (JsonObject) answer = json_object_new ();
  JsonArray *value = json_array_new ();
  guint i;

  if (!lw_demo_call_is (self, "POST"))
    {
      lw_demo_call_fail_method (self);
      json_array_unref (value);
      return;
    }
  add_entities (self, self->tenant->root, objects);
  for (i = objects->len; i-- > 0 && view != NULL;)
    {
      JsonObject *object = g_ptr_array_index (objects, i);
      gboolean group = g_str_equal (lw_demo_json_string (object, "type"),
                                    "Microsoft.Management/managementGroups");

      if ((g_ascii_strcasecmp (view, "GroupsOnly") == 0 && !group) ||
          (g_ascii_strcasecmp (view, "SubscriptionsOnly") == 0 && group))
        g_ptr_array_remove_index (objects, i);
    }

  for (i = start; i < objects->len && i - start < MAX (top, 1); i++)
    json_array_add_object_element (value, json_object_ref (g_ptr_array_index (objects, i)));
  json_object_set_int_member (answer, "count", objects->len);
  json_object_set_array_member (answer, "value", value);
  if (i < objects->len)
    {
      g_autofree char *link = lw_demo_call_next_link (self, i);

      json_object_set_string_member (answer, "nextLink", link);
    }
  lw_demo_call_reply_object (self, 200, answer);
}

static JsonObject *
short_json (const LwDemoNode *node)
{
  JsonObject *object = json_object_new ();

  json_object_set_string_member (object, "id", node->id);
  json_object_set_string_member (
      object, "type",
      node->kind == LW_DEMO_GROUP ? "Microsoft.Management/managementGroups" : "/subscriptions");
  json_object_set_string_member (object, "name", node->name);
  json_object_set_string_member (object, "displayName", node->display);

  return object;
}

static JsonArray *
children_json (const LwDemoNode *node, gboolean recurse)
{
  JsonArray *array = json_array_new ();

  for (guint i = 0; i < node->children->len; i++)
    {
      const LwDemoNode *child = g_ptr_array_index (node->children, i);
      JsonObject *object = short_json (child);

      if (recurse && child->kind == LW_DEMO_GROUP)
        json_object_set_array_member (object, "children", children_json (child, TRUE));
      json_array_add_object_element (array, object);
    }

  return array;
}

static void
get_group (LwDemoCall *self, const LwDemoNode *node)
{
  g_autoptr (JsonObject) object = short_json (node);
  JsonObject *properties = json_object_new ();
  JsonObject *details = json_object_new ();
  const char *expand = lw_demo_call_query (self, "$expand");
  const char *recurse = lw_demo_call_query (self, "$recurse");

  json_object_remove_member (object, "displayName");
  json_object_set_string_member (properties, "tenantId", self->tenant->id);
  json_object_set_string_member (properties, "displayName", node->display);
  if (node->parent != NULL)
    {
      JsonObject *parent = short_json (node->parent);

      json_object_remove_member (parent, "type");
      json_object_set_object_member (details, "parent", parent);
    }
  json_object_set_object_member (properties, "details", details);
  if (expand != NULL && g_ascii_strcasecmp (expand, "children") == 0)
    json_object_set_array_member (
        properties, "children",
        children_json (node, recurse != NULL && g_ascii_strcasecmp (recurse, "true") == 0));
  json_object_set_object_member (object, "properties", properties);
  lw_demo_call_reply_object (self, 200, object);
}

static void
add_descendants (const LwDemoNode *node, GPtrArray *objects)
{
  for (guint i = 0; node->kind == LW_DEMO_GROUP && i < node->children->len; i++)
    {
      const LwDemoNode *child = g_ptr_array_index (node->children, i);
      JsonObject *object = short_json (child);
      JsonObject *properties = json_object_new ();

      json_object_set_string_member (properties, "displayName", child->display);
      json_object_set_object_member (properties, "parent", parent_json (child));
      json_object_remove_member (object, "displayName");
      json_object_set_object_member (object, "properties", properties);
      g_ptr_array_add (objects, object);
      add_descendants (child, objects);
    }
}

static void
list_groups (LwDemoCall *self)
{
  g_autoptr (GPtrArray) objects =
      g_ptr_array_new_with_free_func ((GDestroyNotify) json_object_unref);

  for (guint i = 0; i < self->tenant->groups->len; i++)
    {
      const LwDemoNode *node = g_ptr_array_index (self->tenant->groups, i);
      JsonObject *object, *properties;

      if (!lw_demo_person_can_node (self->caller->person, MG_READ, node))
        continue;
      object = short_json (node);
      properties = json_object_new ();
      json_object_remove_member (object, "displayName");
      json_object_set_string_member (properties, "tenantId", self->tenant->id);
      json_object_set_string_member (properties, "displayName", node->display);
      json_object_set_object_member (object, "properties", properties);
      g_ptr_array_add (objects, object);
    }
  lw_demo_call_reply_list (self, objects);
}

/* /providers/Microsoft.Management/managementGroups[/{name}[/descendants]] */
void
lw_demo_groups_handle (LwDemoCall *self)
{
  g_autofree char *path = NULL;
  g_autoptr (LwDemoScope) scope = NULL;

  if (!lw_demo_call_path_is (self, 2, "managementGroups") || self->n_path > 5 ||
      (self->n_path == 5 && !lw_demo_call_path_is (self, 4, "descendants")))
    lw_demo_call_fail_not_found (self);
  else if (!lw_demo_call_is (self, "GET"))
    lw_demo_call_fail_method (self);
  else if (self->n_path == 3)
    list_groups (self);
  else
    {
      path = lw_demo_call_path (self, 4);
      scope = lw_demo_tenant_scope (self->tenant, path);
      if (!lw_demo_call_need (self, MG_READ, scope) || !lw_demo_call_need_scope (self, scope))
        return;
      if (self->n_path == 4)
        get_group (self, scope->node);
      else
        {
          g_autoptr (GPtrArray) objects =
              g_ptr_array_new_with_free_func ((GDestroyNotify) json_object_unref);

          add_descendants (scope->node, objects);
          lw_demo_call_reply_list (self, objects);
        }
    }
}
