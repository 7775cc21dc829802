/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Renewing tokens, against a scripted sign-in service: who shares what, challenges that come meanwhile,
 * rotation, and what goes wrong. */

#include <string.h>

#include "lw-clock.h"
#include "lw-identity-private.h"
#include "lw-keyring.h"
#include "lw-test-entra.h"
#include "lw-test-keyring.h"

#define ACCOUNT "11111111-0000-4000-8000-000000000000" /* of the service's one person */
#define CLAIMS  "{\"access_token\":{\"nbf\":{\"essential\":true,\"value\":\"1\"}}}"

/* Many callers, three audiences: one refresh for each audience, and never two at once. */
static void
test_single_flight (LwTestEntra *self, gconstpointer data)
{
  DexFuture *futures[60];
  g_autofree char *first = NULL;

  lw_test_entra_sign_in (self);
  first = lw_test_string (lw_identity_get_token (self->identity, LW_AUDIENCE_ARM), NULL);
  g_assert_cmpstr (first, ==, "access-0-c");
  lw_identity_invalidate (self->identity, LW_AUDIENCE_ARM, first);
  for (guint i = 0; i < G_N_ELEMENTS (futures); i++)
    futures[i] = lw_identity_get_token (self->identity, i % LW_AUDIENCE_COUNT);
  /* Some lose interest. */
  for (guint i = 0; i < G_N_ELEMENTS (futures); i += 7)
    g_clear_pointer (&futures[i], dex_unref);
  for (guint i = 0; i < G_N_ELEMENTS (futures); i++)
    {
      g_autofree char *token = NULL;

      if (futures[i] == NULL)
        continue;
      token = lw_test_string (futures[i], NULL);
      g_assert_true (g_str_has_prefix (token, "access-"));
    }
  g_assert_cmpuint (self->refreshes, ==, LW_AUDIENCE_COUNT);
  g_assert_cmpuint (self->most_in_flight, ==, 1);
}

static gboolean
refreshed_once (gpointer data)
{
  return ((LwTestEntra *) data)->refreshes == 1 && ((LwTestEntra *) data)->in_flight == 0;
}

/* Everybody went away while the refresh was under way: what it brought is kept all the same. */
static void
test_refresh_survives_its_callers (LwTestEntra *self, gconstpointer data)
{
  g_autofree char *token = NULL;

  lw_test_entra_sign_in (self);
  lw_identity_invalidate (self->identity, LW_AUDIENCE_ARM, "access-0-c");
  dex_unref (lw_identity_get_token (self->identity, LW_AUDIENCE_ARM));
  lw_test_until (refreshed_once, self);
  token = lw_test_string (lw_identity_get_token (self->identity, LW_AUDIENCE_ARM), NULL);
  g_assert_cmpstr (token, ==, "access-1-r");
  g_assert_cmpuint (self->refreshes, ==, 1);
}

static void
test_refused_refresh (LwTestEntra *self, gconstpointer data)
{
  static const struct
  {
    guint status;
    const char *body;
    LwAzureError code;
    const char *claims;
  } cases[] = {
    { 400, "{\"error\":\"invalid_grant\",\"error_description\":\"AADSTS50173: x\"}",
      LW_AZURE_ERROR_SIGN_IN, NULL },
    { 400, "{\"error\":\"interaction_required\",\"claims\":\"{\\\"a\\\":{}}\"}",
      LW_AZURE_ERROR_SIGN_IN, "{\"a\":{}}" },
    { 400, "{\"error\":\"consent_required\"}", LW_AZURE_ERROR_SIGN_IN, NULL },
    { 200, "<html></html>", LW_AZURE_ERROR_PROTOCOL, NULL },
  };

  lw_test_entra_sign_in (self);
  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr (GError) error = NULL;

      self->error_body = cases[i].body;
      self->error_status = cases[i].status;
      lw_identity_invalidate (self->identity, LW_AUDIENCE_ARM, "access-0-c");
      g_assert_null (
          lw_test_string (lw_identity_get_token (self->identity, LW_AUDIENCE_ARM), &error));
      g_assert_error (error, LW_AZURE_ERROR, (int) cases[i].code);
      if (cases[i].code == LW_AZURE_ERROR_SIGN_IN)
        g_assert_cmpstr (lw_azure_error_get_details (error)->claims, ==, cases[i].claims);
    }
  g_assert_false (lw_identity_is_signed_in (self->identity));
  /* What passes by itself is tried again, and the sign-in is still good. */
  self->error_body = NULL;
  g_assert_true (lw_test_boolean (lw_identity_resume (self->identity), NULL));
  g_assert_true (lw_identity_is_signed_in (self->identity));
}

