/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Clouds that differ: other api-versions, endpoints to be found out, quotas. The simulated tenant over
 * TLS is each of them. */

#include <string.h>

#include "lw-client-private.h"
#include "lw-json.h"
#include "lw-test-people.h"

#define EXEMPTION GROUP "/providers/Microsoft.Authorization/policyExemptions/lw-clouds-1"

typedef struct
{
  LwTestFaulty *tenant;
  LwClient *client;
} Fixture;

static void
set_up (Fixture *self, gconstpointer data)
{
  self->tenant = lw_test_faulty_new (data);
  if (self->tenant != NULL)
    self->client = lw_test_faulty_client (self->tenant, TOMAS, 60000);
  else
    g_test_skip ("The simulated tenant or the openssl command is not here");
}

static void
tear_down (Fixture *self, gconstpointer data)
{
  if (self->client != NULL)
    g_assert_finalize_object (self->client);
  g_clear_pointer (&self->tenant, lw_test_faulty_free);
}

/* Api-versions */

static JsonNode *
exemption_body (const char *extra)
{
  g_autofree char *text = g_strdup_printf (
      "{\"properties\":{\"policyAssignmentId\":\"" BASELINE "\","
      "\"policyDefinitionReferenceIds\":[\"aiServicesPrivateLink\"],"
      "\"exemptionCategory\":\"Waiver\",\"expiresOn\":\"2030-01-01T00:00:00Z\"%s}}",
      extra);
  JsonNode *body = lw_json_parse_string (text, NULL);

  g_assert_nonnull (body);
  return body;
}

#define SELECTOR(kind)                                                                             \
  ",\"resourceSelectors\":[{\"name\":\"a\",\"selectors\":[{\"kind\":\"" kind                       \
  "\",\"in\":[\"westeurope\"]}]}]"

static const char *
last_version (LwClient *client)
{
  return lw_client_version (client, LW_API_EXEMPTIONS);
}

/* Reading steps down, says so, and writing over something wants a word first. */
static void
test_older (Fixture *self, gconstpointer data)
{
  g_autoptr (JsonNode) body = exemption_body (SELECTOR ("resourceLocation"));
  g_autoptr (GError) missing = NULL;
  g_autoptr (GError) warned = NULL;
  g_autoptr (LwExemption) made = NULL;
  g_autoptr (LwExemption) again = NULL;
  g_autoptr (GPtrArray) listed = NULL;
  LwNotice *notice;

  if (self->tenant == NULL)
    return;
  g_assert_true (lw_client_may_overwrite (self->client, NULL));
  g_assert_null (lw_test_boxed (lw_client_get_exemption (self->client, EXEMPTION), &missing));
  g_assert_error (missing, LW_AZURE_ERROR, LW_AZURE_ERROR_NOT_FOUND);
  g_assert_cmpstr (last_version (self->client), ==, "2022-07-01-preview");
  g_assert_cmpuint (lw_client_get_notices (self->client)->len, ==, 1);
  notice = g_ptr_array_index (lw_client_get_notices (self->client), 0);
  g_assert_cmpstr (notice->id, ==, "api-version.exemptions");
  g_assert_nonnull (strstr (notice->message, "2022-07-01-preview"));
  made = lw_test_boxed (lw_client_put_exemption (self->client, EXEMPTION, body, FALSE), NULL);
  g_assert_nonnull (made);

  g_assert_null (
      lw_test_boxed (lw_client_put_exemption (self->client, EXEMPTION, body, TRUE), &warned));
  g_assert_error (warned, LW_AZURE_ERROR, LW_AZURE_ERROR_OLDER_VERSION);
  lw_client_accept_older (self->client);
  again = lw_test_boxed (lw_client_put_exemption (self->client, EXEMPTION, body, TRUE), NULL);
  g_assert_cmpstr (again->id, ==, made->id);
  listed = lw_test_boxed (lw_client_list_exemptions (self->client, GROUP, NULL), NULL);
  g_assert_cmpuint (listed->len, >, 0);
  g_assert_true (lw_test_boolean (lw_client_delete_exemption (self->client, EXEMPTION), NULL));
  g_assert_cmpuint (lw_client_get_notices (self->client)->len, ==, 1);
}

