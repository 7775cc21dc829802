/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "config.h"

#include "lw-await.h"

#include <gio/gio.h>

#include "lw-azure-error.h"

gboolean
lw_error_is_cancelled (const GError *error)
{
  return g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED) ||
         g_error_matches (error, LW_AZURE_ERROR, LW_AZURE_ERROR_CANCELLED) ||
         g_error_matches (error, DEX_ERROR, DEX_ERROR_FIBER_CANCELLED);
}
