/* SPDX-License-Identifier: GPL-3.0-or-later */

#pragma once

#include "lw-wire.h"

G_BEGIN_DECLS

/**
 * lw_fault_new:
 * @method: of the request
 * @url: of the request; its query is left out of the error
 *
 * What an answer that is no success means: a code by its status, Azure's own code and message out of
 * any of the shapes that its services use (the ARM envelope, capitals, "ErrorCode", only "Message",
 * Storage's XML, HTML, plain text, nothing), and a sentence to act on. (transfer full)
 */
GError *lw_fault_new (const char *method, const char *url, LwAnswer *answer);

/* The decoded claims of a "WWW-Authenticate" header; %NULL where there are none to use. A challenge of
 * insufficient_claims wins over others. (transfer full) */
char *lw_challenge_get_claims (const char *header);
/* Whether the header (nullable) asks for a bearer token. */
gboolean lw_challenge_is_bearer (const char *header);

/* Milliseconds to wait by "Retry-After" (seconds or an HTTP date; nullable), or -1 where it says
 * nothing. @now: unix seconds. */
gint64 lw_retry_after (const char *header, gint64 now);
/* The same for @answer. A date is one of the server's clock, so it counts from the answer's own "Date". */
gint64 lw_answer_retry_after (LwAnswer *answer);
/* How long to pause before attempt @attempt + 1 (from 1), in milliseconds: growing, with jitter.
 * @base_ms: of the first pause. */
guint lw_retry_pause (guint attempt, guint base_ms);

G_END_DECLS
