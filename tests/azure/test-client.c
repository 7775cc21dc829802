/* SPDX-License-Identifier: GPL-3.0-or-later */

/* The client's verbs against the simulated tenant over TLS, and what they do where something is in the
 * way. */

#include <string.h>

#include "lw-client-private.h"
#include "lw-json.h"
#include "lw-test-people.h"

static LwScopeInfo *
find_scope (GPtrArray *infos, const char *id)
{
  for (guint i = 0; i < infos->len; i++)
    {
      if (lw_arm_id_equal (((LwScopeInfo *) g_ptr_array_index (infos, i))->id, id))
        return g_ptr_array_index (infos, i);
    }
  return NULL;
}

static LwAssignment *
find_assignment (GPtrArray *assignments, const char *id)
{
  for (guint i = 0; i < assignments->len; i++)
    {
      if (lw_arm_id_equal (((LwAssignment *) g_ptr_array_index (assignments, i))->id, id))
        return g_ptr_array_index (assignments, i);
    }
  return NULL;
}

/* Scopes */

static void
test_scopes (LwTestPeople *self, gconstpointer data)
{
  g_autoptr (LwHierarchy) hierarchy = NULL;
  g_autoptr (GPtrArray) all = NULL;
  g_autoptr (GPtrArray) few = NULL;
  g_autoptr (GPtrArray) groups = NULL;
  g_autoptr (GPtrArray) resources = NULL;
  g_autoptr (GPtrArray) under = NULL;
  g_autoptr (GPtrArray) found = NULL;
  g_autoptr (GPtrArray) scopes = NULL;
  LwScopeInfo *group;

  if (self->tenant == NULL)
    return;
  hierarchy = lw_test_boxed (lw_client_load_hierarchy (self->tomas), NULL);
  g_assert_true (lw_hierarchy_contains (hierarchy, WORKLOADS, EVALS));
  g_assert_cmpstr (lw_hierarchy_display_name (hierarchy, WORKLOADS), ==, "AI Workloads");
  all = lw_test_boxed (lw_client_list_subscriptions (self->tomas), NULL);
  few = lw_test_boxed (lw_client_list_subscriptions (self->priya), NULL);
  g_assert_cmpuint (all->len, ==, 12);
  g_assert_cmpuint (few->len, ==, 1);
  g_assert_cmpstr (find_scope (few, EVALS)->display_name, ==, "sub-evals-prod");
  groups = lw_test_boxed (lw_client_list_resource_groups (self->priya, EVALS), NULL);
  group = find_scope (groups, EVALS "/resourceGroups/rg-eval-weu");
  g_assert_nonnull (group);
  g_assert_cmpstr (lw_json_get_string (group->tags, "team"), ==, "Evals");
  resources = lw_test_boxed (lw_client_list_resources (self->priya, group->id), NULL);
  under = lw_test_boxed (lw_client_list_resources_under (self->priya, group->id), NULL);
  g_assert_cmpuint (resources->len, >, 0);
  g_assert_cmpuint (under->len, ==, resources->len);
  found = lw_test_boxed (lw_client_search_resources (self->priya, "aoai-redteam"), NULL);
  g_assert_cmpuint (found->len, >=, 1);
  scopes = lw_test_boxed (lw_client_load_scopes (self->tomas), NULL);
  g_assert_nonnull (find_scope (scopes, WORKLOADS));
  g_assert_cmpstr (find_scope (scopes, WORKLOADS)->display_name, ==, "AI Workloads");
  g_assert_cmpstr (lw_json_get_string (find_scope (scopes, EVALS)->tags, "team"), ==, "Evals");
  g_assert_nonnull (find_scope (scopes, group->id));
}

/* Policy */

