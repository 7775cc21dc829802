/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "config.h"

#include "lw-pages.h"

#include <glib/gi18n-lib.h>

#include "lw-await.h"
#include "lw-case-talk.h"
#include "lw-json.h"
#include "lw-outbox-dialog.h"
#include "lw-request-row.h"
#include "lw-when.h"
#include "lw-widgets.h"

#define LW_TYPE_CASE_PAGE (lw_case_page_get_type ())
G_DECLARE_FINAL_TYPE (LwCasePage, lw_case_page, LW, CASE_PAGE, AdwNavigationPage)

struct _LwCasePage
{
  AdwNavigationPage parent_instance;

  LwWorkspace *workspace;
  LwCase *value;
  LwDecisionCard *card;

  AdwToolbarView *toolbar;
  AdwWindowTitle *title;
  GtkBox *body;
  GtkWidget *history;
  GtkListBox *events;
  GtkLabel *state;
  GtkWidget *withdraw;
  GtkWidget *edit;
  guint queued;
};

G_DEFINE_FINAL_TYPE (LwCasePage, lw_case_page, ADW_TYPE_NAVIGATION_PAGE)

static const struct
{
  LwEventKind kind;
  const char *text;
  const char *icon;
} kinds[] = {
  { LW_EVENT_SUBMITTED, N_ ("Submitted"), "document-send-symbolic" },
  { LW_EVENT_WITHDRAWN, N_ ("Withdrawn"), "edit-undo-symbolic" },
  { LW_EVENT_CHANGES_REQUESTED, N_ ("Changes requested"), "mail-reply-sender-symbolic" },
  { LW_EVENT_REJECTED, N_ ("Rejected"), "action-unavailable-symbolic" },
  { LW_EVENT_APPROVED, N_ ("Approved"), "object-select-symbolic" },
  { LW_EVENT_APPLYING, N_ ("Began to apply it in Azure"), "content-loading-symbolic" },
  { LW_EVENT_APPLIED, N_ ("Applied in Azure"), "lw-shield-symbolic" },
  { LW_EVENT_APPLY_FAILED, N_ ("Azure refused to apply it"), "dialog-warning-symbolic" },
  { LW_EVENT_RETIRING, N_ ("Began to retire it"), "content-loading-symbolic" },
  { LW_EVENT_RETIRED, N_ ("Retired"), "edit-delete-symbolic" },
  { LW_EVENT_RESTORED, N_ ("Restored"), "edit-undo-symbolic" },
  { LW_EVENT_CONTROL_CHECKED, N_ ("Checked a control"), "lw-review-symbolic" },
  { LW_EVENT_COMMENTED, N_ ("Commented"), "chat-message-new-symbolic" },
};

static GtkWidget *
event_row (LwCasePage *self, LwEvent *event)
{
  g_autoptr (GDateTime) now = lw_session_now (lw_workspace_get_session (self->workspace));
  g_autofree char *relative = lw_date_relative (event->at, now);
  g_autofree char *exact = lw_date_exact (event->at);
  g_autofree char *title = NULL;
  g_autofree char *subtitle = NULL;
  const char *text = event->kind_name, *icon = "help-about-symbolic";
  const char *comment = lw_json_get_string (event->body, "comment");
  GtkWidget *row = adw_action_row_new ();
  GtkWidget *image, *when;

  for (guint i = 0; i < G_N_ELEMENTS (kinds); i++)
    if (kinds[i].kind == event->kind)
      {
        text = _ (kinds[i].text);
        icon = kinds[i].icon;
      }
  if (comment == NULL)
    comment = lw_json_get_string (event->body, "text");
  if (event->kind == LW_EVENT_SUBMITTED)
    title = g_strdup_printf (_ ("%s, revision %d"), text,
                             (int) lw_json_get_int (event->body, "revision", 1));
  else
    title = g_strdup (text);
  subtitle = comment != NULL && *comment != '\0'
                 ? g_strdup_printf ("%s: %s", event->by->name, comment)
                 : g_strdup (event->by->name);
  adw_preferences_row_set_use_markup (ADW_PREFERENCES_ROW (row), FALSE);
  adw_preferences_row_set_title (ADW_PREFERENCES_ROW (row), title);
  adw_action_row_set_subtitle (ADW_ACTION_ROW (row), subtitle != NULL ? subtitle : "");
  image = gtk_image_new_from_icon_name (icon);
  gtk_widget_add_css_class (image, "dim-label");
  gtk_accessible_update_state (GTK_ACCESSIBLE (image), GTK_ACCESSIBLE_STATE_HIDDEN, TRUE, -1);
  adw_action_row_add_prefix (ADW_ACTION_ROW (row), image);
  when = gtk_label_new (relative);
  gtk_widget_set_tooltip_text (when, exact);
  gtk_widget_add_css_class (when, "dim-label");
  gtk_widget_add_css_class (when, "caption");
  gtk_widget_add_css_class (when, "numeric");
  adw_action_row_add_suffix (ADW_ACTION_ROW (row), when);
  return row;
}

