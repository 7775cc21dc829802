/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "lw-azure-error.h"

#include <string.h>

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
