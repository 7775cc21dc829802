/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "config.h"

#include "lw-pages.h"

#include <glib/gi18n-lib.h>

#include "lw-case-list.h"
#include "lw-request-row.h"
#include "lw-widgets.h"

#define LW_TYPE_REQUESTS_PAGE (lw_requests_page_get_type ())
G_DECLARE_FINAL_TYPE (LwRequestsPage, lw_requests_page, LW, REQUESTS_PAGE, AdwNavigationPage)

struct _LwRequestsPage
{
  AdwNavigationPage parent_instance;

  LwWorkspace *workspace;
  GtkFlattenListModel *groups; /* the person's requests, a section each */
  GtkFlattenListModel *found;  /* what was searched for, one section */
  LwCaseList *results;
  GtkNoSelection *shown; /* one of them */
  GPtrArray *bound;      /* (element-type GtkListItem) (unowned): those that have a row */
  guint edges_id;
  gboolean narrow;

  AdwNavigationView *navigation;
  AdwToolbarView *toolbar;
  GtkWidget *new_button;
  GtkSearchBar *search_bar;
  GtkSearchEntry *search_entry;
  GtkStack *stack;
  GtkWidget *spinner;
  GtkProgressBar *progress;
  GtkListView *list;
};

typedef enum
{
  PROP_NARROW = 1
} LwRequestsPageProperty;

static GParamSpec *properties[PROP_NARROW + 1];

G_DEFINE_FINAL_TYPE (LwRequestsPage, lw_requests_page, ADW_TYPE_NAVIGATION_PAGE)

static const char *const group_titles[LW_GROUP_COUNT] = { N_ ("Needs You"), N_ ("Drafts"),
                                                          N_ ("Waiting for Others"),
                                                          N_ ("In Force"), N_ ("Closed") };

static gboolean
is_searching (LwRequestsPage *self)
{
  return gtk_no_selection_get_model (self->shown) == G_LIST_MODEL (self->found);
}

static const char *
page_to_show (LwRequestsPage *self)
{
  g_autoptr (GDateTime) loaded = NULL;
  g_autoptr (GError) error = NULL;

  if (is_searching (self))
    return g_list_model_get_n_items (G_LIST_MODEL (self->found)) > 0 ||
                   lw_case_list_is_busy (self->results)
               ? "list"
               : "nothing-found";
  if (g_list_model_get_n_items (G_LIST_MODEL (self->groups)) > 0)
    return "list";
  g_object_get (self->workspace, "loaded-at", &loaded, "error", &error, NULL);
  return (loaded != NULL || error != NULL) && lw_workspace_groups_are_known (self->workspace)
             ? "empty"
             : "loading";
}

static void
update (LwRequestsPage *self)
{
  const char *page = page_to_show (self);
  double progress;

  g_object_get (self->workspace, "progress", &progress, NULL);
  gtk_progress_bar_set_fraction (self->progress, progress);
  gtk_widget_set_visible (GTK_WIDGET (self->progress), progress > 0);
  gtk_widget_set_visible (self->spinner, progress <= 0);
  gtk_stack_set_visible_child_name (self->stack, page);
  /* One suggested action on a screen: when there is nothing, it is the one in the middle. */
  if (g_str_equal (page, "empty"))
    gtk_widget_remove_css_class (self->new_button, "suggested-action");
  else
    gtk_widget_add_css_class (self->new_button, "suggested-action");
}

/* --- Rows --- */

/* Which rows begin and end a card. */
static gboolean
update_edges (gpointer data)
{
  LwRequestsPage *self = data;

  self->edges_id = 0;
  for (guint i = 0; i < self->bound->len; i++)
    {
      GtkListItem *item = g_ptr_array_index (self->bound, i);
      guint at = gtk_list_item_get_position (item), start, end;

      if (at == GTK_INVALID_LIST_POSITION)
        continue;
      gtk_section_model_get_section (GTK_SECTION_MODEL (self->shown), at, &start, &end);
      lw_request_row_set_edges (LW_REQUEST_ROW (gtk_list_item_get_child (item)), at == start,
                                at + 1 == end);
    }
  return G_SOURCE_REMOVE;
}

