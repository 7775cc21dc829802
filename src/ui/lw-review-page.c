/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "config.h"

#include <glib/gi18n-lib.h>

#include "lw-decision-card.h"
#include "lw-decision-parts.h"
#include "lw-decision-words.h"
#include "lw-queue-list.h"
#include "lw-review-flow.h"
#include "lw-ui.h"
#include "lw-when.h"
#include "lw-widgets.h"

#define LW_TYPE_REVIEW_PAGE (lw_review_page_get_type ())
G_DECLARE_FINAL_TYPE (LwReviewPage, lw_review_page, LW, REVIEW_PAGE, AdwNavigationPage)

struct _LwReviewPage
{
  AdwNavigationPage parent_instance;
  LwWorkspace *workspace;
  LwReviewFlow *flow;
  LwDecisionCard *card;
  LwCase *shown;
  LwQueueHeading shown_heading;
  GHashTable *rights; /* digest → LwRight + 1 */
  LwCase *newer;      /* nullable: its content is another one than what is shown */
  guint update_id;
  GtkWidget *queue_banner; /* where the queue is all that is seen */
  GtkWidget *banner;
  GtkWidget *newer_banner;

  AdwNavigationSplitView *split_view;
  AdwToolbarView *queue_view;
  GtkStack *queue_stack;
  LwQueueList *queue_list;
  AdwBin *error_bin;
  AdwNavigationPage *content_page;
  AdwToolbarView *content_view;
  AdwWindowTitle *content_title;
  GtkStack *content_stack;
  AdwStatusPage *none_status;
  GtkScrolledWindow *card_scroll;
  AdwClamp *card_clamp;
  GtkBox *bar;
  GtkWidget *decline_slot;
  GtkWidget *decline_box;
  GtkWidget *more_button;
  GtkWidget *bar_space;
  GtkLabel *state_label;
  GtkWidget *spinner;
  GtkWidget *copy_button;
  GtkWidget *approve_button;
  GtkWidget *apply_button;
};

G_DEFINE_FINAL_TYPE (LwReviewPage, lw_review_page, ADW_TYPE_NAVIGATION_PAGE)

/* --- What the bar offers --- */

static gboolean
waits_for_me (LwReviewPage *self)
{
  return self->shown && self->shown_heading <= LW_QUEUE_LOW;
}

/* What somebody has begun is theirs to finish. */
static gboolean
may_go_on (LwReviewPage *self)
{
  LwSession *session = lw_workspace_get_session (self->workspace);

  return self->shown->phase != LW_PHASE_APPLYING ||
         lw_person_equal (self->shown->applier, lw_session_get_person (session));
}

/* Where the request stands, for those who have nothing to decide. */
static char *
state_text (LwReviewPage *self)
{
  const LwCase *value = self->shown;
  g_autofree char *relative = NULL;
  g_autoptr (GDateTime) now = NULL;

  switch (value->phase)
    {
    case LW_PHASE_PENDING:
      return waits_for_me (self)
                 ? g_strdup ("")
                 : g_strdup_printf (_ ("%u of %u approvals"), value->approvals_counting,
                                    value->approvals_needed);
    case LW_PHASE_APPROVED:
      return g_strdup (_ ("Approved, not yet in Azure"));
    case LW_PHASE_APPLYING:
      return g_strdup (may_go_on (self) ? _ ("Begun, not yet finished")
                                        : _ ("Being created in Azure"));
    case LW_PHASE_PARTLY_APPLIED:
      return g_strdup (_ ("Some of its exemptions are in Azure, others are not"));
    case LW_PHASE_APPLY_FAILED:
      return g_strdup (_ ("Approved, but Azure refused it"));
    case LW_PHASE_APPLIED:
      return g_strdup (_ ("In Azure"));
    case LW_PHASE_NEW:
    case LW_PHASE_CHANGES_REQUESTED:
    case LW_PHASE_REJECTED:
    case LW_PHASE_WITHDRAWN:
    case LW_PHASE_RETIRING:
    case LW_PHASE_RETIRED:
    default:
      if (!value->changed)
        return g_strdup ("");
      now = lw_session_now (lw_workspace_get_session (self->workspace));
      relative = lw_date_relative (value->changed, now);
      return g_strdup_printf ("%s, %s", lw_words_phase (value->phase, NULL), relative);
    }
}