/* What would leave the selectors out is not sent; nor is a word lost about those of people. */
static void
test_oldest (Fixture *self, gconstpointer data)
{
  g_autoptr (JsonNode) narrow = exemption_body (SELECTOR ("resourceLocation"));
  g_autoptr (JsonNode) people = exemption_body (SELECTOR ("userPrincipalId"));
  g_autoptr (JsonNode) plain = exemption_body (",\"resourceSelectors\":[]");
  JsonNode *refused[] = { narrow, people };
  g_autoptr (LwExemption) made = NULL;

  for (guint i = 0; self->tenant != NULL && i < G_N_ELEMENTS (refused); i++)
    {
      g_autoptr (GError) error = NULL;
      g_autoptr (GError) missing = NULL;

      g_assert_null (lw_test_boxed (
          lw_client_put_exemption (self->client, EXEMPTION, refused[i], FALSE), &error));
      g_assert_error (error, LW_AZURE_ERROR, LW_AZURE_ERROR_INVALID);
      g_assert_nonnull (strstr (error->message, "2020-07-01-preview"));
      g_assert_null (lw_test_boxed (lw_client_get_exemption (self->client, EXEMPTION), &missing));
      g_assert_error (missing, LW_AZURE_ERROR, LW_AZURE_ERROR_NOT_FOUND);
    }
  if (self->tenant != NULL)
    made = lw_test_boxed (lw_client_put_exemption (self->client, EXEMPTION, plain, FALSE), NULL);
  g_assert_true (self->tenant == NULL || made != NULL);
}

/* Selectors of people are made by a newer version than others. */
static void
test_principals (Fixture *self, gconstpointer data)
{
  g_autoptr (JsonNode) body = exemption_body (SELECTOR ("userPrincipalId"));
  g_autoptr (LwExemption) made = NULL;

  if (self->tenant == NULL)
    return;
  made = lw_test_boxed (lw_client_put_exemption (self->client, EXEMPTION, body, FALSE), NULL);
  g_assert_nonnull (
      lw_json_get_array (lw_json_get_object (made->json, "properties"), "resourceSelectors"));
}

/* Only versions that came later: Azure names them, so they are used. */
static void
test_newer (Fixture *self, gconstpointer data)
{
  g_autoptr (GPtrArray) listed = NULL;

  if (self->tenant == NULL)
    return;
  listed = lw_test_boxed (lw_client_list_exemptions (self->client, EVALS, NULL), NULL);
  g_assert_cmpuint (listed->len, >, 0);
  g_assert_cmpstr (last_version (self->client), ==, "2027-05-01");
  g_assert_true (lw_client_may_overwrite (self->client, NULL));
  g_assert_cmpuint (lw_client_get_notices (self->client)->len, ==, 0);
}

/* No version at all: a clear refusal, and never “not there”. */
static void
test_no_version (Fixture *self, gconstpointer data)
{
  g_autoptr (GError) error = NULL;

  if (self->tenant == NULL)
    return;
  g_assert_null (lw_test_boxed (lw_client_get_exemption (self->client, EXEMPTION), &error));
  g_assert_error (error, LW_AZURE_ERROR, LW_AZURE_ERROR_INVALID);
  g_assert_cmpstr (lw_azure_error_get_details (error)->code, ==, "NoRegisteredProviderFound");
  g_assert_nonnull (strstr (error->message, "does not know the version"));
}

/* Many at once find out together. */
static void
test_together (Fixture *self, gconstpointer data)
{
  DexFuture *futures[12];

  if (self->tenant == NULL)
    return;
  for (guint i = 0; i < G_N_ELEMENTS (futures); i++)
    futures[i] = lw_client_list_exemptions (self->client, EVALS, NULL);
  for (guint i = 0; i < G_N_ELEMENTS (futures); i++)
    {
      g_autoptr (GError) error = NULL;
      g_autoptr (GPtrArray) found = lw_test_boxed (futures[i], &error);

      g_assert_no_error (error);
      g_assert_cmpuint (found->len, >, 0);
    }
  g_assert_cmpuint (lw_client_get_notices (self->client)->len, ==, 1);
}

