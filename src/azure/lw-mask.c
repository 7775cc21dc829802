/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "lw-mask.h"

#include <string.h>

#define MASK        "***"
#define MAX_ESCAPES 8

/* Names whose value is a secret, in any case, with "_" or "-" or nothing between the words. */
static const char *const secret_names[] = {
  "accesstoken",
  "refreshtoken",
  "idtoken",
  "idtokenhint",
  "clientsecret",
  "assertion",
  "clientinfo",
  "clientassertion",
  "codeverifier",
  "codechallenge",
  "devicecode",
  "usercode",
  "code",
  "state",
  "nonce",
  "sig",
  "signature",
  "password",
  "passphrase",
  "pwd",
  "secret",
  "apikey",
  "subscriptionkey",
  "sharedaccesskey",
  "accountkey",
  "authorization",
  "proxyauthorization",
  "xmsauthorizationauxiliary",
  "cookie",
  "setcookie",
  "sessionstate",
  "skiptoken",
  "samlresponse",
  "wresult",
};

/* Names that mean a secret in an address, and plain words elsewhere ("code": "AuthorizationFailed"). */
static const char *const only_in_addresses[] = { "code", "state", "nonce", "signature", "secret" };

static const char *const schemes[] = { "Bearer", "Basic",     "Digest", "Negotiate",
                                       "NTLM",   "SharedKey", "PoP",    "SharedAccessSignature" };

void
lw_wipe (char *text)
{
  if (text != NULL)
    explicit_bzero (text, strlen (text));
  g_free (text);
}

/* g_str_has_prefix() takes the length of the whole text each time. */
static gboolean
begins_with (const char *text, const char *prefix)
{
  return strncmp (text, prefix, strlen (prefix)) == 0;
}

static gboolean
is_token_char (char c)
{
  return g_ascii_isalnum (c) || (c != '\0' && strchr ("-_.=~+/", c) != NULL);
}

static gboolean
is_name_char (char c)
{
  return g_ascii_isalnum (c) || c == '_' || c == '-' || c == '$';
}

static gboolean
is_one_of (const char *name, const char *const *names, gsize n)
{
  for (gsize i = 0; i < n; i++)
    {
      if (g_str_equal (name, names[i]))
        return TRUE;
    }
  return FALSE;
}

/* A name at @p and its length, folded into @folded; 0 where there is none. It begins with a letter or
 * digit and is given up where it grows longer than @size, so that no text is read over and over. */
static gsize
read_name (const char *p, char *folded, gsize size)
{
  gsize length = 0;
  gsize n = 0;

  if (!g_ascii_isalnum (p[0]))
    return 0;
  for (; is_name_char (p[length]); length++)
    {
      if (!g_ascii_isalnum (p[length]))
        continue;
      if (n + 1 == size)
        return 0;
      folded[n++] = g_ascii_tolower (p[length]);
    }
  folded[n] = '\0';
  return length;
}

/* What stands between a name and its value: blanks, quotes, and ":" or "=". Its length, or 0. */
static gsize
read_separator (const char *p, gboolean *address)
{
  gsize length = 0;
  gboolean seen = FALSE;

  for (; p[length] != '\0' && strchr (" \t\"'\\:=", p[length]) != NULL; length++)
    {
      if (p[length] != ':' && p[length] != '=')
        continue;
      if (seen)
        break;
      seen = TRUE;
      *address = p[length] == '=';
    }
  return seen ? length : 0;
}

/* Up to where a value goes: the end of a quoted text, of a parameter or of the line. */
static gsize
value_length (const char *p, gboolean address)
{
  char quote = p[-1] == '"' || p[-1] == '\'' ? p[-1] : '\0';
  gsize n = 0;

  if (quote != '\0')
    {
      while (p[n] != '\0' && p[n] != quote)
        n += p[n] == '\\' && p[n + 1] != '\0' ? 2 : 1;
      return n;
    }
  while (p[n] != '\0' && strchr (address ? "&;, \t\r\n\"'<>#" : "\r\n,}\"", p[n]) == NULL)
    n++;
  return n;
}

/* "name=value" and its like: the length of what is to be kept and of what is to be masked. */
static gboolean
match_pair (const char *p, gsize *keep, gsize *drop)
{
  char name[64];
  gsize length = read_name (p, name, sizeof name);
  gboolean address = FALSE;
  gsize separator;

  if (length == 0 || !is_one_of (name, secret_names, G_N_ELEMENTS (secret_names)))
    return FALSE;
  separator = read_separator (p + length, &address);
  if (separator == 0 ||
      (!address && is_one_of (name, only_in_addresses, G_N_ELEMENTS (only_in_addresses))))
    return FALSE;
  *keep = length + separator;
  *drop = value_length (p + *keep, address);
  return *drop > 0;
}

