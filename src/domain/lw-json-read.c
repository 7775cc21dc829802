/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "config.h"

#include <glib/gi18n-lib.h>
#include <string.h>

#include "lw-domain-error.h"
#include "lw-json.h"
#include "lw-number-private.h"

typedef struct
{
  const char *start;
  const char *at;
  const char *end;
  guint depth;
  GString *text; /* the string being read */
  GError **error;
  gboolean is_page;   /* elements of the root's lists are read as far as they can be */
  gboolean in_list;   /* the value that follows is such a list */
  gboolean in_page;   /* within an element of one */
  const char *damage; /* what is wrong with that element */
} Reader;

static JsonNode *read_value (Reader *self);

/* Says what is wrong at @where, always answering %NULL. */
static gpointer
fail (Reader *self, const char *where, const char *what)
{
  guint line = 1;
  const char *line_start = self->start;

  for (const char *p = self->start; p < where; p++)
    if (*p == '\n')
      {
        line++;
        line_start = p + 1;
      }
  g_set_error (self->error, LW_DOMAIN_ERROR, LW_DOMAIN_ERROR_JSON,
               /* Translators: %s is a sentence about what is wrong there. */
               _ ("Line %u, column %u: %s"), line,
               (guint) g_utf8_strlen (line_start, where - line_start) + 1, what);
  return NULL;
}

/* Whether what is wrong may stay, in a changed form, within an element that is marked. */
static gboolean
survive (Reader *self, const char *what)
{
  if (!self->in_page)
    return FALSE;
  if (self->damage == NULL)
    self->damage = what;
  return TRUE;
}

static void
skip_space (Reader *self)
{
  while (self->at < self->end &&
         (*self->at == ' ' || *self->at == '\t' || *self->at == '\n' || *self->at == '\r'))
    self->at++;
}

static gboolean
take (Reader *self, char c)
{
  if (self->at >= self->end || *self->at != c)
    return FALSE;
  self->at++;
  return TRUE;
}

static gboolean
read_hex (Reader *self, gunichar *unit)
{
  *unit = 0;
  if (self->end - self->at < 4)
    return FALSE;
  for (guint i = 0; i < 4; i++)
    {
      int digit = g_ascii_xdigit_value (self->at[i]);

      if (digit < 0)
        return FALSE;
      *unit = *unit << 4 | (gunichar) digit;
    }
  self->at += 4;
  return TRUE;
}

/* A character that cannot be kept; it was read already. */
static gboolean
replace_character (Reader *self, const char *where, const char *what)
{
  if (!survive (self, what))
    return fail (self, where, what) != NULL;
  g_string_append_unichar (self->text, 0xFFFD);
  return TRUE;
}

/* After a backslash and a "u". */
static gboolean
read_unicode (Reader *self)
{
  const char *where = self->at - 2;
  const char *after;
  gunichar unit;
  gunichar low;

  if (!read_hex (self, &unit))
    return fail (self, where, _ ("“\\u” must be followed by four hexadecimal digits.")) != NULL;
  if (unit == 0)
    return replace_character (self, where,
                              _ ("The text holds a NUL character, which is not accepted."));
  after = self->at;
  if (unit >= 0xD800 && unit <= 0xDBFF)
    {
      if (!take (self, '\\') || !take (self, 'u') || !read_hex (self, &low) || low < 0xDC00 ||
          low > 0xDFFF)
        {
          self->at = after;
          return replace_character (self, where, _ ("The text holds half of a surrogate pair."));
        }
      unit = 0x10000 + ((unit - 0xD800) << 10) + (low - 0xDC00);
    }
  else if (unit >= 0xDC00 && unit <= 0xDFFF)
    return replace_character (self, where, _ ("The text holds half of a surrogate pair."));
  g_string_append_unichar (self->text, unit);
  return TRUE;
}

static gboolean
read_escape (Reader *self)
{
  static const char escapes[] = "\"\\/bfnrt";
  static const char meanings[] = "\"\\/\b\f\n\r\t";
  const char *found;

  if (take (self, 'u'))
    return read_unicode (self);
  found = self->at < self->end && *self->at != '\0' ? strchr (escapes, *self->at) : NULL;
  if (found == NULL)
    return fail (self, self->at - 1, _ ("A backslash starts an escape that JSON does not know.")) !=
           NULL;
  g_string_append_c (self->text, meanings[found - escapes]);
  self->at++;
  return TRUE;
}

