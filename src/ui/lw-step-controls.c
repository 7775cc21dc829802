/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "config.h"

#include "lw-form-steps.h"

#include <glib/gi18n-lib.h>

#include "lw-date-row.h"
#include "lw-evidence-list.h"
#include "lw-person-field.h"
#include "lw-text-row.h"
#include "lw-widgets.h"

struct _LwStepControls
{
  LwFormStep parent_instance;

  GtkBox *cards;
  GtkLabel *count;
  GtkLabel *count_unit;
  GPtrArray *rows;
  GSimpleActionGroup *actions;
};

G_DEFINE_FINAL_TYPE (LwStepControls, lw_step_controls, LW_TYPE_FORM_STEP)

static void fill (LwStepControls *self);

static guint
problems_of (LwStepControls *self, guint index)
{
  LwForm *form = lw_form_step_get_form (LW_FORM_STEP (self));
  GPtrArray *findings = lw_form_get_findings (form);
  g_autofree char *prefix = g_strdup_printf ("controls[%u]", index);
  guint n = 0;

  for (guint i = 0; i < findings->len; i++)
    {
      LwFinding *finding = g_ptr_array_index (findings, i);

      n += finding->severity == LW_SEVERITY_BLOCKER && g_str_has_prefix (finding->field, prefix);
    }
  return n;
}

static guint
complete (LwStepControls *self)
{
  LwRequest *request = lw_form_get_request (lw_form_step_get_form (LW_FORM_STEP (self)));
  guint n = 0;

  for (guint i = 0; i < request->controls->len; i++)
    n += problems_of (self, i) == 0;
  return n;
}

static guint
needed (LwStepControls *self)
{
  LwForm *form = lw_form_step_get_form (LW_FORM_STEP (self));

  return lw_rules_min_controls (lw_session_get_rules (lw_form_get_session (form)),
                                lw_form_get_request (form)->category);
}

static char *
lw_step_controls_summary (LwFormStep *step)
{
  LwStepControls *self = LW_STEP_CONTROLS (step);
  LwRequest *request = lw_form_get_request (lw_form_step_get_form (step));
  guint least = needed (self);

  if (request->controls->len == 0)
    return g_strdup ("");
  if (least == 0)
    return g_strdup_printf (ngettext ("%u in place", "%u in place", complete (self)),
                            complete (self));
  return g_strdup_printf (_ ("%u of %u in place"), complete (self),
                          MAX (least, request->controls->len));
}

static void
show_card (LwStepControls *self, guint index)
{
  LwRequest *request = lw_form_get_request (lw_form_step_get_form (LW_FORM_STEP (self)));
  LwControl *control = g_ptr_array_index (request->controls, index);
  AdwExpanderRow *row = g_ptr_array_index (self->rows, index);
  GtkWidget *pill = g_object_get_data (G_OBJECT (row), "pill");
  guint n = problems_of (self, index);
  gboolean named = control->objective != NULL && *control->objective != '\0';
  g_autofree char *text = NULL;

  adw_preferences_row_set_title (ADW_PREFERENCES_ROW (row),
                                 named ? control->objective
                                       : lw_control_kind_title (control->kind));
  adw_expander_row_set_subtitle (row, named ? lw_control_kind_title (control->kind) : "");
  text = n == 0 ? g_strdup (_ ("Complete"))
                : g_strdup_printf (ngettext ("%u Answer Missing", "%u Answers Missing", n), n);
  lw_pill_set (pill, text, n == 0 ? "success" : "warning");
}

static void
lw_step_controls_assessed (LwFormStep *step)
{
  LwStepControls *self = LW_STEP_CONTROLS (step);
  LwRequest *request = lw_form_get_request (lw_form_step_get_form (step));
  guint least = needed (self);
  g_autofree char *explanation = NULL;
  g_autofree char *count = NULL;

  for (guint i = 0; i < self->rows->len; i++)
    show_card (self, i);
  if (g_strcmp0 (request->category, "Mitigated") == 0)
    explanation = g_strdup_printf (
        ngettext ("A mitigated exemption needs %u control that stands in for the policy.",
                  "A mitigated exemption needs %u controls that stand in for the policy.", least),
        least);
  else
    explanation =
        g_strdup_printf (ngettext ("A waiver needs %u control that limits the risk.",
                                   "A waiver needs %u controls that limit the risk.", least),
                         least);
  lw_form_step_set_explanation (
      step, least > 0 ? explanation
                      : _ ("The rules ask for none here, but the approver will look for them."));
  count = least > 0 ? g_strdup_printf (_ ("%u of %u"), complete (self), least)
                    : g_strdup_printf ("%u", complete (self));
  gtk_label_set_text (self->count, count);
}

