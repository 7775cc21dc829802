/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Connections, answers, hosts and certificates that are not what they should be: a test for each. No other
 * host gets to see the sign-in. */

#include <string.h>

#include "lw-json.h"
#include "lw-test-faults.h"

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
  found = list_exemptions (attempt.client, NULL);
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
  g_autoptr (GError) error = expect_failure (5 * LONG_MS, rule, LW_AZURE_ERROR_TOO_LARGE, NULL, 1);
}

/* Answers */

static void
test_html_502 (void)
{
  g_autoptr (GError) error = NULL;

  expect_list (LONG_MS, "{\"do\":\"html-502\"," ON_LIST ",\"times\":2}", 0);
  first_pause_ms = PAUSE_MS;
  error = expect_failure (TWO_TRIES_MS, "{\"do\":\"html-502\"," ON_LIST ",\"times\":0}",
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
  first_pause_ms = PAUSE_MS;
  error = expect_failure (TWO_TRIES_MS, "{\"do\":\"throttle\"," ON_LIST ",\"times\":0}",
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
  first_pause_ms = PAUSE_MS;
  error = expect_failure (TWO_TRIES_MS, "{\"do\":\"unavailable\"," ON_LIST ",\"times\":0}",
                          LW_AZURE_ERROR_SERVER, "ServerTimeout", 2);
  first_pause_ms = 5;
  assert_told (error, 503);
}

/* As often as a service may fail before it is believed; fewer times where there is no time left. */
static void
test_500 (void)
{
  g_autoptr (GError) stays = NULL;
  g_autoptr (GError) late = NULL;

  expect_list (LONG_MS, "{\"do\":\"error-500\"," ON_LIST ",\"times\":3}", n_exemptions + 3);
  expect_list (LONG_MS, "{\"do\":\"error-500\"," ON_LIST ",\"retry-after\":\"1\"}", 0);
  stays = expect_failure (LONG_MS, "{\"do\":\"error-500\"," ON_LIST ",\"times\":0}",
                          LW_AZURE_ERROR_SERVER, "InternalServerError", 4);
  assert_told (stays, 500);
  first_pause_ms = PAUSE_MS;
  late = expect_failure (TWO_TRIES_MS, "{\"do\":\"error-500\"," ON_LIST ",\"times\":0}",
                         LW_AZURE_ERROR_SERVER, "InternalServerError", 2);
  first_pause_ms = 5;
  assert_told (late, 500);
}

/* What only asks may be asked again, by POST too. */
static void
test_500_queries (void)
{
  Attempt attempt;
  g_autoptr (GPtrArray) states = NULL;
  g_autoptr (GPtrArray) all = NULL;

  attempt_begin (&attempt, LONG_MS, "{\"do\":\"error-500\",\"method\":\"POST\",\"times\":2}");
  states = lw_test_boxed (lw_client_list_noncompliant (attempt.client, EVALS, BASELINE), NULL);
  g_assert_cmpuint (states->len, >, 0);
  lw_test_faulty_set (faulty, "{\"do\":\"error-500\",\"method\":\"POST\",\"times\":2}");
  all = lw_test_boxed (lw_client_list_all_exemptions (attempt.client), NULL);
  g_assert_cmpuint (all->len, >=, n_exemptions);
  attempt_end (&attempt);
}

/* Other hosts */

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
  g_assert_null (list_exemptions (attempt.client, &error));
  g_assert_cmpuint (lw_test_faulty_requests (faulty), ==, 0);
  attempt_end (&attempt);
}

static void
add_tests (void)
{
  static const char *const breaks[] = { "reset", "reset-headers", "reset-body", "cut-body", NULL };
  static const char *const stalls[] = { "stall", "stall-headers", "stall-body", NULL };
  static const char *const certificates[] = { "other", "expired", NULL };

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
  g_test_add_func ("/faults/500", test_500);
  g_test_add_func ("/faults/500/queries", test_500_queries);
  g_test_add_func ("/faults/next-link-elsewhere", test_next_link);
  g_test_add_func ("/faults/redirect-elsewhere", test_redirect);
  add_kinds ("certificate", certificates, test_certificate);
  g_test_add_func ("/faults/certificate/gets-nothing", test_certificate_gets_nothing);
}

int
main (int argc, char **argv)
{
  return faults_main (argc, argv, add_tests);
}
