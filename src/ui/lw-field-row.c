/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "config.h"

#include "lw-field-row.h"

#include <glib/gi18n-lib.h>

typedef struct
{
  GtkWidget *caption;
  GtkWidget *ok;
  GtkWidget *counter;
  GtkWidget *middle;
  GtkWidget *holder;
  GtkWidget *help;
  GtkWidget *hint_box;
  GtkWidget *hint_icon;
  GtkWidget *hint_message;
  GtkWidget *hint_more;
  GtkWidget *editor;
  LwFinding *finding;
  gboolean answered;
  gboolean touched;
  gboolean focused;
} LwFieldRowPrivate;

G_DEFINE_TYPE_WITH_PRIVATE (LwFieldRow, lw_field_row, ADW_TYPE_PREFERENCES_ROW)

enum
{
  CHANGED,
  LEFT,
  N_SIGNALS
};
static guint signals[N_SIGNALS];

static LwFieldRowPrivate *
private_of (LwFieldRow *self)
{
  return lw_field_row_get_instance_private (self);
}

static gboolean
visible_finding (LwFieldRowPrivate *priv)
{
  if (priv->finding == NULL || !priv->touched)
    return FALSE;
  /* While somebody is writing, only what they left stands. */
  return TRUE;
}

static void
describe (LwFieldRow *self, gboolean shown)
{
  LwFieldRowPrivate *priv = private_of (self);
  gboolean invalid = shown && priv->finding->severity == LW_SEVERITY_BLOCKER;

  if (priv->editor == NULL)
    return;
  gtk_accessible_update_state (GTK_ACCESSIBLE (priv->editor), GTK_ACCESSIBLE_STATE_INVALID,
                               invalid ? GTK_ACCESSIBLE_INVALID_TRUE : GTK_ACCESSIBLE_INVALID_FALSE,
                               -1);
  if (shown)
    gtk_accessible_update_relation (
        GTK_ACCESSIBLE (priv->editor), GTK_ACCESSIBLE_RELATION_DESCRIBED_BY, priv->hint_message,
        NULL, GTK_ACCESSIBLE_RELATION_ERROR_MESSAGE, priv->hint_message, NULL, -1);
  else
    {
      gtk_accessible_reset_relation (GTK_ACCESSIBLE (priv->editor),
                                     GTK_ACCESSIBLE_RELATION_ERROR_MESSAGE);
      if (gtk_widget_get_visible (priv->help))
        gtk_accessible_update_relation (GTK_ACCESSIBLE (priv->editor),
                                        GTK_ACCESSIBLE_RELATION_DESCRIBED_BY, priv->help, NULL, -1);
      else
        gtk_accessible_reset_relation (GTK_ACCESSIBLE (priv->editor),
                                       GTK_ACCESSIBLE_RELATION_DESCRIBED_BY);
    }
}

static void
update (LwFieldRow *self)
{
  LwFieldRowPrivate *priv = private_of (self);
  gboolean shown = visible_finding (priv);

  gtk_widget_set_visible (priv->hint_box, shown);
  gtk_widget_set_visible (priv->ok, priv->finding == NULL && priv->answered);
  gtk_widget_remove_css_class (priv->hint_box, "error");
  gtk_widget_remove_css_class (priv->hint_box, "warning");
  if (shown)
    {
      gboolean blocker = priv->finding->severity == LW_SEVERITY_BLOCKER;

      gtk_widget_add_css_class (priv->hint_box, blocker && priv->answered ? "error" : "warning");
      gtk_image_set_from_icon_name (GTK_IMAGE (priv->hint_icon),
                                    priv->finding->severity == LW_SEVERITY_ADVICE
                                        ? "help-about-symbolic"
                                        : "dialog-warning-symbolic");
      gtk_label_set_text (GTK_LABEL (priv->hint_message), priv->finding->message);
      gtk_label_set_text (GTK_LABEL (priv->hint_more),
                          priv->finding->hint != NULL ? priv->finding->hint : "");
      gtk_widget_set_visible (priv->hint_more, priv->finding->hint != NULL);
    }
  describe (self, shown);
}

