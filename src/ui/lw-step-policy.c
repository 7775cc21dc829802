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
  GtkWidget *head;
  GtkLabel *counted;
  AdwToggleGroup *filter;
  GtkBox *groups;
  GtkWidget *whole_group;
  AdwSwitchRow *whole;
  GtkWidget *why;
  LwAssignment *shown;
  GPtrArray *references; /* (element-type Reference) */
  GtkWidget *other_group;
  GtkWidget *other;
  gboolean loading;
  gboolean whole_chosen;
};

/* A definition of the initiative as far as it is known. */
typedef struct
{
  char *id;
  char *title;
  char *effect;
  char *description;
  char *group;
} Reference;

static void
reference_free (gpointer data)
{
  Reference *reference = data;

  g_free (reference->id);
  g_free (reference->title);
  g_free (reference->effect);
  g_free (reference->description);
  g_free (reference->group);
  g_free (reference);
}

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

  if (assignment == NULL || !assignment->initiative)
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
  guint chosen = count_chosen (form), fail = 0, failing = 0, total = self->references->len;
  g_autofree char *text = NULL;

  for (guint i = 0; i < total; i++)
    {
      Reference *reference = g_ptr_array_index (self->references, i);

      failing += lw_form_reference_fails (form, reference->id);
      fail += lw_form_has_reference (form, reference->id) &&
              lw_form_reference_fails (form, reference->id);
    }
  if (chosen == 0 && failing > 0)
    text =
        g_strdup_printf (ngettext ("%u fails for you. Tick it if it is in your way.",
                                   "%u fail for you. Tick those in your way, or choose the scope "
                                   "first: what fails there is then ticked.",
                                   failing),
                         failing);
  else if (assignment != NULL && !assignment->definition_known)
    text = g_strdup_printf (ngettext ("%u selected.", "%u selected.", chosen), chosen);
  else if (chosen > 1 && fail == chosen)
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
  lw_form_keep_references (form_of (self));
  lw_form_set_reference (form_of (self), reference, gtk_check_button_get_active (check));
  update_count (self);
  lw_form_changed (form_of (self));
}

