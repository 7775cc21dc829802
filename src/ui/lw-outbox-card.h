/* SPDX-License-Identifier: GPL-3.0-or-later */

#pragma once

#include <adwaita.h>

#include "lw-workspace.h"

G_BEGIN_DECLS

/**
 * LwOutboxCard:
 *
 * One entry of the outbox. Signals: "send-again", "edit", "discard": what the person chose.
 */
#define LW_TYPE_OUTBOX_CARD (lw_outbox_card_get_type ())
G_DECLARE_FINAL_TYPE (LwOutboxCard, lw_outbox_card, LW, OUTBOX_CARD, AdwBin)

GtkWidget *lw_outbox_card_new (LwWorkspace *workspace, LwOutboxItem *item);
/* The two sides of a conflict are side by side; else below each other. */
void lw_outbox_card_set_wide (LwOutboxCard *self, gboolean wide);
LwOutboxItem *lw_outbox_card_get_item (LwOutboxCard *self); /* (transfer none) */
/* "Comment on “Private endpoint…”". (transfer full) */
char *lw_outbox_card_title (const LwOutboxItem *item);

G_END_DECLS
