/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "config.h"

#include <glib/gi18n-lib.h>
#include <string.h>

#include "lw-json.h"
#include "lw-selectors.h"

/*
 * What selectors match is a union of boxes: one for each resourceSelector, the product of a set of types, of
 * places, of references, of users and of sets of groups. Of all the values there could be only those that are
 * mentioned differ, so that each side of a box is a set of few atoms: a mentioned value, or any other. Since
 * somebody can be in several groups, the atoms of groups are the sets of mentioned groups that somebody is in.
 * A box is contained in a union where nothing is left once each box of the union was cut out of it.
 */

enum
{
  TYPE,
  PLACE,
  REFERENCE,
  USER,
  GROUP,
  SIDES,
};

/* The first atoms of places; any other location follows. */
enum
{
  WITHOUT_SUBSCRIPTION_LEVEL, /* a resource of the subscription itself, without a location */
  WITHOUT_OTHER,
  FIRST_VALUE,
};

#define MAX_GROUPS 6
#define MAX_BOXES  64
#define MAX_STEPS  200000

typedef struct
{
  guint64 *words;
} Set;

typedef struct
{
  Set sides[SIDES];
  JsonArray *parts; /* nullable: from which it was made */
  gboolean usable;  /* all of it was understood */
} Box;

typedef struct
{
  GPtrArray *values[SIDES]; /* (element-type utf8): mentioned, in lower case */
  guint atoms[SIDES];
  gboolean not_in_matches_none; /* which of the two ways is being tried */
  GPtrArray *outer;             /* (element-type Box) */
  guint steps;
  char *witness;
} Proof;

/* --- sets of atoms ------------------------------------------------------------------------------ */

static guint
words_for (guint atoms)
{
  return (atoms + 63) / 64;
}

static Set
set_new (guint atoms)
{
  return (Set) { .words = g_new0 (guint64, words_for (atoms)) };
}

static void
set_add (Set *self, guint atom)
{
  self->words[atom / 64] |= (guint64) 1 << (atom % 64);
}

static gboolean
set_has (const Set *self, guint atom)
{
  return (self->words[atom / 64] >> (atom % 64)) & 1;
}

static Set
set_full (guint atoms)
{
  Set self = set_new (atoms);

  for (guint i = 0; i < atoms; i++)
    set_add (&self, i);
  return self;
}

/* Whether something is left. */
static gboolean
set_combine (Set *out, const Set *a, const Set *b, guint atoms, gboolean without)
{
  guint64 any = 0;

  for (guint i = 0; i < words_for (atoms); i++)
    any |= out->words[i] = without ? a->words[i] & ~b->words[i] : a->words[i] & b->words[i];
  return any != 0;
}

static Box *
box_new (const Proof *proof)
{
  Box *self = g_new0 (Box, 1);

  for (guint i = 0; i < SIDES; i++)
    self->sides[i] = set_full (proof->atoms[i]);
  self->usable = TRUE;
  return self;
}

static Box *
box_copy (const Proof *proof, const Box *box)
{
  Box *self = g_new0 (Box, 1);

  for (guint i = 0; i < SIDES; i++)
    self->sides[i].words =
        g_memdup2 (box->sides[i].words, words_for (proof->atoms[i]) * sizeof (guint64));
  return self;
}

static void
box_free (gpointer data)
{
  Box *self = data;

  for (guint i = 0; i < SIDES; i++)
    g_free (self->sides[i].words);
  g_free (self);
}

G_DEFINE_AUTOPTR_CLEANUP_FUNC (Box, box_free)

/* --- reading ------------------------------------------------------------------------------------ */

static int
side_of (const char *kind)
{
  static const struct
  {
    const char *kind;
    int side;
  } kinds[] = {
    { "resourceType", TYPE },
    { "resourceLocation", PLACE },
    { "resourceWithoutLocation", PLACE },
    { "policyDefinitionReferenceId", REFERENCE },
    { "userPrincipalId", USER },
    { "groupPrincipalId", GROUP },
  };

  for (guint i = 0; kind != NULL && i < G_N_ELEMENTS (kinds); i++)
    if (g_ascii_strcasecmp (kind, kinds[i].kind) == 0)
      return kinds[i].side;
  return -1;
}

static gboolean
is_without_location (JsonObject *part)
{
  return g_ascii_strcasecmp (lw_json_get_string (part, "kind"), "resourceWithoutLocation") == 0;
}

