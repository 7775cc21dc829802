/* SPDX-License-Identifier: GPL-3.0-or-later */

#pragma once

#include <adwaita.h>

#include "lw-finding.h"

G_BEGIN_DECLS

/**
 * LwFieldRow:
 *
 * A row of a form: a caption, an editor under it, and under that what is wrong with the answer. It says
 * so quietly: only after the field was left, or once lw_field_row_touch() was called.
 *
 * Signals: "changed" (by the person), "left" (the focus went elsewhere).
 */
#define LW_TYPE_FIELD_ROW (lw_field_row_get_type ())
G_DECLARE_DERIVABLE_TYPE (LwFieldRow, lw_field_row, LW, FIELD_ROW, AdwPreferencesRow)

struct _LwFieldRowClass
{
  AdwPreferencesRowClass parent_class;

  /* Whether there is an answer. */
  gboolean (*is_answered) (LwFieldRow *self);
};

/* For subclasses. @editor is what the caption names and gets the focus. */
void lw_field_row_set_editor (LwFieldRow *self, GtkWidget *child, GtkWidget *editor);
void lw_field_row_add_suffix (LwFieldRow *self, GtkWidget *suffix);
void lw_field_row_emit_changed (LwFieldRow *self);

gboolean lw_field_row_is_answered (LwFieldRow *self);
void lw_field_row_set_caption (LwFieldRow *self, const char *caption);
/* A quiet sentence under the caption's right end, such as "38 of 500". (nullable) */
void lw_field_row_set_counter (LwFieldRow *self, const char *text);
/* A sentence under the editor that says what is expected. (nullable) */
void lw_field_row_set_help (LwFieldRow *self, const char *text);
/* @finding: (nullable): what is wrong. */
void lw_field_row_set_finding (LwFieldRow *self, const LwFinding *finding);
/* From now on it shows what is wrong even when nothing was typed. */
void lw_field_row_touch (LwFieldRow *self);
/* Whether something wrong is shown now. */
gboolean lw_field_row_shows_finding (LwFieldRow *self);
/* Moves the focus to the editor and marks the row as touched. */
void lw_field_row_focus (LwFieldRow *self);

G_END_DECLS
