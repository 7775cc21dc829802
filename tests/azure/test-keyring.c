/* SPDX-License-Identifier: GPL-3.0-or-later */

/* The keyring in every state it is found in; `with-keyring` sets the state up and names it. */

#include <string.h>

#include "lw-identity.h"
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

  g_assert_false (
      lw_test_boolean (lw_keyring_store (profile, ACCOUNT, NULL, LW_TEST_TOKEN), &error));
  g_assert_error (error, LW_AZURE_ERROR, (int) code);
  g_assert_null (strstr (error->message, LW_TEST_TOKEN));
  g_test_message ("%s", error->message);
}

static void
test_seed (void)
{
  g_autoptr (LwProfile) profile = profile_new ();

  g_assert_true (lw_test_boolean (lw_keyring_store (profile, ACCOUNT, NULL, LW_TEST_TOKEN), NULL));
}

static void
clear_all (LwProfile *profile)
{
  g_assert_true (lw_test_boolean (lw_keyring_clear (profile, ACCOUNT), NULL));
  g_assert_true (lw_test_boolean (lw_keyring_clear (profile, OTHER), NULL));
}

static void
test_unlocked (void)
{
  g_autoptr (LwProfile) profile = profile_new ();
  g_autoptr (LwProfile) elsewhere = lw_test_profile ("http://127.0.0.1:2", NULL);
  g_autoptr (GError) error = NULL;
  g_autofree char *first = NULL;
  g_autofree char *whose = NULL;

  expect_lookup_error (LW_AZURE_ERROR_SIGN_IN);
  g_assert_true (lw_test_boolean (lw_keyring_store (profile, ACCOUNT, NULL, "one"), NULL));
  g_assert_true (lw_test_boolean (lw_keyring_store (profile, ACCOUNT, NULL, "two"), NULL));
  first = lw_test_string (lw_keyring_lookup (profile, NULL), NULL);
  g_assert_cmpstr (first, ==, "two");
  whose = lw_test_string (lw_keyring_lookup_account (profile), NULL);
  g_assert_cmpstr (whose, ==, ACCOUNT);
  /* With another account it is nobody's: one has to say whose. */
  g_assert_true (lw_test_boolean (lw_keyring_store (profile, OTHER, NULL, "three"), NULL));
  g_assert_null (lw_test_string (lw_keyring_lookup (profile, NULL), &error));
  g_assert_error (error, LW_AZURE_ERROR, LW_AZURE_ERROR_SIGN_IN);
  g_assert_cmpstr (lw_azure_error_get_details (error)->code, ==, LW_SIGN_IN_NEEDS_ACCOUNT);
  g_clear_error (&error);
  g_assert_null (lw_test_string (lw_keyring_lookup_account (profile), &error));
  g_assert_error (error, LW_AZURE_ERROR, LW_AZURE_ERROR_SIGN_IN);
  g_clear_error (&error);
  g_assert_null (lw_test_string (lw_keyring_lookup (elsewhere, NULL), &error));
  g_assert_error (error, LW_AZURE_ERROR, LW_AZURE_ERROR_SIGN_IN);
  clear_all (profile);
  expect_lookup_error (LW_AZURE_ERROR_SIGN_IN);
}

/* Whoever chooses among them is told who they are, each once, whatever the connection says. */
static void
test_people (void)
{
  g_autoptr (LwProfile) profile = profile_new ();
  g_autoptr (LwProfile) bound = lw_profile_with_account (profile, OTHER, NULL);
  g_autoptr (GPtrArray) people = NULL;
  g_autoptr (GError) error = NULL;
  const LwPerson *first, *second;

  g_assert_null (lw_test_boxed (lw_keyring_list_people (profile), &error));
  g_assert_error (error, LW_AZURE_ERROR, LW_AZURE_ERROR_SIGN_IN);
  g_assert_cmpstr (lw_azure_error_get_details (error)->code, ==, LW_SIGN_IN_NOBODY);
  /* As an earlier version kept it, and then with a name: still one account. */
  g_assert_true (lw_test_boolean (lw_keyring_store (profile, ACCOUNT, NULL, "old"), NULL));
  g_assert_true (
      lw_test_boolean (lw_keyring_store (profile, ACCOUNT, "zoe@x.example", "new"), NULL));
  g_assert_true (lw_test_boolean (lw_keyring_store (profile, OTHER, "adam@x.example", "x"), NULL));
  people = lw_test_boxed (lw_keyring_list_people (bound), NULL);
  g_assert_cmpuint (people->len, ==, 2);
  first = g_ptr_array_index (people, 0);
  second = g_ptr_array_index (people, 1);
  g_assert_cmpstr (first->id, ==, OTHER);
  g_assert_cmpstr (first->upn, ==, "adam@x.example");
  g_assert_cmpstr (second->id, ==, ACCOUNT);
  g_assert_cmpstr (second->upn, ==, "zoe@x.example");
  clear_all (profile);
  expect_lookup_error (LW_AZURE_ERROR_SIGN_IN);
}

