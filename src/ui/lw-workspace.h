/* SPDX-License-Identifier: GPL-3.0-or-later */

#pragma once

#include <gio/gio.h>

#include "lw-drafts.h"
#include "lw-verbs.h"

G_BEGIN_DECLS

/* A case as a list item; replaced, never changed. */
#define LW_TYPE_CASE_ITEM (lw_case_item_get_type ())
G_DECLARE_FINAL_TYPE (LwCaseItem, lw_case_item, LW, CASE_ITEM, GObject)
LwCaseItem *lw_case_item_new (LwCase *value);
LwCase *lw_case_item_get_case (LwCaseItem *self);

/* A draft as a list item. */
#define LW_TYPE_DRAFT_ITEM (lw_draft_item_get_type ())
G_DECLARE_FINAL_TYPE (LwDraftItem, lw_draft_item, LW, DRAFT_ITEM, GObject)
LwRequest *lw_draft_item_get_request (LwDraftItem *self);

/**
 * LwWorkspace:
 *
 * What the pages of one window share: the session and the models they bind to. Pages call the verbs of
 * the workflow with the session and then lw_workspace_take_case() with what came back.
 *
 * Properties: "loading" (gboolean), "error" (boxed GError: why the last refresh failed), "loaded-at"
 * (boxed GDateTime), "review-count", "apply-count", "mine-count" (uint). Signal: "portfolio-changed".
 */
#define LW_TYPE_WORKSPACE (lw_workspace_get_type ())
G_DECLARE_FINAL_TYPE (LwWorkspace, lw_workspace, LW, WORKSPACE, GObject)

LwWorkspace *lw_workspace_new (LwSession *session);
LwSession *lw_workspace_get_session (LwWorkspace *self);
LwDrafts *lw_workspace_get_drafts (LwWorkspace *self);
GListModel *lw_workspace_get_cases (LwWorkspace *self);        /* of LwCaseItem, newest change first */
GListModel *lw_workspace_get_draft_items (LwWorkspace *self);  /* of LwDraftItem, newest first */
LwPortfolio *lw_workspace_get_portfolio (LwWorkspace *self);   /* nullable until loaded */
/* Reads ledger and drafts again; then the portfolio. Resolves to %TRUE. Runs once at a time. */
DexFuture *lw_workspace_refresh (LwWorkspace *self);
DexFuture *lw_workspace_refresh_portfolio (LwWorkspace *self);
/* Puts the newest state of a case into the model. */
void lw_workspace_take_case (LwWorkspace *self, LwCase *value);
/* Reads the drafts again after one was saved or removed. */
void lw_workspace_drafts_changed (LwWorkspace *self);
/* Cancels whatever the pages started: race with it (see lw-await.h). (transfer full) */
DexFuture *lw_workspace_disposed (LwWorkspace *self);

G_END_DECLS
