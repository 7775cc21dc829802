/* SPDX-License-Identifier: GPL-3.0-or-later */

#include <json-glib/json-glib.h>
#include <string.h>

#include "lw-case.h"
#include "lw-domain-error.h"
#include "lw-domain-fixture.h"
#include "lw-json.h"
#include "lw-selectors.h"
#include "lw-tighten.h"

#define MG "/providers/Microsoft.Management/managementGroups/"
#define RG "/subscriptions/s1/resourceGroups/rg1"

/* --- selectors, tried out ----------------------------------------------------------------------- */

/* A small universe: three types, three locations and two ways to have none, three policies, three users, and
 * who is in which of two groups. The last of each is one that no selector ever names. */
static const char *const types[] = { "a/x", "a/y", "a/other" };
static const char *const places[] = { "east", "west", "north", "sub-level", "none" };
static const char *const policies[] = { "p1", "p2", "other" };
static const char *const users[] = { "u1", "u2", "nobody" };

typedef struct
{
  guint type;
  guint place;
  guint policy;
  guint user;
  guint groups;
} Point;

static gboolean
listed (JsonArray *values, const char *value)
{
  for (guint i = 0; i < json_array_get_length (values); i++)
    if (g_ascii_strcasecmp (json_array_get_string_element (values, i), value) == 0)
      return TRUE;
  return FALSE;
}

static gboolean
part_matches (JsonObject *part, const Point *point, gboolean not_in_matches_none)
{
  const char *kind = json_object_get_string_member (part, "kind");
  gboolean in = json_object_has_member (part, "in");
  JsonArray *values = json_object_get_array_member (part, in ? "in" : "notIn");
  gboolean hit = FALSE;

  if (strcmp (kind, "resourceType") == 0)
    hit = listed (values, types[point->type]);
  else if (strcmp (kind, "policyDefinitionReferenceId") == 0)
    hit = listed (values, policies[point->policy]);
  else if (strcmp (kind, "userPrincipalId") == 0)
    hit = listed (values, users[point->user]);
  else if (strcmp (kind, "groupPrincipalId") == 0)
    hit = ((point->groups & 1) && listed (values, "g1")) ||
          ((point->groups & 2) && listed (values, "g2"));
  else if (strcmp (kind, "resourceWithoutLocation") == 0)
    hit = point->place == 3;
  else if (point->place < 3)
    hit = listed (values, places[point->place]);
  else
    return !in && not_in_matches_none;
  return hit == in;
}

static gboolean
matches (JsonArray *selectors, GPtrArray *references, const Point *point, gboolean way)
{
  gboolean named = references->len == 0;

  for (guint i = 0; i < references->len; i++)
    named = named || g_ascii_strcasecmp (references->pdata[i], policies[point->policy]) == 0;
  if (!named)
    return FALSE;
  if (json_array_get_length (selectors) == 0)
    return TRUE;
  for (guint i = 0; i < json_array_get_length (selectors); i++)
    {
      JsonArray *parts =
          json_object_get_array_member (json_array_get_object_element (selectors, i), "selectors");
      gboolean all = TRUE;

      for (guint j = 0; j < json_array_get_length (parts); j++)
        all = all && part_matches (json_array_get_object_element (parts, j), point, way);
      if (all)
        return TRUE;
    }
  return FALSE;
}

static gboolean
tried_out (JsonArray *inner, GPtrArray *inner_refs, JsonArray *outer, GPtrArray *outer_refs)
{
  Point p;

  for (guint way = 0; way < 2; way++)
    for (p.type = 0; p.type < 3; p.type++)
      for (p.place = 0; p.place < 5; p.place++)
        for (p.policy = 0; p.policy < 3; p.policy++)
          for (p.user = 0; p.user < 3; p.user++)
            for (p.groups = 0; p.groups < 4; p.groups++)
              if (matches (inner, inner_refs, &p, way == 1) &&
                  !matches (outer, outer_refs, &p, way == 1))
                return FALSE;
  return TRUE;
}

static JsonObject *
random_part (GRand *rand, const char *kind, const char *const *values, guint count)
{
  JsonObject *part = json_object_new ();
  JsonArray *list = json_array_new ();

  for (guint i = 0; i < count; i++)
    if (g_rand_boolean (rand))
      json_array_add_string_element (list, values[i]);
  if (json_array_get_length (list) == 0)
    json_array_add_string_element (list, values[0]);
  json_object_set_string_member (part, "kind", kind);
  json_object_set_array_member (part, g_rand_int_range (rand, 0, 3) > 0 ? "in" : "notIn", list);
  return part;
}

