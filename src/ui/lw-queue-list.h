/* SPDX-License-Identifier: GPL-3.0-or-later */

#pragma once

#include <adwaita.h>

#include "lw-review-queue.h"

G_BEGIN_DECLS

/**
 * LwQueueList:
 *
 * The review queue as a list under headings. Signals: "selected" (LwQueueItem): the person chose a row;
 * "activated" (LwQueueItem): to go to it, where only one pane is shown.
 */
#define LW_TYPE_QUEUE_LIST (lw_queue_list_get_type ())
G_DECLARE_FINAL_TYPE (LwQueueList, lw_queue_list, LW, QUEUE_LIST, AdwBin)

void lw_queue_list_set_workspace (LwQueueList *self, LwWorkspace *workspace);
/* Selects the row of that request, or none with %NULL, without telling. With @focus it takes the keyboard.
 * Returns: (transfer none) (nullable): its item */
LwQueueItem *lw_queue_list_select (LwQueueList *self, const char *request_id, gboolean focus);
/* (transfer none) (nullable) */
LwQueueItem *lw_queue_list_get_first (LwQueueList *self);

G_END_DECLS
