/* SPDX-License-Identifier: GPL-3.0-or-later */

#pragma once

#include "lw-sender.h"
#include "lw-verb-private.h"

G_BEGIN_DECLS

/* Whether @error means that what was asked for may work later, as it is: no network, no share, a server
 * in trouble. Refusals are none of these. */
gboolean lw_error_is_outage (const GError *error);

/* What waits for that request is sent first. Whether some of it still waits: then what is written now
 * belongs behind it. Awaits. */
gboolean lw_queue_is_behind (LwSession *session, const char *request_id);

/* What a verb wants to write. */
typedef struct
{
  LwCase *value; /* as it was read */
  LwEventKind kind;
  JsonObject *content; /* for the outbox: see LwOutboxItem */
  const char *title;   /* nullable */
  GPtrArray *files;    /* (element-type GBytes) (nullable) */
} LwWriting;

/* Puts it into the outbox because of @cause. @attempt: (nullable): the event that was on its way.
 * Returns the case as it is known, with "queued" set. Awaits. (transfer full) (nullable) */
LwCase *lw_queue_add (LwSession *session,
                      const LwWriting *writing,
                      LwEvent *attempt,
                      const GError *cause,
                      GError **error);

/* Writes @body as the next event, or puts it into the outbox where the ledger cannot be reached.
 * Awaits. (transfer full) (nullable) */
LwCase *
lw_queue_write (LwSession *session, const LwWriting *writing, JsonObject *body, GError **error);

/* The body of a submission, checked as if it were submitted now: %NULL in @body where the very content
 * is what waits already. Awaits. */
gboolean lw_submit_make_body (LwSession *session,
                              LwRequest *request,
                              LwCase *value,
                              JsonObject **body,
                              GError **error);

/* The bytes of what is attached to a draft. Awaits. (element-type GBytes) (transfer full) */
GPtrArray *lw_staged_evidence (LwSession *session, const LwRequest *request);
/* Makes a draft's files of what the outbox keeps for @request. Awaits. */
gboolean lw_restage_evidence (LwSession *session, const LwRequest *request, GError **error);
/* Puts what the outbox keeps of @evidence on the shelf. Awaits. */
gboolean lw_send_held_evidence (LwSession *session, JsonArray *evidence, GError **error);

G_END_DECLS
