/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "config.h"

#include "lw-form-page.h"

#include <glib/gi18n-lib.h>

#include "lw-await.h"
#include "lw-form-steps.h"
#include "lw-widgets.h"

/* A step in the list: a badge with its number or state, its name, and the answer in a few words. */
typedef struct
{
  GtkListBoxRow *row;
  GtkStack *badge;
  GtkLabel *number;
  GtkImage *state;
  GtkLabel *summary;
  LwFormStep *step;
} StepRow;

struct _LwFormPage
{
  AdwNavigationPage parent_instance;

  LwForm *form;
  StepRow rows[LW_FORM_STEPS];
  LwStep current;
  gboolean finished;

  AdwNavigationSplitView *split;
  AdwNavigationPage *content;
  AdwWindowTitle *title;
  GtkListBox *list;
  GtkStack *stack;
  GtkImage *saved_icon;
  GtkLabel *saved;
  GtkButton *back;
  GtkButton *next;
  GtkWidget *narrow_list;
};

static guint closed_signal;

G_DEFINE_FINAL_TYPE (LwFormPage, lw_form_page, ADW_TYPE_NAVIGATION_PAGE)

static const struct
{
  const char *name;
  const char *title;
} steps[LW_FORM_STEPS] = {
  { "policy", N_ ("Policy") },
  { "scope", N_ ("Scope") },
  { "reason", N_ ("Reason") },
  { "owner", N_ ("Owner and Expiry") },
  { "controls", N_ ("Compensating Controls") },
  { "check", N_ ("Check and Submit") },
};

static GType
type_of_step (LwStep step)
{
  switch (step)
    {
    case LW_FORM_POLICY:
      return LW_TYPE_STEP_POLICY;
    case LW_FORM_SCOPE:
      return LW_TYPE_STEP_SCOPE;
    case LW_FORM_REASON:
      return LW_TYPE_STEP_REASON;
    case LW_FORM_OWNER:
      return LW_TYPE_STEP_OWNER;
    case LW_FORM_CONTROLS:
      return LW_TYPE_STEP_CONTROLS;
    case LW_FORM_CHECK:
    default:
      return LW_TYPE_STEP_CHECK;
    }
}

static void
update_title (LwFormPage *self)
{
  LwRequest *request = lw_form_get_request (self->form);
  const char *title =
      request->title != NULL && *request->title != '\0' ? request->title : _ ("New Request");
  g_autofree char *subtitle = NULL;

  if (adw_navigation_split_view_get_collapsed (self->split))
    {
      subtitle = g_strdup_printf (_ ("Step %u of %u"), self->current + 1, (guint) LW_FORM_STEPS);
      adw_window_title_set_title (self->title, _ (steps[self->current].title));
    }
  else
    {
      subtitle = g_strdup (_ ("Draft"));
      adw_window_title_set_title (self->title, title);
    }
  adw_window_title_set_subtitle (self->title, subtitle);
  adw_navigation_page_set_title (ADW_NAVIGATION_PAGE (self), title);
  adw_navigation_page_set_title (self->content, _ (steps[self->current].title));
}

static const char *
state_words (LwStepState state)
{
  switch (state)
    {
    case LW_STEP_STATE_DONE:
      return _ ("done");
    case LW_STEP_STATE_ATTENTION:
      return _ ("needs attention");
    case LW_STEP_STATE_OPEN:
    default:
      return _ ("open");
    }
}

