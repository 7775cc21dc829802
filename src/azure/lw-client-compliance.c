/* SPDX-License-Identifier: GPL-3.0-or-later */

/*
 * Microsoft.PolicyInsights: what fails where, and what a policy would refuse. All of it is asked by POST
 * with the question in the query string; further pages too.
 */

#include "config.h"

#include <glib/gi18n-lib.h>

#include "lw-client-private.h"
#include "lw-json.h"

#define STATES_VERSION       "2019-10-01"
#define COMPONENTS_VERSION   "2022-04-01"
#define RESTRICTIONS_VERSION "2023-03-01"

#define INSIGHTS   "/providers/Microsoft.PolicyInsights/"
#define STATES     INSIGHTS "policyStates/latest/"
#define COMPONENTS INSIGHTS "componentPolicyStates/latest/"

/* @a: scope, @b: assignment or %NULL */

static char *
assignment_filter (const LwCall *call, const char *and)
{
  g_autofree char *quoted = call->b != NULL ? lw_odata_quote (call->b) : NULL;

  return quoted != NULL ? g_strdup_printf ("policyAssignmentId eq %s%s", quoted, and) : NULL;
}

/* What fails */

static gpointer
read_state (JsonNode *node, GError **error)
{
  return lw_policy_state_from_json (node, error);
}

static gpointer
read_component (JsonNode *node, GError **error)
{
  return lw_component_state_from_json (node, error);
}

/* @flag: components */
static DexFuture *
noncompliant_fiber (gpointer data)
{
  LwCall *call = data;
  g_autofree char *filter = assignment_filter (call, " and complianceState eq 'NonCompliant'");
  const char *query[] = { "$filter", filter, NULL };
  const LwArmCall ask = { .api = LW_API_FIXED,
                          .version = call->flag ? COMPONENTS_VERSION : STATES_VERSION,
                          .method = "POST",
                          .id = call->a,
                          .suffix = call->flag ? COMPONENTS "queryResults" : STATES "queryResults",
                          .query = query };

  return call->flag ? lw_arm_list_future (call->client, &ask, read_component,
                                          (GDestroyNotify) lw_component_state_unref)
                    : lw_arm_list_future (call->client, &ask, read_state,
                                          (GDestroyNotify) lw_policy_state_unref);
}

static DexFuture *
list_noncompliant (LwClient *self,
                   const char *scope,
                   const char *assignment_id,
                   gboolean components)
{
  LwCall *call;

  dex_return_error_if_fail (LW_IS_CLIENT (self));
  dex_return_error_if_fail (scope != NULL && assignment_id != NULL);

  call = lw_call_new (self, scope, assignment_id);
  call->flag = components;
  return lw_spawn (noncompliant_fiber, call, lw_call_free);
}

DexFuture *
lw_client_list_noncompliant (LwClient *self, const char *scope, const char *assignment_id)
{
  return list_noncompliant (self, scope, assignment_id, FALSE);
}

DexFuture *
lw_client_list_noncompliant_components (LwClient *self,
                                        const char *scope,
                                        const char *assignment_id)
{
  return list_noncompliant (self, scope, assignment_id, TRUE);
}

static DexFuture *
states_fiber (gpointer data)
{
  LwCall *call = data;
  g_autofree char *filter = assignment_filter (call, "");
  const char *query[] = { "$filter", filter, NULL };

  return lw_arm_list_future (call->client,
                             &(LwArmCall) { .api = LW_API_FIXED,
                                            .version = STATES_VERSION,
                                            .method = "POST",
                                            .id = call->a,
                                            .suffix = STATES "queryResults",
                                            .query = query },
                             read_state, (GDestroyNotify) lw_policy_state_unref);
}

DexFuture *
lw_client_list_states (LwClient *self, const char *scope, const char *assignment_id)
{
  dex_return_error_if_fail (LW_IS_CLIENT (self));
  dex_return_error_if_fail (scope != NULL && assignment_id != NULL);

  return lw_spawn (states_fiber, lw_call_new (self, scope, assignment_id), lw_call_free);
}

/* Counts */

static gpointer
read_count (JsonNode *node, GError **error)
{
  return lw_compliance_count_from_json (node, error);
}

static DexFuture *
count_fiber (gpointer data)
{
  LwCall *call = data;
  g_autofree char *filter = assignment_filter (call, "");
  const char *query[] = {
    "$apply",
    "groupby((policyAssignmentId,policyDefinitionReferenceId,complianceState),"
    "aggregate($count as n))",
    filter != NULL ? "$filter" : NULL,
    filter,
    NULL,
  };

  return lw_arm_list_future (call->client,
                             &(LwArmCall) { .api = LW_API_FIXED,
                                            .version = STATES_VERSION,
                                            .method = "POST",
                                            .id = call->a,
                                            .suffix = STATES "queryResults",
                                            .query = query },
                             read_count, (GDestroyNotify) lw_compliance_count_unref);
}

