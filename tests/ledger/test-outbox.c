/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "lw-fiber-test.h"
#include "lw-json.h"
#include "lw-outbox.h"
#include "lw-temp-dir.h"

#include <signal.h>
#include <sqlite3.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#define REQUEST "01939b0a-7c00-7000-8000-000000000001"
#define LEDGER  "https://store.example/ledger"
#define TENANT  "11111111-1111-1111-1111-111111111111"
#define PRIYA   "22222222-2222-2222-2222-222222222222"
#define OMAR    "33333333-3333-3333-3333-333333333333"

typedef char TempDir;
G_DEFINE_AUTOPTR_CLEANUP_FUNC (TempDir, lw_temp_dir_free)

/* --- what the tests are made of ----------------------------------------------------------------- */

static LwOutbox *
outbox_of (const char *dir, const char *oid)
{
  return lw_outbox_new (dir, LEDGER, TENANT, oid);
}

static LwOutboxItem *
comment_item (const char *text)
{
  g_autoptr (JsonObject) body = json_object_new ();
  g_autoptr (GDateTime) at = g_date_time_new_utc (2026, 11, 2, 9, 30, 0);

  lw_json_set_string (body, "text", text);

  return lw_outbox_item_new (REQUEST, "A request", LW_EVENT_COMMENTED, at, body, 3, "digest");
}

static gint64
add (LwOutbox *outbox, const char *text)
{
  g_autoptr (LwOutboxItem) item = comment_item (text);
  g_autoptr (GError) error = NULL;
  gint64 id = dex_await_int64 (lw_outbox_add (outbox, item, NULL), &error);

  g_assert_no_error (error);
  g_assert_cmpint (id, >, 0);

  return id;
}

static GPtrArray *
list (LwOutbox *outbox)
{
  g_autoptr (GError) error = NULL;
  GPtrArray *items = dex_await_boxed (lw_outbox_list (outbox, FALSE), &error);

  g_assert_no_error (error);

  return items;
}

static const char *
text_of (GPtrArray *items, guint i)
{
  LwOutboxItem *item = g_ptr_array_index (items, i);

  return lw_json_get_string (item->content, "text");
}

static LwEvent *
comment_event (guint seq, const char *text)
{
  g_autoptr (LwPerson) priya = lw_person_new (PRIYA, "Priya", "priya@contoso.example");
  g_autoptr (JsonObject) body = json_object_new ();
  g_autoptr (GDateTime) at = g_date_time_new_utc (2026, 11, 2, 9, 31, 0);

  lw_json_set_string (body, "text", text);

  return lw_event_new (REQUEST, seq, LW_EVENT_COMMENTED, at, priya, TENANT, "", body);
}

static char *
database (const char *dir)
{
  return g_build_filename (dir, "outbox.db", NULL);
}

static guint
count_files (const char *dir, const char *prefix)
{
  g_autoptr (GDir) open = g_dir_open (dir, 0, NULL);
  const char *name;
  guint n = 0;

  while ((name = g_dir_read_name (open)))
    n += g_str_has_prefix (name, prefix) && g_str_has_suffix (name, ".db");

  return n;
}

/* --- keeping ------------------------------------------------------------------------------------ */

static void
test_order (gconstpointer data)
{
  g_autoptr (TempDir) dir = lw_temp_dir_new ();
  g_autofree char *folder = g_build_filename (dir, "not", "yet", NULL);
  g_autofree char *path = database (folder);
  GStatBuf info;

  {
    g_autoptr (LwOutbox) outbox = outbox_of (folder, PRIYA);

    for (guint i = 0; i < 12; i++)
      {
        g_autofree char *text = g_strdup_printf ("comment %u", i);

        add (outbox, text);
      }
  }

  g_autoptr (LwOutbox) again = outbox_of (folder, PRIYA);
  g_autoptr (GPtrArray) items = list (again);
  LwOutboxItem *first = g_ptr_array_index (items, 0);

  g_assert_cmpuint (items->len, ==, 12);
  for (guint i = 0; i < 12; i++)
    {
      g_autofree char *text = g_strdup_printf ("comment %u", i);

      g_assert_cmpstr (text_of (items, i), ==, text);
    }
  g_assert_cmpstr (first->request, ==, REQUEST);
  g_assert_cmpstr (first->title, ==, "A request");
  g_assert_cmpint (first->kind, ==, LW_EVENT_COMMENTED);
  g_assert_cmpuint (first->seen_seq, ==, 3);
  g_assert_cmpstr (first->seen_digest, ==, "digest");
  g_assert_cmpint (first->state, ==, LW_OUTBOX_WAITING);
  g_assert_cmpint (g_date_time_get_hour (first->written), ==, 9);
  g_assert_null (first->problem);
  g_assert_null (first->attempt);
  g_assert_cmpuint (g_strv_length (first->attempts), ==, 0);
  g_assert_null (lw_outbox_get_notice (again));

  /* Nobody else on this machine may read it. */
  g_assert_cmpint (g_stat (path, &info), ==, 0);
  g_assert_cmpint (info.st_mode & 0077, ==, 0);
  g_assert_cmpint (g_stat (folder, &info), ==, 0);
  g_assert_cmpint (info.st_mode & 0077, ==, 0);
}