static void
test_policy (LwTestPeople *self, gconstpointer data)
{
  g_autoptr (GPtrArray) all = NULL;
  g_autoptr (GPtrArray) inherited = NULL;
  g_autoptr (GPtrArray) rows = NULL;
  g_autoptr (LwAssignment) one = NULL;
  g_autoptr (LwAssignment) known = NULL;
  g_autoptr (LwAssignment) again = NULL;
  g_autoptr (LwAssignment) unknown = NULL;

  if (self->tenant == NULL)
    return;
  all = lw_test_boxed (lw_client_list_all_assignments (self->tomas), NULL);
  inherited = lw_test_boxed (lw_client_list_assignments (self->priya, EVALS), NULL);
  g_assert_cmpuint (all->len, ==, 12);
  g_assert_nonnull (find_assignment (inherited, BASELINE));
  one = lw_test_boxed (lw_client_get_assignment (self->tomas, BASELINE), NULL);
  g_assert_true (one->initiative);
  known = lw_test_boxed (lw_client_load_definition (self->tomas, one), NULL);
  g_assert_true (known->definition_known);
  g_assert_cmpuint (known->references->len, >=, 12);
  for (guint i = 0; i < known->references->len; i++)
    {
      LwPolicyReference *reference = g_ptr_array_index (known->references, i);

      g_assert_nonnull (reference->display_name);
      g_assert_nonnull (reference->effect);
    }
  again = lw_test_boxed (lw_client_load_definition (self->tomas, one), NULL);
  g_assert_cmpuint (again->references->len, ==, known->references->len);
  /* A requester may not read what is defined at a management group. */
  unknown = lw_test_boxed (
      lw_client_load_definition (self->priya, find_assignment (inherited, BASELINE)), NULL);
  g_assert_false (unknown->definition_known);
  rows = lw_test_boxed (lw_client_list_noncompliant (self->priya, EVALS, BASELINE), NULL);
  g_assert_cmpuint (rows->len, >, 0);
  for (guint i = 0; i < rows->len; i++)
    {
      LwPolicyState *row = g_ptr_array_index (rows, i);

      g_assert_true (lw_arm_id_equal (row->assignment_id, BASELINE));
      g_assert_cmpstr (row->compliance, ==, "NonCompliant");
      g_assert_true (lw_arm_id_contains (EVALS, row->resource_id));
    }
}

static void
test_permissions (LwTestPeople *self, gconstpointer data)
{
  static const char write[] = "Microsoft.Authorization/policyExemptions/write";
  g_autoptr (JsonNode) may = NULL;
  g_autoptr (JsonNode) may_not = NULL;
  g_autoptr (JsonNode) elsewhere = NULL;

  if (self->tenant == NULL)
    return;
  may = lw_test_boxed (lw_client_get_permissions (self->tomas, EVALS), NULL);
  may_not = lw_test_boxed (lw_client_get_permissions (self->priya, EVALS), NULL);
  g_assert_cmpint (lw_permissions_check (json_node_get_array (may), write), ==, LW_RIGHT_YES);
  g_assert_cmpint (lw_permissions_check (json_node_get_array (may_not), write), ==, LW_RIGHT_NO);
  elsewhere =
      lw_test_boxed (lw_client_get_permissions (
                         self->tomas, "/subscriptions/00000000-0000-4000-8000-000000000009"),
                     NULL);
  g_assert_true (JSON_NODE_HOLDS_NULL (elsewhere));
}

/* Exemptions */

static GHashTable *
ids_of (GPtrArray *exemptions)
{
  GHashTable *ids = g_hash_table_new_full (lw_arm_id_hash, lw_arm_id_equal, g_free, NULL);

  for (guint i = 0; i < exemptions->len; i++)
    g_assert_true (
        g_hash_table_add (ids, g_strdup (((LwExemption *) g_ptr_array_index (exemptions, i))->id)));
  return ids;
}

