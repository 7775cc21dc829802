/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "lw-demo-rule.h"

#include "lw-demo-json.h"

#include <string.h>

#define MAX_DEPTH 32

/* The member without case. (nullable) (transfer none) */
static JsonNode *
member_of (JsonObject *object, const char *name)
{
  JsonObjectIter iter;
  const char *member;
  JsonNode *node;

  if (object == NULL)
    return NULL;
  json_object_iter_init (&iter, object);
  while (json_object_iter_next (&iter, &member, &node))
    if (g_ascii_strcasecmp (member, name) == 0)
      return node;

  return NULL;
}

static JsonObject *
object_of (JsonNode *node)
{
  return node != NULL && JSON_NODE_HOLDS_OBJECT (node) ? json_node_get_object (node) : NULL;
}

/* A scalar as text, as conditions compare it. (transfer full) (nullable) */
static char *
text_of (JsonNode *node)
{
  if (node == NULL || JSON_NODE_HOLDS_NULL (node))
    return NULL;
  if (!JSON_NODE_HOLDS_VALUE (node))
    return lw_demo_json_node_text (node);
  if (json_node_get_value_type (node) == G_TYPE_STRING)
    return g_strdup (json_node_get_string (node));
  if (json_node_get_value_type (node) == G_TYPE_BOOLEAN)
    return g_strdup (json_node_get_boolean (node) ? "true" : "false");

  return lw_demo_json_node_text (node);
}

/* "[parameters('x')]" gives the parameter's value; anything else itself. (transfer none) (nullable) */
static JsonNode *
resolve (JsonNode *node, const LwDemoRuleInput *input)
{
  const char *text = node != NULL && JSON_NODE_HOLDS_VALUE (node) &&
                             json_node_get_value_type (node) == G_TYPE_STRING
                         ? json_node_get_string (node)
                         : NULL;
  g_autofree char *name = NULL;
  const char *start;
  JsonNode *value;

  if (text == NULL || !g_str_has_prefix (text, "[parameters('"))
    return node;
  start = text + strlen ("[parameters('");
  name = g_strndup (start, strcspn (start, "'"));
  value = member_of (object_of (member_of (input->values, name)), "value");

  return value != NULL ? value
                       : member_of (object_of (member_of (input->declared, name)), "defaultValue");
}

/* "Microsoft.Storage/storageAccounts/a.b": a, then b, below "properties" of content of that type. */
static JsonNode *
alias_value (JsonObject *content, const char *field)
{
  const char *type = lw_demo_json_string (content, "type");
  gsize length = type != NULL ? strlen (type) : 0;
  JsonNode *node = member_of (content, "properties");
  g_auto (GStrv) parts = NULL;

  if (length == 0 || g_ascii_strncasecmp (field, type, length) != 0 || field[length] != '/')
    return NULL;
  parts = g_strsplit (field + length + 1, ".", -1);
  for (guint i = 0; parts[i] != NULL && node != NULL; i++)
    {
      if (g_str_has_suffix (parts[i], "[*]"))
        parts[i][strlen (parts[i]) - 3] = '\0';
      node = member_of (object_of (node), parts[i]);
    }

  return node;
}

/* (transfer full) (nullable) */
static char *
field_text (const LwDemoRuleInput *input, const char *field)
{
  JsonObject *tags = object_of (member_of (input->content, "tags"));
  const char *quote = strchr (field, '\'');

  if (input->field != NULL && g_ascii_strcasecmp (input->field, field) == 0)
    return g_strdup (input->value);
  if (g_ascii_strncasecmp (field, "tags[", 5) == 0)
    {
      g_autofree char *name = quote != NULL ? g_strndup (quote + 1, strcspn (quote + 1, "'"))
                                            : g_strndup (field + 5, strcspn (field + 5, "]"));

      return text_of (member_of (tags, name));
    }
  if (g_ascii_strncasecmp (field, "tags.", 5) == 0)
    return text_of (member_of (tags, field + 5));
  if (strchr (field, '/') == NULL)
    return text_of (member_of (input->content, field));

  return text_of (alias_value (input->content, field));
}

static gboolean
is_like (const char *text, const char *pattern)
{
  g_autofree char *a = g_utf8_casefold (text, -1);
  g_autofree char *b = g_utf8_casefold (pattern, -1);

  return g_pattern_match_simple (b, a);
}

static gboolean
is_in (JsonNode *list, const char *text)
{
  JsonArray *array =
      list != NULL && JSON_NODE_HOLDS_ARRAY (list) ? json_node_get_array (list) : NULL;

  for (guint i = 0; array != NULL && i < json_array_get_length (array); i++)
    {
      g_autofree char *one = text_of (json_array_get_element (array, i));

      if (one != NULL && text != NULL && g_ascii_strcasecmp (one, text) == 0)
        return TRUE;
    }

  return FALSE;
}

static int
compare (const char *a, const char *b)
{
  char *end_a, *end_b;
  double x = g_ascii_strtod (a, &end_a);
  double y = g_ascii_strtod (b, &end_b);

  if (*a != '\0' && *b != '\0' && *end_a == '\0' && *end_b == '\0')
    return x < y ? -1 : x > y;

  return g_ascii_strcasecmp (a, b);
}

