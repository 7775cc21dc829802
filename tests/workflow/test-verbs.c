/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "lw-domain-error.h"
#include "lw-fiber-test.h"
#include "lw-good-request.h"
#include "lw-test-tenant.h"
#include "lw-verbs.h"

#include <string.h>

#define PRIYA  "priya@contoso.example"
#define JONAS  "jonas@contoso.example"
#define TOMAS  "tomas@contoso.example"
#define INGRID "ingrid@contoso.example"
#define DANIEL "daniel@contoso.example"

static LwTestTenant tenant;

static LwSession *
open_session (const char *upn)
{
  g_autoptr (LwProfile) profile = lw_test_tenant_profile (&tenant, NULL, NULL);
  LwSession *session = lw_session_new (profile, lw_test_tenant_token (&tenant, upn), NULL);

  g_assert_false (lw_session_is_open (session));
  lw_assert_rejects (lw_list_cases (session), LW_AZURE_ERROR, LW_AZURE_ERROR_SIGN_IN);
  lw_assert_awaits (lw_session_open (session));
  g_assert_true (lw_session_is_open (session));

  return session;
}

static LwCase *
submit (LwSession *session, const char *title)
{
  g_autoptr (LwRequest) request = lw_test_good_request (title);
  g_autoptr (GError) error = NULL;
  LwCase *value = dex_await_boxed (lw_submit (session, request), &error);

  g_assert_no_error (error);

  return value;
}

static void
session_knows (gconstpointer data)
{
  g_autoptr (LwSession) session = open_session (PRIYA);

  g_assert_cmpstr (lw_session_get_person (session)->upn, ==, PRIYA);
  g_assert_cmpstr (lw_session_get_person (session)->name, ==, "Priya Raman");
  g_assert_cmpstr (lw_session_get_tenant_id (session), ==,
                   lw_json_get_string (lw_json_node_object (tenant.line), "tenant"));
  g_assert_nonnull (lw_session_get_hierarchy (session));
  g_assert_cmpuint (lw_ledger_get_rules_seq (lw_session_get_ledger (session)), ==, 1);
}

static void
whose_turn_it_is (gconstpointer data)
{
  g_autoptr (LwSession) priya = open_session (PRIYA);
  g_autoptr (LwSession) jonas = open_session (JONAS);
  g_autoptr (LwSession) daniel = open_session (DANIEL);
  g_autoptr (LwSession) tomas = open_session (TOMAS);
  g_autoptr (LwSession) ingrid = open_session (INGRID);
  g_autoptr (LwCase) pending = submit (priya, "Whose turn it is");
  g_autoptr (LwCase) approved = NULL;
  g_autoptr (LwCase) commented = NULL;
  g_autoptr (GPtrArray) cases = NULL;
  g_autoptr (GError) error = NULL;

  g_assert_true (lw_case_waits_for_review (tomas, pending));
  g_assert_true (lw_case_waits_for_review (ingrid, pending));
  g_assert_false (lw_case_waits_for_review (priya, pending));
  g_assert_false (lw_case_waits_for_review (daniel, pending));
  g_assert_false (lw_case_waits_for_review (jonas, pending));
  g_assert_true (lw_case_is_mine (priya, pending));
  g_assert_true (lw_case_is_mine (daniel, pending));
  g_assert_false (lw_case_is_mine (tomas, pending));
  g_assert_false (lw_case_waits_for_apply (pending));

  lw_assert_rejects (lw_reject (tomas, pending->request_id, pending->digest, "  \n"),
                     LW_DOMAIN_ERROR, LW_DOMAIN_ERROR_NOT_ALLOWED);
  commented = dex_await_boxed (
      lw_comment (jonas, pending->request_id, "Does this hold for us too?"), &error);
  g_assert_no_error (error);
  g_assert_cmpint (commented->phase, ==, LW_PHASE_PENDING);

  approved = dex_await_boxed (lw_approve (tomas, pending->request_id, pending->digest), &error);
  g_assert_no_error (error);
  g_assert_false (lw_case_waits_for_review (tomas, approved));
  g_assert_false (lw_case_waits_for_review (ingrid, approved));
  g_assert_true (lw_case_waits_for_apply (approved));

  cases = dex_await_boxed (lw_list_cases (jonas), &error);
  g_assert_no_error (error);
  g_assert_cmpstr (((LwCase *) g_ptr_array_index (cases, 0))->request_id, ==, pending->request_id);

  /* Withdrawn by its owner, before it is applied. */
  lw_assert_rejects (lw_withdraw (jonas, pending->request_id, NULL), LW_DOMAIN_ERROR,
                     LW_DOMAIN_ERROR_NOT_ALLOWED);
  lw_assert_awaits (lw_withdraw (daniel, pending->request_id, "The endpoint is there"));
  lw_assert_rejects (lw_apply (tomas, pending->request_id, pending->digest), LW_DOMAIN_ERROR,
                     LW_DOMAIN_ERROR_NOT_ALLOWED);
}