static void
assert_same_ids (GPtrArray *a, GPtrArray *b)
{
  g_autoptr (GHashTable) left = ids_of (a);
  g_autoptr (GHashTable) right = ids_of (b);
  GHashTableIter iter;
  gpointer id;

  g_assert_cmpuint (a->len, ==, b->len);
  g_hash_table_iter_init (&iter, left);
  while (g_hash_table_iter_next (&iter, &id, NULL))
    g_assert_true (g_hash_table_contains (right, id));
}

/* Resource Graph and the way without it find the same, whatever the size of the pages. */
static void
test_all_exemptions (LwTestPeople *self, gconstpointer data)
{
  LwClient *clients[] = { self->tomas, self->priya };

  for (guint i = 0; self->tenant != NULL && i < G_N_ELEMENTS (clients); i++)
    {
      g_autoptr (GPtrArray) by_graph =
          lw_test_boxed (lw_client_list_all_exemptions (clients[i]), NULL);
      g_autoptr (GPtrArray) assignments_by_graph =
          lw_test_boxed (lw_client_list_all_assignments (clients[i]), NULL);
      g_autoptr (GPtrArray) by_rest = NULL;
      g_autoptr (GPtrArray) assignments_by_rest = NULL;

      clients[i]->cloud->policy_in_graph = FALSE;
      by_rest = lw_test_boxed (lw_client_list_all_exemptions (clients[i]), NULL);
      assignments_by_rest = lw_test_boxed (lw_client_list_all_assignments (clients[i]), NULL);
      g_assert_cmpuint (by_graph->len, >, 0);
      assert_same_ids (by_graph, by_rest);
      g_assert_cmpuint (assignments_by_rest->len, >, 0);
      g_assert_cmpuint (assignments_by_rest->len, <=, assignments_by_graph->len);
    }
}

static void
test_many_exemptions (LwTestPeople *self, gconstpointer data)
{
  g_autoptr (GPtrArray) all = NULL;

  if (self->tenant == NULL)
    return;
  all = lw_test_boxed (lw_client_list_all_exemptions (self->tomas), NULL);
  g_assert_cmpuint (all->len, ==, 2500);
}

static JsonNode *
exemption_body (void)
{
  return lw_json_parse_string (
      "{\"properties\":{\"policyAssignmentId\":\"" BASELINE
      "\",\"policyDefinitionReferenceIds\":[\"aiServicesPrivateLink\"],"
      "\"exemptionCategory\":\"Waiver\",\"displayName\":\"Test\",\"expiresOn\":"
      "\"2030-01-01T00:00:00Z\",\"metadata\":{\"foreign\":{\"deep\":[1,2.5,null,\"ü\"]}}}}",
      NULL);
}

