/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Writing a policyExemption: the checks Azure makes, in its order, then the full replacement. */

#include "lw-demo-exemptions.h"

#include "lw-demo-json.h"
#include "lw-demo-restrictions.h"

#include <string.h>

#define EXEMPTIONS_PER_SCOPE    1000
#define NAME_CHARACTERS         64
#define DISPLAY_NAME_CHARACTERS 128
#define DESCRIPTION_CHARACTERS  512

static gboolean
refuse_content (LwDemoCall *self, const char *what)
{
  lw_demo_call_fail (self, 400, "InvalidRequestContent",
                     "The request content was invalid and could not be deserialized: '%s'.", what);

  return FALSE;
}

static gboolean
refuse_create (LwDemoCall *self, const char *name, const char *what)
{
  lw_demo_call_fail (
      self, 400, "InvalidCreatePolicyExemptionRequest",
      "The policy exemption create request is invalid. The policy exemption '%s': %s", name, what);

  return FALSE;
}

static gboolean
name_is_good (const char *name)
{
  for (const char *c = name; *c != '\0'; c++)
    if ((guchar) *c < 0x20 || strchr ("<>%&:\\?/", *c) != NULL)
      return FALSE;

  return g_utf8_strlen (name, -1) <= NAME_CHARACTERS && !g_str_has_suffix (name, " ") &&
         !g_str_has_suffix (name, ".");
}

static gboolean
texts_fit (LwDemoCall *self, const char *name, JsonObject *given)
{
  const struct
  {
    const char *member, *message;
    glong most;
  } texts[] = {
    { "displayName", "the display name exceeds the maximum of 128 characters.",
      DISPLAY_NAME_CHARACTERS },
    { "description", "the description exceeds the maximum of 512 characters.",
      DESCRIPTION_CHARACTERS },
  };

  for (guint i = 0; i < G_N_ELEMENTS (texts); i++)
    {
      const char *text = lw_demo_json_string (given, texts[i].member);

      if (text != NULL && g_utf8_strlen (text, -1) > texts[i].most)
        return refuse_create (self, name, texts[i].message);
    }

  return TRUE;
}

/* Members must have the types of the published schema. */
static gboolean
types_fit (LwDemoCall *self, JsonObject *given)
{
  static const char *const strings[] = { "policyAssignmentId", "exemptionCategory",
                                         "displayName",        "description",
                                         "expiresOn",          "assignmentScopeValidation" };
  static const char *const arrays[] = { "policyDefinitionReferenceIds", "resourceSelectors" };
  const char *category = lw_demo_json_string (given, "exemptionCategory");

  for (guint i = 0; i < G_N_ELEMENTS (strings); i++)
    if (json_object_has_member (given, strings[i]) &&
        !json_object_get_null_member (given, strings[i]) &&
        lw_demo_json_string (given, strings[i]) == NULL)
      return refuse_content (self, "Unexpected character encountered while parsing value");
  for (guint i = 0; i < G_N_ELEMENTS (arrays); i++)
    if (json_object_has_member (given, arrays[i]) &&
        !json_object_get_null_member (given, arrays[i]) &&
        lw_demo_json_array (given, arrays[i]) == NULL)
      return refuse_content (self, "Cannot deserialize the current JSON value into a list");
  if (lw_demo_json_string (given, "policyAssignmentId") == NULL)
    return refuse_content (self, "Required property 'policyAssignmentId' not found in JSON");
  if (category == NULL)
    return refuse_content (self, "Required property 'exemptionCategory' not found in JSON");
  if (g_ascii_strcasecmp (category, "Waiver") != 0 &&
      g_ascii_strcasecmp (category, "Mitigated") != 0)
    return refuse_content (self, "Error converting value to type 'PolicyExemptionCategory'");

  return TRUE;
}

static gboolean
selector_is_good (LwDemoCall *self, JsonObject *selector)
{
  static const char *const kinds[] = { "resourcelocation", "resourcetype",
                                       "resourcewithoutlocation", "policydefinitionreferenceid",
                                       NULL };
  static const char *const newer[] = { "userprincipalid", "groupprincipalid", NULL };
  const char *kind = lw_demo_json_string (selector, "kind");
  g_autofree char *lower = kind != NULL ? g_ascii_strdown (kind, -1) : NULL;
  JsonArray *in = lw_demo_json_array (selector, "in");
  JsonArray *not_in = lw_demo_json_array (selector, "notIn");
  JsonArray *values = in != NULL ? in : not_in;

  if (lower == NULL || (in != NULL) == (not_in != NULL))
    return FALSE;
  if (json_array_get_length (values) == 0 || json_array_get_length (values) > 50)
    return FALSE;

  return g_strv_contains (kinds, lower) ||
         (g_strv_contains (newer, lower) &&
          strcmp (lw_demo_call_query (self, "api-version"), "2024-12-01") >= 0);
}

