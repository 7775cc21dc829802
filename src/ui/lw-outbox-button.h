/* SPDX-License-Identifier: GPL-3.0-or-later */

#pragma once

#include <adwaita.h>

#include "lw-workspace.h"

G_BEGIN_DECLS

/**
 * LwOutboxButton:
 *
 * Says how many entries wait to be sent, and opens the dialog with them. Hidden while there are none.
 */
#define LW_TYPE_OUTBOX_BUTTON (lw_outbox_button_get_type ())
G_DECLARE_FINAL_TYPE (LwOutboxButton, lw_outbox_button, LW, OUTBOX_BUTTON, AdwBin)

/* @workspace: (nullable) */
void lw_outbox_button_set_workspace (LwOutboxButton *self, LwWorkspace *workspace);

G_END_DECLS
