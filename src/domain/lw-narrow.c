/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "config.h"

#include <glib/gi18n-lib.h>
#include <string.h>

#include "lw-domain-error.h"
#include "lw-json.h"
#include "lw-narrow-private.h"

/* --- words and sets ----------------------------------------------------------------------------- */

static guint
word_hash (gconstpointer data)
{
  guint32 hash = 5381;

  for (const char *c = data; *c != '\0'; c++)
    hash = hash * 33 + (guchar) (*c >= 'A' && *c <= 'Z' ? *c | 0x20 : *c);
  return hash;
}

static gboolean
word_equal (gconstpointer a, gconstpointer b)
{
  return g_ascii_strcasecmp (a, b) == 0;
}

void
lw_narrow_words_init (LwNarrowWords *self)
{
  self->texts = g_ptr_array_new_with_free_func (g_free);
  self->numbers = g_hash_table_new (word_hash, word_equal);
}

void
lw_narrow_words_clear (LwNarrowWords *self)
{
  g_clear_pointer (&self->numbers, g_hash_table_unref);
  g_clear_pointer (&self->texts, g_ptr_array_unref);
}

guint
lw_narrow_words_add (LwNarrowWords *self, const char *text)
{
  gpointer number;
  char *copy;

  if (g_hash_table_lookup_extended (self->numbers, text, NULL, &number))
    return GPOINTER_TO_UINT (number);

  copy = g_strdup (text);
  g_ptr_array_add (self->texts, copy);
  g_hash_table_insert (self->numbers, copy, GUINT_TO_POINTER (self->texts->len - 1));
  return self->texts->len - 1;
}

const char *
lw_narrow_words_get (LwNarrowWords *self, guint number)
{
  return number < self->texts->len ? g_ptr_array_index (self->texts, number) : "";
}

static int
compare_numbers (gconstpointer a, gconstpointer b)
{
  guint x = *(const guint *) a;
  guint y = *(const guint *) b;

  return (x > y) - (x < y);
}

const guint *
lw_narrow_set_get (LwNarrow *self, guint set, guint *length)
{
  gsize size;
  const guint *numbers = g_bytes_get_data (g_ptr_array_index (self->sets, set), &size);

  *length = (guint) (size / sizeof *numbers);
  return numbers;
}

guint
lw_narrow_set_add (LwNarrow *self, GArray *numbers)
{
  g_autoptr (GBytes) key = NULL;
  gpointer number;
  guint kept = 0;

  if (numbers->len > 1)
    g_array_sort (numbers, compare_numbers);
  for (guint i = 0; i < numbers->len; i++)
    if (i == 0 || g_array_index (numbers, guint, i) != g_array_index (numbers, guint, kept - 1))
      g_array_index (numbers, guint, kept++) = g_array_index (numbers, guint, i);
  g_array_set_size (numbers, kept);

  key = g_bytes_new_static (numbers->data, numbers->len * sizeof (guint));
  if (g_hash_table_lookup_extended (self->set_numbers, key, NULL, &number))
    return GPOINTER_TO_UINT (number);

  g_ptr_array_add (self->sets, g_bytes_new (numbers->data, numbers->len * sizeof (guint)));
  g_hash_table_insert (self->set_numbers, g_ptr_array_index (self->sets, self->sets->len - 1),
                       GUINT_TO_POINTER (self->sets->len - 1));
  return self->sets->len - 1;
}

static guint
set_of (LwNarrow *self, const char *const *references)
{
  GArray *numbers = self->scratch;

  g_array_set_size (numbers, 0);
  for (guint i = 0; references != NULL && references[i] != NULL; i++)
    {
      guint number;

      if (*references[i] == '\0')
        continue;
      number = lw_narrow_words_add (&self->references, references[i]);
      g_array_append_val (numbers, number);
      self->named = TRUE;
    }
  return lw_narrow_set_add (self, numbers);
}

