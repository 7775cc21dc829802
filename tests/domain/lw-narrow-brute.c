/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "lw-narrow-brute.h"

#include <string.h>

#define MAX_PAIRS 128

typedef struct
{
  guint64 words[MAX_PAIRS / 64];
} Bits;

typedef struct
{
  char *id; /* lower case, as everything here */
  char *type;
  char *location;
  GPtrArray *references;
  GPtrArray *needs;
  GPtrArray *chain; /* from itself up */
  gboolean real;
  gboolean counts; /* inside the assignment, outside its notScopes */
} Thing;

typedef struct
{
  JsonObject *question;
  char *scope;
  GPtrArray *things;
  GPtrArray *pairs;      /* "resource\nreference" */
  GPtrArray *candidates; /* char* */
  GPtrArray *described;  /* char* for each candidate */
  GArray *off;           /* Bits for each candidate */
  GArray *covers;        /* guint64 for each candidate: which needed things lie below */
  GArray *kinds;         /* int */
  GArray *depths;        /* int */
  Bits needed;
} Brute;

typedef struct
{
  int reach;
  int collateral;
  int number;
  int wide[4];
  int depth;
  char *ids;
  guint64 set;
} Choice;

static char *
lower (const char *text)
{
  return g_ascii_strdown (text != NULL ? text : "", -1);
}

static JsonArray *
list (JsonObject *object, const char *member)
{
  return json_object_has_member (object, member) ? json_object_get_array_member (object, member)
                                                 : NULL;
}

static guint
length (JsonArray *array)
{
  return array != NULL ? json_array_get_length (array) : 0;
}

static const char *
text (JsonObject *object, const char *member)
{
  return json_object_has_member (object, member) && !json_object_get_null_member (object, member)
             ? json_object_get_string_member (object, member)
             : NULL;
}

static gboolean
has (GPtrArray *texts, const char *wanted)
{
  for (guint i = 0; i < texts->len; i++)
    if (strcmp (texts->pdata[i], wanted) == 0)
      return TRUE;
  return FALSE;
}

static void
add (GPtrArray *texts, char *given)
{
  if (has (texts, given))
    g_free (given);
  else
    g_ptr_array_add (texts, given);
}

static int
by_text (gconstpointer a, gconstpointer b)
{
  return strcmp (*(char *const *) a, *(char *const *) b);
}

/* Only what the generator makes: …/resourceGroups/g/providers/ns/type/name[/type/name]. */
static int
kind_of (const char *id)
{
  g_auto (GStrv) parts = g_strsplit (id, "/", -1);
  guint count = g_strv_length (parts);

  if (strstr (id, "managementgroups") != NULL)
    return 3;
  return count == 3 ? 2 : count == 5 && strcmp (parts[3], "resourcegroups") == 0 ? 1 : 0;
}

static char *
parent_of (Brute *self, const char *id)
{
  JsonArray *hierarchy = list (self->question, "hierarchy");
  char *slash;

  if (kind_of (id) >= 2)
    {
      for (guint i = 0; i < length (hierarchy); i++)
        {
          JsonObject *entry = json_array_get_object_element (hierarchy, i);

          if (g_ascii_strcasecmp (json_object_get_string_member (entry, "id"), id) == 0)
            return text (entry, "parent") != NULL ? lower (text (entry, "parent")) : NULL;
        }
      return NULL;
    }
  else
    {
      char *parent = g_strdup (id);

      /* One pair of type and name goes, and the provider with the first of them. */
      for (int i = 0; i < 2; i++)
        if ((slash = strrchr (parent, '/')) != NULL)
          *slash = '\0';
      if ((slash = strstr (parent, "/providers/")) != NULL &&
          strchr (slash + strlen ("/providers/"), '/') == NULL)
        *slash = '\0';
      return parent;
    }
}

static GPtrArray *
chain_of (Brute *self, const char *id)
{
  GPtrArray *chain = g_ptr_array_new_with_free_func (g_free);

  for (char *at = g_strdup (id); at != NULL; at = parent_of (self, at))
    g_ptr_array_add (chain, at);
  return chain;
}

