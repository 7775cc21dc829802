/* SPDX-License-Identifier: GPL-3.0-or-later */

#pragma once

#include "lw-policy.h"

G_BEGIN_DECLS

/* More than this is not read (bytes). */
#define LW_IMPORT_MAX_SIZE (64 * 1024 * 1024)

/* Nor more entries than this; it is said where there are. */
#define LW_IMPORT_MAX_ROWS 200000

/* What became of one entry or row of the file. */
typedef struct
{
  LwExemption *exemption; /* NULL where it was refused */
  char *where;            /* "line 7" */
  char *problem;          /* nullable: why it was refused */
  GPtrArray *notes; /* (element-type utf8): what is known of it, but not certain or not whole */
  gboolean partial; /* the file does not hold all of it: fit for reading, not for writing it back */
} LwImportRow;

typedef struct
{
  const char *format; /* "epac", "epac-csv", "rest", "az", "powershell", "resource-graph",
                         "resource-graph-csv", "azgovviz" */
  GPtrArray *rows;    /* (element-type LwImportRow), in the order of the file */
  GPtrArray *notes;   /* (element-type utf8): about the whole file */
} LwImport;

/**
 * lw_import:
 * @bytes: a file
 * @format: (nullable): what it is, where the caller knows; else it is recognised
 *
 * Reads exemptions: EPAC's JSON, JSONC and CSV and the reports of its tools, "az policy exemption … -o json",
 * PowerShell's ConvertTo-Json, Azure's lists and single objects, Resource Graph (JSON as rows or as a table,
 * az graph query, the portal's CSV), AzGovViz's CSV. Every exemption has Azure's own shape; members that
 * are not known are kept. An entry that cannot be read is reported with its line, and the rest is kept.
 *
 * Returns: (transfer full): what was read, or %NULL with %LW_DOMAIN_ERROR_JSON or %LW_DOMAIN_ERROR_TYPE where
 *   nothing could be: it is of no known format, or not readable at all
 */
LwImport *lw_import (GBytes *bytes, const char *format, GError **error);
void lw_import_free (LwImport *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (LwImport, lw_import_free)

/* The exemptions alone. (transfer full) (element-type LwExemption) */
GPtrArray *lw_import_get_exemptions (const LwImport *self);

/* {"format", "exemptions": [as Azure has them], "problems": [{"where", "message"}],
 *  "notes": [{"where", "message"}], "partial": true} (transfer full) */
JsonNode *lw_import_to_json (const LwImport *self);

G_END_DECLS
