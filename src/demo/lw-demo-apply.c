/* SPDX-License-Identifier: GPL-3.0-or-later */

/* $apply of policyStates. */

#include "lw-demo-apply.h"

#include <string.h>

/* As records spell them, whatever the case they are asked for in. */
static const char *const fields[] = {
  "policyAssignmentId",
  "policyAssignmentName",
  "policyDefinitionId",
  "policySetDefinitionId",
  "policyDefinitionAction",
  "policyDefinitionReferenceId",
  "complianceState",
  "isCompliant",
  "resourceId",
  "resourceType",
  "resourceLocation",
  "resourceGroup",
  "subscriptionId",
};

static const char *
field_name (const char *text)
{
  for (guint i = 0; i < G_N_ELEMENTS (fields); i++)
    if (g_ascii_strcasecmp (fields[i], text) == 0)
      return fields[i];

  return NULL;
}

char *
lw_demo_apply_filter (const char *text, const char **rest)
{
  const char *end = g_str_has_prefix (text, "filter(") ? strstr (text, ")/") : NULL;

  *rest = end != NULL ? end + 2 : text;

  return end != NULL ? g_strndup (text + 7, end - text - 7) : NULL;
}

typedef struct
{
  GPtrArray *names; /* of fields */
  char *count;      /* nullable: the member for the number of records */
} Apply;

static void
apply_clear (Apply *self)
{
  g_clear_pointer (&self->names, g_ptr_array_unref);
  g_free (self->count);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Apply, apply_clear)

static gboolean
parse (const char *text, Apply *self)
{
  g_autoptr (GRegex) regex =
      g_regex_new ("^\\s*(?|groupby\\(\\s*\\(([^()]*)\\)\\s*"
                   "(?:,\\s*aggregate\\(\\s*\\$count\\s+as\\s+(\\w+)\\s*\\)\\s*)?\\)"
                   "|()aggregate\\(\\s*\\$count\\s+as\\s+(\\w+)\\s*\\))\\s*$",
                   G_REGEX_CASELESS, 0, NULL);
  g_autoptr (GMatchInfo) match = NULL;
  g_autofree char *names = NULL;
  g_auto (GStrv) parts = NULL;

  self->names = g_ptr_array_new ();
  if (!g_regex_match (regex, text, 0, &match))
    return FALSE;
  names = g_match_info_fetch (match, 1);
  self->count = g_match_info_fetch (match, 2);
  if (self->count != NULL && *self->count == '\0')
    g_clear_pointer (&self->count, g_free);
  parts = g_strsplit (names != NULL ? names : "", ",", -1);
  for (guint i = 0; parts[i] != NULL; i++)
    {
      const char *name = field_name (g_strstrip (parts[i]));

      if (name == NULL && *parts[i] != '\0')
        return FALSE;
      if (name != NULL)
        g_ptr_array_add (self->names, (char *) name);
    }

  return self->names->len > 0 || self->count != NULL;
}

static char *
group_key (const Apply *apply, const LwDemoState *state)
{
  GString *key = g_string_new (NULL);

  for (guint i = 0; i < apply->names->len; i++)
    {
      g_autofree char *value = lw_demo_state_field (state, g_ptr_array_index (apply->names, i));

      g_string_append_printf (key, "%s\n", value != NULL ? value : "");
    }

  return g_string_free (key, FALSE);
}

static JsonObject *
group_new (const Apply *apply, const LwDemoState *state)
{
  JsonObject *object = json_object_new ();

  for (guint i = 0; i < apply->names->len; i++)
    {
      const char *name = g_ptr_array_index (apply->names, i);
      g_autofree char *value = lw_demo_state_field (state, name);

      if (g_str_equal (name, "isCompliant"))
        json_object_set_boolean_member (object, name, g_strcmp0 (value, "true") == 0);
      else
        json_object_set_string_member (object, name, value);
    }

  return object;
}

GPtrArray *
lw_demo_apply (const char *text, GArray *states)
{
  g_auto (Apply) apply = { 0 };
  g_autoptr (GHashTable) groups = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  GPtrArray *found;

  if (!parse (text, &apply))
    return NULL;
  found = g_ptr_array_new_with_free_func ((GDestroyNotify) json_object_unref);
  for (guint i = 0; i < states->len; i++)
    {
      const LwDemoState *state = &g_array_index (states, LwDemoState, i);
      char *key = group_key (&apply, state);
      JsonObject *group = g_hash_table_lookup (groups, key);

      if (group == NULL)
        {
          group = group_new (&apply, state);
          g_ptr_array_add (found, group);
          g_hash_table_insert (groups, key, group);
        }
      else
        g_free (key);
      if (apply.count != NULL)
        json_object_set_int_member (
            group, apply.count,
            json_object_get_int_member_with_default (group, apply.count, 0) + 1);
    }
  /* A sum over nothing is still a sum. */
  if (found->len == 0 && apply.names->len == 0)
    {
      g_ptr_array_add (found, json_object_new ());
      json_object_set_int_member (g_ptr_array_index (found, 0), apply.count, 0);
    }

  return found;
}
