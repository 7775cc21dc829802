/* SPDX-License-Identifier: GPL-3.0-or-later */

#include <string.h>

#include "lw-csv.h"

static gboolean
is_formula (const char *cell)
{
  return cell[0] != '\0' && strchr ("=+-@\t\r", cell[0]) != NULL;
}

static gboolean
is_blank (char c)
{
  return c == ' ' || c == '\t';
}

static gboolean
needs_quotes (const char *cell)
{
  gsize length = strlen (cell);

  return length > 0 &&
         (strpbrk (cell, ",\"\r\n") != NULL || is_blank (cell[0]) || is_blank (cell[length - 1]));
}

static void
append_cell (GString *out, const char *cell, LwCsvFlags flags)
{
  g_autofree char *guarded = NULL;

  if ((flags & LW_CSV_SAFE) != 0 && is_formula (cell))
    cell = guarded = g_strconcat ("'", cell, NULL);
  if (!needs_quotes (cell))
    {
      g_string_append (out, cell);
      return;
    }
  g_string_append_c (out, '"');
  for (; *cell != '\0'; cell++)
    {
      if (*cell == '"')
        g_string_append_c (out, '"');
      g_string_append_c (out, *cell);
    }
  g_string_append_c (out, '"');
}

void
lw_csv_append_row (GString *out, const char *const *cells, LwCsvFlags flags)
{
  g_return_if_fail (out != NULL);
  g_return_if_fail (cells != NULL);

  for (guint i = 0; cells[i] != NULL; i++)
    {
      if (i > 0)
        g_string_append_c (out, ',');
      append_cell (out, cells[i], flags);
    }
  g_string_append (out, "\r\n");
}
