/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Texts of others as literals of other languages. */

#include "lw-export-private.h"

#include <string.h>

/* --- JSON --------------------------------------------------------------------------------------------- */

char *
lw_code_json (JsonNode *node)
{
  g_autofree char *text = json_to_string (node, FALSE);
  GString *out = g_string_new (NULL);

  for (const char *p = text; *p != '\0'; p = g_utf8_next_char (p))
    {
      gunichar c = g_utf8_get_char (p);

      if (c < 0x7f)
        g_string_append_c (out, (char) c);
      else if (c < 0x10000)
        g_string_append_printf (out, "\\u%04x", c);
      else
        g_string_append_printf (out, "\\u%04x\\u%04x", 0xd800 + ((c - 0x10000) >> 10),
                                0xdc00 + ((c - 0x10000) & 0x3ff));
    }
  return g_string_free_and_steal (out);
}

char *
lw_code_comment (const char *text)
{
  GString *out = g_string_new (NULL);

  for (const char *p = text; *p != '\0'; p = g_utf8_next_char (p))
    {
      gunichar c = g_utf8_get_char (p);

      /* also what some readers take for the end of a line, or for another direction */
      if (g_unichar_iscntrl (c) || c == 0x2028 || c == 0x2029 ||
          g_unichar_type (c) == G_UNICODE_FORMAT)
        c = ' ';
      g_string_append_unichar (out, c);
    }
  return g_string_free_and_steal (out);
}

/* A number as JSON has it. */
static void
append_number (GString *out, JsonNode *node)
{
  g_autofree char *text = json_to_string (node, FALSE);

  g_string_append (out, text);
}

static void
append_indent (GString *out, guint indent)
{
  for (guint i = 0; i < indent; i++)
    g_string_append (out, "  ");
}

/* --- HCL ---------------------------------------------------------------------------------------------- */

void
lw_code_append_hcl_string (GString *out, const char *text)
{
  g_string_append_c (out, '"');
  for (const char *p = text; *p != '\0'; p = g_utf8_next_char (p))
    {
      gunichar c = g_utf8_get_char (p);

      if (c == '"' || c == '\\')
        g_string_append_printf (out, "\\%c", (char) c);
      else if (c == '\n')
        g_string_append (out, "\\n");
      else if (c == '\r')
        g_string_append (out, "\\r");
      else if (c == '\t')
        g_string_append (out, "\\t");
      else if ((c == '$' || c == '%') && p[1] == '{')
        g_string_append_printf (out, "%c%c", (char) c, (char) c);
      else if (g_unichar_iscntrl (c) || c == 0x2028 || c == 0x2029)
        g_string_append_printf (out, "\\u%04x", c);
      else
        g_string_append_unichar (out, c);
    }
  g_string_append_c (out, '"');
}

void
lw_code_append_hcl (GString *out, JsonNode *node, guint indent)
{
  if (JSON_NODE_HOLDS_OBJECT (node))
    {
      JsonObject *object = json_node_get_object (node);
      g_autoptr (GList) members = json_object_get_members (object);

      g_string_append (out, members != NULL ? "{\n" : "{}");
      for (GList *l = members; l != NULL; l = l->next)
        {
          append_indent (out, indent + 1);
          lw_code_append_hcl_string (out, l->data);
          g_string_append (out, " = ");
          lw_code_append_hcl (out, json_object_get_member (object, l->data), indent + 1);
          g_string_append_c (out, '\n');
        }
      if (members != NULL)
        {
          append_indent (out, indent);
          g_string_append_c (out, '}');
        }
    }
  else if (JSON_NODE_HOLDS_ARRAY (node))
    {
      JsonArray *array = json_node_get_array (node);

      g_string_append_c (out, '[');
      for (guint i = 0; i < json_array_get_length (array); i++)
        {
          g_string_append (out, i > 0 ? ", " : "");
          lw_code_append_hcl (out, json_array_get_element (array, i), indent);
        }
      g_string_append_c (out, ']');
    }
  else if (json_node_get_value_type (node) == G_TYPE_STRING)
    lw_code_append_hcl_string (out, json_node_get_string (node));
  else
    append_number (out, node); /* true, false and null too */
}

/* --- Bicep -------------------------------------------------------------------------------------------- */

void
lw_code_append_bicep_string (GString *out, const char *text)
{
  g_string_append_c (out, '\'');
  for (const char *p = text; *p != '\0'; p = g_utf8_next_char (p))
    {
      gunichar c = g_utf8_get_char (p);

      if (c == '\'' || c == '\\')
        g_string_append_printf (out, "\\%c", (char) c);
      else if (c == '\n')
        g_string_append (out, "\\n");
      else if (c == '\r')
        g_string_append (out, "\\r");
      else if (c == '\t')
        g_string_append (out, "\\t");
      else if (c == '$' && p[1] == '{')
        g_string_append (out, "\\$");
      else if (g_unichar_iscntrl (c) || c == 0x2028 || c == 0x2029)
        g_string_append_printf (out, "\\u{%x}", c);
      else
        g_string_append_unichar (out, c);
    }
  g_string_append_c (out, '\'');
}

static gboolean
is_identifier (const char *text)
{
  static const char *const words[] = { "true", "false", "null", NULL };

  if (!g_ascii_isalpha (text[0]) || g_strv_contains (words, text))
    return FALSE;
  for (const char *p = text; *p != '\0'; p++)
    if (!g_ascii_isalnum (*p))
      return FALSE;
  return TRUE;
}

