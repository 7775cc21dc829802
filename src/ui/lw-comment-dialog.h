/* SPDX-License-Identifier: GPL-3.0-or-later */

#pragma once

#include <adwaita.h>

G_BEGIN_DECLS

/**
 * LwCommentDialog:
 *
 * Asks for a text that must not be empty. Signal "send" (the text): the dialog stays, busy, until it is
 * closed with adw_dialog_force_close() or lw_comment_dialog_set_problem() gives it back to the person
 * with their text.
 */
#define LW_TYPE_COMMENT_DIALOG (lw_comment_dialog_get_type ())
G_DECLARE_FINAL_TYPE (LwCommentDialog, lw_comment_dialog, LW, COMMENT_DIALOG, AdwDialog)

/* @text: (nullable): what was typed before. @destructive: the button is red rather than blue. */
AdwDialog *lw_comment_dialog_new (const char *title,
                                  const char *body,
                                  const char *send,
                                  gboolean destructive,
                                  const char *text);
/* Shows @extra under the text. */
void lw_comment_dialog_set_extra (LwCommentDialog *self, GtkWidget *extra);
/* What is typed now. (transfer full) */
char *lw_comment_dialog_get_text (LwCommentDialog *self);
/* Says why it was not sent, and lets the person go on. @may_send: whether trying again makes sense. */
void lw_comment_dialog_set_problem (LwCommentDialog *self, const char *problem, gboolean may_send);

G_END_DECLS
