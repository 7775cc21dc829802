/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "config.h"

#include <glib/gi18n-lib.h>

#include "lw-decision-card.h"
#include "lw-decision-parts.h"
#include "lw-decision-words.h"
#include "lw-review-flow.h"
#include "lw-review-queue.h"
#include "lw-ui.h"
#include "lw-when.h"
#include "lw-widgets.h"

#define ENTRY_KEY "lw-queue-entry"

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
  GPtrArray *queue;   /* (element-type LwQueueEntry), as listed */
  guint update_id;
  gboolean updating;
  GtkWidget *queue_banner; /* where the queue is all that is seen */
  GtkWidget *banner;

  AdwNavigationSplitView *split_view;
  AdwToolbarView *queue_view;
  GtkStack *queue_stack;
  GtkListBox *queue_list;
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
      return g_strdup (_ ("Being created in Azure"));
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
  gboolean decide = waits_for_me (self) && !busy;
  gboolean apply = self->shown && lw_case_waits_for_apply (self->shown);
  gboolean created = self->shown && self->shown->phase == LW_PHASE_APPLIED;
  g_autofree char *state = busy ? g_strdup (busy) : self->shown ? state_text (self) : g_strdup ("");

  adw_toolbar_view_set_reveal_bottom_bars (self->content_view, self->shown != NULL);
  gtk_widget_set_visible (self->decline_slot, waits_for_me (self));
  gtk_widget_set_visible (self->approve_button, waits_for_me (self));
  gtk_widget_set_visible (self->apply_button, apply);
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

static void
show_none (LwReviewPage *self, gboolean waiting)
{
  g_clear_pointer (&self->shown, lw_case_unref);
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
show_entry (LwReviewPage *self, const LwQueueEntry *entry)
{
  gboolean other =
      !self->shown || g_strcmp0 (self->shown->request_id, entry->value->request_id) != 0;
  gboolean changed = other || self->shown->last_seq != entry->value->last_seq ||
                     g_strcmp0 (self->shown->last_sha256, entry->value->last_sha256) != 0;
  gboolean other_terms = !other && g_strcmp0 (self->shown->digest, entry->value->digest) != 0;

  self->shown_heading = entry->heading;
  if (changed)
    {
      lw_case_ref (entry->value);
      g_clear_pointer (&self->shown, lw_case_unref);
      self->shown = entry->value;
      lw_decision_card_set_case (self->card, self->shown);
      show_title (self);
      ask_right (self);
    }
  gtk_stack_set_visible_child_name (self->content_stack, "card");
  if (other)
    gtk_adjustment_set_value (gtk_scrolled_window_get_vadjustment (self->card_scroll), 0);
  if (other_terms)
    lw_toast (GTK_WIDGET (self), _ ("A newer revision is shown now"));
  update_bar (self);
}

/* --- The queue --- */

static GtkWidget *
caption_line_new (const char *text)
{
  GtkWidget *label = gtk_label_new (text);

  gtk_label_set_xalign (GTK_LABEL (label), 0);
  gtk_label_set_ellipsize (GTK_LABEL (label), PANGO_ELLIPSIZE_END);
  gtk_widget_set_hexpand (label, TRUE);
  gtk_widget_add_css_class (label, "caption");
  gtk_widget_add_css_class (label, "dimmed");
  return label;
}

static GtkWidget *
row_last_line_new (LwReviewPage *self, const LwCase *value)
{
  g_autoptr (GDateTime) now = lw_session_now (lw_workspace_get_session (self->workspace));
  GtkWidget *line = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 6);
  GDateTime *at = value->submitted ? value->submitted : value->changed;
  g_autofree char *when = at ? lw_date_relative (at, now) : g_strdup ("");
  /* Translators: who asks, and when they did: "Priya Raman, yesterday" */
  g_autofree char *who =
      g_strdup_printf (_ ("%s, %s"), lw_words_person (value->content->requester), when);
  g_autofree char *count =
      g_strdup_printf (_ ("%u of %u"), value->approvals_counting, value->approvals_needed);
  GtkWidget *approvals;

  gtk_box_append (GTK_BOX (line), caption_line_new (who));
  approvals = caption_line_new (
      value->phase == LW_PHASE_PENDING ? count : lw_words_phase (value->phase, NULL));
  gtk_widget_set_hexpand (approvals, FALSE);
  gtk_label_set_ellipsize (GTK_LABEL (approvals), PANGO_ELLIPSIZE_NONE);
  gtk_widget_add_css_class (approvals, "numeric");
  gtk_box_append (GTK_BOX (line), approvals);
  return line;
}

