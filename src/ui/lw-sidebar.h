/* SPDX-License-Identifier: GPL-3.0-or-later */

#pragma once

#include <adwaita.h>

#include "lw-switcher.h"
#include "lw-workspace.h"

G_BEGIN_DECLS

/**
 * LwSidebar:
 *
 * The switcher of connections, the list of pages with their counts, and how old the data is. Activates
 * "win.show-page" when a page is chosen.
 */
#define LW_TYPE_SIDEBAR (lw_sidebar_get_type ())
G_DECLARE_FINAL_TYPE (LwSidebar, lw_sidebar, LW, SIDEBAR, AdwBin)

/* Whose sidebar it is, for the switcher at its top. */
void
lw_sidebar_set_connection (LwSidebar *self, LwConnections *connections, LwConnection *connection);
void lw_sidebar_popup_switcher (LwSidebar *self);
/* @workspace: (nullable) */
void lw_sidebar_set_workspace (LwSidebar *self, LwWorkspace *workspace);
/* Marks the page as the one shown, without activating anything. */
void lw_sidebar_set_page (LwSidebar *self, const char *page);

G_END_DECLS
