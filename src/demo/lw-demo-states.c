/* SPDX-License-Identifier: GPL-3.0-or-later */

/* policyStates: queryResults and summarize. */

#include "lw-demo-states.h"

#include "lw-demo-apply.h"
#include "lw-demo-arm.h"
#include "lw-demo-json.h"
#include "lw-demo-restrictions.h"

#include <string.h>

typedef struct
{
  char *field;
  char *value;
  gboolean equal;
} Term;

static void
term_clear (gpointer data)
{
  Term *term = data;

  g_free (term->field);
  g_free (term->value);
}

/* "a eq 'x' and b ne 'y'", with or without parentheses. %NULL where it is anything else. */
static GArray *
parse_filter (const char *text)
{
  g_autoptr (GArray) terms = g_array_new (FALSE, TRUE, sizeof (Term));
  g_autoptr (GRegex) regex = g_regex_new (
      "\\G\\s*\\(?\\s*(\\w+)\\s+(eq|ne)\\s+(?:'((?:[^']|'')*)'|(\\w+))\\s*\\)?\\s*(?:and\\b|$)",
      G_REGEX_CASELESS, 0, NULL);
  g_autoptr (GMatchInfo) match = NULL;
  int end = 0;

  g_array_set_clear_func (terms, term_clear);
  if (text == NULL || *text == '\0')
    return g_steal_pointer (&terms);
  g_regex_match (regex, text, 0, &match);
  while (g_match_info_matches (match))
    {
      g_autofree char *operator= g_match_info_fetch (match, 2);
      g_autofree char *quoted = g_match_info_fetch (match, 3);
      g_autofree char *bare = g_match_info_fetch (match, 4);
      g_auto (GStrv) parts = g_strsplit (quoted, "''", -1);
      Term term = { g_match_info_fetch (match, 1),
                    bare != NULL && *bare != '\0' ? g_strdup (bare) : g_strjoinv ("'", parts),
                    g_ascii_strcasecmp (operator, "eq") == 0 };

      g_array_append_val (terms, term);
      g_match_info_fetch_pos (match, 0, NULL, &end);
      g_match_info_next (match, NULL);
    }

  return end == (int) strlen (text) ? g_steal_pointer (&terms) : NULL;
}

char *
lw_demo_state_field (const LwDemoState *state, const char *field)
{
  g_autofree char *lower = g_ascii_strdown (field, -1);

  if (g_str_equal (lower, "policyassignmentid"))
    return g_strdup (state->assignment->key);
  if (g_str_equal (lower, "policyassignmentname"))
    return g_strdup (state->assignment->name);
  if (g_str_equal (lower, "compliancestate"))
    return g_strdup (lw_demo_state_compliance (state));
  if (g_str_equal (lower, "iscompliant"))
    return g_strdup (state->exempt || !state->fails ? "true" : "false");
  if (g_str_equal (lower, "resourceid"))
    return lw_demo_state_resource (state);
  if (g_str_equal (lower, "policydefinitionreferenceid"))
    return g_strdup (state->reference);
  if (g_str_equal (lower, "policydefinitionid"))
    return g_strdup (state->definition->key);
  if (g_str_equal (lower, "policysetdefinitionid"))
    return g_strdup (state->set != NULL ? state->set->key : "");
  if (g_str_equal (lower, "policydefinitionaction"))
    return g_strdup (state->effect);
  if (g_str_equal (lower, "resourcetype"))
    return g_strdup (state->extra != 0 ? "Microsoft.Storage/storageAccounts" : state->node->type);
  if (g_str_equal (lower, "resourcelocation"))
    return g_strdup (state->node->location);
  if (g_str_equal (lower, "resourcegroup") || g_str_equal (lower, "subscriptionid"))
    {
      g_auto (GStrv) parts = g_strsplit (state->node->id, "/", 6);
      guint at = g_str_equal (lower, "subscriptionid") ? 2 : 4;

      return g_strdup (at < g_strv_length (parts) ? parts[at] : "");
    }

  return NULL;
}

static gboolean
passes (const LwDemoState *state, GArray *terms)
{
  for (guint i = 0; i < terms->len; i++)
    {
      const Term *term = &g_array_index (terms, Term, i);
      g_autofree char *value = lw_demo_state_field (state, term->field);

      if ((value != NULL && g_ascii_strcasecmp (value, term->value) == 0) != term->equal)
        return FALSE;
    }

  return TRUE;
}

