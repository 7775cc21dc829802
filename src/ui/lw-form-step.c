/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "config.h"

#include "lw-form-step.h"

#include "lw-date-row.h"
#include "lw-person-field.h"
#include "lw-text-row.h"

typedef struct
{
  LwFieldRow *row;
  char *field;
} Binding;

typedef struct
{
  LwForm *form;
  GPtrArray *bindings;
  GtkWidget *column;
  AdwClamp *clamp;
  GtkBox *body;
  GtkBox *head;
  GtkLabel *question;
  GtkLabel *explanation;
} LwFormStepPrivate;

G_DEFINE_ABSTRACT_TYPE_WITH_PRIVATE (LwFormStep, lw_form_step, ADW_TYPE_BIN)

static LwFormStepPrivate *
private_of (LwFormStep *self)
{
  return lw_form_step_get_instance_private (self);
}

static void
binding_free (gpointer data)
{
  Binding *binding = data;

  g_object_unref (binding->row);
  g_free (binding->field);
  g_free (binding);
}

static void
show_finding (LwFormStep *self, Binding *binding)
{
  LwFormStepPrivate *priv = private_of (self);
  const LwFinding *finding = lw_form_find (priv->form, binding->field);

  lw_field_row_set_finding (binding->row, finding);
  if (lw_form_was_left (priv->form, LW_FORM_STEP_GET_CLASS (self)->step))
    lw_field_row_touch (binding->row);
}

static void
assessed (LwFormStep *self)
{
  LwFormStepPrivate *priv = private_of (self);
  LwFormStepClass *klass = LW_FORM_STEP_GET_CLASS (self);

  for (guint i = 0; i < priv->bindings->len; i++)
    show_finding (self, g_ptr_array_index (priv->bindings, i));
  if (klass->assessed != NULL)
    klass->assessed (self);
}

static void
policy_changed (LwFormStep *self)
{
  LwFormStepClass *klass = LW_FORM_STEP_GET_CLASS (self);

  if (klass->policy_changed != NULL)
    klass->policy_changed (self);
}

LwForm *
lw_form_step_get_form (LwFormStep *self)
{
  g_return_val_if_fail (LW_IS_FORM_STEP (self), NULL);
  return private_of (self)->form;
}

char *
lw_form_step_summary (LwFormStep *self)
{
  LwFormStepClass *klass;

  g_return_val_if_fail (LW_IS_FORM_STEP (self), NULL);
  klass = LW_FORM_STEP_GET_CLASS (self);
  return klass->summary != NULL ? klass->summary (self) : g_strdup ("");
}

void
lw_form_step_shown (LwFormStep *self)
{
  LwFormStepClass *klass;

  g_return_if_fail (LW_IS_FORM_STEP (self));
  klass = LW_FORM_STEP_GET_CLASS (self);
  if (klass->shown != NULL)
    klass->shown (self);
}

void
lw_form_step_leave (LwFormStep *self)
{
  g_return_if_fail (LW_IS_FORM_STEP (self));
  lw_form_leave_step (private_of (self)->form, LW_FORM_STEP_GET_CLASS (self)->step);
}

gboolean
lw_form_step_focus_field (LwFormStep *self, const char *field)
{
  LwFormStepPrivate *priv;

  g_return_val_if_fail (LW_IS_FORM_STEP (self), FALSE);
  priv = private_of (self);
  for (guint i = 0; i < priv->bindings->len; i++)
    {
      Binding *binding = g_ptr_array_index (priv->bindings, i);
      GtkWidget *expander;

      if (!lw_field_matches (binding->field, field))
        continue;
      expander = gtk_widget_get_ancestor (GTK_WIDGET (binding->row), ADW_TYPE_EXPANDER_ROW);
      if (expander != NULL)
        adw_expander_row_set_expanded (ADW_EXPANDER_ROW (expander), TRUE);
      lw_field_row_focus (binding->row);
      return TRUE;
    }
  return FALSE;
}

void
lw_form_step_set_question (LwFormStep *self, const char *question, const char *explanation)
{
  LwFormStepPrivate *priv;

  g_return_if_fail (LW_IS_FORM_STEP (self));
  priv = private_of (self);
  gtk_label_set_text (priv->question, question);
  gtk_accessible_update_property (GTK_ACCESSIBLE (priv->column), GTK_ACCESSIBLE_PROPERTY_LABEL,
                                  question, -1);
  lw_form_step_set_explanation (self, explanation);
}

void
lw_form_step_set_explanation (LwFormStep *self, const char *explanation)
{
  g_return_if_fail (LW_IS_FORM_STEP (self));
  gtk_label_set_text (private_of (self)->explanation, explanation);
}

void
lw_form_step_append (LwFormStep *self, GtkWidget *child)
{
  g_return_if_fail (LW_IS_FORM_STEP (self));
  gtk_box_append (private_of (self)->body, child);
}

