/* SPDX-License-Identifier: GPL-3.0-or-later */

/* The narrowing engine against its definition, tried out on random trees. */

#include <json-glib/json-glib.h>
#include <string.h>

#include "lw-json.h"
#include "lw-narrow-brute.h"
#include "lw-narrow.h"

#define MG "/providers/Microsoft.Management/managementGroups/"

typedef struct
{
  GRand *rand;
  GPtrArray *groups;    /* management groups */
  GPtrArray *subs;      /* subscriptions */
  GPtrArray *places;    /* where resources lie: resource groups, sometimes a subscription */
  GPtrArray *resources; /* ids */
  guint types;
  guint locations;
  guint references;
  gboolean flat; /* one subscription with few resource groups */
} World;

static guint
pick (World *self, guint below)
{
  return below > 0 ? (guint) g_rand_int_range (self->rand, 0, (gint32) below) : 0;
}

static gboolean
chance (World *self, guint percent)
{
  return pick (self, 100) < percent;
}

static const char *
any (World *self, GPtrArray *texts)
{
  return texts->pdata[pick (self, texts->len)];
}

/* Azure keeps no casing, so neither do the ids here. */
static char *
mixed (World *self, const char *id)
{
  char *copy = g_strdup (id);

  for (char *c = copy; *c != '\0' && chance (self, 30); c++)
    *c = chance (self, 50) ? g_ascii_toupper (*c) : g_ascii_tolower (*c);
  return copy;
}

static void
set_mixed (World *self, JsonObject *object, const char *member, const char *id)
{
  g_autofree char *copy = mixed (self, id);

  json_object_set_string_member (object, member, copy);
}

static JsonArray *
some_references (World *self, guint at_least)
{
  JsonArray *array = json_array_new ();

  for (guint i = 0; i < self->references; i++)
    if (chance (self, 50) ||
        (i + 1 == self->references && json_array_get_length (array) < at_least))
      {
        g_autofree char *reference = g_strdup_printf (chance (self, 20) ? "REF%u" : "ref%u", i);

        json_array_add_string_element (array, reference);
      }
  return array;
}

static void
add_link (World *self, JsonArray *hierarchy, const char *id, const char *parent)
{
  JsonObject *entry = json_object_new ();

  set_mixed (self, entry, "id", id);
  if (parent != NULL)
    set_mixed (self, entry, "parent", parent);
  json_array_add_object_element (hierarchy, entry);
}

static JsonArray *
make_hierarchy (World *self)
{
  JsonArray *hierarchy = json_array_new ();
  guint groups = self->flat ? 1 : 1 + pick (self, 4);
  guint subs = self->flat ? 1 : 1 + pick (self, 3);

  for (guint i = 0; i < groups; i++)
    {
      char *id = g_strdup_printf (MG "mg%u", i);

      add_link (self, hierarchy, id, i > 0 ? any (self, self->groups) : NULL);
      g_ptr_array_add (self->groups, id);
    }
  for (guint i = 0; i < subs; i++)
    {
      char *id = g_strdup_printf ("/subscriptions/sub%u", i);
      guint rgs = 1 + pick (self, self->flat ? 2 : 3);

      add_link (self, hierarchy, id, any (self, self->groups));
      g_ptr_array_add (self->subs, id);
      for (guint j = 0; j < rgs; j++)
        g_ptr_array_add (self->places, g_strdup_printf ("%s/resourceGroups/rg%u", id, j));
      if (chance (self, 10))
        g_ptr_array_add (self->places, g_strdup (id));
    }
  return hierarchy;
}

static JsonObject *
make_resource (World *self, const char *id, const char *type)
{
  JsonObject *entry = json_object_new ();

  set_mixed (self, entry, "id", id);
  set_mixed (self, entry, "type", type);
  if (!chance (self, 5))
    {
      g_autofree char *location = g_strdup_printf ("place%u", pick (self, self->locations));

      json_object_set_string_member (entry, "location", location);
    }
  json_object_set_array_member (entry, "references", some_references (self, 0));
  return entry;
}