/* --- the question ------------------------------------------------------------------------------- */

static void
mark_clear (gpointer data)
{
  LwNarrowMark *self = data;

  g_free (self->scope);
  g_free (self->text);
  g_clear_pointer (&self->selectors, json_array_unref);
}

static void
link_clear (gpointer data)
{
  LwNarrowLink *self = data;

  g_free (self->id);
  g_free (self->parent);
}

static GArray *
new_marks (void)
{
  GArray *marks = g_array_new (FALSE, TRUE, sizeof (LwNarrowMark));

  g_array_set_clear_func (marks, mark_clear);
  return marks;
}

LwNarrow *
lw_narrow_new (void)
{
  LwNarrow *self = g_atomic_rc_box_new0 (LwNarrow);

  self->text = g_string_chunk_new (64 * 1024);
  lw_narrow_words_init (&self->types);
  lw_narrow_words_init (&self->locations);
  lw_narrow_words_init (&self->teams);
  lw_narrow_words_init (&self->references);
  self->scratch = g_array_new (FALSE, FALSE, sizeof (guint));
  self->sets = g_ptr_array_new_with_free_func ((GDestroyNotify) g_bytes_unref);
  self->set_numbers = g_hash_table_new (g_bytes_hash, g_bytes_equal);
  self->items = g_array_new (FALSE, TRUE, sizeof (LwNarrowItem));
  self->needs = g_array_new (FALSE, TRUE, sizeof (LwNarrowItem));
  self->links = g_array_new (FALSE, TRUE, sizeof (LwNarrowLink));
  g_array_set_clear_func (self->links, link_clear);
  self->exclusions = g_ptr_array_new_with_free_func (g_free);
  self->exemptions = new_marks ();
  self->counts = new_marks ();
  self->barriers = new_marks ();
  self->unread = g_ptr_array_new_with_free_func (g_free);
  self->bare_types = g_ptr_array_new_with_free_func (g_free);
  lw_narrow_add_bare_type (self, "Microsoft.Databricks/*");
  return self;
}

LwNarrow *
lw_narrow_ref (LwNarrow *self)
{
  return g_atomic_rc_box_acquire (self);
}

static void
narrow_clear (gpointer data)
{
  LwNarrow *self = data;

  g_free (self->scope);
  g_free (self->enforcement_mode);
  g_string_chunk_free (self->text);
  lw_narrow_words_clear (&self->types);
  lw_narrow_words_clear (&self->locations);
  lw_narrow_words_clear (&self->teams);
  lw_narrow_words_clear (&self->references);
  g_hash_table_unref (self->set_numbers);
  g_ptr_array_unref (self->sets);
  g_array_unref (self->scratch);
  g_array_unref (self->items);
  g_array_unref (self->needs);
  g_array_unref (self->links);
  g_ptr_array_unref (self->exclusions);
  g_array_unref (self->exemptions);
  g_array_unref (self->counts);
  g_array_unref (self->barriers);
  g_ptr_array_unref (self->unread);
  g_ptr_array_unref (self->bare_types);
  g_free (self->identity_kind);
  g_free (self->identity);
}

void
lw_narrow_unref (LwNarrow *self)
{
  g_atomic_rc_box_release_full (self, narrow_clear);
}

void
lw_narrow_set_assignment (LwNarrow *self, const char *scope, const char *enforcement_mode)
{
  g_return_if_fail (self != NULL && scope != NULL);

  g_set_str (&self->scope, scope);
  g_set_str (&self->enforcement_mode, enforcement_mode);
}

void
lw_narrow_add_exclusion (LwNarrow *self, const char *scope)
{
  g_return_if_fail (self != NULL && scope != NULL);

  g_ptr_array_add (self->exclusions, g_strdup (scope));
}

void
lw_narrow_add_scope (LwNarrow *self, const char *id, const char *parent)
{
  LwNarrowLink link = { .id = g_strdup (id), .parent = g_strdup (parent) };

  g_return_if_fail (self != NULL && id != NULL);

  g_array_append_val (self->links, link);
}

