/* SPDX-License-Identifier: GPL-3.0-or-later */

#pragma once

#include "lw-cache.h"
#include "lw-case.h"
#include "lw-rulebook.h"

G_BEGIN_DECLS

/* Changes whenever the fold or what is kept of it does: states of before are folded anew. */
#define LW_CASE_STATE_VERSION 2

/**
 * lw_case_freeze:
 *
 * The folded state as bytes: everything but what is large in the bodies of events ("content", "terms",
 * "grants") and their bytes.
 *
 * Returns: (transfer full)
 */
GBytes *lw_case_freeze (LwCase *self);

/**
 * lw_case_thaw:
 *
 * Returns: (transfer full) (nullable): the case as it was folded, with events that lack what
 *   lw_case_freeze() left out; %NULL where @state is of no case
 */
LwCase *lw_case_thaw (const char *request_id, GBytes *state, LwRulebook *rulebook);

/* Fills what is kept beside the state: columns to filter and sort by, words to search. */
void lw_case_describe (LwCase *self, LwCacheCase *value);

/* The rules that the newest submission among @events names, where they are on record; else those in
 * force. (element-type LwEvent) (transfer none) */
LwRules *lw_case_rules_for (GPtrArray *events, LwRulebook *rulebook);

G_END_DECLS
