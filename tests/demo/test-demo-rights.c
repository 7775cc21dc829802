/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Who sees and may do what, and the rules of writing exemptions. */

#include "lw-demo-fixture.h"

#include <string.h>

#define V2020    "?api-version=2020-07-01-preview"
#define V2022    "?api-version=2022-07-01-preview"
#define V2026    "?api-version=2026-01-01-preview"
#define MG       "/providers/Microsoft.Management/managementGroups/"
#define POLICY   "/providers/Microsoft.Authorization/"
#define BASELINE MG "ai-workloads" POLICY "policyAssignments/ai-security-baseline"
#define SIZES    MG "ai-workloads" POLICY "policyAssignments/allowed-vm-sizes"

static char *
exemption_url (const char *scope, const char *name, const char *version)
{
  return g_strconcat (scope, POLICY "policyExemptions", name != NULL ? "/" : "",
                      name != NULL ? name : "", version, NULL);
}

static char *
resource (Tenant *tenant, const char *name)
{
  g_autofree char *subscription = tenant_subscription (tenant, "Ingrid", "sub-evals-prod");

  return g_strconcat (subscription,
                      "/resourceGroups/rg-eval-weu/providers/Microsoft.CognitiveServices/accounts/",
                      name, NULL);
}

static Answer *
put (Tenant *tenant,
     const char *who,
     const char *scope,
     const char *name,
     const char *version,
     const char *properties)
{
  g_autofree char *url = exemption_url (scope, name, version);
  g_autofree char *body = g_strdup_printf ("{\"properties\":%s}", properties);

  return tenant_send (tenant, who, "PUT", url, body, NULL);
}

#define GOOD                                                                                       \
  "{\"policyAssignmentId\":\"" BASELINE                                                            \
  "\",\"exemptionCategory\":\"Waiver\",\"policyDefinitionReferenceIds\":["                         \
  "\"aiServicesNoPublicNetwork\"]}"

static void
readers (void)
{
  g_autoptr (Tenant) tenant = tenant_start (NULL, NULL);
  g_autofree char *own = tenant_subscription (tenant, "Priya", "sub-evals-prod");
  g_autofree char *other = tenant_subscription (tenant, "Ingrid", "sub-data-prod");
  g_autofree char *own_groups = g_strconcat (own, "/resourcegroups?api-version=2024-03-01", NULL);
  g_autofree char *upper =
      g_strconcat (own, "/RESOURCEGROUPS/RG-EVAL-WEU?api-version=2024-03-01", NULL);
  g_autofree char *other_groups =
      g_strconcat (other, "/resourceGroups?api-version=2024-03-01", NULL);
  g_autofree char *assignments =
      g_strconcat (own, POLICY "policyAssignments?api-version=2023-04-01", NULL);
  g_autofree char *at_exact = g_strconcat (
      own, POLICY "policyAssignments?api-version=2023-04-01&$filter=atExactScope()", NULL);
  g_autoptr (Answer) subscriptions =
      tenant_get (tenant, "Priya", "//subscriptions?api-version=2022-12-01");
  g_autoptr (Answer) groups = tenant_get (tenant, "Priya", own_groups);
  g_autoptr (Answer) one = tenant_get (tenant, "Priya", upper);
  g_autoptr (Answer) foreign = tenant_get (tenant, "Priya", other_groups);
  g_autoptr (Answer) inherited = tenant_get (tenant, "Priya", assignments);
  g_autoptr (Answer) exact = tenant_get (tenant, "Priya", at_exact);
  g_autoptr (Answer) by_group = tenant_get (tenant, "Priya", BASELINE "?api-version=2023-04-01");
  g_autoptr (Answer) set = tenant_get (
      tenant, "Priya",
      MG "contoso" POLICY "policySetDefinitions/ai-security-baseline?api-version=2023-04-01");
  g_autoptr (Answer) seen_set = tenant_get (
      tenant, "Tomás",
      MG "contoso" POLICY "policySetDefinitions/ai-security-baseline?api-version=2023-04-01");
  g_autoptr (Answer) built_in = tenant_get (
      tenant, "Priya",
      POLICY "policyDefinitions/e56962a6-4747-49cd-b67b-bf8b01975c4c?api-version=2023-04-01");

  g_assert_cmpuint (json_array_get_length (answer_value (subscriptions)), ==, 1);
  g_assert_true (answer_lists (groups, "name", "rg-eval-weu"));
  g_assert_cmpstr (answer_string (one, "name"), ==, "rg-eval-weu");
  g_assert_cmpuint (foreign->status, ==, 403);
  g_assert_cmpstr (answer_code (foreign), ==, "AuthorizationFailed");
  g_assert_true (answer_lists (inherited, "id", BASELINE));
  g_assert_cmpuint (json_array_get_length (answer_value (exact)), ==, 0);
  g_assert_cmpuint (by_group->status, ==, 403);
  g_assert_cmpuint (set->status, ==, 403);
  g_assert_cmpstr (answer_code (set), ==, "AuthorizationFailed");
  g_assert_cmpuint (
      json_array_get_length (json_object_get_array_member (
          json_object_get_object_member (seen_set->json, "properties"), "policyDefinitions")),
      ==, 18);
  g_assert_cmpuint (built_in->status, ==, 200);
}

