/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "lw-body.h"

#include <string.h>

#include "lw-task.h"

#define FIRST  (16 * 1024)
#define CHUNK  (256 * 1024)
#define SECRET (64 * 1024) /* up to that size it may be a token's answer */
#define AHEAD  16          /* pieces that are taken at once before others have their turn */

/* Outlives the fiber where that is cancelled while a piece is on its way. */
typedef struct
{
  guint8 *data;
  gsize length;
  gsize size;
  DexPromise *promise;
} Body;

static void
wipe (guint8 *data, gsize size)
{
  if (data != NULL && size <= SECRET)
    explicit_bzero (data, size);
  g_free (data);
}

static void
body_clear (gpointer data)
{
  Body *self = data;

  wipe (self->data, self->size);
  dex_clear (&self->promise);
}

static void
body_unref (Body *self)
{
  g_atomic_rc_box_release_full (self, body_clear);
}
G_DEFINE_AUTOPTR_CLEANUP_FUNC (Body, body_unref)

static void
make_room (Body *self, gsize room)
{
  gsize size = MAX (self->size, FIRST);
  guint8 *data;

  while (size - self->length < room)
    size *= 2;
  if (size == self->size)
    return;
  data = g_malloc (size);
  if (self->length > 0)
    memcpy (data, self->data, self->length);
  wipe (self->data, self->size);
  self->data = data;
  self->size = size;
}

static void
piece_came (GObject *source, GAsyncResult *result, gpointer data)
{
  g_autoptr (Body) self = data;
  g_autoptr (GError) error = NULL;
  gssize n = g_input_stream_read_finish (G_INPUT_STREAM (source), result, &error);

  if (n < 0)
    dex_promise_reject (self->promise, g_steal_pointer (&error));
  else
    dex_promise_resolve_int64 (self->promise, n);
}

/* Waits for a piece; -1 with @error. */
static gssize
await_piece (Body *self, GInputStream *stream, GError **error)
{
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();
  g_autoptr (GError) local = NULL;
  gint64 n;

  dex_clear (&self->promise);
  self->promise = dex_promise_new ();
  g_input_stream_read_async (stream, self->data + self->length, self->size - self->length,
                             G_PRIORITY_DEFAULT, cancellable, piece_came,
                             g_atomic_rc_box_acquire (self));
  n = dex_await_int64 (lw_gate (dex_ref (DEX_FUTURE (self->promise))), &local);
  if (local == NULL)
    return (gssize) n;
  if (dex_future_is_pending (DEX_FUTURE (self->promise)))
    g_cancellable_cancel (cancellable);
  g_propagate_error (error, g_steal_pointer (&local));
  return -1;
}

static gboolean
can_poll (GInputStream *stream)
{
  return G_IS_POLLABLE_INPUT_STREAM (stream) &&
         g_pollable_input_stream_can_poll (G_POLLABLE_INPUT_STREAM (stream));
}

/* What is here already, without a turn of the main loop, or what comes next. */
static gssize
take_piece (Body *self, GInputStream *stream, gboolean at_once, GError **error)
{
  g_autoptr (GError) local = NULL;
  gssize n;

  if (!at_once || !can_poll (stream))
    return await_piece (self, stream, error);
  n = g_pollable_input_stream_read_nonblocking (G_POLLABLE_INPUT_STREAM (stream),
                                                self->data + self->length,
                                                self->size - self->length, NULL, &local);
  if (g_error_matches (local, G_IO_ERROR, G_IO_ERROR_WOULD_BLOCK))
    return await_piece (self, stream, error);
  if (local != NULL)
    g_propagate_error (error, g_steal_pointer (&local));
  return n;
}

static GBytes *
finish (Body *self)
{
  gsize length = self->length;
  gsize size = self->size;
  guint8 *data = g_steal_pointer (&self->data);

  self->size = 0;
  if (size <= SECRET)
    return lw_secret_bytes_new_take (data, length);
  return g_bytes_new_take (length < size / 2 ? g_realloc (data, MAX (length, 1)) : data, length);
}

GBytes *
lw_body_read (GInputStream *stream,
              gsize expected,
              gsize cap,
              LwBodyProgress progress,
              gpointer user_data,
              GError **error)
{
  g_autoptr (Body) self = g_atomic_rc_box_new0 (Body);

  make_room (self, MIN (expected, cap) + 1);
  for (guint taken = 0;; taken++)
    {
      gssize n = take_piece (self, stream, taken % AHEAD != AHEAD - 1, error);

      if (n < 0)
        return NULL;
      if (n == 0)
        return finish (self);
      self->length += (gsize) n;
      if (self->length > cap)
        {
          g_set_error_literal (error, G_IO_ERROR, G_IO_ERROR_MESSAGE_TOO_LARGE, "Too large");
          return NULL;
        }
      if (progress != NULL)
        progress (user_data);
      if (self->size - self->length < FIRST / 2)
        make_room (self, MIN (self->length, CHUNK));
    }
}

typedef struct
{
  guint8 *data;
  gsize size;
} Secret;

static void
secret_free (gpointer data)
{
  Secret *self = data;

  explicit_bzero (self->data, self->size);
  g_free (self->data);
  g_free (self);
}

GBytes *
lw_secret_bytes_new_take (gpointer data, gsize size)
{
  Secret *secret = g_new (Secret, 1);

  secret->data = data;
  secret->size = size;
  return g_bytes_new_with_free_func (data, size, secret_free, secret);
}
