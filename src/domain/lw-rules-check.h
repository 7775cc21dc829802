/* SPDX-License-Identifier: GPL-3.0-or-later */

#pragma once

#include "lw-finding.h"
#include "lw-rules.h"

G_BEGIN_DECLS

/**
 * lw_rules_check:
 * @rules: what somebody wants to make the rules
 * @before: (nullable): those in force; %NULL where they would be the first
 * @who: (nullable): who wants to
 *
 * What is wrong with rules that can be read: nobody left to change them, nobody who can decide, more
 * approvals than there are approvers, ids that are none. "field" is a path as in
 * "approvers[0].people[1].id".
 *
 * Returns: (transfer full) (element-type LwFinding): worst first; a blocker must not be saved
 */
GPtrArray *lw_rules_check (LwRules *rules, LwRules *before, const LwPerson *who);

/**
 * lw_rules_diff:
 *
 * What changed from one set of rules to another, a sentence each: "Longest waiver for a subscription: 60
 * days, now 30".
 *
 * Returns: (transfer full) (element-type utf8): empty where nothing did
 */
GPtrArray *lw_rules_diff (LwRules *before, LwRules *after);

/**
 * lw_rules_merge:
 *
 * Brings what @mine changed of @base onto @theirs, member by member. Where both changed the same member,
 * mine is kept; lw_rules_diff() from @theirs shows it.
 *
 * Returns: (transfer full): %NULL with %LW_DOMAIN_ERROR where the result is no rules
 */
LwRules *lw_rules_merge (LwRules *base, LwRules *mine, LwRules *theirs, GError **error);

/* The people that the rules name as administrators. (transfer none) (element-type LwPerson) */
GPtrArray *lw_rules_administrators (LwRules *self);

G_END_DECLS