static void
test_exemption_life (LwTestPeople *self, gconstpointer data)
{
  static const char id[] = EVALS "/resourceGroups/rg-eval-weu/providers/"
                                 "Microsoft.Authorization/policyExemptions/lw-test-1";
  g_autoptr (JsonNode) body = exemption_body ();
  g_autoptr (LwExemption) made = NULL;
  g_autoptr (LwExemption) read = NULL;
  g_autoptr (LwExemption) written = NULL;
  g_autoptr (GPtrArray) listed = NULL;
  g_autoptr (GError) refused = NULL;
  g_autoptr (GError) missing = NULL;
  g_autoptr (GError) invalid = NULL;
  g_autoptr (JsonNode) wrong = NULL;

  if (self->tenant == NULL)
    return;
  g_assert_null (lw_test_boxed (lw_client_put_exemption (self->priya, id, body, FALSE), &refused));
  g_assert_error (refused, LW_AZURE_ERROR, LW_AZURE_ERROR_FORBIDDEN);
  g_assert_cmpstr (lw_azure_error_get_details (refused)->code, ==, "AuthorizationFailed");
  g_assert_nonnull (lw_azure_error_get_details (refused)->request_id);
  g_assert_null (lw_test_boxed (lw_client_get_exemption (self->tomas, id), &missing));
  g_assert_error (missing, LW_AZURE_ERROR, LW_AZURE_ERROR_NOT_FOUND);
  g_assert_cmpstr (lw_azure_error_get_details (missing)->code, ==, "PolicyExemptionNotFound");
  made = lw_test_boxed (lw_client_put_exemption (self->tomas, id, body, FALSE), NULL);
  g_assert_cmpstr (made->display_name, ==, "Test");
  read = lw_test_boxed (lw_client_get_exemption (self->tomas, id), NULL);
  g_assert_true (json_object_equal (made->json, read->json));
  written = lw_test_boxed (lw_client_put_exemption (self->tomas, id, body, TRUE), NULL);
  g_assert_cmpstr (written->id, ==, made->id);
  listed = lw_test_boxed (lw_client_list_exemptions (
                              self->tomas, EVALS "/resourceGroups/rg-eval-weu", "atExactScope()"),
                          NULL);
  g_assert_cmpuint (listed->len, >, 0);
  g_assert_true (lw_test_boolean (lw_client_delete_exemption (self->tomas, id), NULL));
  g_assert_false (lw_test_boolean (lw_client_delete_exemption (self->tomas, id), NULL));
  wrong = lw_json_parse_string ("{\"properties\":{}}", NULL);
  g_assert_null (lw_test_boxed (lw_client_put_exemption (self->tomas, id, wrong, FALSE), &invalid));
  g_assert_error (invalid, LW_AZURE_ERROR, LW_AZURE_ERROR_INVALID);
}

/* People */

static void
test_people (LwTestPeople *self, gconstpointer data)
{
  g_autoptr (GPtrArray) me = NULL;
  g_autoptr (GPtrArray) found = NULL;
  g_autoptr (GPtrArray) odd = NULL;
  g_autoptr (GPtrArray) none = NULL;
  g_autoptr (GPtrArray) manager = NULL;
  g_autoptr (GError) error = NULL;
  LwPerson *person;
  LwDirectoryPerson *entry;

  if (self->tenant == NULL)
    return;
  me = lw_test_boxed (lw_client_get_me (self->priya), NULL);
  person = g_ptr_array_index (me, 0);
  g_assert_cmpstr (person->name, ==, "Priya Raman");
  found = lw_test_boxed (lw_client_search_people (self->priya, "priya"), NULL);
  g_assert_cmpuint (found->len, ==, 1);
  entry = g_ptr_array_index (found, 0);
  g_assert_cmpstr (entry->person->id, ==, person->id);
  g_assert_cmpint (entry->enabled, ==, 1);
  odd = lw_test_boxed (lw_client_search_people (self->priya, "\"\\ & ü'"), NULL);
  g_assert_cmpuint (odd->len, ==, 0);
  none = lw_test_boxed (lw_client_search_people (self->priya, "   "), NULL);
  g_assert_cmpuint (none->len, ==, 0);
  manager = lw_test_boxed (lw_client_get_manager (self->priya, person->id), NULL);
  g_assert_cmpuint (manager->len, ==, 1);
  g_assert_cmpstr (((LwPerson *) g_ptr_array_index (manager, 0))->upn, ==,
                   "daniel@contoso.example");
  g_assert_null (lw_test_boxed (lw_client_get_manager (self->priya, "../me"), &error));
  g_assert_error (error, LW_AZURE_ERROR, LW_AZURE_ERROR_INVALID);
}

/* Blobs */

