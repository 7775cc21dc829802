/* SPDX-License-Identifier: GPL-3.0-or-later */

/* What a ledger costs where it is: bench-stores KIND ("folder", "azurite"), of 1,000 requests with five
 * events and a seal each (LEEWAY_BENCH_REQUESTS). Nothing is asserted but that all goes well. */

#include <stdlib.h>
#include <sys/resource.h>

#include "lw-fiber-test.h"
#include "lw-history.h"
#include "lw-ledger.h"
#include "lw-stand.h"
#include "lw-temp-dir.h"

#define APPENDS 100
#define AT_ONCE 16

typedef struct
{
  LwStand *stand;
  char *cache;
  guint requests;
} Bench;

static void
report (const char *what, gint64 start, guint n)
{
  double seconds = (double) (g_get_monotonic_time () - start) / G_USEC_PER_SEC;

  g_print ("  %-36s %7.2f s", what, seconds);
  if (n > 0)
    g_print ("  %7.0f/s", n / seconds);
  g_print ("\n");
}

/* Awaits the futures and forgets them. */
static void
await_all (GPtrArray *futures)
{
  for (guint i = 0; i < futures->len; i++)
    lw_assert_awaits (dex_ref (g_ptr_array_index (futures, i)));
  g_ptr_array_set_size (futures, 0);
}

static void
fill (gconstpointer data)
{
  const Bench *bench = data;
  g_autoptr (LwStore) store = lw_stand_open (bench->stand);
  g_autoptr (GBytes) rules = history_rules ();
  g_autoptr (GPtrArray) futures = g_ptr_array_new_with_free_func (dex_unref);
  gint64 start = g_get_monotonic_time ();
  guint n = 0;

  lw_assert_awaits (lw_store_put_new (store, LW_SHELF_RULES, "000001.json", rules));
  for (guint i = 0; i < bench->requests; i++)
    {
      g_autoptr (History) history = history_usual (i);

      for (guint k = 0; k < history->objects->len; k++, n++)
        {
          HistoryObject *object = g_ptr_array_index (history->objects, k);

          g_ptr_array_add (futures,
                           lw_store_put_new (store, object->shelf, object->name, object->bytes));
          if (futures->len >= AT_ONCE)
            await_all (futures);
        }
    }
  await_all (futures);
  report ("put, 16 at once", start, n);
}

static void
measure_sync (gconstpointer data)
{
  const Bench *bench = data;
  g_autoptr (LwStore) store = lw_stand_open (bench->stand);
  g_autoptr (LwLedger) ledger = lw_ledger_new_cached (store, bench->cache);
  gint64 start = g_get_monotonic_time ();

  lw_assert_awaits (lw_ledger_sync (ledger, LW_SYNC_NEW));
  report ("first sync, events", start, 5 * bench->requests);
  start = g_get_monotonic_time ();
  lw_assert_awaits (lw_ledger_sync (ledger, LW_SYNC_NEW));
  report ("sync with nothing new", start, 0);
  start = g_get_monotonic_time ();
  lw_assert_awaits (lw_ledger_sync (ledger, LW_SYNC_ALL));
  report ("full listing with nothing new", start, 0);
}

static void
measure_entries (gconstpointer data)
{
  const Bench *bench = data;
  g_autoptr (LwStore) store = lw_stand_open (bench->stand);
  g_autoptr (LwLedger) ledger = lw_ledger_new_cached (store, bench->cache);
  g_autoptr (LwPerson) by = history_person (HISTORY_APPROVER);
  g_autoptr (GDateTime) now = g_date_time_new_now_utc ();
  gint64 start;

  lw_assert_awaits (lw_ledger_load_rules (ledger));
  start = g_get_monotonic_time ();
  for (guint i = 0; i < APPENDS; i++)
    {
      g_autofree char *id = g_strdup_printf ("01930000-0000-7000-8000-%012x", i % bench->requests);
      g_autoptr (JsonObject) body = history_body ("text", "A comment of some words.");

      lw_assert_awaits (lw_ledger_append (ledger, id, 5 + i / bench->requests, LW_EVENT_COMMENTED,
                                          by, "tenant", now, body));
    }
  report ("append, one after the other", start, APPENDS);
  start = g_get_monotonic_time ();
  for (guint i = 0; i < APPENDS; i++)
    {
      g_autofree char *id = g_strdup_printf ("01930000-0000-7000-8000-%012x", i % bench->requests);

      lw_assert_awaits (lw_ledger_load_case (ledger, id));
    }
  report ("read a request", start, APPENDS);
  start = g_get_monotonic_time ();
  for (guint i = 0; i < APPENDS; i++)
    {
      g_autofree char *name =
          g_strdup_printf ("01930000-0000-7000-8000-%012x/000001.json", i % bench->requests);

      lw_assert_awaits (lw_store_get (store, LW_SHELF_REQUESTS, name));
    }
  report ("get an object", start, APPENDS);
}

int
main (int argc, char **argv)
{
  const char *asked = g_getenv ("LEEWAY_BENCH_REQUESTS");
  Bench bench = { NULL, lw_temp_dir_new (), asked ? (guint) MAX (1, atoi (asked)) : 1000 };
  struct rusage usage;

  dex_init ();
  if (argc != 2)
    g_error ("Usage: bench-stores KIND");
  bench.stand = lw_stand_start (argv[1]);
  g_print ("%s, %u requests with 5 events and a seal each\n", argv[1], bench.requests);
  lw_fiber_test_run (fill, &bench);
  lw_fiber_test_run (measure_sync, &bench);
  lw_fiber_test_run (measure_entries, &bench);
  getrusage (RUSAGE_SELF, &usage);
  g_print ("  %-36s %7.1f MiB\n", "peak memory", (double) usage.ru_maxrss / 1024);
  lw_stand_stop (bench.stand);
  lw_temp_dir_free (bench.cache);

  return 0;
}
