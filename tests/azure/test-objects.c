/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Single answers of every shape: objects, summaries, restrictions and refusals. */

#include <string.h>

#include "lw-client-private.h"
#include "lw-json.h"
#include "lw-test-script.h"

#define SUBSCRIPTION "/subscriptions/00000000-0000-4000-8000-000000000001"
#define GROUP        SUBSCRIPTION "/resourceGroups/rg"
#define ASSIGNMENT   GROUP "/providers/Microsoft.Authorization/policyAssignments/a"
#define EXEMPTION    GROUP "/providers/Microsoft.Authorization/policyExemptions/e"
#define PERSON       "00000000-0000-4000-8002-000000000001"

/* Single objects */

static void
test_objects (void)
{
  static const char *const bodies[] = {
    "{}", "[]", "null", "7", "", "{\"id\":null}", "{\"id\":7}", "{\"id\":\"\"}"
  };

  for (guint i = 0; i < G_N_ELEMENTS (bodies); i++)
    {
      const char *answers[] = { bodies[i], NULL };
      LwTestAnswers script = { .answers = answers };
      g_autoptr (LwTestServer) server = lw_test_server_new (lw_test_answers_play, &script);
      g_autoptr (LwClient) client = lw_test_client (server->base, 5000);
      DexFuture *futures[] = { lw_client_get_exemption (client, EXEMPTION),
                               lw_client_get_assignment (client, ASSIGNMENT),
                               lw_client_get_me (client), lw_client_get_person (client, PERSON) };

      for (guint j = 0; j < G_N_ELEMENTS (futures); j++)
        {
          g_autoptr (GError) error = NULL;
          g_autoptr (GPtrArray) found = NULL;

          g_assert_null (lw_test_boxed (futures[j], &error));
          g_assert_error (error, LW_AZURE_ERROR, LW_AZURE_ERROR_PROTOCOL);
        }
    }
}

/* Members that are not what they should be: the rest of the object counts. */
static void
test_odd_members (void)
{
  static const char *const answers[] = {
    "{\"id\":\"" EXEMPTION "\",\"name\":7,\"properties\":{\"policyAssignmentId\":[],"
    "\"policyDefinitionReferenceIds\":{\"a\":1},\"exemptionCategory\":null,\"expiresOn\":\"soon\","
    "\"metadata\":\"none\",\"displayName\":{}},\"systemData\":[]}",
    "{\"id\":\"" ASSIGNMENT "\",\"properties\":{\"enforcementMode\":\"Enroll\",\"notScopes\":null,"
    "\"policyDefinitionId\":7,\"overrides\":{},\"parameters\":[],\"definitionVersion\":1}}",
    NULL
  };
  LwTestAnswers script = { .answers = answers };
  g_autoptr (LwTestServer) server = lw_test_server_new (lw_test_answers_play, &script);
  g_autoptr (LwClient) client = lw_test_client (server->base, 5000);
  g_autoptr (LwExemption) exemption =
      lw_test_boxed (lw_client_get_exemption (client, EXEMPTION), NULL);
  g_autoptr (LwAssignment) assignment =
      lw_test_boxed (lw_client_get_assignment (client, ASSIGNMENT), NULL);
  g_autoptr (LwAssignment) whole = NULL;
  g_autoptr (JsonNode) kept = lw_exemption_to_json (exemption);

  g_assert_cmpstr (exemption->name, ==, "e");
  g_assert_null (exemption->expires);
  g_assert_cmpuint (exemption->references->len, ==, 0);
  g_assert_cmpint (lw_json_get_int (json_node_get_object (kept), "name", 0), ==,
                   7); /* nothing is lost */
  g_assert_cmpstr (assignment->enforcement_mode, ==, "Enroll");
  g_assert_null (assignment->definition_version);
  whole = lw_test_boxed (lw_client_load_definition (client, assignment), NULL);
  g_assert_false (whole->definition_known);
}

/* Compliance and restrictions */

