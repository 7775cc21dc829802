/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "lw-folder.h"
#include "lw-ledger.h"
#include "lw-store-suite.h"
#include "lw-temp-dir.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

static char *
write_file (const char *dir, const char *name, const char *text)
{
  char *path = g_build_filename (dir, name, NULL);
  g_autofree char *parent = g_path_get_dirname (path);

  g_assert_cmpint (g_mkdir_with_parents (parent, 0755), ==, 0);
  g_assert_true (g_file_set_contents (path, text, -1, NULL));

  return path;
}

static void
strays_are_no_objects (gconstpointer data)
{
  char *dir = lw_temp_dir_new ();
  g_autoptr (LwStore) store = lw_folder_store_new (dir, NULL);
  g_autofree char *temporary = NULL;
  g_autofree char *spaces = NULL;
  g_autofree char *fifo = g_build_filename (dir, "requests", "a", "fifo", NULL);
  g_autofree char *link = g_build_filename (dir, "requests", "a", "link", NULL);
  g_autofree char *outside = NULL;
  g_autoptr (LwListing) listing = NULL;

  suite_put (store, LW_SHELF_REQUESTS, "a/000001.json", "one");
  temporary = write_file (dir, "requests/a/.lw-77-half", "hal");
  spaces = write_file (dir, "requests/a/a copy.json", "x");
  outside = write_file (dir, "secret", "secret");
  g_assert_cmpint (mkfifo (fifo, 0600), ==, 0);
  g_assert_cmpint (symlink (outside, link), ==, 0);

  suite_assert_lists (store, LW_SHELF_REQUESTS, "", "a/000001.json");
  listing = dex_await_boxed (lw_store_survey (store, LW_SHELF_REQUESTS, ""), NULL);
  g_assert_cmpuint (listing->objects->len, ==, 4);
  for (guint i = 0; i < 4; i++)
    {
      const LwListed *listed = lw_listing_get (listing, i);

      g_assert_cmpint (listed->stray, !=, g_str_equal (listed->name, "a/000001.json"));
    }
  lw_assert_rejects (lw_store_get (store, LW_SHELF_REQUESTS, "a/link"), LW_LEDGER_ERROR,
                     LW_LEDGER_ERROR_BROKEN);
  lw_assert_rejects (lw_store_get (store, LW_SHELF_REQUESTS, "a/fifo"), LW_LEDGER_ERROR,
                     LW_LEDGER_ERROR_BROKEN);
  lw_temp_dir_free (dir);
}

/* Even where its size and time are as they were. */
static void
rewriting_shows (gconstpointer data)
{
  char *dir = lw_temp_dir_new ();
  g_autoptr (LwStore) store = lw_folder_store_new (dir, NULL);
  g_autofree char *path = g_build_filename (dir, "requests", "a", "000001.json", NULL);
  g_autoptr (LwListing) before = NULL;
  g_autoptr (LwListing) after = NULL;
  struct stat info;
  struct timespec times[2];

  suite_put (store, LW_SHELF_REQUESTS, "a/000001.json", "one");
  before = dex_await_boxed (lw_store_survey (store, LW_SHELF_REQUESTS, ""), NULL);
  g_assert_cmpint (stat (path, &info), ==, 0);
  g_assert_cmpint (g_chmod (path, 0644), ==, 0);
  g_assert_true (g_file_set_contents_full (path, "two", 3, G_FILE_SET_CONTENTS_NONE, 0444, NULL));
  times[0] = info.st_atim;
  times[1] = info.st_mtim;
  g_assert_cmpint (utimensat (AT_FDCWD, path, times, 0), ==, 0);
  after = dex_await_boxed (lw_store_survey (store, LW_SHELF_REQUESTS, ""), NULL);
  g_assert_cmpuint (lw_listing_get (before, 0)->stamp, !=, lw_listing_get (after, 0)->stamp);
  lw_temp_dir_free (dir);
}

