/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "config.h"

#include <glib/gi18n-lib.h>
#include <string.h>

#include "lw-assess-private.h"
#include "lw-json.h"

#define MAX_SELECTORS 10
#define MAX_VALUES    50

static char *
path_of (guint index, const char *member)
{
  return g_strdup_printf ("grants[%u].%s", index, member);
}

static LwHierarchy *
hierarchy_of (LwAssessment *self)
{
  return self->context->hierarchy;
}

static void
assess_place (LwAssessment *self, const LwGrant *grant, const char *path)
{
  g_autofree char *outer = NULL;

  if (lw_text_is_blank (grant->assignment) ||
      !lw_arm_id_split (grant->assignment, LW_ASSIGNMENTS_TYPE, &outer, NULL))
    return;
  if (lw_hierarchy_knows (hierarchy_of (self), outer, grant->scope) &&
      !lw_hierarchy_contains (hierarchy_of (self), outer, grant->scope))
    lw_assessment_add (self, LW_SEVERITY_BLOCKER, "scope.outside-assignment", path,
                       _ ("Choose a scope that lies where the policy is assigned."),
                       _ ("The policy is assigned elsewhere and does not reach this scope."));
}

static void
assess_scope (LwAssessment *self, const LwGrant *grant, guint index)
{
  g_autofree char *path = path_of (index, "scope");
  g_autofree char *shown = lw_excerpt (grant->scope, 200);
  LwScopeKind kind = lw_scope_kind (grant->scope);

  if (lw_text_is_blank (grant->scope))
    {
      lw_assessment_add (
          self, LW_SEVERITY_BLOCKER, "scope.missing", path,
          _ ("Choose the one resource that needs it; a resource group only where that "
             "is too narrow."),
          _ ("The scope is missing."));
      return;
    }
  if (kind == LW_SCOPE_OTHER)
    {
      lw_assessment_add (self, LW_SEVERITY_BLOCKER, "scope.invalid", path, NULL,
                         _ ("“%s” is no resource, resource group, subscription or management "
                            "group."),
                         shown);
      return;
    }
  if (kind >= LW_SCOPE_SUBSCRIPTION)
    lw_assessment_add (
        self, LW_SEVERITY_WARNING, "scope.wide", path,
        _ ("Exempt the resources or the resource group that need it."),
        kind == LW_SCOPE_SUBSCRIPTION
            ? _ ("The whole subscription would be exempt, with all that is created in "
                 "it later.")
            : _ ("The whole management group would be exempt, with all that is "
                 "created below it later."));
  assess_place (self, grant, path);
}

static gboolean
is_known_kind (const char *kind)
{
  static const char *const kinds[] = { "resourceLocation",
                                       "resourceType",
                                       "resourceWithoutLocation",
                                       "policyDefinitionReferenceId",
                                       "userPrincipalId",
                                       "groupPrincipalId",
                                       NULL };

  for (guint i = 0; kinds[i] != NULL; i++)
    if (g_ascii_strcasecmp (kinds[i], kind) == 0)
      return TRUE;
  return FALSE;
}

/* One selector of Azure's: {"kind", "in" or "notIn"}. */
static gboolean
is_selector (JsonObject *selector)
{
  const char *kind = lw_json_get_string (selector, "kind");
  JsonArray *in = lw_json_get_array (selector, "in");
  JsonArray *not_in = lw_json_get_array (selector, "notIn");
  JsonArray *values = in != NULL ? in : not_in;

  if (kind == NULL || !is_known_kind (kind) || values == NULL || (in != NULL && not_in != NULL) ||
      json_array_get_length (values) < 1 || json_array_get_length (values) > MAX_VALUES)
    return FALSE;
  for (guint i = 0; i < json_array_get_length (values); i++)
    if (lw_text_is_blank (lw_json_array_get_string (values, i)))
      return FALSE;
  return TRUE;
}

static gboolean
has_kind (JsonArray *selectors, const char *kind, guint before)
{
  for (guint i = 0; i < before; i++)
    {
      const char *other = lw_json_get_string (lw_json_array_get_object (selectors, i), "kind");

      if (other != NULL && g_ascii_strcasecmp (kind, other) == 0)
        return TRUE;
    }
  return FALSE;
}

/* {"name", "selectors": [each kind once]}. */
static gboolean
is_resource_selector (JsonObject *object)
{
  JsonArray *selectors = lw_json_get_array (object, "selectors");
  guint count = selectors != NULL ? json_array_get_length (selectors) : 0;

  for (guint i = 0; i < count; i++)
    {
      JsonObject *selector = lw_json_array_get_object (selectors, i);

      if (!is_selector (selector) || has_kind (selectors, lw_json_get_string (selector, "kind"), i))
        return FALSE;
    }
  return count > 0 && !(has_kind (selectors, "resourceLocation", count) &&
                        has_kind (selectors, "resourceWithoutLocation", count));
}

