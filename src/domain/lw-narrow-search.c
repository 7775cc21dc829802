/* SPDX-License-Identifier: GPL-3.0-or-later */

#include <string.h>

#include "lw-narrow-private.h"

#define REACHES (LW_SCOPE_MANAGEMENT_GROUP + 1)
#define MOST    LW_NARROW_MAX_EXEMPTIONS

/* The best set of so many scopes. */
typedef struct
{
  guint64 collateral; /* G_MAXUINT64 where there is none */
  guint64 width;      /* the smaller, the fewer wide scopes */
  guint ranks[MOST];  /* of the scopes, by id, in order */
} Best;

/* f(v, ·, ·), with the numbers up to @most. */
typedef struct
{
  guint most;
  Best best[];
} Table;

typedef struct
{
  LwNarrowPlan *plan;
  const LwNarrowCost *costs;
  guint *ranks;    /* by node: its place among all candidates by id */
  GArray *by_rank; /* (element-type guint): nodes */
  Table **tables;  /* by node */
} Search;

static Best *
cell (Table *self, guint reach, guint number)
{
  return &self->best[reach * (self->most + 1) + number];
}

static Table *
table_new (guint most)
{
  Table *self = g_malloc (sizeof (Table) + REACHES * (most + 1) * sizeof (Best));

  self->most = most;
  for (guint i = 0; i < REACHES * (most + 1); i++)
    self->best[i].collateral = G_MAXUINT64;
  return self;
}

/* A table of nothing: no scopes cover no need. */
static Table *
table_new_empty (void)
{
  Table *self = table_new (0);

  for (guint k = 0; k < REACHES; k++)
    {
      cell (self, k, 0)->collateral = 0;
      cell (self, k, 0)->width = 0;
    }
  return self;
}

static int
compare_figures (guint64 a_collateral, guint64 a_width, const Best *b)
{
  if (a_collateral != b->collateral)
    return a_collateral < b->collateral ? -1 : 1;
  return (a_width > b->width) - (a_width < b->width);
}

static int
compare_ranks (const guint *a, const guint *b, guint number)
{
  for (guint i = 0; i < number; i++)
    if (a[i] != b[i])
      return a[i] < b[i] ? -1 : 1;
  return 0;
}

static void
merge_ranks (guint *out, const guint *a, guint a_length, const guint *b, guint b_length)
{
  guint i = 0;
  guint j = 0;

  while (i < a_length || j < b_length)
    {
      if (j == b_length || (i < a_length && a[i] < b[j]))
        out[i + j] = a[i], i++;
      else
        out[i + j] = b[j], j++;
    }
}

/* Puts the union of @a and @b into @into where that is better. */
static void
offer (Best *into, const Best *a, guint a_number, const Best *b, guint b_number)
{
  guint ranks[MOST];
  int order;

  if (a->collateral == G_MAXUINT64 || b->collateral == G_MAXUINT64)
    return;
  order = compare_figures (a->collateral + b->collateral, a->width + b->width, into);
  if (order > 0)
    return;
  merge_ranks (ranks, a->ranks, a_number, b->ranks, b_number);
  if (order == 0 && compare_ranks (ranks, into->ranks, a_number + b_number) >= 0)
    return;
  into->collateral = a->collateral + b->collateral;
  into->width = a->width + b->width;
  memcpy (into->ranks, ranks, (a_number + b_number) * sizeof *ranks);
}

/* All ways to share the numbers between two branches that have nothing in common. */
static Table *
combine (Table *a, Table *b)
{
  Table *self = table_new (MIN (a->most + b->most, MOST));

  for (guint k = 0; k < REACHES; k++)
    for (guint i = 0; i <= a->most; i++)
      for (guint j = 0; j <= b->most && i + j <= self->most; j++)
        offer (cell (self, k, i + j), cell (a, k, i), i, cell (b, k, j), j);
  return self;
}

/* Each kind of scope outweighs all 20 of the narrower; within a kind the deeper is narrower. */
static guint64
width_of (const LwNarrowNode *node)
{
  guint64 step = MIN (node->depth, 255);

  return ((guint64) 1 << (16 + 8 * (guint) node->kind)) + (255 - step);
}

static void
offer_itself (Search *self, Table *table, guint index)
{
  LwNarrowNode *node = lw_narrow_node (self->plan, index);
  Best itself = {
    .collateral = self->costs[index].collateral,
    .width = width_of (node),
    .ranks = { self->ranks[index] },
  };
  Best nothing = { 0 };

  if (!self->costs[index].legal)
    return;
  for (guint k = (guint) node->kind; k < REACHES; k++)
    offer (cell (table, k, 1), &itself, 1, &nothing, 0);
}

