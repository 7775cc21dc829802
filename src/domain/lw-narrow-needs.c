/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "config.h"

#include <glib/gi18n-lib.h>

#include "lw-domain-error.h"
#include "lw-narrow-private.h"
#include "lw-selectors.h"

/* --- sets of references ------------------------------------------------------------------------- */

guint
lw_narrow_set_plus (LwNarrow *self, guint set, guint other)
{
  g_autoptr (GArray) numbers = NULL;
  const guint *values;
  guint length;

  lw_narrow_set_get (self, set, &length);
  if (set == other || length == 0)
    return other;

  numbers = g_array_new (FALSE, FALSE, sizeof (guint));
  values = lw_narrow_set_get (self, set, &length);
  g_array_append_vals (numbers, values, length);
  values = lw_narrow_set_get (self, other, &length);
  g_array_append_vals (numbers, values, length);
  return lw_narrow_set_add (self, numbers);
}

guint
lw_narrow_set_minus (LwNarrow *self, guint set, guint other)
{
  g_autoptr (GArray) numbers = g_array_new (FALSE, FALSE, sizeof (guint));
  guint a_length;
  guint b_length;
  const guint *a = lw_narrow_set_get (self, set, &a_length);
  const guint *b = lw_narrow_set_get (self, other, &b_length);

  for (guint i = 0, j = 0; i < a_length; i++)
    {
      while (j < b_length && b[j] < a[i])
        j++;
      if (j == b_length || b[j] != a[i])
        g_array_append_val (numbers, a[i]);
    }
  return lw_narrow_set_add (self, numbers);
}

/* --- resources ---------------------------------------------------------------------------------- */

/* The type of what has none of its own. */
static guint
type_of (LwNarrow *question, const LwNarrowItem *item, LwScopeKind kind)
{
  g_autofree char *type = NULL;

  if (item->type != LW_NARROW_NONE)
    return item->type;
  if (kind == LW_SCOPE_RESOURCE)
    type = lw_arm_id_resource_type (item->id);
  else if (kind == LW_SCOPE_RESOURCE_GROUP)
    type = g_strdup ("Microsoft.Resources/subscriptions/resourceGroups");
  else if (kind == LW_SCOPE_SUBSCRIPTION)
    type = g_strdup ("Microsoft.Resources/subscriptions");
  else
    type = g_strdup ("Microsoft.Management/managementGroups");
  return lw_narrow_words_add (&question->types, type != NULL ? type : "");
}

static gboolean
differs (guint a, guint b)
{
  return a != b && a != LW_NARROW_NONE && b != LW_NARROW_NONE;
}

static void
add_resources (LwNarrowPlan *self, guint single, GPtrArray *notices)
{
  LwNarrow *question = self->question;
  guint malformed = 0;
  guint differing = 0;

  for (guint i = 0; i < question->items->len; i++)
    {
      LwNarrowItem *item = &g_array_index (question->items, LwNarrowItem, i);
      guint place = lw_narrow_plan_ensure (self, item->id, TRUE);
      LwNarrowNode *node;

      if (place == LW_NARROW_NONE)
        {
          malformed++;
          continue;
        }
      node = lw_narrow_node (self, place);
      if (differs (node->type, item->type) || differs (node->location, item->location))
        differing++;
      if (node->type == LW_NARROW_NONE)
        node->type = type_of (question, item, node->kind);
      if (node->location == LW_NARROW_NONE)
        node->location = item->location;
      if (node->team == LW_NARROW_NONE)
        node->team = item->team;
      node->set = question->named ? lw_narrow_set_plus (question, node->set, item->set) : single;
    }
  if (malformed > 0)
    lw_narrow_notice (notices, "resource.malformed",
                      ngettext ("%u resource has no usable id and was left out.",
                                "%u resources have no usable id and were left out.", malformed),
                      malformed);
  if (differing > 0)
    lw_narrow_notice (
        notices, "resource.duplicate",
        ngettext ("%u resource is listed twice with another type or location; the first counts.",
                  "%u resources are listed twice with another type or location; the first counts.",
                  differing),
        differing);
}

/* --- what is needed ----------------------------------------------------------------------------- */

static gboolean
refuse_need (GError **error, guint index, const char *id)
{
  g_autofree char *shown = g_utf8_make_valid (id, -1);

  g_set_error (error, LW_DOMAIN_ERROR, LW_DOMAIN_ERROR_ID,
               _ ("need[%u].resource is no id of an Azure resource: “%.200s”"), index, shown);
  return FALSE;
}

