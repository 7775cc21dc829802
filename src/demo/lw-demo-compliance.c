/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Which resource meets which policy: computed from the tenant as it stands, so that a new exemption
 * shows at once. */

#include "lw-demo-states.h"

#include "lw-demo-json.h"
#include "lw-demo-rule.h"

#include <string.h>

static gboolean
type_applies (LwDemoPolicy *definition, const LwDemoNode *node)
{
  g_autofree char *type = g_ascii_strdown (node->type, -1);

  for (guint i = 0; i < definition->types->len; i++)
    {
      const char *one = g_ptr_array_index (definition->types, i);

      if (g_str_equal (one, type) || (g_str_equal (one, "*") && node->kind == LW_DEMO_RESOURCE))
        return TRUE;
    }

  return FALSE;
}

static gboolean
node_fails (const LwDemoNode *node, const char *name)
{
  for (guint i = 0; i < node->fails->len; i++)
    if (g_ascii_strcasecmp (g_ptr_array_index (node->fails, i), name) == 0)
      return TRUE;

  return FALSE;
}

/* Of definitions that came by PUT the rule decides; those of the data say themselves who fails. */
static gboolean
rule_fails (const LwDemoState *state)
{
  JsonObject *rule = lw_demo_json_object (state->definition->properties, "policyRule");
  g_autoptr (JsonObject) content = json_object_new ();
  const LwDemoRuleInput input = {
    .content = content,
    .values = lw_demo_json_object (state->assignment->properties, "parameters"),
    .declared = lw_demo_json_object (state->definition->properties, "parameters"),
  };

  if (!state->definition->by_rule)
    return FALSE;
  json_object_set_string_member (content, "id", state->node->id);
  json_object_set_string_member (content, "type", state->node->type);
  json_object_set_string_member (content, "name", state->node->name);
  json_object_set_string_member (content, "location", state->node->location);
  if (state->node->tags != NULL)
    json_object_set_object_member (content, "tags", json_object_ref (state->node->tags));
  if (state->node->extra != NULL && lw_demo_json_object (state->node->extra, "properties") != NULL)
    json_object_set_object_member (
        content, "properties",
        json_object_ref (lw_demo_json_object (state->node->extra, "properties")));

  return lw_demo_rule_matches (lw_demo_json_object (rule, "if"), &input);
}

static void
add_states (LwDemoTenant *tenant, GArray *states, LwDemoState *state, GPtrArray *nodes)
{
  g_autofree char *effect =
      lw_demo_assignment_effect (tenant, state->assignment, state->member, state->definition);

  state->effect = g_intern_string (effect != NULL ? effect : "audit");
  if (g_str_equal (state->effect, "disabled"))
    return;
  for (guint i = 0; i < nodes->len; i++)
    {
      state->node = g_ptr_array_index (nodes, i);
      if (!type_applies (state->definition, state->node) ||
          !lw_demo_assignment_covers (state->assignment, state->node))
        continue;
      state->fails =
          node_fails (state->node,
                      *state->reference != '\0' ? state->reference : state->assignment->name) ||
          rule_fails (state);
      g_array_append_val (states, *state);
    }
}

static void
add_assignment (LwDemoTenant *tenant, GArray *states, LwDemoPolicy *assignment, GPtrArray *nodes)
{
  const char *id = lw_demo_json_string (assignment->properties, "policyDefinitionId");
  LwDemoPolicy *policy = id != NULL ? lw_demo_tenant_get_policy (tenant, id) : NULL;
  LwDemoState state = { .assignment = assignment, .reference = "" };
  JsonArray *members;

  if (policy == NULL)
    return;
  if (policy->kind == LW_DEMO_DEFINITION)
    {
      state.definition = policy;
      add_states (tenant, states, &state, nodes);
      return;
    }

  state.set = policy;
  members = lw_demo_json_array (policy->properties, "policyDefinitions");
  for (guint i = 0; members != NULL && i < json_array_get_length (members); i++)
    {
      const char *definition;

      state.member = lw_demo_json_object_at (members, i);
      definition = lw_demo_json_string (state.member, "policyDefinitionId");
      state.reference = lw_demo_json_string (state.member, "policyDefinitionReferenceId");
      state.definition = definition != NULL ? lw_demo_tenant_get_policy (tenant, definition) : NULL;
      if (state.definition != NULL && state.reference != NULL)
        add_states (tenant, states, &state, nodes);
    }
}

static gboolean
selector_covers (JsonObject *selector, const LwDemoState *state)
{
  const char *kind = lw_demo_json_string (selector, "kind");
  JsonArray *in = lw_demo_json_array (selector, "in");
  JsonArray *values = in != NULL ? in : lw_demo_json_array (selector, "notIn");
  const char *value = NULL;
  gboolean found = FALSE;

  if (kind == NULL || values == NULL)
    return FALSE;
  if (g_ascii_strcasecmp (kind, "resourceLocation") == 0)
    value = state->node->location;
  else if (g_ascii_strcasecmp (kind, "resourceType") == 0)
    value = state->node->type;
  else if (g_ascii_strcasecmp (kind, "policyDefinitionReferenceId") == 0)
    value = state->reference;
  if (value == NULL)
    return FALSE;
  for (guint i = 0; i < json_array_get_length (values); i++)
    found |= lw_demo_json_string_at (values, i) != NULL &&
             g_ascii_strcasecmp (lw_demo_json_string_at (values, i), value) == 0;

  return found == (in != NULL);
}

