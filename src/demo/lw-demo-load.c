/* SPDX-License-Identifier: GPL-3.0-or-later */

/*
 * Reads the tenant's files. Dates are {"daysFromNow": n, "time": "HH:MM:SS"}, so that the
 * organisation is the same on any day. Scopes may be written short: "mg:<name>", or the names of a
 * subscription, resource group and resource with slashes between; "<scope>#<name>" is an assignment.
 */

#include "lw-demo-load.h"

#include "lw-demo-json.h"

#include <string.h>

#define GROUPS_PREFIX "/providers/Microsoft.Management/managementGroups/"

static const struct
{
  const char *name, *id, *actions, *not_actions;
} built_in_roles[] = {
  { "Owner", "8e3af657-a8ff-443c-a75c-2fe8c4bcb635", "*", NULL },
  { "Contributor", "b24988ac-6180-42a0-ab88-20f7382dd24c", "*",
    "Microsoft.Authorization/*/Delete|Microsoft.Authorization/*/Write|"
    "Microsoft.Authorization/elevateAccess/Action" },
  { "Reader", "acdd72a7-3385-48ef-bd42-f606fba81ae7", "*/read", NULL },
  { "Resource Policy Contributor", "36243c78-bf99-498c-9df9-86d9f8d28608",
    "*/read|Microsoft.Authorization/policyassignments/*|Microsoft.Authorization/policydefinitions/"
    "*|"
    "Microsoft.Authorization/policyexemptions/*|Microsoft.Authorization/policysetdefinitions/*|"
    "Microsoft.PolicyInsights/*|Microsoft.Support/*",
    NULL },
};

static GStrv
split_actions (const char *text)
{
  g_autofree char *lower = text != NULL ? g_ascii_strdown (text, -1) : NULL;

  return lower != NULL ? g_strsplit (lower, "|", -1) : NULL;
}

static void
add_role (LwDemoTenant *self, const char *name, const char *id, GStrv actions, GStrv not_actions)
{
  LwDemoRole *role = g_new0 (LwDemoRole, 1);

  role->name = g_strdup (name);
  role->id = g_strdup (id);
  role->actions = actions;
  role->not_actions = not_actions;
  g_hash_table_replace (self->roles, role->name, role);
}

/* Replaces {"daysFromNow": n} by an instant, throughout. (transfer full) */
static JsonNode *
resolve_dates (JsonNode *node, gint64 now)
{
  JsonNode *copy;

  if (JSON_NODE_HOLDS_ARRAY (node))
    {
      JsonArray *from = json_node_get_array (node);
      JsonArray *to = json_array_new ();

      for (guint i = 0; i < json_array_get_length (from); i++)
        json_array_add_element (to, resolve_dates (json_array_get_element (from, i), now));
      copy = json_node_new (JSON_NODE_ARRAY);
      json_node_take_array (copy, to);
    }
  else if (!JSON_NODE_HOLDS_OBJECT (node))
    copy = json_node_copy (node);
  else if (json_object_has_member (json_node_get_object (node), "daysFromNow"))
    {
      JsonObject *relative = json_node_get_object (node);
      gint64 days = lw_demo_json_int (relative, "daysFromNow", 0);
      const char *time = lw_demo_json_string (relative, "time");
      g_autofree char *stamp = lw_demo_stamp_seconds (now + days * 24 * 3600 * G_USEC_PER_SEC);
      g_autofree char *text =
          g_strdup_printf ("%.10sT%sZ", stamp, time != NULL ? time : "23:00:00");

      copy = json_node_alloc ();
      json_node_init_string (copy, text);
    }
  else
    {
      JsonObject *to = json_object_new ();
      JsonObjectIter iter;
      const char *name;
      JsonNode *value;

      json_object_iter_init_ordered (&iter, json_node_get_object (node));
      while (json_object_iter_next_ordered (&iter, &name, &value))
        json_object_set_member (to, name, resolve_dates (value, now));
      copy = json_node_new (JSON_NODE_OBJECT);
      json_node_take_object (copy, to);
    }

  return copy;
}

static JsonObject *
read_object (const char *path, gint64 now, GError **error)
{
  g_autofree char *text = NULL;
  g_autoptr (JsonObject) raw = NULL;
  g_autoptr (JsonNode) node = NULL;
  g_autoptr (JsonNode) resolved = NULL;
  gsize length;

  if (!g_file_get_contents (path, &text, &length, error))
    return NULL;
  raw = lw_demo_json_parse (text, length, error);
  if (raw == NULL)
    {
      g_prefix_error (error, "%s: ", path);
      return NULL;
    }
  node = json_node_new (JSON_NODE_OBJECT);
  json_node_set_object (node, raw);
  resolved = resolve_dates (node, now);

  return json_object_ref (json_node_get_object (resolved));
}

