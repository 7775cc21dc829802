/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "lw-demo-seed.h"

#include <gio/gio.h>
#include <glib/gstdio.h>
#include <string.h>

#define AUTHORIZATION "/providers/Microsoft.Authorization/"
#define GROUPS        "/providers/Microsoft.Management/managementGroups/"
#define TENANT        "00000000-0000-4000-8001-0000000000ff"

typedef struct
{
  GHashTable *subscriptions; /* id → set of resource groups */
  char *group;               /* the management group above them, nullable */
  GHashTable *made;          /* ids that the requests themselves create */
  JsonArray *definitions;
  JsonArray *assignments;
  JsonArray *exemptions;
} Seed;

static gboolean
add_once (JsonArray *array, GHashTable *made, JsonObject *object)
{
  const char *id = json_object_get_string_member (object, "id");

  if (!g_hash_table_add (made, g_strdup (id)))
    {
      json_object_unref (object);
      return FALSE;
    }
  json_array_add_object_element (array, object);

  return TRUE;
}

static void
see_path (Seed *seed, const char *path)
{
  g_autoptr (GRegex) regex = g_regex_new ("/subscriptions/([^/?']+)(?:/resourceGroups/([^/?']+))?",
                                          G_REGEX_CASELESS, 0, NULL);
  g_autoptr (GMatchInfo) match = NULL;

  g_regex_match (regex, path, 0, &match);
  for (; g_match_info_matches (match); g_match_info_next (match, NULL))
    {
      char *id = g_match_info_fetch (match, 1);
      char *group = g_match_info_fetch (match, 2);
      GHashTable *groups = g_hash_table_lookup (seed->subscriptions, id);

      if (groups == NULL)
        {
          groups = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
          g_hash_table_insert (seed->subscriptions, g_strdup (id), groups);
        }
      if (group != NULL && *group != '\0')
        g_hash_table_add (groups, g_steal_pointer (&group));
      g_free (group);
      g_free (id);
    }
  if (seed->group == NULL && g_str_has_prefix (path, GROUPS))
    seed->group = g_strndup (path + strlen (GROUPS), strcspn (path + strlen (GROUPS), "/"));
}

static JsonObject *
plain_definition (const char *id)
{
  JsonObject *object = json_object_new ();
  JsonObject *properties = json_object_new ();

  json_object_set_string_member (object, "id", id);
  json_object_set_string_member (properties, "displayName", "A definition");
  json_object_set_object_member (object, "properties", properties);

  return object;
}

/* What a recorded member refers to and no request makes. */
static void
see_references (Seed *seed, JsonObject *properties)
{
  JsonArray *members;

  if (json_object_has_member (properties, "policyAssignmentId"))
    {
      const char *id = json_object_get_string_member (properties, "policyAssignmentId");
      JsonObject *object = plain_definition (id);
      const char *definition = AUTHORIZATION "policyDefinitions/some-definition";

      see_path (seed, id);
      json_object_set_string_member (json_object_get_object_member (object, "properties"),
                                     "policyDefinitionId", definition);
      if (add_once (seed->assignments, seed->made, object))
        add_once (seed->definitions, seed->made, plain_definition (definition));
    }
  if (!json_object_has_member (properties, "policyDefinitions"))
    return;
  members = json_object_get_array_member (properties, "policyDefinitions");
  for (guint i = 0; i < json_array_get_length (members); i++)
    add_once (seed->definitions, seed->made,
              plain_definition (json_object_get_string_member (
                  json_array_get_object_element (members, i), "policyDefinitionId")));
}

static char *
request_path (JsonObject *request)
{
  const char *uri = json_object_get_string_member (request, "uri");
  const char *path = strchr (uri + strlen ("https://"), '/');

  path += strspn (path, "/") - 1;
  return g_strndup (path, strcspn (path, "?"));
}

/* Objects that a DELETE answers with, or that a list shows, were there before unless a PUT made them. */
static void
see_response (Seed *seed, JsonObject *body, const char *method)
{
  JsonArray *value;

  if (g_str_equal (method, "DELETE") && json_object_has_member (body, "id") &&
      strstr (json_object_get_string_member (body, "id"), "/policyAssignments/") != NULL)
    {
      JsonObject *properties = json_object_get_object_member (body, "properties");

      if (add_once (seed->assignments, seed->made, json_object_ref (body)))
        add_once (
            seed->definitions, seed->made,
            plain_definition (json_object_get_string_member (properties, "policyDefinitionId")));
    }
  if (!json_object_has_member (body, "value"))
    return;
  value = json_object_get_array_member (body, "value");
  for (guint i = 0; i < json_array_get_length (value); i++)
    {
      JsonObject *one = json_array_get_object_element (value, i);

      see_path (seed, json_object_get_string_member (one, "id"));
      add_once (seed->exemptions, seed->made, json_object_ref (one));
    }
}

