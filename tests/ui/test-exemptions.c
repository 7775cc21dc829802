/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "lw-exemption-values.h"
#include "lw-pages.h"
#include "lw-ui-shot.h"
#include "lw-ui-tenant.h"

#define ASSIGNMENT                                                                                 \
  "/providers/Microsoft.Management/managementGroups/platform/providers/"                           \
  "Microsoft.Authorization/policyAssignments/x"
/* As JSON within JSON. */
#define EXEMPTION(name, number)                                                                    \
  "{\\\"id\\\":\\\"" LW_UI_GROUP "/providers/Microsoft.Authorization/policyExemptions/" name       \
  "\\\","                                                                                          \
  "\\\"name\\\":\\\"" name "\\\",\\\"properties\\\":{\\\"displayName\\\":\\\"" name                \
  "\\\",\\\"policyAssignmentId\\\":\\\"" ASSIGNMENT                                                \
  "\\\",\\\"exemptionCategory\\\":\\\"Waiver\\\",\\\"metadata\\\":{\\\"n\\\":" number "}}}"

/* The exemptions of the simulated tenant: what the table and the tiles say of them. */

typedef struct
{
  LwTestTenant *tenant;
  LwSession *ingrid;
  LwWorkspace *workspace;
  LwPortfolio *portfolio;
} Fixture;

static void
set_up (Fixture *self, gconstpointer data)
{
  self->tenant = lw_ui_tenant_new_with (data);
  self->ingrid = lw_ui_tenant_session (self->tenant, INGRID);
  self->workspace = lw_workspace_new (self->ingrid);
  lw_ui_tenant_refresh (self->workspace);
  self->portfolio = lw_workspace_get_portfolio (self->workspace);
  g_assert_nonnull (self->portfolio);
}

static void
tear_down (Fixture *self, gconstpointer data)
{
  lw_workspace_close (self->workspace);
  lw_ui_test_settle ();
  g_object_unref (self->workspace);
  g_object_unref (self->ingrid);
  lw_test_tenant_free (self->tenant);
}

static GtkColumnView *
table_of (GtkWidget *page)
{
  return GTK_COLUMN_VIEW (lw_ui_test_find (page, GTK_TYPE_COLUMN_VIEW, NULL));
}

static guint
rows (GtkColumnView *view)
{
  return g_list_model_get_n_items (G_LIST_MODEL (gtk_column_view_get_model (view)));
}

/* Each tile of the portfolio is a filter of the table that shows as many as the tile counts. */
static void
test_filter_counts (Fixture *self, gconstpointer data)
{
  AdwNavigationPage *page = lw_exemptions_page_new (self->workspace);
  GtkWidget *window = lw_ui_test_window (GTK_WIDGET (page), lw_ui_shot_width (1000));
  GtkColumnView *view = table_of (GTK_WIDGET (page));
  guint all = lw_portfolio_count (self->portfolio, 0);

  g_assert_cmpuint (all, >=, 25);
  g_assert_cmpuint (rows (view), ==, all);
  for (guint i = 0; i < LW_TILE_COUNT; i++)
    {
      guint count = lw_portfolio_count (self->portfolio, 1 << i);
      g_autofree char *chip = g_strdup_printf ("%s %u", lw_tile_title (1 << i), count);
      g_autofree char *label = g_strdup_printf ("%u of %u", count, all);
      GListModel *model = G_LIST_MODEL (gtk_column_view_get_model (view));

      g_assert_cmpuint (count, >, 0);
      lw_exemptions_page_set_filter (page, 1 << i);
      g_assert_cmpuint (rows (view), ==, count);
      g_assert_true (lw_ui_test_shows (GTK_WIDGET (page), chip));
      g_assert_true (lw_ui_test_shows (GTK_WIDGET (page), label));
      for (guint k = 0; k < count; k++)
        {
          g_autoptr (LwExemptionItem) item = g_list_model_get_item (model, k);

          g_assert_true (lw_exemption_item_get_tiles (item) & (1 << i));
        }
    }
  lw_exemptions_page_set_filter (page, 0);
  g_assert_cmpuint (rows (view), ==, all);
  lw_ui_shot (window, "exemptions");
  gtk_window_destroy (GTK_WINDOW (window));
}

