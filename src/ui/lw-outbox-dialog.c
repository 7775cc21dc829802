/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "config.h"

#include "lw-outbox-dialog.h"

#include <glib/gi18n-lib.h>

#include "lw-comment-dialog.h"
#include "lw-decision-parts.h"
#include "lw-outbox-card.h"
#include "lw-outbox-verbs.h"
#include "lw-when.h"
#include "lw-widgets.h"

struct _LwOutboxDialog
{
  AdwDialog parent_instance;
  LwWorkspace *workspace;
  LwSender *sender;
  GtkStack *stack;
  AdwToastOverlay *toasts;
  GtkBox *notes;
  GtkBox *cards;
  GtkWidget *send;
  AdwSpinner *spinner;
  gboolean wide;
  char *shown; /* what the cards are made of */
  guint queued;
  gboolean busy;
};

G_DEFINE_FINAL_TYPE (LwOutboxDialog, lw_outbox_dialog, ADW_TYPE_DIALOG)

/* --- words -------------------------------------------------------------------------------------- */

char *
lw_outbox_sentence (LwSender *sender)
{
  guint waiting = lw_sender_count (sender, LW_OUTBOX_WAITING);
  guint conflicts = lw_sender_count (sender, LW_OUTBOX_CONFLICT);
  guint n = waiting + conflicts;
  g_autofree char *all = NULL;
  g_autofree char *some = NULL;

  if (n == 0)
    return NULL;
  all = g_strdup_printf (ngettext ("%u entry waits to be sent.", "%u entries wait to be sent.", n),
                         n);
  if (conflicts == 0)
    return g_steal_pointer (&all);
  some = g_strdup_printf (ngettext ("%u needs your decision.", "%u need your decision.", conflicts),
                          conflicts);
  return g_strdup_printf ("%s %s", all, some);
}

const char *
lw_outbox_toast (LwCase *value, const char *sent)
{
  return value != NULL && value->queued != 0
             ? _ ("The ledger cannot be reached: kept, and sent when it is back")
             : sent;
}

/* --- what a person decides ---------------------------------------------------------------------- */

static LwSession *
session_of (LwOutboxDialog *self)
{
  return lw_workspace_get_session (self->workspace);
}

static void
set_busy (LwOutboxDialog *self, gboolean busy)
{
  self->busy = busy;
  gtk_widget_set_visible (GTK_WIDGET (self->spinner), busy);
  gtk_widget_set_sensitive (self->send, !busy);
}

static void
tell (LwOutboxDialog *self, const char *text)
{
  adw_toast_overlay_add_toast (self->toasts, adw_toast_new (text));
  gtk_accessible_announce (GTK_ACCESSIBLE (self), text,
                           GTK_ACCESSIBLE_ANNOUNCEMENT_PRIORITY_MEDIUM);
}

static void
tell_error (LwOutboxDialog *self, const char *heading, const GError *error)
{
  lw_error_dialog (GTK_WIDGET (self), heading, error);
}

static void
sent (gpointer owner, const GValue *value, const GError *error, gpointer data)
{
  LwOutboxDialog *self = owner;

  set_busy (self, FALSE);
  if (error != NULL)
    tell_error (self, _ ("Not Sent"), error);
  else if (lw_sender_get_items (self->sender)->len == 0)
    tell (self, _ ("Everything was sent"));
  else if (lw_sender_get_error (self->sender) != NULL)
    tell (self, _ ("Not everything could be sent yet"));
}

static void
send_clicked (LwOutboxDialog *self)
{
  if (self->busy)
    return;
  set_busy (self, TRUE);
  lw_when (lw_sender_run (self->sender), self, sent, NULL, NULL);
}

static void
sent_again (gpointer owner, const GValue *value, const GError *error, gpointer data)
{
  LwOutboxDialog *self = owner;

  set_busy (self, FALSE);
  if (error != NULL)
    tell_error (self, _ ("Not Sent"), error);
  else
    tell (self, g_value_get_boolean (value) ? _ ("Sent") : _ ("It could not be sent"));
}

