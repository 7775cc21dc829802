/* SPDX-License-Identifier: GPL-3.0-or-later */

#pragma once

#include "lw-profile.h"

G_BEGIN_DECLS

/* A connection that an administrator set up: what it gives of a profile, and whether it may be changed. */
typedef struct
{
  char *name;
  gboolean locked;     /* what it gives may not be changed, and follows the file */
  GHashTable *members; /* member of the profile ("tenant", "endpoints.arm") → text */
  char *file;
  guint line; /* where it begins */
} LwPreset;

/**
 * LwPresets:
 *
 * What the leeway/leeway.conf files of the system's configuration folders say. An earlier folder's
 * connection of a name wins over a later one's. What cannot be used is left out and told, with file and
 * line. A plain value.
 */
typedef struct
{
  GPtrArray *items;    /* of LwPreset */
  GPtrArray *problems; /* of sentences */
  gboolean may_add;    /* people may add connections of their own */
  gboolean demo;       /* the demo tenant is offered */
} LwPresets;

/* Reads $XDG_CONFIG_DIRS. (transfer full) */
LwPresets *lw_presets_load (void);
/* Reads one text as if it were in @file; for tests. (transfer full) */
LwPresets *lw_presets_parse (const char *file, const char *text, gsize length);
void lw_presets_free (LwPresets *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (LwPresets, lw_presets_free)

/* (transfer none) (nullable) */
const LwPreset *lw_presets_find (LwPresets *self, const char *name);
/* (nullable) (transfer none) */
const char *lw_preset_get (const LwPreset *self, const char *member);
/* The profile that it describes. %NULL where it leaves out something that has to be asked for.
 * (transfer full) */
LwProfile *lw_preset_to_profile (const LwPreset *self, GError **error);
/* @profile as the locked preset that it came from has it now; otherwise @profile itself. (transfer full) */
LwProfile *lw_presets_follow (LwPresets *self, LwProfile *profile);

G_END_DECLS
