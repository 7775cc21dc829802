/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "config.h"

#include <glib/gi18n-lib.h>

#include "lw-exemption-columns.h"
#include "lw-exemption-dialog.h"
#include "lw-exemption-values.h"
#include "lw-pages.h"
#include "lw-ui.h"
#include "lw-widgets.h"

#define INCREMENTAL_FROM 50000

#define LW_TYPE_EXEMPTIONS_PAGE (lw_exemptions_page_get_type ())
G_DECLARE_FINAL_TYPE (LwExemptionsPage, lw_exemptions_page, LW, EXEMPTIONS_PAGE, AdwNavigationPage)

struct _LwExemptionsPage
{
  AdwNavigationPage parent_instance;
  LwWorkspace *workspace;
  LwTiles tiles; /* that an exemption must all be in */
  char **words;
  GtkFilter *filter;
  GtkFilterListModel *filtered;
  GtkSortListModel *sorted;
  LwExemptionColumns *columns;
  GtkToggleButton *chip_buttons[LW_TILE_COUNT];
  gboolean scroll_up;
  guint settle_id;
  guint update_id;
  gboolean setting_chips;

  GtkWidget *banner;

  GtkWidget *heading;
  GtkSearchEntry *search_entry;
  AdwBin *banner_bin;
  GtkWidget *chip_bar;
  GtkBox *chips;
  GtkLabel *count_label;
  GtkStack *stack;
  GtkColumnView *view;
  AdwBin *error_bin;
};

G_DEFINE_FINAL_TYPE (LwExemptionsPage, lw_exemptions_page, ADW_TYPE_NAVIGATION_PAGE)

/* --- Filtering --- */

static gboolean
item_passes (gpointer object, gpointer data)
{
  LwExemptionsPage *self = data;

  if ((lw_exemption_item_get_tiles (object) & self->tiles) != self->tiles)
    return FALSE;
  return !self->words || !*self->words ||
         lw_exemption_matches (object, (const char *const *) self->words);
}

static void
show_state (LwExemptionsPage *self)
{
  LwPortfolio *portfolio = lw_workspace_get_portfolio (self->workspace);
  guint all = portfolio ? g_list_model_get_n_items (lw_portfolio_get_items (portfolio)) : 0;
  guint shown = g_list_model_get_n_items (G_LIST_MODEL (self->filtered));
  gboolean settled = gtk_sort_list_model_get_pending (self->sorted) == 0;
  g_autofree char *count = NULL;
  g_autofree char *time = NULL;

  if (!portfolio)
    return;
  gtk_stack_set_visible_child_name (self->stack, all == 0                ? "empty"
                                                 : shown == 0 && settled ? "no-match"
                                                                         : "table");
  if (lw_portfolio_get_loaded (portfolio))
    {
      g_autoptr (GDateTime) local = g_date_time_to_local (lw_portfolio_get_loaded (portfolio));

      time = g_date_time_format (local, "%H:%M");
    }
  /* Translators: exemptions shown, of all, and the time of day at which they were read */
  count = time ? g_strdup_printf (_ ("%u of %u, as of %s"), shown, all, time)
               : g_strdup_printf (_ ("%u of %u"), shown, all);
  gtk_label_set_text (self->count_label, count);
}

/* What changed as a whole is read from its first row, once sorting is done. */
static void
scroll_up (LwExemptionsPage *self)
{
  if (!self->scroll_up || gtk_sort_list_model_get_pending (self->sorted))
    return;
  self->scroll_up = FALSE;
  if (g_list_model_get_n_items (G_LIST_MODEL (self->filtered)) > 0)
    gtk_column_view_scroll_to (self->view, 0, NULL, GTK_LIST_SCROLL_NONE, NULL);
}

static gboolean
settle_now (gpointer data)
{
  LwExemptionsPage *self = data;

  self->settle_id = 0;
  show_state (self);
  scroll_up (self);
  return G_SOURCE_REMOVE;
}

