/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "lw-drafts.h"
#include "lw-fiber-test.h"
#include "lw-json.h"
#include "lw-temp-dir.h"

#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#define OID "11111111-1111-4111-8111-111111111111"
#define ONE "01930000-0000-7000-8000-000000000001"
#define TWO "01930000-0000-7000-8000-000000000002"

static LwDrafts *
open_drafts (const char *oid)
{
  const char *json =
      "{\"tenant\":\"contoso.example\",\"clientId\":\"54af7088-cfad-57d1-b6bc-09e9c5031091\","
      "\"ledger\":\"/srv/leeway\"}";
  g_autoptr (GBytes) bytes = g_bytes_new_static (json, strlen (json));
  g_autoptr (GError) error = NULL;
  g_autoptr (LwProfile) profile = lw_profile_from_json (bytes, &error);

  g_assert_no_error (error);

  return lw_drafts_new (profile, oid);
}

static LwRequest *
draft (const char *id, const char *title)
{
  LwRequest *request = lw_request_new (id);

  g_set_str (&request->title, title);

  return request;
}

static GPtrArray *
list (LwDrafts *drafts)
{
  g_autoptr (GError) error = NULL;
  GPtrArray *requests = dex_await_boxed (lw_drafts_list (drafts), &error);

  g_assert_no_error (error);

  return requests;
}

static void
assert_titles (LwDrafts *drafts, const char *expected)
{
  g_autoptr (GPtrArray) requests = list (drafts);
  g_autoptr (GString) titles = g_string_new (NULL);

  for (guint i = 0; i < requests->len; i++)
    {
      LwRequest *request = g_ptr_array_index (requests, i);

      g_string_append_printf (titles, "%s%s", i > 0 ? "|" : "", request->title);
    }
  g_assert_cmpstr (titles->str, ==, expected);
}

static guint
mode_of (const char *path)
{
  GStatBuf info;

  g_assert_cmpint (g_stat (path, &info), ==, 0);

  return info.st_mode & 0777;
}

static void
saved_and_listed (gconstpointer data)
{
  g_autoptr (LwDrafts) drafts = open_drafts (OID);
  g_autoptr (LwDrafts) again = open_drafts (OID);
  g_autoptr (LwDrafts) other = open_drafts ("22222222-2222-4222-8222-222222222222");
  g_autoptr (LwRequest) one = draft (ONE, "One");
  g_autoptr (LwRequest) two = draft (TWO, "Two");
  g_autofree char *file = g_build_filename (lw_drafts_get_folder (drafts), ONE ".json", NULL);
  struct timespec past[2] = { { 1000, 0 }, { 1000, 0 } };

  assert_titles (drafts, "");
  lw_assert_awaits (lw_drafts_save (drafts, one));
  lw_assert_awaits (lw_drafts_save (drafts, two));
  g_assert_cmpuint (mode_of (file), ==, 0600);
  g_assert_cmpuint (mode_of (lw_drafts_get_folder (drafts)), ==, 0700);

  /* Newest first, whoever opens them later; nobody else's. */
  utimensat (AT_FDCWD, file, past, 0);
  assert_titles (again, "Two|One");
  assert_titles (other, "");

  lw_assert_awaits (lw_drafts_remove (drafts, TWO));
  lw_assert_awaits (lw_drafts_remove (drafts, TWO));
  assert_titles (drafts, "One");
}

/* Typing saves faster than a disk writes: the last state is what stays, and each future settles only
 * when its state or a newer one is on disk. */
static void
overtaken_saves (gconstpointer data)
{
  g_autoptr (LwDrafts) drafts = open_drafts (OID);
  g_autoptr (LwRequest) one = draft (ONE, "");
  g_autoptr (GPtrArray) futures = g_ptr_array_new_with_free_func (dex_unref);
  g_autofree char *file = g_build_filename (lw_drafts_get_folder (drafts), ONE ".json", NULL);

  for (guint i = 1; i <= 300; i++)
    {
      g_autofree char *title = g_strdup_printf ("%u", i);

      g_set_str (&one->title, title);
      g_ptr_array_add (futures, lw_drafts_save (drafts, one));
    }

  for (guint i = 0; i < futures->len; i++)
    {
      g_autofree char *text = NULL;
      g_autoptr (LwRequest) stored = NULL;
      g_autoptr (GBytes) bytes = NULL;

      lw_assert_awaits (dex_ref (g_ptr_array_index (futures, i)));
      g_assert_true (g_file_get_contents (file, &text, NULL, NULL));
      bytes = g_bytes_new (text, strlen (text));
      stored = lw_request_from_bytes (bytes, NULL);
      g_assert_nonnull (stored);
      g_assert_cmpint (atoi (stored->title), >=, i + 1);
    }
  assert_titles (drafts, "300");

  /* The order of saving and removing is that of the calls. */
  dex_future_disown (lw_drafts_remove (drafts, ONE));
  g_set_str (&one->title, "kept");
  dex_future_disown (lw_drafts_save (drafts, one));
  assert_titles (drafts, "kept");
  dex_future_disown (lw_drafts_save (drafts, one));
  dex_future_disown (lw_drafts_remove (drafts, ONE));
  assert_titles (drafts, "");
}

