/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "lw-word-diff.h"

#include <string.h>

/* Cells of the table that finds the longest common subsequence: 2 bytes each. */
#define MAX_CELLS (4u * 1024 * 1024)

/* A word with the white space after it. */
typedef struct
{
  const char *start;
  gsize word;  /* bytes of the word */
  gsize total; /* bytes with the white space after it */
} Token;

void
lw_diff_run_free (LwDiffRun *self)
{
  if (!self)
    return;
  g_free (self->text);
  g_free (self);
}

static const char *
skip (const char *p, gboolean space)
{
  while (*p && !!g_unichar_isspace (g_utf8_get_char (p)) == space)
    p = g_utf8_next_char (p);
  return p;
}

static GArray *
tokenize (const char *text)
{
  GArray *tokens = g_array_new (FALSE, FALSE, sizeof (Token));
  const char *p = skip (text, TRUE);

  while (*p)
    {
      const char *end = skip (p, FALSE);
      const char *next = skip (end, TRUE);
      Token token = { p, end - p, next - p };

      g_array_append_val (tokens, token);
      p = next;
    }
  return tokens;
}

static gboolean
same_word (const Token *a, const Token *b)
{
  return a->word == b->word && memcmp (a->start, b->start, a->word) == 0;
}

static void
emit (GPtrArray *runs, LwDiffKind kind, const char *text, gsize length)
{
  LwDiffRun *last = runs->len ? g_ptr_array_index (runs, runs->len - 1) : NULL;

  if (length == 0)
    return;
  if (last && last->kind == kind)
    {
      g_autofree char *old = last->text;

      last->text = g_strdup_printf ("%s%.*s", old, (int) length, text);
      return;
    }
  last = g_new0 (LwDiffRun, 1);
  last->kind = kind;
  last->text = g_strndup (text, length);
  g_ptr_array_add (runs, last);
}

static void
emit_tokens (GPtrArray *runs, LwDiffKind kind, GArray *tokens, guint from, guint to)
{
  const Token *first, *last;

  if (from >= to)
    return;
  first = &g_array_index (tokens, Token, from);
  last = &g_array_index (tokens, Token, to - 1);
  emit (runs, kind, first->start, last->start + last->total - first->start);
}

/* table[i * (m + 1) + j]: length of the longest common subsequence of a[i…] and b[j…]. */
static guint16 *
common_lengths (GArray *a, guint a0, guint n, GArray *b, guint b0, guint m)
{
  guint16 *table = g_new0 (guint16, (gsize) (n + 1) * (m + 1));

  for (guint i = n; i-- > 0;)
    for (guint j = m; j-- > 0;)
      {
        guint16 *cell = table + (gsize) i * (m + 1) + j;

        if (same_word (&g_array_index (a, Token, a0 + i), &g_array_index (b, Token, b0 + j)))
          *cell = cell[m + 2] + 1;
        else
          *cell = MAX (cell[m + 1], cell[1]);
      }
  return table;
}

/* The changed part between the common beginning and end of both texts. */
static void
diff_middle (GPtrArray *runs, GArray *a, guint a0, guint n, GArray *b, guint b0, guint m)
{
  g_autofree guint16 *table = NULL;
  guint i = 0, j = 0;

  if (n > G_MAXUINT16 || m > G_MAXUINT16 || (guint64) (n + 1) * (m + 1) > MAX_CELLS)
    {
      emit_tokens (runs, LW_DIFF_REMOVED, a, a0, a0 + n);
      emit_tokens (runs, LW_DIFF_ADDED, b, b0, b0 + m);
      return;
    }

  table = common_lengths (a, a0, n, b, b0, m);
  while (i < n || j < m)
    {
      guint removed = i, added = j;

      while ((i < n || j < m) &&
             !(i < n && j < m &&
               same_word (&g_array_index (a, Token, a0 + i), &g_array_index (b, Token, b0 + j))))
        {
          if (j >= m ||
              (i < n && table[(gsize) (i + 1) * (m + 1) + j] >= table[(gsize) i * (m + 1) + j + 1]))
            i++;
          else
            j++;
        }
      emit_tokens (runs, LW_DIFF_REMOVED, a, a0 + removed, a0 + i);
      emit_tokens (runs, LW_DIFF_ADDED, b, b0 + added, b0 + j);
      if (i < n && j < m)
        {
          emit_tokens (runs, LW_DIFF_SAME, b, b0 + j, b0 + j + 1);
          i++;
          j++;
        }
    }
}

static gboolean
ends_in_space (const char *text)
{
  return g_unichar_isspace (g_utf8_get_char (g_utf8_prev_char (text + strlen (text))));
}

/* The last word of a text has no space after it; a removed stretch beside it needs one. */
static void
separate_runs (GPtrArray *runs)
{
  for (guint i = 0; i < runs->len; i++)
    {
      LwDiffRun *run = g_ptr_array_index (runs, i);
      const LwDiffRun *before = i > 0 ? g_ptr_array_index (runs, i - 1) : NULL;
      gboolean lead = before && !ends_in_space (before->text);
      gboolean trail = i + 1 < runs->len && !ends_in_space (run->text);

      if (run->kind == LW_DIFF_REMOVED && (lead || trail))
        {
          g_autofree char *old = run->text;

          run->text = g_strconcat (lead ? " " : "", old, trail ? " " : "", NULL);
        }
    }
}

GPtrArray *
lw_word_diff (const char *before, const char *after)
{
  g_autoptr (GArray) a = tokenize (before ? before : "");
  g_autoptr (GArray) b = tokenize (after ? after : "");
  GPtrArray *runs = g_ptr_array_new_with_free_func ((GDestroyNotify) lw_diff_run_free);
  guint start = 0, end = 0;

  while (start < a->len && start < b->len &&
         same_word (&g_array_index (a, Token, start), &g_array_index (b, Token, start)))
    start++;
  while (end < a->len - start && end < b->len - start &&
         same_word (&g_array_index (a, Token, a->len - 1 - end),
                    &g_array_index (b, Token, b->len - 1 - end)))
    end++;

  emit_tokens (runs, LW_DIFF_SAME, b, 0, start);
  diff_middle (runs, a, start, a->len - start - end, b, start, b->len - start - end);
  emit_tokens (runs, LW_DIFF_SAME, b, b->len - end, b->len);
  separate_runs (runs);
  return runs;
}

gboolean
lw_word_diff_has_changes (GPtrArray *runs)
{
  for (guint i = 0; i < runs->len; i++)
    {
      const LwDiffRun *run = g_ptr_array_index (runs, i);

      if (run->kind != LW_DIFF_SAME)
        return TRUE;
    }
  return FALSE;
}