/* Reads a string into @text, after its opening quote. */
static gboolean
read_string (Reader *self)
{
  const char *opening = self->at - 1;

  g_string_truncate (self->text, 0);
  while (self->at < self->end)
    {
      const char *run = self->at;

      while (self->at < self->end && *self->at != '"' && *self->at != '\\' &&
             (guchar) *self->at >= 0x20)
        self->at++;
      g_string_append_len (self->text, run, self->at - run);
      if (self->at >= self->end)
        break;
      if (take (self, '"'))
        return TRUE;
      if (!take (self, '\\'))
        return fail (self, self->at,
                     _ ("A string holds a control character that is not escaped.")) != NULL;
      if (!read_escape (self))
        return FALSE;
    }
  return fail (self, opening, _ ("A string is not closed.")) != NULL;
}

static gboolean
skip_digits (Reader *self)
{
  const char *first = self->at;

  while (self->at < self->end && g_ascii_isdigit (*self->at))
    self->at++;
  return self->at > first;
}

/* Only integer digits, perhaps with a sign: whether they fit 64 bits. */
static gboolean
read_integer (const char *text, gsize length, gint64 *value)
{
  gboolean negative = *text == '-';
  guint64 limit = (guint64) G_MAXINT64 + negative;
  guint64 sum = 0;

  for (gsize i = negative; i < length; i++)
    {
      guint digit = (guint) (text[i] - '0');

      if (sum > (limit - digit) / 10)
        return FALSE;
      sum = sum * 10 + digit;
    }
  if (negative && sum == 0)
    return FALSE;
  *value = negative ? (gint64) (0 - sum) : (gint64) sum;
  return TRUE;
}

static JsonNode *
read_number (Reader *self)
{
  const char *first = self->at;
  gboolean integer = TRUE;
  gboolean valid;
  LwDecimal written;
  LwDecimal kept;
  gint64 number;
  double value;

  take (self, '-');
  valid = take (self, '0') || skip_digits (self);
  if (valid && take (self, '.'))
    {
      integer = FALSE;
      valid = skip_digits (self);
    }
  if (valid && (take (self, 'e') || take (self, 'E')))
    {
      integer = FALSE;
      if (!take (self, '-'))
        take (self, '+');
      valid = skip_digits (self);
    }
  if (!valid || (self->at < self->end && g_ascii_isalnum (*self->at)))
    return fail (self, first, _ ("This is not a number of JSON."));

  if (integer && read_integer (first, (gsize) (self->at - first), &number))
    return json_node_init_int (json_node_alloc (), number);

  if (lw_decimal_from_text (&written, first, (gsize) (self->at - first)))
    {
      value = lw_decimal_to_double (&written);
      if (value - value == 0.0)
        {
          lw_decimal_from_double (&kept, value);
          if (lw_decimal_equal (&written, &kept))
            return json_node_init_double (json_node_alloc (), value);
        }
    }
  if (survive (self, _ ("It holds a number that would not survive exactly.")))
    {
      g_autofree char *digits = g_strndup (first, (gsize) (self->at - first));

      return json_node_init_string (json_node_alloc (), digits);
    }
  return fail (self, first, _ ("This number would not survive exactly; write it as a string."));
}

static JsonNode *
read_object (Reader *self)
{
  g_autoptr (JsonObject) object = json_object_new ();

  skip_space (self);
  if (!take (self, '}'))
    do
      {
        g_autofree char *name = NULL;
        const char *where;
        JsonNode *value;

        skip_space (self);
        where = self->at;
        if (!take (self, '"'))
          return fail (self, where, _ ("The name of a member is expected here, in double quotes."));
        if (!read_string (self))
          return NULL;
        /* The last one counts, as for Azure. */
        if (json_object_has_member (object, self->text->str) &&
            !survive (self, _ ("It holds a member that stands twice in the same object.")))
          return fail (self, where, _ ("This member stands twice in the same object."));
        name = g_strndup (self->text->str, self->text->len);
        skip_space (self);
        if (!take (self, ':'))
          return fail (self, self->at, _ ("A colon is expected here."));
        self->in_list = self->is_page && self->depth == 1 &&
                        (g_str_equal (name, "value") || g_str_equal (name, "data"));
        value = read_value (self);
        if (value == NULL)
          return NULL;
        json_object_set_member (object, name, value);
        skip_space (self);
        if (take (self, '}'))
          break;
        if (!take (self, ','))
          return fail (self, self->at, _ ("A comma or a closing brace is expected here."));
      }
    while (TRUE);
  return json_node_init_object (json_node_alloc (), object);
}

/* An element of a page's list. */
static JsonNode *
read_element (Reader *self)
{
  JsonNode *node;

  self->in_page = TRUE;
  self->damage = NULL;
  node = read_value (self);
  self->in_page = FALSE;
  if (node != NULL && self->damage != NULL && JSON_NODE_HOLDS_OBJECT (node))
    json_object_set_string_member (json_node_get_object (node), LW_JSON_DAMAGED, self->damage);
  return node;
}

