/* SPDX-License-Identifier: GPL-3.0-or-later */

#pragma once

#include <adwaita.h>

#include "lw-workspace.h"

G_BEGIN_DECLS

/**
 * LwExemptionColumns:
 *
 * The columns of the table of exemptions: what each says, how it sorts, how wide it is, and below which
 * width of the page it goes. The view's rows are read out as one sentence each.
 */
#define LW_TYPE_EXEMPTION_COLUMNS (lw_exemption_columns_get_type ())
G_DECLARE_FINAL_TYPE (LwExemptionColumns, lw_exemption_columns, LW, EXEMPTION_COLUMNS, GObject)

/* Puts them into @view, sorted by what ends first. */
LwExemptionColumns *lw_exemption_columns_new (GtkColumnView *view);
/* Whose exemptions they are, and what relative dates are counted from; before there is any row. */
void lw_exemption_columns_set_workspace (LwExemptionColumns *self, LwWorkspace *workspace);
void lw_exemption_columns_set_now (LwExemptionColumns *self, GDateTime *now);

/* The widths at which a column goes, widest first, in sp. (array zero-terminated=1) */
const int *lw_exemption_columns_get_widths (void);
/* Hides what has no room where the page is no wider than @width. */
void
lw_exemption_columns_add_setters (LwExemptionColumns *self, AdwBreakpoint *breakpoint, int width);

G_END_DECLS
