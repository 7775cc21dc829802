/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "config.h"

#include "lw-form-steps.h"

#include <glib/gi18n-lib.h>

#include "lw-assignment-picker.h"
#include "lw-text-row.h"
#include "lw-widgets.h"

struct _LwStepPolicy
{
  LwFormStep parent_instance;

  GtkWidget *policy_row;
  GtkWidget *policy_pill;
  GtkButton *choose;
  GtkWidget *problem;
  GtkLabel *problem_text;
  GtkWidget *by_id;
  AdwEntryRow *by_id_row;
  GtkWidget *head;
  GtkLabel *counted;
  AdwToggleGroup *filter;
  GtkBox *groups;
  GtkWidget *whole_group;
  AdwSwitchRow *whole;
  GtkWidget *why;
  LwAssignment *shown;
  gboolean loading;
  gboolean whole_chosen;
};

G_DEFINE_FINAL_TYPE (LwStepPolicy, lw_step_policy, LW_TYPE_FORM_STEP)

static LwForm *
form_of (LwStepPolicy *self)
{
  return lw_form_step_get_form (LW_FORM_STEP (self));
}

static guint
count_chosen (LwForm *form)
{
  LwRequest *request = lw_form_get_request (form);
  LwGrant *grant = request->grants->len > 0 ? g_ptr_array_index (request->grants, 0) : NULL;

  return grant != NULL ? grant->references->len : 0;
}

static const char *
policy_name (LwForm *form)
{
  LwRequest *request = lw_form_get_request (form);
  LwGrant *grant = request->grants->len > 0 ? g_ptr_array_index (request->grants, 0) : NULL;

  return grant != NULL && grant->policy_name != NULL ? grant->policy_name : "";
}

static char *
lw_step_policy_summary (LwFormStep *step)
{
  LwForm *form = lw_form_step_get_form (step);
  LwAssignment *assignment = lw_form_get_assignment (form);
  guint chosen = count_chosen (form);

  if (assignment == NULL || !assignment->initiative || assignment->references == NULL)
    return g_strdup (policy_name (form));
  if (chosen == 0)
    return LW_STEP_POLICY (step)->whole_chosen ? g_strdup (_ ("Whole initiative"))
                                               : g_strdup (policy_name (form));
  if (!assignment->definition_known)
    return g_strdup_printf (ngettext ("%u definition", "%u definitions", chosen), chosen);
  return g_strdup_printf (
      ngettext ("%u of %u definition", "%u of %u definitions", assignment->references->len), chosen,
      assignment->references->len);
}

static void
policy_chosen (LwStepPolicy *self, LwAssignment *assignment)
{
  self->whole_chosen = FALSE;
  lw_form_set_policy (form_of (self), assignment);
}

static void
choose_clicked (LwStepPolicy *self)
{
  AdwDialog *picker = lw_assignment_picker_new (lw_form_get_workspace (form_of (self)));

  g_signal_connect_object (picker, "chosen", G_CALLBACK (policy_chosen), self, G_CONNECT_SWAPPED);
  adw_dialog_present (picker, GTK_WIDGET (self));
}

static void
try_again (LwStepPolicy *self)
{
  lw_form_load_assignment (form_of (self));
}

static void
update_count (LwStepPolicy *self)
{
  LwForm *form = form_of (self);
  LwAssignment *assignment = lw_form_get_assignment (form);
  guint chosen = count_chosen (form), fail = 0, total;
  g_autofree char *text = NULL;

  if (assignment == NULL || assignment->references == NULL)
    return;
  total = assignment->references->len;
  for (guint i = 0; i < total; i++)
    {
      LwPolicyReference *reference = g_ptr_array_index (assignment->references, i);

      fail += lw_form_has_reference (form, reference->reference_id) &&
              lw_form_reference_fails (form, reference->reference_id);
    }
  if (chosen > 0 && fail == chosen && chosen > 1)
    text = g_strdup_printf (_ ("%u of %u selected. All of them fail for you."), chosen, total);
  else if (chosen == 1 && fail == 1)
    text = g_strdup_printf (_ ("1 of %u selected. It fails for you."), total);
  else if (chosen > 0 && lw_form_get_failing (form) != NULL)
    text = g_strdup_printf (_ ("%u of %u selected, %u of them fail for you."), chosen, total, fail);
  else
    text = g_strdup_printf (_ ("%u of %u selected."), chosen, total);
  gtk_label_set_text (self->counted, text);
}

