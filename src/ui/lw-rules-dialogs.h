/* SPDX-License-Identifier: GPL-3.0-or-later */

#pragma once

#include <adwaita.h>

#include "lw-rules-check.h"

G_BEGIN_DECLS

typedef void (*LwRulesFunc) (gpointer user_data);

/* Says what changes, what is wrong with it and what it means, and asks whether to save it. @user_data: a
 * #GObject; nothing is called once it is gone. */
void lw_rules_save_dialog (GtkWidget *widget,
                           gboolean first,
                           GPtrArray *changes,
                           GPtrArray *findings,
                           GPtrArray *effects,
                           LwRulesFunc save,
                           gpointer user_data);

/* Shows what somebody else changed meanwhile (@by nullable) and what the person did, and asks what to
 * make of both. Closing it keeps what was edited. */
void lw_rules_conflict_dialog (GtkWidget *widget,
                               const LwPerson *by,
                               GPtrArray *theirs,
                               GPtrArray *mine,
                               LwRulesFunc merge,
                               LwRulesFunc discard,
                               gpointer user_data);

G_END_DECLS
