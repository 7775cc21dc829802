/* SPDX-License-Identifier: GPL-3.0-or-later */

/*
 * Sends every request that the client can send, once for each cloud's api-versions, to the simulated
 * tenant over TLS, which writes down what it was asked and what it answered. check.mjs compares that
 * with the published contracts; here it is only seen to that no verb is left out and that nothing
 * that signs anybody in was written down.
 */

#include <glib/gstdio.h>
#include <string.h>

#include "lw-client-private.h"
#include "lw-drive-sign-in.h"
#include "lw-json.h"
#include "lw-test-tenant.h"

#define INGRID          "ingrid@contoso.example" /* lead: sees and may do everything */
#define PRIYA           "priya@contoso.example"  /* requester: Reader on one subscription */
#define APPLICATION     "54af7088-cfad-57d1-b6bc-09e9c5031091"
#define EVALS           "/subscriptions/5b84a0b2-debd-5e07-b5b8-601756f9c338"
#define GROUP           EVALS "/resourceGroups/rg-eval-weu"
#define WORKLOADS       "/providers/Microsoft.Management/managementGroups/ai-workloads"
#define SELECTORS_SINCE "2022-07-01-preview"
#define BASELINE                                                                                   \
  WORKLOADS "/providers/Microsoft.Authorization/policyAssignments/ai-security-baseline"

static struct
{
  char *folder;
  char *record;
  char *ca;
  char *key;
  char *pem; /* the application's: the same certificate, with its key */
  char *faults;
  LwTestTenant *tenant;
  GHashTable *driven; /* names of the verbs that were called */
} state;

typedef struct
{
  LwClient *lead;
  LwClient *requester;
  const char *cloud; /* whose api-versions are used */
} Drive;

/* Marks the verb as driven and calls it. */
#define VERB(name, ...)  (g_hash_table_add (state.driven, (char *) #name), name (__VA_ARGS__))
#define BOXED(name, ...) lw_test_boxed (VERB (name, __VA_ARGS__), NULL)

/* What a verb finds; it must be something. */
static void
assert_some (GPtrArray *found)
{
  g_assert_cmpuint (found->len, >, 0);
  g_ptr_array_unref (found);
}

static void
assert_fails (DexFuture *future, LwAzureError code)
{
  g_autoptr (GError) error = NULL;

  g_assert_null (lw_test_boxed (future, &error));
  g_assert_error (error, LW_AZURE_ERROR, (int) code);
}

/* Scopes */

static char *
first_resource (LwClient *client)
{
  g_autoptr (GPtrArray) found = BOXED (lw_client_list_resources, client, GROUP);

  g_assert_cmpuint (found->len, >, 0);
  return g_strdup (((LwScopeInfo *) g_ptr_array_index (found, 0))->id);
}

/* What a person may type: all of it stays inside the literal. */
static const char *const typed[] = {
  "aoai",
  "it's",
  "\\",
  "\\'",
  "' or 1 == 1 //",
  "\"; resources | take 1 //",
  "Grüße 東京 👩🏽‍💻",
  "a%20b'''",
  "{0}|where",
  "",
};

static void
drive_scopes (Drive *self)
{
  static const char *const scopes[] = { EVALS "/", GROUP "/", EVALS "/resourceGroups/it's (1)/" };
  g_autoptr (LwHierarchy) hierarchy = BOXED (lw_client_load_hierarchy, self->lead);

  g_assert_true (lw_hierarchy_contains (hierarchy, WORKLOADS, EVALS));
  assert_some (BOXED (lw_client_list_subscriptions, self->lead));
  assert_some (BOXED (lw_client_list_resource_groups, self->lead, EVALS));
  assert_some (
      BOXED (lw_client_list_resource_groups, self->lead, &EVALS[strlen ("/subscriptions/")]));
  assert_some (BOXED (lw_client_load_scopes, self->lead));
  for (guint i = 0; i < G_N_ELEMENTS (typed); i++)
    g_ptr_array_unref (BOXED (lw_client_search_resources, self->lead, typed[i]));
  assert_fails (VERB (lw_client_search_resources, self->lead, "two\nlines"),
                LW_AZURE_ERROR_INVALID);
  for (guint i = 0; i < G_N_ELEMENTS (scopes); i++)
    g_ptr_array_unref (BOXED (lw_client_list_resources_under, self->lead, scopes[i]));
}

