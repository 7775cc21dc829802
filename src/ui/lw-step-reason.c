/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "config.h"

#include "lw-form-steps.h"

#include <glib/gi18n-lib.h>

#include "lw-date-row.h"
#include "lw-text-row.h"
#include "lw-widgets.h"

struct _LwStepReason
{
  LwFormStep parent_instance;

  GtkWidget *protects;
  GtkLabel *protects_text;
  GtkListBox *plan;
  GtkWidget *add;
};

G_DEFINE_FINAL_TYPE (LwStepReason, lw_step_reason, LW_TYPE_FORM_STEP)

static void fill_plan (LwStepReason *self);

static char *
lw_step_reason_summary (LwFormStep *step)
{
  LwRequest *request = lw_form_get_request (lw_form_step_get_form (step));

  if (request->reason->end_state_by != NULL && lw_day_is_valid (request->reason->end_state_by))
    {
      g_autofree char *text = lw_date_day_of (request->reason->end_state_by);

      return g_strdup_printf (_ ("Ends by %s"), text);
    }
  return g_strdup ("");
}

static gboolean
has_text (const char *text)
{
  return text != NULL && *text != '\0';
}

static void
lw_step_reason_policy_changed (LwFormStep *step)
{
  LwStepReason *self = LW_STEP_REASON (step);
  LwAssignment *assignment = lw_form_get_assignment (lw_form_step_get_form (step));
  g_autoptr (GString) text = g_string_new (NULL);

  if (assignment != NULL)
    {
      LwForm *form = lw_form_step_get_form (step);

      for (guint i = 0; assignment->references != NULL && i < assignment->references->len; i++)
        {
          LwPolicyReference *reference = g_ptr_array_index (assignment->references, i);
          gboolean chosen =
              !assignment->initiative || lw_form_has_reference (form, reference->reference_id);

          if (!chosen || !has_text (reference->description))
            continue;
          if (text->len > 0)
            g_string_append_c (text, '\n');
          g_string_append (text, reference->description);
        }
      if (text->len == 0 && has_text (assignment->description))
        g_string_append (text, assignment->description);
    }
  gtk_label_set_text (self->protects_text, text->str);
  gtk_widget_set_visible (self->protects, text->len > 0);
}

static void
remove_clicked (GtkButton *button, gpointer user_data)
{
  LwStepReason *self = user_data;
  LwForm *form = lw_form_step_get_form (LW_FORM_STEP (self));
  LwRequest *request = lw_form_get_request (form);
  LwRemediation *step = g_object_get_data (G_OBJECT (button), "step");
  guint at;

  if (!g_ptr_array_find (request->remediation, step, &at))
    return;
  g_ptr_array_remove_index (request->remediation, at);
  fill_plan (self);
  lw_form_changed (form);
  gtk_widget_grab_focus (self->add);
}

static void
show_step_title (AdwExpanderRow *row, LwRemediation *step, guint index)
{
  g_autofree char *fallback = g_strdup_printf (_ ("Step %u"), index + 1);
  g_autofree char *day = NULL;

  if (step->by != NULL && lw_day_is_valid (step->by))
    {
      g_autofree char *text = lw_date_day_of (step->by);

      day = g_strdup_printf (_ ("By %s"), text);
    }
  adw_preferences_row_set_title (ADW_PREFERENCES_ROW (row),
                                 has_text (step->step) ? step->step : fallback);
  adw_expander_row_set_subtitle (row, day != NULL ? day : _ ("No date yet"));
}

static void
step_changed (GtkWidget *field, gpointer user_data)
{
  AdwExpanderRow *row = user_data;

  show_step_title (row, g_object_get_data (G_OBJECT (row), "step"),
                   GPOINTER_TO_UINT (g_object_get_data (G_OBJECT (row), "index")));
}