static void
queue_edges (LwRequestsPage *self)
{
  if (self->edges_id == 0)
    self->edges_id = g_idle_add_full (G_PRIORITY_HIGH_IDLE, update_edges, self, NULL);
}

static void
setup_row (GtkSignalListItemFactory *factory, GtkListItem *item, LwRequestsPage *self)
{
  GtkWidget *row = lw_request_row_new (self->workspace);

  gtk_list_item_set_child (item, row);
  g_object_bind_property (self, "narrow", row, "narrow", G_BINDING_SYNC_CREATE);
  g_object_bind_property (row, "label", item, "accessible-label", G_BINDING_SYNC_CREATE);
}

static void
show_case (LwRequestRow *row, GParamSpec *pspec, LwCaseItem *item)
{
  lw_request_row_set_case (row, lw_case_item_get_case (item));
}

static void
bind_row (GtkSignalListItemFactory *factory, GtkListItem *item, LwRequestsPage *self)
{
  GtkWidget *row = gtk_list_item_get_child (item);
  gpointer value = gtk_list_item_get_item (item);

  if (LW_IS_DRAFT_ITEM (value))
    lw_request_row_set_draft (LW_REQUEST_ROW (row), lw_draft_item_get_request (value));
  else
    {
      show_case (LW_REQUEST_ROW (row), NULL, value);
      g_signal_connect_object (value, "notify::case", G_CALLBACK (show_case), row,
                               G_CONNECT_SWAPPED);
    }
  g_ptr_array_add (self->bound, item);
  queue_edges (self);
}

static void
unbind_row (GtkSignalListItemFactory *factory, GtkListItem *item, LwRequestsPage *self)
{
  gpointer value = gtk_list_item_get_item (item);

  g_ptr_array_remove_fast (self->bound, item);
  if (value != NULL)
    g_signal_handlers_disconnect_by_data (value, gtk_list_item_get_child (item));
}

static void
setup_header (GtkSignalListItemFactory *factory, GtkListHeader *header, LwRequestsPage *self)
{
  gtk_list_header_set_child (header, g_object_new (GTK_TYPE_LABEL, "xalign", 0.0, "accessible-role",
                                                   GTK_ACCESSIBLE_ROLE_HEADING, NULL));
}

static void
bind_header (GtkSignalListItemFactory *factory, GtkListHeader *header, LwRequestsPage *self)
{
  GtkWidget *label = gtk_list_header_get_child (header);
  GListModel *model = gtk_flatten_list_model_get_model_for_item (
      is_searching (self) ? self->found : self->groups, gtk_list_header_get_start (header));
  const char *title = _ ("Found Among All Requests");

  for (guint i = 0; i < LW_GROUP_COUNT; i++)
    if (model == lw_workspace_get_group (self->workspace, i))
      title = _ (group_titles[i]);
  gtk_label_set_text (GTK_LABEL (label), title);
}

static void
row_activated (LwRequestsPage *self, guint position)
{
  g_autoptr (GObject) item = g_list_model_get_item (G_LIST_MODEL (self->shown), position);

  if (LW_IS_DRAFT_ITEM (item))
    gtk_widget_activate_action (GTK_WIDGET (self), "win.edit-request", "s",
                                lw_draft_item_get_request (LW_DRAFT_ITEM (item))->id);
  else if (LW_IS_CASE_ITEM (item))
    gtk_widget_activate_action (GTK_WIDGET (self), "win.open-request", "s",
                                lw_case_item_get_request_id (LW_CASE_ITEM (item)));
}

static void
items_changed (LwRequestsPage *self)
{
  queue_edges (self);
  update (self);
}

/* --- Search --- */