static JsonNode *
read_array (Reader *self)
{
  g_autoptr (JsonArray) array = json_array_new ();
  gboolean elements = self->in_list;

  self->in_list = FALSE;

  skip_space (self);
  if (!take (self, ']'))
    do
      {
        JsonNode *value = elements ? read_element (self) : read_value (self);

        if (value == NULL)
          return NULL;
        json_array_add_element (array, value);
        skip_space (self);
        if (take (self, ']'))
          break;
        if (!take (self, ','))
          return fail (self, self->at, _ ("A comma or a closing bracket is expected here."));
      }
    while (TRUE);
  return json_node_init_array (json_node_alloc (), array);
}

static JsonNode *
read_word (Reader *self)
{
  static const char *const words[] = { "true", "false", "null" };

  for (guint i = 0; i < G_N_ELEMENTS (words); i++)
    {
      gsize length = strlen (words[i]);

      if ((gsize) (self->end - self->at) < length || memcmp (self->at, words[i], length) != 0)
        continue;
      self->at += length;
      if (i == 2)
        return json_node_init_null (json_node_alloc ());
      return json_node_init_boolean (json_node_alloc (), i == 0);
    }
  return fail (self, self->at,
               self->at < self->end ? _ ("A value is expected here.")
                                    : _ ("The text ends where a value is expected."));
}

static JsonNode *
read_value (Reader *self)
{
  JsonNode *node;

  skip_space (self);
  if (self->at < self->end && *self->at != '[')
    self->in_list = FALSE;
  if (take (self, '"'))
    return read_string (self) ? json_node_init_string (json_node_alloc (), self->text->str) : NULL;
  if (self->at < self->end && (*self->at == '-' || g_ascii_isdigit (*self->at)))
    return read_number (self);
  if (self->at >= self->end || (*self->at != '{' && *self->at != '['))
    return read_word (self);

  if (self->depth == LW_JSON_MAX_DEPTH)
    return fail (self, self->at, _ ("The text is nested too deeply."));
  self->depth++;
  node = *self->at++ == '{' ? read_object (self) : read_array (self);
  self->depth--;
  return node;
}

static JsonNode *
parse (GBytes *bytes, gsize max_size, gboolean is_page, GError **error)
{
  g_autoptr (GString) text = g_string_new (NULL);
  g_autoptr (JsonNode) root = NULL;
  gsize size = 0;
  const char *data;
  const char *bad;
  Reader self = { .text = text, .error = error, .is_page = is_page };

  data = g_bytes_get_data (bytes, &size);
  if (max_size > 0 && size > max_size)
    {
      g_autofree char *limit = g_format_size_full (max_size, G_FORMAT_SIZE_IEC_UNITS);

      g_set_error (error, LW_DOMAIN_ERROR, LW_DOMAIN_ERROR_JSON,
                   /* Translators: %s is a size such as “4.0 MiB”. */
                   _ ("The text is larger than the %s that are accepted."), limit);
      return NULL;
    }
  if (size >= 3 && memcmp (data, "\xEF\xBB\xBF", 3) == 0)
    {
      data += 3;
      size -= 3;
    }
  self.start = self.at = size > 0 ? data : "";
  self.end = self.start + size;
  if (!g_utf8_validate_len (self.start, size, &bad))
    {
      if (*bad == '\0')
        return fail (&self, bad, _ ("The text holds a NUL character, which is not accepted."));
      return fail (&self, bad, _ ("The text is not valid UTF-8."));
    }

  root = read_value (&self);
  if (root == NULL)
    return NULL;
  skip_space (&self);
  if (self.at < self.end)
    return fail (&self, self.at, _ ("Something follows after the end of the JSON text."));
  return g_steal_pointer (&root);
}

JsonNode *
lw_json_parse (GBytes *bytes, gsize max_size, GError **error)
{
  g_return_val_if_fail (bytes != NULL, NULL);

  return parse (bytes, max_size, FALSE, error);
}

JsonNode *
lw_json_parse_page (GBytes *bytes, gsize max_size, GError **error)
{
  g_return_val_if_fail (bytes != NULL, NULL);

  return parse (bytes, max_size, TRUE, error);
}

JsonNode *
lw_json_parse_string (const char *text, GError **error)
{
  g_autoptr (GBytes) bytes = NULL;

  g_return_val_if_fail (text != NULL, NULL);

  bytes = g_bytes_new_static (text, strlen (text));
  return lw_json_parse (bytes, 0, error);
}
