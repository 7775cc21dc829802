/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "config.h"

#include "lw-rules-dialogs.h"

#include <glib/gi18n-lib.h>

#include "lw-decision-parts.h"
#include "lw-widgets.h"

typedef struct
{
  GWeakRef owner;
  LwRulesFunc save; /* or merge */
  LwRulesFunc discard;
} Ask;

static void
ask_free (gpointer data)
{
  Ask *self = data;

  g_weak_ref_clear (&self->owner);
  g_free (self);
}

static void
answered (AdwAlertDialog *dialog, const char *response, gpointer user_data)
{
  Ask *self = g_object_get_data (G_OBJECT (dialog), "ask");
  g_autoptr (GObject) owner = g_weak_ref_get (&self->owner);

  if (owner == NULL)
    return;
  if (g_str_equal (response, "save"))
    self->save (owner);
  else if (g_str_equal (response, "discard"))
    self->discard (owner);
}

static void
present (GtkWidget *widget,
         AdwAlertDialog *dialog,
         GtkWidget *content,
         LwRulesFunc save,
         LwRulesFunc discard,
         gpointer user_data)
{
  Ask *self = g_new0 (Ask, 1);
  GtkWidget *scroll = gtk_scrolled_window_new ();

  g_weak_ref_init (&self->owner, user_data);
  self->save = save;
  self->discard = discard;
  gtk_scrolled_window_set_policy (GTK_SCROLLED_WINDOW (scroll), GTK_POLICY_NEVER,
                                  GTK_POLICY_AUTOMATIC);
  gtk_scrolled_window_set_propagate_natural_height (GTK_SCROLLED_WINDOW (scroll), TRUE);
  gtk_scrolled_window_set_max_content_height (GTK_SCROLLED_WINDOW (scroll), 420);
  gtk_scrolled_window_set_child (GTK_SCROLLED_WINDOW (scroll), content);
  adw_alert_dialog_set_extra_child (dialog, scroll);
  adw_alert_dialog_set_close_response (dialog, "cancel");
  g_object_set_data_full (G_OBJECT (dialog), "ask", self, ask_free);
  g_signal_connect (dialog, "response", G_CALLBACK (answered), NULL);
  adw_dialog_present (ADW_DIALOG (dialog), widget);
}

/* @lines: (element-type utf8) */
static void
add_lines (GtkWidget *box, const char *title, GPtrArray *lines)
{
  GtkWidget *section;

  if (lines == NULL || lines->len == 0)
    return;
  section = lw_section_new (title, NULL);
  for (guint i = 0; i < lines->len; i++)
    {
      g_autofree char *line = g_strdup_printf ("• %s", (char *) g_ptr_array_index (lines, i));

      gtk_box_append (GTK_BOX (section), lw_text_new (line));
    }
  gtk_box_append (GTK_BOX (box), section);
}

static gboolean
add_findings (GtkWidget *box, GPtrArray *findings)
{
  gboolean blocked = FALSE;

  for (guint i = 0; i < findings->len; i++)
    {
      const LwFinding *finding = g_ptr_array_index (findings, i);
      gboolean blocker = finding->severity == LW_SEVERITY_BLOCKER;

      blocked |= blocker;
      gtk_box_append (GTK_BOX (box),
                      lw_note_new (blocker ? "dialog-error-symbolic" : "dialog-warning-symbolic",
                                   finding->message,
                                   blocker                                    ? "error"
                                   : finding->severity == LW_SEVERITY_WARNING ? "warning"
                                                                              : "accent"));
    }
  return blocked;
}

void
lw_rules_save_dialog (GtkWidget *widget,
                      gboolean first,
                      GPtrArray *changes,
                      GPtrArray *findings,
                      GPtrArray *effects,
                      LwRulesFunc save,
                      gpointer user_data)
{
  AdwDialog *dialog = lw_alert_dialog_new (
      first ? _ ("Set the First Rules?") : _ ("Save the Rules?"),
      first
          ? _ ("You become their administrator: only who is named as one may change them from then "
               "on. It stays on record who set them, and cannot be taken back.")
          : _ ("They hold for what is submitted from now on. It stays on record who changed "
               "what."));
  GtkWidget *box = gtk_box_new (GTK_ORIENTATION_VERTICAL, 12);
  gboolean blocked = add_findings (box, findings);

  add_lines (box, first ? _ ("What Differs from What Leeway Ships With") : _ ("What Changes"),
             changes);
  add_lines (box, _ ("What It Means for Who Waits"), effects);
  adw_alert_dialog_add_responses (ADW_ALERT_DIALOG (dialog), "cancel",
                                  blocked ? _ ("_Back") : _ ("_Cancel"), NULL);
  if (!blocked)
    {
      adw_alert_dialog_add_response (ADW_ALERT_DIALOG (dialog), "save",
                                     first ? _ ("_Set Rules") : _ ("_Save"));
      adw_alert_dialog_set_response_appearance (ADW_ALERT_DIALOG (dialog), "save",
                                                ADW_RESPONSE_SUGGESTED);
    }
  present (widget, ADW_ALERT_DIALOG (dialog), box, save, NULL, user_data);
}

void
lw_rules_conflict_dialog (GtkWidget *widget,
                          const LwPerson *by,
                          GPtrArray *theirs,
                          GPtrArray *mine,
                          LwRulesFunc merge,
                          LwRulesFunc discard,
                          gpointer user_data)
{
  const char *name = by != NULL && by->name != NULL ? by->name : _ ("Somebody else");
  g_autofree char *body = g_strdup_printf (
      _ ("%s was faster. Yours were not saved, and nothing of them is lost. Put your changes on "
         "top of "
         "theirs and look at the result before it is saved, or take theirs as they are."),
      name);
  AdwDialog *dialog = lw_alert_dialog_new (_ ("The Rules Have Changed"), body);
  GtkWidget *box = gtk_box_new (GTK_ORIENTATION_VERTICAL, 12);

  add_lines (box, _ ("Their Changes"), theirs);
  add_lines (box, _ ("Your Changes"), mine);
  adw_alert_dialog_add_responses (ADW_ALERT_DIALOG (dialog), "cancel", _ ("_Keep Editing"),
                                  "discard", _ ("_Take Theirs"), "save", _ ("_Put Mine on Top"),
                                  NULL);
  adw_alert_dialog_set_response_appearance (ADW_ALERT_DIALOG (dialog), "save",
                                            ADW_RESPONSE_SUGGESTED);
  adw_alert_dialog_set_response_appearance (ADW_ALERT_DIALOG (dialog), "discard",
                                            ADW_RESPONSE_DESTRUCTIVE);
  present (widget, ADW_ALERT_DIALOG (dialog), box, merge, discard, user_data);
}
