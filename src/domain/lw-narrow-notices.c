/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "config.h"

#include <glib/gi18n-lib.h>

#include "lw-narrow-private.h"

/* Fewer places left than that are worth a word. */
#define FEW_LEFT 50

static void
say_of_assignment (LwNarrowPlan *plan, GPtrArray *notices)
{
  const char *mode = plan->question->enforcement_mode;

  if (mode == NULL)
    return;
  if (g_ascii_strcasecmp (mode, "DoNotEnforce") == 0)
    lw_narrow_notice (notices, "assignment.not-enforced",
                      _ ("The assignment is not enforced: nothing is denied, and an exemption only "
                         "changes the compliance figures."));
  else if (g_ascii_strcasecmp (mode, "Enroll") == 0)
    lw_narrow_notice (notices, "assignment.enroll",
                      _ ("The assignment is enforced only where a scope is enrolled. What is not "
                         "enrolled needs no exemption."));
}

static void
say_of_needs (LwNarrowPlan *plan, GPtrArray *notices)
{
  guint absent = 0;
  guint barred = 0;
  guint bare = 0;

  for (guint i = 0; i < plan->needs->len; i++)
    {
      LwNarrowNeed *need = &g_array_index (plan->needs, LwNarrowNeed, i);
      LwNarrowNode *node = lw_narrow_node (plan, need->node);

      absent += !need->real;
      barred += need->real && node->barred;
      bare += need->real && !node->barred && node->count < LW_MAX_EXEMPTIONS &&
              !lw_narrow_may_carry (plan, need->node);
    }
  if (absent > 0)
    lw_narrow_notice (notices, "need.new",
                      ngettext ("%u resource does not exist yet. The scope that it will be made in "
                                "carries the exemption, for its type and location.",
                                "%u resources do not exist yet. The scopes that they will be made "
                                "in carry the exemption, for their types and locations.",
                                absent),
                      absent);
  if (bare > 0)
    lw_narrow_notice (
        notices, "scope.bare",
        ngettext (
            "%u resource is of a type that carries no exemption; what lies around it has to.",
            "%u resources are of types that carry no exemption; what lies around them has to.",
            bare),
        bare);
  if (barred > 0)
    lw_narrow_notice (
        notices, "scope.barred",
        ngettext ("%u resource lies where no exemption can be written, for a lock or a deny "
                  "assignment; what lies around it has to carry it.",
                  "%u resources lie where no exemption can be written, for a lock or a deny "
                  "assignment; what lies around them has to carry it.",
                  barred),
        barred);
}

static void
say_of_room (LwNarrowPlan *plan, const LwNarrowCost *costs, GPtrArray *notices)
{
  for (guint i = 0; i < plan->order->len; i++)
    {
      guint index = g_array_index (plan->order, guint, i);
      LwNarrowNode *node = lw_narrow_node (plan, index);
      g_autofree char *id = NULL;

      if (costs[index].needed == 0 || node->count + FEW_LEFT < LW_MAX_EXEMPTIONS)
        continue;
      id = lw_narrow_node_id (plan, index);
      if (node->count >= LW_MAX_EXEMPTIONS)
        lw_narrow_notice (
            notices, "scope.full",
            _ ("%s has the %u exemptions that Azure allows a scope, and takes no more."), id,
            (guint) LW_MAX_EXEMPTIONS);
      else
        lw_narrow_notice (notices, "scope.nearly-full",
                          _ ("%s has %u of the %u exemptions that Azure allows a scope."), id,
                          node->count, (guint) LW_MAX_EXEMPTIONS);
    }
}

static void
say_of_identity (LwNarrow *question, GPtrArray *notices)
{
  if (question->identity_kind != NULL)
    lw_narrow_notice (
        notices, "identity.used",
        _ ("The exemptions hold only for what this one identity writes. What is there "
           "stays non-compliant."));
  else if (question->identity_unknown)
    lw_narrow_notice (notices, "identity.unsupported",
                      _ ("This api-version cannot limit exemptions to one identity; they hold for "
                         "everybody."));
}

void
lw_narrow_say (LwNarrowPlan *plan, const LwNarrowCost *costs, GPtrArray *notices)
{
  gboolean blind = FALSE;

  say_of_assignment (plan, notices);
  say_of_needs (plan, notices);
  say_of_room (plan, costs, notices);
  say_of_identity (plan->question, notices);
  for (guint i = 0; i < plan->order->len && !blind; i++)
    {
      guint index = g_array_index (plan->order, guint, i);

      blind = costs[index].needed > 0 && lw_narrow_node (plan, index)->blind;
    }
  if (blind)
    lw_narrow_notice (notices, "read.partial",
                      _ ("Not everything could be read, so others may be affected beyond those "
                         "counted. Who approves counts again."));
}
