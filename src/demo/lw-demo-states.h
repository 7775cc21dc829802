/* SPDX-License-Identifier: GPL-3.0-or-later */

#pragma once

#include "lw-demo-call.h"

G_BEGIN_DECLS

/* One compliance record. All members are borrowed from the tenant but @effect. */
typedef struct
{
  LwDemoNode *node; /* the resource; its resource group where @extra is set */
  guint extra;      /* the number of a resource that exists only here, from 1 */
  LwDemoPolicy *assignment;
  LwDemoPolicy *set; /* nullable */
  LwDemoPolicy *definition;
  JsonObject *member;    /* nullable: the entry of the set */
  const char *reference; /* "" for a single definition */
  const char *effect;    /* interned */
  gboolean fails;
  gboolean exempt;
} LwDemoState;

/* Every record of the tenant as it stands now. (element-type LwDemoState) (transfer full) */
GArray *lw_demo_states_new (LwDemoTenant *tenant);
const char *lw_demo_state_compliance (const LwDemoState *state);
char *lw_demo_state_resource (const LwDemoState *state);
/* A field that filters and groups use, whatever its case, without building the whole record.
 * (transfer full) (nullable) */
char *lw_demo_state_field (const LwDemoState *state, const char *field);
/* The records the caller may see at or below the scope. */
GArray *lw_demo_states_at (LwDemoCall *self,
                           LwDemoScope *scope,
                           const char *assignment,
                           const char *filter);
/* componentPolicyStates/latest/queryResults */
void lw_demo_components_handle (LwDemoCall *self, LwDemoScope *scope, guint rest);
/* The record as policyStates shows it. (transfer full) */
JsonObject *lw_demo_state_json (LwDemoTenant *tenant, const LwDemoState *state);

G_END_DECLS