static void
search_changed (LwRequestsPage *self)
{
  g_autofree char *text =
      g_strstrip (g_strdup (gtk_editable_get_text (GTK_EDITABLE (self->search_entry))));
  gboolean any = *text != '\0';
  GtkFlattenListModel *wanted = any ? self->found : self->groups;

  lw_case_list_set_text (self->results, any ? text : NULL);
  if (gtk_no_selection_get_model (self->shown) != G_LIST_MODEL (wanted))
    gtk_no_selection_set_model (self->shown, G_LIST_MODEL (wanted));
  items_changed (self);
}

static void
search (GtkWidget *widget, const char *name, GVariant *parameter)
{
  LwRequestsPage *self = LW_REQUESTS_PAGE (widget);

  adw_navigation_view_pop_to_tag (self->navigation, "list");
  gtk_search_bar_set_search_mode (self->search_bar, TRUE);
  gtk_widget_grab_focus (GTK_WIDGET (self->search_entry));
}

/* --- Object --- */

static GtkFlattenListModel *
flatten (GListModel *const *models, guint n)
{
  GListStore *store = g_list_store_new (G_TYPE_LIST_MODEL);

  for (guint i = 0; i < n; i++)
    g_list_store_append (store, models[i]);
  return gtk_flatten_list_model_new (G_LIST_MODEL (store));
}

static void
make_models (LwRequestsPage *self)
{
  const LwLedgerQuery everything = { .limit = 0 };
  GListModel *groups[LW_GROUP_COUNT];
  GListModel *results;

  self->results = lw_case_list_new (self->workspace, &everything);
  lw_case_list_set_text (self->results, NULL);
  results = G_LIST_MODEL (self->results);
  for (guint i = 0; i < LW_GROUP_COUNT; i++)
    groups[i] = lw_workspace_get_group (self->workspace, i);
  self->groups = flatten (groups, LW_GROUP_COUNT);
  self->found = flatten (&results, 1);
  self->shown = gtk_no_selection_new (g_object_ref (G_LIST_MODEL (self->groups)));
  g_signal_connect_object (self->shown, "items-changed", G_CALLBACK (items_changed), self,
                           G_CONNECT_SWAPPED);
  for (guint i = 0; i < LW_GROUP_COUNT; i++)
    if (i != LW_GROUP_DRAFTS)
      g_signal_connect_object (groups[i], "notify::busy", G_CALLBACK (update), self,
                               G_CONNECT_SWAPPED);
  g_signal_connect_object (self->results, "notify::busy", G_CALLBACK (update), self,
                           G_CONNECT_SWAPPED);
}

static void
make_factories (LwRequestsPage *self)
{
  g_autoptr (GtkListItemFactory) rows = gtk_signal_list_item_factory_new ();
  g_autoptr (GtkListItemFactory) headers = gtk_signal_list_item_factory_new ();

  g_signal_connect_object (rows, "setup", G_CALLBACK (setup_row), self, 0);
  g_signal_connect_object (rows, "bind", G_CALLBACK (bind_row), self, 0);
  g_signal_connect_object (rows, "unbind", G_CALLBACK (unbind_row), self, 0);
  g_signal_connect_object (headers, "setup", G_CALLBACK (setup_header), self, 0);
  g_signal_connect_object (headers, "bind", G_CALLBACK (bind_header), self, 0);
  gtk_list_view_set_factory (self->list, rows);
  gtk_list_view_set_header_factory (self->list, headers);
}

static void
set_workspace (LwRequestsPage *self, LwWorkspace *workspace)
{
  static const char *const followed[] = { "notify::loaded-at", "notify::error",
                                          "notify::progress" };

  self->workspace = g_object_ref (workspace);
  adw_toolbar_view_add_top_bar (self->toolbar, lw_state_banner_new (workspace));
  adw_toolbar_view_add_top_bar (self->toolbar, lw_ledger_banner_new (workspace));
  make_models (self);
  make_factories (self);
  gtk_list_view_set_model (self->list, GTK_SELECTION_MODEL (self->shown));
  gtk_search_bar_connect_entry (self->search_bar, GTK_EDITABLE (self->search_entry));
  for (guint i = 0; i < G_N_ELEMENTS (followed); i++)
    g_signal_connect_object (workspace, followed[i], G_CALLBACK (update), self, G_CONNECT_SWAPPED);
  update (self);
}

