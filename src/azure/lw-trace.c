/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "lw-trace.h"

#include <string.h>

#define MASK "***"

gboolean
lw_trace_enabled (void)
{
  static const GDebugKey keys[] = { { "http", 1 } };

  return g_parse_debug_string (g_getenv ("LEEWAY_DEBUG"), keys, G_N_ELEMENTS (keys)) != 0;
}

static gboolean
is_secret_parameter (const char *name)
{
  static const char *const names[] = {
    "access_token", "refresh_token", "id_token",      "client_secret", "client_assertion",
    "assertion",    "code",          "code_verifier", "device_code",   "code_challenge",
    "state",        "nonce",         "sig",           "login_hint",    "client_info",
    "password",     "claims",        "session_state",
  };

  for (guint i = 0; i < G_N_ELEMENTS (names); i++)
    {
      if (g_ascii_strcasecmp (name, names[i]) == 0)
        return TRUE;
    }
  return FALSE;
}

static gboolean
is_token_char (char c)
{
  return g_ascii_isalnum (c) || c == '-' || c == '_' || c == '.' || c == '=';
}

char *
lw_mask_secrets (const char *text)
{
  GString *masked = g_string_new (NULL);

  for (const char *p = text != NULL ? text : ""; *p != '\0';)
    {
      gboolean starts = p == text || !is_token_char (p[-1]);

      if (starts && (g_str_has_prefix (p, "eyJ") || g_ascii_strncasecmp (p, "Bearer ", 7) == 0))
        {
          gsize skip = g_str_has_prefix (p, "eyJ") ? 0 : 7;
          gsize n = skip;

          while (is_token_char (p[n]))
            n++;
          if (n - skip > 15)
            {
              g_string_append_len (masked, p, skip);
              g_string_append (masked, MASK);
              p += n;
              continue;
            }
        }
      g_string_append_c (masked, *p++);
    }
  return g_string_free (masked, FALSE);
}

char *
lw_mask_uri (GUri *uri)
{
  g_autofree char *base =
      g_uri_to_string_partial (uri, G_URI_HIDE_QUERY | G_URI_HIDE_FRAGMENT | G_URI_HIDE_USERINFO);
  const char *query = g_uri_get_query (uri);
  g_auto (GStrv) parts = NULL;
  g_autofree char *joined = NULL;
  g_autofree char *whole = NULL;

  if (query == NULL)
    return lw_mask_secrets (base);
  parts = g_strsplit (query, "&", -1);
  for (guint i = 0; parts[i] != NULL; i++)
    {
      char *equals = strchr (parts[i], '=');
      g_autofree char *name = NULL;

      if (equals == NULL)
        continue;
      name = g_strndup (parts[i], equals - parts[i]);
      if (is_secret_parameter (name))
        {
          g_free (parts[i]);
          parts[i] = g_strconcat (name, "=" MASK, NULL);
        }
    }
  joined = g_strjoinv ("&", parts);
  whole = g_strconcat (base, "?", joined, NULL);
  return lw_mask_secrets (whole);
}

static gboolean
is_secret_header (const char *name)
{
  static const char *const names[] = { "authorization",    "proxy-authorization",
                                       "cookie",           "set-cookie",
                                       "www-authenticate", "x-ms-authorization-auxiliary" };

  for (guint i = 0; i < G_N_ELEMENTS (names); i++)
    {
      if (g_ascii_strcasecmp (name, names[i]) == 0)
        return TRUE;
    }
  return FALSE;
}

static void
trace_header (const char *name, const char *value, gpointer user_data)
{
  g_autofree char *masked = NULL;

  if (is_secret_header (name))
    masked = g_strdup (MASK);
  else if (g_ascii_strcasecmp (name, "location") == 0)
    {
      g_autoptr (GUri) uri = g_uri_parse (value, SOUP_HTTP_URI_FLAGS, NULL);

      masked = uri != NULL ? lw_mask_uri (uri) : g_strdup (MASK);
    }
  else
    masked = lw_mask_secrets (value);
  g_string_append_printf (user_data, "  %s: %s\n", name, masked);
}

static void
trace_headers (GString *text, SoupMessageHeaders *headers)
{
  if (headers != NULL)
    soup_message_headers_foreach (headers, trace_header, text);
}

void
lw_trace_request (guint id,
                  const char *method,
                  GUri *uri,
                  SoupMessageHeaders *headers,
                  gsize body_size)
{
  g_autoptr (GString) text = NULL;
  g_autofree char *masked = NULL;

  if (!lw_trace_enabled ())
    return;
  text = g_string_new (NULL);
  masked = lw_mask_uri (uri);
  g_string_append_printf (text, "http %u > %s %s (%" G_GSIZE_FORMAT " bytes)\n", id, method, masked,
                          body_size);
  trace_headers (text, headers);
  g_printerr ("%s", text->str);
}

void
lw_trace_answer (guint id,
                 guint status,
                 SoupMessageHeaders *headers,
                 gsize body_size,
                 gint64 micros)
{
  g_autoptr (GString) text = NULL;

  if (!lw_trace_enabled ())
    return;
  text = g_string_new (NULL);
  g_string_append_printf (text,
                          "http %u < %u (%" G_GSIZE_FORMAT " bytes, %" G_GINT64_FORMAT " ms)\n", id,
                          status, body_size, micros / 1000);
  trace_headers (text, headers);
  g_printerr ("%s", text->str);
}

void
lw_trace_failure (guint id, const char *message)
{
  g_autofree char *masked = NULL;

  if (!lw_trace_enabled ())
    return;
  masked = lw_mask_secrets (message);
  g_printerr ("http %u ! %s\n", id, masked);
}