static void
fill_quota (Seed *seed, const char *path)
{
  const char *cut = strrchr (path, '/');

  for (guint i = 0; i < 500; i++)
    {
      g_autofree char *id = g_strdup_printf ("%.*s/full-%u", (int) (cut - path), path, i);

      add_once (seed->definitions, seed->made, plain_definition (id));
    }
}

static void
see_pairs (Seed *seed, JsonArray *pairs)
{
  for (guint pass = 0; pass < 3; pass++)
    for (guint i = 0; i < json_array_get_length (pairs); i++)
      {
        JsonObject *pair = json_array_get_object_element (pairs, i);
        JsonObject *request = json_object_get_object_member (pair, "request");
        JsonObject *response = json_object_get_object_member (pair, "response");
        const char *method = json_object_get_string_member (request, "method");
        JsonNode *sent = json_object_get_member (request, "body");
        JsonNode *got = json_object_get_member (response, "body");
        gint64 status = json_object_get_int_member (response, "status");
        g_autofree char *path = request_path (request);

        see_path (seed, path);
        if (pass == 0 && g_str_equal (method, "PUT") && status == 201)
          g_hash_table_add (seed->made, g_strdup (path));
        if (pass == 1 && JSON_NODE_HOLDS_OBJECT (got))
          see_response (seed, json_node_get_object (got), method);
        if (pass == 1 && status == 409)
          fill_quota (seed, path);
        if (pass == 2 && JSON_NODE_HOLDS_OBJECT (sent))
          see_references (
              seed, json_object_get_object_member (json_node_get_object (sent), "properties"));
      }
}

static JsonArray *
subscriptions_json (Seed *seed)
{
  JsonArray *array = json_array_new ();
  GHashTableIter iter;
  gpointer id, groups;

  g_hash_table_iter_init (&iter, seed->subscriptions);
  while (g_hash_table_iter_next (&iter, &id, &groups))
    {
      JsonObject *object = json_object_new ();
      JsonArray *list = json_array_new ();
      GHashTableIter names;
      gpointer name;

      json_object_set_string_member (object, "id", id);
      if (seed->group != NULL)
        json_object_set_string_member (object, "managementGroup", seed->group);
      g_hash_table_iter_init (&names, groups);
      while (g_hash_table_iter_next (&names, &name, NULL))
        {
          JsonObject *group = json_object_new ();

          json_object_set_string_member (group, "name", name);
          json_array_add_object_element (list, group);
        }
      json_object_set_array_member (object, "resourceGroups", list);
      json_array_add_object_element (array, object);
    }

  return array;
}

static char *
seed_text (Seed *seed)
{
  const char *head =
      "{\"tenant\":{\"id\":\"" TENANT "\",\"name\":\"Recorded\"},\"clientId\":\"c\","
      "\"people\":[{\"displayName\":\"Robin\",\"upn\":\"robin@contoso.example\",\"persona\":"
      "\"Owner\",\"roles\":[{\"role\":\"Owner\",\"scope\":\"mg:" TENANT "\"}]}]}";
  g_autoptr (JsonNode) node = json_from_string (head, NULL);
  JsonObject *file = json_node_get_object (node);

  if (seed->group != NULL)
    {
      JsonArray *groups = json_array_new ();
      JsonObject *group = json_object_new ();

      json_object_set_string_member (group, "name", seed->group);
      json_array_add_object_element (groups, group);
      json_object_set_array_member (file, "managementGroups", groups);
    }
  json_object_set_array_member (file, "subscriptions", subscriptions_json (seed));
  json_object_set_array_member (file, "policyDefinitions", json_array_ref (seed->definitions));
  json_object_set_array_member (file, "policyAssignments", json_array_ref (seed->assignments));
  json_object_set_array_member (file, "policyExemptions", json_array_ref (seed->exemptions));

  return json_to_string (node, FALSE);
}

char *
seed_write (JsonArray *pairs)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *folder = g_dir_make_tmp ("leeway-seed-XXXXXX", &error);
  char *path = g_build_filename (folder, "tenant.json", NULL);
  g_autofree char *text = NULL;
  Seed seed = {
    .subscriptions = g_hash_table_new_full (g_str_hash, g_str_equal, g_free,
                                            (GDestroyNotify) g_hash_table_unref),
    .made = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL),
    .definitions = json_array_new (),
    .assignments = json_array_new (),
    .exemptions = json_array_new (),
  };

  g_assert_no_error (error);
  see_pairs (&seed, pairs);
  text = seed_text (&seed);
  g_file_set_contents (path, text, -1, &error);
  g_assert_no_error (error);

  g_hash_table_unref (seed.subscriptions);
  g_hash_table_unref (seed.made);
  json_array_unref (seed.definitions);
  json_array_unref (seed.assignments);
  json_array_unref (seed.exemptions);
  g_free (seed.group);

  return path;
}

void
seed_remove (const char *path)
{
  g_autofree char *folder = g_path_get_dirname (path);

  g_unlink (path);
  g_rmdir (folder);
}
