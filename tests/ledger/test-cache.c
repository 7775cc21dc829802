/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "lw-cache.h"
#include "lw-history.h"
#include "lw-temp-dir.h"

#include <errno.h>
#include <signal.h>
#include <sqlite3.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#define N_CASES 20

/* --- what the tests are made of ----------------------------------------------------------------- */

static LwCache *
open_quietly (const char *dir)
{
  g_autofree char *notice = NULL;
  LwCache *cache = lw_cache_open (dir, &notice);

  g_assert_cmpstr (notice, ==, NULL);
  g_assert_nonnull (lw_cache_get_path (cache));

  return cache;
}

static LwCachePut
put (LwCache *cache, LwShelf shelf, const char *name, const char *request, const char *text)
{
  g_autoptr (GBytes) bytes = text ? g_bytes_new (text, strlen (text)) : NULL;
  g_autoptr (LwCacheObject) object = lw_cache_object_new (shelf, name, bytes);
  g_autoptr (GError) error = NULL;
  LwCachePut result;

  lw_cache_put (cache, object, request, &result, &error);
  g_assert_no_error (error);

  return result;
}

static void
fill (LwCache *cache)
{
  g_autoptr (GError) error = NULL;

  lw_cache_begin (cache, &error);
  for (guint i = 0; i < N_CASES; i++)
    {
      g_autoptr (History) history = history_usual (i);

      for (guint k = 0; k < history->objects->len; k++)
        {
          HistoryObject *object = g_ptr_array_index (history->objects, k);
          g_autoptr (LwCacheObject) kept =
              lw_cache_object_new (object->shelf, object->name, object->bytes);
          LwCachePut result;

          lw_cache_put (cache, kept, history->id, &result, &error);
        }
    }
  lw_cache_end (cache, TRUE, &error);
  g_assert_no_error (error);
}

/* Reads all of it. %FALSE where the cache says that it is damaged; what it gives must be right. */
static gboolean
read_all (LwCache *cache, GError **error)
{
  for (guint i = 0; i < N_CASES; i++)
    {
      g_autoptr (History) history = history_usual (i);
      g_autoptr (GPtrArray) objects = lw_cache_get_objects (cache, history->id, error);

      if (!objects)
        return FALSE;
      for (guint k = 0; k < objects->len; k++)
        {
          LwCacheObject *kept = g_ptr_array_index (objects, k);
          gboolean genuine = kept->bytes == NULL;

          for (guint n = 0; n < history->objects->len && !genuine; n++)
            {
              HistoryObject *object = g_ptr_array_index (history->objects, n);

              genuine = g_bytes_equal (object->bytes, kept->bytes);
            }
          g_assert_true (genuine);
        }
    }

  return TRUE;
}

static guint
count (const char *dir, const char *prefix)
{
  g_autoptr (GDir) folder = g_dir_open (dir, 0, NULL);
  const char *name;
  guint n = 0;

  while ((name = g_dir_read_name (folder)))
    n += g_str_has_prefix (name, prefix) && g_str_has_suffix (name, ".db");

  return n;
}

static char *
copy_file (const char *from, const char *to_dir)
{
  g_autofree char *name = g_path_get_basename (from);
  char *to = g_build_filename (to_dir, name, NULL);
  g_autofree char *data = NULL;
  gsize size;

  g_assert_true (g_file_get_contents (from, &data, &size, NULL));
  g_assert_true (g_file_set_contents (to, data, (gssize) size, NULL));

  return to;
}

/* --- keeping ------------------------------------------------------------------------------------ */

