/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "config.h"

#include <glib/gi18n-lib.h>
#include <string.h>

#include "lw-assess-private.h"
#include "lw-policy.h"

/* What an exemption means for each effect of Azure Policy. */
static const struct
{
  const char *effect;
  const char *id;
  LwSeverity severity;
  const char *message;
  const char *hint;
} effects[] = {
  { "deny", "policy.effect.deny", LW_SEVERITY_ADVICE,
    N_ ("The policy denies such calls; the exemption lets them through."), NULL },
  { "denyAction", "policy.effect.denyAction", LW_SEVERITY_ADVICE,
    N_ ("The policy forbids an action such as deleting; the exemption lets it through."), NULL },
  { "audit", "policy.effect.audit", LW_SEVERITY_ADVICE,
    N_ ("The policy only reports; the exemption changes nothing but the compliance figure."),
    N_ ("Nothing is blocked without it. Ask whether the finding should rather stay visible.") },
  { "auditIfNotExists", "policy.effect.auditIfNotExists", LW_SEVERITY_ADVICE,
    N_ ("The policy only reports; the exemption changes nothing but the compliance figure."),
    N_ ("Nothing is blocked without it. Ask whether the finding should rather stay visible.") },
  { "modify", "policy.effect.modify", LW_SEVERITY_ADVICE,
    N_ ("The policy changes settings by itself; it will not act on what is exempt."), NULL },
  { "append", "policy.effect.append", LW_SEVERITY_ADVICE,
    N_ ("The policy adds settings by itself; it will not act on what is exempt."), NULL },
  { "deployIfNotExists", "policy.effect.deployIfNotExists", LW_SEVERITY_ADVICE,
    N_ ("The policy deploys what is missing; it will not act on what is exempt."), NULL },
  { "manual", "policy.effect.manual", LW_SEVERITY_ADVICE,
    N_ ("Compliance with the policy is attested by hand; an attestation may be what is needed."),
    NULL },
  { "disabled", "policy.disabled", LW_SEVERITY_WARNING,
    N_ ("The policy is disabled, so no exemption is needed."), N_ ("Leave out what is disabled.") },
};

static char *
path_of (guint index, const char *member)
{
  return g_strdup_printf ("grants[%u].%s", index, member);
}

/* The assignment as it is now; %NULL where the tenant was not asked or it is gone. */
static LwAssignment *
assignment_of (LwAssessment *self, const LwGrant *grant)
{
  if (self->context->assignments == NULL || lw_text_is_blank (grant->assignment))
    return NULL;
  return g_hash_table_lookup (self->context->assignments, grant->assignment);
}

typedef enum
{
  UNKNOWN,
  SINGLE,
  INITIATIVE
} Sort;

static Sort
sort_of (const LwGrant *grant, LwAssignment *assignment)
{
  if (assignment != NULL && !lw_text_is_blank (assignment->definition_id))
    return assignment->initiative ? INITIATIVE : SINGLE;
  if (grant->policy == NULL || lw_text_is_blank (grant->policy->definition))
    return UNKNOWN;
  if (lw_arm_id_split (grant->policy->definition, LW_SET_DEFINITIONS_TYPE, NULL, NULL))
    return INITIATIVE;
  return lw_arm_id_split (grant->policy->definition, LW_DEFINITIONS_TYPE, NULL, NULL) ? SINGLE
                                                                                      : UNKNOWN;
}

static void
assess_whole (LwAssessment *self, const LwGrant *grant, guint index)
{
  g_autofree char *path = path_of (index, "references");
  const char *hint = _ ("Choose the policies of the initiative that are really in the way.");

  if (!lw_rules_whole_initiative_allowed (self->rules))
    lw_assessment_add (self, LW_SEVERITY_BLOCKER, "policy.whole-initiative.forbidden", path, hint,
                       _ ("The rules do not allow a whole initiative to be exempted."));
  else if (lw_text_is_blank (grant->why))
    lw_assessment_add (self, LW_SEVERITY_BLOCKER, "policy.whole-initiative", path, hint,
                       _ ("The whole initiative would be exempted, and it is not said why."));
  else
    lw_assessment_add (self, LW_SEVERITY_WARNING, "policy.whole-initiative.explained", path, hint,
                       _ ("The whole initiative would be exempted, with all policies added to it "
                          "later."));
}