static void
reference_toggled (GtkCheckButton *check, gpointer user_data)
{
  LwStepPolicy *self = user_data;
  const char *reference = g_object_get_data (G_OBJECT (check), "reference");

  if (self->loading)
    return;
  lw_form_set_reference (form_of (self), reference, gtk_check_button_get_active (check));
  update_count (self);
  lw_form_changed (form_of (self));
}

static GtkWidget *
reference_row (LwStepPolicy *self, LwPolicyReference *reference)
{
  LwForm *form = form_of (self);
  GtkWidget *row = adw_action_row_new ();
  GtkWidget *check = gtk_check_button_new ();
  const char *title =
      reference->display_name != NULL ? reference->display_name : reference->reference_id;
  g_autofree char *subtitle =
      g_strdup_printf ("%s, %s", reference->reference_id, lw_effect_title (reference->effect));
  gboolean fails = lw_form_reference_fails (form, reference->reference_id);

  gtk_widget_set_valign (check, GTK_ALIGN_CENTER);
  gtk_check_button_set_active (GTK_CHECK_BUTTON (check),
                               lw_form_has_reference (form, reference->reference_id));
  g_object_set_data_full (G_OBJECT (check), "reference", g_strdup (reference->reference_id),
                          g_free);
  g_signal_connect (check, "toggled", G_CALLBACK (reference_toggled), self);
  gtk_accessible_update_property (GTK_ACCESSIBLE (check), GTK_ACCESSIBLE_PROPERTY_LABEL, title,
                                  GTK_ACCESSIBLE_PROPERTY_DESCRIPTION, subtitle, -1);
  adw_preferences_row_set_use_markup (ADW_PREFERENCES_ROW (row), FALSE);
  adw_preferences_row_set_title (ADW_PREFERENCES_ROW (row), title);
  adw_action_row_set_subtitle (ADW_ACTION_ROW (row), subtitle);
  adw_action_row_add_prefix (ADW_ACTION_ROW (row), check);
  adw_action_row_set_activatable_widget (ADW_ACTION_ROW (row), check);
  if (reference->description != NULL)
    gtk_widget_set_tooltip_text (row, reference->description);
  if (fails)
    adw_action_row_add_suffix (ADW_ACTION_ROW (row), lw_pill_new (_ ("Fails for You"), "error"));
  else if (lw_form_get_failing (form) != NULL)
    {
      GtkWidget *passes = gtk_label_new (_ ("Passes"));

      gtk_widget_add_css_class (passes, "caption");
      gtk_widget_add_css_class (passes, "dim-label");
      adw_action_row_add_suffix (ADW_ACTION_ROW (row), passes);
    }
  return row;
}

static const char *
group_of (LwAssignment *assignment, LwPolicyReference *reference)
{
  const char *group = reference->groups != NULL && reference->groups->len > 0
                          ? g_ptr_array_index (reference->groups, 0)
                          : NULL;
  const char *name = group != NULL && assignment->group_names != NULL
                         ? g_hash_table_lookup (assignment->group_names, group)
                         : NULL;

  if (name != NULL)
    return name;
  if (group != NULL)
    return group;
  return reference->category != NULL ? reference->category : _ ("Definitions");
}

static gboolean
stands_out (LwForm *form, LwPolicyReference *reference)
{
  return lw_form_reference_fails (form, reference->reference_id) ||
         lw_form_has_reference (form, reference->reference_id);
}

/* The groups of the initiative in its own order. (transfer container) */
static GPtrArray *
group_names (LwAssignment *assignment)
{
  GPtrArray *names = g_ptr_array_new ();

  for (guint i = 0; i < assignment->references->len; i++)
    {
      const char *name = group_of (assignment, g_ptr_array_index (assignment->references, i));

      if (!g_ptr_array_find_with_equal_func (names, name, g_str_equal, NULL))
        g_ptr_array_add (names, (gpointer) name);
    }
  return names;
}