static const char *
permission_of (Answer *answer, const char *name)
{
  JsonArray *value = answer_value (answer);

  for (guint i = 0; i < json_array_get_length (value); i++)
    {
      JsonObject *one = json_array_get_object_element (value, i);
      JsonObject *properties = json_object_get_object_member (one, "properties");

      if (g_str_equal (json_object_get_string_member (properties, "displayName"), name))
        return json_object_get_string_member (properties, "permissions");
    }

  return NULL;
}

static void
entities (void)
{
  g_autoptr (Tenant) tenant = tenant_start (NULL, NULL);
  const char *url = "/providers/Microsoft.Management/getEntities?api-version=2020-05-01";
  g_autoptr (Answer) few = tenant_send (tenant, "Priya", "POST", url, NULL, NULL);
  g_autoptr (Answer) all = tenant_send (tenant, "Ingrid", "POST", url, NULL, NULL);
  g_autoptr (Answer) groups = tenant_get (
      tenant, "Priya", "/providers/Microsoft.Management/managementGroups?api-version=2020-05-01");
  g_autoptr (Answer) below =
      tenant_get (tenant, "Ingrid", MG "ai-workloads/descendants?api-version=2020-05-01");
  JsonObject *first = json_array_get_object_element (answer_value (all), 0);
  JsonObject *parent =
      json_object_get_object_member (json_object_get_object_member (first, "properties"), "parent");

  g_assert_cmpstr (permission_of (few, "sub-evals-prod"), ==, "view");
  g_assert_cmpstr (permission_of (few, "Contoso"), ==, "noaccess");
  g_assert_null (permission_of (few, "sub-data-prod"));
  g_assert_null (permission_of (few, "Data"));
  g_assert_cmpstr (permission_of (all, "sub-data-prod"), ==, "view");
  g_assert_cmpint (json_object_get_int_member (all->json, "count"), ==, 21);
  g_assert_true (json_object_get_null_member (parent, "id"));
  g_assert_cmpuint (json_array_get_length (answer_value (groups)), ==, 0);
  g_assert_true (answer_lists (below, "name", "evaluation"));
  g_assert_false (answer_lists (below, "name", "data"));
}

static void
writing_needs_rights (void)
{
  g_autoptr (Tenant) tenant = tenant_start (NULL, NULL);
  g_autofree char *scope = resource (tenant, "aoai-eval-weu");
  g_autofree char *permissions =
      g_strconcat (scope, POLICY "permissions?api-version=2022-04-01", NULL);
  g_autofree char *missing = exemption_url (scope, "no-such", V2022);
  g_autoptr (Answer) refused = put (tenant, "Priya", scope, "x", V2022, GOOD);
  g_autoptr (Answer) made = put (tenant, "Tomás", scope, "x", V2022, GOOD);
  g_autoptr (Answer) reader = tenant_get (tenant, "Priya", permissions);
  g_autoptr (Answer) contributor = tenant_get (tenant, "Tomás", permissions);
  g_autoptr (Answer) deleted = tenant_send (tenant, "Priya", "DELETE", missing, NULL, NULL);
  JsonObject *system;

  g_assert_cmpuint (refused->status, ==, 403);
  g_assert_cmpstr (answer_code (refused), ==, "AuthorizationFailed");
  g_assert_cmpuint (deleted->status, ==, 403);
  g_assert_cmpuint (made->status, ==, 201);
  system = json_object_get_object_member (made->json, "systemData");
  g_assert_cmpstr (json_object_get_string_member (system, "createdBy"), ==,
                   "tomas@contoso.example");
  g_assert_null (strstr (reader->text, "policyexemptions"));
  g_assert_nonnull (strstr (contributor->text, "policyexemptions/*"));
}