static void
drive_rights (Drive *self)
{
  g_autofree char *resource = first_resource (self->lead);
  const char *scopes[] = { WORKLOADS, EVALS, GROUP, resource };

  for (guint i = 0; i < G_N_ELEMENTS (scopes); i++)
    {
      g_autoptr (JsonNode) may = BOXED (lw_client_get_permissions, self->lead, scopes[i]);

      g_assert_true (JSON_NODE_HOLDS_ARRAY (may));
      lw_rights_unref (BOXED (lw_client_get_rights, self->lead, scopes[i]));
    }
}

/* Policy */

static JsonNode *exemption_body (const char *extra);

static void
drive_compliance (Drive *self, const char *resource)
{
  const char *scopes[] = { WORKLOADS, EVALS, GROUP, resource };
  g_autoptr (JsonNode) body = exemption_body ("");
  g_autoptr (JsonNode) content =
      lw_json_parse_string ("{\"type\":\"Microsoft.Storage/storageAccounts\",\"name\":\"stnew\","
                            "\"location\":\"westeurope\",\"properties\":{}}",
                            NULL);

  for (guint i = 0; i < G_N_ELEMENTS (scopes); i++)
    {
      g_autofree char *id = g_strconcat (
          scopes[i], "/providers/Microsoft.Authorization/policyExemptions/lw-contract", NULL);

      lw_compliance_summary_unref (
          BOXED (lw_client_summarize_states, self->lead, scopes[i], BASELINE));
      assert_some (BOXED (lw_client_count_states, self->lead, scopes[i], NULL));
      g_ptr_array_unref (BOXED (lw_client_check_exemption, self->lead, id, body));
      g_ptr_array_unref (
          BOXED (lw_client_check_restrictions, self->lead, scopes[i], content, "2023-01-01"));
      if (i > 0)
        g_ptr_array_unref (
            BOXED (lw_client_list_noncompliant_components, self->lead, scopes[i], BASELINE));
    }
}

static void
drive_policy (Drive *self)
{
  g_autofree char *resource = first_resource (self->lead);
  const char *scopes[] = { WORKLOADS, EVALS, GROUP, resource };
  const char *below[] = { EVALS, GROUP, resource };
  g_autoptr (GPtrArray) all = BOXED (lw_client_list_all_assignments, self->lead);
  g_autoptr (LwAssignment) known = NULL;
  g_autoptr (GPtrArray) states = NULL;

  for (guint i = 0; i < G_N_ELEMENTS (scopes); i++)
    assert_some (BOXED (lw_client_list_assignments, self->lead, scopes[i]));
  for (guint i = 0; i < all->len; i++)
    {
      LwAssignment *found = g_ptr_array_index (all, i);
      g_autoptr (LwAssignment) one = BOXED (lw_client_get_assignment, self->lead, found->id);
      g_autoptr (LwAssignment) whole = BOXED (lw_client_load_definition, self->lead, one);

      g_assert_true (whole->definition_known);
    }
  assert_fails (VERB (lw_client_get_assignment, self->lead, BASELINE "-none"),
                LW_AZURE_ERROR_NOT_FOUND);
  for (guint i = 0; i < G_N_ELEMENTS (below); i++)
    {
      g_ptr_array_unref (BOXED (lw_client_list_noncompliant, self->lead, below[i], BASELINE));
      g_ptr_array_unref (BOXED (lw_client_list_states, self->lead, below[i], BASELINE));
    }
  drive_compliance (self, resource);
  states = BOXED (lw_client_list_noncompliant, self->requester, EVALS, BASELINE);
  g_assert_cmpuint (states->len, >, 0);
  known = BOXED (lw_client_get_assignment, self->lead, BASELINE);
  lw_assignment_unref (BOXED (lw_client_load_evaluated, self->requester, known, states));
}

/* Exemptions */