static void
remove_clicked (GtkButton *button, gpointer user_data)
{
  LwStepControls *self = user_data;
  LwForm *form = lw_form_step_get_form (LW_FORM_STEP (self));
  LwRequest *request = lw_form_get_request (form);
  guint at;

  if (!g_ptr_array_find (request->controls, g_object_get_data (G_OBJECT (button), "control"), &at))
    return;
  g_ptr_array_remove_index (request->controls, at);
  fill (self);
  lw_form_changed (form);
}

/* Evidence that is linked, one a line; files have a row of their own. */
static void
evidence_changed (LwTextRow *row, gpointer user_data)
{
  LwStepControls *self = user_data;
  LwControl *control = g_object_get_data (G_OBJECT (row), "control");
  g_autofree char *text = lw_text_row_get_text (row);
  g_auto (GStrv) lines = g_strsplit (text != NULL ? text : "", "\n", -1);

  for (guint i = control->evidence->len; i > 0; i--)
    {
      LwEvidence *evidence = g_ptr_array_index (control->evidence, i - 1);

      if (evidence->sha256 == NULL)
        g_ptr_array_remove_index (control->evidence, i - 1);
    }
  for (guint i = 0; lines[i] != NULL; i++)
    if (*g_strstrip (lines[i]) != '\0')
      g_ptr_array_add (control->evidence, lw_evidence_new_link (lines[i]));
  lw_form_changed (lw_form_step_get_form (LW_FORM_STEP (self)));
}

static GtkWidget *
evidence_row (LwStepControls *self, LwControl *control, guint index)
{
  GtkWidget *row = lw_text_row_new (_ ("Evidence, a link on each line"), 0, FALSE);
  g_autoptr (GString) text = g_string_new (NULL);
  g_autofree char *field = g_strdup_printf ("controls[%u].evidence**", index);

  for (guint i = 0; i < control->evidence->len; i++)
    {
      LwEvidence *evidence = g_ptr_array_index (control->evidence, i);

      if (evidence->link != NULL)
        g_string_append_printf (text, "%s%s", text->len > 0 ? "\n" : "", evidence->link);
    }
  lw_text_row_set_text (LW_TEXT_ROW (row), text->str);
  g_object_set_data (G_OBJECT (row), "control", control);
  g_signal_connect (row, "changed", G_CALLBACK (evidence_changed), self);
  lw_form_step_bind (LW_FORM_STEP (self), row, field);
  return row;
}

static void
files_changed (LwEvidenceList *list, gpointer user_data)
{
  LwStepControls *self = user_data;
  LwControl *control = g_object_get_data (G_OBJECT (list), "control");
  LwRequest *request = lw_form_get_request (lw_form_step_get_form (LW_FORM_STEP (self)));
  GPtrArray *files = lw_evidence_list_get_files (list);

  /* A file that was chosen for a control that is no more. */
  if (!g_ptr_array_find (request->controls, control, NULL))
    return;
  for (guint i = control->evidence->len; i > 0; i--)
    {
      LwEvidence *evidence = g_ptr_array_index (control->evidence, i - 1);

      if (evidence->sha256 != NULL)
        g_ptr_array_remove_index (control->evidence, i - 1);
    }
  for (guint i = 0; i < files->len; i++)
    g_ptr_array_add (control->evidence, lw_evidence_copy (g_ptr_array_index (files, i)));
  lw_form_changed (lw_form_step_get_form (LW_FORM_STEP (self)));
}

static GtkWidget *
files_row (LwStepControls *self, LwControl *control, guint index)
{
  LwForm *form = lw_form_step_get_form (LW_FORM_STEP (self));
  GtkWidget *row = adw_preferences_row_new ();
  g_autofree char *name = g_strdup_printf (_ ("Files as evidence of control %u"), index + 1);
  GtkWidget *list =
      lw_evidence_list_new (lw_form_get_workspace (form), lw_form_get_request (form)->id, name);

  lw_evidence_list_set_files (LW_EVIDENCE_LIST (list), control->evidence);
  g_object_set_data (G_OBJECT (list), "control", control);
  g_signal_connect_object (list, "changed", G_CALLBACK (files_changed), self, 0);
  gtk_widget_set_margin_start (list, 12);
  gtk_widget_set_margin_end (list, 12);
  gtk_widget_set_margin_top (list, 10);
  gtk_widget_set_margin_bottom (list, 10);
  gtk_list_box_row_set_child (GTK_LIST_BOX_ROW (row), list);
  gtk_list_box_row_set_activatable (GTK_LIST_BOX_ROW (row), FALSE);
  gtk_widget_set_focusable (row, FALSE);
  return row;
}

