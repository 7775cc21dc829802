/* SPDX-License-Identifier: GPL-3.0-or-later */

/*
 * What is assigned: definitions and initiatives, of the version that is in force. A GET gives the newest
 * version and names the others; those are sub-resources, ".../versions/1.2.0". They do not change, and
 * what was read is kept for the session.
 */

#include "config.h"

#include <string.h>

#include "lw-client-private.h"
#include "lw-definition-version.h"
#include "lw-json.h"

/* One definition to read, and the versions that will do (nullable: the newest). */
typedef struct
{
  char *id;
  char *pattern;
} Wanted;

static Wanted *
wanted_new (const char *id, const char *pattern)
{
  Wanted *self = g_new0 (Wanted, 1);

  self->id = g_strdup (id);
  self->pattern = g_strdup (pattern);
  return self;
}

static void
wanted_free (gpointer data)
{
  Wanted *self = data;

  g_free (self->id);
  g_free (self->pattern);
  g_free (self);
}

/* Refusals that only mean that the definition stays unknown. */
static gboolean
is_unreadable (const GError *error)
{
  return lw_error_is_invisible (error) ||
         g_error_matches (error, LW_AZURE_ERROR, LW_AZURE_ERROR_INVALID);
}

/* On a fiber: the object with that id, out of the cache or from Azure. %NULL without @error where the
 * person may not see it, or it is no object. (transfer full) */
static JsonObject *
read_object (LwClient *self, const char *id, GError **error)
{
  JsonObject *known = g_hash_table_lookup (self->definitions, id);
  g_autoptr (GError) local = NULL;
  g_autoptr (JsonNode) node = NULL;
  JsonObject *object;

  if (known != NULL)
    return json_object_ref (known);
  node = lw_arm_await (self, &(LwArmCall) { .api = LW_API_DEFINITIONS, .method = "GET", .id = id },
                       &local);
  object = lw_json_node_object (node);
  if (object != NULL)
    {
      g_hash_table_replace (self->definitions, g_strdup (id), json_object_ref (object));
      return json_object_ref (object);
    }
  if (local != NULL && !is_unreadable (local))
    g_propagate_error (error, g_steal_pointer (&local));
  return NULL;
}

/* The same for a definition of the wanted version; the newest where that one cannot be read. */
static JsonObject *
read_wanted (LwClient *self, const Wanted *wanted, GError **error)
{
  g_autoptr (JsonObject) newest = read_object (self, wanted->id, error);
  JsonObject *properties = lw_json_get_object (newest, "properties");
  const char *version = lw_json_get_string (properties, "version");
  g_autofree char *id = NULL;
  const char *chosen;
  g_autoptr (GError) local = NULL;
  JsonObject *object;

  if (newest == NULL || version == NULL || lw_definition_version_matches (wanted->pattern, version))
    return g_steal_pointer (&newest);
  chosen =
      lw_definition_version_choose (wanted->pattern, lw_json_get_array (properties, "versions"));
  if (chosen == NULL && strchr (wanted->pattern, '*') == NULL)
    chosen = wanted->pattern;
  if (chosen == NULL)
    return g_steal_pointer (&newest);
  id = lw_definition_key (wanted->id, chosen);
  object = read_object (self, id, &local);
  if (local != NULL)
    g_propagate_error (error, g_steal_pointer (&local));
  else if (object == NULL)
    return g_steal_pointer (&newest);
  return object;
}

/* The same on a fiber of its own: resolves to a node, a null one where it is not to be seen. */
static DexFuture *
wanted_fiber (gpointer data)
{
  LwCall *call = data;
  const Wanted wanted = { call->a, call->b };
  g_autoptr (GError) error = NULL;
  JsonObject *object = read_wanted (call->client, &wanted, &error);
  JsonNode *node;

  if (error != NULL)
    return dex_future_new_for_error (g_steal_pointer (&error));
  node = json_node_new (object != NULL ? JSON_NODE_OBJECT : JSON_NODE_NULL);
  if (object != NULL)
    json_node_take_object (node, object);
  return dex_future_new_take_boxed (JSON_TYPE_NODE, node);
}

static DexFuture *
start_wanted (LwClient *self, gpointer item, gpointer user_data)
{
  const Wanted *wanted = item;

  return lw_spawn (wanted_fiber, lw_call_new (self, wanted->id, wanted->pattern), lw_call_free);
}

