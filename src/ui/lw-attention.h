/* SPDX-License-Identifier: GPL-3.0-or-later */

#pragma once

#include <gtk/gtk.h>

#include "lw-workspace.h"

G_BEGIN_DECLS

/* Tells the workspace whether somebody sees what @widget shows, or uses its window, for as long as both
 * live. */
void lw_attention_follow (GtkWidget *widget, LwWorkspace *workspace);

G_END_DECLS