/* The view must not be touched while its model tells it of a change. */
static void
queue_settle (LwExemptionsPage *self)
{
  if (!self->settle_id)
    self->settle_id = g_idle_add (settle_now, self);
}

static void
refilter (LwExemptionsPage *self)
{
  self->scroll_up = TRUE;
  gtk_filter_changed (self->filter, GTK_FILTER_CHANGE_DIFFERENT);
  show_state (self);
  queue_settle (self);
}

static void
search_changed (LwExemptionsPage *self)
{
  g_clear_pointer (&self->words, g_strfreev);
  self->words = lw_search_words (gtk_editable_get_text (GTK_EDITABLE (self->search_entry)));
  refilter (self);
}

static void
search_stopped (LwExemptionsPage *self)
{
  gtk_editable_set_text (GTK_EDITABLE (self->search_entry), "");
  gtk_widget_grab_focus (GTK_WIDGET (self->view));
}

static void
chip_toggled (LwExemptionsPage *self)
{
  if (self->setting_chips)
    return;
  self->tiles = 0;
  for (guint i = 0; i < LW_TILE_COUNT; i++)
    if (gtk_toggle_button_get_active (self->chip_buttons[i]))
      self->tiles |= 1 << i;
  refilter (self);
}

static void
set_tiles (LwExemptionsPage *self, LwTiles tiles)
{
  self->tiles = tiles & LW_TILES_ALL;
  self->setting_chips = TRUE;
  for (guint i = 0; i < LW_TILE_COUNT; i++)
    gtk_toggle_button_set_active (self->chip_buttons[i], (self->tiles & (1 << i)) != 0);
  self->setting_chips = FALSE;
  refilter (self);
}

static void
show_all (LwExemptionsPage *self)
{
  gtk_editable_set_text (GTK_EDITABLE (self->search_entry), "");
  g_clear_pointer (&self->words, g_strfreev);
  set_tiles (self, 0);
}

static void
add_chips (LwExemptionsPage *self)
{
  for (guint i = 0; i < LW_TILE_COUNT; i++)
    {
      GtkWidget *chip = gtk_toggle_button_new_with_label (lw_tile_title (1 << i));

      gtk_widget_add_css_class (chip, "lw-chip");
      g_signal_connect_swapped (chip, "toggled", G_CALLBACK (chip_toggled), self);
      self->chip_buttons[i] = GTK_TOGGLE_BUTTON (chip);
      gtk_box_append (self->chips, chip);
    }
}

static void
label_chips (LwExemptionsPage *self, LwPortfolio *portfolio)
{
  for (guint i = 0; i < LW_TILE_COUNT; i++)
    {
      /* Translators: a filter and how many exemptions pass it: "Unreviewed 7" */
      g_autofree char *label = g_strdup_printf (_ ("%s %u"), lw_tile_title (1 << i),
                                                lw_portfolio_count (portfolio, 1 << i));

      gtk_button_set_label (GTK_BUTTON (self->chip_buttons[i]), label);
    }
}

/* --- The table --- */

/* One breakpoint for each width at which a column goes. */
static void
add_breakpoints (LwExemptionsPage *self)
{
  /* Not bound: the page lets go of its child itself. */
  AdwBreakpointBin *bin =
      ADW_BREAKPOINT_BIN (adw_navigation_page_get_child (ADW_NAVIGATION_PAGE (self)));
  g_auto (GValue) hidden = G_VALUE_INIT;
  g_auto (GValue) vertical = G_VALUE_INIT;

  g_value_init (&hidden, G_TYPE_BOOLEAN);
  g_value_init (&vertical, GTK_TYPE_ORIENTATION);
  g_value_set_enum (&vertical, GTK_ORIENTATION_VERTICAL);
  for (const int *width = lw_exemption_columns_get_widths (); *width > 0; width++)
    {
      AdwBreakpoint *breakpoint = adw_breakpoint_new (adw_breakpoint_condition_new_length (
          ADW_BREAKPOINT_CONDITION_MAX_WIDTH, *width, ADW_LENGTH_UNIT_SP));

      lw_exemption_columns_add_setters (self->columns, breakpoint, *width);
      if (*width <= 830)
        adw_breakpoint_add_setter (breakpoint, G_OBJECT (self->chip_bar), "orientation", &vertical);
      if (*width <= 740)
        adw_breakpoint_add_setter (breakpoint, G_OBJECT (self->heading), "visible", &hidden);
      adw_breakpoint_bin_add_breakpoint (bin, breakpoint);
    }
}

