/* SPDX-License-Identifier: GPL-3.0-or-later */

/* policyDefinitions, policySetDefinitions and policyAssignments. */

#include "lw-demo-arm.h"
#include "lw-demo-json.h"
#include "lw-demo-rule.h"
#include "lw-demo-versions.h"

#include <string.h>

#define DEFINITIONS_PER_SCOPE 500
#define ASSIGNMENTS_PER_SCOPE 200

static const char *const known_versions[] = {
  "2018-05-01", "2019-06-01", "2019-09-01", "2020-03-01",         "2020-09-01",
  "2021-06-01", "2022-06-01", "2023-04-01", "2024-04-01",         "2024-05-01",
  "2025-01-01", "2025-03-01", "2025-11-01", "2025-12-01-preview", "2026-01-01-preview",
  "2026-06-01", "2026-07-01", NULL,
};

static const char *const singular[] = { "policy definition", "policy set definition",
                                        "policy assignment" };
static const char *const codes[] = { "PolicyDefinition", "PolicySetDefinition",
                                     "PolicyAssignment" };

/* "versions" of a definition or set. */
static void
add_versions (JsonObject *properties, LwDemoPolicy *policy)
{
  g_auto (GStrv) versions = lw_demo_policy_versions (policy);
  JsonArray *array = json_array_new ();

  for (guint i = 0; versions[i] != NULL; i++)
    json_array_add_string_element (array, versions[i]);
  if (json_array_get_length (array) > 0)
    json_object_set_array_member (properties, "versions", array);
  else
    json_array_unref (array);
}

static gboolean
expands (LwDemoCall *self, const char *what)
{
  const char *expand = lw_demo_call_query (self, "$expand");
  g_auto (GStrv) parts = expand != NULL ? g_strsplit (expand, ",", -1) : NULL;

  for (guint i = 0; parts != NULL && parts[i] != NULL; i++)
    if (g_ascii_strcasecmp (g_strstrip (parts[i]), what) == 0)
      return TRUE;

  return FALSE;
}

/* What an assignment's definition version comes to: only where it is asked for. */
static void
add_assigned_versions (LwDemoCall *self, JsonObject *properties)
{
  const char *id = lw_demo_json_string (properties, "policyDefinitionId");
  LwDemoPolicy *definition = id != NULL ? lw_demo_tenant_get_policy (self->tenant, id) : NULL;
  g_autofree char *latest = NULL;
  g_autofree char *effective = NULL;

  if (definition == NULL)
    return;
  latest = lw_demo_policy_version_for (definition, NULL);
  effective = lw_demo_policy_version_for (definition,
                                          lw_demo_json_string (properties, "definitionVersion"));
  if (latest != NULL && expands (self, "LatestDefinitionVersion"))
    {
      g_autofree char *major = g_strdup_printf ("%.*s.*.*", (int) strcspn (latest, "."), latest);

      json_object_set_string_member (properties, "latestDefinitionVersion", major);
    }
  if (effective != NULL && expands (self, "EffectiveDefinitionVersion"))
    json_object_set_string_member (properties, "effectiveDefinitionVersion", effective);
}

/* The object as the asked api-version shows it. (transfer full) */
static JsonObject *
policy_json (LwDemoCall *self, LwDemoPolicy *policy)
{
  const char *version = lw_demo_call_query (self, "api-version");
  g_autofree char *type =
      g_strdup_printf ("Microsoft.Authorization/%s", lw_demo_policy_type (policy->kind));
  JsonObject *properties = lw_demo_json_copy_object (policy->properties);
  JsonObject *object = json_object_new ();

  if (strcmp (version, "2023-04-01") < 0)
    json_object_remove_member (properties, "definitionVersion");
  if (policy->kind != LW_DEMO_ASSIGNMENT && strcmp (version, "2023-04-01") >= 0)
    add_versions (properties, policy);
  if (policy->kind == LW_DEMO_ASSIGNMENT && strcmp (version, "2024-05-01") >= 0)
    add_assigned_versions (self, properties);
  if (strcmp (version, "2024-05-01") < 0)
    json_object_remove_member (properties, "instanceId");
  if (strcmp (version, "2024-04-01") < 0)
    json_object_remove_member (properties, "selfServeExemptionSettings");
  json_object_set_object_member (object, "properties", properties);
  json_object_set_string_member (object, "id", policy->id);
  json_object_set_string_member (object, "type", type);
  json_object_set_string_member (object, "name", policy->name);
  if (policy->extra != NULL)
    {
      JsonObjectIter iter;
      const char *name;
      JsonNode *node;

      json_object_iter_init_ordered (&iter, policy->extra);
      while (json_object_iter_next_ordered (&iter, &name, &node))
        json_object_set_member (object, name, lw_demo_json_copy (node));
    }
  if (policy->system != NULL && strcmp (version, "2022-01-01") > 0)
    json_object_set_object_member (object, "systemData", json_object_ref (policy->system));

  return object;
}