static void
send_again (LwOutboxCard *card, LwOutboxDialog *self)
{
  if (self->busy)
    return;
  set_busy (self, TRUE);
  lw_when (lw_sender_send_again (self->sender, lw_outbox_card_get_item (card)->id), self,
           sent_again, NULL, NULL);
}

static void
undone (gpointer owner, const GValue *value, const GError *error, gpointer data)
{
  if (error != NULL)
    tell_error (owner, _ ("Not Brought Back"), error);
}

static void
undo (AdwToast *toast, LwOutboxDialog *self)
{
  gint64 *id = g_object_get_data (G_OBJECT (toast), "id");

  lw_when (lw_outbox_undrop (session_of (self), *id), self, undone, NULL, NULL);
}

static void
discarded (gpointer owner, const GValue *value, const GError *error, gpointer data)
{
  LwOutboxDialog *self = owner;
  AdwToast *toast;

  if (error != NULL)
    {
      tell_error (self, _ ("Not Discarded"), error);
      return;
    }
  toast = adw_toast_new (_ ("Discarded"));
  adw_toast_set_button_label (toast, _ ("_Undo"));
  adw_toast_set_timeout (toast, 20);
  g_object_set_data_full (G_OBJECT (toast), "id", g_memdup2 (data, sizeof (gint64)), g_free);
  g_signal_connect_object (toast, "button-clicked", G_CALLBACK (undo), self, 0);
  adw_toast_overlay_add_toast (self->toasts, toast);
  gtk_accessible_announce (GTK_ACCESSIBLE (self), _ ("Discarded"),
                           GTK_ACCESSIBLE_ANNOUNCEMENT_PRIORITY_MEDIUM);
}

static void
discard (LwOutboxCard *card, LwOutboxDialog *self)
{
  gint64 id = lw_outbox_card_get_item (card)->id;

  lw_when (lw_outbox_drop (session_of (self), id), self, discarded, g_memdup2 (&id, sizeof id),
           g_free);
}

/* --- editing ------------------------------------------------------------------------------------ */

typedef struct
{
  LwOutboxDialog *dialog;
  gint64 id;
} Edit;

static void
edit_free (gpointer data)
{
  Edit *edit = data;

  g_object_unref (edit->dialog);
  g_free (edit);
}

static Edit *
edit_new (LwOutboxDialog *dialog, gint64 id)
{
  Edit *edit = g_new0 (Edit, 1);

  edit->dialog = g_object_ref (dialog);
  edit->id = id;
  return edit;
}

/* The draft is on disk before it leaves the outbox. */
static DexFuture *
draft_fiber (gpointer data)
{
  Edit *edit = data;
  LwWorkspace *workspace = edit->dialog->workspace;
  LwSession *session = lw_workspace_get_session (workspace);
  g_autoptr (GError) error = NULL;
  g_autoptr (LwRequest) request = dex_await_boxed (lw_outbox_take_back (session, edit->id), &error);

  if (request == NULL ||
      !dex_await (lw_drafts_save (lw_workspace_get_drafts (workspace), request), &error) ||
      !dex_await (lw_outbox_drop (session, edit->id), &error))
    return dex_future_new_for_error (g_steal_pointer (&error));
  lw_workspace_drafts_changed (workspace);
  return dex_future_new_take_string (g_strdup (request->id));
}

static void
draft_made (gpointer owner, const GValue *value, const GError *error, gpointer data)
{
  LwOutboxDialog *self = owner;
  g_autofree char *id = value != NULL ? g_value_dup_string (value) : NULL;
  GtkWidget *parent = gtk_widget_get_parent (GTK_WIDGET (self));

  if (error != NULL)
    {
      tell_error (self, _ ("Not a Draft Again"), error);
      return;
    }
  gtk_widget_activate_action (parent ? parent : GTK_WIDGET (self), "win.edit-request", "s", id);
  adw_dialog_close (ADW_DIALOG (self));
}

