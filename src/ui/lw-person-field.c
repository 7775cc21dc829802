/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "config.h"

#include "lw-person-field.h"

#include <glib/gi18n-lib.h>

#include "lw-await.h"
#include "lw-person-picker.h"
#include "lw-widgets.h"

struct _LwPersonField
{
  LwFieldRow parent_instance;

  LwWorkspace *workspace;
  LwPerson *person;
  guint turn;

  GtkWidget *chosen;
  AdwAvatar *avatar;
  GtkLabel *name;
  GtkLabel *detail;
  GtkButton *button;
};

G_DEFINE_FINAL_TYPE (LwPersonField, lw_person_field, LW_TYPE_FIELD_ROW)

static void
set_detail (LwPersonField *self, const LwDirectoryPerson *found)
{
  g_autofree char *described = NULL;
  g_autofree char *text = NULL;
  const char *state = NULL;

  gtk_widget_remove_css_class (GTK_WIDGET (self->detail), "error");
  if (found != NULL)
    {
      described = lw_directory_person_describe (found);
      if (found->enabled == 0)
        {
          state = _ ("This account is disabled");
          gtk_widget_add_css_class (GTK_WIDGET (self->detail), "error");
        }
      else if (found->enabled < 0 && *described != '\0')
        state = _ ("whether the account is enabled is hidden from you");
    }
  if (described != NULL && *described != '\0' && state != NULL)
    text = g_strdup_printf ("%s, %s", described, state);
  else if (described != NULL && *described != '\0')
    text = g_steal_pointer (&described);
  else if (state != NULL)
    text = g_strdup (state);
  else
    text = g_strdup (self->person != NULL && self->person->upn != NULL ? self->person->upn : "");
  gtk_label_set_text (self->detail, text);
}

static void
show_person (LwPersonField *self)
{
  const char *name = self->person == NULL         ? NULL
                     : self->person->name != NULL ? self->person->name
                                                  : self->person->upn;

  const char *label = self->person != NULL ? _ ("Change…") : _ ("Choose…");
  g_autofree char *spoken = NULL;

  gtk_widget_set_visible (self->chosen, self->person != NULL);
  adw_avatar_set_text (self->avatar, name);
  gtk_label_set_text (self->name, name != NULL ? name : "");
  gtk_button_set_label (self->button, label);
  /* Translators: what is asked, then what the button says */
  spoken = g_strdup_printf (_ ("%s: %s"),
                            adw_preferences_row_get_title (ADW_PREFERENCES_ROW (self)), label);
  lw_button_set_name (GTK_WIDGET (self->button), spoken);
  set_detail (self, NULL);
}

typedef struct
{
  LwPersonField *row;
  char *upn;
  guint turn;
} Lookup;

static void
lookup_free (gpointer data)
{
  Lookup *lookup = data;

  g_object_unref (lookup->row);
  g_free (lookup->upn);
  g_free (lookup);
}

/* Title and department of somebody whom a draft only names. */
static DexFuture *
lookup_fiber (gpointer data)
{
  Lookup *lookup = data;
  LwPersonField *self = lookup->row;
  LwClient *client = lw_session_get_client (lw_workspace_get_session (self->workspace));
  g_autoptr (GPtrArray) people =
      dex_await_boxed (lw_client_search_people (client, lookup->upn), NULL);

  if (people == NULL || lookup->turn != self->turn || self->person == NULL)
    return dex_future_new_for_boolean (FALSE);
  for (guint i = 0; i < people->len; i++)
    {
      LwDirectoryPerson *found = g_ptr_array_index (people, i);

      if (lw_person_equal (found->person, self->person))
        set_detail (self, found);
    }
  return dex_future_new_for_boolean (TRUE);
}

void
lw_person_field_set_person (LwPersonField *self, const LwPerson *person)
{
  Lookup *lookup;

  g_return_if_fail (LW_IS_PERSON_FIELD (self));
  if (person == self->person || lw_person_equal (person, self->person))
    return;
  self->turn++;
  g_clear_pointer (&self->person, lw_person_free);
  self->person = person != NULL ? lw_person_copy (person) : NULL;
  show_person (self);
  if (self->person == NULL || self->person->upn == NULL)
    return;
  lookup = g_new0 (Lookup, 1);
  lookup->row = g_object_ref (self);
  lookup->upn = g_strdup (self->person->upn);
  lookup->turn = self->turn;
  lw_workspace_spawn (self->workspace, lookup_fiber, lookup, lookup_free);
}

const LwPerson *
lw_person_field_get_person (LwPersonField *self)
{
  g_return_val_if_fail (LW_IS_PERSON_FIELD (self), NULL);
  return self->person;
}

