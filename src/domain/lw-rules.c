/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "config.h"

#include <gio/gio.h>
#include <glib/gi18n-lib.h>

#include "lw-domain-resources.h"
#include "lw-json.h"
#include "lw-rules-private.h"

G_DEFINE_BOXED_TYPE (LwRules, lw_rules, lw_rules_ref, lw_rules_unref)

static void
rules_clear (gpointer data)
{
  LwRules *self = data;

  g_clear_pointer (&self->json, json_object_unref);
  g_hash_table_unref (self->policies);
  g_array_unref (self->reminders);
  g_ptr_array_unref (self->vague_phrases);
  g_ptr_array_unref (self->approvers);
  g_ptr_array_unref (self->administrators);
  g_free (self->team_tag);
}

LwRules *
lw_rules_ref (LwRules *self)
{
  return g_atomic_rc_box_acquire (self);
}

void
lw_rules_unref (LwRules *self)
{
  g_atomic_rc_box_release_full (self, rules_clear);
}

LwRules *
lw_rules_new_default (void)
{
  g_autoptr (GBytes) bytes =
      g_resource_lookup_data (lw_domain_get_resource (), "/org/leeway/domain/rules.json",
                              G_RESOURCE_LOOKUP_FLAGS_NONE, NULL);
  g_autoptr (GError) error = NULL;
  g_autoptr (JsonNode) node = NULL;
  LwRules *self = NULL;

  /* They are compiled in, and a test reads them. */
  g_assert (bytes != NULL);
  node = lw_json_parse (bytes, 0, &error);
  if (node != NULL)
    self = lw_rules_from_json (node, &error);
  if (self == NULL)
    g_error ("The rules that Leeway ships with are broken: %s", error->message);
  return self;
}

JsonNode *
lw_rules_to_json (LwRules *self)
{
  return lw_json_object_to_node (self->json);
}

char *
lw_rules_digest (LwRules *self)
{
  g_autoptr (JsonNode) node = lw_rules_to_json (self);

  return lw_json_digest (node, NULL);
}

/* A category that Leeway does not know is held to the limits of a waiver, the stricter ones. */
static guint
category_index (const char *category)
{
  return category != NULL && g_ascii_strcasecmp (category, "Mitigated") == 0 ? LW_MITIGATED
                                                                             : LW_WAIVER;
}

static LwScopeKind
known_kind (LwScopeKind kind)
{
  return kind == LW_SCOPE_OTHER ? LW_SCOPE_MANAGEMENT_GROUP : kind;
}

guint
lw_rules_max_days (LwRules *self, const char *category, LwScopeKind kind)
{
  return (guint) self->max_days[category_index (category)][known_kind (kind)];
}

guint
lw_rules_max_days_for (LwRules *self, const LwRequest *request)
{
  guint days = 0;

  for (guint i = 0; i < request->grants->len; i++)
    {
      const LwGrant *grant = g_ptr_array_index (request->grants, i);
      guint limit = lw_rules_max_days (self, request->category, lw_scope_kind (grant->scope));

      days = days == 0 ? limit : MIN (days, limit);
    }
  return days;
}

guint
lw_rules_approvals_needed (LwRules *self, const LwRequest *request)
{
  guint needed = 1;

  if (request->emergency)
    return (guint) self->emergency_approvals;
  for (guint i = 0; i < request->grants->len; i++)
    {
      const LwGrant *grant = g_ptr_array_index (request->grants, i);
      LwScopeKind kind = known_kind (lw_scope_kind (grant->scope));
      gpointer policy = grant->assignment != NULL
                            ? g_hash_table_lookup (self->policies, grant->assignment)
                            : NULL;

      needed = MAX (needed, (guint) self->approvals[kind]);
      needed = MAX (needed, GPOINTER_TO_UINT (policy));
    }
  return needed;
}

guint
lw_rules_min_controls (LwRules *self, const char *category)
{
  return (guint) self->min_controls[category_index (category)];
}

guint
lw_rules_max_renewals (LwRules *self)
{
  return (guint) self->max_renewals;
}

const guint *
lw_rules_reminders (LwRules *self, guint *count)
{
  *count = self->reminders->len;
  return (const guint *) (gpointer) self->reminders->data;
}

guint
lw_rules_pending_days (LwRules *self)
{
  return (guint) self->pending_days;
}

