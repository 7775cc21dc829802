/* SPDX-License-Identifier: GPL-3.0-or-later */

#pragma once

#include <gtk/gtk.h>
#include <libdex.h>

G_BEGIN_DECLS

/* What became of a future: @value, or @error (one of them is %NULL). */
typedef void (*LwWhenFunc) (gpointer owner,
                            const GValue *value,
                            const GError *error,
                            gpointer user_data);

/**
 * lw_when:
 * @future: (transfer full)
 * @owner: a #GObject
 * @done: called from the main loop, on its own stack rather than a fiber's, so that it may build
 *   widgets; not called when @owner is gone by then
 * @user_data: for @done, freed with @destroy (nullable) afterwards in any case
 */
void lw_when (DexFuture *future,
              gpointer owner,
              LwWhenFunc done,
              gpointer user_data,
              GDestroyNotify destroy);

G_END_DECLS
