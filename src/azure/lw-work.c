/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "config.h"

#include "lw-work.h"

#define MAX_THREADS 4

typedef struct
{
  LwWorkFunc func;
  gpointer data;
  GDestroyNotify destroy;
  GType type;
  DexPromise *promise;
} Work;

static gpointer
do_work (const Work *self, GError **error)
{
  gpointer made = self->func (self->data, error);

  if (self->destroy != NULL)
    self->destroy (self->data);
  return made;
}

static void
run_work (gpointer data, gpointer user_data)
{
  Work *self = data;
  g_autoptr (GError) error = NULL;
  gpointer made = do_work (self, &error);

  if (made != NULL)
    dex_promise_resolve_boxed (self->promise, self->type, made);
  else
    dex_promise_reject (self->promise, g_steal_pointer (&error));
  dex_unref (self->promise);
  g_free (self);
}

static GThreadPool *
get_pool (void)
{
  static GThreadPool *pool;

  if (g_once_init_enter_pointer (&pool))
    g_once_init_leave_pointer (&pool, g_thread_pool_new (run_work, NULL, MAX_THREADS, FALSE, NULL));
  return pool;
}

DexFuture *
lw_work (LwWorkFunc func, gpointer data, GDestroyNotify destroy, GType type, gboolean here)
{
  const Work now = { .func = func, .data = data, .destroy = destroy, .type = type };
  DexPromise *promise;
  Work *work;

  if (here)
    {
      g_autoptr (GError) error = NULL;
      gpointer made = do_work (&now, &error);

      return made != NULL ? dex_future_new_take_boxed (type, made)
                          : dex_future_new_for_error (g_steal_pointer (&error));
    }
  work = g_new (Work, 1);
  *work = now;
  promise = dex_promise_new ();
  work->promise = dex_ref (promise);
  g_thread_pool_push (get_pool (), work, NULL);
  return DEX_FUTURE (promise);
}
