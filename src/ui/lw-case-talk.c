/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "config.h"

#include "lw-case-talk.h"

#include <glib/gi18n-lib.h>

#include "lw-comment-dialog.h"
#include "lw-evidence-list.h"
#include "lw-evidence-row.h"
#include "lw-json.h"
#include "lw-outbox-dialog.h"
#include "lw-when.h"
#include "lw-widgets.h"

/* A dialog at work; hangs on it. */
typedef struct
{
  LwWorkspace *workspace;
  LwCase *value;
  GtkWidget *widget; /* weak */
  LwEvidenceList *list;
  AdwComboRow *control; /* nullable: no check, or only one control */
  GArray *numbers;      /* nullable: of the controls in @control */
} Talk;

static void
talk_free (gpointer data)
{
  Talk *self = data;

  g_clear_weak_pointer (&self->widget);
  g_object_unref (self->workspace);
  lw_case_unref (self->value);
  g_clear_pointer (&self->numbers, g_array_unref);
  g_free (self);
}

GtkWidget *
lw_event_files_row_new (LwWorkspace *workspace, const LwEvent *event)
{
  g_autoptr (GPtrArray) list =
      lw_evidence_list_from_json (lw_json_get_array (event->body, "evidence"));
  GtkWidget *box = gtk_box_new (GTK_ORIENTATION_VERTICAL, 6);
  GtkWidget *row;
  guint n = 0;

  gtk_widget_set_margin_start (box, 12);
  gtk_widget_set_margin_end (box, 12);
  gtk_widget_set_margin_top (box, 6);
  gtk_widget_set_margin_bottom (box, 6);
  for (guint i = 0; i < list->len; i++)
    {
      const LwEvidence *item = g_ptr_array_index (list, i);

      if (!item->sha256)
        continue;
      gtk_box_append (GTK_BOX (box), lw_evidence_row_new (workspace, NULL, item, FALSE));
      n++;
    }
  if (n == 0)
    {
      g_object_ref_sink (box);
      g_object_unref (box);
      return NULL;
    }
  row = adw_preferences_row_new ();
  gtk_list_box_row_set_child (GTK_LIST_BOX_ROW (row), box);
  gtk_list_box_row_set_activatable (GTK_LIST_BOX_ROW (row), FALSE);
  gtk_widget_set_focusable (row, FALSE);
  gtk_accessible_update_property (GTK_ACCESSIBLE (row), GTK_ACCESSIBLE_PROPERTY_LABEL,
                                  _ ("Files that go with the entry above"), -1);
  return row;
}

static GArray *
controls_of (LwWorkspace *workspace, LwCase *value)
{
  const LwPerson *person = lw_session_get_person (lw_workspace_get_session (workspace));
  GArray *numbers = g_array_new (FALSE, FALSE, sizeof (guint));

  for (guint i = 0; value->content && i < value->content->controls->len; i++)
    {
      const LwControl *control = g_ptr_array_index (value->content->controls, i);
      guint number = i + 1;

      if (lw_person_equal (control->checked_by, person))
        g_array_append_val (numbers, number);
    }

  return numbers;
}

gboolean
lw_case_talk_may_check (LwWorkspace *workspace, LwCase *value)
{
  g_autoptr (GArray) numbers = controls_of (workspace, value);
  LwSession *session = lw_workspace_get_session (workspace);
  g_autoptr (JsonObject) body = json_object_new ();

  return numbers->len > 0 &&
         lw_case_check (value, LW_EVENT_CONTROL_CHECKED, lw_session_get_person (session), body,
                        lw_session_get_hierarchy (session), NULL);
}

static void
sent (gpointer owner, const GValue *value, const GError *error, gpointer data)
{
  LwCommentDialog *dialog = owner;
  Talk *self = g_object_get_data (G_OBJECT (dialog), "talk");

  if (error)
    {
      lw_comment_dialog_set_problem (dialog, error->message, TRUE);
      return;
    }
  lw_workspace_take_case (self->workspace, g_value_get_boxed (value));
  if (self->widget)
    lw_toast (self->widget,
              lw_outbox_toast (g_value_get_boxed (value),
                               self->numbers ? _ ("Check recorded") : _ ("Comment added")));
  adw_dialog_force_close (ADW_DIALOG (dialog));
}

