/* SPDX-License-Identifier: GPL-3.0-or-later */

/* The tenant's policies and exemptions: stored, replaced, removed, and what an effect comes to. */

#include "lw-demo-json.h"
#include "lw-demo-tenant.h"

#include <string.h>

static const char *const policy_types[] = { "policyDefinitions", "policySetDefinitions",
                                            "policyAssignments" };

static void
policy_free (gpointer data)
{
  LwDemoPolicy *self = data;

  lw_demo_scope_free (self->scope);
  g_free (self->id);
  g_free (self->key);
  g_free (self->name);
  json_object_unref (self->properties);
  g_clear_pointer (&self->system, json_object_unref);
  g_clear_pointer (&self->extra, json_object_unref);
  g_ptr_array_unref (self->types);
  g_clear_pointer (&self->versions, g_hash_table_unref);
  g_free (self);
}

static void
exemption_free (gpointer data)
{
  LwDemoExemption *self = data;

  lw_demo_scope_free (self->scope);
  g_free (self->id);
  g_free (self->key);
  g_free (self->name);
  g_free (self->assignment);
  g_strfreev (self->references);
  g_free (self->text);
  g_free (self);
}

void
lw_demo_store_init (LwDemoTenant *self)
{
  self->policies = g_hash_table_new_full (g_str_hash, g_str_equal, NULL, policy_free);
  for (guint i = 0; i < LW_DEMO_N_POLICY_KINDS; i++)
    self->by_kind[i] = g_ptr_array_new ();
  self->exemptions = g_hash_table_new_full (g_str_hash, g_str_equal, NULL, exemption_free);
  self->exemption_list = g_ptr_array_new ();
}

void
lw_demo_store_clear (LwDemoTenant *self)
{
  for (guint i = 0; i < LW_DEMO_N_POLICY_KINDS; i++)
    g_ptr_array_unref (self->by_kind[i]);
  g_hash_table_unref (self->policies);
  g_ptr_array_unref (self->exemption_list);
  g_hash_table_unref (self->exemptions);
}

const char *
lw_demo_policy_type (LwDemoPolicyKind kind)
{
  return policy_types[kind];
}

char *
lw_demo_policy_id (LwDemoPolicyKind kind, const char *scope_id, const char *name)
{
  return g_strdup_printf ("%s/providers/Microsoft.Authorization/%s/%s", scope_id,
                          policy_types[kind], name);
}

gboolean
lw_demo_policy_is_set_id (const char *definition_id)
{
  g_autofree char *lower = g_ascii_strdown (definition_id, -1);

  return strstr (lower, "/policysetdefinitions/") != NULL;
}

LwDemoPolicy *
lw_demo_tenant_get_policy (LwDemoTenant *self, const char *id)
{
  g_autofree char *key = g_ascii_strdown (id, -1);

  return g_hash_table_lookup (self->policies, key);
}

LwDemoPolicy *
lw_demo_tenant_put_policy (LwDemoTenant *self,
                           LwDemoPolicyKind kind,
                           LwDemoScope *scope,
                           const char *name,
                           JsonObject *properties,
                           JsonObject *system,
                           JsonObject *extra)
{
  g_autofree char *id = lw_demo_policy_id (kind, scope->id, name);
  LwDemoPolicy *policy = lw_demo_tenant_get_policy (self, id);

  self->serial++;
  if (policy != NULL)
    {
      lw_demo_scope_free (scope);
      json_object_unref (policy->properties);
      g_clear_pointer (&policy->system, json_object_unref);
      g_clear_pointer (&policy->extra, json_object_unref);
    }
  else
    {
      policy = g_new0 (LwDemoPolicy, 1);
      policy->kind = kind;
      policy->scope = scope;
      policy->key = g_ascii_strdown (id, -1);
      policy->id = g_steal_pointer (&id);
      policy->name = g_strdup (name);
      policy->types = g_ptr_array_new_with_free_func (g_free);
      g_hash_table_replace (self->policies, policy->key, policy);
      g_ptr_array_add (self->by_kind[kind], policy);
    }
  policy->properties = properties;
  policy->system = system;
  policy->extra = extra;

  return policy;
}

void
lw_demo_tenant_remove_policy (LwDemoTenant *self, LwDemoPolicy *policy)
{
  self->serial++;
  g_ptr_array_remove (self->by_kind[policy->kind], policy);
  g_hash_table_remove (self->policies, policy->key);
}

