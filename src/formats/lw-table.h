/* SPDX-License-Identifier: GPL-3.0-or-later */

#pragma once

#include <glib.h>

G_BEGIN_DECLS

/**
 * LwTable:
 *
 * A table of plain text for terminals: columns as wide as their widest cell, by what a terminal shows
 * (East Asian wide characters take two places, combining ones none).
 */
typedef struct _LwTable LwTable;

/* @headings: (array zero-terminated=1): one a column */
LwTable *lw_table_new (const char *const *headings);
void lw_table_free (LwTable *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (LwTable, lw_table_free)

/* Cuts what is wider than @width places in column @column (from 0) with "…"; 0 for no limit. */
void lw_table_set_max_width (LwTable *self, guint column, guint width);

/* @cells: (array zero-terminated=1): missing ones are empty, surplus ones are left out. Control and
 * direction characters, which could play tricks on a terminal, are shown as "�", line breaks as blanks. */
void lw_table_add_row (LwTable *self, const char *const *cells);

/* The whole table with its headings, each line ended by a newline. (transfer full) */
char *lw_table_to_string (LwTable *self);

/* How many places a terminal takes to show @text. */
guint lw_text_width (const char *text);

G_END_DECLS