static gboolean
selectors_are_good (LwDemoCall *self, const char *name, JsonObject *given)
{
  JsonArray *array = lw_demo_json_array (given, "resourceSelectors");

  if (array != NULL && json_array_get_length (array) > 10)
    return refuse_create (self, name, "more than 10 resource selectors.");
  for (guint i = 0; array != NULL && i < json_array_get_length (array); i++)
    {
      JsonArray *selectors = lw_demo_json_array (lw_demo_json_object_at (array, i), "selectors");
      g_autoptr (GHashTable) seen = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);

      for (guint j = 0; selectors != NULL && j < json_array_get_length (selectors); j++)
        {
          JsonObject *selector = lw_demo_json_object_at (selectors, j);

          if (!selector_is_good (self, selector) ||
              !g_hash_table_add (seen,
                                 g_ascii_strdown (lw_demo_json_string (selector, "kind"), -1)))
            return refuse_create (self, name, "a resource selector is not valid.");
        }
      if (g_hash_table_contains (seen, "resourcelocation") &&
          g_hash_table_contains (seen, "resourcewithoutlocation"))
        return refuse_create (
            self, name, "resourceLocation and resourceWithoutLocation can't be used together.");
    }

  return TRUE;
}

static gboolean
may_exempt (LwDemoCall *self, const char *assignment_id, LwDemoScope *scope)
{
  const char *action = "Microsoft.Authorization/policyAssignments/exempt/action";
  g_autofree char *lower = g_ascii_strdown (assignment_id, -1);
  const char *cut = g_strrstr (lower, "/providers/microsoft.authorization/policyassignments/");
  g_autofree char *path = cut != NULL ? g_strndup (assignment_id, cut - lower) : NULL;
  g_autoptr (LwDemoScope) linked = path != NULL ? lw_demo_tenant_scope (self->tenant, path) : NULL;
  LwDemoPerson *person = self->caller->person;

  if (linked != NULL && lw_demo_person_can (person, action, linked))
    return TRUE;
  if (linked == NULL)
    {
      lw_demo_call_fail_gateway (
          self, 400, "LinkedInvalidPropertyId",
          "Property id '%s' at path 'properties.policyAssignmentId' is invalid. "
          "Expect fully qualified resource Id that start with "
          "'/subscriptions/{subscriptionId}' or '/providers/{resourceProvider"
          "Namespace}/'.",
          assignment_id);
      return FALSE;
    }
  lw_demo_call_fail_gateway (
      self, 403, "LinkedAuthorizationFailed",
      "The client '%s' with object id '%s' has permission to perform action "
      "'Microsoft.Authorization/policyExemptions/write' on scope '%s'; however, it does not have "
      "permission to perform action(s) '%s' on the linked scope(s) '%s' (respectively) or the "
      "linked "
      "scope(s) are invalid.",
      person->app_id != NULL ? person->app_id : person->upn, person->oid, scope->id, action,
      assignment_id);

  return FALSE;
}

static gboolean
references_exist (LwDemoCall *self, const char *name, JsonObject *given, LwDemoPolicy *assignment)
{
  JsonArray *references = lw_demo_json_array (given, "policyDefinitionReferenceIds");
  const char *definition = lw_demo_json_string (assignment->properties, "policyDefinitionId");
  LwDemoPolicy *set;
  JsonArray *members;

  if (references == NULL || json_array_get_length (references) == 0)
    return TRUE;
  if (definition == NULL || !lw_demo_policy_is_set_id (definition))
    {
      lw_demo_call_fail (
          self, 400, "InvalidPolicyDefinitionReference",
          "The policy exemption '%s' create request is invalid. The associated policy "
          "assignment is an assignment of a policy definition. The policy definition "
          "reference is only valid for policy assignments of policy set definitions.",
          name);
      return FALSE;
    }
  set = lw_demo_tenant_get_policy (self->tenant, definition);
  members = set != NULL ? lw_demo_json_array (set->properties, "policyDefinitions") : NULL;
  for (guint i = 0; members != NULL && i < json_array_get_length (references); i++)
    {
      const char *reference = lw_demo_json_string_at (references, i);
      gboolean known = FALSE;

      for (guint j = 0; reference != NULL && j < json_array_get_length (members); j++)
        {
          const char *one = lw_demo_json_string (lw_demo_json_object_at (members, j),
                                                 "policyDefinitionReferenceId");

          known |= one != NULL && g_ascii_strcasecmp (one, reference) == 0;
        }
      if (!known)
        {
          lw_demo_call_fail (
              self, 400, "InvalidPolicyDefinitionReference",
              "The policy exemption '%s' create request is invalid. The policy "
              "definition reference '%s' was not found in the policy set definition.",
              name, reference != NULL ? reference : "");
          return FALSE;
        }
    }

  return TRUE;
}

