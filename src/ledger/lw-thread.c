/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "lw-thread.h"

#define MAX_THREADS 8

typedef struct
{
  LwThreadFunc func;
  gpointer data;
  GDestroyNotify data_destroy;
  DexPromise *promise;
} Job;

struct _LwSerial
{
  GThreadPool *pool;
};

/* The queue whose thread this is. */
static GPrivate current_serial;

/* What was pushed and is not done. */
static GMutex jobs_lock;
static GCond jobs_cond;
static guint jobs;

static void
count_job (void)
{
  g_mutex_lock (&jobs_lock);
  jobs++;
  g_mutex_unlock (&jobs_lock);
}

static void
job_is_done (void)
{
  g_mutex_lock (&jobs_lock);
  if (--jobs == 0)
    g_cond_broadcast (&jobs_cond);
  g_mutex_unlock (&jobs_lock);
}

gboolean
lw_thread_wait_for_all (guint milliseconds)
{
  gint64 end = g_get_monotonic_time () + (gint64) milliseconds * 1000;
  gboolean done;

  g_mutex_lock (&jobs_lock);
  while (jobs > 0 && g_cond_wait_until (&jobs_cond, &jobs_lock, end))
    ;
  done = jobs == 0;
  g_mutex_unlock (&jobs_lock);

  return done;
}

static void
run_job (gpointer data, gpointer user_data)
{
  g_autofree Job *job = data;
  g_autoptr (DexFuture) result = job->func (job->data);
  g_autoptr (GError) error = NULL;
  const GValue *value;

  g_private_set (&current_serial, user_data);

  if (job->data_destroy)
    job->data_destroy (job->data);

  if ((value = dex_future_get_value (result, &error)))
    dex_promise_resolve (job->promise, value);
  else
    dex_promise_reject (job->promise, g_steal_pointer (&error));

  dex_unref (job->promise);
  job_is_done ();
}

static DexFuture *
push_job (GThreadPool *pool, LwThreadFunc func, gpointer data, GDestroyNotify data_destroy)
{
  DexPromise *promise = dex_promise_new ();
  Job *job = g_new0 (Job, 1);

  job->func = func;
  job->data = data;
  job->data_destroy = data_destroy;
  job->promise = dex_ref (promise);

  count_job ();
  /* A failure to start one more thread leaves the job queued for those that run. */
  g_thread_pool_push (pool, job, NULL);

  return DEX_FUTURE (promise);
}

DexFuture *
lw_thread_spawn (LwThreadFunc func, gpointer data, GDestroyNotify data_destroy)
{
  static gsize once;
  static GThreadPool *pool;

  g_return_val_if_fail (func != NULL, NULL);

  if (g_once_init_enter (&once))
    {
      pool = g_thread_pool_new (run_job, NULL, MAX_THREADS, FALSE, NULL);
      g_once_init_leave (&once, 1);
    }

  return push_job (pool, func, data, data_destroy);
}

/* --- computing ---------------------------------------------------------------------------------- */

typedef struct
{
  LwThreadEachFunc func;
  gpointer data;
  guint n;
  guint next; /* atomic */
  guint done; /* under the lock */
  GMutex lock;
  GCond cond;
} Each;

static void
each_clear (gpointer data)
{
  Each *each = data;

  g_mutex_clear (&each->lock);
  g_cond_clear (&each->cond);
}

/* @data: (transfer full) */
static void
run_each (gpointer data, gpointer user_data)
{
  Each *each = data;
  guint done = 0;
  guint i;

  while ((i = g_atomic_int_add (&each->next, 1)) < each->n)
    {
      each->func (i, each->data);
      done++;
    }

  g_mutex_lock (&each->lock);
  each->done += done;
  g_cond_signal (&each->cond);
  g_mutex_unlock (&each->lock);
  g_atomic_rc_box_release_full (each, each_clear);
}

void
lw_thread_each (guint n, LwThreadEachFunc func, gpointer data)
{
  static gsize once;
  static GThreadPool *pool;
  guint helpers = MIN (CLAMP (g_get_num_processors (), 1, MAX_THREADS), n);
  Each *each;

  g_return_if_fail (func != NULL);

  if (g_once_init_enter (&once))
    {
      pool = g_thread_pool_new (run_each, NULL, MAX_THREADS, FALSE, NULL);
      g_once_init_leave (&once, 1);
    }

  each = g_atomic_rc_box_new0 (Each);
  each->func = func;
  each->data = data;
  each->n = n;
  g_mutex_init (&each->lock);
  g_cond_init (&each->cond);

  /* This thread does its part. One that starts when all is done finds nothing left. */
  for (guint i = 1; i < helpers; i++)
    g_thread_pool_push (pool, g_atomic_rc_box_acquire (each), NULL);
  run_each (g_atomic_rc_box_acquire (each), NULL);
  g_mutex_lock (&each->lock);
  while (each->done < n)
    g_cond_wait (&each->cond, &each->lock);
  g_mutex_unlock (&each->lock);
  g_atomic_rc_box_release_full (each, each_clear);
}

/* --- one after the other ------------------------------------------------------------------------ */

LwSerial *
lw_serial_new (void)
{
  LwSerial *self = g_new0 (LwSerial, 1);

  self->pool = g_thread_pool_new (run_job, self, 1, FALSE, NULL);

  return self;
}

void
lw_serial_free (LwSerial *self)
{
  if (!self)
    return;

  /* Its own thread cannot wait for itself; the pool then goes away when the queue is empty. */
  g_thread_pool_free (self->pool, FALSE, g_private_get (&current_serial) != self);
  g_free (self);
}

DexFuture *
lw_serial_push (LwSerial *self, LwThreadFunc func, gpointer data, GDestroyNotify data_destroy)
{
  g_return_val_if_fail (self != NULL, NULL);
  g_return_val_if_fail (func != NULL, NULL);

  return push_job (self->pool, func, data, data_destroy);
}
