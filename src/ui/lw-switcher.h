/* SPDX-License-Identifier: GPL-3.0-or-later */

#pragma once

#include <adwaita.h>

#include "lw-connections.h"

G_BEGIN_DECLS

/**
 * LwSwitcher:
 *
 * A button that says whose connection is shown, and opens the list of all of them with what can be done
 * with connections. Activates "win.connection" with the position of the one that was chosen.
 */
#define LW_TYPE_SWITCHER (lw_switcher_get_type ())
G_DECLARE_FINAL_TYPE (LwSwitcher, lw_switcher, LW, SWITCHER, AdwBin)

GtkWidget *lw_switcher_new (LwConnections *connections, LwConnection *connection);
/* @connection: (nullable): the one that is shown. */
void lw_switcher_set (LwSwitcher *self, LwConnections *connections, LwConnection *connection);
void lw_switcher_popup (LwSwitcher *self);

G_END_DECLS
