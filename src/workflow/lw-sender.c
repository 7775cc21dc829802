/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "config.h"

#include "lw-domain-error.h"
#include "lw-queue.h"
#include "lw-send-item.h"

#include <gio/gio.h>
#include <glib/gi18n-lib.h>

#define FIRST_DELAY   5
#define LONGEST_DELAY 300

struct _LwSender
{
  GObject parent_instance;
  LwSession *session; /* (unowned): NULL once stopped */
  LwOutbox *outbox;
  GPtrArray *items;
  DexFuture *running;
  GError *error;
  GError *trouble;
  gboolean started;
  gboolean again;
  guint timer;
  guint delay; /* seconds */
  gulong on_synced;
  gulong on_network;
};

G_DEFINE_FINAL_TYPE (LwSender, lw_sender, G_TYPE_OBJECT)

enum
{
  CHANGED,
  SENT,
  N_SIGNALS
};
static guint signals[N_SIGNALS];

/* --- what is there ------------------------------------------------------------------------------ */

static DexFuture *
load_fiber (gpointer data)
{
  LwSender *self = data;
  g_autoptr (GError) error = NULL;
  GPtrArray *items = dex_await_boxed (lw_outbox_list (self->outbox, FALSE), &error);

  g_clear_error (&self->trouble);
  if (!items)
    {
      self->trouble = g_error_copy (error);
      g_signal_emit (self, signals[CHANGED], 0);
      return dex_future_new_for_error (g_steal_pointer (&error));
    }

  g_ptr_array_unref (self->items);
  self->items = items;
  g_signal_emit (self, signals[CHANGED], 0);

  return dex_future_new_take_boxed (G_TYPE_PTR_ARRAY, g_ptr_array_ref (items));
}

DexFuture *
lw_sender_load (LwSender *self)
{
  g_return_val_if_fail (LW_IS_SENDER (self), NULL);

  return dex_scheduler_spawn (NULL, 0, load_fiber, g_object_ref (self), g_object_unref);
}

static void
on_outbox_changed (LwSender *self)
{
  dex_future_disown (lw_sender_load (self));
}

/* --- all of them -------------------------------------------------------------------------------- */

typedef struct
{
  GHashTable *tried;   /* ids */
  GHashTable *blocked; /* requests of which something is kept back */
} Run;

static void
run_clear (Run *run)
{
  g_clear_pointer (&run->tried, g_hash_table_unref);
  g_clear_pointer (&run->blocked, g_hash_table_unref);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Run, run_clear)

/* Whether a person has to decide what becomes of it; else it is tried again by itself. */
static gboolean
is_final (const GError *error)
{
  if (error->domain == LW_LEDGER_ERROR)
    return error->code != LW_LEDGER_ERROR_UNREACHABLE;
  if (error->domain == LW_AZURE_ERROR)
    return error->code == LW_AZURE_ERROR_FORBIDDEN || error->code == LW_AZURE_ERROR_NOT_FOUND ||
           error->code == LW_AZURE_ERROR_CONFLICT || error->code == LW_AZURE_ERROR_INVALID ||
           error->code == LW_AZURE_ERROR_TOO_LARGE;

  return error->domain == LW_DOMAIN_ERROR;
}

/* What was written after it, by somebody who saw nothing else happen, was written knowing of it. Awaits. */
static void
let_follow (LwSender *self, const LwOutboxItem *sent, LwCase *value, GPtrArray *items)
{
  for (guint i = 0; i < items->len; i++)
    {
      LwOutboxItem *item = g_ptr_array_index (items, i);
      g_autoptr (GPtrArray) events = NULL;
      gboolean others = FALSE;

      if (item->state != LW_OUTBOX_WAITING || item->id <= sent->id ||
          item->seen_seq >= value->last_seq ||
          g_ascii_strcasecmp (item->request, sent->request) != 0)
        continue;

      events = lw_outbox_item_events_since (item, value);
      for (guint k = 0; k < events->len; k++)
        others |= lw_event_moves_on (g_ptr_array_index (events, k)) &&
                  !lw_outbox_item_is_own (sent, g_ptr_array_index (events, k));
      if (!others)
        dex_await (lw_outbox_renew (self->outbox, item->id, value->last_seq, value->digest), NULL);
    }
}

