/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "config.h"

#include "lw-scope-tree.h"

#include <glib/gi18n-lib.h>

#include "lw-await.h"

struct _LwScopeNode
{
  GObject parent_instance;

  LwNodeKind kind;
  char *id;
  char *name;
  char *type;
  GListStore *children;
  LwScopeNode *parent; /* unowned: it owns the store that owns this */
  gboolean loading;
};

G_DEFINE_FINAL_TYPE (LwScopeNode, lw_scope_node, G_TYPE_OBJECT)

static void
lw_scope_node_finalize (GObject *object)
{
  LwScopeNode *self = LW_SCOPE_NODE (object);

  if (self->children != NULL)
    for (guint i = 0; i < g_list_model_get_n_items (G_LIST_MODEL (self->children)); i++)
      {
        g_autoptr (LwScopeNode) child = g_list_model_get_item (G_LIST_MODEL (self->children), i);

        child->parent = NULL;
      }
  g_clear_object (&self->children);
  g_free (self->id);
  g_free (self->name);
  g_free (self->type);
  G_OBJECT_CLASS (lw_scope_node_parent_class)->finalize (object);
}

static void
lw_scope_node_class_init (LwScopeNodeClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = lw_scope_node_finalize;
}

static void
lw_scope_node_init (LwScopeNode *self)
{
}

static LwScopeNode *
node_new (LwNodeKind kind, const char *id, const char *name, const char *type)
{
  LwScopeNode *self = g_object_new (LW_TYPE_SCOPE_NODE, NULL);

  self->kind = kind;
  self->id = g_strdup (id);
  self->name = g_strdup (name);
  self->type = g_strdup (type);
  return self;
}

LwNodeKind
lw_scope_node_get_kind (LwScopeNode *self)
{
  g_return_val_if_fail (LW_IS_SCOPE_NODE (self), LW_NODE_EMPTY);
  return self->kind;
}

const char *
lw_scope_node_get_id (LwScopeNode *self)
{
  g_return_val_if_fail (LW_IS_SCOPE_NODE (self), NULL);
  return self->id;
}

const char *
lw_scope_node_get_name (LwScopeNode *self)
{
  g_return_val_if_fail (LW_IS_SCOPE_NODE (self), NULL);
  return self->name;
}

const char *
lw_scope_node_get_type_name (LwScopeNode *self)
{
  g_return_val_if_fail (LW_IS_SCOPE_NODE (self), NULL);
  switch (lw_scope_kind (self->id))
    {
    case LW_SCOPE_MANAGEMENT_GROUP:
      return _ ("Management group");
    case LW_SCOPE_SUBSCRIPTION:
      return _ ("Subscription");
    case LW_SCOPE_RESOURCE_GROUP:
      return _ ("Resource group");
    case LW_SCOPE_RESOURCE:
    case LW_SCOPE_OTHER:
    default:
      return self->type != NULL ? self->type : _ ("Resource");
    }
}

struct _LwScopeTree
{
  GObject parent_instance;

  LwWorkspace *workspace;
  GListStore *roots;
  GtkTreeListModel *model;
};

G_DEFINE_FINAL_TYPE (LwScopeTree, lw_scope_tree, G_TYPE_OBJECT)

static LwHierarchy *
hierarchy_of (LwScopeTree *self)
{
  return lw_session_get_hierarchy (lw_workspace_get_session (self->workspace));
}

static LwScopeNode *
node_for_id (LwScopeTree *self, const char *id)
{
  const char *name = lw_hierarchy_display_name (hierarchy_of (self), id);
  g_autofree char *last = lw_arm_id_name (id);

  return node_new (LW_NODE_SCOPE, id, name != NULL ? name : last, NULL);
}

static gint
compare_names (gconstpointer a, gconstpointer b, gpointer user_data)
{
  return g_utf8_collate (((LwScopeNode *) a)->name, ((LwScopeNode *) b)->name);
}

static void
fill_from_hierarchy (LwScopeTree *self, GListStore *store, GPtrArray *ids, LwScopeNode *parent)
{
  for (guint i = 0; i < ids->len; i++)
    {
      g_autoptr (LwScopeNode) node = node_for_id (self, g_ptr_array_index (ids, i));

      node->parent = parent;
      g_list_store_append (store, node);
    }
}

static void
add_placeholder (LwScopeNode *parent, LwNodeKind kind, const char *text)
{
  g_autoptr (LwScopeNode) node = node_new (kind, parent->id, text, NULL);

  node->parent = parent;
  g_list_store_append (parent->children, node);
}

