/* SPDX-License-Identifier: GPL-3.0-or-later */

#pragma once

#include <libsoup/soup.h>

#include "lw-mask.h"

G_BEGIN_DECLS

/* LEEWAY_DEBUG=http: what goes over the wire, on stderr, without bodies and with every secret masked
 * (lw_mask_header(), lw_mask_uri()). */
gboolean lw_trace_enabled (void);
/* @id: tells the lines of one exchange apart from those of others */
void lw_trace_request (guint id,
                       const char *method,
                       GUri *uri,
                       SoupMessageHeaders *headers,
                       gsize body_size);
/* @version: of HTTP, such as "2"; @micros: since the request */
void lw_trace_answer (guint id,
                      guint status,
                      const char *version,
                      SoupMessageHeaders *headers,
                      gsize body_size,
                      gint64 micros);
void lw_trace_failure (guint id, const char *message);

G_END_DECLS