static JsonArray *
make_resources (World *self, guint count)
{
  JsonArray *resources = json_array_new ();

  for (guint i = 0; i < count; i++)
    {
      g_autofree char *type = g_strdup_printf ("My.Space/type%u", pick (self, self->types));
      g_autofree char *below = NULL;
      char *id = NULL;

      if (i > 0 && chance (self, 20))
        {
          const char *parent = any (self, self->resources);

          below = lw_arm_id_resource_type (parent);
          if (strstr (parent, "/part/") == NULL)
            {
              g_set_str (&type, below);
              g_free (below);
              below = g_strdup_printf ("%s/part", type);
              id = g_strdup_printf ("%s/part/p%u", parent, i);
            }
        }
      if (id == NULL)
        id = g_strdup_printf ("%s/providers/%s/r%u", any (self, self->places), type, i);
      json_array_add_object_element (
          resources, make_resource (self, id, strstr (id, "/part/") != NULL ? below : type));
      g_ptr_array_add (self->resources, id);
      /* The same again, with other references. */
      if (chance (self, 5))
        {
          JsonObject *twice = json_object_new ();

          set_mixed (self, twice, "id", id);
          json_object_set_array_member (twice, "references", some_references (self, 0));
          json_array_add_object_element (resources, twice);
        }
    }
  return resources;
}

static JsonArray *
make_need (World *self, guint count)
{
  JsonArray *need = json_array_new ();

  for (guint i = 0; i < count; i++)
    {
      JsonObject *entry = json_object_new ();

      if (chance (self, 10))
        {
          g_autofree char *type = g_strdup_printf ("My.Space/type%u", pick (self, self->types));
          g_autofree char *id = NULL;

          id = chance (self, 70)
                   ? g_strdup_printf ("%s/providers/%s/new%u", any (self, self->places), type, i)
                   : g_strdup_printf ("%s/part/new%u", any (self, self->resources), i);
          if (strstr (id, "/part/") != NULL)
            {
              g_free (type);
              type = lw_arm_id_resource_type (id);
            }
          set_mixed (self, entry, "resource", id);
          json_object_set_string_member (entry, "type", type);
          if (chance (self, 70))
            json_object_set_string_member (entry, "location", "place0");
        }
      else
        {
          set_mixed (self, entry, "resource", any (self, self->resources));
        }
      json_object_set_array_member (entry, "references", some_references (self, 1));
      json_array_add_object_element (need, entry);
    }
  return need;
}

static void
fill_assignment (World *self, JsonObject *question)
{
  JsonObject *assignment = json_object_new ();
  JsonArray *excluded = json_array_new ();
  guint which = pick (self, 10);

  set_mixed (self, assignment, "scope",
             which < 6   ? self->groups->pdata[0]
             : which < 7 ? any (self, self->groups)
             : which < 9 ? any (self, self->subs)
                         : any (self, self->places));
  if (chance (self, 25))
    {
      g_autofree char *scope = mixed (self, chance (self, 50)   ? any (self, self->places)
                                            : chance (self, 50) ? any (self, self->resources)
                                                                : any (self, self->subs));

      json_array_add_string_element (excluded, scope);
    }
  json_object_set_array_member (assignment, "notScopes", excluded);
  json_object_set_object_member (question, "assignment", assignment);
}

static JsonNode *
make_question (GRand *rand,
               guint resources,
               guint needs,
               guint types,
               guint locations,
               gboolean flat)
{
  World self = {
    .rand = rand,
    .groups = g_ptr_array_new_with_free_func (g_free),
    .subs = g_ptr_array_new_with_free_func (g_free),
    .places = g_ptr_array_new_with_free_func (g_free),
    .resources = g_ptr_array_new_with_free_func (g_free),
    .types = types,
    .locations = locations,
    .references = 3,
    .flat = flat,
  };
  JsonNode *node = json_node_new (JSON_NODE_OBJECT);
  JsonObject *question = json_object_new ();

  json_object_set_array_member (question, "hierarchy", make_hierarchy (&self));
  json_object_set_array_member (question, "resources", make_resources (&self, resources));
  json_object_set_array_member (question, "need", make_need (&self, needs));
  fill_assignment (&self, question);
  json_node_take_object (node, question);
  g_ptr_array_unref (self.groups);
  g_ptr_array_unref (self.subs);
  g_ptr_array_unref (self.places);
  g_ptr_array_unref (self.resources);
  return node;
}

