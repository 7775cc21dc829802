/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Entra: codes, PKCE, refresh tokens, audiences, device codes, applications. */

#include "lw-demo-fixture.h"

#include <string.h>

#define VERIFIER  "an-honest-verifier-that-is-long-enough-0123456789"
#define ARM_SCOPE "https%3A%2F%2Fmanagement.azure.com%2F.default%20openid%20offline_access"
#define REDIRECT  "http%3A%2F%2Flocalhost%3A5151%2Fback"

static char *
challenge_of (const char *verifier)
{
  g_autoptr (GChecksum) checksum = g_checksum_new (G_CHECKSUM_SHA256);
  guint8 digest[32];
  gsize length = sizeof digest;
  char *text;

  g_checksum_update (checksum, (const guchar *) verifier, -1);
  g_checksum_get_digest (checksum, digest, &length);
  text = g_base64_encode (digest, length);
  g_strdelimit (text, "+", '-');
  g_strdelimit (text, "/", '_');
  *strchrnul (text, '=') = '\0';

  return text;
}

static char *
endpoint (Tenant *tenant, const char *what)
{
  return g_strdup_printf ("%s/%s/oauth2/v2.0/%s", tenant_member (tenant, "login"),
                          tenant_member (tenant, "tenant"), what);
}

static char *
authorize_url (Tenant *tenant, const char *redirect, const char *more)
{
  g_autofree char *base = endpoint (tenant, "authorize");
  g_autofree char *challenge = challenge_of (VERIFIER);

  return g_strdup_printf (
      "%s?client_id=%s&response_type=code&redirect_uri=%s&scope=%s&state=s%%20t&"
      "nonce=n1&code_challenge=%s&code_challenge_method=S256%s",
      base, tenant_member (tenant, "clientId"), redirect, ARM_SCOPE, challenge, more);
}

/* A parameter of the address the browser is sent to. */
static char *
redirect_parameter (Answer *answer, const char *name)
{
  const char *location = answer_header (answer, "Location");
  g_autoptr (GHashTable) query = NULL;

  g_assert_nonnull (location);
  g_assert_nonnull (strchr (location, '?'));
  query = g_uri_parse_params (strchr (location, '?') + 1, -1, "&", 0, NULL);

  return g_strdup (g_hash_table_lookup (query, name));
}

static char *
get_code (Tenant *tenant, const char *upn)
{
  g_autofree char *more = g_strdup_printf ("&prompt=none&login_hint=%s", upn);
  g_autofree char *url = authorize_url (tenant, REDIRECT, more);
  g_autoptr (Answer) answer = tenant_get (tenant, NULL, url);
  g_autofree char *state = redirect_parameter (answer, "state");

  g_assert_cmpuint (answer->status, ==, 302);
  g_assert_true (
      g_str_has_prefix (answer_header (answer, "Location"), "http://localhost:5151/back?"));
  g_assert_cmpstr (state, ==, "s t");

  return redirect_parameter (answer, "code");
}

static Answer *
redeem (Tenant *tenant, const char *code, const char *verifier, const char *redirect)
{
  g_autofree char *url = endpoint (tenant, "token");
  g_autofree char *form =
      g_strdup_printf ("grant_type=authorization_code&client_id=%s&code=%s&redirect_uri=%s&"
                       "code_verifier=%s&scope=%s&x-client-SKU=ignored",
                       tenant_member (tenant, "clientId"), code, redirect, verifier, ARM_SCOPE);

  return tenant_form (tenant, url, form);
}

static Answer *
refresh (Tenant *tenant, const char *token, const char *scope)
{
  g_autofree char *url = endpoint (tenant, "token");
  g_autofree char *form = g_strdup_printf ("grant_type=refresh_token&client_id=%s&refresh_token=%s&"
                                           "scope=%s",
                                           tenant_member (tenant, "clientId"), token, scope);

  return tenant_form (tenant, url, form);
}

static JsonObject *
claims_of (const char *token)
{
  g_auto (GStrv) parts = g_strsplit (token, ".", 3);
  g_autoptr (GString) padded = g_string_new (parts[1]);
  g_autofree guchar *data = NULL;
  g_autoptr (JsonNode) node = NULL;
  g_autofree char *text = NULL;
  gsize length;

  g_strdelimit (padded->str, "-", '+');
  g_strdelimit (padded->str, "_", '/');
  while (padded->len % 4 != 0)
    g_string_append_c (padded, '=');
  data = g_base64_decode (padded->str, &length);
  text = g_strndup ((const char *) data, length);
  node = json_from_string (text, NULL);

  return json_object_ref (json_node_get_object (node));
}

