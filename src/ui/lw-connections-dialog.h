/* SPDX-License-Identifier: GPL-3.0-or-later */

#pragma once

#include <adwaita.h>

#include "lw-connections.h"

G_BEGIN_DECLS

/**
 * LwConnectionsDialog:
 *
 * All connections, to rename and to remove. Emits "removed" with the connection that is gone; its sign-in
 * is then for the window to forget, which knows who uses it.
 */
#define LW_TYPE_CONNECTIONS_DIALOG (lw_connections_dialog_get_type ())
G_DECLARE_FINAL_TYPE (LwConnectionsDialog, lw_connections_dialog, LW, CONNECTIONS_DIALOG, AdwDialog)

AdwDialog *lw_connections_dialog_new (LwConnections *connections);

G_END_DECLS