/* All records; those of a few seconds ago will do where nothing was written since. (transfer none) */
static GArray *
all_states (LwDemo *demo)
{
  gint64 now = g_get_monotonic_time ();

  if (demo->states == NULL || demo->states_serial != demo->tenant->serial ||
      demo->states_until < now)
    {
      g_clear_pointer (&demo->states, g_array_unref);
      demo->states = lw_demo_states_new (demo->tenant);
      demo->states_serial = demo->tenant->serial;
      demo->states_until = now + 5 * G_USEC_PER_SEC;
    }

  return demo->states;
}

/* The records the caller may see below the scope that pass the filter. */
static GArray *
collect (LwDemoCall *self, LwDemoScope *scope, const char *assignment, GArray *terms)
{
  GArray *all = all_states (self->demo);
  GArray *found = g_array_new (FALSE, FALSE, sizeof (LwDemoState));

  for (guint i = 0; i < all->len; i++)
    {
      LwDemoState *state = &g_array_index (all, LwDemoState, i);

      if ((assignment == NULL || g_str_equal (state->assignment->key, assignment)) &&
          lw_demo_node_within (state->node, scope) && passes (state, terms) &&
          lw_demo_person_can_node (self->caller->person,
                                   "Microsoft.PolicyInsights/policyStates/queryResults/read",
                                   state->node))
        g_array_append_val (found, *state);
    }

  return found;
}

static char *
odata_context (LwDemoCall *self, const char *scope_path, const char *what)
{
  return g_strdup_printf ("%s%s/providers/Microsoft.PolicyInsights/policyStates/$metadata#%s",
                          self->base, scope_path, what);
}

static void
query_results (LwDemoCall *self, const char *scope_path, GArray *found)
{
  g_autoptr (JsonObject) answer = json_object_new ();
  g_autofree char *context = odata_context (self, scope_path, "latest");
  g_autofree char *entity = g_strconcat (context, "/$entity", NULL);
  guint start = lw_demo_call_query_uint (self, "$skiptoken", 0);
  guint top = lw_demo_call_query_uint (self, "$top", G_MAXUINT);
  /* $top bounds the whole answer; pages are of the service's own size. */
  guint last = MIN (top, found->len);
  JsonArray *value = json_array_new ();
  guint i;

  for (i = start; i < last && i - start < self->demo->page_size; i++)
    {
      JsonObject *one = lw_demo_state_json (self->tenant, &g_array_index (found, LwDemoState, i));

      json_object_set_null_member (one, "@odata.id");
      json_object_set_string_member (one, "@odata.context", entity);
      json_array_add_object_element (value, one);
    }
  json_object_set_string_member (answer, "@odata.context", context);
  json_object_set_int_member (answer, "@odata.count", json_array_get_length (value));
  if (i < last)
    {
      g_autofree char *link = lw_demo_call_next_link (self, i);

      json_object_set_string_member (answer, "@odata.nextLink", link);
    }
  else
    json_object_set_null_member (answer, "@odata.nextLink");
  json_object_set_array_member (answer, "value", value);
  lw_demo_call_reply_object (self, 200, answer);
}

/* "$orderby" by a number, "n desc" */
static gint
compare_groups (gconstpointer a, gconstpointer b, gpointer data)
{
  const char *const *order = data;
  gint64 x = lw_demo_json_int (*(JsonObject *const *) a, order[0], 0);
  gint64 y = lw_demo_json_int (*(JsonObject *const *) b, order[0], 0);
  gint sign = order[1] != NULL && g_ascii_strcasecmp (order[1], "desc") == 0 ? -1 : 1;

  return sign * (x < y ? -1 : x > y);
}

/* Puts the groups in the order that is asked for and leaves as many as are asked for. */
static void
order_groups (LwDemoCall *self, GPtrArray *groups)
{
  const char *text = lw_demo_call_query (self, "$orderby");
  g_auto (GStrv) order = text != NULL ? g_strsplit (text, " ", 2) : NULL;
  guint top = lw_demo_call_query_uint (self, "$top", G_MAXUINT);

  if (order != NULL && order[0] != NULL)
    g_ptr_array_sort_with_data (groups, compare_groups, order);
  if (groups->len > top)
    g_ptr_array_set_size (groups, top);
}