static void
add_children (LwScopeTree *self, LwScopeNode *node)
{
  node->children = g_list_store_new (LW_TYPE_SCOPE_NODE);
  if (lw_scope_kind (node->id) == LW_SCOPE_MANAGEMENT_GROUP)
    {
      g_autoptr (GPtrArray) ids = lw_hierarchy_children (hierarchy_of (self), node->id);

      fill_from_hierarchy (self, node->children, ids, node);
      if (ids->len == 0)
        add_placeholder (node, LW_NODE_EMPTY, _ ("Nothing that you can see"));
    }
  else
    add_placeholder (node, LW_NODE_LOADING, _ ("Reading…"));
}

static GListModel *
create_model (gpointer item, gpointer user_data)
{
  LwScopeTree *self = user_data;
  LwScopeNode *node = item;
  LwScopeKind kind = lw_scope_kind (node->id);

  if (node->kind != LW_NODE_SCOPE || kind == LW_SCOPE_RESOURCE || kind == LW_SCOPE_OTHER)
    return NULL;
  if (node->children == NULL)
    add_children (self, node);
  return G_LIST_MODEL (g_object_ref (node->children));
}

typedef struct
{
  LwScopeTree *tree;
  LwScopeNode *node;
} Load;

static void
load_free (gpointer data)
{
  Load *load = data;

  g_object_unref (load->tree);
  g_object_unref (load->node);
  g_free (load);
}

static void
take_children (LwScopeNode *node, GPtrArray *infos)
{
  g_autoptr (GPtrArray) nodes = g_ptr_array_new_with_free_func (g_object_unref);

  for (guint i = 0; i < infos->len; i++)
    {
      LwScopeInfo *info = g_ptr_array_index (infos, i);
      const char *name = info->display_name != NULL && *info->display_name != '\0'
                             ? info->display_name
                             : info->name;
      LwScopeNode *child = node_new (LW_NODE_SCOPE, info->id, name, info->type);

      child->parent = node;
      g_ptr_array_add (nodes, child);
    }
  g_list_store_splice (node->children, 0, g_list_model_get_n_items (G_LIST_MODEL (node->children)),
                       nodes->pdata, nodes->len);
  g_list_store_sort (node->children, compare_names, NULL);
  if (nodes->len == 0)
    add_placeholder (node, LW_NODE_EMPTY, _ ("Nothing that you can see"));
}

static DexFuture *
load_fiber (gpointer data)
{
  Load *load = data;
  LwScopeNode *node = load->node;
  LwClient *client = lw_session_get_client (lw_workspace_get_session (load->tree->workspace));
  g_autoptr (GError) error = NULL;
  g_autoptr (GPtrArray) infos = NULL;

  if (lw_scope_kind (node->id) == LW_SCOPE_SUBSCRIPTION)
    infos = dex_await_boxed (lw_client_list_resource_groups (client, node->id), &error);
  else
    infos = dex_await_boxed (lw_client_list_resources (client, node->id), &error);
  node->loading = FALSE;
  if (infos != NULL)
    take_children (node, infos);
  else if (!lw_error_is_cancelled (error))
    {
      g_list_store_remove_all (node->children);
      add_placeholder (node, LW_NODE_ERROR, error->message);
    }
  return dex_future_new_for_boolean (TRUE);
}

void
lw_scope_tree_load (LwScopeTree *self, LwScopeNode *placeholder)
{
  LwScopeNode *node;
  Load *load;

  g_return_if_fail (LW_IS_SCOPE_TREE (self));
  g_return_if_fail (LW_IS_SCOPE_NODE (placeholder));
  node = placeholder->parent;
  if (node == NULL || node->loading)
    return;
  node->loading = TRUE;
  if (placeholder->kind == LW_NODE_ERROR)
    {
      g_object_ref (node);
      g_list_store_remove_all (node->children);
      add_placeholder (node, LW_NODE_LOADING, _ ("Reading…"));
      g_object_unref (node);
    }
  load = g_new0 (Load, 1);
  load->tree = g_object_ref (self);
  load->node = g_object_ref (node);
  lw_workspace_spawn (self->workspace, load_fiber, load, load_free);
}

typedef struct
{
  LwScopeTree *tree;
  char *text;
} Search;

static void
search_free (gpointer data)
{
  Search *search = data;

  g_object_unref (search->tree);
  g_free (search->text);
  g_free (search);
}

/* Management groups and subscriptions are known already. */
static void
search_hierarchy (LwScopeTree *self,
                  const char *id,
                  const char *folded,
                  GListStore *into,
                  guint depth)
{
  g_autoptr (LwScopeNode) node = node_for_id (self, id);
  g_autofree char *name = g_utf8_casefold (node->name, -1);
  g_autofree char *key = g_utf8_casefold (id, -1);
  g_autoptr (GPtrArray) children = lw_hierarchy_children (hierarchy_of (self), id);

  if (strstr (name, folded) != NULL || strstr (key, folded) != NULL)
    g_list_store_append (into, node);
  for (guint i = 0; depth < 16 && i < children->len; i++)
    search_hierarchy (self, g_ptr_array_index (children, i), folded, into, depth + 1);
}

