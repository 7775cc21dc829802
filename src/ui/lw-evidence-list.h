/* SPDX-License-Identifier: GPL-3.0-or-later */

#pragma once

#include <adwaita.h>

#include "lw-evidence.h"
#include "lw-workspace.h"

G_BEGIN_DECLS

/**
 * LwEvidenceList:
 *
 * Files being attached: by a dialog of the portal, or dropped onto it. Signal: "changed". Property:
 * "busy" (gboolean, read-only): a file is being taken.
 */
#define LW_TYPE_EVIDENCE_LIST (lw_evidence_list_get_type ())
G_DECLARE_FINAL_TYPE (LwEvidenceList, lw_evidence_list, LW, EVIDENCE_LIST, AdwBin)

/* @request_id: (nullable): the draft that keeps the files until it is submitted; without it they go to
 * the ledger at once. @name: what a screen reader calls it. */
GtkWidget *lw_evidence_list_new (LwWorkspace *workspace, const char *request_id, const char *name);
/* Takes copies of the files of @evidence (element-type LwEvidence); its links are left out. */
void lw_evidence_list_set_files (LwEvidenceList *self, GPtrArray *evidence);
/* (transfer none) (element-type LwEvidence) */
GPtrArray *lw_evidence_list_get_files (LwEvidenceList *self);
/* Takes that file as if it had been dropped. */
void lw_evidence_list_add (LwEvidenceList *self, GFile *file);
gboolean lw_evidence_list_is_busy (LwEvidenceList *self);

G_END_DECLS
