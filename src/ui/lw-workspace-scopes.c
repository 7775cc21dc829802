/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "config.h"

#include "lw-workspace.h"

#include <glib/gi18n-lib.h>

#include "lw-widgets.h"

char *
lw_workspace_scope_title (LwWorkspace *self, const char *scope)
{
  LwHierarchy *hierarchy;
  const char *name = NULL;

  g_return_val_if_fail (LW_IS_WORKSPACE (self), NULL);
  hierarchy = lw_session_get_hierarchy (lw_workspace_get_session (self));
  if (hierarchy != NULL && scope != NULL)
    name = lw_hierarchy_display_name (hierarchy, scope);
  if (name == NULL || *name == '\0')
    return lw_scope_title (scope);
  switch (lw_scope_kind (scope))
    {
    case LW_SCOPE_MANAGEMENT_GROUP:
      return g_strdup_printf (_ ("Management group %s"), name);
    case LW_SCOPE_SUBSCRIPTION:
      return g_strdup_printf (_ ("Subscription %s"), name);
    case LW_SCOPE_RESOURCE_GROUP:
    case LW_SCOPE_RESOURCE:
    case LW_SCOPE_OTHER:
    default:
      return lw_scope_title (scope);
    }
}

char *
lw_workspace_scope_path (LwWorkspace *self, const char *scope)
{
  g_autofree char *subscription = lw_arm_id_subscription_scope (scope);
  g_autofree char *group = lw_arm_id_resource_group (scope);
  g_autofree char *up = NULL;
  LwHierarchy *hierarchy = lw_session_get_hierarchy (lw_workspace_get_session (self));
  GString *path = g_string_new (NULL);

  if (subscription != NULL && lw_scope_kind (scope) < LW_SCOPE_SUBSCRIPTION)
    {
      const char *name =
          hierarchy != NULL ? lw_hierarchy_display_name (hierarchy, subscription) : NULL;

      up = name != NULL ? g_strdup (name) : lw_arm_id_subscription (scope);
      g_string_append (path, up);
      if (group != NULL && lw_scope_kind (scope) < LW_SCOPE_RESOURCE_GROUP)
        g_string_append_printf (path, " / %s", group);
    }
  else if (hierarchy != NULL)
    {
      const char *at = lw_hierarchy_parent (hierarchy, scope);

      for (guint depth = 0; at != NULL && depth < 16; depth++)
        {
          const char *name = lw_hierarchy_display_name (hierarchy, at);
          g_autofree char *id_name = lw_arm_id_name (at);

          if (path->len > 0)
            g_string_prepend (path, " / ");
          g_string_prepend (path, name != NULL ? name : id_name);
          at = lw_hierarchy_parent (hierarchy, at);
        }
    }
  return g_string_free (path, FALSE);
}