static void
unreadable_is_left_alone (gconstpointer data)
{
  static const struct
  {
    const char *name;
    const char *text;
  } files[] = {
    { ONE ".json", "{\"version\":1,\"id\":\"" ONE "\",\"title\":\"Good\"}" },
    { TWO ".json", "{\"version\":1,\"id\":\"" ONE "\",\"title\":\"Misplaced\"}" },
    { "torn.json", "{\"version\":1,\"id\":" },
    { "html.json", "<html></html>" },
    { "newer.json", "{\"version\":9}" },
    { "notes.txt", "not mine" },
    { ".hidden.json", "half" },
  };
  g_autoptr (LwDrafts) drafts = open_drafts (OID);
  g_autoptr (GPtrArray) requests = NULL;

  g_mkdir_with_parents (lw_drafts_get_folder (drafts), 0700);
  for (gsize i = 0; i < G_N_ELEMENTS (files); i++)
    {
      g_autofree char *path = g_build_filename (lw_drafts_get_folder (drafts), files[i].name, NULL);

      g_assert_true (g_file_set_contents (path, files[i].text, -1, NULL));
    }

  assert_titles (drafts, "Good");
  g_assert_cmpuint (g_strv_length ((GStrv) lw_drafts_get_problems (drafts)), ==, 4);
  for (gsize i = 0; i < G_N_ELEMENTS (files); i++)
    {
      g_autofree char *path = g_build_filename (lw_drafts_get_folder (drafts), files[i].name, NULL);
      g_autofree char *text = NULL;

      g_assert_true (g_file_get_contents (path, &text, NULL, NULL));
      g_assert_cmpstr (text, ==, files[i].text);
    }
}

static void
failures_are_said (gconstpointer data)
{
  g_autoptr (LwDrafts) drafts = open_drafts (OID);
  g_autoptr (LwRequest) one = draft (ONE, "One");
  g_autoptr (LwRequest) odd = draft ("../../escape", "Odd");
  g_autofree char *parent = g_path_get_dirname (lw_drafts_get_folder (drafts));

  lw_assert_rejects (lw_drafts_save (drafts, odd), G_IO_ERROR, G_IO_ERROR_INVALID_FILENAME);
  lw_assert_rejects (lw_drafts_remove (drafts, "../x"), G_IO_ERROR, G_IO_ERROR_INVALID_FILENAME);

  /* A file where the folder should be. */
  g_mkdir_with_parents (parent, 0700);
  g_assert_true (g_file_set_contents (lw_drafts_get_folder (drafts), "x", -1, NULL));
  lw_assert_rejects (lw_drafts_save (drafts, one), G_IO_ERROR, G_IO_ERROR_NOT_DIRECTORY);

  /* What could not be saved is saved once it can be. */
  g_remove (lw_drafts_get_folder (drafts));
  lw_assert_awaits (lw_drafts_save (drafts, one));
  assert_titles (drafts, "One");
}

static void
clear (void)
{
  g_autofree char *all = g_build_filename (g_get_user_data_dir (), "leeway", NULL);

  lw_temp_dir_remove (all);
}

static void
run_test (gconstpointer data)
{
  dex_init ();
  clear ();
  lw_fiber_test_run ((LwFiberTest) data, NULL);
}

/* The child saves until it is killed; what it leaves is a whole draft. */
G_NORETURN static void
save_forever (gconstpointer data)
{
  int fd = GPOINTER_TO_INT (data);
  g_autoptr (LwDrafts) drafts = open_drafts (OID);
  g_autofree char *filling = g_strnfill (100000, 'x');

  for (;;)
    {
      g_autoptr (LwRequest) one = draft (ONE, filling);

      lw_assert_awaits (lw_drafts_save (drafts, one));
      if (write (fd, "x", 1) != 1)
        _exit (1);
    }
}

static void
whole_after_kill (gconstpointer data)
{
  g_autoptr (LwDrafts) drafts = open_drafts (OID);
  g_autoptr (GPtrArray) requests = list (drafts);

  g_assert_cmpuint (requests->len, ==, 1);
  g_assert_cmpuint (strlen (((LwRequest *) g_ptr_array_index (requests, 0))->title), ==, 100000);
  g_assert_cmpuint (g_strv_length ((GStrv) lw_drafts_get_problems (drafts)), ==, 0);
}

static void
kill_one_saver (void)
{
  int fds[2];
  pid_t child;
  char byte;

  clear ();
  g_assert_cmpint (pipe (fds), ==, 0);
  if ((child = fork ()) == 0)
    {
      dex_init ();
      lw_fiber_test_run (save_forever, GINT_TO_POINTER (fds[1]));
      _exit (0);
    }
  close (fds[1]);
  g_assert_cmpint (read (fds[0], &byte, 1), ==, 1);
  g_usleep (g_test_rand_int_range (0, 20000));
  kill (child, SIGKILL);
  waitpid (child, NULL, 0);
  close (fds[0]);
}

static void
test_killed_saver (void)
{
  /* Each run in a child: forking needs a process without threads. */
  for (guint i = 0; i < 5; i++)
    {
      int status;
      pid_t checker;

      kill_one_saver ();
      if ((checker = fork ()) == 0)
        {
          dex_init ();
          lw_fiber_test_run (whole_after_kill, NULL);
          _exit (0);
        }
      waitpid (checker, &status, 0);
      g_assert_cmpint (status, ==, 0);
    }
}

int
main (int argc, char **argv)
{
  char *dir = lw_temp_dir_new ();
  int result;

  g_setenv ("XDG_DATA_HOME", dir, TRUE);
  g_test_init (&argc, &argv, NULL);

  g_test_add_func ("/drafts/killed-saver", test_killed_saver);
  g_test_add_data_func ("/drafts/saved-and-listed", saved_and_listed, run_test);
  g_test_add_data_func ("/drafts/overtaken", overtaken_saves, run_test);
  g_test_add_data_func ("/drafts/unreadable", unreadable_is_left_alone, run_test);
  g_test_add_data_func ("/drafts/failures", failures_are_said, run_test);

  result = g_test_run ();
  lw_temp_dir_free (dir);

  return result;
}
