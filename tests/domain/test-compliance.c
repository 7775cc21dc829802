/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Versions of definitions, compliance, restrictions and rights as values. */

#include <string.h>

#include "lw-compliance.h"
#include "lw-definition-version.h"
#include "lw-domain-error.h"
#include "lw-domain-fixture.h"
#include "lw-json.h"

/* Versions */

static void
test_version_matches (void)
{
  static const struct
  {
    const char *pattern, *version;
    gboolean matches;
  } cases[] = {
    { NULL, "1.2.3", TRUE },
    { "", "1.2.3", TRUE },
    { "1.*.*", "1.2.3", TRUE },
    { "1.*.*", "10.2.3", FALSE },
    { "1.2.*", "1.2.30", TRUE },
    { "1.2.*", "1.20.3", FALSE },
    { "1.2.3", "1.2.3", TRUE },
    { "1.2.3", "1.2.4", FALSE },
    { "*.*.*", "7.0.0", TRUE },
    { "1.*.*", "1.2.3-preview", FALSE },
    { "1.*.*-preview", "1.2.3-preview", TRUE },
    { "1.*.*-PREVIEW", "1.2.3-preview", TRUE },
    { "1.*.*-preview", "1.2.3", TRUE },
    { "1.*.*-preview", "1.2.3-deprecated", FALSE },
    { "1.*", "1.2.3", FALSE },
    { "latest", "1.2.3", FALSE },
    { "odd", "odd", TRUE },
    { "1.*.*", "1.2.99999999999999999999", FALSE },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_test_message ("%s %s", cases[i].pattern, cases[i].version);
      g_assert_cmpint (lw_definition_version_matches (cases[i].pattern, cases[i].version), ==,
                       cases[i].matches);
    }
}

static void
test_version_choose (void)
{
  static const struct
  {
    const char *versions, *pattern, *chosen;
  } cases[] = {
    { "['1.0.0','1.10.0','1.9.9','2.0.0']", "1.*.*", "1.10.0" },
    { "['1.0.0','1.10.0','1.9.9','2.0.0']", NULL, "2.0.0" },
    { "['2.0.0-preview','2.0.0','2.1.0-preview']", "2.*.*-preview", "2.1.0-preview" },
    { "['2.0.0-preview','2.0.0']", "2.0.*-preview", "2.0.0" },
    { "['1.0.0',7,null,'x']", "1.*.*", "1.0.0" },
    { "['1.0.0']", "2.*.*", NULL },
    { "[]", NULL, NULL },
  };

  g_assert_null (lw_definition_version_choose (NULL, NULL));
  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr (JsonNode) node = fixture_json (cases[i].versions);

      g_assert_cmpstr (lw_definition_version_choose (cases[i].pattern, json_node_get_array (node)),
                       ==, cases[i].chosen);
    }
}

static void
test_version_pattern (void)
{
  static const struct
  {
    const char *properties, *pattern;
  } cases[] = {
    { "{}", NULL },
    { "{'definitionVersion':'1.*.*'}", "1.*.*" },
    { "{'definitionVersion':'1.*.*','effectiveDefinitionVersion':'1.2.0'}", "1.2.0" },
    { "{'definitionVersion':'1.*.*','overrides':[{'kind':'DefinitionVersion','value':'2.*.*'}]}",
      "2.*.*" },
    /* One for some places says nothing about the whole. */
    { "{'definitionVersion':'1.*.*','overrides':[{'kind':'definitionVersion','value':'2.*.*',"
      "'selectors':[{'kind':'resourceLocation','in':['a']}]}]}",
      "1.*.*" },
    { "{'definitionVersion':'1.*.*','overrides':[{'kind':'policyEffect','value':'Deny'}]}",
      "1.*.*" },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autofree char *text = g_strdup_printf ("{'id':'/a','properties':%s}", cases[i].properties);
      g_autoptr (JsonNode) node = fixture_json (text);
      g_autoptr (LwAssignment) assignment = lw_assignment_from_json (node, NULL);

      g_assert_cmpstr (lw_assignment_get_definition_pattern (assignment), ==, cases[i].pattern);
    }
}