/* The values of a part that Azure would take, else %NULL. */
static JsonArray *
values_of (JsonObject *part, gboolean *in)
{
  JsonArray *yes = lw_json_get_array (part, "in");
  JsonArray *no = lw_json_get_array (part, "notIn");
  JsonArray *values = yes != NULL ? yes : no;

  *in = yes != NULL;
  if (side_of (lw_json_get_string (part, "kind")) < 0 || (yes == NULL) == (no == NULL) ||
      json_array_get_length (values) == 0)
    return NULL;
  for (guint i = 0; i < json_array_get_length (values); i++)
    {
      const char *value = lw_json_array_get_string (values, i);

      if (value == NULL || (is_without_location (part) &&
                            g_ascii_strcasecmp (value, "subscriptionLevelResources") != 0))
        return NULL;
    }
  return values;
}

/* Whether another part is about the same. */
static gboolean
is_repeated (JsonArray *parts, guint index)
{
  int side = side_of (lw_json_get_string (lw_json_array_get_object (parts, index), "kind"));

  for (guint i = 0; i < json_array_get_length (parts); i++)
    if (i != index &&
        side_of (lw_json_get_string (lw_json_array_get_object (parts, i), "kind")) == side)
      return TRUE;
  return FALSE;
}

static JsonArray *
parts_of (JsonArray *selectors, guint index)
{
  return lw_json_get_array (lw_json_array_get_object (selectors, index), "selectors");
}

static guint
length_of (JsonArray *array)
{
  return array != NULL ? json_array_get_length (array) : 0;
}

static guint
find (GPtrArray *values, const char *value)
{
  for (guint i = 0; i < values->len; i++)
    if (g_ascii_strcasecmp (values->pdata[i], value) == 0)
      return i;
  return G_MAXUINT;
}

static void
mention (Proof *proof, int side, const char *value)
{
  if (value != NULL && find (proof->values[side], value) == G_MAXUINT)
    g_ptr_array_add (proof->values[side], g_strdup (value));
}

static void
mention_all (Proof *proof, JsonArray *selectors, GPtrArray *references)
{
  for (guint i = 0; references != NULL && i < references->len; i++)
    mention (proof, REFERENCE, references->pdata[i]);
  for (guint i = 0; i < length_of (selectors); i++)
    {
      JsonArray *parts = parts_of (selectors, i);

      for (guint j = 0; j < length_of (parts); j++)
        {
          JsonObject *part = lw_json_array_get_object (parts, j);
          gboolean in;
          JsonArray *values = values_of (part, &in);

          for (guint k = 0; k < length_of (values) && !is_without_location (part); k++)
            mention (proof, side_of (lw_json_get_string (part, "kind")),
                     lw_json_array_get_string (values, k));
        }
    }
}

static guint
atom_of (const Proof *proof, int side, guint value)
{
  return side == PLACE ? FIRST_VALUE + value : value;
}

/* The atoms that one part matches. */
static Set
set_of_part (Proof *proof, JsonObject *part)
{
  int side = side_of (lw_json_get_string (part, "kind"));
  gboolean in;
  JsonArray *values = values_of (part, &in);
  Set set = set_new (proof->atoms[side]);
  guint groups = 0;

  for (guint i = 0; i < length_of (values); i++)
    {
      guint value = find (proof->values[side], lw_json_array_get_string (values, i));

      if (side == GROUP)
        groups |= 1u << value;
      else
        set_add (&set, is_without_location (part) ? WITHOUT_SUBSCRIPTION_LEVEL
                                                  : atom_of (proof, side, value));
    }
  for (guint atom = 0; side == GROUP && atom < proof->atoms[side]; atom++)
    if ((atom & groups) != 0)
      set_add (&set, atom);
  if (!in)
    {
      Set full = set_full (proof->atoms[side]);

      set_combine (&set, &full, &set, proof->atoms[side], TRUE);
      g_free (full.words);
      if (side == PLACE && !is_without_location (part) && !proof->not_in_matches_none)
        set.words[0] &= ~(guint64) 3; /* the two atoms without a location */
    }
  return set;
}

/* The box of one resourceSelector: at least what it matches, and just that where it is usable. */
static Box *
box_of (Proof *proof, JsonArray *parts, GPtrArray *references)
{
  Box *self = box_new (proof);
  Set allowed = set_new (proof->atoms[REFERENCE]);

  self->parts = parts;
  for (guint i = 0; i < length_of (parts); i++)
    {
      JsonObject *part = lw_json_array_get_object (parts, i);
      gboolean in;

      if (values_of (part, &in) != NULL && !is_repeated (parts, i))
        {
          int side = side_of (lw_json_get_string (part, "kind"));
          Set set = set_of_part (proof, part);

          set_combine (&self->sides[side], &self->sides[side], &set, proof->atoms[side], FALSE);
          g_free (set.words);
        }
      else
        {
          self->usable = FALSE;
        }
    }
  for (guint i = 0; references != NULL && i < references->len; i++)
    set_add (&allowed, find (proof->values[REFERENCE], references->pdata[i]));
  if (references != NULL && references->len > 0)
    set_combine (&self->sides[REFERENCE], &self->sides[REFERENCE], &allowed,
                 proof->atoms[REFERENCE], FALSE);
  g_free (allowed.words);
  return self;
}