static void
test_blobs (LwTestPeople *self, gconstpointer data)
{
  g_autofree char *container = NULL;
  g_autofree char *seals = NULL;
  g_autofree char *missing = NULL;
  g_autoptr (GBytes) one = g_bytes_new_static ("one", 3);
  g_autoptr (GBytes) two = g_bytes_new_static ("two", 3);
  g_autoptr (GBytes) back = NULL;
  g_autoptr (GError) refused = NULL;
  g_autoptr (GError) gone = NULL;
  g_autoptr (GError) bad = NULL;
  g_auto (GStrv) names = NULL;

  if (self->tenant == NULL)
    return;
  container = g_strdup_printf ("%s/leeway-requests",
                               lw_json_get_string (self->tenant->tenant->line, "blob"));
  seals =
      g_strdup_printf ("%s/leeway-seals", lw_json_get_string (self->tenant->tenant->line, "blob"));
  g_assert_true (
      lw_test_boolean (lw_client_blob_put_new (self->priya, container, "t e/ü&1.json", one), NULL));
  g_assert_false (
      lw_test_boolean (lw_client_blob_put_new (self->priya, container, "t e/ü&1.json", two), NULL));
  g_assert_true (
      lw_test_boolean (lw_client_blob_put_new (self->priya, container, "t e/0", two), NULL));
  back = lw_test_boxed (lw_client_blob_get (self->priya, container, "t e/ü&1.json"), NULL);
  g_assert_true (g_bytes_equal (back, one));
  names = lw_test_boxed (lw_client_blob_list (self->priya, container, "t e/"), NULL);
  g_assert_cmpuint (g_strv_length (names), ==, 2);
  g_assert_cmpstr (names[0], ==, "t e/0");
  g_assert_cmpstr (names[1], ==, "t e/ü&1.json");
  g_assert_false (
      lw_test_boolean (lw_client_blob_put_new (self->priya, seals, "x", one), &refused));
  g_assert_error (refused, LW_AZURE_ERROR, LW_AZURE_ERROR_FORBIDDEN);
  g_assert_null (lw_test_boxed (lw_client_blob_get (self->priya, container, "none"), &gone));
  g_assert_error (gone, LW_AZURE_ERROR, LW_AZURE_ERROR_NOT_FOUND);
  g_assert_cmpstr (lw_azure_error_get_details (gone)->code, ==, "BlobNotFound");
  g_assert_null (lw_test_boxed (lw_client_blob_get (self->priya, container, "../x"), &bad));
  g_assert_error (bad, LW_AZURE_ERROR, LW_AZURE_ERROR_INVALID);
}

/* A put whose answer got lost: what is there tells whether it arrived. */

typedef struct
{
  const char *there; /* (nullable): what a GET answers */
  guint puts;
} Lost;

static void
lose_answer (LwTestServer *server,
             SoupServerMessage *message,
             const char *path,
             GHashTable *query,
             gpointer data)
{
  Lost *lost = data;

  if (g_str_equal (soup_server_message_get_method (message), "PUT"))
    {
      lw_test_answer (message, lost->puts++ == 0 ? 503 : 201, "text/plain", "");
      return;
    }
  if (lost->there != NULL)
    lw_test_answer (message, 200, "application/octet-stream", lost->there);
  else
    lw_test_answer (message, 404, "application/xml",
                    "<?xml version=\"1.0\"?><Error><Code>BlobNotFound</Code></Error>");
}

static void
test_lost_put (void)
{
  static const struct
  {
    const char *there;
    gboolean result;
    guint puts;
  } cases[] = { { "mine", TRUE, 1 }, { "theirs", FALSE, 1 }, { NULL, TRUE, 2 } };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      Lost lost = { .there = cases[i].there };
      g_autoptr (LwTestServer) server = lw_test_server_new (lose_answer, &lost);
      g_autoptr (LwClient) client = lw_test_client (server->base, 5000);
      g_autofree char *container = g_strconcat (server->base, "/leeway-requests", NULL);
      g_autoptr (GBytes) bytes = g_bytes_new_static ("mine", 4);

      g_assert_cmpint (
          lw_test_boolean (lw_client_blob_put_new (client, container, "a", bytes), NULL), ==,
          cases[i].result);
      g_assert_cmpuint (lost.puts, ==, cases[i].puts);
    }
}