static LwProfile *
profile_with_login (const char *login, const char *method)
{
  g_autofree char *text = g_strdup_printf (
      "{\"tenant\":\"" LW_TEST_TENANT "\",\"clientId\":\"" LW_TEST_CLIENT "\",\"ledger\":\"/l\","
      "\"signIn\":\"%s\",\"endpoints\":{\"arm\":\"https://arm.example\",\"login\":\"%s\","
      "\"graph\":\"https://graph.example\",\"blob\":\"https://blob.example\"}}",
      method, login);
  g_autoptr (GBytes) bytes = g_bytes_new (text, strlen (text));
  g_autoptr (GError) error = NULL;
  LwProfile *profile = lw_profile_from_json (bytes, &error);

  g_assert_no_error (error);
  return profile;
}

/* Another sign-in service before the same Resource Manager gets nothing of this one's. */
static void
test_other_login (void)
{
  g_autoptr (LwProfile) mine = profile_with_login ("https://login.example", "browser");
  g_autoptr (LwProfile) theirs = profile_with_login ("https://other.example", "browser");
  g_autoptr (LwProfile) app = profile_with_login ("https://login.example", "secret");
  g_autoptr (LwProfile) their_app = profile_with_login ("https://other.example", "secret");
  g_autoptr (GError) error = NULL;
  g_autofree char *token = NULL;
  g_autofree char *secret = NULL;

  g_assert_true (lw_test_boolean (lw_keyring_store (mine, ACCOUNT, NULL, "mine"), &error));
  g_assert_true (lw_test_boolean (lw_keyring_store_secret (app, "the secret"), &error));
  g_assert_null (lw_test_string (lw_keyring_lookup (theirs, ACCOUNT), &error));
  g_assert_error (error, LW_AZURE_ERROR, LW_AZURE_ERROR_SIGN_IN);
  g_clear_error (&error);
  g_assert_null (lw_test_string (lw_keyring_lookup_secret (their_app), &error));
  g_assert_error (error, LW_AZURE_ERROR, LW_AZURE_ERROR_SIGN_IN);
  g_assert_true (lw_test_boolean (lw_keyring_clear (theirs, ACCOUNT), NULL));
  g_assert_true (lw_test_boolean (lw_keyring_clear_secret (their_app), NULL));
  token = lw_test_string (lw_keyring_lookup (mine, ACCOUNT), NULL);
  secret = lw_test_string (lw_keyring_lookup_secret (app), NULL);
  g_assert_cmpstr (token, ==, "mine");
  g_assert_cmpstr (secret, ==, "the secret");
  clear_all (mine);
  g_assert_true (lw_test_boolean (lw_keyring_clear_secret (app), NULL));
}

/* Each account has an item of its own, and what applications sign in with is apart from all of them. */
static void
test_accounts (void)
{
  g_autoptr (LwProfile) profile = profile_new ();
  g_autoptr (GError) error = NULL;
  g_autofree char *one = NULL;
  g_autofree char *two = NULL;
  g_autofree char *left = NULL;
  g_autofree char *secret = NULL;

  g_assert_true (lw_test_boolean (lw_keyring_store (profile, ACCOUNT, NULL, "one"), &error));
  g_assert_no_error (error);
  g_assert_true (lw_test_boolean (lw_keyring_store (profile, OTHER, NULL, "two"), NULL));
  g_assert_true (lw_test_boolean (lw_keyring_store_secret (profile, "the secret"), NULL));
  one = lw_test_string (lw_keyring_lookup (profile, ACCOUNT), NULL);
  two = lw_test_string (lw_keyring_lookup (profile, OTHER), NULL);
  secret = lw_test_string (lw_keyring_lookup_secret (profile), NULL);
  g_assert_cmpstr (one, ==, "one");
  g_assert_cmpstr (two, ==, "two");
  g_assert_cmpstr (secret, ==, "the secret");
  g_assert_null (lw_test_string (lw_keyring_lookup (profile, "someone-else"), &error));
  g_assert_error (error, LW_AZURE_ERROR, LW_AZURE_ERROR_SIGN_IN);
  g_clear_error (&error);

  g_assert_true (lw_test_boolean (lw_keyring_clear (profile, ACCOUNT), NULL));
  g_assert_null (lw_test_string (lw_keyring_lookup (profile, ACCOUNT), &error));
  g_assert_error (error, LW_AZURE_ERROR, LW_AZURE_ERROR_SIGN_IN);
  g_clear_error (&error);
  left = lw_test_string (lw_keyring_lookup (profile, OTHER), NULL);
  g_assert_cmpstr (left, ==, "two");
  /* Whose is not said, so nobody's is forgotten. */
  g_assert_true (lw_test_boolean (lw_keyring_clear (profile, NULL), NULL));
  g_clear_pointer (&left, g_free);
  left = lw_test_string (lw_keyring_lookup (profile, OTHER), NULL);
  g_assert_cmpstr (left, ==, "two");
  clear_all (profile);
  g_clear_pointer (&secret, g_free);
  secret = lw_test_string (lw_keyring_lookup_secret (profile), NULL);
  g_assert_cmpstr (secret, ==, "the secret");
  g_assert_true (lw_test_boolean (lw_keyring_clear_secret (profile), NULL));
  g_assert_null (lw_test_string (lw_keyring_lookup_secret (profile), &error));
  g_assert_error (error, LW_AZURE_ERROR, LW_AZURE_ERROR_SIGN_IN);
  g_clear_error (&error);
  /* Nothing to forget is no fault. */
  clear_all (profile);
  g_assert_true (lw_test_boolean (lw_keyring_clear_secret (profile), NULL));
}

