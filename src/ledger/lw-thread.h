/* SPDX-License-Identifier: GPL-3.0-or-later */

#pragma once

#include <libdex.h>

G_BEGIN_DECLS

/**
 * LwThreadFunc:
 *
 * Work that blocks. It must return a future that is settled already (dex_future_new_for_…()), and may
 * not await.
 */
typedef DexFuture *(*LwThreadFunc) (gpointer data);

/**
 * lw_thread_spawn:
 * @data_destroy: (nullable): called on that thread once @func has returned
 *
 * Runs @func on a thread of Leeway's own pool (at most eight at once), never on libdex's.
 *
 * Returns: (transfer full): settles as the future that @func returned
 */
DexFuture *lw_thread_spawn (LwThreadFunc func, gpointer data, GDestroyNotify data_destroy);

/**
 * lw_thread_wait_for_all:
 *
 * Waits at most that long until nothing is queued or under way any more, for a program that ends: libraries
 * are taken down by exit() under the threads that still use them. On the main thread, with no fiber left
 * that queues more.
 *
 * Returns: whether all is done; where it is not, the program must leave by _exit()
 */
gboolean lw_thread_wait_for_all (guint milliseconds);

/**
 * lw_thread_each:
 * @func: called once with each number below @n, on several threads at once
 *
 * Spreads work that only computes over the processors, and waits for it: for a thread that may block.
 */
typedef void (*LwThreadEachFunc) (guint i, gpointer data);
void lw_thread_each (guint n, LwThreadEachFunc func, gpointer data);

/**
 * LwSerial:
 *
 * A queue of such work that runs one after the other, in the order in which it was pushed.
 */
typedef struct _LwSerial LwSerial;

LwSerial *lw_serial_new (void);
/* Waits for what is queued. */
void lw_serial_free (LwSerial *self);
DexFuture *
lw_serial_push (LwSerial *self, LwThreadFunc func, gpointer data, GDestroyNotify data_destroy);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (LwSerial, lw_serial_free)

G_END_DECLS
