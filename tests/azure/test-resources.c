/* SPDX-License-Identifier: GPL-3.0-or-later */

/* What the client reads of policies, compliance, rights and people, against the simulated tenant over
 * TLS. */

#include <string.h>

#include "lw-client-private.h"
#include "lw-json.h"
#include "lw-test-people.h"

#define WRITE  "Microsoft.Authorization/policyExemptions/write"
#define EXEMPT "Microsoft.Authorization/policyAssignments/exempt/action"

/* Writes a policy object. */
static void
put (LwTestPeople *self, const char *id, const char *text)
{
  g_autofree char *url = g_strconcat (self->tomas->cloud->arm, id, "?api-version=2025-03-01", NULL);
  g_autoptr (JsonNode) body = lw_json_parse_string (text, NULL);
  g_autoptr (GError) error = NULL;
  g_autoptr (JsonNode) answer = NULL;

  g_assert_nonnull (body);
  answer = lw_test_boxed (
      lw_transport_json (self->tomas->transport, LW_AUDIENCE_ARM, "PUT", url, body, FALSE), &error);
  g_assert_no_error (error);
}

#define DEFINITION(name) EVALS "/providers/Microsoft.Authorization/policyDefinitions/" name
#define SET(name)        EVALS "/providers/Microsoft.Authorization/policySetDefinitions/" name
#define ASSIGNMENT(name) EVALS "/providers/Microsoft.Authorization/policyAssignments/" name

/* A definition with that effect, which everything of that type meets. */
#define RULE(type, effect, version)                                                                \
  "{\"properties\":{\"displayName\":\"" effect " " version                                         \
  "\",\"mode\":\"All\",\"version\":\"" version                                                     \
  "\",\"policyRule\":{\"if\":{\"field\":\"type\",\"equals\":\"" type "\"},\"then\":{"              \
  "\"effect\":\"" effect "\"}}}}"

/* Definitions of the version that is in force */

static const char *
effect_of (LwAssignment *assignment, const char *reference)
{
  return lw_assignment_get_reference (assignment, reference)->effect;
}

static LwAssignment *
load (LwTestPeople *self, const char *id)
{
  g_autoptr (LwAssignment) one = lw_test_boxed (lw_client_get_assignment (self->tomas, id), NULL);

  g_assert_nonnull (one);
  return lw_test_boxed (lw_client_load_definition (self->tomas, one), NULL);
}

#define ACCOUNTS "Microsoft.CognitiveServices/accounts"

static void
test_versions (LwTestPeople *self, gconstpointer data)
{
  g_autoptr (LwAssignment) old = NULL;
  g_autoptr (LwAssignment) newest = NULL;
  g_autoptr (LwAssignment) set = NULL;
  g_autoptr (LwAssignment) gone = NULL;

  if (self->tenant == NULL)
    return;
  put (self, DEFINITION ("versioned"), RULE (ACCOUNTS, "audit", "2.1.0"));
  put (self, DEFINITION ("versioned/versions/1.0.0"), RULE (ACCOUNTS, "disabled", "1.0.0"));
  put (self, DEFINITION ("versioned/versions/1.2.0"), RULE (ACCOUNTS, "deny", "1.2.0"));
  put (self, ASSIGNMENT ("old"),
       "{\"properties\":{\"policyDefinitionId\":\"" DEFINITION (
           "versioned") "\","
                        "\"definitionVersion\":\"1.*.*\"}}");
  put (self, ASSIGNMENT ("newest"),
       "{\"properties\":{\"policyDefinitionId\":\"" DEFINITION ("versioned") "\"}}");
  put (self, ASSIGNMENT ("gone"),
       "{\"properties\":{\"policyDefinitionId\":\"" DEFINITION (
           "versioned") "\","
                        "\"definitionVersion\":\"7.*.*\"}}");
  put (self, SET ("mixed"),
       "{\"properties\":{\"displayName\":\"Mixed\",\"version\":\"1.0.0\",\"policyDefinitions\":["
       "{\"policyDefinitionId\":\"" DEFINITION (
           "versioned") "\",\"policyDefinitionReferenceId\":"
                        "\"a\",\"definitionVersion\":\"1.*.*\"},{\"policyDefinitionId\":"
                        "\"" DEFINITION (
                            "versioned") "\",\"policyDefinitionReferenceId\":\"b\","
                                         "\"definitionVersion\":\"2.*.*"
                                         "\"},{\"policyDefinitionId\":\"" DEFINITION (
                                             "versioned") "\",\"policyDefinitionReferenceId\":"
                                                          "\"c\"}]}}");
  put (self, ASSIGNMENT ("mixed"),
       "{\"properties\":{\"policyDefinitionId\":\"" SET ("mixed") "\"}}");

  old = load (self, ASSIGNMENT ("old"));
  g_assert_cmpstr (old->definition_version, ==, "1.2.0");
  g_assert_cmpstr (old->definition_name, ==, "deny 1.2.0");
  g_assert_cmpstr (effect_of (old, ""), ==, "deny");
  newest = load (self, ASSIGNMENT ("newest"));
  g_assert_cmpstr (newest->definition_version, ==, "2.1.0");
  g_assert_cmpstr (effect_of (newest, ""), ==, "audit");
  set = load (self, ASSIGNMENT ("mixed"));
  g_assert_cmpstr (effect_of (set, "a"), ==, "deny");
  g_assert_cmpstr (effect_of (set, "b"), ==, "audit");
  g_assert_cmpstr (effect_of (set, "c"), ==, "audit");
  /* A version that nobody has: what there is will have to do. */
  gone = load (self, ASSIGNMENT ("gone"));
  g_assert_true (gone->definition_known);
  g_assert_cmpstr (effect_of (gone, ""), ==, "audit");
}

