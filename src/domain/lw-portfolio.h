/* SPDX-License-Identifier: GPL-3.0-or-later */

#pragma once

#include "lw-policy.h"
#include "lw-rules.h"

G_BEGIN_DECLS

/* Why an exemption is in a tile; an exemption may have several. */
typedef enum
{
  LW_TILE_IN_FORCE = 1 << 0,
  LW_TILE_EXPIRING = 1 << 1, /* in force, expires within 30 days */
  LW_TILE_EXPIRED = 1 << 2,  /* expired but still present */
  LW_TILE_NO_EXPIRY = 1 << 3,
  LW_TILE_NO_OWNER = 1 << 4,
  LW_TILE_UNREVIEWED = 1 << 5, /* no approved request in the ledger */
} LwTiles;

#define LW_TILE_COUNT 6

/* @approved: request id (lower case) → digest of the approved content; %NULL when the ledger is not known. */
LwTiles lw_portfolio_tiles (LwExemption *exemption, GDateTime *now, GHashTable *approved);

/* Which team an exemption belongs to: by the rules' tag on resource group or subscription, else the
 * management group above the subscription, else "". (transfer full) */
typedef JsonObject *(*LwTagsLookup) (const char *scope, gpointer user_data);
char *lw_portfolio_team (const char *scope,
                         LwRules *rules,
                         LwHierarchy *hierarchy,
                         LwTagsLookup tags,
                         gpointer user_data);

typedef struct
{
  char *policy; /* display name */
  char *assignment_id;
  char *team;
  guint count;
  guint median_age_days; /* since first granted */
  GPtrArray *exemptions; /* (element-type LwExemption) */
} LwCluster;

void lw_cluster_free (LwCluster *self);

/* Policy × team, largest first, then oldest. @policy_names: assignment id (lw_arm_id_hash()) → display
 * name; @teams: exemption id (lw_arm_id_hash()) → team. (transfer full) (element-type LwCluster) */
GPtrArray *lw_portfolio_clusters (GPtrArray *exemptions,
                                  GHashTable *policy_names,
                                  GHashTable *teams,
                                  GDateTime *now);

G_END_DECLS
