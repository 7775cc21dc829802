/* SPDX-License-Identifier: GPL-3.0-or-later */

#pragma once

#include "lw-risk.h"
#include "lw-verbs.h"

G_BEGIN_DECLS

/* How long what the person decided stays in the queue. */
#define LW_QUEUE_RECENT_DAYS 14

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
G_DEFINE_AUTOPTR_CLEANUP_FUNC (LwQueueEntry, lw_queue_entry_free)

const char *lw_queue_heading_title (LwQueueHeading heading);

/* What waits for the person signed in to review, and what else belongs in the queue; %NULL where it does
 * not. (transfer full) */
LwQueueEntry *lw_queue_entry_new (LwSession *session, LwCase *value, GDateTime *now);
/* In the order of the queue; for g_ptr_array_sort(). */
gint lw_queue_entry_compare (gconstpointer a, gconstpointer b);

/* A request in the queue; notifies "entry" when it looks different. */
#define LW_TYPE_QUEUE_ITEM (lw_queue_item_get_type ())
G_DECLARE_FINAL_TYPE (LwQueueItem, lw_queue_item, LW, QUEUE_ITEM, GObject)
const LwQueueEntry *lw_queue_item_get_entry (LwQueueItem *self);
void lw_queue_item_set_entry (LwQueueItem *self, const LwQueueEntry *entry);

G_END_DECLS
