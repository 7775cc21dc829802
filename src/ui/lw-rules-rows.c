/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "config.h"

#include "lw-rules-form.h"

#include <glib/gi18n-lib.h>

#include "lw-assignment-picker.h"
#include "lw-json.h"
#include "lw-person-picker.h"
#include "lw-widgets.h"

/* What a row's button is about; hangs on the row. */
typedef struct
{
  LwRulesForm *form;
  JsonArray *array;
  JsonObject *object;
  guint index;
  char *key;
} Place;

static void
place_free (gpointer data)
{
  Place *self = data;

  g_object_unref (self->form);
  g_clear_pointer (&self->array, json_array_unref);
  g_clear_pointer (&self->object, json_object_unref);
  g_free (self->key);
  g_free (self);
}

static Place *
place_new (GtkWidget *row, LwRulesForm *form)
{
  Place *self = g_new0 (Place, 1);

  self->form = g_object_ref (form);
  g_object_set_data_full (G_OBJECT (row), "place", self, place_free);
  return self;
}

static Place *
place_of (gpointer row)
{
  return g_object_get_data (G_OBJECT (row), "place");
}

/* Copied, since rebuilding takes the row away with what hangs on it. */
static void
changed_and_rebuild (Place *self)
{
  g_autoptr (LwRulesForm) form = g_object_ref (self->form);

  lw_rules_form_changed (form);
  lw_rules_form_rebuild (form);
}

GtkWidget *
lw_rules_fact_row_new (const char *title, const char *value)
{
  GtkWidget *row = adw_action_row_new ();

  adw_preferences_row_set_use_markup (ADW_PREFERENCES_ROW (row), FALSE);
  adw_preferences_row_set_title (ADW_PREFERENCES_ROW (row), title);
  adw_action_row_set_subtitle (ADW_ACTION_ROW (row), value);
  adw_action_row_set_subtitle_selectable (ADW_ACTION_ROW (row), TRUE);
  gtk_widget_add_css_class (row, "property");
  return row;
}

/* --- numbers and switches ----------------------------------------------------------------------- */

/* An AdwSpinRow is not there for assistive technologies, as of libadwaita 1.7. */
static GtkWidget *
spin_row_new (const char *title, int min, int max, gint64 value, GtkWidget **spin)
{
  GtkWidget *row = adw_action_row_new ();

  *spin = gtk_spin_button_new_with_range (min, max, 1);
  gtk_spin_button_set_numeric (GTK_SPIN_BUTTON (*spin), TRUE);
  gtk_spin_button_set_value (GTK_SPIN_BUTTON (*spin), (double) value);
  gtk_widget_set_valign (*spin, GTK_ALIGN_CENTER);
  gtk_accessible_update_property (GTK_ACCESSIBLE (*spin), GTK_ACCESSIBLE_PROPERTY_LABEL, title, -1);
  adw_preferences_row_set_use_markup (ADW_PREFERENCES_ROW (row), FALSE);
  adw_preferences_row_set_title (ADW_PREFERENCES_ROW (row), title);
  adw_action_row_add_suffix (ADW_ACTION_ROW (row), *spin);
  adw_action_row_set_activatable_widget (ADW_ACTION_ROW (row), *spin);
  return row;
}

static void
number_changed (GtkWidget *row, GParamSpec *pspec, GtkSpinButton *spin)
{
  Place *place = place_of (row);
  JsonNode *node = json_node_init_int (json_node_alloc (), gtk_spin_button_get_value_as_int (spin));

  lw_rules_form_set (place->form, place->key, node);
}

GtkWidget *
lw_rules_number_row_new (LwRulesForm *form,
                         const char *title,
                         const char *unit,
                         const char *path,
                         int min,
                         int max)
{
  gint64 value = lw_rules_form_get_int (form, path);
  GtkWidget *row, *spin;
  Place *place;

  if (!lw_rules_form_is_editable (form))
    {
      g_autofree char *text = g_strdup_printf ("%d %s", (int) value, unit != NULL ? unit : "");

      return lw_rules_fact_row_new (title, g_strstrip (text));
    }
  row = spin_row_new (title, min, max, value, &spin);
  if (unit != NULL)
    adw_action_row_set_subtitle (ADW_ACTION_ROW (row), unit);
  place = place_new (row, form);
  place->key = g_strdup (path);
  g_signal_connect_swapped (spin, "notify::value", G_CALLBACK (number_changed), row);
  return row;
}

