/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Resource Graph, policy states, Graph and Blob Storage. */

#include "lw-demo-fixture.h"

#include <string.h>

#define MG       "/providers/Microsoft.Management/managementGroups/"
#define POLICY   "/providers/Microsoft.Authorization/"
#define BASELINE MG "ai-workloads" POLICY "policyAssignments/ai-security-baseline"

/* The n-th query of data/demo/queries.md, with TEXT replaced. */
static char *
documented_query (guint n, const char *text)
{
  g_autofree char *path = demo_file ("queries.md");
  g_autofree char *page = NULL;
  g_auto (GStrv) parts = NULL;
  GString *query;

  g_assert_true (g_file_get_contents (path, &page, NULL, NULL));
  parts = g_strsplit (page, "```kusto\n", -1);
  g_assert_cmpuint (g_strv_length (parts), >, n + 1);
  *strstr (parts[n + 1], "```") = '\0';
  query = g_string_new (g_strstrip (parts[n + 1]));
  g_string_replace (query, "TEXT", text, 0);

  return g_string_free (query, FALSE);
}

static Answer *
ask (Tenant *tenant, const char *who, const char *query, const char *more, const char *options)
{
  g_autoptr (JsonNode) node = json_node_init_string (json_node_alloc (), query);
  g_autofree char *quoted = json_to_string (node, FALSE);
  g_autofree char *body = g_strdup_printf ("{\"query\":%s%s,\"options\":{\"resultFormat\":"
                                           "\"objectArray\"%s}}",
                                           quoted, more, options);

  return tenant_send (tenant, who, "POST",
                      "/providers/Microsoft.ResourceGraph/resources?api-version=2022-10-01", body,
                      NULL);
}

static guint
total (Answer *answer)
{
  g_assert_cmpuint (answer->status, ==, 200);
  g_assert_cmpstr (answer_string (answer, "resultTruncated"), ==, "false");

  return json_object_get_int_member (answer->json, "totalRecords");
}

static guint
ask_total (Tenant *tenant, const char *who, guint n, const char *text, const char *options)
{
  g_autofree char *query = documented_query (n, text);
  g_autoptr (Answer) answer = ask (tenant, who, query, "", options);

  return total (answer);
}

static void
resource_graph (void)
{
  const char *around = ",\"authorizationScopeFilter\":\"AtScopeAboveAndBelow\"";
  g_autoptr (Tenant) tenant = tenant_start (NULL, NULL);
  g_autofree char *subscription = tenant_subscription (tenant, "Ingrid", "sub-data-prod");
  g_autofree char *only =
      g_strdup_printf (",\"subscriptions\":[\"%s\"]", strrchr (subscription, '/') + 1);
  g_autofree char *exemptions = documented_query (0, "");
  g_autoptr (Answer) foreign = ask (tenant, "Priya", exemptions, only, around);
  g_autoptr (Answer) data = ask (tenant, "Ingrid", exemptions, only, "");
  g_autoptr (Answer) bad = ask (tenant, "Ingrid", "resources | take 5", "", "");
  JsonObject *error = json_object_get_object_member (bad->json, "error");

  g_assert_cmpuint (ask_total (tenant, "Ingrid", 0, "", ""), ==, 30);
  g_assert_cmpuint (ask_total (tenant, "Priya", 0, "", around), ==, 5);
  g_assert_cmpuint (ask_total (tenant, "Ingrid", 1, "", ""), ==, 12);
  g_assert_cmpuint (ask_total (tenant, "Priya", 1, "", ""), ==, 0);
  g_assert_cmpuint (ask_total (tenant, "Priya", 1, "", around), ==, 7);
  g_assert_cmpuint (ask_total (tenant, "Priya", 2, "", ""), ==, 5);
  g_assert_cmpuint (ask_total (tenant, "Priya", 3, "AOAI-JUDGE", ""), ==, 2);
  g_assert_cmpuint (ask_total (tenant, "Priya", 3, "lake", ""), ==, 0);
  g_assert_cmpuint (ask_total (tenant, "Ingrid", 3, "it\\'s \\\\ not", ""), ==, 0);
  g_assert_cmpuint (ask_total (tenant, "Ingrid", 4, subscription, ""), ==, 37);
  g_assert_cmpuint (total (foreign), ==, 0);
  g_assert_cmpuint (total (data), ==, 5);
  g_assert_cmpuint (bad->status, ==, 400);
  g_assert_cmpstr (answer_code (bad), ==, "BadRequest");
  g_assert_cmpuint (json_array_get_length (json_object_get_array_member (error, "details")), ==, 2);
  g_assert_nonnull (answer_header (bad, "x-ms-user-quota-remaining"));
}