/* A group with something that fails is open; the others are folded into one row each. */
static void
add_group (LwStepPolicy *self,
           LwAssignment *assignment,
           const char *name,
           GtkListBox **folded,
           gboolean only_failing)
{
  LwForm *form = form_of (self);
  gboolean open = lw_form_get_failing (form) == NULL;
  guint n = 0;
  GtkListBox *list;
  GtkWidget *group, *expander;
  g_autofree char *subtitle = NULL;

  for (guint i = 0; i < assignment->references->len; i++)
    {
      LwPolicyReference *reference = g_ptr_array_index (assignment->references, i);

      if (g_strcmp0 (group_of (assignment, reference), name) != 0)
        continue;
      n++;
      open |= stands_out (form, reference);
    }
  if (open)
    {
      group = lw_form_group_new (name, NULL, &list);
      *folded = NULL;
      n = 0;
      for (guint i = 0; i < assignment->references->len; i++)
        {
          LwPolicyReference *reference = g_ptr_array_index (assignment->references, i);

          if (g_strcmp0 (group_of (assignment, reference), name) != 0 ||
              (only_failing && !stands_out (form, reference)))
            continue;
          gtk_list_box_append (list, reference_row (self, reference));
          n++;
        }
      g_object_ref_sink (group);
      if (n > 0)
        gtk_box_append (self->groups, group);
      g_object_unref (group);
      return;
    }
  if (only_failing)
    return;
  if (*folded == NULL)
    {
      group = lw_form_group_new (NULL, NULL, folded);
      gtk_box_append (self->groups, group);
    }
  expander = adw_expander_row_new ();
  subtitle = g_strdup_printf (ngettext ("%u definition, passes", "%u definitions, all pass", n), n);
  adw_preferences_row_set_use_markup (ADW_PREFERENCES_ROW (expander), FALSE);
  adw_preferences_row_set_title (ADW_PREFERENCES_ROW (expander), name);
  adw_expander_row_set_subtitle (ADW_EXPANDER_ROW (expander), subtitle);
  for (guint i = 0; i < assignment->references->len; i++)
    {
      LwPolicyReference *reference = g_ptr_array_index (assignment->references, i);

      if (g_strcmp0 (group_of (assignment, reference), name) == 0)
        adw_expander_row_add_row (ADW_EXPANDER_ROW (expander), reference_row (self, reference));
    }
  gtk_list_box_append (*folded, expander);
}

static void
fill_groups (LwStepPolicy *self)
{
  LwForm *form = form_of (self);
  LwAssignment *assignment = lw_form_get_assignment (form);
  gboolean only_failing =
      g_strcmp0 (adw_toggle_group_get_active_name (self->filter), "failing") == 0;
  g_autoptr (GPtrArray) names = NULL;
  GtkListBox *folded = NULL;
  GtkWidget *child;

  while ((child = gtk_widget_get_first_child (GTK_WIDGET (self->groups))) != NULL)
    gtk_box_remove (self->groups, child);
  if (assignment == NULL || !assignment->initiative || assignment->references == NULL)
    return;
  self->loading = TRUE;
  names = group_names (assignment);
  for (guint i = 0; i < names->len; i++)
    add_group (self, assignment, g_ptr_array_index (names, i), &folded, only_failing);
  self->loading = FALSE;
}

static void
filter_changed (LwStepPolicy *self)
{
  if (!self->loading)
    fill_groups (self);
}

static void
why_changed (LwTextRow *row, gpointer user_data)
{
  LwStepPolicy *self = user_data;
  g_autofree char *text = lw_text_row_get_text (row);

  lw_form_set_why (form_of (self), text);
  lw_form_changed (form_of (self));
}

static void
show_whole (LwStepPolicy *self)
{
  gboolean whole = adw_switch_row_get_active (self->whole);

  gtk_widget_set_visible (self->why, whole);
  gtk_widget_set_sensitive (GTK_WIDGET (self->groups), !whole);
}

static void
whole_toggled (LwStepPolicy *self)
{
  if (self->loading)
    return;
  self->whole_chosen = adw_switch_row_get_active (self->whole);
  if (self->whole_chosen)
    {
      lw_form_clear_references (form_of (self));
      fill_groups (self);
      update_count (self);
    }
  show_whole (self);
  lw_form_changed (form_of (self));
}

