/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Values of other formats, as Azure has them. */

#include "config.h"

#include "lw-import-private.h"
#include "lw-request.h"

#include <glib/gi18n-lib.h>
#include <string.h>

/* --- dates -------------------------------------------------------------------------------------------- */

static gboolean
read_number (const char **text, int *number)
{
  guint digits = 0;

  *number = 0;
  for (; g_ascii_isdigit (**text) && digits < 4; (*text)++, digits++)
    *number = *number * 10 + (**text - '0');
  return digits > 0;
}

/* "1/31/2027", "31.01.2027": the numbers, and what follows. */
static gboolean
read_day (const char **text, int numbers[3], char *separator)
{
  for (guint i = 0; i < 3; i++)
    {
      if (!read_number (text, &numbers[i]))
        return FALSE;
      if (i == 2)
        break;
      if (**text != '/' && **text != '.' && **text != '-')
        return FALSE;
      *separator = *(*text)++;
    }
  return TRUE;
}

LwDateOrder
lw_import_date_order (const char *text)
{
  int numbers[3];
  char separator = '\0';

  if (g_ascii_strncasecmp (text, "expired ", 8) == 0)
    return LW_DATE_ORDER_UNKNOWN; /* always month first, whatever the rest of the file is */
  if (!read_day (&text, numbers, &separator) || separator == '-')
    return LW_DATE_ORDER_UNKNOWN;
  if (separator == '.' || numbers[0] > 12)
    return LW_DATE_ORDER_DAY_FIRST;
  return numbers[1] > 12 ? LW_DATE_ORDER_MONTH_FIRST : LW_DATE_ORDER_UNKNOWN;
}

/* " 14:30:00", " 2:30:00 PM", or nothing. */
static gboolean
read_time (const char *text, int *hour, int *minute, int *second)
{
  *hour = *minute = *second = 0;
  while (*text == ' ' || *text == 'T')
    text++;
  if (*text == '\0')
    return TRUE;
  if (!read_number (&text, hour) || *text++ != ':' || !read_number (&text, minute))
    return FALSE;
  if (*text == ':')
    {
      text++;
      if (!read_number (&text, second))
        return FALSE;
    }
  while (*text == ' ')
    text++;
  if (g_ascii_strncasecmp (text, "PM", 2) == 0)
    {
      *hour += *hour < 12 ? 12 : 0;
      text += 2;
    }
  else if (g_ascii_strncasecmp (text, "AM", 2) == 0)
    {
      *hour -= *hour == 12 ? 12 : 0;
      text += 2;
    }
  else if (*text == 'Z')
    text++;
  return *text == '\0';
}

char *
lw_import_date (const char *text, LwDateOrder order, gboolean *ambiguous)
{
  g_autofree char *copy = g_strstrip (g_strdup (text));
  const char *at = copy;
  g_autoptr (GDateTime) instant = NULL;
  int numbers[3], hour, minute, second;
  char separator = '\0';

  *ambiguous = FALSE;
  if (*at == '\0' || g_ascii_strcasecmp (at, "n/a") == 0 || g_ascii_strcasecmp (at, "null") == 0)
    return g_strdup ("");
  if ((instant = lw_instant_parse (at, NULL)) != NULL)
    return lw_instant_format (instant);
  if (g_ascii_strncasecmp (at, "expired ", 8) == 0)
    {
      at += 8;
      order = LW_DATE_ORDER_MONTH_FIRST;
    }
  if (!read_day (&at, numbers, &separator) || !read_time (at, &hour, &minute, &second))
    return NULL;
  if (separator == '.' || numbers[0] > 12)
    order = separator == '-' ? order : LW_DATE_ORDER_DAY_FIRST;
  else if (numbers[1] > 12)
    order = LW_DATE_ORDER_MONTH_FIRST;
  if (separator == '-') /* 2027-01-31 14:30:00 */
    instant = g_date_time_new_utc (numbers[0], numbers[1], numbers[2], hour, minute, second);
  else
    {
      gboolean month_first = order == LW_DATE_ORDER_MONTH_FIRST;

      *ambiguous = order == LW_DATE_ORDER_UNKNOWN && numbers[0] != numbers[1];
      instant = *ambiguous
                    ? NULL
                    : g_date_time_new_utc (numbers[2], numbers[month_first ? 0 : 1],
                                           numbers[month_first ? 1 : 0], hour, minute, second);
    }
  return instant != NULL ? lw_instant_format (instant) : NULL;
}

