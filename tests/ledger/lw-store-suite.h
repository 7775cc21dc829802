/* SPDX-License-Identifier: GPL-3.0-or-later */

#pragma once

#include "lw-fiber-test.h"
#include "lw-store.h"

#include <stdlib.h>
#include <string.h>

/* What every store must do. @store is empty. Runs on a fiber. */

static GBytes *
suite_bytes (const char *text)
{
  return g_bytes_new (text, strlen (text));
}

static void
suite_put (LwStore *store, LwShelf shelf, const char *name, const char *text)
{
  g_autoptr (GBytes) bytes = suite_bytes (text);

  lw_assert_awaits (lw_store_put_new (store, shelf, name, bytes));
}

static void
suite_assert_holds (LwStore *store, LwShelf shelf, const char *name, const char *text)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GBytes) bytes = dex_await_boxed (lw_store_get (store, shelf, name), &error);

  g_assert_no_error (error);
  g_assert_cmpmem (g_bytes_get_data (bytes, NULL), g_bytes_get_size (bytes), text, strlen (text));
}

static void
suite_assert_lists (LwStore *store, LwShelf shelf, const char *prefix, const char *expected)
{
  g_autoptr (GError) error = NULL;
  g_auto (GStrv) names = dex_await_boxed (lw_store_list (store, shelf, prefix), &error);
  g_autofree char *joined = NULL;

  g_assert_no_error (error);
  joined = g_strjoinv (" ", names);
  g_assert_cmpstr (joined, ==, expected);
}

static int
suite_compare (gconstpointer a, gconstpointer b)
{
  return strcmp (*(const char *const *) a, *(const char *const *) b);
}

static void
suite_create_if_absent (LwStore *store)
{
  g_autoptr (GBytes) other = suite_bytes ("other");

  suite_put (store, LW_SHELF_REQUESTS, "a/000001.json", "first");
  lw_assert_rejects (lw_store_put_new (store, LW_SHELF_REQUESTS, "a/000001.json", other),
                     LW_LEDGER_ERROR, LW_LEDGER_ERROR_TAKEN);
  suite_assert_holds (store, LW_SHELF_REQUESTS, "a/000001.json", "first");

  /* Shelves are apart. */
  lw_assert_rejects (lw_store_get (store, LW_SHELF_SEALS, "a/000001.json"), LW_LEDGER_ERROR,
                     LW_LEDGER_ERROR_NOT_FOUND);
  suite_put (store, LW_SHELF_SEALS, "a/000001.json", "other shelf");
  suite_assert_holds (store, LW_SHELF_REQUESTS, "a/000001.json", "first");
}

static void
suite_lists_sorted (LwStore *store)
{
  suite_assert_lists (store, LW_SHELF_LOG, "", "");
  suite_put (store, LW_SHELF_LOG, "2027-01-02/10/b-000001", "");
  suite_put (store, LW_SHELF_LOG, "2027-01-02/09/a-000002", "");
  suite_put (store, LW_SHELF_LOG, "2027-01-01/23/c-000001", "");
  suite_assert_lists (store, LW_SHELF_LOG, "",
                      "2027-01-01/23/c-000001 2027-01-02/09/a-000002 2027-01-02/10/b-000001");
  suite_assert_lists (store, LW_SHELF_LOG, "2027-01-02/",
                      "2027-01-02/09/a-000002 2027-01-02/10/b-000001");
  suite_assert_lists (store, LW_SHELF_LOG, "2027-01-02/1", "2027-01-02/10/b-000001");
  suite_assert_lists (store, LW_SHELF_LOG, "2028/", "");
  suite_assert_holds (store, LW_SHELF_LOG, "2027-01-01/23/c-000001", "");
}

static void
suite_refuses_names (LwStore *store)
{
  static const char *const names[] = { "",    "/a",   "a/",       "../a", "a/../b", "a//b",
                                       ".a",  "a/.b", "a b",      "a\n",  "ä",      "a\\b",
                                       "./a", "a/.",  "a/b/../c", "a..b", "a.",     "a./b" };
  g_autoptr (GBytes) bytes = suite_bytes ("x");
  g_autofree char *long_name = g_strnfill (600, 'a');

  for (gsize i = 0; i < G_N_ELEMENTS (names); i++)
    {
      lw_assert_rejects (lw_store_put_new (store, LW_SHELF_REQUESTS, names[i], bytes),
                         LW_LEDGER_ERROR, LW_LEDGER_ERROR_REFUSED);
      lw_assert_rejects (lw_store_get (store, LW_SHELF_REQUESTS, names[i]), LW_LEDGER_ERROR,
                         LW_LEDGER_ERROR_REFUSED);
    }
  lw_assert_rejects (lw_store_put_new (store, LW_SHELF_REQUESTS, long_name, bytes), LW_LEDGER_ERROR,
                     LW_LEDGER_ERROR_REFUSED);
  lw_assert_rejects (lw_store_list (store, LW_SHELF_REQUESTS, "../"), LW_LEDGER_ERROR,
                     LW_LEDGER_ERROR_REFUSED);
}

