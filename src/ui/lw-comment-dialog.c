/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "config.h"

#include "lw-comment-dialog.h"

#include <glib/gi18n-lib.h>

#include "lw-decision-parts.h"

struct _LwCommentDialog
{
  AdwDialog parent_instance;
  GtkTextView *view;
  GtkButton *send;
  AdwSpinner *spinner;
  AdwBin *problem;
  GtkBox *box;
  gboolean busy;
  gboolean refused;
};

G_DEFINE_FINAL_TYPE (LwCommentDialog, lw_comment_dialog, ADW_TYPE_DIALOG)

static guint send_signal;

char *
lw_comment_dialog_get_text (LwCommentDialog *self)
{
  GtkTextBuffer *buffer;
  GtkTextIter start, end;

  g_return_val_if_fail (LW_IS_COMMENT_DIALOG (self), NULL);
  buffer = gtk_text_view_get_buffer (self->view);
  gtk_text_buffer_get_bounds (buffer, &start, &end);
  return g_strstrip (gtk_text_buffer_get_text (buffer, &start, &end, FALSE));
}

static void
update (LwCommentDialog *self)
{
  g_autofree char *text = lw_comment_dialog_get_text (self);

  gtk_widget_set_sensitive (GTK_WIDGET (self->send), !self->busy && !self->refused && *text);
  gtk_text_view_set_editable (self->view, !self->busy);
  gtk_widget_set_visible (GTK_WIDGET (self->spinner), self->busy);
}

static void
send (LwCommentDialog *self)
{
  g_autofree char *text = lw_comment_dialog_get_text (self);

  if (self->busy || self->refused || !*text)
    return;
  self->busy = TRUE;
  adw_bin_set_child (self->problem, NULL);
  adw_dialog_set_can_close (ADW_DIALOG (self), FALSE);
  update (self);
  g_signal_emit (self, send_signal, 0, text);
}

static gboolean
key_pressed (LwCommentDialog *self, guint keyval, guint keycode, GdkModifierType state)
{
  if ((keyval == GDK_KEY_Return || keyval == GDK_KEY_KP_Enter) && (state & GDK_CONTROL_MASK))
    {
      send (self);
      return GDK_EVENT_STOP;
    }
  return GDK_EVENT_PROPAGATE;
}

void
lw_comment_dialog_set_problem (LwCommentDialog *self, const char *problem, gboolean may_send)
{
  g_return_if_fail (LW_IS_COMMENT_DIALOG (self));
  self->busy = FALSE;
  self->refused = !may_send;
  adw_dialog_set_can_close (ADW_DIALOG (self), TRUE);
  adw_bin_set_child (self->problem, lw_note_new ("dialog-warning-symbolic", problem, "warning"));
  gtk_accessible_announce (GTK_ACCESSIBLE (self), problem,
                           GTK_ACCESSIBLE_ANNOUNCEMENT_PRIORITY_HIGH);
  update (self);
  gtk_widget_grab_focus (GTK_WIDGET (self->view));
}

void
lw_comment_dialog_set_extra (LwCommentDialog *self, GtkWidget *extra)
{
  g_return_if_fail (LW_IS_COMMENT_DIALOG (self));
  gtk_box_append (self->box, extra);
}

static GtkWidget *
header_new (LwCommentDialog *self)
{
  GtkWidget *header = adw_header_bar_new ();
  GtkWidget *cancel = gtk_button_new_with_mnemonic (_ ("_Cancel"));

  adw_header_bar_set_show_end_title_buttons (ADW_HEADER_BAR (header), FALSE);
  adw_header_bar_set_show_start_title_buttons (ADW_HEADER_BAR (header), FALSE);
  g_signal_connect_swapped (cancel, "clicked", G_CALLBACK (adw_dialog_close), self);
  adw_header_bar_pack_start (ADW_HEADER_BAR (header), cancel);
  self->send = GTK_BUTTON (gtk_button_new ());
  gtk_button_set_use_underline (self->send, TRUE);
  g_signal_connect_swapped (self->send, "clicked", G_CALLBACK (send), self);
  adw_header_bar_pack_end (ADW_HEADER_BAR (header), GTK_WIDGET (self->send));
  self->spinner = ADW_SPINNER (adw_spinner_new ());
  adw_header_bar_pack_end (ADW_HEADER_BAR (header), GTK_WIDGET (self->spinner));
  return header;
}