static GtkWidget *
flag_row (LwFlag *flag)
{
  GtkWidget *row = adw_action_row_new ();
  GtkWidget *image = gtk_image_new_from_icon_name ("dialog-warning-symbolic");

  gtk_widget_add_css_class (image, "error");
  adw_preferences_row_set_use_markup (ADW_PREFERENCES_ROW (row), FALSE);
  adw_preferences_row_set_title (ADW_PREFERENCES_ROW (row), flag->message);
  adw_action_row_set_subtitle (ADW_ACTION_ROW (row), flag->id);
  adw_action_row_add_prefix (ADW_ACTION_ROW (row), image);
  return row;
}

static gboolean
may (LwCasePage *self, LwEventKind kind)
{
  LwSession *session = lw_workspace_get_session (self->workspace);
  g_autoptr (JsonObject) body = json_object_new ();

  return lw_case_check (self->value, kind, lw_session_get_person (session), body,
                        lw_session_get_hierarchy (session), NULL);
}

static gboolean
may_edit (LwCasePage *self)
{
  const LwPerson *person = lw_session_get_person (lw_workspace_get_session (self->workspace));

  return (self->value->phase == LW_PHASE_PENDING ||
          self->value->phase == LW_PHASE_CHANGES_REQUESTED) &&
         self->value->content != NULL && lw_person_equal (self->value->content->requester, person);
}

static void
comment_activated (LwCasePage *self)
{
  lw_case_talk_comment (GTK_WIDGET (self), self->workspace, self->value);
}

static void
check_activated (LwCasePage *self)
{
  lw_case_talk_check (GTK_WIDGET (self), self->workspace, self->value);
}

static void
add_button_row (LwCasePage *self, const char *title, const char *icon, GCallback activated)
{
  GtkWidget *row = adw_button_row_new ();

  adw_preferences_row_set_title (ADW_PREFERENCES_ROW (row), title);
  adw_preferences_row_set_use_underline (ADW_PREFERENCES_ROW (row), TRUE);
  adw_button_row_set_start_icon_name (ADW_BUTTON_ROW (row), icon);
  g_signal_connect_swapped (row, "activated", activated, self);
  gtk_list_box_append (self->events, row);
}

/* What anybody, and what the one who checks a control, can add to the record. */
static void
add_talk (LwCasePage *self)
{
  if (may (self, LW_EVENT_COMMENTED))
    add_button_row (self, _ ("_Comment…"), "chat-message-new-symbolic",
                    G_CALLBACK (comment_activated));
  if (lw_case_talk_may_check (self->workspace, self->value))
    add_button_row (self, _ ("_Record a Check…"), "lw-review-symbolic",
                    G_CALLBACK (check_activated));
}

