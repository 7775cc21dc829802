/* SPDX-License-Identifier: GPL-3.0-or-later */

#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

/* Called each time some of a body has come. */
typedef void (*LwBodyProgress) (gpointer user_data);

/**
 * lw_body_read:
 * @stream: to be read to its end
 * @expected: bytes that were announced, to make room for; 0 where it is not known
 * @cap: bytes after which it is given up, as they are once decoded
 * @progress: (nullable): called with @user_data for each piece
 *
 * Reads a body on the fiber of a task, whose cancelling stops it. A small one is overwritten when it is
 * freed, since it may hold tokens.
 *
 * Returns: (transfer full) (nullable): %NULL with the stream's error, %G_IO_ERROR_MESSAGE_TOO_LARGE or
 * %G_IO_ERROR_CANCELLED
 */
GBytes *lw_body_read (GInputStream *stream,
                      gsize expected,
                      gsize cap,
                      LwBodyProgress progress,
                      gpointer user_data,
                      GError **error);

/* @size bytes at @data, overwritten when they are freed. Takes @data, of g_malloc(). (transfer full) */
GBytes *lw_secret_bytes_new_take (gpointer data, gsize size);

G_END_DECLS
