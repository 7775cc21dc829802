/* SPDX-License-Identifier: GPL-3.0-or-later */

/* A token endpoint that answers rubbish, tokens that end too early, and a clock that is off. */

#include <string.h>

#include "lw-json.h"
#include "lw-test-faults.h"

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

/* What renews the sign-in must not follow a redirect: it would take the refresh token along. */
static void
test_token_redirect (void)
{
  g_autoptr (LwTestServer) other = lw_test_server_new (say_nothing, NULL);
  g_autofree char *rule = g_strdup_printf ("{\"do\":\"redirect\"," ON_TOKEN
                                           ",\"status\":307,\"times\":0,\"url\":\"%s/token\"}",
                                           other->base);
  g_autoptr (LwProfile) profile = lw_test_tenant_profile (faulty->tenant, faulty->ca_file);
  g_autoptr (LwIdentity) identity = lw_identity_new (profile);
  g_autoptr (GError) error = NULL;
  g_autoptr (GError) refreshing = NULL;

  lw_test_faulty_set (faulty, rule);
  g_assert_false (lw_test_faulty_sign_in (faulty, identity, TOMAS, &error));
  g_assert_nonnull (lw_azure_error_get_details (error));
  lw_test_faulty_set (faulty, "");
  g_assert_true (lw_test_faulty_sign_in (faulty, identity, TOMAS, NULL));
  lw_test_faulty_set (faulty, rule);
  g_assert_null (
      lw_test_string (lw_identity_get_token (identity, LW_AUDIENCE_STORAGE), &refreshing));
  g_assert_nonnull (lw_azure_error_get_details (refreshing));
  lw_test_faulty_set (faulty, "");
  g_assert_cmpuint (other->requests->len, ==, 0);
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
  found = list_exemptions (self.client, NULL);
  g_assert_cmpuint (found->len, ==, n_exemptions);
  /* A date to wait for is one of the server's clock. */
  throttled =
      g_strdup_printf ("%s,{\"do\":\"throttle\"," ON_LIST ",\"retry-after\":\"%s\"}", rules, date);
  lw_test_faulty_set (self.faulty, throttled);
  lw_transport_set_deadline (lw_client_get_transport (self.client), LONG_MS, 5);
  again = list_exemptions (self.client, NULL);
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
  found = list_exemptions (self.client, NULL);
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
  g_assert_null (list_exemptions (client, &error));
  g_assert_error (error, LW_AZURE_ERROR, LW_AZURE_ERROR_SIGN_IN);
  g_assert_cmpstr (lw_azure_error_get_details (error)->code, ==, "ExpiredAuthenticationToken");
}

static void
add_tests (void)
{
  static const char *const garbage[] = { "token-html", "token-empty", "token-types", "token-broken",
                                         NULL };
  static const char *const clocks[] = { "300", "-300", NULL };

  add_kinds ("token-endpoint", garbage, test_token_garbage);
  g_test_add_func ("/faults/token-endpoint/lose", test_token_endpoint_breaks);
  g_test_add_func ("/faults/token-endpoint/redirect", test_token_redirect);
  add_kinds ("clock", clocks, test_clock);
  g_test_add_func ("/faults/expiry-while-paging", test_expiry_while_paging);
  g_test_add_func ("/faults/expiry-of-a-given-token", test_expiry_of_a_given_token);
}

int
main (int argc, char **argv)
{
  return faults_main (argc, argv, add_tests);
}
