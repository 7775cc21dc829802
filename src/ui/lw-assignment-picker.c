/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "config.h"

#include "lw-assignment-picker.h"

#include <glib/gi18n-lib.h>

#include "lw-await.h"
#include "lw-widgets.h"

/* More rows than that nobody reads: one types another letter. */
#define MAX_ROWS 150
/* Definitions are read so many at a time. */
#define BATCH 8

typedef struct
{
  LwAssignment *assignment;
  char *key; /* what the search looks in, folded */
} Entry;

struct _LwAssignmentPicker
{
  AdwDialog parent_instance;

  LwWorkspace *workspace;
  GPtrArray *entries;
  gboolean closed;

  GtkSearchEntry *entry;
  GtkStack *stack;
  AdwStatusPage *message;
  GtkListBox *list;
};

static guint chosen_signal;

G_DEFINE_FINAL_TYPE (LwAssignmentPicker, lw_assignment_picker, ADW_TYPE_DIALOG)

static void
entry_free (gpointer data)
{
  Entry *entry = data;

  lw_assignment_unref (entry->assignment);
  g_free (entry->key);
  g_free (entry);
}

const char *
lw_effect_title (const char *effect)
{
  const struct
  {
    const char *effect;
    const char *title;
  } effects[] = {
    { "deny", _ ("Deny") },
    { "audit", _ ("Audit") },
    { "auditIfNotExists", _ ("Audit if not exists") },
    { "deployIfNotExists", _ ("Deploy if not exists") },
    { "modify", _ ("Modify") },
    { "append", _ ("Append") },
    { "denyAction", _ ("Deny action") },
    { "manual", _ ("Manual") },
    { "disabled", _ ("Disabled") },
  };

  for (guint i = 0; effect != NULL && i < G_N_ELEMENTS (effects); i++)
    if (g_ascii_strcasecmp (effect, effects[i].effect) == 0)
      return effects[i].title;
  return effect != NULL ? effect : _ ("Effect unknown");
}

static gboolean
is_enforced (LwAssignment *assignment)
{
  return assignment->enforcement_mode == NULL ||
         g_ascii_strcasecmp (assignment->enforcement_mode, "Default") == 0;
}

GtkWidget *
lw_assignment_pill_new (LwAssignment *assignment)
{
  return is_enforced (assignment) ? lw_pill_new (_ ("Enforced"), "neutral")
                                  : lw_pill_new (_ ("Not Enforced"), "warning");
}

char *
lw_assignment_describe (LwWorkspace *workspace, LwAssignment *assignment)
{
  g_autofree char *scope = lw_workspace_scope_title (workspace, assignment->scope);
  guint n = assignment->references != NULL ? assignment->references->len : 0;

  if (assignment->initiative && n > 0)
    return g_strdup_printf (ngettext ("Initiative with %u definition, assigned to: %s",
                                      "Initiative with %u definitions, assigned to: %s", n),
                            n, scope);
  if (assignment->initiative)
    return g_strdup_printf (_ ("Initiative, assigned to: %s"), scope);
  if (n == 1)
    {
      LwPolicyReference *reference = g_ptr_array_index (assignment->references, 0);

      return g_strdup_printf (_ ("%s, assigned to: %s"), lw_effect_title (reference->effect),
                              scope);
    }
  return g_strdup_printf (_ ("Assigned to: %s"), scope);
}

static void
set_key (Entry *entry)
{
  LwAssignment *assignment = entry->assignment;
  g_autoptr (GString) text = g_string_new (NULL);
  const char *const parts[] = { assignment->display_name, assignment->name,
                                assignment->category,     assignment->definition_name,
                                assignment->id,           assignment->definition_id };

  for (guint i = 0; i < G_N_ELEMENTS (parts); i++)
    if (parts[i] != NULL)
      g_string_append_printf (text, "%s\n", parts[i]);
  for (guint i = 0; assignment->references != NULL && i < assignment->references->len; i++)
    {
      LwPolicyReference *reference = g_ptr_array_index (assignment->references, i);

      g_string_append_printf (text, "%s\n%s\n",
                              reference->display_name != NULL ? reference->display_name : "",
                              reference->reference_id != NULL ? reference->reference_id : "");
    }
  g_free (entry->key);
  entry->key = g_utf8_casefold (text->str, -1);
}

/* Every word must be found somewhere. */
static gboolean
matches (Entry *entry, char **words)
{
  for (guint i = 0; words[i] != NULL; i++)
    if (*words[i] != '\0' && strstr (entry->key, words[i]) == NULL)
      return FALSE;
  return TRUE;
}

static void
show_message (LwAssignmentPicker *self, const char *icon, const char *title, const char *text)
{
  g_autofree char *escaped = text != NULL ? g_markup_escape_text (text, -1) : NULL;

  adw_status_page_set_icon_name (self->message, icon);
  adw_status_page_set_title (self->message, title);
  adw_status_page_set_description (self->message, escaped);
  gtk_stack_set_visible_child_name (self->stack, "message");
}

