/* SPDX-License-Identifier: GPL-3.0-or-later */

#pragma once

#include "lw-request.h"

G_BEGIN_DECLS

typedef enum
{
  LW_RISK_LOW,
  LW_RISK_MEDIUM,
  LW_RISK_HIGH,
} LwRisk;

/* What makes a request risky, so that the order of the queue can be explained in words. */
typedef enum
{
  LW_RISK_MANAGEMENT_GROUP = 1 << 0, /* reaches a management group */
  LW_RISK_SUBSCRIPTION = 1 << 1,     /* reaches a subscription */
  LW_RISK_RESOURCE_GROUP = 1 << 2,   /* reaches a resource group */
  LW_RISK_INITIATIVE = 1 << 3,       /* all definitions of an initiative */
  LW_RISK_BLOCKERS = 1 << 4,         /* assessment finds blockers */
  LW_RISK_WARNINGS = 1 << 5,         /* assessment finds warnings */
  LW_RISK_LONG = 1 << 6,             /* ends more than 90 days from now, or never */
} LwRiskReasons;

/**
 * lw_request_risk:
 * @findings: (nullable) (element-type LwFinding): what assessment says
 * @now: in UTC
 * @reasons: (out) (optional): why
 *
 * How closely an approver should look. One point each for a resource group, for warnings and for more
 * than 90 days; two for all definitions of an initiative;
 * three for a subscription, a management group or a blocker. 3 points are high, 2 are medium.
 */
LwRisk lw_request_risk (const LwRequest *request,
                        GPtrArray *findings,
                        GDateTime *now,
                        LwRiskReasons *reasons);

G_END_DECLS
