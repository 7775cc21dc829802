/* SPDX-License-Identifier: GPL-3.0-or-later */

/*
 * Whole operations against a tenant that gets things wrong, over TLS: a test for each fault. What came
 * of it is a typed error or success; nothing hangs beyond its deadline, nothing is written twice, and no
 * other host gets to see the sign-in.
 */

#include <string.h>

#include "lw-json.h"
#include "lw-test-faulty.h"

#define TOMAS "tomas@contoso.example"
#define EVALS "/subscriptions/5b84a0b2-debd-5e07-b5b8-601756f9c338"
#define GROUP EVALS "/resourceGroups/rg-eval-weu"
#define BASELINE                                                                                   \
  "/providers/Microsoft.Management/managementGroups/ai-workloads/providers/"                       \
  "Microsoft.Authorization/policyAssignments/ai-security-baseline"
#define EXEMPTION(name) GROUP "/providers/Microsoft.Authorization/policyExemptions/" name
#define ON_LIST         "\"path\":\"" EVALS "/providers/*/policyexemptions\""
#define ON_EXEMPTION    "\"path\":\"*/policyexemptions/lw-*\""
#define ON_TOKEN        "\"path\":\"*/oauth2/v2.0/token\""

#define PAGE     "1" /* exemptions in a page */
#define SHORT_MS 1500
#define LONG_MS  20000

static LwTestFaulty *faulty;
static guint n_exemptions;
static guint first_pause_ms = 5;

typedef struct
{
  LwClient *client;
  gint64 start;
  guint deadline_ms;
} Attempt;

static void
attempt_begin (Attempt *self, guint deadline_ms, const char *rules)
{
  lw_test_faulty_set (faulty, rules);
  self->client = lw_test_faulty_client (faulty, TOMAS, deadline_ms);
  lw_transport_set_deadline (lw_client_get_transport (self->client), deadline_ms, first_pause_ms);
  self->deadline_ms = deadline_ms;
  self->start = g_get_monotonic_time ();
}

/* Nothing hung, and nothing under way holds on to the client. */
static void
attempt_end (Attempt *self)
{
  /* valgrind and sanitizers are slow; a hang lasts for good */
  g_assert_cmpint (g_get_monotonic_time () - self->start, <,
                   (gint64) self->deadline_ms * 1000 + 10 * G_USEC_PER_SEC);
  g_assert_finalize_object (self->client);
  lw_test_faulty_set (faulty, "");
}

static GPtrArray *
list (LwClient *client, GError **error)
{
  return lw_test_boxed (lw_client_list_exemptions (client, EVALS, NULL), error);
}

/* The list comes through whole. @requests: (0 for any) */
static void
expect_list (guint deadline_ms, const char *rules, guint requests)
{
  Attempt attempt;
  g_autoptr (GPtrArray) found = NULL;
  g_autoptr (GHashTable) ids = g_hash_table_new (g_str_hash, g_str_equal);

  attempt_begin (&attempt, deadline_ms, rules);
  found = list (attempt.client, NULL);
  g_assert_cmpuint (found->len, ==, n_exemptions);
  for (guint i = 0; i < found->len; i++)
    g_assert_true (g_hash_table_add (ids, ((LwExemption *) g_ptr_array_index (found, i))->id));
  if (requests > 0)
    g_assert_cmpuint (lw_test_faulty_requests (faulty), ==, requests);
  attempt_end (&attempt);
}

/* The list fails as told. @code, @requests: (nullable) (0 for any) */
static GError *
expect_failure (guint deadline_ms,
                const char *rules,
                LwAzureError expected,
                const char *code,
                guint requests)
{
  Attempt attempt;
  GError *error = NULL;
  const LwAzureErrorDetails *details;

  attempt_begin (&attempt, deadline_ms, rules);
  g_assert_null (list (attempt.client, &error));
  g_assert_error (error, LW_AZURE_ERROR, (int) expected);
  g_assert_cmpstr (error->message, !=, "");
  details = lw_azure_error_get_details (error);
  g_assert_nonnull (details);
  if (code != NULL)
    g_assert_cmpstr (details->code, ==, code);
  if (requests > 0)
    g_assert_cmpuint (lw_test_faulty_requests (faulty), ==, requests);
  attempt_end (&attempt);
  return error;
}

/* What Azure said is all there. */
static void
assert_told (const GError *error, guint status)
{
  const LwAzureErrorDetails *details = lw_azure_error_get_details (error);

  g_assert_cmpuint (details->status, ==, status);
  g_assert_nonnull (details->request_id);
  g_assert_true (g_uuid_string_is_valid (details->request_id));
  g_assert_nonnull (details->url);
  g_assert_null (strchr (details->url, '?'));
  g_assert_cmpint (details->at, >, 0);
}