static GtkWidget *
text_new (LwCommentDialog *self)
{
  GtkWidget *scroll = gtk_scrolled_window_new ();
  GtkEventController *keys = gtk_event_controller_key_new ();

  self->view = GTK_TEXT_VIEW (gtk_text_view_new ());
  gtk_text_view_set_wrap_mode (self->view, GTK_WRAP_WORD_CHAR);
  gtk_text_view_set_accepts_tab (self->view, FALSE);
  gtk_text_view_set_top_margin (self->view, 12);
  gtk_text_view_set_bottom_margin (self->view, 12);
  gtk_text_view_set_left_margin (self->view, 12);
  gtk_text_view_set_right_margin (self->view, 12);
  gtk_widget_add_css_class (GTK_WIDGET (self->view), "lw-plain-text");
  gtk_event_controller_set_propagation_phase (keys, GTK_PHASE_CAPTURE);
  g_signal_connect_swapped (keys, "key-pressed", G_CALLBACK (key_pressed), self);
  gtk_widget_add_controller (GTK_WIDGET (self->view), keys);
  g_signal_connect_swapped (gtk_text_view_get_buffer (self->view), "changed", G_CALLBACK (update),
                            self);
  gtk_scrolled_window_set_child (GTK_SCROLLED_WINDOW (scroll), GTK_WIDGET (self->view));
  gtk_scrolled_window_set_policy (GTK_SCROLLED_WINDOW (scroll), GTK_POLICY_NEVER,
                                  GTK_POLICY_AUTOMATIC);
  gtk_scrolled_window_set_min_content_height (GTK_SCROLLED_WINDOW (scroll), 140);
  gtk_widget_set_vexpand (scroll, TRUE);
  gtk_widget_set_overflow (scroll, GTK_OVERFLOW_HIDDEN);
  gtk_widget_add_css_class (scroll, "card");
  return scroll;
}

static void
lw_comment_dialog_class_init (LwCommentDialogClass *klass)
{
  send_signal = g_signal_new ("send", LW_TYPE_COMMENT_DIALOG, G_SIGNAL_RUN_LAST, 0, NULL, NULL,
                              NULL, G_TYPE_NONE, 1, G_TYPE_STRING);
}

static void
lw_comment_dialog_init (LwCommentDialog *self)
{
}

AdwDialog *
lw_comment_dialog_new (const char *title,
                       const char *body,
                       const char *send_label,
                       gboolean destructive,
                       const char *text)
{
  LwCommentDialog *self =
      g_object_new (LW_TYPE_COMMENT_DIALOG, "title", title, "content-width", 460, NULL);
  GtkWidget *toolbar = adw_toolbar_view_new ();
  GtkWidget *box = gtk_box_new (GTK_ORIENTATION_VERTICAL, 12);
  GtkWidget *label = lw_text_new (body);

  adw_toolbar_view_add_top_bar (ADW_TOOLBAR_VIEW (toolbar), header_new (self));
  gtk_button_set_label (self->send, send_label);
  gtk_widget_add_css_class (GTK_WIDGET (self->send),
                            destructive ? "destructive-action" : "suggested-action");
  self->box = GTK_BOX (box);
  self->problem = ADW_BIN (adw_bin_new ());
  gtk_box_append (GTK_BOX (box), GTK_WIDGET (self->problem));
  gtk_box_append (GTK_BOX (box), label);
  gtk_box_append (GTK_BOX (box), text_new (self));
  gtk_accessible_update_relation (GTK_ACCESSIBLE (self->view), GTK_ACCESSIBLE_RELATION_LABELLED_BY,
                                  label, NULL, -1);
  gtk_widget_set_margin_start (box, 18);
  gtk_widget_set_margin_end (box, 18);
  gtk_widget_set_margin_top (box, 6);
  gtk_widget_set_margin_bottom (box, 18);
  adw_toolbar_view_set_content (ADW_TOOLBAR_VIEW (toolbar), box);
  adw_dialog_set_child (ADW_DIALOG (self), toolbar);
  adw_dialog_set_focus (ADW_DIALOG (self), GTK_WIDGET (self->view));
  if (text)
    gtk_text_buffer_set_text (gtk_text_view_get_buffer (self->view), text, -1);
  update (self);
  return ADW_DIALOG (self);
}
