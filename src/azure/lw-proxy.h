/* SPDX-License-Identifier: GPL-3.0-or-later */

#pragma once

#include <libsoup/soup.h>

G_BEGIN_DECLS

/**
 * LwProxy:
 *
 * The system's proxies (g_proxy_resolver_get_default()), with the name and password in the address of an
 * HTTP proxy kept back for when the proxy asks for them: libsoup 3.6 sends its tunnel to the wrong place
 * where it finds them there.
 */
#define LW_TYPE_PROXY (lw_proxy_get_type ())
G_DECLARE_FINAL_TYPE (LwProxy, lw_proxy, LW, PROXY, GObject)

LwProxy *lw_proxy_new (void);

/* Answers a proxy that asks @auth. %FALSE where it has no answer, or the wrong one (@retrying). */
gboolean lw_proxy_authenticate (LwProxy *self, SoupAuth *auth, gboolean retrying);

/* "host:port" of the proxy that was last said to be on the way to @host. (transfer full) (nullable) */
char *lw_proxy_on_the_way (LwProxy *self, const char *host);

G_END_DECLS