static char *
run (JsonNode *node)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (LwNarrow) question = lw_narrow_from_json (node, &error);
  g_autoptr (LwNarrowResult) result = NULL;
  g_autoptr (JsonNode) answer = NULL;

  g_assert_no_error (error);
  result = lw_narrow_run (question, &error);
  g_assert_no_error (error);
  answer = lw_narrow_result_to_json (result);
  return lw_narrow_brute_describe (json_node_get_object (answer));
}

static guint
compare (JsonNode *node, guint seed)
{
  g_autofree char *wanted = lw_narrow_brute (json_node_get_object (node));
  g_autofree char *got = run (node);

  if (strcmp (got, wanted) != 0)
    {
      g_autofree char *shown = lw_json_pretty (node);

      g_test_message ("seed %u: %s", seed, shown);
    }
  g_assert_cmpstr (got, ==, wanted);
  return *got != '\0';
}

static void
test_small (void)
{
  guint answered = 0;

  for (guint seed = 0; seed < 13000; seed++)
    {
      g_autoptr (GRand) rand = g_rand_new_with_seed (seed);
      guint resources = (guint) g_rand_int_range (rand, 1, 14);
      guint needs = (guint) g_rand_int_range (rand, 1, 5);
      g_autoptr (JsonNode) node = make_question (rand, resources, needs, 3, 2, FALSE);

      answered += compare (node, seed);
    }
  g_test_message ("%u of 13000 trees had an answer", answered);
  g_assert_cmpuint (answered, >=, 10000);
}

/* More types and places than selectors can name one by one. */
static void
test_many_types (void)
{
  guint by_type = 0;
  guint by_list = 0;

  for (guint seed = 0; seed < 60; seed++)
    {
      g_autoptr (GRand) rand = g_rand_new_with_seed (seed);
      g_autoptr (JsonNode) node =
          make_question (rand, 28, 16, seed % 2 == 0 ? 20 : 6, seed % 2 == 0 ? 2 : 8, TRUE);
      g_autofree char *got = run (node);

      compare (node, seed);
      by_type += strstr (got, "!;") != NULL;
      by_list += strstr (got, ",") != NULL;
    }
  g_test_message ("%u by type, %u by lists of types", by_type, by_list);
  g_assert_cmpuint (by_type, >, by_list);
  g_assert_cmpuint (by_list, >, 0);
}

/* The order in which things are told does not matter. */
static void
test_order (void)
{
  for (guint seed = 0; seed < 500; seed++)
    {
      g_autoptr (GRand) rand = g_rand_new_with_seed (seed);
      g_autoptr (JsonNode) node = make_question (rand, 20, 6, 3, 2, FALSE);
      g_autofree char *before = run (node);
      JsonObject *question = json_node_get_object (node);
      static const char *const lists[] = { "need", "hierarchy" };

      for (guint i = 0; i < G_N_ELEMENTS (lists); i++)
        {
          JsonArray *array = json_object_get_array_member (question, lists[i]);
          JsonArray *turned = json_array_new ();

          for (guint j = json_array_get_length (array); j-- > 0;)
            json_array_add_element (turned, json_array_dup_element (array, j));
          json_object_set_array_member (question, lists[i], turned);
        }
      {
        g_autofree char *after = run (node);

        g_assert_cmpstr (before, ==, after);
      }
    }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/narrow/random/small", test_small);
  g_test_add_func ("/narrow/random/many-types", test_many_types);
  g_test_add_func ("/narrow/random/order", test_order);
  return g_test_run ();
}
