/* SPDX-License-Identifier: GPL-3.0-or-later */

#include <string.h>

#include "lw-json.h"
#include "lw-narrow-private.h"

#define MAX_NAME 64

typedef struct
{
  guint type;
  guint location;
} Pair;

struct _LwNarrowCounter
{
  LwNarrowPlan *plan;
  guint turn;          /* which scope is counted: what is stamped with it belongs to it */
  guint *references;   /* stamps */
  guint *types;        /* stamps */
  guint *sets;         /* stamps */
  guint *set_pairs;    /* how many references of the set are exempted in this turn */
  GArray *named;       /* (element-type guint): references(S) */
  GArray *named_types; /* (element-type guint) */
  GArray *pairs;       /* (element-type Pair): no more than one too many */
  gboolean new_below;  /* something needed does not exist yet */
  guint first;
  guint last;
};

LwNarrowCounter *
lw_narrow_counter_new (LwNarrowPlan *plan)
{
  LwNarrowCounter *self = g_new0 (LwNarrowCounter, 1);
  LwNarrow *question = plan->question;

  self->plan = lw_narrow_plan_ref (plan);
  self->references = g_new0 (guint, question->references.texts->len + 1);
  self->types = g_new0 (guint, question->types.texts->len + 1);
  self->sets = g_new0 (guint, question->sets->len + 1);
  self->set_pairs = g_new0 (guint, question->sets->len + 1);
  self->named = g_array_new (FALSE, FALSE, sizeof (guint));
  self->named_types = g_array_new (FALSE, FALSE, sizeof (guint));
  self->pairs = g_array_new (FALSE, FALSE, sizeof (Pair));
  return self;
}

void
lw_narrow_counter_free (LwNarrowCounter *self)
{
  g_free (self->references);
  g_free (self->types);
  g_free (self->sets);
  g_free (self->set_pairs);
  g_array_unref (self->named);
  g_array_unref (self->named_types);
  g_array_unref (self->pairs);
  lw_narrow_plan_unref (self->plan);
  g_free (self);
}

static LwNarrowNeed *
need_of (LwNarrowCounter *self, guint index)
{
  return &g_array_index (self->plan->needs, LwNarrowNeed, index);
}

static gboolean
has_pair (GArray *pairs, guint type, guint location)
{
  for (guint i = 0; i < pairs->len; i++)
    {
      const Pair *pair = &g_array_index (pairs, Pair, i);

      if (pair->type == type && pair->location == location)
        return TRUE;
    }
  return FALSE;
}

/* references(S), and what selectors(S) are made of. */
static void
begin (LwNarrowCounter *self, guint node)
{
  LwNarrow *question = self->plan->question;

  self->turn++;
  self->new_below = FALSE;
  g_array_set_size (self->named, 0);
  g_array_set_size (self->named_types, 0);
  g_array_set_size (self->pairs, 0);
  lw_narrow_plan_needs_below (self->plan, node, &self->first, &self->last);
  for (guint i = self->first; i < self->last; i++)
    {
      LwNarrowNeed *need = need_of (self, i);
      Pair pair = { .type = need->type, .location = need->location };
      guint length;
      const guint *references = lw_narrow_set_get (question, need->set, &length);

      self->new_below = self->new_below || !need->real;
      for (guint j = 0; j < length; j++)
        if (self->references[references[j]] != self->turn)
          {
            self->references[references[j]] = self->turn;
            g_array_append_val (self->named, references[j]);
          }
      if (self->types[need->type] != self->turn)
        {
          self->types[need->type] = self->turn;
          g_array_append_val (self->named_types, need->type);
        }
      if (self->pairs->len <= LW_MAX_SELECTORS && !has_pair (self->pairs, pair.type, pair.location))
        g_array_append_val (self->pairs, pair);
    }
}

static LwNarrowCut
cut_by_rule (LwNarrowCounter *self)
{
  if (self->pairs->len <= LW_MAX_SELECTORS)
    return LW_NARROW_BY_PAIR;
  if (self->named_types->len <= LW_MAX_SELECTORS)
    return LW_NARROW_BY_TYPE;
  if (self->named_types->len <= LW_MAX_SELECTORS * LW_MAX_SELECTOR_VALUES)
    return LW_NARROW_BY_LIST;
  return LW_NARROW_BY_NOTHING;
}

