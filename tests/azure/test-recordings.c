/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Every recorded answer of Azure, served to the client: each success is read without losing a member,
 * each refusal becomes a typed error with Azure's own code and message. */

#include <string.h>

#include "lw-client-private.h"
#include "lw-json.h"
#include "lw-test.h"

typedef struct
{
  LwTestServer *server;
  LwClient *client;
  JsonObject *response;
  guint pairs;
} Fixture;

static void
set_header (JsonObject *object, const char *name, JsonNode *value, gpointer data)
{
  /* The body is served plain, as the recording keeps it. */
  if (g_ascii_strcasecmp (name, "Content-Encoding") != 0 && JSON_NODE_HOLDS_VALUE (value))
    soup_message_headers_replace (data, name, json_node_get_string (value));
}

static void
serve_recording (LwTestServer *server,
                 SoupServerMessage *message,
                 const char *path,
                 GHashTable *query,
                 gpointer data)
{
  Fixture *fixture = data;
  JsonNode *body = json_object_get_member (fixture->response, "body");
  g_autofree char *text = NULL;

  if (body != NULL && JSON_NODE_HOLDS_VALUE (body))
    text = json_node_dup_string (body);
  else if (body != NULL && !JSON_NODE_HOLDS_NULL (body))
    text = json_to_string (body, FALSE);
  lw_test_answer (message, (guint) lw_json_get_int (fixture->response, "status", 0),
                  "application/json", text);
  json_object_foreach_member (lw_json_get_object (fixture->response, "headers"), set_header,
                              soup_server_message_get_response_headers (message));
}

static void
set_up (Fixture *fixture)
{
  fixture->server = lw_test_server_new (serve_recording, fixture);
  fixture->client = lw_test_client (fixture->server->base, 1);
  /* The first pause is longer than the deadline, so that what is tried again ends at once. */
  lw_transport_set_deadline (lw_client_get_transport (fixture->client), 7000, 20000);
}

static void
tear_down (Fixture *fixture)
{
  g_object_unref (fixture->client);
  lw_test_server_free (fixture->server);
}

/* The recorded address on this test's server; one slash where the recorder doubled it. */
static char *
local_url (Fixture *fixture, const char *uri)
{
  const char *path = strchr (strstr (uri, "://") + 3, '/');
  g_autofree char *clean = g_strdup (path);

  while (g_str_has_prefix (clean, "//"))
    memmove (clean, clean + 1, strlen (clean));
  return g_strconcat (fixture->server->base, clean, NULL);
}

static void
assert_same_json (JsonNode *a, JsonNode *b)
{
  g_autofree char *left = lw_test_canonical (a);
  g_autofree char *right = lw_test_canonical (b);

  g_assert_cmpstr (left, ==, right);
}

/* The code and message by a reading of the test's own. */
static const char *
expected (JsonObject *body, const char *lower, const char *upper)
{
  JsonObject *error = body != NULL && json_object_has_member (body, "error")
                          ? json_object_get_object_member (body, "error")
                          : body;
  JsonNode *node = NULL;

  if (error == NULL)
    return NULL;
  node = json_object_get_member (error, lower);
  if (node == NULL)
    node = json_object_get_member (error, upper);
  if (node != NULL && JSON_NODE_HOLDS_OBJECT (node))
    node = json_object_get_member (json_node_get_object (node), "Value");
  if (node == NULL && g_str_equal (upper, "Code"))
    node = json_object_get_member (error, "ErrorCode");
  return node != NULL && JSON_NODE_HOLDS_VALUE (node) ? json_node_get_string (node) : NULL;
}

static LwAzureError
expected_kind (gint64 status)
{
  switch (status)
    {
    case 400:
    case 405:
      return LW_AZURE_ERROR_INVALID;
    case 401:
    case 403:
      return LW_AZURE_ERROR_FORBIDDEN;
    case 404:
      return LW_AZURE_ERROR_NOT_FOUND;
    case 409:
    case 412:
      return LW_AZURE_ERROR_CONFLICT;
    case 429:
      return LW_AZURE_ERROR_THROTTLED;
    default:
      return LW_AZURE_ERROR_SERVER;
    }
}