static GtkWidget *
plan_row (LwStepReason *self, LwRemediation *remediation, guint index)
{
  LwFormStep *step = LW_FORM_STEP (self);
  GtkWidget *row = adw_expander_row_new ();
  GtkWidget *text =
      lw_text_row_new (_ ("What is done"), lw_field_max_chars ("remediation.step"), TRUE);
  GtkWidget *by = lw_date_row_new (_ ("Done by"));
  GtkWidget *link = lw_text_row_new (_ ("Link to the work item, if there is one"),
                                     lw_field_max_chars ("remediation.link"), TRUE);
  GtkWidget *remove = gtk_button_new_from_icon_name ("user-trash-symbolic");
  g_autofree char *label = g_strdup_printf (_ ("Remove step %u"), index + 1);
  g_autofree char *step_field = g_strdup_printf ("remediation[%u].step", index);
  g_autofree char *by_field = g_strdup_printf ("remediation[%u].by", index);
  g_autofree char *link_field = g_strdup_printf ("remediation[%u].link", index);

  adw_preferences_row_set_use_markup (ADW_PREFERENCES_ROW (row), FALSE);
  g_object_set_data (G_OBJECT (row), "step", remediation);
  g_object_set_data (G_OBJECT (row), "index", GUINT_TO_POINTER (index));
  lw_form_step_bind_text (step, text, &remediation->step, step_field);
  lw_form_step_bind_date (step, by, &remediation->by, by_field);
  lw_form_step_bind_text (step, link, &remediation->link, link_field);
  g_signal_connect_object (text, "changed", G_CALLBACK (step_changed), row, 0);
  g_signal_connect_object (by, "changed", G_CALLBACK (step_changed), row, 0);
  gtk_widget_add_css_class (remove, "flat");
  gtk_widget_set_valign (remove, GTK_ALIGN_CENTER);
  gtk_widget_set_tooltip_text (remove, _ ("Remove"));
  gtk_accessible_update_property (GTK_ACCESSIBLE (remove), GTK_ACCESSIBLE_PROPERTY_LABEL, label,
                                  -1);
  g_object_set_data (G_OBJECT (remove), "step", remediation);
  g_signal_connect (remove, "clicked", G_CALLBACK (remove_clicked), self);
  adw_expander_row_add_suffix (ADW_EXPANDER_ROW (row), remove);
  adw_expander_row_add_row (ADW_EXPANDER_ROW (row), text);
  adw_expander_row_add_row (ADW_EXPANDER_ROW (row), by);
  adw_expander_row_add_row (ADW_EXPANDER_ROW (row), link);
  show_step_title (ADW_EXPANDER_ROW (row), remediation, index);
  return row;
}

static void
fill_plan (LwStepReason *self)
{
  LwRequest *request = lw_form_get_request (lw_form_step_get_form (LW_FORM_STEP (self)));

  lw_form_step_unbind (LW_FORM_STEP (self), "remediation[");
  gtk_list_box_remove_all (self->plan);
  for (guint i = 0; i < request->remediation->len; i++)
    gtk_list_box_append (self->plan,
                         plan_row (self, g_ptr_array_index (request->remediation, i), i));
  gtk_list_box_append (self->plan, self->add);
}

static void
add_activated (LwStepReason *self)
{
  LwForm *form = lw_form_step_get_form (LW_FORM_STEP (self));
  LwRequest *request = lw_form_get_request (form);
  GtkListBoxRow *row;
  g_autofree char *field = g_strdup_printf ("remediation[%u].step", request->remediation->len);

  g_ptr_array_add (request->remediation, lw_remediation_new (NULL, NULL, NULL));
  fill_plan (self);
  row = gtk_list_box_get_row_at_index (self->plan, request->remediation->len - 1);
  adw_expander_row_set_expanded (ADW_EXPANDER_ROW (row), TRUE);
  lw_form_step_focus_field (LW_FORM_STEP (self), field);
  lw_form_changed (form);
}

