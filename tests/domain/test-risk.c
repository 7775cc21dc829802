/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "lw-arm-id.h"
#include "lw-finding.h"
#include "lw-risk.h"

#define SUBSCRIPTION     "/subscriptions/11111111-1111-4111-8111-111111111111"
#define GROUP            SUBSCRIPTION "/resourceGroups/rg-eval"
#define RESOURCE         GROUP "/providers/Microsoft.Storage/storageAccounts/steval"
#define MANAGEMENT_GROUP "/providers/Microsoft.Management/managementGroups/platform"
#define SET              "/providers/Microsoft.Authorization/policySetDefinitions/baseline"

typedef struct
{
  LwRequest *request;
  LwGrant *grant;
  GDateTime *now;
} Fixture;

static void
set_up (Fixture *fixture, gconstpointer data)
{
  fixture->now = g_date_time_new_utc (2026, 11, 24, 9, 0, 0);
  fixture->request = lw_request_new ("01930000-0000-7000-8000-000000000001");
  fixture->grant = lw_grant_new (1);
  fixture->grant->scope = g_strdup (RESOURCE);
  g_ptr_array_add (fixture->grant->references, g_strdup ("one"));
  g_ptr_array_add (fixture->request->grants, fixture->grant);
  g_set_str (&fixture->request->expires, "2026-12-20T22:59:59Z");
}

static void
tear_down (Fixture *fixture, gconstpointer data)
{
  lw_request_free (fixture->request);
  g_date_time_unref (fixture->now);
}

static LwFinding *
finding_new (LwSeverity severity)
{
  LwFinding *finding = g_new0 (LwFinding, 1);

  finding->severity = severity;
  return finding;
}

static void
assert_risk (Fixture *fixture, GPtrArray *findings, LwRisk risk, LwRiskReasons reasons)
{
  LwRiskReasons why;

  g_assert_cmpint (lw_request_risk (fixture->request, findings, fixture->now, &why), ==, risk);
  g_assert_cmpint (why, ==, reasons);
}

static void
test_scope (Fixture *fixture, gconstpointer data)
{
  assert_risk (fixture, NULL, LW_RISK_LOW, 0);
  g_set_str (&fixture->grant->scope, GROUP);
  assert_risk (fixture, NULL, LW_RISK_LOW, LW_RISK_RESOURCE_GROUP);
  g_set_str (&fixture->grant->scope, SUBSCRIPTION);
  assert_risk (fixture, NULL, LW_RISK_HIGH, LW_RISK_SUBSCRIPTION);
  g_set_str (&fixture->grant->scope, MANAGEMENT_GROUP);
  assert_risk (fixture, NULL, LW_RISK_HIGH, LW_RISK_MANAGEMENT_GROUP);
}

/* One wide grant among narrow ones is what counts. */
static void
test_widest_grant (Fixture *fixture, gconstpointer data)
{
  LwGrant *wide = lw_grant_new (2);

  wide->scope = g_strdup (SUBSCRIPTION);
  g_ptr_array_add (wide->references, g_strdup ("one"));
  g_ptr_array_add (fixture->request->grants, wide);
  assert_risk (fixture, NULL, LW_RISK_HIGH, LW_RISK_SUBSCRIPTION);
}

static void
test_points (Fixture *fixture, gconstpointer data)
{
  g_autoptr (GPtrArray) findings = g_ptr_array_new_with_free_func (g_free);

  g_set_str (&fixture->grant->scope, GROUP);
  g_ptr_array_add (findings, finding_new (LW_SEVERITY_ADVICE));
  assert_risk (fixture, findings, LW_RISK_LOW, LW_RISK_RESOURCE_GROUP);
  g_ptr_array_add (findings, finding_new (LW_SEVERITY_WARNING));
  g_ptr_array_add (findings, finding_new (LW_SEVERITY_WARNING));
  assert_risk (fixture, findings, LW_RISK_MEDIUM, LW_RISK_RESOURCE_GROUP | LW_RISK_WARNINGS);
  g_set_str (&fixture->request->expires, "2027-06-01T00:00:00Z");
  assert_risk (fixture, findings, LW_RISK_HIGH,
               LW_RISK_RESOURCE_GROUP | LW_RISK_WARNINGS | LW_RISK_LONG);
}

static void
test_blocker_and_no_end (Fixture *fixture, gconstpointer data)
{
  g_autoptr (GPtrArray) findings = g_ptr_array_new_with_free_func (g_free);

  g_ptr_array_add (findings, finding_new (LW_SEVERITY_BLOCKER));
  assert_risk (fixture, findings, LW_RISK_HIGH, LW_RISK_BLOCKERS);
  g_clear_pointer (&fixture->request->expires, g_free);
  assert_risk (fixture, NULL, LW_RISK_LOW, LW_RISK_LONG);
  g_set_str (&fixture->request->expires, "some day");
  assert_risk (fixture, NULL, LW_RISK_LOW, LW_RISK_LONG);
}

static void
test_initiative (Fixture *fixture, gconstpointer data)
{
  g_ptr_array_set_size (fixture->grant->references, 0);
  fixture->grant->policy = lw_policy_snapshot_new ();
  g_hash_table_insert (fixture->grant->policy->effects, g_strdup (""), g_strdup ("Deny"));
  assert_risk (fixture, NULL, LW_RISK_LOW, 0);

  g_hash_table_remove_all (fixture->grant->policy->effects);
  g_hash_table_insert (fixture->grant->policy->effects, g_strdup ("one"), g_strdup ("Deny"));
  assert_risk (fixture, NULL, LW_RISK_MEDIUM, LW_RISK_INITIATIVE);

  g_hash_table_remove_all (fixture->grant->policy->effects);
  fixture->grant->policy->definition = g_strdup (SET);
  assert_risk (fixture, NULL, LW_RISK_MEDIUM, LW_RISK_INITIATIVE);
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
#define ADD(path, test) g_test_add ("/risk/" path, Fixture, NULL, set_up, test, tear_down)
  ADD ("scope", test_scope);
  ADD ("widest-grant", test_widest_grant);
  ADD ("points", test_points);
  ADD ("blocker-and-no-end", test_blocker_and_no_end);
  ADD ("initiative", test_initiative);
  return g_test_run ();
}
