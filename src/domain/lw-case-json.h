/* SPDX-License-Identifier: GPL-3.0-or-later */

#pragma once

#include "lw-case.h"

G_BEGIN_DECLS

/* Parts of a case as JSON, as exports, the terminal and the ledger's cache write them. */

/* %NULL becomes null. */
void lw_json_set_person (JsonObject *object, const char *member, const LwPerson *person);
/* As RFC 3339 in UTC; %NULL becomes null. */
void lw_json_set_instant (JsonObject *object, const char *member, GDateTime *instant);

/* [{seq, id, message}] of @flags (element-type LwFlag). (transfer full) */
JsonArray *lw_flags_to_json (GPtrArray *flags);
/* [{seq, by, at, digest, sealed, counts}] of @approvals (element-type LwApproval). (transfer full) */
JsonArray *lw_approvals_to_json (GPtrArray *approvals);

G_END_DECLS