/* Connections */

static void
test_refused (void)
{
  g_autoptr (GError) error =
      expect_failure (SHORT_MS, "{\"do\":\"refuse\"}", LW_AZURE_ERROR_NETWORK, NULL, 0);

  g_assert_nonnull (strstr (error->message, "localhost"));
}

static void
test_refused_for_a_while (void)
{
  Attempt attempt;
  g_autoptr (GPtrArray) found = NULL;

  attempt_begin (&attempt, LONG_MS, "{\"do\":\"refuse\",\"seconds\":1}");
  lw_transport_set_deadline (lw_client_get_transport (attempt.client), LONG_MS, 1000);
  found = list (attempt.client, NULL);
  g_assert_cmpuint (found->len, ==, n_exemptions);
  attempt_end (&attempt);
}

/* Whatever breaks once is tried again; what always breaks is reported in the end. */
static void
test_breaks (gconstpointer data)
{
  const char *kind = data;
  g_autofree char *once = g_strdup_printf ("{\"do\":\"%s\"," ON_LIST ",\"from\":2}", kind);
  g_autofree char *always = g_strdup_printf ("{\"do\":\"%s\"," ON_LIST ",\"times\":0}", kind);
  g_autoptr (GError) error = NULL;

  expect_list (LONG_MS, once, 0);
  error = expect_failure (LONG_MS, always, LW_AZURE_ERROR_NETWORK, NULL, 0);
}

static void
test_stalls (gconstpointer data)
{
  const char *kind = data;
  g_autofree char *rule = g_strdup_printf ("{\"do\":\"%s\"," ON_LIST ",\"times\":0}", kind);
  gint64 start = g_get_monotonic_time ();
  g_autoptr (GError) error = expect_failure (400, rule, LW_AZURE_ERROR_TIMED_OUT, NULL, 0);

  g_assert_cmpint (g_get_monotonic_time () - start, >=, 300 * 1000);
  g_assert_nonnull (strstr (error->message, "localhost"));
}

static void
test_cut_json (void)
{
  g_autoptr (GError) error = expect_failure (
      SHORT_MS, "{\"do\":\"cut-json\"," ON_LIST ",\"times\":0}", LW_AZURE_ERROR_PROTOCOL, NULL, 1);

  assert_told (error, 200);
}

static void
test_huge (gconstpointer data)
{
  g_autofree char *rule =
      g_strdup_printf ("{\"do\":\"huge\"," ON_LIST ",\"chunked\":%s}", (const char *) data);
  g_autoptr (GError) error = expect_failure (LONG_MS, rule, LW_AZURE_ERROR_TOO_LARGE, NULL, 1);
}

/* Answers */

static void
test_html_502 (void)
{
  g_autoptr (GError) error = NULL;

  expect_list (LONG_MS, "{\"do\":\"html-502\"," ON_LIST ",\"times\":2}", 0);
  first_pause_ms = 1000;
  error = expect_failure (SHORT_MS, "{\"do\":\"html-502\"," ON_LIST ",\"times\":0}",
                          LW_AZURE_ERROR_SERVER, NULL, 2);
  first_pause_ms = 5;
  assert_told (error, 502);
  g_assert_nonnull (strstr (error->message, "502 Bad Gateway"));
  g_assert_null (strchr (error->message, '<'));
}

static void
test_html_200 (void)
{
  g_autoptr (GError) error = expect_failure (SHORT_MS, "{\"do\":\"html-200\"," ON_LIST "}",
                                             LW_AZURE_ERROR_PROTOCOL, NULL, 1);

  assert_told (error, 200);
}

static void
test_401 (void)
{
  g_autoptr (GError) error =
      expect_failure (SHORT_MS, "{\"do\":\"unauthorized\"," ON_LIST ",\"times\":0}",
                      LW_AZURE_ERROR_SIGN_IN, "InvalidAuthenticationToken", 2);

  assert_told (error, 401);
  g_assert_null (lw_azure_error_get_details (error)->claims);
  /* A token that is refused once only was a passing trouble. */
  expect_list (SHORT_MS, "{\"do\":\"unauthorized\"," ON_LIST ",\"from\":2}", 0);
}

