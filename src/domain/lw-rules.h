/* SPDX-License-Identifier: GPL-3.0-or-later */

#pragma once

#include "lw-arm-id.h"
#include "lw-request.h"

G_BEGIN_DECLS

/**
 * LwRules:
 *
 * The organisation's limits, immutable once read. Schema: data/rules.schema.json.
 */
typedef struct _LwRules LwRules;

#define LW_TYPE_RULES (lw_rules_get_type ())
GType lw_rules_get_type (void);

/* The rules that Leeway ships with (data/rules.json). (transfer full) */
LwRules *lw_rules_new_default (void);
LwRules *lw_rules_from_json (JsonNode *node, GError **error);
LwRules *lw_rules_ref (LwRules *self);
void lw_rules_unref (LwRules *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (LwRules, lw_rules_unref)

JsonNode *lw_rules_to_json (LwRules *self);
/* SHA-256 of the canonical JSON. (transfer full) */
char *lw_rules_digest (LwRules *self);

/* Longest duration in days for that category at that kind of scope. */
guint lw_rules_max_days (LwRules *self, const char *category, LwScopeKind kind);
/* Of all grants of the request, the strictest. 0 where there is no grant. An emergency has a limit of
 * its own besides, lw_rules_emergency_hours(). */
guint lw_rules_max_days_for (LwRules *self, const LwRequest *request);
/* Approvals needed: the most that any grant's scope kind or policy asks. At least 1. */
guint lw_rules_approvals_needed (LwRules *self, const LwRequest *request);
guint lw_rules_min_controls (LwRules *self, const char *category);
guint lw_rules_max_renewals (LwRules *self);
/* Days before expiry on which the owner is reminded, as the rules list them. (transfer none) */
const guint *lw_rules_reminders (LwRules *self, guint *count);
guint lw_rules_pending_days (LwRules *self);
guint lw_rules_emergency_hours (LwRules *self);
/* The largest file that may be attached, in bytes. */
gsize lw_rules_evidence_max_size (LwRules *self);
gboolean lw_rules_owner_may_approve (LwRules *self);
gboolean lw_rules_whole_initiative_allowed (LwRules *self);
/* (transfer none), %NULL-terminated */
const char *const *lw_rules_vague_phrases (LwRules *self);
/* The tag that names a team, or %NULL. */
const char *lw_rules_team_tag (LwRules *self);

/* Whether the person is named as an approver for every grant of @request. @hierarchy may be %NULL;
 * approvers "by scope" at a management group then match only where the ids say so. */
gboolean lw_rules_is_approver (LwRules *self,
                               const LwRequest *request,
                               const char *oid,
                               LwHierarchy *hierarchy);
gboolean lw_rules_is_administrator (LwRules *self, const char *oid);
/* People who may approve all of @request. (transfer container) (element-type LwPerson) */
GPtrArray *lw_rules_approvers_for (LwRules *self, const LwRequest *request, LwHierarchy *hierarchy);
/* Whether it can be told who may approve: %FALSE where the rules name approvers by a management group and
 * it is not known whether a grant lies in it. */
gboolean lw_rules_knows_approvers (LwRules *self, const LwRequest *request, LwHierarchy *hierarchy);
/* The same without requester and, where the rules say so, owner. */
GPtrArray *
lw_rules_independent_approvers (LwRules *self, const LwRequest *request, LwHierarchy *hierarchy);

G_END_DECLS
