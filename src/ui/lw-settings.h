/* SPDX-License-Identifier: GPL-3.0-or-later */

#pragma once

#include "lw-profile.h"

G_BEGIN_DECLS

/* The settings of the program, or %NULL where the schema is not installed (a build folder). (transfer full) */
GSettings *lw_settings_new (void);

/* The profile to open when none is named: the last one used, else the only one in the person's
 * configuration folder. %NULL where there is none. (transfer full) */
char *lw_profiles_find_last (void);
/* Remembers the profile for the next start. */
void lw_profiles_set_last (const char *path);
/* Writes a new profile into the person's configuration folder, under a name made from its tenant.
 * Returns its path, or %NULL with an error. (transfer full) */
char *lw_profiles_save (LwProfile *profile, GError **error);

G_END_DECLS