static JsonArray *
random_selectors (GRand *rand)
{
  static const char *const groups[] = { "g1", "G2" };
  static const char *const without[] = { "subscriptionLevelResources" };
  JsonArray *selectors = json_array_new ();
  guint count = (guint) g_rand_int_range (rand, 0, 5);

  for (guint i = 0; i < count; i++)
    {
      JsonObject *selector = json_object_new ();
      JsonArray *parts = json_array_new ();

      if (g_rand_boolean (rand))
        json_array_add_object_element (parts, random_part (rand, "resourceType", types, 2));
      if (g_rand_boolean (rand))
        json_array_add_object_element (
            parts, g_rand_int_range (rand, 0, 4) > 0
                       ? random_part (rand, "resourceLocation", places, 3)
                       : random_part (rand, "resourceWithoutLocation", without, 1));
      if (g_rand_int_range (rand, 0, 4) == 0)
        json_array_add_object_element (
            parts, random_part (rand, "policyDefinitionReferenceId", policies, 2));
      if (g_rand_int_range (rand, 0, 4) == 0)
        json_array_add_object_element (parts, random_part (rand, "userPrincipalId", users, 2));
      if (g_rand_int_range (rand, 0, 4) == 0 || json_array_get_length (parts) == 0)
        json_array_add_object_element (parts, random_part (rand, "groupPrincipalId", groups, 2));
      json_object_set_array_member (selector, "selectors", parts);
      json_array_add_object_element (selectors, selector);
    }
  return selectors;
}

static GPtrArray *
random_references (GRand *rand)
{
  GPtrArray *references = g_ptr_array_new ();

  for (guint i = 0; i < 2; i++)
    if (g_rand_boolean (rand))
      g_ptr_array_add (references, (gpointer) policies[i]);
  return references;
}

static void
test_selectors_random (void)
{
  guint seeds = g_getenv ("LEEWAY_TEST_SLOWNESS") != NULL ? 300 : 6000;
  guint contained = 0;

  for (guint seed = 0; seed < seeds; seed++)
    {
      g_autoptr (GRand) rand = g_rand_new_with_seed (seed);
      g_autoptr (JsonArray) outer = random_selectors (rand);
      g_autoptr (JsonArray) inner = random_selectors (rand);
      g_autoptr (GPtrArray) inner_refs = random_references (rand);
      g_autoptr (GPtrArray) outer_refs = random_references (rand);
      g_autofree char *witness = NULL;
      gboolean wanted = tried_out (inner, inner_refs, outer, outer_refs);
      gboolean got = lw_selectors_contained (inner, inner_refs, outer, outer_refs, &witness);

      if (got != wanted)
        g_test_message ("seed %u", seed);
      g_assert_cmpint (got, ==, wanted);
      g_assert_cmpint (witness == NULL, ==, got);
      contained += got;
      /* The whole comparison says the same, whichever case it blames. */
      {
        LwCoverage a = { "/a", RG, inner_refs, inner, "2027-01-01" };
        LwCoverage b = { "/A/", RG, outer_refs, outer, "2027-01-01T00:00:00Z" };

        g_assert_cmpint (lw_coverage_contained (&a, &b, NULL, NULL), ==, wanted);
      }
    }
  g_test_message ("%u of %u contained", contained, seeds);
  g_assert_cmpuint (contained, >, seeds / 10);
}

/* --- selectors that Azure would not take, or that this version does not know -------------------- */

static gboolean
contained (const char *inner, const char *outer)
{
  g_autoptr (JsonNode) a = fixture_json (inner);
  g_autoptr (JsonNode) b = fixture_json (outer);

  return lw_selectors_contained (json_node_get_array (a), NULL, json_node_get_array (b), NULL,
                                 NULL);
}

#define TYPE_X "{'kind':'resourceType','in':['a/x']}"
#define ODD    "{'kind':'resourcePercentage','in':['10']}"