static void
update_row (LwFormPage *self, LwStep step)
{
  StepRow *row = &self->rows[step];
  LwStepState state = lw_form_get_step_state (self->form, step);
  guint problems = lw_form_count_problems (self->form, step);
  g_autofree char *summary = lw_form_step_summary (row->step);
  g_autofree char *label = NULL;

  gtk_widget_remove_css_class (GTK_WIDGET (row->badge), "done");
  gtk_widget_remove_css_class (GTK_WIDGET (row->badge), "attention");
  gtk_widget_remove_css_class (GTK_WIDGET (row->badge), "current");
  gtk_widget_remove_css_class (GTK_WIDGET (row->summary), "warning");
  if (state == LW_STEP_STATE_ATTENTION)
    {
      gtk_widget_add_css_class (GTK_WIDGET (row->badge), "attention");
      gtk_widget_add_css_class (GTK_WIDGET (row->summary), "warning");
      g_free (summary);
      summary = g_strdup_printf (
          ngettext ("%u answer to improve", "%u answers to improve", problems), problems);
    }
  else if (step == self->current)
    gtk_widget_add_css_class (GTK_WIDGET (row->badge), "current");
  else if (state == LW_STEP_STATE_DONE)
    gtk_widget_add_css_class (GTK_WIDGET (row->badge), "done");
  if (state == LW_STEP_STATE_OPEN || (state == LW_STEP_STATE_DONE && step == self->current))
    gtk_stack_set_visible_child (row->badge, GTK_WIDGET (row->number));
  else
    {
      gtk_image_set_from_icon_name (row->state, state == LW_STEP_STATE_DONE
                                                    ? "object-select-symbolic"
                                                    : "lw-attention-symbolic");
      gtk_stack_set_visible_child (row->badge, GTK_WIDGET (row->state));
    }
  gtk_label_set_text (row->summary, summary);
  gtk_widget_set_visible (GTK_WIDGET (row->summary), *summary != '\0');
  /* Translators: number and name of a step of the form, and its state */
  label = step == LW_FORM_CHECK
              ? g_strdup_printf (_ ("Step %u, %s"), step + 1, _ (steps[step].title))
              : g_strdup_printf (_ ("Step %u, %s, %s"), step + 1, _ (steps[step].title),
                                 state_words (state));
  gtk_accessible_update_property (GTK_ACCESSIBLE (row->row), GTK_ACCESSIBLE_PROPERTY_LABEL, label,
                                  GTK_ACCESSIBLE_PROPERTY_DESCRIPTION, summary, -1);
}

static void
update (LwFormPage *self)
{
  for (guint i = 0; i < LW_FORM_STEPS; i++)
    update_row (self, i);
  update_title (self);
}

static void
update_buttons (LwFormPage *self)
{
  gboolean last = self->current == LW_FORM_CHECK;
  gboolean submitting = FALSE;

  g_object_get (self->rows[LW_FORM_CHECK].step, "submitting", &submitting, NULL);
  gtk_button_set_label (self->back, self->current == LW_FORM_POLICY ? _ ("_Close") : _ ("_Back"));
  gtk_button_set_label (self->next, !last        ? _ ("_Next")
                                    : submitting ? _ ("Submitting…")
                                                 : _ ("_Submit"));
  gtk_widget_set_sensitive (GTK_WIDGET (self->next), !submitting);
  gtk_widget_set_sensitive (GTK_WIDGET (self->back), !submitting);
}

static void
show_step (LwFormPage *self, LwStep step)
{
  if (step != self->current)
    lw_form_step_leave (self->rows[self->current].step);
  self->current = step;
  gtk_stack_set_visible_child (self->stack, GTK_WIDGET (self->rows[step].step));
  gtk_list_box_select_row (self->list, self->rows[step].row);
  adw_navigation_split_view_set_show_content (self->split, TRUE);
  /* On the last step it says of all of them what is missing. */
  if (step == LW_FORM_CHECK)
    for (guint i = 0; i < LW_FORM_CHECK; i++)
      lw_form_leave_step (self->form, i);
  lw_form_step_shown (self->rows[step].step);
  update (self);
  update_buttons (self);
  dex_future_disown (lw_form_flush (self->form));
}

void
lw_form_page_show (LwFormPage *self, guint step, const char *field)
{
  g_return_if_fail (LW_IS_FORM_PAGE (self));
  g_return_if_fail (step < LW_FORM_STEPS);
  show_step (self, step);
  if (field == NULL || !lw_form_step_focus_field (self->rows[step].step, field))
    gtk_widget_child_focus (GTK_WIDGET (self->rows[step].step), GTK_DIR_TAB_FORWARD);
}

static void
row_activated (LwFormPage *self, GtkListBoxRow *row)
{
  lw_form_page_show (self, gtk_list_box_row_get_index (row), NULL);
}

static void
edit_finding (LwFormPage *self, guint step, const char *field)
{
  lw_form_page_show (self, step, field);
}

