/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "config.h"

#include <glib/gi18n-lib.h>

#include "lw-decision-parts.h"
#include "lw-exemption-dialog.h"
#include "lw-exemption-values.h"
#include "lw-pages.h"
#include "lw-ui.h"
#include "lw-widgets.h"

#define FIRST_CLUSTERS   20
#define FIRST_EXEMPTIONS 50

#define LW_TYPE_PORTFOLIO_PAGE (lw_portfolio_page_get_type ())
G_DECLARE_FINAL_TYPE (LwPortfolioPage, lw_portfolio_page, LW, PORTFOLIO_PAGE, AdwNavigationPage)

struct _LwPortfolioPage
{
  AdwNavigationPage parent_instance;
  LwWorkspace *workspace;
  LwPortfolio *shown;
  GtkWidget *tile_buttons[LW_TILE_COUNT];
  GtkLabel *tile_numbers[LW_TILE_COUNT];
  GPtrArray *cluster_rows; /* (element-type GtkWidget) */
  gboolean all_clusters;
  guint update_id;

  GtkWidget *banner;

  AdwWindowTitle *window_title;
  GtkStack *stack;
  AdwBin *error_bin;
  AdwBin *ledger_bin;
  GtkFlowBox *tiles;
  AdwPreferencesGroup *clusters;
};

G_DEFINE_FINAL_TYPE (LwPortfolioPage, lw_portfolio_page, ADW_TYPE_NAVIGATION_PAGE)

static void show_clusters (LwPortfolioPage *self);

/* --- Tiles --- */

static GtkWidget *
tile_new (LwPortfolioPage *self, guint i)
{
  GtkWidget *button = gtk_button_new ();
  GtkWidget *box = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 12);
  GtkWidget *title = gtk_label_new (lw_tile_title (1 << i));
  GtkWidget *number = gtk_label_new ("0");

  gtk_label_set_wrap (GTK_LABEL (title), TRUE);
  gtk_label_set_xalign (GTK_LABEL (title), 0);
  gtk_label_set_max_width_chars (GTK_LABEL (title), 9);
  gtk_widget_set_hexpand (title, TRUE);
  gtk_widget_add_css_class (number, "lw-tile-number");
  gtk_widget_add_css_class (number, "numeric");
  gtk_box_append (GTK_BOX (box), title);
  gtk_box_append (GTK_BOX (box), number);
  gtk_button_set_child (GTK_BUTTON (button), box);
  gtk_widget_add_css_class (button, "card");
  gtk_widget_add_css_class (button, "activatable");
  gtk_widget_add_css_class (button, "lw-tile");
  gtk_widget_set_tooltip_text (button, _ ("Show these exemptions"));
  gtk_actionable_set_action_name (GTK_ACTIONABLE (button), "win.show-tile");
  gtk_actionable_set_action_target (GTK_ACTIONABLE (button), "u", 1u << i);
  self->tile_buttons[i] = button;
  self->tile_numbers[i] = GTK_LABEL (number);
  return button;
}

static void
add_tiles (LwPortfolioPage *self)
{
  for (guint i = 0; i < LW_TILE_COUNT; i++)
    {
      GtkWidget *child = gtk_flow_box_child_new ();

      gtk_flow_box_child_set_child (GTK_FLOW_BOX_CHILD (child), tile_new (self, i));
      gtk_widget_set_focusable (child, FALSE);
      gtk_flow_box_append (self->tiles, child);
    }
}

static void
show_tiles (LwPortfolioPage *self)
{
  for (guint i = 0; i < LW_TILE_COUNT; i++)
    {
      guint count = lw_portfolio_count (self->shown, 1 << i);
      const char *style = lw_tile_style (1 << i);
      g_autofree char *number = g_strdup_printf ("%'u", count);
      /* Translators: a tile as a screen reader says it: "In Force: 21" */
      g_autofree char *label = g_strdup_printf (_ ("%s: %u"), lw_tile_title (1 << i), count);

      gtk_label_set_text (self->tile_numbers[i], number);
      gtk_accessible_update_property (GTK_ACCESSIBLE (self->tile_buttons[i]),
                                      GTK_ACCESSIBLE_PROPERTY_LABEL, label, -1);
      if (style && count > 0)
        gtk_widget_add_css_class (GTK_WIDGET (self->tile_numbers[i]), style);
      else if (style)
        gtk_widget_remove_css_class (GTK_WIDGET (self->tile_numbers[i]), style);
    }
}

