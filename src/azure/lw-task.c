/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "lw-task.h"

#include <gio/gio.h>
#include <stdint.h>

#define STACK_SIZE (128 * 1024) /* what libdex keeps a pool of */
#define GUARD_SIZE 4096

typedef struct
{
  DexFiberFunc func;
  gpointer data;
  GDestroyNotify destroy;

  DexPromise *promise; /* what the caller waits for */
  DexPromise *stopped; /* rejected when the task is cancelled, resolved never */
  GCancellable *cancellable;
  gulong own_handler;
  GCancellable *parent; /* nullable: of the task that began this one */
  gulong parent_handler;
  GCancellable *outer; /* nullable */
  gulong outer_handler;

  guint64 root;
  uintptr_t frame; /* where the fiber's stack begins */
} LwTask;

/*
 * Which task runs? libdex does not say, and whatever is kept in a variable is wrong as soon as a fiber
 * awaits something. But each fiber has a stack of its own, so the address of any local variable tells
 * them apart: it lies within a stack's size below the first frame of its fiber. The tasks are sorted by
 * that frame.
 */
static GPtrArray *running;

/* The number of tasks whose frame lies below @address. */
static guint
count_below (uintptr_t address)
{
  guint low = 0;
  guint high = running != NULL ? running->len : 0;

  while (low < high)
    {
      guint middle = low + (high - low) / 2;

      if (((LwTask *) g_ptr_array_index (running, middle))->frame < address)
        low = middle + 1;
      else
        high = middle;
    }
  return low;
}

static void
enter (LwTask *task, uintptr_t frame)
{
  task->frame = frame;
  if (running == NULL)
    running = g_ptr_array_new ();
  g_ptr_array_insert (running, (int) count_below (frame), task);
}

static void
leave (LwTask *task)
{
  g_ptr_array_remove_index (running, count_below (task->frame));
  if (running->len == 0)
    g_clear_pointer (&running, g_ptr_array_unref);
}

static G_NO_INLINE LwTask *
current_task (void)
{
  uintptr_t here = (uintptr_t) __builtin_frame_address (0);
  guint index = count_below (here);
  LwTask *task;

  if (running == NULL || index == running->len)
    return NULL;
  task = g_ptr_array_index (running, index);
  return task->frame - here < STACK_SIZE - GUARD_SIZE ? task : NULL;
}

static void
on_cancelled (GCancellable *cancellable, gpointer data)
{
  LwTask *task = data;

  dex_promise_reject (task->stopped, g_error_new_literal (G_IO_ERROR, G_IO_ERROR_CANCELLED,
                                                          "The work was cancelled"));
}

static void
pass_on (GCancellable *cancellable, gpointer data)
{
  g_cancellable_cancel (data);
}

static GCancellable *
follow (LwTask *task, GCancellable *other, gulong *handler)
{
  if (other == NULL)
    return NULL;
  *handler = g_cancellable_connect (other, G_CALLBACK (pass_on), g_object_ref (task->cancellable),
                                    g_object_unref);
  return g_object_ref (other);
}

static void
unfollow (GCancellable *other, gulong handler)
{
  if (other == NULL)
    return;
  g_cancellable_disconnect (other, handler);
  g_object_unref (other);
}

static void
settle (DexPromise *promise, DexFuture *result)
{
  g_autoptr (GError) error = NULL;
  const GValue *value = result != NULL ? dex_future_get_value (result, &error) : NULL;

  if (value != NULL)
    dex_promise_resolve (promise, value);
  else if (error != NULL)
    dex_promise_reject (promise, g_steal_pointer (&error));
  else
    dex_promise_reject (promise, g_error_new_literal (DEX_ERROR, DEX_ERROR_FIBER_EXITED,
                                                      "The fiber ended without a result"));
}

