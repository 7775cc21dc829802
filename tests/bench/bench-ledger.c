/* SPDX-License-Identifier: GPL-3.0-or-later */

/* What a ledger in a folder costs: appending, reading, a first sync, one with nothing new, and listing
 * from the cache, beside what the usual tools take for the same files. Nothing is asserted: the figures
 * are of one run on one machine. LEEWAY_BENCH_REQUESTS sets how many requests there are (10,000, each
 * with five events and a seal). */

#include "lw-fiber-test.h"
#include "lw-history.h"
#include "lw-ledger-private.h"
#include "lw-temp-dir.h"

#include <gio/gio.h>
#include <stdlib.h>
#include <sys/resource.h>

#define APPENDS 200

typedef struct
{
  char *dir;   /* the ledger */
  char *cache; /* its cache */
  guint requests;
} Bench;

static double
since (gint64 start)
{
  return (double) (g_get_monotonic_time () - start) / 1e6;
}

/* Seconds of processor time that this process has used: on a machine that others use too, this says more
 * than the clock. */
static double
processor (void)
{
  struct rusage usage;

  getrusage (RUSAGE_SELF, &usage);

  return (double) (usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) +
         (double) (usage.ru_utime.tv_usec + usage.ru_stime.tv_usec) / 1e6;
}

static double processor_before;

static gint64
start_clock (void)
{
  processor_before = processor ();

  return g_get_monotonic_time ();
}

static double
peak_memory (void)
{
  struct rusage usage;

  getrusage (RUSAGE_SELF, &usage);

  return (double) usage.ru_maxrss / 1024;
}

static double
memory_now (void)
{
  g_autofree char *text = NULL;
  long pages = 0;

  if (g_file_get_contents ("/proc/self/statm", &text, NULL, NULL))
    sscanf (text, "%*s %ld", &pages);

  return (double) pages * 4096 / 1024 / 1024;
}

/* Seconds that a shell takes for @command, in the ledger's folder. */
static double
peer (const Bench *bench, const char *command)
{
  g_autoptr (GSubprocessLauncher) launcher = g_subprocess_launcher_new (
      G_SUBPROCESS_FLAGS_STDOUT_SILENCE | G_SUBPROCESS_FLAGS_STDERR_SILENCE);
  g_autoptr (GSubprocess) process = NULL;
  gint64 start = g_get_monotonic_time ();

  g_subprocess_launcher_set_cwd (launcher, bench->dir);
  process = g_subprocess_launcher_spawn (launcher, NULL, "sh", "-c", command, NULL);
  if (!process || !g_subprocess_wait_check (process, NULL, NULL))
    return 0;

  return since (start);
}

static void
report (const char *what, double seconds, double n, const char *name, double theirs)
{
  double used = processor () - processor_before;

  g_print ("%-38s %7.2f s (cpu %6.2f s)", what, seconds, used);
  if (n > 0)
    g_print ("  %9.0f/s", n / seconds);
  else
    g_print ("  %11s", "");
  if (theirs > 0)
    g_print ("   %-28s %7.2f s   ratio %.1f", name, theirs, seconds / theirs);
  g_print ("\n");
}

/* The longest time that the main loop was not free. */
static gint64 last_tick, longest_tick;

static gboolean
tick (gpointer data)
{
  gint64 now = g_get_monotonic_time ();

  longest_tick = MAX (longest_tick, now - last_tick);
  last_tick = now;

  return G_SOURCE_CONTINUE;
}

static guint
start_ticking (void)
{
  longest_tick = 0;
  last_tick = g_get_monotonic_time ();

  return g_timeout_add_full (G_PRIORITY_HIGH, 1, tick, NULL, NULL);
}

static LwLedger *
open_ledger (const Bench *bench, gboolean cached)
{
  g_autoptr (LwStore) store = lw_folder_store_new (bench->dir, NULL);

  return lw_ledger_new_cached (store, cached ? bench->cache : NULL);
}

static guint
list (LwLedger *ledger, double *seconds)
{
  gint64 start = start_clock ();
  g_autoptr (GError) error = NULL;
  g_autoptr (GPtrArray) cases = dex_await_boxed (lw_ledger_list_cases (ledger), &error);

  g_assert_no_error (error);
  *seconds = since (start);

  return cases->len;
}

static void
measure_sync (gconstpointer data)
{
  const Bench *bench = data;
  double events = 5.0 * bench->requests, seconds, cat, find;
  g_autoptr (LwLedger) ledger = open_ledger (bench, TRUE);
  guint ticker;
  gint64 start;

  cat = peer (bench, "find requests seals -type f -exec cat {} +");
  find = peer (bench, "find requests seals -type f");
  ticker = start_ticking ();
  start = start_clock ();
  lw_assert_awaits (lw_ledger_sync (ledger, LW_SYNC_NEW));
  report ("first sync, events", since (start), events, "find + cat of the same files", cat);
  g_print ("%-38s %7.1f ms\n", "  main loop busy for at most", (double) longest_tick / 1000);

  longest_tick = 0;
  start = start_clock ();
  lw_assert_awaits (lw_ledger_sync (ledger, LW_SYNC_NEW));
  report ("sync with nothing new", since (start), 0, "find", find);
  start = start_clock ();
  lw_assert_awaits (lw_ledger_sync (ledger, LW_SYNC_ALL));
  report ("full listing with nothing new", since (start), 0, "find", find);
  start = start_clock ();
  lw_assert_awaits (lw_ledger_sync (ledger, LW_SYNC_VERIFY));
  report ("everything read again and compared", since (start), events, "find + cat", cat);
  g_assert_cmpuint (list (ledger, &seconds), >=, bench->requests);
  report ("list, first time", seconds, bench->requests, "find + cat", cat);
  g_print ("%-38s %7.1f ms\n", "  main loop busy for at most", (double) longest_tick / 1000);
  g_source_remove (ticker);
}