/* What an operator says of @text, which is %NULL where the field is missing. */
static gboolean
holds (const char *operator, const char * text, JsonNode *given)
{
  g_autofree char *value = text_of (given);
  const char *wanted = value != NULL ? value : "";
  gboolean negated = g_ascii_strncasecmp (operator, "not", 3) == 0;
  const char *name = negated ? operator+ 3 : operator;
  gboolean result;

  if (g_ascii_strcasecmp (name, "exists") == 0)
    return (text != NULL) == (g_ascii_strcasecmp (wanted, "true") == 0);
  if (g_ascii_strcasecmp (name, "in") == 0)
    return is_in (given, text) != negated;
  if (text == NULL)
    return negated;
  if (g_ascii_strcasecmp (name, "equals") == 0)
    result = g_ascii_strcasecmp (text, wanted) == 0;
  else if (g_ascii_strcasecmp (name, "like") == 0)
    result = is_like (text, wanted);
  else if (g_ascii_strcasecmp (name, "contains") == 0)
    result = strstr (text, wanted) != NULL;
  else if (g_ascii_strcasecmp (name, "less") == 0)
    result = compare (text, wanted) < 0;
  else if (g_ascii_strcasecmp (name, "lessOrEquals") == 0)
    result = compare (text, wanted) <= 0;
  else if (g_ascii_strcasecmp (name, "greater") == 0)
    result = compare (text, wanted) > 0;
  else if (g_ascii_strcasecmp (name, "greaterOrEquals") == 0)
    result = compare (text, wanted) >= 0;
  else
    return FALSE;

  return result != negated;
}

static gboolean
matches (JsonObject *condition, const LwDemoRuleInput *input, guint depth)
{
  JsonArray *all = lw_demo_json_array (condition, "allOf");
  JsonArray *any = lw_demo_json_array (condition, "anyOf");
  JsonArray *list = all != NULL ? all : any;
  JsonObject *not = lw_demo_json_object (condition, "not");
  const char *field = lw_demo_json_string (condition, "field");
  g_autofree char *text = NULL;
  JsonObjectIter iter;
  const char *member;
  JsonNode *node;

  if (condition == NULL || depth > MAX_DEPTH)
    return FALSE;
  for (guint i = 0; list != NULL && i < json_array_get_length (list); i++)
    if (matches (lw_demo_json_object_at (list, i), input, depth + 1) != (all != NULL))
      return all == NULL;
  if (list != NULL)
    return all != NULL;
  if (not!= NULL)
    return !matches (not, input, depth + 1);
  if (field == NULL)
    return FALSE;

  text = field_text (input, field);
  json_object_iter_init (&iter, condition);
  while (json_object_iter_next (&iter, &member, &node))
    if (!g_str_equal (member, "field"))
      return holds (member, text, resolve (node, input));

  return FALSE;
}

gboolean
lw_demo_rule_matches (JsonObject *condition, const LwDemoRuleInput *input)
{
  return matches (condition, input, 0);
}

static void
collect (JsonObject *condition, GPtrArray *fields, GPtrArray *types, guint depth)
{
  static const char *const lists[] = { "allOf", "anyOf" };
  const char *field = lw_demo_json_string (condition, "field");

  if (condition == NULL || depth > MAX_DEPTH)
    return;
  for (guint i = 0; i < G_N_ELEMENTS (lists); i++)
    {
      JsonArray *list = lw_demo_json_array (condition, lists[i]);

      for (guint j = 0; list != NULL && j < json_array_get_length (list); j++)
        collect (lw_demo_json_object_at (list, j), fields, types, depth + 1);
    }
  collect (lw_demo_json_object (condition, "not"), fields, types, depth + 1);
  if (field == NULL)
    return;
  if (g_ascii_strcasecmp (field, "type") != 0)
    g_ptr_array_add (fields, g_strdup (field));
  else
    {
      JsonArray *in = lw_demo_json_array (condition, "in");

      if (lw_demo_json_string (condition, "equals") != NULL)
        g_ptr_array_add (types, g_ascii_strdown (lw_demo_json_string (condition, "equals"), -1));
      for (guint i = 0; in != NULL && i < json_array_get_length (in); i++)
        if (lw_demo_json_string_at (in, i) != NULL)
          g_ptr_array_add (types, g_ascii_strdown (lw_demo_json_string_at (in, i), -1));
    }
}

GPtrArray *
lw_demo_rule_fields (JsonObject *condition)
{
  GPtrArray *fields = g_ptr_array_new_with_free_func (g_free);
  g_autoptr (GPtrArray) types = g_ptr_array_new_with_free_func (g_free);

  collect (condition, fields, types, 0);

  return fields;
}

GPtrArray *
lw_demo_rule_types (JsonObject *condition)
{
  g_autoptr (GPtrArray) fields = g_ptr_array_new_with_free_func (g_free);
  GPtrArray *types = g_ptr_array_new_with_free_func (g_free);

  collect (condition, fields, types, 0);

  return types;
}