static void
rewritten (gpointer owner, const GValue *value, const GError *error, gpointer data)
{
  LwCommentDialog *dialog = owner;

  if (error != NULL)
    lw_comment_dialog_set_problem (dialog, error->message, TRUE);
  else
    adw_dialog_force_close (ADW_DIALOG (dialog));
}

static void
rewrite (LwCommentDialog *dialog, const char *text, Edit *edit)
{
  lw_when (lw_outbox_rewrite (session_of (edit->dialog), edit->id, text), dialog, rewritten, NULL,
           NULL);
}

static void
edit_freed (gpointer data, GClosure *closure)
{
  edit_free (data);
}

static void
edit (LwOutboxCard *card, LwOutboxDialog *self)
{
  LwOutboxItem *item = lw_outbox_card_get_item (card);
  g_autofree char *title = lw_outbox_card_title (item);
  AdwDialog *dialog;

  if (item->kind == LW_EVENT_SUBMITTED)
    {
      lw_when (dex_scheduler_spawn (NULL, 0, draft_fiber, edit_new (self, item->id), edit_free),
               self, draft_made, NULL, NULL);
      return;
    }
  dialog = lw_comment_dialog_new (title,
                                  _ ("It is sent as it is here, about what is in the ledger "
                                     "then. What you wrote before is discarded."),
                                  _ ("_Send"), FALSE, lw_outbox_item_text (item));
  g_signal_connect_data (dialog, "send", G_CALLBACK (rewrite), edit_new (self, item->id),
                         edit_freed, 0);
  adw_dialog_present (dialog, GTK_WIDGET (self));
}

/* --- showing ------------------------------------------------------------------------------------ */

static void
empty (GtkBox *box)
{
  GtkWidget *child;

  while ((child = gtk_widget_get_first_child (GTK_WIDGET (box))) != NULL)
    gtk_box_remove (box, child);
}

static void
dismissed (gpointer owner, const GValue *value, const GError *error, gpointer data)
{
}

static void
dismiss (GtkButton *button, LwOutboxDialog *self)
{
  lw_when (lw_outbox_dismiss_notice (lw_sender_get_outbox (self->sender)), self, dismissed, NULL,
           NULL);
}

static void
add_notice (LwOutboxDialog *self, const char *notice)
{
  GtkWidget *button = gtk_button_new_with_mnemonic (_ ("_OK"));

  gtk_box_append (self->notes, lw_note_new ("dialog-warning-symbolic", notice, "warning"));
  gtk_widget_set_halign (button, GTK_ALIGN_START);
  g_signal_connect_object (button, "clicked", G_CALLBACK (dismiss), self, 0);
  gtk_box_append (self->notes, button);
}

/* Ids and states: while they are the same the cards stay, and the focus with them. */
static char *
describe (LwOutboxDialog *self)
{
  GPtrArray *items = lw_sender_get_items (self->sender);
  GString *text = g_string_new (NULL);

  for (guint i = 0; i < items->len; i++)
    {
      LwOutboxItem *item = g_ptr_array_index (items, i);

      g_string_append_printf (text, "%" G_GINT64_FORMAT " %u %u %s\n", item->id,
                              (guint) item->state, item->seen_seq,
                              item->problem ? item->problem : "");
    }
  return g_string_free (text, FALSE);
}

/* Whether the focus is on a card: it must not go with it. */
static gboolean
has_focus (LwOutboxDialog *self)
{
  GtkRoot *root = gtk_widget_get_root (GTK_WIDGET (self));
  GtkWidget *focus = root != NULL ? gtk_root_get_focus (root) : NULL;

  return focus != NULL && gtk_widget_is_ancestor (focus, GTK_WIDGET (self->cards));
}