typedef struct
{
  GtkColumnView *view;
  guint count;
} Count;

static gboolean
has_rows (gpointer data)
{
  const Count *count = data;

  return rows (count->view) == count->count;
}

static void
test_search (Fixture *self, gconstpointer data)
{
  AdwNavigationPage *page = lw_exemptions_page_new (self->workspace);
  GtkWidget *window = lw_ui_test_window (GTK_WIDGET (page), 1000);
  GtkWidget *entry = lw_ui_test_find (GTK_WIDGET (page), GTK_TYPE_SEARCH_ENTRY, NULL);
  Count count = { table_of (GTK_WIDGET (page)), 1 };

  gtk_editable_set_text (GTK_EDITABLE (entry), "RED team LINK");
  lw_ui_test_wait (has_rows, &count);
  g_assert_true (lw_ui_test_shows (GTK_WIDGET (count.view), "Red team private link"));

  count.count = 0;
  gtk_editable_set_text (GTK_EDITABLE (entry), "no such thing anywhere");
  lw_ui_test_wait (has_rows, &count);
  g_assert_true (lw_ui_test_shows (GTK_WIDGET (page), "No Exemption Matches"));
  gtk_widget_activate (lw_ui_test_find (GTK_WIDGET (page), GTK_TYPE_BUTTON, "Show All"));
  count.count = lw_portfolio_count (self->portfolio, 0);
  lw_ui_test_wait (has_rows, &count);
  gtk_window_destroy (GTK_WINDOW (window));
}

/* What ends first stands first; what never ends stands last. */
static void
test_sorted (Fixture *self, gconstpointer data)
{
  AdwNavigationPage *page = lw_exemptions_page_new (self->workspace);
  GtkWidget *window = lw_ui_test_window (GTK_WIDGET (page), 1000);
  GListModel *model = G_LIST_MODEL (gtk_column_view_get_model (table_of (GTK_WIDGET (page))));
  gint64 last = G_MININT64;

  for (guint i = 0; i < g_list_model_get_n_items (model); i++)
    {
      g_autoptr (LwExemptionItem) item = g_list_model_get_item (model, i);
      gint64 key = lw_exemption_expires_key (lw_exemption_item_get_exemption (item));

      g_assert_cmpint (key, >=, last);
      last = key;
    }
  g_assert_cmpint (last, ==, G_MAXINT64);
  gtk_window_destroy (GTK_WINDOW (window));
}

static void
test_details (Fixture *self, gconstpointer data)
{
  AdwNavigationPage *page = lw_exemptions_page_new (self->workspace);
  GtkWidget *window = lw_ui_test_window (GTK_WIDGET (page), 1000);
  GtkColumnView *view = table_of (GTK_WIDGET (page));
  g_autoptr (LwExemptionItem) item =
      g_list_model_get_item (G_LIST_MODEL (gtk_column_view_get_model (view)), 3);
  LwExemption *exemption = lw_exemption_item_get_exemption (item);
  AdwDialog *dialog;

  g_signal_emit_by_name (view, "activate", 3u);
  dialog = adw_window_get_visible_dialog (ADW_WINDOW (window));
  g_assert_nonnull (dialog);
  g_assert_cmpstr (adw_dialog_get_title (dialog), ==, exemption->display_name);
  g_assert_true (lw_ui_test_shows (GTK_WIDGET (dialog), exemption->id));
  g_assert_true (lw_ui_test_shows (GTK_WIDGET (dialog), exemption->assignment_id));
  g_assert_true (lw_ui_test_shows (GTK_WIDGET (dialog), "\"exemptionCategory\""));
  adw_dialog_force_close (dialog);
  gtk_window_destroy (GTK_WINDOW (window));
}

