/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "config.h"

#include "lw-rules-form.h"

#include <glib/gi18n-lib.h>

#include "lw-json.h"
#include "lw-text-row.h"
#include "lw-widgets.h"

/* @title, @description: nullable. The list is labelled by the title. */
static GtkListBox *
add_group (GtkWidget *box, const char *title, const char *description)
{
  GtkWidget *group = adw_preferences_group_new ();
  GtkWidget *list = gtk_list_box_new ();

  adw_preferences_group_set_title (ADW_PREFERENCES_GROUP (group), title);
  if (description != NULL)
    adw_preferences_group_set_description (ADW_PREFERENCES_GROUP (group), description);
  gtk_list_box_set_selection_mode (GTK_LIST_BOX (list), GTK_SELECTION_NONE);
  gtk_widget_add_css_class (list, "boxed-list");
  gtk_accessible_update_property (GTK_ACCESSIBLE (list), GTK_ACCESSIBLE_PROPERTY_LABEL, title, -1);
  adw_preferences_group_add (ADW_PREFERENCES_GROUP (group), list);
  gtk_box_append (GTK_BOX (box), group);
  return GTK_LIST_BOX (list);
}

static void
add_by_scope (LwRulesForm *form, GtkListBox *list, const char *path, const char *unit, int max)
{
  static const struct
  {
    const char *member;
    const char *title;
  } kinds[] = {
    { "resource", N_ ("Resource") },
    { "resourceGroup", N_ ("Resource Group") },
    { "subscription", N_ ("Subscription") },
    { "managementGroup", N_ ("Management Group") },
  };

  for (guint i = 0; i < G_N_ELEMENTS (kinds); i++)
    {
      g_autofree char *full = g_strconcat (path, ".", kinds[i].member, NULL);

      gtk_list_box_append (list,
                           lw_rules_number_row_new (form, _ (kinds[i].title), unit, full, 1, max));
    }
}

static void
add_people (LwRulesForm *form, GtkWidget *box)
{
  JsonArray *administrators =
      lw_rules_form_get_list (form, lw_rules_form_get_json (form), "administrators");
  GtkListBox *list;

  list = add_group (box, _ ("Approvers"),
                    _ ("Who decides on requests. Nobody decides on what they ask for themselves."));
  lw_rules_add_groups (form, list);
  gtk_list_box_append (list,
                       lw_rules_switch_row_new (form, _ ("The owner may be among the approvers"),
                                                "ownerMayApprove"));
  list = add_group (box, _ ("Administrators"), _ ("They alone may change these rules."));
  lw_rules_add_people (form, list, administrators, _ ("Add an Administrator…"));
}

static void
add_limits (LwRulesForm *form, GtkWidget *box)
{
  GtkListBox *list;

  list = add_group (box, _ ("Approvals Needed"), _ ("By the widest scope of a request."));
  add_by_scope (form, list, "approvals", NULL, 10);
  lw_rules_add_policies (form, list);
  list = add_group (box, _ ("Longest Waiver"), NULL);
  add_by_scope (form, list, "maxDays.Waiver", _ ("days"), 3650);
  list = add_group (box, _ ("Longest Mitigated Exemption"), NULL);
  add_by_scope (form, list, "maxDays.Mitigated", _ ("days"), 3650);
  list = add_group (box, _ ("Controls and Renewals"), NULL);
  gtk_list_box_append (list, lw_rules_number_row_new (form, _ ("Controls for a waiver"),
                                                      _ ("at least"), "minControls.Waiver", 0, 20));
  gtk_list_box_append (list,
                       lw_rules_number_row_new (form, _ ("Controls for a mitigated exemption"),
                                                _ ("at least"), "minControls.Mitigated", 0, 20));
  gtk_list_box_append (
      list, lw_rules_number_row_new (form, _ ("Renewals"), _ ("at most"), "maxRenewals", 0, 100));
  gtk_list_box_append (list, lw_rules_number_row_new (form, _ ("A request may wait"), _ ("days"),
                                                      "pendingDays", 1, 365));
  list = add_group (box, _ ("Emergencies"),
                    _ ("They cannot be renewed, and are reviewed afterwards."));
  gtk_list_box_append (
      list, lw_rules_number_row_new (form, _ ("Approvals"), NULL, "emergency.approvals", 1, 10));
  gtk_list_box_append (list, lw_rules_number_row_new (form, _ ("They last at most"), _ ("hours"),
                                                      "emergency.maxHours", 1, 720));
}

