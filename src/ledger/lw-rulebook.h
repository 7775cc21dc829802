/* SPDX-License-Identifier: GPL-3.0-or-later */

#pragma once

#include "lw-ledger-error.h"
#include "lw-rules.h"

G_BEGIN_DECLS

/**
 * LwRulebook:
 *
 * The organisation's rules as they were over time: the chain of "rules-changed" entries, each
 * {"version":1,"seq","kind","at","by","prev","body":{"rules":{…}}}. The first entry is trusted (its
 * digest is pinned in the connection); each later one counts where an administrator of the rules before
 * it wrote it. A plain value.
 */
typedef struct _LwRulebook LwRulebook;

LwRulebook *lw_rulebook_new (void);
void lw_rulebook_free (LwRulebook *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (LwRulebook, lw_rulebook_free)

/* The number that the next entry must have. */
guint lw_rulebook_next_seq (LwRulebook *self);

/**
 * lw_rulebook_add:
 *
 * Takes the next entry. One that nobody entitled wrote keeps its place in the chain, changes nothing
 * and is reported by lw_rulebook_get_problems().
 *
 * Returns: %FALSE with %LW_LEDGER_ERROR_BROKEN where the entry is unreadable or does not follow
 */
gboolean lw_rulebook_add (LwRulebook *self, GBytes *bytes, GError **error);

/* Those in force: the newest that counts, else the defaults. (transfer none) */
LwRules *lw_rulebook_get_rules (LwRulebook *self);
guint lw_rulebook_get_seq (LwRulebook *self);
const char *lw_rulebook_get_sha256 (LwRulebook *self);

/* Of the last entry, whether it counts or not; "" where there is none. */
const char *lw_rulebook_get_last_sha256 (LwRulebook *self);

/* The rules of that number with that digest; %NULL where there are none such. (transfer none) */
LwRules *lw_rulebook_lookup (LwRulebook *self, guint seq, const char *sha256);

/* An entry that was read. */
typedef struct
{
  guint seq;
  char *sha256;  /* of its bytes */
  GDateTime *at; /* nullable: it does not say */
  LwPerson *by;
  LwRules *rules;
  gboolean counts; /* written by an administrator of the rules before it */
} LwRulesEntry;

/* All entries in order, without the defaults: a copy. (element-type LwRulesEntry) (transfer full) */
GPtrArray *lw_rulebook_copy_history (LwRulebook *self);

/* (element-type utf8) (transfer none) */
GPtrArray *lw_rulebook_get_problems (LwRulebook *self);

G_END_DECLS
