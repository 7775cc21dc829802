/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "config.h"

#include "lw-outbox-button.h"

#include <glib/gi18n-lib.h>

#include "lw-decision-words.h"
#include "lw-outbox-card.h"
#include "lw-outbox-dialog.h"
#include "lw-widgets.h"

struct _LwOutboxButton
{
  AdwBin parent_instance;
  LwWorkspace *workspace; /* nullable */
  GSignalGroup *signals;
  GtkWidget *button;
  AdwButtonContent *content;
  guint queued;
};

G_DEFINE_FINAL_TYPE (LwOutboxButton, lw_outbox_button, ADW_TYPE_BIN)

static LwSender *
sender_of (LwOutboxButton *self)
{
  return self->workspace != NULL
             ? lw_session_get_sender (lw_workspace_get_session (self->workspace))
             : NULL;
}

static void
update (LwOutboxButton *self)
{
  LwSender *sender = sender_of (self);
  guint n = sender != NULL ? lw_sender_get_items (sender)->len : 0;
  guint conflicts = sender != NULL ? lw_sender_count (sender, LW_OUTBOX_CONFLICT) : 0;
  const char *notice = sender != NULL ? lw_outbox_get_notice (lw_sender_get_outbox (sender)) : NULL;
  g_autofree char *sentence = sender != NULL ? lw_outbox_sentence (sender) : NULL;
  g_autofree char *text = NULL;

  if (n > 0)
    text = g_strdup_printf (ngettext ("%u waiting to be sent", "%u waiting to be sent", n), n);
  else
    text = g_strdup (_ ("The outbox was damaged"));
  adw_button_content_set_label (self->content, text);
  adw_button_content_set_icon_name (self->content, conflicts > 0 || notice != NULL
                                                       ? "dialog-warning-symbolic"
                                                       : "document-send-symbolic");
  gtk_widget_set_tooltip_text (self->button, sentence);
  lw_button_set_name (self->button, sentence != NULL ? sentence : text);
  gtk_widget_set_visible (GTK_WIDGET (self), n > 0 || notice != NULL);
}

static gboolean
update_now (gpointer data)
{
  LwOutboxButton *self = data;

  self->queued = 0;
  update (self);
  return G_SOURCE_REMOVE;
}

/* The sender changes on a fiber, whose stack is too small for widgets. */
static void
queue_update (LwOutboxButton *self)
{
  if (self->queued == 0)
    self->queued = g_idle_add (update_now, self);
}

static void
clicked (LwOutboxButton *self)
{
  if (sender_of (self) != NULL)
    adw_dialog_present (lw_outbox_dialog_new (self->workspace), GTK_WIDGET (self));
}

void
lw_outbox_button_set_workspace (LwOutboxButton *self, LwWorkspace *workspace)
{
  g_return_if_fail (LW_IS_OUTBOX_BUTTON (self));
  g_set_object (&self->workspace, workspace);
  g_signal_group_set_target (self->signals, sender_of (self));
  update (self);
}

static void
lw_outbox_button_dispose (GObject *object)
{
  LwOutboxButton *self = LW_OUTBOX_BUTTON (object);

  g_clear_handle_id (&self->queued, g_source_remove);
  g_clear_object (&self->signals);
  g_clear_object (&self->workspace);
  G_OBJECT_CLASS (lw_outbox_button_parent_class)->dispose (object);
}

static void
lw_outbox_button_class_init (LwOutboxButtonClass *klass)
{
  G_OBJECT_CLASS (klass)->dispose = lw_outbox_button_dispose;
}

static void
lw_outbox_button_init (LwOutboxButton *self)
{
  self->content = ADW_BUTTON_CONTENT (adw_button_content_new ());
  adw_button_content_set_can_shrink (self->content, TRUE);
  gtk_widget_set_halign (GTK_WIDGET (self->content), GTK_ALIGN_START);
  self->button = gtk_button_new ();
  gtk_button_set_child (GTK_BUTTON (self->button), GTK_WIDGET (self->content));
  gtk_widget_add_css_class (self->button, "flat");
  gtk_widget_set_margin_start (self->button, 8);
  gtk_widget_set_margin_end (self->button, 8);
  g_signal_connect_swapped (self->button, "clicked", G_CALLBACK (clicked), self);
  adw_bin_set_child (ADW_BIN (self), self->button);
  self->signals = g_signal_group_new (LW_TYPE_SENDER);
  g_signal_group_connect_swapped (self->signals, "changed", G_CALLBACK (queue_update), self);
  update (self);
}

/* --- in a list of events ------------------------------------------------------------------------ */

static void
open_dialog (AdwActionRow *row, LwWorkspace *workspace)
{
  adw_dialog_present (lw_outbox_dialog_new (workspace), GTK_WIDGET (row));
}

static GtkWidget *
row_new (LwWorkspace *workspace, LwOutboxItem *item)
{
  gboolean conflict = item->state == LW_OUTBOX_CONFLICT;
  const char *text = lw_outbox_item_text (item);
  g_autofree char *title = g_strdup_printf (conflict ? _ ("%s, not sent: needs your decision")
                                                     : _ ("%s, waiting to be sent"),
                                            lw_outbox_item_kind_label (item));
  GtkWidget *row = adw_action_row_new ();
  GtkWidget *image = gtk_image_new_from_icon_name (conflict ? "dialog-warning-symbolic"
                                                            : "document-send-symbolic");

  adw_preferences_row_set_use_markup (ADW_PREFERENCES_ROW (row), FALSE);
  adw_preferences_row_set_title (ADW_PREFERENCES_ROW (row), title);
  adw_action_row_set_subtitle (ADW_ACTION_ROW (row), text != NULL ? text : "");
  gtk_widget_add_css_class (image, conflict ? "warning" : "dim-label");
  gtk_accessible_update_state (GTK_ACCESSIBLE (image), GTK_ACCESSIBLE_STATE_HIDDEN, TRUE, -1);
  adw_action_row_add_prefix (ADW_ACTION_ROW (row), image);
  gtk_list_box_row_set_activatable (GTK_LIST_BOX_ROW (row), TRUE);
  g_signal_connect_object (row, "activated", G_CALLBACK (open_dialog), workspace, 0);
  return row;
}

void
lw_outbox_add_rows (GtkListBox *list, LwWorkspace *workspace, const char *request_id)
{
  LwSender *sender = lw_session_get_sender (lw_workspace_get_session (workspace));
  GPtrArray *items = sender != NULL ? lw_sender_get_items (sender) : NULL;

  for (guint i = items != NULL ? items->len : 0; i > 0; i--)
    {
      LwOutboxItem *item = g_ptr_array_index (items, i - 1);

      if (g_strcmp0 (item->request, request_id) == 0)
        gtk_list_box_append (list, row_new (workspace, item));
    }
}