/* Assignments and definitions of an older cloud. */
static void
test_older_policy (Fixture *self, gconstpointer data)
{
  g_autoptr (LwAssignment) one = NULL;
  g_autoptr (LwAssignment) whole = NULL;
  g_autoptr (GPtrArray) listed = NULL;

  if (self->tenant == NULL)
    return;
  one = lw_test_boxed (lw_client_get_assignment (self->client, BASELINE), NULL);
  whole = lw_test_boxed (lw_client_load_definition (self->client, one), NULL);
  listed = lw_test_boxed (lw_client_list_assignments (self->client, EVALS), NULL);
  g_assert_true (whole->definition_known);
  g_assert_cmpuint (whole->references->len, >, 0);
  g_assert_cmpuint (listed->len, >, 0);
  g_assert_cmpuint (lw_client_get_notices (self->client)->len, ==, 0);
}

/* Endpoints */

static void
test_discovery (Fixture *self, gconstpointer data)
{
  g_autoptr (LwProfile) given = NULL;
  g_autoptr (LwProfile) profile = NULL;
  g_autoptr (LwIdentity) identity = NULL;
  g_autoptr (LwClient) client = NULL;
  g_autoptr (GPtrArray) found = NULL;
  g_autoptr (LwCloud) cloud = NULL;
  g_autoptr (GError) untrusted = NULL;
  g_autoptr (GError) unknown = NULL;
  JsonObject *line;
  const char *arm;

  if (self->tenant == NULL)
    return;
  line = self->tenant->tenant->line;
  arm = lw_json_get_string (line, "arm");
  cloud = lw_test_boxed (lw_cloud_discover (arm, self->tenant->ca_file), NULL);
  g_assert_cmpstr (cloud->arm, ==, arm);
  g_assert_cmpstr (cloud->login, ==, lw_json_get_string (line, "login"));
  g_assert_cmpstr (cloud->graph, ==, lw_json_get_string (line, "graph"));
  g_assert_null (cloud->audience);
  /* A connection with what was found works. */
  given = lw_test_tenant_profile (self->tenant->tenant, self->tenant->ca_file);
  profile = lw_profile_with_cloud (given, cloud, NULL);
  identity =
      lw_identity_new_for_token (profile, lw_test_tenant_token (self->tenant->tenant, TOMAS));
  client = lw_client_new (profile, identity);
  found = lw_test_boxed (lw_client_list_subscriptions (client), NULL);
  g_assert_cmpuint (found->len, ==, 12);
  /* Without the authority nothing is believed. */
  g_assert_null (lw_test_boxed (lw_cloud_discover (arm, NULL), &untrusted));
  g_assert_error (untrusted, LW_AZURE_ERROR, LW_AZURE_ERROR_TLS);
  g_assert_null (lw_test_boxed (lw_cloud_discover ("http://arm.example", NULL), &unknown));
  g_assert_error (unknown, LW_AZURE_ERROR, LW_AZURE_ERROR_PROFILE);
}

static void
test_discovery_known (void)
{
  static const char *const urls[] = { "https://management.chinacloudapi.cn/",
                                      "https://MANAGEMENT.chinacloudapi.cn:443" };

  for (guint i = 0; i < G_N_ELEMENTS (urls); i++)
    {
      g_autoptr (LwCloud) cloud = lw_test_boxed (lw_cloud_discover (urls[i], NULL), NULL);

      g_assert_cmpstr (cloud->name, ==, "AzureChinaCloud");
    }
}