static void
test_401_claims (void)
{
  g_autoptr (GError) error = expect_failure (
      SHORT_MS,
      "{\"do\":\"claims\"," ON_LIST ",\"times\":0,\"claims\":\"{\\\"a\\\":{\\\"b\\\":1}}\"}",
      LW_AZURE_ERROR_SIGN_IN, "InvalidAuthenticationToken", 1);

  assert_told (error, 401);
  g_assert_cmpstr (lw_azure_error_get_details (error)->claims, ==, "{\"a\":{\"b\":1}}");
}

typedef struct
{
  const char *path;
  const char *kind;
  LwAzureError expected;
  guint status;
  const char *code;
  const char *says; /* nullable */
} Refusal;

static const Refusal refusals[] = {
  { "403/arm", "forbidden", LW_AZURE_ERROR_FORBIDDEN, 403, "AuthorizationFailed", NULL },
  { "403/linked", "forbidden-linked", LW_AZURE_ERROR_FORBIDDEN, 403, "LinkedAuthorizationFailed",
    "policyAssignments/exempt/action" },
  { "403/policy", "forbidden-policy", LW_AZURE_ERROR_FORBIDDEN, 403, "RequestDisallowedByPolicy",
    "policy" },
  { "403/deny-assignment", "forbidden-denied", LW_AZURE_ERROR_FORBIDDEN, 403,
    "DenyAssignmentAuthorizationFailed", "deny assignment" },
  { "403/graph", "forbidden-graph", LW_AZURE_ERROR_FORBIDDEN, 403, "Authorization_RequestDenied",
    "Insufficient privileges" },
  { "403/blob", "forbidden-blob", LW_AZURE_ERROR_FORBIDDEN, 403, "AuthorizationPermissionMismatch",
    "not authorized" },
  { "404", "not-found", LW_AZURE_ERROR_NOT_FOUND, 404, "PolicyExemptionNotFound", NULL },
  { "409", "conflict", LW_AZURE_ERROR_CONFLICT, 409, "AnotherOperationInProgress", NULL },
  { "409/locked", "locked", LW_AZURE_ERROR_CONFLICT, 409, "ScopeLocked", "lock" },
  { "412", "precondition", LW_AZURE_ERROR_CONFLICT, 412, "PreconditionFailed", NULL },
  { "500", "error-500", LW_AZURE_ERROR_SERVER, 500, "InternalServerError", NULL },
};

static void
test_refusal (gconstpointer data)
{
  const Refusal *refusal = data;
  g_autofree char *rule =
      g_strdup_printf ("{\"do\":\"%s\"," ON_LIST ",\"times\":0}", refusal->kind);
  g_autoptr (GError) error = expect_failure (SHORT_MS, rule, refusal->expected, refusal->code, 1);

  assert_told (error, refusal->status);
  if (refusal->says != NULL)
    g_assert_nonnull (strstr (error->message, refusal->says));
}

static void
test_429 (void)
{
  g_autoptr (GError) error = NULL;

  expect_list (LONG_MS, "{\"do\":\"throttle\"," ON_LIST ",\"times\":2}", 0);
  /* The third try would come too late. */
  first_pause_ms = 1000;
  error = expect_failure (SHORT_MS, "{\"do\":\"throttle\"," ON_LIST ",\"times\":0}",
                          LW_AZURE_ERROR_THROTTLED, "TooManyRequests", 2);
  first_pause_ms = 5;
  assert_told (error, 429);
}

static void
test_429_retry_after (void)
{
  gint64 start = g_get_monotonic_time ();
  g_autoptr (GError) error = NULL;

  expect_list (LONG_MS, "{\"do\":\"throttle\"," ON_LIST ",\"retry-after\":\"1\"}", 0);
  g_assert_cmpint (g_get_monotonic_time () - start, >=, G_USEC_PER_SEC);
  /* Longer than there is time: said at once. */
  error = expect_failure (SHORT_MS,
                          "{\"do\":\"throttle\"," ON_LIST ",\"times\":0,\"retry-after\":\"900\"}",
                          LW_AZURE_ERROR_THROTTLED, "TooManyRequests", 1);
  g_assert_nonnull (strstr (error->message, "900"));
}

static void
test_503 (void)
{
  g_autoptr (GError) error = NULL;

  expect_list (LONG_MS, "{\"do\":\"unavailable\"," ON_LIST ",\"times\":2}", 0);
  expect_list (LONG_MS, "{\"do\":\"unavailable\"," ON_LIST ",\"retry-after\":\"1\"}", 0);
  first_pause_ms = 1000;
  error = expect_failure (SHORT_MS, "{\"do\":\"unavailable\"," ON_LIST ",\"times\":0}",
                          LW_AZURE_ERROR_SERVER, "ServerTimeout", 2);
  first_pause_ms = 5;
  assert_told (error, 503);
}

