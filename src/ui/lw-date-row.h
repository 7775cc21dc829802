/* SPDX-License-Identifier: GPL-3.0-or-later */

#pragma once

#include "lw-field-row.h"

G_BEGIN_DECLS

/**
 * LwDateRow:
 *
 * A day, typed or chosen in a calendar; with lw_date_row_set_with_time() an instant, which may be typed
 * with its hour and is else the end of the day in the person's own zone.
 */
#define LW_TYPE_DATE_ROW (lw_date_row_get_type ())
G_DECLARE_FINAL_TYPE (LwDateRow, lw_date_row, LW, DATE_ROW, LwFieldRow)

GtkWidget *lw_date_row_new (const char *caption);
void lw_date_row_set_with_time (LwDateRow *self, gboolean with_time);
/* What "in 68 days" counts from. */
void lw_date_row_set_now (LwDateRow *self, GDateTime *now);
/* "YYYY-MM-DD", or an instant in UTC with time; %NULL for none. Without "changed". */
void lw_date_row_set_value (LwDateRow *self, const char *value);
/* The same form; what cannot be read is given as it was typed, so that nothing is lost. (nullable)
 * (transfer full) */
char *lw_date_row_get_value (LwDateRow *self);

/* Reads what a person types: "2027-01-31", "31.1.2027", "31 January 2027", "31/01/2027" in the order of
 * the locale, "+30", each with or without a time of day. (nullable) (transfer full): local time */
GDateTime *lw_date_parse (const char *text, GDateTime *now, gboolean *has_time);
/* The last second of a local day as an instant in UTC. (transfer full) */
char *lw_date_end_of_day (GDateTime *day);

G_END_DECLS
