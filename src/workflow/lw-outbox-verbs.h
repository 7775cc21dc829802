/* SPDX-License-Identifier: GPL-3.0-or-later */

#pragma once

#include "lw-session.h"

G_BEGIN_DECLS

/* Makes a draft's files of those of a submission that waits, so that it can be edited as a draft again.
 * Resolves to an LwRequest; the item stays until lw_outbox_discard(). */
DexFuture *lw_outbox_take_back (LwSession *session, gint64 id);

/* Puts @text in place of what waits: as a new item, behind the others, about what is in the ledger now,
 * where that can be reached. The old one is discarded, and can be brought back. Resolves to %TRUE. */
DexFuture *lw_outbox_rewrite (LwSession *session, gint64 id, const char *text);

/* Takes an item out, and sends what it held back. Resolves to %TRUE. */
DexFuture *lw_outbox_drop (LwSession *session, gint64 id);
/* Brings it back. Resolves to %TRUE. */
DexFuture *lw_outbox_undrop (LwSession *session, gint64 id);

G_END_DECLS