/* Compliance */

static guint
count_of (GPtrArray *counts, const char *assignment, const char *reference, const char *state)
{
  guint sum = 0;

  for (guint i = 0; i < counts->len; i++)
    {
      LwComplianceCount *count = g_ptr_array_index (counts, i);

      if (lw_arm_id_equal (count->assignment_id, assignment) &&
          (reference == NULL || g_ascii_strcasecmp (count->reference_id, reference) == 0) &&
          g_ascii_strcasecmp (count->compliance, state) == 0)
        sum += count->count;
    }
  return sum;
}

/* Rows, counts and the summary say the same, on pages of any size. */
static void
test_compliance (LwTestPeople *self, gconstpointer data)
{
  static const char *const scopes[] = { WORKLOADS, EVALS, GROUP, ACCOUNT };

  for (guint i = 0; self->tenant != NULL && i < G_N_ELEMENTS (scopes); i++)
    {
      g_autoptr (GPtrArray) rows =
          lw_test_boxed (lw_client_list_noncompliant (self->tomas, scopes[i], BASELINE), NULL);
      g_autoptr (GPtrArray) all =
          lw_test_boxed (lw_client_count_states (self->tomas, scopes[i], NULL), NULL);
      g_autoptr (GPtrArray) some =
          lw_test_boxed (lw_client_count_states (self->tomas, scopes[i], BASELINE), NULL);
      g_autoptr (LwComplianceSummary) summary =
          lw_test_boxed (lw_client_summarize_states (self->tomas, scopes[i], BASELINE), NULL);
      g_autoptr (GHashTable) resources = g_hash_table_new (lw_arm_id_hash, lw_arm_id_equal);

      g_assert_cmpuint (rows->len, >, 0);
      g_assert_cmpuint (count_of (all, BASELINE, NULL, "NonCompliant"), ==, rows->len);
      g_assert_cmpuint (count_of (some, BASELINE, NULL, "NonCompliant"), ==, rows->len);
      g_assert_cmpuint (all->len, >, some->len);
      for (guint j = 0; j < rows->len; j++)
        g_hash_table_add (resources, ((LwPolicyState *) g_ptr_array_index (rows, j))->resource_id);
      g_assert_cmpuint (summary->all->resources, ==, g_hash_table_size (resources));
      g_assert_cmpuint (summary->assignments->len, ==, 1);
    }
}