static void
test_network_is_no_sign_in_error (LwTestEntra *self, gconstpointer data)
{
  g_autoptr (GError) error = NULL;

  lw_test_entra_sign_in (self);
  lw_test_until (lw_test_browser_has_page, self->browser);
  lw_identity_invalidate (self->identity, LW_AUDIENCE_ARM, "access-0-c");
  soup_server_disconnect (self->server->server);
  g_assert_null (lw_test_string (lw_identity_get_token (self->identity, LW_AUDIENCE_ARM), &error));
  g_assert_error (error, LW_AZURE_ERROR, LW_AZURE_ERROR_NETWORK);
  g_assert_true (lw_identity_is_signed_in (self->identity));
}

/* Without a keyring the session lives in memory, and says why. */
static void
test_no_keyring (LwTestEntra *self, gconstpointer data)
{
  g_autofree char *token = NULL;

  if (!g_test_subprocess ())
    {
      g_test_trap_subprocess (NULL, 0, G_TEST_SUBPROCESS_DEFAULT);
      g_test_trap_assert_passed ();
      return;
    }
  g_unsetenv ("SECRET_BACKEND");
  g_setenv ("DBUS_SESSION_BUS_ADDRESS", "unix:path=/nowhere", TRUE);
  lw_test_entra_sign_in (self);
  g_assert_true (lw_identity_is_signed_in (self->identity));
  g_assert_error (lw_identity_get_keyring_error (self->identity), LW_AZURE_ERROR,
                  LW_AZURE_ERROR_KEYRING_MISSING);
  lw_identity_invalidate (self->identity, LW_AUDIENCE_ARM, "access-0-c");
  token = lw_test_string (lw_identity_get_token (self->identity, LW_AUDIENCE_ARM), NULL);
  g_assert_cmpstr (token, ==, "access-1-r");
}

/* Challenges */

static gboolean
is_asked (gpointer data)
{
  return ((LwTestEntra *) data)->paused->len > 0;
}

static const char *
claims_of (LwTestEntra *self, guint refresh)
{
  return g_ptr_array_index (self->claims, refresh);
}

/* A challenge that comes while a refresh is under way that does not answer it: the next one does. */
static void
test_claims_meanwhile (LwTestEntra *self, gconstpointer data)
{
  g_autofree char *token = NULL;
  g_autofree char *again = NULL;
  DexFuture *first;
  DexFuture *second;

  lw_test_entra_sign_in (self);
  self->holds = TRUE;
  lw_identity_invalidate (self->identity, LW_AUDIENCE_ARM, "access-0-c");
  first = lw_identity_get_token (self->identity, LW_AUDIENCE_ARM);
  lw_test_until (is_asked, self);
  g_assert_null (strstr (claims_of (self, 0), "nbf"));
  g_assert_true (lw_identity_challenge (self->identity, LW_AUDIENCE_ARM, "access-0-c", CLAIMS));
  second = lw_identity_get_token (self->identity, LW_AUDIENCE_ARM);
  lw_test_entra_let_go (self);
  lw_test_until (is_asked, self);
  g_assert_cmpuint (self->refreshes, ==, 2);
  g_assert_nonnull (strstr (claims_of (self, 1), "nbf"));
  g_assert_true (dex_future_is_pending (first));
  g_assert_true (dex_future_is_pending (second));
  lw_test_entra_let_go (self);
  token = lw_test_string (first, NULL);
  again = lw_test_string (second, NULL);
  /* Nobody gets the one without. */
  g_assert_cmpstr (token, ==, "access-2-r");
  g_assert_cmpstr (again, ==, "access-2-r");
  g_assert_null (self->identity->claims[LW_AUDIENCE_ARM]);
  g_assert_cmpuint (self->refreshes, ==, 2);
}

/* The refresh that was under way fails: the claims are still to be answered. */
static void
test_claims_after_a_failure (LwTestEntra *self, gconstpointer data)
{
  g_autofree char *token = NULL;
  g_autoptr (GError) error = NULL;

  lw_test_entra_sign_in (self);
  g_assert_true (lw_identity_challenge (self->identity, LW_AUDIENCE_ARM, "access-0-c", CLAIMS));
  self->error_body = "{\"error\":\"temporarily_unavailable\"}";
  self->error_status = 503;
  g_assert_null (lw_test_string (lw_identity_get_token (self->identity, LW_AUDIENCE_ARM), &error));
  g_assert_error (error, LW_AZURE_ERROR, LW_AZURE_ERROR_SERVER);
  self->error_body = NULL;
  token = lw_test_string (lw_identity_get_token (self->identity, LW_AUDIENCE_ARM), NULL);
  g_assert_nonnull (strstr (claims_of (self, self->refreshes - 1), "nbf"));
  g_assert_null (self->identity->claims[LW_AUDIENCE_ARM]);
}