/* --- members ------------------------------------------------------------------------------------------ */

static gboolean
is_unset (JsonNode *node)
{
  const char *text;

  if (node == NULL || JSON_NODE_HOLDS_NULL (node))
    return TRUE;
  text = JSON_NODE_HOLDS_VALUE (node) ? json_node_get_string (node) : NULL;
  return text != NULL && text[strspn (text, " \t")] == '\0';
}

/* JSON in a text. (transfer full): @node again where it is none */
static JsonNode *
unpack (JsonNode *node)
{
  const char *text = JSON_NODE_HOLDS_VALUE (node) ? json_node_get_string (node) : NULL;
  JsonNode *inner = NULL;

  if (text != NULL && text[strspn (text, " \t")] != '\0')
    inner = lw_json_parse_string (text, NULL);
  return inner != NULL ? inner : lw_json_node_copy (node);
}

static gboolean
read_date (LwImporting *self, LwImportRow *row, JsonObject *properties)
{
  const char *text = lw_json_get_string (properties, "expiresOn");
  g_autofree char *date = NULL;
  gboolean ambiguous = FALSE;

  if (text == NULL)
    {
      if (json_object_has_member (properties, "expiresOn"))
        {
          if (!JSON_NODE_HOLDS_NULL (json_object_get_member (properties, "expiresOn")))
            {
              lw_import_refuse (row, _ ("“expiresOn” is no date"));
              return FALSE;
            }
          json_object_remove_member (properties, "expiresOn");
        }
      return TRUE;
    }
  date = lw_import_date (text, self->dates, &ambiguous);
  if (date == NULL)
    {
      if (ambiguous)
        lw_import_refuse (
            row,
            _ ("“%s” may be one of two days: nothing in the file says whether the month "
               "or the day comes first"),
            text);
      else
        lw_import_refuse (row, _ ("“%s” is no date"), text);
      return FALSE;
    }
  if (date[0] == '\0')
    json_object_remove_member (properties, "expiresOn");
  else
    json_object_set_string_member (properties, "expiresOn", date);
  return TRUE;
}

static void
split_into (JsonArray *out, const char *text, const char *delimiter)
{
  g_auto (GStrv) parts = g_strsplit (text, delimiter, -1);

  for (guint i = 0; parts[i] != NULL; i++)
    if (g_strstrip (parts[i])[0] != '\0')
      json_array_add_string_element (out, parts[i]);
}

static gboolean
read_references (LwImporting *self, LwImportRow *row, JsonObject *properties)
{
  JsonNode *node = json_object_get_member (properties, "policyDefinitionReferenceIds");
  g_autoptr (JsonNode) inner = NULL;
  g_autoptr (JsonArray) out = json_array_new ();
  const char *text;

  if (node == NULL)
    return TRUE;
  if (is_unset (node))
    {
      json_object_remove_member (properties, "policyDefinitionReferenceIds");
      return TRUE;
    }
  inner = JSON_NODE_HOLDS_VALUE (node) && json_node_get_string (node) != NULL &&
                  json_node_get_string (node)[0] == '['
              ? unpack (node)
              : lw_json_node_copy (node);
  text = JSON_NODE_HOLDS_VALUE (inner) ? json_node_get_string (inner) : NULL;
  if (text != NULL)
    {
      /* a comma joined lists before EPAC 10.1 */
      gboolean commas =
          !self->ampersands && strchr (text, '&') == NULL && strchr (text, '/') == NULL;

      split_into (out, text, commas ? "," : "&");
      if (commas && json_array_get_length (out) > 1)
        lw_import_note (
            row, _ ("“%s” was taken for a list with commas, as older versions of EPAC wrote it"),
            text);
    }
  else if (JSON_NODE_HOLDS_ARRAY (inner))
    {
      JsonArray *array = json_node_get_array (inner);

      for (guint i = 0; i < json_array_get_length (array); i++)
        {
          if (lw_json_array_get_string (array, i) == NULL)
            {
              lw_import_refuse (
                  row, _ ("“policyDefinitionReferenceIds” holds something that is no text"));
              return FALSE;
            }
          json_array_add_string_element (out, lw_json_array_get_string (array, i));
        }
    }
  else
    {
      lw_import_refuse (row, _ ("“policyDefinitionReferenceIds” is no list"));
      return FALSE;
    }
  if (json_array_get_length (out) == 0)
    json_object_remove_member (properties, "policyDefinitionReferenceIds");
  else
    json_object_set_array_member (properties, "policyDefinitionReferenceIds", json_array_ref (out));
  return TRUE;
}