static void
resource_graph_pages (void)
{
  g_autoptr (Tenant) tenant = tenant_start (NULL, "--exemptions", "2500", NULL);
  g_autofree char *query = documented_query (0, "");
  g_autofree char *options = g_strdup (",\"$top\":1000");
  g_autofree char *last = NULL;
  guint rows = 0, pages = 0;

  while (options != NULL)
    {
      g_autoptr (Answer) answer = ask (tenant, "Ingrid", query, "", options);
      JsonArray *data = json_object_get_array_member (answer->json, "data");
      const char *token = answer_string (answer, "$skipToken");

      g_assert_cmpuint (total (answer), ==, 2500);
      for (guint i = 0; i < json_array_get_length (data); i++)
        {
          const char *id =
              json_object_get_string_member (json_array_get_object_element (data, i), "id");

          g_assert_true (last == NULL || g_ascii_strcasecmp (last, id) < 0);
          g_free (last);
          last = g_strdup (id);
        }
      rows += json_array_get_length (data);
      pages++;
      g_free (options);
      options =
          token != NULL ? g_strdup_printf (",\"$top\":1000,\"$skipToken\":\"%s\"", token) : NULL;
    }
  g_assert_cmpuint (rows, ==, 2500);
  g_assert_cmpuint (pages, ==, 3);
}

static guint
states (Tenant *tenant, const char *who, const char *scope, const char *filter)
{
  g_autofree char *escaped = uri_escape (filter);
  g_autofree char *url = g_strdup_printf ("%s/providers/Microsoft.PolicyInsights/policyStates/"
                                          "latest/queryResults?api-version=2019-10-01&"
                                          "$filter=%s",
                                          scope, escaped);
  guint n = 0;

  while (url != NULL)
    {
      g_autoptr (Answer) answer = tenant_send (tenant, who, "POST", url, NULL, NULL);

      g_assert_cmpuint (answer->status, ==, 200);
      n += json_array_get_length (answer_value (answer));
      g_free (url);
      url = json_object_get_null_member (answer->json, "@odata.nextLink")
                ? NULL
                : g_strdup (answer_string (answer, "@odata.nextLink"));
    }

  return n;
}

static void
policy_states (void)
{
  g_autoptr (Tenant) tenant = tenant_start (NULL, "--page-size", "7", NULL);
  g_autofree char *subscription = tenant_subscription (tenant, "Priya", "sub-evals-prod");
  g_autofree char *other = tenant_subscription (tenant, "Ingrid", "sub-data-prod");
  g_autofree char *scope = g_strconcat (subscription,
                                        "/resourceGroups/rg-eval-weu/providers/"
                                        "Microsoft.CognitiveServices/accounts/aoai-eval-weu",
                                        NULL);
  g_autofree char *url = g_strconcat (
      scope, POLICY "policyExemptions/for-states?api-version=2022-07-01-preview", NULL);
  g_autofree char *summary = g_strconcat (
      subscription,
      "/providers/Microsoft.PolicyInsights/policyStates/latest/summarize?api-version=2019-10-01",
      NULL);
  g_autofree char *refused = g_strconcat (
      other,
      "/providers/Microsoft.PolicyInsights/policyStates/latest/queryResults?api-version=2024-10-01",
      NULL);
  const char *failing =
      "complianceState eq 'NonCompliant' and policyAssignmentId eq '" BASELINE "'";
  const char *body =
      "{\"properties\":{\"policyAssignmentId\":\"" BASELINE "\",\"exemptionCategory\":\"Waiver\","
      "\"policyDefinitionReferenceIds\":[\"aiServicesNoPublicNetwork\"]}}";
  g_autoptr (Answer) forbidden = tenant_send (tenant, "Priya", "POST", refused, NULL, NULL);
  g_autoptr (Answer) summarized = tenant_send (tenant, "Priya", "POST", summary, NULL, NULL);
  g_autoptr (Answer) made = NULL;

  g_assert_cmpuint (forbidden->status, ==, 403);
  g_assert_cmpuint (summarized->status, ==, 200);
  g_assert_cmpuint (states (tenant, "Priya", scope, failing), ==, 2);
  g_assert_cmpuint (states (tenant, "Priya", scope, "complianceState eq 'Exempt'"), ==, 0);
  g_assert_cmpuint (states (tenant, "Priya", subscription, failing), >, 10);
  g_assert_cmpuint (states (tenant, "Ingrid", MG "ai-workloads", failing), >,
                    states (tenant, "Priya", subscription, failing));
  made = tenant_send (tenant, "Tomás", "PUT", url, body, NULL);
  g_assert_cmpuint (made->status, ==, 201);
  g_assert_cmpuint (states (tenant, "Priya", scope, failing), ==, 1);
  g_assert_cmpuint (states (tenant, "Priya", scope, "complianceState eq 'Exempt'"), ==, 1);
}

