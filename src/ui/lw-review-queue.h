/* SPDX-License-Identifier: GPL-3.0-or-later */

#pragma once

#include "lw-queue-entry.h"
#include "lw-workspace.h"

G_BEGIN_DECLS

/**
 * LwReviewQueue:
 *
 * What belongs in the review queue of the person signed in: a #GListModel of #LwQueueItem with a section a
 * heading, by risk, then age (oldest first); what is decided comes newest first. It follows the ledger:
 * items that stay are the same objects.
 *
 * Which requests may belong in it the cache says; those are read and judged a few at a time, so that the
 * window stays quick however many there are.
 *
 * Properties: "count" (uint): how many wait for the person's review; "loaded" (gboolean).
 * Signal: "changed": items, or what they say.
 */
#define LW_TYPE_REVIEW_QUEUE (lw_review_queue_get_type ())
G_DECLARE_FINAL_TYPE (LwReviewQueue, lw_review_queue, LW, REVIEW_QUEUE, GObject)
/* @workspace is not kept alive. */
LwReviewQueue *lw_review_queue_new (LwWorkspace *workspace);
/* @request_id: (nullable): what stays in the queue whatever becomes of it, since it is being read */
void lw_review_queue_set_keep (LwReviewQueue *self, const char *request_id);
guint lw_review_queue_count (LwReviewQueue *self);
gboolean lw_review_queue_is_loaded (LwReviewQueue *self);

G_END_DECLS