/* A new exemption moves a row from one count to another. */
static void
test_exempt_count (LwTestPeople *self, gconstpointer data)
{
  static const char id[] = ACCOUNT "/providers/" LW_EXEMPTIONS_TYPE "/lw-count-1";
  static const char reference[] = "aiServicesPrivateLink";
  g_autoptr (GPtrArray) before = NULL;
  g_autoptr (GPtrArray) after = NULL;
  g_autoptr (LwExemption) made = NULL;
  g_autoptr (JsonNode) body = lw_json_parse_string (
      "{\"properties\":{\"policyAssignmentId\":\"" BASELINE
      "\",\"policyDefinitionReferenceIds\":[\"aiServicesPrivateLink\"],"
      "\"exemptionCategory\":\"Waiver\",\"expiresOn\":\"2030-01-01T00:00:00Z\"}}",
      NULL);

  if (self->tenant == NULL)
    return;
  before = lw_test_boxed (lw_client_count_states (self->tomas, ACCOUNT, BASELINE), NULL);
  g_assert_cmpuint (count_of (before, BASELINE, reference, "NonCompliant"), ==, 1);
  made = lw_test_boxed (lw_client_put_exemption (self->tomas, id, body, FALSE), NULL);
  after = lw_test_boxed (lw_client_count_states (self->tomas, ACCOUNT, BASELINE), NULL);
  g_assert_cmpuint (count_of (after, BASELINE, reference, "NonCompliant"), ==, 0);
  g_assert_cmpuint (count_of (after, BASELINE, reference, "Exempt"), ==, 1);
}

static void
test_components (LwTestPeople *self, gconstpointer data)
{
  g_autoptr (GPtrArray) found = NULL;
  g_autoptr (GPtrArray) none = NULL;
  g_autoptr (GError) error = NULL;

  if (self->tenant == NULL)
    return;
  put (self, DEFINITION ("keys"),
       "{\"properties\":{\"displayName\":\"Keys\",\"mode\":\"Microsoft.KeyVault.Data\","
       "\"policyRule\":{\"if\":{\"field\":\"type\",\"equals\":\"Microsoft.KeyVault/vaults\"},"
       "\"then\":{\"effect\":\"audit\"}}}}");
  put (self, ASSIGNMENT ("keys"),
       "{\"properties\":{\"policyDefinitionId\":\"" DEFINITION ("keys") "\"}}");
  found = lw_test_boxed (
      lw_client_list_noncompliant_components (self->priya, EVALS, ASSIGNMENT ("keys")), NULL);
  g_assert_cmpuint (found->len, >, 0);
  for (guint i = 0; i < found->len; i++)
    {
      LwComponentState *state = g_ptr_array_index (found, i);

      g_assert_true (lw_arm_id_contains (state->resource_id, state->id));
      g_assert_cmpstr (state->compliance, ==, "NonCompliant");
      g_assert_true (lw_arm_id_equal (state->assignment_id, ASSIGNMENT ("keys")));
      g_assert_true (g_str_has_prefix (state->name, "key-"));
    }
  none =
      lw_test_boxed (lw_client_list_noncompliant_components (self->priya, EVALS, BASELINE), NULL);
  g_assert_cmpuint (none->len, ==, 0);
  g_assert_null (lw_test_boxed (
      lw_client_list_noncompliant_components (self->tomas, WORKLOADS, BASELINE), &error));
  g_assert_error (error, LW_AZURE_ERROR, LW_AZURE_ERROR_NOT_FOUND);
}

/* Restrictions */

static void
test_restrictions (LwTestPeople *self, gconstpointer data)
{
  static const char *const scopes[] = { WORKLOADS, EVALS, GROUP, ACCOUNT };
  g_autoptr (JsonNode) abroad =
      lw_json_parse_string ("{\"type\":\"" ACCOUNTS "\",\"name\":\"x\",\"location\":\"eastus\","
                            "\"properties\":{\"publicNetworkAccess\":\"Disabled\"}}",
                            NULL);
  guint refused = 0;

  for (guint i = 0; self->tenant != NULL && i < G_N_ELEMENTS (scopes); i++)
    {
      g_autoptr (GPtrArray) found = lw_test_boxed (
          lw_client_check_restrictions (self->tomas, scopes[i], abroad, "2023-05-01"), NULL);

      for (guint j = 0; j < found->len; j++)
        {
          LwRestriction *restriction = g_ptr_array_index (found, j);

          if (!g_str_has_suffix (restriction->assignment_id, "/allowed-locations"))
            continue;
          refused++;
          g_assert_true (lw_restriction_refuses (restriction));
          g_assert_null (restriction->field);
          g_assert_cmpstr (restriction->reference_id, ==, "");
        }
    }
  g_assert_cmpuint (refused, ==, self->tenant != NULL ? G_N_ELEMENTS (scopes) : 0);
}

