/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "config.h"

#include "lw-text-row.h"

#include <glib/gi18n-lib.h>

struct _LwTextRow
{
  LwFieldRow parent_instance;

  GtkTextView *view;
  GtkTextBuffer *buffer;
  GtkWidget *placeholder;
  guint max;
  gboolean one_line;
  gboolean setting;
};

G_DEFINE_FINAL_TYPE (LwTextRow, lw_text_row, LW_TYPE_FIELD_ROW)

static void
count (LwTextRow *self)
{
  g_autofree char *text = NULL;

  gtk_widget_set_visible (self->placeholder, gtk_text_buffer_get_char_count (self->buffer) == 0);
  if (self->max == 0)
    return;
  text = g_strdup_printf (_ ("%u of %u"), (guint) gtk_text_buffer_get_char_count (self->buffer),
                          self->max);
  lw_field_row_set_counter (LW_FIELD_ROW (self), text);
}

static void
changed (LwTextRow *self)
{
  count (self);
  if (!self->setting)
    lw_field_row_emit_changed (LW_FIELD_ROW (self));
}

/* A row of one line takes pasted line breaks as blanks. */
static void
insert_text (GtkTextBuffer *buffer, GtkTextIter *at, char *text, int length, gpointer user_data)
{
  g_autofree char *copy = NULL;

  if (memchr (text, '\n', length) == NULL && memchr (text, '\r', length) == NULL)
    return;
  copy = g_strndup (text, length);
  g_strdelimit (copy, "\r\n", ' ');
  g_signal_stop_emission_by_name (buffer, "insert-text");
  gtk_text_buffer_insert (buffer, at, copy, -1);
}

static gboolean
key_pressed (GtkEventControllerKey *controller,
             guint key,
             guint code,
             GdkModifierType modifiers,
             gpointer user_data)
{
  LwTextRow *self = user_data;

  if (!self->one_line || (key != GDK_KEY_Return && key != GDK_KEY_KP_Enter))
    return GDK_EVENT_PROPAGATE;
  gtk_widget_child_focus (GTK_WIDGET (gtk_widget_get_root (GTK_WIDGET (self))),
                          GTK_DIR_TAB_FORWARD);
  return GDK_EVENT_STOP;
}

void
lw_text_row_set_text (LwTextRow *self, const char *text)
{
  g_autofree char *now = NULL;

  g_return_if_fail (LW_IS_TEXT_ROW (self));
  now = lw_text_row_get_text (self);
  if (g_strcmp0 (now != NULL ? now : "", text != NULL ? text : "") == 0)
    return;
  self->setting = TRUE;
  gtk_text_buffer_set_text (self->buffer, text != NULL ? text : "", -1);
  self->setting = FALSE;
}

char *
lw_text_row_get_text (LwTextRow *self)
{
  GtkTextIter start, end;
  g_autofree char *text = NULL;

  g_return_val_if_fail (LW_IS_TEXT_ROW (self), NULL);
  gtk_text_buffer_get_bounds (self->buffer, &start, &end);
  text = g_strstrip (gtk_text_buffer_get_text (self->buffer, &start, &end, FALSE));
  return *text != '\0' ? g_steal_pointer (&text) : NULL;
}

void
lw_text_row_set_placeholder (LwTextRow *self, const char *text)
{
  g_return_if_fail (LW_IS_TEXT_ROW (self));
  gtk_label_set_text (GTK_LABEL (self->placeholder), text);
  gtk_accessible_update_property (GTK_ACCESSIBLE (self->view), GTK_ACCESSIBLE_PROPERTY_PLACEHOLDER,
                                  text, -1);
}

static gboolean
lw_text_row_is_answered (LwFieldRow *row)
{
  g_autofree char *text = lw_text_row_get_text (LW_TEXT_ROW (row));

  return text != NULL;
}

static void
lw_text_row_class_init (LwTextRowClass *klass)
{
  LW_FIELD_ROW_CLASS (klass)->is_answered = lw_text_row_is_answered;
}

static void
lw_text_row_init (LwTextRow *self)
{
  GtkWidget *overlay = gtk_overlay_new ();
  GtkEventController *keys = gtk_event_controller_key_new ();

  self->view = GTK_TEXT_VIEW (gtk_text_view_new ());
  self->buffer = gtk_text_view_get_buffer (self->view);
  gtk_text_view_set_wrap_mode (self->view, GTK_WRAP_WORD_CHAR);
  gtk_text_view_set_accepts_tab (self->view, FALSE);
  gtk_text_view_set_input_hints (self->view, GTK_INPUT_HINT_SPELLCHECK);
  gtk_text_buffer_set_enable_undo (self->buffer, TRUE);
  self->placeholder = gtk_label_new (NULL);
  gtk_label_set_xalign (GTK_LABEL (self->placeholder), 0);
  gtk_label_set_ellipsize (GTK_LABEL (self->placeholder), PANGO_ELLIPSIZE_END);
  gtk_widget_set_valign (self->placeholder, GTK_ALIGN_START);
  gtk_widget_set_can_target (self->placeholder, FALSE);
  gtk_widget_add_css_class (self->placeholder, "lw-placeholder");
  gtk_accessible_update_state (GTK_ACCESSIBLE (self->placeholder), GTK_ACCESSIBLE_STATE_HIDDEN,
                               TRUE, -1);
  gtk_overlay_set_child (GTK_OVERLAY (overlay), GTK_WIDGET (self->view));
  gtk_overlay_add_overlay (GTK_OVERLAY (overlay), self->placeholder);
  lw_field_row_set_editor (LW_FIELD_ROW (self), overlay, GTK_WIDGET (self->view));
  g_signal_connect_swapped (self->buffer, "changed", G_CALLBACK (changed), self);
  gtk_event_controller_set_propagation_phase (keys, GTK_PHASE_CAPTURE);
  g_signal_connect (keys, "key-pressed", G_CALLBACK (key_pressed), self);
  gtk_widget_add_controller (GTK_WIDGET (self->view), keys);
}

GtkWidget *
lw_text_row_new (const char *caption, guint max, gboolean one_line)
{
  LwTextRow *self = g_object_new (LW_TYPE_TEXT_ROW, NULL);

  self->max = max;
  self->one_line = one_line;
  lw_field_row_set_caption (LW_FIELD_ROW (self), caption);
  gtk_accessible_update_property (GTK_ACCESSIBLE (self->view), GTK_ACCESSIBLE_PROPERTY_LABEL,
                                  caption, GTK_ACCESSIBLE_PROPERTY_MULTI_LINE, !one_line, -1);
  if (one_line)
    g_signal_connect (self->buffer, "insert-text", G_CALLBACK (insert_text), self);
  count (self);
  return GTK_WIDGET (self);
}