static void
add_text (LwStepControls *self,
          AdwExpanderRow *card,
          guint index,
          const char *caption,
          char **member,
          const char *name)
{
  g_autofree char *limit = g_strdup_printf ("controls.%s", name);
  g_autofree char *field = g_strdup_printf ("controls[%u].%s", index, name);
  GtkWidget *row = lw_text_row_new (caption, lw_field_max_chars (limit), FALSE);

  lw_form_step_bind_text (LW_FORM_STEP (self), row, member, field);
  adw_expander_row_add_row (card, row);
}

static GtkWidget *
card_new (LwStepControls *self, LwControl *control, guint index)
{
  LwFormStep *step = LW_FORM_STEP (self);
  GtkWidget *row = adw_expander_row_new ();
  GtkWidget *icon = gtk_image_new_from_icon_name (lw_control_kind_icon (control->kind));
  GtkWidget *pill = lw_pill_new ("", "neutral");
  GtkWidget *remove = gtk_button_new_from_icon_name ("user-trash-symbolic");
  GtkWidget *checker = lw_person_field_new (lw_form_get_workspace (lw_form_step_get_form (step)),
                                            _ ("Who checks it?"));
  GtkWidget *next = lw_date_row_new (_ ("Next check"));
  AdwExpanderRow *card = ADW_EXPANDER_ROW (row);
  g_autofree char *label = g_strdup_printf (_ ("Remove control %u, %s"), index + 1,
                                            lw_control_kind_title (control->kind));
  g_autofree char *checker_field = g_strdup_printf ("controls[%u].checkedBy", index);
  g_autofree char *next_field = g_strdup_printf ("controls[%u].nextCheck", index);

  adw_preferences_row_set_use_markup (ADW_PREFERENCES_ROW (row), FALSE);
  adw_expander_row_set_title_lines (card, 2);
  gtk_widget_add_css_class (icon, "lw-tile-icon");
  gtk_accessible_update_state (GTK_ACCESSIBLE (icon), GTK_ACCESSIBLE_STATE_HIDDEN, TRUE, -1);
  gtk_widget_set_valign (icon, GTK_ALIGN_CENTER);
  gtk_widget_add_css_class (remove, "flat");
  gtk_widget_set_valign (remove, GTK_ALIGN_CENTER);
  gtk_widget_set_tooltip_text (remove, _ ("Remove"));
  gtk_accessible_update_property (GTK_ACCESSIBLE (remove), GTK_ACCESSIBLE_PROPERTY_LABEL, label,
                                  -1);
  g_object_set_data (G_OBJECT (remove), "control", control);
  g_signal_connect (remove, "clicked", G_CALLBACK (remove_clicked), self);
  g_object_set_data (G_OBJECT (row), "pill", pill);
  adw_expander_row_add_prefix (card, icon);
  adw_expander_row_add_suffix (card, remove);
  adw_expander_row_add_suffix (card, pill);
  add_text (self, card, index, _ ("Objective"), &control->objective, "objective");
  add_text (self, card, index, _ ("What is done"), &control->definition, "definition");
  add_text (self, card, index, _ ("Residual risk"), &control->residual_risk, "residualRisk");
  add_text (self, card, index, _ ("How it is validated"), &control->validation, "validation");
  add_text (self, card, index, _ ("How it is kept up"), &control->maintenance, "maintenance");
  lw_form_step_bind_person (step, checker, &control->checked_by, checker_field);
  adw_expander_row_add_row (card, checker);
  lw_form_step_bind_date (step, next, &control->next_check, next_field);
  adw_expander_row_add_row (card, next);
  adw_expander_row_add_row (card, evidence_row (self, control, index));
  adw_expander_row_add_row (card, files_row (self, control, index));
  return row;
}

static void
fill (LwStepControls *self)
{
  LwRequest *request = lw_form_get_request (lw_form_step_get_form (LW_FORM_STEP (self)));
  GtkWidget *child;

  lw_form_step_unbind (LW_FORM_STEP (self), "controls[");
  g_ptr_array_set_size (self->rows, 0);
  while ((child = gtk_widget_get_first_child (GTK_WIDGET (self->cards))) != NULL)
    gtk_box_remove (self->cards, child);
  for (guint i = 0; i < request->controls->len; i++)
    {
      GtkWidget *list = gtk_list_box_new ();
      GtkWidget *card = card_new (self, g_ptr_array_index (request->controls, i), i);
      g_autofree char *label = g_strdup_printf (_ ("Control %u"), i + 1);

      gtk_list_box_set_selection_mode (GTK_LIST_BOX (list), GTK_SELECTION_NONE);
      gtk_widget_add_css_class (list, "boxed-list");
      gtk_accessible_update_property (GTK_ACCESSIBLE (list), GTK_ACCESSIBLE_PROPERTY_LABEL, label,
                                      -1);
      gtk_list_box_append (GTK_LIST_BOX (list), card);
      gtk_box_append (self->cards, list);
      g_ptr_array_add (self->rows, card);
      show_card (self, i);
    }
}

