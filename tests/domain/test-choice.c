/* SPDX-License-Identifier: GPL-3.0-or-later */

#include <json-glib/json-glib.h>
#include <string.h>

#include "lw-choice.h"
#include "lw-domain-error.h"
#include "lw-json.h"

#define RG "/subscriptions/s1/resourceGroups/rg"

static const LwChoiceFacts plain = {
  .effect = "deny",
  .enforcement_mode = "Default",
  .initiative = TRUE,
  .renewals = -1,
  .exemptions = -1,
  .failing = -1,
  .evaluated = 200,
  .needed = 2,
  .carried = TRUE,
};

static LwChoice *
find (GPtrArray *choices, LwChoiceKind kind)
{
  for (guint i = 0; i < choices->len; i++)
    if (((LwChoice *) choices->pdata[i])->kind == kind)
      return choices->pdata[i];
  g_assert_not_reached ();
}

static void
assert_best (LwChoiceFacts facts, LwChoiceKind kind, const char *word)
{
  g_autoptr (GPtrArray) choices = lw_choose (&facts);
  LwChoice *best = choices->pdata[0];
  guint count = 0;

  g_assert_cmpuint (choices->len, ==, 8);
  for (guint i = 0; i < choices->len; i++)
    {
      const LwChoice *choice = choices->pdata[i];

      count += choice->verdict == LW_VERDICT_BEST;
      g_assert_cmpint (strlen (choice->why), >, 10);
      if (i > 0)
        g_assert_cmpint (choice->verdict, <=, ((LwChoice *) choices->pdata[i - 1])->verdict);
    }
  g_assert_cmpuint (count, ==, 1);
  if (best->kind != kind || strstr (best->why, word) == NULL)
    g_test_message ("%s: %s", lw_choice_kind_to_string (best->kind), best->why);
  g_assert_cmpint (best->kind, ==, kind);
  g_assert_nonnull (strstr (best->why, word));
}

static void
test_choices (void)
{
  LwChoiceFacts f;

  assert_best (plain, LW_CHOICE_EXEMPTION, "owner");
  f = plain, f.needed = 0;
  assert_best (f, LW_CHOICE_NOTHING, "covered");
  f = plain, f.effect = "Disabled";
  assert_best (f, LW_CHOICE_NOTHING, "switched off");
  f = plain, f.enforcement_mode = "donotenforce";
  assert_best (f, LW_CHOICE_NOTHING, "not enforced");
  f = plain, f.effect = "audit";
  assert_best (f, LW_CHOICE_FIX, "only reports");
  f = plain, f.fix_known = TRUE;
  assert_best (f, LW_CHOICE_FIX, "takes to comply");
  f.needed = 50;
  assert_best (f, LW_CHOICE_EXEMPTION, "owner");
  f = plain, f.exemptions = 14;
  assert_best (f, LW_CHOICE_POLICY, "14");
  f = plain, f.failing = 120;
  assert_best (f, LW_CHOICE_DO_NOT_ENFORCE, "120 of the 200");
  f.evaluated = 10, f.failing = 9;
  assert_best (f, LW_CHOICE_EXEMPTION, "owner");
  f = plain, f.needed = 8, f.whole_types = TRUE;
  assert_best (f, LW_CHOICE_SELECTORS, "types");
  f = plain, f.needed = 8, f.whole_places = TRUE;
  assert_best (f, LW_CHOICE_SELECTORS, "locations");
  f = plain, f.whole_scopes = TRUE, f.endless = TRUE;
  assert_best (f, LW_CHOICE_EXCLUSION, "for good");
  f.not_scopes = 400;
  assert_best (f, LW_CHOICE_EXEMPTION, "owner");
  f = plain, f.bare = 1, f.whole_scopes = TRUE;
  assert_best (f, LW_CHOICE_EXCLUSION, "no exemption");
  f = plain, f.bare = 1, f.carried = FALSE;
  assert_best (f, LW_CHOICE_FIX, "comply");
}

static void
test_verdicts (void)
{
  LwChoiceFacts f = plain;
  g_autoptr (GPtrArray) enroll = NULL;
  g_autoptr (GPtrArray) bare = NULL;
  g_autoptr (GPtrArray) both = NULL;

  f.enforcement_mode = "Enroll";
  enroll = lw_choose (&f);
  g_assert_cmpint (find (enroll, LW_CHOICE_NOTHING)->verdict, ==, LW_VERDICT_POSSIBLE);
  g_assert_cmpint (find (enroll, LW_CHOICE_ENROLL)->verdict, ==, LW_VERDICT_POSSIBLE);

  f = plain, f.bare = 1;
  bare = lw_choose (&f);
  g_assert_cmpint (find (bare, LW_CHOICE_EXCLUSION)->verdict, ==, LW_VERDICT_POSSIBLE);

  /* what leaves less behind comes first, the other stays worth a look */
  f = plain, f.fix_known = TRUE, f.exemptions = 30;
  both = lw_choose (&f);
  g_assert_cmpint (((LwChoice *) both->pdata[0])->kind, ==, LW_CHOICE_FIX);
  g_assert_cmpint (find (both, LW_CHOICE_POLICY)->verdict, ==, LW_VERDICT_POSSIBLE);
}

