/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "config.h"

#include <glib/gi18n-lib.h>
#include <string.h>

#include "lw-client-private.h"
#include "lw-json.h"

#define STATES_VERSION "2019-10-01"

#define ASSIGNMENTS_QUERY                                                                          \
  "policyresources | where type == 'microsoft.authorization/policyassignments' "                   \
  "| project id, name, type, properties | order by id asc"

static gpointer
read_assignment (JsonNode *node, GError **error)
{
  return lw_assignment_from_json (node, error);
}

static gpointer
read_state (JsonNode *node, GError **error)
{
  return lw_policy_state_from_json (node, error);
}

/* Assignments */

static char *
assignments_url (LwClient *self, const char *scope, GError **error)
{
  static const char suffix[] = "/providers/" LW_ASSIGNMENTS_TYPE;

  /* A management group answers nothing without a filter; the other scopes would add what lies below. */
  return lw_arm_url (self, scope, suffix, self->cloud->assignments, error, "$filter", "atScope()",
                     NULL);
}

static DexFuture *
assignments_fiber (gpointer data)
{
  LwCall *call = data;
  g_autoptr (GError) error = NULL;
  g_autofree char *url = assignments_url (call->client, call->a, &error);
  GPtrArray *found = lw_client_await_list (call->client, LW_AUDIENCE_ARM, url, read_assignment,
                                           (GDestroyNotify) lw_assignment_unref, &error);

  return found != NULL ? lw_future_take_array (found)
                       : dex_future_new_for_error (g_steal_pointer (&error));
}

DexFuture *
lw_client_list_assignments (LwClient *self, const char *scope)
{
  dex_return_error_if_fail (LW_IS_CLIENT (self));
  dex_return_error_if_fail (scope != NULL);

  return lw_spawn (assignments_fiber, lw_call_new (self, scope, NULL), lw_call_free);
}

/* All of a subscription, resource groups included. */
static DexFuture *
start_assignments (LwClient *self, gpointer item, gpointer user_data)
{
  const LwScopeInfo *subscription = item;
  g_autoptr (GError) error = NULL;
  g_autofree char *url = lw_arm_url (self, subscription->id, "/providers/" LW_ASSIGNMENTS_TYPE,
                                     self->cloud->assignments, &error, NULL);

  if (url == NULL)
    return dex_future_new_for_error (g_steal_pointer (&error));
  return lw_transport_list (self->transport, LW_AUDIENCE_ARM, url);
}

typedef struct
{
  GPtrArray *found;
  GHashTable *seen; /* ids, owned by the values in @found */
} Collected;

static gboolean
collect_assignments (gpointer item,
                     const GValue *value,
                     const GError *error,
                     gpointer user_data,
                     GError **failure)
{
  Collected *collected = user_data;
  g_autoptr (GPtrArray) some = NULL;

  if (value == NULL && lw_error_is_invisible (error))
    return TRUE;
  if (value == NULL)
    {
      g_propagate_error (failure, g_error_copy (error));
      return FALSE;
    }
  some = lw_read_elements (g_value_get_boxed (value), read_assignment,
                           (GDestroyNotify) lw_assignment_unref);
  for (guint i = 0; i < some->len; i++)
    {
      LwAssignment *assignment = g_ptr_array_index (some, i);

      /* g_hash_table_add() would put the new key in the place of the one there. */
      if (g_hash_table_contains (collected->seen, assignment->id))
        continue;
      g_hash_table_add (collected->seen, assignment->id);
      g_ptr_array_add (collected->found, lw_assignment_ref (assignment));
    }
  return TRUE;
}

static GPtrArray *
assignments_by_rest (LwClient *self, GError **error)
{
  g_autoptr (GPtrArray) subscriptions =
      dex_await_boxed (lw_client_list_subscriptions (self), error);
  g_autoptr (GPtrArray) found = NULL;
  g_autoptr (GHashTable) seen = NULL;
  Collected collected;

  if (subscriptions == NULL)
    return NULL;
  found = g_ptr_array_new_with_free_func ((GDestroyNotify) lw_assignment_unref);
  seen = g_hash_table_new (lw_arm_id_hash, lw_arm_id_equal);
  collected = (Collected) { .found = found, .seen = seen };
  if (!lw_fan_out (self, subscriptions, start_assignments, collect_assignments, &collected, error))
    return NULL;
  return g_steal_pointer (&found);
}

static DexFuture *
all_assignments_fiber (gpointer data)
{
  LwCall *call = data;
  g_autoptr (GError) error = NULL;
  g_autoptr (JsonNode) rows = NULL;
  GPtrArray *found;

  if (!g_str_equal (call->client->cloud->name, "AzureChinaCloud"))
    rows = dex_await_boxed (lw_resource_graph_query (call->client, ASSIGNMENTS_QUERY, TRUE, 0),
                            &error);
  if (rows != NULL)
    return lw_future_take_array (
        lw_read_elements (rows, read_assignment, (GDestroyNotify) lw_assignment_unref));
  if (error != NULL && !lw_error_has_other_way (error))
    return dex_future_new_for_error (g_steal_pointer (&error));
  g_clear_error (&error);
  found = assignments_by_rest (call->client, &error);
  return found != NULL ? lw_future_take_array (found)
                       : dex_future_new_for_error (g_steal_pointer (&error));
}