static int
compare_ids (gconstpointer a, gconstpointer b, gpointer data)
{
  const LwNarrowNode *x = lw_narrow_node ((LwNarrowPlan *) data, *(const guint *) a);
  const LwNarrowNode *y = lw_narrow_node ((LwNarrowPlan *) data, *(const guint *) b);
  int order = memcmp (x->key, y->key, MIN (x->length, y->length));

  return order != 0 ? order : (x->length > y->length) - (x->length < y->length);
}

static void
rank (Search *self)
{
  self->by_rank = g_array_new (FALSE, FALSE, sizeof (guint));
  self->ranks = g_new0 (guint, self->plan->nodes->len);
  for (guint i = 0; i < self->plan->order->len; i++)
    {
      guint node = g_array_index (self->plan->order, guint, i);

      if (self->costs[node].needed > 0)
        g_array_append_val (self->by_rank, node);
    }
  g_array_sort_with_data (self->by_rank, compare_ids, self->plan);
  for (guint i = 0; i < self->by_rank->len; i++)
    self->ranks[g_array_index (self->by_rank, guint, i)] = i;
}

/* What covers @index: what covers all below it, unless it is needed itself; or it alone. */
static Table *
close_node (Search *self, guint index)
{
  Table *below = self->tables[index];
  Table *table;

  if (below != NULL && lw_narrow_node (self->plan, index)->need == LW_NARROW_NONE)
    {
      if (below->most > 0)
        {
          offer_itself (self, below, index);
          return below;
        }
    }
  g_free (below);
  table = table_new (1);
  offer_itself (self, table, index);
  return table;
}

/* From the last place to the first, so that what lies below is done before. (transfer full) */
static Table *
solve (Search *self)
{
  LwNarrowPlan *plan = self->plan;

  for (guint i = plan->order->len; i-- > 0;)
    {
      guint index = g_array_index (plan->order, guint, i);
      g_autofree Table *table = NULL;
      g_autofree Table *before = NULL;
      guint parent;

      if (self->costs[index].needed == 0)
        continue;
      table = close_node (self, index);
      self->tables[index] = NULL;
      if (index == plan->root)
        return g_steal_pointer (&table);
      parent = lw_narrow_node (plan, index)->parent;
      if ((before = self->tables[parent]) == NULL)
        self->tables[parent] = g_steal_pointer (&table);
      else
        self->tables[parent] = combine (before, table);
    }
  return table_new_empty ();
}

static GArray *
scopes_of (Search *self, const Best *best, guint number)
{
  GArray *scopes = g_array_new (FALSE, FALSE, sizeof (guint));

  for (guint i = 0; i < number; i++)
    g_array_append_val (scopes, g_array_index (self->by_rank, guint, best->ranks[i]));
  return scopes;
}

/* By reach, then collateral: what has a wider reach or a larger number must let off less. */
static void
pick (Search *self, Table *table, GPtrArray *choices)
{
  guint64 least[MOST + 1];

  for (guint n = 0; n <= MOST; n++)
    least[n] = G_MAXUINT64;
  for (guint k = 0; k < REACHES; k++)
    {
      guint from = choices->len;
      guint64 lowest = G_MAXUINT64;

      for (guint n = 1; n <= table->most; n++)
        {
          const Best *best = cell (table, k, n);

          lowest = MIN (lowest, least[n]);
          if (best->collateral >= lowest)
            continue;
          least[n] = lowest = best->collateral;
          /* The larger number has the smaller collateral and comes first. */
          g_ptr_array_insert (choices, (int) from, scopes_of (self, best, n));
        }
    }
}

GPtrArray *
lw_narrow_search (LwNarrowPlan *plan, const LwNarrowCost *costs)
{
  GPtrArray *choices = g_ptr_array_new_with_free_func ((GDestroyNotify) g_array_unref);
  Search self = { .plan = plan, .costs = costs };
  g_autofree Table *table = NULL;

  rank (&self);
  self.tables = g_new0 (Table *, plan->nodes->len);
  table = solve (&self);
  pick (&self, table, choices);
  g_free (self.tables);
  g_free (self.ranks);
  g_array_unref (self.by_rank);
  return choices;
}

guint
lw_narrow_narrowest (LwNarrowPlan *plan, const LwNarrowCost *costs)
{
  g_autofree gboolean *chosen = g_new0 (gboolean, plan->nodes->len);
  guint number = 0;

  for (guint i = 0; i < plan->needs->len; i++)
    {
      guint at = g_array_index (plan->needs, LwNarrowNeed, i).node;

      while (!costs[at].legal && at != plan->root)
        at = lw_narrow_node (plan, at)->parent;
      if (!costs[at].legal)
        return 0;
      chosen[at] = TRUE;
    }
  /* Those below another one are covered by it. */
  for (guint i = 0; i < plan->order->len;)
    {
      guint node = g_array_index (plan->order, guint, i);

      number += chosen[node];
      i = chosen[node] ? lw_narrow_node (plan, node)->end : i + 1;
    }
  return number;
}