static void
update_bar (LwReviewPage *self)
{
  const char *busy = lw_review_flow_get_busy (self->flow);
  gboolean decide = waits_for_me (self) && !busy && !self->newer;
  gboolean apply = self->shown && lw_case_waits_for_apply (self->shown) && may_go_on (self);
  gboolean created = self->shown && self->shown->phase == LW_PHASE_APPLIED;
  g_autofree char *state = busy ? g_strdup (busy) : self->shown ? state_text (self) : g_strdup ("");

  adw_toolbar_view_set_reveal_bottom_bars (self->content_view, self->shown != NULL);
  gtk_widget_set_visible (self->decline_slot, waits_for_me (self));
  gtk_widget_set_visible (self->approve_button, waits_for_me (self));
  gtk_widget_set_visible (self->apply_button, apply);
  if (apply)
    gtk_button_set_label (GTK_BUTTON (self->apply_button), self->shown->phase == LW_PHASE_APPROVED
                                                               ? _ ("Create _Exemption")
                                                               : _ ("_Go On"));
  gtk_widget_set_visible (self->copy_button, created);
  gtk_label_set_text (self->state_label, state);
  gtk_widget_set_visible (GTK_WIDGET (self->state_label), *state != '\0');
  gtk_widget_set_visible (self->spinner, busy != NULL);
  gtk_widget_set_sensitive (self->more_button, decide);
  gtk_widget_action_set_enabled (GTK_WIDGET (self), "review.approve", decide);
  gtk_widget_action_set_enabled (GTK_WIDGET (self), "review.reject", decide);
  gtk_widget_action_set_enabled (GTK_WIDGET (self), "review.request-changes", decide);
  gtk_widget_action_set_enabled (GTK_WIDGET (self), "review.apply", apply && !busy);
  gtk_widget_action_set_enabled (GTK_WIDGET (self), "review.copy-id", created);
}

/* --- The right in Azure --- */

static LwRight
known_right (LwReviewPage *self, const LwCase *value, gboolean *known)
{
  gpointer right = value->digest ? g_hash_table_lookup (self->rights, value->digest) : NULL;

  *known = right != NULL;
  return right ? (LwRight) (GPOINTER_TO_INT (right) - 1) : LW_RIGHT_UNKNOWN;
}

static void
right_answered (gpointer owner, const GValue *value, const GError *error, gpointer data)
{
  LwReviewPage *self = owner;
  const LwCase *asked = data;
  LwRight right =
      value && G_VALUE_HOLDS_INT (value) ? (LwRight) g_value_get_int (value) : LW_RIGHT_UNKNOWN;

  /* A failure is not remembered: it is asked again the next time. */
  if (value && asked->digest)
    g_hash_table_insert (self->rights, g_strdup (asked->digest), GINT_TO_POINTER ((int) right + 1));
  if (self->shown && g_strcmp0 (self->shown->digest, asked->digest) == 0)
    lw_decision_card_set_right (self->card, right);
}

static void
ask_right (LwReviewPage *self)
{
  LwSession *session = lw_workspace_get_session (self->workspace);
  gboolean known;
  LwRight right;

  if (!waits_for_me (self) && !lw_case_waits_for_apply (self->shown))
    return;
  right = known_right (self, self->shown, &known);
  if (known)
    {
      lw_decision_card_set_right (self->card, right);
      return;
    }
  lw_decision_card_ask_right (self->card);
  lw_when (lw_can_apply (session, self->shown->content), self, right_answered,
           lw_case_ref (self->shown), (GDestroyNotify) lw_case_unref);
}

/* --- What is shown --- */

/* Content that came while this was being read is said, not slipped in: what is decided is what was read. */
static void
set_newer (LwReviewPage *self, LwCase *newer)
{
  g_autofree char *title = NULL;

  if (newer)
    {
      lw_case_ref (newer);
      title = g_strdup_printf (_ ("%s sent revision %u. What you read here is no longer what would "
                                  "be decided."),
                               lw_words_person (newer->content ? newer->content->requester : NULL),
                               newer->revision);
      adw_banner_set_title (ADW_BANNER (self->newer_banner), title);
      if (!self->newer)
        gtk_accessible_announce (GTK_ACCESSIBLE (self), title,
                                 GTK_ACCESSIBLE_ANNOUNCEMENT_PRIORITY_MEDIUM);
    }
  g_clear_pointer (&self->newer, lw_case_unref);
  self->newer = newer;
  adw_banner_set_revealed (ADW_BANNER (self->newer_banner), newer != NULL);
}