DexFuture *
lw_client_list_all_assignments (LwClient *self)
{
  dex_return_error_if_fail (LW_IS_CLIENT (self));

  return lw_spawn (all_assignments_fiber, lw_call_new (self, NULL, NULL), lw_call_free);
}

static DexFuture *
assignment_fiber (gpointer data)
{
  LwCall *call = data;
  LwClient *self = call->client;
  g_autoptr (GError) error = NULL;
  g_autoptr (JsonNode) node = NULL;
  g_autofree char *url = lw_arm_url (self, call->a, "", self->cloud->assignments, &error, NULL);
  LwAssignment *assignment = NULL;

  if (url != NULL)
    node = dex_await_boxed (
        lw_transport_json (self->transport, LW_AUDIENCE_ARM, "GET", url, NULL, TRUE), &error);
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

  return lw_spawn (assignment_fiber, lw_call_new (self, id, NULL), lw_call_free);
}

/* Definitions */

/* One definition or set, out of the session's cache or from Azure: resolves to a JsonNode. */
static DexFuture *
start_definition (LwClient *self, gpointer item, gpointer user_data)
{
  const char *id = item;
  JsonObject *known = g_hash_table_lookup (self->definitions, id);
  g_autoptr (GError) error = NULL;
  g_autofree char *url = NULL;

  if (known != NULL)
    {
      JsonNode *node = json_node_new (JSON_NODE_OBJECT);

      json_node_set_object (node, known);
      return dex_future_new_take_boxed (JSON_TYPE_NODE, node);
    }
  url = lw_arm_url (self, id, "", self->cloud->definitions, &error, NULL);
  if (url == NULL)
    return dex_future_new_for_error (g_steal_pointer (&error));
  return lw_transport_json (self->transport, LW_AUDIENCE_ARM, "GET", url, NULL, TRUE);
}

/* %NULL without @error where the person may not see it, or it is no definition. (transfer full) */
static JsonObject *
take_definition (LwClient *self,
                 const char *id,
                 JsonNode *node,
                 const GError *cause,
                 GError **error)
{
  JsonObject *object = lw_json_node_object (node);

  if (object != NULL)
    {
      g_hash_table_replace (self->definitions, g_strdup (id), json_object_ref (object));
      return json_object_ref (object);
    }
  if (cause != NULL && !lw_error_is_invisible (cause) &&
      !g_error_matches (cause, LW_AZURE_ERROR, LW_AZURE_ERROR_INVALID))
    g_propagate_error (error, g_error_copy (cause));
  return NULL;
}

typedef struct
{
  LwClient *client;
  GHashTable *members;
} Members;

static gboolean
collect_member (gpointer item,
                const GValue *value,
                const GError *cause,
                gpointer user_data,
                GError **failure)
{
  Members *members = user_data;
  g_autoptr (GError) error = NULL;
  JsonObject *object = take_definition (
      members->client, item, value != NULL ? g_value_get_boxed (value) : NULL, cause, &error);

  if (object != NULL)
    g_hash_table_replace (members->members, g_strdup (item), object);
  if (error == NULL)
    return TRUE;
  g_propagate_error (failure, g_steal_pointer (&error));
  return FALSE;
}

/* The ids of the definitions in a set, each once. */
static GPtrArray *
member_ids (JsonObject *set)
{
  g_autoptr (GHashTable) seen = g_hash_table_new (lw_arm_id_hash, lw_arm_id_equal);
  JsonArray *list = lw_json_get_array (lw_json_get_object (set, "properties"), "policyDefinitions");
  GPtrArray *ids = g_ptr_array_new_with_free_func (g_free);

  for (guint i = 0; list != NULL && i < json_array_get_length (list); i++)
    {
      const char *id =
          lw_json_get_string (lw_json_array_get_object (list, i), "policyDefinitionId");

      if (id != NULL && !g_hash_table_contains (seen, id))
        {
          g_ptr_array_add (ids, g_strdup (id));
          g_hash_table_add (seen, g_ptr_array_index (ids, ids->len - 1));
        }
    }
  return ids;
}