static Thing *
thing_for (Brute *self, const char *given)
{
  g_autofree char *id = lower (given);
  JsonObject *assignment = json_object_get_object_member (self->question, "assignment");
  JsonArray *excluded = list (assignment, "notScopes");
  Thing *thing;

  for (guint i = 0; i < self->things->len; i++)
    if (strcmp ((thing = self->things->pdata[i])->id, id) == 0)
      return thing;
  thing = g_new0 (Thing, 1);
  thing->id = g_strdup (id);
  thing->references = g_ptr_array_new_with_free_func (g_free);
  thing->needs = g_ptr_array_new_with_free_func (g_free);
  thing->chain = chain_of (self, id);
  thing->counts = has (thing->chain, self->scope);
  for (guint i = 0; i < length (excluded); i++)
    {
      g_autofree char *not = lower (json_array_get_string_element (excluded, i));

      if (has (thing->chain, not))
        thing->counts = FALSE;
    }
  g_ptr_array_add (self->things, thing);
  return thing;
}

static void
thing_free (gpointer data)
{
  Thing *self = data;

  g_free (self->id);
  g_free (self->type);
  g_free (self->location);
  g_ptr_array_unref (self->references);
  g_ptr_array_unref (self->needs);
  g_ptr_array_unref (self->chain);
  g_free (self);
}

static void
read_things (Brute *self)
{
  JsonArray *resources = list (self->question, "resources");
  JsonArray *needs = list (self->question, "need");

  for (guint i = 0; i < length (resources); i++)
    {
      JsonObject *entry = json_array_get_object_element (resources, i);
      Thing *thing = thing_for (self, text (entry, "id"));
      JsonArray *references = list (entry, "references");

      thing->real = TRUE;
      if (thing->type == NULL)
        {
          thing->type = lower (text (entry, "type"));
          thing->location = lower (text (entry, "location"));
        }
      for (guint j = 0; j < length (references); j++)
        add (thing->references, lower (json_array_get_string_element (references, j)));
    }
  for (guint i = 0; i < length (needs); i++)
    {
      JsonObject *entry = json_array_get_object_element (needs, i);
      Thing *thing = thing_for (self, text (entry, "resource"));
      JsonArray *references = list (entry, "references");

      if (thing->type == NULL)
        {
          thing->type = lower (text (entry, "type"));
          thing->location = lower (text (entry, "location"));
        }
      for (guint j = 0; j < length (references); j++)
        {
          add (thing->needs, lower (json_array_get_string_element (references, j)));
          add (thing->references, lower (json_array_get_string_element (references, j)));
        }
    }
}

static gboolean
is_needed (const Thing *thing)
{
  return thing->counts && thing->needs->len > 0;
}

static void
set_pair (Brute *self, Bits *bits, const Thing *thing, const char *reference)
{
  g_autofree char *pair = g_strdup_printf ("%s\n%s", thing->id, reference);
  guint index;

  if (!has (self->pairs, pair))
    g_ptr_array_add (self->pairs, g_strdup (pair));
  for (index = 0; strcmp (self->pairs->pdata[index], pair) != 0;)
    index++;
  g_assert_cmpuint (index, <, MAX_PAIRS);
  bits->words[index / 64] |= (guint64) 1 << (index % 64);
}

