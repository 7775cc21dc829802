/* SPDX-License-Identifier: GPL-3.0-or-later */

#pragma once

#include "lw-finding.h"
#include "lw-rules.h"

G_BEGIN_DECLS

/* What assessment is told about the world. All but @now may be %NULL. */
typedef struct
{
  GDateTime *now;
  LwRules *rules;         /* the defaults when NULL */
  LwHierarchy *hierarchy; /* to settle whether a scope lies in its assignment */
  /* Assignments as the tenant answers them now, by full id (see lw_arm_id_hash()): the values are
   * LwAssignment. When set, policy.* findings are made. */
  GHashTable *assignments;
} LwAssessContext;

/**
 * lw_assess:
 *
 * Everything that is wrong with @request, worst first, and within a severity in the order of the form.
 *
 * Returns: (transfer full) (element-type LwFinding): never %NULL
 */
GPtrArray *lw_assess (const LwRequest *request, const LwAssessContext *context);

/* Whether none of @findings is a blocker. */
gboolean lw_findings_submittable (GPtrArray *findings);

/* Which step of the guided form, 0…4 (policy, scope, reason, owner, controls), a finding belongs to. */
guint lw_finding_step (const LwFinding *finding);

/* The length of a text as Azure counts it: UTF-16 code units, without blanks around it. 0 for %NULL. */
gsize lw_field_length (const char *text);

/* Limits on the length of text fields, as lw_field_length() counts. @field is "title", "reason.blocker",
 * "grants.why", "controls.objective", …; 0 where there is no limit. */
/* The limits are such that title and blocker always fit the exemption's display name and description. */
guint lw_field_min_chars (const char *field);
guint lw_field_max_chars (const char *field);

G_END_DECLS