/* Compliance */

static void
test_summary (void)
{
  g_autoptr (JsonNode) node = fixture_json (
      "{'value':[{'results':{'nonCompliantResources':3,'nonCompliantPolicies':2,'resourceDetails':["
      "{'complianceState':'noncompliant','count':3},{'complianceState':'exempt','count':1},{}]},"
      "'policyAssignments':[{'policyAssignmentId':'//a/','results':{'nonCompliantResources':3}},"
      "{'results':{}}]}]}");
  g_autoptr (JsonNode) wrong = fixture_json ("{'value':7}");
  g_autoptr (LwComplianceSummary) summary = lw_compliance_summary_from_json (node, NULL);
  g_autoptr (GError) error = NULL;
  LwAssignmentSummary *one;

  g_assert_cmpuint (summary->all->resources, ==, 3);
  g_assert_cmpuint (summary->all->policies, ==, 2);
  g_assert_cmpuint (summary->all->details->len, ==, 2);
  g_assert_cmpuint (((LwComplianceCount *) g_ptr_array_index (summary->all->details, 1))->count, ==,
                    1);
  g_assert_cmpuint (summary->assignments->len, ==, 1);
  one = g_ptr_array_index (summary->assignments, 0);
  g_assert_true (lw_arm_id_equal (one->assignment_id, "/a"));
  g_assert_null (lw_compliance_summary_from_json (wrong, &error));
  g_assert_error (error, LW_DOMAIN_ERROR, LW_DOMAIN_ERROR_TYPE);
}

static void
test_restrictions (void)
{
  static const struct
  {
    const char *effect, *result;
    gboolean refuses;
  } cases[] = {
    { "Deny", "NonCompliant", TRUE },       { "deny", "", TRUE },
    { "DenyAction", "NonCompliant", TRUE }, { "Deny", "Compliant", FALSE },
    { "Audit", "NonCompliant", FALSE },     { "deployIfNotExists", "x", FALSE },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autofree char *text = g_strdup_printf (
          "{'contentEvaluationResult':{'policyEvaluations':[{'policyInfo':{'policyAssignmentId':"
          "'/a','policyDefinitionReferenceId':'r'},'evaluationResult':'%s','effectDetails':{"
          "'policyEffect':'%s'},'evaluationDetails':{'reason':'Because.'}}]}}",
          cases[i].result, cases[i].effect);
      g_autoptr (JsonNode) node = fixture_json (text);
      g_autoptr (GPtrArray) found = lw_restrictions_from_json (node, NULL);
      LwRestriction *one = g_ptr_array_index (found, 0);

      g_assert_cmpstr (one->assignment_id, ==, "/a");
      g_assert_cmpstr (one->reference_id, ==, "r");
      g_assert_cmpstr (one->reason, ==, "Because.");
      g_assert_cmpint (lw_restriction_refuses (one), ==, cases[i].refuses);
    }
}

/* Rights */

#define ACTION "Microsoft.Authorization/policyExemptions/write"
#define OID    "82a91c46-873f-5045-b913-59d6a7f371e2"
#define SCOPE  "/subscriptions/s/resourceGroups/g"

static JsonArray *
array (const char *text)
{
  g_autoptr (JsonNode) node = text != NULL ? fixture_json (text) : NULL;

  return node != NULL ? json_array_ref (json_node_get_array (node)) : NULL;
}

#define ALL "[{'actions':['*'],'notActions':[]}]"
#define DENIAL(scope, more)                                                                        \
  "[{'properties':{'scope':'" scope                                                                \
  "','permissions':[{'actions':['*'],'notActions':['*/read']}]" more "}}]"