static char *
action_for (LwDemoPolicyKind kind, const char *verb)
{
  return g_strdup_printf ("Microsoft.Authorization/%s/%s", lw_demo_policy_type (kind), verb);
}

static void
fail_not_found (LwDemoCall *self, LwDemoPolicyKind kind, const char *name)
{
  g_autofree char *code = g_strconcat (codes[kind], "NotFound", NULL);

  lw_demo_call_fail (self, 404, code, "The %s '%s' could not be found.", singular[kind], name);
}

/* 'text' of "name eq 'text'". (transfer full) (nullable) */
static char *
filter_value (const char *filter, const char *name)
{
  g_autofree char *pattern = g_strdup_printf ("^\\s*%s\\s+-?eq\\s+'?([^']*?)'?\\s*$", name);
  g_autoptr (GRegex) regex = g_regex_new (pattern, G_REGEX_CASELESS, 0, NULL);
  g_autoptr (GMatchInfo) match = NULL;

  return g_regex_match (regex, filter, 0, &match) ? g_match_info_fetch (match, 1) : NULL;
}

static gboolean
member_is (JsonObject *object, const char *name, const char *value)
{
  const char *text = lw_demo_json_string (object, name);

  return text != NULL && g_ascii_strcasecmp (text, value) == 0;
}

static gboolean
filter_passes (const char *filter, LwDemoPolicy *policy)
{
  g_autofree char *definition = filter != NULL ? filter_value (filter, "policyDefinitionId") : NULL;
  g_autofree char *type = filter != NULL ? filter_value (filter, "policyType") : NULL;
  g_autofree char *category = filter != NULL ? filter_value (filter, "category") : NULL;

  if (definition != NULL)
    return member_is (policy->properties, "policyDefinitionId", definition);
  if (type != NULL)
    return member_is (policy->properties, "policyType", type);
  if (category != NULL)
    return member_is (lw_demo_json_object (policy->properties, "metadata"), "category", category);

  return TRUE;
}

static void
list (LwDemoCall *self, LwDemoPolicyKind kind, LwDemoScope *scope)
{
  g_autoptr (GPtrArray) objects =
      g_ptr_array_new_with_free_func ((GDestroyNotify) json_object_unref);
  const char *filter = lw_demo_call_query (self, "$filter");
  gboolean exact = filter != NULL && g_ascii_strcasecmp (filter, "atExactScope()") == 0;
  gboolean at = filter != NULL && g_ascii_strcasecmp (filter, "atScope()") == 0;
  gboolean below = kind == LW_DEMO_ASSIGNMENT && !at && !exact && scope->kind != LW_DEMO_GROUP;

  if (filter != NULL && *filter == '\0')
    filter = NULL;
  for (guint i = 0; i < self->tenant->by_kind[kind]->len; i++)
    {
      LwDemoPolicy *policy = g_ptr_array_index (self->tenant->by_kind[kind], i);
      gboolean here = g_str_equal (policy->scope->key, scope->key);
      gboolean above = !exact && lw_demo_scope_within (scope, policy->scope);
      gboolean under = below && lw_demo_scope_within (policy->scope, scope);

      if ((here || above || under) && filter_passes (filter, policy))
        g_ptr_array_add (objects, policy_json (self, policy));
    }
  lw_demo_call_reply_list (self, objects);
}

static JsonObject *
stamped_metadata (LwDemoCall *self, JsonObject *given, LwDemoPolicy *old)
{
  JsonObject *metadata = given != NULL ? lw_demo_json_copy_object (given) : json_object_new ();
  JsonObject *before = old != NULL ? lw_demo_json_object (old->properties, "metadata") : NULL;
  const char *created_by = lw_demo_json_string (before, "createdBy");
  const char *created_on = lw_demo_json_string (before, "createdOn");
  g_autofree char *now = lw_demo_stamp (lw_demo_tenant_now (self->tenant));
  const char *oid = self->caller->person->oid;

  json_object_set_string_member (metadata, "createdBy", created_by != NULL ? created_by : oid);
  json_object_set_string_member (metadata, "createdOn", created_on != NULL ? created_on : now);
  if (old != NULL)
    {
      json_object_set_string_member (metadata, "updatedBy", oid);
      json_object_set_string_member (metadata, "updatedOn", now);
    }
  else
    {
      json_object_set_null_member (metadata, "updatedBy");
      json_object_set_null_member (metadata, "updatedOn");
    }

  return metadata;
}

