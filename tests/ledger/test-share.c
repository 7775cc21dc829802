/* SPDX-License-Identifier: GPL-3.0-or-later */

/* One cache under several processes, processes that are killed, and files that are damaged; and the same
 * course of syncs on both kinds of storage. */

#include "lw-case-state.h"
#include "lw-fiber-test.h"
#include "lw-history.h"
#include "lw-ledger-private.h"
#include "lw-temp-dir.h"
#include "lw-test-tenant.h"

#include <signal.h>

#define N_CASES     120
#define N_PROCESSES 4
#define N_COMMENTS  12
#define N_KILLS     8

static const char *self_path;

/* --- a store that counts ------------------------------------------------------------------------ */

#define COUNTING_TYPE_STORE (counting_store_get_type ())
G_DECLARE_FINAL_TYPE (CountingStore, counting_store, COUNTING, STORE, LwStore)

struct _CountingStore
{
  LwStore parent_instance;
  LwStore *inner;
  guint gets;
  guint lists[LW_SHELF_COUNT];
};

G_DEFINE_FINAL_TYPE (CountingStore, counting_store, LW_TYPE_STORE)

static DexFuture *
counting_store_put_new (LwStore *store, LwShelf shelf, const char *name, GBytes *bytes)
{
  return lw_store_put_new (COUNTING_STORE (store)->inner, shelf, name, bytes);
}

static DexFuture *
counting_store_get_object (LwStore *store, LwShelf shelf, const char *name)
{
  COUNTING_STORE (store)->gets++;

  return lw_store_get (COUNTING_STORE (store)->inner, shelf, name);
}

static DexFuture *
counting_store_survey (LwStore *store, LwShelf shelf, const char *prefix)
{
  COUNTING_STORE (store)->lists[shelf]++;

  return lw_store_survey (COUNTING_STORE (store)->inner, shelf, prefix);
}

static void
counting_store_finalize (GObject *object)
{
  g_clear_object (&COUNTING_STORE (object)->inner);
  G_OBJECT_CLASS (counting_store_parent_class)->finalize (object);
}

static void
counting_store_class_init (CountingStoreClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = counting_store_finalize;
  LW_STORE_CLASS (klass)->put_new = counting_store_put_new;
  LW_STORE_CLASS (klass)->get = counting_store_get_object;
  LW_STORE_CLASS (klass)->survey = counting_store_survey;
}

static void
counting_store_init (CountingStore *self)
{
}

static void
reset_counts (CountingStore *self)
{
  self->gets = 0;
  memset (self->lists, 0, sizeof self->lists);
}

/* --- what the tests are made of ----------------------------------------------------------------- */

static LwLedger *
open_ledger (const char *dir, const char *cache)
{
  g_autoptr (LwStore) store = lw_folder_store_new (dir, NULL);

  return lw_ledger_new_cached (store, cache);
}

static char *
new_ledger (guint n)
{
  char *dir = lw_temp_dir_new ();
  g_autoptr (GBytes) rules = history_rules ();

  history_write (dir, LW_SHELF_RULES, "000001.json", rules);
  for (guint i = 0; i < n; i++)
    {
      g_autoptr (History) history = history_usual (i);

      history_write_all (dir, history);
    }

  return dir;
}

static char *
state_of (LwLedger *ledger)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GPtrArray) cases = dex_await_boxed (lw_ledger_list_cases (ledger), &error);
  g_autoptr (GPtrArray) lines = g_ptr_array_new_null_terminated (64, g_free, TRUE);

  g_assert_no_error (error);
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

static void
assert_as_cold (LwLedger *ledger, const char *dir)
{
  g_autoptr (LwLedger) cold = open_ledger (dir, NULL);
  g_autofree char *expected = state_of (cold);
  g_autofree char *actual = state_of (ledger);

  g_assert_cmpstr (actual, ==, expected);
}

static guint
sync_news (LwLedger *ledger, LwSyncKind kind)
{
  g_autoptr (GError) error = NULL;
  guint news = dex_await_uint (lw_ledger_sync (ledger, kind), &error);

  g_assert_no_error (error);

  return news;
}

static void
assert_whole (const char *folder)
{
  g_autofree char *notice = NULL;
  g_autoptr (LwCache) cache = lw_cache_open (folder, &notice);
  g_autoptr (GError) error = NULL;

  g_assert_cmpstr (notice, ==, NULL);
  lw_cache_check (cache, &error);
  g_assert_no_error (error);
}