/* The groups that $apply makes of the records, in pages of the service's own size. */
static void
apply_results (LwDemoCall *self, const char *scope_path, GPtrArray *groups)
{
  g_autoptr (JsonObject) answer = json_object_new ();
  g_autofree char *context = odata_context (self, scope_path, "latest");
  g_autofree char *entity = g_strconcat (context, "/$entity", NULL);
  guint start = lw_demo_call_query_uint (self, "$skiptoken", 0);
  JsonArray *value = json_array_new ();
  guint i;

  for (i = start; i < groups->len && i - start < self->demo->page_size; i++)
    {
      JsonObject *one = json_object_ref (g_ptr_array_index (groups, i));

      json_object_set_null_member (one, "@odata.id");
      json_object_set_string_member (one, "@odata.context", entity);
      json_array_add_object_element (value, one);
    }
  json_object_set_string_member (answer, "@odata.context", context);
  json_object_set_int_member (answer, "@odata.count", json_array_get_length (value));
  if (i < groups->len)
    {
      g_autofree char *link = lw_demo_call_next_link (self, i);

      json_object_set_string_member (answer, "@odata.nextLink", link);
    }
  else
    json_object_set_null_member (answer, "@odata.nextLink");
  json_object_set_array_member (answer, "value", value);
  lw_demo_call_reply_object (self, 200, answer);
}

/* queryResults, with or without $apply. */
static void
answer_query (LwDemoCall *self, const char *scope_path, const char *apply, GArray *found)
{
  g_autoptr (GPtrArray) groups = apply != NULL ? lw_demo_apply (apply, found) : NULL;

  if (apply == NULL)
    query_results (self, scope_path, found);
  else if (groups != NULL)
    {
      order_groups (self, groups);
      apply_results (self, scope_path, groups);
    }
  else
    lw_demo_call_fail (self, 400, "InvalidApplyInQueryString",
                       "Invalid $apply in the query string: '%s'.", apply);
}

static JsonArray *
details (guint failing)
{
  JsonArray *array = json_array_new ();
  JsonObject *object;

  if (failing > 0)
    {
      object = json_object_new ();
      json_object_set_string_member (object, "complianceState", "noncompliant");
      json_object_set_int_member (object, "count", failing);
      json_array_add_object_element (array, object);
    }

  return array;
}

static JsonObject *
results (LwDemoCall *self, const char *scope_path, GHashTable *resources, GHashTable *policies)
{
  JsonObject *object = json_object_new ();
  const char *version = lw_demo_call_query (self, "api-version");
  g_autofree char *uri =
      g_strdup_printf ("%s%s/providers/Microsoft.PolicyInsights/policyStates/latest/queryResults?"
                       "api-version=%s&$filter=(isCompliant eq false)",
                       self->base, scope_path, version);

  json_object_set_string_member (object, "queryResultsUri", uri);
  json_object_set_int_member (object, "nonCompliantResources", g_hash_table_size (resources));
  json_object_set_int_member (object, "nonCompliantPolicies", g_hash_table_size (policies));
  json_object_set_array_member (object, "resourceDetails", details (g_hash_table_size (resources)));
  json_object_set_array_member (object, "policyDetails", details (g_hash_table_size (policies)));
  json_object_set_array_member (object, "policyGroupDetails", json_array_new ());

  return object;
}

static GHashTable *
new_set (void)
{
  return g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
}

static JsonObject *
summary_of (LwDemoCall *self, const char *scope_path, GArray *found, LwDemoPolicy *assignment)
{
  g_autoptr (GHashTable) resources = new_set ();
  g_autoptr (GHashTable) policies = new_set ();

  for (guint i = 0; i < found->len; i++)
    {
      LwDemoState *state = &g_array_index (found, LwDemoState, i);

      if (state->exempt || !state->fails || (assignment != NULL && state->assignment != assignment))
        continue;
      g_hash_table_add (resources, lw_demo_state_resource (state));
      g_hash_table_add (policies,
                        g_strdup_printf ("%s#%s", state->assignment->key, state->reference));
    }

  return results (self, scope_path, resources, policies);
}