static void
test_two_accounts (gconstpointer data)
{
  g_autoptr (TempDir) dir = lw_temp_dir_new ();
  g_autoptr (LwOutbox) priya = outbox_of (dir, PRIYA);
  g_autoptr (LwOutbox) omar = outbox_of (dir, OMAR);
  g_autoptr (LwOutbox) elsewhere = lw_outbox_new (dir, "/srv/ledger", TENANT, PRIYA);
  g_autoptr (LwOutbox) slash = lw_outbox_new (dir, LEDGER "/", TENANT, PRIYA);
  g_autoptr (GError) error = NULL;
  gint64 id = add (priya, "of Priya");
  g_autoptr (GPtrArray) of_omar = list (omar);
  g_autoptr (GPtrArray) of_other = list (elsewhere);
  g_autoptr (GPtrArray) of_slash = list (slash);

  g_assert_cmpuint (of_omar->len, ==, 0);
  g_assert_cmpuint (of_other->len, ==, 0);
  g_assert_cmpuint (of_slash->len, ==, 1);

  /* Nor can the other account touch it. */
  g_assert_false (dex_await (lw_outbox_discard (omar, id, TRUE), &error));
  g_assert_error (error, LW_OUTBOX_ERROR, LW_OUTBOX_ERROR_GONE);
  g_clear_error (&error);
  g_assert_true (dex_await (lw_outbox_forget (omar, id), &error));
  g_assert_false (dex_await (lw_outbox_get (elsewhere, id), &error));
  g_assert_error (error, LW_OUTBOX_ERROR, LW_OUTBOX_ERROR_GONE);

  g_autoptr (GPtrArray) still = list (priya);

  g_assert_cmpuint (still->len, ==, 1);
}

static void
test_states (gconstpointer data)
{
  g_autoptr (TempDir) dir = lw_temp_dir_new ();
  g_autoptr (LwOutbox) outbox = outbox_of (dir, PRIYA);
  g_autoptr (GError) error = NULL;
  gint64 id = add (outbox, "one");
  gint64 other = add (outbox, "two");
  g_autoptr (LwOutboxItem) tried = NULL;
  g_autoptr (LwOutboxItem) held = NULL;
  g_autoptr (LwOutboxItem) renewed = NULL;
  g_autoptr (GPtrArray) left = NULL;
  g_autoptr (GPtrArray) all = NULL;

  lw_assert_awaits (lw_outbox_note_try (outbox, id, "No network"));
  tried = dex_await_boxed (lw_outbox_get (outbox, id), &error);
  g_assert_cmpint (tried->state, ==, LW_OUTBOX_WAITING);
  g_assert_cmpstr (tried->problem, ==, "No network");
  g_assert_cmpuint (tried->tries, ==, 1);
  g_assert_nonnull (tried->tried);

  lw_assert_awaits (lw_outbox_hold (outbox, id, "Withdrawn meanwhile"));
  held = dex_await_boxed (lw_outbox_get (outbox, id), &error);
  g_assert_cmpint (held->state, ==, LW_OUTBOX_CONFLICT);
  g_assert_cmpstr (held->problem, ==, "Withdrawn meanwhile");

  lw_assert_awaits (lw_outbox_discard (outbox, id, TRUE));
  left = list (outbox);
  g_assert_cmpuint (left->len, ==, 1);
  g_assert_cmpstr (text_of (left, 0), ==, "two");
  all = dex_await_boxed (lw_outbox_list (outbox, TRUE), &error);
  g_assert_cmpuint (all->len, ==, 2);
  g_assert_nonnull (((LwOutboxItem *) g_ptr_array_index (all, 0))->discarded);

  /* Back as it was, in its place. */
  lw_assert_awaits (lw_outbox_discard (outbox, id, FALSE));
  g_clear_pointer (&held, lw_outbox_item_unref);
  held = dex_await_boxed (lw_outbox_get (outbox, id), &error);
  g_assert_cmpint (held->state, ==, LW_OUTBOX_CONFLICT);
  g_assert_null (held->discarded);

  lw_assert_awaits (lw_outbox_renew (outbox, id, 9, "newer"));
  renewed = dex_await_boxed (lw_outbox_get (outbox, id), &error);
  g_assert_cmpint (renewed->state, ==, LW_OUTBOX_WAITING);
  g_assert_cmpuint (renewed->seen_seq, ==, 9);
  g_assert_cmpstr (renewed->seen_digest, ==, "newer");
  g_assert_null (renewed->problem);

  /* An id is never given twice, so that nothing that is held can mean another item. */
  lw_assert_awaits (lw_outbox_forget (outbox, other));
  g_assert_cmpint (add (outbox, "three"), >, other);
}