/* --- killed ------------------------------------------------------------------------------------- */

static void
tell_progress (LwLedger *ledger, guint done, guint total, gpointer data)
{
  g_print ("%u\n", done);
}

static void
sync_work (gconstpointer data)
{
  char *const *argv = (char *const *) data;
  g_autoptr (LwLedger) ledger = open_ledger (argv[2], argv[3]);
  g_autofree char *state = NULL;

  g_print ("begun\n");
  g_signal_connect (ledger, "progress", G_CALLBACK (tell_progress), NULL);
  sync_news (ledger, LW_SYNC_ALL);
  g_print ("synced\n");
  state = state_of (ledger);
  g_print ("listed\n");
}

/* Kills a process that syncs, a while after the given line of what it says. Whether it lived so long. */
static void
kill_after (const char *dir, const char *cache, guint lines)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GSubprocess) process = g_subprocess_new (G_SUBPROCESS_FLAGS_STDOUT_PIPE, &error,
                                                      self_path, "--sync", dir, cache, NULL);
  g_autoptr (GDataInputStream) input = NULL;

  g_assert_no_error (error);
  input = g_data_input_stream_new (g_subprocess_get_stdout_pipe (process));
  for (guint i = 0; i < lines; i++)
    {
      g_autofree char *line = g_data_input_stream_read_line_utf8 (input, NULL, NULL, NULL);

      if (!line)
        break;
    }
  /* Not only right after it has said something. */
  for (volatile int i = g_test_rand_int_range (0, 20000000); i > 0; i--)
    ;
  g_subprocess_send_signal (process, SIGKILL);
  g_subprocess_wait (process, NULL, NULL);
}

static void
killed_syncs_leave_a_whole_cache (gconstpointer data)
{
  char *dir = new_ledger (N_CASES);
  char *cache = lw_temp_dir_new ();
  g_autoptr (LwLedger) ledger = NULL;

  for (guint i = 0; i < N_KILLS; i++)
    {
      kill_after (dir, cache, 1 + i % 6);
      assert_whole (cache);
    }
  ledger = open_ledger (dir, cache);
  assert_as_cold (ledger, dir);
  g_assert_null (lw_ledger_get_notice (ledger));
  lw_temp_dir_free (dir);
  lw_temp_dir_free (cache);
}

/* --- at the same time --------------------------------------------------------------------------- */

/* Comments and lists, as a window and leewayctl would at the same time. */
static void
comment_work (gconstpointer data)
{
  char *const *argv = (char *const *) data;
  g_autoptr (LwLedger) ledger = open_ledger (argv[2], argv[3]);
  g_autoptr (LwPerson) by = history_person (HISTORY_APPROVER);
  g_autofree char *id = g_strdup_printf ("01930000-0000-7000-8000-%012x", 1u);

  lw_assert_awaits (lw_ledger_load_rules (ledger));
  for (guint i = 0; i < N_COMMENTS;)
    {
      g_autoptr (GDateTime) now = g_date_time_new_now_utc ();
      g_autofree char *text = g_strdup_printf ("%s/%u", argv[4], i);
      g_autoptr (JsonObject) body = history_body ("text", text);
      g_autoptr (GError) error = NULL;
      g_autoptr (LwCase) value = dex_await_boxed (lw_ledger_load_case (ledger, id), &error);

      g_assert_no_error (error);
      if (dex_await (lw_ledger_append (ledger, id, value->last_seq, LW_EVENT_COMMENTED, by,
                                       "tenant", now, body),
                     &error))
        i++;
      else
        g_assert_error (error, LW_LEDGER_ERROR, LW_LEDGER_ERROR_TAKEN);
      if (i % 4 == 0)
        lw_assert_awaits (lw_ledger_list_cases (ledger));
    }
  g_assert_null (lw_ledger_get_notice (ledger));
}

