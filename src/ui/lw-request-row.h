/* SPDX-License-Identifier: GPL-3.0-or-later */

#pragma once

#include <adwaita.h>

#include "lw-workspace.h"

G_BEGIN_DECLS

/**
 * LwRequestRow:
 *
 * A request in a list: title, what goes on, and one pill. With "narrow" the pill moves under the text.
 * "label" is what a screen reader calls it, for the list item that it is in.
 */
#define LW_TYPE_REQUEST_ROW (lw_request_row_get_type ())
G_DECLARE_FINAL_TYPE (LwRequestRow, lw_request_row, LW, REQUEST_ROW, AdwBin)

GtkWidget *lw_request_row_new (LwWorkspace *workspace);
/* @value: (nullable): it is being read */
void lw_request_row_set_case (LwRequestRow *self, LwCase *value);
void lw_request_row_set_draft (LwRequestRow *self, const LwRequest *request);
/* Whether it begins, and ends, the card that it is in. */
void lw_request_row_set_edges (LwRequestRow *self, gboolean first, gboolean last);

/* What a request asks for in a few words: "aoai-eval-weu", "2 resources in rg-eval-weu". (transfer full) */
char *lw_request_scope_summary (LwWorkspace *workspace, const LwRequest *request);
/* The step of the form, 1…6, that a draft waits at. */
guint lw_request_open_step (LwWorkspace *workspace, const LwRequest *request);
/* The pill of a case: its text (transfer full) and, in @style, how it looks. */
char *lw_case_pill (LwWorkspace *workspace, LwCase *value, const char **style);

G_END_DECLS
