/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "config.h"

#include <string.h>

#include "lw-reason-judge.h"
#include "lw-reason-text.h"

/* What a text must weigh: by itself, and where it holds a phrase that stands in the place of a cause. */
#define ENOUGH         4
#define ENOUGH_STEP    2
#define ENOUGH_CONTROL 3
#define ENOUGH_PHRASE  7
/* Names and dates weigh more than words; beyond so many they only add. */
#define NAME_WEIGHT 2
#define MAX_NAMES   3
#define MIN_NAME    3    /* words of a policy's name that a text repeats */
#define MIN_STEM    5    /* letters that two words share to be the same */
#define MAX_BYTES   8192 /* of a text; what comes after is not read */

/* What was found in a text. */
typedef struct
{
  const char *field;
  const char *text;
  GArray *tokens;         /* (element-type LwToken) */
  const LwWordList *list; /* nullable: of a language that is not known */
  GHashTable *policy;     /* folded words of the policies' names */

  GHashTable *words; /* its own ones, each once */
  guint numbers, names, dates, tickets, links, whens;
  guint of_policy; /* of its own words, those of the policies' names */
  gboolean error;
  gboolean named; /* a policy, by its whole name */
  gboolean wants, trouble, cause;
  char *phrases[LW_WORD_KINDS]; /* the first of each, as it stands there */
} Weighing;

static gboolean
has_character (const char *text, gunichar from, gunichar to)
{
  for (const char *p = text; *p != '\0'; p = g_utf8_next_char (p))
    {
      gunichar c = g_utf8_get_char (p);

      if (c >= from && c <= to)
        return TRUE;
    }
  return FALSE;
}

static guint
count_small (const LwWordList *list, GArray *tokens)
{
  guint n = 0;

  for (guint i = 0; i < tokens->len; i++)
    n += lw_word_list_has (list, LW_WORD_FUNCTION, g_array_index (tokens, LwToken, i).word);
  return n;
}

static guint
count_known (const LwWordList *list, GArray *tokens)
{
  guint n = 0;

  for (guint i = 0; i < tokens->len; i++)
    n += lw_word_list_kind (list, g_array_index (tokens, LwToken, i).word) != LW_WORD_CONTENT;
  return n;
}

/* The language by its small words; where there are none, as in notes, by any that are known. */
static const LwWordList *
find_language (const char *text, GArray *tokens)
{
  GPtrArray *lists = lw_word_lists ();
  const LwWordList *best = NULL;
  guint most = 0;

  /* Hiragana and katakana: no other language is written with them. */
  if (has_character (text, 0x3041, 0x30ff))
    return g_ptr_array_index (lists, lists->len - 1);
  for (guint i = 0; i < lists->len; i++)
    {
      const LwWordList *list = g_ptr_array_index (lists, i);
      guint n = lw_word_list_is_joined (list)
                    ? 0
                    : 3 * count_small (list, tokens) + count_known (list, tokens);

      if (n > most)
        {
          most = n;
          best = list;
        }
    }
  if (best != NULL && count_small (lw_word_list_other (), tokens) > count_small (best, tokens))
    return NULL;
  return best;
}

/* Whether two words are forms of one. */
static gboolean
is_akin (const char *a, const char *b)
{
  gsize i = 0;

  if (strcmp (a, b) == 0)
    return TRUE;
  while (a[i] != '\0' && a[i] == b[i])
    i++;
  return i >= MIN_STEM && strlen (a + i) <= 3 && strlen (b + i) <= 3;
}

static gboolean
is_of_policy (Weighing *self, const char *word)
{
  GHashTableIter iter;
  gpointer other;

  g_hash_table_iter_init (&iter, self->policy);
  while (g_hash_table_iter_next (&iter, &other, NULL))
    if (is_akin (word, other))
      return TRUE;
  return FALSE;
}