/* The right at the scope is not enough where the assignment lies above it. */
static void
exempting_needs_the_assignment (void)
{
  g_autoptr (Tenant) whole = tenant_start (NULL, NULL);
  g_autofree char *subscription = tenant_subscription (whole, "Ingrid", "sub-evals-prod");
  g_autofree char *folder = g_dir_make_tmp ("leeway-linked-XXXXXX", NULL);
  g_autofree char *file = g_build_filename (folder, "tenant.json", NULL);
  const char *text =
      "{\"tenant\":{\"id\":\"t\",\"name\":\"T\"},\"clientId\":\"c\","
      "\"managementGroups\":[{\"name\":\"top\"}],"
      "\"subscriptions\":[{\"id\":\"s1\",\"name\":\"s1\",\"managementGroup\":\"top\"}],"
      "\"policyDefinitions\":[{\"builtIn\":true,\"name\":\"d\"}],"
      "\"policyAssignments\":[{\"scope\":\"mg:top\",\"name\":\"a\",\"properties\":"
      "{\"policyDefinitionId\":\"/providers/Microsoft.Authorization/policyDefinitions/d\"}}],"
      "\"people\":[{\"displayName\":\"Robin\",\"upn\":\"robin@x.example\",\"persona\":\"Owner\","
      "\"roles\":[{\"role\":\"Owner\",\"scope\":\"s1\"}]}]}";
  g_autoptr (Tenant) tenant = NULL;
  g_autoptr (Answer) answer = NULL;

  g_file_set_contents (file, text, -1, NULL);
  tenant = tenant_start (file, NULL);
  answer = put (tenant, "Robin", "/subscriptions/s1", "x", V2022,
                "{\"policyAssignmentId\":\"" MG "top" POLICY
                "policyAssignments/a\",\"exemptionCategory\":\"Waiver\"}");
  g_assert_cmpuint (answer->status, ==, 403);
  g_assert_cmpstr (answer_code (answer), ==, "LinkedAuthorizationFailed");
  g_remove (file);
  g_rmdir (folder);
}

static void
check_refused (Tenant *tenant,
               const char *scope,
               const char *name,
               const char *version,
               const char *properties,
               const char *code)
{
  g_autoptr (Answer) answer = put (tenant, "Tomás", scope, name, version, properties);

  if (g_strcmp0 (answer_code (answer), code) != 0)
    g_error ("%s: %u %s, expected was %s", properties, answer->status, answer->text, code);
}

static void
writing_is_checked (void)
{
  g_autoptr (Tenant) tenant = tenant_start (NULL, NULL);
  g_autofree char *scope = resource (tenant, "aoai-eval-weu");
  g_autofree char *absent = resource (tenant, "aoai-not-there");
  g_autofree char *data = tenant_subscription (tenant, "Ingrid", "sub-data-prod");
  g_autofree char *long_text = g_strnfill (513, 'x');
  g_autofree char *long_name = g_strnfill (65, 'n');
  g_autofree char *too_long = g_strdup_printf (
      "{\"policyAssignmentId\":\"" BASELINE "\",\"exemptionCategory\":\"Waiver\",\"description\":"
      "\"%s\"}",
      long_text);
  g_autoptr (Answer) first = put (tenant, "Tomás", scope, "kept", V2022, GOOD);

  g_assert_cmpuint (first->status, ==, 201);
  check_refused (tenant, "/someScope", "x", V2022, GOOD, "MissingSubscription");
  check_refused (tenant, absent, "x", V2022, GOOD, "ResourceNotFound");
  check_refused (tenant, scope, "x", "", GOOD, "MissingApiVersionParameter");
  check_refused (tenant, scope, "x", "?api-version=2023-01-01", GOOD, "NoRegisteredProviderFound");
  check_refused (tenant, scope, "x", V2022, "{}", "InvalidRequestContent");
  check_refused (tenant, scope, "x", V2022, "7", "InvalidRequestContent");
  check_refused (tenant, scope, "x", V2022, "{\"policyAssignmentId\":", "InvalidRequestContent");
  check_refused (tenant, scope, "x", V2022,
                 "{\"policyAssignmentId\":\"" BASELINE "\",\"exemptionCategory\":\"Whim\"}",
                 "InvalidRequestContent");
  check_refused (tenant, scope, "x", V2022,
                 "{\"policyAssignmentId\":\"" BASELINE "\",\"exemptionCategory\":\"Waiver\","
                 "\"expiresOn\":\"soon\"}",
                 "InvalidRequestContent");
  check_refused (tenant, scope, "x", V2022,
                 "{\"policyAssignmentId\":\"" BASELINE "x\",\"exemptionCategory\":\"Waiver\"}",
                 "InvalidCreatePolicyExemptionRequest");
  check_refused (tenant, scope, "x", V2022,
                 "{\"policyAssignmentId\":\"" BASELINE "\",\"exemptionCategory\":\"Waiver\","
                 "\"policyDefinitionReferenceIds\":[\"noSuchReference\"]}",
                 "InvalidPolicyDefinitionReference");
  check_refused (tenant, scope, "x", V2022,
                 "{\"policyAssignmentId\":\"" SIZES "\",\"exemptionCategory\":\"Waiver\","
                 "\"policyDefinitionReferenceIds\":[\"any\"]}",
                 "InvalidPolicyDefinitionReference");
  check_refused (tenant, scope, "kept", V2022,
                 "{\"policyAssignmentId\":\"" SIZES "\",\"exemptionCategory\":\"Waiver\"}",
                 "InvalidPolicyAssignmentIdUpdate");
  check_refused (tenant, data, "x", V2022, GOOD, "InvalidCreatePolicyExemptionRequest");
  check_refused (tenant, scope, long_name, V2022, GOOD, "InvalidCreatePolicyExemptionRequest");
  check_refused (tenant, scope, "x", V2022, too_long, "InvalidCreatePolicyExemptionRequest");
  check_refused (tenant, scope, "x", V2022,
                 "{\"policyAssignmentId\":\"" BASELINE "\",\"exemptionCategory\":\"Waiver\","
                 "\"resourceSelectors\":[{\"name\":\"s\",\"selectors\":[{\"kind\":"
                 "\"resourceType\",\"in\":[\"a\"],\"notIn\":[\"b\"]}]}]}",
                 "InvalidCreatePolicyExemptionRequest");
}

