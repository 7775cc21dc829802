/* SPDX-License-Identifier: GPL-3.0-or-later */

#pragma once

#include "lw-ledger-error.h"
#include "lw-store.h"

G_BEGIN_DECLS

/*
 * The file system calls of the folder store: plain functions that block. @root is the folder of the
 * ledger, @path is shelf and name joined by "/", checked already.
 */

/* Makes the folder and its shelves where they are missing. %FALSE where the folder itself is not there
 * and cannot be made; a shelf that cannot be made shows when it is written to. */
gboolean lw_folder_prepare (const char *root, GError **error);

/* Writes a temporary file beside the place (its name starts with a dot), syncs it, gives it its name
 * with link(2), syncs the folder. Sets %LW_LEDGER_ERROR_TAKEN, _REFUSED, _UNSUPPORTED, _UNREACHABLE. */
gboolean lw_folder_put_new (const char *root, const char *path, GBytes *bytes, GError **error);

/* (transfer full) (nullable) */
GBytes *lw_folder_get (const char *root, const char *path, GError **error);

/* What is at or below @shelf and whose name within it starts with @prefix; what begins with a dot
 * (temporary files, those of file managers) is left out. (transfer full) (nullable) */
LwListing *
lw_folder_survey (const char *root, const char *shelf, const char *prefix, GError **error);
/* The names of the objects among it. (transfer full) (nullable) */
GStrv lw_folder_list (const char *root, const char *shelf, const char *prefix, GError **error);

G_END_DECLS
