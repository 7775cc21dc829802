/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "config.h"

#include <glib/gi18n-lib.h>
#include <string.h>

#include "lw-domain-error.h"
#include "lw-narrow-private.h"

#define MAX_SEGMENTS 64
/* Of management groups; Azure allows six below the root. */
#define MAX_DEPTH 32

/* Where a scope on the way to an id ends. */
typedef struct
{
  guint end;
  guint hash;
  LwScopeKind kind;
} Level;

typedef struct
{
  const char *start;
  guint length;
  guint hash; /* of all up to its end */
} Segment;

/* --- ids ---------------------------------------------------------------------------------------- */

static const char *
trimmed (const char *id, guint *length)
{
  gsize size;

  while (id[0] == '/' && id[1] == '/')
    id++;
  size = strlen (id);
  while (size > 0 && id[size - 1] == '/')
    size--;
  *length = size < G_MAXINT ? (guint) size : 0;
  return id;
}

static inline guchar
folded (char c)
{
  return c >= 'A' && c <= 'Z' ? (guchar) (c | 0x20) : (guchar) c;
}

/* Puts @id into @key in lower case and finds its segments; 0 where it is no path of Azure Resource Manager,
 * as lw_scope_kind() has it. The work of a whole run is done here: once over each character. */
static guint
segments (const char *id, char *key, guint length, Segment *out)
{
  guint count = 0;
  guint32 hash = 5381;
  guint at = 0;

  while (at < length)
    {
      Segment *segment = &out[count];

      if (count == MAX_SEGMENTS || id[at] != '/')
        return 0;
      key[at] = '/';
      hash = hash * 33 + '/';
      segment->start = key + ++at;
      for (; at < length && id[at] != '/'; at++)
        {
          guchar c = folded (id[at]);

          if (c < ' ' || c == 0x7f || c == '?' || c == '#' || c == '\\')
            return 0;
          key[at] = (char) c;
          hash = hash * 33 + c;
        }
      segment->length = (guint) (key + at - segment->start);
      segment->hash = hash;
      if (segment->length == 0 || (segment->length == 1 && segment->start[0] == '.') ||
          (segment->length == 2 && memcmp (segment->start, "..", 2) == 0))
        return 0;
      count++;
    }
  return count;
}

static gboolean
is (const Segment *segment, const char *word)
{
  return segment->length == strlen (word) && memcmp (segment->start, word, segment->length) == 0;
}

static void
add_level (Level *levels, guint *count, const char *key, const Segment *segment, LwScopeKind kind)
{
  levels[(*count)++] = (Level) {
    .end = (guint) (segment->start + segment->length - key),
    .hash = segment->hash,
    .kind = kind,
  };
}

/* The scopes from the outermost that the id itself tells down to the one it names; 0 for no scope. */
static guint
split (const char *id, char *key, guint length, Level *levels)
{
  Segment parts[MAX_SEGMENTS];
  guint n = segments (id, key, length, parts);
  guint count = 0;
  guint i = 2;

  if (n == 4 && is (&parts[0], "providers") && is (&parts[1], "microsoft.management") &&
      is (&parts[2], "managementgroups"))
    {
      add_level (levels, &count, key, &parts[3], LW_SCOPE_MANAGEMENT_GROUP);
      return count;
    }
  if (n < 2 || !is (&parts[0], "subscriptions"))
    return 0;
  add_level (levels, &count, key, &parts[1], LW_SCOPE_SUBSCRIPTION);
  if (n > 3 && is (&parts[2], "resourcegroups"))
    {
      add_level (levels, &count, key, &parts[3], LW_SCOPE_RESOURCE_GROUP);
      i = 4;
    }
  if (i < n && !is (&parts[i], "providers"))
    return 0;
  while (i < n)
    {
      if (is (&parts[i], "providers"))
        {
          if (i + 3 >= n)
            return 0;
          i += 2;
        }
      if (i + 1 >= n)
        return 0;
      add_level (levels, &count, key, &parts[i + 1], LW_SCOPE_RESOURCE);
      i += 2;
    }
  return count;
}

/* --- the table of nodes ------------------------------------------------------------------------- */

