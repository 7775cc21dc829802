/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "config.h"

#include "lw-azure-error.h"

#include <glib/gi18n-lib.h>
#include <string.h>

#include "lw-trace.h"

typedef struct
{
  LwAzureErrorDetails details;
  gboolean has_details;
} LwAzureErrorPrivate;

static void
lw_azure_error_private_init (LwAzureErrorPrivate *priv)
{
  memset (priv, 0, sizeof *priv);
}

static void
details_copy_into (LwAzureErrorDetails *dest, const LwAzureErrorDetails *src)
{
  dest->status = src->status;
  dest->code = g_strdup (src->code);
  dest->message = g_strdup (src->message);
  dest->request_id = g_strdup (src->request_id);
  dest->claims = g_strdup (src->claims);
  dest->url = g_strdup (src->url);
  dest->at = src->at;
  dest->lost = src->lost;
}

static void
lw_azure_error_private_copy (const LwAzureErrorPrivate *src, LwAzureErrorPrivate *dest)
{
  dest->has_details = src->has_details;
  details_copy_into (&dest->details, &src->details);
}

void
lw_azure_error_details_clear (LwAzureErrorDetails *details)
{
  g_clear_pointer (&details->code, g_free);
  g_clear_pointer (&details->message, g_free);
  g_clear_pointer (&details->request_id, g_free);
  g_clear_pointer (&details->claims, g_free);
  g_clear_pointer (&details->url, g_free);
  details->status = 0;
  details->at = 0;
  details->lost = FALSE;
}

static void
lw_azure_error_private_clear (LwAzureErrorPrivate *priv)
{
  lw_azure_error_details_clear (&priv->details);
}

/* GLib keeps the private part aligned; its macro casts from bytes all the same. */
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wcast-align"
G_DEFINE_EXTENDED_ERROR (LwAzureError, lw_azure_error)
#pragma GCC diagnostic pop

GError *
lw_azure_error_new (LwAzureError code, const LwAzureErrorDetails *details, const char *message)
{
  GError *error = g_error_new_literal (LW_AZURE_ERROR, code, message);

  if (details != NULL)
    {
      LwAzureErrorPrivate *priv = lw_azure_error_get_private (error);

      priv->has_details = TRUE;
      details_copy_into (&priv->details, details);
    }
  return error;
}

const LwAzureErrorDetails *
lw_azure_error_get_details (const GError *error)
{
  LwAzureErrorPrivate *priv;

  if (error == NULL || error->domain != LW_AZURE_ERROR)
    return NULL;
  priv = lw_azure_error_get_private (error);
  return &priv->details;
}

static void
add_line (GString *report, const char *label, const char *value)
{
  g_autofree char *valid = NULL;
  g_autofree char *masked = NULL;

  if (value == NULL || value[0] == '\0')
    return;
  valid = g_utf8_make_valid (value, -1);
  masked = lw_mask_secrets (valid);
  /* One line each, whatever the service wrote. */
  for (char *p = masked; *p != '\0'; p++)
    {
      if (g_ascii_iscntrl (*p))
        *p = ' ';
    }
  g_string_append_printf (report, "%s: %s\n", label, masked);
}

char *
lw_error_report (const GError *error)
{
  const LwAzureErrorDetails *details = lw_azure_error_get_details (error);
  g_autoptr (GString) report = g_string_new (NULL);
  g_autoptr (GDateTime) at = NULL;
  g_autofree char *when = NULL;
  g_autofree char *status = NULL;

  g_return_val_if_fail (error != NULL, NULL);

  add_line (report, _ ("Problem"), error->message);
  if (details != NULL)
    {
      status = details->status != 0 ? g_strdup_printf ("%u", details->status) : NULL;
      at = details->at != 0 ? g_date_time_new_from_unix_utc (details->at) : NULL;
      when = at != NULL ? g_date_time_format (at, "%Y-%m-%dT%H:%M:%SZ") : NULL;
      add_line (report, _ ("HTTP status"), status);
      add_line (report, _ ("Code"), details->code);
      add_line (report, _ ("Answer"), details->message);
      add_line (report, _ ("Request"), details->url);
      add_line (report, _ ("Request or correlation id"), details->request_id);
      add_line (report, _ ("Time"), when);
    }
  return g_string_free (g_steal_pointer (&report), FALSE);
}