gboolean
lw_field_row_is_answered (LwFieldRow *self)
{
  LwFieldRowClass *klass;

  g_return_val_if_fail (LW_IS_FIELD_ROW (self), FALSE);
  klass = LW_FIELD_ROW_GET_CLASS (self);
  return klass->is_answered != NULL && klass->is_answered (self);
}

void
lw_field_row_set_finding (LwFieldRow *self, const LwFinding *finding)
{
  LwFieldRowPrivate *priv;
  gboolean answered = lw_field_row_is_answered (self);

  g_return_if_fail (LW_IS_FIELD_ROW (self));
  priv = private_of (self);
  /* What was there when the form opened has been left already. */
  if (answered && !priv->focused)
    priv->touched = TRUE;
  priv->answered = answered;
  g_clear_pointer (&priv->finding, lw_finding_free);
  priv->finding = finding != NULL ? lw_finding_copy (finding) : NULL;
  update (self);
}

void
lw_field_row_touch (LwFieldRow *self)
{
  LwFieldRowPrivate *priv;

  g_return_if_fail (LW_IS_FIELD_ROW (self));
  priv = private_of (self);
  if (priv->touched)
    return;
  priv->touched = TRUE;
  update (self);
}

gboolean
lw_field_row_shows_finding (LwFieldRow *self)
{
  g_return_val_if_fail (LW_IS_FIELD_ROW (self), FALSE);
  return visible_finding (private_of (self));
}

static void
focus_left (GtkEventControllerFocus *controller, gpointer user_data)
{
  LwFieldRow *self = user_data;
  LwFieldRowPrivate *priv = private_of (self);

  priv->focused = FALSE;
  gtk_widget_remove_css_class (GTK_WIDGET (self), "lw-editing");
  lw_field_row_touch (self);
  g_signal_emit (self, signals[LEFT], 0);
}

static void
focus_entered (GtkEventControllerFocus *controller, gpointer user_data)
{
  LwFieldRow *self = user_data;

  private_of (self)->focused = TRUE;
  gtk_widget_add_css_class (GTK_WIDGET (self), "lw-editing");
}

static void
clicked (GtkGestureClick *gesture, int n, double x, double y, gpointer user_data)
{
  LwFieldRow *self = user_data;
  LwFieldRowPrivate *priv = private_of (self);

  /* The caption and the margins belong to the field. */
  if (priv->editor != NULL && !priv->focused)
    gtk_widget_grab_focus (priv->editor);
}

void
lw_field_row_set_editor (LwFieldRow *self, GtkWidget *child, GtkWidget *editor)
{
  LwFieldRowPrivate *priv;

  g_return_if_fail (LW_IS_FIELD_ROW (self));
  priv = private_of (self);
  g_return_if_fail (priv->editor == NULL);
  gtk_widget_set_hexpand (child, TRUE);
  gtk_box_prepend (GTK_BOX (priv->middle), child);
  priv->editor = editor;
  gtk_accessible_update_relation (GTK_ACCESSIBLE (editor), GTK_ACCESSIBLE_RELATION_LABELLED_BY,
                                  priv->caption, NULL, -1);
}

void
lw_field_row_add_suffix (LwFieldRow *self, GtkWidget *suffix)
{
  g_return_if_fail (LW_IS_FIELD_ROW (self));
  gtk_widget_set_valign (suffix, GTK_ALIGN_CENTER);
  gtk_widget_add_css_class (suffix, "lw-suffix");
  gtk_box_append (GTK_BOX (private_of (self)->holder), suffix);
}

void
lw_field_row_emit_changed (LwFieldRow *self)
{
  g_return_if_fail (LW_IS_FIELD_ROW (self));
  g_signal_emit (self, signals[CHANGED], 0);
}