static void
test_keeps (void)
{
  char *dir = lw_temp_dir_new ();
  g_autoptr (LwCache) cache = open_quietly (dir);
  g_autoptr (GPtrArray) objects = NULL;
  g_autoptr (GError) error = NULL;
  g_autofree char *path = g_strdup (lw_cache_get_path (cache));
  gint64 number;
  LwCacheObject *object;
  struct stat info;

  g_assert_cmpint (put (cache, LW_SHELF_REQUESTS, "a/1", "a", "one"), ==, LW_CACHE_PUT_NEW);
  g_assert_cmpint (put (cache, LW_SHELF_REQUESTS, "a/1", "a", "one"), ==, LW_CACHE_PUT_KNOWN);
  g_assert_cmpint (put (cache, LW_SHELF_REQUESTS, "a/1", "a", "two"), ==, LW_CACHE_PUT_DIFFERS);
  g_assert_cmpint (put (cache, LW_SHELF_SEALS, "a/1", "a", ""), ==, LW_CACHE_PUT_NEW);
  g_assert_cmpint (put (cache, LW_SHELF_REQUESTS, "a/2", "a", NULL), ==, LW_CACHE_PUT_NEW);
  g_assert_true (lw_cache_set_number (cache, "synced-at", G_GINT64_CONSTANT (1) << 60, &error));
  g_clear_pointer (&cache, lw_cache_free);

  cache = open_quietly (dir);
  g_assert_cmpstr (lw_cache_get_path (cache), ==, path);
  g_assert_true (lw_cache_get_number (cache, "synced-at", &number, &error));
  g_assert_cmpint (number, ==, G_GINT64_CONSTANT (1) << 60);
  g_assert_true (lw_cache_get_number (cache, "nothing", &number, &error));
  g_assert_cmpint (number, ==, 0);
  objects = lw_cache_get_objects (cache, "a", &error);
  g_assert_no_error (error);
  g_assert_cmpuint (objects->len, ==, 3);
  object = g_ptr_array_index (objects, 0);
  g_assert_cmpstr (object->name, ==, "a/1");
  g_assert_cmpmem (g_bytes_get_data (object->bytes, NULL), g_bytes_get_size (object->bytes), "one",
                   3);
  g_assert_null (((LwCacheObject *) g_ptr_array_index (objects, 1))->bytes);
  object = g_ptr_array_index (objects, 2);
  g_assert_cmpint (object->shelf, ==, LW_SHELF_SEALS);
  g_assert_cmpuint (g_bytes_get_size (object->bytes), ==, 0);

  /* Bytes take the place of what could not be read. */
  g_assert_cmpint (put (cache, LW_SHELF_REQUESTS, "a/2", "a", "two"), ==, LW_CACHE_PUT_NEW);

  /* Nobody else on the machine reads it. */
  g_assert_cmpint (stat (dir, &info), ==, 0);
  g_assert_cmpint (info.st_mode & 077, ==, 0);
  lw_temp_dir_free (dir);
}

static void
test_rolls_back (void)
{
  char *dir = lw_temp_dir_new ();
  g_autoptr (LwCache) cache = open_quietly (dir);
  g_autoptr (GError) error = NULL;
  gboolean known, read;

  g_assert_true (lw_cache_begin (cache, &error));
  put (cache, LW_SHELF_REQUESTS, "a/1", "a", "one");
  g_assert_true (lw_cache_end (cache, FALSE, &error));
  g_assert_true (lw_cache_has (cache, LW_SHELF_REQUESTS, "a/1", &known, &read, &error));
  g_assert_false (known);
  lw_temp_dir_free (dir);
}

static void
test_shared (void)
{
  char *dir = lw_temp_dir_new ();
  g_autoptr (LwCache) one = open_quietly (dir);
  g_autoptr (LwCache) two = open_quietly (dir);

  g_assert_cmpstr (lw_cache_get_path (one), ==, lw_cache_get_path (two));
  put (one, LW_SHELF_REQUESTS, "a/1", "a", "one");
  g_assert_cmpint (put (two, LW_SHELF_REQUESTS, "a/1", "a", "one"), ==, LW_CACHE_PUT_KNOWN);
  put (two, LW_SHELF_REQUESTS, "a/2", "a", "two");
  g_assert_cmpint (put (one, LW_SHELF_REQUESTS, "a/2", "a", "two"), ==, LW_CACHE_PUT_KNOWN);
  lw_temp_dir_free (dir);
}

