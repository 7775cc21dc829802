/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "config.h"

#include "lw-pages.h"

#include <glib/gi18n-lib.h>

#include "lw-request-row.h"
#include "lw-widgets.h"

#define LW_TYPE_REQUESTS_PAGE (lw_requests_page_get_type ())
G_DECLARE_FINAL_TYPE (LwRequestsPage, lw_requests_page, LW, REQUESTS_PAGE, AdwNavigationPage)

struct _LwRequestsPage
{
  AdwNavigationPage parent_instance;

  LwWorkspace *workspace;
  GtkFilter *filters[LW_GROUP_COUNT];
  GListModel *models[LW_GROUP_COUNT];
  GtkWidget *groups[LW_GROUP_COUNT];
  gboolean narrow;

  AdwNavigationView *navigation;
  AdwToolbarView *toolbar;
  GtkWidget *new_button;
  GtkStack *stack;
  GtkBox *list;
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

static void
update (LwRequestsPage *self)
{
  gboolean any = FALSE;
  g_autoptr (GDateTime) loaded = NULL;
  g_autoptr (GError) error = NULL;

  for (guint i = 0; i < LW_GROUP_COUNT; i++)
    {
      gboolean some = g_list_model_get_n_items (self->models[i]) > 0;

      gtk_widget_set_visible (self->groups[i], some);
      any |= some;
    }
  g_object_get (self->workspace, "loaded-at", &loaded, "error", &error, NULL);
  gtk_stack_set_visible_child_name (self->stack, any                               ? "list"
                                                 : loaded != NULL || error != NULL ? "empty"
                                                                                   : "loading");
  /* One suggested action on a screen: when there is nothing, it is the one in the middle. */
  if (any)
    gtk_widget_add_css_class (self->new_button, "suggested-action");
  else
    gtk_widget_remove_css_class (self->new_button, "suggested-action");
}

static gboolean
match_case (gpointer item, gpointer user_data)
{
  GtkFilter *filter = user_data;
  LwRequestsPage *self = g_object_get_data (G_OBJECT (filter), "page");
  LwRequestGroup group = GPOINTER_TO_INT (g_object_get_data (G_OBJECT (filter), "group"));

  return lw_workspace_group_case (self->workspace, lw_case_item_get_case (item)) == group;
}

/* A draft of a case that was sent back stands with the case. */
static gboolean
match_draft (gpointer item, gpointer user_data)
{
  GtkFilter *filter = user_data;
  LwRequestsPage *self = g_object_get_data (G_OBJECT (filter), "page");
  GListModel *cases = lw_workspace_get_cases (self->workspace);
  const char *id = lw_draft_item_get_request (item)->id;

  for (guint i = 0; i < g_list_model_get_n_items (cases); i++)
    {
      g_autoptr (LwCaseItem) other = g_list_model_get_item (cases, i);
      LwCase *value = lw_case_item_get_case (other);

      if (g_strcmp0 (value->request_id, id) == 0)
        return FALSE;
    }
  return TRUE;
}

static GtkWidget *
create_row (gpointer item, gpointer user_data)
{
  LwRequestsPage *self = user_data;
  GtkWidget *row;

  if (LW_IS_DRAFT_ITEM (item))
    row = lw_request_row_new_for_draft (self->workspace, lw_draft_item_get_request (item));
  else
    row = lw_request_row_new_for_case (self->workspace, lw_case_item_get_case (item));
  g_object_bind_property (self, "narrow", row, "narrow", G_BINDING_SYNC_CREATE);
  return row;
}

static void
row_activated (GtkListBox *list, GtkListBoxRow *row, gpointer user_data)
{
  LwRequestsPage *self = user_data;
  gboolean edit = GPOINTER_TO_INT (g_object_get_data (G_OBJECT (list), "group")) == LW_GROUP_DRAFTS;

  gtk_widget_activate_action (GTK_WIDGET (self), edit ? "win.edit-request" : "win.open-request",
                              "s", lw_request_row_get_request_id (LW_REQUEST_ROW (row)));
}

static GtkWidget *
create_group (LwRequestsPage *self, LwRequestGroup group)
{
  GtkWidget *widget = adw_preferences_group_new ();
  GtkWidget *list = gtk_list_box_new ();
  GListModel *source = group == LW_GROUP_DRAFTS ? lw_workspace_get_draft_items (self->workspace)
                                                : lw_workspace_get_cases (self->workspace);
  GtkFilter *filter = GTK_FILTER (gtk_custom_filter_new (NULL, NULL, NULL));

  g_object_set_data (G_OBJECT (filter), "page", self);
  g_object_set_data (G_OBJECT (filter), "group", GINT_TO_POINTER (group));
  gtk_custom_filter_set_filter_func (GTK_CUSTOM_FILTER (filter),
                                     group == LW_GROUP_DRAFTS ? match_draft : match_case, filter,
                                     NULL);
  self->filters[group] = g_object_ref (filter);
  self->models[group] = G_LIST_MODEL (gtk_filter_list_model_new (g_object_ref (source), filter));
  g_signal_connect_object (self->models[group], "items-changed", G_CALLBACK (update), self,
                           G_CONNECT_SWAPPED);
  gtk_list_box_set_selection_mode (GTK_LIST_BOX (list), GTK_SELECTION_NONE);
  gtk_widget_add_css_class (list, "boxed-list");
  g_object_set_data (G_OBJECT (list), "group", GINT_TO_POINTER (group));
  gtk_list_box_bind_model (GTK_LIST_BOX (list), self->models[group], create_row, self, NULL);
  g_signal_connect (list, "row-activated", G_CALLBACK (row_activated), self);
  gtk_accessible_update_property (GTK_ACCESSIBLE (list), GTK_ACCESSIBLE_PROPERTY_LABEL,
                                  _ (group_titles[group]), -1);
  adw_preferences_group_set_title (ADW_PREFERENCES_GROUP (widget), _ (group_titles[group]));
  adw_preferences_group_add (ADW_PREFERENCES_GROUP (widget), list);
  return widget;
}

static void
cases_changed (LwRequestsPage *self)
{
  gtk_filter_changed (self->filters[LW_GROUP_DRAFTS], GTK_FILTER_CHANGE_DIFFERENT);
}

static void
set_workspace (LwRequestsPage *self, LwWorkspace *workspace)
{
  self->workspace = g_object_ref (workspace);
  adw_toolbar_view_add_top_bar (self->toolbar, lw_state_banner_new (workspace));
  for (guint i = 0; i < LW_GROUP_COUNT; i++)
    {
      self->groups[i] = create_group (self, i);
      gtk_box_append (self->list, self->groups[i]);
    }
  g_signal_connect_object (lw_workspace_get_cases (workspace), "items-changed",
                           G_CALLBACK (cases_changed), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (workspace, "notify::loaded-at", G_CALLBACK (update), self,
                           G_CONNECT_SWAPPED);
  g_signal_connect_object (workspace, "notify::error", G_CALLBACK (update), self,
                           G_CONNECT_SWAPPED);
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

  for (guint i = 0; i < LW_GROUP_COUNT; i++)
    {
      if (self->filters[i] != NULL)
        gtk_custom_filter_set_filter_func (GTK_CUSTOM_FILTER (self->filters[i]), NULL, NULL, NULL);
      g_clear_object (&self->filters[i]);
    }
  gtk_widget_dispose_template (GTK_WIDGET (self), LW_TYPE_REQUESTS_PAGE);
  g_clear_object (&self->workspace);
  G_OBJECT_CLASS (lw_requests_page_parent_class)->dispose (object);
}

static void
lw_requests_page_class_init (LwRequestsPageClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  object_class->get_property = lw_requests_page_get_property;
  object_class->set_property = lw_requests_page_set_property;
  object_class->dispose = lw_requests_page_dispose;
  properties[PROP_NARROW] = g_param_spec_boolean ("narrow", NULL, NULL, FALSE,
                                                  G_PARAM_READWRITE | G_PARAM_STATIC_STRINGS);
  g_object_class_install_properties (object_class, G_N_ELEMENTS (properties), properties);
  gtk_widget_class_set_template_from_resource (widget_class,
                                               "/org/leeway/Leeway/lw-requests-page.ui");
  gtk_widget_class_bind_template_child (widget_class, LwRequestsPage, navigation);
  gtk_widget_class_bind_template_child (widget_class, LwRequestsPage, toolbar);
  gtk_widget_class_bind_template_child (widget_class, LwRequestsPage, new_button);
  gtk_widget_class_bind_template_child (widget_class, LwRequestsPage, stack);
  gtk_widget_class_bind_template_child (widget_class, LwRequestsPage, list);
}

static void
lw_requests_page_init (LwRequestsPage *self)
{
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
