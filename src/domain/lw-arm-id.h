/* SPDX-License-Identifier: GPL-3.0-or-later */

#pragma once

#include <glib-object.h>

G_BEGIN_DECLS

/**
 * LwScopeKind:
 *
 * What an Azure Resource Manager scope is. The order is that of reach: a larger value is wider.
 */
typedef enum
{
  LW_SCOPE_OTHER = -1,
  LW_SCOPE_RESOURCE = 0,
  LW_SCOPE_RESOURCE_GROUP,
  LW_SCOPE_SUBSCRIPTION,
  LW_SCOPE_MANAGEMENT_GROUP,
} LwScopeKind;

#define LW_EXEMPTIONS_TYPE      "Microsoft.Authorization/policyExemptions"
#define LW_ASSIGNMENTS_TYPE     "Microsoft.Authorization/policyAssignments"
#define LW_DEFINITIONS_TYPE     "Microsoft.Authorization/policyDefinitions"
#define LW_SET_DEFINITIONS_TYPE "Microsoft.Authorization/policySetDefinitions"

LwScopeKind lw_scope_kind (const char *scope);

/* "resource", "resourceGroup", "subscription", "managementGroup" or "other": the words of the rules. */
const char *lw_scope_kind_to_string (LwScopeKind kind);

/* Collapses doubled slashes at the start and drops trailing ones; the casing stays. (transfer full) */
char *lw_arm_id_normalize (const char *id);

/* A key for hash tables and comparison: normalised and folded to lower case. (transfer full) */
char *lw_arm_id_key (const char *id);

/* Without case, leading double slashes and trailing slashes. Fit for a #GHashTable. */
gboolean lw_arm_id_equal (gconstpointer a, gconstpointer b);
guint lw_arm_id_hash (gconstpointer id);

/* The last segment (transfer full), or "" for an empty id. */
char *lw_arm_id_name (const char *id);

/* The scope one step up within a subscription: resource (or child resource) → its parent resource or
 * resource group → subscription → %NULL. What is above a subscription needs an #LwHierarchy.
 * (transfer full) (nullable) */
char *lw_arm_id_parent (const char *id);

/* The parts that the id has, else %NULL. (transfer full) */
char *lw_arm_id_subscription (const char *id);
char *lw_arm_id_resource_group (const char *id);
char *lw_arm_id_management_group (const char *id);
/* "Microsoft.Storage/storageAccounts", with child types joined by slashes. */
char *lw_arm_id_resource_type (const char *id);

/* "/subscriptions/…" of the id, with the subscription only; %NULL where there is none. */
char *lw_arm_id_subscription_scope (const char *id);
/* "/subscriptions/…/resourceGroups/…"; %NULL where there is none. */
char *lw_arm_id_resource_group_scope (const char *id);

/**
 * lw_arm_id_split:
 * @id: the id of an extension resource
 * @type: its type, such as %LW_EXEMPTIONS_TYPE
 * @scope: (out) (optional) (transfer full): what stands left of the last "/providers/@type/"
 * @name: (out) (optional) (transfer full): what stands right of it
 *
 * Returns: whether @id is of that type
 */
gboolean lw_arm_id_split (const char *id, const char *type, char **scope, char **name);

/* "{scope}/providers/{type}/{name}" (transfer full). */
char *lw_arm_id_join (const char *scope, const char *type, const char *name);

/* Whether @inner is @outer or lies below it, by the text of the ids alone: that settles everything
 * from a subscription down. */
gboolean lw_arm_id_contains (const char *outer, const char *inner);

/**
 * LwHierarchy:
 *
 * Which management group each management group and subscription lies in. A value; not thread-safe
 * while it is being filled.
 */
typedef struct _LwHierarchy LwHierarchy;

#define LW_TYPE_HIERARCHY (lw_hierarchy_get_type ())
GType lw_hierarchy_get_type (void);

LwHierarchy *lw_hierarchy_new (void);
LwHierarchy *lw_hierarchy_ref (LwHierarchy *self);
void lw_hierarchy_unref (LwHierarchy *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (LwHierarchy, lw_hierarchy_unref)

/* Says that @child (full id of a management group or subscription) lies in @parent (full id, or %NULL
 * for the root). @display_name may be %NULL. */
void lw_hierarchy_add (LwHierarchy *self,
                       const char *child,
                       const char *parent,
                       const char *display_name);
/* (nullable) (transfer none): the parent's full id. */
const char *lw_hierarchy_parent (LwHierarchy *self, const char *id);
/* (nullable) (transfer none) */
const char *lw_hierarchy_display_name (LwHierarchy *self, const char *id);
/* Direct children, full ids in the order they were added. (transfer container) (element-type utf8) */
GPtrArray *lw_hierarchy_children (LwHierarchy *self, const char *id);
/* The ids without a known parent. (transfer container) (element-type utf8) */
GPtrArray *lw_hierarchy_roots (LwHierarchy *self);

/* Like lw_arm_id_contains(), and across management groups. @self may be %NULL. */
gboolean lw_hierarchy_contains (LwHierarchy *self, const char *outer, const char *inner);
/* Whether that question can be answered: %FALSE where @outer is a management group and the chain
 * above @inner is not known up to @outer or to a root. */
gboolean lw_hierarchy_knows (LwHierarchy *self, const char *outer, const char *inner);

G_END_DECLS
