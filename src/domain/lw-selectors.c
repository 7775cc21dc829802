/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "lw-selectors.h"

#include "lw-json.h"

static gboolean
holds (JsonArray *values, const char *value)
{
  for (guint i = 0; values != NULL && i < json_array_get_length (values); i++)
    {
      const char *text = lw_json_array_get_string (values, i);

      if (text != NULL && g_ascii_strcasecmp (text, value) == 0)
        return TRUE;
    }
  return FALSE;
}

static gboolean
one_matches (JsonObject *selector, const char *type, const char *location, const char *reference)
{
  const char *kind = lw_json_get_string (selector, "kind");
  JsonArray *in = lw_json_get_array (selector, "in");
  JsonArray *not_in = lw_json_get_array (selector, "notIn");
  const char *value = NULL;

  if (kind == NULL || (in == NULL) == (not_in == NULL))
    return FALSE;
  if (g_ascii_strcasecmp (kind, "resourceType") == 0)
    value = type;
  else if (g_ascii_strcasecmp (kind, "resourceLocation") == 0)
    value = location;
  else if (g_ascii_strcasecmp (kind, "policyDefinitionReferenceId") == 0)
    value = reference;
  if (value == NULL)
    return FALSE;
  return in != NULL ? holds (in, value) : !holds (not_in, value);
}

gboolean
lw_selectors_match (JsonArray *selectors,
                    const char *type,
                    const char *location,
                    const char *reference)
{
  if (selectors == NULL || json_array_get_length (selectors) == 0)
    return TRUE;

  for (guint i = 0; i < json_array_get_length (selectors); i++)
    {
      JsonArray *parts = lw_json_get_array (lw_json_array_get_object (selectors, i), "selectors");
      guint length = parts != NULL ? json_array_get_length (parts) : 0;
      guint matched = 0;

      while (matched < length &&
             one_matches (lw_json_array_get_object (parts, matched), type, location, reference))
        matched++;
      if (length > 0 && matched == length)
        return TRUE;
    }
  return FALSE;
}
