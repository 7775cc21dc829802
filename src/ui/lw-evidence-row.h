/* SPDX-License-Identifier: GPL-3.0-or-later */

#pragma once

#include <adwaita.h>

#include "lw-evidence.h"
#include "lw-workspace.h"

G_BEGIN_DECLS

/**
 * LwEvidenceRow:
 *
 * A file that is evidence: its name, size and kind; it can be opened (a read-only copy, by the portal),
 * saved and, where it is being attached, removed. Signal: "removed".
 */
#define LW_TYPE_EVIDENCE_ROW (lw_evidence_row_get_type ())
G_DECLARE_FINAL_TYPE (LwEvidenceRow, lw_evidence_row, LW, EVIDENCE_ROW, AdwBin)

/* @request_id: (nullable): the draft that may keep the file. */
GtkWidget *lw_evidence_row_new (LwWorkspace *workspace,
                                const char *request_id,
                                const LwEvidence *evidence,
                                gboolean removable);
const LwEvidence *lw_evidence_row_get_evidence (LwEvidenceRow *self);

G_END_DECLS