static void
show_policy (LwStepPolicy *self)
{
  LwForm *form = form_of (self);
  LwAssignment *assignment = lw_form_get_assignment (form);
  const char *name = policy_name (form);
  const GError *error = lw_form_get_assignment_error (form);
  g_autofree char *described = NULL;

  if (assignment != NULL)
    described = lw_assignment_describe (lw_form_get_workspace (form), assignment);
  adw_preferences_row_set_title (ADW_PREFERENCES_ROW (self->policy_row),
                                 *name != '\0' ? name : _ ("No policy chosen yet"));
  adw_action_row_set_subtitle (ADW_ACTION_ROW (self->policy_row),
                               described != NULL ? described
                               : *name != '\0'   ? _ ("Reading it from Azure…")
                                                 : _ ("Search all assignments that you can see"));
  gtk_button_set_label (self->choose, *name != '\0' ? _ ("Change…") : _ ("Choose…"));
  gtk_widget_set_visible (self->policy_pill, assignment != NULL);
  if (assignment != NULL)
    {
      gboolean enforced = assignment->enforcement_mode == NULL ||
                          g_ascii_strcasecmp (assignment->enforcement_mode, "Default") == 0;

      lw_pill_set (self->policy_pill, enforced ? _ ("Enforced") : _ ("Not Enforced"),
                   enforced ? "neutral" : "warning");
    }
  gtk_widget_set_visible (self->problem,
                          error != NULL || (assignment != NULL && assignment->references != NULL &&
                                            !assignment->definition_known));
  if (error != NULL)
    {
      adw_action_row_set_subtitle (ADW_ACTION_ROW (self->policy_row), "");
      gtk_label_set_text (self->problem_text, error->message);
    }
  else
    gtk_label_set_text (self->problem_text,
                        _ ("You may not read all that this initiative is made of. Below is what "
                           "Azure says fails where you may read."));
  gtk_widget_set_visible (self->by_id, error == NULL && assignment != NULL &&
                                           assignment->initiative &&
                                           !assignment->definition_known);
}

static void
lw_step_policy_policy_changed (LwFormStep *step)
{
  LwStepPolicy *self = LW_STEP_POLICY (step);
  LwForm *form = lw_form_step_get_form (step);
  LwAssignment *assignment = lw_form_get_assignment (form);
  gboolean initiative = assignment != NULL && assignment->initiative &&
                        assignment->references != NULL && assignment->references->len > 0;
  LwRules *rules = lw_session_get_rules (lw_form_get_session (form));

  show_policy (self);
  gtk_widget_set_visible (self->head, initiative);
  gtk_widget_set_visible (GTK_WIDGET (self->groups), initiative);
  gtk_widget_set_visible (self->whole_group,
                          initiative && lw_rules_whole_initiative_allowed (rules));
  if (!initiative)
    return;
  self->loading = TRUE;
  if (self->shown == NULL || !lw_arm_id_equal (self->shown->id, assignment->id))
    adw_toggle_group_set_active_name (self->filter, "all");
  g_clear_pointer (&self->shown, lw_assignment_unref);
  self->shown = lw_assignment_ref (assignment);
  gtk_widget_set_visible (GTK_WIDGET (self->filter), lw_form_get_failing (form) != NULL);
  if (count_chosen (form) > 0)
    self->whole_chosen = FALSE;
  adw_switch_row_set_active (self->whole, self->whole_chosen);
  self->loading = FALSE;
  {
    g_autofree char *subtitle = g_strdup_printf (ngettext ("Its %u definition. Needs a reason.",
                                                           "All %u definitions. Needs a reason.",
                                                           assignment->references->len),
                                                 assignment->references->len);

    adw_action_row_set_subtitle (ADW_ACTION_ROW (self->whole), subtitle);
  }
  lw_text_row_set_text (LW_TEXT_ROW (self->why), lw_form_get_why (form));
  fill_groups (self);
  update_count (self);
  show_whole (self);
}

static void
by_id_applied (LwStepPolicy *self)
{
  g_autofree char *id = g_strstrip (g_strdup (gtk_editable_get_text (GTK_EDITABLE (self->by_id_row))));

  if (*id == '\0')
    return;
  gtk_editable_set_text (GTK_EDITABLE (self->by_id_row), "");
  lw_form_set_reference (form_of (self), id, TRUE);
  update_count (self);
  lw_form_changed (form_of (self));
}

/* A definition that blocks what does not exist yet is in no compliance row; the error names it. */
static GtkWidget *
by_id_group (LwStepPolicy *self)
{
  GtkListBox *list;
  GtkWidget *group = lw_form_group_new (NULL, NULL, &list);

  self->by_id_row = ADW_ENTRY_ROW (adw_entry_row_new ());
  adw_preferences_row_set_title (ADW_PREFERENCES_ROW (self->by_id_row),
                                 _ ("Add by its reference id, as an error message names it"));
  adw_entry_row_set_show_apply_button (self->by_id_row, TRUE);
  g_signal_connect_swapped (self->by_id_row, "apply", G_CALLBACK (by_id_applied), self);
  gtk_list_box_append (list, GTK_WIDGET (self->by_id_row));
  return group;
}