static const char *
claim (JsonObject *claims, const char *name)
{
  return json_object_get_string_member_with_default (claims, name, NULL);
}

static void
code_flow (void)
{
  g_autoptr (Tenant) tenant = tenant_start (NULL, NULL);
  g_autofree char *code = get_code (tenant, "priya@contoso.example");
  g_autoptr (Answer) tokens = redeem (tenant, code, VERIFIER, REDIRECT);
  g_autoptr (Answer) again = redeem (tenant, code, VERIFIER, REDIRECT);
  g_autoptr (JsonObject) access = claims_of (answer_string (tokens, "access_token"));
  g_autoptr (JsonObject) id = claims_of (answer_string (tokens, "id_token"));
  g_autoptr (Answer) subscriptions = tenant_get (tenant, answer_string (tokens, "access_token"),
                                                 "/subscriptions?api-version=2022-12-01");

  g_assert_cmpuint (tokens->status, ==, 200);
  g_assert_cmpstr (answer_string (tokens, "token_type"), ==, "Bearer");
  g_assert_cmpint (json_object_get_int_member (tokens->json, "expires_in"), ==, 3599);
  g_assert_nonnull (answer_string (tokens, "refresh_token"));
  g_assert_cmpstr (claim (access, "aud"), ==, "https://management.azure.com");
  g_assert_cmpstr (claim (access, "oid"), ==, tenant_persona (tenant, "Priya", "oid"));
  g_assert_cmpstr (claim (access, "scp"), ==, "user_impersonation");
  g_assert_cmpstr (claim (id, "nonce"), ==, "n1");
  g_assert_cmpstr (claim (id, "aud"), ==, tenant_member (tenant, "clientId"));
  g_assert_cmpstr (claim (id, "tid"), ==, tenant_member (tenant, "tenant"));
  g_assert_cmpstr (claim (id, "preferred_username"), ==, "priya@contoso.example");
  g_assert_cmpuint (subscriptions->status, ==, 200);
  g_assert_cmpuint (json_array_get_length (answer_value (subscriptions)), ==, 1);

  g_assert_cmpuint (again->status, ==, 400);
  g_assert_cmpstr (answer_string (again, "error"), ==, "invalid_grant");
  g_assert_true (g_str_has_prefix (answer_string (again, "error_description"), "AADSTS"));
}

static void
code_is_bound (void)
{
  g_autoptr (Tenant) tenant = tenant_start (NULL, NULL);
  g_autofree char *first = get_code (tenant, "priya@contoso.example");
  g_autofree char *second = get_code (tenant, "priya@contoso.example");
  g_autoptr (Answer) verifier =
      redeem (tenant, first, "another-verifier-that-is-long-enough-0123456789-x", REDIRECT);
  g_autoptr (Answer) after = redeem (tenant, first, VERIFIER, REDIRECT);
  g_autoptr (Answer) redirect =
      redeem (tenant, second, VERIFIER, "http%3A%2F%2Flocalhost%3A5152%2Fback");

  g_assert_cmpstr (answer_string (verifier, "error"), ==, "invalid_grant");
  g_assert_cmpstr (answer_string (after, "error"), ==, "invalid_grant");
  g_assert_cmpuint (redirect->status, ==, 400);
}

