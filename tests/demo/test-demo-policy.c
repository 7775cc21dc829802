/* SPDX-License-Identifier: GPL-3.0-or-later */

/* What the tenant works out of its policies: groups of records, restrictions, versions; who is denied and
 * who is throttled. */

#include "lw-demo-fixture.h"

#define EVALS    "/subscriptions/5b84a0b2-debd-5e07-b5b8-601756f9c338"
#define INSIGHTS "/providers/Microsoft.PolicyInsights/"
#define POLICY   "/providers/Microsoft.Authorization/"
#define STATES   EVALS INSIGHTS "policyStates/latest/queryResults?api-version=2019-10-01"

static Answer *
apply (Tenant *tenant, const char *text, const char *more)
{
  g_autofree char *escaped = uri_escape (text);
  g_autofree char *url = g_strdup_printf (STATES "&$apply=%s%s", escaped, more);

  return tenant_send (tenant, "Ingrid", "POST", url, NULL, NULL);
}

static gint64
sum (Answer *answer, const char *member)
{
  JsonArray *value = answer_value (answer);
  gint64 total = 0;

  for (guint i = 0; i < json_array_get_length (value); i++)
    total += json_object_get_int_member (json_array_get_object_element (value, i), member);
  return total;
}

static void
groups (void)
{
  static const char *const bad[] = { "groupby((nothing))", "groupby", "aggregate($sum as n)",
                                     "groupby((complianceState)", "" };
  g_autoptr (Tenant) tenant = tenant_start (NULL, NULL);
  g_autoptr (Answer) all = apply (tenant, "aggregate($count as n)", "");
  g_autoptr (Answer) by_state =
      apply (tenant, "groupby((ComplianceState), aggregate($count as n))", "");
  g_autoptr (Answer) ordered = apply (
      tenant, "groupby((policyAssignmentId,policyDefinitionReferenceId),aggregate($count as k))",
      "&$orderby=k%20desc&$top=2");
  g_autoptr (Answer) distinct = apply (tenant, "groupby((complianceState))", "");
  g_autoptr (Answer) filtered =
      apply (tenant, "filter(complianceState eq 'NonCompliant')/aggregate($count as n)", "");
  g_autoptr (Answer) none =
      apply (tenant, "filter(complianceState eq 'Never')/aggregate($count as n)", "");
  JsonObject *first, *second;

  g_assert_cmpuint (json_array_get_length (answer_value (all)), ==, 1);
  g_assert_cmpint (sum (all, "n"), >, 100);
  g_assert_cmpint (sum (by_state, "n"), ==, sum (all, "n"));
  g_assert_true (answer_lists (by_state, "complianceState", "NonCompliant"));
  g_assert_cmpuint (json_array_get_length (answer_value (distinct)), ==,
                    json_array_get_length (answer_value (by_state)));
  g_assert_cmpuint (json_array_get_length (answer_value (ordered)), ==, 2);
  first = json_array_get_object_element (answer_value (ordered), 0);
  second = json_array_get_object_element (answer_value (ordered), 1);
  g_assert_cmpint (json_object_get_int_member (first, "k"), >=,
                   json_object_get_int_member (second, "k"));
  g_assert_cmpint (sum (filtered, "n"), <, sum (all, "n"));
  g_assert_cmpint (sum (filtered, "n"), >, 0);
  g_assert_cmpint (sum (none, "n"), ==, 0);
  for (guint i = 0; i < G_N_ELEMENTS (bad); i++)
    {
      g_autoptr (Answer) refused = apply (tenant, bad[i], "");

      g_assert_cmpuint (refused->status, ==, 400);
      g_assert_cmpstr (answer_code (refused), ==, "InvalidApplyInQueryString");
    }
}

static Answer *
restrictions (Tenant *tenant, const char *who, const char *scope, const char *body)
{
  g_autofree char *url =
      g_strdup_printf ("%s" INSIGHTS "checkPolicyRestrictions?api-version=2023-03-01", scope);

  return tenant_send (tenant, who, "POST", url, body, NULL);
}

static guint
evaluations (Answer *answer)
{
  JsonObject *result = json_object_get_object_member (answer->json, "contentEvaluationResult");

  return json_array_get_length (json_object_get_array_member (result, "policyEvaluations"));
}

#define STORAGE(location)                                                                          \
  "{\"resourceContent\":{\"type\":\"Microsoft.Storage/storageAccounts\",\"name\":\"st\","          \
  "\"location\":\"" location "\",\"properties\":{\"publicNetworkAccess\":\"Enabled\"}}"