static GtkWidget *
row_new (LwAssignmentPicker *self, LwAssignment *assignment)
{
  GtkWidget *row = adw_action_row_new ();
  g_autofree char *described = lw_assignment_describe (self->workspace, assignment);
  g_autofree char *subtitle = assignment->category != NULL
                                  ? g_strdup_printf ("%s · %s", assignment->category, described)
                                  : g_strdup (described);

  adw_preferences_row_set_use_markup (ADW_PREFERENCES_ROW (row), FALSE);
  adw_preferences_row_set_title (ADW_PREFERENCES_ROW (row), assignment->display_name);
  adw_action_row_set_subtitle (ADW_ACTION_ROW (row), subtitle);
  adw_action_row_add_suffix (ADW_ACTION_ROW (row), lw_assignment_pill_new (assignment));
  gtk_widget_set_tooltip_text (row, assignment->id);
  gtk_list_box_row_set_activatable (GTK_LIST_BOX_ROW (row), TRUE);
  g_object_set_data_full (G_OBJECT (row), "assignment", lw_assignment_ref (assignment),
                          (GDestroyNotify) lw_assignment_unref);
  return row;
}

static void
fill (LwAssignmentPicker *self)
{
  g_autofree char *folded =
      g_utf8_casefold (gtk_editable_get_text (GTK_EDITABLE (self->entry)), -1);
  g_auto (GStrv) words = g_strsplit_set (folded, " \t", -1);
  guint shown = 0;

  gtk_list_box_remove_all (self->list);
  for (guint i = 0; i < self->entries->len && shown < MAX_ROWS; i++)
    {
      Entry *entry = g_ptr_array_index (self->entries, i);

      if (!matches (entry, words))
        continue;
      gtk_list_box_append (self->list, row_new (self, entry->assignment));
      shown++;
    }
  if (shown > 0)
    gtk_stack_set_visible_child_name (self->stack, "list");
  else if (self->entries->len == 0)
    show_message (self, "system-search-symbolic", _ ("No Policy Assignments"),
                  _ ("You see none in this tenant. Ask for Reader on the subscription."));
  else
    show_message (self, "system-search-symbolic", _ ("Nothing Found"),
                  _ ("Try another word of its name, its category or its id."));
}

static void
search_changed (LwAssignmentPicker *self)
{
  if (g_strcmp0 (gtk_stack_get_visible_child_name (self->stack), "searching") != 0)
    fill (self);
}

static void
entry_activated (LwAssignmentPicker *self)
{
  GtkListBoxRow *row = gtk_list_box_get_row_at_index (self->list, 0);

  if (row != NULL && g_strcmp0 (gtk_stack_get_visible_child_name (self->stack), "list") == 0)
    gtk_widget_grab_focus (GTK_WIDGET (row));
}

static void
row_activated (LwAssignmentPicker *self, GtkListBoxRow *row)
{
  g_signal_emit (self, chosen_signal, 0, g_object_get_data (G_OBJECT (row), "assignment"));
  adw_dialog_close (ADW_DIALOG (self));
}

static gint
compare_names (gconstpointer a, gconstpointer b)
{
  return g_utf8_collate ((*(Entry *const *) a)->assignment->display_name,
                         (*(Entry *const *) b)->assignment->display_name);
}

/* Shows what was learned in the rows that are there, so that nothing moves under the pointer. */
static void
refresh_rows (LwAssignmentPicker *self)
{
  for (int i = 0;; i++)
    {
      GtkListBoxRow *row = gtk_list_box_get_row_at_index (self->list, i);
      LwAssignment *old;

      if (row == NULL)
        return;
      old = g_object_get_data (G_OBJECT (row), "assignment");
      for (guint j = 0; j < self->entries->len; j++)
        {
          Entry *entry = g_ptr_array_index (self->entries, j);
          g_autofree char *described = NULL;
          g_autofree char *subtitle = NULL;

          if (entry->assignment == old || !lw_arm_id_equal (entry->assignment->id, old->id))
            continue;
          described = lw_assignment_describe (self->workspace, entry->assignment);
          subtitle = entry->assignment->category != NULL
                         ? g_strdup_printf ("%s · %s", entry->assignment->category, described)
                         : g_strdup (described);
          adw_action_row_set_subtitle (ADW_ACTION_ROW (row), subtitle);
          g_object_set_data_full (G_OBJECT (row), "assignment",
                                  lw_assignment_ref (entry->assignment),
                                  (GDestroyNotify) lw_assignment_unref);
          break;
        }
    }
}