/* Other hosts */

static void
say_nothing (LwTestServer *server,
             SoupServerMessage *message,
             const char *path,
             GHashTable *query,
             gpointer data)
{
  lw_test_answer (message, 200, "application/json", "{\"value\":[]}");
}

/* Led to another host by a rule that has its address between @before and @after, over http and with a good certificate over https: nobody comes. */
static void
expect_no_visitor (const char *before, const char *after)
{
  g_autoptr (LwTestServer) plain = lw_test_server_new (say_nothing, NULL);
  g_autoptr (LwTestRaw) secure = lw_test_raw_new_tls (
      "HTTP/1.1 200 OK\r\nContent-Length: 12\r\n\r\n{\"value\":[]}", FALSE, faulty->good);
  const char *const bases[] = { plain->base, secure->base };

  for (guint i = 0; i < G_N_ELEMENTS (bases); i++)
    {
      g_autofree char *rule = g_strconcat (before, bases[i], after, NULL);
      g_autoptr (GError) error = expect_failure (SHORT_MS, rule, LW_AZURE_ERROR_HOST, NULL, 1);

      g_assert_nonnull (strstr (error->message, "127.0.0.1"));
    }
  g_assert_cmpuint (plain->requests->len, ==, 0);
  g_assert_cmpint (g_atomic_int_get (&secure->connections), ==, 0);
}

static void
test_next_link (void)
{
  expect_no_visitor ("{\"do\":\"next-link\"," ON_LIST ",\"url\":\"", "/more?$skiptoken=1\"}");
}

static void
test_redirect (void)
{
  static const guint statuses[] = { 301, 302, 303, 307, 308 };

  for (guint i = 0; i < G_N_ELEMENTS (statuses); i++)
    {
      g_autofree char *before = g_strdup_printf (
          "{\"do\":\"redirect\"," ON_LIST ",\"status\":%u,\"url\":\"", statuses[i]);

      expect_no_visitor (before, "/else\"}");
    }
}

/* Certificates */

static void
test_certificate (gconstpointer data)
{
  const char *name = data;
  g_autofree char *rule = g_strdup_printf (
      "{\"do\":\"certificate\",\"times\":0,\"certificate\":\"%s/%s.pem\",\"key\":\"%s/%s.key\"}",
      faulty->folder, name, faulty->folder, name);
  g_autoptr (GError) error = NULL;

  error = expect_failure (SHORT_MS, rule, LW_AZURE_ERROR_TLS, NULL, 0);
  g_assert_nonnull (
      strstr (error->message, g_str_equal (name, "other") ? "another name" : "expired"));
  /* and the same host with its own certificate */
  expect_list (SHORT_MS, "", 0);
}

/* The same, and what it would have got. */
static void
test_certificate_gets_nothing (void)
{
  g_autofree char *rule =
      g_strdup_printf ("{\"do\":\"certificate\",\"times\":0,\"certificate\":\"%s/other.pem\","
                       "\"key\":\"%s/other.key\"}",
                       faulty->folder, faulty->folder);
  Attempt attempt;
  g_autoptr (GError) error = NULL;

  attempt_begin (&attempt, SHORT_MS, rule);
  g_assert_null (list (attempt.client, &error));
  g_assert_cmpuint (lw_test_faulty_requests (faulty), ==, 0);
  attempt_end (&attempt);
}

/* Writes */

static JsonNode *
exemption_body (const char *name)
{
  g_autofree char *text = g_strdup_printf (
      "{\"properties\":{\"policyAssignmentId\":\"" BASELINE
      "\",\"policyDefinitionReferenceIds\":[\"aiServicesPrivateLink\"],"
      "\"exemptionCategory\":\"Waiver\",\"displayName\":\"%s\",\"expiresOn\":"
      "\"2030-01-01T00:00:00Z\",\"metadata\":{\"n\":[1,true,null,{\"x\":\"y\"}]}}}",
      name);

  return lw_json_parse_string (text, NULL);
}

static void
test_put_exemption (gconstpointer data)
{
  const char *kind = data;
  g_autofree char *id = g_strconcat (EXEMPTION ("lw-"), kind, NULL);
  g_autofree char *write = g_strconcat ("PUT ", id, NULL);
  g_autofree char *rule =
      g_strdup_printf ("{\"do\":\"%s\",\"method\":\"PUT\"," ON_EXEMPTION "}", kind);
  g_autoptr (JsonNode) body = exemption_body (kind);
  g_autoptr (LwExemption) made = NULL;
  Attempt attempt;

  attempt_begin (&attempt, LONG_MS, rule);
  made = lw_test_boxed (lw_client_put_exemption (attempt.client, id, body, FALSE), NULL);
  g_assert_cmpstr (made->display_name, ==, kind);
  g_assert_cmpuint (lw_test_faulty_writes (faulty, write), ==, 1);
  attempt_end (&attempt);
}