static JsonNode *
exemption_body (const char *extra)
{
  g_autofree char *text = g_strdup_printf (
      "{\"properties\":{\"policyAssignmentId\":\"" BASELINE "\","
      "\"policyDefinitionReferenceIds\":[\"aiServicesPrivateLink\"],"
      "\"exemptionCategory\":\"Waiver\",\"displayName\":\"Contract\",\"description\":\"It's\","
      "\"expiresOn\":\"2030-01-01T00:00:00Z\",\"metadata\":{\"ticketRef\":\"CHG0042\"}%s}}",
      extra);
  JsonNode *body = lw_json_parse_string (text, NULL);

  g_assert_nonnull (body);
  return body;
}

static void
drive_one_exemption (Drive *self, const char *scope)
{
  g_autofree char *id =
      g_strconcat (scope, "/providers/Microsoft.Authorization/policyExemptions/lw-contract", NULL);
  g_autoptr (JsonNode) first = exemption_body ("");
  g_autoptr (JsonNode) second =
      exemption_body (",\"resourceSelectors\":[{\"name\":\"where\",\"selectors\":[{\"kind\":"
                      "\"resourceLocation\",\"in\":[\"westeurope\"]}]}],"
                      "\"assignmentScopeValidation\":\"Default\"");
  g_autoptr (JsonNode) invalid = lw_json_parse_string ("{\"properties\":{}}", NULL);
  g_autoptr (LwExemption) made = NULL;
  g_autoptr (LwExemption) changed = NULL;
  g_autoptr (LwExemption) read = NULL;

  assert_fails (VERB (lw_client_get_exemption, self->lead, id), LW_AZURE_ERROR_NOT_FOUND);
  assert_fails (VERB (lw_client_put_exemption, self->lead, id, invalid, FALSE),
                LW_AZURE_ERROR_INVALID);
  made = BOXED (lw_client_put_exemption, self->lead, id, first, FALSE);
  if (strcmp (self->lead->cloud->exemptions_newest, SELECTORS_SINCE) < 0)
    {
      /* What that version would leave out is not sent. */
      assert_fails (VERB (lw_client_put_exemption, self->lead, id, second, TRUE),
                    LW_AZURE_ERROR_INVALID);
      changed = BOXED (lw_client_put_exemption, self->lead, id, first, TRUE);
    }
  else
    {
      changed = BOXED (lw_client_put_exemption, self->lead, id, second, TRUE);
    }
  read = BOXED (lw_client_get_exemption, self->lead, id);
  g_assert_cmpstr (made->id, ==, read->id);
  assert_some (BOXED (lw_client_list_exemptions, self->lead, scope, "atScope()"));
  g_assert_true (lw_test_boolean (VERB (lw_client_delete_exemption, self->lead, id), NULL));
  g_assert_false (lw_test_boolean (VERB (lw_client_delete_exemption, self->lead, id), NULL));
}

static void
drive_exemptions (Drive *self)
{
  g_autofree char *resource = first_resource (self->lead);
  const char *scopes[] = { WORKLOADS, EVALS, GROUP, resource };
  g_autofree char *filter = g_strdup_printf ("policyAssignmentId eq '%s'", BASELINE);
  g_autoptr (JsonNode) body = exemption_body ("");

  for (guint i = 0; i < G_N_ELEMENTS (scopes); i++)
    drive_one_exemption (self, scopes[i]);
  assert_some (BOXED (lw_client_list_exemptions, self->lead, EVALS, NULL));
  assert_some (BOXED (lw_client_list_exemptions, self->lead, EVALS, filter));
  g_ptr_array_unref (BOXED (lw_client_list_exemptions, self->lead, GROUP, "atExactScope()"));
  g_ptr_array_unref (BOXED (lw_client_list_exemptions, self->lead, EVALS, "excludeExpired()"));
  assert_some (BOXED (lw_client_list_all_exemptions, self->lead));
  /* What Reader is refused. */
  assert_fails (VERB (lw_client_put_exemption, self->requester,
                      EVALS "/providers/Microsoft.Authorization/policyExemptions/lw-contract", body,
                      FALSE),
                LW_AZURE_ERROR_FORBIDDEN);
}

/* People */

