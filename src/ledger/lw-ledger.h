/* SPDX-License-Identifier: GPL-3.0-or-later */

#pragma once

#include "lw-case.h"
#include "lw-client.h"
#include "lw-store.h"

G_BEGIN_DECLS

#define LW_TYPE_LEDGER (lw_ledger_get_type ())
G_DECLARE_FINAL_TYPE (LwLedger, lw_ledger, LW, LEDGER, GObject)

/* A folder store; @path is absolute. Nothing is touched yet: on first use the folder is made with its
 * shelves where it is missing and its parent is there, else what is asked of it rejects with
 * %LW_LEDGER_ERROR_UNREACHABLE. */
LwStore *lw_folder_store_new (const char *path, GError **error);
/* A Blob store: @url is "https://account.blob…/name"; each shelf is the container "name-<shelf>". */
LwStore *lw_blob_store_new (LwClient *client, const char *url, GError **error);
/* By the profile's "ledger" member; an http(s) URL gives a Blob store. */
LwStore *lw_store_new_for_url (LwClient *client, const char *url, GError **error);

LwLedger *lw_ledger_new (LwStore *store);
void lw_ledger_set_hierarchy (LwLedger *self, LwHierarchy *hierarchy);

/* The newest rules on record, verified along their chain; the defaults where there are none. Resolves
 * to an LwRules; afterwards lw_ledger_get_rules() answers. */
DexFuture *lw_ledger_load_rules (LwLedger *self);
LwRules *lw_ledger_get_rules (LwLedger *self);  /* (transfer none), the defaults before loading */
guint lw_ledger_get_rules_seq (LwLedger *self); /* 0 for the defaults */
/* Of the entry's bytes; of the canonical JSON for the defaults. */
const char *lw_ledger_get_rules_sha256 (LwLedger *self);

/* Resolves to an LwCase; a request without events is an LwCase in phase NEW. */
DexFuture *lw_ledger_load_case (LwLedger *self, const char *request_id);
/* Resolves to a %G_TYPE_PTR_ARRAY of LwCase. Broken records are among them, flagged. Events seen
 * before are not fetched again. */
DexFuture *lw_ledger_list_cases (LwLedger *self);
/* Sentences about what is in the ledger and belongs to no request: strays, refused changes of the
 * rules. As of the last listing. (transfer none), %NULL-terminated */
const char *const *lw_ledger_get_problems (LwLedger *self);

/**
 * lw_ledger_append:
 *
 * Writes the next event of a request: checks it against the newest state (lw_case_check()), writes the
 * seal first where it is an approval, then the event as number last_seq + 1, then its log marker.
 * @expected_seq: the last_seq that the person saw; 0 for a new request.
 *
 * Resolves to the LwCase after it; rejects with %LW_LEDGER_ERROR_TAKEN where the record moved on since
 * (read it again and decide anew), or with %LW_DOMAIN_ERROR_NOT_ALLOWED.
 */
DexFuture *lw_ledger_append (LwLedger *self,
                             const char *request_id,
                             guint expected_seq,
                             LwEventKind kind,
                             const LwPerson *by,
                             const char *tenant,
                             GDateTime *at,
                             JsonObject *body);

/* Puts a file on the evidence shelf under the SHA-256 of its content; that it is there already is fine.
 * Resolves to that SHA-256 (%G_TYPE_STRING) once it is durable; rejects with %LW_LEDGER_ERROR_REFUSED
 * where it is empty or larger than the rules allow. */
DexFuture *lw_ledger_put_evidence (LwLedger *self, GBytes *bytes);
/* Resolves to a #GBytes that has that SHA-256; rejects with %LW_LEDGER_ERROR_BROKEN where the content is
 * another one, with %LW_LEDGER_ERROR_NOT_FOUND where there is none. */
DexFuture *lw_ledger_get_evidence (LwLedger *self, const char *sha256);

G_END_DECLS
