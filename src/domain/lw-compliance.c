/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "config.h"

#include "lw-compliance.h"

#include <glib/gi18n-lib.h>

#include "lw-domain-error.h"
#include "lw-json.h"
#include "lw-policy-private.h"

G_DEFINE_BOXED_TYPE (LwComplianceCount,
                     lw_compliance_count,
                     lw_compliance_count_ref,
                     lw_compliance_count_unref)
G_DEFINE_BOXED_TYPE (LwComplianceSummary,
                     lw_compliance_summary,
                     lw_compliance_summary_ref,
                     lw_compliance_summary_unref)
G_DEFINE_BOXED_TYPE (LwComponentState,
                     lw_component_state,
                     lw_component_state_ref,
                     lw_component_state_unref)

static char *
text_of (JsonObject *object, const char *member)
{
  return lw_text_or (lw_json_get_string (object, member), "");
}

static guint
number_of (JsonObject *object, const char *member)
{
  return (guint) CLAMP (lw_json_get_int (object, member, 0), 0, G_MAXINT);
}

/* Counts */

static LwComplianceCount *
count_new (JsonObject *object, const char *count_member)
{
  LwComplianceCount *self = g_atomic_rc_box_new0 (LwComplianceCount);
  const char *assignment = lw_json_get_string (object, "policyAssignmentId");

  self->assignment_id = assignment != NULL ? lw_arm_id_normalize (assignment) : g_strdup ("");
  self->reference_id = text_of (object, "policyDefinitionReferenceId");
  self->compliance = text_of (object, "complianceState");
  self->count = number_of (object, count_member);
  return self;
}

LwComplianceCount *
lw_compliance_count_from_json (JsonNode *node, GError **error)
{
  JsonObject *object = lw_azure_object (node, _ ("compliance count"), "complianceState", error);

  return object != NULL ? count_new (object, "n") : NULL;
}

LwComplianceCount *
lw_compliance_count_ref (LwComplianceCount *self)
{
  return g_atomic_rc_box_acquire (self);
}

static void
count_clear (gpointer data)
{
  LwComplianceCount *self = data;

  g_free (self->assignment_id);
  g_free (self->reference_id);
  g_free (self->compliance);
}

void
lw_compliance_count_unref (LwComplianceCount *self)
{
  g_atomic_rc_box_release_full (self, count_clear);
}

/* Summaries */

static LwAssignmentSummary *
assignment_summary_new (JsonObject *object)
{
  LwAssignmentSummary *self = g_new0 (LwAssignmentSummary, 1);
  JsonObject *results = lw_json_get_object (object, "results");
  JsonArray *details = lw_json_get_array (results, "resourceDetails");
  const char *id = lw_json_get_string (object, "policyAssignmentId");

  self->assignment_id = id != NULL ? lw_arm_id_normalize (id) : g_strdup ("");
  self->resources = number_of (results, "nonCompliantResources");
  self->policies = number_of (results, "nonCompliantPolicies");
  self->details = g_ptr_array_new_with_free_func ((GDestroyNotify) lw_compliance_count_unref);
  for (guint i = 0; details != NULL && i < json_array_get_length (details); i++)
    {
      JsonObject *detail = lw_json_array_get_object (details, i);

      if (lw_json_get_string (detail, "complianceState") != NULL)
        g_ptr_array_add (self->details, count_new (detail, "count"));
    }
  return self;
}

static void
assignment_summary_free (gpointer data)
{
  LwAssignmentSummary *self = data;

  g_free (self->assignment_id);
  g_ptr_array_unref (self->details);
  g_free (self);
}

LwComplianceSummary *
lw_compliance_summary_from_json (JsonNode *node, GError **error)
{
  JsonArray *value = lw_json_get_array (lw_json_node_object (node), "value");
  JsonObject *first;
  JsonArray *assignments;
  LwComplianceSummary *self;

  if (value == NULL)
    {
      g_set_error_literal (error, LW_DOMAIN_ERROR, LW_DOMAIN_ERROR_TYPE,
                           _ ("Azure answered a compliance summary without “value”."));
      return NULL;
    }
  first = lw_json_array_get_object (value, 0);
  assignments = lw_json_get_array (first, "policyAssignments");
  self = g_atomic_rc_box_new0 (LwComplianceSummary);
  self->all = assignment_summary_new (first);
  self->assignments = g_ptr_array_new_with_free_func (assignment_summary_free);
  for (guint i = 0; assignments != NULL && i < json_array_get_length (assignments); i++)
    {
      JsonObject *one = lw_json_array_get_object (assignments, i);

      if (lw_json_get_string (one, "policyAssignmentId") != NULL)
        g_ptr_array_add (self->assignments, assignment_summary_new (one));
    }
  return self;
}

LwComplianceSummary *
lw_compliance_summary_ref (LwComplianceSummary *self)
{
  return g_atomic_rc_box_acquire (self);
}

static void
summary_clear (gpointer data)
{
  LwComplianceSummary *self = data;

  assignment_summary_free (self->all);
  g_ptr_array_unref (self->assignments);
}

void
lw_compliance_summary_unref (LwComplianceSummary *self)
{
  g_atomic_rc_box_release_full (self, summary_clear);
}

/* Components */

LwComponentState *
lw_component_state_from_json (JsonNode *node, GError **error)
{
  JsonObject *object = lw_azure_object (node, _ ("component state"), "componentId", error);
  LwComponentState *self;

  if (object == NULL)
    return NULL;
  self = g_atomic_rc_box_new0 (LwComponentState);
  self->id = text_of (object, "componentId");
  self->name = lw_text_or (lw_json_get_string (object, "componentName"), self->id);
  self->type = text_of (object, "componentType");
  self->resource_id = lw_arm_id_normalize (lw_json_get_string (object, "resourceId"));
  self->assignment_id = lw_arm_id_normalize (lw_json_get_string (object, "policyAssignmentId"));
  self->reference_id = text_of (object, "policyDefinitionReferenceId");
  self->compliance = text_of (object, "complianceState");
  return self;
}

LwComponentState *
lw_component_state_ref (LwComponentState *self)
{
  return g_atomic_rc_box_acquire (self);
}

static void
component_state_clear (gpointer data)
{
  LwComponentState *self = data;

  g_free (self->id);
  g_free (self->name);
  g_free (self->type);
  g_free (self->resource_id);
  g_free (self->assignment_id);
  g_free (self->reference_id);
  g_free (self->compliance);
}

void
lw_component_state_unref (LwComponentState *self)
{
  g_atomic_rc_box_release_full (self, component_state_clear);
}
