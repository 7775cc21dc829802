/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "config.h"

#include <glib/gi18n-lib.h>
#include <string.h>

#include "lw-domain-error.h"
#include "lw-json.h"
#include "lw-rules-check.h"
#include "lw-rules-private.h"

/* --- words -------------------------------------------------------------------------------------- */

static const char *
kind_title (guint kind)
{
  switch ((LwScopeKind) kind)
    {
    case LW_SCOPE_RESOURCE:
      return _ ("a resource");
    case LW_SCOPE_RESOURCE_GROUP:
      return _ ("a resource group");
    case LW_SCOPE_SUBSCRIPTION:
      return _ ("a subscription");
    case LW_SCOPE_MANAGEMENT_GROUP:
    case LW_SCOPE_OTHER:
    default:
      return _ ("a management group");
    }
}

static const char *
label (const LwPerson *person)
{
  if (person->name != NULL && *person->name != '\0')
    return person->name;
  return person->upn != NULL && *person->upn != '\0' ? person->upn : person->id;
}

/* Takes @what: "Most renewals: 3, now 5". */
static void
say_number (GPtrArray *out, char *what, gint64 before, gint64 after)
{
  g_autofree char *owned = what;

  if (before != after)
    g_ptr_array_add (out,
                     /* Translators: a setting, its value before and after. */
                     g_strdup_printf (_ ("%s: %d, now %d"), what, (int) before, (int) after));
}

static void
say_boolean (GPtrArray *out, const char *on, const char *off, gboolean before, gboolean after)
{
  if (!before != !after)
    g_ptr_array_add (out, g_strdup (after ? on : off));
}

static void
say_text (GPtrArray *out, const char *what, const char *before, const char *after)
{
  if (g_strcmp0 (before, after) != 0)
    g_ptr_array_add (out, g_strdup_printf (_ ("%s: %s, now %s"), what,
                                           before != NULL ? before : _ ("none"),
                                           after != NULL ? after : _ ("none")));
}

/* --- people ------------------------------------------------------------------------------------- */

static gboolean
holds (GPtrArray *people, const LwPerson *person)
{
  for (guint i = 0; people != NULL && i < people->len; i++)
    if (lw_person_equal (person, g_ptr_array_index (people, i)))
      return TRUE;
  return FALSE;
}

static void
say_people (GPtrArray *out, GPtrArray *before, GPtrArray *after, const char *where)
{
  for (guint i = 0; after != NULL && i < after->len; i++)
    {
      const LwPerson *person = g_ptr_array_index (after, i);

      if (!holds (before, person))
        g_ptr_array_add (out,
                         /* Translators: a list of people, and a person: “Administrators: Ada is
                          * added” */
                         g_strdup_printf (_ ("%s: %s is added"), where, label (person)));
    }
  for (guint i = 0; before != NULL && i < before->len; i++)
    {
      const LwPerson *person = g_ptr_array_index (before, i);

      if (!holds (after, person))
        g_ptr_array_add (out, g_strdup_printf (_ ("%s: %s is removed"), where, label (person)));
    }
}

static char *
group_title (const LwApprovers *group)
{
  if (group->scope == NULL && group->assignment == NULL)
    return g_strdup (_ ("Approvers of everything"));
  if (group->assignment == NULL)
    return g_strdup_printf (_ ("Approvers in %s"), group->scope);
  if (group->scope == NULL)
    return g_strdup_printf (_ ("Approvers for %s"), group->assignment);
  return g_strdup_printf (_ ("Approvers for %s in %s"), group->assignment, group->scope);
}

static gboolean
same_id (const char *a, const char *b)
{
  return a == b || (a != NULL && b != NULL && lw_arm_id_equal (a, b));
}

/* All people of the groups with the same scope and assignment. (transfer container) */
static GPtrArray *
people_of (LwRules *rules, const LwApprovers *wanted)
{
  GPtrArray *people = g_ptr_array_new ();

  for (guint i = 0; i < rules->approvers->len; i++)
    {
      const LwApprovers *group = g_ptr_array_index (rules->approvers, i);

      for (guint k = 0; same_id (group->scope, wanted->scope) &&
                        same_id (group->assignment, wanted->assignment) && k < group->people->len;
           k++)
        g_ptr_array_add (people, g_ptr_array_index (group->people, k));
    }
  return people;
}