static void
test_locked (void)
{
  expect_lookup_error (LW_AZURE_ERROR_KEYRING_LOCKED);
  expect_store_error (LW_AZURE_ERROR_KEYRING_LOCKED);
}

static void
test_refused (void)
{
  expect_lookup_error (LW_AZURE_ERROR_KEYRING_REFUSED);
  expect_store_error (LW_AZURE_ERROR_KEYRING_REFUSED);
}

/* The question stays open: it is given up. */
static void
test_silent (void)
{
  gint64 before = g_get_monotonic_time ();

  lw_keyring_set_deadline (300);
  expect_lookup_error (LW_AZURE_ERROR_KEYRING_LOCKED);
  g_assert_cmpint (g_get_monotonic_time () - before, >=, 300 * 1000);
  g_assert_cmpint (g_get_monotonic_time () - before, <, 20 * G_USEC_PER_SEC);
  lw_keyring_set_deadline (0);
}

static void
test_silent_store (void)
{
  lw_keyring_set_deadline (300);
  expect_store_error (LW_AZURE_ERROR_KEYRING_LOCKED);
  lw_keyring_set_deadline (0);
}

static void
test_new (void)
{
  /* Nothing is kept, so nobody is signed in; to keep something there would need a password first. */
  expect_lookup_error (LW_AZURE_ERROR_SIGN_IN);
  expect_store_error (LW_AZURE_ERROR_KEYRING_MISSING);
}

static void
test_new_refused (void)
{
  expect_lookup_error (LW_AZURE_ERROR_SIGN_IN);
  expect_store_error (LW_AZURE_ERROR_KEYRING_REFUSED);
}

static void
test_missing (void)
{
  expect_lookup_error (LW_AZURE_ERROR_KEYRING_MISSING);
  expect_store_error (LW_AZURE_ERROR_KEYRING_MISSING);
}

/* The file that libsecret keeps by itself: nothing of it is legible. */
static void
test_portal (void)
{
  g_autofree char *path =
      g_build_filename (g_get_user_data_dir (), "keyrings", "default.keyring", NULL);
  g_autofree char *contents = NULL;
  g_autoptr (LwProfile) profile = profile_new ();
  gsize length;

  test_accounts ();
  test_other_login ();
  test_people ();
  g_assert_true (lw_test_boolean (lw_keyring_store (profile, ACCOUNT, NULL, LW_TEST_TOKEN), NULL));
  g_assert_true (g_file_get_contents (path, &contents, &length, NULL));
  g_assert_null (g_strstr_len (contents, (gssize) length, LW_TEST_TOKEN));
  g_assert_null (g_strstr_len (contents, (gssize) length, ACCOUNT));
}

static void
test_portal_refused (void)
{
  expect_lookup_error (LW_AZURE_ERROR_KEYRING_REFUSED);
  expect_store_error (LW_AZURE_ERROR_KEYRING_REFUSED);
}

int
main (int argc, char **argv)
{
  static const struct
  {
    const char *name;
    GTestFunc run;
  } cases[] = {
    { "seed", test_seed },
    { "unlocked", test_unlocked },
    { "locked", test_locked },
    { "refused", test_refused },
    { "silent", test_silent },
    { "silent-store", test_silent_store },
    { "new", test_new },
    { "new-refused", test_new_refused },
    { "missing", test_missing },
    { "portal", test_portal },
    { "portal-refused", test_portal_refused },
  };
  const char *which = g_getenv ("LEEWAY_KEYRING_CASE");

  dex_init ();
  g_test_init (&argc, &argv, NULL);
  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autofree char *path = g_strconcat ("/keyring/", cases[i].name, NULL);

      if (g_strcmp0 (which, cases[i].name) == 0)
        g_test_add_func (path, cases[i].run);
    }
  if (g_strcmp0 (which, "unlocked") == 0)
    {
      g_test_add_func ("/keyring/accounts", test_accounts);
      g_test_add_func ("/keyring/other-login", test_other_login);
      g_test_add_func ("/keyring/people", test_people);
    }
  if (which == NULL)
    g_error ("Run this by with-keyring");
  return g_test_run ();
}
