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
LwDraftItem *lw_draft_item_new (const LwRequest *request);
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
/* The object id of the person it was made for, whoever the session signs in later; "" for none. */
const char *lw_workspace_get_account (LwWorkspace *self);
LwDrafts *lw_workspace_get_drafts (LwWorkspace *self);
GListModel *lw_workspace_get_cases (LwWorkspace *self); /* of LwCaseItem, newest change first */
GListModel *lw_workspace_get_draft_items (LwWorkspace *self); /* of LwDraftItem, newest first */
LwPortfolio *lw_workspace_get_portfolio (LwWorkspace *self);  /* nullable until loaded */
/* Reads ledger and drafts again; then the portfolio. Resolves to %TRUE. Runs once at a time. */
DexFuture *lw_workspace_refresh (LwWorkspace *self);
DexFuture *lw_workspace_refresh_portfolio (LwWorkspace *self);
/* Puts the newest state of a case into the model. */
void lw_workspace_take_case (LwWorkspace *self, LwCase *value);
/* Reads the drafts again after one was saved or removed. */
void lw_workspace_drafts_changed (LwWorkspace *self);
/* The window is closing, or somebody else signs in: what comes back from now on is of no interest.
 * Nothing is cancelled: libdex 0.10 loses count of its fibers when one that is discarded gets its
 * answer in the same turn of the main loop, and then spins or crashes. */
void lw_workspace_close (LwWorkspace *self);
gboolean lw_workspace_is_closed (LwWorkspace *self);
/* Runs @func as a fiber that nobody waits for. @data goes to @func and is freed by @destroy. */
void
lw_workspace_spawn (LwWorkspace *self, DexFiberFunc func, gpointer data, GDestroyNotify destroy);

/* Under which heading of the list of requests a case belongs; NONE where it is not the person's. */
typedef enum
{
  LW_GROUP_NONE = -1,
  LW_GROUP_NEEDS_YOU,
  LW_GROUP_DRAFTS,
  LW_GROUP_WAITING,
  LW_GROUP_IN_FORCE,
  LW_GROUP_CLOSED,
} LwRequestGroup;
#define LW_GROUP_COUNT 5
LwRequestGroup lw_workspace_group_case (LwWorkspace *self, LwCase *item);

/* lw_scope_title() with the name that people gave to a subscription or management group. (transfer full) */
char *lw_workspace_scope_title (LwWorkspace *self, const char *scope);
/* What a scope lies in, in names: "sub-evals-prod / rg-eval-weu"; "" at the top. (transfer full) */
char *lw_workspace_scope_path (LwWorkspace *self, const char *scope);

G_END_DECLS
