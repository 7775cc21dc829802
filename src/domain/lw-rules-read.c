/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "config.h"

#include <glib/gi18n-lib.h>

#include "lw-domain-error.h"
#include "lw-json.h"
#include "lw-rules-private.h"
#include "lw-source-private.h"

static const char *const categories[LW_CATEGORIES] = { "Waiver", "Mitigated" };

/* What holds where a member is absent: as data/rules.json has it. */
static const struct _LwRules fallback = {
  .max_days = { { 180, 90, 60, 30 }, { 365, 180, 120, 60 } },
  .approvals = { 1, 1, 2, 2 },
  .min_controls = { 1, 1 },
  .max_renewals = 3,
  .pending_days = 30,
  .emergency_approvals = 1,
  .emergency_hours = 72,
  .evidence_mib = 10,
  .whole_initiative = TRUE,
};

static void
approvers_free (gpointer data)
{
  LwApprovers *self = data;

  g_free (self->scope);
  g_free (self->assignment);
  g_ptr_array_unref (self->people);
  g_free (self);
}

static LwRules *
rules_alloc (void)
{
  LwRules *self = g_atomic_rc_box_new0 (LwRules);

  *self = fallback;
  self->policies = g_hash_table_new_full (lw_arm_id_hash, lw_arm_id_equal, g_free, NULL);
  self->reminders = g_array_new (FALSE, FALSE, sizeof (guint));
  self->vague_phrases = g_ptr_array_new_null_terminated (0, g_free, TRUE);
  self->approvers = g_ptr_array_new_with_free_func (approvers_free);
  self->administrators = g_ptr_array_new_with_free_func ((GDestroyNotify) lw_person_free);
  return self;
}

/* A whole number of at least @min. */
static gboolean
read_limit (LwSource *source, const char *member, gint64 min, gint64 max, gint64 *out)
{
  if (!lw_source_integer (source, member, max, out))
    return FALSE;
  if (*out < min)
    {
      g_autofree char *expected = g_strdup_printf (
          /* Translators: as in “maxDays.Waiver.resource” must be at least 1. */
          _ ("at least %d"), (int) min);

      return lw_source_wrong_member (source, member, expected);
    }
  return TRUE;
}

static gboolean
read_by_scope (LwSource *source, gint64 max, gint64 *out)
{
  for (LwScopeKind kind = LW_SCOPE_RESOURCE; kind < LW_SCOPE_KINDS; kind++)
    if (!read_limit (source, lw_scope_kind_to_string (kind), 1, max, &out[kind]))
      return FALSE;
  return TRUE;
}

static gboolean
read_max_days (LwRules *self, LwSource *rules)
{
  LwSource source = { NULL, "maxDays", rules->error };

  if (!lw_source_object (rules, "maxDays", &source.object))
    return FALSE;
  for (guint i = 0; source.object != NULL && i < LW_CATEGORIES; i++)
    {
      g_autofree char *path = lw_source_path_of (&source, categories[i]);
      LwSource by_scope = { NULL, path, rules->error };

      if (!lw_source_object (&source, categories[i], &by_scope.object) ||
          (by_scope.object != NULL && !read_by_scope (&by_scope, 3650, self->max_days[i])))
        return FALSE;
    }
  return TRUE;
}

static gboolean
read_policies (LwRules *self, LwSource *approvals)
{
  LwSource source = { NULL, "approvals.policies", approvals->error };
  JsonObjectIter iter;
  const char *assignment;

  if (!lw_source_object (approvals, "policies", &source.object))
    return FALSE;
  if (source.object == NULL)
    return TRUE;
  json_object_iter_init_ordered (&iter, source.object);
  while (json_object_iter_next_ordered (&iter, &assignment, NULL))
    {
      gint64 count = 1;

      if (!read_limit (&source, assignment, 1, 10, &count))
        return FALSE;
      g_hash_table_insert (self->policies, g_strdup (assignment), GUINT_TO_POINTER ((guint) count));
    }
  return TRUE;
}

static gboolean
read_approvals (LwRules *self, LwSource *rules)
{
  LwSource source = { NULL, "approvals", rules->error };

  return lw_source_object (rules, "approvals", &source.object) &&
         (source.object == NULL ||
          (read_by_scope (&source, 10, self->approvals) && read_policies (self, &source)));
}

static gboolean
read_min_controls (LwRules *self, LwSource *rules)
{
  LwSource source = { NULL, "minControls", rules->error };

  if (!lw_source_object (rules, "minControls", &source.object))
    return FALSE;
  for (guint i = 0; source.object != NULL && i < LW_CATEGORIES; i++)
    if (!read_limit (&source, categories[i], 0, 20, &self->min_controls[i]))
      return FALSE;
  return TRUE;
}

