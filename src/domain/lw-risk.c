/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "lw-risk.h"

#include "lw-arm-id.h"
#include "lw-finding.h"

#define LONG_DAYS 90

static LwRiskReasons
reach_of (const LwRequest *request)
{
  LwScopeKind widest = LW_SCOPE_RESOURCE;

  for (guint i = 0; i < request->grants->len; i++)
    {
      const LwGrant *grant = g_ptr_array_index (request->grants, i);
      LwScopeKind kind = grant->scope ? lw_scope_kind (grant->scope) : LW_SCOPE_RESOURCE;

      widest = MAX (widest, kind);
    }
  switch (widest)
    {
    case LW_SCOPE_MANAGEMENT_GROUP:
      return LW_RISK_MANAGEMENT_GROUP;
    case LW_SCOPE_SUBSCRIPTION:
      return LW_RISK_SUBSCRIPTION;
    case LW_SCOPE_RESOURCE_GROUP:
      return LW_RISK_RESOURCE_GROUP;
    case LW_SCOPE_RESOURCE:
    case LW_SCOPE_OTHER:
    default:
      return 0;
    }
}

/* Without references a grant is of an assignment of one definition, or of all of an initiative: the
 * policy as it was read at submission tells which. */
static gboolean
is_whole_initiative (const LwGrant *grant)
{
  if (grant->references->len > 0 || !grant->policy)
    return FALSE;
  if (g_hash_table_size (grant->policy->effects) > 0)
    return !g_hash_table_contains (grant->policy->effects, "");
  return grant->policy->definition &&
         lw_arm_id_split (grant->policy->definition, LW_SET_DEFINITIONS_TYPE, NULL, NULL);
}

static gboolean
is_long (const LwRequest *request, GDateTime *now)
{
  g_autoptr (GDateTime) expires =
      request->expires ? lw_instant_parse (request->expires, NULL) : NULL;

  return !expires || g_date_time_difference (expires, now) > LONG_DAYS * G_TIME_SPAN_DAY;
}

LwRisk
lw_request_risk (const LwRequest *request,
                 GPtrArray *findings,
                 GDateTime *now,
                 LwRiskReasons *reasons)
{
  LwRiskReasons why = reach_of (request);
  guint points = 0;

  for (guint i = 0; i < request->grants->len; i++)
    if (is_whole_initiative (g_ptr_array_index (request->grants, i)))
      why |= LW_RISK_INITIATIVE;
  for (guint i = 0; findings && i < findings->len; i++)
    {
      const LwFinding *finding = g_ptr_array_index (findings, i);

      if (finding->severity == LW_SEVERITY_BLOCKER)
        why |= LW_RISK_BLOCKERS;
      else if (finding->severity == LW_SEVERITY_WARNING)
        why |= LW_RISK_WARNINGS;
    }
  if (is_long (request, now))
    why |= LW_RISK_LONG;

  points += why & (LW_RISK_MANAGEMENT_GROUP | LW_RISK_SUBSCRIPTION | LW_RISK_BLOCKERS) ? 3 : 0;
  points += why & LW_RISK_INITIATIVE ? 2 : 0;
  points += why & LW_RISK_RESOURCE_GROUP ? 1 : 0;
  points += why & LW_RISK_WARNINGS ? 1 : 0;
  points += why & LW_RISK_LONG ? 1 : 0;

  if (reasons)
    *reasons = why;
  return points >= 3 ? LW_RISK_HIGH : points == 2 ? LW_RISK_MEDIUM : LW_RISK_LOW;
}
