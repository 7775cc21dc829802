/* SPDX-License-Identifier: GPL-3.0-or-later */

/* What the tenant's policies say of a resource that is about to be written. */

#include "lw-demo-restrictions.h"

#include "lw-demo-arm.h"
#include "lw-demo-json.h"
#include "lw-demo-rule.h"

#include <string.h>

static const char *const versions[] = { "2020-07-01", "2022-03-01", "2023-03-01", "2024-10-01",
                                        NULL };

/* A definition as an assignment uses it. */
typedef struct
{
  LwDemoPolicy *assignment;
  LwDemoPolicy *set; /* nullable */
  LwDemoPolicy *definition;
  JsonObject *member;    /* nullable: the entry of the set */
  const char *reference; /* "" for a single definition */
  char *effect;          /* lower case */
  JsonObject *values;    /* parameters of the definition */
} Policy;

static void
policy_clear (gpointer data)
{
  Policy *self = data;

  g_free (self->effect);
  json_object_unref (self->values);
}

/* What the definition's parameters are: those of the member, in which those of the set are named, which
 * the assignment gives. */
static JsonObject *
parameter_values (const Policy *policy)
{
  JsonObject *given = lw_demo_json_object (policy->assignment->properties, "parameters");
  JsonObject *passed = lw_demo_json_object (policy->member, "parameters");
  JsonObject *values = json_object_new ();
  JsonObject *from = policy->member != NULL ? passed : given;
  JsonObjectIter iter;
  const char *name;
  JsonNode *node;

  if (from == NULL)
    return values;
  json_object_iter_init (&iter, from);
  while (json_object_iter_next (&iter, &name, &node))
    {
      const char *text = JSON_NODE_HOLDS_OBJECT (node)
                             ? lw_demo_json_string (json_node_get_object (node), "value")
                             : NULL;
      g_autofree char *outer = text != NULL && g_str_has_prefix (text, "[parameters('")
                                   ? g_strndup (text + 13, strcspn (text + 13, "'"))
                                   : NULL;
      JsonObject *value = outer != NULL ? lw_demo_json_object (given, outer) : NULL;

      if (value != NULL)
        json_object_set_object_member (values, name, lw_demo_json_copy_object (value));
      else if (outer == NULL)
        json_object_set_member (values, name, lw_demo_json_copy (node));
    }

  return values;
}

static void
add_policy (LwDemoTenant *tenant, GArray *policies, Policy policy, const char *definition_id)
{
  policy.definition =
      definition_id != NULL ? lw_demo_tenant_get_policy (tenant, definition_id) : NULL;
  if (policy.definition == NULL || policy.definition->kind != LW_DEMO_DEFINITION)
    return;
  policy.effect =
      lw_demo_assignment_effect (tenant, policy.assignment, policy.member, policy.definition);
  if (policy.effect == NULL)
    policy.effect = g_strdup ("audit");
  policy.values = parameter_values (&policy);
  g_array_append_val (policies, policy);
}

static gboolean
is_left_out (LwDemoPolicy *assignment, LwDemoScope *scope)
{
  JsonArray *not_scopes = lw_demo_json_array (assignment->properties, "notScopes");

  for (guint i = 0; not_scopes != NULL && i < json_array_get_length (not_scopes); i++)
    {
      const char *text = lw_demo_json_string_at (not_scopes, i);
      g_autoptr (GString) outer = text != NULL ? g_string_new (text) : NULL;

      if (outer == NULL)
        continue;
      g_string_append_c (outer, '/');
      g_string_ascii_down (outer);
      if (g_str_has_prefix (scope->key, outer->str) ||
          strncmp (scope->key, outer->str, outer->len - 1) == 0)
        return TRUE;
    }

  return FALSE;
}