static void
who_could_apply (gconstpointer data)
{
  static const struct
  {
    const char *upn;
    LwRight right;
  } people[] = { { PRIYA, LW_RIGHT_NO }, { TOMAS, LW_RIGHT_YES }, { JONAS, LW_RIGHT_UNKNOWN } };
  g_autoptr (LwRequest) request = lw_test_good_request ("Who could apply");

  for (gsize i = 0; i < G_N_ELEMENTS (people); i++)
    {
      g_autoptr (LwSession) session = open_session (people[i].upn);
      g_autoptr (GError) error = NULL;
      int right = dex_await_int (lw_can_apply (session, request), &error);

      g_assert_no_error (error);
      g_assert_cmpint (right, ==, people[i].right);
    }
}

/* The page that started it is closed at once: what was begun is done all the same. */
static void
dropped_is_done (gconstpointer data)
{
  g_autoptr (LwSession) priya = open_session (PRIYA);
  g_autoptr (LwRequest) request = lw_test_good_request ("Dropped and done");
  g_autoptr (DexFuture) raced = NULL;
  g_autoptr (LwCase) value = NULL;

  raced = dex_future_first (lw_submit (priya, request), dex_timeout_new_msec (1), NULL);
  g_assert_false (dex_await (g_steal_pointer (&raced), NULL));

  for (guint i = 0; i < 200 && (!value || value->phase == LW_PHASE_NEW); i++)
    {
      g_clear_pointer (&value, lw_case_unref);
      value =
          dex_await_boxed (lw_ledger_load_case (lw_session_get_ledger (priya), request->id), NULL);
      dex_await (dex_timeout_new_msec (20), NULL);
    }
  g_assert_cmpint (value->phase, ==, LW_PHASE_PENDING);
}

static void
check_asks_the_tenant (gconstpointer data)
{
  g_autoptr (LwSession) priya = open_session (PRIYA);
  g_autoptr (LwRequest) request = lw_test_good_request ("Asks the tenant");
  LwGrant *grant = g_ptr_array_index (request->grants, 0);
  g_autoptr (GPtrArray) good = NULL;
  g_autoptr (GPtrArray) bad = NULL;

  good = dex_await_boxed (lw_check_request (priya, request), NULL);
  g_assert_true (lw_findings_submittable (good));

  g_free (grant->assignment);
  grant->assignment =
      g_strdup ("/providers/Microsoft.Management/managementGroups/ai-workloads/providers/"
                "Microsoft.Authorization/policyAssignments/gone");
  bad = dex_await_boxed (lw_check_request (priya, request), NULL);
  g_assert_false (lw_findings_submittable (bad));
  lw_assert_rejects (lw_submit (priya, request), LW_AZURE_ERROR, LW_AZURE_ERROR_FORBIDDEN);
}

/* Writes a policy object, or an exemption by hand. */
static void
put (LwSession *session, const char *id, const char *version, const char *text)
{
  LwClient *client = lw_session_get_client (session);
  g_autofree char *url =
      g_strdup_printf ("%s%s?api-version=%s", lw_client_get_cloud (client)->arm, id, version);
  g_autoptr (JsonNode) body = lw_json_parse_string (text, NULL);
  g_autoptr (GError) error = NULL;
  g_autoptr (JsonNode) answer =
      dex_await_boxed (lw_transport_json (lw_client_get_transport (client), LW_AUDIENCE_ARM, "PUT",
                                          url, body, FALSE),
                       &error);

  g_assert_no_error (error);
}

#define EVALS      "/subscriptions/5b84a0b2-debd-5e07-b5b8-601756f9c338"
#define DEFINITION EVALS "/providers/Microsoft.Authorization/policyDefinitions/no-waiver"
#define ASSIGNMENT EVALS "/providers/Microsoft.Authorization/policyAssignments/no-waiver"
#define ACCOUNT                                                                                    \
  EVALS "/resourceGroups/rg-eval-weu/providers/Microsoft.CognitiveServices/accounts/aoai-eval-weu"
#define BASELINE                                                                                   \
  "/providers/Microsoft.Management/managementGroups/ai-workloads/providers/"                       \
  "Microsoft.Authorization/policyAssignments/ai-security-baseline"

static const LwFinding *
find_finding (GPtrArray *findings, const char *id)
{
  for (guint i = 0; i < findings->len; i++)
    if (g_str_equal (((LwFinding *) g_ptr_array_index (findings, i))->id, id))
      return g_ptr_array_index (findings, i);

  return NULL;
}

