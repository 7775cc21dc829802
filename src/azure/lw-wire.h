/* SPDX-License-Identifier: GPL-3.0-or-later */

#pragma once

#include "lw-task.h"
#include "lw-transport.h"

G_BEGIN_DECLS

#define LW_MAX_BODY (32 * 1024 * 1024)

/**
 * LwWire:
 *
 * One HTTP exchange at a time over a shared connection pool: proxy, certificates, size cap, trace. It
 * adds no credentials and never follows a redirect.
 */
typedef struct _LwWire LwWire;

/* @ca_file: (nullable): certificates to trust instead of the system's */
LwWire *lw_wire_new (const char *ca_file);
LwWire *lw_wire_ref (LwWire *self);
void lw_wire_unref (LwWire *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (LwWire, lw_wire_unref)

/**
 * lw_wire_exchange:
 * @headers: (nullable): %NULL-terminated pairs of name and value
 * @timeout_ms: after that many milliseconds it is given up
 *
 * Resolves to an #LwAnswer of any status; rejects with %LW_AZURE_ERROR_NETWORK, TLS, TOO_LARGE,
 * TIMED_OUT or INVALID (an unusable address). Discarding the future stops the exchange.
 */
DexFuture *lw_wire_exchange (LwWire *self,
                             const char *method,
                             const char *url,
                             const char *const *headers,
                             GBytes *body,
                             const char *content_type,
                             guint timeout_ms);

/* (nullable) (transfer none): @name in lower case. */
const char *lw_answer_get_header (LwAnswer *self, const char *name);

/* Resolves to a #JsonNode; large texts are read on a thread of their own. A null node for no text;
 * rejects with %LW_AZURE_ERROR_PROTOCOL. */
DexFuture *lw_parse_json (GBytes *bytes);

G_END_DECLS