/* What is there already is not written over by a second try: somebody may have been there between. */
static void
test_put_over_exemption (gconstpointer data)
{
  const char *kind = data;
  g_autofree char *id = g_strconcat (EXEMPTION ("lw-over-"), kind, NULL);
  g_autofree char *write = g_strconcat ("PUT ", id, NULL);
  g_autofree char *rule =
      g_strdup_printf ("{\"do\":\"%s\",\"method\":\"PUT\"," ON_EXEMPTION ",\"from\":2}", kind);
  g_autoptr (JsonNode) before = exemption_body ("before");
  g_autoptr (JsonNode) after = exemption_body ("after");
  g_autoptr (LwExemption) first = NULL;
  g_autoptr (LwExemption) second = NULL;
  g_autoptr (LwExemption) there = NULL;
  g_autoptr (GError) error = NULL;
  gboolean acted = !g_str_equal (kind, "reset");
  Attempt attempt;

  attempt_begin (&attempt, LONG_MS, rule);
  first = lw_test_boxed (lw_client_put_exemption (attempt.client, id, before, FALSE), NULL);
  g_assert_nonnull (first);
  second = lw_test_boxed (lw_client_put_exemption (attempt.client, id, after, TRUE), &error);
  there = lw_test_boxed (lw_client_get_exemption (attempt.client, id), NULL);
  g_assert_cmpuint (lw_test_faulty_writes (faulty, write), ==, acted ? 2 : 1);
  if (acted)
    {
      g_assert_no_error (error);
      g_assert_cmpstr (second->display_name, ==, "after");
      g_assert_cmpstr (there->display_name, ==, "after");
    }
  else
    {
      g_assert_error (error, LW_AZURE_ERROR, LW_AZURE_ERROR_NETWORK);
      g_assert_cmpstr (there->display_name, ==, "before");
    }
  attempt_end (&attempt);
}

/* The connection is gone when the next request wants to use it: with luck the client has seen it. */
static void
test_closed_when_idle (void)
{
  g_autofree char *container =
      g_strdup_printf ("%s/leeway-requests", lw_json_get_string (faulty->tenant->line, "blob"));
  Attempt attempt;

  expect_list (LONG_MS, "{\"do\":\"close\",\"times\":0}", n_exemptions);
  attempt_begin (&attempt, LONG_MS, "{\"do\":\"close\",\"times\":0}");
  for (guint i = 0; i < 4; i++)
    {
      g_autofree char *name = g_strdup_printf ("faults/closed-%u", i);
      g_autoptr (GBytes) mine = g_bytes_new (name, strlen (name));
      g_autoptr (GBytes) there = NULL;

      g_assert_true (
          lw_test_boolean (lw_client_blob_put_new (attempt.client, container, name, mine), NULL));
      there = lw_test_boxed (lw_client_blob_get (attempt.client, container, name), NULL);
      g_assert_true (g_bytes_equal (there, mine));
    }
  attempt_end (&attempt);
}

static void
test_put_exemption_throttled (void)
{
  static const char id[] = EXEMPTION ("lw-throttled");
  g_autoptr (JsonNode) body = exemption_body ("throttled");
  g_autoptr (LwExemption) made = NULL;
  Attempt attempt;

  attempt_begin (&attempt, LONG_MS,
                 "{\"do\":\"throttle\",\"method\":\"PUT\"," ON_EXEMPTION ",\"times\":2}");
  made = lw_test_boxed (lw_client_put_exemption (attempt.client, id, body, FALSE), NULL);
  g_assert_cmpuint (lw_test_faulty_writes (faulty, "PUT " EXEMPTION ("lw-throttled")), ==, 1);
  attempt_end (&attempt);
}

static void
test_put_exemption_refused (void)
{
  g_autoptr (JsonNode) body = exemption_body ("refused");
  g_autoptr (GError) error = NULL;
  Attempt attempt;

  attempt_begin (&attempt, SHORT_MS,
                 "{\"do\":\"forbidden-linked\",\"method\":\"PUT\"," ON_EXEMPTION ",\"times\":0}");
  g_assert_null (lw_test_boxed (
      lw_client_put_exemption (attempt.client, EXEMPTION ("lw-refused"), body, FALSE), &error));
  g_assert_error (error, LW_AZURE_ERROR, LW_AZURE_ERROR_FORBIDDEN);
  assert_told (error, 403);
  g_assert_cmpuint (lw_test_faulty_requests (faulty), ==, 1);
  attempt_end (&attempt);
}

