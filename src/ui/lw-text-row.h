/* SPDX-License-Identifier: GPL-3.0-or-later */

#pragma once

#include "lw-field-row.h"

G_BEGIN_DECLS

/**
 * LwTextRow:
 *
 * A field of text with a caption and a counter. Tab leaves it; in a row of one line so does Return.
 */
#define LW_TYPE_TEXT_ROW (lw_text_row_get_type ())
G_DECLARE_FINAL_TYPE (LwTextRow, lw_text_row, LW, TEXT_ROW, LwFieldRow)

/* @max: the most characters the field takes, 0 for no counter. Text beyond it is kept and counted, and
 * assessment says so: nothing is cut. */
GtkWidget *lw_text_row_new (const char *caption, guint max, gboolean one_line);
/* Without "changed". (nullable) */
void lw_text_row_set_text (LwTextRow *self, const char *text);
/* (transfer full): without blanks around it, %NULL where there is nothing. */
char *lw_text_row_get_text (LwTextRow *self);
/* Shown while there is no text. */
void lw_text_row_set_placeholder (LwTextRow *self, const char *text);

G_END_DECLS