static void
missing_folder_is_said (gconstpointer data)
{
  char *dir = lw_temp_dir_new ();
  g_autofree char *below = g_build_filename (dir, "not", "there", NULL);
  g_autofree char *fresh = g_build_filename (dir, "fresh", NULL);
  g_autofree char *file = write_file (dir, "file", "x");
  g_autoptr (LwStore) store = lw_folder_store_new (below, NULL);
  g_autoptr (LwStore) made = lw_folder_store_new (fresh, NULL);
  g_autoptr (LwStore) no_folder = lw_folder_store_new (file, NULL);
  g_autofree char *moved = g_build_filename (dir, "moved", NULL);
  g_autoptr (GError) error = NULL;

  lw_assert_rejects (lw_store_list (store, LW_SHELF_REQUESTS, ""), LW_LEDGER_ERROR,
                     LW_LEDGER_ERROR_UNREACHABLE);
  lw_assert_rejects (lw_store_list (no_folder, LW_SHELF_REQUESTS, ""), LW_LEDGER_ERROR,
                     LW_LEDGER_ERROR_BROKEN);
  suite_put (made, LW_SHELF_RULES, "000001.json", "x");

  /* A share that goes away does not come back as an empty folder. */
  g_assert_cmpint (g_rename (fresh, moved), ==, 0);
  lw_assert_rejects (lw_store_list (made, LW_SHELF_RULES, ""), LW_LEDGER_ERROR,
                     LW_LEDGER_ERROR_UNREACHABLE);
  g_assert_false (g_file_test (fresh, G_FILE_TEST_EXISTS));

  g_assert_null (lw_folder_store_new ("relative/path", &error));
  g_assert_error (error, LW_LEDGER_ERROR, LW_LEDGER_ERROR_UNSUPPORTED);
  lw_temp_dir_free (dir);
}

/* A limit on the size of files stands for a full disk: the write fails half-way. */
static void
failed_write_leaves_nothing (gconstpointer data)
{
  char *dir = lw_temp_dir_new ();
  g_autoptr (LwStore) store = lw_folder_store_new (dir, NULL);
  g_autofree char *large = g_strnfill (100 * 1024, 'x');
  g_autoptr (GBytes) bytes = suite_bytes (large);
  g_autofree char *folder = g_build_filename (dir, "requests", "a", NULL);
  struct rlimit before;
  struct rlimit small;
  g_autoptr (GDir) entries = NULL;

  signal (SIGXFSZ, SIG_IGN);
  getrlimit (RLIMIT_FSIZE, &before);
  small = before;
  small.rlim_cur = 4096;
  setrlimit (RLIMIT_FSIZE, &small);
  lw_assert_rejects (lw_store_put_new (store, LW_SHELF_REQUESTS, "a/000001.json", bytes),
                     LW_LEDGER_ERROR, LW_LEDGER_ERROR_REFUSED);
  setrlimit (RLIMIT_FSIZE, &before);

  entries = g_dir_open (folder, 0, NULL);
  g_assert_null (g_dir_read_name (entries));
  lw_temp_dir_free (dir);
}

static void
missing_rights_are_said (gconstpointer data)
{
  char *dir = lw_temp_dir_new ();
  g_autoptr (LwStore) store = lw_folder_store_new (dir, NULL);
  g_autoptr (GBytes) bytes = suite_bytes ("x");
  g_autofree char *shelf = g_build_filename (dir, "seals", NULL);

  if (geteuid () == 0)
    {
      g_test_skip ("root may write everywhere");
      lw_temp_dir_free (dir);
      return;
    }

  suite_assert_lists (store, LW_SHELF_SEALS, "", "");
  g_chmod (shelf, 0555);
  lw_assert_rejects (lw_store_put_new (store, LW_SHELF_SEALS, "a/b.json", bytes), LW_LEDGER_ERROR,
                     LW_LEDGER_ERROR_REFUSED);
  g_chmod (shelf, 0755);
  lw_temp_dir_free (dir);
}

#define FIBER_TEST(func)                                                                           \
  static void test_##func (void) { lw_fiber_test_run (func, NULL); }

FIBER_TEST (strays_are_no_objects)
FIBER_TEST (rewriting_shows)
FIBER_TEST (missing_folder_is_said)
FIBER_TEST (failed_write_leaves_nothing)
FIBER_TEST (missing_rights_are_said)