static void
outside_of_the_assignment (void)
{
  g_autoptr (Tenant) tenant = tenant_start (NULL, NULL);
  g_autofree char *data = tenant_subscription (tenant, "Ingrid", "sub-data-prod");
  g_autoptr (Answer) answer =
      put (tenant, "Tomás", data, "moving", V2022,
           "{\"policyAssignmentId\":\"" BASELINE "\",\"exemptionCategory\":\"Waiver\","
           "\"assignmentScopeValidation\":\"DoNotValidate\"}");

  g_assert_cmpuint (answer->status, ==, 201);
}

/* An older api-version neither shows nor keeps what it does not know: the lost update of az. */
static void
api_versions (void)
{
  g_autoptr (Tenant) tenant = tenant_start (NULL, NULL);
  g_autofree char *scope = resource (tenant, "aoai-eval-weu");
  g_autofree char *old_url = exemption_url (scope, "x", V2020);
  g_autofree char *mid_url = exemption_url (scope, "x", V2022);
  g_autofree char *new_url = exemption_url (scope, "x", V2026);
  const char *selective =
      "{\"policyAssignmentId\":\"" BASELINE
      "\",\"exemptionCategory\":\"Waiver\",\"displayName\":null,"
      "\"resourceSelectors\":[{\"name\":\"s\",\"selectors\":[{\"kind\":\"resourceLocation\","
      "\"in\":[\"westeurope\"]}]}],\"exemptionManagementMode\":\"Admin\"}";
  const char *patch = "{\"properties\":{\"resourceSelectors\":[]}}";
  g_autoptr (Answer) made = put (tenant, "Tomás", scope, "x", V2026, selective);
  g_autoptr (Answer) oldest = tenant_get (tenant, "Tomás", old_url);
  g_autoptr (Answer) middle = tenant_get (tenant, "Tomás", mid_url);
  g_autoptr (Answer) old_patch = tenant_send (tenant, "Tomás", "PATCH", old_url, patch, NULL);
  g_autoptr (Answer) patched = tenant_send (tenant, "Tomás", "PATCH", mid_url, patch, NULL);
  g_autoptr (Answer) bad_patch = tenant_send (tenant, "Tomás", "PATCH", mid_url,
                                              "{\"properties\":{\"displayName\":\"n\"}}", NULL);
  g_autoptr (Answer) after = tenant_get (tenant, "Tomás", new_url);
  g_autoptr (Answer) replaced = put (tenant, "Tomás", scope, "x", V2020, GOOD);
  g_autoptr (Answer) lost = tenant_get (tenant, "Tomás", new_url);

  g_assert_cmpuint (made->status, ==, 201);
  g_assert_nonnull (strstr (made->text, "exemptionManagementMode"));
  g_assert_null (strstr (made->text, "displayName"));
  g_assert_null (strstr (oldest->text, "resourceSelectors"));
  g_assert_nonnull (strstr (middle->text, "resourceSelectors"));
  g_assert_null (strstr (middle->text, "exemptionManagementMode"));
  g_assert_cmpuint (old_patch->status, ==, 405);
  g_assert_cmpuint (patched->status, ==, 200);
  g_assert_cmpstr (answer_code (bad_patch), ==, "InvalidRequestContent");
  g_assert_nonnull (strstr (after->text, "\"resourceSelectors\":[]"));
  g_assert_nonnull (strstr (after->text, "exemptionManagementMode"));
  g_assert_cmpuint (replaced->status, ==, 200);
  g_assert_null (strstr (lost->text, "resourceSelectors"));
}

