/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "lw-json.h"
#include "lw-ledger.h"
#include "lw-store-suite.h"

#include <gio/gio.h>
#include <string.h>

/* The simulated tenant as a process of its own. */
typedef struct
{
  GSubprocess *process;
  JsonNode *line; /* its endpoints and people */
} Tenant;

static void
tenant_start (Tenant *tenant)
{
  g_autoptr (GDataInputStream) input = NULL;
  g_autofree char *line = NULL;
  g_autoptr (GError) error = NULL;

  tenant->process =
      g_subprocess_new (G_SUBPROCESS_FLAGS_STDOUT_PIPE, &error, g_getenv ("LEEWAY_DEMO_TENANT"),
                        "--exit-with-parent", "--tenant", g_getenv ("LEEWAY_DEMO_DATA"), NULL);
  g_assert_no_error (error);
  input = g_data_input_stream_new (g_subprocess_get_stdout_pipe (tenant->process));
  line = g_data_input_stream_read_line_utf8 (input, NULL, NULL, &error);
  g_assert_no_error (error);
  tenant->line = lw_json_parse_string (line, &error);
  g_assert_no_error (error);
}

static void
tenant_stop (Tenant *tenant)
{
  g_subprocess_force_exit (tenant->process);
  g_subprocess_wait (tenant->process, NULL, NULL);
  g_clear_object (&tenant->process);
  g_clear_pointer (&tenant->line, json_node_unref);
}

static const char *
token_of (Tenant *tenant, const char *upn)
{
  JsonArray *people = lw_json_get_array (lw_json_node_object (tenant->line), "personas");

  for (guint i = 0; i < json_array_get_length (people); i++)
    {
      JsonObject *person = lw_json_array_get_object (people, i);

      if (g_strcmp0 (lw_json_get_string (person, "upn"), upn) == 0)
        return lw_json_get_string (person, "token");
    }
  g_assert_not_reached ();
}

/* A store of that name in the tenant's storage account, as @upn. */
static LwStore *
open_store (Tenant *tenant, const char *upn, const char *name, const char *blob)
{
  JsonObject *line = lw_json_node_object (tenant->line);
  g_autoptr (JsonObject) profile = json_object_new ();
  JsonObject *endpoints = json_object_new ();
  g_autoptr (JsonNode) node = NULL;
  g_autofree char *text = NULL;
  g_autofree char *url = NULL;
  g_autoptr (GBytes) bytes = NULL;
  g_autoptr (LwProfile) parsed = NULL;
  g_autoptr (LwIdentity) identity = NULL;
  g_autoptr (LwClient) client = NULL;
  g_autoptr (GError) error = NULL;
  LwStore *store;

  if (!blob)
    blob = lw_json_get_string (line, "blob");
  url = g_strdup_printf ("%s/%s", blob, name);
  lw_json_set_string (endpoints, "arm", lw_json_get_string (line, "arm"));
  lw_json_set_string (endpoints, "login", lw_json_get_string (line, "login"));
  lw_json_set_string (endpoints, "graph", lw_json_get_string (line, "graph"));
  lw_json_set_string (endpoints, "blob", blob);
  json_object_set_object_member (profile, "endpoints", endpoints);
  lw_json_set_string (profile, "cloud", "custom");
  lw_json_set_string (profile, "tenant", lw_json_get_string (line, "tenant"));
  lw_json_set_string (profile, "clientId", lw_json_get_string (line, "clientId"));
  lw_json_set_string (profile, "ledger", url);
  lw_json_set_string (profile, "signIn", "token");

  node = lw_json_object_to_node (profile);
  text = lw_json_pretty (node);
  bytes = g_bytes_new (text, strlen (text));
  parsed = lw_profile_from_json (bytes, &error);
  g_assert_no_error (error);
  identity = lw_identity_new_for_token (parsed, token_of (tenant, upn));
  client = lw_client_new (parsed, identity);
  store = lw_store_new_for_url (client, url, &error);
  g_assert_no_error (error);

  return store;
}

static void
run_suite (gconstpointer data)
{
  Tenant tenant;
  g_autoptr (LwStore) store = NULL;

  tenant_start (&tenant);
  store = open_store (&tenant, "ingrid@contoso.example", "leeway", NULL);
  store_suite[GPOINTER_TO_UINT (data)].func (store);
  tenant_stop (&tenant);
}

static void
test_suite (gconstpointer data)
{
  lw_fiber_test_run (run_suite, data);
}

/* A requester's role lets them add requests and not seals; a name without containers is said. */
static void
refusals_are_said (gconstpointer data)
{
  Tenant tenant;
  g_autoptr (GBytes) bytes = suite_bytes ("x");
  g_autoptr (LwStore) requester = NULL;
  g_autoptr (LwStore) nowhere = NULL;
  g_autoptr (LwStore) gone = NULL;

  tenant_start (&tenant);
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
  tenant_stop (&tenant);
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
  for (gsize i = 0; i < G_N_ELEMENTS (store_suite); i++)
    {
      g_autofree char *path = g_strconcat ("/blob/suite/", store_suite[i].name, NULL);

      g_test_add_data_func (path, GUINT_TO_POINTER (i), test_suite);
    }

  return g_test_run ();
}
