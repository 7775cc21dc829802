/* SPDX-License-Identifier: GPL-3.0-or-later */

#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

/* Who looks at what a watcher keeps up to date. */
typedef enum
{
  LW_ATTENTION_NONE,   /* nobody ever again: nothing is due */
  LW_ATTENTION_HIDDEN, /* it is not to be seen */
  LW_ATTENTION_SEEN,   /* it is in view, and something else is used */
  LW_ATTENTION_USED,
} LwAttention;

/**
 * LwWatcher:
 *
 * Says when it is time to look for what others wrote to a ledger. In a folder of this machine the kernel
 * tells when a marker is added to log/; on network shares and in Blob Storage nothing does, so that it is
 * also time after a while: soon while somebody uses the window, later the longer nothing happened, and
 * seldom while nobody sees it.
 *
 * Signal "due": look now, and call lw_watcher_synced() once that is done.
 */
#define LW_TYPE_WATCHER (lw_watcher_get_type ())
G_DECLARE_FINAL_TYPE (LwWatcher, lw_watcher, LW, WATCHER, GObject)

/* @ledger: (nullable): as in a profile: an absolute path or an address. Nothing is due before
 * lw_watcher_synced() was called once. */
LwWatcher *lw_watcher_new (const char *ledger);
void lw_watcher_set_attention (LwWatcher *self, LwAttention attention);
/* The ledger was read, for whatever reason. @news: something was new; @failed: it could not be read. */
void lw_watcher_synced (LwWatcher *self, gboolean news, gboolean failed);
/* Milliseconds after which it is due next, where nothing tells of it before; 0 for never. */
guint lw_watcher_get_interval (LwWatcher *self);

G_END_DECLS
