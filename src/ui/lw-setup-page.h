/* SPDX-License-Identifier: GPL-3.0-or-later */

#pragma once

#include <adwaita.h>

#include "lw-connections.h"
#include "lw-presets.h"

G_BEGIN_DECLS

/**
 * LwSetupPage:
 *
 * The first run, and what adds a connection later: offers those that an administrator set up, a form for
 * others, and the demo ("app.demo"). Emits "connect" with the profile, and "cancelled".
 */
#define LW_TYPE_SETUP_PAGE (lw_setup_page_get_type ())
G_DECLARE_FINAL_TYPE (LwSetupPage, lw_setup_page, LW, SETUP_PAGE, AdwBin)

/* @presets: (nullable). @can_cancel: whether there is something to go back to. */
GtkWidget *
lw_setup_page_new (LwConnections *connections, const LwPresets *presets, gboolean can_cancel);
/* The form alone, to change a connection. */
GtkWidget *lw_setup_page_new_for (LwProfile *profile, const LwPresets *presets);

/* Opens the page that says how a connection is set up. */
void lw_show_help (GtkWidget *widget);

G_END_DECLS
