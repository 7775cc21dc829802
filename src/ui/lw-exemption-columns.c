/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "config.h"

#include "lw-exemption-columns.h"

#include <glib/gi18n-lib.h>

#include "lw-decision-words.h"
#include "lw-exemption-values.h"
#include "lw-widgets.h"

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

static const int widths[] = { 1040, 945, 830, 740, 600, 400, 0 };

struct _LwExemptionColumns
{
  GObject parent_instance;

  LwWorkspace *workspace; /* nullable until it is said */
  GDateTime *now;
  GtkColumnView *view; /* which keeps this */
  GtkColumnViewColumn *columns[N_COLUMNS];
};

G_DEFINE_FINAL_TYPE (LwExemptionColumns, lw_exemption_columns, G_TYPE_OBJECT)

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

static GtkWidget *
text_new (void)
{
  GtkWidget *text = gtk_inscription_new (NULL);

  gtk_inscription_set_text_overflow (GTK_INSCRIPTION (text),
                                     GTK_INSCRIPTION_OVERFLOW_ELLIPSIZE_END);
  gtk_inscription_set_min_lines (GTK_INSCRIPTION (text), 1);
  gtk_inscription_set_nat_lines (GTK_INSCRIPTION (text), 1);
  return text;
}

static void
setup_text (GtkSignalListItemFactory *factory, GtkColumnViewCell *cell)
{
  GtkWidget *text = text_new ();

  if (factory_column (G_OBJECT (factory)) == COLUMN_EXPIRES)
    gtk_widget_add_css_class (text, "numeric");
  gtk_column_view_cell_set_child (cell, text);
}

static void
bind_text (GtkSignalListItemFactory *factory, GtkColumnViewCell *cell, LwExemptionColumns *self)
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

/* Why it is shown as read and cannot be changed; %NULL where it can. (transfer none) */
static const char *
damage_of (LwExemptionColumns *self, LwExemptionItem *item)
{
  if (self->workspace == NULL)
    return NULL;
  return lw_client_get_damage (lw_session_get_client (lw_workspace_get_session (self->workspace)),
                               lw_exemption_item_get_exemption (item)->id);
}

static void
setup_name (GtkSignalListItemFactory *factory, GtkColumnViewCell *cell)
{
  GtkWidget *box = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 6);
  GtkWidget *mark = gtk_image_new_from_icon_name ("lw-read-only-symbolic");
  GtkWidget *text = text_new ();

  gtk_widget_add_css_class (mark, "warning");
  gtk_widget_set_hexpand (text, TRUE);
  gtk_box_append (GTK_BOX (box), mark);
  gtk_box_append (GTK_BOX (box), text);
  gtk_column_view_cell_set_child (cell, box);
}

static void
bind_name (GtkSignalListItemFactory *factory, GtkColumnViewCell *cell, LwExemptionColumns *self)
{
  LwExemptionItem *item = gtk_column_view_cell_get_item (cell);
  GtkWidget *mark = gtk_widget_get_first_child (gtk_column_view_cell_get_child (cell));
  GtkWidget *text = gtk_widget_get_next_sibling (mark);
  const char *name = lw_exemption_item_get_exemption (item)->display_name;
  const char *damage = damage_of (self, item);
  g_autofree char *why = damage != NULL ? lw_exemption_damage_text (damage) : NULL;

  gtk_inscription_set_text (GTK_INSCRIPTION (text), name);
  gtk_widget_set_tooltip_text (text, name);
  gtk_widget_set_visible (mark, damage != NULL);
  gtk_widget_set_tooltip_text (mark, why);
}

static void
setup_status (GtkSignalListItemFactory *factory, GtkColumnViewCell *cell)
{
  gtk_column_view_cell_set_child (cell, lw_pill_new ("", NULL));
}

