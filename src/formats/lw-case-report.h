/* SPDX-License-Identifier: GPL-3.0-or-later */

#pragma once

#include "lw-case.h"

G_BEGIN_DECLS

/* The whole record of a request as JSON: every event as it is stored, with its digest, and what they come
 * to. (transfer full) */
JsonNode *lw_case_report_to_json (LwCase *value, GDateTime *now);

/* The same for people, to read and to print: one HTML page that loads nothing, holds no script, and has
 * all that others wrote escaped. (transfer full) */
char *lw_case_report_to_html (LwCase *value, GDateTime *now);

/* A line for a person: "2027-01-31 09:00 UTC  approved  Tomás Herrera". (transfer full) */
char *lw_event_line (const LwEvent *event);

/* What an event of that kind is, in words; the kind itself where it is not known. */
const char *lw_event_title (const LwEvent *event);

G_END_DECLS
