/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "config.h"

#include <glib/gi18n-lib.h>
#include <math.h>
#include <string.h>

#include "lw-domain-error.h"
#include "lw-json.h"
#include "lw-number-private.h"

typedef struct
{
  GString *out;
  gboolean pretty; /* indented, members in their own order */
  GError **error;
} Writer;

static gboolean write_node (Writer *self, JsonNode *node, guint depth);

static void
write_string (GString *out, const char *text)
{
  g_string_append_c (out, '"');
  for (; *text != '\0'; text++)
    switch (*text)
      {
      case '"':
        g_string_append (out, "\\\"");
        break;
      case '\\':
        g_string_append (out, "\\\\");
        break;
      case '\b':
        g_string_append (out, "\\b");
        break;
      case '\f':
        g_string_append (out, "\\f");
        break;
      case '\n':
        g_string_append (out, "\\n");
        break;
      case '\r':
        g_string_append (out, "\\r");
        break;
      case '\t':
        g_string_append (out, "\\t");
        break;
      default:
        if ((guchar) *text < 0x20)
          g_string_append_printf (out, "\\u%04x", (guint) (guchar) *text);
        else
          g_string_append_c (out, *text);
      }
  g_string_append_c (out, '"');
}

/* Order of UTF-16 code units (RFC 8785 section 3.2.3): as of code points, but what needs surrogates
 * (which begin at U+D800) comes before U+E000 to U+FFFF. */
static int
compare_names (gconstpointer a, gconstpointer b)
{
  const char *left = *(const char *const *) a;
  const char *right = *(const char *const *) b;

  while (*left != '\0' && *right != '\0')
    {
      gunichar l = g_utf8_get_char (left);
      gunichar r = g_utf8_get_char (right);

      if (l != r)
        {
          gboolean l_pair = l >= 0x10000;
          gboolean r_pair = r >= 0x10000;

          if (l_pair != r_pair)
            return l_pair ? (r >= 0xE000 ? -1 : 1) : (l >= 0xE000 ? 1 : -1);
          return l < r ? -1 : 1;
        }
      left = g_utf8_next_char (left);
      right = g_utf8_next_char (right);
    }
  return (*left != '\0') - (*right != '\0');
}

static void
new_line (Writer *self, guint depth)
{
  if (!self->pretty)
    return;
  g_string_append_c (self->out, '\n');
  for (guint i = 0; i < depth; i++)
    g_string_append (self->out, "  ");
}

static gboolean
write_object (Writer *self, JsonObject *object, guint depth)
{
  g_autoptr (GPtrArray) names = g_ptr_array_new ();
  g_autoptr (GList) members = json_object_get_members (object);

  for (GList *l = members; l != NULL; l = l->next)
    g_ptr_array_add (names, l->data);
  if (!self->pretty)
    g_ptr_array_sort (names, compare_names);
  g_string_append_c (self->out, '{');
  for (guint i = 0; i < names->len; i++)
    {
      const char *name = g_ptr_array_index (names, i);

      if (i > 0)
        g_string_append_c (self->out, ',');
      new_line (self, depth + 1);
      write_string (self->out, name);
      g_string_append (self->out, self->pretty ? ": " : ":");
      if (!write_node (self, json_object_get_member (object, name), depth + 1))
        return FALSE;
    }
  if (names->len > 0)
    new_line (self, depth);
  g_string_append_c (self->out, '}');
  return TRUE;
}

static gboolean
write_array (Writer *self, JsonArray *array, guint depth)
{
  guint length = json_array_get_length (array);

  g_string_append_c (self->out, '[');
  for (guint i = 0; i < length; i++)
    {
      if (i > 0)
        g_string_append_c (self->out, ',');
      new_line (self, depth + 1);
      if (!write_node (self, json_array_get_element (array, i), depth + 1))
        return FALSE;
    }
  if (length > 0)
    new_line (self, depth);
  g_string_append_c (self->out, ']');
  return TRUE;
}

/* Beyond 2^53 an integer is only written where the shortest text of its double is its own, so that the
 * text reads back as the same number everywhere. */
static gboolean
write_integer (Writer *self, gint64 value)
{
  g_autofree char *text = g_strdup_printf ("%" G_GINT64_FORMAT, value);
  gsize before = self->out->len;

  if (self->pretty || (value >= -LW_NUMBER_MAX_SAFE && value <= LW_NUMBER_MAX_SAFE))
    {
      g_string_append (self->out, text);
      return TRUE;
    }
  lw_number_append (self->out, (double) value);
  if (strcmp (self->out->str + before, text) == 0)
    return TRUE;
  g_set_error (self->error, LW_DOMAIN_ERROR, LW_DOMAIN_ERROR_JSON,
               _ ("The number %s is too large to be kept exactly; write it as a string."), text);
  return FALSE;
}

static gboolean
write_value (Writer *self, JsonNode *node)
{
  GType type = json_node_get_value_type (node);
  double number;

  if (type == G_TYPE_STRING)
    write_string (self->out, json_node_get_string (node));
  else if (type == G_TYPE_BOOLEAN)
    g_string_append (self->out, json_node_get_boolean (node) ? "true" : "false");
  else if (type == G_TYPE_INT64)
    return write_integer (self, json_node_get_int (node));
  else
    {
      number = json_node_get_double (node);
      if (!isfinite (number))
        {
          g_set_error_literal (self->error, LW_DOMAIN_ERROR, LW_DOMAIN_ERROR_JSON,
                               _ ("A number is not finite and has no form in JSON."));
          return FALSE;
        }
      /* Minus zero is a double of its own: the readable form keeps it, the canonical one does not. */
      if (self->pretty && number == 0.0 && signbit (number))
        g_string_append (self->out, "-0.0");
      else
        lw_number_append (self->out, number);
    }
  return TRUE;
}

static gboolean
write_node (Writer *self, JsonNode *node, guint depth)
{
  switch (json_node_get_node_type (node))
    {
    case JSON_NODE_OBJECT:
      return write_object (self, json_node_get_object (node), depth);
    case JSON_NODE_ARRAY:
      return write_array (self, json_node_get_array (node), depth);
    case JSON_NODE_VALUE:
      return write_value (self, node);
    case JSON_NODE_NULL:
    default:
      g_string_append (self->out, "null");
      return TRUE;
    }
}

char *
lw_json_canonical (JsonNode *node, GError **error)
{
  g_autoptr (GString) out = g_string_new (NULL);
  Writer self = { .out = out, .pretty = FALSE, .error = error };

  g_return_val_if_fail (node != NULL, NULL);

  if (!write_node (&self, node, 0))
    return NULL;
  return g_string_free_and_steal (g_steal_pointer (&out));
}

char *
lw_json_digest (JsonNode *node, GError **error)
{
  g_autofree char *text = lw_json_canonical (node, error);

  if (text == NULL)
    return NULL;
  return g_compute_checksum_for_string (G_CHECKSUM_SHA256, text, -1);
}

char *
lw_json_pretty (JsonNode *node)
{
  g_autoptr (GString) out = g_string_new (NULL);
  Writer self = { .out = out, .pretty = TRUE, .error = NULL };

  g_return_val_if_fail (node != NULL, NULL);

  /* Only a number that is not finite fails, and no reader of ours makes one. */
  if (!write_node (&self, node, 0))
    return NULL;
  return g_string_free_and_steal (g_steal_pointer (&out));
}