static void
show_none (LwReviewPage *self, gboolean waiting)
{
  g_clear_pointer (&self->shown, lw_case_unref);
  set_newer (self, NULL);
  lw_review_queue_set_keep (lw_workspace_get_queue (self->workspace), NULL);
  adw_window_title_set_title (self->content_title, "");
  adw_window_title_set_subtitle (self->content_title, "");
  adw_status_page_set_title (self->none_status,
                             waiting ? _ ("Choose a Request") : _ ("Nothing Waits for You"));
  adw_status_page_set_description (
      self->none_status, waiting ? _ ("Those with the highest risk come first.")
                                 : _ ("Requests that you may approve or apply appear here."));
  gtk_stack_set_visible_child_name (self->content_stack, "none");
  adw_navigation_split_view_set_show_content (self->split_view, FALSE);
  update_bar (self);
}

static void
show_title (LwReviewPage *self)
{
  const LwCase *value = self->shown;
  const char *title = value->content && value->content->title && *value->content->title
                          ? value->content->title
                          : _ ("Request Without a Title");
  g_autoptr (GDateTime) now = lw_session_now (lw_workspace_get_session (self->workspace));
  g_autofree char *when = value->submitted ? lw_date_relative (value->submitted, now) : NULL;
  g_autofree char *subtitle =
      !when                 ? g_strdup ("")
      : value->revision > 1 ? g_strdup_printf (_ ("Revision %u, sent %s"), value->revision, when)
                            : g_strdup_printf (_ ("Sent %s"), when);

  adw_window_title_set_title (self->content_title, title);
  adw_window_title_set_subtitle (self->content_title, subtitle);
  adw_navigation_page_set_title (self->content_page, title);
}

static void
set_shown (LwReviewPage *self, LwCase *value)
{
  lw_case_ref (value);
  g_clear_pointer (&self->shown, lw_case_unref);
  self->shown = value;
  lw_review_queue_set_keep (lw_workspace_get_queue (self->workspace), value->request_id);
  lw_decision_card_set_case (self->card, value);
  show_title (self);
  ask_right (self);
}

static void
show_entry (LwReviewPage *self, const LwQueueEntry *entry)
{
  gboolean other =
      !self->shown || g_strcmp0 (self->shown->request_id, entry->value->request_id) != 0;
  gboolean other_terms = !other && g_strcmp0 (self->shown->digest, entry->value->digest) != 0;

  if (other_terms && waits_for_me (self))
    {
      set_newer (self, entry->value);
      lw_review_flow_take_news (self->flow, entry->value);
      update_bar (self);
      return;
    }
  self->shown_heading = entry->heading;
  if (other || other_terms || !lw_case_looks_same (self->shown, entry->value))
    {
      if (!other)
        lw_review_flow_take_news (self->flow, entry->value);
      set_newer (self, NULL);
      set_shown (self, entry->value);
    }
  gtk_stack_set_visible_child_name (self->content_stack, "card");
  if (other)
    gtk_adjustment_set_value (gtk_scrolled_window_get_vadjustment (self->card_scroll), 0);
  update_bar (self);
}

/* The person knows that there is newer content, and sees it from now on. */
static void
show_newer (LwReviewPage *self)
{
  LwSession *session = lw_workspace_get_session (self->workspace);
  g_autoptr (GDateTime) now = lw_session_now (session);
  LwCase *newest = self->shown
                       ? lw_workspace_find_case (self->workspace, self->shown->request_id, 0, NULL)
                       : NULL;
  g_autoptr (LwQueueEntry) entry = newest ? lw_queue_entry_new (session, newest, now) : NULL;

  if (!newest)
    return;
  set_newer (self, NULL);
  self->shown_heading = entry ? entry->heading : LW_QUEUE_RECENT;
  set_shown (self, newest);
  update_bar (self);
}

/* --- The queue --- */

/* What had the keyboard is gone: the row of what is shown takes it, where that can be seen. */
static gboolean
lost_focus (LwReviewPage *self)
{
  GtkRoot *root = gtk_widget_get_root (GTK_WIDGET (self));

  return root && gtk_widget_get_mapped (GTK_WIDGET (self)) && !gtk_root_get_focus (root) &&
         !adw_navigation_split_view_get_collapsed (self->split_view);
}

/* What is being read stays; where nothing is, the first that waits is shown. */
static void
follow_queue (LwReviewPage *self)
{
  LwQueueItem *first = lw_queue_list_get_first (self->queue_list);
  const LwQueueEntry *entry = first ? lw_queue_item_get_entry (first) : NULL;
  gboolean waiting = entry && entry->heading <= LW_QUEUE_APPLY;
  LwQueueItem *item = lw_queue_list_select (
      self->queue_list, self->shown ? self->shown->request_id : NULL, lost_focus (self));

  if (!item && waiting && !adw_navigation_split_view_get_collapsed (self->split_view))
    item = lw_queue_list_select (self->queue_list, entry->value->request_id, lost_focus (self));
  if (item)
    show_entry (self, lw_queue_item_get_entry (item));
  else
    show_none (self, waiting);
}