static void
entry_free (gpointer data)
{
  lw_queue_entry_free (data);
}

static GtkWidget *
row_new (LwReviewPage *self, const LwQueueEntry *entry)
{
  LwHierarchy *hierarchy = lw_session_get_hierarchy (lw_workspace_get_session (self->workspace));
  const LwRequest *request = entry->value->content;
  GtkWidget *row = gtk_list_box_row_new ();
  GtkWidget *box = gtk_box_new (GTK_ORIENTATION_VERTICAL, 2);
  GtkWidget *title = lw_text_new (
      request->title && *request->title ? request->title : _ ("Request Without a Title"));
  g_autofree char *scope = lw_words_request_scope (hierarchy, request, FALSE);
  LwQueueEntry *copy = g_memdup2 (entry, sizeof *entry);
  g_autofree char *label = NULL;

  lw_case_ref (copy->value);
  g_object_set_data_full (G_OBJECT (row), ENTRY_KEY, copy, entry_free);
  gtk_label_set_lines (GTK_LABEL (title), 2);
  gtk_label_set_ellipsize (GTK_LABEL (title), PANGO_ELLIPSIZE_END);
  gtk_widget_add_css_class (title, "lw-queue-title");
  gtk_box_append (GTK_BOX (box), title);
  gtk_box_append (GTK_BOX (box), caption_line_new (scope));
  gtk_box_append (GTK_BOX (box), row_last_line_new (self, entry->value));
  gtk_list_box_row_set_child (GTK_LIST_BOX_ROW (row), box);
  label = g_strdup_printf ("%s, %s, %s, %s", lw_queue_heading_title (entry->heading),
                           gtk_label_get_text (GTK_LABEL (title)), scope,
                           lw_words_person (request->requester));
  gtk_accessible_update_property (GTK_ACCESSIBLE (row), GTK_ACCESSIBLE_PROPERTY_LABEL, label, -1);
  if (entry->heading <= LW_QUEUE_LOW)
    {
      g_autofree char *why = lw_words_risk_reasons (entry->reasons);

      gtk_widget_set_tooltip_text (row, why);
    }
  return row;
}

static const LwQueueEntry *
entry_of (GtkListBoxRow *row)
{
  return row ? g_object_get_data (G_OBJECT (row), ENTRY_KEY) : NULL;
}

static void
update_header (GtkListBoxRow *row, GtkListBoxRow *before, gpointer data)
{
  const LwQueueEntry *entry = entry_of (row);
  const LwQueueEntry *previous = entry_of (before);
  GtkWidget *label;

  if (!entry || (previous && previous->heading == entry->heading))
    {
      gtk_list_box_row_set_header (row, NULL);
      return;
    }
  label = g_object_new (GTK_TYPE_LABEL, "label", lw_queue_heading_title (entry->heading), "xalign",
                        0.0, "accessible-role", GTK_ACCESSIBLE_ROLE_HEADING, NULL);
  gtk_widget_add_css_class (label, "lw-queue-heading");
  gtk_list_box_row_set_header (row, label);
}

/* What had the keyboard was rebuilt: the row of what is shown takes it, where that can be seen. */
static gboolean
lost_focus (LwReviewPage *self)
{
  GtkRoot *root = gtk_widget_get_root (GTK_WIDGET (self));

  return root && gtk_widget_get_mapped (GTK_WIDGET (self)) && !gtk_root_get_focus (root) &&
         !adw_navigation_split_view_get_collapsed (self->split_view);
}