static void
on_changed (LwOutbox *outbox, guint *times)
{
  (*times)++;
}

static void
test_signal (gconstpointer data)
{
  g_autoptr (TempDir) dir = lw_temp_dir_new ();
  g_autoptr (LwOutbox) outbox = outbox_of (dir, PRIYA);
  guint times = 0;
  gint64 id;

  g_signal_connect (outbox, "changed", G_CALLBACK (on_changed), &times);
  id = add (outbox, "one");
  g_assert_cmpuint (times, ==, 1);
  g_ptr_array_unref (list (outbox));
  g_assert_cmpuint (times, ==, 1);
  lw_assert_awaits (lw_outbox_forget (outbox, id));
  g_assert_cmpuint (times, ==, 2);
}

static void
test_attempts (gconstpointer data)
{
  g_autoptr (TempDir) dir = lw_temp_dir_new ();
  g_autoptr (LwOutbox) here = outbox_of (dir, PRIYA);
  g_autoptr (LwOutbox) there = outbox_of (dir, PRIYA);
  g_autoptr (LwEvent) first = comment_event (4, "here");
  g_autoptr (LwEvent) second = comment_event (4, "there");
  g_autoptr (LwEvent) third = comment_event (5, "here");
  g_autoptr (GError) error = NULL;
  gint64 id = add (here, "text");
  g_autoptr (LwOutboxItem) one = NULL;
  g_autoptr (LwOutboxItem) two = NULL;
  g_autoptr (LwOutboxItem) three = NULL;

  one = dex_await_boxed (lw_outbox_set_attempt (here, id, NULL, first), &error);
  g_assert_no_error (error);
  g_assert_true (g_bytes_equal (one->attempt, first->bytes));

  /* Who comes second gets what the first one sends. */
  two = dex_await_boxed (lw_outbox_set_attempt (there, id, NULL, second), &error);
  g_assert_no_error (error);
  g_assert_true (g_bytes_equal (two->attempt, first->bytes));

  three = dex_await_boxed (lw_outbox_set_attempt (there, id, two->attempt, third), &error);
  g_assert_no_error (error);
  g_assert_true (g_bytes_equal (three->attempt, third->bytes));
  g_assert_cmpuint (g_strv_length (three->attempts), ==, 2);
  g_assert_cmpstr (three->attempts[0], ==, first->sha256);
  g_assert_cmpstr (three->attempts[1], ==, third->sha256);

  lw_assert_awaits (lw_outbox_discard (here, id, TRUE));
  g_assert_false (dex_await (lw_outbox_set_attempt (there, id, three->attempt, first), &error));
  g_assert_error (error, LW_OUTBOX_ERROR, LW_OUTBOX_ERROR_GONE);
}