static guint
lookup (LwNarrowPlan *self, const char *key, const Level *level, guint *place)
{
  guint mask = self->table->len - 1;
  guint i = level->hash & mask;

  for (;; i = (i + 1) & mask)
    {
      guint entry = g_array_index (self->table, guint, i);
      LwNarrowNode *node;

      *place = i;
      if (entry == 0)
        return LW_NARROW_NONE;
      node = lw_narrow_node (self, entry - 1);
      if (node->hash == level->hash && node->length == level->end &&
          memcmp (node->key, key, level->end) == 0)
        return entry - 1;
    }
}

static void
resize (LwNarrowPlan *self, guint size)
{
  g_array_set_size (self->table, 0);
  g_array_set_size (self->table, size);
  for (guint n = 0; n < self->nodes->len; n++)
    {
      LwNarrowNode *node = lw_narrow_node (self, n);
      Level level = { .end = node->length, .hash = node->hash };
      guint place;

      lookup (self, node->key, &level, &place);
      g_array_index (self->table, guint, place) = n + 1;
    }
}

static guint
add_node (LwNarrowPlan *self, const char *id, const char *key, const Level *level, guint parent)
{
  LwNarrowNode node = {
    .id = id,
    .key = key,
    .length = level->end,
    .hash = level->hash,
    .kind = level->kind,
    .parent = parent,
    .first_child = LW_NARROW_NONE,
    .next_sibling = LW_NARROW_NONE,
    .begin = LW_NARROW_NONE,
    .type = LW_NARROW_NONE,
    .location = LW_NARROW_NONE,
    .team = LW_NARROW_NONE,
    .set = self->empty,
    .need = LW_NARROW_NONE,
  };
  guint place;

  if ((self->nodes->len + 1) * 2 > self->table->len)
    resize (self, self->table->len * 2);
  lookup (self, key, level, &place);
  g_array_append_val (self->nodes, node);
  g_array_index (self->table, guint, place) = self->nodes->len;
  return self->nodes->len - 1;
}

static guint
prepare (LwNarrowPlan *self, const char **id, char **key, Level *levels, GStringChunk *chunk)
{
  guint length;

  *id = trimmed (*id, &length);
  *key = g_string_chunk_insert_len (chunk, *id, length);
  return split (*id, *key, length, levels);
}

guint
lw_narrow_plan_ensure (LwNarrowPlan *self, const char *id, gboolean real)
{
  Level levels[MAX_SEGMENTS];
  char *key;
  guint count = prepare (self, &id, &key, levels, self->keys);
  guint node = LW_NARROW_NONE;
  guint known;
  guint place;

  for (known = count; known > 0 && node == LW_NARROW_NONE; known--)
    node = lookup (self, key, &levels[known - 1], &place);
  if (node != LW_NARROW_NONE)
    known++;
  for (; known < count; known++)
    node = add_node (self, id, key, &levels[known], node);
  for (guint n = node; real && n != LW_NARROW_NONE && !lw_narrow_node (self, n)->real;
       n = lw_narrow_node (self, n)->parent)
    lw_narrow_node (self, n)->real = TRUE;
  return node;
}

guint
lw_narrow_plan_find (LwNarrowPlan *self, const char *id)
{
  g_autoptr (GString) unused = NULL;
  Level levels[MAX_SEGMENTS];
  GStringChunk *chunk = g_string_chunk_new (512);
  char *key;
  guint count = prepare (self, &id, &key, levels, chunk);
  guint place;
  guint node = count > 0 ? lookup (self, key, &levels[count - 1], &place) : LW_NARROW_NONE;

  g_string_chunk_free (chunk);
  return node;
}

char *
lw_narrow_node_id (LwNarrowPlan *self, guint node)
{
  LwNarrowNode *n = lw_narrow_node (self, node);

  return g_strndup (n->id, n->length);
}

/* --- the hierarchy ------------------------------------------------------------------------------ */

static gboolean
contradicts (LwNarrowPlan *self, guint child, GError **error)
{
  g_autofree char *id = lw_narrow_node_id (self, child);

  g_set_error (error, LW_DOMAIN_ERROR, LW_DOMAIN_ERROR_TYPE,
               _ ("The hierarchy contradicts itself: %s stands in it twice, in different places."),
               id);
  return FALSE;
}

static gboolean
place (LwNarrowPlan *self, guint child, guint parent, guint *twice, GError **error)
{
  LwNarrowNode *node = lw_narrow_node (self, child);

  if (node->placed && node->parent != parent)
    return contradicts (self, child, error);
  *twice += node->placed;
  node->placed = TRUE;
  node->parent = parent;
  return TRUE;
}