/* --- Clusters --- */

static LwExemptionItem *
find_item (LwPortfolioPage *self, const LwExemption *exemption)
{
  GListModel *items = lw_portfolio_get_items (self->shown);
  guint n = g_list_model_get_n_items (items);

  for (guint i = 0; i < n; i++)
    {
      g_autoptr (LwExemptionItem) item = g_list_model_get_item (items, i);

      if (lw_arm_id_equal (lw_exemption_item_get_exemption (item)->id, exemption->id))
        return g_steal_pointer (&item);
    }
  return NULL;
}

static void
open_exemption (AdwActionRow *row, LwPortfolioPage *self)
{
  const LwExemption *exemption = g_object_get_data (G_OBJECT (row), "lw-exemption");
  g_autoptr (LwExemptionItem) item = find_item (self, exemption);

  if (item)
    adw_dialog_present (lw_exemption_dialog_new (self->workspace, item), GTK_WIDGET (self));
}

static GtkWidget *
exemption_row_new (LwPortfolioPage *self, LwExemption *exemption, GDateTime *now)
{
  GtkWidget *row = adw_action_row_new ();
  g_autofree char *scope = lw_arm_id_name (exemption->scope);
  g_autofree char *expires = lw_exemption_expires (exemption, now);
  g_autofree char *subtitle =
      exemption->owner ? g_strdup_printf ("%s, %s", scope, exemption->owner) : g_strdup (scope);
  GtkWidget *label = gtk_label_new (expires);

  adw_preferences_row_set_use_markup (ADW_PREFERENCES_ROW (row), FALSE);
  adw_preferences_row_set_title (ADW_PREFERENCES_ROW (row), exemption->display_name);
  adw_action_row_set_subtitle (ADW_ACTION_ROW (row), subtitle);
  gtk_widget_add_css_class (label, "caption");
  gtk_widget_add_css_class (label, "dimmed");
  adw_action_row_add_suffix (ADW_ACTION_ROW (row), label);
  gtk_list_box_row_set_activatable (GTK_LIST_BOX_ROW (row), TRUE);
  g_object_set_data_full (G_OBJECT (row), "lw-exemption", lw_exemption_ref (exemption),
                          (GDestroyNotify) lw_exemption_unref);
  g_signal_connect_object (row, "activated", G_CALLBACK (open_exemption), self, 0);
  return row;
}

static GtkWidget *
rest_row_new (guint n)
{
  GtkWidget *row = adw_action_row_new ();
  g_autofree char *title = g_strdup_printf (ngettext ("%u more is in the table of exemptions",
                                                      "%u more are in the table of exemptions", n),
                                            n);

  adw_preferences_row_set_title (ADW_PREFERENCES_ROW (row), title);
  gtk_widget_add_css_class (row, "dimmed");
  return row;
}

/* The exemptions of a cluster become rows when it is first opened. */
static void
cluster_expanded (AdwExpanderRow *row, GParamSpec *pspec, LwPortfolioPage *self)
{
  const LwCluster *cluster = g_object_get_data (G_OBJECT (row), "lw-cluster");
  g_autoptr (GDateTime) now = NULL;

  if (!cluster || !adw_expander_row_get_expanded (row))
    return;
  now = lw_session_now (lw_workspace_get_session (self->workspace));
  for (guint i = 0; i < MIN (cluster->exemptions->len, FIRST_EXEMPTIONS); i++)
    adw_expander_row_add_row (
        row, exemption_row_new (self, g_ptr_array_index (cluster->exemptions, i), now));
  if (cluster->exemptions->len > FIRST_EXEMPTIONS)
    adw_expander_row_add_row (row, rest_row_new (cluster->exemptions->len - FIRST_EXEMPTIONS));
  g_object_set_data (G_OBJECT (row), "lw-cluster", NULL);
}