static void
switch_changed (AdwSwitchRow *row, GParamSpec *pspec, gpointer user_data)
{
  Place *place = place_of (row);

  lw_rules_form_set (place->form, place->key,
                     json_node_init_boolean (json_node_alloc (), adw_switch_row_get_active (row)));
}

GtkWidget *
lw_rules_switch_row_new (LwRulesForm *form, const char *title, const char *path)
{
  gboolean value = lw_rules_form_get_boolean (form, path);
  GtkWidget *row;
  Place *place;

  if (!lw_rules_form_is_editable (form))
    return lw_rules_fact_row_new (title, value ? _ ("Yes") : _ ("No"));
  row = adw_switch_row_new ();
  adw_preferences_row_set_title (ADW_PREFERENCES_ROW (row), title);
  adw_action_row_set_title_lines (ADW_ACTION_ROW (row), 0);
  adw_switch_row_set_active (ADW_SWITCH_ROW (row), value);
  place = place_new (row, form);
  place->key = g_strdup (path);
  g_signal_connect (row, "notify::active", G_CALLBACK (switch_changed), NULL);
  return row;
}

/* --- people ------------------------------------------------------------------------------------- */

static GtkWidget *
remove_button_new (const char *name)
{
  GtkWidget *button = gtk_button_new_from_icon_name ("user-trash-symbolic");

  gtk_widget_add_css_class (button, "flat");
  gtk_widget_set_valign (button, GTK_ALIGN_CENTER);
  gtk_widget_set_tooltip_text (button, _ ("Remove"));
  gtk_accessible_update_property (GTK_ACCESSIBLE (button), GTK_ACCESSIBLE_PROPERTY_LABEL, name, -1);
  return button;
}

static void
remove_element (GtkWidget *row)
{
  Place *place = place_of (row);

  json_array_remove_element (place->array, place->index);
  changed_and_rebuild (place);
}

static GtkWidget *
person_row_new (LwRulesForm *form, JsonArray *array, guint index)
{
  JsonObject *person = lw_json_array_get_object (array, index);
  const char *id = lw_json_get_string (person, "id");
  const char *name = lw_json_get_string (person, "name");
  const char *upn = lw_json_get_string (person, "upn");
  GtkWidget *row = adw_action_row_new ();
  GtkWidget *avatar;

  if (name == NULL || *name == '\0')
    name = upn != NULL ? upn : id;
  adw_preferences_row_set_use_markup (ADW_PREFERENCES_ROW (row), FALSE);
  adw_preferences_row_set_title (ADW_PREFERENCES_ROW (row), name != NULL ? name : "");
  adw_action_row_set_subtitle (ADW_ACTION_ROW (row), upn != NULL ? upn : id != NULL ? id : "");
  avatar = adw_avatar_new (32, name, TRUE);
  gtk_accessible_update_state (GTK_ACCESSIBLE (avatar), GTK_ACCESSIBLE_STATE_HIDDEN, TRUE, -1);
  adw_action_row_add_prefix (ADW_ACTION_ROW (row), avatar);
  if (lw_rules_form_is_editable (form))
    {
      g_autofree char *label = g_strdup_printf (_ ("Remove %s"), name);
      GtkWidget *button = remove_button_new (label);
      Place *place = place_new (row, form);

      place->array = json_array_ref (array);
      place->index = index;
      g_signal_connect_swapped (button, "clicked", G_CALLBACK (remove_element), row);
      adw_action_row_add_suffix (ADW_ACTION_ROW (row), button);
    }
  return row;
}

static void
person_chosen (LwPersonPicker *picker, LwDirectoryPerson *chosen, gpointer user_data)
{
  Place *place = place_of (picker);
  JsonNode *node = lw_person_to_json (chosen->person);

  for (guint i = 0; i < json_array_get_length (place->array); i++)
    {
      JsonObject *person = lw_json_array_get_object (place->array, i);

      if (g_strcmp0 (lw_json_get_string (person, "id"), chosen->person->id) == 0)
        {
          json_node_unref (node);
          return;
        }
    }
  json_array_add_element (place->array, node);
  changed_and_rebuild (place);
}

