/* SPDX-License-Identifier: GPL-3.0-or-later */

#pragma once

#include "lw-request.h"

G_BEGIN_DECLS

#define LW_TYPE_EVIDENCE (lw_evidence_get_type ())
GType lw_evidence_get_type (void);

/* A file on the evidence shelf; @name is made safe. (transfer full) */
LwEvidence *
lw_evidence_new_file (const char *sha256, const char *name, gint64 size, const char *media_type);
LwEvidence *lw_evidence_copy (const LwEvidence *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (LwEvidence, lw_evidence_free)

/* What an event's "evidence" holds. @list: (element-type LwEvidence) (nullable). (transfer full) */
JsonArray *lw_evidence_list_to_json (GPtrArray *list);
/* What is neither file nor link is left out. @array: (nullable). (transfer full) */
GPtrArray *lw_evidence_list_from_json (JsonArray *array);

/* The files that an event names, its content's and its controls' included: (element-type LwEvidence),
 * links left out. @body: of an event. (transfer full) */
GPtrArray *lw_evidence_files_of (JsonObject *body);
/* The same of a request. (transfer container) */
GPtrArray *lw_evidence_files_of_request (const LwRequest *request);

/* Whether @text is a SHA-256 as the shelf names it: 64 lower-case hex digits. */
gboolean lw_evidence_sha256_is_valid (const char *text);

/**
 * lw_evidence_safe_name:
 * @name: (nullable): what somebody called a file
 *
 * A name that harms nobody who saves or shows it: the last segment only; no control, format or
 * direction characters (which make "exe.pdf" of "fdp.exe"); none of the characters that Windows
 * refuses; no leading dot, no dot or space at the end; none of the names of devices; at most 120 bytes,
 * its ending kept.
 *
 * Returns: (transfer full): never empty
 */
char *lw_evidence_safe_name (const char *name);

/* Whether a file of that name runs something when it is opened: a program, a script, a shortcut, an
 * office file with macros. Leeway saves such files and does not open them. */
gboolean lw_evidence_is_program (const char *name);

G_END_DECLS
