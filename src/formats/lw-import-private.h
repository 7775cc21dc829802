/* SPDX-License-Identifier: GPL-3.0-or-later */

#pragma once

#include "lw-import.h"
#include "lw-json.h"

G_BEGIN_DECLS

/* Which of the numbers of 1/2/2027 is the month. */
typedef enum
{
  LW_DATE_ORDER_UNKNOWN,
  LW_DATE_ORDER_MONTH_FIRST,
  LW_DATE_ORDER_DAY_FIRST,
} LwDateOrder;

typedef struct
{
  LwImport *import;
  LwDateOrder dates;
  gboolean ampersands; /* lists of the file are joined by "&" */
  GHashTable *seen;    /* id (lw_arm_id_hash()) → where */
} LwImporting;

G_GNUC_PRINTF (2, 3) void lw_import_note (LwImportRow *row, const char *format, ...);
/* Whether there are as many rows as are read; notes it. */
gboolean lw_import_is_full (LwImporting *self);
/* A row of the file; "line @line". */
LwImportRow *lw_import_add_row (LwImporting *self, guint line);
G_GNUC_PRINTF (2, 3) void lw_import_refuse (LwImportRow *row, const char *format, ...);

/* Reads an entry of any JSON format into @row, and further rows where it stands for several. */
void lw_import_entry (LwImporting *self, LwImportRow *row, JsonObject *entry, gboolean is_epac);
/* Takes @properties as read, by names of Azure. @id may be %NULL where scope and name are given. */
void lw_import_take (LwImporting *self,
                     LwImportRow *row,
                     const char *id,
                     const char *scope,
                     const char *name,
                     JsonObject *properties,
                     JsonObject *system);

gboolean lw_import_json (LwImporting *self,
                         const char *text,
                         gsize size,
                         const char *format,
                         GError **error);
gboolean lw_import_csv (LwImporting *self, const char *text, const char *format, GError **error);

/* Puts lists, selectors, metadata, dates and the category in Azure's own form. %FALSE where one cannot be
 * understood; the row is refused then. */
gboolean lw_import_normalize (LwImporting *self, LwImportRow *row, JsonObject *properties);
/* "YYYY-MM-DDTHH:MM:SSZ" (transfer full); "" for none; %NULL where it is no date. */
char *lw_import_date (const char *text, LwDateOrder order, gboolean *ambiguous);
/* What a value like 31/1/2027 says of the order. */
LwDateOrder lw_import_date_order (const char *text);

G_END_DECLS