/* A policy about exemptions is found out about before it refuses one. */
static void
test_refused_exemption (LwTestPeople *self, gconstpointer data)
{
  static const char id[] = ACCOUNT "/providers/" LW_EXEMPTIONS_TYPE "/lw-refused-1";
  g_autoptr (JsonNode) endless = lw_json_parse_string (
      "{\"properties\":{\"policyAssignmentId\":\"" BASELINE "\",\"exemptionCategory\":\"Waiver\"}}",
      NULL);
  g_autoptr (JsonNode) ending = lw_json_parse_string (
      "{\"properties\":{\"policyAssignmentId\":\"" BASELINE "\",\"exemptionCategory\":\"Waiver\","
      "\"expiresOn\":\"2030-01-01T00:00:00Z\"}}",
      NULL);
  g_autoptr (GPtrArray) before = NULL;
  g_autoptr (GPtrArray) found = NULL;
  g_autoptr (GPtrArray) fine = NULL;
  g_autoptr (GError) refused = NULL;
  g_autoptr (LwExemption) made = NULL;

  if (self->tenant == NULL)
    return;
  before = lw_test_boxed (lw_client_check_exemption (self->priya, id, endless), NULL);
  g_assert_cmpuint (before->len, ==, 0);
  put (self, DEFINITION ("must-end"),
       "{\"properties\":{\"displayName\":\"Exemptions must end\",\"description\":\"Say when.\","
       "\"mode\":\"All\",\"policyRule\":{\"if\":{\"allOf\":[{\"field\":\"type\",\"equals\":"
       "\"" LW_EXEMPTIONS_TYPE "\"},{\"field\":\"" LW_EXEMPTIONS_TYPE
       "/expiresOn\",\"exists\":\"false\"}]},\"then\":{\"effect\":\"deny\"}}}}");
  put (self, ASSIGNMENT ("must-end"),
       "{\"properties\":{\"policyDefinitionId\":\"" DEFINITION ("must-end") "\"}}");
  found = lw_test_boxed (lw_client_check_exemption (self->priya, id, endless), NULL);
  g_assert_cmpuint (found->len, ==, 1);
  g_assert_true (lw_restriction_refuses (g_ptr_array_index (found, 0)));
  g_assert_cmpstr (((LwRestriction *) g_ptr_array_index (found, 0))->reason, ==, "Say when.");
  fine = lw_test_boxed (lw_client_check_exemption (self->priya, id, ending), NULL);
  g_assert_cmpuint (fine->len, ==, 0);
  g_assert_null (
      lw_test_boxed (lw_client_put_exemption (self->tomas, id, endless, FALSE), &refused));
  g_assert_error (refused, LW_AZURE_ERROR, LW_AZURE_ERROR_FORBIDDEN);
  g_assert_cmpstr (lw_azure_error_get_details (refused)->code, ==, "RequestDisallowedByPolicy");
  made = lw_test_boxed (lw_client_put_exemption (self->tomas, id, ending, FALSE), NULL);
  g_assert_nonnull (made);
}