static void
processes_share_a_cache (gconstpointer data)
{
  char *dir = new_ledger (N_CASES);
  char *cache = lw_temp_dir_new ();
  GSubprocess *processes[N_PROCESSES];
  g_autoptr (LwLedger) ledger = NULL;
  g_autoptr (LwCase) value = NULL;
  g_autofree char *id = g_strdup_printf ("01930000-0000-7000-8000-%012x", 1u);

  /* All of them fill it at once. */
  for (guint i = 0; i < N_PROCESSES; i++)
    {
      g_autofree char *number = g_strdup_printf ("%u", i);

      processes[i] = g_subprocess_new (G_SUBPROCESS_FLAGS_NONE, NULL, self_path, "--comment", dir,
                                       cache, number, NULL);
      g_assert_nonnull (processes[i]);
    }
  for (guint i = 0; i < N_PROCESSES; i++)
    {
      g_autoptr (GError) error = NULL;

      g_subprocess_wait_check (processes[i], NULL, &error);
      g_assert_no_error (error);
      g_object_unref (processes[i]);
    }

  assert_whole (cache);
  ledger = open_ledger (dir, cache);
  assert_as_cold (ledger, dir);
  value = dex_await_boxed (lw_ledger_get_case (ledger, id), NULL);
  g_assert_nonnull (value);
  g_assert_cmpuint (value->flags->len, ==, 0);
  g_assert_cmpuint (value->last_seq, ==, 5 + N_PROCESSES * N_COMMENTS);
  lw_temp_dir_free (dir);
  lw_temp_dir_free (cache);
}

/* --- damaged ------------------------------------------------------------------------------------ */

static char *
cache_file (const char *folder)
{
  g_autofree char *notice = NULL;
  g_autoptr (LwCache) cache = lw_cache_open (folder, &notice);

  return g_strdup (lw_cache_get_path (cache));
}

/* Whatever is flipped in the cache: what is shown is what the ledger holds, and nobody is accused. */
static void
damage_is_mended (gconstpointer data)
{
  char *dir = new_ledger (20);
  guint told = 0;

  for (guint round = 0; round < 12; round++)
    {
      char *cache = lw_temp_dir_new ();
      g_autoptr (LwLedger) ledger = open_ledger (dir, cache);
      g_autofree char *path = NULL;
      g_autofree char *bytes = NULL;
      gsize size;

      sync_news (ledger, LW_SYNC_NEW);
      g_clear_object (&ledger);
      path = cache_file (cache);
      g_assert_true (g_file_get_contents (path, &bytes, &size, NULL));
      for (guint i = 0; i < 1 + round * 2; i++)
        bytes[g_test_rand_int_range (0, (gint32) size)] ^=
            (char) (1 << g_test_rand_int_range (0, 8));
      if (round % 6 == 5)
        size = (gsize) g_test_rand_int_range (0, (gint32) size);
      g_assert_true (g_file_set_contents (path, bytes, (gssize) size, NULL));

      ledger = open_ledger (dir, cache);
      sync_news (ledger, LW_SYNC_ALL);
      assert_as_cold (ledger, dir);
      told += lw_ledger_get_notice (ledger) != NULL;
      g_clear_object (&ledger);
      lw_temp_dir_free (cache);
    }
  g_assert_cmpuint (told, >, 0);
  lw_temp_dir_free (dir);
}

/* --- both kinds of storage ---------------------------------------------------------------------- */

static LwStore *
open_blob_store (LwTestTenant *tenant)
{
  g_autoptr (LwProfile) profile = lw_test_tenant_profile (tenant, NULL, NULL);
  g_autoptr (LwIdentity) identity =
      lw_identity_new_for_token (profile, lw_test_tenant_token (tenant, "ingrid@contoso.example"));
  g_autoptr (LwClient) client = lw_client_new (profile, identity);
  g_autoptr (GError) error = NULL;
  LwStore *store = lw_store_new_for_url (client, lw_profile_get_ledger (profile), &error);

  g_assert_no_error (error);

  return store;
}

static void
put_history (LwStore *store, History *history, guint from)
{
  g_autoptr (GDateTime) now = g_date_time_new_now_utc ();
  g_autoptr (GBytes) nothing = g_bytes_new_static ("", 0);

  for (guint i = from; i < history->objects->len; i++)
    {
      HistoryObject *object = g_ptr_array_index (history->objects, i);
      guint seq = lw_record_seq_of (object->name);
      g_autofree char *marker = lw_record_marker_name (history->id, seq, now);

      lw_assert_awaits (lw_store_put_new (store, object->shelf, object->name, object->bytes));
      if (object->shelf == LW_SHELF_REQUESTS)
        lw_assert_awaits (lw_store_put_new (store, LW_SHELF_LOG, marker, nothing));
    }
}

