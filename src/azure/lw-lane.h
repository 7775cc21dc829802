/* SPDX-License-Identifier: GPL-3.0-or-later */

#pragma once

#include <glib.h>

G_BEGIN_DECLS

/**
 * LwLane:
 *
 * So many at once and no more. Those who wait are let in by turns: one of each tree of tasks, so that
 * one that asks for a thousand things does not keep another from asking for its first.
 */
typedef struct _LwLane LwLane;

LwLane *lw_lane_new (guint width);
void lw_lane_free (LwLane *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (LwLane, lw_lane_free)

/* Waits on a fiber for a place. %FALSE with %G_IO_ERROR_CANCELLED, and no place then. */
gboolean lw_lane_enter (LwLane *self, GError **error);
/* The same until @end (monotonic, microseconds): %G_IO_ERROR_TIMED_OUT, and no place, where it passes. */
gboolean lw_lane_enter_until (LwLane *self, gint64 end, GError **error);
/* Gives the place to the next. */
void lw_lane_leave (LwLane *self);

guint lw_lane_get_used (LwLane *self);
guint lw_lane_get_waiting (LwLane *self);

G_END_DECLS
