/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Texts taken apart into words. */

#include "config.h"

#include <string.h>

#include "lw-reason-text.h"

#define MIN_CAPITALS 20 /* letters, before a text of capitals is loud */

static void
token_clear (gpointer data)
{
  LwToken *self = data;

  g_free (self->word);
}

static gboolean
is_letter (gunichar c)
{
  return g_unichar_isalnum (c) || g_unichar_ismark (c) || c == '_';
}

/* Of a script that is written without blanks. */
static gboolean
is_joined (gunichar c)
{
  return (c >= 0x3005 && c <= 0x9fff) || (c >= 0xff66 && c <= 0xff9d);
}

static gboolean
is_apostrophe (gunichar c)
{
  return c == '\'' || c == 0x2019;
}

/* Signs that hold a name together, where letters or digits stand on both sides. */
static gboolean
is_joint (gunichar c)
{
  return c != 0 && c < 0x80 && strchr ("-./:@+\\%", (int) c) != NULL;
}

/* What a written word consists of. */
typedef struct
{
  guint letters, digits, capitals, humps, joints, hyphens, dots, slashes, ats, underscores;
} Make;

static Make
make_of (const char *word, gsize length)
{
  Make make = { 0 };
  gunichar before = 0;

  for (const char *p = word; p < word + length; p = g_utf8_next_char (p))
    {
      gunichar c = g_utf8_get_char (p);

      make.letters += g_unichar_isalpha (c);
      make.digits += g_unichar_isdigit (c);
      make.capitals += g_unichar_isupper (c);
      make.humps += g_unichar_isupper (c) && g_unichar_islower (before);
      make.joints += is_joint (c);
      make.hyphens += c == '-';
      make.dots += c == '.';
      make.slashes += c == '/';
      make.ats += c == '@';
      make.underscores += c == '_';
      before = c;
    }
  return make;
}

static gboolean
is_ticket (const char *word, gsize length)
{
  gsize letters = 0, i;

  while (letters < length && g_ascii_isalpha (word[letters]))
    letters++;
  if (letters < 2 || letters > 10)
    return FALSE;
  for (gsize k = 0; k < letters; k++)
    if (!g_ascii_isupper (word[k]))
      return FALSE;
  i = letters + (letters < length && word[letters] == '-');
  if (length - i < (i > letters ? 1 : 4))
    return FALSE;
  for (; i < length; i++)
    if (!g_ascii_isdigit (word[i]))
      return FALSE;
  return TRUE;
}

static LwTokenForm
form_of (const char *word, gsize length)
{
  Make make = make_of (word, length);

  if (is_ticket (word, length))
    return LW_TOKEN_TICKET;
  if (make.digits > 0 && make.letters == 0)
    return make.joints >= 2 ||
                   (make.joints == 1 && (make.slashes == 1 || make.dots == 1) && make.digits >= 3)
               ? LW_TOKEN_DATE
               : LW_TOKEN_NUMBER;
  if ((make.digits > 0 && make.letters > 0) || make.underscores > 0 || make.ats > 0 ||
      make.dots > 0 || make.slashes > 1 || make.humps > 1)
    return LW_TOKEN_NAME;
  return LW_TOKEN_WORD;
}

static void
add_token (GArray *tokens, const char *text, gsize start, gsize end)
{
  LwToken token = { .start = start, .end = end, .form = form_of (text + start, end - start) };
  GString *bare = g_string_new (NULL);

  for (const char *p = text + start; p < text + end; p = g_utf8_next_char (p))
    if (!is_apostrophe (g_utf8_get_char (p)))
      g_string_append_unichar (bare, g_utf8_get_char (p));
  token.word = lw_word_fold (bare->str, (gssize) bare->len);
  g_string_free (bare, TRUE);
  g_array_append_val (tokens, token);
}

/* A written word; words that hyphens join are several, where they are no name. */
static void
add_written (GArray *tokens, const char *text, gsize start, gsize end)
{
  gsize from = start;

  if (memchr (text + start, '-', end - start) == NULL ||
      form_of (text + start, end - start) != LW_TOKEN_WORD)
    {
      add_token (tokens, text, start, end);
      return;
    }
  for (gsize i = start; i <= end; i++)
    if (i == end || text[i] == '-')
      {
        if (i > from)
          add_token (tokens, text, from, i);
        from = i + 1;
      }
}

static gsize
link_length (const char *text)
{
  if (!g_str_has_prefix (text, "http://") && !g_str_has_prefix (text, "https://"))
    return 0;
  return strcspn (text, " \t\r\n<>\"()");
}

/* Of "l’accès" and "it’s" the short part before the apostrophe is a word of its own. */
static gboolean
is_elided (const char *text, gsize start, gsize end)
{
  g_autofree char *part = g_utf8_strdown (text + start, (gssize) (end - start));

  return g_utf8_strlen (part, -1) <= 2 || g_str_has_suffix (part, "qu");
}

