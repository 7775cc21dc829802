/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "config.h"

#include <glib/gi18n-lib.h>
#include <string.h>

#include "lw-client-private.h"
#include "lw-json.h"

#define EXEMPTIONS_QUERY                                                                           \
  "policyresources | where type == 'microsoft.authorization/policyexemptions' "                    \
  "| project id, name, type, subscriptionId, resourceGroup, properties, systemData "               \
  "| order by id asc"

static gpointer
read_exemption (JsonNode *node, GError **error)
{
  return lw_exemption_from_json (node, error);
}

static DexFuture *
exemption_or_error (JsonNode *node, GError *error)
{
  LwExemption *exemption = node != NULL ? lw_exemption_from_json (node, &error) : NULL;

  if (exemption == NULL)
    return dex_future_new_for_error (lw_error_as_azure (error));
  return dex_future_new_take_boxed (LW_TYPE_EXEMPTION, exemption);
}

/* At a scope */

static DexFuture *
start_exemptions (LwClient *self, const char *scope, const char *filter)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *url = NULL;
  static const char suffix[] = "/providers/" LW_EXEMPTIONS_TYPE;

  if (filter != NULL)
    url = lw_arm_url (self, scope, suffix, self->cloud->exemptions_newest, &error, "$filter",
                      filter, NULL);
  else
    url = lw_arm_url (self, scope, suffix, self->cloud->exemptions_newest, &error, NULL);
  if (url == NULL)
    return dex_future_new_for_error (g_steal_pointer (&error));
  return lw_transport_list (self->transport, LW_AUDIENCE_ARM, url);
}

static DexFuture *
list_fiber (gpointer data)
{
  LwCall *call = data;
  g_autoptr (GError) error = NULL;
  g_autoptr (JsonNode) elements =
      dex_await_boxed (start_exemptions (call->client, call->a, call->b), &error);

  if (elements == NULL)
    return dex_future_new_for_error (g_steal_pointer (&error));
  return lw_future_take_array (
      lw_read_elements (elements, read_exemption, (GDestroyNotify) lw_exemption_unref));
}

DexFuture *
lw_client_list_exemptions (LwClient *self, const char *scope, const char *filter)
{
  dex_return_error_if_fail (LW_IS_CLIENT (self));
  dex_return_error_if_fail (scope != NULL);

  return lw_spawn (list_fiber, lw_call_new (self, scope, filter), lw_call_free);
}

/* All */

typedef struct
{
  GPtrArray *found;
  GHashTable *seen; /* ids, owned by the values in @found */
} Collected;

static DexFuture *
start_scope (LwClient *self, gpointer item, gpointer user_data)
{
  const char *scope = item;

  /* A group answers for itself and what is above only; a subscription also for what is below it. */
  return start_exemptions (self, scope,
                           lw_scope_kind (scope) == LW_SCOPE_MANAGEMENT_GROUP ? "atScope()" : NULL);
}

