/* SPDX-License-Identifier: GPL-3.0-or-later */

#pragma once

#include "lw-policy.h"
#include "lw-request.h"

G_BEGIN_DECLS

typedef enum
{
  LW_EXPORT_ARM,        /* ARM template */
  LW_EXPORT_BICEP,      /* the same in Bicep */
  LW_EXPORT_TERRAFORM,  /* azurerm, and azapi where azurerm lacks a property */
  LW_EXPORT_AZ,         /* a POSIX shell script of az commands */
  LW_EXPORT_POWERSHELL, /* a script for Azure PowerShell */
  LW_EXPORT_EPAC,       /* Enterprise Azure Policy as Code, JSON */
  LW_EXPORT_EPAC_CSV,   /* the same as CSV */
  LW_EXPORT_ICS,        /* iCalendar of expiries and checks */
  LW_EXPORT_REST,       /* {"value": […]} as Azure answers a list */
} LwExportTo;

/* "arm", "bicep", "terraform", "az", "powershell", "epac", "epac-csv", "ics", "rest" */
gboolean lw_export_to_from_string (const char *name, LwExportTo *to);

/* A file that an export gives. */
typedef struct
{
  char *name; /* as in "exemptions-rg-eval.bicep"; safe as a file name */
  char *text; /* UTF-8 */
} LwExportFile;

void lw_export_file_free (LwExportFile *self);

/**
 * lw_export:
 * @exemptions: (element-type LwExemption)
 * @now: UTC
 * @notes: (element-type utf8): gets a sentence for each thing that the format could not carry, or that
 *   whoever uses the file should know
 *
 * Writes them in another format. All texts come from others and are quoted as the format asks: nothing in them
 * is ever code, a formula or an expression there. Templates deploy to one scope, so there is one file for each
 * management group, subscription and resource group; all other formats give one file.
 *
 * Returns: (transfer full) (element-type LwExportFile): the files, or %NULL with %LW_DOMAIN_ERROR_TYPE where
 *   the format cannot hold an exemption at all
 */
GPtrArray *
lw_export (GPtrArray *exemptions, LwExportTo to, GDateTime *now, GPtrArray *notes, GError **error);

/**
 * lw_export_request:
 *
 * The exemptions that the grants of a request would become, without approver: nobody approved it by that.
 *
 * Returns: (transfer full) (element-type LwExemption): or %NULL with the error of lw_grant_write()
 */
GPtrArray *lw_export_request (const LwRequest *request, GDateTime *now, GError **error);

G_END_DECLS
