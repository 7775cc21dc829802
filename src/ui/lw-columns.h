/* SPDX-License-Identifier: GPL-3.0-or-later */

#pragma once

#include <adwaita.h>

G_BEGIN_DECLS

/**
 * LwColumns:
 *
 * Shares its width among its children by weight while it is wide enough, and puts them below each
 * other, in the same order, where it is not. Unlike a breakpoint it can stand anywhere in a page.
 */
#define LW_TYPE_COLUMNS (lw_columns_get_type ())
G_DECLARE_FINAL_TYPE (LwColumns, lw_columns, LW, COLUMNS, GtkWidget)

/* @collapse: the width in sp (pixels that grow with the text size) below which there is one column.
 * @spacing and @row_spacing: pixels between columns, and between rows when collapsed. */
GtkWidget *lw_columns_new (int collapse, int spacing, int row_spacing);
/* @weight: share of the width, at least 1. */
void lw_columns_append (LwColumns *self, GtkWidget *child, guint weight);

G_END_DECLS