static LwOutboxItem *
next_item (GPtrArray *items, Run *run)
{
  for (guint i = 0; i < items->len; i++)
    {
      LwOutboxItem *item = g_ptr_array_index (items, i);

      if (item->state == LW_OUTBOX_CONFLICT)
        g_hash_table_add (run->blocked, g_ascii_strdown (item->request, -1));
      else if (!g_hash_table_contains (run->blocked, item->request) &&
               g_hash_table_add (run->tried, g_memdup2 (&item->id, sizeof item->id)))
        return item;
    }

  return NULL;
}

/* Sends one. %FALSE where there is no use in going on. Awaits. */
static gboolean
step (LwSender *self, LwSession *session, LwOutboxItem *first, GPtrArray *items, Run *run)
{
  g_autoptr (LwOutboxItem) item = lw_outbox_item_ref (first);
  g_autoptr (GError) error = NULL;
  g_autoptr (LwCase) value = lw_send_item (self->outbox, session, &item, &error);

  if (value)
    {
      let_follow (self, item, value, items);
      dex_await (lw_outbox_forget (self->outbox, item->id), NULL);
      g_signal_emit (self, signals[SENT], 0, value);
      return TRUE;
    }

  g_hash_table_add (run->blocked, g_ascii_strdown (item->request, -1));
  if (g_error_matches (error, LW_OUTBOX_ERROR, LW_OUTBOX_ERROR_GONE))
    return TRUE;
  if (is_final (error))
    return dex_await (lw_outbox_hold (self->outbox, item->id, error->message), NULL);

  dex_await (lw_outbox_note_try (self->outbox, item->id, error->message), NULL);
  self->error = g_steal_pointer (&error);

  return FALSE;
}

static DexFuture *
run_fiber (gpointer data)
{
  LwVerb *verb = data;
  g_autoptr (LwSender) self = NULL;
  g_autoptr (GError) error = NULL;
  g_auto (Run) run = { 0 };
  LwOutboxItem *item;
  gboolean going_on = TRUE;

  /* Somebody else may have signed in meanwhile. */
  if (!lw_session_get_sender (verb->session))
    return dex_future_new_for_boolean (TRUE);

  self = g_object_ref (lw_session_get_sender (verb->session));
  run.tried = g_hash_table_new_full (g_int64_hash, g_int64_equal, g_free, NULL);
  run.blocked = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  g_clear_error (&self->error);
  while (going_on && self->session)
    {
      g_autoptr (GPtrArray) items = dex_await_boxed (lw_outbox_list (self->outbox, FALSE), &error);

      if (!items || !(item = next_item (items, &run)))
        break;
      going_on = step (self, verb->session, item, items, &run);
    }

  if (error && !self->error)
    self->error = g_error_copy (error);
  if (!self->error)
    self->delay = FIRST_DELAY;
  dex_await (lw_sender_load (self), NULL);
  dex_clear (&self->running);
  if (self->error && self->started)
    lw_sender_retry (self);

  return error ? dex_future_new_for_error (g_steal_pointer (&error))
               : dex_future_new_for_boolean (TRUE);
}

DexFuture *
lw_sender_run (LwSender *self)
{
  g_return_val_if_fail (LW_IS_SENDER (self), NULL);

  if (!self->session || !lw_session_is_open (self->session))
    return dex_future_new_reject (LW_AZURE_ERROR, LW_AZURE_ERROR_SIGN_IN, _ ("Sign in first"));
  if (!self->running)
    self->running = lw_verb_run (lw_verb_new (self->session, NULL, NULL, NULL), run_fiber);

  return dex_ref (self->running);
}

/* --- by itself ---------------------------------------------------------------------------------- */

static gboolean
has_waiting (LwSender *self)
{
  return lw_sender_count (self, LW_OUTBOX_WAITING) > 0;
}

