/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Tasks: what is cancelled with what, and that nothing breaks whenever it happens. */

#include "lw-task.h"
#include "lw-test.h"

#define ROUNDS 3000

typedef struct
{
  DexPromise *gate;
  GCancellable *cancellable;
  int ended;
  int freed;
  gboolean was_cancelled;
  guint64 root;
} Probe;

static void
probe_clear (Probe *probe)
{
  dex_clear (&probe->gate);
  g_clear_object (&probe->cancellable);
}

static void
count_free (gpointer data)
{
  ((Probe *) data)->freed++;
}

static DexFuture *
waiting_fiber (gpointer data)
{
  Probe *probe = data;
  g_autoptr (GError) error = NULL;

  g_set_object (&probe->cancellable, lw_task_get_cancellable ());
  probe->root = lw_task_get_root ();
  dex_await (lw_gate (dex_ref (DEX_FUTURE (probe->gate))), &error);
  probe->was_cancelled = lw_wire_is_cancelled (error);
  probe->ended++;
  if (error != NULL)
    return dex_future_new_for_error (g_steal_pointer (&error));
  return dex_future_new_for_int (7);
}

static DexFuture *
outer_fiber (gpointer data)
{
  g_autoptr (GError) error = NULL;
  int number = dex_await_int (lw_spawn (waiting_fiber, data, NULL), &error);

  if (error != NULL)
    return dex_future_new_for_error (g_steal_pointer (&error));
  return dex_future_new_for_int (number + 1);
}

static gboolean
is_freed (gpointer data)
{
  return ((Probe *) data)->freed > 0;
}

static void
turn (guint turns)
{
  for (guint i = 0; i < turns; i++)
    g_main_context_iteration (NULL, FALSE);
}

static void
test_result (void)
{
  Probe probe = { .gate = dex_promise_new () };
  DexFuture *future = lw_spawn (outer_fiber, &probe, count_free);

  g_assert_null (lw_task_get_cancellable ());
  g_assert_cmpuint (lw_task_get_root (), ==, 0);
  turn (5);
  g_assert_nonnull (probe.cancellable);
  g_assert_cmpuint (probe.root, !=, 0);
  dex_promise_resolve_boolean (probe.gate, TRUE);
  lw_test_settle (future);
  g_assert_cmpint (g_value_get_int (dex_future_get_value (future, NULL)), ==, 8);
  g_assert_cmpint (probe.freed, ==, 1);
  g_assert_false (g_cancellable_is_cancelled (probe.cancellable));
  dex_unref (future);
  g_assert_false (g_cancellable_is_cancelled (probe.cancellable));
  probe_clear (&probe);
}

/* Dropping the outer task's future ends the inner one too. */
static void
test_dropped (void)
{
  Probe probe = { .gate = dex_promise_new () };
  DexFuture *future = lw_spawn (outer_fiber, &probe, count_free);

  turn (5);
  dex_unref (future);
  g_assert_true (g_cancellable_is_cancelled (probe.cancellable));
  lw_test_until (is_freed, &probe);
  g_assert_true (probe.was_cancelled);
  probe_clear (&probe);
}

static void
test_cancellable (void)
{
  Probe probe = { .gate = dex_promise_new () };
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();
  g_autoptr (GError) error = NULL;
  DexFuture *future = lw_spawn_cancellable (outer_fiber, &probe, count_free, cancellable);

  turn (5);
  g_cancellable_cancel (cancellable);
  dex_future_get_value (lw_test_settle (future), &error);
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
  dex_unref (future);
  g_clear_error (&error);
  probe_clear (&probe);

  /* Cancelled before it begins */
  probe = (Probe) { .gate = dex_promise_new () };
  future = lw_spawn_cancellable (outer_fiber, &probe, count_free, cancellable);
  dex_future_get_value (lw_test_settle (future), &error);
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
  dex_unref (future);
  probe_clear (&probe);
}

static DexFuture *
sharing_fiber (gpointer data)
{
  g_autoptr (GError) error = NULL;

  if (!dex_await (lw_gate (lw_spawn_detached (waiting_fiber, data, count_free)), &error))
    return dex_future_new_for_error (g_steal_pointer (&error));
  return dex_future_new_for_boolean (TRUE);
}

