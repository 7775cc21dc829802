/* SPDX-License-Identifier: GPL-3.0-or-later */

#pragma once

#include <json-glib/json-glib.h>

G_BEGIN_DECLS

/*
 * Versions of policy definitions, "2.1.0" or "2.1.0-preview". An assignment, and a member of an
 * initiative, names the ones that it takes as "2.*.*" or "2.1.*"; a preview only where it says so.
 */

/* Whether @version is one that @pattern (nullable: any) takes. */
gboolean lw_definition_version_matches (const char *pattern, const char *version);
/* The newest string of @versions (nullable) that @pattern takes. (nullable) (transfer none) */
const char *lw_definition_version_choose (const char *pattern, JsonArray *versions);
/* Where the definition @id of the version @pattern (nullable: the newest) is found in a table of
 * definitions: its id, followed by "/versions/…". (transfer full) */
char *lw_definition_key (const char *id, const char *pattern);

G_END_DECLS
