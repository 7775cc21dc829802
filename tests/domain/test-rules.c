/* SPDX-License-Identifier: GPL-3.0-or-later */

#include <string.h>

#include "lw-domain-error.h"
#include "lw-domain-fixture.h"
#include "lw-json.h"
#include "lw-portfolio.h"

#define MG(name) "/providers/Microsoft.Management/managementGroups/" name
#define SUB      "/subscriptions/5b84a0b2-debd-5e07-b5b8-601756f9c338"

static void
test_default (void)
{
  g_autoptr (LwRules) rules = lw_rules_new_default ();
  g_autoptr (JsonNode) bare_node = fixture_json ("{'version':1}");
  g_autoptr (LwRules) bare = lw_rules_from_json (bare_node, NULL);
  static const char *const categories[] = { "Waiver", "Mitigated" };
  guint count;
  const guint *reminders = lw_rules_reminders (rules, &count);

  g_assert_cmpuint (count, ==, 3);
  g_assert_cmpuint (reminders[0], ==, 30);
  g_assert_cmpuint (reminders[2], ==, 1);
  g_assert_cmpstr (lw_rules_team_tag (rules), ==, "team");
  g_assert_true (g_strv_contains (lw_rules_vague_phrases (rules), "we needed this to work"));
  g_assert_null (lw_rules_vague_phrases (bare)[0]);
  g_assert_null (lw_rules_team_tag (bare));
  /* What is left out has the value of the rules that are shipped. */
  for (guint c = 0; c < 2; c++)
    {
      g_assert_cmpuint (lw_rules_min_controls (rules, categories[c]), ==,
                        lw_rules_min_controls (bare, categories[c]));
      for (LwScopeKind kind = LW_SCOPE_OTHER; kind <= LW_SCOPE_MANAGEMENT_GROUP; kind++)
        g_assert_cmpuint (lw_rules_max_days (rules, categories[c], kind), ==,
                          lw_rules_max_days (bare, categories[c], kind));
    }
  g_assert_cmpuint (lw_rules_max_renewals (rules), ==, lw_rules_max_renewals (bare));
  g_assert_cmpuint (lw_rules_pending_days (rules), ==, lw_rules_pending_days (bare));
  g_assert_cmpuint (lw_rules_emergency_hours (rules), ==, lw_rules_emergency_hours (bare));
  g_assert_true (lw_rules_whole_initiative_allowed (bare));
  g_assert_false (lw_rules_owner_may_approve (bare));
  g_assert_cmpuint (lw_rules_max_days (rules, "waiver", LW_SCOPE_RESOURCE), ==, 180);
  g_assert_cmpuint (lw_rules_max_days (rules, "MITIGATED", LW_SCOPE_RESOURCE), ==, 365);
  g_assert_cmpuint (lw_rules_max_days (rules, "Unknown", LW_SCOPE_RESOURCE), ==, 180);
  g_assert_cmpuint (lw_rules_max_days (rules, NULL, LW_SCOPE_OTHER), ==, 30);
}

static void
test_round_trip (void)
{
  g_autoptr (JsonNode) node = fixture_json ("{'version':1,'later':{'x':[1]},'pendingDays':7}");
  g_autoptr (LwRules) rules = lw_rules_from_json (node, NULL);
  g_autoptr (JsonNode) written = lw_rules_to_json (rules);
  g_autofree char *digest = lw_rules_digest (rules);
  g_autofree char *expected = lw_json_digest (node, NULL);

  g_assert_true (json_object_equal (json_node_get_object (node), json_node_get_object (written)));
  g_assert_cmpstr (digest, ==, expected);
  g_assert_cmpuint (lw_rules_pending_days (rules), ==, 7);
}