/* --- versions ----------------------------------------------------------------------------------- */

/* The tables as each version made them. */
static const char *const versions[LW_CACHE_SCHEMA - 1] = {
  "CREATE TABLE meta (key TEXT PRIMARY KEY, value INTEGER NOT NULL) WITHOUT ROWID;"
  "CREATE TABLE object (id INTEGER PRIMARY KEY, shelf INTEGER NOT NULL, name TEXT NOT NULL,"
  "  request TEXT, sha256 TEXT, bytes BLOB, problem TEXT);"
  "CREATE UNIQUE INDEX object_name ON object (shelf, name);"
  "CREATE INDEX object_request ON object (request, shelf, name);"
  "INSERT INTO meta VALUES ('synced-at', 17);"
  "INSERT INTO object (shelf, name, request, sha256, bytes) VALUES (0, 'a/1', 'a',"
  "  '7692c3ad3540bb803c020b3aee66cd8887123234ea0c6e7143c0add73ff431ed', x'6f6e65');"
  "PRAGMA user_version = 1;",

  "CREATE TABLE meta (key TEXT PRIMARY KEY, value INTEGER NOT NULL) WITHOUT ROWID;"
  "CREATE TABLE object (id INTEGER PRIMARY KEY, shelf INTEGER NOT NULL, name TEXT NOT NULL,"
  "  request TEXT, sha256 TEXT, bytes BLOB, problem TEXT);"
  "CREATE UNIQUE INDEX object_name ON object (shelf, name);"
  "CREATE INDEX object_request ON object (request, shelf, name);"
  "CREATE TABLE request (id INTEGER PRIMARY KEY, request TEXT NOT NULL UNIQUE,"
  "  generation INTEGER NOT NULL DEFAULT 1, folded INTEGER NOT NULL DEFAULT 0, basis TEXT,"
  "  phase INTEGER NOT NULL DEFAULT 0, requester TEXT, owner TEXT,"
  "  changed INTEGER NOT NULL DEFAULT 0, expires INTEGER NOT NULL DEFAULT 0,"
  "  sum TEXT, state BLOB);"
  "CREATE INDEX request_changed ON request (changed DESC, request);"
  "CREATE INDEX request_stale ON request (basis, folded, generation);"
  "CREATE TABLE trouble (shelf INTEGER NOT NULL, name TEXT NOT NULL, request TEXT,"
  "  kind INTEGER NOT NULL, found BLOB, PRIMARY KEY (shelf, name)) WITHOUT ROWID;"
  "CREATE INDEX trouble_request ON trouble (request);"
  "CREATE VIRTUAL TABLE search USING fts5 (title, reason, people, scopes, policies, comments,"
  "  content='', contentless_delete=1, prefix='2 3', tokenize='unicode61 remove_diacritics 2');"
  "INSERT INTO meta VALUES ('synced-at', 17);"
  "INSERT INTO object (shelf, name, request, sha256, bytes) VALUES (0, 'a/1', 'a',"
  "  '7692c3ad3540bb803c020b3aee66cd8887123234ea0c6e7143c0add73ff431ed', x'6f6e65');"
  "INSERT INTO request (request) VALUES ('a');"
  "PRAGMA user_version = 2;",
};

static void
make_database (const char *path, const char *text)
{
  sqlite3 *db = NULL;

  g_assert_cmpint (sqlite3_open (path, &db), ==, SQLITE_OK);
  g_assert_cmpint (sqlite3_exec (db, text, NULL, NULL, NULL), ==, SQLITE_OK);
  g_assert_cmpint (sqlite3_close (db), ==, SQLITE_OK);
}

