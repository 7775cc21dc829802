/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "lw-domain-error.h"
#include "lw-fiber-test.h"
#include "lw-json.h"
#include "lw-ledger.h"
#include "lw-temp-dir.h"

#include <gio/gio.h>
#include <string.h>

#define ADA "aaaaaaaa-0000-4000-8000-000000000001"
#define BEN "aaaaaaaa-0000-4000-8000-000000000002"

static LwLedger *
open_ledger (const char *dir)
{
  g_autoptr (LwStore) store = lw_folder_store_new (dir, NULL);
  LwLedger *ledger = lw_ledger_new (store);

  lw_assert_awaits (lw_ledger_load_rules (ledger));

  return ledger;
}

static LwRules *
rules (const char *administrator, int days)
{
  g_autofree char *text =
      g_strdup_printf ("{\"version\":1,\"pendingDays\":%d,\"administrators\":[{\"id\":\"%s\"}]}",
                       days, administrator);
  g_autoptr (JsonNode) node = lw_json_parse_string (text, NULL);

  return lw_rules_from_json (node, NULL);
}

static DexFuture *
append (LwLedger *ledger, guint expected, const char *administrator, int days, const char *by)
{
  g_autoptr (LwRules) value = rules (administrator, days);
  g_autoptr (LwPerson) person = lw_person_new (by, g_str_equal (by, ADA) ? "Ada" : "Ben", NULL);
  g_autoptr (GDateTime) at = lw_instant_parse ("2026-11-24T09:00:00Z", NULL);

  return lw_ledger_append_rules (ledger, expected, value, person, "tenant", at);
}

static void
a_chain (gconstpointer data)
{
  char *dir = lw_temp_dir_new ();
  g_autoptr (LwLedger) ledger = open_ledger (dir);
  g_autoptr (LwLedger) other = NULL;
  GPtrArray *history;
  const LwRulesEntry *second;

  g_assert_cmpuint (lw_ledger_get_rules_last_seq (ledger), ==, 0);
  lw_assert_rejects (append (ledger, 0, BEN, 10, ADA), LW_DOMAIN_ERROR,
                     LW_DOMAIN_ERROR_NOT_ALLOWED);
  lw_assert_awaits (append (ledger, 0, ADA, 10, ADA));
  lw_assert_rejects (append (ledger, 1, BEN, 11, BEN), LW_DOMAIN_ERROR,
                     LW_DOMAIN_ERROR_NOT_ALLOWED);
  lw_assert_awaits (append (ledger, 1, BEN, 12, ADA));
  lw_assert_awaits (append (ledger, 2, BEN, 13, BEN));
  lw_assert_rejects (append (ledger, 3, ADA, 14, ADA), LW_DOMAIN_ERROR,
                     LW_DOMAIN_ERROR_NOT_ALLOWED);

  other = open_ledger (dir);
  g_assert_cmpuint (lw_ledger_get_rules_seq (other), ==, 3);
  g_assert_cmpuint (lw_rules_pending_days (lw_ledger_get_rules (other)), ==, 13);
  g_assert_cmpstr (lw_ledger_get_rules_sha256 (other), ==, lw_ledger_get_rules_sha256 (ledger));
  history = lw_ledger_get_rules_history (other);
  g_assert_cmpuint (history->len, ==, 3);
  second = g_ptr_array_index (history, 1);
  g_assert_cmpstr (second->by->name, ==, "Ada");
  g_assert_true (second->counts);
  g_assert_nonnull (second->at);
  g_assert_cmpuint (lw_rules_pending_days (second->rules), ==, 12);
  lw_temp_dir_free (dir);
}

static void
a_conflict (gconstpointer data)
{
  char *dir = lw_temp_dir_new ();
  g_autoptr (LwLedger) ada = open_ledger (dir);
  g_autoptr (LwLedger) ben = NULL;
  g_autoptr (GError) error = NULL;

  lw_assert_awaits (append (ada, 0, ADA, 10, ADA));
  ben = open_ledger (dir);
  lw_assert_awaits (append (ada, 1, ADA, 20, ADA));

  /* what Ben saw is not the newest any more: nothing is written, and it is said who was faster */
  g_assert_false (dex_await (append (ben, 1, ADA, 30, ADA), &error));
  g_assert_error (error, LW_LEDGER_ERROR, LW_LEDGER_ERROR_TAKEN);
  g_assert_nonnull (strstr (error->message, "Ada has changed the rules"));
  g_assert_cmpuint (lw_ledger_get_rules_last_seq (ben), ==, 2);
  g_assert_cmpuint (lw_rules_pending_days (lw_ledger_get_rules (ben)), ==, 20);
  lw_temp_dir_free (dir);
}

/* Many at once: each number is somebody's, once. */
static void
a_race (gconstpointer data)
{
  char *dir = lw_temp_dir_new ();
  g_autoptr (GPtrArray) ledgers = g_ptr_array_new_with_free_func (g_object_unref);
  g_autoptr (GPtrArray) futures = g_ptr_array_new_with_free_func (dex_unref);
  g_autoptr (LwLedger) last = NULL;
  guint won = 0;

  for (guint i = 0; i < 12; i++)
    g_ptr_array_add (ledgers, open_ledger (dir));
  for (guint i = 0; i < ledgers->len; i++)
    g_ptr_array_add (futures, append (g_ptr_array_index (ledgers, i), 0, ADA, (int) i + 1, ADA));
  for (guint i = 0; i < futures->len; i++)
    {
      g_autoptr (GError) error = NULL;

      if (dex_await (dex_ref (g_ptr_array_index (futures, i)), &error))
        won++;
      else
        g_assert_error (error, LW_LEDGER_ERROR, LW_LEDGER_ERROR_TAKEN);
    }
  g_assert_cmpuint (won, ==, 1);
  last = open_ledger (dir);
  g_assert_cmpuint (lw_ledger_get_rules_last_seq (last), ==, 1);
  lw_temp_dir_free (dir);
}

static void
test_chain (void)
{
  lw_fiber_test_run (a_chain, NULL);
}

static void
test_conflict (void)
{
  lw_fiber_test_run (a_conflict, NULL);
}

static void
test_race (void)
{
  lw_fiber_test_run (a_race, NULL);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  dex_init ();

  g_test_add_func ("/rules/chain", test_chain);
  g_test_add_func ("/rules/conflict", test_conflict);
  g_test_add_func ("/rules/race", test_race);

  return g_test_run ();
}