static GtkWidget *
cluster_row_new (LwPortfolioPage *self, const LwCluster *cluster)
{
  GtkWidget *row = adw_expander_row_new ();
  g_autofree char *age = g_strdup_printf (
      ngettext ("median age %u day", "median age %u days", cluster->median_age_days),
      cluster->median_age_days);
  /* Translators: a team, then "median age 210 days" */
  g_autofree char *subtitle =
      g_strdup_printf (_ ("%s, %s"), *cluster->team ? cluster->team : _ ("No team"), age);
  g_autofree char *count = g_strdup_printf ("%'u", cluster->count);
  g_autofree char *label =
      g_strdup_printf (ngettext ("%u exemption", "%u exemptions", cluster->count), cluster->count);
  GtkWidget *number = gtk_label_new (count);

  adw_preferences_row_set_use_markup (ADW_PREFERENCES_ROW (row), FALSE);
  adw_preferences_row_set_title (ADW_PREFERENCES_ROW (row), cluster->policy);
  adw_expander_row_set_subtitle (ADW_EXPANDER_ROW (row), subtitle);
  gtk_widget_add_css_class (number, "numeric");
  gtk_widget_add_css_class (number, "heading");
  gtk_accessible_update_property (GTK_ACCESSIBLE (number), GTK_ACCESSIBLE_PROPERTY_LABEL, label,
                                  -1);
  adw_expander_row_add_suffix (ADW_EXPANDER_ROW (row), number);
  g_object_set_data (G_OBJECT (row), "lw-cluster", (gpointer) cluster);
  g_signal_connect_object (row, "notify::expanded", G_CALLBACK (cluster_expanded), self, 0);
  return row;
}

static void
show_all_clusters (LwPortfolioPage *self)
{
  self->all_clusters = TRUE;
  show_clusters (self);
}

static void
add_row (LwPortfolioPage *self, GtkWidget *row)
{
  g_ptr_array_add (self->cluster_rows, row);
  adw_preferences_group_add (self->clusters, row);
}

static void
show_clusters (LwPortfolioPage *self)
{
  GPtrArray *clusters = lw_portfolio_get_clusters (self->shown);
  guint n = self->all_clusters ? clusters->len : MIN (clusters->len, FIRST_CLUSTERS);

  for (guint i = 0; i < self->cluster_rows->len; i++)
    adw_preferences_group_remove (self->clusters, g_ptr_array_index (self->cluster_rows, i));
  g_ptr_array_set_size (self->cluster_rows, 0);
  for (guint i = 0; i < n; i++)
    add_row (self, cluster_row_new (self, g_ptr_array_index (clusters, i)));
  if (n < clusters->len)
    {
      GtkWidget *more = adw_button_row_new ();
      g_autofree char *title = g_strdup_printf (_ ("Show All %u"), clusters->len);

      adw_preferences_row_set_title (ADW_PREFERENCES_ROW (more), title);
      g_signal_connect_object (more, "activated", G_CALLBACK (show_all_clusters), self,
                               G_CONNECT_SWAPPED);
      add_row (self, more);
    }
  gtk_widget_set_visible (GTK_WIDGET (self->clusters), clusters->len > 0);
}

/* --- Loading --- */

static void
refresh (LwPortfolioPage *self)
{
  dex_future_disown (lw_workspace_refresh_portfolio (self->workspace));
}

static void
show_loaded (LwPortfolioPage *self)
{
  GDateTime *loaded = lw_portfolio_get_loaded (self->shown);
  g_autoptr (GDateTime) local = loaded ? g_date_time_to_local (loaded) : NULL;
  g_autofree char *time = local ? g_date_time_format (local, "%H:%M") : NULL;
  /* Translators: the time of day at which the exemptions were read */
  g_autofree char *subtitle = time ? g_strdup_printf (_ ("As of %s"), time) : g_strdup ("");

  adw_window_title_set_subtitle (self->window_title, subtitle);
}

/* Without the ledger nothing can be called unreviewed: that has to be said beside the numbers. */
static void
show_ledger_error (LwPortfolioPage *self)
{
  const GError *error = lw_portfolio_get_ledger_error (self->shown);
  g_autofree char *text = NULL;

  gtk_widget_set_visible (GTK_WIDGET (self->ledger_bin), error != NULL);
  if (!error)
    return;
  text = g_strdup_printf (
      _ ("The requests could not be read, so nothing counts as unreviewed here. %s"),
      error->message);
  adw_bin_set_child (self->ledger_bin, lw_note_new ("dialog-warning-symbolic", text, "warning"));
}

