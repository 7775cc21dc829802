/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "lw-demo-tenant.h"

#include "lw-demo-json.h"

#include <string.h>

#define GROUPS_PREFIX "/providers/Microsoft.Management/managementGroups/"

gint64
lw_demo_tenant_now (LwDemoTenant *self)
{
  return self->started + (g_get_monotonic_time () - self->started_at);
}

char *
lw_demo_stamp_seconds (gint64 microseconds)
{
  g_autoptr (GDateTime) time = g_date_time_new_from_unix_utc (microseconds / G_USEC_PER_SEC);

  return g_date_time_format (time, "%Y-%m-%dT%H:%M:%SZ");
}

char *
lw_demo_stamp (gint64 microseconds)
{
  g_autofree char *seconds = lw_demo_stamp_seconds (microseconds);
  g_autofree char *fraction = g_strdup_printf ("%06d7", (int) (microseconds % G_USEC_PER_SEC));

  seconds[strlen (seconds) - 1] = '\0';
  return g_strdup_printf ("%s.%sZ", seconds, fraction);
}

char *
lw_demo_uuid (const char *seed)
{
  g_autofree char *hex = g_compute_checksum_for_string (G_CHECKSUM_SHA256, seed, -1);

  return g_strdup_printf ("%.8s-%.4s-5%.3s-8%.3s-%.12s", hex, hex + 8, hex + 12, hex + 15,
                          hex + 18);
}

void
lw_demo_scope_free (LwDemoScope *self)
{
  if (self == NULL)
    return;
  g_free (self->id);
  g_free (self->key);
  g_free (self);
}

static void
node_free (gpointer data)
{
  LwDemoNode *self = data;

  g_free (self->id);
  g_free (self->key);
  g_free (self->name);
  g_free (self->display);
  g_free (self->type);
  g_free (self->location);
  g_clear_pointer (&self->tags, json_object_unref);
  g_clear_pointer (&self->extra, json_object_unref);
  g_ptr_array_unref (self->children);
  g_ptr_array_unref (self->fails);
  g_free (self);
}

LwDemoNode *
lw_demo_tenant_get_node (LwDemoTenant *self, const char *id)
{
  g_autofree char *key = g_ascii_strdown (id, -1);

  return g_hash_table_lookup (self->nodes, key);
}

LwDemoNode *
lw_demo_tenant_add_node (LwDemoTenant *self,
                         LwDemoKind kind,
                         LwDemoNode *parent,
                         const char *id,
                         const char *name,
                         const char *display,
                         const char *type,
                         const char *location)
{
  LwDemoNode *node = g_new0 (LwDemoNode, 1);

  node->kind = kind;
  node->id = g_strdup (id);
  node->key = g_ascii_strdown (id, -1);
  node->name = g_strdup (name);
  node->display = g_strdup (display);
  node->type = g_strdup (type);
  node->location = g_strdup (location);
  node->parent = parent;
  node->children = g_ptr_array_new ();
  node->fails = g_ptr_array_new_with_free_func (g_free);

  if (parent != NULL)
    g_ptr_array_add (parent->children, node);
  if (kind == LW_DEMO_GROUP)
    g_ptr_array_add (self->groups, node);
  else if (kind == LW_DEMO_SUBSCRIPTION)
    g_ptr_array_add (self->subscriptions, node);
  else if (kind == LW_DEMO_RESOURCE)
    g_ptr_array_add (self->resources, node);
  g_hash_table_replace (self->nodes, node->key, node);

  return node;
}