static void
test_delete_exemption (void)
{
  static const char id[] = EXEMPTION ("lw-delete");
  g_autoptr (JsonNode) body = exemption_body ("delete");
  g_autoptr (LwExemption) made = NULL;
  g_autoptr (GError) error = NULL;
  Attempt attempt;

  attempt_begin (&attempt, LONG_MS, "{\"do\":\"lose\",\"method\":\"DELETE\"," ON_EXEMPTION "}");
  made = lw_test_boxed (lw_client_put_exemption (attempt.client, id, body, FALSE), NULL);
  g_assert_nonnull (made);
  /* Gone is gone, whoever was told. */
  lw_test_boolean (lw_client_delete_exemption (attempt.client, id), &error);
  g_assert_no_error (error);
  g_assert_null (lw_test_boxed (lw_client_get_exemption (attempt.client, id), &error));
  g_assert_error (error, LW_AZURE_ERROR, LW_AZURE_ERROR_NOT_FOUND);
  attempt_end (&attempt);
}

static void
test_put_blob (gconstpointer data)
{
  const char *kind = data;
  g_autofree char *container =
      g_strdup_printf ("%s/leeway-requests", lw_json_get_string (faulty->tenant->line, "blob"));
  g_autofree char *name = g_strconcat ("faults/", kind, NULL);
  g_autofree char *write =
      g_strdup_printf ("PUT %s/%s", strstr (container + strlen ("https://"), "/"), name);
  g_autofree char *rule =
      g_strdup_printf ("{\"do\":\"%s\",\"method\":\"PUT\",\"path\":\"*/faults/*\"}", kind);
  g_autoptr (GBytes) mine = g_bytes_new_static ("mine", 4);
  g_autoptr (GBytes) theirs = g_bytes_new_static ("theirs", 6);
  g_autoptr (GBytes) there = NULL;
  Attempt attempt;

  attempt_begin (&attempt, LONG_MS, rule);
  g_assert_true (
      lw_test_boolean (lw_client_blob_put_new (attempt.client, container, name, mine), NULL));
  g_assert_cmpuint (lw_test_faulty_writes (faulty, write), ==, 1);
  g_assert_false (
      lw_test_boolean (lw_client_blob_put_new (attempt.client, container, name, theirs), NULL));
  there = lw_test_boxed (lw_client_blob_get (attempt.client, container, name), NULL);

  g_assert_true (g_bytes_equal (there, mine));
  g_assert_cmpuint (lw_test_faulty_writes (faulty, write), ==, 1);
  attempt_end (&attempt);
}

/* Signing in */

typedef struct
{
  LwTestFaulty *faulty;
  LwProfile *profile;
  LwIdentity *identity;
  LwClient *client;
} SignedIn;

/* With a tenant of its own, whose tokens may end. */
static void
signed_in_begin (SignedIn *self, const char *rules)
{
  const char *const arguments[] = { "--page-size", PAGE, NULL };

  self->faulty = lw_test_faulty_new (arguments);
  self->profile = lw_test_tenant_profile (self->faulty->tenant, self->faulty->ca_file);
  self->identity = lw_identity_new (self->profile);
  lw_test_faulty_set (self->faulty, rules);
  g_assert_true (lw_test_faulty_sign_in (self->faulty, self->identity, TOMAS, NULL));
  self->client = lw_client_new (self->profile, self->identity);
  lw_transport_set_deadline (lw_client_get_transport (self->client), SHORT_MS, 5);
}

static void
signed_in_end (SignedIn *self)
{
  g_assert_finalize_object (self->client);
  g_assert_finalize_object (self->identity);
  lw_profile_unref (self->profile);
  lw_test_faulty_free (self->faulty);
}

