/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "lw-fiber-test.h"
#include "lw-ledger.h"
#include "lw-temp-dir.h"
#include "lw-test-tenant.h"

#include <string.h>

/* On a folder, and on Blob Storage. */
typedef struct
{
  char *dir;
  LwTestTenant tenant;
  LwStore *store;
  LwLedger *ledger;
} Place;

static void
place_open (Place *place, gboolean blob)
{
  g_autoptr (GError) error = NULL;

  place->dir = lw_temp_dir_new ();
  if (blob)
    {
      g_autoptr (LwProfile) profile = NULL;
      g_autoptr (LwIdentity) identity = NULL;
      g_autoptr (LwClient) client = NULL;

      lw_test_tenant_start (&place->tenant);
      profile = lw_test_tenant_profile (&place->tenant, NULL, NULL);
      identity = lw_identity_new_for_token (
          profile, lw_test_tenant_token (&place->tenant, "priya@contoso.example"));
      client = lw_client_new (profile, identity);
      place->store = lw_store_new_for_url (client, lw_profile_get_ledger (profile), &error);
    }
  else
    place->store = lw_folder_store_new (place->dir, &error);
  g_assert_no_error (error);
  place->ledger = lw_ledger_new (place->store);
  lw_assert_awaits (lw_ledger_load_rules (place->ledger));
}

static void
place_close (Place *place)
{
  g_clear_object (&place->ledger);
  g_clear_object (&place->store);
  if (place->tenant.process)
    lw_test_tenant_stop (&place->tenant);
  lw_temp_dir_free (place->dir);
}

static GBytes *
text (const char *content)
{
  return g_bytes_new (content, strlen (content));
}

static void
there_and_back (gconstpointer blob)
{
  Place place = { 0 };
  g_autoptr (GBytes) bytes = text ("What the scanner found");
  g_autofree char *expected = g_compute_checksum_for_bytes (G_CHECKSUM_SHA256, bytes);
  g_autofree char *sha256 = NULL;
  g_autofree char *again = NULL;
  g_autoptr (GBytes) back = NULL;
  g_auto (GStrv) names = NULL;
  g_autoptr (GError) error = NULL;

  place_open (&place, blob != NULL);
  sha256 = dex_await_string (lw_ledger_put_evidence (place.ledger, bytes), &error);
  g_assert_no_error (error);
  g_assert_cmpstr (sha256, ==, expected);
  again = dex_await_string (lw_ledger_put_evidence (place.ledger, bytes), &error);
  g_assert_no_error (error);
  g_assert_cmpstr (again, ==, expected);

  names = dex_await_boxed (lw_store_list (place.store, LW_SHELF_EVIDENCE, ""), &error);
  g_assert_no_error (error);
  g_assert_cmpuint (g_strv_length (names), ==, 1);
  g_assert_cmpstr (names[0], ==, expected);

  back = dex_await_boxed (lw_ledger_get_evidence (place.ledger, sha256), &error);
  g_assert_no_error (error);
  g_assert_true (g_bytes_equal (back, bytes));
  place_close (&place);
}

static void
altered_is_reported (gconstpointer blob)
{
  Place place = { 0 };
  g_autoptr (GBytes) bytes = text ("the real report");
  g_autoptr (GBytes) forged = text ("a forged report");
  g_autofree char *sha256 = g_compute_checksum_for_bytes (G_CHECKSUM_SHA256, bytes);

  place_open (&place, blob != NULL);
  lw_assert_awaits (lw_store_put_new (place.store, LW_SHELF_EVIDENCE, sha256, forged));
  lw_assert_rejects (lw_ledger_get_evidence (place.ledger, sha256), LW_LEDGER_ERROR,
                     LW_LEDGER_ERROR_BROKEN);
  /* nor does somebody who attaches the real one believe that it is there */
  lw_assert_rejects (lw_ledger_put_evidence (place.ledger, bytes), LW_LEDGER_ERROR,
                     LW_LEDGER_ERROR_BROKEN);
  place_close (&place);
}

static void
refusals_are_said (gconstpointer blob)
{
  Place place = { 0 };
  g_autoptr (GBytes) nothing = text ("");
  g_autoptr (GBytes) most = NULL;
  g_autoptr (GBytes) large = NULL;
  gsize limit;

  place_open (&place, blob != NULL);
  limit = lw_rules_evidence_max_size (lw_ledger_get_rules (place.ledger));
  g_assert_cmpuint (limit, ==, 10 * 1024 * 1024);
  most = g_bytes_new_take (g_malloc0 (limit), limit);
  large = g_bytes_new_take (g_malloc0 (limit + 1), limit + 1);
  lw_assert_rejects (lw_ledger_put_evidence (place.ledger, nothing), LW_LEDGER_ERROR,
                     LW_LEDGER_ERROR_REFUSED);
  lw_assert_rejects (lw_ledger_put_evidence (place.ledger, large), LW_LEDGER_ERROR,
                     LW_LEDGER_ERROR_REFUSED);
  lw_assert_awaits (lw_ledger_put_evidence (place.ledger, most));
  lw_assert_rejects (lw_ledger_get_evidence (place.ledger, "../requests/x"), LW_LEDGER_ERROR,
                     LW_LEDGER_ERROR_NOT_FOUND);
  lw_assert_rejects (
      lw_ledger_get_evidence (place.ledger,
                              "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"),
      LW_LEDGER_ERROR, LW_LEDGER_ERROR_NOT_FOUND);
  place_close (&place);
}

static const struct
{
  const char *name;
  LwFiberTest test;
} tests[] = {
  { "there-and-back", there_and_back },
  { "altered", altered_is_reported },
  { "refusals", refusals_are_said },
};

static void
on_folder (gconstpointer data)
{
  lw_fiber_test_run (tests[GPOINTER_TO_UINT (data)].test, NULL);
}

static void
on_blob (gconstpointer data)
{
  lw_fiber_test_run (tests[GPOINTER_TO_UINT (data)].test, "blob");
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  dex_init ();

  for (gsize i = 0; i < G_N_ELEMENTS (tests); i++)
    {
      g_autofree char *folder = g_strconcat ("/evidence/folder/", tests[i].name, NULL);
      g_autofree char *blob = g_strconcat ("/evidence/blob/", tests[i].name, NULL);

      g_test_add_data_func (folder, GUINT_TO_POINTER (i), on_folder);
      g_test_add_data_func (blob, GUINT_TO_POINTER (i), on_blob);
    }

  return g_test_run ();
}