/* E(@scope): what it lets off, and its text. */
static void
exempt (Brute *self, const char *scope, Bits *off, char **described)
{
  g_autoptr (GPtrArray) references = g_ptr_array_new_with_free_func (g_free);
  g_autoptr (GPtrArray) pairs = g_ptr_array_new_with_free_func (g_free);
  g_autoptr (GPtrArray) types = g_ptr_array_new_with_free_func (g_free);
  g_autoptr (GString) line = g_string_new (NULL);
  gboolean new_below = FALSE;
  gboolean cuts = FALSE;

  for (guint i = 0; i < self->things->len; i++)
    {
      const Thing *thing = self->things->pdata[i];

      if (!is_needed (thing) || !has (thing->chain, scope))
        continue;
      new_below = new_below || !thing->real;
      add (pairs, g_strdup_printf ("%s!%s", thing->type, thing->location));
      add (types, g_strdup (thing->type));
      for (guint j = 0; j < thing->needs->len; j++)
        add (references, g_strdup (thing->needs->pdata[j]));
    }
  for (guint i = 0; i < self->things->len; i++)
    {
      const Thing *thing = self->things->pdata[i];
      g_autofree char *pair = g_strdup_printf ("%s!%s", thing->type, thing->location);
      g_autofree char *bare = g_strdup_printf ("%s!", thing->type);

      if (!thing->counts || !has (thing->chain, scope))
        continue;
      for (guint j = 0; j < thing->references->len; j++)
        if (!has (references, thing->references->pdata[j]))
          continue;
        else if (pairs->len <= 10 ? has (pairs, pair) || has (pairs, bare)
                                  : has (types, thing->type))
          set_pair (self, off, thing, thing->references->pdata[j]);
        else
          cuts = TRUE;
    }
  g_ptr_array_sort (references, by_text);
  g_ptr_array_sort (pairs, by_text);
  g_ptr_array_sort (types, by_text);
  g_string_append_printf (line, " | %s [", scope);
  for (guint i = 0; i < references->len; i++)
    g_string_append_printf (line, "%s ", (char *) references->pdata[i]);
  g_string_append (line, "] {");
  if (cuts || new_below)
    {
      if (pairs->len <= 10)
        for (guint i = 0; i < pairs->len; i++)
          g_string_append_printf (line, "%s;", (char *) pairs->pdata[i]);
      else
        for (guint i = 0; i < types->len; i++)
          g_string_append_printf (line,
                                  types->len <= 10     ? "%s!;"
                                  : i + 1 < types->len ? "%s,"
                                                       : "%s!;",
                                  (char *) types->pdata[i]);
    }
  g_string_append_c (line, '}');
  *described = g_string_free_and_steal (g_steal_pointer (&line));
}

static void
find_candidates (Brute *self)
{
  for (guint i = 0; i < self->things->len; i++)
    {
      const Thing *thing = self->things->pdata[i];

      for (guint j = 0; is_needed (thing) && j < thing->chain->len; j++)
        {
          const char *scope = thing->chain->pdata[j];
          gboolean real = kind_of (scope) > 0;

          for (guint k = 0; k < self->things->len; k++)
            {
              const Thing *other = self->things->pdata[k];

              real = real || (other->real && has (other->chain, scope));
            }
          if (real)
            add (self->candidates, g_strdup (scope));
          if (strcmp (scope, self->scope) == 0)
            break;
        }
    }
  g_ptr_array_sort (self->candidates, by_text);
  g_assert_cmpuint (self->candidates->len, <=, 22);
  for (guint i = 0; i < self->candidates->len; i++)
    {
      const char *scope = self->candidates->pdata[i];
      Bits off = { { 0 } };
      guint64 covers = 0;
      guint bit = 0;
      int kind = kind_of (scope);
      g_autoptr (GPtrArray) chain = chain_of (self, scope);
      int depth = 0;
      char *described;

      exempt (self, scope, &off, &described);
      for (guint j = 0; j < self->things->len; j++)
        {
          const Thing *thing = self->things->pdata[j];

          if (!is_needed (thing))
            continue;
          if (has (thing->chain, scope))
            covers |= (guint64) 1 << bit;
          bit++;
        }
      while (strcmp (chain->pdata[depth], self->scope) != 0)
        depth++;
      g_array_append_val (self->off, off);
      g_array_append_val (self->covers, covers);
      g_array_append_val (self->kinds, kind);
      g_array_append_val (self->depths, depth);
      g_ptr_array_add (self->described, described);
    }
}

static int
count_bits (const Bits *bits)
{
  int count = 0;

  for (guint i = 0; i < MAX_PAIRS / 64; i++)
    count += __builtin_popcountll (bits->words[i]);
  return count;
}

/* What a set of scopes lets off that nobody needs. */
static Bits
beyond (Brute *self, guint64 set)
{
  Bits off = { { 0 } };

  for (guint i = 0; i < self->candidates->len; i++)
    for (guint j = 0; j < MAX_PAIRS / 64 && ((set >> i) & 1); j++)
      off.words[j] |= g_array_index (self->off, Bits, i).words[j];
  for (guint j = 0; j < MAX_PAIRS / 64; j++)
    off.words[j] &= ~self->needed.words[j];
  return off;
}

