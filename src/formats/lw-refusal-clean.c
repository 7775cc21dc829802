/* SPDX-License-Identifier: GPL-3.0-or-later */

/* What stands between Azure's words and a pasted text: terminals, logs, web pages, JSON in JSON. */

#include "lw-refusal-private.h"

#include <string.h>

typedef struct
{
  const char *at;
  const char *end;
  GString *out;
} Cleaner;

/* --- encoding ----------------------------------------------------------------------------------- */

/* What Windows PowerShell writes to a file. (nullable) */
static char *
from_utf16 (const guint8 *data, gsize size)
{
  const char *charset = NULL;

  if (size >= 2 && data[0] == 0xff && data[1] == 0xfe)
    charset = "UTF-16LE";
  else if (size >= 2 && data[0] == 0xfe && data[1] == 0xff)
    charset = "UTF-16BE";
  if (charset == NULL)
    return NULL;

  return g_convert_with_fallback ((const char *) data + 2, (size - 2) & ~(gsize) 1, "UTF-8",
                                  charset, "?", NULL, NULL, NULL);
}

static char *
to_utf8 (GBytes *bytes, gboolean *shortened)
{
  gsize size;
  const guint8 *data = g_bytes_get_data (bytes, &size);
  g_autofree char *text = NULL;
  g_autofree char *copy = NULL;

  *shortened = size > LW_REFUSAL_MAX_TEXT;
  size = MIN (size, LW_REFUSAL_MAX_TEXT);
  if (size == 0)
    return g_strdup ("");
  if ((text = from_utf16 (data, size)) != NULL)
    return g_utf8_make_valid (text, -1);
  copy = g_malloc (size + 1);
  memcpy (copy, data, size);
  copy[size] = '\0';
  for (gsize i = 0; i < size; i++)
    if (copy[i] == '\0')
      copy[i] = ' ';

  return g_utf8_make_valid (copy, (gssize) size);
}

/* --- pieces, each of which moves on where it applies -------------------------------------------------- */

static gboolean
take (Cleaner *self, const char *text, const char *instead)
{
  if (strncmp (self->at, text, strlen (text)) != 0)
    return FALSE;
  self->at += strlen (text);
  g_string_append (self->out, instead);

  return TRUE;
}

/* ESC [ … letter, and ESC ] … BEL. */
static void
skip_escape (Cleaner *self)
{
  const char *limit = MIN (self->end, self->at + 256);

  self->at++;
  if (*self->at == '[')
    {
      for (self->at++; self->at < limit && !(*self->at >= '@' && *self->at <= '~'); self->at++)
        ;
      self->at += self->at < limit;
    }
  else if (*self->at == ']')
    {
      while (self->at < limit && *self->at != '\a' && *self->at != '\033')
        self->at++;
      self->at += self->at < limit && *self->at == '\a';
    }
}

/* "2026-11-22T10:00:00.0000000Z " as build services put before each line. */
static gsize
stamp_length (const char *text)
{
  static const char form[] = "dddd-dd-ddTdd:dd:dd";
  gsize n;

  for (n = 0; form[n] != '\0'; n++)
    if (form[n] == 'd' ? !g_ascii_isdigit (text[n]) : text[n] != form[n])
      return 0;
  if (text[n] == '.')
    for (n++; g_ascii_isdigit (text[n]);)
      n++;
  if (text[n] != 'Z' || text[n + 1] != ' ')
    return 0;

  return n + 2;
}

/* What stands before the words of a line. */
static void
skip_margin (Cleaner *self)
{
  static const char *const frames[] = { "│", "╷", "╵", "┃", "║", "| ", "##[error]", "::error::" };
  const char *start = self->at;
  gboolean framed = FALSE;

  for (guint turns = 0; turns < 16; turns++)
    {
      gsize stamp = stamp_length (self->at);

      if (stamp > 0)
        {
          self->at += stamp;
          start = self->at;
          continue;
        }
      while (*self->at == ' ' || *self->at == '\t')
        self->at++;
      for (guint i = 0; i < G_N_ELEMENTS (frames); i++)
        if (strncmp (self->at, frames[i], strlen (frames[i])) == 0)
          {
            self->at += strlen (frames[i]);
            framed = TRUE;
            goto again;
          }
      break;
    again:;
    }
  if (!framed)
    self->at = start;
}