static void
take_phrase (Weighing *self, LwWordKind kind, const char *words, gsize length)
{
  if (self->phrases[kind] == NULL)
    self->phrases[kind] = g_strndup (words, length);
}

static void
take_match (Weighing *self, LwWordMatch match)
{
  gsize start = g_array_index (self->tokens, LwToken, match.first).start;
  gsize end = g_array_index (self->tokens, LwToken, match.first + match.n - 1).end;

  take_phrase (self, match.kind, self->text + start, end - start);
}

static void
take_word (Weighing *self, const char *word)
{
  if (g_hash_table_add (self->words, g_strdup (word)) && is_of_policy (self, word))
    self->of_policy++;
}

static void
take_token (Weighing *self, guint index)
{
  const LwToken *token = &g_array_index (self->tokens, LwToken, index);
  LwWordKind kind =
      self->list != NULL ? lw_word_list_kind (self->list, token->word) : LW_WORD_CONTENT;

  switch (token->form)
    {
    case LW_TOKEN_NUMBER:
      self->numbers++;
      return;
    case LW_TOKEN_DATE:
      self->dates++;
      return;
    case LW_TOKEN_NAME:
      self->names++;
      return;
    case LW_TOKEN_TICKET:
      self->tickets++;
      return;
    case LW_TOKEN_LINK:
      self->links++;
      return;
    case LW_TOKEN_WORD:
      break;
    }
  if (kind == LW_WORD_CONTENT || kind == LW_WORD_TROUBLE)
    take_word (self, token->word);
  self->trouble |= kind == LW_WORD_TROUBLE;
  self->wants |= kind == LW_WORD_WANT;
  self->cause |= kind == LW_WORD_BECAUSE;
  self->whens += kind == LW_WORD_WHEN;
  if (kind >= LW_WORD_URGENCY)
    take_match (self, (LwWordMatch) { kind, index, 1 });
}

/* In a language with blanks. */
static void
weigh_words (Weighing *self)
{
  g_autofree const char **words = g_new0 (const char *, self->tokens->len + 1);
  g_autofree gboolean *taken = g_new0 (gboolean, self->tokens->len + 1);
  g_autoptr (GArray) matches = NULL;

  for (guint i = 0; i < self->tokens->len; i++)
    words[i] = g_array_index (self->tokens, LwToken, i).word;
  if (self->list != NULL)
    matches = lw_word_list_find (self->list, words, self->tokens->len);
  for (guint i = 0; matches != NULL && i < matches->len; i++)
    {
      LwWordMatch match = g_array_index (matches, LwWordMatch, i);

      self->cause |= match.kind == LW_WORD_BECAUSE;
      self->trouble |= match.kind == LW_WORD_TROUBLE;
      if (match.kind >= LW_WORD_EMPTY)
        take_match (self, match);
      for (guint k = 0; k < match.n; k++)
        taken[match.first + k] = TRUE;
    }
  for (guint i = 0; i < self->tokens->len; i++)
    if (!taken[i])
      take_token (self, i);
}

/* Runs of one script are words where there are no blanks. */
static int
script_of (gunichar c)
{
  if ((c >= 0x30a1 && c <= 0x30ff) || (c >= 0xff66 && c <= 0xff9d))
    return 'k';
  if ((c >= 0x4e00 && c <= 0x9fff) || c == 0x3005)
    return 'h';
  return 0;
}

static void
weigh_runs (Weighing *self, const char *folded)
{
  const char *p = folded;

  while (*p != '\0')
    {
      int script = script_of (g_utf8_get_char (p));
      const char *start = p;

      while (*p != '\0' && script_of (g_utf8_get_char (p)) == script)
        p = g_utf8_next_char (p);
      if (script != 0 && g_utf8_strlen (start, p - start) >= 2)
        {
          g_autofree char *word = g_strndup (start, (gsize) (p - start));

          take_word (self, word);
        }
    }
}