static void
measure_list (gconstpointer data)
{
  const Bench *bench = data;
  g_autoptr (LwLedger) ledger = open_ledger (bench, TRUE);
  LwLedgerQuery page = { .limit = 50 };
  double before = memory_now (), seconds, cat;
  guint ticker;
  gint64 start;

  cat = peer (bench, "find requests seals -type f -exec cat {} +");
  ticker = start_ticking ();
  lw_assert_awaits (lw_ledger_load_rules (ledger));
  start = start_clock ();
  lw_assert_awaits (lw_ledger_query (ledger, &page));
  report ("a page of 50 from the cache", since (start), 0, NULL, 0);
  start = start_clock ();
  lw_assert_awaits (lw_ledger_search (ledger, "cluster 77", 50));
  report ("search", since (start), 0, NULL, 0);
  g_print ("%-38s %7.1f MiB\n", "  memory so far", memory_now () - before);
  list (ledger, &seconds);
  report ("list from the cache, requests", seconds, bench->requests, "find + cat", cat);
  g_print ("%-38s %7.1f MiB\n", "  memory with all of them", memory_now () - before);
  list (ledger, &seconds);
  report ("list once more", seconds, bench->requests, NULL, 0);
  g_print ("%-38s %7.1f ms\n", "  main loop busy for at most", (double) longest_tick / 1000);
  g_source_remove (ticker);
}

static void
measure_append (gconstpointer data)
{
  const Bench *bench = data;
  g_autoptr (LwLedger) ledger = open_ledger (bench, TRUE);
  g_autofree char *id = g_strdup_printf ("01930000-0000-7000-8000-%012x", 1u);
  g_autoptr (LwPerson) by = history_person (HISTORY_APPROVER);
  g_autoptr (GDateTime) now = g_date_time_new_now_utc ();
  g_autoptr (LwCase) value = NULL;
  double git;
  gint64 start;

  git = peer (bench, "set -e; t=$(mktemp -d); cd $t; git init -q .; git config user.name x;"
                     "git config user.email x@example.org; git config core.fsync all;"
                     "for i in $(seq 200); do echo $i >f$i; git add f$i; git commit -qm $i; done;"
                     "rm -rf $t");
  lw_assert_awaits (lw_ledger_load_rules (ledger));
  value = dex_await_boxed (lw_ledger_load_case (ledger, id), NULL);
  start = start_clock ();
  for (guint i = 0; i < APPENDS; i++)
    {
      g_autoptr (JsonObject) body = history_body ("text", "A comment of some words.");

      lw_assert_awaits (lw_ledger_append (ledger, id, value->last_seq + i, LW_EVENT_COMMENTED, by,
                                          "tenant", now, body));
    }
  report ("append, one after the other", since (start), APPENDS, "200 commits of git, synced", git);

  start = start_clock ();
  for (guint i = 0; i < APPENDS; i++)
    lw_assert_awaits (lw_ledger_load_case (ledger, id));
  report ("read one request of 205 events", since (start), APPENDS, NULL, 0);
}

static void
run (const Bench *bench, LwFiberTest func)
{
  lw_fiber_test_run (func, bench);
}

int
main (void)
{
  const char *asked = g_getenv ("LEEWAY_BENCH_REQUESTS");
  Bench bench = { lw_temp_dir_new (), lw_temp_dir_new (),
                  asked ? (guint) MAX (1, atoi (asked)) : 10000 };
  g_autoptr (GBytes) rules = history_rules ();
  gsize bytes = 0;

  dex_init ();
  history_write (bench.dir, LW_SHELF_RULES, "000001.json", rules);
  for (guint i = 0; i < bench.requests; i++)
    {
      g_autoptr (History) history = history_usual (i);

      history_write_all (bench.dir, history);
      for (guint k = 0; k < history->objects->len; k++)
        bytes +=
            g_bytes_get_size (((HistoryObject *) g_ptr_array_index (history->objects, k))->bytes);
    }
  g_print ("A folder of %u requests with %u events and a seal each, %.0f MiB\n", bench.requests, 5u,
           (double) bytes / 1024 / 1024);

  run (&bench, measure_sync);
  g_print ("%-38s %7.1f MiB\n", "  peak memory until here", peak_memory ());
  run (&bench, measure_list);
  run (&bench, measure_append);

  lw_temp_dir_free (bench.dir);
  lw_temp_dir_free (bench.cache);

  return 0;
}