static void
test_migrates (void)
{
  for (gsize i = 0; i < G_N_ELEMENTS (versions); i++)
    {
      char *dir = lw_temp_dir_new ();
      g_autofree char *path = g_build_filename (dir, "cache-3.db", NULL);
      g_autoptr (LwCache) cache = NULL;
      g_autoptr (GError) error = NULL;
      g_autoptr (GArray) generations = NULL;
      g_auto (GStrv) stale = NULL;
      gint64 number;

      make_database (path, versions[i]);
      cache = open_quietly (dir);
      g_assert_cmpstr (lw_cache_get_path (cache), ==, path);
      g_assert_true (lw_cache_get_number (cache, "synced-at", &number, &error));
      g_assert_cmpint (number, ==, 17);
      g_assert_cmpint (put (cache, LW_SHELF_REQUESTS, "a/1", "a", "one"), ==, LW_CACHE_PUT_KNOWN);
      /* What was not folded then is folded now. */
      stale = lw_cache_get_stale (cache, "basis", 10, &generations, &error);
      g_assert_no_error (error);
      g_assert_cmpuint (g_strv_length (stale), ==, 1);
      g_assert_cmpstr (stale[0], ==, "a");
      lw_temp_dir_free (dir);
    }
}

static void
test_newer (void)
{
  char *dir = lw_temp_dir_new ();
  g_autofree char *path = g_build_filename (dir, "cache-3.db", NULL);
  g_autofree char *newer =
      g_strdup_printf ("CREATE TABLE later (x); PRAGMA user_version = %d;", LW_CACHE_SCHEMA + 1);
  g_autofree char *notice = NULL;
  g_autofree char *again = NULL;
  g_autofree char *own = NULL;
  g_autofree char *before = NULL;
  g_autofree char *after = NULL;
  gsize size_before, size_after;
  LwCache *cache;

  make_database (path, newer);
  g_file_get_contents (path, &before, &size_before, NULL);
  cache = lw_cache_open (dir, &notice);
  g_assert_nonnull (strstr (notice, "newer Leeway"));
  own = g_strdup (lw_cache_get_path (cache));
  g_assert_true (g_str_has_suffix (own, "cache-4.db"));
  put (cache, LW_SHELF_REQUESTS, "a/1", "a", "one");
  lw_cache_free (cache);

  /* Its own from now on, and the newer one's is as it was. */
  cache = lw_cache_open (dir, &again);
  g_assert_null (again);
  g_assert_cmpstr (lw_cache_get_path (cache), ==, own);
  lw_cache_free (cache);
  g_file_get_contents (path, &after, &size_after, NULL);
  g_assert_cmpmem (before, size_before, after, size_after);
  lw_temp_dir_free (dir);
}

/* --- damage ------------------------------------------------------------------------------------- */

/* Opens what is in @dir and reads it; a damaged cache must be told, be set aside and be empty then. */
static gboolean
was_damaged (const char *dir)
{
  g_autofree char *notice = NULL;
  g_autofree char *replaced = NULL;
  LwCache *cache = lw_cache_open (dir, &notice);
  g_autoptr (GError) error = NULL;
  gboolean damaged = notice != NULL;

  if (!damaged && (!read_all (cache, &error) || !lw_cache_check (cache, &error)))
    {
      g_assert_error (error, LW_CACHE_ERROR, LW_CACHE_ERROR_DAMAGED);
      cache = lw_cache_replace (cache, error, &replaced);
      damaged = TRUE;
    }
  if (damaged)
    {
      const char *said = notice ? notice : replaced;

      g_assert_nonnull (strstr (said, "damaged"));
      g_assert_nonnull (lw_cache_get_path (cache));
      g_assert_cmpuint (count (dir, "damaged-"), ==, 1);
      g_assert_cmpint (put (cache, LW_SHELF_REQUESTS, "b/1", "b", "x"), ==, LW_CACHE_PUT_NEW);
    }
  lw_cache_free (cache);

  return damaged;
}

/* @func changes the bytes of a good cache; its result is the new size. */
typedef gsize (*Damage) (char *data, gsize size, guint round);

static gsize
make_empty (char *data, gsize size, guint round)
{
  return 0;
}

static gsize
make_garbage (char *data, gsize size, guint round)
{
  for (gsize i = 0; i < size; i++)
    data[i] = (char) g_test_rand_int_range (0, 256);

  return size;
}