GArray *
lw_reason_tokens (const char *text)
{
  GArray *tokens = g_array_new (FALSE, FALSE, sizeof (LwToken));
  const char *p = text;

  g_array_set_clear_func (tokens, token_clear);
  while (*p != '\0')
    {
      const char *start = p;
      gsize length = link_length (p);
      gboolean joined;

      if (length > 0)
        {
          LwToken token = { g_strdup (""), (gsize) (p - text), (gsize) (p - text) + length,
                            LW_TOKEN_LINK };

          g_array_append_val (tokens, token);
          p += length;
          continue;
        }
      if (*p == '/' && g_ascii_isalnum (p[1]))
        p++;
      if (!is_letter (g_utf8_get_char (p)))
        {
          p = g_utf8_next_char (p);
          continue;
        }
      joined = is_joined (g_utf8_get_char (p));
      while (*p != '\0')
        {
          gunichar c = g_utf8_get_char (p);
          const char *next = g_utf8_next_char (p);
          gboolean inside = *next != '\0' && is_letter (g_utf8_get_char (next));

          if (is_letter (c) && is_joined (c) == joined)
            p = next;
          else if (is_letter (c))
            break;
          else if (is_apostrophe (c) && inside &&
                   !is_elided (text, (gsize) (start - text), (gsize) (p - text)))
            p = next;
          else if (c == '%' && g_ascii_isdigit (p[-1]))
            p = next;
          else if (is_joint (c) && inside &&
                   (c != '/' || *start == '/' ||
                    make_of (start, (gsize) (p - start)).digits +
                            make_of (start, (gsize) (p - start)).joints >
                        0))
            p = next;
          else
            break;
        }
      add_written (tokens, text, (gsize) (start - text), (gsize) (p - text));
    }
  return tokens;
}

/* Errors */

/* What stands in messages of Azure and of the tools that pass them on, in small letters. */
static const char *const error_marks[] = {
  "requestdisallowedbypolicy",
  "was disallowed by policy",
  "disallowed by one or more policies",
  "policyviolation",
  "policyassignment",
  "policydefinition",
  "invalidtemplatedeployment",
  "deploymentfailed",
  "authorizationfailed",
  "policy identifiers",
  "statuscode",
  "status code",
  "errorcode",
  "errormessage",
  "error:",
  "code:",
  "code=",
  "message:",
  "message=",
  "target:",
  "traceback",
  "exception:",
  "operation failed",
  "tracking id",
  "correlationid",
  "correlation id",
  "##[error]",
};

static gsize
sentence_length (const char *text)
{
  const char *p = text;

  while (*p != '\0' && *p != '\n' &&
         !((*p == '.' || *p == '!' || *p == '?') && (p[1] == ' ' || p[1] == '\n')))
    p++;
  return (gsize) (p - text) + (*p != '\0');
}

static void
blank (char *text, gsize length)
{
  memset (text, ' ', length);
}

static gboolean
has_mark (const char *text, gsize length)
{
  g_autofree char *sentence = g_ascii_strdown (text, (gssize) length);

  for (guint i = 0; i < G_N_ELEMENTS (error_marks); i++)
    if (strstr (sentence, error_marks[i]) != NULL)
      return TRUE;
  return FALSE;
}

/* An object of JSON, whole or cut off. */
static gsize
object_length (const char *text)
{
  guint depth = 0;
  gsize i;

  if (text[0] != '{' || text[1 + strspn (text + 1, " \t\r\n")] != '"')
    return 0;
  for (i = 0; text[i] != '\0'; i++)
    {
      depth += text[i] == '{';
      if (text[i] == '}' && --depth == 0)
        return i + 1;
    }
  return i;
}

gboolean
lw_reason_blank_errors (char *text)
{
  gboolean found = FALSE;

  for (char *p = text; *p != '\0'; p++)
    {
      gsize length = object_length (p);

      if (length > 0)
        {
          blank (p, length);
          found = TRUE;
        }
    }
  for (char *p = text; *p != '\0';)
    {
      gsize length = sentence_length (p);

      if (has_mark (p, length))
        {
          blank (p, length);
          found = TRUE;
        }
      p += length;
    }
  return found;
}

guint
lw_reason_blank_name (char *text, const char *name)
{
  gsize length = strlen (name);
  guint n = 0;

  for (char *p = text; length > 0 && *p != '\0'; p++)
    if (g_ascii_strncasecmp (p, name, length) == 0)
      {
        blank (p, length);
        n++;
      }
  return n;
}

gboolean
lw_reason_shouts (const char *text)
{
  Make make = make_of (text, strlen (text));

  return strstr (text, "!!") != NULL ||
         (make.letters >= MIN_CAPITALS && make.capitals * 10 > make.letters * 8);
}