static gboolean
add_links (LwNarrowPlan *self, GPtrArray *notices, GError **error)
{
  GArray *links = self->question->links;
  guint malformed = 0;
  guint twice = 0;

  for (guint i = 0; i < links->len; i++)
    {
      LwNarrowLink *link = &g_array_index (links, LwNarrowLink, i);
      gboolean top = link->parent == NULL || *link->parent == '\0';
      guint child = lw_narrow_plan_ensure (self, link->id, FALSE);
      guint parent = top ? LW_NARROW_NONE : lw_narrow_plan_ensure (self, link->parent, FALSE);

      if (child == LW_NARROW_NONE || (!top && parent == LW_NARROW_NONE))
        malformed++;
      else if (lw_narrow_node (self, child)->kind < LW_SCOPE_SUBSCRIPTION)
        malformed += lw_narrow_node (self, child)->parent != parent;
      else if (!top && lw_narrow_node (self, parent)->kind != LW_SCOPE_MANAGEMENT_GROUP)
        malformed++;
      else if (!place (self, child, parent, &twice, error))
        return FALSE;
    }
  if (malformed > 0)
    lw_narrow_notice (notices, "hierarchy.malformed",
                      ngettext ("%u entry of the hierarchy makes no sense and was left out.",
                                "%u entries of the hierarchy make no sense and were left out.",
                                malformed),
                      malformed);
  if (twice > 0)
    lw_narrow_notice (
        notices, "hierarchy.duplicate",
        ngettext ("%u entry stands in the hierarchy more than once, always in the same place.",
                  "%u entries stand in the hierarchy more than once, always in the same place.",
                  twice),
        twice);
  return TRUE;
}

/* No way up may come back to where it was. */
static gboolean
check_circles (LwNarrowPlan *self, GError **error)
{
  g_autofree guint *seen = g_new0 (guint, self->nodes->len);

  for (guint i = 0; i < self->nodes->len; i++)
    for (guint n = i; n != LW_NARROW_NONE && (seen[n] == 0 || seen[n] == i + 1);
         n = lw_narrow_node (self, n)->parent)
      {
        if (seen[n] == i + 1)
          {
            g_autofree char *id = lw_narrow_node_id (self, n);

            g_set_error (error, LW_DOMAIN_ERROR, LW_DOMAIN_ERROR_TYPE,
                         _ ("The hierarchy runs in a circle: %s lies below itself."), id);
            return FALSE;
          }
        seen[n] = i + 1;
      }
  return TRUE;
}

/* Whoever made up such a tree is not answered in time. */
static gboolean
check_depth (LwNarrowPlan *self, GError **error)
{
  for (guint i = 0; i < self->nodes->len; i++)
    {
      guint depth = 0;

      for (guint n = i; n != LW_NARROW_NONE && depth <= MAX_DEPTH;
           n = lw_narrow_node (self, n)->parent)
        depth++;
      if (depth <= MAX_DEPTH)
        continue;
      g_set_error (error, LW_DOMAIN_ERROR, LW_DOMAIN_ERROR_LIMIT,
                   _ ("The hierarchy is more than %u levels deep, which Azure does not allow."),
                   (guint) MAX_DEPTH);
      return FALSE;
    }
  return TRUE;
}

static gboolean
lies_below (LwNarrowPlan *self, guint inner, guint outer)
{
  for (; inner != LW_NARROW_NONE; inner = lw_narrow_node (self, inner)->parent)
    if (inner == outer)
      return TRUE;
  return FALSE;
}

/* Whether it is not known if the top of a way up lies below the assignment. */
static gboolean
is_lost (LwNarrowPlan *self, guint top)
{
  return lw_narrow_node (self, self->root)->kind == LW_SCOPE_MANAGEMENT_GROUP &&
         !lw_narrow_node (self, top)->placed && !lies_below (self, self->root, top);
}

static guint
top_of (LwNarrowPlan *self, guint node)
{
  while (lw_narrow_node (self, node)->parent != LW_NARROW_NONE)
    node = lw_narrow_node (self, node)->parent;
  return node;
}