static void
restricted (void)
{
  g_autoptr (Tenant) tenant = tenant_start (NULL, NULL);
  g_autoptr (Answer) here =
      restrictions (tenant, "Priya", EVALS, "{\"resourceDetails\":" STORAGE ("westeurope") "}}");
  g_autoptr (Answer) abroad =
      restrictions (tenant, "Priya", EVALS, "{\"resourceDetails\":" STORAGE ("eastus") "}}");
  g_autoptr (Answer) audited =
      restrictions (tenant, "Priya", EVALS,
                    "{\"resourceDetails\":" STORAGE ("eastus") "},\"includeAuditEffect\":true}");
  g_autoptr (Answer) pending = restrictions (
      tenant, "Priya", EVALS,
      "{\"resourceDetails\":" STORAGE ("westeurope") "},\"pendingFields\":[{\"field\":\"location\","
                                                     "\"values\":[\"westeurope\",\"eastus\"]}]}");
  g_autoptr (Answer) elsewhere = restrictions (
      tenant, "Priya", EVALS,
      "{\"resourceDetails\":" STORAGE ("eastus") ",\"scope\":\"/subscriptions/other\"}}");
  g_autoptr (Answer) empty = restrictions (tenant, "Priya", EVALS, "{}");
  g_autoptr (Answer) forbidden =
      restrictions (tenant, "Priya", "/providers/Microsoft.Management/managementGroups/contoso",
                    "{\"resourceDetails\":" STORAGE ("eastus") "}}");
  JsonArray *fields;
  JsonObject *one;

  g_assert_cmpuint (abroad->status, ==, 200);
  g_assert_cmpuint (evaluations (abroad), >, evaluations (here));
  g_assert_cmpuint (evaluations (audited), >=, evaluations (abroad));
  fields = json_object_get_array_member (pending->json, "fieldRestrictions");
  g_assert_cmpuint (json_array_get_length (fields), ==, 1);
  one = json_array_get_object_element (
      json_object_get_array_member (json_array_get_object_element (fields, 0), "restrictions"), 0);
  g_assert_cmpstr (json_object_get_string_member (one, "result"), ==, "Deny");
  g_assert_cmpstr (json_array_get_string_element (json_object_get_array_member (one, "values"), 0),
                   ==, "eastus");
  g_assert_cmpuint (elsewhere->status, ==, 400);
  g_assert_cmpuint (empty->status, ==, 400);
  g_assert_cmpuint (forbidden->status, ==, 403);
}

static void
put (Tenant *tenant, const char *path, const char *body)
{
  g_autofree char *url = g_strdup_printf (EVALS POLICY "%s?api-version=2025-03-01", path);
  g_autoptr (Answer) made = tenant_send (tenant, "Ingrid", "PUT", url, body, NULL);

  g_assert_cmpuint (made->status, ==, 201);
}

#define VERSION(version)                                                                           \
  "{\"properties\":{\"displayName\":\"v\",\"version\":\"" version                                  \
  "\",\"policyRule\":{\"if\":{\"field\":\"type\",\"equals\":\"a\"},\"then\":{\"effect\":\"audit\"" \
  "}}}}"

static void
versions (void)
{
  g_autoptr (Tenant) tenant = tenant_start (NULL, NULL);
  g_autoptr (Answer) newest = NULL;
  g_autoptr (Answer) list = NULL;
  g_autoptr (Answer) old = NULL;
  g_autoptr (Answer) none = NULL;
  g_autoptr (Answer) plain = NULL;
  g_autoptr (Answer) expanded = NULL;
  JsonObject *properties;

  put (tenant, "policyDefinitions/v", VERSION ("1.0.0"));
  put (tenant, "policyDefinitions/v/versions/1.2.0", VERSION ("1.2.0"));
  put (tenant, "policyDefinitions/v/versions/0.9.0", VERSION ("0.9.0"));
  put (tenant, "policyAssignments/v",
       "{\"properties\":{\"definitionVersion\":\"1.0.*\",\"policyDefinitionId\":\"" EVALS POLICY
       "policyDefinitions/v\"}}");
  newest = tenant_get (tenant, "Priya", EVALS POLICY "policyDefinitions/v?api-version=2023-04-01");
  list = tenant_get (tenant, "Priya",
                     EVALS POLICY "policyDefinitions/v/versions?api-version=2023-04-01");
  old = tenant_get (tenant, "Priya",
                    EVALS POLICY "policyDefinitions/v/versions/0.9.0?api-version=2023-04-01");
  none = tenant_get (tenant, "Priya",
                     EVALS POLICY "policyDefinitions/v/versions/7.0.0?api-version=2023-04-01");
  plain = tenant_get (tenant, "Priya", EVALS POLICY "policyAssignments/v?api-version=2025-03-01");
  expanded = tenant_get (tenant, "Priya",
                         EVALS POLICY "policyAssignments/v?api-version=2025-03-01&$expand="
                                      "LatestDefinitionVersion,%20EffectiveDefinitionVersion");
  properties = json_object_get_object_member (newest->json, "properties");
  g_assert_cmpstr (json_object_get_string_member (properties, "version"), ==, "1.2.0");
  g_assert_cmpuint (json_array_get_length (json_object_get_array_member (properties, "versions")),
                    ==, 3);
  g_assert_cmpuint (json_array_get_length (answer_value (list)), ==, 3);
  g_assert_cmpstr (json_object_get_string_member (old->json, "name"), ==, "0.9.0");
  g_assert_cmpuint (none->status, ==, 404);
  properties = json_object_get_object_member (plain->json, "properties");
  g_assert_false (json_object_has_member (properties, "effectiveDefinitionVersion"));
  properties = json_object_get_object_member (expanded->json, "properties");
  g_assert_cmpstr (json_object_get_string_member (properties, "effectiveDefinitionVersion"), ==,
                   "1.0.0");
  g_assert_cmpstr (json_object_get_string_member (properties, "latestDefinitionVersion"), ==,
                   "1.*.*");
}