static gboolean
try_set (Brute *self, guint64 set, guint64 all, Choice *choice)
{
  guint64 covered = 0;
  Bits off;

  *choice = (Choice) { .set = set };
  for (guint i = 0; i < self->candidates->len; i++)
    if ((set >> i) & 1)
      {
        int kind = g_array_index (self->kinds, int, i);

        covered |= g_array_index (self->covers, guint64, i);
        choice->number++;
        choice->wide[kind]++;
        choice->reach = MAX (choice->reach, kind);
        choice->depth += g_array_index (self->depths, int, i);
      }
  if (covered != all || choice->number > 20)
    return FALSE;
  off = beyond (self, set);
  choice->collateral = count_bits (&off);
  return TRUE;
}

static int
count_resources (Brute *self, guint64 set)
{
  Bits off = beyond (self, set);
  int resources = 0;

  for (guint i = 0; i < self->things->len; i++)
    {
      const Thing *thing = self->things->pdata[i];
      gsize size = strlen (thing->id);
      gboolean hit = FALSE;

      for (guint j = 0; j < self->pairs->len; j++)
        {
          const char *pair = self->pairs->pdata[j];

          hit = hit || ((off.words[j / 64] >> (j % 64) & 1) &&
                        strncmp (pair, thing->id, size) == 0 && pair[size] == '\n');
        }
      resources += hit;
    }
  return resources;
}

static gboolean
dominates (const Choice *a, const Choice *b)
{
  return a->reach <= b->reach && a->collateral <= b->collateral && a->number <= b->number &&
         (a->reach < b->reach || a->collateral < b->collateral || a->number < b->number);
}

static gboolean
same_figures (const Choice *a, const Choice *b)
{
  return a->reach == b->reach && a->collateral == b->collateral && a->number == b->number;
}

/* Negative where @a is to be preferred to @b, which has the same figures. */
static int
compare_equals (const Choice *a, const Choice *b)
{
  for (int kind = 3; kind >= 1; kind--)
    if (a->wide[kind] != b->wide[kind])
      return a->wide[kind] - b->wide[kind];
  if (a->depth != b->depth)
    return b->depth - a->depth;
  /* The candidates are in order: the one with the first scope that the other lacks comes first. */
  for (guint i = 0; i < 64; i++)
    if (((a->set ^ b->set) >> i) & 1)
      return (a->set >> i) & 1 ? -1 : 1;
  return 0;
}

static int
compare_order (gconstpointer a, gconstpointer b)
{
  const Choice *x = a;
  const Choice *y = b;

  if (x->reach != y->reach)
    return x->reach - y->reach;
  return x->collateral != y->collateral ? x->collateral - y->collateral : x->number - y->number;
}

static void
keep_best (GArray *best, const Choice *choice)
{
  for (guint i = 0; i < best->len; i++)
    {
      const Choice *other = &g_array_index (best, Choice, i);

      if (dominates (other, choice) ||
          (same_figures (other, choice) && compare_equals (other, choice) <= 0))
        return;
    }
  for (guint i = best->len; i-- > 0;)
    {
      const Choice *other = &g_array_index (best, Choice, i);

      if (dominates (choice, other) || same_figures (choice, other))
        g_array_remove_index (best, i);
    }
  g_array_append_vals (best, choice, 1);
}

static void
brute_clear (Brute *self)
{
  g_free (self->scope);
  g_ptr_array_unref (self->things);
  g_ptr_array_unref (self->pairs);
  g_ptr_array_unref (self->candidates);
  g_ptr_array_unref (self->described);
  g_array_unref (self->off);
  g_array_unref (self->covers);
  g_array_unref (self->kinds);
  g_array_unref (self->depths);
}