static void
add_person (GtkWidget *row)
{
  Place *place = place_of (row);
  AdwDialog *picker =
      lw_person_picker_new (lw_rules_form_get_workspace (place->form), _ ("Choose a Person"));
  Place *own = place_new (GTK_WIDGET (picker), place->form);

  own->array = json_array_ref (place->array);
  g_signal_connect (picker, "chosen", G_CALLBACK (person_chosen), NULL);
  adw_dialog_present (picker, row);
}

static GtkWidget *
button_row_new (const char *title, GCallback activated)
{
  GtkWidget *row = adw_button_row_new ();

  adw_preferences_row_set_title (ADW_PREFERENCES_ROW (row), title);
  adw_button_row_set_start_icon_name (ADW_BUTTON_ROW (row), "list-add-symbolic");
  g_signal_connect_swapped (row, "activated", activated, row);
  return row;
}

void
lw_rules_add_people (LwRulesForm *form, GtkListBox *list, JsonArray *array, const char *add)
{
  for (guint i = 0; i < json_array_get_length (array); i++)
    gtk_list_box_append (list, person_row_new (form, array, i));
  if (lw_rules_form_is_editable (form))
    {
      GtkWidget *row = button_row_new (add, G_CALLBACK (add_person));

      place_new (row, form)->array = json_array_ref (array);
      gtk_list_box_append (list, row);
    }
  else if (json_array_get_length (array) == 0)
    gtk_list_box_append (list, lw_rules_fact_row_new (_ ("Nobody"), ""));
}

/* --- groups of approvers ------------------------------------------------------------------------ */

static char *
policy_name (const char *assignment)
{
  return assignment != NULL ? lw_arm_id_name (assignment) : NULL;
}

static char *
group_title (LwRulesForm *form, JsonObject *group)
{
  const char *scope = lw_json_get_string (group, "scope");
  const char *assignment = lw_json_get_string (group, "assignment");
  g_autofree char *where =
      scope != NULL ? lw_workspace_scope_title (lw_rules_form_get_workspace (form), scope) : NULL;
  g_autofree char *policy = policy_name (assignment);

  if (where == NULL && policy == NULL)
    return g_strdup (_ ("Everything"));
  if (policy == NULL)
    return g_strdup (where);
  if (where == NULL)
    return g_strdup_printf (_ ("Policy %s"), policy);
  /* Translators: a policy, and the scope in which it is meant */
  return g_strdup_printf (_ ("Policy %s in %s"), policy, where);
}

static char *
names_of (JsonArray *people)
{
  GString *text = g_string_new (NULL);

  for (guint i = 0; people != NULL && i < json_array_get_length (people); i++)
    {
      JsonObject *person = lw_json_array_get_object (people, i);
      const char *name = lw_json_get_string (person, "name");

      if (name == NULL)
        name = lw_json_get_string (person, "upn");
      if (name == NULL)
        name = lw_json_get_string (person, "id");
      g_string_append_printf (text, "%s%s", i > 0 ? ", " : "", name != NULL ? name : "?");
    }
  return g_string_free_and_steal (text);
}

static void
scope_applied (GtkWidget *row)
{
  Place *place = place_of (row);
  g_autofree char *text = g_strdup (gtk_editable_get_text (GTK_EDITABLE (row)));

  g_strstrip (text);
  lw_json_set_string (place->object, "scope", *text != '\0' ? text : NULL);
  changed_and_rebuild (place);
}

static void
policy_chosen (LwAssignmentPicker *picker, LwAssignment *assignment, gpointer user_data)
{
  Place *place = place_of (picker);

  lw_json_set_string (place->object, "assignment", assignment->id);
  changed_and_rebuild (place);
}

static AdwDialog *
pick_assignment (GtkWidget *row, GCallback chosen)
{
  Place *place = place_of (row);
  AdwDialog *picker = lw_assignment_picker_new (lw_rules_form_get_workspace (place->form));
  Place *own = place_new (GTK_WIDGET (picker), place->form);

  own->object = place->object != NULL ? json_object_ref (place->object) : NULL;
  g_signal_connect (picker, "chosen", chosen, NULL);
  adw_dialog_present (picker, row);
  return picker;
}

static void
choose_policy (GtkWidget *row)
{
  pick_assignment (row, G_CALLBACK (policy_chosen));
}

static void
forget_policy (GtkWidget *row)
{
  Place *place = place_of (row);

  lw_json_set_string (place->object, "assignment", NULL);
  changed_and_rebuild (place);
}