/* Lists are joined; of anything else the first stays. */
void
lw_demo_load_merge (JsonObject *into, JsonObject *from)
{
  JsonObjectIter iter;
  const char *name;
  JsonNode *value;

  json_object_iter_init_ordered (&iter, from);
  while (json_object_iter_next_ordered (&iter, &name, &value))
    {
      JsonArray *list = lw_demo_json_array (into, name);

      if (list != NULL && JSON_NODE_HOLDS_ARRAY (value))
        {
          JsonArray *more = json_node_get_array (value);

          for (guint i = 0; i < json_array_get_length (more); i++)
            json_array_add_element (list, lw_demo_json_copy (json_array_get_element (more, i)));
        }
      else if (!json_object_has_member (into, name))
        json_object_set_member (into, name, lw_demo_json_copy (value));
    }
}

static LwDemoNode *
child_named (GPtrArray *nodes, const char *name)
{
  for (guint i = 0; i < nodes->len; i++)
    {
      LwDemoNode *node = g_ptr_array_index (nodes, i);

      if (g_ascii_strcasecmp (node->name, name) == 0 ||
          g_ascii_strcasecmp (node->display, name) == 0)
        return node;
    }

  return NULL;
}

/* Spells out a short scope or assignment. (transfer full) (nullable) */
char *
lw_demo_load_spell_out (LwDemoTenant *self, const char *text)
{
  const char *hash = strchr (text, '#');
  g_auto (GStrv) parts = NULL;
  LwDemoNode *node = NULL;

  if (*text == '/')
    return g_strdup (text);
  if (hash != NULL)
    {
      g_autofree char *scope = g_strndup (text, hash - text);
      g_autofree char *id = lw_demo_load_spell_out (self, scope);

      return id != NULL ? lw_demo_policy_id (LW_DEMO_ASSIGNMENT, id, hash + 1) : NULL;
    }
  if (g_str_has_prefix (text, "mg:"))
    return g_strconcat (GROUPS_PREFIX, text + 3, NULL);

  parts = g_strsplit (text, "/", 3);
  for (guint i = 0; parts[i] != NULL; i++)
    {
      node = child_named (i == 0 ? self->subscriptions : node->children, parts[i]);
      if (node == NULL)
        return NULL;
    }

  return node != NULL ? g_strdup (node->id) : NULL;
}

LwDemoScope *
lw_demo_load_scope (LwDemoTenant *self, JsonObject *object, const char *what, GError **error)
{
  const char *text = lw_demo_json_string (object, "scope");
  g_autofree char *id = text != NULL ? lw_demo_load_spell_out (self, text) : NULL;
  LwDemoScope *scope = id != NULL ? lw_demo_tenant_scope (self, id) : NULL;

  if (scope == NULL)
    g_set_error (error, G_IO_ERROR, G_IO_ERROR_INVALID_DATA,
                 "%s: “%s” is not a scope of the tenant", what, text != NULL ? text : "");

  return scope;
}

static gboolean
load_groups (LwDemoTenant *self, JsonArray *list, GError **error)
{
  g_autofree char *root = g_strconcat (GROUPS_PREFIX, self->id, NULL);

  self->root =
      lw_demo_tenant_add_node (self, LW_DEMO_GROUP, NULL, root, self->id, "Tenant Root Group",
                               "Microsoft.Management/managementGroups", NULL);
  for (guint i = 0; list != NULL && i < json_array_get_length (list); i++)
    {
      JsonObject *group = lw_demo_json_object_at (list, i);
      const char *name = lw_demo_json_string (group, "name");
      const char *display = lw_demo_json_string (group, "displayName");
      const char *parent_name = lw_demo_json_string (group, "parent");
      LwDemoNode *parent =
          parent_name != NULL ? child_named (self->groups, parent_name) : self->root;
      g_autofree char *id = name != NULL ? g_strconcat (GROUPS_PREFIX, name, NULL) : NULL;

      if (name == NULL || parent == NULL)
        {
          g_set_error (error, G_IO_ERROR, G_IO_ERROR_INVALID_DATA,
                       "Management group %u has no name, or its parent does not come before it", i);
          return FALSE;
        }
      lw_demo_tenant_add_node (self, LW_DEMO_GROUP, parent, id, name,
                               display != NULL ? display : name,
                               "Microsoft.Management/managementGroups", NULL);
    }

  return TRUE;
}

