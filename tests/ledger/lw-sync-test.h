/* SPDX-License-Identifier: GPL-3.0-or-later */

#pragma once

#include "lw-case-state.h"
#include "lw-fiber-test.h"
#include "lw-history.h"
#include "lw-ledger-private.h"
#include "lw-memory-store.h"
#include "lw-temp-dir.h"

/* What the tests of syncing are made of. */

#define NOW     "2027-01-02T12:00:00Z"
#define N_CASES 12

#define FIBER_TEST(func)                                                                           \
  static void test_##func (void) { lw_fiber_test_run (func, NULL); }

static inline void
set_now (LwLedger *ledger, const char *text)
{
  g_autoptr (GDateTime) now = lw_instant_parse (text, NULL);

  g_assert_nonnull (now);
  lw_ledger_set_now (ledger, now);
}

static inline LwLedger *
open_ledger (TestStore *store, const char *folder)
{
  LwLedger *ledger = lw_ledger_new_cached (LW_STORE (store), folder);

  set_now (ledger, NOW);

  return ledger;
}

static inline void
put (TestStore *store, LwShelf shelf, const char *name, GBytes *bytes)
{
  lw_assert_awaits (lw_store_put_new (LW_STORE (store), shelf, name, bytes));
}

static inline void
mark (TestStore *store, const char *hour, const char *id, guint seq)
{
  g_autofree char *name = g_strdup_printf ("%s/%s-%06u", hour, id, seq);
  g_autoptr (GBytes) nothing = g_bytes_new_static ("", 0);

  put (store, LW_SHELF_LOG, name, nothing);
}

/* Puts what of @history was not put so far, with a marker for each event where @hour is given. */
static inline void
put_history (TestStore *store, History *history, guint from, const char *hour)
{
  for (guint i = from; i < history->objects->len; i++)
    {
      HistoryObject *object = g_ptr_array_index (history->objects, i);

      put (store, object->shelf, object->name, object->bytes);
      if (hour && object->shelf == LW_SHELF_REQUESTS)
        mark (store, hour, history->id, lw_record_seq_of (object->name));
    }
}

static inline TestStore *
new_store (guint n)
{
  TestStore *store = test_store_new ();
  g_autoptr (GBytes) rules = history_rules ();

  put (store, LW_SHELF_RULES, "000001.json", rules);
  for (guint i = 0; i < n; i++)
    {
      g_autoptr (History) history = history_usual (i);

      put_history (store, history, 0, NULL);
    }

  return store;
}

static inline GPtrArray *
list (LwLedger *ledger)
{
  g_autoptr (GError) error = NULL;
  GPtrArray *cases = dex_await_boxed (lw_ledger_list_cases (ledger), &error);

  g_assert_no_error (error);

  return cases;
}

static inline guint
sync_news (LwLedger *ledger, LwSyncKind kind)
{
  g_autoptr (GError) error = NULL;
  guint news = dex_await_uint (lw_ledger_sync (ledger, kind), &error);

  g_assert_no_error (error);

  return news;
}

static inline LwCase *
find (GPtrArray *cases, const char *id)
{
  for (guint i = 0; i < cases->len; i++)
    {
      LwCase *value = g_ptr_array_index (cases, i);

      if (g_str_equal (value->request_id, id))
        return value;
    }
  g_assert_not_reached ();
}

static inline gboolean
has_flag (LwCase *value, const char *id)
{
  for (guint i = 0; i < value->flags->len; i++)
    {
      LwFlag *flag = g_ptr_array_index (value->flags, i);

      if (g_str_equal (flag->id, id))
        return TRUE;
    }

  return FALSE;
}

/* Everything that a list shows, as text. */
static inline char *
state_of (LwLedger *ledger)
{
  g_autoptr (GPtrArray) cases = list (ledger);
  g_autoptr (GPtrArray) lines = g_ptr_array_new_null_terminated (cases->len, g_free, TRUE);

  for (guint i = 0; i < cases->len; i++)
    {
      LwCase *value = g_ptr_array_index (cases, i);
      g_autoptr (GBytes) state = lw_case_freeze (value);

      g_ptr_array_add (lines, g_strdup_printf ("%s %.*s", value->request_id,
                                               (int) g_bytes_get_size (state),
                                               (const char *) g_bytes_get_data (state, NULL)));
    }
  g_ptr_array_sort_values (lines, (GCompareFunc) strcmp);

  return g_strjoinv ("\n", (char **) lines->pdata);
}

/* What somebody sees who comes to the ledger for the first time. */
static inline char *
cold_state (LwStore *store)
{
  g_autoptr (LwLedger) cold = lw_ledger_new (store);

  return state_of (cold);
}

static inline void
assert_as_cold (LwLedger *ledger, TestStore *store)
{
  g_autofree char *warm = state_of (ledger);
  g_autofree char *cold = cold_state (LW_STORE (store));

  g_assert_cmpstr (warm, ==, cold);
}