/* Two calls were refused, the second without claims: those of the first are still asked for. */
static void
test_claims_stay (LwTestEntra *self, gconstpointer data)
{
  g_autofree char *token = NULL;
  g_autofree char *graph = NULL;
  g_autofree char *same = NULL;

  lw_test_entra_sign_in (self);
  g_assert_true (lw_identity_challenge (self->identity, LW_AUDIENCE_ARM, "access-0-c", CLAIMS));
  g_assert_true (lw_identity_challenge (self->identity, LW_AUDIENCE_ARM, "access-0-c", NULL));
  /* Another audience's are its own. */
  graph = lw_test_string (lw_identity_get_token (self->identity, LW_AUDIENCE_GRAPH), NULL);
  g_assert_null (strstr (claims_of (self, 0), "nbf"));
  token = lw_test_string (lw_identity_get_token (self->identity, LW_AUDIENCE_ARM), NULL);
  g_assert_nonnull (strstr (claims_of (self, 1), "nbf"));
  g_assert_cmpstr (token, ==, "access-2-r");
  /* A refusal of the token of before is late: the one that answers it is there. */
  g_assert_true (lw_identity_challenge (self->identity, LW_AUDIENCE_ARM, "access-0-c", CLAIMS));
  same = lw_test_string (lw_identity_get_token (self->identity, LW_AUDIENCE_ARM), NULL);
  g_assert_cmpstr (same, ==, token);
  g_assert_cmpuint (self->refreshes, ==, 2);
}

/* Rotation */

/* What the keyring holds now. */
static char *
kept (LwTestEntra *self)
{
  g_assert_true (lw_test_boolean (lw_identity_remember (self->identity), NULL));
  return lw_test_string (lw_keyring_lookup (self->profile, ACCOUNT), NULL);
}

/* The token of before is used up: the new one counts, whatever came with it. */
static void
test_unreadable_id_token (LwTestEntra *self, gconstpointer data)
{
  static const char *const id_tokens[] = { "garbage", "", "a.b.c", "e30.e30.c2ln" };

  lw_test_entra_sign_in (self);
  for (guint i = 0; i < G_N_ELEMENTS (id_tokens); i++)
    {
      g_autofree char *before =
          lw_test_string (lw_identity_get_token (self->identity, LW_AUDIENCE_ARM), NULL);
      g_autofree char *after = NULL;
      g_autofree char *secret = NULL;
      g_autofree char *expected = g_strdup_printf ("refresh-%u", i + 1);

      g_test_message ("“%s”", id_tokens[i]);
      self->id_token = id_tokens[i];
      lw_identity_invalidate (self->identity, LW_AUDIENCE_ARM, before);
      after = lw_test_string (lw_identity_get_token (self->identity, LW_AUDIENCE_ARM), NULL);
      g_assert_cmpstr (after, !=, before);
      g_assert_cmpstr (lw_identity_get_person (self->identity)->id, ==, ACCOUNT);
      secret = kept (self);
      g_assert_cmpstr (secret, ==, expected);
    }
  for (guint i = 0; i < self->used->len; i++)
    {
      g_autofree char *expected = g_strdup_printf ("refresh-%u", i);

      g_assert_cmpstr (g_ptr_array_index (self->used, i), ==, expected);
    }
}

/* The same where the account is known, but nobody is signed in yet: the next start finds it. */
static void
test_unreadable_at_resume (LwTestEntra *self, gconstpointer data)
{
  g_autoptr (LwProfile) profile = lw_profile_with_account (self->profile, ACCOUNT, "p@x");
  g_autoptr (LwIdentity) first = lw_identity_new (profile);
  g_autoptr (LwIdentity) second = lw_identity_new (profile);
  g_autoptr (GError) error = NULL;

  lw_test_entra_sign_in (self);
  g_free (kept (self));
  self->id_token = "garbage";
  g_assert_false (lw_test_boolean (lw_identity_resume (first), &error));
  g_assert_error (error, LW_AZURE_ERROR, LW_AZURE_ERROR_PROTOCOL);
  g_assert_true (lw_test_boolean (lw_identity_remember (first), NULL));
  self->id_token = NULL;
  g_assert_true (lw_test_boolean (lw_identity_resume (second), NULL));
  g_assert_cmpstr (g_ptr_array_index (self->used, 0), ==, "refresh-0");
  g_assert_cmpstr (g_ptr_array_index (self->used, 1), ==, "refresh-1");
}

/* Somebody else's is not kept. */
static void
test_strange_id_token (LwTestEntra *self, gconstpointer data)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *secret = NULL;

  lw_test_entra_sign_in (self);
  self->tid = "00000000-0000-4000-8000-00000000000f";
  lw_identity_invalidate (self->identity, LW_AUDIENCE_ARM, "access-0-c");
  g_assert_null (lw_test_string (lw_identity_get_token (self->identity, LW_AUDIENCE_ARM), &error));
  g_assert_error (error, LW_AZURE_ERROR, LW_AZURE_ERROR_SIGN_IN);
  secret = kept (self);
  g_assert_cmpstr (secret, ==, "refresh-0");
}