/* Every definition in force at the scope that looks at that type. */
static GArray *
policies_at (LwDemoTenant *tenant, LwDemoScope *scope)
{
  GArray *policies = g_array_new (FALSE, FALSE, sizeof (Policy));
  GPtrArray *assignments = tenant->by_kind[LW_DEMO_ASSIGNMENT];

  g_array_set_clear_func (policies, policy_clear);
  for (guint i = 0; i < assignments->len; i++)
    {
      LwDemoPolicy *assignment = g_ptr_array_index (assignments, i);
      const char *id = lw_demo_json_string (assignment->properties, "policyDefinitionId");
      LwDemoPolicy *assigned = id != NULL ? lw_demo_tenant_get_policy (tenant, id) : NULL;
      Policy policy = { .assignment = assignment, .reference = "" };
      JsonArray *members;

      if (assigned == NULL || !lw_demo_scope_within (scope, assignment->scope) ||
          is_left_out (assignment, scope))
        continue;
      if (assigned->kind == LW_DEMO_DEFINITION)
        {
          add_policy (tenant, policies, policy, id);
          continue;
        }
      policy.set = assigned;
      members = lw_demo_json_array (assigned->properties, "policyDefinitions");
      for (guint j = 0; members != NULL && j < json_array_get_length (members); j++)
        {
          policy.member = lw_demo_json_object_at (members, j);
          policy.reference = lw_demo_json_string (policy.member, "policyDefinitionReferenceId");
          add_policy (tenant, policies, policy,
                      lw_demo_json_string (policy.member, "policyDefinitionId"));
        }
    }

  return policies;
}

static JsonObject *
condition_of (const Policy *policy)
{
  return lw_demo_json_object (lw_demo_json_object (policy->definition->properties, "policyRule"),
                              "if");
}

/* The mode Indexed leaves out what has neither location nor tags, such as exemptions. */
static gboolean
looks_at (const Policy *policy, JsonObject *content)
{
  const char *mode = lw_demo_json_string (policy->definition->properties, "mode");

  return g_strcmp0 (mode, "All") == 0 ||
         (g_strcmp0 (mode, "Indexed") == 0 && (json_object_has_member (content, "location") ||
                                               json_object_has_member (content, "tags")));
}

static gboolean
matches (const Policy *policy, JsonObject *content, const char *field, const char *value)
{
  const LwDemoRuleInput input = {
    .content = content,
    .values = policy->values,
    .declared = lw_demo_json_object (policy->definition->properties, "parameters"),
    .field = field,
    .value = value,
  };

  return looks_at (policy, content) && lw_demo_rule_matches (condition_of (policy), &input);
}

static gboolean
is_enforced (const Policy *policy)
{
  const char *mode = lw_demo_json_string (policy->assignment->properties, "enforcementMode");

  return mode == NULL || g_ascii_strcasecmp (mode, "Default") == 0;
}

/* As the service names effects. */
static const char *
effect_name (const char *effect)
{
  return g_str_equal (effect, "deny") ? "Deny" : g_str_equal (effect, "audit") ? "Audit" : effect;
}

static JsonObject *
reference_json (const Policy *policy)
{
  JsonObject *object = json_object_new ();

  json_object_set_string_member (object, "policyDefinitionId", policy->definition->id);
  if (policy->set != NULL)
    {
      json_object_set_string_member (object, "policySetDefinitionId", policy->set->id);
      json_object_set_string_member (object, "policyDefinitionReferenceId", policy->reference);
    }
  json_object_set_string_member (object, "policyAssignmentId", policy->assignment->id);

  return object;
}

static const char *
reason_of (const Policy *policy)
{
  JsonArray *messages =
      lw_demo_json_array (policy->assignment->properties, "nonComplianceMessages");
  JsonObject *first = messages != NULL && json_array_get_length (messages) > 0
                          ? lw_demo_json_object_at (messages, 0)
                          : NULL;
  const char *text = lw_demo_json_string (first, "message");

  if (text == NULL)
    text = lw_demo_json_string (policy->definition->properties, "description");

  return text != NULL ? text : "";
}

static JsonObject *
evaluation_json (const Policy *policy)
{
  JsonObject *object = json_object_new ();
  JsonObject *details = json_object_new ();
  JsonObject *effect = json_object_new ();

  json_object_set_object_member (object, "policyInfo", reference_json (policy));
  json_object_set_string_member (object, "evaluationResult", "NonCompliant");
  json_object_set_array_member (details, "evaluatedExpressions", json_array_new ());
  json_object_set_string_member (details, "reason", reason_of (policy));
  json_object_set_object_member (object, "evaluationDetails", details);
  json_object_set_string_member (effect, "policyEffect", effect_name (policy->effect));
  json_object_set_object_member (object, "effectDetails", effect);

  return object;
}