/* Selectors within one entry must all fit; one entry is enough. */
static gboolean
selectors_cover (LwDemoExemption *exemption, const LwDemoState *state)
{
  g_autoptr (JsonObject) object = NULL;
  JsonArray *entries;

  if (!exemption->newer)
    return TRUE;
  object = lw_demo_json_parse (exemption->text, strlen (exemption->text), NULL);
  entries = lw_demo_json_array (lw_demo_json_object (object, "properties"), "resourceSelectors");
  if (entries == NULL || json_array_get_length (entries) == 0)
    return TRUE;
  for (guint i = 0; i < json_array_get_length (entries); i++)
    {
      JsonArray *selectors = lw_demo_json_array (lw_demo_json_object_at (entries, i), "selectors");
      gboolean all = TRUE;

      for (guint j = 0; selectors != NULL && j < json_array_get_length (selectors); j++)
        all &= selector_covers (lw_demo_json_object_at (selectors, j), state);
      if (all)
        return TRUE;
    }

  return FALSE;
}

static gboolean
references_cover (LwDemoExemption *exemption, const char *reference)
{
  if (exemption->references == NULL || exemption->references[0] == NULL)
    return TRUE;
  for (guint i = 0; exemption->references[i] != NULL; i++)
    if (g_ascii_strcasecmp (exemption->references[i], reference) == 0)
      return TRUE;

  return FALSE;
}

static char *
place (const char *assignment, const char *scope)
{
  return g_strconcat (assignment, "\n", scope, NULL);
}

/* assignment and scope → exemptions there that are in force */
static GHashTable *
exemptions_by_place (LwDemoTenant *tenant, gint64 now)
{
  GHashTable *table =
      g_hash_table_new_full (g_str_hash, g_str_equal, g_free, (GDestroyNotify) g_ptr_array_unref);

  for (guint i = 0; i < tenant->exemption_list->len; i++)
    {
      LwDemoExemption *exemption = g_ptr_array_index (tenant->exemption_list, i);
      g_autofree char *key = place (exemption->assignment, exemption->scope->key);
      GPtrArray *list = g_hash_table_lookup (table, key);

      if (exemption->expires <= now)
        continue;
      if (list == NULL)
        {
          list = g_ptr_array_new ();
          g_hash_table_insert (table, g_steal_pointer (&key), list);
        }
      g_ptr_array_add (list, exemption);
    }

  return table;
}

static gboolean
any_covers (GPtrArray *list, const LwDemoState *state)
{
  for (guint i = 0; list != NULL && i < list->len; i++)
    {
      LwDemoExemption *exemption = g_ptr_array_index (list, i);

      if (references_cover (exemption, state->reference) && selectors_cover (exemption, state))
        return TRUE;
    }

  return FALSE;
}

static void
mark_exempt (LwDemoTenant *tenant, GArray *states)
{
  gint64 now = lw_demo_tenant_now (tenant) / G_USEC_PER_SEC;
  g_autoptr (GHashTable) by_place = exemptions_by_place (tenant, now);

  for (guint i = 0; i < states->len; i++)
    {
      LwDemoState *state = &g_array_index (states, LwDemoState, i);

      for (LwDemoNode *node = state->node; node != NULL && !state->exempt; node = node->parent)
        {
          g_autofree char *key = place (state->assignment->key, node->key);

          state->exempt = any_covers (g_hash_table_lookup (by_place, key), state);
        }
    }
}

static gint
compare_states (gconstpointer a, gconstpointer b)
{
  const LwDemoState *x = a, *y = b;
  int by_node = strcmp (x->node->key, y->node->key);

  if (by_node != 0)
    return by_node;
  if (x->assignment != y->assignment)
    return strcmp (x->assignment->key, y->assignment->key);

  return strcmp (x->reference, y->reference);
}

/* Records of storage accounts that exist nowhere else, for load. */
static void
add_extra (LwDemoTenant *tenant, GArray *states, GPtrArray *groups)
{
  guint known = states->len;

  for (guint i = 0; i < tenant->extra_states && known > 0 && groups->len > 0; i++)
    {
      LwDemoState state = g_array_index (states, LwDemoState, (i * 7919) % known);

      state.node = g_ptr_array_index (groups, (i / 16) % groups->len);
      state.extra = i + 1;
      state.fails = i % 3 == 0;
      state.exempt = FALSE;
      g_array_append_val (states, state);
    }
}