/* --- selectors ---------------------------------------------------------------------------------------- */

/* The member without regard to case; PowerShell's singular too. (nullable) (transfer none) */
static JsonNode *
member_of (JsonObject *object, const char *name, const char *singular)
{
  g_autoptr (GList) members = json_object_get_members (object);

  for (GList *l = members; l != NULL; l = l->next)
    if (g_ascii_strcasecmp (l->data, name) == 0 ||
        (singular != NULL && g_ascii_strcasecmp (l->data, singular) == 0))
      return json_object_get_member (object, l->data);
  return NULL;
}

/* A list, or what stands alone in the place of one. (transfer full) */
static JsonArray *
list_of (JsonNode *node)
{
  JsonArray *array;

  if (JSON_NODE_HOLDS_ARRAY (node))
    return lw_json_array_copy (json_node_get_array (node));
  array = json_array_new ();
  json_array_add_element (array, lw_json_node_copy (node));
  return array;
}

static void
rename_member (JsonObject *object, const char *name, const char *singular, gboolean is_list)
{
  JsonNode *node = member_of (object, name, singular);
  g_autoptr (GList) members = NULL;
  JsonNode *value;

  if (node == NULL)
    return;
  value = lw_json_node_copy (node);
  members = json_object_get_members (object);
  for (GList *l = members; l != NULL; l = l->next)
    if (json_object_get_member (object, l->data) == node)
      {
        json_object_remove_member (object, l->data);
        break;
      }
  if (JSON_NODE_HOLDS_NULL (value))
    json_node_free (value);
  else if (is_list)
    {
      json_object_set_array_member (object, name, list_of (value));
      json_node_free (value);
    }
  else
    json_object_set_member (object, name, value);
}

static gboolean
tidy_selector (JsonObject *selector)
{
  rename_member (selector, "kind", NULL, FALSE);
  rename_member (selector, "in", NULL, TRUE);
  rename_member (selector, "notIn", "not-in", TRUE);
  for (guint i = 0; i < 2; i++)
    {
      const char *member = i == 0 ? "in" : "notIn";
      JsonArray *array = lw_json_get_array (selector, member);

      if (array != NULL && json_array_get_length (array) == 0)
        json_object_remove_member (selector, member);
    }
  return lw_json_get_string (selector, "kind") != NULL;
}

/* %FALSE where it is no selector; an object of nulls counts as none. */
static gboolean
tidy_resource_selector (JsonObject *object, gboolean *empty)
{
  JsonArray *selectors;

  rename_member (object, "name", NULL, FALSE);
  rename_member (object, "selectors", "selector", TRUE);
  selectors = lw_json_get_array (object, "selectors");
  *empty = selectors == NULL && lw_json_get_string (object, "name") == NULL;
  if (selectors == NULL)
    return *empty;
  for (guint i = 0; i < json_array_get_length (selectors); i++)
    if (lw_json_array_get_object (selectors, i) == NULL ||
        !tidy_selector (lw_json_array_get_object (selectors, i)))
      return FALSE;
  return TRUE;
}