/* Of many who put the same names at once, each name has one winner, and everybody else is told. */
static void
suite_one_winner (LwStore *store)
{
  const guint n_names = 20;
  const guint n_rivals = 6;
  g_autoptr (GPtrArray) futures = g_ptr_array_new_with_free_func (dex_unref);
  guint won[20] = { 0 };

  for (guint rival = 0; rival < n_rivals; rival++)
    {
      for (guint i = 0; i < n_names; i++)
        {
          g_autofree char *name = g_strdup_printf ("race/%06u.json", i + 1);
          g_autofree char *text = g_strdup_printf ("rival %u", rival);
          g_autoptr (GBytes) bytes = suite_bytes (text);

          g_ptr_array_add (futures, lw_store_put_new (store, LW_SHELF_REQUESTS, name, bytes));
        }
    }

  for (guint k = 0; k < futures->len; k++)
    {
      g_autoptr (GError) error = NULL;

      if (dex_await (dex_ref (g_ptr_array_index (futures, k)), &error))
        won[k % n_names]++;
      else
        g_assert_error (error, LW_LEDGER_ERROR, LW_LEDGER_ERROR_TAKEN);
    }

  for (guint i = 0; i < n_names; i++)
    g_assert_cmpuint (won[i], ==, 1);
}

/* What is written comes back, whatever it is. */
static void
suite_keeps_bytes (LwStore *store)
{
  const gsize sizes[] = { 0, 1, 4095, 65536, 5 * 1024 * 1024 + 1 };

  for (gsize i = 0; i < G_N_ELEMENTS (sizes); i++)
    {
      g_autofree guint8 *data = g_malloc0 (sizes[i] + 1);
      g_autofree char *name = g_strdup_printf ("%06" G_GSIZE_FORMAT, sizes[i]);
      g_autoptr (GBytes) bytes = NULL;
      g_autoptr (GBytes) other = NULL;
      g_autoptr (GBytes) found = NULL;
      g_autoptr (GError) error = NULL;

      for (gsize k = 0; k < sizes[i]; k++)
        data[k] = (guint8) (k * 7 + k / 251);
      bytes = g_bytes_new (data, sizes[i]);
      lw_assert_awaits (lw_store_put_new (store, LW_SHELF_EVIDENCE, name, bytes));
      found = dex_await_boxed (lw_store_get (store, LW_SHELF_EVIDENCE, name), &error);
      g_assert_no_error (error);
      g_assert_true (g_bytes_equal (found, bytes));
      /* A server may answer, and hang up, before it has read all of what it refuses. (The same bytes would
       * then count as put.) */
      data[0] ^= 0xff;
      other = g_bytes_new (data, MAX (sizes[i], 1));
      lw_assert_rejects (lw_store_put_new (store, LW_SHELF_EVIDENCE, name, other), LW_LEDGER_ERROR,
                         LW_LEDGER_ERROR_TAKEN);
    }
}

/* Names that storages, shells and sorting find odd. */
static void
suite_odd_names (LwStore *store)
{
  static const char *const names[] = { "odd/-", "odd/-rf",   "odd/0",    "odd/A",    "odd/CON",
                                       "odd/a", "odd/a-b.c", "odd/a.b",  "odd/a_b",  "odd/aB",
                                       "odd/_", "odd/NUL.x", "odd/e/e-", "odd/e/e/e" };
  g_autofree char *long_name = g_strnfill (200, 'n');
  g_autofree char *path = g_strdup_printf ("odd/%s/%s", long_name, long_name);
  g_autoptr (GStrvBuilder) builder = g_strv_builder_new ();
  g_auto (GStrv) expected = NULL;
  g_autofree char *joined = NULL;

  for (gsize i = 0; i < G_N_ELEMENTS (names); i++)
    {
      suite_put (store, LW_SHELF_REQUESTS, names[i], names[i]);
      g_strv_builder_add (builder, names[i]);
    }
  suite_put (store, LW_SHELF_REQUESTS, path, path);
  g_strv_builder_add (builder, path);
  for (gsize i = 0; i < G_N_ELEMENTS (names); i++)
    suite_assert_holds (store, LW_SHELF_REQUESTS, names[i], names[i]);
  suite_assert_holds (store, LW_SHELF_REQUESTS, path, path);

  expected = g_strv_builder_end (builder);
  qsort (expected, g_strv_length (expected), sizeof *expected, suite_compare);
  joined = g_strjoinv (" ", expected);
  suite_assert_lists (store, LW_SHELF_REQUESTS, "odd/", joined);
}

