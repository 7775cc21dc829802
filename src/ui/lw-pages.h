/* SPDX-License-Identifier: GPL-3.0-or-later */

#pragma once

#include <adwaita.h>

#include "lw-workspace.h"

G_BEGIN_DECLS

/*
 * Actions of the window that every page can activate (gtk_widget_activate_action()):
 * "win.new-request"; "win.open-request" (s: request id): the form for a draft, else the page of the
 * case; "win.edit-request" (s: request id): the form; "win.show-page" (s: "requests", "review",
 * "portfolio", "exemptions", "rules");
 * "win.show-tile" (u: LwTiles): the exemptions of that tile, 0 for all; "win.refresh".
 */

/* A banner for what goes on (offline, sign-in needed, keyring locked) with its remedy: a top bar of
 * each page's AdwToolbarView, under the header bar. */
GtkWidget *lw_state_banner_new (LwWorkspace *workspace);
/* While a page has nothing to show but what failed, its banner does not repeat it; that somebody has to
 * sign in is said all the same. */
void lw_state_banner_set_quiet (GtkWidget *banner, gboolean quiet);
/* A banner for what is wrong with the ledger or its local copy (lw_ledger_get_notice(),
 * lw_ledger_get_problems()), with the sentences behind its button, until they were read. */
GtkWidget *lw_ledger_banner_new (LwWorkspace *workspace);

/* The pages of the window: each an AdwNavigationPage for the content pane, made once a workspace. */
AdwNavigationPage *lw_requests_page_new (LwWorkspace *workspace);
AdwNavigationPage *lw_review_page_new (LwWorkspace *workspace);
AdwNavigationPage *lw_portfolio_page_new (LwWorkspace *workspace);
AdwNavigationPage *lw_exemptions_page_new (LwWorkspace *workspace);
AdwNavigationPage *lw_rules_page_new (LwWorkspace *workspace);

/* Shows the page of a case over the list of requests. */
void lw_requests_page_open_case (AdwNavigationPage *page, LwCase *value);

/* Shows only the exemptions of a tile (0 for all); used by the portfolio's tiles. */
void lw_exemptions_page_set_filter (AdwNavigationPage *page, LwTiles tile);

/* The guided form as a page of its own. @request: (nullable): a draft to go on with, or a case sent
 * back. The form saves it as it is typed and emits "closed" when it should be taken away. */
AdwNavigationPage *lw_form_page_new (LwWorkspace *workspace, const LwRequest *request);

/* One case, read-only with its history, for the list of requests. */
AdwNavigationPage *lw_case_page_new (LwWorkspace *workspace, LwCase *value);

/**
 * lw_decision_card_new:
 *
 * What is asked on one page, as the approver sees it. lw_decision_card_set_case() shows a case,
 * lw_decision_card_set_request() a draft with its findings (element-type LwFinding).
 */
#define LW_TYPE_DECISION_CARD (lw_decision_card_get_type ())
G_DECLARE_FINAL_TYPE (LwDecisionCard, lw_decision_card, LW, DECISION_CARD, AdwBin)
GtkWidget *lw_decision_card_new (LwWorkspace *workspace);
void lw_decision_card_set_case (LwDecisionCard *self, LwCase *value);
void
lw_decision_card_set_request (LwDecisionCard *self, const LwRequest *request, GPtrArray *findings);

G_END_DECLS