/* Members that this program knows nothing of: kept by GET, edit and PUT, and there in every list. */
static void
test_unknown_members (LwTestPeople *self, gconstpointer data)
{
  static const char id[] = ACCOUNT "/providers/" LW_EXEMPTIONS_TYPE "/lw-unknown-1";
  g_autoptr (JsonNode) body = lw_json_parse_string (
      "{\"properties\":{\"policyAssignmentId\":\"" BASELINE "\",\"exemptionCategory\":\"Waiver\","
      "\"expiresOn\":\"2030-01-01T00:00:00Z\",\"exemptionManagementMode\":\"UserSelfServe\","
      "\"comingSoon\":{\"deep\":[1,2.5,null,\"ü\",{}]},\"metadata\":{\"foreign\":[]}}}",
      NULL);
  g_autoptr (LwExemption) made = NULL;
  g_autoptr (LwExemption) read = NULL;
  g_autoptr (LwExemption) again = NULL;
  g_autoptr (GPtrArray) all = NULL;
  g_autoptr (JsonNode) edited = NULL;
  JsonObject *properties;
  guint found = 0;

  if (self->tenant == NULL)
    return;
  made = lw_test_boxed (lw_client_put_exemption (self->tomas, id, body, TRUE), NULL);
  read = lw_test_boxed (lw_client_get_exemption (self->tomas, id), NULL);
  edited = lw_exemption_to_json (read);
  properties = lw_json_get_object (json_node_get_object (edited), "properties");
  json_object_set_string_member (properties, "expiresOn", "2031-01-01T00:00:00Z");
  again = lw_test_boxed (lw_client_put_exemption (self->tomas, id, edited, TRUE), NULL);
  properties = lw_json_get_object (again->json, "properties");
  g_assert_cmpstr (lw_json_get_string (properties, "expiresOn"), ==, "2031-01-01T00:00:00Z");
  g_assert_true (
      json_node_equal (json_object_get_member (properties, "comingSoon"),
                       lw_json_path (json_node_get_object (body), "properties.comingSoon")));
  g_assert_cmpstr (lw_json_get_string (properties, "exemptionManagementMode"), ==, "UserSelfServe");
  all = lw_test_boxed (lw_client_list_all_exemptions (self->tomas), NULL);
  for (guint i = 0; i < all->len; i++)
    {
      LwExemption *one = g_ptr_array_index (all, i);

      if (!lw_arm_id_equal (one->id, id))
        continue;
      found++;
      g_assert_nonnull (lw_json_path (one->json, "properties.comingSoon.deep"));
    }
  g_assert_cmpuint (found, ==, 1);
}

/* Rights */

static void
test_rights (LwTestPeople *self, gconstpointer data)
{
  g_autoptr (GPtrArray) scopes = NULL;
  g_autoptr (LwRights) may = NULL;
  g_autoptr (LwRights) may_not = NULL;
  g_autoptr (LwRights) elsewhere = NULL;
  g_autoptr (LwRights) denied = NULL;
  g_autofree char *id = NULL;
  g_autoptr (JsonNode) body = lw_json_parse_string ("{\"properties\":{}}", NULL);
  g_autoptr (GError) refused = NULL;
  const char *locked = NULL;

  if (self->tenant == NULL)
    return;
  may = lw_test_boxed (lw_client_get_rights (self->tomas, GROUP), NULL);
  may_not = lw_test_boxed (lw_client_get_rights (self->priya, GROUP), NULL);
  elsewhere = lw_test_boxed (lw_client_get_rights (self->priya, WORKLOADS), NULL);
  g_assert_cmpint (lw_rights_check (may, WRITE), ==, LW_RIGHT_YES);
  g_assert_cmpint (lw_rights_check (may, EXEMPT), ==, LW_RIGHT_YES);
  g_assert_cmpint (lw_rights_check (may_not, WRITE), ==, LW_RIGHT_NO);
  /* Not known is not no. */
  g_assert_cmpint (lw_rights_check (elsewhere, WRITE), ==, LW_RIGHT_UNKNOWN);

  scopes = lw_test_boxed (lw_client_load_scopes (self->tomas), NULL);
  for (guint i = 0; i < scopes->len; i++)
    {
      LwScopeInfo *info = g_ptr_array_index (scopes, i);

      if (g_str_has_suffix (info->id, "/rg-datadev-weu"))
        locked = info->id;
    }
  g_assert_nonnull (locked);
  denied = lw_test_boxed (lw_client_get_rights (self->tomas, locked), NULL);
  g_assert_cmpint (lw_permissions_check (denied->permissions, WRITE), ==, LW_RIGHT_YES);
  g_assert_cmpint (lw_rights_check (denied, WRITE), ==, LW_RIGHT_NO);
  g_assert_cmpint (lw_rights_check (denied, "Microsoft.Authorization/policyExemptions/read"), ==,
                   LW_RIGHT_YES);
  /* As Azure sees it. */
  id = g_strconcat (locked, "/providers/" LW_EXEMPTIONS_TYPE "/lw-denied-1", NULL);
  g_assert_null (lw_test_boxed (lw_client_put_exemption (self->tomas, id, body, FALSE), &refused));
  g_assert_error (refused, LW_AZURE_ERROR, LW_AZURE_ERROR_FORBIDDEN);
  g_assert_cmpstr (lw_azure_error_get_details (refused)->code, ==,
                   "DenyAssignmentAuthorizationFailed");
}