static DexFuture *
definition_fiber (gpointer data)
{
  LwCall *call = data;
  LwClient *self = call->client;
  LwAssignment *assignment = call->assignment;
  g_autoptr (GError) cause = NULL;
  g_autoptr (GError) error = NULL;
  g_autoptr (JsonNode) node = NULL;
  g_autoptr (JsonObject) definition = NULL;
  g_autoptr (GHashTable) table = NULL;
  g_autoptr (GPtrArray) ids = NULL;
  Members members;

  if (assignment->definition_id == NULL || assignment->definition_id[0] == '\0')
    return dex_future_new_take_boxed (LW_TYPE_ASSIGNMENT,
                                      lw_assignment_with_definition (assignment, NULL, NULL));
  node = dex_await_boxed (start_definition (self, assignment->definition_id, NULL), &cause);
  if (lw_wire_is_cancelled (cause))
    return dex_future_new_for_error (g_steal_pointer (&cause));
  definition = take_definition (self, assignment->definition_id, node, cause, &error);
  if (error != NULL)
    return dex_future_new_for_error (g_steal_pointer (&error));
  table = g_hash_table_new_full (lw_arm_id_hash, lw_arm_id_equal, g_free,
                                 (GDestroyNotify) json_object_unref);
  ids = member_ids (definition);
  members = (Members) { .client = self, .members = table };
  if (!lw_fan_out (self, ids, start_definition, collect_member, &members, &error))
    return dex_future_new_for_error (g_steal_pointer (&error));
  return dex_future_new_take_boxed (LW_TYPE_ASSIGNMENT,
                                    lw_assignment_with_definition (assignment, definition, table));
}

DexFuture *
lw_client_load_definition (LwClient *self, LwAssignment *assignment)
{
  LwCall *call;

  dex_return_error_if_fail (LW_IS_CLIENT (self));
  dex_return_error_if_fail (assignment != NULL);

  call = lw_call_new (self, NULL, NULL);
  call->assignment = lw_assignment_ref (assignment);
  return lw_spawn (definition_fiber, call, lw_call_free);
}

typedef struct
{
  LwClient *client;
  LwAssignment *assignment;
  GPtrArray *states;
} Evaluated;

static void
evaluated_free (gpointer data)
{
  Evaluated *evaluated = data;

  g_object_unref (evaluated->client);
  lw_assignment_unref (evaluated->assignment);
  g_ptr_array_unref (evaluated->states);
  g_free (evaluated);
}

static DexFuture *
evaluated_fiber (gpointer data)
{
  Evaluated *evaluated = data;
  g_autoptr (GError) error = NULL;
  g_autoptr (GHashTable) table = g_hash_table_new_full (lw_arm_id_hash, lw_arm_id_equal, g_free,
                                                        (GDestroyNotify) json_object_unref);
  g_autoptr (GHashTable) seen = g_hash_table_new (lw_arm_id_hash, lw_arm_id_equal);
  g_autoptr (GPtrArray) ids = g_ptr_array_new ();
  Members members = { .client = evaluated->client, .members = table };

  for (guint i = 0; i < evaluated->states->len; i++)
    {
      LwPolicyState *state = g_ptr_array_index (evaluated->states, i);

      if (state->definition_id != NULL && g_hash_table_add (seen, state->definition_id))
        g_ptr_array_add (ids, state->definition_id);
    }
  if (!lw_fan_out (evaluated->client, ids, start_definition, collect_member, &members, &error))
    return dex_future_new_for_error (g_steal_pointer (&error));
  return dex_future_new_take_boxed (
      LW_TYPE_ASSIGNMENT,
      lw_assignment_with_states (evaluated->assignment, evaluated->states, table));
}

DexFuture *
lw_client_load_evaluated (LwClient *self, LwAssignment *assignment, GPtrArray *states)
{
  Evaluated *evaluated;

  dex_return_error_if_fail (LW_IS_CLIENT (self));
  dex_return_error_if_fail (assignment != NULL && states != NULL);

  evaluated = g_new0 (Evaluated, 1);
  evaluated->client = g_object_ref (self);
  evaluated->assignment = lw_assignment_ref (assignment);
  evaluated->states = g_ptr_array_ref (states);
  return lw_spawn (evaluated_fiber, evaluated, evaluated_free);
}

/* Policy states: paged by POST */

static DexFuture *
states_fiber (gpointer data)
{
  LwCall *call = data;
  LwClient *self = call->client;
  g_autoptr (GError) error = NULL;
  g_autoptr (JsonNode) rows = NULL;
  g_autofree char *assignment = lw_odata_quote (call->b);
  g_autofree char *filter = g_strdup_printf (
      "policyAssignmentId eq %s and complianceState eq 'NonCompliant'", assignment);
  g_autofree char *url = lw_arm_url (
      self, call->a, "/providers/Microsoft.PolicyInsights/policyStates/latest/queryResults",
      STATES_VERSION, &error, "$filter", filter, NULL);

  if (url != NULL)
    rows = dex_await_boxed (
        lw_transport_list_with (self->transport, LW_AUDIENCE_ARM, "POST", url, NULL), &error);
  if (rows == NULL)
    return dex_future_new_for_error (g_steal_pointer (&error));
  return lw_future_take_array (
      lw_read_elements (rows, read_state, (GDestroyNotify) lw_policy_state_unref));
}

DexFuture *
lw_client_list_noncompliant (LwClient *self, const char *scope, const char *assignment_id)
{
  dex_return_error_if_fail (LW_IS_CLIENT (self));
  dex_return_error_if_fail (scope != NULL && assignment_id != NULL);

  return lw_spawn (states_fiber, lw_call_new (self, scope, assignment_id), lw_call_free);
}
