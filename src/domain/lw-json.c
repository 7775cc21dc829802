/* SPDX-License-Identifier: GPL-3.0-or-later */

#include <string.h>

#include "lw-json.h"

static JsonNode *node_copy (JsonNode *node);

static JsonNode *
member_of_type (JsonObject *object, const char *member, GType type)
{
  JsonNode *node = object != NULL ? json_object_get_member (object, member) : NULL;

  if (node == NULL || !JSON_NODE_HOLDS_VALUE (node) || json_node_get_value_type (node) != type)
    return NULL;
  return node;
}

const char *
lw_json_get_string (JsonObject *object, const char *member)
{
  JsonNode *node = member_of_type (object, member, G_TYPE_STRING);

  return node != NULL ? json_node_get_string (node) : NULL;
}

gint64
lw_json_get_int (JsonObject *object, const char *member, gint64 fallback)
{
  JsonNode *node = member_of_type (object, member, G_TYPE_INT64);

  return node != NULL ? json_node_get_int (node) : fallback;
}

gboolean
lw_json_get_boolean (JsonObject *object, const char *member, gboolean fallback)
{
  JsonNode *node = member_of_type (object, member, G_TYPE_BOOLEAN);

  return node != NULL ? json_node_get_boolean (node) : fallback;
}

JsonObject *
lw_json_get_object (JsonObject *object, const char *member)
{
  return lw_json_node_object (object != NULL ? json_object_get_member (object, member) : NULL);
}

JsonArray *
lw_json_get_array (JsonObject *object, const char *member)
{
  JsonNode *node = object != NULL ? json_object_get_member (object, member) : NULL;

  return node != NULL && JSON_NODE_HOLDS_ARRAY (node) ? json_node_get_array (node) : NULL;
}

static JsonNode *
element (JsonArray *array, guint index)
{
  if (array == NULL || index >= json_array_get_length (array))
    return NULL;
  return json_array_get_element (array, index);
}

const char *
lw_json_array_get_string (JsonArray *array, guint index)
{
  JsonNode *node = element (array, index);

  if (node == NULL || !JSON_NODE_HOLDS_VALUE (node) ||
      json_node_get_value_type (node) != G_TYPE_STRING)
    return NULL;
  return json_node_get_string (node);
}

JsonObject *
lw_json_array_get_object (JsonArray *array, guint index)
{
  return lw_json_node_object (element (array, index));
}

JsonObject *
lw_json_node_object (JsonNode *node)
{
  return node != NULL && JSON_NODE_HOLDS_OBJECT (node) ? json_node_get_object (node) : NULL;
}

JsonNode *
lw_json_path (JsonObject *object, const char *path)
{
  g_auto (GStrv) names = NULL;
  JsonNode *node = NULL;

  g_return_val_if_fail (path != NULL, NULL);

  names = g_strsplit (path, ".", -1);
  for (guint i = 0; names[i] != NULL; i++)
    {
      node = object != NULL ? json_object_get_member (object, names[i]) : NULL;
      if (node == NULL)
        return NULL;
      object = lw_json_node_object (node);
    }
  return node;
}

JsonObject *
lw_json_object_copy (JsonObject *object)
{
  JsonObject *copy;
  JsonObjectIter iter;
  const char *name;
  JsonNode *node;

  if (object == NULL)
    return NULL;
  copy = json_object_new ();
  json_object_iter_init_ordered (&iter, object);
  while (json_object_iter_next_ordered (&iter, &name, &node))
    json_object_set_member (copy, name, node_copy (node));
  return copy;
}

JsonArray *
lw_json_array_copy (JsonArray *array)
{
  JsonArray *copy;
  guint length;

  if (array == NULL)
    return NULL;
  length = json_array_get_length (array);
  copy = json_array_sized_new (length);
  for (guint i = 0; i < length; i++)
    json_array_add_element (copy, node_copy (json_array_get_element (array, i)));
  return copy;
}

/* json_node_copy() shares objects and arrays, this does not. */
static JsonNode *
node_copy (JsonNode *node)
{
  JsonNode *copy;

  if (JSON_NODE_HOLDS_OBJECT (node))
    return lw_json_object_to_node (json_node_get_object (node));
  if (JSON_NODE_HOLDS_ARRAY (node))
    {
      copy = json_node_new (JSON_NODE_ARRAY);
      json_node_take_array (copy, lw_json_array_copy (json_node_get_array (node)));
      return copy;
    }
  return json_node_copy (node);
}

JsonNode *
lw_json_object_to_node (JsonObject *object)
{
  JsonNode *node;

  if (object == NULL)
    return NULL;
  node = json_node_new (JSON_NODE_OBJECT);
  json_node_take_object (node, lw_json_object_copy (object));
  return node;
}

JsonNode *
lw_json_node_copy (JsonNode *node)
{
  return node != NULL ? node_copy (node) : NULL;
}

void
lw_json_set_string (JsonObject *object, const char *member, const char *value)
{
  JsonNode *node = json_node_alloc ();

  if (value != NULL)
    json_node_init_string (node, value);
  else
    json_node_init_null (node);
  json_object_set_member (object, member, node);
}