static void
test_detached (void)
{
  Probe probe = { .gate = dex_promise_new () };
  DexFuture *future = lw_spawn (sharing_fiber, &probe, NULL);

  turn (5);
  dex_unref (future);
  turn (5);
  g_assert_cmpint (probe.ended, ==, 0);
  dex_promise_resolve_boolean (probe.gate, TRUE);
  lw_test_until (is_freed, &probe);
  g_assert_false (probe.was_cancelled);
  probe_clear (&probe);
}

static DexFuture *
sleeping_fiber (gpointer data)
{
  Probe *probe = data;

  probe->was_cancelled = !lw_sleep (60000);
  probe->ended++;
  return NULL;
}

static void
test_sleep (void)
{
  Probe probe = { 0 };
  DexFuture *future = lw_spawn (sleeping_fiber, &probe, count_free);
  gint64 start = g_get_monotonic_time ();

  turn (3);
  dex_unref (future);
  lw_test_until (is_freed, &probe);
  g_assert_true (probe.was_cancelled);
  g_assert_cmpint (g_get_monotonic_time () - start, <, 10 * G_USEC_PER_SEC);
}

/* Which task runs is known however deep and however often it awaited others in between. */
static DexFuture *
rooted_fiber (gpointer data)
{
  guint64 root = lw_task_get_root ();
  GCancellable *cancellable = lw_task_get_cancellable ();

  g_assert_cmpuint (root, !=, 0);
  for (guint i = 0; i < 20; i++)
    {
      lw_sleep (g_random_int_range (0, 3));
      g_assert_cmpuint (lw_task_get_root (), ==, root);
      g_assert_true (lw_task_get_cancellable () == cancellable);
    }
  return dex_future_new_for_boolean (TRUE);
}

static DexFuture *
plain_fiber (gpointer data)
{
  for (guint i = 0; i < 20; i++)
    {
      g_assert_null (lw_task_get_cancellable ());
      dex_await (dex_timeout_new_msec (g_random_int_range (0, 3)), NULL);
    }
  return dex_future_new_for_boolean (TRUE);
}

static void
test_which (void)
{
  DexFuture *futures[120];

  for (guint i = 0; i < G_N_ELEMENTS (futures); i++)
    futures[i] = i % 3 == 0
                     ? dex_scheduler_spawn (NULL, i % 2 ? 0 : 512 * 1024, plain_fiber, NULL, NULL)
                     : lw_spawn (rooted_fiber, NULL, NULL);
  for (guint i = 0; i < G_N_ELEMENTS (futures); i++)
    g_assert_true (lw_test_boolean (futures[i], NULL));
}

/* What a cancelled fiber of libdex 0.10 does not survive: done and dropped in the same turn, in either
 * order, with more to await afterwards. */
static void
test_same_turn (void)
{
  g_autoptr (GRand) dice = g_rand_new_with_seed (20261122);
  int freed = 0;

  for (guint i = 0; i < ROUNDS; i++)
    {
      Probe probe = { .gate = dex_promise_new () };
      DexFuture *future = lw_spawn (outer_fiber, &probe, count_free);
      gboolean first = g_rand_boolean (dice);

      turn ((guint) g_rand_int_range (dice, 0, 6));
      if (first)
        dex_promise_resolve_boolean (probe.gate, TRUE);
      turn ((guint) g_rand_int_range (dice, 0, 3));
      dex_unref (future);
      if (!first)
        dex_promise_resolve_boolean (probe.gate, TRUE);
      lw_test_until (is_freed, &probe);
      freed += probe.freed;
      g_assert_cmpint (probe.ended, ==, 1);
      probe_clear (&probe);
    }
  g_assert_cmpint (freed, ==, ROUNDS);
}

/* A queue of fibers that was corrupted would turn for ever. */
static void
test_at_rest (void)
{
  guint turns = 0;

  while (turns < 1000 && g_main_context_iteration (NULL, FALSE))
    turns++;
  g_assert_cmpuint (turns, <, 1000);
}

int
main (int argc, char **argv)
{
  dex_init ();
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/task/result", test_result);
  g_test_add_func ("/task/dropped", test_dropped);
  g_test_add_func ("/task/cancellable", test_cancellable);
  g_test_add_func ("/task/detached", test_detached);
  g_test_add_func ("/task/sleep", test_sleep);
  g_test_add_func ("/task/which", test_which);
  g_test_add_func ("/task/same-turn", test_same_turn);
  g_test_add_func ("/task/at-rest", test_at_rest);
  return g_test_run ();
}