/* @user_data: lw_definition_key() → JsonObject */
static gboolean
finish_wanted (gpointer item,
               const GValue *value,
               const GError *cause,
               gpointer user_data,
               GError **failure)
{
  const Wanted *wanted = item;
  JsonObject *object = value != NULL ? lw_json_node_object (g_value_get_boxed (value)) : NULL;

  if (object != NULL)
    g_hash_table_replace (user_data, lw_definition_key (wanted->id, wanted->pattern),
                          json_object_ref (object));
  if (cause == NULL)
    return TRUE;
  g_propagate_error (failure, g_error_copy (cause));
  return FALSE;
}

/* Adds to @list what is not there yet; @seen holds the keys. */
static void
want (GPtrArray *list, GHashTable *seen, const char *id, const char *pattern)
{
  if (id != NULL && id[0] != '\0' && g_hash_table_add (seen, lw_definition_key (id, pattern)))
    g_ptr_array_add (list, wanted_new (id, pattern));
}

/* On a fiber: reads all of @list. (transfer full) (nullable) */
static GHashTable *
read_all (LwClient *self, GPtrArray *list, GError **error)
{
  g_autoptr (GHashTable) table = g_hash_table_new_full (lw_arm_id_hash, lw_arm_id_equal, g_free,
                                                        (GDestroyNotify) json_object_unref);

  return lw_fan_out (self, list, start_wanted, finish_wanted, table, error)
             ? g_steal_pointer (&table)
             : NULL;
}

static GHashTable *
new_keys (void)
{
  return g_hash_table_new_full (lw_arm_id_hash, lw_arm_id_equal, g_free, NULL);
}

static DexFuture *
assignment_future (LwAssignment *assignment)
{
  return dex_future_new_take_boxed (LW_TYPE_ASSIGNMENT, assignment);
}

static DexFuture *
definition_fiber (gpointer data)
{
  LwCall *call = data;
  LwAssignment *assignment = call->assignment;
  const Wanted own = { assignment->definition_id,
                       (char *) lw_assignment_get_definition_pattern (assignment) };
  g_autoptr (GPtrArray) list = g_ptr_array_new_with_free_func (wanted_free);
  g_autoptr (GHashTable) seen = new_keys ();
  g_autoptr (GHashTable) members = NULL;
  g_autoptr (JsonObject) definition = NULL;
  g_autoptr (GError) error = NULL;
  JsonArray *set;

  if (own.id == NULL || own.id[0] == '\0')
    return assignment_future (lw_assignment_with_definition (assignment, NULL, NULL));
  definition = read_wanted (call->client, &own, &error);
  if (error != NULL)
    return dex_future_new_for_error (g_steal_pointer (&error));
  set = lw_json_get_array (lw_json_get_object (definition, "properties"), "policyDefinitions");
  for (guint i = 0; set != NULL && i < json_array_get_length (set); i++)
    {
      JsonObject *member = lw_json_array_get_object (set, i);

      want (list, seen, lw_json_get_string (member, "policyDefinitionId"),
            lw_json_get_string (member, "definitionVersion"));
    }
  members = read_all (call->client, list, &error);
  if (members == NULL)
    return dex_future_new_for_error (g_steal_pointer (&error));
  return assignment_future (lw_assignment_with_definition (assignment, definition, members));
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

static DexFuture *
evaluated_fiber (gpointer data)
{
  LwCall *call = data;
  g_autoptr (GPtrArray) list = g_ptr_array_new_with_free_func (wanted_free);
  g_autoptr (GHashTable) seen = new_keys ();
  g_autoptr (GHashTable) members = NULL;
  g_autoptr (GError) error = NULL;

  for (guint i = 0; i < call->array->len; i++)
    want (list, seen, ((LwPolicyState *) g_ptr_array_index (call->array, i))->definition_id, NULL);
  members = read_all (call->client, list, &error);
  if (members == NULL)
    return dex_future_new_for_error (g_steal_pointer (&error));
  return assignment_future (lw_assignment_with_states (call->assignment, call->array, members));
}

DexFuture *
lw_client_load_evaluated (LwClient *self, LwAssignment *assignment, GPtrArray *states)
{
  LwCall *call;

  dex_return_error_if_fail (LW_IS_CLIENT (self));
  dex_return_error_if_fail (assignment != NULL && states != NULL);

  call = lw_call_new (self, NULL, NULL);
  call->assignment = lw_assignment_ref (assignment);
  call->array = g_ptr_array_ref (states);
  return lw_spawn (evaluated_fiber, call, lw_call_free);
}