static void
test_refused (void)
{
  static const struct
  {
    const char *json;
    int code;
    const char *names;
  } cases[] = {
    { "[]", LW_DOMAIN_ERROR_VERSION, "version" },
    { "{}", LW_DOMAIN_ERROR_VERSION, "version" },
    { "{'version':2}", LW_DOMAIN_ERROR_VERSION, "newer" },
    { "{'version':1,'maxDays':{'Waiver':{'resource':0}}}", LW_DOMAIN_ERROR_TYPE,
      "maxDays.Waiver.resource" },
    { "{'version':1,'maxDays':{'Waiver':{'resource':'x'}}}", LW_DOMAIN_ERROR_TYPE,
      "maxDays.Waiver.resource" },
    { "{'version':1,'maxDays':{'Waiver':7}}", LW_DOMAIN_ERROR_TYPE, "maxDays.Waiver" },
    { "{'version':1,'maxDays':[]}", LW_DOMAIN_ERROR_TYPE, "maxDays" },
    { "{'version':1,'approvals':{'resource':0}}", LW_DOMAIN_ERROR_TYPE, "approvals.resource" },
    { "{'version':1,'approvals':{'policies':{'a':0}}}", LW_DOMAIN_ERROR_TYPE,
      "approvals.policies.a" },
    { "{'version':1,'approvals':{'policies':[]}}", LW_DOMAIN_ERROR_TYPE, "approvals.policies" },
    { "{'version':1,'minControls':{'Waiver':-1}}", LW_DOMAIN_ERROR_TYPE, "minControls.Waiver" },
    { "{'version':1,'reminders':[1,'x']}", LW_DOMAIN_ERROR_TYPE, "reminders" },
    { "{'version':1,'pendingDays':0}", LW_DOMAIN_ERROR_TYPE, "pendingDays" },
    { "{'version':1,'approvers':{}}", LW_DOMAIN_ERROR_TYPE, "approvers" },
    { "{'version':1,'approvers':[{'people':[{'name':'x'}]}]}", LW_DOMAIN_ERROR_TYPE,
      "approvers[0].people[0].id" },
    { "{'version':1,'approvers':[{'scope':7}]}", LW_DOMAIN_ERROR_TYPE, "approvers[0].scope" },
    { "{'version':1,'administrators':['x']}", LW_DOMAIN_ERROR_TYPE, "administrators[0]" },
    { "{'version':1,'emergency':{'maxHours':0}}", LW_DOMAIN_ERROR_TYPE, "emergency.maxHours" },
    { "{'version':1,'ownerMayApprove':1}", LW_DOMAIN_ERROR_TYPE, "ownerMayApprove" },
    { "{'version':1,'wholeInitiative':'no'}", LW_DOMAIN_ERROR_TYPE, "wholeInitiative" },
    { "{'version':1,'vaguePhrases':[7]}", LW_DOMAIN_ERROR_TYPE, "vaguePhrases[0]" },
    { "{'version':1,'team':{'tag':7}}", LW_DOMAIN_ERROR_TYPE, "team.tag" },
    { "{'version':1,'x':9007199254740993}", LW_DOMAIN_ERROR_TYPE, "9007199254740993" },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr (JsonNode) node = fixture_json (cases[i].json);
      g_autoptr (GError) error = NULL;
      g_autoptr (LwRules) rules = lw_rules_from_json (node, &error);

      g_assert_null (rules);
      g_assert_error (error, LW_DOMAIN_ERROR, cases[i].code);
      if (strstr (error->message, cases[i].names) == NULL)
        g_error ("%s does not name %s", error->message, cases[i].names);
    }
}

static void
set_scope (LwRequest *request, guint index, const char *scope)
{
  while (request->grants->len <= index)
    {
      LwGrant *grant = lw_grant_copy (g_ptr_array_index (request->grants, 0));

      grant->n = lw_request_next_grant_number (request);
      g_ptr_array_add (request->grants, grant);
    }
  g_set_str (&((LwGrant *) g_ptr_array_index (request->grants, index))->scope, scope);
}