static gboolean
is_asked (const Policy *policy, gboolean audit)
{
  return is_enforced (policy) &&
         (g_str_equal (policy->effect, "deny") || (audit && g_str_equal (policy->effect, "audit")));
}

static JsonArray *
evaluate_content (GArray *policies, JsonObject *content, gboolean audit)
{
  JsonArray *found = json_array_new ();

  for (guint i = 0; i < policies->len; i++)
    {
      const Policy *policy = &g_array_index (policies, Policy, i);

      if (is_asked (policy, audit) && matches (policy, content, NULL, NULL))
        json_array_add_object_element (found, evaluation_json (policy));
    }

  return found;
}

static gboolean
names_field (const Policy *policy, const char *field)
{
  g_autoptr (GPtrArray) fields = lw_demo_rule_fields (condition_of (policy));

  for (guint i = 0; i < fields->len; i++)
    if (g_ascii_strcasecmp (g_ptr_array_index (fields, i), field) == 0)
      return TRUE;

  return FALSE;
}

/* The values of a pending field that a policy refuses. (nullable) */
static JsonObject *
restriction_json (const Policy *policy, JsonObject *content, const char *field, JsonArray *values)
{
  JsonObject *object;
  JsonArray *refused = json_array_new ();

  for (guint i = 0; values != NULL && i < json_array_get_length (values); i++)
    {
      const char *value = lw_demo_json_string_at (values, i);

      if (value != NULL && matches (policy, content, field, value))
        json_array_add_string_element (refused, value);
    }
  if (json_array_get_length (refused) == 0)
    {
      json_array_unref (refused);
      return NULL;
    }
  object = json_object_new ();
  json_object_set_string_member (object, "result", effect_name (policy->effect));
  json_object_set_array_member (object, "values", refused);
  json_object_set_object_member (object, "policy", reference_json (policy));
  json_object_set_string_member (object, "policyEffect", effect_name (policy->effect));
  json_object_set_string_member (object, "reason", reason_of (policy));

  return object;
}

static JsonArray *
evaluate_fields (GArray *policies, JsonObject *content, JsonArray *pending, gboolean audit)
{
  JsonArray *found = json_array_new ();

  for (guint i = 0; pending != NULL && i < json_array_get_length (pending); i++)
    {
      JsonObject *asked = lw_demo_json_object_at (pending, i);
      const char *field = lw_demo_json_string (asked, "field");
      JsonArray *restrictions = json_array_new ();
      JsonObject *object;

      for (guint j = 0; field != NULL && j < policies->len; j++)
        {
          const Policy *policy = &g_array_index (policies, Policy, j);
          JsonObject *one =
              is_asked (policy, audit) && names_field (policy, field)
                  ? restriction_json (policy, content, field, lw_demo_json_array (asked, "values"))
                  : NULL;

          if (one != NULL)
            json_array_add_object_element (restrictions, one);
        }
      if (json_array_get_length (restrictions) == 0)
        {
          json_array_unref (restrictions);
          continue;
        }
      object = json_object_new ();
      json_object_set_string_member (object, "field", field);
      json_object_set_array_member (object, "restrictions", restrictions);
      json_array_add_object_element (found, object);
    }

  return found;
}

/* A resource that is not there yet, or what it is part of. */
static LwDemoScope *
target_scope (LwDemoCall *self, LwDemoScope *scope, JsonObject *details)
{
  const char *deeper = lw_demo_json_string (details, "scope");
  LwDemoScope *target = lw_demo_tenant_scope (self->tenant, deeper != NULL ? deeper : scope->id);

  if (target != NULL && lw_demo_scope_within (target, scope))
    return target;
  g_clear_pointer (&target, lw_demo_scope_free);
  lw_demo_call_fail (self, 400, "InvalidResourceScope",
                     "The scope '%s' is not within the scope of the request.", deeper);

  return NULL;
}

