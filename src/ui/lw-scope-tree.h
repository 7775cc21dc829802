/* SPDX-License-Identifier: GPL-3.0-or-later */

#pragma once

#include <gtk/gtk.h>

#include "lw-workspace.h"

G_BEGIN_DECLS

typedef enum
{
  LW_NODE_SCOPE,
  LW_NODE_LOADING, /* what lies in its parent is being read; reading starts with lw_scope_tree_load() */
  LW_NODE_ERROR, /* it could not be read: the name says why */
  LW_NODE_EMPTY,
} LwNodeKind;

/* A management group, subscription, resource group or resource in the tree, or what stands for those
 * that are not there. */
#define LW_TYPE_SCOPE_NODE (lw_scope_node_get_type ())
G_DECLARE_FINAL_TYPE (LwScopeNode, lw_scope_node, LW, SCOPE_NODE, GObject)

LwNodeKind lw_scope_node_get_kind (LwScopeNode *self);
const char *lw_scope_node_get_id (LwScopeNode *self); /* of its parent where it stands for others */
const char *lw_scope_node_get_name (LwScopeNode *self);
/* "Resource group", "Microsoft.Storage/storageAccounts", … (transfer none) */
const char *lw_scope_node_get_type_name (LwScopeNode *self);

/**
 * LwScopeTree:
 *
 * The scopes of the tenant as a tree that reads what lies in a scope when it is opened.
 */
#define LW_TYPE_SCOPE_TREE (lw_scope_tree_get_type ())
G_DECLARE_FINAL_TYPE (LwScopeTree, lw_scope_tree, LW, SCOPE_TREE, GObject)

LwScopeTree *lw_scope_tree_new (LwWorkspace *workspace);
/* Rows of LwScopeNode. (transfer none) */
GtkTreeListModel *lw_scope_tree_get_model (LwScopeTree *self);
/* Reads what a LOADING node stands for, or tries an ERROR node again. Does nothing while it runs. */
void lw_scope_tree_load (LwScopeTree *self, LwScopeNode *node);
/* Searches the whole tenant. Resolves to a GListStore of LwScopeNode. */
DexFuture *lw_scope_tree_search (LwScopeTree *self, const char *text);

G_END_DECLS