static GtkWidget *
policy_row_new (Place *place)
{
  const char *assignment = lw_json_get_string (place->object, "assignment");
  g_autofree char *name = policy_name (assignment);
  GtkWidget *row = adw_action_row_new ();
  GtkWidget *button;

  place_new (row, place->form)->object = json_object_ref (place->object);
  adw_preferences_row_set_use_markup (ADW_PREFERENCES_ROW (row), FALSE);
  adw_preferences_row_set_title (ADW_PREFERENCES_ROW (row), _ ("Policy"));
  adw_action_row_set_subtitle (ADW_ACTION_ROW (row), name != NULL ? name : _ ("All policies"));
  button = gtk_button_new_with_mnemonic (_ ("_Choose…"));
  gtk_widget_set_valign (button, GTK_ALIGN_CENTER);
  g_signal_connect_swapped (button, "clicked", G_CALLBACK (choose_policy), row);
  adw_action_row_add_suffix (ADW_ACTION_ROW (row), button);
  if (assignment != NULL)
    {
      button = remove_button_new (_ ("All policies"));
      g_signal_connect_swapped (button, "clicked", G_CALLBACK (forget_policy), row);
      adw_action_row_add_suffix (ADW_ACTION_ROW (row), button);
    }
  return row;
}

static GtkWidget *
scope_row_new (Place *place)
{
  const char *scope = lw_json_get_string (place->object, "scope");
  GtkWidget *row = adw_entry_row_new ();

  place_new (row, place->form)->object = json_object_ref (place->object);
  adw_preferences_row_set_title (ADW_PREFERENCES_ROW (row), _ ("Scope, by its id; empty for all"));
  gtk_editable_set_text (GTK_EDITABLE (row), scope != NULL ? scope : "");
  adw_entry_row_set_show_apply_button (ADW_ENTRY_ROW (row), TRUE);
  g_signal_connect (row, "apply", G_CALLBACK (scope_applied), NULL);
  return row;
}

static void
add_to_group (AdwExpanderRow *row, Place *place)
{
  JsonArray *people = lw_rules_form_get_list (place->form, place->object, "people");
  gboolean editable = lw_rules_form_is_editable (place->form);

  if (editable)
    {
      adw_expander_row_add_row (row, scope_row_new (place));
      adw_expander_row_add_row (row, policy_row_new (place));
    }
  for (guint i = 0; i < json_array_get_length (people); i++)
    adw_expander_row_add_row (row, person_row_new (place->form, people, i));
  if (editable)
    {
      GtkWidget *add = button_row_new (_ ("Add an Approver…"), G_CALLBACK (add_person));

      place_new (add, place->form)->array = json_array_ref (people);
      adw_expander_row_add_row (row, add);
    }
}

static GtkWidget *
group_row_new (LwRulesForm *form, JsonArray *groups, guint index)
{
  JsonObject *group = lw_json_array_get_object (groups, index);
  g_autofree char *title = group_title (form, group);
  g_autofree char *names = names_of (lw_json_get_array (group, "people"));
  g_autofree char *label = g_strdup_printf (_ ("Remove the approvers of %s"), title);
  GtkWidget *row = adw_expander_row_new ();
  GtkWidget *remove = remove_button_new (label);
  Place *place = place_new (row, form);

  place->array = json_array_ref (groups);
  place->object = json_object_ref (group);
  place->index = index;
  adw_preferences_row_set_use_markup (ADW_PREFERENCES_ROW (row), FALSE);
  adw_preferences_row_set_title (ADW_PREFERENCES_ROW (row), title);
  adw_expander_row_set_subtitle (ADW_EXPANDER_ROW (row), *names != '\0' ? names : _ ("Nobody yet"));
  adw_expander_row_set_expanded (ADW_EXPANDER_ROW (row), *names == '\0');
  if (lw_rules_form_is_editable (form))
    {
      g_signal_connect_swapped (remove, "clicked", G_CALLBACK (remove_element), row);
      adw_expander_row_add_suffix (ADW_EXPANDER_ROW (row), remove);
    }
  else
    g_object_ref_sink (remove), g_object_unref (remove);
  add_to_group (ADW_EXPANDER_ROW (row), place);
  return row;
}