static void
assess_references (LwAssessment *self, const LwGrant *grant, guint index, LwAssignment *assignment)
{
  Sort sort = sort_of (grant, assignment);
  g_autofree char *path = path_of (index, "references");

  if (sort == INITIATIVE && grant->references->len == 0)
    assess_whole (self, grant, index);
  if (sort == SINGLE && grant->references->len > 0)
    lw_assessment_add (self, LW_SEVERITY_BLOCKER, "policy.reference.single", path,
                       _ ("Leave the list empty."),
                       _ ("References only make sense for an initiative; a single policy is "
                          "assigned here."));
  if (sort != INITIATIVE || assignment == NULL || !assignment->definition_known)
    return;
  for (guint i = 0; i < grant->references->len; i++)
    {
      const char *reference = g_ptr_array_index (grant->references, i);
      g_autofree char *element = g_strdup_printf ("grants[%u].references[%u]", index, i);
      g_autofree char *shown = lw_excerpt (reference, 80);

      if (lw_assignment_get_reference (assignment, reference) == NULL)
        lw_assessment_add (self, LW_SEVERITY_BLOCKER, "policy.reference.unknown", element,
                           _ ("Choose from the policies that the initiative has now."),
                           _ ("The initiative has no policy “%s”."), shown);
    }
}

/* reference id → effect, for what the grant exempts: as the tenant says now, else as it was read. */
static LwPolicySnapshot *
effects_of (const LwGrant *grant, LwAssignment *assignment)
{
  if (assignment != NULL && assignment->references->len > 0)
    return lw_assignment_snapshot (assignment, grant->references);
  return lw_policy_snapshot_copy (grant->policy);
}

static void
assess_effects (LwAssessment *self, const LwGrant *grant, guint index, LwAssignment *assignment)
{
  g_autoptr (LwPolicySnapshot) snapshot = effects_of (grant, assignment);
  g_autofree char *path = path_of (index, "references");

  for (guint i = 0; snapshot != NULL && i < G_N_ELEMENTS (effects); i++)
    {
      GHashTableIter iter;
      gpointer effect;

      g_hash_table_iter_init (&iter, snapshot->effects);
      while (g_hash_table_iter_next (&iter, NULL, &effect))
        if (g_ascii_strcasecmp (effect, effects[i].effect) == 0)
          {
            lw_assessment_add (self, effects[i].severity, effects[i].id, path,
                               effects[i].hint != NULL ? _ (effects[i].hint) : NULL, "%s",
                               _ (effects[i].message));
            break;
          }
    }
}

static void
assess_enforcement (LwAssessment *self, const LwGrant *grant, guint index, LwAssignment *assignment)
{
  g_autofree char *path = path_of (index, "assignment");
  const char *mode = assignment != NULL      ? assignment->enforcement_mode
                     : grant->policy != NULL ? grant->policy->enforcement_mode
                                             : NULL;

  g_autofree char *shown = lw_excerpt (mode, 40);

  if (lw_text_is_blank (mode) || g_ascii_strcasecmp (mode, "Default") == 0)
    return;
  if (g_ascii_strcasecmp (mode, "DoNotEnforce") == 0)
    lw_assessment_add (
        self, LW_SEVERITY_WARNING, "policy.not-enforced", path,
        _ ("Nothing is blocked without it. Ask whether the finding should rather stay "
           "visible."),
        _ ("The assignment is not enforced; the exemption changes nothing but the "
           "compliance figure."));
  else if (g_ascii_strcasecmp (mode, "Enroll") == 0)
    lw_assessment_add (
        self, LW_SEVERITY_WARNING, "policy.enrolled-only", path,
        _ ("Find out whether the scope is enrolled; where it is not, it needs no exemption."),
        _ ("The assignment is enforced only where scopes are enrolled."));
  else
    lw_assessment_add (self, LW_SEVERITY_ADVICE, "policy.enforcement-unknown", path,
                       _ ("Look in Azure at what that means for this scope."),
                       _ ("The assignment has the enforcement mode “%s”, which this program does "
                          "not know."),
                       shown);
}

