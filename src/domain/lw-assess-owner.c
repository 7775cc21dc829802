/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "config.h"

#include <glib/gi18n-lib.h>

#include "lw-assess-private.h"

static void
assess_approvers (LwAssessment *self)
{
  g_autoptr (GPtrArray) approvers = NULL;
  guint needed;

  /* Without rules that somebody made, who approves is not known; nor where grants have no scope. */
  if (self->context->rules == NULL || self->request->grants->len == 0 ||
      !lw_rules_knows_approvers (self->rules, self->request, self->context->hierarchy))
    return;
  approvers = lw_rules_independent_approvers (self->rules, self->request, self->context->hierarchy);
  needed = lw_rules_approvals_needed (self->rules, self->request);
  if (approvers->len == 0)
    lw_assessment_add (self, LW_SEVERITY_BLOCKER, "owner.no-approver", "owner",
                       _ ("Name another owner, or ask an administrator of the rules to add an "
                          "approver for this scope."),
                       _ ("Nobody but the requester or the owner could approve this request."));
  else if (approvers->len < needed)
    lw_assessment_add (
        self, LW_SEVERITY_BLOCKER, "owner.too-few-approvers", "owner",
        _ ("Name another owner, choose a smaller scope, or ask an administrator of "
           "the rules to add an approver."),
        ngettext ("This request needs %u approval, but only %u person could give one.",
                  "This request needs %u approvals, but only %u person could give one.", needed),
        needed, approvers->len);
}

void
lw_assess_owner (LwAssessment *self)
{
  const LwPerson *owner = self->request->owner;

  if (owner == NULL || lw_text_is_blank (owner->id))
    lw_assessment_add (self, LW_SEVERITY_BLOCKER, "owner.missing", "owner",
                       _ ("Choose a person from the directory who answers for the remediation."),
                       _ ("The exemption has no owner."));
  else if (lw_text_is_blank (owner->upn))
    lw_assessment_add (self, LW_SEVERITY_BLOCKER, "owner.upn.missing", "owner.upn",
                       _ ("Choose the owner from the directory again."),
                       _ ("The owner’s sign-in name is missing, so nobody could reach them."));
  assess_approvers (self);
}

static GDateTime *
latest_allowed (LwAssessment *self)
{
  const LwRequest *request = self->request;
  guint days = lw_rules_max_days_for (self->rules, request);

  if (request->emergency)
    return g_date_time_add_hours (self->context->now, (int) lw_rules_emergency_hours (self->rules));
  return days > 0 ? g_date_time_add_days (self->context->now, (int) days) : NULL;
}

/* Whether any grant could be narrower. */
static gboolean
is_wide (const LwRequest *request)
{
  for (guint i = 0; i < request->grants->len; i++)
    {
      const LwGrant *grant = g_ptr_array_index (request->grants, i);

      if (lw_scope_kind (grant->scope) > LW_SCOPE_RESOURCE)
        return TRUE;
    }
  return FALSE;
}

void
lw_assess_expiry (LwAssessment *self)
{
  g_autoptr (GDateTime) expires = NULL;
  g_autoptr (GDateTime) latest = NULL;
  g_autofree char *limit = NULL;
  g_autofree char *hint = NULL;
  g_autofree char *shown = lw_excerpt (self->request->expires, 40);

  if (lw_text_is_blank (self->request->expires))
    {
      lw_assessment_add (self, LW_SEVERITY_BLOCKER, "expiry.missing", "expires",
                         _ ("Choose the day after which the policy should hold again."),
                         _ ("The exemption would never expire."));
      return;
    }
  expires = lw_instant_parse (self->request->expires, NULL);
  if (expires == NULL)
    {
      lw_assessment_add (self, LW_SEVERITY_BLOCKER, "expiry.invalid", "expires",
                         _ ("Write it as in 2027-01-31T22:59:59Z."), _ ("“%s” is no instant."),
                         shown);
      return;
    }
  if (g_date_time_compare (expires, self->context->now) <= 0)
    lw_assessment_add (self, LW_SEVERITY_BLOCKER, "expiry.past", "expires", NULL,
                       _ ("The expiry has passed already."));
  latest = latest_allowed (self);
  if (latest == NULL || g_date_time_compare (expires, latest) <= 0)
    return;
  limit = lw_instant_format (latest);
  limit[10] = '\0';
  /* Translators: %s is a date such as 2027-01-31. */
  hint =
      g_strdup_printf (is_wide (self->request)
                           ? _ ("The latest day is %s. A smaller scope may be exempted for longer.")
                           : _ ("The latest day is %s."),
                       limit);
  if (self->request->emergency)
    lw_assessment_add (self, LW_SEVERITY_BLOCKER, "expiry.too-long", "expires", NULL,
                       _ ("The rules allow an emergency exemption for %u hours at most."),
                       lw_rules_emergency_hours (self->rules));
  else
    lw_assessment_add (self, LW_SEVERITY_BLOCKER, "expiry.too-long", "expires", hint,
                       _ ("The rules allow %u days at most for this category and scope."),
                       lw_rules_max_days_for (self->rules, self->request));
}