/* --- cutting ------------------------------------------------------------------------------------ */

static char *
name_atom (Proof *proof, int side, const Set *set)
{
  guint atom = 0;
  guint value;

  while (!set_has (set, atom))
    atom++;
  if (side == GROUP)
    return NULL;
  if (side == PLACE && atom < FIRST_VALUE)
    return g_strdup (_ ("without a location"));
  value = side == PLACE ? atom - FIRST_VALUE : atom;
  if (value < proof->values[side]->len)
    return g_strdup (proof->values[side]->pdata[value]);
  return g_strdup (side == TYPE    ? _ ("any other type")
                   : side == PLACE ? _ ("any other location")
                   : side == USER  ? _ ("anybody else")
                                   : _ ("any other policy"));
}

/* Names a point of what is left, by the sides that anything is said of. */
static void
bear_witness (Proof *proof, const Box *left)
{
  static const int order[] = { TYPE, PLACE, REFERENCE, USER };
  g_autoptr (GString) text = g_string_new (NULL);

  for (guint i = 0; i < G_N_ELEMENTS (order); i++)
    {
      g_autofree char *name = NULL;

      if (proof->values[order[i]]->len == 0)
        continue;
      name = name_atom (proof, order[i], &left->sides[order[i]]);
      g_string_append_printf (text, "%s%s", text->len > 0 ? ", " : "", name);
    }
  if (text->len == 0)
    g_string_append (text, _ ("everything"));
  g_set_str (&proof->witness, text->str);
}

static gboolean
is_empty (const Proof *proof, const Box *box)
{
  for (guint i = 0; i < SIDES; i++)
    {
      guint64 any = 0;

      for (guint j = 0; j < words_for (proof->atoms[i]); j++)
        any |= box->sides[i].words[j];
      if (any == 0)
        return TRUE;
    }
  return FALSE;
}

static gboolean
is_disjoint (const Proof *proof, const Box *a, const Box *b)
{
  for (guint i = 0; i < SIDES; i++)
    {
      guint64 any = 0;

      for (guint j = 0; j < words_for (proof->atoms[i]); j++)
        any |= a->sides[i].words[j] & b->sides[i].words[j];
      if (any == 0)
        return TRUE;
    }
  return FALSE;
}

/* Whether the outer boxes from @from on cover @box. */
static gboolean
is_covered (Proof *proof, const Box *box, guint from)
{
  g_autoptr (Box) rest = NULL;
  const Box *cut;

  while (from < proof->outer->len && is_disjoint (proof, box, proof->outer->pdata[from]))
    from++;
  if (++proof->steps > MAX_STEPS)
    return FALSE;
  if (from == proof->outer->len)
    {
      bear_witness (proof, box);
      return FALSE;
    }

  /* What sticks out on one side after another; the core lies within the cut. */
  cut = proof->outer->pdata[from];
  rest = box_copy (proof, box);
  for (guint i = 0; i < SIDES; i++)
    {
      g_autoptr (Box) piece = box_copy (proof, rest);

      if (set_combine (&piece->sides[i], &rest->sides[i], &cut->sides[i], proof->atoms[i], TRUE) &&
          !is_covered (proof, piece, from + 1))
        return FALSE;
      set_combine (&rest->sides[i], &rest->sides[i], &cut->sides[i], proof->atoms[i], FALSE);
    }
  return TRUE;
}

static gboolean
same_part (JsonObject *a, JsonObject *b)
{
  g_autoptr (JsonNode) a_node = lw_json_object_to_node (a);
  g_autoptr (JsonNode) b_node = lw_json_object_to_node (b);
  g_autofree char *a_text = lw_json_canonical (a_node, NULL);
  g_autofree char *b_text = lw_json_canonical (b_node, NULL);

  return a_text != NULL && g_strcmp0 (a_text, b_text) == 0;
}