static void
fill_list (LwReviewPage *self, GPtrArray *queue)
{
  GtkListBoxRow *chosen = NULL;
  gboolean had_focus = gtk_widget_get_focus_child (GTK_WIDGET (self->queue_list)) != NULL;

  self->updating = TRUE;
  gtk_list_box_remove_all (self->queue_list);
  for (guint i = 0; i < queue->len; i++)
    {
      const LwQueueEntry *entry = g_ptr_array_index (queue, i);
      GtkWidget *row = row_new (self, entry);

      gtk_list_box_append (self->queue_list, row);
      if (self->shown && g_strcmp0 (self->shown->request_id, entry->value->request_id) == 0)
        chosen = GTK_LIST_BOX_ROW (row);
    }
  if (!chosen && !adw_navigation_split_view_get_collapsed (self->split_view))
    {
      GtkListBoxRow *first = gtk_list_box_get_row_at_index (self->queue_list, 0);

      if (first && entry_of (first)->heading <= LW_QUEUE_APPLY)
        chosen = first;
    }
  gtk_list_box_select_row (self->queue_list, chosen);
  if (chosen && (had_focus || lost_focus (self)))
    gtk_widget_grab_focus (GTK_WIDGET (chosen));
  self->updating = FALSE;

  if (chosen)
    show_entry (self, entry_of (chosen));
  else
    show_none (self, queue->len > 0 && ((LwQueueEntry *) g_ptr_array_index (queue, 0))->heading <=
                                           LW_QUEUE_APPLY);
}

/* A refresh that brings nothing new leaves the list as it is, with its scrolling and its focus. */
static gboolean
same_queue (GPtrArray *a, GPtrArray *b)
{
  if (!a || a->len != b->len)
    return FALSE;
  for (guint i = 0; i < a->len; i++)
    {
      const LwQueueEntry *first = g_ptr_array_index (a, i);
      const LwQueueEntry *second = g_ptr_array_index (b, i);

      if (first->value != second->value || first->heading != second->heading)
        return FALSE;
    }
  return TRUE;
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
  g_autoptr (GPtrArray) queue = NULL;
  gboolean loading, failed;

  g_object_get (self->workspace, "error", &error, "loading", &loading, "loaded-at", &loaded, NULL);
  queue = lw_review_queue (lw_workspace_get_session (self->workspace),
                           lw_workspace_get_cases (self->workspace),
                           self->shown ? self->shown->request_id : NULL);
  if (!same_queue (self->queue, queue))
    {
      g_clear_pointer (&self->queue, g_ptr_array_unref);
      self->queue = g_ptr_array_ref (queue);
      fill_list (self, queue);
    }
  failed = queue->len == 0 && !loaded && error;
  lw_state_banner_set_quiet (self->queue_banner, failed);
  lw_state_banner_set_quiet (self->banner, failed);
  if (queue->len > 0)
    gtk_stack_set_visible_child_name (self->queue_stack, "list");
  else if (failed)
    {
      adw_bin_set_child (self->error_bin,
                         lw_error_status_page (_ ("The Requests Could Not Be Read"), error,
                                               G_CALLBACK (retry), self));
      gtk_stack_set_visible_child_name (self->queue_stack, "error");
    }
  else
    gtk_stack_set_visible_child_name (self->queue_stack, !loaded && loading ? "loading" : "empty");
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
row_selected (LwReviewPage *self, GtkListBoxRow *row)
{
  if (!self->updating && row)
    show_entry (self, entry_of (row));
}

static void
row_activated (LwReviewPage *self, GtkListBoxRow *row)
{
  show_entry (self, entry_of (row));
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
  g_clear_pointer (&self->queue, g_ptr_array_unref);
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
  gtk_list_box_set_header_func (self->queue_list, update_header, NULL, NULL);
}

/* Beside each other the two panes need one banner only. */
static void
add_banners (LwReviewPage *self)
{
  self->queue_banner = lw_state_banner_new (self->workspace);
  self->banner = lw_state_banner_new (self->workspace);
  adw_toolbar_view_add_top_bar (self->queue_view, self->queue_banner);
  adw_toolbar_view_add_top_bar (self->content_view, self->banner);
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
  g_signal_connect_object (lw_workspace_get_cases (workspace), "items-changed",
                           G_CALLBACK (queue_update), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (workspace, "notify", G_CALLBACK (queue_update), self, G_CONNECT_SWAPPED);
  update (self);
  return ADW_NAVIGATION_PAGE (self);
}