/* People */

static void
test_people (LwTestPeople *self, gconstpointer data)
{
  const LwPerson *tomas = NULL;
  g_autoptr (GPtrArray) found = NULL;
  g_autoptr (GPtrArray) nobody = NULL;
  g_auto (GStrv) groups = NULL;
  g_autoptr (GPtrArray) many = g_ptr_array_new_with_free_func (g_free);
  g_auto (GStrv) of_many = NULL;
  g_autoptr (GError) bad = NULL;
  g_autoptr (GError) odd = NULL;
  static const char *const none[] = { NULL };
  static const char *const wrong[] = { "approvers", NULL };
  LwDirectoryPerson *person;

  if (self->tenant == NULL)
    return;
  tomas = lw_identity_get_person (self->tomas->identity);
  found = lw_test_boxed (lw_client_get_person (self->priya, tomas->id), NULL);
  g_assert_cmpuint (found->len, ==, 1);
  person = g_ptr_array_index (found, 0);
  g_assert_cmpstr (person->person->upn, ==, TOMAS);
  g_assert_cmpint (person->enabled, ==, 1);
  nobody = lw_test_boxed (
      lw_client_get_person (self->priya, "00000000-0000-4000-8000-000000000000"), NULL);
  g_assert_cmpuint (nobody->len, ==, 0);
  g_assert_null (lw_test_boxed (lw_client_get_person (self->priya, "../me"), &bad));
  g_assert_error (bad, LW_AZURE_ERROR, LW_AZURE_ERROR_INVALID);
  groups = lw_test_boxed (lw_client_check_member_groups (self->tomas, none), NULL);
  g_assert_cmpuint (g_strv_length (groups), ==, 0);
  for (guint i = 0; i < 45; i++)
    g_ptr_array_add (many, g_uuid_string_random ());
  g_ptr_array_add (many, NULL);
  of_many = lw_test_boxed (
      lw_client_check_member_groups (self->tomas, (const char *const *) many->pdata), NULL);
  g_assert_cmpuint (g_strv_length (of_many), ==, 0);
  g_assert_null (lw_test_boxed (lw_client_check_member_groups (self->tomas, wrong), &odd));
  g_assert_error (odd, LW_AZURE_ERROR, LW_AZURE_ERROR_INVALID);
}

#define ADD(path, arguments, function)                                                             \
  g_test_add (path, LwTestPeople, arguments, lw_test_people_set_up, function,                      \
              lw_test_people_tear_down)

int
main (int argc, char **argv)
{
  static const char *const small_pages[] = { "--page-size", "3", NULL };

  dex_init ();
  g_test_init (&argc, &argv, NULL);
  ADD ("/definitions/versions", NULL, test_versions);
  ADD ("/compliance/all-say-the-same", NULL, test_compliance);
  ADD ("/compliance/all-say-the-same/small-pages", small_pages, test_compliance);
  ADD ("/compliance/exempt", NULL, test_exempt_count);
  ADD ("/compliance/components", NULL, test_components);
  ADD ("/restrictions/resource", NULL, test_restrictions);
  ADD ("/restrictions/exemption", NULL, test_refused_exemption);
  ADD ("/exemptions/unknown-members", NULL, test_unknown_members);
  ADD ("/rights", NULL, test_rights);
  ADD ("/people", NULL, test_people);
  return g_test_run ();
}