static LwNarrowNeed *
need_at (LwNarrowPlan *self, guint place)
{
  LwNarrowNode *node = lw_narrow_node (self, place);

  if (node->need == LW_NARROW_NONE)
    {
      LwNarrowNeed need = { .node = place, .set = self->empty };

      node->need = self->needs->len;
      g_array_append_val (self->needs, need);
    }
  return &g_array_index (self->needs, LwNarrowNeed, node->need);
}

/* A resource group, subscription or management group that is needed exists, listed or not. */
static gboolean
exists (const LwNarrowNode *node)
{
  return node->kind == LW_SCOPE_RESOURCE ? node->real : TRUE;
}

static gboolean
add_need (LwNarrowPlan *self, guint index, guint single, GError **error)
{
  LwNarrow *question = self->question;
  LwNarrowItem *item = &g_array_index (question->needs, LwNarrowItem, index);
  guint place = lw_narrow_plan_ensure (self, item->id, FALSE);
  gboolean none = item->set == self->empty;
  LwNarrowNode *node;
  LwNarrowNeed *need;

  if (place == LW_NARROW_NONE)
    return refuse_need (error, index, item->id);

  node = lw_narrow_node (self, place);
  if (question->named && none && node->set == self->empty)
    {
      g_set_error (error, LW_DOMAIN_ERROR, LW_DOMAIN_ERROR_TYPE,
                   _ ("need[%u].references is empty, and nothing says which policies of the "
                      "initiative were evaluated for it."),
                   index);
      return FALSE;
    }
  need = need_at (self, place);
  need->real = exists (node);
  need->type = node->type != LW_NARROW_NONE ? node->type : type_of (question, item, node->kind);
  need->location = node->location != LW_NARROW_NONE ? node->location : item->location;
  need->set = lw_narrow_set_plus (question, need->set,
                                  !question->named ? single
                                  : none           ? node->set
                                                   : item->set);
  return TRUE;
}

gboolean
lw_narrow_plan_add_items (LwNarrowPlan *self, GPtrArray *notices, GError **error)
{
  LwNarrow *question = self->question;
  g_autoptr (GArray) one = g_array_new (FALSE, FALSE, sizeof (guint));
  guint unnamed = question->named ? 0 : lw_narrow_words_add (&question->references, "");
  guint single;

  /* An assignment of a single definition has one reference, which has no name. */
  g_array_append_val (one, unnamed);
  single = lw_narrow_set_add (question, one);
  add_resources (self, single, notices);
  for (guint i = 0; i < question->needs->len; i++)
    if (!add_need (self, i, single, error))
      return FALSE;
  if (self->needs->len > LW_NARROW_MAX_NEEDED)
    {
      g_set_error (error, LW_DOMAIN_ERROR, LW_DOMAIN_ERROR_LIMIT,
                   _ ("%u resources are needed; at most %u can be narrowed at once. Ask for one "
                      "environment at a time, or for the policy to be changed."),
                   self->needs->len, (guint) LW_NARROW_MAX_NEEDED);
      return FALSE;
    }
  return TRUE;
}

/* --- what needs nothing any more ---------------------------------------------------------------- */

/* The references of @set that an exemption lets off for a resource of that type and place. */
static guint
let_off (LwNarrow *question,
         const LwNarrowMark *mark,
         gboolean all,
         guint set,
         guint type,
         guint location)
{
  g_autoptr (GArray) numbers = g_array_new (FALSE, FALSE, sizeof (guint));
  guint length;
  const guint *values = lw_narrow_set_get (question, all ? set : mark->set, &length);

  for (guint i = 0; i < length; i++)
    if (lw_selectors_match (mark->selectors, lw_narrow_words_get (&question->types, type),
                            location != LW_NARROW_NONE
                                ? lw_narrow_words_get (&question->locations, location)
                                : NULL,
                            lw_narrow_words_get (&question->references, values[i])))
      g_array_append_val (numbers, values[i]);
  return lw_narrow_set_add (question, numbers);
}