static void
send (LwCommentDialog *dialog, const char *text)
{
  Talk *self = g_object_get_data (G_OBJECT (dialog), "talk");
  LwSession *session = lw_workspace_get_session (self->workspace);
  GPtrArray *files = lw_evidence_list_get_files (self->list);
  guint chosen = self->control ? adw_combo_row_get_selected (self->control) : 0;

  if (lw_evidence_list_is_busy (self->list))
    {
      lw_comment_dialog_set_problem (dialog, _ ("A file is still being attached; send it then."),
                                     TRUE);
      return;
    }
  lw_when (self->numbers
               ? lw_check_control (session, self->value->request_id,
                                   g_array_index (self->numbers, guint, chosen), text, files)
               : lw_comment_with (session, self->value->request_id, text, files),
           dialog, sent, NULL, NULL);
}

/* Which control, where more than one names the person. */
static GtkWidget *
control_row_new (Talk *self)
{
  GtkWidget *list = gtk_list_box_new ();
  GtkWidget *row = adw_combo_row_new ();
  g_autoptr (GtkStringList) names = gtk_string_list_new (NULL);

  for (guint i = 0; i < self->numbers->len; i++)
    {
      guint number = g_array_index (self->numbers, guint, i);
      const LwControl *control = g_ptr_array_index (self->value->content->controls, number - 1);
      g_autofree char *name = g_strdup_printf ("%u. %s", number,
                                               control->objective && *control->objective
                                                   ? control->objective
                                                   : lw_control_kind_title (control->kind));

      gtk_string_list_append (names, name);
    }
  adw_preferences_row_set_title (ADW_PREFERENCES_ROW (row), _ ("Control"));
  adw_combo_row_set_model (ADW_COMBO_ROW (row), G_LIST_MODEL (names));
  self->control = ADW_COMBO_ROW (row);
  gtk_list_box_set_selection_mode (GTK_LIST_BOX (list), GTK_SELECTION_NONE);
  gtk_widget_add_css_class (list, "boxed-list");
  gtk_list_box_append (GTK_LIST_BOX (list), row);

  return list;
}

static void
present (GtkWidget *widget,
         AdwDialog *dialog,
         LwWorkspace *workspace,
         LwCase *value,
         GArray *numbers)
{
  Talk *self = g_new0 (Talk, 1);
  GtkWidget *extra = gtk_box_new (GTK_ORIENTATION_VERTICAL, 12);

  self->workspace = g_object_ref (workspace);
  self->value = lw_case_ref (value);
  self->numbers = numbers;
  g_set_weak_pointer (&self->widget, widget);
  self->list = LW_EVIDENCE_LIST (
      lw_evidence_list_new (workspace, NULL, _ ("Files that go with what you write")));
  if (numbers && numbers->len > 1)
    gtk_box_append (GTK_BOX (extra), control_row_new (self));
  gtk_box_append (GTK_BOX (extra), GTK_WIDGET (self->list));
  lw_comment_dialog_set_extra (LW_COMMENT_DIALOG (dialog), extra);
  g_object_set_data_full (G_OBJECT (dialog), "talk", self, talk_free);
  g_signal_connect (dialog, "send", G_CALLBACK (send), NULL);
  adw_dialog_present (dialog, widget);
}

void
lw_case_talk_comment (GtkWidget *widget, LwWorkspace *workspace, LwCase *value)
{
  AdwDialog *dialog = lw_comment_dialog_new (
      _ ("Comment"), _ ("Everybody who may read the request reads this; it stays on record."),
      _ ("_Send"), FALSE, NULL);

  present (widget, dialog, workspace, value, NULL);
}

void
lw_case_talk_check (GtkWidget *widget, LwWorkspace *workspace, LwCase *value)
{
  AdwDialog *dialog = lw_comment_dialog_new (
      _ ("Record a Check"),
      _ ("What did you check, and what did you find? It stays on record, with your name."),
      _ ("_Record"), FALSE, NULL);

  present (widget, dialog, workspace, value, controls_of (workspace, value));
}