static void
drive_people (Drive *self)
{
  g_autoptr (GPtrArray) me = BOXED (lw_client_get_me, self->lead);
  g_autoptr (GPtrArray) manager = NULL;
  static const char *const group_ids[] = { "66d0aa2a-4a57-5413-b03e-8f6dc52f9325", NULL };
  g_auto (GStrv) groups = NULL;

  for (guint i = 0; i < G_N_ELEMENTS (typed); i++)
    g_ptr_array_unref (BOXED (lw_client_search_people, self->lead, typed[i]));
  groups = BOXED (lw_client_check_member_groups, self->lead, group_ids);
  g_assert_cmpuint (g_strv_length (groups), ==, 0);
  assert_some (
      BOXED (lw_client_get_person, self->requester, ((LwPerson *) g_ptr_array_index (me, 0))->id));
  manager =
      BOXED (lw_client_get_manager, self->requester, ((LwPerson *) g_ptr_array_index (me, 0))->id);
}

/* Blobs */

static void
drive_blobs (Drive *self)
{
  g_autofree char *container =
      g_strdup_printf ("%s/leeway-requests", lw_json_get_string (state.tenant->line, "blob"));
  g_autofree char *name = g_strdup_printf ("contract/ü & %s/000001.json", self->cloud);
  g_autoptr (GBytes) bytes = g_bytes_new_static ("{\"version\":1}", 13);
  g_autoptr (GBytes) back = NULL;
  g_autoptr (GPtrArray) blobs = NULL;
  g_auto (GStrv) names = NULL;

  g_assert_true (lw_test_boolean (
      VERB (lw_client_blob_put_new, self->requester, container, name, bytes), NULL));
  g_assert_false (lw_test_boolean (
      VERB (lw_client_blob_put_new, self->requester, container, name, bytes), NULL));
  back = BOXED (lw_client_blob_get, self->requester, container, name);
  g_assert_true (g_bytes_equal (back, bytes));
  assert_fails (VERB (lw_client_blob_get, self->requester, container, "none"),
                LW_AZURE_ERROR_NOT_FOUND);
  names = BOXED (lw_client_blob_list, self->requester, container, "contract/");
  g_assert_cmpuint (g_strv_length (names), >, 0);
  blobs = BOXED (lw_client_blob_survey, self->requester, container, "contract/");
  g_assert_cmpuint (blobs->len, ==, g_strv_length (names));
}

/* The whole */

static LwClient *
new_client (const char *upn, const char *cloud)
{
  g_autoptr (LwProfile) profile = lw_test_tenant_profile (state.tenant, state.ca);
  g_autoptr (LwIdentity) identity =
      lw_identity_new_for_token (profile, lw_test_tenant_token (state.tenant, upn));
  LwClient *client = lw_client_new (profile, identity);
  g_autoptr (GError) error = NULL;
  g_autoptr (LwCloud) known = lw_cloud_new_named (cloud, &error);

  g_assert_no_error (error);
  g_set_str (&client->cloud->name, cloud);
  g_set_str (&client->cloud->exemptions_create, known->exemptions_create);
  g_set_str (&client->cloud->exemptions_newest, known->exemptions_newest);
  g_set_str (&client->cloud->assignments, known->assignments);
  g_set_str (&client->cloud->definitions, known->definitions);
  return client;
}

static void
test_cloud (gconstpointer data)
{
  Drive drive = { .cloud = data };
  g_autoptr (LwClient) lead = drive.lead = new_client (INGRID, data);
  g_autoptr (LwClient) requester = drive.requester = new_client (PRIYA, data);

  drive_scopes (&drive);
  drive_rights (&drive);
  drive_policy (&drive);
  drive_exemptions (&drive);
  drive_people (&drive);
  drive_blobs (&drive);
}

/* What is sent where a cloud does not know the version it is said to know: each older one. */

static void
drive_exemption_version (Drive *self, const char *version)
{
  g_set_str (&self->lead->cloud->exemptions_create, version);
  g_set_str (&self->lead->cloud->exemptions_newest, version);
  drive_one_exemption (self, GROUP);
}

static void
drive_assignment_version (Drive *self, const char *version)
{
  g_set_str (&self->lead->cloud->assignments, version);
  assert_some (BOXED (lw_client_list_assignments, self->lead, EVALS));
  lw_assignment_unref (BOXED (lw_client_get_assignment, self->lead, BASELINE));
}