static void
retry (LwReviewPage *self)
{
  dex_future_disown (lw_workspace_refresh (self->workspace));
}

static void
update (LwReviewPage *self)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GDateTime) loaded = NULL;
  LwReviewQueue *queue = lw_workspace_get_queue (self->workspace);
  guint n = g_list_model_get_n_items (G_LIST_MODEL (queue));
  gboolean known = lw_review_queue_is_loaded (queue);
  gboolean failed;

  g_object_get (self->workspace, "error", &error, "loaded-at", &loaded, NULL);
  follow_queue (self);
  failed = n == 0 && !loaded && error;
  lw_state_banner_set_quiet (self->queue_banner, failed);
  lw_state_banner_set_quiet (self->banner, failed);
  if (n > 0)
    gtk_stack_set_visible_child_name (self->queue_stack, "list");
  else if (failed)
    {
      adw_bin_set_child (self->error_bin,
                         lw_error_status_page (_ ("The Requests Could Not Be Read"), error,
                                               G_CALLBACK (retry), self));
      gtk_stack_set_visible_child_name (self->queue_stack, "error");
    }
  else
    gtk_stack_set_visible_child_name (self->queue_stack, loaded && known ? "empty" : "loading");
}

static gboolean
update_now (gpointer data)
{
  LwReviewPage *self = data;

  self->update_id = 0;
  update (self);
  return G_SOURCE_REMOVE;
}

/* The model changes on a fiber, whose stack is too small to build widgets; and several times at once. */
static void
queue_update (LwReviewPage *self)
{
  if (!self->update_id)
    self->update_id = g_idle_add (update_now, self);
}

static void
row_selected (LwReviewPage *self, LwQueueItem *item)
{
  show_entry (self, lw_queue_item_get_entry (item));
}

static void
row_activated (LwReviewPage *self, LwQueueItem *item)
{
  show_entry (self, lw_queue_item_get_entry (item));
  adw_navigation_split_view_set_show_content (self->split_view, TRUE);
}

/* --- Actions --- */

static void
approve (GtkWidget *widget, const char *name, GVariant *parameter)
{
  LwReviewPage *self = LW_REVIEW_PAGE (widget);
  gboolean known;

  if (waits_for_me (self))
    lw_review_flow_approve (self->flow, self->shown, known_right (self, self->shown, &known));
}

static void
decline (GtkWidget *widget, const char *name, GVariant *parameter)
{
  LwReviewPage *self = LW_REVIEW_PAGE (widget);

  if (waits_for_me (self))
    lw_review_flow_decline (self->flow, self->shown,
                            g_str_equal (name, "review.reject") ? LW_EVENT_REJECTED
                                                                : LW_EVENT_CHANGES_REQUESTED);
}

static void
apply (GtkWidget *widget, const char *name, GVariant *parameter)
{
  LwReviewPage *self = LW_REVIEW_PAGE (widget);

  if (self->shown && lw_case_waits_for_apply (self->shown))
    lw_review_flow_apply (self->flow, self->shown);
}

static void
copy_id (GtkWidget *widget, const char *name, GVariant *parameter)
{
  LwReviewPage *self = LW_REVIEW_PAGE (widget);
  g_autofree char *ids = self->shown ? lw_review_exemption_ids (self->shown) : NULL;

  if (!ids)
    return;
  gdk_clipboard_set_text (gtk_widget_get_clipboard (widget), ids);
  lw_toast (widget, _ ("Copied"));
}

static void
lw_review_page_dispose (GObject *object)
{
  LwReviewPage *self = LW_REVIEW_PAGE (object);

  g_clear_handle_id (&self->update_id, g_source_remove);
  gtk_widget_dispose_template (GTK_WIDGET (self), LW_TYPE_REVIEW_PAGE);
  g_clear_object (&self->flow);
  g_clear_object (&self->workspace);
  g_clear_pointer (&self->shown, lw_case_unref);
  g_clear_pointer (&self->newer, lw_case_unref);
  g_clear_pointer (&self->rights, g_hash_table_unref);
  G_OBJECT_CLASS (lw_review_page_parent_class)->dispose (object);
}

static void
bind_children (GtkWidgetClass *class)
{
#define BIND(name) gtk_widget_class_bind_template_child (class, LwReviewPage, name)
  BIND (split_view);
  BIND (queue_view);
  BIND (queue_stack);
  BIND (queue_list);
  BIND (error_bin);
  BIND (content_page);
  BIND (content_view);
  BIND (content_title);
  BIND (content_stack);
  BIND (none_status);
  BIND (card_scroll);
  BIND (card_clamp);
  BIND (bar);
  BIND (decline_slot);
  BIND (decline_box);
  BIND (more_button);
  BIND (bar_space);
  BIND (state_label);
  BIND (spinner);
  BIND (copy_button);
  BIND (approve_button);
  BIND (apply_button);
#undef BIND
}