static DexFuture *
close_fiber (gpointer data)
{
  LwFormPage *self = data;
  g_autoptr (GError) error = NULL;

  if (!dex_await (lw_form_flush (self->form), &error))
    {
      lw_error_dialog (GTK_WIDGET (self), _ ("The Draft Could Not Be Saved"), error);
      return dex_future_new_for_boolean (FALSE);
    }
  lw_workspace_drafts_changed (lw_form_get_workspace (self->form));
  g_signal_emit (self, closed_signal, 0);
  return dex_future_new_for_boolean (TRUE);
}

static void
close_form (LwFormPage *self)
{
  dex_future_disown (
      dex_scheduler_spawn (NULL, 0, close_fiber, g_object_ref (self), g_object_unref));
}

static void
back_clicked (LwFormPage *self)
{
  if (self->current == LW_FORM_POLICY)
    close_form (self);
  else
    show_step (self, self->current - 1);
}

static void
next_clicked (LwFormPage *self)
{
  if (self->current == LW_FORM_CHECK)
    lw_step_check_submit (LW_STEP_CHECK (self->rows[LW_FORM_CHECK].step));
  else
    lw_form_page_show (self, self->current + 1, NULL);
}

static void
steps_clicked (LwFormPage *self)
{
  adw_navigation_split_view_set_show_content (self->split, FALSE);
}

static void
submitted (LwFormPage *self, const char *text)
{
  self->finished = TRUE;
  lw_toast (GTK_WIDGET (self), text);
  g_signal_emit (self, closed_signal, 0);
}

static DexFuture *
delete_fiber (gpointer data)
{
  LwFormPage *self = data;
  g_autoptr (GError) error = NULL;

  if (!dex_await (lw_form_finish (self->form), &error))
    {
      lw_error_dialog (GTK_WIDGET (self), _ ("The Draft Could Not Be Deleted"), error);
      return dex_future_new_for_boolean (FALSE);
    }
  self->finished = TRUE;
  lw_toast (GTK_WIDGET (self), _ ("Draft deleted"));
  g_signal_emit (self, closed_signal, 0);
  return dex_future_new_for_boolean (TRUE);
}

static void
delete_response (AdwAlertDialog *dialog, const char *response, gpointer user_data)
{
  LwFormPage *self = user_data;

  if (g_strcmp0 (response, "delete") == 0)
    dex_future_disown (
        dex_scheduler_spawn (NULL, 0, delete_fiber, g_object_ref (self), g_object_unref));
}

static void
delete_action (GtkWidget *widget, const char *name, GVariant *target)
{
  AdwAlertDialog *dialog = ADW_ALERT_DIALOG (
      lw_alert_dialog_new (_ ("Delete This Draft?"), _ ("What you wrote in it is lost.")));

  adw_alert_dialog_add_responses (dialog, "cancel", _ ("_Cancel"), "delete", _ ("_Delete"), NULL);
  adw_alert_dialog_set_response_appearance (dialog, "delete", ADW_RESPONSE_DESTRUCTIVE);
  adw_alert_dialog_set_close_response (dialog, "cancel");
  g_signal_connect_object (dialog, "response", G_CALLBACK (delete_response), widget, 0);
  adw_dialog_present (ADW_DIALOG (dialog), widget);
}

static void
step_action (GtkWidget *widget, const char *name, GVariant *target)
{
  LwFormPage *self = LW_FORM_PAGE (widget);
  int step = (int) self->current + g_variant_get_int32 (target);

  if (step >= 0 && step < LW_FORM_STEPS)
    lw_form_page_show (self, step, NULL);
}

static void
update_saved (LwFormPage *self)
{
  g_autoptr (GDateTime) at = NULL;
  g_autoptr (GError) error = NULL;
  g_autofree char *text = NULL;

  g_object_get (self->form, "saved-at", &at, "save-error", &error, NULL);
  gtk_widget_remove_css_class (GTK_WIDGET (self->saved), "error");
  if (error != NULL)
    {
      text = g_strdup_printf (_ ("Draft not saved: %s"), error->message);
      gtk_widget_add_css_class (GTK_WIDGET (self->saved), "error");
    }
  else if (at != NULL)
    {
      g_autoptr (GDateTime) local = g_date_time_to_local (at);
      g_autofree char *time = g_date_time_format (local, "%H:%M");

      text = g_strdup_printf (_ ("Draft saved at %s"), time);
    }
  gtk_label_set_text (self->saved, text != NULL ? text : "");
  gtk_widget_set_tooltip_text (GTK_WIDGET (self->saved), text);
  gtk_image_set_from_icon_name (self->saved_icon, error != NULL ? "dialog-warning-symbolic"
                                                                : "object-select-symbolic");
  gtk_widget_set_visible (GTK_WIDGET (self->saved_icon), text != NULL);
}