/* A scheme and what follows it. */
static gboolean
match_scheme (const char *p, gsize *keep, gsize *drop)
{
  for (guint i = 0; i < G_N_ELEMENTS (schemes); i++)
    {
      gsize n = strlen (schemes[i]);
      gsize rest = 0;

      if (g_ascii_strncasecmp (p, schemes[i], n) != 0 || (p[n] != ' ' && p[n] != '\t'))
        continue;
      while (p[n] == ' ' || p[n] == '\t')
        n++;
      while (is_token_char (p[n + rest]) || p[n + rest] == ':')
        rest++;
      *keep = n;
      *drop = rest;
      /* "Bearer token" is a pair of words. */
      return rest > 5 && !begins_with (p + n, "error=") && !begins_with (p + n, "realm=") &&
             !begins_with (p + n, "authorization_uri=") && (rest > 15 || i > 0);
    }
  return FALSE;
}

/* "eyJ…": the beginning of every JSON object in base64. */
static gboolean
match_web_token (const char *p, gsize *keep, gsize *drop)
{
  gsize n = 0;

  if (!begins_with (p, "eyJ"))
    return FALSE;
  while (is_token_char (p[n]))
    n++;
  *keep = 0;
  *drop = n;
  return n > 15;
}

/* "://user:password@" */
static gboolean
match_user (const char *p, gsize *keep, gsize *drop)
{
  gsize n = 3;

  if (!begins_with (p, "://"))
    return FALSE;
  while (p[n] != '\0' && strchr ("/?# \t\r\n\"<>@", p[n]) == NULL)
    n++;
  *keep = 3;
  *drop = n - 3;
  return p[n] == '@' && n > 3;
}

static char *
mask_plain (const char *text)
{
  GString *masked = g_string_new (NULL);

  for (const char *p = text; *p != '\0';)
    {
      gboolean starts = p == text || !g_ascii_isalnum (p[-1]);
      gsize keep = 0;
      gsize drop = 0;

      if (match_user (p, &keep, &drop) ||
          (starts && (match_web_token (p, &keep, &drop) || match_pair (p, &keep, &drop) ||
                      match_scheme (p, &keep, &drop))))
        {
          g_string_append_len (masked, p, (gssize) keep);
          g_string_append (masked, MASK);
          p += keep + drop;
          continue;
        }
      g_string_append_c (masked, *p++);
    }
  return g_string_free (masked, FALSE);
}

/* Percents taken for what they stand for, as often as there are some. */
static char *
unescape (const char *text)
{
  g_autofree char *plain = g_strdup (text);

  for (guint i = 0; i < MAX_ESCAPES && strchr (plain, '%') != NULL; i++)
    {
      char *to = plain;

      for (const char *from = plain; *from != '\0'; to++)
        {
          gboolean escaped =
              *from == '%' && g_ascii_isxdigit (from[1]) && g_ascii_isxdigit (from[2]);
          int c = escaped ? g_ascii_xdigit_value (from[1]) * 16 + g_ascii_xdigit_value (from[2])
                          : (guchar) *from;

          *to = (char) (c != 0 ? c : ' ');
          from += escaped ? 3 : 1;
        }
      *to = '\0';
    }
  return g_utf8_make_valid (plain, -1);
}

/* A word with percents in it: as it is, or where it hides a secret unescaped and masked. */
static void
append_word (GString *text, const char *word, gsize length)
{
  g_autofree char *raw = g_strndup (word, length);
  g_autofree char *plain = strchr (raw, '%') != NULL ? unescape (raw) : NULL;
  g_autofree char *masked = plain != NULL ? mask_plain (plain) : NULL;

  g_string_append (text, masked != NULL && !g_str_equal (masked, plain) ? masked : raw);
}

char *
lw_mask_secrets (const char *text)
{
  g_autoptr (GString) plain = g_string_new (NULL);

  for (const char *p = text != NULL ? text : ""; *p != '\0';)
    {
      gsize length = strcspn (p, " \t\r\n\"'<>");

      append_word (plain, p, length);
      p += length;
      if (*p != '\0')
        g_string_append_c (plain, *p++);
    }
  return mask_plain (plain->str);
}

