/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "config.h"

#include <glib/gi18n-lib.h>

#include "lw-decision-words.h"
#include "lw-exemption-dialog.h"
#include "lw-exemption-values.h"
#include "lw-pages.h"
#include "lw-ui.h"
#include "lw-widgets.h"

#define INCREMENTAL_FROM 50000

#define LW_TYPE_EXEMPTIONS_PAGE (lw_exemptions_page_get_type ())
G_DECLARE_FINAL_TYPE (LwExemptionsPage, lw_exemptions_page, LW, EXEMPTIONS_PAGE, AdwNavigationPage)

typedef enum
{
  COLUMN_NAME,
  COLUMN_POLICY,
  COLUMN_SCOPE,
  COLUMN_TEAM,
  COLUMN_OWNER,
  COLUMN_EXPIRES,
  COLUMN_CATEGORY,
  COLUMN_STATUS,
  N_COLUMNS,
} Column;

/* Widths in sp. @below: where the page is narrower than that (sp), the column is left out. */
static const struct
{
  const char *title;
  int width;
  int below;
} columns[N_COLUMNS] = {
  [COLUMN_NAME] = { N_ ("Exemption"), 180, 0 },      [COLUMN_POLICY] = { N_ ("Policy"), 194, 600 },
  [COLUMN_SCOPE] = { N_ ("Scope"), 142, 740 },       [COLUMN_TEAM] = { N_ ("Team"), 92, 830 },
  [COLUMN_OWNER] = { N_ ("Owner"), 120, 945 },       [COLUMN_EXPIRES] = { N_ ("Expires"), 100, 0 },
  [COLUMN_CATEGORY] = { N_ ("Category"), 88, 1040 }, [COLUMN_STATUS] = { N_ ("Status"), 112, 400 },
};