static gboolean
collect (gpointer item,
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
  some = lw_read_elements (g_value_get_boxed (value), read_exemption,
                           (GDestroyNotify) lw_exemption_unref);
  for (guint i = 0; i < some->len; i++)
    {
      LwExemption *exemption = g_ptr_array_index (some, i);

      /* g_hash_table_add() would put the new key in the place of the one there. */
      if (g_hash_table_contains (collected->seen, exemption->id))
        continue;
      g_hash_table_add (collected->seen, exemption->id);
      g_ptr_array_add (collected->found, lw_exemption_ref (exemption));
    }
  return TRUE;
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

static GPtrArray *
all_by_rest (LwClient *self, GError **error)
{
  g_autoptr (LwHierarchy) hierarchy = dex_await_boxed (lw_client_load_hierarchy (self), error);
  g_autoptr (GPtrArray) scopes = NULL;
  g_autoptr (GPtrArray) found = NULL;
  g_autoptr (GHashTable) seen = NULL;
  Collected collected;

  if (hierarchy == NULL)
    return NULL;
  scopes = g_ptr_array_new_with_free_func (g_free);
  add_scopes (hierarchy, NULL, scopes, 0);
  found = g_ptr_array_new_with_free_func ((GDestroyNotify) lw_exemption_unref);
  seen = g_hash_table_new (lw_arm_id_hash, lw_arm_id_equal);
  collected = (Collected) { .found = found, .seen = seen };
  if (!lw_fan_out (self, scopes, start_scope, collect, &collected, error))
    return NULL;
  return g_steal_pointer (&found);
}

static DexFuture *
all_fiber (gpointer data)
{
  LwCall *call = data;
  g_autoptr (GError) error = NULL;
  g_autoptr (JsonNode) rows = NULL;
  GPtrArray *found;

  /* Resource Graph knows no policy resources in China. */
  if (!g_str_equal (call->client->cloud->name, "AzureChinaCloud"))
    rows =
        dex_await_boxed (lw_resource_graph_query (call->client, EXEMPTIONS_QUERY, TRUE, 0), &error);
  if (rows != NULL)
    return lw_future_take_array (
        lw_read_elements (rows, read_exemption, (GDestroyNotify) lw_exemption_unref));
  if (error != NULL && !lw_error_has_other_way (error))
    return dex_future_new_for_error (g_steal_pointer (&error));
  g_clear_error (&error);
  found = all_by_rest (call->client, &error);
  return found != NULL ? lw_future_take_array (found)
                       : dex_future_new_for_error (g_steal_pointer (&error));
}

DexFuture *
lw_client_list_all_exemptions (LwClient *self)
{
  dex_return_error_if_fail (LW_IS_CLIENT (self));

  return lw_spawn (all_fiber, lw_call_new (self, NULL, NULL), lw_call_free);
}

/* One */

static DexFuture *
get_fiber (gpointer data)
{
  LwCall *call = data;
  LwClient *self = call->client;
  g_autoptr (GError) error = NULL;
  g_autoptr (JsonNode) node = NULL;
  g_autofree char *url =
      lw_arm_url (self, call->a, "", self->cloud->exemptions_newest, &error, NULL);

  if (url != NULL)
    node = dex_await_boxed (
        lw_transport_json (self->transport, LW_AUDIENCE_ARM, "GET", url, NULL, TRUE), &error);
  return exemption_or_error (node, g_steal_pointer (&error));
}

DexFuture *
lw_client_get_exemption (LwClient *self, const char *id)
{
  dex_return_error_if_fail (LW_IS_CLIENT (self));
  dex_return_error_if_fail (id != NULL);

  return lw_spawn (get_fiber, lw_call_new (self, id, NULL), lw_call_free);
}

static DexFuture *
put_fiber (gpointer data)
{
  LwCall *call = data;
  LwClient *self = call->client;
  g_autoptr (GError) error = NULL;
  g_autoptr (JsonNode) node = NULL;
  g_autofree char *url = lw_arm_url (
      self, call->a, "",
      call->flag ? self->cloud->exemptions_newest : self->cloud->exemptions_create, &error, NULL);

  /* The same PUT twice leaves the same exemption, so that it may be sent again after a fault. */
  if (url != NULL)
    node = dex_await_boxed (
        lw_transport_json (self->transport, LW_AUDIENCE_ARM, "PUT", url, call->body, TRUE), &error);
  return exemption_or_error (node, g_steal_pointer (&error));
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

static DexFuture *
delete_fiber (gpointer data)
{
  LwCall *call = data;
  LwClient *self = call->client;
  g_autoptr (GError) error = NULL;
  g_autoptr (LwAnswer) answer = NULL;
  g_autofree char *url =
      lw_arm_url (self, call->a, "", self->cloud->exemptions_newest, &error, NULL);

  if (url != NULL)
    answer = dex_await_boxed (
        lw_transport_send (self->transport, LW_AUDIENCE_ARM, "DELETE", url, NULL, NULL, NULL, TRUE),
        &error);
  if (answer != NULL)
    return dex_future_new_for_boolean (answer->status != 204);
  if (g_error_matches (error, LW_AZURE_ERROR, LW_AZURE_ERROR_NOT_FOUND))
    return dex_future_new_for_boolean (FALSE);
  return dex_future_new_for_error (g_steal_pointer (&error));
}

DexFuture *
lw_client_delete_exemption (LwClient *self, const char *id)
{
  dex_return_error_if_fail (LW_IS_CLIENT (self));
  dex_return_error_if_fail (id != NULL);

  return lw_spawn (delete_fiber, lw_call_new (self, id, NULL), lw_call_free);
}
