/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "config.h"

#include "lw-queue-list.h"

#include <glib/gi18n-lib.h>

#include "lw-decision-parts.h"
#include "lw-decision-words.h"
#include "lw-widgets.h"

struct _LwQueueList
{
  AdwBin parent_instance;

  LwWorkspace *workspace;
  GtkListView *view;
  GtkSingleSelection *selection;
  gboolean selecting; /* it is not the person who does */
};

static guint selected_signal;
static guint activated_signal;

G_DEFINE_FINAL_TYPE (LwQueueList, lw_queue_list, ADW_TYPE_BIN)

/* --- A row --- */

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

typedef struct
{
  GtkWidget *title;
  GtkWidget *scope;
  GtkWidget *who;
  GtkWidget *approvals;
} Row;

static Row *
row_of (GtkListItem *item)
{
  return g_object_get_data (G_OBJECT (gtk_list_item_get_child (item)), "row");
}

static void
setup_row (GtkSignalListItemFactory *factory, GtkListItem *item, LwQueueList *self)
{
  GtkWidget *box = gtk_box_new (GTK_ORIENTATION_VERTICAL, 2);
  GtkWidget *line = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 6);
  Row *row = g_new0 (Row, 1);

  row->title = lw_text_new ("");
  row->scope = caption_line_new ("");
  row->who = caption_line_new ("");
  row->approvals = caption_line_new ("");
  gtk_label_set_lines (GTK_LABEL (row->title), 2);
  gtk_label_set_ellipsize (GTK_LABEL (row->title), PANGO_ELLIPSIZE_END);
  gtk_widget_add_css_class (row->title, "lw-queue-title");
  gtk_widget_set_hexpand (row->approvals, FALSE);
  gtk_label_set_ellipsize (GTK_LABEL (row->approvals), PANGO_ELLIPSIZE_NONE);
  gtk_widget_add_css_class (row->approvals, "numeric");
  gtk_box_append (GTK_BOX (line), row->who);
  gtk_box_append (GTK_BOX (line), row->approvals);
  gtk_box_append (GTK_BOX (box), row->title);
  gtk_box_append (GTK_BOX (box), row->scope);
  gtk_box_append (GTK_BOX (box), line);
  g_object_set_data_full (G_OBJECT (box), "row", row, g_free);
  gtk_list_item_set_child (item, box);
}

static void
fill_row (GtkListItem *item, LwQueueList *self)
{
  const LwQueueEntry *entry = lw_queue_item_get_entry (gtk_list_item_get_item (item));
  LwSession *session = lw_workspace_get_session (self->workspace);
  const LwCase *value = entry->value;
  const LwRequest *request = value->content;
  Row *row = row_of (item);
  const char *title =
      request->title && *request->title ? request->title : _ ("Request Without a Title");
  g_autoptr (GDateTime) now = lw_session_now (session);
  GDateTime *at = value->submitted ? value->submitted : value->changed;
  g_autofree char *scope =
      lw_words_request_scope (lw_session_get_hierarchy (session), request, FALSE);
  g_autofree char *when = at ? lw_date_relative (at, now) : g_strdup ("");
  /* Translators: who asks, and when they did: "Priya Raman, yesterday" */
  g_autofree char *who = g_strdup_printf (_ ("%s, %s"), lw_words_person (request->requester), when);
  g_autofree char *count =
      g_strdup_printf (_ ("%u of %u"), value->approvals_counting, value->approvals_needed);
  g_autofree char *label =
      g_strdup_printf ("%s, %s, %s, %s", lw_queue_heading_title (entry->heading), title, scope,
                       lw_words_person (request->requester));
  g_autofree char *why =
      entry->heading <= LW_QUEUE_LOW ? lw_words_risk_reasons (entry->reasons) : NULL;

  gtk_label_set_text (GTK_LABEL (row->title), title);
  gtk_label_set_text (GTK_LABEL (row->scope), scope);
  gtk_label_set_text (GTK_LABEL (row->who), who);
  gtk_label_set_text (GTK_LABEL (row->approvals), value->phase == LW_PHASE_PENDING
                                                      ? count
                                                      : lw_words_phase (value->phase, NULL));
  gtk_list_item_set_accessible_label (item, label);
  gtk_widget_set_tooltip_text (gtk_list_item_get_child (item), why);
}

