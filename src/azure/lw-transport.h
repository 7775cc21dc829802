/* SPDX-License-Identifier: GPL-3.0-or-later */

#pragma once

#include <libdex.h>
#include <libsoup/soup.h>
#include <json-glib/json-glib.h>

#include "lw-azure-error.h"
#include "lw-identity.h"
#include "lw-page.h"

G_BEGIN_DECLS

#define LW_MAX_ELEMENTS 2000000 /* of a list, over all its pages; after that it is given up */

#define LW_TYPE_TRANSPORT (lw_transport_get_type ())
G_DECLARE_FINAL_TYPE (LwTransport, lw_transport, LW, TRANSPORT, GObject)

/* An answer: status 2xx (or 304). Boxed. */
typedef struct
{
  guint status;
  GHashTable *headers; /* lower-case name → value */
  GBytes *body;
} LwAnswer;

#define LW_TYPE_ANSWER (lw_answer_get_type ())
GType lw_answer_get_type (void);
LwAnswer *lw_answer_ref (LwAnswer *self);
void lw_answer_unref (LwAnswer *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (LwAnswer, lw_answer_unref)

LwTransport *lw_transport_new (LwProfile *profile, LwIdentity *identity);

/**
 * lw_transport_send:
 * @url: absolute
 * @headers: (nullable): %NULL-terminated pairs of name and value
 * @body: (nullable)
 * @idempotent: whether it may be sent again after a fault
 *
 * Resolves to an #LwAnswer; every other status, and whatever cannot be read, rejects with
 * %LW_AZURE_ERROR. A 401 with a Bearer challenge is tried once more with a fresh token.
 */
DexFuture *lw_transport_send (LwTransport *self,
                              LwAudience audience,
                              const char *method,
                              const char *url,
                              const char *const *headers,
                              GBytes *body,
                              const char *content_type,
                              gboolean idempotent);
/* The same with JSON in and out: resolves to a #JsonNode (JSON_TYPE_NODE), a null node for an empty
 * body. @body may be %NULL. */
DexFuture *lw_transport_json (LwTransport *self,
                              LwAudience audience,
                              const char *method,
                              const char *url,
                              JsonNode *body,
                              gboolean idempotent);
/* Asks @url by @method ("POST" for queries that page by it), then every nextLink (host pinned, at most
 * 10,000 pages, no page twice), and resolves to an #LwPage of what is in all of them. */
DexFuture *lw_transport_list (LwTransport *self,
                              LwAudience audience,
                              const char *method,
                              const char *url,
                              const LwPageReader *reader);
DexFuture *lw_transport_json_with_headers (LwTransport *self,
                                           LwAudience audience,
                                           const char *method,
                                           const char *url,
                                           const char *const *headers,
                                           JsonNode *body,
                                           gboolean idempotent);

/* How long a call may take in all, retries included (100 s unless told), and the first pause before a
 * retry (500 ms); both in milliseconds. */
void lw_transport_set_deadline (LwTransport *self, guint deadline_ms, guint pause_ms);

G_END_DECLS