static void
assert_error (Fixture *fixture, const GError *error)
{
  gint64 status = lw_json_get_int (fixture->response, "status", 0);
  JsonObject *body = lw_json_get_object (fixture->response, "body");
  const LwAzureErrorDetails *details = lw_azure_error_get_details (error);
  const char *code = expected (body, "code", "Code");
  const char *message = expected (body, "message", "Message");

  g_assert_error (error, LW_AZURE_ERROR, expected_kind (status));
  g_assert_nonnull (details);
  g_assert_cmpuint (details->status, ==, status);
  g_assert_cmpstr (details->code, ==, code);
  if (message != NULL)
    {
      g_assert_true (g_str_has_prefix (details->message, message));
      g_assert_nonnull (strstr (error->message, message));
    }
  g_assert_null (strstr (error->message, "</"));
  g_assert_cmpint (details->at, >, 0);
}

/* The plain way, for every pair. */
static void
check_plain (Fixture *fixture, const char *method, const char *url, JsonNode *body)
{
  gint64 status = lw_json_get_int (fixture->response, "status", 0);
  g_autoptr (GError) error = NULL;
  g_autoptr (JsonNode) node =
      lw_test_boxed (lw_transport_json (lw_client_get_transport (fixture->client), LW_AUDIENCE_ARM,
                                        method, url, body, FALSE),
                     &error);
  JsonNode *recorded = json_object_get_member (fixture->response, "body");

  if (status >= 400)
    {
      g_assert_null (node);
      assert_error (fixture, error);
      return;
    }
  g_assert_no_error (error);
  if (recorded == NULL)
    g_assert_true (JSON_NODE_HOLDS_NULL (node));
  else
    assert_same_json (node, recorded);
}

static char *
before (const char *text, const char *needle)
{
  const char *at = strstr (text, needle);

  return at != NULL ? g_strndup (text, at - text) : NULL;
}

/* Exemptions and assignments through their own verbs. */

static void
check_exemption (Fixture *fixture, const char *method, const char *id, JsonNode *body)
{
  gint64 status = lw_json_get_int (fixture->response, "status", 0);
  g_autoptr (GError) error = NULL;
  g_autoptr (LwExemption) exemption = NULL;
  g_autoptr (JsonNode) json = NULL;

  if (g_str_equal (method, "DELETE"))
    {
      gboolean gone = lw_test_boolean (lw_client_delete_exemption (fixture->client, id), &error);

      if (status < 400)
        {
          g_assert_no_error (error);
          g_assert_cmpint (gone, ==, status == 200);
        }
      else
        assert_error (fixture, error);
      return;
    }
  if (g_str_equal (method, "PUT"))
    {
      exemption =
          lw_test_boxed (lw_client_put_exemption (fixture->client, id, body, FALSE), &error);
      if (body != NULL)
        {
          const char *sent = g_ptr_array_index (fixture->server->bodies, 0);
          g_autoptr (JsonNode) node = lw_json_parse_string (sent, NULL);

          assert_same_json (node, body);
        }
    }
  else
    exemption = lw_test_boxed (lw_client_get_exemption (fixture->client, id), &error);
  if (status >= 400)
    {
      assert_error (fixture, error);
      return;
    }
  g_assert_no_error (error);
  json = lw_exemption_to_json (exemption);
  assert_same_json (json, json_object_get_member (fixture->response, "body"));
}

static void
check_exemptions (Fixture *fixture, const char *scope)
{
  g_autoptr (GPtrArray) found =
      lw_test_boxed (lw_client_list_exemptions (fixture->client, scope, NULL), NULL);
  JsonArray *value = lw_json_get_array (lw_json_get_object (fixture->response, "body"), "value");

  g_assert_cmpuint (found->len, ==, json_array_get_length (value));
  for (guint i = 0; i < found->len; i++)
    {
      g_autoptr (JsonNode) json = lw_exemption_to_json (g_ptr_array_index (found, i));

      assert_same_json (json, json_array_get_element (value, i));
    }
}

static void
check_assignment (Fixture *fixture, const char *id)
{
  gint64 status = lw_json_get_int (fixture->response, "status", 0);
  g_autoptr (GError) error = NULL;
  g_autoptr (LwAssignment) assignment =
      lw_test_boxed (lw_client_get_assignment (fixture->client, id), &error);

  if (status >= 400)
    {
      assert_error (fixture, error);
      return;
    }
  g_assert_no_error (error);
  g_assert_cmpstr (assignment->id, ==,
                   lw_json_get_string (lw_json_get_object (fixture->response, "body"), "id"));
}

