/* SPDX-License-Identifier: GPL-3.0-or-later */

#pragma once

#include <libsoup/soup.h>

G_BEGIN_DECLS

/* LEEWAY_DEBUG=http: what goes over the wire, on stderr, without bodies and with every secret masked. */
gboolean lw_trace_enabled (void);
void lw_trace_request (guint id,
                       const char *method,
                       GUri *uri,
                       SoupMessageHeaders *headers,
                       gsize body_size);
void lw_trace_answer (guint id,
                      guint status,
                      SoupMessageHeaders *headers,
                      gsize body_size,
                      gint64 micros);
void lw_trace_failure (guint id, const char *message);

/* @text with everything that looks like a JSON web token, and the values of query parameters and
 * headers that carry secrets, replaced by "***". (transfer full) */
char *lw_mask_secrets (const char *text);
/* The same for an address, by the names of its query parameters. (transfer full) */
char *lw_mask_uri (GUri *uri);

G_END_DECLS