static void
person_chosen (LwPersonField *self, LwDirectoryPerson *found)
{
  gboolean known = found->job_title != NULL || found->department != NULL || found->enabled >= 0;

  if (known)
    {
      self->turn++;
      g_clear_pointer (&self->person, lw_person_free);
      self->person = lw_person_copy (found->person);
      show_person (self);
      set_detail (self, found);
    }
  else
    lw_person_field_set_person (self, found->person);
  lw_field_row_touch (LW_FIELD_ROW (self));
  lw_field_row_emit_changed (LW_FIELD_ROW (self));
}

static void
button_clicked (LwPersonField *self)
{
  AdwDialog *picker = lw_person_picker_new (
      self->workspace, adw_preferences_row_get_title (ADW_PREFERENCES_ROW (self)));

  g_signal_connect_object (picker, "chosen", G_CALLBACK (person_chosen), self, G_CONNECT_SWAPPED);
  adw_dialog_present (picker, GTK_WIDGET (self));
}

static void
lw_person_field_dispose (GObject *object)
{
  LwPersonField *self = LW_PERSON_FIELD (object);

  self->turn++;
  g_clear_object (&self->workspace);
  G_OBJECT_CLASS (lw_person_field_parent_class)->dispose (object);
}

static void
lw_person_field_finalize (GObject *object)
{
  LwPersonField *self = LW_PERSON_FIELD (object);

  g_clear_pointer (&self->person, lw_person_free);
  G_OBJECT_CLASS (lw_person_field_parent_class)->finalize (object);
}

static gboolean
lw_person_field_is_answered (LwFieldRow *row)
{
  return LW_PERSON_FIELD (row)->person != NULL;
}

static void
lw_person_field_class_init (LwPersonFieldClass *klass)
{
  LW_FIELD_ROW_CLASS (klass)->is_answered = lw_person_field_is_answered;
  G_OBJECT_CLASS (klass)->dispose = lw_person_field_dispose;
  G_OBJECT_CLASS (klass)->finalize = lw_person_field_finalize;
}

static void
lw_person_field_init (LwPersonField *self)
{
  GtkWidget *texts = gtk_box_new (GTK_ORIENTATION_VERTICAL, 0);
  GtkWidget *line = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 0);

  self->chosen = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 10);
  gtk_widget_set_hexpand (self->chosen, TRUE);
  self->avatar = ADW_AVATAR (adw_avatar_new (32, NULL, TRUE));
  self->name = GTK_LABEL (gtk_label_new (NULL));
  self->detail = GTK_LABEL (gtk_label_new (NULL));
  gtk_label_set_xalign (self->name, 0);
  gtk_label_set_xalign (self->detail, 0);
  gtk_label_set_ellipsize (self->name, PANGO_ELLIPSIZE_END);
  gtk_label_set_wrap (self->detail, TRUE);
  gtk_widget_add_css_class (GTK_WIDGET (self->detail), "caption");
  gtk_widget_add_css_class (GTK_WIDGET (self->detail), "dim-label");
  gtk_widget_set_valign (texts, GTK_ALIGN_CENTER);
  gtk_box_append (GTK_BOX (texts), GTK_WIDGET (self->name));
  gtk_box_append (GTK_BOX (texts), GTK_WIDGET (self->detail));
  gtk_box_append (GTK_BOX (self->chosen), GTK_WIDGET (self->avatar));
  gtk_box_append (GTK_BOX (self->chosen), texts);
  self->button = GTK_BUTTON (gtk_button_new ());
  gtk_widget_set_valign (GTK_WIDGET (self->button), GTK_ALIGN_CENTER);
  gtk_widget_set_halign (GTK_WIDGET (self->button), GTK_ALIGN_START);
  gtk_box_append (GTK_BOX (line), self->chosen);
  gtk_box_append (GTK_BOX (line), GTK_WIDGET (self->button));
  lw_field_row_set_editor (LW_FIELD_ROW (self), line, GTK_WIDGET (self->button));
  g_signal_connect_swapped (self->button, "clicked", G_CALLBACK (button_clicked), self);
}

GtkWidget *
lw_person_field_new (LwWorkspace *workspace, const char *caption)
{
  LwPersonField *self;

  g_return_val_if_fail (LW_IS_WORKSPACE (workspace), NULL);
  self = g_object_new (LW_TYPE_PERSON_FIELD, NULL);
  self->workspace = g_object_ref (workspace);
  lw_field_row_set_caption (LW_FIELD_ROW (self), caption);
  show_person (self);
  return GTK_WIDGET (self);
}