/* The strictest grant counts. */
static void
test_several_grants (void)
{
  g_autoptr (LwRequest) request = fixture_request ();
  g_autoptr (LwRules) rules = fixture_rules (NULL);
  const LwGrant *grant = g_ptr_array_index (request->grants, 0);
  g_autofree char *key = g_ascii_strup (grant->assignment, -1);
  g_autofree char *json = g_strdup_printf ("{'approvals':{'policies':{'%s':4}}}", key);
  g_autoptr (LwRules) by_policy = fixture_rules (json);
  g_autoptr (LwRequest) empty = lw_request_new (NULL);

  g_assert_cmpuint (lw_rules_max_days_for (rules, request), ==, 180);
  g_assert_cmpuint (lw_rules_approvals_needed (rules, request), ==, 1);
  g_assert_cmpuint (lw_rules_approvals_needed (by_policy, request), ==, 4);
  set_scope (request, 1, SUB);
  g_assert_cmpuint (lw_rules_max_days_for (rules, request), ==, 60);
  g_assert_cmpuint (lw_rules_approvals_needed (rules, request), ==, 2);
  set_scope (request, 2, "nowhere");
  g_assert_cmpuint (lw_rules_max_days_for (rules, request), ==, 30);
  request->emergency = TRUE;
  g_assert_cmpuint (lw_rules_approvals_needed (rules, request), ==, 1);
  g_assert_cmpuint (lw_rules_max_days_for (rules, empty), ==, 0);
  g_assert_cmpuint (lw_rules_approvals_needed (rules, empty), ==, 1);
  g_assert_false (lw_rules_is_approver (rules, empty, MEI, NULL));
}

static void
test_approvers (void)
{
  g_autoptr (LwRequest) request = fixture_request ();
  g_autoptr (LwHierarchy) tree = lw_hierarchy_new ();
  g_autoptr (LwRules) rules = fixture_rules (
      "{'approvers':[{'scope':'" SUB "/resourceGroups/rg-eval-weu','people':[{'id':'" MEI "'}]},"
      "{'scope':'" MG ("ai-workloads") "','people':[{'id':'" TOMAS "'},{'id':'" DANIEL "'}]},"
                                       "{'assignment':'/other','people':[{'id':'" EVE
                                       "'}]}],'administrators':[{'id':'" EVE "'}]}");
  g_autofree char *shouting = g_ascii_strup (MEI, -1);
  g_autoptr (GPtrArray) all = NULL;
  g_autoptr (GPtrArray) independent = NULL;

  lw_hierarchy_add (tree, SUB, MG ("ai-workloads"), NULL);
  g_assert_true (lw_rules_is_approver (rules, request, MEI, NULL));
  g_assert_true (lw_rules_is_approver (rules, request, shouting, NULL));
  g_assert_false (lw_rules_is_approver (rules, request, TOMAS, NULL));
  g_assert_true (lw_rules_is_approver (rules, request, TOMAS, tree));
  g_assert_false (lw_rules_is_approver (rules, request, EVE, tree));
  g_assert_false (lw_rules_is_approver (rules, request, NULL, tree));
  g_assert_false (lw_rules_is_approver (rules, request, "", tree));
  g_assert_false (lw_rules_knows_approvers (rules, request, NULL));
  g_assert_true (lw_rules_knows_approvers (rules, request, tree));
  g_assert_true (lw_rules_is_administrator (rules, EVE));
  g_assert_false (lw_rules_is_administrator (rules, MEI));
  all = lw_rules_approvers_for (rules, request, tree);
  independent = lw_rules_independent_approvers (rules, request, tree);
  g_assert_cmpuint (all->len, ==, 3);
  g_assert_cmpuint (independent->len, ==, 2);
  /* Named for every grant, or not at all. */
  set_scope (request, 1, SUB "/resourceGroups/rg-other");
  g_assert_false (lw_rules_is_approver (rules, request, MEI, tree));
  g_assert_true (lw_rules_is_approver (rules, request, TOMAS, tree));
}