static void
assess_exclusions (LwAssessment *self, const LwGrant *grant, guint index, LwAssignment *assignment)
{
  g_autofree char *path = path_of (index, "scope");

  for (guint i = 0; grant->scope != NULL && i < assignment->not_scopes->len; i++)
    if (lw_hierarchy_contains (self->context->hierarchy,
                               g_ptr_array_index (assignment->not_scopes, i), grant->scope))
      {
        lw_assessment_add (self, LW_SEVERITY_WARNING, "policy.excluded", path, NULL,
                           _ ("The assignment excludes this scope already, so no exemption is "
                              "needed."));
        return;
      }
}

/* What only the tenant knows. */
static void
assess_online (LwAssessment *self, const LwGrant *grant, guint index, LwAssignment *assignment)
{
  g_autofree char *path = path_of (index, "assignment");
  g_autoptr (LwPolicySnapshot) now = NULL;

  if (assignment == NULL)
    {
      lw_assessment_add (self, LW_SEVERITY_BLOCKER, "policy.gone", path,
                         _ ("Choose the assignment again; it may have been replaced."),
                         _ ("The assignment is not there any more, or you cannot see it."));
      return;
    }
  assess_exclusions (self, grant, index, assignment);
  if (grant->policy == NULL)
    return;
  now = lw_assignment_snapshot (assignment, grant->references);
  if (!lw_policy_snapshot_equal (grant->policy, now))
    lw_assessment_add (
        self, LW_SEVERITY_BLOCKER, "policy.changed", path,
        _ ("Look at the policy as it is now, and submit the request again."),
        _ ("The policy is not the one that was read when the request was submitted."));
}

static void
assess_grant (LwAssessment *self, const LwGrant *grant, guint index)
{
  LwAssignment *assignment = assignment_of (self, grant);
  g_autofree char *path = path_of (index, "assignment");
  g_autofree char *shown = lw_excerpt (grant->assignment, 200);

  if (lw_text_is_blank (grant->assignment))
    {
      lw_assessment_add (self, LW_SEVERITY_BLOCKER, "policy.missing", path,
                         _ ("Choose the policy assignment that is in the way."),
                         _ ("The policy assignment is missing."));
      return;
    }
  if (!lw_arm_id_split (grant->assignment, LW_ASSIGNMENTS_TYPE, NULL, NULL) ||
      grant->assignment[0] != '/')
    {
      lw_assessment_add (self, LW_SEVERITY_BLOCKER, "policy.invalid", path, NULL,
                         _ ("“%s” is no id of a policy assignment."), shown);
      return;
    }
  if (self->context->assignments != NULL)
    assess_online (self, grant, index, assignment);
  assess_references (self, grant, index, assignment);
  assess_enforcement (self, grant, index, assignment);
  assess_effects (self, grant, index, assignment);
}

void
lw_assess_policies (LwAssessment *self)
{
  GPtrArray *grants = self->request->grants;

  if (grants->len == 0)
    lw_assessment_add (self, LW_SEVERITY_BLOCKER, "policy.missing", "grants",
                       _ ("Choose the policy assignment that is in the way."),
                       _ ("The request does not name a policy."));
  for (guint i = 0; i < grants->len; i++)
    assess_grant (self, g_ptr_array_index (grants, i), i);
}