void
lw_demo_restrictions_handle (LwDemoCall *self, LwDemoScope *scope)
{
  g_autoptr (JsonObject) body = NULL;
  g_autoptr (JsonObject) answer = NULL;
  g_autoptr (LwDemoScope) target = NULL;
  g_autoptr (GArray) policies = NULL;
  JsonObject *details, *content, *result;
  gboolean audit;

  if (!lw_demo_call_supports (self, "checkPolicyRestrictions", versions))
    return;
  if (!lw_demo_call_is (self, "POST") || scope->kind == LW_DEMO_RESOURCE ||
      scope->kind == LW_DEMO_ROOT)
    {
      lw_demo_call_fail_method (self);
      return;
    }
  if (!lw_demo_call_need (self, "Microsoft.PolicyInsights/checkPolicyRestrictions/read", scope) ||
      !lw_demo_call_need_scope (self, scope))
    return;
  body = lw_demo_call_body (self, NULL);
  details = lw_demo_json_object (body, "resourceDetails");
  content = lw_demo_json_object (details, "resourceContent");
  if (content == NULL)
    {
      lw_demo_call_fail (self, 400, "InvalidCheckRestrictionsRequest",
                         "The request content is invalid: 'resourceDetails.resourceContent' is "
                         "required.");
      return;
    }
  target = target_scope (self, scope, details);
  if (target == NULL)
    return;
  policies = policies_at (self->tenant, target);
  audit = lw_demo_json_bool (body, "includeAuditEffect", FALSE);
  answer = json_object_new ();
  json_object_set_array_member (
      answer, "fieldRestrictions",
      evaluate_fields (policies, content, lw_demo_json_array (body, "pendingFields"), audit));
  result = json_object_new ();
  json_object_set_array_member (result, "policyEvaluations",
                                evaluate_content (policies, content, audit));
  json_object_set_object_member (answer, "contentEvaluationResult", result);
  lw_demo_call_reply_object (self, 200, answer);
}

static void
refuse (LwDemoCall *self, const Policy *policy, JsonObject *content)
{
  g_autoptr (JsonObject) answer = json_object_new ();
  JsonObject *error = json_object_new ();
  JsonObject *more = json_object_new ();
  JsonObject *info = json_object_new ();
  JsonArray *list = json_array_new ();
  const char *name = lw_demo_json_string (content, "name");
  const char *display = lw_demo_json_string (policy->definition->properties, "displayName");
  g_autofree char *message = g_strdup_printf (
      "Resource '%s' was disallowed by policy. Policy identifiers: "
      "'[{\"policyAssignment\":{\"name\":\"%s\",\"id\":\"%s\"},\"policyDefinition\":{\"name\":"
      "\"%s\",\"id\":\"%s\"}}]'.",
      name, policy->assignment->name, policy->assignment->id, display != NULL ? display : "",
      policy->definition->id);

  json_object_set_string_member (error, "code", "RequestDisallowedByPolicy");
  json_object_set_string_member (error, "target", name);
  json_object_set_string_member (error, "message", message);
  json_object_set_string_member (more, "type", "PolicyViolation");
  json_object_set_string_member (info, "policyDefinitionDisplayName", display);
  json_object_set_string_member (info, "policyDefinitionId", policy->definition->id);
  json_object_set_string_member (info, "policyDefinitionEffect", "Deny");
  json_object_set_string_member (info, "policyAssignmentId", policy->assignment->id);
  json_object_set_object_member (more, "info", info);
  json_array_add_object_element (list, more);
  json_object_set_array_member (error, "additionalInfo", list);
  json_object_set_object_member (answer, "error", error);
  lw_demo_call_set_header (self, "x-ms-failure-cause", "gateway");
  lw_demo_call_reply_object (self, 403, answer);
}

gboolean
lw_demo_restrictions_refuse (LwDemoCall *self, LwDemoScope *scope, JsonObject *content)
{
  g_autoptr (GArray) policies = policies_at (self->tenant, scope);

  for (guint i = 0; i < policies->len; i++)
    {
      const Policy *policy = &g_array_index (policies, Policy, i);

      if (is_asked (policy, FALSE) && matches (policy, content, NULL, NULL))
        {
          refuse (self, policy, content);
          return TRUE;
        }
    }

  return FALSE;
}