static gboolean
on_timer (gpointer data)
{
  LwSender *self = data;

  self->timer = 0;
  self->delay = MIN (self->delay * 2, LONGEST_DELAY);
  dex_future_disown (lw_sender_run (self));

  return G_SOURCE_REMOVE;
}

void
lw_sender_retry (LwSender *self)
{
  g_return_if_fail (LW_IS_SENDER (self));

  if (self->started && self->timer == 0)
    self->timer = g_timeout_add_seconds (self->delay, on_timer, self);
}

static void
on_synced (LwSender *self, guint news, LwLedger *ledger)
{
  if (has_waiting (self) && !lw_ledger_get_sync_error (ledger))
    dex_future_disown (lw_sender_run (self));
}

static void
on_network_changed (LwSender *self, gboolean available)
{
  /* The addresses are there a moment before the names are. */
  self->delay = FIRST_DELAY;
  if (available && has_waiting (self))
    {
      g_clear_handle_id (&self->timer, g_source_remove);
      self->timer = g_timeout_add_seconds (1, on_timer, self);
    }
}

void
lw_sender_start (LwSender *self)
{
  g_return_if_fail (LW_IS_SENDER (self));

  if (self->started || !self->session)
    return;

  self->started = TRUE;
  self->on_synced = g_signal_connect_swapped (lw_session_get_ledger (self->session), "synced",
                                              G_CALLBACK (on_synced), self);
  self->on_network = g_signal_connect_swapped (g_network_monitor_get_default (), "network-changed",
                                               G_CALLBACK (on_network_changed), self);
  dex_future_disown (lw_sender_run (self));
}

void
lw_sender_stop (LwSender *self)
{
  g_return_if_fail (LW_IS_SENDER (self));

  g_clear_handle_id (&self->timer, g_source_remove);
  if (self->session && self->on_synced)
    g_clear_signal_handler (&self->on_synced, lw_session_get_ledger (self->session));
  if (self->on_network)
    g_clear_signal_handler (&self->on_network, g_network_monitor_get_default ());
  self->started = FALSE;
  self->session = NULL;
}

/* --- what a person decides ---------------------------------------------------------------------- */

typedef struct
{
  LwSender *self;
  LwSession *session;
  gint64 id;
} Decide;

static void
decide_free (gpointer data)
{
  Decide *decide = data;

  g_object_unref (decide->self);
  g_object_unref (decide->session);
  g_free (decide);
}

static DexFuture *
run_decision (LwSender *self, gint64 id, DexFiberFunc func)
{
  Decide *decide;

  if (!self->session)
    return dex_future_new_reject (LW_AZURE_ERROR, LW_AZURE_ERROR_SIGN_IN, _ ("Sign in first"));

  decide = g_new0 (Decide, 1);
  decide->self = g_object_ref (self);
  decide->session = g_object_ref (self->session);
  decide->id = id;

  return dex_scheduler_spawn (NULL, 512 * 1024, func, decide, decide_free);
}

static DexFuture *
send_again_fiber (gpointer data)
{
  Decide *decide = data;
  LwOutbox *outbox = decide->self->outbox;
  g_autoptr (GError) error = NULL;
  g_autoptr (GError) gone = NULL;
  g_autoptr (LwOutboxItem) item = dex_await_boxed (lw_outbox_get (outbox, decide->id), &error);
  g_autoptr (LwCase) value = NULL;

  if (!item ||
      !(value = dex_await_boxed (
            lw_ledger_read_newest_case (lw_session_get_ledger (decide->session), item->request),
            &error)) ||
      !dex_await (lw_outbox_renew (outbox, decide->id, value->last_seq, value->digest), &error))
    return dex_future_new_for_error (g_steal_pointer (&error));

  /* One that goes on already began without it. */
  if (decide->self->running)
    dex_await (lw_sender_run (decide->self), NULL);
  if (!dex_await (lw_sender_run (decide->self), &error))
    return dex_future_new_for_error (g_steal_pointer (&error));

  g_clear_pointer (&item, lw_outbox_item_unref);
  item = dex_await_boxed (lw_outbox_get (outbox, decide->id), &gone);

  return dex_future_new_for_boolean (!item &&
                                     g_error_matches (gone, LW_OUTBOX_ERROR, LW_OUTBOX_ERROR_GONE));
}

