/* SPDX-License-Identifier: GPL-3.0-or-later */

#pragma once

#include <adwaita.h>

G_BEGIN_DECLS

#define LW_RESOURCES "/org/leeway/Leeway/"

/* Starts libadwaita and registers the templates, icons and style of this room. Called by the
 * application and by tests, before the first widget; calling it again does nothing. */
void lw_ui_init (void);

G_END_DECLS