void
lw_field_row_set_caption (LwFieldRow *self, const char *caption)
{
  g_return_if_fail (LW_IS_FIELD_ROW (self));
  adw_preferences_row_set_title (ADW_PREFERENCES_ROW (self), caption);
  gtk_accessible_update_property (GTK_ACCESSIBLE (self), GTK_ACCESSIBLE_PROPERTY_LABEL, caption,
                                  -1);
  gtk_label_set_text (GTK_LABEL (private_of (self)->caption), caption);
}

void
lw_field_row_set_counter (LwFieldRow *self, const char *text)
{
  LwFieldRowPrivate *priv;

  g_return_if_fail (LW_IS_FIELD_ROW (self));
  priv = private_of (self);
  gtk_label_set_text (GTK_LABEL (priv->counter), text != NULL ? text : "");
  gtk_widget_set_visible (priv->counter, text != NULL);
}

void
lw_field_row_set_help (LwFieldRow *self, const char *text)
{
  LwFieldRowPrivate *priv;

  g_return_if_fail (LW_IS_FIELD_ROW (self));
  priv = private_of (self);
  gtk_label_set_text (GTK_LABEL (priv->help), text != NULL ? text : "");
  gtk_widget_set_visible (priv->help, text != NULL);
  update (self);
}

void
lw_field_row_focus (LwFieldRow *self)
{
  LwFieldRowPrivate *priv;

  g_return_if_fail (LW_IS_FIELD_ROW (self));
  priv = private_of (self);
  lw_field_row_touch (self);
  if (priv->editor != NULL)
    gtk_widget_grab_focus (priv->editor);
}

static gboolean
lw_field_row_grab_focus (GtkWidget *widget)
{
  LwFieldRowPrivate *priv = private_of (LW_FIELD_ROW (widget));

  return priv->editor != NULL && gtk_widget_grab_focus (priv->editor);
}

/* The row itself is no stop of its own on the way by keyboard. */
static gboolean
lw_field_row_focus_child (GtkWidget *widget, GtkDirectionType direction)
{
  LwFieldRowPrivate *priv = private_of (LW_FIELD_ROW (widget));

  return gtk_widget_child_focus (priv->holder, direction);
}

static void
lw_field_row_finalize (GObject *object)
{
  LwFieldRowPrivate *priv = private_of (LW_FIELD_ROW (object));

  g_clear_pointer (&priv->finding, lw_finding_free);
  G_OBJECT_CLASS (lw_field_row_parent_class)->finalize (object);
}

static void
lw_field_row_class_init (LwFieldRowClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->finalize = lw_field_row_finalize;
  widget_class->grab_focus = lw_field_row_grab_focus;
  widget_class->focus = lw_field_row_focus_child;
  signals[CHANGED] = g_signal_new ("changed", LW_TYPE_FIELD_ROW, G_SIGNAL_RUN_LAST, 0, NULL, NULL,
                                   NULL, G_TYPE_NONE, 0);
  signals[LEFT] = g_signal_new ("left", LW_TYPE_FIELD_ROW, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL,
                                G_TYPE_NONE, 0);
}

static GtkWidget *
text_label (const char *css_class)
{
  GtkWidget *label = gtk_label_new (NULL);

  gtk_label_set_xalign (GTK_LABEL (label), 0);
  gtk_label_set_wrap (GTK_LABEL (label), TRUE);
  gtk_label_set_wrap_mode (GTK_LABEL (label), PANGO_WRAP_WORD_CHAR);
  gtk_widget_add_css_class (label, css_class);
  return label;
}