static void
test_summaries (void)
{
  static const struct
  {
    const char *body;
    guint resources, assignments; /* %G_MAXUINT: refused */
  } cases[] = {
    { "{\"value\":[]}", 0, 0 },
    { "{\"value\":[null]}", 0, 0 },
    { "{\"value\":[{\"results\":{\"nonCompliantResources\":-3},\"policyAssignments\":[{}]}]}", 0,
      0 },
    { "{\"value\":[{\"results\":{\"nonCompliantResources\":7,\"resourceDetails\":[null,{}]},"
      "\"policyAssignments\":[{\"policyAssignmentId\":\"/a\",\"results\":null},7]}]}",
      7, 1 },
    { "{\"value\":{}}", G_MAXUINT, 0 },
    { "[]", G_MAXUINT, 0 },
    { "null", G_MAXUINT, 0 },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      const char *answers[] = { cases[i].body, NULL };
      LwTestAnswers script = { .answers = answers };
      g_autoptr (LwTestServer) server = lw_test_server_new (lw_test_answers_play, &script);
      g_autoptr (LwClient) client = lw_test_client (server->base, 5000);
      g_autoptr (GError) error = NULL;
      g_autoptr (LwComplianceSummary) summary =
          lw_test_boxed (lw_client_summarize_states (client, GROUP, NULL), &error);

      if (cases[i].resources == G_MAXUINT)
        {
          g_assert_error (error, LW_AZURE_ERROR, LW_AZURE_ERROR_PROTOCOL);
          continue;
        }
      g_assert_cmpuint (summary->all->resources, ==, cases[i].resources);
      g_assert_cmpuint (summary->assignments->len, ==, cases[i].assignments);
    }
}

static void
test_restriction_answers (void)
{
  static const struct
  {
    const char *body;
    guint found; /* %G_MAXUINT: refused */
    guint refusing;
  } cases[] = {
    { "{}", 0, 0 },
    { "{\"fieldRestrictions\":null,\"contentEvaluationResult\":null}", 0, 0 },
    { "{\"fieldRestrictions\":[null,{\"field\":\"tags\",\"restrictions\":[{\"result\":\"Required\","
      "\"values\":[\"a\",7]},{\"result\":\"deny\",\"policy\":{\"policyAssignmentId\":\"/a\"}}]}]}",
      2, 1 },
    { "{\"contentEvaluationResult\":{\"policyEvaluations\":[{},{\"evaluationResult\":"
      "\"NonCompliant\",\"effectDetails\":{\"policyEffect\":\"DENY\"},\"policyInfo\":7},"
      "{\"evaluationResult\":\"NonCompliant\",\"effectDetails\":{\"policyEffect\":\"Audit\"}}]}}",
      3, 1 },
    { "[]", G_MAXUINT, 0 },
    { "7", G_MAXUINT, 0 },
  };
  g_autoptr (JsonNode) body = lw_json_parse_string ("{\"properties\":{}}", NULL);

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      const char *answers[] = { cases[i].body, NULL };
      LwTestAnswers script = { .answers = answers };
      g_autoptr (LwTestServer) server = lw_test_server_new (lw_test_answers_play, &script);
      g_autoptr (LwClient) client = lw_test_client (server->base, 5000);
      g_autoptr (GError) error = NULL;
      g_autoptr (GPtrArray) found =
          lw_test_boxed (lw_client_check_exemption (client, EXEMPTION, body), &error);
      guint refusing = 0;

      g_test_message ("%s", cases[i].body);
      g_assert_cmpuint (found != NULL ? found->len : G_MAXUINT, ==, cases[i].found);
      for (guint j = 0; found != NULL && j < found->len; j++)
        refusing += lw_restriction_refuses (g_ptr_array_index (found, j));
      g_assert_cmpuint (refusing, ==, cases[i].refusing);
    }
}

