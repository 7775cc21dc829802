/* SPDX-License-Identifier: GPL-3.0-or-later */

/*
 * Several processes append to the same requests at once: test-race KIND APPENDS. Afterwards each entry
 * is there once, the chains are whole, and who was late was told.
 */

#include <stdio.h>
#include <stdlib.h>

#include "lw-fiber-test.h"
#include "lw-history.h"
#include "lw-json.h"
#include "lw-ledger-private.h"
#include "lw-stand.h"
#include "lw-temp-dir.h"
#include "lw-verify.h"

#define RIVALS 8
/* Enough that a request keeps a length as one has, few enough that all want the same. */
#define ENTRIES_PER_REQUEST 50
#define MOMENT              (100 * 1000) /* in microseconds */

static LwStand *stand;
static guint appends;

static guint
n_requests (guint n)
{
  return MAX (1, n / ENTRIES_PER_REQUEST);
}

static char *
request_id (guint number)
{
  return g_strdup_printf ("01930000-0000-7000-8000-%012x", number);
}

/* --- one of them -------------------------------------------------------------------------------- */

typedef struct
{
  guint number;
  const char *profile;
  const char *token;
  guint quota; /* entries that it is to write */
  guint requests;
} Rival;

/* Every other entry goes where all others go at this moment. */
static char *
pick_request (const Rival *rival, guint i)
{
  gint64 moment = g_get_monotonic_time () / MOMENT;

  return request_id ((i % 2 ? i : (guint) moment) % rival->requests);
}

/* Reads, decides, appends; where somebody was first, reads again. How often that was. */
static guint
append_one (LwLedger *ledger, const Rival *rival, const LwPerson *by, guint i)
{
  g_autofree char *id = pick_request (rival, i);
  g_autofree char *text = g_strdup_printf ("rival %u says %u", rival->number, i);

  for (guint told = 0;; told++)
    {
      g_autoptr (GDateTime) now = g_date_time_new_now_utc ();
      g_autoptr (JsonObject) body = history_body ("text", text);
      g_autoptr (LwCase) value = NULL;
      g_autoptr (GError) error = NULL;

      value = dex_await_boxed (lw_ledger_load_case (ledger, id), &error);
      g_assert_no_error (error);
      if (dex_await (lw_ledger_append (ledger, id, value->last_seq, LW_EVENT_COMMENTED, by,
                                       "tenant", now, body),
                     &error))
        return told;
      g_assert_error (error, LW_LEDGER_ERROR, LW_LEDGER_ERROR_TAKEN);
      /* It names who was first. */
      g_assert_nonnull (strstr (error->message, "Rival"));
    }
}

static void
run_rival (gconstpointer data)
{
  const Rival *rival = data;
  g_autoptr (LwStore) store = lw_stand_open_files (rival->profile, rival->token);
  g_autoptr (LwLedger) ledger = lw_ledger_new (store);
  g_autofree char *oid = g_strdup_printf ("33333333-3333-4333-8333-%012u", rival->number);
  g_autofree char *name = g_strdup_printf ("Rival %u", rival->number);
  g_autoptr (LwPerson) by = lw_person_new (oid, name, "rival@contoso.example");
  guint told = 0;

  lw_assert_awaits (lw_ledger_load_rules (ledger));
  lw_stand_rival_ready ();
  for (guint i = 0; i < rival->quota; i++)
    told += append_one (ledger, rival, by, i);
  printf ("%u\n", told);
  fflush (stdout);
}

/* --- all of them -------------------------------------------------------------------------------- */

static void
put_requests (gconstpointer data)
{
  g_autoptr (LwStore) store = lw_stand_open (stand);
  g_autoptr (GBytes) rules = history_rules ();

  lw_assert_awaits (lw_store_put_new (store, LW_SHELF_RULES, "000001.json", rules));
  for (guint i = 0; i < n_requests (appends); i++)
    {
      g_autoptr (History) history = history_new (i);
      HistoryObject *object;

      history_submit (history, i, "Wanted by many");
      object = g_ptr_array_index (history->objects, 0);
      lw_assert_awaits (lw_store_put_new (store, object->shelf, object->name, object->bytes));
    }
}