static gboolean
was_said (LwRules *rules, guint index)
{
  const LwApprovers *group = g_ptr_array_index (rules->approvers, index);

  for (guint i = 0; i < index; i++)
    {
      const LwApprovers *other = g_ptr_array_index (rules->approvers, i);

      if (same_id (group->scope, other->scope) && same_id (group->assignment, other->assignment))
        return TRUE;
    }
  return FALSE;
}

static void
say_group (GPtrArray *out, LwRules *before, LwRules *after, const LwApprovers *group)
{
  g_autoptr (GPtrArray) old = people_of (before, group);
  g_autoptr (GPtrArray) new = people_of (after, group);
  g_autofree char *title = group_title (group);

  say_people (out, old, new, title);
}

static void
say_approvers (GPtrArray *out, LwRules *before, LwRules *after)
{
  for (guint i = 0; i < after->approvers->len; i++)
    if (!was_said (after, i))
      say_group (out, before, after, g_ptr_array_index (after->approvers, i));
  /* groups that are no more */
  for (guint i = 0; i < before->approvers->len; i++)
    {
      const LwApprovers *group = g_ptr_array_index (before->approvers, i);
      g_autoptr (GPtrArray) left = people_of (after, group);

      if (!was_said (before, i) && left->len == 0)
        say_group (out, before, after, group);
    }
}

/* --- the rest ----------------------------------------------------------------------------------- */

static void
say_limits (GPtrArray *out, LwRules *before, LwRules *after)
{
  for (guint kind = 0; kind < LW_SCOPE_KINDS; kind++)
    {
      say_number (out, g_strdup_printf (_ ("Approvals needed for %s"), kind_title (kind)),
                  before->approvals[kind], after->approvals[kind]);
      say_number (out,
                  g_strdup_printf (_ ("Days that a waiver for %s may last"), kind_title (kind)),
                  before->max_days[LW_WAIVER][kind], after->max_days[LW_WAIVER][kind]);
      say_number (out,
                  g_strdup_printf (_ ("Days that a mitigated exemption for %s may last"),
                                   kind_title (kind)),
                  before->max_days[LW_MITIGATED][kind], after->max_days[LW_MITIGATED][kind]);
    }
  say_number (out, g_strdup (_ ("Controls that a waiver needs")), before->min_controls[LW_WAIVER],
              after->min_controls[LW_WAIVER]);
  say_number (out, g_strdup (_ ("Controls that a mitigated exemption needs")),
              before->min_controls[LW_MITIGATED], after->min_controls[LW_MITIGATED]);
  say_number (out, g_strdup (_ ("Most renewals")), before->max_renewals, after->max_renewals);
  say_number (out, g_strdup (_ ("Days that a request may wait")), before->pending_days,
              after->pending_days);
  say_number (out, g_strdup (_ ("Approvals that an emergency needs")), before->emergency_approvals,
              after->emergency_approvals);
  say_number (out, g_strdup (_ ("Hours that an emergency may last")), before->emergency_hours,
              after->emergency_hours);
  say_number (out, g_strdup (_ ("Largest file as evidence, in MiB")), before->evidence_mib,
              after->evidence_mib);
}

static void
say_policies (GPtrArray *out, LwRules *before, LwRules *after)
{
  GHashTableIter iter;
  gpointer id, count;

  g_hash_table_iter_init (&iter, after->policies);
  while (g_hash_table_iter_next (&iter, &id, &count))
    {
      gpointer old = g_hash_table_lookup (before->policies, id);

      if (old == NULL)
        g_ptr_array_add (out, g_strdup_printf (_ ("Approvals needed for %s: now at least %u"),
                                               (char *) id, GPOINTER_TO_UINT (count)));
      else
        say_number (out, g_strdup_printf (_ ("Approvals needed for %s"), (char *) id),
                    GPOINTER_TO_UINT (old), GPOINTER_TO_UINT (count));
    }
  g_hash_table_iter_init (&iter, before->policies);
  while (g_hash_table_iter_next (&iter, &id, NULL))
    if (!g_hash_table_contains (after->policies, id))
      g_ptr_array_add (out,
                       g_strdup_printf (_ ("Approvals needed for %s: no longer a number of its "
                                           "own"),
                                        (char *) id));
}

static char *
reminders_text (LwRules *rules)
{
  GString *text = g_string_new (NULL);

  for (guint i = 0; i < rules->reminders->len; i++)
    g_string_append_printf (text, "%s%u", i > 0 ? ", " : "",
                            g_array_index (rules->reminders, guint, i));
  if (text->len == 0)
    g_string_append (text, _ ("none"));
  return g_string_free_and_steal (text);
}