/* Puts objects one after the other until it is killed; tells the parent of each that is done. */
G_NORETURN static void
write_until_killed (const char *dir, int pipe_fd)
{
  g_autofree char *text = g_strnfill (64 * 1024, 'x');
  g_autoptr (GBytes) bytes = g_bytes_new (text, strlen (text));

  for (guint i = 1; i < 100000; i++)
    {
      g_autofree char *path = g_strdup_printf ("requests/a/%06u.json", i);

      if (!lw_folder_put_new (dir, path, bytes, NULL) || write (pipe_fd, "x", 1) != 1)
        _exit (1);
    }
  _exit (0);
}

static guint
kill_writer (const char *dir, guint after)
{
  int fds[2];
  pid_t child;
  char byte;
  guint done = 0;

  g_assert_cmpint (pipe (fds), ==, 0);
  if ((child = fork ()) == 0)
    write_until_killed (dir, fds[1]);
  close (fds[1]);

  while (done < after && read (fds[0], &byte, 1) == 1)
    done++;
  g_usleep (g_test_rand_int_range (0, 400));
  kill (child, SIGKILL);
  while (read (fds[0], &byte, 1) == 1)
    done++;
  close (fds[0]);
  g_assert_cmpint (waitpid (child, NULL, 0), ==, child);

  return done;
}

static void
test_killed_writer (void)
{
  for (guint run = 0; run < 20; run++)
    {
      char *dir = lw_temp_dir_new ();
      g_autoptr (GError) error = NULL;
      g_auto (GStrv) names = NULL;
      guint done;

      g_assert_true (lw_folder_prepare (dir, &error));
      done = kill_writer (dir, run % 7 + 1);
      names = lw_folder_list (dir, "requests", "", &error);
      g_assert_no_error (error);

      /* What was reported is there; at most one more is, of which the report was cut off. */
      g_assert_cmpuint (g_strv_length (names), >=, done);
      g_assert_cmpuint (g_strv_length (names), <=, done + 1);
      for (gsize i = 0; names[i]; i++)
        {
          g_autofree char *path = g_strconcat ("requests/", names[i], NULL);
          g_autoptr (GBytes) bytes = lw_folder_get (dir, path, &error);

          g_assert_no_error (error);
          g_assert_cmpuint (g_bytes_get_size (bytes), ==, 64 * 1024);
        }
      lw_temp_dir_free (dir);
    }
}

/* Several processes put the same names at once. */
static void
test_processes_race (void)
{
  const guint n_processes = 4;
  const guint n_names = 100;
  char *dir = lw_temp_dir_new ();
  guint wins = 0;

  g_assert_true (lw_folder_prepare (dir, NULL));
  for (guint p = 0; p < n_processes; p++)
    {
      if (fork () == 0)
        {
          g_autoptr (GBytes) bytes = g_bytes_new (&p, sizeof p);
          int won = 0;

          for (guint i = 1; i <= n_names; i++)
            {
              g_autofree char *path = g_strdup_printf ("requests/a/%06u.json", i);
              g_autoptr (GError) error = NULL;

              if (lw_folder_put_new (dir, path, bytes, &error))
                won++;
              else if (!g_error_matches (error, LW_LEDGER_ERROR, LW_LEDGER_ERROR_TAKEN))
                _exit (255);
            }
          _exit (won);
        }
    }

  for (guint p = 0; p < n_processes; p++)
    {
      int status;

      g_assert_cmpint (wait (&status), >, 0);
      g_assert_true (WIFEXITED (status));
      g_assert_cmpint (WEXITSTATUS (status), !=, 255);
      wins += WEXITSTATUS (status);
    }
  g_assert_cmpuint (wins, ==, n_names);
  lw_temp_dir_free (dir);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  dex_init ();

  /* These fork: before there are threads. */
  g_test_add_func ("/folder/killed-writer", test_killed_writer);
  g_test_add_func ("/folder/processes-race", test_processes_race);

  g_test_add_func ("/folder/strays", test_strays_are_no_objects);
  g_test_add_func ("/folder/rewriting", test_rewriting_shows);
  g_test_add_func ("/folder/missing", test_missing_folder_is_said);
  g_test_add_func ("/folder/failed-write", test_failed_write_leaves_nothing);
  g_test_add_func ("/folder/rights", test_missing_rights_are_said);

  return g_test_run ();
}