void
lw_form_step_set_aside (LwFormStep *self, GtkWidget *child)
{
  g_return_if_fail (LW_IS_FORM_STEP (self));
  gtk_box_append (private_of (self)->head, child);
}

void
lw_form_step_set_width (LwFormStep *self, int width)
{
  g_return_if_fail (LW_IS_FORM_STEP (self));
  adw_clamp_set_maximum_size (private_of (self)->clamp, width);
}

GtkWidget *
lw_form_step_take_column (LwFormStep *self)
{
  LwFormStepPrivate *priv;
  GtkWidget *column;

  g_return_val_if_fail (LW_IS_FORM_STEP (self), NULL);
  priv = private_of (self);
  column = priv->column;
  g_object_ref (column);
  adw_bin_set_child (ADW_BIN (self), NULL);
  g_object_force_floating (G_OBJECT (column));
  return column;
}

void
lw_form_step_bind (LwFormStep *self, gpointer row, const char *field)
{
  LwFormStepPrivate *priv;
  Binding *binding;

  g_return_if_fail (LW_IS_FORM_STEP (self));
  g_return_if_fail (LW_IS_FIELD_ROW (row));
  priv = private_of (self);
  binding = g_new0 (Binding, 1);
  binding->row = g_object_ref (row);
  binding->field = g_strdup (field);
  g_ptr_array_add (priv->bindings, binding);
}

/* Where an answer goes. */
typedef struct
{
  LwForm *form;
  gpointer member;
} Target;

static Target *
target_new (LwFormStep *self, gpointer member)
{
  Target *target = g_new0 (Target, 1);

  target->form = g_object_ref (private_of (self)->form);
  target->member = member;
  return target;
}

static void
target_free (gpointer data, GClosure *closure)
{
  Target *target = data;

  g_object_unref (target->form);
  g_free (target);
}

static void
take_text (LwTextRow *row, Target *target)
{
  char **member = target->member;

  g_free (*member);
  *member = lw_text_row_get_text (row);
  lw_form_changed (target->form);
}

void
lw_form_step_bind_text (LwFormStep *self, gpointer row, char **member, const char *field)
{
  g_return_if_fail (LW_IS_FORM_STEP (self));
  lw_text_row_set_text (row, *member);
  g_signal_connect_data (row, "changed", G_CALLBACK (take_text), target_new (self, member),
                         target_free, 0);
  lw_form_step_bind (self, row, field);
}

static void
take_date (LwDateRow *row, Target *target)
{
  char **member = target->member;

  g_free (*member);
  *member = lw_date_row_get_value (row);
  lw_form_changed (target->form);
}

void
lw_form_step_bind_date (LwFormStep *self, gpointer row, char **member, const char *field)
{
  LwFormStepPrivate *priv;
  g_autoptr (GDateTime) now = NULL;

  g_return_if_fail (LW_IS_FORM_STEP (self));
  priv = private_of (self);
  now = lw_session_now (lw_form_get_session (priv->form));
  lw_date_row_set_now (row, now);
  lw_date_row_set_value (row, *member);
  g_signal_connect_data (row, "changed", G_CALLBACK (take_date), target_new (self, member),
                         target_free, 0);
  lw_form_step_bind (self, row, field);
}

static void
take_person (LwPersonField *row, Target *target)
{
  LwPerson **member = target->member;
  const LwPerson *person = lw_person_field_get_person (row);

  g_clear_pointer (member, lw_person_free);
  *member = person != NULL ? lw_person_copy (person) : NULL;
  lw_form_changed (target->form);
}

void
lw_form_step_bind_person (LwFormStep *self, gpointer row, LwPerson **member, const char *field)
{
  g_return_if_fail (LW_IS_FORM_STEP (self));
  lw_person_field_set_person (row, *member);
  g_signal_connect_data (row, "changed", G_CALLBACK (take_person), target_new (self, member),
                         target_free, 0);
  lw_form_step_bind (self, row, field);
}

void
lw_form_step_unbind (LwFormStep *self, const char *prefix)
{
  LwFormStepPrivate *priv;

  g_return_if_fail (LW_IS_FORM_STEP (self));
  priv = private_of (self);
  for (guint i = priv->bindings->len; i > 0; i--)
    {
      Binding *binding = g_ptr_array_index (priv->bindings, i - 1);

      if (g_str_has_prefix (binding->field, prefix))
        g_ptr_array_remove_index (priv->bindings, i - 1);
    }
}

void
lw_form_list_set_label (GtkListBox *list, const char *label)
{
  gtk_accessible_update_property (GTK_ACCESSIBLE (list), GTK_ACCESSIBLE_PROPERTY_LABEL, label, -1);
}