static void
policy_states_grow (void)
{
  g_autoptr (Tenant) small = tenant_start (NULL, NULL);
  g_autoptr (Tenant) large = tenant_start (NULL, "--policy-states", "5000", NULL);
  guint before = states (small, "Ingrid", MG "contoso", "complianceState ne 'Nothing'");

  g_assert_cmpuint (states (large, "Ingrid", MG "contoso", "complianceState ne 'Nothing'"), ==,
                    before + 5000);
}

static void
people (void)
{
  g_autoptr (Tenant) tenant = tenant_start (NULL, NULL);
  const char *graph = tenant_member (tenant, "graph");
  const char *const eventual[] = { "ConsistencyLevel", "eventual", NULL };
  g_autofree char *search = uri_escape ("\"displayName:herrera\" OR \"mail:ann\"");
  g_autofree char *filter = uri_escape ("startswith(displayName,'Tom') or startswith(mail,'x')");
  g_autofree char *search_url = g_strdup_printf (
      "%s/v1.0/users?$search=%s&$select=id,displayName,accountEnabled", graph, search);
  g_autofree char *filter_url = g_strdup_printf ("%s/v1.0/users?$filter=%s", graph, filter);
  g_autofree char *broken_url = g_strdup_printf ("%s/v1.0/users?$search=ann", graph);
  g_autofree char *paged_url = g_strdup_printf ("%s/v1.0/users?$top=10", graph);
  g_autofree char *manager_url =
      g_strdup_printf ("%s/v1.0/users/priya@contoso.example/manager", graph);
  g_autofree char *none_url = g_strdup_printf ("%s/v1.0/users/nobody@contoso.example", graph);
  g_autoptr (Answer) without = tenant_get (tenant, "Priya", search_url);
  g_autoptr (Answer) found = tenant_send (tenant, "Priya", "GET", search_url, NULL, eventual);
  g_autoptr (Answer) broken = tenant_send (tenant, "Priya", "GET", broken_url, NULL, eventual);
  g_autoptr (Answer) filtered = tenant_get (tenant, "Priya", filter_url);
  g_autoptr (Answer) paged = tenant_get (tenant, "Priya", paged_url);
  g_autoptr (Answer) next = tenant_get (tenant, "Priya", answer_string (paged, "@odata.nextLink"));
  g_autoptr (Answer) manager = tenant_get (tenant, "Priya", manager_url);
  g_autoptr (Answer) none = tenant_get (tenant, "Priya", none_url);

  g_assert_cmpuint (without->status, ==, 400);
  g_assert_cmpuint (json_array_get_length (answer_value (found)), ==, 3);
  g_assert_true (answer_lists (found, "displayName", "Tomás Herrera"));
  g_assert_true (answer_lists (found, "displayName", "Anna Kowalska"));
  g_assert_false (
      json_object_has_member (json_array_get_object_element (answer_value (found), 0), "jobTitle"));
  g_assert_cmpuint (broken->status, ==, 400);
  g_assert_cmpuint (json_array_get_length (answer_value (filtered)), ==, 1);
  g_assert_cmpuint (json_array_get_length (answer_value (paged)), ==, 10);
  g_assert_cmpuint (json_array_get_length (answer_value (next)), ==, 10);
  g_assert_cmpstr (answer_string (manager, "displayName"), ==, "Daniel Okafor");
  g_assert_cmpstr (answer_code (none), ==, "Request_ResourceNotFound");
}

static Answer *
blob (Tenant *tenant,
      const char *who,
      const char *method,
      const char *path,
      const char *body,
      gboolean only_new)
{
  g_autofree char *url = g_strconcat (tenant_member (tenant, "blob"), path, NULL);
  const char *const headers[] = { "x-ms-version",
                                  "2021-12-02",
                                  "x-ms-blob-type",
                                  "BlockBlob",
                                  only_new ? "If-None-Match" : NULL,
                                  "*",
                                  NULL };

  return tenant_send (tenant, who, method, url, body, headers);
}

