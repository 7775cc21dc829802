/* SPDX-License-Identifier: GPL-3.0-or-later */

/* The parts of the Azure room that need no network. */

#include <string.h>

#include "lw-client-private.h"
#include "lw-entra.h"
#include "lw-fault.h"
#include "lw-json.h"
#include "lw-jwt.h"
#include "lw-pkce.h"
#include "lw-test.h"
#include "lw-trace.h"

static void
test_report (void)
{
  LwAzureErrorDetails details = { .status = 403,
                                  .code = (char *) "AuthorizationFailed",
                                  .message = (char *) "The client\nmay not: "
                                                      "eyJhbGciOiJub25lIn0.eyJvaWQiOiJ4In0.c2ln",
                                  .request_id = (char *) "req-1",
                                  .url = (char *) "GET https://a/b",
                                  .at = 1735732800 };
  g_autoptr (GError) error =
      lw_azure_error_new (LW_AZURE_ERROR_FORBIDDEN, &details, "You may not.");
  g_autoptr (GError) plain = g_error_new_literal (G_IO_ERROR, G_IO_ERROR_FAILED, "Broken.");
  g_autofree char *report = lw_error_report (error);
  g_autofree char *short_report = lw_error_report (plain);

  g_assert_cmpstr (report, ==,
                   "Problem: You may not.\n"
                   "HTTP status: 403\n"
                   "Code: AuthorizationFailed\n"
                   "Answer: The client may not: ***\n"
                   "Request: GET https://a/b\n"
                   "Request or correlation id: req-1\n"
                   "Time: 2025-01-01T12:00:00Z\n");
  g_assert_cmpstr (short_report, ==, "Problem: Broken.\n");
}

/* PKCE and random text */