/* The kind a path has by its form alone. */
static gboolean
path_kind (const char *path, LwDemoKind *kind, char **anchor)
{
  g_auto (GStrv) parts = g_strsplit (path, "/", -1);
  guint n = g_strv_length (parts);

  for (guint i = 1; i < n; i++)
    if (*parts[i] == '\0')
      return FALSE;

  if (n == 5 && g_ascii_strcasecmp (parts[1], "providers") == 0 &&
      g_ascii_strcasecmp (parts[2], "Microsoft.Management") == 0 &&
      g_ascii_strcasecmp (parts[3], "managementGroups") == 0)
    {
      *kind = LW_DEMO_GROUP;
      *anchor = g_strdup (path);
      return TRUE;
    }

  if (n < 3 || g_ascii_strcasecmp (parts[1], "subscriptions") != 0)
    return FALSE;

  *anchor = g_strdup_printf ("/%s/%s", parts[1], parts[2]);
  if (n == 3)
    *kind = LW_DEMO_SUBSCRIPTION;
  else if (n == 5 && g_ascii_strcasecmp (parts[3], "resourceGroups") == 0)
    *kind = LW_DEMO_RESOURCE_GROUP;
  else if (n >= 9 && n % 2 == 1 && g_ascii_strcasecmp (parts[3], "resourceGroups") == 0 &&
           g_ascii_strcasecmp (parts[5], "providers") == 0)
    *kind = LW_DEMO_RESOURCE;
  else if (n >= 7 && n % 2 == 1 && g_ascii_strcasecmp (parts[3], "providers") == 0)
    *kind = LW_DEMO_RESOURCE;
  else
    {
      g_clear_pointer (anchor, g_free);
      return FALSE;
    }

  return TRUE;
}

LwDemoScope *
lw_demo_tenant_scope (LwDemoTenant *self, const char *path)
{
  g_autofree char *anchor = NULL;
  LwDemoKind kind = LW_DEMO_ROOT;
  LwDemoScope *scope;

  if (*path != '\0' && !g_str_equal (path, "/") && !path_kind (path, &kind, &anchor))
    return NULL;

  scope = g_new0 (LwDemoScope, 1);
  scope->kind = kind;
  if (kind == LW_DEMO_ROOT)
    {
      scope->id = g_strdup ("");
      scope->key = g_strdup ("");
      return scope;
    }

  scope->node = lw_demo_tenant_get_node (self, path);
  scope->anchor = lw_demo_tenant_get_node (self, anchor);
  scope->id = g_strdup (scope->node != NULL ? scope->node->id : path);
  scope->key = g_ascii_strdown (path, -1);

  return scope;
}

static gboolean
key_within (const char *inner, const char *outer)
{
  gsize length = strlen (outer);

  return strncmp (inner, outer, length) == 0 && (inner[length] == '\0' || inner[length] == '/');
}

static gboolean
below_group (const LwDemoNode *inner, const LwDemoScope *outer)
{
  for (; inner != NULL; inner = inner->parent)
    if (inner == outer->node)
      return outer->node != NULL;

  return FALSE;
}

gboolean
lw_demo_scope_within (const LwDemoScope *inner, const LwDemoScope *outer)
{
  if (outer->kind == LW_DEMO_ROOT)
    return TRUE;
  if (outer->kind == LW_DEMO_GROUP)
    return below_group (inner->anchor, outer) || g_str_equal (inner->key, outer->key);

  return key_within (inner->key, outer->key);
}

gboolean
lw_demo_node_within (const LwDemoNode *inner, const LwDemoScope *outer)
{
  if (outer->kind == LW_DEMO_ROOT)
    return TRUE;
  if (outer->kind == LW_DEMO_GROUP)
    return below_group (inner, outer);

  return key_within (inner->key, outer->key);
}

LwDemoPerson *
lw_demo_tenant_find_person (LwDemoTenant *self, const char *text)
{
  for (guint i = 0; i < self->people->len; i++)
    {
      LwDemoPerson *person = g_ptr_array_index (self->people, i);

      if (g_ascii_strcasecmp (person->oid, text) == 0 ||
          (person->upn != NULL && g_ascii_strcasecmp (person->upn, text) == 0) ||
          g_ascii_strcasecmp (person->name, text) == 0)
        return person;
    }

  return NULL;
}

LwDemoPerson *
lw_demo_tenant_find_app (LwDemoTenant *self, const char *app_id)
{
  for (guint i = 0; i < self->people->len; i++)
    {
      LwDemoPerson *person = g_ptr_array_index (self->people, i);

      if (person->app_id != NULL && g_ascii_strcasecmp (person->app_id, app_id) == 0)
        return person;
    }

  return NULL;
}

