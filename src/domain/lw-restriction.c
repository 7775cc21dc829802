/* SPDX-License-Identifier: GPL-3.0-or-later */

/* What policies have against a resource that somebody means to write. */

#include "config.h"

#include "lw-compliance.h"

#include <glib/gi18n-lib.h>

#include "lw-domain-error.h"
#include "lw-json.h"
#include "lw-policy-private.h"

G_DEFINE_BOXED_TYPE (LwRestriction, lw_restriction, lw_restriction_ref, lw_restriction_unref)

/* @policy: the member that names the policy: "policyInfo" of the content, "policy" of a field */
static LwRestriction *
restriction_new (JsonObject *object, const char *policy, const char *result)
{
  LwRestriction *self = g_atomic_rc_box_new0 (LwRestriction);
  JsonObject *reference = lw_json_get_object (object, policy);

  self->assignment_id = lw_arm_id_normalize (lw_json_get_string (reference, "policyAssignmentId"));
  self->definition_id = lw_arm_id_normalize (lw_json_get_string (reference, "policyDefinitionId"));
  self->reference_id =
      lw_text_or (lw_json_get_string (reference, "policyDefinitionReferenceId"), "");
  self->result = lw_text_or (lw_json_get_string (object, result), "");
  self->values = g_ptr_array_new_with_free_func (g_free);
  return self;
}

static void
add_content (GPtrArray *found, JsonObject *answer)
{
  JsonArray *list = lw_json_get_array (lw_json_get_object (answer, "contentEvaluationResult"),
                                       "policyEvaluations");

  for (guint i = 0; list != NULL && i < json_array_get_length (list); i++)
    {
      JsonObject *object = lw_json_array_get_object (list, i);
      LwRestriction *self = restriction_new (object, "policyInfo", "evaluationResult");

      self->effect = lw_text_or (
          lw_json_get_string (lw_json_get_object (object, "effectDetails"), "policyEffect"), "");
      self->reason = g_strdup (
          lw_json_get_string (lw_json_get_object (object, "evaluationDetails"), "reason"));
      g_ptr_array_add (found, self);
    }
}

static void
add_field (GPtrArray *found, JsonObject *field)
{
  JsonArray *list = lw_json_get_array (field, "restrictions");

  for (guint i = 0; list != NULL && i < json_array_get_length (list); i++)
    {
      JsonObject *object = lw_json_array_get_object (list, i);
      LwRestriction *self = restriction_new (object, "policy", "result");

      self->field = lw_text_or (lw_json_get_string (field, "field"), "");
      self->effect = lw_text_or (lw_json_get_string (object, "policyEffect"), "");
      self->reason = g_strdup (lw_json_get_string (object, "reason"));
      lw_strings_append (self->values, lw_json_get_array (object, "values"));
      g_ptr_array_add (found, self);
    }
}

GPtrArray *
lw_restrictions_from_json (JsonNode *node, GError **error)
{
  JsonObject *answer = lw_json_node_object (node);
  JsonArray *fields = lw_json_get_array (answer, "fieldRestrictions");
  GPtrArray *found;

  if (answer == NULL)
    {
      g_set_error_literal (error, LW_DOMAIN_ERROR, LW_DOMAIN_ERROR_TYPE,
                           _ ("Azure answered no object to what was asked about policies."));
      return NULL;
    }
  found = g_ptr_array_new_with_free_func ((GDestroyNotify) lw_restriction_unref);
  add_content (found, answer);
  for (guint i = 0; fields != NULL && i < json_array_get_length (fields); i++)
    add_field (found, lw_json_array_get_object (fields, i));
  return found;
}

gboolean
lw_restriction_refuses (const LwRestriction *self)
{
  g_return_val_if_fail (self != NULL, FALSE);

  if (self->field == NULL)
    return (g_ascii_strcasecmp (self->effect, "deny") == 0 ||
            g_ascii_strcasecmp (self->effect, "denyAction") == 0) &&
           g_ascii_strcasecmp (self->result, "Compliant") != 0;
  return g_ascii_strcasecmp (self->result, "Deny") == 0;
}

LwRestriction *
lw_restriction_ref (LwRestriction *self)
{
  return g_atomic_rc_box_acquire (self);
}

static void
restriction_clear (gpointer data)
{
  LwRestriction *self = data;

  g_free (self->assignment_id);
  g_free (self->definition_id);
  g_free (self->reference_id);
  g_free (self->effect);
  g_free (self->field);
  g_free (self->result);
  g_ptr_array_unref (self->values);
  g_free (self->reason);
}

void
lw_restriction_unref (LwRestriction *self)
{
  g_atomic_rc_box_release_full (self, restriction_clear);
}