/* Takes out what an exemption in force lets off already. */
static void
take_out (LwNarrowPlan *self, const LwNarrowMark *mark)
{
  LwNarrow *question = self->question;
  guint scope = lw_narrow_plan_find (self, mark->scope);
  gboolean all = mark->set == self->empty;
  guint begin = 0;
  guint end = self->order->len;

  /* One above the assignment covers all of it. */
  if (scope == LW_NARROW_NONE)
    return;
  if (lw_narrow_node (self, scope)->begin != LW_NARROW_NONE)
    {
      begin = lw_narrow_node (self, scope)->begin;
      end = lw_narrow_node (self, scope)->end;
    }
  else
    {
      guint above = self->root;

      while (above != LW_NARROW_NONE && above != scope)
        above = lw_narrow_node (self, above)->parent;
      if (above == LW_NARROW_NONE)
        return;
    }
  for (guint i = begin; i < end; i++)
    {
      LwNarrowNode *node = lw_narrow_node (self, g_array_index (self->order, guint, i));

      if (node->set != self->empty)
        node->set = lw_narrow_set_minus (
            question, node->set,
            let_off (question, mark, all, node->set, node->type, node->location));
      if (node->need != LW_NARROW_NONE)
        {
          LwNarrowNeed *need = &g_array_index (self->needs, LwNarrowNeed, node->need);

          need->set = lw_narrow_set_minus (
              question, need->set,
              let_off (question, mark, all, need->set, need->type, need->location));
        }
    }
}

static int
compare_places (gconstpointer a, gconstpointer b, gpointer plan)
{
  const LwNarrowNeed *x = a;
  const LwNarrowNeed *y = b;
  guint i = lw_narrow_node ((LwNarrowPlan *) plan, x->node)->begin;
  guint j = lw_narrow_node ((LwNarrowPlan *) plan, y->node)->begin;

  return (i > j) - (i < j);
}

static gboolean
lies_inside (LwNarrowPlan *self, guint node)
{
  for (; node != LW_NARROW_NONE; node = lw_narrow_node (self, node)->parent)
    if (node == self->root)
      return TRUE;
  return FALSE;
}

static void
say_what_needs_nothing (GPtrArray *notices, guint outside, guint excluded, guint exempt)
{
  if (outside > 0)
    lw_narrow_notice (
        notices, "need.outside",
        ngettext ("%u resource lies outside the assignment’s scope and needs no exemption from it.",
                  "%u resources lie outside the assignment’s scope and need no exemption from it.",
                  outside),
        outside);
  if (excluded > 0)
    lw_narrow_notice (notices, "need.excluded",
                      ngettext ("%u resource lies in a scope that the assignment excludes already.",
                                "%u resources lie in scopes that the assignment excludes already.",
                                excluded),
                      excluded);
  if (exempt > 0)
    lw_narrow_notice (
        notices, "need.exempt",
        ngettext ("%u resource is covered by an exemption in force, wholly or in part.",
                  "%u resources are covered by exemptions in force, wholly or in part.", exempt),
        exempt);
}

void
lw_narrow_plan_settle_needs (LwNarrowPlan *self, GPtrArray *notices)
{
  GArray *marks = self->question->exemptions;
  g_autoptr (GArray) all = self->needs;
  g_autofree guint *before = g_new (guint, all->len + 1);
  guint outside = 0;
  guint excluded = 0;
  guint exempt = 0;

  for (guint i = 0; i < all->len; i++)
    before[i] = g_array_index (all, LwNarrowNeed, i).set;
  for (guint i = 0; i < marks->len; i++)
    take_out (self, &g_array_index (marks, LwNarrowMark, i));

  self->needs = g_array_new (FALSE, TRUE, sizeof (LwNarrowNeed));
  for (guint i = 0; i < all->len; i++)
    {
      LwNarrowNeed *need = &g_array_index (all, LwNarrowNeed, i);
      gboolean inside = lw_narrow_node (self, need->node)->begin != LW_NARROW_NONE;

      lw_narrow_node (self, need->node)->need = LW_NARROW_NONE;
      exempt += inside && need->set != before[i];
      if (inside && need->set != self->empty)
        g_array_append_val (self->needs, *need);
      else if (!inside && lies_inside (self, need->node))
        excluded++;
      else if (!inside)
        outside++;
    }
  g_array_sort_with_data (self->needs, compare_places, self);
  for (guint i = 0; i < self->needs->len; i++)
    lw_narrow_node (self, g_array_index (self->needs, LwNarrowNeed, i).node)->need = i;
  say_what_needs_nothing (notices, outside, excluded, exempt);
}

void
lw_narrow_plan_needs_below (LwNarrowPlan *self, guint node, guint *first, guint *last)
{
  guint bounds[] = { lw_narrow_node (self, node)->begin, lw_narrow_node (self, node)->end };
  guint *out[] = { first, last };

  for (guint i = 0; i < G_N_ELEMENTS (bounds); i++)
    {
      guint low = 0;
      guint high = self->needs->len;

      while (low < high)
        {
          guint middle = low + (high - low) / 2;
          guint need = g_array_index (self->needs, LwNarrowNeed, middle).node;

          if (lw_narrow_node (self, need)->begin < bounds[i])
            low = middle + 1;
          else
            high = middle;
        }
      *out[i] = low;
    }
}