static DexFuture *
task_fiber (gpointer data)
{
  LwTask *task = data;
  g_autoptr (DexFuture) result = NULL;

  enter (task, (uintptr_t) __builtin_frame_address (0));
  result = task->func (task->data);
  if (result != NULL)
    {
      result = lw_gate (result);
      dex_await (dex_ref (result), NULL);
    }
  leave (task);
  if (task->destroy != NULL)
    task->destroy (g_steal_pointer (&task->data));
  g_cancellable_disconnect (task->cancellable, task->own_handler);
  unfollow (task->parent, task->parent_handler);
  unfollow (task->outer, task->outer_handler);
  settle (task->promise, result);
  return dex_future_new_for_boolean (TRUE);
}

static void
task_free (gpointer data)
{
  LwTask *task = data;

  dex_unref (task->promise);
  dex_unref (task->stopped);
  g_object_unref (task->cancellable);
  g_free (task);
}

static LwTask *
task_new (DexFiberFunc fiber, gpointer data, GDestroyNotify destroy, gboolean droppable)
{
  LwTask *task = g_new0 (LwTask, 1);

  task->func = fiber;
  task->data = data;
  task->destroy = destroy;
  task->promise = droppable ? dex_promise_new_cancellable () : dex_promise_new ();
  task->stopped = dex_promise_new ();
  task->cancellable =
      droppable ? g_object_ref (dex_promise_get_cancellable (task->promise)) : g_cancellable_new ();
  task->own_handler =
      g_cancellable_connect (task->cancellable, G_CALLBACK (on_cancelled), task, NULL);
  return task;
}

/* The scheduler holds the fiber to its end, so that nothing that is dropped here can reach it. */
static DexFuture *
begin (LwTask *task, const LwTask *parent)
{
  static guint64 roots;
  DexFuture *promise = dex_ref (DEX_FUTURE (task->promise));

  task->root = parent != NULL ? parent->root : ++roots;
  dex_unref (dex_scheduler_spawn (NULL, STACK_SIZE, task_fiber, task, task_free));
  return promise;
}

DexFuture *
lw_spawn_cancellable (DexFiberFunc fiber,
                      gpointer data,
                      GDestroyNotify destroy,
                      GCancellable *cancellable)
{
  LwTask *task = task_new (fiber, data, destroy, TRUE);
  LwTask *parent = current_task ();

  if (parent != NULL)
    task->parent = follow (task, parent->cancellable, &task->parent_handler);
  task->outer = follow (task, cancellable, &task->outer_handler);
  /* A promise alone is not told when it is dropped; a set that depends on it passes that on. */
  return dex_future_first (begin (task, parent), NULL);
}

DexFuture *
lw_spawn (DexFiberFunc fiber, gpointer data, GDestroyNotify destroy)
{
  return lw_spawn_cancellable (fiber, data, destroy, NULL);
}

DexFuture *
lw_spawn_detached (DexFiberFunc fiber, gpointer data, GDestroyNotify destroy)
{
  return begin (task_new (fiber, data, destroy, FALSE), NULL);
}

DexFuture *
lw_gate (DexFuture *future)
{
  LwTask *task = current_task ();

  if (task == NULL)
    return future;
  return dex_future_first (future, dex_ref (task->stopped), NULL);
}

GCancellable *
lw_task_get_cancellable (void)
{
  LwTask *task = current_task ();

  return task != NULL ? task->cancellable : NULL;
}

guint64
lw_task_get_root (void)
{
  LwTask *task = current_task ();

  return task != NULL ? task->root : 0;
}

gboolean
lw_sleep (guint milliseconds)
{
  g_autoptr (GError) error = NULL;

  dex_await (lw_gate (dex_timeout_new_msec ((int) MIN (milliseconds, (guint) G_MAXINT))), &error);
  return g_error_matches (error, DEX_ERROR, DEX_ERROR_TIMED_OUT);
}

gboolean
lw_wire_is_cancelled (const GError *error)
{
  return g_error_matches (error, DEX_ERROR, DEX_ERROR_FIBER_CANCELLED) ||
         g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
}