static void
say_phrases (GPtrArray *out, LwRules *before, LwRules *after)
{
  const char *const *old = lw_rules_vague_phrases (before);
  const char *const *new = lw_rules_vague_phrases (after);

  for (guint i = 0; new[i] != NULL; i++)
    if (!g_strv_contains (old, new[i]))
      g_ptr_array_add (out, g_strdup_printf (_ ("“%s” now counts as vague"), new[i]));
  for (guint i = 0; old[i] != NULL; i++)
    if (!g_strv_contains (new, old[i]))
      g_ptr_array_add (out, g_strdup_printf (_ ("“%s” no longer counts as vague"), old[i]));
}

GPtrArray *
lw_rules_diff (LwRules *before, LwRules *after)
{
  GPtrArray *out = g_ptr_array_new_with_free_func (g_free);
  g_autofree char *old_reminders = reminders_text (before);
  g_autofree char *new_reminders = reminders_text (after);
  g_autofree char *old_digest = lw_rules_digest (before);
  g_autofree char *new_digest = lw_rules_digest (after);

  say_people (out, before->administrators, after->administrators, _ ("Administrators"));
  say_approvers (out, before, after);
  say_limits (out, before, after);
  say_policies (out, before, after);
  say_boolean (out, _ ("The owner of a request may now be among its approvers"),
               _ ("The owner of a request may no longer be among its approvers"),
               before->owner_may_approve, after->owner_may_approve);
  say_boolean (out, _ ("A whole initiative may now be exempted"),
               _ ("A whole initiative may no longer be exempted"), before->whole_initiative,
               after->whole_initiative);
  say_text (out, _ ("Reminders, in days before expiry"), old_reminders, new_reminders);
  say_text (out, _ ("Tag that names a team"), before->team_tag, after->team_tag);
  say_phrases (out, before, after);
  if (out->len == 0 && g_strcmp0 (old_digest, new_digest) != 0)
    g_ptr_array_add (out,
                     g_strdup (_ ("Something changed that makes no difference to this Leeway")));
  return out;
}

/* --- merging ------------------------------------------------------------------------------------ */

static gboolean
same (JsonNode *a, JsonNode *b)
{
  g_autofree char *left = a != NULL ? lw_json_canonical (a, NULL) : NULL;
  g_autofree char *right = b != NULL ? lw_json_canonical (b, NULL) : NULL;

  return g_strcmp0 (left, right) == 0;
}

static JsonNode *merge (JsonNode *base, JsonNode *mine, JsonNode *theirs);

static JsonNode *
member (JsonNode *node, const char *name)
{
  JsonObject *object = lw_json_node_object (node);

  return object != NULL ? json_object_get_member (object, name) : NULL;
}

static JsonNode *
merge_objects (JsonNode *base, JsonNode *mine, JsonNode *theirs)
{
  g_autoptr (JsonObject) result = json_object_new ();
  g_autoptr (GList) own = json_object_get_members (lw_json_node_object (mine));
  g_autoptr (GList) other = json_object_get_members (lw_json_node_object (theirs));

  for (GList *name = other; name != NULL; name = name->next)
    {
      JsonNode *node =
          merge (member (base, name->data), member (mine, name->data), member (theirs, name->data));

      if (node != NULL)
        json_object_set_member (result, name->data, node);
    }
  for (GList *name = own; name != NULL; name = name->next)
    if (member (theirs, name->data) == NULL)
      {
        JsonNode *node = merge (member (base, name->data), member (mine, name->data), NULL);

        if (node != NULL)
          json_object_set_member (result, name->data, node);
      }
  return json_node_init_object (json_node_alloc (), result);
}

/* %NULL stands for a member that is not there. */
static JsonNode *
merge (JsonNode *base, JsonNode *mine, JsonNode *theirs)
{
  JsonNode *chosen;

  if (lw_json_node_object (mine) != NULL && lw_json_node_object (theirs) != NULL)
    return merge_objects (base, mine, theirs);
  chosen = same (base, mine) ? theirs : mine;
  return chosen != NULL ? lw_json_node_copy (chosen) : NULL;
}

LwRules *
lw_rules_merge (LwRules *base, LwRules *mine, LwRules *theirs, GError **error)
{
  g_autoptr (JsonNode) a = lw_rules_to_json (base);
  g_autoptr (JsonNode) b = lw_rules_to_json (mine);
  g_autoptr (JsonNode) c = lw_rules_to_json (theirs);
  g_autoptr (JsonNode) merged = merge (a, b, c);

  return lw_rules_from_json (merged, error);
}
