/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "config.h"

#include <gio/gio.h>
#include <string.h>

#include "lw-word-list.h"

#include "lw-domain-resources.h"

#define RESOURCE "/org/leeway/domain/words/"

struct _LwWordList
{
  char *language;
  gboolean joined;
  GHashTable *words;     /* folded word => mask of kinds */
  GPtrArray *stems[256]; /* (element-type Stem): by their first byte */
  GHashTable *begins;    /* first word of a phrase => (element-type Phrase) */
  GPtrArray *strings; /* (element-type Phrase): of a language without blanks, the longest first */
};

typedef struct
{
  char *text;
  gsize length;
  guint mask;
} Stem;

typedef struct
{
  char **words;
  guint n;
  LwWordKind kind;
} Phrase;

static const char *const sections[LW_WORD_KINDS] = {
  [LW_WORD_FUNCTION] = "[function]", [LW_WORD_HOLLOW] = "[hollow]",
  [LW_WORD_WANT] = "[want]",         [LW_WORD_TROUBLE] = "[trouble]",
  [LW_WORD_BECAUSE] = "[because]",   [LW_WORD_WHEN] = "[when]",
  [LW_WORD_EMPTY] = "[empty]",       [LW_WORD_URGENCY] = "[urgency]",
  [LW_WORD_BLAME] = "[blame]",       [LW_WORD_LATER] = "[later]",
  [LW_WORD_EFFORT] = "[effort]",     [LW_WORD_PLACEHOLDER] = "[placeholder]",
};

/* What a word of several sections is first of all. */
static const LwWordKind order[] = {
  LW_WORD_URGENCY, LW_WORD_BLAME, LW_WORD_LATER, LW_WORD_EFFORT,   LW_WORD_TROUBLE, LW_WORD_WANT,
  LW_WORD_BECAUSE, LW_WORD_WHEN,  LW_WORD_EMPTY, LW_WORD_FUNCTION, LW_WORD_HOLLOW,
};

char *
lw_word_fold (const char *text, gssize length)
{
  g_autofree char *folded = g_utf8_casefold (text, length);

  return g_utf8_normalize (folded, -1, G_NORMALIZE_NFKC);
}

static void
stem_free (gpointer data)
{
  Stem *self = data;

  g_free (self->text);
  g_free (self);
}

static void
phrase_free (gpointer data)
{
  Phrase *self = data;

  g_strfreev (self->words);
  g_free (self);
}

static void
add_phrase (LwWordList *self, char **words, LwWordKind kind)
{
  Phrase *phrase = g_new0 (Phrase, 1);
  GPtrArray *others;

  phrase->words = words;
  phrase->n = g_strv_length (words);
  phrase->kind = kind;
  if (self->joined)
    {
      g_ptr_array_add (self->strings, phrase);
      return;
    }
  others = g_hash_table_lookup (self->begins, words[0]);
  if (others == NULL)
    {
      others = g_ptr_array_new_with_free_func (phrase_free);
      g_hash_table_insert (self->begins, g_strdup (words[0]), others);
    }
  g_ptr_array_add (others, phrase);
}

static void
add_entry (LwWordList *self, const char *line, LwWordKind kind)
{
  g_autofree char *folded = lw_word_fold (line, -1);
  gsize length = strlen (folded);
  gboolean phrase = strchr (folded, ' ') != NULL;

  if (self->joined || (phrase && kind != LW_WORD_PLACEHOLDER))
    {
      add_phrase (self, self->joined ? g_strsplit (folded, "\n", 1) : g_strsplit (folded, " ", -1),
                  kind);
      if (!self->joined || kind != LW_WORD_PLACEHOLDER)
        return;
    }
  if (folded[length - 1] == '*')
    {
      Stem *stem = g_new0 (Stem, 1);

      stem->text = g_strndup (folded, length - 1);
      stem->length = length - 1;
      stem->mask = 1u << kind;
      g_ptr_array_add (self->stems[(guchar) folded[0]], stem);
      return;
    }
  g_hash_table_insert (
      self->words, g_strdup (folded),
      GUINT_TO_POINTER (GPOINTER_TO_UINT (g_hash_table_lookup (self->words, folded)) | 1u << kind));
}

static int
longer_first (gconstpointer a, gconstpointer b)
{
  const Phrase *left = *(const Phrase *const *) a;
  const Phrase *right = *(const Phrase *const *) b;
  gsize l = strlen (left->words[0]), r = strlen (right->words[0]);

  return l == r ? strcmp (left->words[0], right->words[0]) : l < r ? 1 : -1;
}