static void
list_blobs (LwTestServer *server,
            SoupServerMessage *message,
            const char *path,
            GHashTable *query,
            gpointer data)
{
  lw_test_answer (message, 200, "application/xml", data);
}

static void
test_bad_blob_lists (void)
{
  static const char *const bodies[] = {
    "", "text", "<a/>", "<EnumerationResults><Blobs><Blob><Name>x</Name>", "<html>Sign in</html>",
    "<!DOCTYPE a [<!ENTITY b \"c\">]><EnumerationResults>&b;",
    /* a marker that never moves on */
    "<EnumerationResults><Blobs/><NextMarker>m</NextMarker></EnumerationResults>"
  };

  for (guint i = 0; i < G_N_ELEMENTS (bodies); i++)
    {
      g_autoptr (LwTestServer) server = lw_test_server_new (list_blobs, (gpointer) bodies[i]);
      g_autoptr (LwClient) client = lw_test_client (server->base, 5000);
      g_autofree char *container = g_strconcat (server->base, "/c", NULL);
      g_autoptr (GError) error = NULL;

      g_assert_null (lw_test_boxed (lw_client_blob_list (client, container, ""), &error));
      g_assert_error (error, LW_AZURE_ERROR, LW_AZURE_ERROR_PROTOCOL);
    }
}

static void
list_blobs_in_turn (LwTestServer *server,
                    SoupServerMessage *message,
                    const char *path,
                    GHashTable *query,
                    gpointer data)
{
  guint *page = data;
  g_autofree char *body =
      g_strdup_printf ("<EnumerationResults><Blobs><Blob><Name>b%u</Name></Blob>"
                       "</Blobs><NextMarker>m%u</NextMarker>"
                       "</EnumerationResults>",
                       *page, *page % 3);

  (*page)++;
  lw_test_answer (message, 200, "application/xml", body);
}

/* Markers that go round in a ring. */
static void
test_blob_list_ring (void)
{
  guint page = 0;
  g_autoptr (LwTestServer) server = lw_test_server_new (list_blobs_in_turn, &page);
  g_autoptr (LwClient) client = lw_test_client (server->base, 5000);
  g_autofree char *container = g_strconcat (server->base, "/c", NULL);
  g_autoptr (GError) error = NULL;

  g_assert_null (lw_test_boxed (lw_client_blob_list (client, container, ""), &error));
  g_assert_error (error, LW_AZURE_ERROR, LW_AZURE_ERROR_PROTOCOL);
  g_assert_cmpuint (page, ==, 4);
}

static void
test_encoded_blob_names (void)
{
  static const char body[] =
      "\xef\xbb\xbf<?xml version=\"1.0\" encoding=\"utf-8\"?><EnumerationResults><Blobs>"
      "<Blob><Name>b&amp;c</Name><Properties><Name>no</Name></Properties></Blob>"
      "<Blob><Name Encoded=\"true\">a%0Bx</Name></Blob></Blobs><NextMarker/>"
      "</EnumerationResults>";
  g_autoptr (LwTestServer) server = lw_test_server_new (list_blobs, (gpointer) body);
  g_autoptr (LwClient) client = lw_test_client (server->base, 5000);
  g_autofree char *container = g_strconcat (server->base, "/c", NULL);
  g_auto (GStrv) names = lw_test_boxed (lw_client_blob_list (client, container, "a/"), NULL);

  g_assert_cmpstr (names[0], ==, "a\vx");
  g_assert_cmpstr (names[1], ==, "b&c");
  g_assert_nonnull (strstr (g_ptr_array_index (server->requests, 0), "prefix=a%2F"));
}

/* Resource Graph */