static void
test_selectors_odd (void)
{
  /* a kind that is not known, narrowed by one that is */
  g_assert_true (contained ("[{'selectors':[" ODD "," TYPE_X "]}]", "[{'selectors':[" ODD "]}]"));
  g_assert_false (contained ("[{'selectors':[" TYPE_X "]}]", "[{'selectors':[" ODD "]}]"));
  g_assert_false (contained ("[{'selectors':[" ODD "]}]", "[{'selectors':[" TYPE_X "]}]"));
  g_assert_true (contained ("[{'selectors':[" ODD "]}]", "[{'selectors':[" ODD "]}]"));
  g_assert_true (
      contained ("[{'selectors':[" ODD "," TYPE_X "]}]", "[{'selectors':[" TYPE_X "]}]"));
  /* nothing in it, both ways in it, twice in it, no list in it */
  g_assert_false (contained ("[{'selectors':[" TYPE_X "]}]", "[{'selectors':[]}]"));
  g_assert_false (contained ("[{'selectors':[" TYPE_X "]}]",
                             "[{'selectors':[{'kind':'resourceType','in':['a/x'],'notIn':[]}]}]"));
  g_assert_false (contained ("[{'selectors':[" TYPE_X "]}]",
                             "[{'selectors':[" TYPE_X ",{'kind':"
                             "'resourceType','in':['a/x','a/y']}]}]"));
  g_assert_false (contained ("[{'selectors':[{'kind':'resourceType','in':[]}]}]",
                             "[{'selectors':[" TYPE_X "]}]"));
  g_assert_false (contained ("[7]", "[{'selectors':[" TYPE_X "]}]"));
  g_assert_true (contained ("[{'selectors':[]}]", "[]"));
  /* what was split is still the same */
  g_assert_true (contained ("[{'selectors':[{'kind':'resourceType','in':['a/x','A/Y']}]}]",
                            "[{'selectors':[{'kind':'resourceType','in':['A/X']}]},"
                            "{'selectors':[{'kind':'resourceType','in':['a/y','z']}]}]"));
}

/* --- one exemption ------------------------------------------------------------------------------ */

static const char *
reason_of (GPtrArray *cases, const char *aspect)
{
  for (guint i = 0; i < cases->len; i++)
    {
      const LwTightenCase *entry = cases->pdata[i];

      if (strcmp (entry->aspect, aspect) == 0 && !entry->contained)
        return entry->reason;
    }
  return NULL;
}

static void
test_reasons (void)
{
  const char *one[] = { "p1", NULL };
  g_autoptr (GPtrArray) p1 = g_ptr_array_new_from_array ((gpointer *) one, 1, NULL, NULL, NULL);
  g_autoptr (JsonNode) west =
      fixture_json ("[{'selectors':[{'kind':'resourceLocation','in':['west']}]}]");
  LwCoverage outer = { "/a", RG, p1, json_node_get_array (west), "2027-01-01T00:00:00Z" };
  LwCoverage inner = { "/b", "/subscriptions/s1", NULL, NULL, NULL };
  g_autoptr (GPtrArray) cases = lw_coverage_compare (&inner, &outer, NULL, 3);
  g_autoptr (GError) error = NULL;

  g_assert_false (lw_tighten_contained (cases));
  g_assert_nonnull (reason_of (cases, "assignment"));
  g_assert_nonnull (strstr (reason_of (cases, "scope"), "does not lie in"));
  g_assert_nonnull (strstr (reason_of (cases, "references"), "whole initiative"));
  g_assert_nonnull (strstr (reason_of (cases, "selectors"), "without a location"));
  g_assert_nonnull (reason_of (cases, "expires"));
  g_assert_cmpuint (((LwTightenCase *) cases->pdata[0])->grant, ==, 3);
  g_assert_false (lw_coverage_contained (&inner, &outer, NULL, &error));
  g_assert_error (error, LW_DOMAIN_ERROR, LW_DOMAIN_ERROR_NOT_ALLOWED);
}

static void
test_scopes (void)
{
  g_autoptr (LwHierarchy) hierarchy = lw_hierarchy_new ();
  LwCoverage outer = { "/a", MG "top", NULL, NULL, NULL };
  LwCoverage inner = { "/a", RG, NULL, NULL, "2027-01-01" };
  g_autoptr (GPtrArray) unknown = lw_coverage_compare (&inner, &outer, NULL, 1);

  g_assert_nonnull (strstr (reason_of (unknown, "scope"), "not known"));
  lw_hierarchy_add (hierarchy, "/subscriptions/s1", MG "top", NULL);
  lw_hierarchy_add (hierarchy, MG "top", NULL, NULL);
  g_assert_true (lw_coverage_contained (&inner, &outer, hierarchy, NULL));
  inner.scope = "/Subscriptions/S2";
  g_assert_false (lw_coverage_contained (&inner, &outer, hierarchy, NULL));
  inner.scope = "nonsense";
  g_assert_false (lw_coverage_contained (&inner, &outer, hierarchy, NULL));
  outer.scope = "/subscriptions/s1";
  inner.scope = "/subscriptions/S1/resourceGroups/x/";
  g_assert_true (lw_coverage_contained (&inner, &outer, NULL, NULL));
  inner.scope = "/subscriptions/s10";
  g_assert_false (lw_coverage_contained (&inner, &outer, NULL, NULL));
}