static void
suite_missing (LwStore *store)
{
  lw_assert_rejects (lw_store_get (store, LW_SHELF_EVIDENCE, "none"), LW_LEDGER_ERROR,
                     LW_LEDGER_ERROR_NOT_FOUND);
  lw_assert_rejects (lw_store_get (store, LW_SHELF_REQUESTS, "none/000001.json"), LW_LEDGER_ERROR,
                     LW_LEDGER_ERROR_NOT_FOUND);
  suite_assert_lists (store, LW_SHELF_EVIDENCE, "none", "");
}

/* A listing tells what was written again, and nothing else. */
static void
suite_stamps (LwStore *store)
{
  g_autoptr (LwListing) before = NULL;
  g_autoptr (LwListing) after = NULL;

  suite_put (store, LW_SHELF_SEALS, "stamps/a", "one");
  suite_put (store, LW_SHELF_SEALS, "stamps/b", "two");
  before = dex_await_boxed (lw_store_survey (store, LW_SHELF_SEALS, "stamps/"), NULL);
  suite_put (store, LW_SHELF_SEALS, "stamps/c", "three");
  after = dex_await_boxed (lw_store_survey (store, LW_SHELF_SEALS, "stamps/"), NULL);
  g_assert_cmpuint (before->objects->len, ==, 2);
  g_assert_cmpuint (after->objects->len, ==, 3);
  for (guint i = 0; i < 2; i++)
    {
      g_assert_cmpuint (lw_listing_get (before, i)->stamp, !=, 0);
      g_assert_cmpuint (lw_listing_get (before, i)->stamp, ==, lw_listing_get (after, i)->stamp);
      g_assert_false (lw_listing_get (after, i)->stray);
    }
}

/* More than a page of any storage; at the end of the suite, since it fills the shelf. Where everything is
 * watched (valgrind), fewer do. */
static void
suite_many_names (LwStore *store)
{
  const char *slowness = g_getenv ("LEEWAY_TEST_SLOWNESS");
  const guint n = slowness && atoi (slowness) > 3 ? 300 : 5100, at_once = 16;
  g_autoptr (GBytes) nothing = g_bytes_new_static ("", 0);
  g_auto (GStrv) names = NULL;
  g_auto (GStrv) some = NULL;

  for (guint i = 0; i < n; i += at_once)
    {
      DexFuture *futures[16];
      guint k;

      for (k = 0; k < at_once && i + k < n; k++)
        {
          g_autofree char *name = g_strdup_printf ("many/%u/%06u", (i + k) % 3, i + k);

          futures[k] = lw_store_put_new (store, LW_SHELF_LOG, name, nothing);
        }
      while (k > 0)
        lw_assert_awaits (futures[--k]);
    }

  names = dex_await_boxed (lw_store_list (store, LW_SHELF_LOG, "many/"), NULL);
  g_assert_nonnull (names);
  g_assert_cmpuint (g_strv_length (names), ==, n);
  for (guint i = 0; i < n; i++)
    {
      g_autofree char *name =
          g_strdup_printf ("many/%u/%06u", i / (n / 3), i % (n / 3) * 3 + i / (n / 3));

      g_assert_cmpstr (names[i], ==, name);
    }
  some = dex_await_boxed (lw_store_list (store, LW_SHELF_LOG, "many/2/0002"), NULL);
  g_assert_cmpuint (g_strv_length (some), ==, 34);
}

static const struct
{
  const char *name;
  void (*func) (LwStore *store);
} store_suite[] = {
  { "create-if-absent", suite_create_if_absent },
  { "lists-sorted", suite_lists_sorted },
  { "refuses-names", suite_refuses_names },
  { "one-winner", suite_one_winner },
  { "keeps-bytes", suite_keeps_bytes },
  { "odd-names", suite_odd_names },
  { "missing", suite_missing },
  { "stamps", suite_stamps },
  { "many-names", suite_many_names },
};