static gsize
make_text (char *data, gsize size, guint round)
{
  g_strlcpy (data, "<!DOCTYPE html><html><body>Sign in</body></html>", size);

  return strlen (data);
}

static gsize
cut_off (char *data, gsize size, guint round)
{
  return (gsize) g_test_rand_int_range (1, (gint32) size);
}

static gsize
cut_pages (char *data, gsize size, guint round)
{
  return size - 4096 * (gsize) g_test_rand_int_range (1, (gint32) (size / 4096));
}

static gsize
flip_bits (char *data, gsize size, guint round)
{
  for (guint i = 0; i <= round % 8; i++)
    data[g_test_rand_int_range (0, (gint32) size)] ^= (char) (1 << g_test_rand_int_range (0, 8));

  return size;
}

static gsize
zero_page (char *data, gsize size, guint round)
{
  memset (data + 4096 * (gsize) g_test_rand_int_range (0, (gint32) (size / 4096)), 0, 4096);

  return size;
}

static const struct
{
  const char *name;
  Damage func;
  guint rounds;
  gboolean always; /* it cannot go unnoticed */
} damages[] = {
  { "empty", make_empty, 1, TRUE },        { "garbage", make_garbage, 5, TRUE },
  { "text", make_text, 1, TRUE },          { "cut-off", cut_off, 25, TRUE },
  { "cut-pages", cut_pages, 15, TRUE },    { "flipped-bits", flip_bits, 60, FALSE },
  { "zeroed-page", zero_page, 20, FALSE },
};

static void
test_damage (gconstpointer data)
{
  gsize which = GPOINTER_TO_SIZE (data);
  char *good = lw_temp_dir_new ();
  LwCache *cache = open_quietly (good);
  g_autofree char *path = g_strdup (lw_cache_get_path (cache));
  guint noticed = 0;
  /* Under valgrind there is patience, but not for that much. */
  guint rounds = damages[which].rounds / (g_getenv ("LEEWAY_TEST_SLOWNESS") ? 5 : 1);

  rounds = MAX (rounds, 1);
  fill (cache);
  lw_cache_free (cache);
  for (guint round = 0; round < rounds; round++)
    {
      char *dir = lw_temp_dir_new ();
      g_autofree char *copy = copy_file (path, dir);
      g_autofree char *bytes = NULL;
      gsize size;

      g_file_get_contents (copy, &bytes, &size, NULL);
      size = damages[which].func (bytes, size, round);
      g_assert_true (g_file_set_contents (copy, bytes, (gssize) size, NULL));
      noticed += was_damaged (dir);
      lw_temp_dir_free (dir);
    }
  if (damages[which].always)
    g_assert_cmpuint (noticed, ==, rounds);
  else
    g_assert_cmpuint (noticed, >, 0);
  g_test_message ("noticed in %u of %u", noticed, rounds);
  lw_temp_dir_free (good);
}

/* A file that another process still has open is not its successor's. */
static void
test_set_aside_while_open (void)
{
  char *dir = lw_temp_dir_new ();
  g_autoptr (LwCache) other = open_quietly (dir);
  LwCache *cache = open_quietly (dir);
  g_autoptr (GError) error =
      g_error_new_literal (LW_CACHE_ERROR, LW_CACHE_ERROR_DAMAGED, "It is damaged");
  g_autofree char *notice = NULL;
  g_autofree char *path = NULL;

  put (other, LW_SHELF_REQUESTS, "a/1", "a", "one");
  cache = lw_cache_replace (cache, error, &notice);
  g_assert_nonnull (notice);
  g_assert_cmpstr (lw_cache_get_path (cache), !=, lw_cache_get_path (other));
  put (other, LW_SHELF_REQUESTS, "a/2", "a", "two");
  g_assert_cmpint (put (cache, LW_SHELF_REQUESTS, "a/1", "a", "three"), ==, LW_CACHE_PUT_NEW);
  g_clear_pointer (&other, lw_cache_free);
  path = g_strdup (lw_cache_get_path (cache));
  lw_cache_free (cache);

  cache = open_quietly (dir);
  g_assert_cmpstr (lw_cache_get_path (cache), ==, path);
  g_assert_cmpint (put (cache, LW_SHELF_REQUESTS, "a/1", "a", "three"), ==, LW_CACHE_PUT_KNOWN);
  lw_cache_free (cache);
  lw_temp_dir_free (dir);
}

