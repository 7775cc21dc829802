/* SPDX-License-Identifier: GPL-3.0-or-later */

#include <string.h>

#include "lw-domain-fixture.h"
#include "lw-json.h"
#include "lw-rules-check.h"

#define ADA  "aaaaaaaa-0000-4000-8000-000000000001"
#define BEN  "aaaaaaaa-0000-4000-8000-000000000002"
#define CLEO "aaaaaaaa-0000-4000-8000-000000000003"

static LwRules *
rules (const char *json)
{
  g_autoptr (JsonNode) node = fixture_json (json);
  g_autoptr (GError) error = NULL;
  LwRules *result = lw_rules_from_json (node, &error);

  g_assert_no_error (error);
  return result;
}

static const LwFinding *
find (GPtrArray *findings, const char *id)
{
  for (guint i = 0; i < findings->len; i++)
    {
      const LwFinding *finding = g_ptr_array_index (findings, i);

      if (g_str_equal (finding->id, id))
        return finding;
    }
  return NULL;
}

/* Checks @json as the first rules, set by Ada. */
static GPtrArray *
check (const char *json)
{
  g_autoptr (LwRules) value = rules (json);
  g_autoptr (LwPerson) ada = lw_person_new (ADA, "Ada", "ada@contoso.example");

  return lw_rules_check (value, NULL, ada);
}

#define GOOD                                                                                       \
  "{'version':1,'administrators':[{'id':'" ADA "','name':'Ada'},{'id':'" BEN "'}],"                \
  "'approvers':[{'people':[{'id':'" ADA "'},{'id':'" BEN "'},{'id':'" CLEO "'}]}]}"

static void
test_check (void)
{
  static const struct
  {
    const char *json;
    const char *id;
    LwSeverity severity;
    const char *field;
  } cases[] = {
    { "{'version':1}", "rules.administrators.missing", LW_SEVERITY_BLOCKER, "administrators" },
    { "{'version':1,'administrators':[{'id':'" BEN "'}]}", "rules.administrators.self",
      LW_SEVERITY_BLOCKER, "administrators" },
    { "{'version':1,'administrators':[{'id':'" ADA "'}]}", "rules.administrators.one",
      LW_SEVERITY_ADVICE, "administrators" },
    { "{'version':1,'administrators':[{'id':'" ADA "'}]}", "rules.approvers.missing",
      LW_SEVERITY_WARNING, "approvers" },
    { "{'version':1,'administrators':[{'id':'ada'}]}", "rules.person.id", LW_SEVERITY_BLOCKER,
      "administrators[0].id" },
    { "{'version':1,'administrators':[{'id':'" ADA "'},{'id':'" ADA "'}]}", "rules.person.twice",
      LW_SEVERITY_WARNING, "administrators[1]" },
    { "{'version':1,'approvers':[{'scope':'everywhere','people':[]}]}", "rules.approvers.scope",
      LW_SEVERITY_BLOCKER, "approvers[0].scope" },
    { "{'version':1,'approvers':[{'assignment':'deny','people':[]}]}", "rules.approvers.assignment",
      LW_SEVERITY_BLOCKER, "approvers[0].assignment" },
    { "{'version':1,'approvers':[{'people':[]}]}", "rules.approvers.empty", LW_SEVERITY_WARNING,
      "approvers[0].people" },
    { "{'version':1,'approvers':[{'people':[{'id':'" ADA "'}]}]}", "rules.approvals.too-many",
      LW_SEVERITY_WARNING, "approvals" },
    { "{'version':1,'approvers':[{'people':[{'id':'" ADA "'},{'id':'" BEN "'}]}]}",
      "rules.approvals.all", LW_SEVERITY_ADVICE, "approvals" },
    { "{'version':1,'maxDays':{'Waiver':{'subscription':400}}}", "rules.days.wider",
      LW_SEVERITY_ADVICE, "maxDays.Waiver.subscription" },
  };
  g_autoptr (GPtrArray) good = check (GOOD);

  g_assert_cmpuint (good->len, ==, 0);
  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr (GPtrArray) findings = check (cases[i].json);
      const LwFinding *finding = find (findings, cases[i].id);

      g_assert_nonnull (finding);
      g_assert_cmpint (finding->severity, ==, cases[i].severity);
      g_assert_cmpstr (finding->field, ==, cases[i].field);
      for (guint k = 1; k < findings->len; k++)
        g_assert_cmpint (((LwFinding *) g_ptr_array_index (findings, k - 1))->severity, <=,
                         ((LwFinding *) g_ptr_array_index (findings, k))->severity);
    }
}

/* Who takes themselves off may, and is warned. */
static void
test_leaving (void)
{
  g_autoptr (LwRules) before = rules (GOOD);
  g_autoptr (LwRules) after = rules ("{'version':1,'administrators':[{'id':'" BEN "'}]}");
  g_autoptr (LwPerson) ada = lw_person_new (ADA, "Ada", "ada@contoso.example");
  g_autoptr (GPtrArray) findings = lw_rules_check (after, before, ada);
  const LwFinding *finding = find (findings, "rules.administrators.self");

  g_assert_nonnull (finding);
  g_assert_cmpint (finding->severity, ==, LW_SEVERITY_WARNING);
}

