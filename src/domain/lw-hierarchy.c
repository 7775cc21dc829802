/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "lw-arm-id.h"

typedef struct
{
  char *id;
  char *parent; /* nullable */
  char *display_name;
  gboolean root;       /* said to be one; else what is above may only be unknown */
  GPtrArray *children; /* (element-type utf8) */
} Entry;

struct _LwHierarchy
{
  GHashTable *entries; /* id → Entry */
  GPtrArray *order;    /* (element-type Entry) */
};

static void
entry_free (gpointer data)
{
  Entry *self = data;

  g_free (self->id);
  g_free (self->parent);
  g_free (self->display_name);
  g_ptr_array_unref (self->children);
  g_free (self);
}

LwHierarchy *
lw_hierarchy_new (void)
{
  LwHierarchy *self = g_atomic_rc_box_new0 (LwHierarchy);

  self->order = g_ptr_array_new_with_free_func (entry_free);
  self->entries = g_hash_table_new (lw_arm_id_hash, lw_arm_id_equal);
  return self;
}

LwHierarchy *
lw_hierarchy_ref (LwHierarchy *self)
{
  return g_atomic_rc_box_acquire (self);
}

static void
hierarchy_clear (gpointer data)
{
  LwHierarchy *self = data;

  g_hash_table_unref (self->entries);
  g_ptr_array_unref (self->order);
}

void
lw_hierarchy_unref (LwHierarchy *self)
{
  g_atomic_rc_box_release_full (self, hierarchy_clear);
}

G_DEFINE_BOXED_TYPE (LwHierarchy, lw_hierarchy, lw_hierarchy_ref, lw_hierarchy_unref)

static Entry *
lookup (LwHierarchy *self, const char *id)
{
  return self != NULL && id != NULL ? g_hash_table_lookup (self->entries, id) : NULL;
}

static Entry *
ensure (LwHierarchy *self, const char *id)
{
  Entry *entry = lookup (self, id);

  if (entry == NULL)
    {
      entry = g_new0 (Entry, 1);
      entry->id = lw_arm_id_normalize (id);
      entry->children = g_ptr_array_new_with_free_func (g_free);
      g_ptr_array_add (self->order, entry);
      g_hash_table_insert (self->entries, entry->id, entry);
    }
  return entry;
}

static void
remove_child (Entry *parent, const char *child)
{
  for (guint i = 0; i < parent->children->len; i++)
    if (lw_arm_id_equal (g_ptr_array_index (parent->children, i), child))
      {
        g_ptr_array_remove_index (parent->children, i);
        return;
      }
}

void
lw_hierarchy_add (LwHierarchy *self,
                  const char *child,
                  const char *parent,
                  const char *display_name)
{
  Entry *entry;

  g_return_if_fail (self != NULL);
  g_return_if_fail (child != NULL);

  entry = ensure (self, child);
  if (display_name != NULL)
    g_set_str (&entry->display_name, display_name);
  if (parent == NULL)
    entry->root = entry->parent == NULL;
  if (parent == NULL || lw_arm_id_equal (parent, child) ||
      (entry->parent != NULL && lw_arm_id_equal (entry->parent, parent)))
    return;
  if (entry->parent != NULL)
    remove_child (ensure (self, entry->parent), entry->id);
  g_free (entry->parent);
  entry->root = FALSE;
  entry->parent = lw_arm_id_normalize (parent);
  g_ptr_array_add (ensure (self, parent)->children, g_strdup (entry->id));
}

const char *
lw_hierarchy_parent (LwHierarchy *self, const char *id)
{
  Entry *entry = lookup (self, id);

  return entry != NULL ? entry->parent : NULL;
}

const char *
lw_hierarchy_display_name (LwHierarchy *self, const char *id)
{
  Entry *entry = lookup (self, id);

  return entry != NULL ? entry->display_name : NULL;
}

GPtrArray *
lw_hierarchy_children (LwHierarchy *self, const char *id)
{
  GPtrArray *children = g_ptr_array_new ();
  Entry *entry = lookup (self, id);

  for (guint i = 0; entry != NULL && i < entry->children->len; i++)
    g_ptr_array_add (children, g_ptr_array_index (entry->children, i));
  return children;
}

GPtrArray *
lw_hierarchy_roots (LwHierarchy *self)
{
  GPtrArray *roots = g_ptr_array_new ();

  for (guint i = 0; self != NULL && i < self->order->len; i++)
    {
      Entry *entry = g_ptr_array_index (self->order, i);

      if (entry->parent == NULL)
        g_ptr_array_add (roots, entry->id);
    }
  return roots;
}

/* The subscription or management group that @id is or lies in. */
static char *
branch_of (const char *id)
{
  g_autofree char *group = NULL;
  char *scope = lw_arm_id_subscription_scope (id);

  if (scope != NULL)
    return scope;
  group = lw_arm_id_management_group (id);
  return group != NULL
             ? g_strdup_printf ("/providers/Microsoft.Management/managementGroups/%s", group)
             : NULL;
}

/* Walks up from @inner; whether @outer was met. @known says whether the walk ended at a root. */
static gboolean
climb (LwHierarchy *self, const char *outer, const char *inner, gboolean *known)
{
  g_autofree char *branch = branch_of (inner);
  Entry *entry = lookup (self, branch);

  *known = FALSE;
  /* No chain is longer than there are entries, unless it runs in a circle. */
  for (guint steps = 0; entry != NULL && steps <= self->order->len; steps++)
    {
      if (entry->parent == NULL)
        {
          *known = entry->root;
          return FALSE;
        }
      if (lw_arm_id_equal (entry->parent, outer))
        {
          *known = TRUE;
          return TRUE;
        }
      entry = lookup (self, entry->parent);
    }
  return FALSE;
}

gboolean
lw_hierarchy_contains (LwHierarchy *self, const char *outer, const char *inner)
{
  gboolean known;

  if (lw_arm_id_contains (outer, inner))
    return TRUE;
  return lw_scope_kind (outer) == LW_SCOPE_MANAGEMENT_GROUP && climb (self, outer, inner, &known);
}

gboolean
lw_hierarchy_knows (LwHierarchy *self, const char *outer, const char *inner)
{
  gboolean known;

  if (lw_scope_kind (outer) != LW_SCOPE_MANAGEMENT_GROUP || lw_arm_id_contains (outer, inner))
    return TRUE;
  climb (self, outer, inner, &known);
  return known;
}
