/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "config.h"

#include <glib/gi18n-lib.h>

#include "lw-domain-error.h"
#include "lw-json.h"
#include "lw-number-private.h"
#include "lw-source-private.h"

/* A request is wrapped in an event, and both must stay within what the strict reader accepts. */
#define MAX_DEPTH (LW_JSON_MAX_DEPTH - 4)

gboolean
lw_source_wrong_type (LwSource *self, const char *path, const char *expected)
{
  g_set_error (self->error, LW_DOMAIN_ERROR, LW_DOMAIN_ERROR_TYPE,
               /* Translators: the first %s is the path of a member such as grants[0].scope, the
                * second what it must be, such as “a string”. */
               _ ("“%s” must be %s."), path, expected);
  return FALSE;
}

gboolean
lw_source_wrong_member (LwSource *self, const char *member, const char *expected)
{
  g_autofree char *path =
      *self->path != '\0' ? g_strdup_printf ("%s.%s", self->path, member) : g_strdup (member);

  return lw_source_wrong_type (self, path, expected);
}

JsonNode *
lw_source_get (LwSource *self, const char *member)
{
  JsonNode *node = json_object_get_member (self->object, member);

  return node != NULL && !JSON_NODE_HOLDS_NULL (node) ? node : NULL;
}

gboolean
lw_source_text (LwSource *self, const char *member, char **out)
{
  JsonNode *node = lw_source_get (self, member);

  if (node == NULL)
    return TRUE;
  if (!JSON_NODE_HOLDS_VALUE (node) || json_node_get_value_type (node) != G_TYPE_STRING)
    return lw_source_wrong_member (self, member, _ ("a string"));
  *out = json_node_dup_string (node);
  return TRUE;
}

gboolean
lw_source_integer (LwSource *self, const char *member, gint64 max, gint64 *out)
{
  JsonNode *node = lw_source_get (self, member);

  if (node == NULL)
    return TRUE;
  if (!JSON_NODE_HOLDS_VALUE (node) || json_node_get_value_type (node) != G_TYPE_INT64 ||
      json_node_get_int (node) < 0 || json_node_get_int (node) > max)
    return lw_source_wrong_member (self, member,
                                   _ ("a whole number, not negative and not too large"));
  *out = json_node_get_int (node);
  return TRUE;
}

gboolean
lw_source_boolean (LwSource *self, const char *member, gboolean *out)
{
  JsonNode *node = lw_source_get (self, member);

  if (node == NULL)
    return TRUE;
  if (!JSON_NODE_HOLDS_VALUE (node) || json_node_get_value_type (node) != G_TYPE_BOOLEAN)
    return lw_source_wrong_member (self, member, _ ("true or false"));
  *out = json_node_get_boolean (node);
  return TRUE;
}

/* @out is left alone where the member is absent. */
gboolean
lw_source_object (LwSource *self, const char *member, JsonObject **out)
{
  JsonNode *node = lw_source_get (self, member);

  if (node == NULL)
    return TRUE;
  if (!JSON_NODE_HOLDS_OBJECT (node))
    return lw_source_wrong_member (self, member, _ ("an object"));
  *out = json_node_get_object (node);
  return TRUE;
}

gboolean
lw_source_array (LwSource *self, const char *member, JsonArray **out)
{
  JsonNode *node = lw_source_get (self, member);

  if (node == NULL)
    return TRUE;
  if (!JSON_NODE_HOLDS_ARRAY (node))
    return lw_source_wrong_member (self, member, _ ("a list"));
  *out = json_node_get_array (node);
  return TRUE;
}

char *
lw_source_path_of (LwSource *self, const char *member)
{
  return *self->path != '\0' ? g_strdup_printf ("%s.%s", self->path, member) : g_strdup (member);
}

gboolean
lw_source_strings (LwSource *self, const char *member, GPtrArray *out)
{
  JsonArray *array = NULL;

  if (!lw_source_array (self, member, &array))
    return FALSE;
  for (guint i = 0; array != NULL && i < json_array_get_length (array); i++)
    {
      const char *text = lw_json_array_get_string (array, i);

      if (text == NULL)
        {
          g_autofree char *name = g_strdup_printf ("%s[%u]", member, i);

          return lw_source_wrong_member (self, name, _ ("a string"));
        }
      g_ptr_array_add (out, g_strdup (text));
    }
  return TRUE;
}

gboolean
lw_source_list (LwSource *self, const char *member, LwSourceElement read, GPtrArray *out)
{
  JsonArray *array = NULL;

  if (!lw_source_array (self, member, &array))
    return FALSE;
  for (guint i = 0; array != NULL && i < json_array_get_length (array); i++)
    {
      g_autofree char *name = g_strdup_printf ("%s[%u]", member, i);
      g_autofree char *path = lw_source_path_of (self, name);
      LwSource element = { lw_json_array_get_object (array, i), path, self->error };
      gpointer value;

      if (element.object == NULL)
        return lw_source_wrong_type (self, path, _ ("an object"));
      value = read (&element);
      if (value == NULL)
        return FALSE;
      g_ptr_array_add (out, value);
    }
  return TRUE;
}

gboolean
lw_source_person (LwSource *self, const char *member, LwPerson **out)
{
  g_autofree char *path = lw_source_path_of (self, member);
  JsonNode *node = lw_source_get (self, member);

  if (node == NULL)
    return TRUE;
  *out = lw_person_from_json (node, path, self->error);
  return *out != NULL;
}

static gboolean
check_tree (JsonNode *node, guint depth, GError **error)
{
  if (depth > MAX_DEPTH)
    {
      g_set_error_literal (error, LW_DOMAIN_ERROR, LW_DOMAIN_ERROR_TYPE,
                           _ ("The text is nested too deeply."));
      return FALSE;
    }
  if (JSON_NODE_HOLDS_VALUE (node) && json_node_get_value_type (node) == G_TYPE_INT64 &&
      (json_node_get_int (node) > LW_NUMBER_MAX_SAFE ||
       json_node_get_int (node) < -LW_NUMBER_MAX_SAFE))
    {
      g_set_error (error, LW_DOMAIN_ERROR, LW_DOMAIN_ERROR_TYPE,
                   _ ("The number %" G_GINT64_FORMAT " is too large; write it as a string."),
                   json_node_get_int (node));
      return FALSE;
    }
  if (JSON_NODE_HOLDS_ARRAY (node))
    {
      JsonArray *array = json_node_get_array (node);

      for (guint i = 0; i < json_array_get_length (array); i++)
        if (!check_tree (json_array_get_element (array, i), depth + 1, error))
          return FALSE;
    }
  if (JSON_NODE_HOLDS_OBJECT (node))
    {
      JsonObjectIter iter;
      JsonNode *member;

      json_object_iter_init (&iter, json_node_get_object (node));
      while (json_object_iter_next (&iter, NULL, &member))
        if (!check_tree (member, depth + 1, error))
          return FALSE;
    }
  return TRUE;
}

gboolean
lw_source_check_tree (JsonNode *node, GError **error)
{
  return check_tree (node, 1, error);
}

char *
lw_excerpt (const char *text, guint max)
{
  g_autofree char *valid = g_utf8_make_valid (text != NULL ? text : "", -1);
  g_autofree char *head = NULL;

  if (g_utf8_strlen (valid, -1) <= (glong) max)
    return g_steal_pointer (&valid);
  head = g_utf8_substring (valid, 0, (glong) max);
  return g_strconcat (head, "…", NULL);
}
