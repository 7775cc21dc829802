/* SPDX-License-Identifier: GPL-3.0-or-later */

#pragma once

#include <glib.h>

G_BEGIN_DECLS

/**
 * LwCsvFlags:
 * @LW_CSV_EXACT: cells are written as they are, for files that another program reads back
 * @LW_CSV_SAFE: a cell that a spreadsheet could run as a formula (one that begins with "=", "+", "-",
 *   "@", a tab or a carriage return) gets an apostrophe in front, for reports that people open
 */
typedef enum
{
  LW_CSV_EXACT = 0,
  LW_CSV_SAFE = 1 << 0,
} LwCsvFlags;

/**
 * lw_csv_append_row:
 * @out: the text so far
 * @cells: (array zero-terminated=1): UTF-8
 *
 * Appends one record of RFC 4180: cells apart by commas, ended by CRLF; a cell is quoted where it holds a
 * comma, a quote or a line break, or begins or ends with a blank.
 */
void lw_csv_append_row (GString *out, const char *const *cells, LwCsvFlags flags);

/* One record of a CSV file. */
typedef struct
{
  GStrv cells;
  guint line;   /* of the file, from 1, where it begins */
  gboolean cut; /* a quote that never ends begins here: the line is given as it is, as one cell */
} LwCsvRow;

void lw_csv_row_free (LwCsvRow *self);

/**
 * lw_csv_read:
 * @text: UTF-8; a byte order mark is skipped
 * @delimiter: "," or ";"; 0 for the one that splits the first line better
 *
 * Reads RFC 4180, with CRLF, LF or CR; a quote within an unquoted cell is taken as it is. Records in
 * which every cell is blank are left out. A quote that never ends spoils its own line only.
 *
 * Returns: (transfer full) (element-type LwCsvRow): the records, the header among them
 */
GPtrArray *lw_csv_read (const char *text, char delimiter);

G_END_DECLS
