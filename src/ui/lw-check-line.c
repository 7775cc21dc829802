/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "config.h"

#include "lw-check-line.h"

#include <glib/gi18n-lib.h>

#include "lw-when.h"
#include "lw-widgets.h"

struct _LwCheckLine
{
  AdwBin parent_instance;

  GtkWidget *row; /* weak */
  GtkStack *icons;
  GtkImage *icon;
  GtkLabel *label;
  LwCheckState state;
  guint turn;
};

static guint done_signal;

G_DEFINE_FINAL_TYPE (LwCheckLine, lw_check_line, ADW_TYPE_BIN)

static void
mark_row (LwCheckLine *self)
{
  gboolean bad = self->state == LW_CHECK_BAD;

  if (self->row == NULL)
    return;
  if (bad)
    gtk_widget_add_css_class (self->row, "error");
  else
    gtk_widget_remove_css_class (self->row, "error");
  gtk_accessible_update_state (GTK_ACCESSIBLE (self->row), GTK_ACCESSIBLE_STATE_INVALID,
                               bad ? GTK_ACCESSIBLE_INVALID_TRUE : GTK_ACCESSIBLE_INVALID_FALSE,
                               -1);
  if (bad)
    gtk_accessible_update_relation (GTK_ACCESSIBLE (self->row),
                                    GTK_ACCESSIBLE_RELATION_ERROR_MESSAGE, self->label, NULL, -1);
  else
    gtk_accessible_reset_relation (GTK_ACCESSIBLE (self->row),
                                   GTK_ACCESSIBLE_RELATION_ERROR_MESSAGE);
}

static void
show_state (LwCheckLine *self, LwCheckState state, const char *text)
{
  self->state = state;
  gtk_widget_set_visible (GTK_WIDGET (self), state != LW_CHECK_NONE);
  gtk_stack_set_visible_child_name (self->icons, state == LW_CHECK_RUNNING ? "spinner" : "icon");
  gtk_image_set_from_icon_name (self->icon, state == LW_CHECK_BAD ? "dialog-warning-symbolic"
                                                                  : "object-select-symbolic");
  gtk_label_set_text (self->label, text != NULL ? text : "");
  gtk_widget_remove_css_class (GTK_WIDGET (self), "error");
  gtk_widget_remove_css_class (GTK_WIDGET (self->icon), "success");
  if (state == LW_CHECK_BAD)
    gtk_widget_add_css_class (GTK_WIDGET (self), "error");
  if (state == LW_CHECK_GOOD)
    gtk_widget_add_css_class (GTK_WIDGET (self->icon), "success");
  mark_row (self);
  if (state == LW_CHECK_BAD)
    gtk_accessible_announce (GTK_ACCESSIBLE (self), text,
                             GTK_ACCESSIBLE_ANNOUNCEMENT_PRIORITY_MEDIUM);
}

void
lw_check_line_set (LwCheckLine *self, LwCheckState state, const char *text)
{
  g_return_if_fail (LW_IS_CHECK_LINE (self));
  self->turn++;
  show_state (self, state, text);
}

void
lw_check_line_reset (LwCheckLine *self)
{
  lw_check_line_set (self, LW_CHECK_NONE, NULL);
}

LwCheckState
lw_check_line_get_state (LwCheckLine *self)
{
  g_return_val_if_fail (LW_IS_CHECK_LINE (self), LW_CHECK_NONE);
  return self->state;
}

static void
settled (gpointer owner, const GValue *value, const GError *error, gpointer data)
{
  LwCheckLine *self = owner;

  if (GPOINTER_TO_UINT (data) != self->turn)
    return;
  if (error == NULL)
    show_state (self, LW_CHECK_GOOD, g_value_get_string (value));
  else
    {
      g_autofree char *sentence = lw_error_sentence (error);

      show_state (self, LW_CHECK_BAD, sentence);
    }
  g_signal_emit (self, done_signal, 0);
}

void
lw_check_line_run (LwCheckLine *self, const char *waiting, DexFuture *future)
{
  g_return_if_fail (LW_IS_CHECK_LINE (self));
  lw_check_line_set (self, LW_CHECK_RUNNING, waiting);
  lw_when (future, self, settled, GUINT_TO_POINTER (self->turn), NULL);
}

static void
lw_check_line_dispose (GObject *object)
{
  LwCheckLine *self = LW_CHECK_LINE (object);

  self->turn++;
  g_clear_weak_pointer (&self->row);
  G_OBJECT_CLASS (lw_check_line_parent_class)->dispose (object);
}

static void
lw_check_line_class_init (LwCheckLineClass *klass)
{
  G_OBJECT_CLASS (klass)->dispose = lw_check_line_dispose;
  done_signal = g_signal_new ("done", LW_TYPE_CHECK_LINE, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL,
                              G_TYPE_NONE, 0);
}

static void
lw_check_line_init (LwCheckLine *self)
{
  GtkWidget *box = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 8);
  GtkWidget *spinner = adw_spinner_new ();

  self->icons = GTK_STACK (gtk_stack_new ());
  self->icon = GTK_IMAGE (gtk_image_new ());
  self->label = GTK_LABEL (gtk_label_new (NULL));
  gtk_accessible_update_property (GTK_ACCESSIBLE (spinner), GTK_ACCESSIBLE_PROPERTY_LABEL,
                                  _ ("Testing"), -1);
  gtk_stack_add_named (self->icons, GTK_WIDGET (self->icon), "icon");
  gtk_stack_add_named (self->icons, spinner, "spinner");
  gtk_widget_set_valign (GTK_WIDGET (self->icons), GTK_ALIGN_START);
  gtk_label_set_wrap (self->label, TRUE);
  gtk_label_set_wrap_mode (self->label, PANGO_WRAP_WORD_CHAR);
  gtk_label_set_xalign (self->label, 0);
  gtk_widget_set_hexpand (GTK_WIDGET (self->label), TRUE);
  gtk_widget_add_css_class (GTK_WIDGET (self->label), "caption");
  gtk_box_append (GTK_BOX (box), GTK_WIDGET (self->icons));
  gtk_box_append (GTK_BOX (box), GTK_WIDGET (self->label));
  adw_bin_set_child (ADW_BIN (self), box);
  gtk_widget_add_css_class (GTK_WIDGET (self), "lw-check-line");
  gtk_widget_set_visible (GTK_WIDGET (self), FALSE);
}

GtkWidget *
lw_check_line_new (GtkWidget *row)
{
  LwCheckLine *self = g_object_new (LW_TYPE_CHECK_LINE, NULL);

  g_set_weak_pointer (&self->row, row);
  return GTK_WIDGET (self);
}
