/* SPDX-License-Identifier: GPL-3.0-or-later */

#pragma once

#include <gtk/gtk.h>

#include "lw-verbs.h"

G_BEGIN_DECLS

/* What the table, the tiles and the details say of an exemption. Strings are (transfer full) unless
 * they are const. */

#define LW_TILES_ALL ((1 << LW_TILE_COUNT) - 1)

/* "Expiring in 30 Days" for one tile. */
const char *lw_tile_title (LwTiles tile);
/* "error", "warning" or NULL: the colour that a tile has where it counts anything. */
const char *lw_tile_style (LwTiles tile);
/* The worst of what is wrong as a pill's word and style, or "In Force" with %NULL as style. */
const char *lw_tiles_worst (LwTiles tiles, const char **style);

const char *lw_exemption_owner (LwExemption *exemption); /* "" for nobody */
/* "In 9 days", "2 days ago", "Never" */
char *lw_exemption_expires (LwExemption *exemption, GDateTime *now);
/* For sorting: unix seconds, with no expiry last. */
gint64 lw_exemption_expires_key (LwExemption *exemption);

/* What it means that an exemption cannot be read exactly; @damage is why. (transfer full) */
char *lw_exemption_damage_text (const char *damage);

/* Whether all @words (see lw_search_words()) occur in name, policy, scope, team, owner,
 * category, description, ticket or id. */
gboolean lw_exemption_matches (LwExemptionItem *item, const char *const *words);
/* The words of a search, folded for comparison. (transfer full) (array zero-terminated=1) */
char **lw_search_words (const char *text);

G_END_DECLS
