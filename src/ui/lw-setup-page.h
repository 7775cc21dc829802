/* SPDX-License-Identifier: GPL-3.0-or-later */

#pragma once

#include <adwaita.h>

#include "lw-connections.h"

G_BEGIN_DECLS

/**
 * LwSetupPage:
 *
 * The first run: asks for a connection, or offers the demo ("app.demo"). Emits "connect" with the
 * path of the profile that it wrote.
 */
#define LW_TYPE_SETUP_PAGE (lw_setup_page_get_type ())
G_DECLARE_FINAL_TYPE (LwSetupPage, lw_setup_page, LW, SETUP_PAGE, AdwBin)

GtkWidget *lw_setup_page_new (LwConnections *connections, gboolean can_cancel);

G_END_DECLS
