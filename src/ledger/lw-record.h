/* SPDX-License-Identifier: GPL-3.0-or-later */

#pragma once

#include "lw-case.h"
#include "lw-ledger-error.h"
#include "lw-rulebook.h"

G_BEGIN_DECLS

/**
 * LwRecord:
 *
 * What was read of a request and its seals, and how it is folded. For one thread.
 */
typedef struct _LwRecord LwRecord;

LwRecord *lw_record_new (void);
void lw_record_free (LwRecord *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (LwRecord, lw_record_free)

/* "<request id>/000001.json" (transfer full) */
char *lw_record_event_name (const char *request_id, guint seq);
/* "<request id>/<digest>-<oid>.json" (transfer full) */
char *lw_record_seal_name (const char *request_id, const char *digest, const char *oid);
/* "<date>/<hour>/<request id>-<seq>" (transfer full) */
char *lw_record_marker_name (const char *request_id, guint seq, GDateTime *at);

/* The request that an object of the requests or seals shelf stands under; %NULL for a stray.
 * (transfer full) */
char *lw_record_request_of (const char *name);

/* The number in the name of an event; 0 where it is not one. */
guint lw_record_seq_of (const char *name);

/* Whether a seal may have that name. */
gboolean lw_record_is_seal (const char *name);

/* Takes what was found under @name. @event is what @bytes say, %NULL where they could not be read:
 * @problem then says why. */
void lw_record_take_event (LwRecord *self, const char *name, LwEvent *event, const char *problem);
void lw_record_take_seal (LwRecord *self, const char *name, GBytes *bytes);

/* Why what was taken under @name is no entry. (transfer none) (nullable) */
const char *lw_record_get_problem (LwRecord *self, const char *name);

/* The state of one request: @names are all objects under it, sorted. (transfer full) */
LwCase *lw_record_fold (LwRecord *self,
                        const char *request_id,
                        const char *const *names,
                        LwRulebook *rulebook,
                        LwHierarchy *hierarchy);

G_END_DECLS