static void
check_blob (Tenant *tenant,
            const char *who,
            const char *method,
            const char *path,
            gboolean only_new,
            guint status,
            const char *code)
{
  g_autoptr (Answer) answer =
      blob (tenant, who, method, path, g_str_equal (method, "PUT") ? "{}" : NULL, only_new);

  if (answer->status != status || g_strcmp0 (answer_header (answer, "x-ms-error-code"), code) != 0)
    g_error ("%s %s by %s: %u %s", method, path, who, answer->status,
             answer_header (answer, "x-ms-error-code"));
}

static void
shelves (void)
{
  g_autoptr (Tenant) tenant = tenant_start (NULL, NULL);

  check_blob (tenant, "Priya", "PUT", "/leeway-requests/r/000001.json", TRUE, 201, NULL);
  check_blob (tenant, "Jonas", "PUT", "/leeway-requests/r/000001.json", TRUE, 409,
              "BlobAlreadyExists");
  check_blob (tenant, "Jonas", "PUT", "/leeway-requests/r/000001.json", FALSE, 403,
              "UnauthorizedBlobOverwrite");
  check_blob (tenant, "Priya", "DELETE", "/leeway-requests/r/000001.json", FALSE, 403,
              "AuthorizationPermissionMismatch");
  check_blob (tenant, "Priya", "PUT", "/leeway-evidence/abc", TRUE, 201, NULL);
  check_blob (tenant, "Priya", "PUT", "/leeway-log/2026-11-24/09/r-1", TRUE, 201, NULL);
  check_blob (tenant, "Priya", "PUT", "/leeway-seals/r/s.json", TRUE, 403,
              "AuthorizationPermissionMismatch");
  check_blob (tenant, "Tomás", "PUT", "/leeway-seals/r/s.json", TRUE, 201, NULL);
  check_blob (tenant, "Tomás", "PUT", "/leeway-rules/000002.json", TRUE, 403,
              "AuthorizationPermissionMismatch");
  check_blob (tenant, "Ingrid", "PUT", "/leeway-rules/000002.json", TRUE, 201, NULL);
  check_blob (tenant, "Priya", "GET", "/leeway-seals/r/s.json", FALSE, 200, NULL);
  check_blob (tenant, "Priya", "HEAD", "/leeway-requests/r/000001.json", FALSE, 200, NULL);
  check_blob (tenant, "Priya", "GET", "/leeway-requests/r/000002.json", FALSE, 404, "BlobNotFound");
  check_blob (tenant, "Priya", "GET", "/elsewhere/x", FALSE, 404, "ContainerNotFound");
  check_blob (tenant, NULL, "GET", "/leeway-rules/000001.json", FALSE, 401,
              "NoAuthenticationInformation");
  check_blob (tenant, "Priya", "PUT", "/more?restype=container", FALSE, 201, NULL);
  check_blob (tenant, "Priya", "PUT", "/more?restype=container", FALSE, 409,
              "ContainerAlreadyExists");
}

/* Names in the list, in order, with blanks between; all pages. */
static char *
list_names (Tenant *tenant, const char *query, guint *pages)
{
  g_autoptr (GRegex) names = g_regex_new ("<Name>([^<]*)</Name>", 0, 0, NULL);
  g_autoptr (GRegex) markers = g_regex_new ("<NextMarker>([^<]+)</NextMarker>", 0, 0, NULL);
  GString *all = g_string_new (NULL);
  g_autofree char *marker = g_strdup ("");

  *pages = 0;
  while (marker != NULL)
    {
      g_autofree char *escaped = uri_escape (marker);
      g_autofree char *path = g_strdup_printf (
          "/leeway-requests?restype=container&comp=list&marker=%s%s", escaped, query);
      g_autoptr (Answer) answer = blob (tenant, "Priya", "GET", path, NULL, FALSE);
      g_autoptr (GMatchInfo) name = NULL;
      g_autoptr (GMatchInfo) next = NULL;

      g_assert_cmpuint (answer->status, ==, 200);
      for (g_regex_match (names, answer->text, 0, &name); g_match_info_matches (name);
           g_match_info_next (name, NULL))
        {
          g_autofree char *text = g_match_info_fetch (name, 1);

          g_string_append_printf (all, "%s%s", all->len > 0 ? " " : "", text);
        }
      g_free (marker);
      marker =
          g_regex_match (markers, answer->text, 0, &next) ? g_match_info_fetch (next, 1) : NULL;
      ++*pages;
    }

  return g_string_free (all, FALSE);
}

