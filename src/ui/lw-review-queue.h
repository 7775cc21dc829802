/* SPDX-License-Identifier: GPL-3.0-or-later */

#pragma once

#include "lw-risk.h"
#include "lw-verbs.h"

G_BEGIN_DECLS

/* The headings of the queue, in their order. */
typedef enum
{
  LW_QUEUE_HIGH, /* waits for the person's review, by risk */
  LW_QUEUE_MEDIUM,
  LW_QUEUE_LOW,
  LW_QUEUE_APPLY,  /* approved, waits for somebody to create it in Azure */
  LW_QUEUE_OTHERS, /* the person has approved; it waits for others */
  LW_QUEUE_RECENT, /* decided by the person within 14 days */
} LwQueueHeading;

typedef struct
{
  LwCase *value;
  LwQueueHeading heading;
  LwRiskReasons reasons; /* why it stands under HIGH, MEDIUM or LOW */
} LwQueueEntry;

void lw_queue_entry_free (LwQueueEntry *self);

const char *lw_queue_heading_title (LwQueueHeading heading);

/**
 * lw_review_queue:
 * @cases: of #LwCaseItem
 * @keep: (nullable): the id of a request that stays in the queue whatever becomes of it, since the
 *   person is reading it
 *
 * What belongs in the review queue of the person signed in: by risk, then age (oldest first); what is
 * decided comes newest first.
 *
 * Returns: (transfer full) (element-type LwQueueEntry)
 */
GPtrArray *lw_review_queue (LwSession *session, GListModel *cases, const char *keep);

G_END_DECLS