static void
assert_says (const char *before, const char *after, const char *expected)
{
  g_autoptr (LwRules) old = rules (before);
  g_autoptr (LwRules) new = rules (after);
  g_autoptr (GPtrArray) said = lw_rules_diff (old, new);
  g_autoptr (GString) text = g_string_new (NULL);

  for (guint i = 0; i < said->len; i++)
    g_string_append_printf (text, "%s%s", i > 0 ? " | " : "",
                            (const char *) g_ptr_array_index (said, i));
  g_assert_cmpstr (text->str, ==, expected);
}

static void
test_diff (void)
{
  assert_says (GOOD, GOOD, "");
  assert_says ("{'version':1}", "{'version':1,'approvals':{'subscription':3}}",
               "Approvals needed for a subscription: 2, now 3");
  assert_says ("{'version':1}", "{'version':1,'maxDays':{'Waiver':{'resource':30}}}",
               "Days that a waiver for a resource may last: 180, now 30");
  assert_says (
      "{'version':1}",
      "{'version':1,'administrators':[{'id':'" ADA "','name':'Ada'}],"
      "'approvers':[{'people':[{'id':'" BEN "','upn':'ben@contoso.example'}]}]}",
      "Administrators: Ada is added | Approvers of everything: ben@contoso.example is added");
  assert_says ("{'version':1,'approvers':[{'scope':'/subscriptions/A','people':[{'id':'" ADA
               "','name':'Ada'}]}]}",
               "{'version':1,'approvers':[{'scope':'/SUBSCRIPTIONS/a','people':[{'id':'" BEN
               "','name':'Ben'}]}]}",
               "Approvers in /SUBSCRIPTIONS/a: Ben is added | "
               "Approvers in /SUBSCRIPTIONS/a: Ada is removed");
  assert_says ("{'version':1,'approvers':[{'people':[{'id':'" ADA "','name':'Ada'}]}]}",
               "{'version':1}", "Approvers of everything: Ada is removed");
  /* split into two groups for the same: nothing changed but the writing */
  assert_says ("{'version':1,'approvers':[{'people':[{'id':'" ADA "'},{'id':'" BEN "'}]}]}",
               "{'version':1,'approvers':[{'people':[{'id':'" ADA "'}]},{'people':[{'id':'" BEN
               "'}]}]}",
               "Something changed that makes no difference to this Leeway");
  assert_says ("{'version':1,'approvals':{'policies':{'/a':2,'/b':2}}}",
               "{'version':1,'approvals':{'policies':{'/A':3}}}",
               "Approvals needed for /A: 2, now 3 | "
               "Approvals needed for /b: no longer a number of its own");
  assert_says ("{'version':1,'reminders':[30,7]}",
               "{'version':1,'reminders':[14],'team':{'tag':'t'}}",
               "Reminders, in days before expiry: 30, 7, now 14 | "
               "Tag that names a team: none, now t");
  assert_says ("{'version':1,'vaguePhrases':['a','b']}", "{'version':1,'vaguePhrases':['b','c']}",
               "“c” now counts as vague | “a” no longer counts as vague");
  assert_says ("{'version':1}", "{'version':1,'ownerMayApprove':true,'wholeInitiative':false}",
               "The owner of a request may now be among its approvers | "
               "A whole initiative may no longer be exempted");
  assert_says ("{'version':1}",
               "{'version':1,'evidence':{'maxMiB':20},'emergency':{'maxHours':24}}",
               "Hours that an emergency may last: 72, now 24 | "
               "Largest file as evidence, in MiB: 10, now 20");
}

static char *
merged (const char *base, const char *mine, const char *theirs)
{
  g_autoptr (LwRules) a = rules (base);
  g_autoptr (LwRules) b = rules (mine);
  g_autoptr (LwRules) c = rules (theirs);
  g_autoptr (GError) error = NULL;
  g_autoptr (LwRules) result = lw_rules_merge (a, b, c, &error);
  g_autoptr (JsonNode) node = NULL;

  g_assert_no_error (error);
  node = lw_rules_to_json (result);
  return lw_json_canonical (node, NULL);
}

static void
test_merge (void)
{
  g_autofree char *both = merged ("{'version':1,'pendingDays':30,'approvals':{'resource':1}}",
                                  "{'version':1,'pendingDays':14,'approvals':{'resource':1}}",
                                  "{'version':1,'pendingDays':30,'approvals':{'resource':2}}");
  g_autofree char *same =
      merged ("{'version':1,'pendingDays':30}", "{'version':1,'pendingDays':14}",
              "{'version':1,'pendingDays':7}");
  g_autofree char *gone =
      merged ("{'version':1,'later':1,'maxRenewals':3}", "{'version':1,'later':1}",
              "{'version':1,'later':2,'maxRenewals':3}");
  g_autofree char *new =
      merged ("{'version':1}", "{'version':1,'team':{'tag':'a'}}", "{'version':1,'maxRenewals':1}");

  g_assert_cmpstr (both, ==, "{\"approvals\":{\"resource\":2},\"pendingDays\":14,\"version\":1}");
  g_assert_cmpstr (same, ==, "{\"pendingDays\":14,\"version\":1}");
  g_assert_cmpstr (gone, ==, "{\"later\":2,\"version\":1}");
  g_assert_cmpstr (new, ==, "{\"maxRenewals\":1,\"team\":{\"tag\":\"a\"},\"version\":1}");
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/rules-change/check", test_check);
  g_test_add_func ("/rules-change/leaving", test_leaving);
  g_test_add_func ("/rules-change/diff", test_diff);
  g_test_add_func ("/rules-change/merge", test_merge);
  return g_test_run ();
}
