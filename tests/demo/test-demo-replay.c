/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Recorded traffic of the real service, sent again in order to a tenant that holds what the recording
 * presupposes: the same status, error and body must come back. */

#include "lw-demo-fixture.h"
#include "lw-demo-seed.h"

#include <string.h>

/* Members that name the moment or the caller of the recording. */
static void
drop_stamps (JsonNode *node)
{
  static const char *const stamps[] = { "systemData", "createdBy", "createdOn",
                                        "updatedBy",  "updatedOn", NULL };

  if (JSON_NODE_HOLDS_ARRAY (node))
    {
      JsonArray *array = json_node_get_array (node);

      for (guint i = 0; i < json_array_get_length (array); i++)
        drop_stamps (json_array_get_element (array, i));
    }
  else if (JSON_NODE_HOLDS_OBJECT (node))
    {
      JsonObject *object = json_node_get_object (node);
      g_autoptr (GList) values = NULL;

      for (guint i = 0; stamps[i] != NULL; i++)
        json_object_remove_member (object, stamps[i]);
      values = json_object_get_values (object);
      for (GList *l = values; l != NULL; l = l->next)
        drop_stamps (l->data);
    }
}

static gint
compare_ids (gconstpointer a, gconstpointer b)
{
  JsonObject *x = *(JsonObject *const *) a, *y = *(JsonObject *const *) b;

  return g_strcmp0 (json_object_get_string_member (x, "id"),
                    json_object_get_string_member (y, "id"));
}

/* The service's order of a list means nothing. */
static void
sort_value (JsonNode *node)
{
  JsonObject *object = JSON_NODE_HOLDS_OBJECT (node) ? json_node_get_object (node) : NULL;
  g_autoptr (GPtrArray) items = NULL;
  JsonArray *value, *sorted;

  if (object == NULL || !json_object_has_member (object, "value"))
    return;
  value = json_object_get_array_member (object, "value");
  items = g_ptr_array_new ();
  for (guint i = 0; i < json_array_get_length (value); i++)
    g_ptr_array_add (items, json_array_get_object_element (value, i));
  g_ptr_array_sort (items, compare_ids);
  sorted = json_array_new ();
  for (guint i = 0; i < items->len; i++)
    json_array_add_object_element (sorted, json_object_ref (g_ptr_array_index (items, i)));
  json_object_set_array_member (object, "value", sorted);
}

/* The text with the reference ids that the recorded service made up replaced by those of this one. */
static char *
translate (const char *text, GHashTable *made_up)
{
  GString *result = g_string_new (text);
  GHashTableIter iter;
  gpointer from, to;

  g_hash_table_iter_init (&iter, made_up);
  while (g_hash_table_iter_next (&iter, &from, &to))
    g_string_replace (result, from, to, 0);

  return g_string_free (result, FALSE);
}

static void
learn_references (JsonObject *recorded, JsonObject *answered, GHashTable *made_up)
{
  JsonObject *from, *to;
  JsonArray *theirs, *ours;

  if (recorded == NULL || answered == NULL || !json_object_has_member (recorded, "properties"))
    return;
  from = json_object_get_object_member (recorded, "properties");
  to = json_object_get_object_member (answered, "properties");
  if (from == NULL || to == NULL || !json_object_has_member (from, "policyDefinitions") ||
      !json_object_has_member (to, "policyDefinitions"))
    return;
  theirs = json_object_get_array_member (from, "policyDefinitions");
  ours = json_object_get_array_member (to, "policyDefinitions");
  g_assert_cmpuint (json_array_get_length (theirs), ==, json_array_get_length (ours));
  for (guint i = 0; i < json_array_get_length (theirs); i++)
    g_hash_table_replace (
        made_up,
        g_strdup (json_object_get_string_member (json_array_get_object_element (theirs, i),
                                                 "policyDefinitionReferenceId")),
        g_strdup (json_object_get_string_member (json_array_get_object_element (ours, i),
                                                 "policyDefinitionReferenceId")));
}

static void
check_headers (JsonObject *recorded, Answer *answer, const char *where)
{
  static const char *const names[] = { "content-type", "cache-control", "x-ms-failure-cause" };
  JsonObjectIter iter;
  const char *name;
  JsonNode *node;

  json_object_iter_init (&iter, recorded);
  while (json_object_iter_next (&iter, &name, &node))
    for (guint i = 0; i < G_N_ELEMENTS (names); i++)
      if (g_ascii_strcasecmp (name, names[i]) == 0 &&
          g_strcmp0 (answer_header (answer, name), json_node_get_string (node)) != 0)
        g_error ("%s: %s is “%s”, recorded was “%s”", where, name, answer_header (answer, name),
                 json_node_get_string (node));
}