static guint
word_or_none (LwNarrowWords *words, const char *text)
{
  return text != NULL && *text != '\0' ? lw_narrow_words_add (words, text) : LW_NARROW_NONE;
}

/* "West Europe" and "westeurope" are the same place. */
static guint
location_of (LwNarrow *self, const char *location)
{
  g_autofree char *plain = NULL;
  guint length = 0;

  if (location == NULL || strchr (location, ' ') == NULL)
    return word_or_none (&self->locations, location);

  plain = g_ascii_strdown (location, -1);
  for (const char *c = plain; *c != '\0'; c++)
    if (*c != ' ')
      plain[length++] = *c;
  plain[length] = '\0';
  return word_or_none (&self->locations, plain);
}

static LwNarrowItem
item_of (LwNarrow *self,
         const char *id,
         const char *type,
         const char *location,
         const char *const *references)
{
  return (LwNarrowItem) {
    .id = g_string_chunk_insert (self->text, id),
    .type = word_or_none (&self->types, type),
    .location = location_of (self, location),
    .team = LW_NARROW_NONE,
    .set = set_of (self, references),
  };
}

void
lw_narrow_add_resource (LwNarrow *self,
                        const char *id,
                        const char *type,
                        const char *location,
                        const char *team,
                        const char *const *references)
{
  LwNarrowItem item;

  g_return_if_fail (self != NULL && id != NULL);

  item = item_of (self, id, type, location, references);
  item.team = word_or_none (&self->teams, team);
  g_array_append_val (self->items, item);
}

void
lw_narrow_add_need (LwNarrow *self,
                    const char *id,
                    const char *type,
                    const char *location,
                    const char *const *references)
{
  LwNarrowItem item;

  g_return_if_fail (self != NULL && id != NULL);

  item = item_of (self, id, type, location, references);
  g_array_append_val (self->needs, item);
}

void
lw_narrow_add_exemption (LwNarrow *self,
                         const char *id,
                         const char *scope,
                         const char *const *references,
                         JsonArray *selectors)
{
  LwNarrowMark mark = { 0 };

  g_return_if_fail (self != NULL && scope != NULL);

  mark.scope = g_strdup (scope);
  mark.text = g_strdup (id);
  mark.set = set_of (self, references);
  mark.selectors = selectors != NULL ? lw_json_array_copy (selectors) : NULL;
  g_array_append_val (self->exemptions, mark);
}

void
lw_narrow_set_exemption_count (LwNarrow *self, const char *scope, guint count)
{
  LwNarrowMark mark = { .count = count };

  g_return_if_fail (self != NULL && scope != NULL);

  mark.scope = g_strdup (scope);
  g_array_append_val (self->counts, mark);
}

void
lw_narrow_add_barrier (LwNarrow *self, const char *scope, const char *why)
{
  LwNarrowMark mark = { 0 };

  g_return_if_fail (self != NULL && scope != NULL);

  mark.scope = g_strdup (scope);
  mark.text = g_strdup (why);
  g_array_append_val (self->barriers, mark);
}

void
lw_narrow_add_bare_type (LwNarrow *self, const char *type)
{
  g_return_if_fail (self != NULL && type != NULL);

  g_ptr_array_add (self->bare_types, g_strdup (type));
}

void
lw_narrow_add_unread (LwNarrow *self, const char *scope)
{
  g_return_if_fail (self != NULL && scope != NULL);

  g_ptr_array_add (self->unread, g_strdup (scope));
}

void
lw_narrow_set_partial (LwNarrow *self)
{
  g_return_if_fail (self != NULL);

  self->partial = TRUE;
}