gboolean
lw_demo_assignment_covers (LwDemoPolicy *assignment, const LwDemoNode *node)
{
  JsonArray *not_scopes = lw_demo_json_array (assignment->properties, "notScopes");

  if (!lw_demo_node_within (node, assignment->scope))
    return FALSE;

  for (guint i = 0; not_scopes != NULL && i < json_array_get_length (not_scopes); i++)
    {
      const char *text = lw_demo_json_string_at (not_scopes, i);
      g_autofree char *key = text != NULL ? g_ascii_strdown (text, -1) : NULL;

      for (const LwDemoNode *at = node; key != NULL && at != NULL; at = at->parent)
        if (g_str_equal (at->key, key))
          return FALSE;
    }

  return TRUE;
}

/* "[parameters('effect')]" gives "effect". (transfer full) (nullable) */
static char *
parameter_name (const char *text)
{
  const char *start = text != NULL ? strstr (text, "parameters('") : NULL;
  const char *end;

  if (start == NULL || text[0] != '[')
    return NULL;
  start += strlen ("parameters('");
  end = strchr (start, '\'');

  return end != NULL ? g_strndup (start, end - start) : NULL;
}

/* The text a parameter has: as given in @values, else its default in @declared. */
static const char *
parameter_text (JsonObject *values, JsonObject *declared, const char *name)
{
  const char *text = lw_demo_json_string (lw_demo_json_object (values, name), "value");

  if (text == NULL)
    text = lw_demo_json_string (lw_demo_json_object (declared, name), "defaultValue");

  return text;
}

static const char *
overridden_effect (LwDemoPolicy *assignment, const char *reference_id)
{
  JsonArray *overrides = lw_demo_json_array (assignment->properties, "overrides");

  for (guint i = 0; overrides != NULL && i < json_array_get_length (overrides); i++)
    {
      JsonObject *override = lw_demo_json_object_at (overrides, i);
      JsonArray *selectors = lw_demo_json_array (override, "selectors");
      gboolean applies = selectors == NULL || json_array_get_length (selectors) == 0;

      if (g_strcmp0 (lw_demo_json_string (override, "kind"), "policyEffect") != 0)
        continue;
      for (guint j = 0; selectors != NULL && j < json_array_get_length (selectors); j++)
        {
          JsonArray *in = lw_demo_json_array (lw_demo_json_object_at (selectors, j), "in");

          for (guint k = 0; in != NULL && k < json_array_get_length (in); k++)
            applies |= g_strcmp0 (lw_demo_json_string_at (in, k), reference_id) == 0;
        }
      if (applies)
        return lw_demo_json_string (override, "value");
    }

  return NULL;
}

char *
lw_demo_assignment_effect (LwDemoTenant *self,
                           LwDemoPolicy *assignment,
                           JsonObject *set_member,
                           LwDemoPolicy *definition)
{
  JsonObject *given = lw_demo_json_object (assignment->properties, "parameters");
  const char *reference = lw_demo_json_string (set_member, "policyDefinitionReferenceId");
  JsonObject *rule = lw_demo_json_object (definition->properties, "policyRule");
  const char *effect = lw_demo_json_string (lw_demo_json_object (rule, "then"), "effect");
  JsonObject *declared = lw_demo_json_object (definition->properties, "parameters");
  const char *override = overridden_effect (assignment, reference != NULL ? reference : "");
  g_autofree char *name = parameter_name (effect);

  if (override != NULL)
    return g_ascii_strdown (override, -1);

  if (name != NULL && set_member == NULL)
    effect = parameter_text (given, declared, name);
  else if (name != NULL)
    {
      JsonObject *passed = lw_demo_json_object (set_member, "parameters");
      const char *text = parameter_text (passed, declared, name);
      g_autofree char *outer = parameter_name (text);

      effect = text;
      if (outer != NULL)
        {
          const char *set_id = lw_demo_json_string (assignment->properties, "policyDefinitionId");
          LwDemoPolicy *set = set_id != NULL ? lw_demo_tenant_get_policy (self, set_id) : NULL;

          effect = parameter_text (
              given, set != NULL ? lw_demo_json_object (set->properties, "parameters") : NULL,
              outer);
        }
    }

  return effect != NULL ? g_ascii_strdown (effect, -1) : NULL;
}

LwDemoExemption *
lw_demo_tenant_get_exemption (LwDemoTenant *self, const char *id)
{
  g_autofree char *key = g_ascii_strdown (id, -1);

  return g_hash_table_lookup (self->exemptions, key);
}

