/* SPDX-License-Identifier: GPL-3.0-or-later */

#pragma once

#include <glib.h>

G_BEGIN_DECLS

typedef enum
{
  LW_DIFF_SAME,
  LW_DIFF_REMOVED,
  LW_DIFF_ADDED,
} LwDiffKind;

/* A stretch of text; neighbours are never of the same kind. */
typedef struct
{
  LwDiffKind kind;
  char *text;
} LwDiffRun;

void lw_diff_run_free (LwDiffRun *self);

/**
 * lw_word_diff:
 * @before: (nullable): UTF-8
 * @after: (nullable): UTF-8
 *
 * What changed from @before to @after, in whole words. The text of all runs but the removed ones is
 * @after (without white space at its start), and where words were removed they stand before what replaces them. A difference in white
 * space alone is none. Texts whose changed part is too long to compare word by word (more than some
 * thousand words on both sides) come as one removed and one added run.
 *
 * Returns: (transfer full) (element-type LwDiffRun): empty where both texts are
 */
GPtrArray *lw_word_diff (const char *before, const char *after);

/* Whether any run is not %LW_DIFF_SAME. */
gboolean lw_word_diff_has_changes (GPtrArray *runs);

G_END_DECLS
