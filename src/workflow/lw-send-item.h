/* SPDX-License-Identifier: GPL-3.0-or-later */

#pragma once

#include "lw-session.h"

G_BEGIN_DECLS

/* Whether an event changes where the request stands, as comments and checks do not. */
gboolean lw_event_moves_on (LwEvent *event);
/* Whether it is one that was sent for @item. */
gboolean lw_outbox_item_is_own (const LwOutboxItem *item, LwEvent *event);

/* Writes the event that waits, unless it is on record. @item: (inout): as the outbox has it. Awaits.
 * Returns: (transfer full) (nullable): the case with it */
LwCase *lw_send_item (LwOutbox *outbox, LwSession *session, LwOutboxItem **item, GError **error);

G_END_DECLS