static gboolean
is_harmless_parameter (const char *name)
{
  static const char *const names[] = { "api-version", "$top",       "$filter", "$select", "$expand",
                                       "$count",      "$orderby",   "$search", "comp",    "restype",
                                       "prefix",      "maxresults", "include", "timeout" };

  return is_one_of (name, names, G_N_ELEMENTS (names));
}

char *
lw_mask_uri (GUri *uri)
{
  g_autofree char *base =
      g_uri_to_string_partial (uri, G_URI_HIDE_QUERY | G_URI_HIDE_FRAGMENT | G_URI_HIDE_USERINFO);
  const char *query = g_uri_get_query (uri);
  g_autoptr (GString) whole = g_string_new (base);
  g_auto (GStrv) parts = query != NULL ? g_strsplit (query, "&", -1) : NULL;

  for (guint i = 0; parts != NULL && parts[i] != NULL; i++)
    {
      const char *equals = strchr (parts[i], '=');
      g_autofree char *raw = equals != NULL ? g_strndup (parts[i], equals - parts[i]) : NULL;
      g_autofree char *name = raw != NULL ? g_uri_unescape_string (raw, NULL) : NULL;

      g_string_append_c (whole, i == 0 ? '?' : '&');
      if (name != NULL && is_harmless_parameter (name))
        g_string_append (whole, parts[i]);
      else if (name != NULL && strlen (name) < 24)
        g_string_append_printf (whole, "%s=" MASK, raw);
      else
        g_string_append (whole, MASK);
    }
  return lw_mask_secrets (whole->str);
}

static gboolean
is_harmless_header (const char *name)
{
  static const char *const names[] = {
    "accept",
    "accept-encoding",
    "accept-language",
    "cache-control",
    "client-request-id",
    "connection",
    "consistencylevel",
    "content-encoding",
    "content-length",
    "content-type",
    "date",
    "etag",
    "expires",
    "host",
    "if-match",
    "if-none-match",
    "last-modified",
    "pragma",
    "request-id",
    "retry-after",
    "server",
    "strict-transport-security",
    "transfer-encoding",
    "user-agent",
    "vary",
    "x-cache",
    "x-content-type-options",
  };
  static const char *const prefixes[] = {
    "x-ms-ratelimit-",   "x-ms-user-quota-", "x-ms-blob-",   "x-ms-request-",   "x-ms-routing-",
    "x-ms-correlation-", "x-ms-client-",     "x-ms-version", "x-ms-error-code", "x-ms-ests-"
  };

  for (guint i = 0; i < G_N_ELEMENTS (prefixes); i++)
    {
      if (g_str_has_prefix (name, prefixes[i]))
        return TRUE;
    }
  return is_one_of (name, names, G_N_ELEMENTS (names));
}

/* Of a challenge only which scheme it asks for and what was wrong. */
static char *
mask_challenge (const char *value)
{
  g_autoptr (GRegex) regex =
      g_regex_new ("^\\s*([A-Za-z]+)(?:.*?\\berror=\"?([a-z_]+))?", G_REGEX_DOTALL, 0, NULL);
  g_autoptr (GMatchInfo) match = NULL;
  g_autofree char *scheme = NULL;
  g_autofree char *error = NULL;

  if (!g_regex_match (regex, value, 0, &match))
    return g_strdup (MASK);
  scheme = g_match_info_fetch (match, 1);
  error = g_match_info_fetch (match, 2);
  return error != NULL && error[0] != '\0' ? g_strdup_printf ("%s error=%s " MASK, scheme, error)
                                           : g_strdup_printf ("%s " MASK, scheme);
}

char *
lw_mask_header (const char *name, const char *value)
{
  g_autofree char *lower = g_ascii_strdown (name, -1);

  if (g_str_equal (lower, "location") || g_str_equal (lower, "content-location") ||
      g_str_equal (lower, "azure-asyncoperation"))
    {
      g_autoptr (GUri) uri = g_uri_parse (value, G_URI_FLAGS_ENCODED, NULL);

      return uri != NULL ? lw_mask_uri (uri) : g_strdup (MASK);
    }
  if (g_str_equal (lower, "www-authenticate") || g_str_equal (lower, "proxy-authenticate"))
    return mask_challenge (value);
  return is_harmless_header (lower) ? lw_mask_secrets (value) : g_strdup (MASK);
}