static GtkWidget *
reference_row (LwStepPolicy *self, Reference *reference)
{
  LwForm *form = form_of (self);
  GtkWidget *row = adw_action_row_new ();
  GtkWidget *check = gtk_check_button_new ();
  g_autofree char *subtitle =
      reference->effect != NULL
          ? g_strdup_printf ("%s, %s", reference->id, lw_effect_title (reference->effect))
          : g_strdup (g_str_equal (reference->title, reference->id) ? "" : reference->id);

  gtk_widget_set_valign (check, GTK_ALIGN_CENTER);
  gtk_check_button_set_active (GTK_CHECK_BUTTON (check),
                               lw_form_has_reference (form, reference->id));
  g_object_set_data_full (G_OBJECT (check), "reference", g_strdup (reference->id), g_free);
  g_signal_connect (check, "toggled", G_CALLBACK (reference_toggled), self);
  gtk_accessible_update_property (GTK_ACCESSIBLE (check), GTK_ACCESSIBLE_PROPERTY_LABEL,
                                  reference->title, GTK_ACCESSIBLE_PROPERTY_DESCRIPTION, subtitle,
                                  -1);
  adw_preferences_row_set_use_markup (ADW_PREFERENCES_ROW (row), FALSE);
  adw_preferences_row_set_title (ADW_PREFERENCES_ROW (row), reference->title);
  adw_action_row_set_subtitle (ADW_ACTION_ROW (row), subtitle);
  adw_action_row_add_prefix (ADW_ACTION_ROW (row), check);
  adw_action_row_set_activatable_widget (ADW_ACTION_ROW (row), check);
  if (reference->description != NULL)
    gtk_widget_set_tooltip_text (row, reference->description);
  if (lw_form_reference_fails (form, reference->id))
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

/* "network-security" is how an initiative names a group inside: "Network security". (transfer full) */
static char *
in_words (const char *name)
{
  g_autofree char *words = g_strdelimit (g_strdup (name), "-_", ' ');
  g_autofree char *first = NULL;

  if (strchr (name, ' ') != NULL || *name == '\0')
    return g_strdup (name);
  first = g_utf8_strup (words, g_utf8_next_char (words) - words);
  return g_strconcat (first, g_utf8_next_char (words), NULL);
}

/* (transfer full) */
static char *
group_of (LwAssignment *assignment, LwPolicyReference *reference)
{
  const char *group = reference->groups != NULL && reference->groups->len > 0
                          ? g_ptr_array_index (reference->groups, 0)
                          : NULL;
  const char *name = group != NULL && assignment->group_names != NULL
                         ? g_hash_table_lookup (assignment->group_names, group)
                         : NULL;

  if (name != NULL)
    return g_strdup (name);
  if (group != NULL)
    return in_words (group);
  return g_strdup (reference->category != NULL ? reference->category : _ ("Definitions"));
}

static void
add_reference (LwStepPolicy *self, const char *id, const char *title, const char *group)
{
  Reference *reference;

  if (id == NULL || *id == '\0')
    return;
  for (guint i = 0; i < self->references->len; i++)
    {
      Reference *other = g_ptr_array_index (self->references, i);

      if (g_ascii_strcasecmp (other->id, id) == 0)
        return;
    }
  reference = g_new0 (Reference, 1);
  reference->id = g_strdup (id);
  reference->title = g_strdup (title != NULL ? title : id);
  reference->group = g_strdup (group);
  g_ptr_array_add (self->references, reference);
}

/* What the initiative is made of; where the person may not read that, what fails for them and what the
 * request names already. */
static void
collect_references (LwStepPolicy *self, LwAssignment *assignment)
{
  LwForm *form = form_of (self);
  GPtrArray *failing = lw_form_get_failing (form);
  LwRequest *request = lw_form_get_request (form);

  g_ptr_array_set_size (self->references, 0);
  for (guint i = 0; assignment->references != NULL && i < assignment->references->len; i++)
    {
      LwPolicyReference *known = g_ptr_array_index (assignment->references, i);
      guint before = self->references->len;
      g_autofree char *group = group_of (assignment, known);

      add_reference (self, known->reference_id, known->display_name, group);
      if (self->references->len > before)
        {
          Reference *added = g_ptr_array_index (self->references, before);

          added->effect = g_strdup (known->effect);
          added->description = g_strdup (known->description);
        }
    }
  if (assignment->definition_known)
    return;
  for (guint i = 0; failing != NULL && i < failing->len; i++)
    add_reference (self, ((LwPolicyState *) g_ptr_array_index (failing, i))->reference_id, NULL,
                   _ ("What Azure Names"));
  for (guint i = 0; i < request->grants->len; i++)
    {
      LwGrant *grant = g_ptr_array_index (request->grants, i);

      for (guint j = 0; j < grant->references->len; j++)
        add_reference (self, g_ptr_array_index (grant->references, j), NULL,
                       _ ("What Azure Names"));
    }
}

static gboolean
stands_out (LwForm *form, Reference *reference)
{
  return lw_form_reference_fails (form, reference->id) ||
         lw_form_has_reference (form, reference->id);
}

/* The groups of the initiative in its own order. (transfer container) */
static GPtrArray *
group_names (LwStepPolicy *self)
{
  GPtrArray *names = g_ptr_array_new ();

  for (guint i = 0; i < self->references->len; i++)
    {
      Reference *reference = g_ptr_array_index (self->references, i);

      if (!g_ptr_array_find_with_equal_func (names, reference->group, g_str_equal, NULL))
        g_ptr_array_add (names, reference->group);
    }
  return names;
}

static void
add_open_group (LwStepPolicy *self, const char *name, gboolean only_failing)
{
  GtkListBox *list;
  GtkWidget *group = lw_form_group_new (name, NULL, &list);
  guint n = 0;

  g_object_ref_sink (group);
  for (guint i = 0; i < self->references->len; i++)
    {
      Reference *reference = g_ptr_array_index (self->references, i);

      if (!g_str_equal (reference->group, name) ||
          (only_failing && !stands_out (form_of (self), reference)))
        continue;
      gtk_list_box_append (list, reference_row (self, reference));
      n++;
    }
  if (n > 0)
    gtk_box_append (self->groups, group);
  g_object_unref (group);
}

static void
add_folded_group (LwStepPolicy *self, const char *name, guint n, GtkListBox **folded)
{
  GtkWidget *expander = adw_expander_row_new ();
  g_autofree char *subtitle =
      g_strdup_printf (ngettext ("%u definition, passes", "%u definitions, all pass", n), n);

  if (*folded == NULL)
    {
      GtkWidget *group = lw_form_group_new (NULL, NULL, folded);

      lw_form_list_set_label (*folded, _ ("Groups that pass"));
      gtk_box_append (self->groups, group);
    }
  adw_preferences_row_set_use_markup (ADW_PREFERENCES_ROW (expander), FALSE);
  adw_preferences_row_set_title (ADW_PREFERENCES_ROW (expander), name);
  adw_expander_row_set_subtitle (ADW_EXPANDER_ROW (expander), subtitle);
  for (guint i = 0; i < self->references->len; i++)
    {
      Reference *reference = g_ptr_array_index (self->references, i);

      if (g_str_equal (reference->group, name))
        adw_expander_row_add_row (ADW_EXPANDER_ROW (expander), reference_row (self, reference));
    }
  gtk_list_box_append (*folded, expander);
}

/* A group with something that fails is open; the others are folded into one row each. */
static void
add_group (LwStepPolicy *self, const char *name, GtkListBox **folded, gboolean only_failing)
{
  LwForm *form = form_of (self);
  gboolean open = lw_form_get_failing (form) == NULL;
  guint n = 0;

  for (guint i = 0; i < self->references->len; i++)
    {
      Reference *reference = g_ptr_array_index (self->references, i);

      if (!g_str_equal (reference->group, name))
        continue;
      n++;
      open |= stands_out (form, reference);
    }
  if (open)
    {
      *folded = NULL;
      add_open_group (self, name, only_failing);
    }
  else if (!only_failing)
    add_folded_group (self, name, n, folded);
}

static void
fill_groups (LwStepPolicy *self)
{
  LwAssignment *assignment = lw_form_get_assignment (form_of (self));
  gboolean only_failing =
      g_strcmp0 (adw_toggle_group_get_active_name (self->filter), "failing") == 0;
  g_autoptr (GPtrArray) names = NULL;
  GtkListBox *folded = NULL;
  GtkWidget *child;

  while ((child = gtk_widget_get_first_child (GTK_WIDGET (self->groups))) != NULL)
    gtk_box_remove (self->groups, child);
  if (assignment == NULL || !assignment->initiative)
    return;
  collect_references (self, assignment);
  self->loading = TRUE;
  names = group_names (self);
  for (guint i = 0; i < names->len; i++)
    add_group (self, g_ptr_array_index (names, i), &folded, only_failing);
  self->loading = FALSE;
}

static void
other_applied (LwStepPolicy *self)
{
  g_autofree char *id = g_strstrip (g_strdup (gtk_editable_get_text (GTK_EDITABLE (self->other))));

  if (*id == '\0')
    return;
  lw_form_keep_references (form_of (self));
  lw_form_set_reference (form_of (self), id, TRUE);
  gtk_editable_set_text (GTK_EDITABLE (self->other), "");
  fill_groups (self);
  update_count (self);
  lw_form_changed (form_of (self));
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
  lw_form_keep_references (form_of (self));
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
  lw_button_set_name (GTK_WIDGET (self->choose),
                      *name != '\0' ? _ ("Change the policy…") : _ ("Choose a policy…"));
  gtk_widget_set_visible (self->policy_pill, assignment != NULL);
  if (assignment != NULL)
    {
      gboolean enforced = assignment->enforcement_mode == NULL ||
                          g_ascii_strcasecmp (assignment->enforcement_mode, "Default") == 0;

      lw_pill_set (self->policy_pill, enforced ? _ ("Enforced") : _ ("Not Enforced"),
                   enforced ? "neutral" : "warning");
    }
  gtk_widget_set_visible (self->problem,
                          error != NULL || (assignment != NULL && !lw_form_is_loading (form) &&
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
}

static void
show_initiative (LwStepPolicy *self, LwAssignment *assignment)
{
  LwForm *form = form_of (self);
  gboolean known = assignment->definition_known;
  guint n = assignment->references != NULL ? assignment->references->len : 0;
  g_autofree char *subtitle = NULL;

  self->loading = TRUE;
  if (self->shown == NULL || !lw_arm_id_equal (self->shown->id, assignment->id))
    adw_toggle_group_set_active_name (self->filter, "all");
  g_clear_pointer (&self->shown, lw_assignment_unref);
  self->shown = lw_assignment_ref (assignment);
  gtk_widget_set_visible (GTK_WIDGET (self->filter), known && lw_form_get_failing (form) != NULL);
  gtk_widget_set_visible (self->other_group, !known);
  if (count_chosen (form) > 0)
    self->whole_chosen = FALSE;
  adw_switch_row_set_active (self->whole, self->whole_chosen);
  self->loading = FALSE;
  subtitle = known ? g_strdup_printf (ngettext ("Its %u definition. Needs a reason.",
                                                "All %u definitions. Needs a reason.", n),
                                      n)
                   : g_strdup (_ ("All of its definitions. Needs a reason."));
  adw_action_row_set_subtitle (ADW_ACTION_ROW (self->whole), subtitle);
  lw_text_row_set_text (LW_TEXT_ROW (self->why), lw_form_get_why (form));
  fill_groups (self);
  update_count (self);
  show_whole (self);
}

static void
lw_step_policy_policy_changed (LwFormStep *step)
{
  LwStepPolicy *self = LW_STEP_POLICY (step);
  LwForm *form = lw_form_step_get_form (step);
  LwAssignment *assignment = lw_form_get_assignment (form);
  gboolean initiative = assignment != NULL && assignment->initiative && !lw_form_is_loading (form);
  LwRules *rules = lw_session_get_rules (lw_form_get_session (form));

  show_policy (self);
  gtk_widget_set_visible (self->head, initiative);
  gtk_widget_set_visible (GTK_WIDGET (self->groups), initiative);
  gtk_widget_set_visible (self->other_group, initiative && !assignment->definition_known);
  gtk_widget_set_visible (self->whole_group,
                          initiative && lw_rules_whole_initiative_allowed (rules));
  if (initiative)
    show_initiative (self, assignment);
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
  GtkWidget *group, *title, *icon, *suffix;

  self->whole_chosen = count_chosen (form) == 0 && lw_form_get_why (form) != NULL;
  lw_form_step_set_question (
      step, _ ("Which policy is in the way?"),
      _ ("Only the definitions you tick are exempted. The others go on protecting the resource."));
  group = lw_form_group_new (NULL, NULL, &list);
  lw_form_list_set_label (list, _ ("Title and policy"));
  title = lw_text_row_new (_ ("Title of the request"), lw_field_max_chars ("title"), TRUE);
  lw_form_step_bind_text (step, title, &request->title, "title");
  gtk_list_box_append (list, title);
  self->policy_row = adw_action_row_new ();
  adw_preferences_row_set_use_markup (ADW_PREFERENCES_ROW (self->policy_row), FALSE);
  icon = gtk_image_new_from_icon_name ("lw-shield-symbolic");
  gtk_accessible_update_state (GTK_ACCESSIBLE (icon), GTK_ACCESSIBLE_STATE_HIDDEN, TRUE, -1);
  adw_action_row_add_prefix (ADW_ACTION_ROW (self->policy_row), icon);
  self->policy_pill = lw_pill_new ("", "neutral");
  /* Side by side, or one above the other where it is narrow. */
  suffix = adw_wrap_box_new ();
  adw_wrap_box_set_child_spacing (ADW_WRAP_BOX (suffix), 8);
  adw_wrap_box_set_line_spacing (ADW_WRAP_BOX (suffix), 6);
  adw_wrap_box_set_align (ADW_WRAP_BOX (suffix), 1);
  gtk_widget_set_valign (suffix, GTK_ALIGN_CENTER);
  adw_wrap_box_append (ADW_WRAP_BOX (suffix), self->policy_pill);
  self->choose = GTK_BUTTON (gtk_button_new ());
  gtk_widget_set_valign (GTK_WIDGET (self->choose), GTK_ALIGN_CENTER);
  g_signal_connect_swapped (self->choose, "clicked", G_CALLBACK (choose_clicked), self);
  adw_wrap_box_append (ADW_WRAP_BOX (suffix), GTK_WIDGET (self->choose));
  adw_action_row_add_suffix (ADW_ACTION_ROW (self->policy_row), suffix);
  gtk_list_box_append (list, self->policy_row);
  lw_form_step_append (step, group);
  self->problem = problem_box (self);
  lw_form_step_append (step, self->problem);

  self->head = definitions_head (self);
  lw_form_step_append (step, self->head);
  self->groups = GTK_BOX (gtk_box_new (GTK_ORIENTATION_VERTICAL, 18));
  lw_form_step_append (step, GTK_WIDGET (self->groups));

  self->other_group = lw_form_group_new (NULL, NULL, &list);
  lw_form_list_set_label (list, _ ("Another definition"));
  self->other = adw_entry_row_new ();
  adw_preferences_row_set_title (ADW_PREFERENCES_ROW (self->other),
                                 _ ("Add by its reference id, as an error message names it"));
  adw_entry_row_set_show_apply_button (ADW_ENTRY_ROW (self->other), TRUE);
  g_signal_connect_swapped (self->other, "apply", G_CALLBACK (other_applied), self);
  gtk_list_box_append (list, self->other);
  lw_form_step_append (step, self->other_group);

  self->whole_group = lw_form_group_new (NULL, NULL, &list);
  lw_form_list_set_label (list, _ ("Whole initiative"));
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
  g_clear_pointer (&self->references, g_ptr_array_unref);
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
  self->references = g_ptr_array_new_with_free_func (reference_free);
}