static gboolean
is_matched (LwNarrowCounter *self, LwNarrowCut cut, const LwNarrowNode *node)
{
  if (cut == LW_NARROW_BY_NOTHING)
    return TRUE;
  if (self->types[node->type] != self->turn)
    return FALSE;
  if (cut != LW_NARROW_BY_PAIR)
    return TRUE;
  for (guint i = 0; i < self->pairs->len; i++)
    {
      const Pair *pair = &g_array_index (self->pairs, Pair, i);

      /* One without a location says nothing of it. */
      if (pair->type == node->type &&
          (pair->location == node->location || pair->location == LW_NARROW_NONE))
        return TRUE;
    }
  return FALSE;
}

/* How many references of @set are exempted. */
static guint
exempted (LwNarrowCounter *self, guint set)
{
  guint length;
  const guint *references;
  guint count = 0;

  if (self->sets[set] == self->turn)
    return self->set_pairs[set];

  references = lw_narrow_set_get (self->plan->question, set, &length);
  for (guint i = 0; i < length; i++)
    count += self->references[references[i]] == self->turn;
  self->sets[set] = self->turn;
  self->set_pairs[set] = count;
  return count;
}

/* How many pairs of a needed resource are exempted that it does not need; both sets are in order. */
static guint
exempted_beyond (LwNarrowCounter *self, guint set, guint need)
{
  guint length;
  guint need_length;
  const guint *references = lw_narrow_set_get (self->plan->question, set, &length);
  const guint *needed = lw_narrow_set_get (self->plan->question, need, &need_length);
  guint count = 0;

  for (guint i = 0, j = 0; i < length; i++)
    {
      while (j < need_length && needed[j] < references[i])
        j++;
      if (j == need_length || needed[j] != references[i])
        count += self->references[references[i]] == self->turn;
    }
  return count;
}

/* The pairs of the resource at @node that are let off without need; @cuts becomes TRUE where selectors
 * keep some back. */
static guint
beyond (LwNarrowCounter *self, LwNarrowCut cut, const LwNarrowNode *node, gboolean *cuts)
{
  guint pairs;

  if (node->need != LW_NARROW_NONE)
    return exempted_beyond (self, node->set, need_of (self, node->need)->set);

  pairs = exempted (self, node->set);
  if (pairs == 0 || is_matched (self, cut, node))
    return pairs;
  *cuts = TRUE;
  return 0;
}

LwNarrowCost
lw_narrow_count (LwNarrowCounter *self, guint node)
{
  LwNarrowPlan *plan = self->plan;
  LwNarrowNode *scope = lw_narrow_node (plan, node);
  LwNarrowCost cost = { 0 };
  gboolean cuts = FALSE;

  begin (self, node);
  cost.cut = cut_by_rule (self);
  cost.needed = self->last - self->first;
  cost.legal = lw_narrow_may_carry (plan, node);
  for (guint i = scope->begin; i < scope->end; i++)
    {
      LwNarrowNode *inner = lw_narrow_node (plan, g_array_index (plan->order, guint, i));
      guint pairs;

      if (inner->set == plan->empty)
        continue;
      pairs = beyond (self, cost.cut, inner, &cuts);
      cost.collateral += pairs;
      cost.resources += pairs > 0;
    }
  if (!cuts && !self->new_below)
    cost.cut = LW_NARROW_BY_NOTHING;
  return cost;
}

