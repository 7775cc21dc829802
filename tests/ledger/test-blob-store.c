/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "lw-ledger.h"
#include "lw-store-suite.h"
#include "lw-test-tenant.h"

#include <string.h>

static LwStore *
open_store (LwTestTenant *tenant, const char *upn, const char *name, const char *blob)
{
  g_autofree char *url = NULL;
  g_autoptr (LwProfile) profile = NULL;
  g_autoptr (LwIdentity) identity = NULL;
  g_autoptr (LwClient) client = NULL;
  g_autoptr (GError) error = NULL;
  LwStore *store;

  if (!blob)
    blob = lw_json_get_string (lw_json_node_object (tenant->line), "blob");
  url = g_strdup_printf ("%s/%s", blob, name);
  profile = lw_test_tenant_profile (tenant, blob, url);
  identity = lw_identity_new_for_token (profile, lw_test_tenant_token (tenant, upn));
  client = lw_client_new (profile, identity);
  store = lw_store_new_for_url (client, url, &error);
  g_assert_no_error (error);

  return store;
}

/* A requester's role lets them add requests and not seals; a name without containers is said. */
static void
refusals_are_said (gconstpointer data)
{
  LwTestTenant tenant;
  g_autoptr (GBytes) bytes = suite_bytes ("x");
  g_autoptr (LwStore) requester = NULL;
  g_autoptr (LwStore) nowhere = NULL;
  g_autoptr (LwStore) gone = NULL;

  lw_test_tenant_start (&tenant);
  requester = open_store (&tenant, "priya@contoso.example", "leeway", NULL);
  nowhere = open_store (&tenant, "priya@contoso.example", "nowhere", NULL);
  suite_put (requester, LW_SHELF_REQUESTS, "a/000001.json", "mine");
  lw_assert_rejects (lw_store_put_new (requester, LW_SHELF_SEALS, "a/b.json", bytes),
                     LW_LEDGER_ERROR, LW_LEDGER_ERROR_REFUSED);
  lw_assert_rejects (lw_store_put_new (requester, LW_SHELF_RULES, "000002.json", bytes),
                     LW_LEDGER_ERROR, LW_LEDGER_ERROR_REFUSED);
  lw_assert_rejects (lw_store_list (nowhere, LW_SHELF_REQUESTS, ""), LW_LEDGER_ERROR,
                     LW_LEDGER_ERROR_UNREACHABLE);
  lw_assert_rejects (lw_store_put_new (nowhere, LW_SHELF_REQUESTS, "a/000001.json", bytes),
                     LW_LEDGER_ERROR, LW_LEDGER_ERROR_UNREACHABLE);

  gone = open_store (&tenant, "priya@contoso.example", "leeway",
                     "http://127.0.0.1:1/devstoreaccount1");
  lw_assert_rejects (lw_store_list (gone, LW_SHELF_REQUESTS, ""), LW_LEDGER_ERROR,
                     LW_LEDGER_ERROR_UNREACHABLE);
  lw_test_tenant_stop (&tenant);
}

static void
test_refusals_are_said (void)
{
  lw_fiber_test_run (refusals_are_said, NULL);
}

static void
test_addresses (void)
{
  static const char *const bad[] = {
    "https://account.blob.core.windows.net",
    "https://account.blob.core.windows.net/",
    "https://account.blob.core.windows.net/Leeway",
    "https://account.blob.core.windows.net/a--b",
    "https://account.blob.core.windows.net/-a",
    "https://account.blob.core.windows.net/a?sig=x",
    "https://me@account.blob.core.windows.net/a",
    "https://account.blob.core.windows.net/a#b",
    "https:///leeway",
    "https://account.blob.core.windows.net/a b",
  };
  const char *json =
      "{\"tenant\":\"contoso.example\",\"clientId\":\"54af7088-cfad-57d1-b6bc-09e9c5031091\","
      "\"ledger\":\"/srv/leeway\"}";
  g_autoptr (GBytes) bytes = suite_bytes (json);
  g_autoptr (GError) error = NULL;
  g_autoptr (LwProfile) profile = lw_profile_from_json (bytes, &error);
  g_autoptr (LwIdentity) identity = NULL;
  g_autoptr (LwClient) client = NULL;
  g_autoptr (LwStore) good = NULL;

  g_assert_no_error (error);
  identity = lw_identity_new_for_token (profile, "token");
  client = lw_client_new (profile, identity);
  for (gsize i = 0; i < G_N_ELEMENTS (bad); i++)
    {
      g_assert_null (lw_store_new_for_url (client, bad[i], &error));
      g_assert_error (error, LW_LEDGER_ERROR, LW_LEDGER_ERROR_UNSUPPORTED);
      g_clear_error (&error);
    }
  good = lw_store_new_for_url (client, "https://account.blob.core.windows.net/leeway/", &error);
  g_assert_no_error (error);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  dex_init ();

  g_test_add_func ("/blob/addresses", test_addresses);
  g_test_add_func ("/blob/refusals", test_refusals_are_said);

  return g_test_run ();
}