static void
test_files (gconstpointer data)
{
  g_autoptr (TempDir) dir = lw_temp_dir_new ();
  g_autoptr (LwOutbox) outbox = outbox_of (dir, PRIYA);
  g_autoptr (LwOutbox) omar = outbox_of (dir, OMAR);
  g_autoptr (GBytes) bytes = g_bytes_new_static ("evidence", 8);
  g_autoptr (GBytes) read = NULL;
  g_autoptr (GBytes) kept = NULL;
  g_autoptr (GError) error = NULL;
  g_autofree char *sha256 = dex_await_string (lw_outbox_keep_file (outbox, bytes), &error);
  gint64 id;
  gint64 other;

  g_assert_no_error (error);
  read = dex_await_boxed (lw_outbox_get_file (outbox, sha256), &error);
  g_assert_true (g_bytes_equal (read, bytes));
  g_assert_false (dex_await (lw_outbox_get_file (omar, sha256), &error));
  g_assert_error (error, LW_OUTBOX_ERROR, LW_OUTBOX_ERROR_GONE);
  g_clear_error (&error);

  /* It stays as long as something that waits names it. */
  id = add (outbox, sha256);
  other = add (outbox, sha256);
  lw_assert_awaits (lw_outbox_forget (outbox, id));
  kept = dex_await_boxed (lw_outbox_get_file (outbox, sha256), &error);
  g_assert_no_error (error);
  lw_assert_awaits (lw_outbox_forget (outbox, other));
  g_assert_false (dex_await (lw_outbox_get_file (outbox, sha256), &error));
  g_assert_error (error, LW_OUTBOX_ERROR, LW_OUTBOX_ERROR_GONE);
}

static void
test_begun (gconstpointer data)
{
  g_autoptr (TempDir) dir = lw_temp_dir_new ();
  g_autoptr (GDateTime) at = g_date_time_new_utc (2026, 11, 2, 9, 30, 0);
  g_autoptr (JsonArray) grants = json_array_new ();
  g_autoptr (GError) error = NULL;

  json_array_add_int_element (grants, 2);
  {
    g_autoptr (LwOutbox) outbox = outbox_of (dir, PRIYA);

    lw_assert_awaits (lw_outbox_begin_apply (outbox, REQUEST, "d1", "apply", grants, at));
    lw_assert_awaits (lw_outbox_begin_apply (outbox, REQUEST, "d1", "retire", NULL, at));
    lw_assert_awaits (lw_outbox_begin_apply (outbox, REQUEST, "d1", "apply", grants, at));
    lw_assert_awaits (lw_outbox_note_apply (outbox, REQUEST, "d1", "retire", "half-way"));
  }

  g_autoptr (LwOutbox) again = outbox_of (dir, PRIYA);
  g_autoptr (LwOutbox) omar = outbox_of (dir, OMAR);
  g_autoptr (GPtrArray) begun = dex_await_boxed (lw_outbox_list_begun (again), &error);
  g_autoptr (GPtrArray) of_omar = dex_await_boxed (lw_outbox_list_begun (omar), &error);
  g_autoptr (GPtrArray) left = NULL;
  LwBegun *retire;
  LwBegun *apply;

  g_assert_cmpuint (begun->len, ==, 2);
  g_assert_cmpuint (of_omar->len, ==, 0);
  retire = g_ptr_array_index (begun, 0);
  apply = g_ptr_array_index (begun, 1);
  g_assert_cmpstr (retire->what, ==, "retire");
  g_assert_cmpstr (retire->state, ==, "half-way");
  g_assert_cmpuint (json_array_get_length (retire->grants), ==, 0);
  g_assert_cmpstr (apply->what, ==, "apply");
  g_assert_cmpstr (apply->request, ==, REQUEST);
  g_assert_cmpstr (apply->digest, ==, "d1");
  g_assert_cmpstr (apply->state, ==, "begun");
  g_assert_cmpint (json_array_get_int_element (apply->grants, 0), ==, 2);
  g_assert_true (g_date_time_equal (apply->at, at));

  lw_assert_awaits (lw_outbox_end_apply (again, REQUEST, "d1", "apply"));
  lw_assert_awaits (lw_outbox_end_apply (again, REQUEST, "d1", "apply"));
  left = dex_await_boxed (lw_outbox_list_begun (again), &error);
  g_assert_cmpuint (left->len, ==, 1);
}

/* --- processes ---------------------------------------------------------------------------------- */

static void
add_in_child (gconstpointer data)
{
  g_autoptr (LwOutbox) outbox = outbox_of (data, PRIYA);

  add (outbox, "from the child");
  kill (getpid (), SIGKILL);
}