/* --- texts --------------------------------------------------------------------------------------- */

static void
reminders_changed (GtkEditable *editable, gpointer user_data)
{
  LwRulesForm *form = user_data;
  g_auto (GStrv) words = g_strsplit_set (gtk_editable_get_text (editable), ",; ", -1);
  JsonArray *array = json_array_new ();

  for (guint i = 0; words[i] != NULL; i++)
    if (*words[i] != '\0')
      {
        guint64 days = 0;

        /* What is no number stays what it is, and is said by those who read the rules. */
        if (g_ascii_string_to_unsigned (words[i], 10, 0, G_MAXINT, &days, NULL))
          json_array_add_int_element (array, (gint64) days);
        else
          json_array_add_string_element (array, words[i]);
      }
  lw_rules_form_set (form, "reminders", json_node_init_array (json_node_alloc (), array));
  json_array_unref (array);
}

static char *
reminders_text (LwRulesForm *form)
{
  JsonArray *array = lw_json_get_array (lw_rules_form_get_json (form), "reminders");
  GString *text = g_string_new (NULL);

  for (guint i = 0; array != NULL && i < json_array_get_length (array); i++)
    g_string_append_printf (text, "%s%d", i > 0 ? ", " : "",
                            (int) json_array_get_int_element (array, i));
  return g_string_free_and_steal (text);
}

static void
team_changed (GtkEditable *editable, gpointer user_data)
{
  LwRulesForm *form = user_data;
  const char *text = gtk_editable_get_text (editable);
  JsonNode *node = json_node_alloc ();

  lw_rules_form_set (form, "team.tag",
                     *text != '\0' ? json_node_init_string (node, text)
                                   : json_node_init_null (node));
}

static void
phrases_changed (LwTextRow *row, gpointer user_data)
{
  LwRulesForm *form = user_data;
  g_autofree char *text = lw_text_row_get_text (row);
  g_auto (GStrv) lines = g_strsplit (text != NULL ? text : "", "\n", -1);
  JsonArray *array = json_array_new ();

  for (guint i = 0; lines[i] != NULL; i++)
    if (*g_strstrip (lines[i]) != '\0')
      json_array_add_string_element (array, lines[i]);
  lw_rules_form_set (form, "vaguePhrases", json_node_init_array (json_node_alloc (), array));
  json_array_unref (array);
}

static char *
phrases_text (LwRulesForm *form, const char *separator)
{
  JsonArray *array = lw_json_get_array (lw_rules_form_get_json (form), "vaguePhrases");
  GString *text = g_string_new (NULL);

  for (guint i = 0; array != NULL && i < json_array_get_length (array); i++)
    g_string_append_printf (text, "%s%s", i > 0 ? separator : "",
                            lw_json_array_get_string (array, i));
  return g_string_free_and_steal (text);
}

static void
add_entry (LwRulesForm *form,
           GtkListBox *list,
           const char *title,
           const char *text,
           GCallback changed)
{
  GtkWidget *row;

  if (!lw_rules_form_is_editable (form))
    {
      gtk_list_box_append (list, lw_rules_fact_row_new (title, text != NULL ? text : ""));
      return;
    }
  row = adw_entry_row_new ();
  adw_preferences_row_set_title (ADW_PREFERENCES_ROW (row), title);
  gtk_editable_set_text (GTK_EDITABLE (row), text != NULL ? text : "");
  g_signal_connect (row, "changed", changed, form);
  gtk_list_box_append (list, row);
}