static void
authorize_refuses (void)
{
  g_autoptr (Tenant) tenant = tenant_start (NULL, NULL);
  g_autofree char *elsewhere =
      authorize_url (tenant, "https%3A%2F%2Fevil.example%2F", "&prompt=none&login_hint=priya");
  g_autofree char *nobody = authorize_url (tenant, REDIRECT, "&prompt=none");
  g_autofree char *plain = authorize_url (tenant, REDIRECT, "&code_challenge_method=plain");
  g_autofree char *page = authorize_url (tenant, REDIRECT, "");
  g_autoptr (Answer) one = tenant_get (tenant, NULL, elsewhere);
  g_autoptr (Answer) two = tenant_get (tenant, NULL, nobody);
  g_autoptr (Answer) three = tenant_get (tenant, NULL, plain);
  g_autoptr (Answer) four = tenant_get (tenant, NULL, page);
  g_autofree char *two_error = redirect_parameter (two, "error");
  g_autofree char *three_error = redirect_parameter (three, "error");

  g_assert_cmpuint (one->status, ==, 400);
  g_assert_null (answer_header (one, "Location"));
  g_assert_cmpstr (two_error, ==, "login_required");
  g_assert_cmpstr (three_error, ==, "invalid_request");
  g_assert_cmpuint (four->status, ==, 200);
  g_assert_nonnull (strstr (four->text, "Priya Raman"));
  g_assert_nonnull (strstr (four->text, "Tomás Herrera"));
}

static void
signs_in_by_itself (void)
{
  g_autoptr (Tenant) tenant = tenant_start (NULL, "--auto-sign-in", "Tomás Herrera", NULL);
  g_autofree char *url = authorize_url (tenant, REDIRECT, "&prompt=select_account");
  g_autoptr (Answer) answer = tenant_get (tenant, NULL, url);
  g_autofree char *code = redirect_parameter (answer, "code");
  g_autoptr (Answer) tokens = redeem (tenant, code, VERIFIER, REDIRECT);
  g_autoptr (JsonObject) claims = claims_of (answer_string (tokens, "access_token"));

  g_assert_cmpstr (claim (claims, "oid"), ==, tenant_persona (tenant, "Tomás", "oid"));
}

static void
refresh_rotates (void)
{
  g_autoptr (Tenant) tenant = tenant_start (NULL, NULL);
  g_autofree char *code = get_code (tenant, "priya@contoso.example");
  g_autoptr (Answer) tokens = redeem (tenant, code, VERIFIER, REDIRECT);
  const char *old = answer_string (tokens, "refresh_token");
  g_autoptr (Answer) storage = refresh (tenant, old, "https%3A%2F%2Fstorage.azure.com%2F.default");
  g_autoptr (Answer) graph =
      refresh (tenant, answer_string (storage, "refresh_token"),
               "https%3A%2F%2Fgraph.microsoft.com%2FUser.Read%20offline_access");
  g_autoptr (Answer) once_more = refresh (tenant, old, ARM_SCOPE);
  g_autoptr (Answer) worn_out = refresh (tenant, old, ARM_SCOPE);
  g_autoptr (Answer) both = refresh (tenant, answer_string (graph, "refresh_token"),
                                     "https%3A%2F%2Fgraph.microsoft.com%2FUser.Read%20https%3A%2F%"
                                     "2Fmanagement.azure.com%2F.default");
  g_autoptr (Answer) unknown = refresh (tenant, answer_string (graph, "refresh_token"),
                                        "https%3A%2F%2Fnowhere.example%2F.default");
  g_autoptr (JsonObject) claims = claims_of (answer_string (storage, "access_token"));

  g_assert_cmpstr (claim (claims, "aud"), ==, "https://storage.azure.com");
  g_assert_cmpstr (answer_string (storage, "refresh_token"), !=, old);
  g_assert_cmpstr (answer_string (graph, "scope"), ==, "User.Read");
  g_assert_cmpuint (once_more->status, ==, 200);
  g_assert_cmpstr (answer_string (worn_out, "error"), ==, "invalid_grant");
  g_assert_cmpstr (answer_string (both, "error"), ==, "invalid_request");
  g_assert_cmpstr (answer_string (unknown, "error"), ==, "invalid_resource");
}

