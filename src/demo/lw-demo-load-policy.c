/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Definitions, sets, assignments and exemptions of the tenant's files. */

#include "lw-demo-load.h"

#include "lw-demo-json.h"

#include <string.h>

static JsonObject *
system_data (LwDemoTenant *self, JsonObject *object)
{
  const char *by = lw_demo_json_string (object, "by");
  const char *at = lw_demo_json_string (object, "at");
  const char *changed = lw_demo_json_string (object, "changed");
  const char *type = lw_demo_json_string (object, "byType");
  g_autofree char *started = lw_demo_stamp (self->started);
  JsonObject *system;

  if (lw_demo_json_object (object, "systemData") != NULL)
    return json_object_ref (lw_demo_json_object (object, "systemData"));

  system = json_object_new ();
  by = by != NULL ? by : "platform@contoso.example";
  type = type != NULL ? type : "User";
  at = at != NULL ? at : started;
  json_object_set_string_member (system, "createdBy", by);
  json_object_set_string_member (system, "createdByType", type);
  json_object_set_string_member (system, "createdAt", at);
  json_object_set_string_member (system, "lastModifiedBy", by);
  json_object_set_string_member (system, "lastModifiedByType", type);
  json_object_set_string_member (system, "lastModifiedAt", changed != NULL ? changed : at);

  return system;
}

/* Name and scope of an object: written apart, or both in "id". */
static gboolean
load_place (LwDemoTenant *self,
            JsonObject *object,
            LwDemoScope **scope,
            char **name,
            GError **error)
{
  const char *id = lw_demo_json_string (object, "id");

  if (id != NULL)
    {
      g_autofree char *lower = g_ascii_strdown (id, -1);
      const char *cut = g_strrstr (lower, "/providers/microsoft.authorization/");
      g_autofree char *path = cut != NULL ? g_strndup (id, cut - lower) : NULL;

      *scope = path != NULL ? lw_demo_tenant_scope (self, path) : NULL;
      *name = g_strdup (strrchr (id, '/') != NULL ? strrchr (id, '/') + 1 : id);
    }
  else
    {
      *name = g_strdup (lw_demo_json_string (object, "name"));
      *scope = lw_demo_json_bool (object, "builtIn", FALSE)
                   ? lw_demo_tenant_scope (self, "")
                   : lw_demo_load_scope (self, object, "policy", NULL);
    }
  if (*scope == NULL || *name == NULL)
    {
      g_set_error (error, G_IO_ERROR, G_IO_ERROR_INVALID_DATA,
                   "“%s” has no name or no scope of the tenant", id != NULL ? id : *name);
      g_clear_pointer (scope, lw_demo_scope_free);
      g_clear_pointer (name, g_free);
      return FALSE;
    }

  return TRUE;
}

static void
set_default (JsonObject *object, const char *name, const char *value)
{
  if (!json_object_has_member (object, name))
    json_object_set_string_member (object, name, value);
}

gboolean
lw_demo_load_policy (LwDemoTenant *self, LwDemoPolicyKind kind, JsonObject *object, GError **error)
{
  JsonObject *properties = lw_demo_json_object (object, "properties");
  JsonArray *types = lw_demo_json_array (object, "types");
  JsonObject *extra = json_object_new ();
  g_autofree char *name = NULL;
  LwDemoScope *scope = NULL;
  LwDemoPolicy *policy;

  properties = properties != NULL ? json_object_ref (properties) : json_object_new ();
  if (!load_place (self, object, &scope, &name, error))
    {
      json_object_unref (properties);
      json_object_unref (extra);
      return FALSE;
    }
  if (kind == LW_DEMO_ASSIGNMENT)
    {
      g_autofree char *id = lw_demo_policy_id (kind, scope->id, name);
      g_autofree char *instance = lw_demo_uuid (id);
      JsonArray *not_scopes = lw_demo_json_array (properties, "notScopes");

      set_default (properties, "scope", scope->id);
      set_default (properties, "enforcementMode", "Default");
      set_default (properties, "instanceId", instance);
      if (not_scopes != NULL)
        {
          JsonArray *spelled = json_array_new ();

          for (guint i = 0; i < json_array_get_length (not_scopes); i++)
            {
              const char *text = lw_demo_json_string_at (not_scopes, i);
              g_autofree char *full = text != NULL ? lw_demo_load_spell_out (self, text) : NULL;

              if (full != NULL)
                json_array_add_string_element (spelled, full);
            }
          json_object_set_array_member (properties, "notScopes", spelled);
        }
    }
  else
    set_default (properties, "policyType", scope->kind == LW_DEMO_ROOT ? "BuiltIn" : "Custom");
  if (kind == LW_DEMO_DEFINITION)
    set_default (properties, "mode", "Indexed");
  for (guint i = 0; i < 2; i++)
    {
      const char *member = i == 0 ? "location" : "identity";

      if (json_object_has_member (object, member))
        json_object_set_member (extra, member,
                                lw_demo_json_copy (json_object_get_member (object, member)));
    }

  policy = lw_demo_tenant_put_policy (
      self, kind, scope, name, properties,
      scope->kind == LW_DEMO_ROOT ? NULL : system_data (self, object), extra);
  for (guint i = 0; types != NULL && i < json_array_get_length (types); i++)
    if (lw_demo_json_string_at (types, i) != NULL)
      g_ptr_array_add (policy->types, g_ascii_strdown (lw_demo_json_string_at (types, i), -1));

  return TRUE;
}

gboolean
lw_demo_load_exemption (LwDemoTenant *self, JsonObject *object, GError **error)
{
  JsonObject *given = lw_demo_json_object (object, "properties");
  const char *short_id = lw_demo_json_string (object, "assignment");
  g_autofree char *assignment = short_id != NULL ? lw_demo_load_spell_out (self, short_id) : NULL;
  g_autoptr (JsonObject) properties = json_object_new ();
  g_autoptr (JsonObject) system = NULL;
  g_autofree char *name = NULL;
  LwDemoScope *scope = NULL;

  if (!load_place (self, object, &scope, &name, error))
    return FALSE;
  if (assignment != NULL)
    json_object_set_string_member (properties, "policyAssignmentId", assignment);
  if (given != NULL)
    lw_demo_load_merge (properties, given);
  system = system_data (self, object);
  lw_demo_tenant_put_exemption (self, scope, name, properties, system);

  return TRUE;
}
