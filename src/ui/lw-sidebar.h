/* SPDX-License-Identifier: GPL-3.0-or-later */

#pragma once

#include <adwaita.h>

#include "lw-demo.h"
#include "lw-workspace.h"

G_BEGIN_DECLS

/**
 * LwSidebar:
 *
 * The list of pages with their counts, who is signed in, and how old the data is. Activates
 * "win.show-page" when a page is chosen.
 */
#define LW_TYPE_SIDEBAR (lw_sidebar_get_type ())
G_DECLARE_FINAL_TYPE (LwSidebar, lw_sidebar, LW, SIDEBAR, AdwBin)

/* @workspace: (nullable). @demo: (nullable): whose people the account menu then offers. */
void lw_sidebar_set_workspace (LwSidebar *self, LwWorkspace *workspace, LwDemo *demo);
/* Marks the page as the one shown, without activating anything. */
void lw_sidebar_set_page (LwSidebar *self, const char *page);

G_END_DECLS
