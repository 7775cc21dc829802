/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "config.h"

#include "lw-portfolio-private.h"

struct _LwPortfolio
{
  GObject parent_instance;
  GListStore *items;
  GPtrArray *clusters;
  GDateTime *loaded;
  GError *ledger_error;
  guint counts[LW_TILE_COUNT];
};

G_DEFINE_FINAL_TYPE (LwPortfolio, lw_portfolio, G_TYPE_OBJECT)

GListModel *
lw_portfolio_get_items (LwPortfolio *self)
{
  g_return_val_if_fail (LW_IS_PORTFOLIO (self), NULL);

  return G_LIST_MODEL (self->items);
}

guint
lw_portfolio_count (LwPortfolio *self, LwTiles tile)
{
  g_return_val_if_fail (LW_IS_PORTFOLIO (self), 0);

  if (tile == 0)
    return g_list_model_get_n_items (G_LIST_MODEL (self->items));

  for (guint i = 0; i < LW_TILE_COUNT; i++)
    {
      if (tile == 1u << i)
        return self->counts[i];
    }

  return 0;
}

GPtrArray *
lw_portfolio_get_clusters (LwPortfolio *self)
{
  g_return_val_if_fail (LW_IS_PORTFOLIO (self), NULL);

  return self->clusters;
}

GDateTime *
lw_portfolio_get_loaded (LwPortfolio *self)
{
  g_return_val_if_fail (LW_IS_PORTFOLIO (self), NULL);

  return self->loaded;
}

const GError *
lw_portfolio_get_ledger_error (LwPortfolio *self)
{
  g_return_val_if_fail (LW_IS_PORTFOLIO (self), NULL);

  return self->ledger_error;
}

static void
lw_portfolio_finalize (GObject *object)
{
  LwPortfolio *self = LW_PORTFOLIO (object);

  g_clear_object (&self->items);
  g_clear_pointer (&self->clusters, g_ptr_array_unref);
  g_clear_pointer (&self->loaded, g_date_time_unref);
  g_clear_error (&self->ledger_error);

  G_OBJECT_CLASS (lw_portfolio_parent_class)->finalize (object);
}

static void
lw_portfolio_class_init (LwPortfolioClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = lw_portfolio_finalize;
}

static void
lw_portfolio_init (LwPortfolio *self)
{
  self->items = g_list_store_new (LW_TYPE_EXEMPTION_ITEM);
}

LwPortfolio *
lw_portfolio_new (GPtrArray *items, GPtrArray *clusters, GDateTime *loaded, GError *ledger_error)
{
  LwPortfolio *self = g_object_new (LW_TYPE_PORTFOLIO, NULL);

  g_list_store_splice (self->items, 0, 0, items->pdata, items->len);
  self->clusters = clusters;
  self->loaded = g_date_time_ref (loaded);
  self->ledger_error = ledger_error;

  for (guint i = 0; i < items->len; i++)
    {
      LwTiles tiles = lw_exemption_item_get_tiles (g_ptr_array_index (items, i));

      for (guint k = 0; k < LW_TILE_COUNT; k++)
        self->counts[k] += (tiles & (1u << k)) != 0;
    }

  return self;
}