static gboolean
read_selectors (LwImportRow *row, JsonObject *properties)
{
  JsonNode *node = json_object_get_member (properties, "resourceSelectors");
  g_autoptr (JsonNode) inner = NULL;
  g_autoptr (JsonArray) array = NULL;
  g_autoptr (JsonArray) out = json_array_new ();

  if (node == NULL)
    return TRUE;
  inner = is_unset (node) ? NULL : unpack (node);
  if (inner == NULL || JSON_NODE_HOLDS_NULL (inner))
    {
      json_object_remove_member (properties, "resourceSelectors");
      return TRUE;
    }
  array = list_of (inner);
  for (guint i = 0; i < json_array_get_length (array); i++)
    {
      JsonObject *object = lw_json_array_get_object (array, i);
      gboolean empty = FALSE;

      if (object == NULL || !tidy_resource_selector (object, &empty))
        {
          lw_import_refuse (
              row, _ ("“resourceSelectors” cannot be understood; where PowerShell wrote the "
                      "file, it may have cut it (ConvertTo-Json takes -Depth)"));
          return FALSE;
        }
      if (!empty)
        json_array_add_object_element (out, json_object_ref (object));
    }
  if (json_array_get_length (out) == 0)
    json_object_remove_member (properties, "resourceSelectors");
  else
    json_object_set_array_member (properties, "resourceSelectors", json_array_ref (out));
  return TRUE;
}

static void
read_metadata (LwImportRow *row, JsonObject *properties)
{
  JsonNode *node = json_object_get_member (properties, "metadata");
  g_autoptr (JsonNode) inner = NULL;

  if (node == NULL)
    return;
  inner = is_unset (node) ? NULL : unpack (node);
  if (inner == NULL || JSON_NODE_HOLDS_NULL (inner))
    json_object_remove_member (properties, "metadata");
  else if (JSON_NODE_HOLDS_OBJECT (inner))
    json_object_set_member (properties, "metadata", lw_json_node_copy (inner));
  else
    {
      g_autofree char *text = json_to_string (node, FALSE);

      lw_import_note (row, _ ("“metadata” is no object and was left out: %s"), text);
      json_object_remove_member (properties, "metadata");
    }
}

static gboolean
read_text (LwImportRow *row, JsonObject *properties, const char *member)
{
  JsonNode *node = json_object_get_member (properties, member);

  if (node == NULL)
    return TRUE;
  if (is_unset (node))
    {
      json_object_remove_member (properties, member);
      return TRUE;
    }
  if (lw_json_get_string (properties, member) != NULL)
    return TRUE;
  lw_import_refuse (row, _ ("“%s” is no text"), member);
  return FALSE;
}

gboolean
lw_import_normalize (LwImporting *self, LwImportRow *row, JsonObject *properties)
{
  static const char *const texts[] = { "displayName", "description", "exemptionCategory",
                                       "policyAssignmentId", "assignmentScopeValidation" };
  static const char *const categories[] = { "Waiver", "Mitigated" };
  const char *category;
  gboolean known = FALSE;

  for (guint i = 0; i < G_N_ELEMENTS (texts); i++)
    if (!read_text (row, properties, texts[i]))
      return FALSE;
  if (!read_date (self, row, properties) || !read_references (self, row, properties) ||
      !read_selectors (row, properties))
    return FALSE;
  read_metadata (row, properties);
  category = lw_json_get_string (properties, "exemptionCategory");
  if (category == NULL)
    {
      lw_import_refuse (row, _ ("It has no “exemptionCategory”"));
      return FALSE;
    }
  for (guint i = 0; i < G_N_ELEMENTS (categories) && !known; i++)
    if ((known = g_ascii_strcasecmp (category, categories[i]) == 0))
      json_object_set_string_member (properties, "exemptionCategory", categories[i]);
  if (!known)
    lw_import_note (row, _ ("“%s” is no category that Azure knows"), category);
  return TRUE;
}