static void
bind_status (GtkSignalListItemFactory *factory, GtkColumnViewCell *cell, LwExemptionColumns *self)
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
bind_row (GtkSignalListItemFactory *factory, GtkColumnViewRow *row, LwExemptionColumns *self)
{
  LwExemptionItem *item = gtk_column_view_row_get_item (row);
  const char *damage = damage_of (self, item);
  g_autofree char *why = damage != NULL ? lw_exemption_damage_text (damage) : NULL;
  GString *label = g_string_new (NULL);

  for (guint i = 0; i < N_COLUMNS; i++)
    {
      g_autofree char *value = cell_text (item, i, self->now);

      if (*value)
        g_string_append_printf (label, "%s%s", label->len ? ", " : "", value);
    }
  gtk_column_view_row_set_accessible_label (row, label->str);
  gtk_column_view_row_set_accessible_description (row, why != NULL ? why : "");
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

/* --- The columns --- */

static GtkListItemFactory *
factory_new (LwExemptionColumns *self, Column column)
{
  GtkListItemFactory *factory = gtk_signal_list_item_factory_new ();
  GCallback setup = G_CALLBACK (setup_text);
  GCallback bind = G_CALLBACK (bind_text);

  if (column == COLUMN_NAME)
    {
      setup = G_CALLBACK (setup_name);
      bind = G_CALLBACK (bind_name);
    }
  else if (column == COLUMN_STATUS)
    {
      setup = G_CALLBACK (setup_status);
      bind = G_CALLBACK (bind_status);
    }
  g_object_set_data (G_OBJECT (factory), "lw-column", GINT_TO_POINTER (column));
  g_signal_connect (factory, "setup", setup, NULL);
  g_signal_connect_object (factory, "bind", bind, self, 0);
  return factory;
}

static void
update_widths (LwExemptionColumns *self)
{
  GtkSettings *settings = gtk_widget_get_settings (GTK_WIDGET (self->view));

  for (guint i = 0; i < N_COLUMNS; i++)
    gtk_column_view_column_set_fixed_width (
        self->columns[i],
        (int) adw_length_unit_to_px (ADW_LENGTH_UNIT_SP, columns[i].width, settings));
}

const int *
lw_exemption_columns_get_widths (void)
{
  return widths;
}

/* Each hides what the wider ones hide too. */
void
lw_exemption_columns_add_setters (LwExemptionColumns *self, AdwBreakpoint *breakpoint, int width)
{
  g_auto (GValue) hidden = G_VALUE_INIT;

  g_return_if_fail (LW_IS_EXEMPTION_COLUMNS (self));
  g_value_init (&hidden, G_TYPE_BOOLEAN);
  for (guint i = 0; i < N_COLUMNS; i++)
    if (columns[i].below >= width)
      adw_breakpoint_add_setter (breakpoint, G_OBJECT (self->columns[i]), "visible", &hidden);
}

void
lw_exemption_columns_set_workspace (LwExemptionColumns *self, LwWorkspace *workspace)
{
  g_return_if_fail (LW_IS_EXEMPTION_COLUMNS (self));
  g_set_object (&self->workspace, workspace);
}

void
lw_exemption_columns_set_now (LwExemptionColumns *self, GDateTime *now)
{
  g_return_if_fail (LW_IS_EXEMPTION_COLUMNS (self));
  g_date_time_ref (now);
  g_date_time_unref (self->now);
  self->now = now;
}

static void
lw_exemption_columns_finalize (GObject *object)
{
  LwExemptionColumns *self = LW_EXEMPTION_COLUMNS (object);

  g_clear_object (&self->workspace);
  g_clear_pointer (&self->now, g_date_time_unref);
  for (guint i = 0; i < N_COLUMNS; i++)
    g_clear_object (&self->columns[i]);
  G_OBJECT_CLASS (lw_exemption_columns_parent_class)->finalize (object);
}

static void
lw_exemption_columns_class_init (LwExemptionColumnsClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = lw_exemption_columns_finalize;
}

static void
lw_exemption_columns_init (LwExemptionColumns *self)
{
  self->now = g_date_time_new_now_utc ();
}

static void
add_columns (LwExemptionColumns *self)
{
  for (guint i = 0; i < N_COLUMNS; i++)
    {
      g_autoptr (GtkSorter) by = sorter_new (i);

      self->columns[i] = gtk_column_view_column_new (_ (columns[i].title), factory_new (self, i));
      gtk_column_view_column_set_sorter (self->columns[i], by);
      gtk_column_view_column_set_resizable (self->columns[i], TRUE);
      gtk_column_view_column_set_expand (self->columns[i], i == COLUMN_NAME);
      gtk_column_view_append_column (self->view, self->columns[i]);
    }
}

LwExemptionColumns *
lw_exemption_columns_new (GtkColumnView *view)
{
  LwExemptionColumns *self;
  g_autoptr (GtkListItemFactory) rows = gtk_signal_list_item_factory_new ();

  g_return_val_if_fail (GTK_IS_COLUMN_VIEW (view), NULL);
  self = g_object_new (LW_TYPE_EXEMPTION_COLUMNS, NULL);
  self->view = view;
  add_columns (self);
  g_signal_connect_object (rows, "bind", G_CALLBACK (bind_row), self, 0);
  gtk_column_view_set_row_factory (view, rows);
  gtk_column_view_sort_by_column (view, self->columns[COLUMN_EXPIRES], GTK_SORT_ASCENDING);
  update_widths (self);
  g_signal_connect_object (gtk_widget_get_settings (GTK_WIDGET (view)), "notify::gtk-xft-dpi",
                           G_CALLBACK (update_widths), self, G_CONNECT_SWAPPED);
  return self;
}