/* A token opens what it was asked for and nothing else. */
static void
audiences (void)
{
  g_autoptr (Tenant) tenant = tenant_start (NULL, NULL);
  g_autofree char *code = get_code (tenant, "priya@contoso.example");
  g_autoptr (Answer) arm = redeem (tenant, code, VERIFIER, REDIRECT);
  g_autoptr (Answer) graph = refresh (tenant, answer_string (arm, "refresh_token"),
                                      "https%3A%2F%2Fgraph.microsoft.com%2FUser.Read");
  g_autofree char *me = g_strconcat (tenant_member (tenant, "graph"), "/v1.0/me", NULL);
  g_autofree char *users = g_strconcat (tenant_member (tenant, "graph"), "/v1.0/users", NULL);
  g_autofree char *blob =
      g_strconcat (tenant_member (tenant, "blob"), "/leeway-requests/none", NULL);
  const char *arm_token = answer_string (arm, "access_token");
  const char *graph_token = answer_string (graph, "access_token");
  g_autofree char *forged = g_strdup (arm_token);
  g_autoptr (Answer) arm_on_graph = tenant_get (tenant, arm_token, me);
  g_autoptr (Answer) arm_on_blob = tenant_get (tenant, arm_token, blob);
  g_autoptr (Answer) graph_on_graph = tenant_get (tenant, graph_token, me);
  g_autoptr (Answer) graph_on_users = tenant_get (tenant, graph_token, users);
  g_autoptr (Answer) graph_on_arm =
      tenant_get (tenant, graph_token, "/subscriptions?api-version=2022-12-01");
  g_autoptr (Answer) none = tenant_get (tenant, NULL, "/subscriptions?api-version=2022-12-01");
  g_autoptr (Answer) bad = NULL;

  forged[strlen (forged) - 2] = forged[strlen (forged) - 2] == 'A' ? 'B' : 'A';
  bad = tenant_get (tenant, forged, "/subscriptions?api-version=2022-12-01");

  g_assert_cmpuint (arm_on_graph->status, ==, 401);
  g_assert_cmpuint (arm_on_blob->status, ==, 401);
  g_assert_cmpstr (answer_header (arm_on_blob, "x-ms-error-code"), ==, "InvalidAuthenticationInfo");
  g_assert_cmpuint (graph_on_graph->status, ==, 200);
  g_assert_cmpstr (answer_string (graph_on_graph, "userPrincipalName"), ==,
                   "priya@contoso.example");
  g_assert_cmpuint (graph_on_users->status, ==, 403);
  g_assert_cmpstr (answer_code (graph_on_users), ==, "Authorization_RequestDenied");
  g_assert_cmpuint (graph_on_arm->status, ==, 401);
  g_assert_cmpstr (answer_code (graph_on_arm), ==, "InvalidAuthenticationTokenAudience");
  g_assert_cmpuint (none->status, ==, 401);
  g_assert_true (g_str_has_prefix (answer_header (none, "WWW-Authenticate"), "Bearer "));
  g_assert_cmpuint (bad->status, ==, 401);
  g_assert_cmpstr (answer_code (bad), ==, "InvalidAuthenticationToken");
}

static void
tokens_expire (void)
{
  g_autoptr (Tenant) tenant = tenant_start (NULL, "--token-seconds", "1", NULL);
  g_autofree char *code = get_code (tenant, "priya@contoso.example");
  g_autoptr (Answer) tokens = redeem (tenant, code, VERIFIER, REDIRECT);
  gint64 deadline = g_get_monotonic_time () + 10 * G_USEC_PER_SEC;
  guint status = 200;

  while (status == 200 && g_get_monotonic_time () < deadline)
    {
      g_autoptr (Answer) answer = tenant_get (tenant, answer_string (tokens, "access_token"),
                                              "/subscriptions?api-version=2022-12-01");

      status = answer->status;
      if (status == 401)
        g_assert_cmpstr (answer_code (answer), ==, "ExpiredAuthenticationToken");
    }
  g_assert_cmpuint (status, ==, 401);
}

static void
device_code (void)
{
  g_autoptr (Tenant) tenant = tenant_start (NULL, NULL);
  g_autofree char *ask = endpoint (tenant, "devicecode");
  g_autofree char *token = endpoint (tenant, "token");
  g_autofree char *form =
      g_strdup_printf ("client_id=%s&scope=%s", tenant_member (tenant, "clientId"), ARM_SCOPE);
  g_autoptr (Answer) asked = tenant_form (tenant, ask, form);
  g_autofree char *poll =
      g_strdup_printf ("grant_type=urn%%3Aietf%%3Aparams%%3Aoauth%%3Agrant-type%%3Adevice_code&"
                       "client_id=%s&device_code=%s",
                       tenant_member (tenant, "clientId"), answer_string (asked, "device_code"));
  g_autofree char *confirm =
      g_strdup_printf ("%s?user_code=%s&persona=%s", answer_string (asked, "verification_uri"),
                       answer_string (asked, "user_code"), tenant_persona (tenant, "Amara", "oid"));
  g_autoptr (Answer) early = tenant_form (tenant, token, poll);
  g_autoptr (Answer) confirmed = tenant_get (tenant, NULL, confirm);
  g_autoptr (Answer) done = tenant_form (tenant, token, poll);
  g_autoptr (JsonObject) claims = claims_of (answer_string (done, "access_token"));

  g_assert_cmpstr (answer_string (early, "error"), ==, "authorization_pending");
  g_assert_cmpuint (confirmed->status, ==, 200);
  g_assert_cmpstr (claim (claims, "oid"), ==, tenant_persona (tenant, "Amara", "oid"));
}