static GtkWidget *
protects_card (LwStepReason *self)
{
  GtkWidget *card = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 12);
  GtkWidget *texts = gtk_box_new (GTK_ORIENTATION_VERTICAL, 2);
  GtkWidget *icon = gtk_image_new_from_icon_name ("lw-shield-symbolic");
  GtkWidget *title = gtk_label_new (_ ("What the policy protects"));
  GtkWidget *text = gtk_label_new (NULL);

  gtk_widget_set_valign (icon, GTK_ALIGN_START);
  gtk_widget_add_css_class (icon, "accent");
  gtk_accessible_update_state (GTK_ACCESSIBLE (icon), GTK_ACCESSIBLE_STATE_HIDDEN, TRUE, -1);
  gtk_label_set_xalign (GTK_LABEL (title), 0);
  gtk_widget_add_css_class (title, "heading");
  gtk_label_set_xalign (GTK_LABEL (text), 0);
  gtk_label_set_wrap (GTK_LABEL (text), TRUE);
  gtk_label_set_wrap_mode (GTK_LABEL (text), PANGO_WRAP_WORD_CHAR);
  gtk_label_set_lines (GTK_LABEL (text), 6);
  gtk_label_set_ellipsize (GTK_LABEL (text), PANGO_ELLIPSIZE_END);
  gtk_widget_set_hexpand (texts, TRUE);
  gtk_box_append (GTK_BOX (texts), title);
  gtk_box_append (GTK_BOX (texts), text);
  gtk_box_append (GTK_BOX (card), icon);
  gtk_box_append (GTK_BOX (card), texts);
  gtk_widget_add_css_class (card, "lw-note");
  self->protects_text = GTK_LABEL (text);
  return card;
}

static void
add_text (LwStepReason *self,
          GtkListBox *list,
          const char *caption,
          char **member,
          const char *field)
{
  GtkWidget *row = lw_text_row_new (caption, lw_field_max_chars (field), FALSE);

  lw_form_step_bind_text (LW_FORM_STEP (self), row, member, field);
  gtk_list_box_append (list, row);
}

static void
lw_step_reason_load (LwFormStep *step)
{
  LwStepReason *self = LW_STEP_REASON (step);
  LwReason *reason = lw_form_get_request (lw_form_step_get_form (step))->reason;
  GtkListBox *list;
  GtkWidget *group, *date;

  lw_form_step_set_question (
      step, _ ("Why can’t this comply yet?"),
      _ ("The approver reads this first. Say what is blocked, and when that ends."));
  self->protects = protects_card (self);
  lw_form_step_append (step, self->protects);
  group = lw_form_group_new (NULL, NULL, &list);
  lw_form_list_set_label (list, _ ("Reason"));
  add_text (self, list, _ ("What is blocked?"), &reason->blocker, "reason.blocker");
  add_text (self, list, _ ("Which protection is missing meanwhile?"), &reason->control,
            "reason.control");
  add_text (self, list, _ ("Why not comply now?"), &reason->impractical, "reason.impractical");
  add_text (self, list, _ ("How does it end?"), &reason->end_state, "reason.endState");
  date = lw_date_row_new (_ ("Ends by"));
  lw_form_step_bind_date (step, date, &reason->end_state_by, "reason.endStateBy");
  gtk_list_box_append (list, date);
  lw_form_step_append (step, group);

  group = lw_form_group_new (_ ("Steps to Get There"), NULL, &self->plan);
  self->add = adw_button_row_new ();
  g_object_ref_sink (self->add);
  adw_preferences_row_set_title (ADW_PREFERENCES_ROW (self->add), _ ("Add a Step"));
  adw_button_row_set_start_icon_name (ADW_BUTTON_ROW (self->add), "list-add-symbolic");
  g_signal_connect_swapped (self->add, "activated", G_CALLBACK (add_activated), self);
  lw_form_step_append (step, group);
  fill_plan (self);
}

static void
lw_step_reason_dispose (GObject *object)
{
  LwStepReason *self = LW_STEP_REASON (object);

  g_clear_object (&self->add);
  G_OBJECT_CLASS (lw_step_reason_parent_class)->dispose (object);
}

static void
lw_step_reason_class_init (LwStepReasonClass *klass)
{
  LwFormStepClass *step_class = LW_FORM_STEP_CLASS (klass);

  G_OBJECT_CLASS (klass)->dispose = lw_step_reason_dispose;
  step_class->step = LW_FORM_REASON;
  step_class->summary = lw_step_reason_summary;
  step_class->load = lw_step_reason_load;
  step_class->policy_changed = lw_step_reason_policy_changed;
  /* Which definitions are chosen decides what is shown as protected. */
  step_class->shown = lw_step_reason_policy_changed;
}

static void
lw_step_reason_init (LwStepReason *self)
{
}