/* Columns go as the page gets narrower, so that what is left fits. */
static void
test_narrow (Fixture *self, gconstpointer data)
{
  static const struct
  {
    int width;
    const char *shown;
    const char *hidden;
  } cases[] = { { 1200, "Category", NULL },
                { 1000, "Owner", "Category" },
                { 360, "Expires", "Status" } };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      AdwNavigationPage *page = lw_exemptions_page_new (self->workspace);
      GtkWidget *window = lw_ui_test_window (GTK_WIDGET (page), cases[i].width);
      GListModel *columns = gtk_column_view_get_columns (table_of (GTK_WIDGET (page)));

      for (guint k = 0; k < g_list_model_get_n_items (columns); k++)
        {
          g_autoptr (GtkColumnViewColumn) column = g_list_model_get_item (columns, k);
          const char *title = gtk_column_view_column_get_title (column);

          if (g_strcmp0 (title, cases[i].shown) == 0)
            g_assert_true (gtk_column_view_column_get_visible (column));
          if (g_strcmp0 (title, cases[i].hidden) == 0)
            g_assert_false (gtk_column_view_column_get_visible (column));
        }
      gtk_window_destroy (GTK_WINDOW (window));
    }
}

/* One that somebody else wrote in a way that nobody can read exactly: shown, and marked where it stands
 * and where it is opened. */
static const char damaged[] =
    "{\"faults\":[{\"do\":\"answer\",\"path\":\"*/Microsoft.ResourceGraph/"
    "resources\",\"times\":0,\"status\":200,"
    "\"type\":\"application/json\",\"body\":\"{\\\"totalRecords\\\":2,\\\"count\\\":2,"
    "\\\"resultTruncated\\\":\\\"false\\\",\\\"data\\\":[" EXEMPTION (
        "odd",
        "12345678901234567890123") "," EXEMPTION ("even", "1") "]}\"}]}";

static GtkWidget *
find_mark (GtkWidget *widget)
{
  GtkWidget *found = NULL;

  if (!gtk_widget_get_visible (widget))
    return NULL;
  if (GTK_IS_IMAGE (widget) &&
      g_strcmp0 (gtk_image_get_icon_name (GTK_IMAGE (widget)), "lw-read-only-symbolic") == 0)
    return widget;
  for (GtkWidget *child = gtk_widget_get_first_child (widget); child != NULL && found == NULL;
       child = gtk_widget_get_next_sibling (child))
    found = find_mark (child);
  return found;
}

/* The row of the table that shows @name. */
static GtkWidget *
row_showing (GtkWidget *view, const char *name)
{
  GtkWidget *text = lw_ui_test_find (view, GTK_TYPE_INSCRIPTION, name);

  while (text != NULL && g_strcmp0 (G_OBJECT_TYPE_NAME (text), "GtkColumnViewRowWidget") != 0)
    text = gtk_widget_get_parent (text);
  return text;
}

static void
test_damaged (Fixture *self, gconstpointer data)
{
  static const char says[] = "Shown as far as it can be read";
  AdwNavigationPage *page = lw_exemptions_page_new (self->workspace);
  GtkWidget *window = lw_ui_test_window (GTK_WIDGET (page), lw_ui_shot_width (1000));
  GtkWidget *view = GTK_WIDGET (table_of (GTK_WIDGET (page)));
  GtkWidget *odd = row_showing (view, "odd");
  GtkWidget *even = row_showing (view, "even");
  GtkWidget *mark;
  AdwDialog *dialog;

  g_assert_nonnull (odd);
  g_assert_nonnull (even);
  mark = find_mark (odd);
  g_assert_nonnull (mark);
  g_assert_true (g_str_has_prefix (gtk_widget_get_tooltip_text (mark), says));
  g_assert_null (find_mark (even));
  gtk_test_accessible_assert_property (odd, GTK_ACCESSIBLE_PROPERTY_DESCRIPTION,
                                       gtk_widget_get_tooltip_text (mark));
  lw_ui_shot (window, "exemptions-damaged");
  for (guint i = 0; i < 2; i++)
    {
      g_autoptr (LwExemptionItem) item = g_list_model_get_item (
          G_LIST_MODEL (gtk_column_view_get_model (GTK_COLUMN_VIEW (view))), i);
      gboolean marked = g_str_equal (lw_exemption_item_get_exemption (item)->display_name, "odd");

      g_signal_emit_by_name (view, "activate", i);
      dialog = adw_window_get_visible_dialog (ADW_WINDOW (window));
      g_assert_true (lw_ui_test_shows (GTK_WIDGET (dialog), says) == marked);
      if (marked)
        lw_ui_shot (window, "exemption-damaged");
      adw_dialog_force_close (dialog);
    }
  gtk_window_destroy (GTK_WINDOW (window));
}