/* --- what the tree tells ------------------------------------------------------------------------ */

static LwChoiceFacts
facts_of (const char *text)
{
  g_autofree char *json = g_strdelimit (g_strdup (text), "'", '"');
  g_autoptr (GError) error = NULL;
  g_autoptr (JsonNode) node = lw_json_parse_string (json, &error);
  g_autoptr (LwNarrow) question = NULL;
  g_autoptr (LwNarrowResult) result = NULL;
  LwChoiceFacts facts;

  g_assert_no_error (error);
  question = lw_narrow_from_json (node, &error);
  g_assert_no_error (error);
  result = lw_narrow_run (question, &error);
  g_assert_no_error (error);
  lw_choice_facts_from_narrow (&facts, result);
  facts.enforcement_mode = NULL; /* it was borrowed */
  return facts;
}

#define ASSIGNMENT "'assignment':{'scope':'/subscriptions/s1','notScopes':['" RG "9']}"
#define THING(group, type, name, place, refs)                                                      \
  "{'id':'" RG group "/providers/n.s/" type "/" name "','location':'" place                        \
  "','references':[" refs "]}"
#define NEED(group, type, name, refs)                                                              \
  "{'resource':'" RG group "/providers/n.s/" type "/" name "','references':[" refs "]}"

static void
test_facts (void)
{
  LwChoiceFacts one =
      facts_of ("{" ASSIGNMENT ",'resources':[" THING ("1", "t", "a", "x", "'r','q'") "," THING (
          "1", "u", "b", "x", "'r'") "," THING ("2", "u", "c", "y",
                                                "'q'") "],"
                                                       "'need':[" NEED ("1", "t", "a", "'r'") "]}");
  LwChoiceFacts filled =
      facts_of ("{" ASSIGNMENT ",'resources':[" THING ("1", "t", "a", "x", "'r','q'") "," THING (
          "2", "t", "b", "x", "'r'") "],'need':[" NEED ("1", "t", "a", "'r','q'") "]}");
  LwChoiceFacts bare = facts_of ("{" ASSIGNMENT ",'bareTypes':['n.s/t'],'resources':[" THING (
      "1", "t", "a", "x", "'r'") "],'need':[" NEED ("1", "t", "a", "'r'") "," NEED ("1", "t", "new",
                                                                                    "'r'") "]}");

  g_assert_cmpint (one.needed, ==, 1);
  g_assert_cmpint (one.evaluated, ==, 2); /* c is looked at by another policy */
  g_assert_true (one.whole_types);
  g_assert_false (one.whole_places);
  g_assert_false (one.whole_scopes);
  g_assert_true (one.initiative);
  g_assert_cmpint (one.not_scopes, ==, 1);
  g_assert_cmpint (one.exemptions, ==, -1);

  g_assert_true (filled.whole_scopes);
  g_assert_false (filled.whole_types);

  g_assert_cmpint (bare.bare, ==, 1);
  g_assert_cmpint (bare.absent, ==, 1);
  /* all there is says nothing of types */
  g_assert_false (bare.whole_types);
}

static void
test_json (void)
{
  g_autoptr (JsonNode) good = lw_json_parse_string (
      "{\"effect\":\"deny\",\"endless\":true,\"fixKnown\":true,\"renewals\":2,\"failing\":7}",
      NULL);
  g_autoptr (JsonNode) bad = lw_json_parse_string ("{\"renewals\":\"many\"}", NULL);
  g_autoptr (GError) error = NULL;
  LwChoiceFacts facts = plain;
  g_autoptr (GPtrArray) choices = NULL;
  g_autoptr (JsonNode) node = NULL;

  g_assert_true (lw_choice_facts_from_json (&facts, NULL, &error));
  g_assert_true (lw_choice_facts_from_json (&facts, json_node_get_object (good), &error));
  g_assert_cmpint (facts.renewals, ==, 2);
  g_assert_cmpint (facts.exemptions, ==, -1);
  g_assert_true (facts.endless);
  g_assert_false (lw_choice_facts_from_json (&facts, json_node_get_object (bad), &error));
  g_assert_error (error, LW_DOMAIN_ERROR, LW_DOMAIN_ERROR_TYPE);

  choices = lw_choose (&plain);
  node = lw_choices_to_json (choices);
  g_assert_cmpstr (lw_json_get_string (json_node_get_object (node), "best"), ==, "exemption");
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/choice/choices", test_choices);
  g_test_add_func ("/choice/verdicts", test_verdicts);
  g_test_add_func ("/choice/facts", test_facts);
  g_test_add_func ("/choice/json", test_json);
  return g_test_run ();
}