static guint
count (Tenant *tenant, const char *who, const char *scope, const char *filter)
{
  g_autofree char *base = exemption_url (scope, NULL, V2022);
  g_autofree char *url = g_strconcat (base, filter, NULL);
  guint n = 0;

  while (url != NULL)
    {
      g_autoptr (Answer) answer = tenant_get (tenant, who, url);

      g_assert_cmpuint (answer->status, ==, 200);
      n += json_array_get_length (answer_value (answer));
      g_free (url);
      url = g_strdup (answer_string (answer, "nextLink"));
      g_assert_true (url == NULL || g_str_has_prefix (url, tenant_member (tenant, "arm")));
    }

  return n;
}

static void
filters_and_pages (gconstpointer page_size)
{
  g_autoptr (Tenant) tenant = tenant_start (NULL, "--page-size", page_size, NULL);
  g_autofree char *subscription = tenant_subscription (tenant, "Priya", "sub-evals-prod");
  g_autofree char *group = g_strconcat (subscription, "/resourceGroups/rg-eval-weu", NULL);
  g_autofree char *escaped = uri_escape ("policyAssignmentId eq '" BASELINE "'");
  g_autofree char *of_baseline = g_strconcat ("&$filter=", escaped, NULL);
  g_autofree char *bad_url = exemption_url (subscription, NULL, V2022 "&$filter=whatever");
  g_autofree char *collection = exemption_url (subscription, NULL, V2022);
  g_autoptr (Answer) bad = tenant_get (tenant, "Priya", bad_url);
  g_autoptr (Answer) deleted = tenant_send (tenant, "Tomás", "DELETE", collection, NULL, NULL);

  g_assert_cmpuint (count (tenant, "Priya", subscription, ""), ==, 5);
  g_assert_cmpuint (count (tenant, "Priya", subscription, "&$filter="), ==, 5);
  g_assert_cmpuint (count (tenant, "Priya", subscription, "&$filter=atScope()"), ==, 0);
  g_assert_cmpuint (count (tenant, "Priya", group, ""), ==, 2);
  g_assert_cmpuint (count (tenant, "Priya", group, "&$filter=excludeExpired()"), ==, 1);
  g_assert_cmpuint (count (tenant, "Priya", group, "&$filter=atExactScope()"), ==, 0);
  g_assert_cmpuint (count (tenant, "Priya", subscription, of_baseline), ==, 2);
  g_assert_cmpuint (count (tenant, "Ingrid", MG "training", "&$filter=atScope()"), ==, 1);
  g_assert_cmpstr (answer_code (bad), ==, "InvalidFilterInQueryString");
  g_assert_cmpuint (deleted->status, ==, 405);
  g_assert_cmpstr (answer_code (deleted), ==, "HttpMethodNotSupported");
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/demo/rights/readers", readers);
  g_test_add_func ("/demo/rights/entities", entities);
  g_test_add_func ("/demo/rights/writing", writing_needs_rights);
  g_test_add_func ("/demo/rights/exempting", exempting_needs_the_assignment);
  g_test_add_func ("/demo/exemptions/checks", writing_is_checked);
  g_test_add_func ("/demo/exemptions/outside", outside_of_the_assignment);
  g_test_add_func ("/demo/exemptions/api-versions", api_versions);
  g_test_add_data_func ("/demo/exemptions/filters", "1000", filters_and_pages);
  g_test_add_data_func ("/demo/exemptions/pages", "1", filters_and_pages);

  return g_test_run ();
}