void
lw_narrow_set_identity (LwNarrow *self, const char *kind, const char *id, const char *api_version)
{
  static const char *const kinds[] = { "userPrincipalId", "groupPrincipalId" };

  g_return_if_fail (self != NULL && kind != NULL && id != NULL);

  g_clear_pointer (&self->identity_kind, g_free);
  g_set_str (&self->identity, id);
  self->identity_unknown = g_strcmp0 (api_version, "2024-12-01") < 0;
  for (guint i = 0; i < G_N_ELEMENTS (kinds) && !self->identity_unknown; i++)
    if (g_ascii_strcasecmp (kind, kinds[i]) == 0)
      self->identity_kind = g_strdup (kinds[i]);
  /* That version alone writes them with a capital letter. */
  if (self->identity_kind != NULL && g_str_has_prefix (api_version, "2024-12-01"))
    self->identity_kind[0] = g_ascii_toupper (self->identity_kind[0]);
  self->identity_unknown = self->identity_kind == NULL;
}

/* --- the answer --------------------------------------------------------------------------------- */

static void
exemption_free (gpointer data)
{
  LwNarrowExemption *self = data;

  g_free (self->scope);
  g_ptr_array_unref (self->references);
  json_array_unref (self->selectors);
  g_free (self);
}

static void
option_free (gpointer data)
{
  LwNarrowOption *self = data;

  g_ptr_array_unref (self->exemptions);
  g_free (self);
}

static void
notice_free (gpointer data)
{
  LwNarrowNotice *self = data;

  g_free (self->id);
  g_free (self->message);
  g_free (self);
}

static void
affected_free (gpointer data)
{
  LwNarrowAffected *self = data;

  g_free (self->type);
  g_free (self->team);
  g_free (self);
}

void
lw_narrow_notice (GPtrArray *notices, const char *id, const char *format, ...)
{
  LwNarrowNotice *notice = g_new0 (LwNarrowNotice, 1);
  va_list args;

  va_start (args, format);
  notice->id = g_strdup (id);
  notice->message = g_strdup_vprintf (format, args);
  va_end (args);
  g_ptr_array_add (notices, notice);
}

LwNarrowResult *
lw_narrow_result_ref (LwNarrowResult *self)
{
  return g_atomic_rc_box_acquire (self);
}

static void
result_clear (gpointer data)
{
  LwNarrowResult *self = data;

  g_ptr_array_unref (self->options);
  g_ptr_array_unref (self->notices);
  g_clear_pointer ((LwNarrowPlan **) &self->plan, lw_narrow_plan_unref);
}

void
lw_narrow_result_unref (LwNarrowResult *self)
{
  g_atomic_rc_box_release_full (self, result_clear);
}

G_DEFINE_BOXED_TYPE (LwNarrowResult, lw_narrow_result, lw_narrow_result_ref, lw_narrow_result_unref)

static LwNarrowOption *
describe (LwNarrowPlan *plan, LwNarrowCounter *counter, GArray *scopes, const LwNarrowCost *costs)
{
  LwNarrowOption *option = g_new0 (LwNarrowOption, 1);

  option->exemptions = g_ptr_array_new_with_free_func (exemption_free);
  option->reach = LW_SCOPE_RESOURCE;
  for (guint i = 0; i < scopes->len; i++)
    {
      guint scope = g_array_index (scopes, guint, i);
      LwNarrowNode *node = lw_narrow_node (plan, scope);

      g_ptr_array_add (option->exemptions, lw_narrow_describe (counter, scope, &costs[scope]));
      option->reach = MAX (option->reach, node->kind);
      option->collateral += costs[scope].collateral;
      option->resources += costs[scope].resources;
      option->at_least = option->at_least || node->blind;
    }
  return option;
}

