/* SPDX-License-Identifier: GPL-3.0-or-later */

#include <string.h>

#include "lw-fault.h"
#include "lw-json.h"
#include "lw-pkce.h"

/*
 * WWW-Authenticate (RFC 9110 section 11): challenges are a scheme and parameters in any order, several
 * of them joined by commas. A word that is followed by neither "=" nor a comma begins a new challenge.
 */

typedef struct
{
  gboolean bearer;
  char *error;
  char *claims;
} Challenge;

static void
challenge_free (gpointer data)
{
  Challenge *self = data;

  g_free (self->error);
  g_free (self->claims);
  g_free (self);
}

static const char *
skip_blank (const char *p)
{
  while (*p == ' ' || *p == '\t' || *p == ',')
    p++;
  return p;
}

static gsize
word_length (const char *p)
{
  gsize n = 0;

  while (p[n] != '\0' && strchr (" \t,=\"", p[n]) == NULL)
    n++;
  return n;
}

/* A quoted text or a bare one; @p is moved past it. (transfer full) */
static char *
read_value (const char **p)
{
  GString *value = g_string_new (NULL);

  if (**p == '"')
    {
      for ((*p)++; **p != '\0' && **p != '"'; (*p)++)
        {
          if (**p == '\\' && (*p)[1] != '\0')
            (*p)++;
          g_string_append_c (value, **p);
        }
      if (**p == '"')
        (*p)++;
    }
  else
    {
      while (**p != '\0' && strchr (" \t,", **p) == NULL)
        g_string_append_c (value, *(*p)++);
    }
  return g_string_free (value, FALSE);
}

static void
set_parameter (Challenge *challenge, const char *name, gsize length, char *value)
{
  char **slot = NULL;

  if (length == 5 && g_ascii_strncasecmp (name, "error", 5) == 0)
    slot = &challenge->error;
  else if (length == 6 && g_ascii_strncasecmp (name, "claims", 6) == 0)
    slot = &challenge->claims;
  if (slot != NULL && *slot == NULL)
    *slot = value;
  else
    g_free (value);
}

static GPtrArray *
read_challenges (const char *header)
{
  GPtrArray *challenges = g_ptr_array_new_with_free_func (challenge_free);
  Challenge *current = NULL;

  for (const char *p = skip_blank (header); *p != '\0'; p = skip_blank (p))
    {
      const char *word = p;
      gsize length = word_length (p);

      if (length == 0)
        {
          p++;
          continue;
        }
      p += length;
      while (*p == ' ' || *p == '\t')
        p++;
      if (*p == '=' && current != NULL)
        {
          p++;
          while (*p == ' ' || *p == '\t')
            p++;
          set_parameter (current, word, length, read_value (&p));
        }
      else
        {
          current = g_new0 (Challenge, 1);
          current->bearer = length == 6 && g_ascii_strncasecmp (word, "Bearer", 6) == 0;
          g_ptr_array_add (challenges, current);
        }
    }
  return challenges;
}

/* base64 or base64url of a JSON object. */
static char *
decode_claims (const char *text)
{
  g_autoptr (GBytes) bytes = lw_base64url_decode (text);
  g_autoptr (JsonNode) node = bytes != NULL ? lw_json_parse (bytes, 64 * 1024, NULL) : NULL;

  if (lw_json_node_object (node) == NULL)
    return NULL;
  return g_strndup (g_bytes_get_data (bytes, NULL), g_bytes_get_size (bytes));
}

char *
lw_challenge_get_claims (const char *header)
{
  g_autoptr (GPtrArray) challenges = NULL;
  char *fallback = NULL;

  if (header == NULL)
    return NULL;
  challenges = read_challenges (header);
  for (guint i = 0; i < challenges->len; i++)
    {
      const Challenge *challenge = g_ptr_array_index (challenges, i);
      g_autofree char *claims = NULL;

      if (!challenge->bearer || challenge->claims == NULL)
        continue;
      claims = decode_claims (challenge->claims);
      if (claims != NULL && g_strcmp0 (challenge->error, "insufficient_claims") == 0)
        {
          g_free (fallback);
          return g_steal_pointer (&claims);
        }
      if (claims != NULL && fallback == NULL)
        fallback = g_steal_pointer (&claims);
    }
  return fallback;
}

gboolean
lw_challenge_is_bearer (const char *header)
{
  g_autoptr (GPtrArray) challenges = NULL;

  if (header == NULL)
    return FALSE;
  challenges = read_challenges (header);
  for (guint i = 0; i < challenges->len; i++)
    {
      if (((const Challenge *) g_ptr_array_index (challenges, i))->bearer)
        return TRUE;
    }
  return FALSE;
}