GArray *
lw_demo_states_new (LwDemoTenant *tenant)
{
  GArray *states = g_array_new (FALSE, FALSE, sizeof (LwDemoState));
  g_autoptr (GPtrArray) nodes = g_ptr_array_new ();
  g_autoptr (GPtrArray) groups = g_ptr_array_new ();

  for (guint i = 0; i < tenant->subscriptions->len; i++)
    {
      LwDemoNode *subscription = g_ptr_array_index (tenant->subscriptions, i);

      for (guint j = 0; j < subscription->children->len; j++)
        g_ptr_array_add (groups, g_ptr_array_index (subscription->children, j));
    }
  for (guint i = 0; i < groups->len; i++)
    g_ptr_array_add (nodes, g_ptr_array_index (groups, i));
  for (guint i = 0; i < tenant->resources->len; i++)
    g_ptr_array_add (nodes, g_ptr_array_index (tenant->resources, i));
  for (guint i = 0; i < tenant->by_kind[LW_DEMO_ASSIGNMENT]->len; i++)
    add_assignment (tenant, states, g_ptr_array_index (tenant->by_kind[LW_DEMO_ASSIGNMENT], i),
                    nodes);
  mark_exempt (tenant, states);
  g_array_sort (states, compare_states);
  add_extra (tenant, states, groups);

  return states;
}

const char *
lw_demo_state_compliance (const LwDemoState *state)
{
  return state->exempt ? "Exempt" : state->fails ? "NonCompliant" : "Compliant";
}

char *
lw_demo_state_resource (const LwDemoState *state)
{
  if (state->extra == 0)
    return g_strdup (state->node->key);

  return g_strdup_printf ("%s/providers/microsoft.storage/storageaccounts/stload%07u",
                          state->node->key, state->extra);
}

static JsonArray *
group_names (const LwDemoState *state)
{
  JsonArray *given = lw_demo_json_array (state->member, "groupNames");
  JsonArray *names = json_array_new ();

  for (guint i = 0; given != NULL && i < json_array_get_length (given); i++)
    json_array_add_string_element (names, lw_demo_json_string_at (given, i));
  if (json_array_get_length (names) == 0)
    json_array_add_string_element (names, "");

  return names;
}

static char *
groups_above (const LwDemoNode *node)
{
  GString *names = g_string_new (NULL);

  for (; node != NULL; node = node->parent)
    if (node->kind == LW_DEMO_GROUP)
      g_string_append_printf (names, "%s%s", names->len > 0 ? "," : "", node->name);

  return g_string_free (names, FALSE);
}

static const char *
version_of (LwDemoPolicy *policy)
{
  const char *version = policy != NULL ? lw_demo_json_string (policy->properties, "version") : NULL;

  return version != NULL ? version : "";
}

JsonObject *
lw_demo_state_json (LwDemoTenant *tenant, const LwDemoState *state)
{
  JsonObject *object = json_object_new ();
  g_autofree char *resource = lw_demo_state_resource (state);
  g_autofree char *stamp = lw_demo_stamp (tenant->started - (gint64) 3600 * G_USEC_PER_SEC);
  g_autofree char *above = groups_above (state->node);
  g_auto (GStrv) parts = g_strsplit (state->node->id, "/", 6);
  const char *type = state->extra != 0 ? "Microsoft.Storage/storageAccounts" : state->node->type;
  const struct
  {
    const char *name, *value;
  } members[] = {
    { "timestamp", stamp },
    { "resourceId", resource },
    { "policyAssignmentId", state->assignment->key },
    { "policyDefinitionId", state->definition->key },
    { "effectiveParameters", "" },
    { "subscriptionId", parts[2] },
    { "resourceType", type },
    { "resourceLocation", state->node->location },
    { "resourceGroup", g_strv_length (parts) > 4 ? parts[4] : "" },
    { "resourceTags", "tbd" },
    { "policyAssignmentName", state->assignment->name },
    { "policyAssignmentOwner", "tbd" },
    { "policyAssignmentParameters", "" },
    { "policyAssignmentScope", state->assignment->scope->id },
    { "policyDefinitionName", state->definition->name },
    { "policyDefinitionAction", state->effect },
    { "policyDefinitionCategory", "tbd" },
    { "policySetDefinitionId", state->set != NULL ? state->set->id : "" },
    { "policySetDefinitionName", state->set != NULL ? state->set->name : "" },
    { "policySetDefinitionOwner", "" },
    { "policySetDefinitionCategory", "" },
    { "policySetDefinitionParameters", "" },
    { "managementGroupIds", above },
    { "policyDefinitionReferenceId", state->reference },
    { "complianceState", lw_demo_state_compliance (state) },
    { "policyDefinitionVersion", version_of (state->definition) },
    { "policySetDefinitionVersion", version_of (state->set) },
    { "policyAssignmentVersion", "" },
    { "complianceReasonCode", "" },
  };

  for (guint i = 0; i < G_N_ELEMENTS (members); i++)
    json_object_set_string_member (object, members[i].name, members[i].value);
  json_object_set_boolean_member (object, "isCompliant", state->exempt || !state->fails);
  json_object_set_array_member (object, "policyDefinitionGroupNames", group_names (state));

  return object;
}