static void
weigh_joined (Weighing *self)
{
  g_autofree char *folded = lw_word_fold (self->text, -1);
  g_autoptr (GArray) matches = lw_word_list_find_joined (self->list, folded);

  for (guint i = 0; i < matches->len; i++)
    {
      LwWordMatch match = g_array_index (matches, LwWordMatch, i);

      /* Part of a longer one. */
      if (folded[match.first] == ' ' || folded[match.first + match.n - 1] == ' ')
        continue;
      self->trouble |= match.kind == LW_WORD_TROUBLE;
      self->wants |= match.kind == LW_WORD_WANT;
      self->cause |= match.kind == LW_WORD_BECAUSE;
      self->whens += match.kind == LW_WORD_WHEN;
      if (match.kind >= LW_WORD_EMPTY)
        take_phrase (self, match.kind, folded + match.first, match.n);
      if (match.kind == LW_WORD_TROUBLE)
        {
          g_autofree char *word = g_strndup (folded + match.first, match.n);

          take_word (self, word);
        }
      memset (folded + match.first, ' ', match.n);
    }
  weigh_runs (self, folded);
  for (guint i = 0; i < self->tokens->len; i++)
    {
      const LwToken *token = &g_array_index (self->tokens, LwToken, i);

      if (token->form != LW_TOKEN_WORD || g_ascii_isalpha (token->word[0]))
        take_token (self, i);
    }
}

static guint
weight (const Weighing *self)
{
  guint names = MIN (self->names + self->dates, MAX_NAMES);

  return g_hash_table_size (self->words) + NAME_WEIGHT * names + MIN (self->numbers, 2) +
         MIN (self->whens, 2) + MIN (self->tickets, 1) + (self->cause && self->trouble);
}

static LwReasonNote *
note_new (LwReasonKind kind, LwSeverity severity, char *words)
{
  LwReasonNote *self = g_new0 (LwReasonNote, 1);

  self->kind = kind;
  self->severity = severity;
  self->words = words;
  return self;
}

static LwReasonNote *
note_phrase (const Weighing *self)
{
  static const struct
  {
    LwWordKind word;
    LwReasonKind kind;
  } kinds[] = {
    { LW_WORD_URGENCY, LW_REASON_URGENCY }, { LW_WORD_BLAME, LW_REASON_BLAME },
    { LW_WORD_EFFORT, LW_REASON_EFFORT },   { LW_WORD_LATER, LW_REASON_LATER },
    { LW_WORD_EMPTY, LW_REASON_HOLLOW },
  };

  for (guint i = 0; i < G_N_ELEMENTS (kinds); i++)
    if (self->phrases[kinds[i].word] != NULL)
      return note_new (kinds[i].kind, LW_SEVERITY_WARNING, g_strdup (self->phrases[kinds[i].word]));
  return NULL;
}

static gboolean
is_field (const Weighing *self, const char *field)
{
  return strcmp (self->field, field) == 0;
}

/* What does not depend on a language. */
static LwReasonNote *
judge_form (const Weighing *self)
{
  guint own = g_hash_table_size (self->words) + self->names + self->dates;

  if (self->error && weight (self) < ENOUGH)
    return note_new (LW_REASON_ERROR, LW_SEVERITY_WARNING, NULL);
  if (self->tickets + self->links > 0 && own <= 1 && !is_field (self, "remediation.step"))
    return note_new (LW_REASON_TICKET, LW_SEVERITY_WARNING, NULL);
  if (self->tokens->len > 0 && self->tokens->len == self->numbers + self->dates)
    return note_new (LW_REASON_HOLLOW, LW_SEVERITY_WARNING, NULL);
  if (self->named && weight (self) < ENOUGH)
    return note_new (LW_REASON_POLICY_NAME, LW_SEVERITY_WARNING, NULL);
  return NULL;
}