static void
update (LwPortfolioPage *self)
{
  LwPortfolio *portfolio = lw_workspace_get_portfolio (self->workspace);
  g_autoptr (GError) error = NULL;

  lw_state_banner_set_quiet (self->banner, portfolio == NULL);
  if (portfolio)
    {
      if (portfolio != self->shown)
        {
          /* The rows borrow from the old portfolio. */
          g_autoptr (LwPortfolio) old = g_steal_pointer (&self->shown);

          self->shown = g_object_ref (portfolio);
          show_tiles (self);
          show_clusters (self);
          show_loaded (self);
          show_ledger_error (self);
        }
      gtk_stack_set_visible_child_name (
          self->stack,
          g_list_model_get_n_items (lw_portfolio_get_items (portfolio)) ? "overview" : "empty");
      return;
    }
  g_object_get (self->workspace, "error", &error, NULL);
  if (error)
    adw_bin_set_child (self->error_bin, lw_error_status_page (_ ("The Portfolio Could Not Be Read"),
                                                              error, G_CALLBACK (refresh), self));
  gtk_stack_set_visible_child_name (self->stack, error ? "error" : "loading");
}

static gboolean
update_now (gpointer data)
{
  LwPortfolioPage *self = data;

  self->update_id = 0;
  update (self);
  return G_SOURCE_REMOVE;
}

/* The portfolio changes on a fiber, whose stack is too small to build widgets. */
static void
queue_update (LwPortfolioPage *self)
{
  if (!self->update_id)
    self->update_id = g_idle_add (update_now, self);
}

static void
lw_portfolio_page_dispose (GObject *object)
{
  LwPortfolioPage *self = LW_PORTFOLIO_PAGE (object);

  g_clear_handle_id (&self->update_id, g_source_remove);
  gtk_widget_dispose_template (GTK_WIDGET (self), LW_TYPE_PORTFOLIO_PAGE);
  g_clear_pointer (&self->cluster_rows, g_ptr_array_unref);
  g_clear_object (&self->shown);
  g_clear_object (&self->workspace);
  G_OBJECT_CLASS (lw_portfolio_page_parent_class)->dispose (object);
}

static void
lw_portfolio_page_class_init (LwPortfolioPageClass *klass)
{
  GtkWidgetClass *class = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->dispose = lw_portfolio_page_dispose;
  gtk_widget_class_set_template_from_resource (class, LW_RESOURCES "lw-portfolio-page.ui");
  gtk_widget_class_bind_template_child (class, LwPortfolioPage, window_title);
  gtk_widget_class_bind_template_child (class, LwPortfolioPage, stack);
  gtk_widget_class_bind_template_child (class, LwPortfolioPage, error_bin);
  gtk_widget_class_bind_template_child (class, LwPortfolioPage, ledger_bin);
  gtk_widget_class_bind_template_child (class, LwPortfolioPage, tiles);
  gtk_widget_class_bind_template_child (class, LwPortfolioPage, clusters);
  gtk_widget_class_bind_template_callback (class, refresh);
}

static void
lw_portfolio_page_init (LwPortfolioPage *self)
{
  gtk_widget_init_template (GTK_WIDGET (self));
  self->cluster_rows = g_ptr_array_new ();
  add_tiles (self);
}

AdwNavigationPage *
lw_portfolio_page_new (LwWorkspace *workspace)
{
  LwPortfolioPage *self;

  g_return_val_if_fail (LW_IS_WORKSPACE (workspace), NULL);
  self = g_object_new (LW_TYPE_PORTFOLIO_PAGE, NULL);
  self->workspace = g_object_ref (workspace);
  self->banner = lw_state_banner_new (workspace);
  /* Not bound: the page lets go of its child itself. */
  adw_toolbar_view_add_top_bar (
      ADW_TOOLBAR_VIEW (adw_navigation_page_get_child (ADW_NAVIGATION_PAGE (self))), self->banner);
  g_signal_connect_object (workspace, "portfolio-changed", G_CALLBACK (queue_update), self,
                           G_CONNECT_SWAPPED);
  g_signal_connect_object (workspace, "notify::error", G_CALLBACK (queue_update), self,
                           G_CONNECT_SWAPPED);
  update (self);
  return ADW_NAVIGATION_PAGE (self);
}
