/* SPDX-License-Identifier: GPL-3.0-or-later */

/* policyExemptions: list, get, put, delete. They have no ETag, in no api-version. */

#include "config.h"

#include <glib/gi18n-lib.h>
#include <string.h>

#include "lw-client-private.h"
#include "lw-fault.h"
#include "lw-grant-write.h"
#include "lw-json.h"

#define SUFFIX "/providers/" LW_EXEMPTIONS_TYPE

#define MAX_PUTS 4
#define PAUSE_MS 500

/* Api-versions since which a member counts; older ones take it and leave it out (ARM schemas). */
#define SELECTORS_SINCE  "2022-07-01-preview"
#define PRINCIPALS_SINCE "2024-12-01-preview"

static gpointer
read_exemption (JsonNode *node, GError **error)
{
  return lw_exemption_from_json (node, error);
}

/* Takes both. */
static DexFuture *
exemption_future (JsonNode *node, GError *error)
{
  g_autoptr (JsonNode) owned = node;
  LwExemption *exemption = node != NULL ? lw_exemption_from_json (node, &error) : NULL;

  if (exemption == NULL)
    return dex_future_new_for_error (lw_error_as_azure (error));
  return dex_future_new_take_boxed (LW_TYPE_EXEMPTION, exemption);
}

/* Lists */

static DexFuture *
list_fiber (gpointer data)
{
  LwCall *call = data;
  const char *query[] = { call->b != NULL ? "$filter" : NULL, call->b, NULL };

  return lw_arm_list_future (call->client,
                             &(LwArmCall) { .api = LW_API_EXEMPTIONS,
                                            .method = "GET",
                                            .id = call->a,
                                            .suffix = SUFFIX,
                                            .query = query },
                             read_exemption, (GDestroyNotify) lw_exemption_unref);
}

DexFuture *
lw_client_list_exemptions (LwClient *self, const char *scope, const char *filter)
{
  dex_return_error_if_fail (LW_IS_CLIENT (self));
  dex_return_error_if_fail (scope != NULL);

  return lw_spawn (list_fiber, lw_call_new (self, scope, filter), lw_call_free);
}

static void
add_scopes (LwHierarchy *hierarchy, const char *id, GPtrArray *scopes, guint depth)
{
  g_autoptr (GPtrArray) children =
      id != NULL ? lw_hierarchy_children (hierarchy, id) : lw_hierarchy_roots (hierarchy);

  for (guint i = 0; depth < 16 && i < children->len; i++)
    {
      const char *child = g_ptr_array_index (children, i);

      g_ptr_array_add (scopes, g_strdup (child));
      add_scopes (hierarchy, child, scopes, depth + 1);
    }
}

/* Every management group and subscription that one sees. */
static GPtrArray *
all_scopes (LwClient *self, GError **error)
{
  g_autoptr (LwHierarchy) hierarchy = dex_await_boxed (lw_client_load_hierarchy (self), error);
  GPtrArray *scopes;

  if (hierarchy == NULL)
    return NULL;
  scopes = g_ptr_array_new_with_free_func (g_free);
  add_scopes (hierarchy, NULL, scopes, 0);
  return scopes;
}

/* A management group answers for itself and what is above only, and wants to be told so; a subscription
 * also answers for what is below it. */
static void
call_at_scope (const char *scope, LwArmCall *call)
{
  static const char *const at_scope[] = { "$filter", "atScope()", NULL };

  call->api = LW_API_EXEMPTIONS;
  call->id = scope;
  call->suffix = SUFFIX;
  call->query = lw_scope_kind (scope) == LW_SCOPE_MANAGEMENT_GROUP ? at_scope : NULL;
}

static const char *
id_of (gpointer value)
{
  return ((LwExemption *) value)->id;
}

DexFuture *
lw_client_list_all_exemptions (LwClient *self)
{
  static const LwEverywhere everywhere = {
    .query = "policyresources | where type == 'microsoft.authorization/policyexemptions' "
             "| project id, name, type, subscriptionId, resourceGroup, properties, systemData "
             "| order by id asc",
    .scopes = all_scopes,
    .call = call_at_scope,
    .read = read_exemption,
    .destroy = (GDestroyNotify) lw_exemption_unref,
    .id_of = id_of,
  };

  dex_return_error_if_fail (LW_IS_CLIENT (self));

  return lw_client_find_everywhere (self, &everywhere);
}

/* One */

static JsonNode *
await_get (LwClient *self, const char *id, GError **error)
{
  return lw_arm_await (self, &(LwArmCall) { .api = LW_API_EXEMPTIONS, .method = "GET", .id = id },
                       error);
}

static DexFuture *
get_fiber (gpointer data)
{
  LwCall *call = data;
  g_autoptr (GError) error = NULL;
  JsonNode *node = await_get (call->client, call->a, &error);

  return exemption_future (node, g_steal_pointer (&error));
}

DexFuture *
lw_client_get_exemption (LwClient *self, const char *id)
{
  dex_return_error_if_fail (LW_IS_CLIENT (self));
  dex_return_error_if_fail (id != NULL);

  return lw_spawn (get_fiber, lw_call_new (self, id, NULL), lw_call_free);
}

static gboolean
selects_principals (JsonObject *resource_selector)
{
  JsonArray *selectors = lw_json_get_array (resource_selector, "selectors");

  for (guint i = 0; selectors != NULL && i < json_array_get_length (selectors); i++)
    {
      const char *kind = lw_json_get_string (lw_json_array_get_object (selectors, i), "kind");

      if (kind != NULL && (g_ascii_strcasecmp (kind, "userPrincipalId") == 0 ||
                           g_ascii_strcasecmp (kind, "groupPrincipalId") == 0))
        return TRUE;
    }
  return FALSE;
}