GtkWidget *
lw_form_group_new (const char *title, const char *description, GtkListBox **list)
{
  GtkWidget *group = adw_preferences_group_new ();

  *list = GTK_LIST_BOX (gtk_list_box_new ());
  gtk_list_box_set_selection_mode (*list, GTK_SELECTION_NONE);
  gtk_widget_add_css_class (GTK_WIDGET (*list), "boxed-list");
  if (title != NULL)
    {
      adw_preferences_group_set_title (ADW_PREFERENCES_GROUP (group), title);
      gtk_accessible_update_property (GTK_ACCESSIBLE (*list), GTK_ACCESSIBLE_PROPERTY_LABEL, title,
                                      -1);
    }
  if (description != NULL)
    adw_preferences_group_set_description (ADW_PREFERENCES_GROUP (group), description);
  adw_preferences_group_add (ADW_PREFERENCES_GROUP (group), GTK_WIDGET (*list));
  return group;
}

static void
lw_form_step_dispose (GObject *object)
{
  LwFormStepPrivate *priv = private_of (LW_FORM_STEP (object));

  g_clear_pointer (&priv->bindings, g_ptr_array_unref);
  priv->bindings = g_ptr_array_new_with_free_func (binding_free);
  G_OBJECT_CLASS (lw_form_step_parent_class)->dispose (object);
}

static void
lw_form_step_finalize (GObject *object)
{
  LwFormStepPrivate *priv = private_of (LW_FORM_STEP (object));

  g_clear_pointer (&priv->bindings, g_ptr_array_unref);
  g_clear_object (&priv->form);
  G_OBJECT_CLASS (lw_form_step_parent_class)->finalize (object);
}

static void
lw_form_step_class_init (LwFormStepClass *klass)
{
  G_OBJECT_CLASS (klass)->dispose = lw_form_step_dispose;
  G_OBJECT_CLASS (klass)->finalize = lw_form_step_finalize;
}

static GtkLabel *
wrapped_label (const char *css_class)
{
  GtkWidget *label = gtk_label_new (NULL);

  gtk_label_set_xalign (GTK_LABEL (label), 0);
  gtk_label_set_wrap (GTK_LABEL (label), TRUE);
  gtk_label_set_wrap_mode (GTK_LABEL (label), PANGO_WRAP_WORD_CHAR);
  gtk_widget_add_css_class (label, css_class);
  return GTK_LABEL (label);
}

static void
lw_form_step_init (LwFormStep *self)
{
  LwFormStepPrivate *priv = private_of (self);
  GtkWidget *scroller = gtk_scrolled_window_new ();
  GtkWidget *texts = gtk_box_new (GTK_ORIENTATION_VERTICAL, 6);

  priv->bindings = g_ptr_array_new_with_free_func (binding_free);
  priv->question = wrapped_label ("title-2");
  priv->explanation = wrapped_label ("dim-label");
  gtk_widget_set_hexpand (texts, TRUE);
  gtk_box_append (GTK_BOX (texts), GTK_WIDGET (priv->question));
  gtk_box_append (GTK_BOX (texts), GTK_WIDGET (priv->explanation));
  priv->head = GTK_BOX (gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 12));
  gtk_box_append (priv->head, texts);
  priv->body = GTK_BOX (gtk_box_new (GTK_ORIENTATION_VERTICAL, 18));
  gtk_widget_set_margin_start (GTK_WIDGET (priv->body), 12);
  gtk_widget_set_margin_end (GTK_WIDGET (priv->body), 12);
  gtk_widget_set_margin_top (GTK_WIDGET (priv->body), 12);
  gtk_widget_set_margin_bottom (GTK_WIDGET (priv->body), 24);
  gtk_box_append (priv->body, GTK_WIDGET (priv->head));
  priv->clamp = ADW_CLAMP (adw_clamp_new ());
  adw_clamp_set_maximum_size (priv->clamp, 680);
  adw_clamp_set_child (priv->clamp, GTK_WIDGET (priv->body));
  gtk_scrolled_window_set_policy (GTK_SCROLLED_WINDOW (scroller), GTK_POLICY_NEVER,
                                  GTK_POLICY_AUTOMATIC);
  gtk_scrolled_window_set_child (GTK_SCROLLED_WINDOW (scroller), GTK_WIDGET (priv->clamp));
  gtk_widget_set_hexpand (scroller, TRUE);
  priv->column = scroller;
  adw_bin_set_child (ADW_BIN (self), scroller);
}

GtkWidget *
lw_form_step_new (GType type, LwForm *form)
{
  LwFormStep *self;
  LwFormStepPrivate *priv;

  g_return_val_if_fail (g_type_is_a (type, LW_TYPE_FORM_STEP), NULL);
  g_return_val_if_fail (LW_IS_FORM (form), NULL);
  self = g_object_new (type, NULL);
  priv = private_of (self);
  priv->form = g_object_ref (form);
  LW_FORM_STEP_GET_CLASS (self)->load (self);
  g_signal_connect_object (form, "assessed", G_CALLBACK (assessed), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (form, "policy-changed", G_CALLBACK (policy_changed), self,
                           G_CONNECT_SWAPPED);
  policy_changed (self);
  assessed (self);
  return GTK_WIDGET (self);
}