static void
test_expiry (void)
{
  LwCoverage outer = { "/a", RG, NULL, NULL, "2027-01-01T00:00:00Z" };
  LwCoverage inner = { "/a", RG, NULL, NULL, "2026-12-31T23:59:59Z" };

  g_assert_true (lw_coverage_contained (&inner, &outer, NULL, NULL));
  inner.expires = "2027-01-01T01:00:00+01:00";
  g_assert_true (lw_coverage_contained (&inner, &outer, NULL, NULL));
  inner.expires = "2027-01-01T00:00:01Z";
  g_assert_false (lw_coverage_contained (&inner, &outer, NULL, NULL));
  inner.expires = "some day";
  g_assert_false (lw_coverage_contained (&inner, &outer, NULL, NULL));
  outer.expires = "some day";
  g_assert_false (lw_coverage_contained (&inner, &outer, NULL, NULL));
  inner.expires = "2027-01-01";
  g_assert_false (lw_coverage_contained (&inner, &outer, NULL, NULL));
  outer.expires = NULL;
  g_assert_true (lw_coverage_contained (&inner, &outer, NULL, NULL));
}

/* --- revisions ---------------------------------------------------------------------------------- */

static LwGrant *
grant (LwRequest *request, guint index)
{
  return request->grants->pdata[index];
}

static void
test_revisions (void)
{
  g_autoptr (LwRequest) outer = fixture_request ();
  g_autoptr (LwRequest) inner = lw_request_copy (outer);
  g_autoptr (GPtrArray) same = lw_tighten_compare (inner, outer, NULL);
  g_autoptr (GPtrArray) narrower = NULL;
  g_autoptr (GPtrArray) foreign = NULL;
  g_autoptr (GPtrArray) nothing = NULL;
  g_autofree char *below = g_strconcat (grant (inner, 0)->scope, "/deployments/d", NULL);

  g_assert_true (lw_tighten_contained (same));
  for (guint i = 0; i < same->len; i++)
    g_assert_true (((LwTightenCase *) same->pdata[i])->same);

  /* in two, with another number, narrower */
  g_set_str (&grant (inner, 0)->scope, below);
  g_ptr_array_add (inner->grants, lw_grant_copy (grant (inner, 0)));
  grant (inner, 1)->n = 7;
  g_set_str (&inner->expires, "2026-12-01T00:00:00Z");
  narrower = lw_tighten_compare (inner, outer, NULL);
  g_assert_true (lw_tighten_contained (narrower));

  g_set_str (&grant (inner, 1)->assignment, "/another");
  foreign = lw_tighten_compare (inner, outer, NULL);
  g_assert_false (lw_tighten_contained (foreign));
  g_assert_nonnull (reason_of (foreign, "grants"));

  g_ptr_array_set_size (inner->grants, 0);
  nothing = lw_tighten_compare (inner, outer, NULL);
  g_assert_false (lw_tighten_contained (nothing));
}

static void
test_terms (void)
{
  g_autoptr (LwRequest) asked = fixture_request ();
  g_autoptr (LwRequest) terms = lw_request_copy (asked);
  g_autofree char *below = g_strconcat (grant (terms, 0)->scope, "/deployments/d", NULL);
  g_autoptr (GError) error = NULL;

  g_set_str (&grant (terms, 0)->scope, below);
  lw_case_terms_contained (asked, terms, &error);
  g_assert_no_error (error);

  /* what is renewed stays where it is */
  g_set_str (&grant (asked, 0)->renews, "/x");
  g_set_str (&grant (terms, 0)->renews, "/x");
  g_assert_false (lw_case_terms_contained (asked, terms, &error));
  g_assert_error (error, LW_DOMAIN_ERROR, LW_DOMAIN_ERROR_NOT_ALLOWED);
  g_clear_error (&error);

  /* where a subscription lies today is no proof */
  g_clear_pointer (&grant (asked, 0)->renews, g_free);
  g_clear_pointer (&grant (terms, 0)->renews, g_free);
  g_set_str (&grant (asked, 0)->scope, MG "top");
  g_assert_false (lw_case_terms_contained (asked, terms, &error));
  g_assert_nonnull (strstr (error->message, "not known"));
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/tighten/selectors/random", test_selectors_random);
  g_test_add_func ("/tighten/selectors/odd", test_selectors_odd);
  g_test_add_func ("/tighten/reasons", test_reasons);
  g_test_add_func ("/tighten/scopes", test_scopes);
  g_test_add_func ("/tighten/expiry", test_expiry);
  g_test_add_func ("/tighten/revisions", test_revisions);
  g_test_add_func ("/tighten/terms", test_terms);
  return g_test_run ();
}
