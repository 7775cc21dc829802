/* SPDX-License-Identifier: GPL-3.0-or-later */

/* The keyring in every state it is found in; `with-keyring` sets the state up and names it. */

#include <string.h>

#include "lw-keyring.h"
#include "lw-test.h"

#define ACCOUNT "11111111-0000-4000-8000-000000000000"
#define OTHER   "22222222-0000-4000-8000-000000000000"

static LwProfile *
profile_new (void)
{
  return lw_test_profile ("http://127.0.0.1:1", NULL);
}

static void
expect_lookup_error (LwAzureError code)
{
  g_autoptr (LwProfile) profile = profile_new ();
  g_autoptr (GError) error = NULL;
  g_autofree char *token = lw_test_string (lw_keyring_lookup (profile, NULL), &error);

  g_assert_null (token);
  g_assert_error (error, LW_AZURE_ERROR, (int) code);
  g_test_message ("%s", error->message);
}

static void
expect_store_error (LwAzureError code)
{
  g_autoptr (LwProfile) profile = profile_new ();
  g_autoptr (GError) error = NULL;

  g_assert_false (lw_test_boolean (lw_keyring_store (profile, ACCOUNT, LW_TEST_TOKEN), &error));
  g_assert_error (error, LW_AZURE_ERROR, (int) code);
  g_assert_null (strstr (error->message, LW_TEST_TOKEN));
  g_test_message ("%s", error->message);
}

static void
test_seed (void)
{
  g_autoptr (LwProfile) profile = profile_new ();

  g_assert_true (lw_test_boolean (lw_keyring_store (profile, ACCOUNT, LW_TEST_TOKEN), NULL));
}

static gboolean
second_has_passed (gpointer data)
{
  return g_get_real_time () / G_USEC_PER_SEC > *(gint64 *) data;
}

static gboolean
tick (gpointer data)
{
  return G_SOURCE_CONTINUE;
}

static void
test_unlocked (void)
{
  g_autoptr (LwProfile) profile = profile_new ();
  g_autoptr (LwProfile) elsewhere = lw_test_profile ("http://127.0.0.1:2", NULL);
  g_autoptr (GError) error = NULL;
  g_autofree char *first = NULL;
  g_autofree char *newest = NULL;
  gint64 now;
  guint ticking;

  expect_lookup_error (LW_AZURE_ERROR_SIGN_IN);
  g_assert_true (lw_test_boolean (lw_keyring_store (profile, ACCOUNT, "one"), NULL));
  g_assert_true (lw_test_boolean (lw_keyring_store (profile, ACCOUNT, "two"), NULL));
  first = lw_test_string (lw_keyring_lookup (profile, NULL), NULL);
  g_assert_cmpstr (first, ==, "two");
  /* Another account later: the keyring counts in seconds. */
  now = g_get_real_time () / G_USEC_PER_SEC;
  ticking = g_timeout_add (50, tick, NULL);
  lw_test_until (second_has_passed, &now);
  g_source_remove (ticking);
  g_assert_true (lw_test_boolean (lw_keyring_store (profile, OTHER, "three"), NULL));
  newest = lw_test_string (lw_keyring_lookup (profile, NULL), NULL);
  g_assert_cmpstr (newest, ==, "three");
  g_assert_null (lw_test_string (lw_keyring_lookup (elsewhere, NULL), &error));
  g_assert_error (error, LW_AZURE_ERROR, LW_AZURE_ERROR_SIGN_IN);
  g_assert_true (lw_test_boolean (lw_keyring_clear (profile, NULL), NULL));
  expect_lookup_error (LW_AZURE_ERROR_SIGN_IN);
}

static void
test_locked (void)
{
  expect_lookup_error (LW_AZURE_ERROR_KEYRING_LOCKED);
  expect_store_error (LW_AZURE_ERROR_KEYRING_LOCKED);
}

static void
test_new (void)
{
  /* Nothing is kept, so nobody is signed in; to keep something there would need a password first. */
  expect_lookup_error (LW_AZURE_ERROR_SIGN_IN);
  expect_store_error (LW_AZURE_ERROR_KEYRING_MISSING);
}

static void
test_missing (void)
{
  expect_lookup_error (LW_AZURE_ERROR_KEYRING_MISSING);
  expect_store_error (LW_AZURE_ERROR_KEYRING_MISSING);
}

int
main (int argc, char **argv)
{
  const char *which = g_getenv ("LEEWAY_KEYRING_CASE");

  dex_init ();
  g_test_init (&argc, &argv, NULL);
  if (g_strcmp0 (which, "seed") == 0)
    g_test_add_func ("/keyring/seed", test_seed);
  else if (g_strcmp0 (which, "unlocked") == 0)
    g_test_add_func ("/keyring/unlocked", test_unlocked);
  else if (g_strcmp0 (which, "locked") == 0)
    g_test_add_func ("/keyring/locked", test_locked);
  else if (g_strcmp0 (which, "new") == 0)
    g_test_add_func ("/keyring/new", test_new);
  else if (g_strcmp0 (which, "missing") == 0)
    g_test_add_func ("/keyring/missing", test_missing);
  else
    g_error ("Run this by with-keyring");
  return g_test_run ();
}
