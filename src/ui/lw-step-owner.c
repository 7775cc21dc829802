/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "config.h"

#include "lw-form-steps.h"

#include <glib/gi18n-lib.h>

#include "lw-date-row.h"
#include "lw-person-field.h"
#include "lw-text-row.h"
#include "lw-widgets.h"

struct _LwStepOwner
{
  LwFormStep parent_instance;

  GtkWidget *expires;
  GtkBox *choices;
  guint choices_for;
  GtkCheckButton *waiver;
  GtkCheckButton *mitigated;
  gboolean loading;
};

G_DEFINE_FINAL_TYPE (LwStepOwner, lw_step_owner, LW_TYPE_FORM_STEP)

static char *
lw_step_owner_summary (LwFormStep *step)
{
  LwForm *form = lw_form_step_get_form (step);
  LwRequest *request = lw_form_get_request (form);
  g_autoptr (GDateTime) expires =
      request->expires != NULL ? lw_instant_parse (request->expires, NULL) : NULL;
  g_autoptr (GDateTime) now = lw_session_now (lw_form_get_session (form));
  const char *name = request->owner != NULL ? request->owner->name : NULL;
  g_autofree char *when = expires != NULL ? lw_date_relative (expires, now) : NULL;

  if (name != NULL && when != NULL)
    return g_strdup_printf ("%s, %s", name, when);
  if (name != NULL)
    return g_strdup (name);
  return when != NULL ? g_strdup_printf (_ ("Ends %s"), when) : g_strdup ("");
}

/* The widest scope asked for: what the limit depends on. */
static LwScopeKind
widest (LwForm *form)
{
  g_autoptr (GPtrArray) scopes = lw_form_get_scopes (form);
  LwScopeKind kind = LW_SCOPE_OTHER;

  for (guint i = 0; i < scopes->len; i++)
    kind = MAX (kind, lw_scope_kind (g_ptr_array_index (scopes, i)));
  return kind;
}

/* The last local day that ends within the limit. (nullable) (transfer full) */
static GDateTime *
latest_day (LwForm *form, guint max_days)
{
  g_autoptr (GDateTime) now = lw_session_now (lw_form_get_session (form));
  g_autoptr (GDateTime) limit = g_date_time_add_days (now, max_days);
  g_autoptr (GDateTime) day = g_date_time_to_local (limit);

  for (guint back = 0; back < 2; back++)
    {
      g_autofree char *end = lw_date_end_of_day (day);
      g_autoptr (GDateTime) instant = lw_instant_parse (end, NULL);
      GDateTime *before;

      if (instant != NULL && g_date_time_compare (instant, limit) <= 0)
        break;
      before = g_date_time_add_days (day, -1);
      g_date_time_unref (day);
      day = before;
    }
  return g_steal_pointer (&day);
}

static void
choice_clicked (GtkButton *button, gpointer user_data)
{
  LwStepOwner *self = user_data;
  LwForm *form = lw_form_step_get_form (LW_FORM_STEP (self));
  guint days = GPOINTER_TO_UINT (g_object_get_data (G_OBJECT (button), "days"));
  g_autoptr (GDateTime) now = lw_session_now (lw_form_get_session (form));
  g_autoptr (GDateTime) latest = latest_day (form, self->choices_for);
  g_autoptr (GDateTime) wanted = g_date_time_add_days (now, days);
  LwRequest *request = lw_form_get_request (form);

  g_free (request->expires);
  request->expires =
      lw_date_end_of_day (g_date_time_compare (wanted, latest) > 0 ? latest : wanted);
  lw_date_row_set_value (LW_DATE_ROW (self->expires), request->expires);
  lw_field_row_touch (LW_FIELD_ROW (self->expires));
  lw_form_changed (form);
}

static void
add_choice (LwStepOwner *self, guint days, gboolean longest)
{
  GtkWidget *button = gtk_button_new ();
  g_autofree char *label = NULL;

  label = longest ? g_strdup_printf (ngettext ("%u Day, the Longest", "%u Days, the Longest", days),
                                     days)
                  : g_strdup_printf (ngettext ("%u Day", "%u Days", days), days);
  gtk_button_set_label (GTK_BUTTON (button), label);
  g_object_set_data (G_OBJECT (button), "days", GUINT_TO_POINTER (days));
  g_signal_connect (button, "clicked", G_CALLBACK (choice_clicked), self);
  adw_wrap_box_append (ADW_WRAP_BOX (gtk_widget_get_first_child (GTK_WIDGET (self->choices))),
                       button);
}

