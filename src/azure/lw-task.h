/* SPDX-License-Identifier: GPL-3.0-or-later */

#pragma once

#include <libdex.h>

G_BEGIN_DECLS

/*
 * Work on fibers that can be cancelled.
 *
 * A fiber of libdex 0.10 must never be cancelled: where what it awaits is done in the same turn of the
 * main loop, the queue of fibers is corrupted. So a task's fiber always runs to its end; what cancelling
 * does is to wake what the fiber awaits with %G_IO_ERROR_CANCELLED, so that it unwinds by itself.
 *
 * Tasks form a tree: what is begun with lw_spawn() on the fiber of a task is cancelled with that task.
 * A task is cancelled where the future that lw_spawn() returned is dropped before it is settled.
 *
 * All of it belongs to one thread, that of the main loop.
 */

/**
 * lw_spawn:
 * @fiber: (scope async): as of dex_scheduler_spawn(), with a stack of 128 KiB
 * @data: (nullable): passed to @fiber
 * @destroy: (nullable): frees @data when the fiber has ended
 *
 * Begins a task. It is cancelled when the returned future is dropped, and with the task on whose fiber
 * this is called, if any.
 *
 * Returns: (transfer full): settles as @fiber says, once it has ended
 */
DexFuture *lw_spawn (DexFiberFunc fiber, gpointer data, GDestroyNotify destroy);

/* The same, cancelled by @cancellable (nullable) too. */
DexFuture *lw_spawn_cancellable (DexFiberFunc fiber,
                                 gpointer data,
                                 GDestroyNotify destroy,
                                 GCancellable *cancellable);

/* The same for work that several callers share: neither dropping the future nor the end of the task on
 * whose fiber this is called cancels it. */
DexFuture *lw_spawn_detached (DexFiberFunc fiber, gpointer data, GDestroyNotify destroy);

/**
 * lw_gate:
 * @future: (transfer full): anything a fiber is to wait for that is no task of its own
 *
 * To be awaited in the place of @future on the fiber of a task: rejects with %G_IO_ERROR_CANCELLED at
 * once when that task is cancelled, and drops @future then. Elsewhere it is @future itself.
 *
 * Returns: (transfer full): settles as @future
 */
DexFuture *lw_gate (DexFuture *future);

/* Of the task on whose fiber this is called; %NULL elsewhere. (transfer none) (nullable): to pass to an
 * operation that the fiber awaits. */
GCancellable *lw_task_get_cancellable (void);

/* A number that all tasks of one tree share, begun by one lw_spawn() outside of any task; 0 outside. */
guint64 lw_task_get_root (void);

/* Waits on a fiber. %FALSE where its task was cancelled in the meantime. */
gboolean lw_sleep (guint milliseconds);

/* Whether @error is somebody's cancellation and no fault to report. */
gboolean lw_wire_is_cancelled (const GError *error);

G_END_DECLS
