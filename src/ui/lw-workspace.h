/* SPDX-License-Identifier: GPL-3.0-or-later */

#pragma once

#include <gio/gio.h>

#include "lw-drafts.h"
#include "lw-verbs.h"
#include "lw-watcher.h"
#include "lw-workspace-items.h"

G_BEGIN_DECLS

/**
 * LwWorkspace:
 *
 * What the pages of one window share: the session and the models they bind to. Pages call the verbs of
 * the workflow with the session and then lw_workspace_take_case() with what came back.
 *
 * Properties: "loading" (gboolean), "error" (boxed GError: why the last refresh failed), "loaded-at"
 * (boxed GDateTime), "review-count", "mine-count" (uint), "progress" (double: how much of a long reading of
 * the ledger is done; 0 where none goes on). Signals, all from the main loop: "portfolio-changed";
 * "records-changed": something was written to the ledger, by whomever; "case-changed" (LwCase): a newer state
 * of it is known.
 */
#define LW_TYPE_WORKSPACE (lw_workspace_get_type ())
G_DECLARE_FINAL_TYPE (LwWorkspace, lw_workspace, LW, WORKSPACE, GObject)
typedef struct _LwReviewQueue LwReviewQueue;

LwWorkspace *lw_workspace_new (LwSession *session);
LwSession *lw_workspace_get_session (LwWorkspace *self);
/* The object id of the person it was made for, whoever the session signs in later; "" for none. */
const char *lw_workspace_get_account (LwWorkspace *self);
LwDrafts *lw_workspace_get_drafts (LwWorkspace *self);
GListModel *lw_workspace_get_draft_items (LwWorkspace *self); /* of LwDraftItem, newest first */
LwReviewQueue *lw_workspace_get_queue (LwWorkspace *self);
LwPortfolio *lw_workspace_get_portfolio (LwWorkspace *self); /* nullable until loaded */
/* Reads what is new in the ledger, and the drafts; then the portfolio. Resolves to %TRUE. Runs once at a time. */
DexFuture *lw_workspace_refresh (LwWorkspace *self);
DexFuture *lw_workspace_refresh_portfolio (LwWorkspace *self);
/* Whoever looks at the window, so that what others do is asked for as often as it is worth. */
void lw_workspace_set_attention (LwWorkspace *self, LwAttention attention);
/* Tells every page of the newest state of a case, which a verb gave. */
void lw_workspace_take_case (LwWorkspace *self, LwCase *value);
/* The newest state that was read so far; NULL where it was not. @current: (nullable) (out): whether it is
 * that of @generation. (transfer none) */
LwCase *lw_workspace_find_case (LwWorkspace *self,
                                const char *request_id,
                                gint64 generation,
                                gboolean *current);
/* Keeps what the cache gave for that generation, and tells of it where it is news. (transfer none): the
 * newest that is known, which may be another one. */
LwCase *lw_workspace_note_case (LwWorkspace *self, LwCase *value, gint64 generation);
/* Reads a case from the cache and keeps it. Resolves to the LwCase; rejects with
 * %LW_LEDGER_ERROR_NOT_FOUND. */
DexFuture *lw_workspace_load_case (LwWorkspace *self, const char *request_id);
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

/* The headings of the list of a person's requests. */
typedef enum
{
  LW_GROUP_NEEDS_YOU,
  LW_GROUP_DRAFTS,
  LW_GROUP_WAITING,
  LW_GROUP_IN_FORCE,
  LW_GROUP_CLOSED,
} LwRequestGroup;
#define LW_GROUP_COUNT 5
/* Of LwCaseItem; of LwDraftItem for the drafts that no case on record stands for. (transfer none) */
GListModel *lw_workspace_get_group (LwWorkspace *self, LwRequestGroup group);
/* Whether it is known what is in all of them. */
gboolean lw_workspace_groups_are_known (LwWorkspace *self);

/* lw_scope_title() with the name that people gave to a subscription or management group. (transfer full) */
char *lw_workspace_scope_title (LwWorkspace *self, const char *scope);
/* What a scope lies in, in names: "sub-evals-prod / rg-eval-weu"; "" at the top. (transfer full) */
char *lw_workspace_scope_path (LwWorkspace *self, const char *scope);

G_END_DECLS