static void
add_action (GSimpleAction *action, GVariant *parameter, gpointer user_data)
{
  LwStepControls *self = user_data;
  LwForm *form = lw_form_step_get_form (LW_FORM_STEP (self));
  LwRequest *request = lw_form_get_request (form);
  guint index = request->controls->len;
  g_autofree char *field = g_strdup_printf ("controls[%u].objective", index);

  g_ptr_array_add (request->controls, lw_control_new (g_variant_get_string (parameter, NULL)));
  fill (self);
  lw_form_changed (form);
  lw_form_step_focus_field (LW_FORM_STEP (self), field);
}

static GtkWidget *
add_button (LwStepControls *self)
{
  GtkWidget *button = gtk_menu_button_new ();
  GtkWidget *content = adw_button_content_new ();
  g_autoptr (GMenu) menu = g_menu_new ();
  const char *const *kinds = lw_control_kinds ();

  for (guint i = 0; kinds[i] != NULL; i++)
    {
      g_autoptr (GMenuItem) item = g_menu_item_new (lw_control_kind_title (kinds[i]), NULL);

      g_menu_item_set_action_and_target (item, "controls.add", "s", kinds[i]);
      g_menu_append_item (menu, item);
    }
  adw_button_content_set_icon_name (ADW_BUTTON_CONTENT (content), "list-add-symbolic");
  adw_button_content_set_label (ADW_BUTTON_CONTENT (content), _ ("Add Control"));
  gtk_menu_button_set_child (GTK_MENU_BUTTON (button), content);
  gtk_menu_button_set_menu_model (GTK_MENU_BUTTON (button), G_MENU_MODEL (menu));
  gtk_accessible_update_property (GTK_ACCESSIBLE (button), GTK_ACCESSIBLE_PROPERTY_LABEL,
                                  _ ("Add Control"), -1);
  gtk_widget_add_css_class (button, "lw-add");
  return button;
}

static void
lw_step_controls_load (LwFormStep *step)
{
  LwStepControls *self = LW_STEP_CONTROLS (step);
  GtkWidget *aside = gtk_box_new (GTK_ORIENTATION_VERTICAL, 2);

  lw_form_step_set_width (step, 760);
  lw_form_step_set_question (step, _ ("What protects it meanwhile?"), "");
  self->count = GTK_LABEL (gtk_label_new (NULL));
  gtk_widget_add_css_class (GTK_WIDGET (self->count), "title-2");
  gtk_widget_add_css_class (GTK_WIDGET (self->count), "numeric");
  gtk_label_set_xalign (self->count, 1);
  self->count_unit = GTK_LABEL (gtk_label_new (_ ("in place")));
  gtk_widget_add_css_class (GTK_WIDGET (self->count_unit), "caption");
  gtk_widget_add_css_class (GTK_WIDGET (self->count_unit), "dim-label");
  gtk_label_set_xalign (self->count_unit, 1);
  gtk_box_append (GTK_BOX (aside), GTK_WIDGET (self->count));
  gtk_box_append (GTK_BOX (aside), GTK_WIDGET (self->count_unit));
  lw_form_step_set_aside (step, aside);
  self->cards = GTK_BOX (gtk_box_new (GTK_ORIENTATION_VERTICAL, 12));
  lw_form_step_append (step, GTK_WIDGET (self->cards));
  lw_form_step_append (step, add_button (self));
  gtk_widget_insert_action_group (GTK_WIDGET (self), "controls", G_ACTION_GROUP (self->actions));
  fill (self);
}

static void
lw_step_controls_finalize (GObject *object)
{
  LwStepControls *self = LW_STEP_CONTROLS (object);

  g_clear_pointer (&self->rows, g_ptr_array_unref);
  g_clear_object (&self->actions);
  G_OBJECT_CLASS (lw_step_controls_parent_class)->finalize (object);
}

static void
lw_step_controls_class_init (LwStepControlsClass *klass)
{
  LwFormStepClass *step_class = LW_FORM_STEP_CLASS (klass);

  G_OBJECT_CLASS (klass)->finalize = lw_step_controls_finalize;
  step_class->step = LW_FORM_CONTROLS;
  step_class->summary = lw_step_controls_summary;
  step_class->load = lw_step_controls_load;
  step_class->assessed = lw_step_controls_assessed;
}

static void
lw_step_controls_init (LwStepControls *self)
{
  const GActionEntry entries[] = { { "add", add_action, "s" } };

  self->rows = g_ptr_array_new ();
  self->actions = g_simple_action_group_new ();
  g_action_map_add_action_entries (G_ACTION_MAP (self->actions), entries, G_N_ELEMENTS (entries),
                                   self);
}
