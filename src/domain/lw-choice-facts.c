/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "lw-choice.h"
#include "lw-narrow-private.h"

typedef struct
{
  LwNarrowPlan *plan;
  GHashTable *references; /* that are needed */
  GHashTable *types;      /* of what is needed */
  GHashTable *places;
  guint64 *left; /* by node: pairs at or below it that nobody needs */
} Survey;

static void
add_number (GHashTable *table, guint number)
{
  g_hash_table_add (table, GUINT_TO_POINTER (number));
}

static gboolean
has_number (GHashTable *table, guint number)
{
  return g_hash_table_contains (table, GUINT_TO_POINTER (number));
}

static void
survey_needs (Survey *self)
{
  for (guint i = 0; i < self->plan->needs->len; i++)
    {
      LwNarrowNeed *need = &g_array_index (self->plan->needs, LwNarrowNeed, i);
      guint length;
      const guint *references = lw_narrow_set_get (self->plan->question, need->set, &length);

      add_number (self->types, need->type);
      add_number (self->places, need->location);
      for (guint j = 0; j < length; j++)
        add_number (self->references, references[j]);
    }
}

/* How many of the needed policies look at the node beyond what it needs, and how many others do. */
static void
survey_node (Survey *self, LwNarrowNode *node, guint *evaluated, guint *left, guint *others)
{
  LwNarrow *question = self->plan->question;
  guint length;
  const guint *references = lw_narrow_set_get (question, node->set, &length);
  guint needs = 0;
  const guint *needed = NULL;

  if (node->need != LW_NARROW_NONE)
    needed = lw_narrow_set_get (
        question, g_array_index (self->plan->needs, LwNarrowNeed, node->need).set, &needs);
  *evaluated = needs;
  *left = *others = 0;
  /* Both are in order. */
  for (guint i = 0, j = 0; i < length; i++)
    {
      while (j < needs && needed[j] < references[i])
        j++;
      if (j < needs && needed[j] == references[i])
        continue;
      *others += 1;
      *left += has_number (self->references, references[i]);
    }
  *evaluated += *left;
}

/* Whether each need lies in a resource group, or more, in which nothing is left to the assignment. */
static gboolean
fills_scopes (Survey *self)
{
  LwNarrowPlan *plan = self->plan;

  for (guint i = plan->order->len; i-- > 1;)
    {
      guint index = g_array_index (plan->order, guint, i);

      self->left[lw_narrow_node (plan, index)->parent] += self->left[index];
    }
  for (guint i = 0; i < plan->needs->len; i++)
    {
      guint at = g_array_index (plan->needs, LwNarrowNeed, i).node;

      while (at != plan->root && lw_narrow_node (plan, at)->kind == LW_SCOPE_RESOURCE)
        at = lw_narrow_node (plan, at)->parent;
      if (at == plan->root || self->left[at] > 0)
        return FALSE;
    }
  return plan->needs->len > 0;
}

void
lw_choice_facts_from_narrow (LwChoiceFacts *facts, LwNarrowResult *result)
{
  LwNarrowPlan *plan = result->plan;
  Survey survey = {
    .plan = plan,
    .references = g_hash_table_new (NULL, NULL),
    .types = g_hash_table_new (NULL, NULL),
    .places = g_hash_table_new (NULL, NULL),
    .left = g_new0 (guint64, plan->nodes->len),
  };
  gboolean others_by_type = FALSE;
  gboolean others_by_place = FALSE;

  *facts = (LwChoiceFacts) {
    .enforcement_mode = plan->question->enforcement_mode,
    .initiative = plan->question->named,
    .renewals = -1,
    .exemptions = -1,
    .failing = -1,
    .needed = (int) result->needed,
    .not_scopes = (int) plan->question->exclusions->len,
    .carried = result->options->len > 0,
    .whole_types = TRUE,
    .whole_places = TRUE,
  };
  survey_needs (&survey);
  for (guint i = 0; i < plan->needs->len; i++)
    {
      LwNarrowNeed *need = &g_array_index (plan->needs, LwNarrowNeed, i);

      facts->absent += !need->real;
      facts->bare += need->real && !lw_narrow_may_carry (plan, need->node);
    }
  for (guint i = 0; i < plan->order->len; i++)
    {
      guint index = g_array_index (plan->order, guint, i);
      LwNarrowNode *node = lw_narrow_node (plan, index);
      guint evaluated;
      guint left;
      guint others;

      survey_node (&survey, node, &evaluated, &left, &others);
      facts->evaluated += evaluated > 0;
      survey.left[index] += others;
      if (left > 0 && has_number (survey.types, node->type))
        facts->whole_types = FALSE;
      if (left > 0 && has_number (survey.places, node->location))
        facts->whole_places = FALSE;
      others_by_type = others_by_type || (left > 0 && !has_number (survey.types, node->type));
      others_by_place =
          others_by_place || (left > 0 && !has_number (survey.places, node->location));
    }
  /* All that there is at all tells nothing of types or places. */
  facts->whole_types = facts->whole_types && others_by_type;
  facts->whole_places = facts->whole_places && others_by_place;
  facts->whole_scopes = fills_scopes (&survey);
  g_hash_table_unref (survey.references);
  g_hash_table_unref (survey.types);
  g_hash_table_unref (survey.places);
  g_free (survey.left);
}
