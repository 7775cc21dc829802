/* SPDX-License-Identifier: GPL-3.0-or-later */

#pragma once

#include "lw-assess.h"
#include "lw-portfolio.h"
#include "lw-session.h"

G_BEGIN_DECLS

/*
 * The verbs of Leeway. Each returns a #DexFuture; where nothing else is said it resolves to the LwCase
 * after it. A digest that is no longer the one in force rejects with %LW_LEDGER_ERROR_TAKEN.
 *
 * Where the ledger cannot be reached, submitting, withdrawing, rejecting, sending back, commenting and
 * checking put what was written into the outbox (see LwSender): then "queued" of the LwCase is not 0,
 * and the case is as it was known before, in phase NEW for a request that is not in the ledger yet.
 * Approving and applying are refused then.
 */

/* Reads the assignments of all grants with their definitions, assesses online, and asks Azure whether its
 * policies would refuse what is complete. Resolves to a %G_TYPE_PTR_ARRAY of LwFinding. */
DexFuture *lw_check_request (LwSession *self, LwRequest *request);

/* Submits: requester becomes the person signed in, each grant gets its policy snapshot, assessment must
 * find no blocker (else rejects with %LW_DOMAIN_ERROR_NOT_ALLOWED naming them). A request that is
 * pending or sent back becomes its next revision. */
DexFuture *lw_submit (LwSession *self, LwRequest *request);

DexFuture *lw_withdraw (LwSession *self, const char *request_id, const char *comment);
DexFuture *lw_approve (LwSession *self, const char *request_id, const char *digest);
DexFuture *
lw_reject (LwSession *self, const char *request_id, const char *digest, const char *comment);
DexFuture *lw_request_changes (LwSession *self,
                               const char *request_id,
                               const char *digest,
                               const char *comment);
DexFuture *lw_comment (LwSession *self, const char *request_id, const char *text);
/* @evidence: (nullable) (element-type LwEvidence): what lw_attach_evidence() gave, and links. */
DexFuture *
lw_comment_with (LwSession *self, const char *request_id, const char *text, GPtrArray *evidence);
/* Records that the person checked a control that names them; @control counts from 1. */
DexFuture *lw_check_control (LwSession *self,
                             const char *request_id,
                             guint control,
                             const char *text,
                             GPtrArray *evidence);

/**
 * lw_apply:
 *
 * Creates the exemptions of an approved request, by a person's click: reads the policy again (a
 * difference is refused), writes the applying event, GETs and PUTs each grant, writes applied or
 * apply-failed with what Azure answered. Safe to call again: what is applied is left as it is.
 *
 * Resolves to the LwCase where at least one grant is applied (see its phase and failures); rejects with
 * Azure's first error where none is, and where Azure could not be reached half-way. The record then
 * holds what happened, so read the case again.
 */
DexFuture *lw_apply (LwSession *self, const char *request_id, const char *digest);

/* Whether this person could apply: resolves to an int (LwRight) over all grants. */
DexFuture *lw_can_apply (LwSession *self, LwRequest *request);

DexFuture *lw_load_case (LwSession *self, const char *request_id);
/* %G_TYPE_PTR_ARRAY of LwCase, newest change first. */
DexFuture *lw_list_cases (LwSession *self);

/* Cases that wait for the person: to approve (pending, entitled, not yet approved by them). */
gboolean lw_case_waits_for_review (LwSession *self, LwCase *item);
/* Approved, partly applied or failed cases that wait for somebody to apply them. */
gboolean lw_case_waits_for_apply (LwCase *item);
gboolean lw_case_is_mine (LwSession *self, LwCase *item);

/* The tenant's exemptions with what the portfolio says of each. GObject, so that it can be bound:
 * "exemption", "tiles", "title", "policy", "team", "scope-label", "category", "owner". */
#define LW_TYPE_EXEMPTION_ITEM (lw_exemption_item_get_type ())
G_DECLARE_FINAL_TYPE (LwExemptionItem, lw_exemption_item, LW, EXEMPTION_ITEM, GObject)
LwExemption *lw_exemption_item_get_exemption (LwExemptionItem *self);
LwTiles lw_exemption_item_get_tiles (LwExemptionItem *self);
const char *
lw_exemption_item_get_policy (LwExemptionItem *self); /* display name of the assignment */
const char *lw_exemption_item_get_team (LwExemptionItem *self);
const char *lw_exemption_item_get_scope_label (LwExemptionItem *self); /* short name of the scope */

#define LW_TYPE_PORTFOLIO (lw_portfolio_get_type ())
G_DECLARE_FINAL_TYPE (LwPortfolio, lw_portfolio, LW, PORTFOLIO, GObject)
GListModel *lw_portfolio_get_items (LwPortfolio *self);     /* of LwExemptionItem (transfer none) */
guint lw_portfolio_count (LwPortfolio *self, LwTiles tile); /* of one tile; of all for 0 */
GPtrArray *lw_portfolio_get_clusters (LwPortfolio *self);   /* of LwCluster (transfer none) */
GDateTime *lw_portfolio_get_loaded (LwPortfolio *self);
/* (nullable): why the ledger could not be read; nothing counts as unreviewed then. */
const GError *lw_portfolio_get_ledger_error (LwPortfolio *self);
/* Resolves to an LwPortfolio. */
DexFuture *lw_load_portfolio (LwSession *self);

G_END_DECLS