static char *
exemption_text (const char *id, const char *name, JsonObject *properties, JsonObject *system)
{
  g_autoptr (JsonObject) object = json_object_new ();

  json_object_set_object_member (object, "properties", json_object_ref (properties));
  json_object_set_string_member (object, "id", id);
  json_object_set_string_member (object, "type", "Microsoft.Authorization/policyExemptions");
  json_object_set_string_member (object, "name", name);
  json_object_set_object_member (object, "systemData", json_object_ref (system));

  return lw_demo_json_object_text (object);
}

static const char *const first_members[] = { "policyAssignmentId", "policyDefinitionReferenceIds",
                                             "exemptionCategory",  "displayName",
                                             "description",        "expiresOn",
                                             "metadata",           NULL };

LwDemoExemption *
lw_demo_tenant_put_exemption (LwDemoTenant *self,
                              LwDemoScope *scope,
                              const char *name,
                              JsonObject *properties,
                              JsonObject *system)
{
  g_autofree char *id =
      g_strdup_printf ("%s/providers/Microsoft.Authorization/policyExemptions/%s", scope->id, name);
  LwDemoExemption *exemption = lw_demo_tenant_get_exemption (self, id);
  const char *assignment = lw_demo_json_string (properties, "policyAssignmentId");
  const char *expires = lw_demo_json_string (properties, "expiresOn");
  JsonArray *references = lw_demo_json_array (properties, "policyDefinitionReferenceIds");
  g_autoptr (GStrvBuilder) builder = g_strv_builder_new ();
  g_autoptr (GDateTime) ends = NULL;
  JsonObjectIter iter;
  const char *member;

  self->serial++;
  if (exemption == NULL)
    {
      exemption = g_new0 (LwDemoExemption, 1);
      exemption->scope = scope;
      exemption->key = g_ascii_strdown (id, -1);
      exemption->id = g_steal_pointer (&id);
      exemption->name = g_strdup (name);
      g_hash_table_replace (self->exemptions, exemption->key, exemption);
      g_ptr_array_add (self->exemption_list, exemption);
    }
  else
    lw_demo_scope_free (scope);

  g_free (exemption->assignment);
  exemption->assignment = g_ascii_strdown (assignment != NULL ? assignment : "", -1);
  for (guint i = 0; references != NULL && i < json_array_get_length (references); i++)
    if (lw_demo_json_string_at (references, i) != NULL)
      g_strv_builder_add (builder, lw_demo_json_string_at (references, i));
  g_strfreev (exemption->references);
  exemption->references = g_strv_builder_end (builder);

  ends = expires != NULL ? g_date_time_new_from_iso8601 (expires, NULL) : NULL;
  exemption->expires = ends != NULL ? g_date_time_to_unix (ends) : G_MAXINT64;
  exemption->newer = FALSE;
  json_object_iter_init (&iter, properties);
  while (json_object_iter_next (&iter, &member, NULL))
    exemption->newer |= !g_strv_contains (first_members, member);

  g_free (exemption->text);
  exemption->text = exemption_text (exemption->id, exemption->name, properties, system);

  return exemption;
}

void
lw_demo_tenant_add_exemption_text (LwDemoTenant *self,
                                   LwDemoScope *scope,
                                   const char *name,
                                   const char *assignment,
                                   const char *reference,
                                   gint64 expires,
                                   char *text)
{
  LwDemoExemption *exemption = g_new0 (LwDemoExemption, 1);

  exemption->scope = scope;
  exemption->id =
      g_strdup_printf ("%s/providers/Microsoft.Authorization/policyExemptions/%s", scope->id, name);
  exemption->key = g_ascii_strdown (exemption->id, -1);
  exemption->name = g_strdup (name);
  exemption->assignment = g_ascii_strdown (assignment, -1);
  exemption->references =
      reference != NULL ? g_strdupv ((char *[]) { (char *) reference, NULL }) : NULL;
  exemption->expires = expires;
  exemption->text = text;
  self->serial++;
  g_hash_table_replace (self->exemptions, exemption->key, exemption);
  g_ptr_array_add (self->exemption_list, exemption);
}

void
lw_demo_tenant_remove_exemption (LwDemoTenant *self, LwDemoExemption *exemption)
{
  self->serial++;
  g_ptr_array_remove (self->exemption_list, exemption);
  g_hash_table_remove (self->exemptions, exemption->key);
}
