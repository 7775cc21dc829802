/* SPDX-License-Identifier: GPL-3.0-or-later */

#pragma once

#include "lw-arm-id.h"
#include "lw-request.h"

G_BEGIN_DECLS

/*
 * Whether one revision is contained in another: everything that it lets off, for as long, the other lets off
 * too. Proved case by case; what cannot be proved is not contained.
 */

/* What an exemption lets off. Borrows everything. */
typedef struct
{
  const char *assignment;
  const char *scope;
  GPtrArray *references; /* nullable (element-type utf8); none means all */
  JsonArray *selectors;  /* nullable */
  const char *expires;   /* nullable: never; an instant */
} LwCoverage;

LwCoverage lw_coverage_of_grant (const LwRequest *request, const LwGrant *grant);

/* One thing that was compared. */
typedef struct
{
  guint grant;        /* its number in the inner revision; 0 for the revision as a whole */
  const char *aspect; /* "grants", "assignment", "scope", "references", "selectors", "expires" */
  gboolean contained;
  gboolean same; /* it did not change */
  char *reason;  /* a sentence where it is not contained; nullable */
} LwTightenCase;

/**
 * lw_coverage_compare:
 * @hierarchy: (nullable): tells what lies in a management group
 * @grant: number to give the cases
 *
 * Returns: (transfer full) (element-type LwTightenCase): the assignment, scope, references, selectors and
 *   expiry, each by itself. References and selectors are compared as what they let off together: a
 *   reference may be named in either.
 */
GPtrArray *lw_coverage_compare (const LwCoverage *inner,
                                const LwCoverage *outer,
                                LwHierarchy *hierarchy,
                                guint grant);

/* Whether all of them are contained; else sets %LW_DOMAIN_ERROR_NOT_ALLOWED with the first reason. */
gboolean lw_coverage_contained (const LwCoverage *inner,
                                const LwCoverage *outer,
                                LwHierarchy *hierarchy,
                                GError **error);

/**
 * lw_tighten_compare:
 *
 * Compares revision @inner with @outer. Each of its grants has to be contained in one of @outer's: in that
 * of its number, else in any other one.
 *
 * Returns: (transfer full) (element-type LwTightenCase): for each grant the cases against the one that
 *   contains it, or that has its number
 */
GPtrArray *
lw_tighten_compare (const LwRequest *inner, const LwRequest *outer, LwHierarchy *hierarchy);

/* Whether all cases are contained. */
gboolean lw_tighten_contained (GPtrArray *cases);

G_END_DECLS