static void
build_table (LwExemptionsPage *self)
{
  g_autoptr (GtkNoSelection) selection = NULL;
  GtkSorter *sorter;

  self->columns = lw_exemption_columns_new (self->view);
  sorter = gtk_column_view_get_sorter (self->view);
  /* Sorted before it is filtered: another filter then leaves the order alone. */
  self->filter = GTK_FILTER (gtk_custom_filter_new (item_passes, self, NULL));
  self->sorted = gtk_sort_list_model_new (NULL, g_object_ref (sorter));
  self->filtered = gtk_filter_list_model_new (g_object_ref (G_LIST_MODEL (self->sorted)),
                                              g_object_ref (self->filter));
  g_signal_connect_object (self->sorted, "notify::pending", G_CALLBACK (queue_settle), self,
                           G_CONNECT_SWAPPED);
  g_signal_connect_object (self->filtered, "items-changed", G_CALLBACK (queue_settle), self,
                           G_CONNECT_SWAPPED);
  selection = gtk_no_selection_new (g_object_ref (G_LIST_MODEL (self->filtered)));
  gtk_column_view_set_model (self->view, GTK_SELECTION_MODEL (selection));
}

static void
row_activated (LwExemptionsPage *self, guint position)
{
  GListModel *model = G_LIST_MODEL (gtk_column_view_get_model (self->view));
  g_autoptr (LwExemptionItem) item = g_list_model_get_item (model, position);

  if (item)
    adw_dialog_present (lw_exemption_dialog_new (self->workspace, item), GTK_WIDGET (self));
}

/* --- Loading --- */

static void
refresh (LwExemptionsPage *self)
{
  dex_future_disown (lw_workspace_refresh_portfolio (self->workspace));
}

/* A very long list is sorted in slices, so that the window goes on answering; others at once, so that
 * they do not move under the reader. */
static void
set_items (LwExemptionsPage *self, GListModel *items)
{
  if (gtk_sort_list_model_get_model (self->sorted) == items)
    return;
  gtk_sort_list_model_set_incremental (self->sorted,
                                       g_list_model_get_n_items (items) > INCREMENTAL_FROM);
  self->scroll_up = TRUE;
  gtk_sort_list_model_set_model (self->sorted, items);
  queue_settle (self);
}

static void
update (LwExemptionsPage *self)
{
  LwPortfolio *portfolio = lw_workspace_get_portfolio (self->workspace);
  g_autoptr (GError) error = NULL;
  g_autoptr (GDateTime) now = NULL;

  gtk_widget_set_visible (self->chip_bar, portfolio != NULL);
  lw_state_banner_set_quiet (self->banner, portfolio == NULL);
  if (portfolio)
    {
      now = lw_session_now (lw_workspace_get_session (self->workspace));
      lw_exemption_columns_set_now (self->columns, now);
      label_chips (self, portfolio);
      set_items (self, lw_portfolio_get_items (portfolio));
      show_state (self);
      return;
    }
  g_object_get (self->workspace, "error", &error, NULL);
  if (error)
    adw_bin_set_child (self->error_bin,
                       lw_error_status_page (_ ("The Exemptions Could Not Be Read"), error,
                                             G_CALLBACK (refresh), self));
  gtk_stack_set_visible_child_name (self->stack, error ? "error" : "loading");
}

static gboolean
update_now (gpointer data)
{
  LwExemptionsPage *self = data;

  self->update_id = 0;
  update (self);
  return G_SOURCE_REMOVE;
}