/* A garbled token endpoint ends a sign-in with a sentence, and a session only for the time being. */
static void
test_token_garbage (gconstpointer data)
{
  const char *kind = data;
  g_autofree char *rule = g_strdup_printf ("{\"do\":\"%s\"," ON_TOKEN ",\"times\":0}", kind);
  g_autoptr (LwProfile) profile = lw_test_tenant_profile (faulty->tenant, faulty->ca_file);
  g_autoptr (LwIdentity) identity = lw_identity_new (profile);
  g_autoptr (GError) error = NULL;
  g_autoptr (GError) refreshing = NULL;
  g_autofree char *token = NULL;
  g_autofree char *arm = NULL;

  lw_test_faulty_set (faulty, rule);
  g_assert_false (lw_test_faulty_sign_in (faulty, identity, TOMAS, &error));
  g_assert_error (error, LW_AZURE_ERROR, LW_AZURE_ERROR_PROTOCOL);
  g_assert_false (lw_identity_is_signed_in (identity));
  lw_test_faulty_set (faulty, "");
  g_assert_true (lw_test_faulty_sign_in (faulty, identity, TOMAS, NULL));
  lw_test_faulty_set (faulty, rule);
  g_assert_null (lw_test_string (lw_identity_get_token (identity, LW_AUDIENCE_GRAPH), &refreshing));
  g_assert_error (refreshing, LW_AZURE_ERROR, LW_AZURE_ERROR_PROTOCOL);
  lw_test_faulty_set (faulty, "");
  token = lw_test_string (lw_identity_get_token (identity, LW_AUDIENCE_GRAPH), NULL);
  g_assert_nonnull (token);
}

static void
test_token_endpoint_breaks (void)
{
  g_autoptr (LwProfile) profile = lw_test_tenant_profile (faulty->tenant, faulty->ca_file);
  g_autoptr (LwIdentity) identity = lw_identity_new (profile);
  g_autofree char *token = NULL;

  lw_test_faulty_set (faulty, "");
  g_assert_true (lw_test_faulty_sign_in (faulty, identity, TOMAS, NULL));
  /* The refresh was done, and its answer lost: the token of before is good once more. */
  lw_test_faulty_set (faulty, "{\"do\":\"lose\"," ON_TOKEN "}");
  token = lw_test_string (lw_identity_get_token (identity, LW_AUDIENCE_GRAPH), NULL);
  g_assert_nonnull (token);
  lw_test_faulty_set (faulty, "");
}

static void
test_clock (gconstpointer data)
{
  const char *seconds = data;
  g_autofree char *rules = g_strdup_printf ("{\"do\":\"clock\",\"seconds\":%s}", seconds);
  g_autofree char *throttled = NULL;
  g_autoptr (GDateTime) now = g_date_time_new_now_utc ();
  g_autoptr (GDateTime) told = g_date_time_add_seconds (now, g_ascii_strtod (seconds, NULL) + 1.0);
  g_autofree char *date = soup_date_time_to_string (told, SOUP_DATE_HTTP);
  g_autoptr (GPtrArray) found = NULL;
  g_autoptr (GPtrArray) again = NULL;
  SignedIn self;

  signed_in_begin (&self, rules);
  found = list (self.client, NULL);
  g_assert_cmpuint (found->len, ==, n_exemptions);
  /* A date to wait for is one of the server's clock. */
  throttled =
      g_strdup_printf ("%s,{\"do\":\"throttle\"," ON_LIST ",\"retry-after\":\"%s\"}", rules, date);
  lw_test_faulty_set (self.faulty, throttled);
  lw_transport_set_deadline (lw_client_get_transport (self.client), LONG_MS, 5);
  again = list (self.client, NULL);
  g_assert_cmpuint (again->len, ==, n_exemptions);
  signed_in_end (&self);
}

static void
test_expiry_while_paging (void)
{
  g_autoptr (GPtrArray) found = NULL;
  g_autoptr (GHashTable) ids = g_hash_table_new (g_str_hash, g_str_equal);
  guint pages = (n_exemptions + atoi (PAGE) - 1) / (guint) atoi (PAGE);
  SignedIn self;

  g_assert_cmpuint (pages, >=, 3);
  signed_in_begin (&self, "");
  lw_test_faulty_set (self.faulty, "{\"do\":\"expire\"," ON_LIST ",\"from\":2}");
  found = list (self.client, NULL);
  g_assert_cmpuint (found->len, ==, n_exemptions);
  for (guint i = 0; i < found->len; i++)
    g_assert_true (g_hash_table_add (ids, ((LwExemption *) g_ptr_array_index (found, i))->id));
  /* each page, one that was refused, and one refresh */
  g_assert_cmpuint (lw_test_faulty_requests (self.faulty), ==, pages + 2);
  signed_in_end (&self);
}

/* A given token cannot be renewed: that is said. */
static void
test_expiry_of_a_given_token (void)
{
  const char *const arguments[] = { "--page-size", PAGE, NULL };
  g_autoptr (LwTestFaulty) own = lw_test_faulty_new (arguments);
  g_autoptr (LwClient) client = lw_test_faulty_client (own, TOMAS, SHORT_MS);
  g_autoptr (GError) error = NULL;

  lw_test_faulty_set (own, "{\"do\":\"expire\"," ON_LIST ",\"from\":2}");
  g_assert_null (list (client, &error));
  g_assert_error (error, LW_AZURE_ERROR, LW_AZURE_ERROR_SIGN_IN);
  g_assert_cmpstr (lw_azure_error_get_details (error)->code, ==, "ExpiredAuthenticationToken");
}

