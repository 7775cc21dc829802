/* SPDX-License-Identifier: GPL-3.0-or-later */

#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* What a word or phrase is good for in a text that gives a reason: the sections of data/words. */
typedef enum
{
  LW_WORD_CONTENT, /* in no list */
  LW_WORD_FUNCTION,
  LW_WORD_HOLLOW,
  LW_WORD_WANT,
  LW_WORD_TROUBLE,
  LW_WORD_BECAUSE,
  LW_WORD_WHEN,
  LW_WORD_EMPTY,
  LW_WORD_URGENCY,
  LW_WORD_BLAME,
  LW_WORD_LATER,
  LW_WORD_EFFORT,
  LW_WORD_PLACEHOLDER,
  LW_WORD_KINDS,
} LwWordKind;

/* The words of one language. Constant. */
typedef struct _LwWordList LwWordList;

/* Where a phrase was found. */
typedef struct
{
  LwWordKind kind;
  guint first; /* of the words; of the bytes in a language without blanks */
  guint n;
} LwWordMatch;

/**
 * lw_word_lists:
 *
 * Returns: (transfer none) (element-type LwWordList): all languages that are judged
 */
GPtrArray *lw_word_lists (void);

/* Words of languages that are not judged. (transfer none) */
const LwWordList *lw_word_list_other (void);

/* "en", "de"… */
const char *lw_word_list_get_language (const LwWordList *self);
/* Whether words are written without blanks between them. */
gboolean lw_word_list_is_joined (const LwWordList *self);

/* What @word, folded, is by itself. */
LwWordKind lw_word_list_kind (const LwWordList *self, const char *word);
/* Whether @word is one of @kind, among others that it may be. */
gboolean lw_word_list_has (const LwWordList *self, LwWordKind kind, const char *word);
/* The phrases of @kind and above (see %LW_WORD_BECAUSE) in @words. (transfer full) (element-type LwWordMatch) */
GArray *lw_word_list_find (const LwWordList *self, const char *const *words, guint n_words);
/* The same, and the single words too, in a language without blanks. The longest first. */
GArray *lw_word_list_find_joined (const LwWordList *self, const char *text);
/* Whether the whole of @text, words with single blanks between them, only fills a field. */
gboolean lw_word_list_is_placeholder (const LwWordList *self, const char *text);

/* One case, one form of each letter. (transfer full) */
char *lw_word_fold (const char *text, gssize length);

G_END_DECLS