/* @func runs in a process of its own, which has no threads of this one. */
static int
in_child (const char *self_path, const char *what, const char *dir)
{
  const char *const argv[] = { self_path, what, dir, NULL };
  g_autoptr (GError) error = NULL;
  GPid pid;
  int status;

  g_spawn_async (NULL, (char **) argv, NULL, G_SPAWN_DO_NOT_REAP_CHILD, NULL, NULL, &pid, &error);
  g_assert_no_error (error);
  while (waitpid (pid, &status, 0) < 0)
    ;

  return status;
}

static void
test_killed (gconstpointer data)
{
  g_autoptr (TempDir) dir = lw_temp_dir_new ();
  g_autoptr (LwOutbox) outbox = NULL;
  g_autoptr (GPtrArray) items = NULL;

  for (guint i = 0; i < 3; i++)
    {
      int status = in_child (data, "--killed", dir);

      g_assert_true (WIFSIGNALED (status) && WTERMSIG (status) == SIGKILL);
    }

  outbox = outbox_of (dir, PRIYA);
  items = list (outbox);
  g_assert_cmpuint (items->len, ==, 3);
  g_assert_null (lw_outbox_get_notice (outbox));
}

#define MANY 40

static void
add_many (gconstpointer data)
{
  g_autoptr (LwOutbox) outbox = outbox_of (data, PRIYA);

  for (guint i = 0; i < MANY; i++)
    add (outbox, "one of many");
}

static void
test_crowd (gconstpointer data)
{
  g_autoptr (TempDir) dir = lw_temp_dir_new ();
  const char *const argv[] = { data, "--many", dir, NULL };
  g_autoptr (LwOutbox) outbox = NULL;
  g_autoptr (GPtrArray) items = NULL;
  GPid pids[4];

  for (guint i = 0; i < G_N_ELEMENTS (pids); i++)
    g_assert_true (g_spawn_async (NULL, (char **) argv, NULL, G_SPAWN_DO_NOT_REAP_CHILD, NULL, NULL,
                                  &pids[i], NULL));
  for (guint i = 0; i < G_N_ELEMENTS (pids); i++)
    {
      int status;

      while (waitpid (pids[i], &status, 0) < 0)
        ;
      g_assert_true (WIFEXITED (status) && WEXITSTATUS (status) == 0);
    }

  outbox = outbox_of (dir, PRIYA);
  items = list (outbox);
  g_assert_cmpuint (items->len, ==, MANY * G_N_ELEMENTS (pids));
}

/* --- damage ------------------------------------------------------------------------------------- */

static void
exec (const char *path, const char *sql)
{
  sqlite3 *db = NULL;

  g_assert_cmpint (sqlite3_open (path, &db), ==, SQLITE_OK);
  g_assert_cmpint (sqlite3_exec (db, sql, NULL, NULL, NULL), ==, SQLITE_OK);
  sqlite3_close (db);
}

static void
fill (const char *dir, guint n)
{
  g_autoptr (LwOutbox) outbox = outbox_of (dir, PRIYA);
  g_autoptr (GDateTime) at = g_date_time_new_utc (2026, 11, 2, 9, 30, 0);
  g_autofree char *long_text = g_strnfill (3000, 'x');

  for (guint i = 0; i < n; i++)
    {
      g_autofree char *text = g_strdup_printf ("%u %s", i, long_text);

      add (outbox, text);
    }
  lw_assert_awaits (lw_outbox_begin_apply (outbox, REQUEST, "d1", "apply", NULL, at));
}

/* Everything into the one file, so that it can be damaged. */
static void
settle (const char *path)
{
  exec (path, "PRAGMA wal_checkpoint (TRUNCATE)");
}

static void
overwrite (const char *path, glong offset, gsize size)
{
  g_autofree char *noise = g_strnfill (size, '\xa5');
  FILE *file = fopen (path, "r+b");

  g_assert_cmpint (fseek (file, offset, SEEK_SET), ==, 0);
  g_assert_cmpuint (fwrite (noise, 1, size, file), ==, size);
  fclose (file);
}

