/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "config.h"

#include "lw-person-picker.h"

#include <glib/gi18n-lib.h>

#include "lw-await.h"
#include "lw-widgets.h"

#define SEARCH_DELAY_MS 250

struct _LwPersonPicker
{
  AdwDialog parent_instance;

  LwWorkspace *workspace;
  guint turn;

  GtkSearchEntry *entry;
  GtkStack *stack;
  AdwStatusPage *message;
  GtkListBox *list;
};

static guint chosen_signal;

G_DEFINE_FINAL_TYPE (LwPersonPicker, lw_person_picker, ADW_TYPE_DIALOG)

char *
lw_directory_person_describe (const LwDirectoryPerson *person)
{
  g_autoptr (GPtrArray) parts = g_ptr_array_new ();

  if (person->job_title != NULL && *person->job_title != '\0')
    g_ptr_array_add (parts, person->job_title);
  /* "Engineering Manager, Evaluation" of Evaluation need not say it twice. */
  if (person->department != NULL && *person->department != '\0' &&
      (person->job_title == NULL || strstr (person->job_title, person->department) == NULL))
    g_ptr_array_add (parts, person->department);
  g_ptr_array_add (parts, NULL);
  return g_strjoinv (", ", (char **) parts->pdata);
}

static void
show_message (LwPersonPicker *self, const char *icon, const char *title, const char *text)
{
  g_autofree char *escaped = text != NULL ? g_markup_escape_text (text, -1) : NULL;

  adw_status_page_set_icon_name (self->message, icon);
  adw_status_page_set_title (self->message, title);
  adw_status_page_set_description (self->message, escaped);
  gtk_stack_set_visible_child_name (self->stack, "message");
}

static void
add_person (LwPersonPicker *self, const LwDirectoryPerson *found, const char *note)
{
  const LwPerson *person = found->person;
  const char *name = person->name != NULL ? person->name : person->upn;
  g_autofree char *described = lw_directory_person_describe (found);
  g_autofree char *subtitle = NULL;
  GtkWidget *row = adw_action_row_new ();

  subtitle = *described != '\0' && person->upn != NULL
                 ? g_strdup_printf ("%s · %s", described, person->upn)
                 : g_strdup (*described != '\0' ? described : person->upn);
  adw_preferences_row_set_use_markup (ADW_PREFERENCES_ROW (row), FALSE);
  adw_preferences_row_set_title (ADW_PREFERENCES_ROW (row), name != NULL ? name : "");
  adw_action_row_set_subtitle (ADW_ACTION_ROW (row), subtitle != NULL ? subtitle : "");
  adw_action_row_add_prefix (ADW_ACTION_ROW (row), adw_avatar_new (32, name, TRUE));
  if (found->enabled == 0)
    adw_action_row_add_suffix (ADW_ACTION_ROW (row), lw_pill_new (_ ("Disabled"), "error"));
  else if (note != NULL)
    adw_action_row_add_suffix (ADW_ACTION_ROW (row), lw_pill_new (note, "neutral"));
  gtk_list_box_row_set_activatable (GTK_LIST_BOX_ROW (row), TRUE);
  g_object_set_data_full (G_OBJECT (row), "person", lw_directory_person_copy (found),
                          (GDestroyNotify) lw_directory_person_free);
  gtk_list_box_append (self->list, row);
}

/* Before anything was typed: oneself. */
static void
show_me (LwPersonPicker *self)
{
  const LwPerson *person = lw_session_get_person (lw_workspace_get_session (self->workspace));
  const LwDirectoryPerson me = { .person = (LwPerson *) person, .enabled = -1 };

  gtk_list_box_remove_all (self->list);
  if (person == NULL)
    {
      show_message (self, "system-search-symbolic", _ ("Find a Person"),
                    _ ("Type a name or an address."));
      return;
    }
  add_person (self, &me, _ ("You"));
  gtk_stack_set_visible_child_name (self->stack, "list");
}

typedef struct
{
  LwPersonPicker *picker;
  char *text;
  guint turn;
} Search;

static void
search_free (gpointer data)
{
  Search *search = data;

  g_object_unref (search->picker);
  g_free (search->text);
  g_free (search);
}