static Answer *
as_application (Tenant *tenant, const char *secret, const char *scope)
{
  g_autofree char *url = endpoint (tenant, "token");
  g_autofree char *form = g_strdup_printf (
      "grant_type=client_credentials&client_id=%s&client_secret=%s&scope=%s&client_info=1",
      tenant_member (tenant, "clientId"), secret, scope);

  return tenant_form (tenant, url, form);
}

static void
applications (void)
{
  g_autoptr (Tenant) tenant = tenant_start (NULL, NULL);
  g_autofree char *here = g_strconcat (tenant_member (tenant, "arm"), "/.default", NULL);
  g_autofree char *escaped = uri_escape (here);
  g_autoptr (Answer) good = as_application (tenant, "demo~secret-8Qk.P2vX4w", escaped);
  g_autoptr (Answer) doubled = as_application (
      tenant, "demo~secret-8Qk.P2vX4w", "https%3A%2F%2Fmanagement.core.windows.net%2F%2F.default");
  g_autoptr (Answer) bad = as_application (tenant, "wrong", escaped);
  g_autoptr (Answer) list = tenant_get (tenant, answer_string (good, "access_token"),
                                        "/subscriptions?api-version=2022-12-01");

  g_assert_cmpuint (good->status, ==, 200);
  g_assert_null (answer_string (good, "refresh_token"));
  g_assert_cmpuint (doubled->status, ==, 200);
  g_assert_cmpuint (json_array_get_length (answer_value (list)), ==, 12);
  g_assert_cmpuint (bad->status, ==, 401);
  g_assert_cmpstr (answer_string (bad, "error"), ==, "invalid_client");
}

static void
discovery (void)
{
  g_autoptr (Tenant) tenant = tenant_start (NULL, NULL);
  g_autofree char *url = g_strdup_printf ("/%s/v2.0/.well-known/openid-configuration",
                                          tenant_member (tenant, "tenant"));
  g_autoptr (Answer) known = tenant_get (tenant, NULL, url);
  g_autoptr (Answer) unknown =
      tenant_get (tenant, NULL, "/nowhere.example/v2.0/.well-known/openid-configuration");
  g_autoptr (Answer) metadata =
      tenant_get (tenant, NULL, "/metadata/endpoints?api-version=2022-09-01");
  g_autofree char *token = endpoint (tenant, "token");

  g_assert_cmpstr (answer_string (known, "token_endpoint"), ==, token);
  g_assert_nonnull (answer_string (known, "device_authorization_endpoint"));
  g_assert_cmpstr (answer_string (unknown, "error"), ==, "invalid_tenant");
  g_assert_cmpuint (metadata->status, ==, 200);
  g_assert_cmpstr (answer_string (metadata, "resourceManager"), ==, tenant_member (tenant, "arm"));
  g_assert_true (json_object_has_member (metadata->json, "authentication"));
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/demo/sign-in/code-flow", code_flow);
  g_test_add_func ("/demo/sign-in/code-is-bound", code_is_bound);
  g_test_add_func ("/demo/sign-in/authorize-refuses", authorize_refuses);
  g_test_add_func ("/demo/sign-in/by-itself", signs_in_by_itself);
  g_test_add_func ("/demo/sign-in/refresh-rotates", refresh_rotates);
  g_test_add_func ("/demo/sign-in/audiences", audiences);
  g_test_add_func ("/demo/sign-in/tokens-expire", tokens_expire);
  g_test_add_func ("/demo/sign-in/device-code", device_code);
  g_test_add_func ("/demo/sign-in/applications", applications);
  g_test_add_func ("/demo/sign-in/discovery", discovery);

  return g_test_run ();
}