/* What each wrote is there once. @seen: words of entries */
static void
count_entries (LwCase *value, GHashTable *seen)
{
  g_autofree char *prev = g_strdup ("");

  g_assert_true (lw_case_is_intact (value));
  g_assert_cmpuint (value->flags->len, ==, 0);
  for (guint i = 0; i < value->events->len; i++)
    {
      LwEvent *event = g_ptr_array_index (value->events, i);

      g_assert_cmpuint (event->seq, ==, i + 1);
      g_assert_cmpstr (event->prev, ==, prev);
      g_set_str (&prev, event->sha256);
      if (event->kind == LW_EVENT_COMMENTED)
        g_assert_true (
            g_hash_table_add (seen, g_strdup (lw_json_get_string (event->body, "text"))));
    }
}

static void
check_entries (LwLedger *ledger)
{
  g_autoptr (GHashTable) seen = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  g_autoptr (GPtrArray) cases = NULL;
  g_autoptr (GError) error = NULL;

  cases = dex_await_boxed (lw_ledger_list_cases (ledger), &error);
  g_assert_no_error (error);
  g_assert_cmpuint (cases->len, ==, n_requests (appends));
  for (guint i = 0; i < cases->len; i++)
    count_entries (g_ptr_array_index (cases, i), seen);
  g_assert_cmpuint (g_hash_table_size (seen), ==, appends);
  for (guint rival = 0; rival < RIVALS; rival++)
    {
      for (guint i = 0; i < appends / RIVALS; i++)
        {
          g_autofree char *text = g_strdup_printf ("rival %u says %u", rival, i);

          g_assert_true (g_hash_table_contains (seen, text));
        }
    }
}

static void
check_ledger (gconstpointer data)
{
  g_autoptr (LwStore) store = lw_stand_open (stand);
  g_autoptr (LwLedger) ledger = lw_ledger_new (store);
  g_autoptr (LwVerification) verification = NULL;
  g_auto (GStrv) markers = NULL;
  g_autoptr (GError) error = NULL;

  check_entries (ledger);
  markers = dex_await_boxed (lw_store_list (store, LW_SHELF_LOG, ""), &error);
  g_assert_no_error (error);
  g_assert_cmpuint (g_strv_length (markers), ==, appends);
  verification = dex_await_boxed (lw_ledger_verify (ledger, NULL, NULL, NULL), &error);
  g_assert_no_error (error);
  for (guint i = 0; i < verification->problems->len; i++)
    {
      const LwProblem *problem = g_ptr_array_index (verification->problems, i);

      if (!problem->harmless)
        g_error ("%s %s: %s", problem->id, problem->request, problem->message);
    }
  g_assert_cmpuint (verification->events, ==, appends + n_requests (appends));
}

static void
test_race (void)
{
  g_autofree char *quota = g_strdup_printf ("%u", appends / RIVALS);
  g_autofree char *requests = g_strdup_printf ("%u", n_requests (appends));
  const char *const arguments[] = { "--rival", quota, requests, NULL };
  g_autoptr (GPtrArray) lines = NULL;
  gint64 start;
  double seconds;
  guint told = 0;

  lw_fiber_test_run (put_requests, NULL);
  start = g_get_monotonic_time ();
  lines = lw_stand_run_rivals (stand, RIVALS, arguments);
  seconds = (double) (g_get_monotonic_time () - start) / G_USEC_PER_SEC;
  for (guint i = 0; i < lines->len; i++)
    {
      g_assert_nonnull (g_ptr_array_index (lines, i));
      told += (guint) atoi (g_ptr_array_index (lines, i));
    }
  start = g_get_monotonic_time ();
  lw_fiber_test_run (check_ledger, NULL);
  g_test_message ("%u entries by %u processes in %.1f s (%.0f/s); %u times somebody was told that "
                  "another was first; read and verified in %.1f s",
                  appends, (guint) RIVALS, seconds, appends / seconds, told,
                  (double) (g_get_monotonic_time () - start) / G_USEC_PER_SEC);
  g_assert_cmpuint (told, >, 0);
}

int
main (int argc, char **argv)
{
  int status;

  dex_init ();
  if (argc == 7 && g_str_equal (argv[1], "--rival"))
    {
      Rival rival = { (guint) atoi (argv[4]), argv[5], argv[6], (guint) atoi (argv[2]),
                      (guint) atoi (argv[3]) };

      lw_fiber_test_run (run_rival, &rival);
      return 0;
    }
  g_test_init (&argc, &argv, NULL);
  if (argc != 3)
    g_error ("Usage: test-race KIND APPENDS");
  appends = (guint) atoi (argv[2]) / RIVALS * RIVALS;
  stand = lw_stand_start (argv[1]);
  g_test_add_func ("/race", test_race);
  status = g_test_run ();
  lw_stand_stop (stand);

  return status;
}