static void
say_what_limits (LwNarrowResult *self)
{
  guint needed = self->needed;

  if (needed > 0 && self->narrowest == 0)
    lw_narrow_notice (self->notices, "options.none",
                      _ ("No exemption can cover this: something that is needed lies nowhere that "
                         "could carry one."));
  else if (self->narrowest > LW_NARROW_MAX_EXEMPTIONS)
    lw_narrow_notice (
        self->notices, "options.limit",
        _ ("The narrowest choice would take %u exemptions. One choice holds at most %u, so "
           "only wider ones are shown."),
        self->narrowest, (guint) LW_NARROW_MAX_EXEMPTIONS);
  if (needed > 0 && self->narrowest > LW_NARROW_MAX_EXEMPTIONS && self->options->len == 0)
    lw_narrow_notice (self->notices, "options.none",
                      _ ("No choice of at most %u exemptions covers this."),
                      (guint) LW_NARROW_MAX_EXEMPTIONS);
}

LwNarrowResult *
lw_narrow_run (LwNarrow *self, GError **error)
{
  g_autoptr (LwNarrowResult) result = g_atomic_rc_box_new0 (LwNarrowResult);
  g_autoptr (LwNarrowPlan) plan = NULL;
  g_autoptr (LwNarrowCounter) counter = NULL;
  g_autoptr (GPtrArray) choices = NULL;
  g_autofree LwNarrowCost *costs = NULL;

  g_return_val_if_fail (self != NULL, NULL);

  result->options = g_ptr_array_new_with_free_func (option_free);
  result->notices = g_ptr_array_new_with_free_func (notice_free);
  if ((plan = lw_narrow_plan_new (self, result->notices, error)) == NULL)
    return NULL;

  result->needed = plan->needs->len;
  counter = lw_narrow_counter_new (plan);
  costs = g_new0 (LwNarrowCost, plan->nodes->len);
  for (guint i = 0; i < plan->order->len; i++)
    {
      guint node = g_array_index (plan->order, guint, i);
      guint first;
      guint last;

      lw_narrow_plan_needs_below (plan, node, &first, &last);
      if (last > first)
        costs[node] = lw_narrow_count (counter, node);
    }
  lw_narrow_say (plan, costs, result->notices);
  result->narrowest = lw_narrow_narrowest (plan, costs);
  choices = lw_narrow_search (plan, costs);
  for (guint i = 0; i < choices->len; i++)
    g_ptr_array_add (result->options,
                     describe (plan, counter, g_ptr_array_index (choices, i), costs));
  say_what_limits (result);
  result->plan = g_steal_pointer (&plan);
  return g_steal_pointer (&result);
}

static int
compare_affected (gconstpointer a, gconstpointer b)
{
  const LwNarrowAffected *x = *(LwNarrowAffected *const *) a;
  const LwNarrowAffected *y = *(LwNarrowAffected *const *) b;
  int order = (x->pairs < y->pairs) - (x->pairs > y->pairs);

  if (order == 0)
    order = g_ascii_strcasecmp (x->type, y->type);
  return order != 0 ? order : strcmp (x->team, y->team);
}

GPtrArray *
lw_narrow_result_affected (LwNarrowResult *self, LwNarrowOption *option)
{
  g_autoptr (LwNarrowCounter) counter = NULL;
  g_autoptr (GHashTable) table = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  GPtrArray *affected = g_ptr_array_new_with_free_func (affected_free);
  GHashTableIter iter;
  gpointer entry;

  g_return_val_if_fail (self != NULL && option != NULL, affected);

  counter = lw_narrow_counter_new (self->plan);
  for (guint i = 0; i < option->exemptions->len; i++)
    {
      LwNarrowExemption *exemption = g_ptr_array_index (option->exemptions, i);
      guint node = lw_narrow_plan_find (self->plan, exemption->scope);

      if (node != LW_NARROW_NONE)
        lw_narrow_count_affected (counter, node, table);
    }
  g_hash_table_iter_init (&iter, table);
  while (g_hash_table_iter_next (&iter, NULL, &entry))
    g_ptr_array_add (affected, entry);
  g_ptr_array_sort (affected, compare_affected);
  return affected;
}
