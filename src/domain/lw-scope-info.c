/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "config.h"

#include <glib/gi18n-lib.h>
#include <string.h>

#include "lw-json.h"
#include "lw-policy-private.h"
#include "lw-policy.h"

G_DEFINE_BOXED_TYPE (LwScopeInfo, lw_scope_info, lw_scope_info_ref, lw_scope_info_unref)
G_DEFINE_BOXED_TYPE (LwPolicyState, lw_policy_state, lw_policy_state_ref, lw_policy_state_unref)

LwScopeInfo *
lw_scope_info_new (const char *id,
                   const char *display_name,
                   const char *type,
                   const char *location,
                   JsonObject *tags)
{
  LwScopeInfo *self;

  g_return_val_if_fail (id != NULL, NULL);

  self = g_atomic_rc_box_new0 (LwScopeInfo);
  self->id = lw_arm_id_normalize (id);
  self->name = lw_arm_id_name (self->id);
  self->display_name = lw_text_or (display_name, self->name);
  self->type = lw_text_or (type, "");
  self->location = g_strdup (location);
  self->tags = lw_json_object_copy (tags);
  return self;
}

LwScopeInfo *
lw_scope_info_ref (LwScopeInfo *self)
{
  return g_atomic_rc_box_acquire (self);
}

static void
scope_info_clear (gpointer data)
{
  LwScopeInfo *self = data;

  g_free (self->id);
  g_free (self->name);
  g_free (self->display_name);
  g_free (self->type);
  g_free (self->location);
  g_clear_pointer (&self->tags, json_object_unref);
}

void
lw_scope_info_unref (LwScopeInfo *self)
{
  g_atomic_rc_box_release_full (self, scope_info_clear);
}

/* Policy Insights writes ids in lower case. The segments that are the same in every id get back the
 * casing that other tools expect to find. (transfer full) */
static char *
restore_case (const char *id)
{
  static const char segment[] = "/resourceGroups/";
  char *result = lw_arm_id_normalize (id);
  gsize length = strlen (result);

  for (gsize i = 0; i + strlen (segment) <= length; i++)
    if (g_ascii_strncasecmp (result + i, segment, strlen (segment)) == 0)
      {
        memcpy (result + i, segment, strlen (segment));
        break;
      }
  return result;
}

LwPolicyState *
lw_policy_state_from_json (JsonNode *node, GError **error)
{
  JsonObject *object = lw_azure_object (node, _ ("policy state"), "resourceId", error);
  LwPolicyState *self;

  if (object == NULL)
    return NULL;
  self = g_atomic_rc_box_new0 (LwPolicyState);
  self->resource_id = restore_case (lw_json_get_string (object, "resourceId"));
  self->assignment_id = lw_arm_id_normalize (lw_json_get_string (object, "policyAssignmentId"));
  self->reference_id = lw_text_or (lw_json_get_string (object, "policyDefinitionReferenceId"), "");
  self->compliance = lw_text_or (lw_json_get_string (object, "complianceState"), "");
  self->resource_type = lw_text_or (lw_json_get_string (object, "resourceType"), "");
  self->resource_location = lw_text_or (lw_json_get_string (object, "resourceLocation"), "");
  if (lw_json_get_string (object, "policyDefinitionId") != NULL)
    self->definition_id = lw_arm_id_normalize (lw_json_get_string (object, "policyDefinitionId"));
  self->effect = g_strdup (lw_json_get_string (object, "policyDefinitionAction"));
  self->groups = g_ptr_array_new_with_free_func (g_free);
  lw_strings_append (self->groups, lw_json_get_array (object, "policyDefinitionGroupNames"));
  return self;
}

LwPolicyState *
lw_policy_state_ref (LwPolicyState *self)
{
  return g_atomic_rc_box_acquire (self);
}

static void
policy_state_clear (gpointer data)
{
  LwPolicyState *self = data;

  g_free (self->resource_id);
  g_free (self->assignment_id);
  g_free (self->reference_id);
  g_free (self->compliance);
  g_free (self->resource_type);
  g_free (self->resource_location);
  g_free (self->definition_id);
  g_free (self->effect);
  g_ptr_array_unref (self->groups);
}

void
lw_policy_state_unref (LwPolicyState *self)
{
  g_atomic_rc_box_release_full (self, policy_state_clear);
}