DexFuture *
lw_sender_send_again (LwSender *self, gint64 id)
{
  g_return_val_if_fail (LW_IS_SENDER (self), NULL);

  return run_decision (self, id, send_again_fiber);
}

static DexFuture *
load_case_fiber (gpointer data)
{
  Decide *decide = data;
  g_autoptr (GError) error = NULL;
  g_autoptr (LwOutboxItem) item =
      dex_await_boxed (lw_outbox_get (decide->self->outbox, decide->id), &error);

  if (!item)
    return dex_future_new_for_error (g_steal_pointer (&error));

  return lw_ledger_load_case (lw_session_get_ledger (decide->session), item->request);
}

DexFuture *
lw_sender_load_case (LwSender *self, gint64 id)
{
  g_return_val_if_fail (LW_IS_SENDER (self), NULL);

  return run_decision (self, id, load_case_fiber);
}

/* --- the object --------------------------------------------------------------------------------- */

GPtrArray *
lw_sender_get_items (LwSender *self)
{
  g_return_val_if_fail (LW_IS_SENDER (self), NULL);

  return self->items;
}

guint
lw_sender_count (LwSender *self, LwOutboxState state)
{
  guint n = 0;

  g_return_val_if_fail (LW_IS_SENDER (self), 0);

  for (guint i = 0; i < self->items->len; i++)
    n += ((LwOutboxItem *) g_ptr_array_index (self->items, i))->state == state;

  return n;
}

const GError *
lw_sender_get_error (LwSender *self)
{
  g_return_val_if_fail (LW_IS_SENDER (self), NULL);

  return self->error;
}

const GError *
lw_sender_get_trouble (LwSender *self)
{
  g_return_val_if_fail (LW_IS_SENDER (self), NULL);

  return self->trouble;
}

LwOutbox *
lw_sender_get_outbox (LwSender *self)
{
  g_return_val_if_fail (LW_IS_SENDER (self), NULL);

  return self->outbox;
}

static void
lw_sender_finalize (GObject *object)
{
  LwSender *self = LW_SENDER (object);

  lw_sender_stop (self);
  g_clear_object (&self->outbox);
  g_clear_pointer (&self->items, g_ptr_array_unref);
  dex_clear (&self->running);
  g_clear_error (&self->error);
  g_clear_error (&self->trouble);

  G_OBJECT_CLASS (lw_sender_parent_class)->finalize (object);
}

static void
lw_sender_class_init (LwSenderClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = lw_sender_finalize;

  signals[CHANGED] = g_signal_new ("changed", LW_TYPE_SENDER, G_SIGNAL_RUN_LAST, 0, NULL, NULL,
                                   NULL, G_TYPE_NONE, 0);
  signals[SENT] = g_signal_new ("sent", LW_TYPE_SENDER, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL,
                                G_TYPE_NONE, 1, LW_TYPE_CASE);
}

static void
lw_sender_init (LwSender *self)
{
  self->items = g_ptr_array_new_with_free_func ((GDestroyNotify) lw_outbox_item_unref);
  self->delay = FIRST_DELAY;
}

LwSender *
lw_sender_new (LwSession *session, LwOutbox *outbox)
{
  LwSender *self;

  g_return_val_if_fail (LW_IS_SESSION (session), NULL);
  g_return_val_if_fail (LW_IS_OUTBOX (outbox), NULL);

  self = g_object_new (LW_TYPE_SENDER, NULL);
  self->session = session;
  self->outbox = g_object_ref (outbox);
  g_signal_connect_object (outbox, "changed", G_CALLBACK (on_outbox_changed), self,
                           G_CONNECT_SWAPPED);

  return self;
}