static void
test_damaged_page (gconstpointer data)
{
  g_autoptr (TempDir) dir = lw_temp_dir_new ();
  g_autofree char *path = database (dir);
  g_autoptr (LwOutbox) outbox = outbox_of (dir, PRIYA);
  g_autoptr (GPtrArray) items = NULL;
  g_autoptr (GPtrArray) begun = NULL;
  g_autoptr (GPtrArray) after = NULL;

  fill (dir, 60);
  settle (path);
  overwrite (path, 30 * 4096L, 2 * 4096);

  items = list (outbox);
  g_assert_cmpuint (items->len, >=, 40);
  g_assert_cmpuint (items->len, <, 60);
  g_assert_nonnull (strstr (lw_outbox_get_notice (outbox), "was damaged"));
  g_assert_nonnull (strstr (lw_outbox_get_notice (outbox), "outbox-damaged-"));
  g_assert_cmpuint (count_files (dir, "outbox-damaged-"), ==, 1);
  begun = dex_await_boxed (lw_outbox_list_begun (outbox), NULL);
  g_assert_cmpuint (begun->len, ==, 1);

  /* What is left is what was written, in order, and more can be added. */
  for (guint i = 1; i < items->len; i++)
    g_assert_cmpint (atoi (text_of (items, i - 1)), <, atoi (text_of (items, i)));
  add (outbox, "after");

  /* It is said until somebody has read it, whoever looks. */
  g_autoptr (LwOutbox) again = outbox_of (dir, OMAR);

  after = list (again);
  g_assert_nonnull (lw_outbox_get_notice (again));
  lw_assert_awaits (lw_outbox_dismiss_notice (again));
  g_assert_null (lw_outbox_get_notice (again));
  g_assert_cmpuint (count_files (dir, "outbox-damaged-"), ==, 1);
}

static void
test_no_database (gconstpointer data)
{
  g_autoptr (TempDir) dir = lw_temp_dir_new ();
  g_autofree char *path = database (dir);
  g_autoptr (LwOutbox) outbox = outbox_of (dir, PRIYA);
  g_autoptr (GPtrArray) items = NULL;

  fill (dir, 3);
  settle (path);
  overwrite (path, 0, 4096);

  items = list (outbox);
  g_assert_cmpuint (items->len, ==, 0);
  g_assert_nonnull (strstr (lw_outbox_get_notice (outbox), "has to be written again"));
  g_assert_cmpuint (count_files (dir, "outbox-damaged-"), ==, 1);
  g_assert_cmpint (add (outbox, "new"), >, 0);
}

/* A text that somebody altered is not sent in the person's name. */
static void
test_altered (gconstpointer data)
{
  g_autoptr (TempDir) dir = lw_temp_dir_new ();
  g_autofree char *path = database (dir);
  g_autoptr (LwOutbox) outbox = outbox_of (dir, PRIYA);
  g_autoptr (GPtrArray) items = NULL;

  add (outbox, "as I wrote it");
  add (outbox, "the other one");
  exec (path, "UPDATE item SET content = replace (content, 'I wrote', 'we like') WHERE id = 1");

  items = list (outbox);
  g_assert_cmpuint (items->len, ==, 1);
  g_assert_cmpstr (text_of (items, 0), ==, "the other one");
  g_assert_nonnull (lw_outbox_get_notice (outbox));
}

/* One that is replaced while it is open is found. */
static void
test_taken_away (gconstpointer data)
{
  g_autoptr (TempDir) dir = lw_temp_dir_new ();
  g_autofree char *path = database (dir);
  g_autofree char *away = g_build_filename (dir, "away.db", NULL);
  g_autoptr (LwOutbox) outbox = outbox_of (dir, PRIYA);
  g_autoptr (GPtrArray) items = NULL;

  add (outbox, "one");
  g_assert_cmpint (g_rename (path, away), ==, 0);
  add (outbox, "two");
  items = list (outbox);
  g_assert_cmpstr (text_of (items, items->len - 1), ==, "two");
  g_assert_true (g_file_test (path, G_FILE_TEST_EXISTS));
}

static void
test_full (gconstpointer data)
{
  g_autoptr (TempDir) dir = lw_temp_dir_new ();
  g_autofree char *huge = g_strnfill (400000, 'x');
  g_autoptr (LwOutboxItem) item = comment_item (huge);
  g_autoptr (GPtrArray) items = NULL;
  g_autoptr (GError) error = NULL;

  lw_outbox_set_limits (5000, 40);
  {
    g_autoptr (LwOutbox) outbox = outbox_of (dir, PRIYA);

    add (outbox, "small");
    g_assert_false (dex_await (lw_outbox_add (outbox, item, NULL), &error));
    g_assert_error (error, LW_OUTBOX_ERROR, LW_OUTBOX_ERROR_FULL);
    g_assert_nonnull (strstr (error->message, "disk is full"));
    items = list (outbox);
    g_assert_cmpuint (items->len, ==, 1);
  }
  lw_outbox_set_limits (5000, 0);
}