static void
add_step (LwFormPage *self, LwStep step)
{
  StepRow *row = &self->rows[step];
  GtkWidget *box = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 12);
  GtkWidget *texts = gtk_box_new (GTK_ORIENTATION_VERTICAL, 0);
  GtkWidget *name = gtk_label_new (_ (steps[step].title));
  g_autofree char *number = g_strdup_printf ("%u", step + 1);

  row->badge = GTK_STACK (gtk_stack_new ());
  gtk_widget_add_css_class (GTK_WIDGET (row->badge), "lw-badge-step");
  gtk_widget_set_valign (GTK_WIDGET (row->badge), GTK_ALIGN_CENTER);
  row->number = GTK_LABEL (gtk_label_new (number));
  row->state = GTK_IMAGE (gtk_image_new ());
  gtk_image_set_pixel_size (row->state, 12);
  gtk_stack_add_child (row->badge, GTK_WIDGET (row->number));
  gtk_stack_add_child (row->badge, GTK_WIDGET (row->state));
  row->summary = GTK_LABEL (gtk_label_new (NULL));
  gtk_label_set_xalign (row->summary, 0);
  gtk_label_set_ellipsize (row->summary, PANGO_ELLIPSIZE_END);
  gtk_widget_add_css_class (GTK_WIDGET (row->summary), "caption");
  gtk_widget_add_css_class (GTK_WIDGET (row->summary), "lw-summary");
  gtk_label_set_xalign (GTK_LABEL (name), 0);
  gtk_label_set_ellipsize (GTK_LABEL (name), PANGO_ELLIPSIZE_END);
  gtk_widget_add_css_class (name, "lw-step-name");
  gtk_widget_set_valign (texts, GTK_ALIGN_CENTER);
  gtk_widget_set_hexpand (texts, TRUE);
  gtk_box_append (GTK_BOX (texts), name);
  gtk_box_append (GTK_BOX (texts), GTK_WIDGET (row->summary));
  gtk_box_append (GTK_BOX (box), GTK_WIDGET (row->badge));
  gtk_box_append (GTK_BOX (box), texts);
  row->row = GTK_LIST_BOX_ROW (gtk_list_box_row_new ());
  gtk_widget_add_css_class (GTK_WIDGET (row->row), "lw-step-row");
  gtk_list_box_row_set_child (row->row, box);
  gtk_list_box_append (self->list, GTK_WIDGET (row->row));
  row->step = LW_FORM_STEP (lw_form_step_new (type_of_step (step), self->form));
  gtk_stack_add_named (self->stack, GTK_WIDGET (row->step), steps[step].name);
}

DexFuture *
lw_form_page_flush (LwFormPage *self)
{
  g_return_val_if_fail (LW_IS_FORM_PAGE (self), NULL);
  return lw_form_flush (self->form);
}

static DexFuture *
leave_fiber (gpointer data)
{
  LwForm *form = data;

  dex_await (lw_form_flush (form), NULL);
  lw_workspace_drafts_changed (lw_form_get_workspace (form));
  return dex_future_new_for_boolean (TRUE);
}

/* However the page goes away, nothing typed is lost. */
static void
lw_form_page_hidden (AdwNavigationPage *page)
{
  LwFormPage *self = LW_FORM_PAGE (page);

  if (!self->finished && self->form != NULL)
    dex_future_disown (
        dex_scheduler_spawn (NULL, 0, leave_fiber, g_object_ref (self->form), g_object_unref));
}

static void
lw_form_page_shown (AdwNavigationPage *page)
{
  LwFormPage *self = LW_FORM_PAGE (page);

  gtk_widget_child_focus (GTK_WIDGET (self->rows[self->current].step), GTK_DIR_TAB_FORWARD);
}