static DexFuture *
search_fiber (gpointer data)
{
  Search *search = data;
  LwPersonPicker *self = search->picker;
  LwClient *client = lw_session_get_client (lw_workspace_get_session (self->workspace));
  g_autoptr (GError) error = NULL;
  g_autoptr (GPtrArray) people =
      dex_await_boxed (lw_client_search_people (client, search->text), &error);
  g_autofree char *title = NULL;

  if (search->turn != self->turn || (error != NULL && lw_error_is_cancelled (error)))
    return dex_future_new_for_boolean (FALSE);
  gtk_list_box_remove_all (self->list);
  if (people == NULL)
    show_message (self, "dialog-warning-symbolic", _ ("The Directory Did Not Answer"),
                  error->message);
  else if (people->len == 0)
    {
      show_message (self, "system-search-symbolic", _ ("Nobody Found"),
                    _ ("Try the beginning of a name or of an address."));
      gtk_accessible_announce (GTK_ACCESSIBLE (self), _ ("Nobody found"),
                               GTK_ACCESSIBLE_ANNOUNCEMENT_PRIORITY_MEDIUM);
    }
  else
    {
      for (guint i = 0; i < people->len; i++)
        add_person (self, g_ptr_array_index (people, i), NULL);
      title = g_strdup_printf (ngettext ("%u person found", "%u people found", people->len),
                               people->len);
      gtk_stack_set_visible_child_name (self->stack, "list");
      gtk_accessible_announce (GTK_ACCESSIBLE (self), title,
                               GTK_ACCESSIBLE_ANNOUNCEMENT_PRIORITY_MEDIUM);
    }
  return dex_future_new_for_boolean (TRUE);
}

static void
search_changed (LwPersonPicker *self)
{
  g_autofree char *text =
      g_strstrip (g_strdup (gtk_editable_get_text (GTK_EDITABLE (self->entry))));
  Search *search;

  self->turn++;
  if (*text == '\0')
    {
      show_me (self);
      return;
    }
  gtk_stack_set_visible_child_name (self->stack, "searching");
  search = g_new0 (Search, 1);
  search->picker = g_object_ref (self);
  search->text = g_steal_pointer (&text);
  search->turn = self->turn;
  lw_workspace_spawn (self->workspace, search_fiber, search, search_free);
}

static void
row_activated (LwPersonPicker *self, GtkListBoxRow *row)
{
  g_signal_emit (self, chosen_signal, 0, g_object_get_data (G_OBJECT (row), "person"));
  adw_dialog_close (ADW_DIALOG (self));
}

static void
entry_activated (LwPersonPicker *self)
{
  GtkListBoxRow *row = gtk_list_box_get_row_at_index (self->list, 0);

  if (row != NULL && g_strcmp0 (gtk_stack_get_visible_child_name (self->stack), "list") == 0)
    gtk_widget_grab_focus (GTK_WIDGET (row));
}

static void
lw_person_picker_dispose (GObject *object)
{
  LwPersonPicker *self = LW_PERSON_PICKER (object);

  self->turn++;
  gtk_widget_dispose_template (GTK_WIDGET (self), LW_TYPE_PERSON_PICKER);
  g_clear_object (&self->workspace);
  G_OBJECT_CLASS (lw_person_picker_parent_class)->dispose (object);
}

static void
lw_person_picker_class_init (LwPersonPickerClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->dispose = lw_person_picker_dispose;
  gtk_widget_class_set_template_from_resource (widget_class,
                                               "/org/leeway/Leeway/lw-person-picker.ui");
  gtk_widget_class_bind_template_child (widget_class, LwPersonPicker, entry);
  gtk_widget_class_bind_template_child (widget_class, LwPersonPicker, stack);
  gtk_widget_class_bind_template_child (widget_class, LwPersonPicker, message);
  gtk_widget_class_bind_template_child (widget_class, LwPersonPicker, list);
  gtk_widget_class_bind_template_callback (widget_class, search_changed);
  gtk_widget_class_bind_template_callback (widget_class, row_activated);
  gtk_widget_class_bind_template_callback (widget_class, entry_activated);
  chosen_signal =
      g_signal_new ("chosen", LW_TYPE_PERSON_PICKER, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL,
                    G_TYPE_NONE, 1, LW_TYPE_DIRECTORY_PERSON | G_SIGNAL_TYPE_STATIC_SCOPE);
}

static void
lw_person_picker_init (LwPersonPicker *self)
{
  gtk_widget_init_template (GTK_WIDGET (self));
  gtk_search_entry_set_search_delay (self->entry, SEARCH_DELAY_MS);
}

AdwDialog *
lw_person_picker_new (LwWorkspace *workspace, const char *title)
{
  LwPersonPicker *self;

  g_return_val_if_fail (LW_IS_WORKSPACE (workspace), NULL);
  self = g_object_new (LW_TYPE_PERSON_PICKER, "title", title, NULL);
  self->workspace = g_object_ref (workspace);
  show_me (self);
  return ADW_DIALOG (self);
}
