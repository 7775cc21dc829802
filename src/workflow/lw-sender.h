/* SPDX-License-Identifier: GPL-3.0-or-later */

#pragma once

#include <libdex.h>

#include "lw-case.h"
#include "lw-outbox.h"

G_BEGIN_DECLS

typedef struct _LwSession LwSession;

/**
 * LwSender:
 *
 * Sends what waits in the outbox of a session, in order, each request's events one after the other. An
 * event that cannot be written any more as it was meant is kept as a conflict, and what is behind it of
 * the same request waits with it; nothing is dropped. An answer that was lost never makes an event
 * twice: what was on its way is recorded first, and looked for before it is sent again.
 *
 * LwSender::changed: the items are others than before. LwSender::sent (LwCase): one was sent.
 */
#define LW_TYPE_SENDER (lw_sender_get_type ())
G_DECLARE_FINAL_TYPE (LwSender, lw_sender, LW, SENDER, GObject)

/* For the session, which owns it. */
LwSender *lw_sender_new (LwSession *session, LwOutbox *outbox);

/* Sends what waits now and whenever the ledger is back: after a sync, when the network changes, and
 * again and again, ever less often. */
void lw_sender_start (LwSender *self);
void lw_sender_stop (LwSender *self);
/* Sends what waits, once. Resolves to %TRUE when there is nothing more to try; see what is left then.
 * Rejects where the outbox cannot be read. */
DexFuture *lw_sender_run (LwSender *self);
/* An item waits because of an outage: try again in a while. */
void lw_sender_retry (LwSender *self);

/* What waits, in order, as it was read last. (element-type LwOutboxItem) (transfer none) */
GPtrArray *lw_sender_get_items (LwSender *self);
guint lw_sender_count (LwSender *self, LwOutboxState state);
/* Reads the items again. Resolves to a %G_TYPE_PTR_ARRAY of LwOutboxItem. */
DexFuture *lw_sender_load (LwSender *self);
/* Why the last run came to a stop; %NULL where it did not. (transfer none) */
const GError *lw_sender_get_error (LwSender *self);
/* Why the outbox cannot be read; %NULL where it can. (transfer none) */
const GError *lw_sender_get_trouble (LwSender *self);
LwOutbox *lw_sender_get_outbox (LwSender *self);

/* --- what a person decides about one --- */

/* Sends it for what is in the ledger now: resolves to %TRUE where it is on record then, to %FALSE where
 * it waits or is a conflict again. */
DexFuture *lw_sender_send_again (LwSender *self, gint64 id);
/* The same, whatever waits before it: resolves to the LwCase in the ledger now, to compare with. */
DexFuture *lw_sender_load_case (LwSender *self, gint64 id);

/* What happened to the request after the item was written, by others than the item itself: events in
 * order. (element-type LwEvent) (transfer full) */
GPtrArray *lw_outbox_item_events_since (const LwOutboxItem *item, LwCase *value);
/* "Comment", "Submission", … (transfer none) */
const char *lw_outbox_item_kind_label (const LwOutboxItem *item);
/* What the person wrote; %NULL for a submission. (transfer none) */
const char *lw_outbox_item_text (const LwOutboxItem *item);
/* The request of a submission. (transfer full) (nullable) */
LwRequest *lw_outbox_item_request (const LwOutboxItem *item);

G_END_DECLS