static void
update (LwCasePage *self)
{
  LwCase *value = self->value;
  g_autoptr (GDateTime) now = lw_session_now (lw_workspace_get_session (self->workspace));
  const char *title = value->content != NULL && value->content->title != NULL
                          ? value->content->title
                          : _ ("Untitled Request");
  g_autofree char *subtitle = NULL;
  g_autofree char *pill = NULL;
  const char *style;

  adw_navigation_page_set_title (ADW_NAVIGATION_PAGE (self), title);
  adw_window_title_set_title (self->title, title);
  if (value->submitted != NULL)
    {
      g_autofree char *sent = lw_date_relative (value->submitted, now);

      subtitle = g_strdup_printf (_ ("Revision %u, sent %s"), value->revision, sent);
    }
  adw_window_title_set_subtitle (self->title, subtitle != NULL ? subtitle : "");
  lw_decision_card_set_case (self->card, value);
  gtk_list_box_remove_all (self->events);
  add_talk (self);
  lw_outbox_add_rows (self->events, self->workspace, value->request_id);
  for (guint i = 0; i < value->flags->len; i++)
    gtk_list_box_append (self->events, flag_row (g_ptr_array_index (value->flags, i)));
  for (guint i = value->events->len; i > 0; i--)
    {
      LwEvent *event = g_ptr_array_index (value->events, i - 1);
      GtkWidget *files = lw_event_files_row_new (self->workspace, event);

      gtk_list_box_append (self->events, event_row (self, event));
      if (files != NULL)
        gtk_list_box_append (self->events, files);
    }
  gtk_widget_set_visible (self->history, value->events->len + value->flags->len > 0);
  pill = lw_case_pill (self->workspace, value, &style);
  gtk_label_set_text (self->state, pill);
  gtk_widget_set_visible (self->withdraw, may (self, LW_EVENT_WITHDRAWN));
  gtk_widget_set_visible (self->edit, may_edit (self));
  if (value->phase == LW_PHASE_CHANGES_REQUESTED)
    gtk_widget_add_css_class (self->edit, "suggested-action");
  else
    gtk_widget_remove_css_class (self->edit, "suggested-action");
  adw_toolbar_view_set_reveal_bottom_bars (self->toolbar, gtk_widget_get_visible (self->withdraw) ||
                                                              gtk_widget_get_visible (self->edit));
}

static gboolean
update_now (gpointer data)
{
  LwCasePage *self = data;

  self->queued = 0;
  update (self);
  return G_SOURCE_REMOVE;
}

/* What waits changes on a fiber, whose stack is too small for widgets. */
static void
outbox_changed (LwCasePage *self)
{
  if (self->queued == 0)
    self->queued = g_idle_add (update_now, self);
}

static void
case_changed (LwCasePage *self, LwCase *value)
{
  if (g_strcmp0 (value->request_id, self->value->request_id) != 0 || value == self->value)
    return;
  lw_case_ref (value);
  lw_case_unref (self->value);
  self->value = value;
  update (self);
}

static void
case_read (gpointer owner, const GValue *value, const GError *error, gpointer data)
{
  LwCasePage *self = owner;

  if (value == NULL || self->workspace == NULL || lw_workspace_is_closed (self->workspace))
    return;
  lw_workspace_note_case (self->workspace, g_value_get_boxed (value), 0);
}

/* Somebody wrote something; whether it concerns this request is in the cache. */
static void
records_changed (LwCasePage *self)
{
  lw_when (lw_workspace_load_case (self->workspace, self->value->request_id), self, case_read, NULL,
           NULL);
}

typedef struct
{
  LwCasePage *page;
  char *comment;
} Withdraw;

static void
withdraw_free (gpointer data)
{
  Withdraw *withdraw = data;

  g_object_unref (withdraw->page);
  g_free (withdraw->comment);
  g_free (withdraw);
}

static DexFuture *
withdraw_fiber (gpointer data)
{
  Withdraw *withdraw = data;
  LwCasePage *self = withdraw->page;
  g_autoptr (GError) error = NULL;
  g_autoptr (LwCase) value = NULL;

  gtk_widget_set_sensitive (self->withdraw, FALSE);
  value = dex_await_boxed (lw_withdraw (lw_workspace_get_session (self->workspace),
                                        self->value->request_id, withdraw->comment),
                           &error);
  gtk_widget_set_sensitive (self->withdraw, TRUE);
  if (value != NULL)
    {
      lw_workspace_take_case (self->workspace, value);
      lw_toast (GTK_WIDGET (self), lw_outbox_toast (value, _ ("Request withdrawn")));
    }
  else if (!lw_error_is_cancelled (error))
    lw_error_dialog (GTK_WIDGET (self), _ ("Not Withdrawn"), error);
  return dex_future_new_for_boolean (TRUE);
}

static void
withdraw_response (AdwAlertDialog *dialog, const char *response, gpointer user_data)
{
  LwCasePage *self = user_data;
  AdwEntryRow *entry = g_object_get_data (G_OBJECT (dialog), "comment");
  Withdraw *withdraw;

  if (g_strcmp0 (response, "withdraw") != 0)
    return;
  withdraw = g_new0 (Withdraw, 1);
  withdraw->page = g_object_ref (self);
  withdraw->comment = g_strdup (gtk_editable_get_text (GTK_EDITABLE (entry)));
  lw_workspace_spawn (self->workspace, withdraw_fiber, withdraw, withdraw_free);
}

