/* SPDX-License-Identifier: GPL-3.0-or-later */

#pragma once

#include "lw-case-list.h"
#include "lw-review-queue.h"
#include "lw-workspace.h"

G_BEGIN_DECLS

struct _LwWorkspace
{
  GObject parent_instance;

  LwSession *session;
  char *account;
  gboolean closed;

  /* Reading. */
  DexFuture *refreshing;
  DexFuture *portfolio_refreshing;
  GError *error;
  gboolean portfolio_failed; /* what error tells of */
  GDateTime *loaded_at;
  guint loading;
  gboolean read; /* once, since the workspace was made */
  gboolean polling;
  LwWatcher *watcher;
  LwPortfolio *portfolio;

  /* What is on record, lw-workspace-cases.c. */
  GHashTable *seen; /* request → the newest state that is known */
  LwCaseList *groups[LW_GROUP_COUNT];
  LwReviewQueue *queue;
  guint changed_id;
  guint progress_id;
  guint done;
  guint total;
  LwDrafts *drafts;
  GListStore *draft_items;
  GListStore *open_drafts; /* those of requests that are not on record */
};

void lw_workspace_cases_class_init (LwWorkspaceClass *klass);
void lw_workspace_cases_init (LwWorkspace *self);
void lw_workspace_cases_dispose (LwWorkspace *self);
void lw_workspace_cases_finalize (LwWorkspace *self);

/* The states that are known may be folded differently now. */
void lw_workspace_forget_cases (LwWorkspace *self);
/* Emits "records-changed", from the main loop. */
void lw_workspace_queue_changed (LwWorkspace *self);
void lw_workspace_set_progress (LwWorkspace *self, guint done, guint total);

G_END_DECLS