static void
check_body (JsonNode *recorded, Answer *answer, GHashTable *made_up, const char *where)
{
  g_autofree char *text = json_to_string (recorded, FALSE);
  g_autofree char *translated = translate (text, made_up);
  g_autoptr (JsonNode) expected = json_from_string (translated, NULL);
  g_autoptr (JsonNode) actual = answer->length > 0 ? json_from_string (answer->text, NULL) : NULL;

  if (JSON_NODE_HOLDS_NULL (recorded))
    {
      g_assert_cmpuint (answer->length, ==, 0);
      return;
    }
  g_assert_nonnull (actual);
  drop_stamps (expected);
  drop_stamps (actual);
  sort_value (expected);
  sort_value (actual);
  if (!json_node_equal (expected, actual))
    {
      g_autofree char *want = json_to_string (expected, TRUE);
      g_autofree char *have = json_to_string (actual, TRUE);

      g_error ("%s: the body is\n%s\nrecorded was\n%s", where, have, want);
    }
}

static void
replay_pair (Tenant *tenant, JsonObject *pair, GHashTable *made_up, const char *where)
{
  JsonObject *request = json_object_get_object_member (pair, "request");
  JsonObject *response = json_object_get_object_member (pair, "response");
  const char *uri = json_object_get_string_member (request, "uri");
  const char *path = strchr (uri + strlen ("https://"), '/');
  JsonNode *body = json_object_get_member (request, "body");
  g_autofree char *text = JSON_NODE_HOLDS_NULL (body) ? NULL : json_to_string (body, FALSE);
  g_autofree char *sent = text != NULL ? translate (text, made_up) : NULL;
  g_autofree char *url = g_strconcat (tenant_member (tenant, "arm"), path, NULL);
  g_autoptr (Answer) answer = tenant_send (
      tenant, "Robin", json_object_get_string_member (request, "method"), url, sent, NULL);
  JsonNode *recorded = json_object_get_member (response, "body");

  if (answer->status != (guint) json_object_get_int_member (response, "status"))
    g_error ("%s: %u, recorded was %d: %s", where, answer->status,
             (int) json_object_get_int_member (response, "status"), answer->text);
  if (JSON_NODE_HOLDS_OBJECT (recorded))
    learn_references (json_node_get_object (recorded), answer->json, made_up);
  check_headers (json_object_get_object_member (response, "headers"), answer, where);
  check_body (recorded, answer, made_up, where);
}

static void
replay (gconstpointer data)
{
  const char *file = data;
  g_autoptr (JsonParser) parser = json_parser_new ();
  g_autoptr (GError) error = NULL;
  g_autoptr (Tenant) tenant = NULL;
  g_autoptr (GHashTable) made_up = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_free);
  g_autofree char *seed = NULL;
  JsonArray *pairs;

  json_parser_load_from_file (parser, file, &error);
  g_assert_no_error (error);
  pairs = json_node_get_array (json_parser_get_root (parser));
  g_assert_cmpuint (json_array_get_length (pairs), >, 0);
  seed = seed_write (pairs);
  tenant = tenant_start (seed, NULL);
  for (guint i = 0; i < json_array_get_length (pairs); i++)
    {
      g_autofree char *base = g_path_get_basename (file);
      g_autofree char *where = g_strdup_printf ("%s, pair %u", base, i);

      replay_pair (tenant, json_array_get_object_element (pairs, i), made_up, where);
    }
  seed_remove (seed);
}

static void
no_recordings (void)
{
  g_test_skip ("The recorded traffic is not on this machine: set LEEWAY_SHARED to its folder");
}

int
main (int argc, char **argv)
{
  const char *shared = g_getenv ("LEEWAY_SHARED");
  g_autofree char *beside = g_build_filename (g_getenv ("LEEWAY_SOURCE"), "..", "shared", NULL);
  g_autofree char *folder = g_build_filename (shared != NULL ? shared : beside, "azure",
                                              "recordings", "exemptions", NULL);
  g_autoptr (GDir) dir = g_dir_open (folder, 0, NULL);
  const char *name;
  guint n = 0;

  g_test_init (&argc, &argv, NULL);
  while (dir != NULL && (name = g_dir_read_name (dir)) != NULL)
    if (g_str_has_suffix (name, ".json"))
      {
        g_autofree char *path = g_strdup_printf ("/demo/replay/%s", name);

        g_test_add_data_func_full (path, g_build_filename (folder, name, NULL), replay, g_free);
        n++;
      }
  if (n == 0)
    g_test_add_func ("/demo/replay/none", no_recordings);

  return g_test_run ();
}