static void
show_cards (LwOutboxDialog *self)
{
  GPtrArray *items = lw_sender_get_items (self->sender);
  g_autofree char *described = describe (self);

  gboolean had_focus;

  if (!g_set_str (&self->shown, described))
    return;
  had_focus = has_focus (self);
  if (had_focus)
    gtk_widget_grab_focus (self->send);
  empty (self->cards);
  for (guint i = 0; i < items->len; i++)
    {
      GtkWidget *card = lw_outbox_card_new (self->workspace, g_ptr_array_index (items, i));

      lw_outbox_card_set_wide (LW_OUTBOX_CARD (card), self->wide);

      g_signal_connect_object (card, "send-again", G_CALLBACK (send_again), self, 0);
      g_signal_connect_object (card, "edit", G_CALLBACK (edit), self, 0);
      g_signal_connect_object (card, "discard", G_CALLBACK (discard), self, 0);
      gtk_box_append (self->cards, card);
    }
  if (had_focus)
    gtk_widget_child_focus (GTK_WIDGET (self->cards), GTK_DIR_TAB_FORWARD);
}

static void
update (LwOutboxDialog *self)
{
  const char *notice = lw_outbox_get_notice (lw_sender_get_outbox (self->sender));
  const GError *trouble = lw_sender_get_trouble (self->sender);
  guint n = lw_sender_get_items (self->sender)->len;

  empty (self->notes);
  if (notice != NULL)
    add_notice (self, notice);
  if (trouble != NULL)
    gtk_box_append (self->notes,
                    lw_note_new ("dialog-warning-symbolic", trouble->message, "error"));
  show_cards (self);
  gtk_widget_set_visible (self->send, n > 0);
  gtk_stack_set_visible_child_name (self->stack,
                                    n > 0 || notice != NULL || trouble != NULL ? "cards" : "empty");
}

static gboolean
update_now (gpointer data)
{
  LwOutboxDialog *self = data;

  self->queued = 0;
  update (self);
  return G_SOURCE_REMOVE;
}

/* The sender changes on a fiber, whose stack is too small for widgets. */
static void
queue_update (LwOutboxDialog *self)
{
  if (self->queued == 0)
    self->queued = g_idle_add (update_now, self);
}

static void
set_wide (LwOutboxDialog *self, gboolean wide)
{
  self->wide = wide;
  for (GtkWidget *card = gtk_widget_get_first_child (GTK_WIDGET (self->cards)); card != NULL;
       card = gtk_widget_get_next_sibling (card))
    lw_outbox_card_set_wide (LW_OUTBOX_CARD (card), wide);
}

static void
became_wide (LwOutboxDialog *self)
{
  set_wide (self, TRUE);
}

static void
became_narrow (LwOutboxDialog *self)
{
  set_wide (self, FALSE);
}

/* --- the dialog --------------------------------------------------------------------------------- */

static GtkWidget *
content_new (LwOutboxDialog *self)
{
  GtkWidget *scrolled = gtk_scrolled_window_new ();
  GtkWidget *clamp = adw_clamp_new ();
  GtkWidget *box = gtk_box_new (GTK_ORIENTATION_VERTICAL, 12);

  self->notes = GTK_BOX (gtk_box_new (GTK_ORIENTATION_VERTICAL, 6));
  self->cards = GTK_BOX (gtk_box_new (GTK_ORIENTATION_VERTICAL, 12));
  gtk_box_append (GTK_BOX (box), GTK_WIDGET (self->notes));
  gtk_box_append (GTK_BOX (box), GTK_WIDGET (self->cards));
  gtk_widget_set_margin_start (box, 12);
  gtk_widget_set_margin_end (box, 12);
  gtk_widget_set_margin_top (box, 6);
  gtk_widget_set_margin_bottom (box, 18);
  adw_clamp_set_child (ADW_CLAMP (clamp), box);
  adw_clamp_set_maximum_size (ADW_CLAMP (clamp), 720);
  gtk_scrolled_window_set_policy (GTK_SCROLLED_WINDOW (scrolled), GTK_POLICY_NEVER,
                                  GTK_POLICY_AUTOMATIC);
  gtk_scrolled_window_set_child (GTK_SCROLLED_WINDOW (scrolled), clamp);
  return scrolled;
}