static LwExemption *
exemption (const char *name, const char *properties)
{
  g_autofree char *json = g_strdup_printf (
      "{'id':'" SUB
      "/resourceGroups/rg/providers/Microsoft.Authorization/policyExemptions/%s','properties':%s}",
      name, properties);
  g_autoptr (JsonNode) node = fixture_json (json);

  return lw_exemption_from_json (node, NULL);
}

static void
test_tiles (void)
{
  static const struct
  {
    const char *properties;
    LwTiles tiles;
  } cases[] = {
    { "{}", LW_TILE_IN_FORCE | LW_TILE_NO_EXPIRY | LW_TILE_NO_OWNER | LW_TILE_UNREVIEWED },
    { "{'metadata':{'owner':'o@x'}}", LW_TILE_IN_FORCE | LW_TILE_NO_EXPIRY | LW_TILE_UNREVIEWED },
    { "{'expiresOn':'2026-11-24T10:00:00Z'}",
      LW_TILE_EXPIRED | LW_TILE_NO_OWNER | LW_TILE_UNREVIEWED },
    { "{'expiresOn':'2026-11-24T10:00:01Z'}",
      LW_TILE_IN_FORCE | LW_TILE_EXPIRING | LW_TILE_NO_OWNER | LW_TILE_UNREVIEWED },
    { "{'expiresOn':'2026-12-24T10:00:00Z'}",
      LW_TILE_IN_FORCE | LW_TILE_EXPIRING | LW_TILE_NO_OWNER | LW_TILE_UNREVIEWED },
    { "{'expiresOn':'2026-12-24T10:00:01Z'}",
      LW_TILE_IN_FORCE | LW_TILE_NO_OWNER | LW_TILE_UNREVIEWED },
    { "{'expiresOn':'2027-12-24T10:00:01Z','metadata':{'leeway':{'request':'REQ','digest':'d','"
      "owner':"
      "{'upn':'o@x'}}}}",
      LW_TILE_IN_FORCE },
    { "{'expiresOn':'2027-12-24T10:00:01Z','metadata':{'leeway':{'request':'req','digest':'e','"
      "owner':"
      "{'upn':'o@x'}}}}",
      LW_TILE_IN_FORCE | LW_TILE_UNREVIEWED },
  };
  g_autoptr (GDateTime) now = fixture_now ();
  g_autoptr (GHashTable) approved = g_hash_table_new (g_str_hash, g_str_equal);

  g_hash_table_insert (approved, (gpointer) "req", (gpointer) "d");
  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr (LwExemption) self = exemption ("x", cases[i].properties);

      g_assert_cmpuint (lw_portfolio_tiles (self, now, approved), ==, cases[i].tiles);
      /* Where the ledger is not known, nothing is said of review. */
      g_assert_cmpuint (lw_portfolio_tiles (self, now, NULL), ==,
                        cases[i].tiles & ~LW_TILE_UNREVIEWED);
    }
}

static JsonObject *
tags_of (const char *scope, gpointer user_data)
{
  return g_hash_table_lookup (user_data, scope);
}

static void
assert_team (const char *scope,
             LwRules *rules,
             LwHierarchy *tree,
             GHashTable *tags,
             const char *expected)
{
  g_autofree char *team = lw_portfolio_team (scope, rules, tree, tags_of, tags);

  g_assert_cmpstr (team, ==, expected);
}

static void
test_team (void)
{
  g_autoptr (LwRules) rules = fixture_rules (NULL);
  g_autoptr (LwRules) untagged = fixture_rules ("{'team':null}");
  g_autoptr (LwHierarchy) tree = lw_hierarchy_new ();
  g_autoptr (GHashTable) tags = g_hash_table_new (lw_arm_id_hash, lw_arm_id_equal);
  g_autoptr (JsonNode) group = fixture_json ("{'Team':'Evals'}");
  g_autoptr (JsonNode) subscription = fixture_json ("{'team':'Platform','x':7}");

  g_hash_table_insert (tags, (gpointer) SUB "/resourceGroups/rg", json_node_get_object (group));
  g_hash_table_insert (tags, (gpointer) SUB, json_node_get_object (subscription));
  lw_hierarchy_add (tree, MG ("eval"), NULL, "Evaluation");
  lw_hierarchy_add (tree, SUB, MG ("eval"), NULL);
  assert_team (SUB "/resourceGroups/rg/providers/a/b/c", rules, tree, tags, "Evals");
  assert_team (SUB "/resourceGroups/other", rules, tree, tags, "Platform");
  assert_team (SUB, rules, tree, tags, "Platform");
  assert_team (SUB, untagged, tree, tags, "Evaluation");
  assert_team (MG ("eval"), rules, tree, tags, "Evaluation");
  assert_team (MG ("unknown"), rules, tree, tags, "unknown");
  assert_team ("/subscriptions/other", rules, tree, tags, "");
  assert_team ("nonsense", rules, NULL, tags, "");
}