static void
test_unwritable (gconstpointer data)
{
  g_autoptr (TempDir) dir = lw_temp_dir_new ();
  g_autofree char *file = g_build_filename (dir, "file", NULL);
  g_autoptr (LwOutbox) outbox = outbox_of (file, PRIYA);
  g_autoptr (LwOutboxItem) item = comment_item ("text");
  g_autoptr (GError) error = NULL;

  g_assert_true (g_file_set_contents (file, "", 0, NULL));
  g_assert_false (dex_await (lw_outbox_add (outbox, item, NULL), &error));
  g_assert_error (error, LW_OUTBOX_ERROR, LW_OUTBOX_ERROR_UNUSABLE);
}

/* --- versions ----------------------------------------------------------------------------------- */

static void
test_newer (gconstpointer data)
{
  g_autoptr (TempDir) dir = lw_temp_dir_new ();
  g_autofree char *path = database (dir);
  g_autoptr (LwOutbox) outbox = outbox_of (dir, PRIYA);
  g_autoptr (LwOutboxItem) item = comment_item ("text");
  g_autoptr (GError) error = NULL;

  exec (path, "CREATE TABLE letters (a); PRAGMA user_version = 7");
  g_assert_false (dex_await (lw_outbox_add (outbox, item, NULL), &error));
  g_assert_error (error, LW_OUTBOX_ERROR, LW_OUTBOX_ERROR_NEWER);
  g_assert_cmpuint (count_files (dir, "outbox"), ==, 1);
  exec (path, "INSERT INTO letters VALUES (1)");
}

/* As the first version left it. */
static void
test_migration (gconstpointer data)
{
  g_autoptr (TempDir) dir = lw_temp_dir_new ();
  g_autofree char *path = database (dir);
  g_autoptr (GDateTime) at = g_date_time_new_utc (2026, 11, 2, 9, 30, 0);
  g_autoptr (GPtrArray) items = NULL;

  {
    g_autoptr (LwOutbox) outbox = outbox_of (dir, PRIYA);

    add (outbox, "from before");
  }
  exec (path, "DROP TABLE begun; PRAGMA user_version = 1");

  g_autoptr (LwOutbox) outbox = outbox_of (dir, PRIYA);

  items = list (outbox);
  g_assert_cmpuint (items->len, ==, 1);
  g_assert_cmpstr (text_of (items, 0), ==, "from before");
  g_assert_null (lw_outbox_get_notice (outbox));
  lw_assert_awaits (lw_outbox_begin_apply (outbox, REQUEST, "d1", "apply", NULL, at));
}

typedef struct
{
  LwFiberTest func;
  gconstpointer data;
} Entry;

static void
run (gconstpointer data)
{
  const Entry *entry = data;

  lw_fiber_test_run (entry->func, entry->data);
}

int
main (int argc, char **argv)
{
  static Entry entries[20];
  const struct
  {
    const char *name;
    LwFiberTest func;
  } tests[] = {
    { "order", test_order },
    { "two-accounts", test_two_accounts },
    { "states", test_states },
    { "signal", test_signal },
    { "attempts", test_attempts },
    { "files", test_files },
    { "begun", test_begun },
    { "killed", test_killed },
    { "crowd", test_crowd },
    { "damaged-page", test_damaged_page },
    { "no-database", test_no_database },
    { "altered", test_altered },
    { "taken-away", test_taken_away },
    { "full", test_full },
    { "unwritable", test_unwritable },
    { "newer", test_newer },
    { "migration", test_migration },
  };

  dex_init ();
  if (argc == 3 && g_str_equal (argv[1], "--killed"))
    {
      lw_fiber_test_run (add_in_child, argv[2]);
      return 1;
    }
  if (argc == 3 && g_str_equal (argv[1], "--many"))
    {
      lw_fiber_test_run (add_many, argv[2]);
      return 0;
    }

  g_test_init (&argc, &argv, NULL);
  for (guint i = 0; i < G_N_ELEMENTS (tests); i++)
    {
      g_autofree char *path = g_strconcat ("/ledger/outbox/", tests[i].name, NULL);

      entries[i] = (Entry) { tests[i].func, argv[0] };
      g_test_add_data_func (path, &entries[i], run);
    }

  return g_test_run ();
}
