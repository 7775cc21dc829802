/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Deny assignments: what nobody may do somewhere, whatever their roles say. */

#include "lw-demo-denials.h"

#include "lw-demo-arm.h"
#include "lw-demo-json.h"

#include <string.h>

#define EVERYONE "00000000-0000-0000-0000-000000000000"

static gboolean
names (JsonArray *principals, LwDemoPerson *person)
{
  for (guint i = 0; principals != NULL && i < json_array_get_length (principals); i++)
    {
      const char *id = lw_demo_json_string (lw_demo_json_object_at (principals, i), "id");

      if (id != NULL && (g_str_equal (id, EVERYONE) || g_ascii_strcasecmp (id, person->oid) == 0 ||
                         lw_demo_person_in_group (person, id)))
        return TRUE;
    }

  return FALSE;
}

static gboolean
is_about (JsonObject *denial, LwDemoPerson *person)
{
  return names (lw_demo_json_array (denial, "principals"), person) &&
         !names (lw_demo_json_array (denial, "excludePrincipals"), person);
}

static gboolean
any_fits (JsonArray *patterns, const char *action)
{
  for (guint i = 0; patterns != NULL && i < json_array_get_length (patterns); i++)
    {
      const char *text = lw_demo_json_string_at (patterns, i);
      g_autofree char *pattern = text != NULL ? g_ascii_strdown (text, -1) : NULL;

      if (pattern != NULL && g_pattern_match_simple (pattern, action))
        return TRUE;
    }

  return FALSE;
}

static gboolean
takes_away (JsonObject *denial, const char *action)
{
  JsonArray *permissions = lw_demo_json_array (denial, "permissions");
  g_autofree char *lower = g_ascii_strdown (action, -1);

  for (guint i = 0; permissions != NULL && i < json_array_get_length (permissions); i++)
    {
      JsonObject *one = lw_demo_json_object_at (permissions, i);

      if (any_fits (lw_demo_json_array (one, "actions"), lower) &&
          !any_fits (lw_demo_json_array (one, "notActions"), lower))
        return TRUE;
    }

  return FALSE;
}

static gboolean
holds_at (LwDemoTenant *tenant, JsonObject *denial, LwDemoScope *scope)
{
  const char *path = lw_demo_json_string (denial, "scope");
  g_autoptr (LwDemoScope) at = path != NULL ? lw_demo_tenant_scope (tenant, path) : NULL;

  if (at == NULL || !lw_demo_scope_within (scope, at))
    return FALSE;

  return g_str_equal (scope->key, at->key) ||
         !lw_demo_json_bool (denial, "doNotApplyToChildScopes", FALSE);
}

const char *
lw_demo_denial_for (LwDemoTenant *tenant,
                    LwDemoPerson *person,
                    const char *action,
                    LwDemoScope *scope)
{
  for (guint i = 0; i < tenant->denials->len; i++)
    {
      JsonObject *denial =
          lw_demo_json_object (g_ptr_array_index (tenant->denials, i), "properties");

      if (is_about (denial, person) && takes_away (denial, action) &&
          holds_at (tenant, denial, scope))
        return lw_demo_json_string (g_ptr_array_index (tenant->denials, i), "id");
    }

  return NULL;
}

/* The object id in "assignedTo('…')", also after "atScope() and ". (transfer full) (nullable) */
static char *
assigned_to (const char *filter)
{
  const char *start = filter != NULL ? strstr (filter, "assignedTo('") : NULL;

  return start != NULL ? g_strndup (start + 12, strcspn (start + 12, "'")) : NULL;
}

void
lw_demo_denials_handle (LwDemoCall *self, LwDemoScope *scope)
{
  const char *filter = lw_demo_call_query (self, "$filter");
  gboolean here = filter != NULL && strstr (filter, "atScope()") != NULL;
  g_autofree char *oid = assigned_to (filter);
  LwDemoPerson *person = oid != NULL ? lw_demo_tenant_find_person (self->tenant, oid) : NULL;
  g_autoptr (GPtrArray) objects =
      g_ptr_array_new_with_free_func ((GDestroyNotify) json_object_unref);

  if (!lw_demo_call_need (self, "Microsoft.Authorization/denyAssignments/read", scope) ||
      !lw_demo_call_need_scope (self, scope))
    return;
  for (guint i = 0; i < self->tenant->denials->len; i++)
    {
      JsonObject *object = g_ptr_array_index (self->tenant->denials, i);
      JsonObject *denial = lw_demo_json_object (object, "properties");
      const char *path = lw_demo_json_string (denial, "scope");
      g_autoptr (LwDemoScope) at = path != NULL ? lw_demo_tenant_scope (self->tenant, path) : NULL;

      if (at == NULL || (oid != NULL && (person == NULL || !is_about (denial, person))))
        continue;
      if (lw_demo_scope_within (scope, at) || (!here && lw_demo_scope_within (at, scope)))
        g_ptr_array_add (objects, json_object_ref (object));
    }
  lw_demo_call_reply_list (self, objects);
}
