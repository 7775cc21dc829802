/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "lw-table.h"

#define GAP 2

struct _LwTable
{
  guint columns;
  guint *max_widths;
  GPtrArray *rows; /* (element-type GPtrArray), of strings; the headings first */
};

LwTable *
lw_table_new (const char *const *headings)
{
  LwTable *self;

  g_return_val_if_fail (headings != NULL && headings[0] != NULL, NULL);

  self = g_new0 (LwTable, 1);
  self->columns = g_strv_length ((char **) headings);
  self->max_widths = g_new0 (guint, self->columns);
  self->rows = g_ptr_array_new_with_free_func ((GDestroyNotify) g_ptr_array_unref);
  lw_table_add_row (self, headings);
  return self;
}

void
lw_table_free (LwTable *self)
{
  if (self == NULL)
    return;
  g_free (self->max_widths);
  g_ptr_array_unref (self->rows);
  g_free (self);
}

void
lw_table_set_max_width (LwTable *self, guint column, guint width)
{
  g_return_if_fail (column < self->columns);

  self->max_widths[column] = width;
}

static guint
char_width (gunichar c)
{
  if (g_unichar_iszerowidth (c))
    return 0;
  return g_unichar_iswide (c) ? 2 : 1;
}

guint
lw_text_width (const char *text)
{
  guint width = 0;

  for (const char *p = text; *p != '\0'; p = g_utf8_next_char (p))
    width += char_width (g_utf8_get_char (p));
  return width;
}

/* Embeddings, overrides and isolates, which reorder what stands around them. */
static gboolean
is_direction (gunichar c)
{
  return (c >= 0x202A && c <= 0x202E) || (c >= 0x2066 && c <= 0x2069) || c == 0x200E ||
         c == 0x200F || c == 0x061C;
}

static char *
clean (const char *cell)
{
  g_autofree char *valid = g_utf8_make_valid (cell, -1);
  GString *out = g_string_new (NULL);

  for (const char *p = valid; *p != '\0'; p = g_utf8_next_char (p))
    {
      gunichar c = g_utf8_get_char (p);

      if (c == '\n' || c == '\r' || c == '\t' || c == 0x2028 || c == 0x2029)
        g_string_append_c (out, ' ');
      else if (g_unichar_iscntrl (c) || is_direction (c))
        g_string_append (out, "\xEF\xBF\xBD");
      else
        g_string_append_unichar (out, c);
    }
  return g_string_free_and_steal (out);
}

void
lw_table_add_row (LwTable *self, const char *const *cells)
{
  GPtrArray *row = g_ptr_array_new_with_free_func (g_free);

  for (guint i = 0; i < self->columns && cells[i] != NULL; i++)
    g_ptr_array_add (row, clean (cells[i]));
  while (row->len < self->columns)
    g_ptr_array_add (row, g_strdup (""));
  g_ptr_array_add (self->rows, row);
}

/* @text in at most @max places. (transfer full) */
static char *
fit (const char *text, guint max)
{
  GString *out;
  guint width = 0;

  if (max == 0 || lw_text_width (text) <= max)
    return g_strdup (text);
  out = g_string_new (NULL);
  for (const char *p = text; *p != '\0'; p = g_utf8_next_char (p))
    {
      gunichar c = g_utf8_get_char (p);

      width += char_width (c);
      if (width + 1 > max)
        break;
      g_string_append_unichar (out, c);
    }
  g_string_append (out, "…");
  return g_string_free_and_steal (out);
}

static const char *
cell_at (LwTable *self, guint row, guint column)
{
  return g_ptr_array_index ((GPtrArray *) g_ptr_array_index (self->rows, row), column);
}

static void
append_line (LwTable *self, GString *out, guint row, const guint *widths)
{
  gsize start = out->len;

  for (guint i = 0; i < self->columns; i++)
    {
      g_autofree char *cell = fit (cell_at (self, row, i), self->max_widths[i]);

      g_string_append (out, cell);
      for (guint pad = lw_text_width (cell); pad < widths[i] + GAP; pad++)
        g_string_append_c (out, ' ');
    }
  while (out->len > start && out->str[out->len - 1] == ' ')
    g_string_truncate (out, out->len - 1);
  g_string_append_c (out, '\n');
}

char *
lw_table_to_string (LwTable *self)
{
  g_autofree guint *widths = g_new0 (guint, self->columns);
  GString *out = g_string_new (NULL);

  for (guint row = 0; row < self->rows->len; row++)
    for (guint i = 0; i < self->columns; i++)
      {
        g_autofree char *cell = fit (cell_at (self, row, i), self->max_widths[i]);

        widths[i] = MAX (widths[i], lw_text_width (cell));
      }
  for (guint row = 0; row < self->rows->len; row++)
    append_line (self, out, row, widths);
  return g_string_free_and_steal (out);
}