/* Whether each part that is not understood of @outer stands in @inner, too: then it cuts both alike. */
static gboolean
shares_the_rest (const Box *inner, const Box *outer)
{
  if (outer->parts == NULL)
    return TRUE;
  for (guint i = 0; i < length_of (outer->parts); i++)
    {
      JsonObject *part = lw_json_array_get_object (outer->parts, i);
      gboolean found = FALSE;
      gboolean in;

      if (part == NULL)
        return FALSE;
      if (values_of (part, &in) != NULL && !is_repeated (outer->parts, i))
        continue;
      for (guint j = 0; j < length_of (inner->parts) && !found; j++)
        {
          JsonObject *other = lw_json_array_get_object (inner->parts, j);

          found = other != NULL && same_part (part, other);
        }
      /* Of two parts about the same it is not known which one counts. */
      if (!found || is_repeated (outer->parts, i))
        return FALSE;
    }
  return length_of (outer->parts) > 0;
}

/* The same to the letter. */
static gboolean
same_parts (JsonArray *a, JsonArray *b)
{
  if (a == NULL || b == NULL || json_array_get_length (a) != json_array_get_length (b))
    return FALSE;
  for (guint i = 0; i < json_array_get_length (a); i++)
    {
      JsonObject *x = lw_json_array_get_object (a, i);
      JsonObject *y = lw_json_array_get_object (b, i);

      if (x == NULL || y == NULL || !same_part (x, y))
        return FALSE;
    }
  return TRUE;
}

/* --- the proof ---------------------------------------------------------------------------------- */

/* What selectors match as boxes; one for everything where there are none. (transfer full) */
static GPtrArray *
boxes_of (Proof *proof, JsonArray *selectors, GPtrArray *references)
{
  GPtrArray *boxes = g_ptr_array_new_with_free_func (box_free);

  if (length_of (selectors) == 0)
    g_ptr_array_add (boxes, box_of (proof, NULL, references));
  for (guint i = 0; i < length_of (selectors); i++)
    {
      Box *box = box_of (proof, parts_of (selectors, i), references);

      box->usable = box->usable && length_of (box->parts) > 0;
      g_ptr_array_add (boxes, box);
    }
  return boxes;
}

static gboolean
box_contained (Proof *proof, Box *box, GPtrArray *outer)
{
  g_autoptr (GPtrArray) usable = g_ptr_array_new ();

  for (guint i = 0; i < outer->len; i++)
    {
      Box *other = outer->pdata[i];

      if (other->usable || shares_the_rest (box, other))
        g_ptr_array_add (usable, other);
      else if (same_parts (box->parts, other->parts))
        {
          /* Both match the same, if of different policies. */
          gboolean covered = TRUE;

          for (guint j = 0; j < words_for (proof->atoms[REFERENCE]); j++)
            covered = covered &&
                      (box->sides[REFERENCE].words[j] & ~other->sides[REFERENCE].words[j]) == 0;
          if (covered)
            return TRUE;
        }
    }
  proof->outer = usable;
  return is_empty (proof, box) || is_covered (proof, box, 0);
}

static gboolean
prove (Proof *proof,
       JsonArray *inner,
       GPtrArray *inner_references,
       JsonArray *outer,
       GPtrArray *outer_references)
{
  g_autoptr (GPtrArray) inner_boxes = boxes_of (proof, inner, inner_references);
  g_autoptr (GPtrArray) outer_boxes = boxes_of (proof, outer, outer_references);

  for (guint i = 0; i < inner_boxes->len; i++)
    if (!box_contained (proof, inner_boxes->pdata[i], outer_boxes))
      return FALSE;
  return TRUE;
}

gboolean
lw_selectors_contained (JsonArray *inner,
                        GPtrArray *inner_references,
                        JsonArray *outer,
                        GPtrArray *outer_references,
                        char **witness)
{
  Proof proof = { 0 };
  gboolean contained = TRUE;

  for (guint i = 0; i < SIDES; i++)
    proof.values[i] = g_ptr_array_new_with_free_func (g_free);
  mention_all (&proof, inner, inner_references);
  mention_all (&proof, outer, outer_references);
  for (guint i = 0; i < SIDES; i++)
    proof.atoms[i] = proof.values[i]->len + 1;
  proof.atoms[PLACE] += FIRST_VALUE;
  if (proof.values[GROUP]->len > MAX_GROUPS || length_of (inner) > MAX_BOXES ||
      length_of (outer) > MAX_BOXES)
    contained = FALSE;
  else
    proof.atoms[GROUP] = 1u << proof.values[GROUP]->len;

  for (guint way = 0; way < 2 && contained; way++)
    {
      proof.not_in_matches_none = way == 1;
      contained = prove (&proof, inner, inner_references, outer, outer_references);
    }
  for (guint i = 0; i < SIDES; i++)
    g_ptr_array_unref (proof.values[i]);
  if (witness != NULL)
    *witness = contained ? NULL : g_steal_pointer (&proof.witness);
  g_free (proof.witness);
  return contained;
}