/* The exemption that is asked about is what a PUT would make, at the nearest scope that can be asked. */
static void
test_restriction_question (void)
{
  static const char *const answers[] = { "{}", NULL };
  LwTestAnswers script = { .answers = answers };
  g_autoptr (LwTestServer) server = lw_test_server_new (lw_test_answers_play, &script);
  g_autoptr (LwClient) client = lw_test_client (server->base, 5000);
  g_autoptr (JsonNode) body =
      lw_json_parse_string ("{\"properties\":{\"exemptionCategory\":\"Waiver\"}}", NULL);
  g_autoptr (GPtrArray) found = lw_test_boxed (
      lw_client_check_exemption (
          client, GROUP "/providers/A.B/c/d/providers/Microsoft.Authorization/policyExemptions/e",
          body),
      NULL);
  g_autoptr (JsonNode) sent = lw_json_parse_string (g_ptr_array_index (server->bodies, 0), NULL);
  JsonObject *object = json_node_get_object (sent);
  g_autoptr (GError) error = NULL;

  g_assert_cmpstr (g_ptr_array_index (server->requests, 0), ==,
                   "POST " GROUP "/providers/Microsoft.PolicyInsights/checkPolicyRestrictions"
                   "?api-version=2023-03-01");
  g_assert_cmpstr (json_node_get_string (lw_json_path (object, "resourceDetails.scope")), ==,
                   GROUP "/providers/A.B/c/d");
  g_assert_cmpstr (
      json_node_get_string (lw_json_path (object, "resourceDetails.resourceContent.type")), ==,
      "Microsoft.Authorization/policyExemptions");
  g_assert_cmpstr (json_node_get_string (lw_json_path (
                       object, "resourceDetails.resourceContent.properties.exemptionCategory")),
                   ==, "Waiver");
  g_assert_null (lw_test_boxed (lw_client_check_exemption (client, GROUP, body), &error));
  g_assert_error (error, LW_AZURE_ERROR, LW_AZURE_ERROR_INVALID);
}

/* Refusals in Azure's own code: what they mean, and a sentence that says more than Azure does. */

static void
refuse (LwTestServer *server,
        SoupServerMessage *message,
        const char *path,
        GHashTable *query,
        gpointer data)
{
  const char *const *refusal = data;
  g_autofree char *body = g_strdup_printf (
      "{\"error\":{\"code\":\"%s\",\"message\":\"In its own words.\"}}", refusal[1]);

  lw_test_answer (message, (guint) g_ascii_strtoull (refusal[0], NULL, 10), "application/json",
                  body);
}

static void
test_refusals (void)
{
  static const struct
  {
    const char *refusal[2];
    LwAzureError kind;
    const char *says;
  } cases[] = {
    { { "403", "DenyAssignmentAuthorizationFailed" }, LW_AZURE_ERROR_FORBIDDEN, "deny assignment" },
    { { "403", "LinkedAuthorizationFailed" }, LW_AZURE_ERROR_FORBIDDEN, "exempt/action" },
    { { "403", "RequestDisallowedByPolicy" }, LW_AZURE_ERROR_FORBIDDEN, "policy refuses" },
    { { "409", "ScopeLocked" }, LW_AZURE_ERROR_CONFLICT, "lock" },
    { { "409", "MissingSubscriptionRegistration" }, LW_AZURE_ERROR_INVALID, "registered" },
    { { "409", "ReadOnlyDisabledSubscription" }, LW_AZURE_ERROR_FORBIDDEN, "disabled" },
    { { "409", "SomethingElse" }, LW_AZURE_ERROR_CONFLICT, "first" },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr (LwTestServer) server = lw_test_server_new (refuse, (gpointer) cases[i].refusal);
      g_autoptr (LwClient) client = lw_test_client (server->base, 5000);
      g_autoptr (GError) error = NULL;

      g_test_message ("%s", cases[i].refusal[1]);
      g_assert_null (lw_test_boxed (lw_client_get_exemption (client, EXEMPTION), &error));
      g_assert_error (error, LW_AZURE_ERROR, (int) cases[i].kind);
      g_assert_nonnull (strstr (error->message, cases[i].says));
      g_assert_nonnull (strstr (error->message, "In its own words."));
    }
}

int
main (int argc, char **argv)
{
  dex_init ();
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/objects/refusals", test_refusals);
  g_test_add_func ("/objects/none", test_objects);
  g_test_add_func ("/objects/odd-members", test_odd_members);
  g_test_add_func ("/compliance/summaries", test_summaries);
  g_test_add_func ("/restrictions/answers", test_restriction_answers);
  g_test_add_func ("/restrictions/question", test_restriction_question);
  return g_test_run ();
}