void
lw_narrow_count_affected (LwNarrowCounter *self, guint node, GHashTable *affected)
{
  LwNarrowPlan *plan = self->plan;
  LwNarrow *question = plan->question;
  LwNarrowNode *scope = lw_narrow_node (plan, node);
  LwNarrowCut cut;
  gboolean cuts;

  begin (self, node);
  cut = cut_by_rule (self);
  for (guint i = scope->begin; i < scope->end && scope->begin != LW_NARROW_NONE; i++)
    {
      LwNarrowNode *inner = lw_narrow_node (plan, g_array_index (plan->order, guint, i));
      guint pairs = inner->set != plan->empty ? beyond (self, cut, inner, &cuts) : 0;
      g_autofree char *key = NULL;
      LwNarrowAffected *entry;

      if (pairs == 0)
        continue;
      key = g_strdup_printf ("%u\n%u", inner->type, inner->team);
      if ((entry = g_hash_table_lookup (affected, key)) == NULL)
        {
          entry = g_new0 (LwNarrowAffected, 1);
          entry->type = g_strdup (lw_narrow_words_get (&question->types, inner->type));
          entry->team = g_strdup (lw_narrow_words_get (&question->teams, inner->team));
          g_hash_table_insert (affected, g_steal_pointer (&key), entry);
        }
      entry->pairs += pairs;
      entry->resources++;
    }
}

/* --- which scopes may carry one ----------------------------------------------------------------- */

static gboolean
type_is_bare (LwNarrow *question, const char *type)
{
  for (guint i = 0; i < question->bare_types->len; i++)
    {
      const char *bare = question->bare_types->pdata[i];
      gsize length = strlen (bare);

      if (length > 0 && bare[length - 1] == '*' ? g_ascii_strncasecmp (bare, type, length - 1) == 0
                                                : g_ascii_strcasecmp (bare, type) == 0)
        return TRUE;
    }
  return FALSE;
}

gboolean
lw_narrow_may_carry (LwNarrowPlan *self, guint index)
{
  LwNarrowNode *node = lw_narrow_node (self, index);
  g_autofree char *id = NULL;
  g_autofree char *type = NULL;

  if (node->barred || node->count >= LW_MAX_EXEMPTIONS)
    return FALSE;
  if (node->kind != LW_SCOPE_RESOURCE)
    return TRUE;
  if (!node->real)
    return FALSE;

  id = lw_narrow_node_id (self, index);
  type = lw_arm_id_resource_type (id);
  return type == NULL || !type_is_bare (self->question, type);
}

/* --- Azure's shape ------------------------------------------------------------------------------ */

static void
add_part (JsonArray *parts, const char *kind, const char *const *values, guint count)
{
  JsonObject *part = json_object_new ();
  JsonArray *in = json_array_new ();

  for (guint i = 0; i < count; i++)
    json_array_add_string_element (in, values[i]);
  json_object_set_string_member (part, "kind", kind);
  json_object_set_array_member (part, "in", in);
  json_array_add_object_element (parts, part);
}

/* A name for people: "storageAccounts-westeurope". Within an exemption each is there once. */
static char *
name_for (GHashTable *names, const char *type, const char *location)
{
  const char *last = type != NULL ? strrchr (type, '/') : NULL;
  g_autofree char *stem =
      g_strdup_printf ("%s%s%s", last != NULL ? last + 1 : type, location != NULL ? "-" : "",
                       location != NULL ? location : "");
  char *name;

  if (strlen (stem) > MAX_NAME - 4)
    stem[MAX_NAME - 4] = '\0';
  for (char *c = stem; *c != '\0'; c++)
    if (!g_ascii_isalnum (*c))
      *c = '-';
  name = g_strdup (stem);
  for (guint i = 2; g_hash_table_contains (names, name); i++)
    {
      g_free (name);
      name = g_strdup_printf ("%s-%u", stem, i);
    }
  g_hash_table_add (names, g_strdup (name));
  return name;
}

static JsonArray *
add_selector (LwNarrow *question,
              JsonArray *selectors,
              GHashTable *names,
              const char *type,
              const char *location)
{
  g_autofree char *name = name_for (names, type, location);
  JsonObject *selector = json_object_new ();
  JsonArray *parts = json_array_new ();

  json_object_set_string_member (selector, "name", name);
  json_object_set_array_member (selector, "selectors", parts);
  json_array_add_object_element (selectors, selector);
  if (question->identity_kind != NULL)
    add_part (parts, question->identity_kind, (const char *const *) &question->identity, 1);
  return parts;
}

