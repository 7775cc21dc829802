/* SPDX-License-Identifier: GPL-3.0-or-later */

#pragma once

#include <adwaita.h>

#include "lw-workspace.h"

G_BEGIN_DECLS

/* What people add to a record beside decisions: comments and checks of controls, with files. */

/* The files of an event as a row for a list; %NULL where it names none. */
GtkWidget *lw_event_files_row_new (LwWorkspace *workspace, const LwEvent *event);

/* Ask for a comment, or for what was found when a control was checked, and send it. */
void lw_case_talk_comment (GtkWidget *widget, LwWorkspace *workspace, LwCase *value);
void lw_case_talk_check (GtkWidget *widget, LwWorkspace *workspace, LwCase *value);
/* Whether a control of the request names the person who is signed in. */
gboolean lw_case_talk_may_check (LwWorkspace *workspace, LwCase *value);

G_END_DECLS