static GtkWidget *
tile_labelled (GtkWidget *widget, const char *title)
{
  return gtk_widget_get_ancestor (lw_ui_test_find (widget, GTK_TYPE_LABEL, title), GTK_TYPE_BUTTON);
}

static void
test_tiles (Fixture *self, gconstpointer data)
{
  AdwNavigationPage *page = lw_portfolio_page_new (self->workspace);
  GtkWidget *window = lw_ui_test_window (GTK_WIDGET (page), lw_ui_shot_width (1000));

  for (guint i = 0; i < LW_TILE_COUNT; i++)
    {
      GtkWidget *tile = tile_labelled (GTK_WIDGET (page), lw_tile_title (1 << i));
      g_autofree char *label = g_strdup_printf ("%s: %u", lw_tile_title (1 << i),
                                                lw_portfolio_count (self->portfolio, 1 << i));

      gtk_test_accessible_assert_role (tile, GTK_ACCESSIBLE_ROLE_BUTTON);
      gtk_test_accessible_assert_property (tile, GTK_ACCESSIBLE_PROPERTY_LABEL, label);
      g_assert_cmpstr (gtk_actionable_get_action_name (GTK_ACTIONABLE (tile)), ==, "win.show-tile");
      g_assert_cmpuint (
          g_variant_get_uint32 (gtk_actionable_get_action_target_value (GTK_ACTIONABLE (tile))), ==,
          1u << i);
    }
  lw_ui_shot (window, "portfolio");
  gtk_window_destroy (GTK_WINDOW (window));
}

/* A cluster opened shows its exemptions, as many as it counts. */
static void
test_clusters (Fixture *self, gconstpointer data)
{
  AdwNavigationPage *page = lw_portfolio_page_new (self->workspace);
  GtkWidget *window = lw_ui_test_window (GTK_WIDGET (page), 1000);
  const LwCluster *first = g_ptr_array_index (lw_portfolio_get_clusters (self->portfolio), 0);
  GtkWidget *row = lw_ui_test_find (GTK_WIDGET (page), ADW_TYPE_EXPANDER_ROW, first->policy);

  g_assert_nonnull (row);
  adw_expander_row_set_expanded (ADW_EXPANDER_ROW (row), TRUE);
  for (guint i = 0; i < first->exemptions->len; i++)
    {
      LwExemption *exemption = g_ptr_array_index (first->exemptions, i);

      g_assert_true (lw_ui_test_shows (row, exemption->display_name));
    }
  gtk_window_destroy (GTK_WINDOW (window));
}

static void
test_words (void)
{
  g_auto (GStrv) none = lw_search_words (" \t ");
  g_auto (GStrv) two = lw_search_words (" Straße  ÜBER ");
  const char *style;

  g_assert_cmpuint (g_strv_length (none), ==, 0);
  g_assert_cmpuint (g_strv_length (two), ==, 2);
  g_assert_cmpstr (two[0], ==, "strasse");
  g_assert_cmpstr (two[1], ==, "über");
  g_assert_cmpstr (lw_tiles_worst (LW_TILE_UNREVIEWED | LW_TILE_EXPIRED, &style), ==, "Expired");
  g_assert_cmpstr (style, ==, "error");
  g_assert_cmpstr (lw_tiles_worst (LW_TILE_IN_FORCE | LW_TILE_EXPIRING, &style), ==, "In Force");
  g_assert_null (style);
}

int
main (int argc, char *argv[])
{
  lw_ui_test_init (&argc, &argv);
  lw_ui_shot_style ();
#define ADD(path, test) g_test_add ("/exemptions/" path, Fixture, NULL, set_up, test, tear_down)
  ADD ("filter-counts", test_filter_counts);
  ADD ("search", test_search);
  ADD ("sorted", test_sorted);
  ADD ("details", test_details);
  ADD ("narrow", test_narrow);
  ADD ("tiles", test_tiles);
  ADD ("clusters", test_clusters);
  g_test_add ("/exemptions/damaged", Fixture, damaged, set_up, test_damaged, tear_down);
  g_test_add_func ("/exemptions/words", test_words);
  return g_test_run ();
}