static JsonObject *
stamped_system (LwDemoCall *self, LwDemoPolicy *old)
{
  JsonObject *system = old != NULL && old->system != NULL ? lw_demo_json_copy_object (old->system)
                                                          : json_object_new ();
  LwDemoPerson *person = self->caller->person;
  const char *by = person->app_id != NULL ? person->app_id : person->upn;
  const char *type = person->app_id != NULL ? "Application" : "User";
  g_autofree char *now = lw_demo_stamp (lw_demo_tenant_now (self->tenant));

  if (!json_object_has_member (system, "createdBy"))
    {
      json_object_set_string_member (system, "createdBy", by);
      json_object_set_string_member (system, "createdByType", type);
      json_object_set_string_member (system, "createdAt", now);
    }
  json_object_set_string_member (system, "lastModifiedBy", by);
  json_object_set_string_member (system, "lastModifiedByType", type);
  json_object_set_string_member (system, "lastModifiedAt", now);

  return system;
}

/* Members of a set that came without a reference id get one. */
static void
give_reference_ids (JsonObject *properties)
{
  JsonArray *members = lw_demo_json_array (properties, "policyDefinitions");

  for (guint i = 0; members != NULL && i < json_array_get_length (members); i++)
    {
      JsonObject *member = lw_demo_json_object_at (members, i);
      const char *id = lw_demo_json_string (member, "policyDefinitionId");
      g_autofree char *seed = g_strdup_printf ("%u:%s", i, id != NULL ? id : "");
      g_autofree char *reference = NULL;

      if (member == NULL || json_object_has_member (member, "policyDefinitionReferenceId"))
        continue;
      reference = g_strdup_printf ("%u%09u", g_str_hash (seed), g_str_hash (seed + 1) % 1000000000);
      json_object_set_string_member (member, "policyDefinitionReferenceId", reference);
    }
}

static guint
count_at (LwDemoTenant *tenant, LwDemoPolicyKind kind, LwDemoScope *scope)
{
  guint n = 0;

  for (guint i = 0; i < tenant->by_kind[kind]->len; i++)
    {
      LwDemoPolicy *policy = g_ptr_array_index (tenant->by_kind[kind], i);

      n += g_str_equal (policy->scope->key, scope->key);
    }

  return n;
}

/* Fills in what Azure adds to an assignment; FALSE, having answered, where it would refuse it. */
static gboolean
complete_assignment (LwDemoCall *self,
                     LwDemoScope *scope,
                     JsonObject *properties,
                     LwDemoPolicy *old)
{
  const char *definition_id = lw_demo_json_string (properties, "policyDefinitionId");
  LwDemoPolicy *definition =
      definition_id != NULL ? lw_demo_tenant_get_policy (self->tenant, definition_id) : NULL;
  const char *version;
  g_autofree char *instance = g_uuid_string_random ();

  if (definition == NULL || definition->kind == LW_DEMO_ASSIGNMENT)
    {
      lw_demo_call_fail (self, 404, "PolicyDefinitionNotFound",
                         "The policy definition specified in policy assignment is not found: '%s'.",
                         definition_id != NULL ? definition_id : "");
      return FALSE;
    }
  json_object_set_string_member (properties, "scope", scope->id);
  if (!json_object_has_member (properties, "enforcementMode"))
    json_object_set_string_member (properties, "enforcementMode", "Default");
  version = lw_demo_json_string (definition->properties, "version");
  if (version != NULL && !json_object_has_member (properties, "definitionVersion"))
    {
      g_autofree char *major = g_strdup_printf ("%.*s.*.*", (int) strcspn (version, "."), version);

      json_object_set_string_member (properties, "definitionVersion", major);
    }
  json_object_set_string_member (properties, "instanceId",
                                 old != NULL ? lw_demo_json_string (old->properties, "instanceId")
                                             : instance);

  return TRUE;
}

static gboolean
room_for (LwDemoCall *self, LwDemoPolicyKind kind, LwDemoScope *scope, const char *name)
{
  guint most = kind == LW_DEMO_ASSIGNMENT ? ASSIGNMENTS_PER_SCOPE : DEFINITIONS_PER_SCOPE;
  guint count = count_at (self->tenant, kind, scope);
  g_autofree char *code = g_strconcat (codes[kind], "QuotaExceeded", NULL);

  if (count < most)
    return TRUE;
  lw_demo_call_fail (self, 409, code,
                     "Creating %s '%s' would exceed the quota at current scope. Existing policy "
                     "definitions: '%u', the quota is: '%u'.",
                     singular[kind], name, count, most);

  return FALSE;
}

