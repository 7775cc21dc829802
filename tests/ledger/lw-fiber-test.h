/* SPDX-License-Identifier: GPL-3.0-or-later */

#pragma once

#include <libdex.h>

/*
 * Runs a test body on a fiber. The body asserts; it returns nothing. A deadline ends a test that hangs.
 */

typedef void (*LwFiberTest) (gconstpointer data);

typedef struct
{
  LwFiberTest test;
  gconstpointer data;
  GMainLoop *loop;
} LwFiberTestRun;

static inline DexFuture *
lw_fiber_test_fiber (gpointer data)
{
  LwFiberTestRun *run = data;

  run->test (run->data);
  g_main_loop_quit (run->loop);

  return dex_future_new_for_boolean (TRUE);
}

static inline gboolean
lw_fiber_test_too_late (gpointer data)
{
  g_error ("The test has not come to an end in time");
  return G_SOURCE_REMOVE;
}

static inline void
lw_fiber_test_run (LwFiberTest test, gconstpointer data)
{
  LwFiberTestRun run = { test, data, g_main_loop_new (NULL, FALSE) };
  const char *slowness = g_getenv ("LEEWAY_TEST_SLOWNESS");
  guint times = slowness ? (guint) CLAMP (g_ascii_strtoll (slowness, NULL, 10), 1, 100) : 1;
  guint deadline = g_timeout_add_seconds (120 * times, lw_fiber_test_too_late, NULL);

  dex_future_disown (dex_scheduler_spawn (NULL, 1024 * 1024, lw_fiber_test_fiber, &run, NULL));
  g_main_loop_run (run.loop);
  g_source_remove (deadline);
  while (g_main_context_iteration (NULL, FALSE))
    ;
  g_main_loop_unref (run.loop);
}

/* Awaits a future that must resolve, or must reject with an error. */
#define lw_assert_awaits(future)                                                                   \
  G_STMT_START                                                                                     \
  {                                                                                                \
    g_autoptr (GError) lw_error_ = NULL;                                                           \
    dex_await (future, &lw_error_);                                                                \
    g_assert_no_error (lw_error_);                                                                 \
  }                                                                                                \
  G_STMT_END
#define lw_assert_rejects(future, domain, code)                                                    \
  G_STMT_START                                                                                     \
  {                                                                                                \
    g_autoptr (GError) lw_error_ = NULL;                                                           \
    g_assert_false (dex_await (future, &lw_error_));                                               \
    g_assert_error (lw_error_, domain, code);                                                      \
    g_test_message ("%s", lw_error_->message);                                                     \
  }                                                                                                \
  G_STMT_END
