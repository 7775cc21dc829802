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

/* --- reading ------------------------------------------------------------------------------------------ */

/* Unended quotes are looked past this often; what follows is read as it is. */
#define MAX_CUTS 64

typedef struct
{
  const char *at;
  guint line;
  char delimiter;
} Reader;

void
lw_csv_row_free (LwCsvRow *self)
{
  if (self == NULL)
    return;
  g_strfreev (self->cells);
  g_free (self);
}

static gboolean
is_end (char c)
{
  return c == '\0' || c == '\n' || c == '\r';
}

static void
skip_break (Reader *self)
{
  if (*self->at == '\r')
    self->at += self->at[1] == '\n' ? 2 : 1;
  else if (*self->at == '\n')
    self->at++;
  self->line++;
}

/* %FALSE where the quote does not end. */
static gboolean
read_quoted (Reader *self, GString *cell)
{
  for (self->at++; *self->at != '\0'; self->at++)
    {
      if (*self->at == '"' && self->at[1] != '"')
        {
          self->at++;
          return TRUE;
        }
      if (*self->at == '"')
        self->at++;
      if (*self->at == '\n')
        self->line++;
      g_string_append_c (cell, *self->at);
    }
  return FALSE;
}

static gboolean
read_cell (Reader *self, GStrvBuilder *cells)
{
  g_autoptr (GString) cell = g_string_new (NULL);

  if (*self->at == '"' && !read_quoted (self, cell))
    return FALSE;
  while (!is_end (*self->at) && *self->at != self->delimiter)
    g_string_append_c (cell, *self->at++);
  g_strv_builder_add (cells, cell->str);
  return TRUE;
}

static gboolean
is_blank_row (GStrv cells)
{
  for (guint i = 0; cells[i] != NULL; i++)
    if (cells[i][strspn (cells[i], " \t")] != '\0')
      return FALSE;
  return TRUE;
}

static LwCsvRow *
read_row (Reader *self, guint *cuts)
{
  g_autoptr (GStrvBuilder) cells = g_strv_builder_new ();
  LwCsvRow *row = g_new0 (LwCsvRow, 1);
  const char *start = self->at;

  row->line = self->line;
  while (*cuts < MAX_CUTS && read_cell (self, cells))
    {
      if (*self->at != self->delimiter)
        {
          row->cells = g_strv_builder_end (cells);
          skip_break (self);
          return row;
        }
      self->at++;
    }
  /* the line as it is */
  (*cuts)++;
  self->at = start;
  self->line = row->line;
  while (!is_end (*self->at))
    self->at++;
  row->cut = TRUE;
  row->cells = g_new0 (char *, 2);
  row->cells[0] = g_strndup (start, (gsize) (self->at - start));
  skip_break (self);
  return row;
}

static char
find_delimiter (const char *text)
{
  guint commas = 0;
  guint semicolons = 0;

  for (; !is_end (*text); text++)
    {
      commas += *text == ',';
      semicolons += *text == ';';
    }
  return semicolons > commas ? ';' : ',';
}

GPtrArray *
lw_csv_read (const char *text, char delimiter)
{
  GPtrArray *rows = g_ptr_array_new_with_free_func ((GDestroyNotify) lw_csv_row_free);
  Reader self = { text, 1, delimiter };
  guint cuts = 0;

  if (strncmp (self.at, "\xef\xbb\xbf", 3) == 0)
    self.at += 3;
  if (delimiter == '\0')
    self.delimiter = find_delimiter (self.at);
  while (*self.at != '\0')
    {
      LwCsvRow *row = read_row (&self, &cuts);

      if (is_blank_row (row->cells))
        lw_csv_row_free (row);
      else
        g_ptr_array_add (rows, row);
    }
  return rows;
}