static LwReasonNote *
judge_words (const Weighing *self)
{
  guint own = g_hash_table_size (self->words);
  guint weighs = weight (self);
  guint enough = is_field (self, "remediation.step") ? ENOUGH_STEP
                 : is_field (self, "reason.control") ? ENOUGH_CONTROL
                                                     : ENOUGH;
  LwReasonNote *phrase;

  if (self->of_policy >= MIN_NAME && own - self->of_policy <= 1 && self->names + self->dates == 0 &&
      !self->trouble)
    return note_new (LW_REASON_POLICY_NAME, LW_SEVERITY_WARNING, NULL);
  phrase = note_phrase (self);
  if (phrase != NULL && weighs < ENOUGH_PHRASE)
    return phrase;
  g_clear_pointer (&phrase, lw_reason_note_free);
  if (is_field (self, "reason.blocker") && self->wants && !self->trouble && !self->cause &&
      weighs < ENOUGH_PHRASE)
    return note_new (LW_REASON_NO_BLOCKER, LW_SEVERITY_WARNING, NULL);
  if (weighs >= enough)
    return NULL;
  return note_new (is_field (self, "reason.endState") ? LW_REASON_NO_END : LW_REASON_HOLLOW,
                   LW_SEVERITY_WARNING, NULL);
}

static GHashTable *
words_of_policies (const char *const *names)
{
  GHashTable *words = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);

  for (guint i = 0; names != NULL && names[i] != NULL; i++)
    {
      g_autoptr (GArray) tokens = lw_reason_tokens (names[i]);

      for (guint k = 0; k < tokens->len; k++)
        {
          const char *word = g_array_index (tokens, LwToken, k).word;

          if (g_utf8_strlen (word, -1) >= MIN_STEM - 1)
            g_hash_table_add (words, g_strdup (word));
        }
    }
  return words;
}

static gboolean
is_placeholder (GArray *tokens)
{
  GPtrArray *lists = lw_word_lists ();
  g_autoptr (GString) all = g_string_new (NULL);

  for (guint i = 0; i < tokens->len; i++)
    g_string_append_printf (all, "%s%s", i > 0 ? " " : "", g_array_index (tokens, LwToken, i).word);
  for (guint i = 0; i < lists->len; i++)
    if (lw_word_list_is_placeholder (g_ptr_array_index (lists, i), all->str))
      return TRUE;
  return FALSE;
}

LwReasonNote *
lw_reason_judge (const char *field, const char *text, const char *const *policy_names)
{
  g_autofree char *bare = g_utf8_make_valid (text, (gssize) strnlen (text, MAX_BYTES));
  g_autoptr (GArray) tokens = NULL;
  g_autoptr (GHashTable) policy = NULL;
  g_autoptr (GHashTable) words = NULL;
  Weighing self = { .field = field };
  LwReasonNote *note;

  for (guint i = 0; policy_names != NULL && policy_names[i] != NULL; i++)
    self.named |= lw_reason_blank_name (bare, policy_names[i]) > 0;
  self.error = lw_reason_blank_errors (bare);
  self.text = bare;
  self.tokens = tokens = lw_reason_tokens (bare);
  self.policy = policy = words_of_policies (policy_names);
  self.words = words = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  if (!self.error && !self.named && is_placeholder (tokens))
    return note_new (LW_REASON_PLACEHOLDER, LW_SEVERITY_BLOCKER, NULL);
  self.list = find_language (bare, tokens);
  if (self.list != NULL && lw_word_list_is_joined (self.list))
    weigh_joined (&self);
  else
    weigh_words (&self);
  note = judge_form (&self);
  if (note == NULL && self.list != NULL)
    note = judge_words (&self);
  if (note == NULL && lw_reason_shouts (bare))
    note = note_new (LW_REASON_SHOUTING, LW_SEVERITY_ADVICE, NULL);
  for (guint i = 0; i < G_N_ELEMENTS (self.phrases); i++)
    g_free (self.phrases[i]);
  return note;
}