static void
drive_definition_version (Drive *self, const char *version)
{
  g_autoptr (LwAssignment) one = BOXED (lw_client_get_assignment, self->lead, BASELINE);
  g_autoptr (LwAssignment) whole = NULL;

  g_set_str (&self->lead->cloud->definitions, version);
  g_hash_table_remove_all (self->lead->definitions);
  whole = BOXED (lw_client_load_definition, self->lead, one);
  g_assert_true (whole->definition_known);
}

static void
test_versions (void)
{
  static const struct
  {
    LwApi api;
    void (*drive) (Drive *self, const char *version);
  } apis[] = { { LW_API_EXEMPTIONS, drive_exemption_version },
               { LW_API_ASSIGNMENTS, drive_assignment_version },
               { LW_API_DEFINITIONS, drive_definition_version } };
  g_autoptr (LwClient) lead = new_client (INGRID, "AzureCloud");
  Drive drive = { .lead = lead, .cloud = "AzureCloud" };

  for (guint i = 0; i < G_N_ELEMENTS (apis); i++)
    {
      g_autofree char *version = lw_version_instead (apis[i].api, "9999", NULL);

      g_assert_nonnull (version);
      while (version != NULL)
        {
          char *older = lw_version_instead (apis[i].api, version, NULL);

          apis[i].drive (&drive, version);
          g_free (version);
          version = older;
        }
    }
}

/* What is sent before there is a client. */
static void
test_sign_in (void)
{
  g_autoptr (LwCloud) cloud = lw_test_boxed (
      lw_cloud_discover (lw_json_get_string (state.tenant->line, "arm"), state.ca), NULL);

  g_assert_cmpstr (cloud->arm, ==, lw_json_get_string (state.tenant->line, "arm"));
  lw_drive_sign_in (state.tenant, state.ca, state.pem);
}

/* Every function of lw-client.h that returns a future was called. */
static void
test_every_verb (void)
{
  g_autoptr (GRegex) verb = g_regex_new ("DexFuture\\s*\\*\\s*(lw_client_\\w+)\\s*\\(", 0, 0, NULL);
  g_autofree char *header = NULL;
  g_autoptr (GMatchInfo) match = NULL;
  g_autoptr (GError) error = NULL;
  guint found = 0;

  g_file_get_contents (LW_CLIENT_HEADER, &header, NULL, &error);
  g_assert_no_error (error);
  for (g_regex_match (verb, header, 0, &match); g_match_info_matches (match);
       g_match_info_next (match, NULL))
    {
      g_autofree char *name = g_match_info_fetch (match, 1);

      found++;
      if (!g_hash_table_contains (state.driven, name))
        {
          g_test_message ("%s is in lw-client.h, but this test never calls it", name);
          g_test_fail ();
        }
    }
  g_assert_cmpuint (found, >=, 20);
  g_assert_cmpuint (found, >=, g_hash_table_size (state.driven));
}

static void
test_no_secret (void)
{
  JsonArray *personas = lw_json_get_array (state.tenant->line, "personas");
  g_autofree char *record = NULL;
  g_autoptr (GError) error = NULL;

  g_file_get_contents (state.record, &record, NULL, &error);
  g_assert_no_error (error);
  g_assert_nonnull (strstr (record, "policyExemptions/lw-contract"));
  for (guint i = 0; i < json_array_get_length (personas); i++)
    {
      JsonObject *persona = lw_json_array_get_object (personas, i);

      g_assert_null (strstr (record, lw_json_get_string (persona, "token")));
    }
  g_assert_null (strstr (record, "Bearer ey"));
}

/* A certificate for this machine's loopback address, good for two days. */
static gboolean
make_certificate (void)
{
  const char *const openssl[] = {
    "openssl",  "req",      "-x509",   "-newkey",
    "rsa:2048", "-nodes",   "-keyout", state.key,
    "-out",     state.ca,   "-days",   "2",
    "-subj",    "/CN=test", "-addext", "subjectAltName=DNS:localhost,IP:127.0.0.1",
    NULL
  };
  g_autofree char *errors = NULL;
  int status = -1;

  return g_spawn_sync (NULL, (char **) openssl, NULL, G_SPAWN_SEARCH_PATH, NULL, NULL, NULL,
                       &errors, &status, NULL) &&
         status == 0;
}

