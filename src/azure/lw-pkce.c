/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "config.h"

#include <errno.h>
#include <glib/gi18n-lib.h>
#include <string.h>
#include <sys/random.h>

#include "lw-azure-error.h"
#include "lw-pkce.h"

char *
lw_base64url_encode (const guchar *data, gsize length)
{
  char *text = g_base64_encode (data, length);
  gsize n = strlen (text);

  while (n > 0 && text[n - 1] == '=')
    text[--n] = '\0';
  g_strdelimit (text, "+", '-');
  return g_strdelimit (text, "/", '_');
}

GBytes *
lw_base64url_decode (const char *text)
{
  g_autoptr (GString) plain = NULL;
  guchar *data;
  gsize length;
  gsize n = text != NULL ? strlen (text) : 0;

  while (n > 0 && text[n - 1] == '=')
    n--;
  if (n == 0 || n % 4 == 1)
    return NULL;
  plain = g_string_sized_new (n + 4);
  for (gsize i = 0; i < n; i++)
    {
      char c = text[i] == '-' ? '+' : text[i] == '_' ? '/' : text[i];

      if (!g_ascii_isalnum (c) && c != '+' && c != '/')
        return NULL;
      g_string_append_c (plain, c);
    }
  while (plain->len % 4 != 0)
    g_string_append_c (plain, '=');
  data = g_base64_decode (plain->str, &length);
  return g_bytes_new_take (data, length);
}

char *
lw_random_text (gsize length, GError **error)
{
  guchar buffer[64];
  gsize have = 0;
  char *text;

  g_return_val_if_fail (length > 0 && length <= sizeof buffer, NULL);

  while (have < length)
    {
      gssize got = getrandom (buffer + have, length - have, 0);

      if (got < 0 && errno == EINTR)
        continue;
      if (got <= 0)
        {
          g_set_error (error, LW_AZURE_ERROR, LW_AZURE_ERROR_SIGN_IN,
                       _ ("The system gives no random numbers: %s"), g_strerror (errno));
          return NULL;
        }
      have += got;
    }
  text = lw_base64url_encode (buffer, length);
  explicit_bzero (buffer, sizeof buffer);
  return text;
}

char *
lw_pkce_challenge (const char *verifier)
{
  g_autoptr (GChecksum) sum = g_checksum_new (G_CHECKSUM_SHA256);
  guchar digest[32];
  gsize length = sizeof digest;

  g_checksum_update (sum, (const guchar *) verifier, strlen (verifier));
  g_checksum_get_digest (sum, digest, &length);
  return lw_base64url_encode (digest, length);
}

gboolean
lw_secret_equal (const char *a, const char *b)
{
  gsize length;
  volatile guchar difference = 0;

  if (a == NULL || b == NULL)
    return FALSE;
  length = strlen (b);
  if (strlen (a) != length)
    return FALSE;
  for (gsize i = 0; i < length; i++)
    difference |= (guchar) a[i] ^ (guchar) b[i];
  return difference == 0;
}
