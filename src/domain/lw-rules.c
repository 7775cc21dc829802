/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "config.h"

#include <gio/gio.h>
#include <glib/gi18n-lib.h>

#include "lw-domain-error.h"
#include "lw-domain-resources.h"
#include "lw-json.h"
#include "lw-rules.h"
#include "lw-source-private.h"

#define SCOPE_KINDS 4

enum
{
  WAIVER,
  MITIGATED,
  CATEGORIES,
};

static const char *const categories[CATEGORIES] = { "Waiver", "Mitigated" };

/* People who may approve within a scope, under an assignment; %NULL stands for all. */
typedef struct
{
  char *scope;
  char *assignment;
  GPtrArray *people; /* (element-type LwPerson) */
} Approvers;

struct _LwRules
{
  JsonObject *json;
  gint64 max_days[CATEGORIES][SCOPE_KINDS];
  gint64 approvals[SCOPE_KINDS];
  GHashTable *policies; /* assignment id → approvals */
  gint64 min_controls[CATEGORIES];
  gint64 max_renewals;
  gint64 pending_days;
  gint64 emergency_approvals;
  gint64 emergency_hours;
  gboolean owner_may_approve;
  gboolean whole_initiative;
  GArray *reminders;         /* guint */
  GPtrArray *vague_phrases;  /* (element-type utf8), NULL-terminated */
  GPtrArray *approvers;      /* (element-type Approvers) */
  GPtrArray *administrators; /* (element-type LwPerson) */
  char *team_tag;
};

G_DEFINE_BOXED_TYPE (LwRules, lw_rules, lw_rules_ref, lw_rules_unref)

/* What holds where a member is absent: as data/rules.json has it. */
static const struct _LwRules fallback = {
  .max_days = { { 180, 90, 60, 30 }, { 365, 180, 120, 60 } },
  .approvals = { 1, 1, 2, 2 },
  .min_controls = { 1, 1 },
  .max_renewals = 3,
  .pending_days = 30,
  .emergency_approvals = 1,
  .emergency_hours = 72,
  .whole_initiative = TRUE,
};

static void
approvers_free (gpointer data)
{
  Approvers *self = data;

  g_free (self->scope);
  g_free (self->assignment);
  g_ptr_array_unref (self->people);
  g_free (self);
}

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
  for (LwScopeKind kind = LW_SCOPE_RESOURCE; kind < SCOPE_KINDS; kind++)
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
  for (guint i = 0; source.object != NULL && i < CATEGORIES; i++)
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
  for (guint i = 0; source.object != NULL && i < CATEGORIES; i++)
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
  Approvers *self = g_new0 (Approvers, 1);

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
         read_emergency (self, source) &&
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
  return category != NULL && g_ascii_strcasecmp (category, categories[MITIGATED]) == 0 ? MITIGATED
                                                                                       : WAIVER;
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
covers (const Approvers *self, const LwGrant *grant, LwHierarchy *hierarchy)
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
      const Approvers *approvers = g_ptr_array_index (self->approvers, i);

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
      const Approvers *approvers = g_ptr_array_index (self->approvers, i);

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
        const Approvers *approvers = g_ptr_array_index (self->approvers, i);
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
