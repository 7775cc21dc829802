/* SPDX-License-Identifier: GPL-3.0-or-later */

#pragma once

#include <json-glib/json-glib.h>

#include "lw-arm-id.h"

G_BEGIN_DECLS

/*
 * Narrowing: which exemptions cover what is needed, and let off as little else as can be.
 *
 * The scopes form a tree: management groups and subscriptions as the hierarchy says, below a subscription
 * as the ids say (resource group, resource, child resource). What counts lies inside the assignment's
 * scope and outside its notScopes. A *pair* is a resource and a reference (one policy of the initiative;
 * "" of an assignment of a single definition) that Azure evaluated for it. The *need* N is a set of pairs;
 * a needed pair counts as evaluated.
 *
 * The scope S alone says what an exemption there looks like, E(S):
 *
 *   references(S)  all references that N holds at or below S
 *   selectors(S)   one resourceSelector for each (type, location) that N holds at or below S, if there are
 *                  at most 10; else one for each type, if at most 10; else lists of types, 50 values each;
 *                  none where they let off the same pairs without, unless something needed below S does
 *                  not exist yet
 *   off(S)         the pairs (r, f) with r at or below S, f in references(S), that selectors(S) match
 *
 * so everything needed at or below S is let off by E(S). An *option* is a set of scopes at or above
 * everything needed, each of which may carry an exemption. Its figures:
 *
 *   reach       the widest LwScopeKind used
 *   collateral  the pairs of the union of off(S) outside N, each once; resources counts theirs, each once
 *   number      of scopes
 *
 * Nested scopes need no bookkeeping against counting twice: where S lies below T, E(T) covers what E(S)
 * does, so that leaving S out takes one off the number and adds nothing elsewhere. An option that holds
 * both is dominated. Options worth a look are antichains: below two of their scopes nothing is shared, the
 * union is disjoint and collateral adds up.
 *
 * That gives the recurrence. For a scope v, a reach k and a number n, let f(v, k, n) be the least collateral
 * of n exemptions at or below v, none wider than k, that cover all that is needed there: over the children
 * the minimal sum over all ways to share n out; for n = 1 also the collateral of E(v) if v may carry it and
 * is no wider than k; where v itself is needed, nothing but that. f(assignment, ·, ·) holds the Pareto-best
 * figures: (k, n) stays if no smaller k or n does as well. One option is given for each of them. Of those
 * with the same three figures that is the one with the fewest wide scopes (management groups, then
 * subscriptions, then resource groups), then the deepest ones, then the smallest list of ids.
 *
 * An option holds at most 20 exemptions, and at most 2,000 resources can be needed.
 */

#define LW_NARROW_MAX_EXEMPTIONS 20
#define LW_NARROW_MAX_NEEDED     2000
/* Azure's: selectors of an exemption, values of one, exemptions at a scope. */
#define LW_MAX_SELECTORS       10
#define LW_MAX_SELECTOR_VALUES 50
#define LW_MAX_EXEMPTIONS      1000

/**
 * LwNarrow:
 *
 * The question. Reference counted; to be filled by one thread, and not changed after lw_narrow_run().
 * Ids may be of any case. What is malformed is left out and said in a notice, or makes lw_narrow_run()
 * fail where there would be no answer without it.
 */
typedef struct _LwNarrow LwNarrow;