/* Many openings at once make one file. */
static gpointer
open_thread (gpointer data)
{
  return open_quietly (data);
}

static void
test_made_once (void)
{
  for (guint round = 0; round < 10; round++)
    {
      char *dir = lw_temp_dir_new ();
      GThread *threads[6];

      for (guint i = 0; i < G_N_ELEMENTS (threads); i++)
        threads[i] = g_thread_new ("open", open_thread, dir);
      for (guint i = 0; i < G_N_ELEMENTS (threads); i++)
        lw_cache_free (g_thread_join (threads[i]));
      g_assert_cmpuint (count (dir, "cache-"), ==, 1);
      g_assert_cmpuint (count (dir, ".new-"), ==, 0);
      lw_temp_dir_free (dir);
    }
}

/* --- what cannot be used ------------------------------------------------------------------------ */

static void
test_locked (void)
{
  char *dir = lw_temp_dir_new ();
  LwCache *cache = open_quietly (dir);
  g_autofree char *path = g_strdup (lw_cache_get_path (cache));
  g_autofree char *notice = NULL;
  g_autoptr (GError) error = NULL;
  sqlite3 *db = NULL;

  lw_cache_set_busy_timeout (20);
  lw_cache_free (cache);
  cache = open_quietly (dir); /* with the short wait */
  g_assert_cmpint (sqlite3_open (path, &db), ==, SQLITE_OK);
  g_assert_cmpint (sqlite3_exec (db, "BEGIN IMMEDIATE", NULL, NULL, NULL), ==, SQLITE_OK);
  g_assert_false (lw_cache_begin (cache, &error));
  g_assert_error (error, LW_CACHE_ERROR, LW_CACHE_ERROR_BUSY);
  sqlite3_exec (db, "ROLLBACK", NULL, NULL, NULL);
  lw_cache_free (cache);

  /* Held alone from the beginning. */
  sqlite3_exec (db, "PRAGMA locking_mode = EXCLUSIVE; BEGIN EXCLUSIVE", NULL, NULL, NULL);
  cache = lw_cache_open (dir, &notice);
  g_assert_null (lw_cache_get_path (cache));
  g_assert_nonnull (strstr (notice, "in use by another program"));
  g_assert_cmpint (put (cache, LW_SHELF_REQUESTS, "a/1", "a", "one"), ==, LW_CACHE_PUT_NEW);
  lw_cache_free (cache);
  sqlite3_close (db);
  lw_cache_set_busy_timeout (5000);
  g_assert_cmpuint (count (dir, "damaged-"), ==, 0);
  lw_temp_dir_free (dir);
}

static void
assert_in_memory (const char *dir)
{
  g_autofree char *notice = NULL;
  g_autoptr (LwCache) cache = lw_cache_open (dir, &notice);

  g_test_message ("%s", notice);
  g_assert_null (lw_cache_get_path (cache));
  g_assert_nonnull (strstr (notice, "No local copy"));
  g_assert_cmpint (put (cache, LW_SHELF_REQUESTS, "a/1", "a", "one"), ==, LW_CACHE_PUT_NEW);
}

static void
test_no_folder (void)
{
  char *dir = lw_temp_dir_new ();
  g_autofree char *file = g_build_filename (dir, "file", NULL);
  g_autofree char *below = g_build_filename (file, "cache", NULL);

  g_assert_true (g_file_set_contents (file, "x", 1, NULL));
  assert_in_memory (below);
  assert_in_memory ("/proc/leeway-cache");
  lw_temp_dir_free (dir);
}