/* What a policy would refuse is known before anybody reviews it, and is told where it is tried. */
static void
policy_refuses_exemption (gconstpointer data)
{
  g_autoptr (LwSession) priya = open_session (PRIYA);
  g_autoptr (LwSession) tomas = open_session (TOMAS);
  g_autoptr (LwRequest) request = lw_test_good_request ("A policy about exemptions");
  g_autoptr (GPtrArray) before = NULL;
  g_autoptr (GPtrArray) after = NULL;
  g_autoptr (LwCase) pending = NULL;
  const LwFinding *finding;

  before = dex_await_boxed (lw_check_request (priya, request), NULL);
  g_assert_null (find_finding (before, "policy.refuses-exemption"));
  put (tomas, DEFINITION, "2023-04-01",
       "{\"properties\":{\"displayName\":\"No waivers\",\"description\":\"Mitigate it.\",\"mode\":"
       "\"All\",\"policyRule\":{\"if\":{\"allOf\":[{\"field\":\"type\",\"equals\":"
       "\"Microsoft.Authorization/policyExemptions\"},{\"field\":"
       "\"Microsoft.Authorization/policyExemptions/exemptionCategory\",\"equals\":\"Waiver\"}]},"
       "\"then\":{\"effect\":\"deny\"}}}}");
  put (tomas, ASSIGNMENT, "2023-04-01",
       "{\"properties\":{\"policyDefinitionId\":\"" DEFINITION "\"}}");

  after = dex_await_boxed (lw_check_request (priya, request), NULL);
  finding = find_finding (after, "policy.refuses-exemption");
  g_assert_nonnull (finding);
  g_assert_cmpint (finding->severity, ==, LW_SEVERITY_WARNING);
  g_assert_cmpstr (finding->field, ==, "grants[0].scope");
  g_assert_nonnull (strstr (finding->message, "no-waiver"));
  g_assert_nonnull (strstr (finding->message, "Mitigate it."));
  g_assert_true (lw_findings_submittable (after));

  pending = submit (priya, "A policy about exemptions");
  lw_assert_awaits (lw_approve (tomas, pending->request_id, pending->digest));
  lw_assert_rejects (lw_apply (tomas, pending->request_id, pending->digest), LW_AZURE_ERROR,
                     LW_AZURE_ERROR_FORBIDDEN);
}

/* An owner who left, or whose account is closed, cannot answer for anything. */
static void
owner_must_be_there (gconstpointer data)
{
  static const struct
  {
    const char *id, *finding;
  } cases[] = {
    { "00000000-0000-4000-8000-00000000dead", "owner.gone" },
    { "d51c541a-f478-5d9d-b2a2-28172145c3a8", "owner.disabled" },
  };
  g_autoptr (LwSession) priya = open_session (PRIYA);

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr (LwRequest) request = lw_test_good_request ("An owner");
      g_autoptr (GPtrArray) before = dex_await_boxed (lw_check_request (priya, request), NULL);
      g_autoptr (GPtrArray) after = NULL;

      g_assert_null (find_finding (before, cases[i].finding));
      g_set_str (&request->owner->id, cases[i].id);
      after = dex_await_boxed (lw_check_request (priya, request), NULL);
      g_assert_nonnull (find_finding (after, cases[i].finding));
      g_assert_cmpint (find_finding (after, cases[i].finding)->severity, ==, LW_SEVERITY_WARNING);
    }
}

/* In a cloud that knows an older api-version only, something is written over on the second click. */
static void
older_version_warns (gconstpointer data)
{
  static const char renewed[] =
      ACCOUNT "/providers/Microsoft.Authorization/policyExemptions/by-hand";
  g_autoptr (LwSession) priya = open_session (PRIYA);
  g_autoptr (LwSession) tomas = open_session (TOMAS);
  g_autoptr (LwRequest) request = lw_test_good_request ("Written over");
  LwGrant *grant = g_ptr_array_index (request->grants, 0);
  g_autoptr (LwCase) pending = NULL;
  g_autoptr (LwCase) applied = NULL;
  g_autoptr (GError) error = NULL;

  put (tomas, renewed, "2022-07-01-preview",
       "{\"properties\":{\"policyAssignmentId\":\"" BASELINE
       "\",\"policyDefinitionReferenceIds\":[\"aiServicesNoPublicNetwork\"],"
       "\"exemptionCategory\":\"Waiver\",\"expiresOn\":\"2030-01-01T00:00:00Z\"}}");
  g_set_str (&grant->renews, renewed);
  g_set_str (&request->renews_what_changed,
             "The supplier delivered the first half of the private endpoints last week.");
  pending = dex_await_boxed (lw_submit (priya, request), &error);
  g_assert_no_error (error);
  lw_assert_awaits (lw_approve (tomas, pending->request_id, pending->digest));
  lw_assert_rejects (lw_apply (tomas, pending->request_id, pending->digest), LW_AZURE_ERROR,
                     LW_AZURE_ERROR_OLDER_VERSION);
  g_assert_cmpuint (lw_client_get_notices (lw_session_get_client (tomas))->len, ==, 1);
  applied = dex_await_boxed (lw_apply (tomas, pending->request_id, pending->digest), &error);
  g_assert_no_error (error);
  g_assert_cmpint (applied->phase, ==, LW_PHASE_APPLIED);
}