static void
lw_review_page_class_init (LwReviewPageClass *klass)
{
  GtkWidgetClass *class = GTK_WIDGET_CLASS (klass);

  g_type_ensure (LW_TYPE_QUEUE_LIST);
  G_OBJECT_CLASS (klass)->dispose = lw_review_page_dispose;
  gtk_widget_class_set_template_from_resource (class, LW_RESOURCES "lw-review-page.ui");
  bind_children (class);
  gtk_widget_class_bind_template_callback (class, row_selected);
  gtk_widget_class_bind_template_callback (class, row_activated);
  gtk_widget_class_install_action (class, "review.approve", NULL, approve);
  gtk_widget_class_install_action (class, "review.reject", NULL, decline);
  gtk_widget_class_install_action (class, "review.request-changes", NULL, decline);
  gtk_widget_class_install_action (class, "review.apply", NULL, apply);
  gtk_widget_class_install_action (class, "review.copy-id", NULL, copy_id);
  gtk_widget_class_add_binding_action (class, GDK_KEY_Return, GDK_CONTROL_MASK, "review.approve",
                                       NULL);
  gtk_widget_class_add_binding_action (class, GDK_KEY_KP_Enter, GDK_CONTROL_MASK, "review.approve",
                                       NULL);
}

static void
lw_review_page_init (LwReviewPage *self)
{
  gtk_widget_init_template (GTK_WIDGET (self));
  self->rights = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
}

/* Beside each other the two panes need one banner only. */
static void
add_banners (LwReviewPage *self)
{
  GtkWidget *ledger_banner;

  self->queue_banner = lw_state_banner_new (self->workspace);
  self->banner = lw_state_banner_new (self->workspace);
  self->newer_banner = adw_banner_new ("");
  adw_banner_set_use_markup (ADW_BANNER (self->newer_banner), FALSE);
  adw_banner_set_button_label (ADW_BANNER (self->newer_banner), _ ("_Show It"));
  g_signal_connect_object (self->newer_banner, "button-clicked", G_CALLBACK (show_newer), self,
                           G_CONNECT_SWAPPED);
  adw_toolbar_view_add_top_bar (self->queue_view, self->queue_banner);
  ledger_banner = lw_ledger_banner_new (self->workspace);
  adw_toolbar_view_add_top_bar (self->queue_view, ledger_banner);
  g_object_bind_property (self->split_view, "collapsed", ledger_banner, "visible",
                          G_BINDING_SYNC_CREATE);
  adw_toolbar_view_add_top_bar (self->content_view, self->banner);
  adw_toolbar_view_add_top_bar (self->content_view, lw_ledger_banner_new (self->workspace));
  adw_toolbar_view_add_top_bar (self->content_view, self->newer_banner);
  g_object_bind_property (self->split_view, "collapsed", self->queue_banner, "visible",
                          G_BINDING_SYNC_CREATE);
}

AdwNavigationPage *
lw_review_page_new (LwWorkspace *workspace)
{
  LwReviewPage *self;

  g_return_val_if_fail (LW_IS_WORKSPACE (workspace), NULL);
  self = g_object_new (LW_TYPE_REVIEW_PAGE, NULL);
  self->workspace = g_object_ref (workspace);
  add_banners (self);
  self->flow = lw_review_flow_new (workspace, GTK_WIDGET (self));
  self->card = LW_DECISION_CARD (lw_decision_card_new (workspace));
  adw_clamp_set_child (self->card_clamp, GTK_WIDGET (self->card));
  g_signal_connect_object (self->flow, "notify::busy", G_CALLBACK (update_bar), self,
                           G_CONNECT_SWAPPED);
  g_signal_connect_object (self->flow, "moved-on", G_CALLBACK (show_newer), self,
                           G_CONNECT_SWAPPED);
  lw_queue_list_set_workspace (self->queue_list, workspace);
  g_signal_connect_object (lw_workspace_get_queue (workspace), "changed", G_CALLBACK (update), self,
                           G_CONNECT_SWAPPED);
  g_signal_connect_object (lw_workspace_get_queue (workspace), "notify::loaded",
                           G_CALLBACK (queue_update), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (workspace, "notify", G_CALLBACK (queue_update), self, G_CONNECT_SWAPPED);
  update (self);
  return ADW_NAVIGATION_PAGE (self);
}