static void
summarize (LwDemoCall *self, const char *scope_path, GArray *found)
{
  g_autoptr (JsonObject) answer = json_object_new ();
  g_autoptr (GHashTable) seen = g_hash_table_new (NULL, NULL);
  g_autofree char *context = odata_context (self, scope_path, "summary");
  JsonArray *value = json_array_new ();
  JsonObject *one = json_object_new ();
  JsonArray *assignments = json_array_new ();

  json_object_set_null_member (one, "@odata.id");
  json_object_set_object_member (one, "results", summary_of (self, scope_path, found, NULL));
  for (guint i = 0; i < found->len; i++)
    {
      LwDemoState *state = &g_array_index (found, LwDemoState, i);
      JsonObject *object;

      if (!g_hash_table_add (seen, state->assignment))
        continue;
      object = json_object_new ();
      json_object_set_string_member (object, "policyAssignmentId", state->assignment->key);
      json_object_set_string_member (object, "policySetDefinitionId",
                                     state->set != NULL ? state->set->key : "");
      json_object_set_object_member (object, "results",
                                     summary_of (self, scope_path, found, state->assignment));
      json_object_set_array_member (object, "policyDefinitions", json_array_new ());
      json_array_add_object_element (assignments, object);
    }
  json_object_set_array_member (one, "policyAssignments", assignments);
  json_array_add_object_element (value, one);
  json_object_set_string_member (answer, "@odata.context", context);
  json_object_set_int_member (answer, "@odata.count", 1);
  json_object_set_array_member (answer, "value", value);
  lw_demo_call_reply_object (self, 200, answer);
}

GArray *
lw_demo_states_at (LwDemoCall *self, LwDemoScope *scope, const char *assignment, const char *filter)
{
  g_autoptr (GArray) terms = parse_filter (filter);

  if (terms != NULL)
    return collect (self, scope, assignment, terms);
  lw_demo_call_fail (self, 400, "InvalidFilterInQueryString",
                     "Invalid $filter in the query string: '%s'.", filter);

  return NULL;
}

/* policyStates/{latest|default}/{queryResults|summarize} */
static void
states (LwDemoCall *self,
        LwDemoScope *given,
        LwDemoScope *scope,
        gboolean of_assignment,
        guint rest)
{
  const char *asked = lw_demo_call_query (self, "$apply");
  const char *apply = asked;
  g_autofree char *first = asked != NULL ? lw_demo_apply_filter (asked, &apply) : NULL;
  const char *filter = first != NULL ? first : lw_demo_call_query (self, "$filter");
  g_autoptr (GArray) found = NULL;

  /* The JavaScript client asks for further pages with GET. */
  if (!lw_demo_call_is (self, "POST") && lw_demo_call_query (self, "$skiptoken") == NULL)
    {
      lw_demo_call_fail_method (self);
      return;
    }
  if (!lw_demo_call_need (self, "Microsoft.PolicyInsights/policyStates/queryResults/read", scope) ||
      !lw_demo_call_need_scope (self, scope))
    return;
  found = lw_demo_states_at (self, scope, of_assignment ? given->key : NULL, filter);
  if (found == NULL)
    return;
  lw_demo_call_set_header (self, "x-ms-ratelimit-remaining-policy-insights-requests", "149");
  if (lw_demo_call_path_is (self, rest + 2, "queryResults"))
    answer_query (self, given->id, apply, found);
  else if (lw_demo_call_path_is (self, rest + 2, "summarize"))
    summarize (self, given->id, found);
  else
    lw_demo_call_fail_not_found (self);
}

/* {scope}/providers/Microsoft.PolicyInsights/…, also of an assignment in the place of a scope */
void
lw_demo_states_handle (LwDemoCall *self, LwDemoScope *given, guint rest)
{
  const char *cut = strstr (given->key, "/providers/microsoft.authorization/policyassignments/");
  g_autofree char *path =
      cut != NULL ? g_strndup (given->id, cut - given->key) : g_strdup (given->id);
  g_autoptr (LwDemoScope) scope = lw_demo_tenant_scope (self->tenant, path);

  if (lw_demo_call_path_is (self, rest, "checkPolicyRestrictions") && rest + 1 == self->n_path)
    {
      lw_demo_restrictions_handle (self, scope);
      return;
    }
  if (lw_demo_call_path_is (self, rest, "componentPolicyStates"))
    {
      lw_demo_components_handle (self, scope, rest);
      return;
    }
  if (!lw_demo_call_supports (self, NULL, NULL))
    return;
  if (lw_demo_call_path_is (self, rest, "policyStates") && rest + 3 == self->n_path)
    states (self, given, scope, cut != NULL, rest);
  else
    lw_demo_call_fail_not_found (self);
}