/* "Microsoft.X/a/b" and "n1/n2" give "Microsoft.X/a/n1/b/n2". */
static char *
resource_path (const char *type, const char *name)
{
  g_auto (GStrv) types = g_strsplit (type, "/", -1);
  g_auto (GStrv) names = g_strsplit (name, "/", -1);
  GString *path = g_string_new (types[0]);

  for (guint i = 0; types[i] != NULL && types[i + 1] != NULL && names[i] != NULL; i++)
    g_string_append_printf (path, "/%s/%s", types[i + 1], names[i]);

  return g_string_free (path, FALSE);
}

static void
take_tags (LwDemoNode *node, JsonObject *object)
{
  JsonObject *tags = lw_demo_json_object (object, "tags");

  if (tags != NULL)
    node->tags = json_object_ref (tags);
}

static void
load_resource (LwDemoTenant *self, LwDemoNode *group, JsonObject *object)
{
  static const char *const kept[] = { "kind", "sku", "properties", "identity", NULL };
  const char *type = lw_demo_json_string (object, "type");
  const char *name = lw_demo_json_string (object, "name");
  const char *location = lw_demo_json_string (object, "location");
  JsonArray *fails = lw_demo_json_array (object, "fails");
  g_autofree char *path = NULL;
  g_autofree char *id = NULL;
  LwDemoNode *node;

  if (type == NULL || name == NULL)
    return;
  path = resource_path (type, name);
  id = g_strconcat (group->id, "/providers/", path, NULL);
  node = lw_demo_tenant_add_node (self, LW_DEMO_RESOURCE, group, id, name, name, type,
                                  location != NULL ? location : group->location);
  take_tags (node, object);
  node->extra = json_object_new ();
  for (guint i = 0; kept[i] != NULL; i++)
    if (json_object_has_member (object, kept[i]))
      json_object_set_member (node->extra, kept[i],
                              lw_demo_json_copy (json_object_get_member (object, kept[i])));
  for (guint i = 0; fails != NULL && i < json_array_get_length (fails); i++)
    if (lw_demo_json_string_at (fails, i) != NULL)
      g_ptr_array_add (node->fails, g_strdup (lw_demo_json_string_at (fails, i)));
}

static gboolean
load_subscriptions (LwDemoTenant *self, JsonArray *list, GError **error)
{
  for (guint i = 0; list != NULL && i < json_array_get_length (list); i++)
    {
      JsonObject *object = lw_demo_json_object_at (list, i);
      const char *guid = lw_demo_json_string (object, "id");
      const char *name = lw_demo_json_string (object, "name");
      const char *above = lw_demo_json_string (object, "managementGroup");
      JsonArray *groups = lw_demo_json_array (object, "resourceGroups");
      LwDemoNode *parent = above != NULL ? child_named (self->groups, above) : self->root;
      g_autofree char *id = guid != NULL ? g_strconcat ("/subscriptions/", guid, NULL) : NULL;
      LwDemoNode *subscription;

      if (guid == NULL || parent == NULL)
        {
          g_set_error (error, G_IO_ERROR, G_IO_ERROR_INVALID_DATA,
                       "Subscription %u has no id or an unknown management group", i);
          return FALSE;
        }
      subscription = lw_demo_tenant_add_node (self, LW_DEMO_SUBSCRIPTION, parent, id, guid,
                                              name != NULL ? name : guid,
                                              "Microsoft.Resources/subscriptions", NULL);
      take_tags (subscription, object);
      for (guint j = 0; groups != NULL && j < json_array_get_length (groups); j++)
        {
          JsonObject *group = lw_demo_json_object_at (groups, j);
          const char *group_name = lw_demo_json_string (group, "name");
          const char *location = lw_demo_json_string (group, "location");
          JsonArray *resources = lw_demo_json_array (group, "resources");
          g_autofree char *group_id = NULL;
          LwDemoNode *node;

          if (group_name == NULL)
            continue;
          group_id = g_strdup_printf ("%s/resourceGroups/%s", id, group_name);
          node = lw_demo_tenant_add_node (
              self, LW_DEMO_RESOURCE_GROUP, subscription, group_id, group_name, group_name,
              "Microsoft.Resources/resourceGroups", location != NULL ? location : "westeurope");
          take_tags (node, group);
          for (guint k = 0; resources != NULL && k < json_array_get_length (resources); k++)
            load_resource (self, node, lw_demo_json_object_at (resources, k));
        }
    }

  return TRUE;
}