static void
check_states (Fixture *fixture, const char *scope)
{
  JsonObject *body = lw_json_get_object (fixture->response, "body");
  g_autoptr (GError) error = NULL;
  g_autoptr (GPtrArray) rows = NULL;

  rows = lw_test_boxed (lw_client_list_noncompliant (fixture->client, scope, "/any"), &error);
  /* A next page that the recording names lies on Azure's own host. */
  if (lw_json_get_string (body, "@odata.nextLink") != NULL)
    {
      g_assert_error (error, LW_AZURE_ERROR, LW_AZURE_ERROR_HOST);
      return;
    }
  g_assert_no_error (error);
  g_assert_cmpuint (rows->len, ==, json_array_get_length (lw_json_get_array (body, "value")));
}

static void
check_summary (Fixture *fixture, const char *scope)
{
  JsonObject *body = lw_json_get_object (fixture->response, "body");
  JsonObject *first = lw_json_array_get_object (lw_json_get_array (body, "value"), 0);
  JsonArray *assignments = lw_json_get_array (first, "policyAssignments");
  g_autoptr (LwComplianceSummary) summary =
      lw_test_boxed (lw_client_summarize_states (fixture->client, scope, NULL), NULL);

  g_assert_cmpuint (
      summary->all->resources, ==,
      lw_json_get_int (lw_json_get_object (first, "results"), "nonCompliantResources", -1));
  g_assert_cmpuint (summary->assignments->len, ==, json_array_get_length (assignments));
  for (guint i = 0; i < summary->assignments->len; i++)
    {
      LwAssignmentSummary *one = g_ptr_array_index (summary->assignments, i);

      g_assert_cmpstr (
          one->assignment_id, ==,
          lw_json_get_string (lw_json_array_get_object (assignments, i), "policyAssignmentId"));
    }
}

/* An assignment of that definition or set: named, with its references and groups. */
static void
check_definition (Fixture *fixture, const char *id)
{
  JsonObject *properties =
      lw_json_get_object (lw_json_get_object (fixture->response, "body"), "properties");
  JsonArray *members = lw_json_get_array (properties, "policyDefinitions");
  JsonArray *groups = lw_json_get_array (properties, "policyDefinitionGroups");
  g_autofree char *text = g_strdup_printf (
      "{\"id\":\"/subscriptions/s/providers/Microsoft.Authorization/policyAssignments/a\","
      "\"properties\":{\"policyDefinitionId\":\"%s\"}}",
      id);
  g_autoptr (JsonNode) node = lw_json_parse_string (text, NULL);
  g_autoptr (LwAssignment) bare = lw_assignment_from_json (node, NULL);
  g_autoptr (LwAssignment) whole =
      lw_test_boxed (lw_client_load_definition (fixture->client, bare), NULL);

  g_assert_true (whole->definition_known);
  g_assert_cmpstr (whole->definition_name, ==, lw_json_get_string (properties, "displayName"));
  g_assert_cmpuint (whole->references->len, ==,
                    members != NULL ? json_array_get_length (members) : 1);
  g_assert_cmpuint (g_hash_table_size (whole->group_names), ==,
                    groups != NULL ? json_array_get_length (groups) : 0);
}

/* A page of Resource Graph, and the way on to the next one. */
static void
check_graph (Fixture *fixture)
{
  JsonObject *body = lw_json_get_object (fixture->response, "body");
  JsonArray *data = lw_json_get_array (body, "data");
  g_autoptr (GError) error = NULL;
  g_autoptr (LwPage) rows = NULL;
  guint limit = data != NULL ? json_array_get_length (data) : 1;

  rows = lw_test_boxed (
      lw_resource_graph_query (fixture->client, "project id", FALSE, limit, NULL, NULL), &error);
  if (data == NULL)
    {
      assert_error (fixture, error);
      g_assert_nonnull (strstr (error->message, "InvalidQuery"));
      return;
    }
  g_assert_no_error (error);
  g_assert_cmpuint (rows->values->len, ==, limit);
}

static void
check_hierarchy (Fixture *fixture)
{
  JsonArray *value = lw_json_get_array (lw_json_get_object (fixture->response, "body"), "value");
  g_autoptr (LwHierarchy) hierarchy =
      lw_test_boxed (lw_client_load_hierarchy (fixture->client), NULL);
  g_autoptr (GPtrArray) roots = lw_hierarchy_roots (hierarchy);

  g_assert_cmpuint (roots->len, >, 0);
  for (guint i = 0; i < json_array_get_length (value); i++)
    {
      JsonObject *entity = json_array_get_object_element (value, i);
      const char *name =
          lw_json_get_string (lw_json_get_object (entity, "properties"), "displayName");

      g_assert_cmpstr (lw_hierarchy_display_name (hierarchy, lw_json_get_string (entity, "id")), ==,
                       name);
    }
}