static void
withdraw_clicked (LwCasePage *self)
{
  AdwAlertDialog *dialog = ADW_ALERT_DIALOG (adw_alert_dialog_new (
      _ ("Withdraw This Request?"),
      _ ("Nobody has to decide it any more. It stays on the record, and you can ask again.")));
  GtkWidget *list = gtk_list_box_new ();
  GtkWidget *entry = adw_entry_row_new ();

  adw_preferences_row_set_title (ADW_PREFERENCES_ROW (entry), _ ("Why, if you like"));
  gtk_list_box_set_selection_mode (GTK_LIST_BOX (list), GTK_SELECTION_NONE);
  gtk_widget_add_css_class (list, "boxed-list");
  gtk_list_box_append (GTK_LIST_BOX (list), entry);
  adw_alert_dialog_set_extra_child (dialog, list);
  g_object_set_data (G_OBJECT (dialog), "comment", entry);
  adw_alert_dialog_add_responses (dialog, "cancel", _ ("_Cancel"), "withdraw", _ ("_Withdraw"),
                                  NULL);
  adw_alert_dialog_set_response_appearance (dialog, "withdraw", ADW_RESPONSE_DESTRUCTIVE);
  adw_alert_dialog_set_close_response (dialog, "cancel");
  g_signal_connect_object (dialog, "response", G_CALLBACK (withdraw_response), self, 0);
  adw_dialog_present (ADW_DIALOG (dialog), GTK_WIDGET (self));
}

static void
edit_clicked (LwCasePage *self)
{
  gtk_widget_activate_action (GTK_WIDGET (self), "win.edit-request", "s", self->value->request_id);
}

static void
lw_case_page_dispose (GObject *object)
{
  LwCasePage *self = LW_CASE_PAGE (object);

  g_clear_handle_id (&self->queued, g_source_remove);
  g_clear_object (&self->workspace);
  g_clear_pointer (&self->value, lw_case_unref);
  G_OBJECT_CLASS (lw_case_page_parent_class)->dispose (object);
}

static void
lw_case_page_class_init (LwCasePageClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->dispose = lw_case_page_dispose;
  gtk_widget_class_set_template_from_resource (widget_class, "/org/leeway/Leeway/lw-case-page.ui");
  gtk_widget_class_bind_template_child (widget_class, LwCasePage, toolbar);
  gtk_widget_class_bind_template_child (widget_class, LwCasePage, title);
  gtk_widget_class_bind_template_child (widget_class, LwCasePage, body);
  gtk_widget_class_bind_template_child (widget_class, LwCasePage, history);
  gtk_widget_class_bind_template_child (widget_class, LwCasePage, events);
  gtk_widget_class_bind_template_child (widget_class, LwCasePage, state);
  gtk_widget_class_bind_template_child (widget_class, LwCasePage, withdraw);
  gtk_widget_class_bind_template_child (widget_class, LwCasePage, edit);
  gtk_widget_class_bind_template_callback (widget_class, withdraw_clicked);
  gtk_widget_class_bind_template_callback (widget_class, edit_clicked);
}

static void
lw_case_page_init (LwCasePage *self)
{
  gtk_widget_init_template (GTK_WIDGET (self));
}

AdwNavigationPage *
lw_case_page_new (LwWorkspace *workspace, LwCase *value)
{
  LwCasePage *self;
  LwSender *sender;

  g_return_val_if_fail (LW_IS_WORKSPACE (workspace), NULL);
  g_return_val_if_fail (value != NULL, NULL);
  self = g_object_new (LW_TYPE_CASE_PAGE, NULL);
  self->workspace = g_object_ref (workspace);
  self->value = lw_case_ref (value);
  self->card = LW_DECISION_CARD (lw_decision_card_new (workspace));
  gtk_box_prepend (self->body, GTK_WIDGET (self->card));
  adw_toolbar_view_add_top_bar (self->toolbar, lw_state_banner_new (workspace));
  adw_toolbar_view_add_top_bar (self->toolbar, lw_ledger_banner_new (workspace));
  g_signal_connect_object (workspace, "case-changed", G_CALLBACK (case_changed), self,
                           G_CONNECT_SWAPPED);
  g_signal_connect_object (workspace, "records-changed", G_CALLBACK (records_changed), self,
                           G_CONNECT_SWAPPED);
  if ((sender = lw_session_get_sender (lw_workspace_get_session (workspace))) != NULL)
    g_signal_connect_object (sender, "changed", G_CALLBACK (outbox_changed), self,
                             G_CONNECT_SWAPPED);
  update (self);
  return ADW_NAVIGATION_PAGE (self);
}