static void
assess_selectors (LwAssessment *self, const LwGrant *grant, guint index)
{
  guint count = json_array_get_length (grant->selectors);
  gboolean valid = count <= MAX_SELECTORS;
  g_autofree char *path = path_of (index, "selectors");

  for (guint i = 0; valid && i < count; i++)
    valid = is_resource_selector (lw_json_array_get_object (grant->selectors, i));
  if (!valid)
    lw_assessment_add (self, LW_SEVERITY_BLOCKER, "scope.selectors.invalid", path,
                       _ ("At most 10 selectors, each kind once, with 1 to 50 values under “in” or "
                          "“notIn”."),
                       _ ("Azure would refuse these selectors."));
}

static gboolean
same_references (GPtrArray *a, GPtrArray *b)
{
  for (guint i = 0; i < a->len; i++)
    {
      gboolean found = FALSE;

      for (guint k = 0; k < b->len; k++)
        found |= g_ascii_strcasecmp (g_ptr_array_index (a, i), g_ptr_array_index (b, k)) == 0;
      if (!found)
        return FALSE;
    }
  return a->len == b->len;
}

static gboolean
is_duplicate (const LwGrant *a, const LwGrant *b)
{
  g_autoptr (JsonNode) a_node = NULL;
  g_autoptr (JsonNode) b_node = NULL;
  g_autofree char *a_text = NULL;
  g_autofree char *b_text = NULL;

  if (lw_text_is_blank (a->scope) || lw_text_is_blank (b->scope) ||
      lw_text_is_blank (a->assignment) || lw_text_is_blank (b->assignment) ||
      !lw_arm_id_equal (a->scope, b->scope) || !lw_arm_id_equal (a->assignment, b->assignment) ||
      !same_references (a->references, b->references))
    return FALSE;
  a_node = json_node_init_array (json_node_alloc (), a->selectors);
  b_node = json_node_init_array (json_node_alloc (), b->selectors);
  a_text = lw_json_canonical (a_node, NULL);
  b_text = lw_json_canonical (b_node, NULL);
  return g_strcmp0 (a_text, b_text) == 0;
}

/* A grant says nothing that another, wider one under the same assignment does not say already. */
static gboolean
is_redundant (LwAssessment *self, const LwGrant *inner, const LwGrant *outer)
{
  return !lw_text_is_blank (inner->scope) && !lw_text_is_blank (outer->scope) &&
         !lw_text_is_blank (inner->assignment) && !lw_text_is_blank (outer->assignment) &&
         lw_arm_id_equal (inner->assignment, outer->assignment) &&
         !lw_arm_id_equal (inner->scope, outer->scope) &&
         json_array_get_length (outer->selectors) == 0 &&
         lw_hierarchy_contains (hierarchy_of (self), outer->scope, inner->scope) &&
         (outer->references->len == 0 || same_references (outer->references, inner->references));
}

static void
assess_against_others (LwAssessment *self, const LwGrant *grant, guint index)
{
  GPtrArray *grants = self->request->grants;
  g_autofree char *number = path_of (index, "n");
  g_autofree char *path = path_of (index, "scope");
  gboolean taken = grant->n == 0;

  for (guint i = 0; i < index; i++)
    {
      const LwGrant *other = g_ptr_array_index (grants, i);

      taken |= other->n == grant->n;
      if (is_duplicate (other, grant))
        lw_assessment_add (self, LW_SEVERITY_BLOCKER, "scope.duplicate", path,
                           _ ("Remove one of them."),
                           _ ("Two grants ask for the same scope and policies."));
    }
  if (taken)
    lw_assessment_add (self, LW_SEVERITY_BLOCKER, "scope.number", number,
                       _ ("Number the grants 1, 2, 3 and so on."),
                       _ ("The number of the grant is missing or taken."));
  for (guint i = 0; i < grants->len; i++)
    if (i != index && is_redundant (self, grant, g_ptr_array_index (grants, i)))
      {
        lw_assessment_add (self, LW_SEVERITY_WARNING, "scope.redundant", path,
                           _ ("Keep only the narrower grants where they are enough."),
                           _ ("Another grant of this request covers this scope already."));
        break;
      }
}

void
lw_assess_grants (LwAssessment *self)
{
  GPtrArray *grants = self->request->grants;

  if (grants->len == 0)
    lw_assessment_add (self, LW_SEVERITY_BLOCKER, "scope.missing", "grants", NULL,
                       _ ("The request does not say where the policy should not hold."));
  for (guint i = 0; i < grants->len; i++)
    {
      const LwGrant *grant = g_ptr_array_index (grants, i);
      g_autofree char *why = path_of (i, "why");

      assess_scope (self, grant, i);
      assess_selectors (self, grant, i);
      assess_against_others (self, grant, i);
      lw_assess_text (self, "grants.why", why, grant->why, FALSE);
    }
}