static void
entry_changed (LwQueueItem *value, GParamSpec *pspec, GtkListItem *item)
{
  LwQueueList *self =
      LW_QUEUE_LIST (gtk_widget_get_ancestor (gtk_list_item_get_child (item), LW_TYPE_QUEUE_LIST));

  if (self != NULL && gtk_list_item_get_item (item) == (gpointer) value)
    fill_row (item, self);
}

static void
bind_row (GtkSignalListItemFactory *factory, GtkListItem *item, LwQueueList *self)
{
  fill_row (item, self);
  g_signal_connect_object (gtk_list_item_get_item (item), "notify::entry",
                           G_CALLBACK (entry_changed), item, 0);
}

static void
unbind_row (GtkSignalListItemFactory *factory, GtkListItem *item, LwQueueList *self)
{
  if (gtk_list_item_get_item (item) != NULL)
    g_signal_handlers_disconnect_by_data (gtk_list_item_get_item (item), item);
}

static void
setup_header (GtkSignalListItemFactory *factory, GtkListHeader *header, LwQueueList *self)
{
  GtkWidget *label = g_object_new (GTK_TYPE_LABEL, "xalign", 0.0, "accessible-role",
                                   GTK_ACCESSIBLE_ROLE_HEADING, NULL);

  gtk_widget_add_css_class (label, "lw-queue-heading");
  gtk_list_header_set_child (header, label);
}

static void
name_header (GtkLabel *label, GParamSpec *pspec, LwQueueItem *first)
{
  gtk_label_set_text (label, lw_queue_heading_title (lw_queue_item_get_entry (first)->heading));
}

/* An item that goes to another heading may stay the first one of its section, so that nothing is bound. */
static void
bind_header (GtkSignalListItemFactory *factory, GtkListHeader *header, LwQueueList *self)
{
  gpointer first = gtk_list_header_get_item (header);
  GtkWidget *label = gtk_list_header_get_child (header);

  name_header (GTK_LABEL (label), NULL, first);
  g_signal_connect_object (first, "notify::entry", G_CALLBACK (name_header), label,
                           G_CONNECT_SWAPPED);
}

static void
unbind_header (GtkSignalListItemFactory *factory, GtkListHeader *header, LwQueueList *self)
{
  if (gtk_list_header_get_item (header) != NULL)
    g_signal_handlers_disconnect_by_data (gtk_list_header_get_item (header),
                                          gtk_list_header_get_child (header));
}

/* --- The list --- */

static void
selected (LwQueueList *self)
{
  LwQueueItem *item = gtk_single_selection_get_selected_item (self->selection);

  if (item != NULL && !self->selecting)
    g_signal_emit (self, selected_signal, 0, item);
}

static void
activated (LwQueueList *self, guint position)
{
  g_autoptr (LwQueueItem) item = g_list_model_get_item (G_LIST_MODEL (self->selection), position);

  if (item != NULL)
    g_signal_emit (self, activated_signal, 0, item);
}

LwQueueItem *
lw_queue_list_select (LwQueueList *self, const char *request_id, gboolean focus)
{
  guint n, at = GTK_INVALID_LIST_POSITION;

  g_return_val_if_fail (LW_IS_QUEUE_LIST (self), NULL);
  n = g_list_model_get_n_items (G_LIST_MODEL (self->selection));
  for (guint i = 0; request_id != NULL && i < n && at == GTK_INVALID_LIST_POSITION; i++)
    {
      g_autoptr (LwQueueItem) item = g_list_model_get_item (G_LIST_MODEL (self->selection), i);

      if (g_str_equal (lw_queue_item_get_entry (item)->value->request_id, request_id))
        at = i;
    }
  self->selecting = TRUE;
  if (gtk_single_selection_get_selected (self->selection) != at)
    {
      gtk_single_selection_set_selected (self->selection, at);
      if (at != GTK_INVALID_LIST_POSITION && focus)
        gtk_list_view_scroll_to (self->view, at, GTK_LIST_SCROLL_FOCUS, NULL);
    }
  self->selecting = FALSE;
  return gtk_single_selection_get_selected_item (self->selection);
}

LwQueueItem *
lw_queue_list_get_first (LwQueueList *self)
{
  g_autoptr (LwQueueItem) first = NULL;

  g_return_val_if_fail (LW_IS_QUEUE_LIST (self), NULL);
  first = g_list_model_get_item (G_LIST_MODEL (self->selection), 0);
  return first;
}