static void
build_hint (LwFieldRowPrivate *priv)
{
  GtkWidget *texts = gtk_box_new (GTK_ORIENTATION_VERTICAL, 2);

  priv->hint_box = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 10);
  priv->hint_icon = gtk_image_new ();
  priv->hint_message = text_label ("heading");
  priv->hint_more = text_label ("body");
  gtk_widget_set_valign (priv->hint_icon, GTK_ALIGN_START);
  gtk_accessible_update_state (GTK_ACCESSIBLE (priv->hint_icon), GTK_ACCESSIBLE_STATE_HIDDEN, TRUE,
                               -1);
  gtk_widget_set_hexpand (texts, TRUE);
  gtk_widget_add_css_class (priv->hint_box, "lw-hint");
  gtk_widget_set_visible (priv->hint_box, FALSE);
  gtk_box_append (GTK_BOX (texts), priv->hint_message);
  gtk_box_append (GTK_BOX (texts), priv->hint_more);
  gtk_box_append (GTK_BOX (priv->hint_box), priv->hint_icon);
  gtk_box_append (GTK_BOX (priv->hint_box), texts);
}

static void
lw_field_row_init (LwFieldRow *self)
{
  LwFieldRowPrivate *priv = private_of (self);
  GtkWidget *outer = gtk_box_new (GTK_ORIENTATION_VERTICAL, 3);
  GtkWidget *top = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 6);
  GtkEventController *focus = gtk_event_controller_focus_new ();
  GtkGesture *click = gtk_gesture_click_new ();

  priv->caption = text_label ("caption");
  gtk_widget_add_css_class (priv->caption, "lw-caption");
  gtk_widget_set_hexpand (priv->caption, TRUE);
  priv->ok = gtk_image_new_from_icon_name ("object-select-symbolic");
  gtk_widget_add_css_class (priv->ok, "success");
  gtk_image_set_pixel_size (GTK_IMAGE (priv->ok), 12);
  gtk_widget_set_visible (priv->ok, FALSE);
  gtk_accessible_update_property (GTK_ACCESSIBLE (priv->ok), GTK_ACCESSIBLE_PROPERTY_LABEL,
                                  _ ("Fine"), -1);
  priv->counter = gtk_label_new (NULL);
  gtk_widget_add_css_class (priv->counter, "caption");
  gtk_widget_add_css_class (priv->counter, "dim-label");
  gtk_widget_add_css_class (priv->counter, "numeric");
  gtk_widget_set_visible (priv->counter, FALSE);
  priv->help = text_label ("caption");
  gtk_widget_add_css_class (priv->help, "dim-label");
  gtk_widget_set_visible (priv->help, FALSE);
  build_hint (priv);

  priv->holder = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 6);
  priv->middle = gtk_box_new (GTK_ORIENTATION_VERTICAL, 4);
  gtk_widget_set_hexpand (priv->middle, TRUE);
  gtk_box_append (GTK_BOX (priv->holder), priv->middle);
  gtk_box_append (GTK_BOX (top), priv->caption);
  gtk_box_append (GTK_BOX (top), priv->ok);
  gtk_box_append (GTK_BOX (top), priv->counter);
  gtk_box_append (GTK_BOX (outer), top);
  gtk_box_append (GTK_BOX (outer), priv->holder);
  gtk_box_append (GTK_BOX (outer), priv->help);
  gtk_box_append (GTK_BOX (outer), priv->hint_box);
  gtk_widget_add_css_class (outer, "lw-field");
  gtk_widget_add_css_class (GTK_WIDGET (self), "lw-field-row");
  gtk_list_box_row_set_child (GTK_LIST_BOX_ROW (self), outer);
  gtk_list_box_row_set_activatable (GTK_LIST_BOX_ROW (self), FALSE);
  gtk_list_box_row_set_selectable (GTK_LIST_BOX_ROW (self), FALSE);
  gtk_widget_set_focusable (GTK_WIDGET (self), FALSE);
  adw_preferences_row_set_use_markup (ADW_PREFERENCES_ROW (self), FALSE);

  g_signal_connect (focus, "enter", G_CALLBACK (focus_entered), self);
  g_signal_connect (focus, "leave", G_CALLBACK (focus_left), self);
  gtk_widget_add_controller (GTK_WIDGET (self), focus);
  g_signal_connect (click, "released", G_CALLBACK (clicked), self);
  gtk_widget_add_controller (GTK_WIDGET (self), GTK_EVENT_CONTROLLER (click));
}