/* What is needed lies below the assignment, else it would not be needed; of the rest it is not known. */
static void
find_lost (LwNarrowPlan *self, GPtrArray *notices)
{
  guint adopted = 0;
  guint lost = 0;

  for (guint i = 0; i < self->needs->len; i++)
    {
      guint top = top_of (self, g_array_index (self->needs, LwNarrowNeed, i).node);

      if (!is_lost (self, top))
        continue;
      lw_narrow_node (self, top)->parent = self->root;
      adopted++;
    }
  for (guint i = 0; i < self->nodes->len; i++)
    if (lw_narrow_node (self, i)->parent == LW_NARROW_NONE && is_lost (self, i))
      lost += lw_narrow_node (self, i)->real;

  if (adopted > 0)
    lw_narrow_notice (
        notices, "hierarchy.adopted",
        ngettext (
            "The hierarchy does not say where %u of the scopes with something needed lies. It "
            "is taken to lie right below the assignment’s.",
            "The hierarchy does not say where %u of the scopes with something needed lie. They "
            "are taken to lie right below the assignment’s.",
            adopted),
        adopted);
  if (lost > 0)
    lw_narrow_notice (
        notices, "hierarchy.orphan",
        ngettext (
            "The hierarchy does not say where %u scope lies, so its resources are not counted.",
            "The hierarchy does not say where %u scopes lie, so their resources are not "
            "counted.",
            lost),
        lost);
  self->lost = lost > 0 || self->question->partial;
}

/* --- what is said of scopes --------------------------------------------------------------------- */

static void
mark_scopes (LwNarrowPlan *self, GPtrArray *notices)
{
  LwNarrow *question = self->question;
  guint malformed = 0;
  guint node;

  for (guint i = 0; i < question->exclusions->len; i++)
    if ((node = lw_narrow_plan_ensure (self, question->exclusions->pdata[i], FALSE)) !=
        LW_NARROW_NONE)
      lw_narrow_node (self, node)->excluded = TRUE;
    else
      malformed++;
  for (guint i = 0; i < question->barriers->len; i++)
    if ((node =
             lw_narrow_plan_ensure (self, g_array_index (question->barriers, LwNarrowMark, i).scope,
                                    FALSE)) != LW_NARROW_NONE)
      lw_narrow_node (self, node)->barred = TRUE;
    else
      malformed++;
  for (guint i = 0; i < question->unread->len; i++)
    if ((node = lw_narrow_plan_ensure (self, question->unread->pdata[i], FALSE)) != LW_NARROW_NONE)
      lw_narrow_node (self, node)->blind = TRUE;
    else
      malformed++;
  for (guint i = 0; i < question->exemptions->len; i++)
    if ((node = lw_narrow_plan_ensure (self,
                                       g_array_index (question->exemptions, LwNarrowMark, i).scope,
                                       FALSE)) != LW_NARROW_NONE)
      lw_narrow_node (self, node)->count++;
    else
      malformed++;
  for (guint i = 0; i < question->counts->len; i++)
    {
      LwNarrowMark *mark = &g_array_index (question->counts, LwNarrowMark, i);

      if ((node = lw_narrow_plan_ensure (self, mark->scope, FALSE)) != LW_NARROW_NONE)
        lw_narrow_node (self, node)->count = MAX (lw_narrow_node (self, node)->count, mark->count);
      else
        malformed++;
    }
  if (malformed > 0)
    lw_narrow_notice (notices, "scope.malformed",
                      ngettext ("%u scope is no Azure scope and was left out.",
                                "%u scopes are no Azure scopes and were left out.", malformed),
                      malformed);
}

/* --- the order ---------------------------------------------------------------------------------- */

static void
link_children (LwNarrowPlan *self)
{
  for (guint i = self->nodes->len; i-- > 0;)
    {
      LwNarrowNode *node = lw_narrow_node (self, i);

      if (node->parent == LW_NARROW_NONE)
        continue;
      node->next_sibling = lw_narrow_node (self, node->parent)->first_child;
      lw_narrow_node (self, node->parent)->first_child = i;
    }
}