void
lw_queue_list_set_workspace (LwQueueList *self, LwWorkspace *workspace)
{
  g_return_if_fail (LW_IS_QUEUE_LIST (self));
  g_return_if_fail (LW_IS_WORKSPACE (workspace));
  g_set_object (&self->workspace, workspace);
  self->selecting = TRUE;
  gtk_single_selection_set_model (self->selection,
                                  G_LIST_MODEL (lw_workspace_get_queue (workspace)));
  self->selecting = FALSE;
}

static void
lw_queue_list_dispose (GObject *object)
{
  LwQueueList *self = LW_QUEUE_LIST (object);

  if (self->view != NULL)
    gtk_list_view_set_model (self->view, NULL);
  self->view = NULL;
  g_clear_object (&self->selection);
  G_OBJECT_CLASS (lw_queue_list_parent_class)->dispose (object);
}

static void
lw_queue_list_finalize (GObject *object)
{
  g_clear_object (&LW_QUEUE_LIST (object)->workspace);
  G_OBJECT_CLASS (lw_queue_list_parent_class)->finalize (object);
}

static void
lw_queue_list_class_init (LwQueueListClass *klass)
{
  G_OBJECT_CLASS (klass)->dispose = lw_queue_list_dispose;
  G_OBJECT_CLASS (klass)->finalize = lw_queue_list_finalize;
  selected_signal = g_signal_new ("selected", LW_TYPE_QUEUE_LIST, G_SIGNAL_RUN_LAST, 0, NULL, NULL,
                                  NULL, G_TYPE_NONE, 1, LW_TYPE_QUEUE_ITEM);
  activated_signal = g_signal_new ("activated", LW_TYPE_QUEUE_LIST, G_SIGNAL_RUN_LAST, 0, NULL,
                                   NULL, NULL, G_TYPE_NONE, 1, LW_TYPE_QUEUE_ITEM);
}

static GtkListItemFactory *
factory_new (LwQueueList *self, GCallback setup, GCallback bind, GCallback unbind)
{
  GtkListItemFactory *factory = gtk_signal_list_item_factory_new ();

  g_signal_connect_object (factory, "setup", setup, self, 0);
  g_signal_connect_object (factory, "bind", bind, self, 0);
  g_signal_connect_object (factory, "unbind", unbind, self, 0);
  return factory;
}

static void
lw_queue_list_init (LwQueueList *self)
{
  GtkWidget *scroll = gtk_scrolled_window_new ();
  g_autoptr (GtkListItemFactory) headers = factory_new (
      self, G_CALLBACK (setup_header), G_CALLBACK (bind_header), G_CALLBACK (unbind_header));

  self->selection = gtk_single_selection_new (NULL);
  gtk_single_selection_set_autoselect (self->selection, FALSE);
  gtk_single_selection_set_can_unselect (self->selection, TRUE);
  g_signal_connect_object (self->selection, "notify::selected-item", G_CALLBACK (selected), self,
                           G_CONNECT_SWAPPED);
  self->view = GTK_LIST_VIEW (gtk_list_view_new (
      GTK_SELECTION_MODEL (g_object_ref (self->selection)),
      factory_new (self, G_CALLBACK (setup_row), G_CALLBACK (bind_row), G_CALLBACK (unbind_row))));
  gtk_list_view_set_header_factory (self->view, headers);
  gtk_list_view_set_single_click_activate (self->view, TRUE);
  gtk_list_view_set_tab_behavior (self->view, GTK_LIST_TAB_ITEM);
  gtk_widget_add_css_class (GTK_WIDGET (self->view), "navigation-sidebar");
  gtk_widget_add_css_class (GTK_WIDGET (self->view), "lw-queue");
  gtk_accessible_update_property (GTK_ACCESSIBLE (self->view), GTK_ACCESSIBLE_PROPERTY_LABEL,
                                  _ ("Requests to review"), -1);
  g_signal_connect_object (self->view, "activate", G_CALLBACK (activated), self, G_CONNECT_SWAPPED);
  gtk_scrolled_window_set_policy (GTK_SCROLLED_WINDOW (scroll), GTK_POLICY_NEVER,
                                  GTK_POLICY_AUTOMATIC);
  gtk_scrolled_window_set_child (GTK_SCROLLED_WINDOW (scroll), GTK_WIDGET (self->view));
  adw_bin_set_child (ADW_BIN (self), scroll);
}