static gboolean
matches_any (GStrv patterns, const char *action)
{
  for (guint i = 0; patterns != NULL && patterns[i] != NULL; i++)
    if (g_pattern_match_simple (patterns[i], action))
      return TRUE;

  return FALSE;
}

static gboolean
role_allows (LwDemoRole *role, const char *action)
{
  g_autofree char *lower = g_ascii_strdown (action, -1);

  return matches_any (role->actions, lower) && !matches_any (role->not_actions, lower);
}

gboolean
lw_demo_person_can (LwDemoPerson *self, const char *action, const LwDemoScope *scope)
{
  for (guint i = 0; i < self->roles->len; i++)
    {
      LwDemoRoleAssignment *held = g_ptr_array_index (self->roles, i);

      if (lw_demo_scope_within (scope, held->scope) && role_allows (held->role, action))
        return TRUE;
    }

  return FALSE;
}

gboolean
lw_demo_person_can_node (LwDemoPerson *self, const char *action, const LwDemoNode *node)
{
  for (guint i = 0; i < self->roles->len; i++)
    {
      LwDemoRoleAssignment *held = g_ptr_array_index (self->roles, i);

      if (lw_demo_node_within (node, held->scope) && role_allows (held->role, action))
        return TRUE;
    }

  return FALSE;
}

gboolean
lw_demo_person_in_group (LwDemoPerson *self, const char *group)
{
  for (guint i = 0; i < self->groups->len; i++)
    if (g_str_equal (g_ptr_array_index (self->groups, i), group))
      return TRUE;

  return FALSE;
}

static void
role_free (gpointer data)
{
  LwDemoRole *self = data;

  g_free (self->name);
  g_free (self->id);
  g_strfreev (self->actions);
  g_strfreev (self->not_actions);
  g_free (self);
}

static void
person_free (gpointer data)
{
  LwDemoPerson *self = data;

  g_free (self->oid);
  g_free (self->upn);
  g_free (self->name);
  g_free (self->app_id);
  g_free (self->secret);
  g_free (self->old_secret);
  g_free (self->manager);
  g_free (self->title);
  g_clear_pointer (&self->json, json_object_unref);
  g_ptr_array_unref (self->roles);
  g_ptr_array_unref (self->groups);
  g_free (self);
}

LwDemoTenant *
lw_demo_tenant_new (gint64 now)
{
  LwDemoTenant *self = g_new0 (LwDemoTenant, 1);

  self->started = now;
  self->started_at = g_get_monotonic_time ();
  self->nodes = g_hash_table_new_full (g_str_hash, g_str_equal, NULL, node_free);
  self->groups = g_ptr_array_new ();
  self->subscriptions = g_ptr_array_new ();
  self->resources = g_ptr_array_new ();
  self->roles = g_hash_table_new_full (g_str_hash, g_str_equal, NULL, role_free);
  self->people = g_ptr_array_new_with_free_func (person_free);
  self->denials = g_ptr_array_new_with_free_func ((GDestroyNotify) json_object_unref);
  lw_demo_store_init (self);

  return self;
}

void
lw_demo_tenant_free (LwDemoTenant *self)
{
  if (self == NULL)
    return;
  lw_demo_store_clear (self);
  g_free (self->id);
  g_free (self->name);
  g_free (self->domain);
  g_free (self->client_id);
  g_free (self->account);
  g_free (self->ledger);
  g_clear_pointer (&self->rules, json_object_unref);
  g_free (self->rules_by);
  g_free (self->rules_at);
  g_ptr_array_unref (self->people);
  g_ptr_array_unref (self->denials);
  g_hash_table_unref (self->roles);
  g_ptr_array_unref (self->groups);
  g_ptr_array_unref (self->subscriptions);
  g_ptr_array_unref (self->resources);
  g_hash_table_unref (self->nodes);
  g_free (self);
}