static gboolean
assignment_fits (LwDemoCall *self,
                 LwDemoScope *scope,
                 const char *name,
                 JsonObject *given,
                 LwDemoExemption *old)
{
  const char *id = lw_demo_json_string (given, "policyAssignmentId");
  const char *validation = lw_demo_json_string (given, "assignmentScopeValidation");
  LwDemoPolicy *assignment = lw_demo_tenant_get_policy (self->tenant, id);

  if (old != NULL && g_ascii_strcasecmp (old->assignment, id) != 0)
    {
      lw_demo_call_fail (
          self, 400, "InvalidPolicyAssignmentIdUpdate",
          "The policy exemption '%s' update request is invalid. The policy assignment "
          "id can't be changed.",
          name);
      return FALSE;
    }
  if (assignment == NULL || assignment->kind != LW_DEMO_ASSIGNMENT)
    return refuse_create (self, name, "the policy assignment could not be found.");
  if (!lw_demo_scope_within (scope, assignment->scope) &&
      (validation == NULL || g_ascii_strcasecmp (validation, "DoNotValidate") != 0))
    return refuse_create (self, name,
                          "its scope must be at or below the scope of the policy assignment.");

  return references_exist (self, name, given, assignment);
}

/* "2027-01-01T00:00:00.0000000Z" gives "2027-01-01T00:00:00Z". (transfer full) (nullable) */
static char *
without_fraction (const char *text)
{
  g_autoptr (GTimeZone) utc = g_time_zone_new_utc ();
  g_autoptr (GDateTime) time = g_date_time_new_from_iso8601 (text, utc);
  g_autoptr (GDateTime) in_utc = time != NULL ? g_date_time_to_utc (time) : NULL;

  return in_utc != NULL ? g_date_time_format (in_utc, "%Y-%m-%dT%H:%M:%SZ") : NULL;
}

/* A policy may have something to say about exemptions, too. */
static gboolean
is_disallowed (LwDemoCall *self, LwDemoScope *scope, const char *name, JsonObject *given)
{
  g_autoptr (JsonObject) content = json_object_new ();

  json_object_set_string_member (content, "type", "Microsoft.Authorization/policyExemptions");
  json_object_set_string_member (content, "name", name);
  json_object_set_object_member (content, "properties", json_object_ref (given));

  return lw_demo_restrictions_refuse (self, scope, content);
}

/* The properties as Azure keeps them: in its order, nulls left out, dates without a fraction. */
static JsonObject *
kept_properties (LwDemoCall *self, JsonObject *given)
{
  static const char *const order[] = { "policyAssignmentId",
                                       "policyDefinitionReferenceIds",
                                       "exemptionCategory",
                                       "displayName",
                                       "description",
                                       "expiresOn",
                                       "resourceSelectors",
                                       "metadata",
                                       "assignmentScopeValidation",
                                       NULL };
  const char *version = lw_demo_call_query (self, "api-version");
  JsonObject *kept = json_object_new ();
  JsonObjectIter iter;
  const char *member;
  JsonNode *node;

  for (guint i = 0; order[i] != NULL; i++)
    {
      node = json_object_get_member (given, order[i]);
      if (node == NULL || JSON_NODE_HOLDS_NULL (node) ||
          !lw_demo_exemption_knows (version, order[i]))
        continue;
      json_object_set_member (kept, order[i], lw_demo_json_copy (node));
    }
  json_object_iter_init_ordered (&iter, given);
  while (json_object_iter_next_ordered (&iter, &member, &node))
    if (!g_strv_contains (order, member) && !JSON_NODE_HOLDS_NULL (node) &&
        lw_demo_exemption_knows (version, member))
      json_object_set_member (kept, member, lw_demo_json_copy (node));

  if (lw_demo_json_string (kept, "expiresOn") != NULL)
    {
      g_autofree char *ends = without_fraction (lw_demo_json_string (kept, "expiresOn"));

      json_object_set_string_member (kept, "expiresOn", ends);
    }

  return kept;
}