static void
role_assignment_free (gpointer data)
{
  LwDemoRoleAssignment *self = data;

  lw_demo_scope_free (self->scope);
  g_free (self);
}

static gboolean
load_person (LwDemoTenant *self, JsonObject *object, GError **error)
{
  LwDemoPerson *person = g_new0 (LwDemoPerson, 1);
  JsonArray *groups = lw_demo_json_array (object, "groups");
  JsonArray *roles = lw_demo_json_array (object, "roles");
  const char *name = lw_demo_json_string (object, "displayName");
  const char *oid = lw_demo_json_string (object, "oid");

  person->name = g_strdup (name != NULL ? name : "");
  person->oid = oid != NULL ? g_strdup (oid) : lw_demo_uuid (person->name);
  person->upn = g_strdup (lw_demo_json_string (object, "upn"));
  person->app_id = g_strdup (lw_demo_json_string (object, "appId"));
  person->secret = g_strdup (lw_demo_json_string (object, "secret"));
  person->old_secret = g_strdup (lw_demo_json_string (object, "expiredSecret"));
  person->manager = g_strdup (lw_demo_json_string (object, "manager"));
  person->title = g_strdup (lw_demo_json_string (object, "persona"));
  person->persona = person->title != NULL;
  person->json = json_object_ref (object);
  person->roles = g_ptr_array_new_with_free_func (role_assignment_free);
  person->groups = g_ptr_array_new_with_free_func (g_free);
  g_ptr_array_add (self->people, person);

  for (guint i = 0; groups != NULL && i < json_array_get_length (groups); i++)
    g_ptr_array_add (person->groups, g_strdup (lw_demo_json_string_at (groups, i)));
  for (guint i = 0; roles != NULL && i < json_array_get_length (roles); i++)
    {
      JsonObject *held = lw_demo_json_object_at (roles, i);
      const char *role_name = lw_demo_json_string (held, "role");
      LwDemoRole *role = role_name != NULL ? g_hash_table_lookup (self->roles, role_name) : NULL;
      g_autoptr (LwDemoScope) scope = lw_demo_load_scope (self, held, person->name, error);
      LwDemoRoleAssignment *assignment;

      if (scope == NULL)
        return FALSE;
      if (role == NULL)
        {
          g_set_error (error, G_IO_ERROR, G_IO_ERROR_INVALID_DATA, "%s: unknown role",
                       person->name);
          return FALSE;
        }
      assignment = g_new0 (LwDemoRoleAssignment, 1);
      assignment->role = role;
      assignment->scope = g_steal_pointer (&scope);
      g_ptr_array_add (person->roles, assignment);
    }

  return TRUE;
}

/* {"scope", "name", "properties"}; scope and id are filled in. */
static gboolean
load_denial (LwDemoTenant *self, JsonObject *object, GError **error)
{
  const char *name = lw_demo_json_string (object, "name");
  JsonObject *given = lw_demo_json_object (object, "properties");
  g_autoptr (LwDemoScope) scope = lw_demo_load_scope (self, object, "denyAssignments", error);
  g_autofree char *id = NULL;
  JsonObject *denial, *properties;

  if (scope == NULL)
    return FALSE;
  if (name == NULL || given == NULL)
    {
      g_set_error (error, G_IO_ERROR, G_IO_ERROR_INVALID_DATA,
                   "a deny assignment has no name or no properties");
      return FALSE;
    }
  denial = json_object_new ();
  id = g_strdup_printf ("%s/providers/Microsoft.Authorization/denyAssignments/%s", scope->id, name);
  properties = lw_demo_json_copy_object (given);
  json_object_set_string_member (properties, "scope", scope->id);
  json_object_set_object_member (denial, "properties", properties);
  json_object_set_string_member (denial, "id", id);
  json_object_set_string_member (denial, "type", "Microsoft.Authorization/denyAssignments");
  json_object_set_string_member (denial, "name", name);
  g_ptr_array_add (self->denials, denial);

  return TRUE;
}

static gint
compare_nodes (gconstpointer a, gconstpointer b)
{
  const LwDemoNode *const *x = a, *const *y = b;

  return strcmp ((*x)->key, (*y)->key);
}