/* Time */

/* The sign-in service takes its time: the call ends when it has to, and what comes later is kept. */
static void
test_deadline (LwTestEntra *self, gconstpointer data)
{
  g_autoptr (LwClient) client = lw_client_new (self->profile, self->identity);
  g_autoptr (GError) error = NULL;
  g_autoptr (GPtrArray) late = NULL;
  g_autoptr (GPtrArray) found = NULL;
  g_autofree char *token = NULL;
  guint deadline_ms = lw_test_patience (200);
  gint64 start;

  lw_test_entra_sign_in (self);
  lw_transport_set_deadline (lw_client_get_transport (client), deadline_ms, 5);
  self->holds = TRUE;
  lw_identity_invalidate (self->identity, LW_AUDIENCE_ARM, "access-0-c");
  start = g_get_monotonic_time ();
  late = lw_test_boxed (lw_client_list_subscriptions (client), &error);
  g_assert_error (error, LW_AZURE_ERROR, LW_AZURE_ERROR_TIMED_OUT);
  g_assert_cmpint (g_get_monotonic_time () - start, >=, (gint64) deadline_ms * 1000 - 1000);
  /* A hang would last until lw_test_until() gives up. */
  g_assert_false (lw_azure_error_get_details (error)->lost);
  g_assert_cmpuint (self->calls, ==, 0);
  g_assert_cmpuint (self->refreshes, ==, 1);
  g_assert_true (is_asked (self));

  lw_test_entra_let_go (self);
  token = lw_test_string (lw_identity_get_token (self->identity, LW_AUDIENCE_ARM), NULL);
  g_assert_cmpstr (token, ==, "access-1-r");
  lw_transport_set_deadline (lw_client_get_transport (client), lw_test_patience (10000), 5);
  found = lw_test_boxed (lw_client_list_subscriptions (client), NULL);
  g_assert_cmpuint (self->refreshes, ==, 1);
  g_assert_cmpuint (self->calls, ==, 1);
}

/* A refusal may be the fault of this machine's clock: then it says so. */
static void
test_clock (LwTestEntra *self, gconstpointer data)
{
  static const struct
  {
    int ahead;
    const char *says; /* nullable */
  } cases[] = {
    { 20 * 60 + 20, "clock is 20 minutes behind" },
    { -3 * 3600 - 20, "clock is 3 hours ahead" },
    { 120, NULL },
    { 0, NULL },
  };

  lw_test_entra_sign_in (self);
  self->error_body = "{\"error\":\"invalid_grant\",\"error_description\":\"AADSTS70043: x\"}";
  self->error_status = 400;
  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr (GError) error = NULL;

      self->ahead = cases[i].ahead;
      lw_identity_invalidate (self->identity, LW_AUDIENCE_ARM, "access-0-c");
      g_assert_null (
          lw_test_string (lw_identity_get_token (self->identity, LW_AUDIENCE_ARM), &error));
      g_assert_error (error, LW_AZURE_ERROR, LW_AZURE_ERROR_SIGN_IN);
      g_assert_nonnull (strstr (error->message, "AADSTS70043"));
      if (cases[i].says == NULL)
        g_assert_null (strstr (error->message, "clock"));
      else
        lw_test_says (error, cases[i].says);
    }
}

#define ADD(path, function)                                                                        \
  g_test_add (path, LwTestEntra, NULL, lw_test_entra_set_up, function, lw_test_entra_tear_down)

static void
add_tests (void)
{
  ADD ("/renewal/single-flight", test_single_flight);
  ADD ("/renewal/survives-its-callers", test_refresh_survives_its_callers);
  ADD ("/renewal/refused", test_refused_refresh);
  ADD ("/renewal/network", test_network_is_no_sign_in_error);
  ADD ("/renewal/no-keyring", test_no_keyring);
  ADD ("/renewal/claims/meanwhile", test_claims_meanwhile);
  ADD ("/renewal/claims/after-a-failure", test_claims_after_a_failure);
  ADD ("/renewal/claims/stay", test_claims_stay);
  ADD ("/renewal/rotation/unreadable-id-token", test_unreadable_id_token);
  ADD ("/renewal/rotation/unreadable-at-resume", test_unreadable_at_resume);
  ADD ("/renewal/rotation/strange-id-token", test_strange_id_token);
  ADD ("/renewal/deadline", test_deadline);
  ADD ("/renewal/clock", test_clock);
}

int
main (int argc, char **argv)
{
  return lw_test_keyring_main (argc, argv, add_tests);
}
