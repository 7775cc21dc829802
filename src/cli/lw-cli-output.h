/* SPDX-License-Identifier: GPL-3.0-or-later */

#pragma once

#include "lw-cli-args.h"
#include "lw-verbs.h"

G_BEGIN_DECLS

/* {"findings": […], "submittable": …} (transfer full) */
JsonNode *lw_cli_findings_to_json (GPtrArray *findings);

/* The state of a request; with @whole also its content and its events. @session: whose turn it is is
 * said from this person's side. (transfer full) */
JsonNode *lw_cli_case_to_json (LwSession *session, LwCase *value, gboolean whole);

/* The portfolio's exemptions. (transfer full) */
char *lw_cli_exemptions_to_text (LwPortfolio *portfolio, LwFormat format);

/* Writes to standard output. */
gboolean lw_cli_print (const char *text, GError **error);
gboolean lw_cli_print_json (JsonNode *node, GError **error);

G_END_DECLS