static void
test_read_only (void)
{
  char *dir = lw_temp_dir_new ();
  LwCache *cache;

  if (geteuid () == 0)
    {
      g_test_skip ("root may write everywhere");
      lw_temp_dir_free (dir);
      return;
    }

  g_chmod (dir, 0500);
  assert_in_memory (dir);
  g_chmod (dir, 0700);
  cache = open_quietly (dir);
  fill (cache);
  g_chmod (lw_cache_get_path (cache), 0400);
  lw_cache_free (cache);
  g_chmod (dir, 0500);
  assert_in_memory (dir);
  g_chmod (dir, 0700);
  lw_temp_dir_free (dir);
}

/* In a process of its own, whose files may not grow: what it writes fails at some point. */
static int
fill_up (const char *dir)
{
  struct rlimit limit = { 300 * 1024, 300 * 1024 };
  g_autofree char *text = g_strnfill (8000, 'x');
  g_autoptr (GBytes) bytes = g_bytes_new (text, strlen (text));
  LwCache *cache = open_quietly (dir);
  g_autoptr (GError) error = NULL;
  g_autofree char *notice = NULL;

  signal (SIGXFSZ, SIG_IGN);
  setrlimit (RLIMIT_FSIZE, &limit);
  for (guint i = 0; i < 1000 && !error; i++)
    {
      g_autofree char *name = g_strdup_printf ("a/%u", i);
      g_autoptr (LwCacheObject) object = lw_cache_object_new (LW_SHELF_REQUESTS, name, bytes);
      LwCachePut result;
      gboolean done = lw_cache_begin (cache, &error);

      if (done)
        {
          done = lw_cache_put (cache, object, "a", &result, &error);
          lw_cache_end (cache, done, done ? &error : NULL);
        }
    }
  if (!g_error_matches (error, LW_CACHE_ERROR, LW_CACHE_ERROR_UNUSABLE))
    return 1;

  cache = lw_cache_replace (cache, error, &notice);
  if (lw_cache_get_path (cache) || !notice || !strstr (notice, "No local copy"))
    return 2;
  lw_cache_free (cache);

  return 0;
}

static void
test_disk_full (void)
{
  char *dir = lw_temp_dir_new ();
  pid_t child = fork ();
  int status;
  LwCache *cache;
  g_autoptr (GPtrArray) objects = NULL;

  if (child == 0)
    _exit (fill_up (dir));
  g_assert_cmpint (waitpid (child, &status, 0), ==, child);
  g_assert_true (WIFEXITED (status));
  g_assert_cmpint (WEXITSTATUS (status), ==, 0);

  /* Once there is room, it goes on with what was kept. */
  cache = open_quietly (dir);
  objects = lw_cache_get_objects (cache, "a", NULL);
  g_assert_nonnull (objects);
  g_assert_cmpuint (objects->len, >, 0);
  g_assert_true (lw_cache_check (cache, NULL));
  lw_cache_free (cache);
  lw_temp_dir_free (dir);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);

  g_test_add_func ("/cache/keeps", test_keeps);
  g_test_add_func ("/cache/rolls-back", test_rolls_back);
  g_test_add_func ("/cache/shared", test_shared);
  g_test_add_func ("/cache/migrates", test_migrates);
  g_test_add_func ("/cache/newer", test_newer);
  for (gsize i = 0; i < G_N_ELEMENTS (damages); i++)
    {
      g_autofree char *path = g_strconcat ("/cache/damage/", damages[i].name, NULL);

      g_test_add_data_func (path, GSIZE_TO_POINTER (i), test_damage);
    }
  g_test_add_func ("/cache/set-aside-while-open", test_set_aside_while_open);
  g_test_add_func ("/cache/made-once", test_made_once);
  g_test_add_func ("/cache/locked", test_locked);
  g_test_add_func ("/cache/no-folder", test_no_folder);
  g_test_add_func ("/cache/read-only", test_read_only);
  g_test_add_func ("/cache/disk-full", test_disk_full);

  return g_test_run ();
}
