/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "lw-fiber-test.h"
#include "lw-narrowing.h"
#include "lw-test-tenant.h"

#define PRIYA  "priya@contoso.example"
#define INGRID "ingrid@contoso.example"

#define BASELINE                                                                                   \
  "/providers/Microsoft.Management/managementGroups/ai-workloads/providers/"                       \
  "Microsoft.Authorization/policyAssignments/ai-security-baseline"
#define SUBSCRIPTION "/subscriptions/5b84a0b2-debd-5e07-b5b8-601756f9c338"
#define GROUP        SUBSCRIPTION "/resourceGroups/rg-eval-weu"
#define ACCOUNT      GROUP "/providers/Microsoft.CognitiveServices/accounts/aoai-eval-weu"

static LwTestTenant tenant;

static LwNarrowing *
narrow (const char *upn, const char *resource, const char *reference)
{
  g_autoptr (LwProfile) profile = lw_test_tenant_profile (&tenant, NULL, NULL);
  g_autoptr (LwSession) session =
      lw_session_new (profile, lw_test_tenant_token (&tenant, upn), NULL);
  g_autoptr (GPtrArray) list = NULL;
  LwAssignment *assignment = NULL;
  g_autoptr (GPtrArray) resources = g_ptr_array_new ();
  g_autoptr (GPtrArray) references = g_ptr_array_new ();
  g_autoptr (GError) error = NULL;
  LwNarrowing *narrowing;

  lw_assert_awaits (lw_session_open (session));
  /* whoever may not read it where it stands sees what their subscription inherits */
  list = dex_await_boxed (
      lw_client_list_assignments (lw_session_get_client (session), SUBSCRIPTION), &error);
  g_assert_no_error (error);
  for (guint i = 0; i < list->len; i++)
    if (lw_arm_id_equal (((LwAssignment *) g_ptr_array_index (list, i))->id, BASELINE))
      assignment = g_ptr_array_index (list, i);
  g_assert_nonnull (assignment);
  g_ptr_array_add (resources, (gpointer) resource);
  if (reference)
    g_ptr_array_add (references, (gpointer) reference);
  narrowing = dex_await_boxed (lw_narrow_assignment (session, assignment, resources, references, 0),
                               &error);
  g_assert_no_error (error);

  return narrowing;
}

static LwNarrowOption *
first (LwNarrowing *narrowing)
{
  g_assert_cmpuint (narrowing->result->options->len, >, 0);

  return g_ptr_array_index (narrowing->result->options, 0);
}

static gboolean
says (LwNarrowing *narrowing, const char *id)
{
  for (guint i = 0; i < narrowing->result->notices->len; i++)
    {
      LwNarrowNotice *notice = g_ptr_array_index (narrowing->result->notices, i);

      g_test_message ("%s: %s", notice->id, notice->message);
      if (g_str_equal (notice->id, id))
        return TRUE;
    }

  return FALSE;
}

static void
one_account (gconstpointer data)
{
  g_autoptr (LwNarrowing) narrowing = narrow (PRIYA, ACCOUNT, "aiServicesNoPublicNetwork");
  LwNarrowOption *option = first (narrowing);
  LwNarrowExemption *exemption = g_ptr_array_index (option->exemptions, 0);

  g_assert_cmpint (option->reach, ==, LW_SCOPE_RESOURCE);
  g_assert_cmpuint (option->collateral, ==, 0);
  g_assert_true (lw_arm_id_equal (exemption->scope, ACCOUNT));
  g_assert_cmpuint (exemption->references->len, ==, 1);
  g_assert_cmpuint (narrowing->choices->len, ==, 8);
  /* others stand in the same resource group */
  g_assert_cmpuint (narrowing->covering->len, >, 0);
}

/* What is made later needs its resource group, and what is there of its type is let off with it. */
static void
not_there_yet (gconstpointer data)
{
  g_autoptr (LwNarrowing) narrowing =
      narrow (PRIYA, GROUP "/providers/Microsoft.CognitiveServices/accounts/aoai-next",
              "aiServicesNoPublicNetwork");
  LwNarrowOption *option = first (narrowing);
  LwNarrowExemption *exemption = g_ptr_array_index (option->exemptions, 0);
  g_autoptr (GPtrArray) affected = lw_narrow_result_affected (narrowing->result, option);

  g_assert_true (says (narrowing, "need.new"));
  g_assert_cmpint (option->reach, ==, LW_SCOPE_RESOURCE_GROUP);
  g_assert_cmpuint (json_array_get_length (exemption->selectors), ==, 1);
  g_assert_cmpuint (option->collateral, >, 0);
  g_assert_cmpuint (affected->len, >, 0);
}

/* Whoever cannot read the management group counts what they see, and says so. */
static void
partly_hidden (gconstpointer data)
{
  g_autoptr (LwNarrowing) priya =
      narrow (PRIYA, GROUP "/providers/Microsoft.CognitiveServices/accounts/aoai-next",
              "aiServicesNoPublicNetwork");
  g_autoptr (LwNarrowing) ingrid =
      narrow (INGRID, GROUP "/providers/Microsoft.CognitiveServices/accounts/aoai-next",
              "aiServicesNoPublicNetwork");

  /* the subscription can be read, what lies beside it cannot */
  g_assert_true (says (priya, "read.partial"));
  g_assert_false (first (priya)->at_least);
  g_assert_false (says (ingrid, "read.partial"));
  g_assert_cmpuint (first (ingrid)->collateral, ==, first (priya)->collateral);
}

static void
run_test (gconstpointer data)
{
  lw_test_tenant_start (&tenant);
  lw_fiber_test_run ((LwFiberTest) data, NULL);
  lw_test_tenant_stop (&tenant);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  dex_init ();
  g_test_add_data_func ("/narrowing/one-account", one_account, run_test);
  g_test_add_data_func ("/narrowing/not-there-yet", not_there_yet, run_test);
  g_test_add_data_func ("/narrowing/partly-hidden", partly_hidden, run_test);

  return g_test_run ();
}
