/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Versions of definitions and sets. The newest is the definition itself. */

#include "lw-demo-versions.h"

#include "lw-demo-arm.h"
#include "lw-demo-json.h"

#include <stdio.h>
#include <string.h>

static gboolean
read_version (const char *text, guint parts[3])
{
  return text != NULL && sscanf (text, "%u.%u.%u", &parts[0], &parts[1], &parts[2]) == 3;
}

static int
compare (const char *a, const char *b)
{
  guint x[3] = { 0 }, y[3] = { 0 };

  read_version (a, x);
  read_version (b, y);
  for (guint i = 0; i < 3; i++)
    if (x[i] != y[i])
      return x[i] < y[i] ? 1 : -1;

  return 0;
}

static gint
compare_texts (gconstpointer a, gconstpointer b)
{
  return compare (*(const char *const *) a, *(const char *const *) b);
}

GStrv
lw_demo_policy_versions (LwDemoPolicy *policy)
{
  const char *own = lw_demo_json_string (policy->properties, "version");
  GPtrArray *found = g_ptr_array_new ();
  GHashTableIter iter;
  gpointer version;

  if (own != NULL)
    g_ptr_array_add (found, g_strdup (own));
  if (policy->versions != NULL)
    {
      g_hash_table_iter_init (&iter, policy->versions);
      while (g_hash_table_iter_next (&iter, &version, NULL))
        g_ptr_array_add (found, g_strdup (version));
    }
  g_ptr_array_sort (found, compare_texts);
  g_ptr_array_add (found, NULL);

  return (GStrv) g_ptr_array_free (found, FALSE);
}

char *
lw_demo_policy_version_for (LwDemoPolicy *policy, const char *pattern)
{
  g_auto (GStrv) versions = lw_demo_policy_versions (policy);

  for (guint i = 0; versions[i] != NULL; i++)
    if (pattern == NULL || g_pattern_match_simple (pattern, versions[i]))
      return g_strdup (versions[i]);

  return NULL;
}

static JsonObject *
version_json (LwDemoPolicy *policy, const char *version)
{
  const char *own = lw_demo_json_string (policy->properties, "version");
  JsonObject *properties =
      policy->versions != NULL ? g_hash_table_lookup (policy->versions, version) : NULL;
  g_autofree char *id = g_strdup_printf ("%s/versions/%s", policy->id, version);
  g_autofree char *type =
      g_strdup_printf ("Microsoft.Authorization/%s/versions", lw_demo_policy_type (policy->kind));
  JsonObject *object;

  if (properties == NULL && g_strcmp0 (own, version) == 0)
    properties = policy->properties;
  if (properties == NULL)
    return NULL;
  object = json_object_new ();
  json_object_set_object_member (object, "properties", lw_demo_json_copy_object (properties));
  json_object_set_string_member (object, "id", id);
  json_object_set_string_member (object, "type", type);
  json_object_set_string_member (object, "name", version);
  if (policy->system != NULL)
    json_object_set_object_member (object, "systemData", json_object_ref (policy->system));

  return object;
}

static void
list (LwDemoCall *self, LwDemoPolicy *policy)
{
  g_auto (GStrv) versions = lw_demo_policy_versions (policy);
  g_autoptr (GPtrArray) objects =
      g_ptr_array_new_with_free_func ((GDestroyNotify) json_object_unref);

  for (guint i = 0; versions[i] != NULL; i++)
    g_ptr_array_add (objects, version_json (policy, versions[i]));
  lw_demo_call_reply_list (self, objects);
}

static void
get (LwDemoCall *self, LwDemoPolicy *policy, const char *version)
{
  g_autoptr (JsonObject) object = version_json (policy, version);

  if (object != NULL)
    lw_demo_call_reply_object (self, 200, object);
  else
    lw_demo_call_fail (self, 404, "PolicyDefinitionVersionNotFound",
                       "The version '%s' of '%s' could not be found.", version, policy->id);
}

/* An older one is kept beside; a newer one takes the definition's place. */
static void
put (LwDemoCall *self, LwDemoPolicy *policy, const char *version)
{
  g_autoptr (JsonObject) body = lw_demo_call_body (self, NULL);
  JsonObject *given = lw_demo_json_object (body, "properties");
  const char *own = lw_demo_json_string (policy->properties, "version");
  g_autoptr (JsonObject) properties = NULL;
  g_autoptr (JsonObject) answer = NULL;
  guint parts[3];

  if (given == NULL || !read_version (version, parts))
    {
      lw_demo_call_fail (self, 400, "InvalidRequestContent",
                         "The request content was invalid and could not be deserialized: '%s'.",
                         given == NULL ? "properties are missing" : version);
      return;
    }
  properties = lw_demo_json_copy_object (given);
  json_object_set_string_member (properties, "version", version);
  if (policy->versions == NULL)
    policy->versions =
        g_hash_table_new_full (g_str_hash, g_str_equal, g_free, (GDestroyNotify) json_object_unref);
  if (own == NULL || compare (version, own) <= 0)
    {
      if (own != NULL && compare (version, own) < 0)
        g_hash_table_replace (policy->versions, g_strdup (own),
                              json_object_ref (policy->properties));
      json_object_unref (policy->properties);
      policy->properties = g_steal_pointer (&properties);
    }
  else
    g_hash_table_replace (policy->versions, g_strdup (version), g_steal_pointer (&properties));
  self->tenant->serial++;
  answer = version_json (policy, version);
  lw_demo_call_reply_object (self, 201, answer);
}

void
lw_demo_versions_handle (LwDemoCall *self, LwDemoPolicy *policy, const char *version)
{
  if (version == NULL && lw_demo_call_is (self, "GET"))
    list (self, policy);
  else if (version != NULL && lw_demo_call_is (self, "GET"))
    get (self, policy, version);
  else if (version != NULL && lw_demo_call_is (self, "PUT"))
    put (self, policy, version);
  else
    lw_demo_call_fail_method (self);
}
