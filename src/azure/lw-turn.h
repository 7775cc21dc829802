/* SPDX-License-Identifier: GPL-3.0-or-later */

#pragma once

#include <glib.h>

G_BEGIN_DECLS

/*
 * A turn between the processes of one person, and between the fibers of each: one at a time. It is a lock on
 * a byte of a file in the folder of the person's data, which holds nothing, so that the system gives it back
 * whatever becomes of the process.
 */
typedef struct _LwTurn LwTurn;

/**
 * lw_turn_take:
 * @what: what the turn is for
 * @patience_ms: how long to wait at most
 *
 * Waits on a fiber until nobody else has the turn.
 *
 * Returns: (transfer full) (nullable): the turn, to be given back with lw_turn_free(). %NULL where it did
 *   not come within @patience_ms, the task was cancelled, or the file cannot be made or locked: a turn
 *   keeps things in order, so the work is done without it then.
 */
LwTurn *lw_turn_take (const char *what, guint patience_ms);

/* Gives it back. */
void lw_turn_free (LwTurn *self);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (LwTurn, lw_turn_free)

G_END_DECLS