static JsonObject *
stamps (LwDemoCall *self, LwDemoExemption *old)
{
  LwDemoPerson *person = self->caller->person;
  const char *by = person->app_id != NULL ? person->app_id : person->upn;
  const char *type = person->app_id != NULL ? "Application" : "User";
  g_autofree char *now = lw_demo_stamp (lw_demo_tenant_now (self->tenant));
  g_autoptr (JsonObject) object =
      old != NULL ? lw_demo_json_parse (old->text, strlen (old->text), NULL) : NULL;
  JsonObject *before = lw_demo_json_object (object, "systemData");
  JsonObject *system = before != NULL ? lw_demo_json_copy_object (before) : json_object_new ();

  if (before == NULL)
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

static gboolean
room_for (LwDemoCall *self, LwDemoScope *scope, const char *name)
{
  guint n = 0;

  for (guint i = 0; i < self->tenant->exemption_list->len; i++)
    {
      LwDemoExemption *one = g_ptr_array_index (self->tenant->exemption_list, i);

      n += g_str_equal (one->scope->key, scope->key);
    }
  if (n < EXEMPTIONS_PER_SCOPE)
    return TRUE;
  lw_demo_call_fail (
      self, 409, "PolicyExemptionQuotaExceeded",
      "Creating policy exemption '%s' would exceed the quota at current scope. Existing "
      "policy exemptions: '%u', the quota is: '%u'.",
      name, n, (guint) EXEMPTIONS_PER_SCOPE);

  return FALSE;
}

static void
store (LwDemoCall *self,
       LwDemoScope *scope,
       const char *name,
       LwDemoExemption *old,
       JsonObject *properties)
{
  gboolean created = old == NULL;
  g_autoptr (JsonObject) system = stamps (self, old);

  old = lw_demo_tenant_put_exemption (self->tenant, lw_demo_tenant_scope (self->tenant, scope->id),
                                      name, properties, system);
  lw_demo_call_reply_json (self, created ? 201 : 200, lw_demo_exemption_text (self, old));
}

void
lw_demo_exemption_put (LwDemoCall *self, LwDemoScope *scope, const char *name, LwDemoExemption *old)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (JsonObject) body = lw_demo_call_body (self, &error);
  JsonObject *given = lw_demo_json_object (body, "properties");
  const char *ends = lw_demo_json_string (given, "expiresOn");
  g_autofree char *expires = ends != NULL ? without_fraction (ends) : NULL;
  g_autoptr (JsonObject) properties = NULL;

  if (given == NULL)
    {
      refuse_content (self,
                      error != NULL ? error->message : "Required property 'properties' not found");
      return;
    }
  if (!name_is_good (name))
    {
      refuse_create (self, name, "the name is too long or holds characters that are not allowed.");
      return;
    }
  if (!types_fit (self, given) || is_disallowed (self, scope, name, given))
    return;
  if (ends != NULL && expires == NULL)
    {
      refuse_content (self, "Could not convert string to DateTime: expiresOn");
      return;
    }
  if (!may_exempt (self, lw_demo_json_string (given, "policyAssignmentId"), scope) ||
      !assignment_fits (self, scope, name, given, old) || !texts_fit (self, name, given) ||
      !selectors_are_good (self, name, given) || (old == NULL && !room_for (self, scope, name)))
    return;

  properties = kept_properties (self, given);
  store (self, scope, name, old, properties);
}

void
lw_demo_exemption_patch (LwDemoCall *self,
                         LwDemoScope *scope,
                         const char *name,
                         LwDemoExemption *old)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (JsonObject) body = NULL;
  g_autoptr (JsonObject) object = NULL;
  JsonObject *given, *properties;
  JsonObjectIter iter;
  const char *member;
  JsonNode *node;

  if (g_str_equal (lw_demo_call_query (self, "api-version"), "2020-07-01-preview"))
    {
      lw_demo_call_fail_method (self);
      return;
    }
  if (old == NULL)
    {
      lw_demo_call_fail (self, 404, "PolicyExemptionNotFound",
                         "The policy exemption '%s' could not be found.", name);
      return;
    }
  body = lw_demo_call_body (self, &error);
  given = lw_demo_json_object (body, "properties");
  if (given == NULL)
    {
      refuse_content (self,
                      error != NULL ? error->message : "Required property 'properties' not found");
      return;
    }

  object = lw_demo_json_parse (old->text, strlen (old->text), NULL);
  properties = lw_demo_json_object (object, "properties");
  json_object_iter_init_ordered (&iter, given);
  while (json_object_iter_next_ordered (&iter, &member, &node))
    {
      if (!g_str_equal (member, "resourceSelectors") &&
          !g_str_equal (member, "assignmentScopeValidation"))
        {
          refuse_content (self, "Could not find member on object of type 'PolicyExemptionUpdate'");
          return;
        }
      json_object_set_member (properties, member, lw_demo_json_copy (node));
    }
  if (selectors_are_good (self, name, properties))
    store (self, scope, name, old, properties);
}