static guint
count_tile (GListModel *items, LwTiles tile)
{
  guint n = 0;

  for (guint i = 0; i < g_list_model_get_n_items (items); i++)
    {
      g_autoptr (LwExemptionItem) item = g_list_model_get_item (items, i);

      n += (lw_exemption_item_get_tiles (item) & tile) != 0;
    }

  return n;
}

static void
portfolio_adds_up (gconstpointer data)
{
  g_autoptr (LwSession) priya = open_session (PRIYA);
  g_autoptr (LwSession) tomas = open_session (TOMAS);
  g_autoptr (LwPortfolio) before = NULL;
  g_autoptr (LwPortfolio) after = NULL;
  g_autoptr (LwCase) pending = NULL;
  g_autoptr (LwCase) applied = NULL;
  g_autoptr (GError) error = NULL;
  GListModel *items;
  guint clustered = 0;

  before = dex_await_object (lw_load_portfolio (tomas), &error);
  g_assert_no_error (error);
  g_assert_null (lw_portfolio_get_ledger_error (before));
  items = lw_portfolio_get_items (before);
  g_assert_cmpuint (g_list_model_get_n_items (items), >=, 25);
  g_assert_cmpuint (lw_portfolio_count (before, 0), ==, g_list_model_get_n_items (items));
  for (guint i = 0; i < LW_TILE_COUNT; i++)
    {
      g_assert_cmpuint (lw_portfolio_count (before, 1u << i), ==, count_tile (items, 1u << i));
      g_assert_cmpuint (lw_portfolio_count (before, 1u << i), >, 0);
    }
  for (guint i = 0; i < lw_portfolio_get_clusters (before)->len; i++)
    clustered += ((LwCluster *) g_ptr_array_index (lw_portfolio_get_clusters (before), i))->count;
  g_assert_cmpuint (clustered, ==, g_list_model_get_n_items (items));

  /* One that went through the ledger is in force, and not unreviewed. */
  pending = submit (priya, "One more in the portfolio");
  lw_assert_awaits (lw_approve (tomas, pending->request_id, pending->digest));
  applied = dex_await_boxed (lw_apply (tomas, pending->request_id, pending->digest), &error);
  g_assert_no_error (error);
  g_assert_cmpint (applied->phase, ==, LW_PHASE_APPLIED);
  after = dex_await_object (lw_load_portfolio (tomas), &error);
  g_assert_no_error (error);
  g_assert_cmpuint (lw_portfolio_count (after, 0), ==, lw_portfolio_count (before, 0) + 1);
  g_assert_cmpuint (lw_portfolio_count (after, LW_TILE_IN_FORCE), ==,
                    lw_portfolio_count (before, LW_TILE_IN_FORCE) + 1);
  g_assert_cmpuint (lw_portfolio_count (after, LW_TILE_UNREVIEWED), ==,
                    lw_portfolio_count (before, LW_TILE_UNREVIEWED));
}

static void
run_test (gconstpointer data)
{
  lw_test_tenant_start (&tenant);
  lw_fiber_test_run ((LwFiberTest) data, NULL);
  lw_test_tenant_stop (&tenant);
}

static void
run_older (gconstpointer data)
{
  lw_test_tenant_start_with (&tenant, "--exemption-versions",
                             "2020-07-01-preview,2022-07-01-preview");
  lw_fiber_test_run ((LwFiberTest) data, NULL);
  lw_test_tenant_stop (&tenant);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  dex_init ();

  g_test_add_data_func ("/verbs/session", session_knows, run_test);
  g_test_add_data_func ("/verbs/turns", whose_turn_it_is, run_test);
  g_test_add_data_func ("/verbs/rights", who_could_apply, run_test);
  g_test_add_data_func ("/verbs/dropped", dropped_is_done, run_test);
  g_test_add_data_func ("/verbs/check", check_asks_the_tenant, run_test);
  g_test_add_data_func ("/verbs/policy-refuses", policy_refuses_exemption, run_test);
  g_test_add_data_func ("/verbs/owner", owner_must_be_there, run_test);
  g_test_add_data_func ("/verbs/older-version", older_version_warns, run_older);
  g_test_add_data_func ("/verbs/portfolio", portfolio_adds_up, run_test);

  return g_test_run ();
}