static void
denied (void)
{
  g_autoptr (Tenant) tenant = tenant_start (NULL, NULL);
  g_autofree char *subscription = tenant_subscription (tenant, "Ingrid", "sub-data-dev");
  g_autofree char *group = g_strconcat (subscription, "/resourceGroups/rg-datadev-weu", NULL);
  g_autofree char *url =
      g_strconcat (group, POLICY "policyExemptions/x?api-version=2022-07-01-preview", NULL);
  g_autofree char *list = g_strdup_printf (
      "%s" POLICY "denyAssignments?api-version=2022-04-01&$filter=assignedTo('%s')", group,
      tenant_persona (tenant, "Ingrid", "oid"));
  g_autofree char *nobody = g_strdup_printf (
      "%s" POLICY "denyAssignments?api-version=2022-04-01&$filter=assignedTo('%s')", group,
      "00000000-0000-4000-8000-000000000000");
  g_autoptr (Answer) refused = tenant_send (tenant, "Ingrid", "PUT", url, "{}", NULL);
  g_autoptr (Answer) read = tenant_get (tenant, "Ingrid", url);
  g_autoptr (Answer) mine = tenant_get (tenant, "Ingrid", list);
  g_autoptr (Answer) none = tenant_get (tenant, "Ingrid", nobody);

  g_assert_cmpuint (refused->status, ==, 403);
  g_assert_cmpstr (answer_code (refused), ==, "DenyAssignmentAuthorizationFailed");
  g_assert_cmpuint (read->status, ==, 404);
  g_assert_cmpuint (json_array_get_length (answer_value (mine)), ==, 1);
  g_assert_cmpuint (json_array_get_length (answer_value (none)), ==, 0);
}

static void
throttled (void)
{
  static const char query[] =
      "{\"query\":\"policyresources | where type == 'microsoft.authorization/policyassignments' | "
      "project id, name, type, properties | order by id asc\"}";
  g_autoptr (Tenant) tenant = tenant_start (NULL, "--quota", "2", NULL);

  for (guint i = 0; i < 3; i++)
    {
      g_autoptr (Answer) read =
          tenant_get (tenant, "Priya", EVALS "/resourceGroups?api-version=2021-04-01");
      g_autoptr (Answer) other =
          tenant_get (tenant, "Ingrid", EVALS "/resourceGroups?api-version=2021-04-01");

      g_assert_cmpuint (read->status, ==, i < 2 ? 200 : 429);
      g_assert_cmpuint (other->status, ==, i < 2 ? 200 : 429);
      g_assert_cmpstr (answer_header (read, "x-ms-ratelimit-remaining-subscription-reads"), ==,
                       i == 0 ? "1" : "0");
      g_assert_cmpstr (answer_header (read, "Retry-After"), ==, i < 2 ? NULL : "1");
      if (i == 2)
        g_assert_cmpstr (answer_code (read), ==, "SubscriptionRequestsThrottled");
    }
  for (guint i = 0; i < 3; i++)
    {
      g_autoptr (Answer) found = tenant_send (
          tenant, "Amara", "POST",
          "/providers/Microsoft.ResourceGraph/resources?api-version=2022-10-01", query, NULL);

      /* The calls count for Resource Manager, too. */
      g_assert_cmpuint (found->status, ==, i < 2 ? 200 : 429);
      if (i < 2)
        g_assert_cmpstr (answer_header (found, "x-ms-user-quota-remaining"), ==,
                         i == 0 ? "1" : "0");
    }
}

static void
clouds (void)
{
  g_autoptr (Tenant) tenant =
      tenant_start (NULL, "--exemption-versions", "2020-07-01-preview,2022-07-01-preview", NULL);
  g_autoptr (Answer) newer =
      tenant_get (tenant, "Priya", EVALS POLICY "policyExemptions?api-version=2026-01-01-preview");
  g_autoptr (Answer) known =
      tenant_get (tenant, "Priya", EVALS POLICY "policyExemptions?api-version=2022-07-01-preview");

  g_assert_cmpuint (newer->status, ==, 400);
  g_assert_cmpstr (answer_code (newer), ==, "NoRegisteredProviderFound");
  g_assert_nonnull (strstr (newer->text, "The supported api-versions are "
                                         "'2020-07-01-preview, 2022-07-01-preview'"));
  g_assert_cmpuint (known->status, ==, 200);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/demo/policy/groups", groups);
  g_test_add_func ("/demo/policy/restrictions", restricted);
  g_test_add_func ("/demo/policy/versions", versions);
  g_test_add_func ("/demo/policy/denied", denied);
  g_test_add_func ("/demo/policy/throttled", throttled);
  g_test_add_func ("/demo/policy/clouds", clouds);
  return g_test_run ();
}
