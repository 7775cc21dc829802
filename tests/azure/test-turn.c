/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Turns between processes and between fibers. */

#include <gio/gio.h>
#include <glib/gstdio.h>
#include <signal.h>

#include "lw-task.h"
#include "lw-test.h"
#include "lw-turn.h"

#define CHILD   "LEEWAY_TEST_TURNS"
#define ROUNDS  50
#define PROCESS 4
#define WORKERS 3
#define LONG_MS 60000

/* Adds one to the number in a file, in two steps that another one could come between. */
static void
add_one (const char *path)
{
  g_autofree char *text = NULL;
  g_autofree char *more = NULL;

  g_assert_true (g_file_get_contents (path, &text, NULL, NULL));
  g_assert_true (lw_sleep (1));
  more = g_strdup_printf ("%u", (guint) g_ascii_strtoull (text, NULL, 10) + 1);
  g_assert_true (g_file_set_contents (path, more, -1, NULL));
}

static DexFuture *
count_fiber (gpointer data)
{
  for (guint i = 0; i < ROUNDS; i++)
    {
      g_autoptr (LwTurn) turn = lw_turn_take ("counting", LONG_MS);

      g_assert_nonnull (turn);
      add_one (data);
    }
  return dex_future_new_for_boolean (TRUE);
}

static void
count_in_child (const char *path)
{
  DexFuture *workers[WORKERS];

  for (guint i = 0; i < WORKERS; i++)
    workers[i] = lw_spawn (count_fiber, (gpointer) path, NULL);
  for (guint i = 0; i < WORKERS; i++)
    g_assert_true (lw_test_boolean (workers[i], NULL));
}

static GSubprocess *
start_child (const char *path)
{
  g_autofree char *program = g_file_read_link ("/proc/self/exe", NULL);
  g_autoptr (GSubprocessLauncher) launcher =
      g_subprocess_launcher_new (G_SUBPROCESS_FLAGS_STDOUT_SILENCE);
  GSubprocess *child;

  g_subprocess_launcher_setenv (launcher, CHILD, path, TRUE);
  child = g_subprocess_launcher_spawn (launcher, NULL, program, NULL);
  g_assert_nonnull (child);
  return child;
}

/* None of all that count comes between the steps of another. */
static void
test_one_at_a_time (void)
{
  g_autofree char *path = NULL;
  g_autofree char *text = NULL;
  GSubprocess *children[PROCESS];

  g_close (g_file_open_tmp ("leeway-turns-XXXXXX", &path, NULL), NULL);
  g_assert_true (g_file_set_contents (path, "0", -1, NULL));
  for (guint i = 0; i < PROCESS; i++)
    children[i] = start_child (path);
  for (guint i = 0; i < PROCESS; i++)
    {
      g_assert_true (g_subprocess_wait_check (children[i], NULL, NULL));
      g_object_unref (children[i]);
    }
  g_assert_true (g_file_get_contents (path, &text, NULL, NULL));
  g_assert_cmpuint (g_ascii_strtoull (text, NULL, 10), ==, PROCESS * WORKERS * ROUNDS);
  g_assert_cmpint (g_unlink (path), ==, 0);
}

static DexFuture *
hold_fiber (gpointer data)
{
  g_autoptr (LwTurn) turn = lw_turn_take ("held", LONG_MS);
  g_autoptr (LwTurn) again = lw_turn_take ("held", 20);
  g_autoptr (LwTurn) other = lw_turn_take ("another", 20);

  g_assert_nonnull (turn);
  g_assert_null (again);
  g_assert_nonnull (other);
  g_clear_pointer (&turn, lw_turn_free);
  again = lw_turn_take ("held", LONG_MS);
  g_assert_nonnull (again);
  return dex_future_new_for_boolean (TRUE);
}

/* Whoever has waited long enough goes without; other turns are free. */
static void
test_patience (void)
{
  g_assert_true (lw_test_boolean (lw_spawn (hold_fiber, NULL, NULL), NULL));
}

/* Takes it and never gives it back. */
static DexFuture *
keep_fiber (gpointer data)
{
  LwTurn *turn = lw_turn_take ("kept", LONG_MS);

  g_assert_nonnull (turn);
  g_assert_true (g_file_set_contents (data, "kept", -1, NULL));
  raise (SIGKILL);
  lw_turn_free (turn);
  return dex_future_new_for_boolean (TRUE);
}

static DexFuture *
after_fiber (gpointer data)
{
  g_autoptr (LwTurn) turn = lw_turn_take ("kept", LONG_MS);

  return dex_future_new_for_boolean (turn != NULL);
}

/* What a process that was killed had is free again. */
static void
test_killed (void)
{
  g_autofree char *path = g_build_filename (g_get_tmp_dir (), "leeway-kept-XXXXXX", NULL);
  g_autofree char *text = NULL;
  g_autoptr (GSubprocess) child = NULL;

  g_close (g_mkstemp (path), NULL);
  g_setenv ("LEEWAY_TEST_KEEP", "1", TRUE);
  child = start_child (path);
  g_unsetenv ("LEEWAY_TEST_KEEP");
  g_assert_true (g_subprocess_wait (child, NULL, NULL));
  g_assert_true (g_subprocess_get_if_signaled (child));
  g_assert_true (g_file_get_contents (path, &text, NULL, NULL));
  g_assert_cmpstr (text, ==, "kept");
  g_assert_true (lw_test_boolean (lw_spawn (after_fiber, NULL, NULL), NULL));
  g_assert_cmpint (g_unlink (path), ==, 0);
}

int
main (int argc, char **argv)
{
  const char *path = g_getenv (CHILD);

  dex_init ();
  g_test_init (&argc, &argv, NULL);
  if (path != NULL && g_getenv ("LEEWAY_TEST_KEEP") != NULL)
    lw_test_boolean (lw_spawn (keep_fiber, (gpointer) path, NULL), NULL);
  else if (path != NULL)
    count_in_child (path);
  if (path != NULL)
    return 0;
  g_test_add_func ("/turn/one-at-a-time", test_one_at_a_time);
  g_test_add_func ("/turn/patience", test_patience);
  g_test_add_func ("/turn/killed", test_killed);
  return g_test_run ();
}