/* Bicep has integers alone; other numbers are read from JSON. */
static void
append_bicep_number (GString *out, JsonNode *node)
{
  g_autofree char *text = json_to_string (node, FALSE);

  if (json_node_get_value_type (node) == G_TYPE_DOUBLE)
    g_string_append_printf (out, "json('%s')", text);
  else
    g_string_append (out, text);
}

void
lw_code_append_bicep (GString *out, JsonNode *node, guint indent)
{
  if (JSON_NODE_HOLDS_OBJECT (node))
    {
      JsonObject *object = json_node_get_object (node);
      g_autoptr (GList) members = json_object_get_members (object);

      g_string_append (out, members != NULL ? "{\n" : "{}");
      for (GList *l = members; l != NULL; l = l->next)
        {
          append_indent (out, indent + 1);
          if (is_identifier (l->data))
            g_string_append (out, l->data);
          else
            lw_code_append_bicep_string (out, l->data);
          g_string_append (out, ": ");
          lw_code_append_bicep (out, json_object_get_member (object, l->data), indent + 1);
          g_string_append_c (out, '\n');
        }
      if (members != NULL)
        {
          append_indent (out, indent);
          g_string_append_c (out, '}');
        }
    }
  else if (JSON_NODE_HOLDS_ARRAY (node))
    {
      JsonArray *array = json_node_get_array (node);
      guint n = json_array_get_length (array);

      g_string_append (out, n > 0 ? "[\n" : "[]");
      for (guint i = 0; i < n; i++)
        {
          append_indent (out, indent + 1);
          lw_code_append_bicep (out, json_array_get_element (array, i), indent + 1);
          g_string_append_c (out, '\n');
        }
      if (n > 0)
        {
          append_indent (out, indent);
          g_string_append_c (out, ']');
        }
    }
  else if (json_node_get_value_type (node) == G_TYPE_STRING)
    lw_code_append_bicep_string (out, json_node_get_string (node));
  else
    append_bicep_number (out, node);
}

/* --- shells ------------------------------------------------------------------------------------------- */

void
lw_code_append_shell (GString *out, const char *text)
{
  g_string_append_c (out, '\'');
  for (const char *p = text; *p != '\0'; p++)
    if (*p == '\'')
      g_string_append (out, "'\\''");
    else
      g_string_append_c (out, *p);
  g_string_append_c (out, '\'');
}

/* 'text', or ('text' + [char]0x2019 + 'text'): read with the wrong code page, a byte of a character beyond
 * ASCII may be a typographic quote, which ends a string of PowerShell. */
void
lw_code_append_powershell (GString *out, const char *text)
{
  gboolean plain = TRUE;
  gboolean open = TRUE;

  for (const char *p = text; *p != '\0' && plain; p++)
    plain = g_ascii_isprint (*p);
  g_string_append (out, plain ? "'" : "('");
  for (const char *p = text; *p != '\0'; p = g_utf8_next_char (p))
    {
      gunichar c = g_utf8_get_char (p);
      gboolean literal = c < 0x7f && g_ascii_isprint ((char) c);

      if (literal != open)
        g_string_append (out, literal ? " + '" : "'");
      open = literal;
      if (c == '\'')
        g_string_append (out, "''");
      else if (literal)
        g_string_append_c (out, (char) c);
      else if (c < 0x10000)
        g_string_append_printf (out, " + [char]0x%x", c);
      else
        g_string_append_printf (out, " + [char]::ConvertFromUtf32(0x%x)", c);
    }
  g_string_append (out, open ? "'" : "");
  g_string_append (out, plain ? "" : ")");
}

/* --- ARM templates ------------------------------------------------------------------------------------ */

/* "[…]" is an expression; "[[…]" is the text. */
static char *
arm_text (const char *text)
{
  return g_strconcat (text[0] == '[' && g_str_has_suffix (text, "]") ? "[" : "", text, NULL);
}

JsonNode *
lw_code_arm_literal (JsonNode *node)
{
  JsonNode *copy = json_node_alloc ();

  if (JSON_NODE_HOLDS_OBJECT (node))
    {
      JsonObject *object = json_node_get_object (node);
      g_autoptr (GList) members = json_object_get_members (object);
      g_autoptr (JsonObject) out = json_object_new ();

      for (GList *l = members; l != NULL; l = l->next)
        {
          g_autofree char *name = arm_text (l->data);

          json_object_set_member (out, name,
                                  lw_code_arm_literal (json_object_get_member (object, l->data)));
        }
      return json_node_init_object (copy, out);
    }
  if (JSON_NODE_HOLDS_ARRAY (node))
    {
      JsonArray *array = json_node_get_array (node);
      g_autoptr (JsonArray) out = json_array_new ();

      for (guint i = 0; i < json_array_get_length (array); i++)
        json_array_add_element (out, lw_code_arm_literal (json_array_get_element (array, i)));
      return json_node_init_array (copy, out);
    }
  if (json_node_get_value_type (node) == G_TYPE_STRING)
    {
      g_autofree char *text = arm_text (json_node_get_string (node));

      return json_node_init_string (copy, text);
    }
  json_node_free (copy);
  return json_node_copy (node);
}