static void
update_choices (LwStepOwner *self, guint max_days)
{
  const guint usual[] = { 7, 30, 60, 90 };
  GtkWidget *wrap;

  if (self->choices_for == max_days)
    return;
  self->choices_for = max_days;
  wrap = gtk_widget_get_first_child (GTK_WIDGET (self->choices));
  if (wrap != NULL)
    gtk_box_remove (self->choices, wrap);
  gtk_widget_set_visible (gtk_widget_get_parent (GTK_WIDGET (self->choices)), max_days > 0);
  if (max_days == 0)
    return;
  wrap = adw_wrap_box_new ();
  adw_wrap_box_set_child_spacing (ADW_WRAP_BOX (wrap), 6);
  adw_wrap_box_set_line_spacing (ADW_WRAP_BOX (wrap), 6);
  gtk_box_append (self->choices, wrap);
  for (guint i = 0; i < G_N_ELEMENTS (usual); i++)
    if (usual[i] < max_days)
      add_choice (self, usual[i], FALSE);
  add_choice (self, max_days, TRUE);
}

static void
update_limit (LwStepOwner *self)
{
  LwForm *form = lw_form_step_get_form (LW_FORM_STEP (self));
  LwRequest *request = lw_form_get_request (form);
  LwRules *rules = lw_session_get_rules (lw_form_get_session (form));
  LwScopeKind kind = widest (form);
  guint max_days = kind == LW_SCOPE_OTHER ? 0 : lw_rules_max_days_for (rules, request);
  g_autofree char *text = NULL;

  if (max_days == 0)
    text = g_strdup (_ ("The latest day follows from the scope: choose that first."));
  else
    {
      g_autoptr (GDateTime) latest = latest_day (form, max_days);
      g_autofree char *day = lw_date_day (latest);
      const char *on = kind == LW_SCOPE_RESOURCE         ? C_ ("rules allow", "a resource")
                       : kind == LW_SCOPE_RESOURCE_GROUP ? C_ ("rules allow", "a resource group")
                       : kind == LW_SCOPE_SUBSCRIPTION   ? C_ ("rules allow", "a subscription")
                                                         : C_ ("rules allow", "a management group");

      if (g_strcmp0 (request->category, "Mitigated") == 0)
        text = g_strdup_printf (
            ngettext ("At the latest on %s: the rules allow a mitigated exemption on %s %u day.",
                      "At the latest on %s: the rules allow a mitigated exemption on %s %u days.",
                      max_days),
            day, on, max_days);
      else
        text = g_strdup_printf (ngettext ("At the latest on %s: the rules allow a waiver on %s %u "
                                          "day.",
                                          "At the latest on %s: the rules allow a waiver on %s %u "
                                          "days.",
                                          max_days),
                                day, on, max_days);
    }
  lw_field_row_set_help (LW_FIELD_ROW (self->expires), text);
  update_choices (self, max_days);
}

static void
category_toggled (LwStepOwner *self)
{
  LwForm *form = lw_form_step_get_form (LW_FORM_STEP (self));
  LwRequest *request = lw_form_get_request (form);
  const char *category = gtk_check_button_get_active (self->mitigated) ? "Mitigated" : "Waiver";

  if (self->loading || (!gtk_check_button_get_active (self->mitigated) &&
                        !gtk_check_button_get_active (self->waiver)))
    return;
  if (g_strcmp0 (request->category, category) == 0)
    return;
  g_set_str (&request->category, category);
  lw_form_changed (form);
}

static GtkCheckButton *
add_category (LwStepOwner *self, GtkListBox *list, const char *title, const char *subtitle)
{
  GtkWidget *row = adw_action_row_new ();
  GtkWidget *check = gtk_check_button_new ();

  gtk_widget_set_valign (check, GTK_ALIGN_CENTER);
  adw_preferences_row_set_title (ADW_PREFERENCES_ROW (row), title);
  adw_action_row_set_subtitle (ADW_ACTION_ROW (row), subtitle);
  adw_action_row_add_prefix (ADW_ACTION_ROW (row), check);
  adw_action_row_set_activatable_widget (ADW_ACTION_ROW (row), check);
  gtk_accessible_update_property (GTK_ACCESSIBLE (check), GTK_ACCESSIBLE_PROPERTY_LABEL, title,
                                  GTK_ACCESSIBLE_PROPERTY_DESCRIPTION, subtitle, -1);
  g_signal_connect_swapped (check, "toggled", G_CALLBACK (category_toggled), self);
  gtk_list_box_append (list, row);
  return GTK_CHECK_BUTTON (check);
}