static int
hex (const char *text, guint digits)
{
  int value = 0;

  for (guint i = 0; i < digits; i++)
    {
      int digit = g_ascii_xdigit_value (text[i]);

      if (digit < 0)
        return -1;
      value = value * 16 + digit;
    }

  return value;
}

/* A run of backslashes and what it escapes. Before a quote it stays: it tells how deep the quote is. */
static void
take_backslashes (Cleaner *self)
{
  const char *start = self->at;
  int code;

  while (*self->at == '\\')
    self->at++;
  if (*self->at == '"')
    {
      g_string_append_len (self->out, start, self->at - start);
      return;
    }
  if (*self->at == 'u' && (code = hex (self->at + 1, 4)) >= 0)
    {
      self->at += 5;
      if (code == '"')
        g_string_append_len (self->out, start, self->at - start - 5);
      if (code >= ' ' && !(code >= 0xd800 && code <= 0xdfff))
        g_string_append_unichar (self->out, (gunichar) code);
      else
        g_string_append_c (self->out, ' ');
      return;
    }
  if (*self->at != '\0' && strchr ("nrt", *self->at) != NULL)
    {
      self->at++;
      g_string_append_c (self->out, ' ');
      return;
    }
  if (*self->at != '/' && *self->at != '\'')
    g_string_append_c (self->out, '\\');
}

/* "%2Fsubscriptions%2F…" as in addresses of the portal: decoded, and apart from what is around it. */
static gboolean
take_percent_id (Cleaner *self)
{
  if (g_ascii_strncasecmp (self->at, "%2Fsubscriptions%2F", 19) != 0 &&
      g_ascii_strncasecmp (self->at, "%2Fproviders%2F", 15) != 0)
    return FALSE;
  g_string_append_c (self->out, ' ');
  while (self->at < self->end && (g_ascii_isalnum (*self->at) || strchr ("%-._~()", *self->at)))
    {
      int code = *self->at == '%' ? hex (self->at + 1, 2) : -1;

      if (*self->at == '%' && (code <= ' ' || code > '~' || code == '"'))
        break;
      g_string_append_c (self->out, code < 0 ? *self->at : (char) code);
      self->at += code < 0 ? 1 : 3;
    }
  g_string_append_c (self->out, ' ');

  return TRUE;
}

static gboolean
take_entity (Cleaner *self)
{
  return take (self, "&quot;", "\"") || take (self, "&#34;", "\"") || take (self, "&#39;", "'") ||
         take (self, "&#x27;", "'") || take (self, "&apos;", "'") || take (self, "&nbsp;", " ") ||
         take (self, "&lt;", "<") || take (self, "&gt;", ">") || take (self, "&amp;", "&");
}

/* Characters that word processors and chats put in the place of plain ones. */
static gboolean
take_typography (Cleaner *self)
{
  return take (self, "“", "\"") || take (self, "”", "\"") || take (self, "„", "\"") ||
         take (self, "‘", "'") || take (self, "’", "'") || take (self, "\u00a0", " ") ||
         take (self, "\u200b", "") || take (self, "\u2060", "") || take (self, "\ufeff", "") ||
         take (self, "\u2028", "\n");
}

GString *
lw_refusal_clean (GBytes *bytes, gboolean *shortened)
{
  g_autofree char *text = to_utf8 (bytes, shortened);
  Cleaner self = { text, text + strlen (text), g_string_new (NULL) };
  gboolean line_start = TRUE;

  while (self.at < self.end)
    {
      guchar c;

      if (line_start)
        skip_margin (&self);
      line_start = FALSE;
      c = (guchar) *self.at;
      if (self.at >= self.end)
        break;
      if (c == '\033')
        {
          skip_escape (&self);
          line_start = self.out->len == 0 || self.out->str[self.out->len - 1] == '\n';
        }
      else if (c == '\\')
        take_backslashes (&self);
      else if ((c == '%' && take_percent_id (&self)) || (c == '&' && take_entity (&self)) ||
               (c >= 0x80 && take_typography (&self)))
        ;
      else if (c == '\r')
        self.at++;
      else
        {
          g_string_append_c (self.out, c == '\n' || c >= ' ' ? (char) c : ' ');
          line_start = c == '\n';
          self.at++;
        }
    }

  return self.out;
}
