/* SPDX-License-Identifier: GPL-3.0-or-later */

#pragma once

#include <libdex.h>

G_BEGIN_DECLS

#define LW_LOOPBACK_SECONDS 300

/**
 * LwLoopback:
 *
 * Listens on this machine for the one redirect that ends a sign-in in the browser. Freeing it closes
 * the port.
 */
typedef struct _LwLoopback LwLoopback;

/* Listens on 127.0.0.1 and, where there is one, ::1, on a free port. @state: what the redirect must
 * carry. @patience_ms: how long to wait for it (five minutes unless in a test). */
LwLoopback *lw_loopback_new (const char *state, guint patience_ms, GError **error);
void lw_loopback_free (LwLoopback *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (LwLoopback, lw_loopback_free)

/* "http://localhost:<port>/" */
const char *lw_loopback_get_redirect_uri (LwLoopback *self);

/* Resolves to the authorization code, once the browser has its page. Rejects with
 * %LW_AZURE_ERROR_SIGN_IN where the sign-in was refused, and %LW_AZURE_ERROR_TIMED_OUT after its
 * patience. Strangers (another state, path, host or method) get a refusal
 * and change nothing. */
DexFuture *lw_loopback_wait (LwLoopback *self);

G_END_DECLS
