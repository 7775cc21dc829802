/* SPDX-License-Identifier: GPL-3.0-or-later */

#pragma once

#include <adwaita.h>

#include "lw-demo.h"

G_BEGIN_DECLS

/**
 * LwDemoPage:
 *
 * Asks which of the demo tenant's people somebody wants to be. Emits "chosen" with the upn; %NULL for
 * whoever signs in in a browser.
 */
#define LW_TYPE_DEMO_PAGE (lw_demo_page_get_type ())
G_DECLARE_FINAL_TYPE (LwDemoPage, lw_demo_page, LW, DEMO_PAGE, AdwBin)

GtkWidget *lw_demo_page_new (LwDemo *demo);

G_END_DECLS