static void
test_pkce (void)
{
  g_autofree char *a = lw_random_text (32, NULL);
  g_autofree char *b = lw_random_text (32, NULL);
  /* RFC 7636, appendix B */
  g_autofree char *challenge = lw_pkce_challenge ("dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk");

  g_assert_cmpstr (challenge, ==, "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM");
  g_assert_cmpuint (strlen (a), ==, 43);
  g_assert_cmpstr (a, !=, b);
  g_assert_cmpuint (strspn (a, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"),
                    ==, 43);
  g_assert_true (lw_secret_equal ("abc", "abc"));
  g_assert_false (lw_secret_equal ("abc", "abd"));
  g_assert_false (lw_secret_equal ("abc", "ab"));
  g_assert_false (lw_secret_equal (NULL, NULL));
  g_assert_false (lw_secret_equal (NULL, ""));
}

static void
test_jwt (void)
{
  /* {"alg":"none"} . {"oid":"x","n":"ü"} . */
  g_autoptr (JsonObject) good =
      lw_jwt_claims ("eyJhbGciOiJub25lIn0.eyJvaWQiOiJ4IiwibiI6IsO8In0.c2ln");
  g_autoptr (JsonObject) three = lw_jwt_claims ("a.b.c");
  g_autoptr (JsonObject) opaque = lw_jwt_claims (LW_TEST_TOKEN);
  g_autoptr (JsonObject) array = lw_jwt_claims ("e30.W10.");

  g_assert_nonnull (good);
  g_assert_cmpstr (lw_json_get_string (good, "oid"), ==, "x");
  g_assert_cmpstr (lw_json_get_string (good, "n"), ==, "ü");
  g_assert_null (three);
  g_assert_null (opaque);
  g_assert_null (array);
  g_assert_null (lw_jwt_claims (NULL));
  g_assert_null (lw_jwt_claims (""));
}

/* Waiting */

static void
test_retry (void)
{
  g_assert_cmpint (lw_retry_after ("3", 0), ==, 3000);
  g_assert_cmpint (lw_retry_after ("0", 0), ==, 0);
  g_assert_cmpint (lw_retry_after (NULL, 0), ==, -1);
  g_assert_cmpint (lw_retry_after ("", 0), ==, -1);
  g_assert_cmpint (lw_retry_after ("soon", 0), ==, -1);
  g_assert_cmpint (lw_retry_after ("-5", 0), ==, -1);
  g_assert_cmpint (lw_retry_after ("99999999999999999999", 0), >, 0);
  g_assert_cmpint (lw_retry_after ("Thu, 01 Jan 1970 00:01:00 GMT", 50), ==, 10000);
  g_assert_cmpint (lw_retry_after ("Thu, 01 Jan 1970 00:01:00 GMT", 100), ==, 0);
  for (guint attempt = 1; attempt < 40; attempt++)
    {
      guint pause = lw_retry_pause (attempt, 500);

      g_assert_cmpuint (pause, >=, 250);
      g_assert_cmpuint (pause, <=, 15000);
    }
  g_assert_cmpuint (lw_retry_pause (4, 500), >=, 2000);
}

/* Challenges: the vectors of Microsoft's own libraries */

static void
test_challenges (void)
{
  g_autofree char *path = lw_test_shared ("recordings/auth/www-authenticate.json");
  g_autoptr (JsonNode) root = NULL;
  JsonArray *vectors;

  g_assert_true (lw_challenge_is_bearer ("Basic realm=\"x\", bearer error=\"y\""));
  g_assert_false (lw_challenge_is_bearer ("Basic realm=\"Bearer x\""));
  g_assert_false (lw_challenge_is_bearer (NULL));
  g_assert_null (lw_challenge_get_claims ("Bearer claims=\"" /* never closed */));
  g_assert_null (lw_challenge_get_claims (",,,=\"\"\\"));
  if (path == NULL)
    {
      g_test_skip ("The vectors are not here; set LEEWAY_SHARED to the folder that holds azure/");
      return;
    }
  root = lw_test_load_json (path);
  vectors = json_node_get_array (root);
  g_assert_cmpuint (json_array_get_length (vectors), >, 0);
  for (guint i = 0; i < json_array_get_length (vectors); i++)
    {
      JsonObject *vector = json_array_get_object_element (vectors, i);
      JsonObject *response = lw_json_get_object (vector, "response");
      const char *header =
          lw_json_get_string (lw_json_get_object (response, "headers"), "WWW-Authenticate");
      g_autofree char *claims = lw_challenge_get_claims (header);

      g_test_message ("%s", lw_json_get_string (vector, "step"));
      g_assert_true (lw_challenge_is_bearer (header));
      g_assert_cmpstr (claims, ==, lw_json_get_string (vector, "claims"));
    }
}

/* The token endpoint's replies */

static void
check_reply (JsonObject *response, const char *expect)
{
  JsonNode *body = json_object_get_member (response, "body");
  g_autofree char *text = json_to_string (body, FALSE);
  g_autoptr (GBytes) bytes = g_bytes_new (text, strlen (text));
  JsonObject *object = json_node_get_object (body);
  g_autoptr (GError) error = NULL;
  g_autoptr (LwEntraTokens) tokens =
      lw_entra_read_reply ((guint) lw_json_get_int (response, "status", 400), bytes, &error);

  if (g_str_equal (expect, "parse"))
    {
      g_assert_no_error (error);
      g_assert_cmpstr (tokens->access_token, ==, lw_json_get_string (object, "access_token"));
      g_assert_cmpint (tokens->expires_in, ==, lw_json_get_int (object, "expires_in", -1));
      return;
    }
  g_assert_null (tokens);
  g_assert_error (error, LW_AZURE_ERROR, LW_AZURE_ERROR_SIGN_IN);
  g_assert_cmpstr (lw_azure_error_get_details (error)->code, ==,
                   lw_json_get_string (object, "error"));
  g_assert_cmpstr (lw_azure_error_get_details (error)->claims, ==,
                   lw_json_get_string (object, "claims"));
  g_assert_cmpstr (lw_azure_error_get_details (error)->request_id, ==,
                   lw_json_get_string (object, "correlation_id"));
  g_assert_null (strstr (error->message, "Trace ID"));
}

static void
test_token_replies (void)
{
  g_autofree char *path = lw_test_shared ("recordings/auth/token-endpoint.json");
  g_autoptr (JsonNode) root = NULL;
  JsonArray *vectors;
  guint checked = 0;

  if (path == NULL)
    {
      g_test_skip ("The vectors are not here; set LEEWAY_SHARED to the folder that holds azure/");
      return;
    }
  root = lw_test_load_json (path);
  vectors = json_node_get_array (root);
  for (guint i = 0; i < json_array_get_length (vectors); i++)
    {
      JsonObject *vector = json_array_get_object_element (vectors, i);
      JsonObject *response = lw_json_get_object (vector, "response");
      JsonArray *responses = lw_json_get_array (vector, "responses");
      JsonObject *body = lw_json_get_object (response, "body");

      g_test_message ("%s", lw_json_get_string (vector, "step"));
      /* The device code itself is no token. */
      if (lw_json_get_string (body, "device_code") != NULL)
        continue;
      if (response != NULL)
        check_reply (response, lw_json_get_string (vector, "expect"));
      for (guint j = 0; responses != NULL && j < json_array_get_length (responses); j++)
        {
          if (lw_json_array_get_object (responses, j) != NULL)
            check_reply (lw_json_array_get_object (responses, j), "sign in again");
        }
      checked++;
    }
  g_assert_cmpuint (checked, >=, 5);
}

static void
test_token_garbage (void)
{
  static const struct
  {
    guint status;
    const char *body;
    LwAzureError code;
  } cases[] = {
    { 200, "", LW_AZURE_ERROR_PROTOCOL },
    { 200, "<html>sign in</html>", LW_AZURE_ERROR_PROTOCOL },
    { 200, "null", LW_AZURE_ERROR_PROTOCOL },
    { 200, "[]", LW_AZURE_ERROR_PROTOCOL },
    { 200, "{}", LW_AZURE_ERROR_PROTOCOL },
    { 200, "{\"access_token\":7}", LW_AZURE_ERROR_PROTOCOL },
    { 200, "{\"access_token\":\"a\\r\\nHost: evil\"}", LW_AZURE_ERROR_PROTOCOL },
    { 200, "{\"access_token\":\"\"}", LW_AZURE_ERROR_PROTOCOL },
    { 400, "<html></html>", LW_AZURE_ERROR_PROTOCOL },
    { 400, "{\"error\":\"invalid_grant\"}", LW_AZURE_ERROR_SIGN_IN },
    { 400, "{\"error\":\"temporarily_unavailable\"}", LW_AZURE_ERROR_SERVER },
    { 503, "busy", LW_AZURE_ERROR_SERVER },
    { 429, "{}", LW_AZURE_ERROR_THROTTLED },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr (GBytes) bytes = g_bytes_new (cases[i].body, strlen (cases[i].body));
      g_autoptr (GError) error = NULL;
      g_autoptr (LwEntraTokens) tokens = lw_entra_read_reply (cases[i].status, bytes, &error);

      g_assert_null (tokens);
      g_assert_error (error, LW_AZURE_ERROR, (int) cases[i].code);
    }
}

/* What people meet, and the next step that each sentence has to name. */
static void
test_sentences (void)
{
  static const struct
  {
    guint number;
    const char *says;
  } cases[] = {
    { 50076, "confirm it there" },
    { 50079, "confirm it there" },
    { 50074, "confirm it there" },
    { 65001, "Grant admin consent" },
    { 90094, "Grant admin consent" },
    { 65004, "accept it" },
    { 53000, "managed device" },
    { 53001, "managed device" },
    { 53002, "does not approve this app" },
    { 53003, "Conditional Access policy blocks" },
    { 50020, "invited as a guest" },
    { 90072, "invited as a guest" },
    { 700016, "Check tenant and client id" },
    { 7000222, "Make a new one" },
    { 7000215, "secret's value" },
    { 700082, "Sign in again" },
    { 50173, "revoked" },
    { 70043, "Sign in again" },
    { 50055, "Change it in the browser" },
    { 50057, "Ask an administrator" },
    { 50053, "locked" },
    { 70020, "get a new one" },
    { 50011, "http://localhost" },
    { 50105, "assign you" },
    { 500011, "Check the cloud" },
    { 90002, "Check the tenant" },
    { 7000218, "allow public client flows" },
    { 700027, "Upload the certificate" },
    { 700024, "clock" },
    { 500212, "cross-tenant" },
    { 50196, "Wait five minutes" },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autofree char *description = g_strdup_printf (
          "AADSTS%u: What Entra says.\r\nTrace ID: t\r\nCorrelation ID: c", cases[i].number);
      g_autoptr (GError) error = lw_entra_refusal ("invalid_grant", description, "corr", NULL);
      g_autofree char *number = g_strdup_printf ("AADSTS%u", cases[i].number);
      g_autofree char *report = lw_error_report (error);

      if (strstr (error->message, cases[i].says) == NULL)
        g_error ("“%s” does not say “%s”", error->message, cases[i].says);
      g_assert_nonnull (strstr (error->message, number));
      g_assert_null (strstr (error->message, "Trace ID"));
      g_assert_cmpstr (lw_azure_error_get_details (error)->request_id, ==, "corr");
      /* Decided by "error" alone. */
      g_assert_cmpstr (lw_azure_error_get_details (error)->code, ==, "invalid_grant");
      g_assert_nonnull (strstr (report, "What Entra says."));
      g_assert_nonnull (strstr (report, "corr"));
    }
}

static GError *
refusal_of (const char *body)
{
  g_autoptr (GBytes) bytes = g_bytes_new (body, strlen (body));
  GError *error = NULL;

  g_assert_null (lw_entra_read_reply (400, bytes, &error));
  return error;
}

/* The members are used where they are there, and never trusted to have the right type. */
static void
test_refusal_members (void)
{
  g_autoptr (GError) whole =
      refusal_of ("{\"error\":\"invalid_grant\",\"suberror\":\"bad_token\",\"error_codes\":[53003],"
                  "\"error_description\":\"Blocked.\",\"timestamp\":\"2026-11-22 09:00:00Z\","
                  "\"correlation_id\":\"c-1\",\"claims\":\"{}\"}");
  g_autoptr (GError) sub =
      refusal_of ("{\"error\":\"invalid_grant\",\"suberror\":\"user_password_expired\"}");
  g_autoptr (GError) unknown = refusal_of (
      "{\"error\":\"brand_new\",\"error_codes\":[1],\"error_description\":\"AADSTS1: New.\"}");
  g_autoptr (GError) wrong = refusal_of (
      "{\"error\":\"invalid_grant\",\"suberror\":7,\"error_codes\":[\"x\",null,{},[],-5,1.5],"
      "\"error_description\":[],\"timestamp\":{},\"correlation_id\":1,\"claims\":[]}");
  g_autoptr (GError) strange =
      refusal_of ("{\"error\":\"a\\nb\",\"error_codes\":{},\"timestamp\":\"yesterday\"}");

  g_assert_nonnull (strstr (whole->message, "Conditional Access"));
  g_assert_nonnull (strstr (whole->message, "(AADSTS53003)"));
  g_assert_cmpint (lw_azure_error_get_details (whole)->at, ==, 1795338000);
  g_assert_cmpstr (lw_azure_error_get_details (whole)->request_id, ==, "c-1");
  g_assert_cmpstr (lw_azure_error_get_details (whole)->claims, ==, "{}");
  g_assert_nonnull (strstr (sub->message, "password"));
  g_assert_nonnull (strstr (unknown->message, "AADSTS1: New."));
  g_assert_nonnull (strstr (unknown->message, "Show the details"));
  g_assert_nonnull (strstr (wrong->message, "Sign in again"));
  g_assert_null (lw_azure_error_get_details (wrong)->claims);
  g_assert_cmpstr (lw_azure_error_get_details (strange)->code, ==, "a b");
}

/* Client capabilities join what a challenge asks for. */
static void
test_claims (void)
{
  static const struct
  {
    const char *challenge, *claims;
  } cases[] = {
    { NULL, "{\"access_token\":{\"xms_cc\":{\"values\":[\"cp1\"]}}}" },
    { "no JSON", "{\"access_token\":{\"xms_cc\":{\"values\":[\"cp1\"]}}}" },
    { "[]", "{\"access_token\":{\"xms_cc\":{\"values\":[\"cp1\"]}}}" },
    { "{\"access_token\":{\"nbf\":{\"value\":\"1\"}}}",
      "{\"access_token\":{\"nbf\":{\"value\":\"1\"},\"xms_cc\":{\"values\":[\"cp1\"]}}}" },
    { "{\"access_token\":7,\"id_token\":{}}",
      "{\"access_token\":{\"xms_cc\":{\"values\":[\"cp1\"]}},\"id_token\":{}}" },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autofree char *claims = lw_entra_claims (cases[i].challenge);
      g_autoptr (JsonNode) got = lw_json_parse_string (claims, NULL);
      g_autoptr (JsonNode) wanted = lw_json_parse_string (cases[i].claims, NULL);

      g_assert_true (json_node_equal (got, wanted));
    }
}

/* Queries and addresses */

static void
test_quoting (void)
{
  g_autofree char *kql = lw_kql_quote ("it's a \\ ü", NULL);
  g_autofree char *odata = lw_odata_quote ("it's");
  g_autoptr (GError) error = NULL;

  g_assert_cmpstr (kql, ==, "'it\\'s a \\\\ ü'");
  g_assert_cmpstr (odata, ==, "'it''s'");
  g_assert_null (lw_kql_quote ("a\nb", &error));
  g_assert_error (error, LW_AZURE_ERROR, LW_AZURE_ERROR_INVALID);
  g_assert_null (lw_kql_quote ("a\302\205b", NULL));
  g_assert_null (lw_kql_quote ("a\342\200\250b", NULL));
  g_assert_null (lw_kql_quote ("\xff", NULL));
}

static void
test_arm_urls (void)
{
  static const char *const bad[] = {
    "subscriptions/x", "/subscriptions/../x", "/a/./b", "/a?b", "/a#b", "/a\\b", "/a\nb", "/a//b"
  };
  g_autoptr (LwClient) client = lw_test_client ("http://127.0.0.1:1", 10);
  const char *query[] = { "$filter", "policyAssignmentId eq '/a b&c'", NULL };
  const LwArmCall call = { .api = LW_API_FIXED,
                           .version = "1",
                           .id = "//subscriptions/s/resourceGroups/a b%",
                           .suffix = "/x",
                           .query = query };
  g_autofree char *url = lw_arm_url (client, &call, NULL);

  g_assert_cmpstr (url, ==,
                   "http://127.0.0.1:1/subscriptions/s/resourceGroups/a%20b%25/x?api-version=1"
                   "&$filter=policyAssignmentId%20eq%20'/a%20b%26c'");
  for (guint i = 0; i < G_N_ELEMENTS (bad); i++)
    {
      g_autoptr (GError) error = NULL;

      const LwArmCall wrong = { .api = LW_API_EXEMPTIONS, .id = bad[i] };

      g_assert_null (lw_arm_url (client, &wrong, &error));
      g_assert_error (error, LW_AZURE_ERROR, LW_AZURE_ERROR_INVALID);
    }
}

static void
test_masking (void)
{
  g_autofree char *text = lw_mask_secrets (
      "a eyJhbGciOiJub25lIn0.eyJvaWQiOiJ4In0.c2ln b Bearer opaque-token-0123456789, eyJ no");
  g_autoptr (GUri) uri =
      g_uri_parse ("https://h/p?code=SECRET1&state=SECRET2&api-version=1&refresh_token=SECRET3",
                   G_URI_FLAGS_NONE, NULL);
  g_autofree char *masked = lw_mask_uri (uri);

  g_assert_cmpstr (text, ==, "a *** b Bearer ***, eyJ no");
  g_assert_cmpstr (masked, ==, "https://h/p?code=***&state=***&api-version=1&refresh_token=***");
}

/* Given tokens */

static char *
make_jwt (const char *payload)
{
  g_autofree char *head = lw_base64url_encode ((const guchar *) "{\"alg\":\"none\"}", 14);
  g_autofree char *body = lw_base64url_encode ((const guchar *) payload, strlen (payload));

  return g_strdup_printf ("%s.%s.c2ln", head, body);
}

static void
test_given_token (void)
{
  g_autoptr (LwProfile) profile = lw_test_profile ("http://127.0.0.1:1", NULL);
  g_autofree char *jwt =
      make_jwt ("{\"oid\":\"o-1\",\"tid\":\"" LW_TEST_TENANT "\",\"name\":\"Priya\",\"upn\":"
                "\"priya@contoso.example\",\"exp\":4102444800}");
  g_autofree char *old = make_jwt ("{\"oid\":\"o-1\",\"exp\":1000000000}");
  g_autoptr (LwIdentity) known = lw_identity_new_for_token (profile, jwt);
  g_autoptr (LwIdentity) expired = lw_identity_new_for_token (profile, old);
  g_autofree char *other =
      make_jwt ("{\"oid\":\"o-1\",\"tid\":\"00000000-0000-4000-8000-000000000099\"}");
  g_autoptr (LwIdentity) elsewhere = lw_identity_new_for_token (profile, other);
  g_autoptr (LwProfile) bound = lw_profile_with_account (profile, "o-9", "tomas@contoso.example");
  g_autoptr (LwIdentity) stranger = lw_identity_new_for_token (bound, jwt);
  g_autoptr (LwIdentity) opaque = lw_identity_new_for_token (profile, "  " LW_TEST_TOKEN "\n");
  g_autoptr (LwPerson) person = lw_person_new ("o-2", "Marta", "marta@contoso.example");
  g_autoptr (GError) error = NULL;
  g_autofree char *token = NULL;

  g_assert_cmpstr (lw_identity_get_person (known)->id, ==, "o-1");
  g_assert_cmpstr (lw_identity_get_person (known)->upn, ==, "priya@contoso.example");
  g_assert_cmpstr (lw_identity_get_tenant_id (known), ==, LW_TEST_TENANT);
  g_assert_true (lw_test_boolean (lw_identity_resume (known), NULL));
  g_assert_null (lw_identity_get_person (opaque));
  lw_identity_set_person (opaque, person);
  g_assert_cmpstr (lw_identity_get_person (opaque)->id, ==, "o-2");
  token = lw_test_string (lw_identity_get_token (opaque, LW_AUDIENCE_GRAPH), NULL);
  g_assert_cmpstr (token, ==, LW_TEST_TOKEN);
  g_assert_null (lw_test_string (lw_identity_get_token (expired, LW_AUDIENCE_ARM), &error));
  g_assert_error (error, LW_AZURE_ERROR, LW_AZURE_ERROR_SIGN_IN);
  g_assert_nonnull (strstr (error->message, "2001-09-09"));
  /* Another tenant's, or another account's than the connection's, is not used. */
  g_clear_error (&error);
  g_assert_null (lw_test_string (lw_identity_get_token (elsewhere, LW_AUDIENCE_ARM), &error));
  g_assert_error (error, LW_AZURE_ERROR, LW_AZURE_ERROR_SIGN_IN);
  g_assert_nonnull (strstr (error->message, "another tenant"));
  g_clear_error (&error);
  g_assert_false (lw_test_boolean (lw_identity_resume (stranger), &error));
  g_assert_error (error, LW_AZURE_ERROR, LW_AZURE_ERROR_SIGN_IN);
  g_assert_cmpstr (lw_azure_error_get_details (error)->code, ==, LW_SIGN_IN_OTHER_ACCOUNT);
}

static void
test_error_copies (void)
{
  LwAzureErrorDetails details = { .status = 403, .code = (char *) "C", .claims = (char *) "{}" };
  g_autoptr (GError) error = lw_azure_error_new (LW_AZURE_ERROR_FORBIDDEN, &details, "m");
  g_autoptr (GError) copy = g_error_copy (error);
  g_autoptr (GError) foreign = g_error_new_literal (G_IO_ERROR, G_IO_ERROR_FAILED, "x");

  g_clear_error (&error);
  g_assert_cmpstr (lw_azure_error_get_details (copy)->code, ==, "C");
  g_assert_cmpstr (lw_azure_error_get_details (copy)->claims, ==, "{}");
  g_assert_cmpuint (lw_azure_error_get_details (copy)->status, ==, 403);
  g_assert_null (lw_azure_error_get_details (foreign));
  g_assert_null (lw_azure_error_get_details (NULL));
}

int
main (int argc, char **argv)
{
  dex_init ();
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/error/report", test_report);
  g_test_add_func ("/pkce", test_pkce);
  g_test_add_func ("/jwt", test_jwt);
  g_test_add_func ("/retry", test_retry);
  g_test_add_func ("/challenges", test_challenges);
  g_test_add_func ("/token/replies", test_token_replies);
  g_test_add_func ("/token/garbage", test_token_garbage);
  g_test_add_func ("/token/sentences", test_sentences);
  g_test_add_func ("/token/refusal-members", test_refusal_members);
  g_test_add_func ("/token/claims", test_claims);
  g_test_add_func ("/token/given", test_given_token);
  g_test_add_func ("/quoting", test_quoting);
  g_test_add_func ("/arm-urls", test_arm_urls);
  g_test_add_func ("/masking", test_masking);
  g_test_add_func ("/error-copies", test_error_copies);
  return g_test_run ();
}