guint
lw_rules_emergency_hours (LwRules *self)
{
  return (guint) self->emergency_hours;
}

gsize
lw_rules_evidence_max_size (LwRules *self)
{
  return (gsize) self->evidence_mib * 1024 * 1024;
}

gboolean
lw_rules_owner_may_approve (LwRules *self)
{
  return self->owner_may_approve;
}

gboolean
lw_rules_whole_initiative_allowed (LwRules *self)
{
  return self->whole_initiative;
}

const char *const *
lw_rules_vague_phrases (LwRules *self)
{
  static const char *const none[] = { NULL };

  /* An empty array of GLib's has no data at all. */
  if (self->vague_phrases->len == 0)
    return none;
  return (const char *const *) self->vague_phrases->pdata;
}

const char *
lw_rules_team_tag (LwRules *self)
{
  return self->team_tag;
}

static gboolean
names_person (GPtrArray *people, const char *oid)
{
  for (guint i = 0; oid != NULL && i < people->len; i++)
    {
      const LwPerson *person = g_ptr_array_index (people, i);

      if (g_ascii_strcasecmp (person->id, oid) == 0)
        return TRUE;
    }
  return FALSE;
}

static gboolean
covers (const LwApprovers *self, const LwGrant *grant, LwHierarchy *hierarchy)
{
  if (self->scope != NULL &&
      (grant->scope == NULL || !lw_hierarchy_contains (hierarchy, self->scope, grant->scope)))
    return FALSE;
  return self->assignment == NULL ||
         (grant->assignment != NULL && lw_arm_id_equal (self->assignment, grant->assignment));
}

static gboolean
may_approve (LwRules *self, const LwGrant *grant, const char *oid, LwHierarchy *hierarchy)
{
  for (guint i = 0; i < self->approvers->len; i++)
    {
      const LwApprovers *approvers = g_ptr_array_index (self->approvers, i);

      if (covers (approvers, grant, hierarchy) && names_person (approvers->people, oid))
        return TRUE;
    }
  return FALSE;
}

gboolean
lw_rules_is_approver (LwRules *self,
                      const LwRequest *request,
                      const char *oid,
                      LwHierarchy *hierarchy)
{
  for (guint i = 0; i < request->grants->len; i++)
    if (!may_approve (self, g_ptr_array_index (request->grants, i), oid, hierarchy))
      return FALSE;
  return request->grants->len > 0;
}

gboolean
lw_rules_is_administrator (LwRules *self, const char *oid)
{
  return names_person (self->administrators, oid);
}

GPtrArray *
lw_rules_approvers_for (LwRules *self, const LwRequest *request, LwHierarchy *hierarchy)
{
  GPtrArray *result = g_ptr_array_new ();

  for (guint i = 0; i < self->approvers->len; i++)
    {
      const LwApprovers *approvers = g_ptr_array_index (self->approvers, i);

      for (guint k = 0; k < approvers->people->len; k++)
        {
          LwPerson *person = g_ptr_array_index (approvers->people, k);

          if (!names_person (result, person->id) &&
              lw_rules_is_approver (self, request, person->id, hierarchy))
            g_ptr_array_add (result, person);
        }
    }
  return result;
}

gboolean
lw_rules_knows_approvers (LwRules *self, const LwRequest *request, LwHierarchy *hierarchy)
{
  for (guint i = 0; i < self->approvers->len; i++)
    for (guint k = 0; k < request->grants->len; k++)
      {
        const LwApprovers *approvers = g_ptr_array_index (self->approvers, i);
        const LwGrant *grant = g_ptr_array_index (request->grants, k);

        if (approvers->scope != NULL && grant->scope != NULL &&
            !lw_hierarchy_knows (hierarchy, approvers->scope, grant->scope))
          return FALSE;
      }
  return TRUE;
}

GPtrArray *
lw_rules_independent_approvers (LwRules *self, const LwRequest *request, LwHierarchy *hierarchy)
{
  GPtrArray *result = lw_rules_approvers_for (self, request, hierarchy);

  for (guint i = result->len; i > 0; i--)
    {
      const LwPerson *person = g_ptr_array_index (result, i - 1);

      if (lw_person_equal (person, request->requester) ||
          (!self->owner_may_approve && lw_person_equal (person, request->owner)))
        g_ptr_array_remove_index (result, i - 1);
    }
  return result;
}
