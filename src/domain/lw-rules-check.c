/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "config.h"

#include <glib/gi18n-lib.h>

#include "lw-rules-check.h"
#include "lw-rules-private.h"

#define FIELD(...) g_strdup_printf (__VA_ARGS__)

/* Takes @field and @message. */
static void
add (GPtrArray *findings, LwSeverity severity, const char *id, char *field, char *message)
{
  g_autofree char *owned_field = field;
  g_autofree char *owned_message = message;

  g_ptr_array_add (findings, lw_finding_new (id, severity, field, message, NULL));
}

static const char *
label (const LwPerson *person)
{
  if (person->name != NULL && *person->name != '\0')
    return person->name;
  return person->upn != NULL && *person->upn != '\0' ? person->upn : person->id;
}

static void
check_people (GPtrArray *findings, GPtrArray *people, const char *where)
{
  for (guint i = 0; i < people->len; i++)
    {
      const LwPerson *person = g_ptr_array_index (people, i);

      if (!lw_uuid_is_valid (person->id))
        add (findings, LW_SEVERITY_BLOCKER, "rules.person.id", FIELD ("%s[%u].id", where, i),
             g_strdup_printf (_ ("“%s” is not the object id of a person; choose them from the "
                                 "directory."),
                              person->id));
      for (guint k = 0; k < i; k++)
        {
          if (lw_person_equal (person, g_ptr_array_index (people, k)))
            add (findings, LW_SEVERITY_WARNING, "rules.person.twice", FIELD ("%s[%u]", where, i),
                 g_strdup_printf (_ ("%s is named twice here."), label (person)));
        }
    }
}

static void
check_administrators (GPtrArray *findings, LwRules *rules, LwRules *before, const LwPerson *who)
{
  check_people (findings, rules->administrators, "administrators");
  if (rules->administrators->len == 0)
    add (findings, LW_SEVERITY_BLOCKER, "rules.administrators.missing", FIELD ("administrators"),
         g_strdup (
             _ ("Name at least one administrator: else nobody could change the rules again.")));
  else if (rules->administrators->len == 1)
    add (findings, LW_SEVERITY_ADVICE, "rules.administrators.one", FIELD ("administrators"),
         g_strdup (
             _ ("There is only one administrator; name a second one for when they are away.")));

  if (who == NULL || lw_rules_is_administrator (rules, who->id))
    return;
  if (before == NULL)
    add (findings, LW_SEVERITY_BLOCKER, "rules.administrators.self", FIELD ("administrators"),
         g_strdup (
             _ ("Name yourself as an administrator: who sets the first rules answers for them.")));
  else if (lw_rules_is_administrator (before, who->id))
    add (findings, LW_SEVERITY_WARNING, "rules.administrators.self", FIELD ("administrators"),
         g_strdup (_ ("You take yourself off the administrators, and could not take it back.")));
}

static gboolean
is_scope (const char *scope)
{
  return lw_scope_kind (scope) != LW_SCOPE_OTHER;
}

static void
check_groups (GPtrArray *findings, LwRules *rules)
{
  for (guint i = 0; i < rules->approvers->len; i++)
    {
      const LwApprovers *group = g_ptr_array_index (rules->approvers, i);
      g_autofree char *people = g_strdup_printf ("approvers[%u].people", i);

      check_people (findings, group->people, people);
      if (group->people->len == 0)
        add (findings, LW_SEVERITY_WARNING, "rules.approvers.empty", FIELD ("%s", people),
             g_strdup_printf (_ ("Group %u of the approvers names nobody."), i + 1));
      if (group->scope != NULL && !is_scope (group->scope))
        add (findings, LW_SEVERITY_BLOCKER, "rules.approvers.scope",
             FIELD ("approvers[%u].scope", i),
             g_strdup_printf (_ ("“%s” is not the id of a management group, subscription, resource "
                                 "group or resource."),
                              group->scope));
      if (group->assignment != NULL && *group->assignment != '/')
        add (findings, LW_SEVERITY_BLOCKER, "rules.approvers.assignment",
             FIELD ("approvers[%u].assignment", i),
             g_strdup_printf (_ ("“%s” is not the id of a policy assignment."), group->assignment));
    }
}

/* Different people who may approve everything. */
static guint
count_general (LwRules *rules)
{
  g_autoptr (GHashTable) people = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);

  for (guint i = 0; i < rules->approvers->len; i++)
    {
      const LwApprovers *group = g_ptr_array_index (rules->approvers, i);

      for (guint k = 0; group->scope == NULL && group->assignment == NULL && k < group->people->len;
           k++)
        {
          const LwPerson *person = g_ptr_array_index (group->people, k);

          g_hash_table_add (people, g_ascii_strdown (person->id, -1));
        }
    }
  return g_hash_table_size (people);
}

static void
check_quorum (GPtrArray *findings, LwRules *rules)
{
  guint people = count_general (rules);
  gboolean limited = FALSE;
  gint64 most = 0;

  for (guint i = 0; i < rules->approvers->len; i++)
    {
      const LwApprovers *group = g_ptr_array_index (rules->approvers, i);

      limited |= (group->scope != NULL || group->assignment != NULL) && group->people->len > 0;
    }
  for (guint kind = 0; kind < LW_SCOPE_KINDS; kind++)
    most = MAX (most, rules->approvals[kind]);

  if (people == 0 && !limited)
    add (findings, LW_SEVERITY_WARNING, "rules.approvers.missing", FIELD ("approvers"),
         g_strdup (_ ("No approver is named, so that no request can be decided.")));
  else if (!limited && most > people)
    add (findings, LW_SEVERITY_WARNING, "rules.approvals.too-many", FIELD ("approvals"),
         g_strdup_printf (_ ("Up to %d approvals are needed, and only %u people may approve."),
                          (int) most, people));
  else if (!limited && most == people)
    add (
        findings, LW_SEVERITY_ADVICE, "rules.approvals.all", FIELD ("approvals"),
        g_strdup (_ ("Everybody who may approve is needed at the widest scopes, so that nobody can "
                     "decide what one of them asks for or owns.")));
}

static void
check_durations (GPtrArray *findings, LwRules *rules)
{
  static const char *const names[LW_CATEGORIES] = { "Waiver", "Mitigated" };

  for (guint category = 0; category < LW_CATEGORIES; category++)
    for (guint kind = 1; kind < LW_SCOPE_KINDS; kind++)
      if (rules->max_days[category][kind] > rules->max_days[category][kind - 1])
        add (findings, LW_SEVERITY_ADVICE, "rules.days.wider",
             FIELD ("maxDays.%s.%s", names[category], lw_scope_kind_to_string (kind)),
             g_strdup (_ ("A wider scope may be exempted for longer than a narrower one.")));
}

static int
worst_first (gconstpointer a, gconstpointer b)
{
  const LwFinding *left = *(const LwFinding *const *) a;
  const LwFinding *right = *(const LwFinding *const *) b;

  return (int) left->severity - (int) right->severity;
}

GPtrArray *
lw_rules_check (LwRules *rules, LwRules *before, const LwPerson *who)
{
  GPtrArray *findings = g_ptr_array_new_with_free_func ((GDestroyNotify) lw_finding_free);

  check_administrators (findings, rules, before, who);
  check_groups (findings, rules);
  check_quorum (findings, rules);
  check_durations (findings, rules);
  g_ptr_array_sort (findings, worst_first);
  return findings;
}

GPtrArray *
lw_rules_administrators (LwRules *self)
{
  return self->administrators;
}