static gboolean
load_policies (LwDemoTenant *self, JsonObject *file, GError **error)
{
  for (LwDemoPolicyKind kind = 0; kind < LW_DEMO_N_POLICY_KINDS; kind++)
    {
      JsonArray *list = lw_demo_json_array (file, lw_demo_policy_type (kind));

      for (guint i = 0; list != NULL && i < json_array_get_length (list); i++)
        if (!lw_demo_load_policy (self, kind, lw_demo_json_object_at (list, i), error))
          return FALSE;
    }

  return TRUE;
}

static gboolean
load_all (LwDemoTenant *self, JsonObject *file, GError **error)
{
  JsonArray *people = lw_demo_json_array (file, "people");
  JsonArray *exemptions = lw_demo_json_array (file, "policyExemptions");
  JsonArray *denials = lw_demo_json_array (file, "denyAssignments");

  if (!load_groups (self, lw_demo_json_array (file, "managementGroups"), error) ||
      !load_subscriptions (self, lw_demo_json_array (file, "subscriptions"), error) ||
      !load_policies (self, file, error))
    return FALSE;
  for (guint i = 0; people != NULL && i < json_array_get_length (people); i++)
    if (!load_person (self, lw_demo_json_object_at (people, i), error))
      return FALSE;
  for (guint i = 0; exemptions != NULL && i < json_array_get_length (exemptions); i++)
    if (!lw_demo_load_exemption (self, lw_demo_json_object_at (exemptions, i), error))
      return FALSE;
  for (guint i = 0; denials != NULL && i < json_array_get_length (denials); i++)
    if (!load_denial (self, lw_demo_json_object_at (denials, i), error))
      return FALSE;
  g_ptr_array_sort (self->resources, compare_nodes);

  return TRUE;
}

static gboolean
load_rules (LwDemoTenant *self, JsonObject *storage, const char *folder, GError **error)
{
  const char *rules = lw_demo_json_string (storage, "rules");
  const char *by = lw_demo_json_string (storage, "rulesBy");
  const char *at = lw_demo_json_string (storage, "rulesAt");
  g_autofree char *path = NULL;

  self->account = g_strdup (lw_demo_json_string (storage, "account"));
  self->ledger = g_strdup (lw_demo_json_string (storage, "ledger"));
  if (self->account == NULL)
    self->account = g_strdup ("devstoreaccount1");
  if (rules == NULL)
    return TRUE;

  path = g_build_filename (folder, rules, NULL);
  self->rules_by = g_strdup (by);
  self->rules_at = at != NULL ? g_strdup (at) : lw_demo_stamp_seconds (self->started);
  self->rules = read_object (path, self->started, error);

  return self->rules != NULL;
}

LwDemoTenant *
lw_demo_tenant_load (const char *path, gint64 now, GError **error)
{
  g_autoptr (LwDemoTenant) self = lw_demo_tenant_new (now);
  g_autoptr (JsonObject) file = read_object (path, now, error);
  g_autofree char *folder = g_path_get_dirname (path);
  JsonObject *tenant;
  JsonArray *include;

  if (file == NULL)
    return NULL;
  include = lw_demo_json_array (file, "include");
  for (guint i = 0; include != NULL && i < json_array_get_length (include); i++)
    {
      const char *name = lw_demo_json_string_at (include, i);
      g_autofree char *other = g_build_filename (folder, name != NULL ? name : "", NULL);
      g_autoptr (JsonObject) more = read_object (other, now, error);

      if (more == NULL)
        return NULL;
      lw_demo_load_merge (file, more);
    }

  tenant = lw_demo_json_object (file, "tenant");
  if (lw_demo_json_string (tenant, "id") == NULL || lw_demo_json_string (file, "clientId") == NULL)
    {
      g_set_error (error, G_IO_ERROR, G_IO_ERROR_INVALID_DATA,
                   "%s: “tenant” with an “id”, and “clientId”, are needed", path);
      return NULL;
    }
  self->id = g_strdup (lw_demo_json_string (tenant, "id"));
  self->name = g_strdup (lw_demo_json_string (tenant, "name"));
  self->domain = g_strdup (lw_demo_json_string (tenant, "domain"));
  self->client_id = g_strdup (lw_demo_json_string (file, "clientId"));
  for (guint i = 0; i < G_N_ELEMENTS (built_in_roles); i++)
    add_role (self, built_in_roles[i].name, built_in_roles[i].id,
              split_actions (built_in_roles[i].actions),
              split_actions (built_in_roles[i].not_actions));

  if (!load_rules (self, lw_demo_json_object (file, "storage"), folder, error) ||
      !load_all (self, file, error))
    return NULL;

  return g_steal_pointer (&self);
}
