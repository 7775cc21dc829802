/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "lw-lane.h"

#include "lw-task.h"

typedef struct
{
  LwLane *lane;
  guint64 root;
  DexPromise *promise;
  guint timer;
  gboolean let_in;
  gboolean gone; /* from the queue, since it waited too long */
} Waiter;

/* Those of one tree of tasks, in the order in which they came. */
typedef struct
{
  guint64 root;
  GQueue waiters;
} Party;

struct _LwLane
{
  guint width;
  guint used;
  guint waiting;
  GQueue parties; /* whose turn it is comes first */
};

LwLane *
lw_lane_new (guint width)
{
  LwLane *self = g_new0 (LwLane, 1);

  self->width = width;
  g_queue_init (&self->parties);
  return self;
}

void
lw_lane_free (LwLane *self)
{
  g_assert (self->waiting == 0);
  g_free (self);
}

static Party *
party_of (LwLane *self, guint64 root)
{
  Party *party;

  for (GList *l = self->parties.head; l != NULL; l = l->next)
    {
      party = l->data;
      if (party->root == root)
        return party;
    }
  party = g_new0 (Party, 1);
  party->root = root;
  g_queue_init (&party->waiters);
  g_queue_push_tail (&self->parties, party);
  return party;
}

static void
drop_if_empty (LwLane *self, Party *party)
{
  if (!g_queue_is_empty (&party->waiters))
    return;
  g_queue_remove (&self->parties, party);
  g_free (party);
}

static void
let_in (LwLane *self)
{
  while (self->used < self->width && self->waiting > 0)
    {
      Party *party = g_queue_pop_head (&self->parties);
      Waiter *waiter = g_queue_pop_head (&party->waiters);

      g_queue_push_tail (&self->parties, party);
      drop_if_empty (self, party);
      self->waiting--;
      self->used++;
      waiter->let_in = TRUE;
      dex_promise_resolve_boolean (waiter->promise, TRUE);
    }
}

static void
stop_waiting (Waiter *waiter)
{
  Party *party = party_of (waiter->lane, waiter->root);

  g_queue_remove (&party->waiters, waiter);
  drop_if_empty (waiter->lane, party);
  waiter->lane->waiting--;
  waiter->gone = TRUE;
}

static gboolean
too_late (gpointer data)
{
  Waiter *waiter = data;

  waiter->timer = 0;
  if (waiter->let_in)
    return G_SOURCE_REMOVE;
  stop_waiting (waiter);
  dex_promise_reject (waiter->promise,
                      g_error_new_literal (G_IO_ERROR, G_IO_ERROR_TIMED_OUT, "No place in time"));
  return G_SOURCE_REMOVE;
}

gboolean
lw_lane_enter_until (LwLane *self, gint64 end, GError **error)
{
  Waiter waiter = { .lane = self, .root = lw_task_get_root () };
  gint64 left = (end - g_get_monotonic_time ()) / 1000;
  gboolean fine;

  if (self->used < self->width && self->waiting == 0)
    {
      self->used++;
      return TRUE;
    }
  waiter.promise = dex_promise_new ();
  g_queue_push_tail (&party_of (self, waiter.root)->waiters, &waiter);
  self->waiting++;
  if (end != G_MAXINT64)
    waiter.timer = g_timeout_add ((guint) CLAMP (left, 0, G_MAXINT), too_late, &waiter);
  fine = dex_await (lw_gate (dex_ref (DEX_FUTURE (waiter.promise))), error);
  g_clear_handle_id (&waiter.timer, g_source_remove);
  dex_unref (waiter.promise);
  if (fine)
    return TRUE;
  if (waiter.let_in)
    lw_lane_leave (self); /* in the very turn in which it was cancelled */
  else if (!waiter.gone)
    stop_waiting (&waiter);
  return FALSE;
}

gboolean
lw_lane_enter (LwLane *self, GError **error)
{
  return lw_lane_enter_until (self, G_MAXINT64, error);
}

void
lw_lane_leave (LwLane *self)
{
  g_return_if_fail (self->used > 0);

  self->used--;
  let_in (self);
}

guint
lw_lane_get_used (LwLane *self)
{
  return self->used;
}

guint
lw_lane_get_waiting (LwLane *self)
{
  return self->waiting;
}
