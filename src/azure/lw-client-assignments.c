/* SPDX-License-Identifier: GPL-3.0-or-later */

/* policyAssignments: list and get. */

#include "config.h"

#include <string.h>

#include "lw-client-private.h"

#define SUFFIX "/providers/" LW_ASSIGNMENTS_TYPE

/* Since when the versions of the definition that are latest and in force can be asked for (az 2024-05-01
 * and later); they come only where they are asked for. */
#define EXPAND_SINCE "2024-05-01"
#define EXPAND       "LatestDefinitionVersion, EffectiveDefinitionVersion"

static gpointer
read_assignment (JsonNode *node, GError **error)
{
  return lw_assignment_from_json (node, error);
}

/* The query of a call, @filter (nullable) and what the api-version knows of versions. */
typedef struct
{
  const char *pairs[5];
} Query;

static void
fill_query (Query *self, LwClient *client, const char *filter)
{
  guint n = 0;

  if (filter != NULL)
    {
      self->pairs[n++] = "$filter";
      self->pairs[n++] = filter;
    }
  if (strcmp (lw_client_version (client, LW_API_ASSIGNMENTS), EXPAND_SINCE) >= 0)
    {
      self->pairs[n++] = "$expand";
      self->pairs[n++] = EXPAND;
    }
  self->pairs[n] = NULL;
}

/* A management group answers nothing without a filter; the other scopes would add what lies below. */
static DexFuture *
list_fiber (gpointer data)
{
  LwCall *call = data;
  Query query;

  fill_query (&query, call->client, "atScope()");
  return lw_arm_list_future (call->client,
                             &(LwArmCall) { .api = LW_API_ASSIGNMENTS,
                                            .method = "GET",
                                            .id = call->a,
                                            .suffix = SUFFIX,
                                            .query = query.pairs },
                             read_assignment, (GDestroyNotify) lw_assignment_unref);
}

DexFuture *
lw_client_list_assignments (LwClient *self, const char *scope)
{
  dex_return_error_if_fail (LW_IS_CLIENT (self));
  dex_return_error_if_fail (scope != NULL);

  return lw_spawn (list_fiber, lw_call_new (self, scope, NULL), lw_call_free);
}

/* Subscriptions: their lists hold what lies below them and what they inherit. */
static GPtrArray *
all_scopes (LwClient *self, GError **error)
{
  g_autoptr (GPtrArray) subscriptions =
      dex_await_boxed (lw_client_list_subscriptions (self), error);
  GPtrArray *scopes;

  if (subscriptions == NULL)
    return NULL;
  scopes = g_ptr_array_new_with_free_func (g_free);
  for (guint i = 0; i < subscriptions->len; i++)
    g_ptr_array_add (scopes, g_strdup (((LwScopeInfo *) g_ptr_array_index (subscriptions, i))->id));
  return scopes;
}

static void
call_at_scope (const char *scope, LwArmCall *call)
{
  call->api = LW_API_ASSIGNMENTS;
  call->id = scope;
  call->suffix = SUFFIX;
}

static const char *
id_of (gpointer value)
{
  return ((LwAssignment *) value)->id;
}

DexFuture *
lw_client_list_all_assignments (LwClient *self)
{
  static const LwEverywhere everywhere = {
    .query = "policyresources | where type == 'microsoft.authorization/policyassignments' "
             "| project id, name, type, properties | order by id asc",
    .scopes = all_scopes,
    .call = call_at_scope,
    .read = read_assignment,
    .destroy = (GDestroyNotify) lw_assignment_unref,
    .id_of = id_of,
  };

  dex_return_error_if_fail (LW_IS_CLIENT (self));

  return lw_client_find_everywhere (self, &everywhere);
}

static DexFuture *
get_fiber (gpointer data)
{
  LwCall *call = data;
  g_autoptr (GError) error = NULL;
  g_autoptr (JsonNode) node = NULL;
  LwAssignment *assignment = NULL;
  Query query;

  fill_query (&query, call->client, NULL);
  node = lw_arm_await (
      call->client,
      &(LwArmCall) {
          .api = LW_API_ASSIGNMENTS, .method = "GET", .id = call->a, .query = query.pairs },
      &error);
  if (node != NULL)
    assignment = lw_assignment_from_json (node, &error);
  if (assignment == NULL)
    return dex_future_new_for_error (lw_error_as_azure (g_steal_pointer (&error)));
  return dex_future_new_take_boxed (LW_TYPE_ASSIGNMENT, assignment);
}

DexFuture *
lw_client_get_assignment (LwClient *self, const char *id)
{
  dex_return_error_if_fail (LW_IS_CLIENT (self));
  dex_return_error_if_fail (id != NULL);

  return lw_spawn (get_fiber, lw_call_new (self, id, NULL), lw_call_free);
}