/* The oldest api-version that does not leave anything of @body out. (nullable) */
static const char *
oldest_for (JsonNode *body)
{
  JsonObject *properties = lw_json_get_object (lw_json_node_object (body), "properties");
  JsonArray *selectors = lw_json_get_array (properties, "resourceSelectors");
  const char *oldest = NULL;

  if (lw_json_get_string (properties, "assignmentScopeValidation") != NULL)
    oldest = SELECTORS_SINCE;
  for (guint i = 0; selectors != NULL && i < json_array_get_length (selectors); i++)
    {
      if (selects_principals (lw_json_array_get_object (selectors, i)))
        return PRINCIPALS_SINCE;
      oldest = SELECTORS_SINCE;
    }
  return oldest;
}

/* Faults after which a PUT or DELETE may have been done although its answer was lost. */
static gboolean
may_have_arrived (const GError *error)
{
  return g_error_matches (error, LW_AZURE_ERROR, LW_AZURE_ERROR_NETWORK) ||
         g_error_matches (error, LW_AZURE_ERROR, LW_AZURE_ERROR_TIMED_OUT) ||
         g_error_matches (error, LW_AZURE_ERROR, LW_AZURE_ERROR_SERVER) ||
         g_error_matches (error, LW_AZURE_ERROR, LW_AZURE_ERROR_PROTOCOL) ||
         g_error_matches (error, LW_AZURE_ERROR, LW_AZURE_ERROR_TOO_LARGE);
}

/* After a PUT whose answer got lost: what is there, where that is what was put. With @absent set there is
 * nothing. */
static JsonNode *
look_what_is_there (LwClient *self, const LwArmCall *put, gboolean *absent)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (JsonNode) there = await_get (self, put->id, &error);
  g_autoptr (LwExemption) exemption = there != NULL ? lw_exemption_from_json (there, NULL) : NULL;

  *absent = g_error_matches (error, LW_AZURE_ERROR, LW_AZURE_ERROR_NOT_FOUND);
  return lw_grant_is_applied (exemption, put->body) ? g_steal_pointer (&there) : NULL;
}

/* Sends it once, and again only where it is known that nothing came of it. */
static JsonNode *
await_put (LwClient *self, const LwArmCall *put, GError **error)
{
  for (guint attempt = 1;; attempt++)
    {
      g_autoptr (GError) local = NULL;
      JsonNode *node = lw_arm_await (self, put, &local);
      gboolean absent = FALSE;

      if (node == NULL && may_have_arrived (local))
        node = look_what_is_there (self, put, &absent);
      if (node != NULL)
        return node;
      if (!absent || put->overwrites || attempt == MAX_PUTS ||
          g_error_matches (local, LW_AZURE_ERROR, LW_AZURE_ERROR_TIMED_OUT) ||
          !lw_sleep (lw_retry_pause (attempt, PAUSE_MS)))
        {
          g_propagate_error (error, g_steal_pointer (&local));
          return NULL;
        }
    }
}

static DexFuture *
put_fiber (gpointer data)
{
  LwCall *call = data;
  LwClient *self = call->client;
  g_autoptr (GError) error = NULL;
  LwArmCall put = { .api = LW_API_EXEMPTIONS_CREATE,
                    .method = "PUT",
                    .id = call->a,
                    .body = call->body,
                    .oldest = oldest_for (call->body),
                    .overwrites = call->flag };
  JsonNode *node;

  if (call->flag || (put.oldest != NULL &&
                     strcmp (lw_client_version (self, LW_API_EXEMPTIONS_CREATE), put.oldest) < 0))
    put.api = LW_API_EXEMPTIONS;
  node = await_put (self, &put, &error);
  return exemption_future (node, g_steal_pointer (&error));
}

DexFuture *
lw_client_put_exemption (LwClient *self, const char *id, JsonNode *body, gboolean newest)
{
  LwCall *call;

  dex_return_error_if_fail (LW_IS_CLIENT (self));
  dex_return_error_if_fail (id != NULL && body != NULL);

  call = lw_call_new (self, id, NULL);
  call->body = lw_json_node_copy (body);
  call->flag = newest;
  return lw_spawn (put_fiber, call, lw_call_free);
}

/* After a DELETE whose answer got lost. */
static gboolean
is_gone (LwClient *self, const char *id)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (JsonNode) there = await_get (self, id, &error);

  return there == NULL && g_error_matches (error, LW_AZURE_ERROR, LW_AZURE_ERROR_NOT_FOUND);
}

static DexFuture *
delete_fiber (gpointer data)
{
  LwCall *call = data;
  g_autoptr (GError) error = NULL;
  guint status = lw_arm_await_status (
      call->client, &(LwArmCall) { .api = LW_API_EXEMPTIONS, .method = "DELETE", .id = call->a },
      &error);

  if (status != 0)
    return dex_future_new_for_boolean (status != 204);
  if (g_error_matches (error, LW_AZURE_ERROR, LW_AZURE_ERROR_NOT_FOUND))
    return dex_future_new_for_boolean (FALSE);
  if (may_have_arrived (error) && is_gone (call->client, call->a))
    return dex_future_new_for_boolean (TRUE);
  return dex_future_new_for_error (g_steal_pointer (&error));
}

DexFuture *
lw_client_delete_exemption (LwClient *self, const char *id)
{
  dex_return_error_if_fail (LW_IS_CLIENT (self));
  dex_return_error_if_fail (id != NULL);

  return lw_spawn (delete_fiber, lw_call_new (self, id, NULL), lw_call_free);
}