static void
test_clusters (void)
{
  static const struct
  {
    const char *name;
    const char *assignment;
    const char *first;
    const char *team;
  } rows[] = {
    { "a", "/x/Base", "2026-11-14T10:00:00Z", "t1" },
    { "b", "/x/base", "2026-11-04T10:00:00Z", "t1" },
    { "c", "/x/base", NULL, "t2" },
    { "d", "/x/other", "2026-01-01T00:00:00Z", "t1" },
    { "e", "/x/base", "2025-11-24T10:00:00Z", "t1" },
    { "f", "/x/third", "2026-11-25T10:00:00Z", NULL },
  };
  g_autoptr (GPtrArray) list = g_ptr_array_new_with_free_func ((GDestroyNotify) lw_exemption_unref);
  g_autoptr (GHashTable) names = g_hash_table_new (lw_arm_id_hash, lw_arm_id_equal);
  g_autoptr (GHashTable) teams = g_hash_table_new (lw_arm_id_hash, lw_arm_id_equal);
  g_autoptr (GDateTime) now = fixture_now ();
  g_autoptr (GPtrArray) clusters = NULL;
  const LwCluster *largest;
  guint total = 0;

  for (guint i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      g_autofree char *first =
          rows[i].first != NULL
              ? g_strdup_printf (",'metadata':{'leeway':{'firstGranted':'%s'}}", rows[i].first)
              : g_strdup ("");
      g_autofree char *properties =
          g_strdup_printf ("{'policyAssignmentId':'%s'%s}", rows[i].assignment, first);
      LwExemption *self = exemption (rows[i].name, properties);

      g_ptr_array_add (list, self);
      if (rows[i].team != NULL)
        g_hash_table_insert (teams, self->id, (gpointer) rows[i].team);
    }
  g_hash_table_insert (names, (gpointer) "/X/BASE", (gpointer) "Baseline");
  clusters = lw_portfolio_clusters (list, names, teams, now);
  g_assert_cmpuint (clusters->len, ==, 4);
  largest = g_ptr_array_index (clusters, 0);
  g_assert_cmpstr (largest->policy, ==, "Baseline");
  g_assert_cmpstr (largest->team, ==, "t1");
  g_assert_cmpuint (largest->count, ==, 3);
  g_assert_cmpuint (largest->median_age_days, ==, 20);
  g_assert_cmpstr (((LwCluster *) g_ptr_array_index (clusters, 1))->policy, ==, "other");
  for (guint i = 0; i < clusters->len; i++)
    total += ((LwCluster *) g_ptr_array_index (clusters, i))->exemptions->len;
  g_assert_cmpuint (total, ==, G_N_ELEMENTS (rows));
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/rules/default", test_default);
  g_test_add_func ("/rules/round-trip", test_round_trip);
  g_test_add_func ("/rules/refused", test_refused);
  g_test_add_func ("/rules/several-grants", test_several_grants);
  g_test_add_func ("/rules/approvers", test_approvers);
  g_test_add_func ("/portfolio/tiles", test_tiles);
  g_test_add_func ("/portfolio/team", test_team);
  g_test_add_func ("/portfolio/clusters", test_clusters);
  return g_test_run ();
}