static GtkWidget *
problem_box (LwStepPolicy *self)
{
  GtkWidget *box = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 12);
  GtkWidget *icon = gtk_image_new_from_icon_name ("dialog-warning-symbolic");
  GtkWidget *label = gtk_label_new (NULL);
  GtkWidget *button = gtk_button_new_with_mnemonic (_ ("_Try Again"));

  gtk_label_set_xalign (GTK_LABEL (label), 0);
  gtk_label_set_wrap (GTK_LABEL (label), TRUE);
  gtk_widget_set_hexpand (label, TRUE);
  gtk_widget_set_valign (button, GTK_ALIGN_CENTER);
  gtk_accessible_update_state (GTK_ACCESSIBLE (icon), GTK_ACCESSIBLE_STATE_HIDDEN, TRUE, -1);
  g_signal_connect_swapped (button, "clicked", G_CALLBACK (try_again), self);
  gtk_box_append (GTK_BOX (box), icon);
  gtk_box_append (GTK_BOX (box), label);
  gtk_box_append (GTK_BOX (box), button);
  gtk_widget_add_css_class (box, "lw-hint");
  gtk_widget_add_css_class (box, "warning");
  gtk_widget_set_visible (box, FALSE);
  self->problem_text = GTK_LABEL (label);
  return box;
}

static GtkWidget *
definitions_head (LwStepPolicy *self)
{
  GtkWidget *head = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 12);
  GtkWidget *texts = gtk_box_new (GTK_ORIENTATION_VERTICAL, 2);
  GtkWidget *title = gtk_label_new (_ ("Definitions"));
  AdwToggle *failing = adw_toggle_new ();
  AdwToggle *all = adw_toggle_new ();

  gtk_label_set_xalign (GTK_LABEL (title), 0);
  gtk_widget_add_css_class (title, "title-4");
  self->counted = GTK_LABEL (gtk_label_new (NULL));
  gtk_label_set_xalign (self->counted, 0);
  gtk_label_set_wrap (self->counted, TRUE);
  gtk_widget_add_css_class (GTK_WIDGET (self->counted), "caption");
  gtk_widget_add_css_class (GTK_WIDGET (self->counted), "dim-label");
  gtk_widget_set_hexpand (texts, TRUE);
  gtk_box_append (GTK_BOX (texts), title);
  gtk_box_append (GTK_BOX (texts), GTK_WIDGET (self->counted));
  self->filter = ADW_TOGGLE_GROUP (adw_toggle_group_new ());
  adw_toggle_set_name (failing, "failing");
  adw_toggle_set_label (failing, _ ("Failing"));
  adw_toggle_set_name (all, "all");
  adw_toggle_set_label (all, _ ("All"));
  adw_toggle_group_add (self->filter, failing);
  adw_toggle_group_add (self->filter, all);
  adw_toggle_group_set_active_name (self->filter, "all");
  gtk_widget_set_valign (GTK_WIDGET (self->filter), GTK_ALIGN_CENTER);
  g_signal_connect_swapped (self->filter, "notify::active", G_CALLBACK (filter_changed), self);
  gtk_box_append (GTK_BOX (head), texts);
  gtk_box_append (GTK_BOX (head), GTK_WIDGET (self->filter));
  return head;
}