static void
lw_step_owner_assessed (LwFormStep *step)
{
  update_limit (LW_STEP_OWNER (step));
}

static GtkWidget *
choices_row (LwStepOwner *self)
{
  GtkWidget *row = adw_preferences_row_new ();
  GtkWidget *box = gtk_box_new (GTK_ORIENTATION_VERTICAL, 0);

  gtk_widget_set_margin_start (box, 12);
  gtk_widget_set_margin_end (box, 12);
  gtk_widget_set_margin_top (box, 10);
  gtk_widget_set_margin_bottom (box, 10);
  adw_preferences_row_set_title (ADW_PREFERENCES_ROW (row), _ ("Usual durations"));
  gtk_accessible_update_property (GTK_ACCESSIBLE (row), GTK_ACCESSIBLE_PROPERTY_LABEL,
                                  _ ("Usual durations"), -1);
  gtk_list_box_row_set_child (GTK_LIST_BOX_ROW (row), box);
  gtk_list_box_row_set_activatable (GTK_LIST_BOX_ROW (row), FALSE);
  gtk_widget_set_focusable (row, FALSE);
  self->choices = GTK_BOX (box);
  return row;
}

static void
lw_step_owner_load (LwFormStep *step)
{
  LwStepOwner *self = LW_STEP_OWNER (step);
  LwForm *form = lw_form_step_get_form (step);
  LwRequest *request = lw_form_get_request (form);
  GtkListBox *list;
  GtkWidget *group, *owner, *ticket;

  lw_form_step_set_question (step, _ ("Who answers for it, and until when?"),
                             _ ("The owner carries out the plan. The exemption ends by itself."));
  group = lw_form_group_new (_ ("Owner"), NULL, &list);
  owner = lw_person_field_new (lw_form_get_workspace (form), _ ("Owner"));
  lw_form_step_bind_person (step, owner, &request->owner, "owner");
  gtk_list_box_append (list, owner);
  lw_form_step_append (step, group);

  group = lw_form_group_new (_ ("Expiry"), NULL, &list);
  self->expires = lw_date_row_new (_ ("Expires"));
  lw_date_row_set_with_time (LW_DATE_ROW (self->expires), TRUE);
  lw_form_step_bind_date (step, self->expires, &request->expires, "expires");
  gtk_list_box_append (list, self->expires);
  gtk_list_box_append (list, choices_row (self));
  lw_form_step_append (step, group);

  group = lw_form_group_new (_ ("Category"), NULL, &list);
  self->loading = TRUE;
  self->waiver = add_category (self, list, _ ("Waiver"), _ ("The risk is accepted for a while"));
  self->mitigated = add_category (self, list, _ ("Mitigated"),
                                  _ ("Other controls already meet what the policy is for"));
  gtk_check_button_set_group (self->mitigated, self->waiver);
  if (g_strcmp0 (request->category, "Mitigated") == 0)
    gtk_check_button_set_active (self->mitigated, TRUE);
  else if (g_strcmp0 (request->category, "Waiver") == 0)
    gtk_check_button_set_active (self->waiver, TRUE);
  self->loading = FALSE;
  lw_form_step_append (step, group);

  group = lw_form_group_new (_ ("Reference"), NULL, &list);
  ticket = lw_text_row_new (_ ("Ticket, if there is one"), lw_field_max_chars ("ticket"), TRUE);
  lw_form_step_bind_text (step, ticket, &request->ticket, "ticket");
  gtk_list_box_append (list, ticket);
  lw_form_step_append (step, group);
}

static void
lw_step_owner_class_init (LwStepOwnerClass *klass)
{
  LwFormStepClass *step_class = LW_FORM_STEP_CLASS (klass);

  step_class->step = LW_FORM_OWNER;
  step_class->summary = lw_step_owner_summary;
  step_class->load = lw_step_owner_load;
  step_class->assessed = lw_step_owner_assessed;
  step_class->shown = lw_step_owner_assessed;
}

static void
lw_step_owner_init (LwStepOwner *self)
{
  self->choices_for = G_MAXUINT;
}
