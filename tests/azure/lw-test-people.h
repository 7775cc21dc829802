/* SPDX-License-Identifier: GPL-3.0-or-later */

#pragma once

#include "lw-test-faulty.h"

G_BEGIN_DECLS

/* Who and what there is in the simulated tenant. */
#define TOMAS     "tomas@contoso.example" /* approver: Resource Policy Contributor everywhere */
#define PRIYA     "priya@contoso.example" /* requester: Reader on one subscription */
#define EVALS     "/subscriptions/5b84a0b2-debd-5e07-b5b8-601756f9c338"
#define GROUP     EVALS "/resourceGroups/rg-eval-weu"
#define ACCOUNT   GROUP "/providers/Microsoft.CognitiveServices/accounts/aoai-eval-weu"
#define WORKLOADS "/providers/Microsoft.Management/managementGroups/ai-workloads"
#define BASELINE                                                                                   \
  WORKLOADS "/providers/Microsoft.Authorization/policyAssignments/ai-security-baseline"

/* The tenant over TLS with two people's clients. */
typedef struct
{
  LwTestFaulty *tenant; /* nullable: where it is not here, and the test skipped */
  LwClient *tomas;
  LwClient *priya;
} LwTestPeople;

/* For g_test_add(), with further arguments for the tenant (nullable). */
void lw_test_people_set_up (LwTestPeople *self, gconstpointer arguments);
void lw_test_people_tear_down (LwTestPeople *self, gconstpointer arguments);

G_END_DECLS
