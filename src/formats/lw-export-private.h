/* SPDX-License-Identifier: GPL-3.0-or-later */

#pragma once

#include "lw-export.h"
#include "lw-json.h"

G_BEGIN_DECLS

/* What is written of one exemption. */
typedef struct
{
  char *id; /* with the fixed segments in Azure's own casing, as some tools match them */
  char *scope;
  char *name;
  LwScopeKind kind;
  gboolean exists;    /* Azure knows it already */
  GDateTime *expires; /* nullable */
  /* what has a value, known members first and in one order; without Azure's stamps in metadata */
  JsonObject *properties;
} LwExportItem;

/* An export at work. */
typedef struct
{
  GPtrArray *items; /* (element-type LwExportItem) */
  GDateTime *now;
  GPtrArray *notes;
  GPtrArray *files;
} LwExport;

G_GNUC_PRINTF (2, 3) void lw_export_note (LwExport *self, const char *format, ...);
/* Takes @text. */
void lw_export_add_file (LwExport *self, const char *stem, const char *extension, GString *text);

/* The property's text, or %NULL. */
const char *lw_export_text (const LwExportItem *item, const char *member);
/* Whether the member is one that 2022-07-01-preview knows. */
gboolean lw_export_is_known (const char *member);
/* Members beyond those. */
gboolean lw_export_has_unknown (const LwExportItem *item);
/* Selectors by something else than location, type or reference. */
gboolean lw_export_has_principals (const LwExportItem *item);
const char *lw_export_api_version (const LwExportItem *item);
/* {"properties": …} as one line of ASCII. (transfer full) */
char *lw_export_body (const LwExportItem *item);
/* Letters, digits and underscores, beginning with a letter, used by no other: @seen holds them. (transfer full) */
char *lw_export_symbol (GHashTable *seen, const char *name);

/* --- text of other languages (lw-code.c) ------------------------------------------------------------ */

/* JSON in one line, without a character beyond ASCII. (transfer full) */
char *lw_code_json (JsonNode *node);
void lw_code_append_hcl_string (GString *out, const char *text);
void lw_code_append_hcl (GString *out, JsonNode *node, guint indent);
void lw_code_append_bicep_string (GString *out, const char *text);
void lw_code_append_bicep (GString *out, JsonNode *node, guint indent);
/* A word of a POSIX shell. */
void lw_code_append_shell (GString *out, const char *text);
/* An expression of PowerShell, of ASCII alone: what the file's encoding is taken for does not matter. */
void lw_code_append_powershell (GString *out, const char *text);
/* One line, without control characters: for comments. (transfer full) */
char *lw_code_comment (const char *text);
/* A copy in which no string is an expression of an ARM template. (transfer full) */
JsonNode *lw_code_arm_literal (JsonNode *node);

/* --- the formats ------------------------------------------------------------------------------------- */

gboolean lw_export_arm (LwExport *self, GError **error);
gboolean lw_export_bicep (LwExport *self, GError **error);
gboolean lw_export_terraform (LwExport *self, GError **error);
gboolean lw_export_az (LwExport *self, GError **error);
gboolean lw_export_powershell (LwExport *self, GError **error);
gboolean lw_export_epac (LwExport *self, GError **error);
gboolean lw_export_epac_csv (LwExport *self, GError **error);
gboolean lw_export_ics (LwExport *self, GError **error);

G_END_DECLS
