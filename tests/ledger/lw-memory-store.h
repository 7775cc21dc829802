/* SPDX-License-Identifier: GPL-3.0-or-later */

#pragma once

#include "lw-store.h"

#include <string.h>

/* A store in memory that counts what is asked of it, and fails when it is told to. */

#define TEST_TYPE_STORE (test_store_get_type ())
G_DECLARE_FINAL_TYPE (TestStore, test_store, TEST, STORE, LwStore)

struct _TestStore
{
  LwStore parent_instance;
  GTree *objects[LW_SHELF_COUNT]; /* name → GBytes */
  guint gets;
  guint lists[LW_SHELF_COUNT];
  int gets_left; /* until it fails; -1 for never */
  gboolean away;
  gboolean stamps; /* whether it tells what was written again */
};

G_DEFINE_FINAL_TYPE (TestStore, test_store, LW_TYPE_STORE)

static DexFuture *
test_store_reject (void)
{
  return dex_future_new_reject (LW_LEDGER_ERROR, LW_LEDGER_ERROR_UNREACHABLE, "The store is away");
}

static DexFuture *
test_store_put_new (LwStore *store, LwShelf shelf, const char *name, GBytes *bytes)
{
  TestStore *self = TEST_STORE (store);

  if (self->away)
    return test_store_reject ();
  if (g_tree_lookup (self->objects[shelf], name))
    return dex_future_new_reject (LW_LEDGER_ERROR, LW_LEDGER_ERROR_TAKEN, "%s is there", name);
  g_tree_insert (self->objects[shelf], g_strdup (name), g_bytes_ref (bytes));

  return dex_future_new_for_boolean (TRUE);
}

static DexFuture *
test_store_get_object (LwStore *store, LwShelf shelf, const char *name)
{
  TestStore *self = TEST_STORE (store);
  GBytes *bytes;

  self->gets++;
  if (self->away || self->gets_left == 0)
    return test_store_reject ();
  if (self->gets_left > 0)
    self->gets_left--;
  if (!(bytes = g_tree_lookup (self->objects[shelf], name)))
    return dex_future_new_reject (LW_LEDGER_ERROR, LW_LEDGER_ERROR_NOT_FOUND, "%s is not there",
                                  name);

  return dex_future_new_take_boxed (G_TYPE_BYTES, g_bytes_ref (bytes));
}

static DexFuture *
test_store_survey (LwStore *store, LwShelf shelf, const char *prefix)
{
  TestStore *self = TEST_STORE (store);
  g_autoptr (LwListing) listing = lw_listing_new ();

  self->lists[shelf]++;
  if (self->away)
    return test_store_reject ();
  for (GTreeNode *node = g_tree_lower_bound (self->objects[shelf], prefix); node;
       node = g_tree_node_next (node))
    {
      const char *name = g_tree_node_key (node);
      g_autofree char *stamp = NULL;

      if (!g_str_has_prefix (name, prefix))
        break;
      if (self->stamps)
        stamp = g_compute_checksum_for_bytes (G_CHECKSUM_SHA256, g_tree_node_value (node));
      lw_listing_add (listing, name, stamp);
    }

  return dex_future_new_take_boxed (LW_TYPE_LISTING, g_steal_pointer (&listing));
}

static void
test_store_finalize (GObject *object)
{
  TestStore *self = TEST_STORE (object);

  for (guint i = 0; i < LW_SHELF_COUNT; i++)
    g_tree_unref (self->objects[i]);

  G_OBJECT_CLASS (test_store_parent_class)->finalize (object);
}

static void
test_store_class_init (TestStoreClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = test_store_finalize;
  LW_STORE_CLASS (klass)->put_new = test_store_put_new;
  LW_STORE_CLASS (klass)->get = test_store_get_object;
  LW_STORE_CLASS (klass)->survey = test_store_survey;
}

static int
test_store_compare (gconstpointer a, gconstpointer b, gpointer data)
{
  return strcmp (a, b);
}

static void
test_store_init (TestStore *self)
{
  for (guint i = 0; i < LW_SHELF_COUNT; i++)
    self->objects[i] =
        g_tree_new_full (test_store_compare, NULL, g_free, (GDestroyNotify) g_bytes_unref);
  self->gets_left = -1;
}

static TestStore *
test_store_new (void)
{
  return g_object_new (TEST_TYPE_STORE, NULL);
}

/* As nobody but the storage's owner can: whatever is there. %NULL removes. */
static inline void
test_store_set (TestStore *self, LwShelf shelf, const char *name, const char *text)
{
  if (text)
    g_tree_replace (self->objects[shelf], g_strdup (name), g_bytes_new (text, strlen (text)));
  else
    g_tree_remove (self->objects[shelf], name);
}

static inline void
test_store_reset_counts (TestStore *self)
{
  self->gets = 0;
  memset (self->lists, 0, sizeof self->lists);
}
