/* SPDX-License-Identifier: GPL-3.0-or-later */

#pragma once

#include <adwaita.h>

G_BEGIN_DECLS

/* Shows the keys of the program over the window of @widget. */
void lw_shortcuts_dialog_present (GtkWidget *widget);

G_END_DECLS