static LwWordList *
read_list (const char *language)
{
  LwWordList *self = g_new0 (LwWordList, 1);
  g_autofree char *path = g_strconcat (RESOURCE, language, ".txt", NULL);
  g_autoptr (GBytes) bytes =
      g_resource_lookup_data (lw_domain_get_resource (), path, G_RESOURCE_LOOKUP_FLAGS_NONE, NULL);
  g_autofree char *text = g_strndup (g_bytes_get_data (bytes, NULL), g_bytes_get_size (bytes));
  g_auto (GStrv) lines = g_strsplit (text, "\n", -1);
  LwWordKind kind = LW_WORD_CONTENT;

  self->language = g_strdup (language);
  self->joined = strcmp (language, "ja") == 0;
  self->words = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  for (guint i = 0; i < G_N_ELEMENTS (self->stems); i++)
    self->stems[i] = g_ptr_array_new_with_free_func (stem_free);
  self->begins =
      g_hash_table_new_full (g_str_hash, g_str_equal, g_free, (GDestroyNotify) g_ptr_array_unref);
  self->strings = g_ptr_array_new_with_free_func (phrase_free);
  for (guint i = 0; lines[i] != NULL; i++)
    {
      if (lines[i][0] == '[')
        {
          for (kind = LW_WORD_FUNCTION; kind < LW_WORD_KINDS; kind++)
            if (strcmp (sections[kind], lines[i]) == 0)
              break;
          g_assert (kind < LW_WORD_KINDS);
        }
      else if (lines[i][0] != '#' && lines[i][0] != '\0')
        add_entry (self, lines[i], kind);
    }
  g_ptr_array_sort (self->strings, longer_first);
  return self;
}

GPtrArray *
lw_word_lists (void)
{
  static const char *const languages[] = { "en", "de", "fr", "es", "pt", "ja" };
  static GPtrArray *lists;

  /* A constant that is read when it is first wanted. */
  if (g_once_init_enter_pointer (&lists))
    {
      GPtrArray *all = g_ptr_array_new ();

      for (guint i = 0; i < G_N_ELEMENTS (languages); i++)
        g_ptr_array_add (all, read_list (languages[i]));
      g_once_init_leave_pointer (&lists, all);
    }
  return lists;
}

const LwWordList *
lw_word_list_other (void)
{
  static LwWordList *other;

  if (g_once_init_enter_pointer (&other))
    g_once_init_leave_pointer (&other, read_list ("other"));
  return other;
}

const char *
lw_word_list_get_language (const LwWordList *self)
{
  return self->language;
}

gboolean
lw_word_list_is_joined (const LwWordList *self)
{
  return self->joined;
}

static guint
mask_of (const LwWordList *self, const char *word)
{
  guint mask = GPOINTER_TO_UINT (g_hash_table_lookup (self->words, word));
  GPtrArray *stems = self->stems[(guchar) word[0]];

  for (guint i = 0; i < stems->len; i++)
    {
      const Stem *stem = g_ptr_array_index (stems, i);

      if (strncmp (word, stem->text, stem->length) == 0)
        mask |= stem->mask;
    }
  return mask;
}

LwWordKind
lw_word_list_kind (const LwWordList *self, const char *word)
{
  guint mask = mask_of (self, word);

  for (guint i = 0; i < G_N_ELEMENTS (order); i++)
    if (mask & 1u << order[i])
      return order[i];
  return LW_WORD_CONTENT;
}

gboolean
lw_word_list_has (const LwWordList *self, LwWordKind kind, const char *word)
{
  return (mask_of (self, word) & 1u << kind) != 0;
}

static gboolean
same_word (const char *pattern, const char *word)
{
  gsize length = strlen (pattern);

  if (pattern[length - 1] == '*')
    return strncmp (pattern, word, length - 1) == 0;
  return strcmp (pattern, word) == 0;
}

static gboolean
stands_at (const Phrase *phrase, const char *const *words, guint n_words)
{
  if (phrase->n > n_words)
    return FALSE;
  for (guint i = 0; i < phrase->n; i++)
    if (!same_word (phrase->words[i], words[i]))
      return FALSE;
  return TRUE;
}

GArray *
lw_word_list_find (const LwWordList *self, const char *const *words, guint n_words)
{
  GArray *matches = g_array_new (FALSE, FALSE, sizeof (LwWordMatch));

  for (guint i = 0; i < n_words; i++)
    {
      GPtrArray *phrases = g_hash_table_lookup (self->begins, words[i]);

      for (guint k = 0; phrases != NULL && k < phrases->len; k++)
        {
          const Phrase *phrase = g_ptr_array_index (phrases, k);
          LwWordMatch match = { phrase->kind, i, phrase->n };

          if (stands_at (phrase, words + i, n_words - i))
            g_array_append_val (matches, match);
        }
    }
  return matches;
}

GArray *
lw_word_list_find_joined (const LwWordList *self, const char *text)
{
  GArray *matches = g_array_new (FALSE, FALSE, sizeof (LwWordMatch));

  for (guint i = 0; i < self->strings->len; i++)
    {
      const Phrase *phrase = g_ptr_array_index (self->strings, i);
      gsize length = strlen (phrase->words[0]);

      if (phrase->kind == LW_WORD_PLACEHOLDER)
        continue;
      for (const char *at = strstr (text, phrase->words[0]); at != NULL;
           at = strstr (at + length, phrase->words[0]))
        {
          LwWordMatch match = { phrase->kind, (guint) (at - text), (guint) length };

          g_array_append_val (matches, match);
        }
    }
  return matches;
}

gboolean
lw_word_list_is_placeholder (const LwWordList *self, const char *text)
{
  g_autofree char *folded = lw_word_fold (text, -1);

  return (GPOINTER_TO_UINT (g_hash_table_lookup (self->words, folded)) &
          1u << LW_WORD_PLACEHOLDER) != 0;
}