LwNarrow *lw_narrow_new (void);
LwNarrow *lw_narrow_ref (LwNarrow *self);
void lw_narrow_unref (LwNarrow *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (LwNarrow, lw_narrow_unref)

/* @enforcement_mode: (nullable): as Azure wrote it */
void lw_narrow_set_assignment (LwNarrow *self, const char *scope, const char *enforcement_mode);
/* One of the assignment's notScopes. */
void lw_narrow_add_exclusion (LwNarrow *self, const char *scope);
/* A management group or subscription; @parent is %NULL for the root. */
void lw_narrow_add_scope (LwNarrow *self, const char *id, const char *parent);

/**
 * lw_narrow_add_resource:
 * @type: (nullable): the id's own where it is %NULL
 * @location: (nullable)
 * @team: (nullable): for lw_narrow_result_affected() only
 * @references: (nullable) (array zero-terminated=1): for which it was evaluated; none for an assignment of
 *   a single definition
 *
 * A resource that exists; a resource group, subscription or management group where policies look at
 * those. The same id again adds references.
 */
void lw_narrow_add_resource (LwNarrow *self,
                             const char *id,
                             const char *type,
                             const char *location,
                             const char *team,
                             const char *const *references);

/**
 * lw_narrow_add_need:
 * @type: (nullable): of a resource that does not exist yet
 * @location: (nullable): likewise
 * @references: (nullable) (array zero-terminated=1): none for an assignment of a single definition; else
 *   none means all that were evaluated for the resource
 *
 * A resource that was not added is one that does not exist yet.
 */
void lw_narrow_add_need (LwNarrow *self,
                         const char *id,
                         const char *type,
                         const char *location,
                         const char *const *references);

/**
 * lw_narrow_add_exemption:
 * @scope: where it stands
 * @references: (nullable) (array zero-terminated=1): none means all
 * @selectors: (nullable): Azure's resourceSelectors
 * @id: (nullable): to name it by
 *
 * An exemption from this assignment that is in force. What it lets off is needed no more, and is no
 * collateral either.
 */
void lw_narrow_add_exemption (LwNarrow *self,
                              const char *id,
                              const char *scope,
                              const char *const *references,
                              JsonArray *selectors);
/* How many exemptions, from any assignment, stand at @scope itself. */
void lw_narrow_set_exemption_count (LwNarrow *self, const char *scope, guint count);
/* That no exemption can be written at @scope or below it: a deny assignment, a lock. @why: (nullable) */
void lw_narrow_add_barrier (LwNarrow *self, const char *scope, const char *why);
/* That resources of @type ("Microsoft.Databricks/\*", or a whole type) carry none. What is known of
 * Azure itself is always there. */
void lw_narrow_add_bare_type (LwNarrow *self, const char *type);
/* That not everything below @scope could be read, so that what is counted there is "at least". */
void lw_narrow_add_unread (LwNarrow *self, const char *scope);
/* That there may be subscriptions which could not be read at all: what is counted in a management group is
 * "at least". */
void lw_narrow_set_partial (LwNarrow *self);
/**
 * lw_narrow_set_identity:
 * @kind: "userPrincipalId" or "groupPrincipalId"
 * @id: the object id of the one who deploys
 * @api_version: with which the exemption will be written; those selectors exist since 2024-12-01-preview
 *
 * Limits every exemption to what this identity writes.
 */
void
lw_narrow_set_identity (LwNarrow *self, const char *kind, const char *id, const char *api_version);

/**
 * lw_narrow_from_json:
 * @node: {"assignment": {"scope", "notScopes", "enforcementMode"}, "hierarchy": [{"id", "parent"}],
 *   "resources": [{"id", "type", "location", "team", "references"}],
 *   "need": [{"resource", "type", "location", "references"}],
 *   "exemptions": [{"id", "scope", "references", "selectors"}], "counts": [{"scope", "exemptions"}],
 *   "barriers": [{"scope", "why"}], "bareTypes": [], "unread": [], "partial": true,
 *   "identity": {"kind", "id", "apiVersion"}}; all after "need" may be left out
 *
 * Returns: (transfer full): %NULL with %LW_DOMAIN_ERROR_TYPE, which names the member
 */
LwNarrow *lw_narrow_from_json (JsonNode *node, GError **error);

typedef struct
{
  char *scope;
  LwScopeKind kind;
  GPtrArray *references; /* (element-type utf8), sorted; empty for a single definition */
  JsonArray *selectors;  /* Azure's resourceSelectors; never NULL */
  guint64 collateral;
  guint needed; /* resources that need it */
} LwNarrowExemption;

typedef struct
{
  GPtrArray *exemptions; /* (element-type LwNarrowExemption), by scope */
  LwScopeKind reach;
  guint64 collateral; /* pairs */
  guint resources;    /* that have one of these pairs */
  gboolean at_least;  /* more may be affected, where not all could be read */
} LwNarrowOption;

/* Something to know beside the options. */
typedef struct
{
  char *id; /* "need.new", "need.exempt", "scope.full", … */
  char *message;
} LwNarrowNotice;

/* How much of an option's collateral is of one type and team. */
typedef struct
{
  char *type;
  char *team; /* "" where not known */
  guint64 pairs;
  guint resources;
} LwNarrowAffected;

/**
 * LwNarrowResult:
 *
 * The answer: the Pareto-best options by reach, collateral and number; none where nothing is needed any
 * more, or nothing can carry it, which a notice says. Reference counted, immutable.
 */
typedef struct
{
  GPtrArray *options; /* (element-type LwNarrowOption) */
  GPtrArray *notices; /* (element-type LwNarrowNotice) */
  guint needed;       /* resources, without those that need nothing any more */
  guint narrowest;    /* how many exemptions the narrowest scopes would take; may be more than 20 */
  gpointer plan;      /* private */
} LwNarrowResult;

#define LW_TYPE_NARROW_RESULT (lw_narrow_result_get_type ())
GType lw_narrow_result_get_type (void);
LwNarrowResult *lw_narrow_result_ref (LwNarrowResult *self);
void lw_narrow_result_unref (LwNarrowResult *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (LwNarrowResult, lw_narrow_result_unref)

/**
 * lw_narrow_run:
 *
 * Takes well under 250 ms for 100,000 resources, and may be called on any thread.
 *
 * Returns: (transfer full): %NULL with %LW_DOMAIN_ERROR_ID (the assignment or something needed has no
 *   usable id), %LW_DOMAIN_ERROR_TYPE (the hierarchy contradicts itself or runs in a circle) or
 *   %LW_DOMAIN_ERROR_LIMIT
 */
LwNarrowResult *lw_narrow_run (LwNarrow *self, GError **error);

/* Who else an option lets off, the most pairs first. (transfer full) (element-type LwNarrowAffected) */
GPtrArray *lw_narrow_result_affected (LwNarrowResult *self, LwNarrowOption *option);

/* {"options": [{"exemptions": [{"scope", "references", "selectors"}], "reach", "collateral", "resources",
 * "count"}], "notices": [{"id", "message"}]}; "atLeast" is there where it is true. (transfer full) */
JsonNode *lw_narrow_result_to_json (LwNarrowResult *self);

G_END_DECLS