static void
too_large_at_first (LwTestServer *server,
                    SoupServerMessage *message,
                    const char *path,
                    GHashTable *query,
                    gpointer data)
{
  guint n = server->requests->len;

  if (n <= 2)
    lw_test_answer (
        message, 400, "application/json",
        "{\"error\":{\"code\":\"BadRequest\",\"message\":\"Please provide below info\","
        "\"details\":[{\"code\":\"ResponsePayloadTooLarge\",\"message\":\"Too large\"}]}}");
  else if (n == 3 || data != NULL)
    lw_test_answer (message, 200, "application/json",
                    "{\"data\":[{\"id\":\"/subscriptions/s\",\"name\":\"s\",\"type\":\"t\"}],"
                    "\"resultTruncated\":\"true\",\"$skipToken\":\"abc\"}");
  else
    lw_test_answer (message, 200, "application/json",
                    "{\"data\":[{\"id\":\"/subscriptions/u\",\"name\":\"u\",\"type\":\"t\"}],"
                    "\"resultTruncated\":\"false\"}");
}

static void
test_graph_pages (void)
{
  static const char *const expected[] = { "\"$top\":1000", "\"$top\":500", "\"$top\":250",
                                          "\"$top\":250" };
  g_autoptr (LwTestServer) server = lw_test_server_new (too_large_at_first, NULL);
  g_autoptr (LwTestServer) endless = lw_test_server_new (too_large_at_first, (gpointer) "x");
  g_autoptr (LwClient) client = lw_test_client (server->base, 5000);
  g_autoptr (LwClient) lost = lw_test_client (endless->base, 5000);
  g_autoptr (GPtrArray) scopes = lw_test_boxed (lw_client_load_scopes (client), NULL);
  g_autoptr (GError) error = NULL;

  g_assert_cmpuint (scopes->len, ==, 2);
  g_assert_cmpuint (server->bodies->len, ==, 4);
  for (guint i = 0; i < G_N_ELEMENTS (expected); i++)
    g_assert_nonnull (strstr (g_ptr_array_index (server->bodies, i), expected[i]));
  g_assert_null (strstr (g_ptr_array_index (server->bodies, 2), "skipToken"));
  g_assert_nonnull (strstr (g_ptr_array_index (server->bodies, 3), "\"$skipToken\":\"abc\""));
  g_assert_null (lw_test_boxed (lw_client_load_scopes (lost), &error));
  g_assert_error (error, LW_AZURE_ERROR, LW_AZURE_ERROR_PROTOCOL);
}

#define ADD(path, arguments, function)                                                             \
  g_test_add (path, LwTestPeople, arguments, lw_test_people_set_up, function,                      \
              lw_test_people_tear_down)

int
main (int argc, char **argv)
{
  static const char *const small_pages[] = { "--page-size", "2", NULL };
  static const char *const many[] = { "--exemptions", "2500", NULL };

  dex_init ();
  g_test_init (&argc, &argv, NULL);
  ADD ("/tenant/scopes", NULL, test_scopes);
  ADD ("/tenant/scopes/small-pages", small_pages, test_scopes);
  ADD ("/tenant/policy", NULL, test_policy);
  ADD ("/tenant/policy/small-pages", small_pages, test_policy);
  ADD ("/tenant/permissions", NULL, test_permissions);
  ADD ("/tenant/all-exemptions", NULL, test_all_exemptions);
  ADD ("/tenant/all-exemptions/small-pages", small_pages, test_all_exemptions);
  ADD ("/tenant/many-exemptions", many, test_many_exemptions);
  ADD ("/tenant/exemption-life", NULL, test_exemption_life);
  ADD ("/tenant/people", NULL, test_people);
  ADD ("/tenant/blobs", NULL, test_blobs);
  g_test_add_func ("/blob/lost-put", test_lost_put);
  g_test_add_func ("/blob/bad-lists", test_bad_blob_lists);
  g_test_add_func ("/blob/list-ring", test_blob_list_ring);
  g_test_add_func ("/blob/encoded-names", test_encoded_blob_names);
  g_test_add_func ("/graph/pages", test_graph_pages);
  return g_test_run ();
}