static void
put (LwDemoCall *self, LwDemoPolicyKind kind, LwDemoScope *scope, const char *name)
{
  g_autofree char *id = lw_demo_policy_id (kind, scope->id, name);
  LwDemoPolicy *old = lw_demo_tenant_get_policy (self->tenant, id);
  g_autoptr (GError) error = NULL;
  g_autoptr (JsonObject) body = lw_demo_call_body (self, &error);
  JsonObject *given = lw_demo_json_object (body, "properties");
  g_autoptr (JsonObject) properties = NULL;
  g_autoptr (JsonObject) answer = NULL;
  JsonObject *extra;
  gboolean created = old == NULL;

  if (created && !room_for (self, kind, scope, name))
    return;
  if (given == NULL)
    {
      lw_demo_call_fail (self, 400, "InvalidRequestContent",
                         "The request content was invalid and could not be deserialized: '%s'.",
                         error != NULL ? error->message : "properties are missing");
      return;
    }

  properties = lw_demo_json_copy_object (given);
  if (kind == LW_DEMO_ASSIGNMENT && !complete_assignment (self, scope, properties, old))
    return;
  if (kind != LW_DEMO_ASSIGNMENT)
    json_object_set_string_member (properties, "policyType", "Custom");
  if (kind == LW_DEMO_DEFINITION && !json_object_has_member (properties, "mode"))
    json_object_set_string_member (properties, "mode", "Indexed");
  if (kind == LW_DEMO_SET)
    give_reference_ids (properties);
  json_object_set_object_member (
      properties, "metadata",
      stamped_metadata (self, lw_demo_json_object (given, "metadata"), old));

  extra = json_object_new ();
  for (guint i = 0; i < 2; i++)
    {
      const char *member = i == 0 ? "location" : "identity";

      if (json_object_has_member (body, member))
        json_object_set_member (extra, member,
                                lw_demo_json_copy (json_object_get_member (body, member)));
    }
  old = lw_demo_tenant_put_policy (
      self->tenant, kind, lw_demo_tenant_scope (self->tenant, scope->id), name,
      g_steal_pointer (&properties), stamped_system (self, old), extra);
  if (kind == LW_DEMO_DEFINITION)
    {
      g_clear_pointer (&old->types, g_ptr_array_unref);
      old->types = lw_demo_rule_types (
          lw_demo_json_object (lw_demo_json_object (old->properties, "policyRule"), "if"));
      old->by_rule = TRUE;
    }
  answer = policy_json (self, old);
  lw_demo_call_reply_object (self, created || kind != LW_DEMO_SET ? 201 : 200, answer);
}

static void
remove_one (LwDemoCall *self, LwDemoPolicy *policy)
{
  g_autoptr (JsonObject) answer = NULL;

  if (policy == NULL)
    {
      lw_demo_call_reply_empty (self, 204);
      return;
    }
  answer = policy_json (self, policy);
  lw_demo_tenant_remove_policy (self->tenant, policy);
  lw_demo_call_reply_object (self, 200, answer);
}

/* {scope}/providers/Microsoft.Authorization/{kind}[/{name}[/versions[/{version}]]] */
void
lw_demo_policy_handle (LwDemoCall *self,
                       LwDemoPolicyKind kind,
                       LwDemoScope *scope,
                       const char *name,
                       guint rest)
{
  const char *verb = lw_demo_call_is (self, "PUT")      ? "write"
                     : lw_demo_call_is (self, "DELETE") ? "delete"
                                                        : "read";
  g_autofree char *action = action_for (kind, verb);
  g_autofree char *id = name != NULL ? lw_demo_policy_id (kind, scope->id, name) : NULL;
  LwDemoPolicy *policy = id != NULL ? lw_demo_tenant_get_policy (self->tenant, id) : NULL;
  gboolean built_in = scope->kind == LW_DEMO_ROOT && g_str_equal (verb, "read");

  if (!lw_demo_call_supports (self, lw_demo_policy_type (kind),
                              self->demo->policy_versions != NULL
                                  ? (const char *const *) self->demo->policy_versions
                                  : known_versions))
    return;
  if (!built_in && !lw_demo_call_need (self, action, scope))
    return;
  if (!lw_demo_call_need_scope (self, scope))
    return;

  if (name == NULL && lw_demo_call_is (self, "GET"))
    list (self, kind, scope);
  else if (name == NULL)
    lw_demo_call_fail_method (self);
  else if (rest < self->n_path &&
           (kind == LW_DEMO_ASSIGNMENT || !lw_demo_call_path_is (self, rest, "versions") ||
            rest + 2 < self->n_path))
    lw_demo_call_fail_not_found (self);
  else if (rest < self->n_path && policy == NULL)
    fail_not_found (self, kind, name);
  else if (rest < self->n_path)
    lw_demo_versions_handle (self, policy, rest + 1 < self->n_path ? self->path[rest + 1] : NULL);
  else if (lw_demo_call_is (self, "PUT"))
    put (self, kind, scope, name);
  else if (lw_demo_call_is (self, "DELETE"))
    remove_one (self, policy);
  else if (policy == NULL)
    fail_not_found (self, kind, name);
  else
    {
      g_autoptr (JsonObject) answer = policy_json (self, policy);

      lw_demo_call_reply_object (self, 200, answer);
    }
}
