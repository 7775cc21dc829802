/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Renewing tokens, against a scripted sign-in service: who shares what, challenges that come meanwhile,
 * rotation, and what goes wrong. */

#include <string.h>

#include "lw-test-entra.h"
#include "lw-test-keyring.h"

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
}

int
main (int argc, char **argv)
{
  return lw_test_keyring_main (argc, argv, add_tests);
}