char *
lw_narrow_brute (JsonObject *question)
{
  JsonObject *assignment = json_object_get_object_member (question, "assignment");
  Brute self = {
    .question = question,
    .scope = lower (text (assignment, "scope")),
    .things = g_ptr_array_new_with_free_func (thing_free),
    .pairs = g_ptr_array_new_with_free_func (g_free),
    .candidates = g_ptr_array_new_with_free_func (g_free),
    .described = g_ptr_array_new_with_free_func (g_free),
    .off = g_array_new (FALSE, FALSE, sizeof (Bits)),
    .covers = g_array_new (FALSE, FALSE, sizeof (guint64)),
    .kinds = g_array_new (FALSE, FALSE, sizeof (int)),
    .depths = g_array_new (FALSE, FALSE, sizeof (int)),
  };
  g_autoptr (GArray) best = g_array_new (FALSE, FALSE, sizeof (Choice));
  g_autoptr (GString) lines = g_string_new (NULL);
  guint64 all = 0;

  read_things (&self);
  for (guint i = 0, bit = 0; i < self.things->len; i++)
    {
      const Thing *thing = self.things->pdata[i];

      if (!is_needed (thing))
        continue;
      all |= (guint64) 1 << bit++;
      for (guint j = 0; j < thing->needs->len; j++)
        set_pair (&self, &self.needed, thing, thing->needs->pdata[j]);
    }
  find_candidates (&self);
  for (guint64 set = 1; all != 0 && set < (guint64) 1 << self.candidates->len; set++)
    {
      Choice choice;

      if (try_set (&self, set, all, &choice))
        keep_best (best, &choice);
    }
  g_array_sort (best, compare_order);
  for (guint i = 0; i < best->len; i++)
    {
      const Choice *choice = &g_array_index (best, Choice, i);

      g_string_append_printf (lines, "%d %d %d %d", choice->reach, choice->collateral,
                              count_resources (&self, choice->set), choice->number);
      for (guint j = 0; j < self.candidates->len; j++)
        if ((choice->set >> j) & 1)
          g_string_append (lines, self.described->pdata[j]);
      g_string_append_c (lines, '\n');
    }
  brute_clear (&self);
  return g_string_free_and_steal (g_steal_pointer (&lines));
}

/* --- the engine's answer ------------------------------------------------------------------------ */

static void
describe_values (GString *line, JsonObject *selector, const char *kind)
{
  JsonArray *parts = list (selector, "selectors");

  for (guint i = 0; i < length (parts); i++)
    {
      JsonObject *part = json_array_get_object_element (parts, i);
      JsonArray *in = list (part, "in");

      if (strcmp (text (part, "kind"), kind) != 0)
        continue;
      for (guint j = 0; j < length (in); j++)
        {
          g_autofree char *value = lower (json_array_get_string_element (in, j));

          g_string_append_printf (line, "%s%s", j > 0 ? "," : "", value);
        }
    }
}

static void
describe_exemption (GString *line, JsonObject *exemption)
{
  g_autofree char *scope = lower (text (exemption, "scope"));
  JsonArray *references = list (exemption, "references");
  JsonArray *selectors = list (exemption, "selectors");

  g_string_append_printf (line, " | %s [", scope);
  for (guint i = 0; i < length (references); i++)
    {
      g_autofree char *reference = lower (json_array_get_string_element (references, i));

      g_string_append_printf (line, "%s ", reference);
    }
  g_string_append (line, "] {");
  for (guint i = 0; i < length (selectors); i++)
    {
      describe_values (line, json_array_get_object_element (selectors, i), "resourceType");
      g_string_append_c (line, '!');
      describe_values (line, json_array_get_object_element (selectors, i), "resourceLocation");
      g_string_append_c (line, ';');
    }
  g_string_append_c (line, '}');
}

char *
lw_narrow_brute_describe (JsonObject *answer)
{
  JsonArray *options = list (answer, "options");
  g_autoptr (GString) lines = g_string_new (NULL);

  for (guint i = 0; i < length (options); i++)
    {
      JsonObject *option = json_array_get_object_element (options, i);
      JsonArray *exemptions = list (option, "exemptions");

      g_string_append_printf (lines, "%d %d %d %d",
                              (int) json_object_get_int_member (option, "reach"),
                              (int) json_object_get_int_member (option, "collateral"),
                              (int) json_object_get_int_member (option, "resources"),
                              (int) json_object_get_int_member (option, "count"));
      for (guint j = 0; j < length (exemptions); j++)
        describe_exemption (lines, json_array_get_object_element (exemptions, j));
      g_string_append_c (lines, '\n');
    }
  return g_string_free_and_steal (g_steal_pointer (&lines));
}