static void
lists (void)
{
  static const char *const paths[] = { "/leeway-requests/b/2.json", "/leeway-requests/a/1.json",
                                       "/leeway-requests/b/1.json",
                                       "/leeway-requests/c%26d/1.json" };
  g_autoptr (Tenant) tenant = tenant_start (NULL, NULL);
  g_autofree char *all = NULL;
  g_autofree char *paged = NULL;
  g_autofree char *below = NULL;
  g_autofree char *folders = NULL;
  guint pages;

  for (guint i = 0; i < G_N_ELEMENTS (paths); i++)
    check_blob (tenant, "Priya", "PUT", paths[i], TRUE, 201, NULL);
  all = list_names (tenant, "", &pages);
  g_assert_cmpstr (all, ==, "a/1.json b/1.json b/2.json c&amp;d/1.json");
  g_assert_cmpuint (pages, ==, 1);
  paged = list_names (tenant, "&maxresults=3", &pages);
  g_assert_cmpstr (paged, ==, all);
  g_assert_cmpuint (pages, ==, 2);
  below = list_names (tenant, "&prefix=b/&maxresults=1", &pages);
  g_assert_cmpstr (below, ==, "b/1.json b/2.json");
  folders = list_names (tenant, "&delimiter=/", &pages);
  g_assert_cmpstr (folders, ==, "a/ b/ c&amp;d/");
}

static void
contents (void)
{
  g_autoptr (Tenant) tenant = tenant_start (NULL, NULL);
  g_autofree char *url = g_strconcat (tenant_member (tenant, "blob"), "/leeway-evidence/e", NULL);
  const char *const md5[] = { "x-ms-version",
                              "2021-12-02",
                              "x-ms-blob-type",
                              "BlockBlob",
                              "Content-MD5",
                              "AAAAAAAAAAAAAAAAAAAAAA==",
                              NULL };
  const char *const range[] = { "x-ms-version", "2021-12-02", "x-ms-range", "bytes=2-3", NULL };
  g_autoptr (Answer) damaged = tenant_send (tenant, "Priya", "PUT", url, "hello", md5);
  g_autoptr (Answer) put = blob (tenant, "Priya", "PUT", "/leeway-evidence/e", "hello", TRUE);
  g_autoptr (Answer) whole = blob (tenant, "Priya", "GET", "/leeway-evidence/e", NULL, FALSE);
  g_autoptr (Answer) part = tenant_send (tenant, "Priya", "GET", url, NULL, range);
  g_autoptr (Answer) rules =
      blob (tenant, "Priya", "GET", "/leeway-rules/000001.json", NULL, FALSE);
  g_autoptr (Answer) no_version = tenant_get (tenant, "Priya", url);
  const char *const same[] = { "x-ms-version", "2021-12-02", "If-None-Match",
                               answer_header (put, "ETag"), NULL };
  g_autoptr (Answer) unchanged = tenant_send (tenant, "Priya", "GET", url, NULL, same);

  g_assert_cmpstr (answer_header (damaged, "x-ms-error-code"), ==, "Md5Mismatch");
  g_assert_cmpuint (put->status, ==, 201);
  g_assert_cmpstr (whole->text, ==, "hello");
  g_assert_cmpstr (answer_header (whole, "Content-MD5"), ==, answer_header (put, "Content-MD5"));
  g_assert_cmpuint (part->status, ==, 206);
  g_assert_cmpstr (part->text, ==, "ll");
  g_assert_cmpuint (unchanged->status, ==, 304);
  g_assert_cmpuint (no_version->status, ==, 400);
  g_assert_cmpstr (answer_string (rules, "kind"), ==, "rules-changed");
  g_assert_nonnull (strstr (rules->text, tenant_persona (tenant, "Tomás", "oid")));
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/demo/resource-graph/queries", resource_graph);
  g_test_add_func ("/demo/resource-graph/pages", resource_graph_pages);
  g_test_add_func ("/demo/policy-states/query", policy_states);
  g_test_add_func ("/demo/policy-states/grow", policy_states_grow);
  g_test_add_func ("/demo/graph/people", people);
  g_test_add_func ("/demo/blob/shelves", shelves);
  g_test_add_func ("/demo/blob/lists", lists);
  g_test_add_func ("/demo/blob/contents", contents);

  return g_test_run ();
}
