/* SPDX-License-Identifier: GPL-3.0-or-later */

#pragma once

#include "lw-policy.h"

G_BEGIN_DECLS

/*
 * What Policy Insights says beyond single rows, and what a permissions call says. Like the values of
 * lw-policy.h: boxed, reference counted, immutable; unknown and missing members are no error.
 */

/* How many rows of an assignment's reference are in a state; of all of them where a string is "". */
typedef struct
{
  char *assignment_id;
  char *reference_id;
  char *compliance; /* as Azure wrote it: "NonCompliant", "Exempt", … */
  guint count;
} LwComplianceCount;

#define LW_TYPE_COMPLIANCE_COUNT (lw_compliance_count_get_type ())
GType lw_compliance_count_get_type (void);
/* From a row of "groupby((policyAssignmentId,…),aggregate($count as n))". */
LwComplianceCount *lw_compliance_count_from_json (JsonNode *node, GError **error);
LwComplianceCount *lw_compliance_count_ref (LwComplianceCount *self);
void lw_compliance_count_unref (LwComplianceCount *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (LwComplianceCount, lw_compliance_count_unref)

/* How much of an assignment fails. */
typedef struct
{
  char *assignment_id; /* "" for the sum over all assignments */
  guint resources;     /* that fail */
  guint policies;      /* that something fails */
  GPtrArray *details;  /* (element-type LwComplianceCount): resources by state; no reference */
} LwAssignmentSummary;

typedef struct
{
  LwAssignmentSummary *all;
  GPtrArray *assignments; /* (element-type LwAssignmentSummary) */
} LwComplianceSummary;

#define LW_TYPE_COMPLIANCE_SUMMARY (lw_compliance_summary_get_type ())
GType lw_compliance_summary_get_type (void);
/* From a whole answer of "summarize". */
LwComplianceSummary *lw_compliance_summary_from_json (JsonNode *node, GError **error);
LwComplianceSummary *lw_compliance_summary_ref (LwComplianceSummary *self);
void lw_compliance_summary_unref (LwComplianceSummary *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (LwComplianceSummary, lw_compliance_summary_unref)

/* A part of a resource that policies of a data plane look at: a pod, a key, a virtual network's member.
 * Exemptions cover the whole resource. */
typedef struct
{
  char *id;
  char *name;        /* falls back to the id */
  char *type;        /* "" where not known */
  char *resource_id; /* what it is a part of */
  char *assignment_id;
  char *reference_id; /* "" for a single definition */
  char *compliance;
} LwComponentState;

#define LW_TYPE_COMPONENT_STATE (lw_component_state_get_type ())
GType lw_component_state_get_type (void);
LwComponentState *lw_component_state_from_json (JsonNode *node, GError **error);
LwComponentState *lw_component_state_ref (LwComponentState *self);
void lw_component_state_unref (LwComponentState *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (LwComponentState, lw_component_state_unref)

/* What a policy has against a resource that somebody means to write. */
typedef struct
{
  char *assignment_id;
  char *definition_id;
  char *reference_id; /* "" for a single definition */
  char *effect;       /* "" where Azure did not say; as it wrote it */
  char *field;       /* nullable: the field that the restriction is about, else the whole content */
  char *result;      /* "NonCompliant"; of a field "Required", "Removed", "Deny", "Audit" */
  GPtrArray *values; /* (element-type utf8): that are demanded or refused, of a field */
  char *reason;      /* nullable */
} LwRestriction;

#define LW_TYPE_RESTRICTION (lw_restriction_get_type ())
GType lw_restriction_get_type (void);
LwRestriction *lw_restriction_ref (LwRestriction *self);
void lw_restriction_unref (LwRestriction *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (LwRestriction, lw_restriction_unref)
/* Whether Azure would refuse the write for it. */
gboolean lw_restriction_refuses (const LwRestriction *self);
/* Everything in an answer of "checkPolicyRestrictions". (transfer full) (element-type LwRestriction) */
GPtrArray *lw_restrictions_from_json (JsonNode *node, GError **error);

/**
 * LwRights:
 *
 * What somebody may do at a scope: what permissions and deny assignments say, each of them as far as it
 * could be read.
 */
typedef struct
{
  char *scope;
  char *principal;        /* object id; nullable */
  JsonArray *permissions; /* nullable: not known */
  JsonArray *denials;     /* nullable: not known */
} LwRights;

#define LW_TYPE_RIGHTS (lw_rights_get_type ())
GType lw_rights_get_type (void);
/* @permissions, @denials: (nullable): the "value" arrays of the answers, not copied */
LwRights *lw_rights_new (const char *scope,
                         const char *principal,
                         JsonArray *permissions,
                         JsonArray *denials);
LwRights *lw_rights_ref (LwRights *self);
void lw_rights_unref (LwRights *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (LwRights, lw_rights_unref)
/* %LW_RIGHT_NO where the permissions do not allow @action or a deny assignment takes it away;
 * %LW_RIGHT_UNKNOWN where the permissions are not known, or a deny assignment leaves out groups, which
 * the person may be in. Deny assignments that could not be read count as none. */
LwRight lw_rights_check (LwRights *self, const char *action);

G_END_DECLS