static void
lw_form_page_dispose (GObject *object)
{
  LwFormPage *self = LW_FORM_PAGE (object);

  if (self->form != NULL && !self->finished)
    dex_future_disown (lw_form_flush (self->form));
  gtk_widget_dispose_template (GTK_WIDGET (self), LW_TYPE_FORM_PAGE);
  g_clear_object (&self->form);
  G_OBJECT_CLASS (lw_form_page_parent_class)->dispose (object);
}

static void
lw_form_page_class_init (LwFormPageClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->dispose = lw_form_page_dispose;
  ADW_NAVIGATION_PAGE_CLASS (klass)->shown = lw_form_page_shown;
  ADW_NAVIGATION_PAGE_CLASS (klass)->hidden = lw_form_page_hidden;
  gtk_widget_class_set_template_from_resource (widget_class, "/org/leeway/Leeway/lw-form-page.ui");
  gtk_widget_class_bind_template_child (widget_class, LwFormPage, split);
  gtk_widget_class_bind_template_child (widget_class, LwFormPage, content);
  gtk_widget_class_bind_template_child (widget_class, LwFormPage, title);
  gtk_widget_class_bind_template_child (widget_class, LwFormPage, list);
  gtk_widget_class_bind_template_child (widget_class, LwFormPage, stack);
  gtk_widget_class_bind_template_child (widget_class, LwFormPage, saved_icon);
  gtk_widget_class_bind_template_child (widget_class, LwFormPage, saved);
  gtk_widget_class_bind_template_child (widget_class, LwFormPage, back);
  gtk_widget_class_bind_template_child (widget_class, LwFormPage, next);
  gtk_widget_class_bind_template_child (widget_class, LwFormPage, narrow_list);
  gtk_widget_class_bind_template_callback (widget_class, row_activated);
  gtk_widget_class_bind_template_callback (widget_class, back_clicked);
  gtk_widget_class_bind_template_callback (widget_class, next_clicked);
  gtk_widget_class_bind_template_callback (widget_class, steps_clicked);
  gtk_widget_class_bind_template_callback (widget_class, update_title);
  gtk_widget_class_install_action (widget_class, "form.delete", NULL, delete_action);
  gtk_widget_class_install_action (widget_class, "form.step", "i", step_action);
  gtk_widget_class_add_binding_action (widget_class, GDK_KEY_Page_Down, GDK_CONTROL_MASK,
                                       "form.step", "i", 1);
  gtk_widget_class_add_binding_action (widget_class, GDK_KEY_Page_Up, GDK_CONTROL_MASK, "form.step",
                                       "i", -1);
  closed_signal = g_signal_new ("closed", LW_TYPE_FORM_PAGE, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL,
                                G_TYPE_NONE, 0);
}

static void
lw_form_page_init (LwFormPage *self)
{
  gtk_widget_init_template (GTK_WIDGET (self));
}

AdwNavigationPage *
lw_form_page_new (LwWorkspace *workspace, const LwRequest *request)
{
  LwFormPage *self;

  g_return_val_if_fail (LW_IS_WORKSPACE (workspace), NULL);
  self = g_object_new (LW_TYPE_FORM_PAGE, NULL);
  self->form = lw_form_new (workspace, request);
  for (guint i = 0; i < LW_FORM_STEPS; i++)
    add_step (self, i);
  g_signal_connect_object (self->form, "assessed", G_CALLBACK (update), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (self->form, "policy-changed", G_CALLBACK (update), self,
                           G_CONNECT_SWAPPED);
  g_signal_connect_object (self->form, "notify::saved-at", G_CALLBACK (update_saved), self,
                           G_CONNECT_SWAPPED);
  g_signal_connect_object (self->form, "notify::save-error", G_CALLBACK (update_saved), self,
                           G_CONNECT_SWAPPED);
  g_signal_connect_object (self->rows[LW_FORM_CHECK].step, "edit", G_CALLBACK (edit_finding), self,
                           G_CONNECT_SWAPPED);
  g_signal_connect_object (self->rows[LW_FORM_CHECK].step, "submitted", G_CALLBACK (submitted),
                           self, G_CONNECT_SWAPPED);
  g_signal_connect_object (self->rows[LW_FORM_CHECK].step, "notify::submitting",
                           G_CALLBACK (update_buttons), self, G_CONNECT_SWAPPED);
  show_step (self, LW_FORM_POLICY);
  update_saved (self);
  return ADW_NAVIGATION_PAGE (self);
}
