/* SPDX-License-Identifier: GPL-3.0-or-later */

#pragma once

#include "lw-arm-id.h"
#include "lw-request.h"

G_BEGIN_DECLS

/*
 * Azure's own objects as plain values. Each keeps the whole object it was read from in @json, from
 * which everything is written back, so that no member is lost. Created by the …_from_json functions,
 * which never fail on unknown or missing members and set %LW_DOMAIN_ERROR_TYPE only where the node is
 * no object or has no id. Boxed, reference counted, immutable.
 */

typedef struct
{
  char *reference_id; /* "" for a single definition */
  char *definition_id;
  char *display_name; /* nullable until the definition was read */
  char *description;  /* nullable */
  char *category;     /* nullable */
  char *effect;       /* as it results from parameters and overrides; nullable when not known */
  GPtrArray *groups;  /* (element-type utf8) */
} LwPolicyReference;

typedef struct
{
  char *id;
  char *name;
  char *scope;        /* where it is assigned */
  char *display_name; /* falls back to the name */
  char *description;
  char *definition_id;
  gboolean initiative;
  char *definition_version;
  char *enforcement_mode; /* "Default" when absent */
  char *instance_id;
  GPtrArray *not_scopes; /* (element-type utf8) */
  /* Filled by lw_assignment_with_definition(): */
  char *category;            /* nullable */
  char *definition_name;     /* display name of the definition or initiative; nullable */
  gboolean definition_known; /* FALSE where Azure did not let us read the definition */
  GPtrArray *references;     /* (element-type LwPolicyReference) */
  GHashTable *group_names;   /* group name → display name */
  JsonObject *json;
} LwAssignment;

#define LW_TYPE_ASSIGNMENT (lw_assignment_get_type ())
GType lw_assignment_get_type (void);
LwAssignment *lw_assignment_from_json (JsonNode *node, GError **error);
LwAssignment *lw_assignment_ref (LwAssignment *self);
void lw_assignment_unref (LwAssignment *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (LwAssignment, lw_assignment_unref)

/* The version of the definition that is in force: an override for everything, else the one that Azure
 * says is effective, else the one that is named ("2.*.*"). (nullable) (transfer none) */
const char *lw_assignment_get_definition_pattern (LwAssignment *self);

/**
 * lw_assignment_with_definition:
 * @definition: (nullable): the policy definition or set definition assigned, as Azure answered it
 * @members: (nullable): lw_definition_key() of each definition of a set, of the version that the set
 *   takes or the newest (lw_arm_id_hash()) → JsonObject
 *
 * Returns: (transfer full): a new value with category, references and effects resolved: parameters of
 *   the assignment, then of the set, then defaults; then the assignment's overrides of kind
 *   policyEffect
 */
LwAssignment *
lw_assignment_with_definition (LwAssignment *self, JsonObject *definition, GHashTable *members);
/**
 * lw_assignment_with_states:
 * @states: (element-type LwPolicyState): compliance rows of the assignment
 * @members: (nullable): definition id (lw_arm_id_hash()) → JsonObject of those that could be read
 *
 * For people who may not read the initiative itself, as it often lies in a management group above
 * them: the rows name the definitions that were evaluated where they may read, with effect and group.
 *
 * Returns: (transfer full): a new value with those references, in the order of their ids;
 *   definition_known stays %FALSE. @self again where its definition is known or it is no initiative.
 */
LwAssignment *
lw_assignment_with_states (LwAssignment *self, GPtrArray *states, GHashTable *members);
/* The same assignment with the references of those ids (element-type utf8) too, of which nothing else
 * is known; @self again where its definition is known or nothing is missing. (transfer full) */
LwAssignment *lw_assignment_with_references (LwAssignment *self, GPtrArray *ids);
LwPolicyReference *lw_assignment_get_reference (LwAssignment *self, const char *reference_id);
/* What a grant records of the policy, for the given references (all when empty). (transfer full) */
LwPolicySnapshot *lw_assignment_snapshot (LwAssignment *self, GPtrArray *references);

typedef struct
{
  char *id;
  char *scope;
  char *name;
  char *display_name; /* falls back to the name */
  char *description;  /* nullable */
  char *category;     /* as Azure wrote it */
  GDateTime *expires; /* nullable: no expiry */
  char *assignment_id;
  GPtrArray *references;    /* (element-type utf8) */
  GDateTime *created;       /* nullable */
  GDateTime *modified;      /* nullable; systemData.lastModifiedAt */
  char *created_by;         /* nullable */
  char *requested_by;       /* nullable; metadata */
  char *approved_by;        /* nullable; metadata */
  char *ticket;             /* nullable; metadata */
  char *owner;              /* nullable; metadata.leeway.owner.upn or metadata.owner */
  char *request_id;         /* nullable; metadata.leeway.request */
  char *digest;             /* nullable; metadata.leeway.digest */
  GDateTime *first_granted; /* metadata.leeway.firstGranted, else created; nullable */
  JsonObject *json;
} LwExemption;

#define LW_TYPE_EXEMPTION (lw_exemption_get_type ())
GType lw_exemption_get_type (void);
LwExemption *lw_exemption_from_json (JsonNode *node, GError **error);
LwExemption *lw_exemption_ref (LwExemption *self);
void lw_exemption_unref (LwExemption *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (LwExemption, lw_exemption_unref)
/* A deep copy of the object as Azure sent it. (transfer full) */
JsonNode *lw_exemption_to_json (LwExemption *self);

/* A resource, resource group, subscription or management group. */
typedef struct
{
  char *id;
  char *name;
  char *display_name;
  char *type;       /* lower case is not assumed */
  char *location;   /* nullable */
  JsonObject *tags; /* nullable */
} LwScopeInfo;

#define LW_TYPE_SCOPE_INFO (lw_scope_info_get_type ())
GType lw_scope_info_get_type (void);
LwScopeInfo *lw_scope_info_new (const char *id,
                                const char *display_name,
                                const char *type,
                                const char *location,
                                JsonObject *tags);
LwScopeInfo *lw_scope_info_ref (LwScopeInfo *self);
void lw_scope_info_unref (LwScopeInfo *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (LwScopeInfo, lw_scope_info_unref)

/* One row of policyStates. */
typedef struct
{
  char *resource_id;
  char *assignment_id;
  char *reference_id; /* "" for a single definition */
  char *compliance;   /* "NonCompliant", … */
  char *resource_type;
  char *resource_location;
  char *definition_id; /* nullable */
  char *effect;        /* nullable */
  GPtrArray *groups;   /* (element-type utf8): names of the initiative's groups */
} LwPolicyState;

#define LW_TYPE_POLICY_STATE (lw_policy_state_get_type ())
GType lw_policy_state_get_type (void);
LwPolicyState *lw_policy_state_from_json (JsonNode *node, GError **error);
LwPolicyState *lw_policy_state_ref (LwPolicyState *self);
void lw_policy_state_unref (LwPolicyState *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (LwPolicyState, lw_policy_state_unref)

/* What the permissions call says of an action. */
typedef enum
{
  LW_RIGHT_UNKNOWN,
  LW_RIGHT_NO,
  LW_RIGHT_YES
} LwRight;

/* @permissions is the "value" array of a permissions answer: allowed where any entry has an actions
 * pattern that matches and no notActions pattern in the same entry does. */
LwRight lw_permissions_check (JsonArray *permissions, const char *action);
/* The same for an action on data, by dataActions and notDataActions. */
LwRight lw_permissions_check_data (JsonArray *permissions, const char *action);

G_END_DECLS
