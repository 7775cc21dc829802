/* SPDX-License-Identifier: GPL-3.0-or-later */

#pragma once

#include "lw-wire.h"

G_BEGIN_DECLS

/**
 * LwPace:
 *
 * How fast each service may be asked. ARM throttles by token buckets, for each person and subscription
 * (or tenant): 250 reads that come back at 25 a second, 200 writes and 200 deletes at 10, and says in
 * each answer how many are left ("x-ms-ratelimit-remaining-subscription-reads" and the like). Resource
 * Graph lets a person ask about 15 times in 5 seconds and says how many are left and until when
 * ("x-ms-user-quota-remaining", "x-ms-user-quota-resets-after"). Who slows down before the bucket is
 * empty is never refused. (Microsoft Learn: "Understand how Azure Resource Manager throttles requests",
 * "Guidance for throttled requests in Azure Resource Graph")
 */
typedef struct _LwPace LwPace;

LwPace *lw_pace_new (void);
void lw_pace_free (LwPace *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (LwPace, lw_pace_free)

/**
 * lw_pace_reserve:
 *
 * Takes one from the bucket that @method on @uri counts for.
 *
 * Returns: milliseconds to wait before it is sent
 */
guint lw_pace_reserve (LwPace *self, const char *method, GUri *uri);
/* Nothing came of it: gives back what was taken. */
void lw_pace_cancel (LwPace *self, const char *method, GUri *uri);
/* Learns from the answer (nullable: none came) to what was reserved. */
void lw_pace_learn (LwPace *self, const char *method, GUri *uri, LwAnswer *answer);
/* Milliseconds for which the service asked not to be sent anything of the kind. */
guint lw_pace_blocked (LwPace *self, const char *method, GUri *uri);
/* What the service said when it asked for that, as long as it holds. (transfer none) (nullable) */
const GError *lw_pace_get_refusal (LwPace *self, const char *method, GUri *uri);

/* For tests: what @now would be in place of the clock, in microseconds; -1 for the clock. */
void lw_pace_set_now (LwPace *self, gint64 now);

G_END_DECLS
