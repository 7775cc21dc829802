/* SPDX-License-Identifier: GPL-3.0-or-later */

#pragma once

#include "lw-evidence.h"
#include "lw-session.h"

G_BEGIN_DECLS

/*
 * Files as evidence. What is attached to a draft stays on this machine, in a private folder of the
 * draft's, until the draft is submitted: a ledger forgets nothing. What goes with a comment or a check
 * goes to the ledger at once.
 */

/* Keeps a copy of @file for the draft @request_id. Resolves to an LwEvidence; rejects with
 * %LW_LEDGER_ERROR_REFUSED where it is empty or larger than the rules allow, with %G_IO_ERROR where it
 * cannot be read. */
DexFuture *lw_stage_evidence (LwSession *self, const char *request_id, GFile *file);
/* Puts @file on the ledger's evidence shelf. Resolves to an LwEvidence. */
DexFuture *lw_attach_evidence (LwSession *self, GFile *file);
/* Puts what @request names on the shelf, from the draft's folder; what is not there must be on the shelf
 * already, unaltered. Resolves to %TRUE. */
DexFuture *lw_submit_evidence (LwSession *self, const LwRequest *request);

/* The content, verified: from the draft @request_id (nullable), else from the ledger. Resolves to a
 * #GBytes. */
DexFuture *lw_fetch_evidence (LwSession *self, const char *request_id, const LwEvidence *evidence);
/* The same as a read-only file in a private folder, for a program to open. Resolves to a #GFile; rejects
 * with %LW_LEDGER_ERROR_REFUSED where opening it would run something. lw_evidence_remove_copies() takes
 * it away. */
DexFuture *lw_copy_evidence (LwSession *self, const char *request_id, const LwEvidence *evidence);

/* Removes the copies that were made to be opened at least @seconds ago, by an earlier run too. Blocks. */
void lw_evidence_remove_copies (guint seconds);
/* Removes what a draft keeps. Blocks. */
void lw_evidence_forget_draft (const char *request_id);

G_END_DECLS