/* The portfolio changes on a fiber, whose stack is too small to build widgets. */
static void
queue_update (LwExemptionsPage *self)
{
  if (!self->update_id)
    self->update_id = g_idle_add (update_now, self);
}

static void
focus_search (GtkWidget *widget, const char *name, GVariant *parameter)
{
  gtk_widget_grab_focus (GTK_WIDGET (LW_EXEMPTIONS_PAGE (widget)->search_entry));
}

static void
lw_exemptions_page_dispose (GObject *object)
{
  LwExemptionsPage *self = LW_EXEMPTIONS_PAGE (object);

  g_clear_handle_id (&self->update_id, g_source_remove);
  if (self->view)
    gtk_column_view_set_model (self->view, NULL);
  if (self->filtered)
    gtk_filter_list_model_set_filter (self->filtered, NULL);
  g_clear_object (&self->filtered);
  g_clear_object (&self->sorted);
  g_clear_handle_id (&self->settle_id, g_source_remove);
  gtk_widget_dispose_template (GTK_WIDGET (self), LW_TYPE_EXEMPTIONS_PAGE);
  g_clear_object (&self->filter);
  g_clear_object (&self->workspace);
  g_clear_pointer (&self->words, g_strfreev);
  g_clear_object (&self->columns);
  G_OBJECT_CLASS (lw_exemptions_page_parent_class)->dispose (object);
}

static void
lw_exemptions_page_class_init (LwExemptionsPageClass *klass)
{
  GtkWidgetClass *class = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->dispose = lw_exemptions_page_dispose;
  gtk_widget_class_set_template_from_resource (class, LW_RESOURCES "lw-exemptions-page.ui");
#define BIND(name) gtk_widget_class_bind_template_child (class, LwExemptionsPage, name)
  BIND (heading);
  BIND (search_entry);
  BIND (banner_bin);
  BIND (chip_bar);
  BIND (chips);
  BIND (count_label);
  BIND (stack);
  BIND (view);
  BIND (error_bin);
#undef BIND
  gtk_widget_class_bind_template_callback (class, search_changed);
  gtk_widget_class_bind_template_callback (class, search_stopped);
  gtk_widget_class_bind_template_callback (class, row_activated);
  gtk_widget_class_bind_template_callback (class, refresh);
  gtk_widget_class_bind_template_callback (class, show_all);
  gtk_widget_class_install_action (class, "exemptions.search", NULL, focus_search);
  gtk_widget_class_add_binding_action (class, GDK_KEY_f, GDK_CONTROL_MASK, "exemptions.search",
                                       NULL);
}

static void
lw_exemptions_page_init (LwExemptionsPage *self)
{
  gtk_widget_init_template (GTK_WIDGET (self));
  add_chips (self);
  build_table (self);
  add_breakpoints (self);
  gtk_search_entry_set_key_capture_widget (self->search_entry, GTK_WIDGET (self->view));
}

void
lw_exemptions_page_set_filter (AdwNavigationPage *page, LwTiles tile)
{
  g_return_if_fail (LW_IS_EXEMPTIONS_PAGE (page));
  set_tiles (LW_EXEMPTIONS_PAGE (page), tile);
}

AdwNavigationPage *
lw_exemptions_page_new (LwWorkspace *workspace)
{
  LwExemptionsPage *self;

  g_return_val_if_fail (LW_IS_WORKSPACE (workspace), NULL);
  self = g_object_new (LW_TYPE_EXEMPTIONS_PAGE, NULL);
  self->workspace = g_object_ref (workspace);
  lw_exemption_columns_set_workspace (self->columns, workspace);
  self->banner = lw_state_banner_new (workspace);
  adw_bin_set_child (self->banner_bin, self->banner);
  g_signal_connect_object (workspace, "portfolio-changed", G_CALLBACK (queue_update), self,
                           G_CONNECT_SWAPPED);
  g_signal_connect_object (workspace, "notify::error", G_CALLBACK (queue_update), self,
                           G_CONNECT_SWAPPED);
  update (self);
  return ADW_NAVIGATION_PAGE (self);
}