static void
add_requests (LwRulesForm *form, GtkWidget *box)
{
  GtkListBox *list = add_group (box, _ ("Requests"), NULL);
  g_autofree char *reminders = reminders_text (form);
  JsonNode *tag = lw_json_path (lw_rules_form_get_json (form), "team.tag");
  const char *team = tag != NULL && json_node_get_value_type (tag) == G_TYPE_STRING
                         ? json_node_get_string (tag)
                         : "";

  gtk_list_box_append (
      list,
      lw_rules_switch_row_new (form, _ ("A whole initiative may be exempted"), "wholeInitiative"));
  gtk_list_box_append (list, lw_rules_number_row_new (form, _ ("Largest file as evidence"),
                                                      _ ("MiB"), "evidence.maxMiB", 1, 30));
  add_entry (form, list, _ ("Reminders, in days before expiry"), reminders,
             G_CALLBACK (reminders_changed));
  add_entry (form, list, _ ("Tag that names a team"), team, G_CALLBACK (team_changed));
  if (lw_rules_form_is_editable (form))
    {
      GtkWidget *row = lw_text_row_new (_ ("Phrases that say nothing, one on each line"), 0, FALSE);
      g_autofree char *phrases = phrases_text (form, "\n");

      lw_text_row_set_text (LW_TEXT_ROW (row), phrases);
      g_signal_connect (row, "changed", G_CALLBACK (phrases_changed), form);
      gtk_list_box_append (list, row);
    }
  else
    {
      g_autofree char *phrases = phrases_text (form, ", ");

      gtk_list_box_append (list, lw_rules_fact_row_new (_ ("Phrases that say nothing"), phrases));
    }
}

/* --- history ------------------------------------------------------------------------------------ */

static GtkWidget *
entry_row_new (LwRulesForm *form, const LwRulesEntry *entry, LwRules *before)
{
  g_autoptr (GDateTime) now =
      lw_session_now (lw_workspace_get_session (lw_rules_form_get_workspace (form)));
  g_autoptr (GPtrArray) changes = lw_rules_diff (before, entry->rules);
  g_autofree char *when = entry->at != NULL ? lw_date_relative (entry->at, now) : g_strdup ("");
  g_autofree char *exact = entry->at != NULL ? lw_date_exact (entry->at) : NULL;
  const char *name = entry->by->name != NULL ? entry->by->name : entry->by->id;
  g_autofree char *title = NULL;
  GtkWidget *row = adw_expander_row_new ();

  /* Translators: the number of a change of the rules, and by whom */
  title = g_strdup_printf (_ ("%u. %s"), entry->seq, name);
  adw_preferences_row_set_use_markup (ADW_PREFERENCES_ROW (row), FALSE);
  adw_preferences_row_set_title (ADW_PREFERENCES_ROW (row), title);
  adw_expander_row_set_subtitle (ADW_EXPANDER_ROW (row), when);
  gtk_widget_set_tooltip_text (row, exact);
  if (!entry->counts)
    adw_expander_row_add_suffix (ADW_EXPANDER_ROW (row),
                                 lw_pill_new (_ ("Does Not Count"), "error"));
  for (guint i = 0; i < changes->len; i++)
    {
      GtkWidget *line = adw_action_row_new ();

      adw_preferences_row_set_use_markup (ADW_PREFERENCES_ROW (line), FALSE);
      adw_preferences_row_set_title (ADW_PREFERENCES_ROW (line), g_ptr_array_index (changes, i));
      adw_action_row_set_title_lines (ADW_ACTION_ROW (line), 0);
      adw_expander_row_add_row (ADW_EXPANDER_ROW (row), line);
    }
  return row;
}

static void
add_history (LwRulesForm *form, GtkWidget *box)
{
  LwSession *session = lw_workspace_get_session (lw_rules_form_get_workspace (form));
  GPtrArray *history = lw_ledger_get_rules_history (lw_session_get_ledger (session));
  g_autoptr (LwRules) before = lw_rules_new_default ();
  GtkListBox *list;

  if (history->len == 0)
    return;
  list = add_group (box, _ ("History"), NULL);
  for (guint i = 0; i < history->len; i++)
    {
      const LwRulesEntry *entry = g_ptr_array_index (history, i);

      gtk_list_box_prepend (list, entry_row_new (form, entry, before));
      if (entry->counts)
        {
          lw_rules_unref (before);
          before = lw_rules_ref (entry->rules);
        }
    }
}

void
lw_rules_add_sections (LwRulesForm *form, GtkWidget *box)
{
  add_people (form, box);
  add_limits (form, box);
  add_requests (form, box);
  add_history (form, box);
}