static int
compare_texts (gconstpointer a, gconstpointer b)
{
  return g_ascii_strcasecmp (*(const char *const *) a, *(const char *const *) b);
}

static int
compare_pairs (gconstpointer a, gconstpointer b, gpointer data)
{
  LwNarrow *question = data;
  const Pair *x = a;
  const Pair *y = b;
  int order = g_ascii_strcasecmp (lw_narrow_words_get (&question->types, x->type),
                                  lw_narrow_words_get (&question->types, y->type));

  return order != 0 ? order
                    : g_ascii_strcasecmp (lw_narrow_words_get (&question->locations, x->location),
                                          lw_narrow_words_get (&question->locations, y->location));
}

static void
add_pair_selectors (LwNarrowCounter *self, JsonArray *selectors, GHashTable *names)
{
  LwNarrow *question = self->plan->question;

  g_array_sort_with_data (self->pairs, compare_pairs, question);
  for (guint i = 0; i < self->pairs->len; i++)
    {
      const Pair *pair = &g_array_index (self->pairs, Pair, i);
      const char *type = lw_narrow_words_get (&question->types, pair->type);
      const char *location = pair->location != LW_NARROW_NONE
                                 ? lw_narrow_words_get (&question->locations, pair->location)
                                 : NULL;
      JsonArray *parts = add_selector (question, selectors, names, type, location);

      add_part (parts, "resourceType", &type, 1);
      if (location != NULL)
        add_part (parts, "resourceLocation", &location, 1);
    }
}

/* One selector for each @chunk types. */
static void
add_type_selectors (LwNarrowCounter *self, JsonArray *selectors, GHashTable *names, guint chunk)
{
  LwNarrow *question = self->plan->question;
  g_autoptr (GPtrArray) types = g_ptr_array_new ();

  for (guint i = 0; i < self->named_types->len; i++)
    g_ptr_array_add (types, (gpointer) lw_narrow_words_get (
                                &question->types, g_array_index (self->named_types, guint, i)));
  g_ptr_array_sort (types, compare_texts);
  for (guint i = 0; i < types->len; i += chunk)
    {
      const char *name = chunk == 1 ? types->pdata[i] : "types";

      add_part (add_selector (question, selectors, names, name, NULL), "resourceType",
                (const char *const *) types->pdata + i, MIN (chunk, types->len - i));
    }
}

static JsonArray *
selectors_of (LwNarrowCounter *self, LwNarrowCut cut)
{
  g_autoptr (GHashTable) names = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  JsonArray *selectors = json_array_new ();

  if (cut == LW_NARROW_BY_PAIR)
    add_pair_selectors (self, selectors, names);
  else if (cut == LW_NARROW_BY_TYPE)
    add_type_selectors (self, selectors, names, 1);
  else if (cut == LW_NARROW_BY_LIST)
    add_type_selectors (self, selectors, names, LW_MAX_SELECTOR_VALUES);
  else if (self->plan->question->identity_kind != NULL)
    add_selector (self->plan->question, selectors, names, "identity", NULL);
  return selectors;
}

LwNarrowExemption *
lw_narrow_describe (LwNarrowCounter *self, guint node, const LwNarrowCost *cost)
{
  LwNarrowExemption *exemption = g_new0 (LwNarrowExemption, 1);
  LwNarrow *question = self->plan->question;

  begin (self, node);
  exemption->scope = lw_narrow_node_id (self->plan, node);
  exemption->kind = lw_narrow_node (self->plan, node)->kind;
  exemption->references = g_ptr_array_new_with_free_func (g_free);
  for (guint i = 0; i < self->named->len && question->named; i++)
    g_ptr_array_add (exemption->references,
                     g_strdup (lw_narrow_words_get (&question->references,
                                                    g_array_index (self->named, guint, i))));
  g_ptr_array_sort (exemption->references, compare_texts);
  exemption->selectors = selectors_of (self, cost->cut);
  exemption->collateral = cost->collateral;
  exemption->needed = cost->needed;
  return exemption;
}