static void
add_group (GtkWidget *row)
{
  Place *place = place_of (row);
  JsonObject *group = json_object_new ();

  json_object_set_array_member (group, "people", json_array_new ());
  json_array_add_object_element (place->array, group);
  changed_and_rebuild (place);
}

void
lw_rules_add_groups (LwRulesForm *form, GtkListBox *list)
{
  JsonArray *groups = lw_rules_form_get_list (form, lw_rules_form_get_json (form), "approvers");

  for (guint i = 0; i < json_array_get_length (groups); i++)
    if (lw_json_array_get_object (groups, i) != NULL)
      gtk_list_box_append (list, group_row_new (form, groups, i));
  if (lw_rules_form_is_editable (form))
    {
      GtkWidget *row = button_row_new (_ ("Add Approvers…"), G_CALLBACK (add_group));

      place_new (row, form)->array = json_array_ref (groups);
      gtk_list_box_append (list, row);
    }
  else if (json_array_get_length (groups) == 0)
    gtk_list_box_append (list, lw_rules_fact_row_new (_ ("Nobody"), ""));
}

/* --- policies with a number of their own -------------------------------------------------------- */

static JsonObject *
policies_of (LwRulesForm *form)
{
  JsonObject *json = lw_rules_form_get_json (form);
  JsonObject *approvals = lw_json_get_object (json, "approvals");
  JsonObject *policies;

  if (approvals == NULL)
    {
      approvals = json_object_new ();
      json_object_set_object_member (json, "approvals", approvals);
    }
  policies = lw_json_get_object (approvals, "policies");
  if (policies == NULL)
    {
      policies = json_object_new ();
      json_object_set_object_member (approvals, "policies", policies);
    }
  return policies;
}

static void
policy_number_changed (GtkWidget *row, GParamSpec *pspec, GtkSpinButton *spin)
{
  Place *place = place_of (row);

  json_object_set_int_member (policies_of (place->form), place->key,
                              gtk_spin_button_get_value_as_int (spin));
  lw_rules_form_changed (place->form);
}

static void
remove_policy (GtkWidget *row)
{
  Place *place = place_of (row);

  json_object_remove_member (policies_of (place->form), place->key);
  changed_and_rebuild (place);
}

static GtkWidget *
policy_number_new (LwRulesForm *form, const char *id)
{
  g_autofree char *name = policy_name (id);
  g_autofree char *label = g_strdup_printf (_ ("Remove the number for %s"), name);
  gint64 value = lw_json_get_int (policies_of (form), id, 1);
  GtkWidget *row, *spin, *remove;

  if (!lw_rules_form_is_editable (form))
    {
      g_autofree char *text = g_strdup_printf ("%d", (int) value);

      return lw_rules_fact_row_new (name, text);
    }
  row = spin_row_new (name, 1, 10, value, &spin);
  place_new (row, form)->key = g_strdup (id);
  adw_action_row_set_subtitle (ADW_ACTION_ROW (row), _ ("At least"));
  gtk_widget_set_tooltip_text (row, id);
  g_signal_connect_swapped (spin, "notify::value", G_CALLBACK (policy_number_changed), row);
  remove = remove_button_new (label);
  g_signal_connect_swapped (remove, "clicked", G_CALLBACK (remove_policy), row);
  adw_action_row_add_suffix (ADW_ACTION_ROW (row), remove);
  return row;
}

static void
number_for_policy (LwAssignmentPicker *picker, LwAssignment *assignment, gpointer user_data)
{
  Place *place = place_of (picker);
  JsonObject *policies = policies_of (place->form);

  if (!json_object_has_member (policies, assignment->id))
    json_object_set_int_member (policies, assignment->id, 2);
  changed_and_rebuild (place);
}

static void
add_policy (GtkWidget *row)
{
  pick_assignment (row, G_CALLBACK (number_for_policy));
}

void
lw_rules_add_policies (LwRulesForm *form, GtkListBox *list)
{
  g_autoptr (GList) ids = json_object_get_members (policies_of (form));

  for (GList *id = ids; id != NULL; id = id->next)
    gtk_list_box_append (list, policy_number_new (form, id->data));
  if (lw_rules_form_is_editable (form))
    {
      GtkWidget *row =
          button_row_new (_ ("Add a Policy with More Approvals…"), G_CALLBACK (add_policy));

      place_new (row, form);
      gtk_list_box_append (list, row);
    }
}