static GtkWidget *
stack_new (LwOutboxDialog *self)
{
  GtkWidget *nothing = adw_status_page_new ();

  adw_status_page_set_icon_name (ADW_STATUS_PAGE (nothing), "object-select-symbolic");
  adw_status_page_set_title (ADW_STATUS_PAGE (nothing), _ ("Nothing Waits"));
  adw_status_page_set_description (ADW_STATUS_PAGE (nothing),
                                   _ ("Everything you wrote is in the ledger."));
  self->stack = GTK_STACK (gtk_stack_new ());
  gtk_stack_add_named (self->stack, content_new (self), "cards");
  gtk_stack_add_named (self->stack, nothing, "empty");
  gtk_widget_set_vexpand (GTK_WIDGET (self->stack), TRUE);
  return GTK_WIDGET (self->stack);
}

static void
build (LwOutboxDialog *self)
{
  GtkWidget *toolbar = adw_toolbar_view_new ();
  GtkWidget *header = adw_header_bar_new ();
  AdwBreakpoint *wide = adw_breakpoint_new (adw_breakpoint_condition_parse ("min-width: 500sp"));

  g_signal_connect_swapped (wide, "apply", G_CALLBACK (became_wide), self);
  g_signal_connect_swapped (wide, "unapply", G_CALLBACK (became_narrow), self);
  adw_dialog_add_breakpoint (ADW_DIALOG (self), wide);
  self->send = gtk_button_new_with_mnemonic (_ ("_Send Now"));
  g_signal_connect_swapped (self->send, "clicked", G_CALLBACK (send_clicked), self);
  self->spinner = ADW_SPINNER (adw_spinner_new ());
  gtk_widget_set_visible (GTK_WIDGET (self->spinner), FALSE);
  adw_header_bar_pack_start (ADW_HEADER_BAR (header), self->send);
  adw_header_bar_pack_start (ADW_HEADER_BAR (header), GTK_WIDGET (self->spinner));
  adw_toolbar_view_add_top_bar (ADW_TOOLBAR_VIEW (toolbar), header);
  self->toasts = ADW_TOAST_OVERLAY (adw_toast_overlay_new ());
  adw_toast_overlay_set_child (self->toasts, stack_new (self));
  adw_toolbar_view_set_content (ADW_TOOLBAR_VIEW (toolbar), GTK_WIDGET (self->toasts));
  adw_dialog_set_child (ADW_DIALOG (self), toolbar);
}

static void
lw_outbox_dialog_finalize (GObject *object)
{
  LwOutboxDialog *self = LW_OUTBOX_DIALOG (object);

  g_clear_handle_id (&self->queued, g_source_remove);
  g_clear_object (&self->workspace);
  g_clear_object (&self->sender);
  g_free (self->shown);
  G_OBJECT_CLASS (lw_outbox_dialog_parent_class)->finalize (object);
}

static void
lw_outbox_dialog_class_init (LwOutboxDialogClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = lw_outbox_dialog_finalize;
}

static void
lw_outbox_dialog_init (LwOutboxDialog *self)
{
}

AdwDialog *
lw_outbox_dialog_new (LwWorkspace *workspace)
{
  LwOutboxDialog *self;
  LwSender *sender;

  g_return_val_if_fail (LW_IS_WORKSPACE (workspace), NULL);
  sender = lw_session_get_sender (lw_workspace_get_session (workspace));
  g_return_val_if_fail (sender != NULL, NULL);
  self =
      g_object_new (LW_TYPE_OUTBOX_DIALOG, "title", _ ("Waiting to Be Sent"), "width-request", 300,
                    "height-request", 200, "content-width", 640, "content-height", 560, NULL);
  self->workspace = g_object_ref (workspace);
  self->sender = g_object_ref (sender);
  build (self);
  g_signal_connect_object (sender, "changed", G_CALLBACK (queue_update), self, G_CONNECT_SWAPPED);
  update (self);
  dex_future_disown (lw_sender_load (sender));
  return ADW_DIALOG (self);
}
