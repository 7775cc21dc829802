/* SPDX-License-Identifier: GPL-3.0-or-later */

#pragma once

#include "lw-profile.h"
#include "lw-thread.h"

G_BEGIN_DECLS

/* The settings of the program, or %NULL where the schema is not installed (a build folder). (transfer full) */
GSettings *lw_settings_new (void);

/* The files of the person's connections, full paths, sorted. (transfer full) */
GStrv lw_profiles_list (void);
/* The connection opened last, where its file is still there. (transfer full) (nullable) */
char *lw_profiles_get_last (void);
/* Remembers the profile for the next start. */
void lw_profiles_set_last (const char *path);
/* Where a new profile goes: into the person's configuration folder, which is made where it is missing, under
 * a name made from its tenant that no file has, nor any of @taken. (transfer full) (nullable): with an error
 * where there can be no such folder */
char *lw_profiles_new_path (LwProfile *profile, GPtrArray *taken, GError **error);
/* Whether the file at @path is in that folder. */
gboolean lw_profiles_is_own (const char *path);
/* Writes it over the file at @path, whole or not at all; removes that file, which may be gone already. On
 * @files, in the order of the calls. Resolve to %TRUE; reject with %G_FILE_ERROR. */
DexFuture *lw_profiles_write (LwSerial *files, LwProfile *profile, const char *path);
DexFuture *lw_profiles_remove (LwSerial *files, const char *path);
/* A copy of @profile with that member set, or removed where @value is %NULL. (transfer full)
 * (nullable): where the profile does not take it. */
LwProfile *
lw_profile_with_member (LwProfile *profile, const char *member, const char *value, GError **error);

G_END_DECLS