DexFuture *
lw_client_count_states (LwClient *self, const char *scope, const char *assignment_id)
{
  dex_return_error_if_fail (LW_IS_CLIENT (self));
  dex_return_error_if_fail (scope != NULL);

  return lw_spawn (count_fiber, lw_call_new (self, scope, assignment_id), lw_call_free);
}

static DexFuture *
summary_fiber (gpointer data)
{
  LwCall *call = data;
  g_autofree char *filter = assignment_filter (call, "");
  const char *query[] = { filter != NULL ? "$filter" : NULL, filter, NULL };
  g_autoptr (GError) error = NULL;
  g_autoptr (JsonNode) node = lw_arm_await (call->client,
                                            &(LwArmCall) { .api = LW_API_FIXED,
                                                           .version = STATES_VERSION,
                                                           .method = "POST",
                                                           .id = call->a,
                                                           .suffix = STATES "summarize",
                                                           .query = query },
                                            &error);
  LwComplianceSummary *summary =
      node != NULL ? lw_compliance_summary_from_json (node, &error) : NULL;

  if (summary == NULL)
    return dex_future_new_for_error (lw_error_as_azure (g_steal_pointer (&error)));
  return dex_future_new_take_boxed (LW_TYPE_COMPLIANCE_SUMMARY, summary);
}

DexFuture *
lw_client_summarize_states (LwClient *self, const char *scope, const char *assignment_id)
{
  dex_return_error_if_fail (LW_IS_CLIENT (self));
  dex_return_error_if_fail (scope != NULL);

  return lw_spawn (summary_fiber, lw_call_new (self, scope, assignment_id), lw_call_free);
}

/* Restrictions */

/* Asked at a management group, a subscription or a resource group; what lies deeper is a "scope". */
static char *
restrictions_scope (const char *scope)
{
  char *group = lw_arm_id_resource_group_scope (scope);

  return group != NULL ? group : lw_arm_id_normalize (scope);
}

static JsonNode *
restrictions_body (const char *scope, const char *at, JsonNode *content, const char *version)
{
  g_autoptr (JsonObject) body = json_object_new ();
  JsonObject *details = json_object_new ();

  json_object_set_member (details, "resourceContent", lw_json_node_copy (content));
  json_object_set_string_member (details, "apiVersion", version);
  if (!lw_arm_id_equal (scope, at))
    json_object_set_string_member (details, "scope", scope);
  json_object_set_object_member (body, "resourceDetails", details);
  return lw_json_object_to_node (body);
}

/* @body: the resource's content */
static DexFuture *
restrictions_fiber (gpointer data)
{
  LwCall *call = data;
  g_autofree char *at = restrictions_scope (call->a);
  g_autoptr (JsonNode) body = restrictions_body (call->a, at, call->body, call->b);
  g_autoptr (GError) error = NULL;
  g_autoptr (JsonNode) node =
      lw_arm_await (call->client,
                    &(LwArmCall) { .api = LW_API_FIXED,
                                   .version = RESTRICTIONS_VERSION,
                                   .method = "POST",
                                   .id = at,
                                   .suffix = INSIGHTS "checkPolicyRestrictions",
                                   .body = body },
                    &error);
  GPtrArray *found = node != NULL ? lw_restrictions_from_json (node, &error) : NULL;

  return lw_future_take_array (found, lw_error_as_azure (g_steal_pointer (&error)));
}

DexFuture *
lw_client_check_restrictions (LwClient *self,
                              const char *scope,
                              JsonNode *content,
                              const char *api_version)
{
  LwCall *call;

  dex_return_error_if_fail (LW_IS_CLIENT (self));
  dex_return_error_if_fail (scope != NULL && content != NULL && api_version != NULL);

  call = lw_call_new (self, scope, api_version);
  call->body = lw_json_node_copy (content);
  return lw_spawn (restrictions_fiber, call, lw_call_free);
}

DexFuture *
lw_client_check_exemption (LwClient *self, const char *id, JsonNode *body)
{
  g_autofree char *scope = NULL;
  g_autofree char *name = NULL;
  g_autoptr (JsonNode) content = NULL;

  dex_return_error_if_fail (LW_IS_CLIENT (self));
  dex_return_error_if_fail (id != NULL && lw_json_node_object (body) != NULL);

  if (!lw_arm_id_split (id, LW_EXEMPTIONS_TYPE, &scope, &name))
    return dex_future_new_reject (LW_AZURE_ERROR, LW_AZURE_ERROR_INVALID,
                                  _ ("“%s” is no Azure resource id."), id);
  content = lw_json_node_copy (body);
  json_object_set_string_member (json_node_get_object (content), "name", name);
  json_object_set_string_member (json_node_get_object (content), "type", LW_EXEMPTIONS_TYPE);
  return lw_client_check_restrictions (self, scope, content,
                                       lw_client_version (self, LW_API_EXEMPTIONS_CREATE));
}
