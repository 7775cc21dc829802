/* SPDX-License-Identifier: GPL-3.0-or-later */

#pragma once

#include <adwaita.h>

#include "lw-workspace.h"

G_BEGIN_DECLS

/**
 * LwOutboxDialog:
 *
 * What was written while the ledger could not be reached: each entry with what it is, since when it
 * waits and why; what somebody else overtook with both sides, and what can become of it.
 */
#define LW_TYPE_OUTBOX_DIALOG (lw_outbox_dialog_get_type ())
G_DECLARE_FINAL_TYPE (LwOutboxDialog, lw_outbox_dialog, LW, OUTBOX_DIALOG, AdwDialog)

AdwDialog *lw_outbox_dialog_new (LwWorkspace *workspace);

/* "2 entries wait to be sent. 1 of them needs your decision."; %NULL where none does. (transfer full) */
char *lw_outbox_sentence (LwSender *sender);
/* What a toast says after a verb: @sent, or that it waits. (transfer none) */
const char *lw_outbox_toast (LwCase *value, const char *sent);
/* What waits for @request_id as rows for the list of its events. */
void lw_outbox_add_rows (GtkListBox *list, LwWorkspace *workspace, const char *request_id);

G_END_DECLS