static void
follow (LwStore *inner)
{
  g_autoptr (CountingStore) store = g_object_new (COUNTING_TYPE_STORE, NULL);
  char *cache = lw_temp_dir_new ();
  g_autoptr (LwLedger) ledger = NULL;
  g_autoptr (LwLedger) cold = NULL;
  g_autoptr (History) history = history_new (900);
  g_autofree char *warm = NULL;
  g_autofree char *expected = NULL;

  store->inner = g_object_ref (inner);
  for (guint i = 0; i < 10; i++)
    {
      g_autoptr (History) usual = history_usual (i);

      put_history (inner, usual, 0);
    }

  ledger = lw_ledger_new_cached (LW_STORE (store), cache);
  g_assert_cmpuint (sync_news (ledger, LW_SYNC_NEW), >=, 60);
  reset_counts (store);
  g_assert_cmpuint (sync_news (ledger, LW_SYNC_NEW), ==, 0);
  g_assert_cmpuint (store->gets, ==, 0);
  g_assert_cmpuint (store->lists[LW_SHELF_REQUESTS] + store->lists[LW_SHELF_SEALS], ==, 0);
  g_assert_cmpuint (store->lists[LW_SHELF_LOG], <=, 3);

  history_submit (history, 900, "News");
  put_history (inner, history, 0);
  reset_counts (store);
  g_assert_cmpuint (sync_news (ledger, LW_SYNC_NEW), ==, 1);
  g_assert_cmpuint (store->gets, ==, 1);

  history_seal (history);
  history_approve (history);
  put_history (inner, history, 1);
  /* The seal too, at the latest when all is listed: where the rules do not name the approver, nothing
   * asks for it before. */
  sync_news (ledger, LW_SYNC_NEW);
  sync_news (ledger, LW_SYNC_ALL);
  g_assert_cmpuint (sync_news (ledger, LW_SYNC_VERIFY), ==, 0);

  cold = lw_ledger_new (inner);
  warm = state_of (ledger);
  expected = state_of (cold);
  g_assert_cmpstr (warm, ==, expected);
  g_clear_object (&ledger);
  lw_temp_dir_free (cache);
}

static void
follows_a_folder (gconstpointer data)
{
  char *dir = new_ledger (0);
  g_autoptr (LwStore) store = lw_folder_store_new (dir, NULL);

  follow (store);
  lw_temp_dir_free (dir);
}

static void
follows_blobs (gconstpointer data)
{
  LwTestTenant tenant;

  lw_test_tenant_start (&tenant);
  {
    g_autoptr (LwStore) store = open_blob_store (&tenant);

    follow (store);
  }
  lw_test_tenant_stop (&tenant);
}

static void
test_cache_folder (void)
{
  static const char *const simulated[] = { "http://127.0.0.1:1234/leeway",
                                           "http://localhost/leeway", "https://127.0.0.1:1/x",
                                           "http://[::1]:1/x" };
  g_autofree char *folder = lw_ledger_cache_folder ("key", "/srv/leeway");
  g_autofree char *blob =
      lw_ledger_cache_folder ("key", "https://account.blob.core.windows.net/leeway");

  g_assert_true (g_str_has_suffix (folder, "/leeway/ledger/key"));
  g_assert_true (g_str_has_prefix (folder, g_get_user_cache_dir ()));
  g_assert_cmpstr (blob, ==, folder);
  for (gsize i = 0; i < G_N_ELEMENTS (simulated); i++)
    g_assert_null (lw_ledger_cache_folder ("key", simulated[i]));
}

#define FIBER_TEST(func)                                                                           \
  static void test_##func (void) { lw_fiber_test_run (func, NULL); }

FIBER_TEST (killed_syncs_leave_a_whole_cache)
FIBER_TEST (processes_share_a_cache)
FIBER_TEST (damage_is_mended)
FIBER_TEST (follows_a_folder)
FIBER_TEST (follows_blobs)

int
main (int argc, char **argv)
{
  dex_init ();

  if (argc == 4 && g_str_equal (argv[1], "--sync"))
    {
      lw_fiber_test_run (sync_work, argv);
      return 0;
    }
  if (argc == 5 && g_str_equal (argv[1], "--comment"))
    {
      lw_fiber_test_run (comment_work, argv);
      return 0;
    }

  g_test_init (&argc, &argv, NULL);
  self_path = argv[0];

  g_test_add_func ("/share/folder", test_cache_folder);
  g_test_add_func ("/share/killed", test_killed_syncs_leave_a_whole_cache);
  g_test_add_func ("/share/processes", test_processes_share_a_cache);
  g_test_add_func ("/share/damage", test_damage_is_mended);
  g_test_add_func ("/share/follows-folder", test_follows_a_folder);
  g_test_add_func ("/share/follows-blobs", test_follows_blobs);

  return g_test_run ();
}