static void
add_kinds (const char *path, const char *const *kinds, GTestDataFunc func)
{
  for (guint i = 0; kinds[i] != NULL; i++)
    {
      g_autofree char *name = g_strdup_printf ("/faults/%s/%s", path, kinds[i]);

      g_test_add_data_func (name, kinds[i], func);
    }
}

static void
add_tests (void)
{
  static const char *const breaks[] = { "reset", "reset-headers", "reset-body", "cut-body", NULL };
  static const char *const stalls[] = { "stall", "stall-headers", "stall-body", NULL };
  static const char *const puts[] = { "lose", "reset", "reset-body", NULL };
  static const char *const garbage[] = { "token-html", "token-empty", "token-types", "token-broken",
                                         NULL };
  static const char *const certificates[] = { "other", "expired", NULL };
  static const char *const clocks[] = { "300", "-300", NULL };

  g_test_add_func ("/faults/refused", test_refused);
  g_test_add_func ("/faults/refused-for-a-while", test_refused_for_a_while);
  add_kinds ("breaks", breaks, test_breaks);
  add_kinds ("stalls", stalls, test_stalls);
  g_test_add_func ("/faults/truncated-json", test_cut_json);
  g_test_add_data_func ("/faults/100-mb/announced", "false", test_huge);
  g_test_add_data_func ("/faults/100-mb/chunked", "true", test_huge);
  g_test_add_func ("/faults/html-502", test_html_502);
  g_test_add_func ("/faults/html-200", test_html_200);
  g_test_add_func ("/faults/401", test_401);
  g_test_add_func ("/faults/401/claims", test_401_claims);
  for (guint i = 0; i < G_N_ELEMENTS (refusals); i++)
    {
      g_autofree char *name = g_strconcat ("/faults/", refusals[i].path, NULL);

      g_test_add_data_func (name, &refusals[i], test_refusal);
    }
  g_test_add_func ("/faults/429", test_429);
  g_test_add_func ("/faults/429/retry-after", test_429_retry_after);
  g_test_add_func ("/faults/503", test_503);
  g_test_add_func ("/faults/next-link-elsewhere", test_next_link);
  g_test_add_func ("/faults/redirect-elsewhere", test_redirect);
  add_kinds ("certificate", certificates, test_certificate);
  g_test_add_func ("/faults/certificate/gets-nothing", test_certificate_gets_nothing);
  add_kinds ("put-exemption", puts, test_put_exemption);
  add_kinds ("put-over-exemption", puts, test_put_over_exemption);
  g_test_add_func ("/faults/put-exemption/throttled", test_put_exemption_throttled);
  g_test_add_func ("/faults/put-exemption/refused", test_put_exemption_refused);
  g_test_add_func ("/faults/delete-exemption/lose", test_delete_exemption);
  g_test_add_func ("/faults/closed-when-idle", test_closed_when_idle);
  add_kinds ("put-blob", puts, test_put_blob);
  add_kinds ("token-endpoint", garbage, test_token_garbage);
  g_test_add_func ("/faults/token-endpoint/lose", test_token_endpoint_breaks);
  add_kinds ("clock", clocks, test_clock);
  g_test_add_func ("/faults/expiry-while-paging", test_expiry_while_paging);
  g_test_add_func ("/faults/expiry-of-a-given-token", test_expiry_of_a_given_token);
}

static void
test_nothing (void)
{
  g_test_skip ("The simulated tenant or openssl is not here; set LEEWAY_DEMO_TENANT and "
               "LEEWAY_DEMO_DATA");
}

int
main (int argc, char **argv)
{
  const char *const arguments[] = { "--page-size", PAGE, NULL };
  int status;

  dex_init ();
  g_test_init (&argc, &argv, NULL);
  faulty = lw_test_faulty_new (arguments);
  if (faulty != NULL)
    {
      g_autoptr (LwClient) client = lw_test_faulty_client (faulty, TOMAS, LONG_MS);
      g_autoptr (GPtrArray) found = list (client, NULL);

      n_exemptions = found->len;
      add_tests ();
    }
  else
    {
      g_test_add_func ("/faults", test_nothing);
    }
  status = g_test_run ();
  g_clear_pointer (&faulty, lw_test_faulty_free);
  return status;
}