struct _LwExemptionsPage
{
  AdwNavigationPage parent_instance;
  LwWorkspace *workspace;
  GDateTime *now; /* as of the last load: what relative dates are counted from */
  LwTiles tiles;  /* that an exemption must all be in */
  char **words;
  GtkFilter *filter;
  GtkFilterListModel *filtered;
  GtkSortListModel *sorted;
  GtkColumnViewColumn *view_columns[N_COLUMNS];
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

/* --- Cells --- */

static char *
cell_text (LwExemptionItem *item, Column column, GDateTime *now)
{
  LwExemption *exemption = lw_exemption_item_get_exemption (item);
  const char *style;

  switch (column)
    {
    case COLUMN_NAME:
      return g_strdup (exemption->display_name);
    case COLUMN_POLICY:
      return g_strdup (lw_exemption_item_get_policy (item));
    case COLUMN_SCOPE:
      return g_strdup (lw_exemption_item_get_scope_label (item));
    case COLUMN_TEAM:
      return g_strdup (lw_exemption_item_get_team (item));
    case COLUMN_OWNER:
      return g_strdup (lw_exemption_owner (exemption));
    case COLUMN_EXPIRES:
      return lw_exemption_expires (exemption, now);
    case COLUMN_CATEGORY:
      return g_strdup (lw_words_category (exemption->category));
    case COLUMN_STATUS:
      return g_strdup (lw_tiles_worst (lw_exemption_item_get_tiles (item), &style));
    case N_COLUMNS:
    default:
      return g_strdup ("");
    }
}

/* Who it is without the organisation, which is the same for nearly all: "leo.martins". */
static char *
short_owner (const char *owner)
{
  const char *at = strchr (owner, '@');

  return at && at != owner ? g_strndup (owner, at - owner) : g_strdup (owner);
}

static Column
factory_column (GObject *factory)
{
  return GPOINTER_TO_INT (g_object_get_data (factory, "lw-column"));
}

static void
setup_text (GtkSignalListItemFactory *factory, GtkColumnViewCell *cell)
{
  GtkWidget *text = gtk_inscription_new (NULL);

  gtk_inscription_set_text_overflow (GTK_INSCRIPTION (text),
                                     GTK_INSCRIPTION_OVERFLOW_ELLIPSIZE_END);
  gtk_inscription_set_min_lines (GTK_INSCRIPTION (text), 1);
  gtk_inscription_set_nat_lines (GTK_INSCRIPTION (text), 1);
  if (factory_column (G_OBJECT (factory)) == COLUMN_EXPIRES)
    gtk_widget_add_css_class (text, "numeric");
  gtk_column_view_cell_set_child (cell, text);
}

static void
bind_text (GtkSignalListItemFactory *factory, GtkColumnViewCell *cell, LwExemptionsPage *self)
{
  LwExemptionItem *item = gtk_column_view_cell_get_item (cell);
  GtkWidget *text = gtk_column_view_cell_get_child (cell);
  Column column = factory_column (G_OBJECT (factory));
  LwExemption *exemption = lw_exemption_item_get_exemption (item);
  g_autofree char *value = cell_text (item, column, self->now);
  gboolean nobody = column == COLUMN_OWNER && !*value;

  g_autofree char *shown = column == COLUMN_OWNER ? short_owner (value) : g_strdup (value);

  gtk_inscription_set_text (GTK_INSCRIPTION (text), nobody ? _ ("Nobody") : shown);
  if (column == COLUMN_EXPIRES && exemption->expires)
    {
      g_autofree char *exact = lw_date_exact (exemption->expires);

      gtk_widget_set_tooltip_text (text, exact);
    }
  else
    gtk_widget_set_tooltip_text (text, nobody ? NULL : value);
  if (nobody || (column == COLUMN_EXPIRES && !exemption->expires))
    gtk_widget_add_css_class (text, "dimmed");
  else
    gtk_widget_remove_css_class (text, "dimmed");
}

static void
setup_status (GtkSignalListItemFactory *factory, GtkColumnViewCell *cell)
{
  gtk_column_view_cell_set_child (cell, lw_pill_new ("", NULL));
}

static void
bind_status (GtkSignalListItemFactory *factory, GtkColumnViewCell *cell, LwExemptionsPage *self)
{
  LwExemptionItem *item = gtk_column_view_cell_get_item (cell);
  GtkWidget *pill = gtk_column_view_cell_get_child (cell);
  const char *style;
  const char *word = lw_tiles_worst (lw_exemption_item_get_tiles (item), &style);

  lw_pill_set (pill, word, style);
  if (style)
    {
      gtk_widget_add_css_class (pill, "lw-pill");
      gtk_widget_remove_css_class (pill, "dimmed");
    }
  else
    {
      gtk_widget_remove_css_class (pill, "lw-pill");
      gtk_widget_add_css_class (pill, "dimmed");
    }
}

/* A row is read out as one sentence rather than cell by cell. */
static void
bind_row (GtkSignalListItemFactory *factory, GtkColumnViewRow *row, LwExemptionsPage *self)
{
  LwExemptionItem *item = gtk_column_view_row_get_item (row);
  GString *label = g_string_new (NULL);

  for (guint i = 0; i < N_COLUMNS; i++)
    {
      g_autofree char *value = cell_text (item, i, self->now);

      if (*value)
        g_string_append_printf (label, "%s%s", label->len ? ", " : "", value);
    }
  gtk_column_view_row_set_accessible_label (row, label->str);
  g_string_free (label, TRUE);
}

/* --- Sorting --- */

static char *
sort_text (LwExemptionItem *item, gpointer column)
{
  g_autofree char *text = NULL;
  g_autoptr (GDateTime) never = NULL;
  LwExemption *exemption = lw_exemption_item_get_exemption (item);

  switch ((Column) GPOINTER_TO_INT (column))
    {
    case COLUMN_STATUS:
      /* The worst first. */
      return g_strdup_printf ("%d", lw_exemption_item_get_tiles (item) & LW_TILE_EXPIRED      ? 0
                                    : lw_exemption_item_get_tiles (item) & LW_TILE_NO_EXPIRY  ? 1
                                    : lw_exemption_item_get_tiles (item) & LW_TILE_NO_OWNER   ? 2
                                    : lw_exemption_item_get_tiles (item) & LW_TILE_UNREVIEWED ? 3
                                                                                              : 4);
    case COLUMN_CATEGORY:
      return g_strdup (exemption->category ? exemption->category : "");
    case COLUMN_EXPIRES:
      return g_strdup ("");
    case COLUMN_NAME:
    case COLUMN_POLICY:
    case COLUMN_SCOPE:
    case COLUMN_TEAM:
    case COLUMN_OWNER:
    case N_COLUMNS:
    default:
      text = cell_text (item, GPOINTER_TO_INT (column), never);
      return g_steal_pointer (&text);
    }
}

static gint64
sort_expires (LwExemptionItem *item, gpointer data)
{
  return lw_exemption_expires_key (lw_exemption_item_get_exemption (item));
}

static GtkSorter *
sorter_new (Column column)
{
  if (column == COLUMN_EXPIRES)
    return GTK_SORTER (gtk_numeric_sorter_new (gtk_cclosure_expression_new (
        G_TYPE_INT64, NULL, 0, NULL, G_CALLBACK (sort_expires), NULL, NULL)));
  return GTK_SORTER (gtk_string_sorter_new (gtk_cclosure_expression_new (
      G_TYPE_STRING, NULL, 0, NULL, G_CALLBACK (sort_text), GINT_TO_POINTER (column), NULL)));
}

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

static GtkListItemFactory *
factory_new (LwExemptionsPage *self, Column column)
{
  GtkListItemFactory *factory = gtk_signal_list_item_factory_new ();
  gboolean status = column == COLUMN_STATUS;

  g_object_set_data (G_OBJECT (factory), "lw-column", GINT_TO_POINTER (column));
  g_signal_connect (factory, "setup", status ? G_CALLBACK (setup_status) : G_CALLBACK (setup_text),
                    NULL);
  g_signal_connect_object (factory, "bind",
                           status ? G_CALLBACK (bind_status) : G_CALLBACK (bind_text), self, 0);
  return factory;
}

static void
update_widths (LwExemptionsPage *self)
{
  GtkSettings *settings = gtk_widget_get_settings (GTK_WIDGET (self));

  for (guint i = 0; i < N_COLUMNS; i++)
    gtk_column_view_column_set_fixed_width (
        self->view_columns[i],
        (int) adw_length_unit_to_px (ADW_LENGTH_UNIT_SP, columns[i].width, settings));
}

/* One breakpoint for each width at which a column goes; each hides what the wider ones hide too. */
static void
add_breakpoints (LwExemptionsPage *self)
{
  /* Not bound: the page lets go of its child itself. */
  AdwBreakpointBin *bin =
      ADW_BREAKPOINT_BIN (adw_navigation_page_get_child (ADW_NAVIGATION_PAGE (self)));
  static const int widths[] = { 1040, 945, 830, 740, 600, 400 };
  g_auto (GValue) hidden = G_VALUE_INIT;
  g_auto (GValue) vertical = G_VALUE_INIT;

  g_value_init (&hidden, G_TYPE_BOOLEAN);
  g_value_init (&vertical, GTK_TYPE_ORIENTATION);
  g_value_set_enum (&vertical, GTK_ORIENTATION_VERTICAL);
  for (guint i = 0; i < G_N_ELEMENTS (widths); i++)
    {
      AdwBreakpoint *breakpoint = adw_breakpoint_new (adw_breakpoint_condition_new_length (
          ADW_BREAKPOINT_CONDITION_MAX_WIDTH, widths[i], ADW_LENGTH_UNIT_SP));

      for (guint j = 0; j < N_COLUMNS; j++)
        if (columns[j].below >= widths[i])
          adw_breakpoint_add_setter (breakpoint, G_OBJECT (self->view_columns[j]), "visible",
                                     &hidden);
      if (widths[i] <= 830)
        adw_breakpoint_add_setter (breakpoint, G_OBJECT (self->chip_bar), "orientation", &vertical);
      if (widths[i] <= 740)
        adw_breakpoint_add_setter (breakpoint, G_OBJECT (self->heading), "visible", &hidden);
      adw_breakpoint_bin_add_breakpoint (bin, breakpoint);
    }
}

static void
build_table (LwExemptionsPage *self)
{
  g_autoptr (GtkListItemFactory) rows = gtk_signal_list_item_factory_new ();
  GtkSorter *sorter = gtk_column_view_get_sorter (self->view);
  g_autoptr (GtkNoSelection) selection = NULL;

  for (guint i = 0; i < N_COLUMNS; i++)
    {
      GtkColumnViewColumn *column =
          gtk_column_view_column_new (_ (columns[i].title), factory_new (self, i));
      g_autoptr (GtkSorter) by = sorter_new (i);

      gtk_column_view_column_set_sorter (column, by);
      gtk_column_view_column_set_resizable (column, TRUE);
      gtk_column_view_column_set_expand (column, i == COLUMN_NAME);
      gtk_column_view_append_column (self->view, column);
      self->view_columns[i] = column;
      g_object_unref (column);
    }
  g_signal_connect_object (rows, "bind", G_CALLBACK (bind_row), self, 0);
  gtk_column_view_set_row_factory (self->view, rows);

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
  gtk_column_view_sort_by_column (self->view, self->view_columns[COLUMN_EXPIRES],
                                  GTK_SORT_ASCENDING);
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

  gtk_widget_set_visible (self->chip_bar, portfolio != NULL);
  lw_state_banner_set_quiet (self->banner, portfolio == NULL);
  if (portfolio)
    {
      g_clear_pointer (&self->now, g_date_time_unref);
      self->now = lw_session_now (lw_workspace_get_session (self->workspace));
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
  g_clear_pointer (&self->now, g_date_time_unref);
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
  self->now = g_date_time_new_now_utc ();
  gtk_widget_init_template (GTK_WIDGET (self));
  add_chips (self);
  build_table (self);
  add_breakpoints (self);
  gtk_search_entry_set_key_capture_widget (self->search_entry, GTK_WIDGET (self->view));
  update_widths (self);
  g_signal_connect_object (gtk_widget_get_settings (GTK_WIDGET (self)), "notify::gtk-xft-dpi",
                           G_CALLBACK (update_widths), self, G_CONNECT_SWAPPED);
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
  self->banner = lw_state_banner_new (workspace);
  adw_bin_set_child (self->banner_bin, self->banner);
  g_signal_connect_object (workspace, "portfolio-changed", G_CALLBACK (queue_update), self,
                           G_CONNECT_SWAPPED);
  g_signal_connect_object (workspace, "notify::error", G_CALLBACK (queue_update), self,
                           G_CONNECT_SWAPPED);
  update (self);
  return ADW_NAVIGATION_PAGE (self);
}