static void
answer_metadata (LwTestServer *server,
                 SoupServerMessage *message,
                 const char *path,
                 GHashTable *query,
                 gpointer data)
{
  const char *const *answer = data;

  lw_test_answer (message, (guint) g_ascii_strtoull (answer[0], NULL, 10), "application/json",
                  answer[1]);
}

static void
test_discovery_bad (void)
{
  static const struct
  {
    const char *answer[2];
    LwAzureError code;
  } cases[] = {
    { { "200", "{}" }, LW_AZURE_ERROR_PROFILE },
    { { "200", "<html>" }, LW_AZURE_ERROR_PROTOCOL },
    { { "200", "" }, LW_AZURE_ERROR_PROFILE },
    { { "404", "{\"error\":{\"code\":\"NotFound\"}}" }, LW_AZURE_ERROR_NOT_FOUND },
    { { "302", "" }, LW_AZURE_ERROR_PROTOCOL },
    { { "503", "" }, LW_AZURE_ERROR_SERVER },
    { { "200", "{\"authentication\":{\"loginEndpoint\":\"http://login.example\"},"
               "\"microsoftGraphResourceId\":\"https://graph.example\"}" },
      LW_AZURE_ERROR_PROFILE },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr (LwTestServer) server =
          lw_test_server_new (answer_metadata, (gpointer) cases[i].answer);
      g_autoptr (GError) error = NULL;

      g_assert_null (lw_test_boxed (lw_cloud_discover (server->base, NULL), &error));
      g_assert_error (error, LW_AZURE_ERROR, (int) cases[i].code);
      g_assert_cmpstr (g_ptr_array_index (server->requests, 0), ==,
                       "GET /metadata/endpoints?api-version=2022-09-01");
      /* Nobody is signed in yet. */
      g_assert_cmpstr (g_ptr_array_index (server->authorizations, 0), ==, "");
    }
}

/* Quotas */

/* More than the tenant answers at once: all of it comes, later. */
static void
test_quota (Fixture *self, gconstpointer data)
{
  DexFuture *futures[9];
  gint64 start = g_get_monotonic_time ();

  if (self->tenant == NULL)
    return;
  for (guint i = 0; i < G_N_ELEMENTS (futures); i++)
    futures[i] = i % 3 == 0 ? lw_client_load_scopes (self->client)
                            : lw_client_list_resource_groups (self->client, EVALS);
  for (guint i = 0; i < G_N_ELEMENTS (futures); i++)
    {
      g_autoptr (GError) error = NULL;
      g_autoptr (GPtrArray) found = lw_test_boxed (futures[i], &error);

      g_assert_no_error (error);
      g_assert_cmpuint (found->len, >, 0);
    }
  g_assert_cmpint (g_get_monotonic_time () - start, >, G_USEC_PER_SEC);
}

#define ADD(path, function, ...)                                                                   \
  {                                                                                                \
    static const char *const arguments[] = { __VA_ARGS__, NULL };                                  \
    g_test_add (path, Fixture, arguments, set_up, function, tear_down);                            \
  }

int
main (int argc, char **argv)
{
  dex_init ();
  g_test_init (&argc, &argv, NULL);
  ADD ("/versions/older", test_older, "--exemption-versions",
       "2020-07-01-preview,2022-07-01-preview");
  ADD ("/versions/oldest", test_oldest, "--exemption-versions", "2020-07-01-preview");
  ADD ("/versions/principals", test_principals, "--page-size", "100");
  ADD ("/versions/newer", test_newer, "--exemption-versions", "2027-05-01,2028-01-01");
  ADD ("/versions/none", test_no_version, "--exemption-versions", "none");
  ADD ("/versions/together", test_together, "--exemption-versions", "2022-07-01-preview");
  ADD ("/versions/policy", test_older_policy, "--policy-versions", "2020-09-01,2021-06-01");
  ADD ("/discovery/tenant", test_discovery, "--page-size", "100");
  g_test_add_func ("/discovery/known", test_discovery_known);
  g_test_add_func ("/discovery/bad", test_discovery_bad);
  ADD ("/quota", test_quota, "--quota", "4");
  return g_test_run ();
}
