/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "lw-trace.h"

gboolean
lw_trace_enabled (void)
{
  static const GDebugKey keys[] = { { "http", 1 } };

  return g_parse_debug_string (g_getenv ("LEEWAY_DEBUG"), keys, G_N_ELEMENTS (keys)) != 0;
}

static void
trace_header (const char *name, const char *value, gpointer user_data)
{
  g_autofree char *masked = lw_mask_header (name, value);

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
                 const char *version,
                 SoupMessageHeaders *headers,
                 gsize body_size,
                 gint64 micros)
{
  g_autoptr (GString) text = NULL;

  if (!lw_trace_enabled ())
    return;
  text = g_string_new (NULL);
  g_string_append_printf (
      text, "http %u < %u (HTTP/%s, %" G_GSIZE_FORMAT " bytes, %" G_GINT64_FORMAT " ms)\n", id,
      status, version, body_size, micros / 1000);
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
