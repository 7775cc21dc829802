/* SPDX-License-Identifier: GPL-3.0-or-later */

/* What the person signed in may do at a scope. */

#include "config.h"

#include "lw-client-private.h"

#define PERMISSIONS_VERSION "2022-04-01"
#define DENIALS_VERSION     "2022-04-01"

static JsonNode *
await_permissions (LwClient *self, const char *scope, GError **error)
{
  return lw_arm_await_list (
      self,
      &(LwArmCall) { .api = LW_API_FIXED,
                     .version = PERMISSIONS_VERSION,
                     .method = "GET",
                     .id = scope,
                     .suffix = "/providers/Microsoft.Authorization/permissions" },
      error);
}

static DexFuture *
permissions_fiber (gpointer data)
{
  LwCall *call = data;
  g_autoptr (GError) error = NULL;
  JsonNode *node = await_permissions (call->client, call->a, &error);

  if (node != NULL)
    return dex_future_new_take_boxed (JSON_TYPE_NODE, node);
  if (lw_error_is_invisible (error))
    return dex_future_new_take_boxed (JSON_TYPE_NODE, json_node_new (JSON_NODE_NULL));
  return dex_future_new_for_error (g_steal_pointer (&error));
}

DexFuture *
lw_client_get_permissions (LwClient *self, const char *scope)
{
  dex_return_error_if_fail (LW_IS_CLIENT (self));
  dex_return_error_if_fail (scope != NULL);

  return lw_spawn (permissions_fiber, lw_call_new (self, scope, NULL), lw_call_free);
}

/* Those that are about the person, by name or through a group. %NULL where they are not to be seen:
 * roles that allow no more than what is asked about cannot read them. */
static JsonNode *
await_denials (LwClient *self, const char *scope, const char *principal)
{
  g_autofree char *filter = g_strdup_printf ("assignedTo('%s')", principal);
  const char *query[] = { "$filter", filter, NULL };
  g_autoptr (GError) error = NULL;
  JsonNode *node = lw_arm_await_list (
      self,
      &(LwArmCall) { .api = LW_API_FIXED,
                     .version = DENIALS_VERSION,
                     .method = "GET",
                     .id = scope,
                     .suffix = "/providers/Microsoft.Authorization/denyAssignments",
                     .query = query },
      &error);

  if (node == NULL)
    g_debug ("Deny assignments are not known: %s", error->message);
  return node;
}

static DexFuture *
rights_fiber (gpointer data)
{
  LwCall *call = data;
  const LwPerson *person = lw_identity_get_person (call->client->identity);
  g_autofree char *principal = person != NULL ? g_strdup (person->id) : NULL;
  g_autoptr (GError) error = NULL;
  g_autoptr (JsonNode) permissions = await_permissions (call->client, call->a, &error);
  g_autoptr (JsonNode) denials = NULL;

  if (permissions == NULL && !lw_error_is_invisible (error))
    return dex_future_new_for_error (g_steal_pointer (&error));
  if (permissions != NULL && principal != NULL && g_uuid_string_is_valid (principal))
    denials = await_denials (call->client, call->a, principal);
  return dex_future_new_take_boxed (
      LW_TYPE_RIGHTS, lw_rights_new (call->a, principal,
                                     permissions != NULL ? json_node_get_array (permissions) : NULL,
                                     denials != NULL ? json_node_get_array (denials) : NULL));
}

DexFuture *
lw_client_get_rights (LwClient *self, const char *scope)
{
  dex_return_error_if_fail (LW_IS_CLIENT (self));
  dex_return_error_if_fail (scope != NULL);

  return lw_spawn (rights_fiber, lw_call_new (self, scope, NULL), lw_call_free);
}