/* Names of definitions and categories come after the list, a few at a time. */
static void
load_definitions (LwAssignmentPicker *self, LwClient *client)
{
  for (guint start = 0; start < self->entries->len && !self->closed; start += BATCH)
    {
      guint end = MIN (start + BATCH, self->entries->len);
      g_autoptr (GPtrArray) futures = g_ptr_array_new_with_free_func (dex_unref);

      for (guint i = start; i < end; i++)
        {
          Entry *entry = g_ptr_array_index (self->entries, i);

          g_ptr_array_add (futures, lw_client_load_definition (client, entry->assignment));
        }
      for (guint i = start; i < end; i++)
        {
          Entry *entry;
          g_autoptr (LwAssignment) whole =
              dex_await_boxed (dex_ref (g_ptr_array_index (futures, i - start)), NULL);

          if (whole == NULL || i >= self->entries->len)
            continue;
          entry = g_ptr_array_index (self->entries, i);
          lw_assignment_unref (entry->assignment);
          entry->assignment = g_steal_pointer (&whole);
          set_key (entry);
        }
      if (!self->closed)
        refresh_rows (self);
    }
}

static DexFuture *
load_fiber (gpointer data)
{
  LwAssignmentPicker *self = data;
  LwClient *client = lw_session_get_client (lw_workspace_get_session (self->workspace));
  g_autoptr (GError) error = NULL;
  g_autoptr (GPtrArray) found = dex_await_boxed (lw_client_list_all_assignments (client), &error);

  if (self->closed || (error != NULL && lw_error_is_cancelled (error)))
    return dex_future_new_for_boolean (FALSE);
  if (found == NULL)
    {
      show_message (self, "dialog-warning-symbolic", _ ("The Policies Cannot Be Read"),
                    error->message);
      return dex_future_new_for_boolean (FALSE);
    }
  for (guint i = 0; i < found->len; i++)
    {
      Entry *entry = g_new0 (Entry, 1);

      entry->assignment = lw_assignment_ref (g_ptr_array_index (found, i));
      set_key (entry);
      g_ptr_array_add (self->entries, entry);
    }
  g_ptr_array_sort (self->entries, compare_names);
  fill (self);
  load_definitions (self, client);
  return dex_future_new_for_boolean (TRUE);
}

static void
lw_assignment_picker_closed (AdwDialog *dialog)
{
  LW_ASSIGNMENT_PICKER (dialog)->closed = TRUE;
}

static void
lw_assignment_picker_dispose (GObject *object)
{
  LwAssignmentPicker *self = LW_ASSIGNMENT_PICKER (object);

  self->closed = TRUE;
  gtk_widget_dispose_template (GTK_WIDGET (self), LW_TYPE_ASSIGNMENT_PICKER);
  G_OBJECT_CLASS (lw_assignment_picker_parent_class)->dispose (object);
}

static void
lw_assignment_picker_finalize (GObject *object)
{
  LwAssignmentPicker *self = LW_ASSIGNMENT_PICKER (object);

  g_clear_object (&self->workspace);
  g_clear_pointer (&self->entries, g_ptr_array_unref);
  G_OBJECT_CLASS (lw_assignment_picker_parent_class)->finalize (object);
}

static void
lw_assignment_picker_class_init (LwAssignmentPickerClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->dispose = lw_assignment_picker_dispose;
  G_OBJECT_CLASS (klass)->finalize = lw_assignment_picker_finalize;
  ADW_DIALOG_CLASS (klass)->closed = lw_assignment_picker_closed;
  gtk_widget_class_set_template_from_resource (widget_class,
                                               "/org/leeway/Leeway/lw-assignment-picker.ui");
  gtk_widget_class_bind_template_child (widget_class, LwAssignmentPicker, entry);
  gtk_widget_class_bind_template_child (widget_class, LwAssignmentPicker, stack);
  gtk_widget_class_bind_template_child (widget_class, LwAssignmentPicker, message);
  gtk_widget_class_bind_template_child (widget_class, LwAssignmentPicker, list);
  gtk_widget_class_bind_template_callback (widget_class, search_changed);
  gtk_widget_class_bind_template_callback (widget_class, row_activated);
  gtk_widget_class_bind_template_callback (widget_class, entry_activated);
  chosen_signal = g_signal_new ("chosen", LW_TYPE_ASSIGNMENT_PICKER, G_SIGNAL_RUN_LAST, 0, NULL,
                                NULL, NULL, G_TYPE_NONE, 1, LW_TYPE_ASSIGNMENT);
}

static void
lw_assignment_picker_init (LwAssignmentPicker *self)
{
  gtk_widget_init_template (GTK_WIDGET (self));
  self->entries = g_ptr_array_new_with_free_func (entry_free);
  gtk_stack_set_visible_child_name (self->stack, "searching");
}

AdwDialog *
lw_assignment_picker_new (LwWorkspace *workspace)
{
  LwAssignmentPicker *self;

  g_return_val_if_fail (LW_IS_WORKSPACE (workspace), NULL);
  self = g_object_new (LW_TYPE_ASSIGNMENT_PICKER, "title", _ ("Choose a Policy"), NULL);
  self->workspace = g_object_ref (workspace);
  lw_workspace_spawn (workspace, load_fiber, g_object_ref (self), g_object_unref);
  return ADW_DIALOG (self);
}
