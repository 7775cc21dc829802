/* SPDX-License-Identifier: GPL-3.0-or-later */

#pragma once

#include <libdex.h>

G_BEGIN_DECLS

/* Texts up to this size are read at once: sending them to a thread costs more. */
#define LW_BIG_TEXT (64 * 1024)

/* What is to be done: a boxed value (transfer full), or %NULL with @error. It shares nothing with anybody. */
typedef gpointer (*LwWorkFunc) (gpointer data, GError **error);

/**
 * lw_work:
 * @func: (scope async): what would hold up the main loop
 * @data: (nullable): passed to @func, and for nobody else to look at meanwhile
 * @destroy: (nullable): frees @data, before what @func made is handed over
 * @type: of what @func makes
 * @here: whether it is little enough to be done at once
 *
 * Does it on one of a few threads of our own, to its end even where nobody waits any more.
 *
 * Returns: (transfer full): resolves to what @func makes; to be awaited through lw_gate()
 */
DexFuture *
lw_work (LwWorkFunc func, gpointer data, GDestroyNotify destroy, GType type, gboolean here);

G_END_DECLS