static void
test_rights (void)
{
  static const struct
  {
    const char *permissions, *denials;
    LwRight right;
  } cases[] = {
    { NULL, NULL, LW_RIGHT_UNKNOWN },
    { "[]", NULL, LW_RIGHT_NO },
    { "[null,7,{}]", NULL, LW_RIGHT_NO },
    { ALL, NULL, LW_RIGHT_YES },
    { ALL, "[]", LW_RIGHT_YES },
    { ALL, "[null,{},{'properties':7}]", LW_RIGHT_YES },
    { "[{'actions':['microsoft.AUTHORIZATION/*/WRITE'],'notActions':[]}]", NULL, LW_RIGHT_YES },
    { "[{'actions':['*'],'notActions':['Microsoft.Authorization/*/Write']}]", NULL, LW_RIGHT_NO },
    /* What one role leaves out another may give. */
    { "[{'actions':['*'],'notActions':['Microsoft.Authorization/*/Write']},"
      "{'actions':['Microsoft.Authorization/policyExemptions/*']}]",
      NULL, LW_RIGHT_YES },
    { "[{'dataActions':['*']}]", NULL, LW_RIGHT_NO },
    { ALL, DENIAL (SCOPE, ""), LW_RIGHT_NO },
    { ALL, DENIAL ("/subscriptions/S", ""), LW_RIGHT_NO },
    { ALL, DENIAL ("/providers/Microsoft.Management/managementGroups/m", ""), LW_RIGHT_NO },
    { ALL, DENIAL ("/subscriptions/s", ",'doNotApplyToChildScopes':true"), LW_RIGHT_YES },
    { ALL, DENIAL (SCOPE, ",'doNotApplyToChildScopes':true"), LW_RIGHT_NO },
    /* Below it. */
    { ALL, DENIAL (SCOPE "/providers/A.B/c/d", ""), LW_RIGHT_YES },
    { ALL, DENIAL (SCOPE, ",'excludePrincipals':[{'id':'" OID "','type':'User'}]"), LW_RIGHT_YES },
    { ALL, DENIAL (SCOPE, ",'excludePrincipals':[{'id':'x','type':'ServicePrincipal'}]"),
      LW_RIGHT_NO },
    { ALL, DENIAL (SCOPE, ",'excludePrincipals':[{'id':'x','type':'Group'}]"), LW_RIGHT_UNKNOWN },
    { "[]", DENIAL (SCOPE, ",'excludePrincipals':[{'id':'x','type':'Group'}]"), LW_RIGHT_NO },
    { NULL, DENIAL (SCOPE, ""), LW_RIGHT_NO },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr (JsonArray) permissions = array (cases[i].permissions);
      g_autoptr (JsonArray) denials = array (cases[i].denials);
      g_autoptr (LwRights) rights = lw_rights_new (SCOPE, OID, permissions, denials);

      g_test_message ("%u", i);
      g_assert_cmpint (lw_rights_check (rights, ACTION), ==, cases[i].right);
    }
}

static void
test_data_rights (void)
{
  static const char add[] =
      "Microsoft.Storage/storageAccounts/blobServices/containers/blobs/add/action";
  g_autoptr (JsonArray) some =
      array ("[{'actions':['*'],'dataActions':['Microsoft.Storage/*/blobs/*'],'notDataActions':"
             "['Microsoft.Storage/*/blobs/delete']}]");

  g_assert_cmpint (lw_permissions_check_data (some, add), ==, LW_RIGHT_YES);
  g_assert_cmpint (
      lw_permissions_check_data (
          some, "Microsoft.Storage/storageAccounts/blobServices/containers/blobs/delete"),
      ==, LW_RIGHT_NO);
  g_assert_cmpint (lw_permissions_check_data (some, ACTION), ==, LW_RIGHT_NO);
  g_assert_cmpint (lw_permissions_check_data (NULL, add), ==, LW_RIGHT_UNKNOWN);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/version/matches", test_version_matches);
  g_test_add_func ("/version/choose", test_version_choose);
  g_test_add_func ("/version/pattern", test_version_pattern);
  g_test_add_func ("/compliance/summary", test_summary);
  g_test_add_func ("/compliance/restrictions", test_restrictions);
  g_test_add_func ("/rights/actions", test_rights);
  g_test_add_func ("/rights/data-actions", test_data_rights);
  return g_test_run ();
}