static DexFuture *
search_fiber (gpointer data)
{
  Search *search = data;
  LwScopeTree *self = search->tree;
  LwClient *client = lw_session_get_client (lw_workspace_get_session (self->workspace));
  g_autoptr (GError) error = NULL;
  g_autoptr (GPtrArray) infos =
      dex_await_boxed (lw_client_search_resources (client, search->text), &error);
  g_autoptr (GListStore) store = NULL;
  g_autoptr (GPtrArray) roots = NULL;
  g_autofree char *folded = NULL;

  if (infos == NULL)
    return dex_future_new_for_error (g_steal_pointer (&error));
  store = g_list_store_new (LW_TYPE_SCOPE_NODE);
  folded = g_utf8_casefold (search->text, -1);
  roots = lw_hierarchy_roots (hierarchy_of (self));
  for (guint i = 0; i < roots->len; i++)
    search_hierarchy (self, g_ptr_array_index (roots, i), folded, store, 0);
  for (guint i = 0; i < infos->len; i++)
    {
      LwScopeInfo *info = g_ptr_array_index (infos, i);
      const char *name = info->name != NULL ? info->name : info->display_name;
      g_autoptr (LwScopeNode) node = NULL;

      if (lw_scope_kind (info->id) == LW_SCOPE_SUBSCRIPTION)
        continue;
      node = node_new (LW_NODE_SCOPE, info->id, name, info->type);
      g_list_store_append (store, node);
    }
  return dex_future_new_take_object (g_steal_pointer (&store));
}

DexFuture *
lw_scope_tree_search (LwScopeTree *self, const char *text)
{
  Search *search;

  g_return_val_if_fail (LW_IS_SCOPE_TREE (self), NULL);
  search = g_new0 (Search, 1);
  search->tree = g_object_ref (self);
  search->text = g_strdup (text);
  return dex_scheduler_spawn (NULL, 0, search_fiber, search, search_free);
}

GtkTreeListModel *
lw_scope_tree_get_model (LwScopeTree *self)
{
  g_return_val_if_fail (LW_IS_SCOPE_TREE (self), NULL);
  return self->model;
}

static void
lw_scope_tree_finalize (GObject *object)
{
  LwScopeTree *self = LW_SCOPE_TREE (object);

  g_clear_object (&self->model);
  g_clear_object (&self->roots);
  g_clear_object (&self->workspace);
  G_OBJECT_CLASS (lw_scope_tree_parent_class)->finalize (object);
}

static void
lw_scope_tree_class_init (LwScopeTreeClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = lw_scope_tree_finalize;
}

static void
lw_scope_tree_init (LwScopeTree *self)
{
}

/* The top of the tree is open from the start, as long as it is a chain of one. */
static void
expand_top (GtkTreeListModel *model)
{
  for (guint i = 0; i < 8; i++)
    {
      g_autoptr (GtkTreeListRow) row = gtk_tree_list_model_get_row (model, i);
      g_autoptr (LwScopeNode) node = row != NULL ? gtk_tree_list_row_get_item (row) : NULL;

      if (node == NULL || lw_scope_kind (node->id) != LW_SCOPE_MANAGEMENT_GROUP ||
          g_list_model_get_n_items (G_LIST_MODEL (model)) != i + 1)
        return;
      gtk_tree_list_row_set_expanded (row, TRUE);
    }
}

LwScopeTree *
lw_scope_tree_new (LwWorkspace *workspace)
{
  LwScopeTree *self;
  LwHierarchy *hierarchy;

  g_return_val_if_fail (LW_IS_WORKSPACE (workspace), NULL);
  self = g_object_new (LW_TYPE_SCOPE_TREE, NULL);
  self->workspace = g_object_ref (workspace);
  self->roots = g_list_store_new (LW_TYPE_SCOPE_NODE);
  hierarchy = hierarchy_of (self);
  if (hierarchy != NULL)
    {
      g_autoptr (GPtrArray) roots = lw_hierarchy_roots (hierarchy);

      fill_from_hierarchy (self, self->roots, roots, NULL);
    }
  self->model = gtk_tree_list_model_new (G_LIST_MODEL (g_object_ref (self->roots)), FALSE, FALSE,
                                         create_model, self, NULL);
  expand_top (self->model);
  return self;
}
