/* SPDX-License-Identifier: GPL-3.0-or-later */

#pragma once

#include "lw-profile.h"
#include "lw-request.h"
#include <libdex.h>

G_BEGIN_DECLS

/**
 * LwDrafts:
 *
 * Drafts of one person on one connection, a file each under
 * $XDG_DATA_HOME/leeway/drafts/<profile key>/<oid>/ (folders 0700, files 0600): written whole to a
 * temporary file, synced and renamed, so that a killed process leaves the last saved state.
 */
#define LW_TYPE_DRAFTS (lw_drafts_get_type ())
G_DECLARE_FINAL_TYPE (LwDrafts, lw_drafts, LW, DRAFTS, GObject)

LwDrafts *lw_drafts_new (LwProfile *profile, const char *oid);
/* %G_TYPE_PTR_ARRAY of LwRequest, newest first. An unreadable file is left where it is and reported
 * by lw_drafts_get_problems(). */
DexFuture *lw_drafts_list (LwDrafts *self);
/* (transfer none): the folder they are in. */
const char *lw_drafts_get_folder (LwDrafts *self);
/* Saves are written in the order of the calls; one that a newer one overtakes is skipped. Resolves to
 * %TRUE once on disk. */
DexFuture *lw_drafts_save (LwDrafts *self, const LwRequest *request);
DexFuture *lw_drafts_remove (LwDrafts *self, const char *request_id);
const char *const *lw_drafts_get_problems (LwDrafts *self);

G_END_DECLS
