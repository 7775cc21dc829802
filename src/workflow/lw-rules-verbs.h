/* SPDX-License-Identifier: GPL-3.0-or-later */

#pragma once

#include "lw-rules-check.h"
#include "lw-session.h"

G_BEGIN_DECLS

/**
 * lw_set_rules:
 * @expected_seq: lw_ledger_get_rules_last_seq() as the person saw it; 0 for the first rules
 *
 * Makes @rules those in force. Rejects as lw_ledger_append_rules() does, and with
 * %LW_DOMAIN_ERROR_NOT_ALLOWED where lw_rules_check() finds a blocker.
 *
 * Resolves to an LwRules.
 */
DexFuture *lw_set_rules (LwSession *self, guint expected_seq, LwRules *rules);

/**
 * lw_rules_effects:
 * @cases: (element-type LwCase)
 *
 * What other rules would mean for the requests that wait for a decision. They are decided by the rules
 * they were submitted under, and by these once they are submitted again.
 *
 * Returns: (transfer full) (element-type utf8): a sentence each
 */
GPtrArray *lw_rules_effects (LwSession *self, LwRules *rules, GPtrArray *cases);

/* Whether the person may change the rules: an administrator, or anybody while there are none. */
gboolean lw_may_set_rules (LwSession *self);

G_END_DECLS