/* Depth first from the assignment's scope, without what is excluded. */
static void
make_order (LwNarrowPlan *self)
{
  LwNarrowNode *root = lw_narrow_node (self, self->root);
  guint at = self->root;
  guint depth = 0;

  for (guint n = root->parent; n != LW_NARROW_NONE; n = lw_narrow_node (self, n)->parent)
    {
      root->blind = root->blind || lw_narrow_node (self, n)->blind;
      root->barred = root->barred || lw_narrow_node (self, n)->barred;
      root->excluded = root->excluded || lw_narrow_node (self, n)->excluded;
    }
  if (root->excluded)
    return;

  for (;;)
    {
      LwNarrowNode *node = lw_narrow_node (self, at);

      if (!node->excluded && node->begin == LW_NARROW_NONE)
        {
          node->begin = self->order->len;
          node->depth = depth;
          g_array_append_val (self->order, at);
          if (at != self->root)
            {
              node->blind = node->blind || lw_narrow_node (self, node->parent)->blind;
              node->barred = node->barred || lw_narrow_node (self, node->parent)->barred;
            }
          if (node->first_child != LW_NARROW_NONE)
            {
              at = node->first_child;
              depth++;
              continue;
            }
        }
      for (;;)
        {
          node = lw_narrow_node (self, at);
          node->end = self->order->len;
          if (at == self->root)
            return;
          if (node->next_sibling != LW_NARROW_NONE)
            break;
          at = node->parent;
          depth--;
        }
      at = node->next_sibling;
    }
}

/* Who cannot see all of a scope cannot see all of what lies around it. */
static void
spread_blindness (LwNarrowPlan *self)
{
  for (guint i = self->order->len; i-- > 1;)
    {
      LwNarrowNode *node = lw_narrow_node (self, g_array_index (self->order, guint, i));

      if (node->blind)
        lw_narrow_node (self, node->parent)->blind = TRUE;
    }
  /* What is lost may lie below any management group, but below nothing smaller. */
  for (guint i = 0; i < self->order->len && self->lost; i++)
    if (lw_narrow_node (self, g_array_index (self->order, guint, i))->kind ==
        LW_SCOPE_MANAGEMENT_GROUP)
      lw_narrow_node (self, g_array_index (self->order, guint, i))->blind = TRUE;
}

/* --- the plan ----------------------------------------------------------------------------------- */

static void
plan_clear (gpointer data)
{
  LwNarrowPlan *self = data;

  g_clear_pointer (&self->question, lw_narrow_unref);
  g_string_chunk_free (self->keys);
  g_array_unref (self->nodes);
  g_array_unref (self->table);
  g_array_unref (self->order);
  g_array_unref (self->needs);
}

LwNarrowPlan *
lw_narrow_plan_ref (LwNarrowPlan *self)
{
  return g_atomic_rc_box_acquire (self);
}

void
lw_narrow_plan_unref (LwNarrowPlan *self)
{
  g_atomic_rc_box_release_full (self, plan_clear);
}

LwNarrowPlan *
lw_narrow_plan_new (LwNarrow *question, GPtrArray *notices, GError **error)
{
  g_autoptr (LwNarrowPlan) self = g_atomic_rc_box_new0 (LwNarrowPlan);
  g_autoptr (GArray) none = g_array_new (FALSE, FALSE, sizeof (guint));
  guint size = 1024;

  while (size < question->items->len * 3)
    size *= 2;
  self->question = lw_narrow_ref (question);
  self->keys = g_string_chunk_new (256 * 1024);
  self->nodes = g_array_sized_new (FALSE, FALSE, sizeof (LwNarrowNode), question->items->len + 64);
  self->table = g_array_new (FALSE, TRUE, sizeof (guint));
  self->order = g_array_sized_new (FALSE, FALSE, sizeof (guint), question->items->len + 64);
  self->needs = g_array_new (FALSE, TRUE, sizeof (LwNarrowNeed));
  self->empty = lw_narrow_set_add (question, none);
  g_array_set_size (self->table, size);

  self->root = question->scope != NULL ? lw_narrow_plan_ensure (self, question->scope, FALSE)
                                       : LW_NARROW_NONE;
  if (self->root == LW_NARROW_NONE)
    {
      g_set_error_literal (
          error, LW_DOMAIN_ERROR, LW_DOMAIN_ERROR_ID,
          _ ("The assignment’s scope is no management group, subscription, resource "
             "group or resource."));
      return NULL;
    }
  if (!add_links (self, notices, error) || !check_circles (self, error) ||
      !check_depth (self, error) || !lw_narrow_plan_add_items (self, notices, error))
    return NULL;

  mark_scopes (self, notices);
  find_lost (self, notices);
  link_children (self);
  make_order (self);
  spread_blindness (self);
  lw_narrow_plan_settle_needs (self, notices);
  return g_steal_pointer (&self);
}