static gpointer
read_person (LwSource *source)
{
  g_autoptr (LwPerson) person = NULL;
  g_autoptr (JsonNode) node = json_node_init_object (json_node_alloc (), source->object);

  person = lw_person_from_json (node, source->path, source->error);
  if (person == NULL)
    return NULL;
  if (person->id == NULL || person->id[0] == '\0')
    {
      lw_source_wrong_member (source, "id", _ ("the person’s object id"));
      return NULL;
    }
  return g_steal_pointer (&person);
}

static gpointer
read_approvers (LwSource *source)
{
  LwApprovers *self = g_new0 (LwApprovers, 1);

  self->people = g_ptr_array_new_with_free_func ((GDestroyNotify) lw_person_free);
  if (!lw_source_text (source, "scope", &self->scope) ||
      !lw_source_text (source, "assignment", &self->assignment) ||
      !lw_source_list (source, "people", read_person, self->people))
    {
      approvers_free (self);
      return NULL;
    }
  return self;
}

static gboolean
read_emergency (LwRules *self, LwSource *rules)
{
  LwSource source = { NULL, "emergency", rules->error };

  return lw_source_object (rules, "emergency", &source.object) &&
         (source.object == NULL ||
          (read_limit (&source, "approvals", 1, 10, &self->emergency_approvals) &&
           read_limit (&source, "maxHours", 1, 720, &self->emergency_hours)));
}

static gboolean
read_evidence (LwRules *self, LwSource *rules)
{
  LwSource source = { NULL, "evidence", rules->error };

  return lw_source_object (rules, "evidence", &source.object) &&
         (source.object == NULL || read_limit (&source, "maxMiB", 1, 30, &self->evidence_mib));
}

static gboolean
read_team (LwRules *self, LwSource *rules)
{
  LwSource source = { NULL, "team", rules->error };

  return lw_source_object (rules, "team", &source.object) &&
         (source.object == NULL || lw_source_text (&source, "tag", &self->team_tag));
}

static gboolean
read_reminders (LwRules *self, LwSource *rules)
{
  JsonArray *array = NULL;

  if (!lw_source_array (rules, "reminders", &array))
    return FALSE;
  for (guint i = 0; array != NULL && i < json_array_get_length (array); i++)
    {
      JsonNode *node = json_array_get_element (array, i);
      guint days;

      if (!JSON_NODE_HOLDS_VALUE (node) || json_node_get_value_type (node) != G_TYPE_INT64 ||
          json_node_get_int (node) < 0 || json_node_get_int (node) > 365)
        return lw_source_wrong_member (rules, "reminders",
                                       _ ("a list of days, each from 0 to 365"));
      days = (guint) json_node_get_int (node);
      g_array_append_val (self->reminders, days);
    }
  return TRUE;
}

static gboolean
read_rules (LwRules *self, LwSource *source)
{
  return read_max_days (self, source) && read_approvals (self, source) &&
         read_min_controls (self, source) &&
         read_limit (source, "maxRenewals", 0, 100, &self->max_renewals) &&
         read_reminders (self, source) &&
         read_limit (source, "pendingDays", 1, 365, &self->pending_days) &&
         lw_source_list (source, "approvers", read_approvers, self->approvers) &&
         lw_source_list (source, "administrators", read_person, self->administrators) &&
         read_emergency (self, source) && read_evidence (self, source) &&
         lw_source_boolean (source, "ownerMayApprove", &self->owner_may_approve) &&
         lw_source_boolean (source, "wholeInitiative", &self->whole_initiative) &&
         lw_source_strings (source, "vaguePhrases", self->vague_phrases) &&
         read_team (self, source);
}

LwRules *
lw_rules_from_json (JsonNode *node, GError **error)
{
  g_autoptr (LwRules) self = NULL;
  LwSource source = { lw_json_node_object (node), "", error };
  gint64 version = lw_json_get_int (source.object, "version", 0);

  if (version > 1)
    {
      g_set_error (error, LW_DOMAIN_ERROR, LW_DOMAIN_ERROR_VERSION,
                   _ ("These rules are of version %" G_GINT64_FORMAT
                      ", which is newer than this Leeway knows; update Leeway."),
                   version);
      return NULL;
    }
  if (version != 1)
    {
      g_set_error_literal (error, LW_DOMAIN_ERROR, LW_DOMAIN_ERROR_VERSION,
                           _ ("These are no rules of Leeway: “version” must be 1."));
      return NULL;
    }
  if (!lw_source_check_tree (node, error))
    return NULL;
  self = rules_alloc ();
  if (!read_rules (self, &source))
    return NULL;
  self->json = lw_json_object_copy (source.object);
  return g_steal_pointer (&self);
}
