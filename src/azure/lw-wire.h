/* SPDX-License-Identifier: GPL-3.0-or-later */

#pragma once

#include "lw-task.h"
#include "lw-transport.h"

G_BEGIN_DECLS

#define LW_MAX_BODY   (32 * 1024 * 1024)
#define LW_WIRE_CONNS 10 /* to one host */

/**
 * LwWire:
 *
 * HTTP exchanges over a shared pool of connections, by HTTP/2 where the server offers it and libsoup can
 * be trusted with it (lw_wire_allow_http2()): proxy,
 * certificates, size cap, stalls, trace. It adds no credentials, keeps no cookies, never follows a
 * redirect and sends nothing twice that is not idempotent.
 */
typedef struct _LwWire LwWire;

/* @ca_file: (nullable): certificates to trust instead of the system's */
LwWire *lw_wire_new (const char *ca_file);
LwWire *lw_wire_ref (LwWire *self);
void lw_wire_unref (LwWire *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (LwWire, lw_wire_unref)

/**
 * LwWireRequest:
 * @headers: (nullable): %NULL-terminated pairs of name and value
 * @body: (nullable)
 * @content_type: (nullable): of @body
 * @request_id: (nullable): of the caller, for errors
 * @timeout_ms: after that many milliseconds it is given up
 * @idempotent: whether it does no harm when the server sees it twice; others, unless they create what is
 *   not there ("If-None-Match"), get a connection of their own, since one that was kept may turn out to be
 *   closed
 *
 * One request, as it goes over the wire. Everything is copied.
 */
typedef struct
{
  const char *method;
  const char *url;
  const char *const *headers;
  GBytes *body;
  const char *content_type;
  const char *request_id;
  guint timeout_ms;
  gboolean idempotent;
} LwWireRequest;

/**
 * lw_wire_send:
 *
 * Resolves to an #LwAnswer of any status; rejects with %LW_AZURE_ERROR_NETWORK, TLS, TOO_LARGE,
 * TIMED_OUT or INVALID (an unusable address). The details of NETWORK and TIMED_OUT say whether the
 * request was sent. Dropping the future stops the exchange.
 */
DexFuture *lw_wire_send (LwWire *self, const LwWireRequest *request);

/* The same in a single call. Only GET and HEAD count as idempotent. */
DexFuture *lw_wire_exchange (LwWire *self,
                             const char *method,
                             const char *url,
                             const char *const *headers,
                             GBytes *body,
                             const char *content_type,
                             guint timeout_ms);

/**
 * lw_wire_allow_http2:
 *
 * Whether HTTP/2 is spoken with servers that offer it. From libsoup 3.7.1 on it is, unless told otherwise.
 * Before, ten answers of a megabyte at once stand still for ever in nine cases of ten (libsoup does not
 * say that there is room for more: "http2: always try to write after calling nghttp2_session_consume"),
 * so that HTTP/1.1 over several kept connections is what one can rely on.
 */
void lw_wire_allow_http2 (LwWire *self, gboolean allow);

/* How many requests libsoup still has in its hands, for tests that nothing stays behind. */
guint lw_wire_get_pending (LwWire *self);

/* (nullable) (transfer none): @name in lower case. */
const char *lw_answer_get_header (LwAnswer *self, const char *name);

/* Resolves to a #JsonNode; large texts are read on a thread of their own. A null node for no text;
 * rejects with %LW_AZURE_ERROR_PROTOCOL. */
DexFuture *lw_parse_json (GBytes *bytes);
/* The same at once, on any thread. @is_page: by lw_json_parse_page(). (transfer full) */
JsonNode *lw_read_json (GBytes *bytes, gboolean is_page, GError **error);

G_END_DECLS