/* A directory that can't search, once: then it is asked by a filter. */
static const char faults[] =
    "{\"faults\": [{\"do\": \"answer\", \"path\": \"/graph/v1.0/users\", \"times\": 1, "
    "\"status\": 400, \"type\": \"application/json\", \"body\": "
    "\"{\\\"error\\\": {\\\"code\\\": \\\"Request_UnsupportedQuery\\\", "
    "\\\"message\\\": \\\"Search is not supported.\\\"}}\"}]}";

static void
write_file (const char *path, const char *text)
{
  g_autoptr (GError) error = NULL;

  g_file_set_contents_full (path, text, -1, G_FILE_SET_CONTENTS_CONSISTENT, 0600, &error);
  g_assert_no_error (error);
}

static void
make_pem (void)
{
  g_autofree char *certificate = NULL;
  g_autofree char *key = NULL;
  g_autofree char *both = NULL;

  g_assert_true (g_file_get_contents (state.ca, &certificate, NULL, NULL));
  g_assert_true (g_file_get_contents (state.key, &key, NULL, NULL));
  both = g_strconcat (certificate, key, NULL);
  write_file (state.pem, both);
}

static void
start (void)
{
  const char *kept = g_getenv ("LEEWAY_RECORD");
  g_autofree char *own = NULL;

  state.folder = g_dir_make_tmp ("leeway-contracts-XXXXXX", NULL);
  state.ca = g_build_filename (state.folder, "ca.pem", NULL);
  state.pem = g_build_filename (state.folder, "app.pem", NULL);
  state.faults = g_build_filename (state.folder, "faults.json", NULL);
  state.key = g_build_filename (state.folder, "ca.key", NULL);
  own = g_build_filename (state.folder, "pairs.jsonl", NULL);
  state.record = g_strdup (kept != NULL ? kept : own);
  state.driven = g_hash_table_new (g_str_hash, g_str_equal);
  if (make_certificate ())
    {
      g_autofree char *known = g_strconcat (APPLICATION "=", state.ca, NULL);
      /* Small pages and many exemptions, so that lists and queries have further ones. */
      const char *const arguments[] = {
        "--tls-certificate", state.ca,     "--tls-key",   state.key,
        "--record",          state.record, "--page-size", "60",
        "--exemptions",      "1100",       "--faults",    state.faults,
        "--app-certificate", known,        NULL
      };

      make_pem ();
      write_file (state.faults, faults);

      state.tenant = lw_test_tenant_new (arguments);
    }
}

static void
finish (void)
{
  g_clear_pointer (&state.tenant, lw_test_tenant_free);
  if (g_getenv ("LEEWAY_RECORD") == NULL)
    g_remove (state.record);
  g_remove (state.ca);
  g_remove (state.key);
  g_remove (state.pem);
  g_remove (state.faults);
  g_rmdir (state.folder);
  g_hash_table_unref (state.driven);
  g_free (state.folder);
  g_free (state.record);
  g_free (state.ca);
  g_free (state.key);
  g_free (state.pem);
  g_free (state.faults);
}

static void
test_skip (void)
{
  g_test_skip ("The simulated tenant or the openssl command is not here");
}

int
main (int argc, char **argv)
{
  int status;

  g_test_init (&argc, &argv, NULL);
  dex_init ();
  start ();
  if (state.tenant == NULL)
    {
      g_test_add_func ("/contracts/drive", test_skip);
    }
  else
    {
      g_test_add_data_func ("/contracts/drive-public", "AzureCloud", test_cloud);
      g_test_add_data_func ("/contracts/drive-us-government", "AzureUSGovernment", test_cloud);
      g_test_add_data_func ("/contracts/drive-china", "AzureChinaCloud", test_cloud);
      g_test_add_func ("/contracts/drive-versions", test_versions);
      g_test_add_func ("/contracts/drive-sign-in", test_sign_in);
      g_test_add_func ("/contracts/every-verb", test_every_verb);
      g_test_add_func ("/contracts/no-secret", test_no_secret);
    }
  status = g_test_run ();
  finish ();
  return status;
}