static void
lw_requests_page_get_property (GObject *object, guint id, GValue *value, GParamSpec *pspec)
{
  LwRequestsPage *self = LW_REQUESTS_PAGE (object);

  switch ((LwRequestsPageProperty) id)
    {
    case PROP_NARROW:
      g_value_set_boolean (value, self->narrow);
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
    }
}

static void
lw_requests_page_set_property (GObject *object, guint id, const GValue *value, GParamSpec *pspec)
{
  LwRequestsPage *self = LW_REQUESTS_PAGE (object);

  switch ((LwRequestsPageProperty) id)
    {
    case PROP_NARROW:
      self->narrow = g_value_get_boolean (value);
      g_object_notify_by_pspec (object, pspec);
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
    }
}

static void
lw_requests_page_dispose (GObject *object)
{
  LwRequestsPage *self = LW_REQUESTS_PAGE (object);

  g_clear_handle_id (&self->edges_id, g_source_remove);
  if (self->list != NULL)
    gtk_list_view_set_model (self->list, NULL);
  gtk_widget_dispose_template (GTK_WIDGET (self), LW_TYPE_REQUESTS_PAGE);
  g_clear_object (&self->shown);
  g_clear_object (&self->groups);
  g_clear_object (&self->found);
  g_clear_object (&self->results);
  g_clear_object (&self->workspace);
  G_OBJECT_CLASS (lw_requests_page_parent_class)->dispose (object);
}

static void
lw_requests_page_finalize (GObject *object)
{
  g_ptr_array_unref (LW_REQUESTS_PAGE (object)->bound);
  G_OBJECT_CLASS (lw_requests_page_parent_class)->finalize (object);
}

static void
lw_requests_page_class_init (LwRequestsPageClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  object_class->get_property = lw_requests_page_get_property;
  object_class->set_property = lw_requests_page_set_property;
  object_class->dispose = lw_requests_page_dispose;
  object_class->finalize = lw_requests_page_finalize;
  properties[PROP_NARROW] = g_param_spec_boolean ("narrow", NULL, NULL, FALSE,
                                                  G_PARAM_READWRITE | G_PARAM_STATIC_STRINGS);
  g_object_class_install_properties (object_class, G_N_ELEMENTS (properties), properties);
  gtk_widget_class_set_template_from_resource (widget_class,
                                               "/org/leeway/Leeway/lw-requests-page.ui");
#define BIND(name) gtk_widget_class_bind_template_child (widget_class, LwRequestsPage, name)
  BIND (navigation);
  BIND (toolbar);
  BIND (new_button);
  BIND (search_bar);
  BIND (search_entry);
  BIND (stack);
  BIND (spinner);
  BIND (progress);
  BIND (list);
#undef BIND
  gtk_widget_class_bind_template_callback (widget_class, row_activated);
  gtk_widget_class_bind_template_callback (widget_class, search_changed);
  gtk_widget_class_install_action (widget_class, "requests.search", NULL, search);
  gtk_widget_class_add_binding_action (widget_class, GDK_KEY_f, GDK_CONTROL_MASK, "requests.search",
                                       NULL);
}

static void
lw_requests_page_init (LwRequestsPage *self)
{
  self->bound = g_ptr_array_new ();
  gtk_widget_init_template (GTK_WIDGET (self));
}

AdwNavigationPage *
lw_requests_page_new (LwWorkspace *workspace)
{
  LwRequestsPage *self;

  g_return_val_if_fail (LW_IS_WORKSPACE (workspace), NULL);
  self = g_object_new (LW_TYPE_REQUESTS_PAGE, NULL);
  set_workspace (self, workspace);
  return ADW_NAVIGATION_PAGE (self);
}

void
lw_requests_page_open_case (AdwNavigationPage *page, LwCase *value)
{
  LwRequestsPage *self = LW_REQUESTS_PAGE (page);

  adw_navigation_view_pop_to_tag (self->navigation, "list");
  adw_navigation_view_push (self->navigation, lw_case_page_new (self->workspace, value));
}