static void
check_typed (Fixture *fixture, const char *method, const char *url, JsonNode *body)
{
  const char *path = url + strlen (fixture->server->base);
  g_autofree char *bare = g_strndup (path, strcspn (path, "?"));
  g_autofree char *id = g_uri_unescape_string (bare, NULL);
  gint64 status = lw_json_get_int (fixture->response, "status", 0);
  g_autofree char *scope = NULL;

  if (strstr (id, "/policyExemptions/") != NULL)
    check_exemption (fixture, method, id, body);
  else if (g_str_equal (method, "GET") && g_str_has_suffix (id, "/policyExemptions") &&
           status == 200)
    {
      scope = before (id, "/providers/Microsoft.Authorization/policyExemptions");
      check_exemptions (fixture, scope);
    }
  else if (g_str_equal (method, "GET") && strstr (id, "/policyAssignments/") != NULL &&
           strstr (id, "PolicyInsights") == NULL)
    check_assignment (fixture, id);
  else if (g_str_has_suffix (id, "/policyStates/latest/queryResults") && status == 200)
    {
      scope = before (id, "/providers/Microsoft.PolicyInsights");
      check_states (fixture, scope);
    }
  else if (g_str_has_suffix (id, "/policyStates/latest/summarize") && status == 200)
    {
      scope = before (id, "/providers/Microsoft.PolicyInsights");
      check_summary (fixture, scope);
    }
  else if (g_str_equal (method, "GET") && status == 200 &&
           (strstr (id, "/policySetDefinitions/") != NULL ||
            strstr (id, "/policyDefinitions/") != NULL))
    check_definition (fixture, id);
  else if (g_str_has_suffix (id, "/Microsoft.ResourceGraph/resources"))
    check_graph (fixture);
  else if (g_str_has_suffix (id, "/getEntities") && status == 200)
    check_hierarchy (fixture);
}

static void
check_pair (Fixture *fixture, JsonObject *pair)
{
  JsonObject *request = lw_json_get_object (pair, "request");
  const char *method = lw_json_get_string (request, "method");
  JsonNode *body = json_object_get_member (request, "body");
  g_autofree char *url = local_url (fixture, lw_json_get_string (request, "uri"));

  if (body != NULL && JSON_NODE_HOLDS_NULL (body))
    body = NULL;
  fixture->response = lw_json_get_object (pair, "response");
  fixture->pairs++;
  g_test_message ("%s: %s", lw_json_get_string (pair, "source"), method);
  check_plain (fixture, method, url, body);
  g_ptr_array_set_size (fixture->server->bodies, 0);
  check_typed (fixture, method, url, body);
  for (guint i = 0; i < fixture->server->authorizations->len; i++)
    g_assert_cmpstr (g_ptr_array_index (fixture->server->authorizations, i), ==,
                     "Bearer " LW_TEST_TOKEN);
}

static void
test_folder (gconstpointer data)
{
  g_autofree char *name = g_build_filename ("recordings", data, NULL);
  g_autofree char *folder = lw_test_shared (name);
  g_autoptr (GDir) dir = folder != NULL ? g_dir_open (folder, 0, NULL) : NULL;
  const char *file;
  Fixture fixture = { 0 };

  if (dir == NULL)
    {
      g_test_skip (
          "The recordings are not here; set LEEWAY_SHARED to the folder that holds azure/");
      return;
    }
  set_up (&fixture);
  while ((file = g_dir_read_name (dir)) != NULL)
    {
      g_autofree char *path = g_build_filename (folder, file, NULL);
      g_autoptr (JsonNode) root = lw_test_load_json (path);
      JsonArray *pairs = json_node_get_array (root);

      for (guint i = 0; i < json_array_get_length (pairs); i++)
        check_pair (&fixture, json_array_get_object_element (pairs, i));
    }
  g_assert_cmpuint (fixture.pairs, >, 0);
  tear_down (&fixture);
}

int
main (int argc, char **argv)
{
  static const char *const folders[] = { "exemptions", "errors",         "managementgroups",
                                         "policy",     "policyinsights", "resourcegraph" };

  dex_init ();
  g_test_init (&argc, &argv, NULL);
  for (guint i = 0; i < G_N_ELEMENTS (folders); i++)
    {
      g_autofree char *path = g_strconcat ("/recordings/", folders[i], NULL);

      g_test_add_data_func (path, folders[i], test_folder);
    }
  return g_test_run ();
}