static void
lw_step_policy_load (LwFormStep *step)
{
  LwStepPolicy *self = LW_STEP_POLICY (step);
  LwForm *form = lw_form_step_get_form (step);
  LwRequest *request = lw_form_get_request (form);
  GtkListBox *list;
  GtkWidget *group, *title, *icon;

  self->whole_chosen = count_chosen (form) == 0 && lw_form_get_why (form) != NULL;
  lw_form_step_set_question (
      step, _ ("Which policy is in the way?"),
      _ ("Only the definitions you tick are exempted. The others go on protecting the resource."));
  group = lw_form_group_new (NULL, NULL, &list);
  title = lw_text_row_new (_ ("Title of the request"), lw_field_max_chars ("title"), TRUE);
  lw_form_step_bind_text (step, title, &request->title, "title");
  gtk_list_box_append (list, title);
  self->policy_row = adw_action_row_new ();
  adw_preferences_row_set_use_markup (ADW_PREFERENCES_ROW (self->policy_row), FALSE);
  icon = gtk_image_new_from_icon_name ("lw-shield-symbolic");
  gtk_accessible_update_state (GTK_ACCESSIBLE (icon), GTK_ACCESSIBLE_STATE_HIDDEN, TRUE, -1);
  adw_action_row_add_prefix (ADW_ACTION_ROW (self->policy_row), icon);
  self->policy_pill = lw_pill_new ("", "neutral");
  adw_action_row_add_suffix (ADW_ACTION_ROW (self->policy_row), self->policy_pill);
  self->choose = GTK_BUTTON (gtk_button_new ());
  gtk_widget_set_valign (GTK_WIDGET (self->choose), GTK_ALIGN_CENTER);
  gtk_accessible_update_property (GTK_ACCESSIBLE (self->choose), GTK_ACCESSIBLE_PROPERTY_LABEL,
                                  _ ("Choose a policy"), -1);
  g_signal_connect_swapped (self->choose, "clicked", G_CALLBACK (choose_clicked), self);
  adw_action_row_add_suffix (ADW_ACTION_ROW (self->policy_row), GTK_WIDGET (self->choose));
  gtk_list_box_append (list, self->policy_row);
  lw_form_step_append (step, group);
  self->problem = problem_box (self);
  lw_form_step_append (step, self->problem);

  self->head = definitions_head (self);
  lw_form_step_append (step, self->head);
  self->groups = GTK_BOX (gtk_box_new (GTK_ORIENTATION_VERTICAL, 18));
  lw_form_step_append (step, GTK_WIDGET (self->groups));
  self->by_id = by_id_group (self);
  gtk_widget_set_visible (self->by_id, FALSE);
  lw_form_step_append (step, self->by_id);

  self->whole_group = lw_form_group_new (NULL, NULL, &list);
  self->whole = ADW_SWITCH_ROW (adw_switch_row_new ());
  adw_preferences_row_set_title (ADW_PREFERENCES_ROW (self->whole),
                                 _ ("Exempt the whole initiative"));
  g_signal_connect_swapped (self->whole, "notify::active", G_CALLBACK (whole_toggled), self);
  gtk_list_box_append (list, GTK_WIDGET (self->whole));
  self->why = lw_text_row_new (_ ("Why all of it?"), lw_field_max_chars ("grants.why"), FALSE);
  g_signal_connect (self->why, "changed", G_CALLBACK (why_changed), self);
  gtk_list_box_append (list, self->why);
  lw_form_step_append (step, self->whole_group);
}

static void
lw_step_policy_shown (LwFormStep *step)
{
  LwStepPolicy *self = LW_STEP_POLICY (step);

  lw_text_row_set_text (LW_TEXT_ROW (self->why), lw_form_get_why (lw_form_step_get_form (step)));
}

static void
lw_step_policy_assessed (LwFormStep *step)
{
  LwStepPolicy *self = LW_STEP_POLICY (step);
  LwForm *form = lw_form_step_get_form (step);
  const LwFinding *finding = lw_form_find (form, "grants[*].assignment");
  const LwFinding *references = lw_form_find (form, "grants[*].references");
  gboolean left = lw_form_was_left (form, LW_FORM_POLICY);

  if (left && finding != NULL)
    gtk_widget_add_css_class (self->policy_row, "error");
  else
    gtk_widget_remove_css_class (self->policy_row, "error");
  if (left && references != NULL && references->severity == LW_SEVERITY_BLOCKER)
    gtk_widget_add_css_class (GTK_WIDGET (self->counted), "error");
  else
    gtk_widget_remove_css_class (GTK_WIDGET (self->counted), "error");
  lw_field_row_set_finding (LW_FIELD_ROW (self->why), lw_form_find (form, "grants[*].why"));
}

static void
lw_step_policy_finalize (GObject *object)
{
  LwStepPolicy *self = LW_STEP_POLICY (object);

  g_clear_pointer (&self->shown, lw_assignment_unref);
  G_OBJECT_CLASS (lw_step_policy_parent_class)->finalize (object);
}

static void
lw_step_policy_class_init (LwStepPolicyClass *klass)
{
  LwFormStepClass *step_class = LW_FORM_STEP_CLASS (klass);

  G_OBJECT_CLASS (klass)->finalize = lw_step_policy_finalize;
  step_class->step = LW_FORM_POLICY;
  step_class->summary = lw_step_policy_summary;
  step_class->load = lw_step_policy_load;
  step_class->assessed = lw_step_policy_assessed;
  step_class->policy_changed = lw_step_policy_policy_changed;
  step_class->shown = lw_step_policy_shown;
}

static void
lw_step_policy_init (LwStepPolicy *self)
{
}
