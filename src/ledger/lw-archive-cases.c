/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "config.h"

#include "lw-archive-private.h"
#include "lw-case-state.h"
#include "lw-thread.h"

#include <glib/gi18n-lib.h>
#include <string.h>

/* Requests that are folded in one go, so that the thread is not taken for long. */
#define SETTLE_AT_ONCE 96

/* --- settling ----------------------------------------------------------------------------------- */

static gboolean
want_seals (LwArchive *self, LwCase *value, GPtrArray *wants, GError **error)
{
  for (guint i = 0; i < value->approvals->len; i++)
    {
      LwApproval *approval = g_ptr_array_index (value->approvals, i);
      g_autofree char *name = NULL;

      if (approval->sealed || !approval->digest)
        continue;

      name = lw_record_seal_name (value->request_id, approval->digest, approval->by->id);
      if (lw_store_name_is_valid (name) && g_hash_table_add (self->asked, g_strdup (name)))
        g_ptr_array_add (wants, lw_want_new (LW_SHELF_SEALS, name, FALSE));
    }

  return TRUE;
}

/* Whether what is kept of the request looks damaged: then the ledger is asked again, once for each state
 * of it, before that is believed. */
static void
suspect (LwArchive *self, LwCase *value, GPtrArray *suspects)
{
  if (lw_case_is_intact (value) ||
      g_strcmp0 (g_hash_table_lookup (self->examined, value->request_id), value->last_sha256) == 0)
    return;

  g_hash_table_insert (self->examined, g_strdup (value->request_id), g_strdup (value->last_sha256));
  g_ptr_array_add (suspects, g_strdup (value->request_id));
}

static gboolean
keep_case (LwArchive *self, LwFold *fold, GError **error)
{
  for (guint i = 0; i < fold->spoilt->len; i++)
    {
      LwCacheObject *object = g_ptr_array_index (fold->spoilt, i);

      if (!lw_cache_spoil (self->cache, object->shelf, object->name, fold->request, object->problem,
                           error))
        return FALSE;
    }

  if (!fold->kept.state)
    return lw_cache_remove_case (self->cache, fold->request, error);

  return lw_cache_put_case (self->cache, &fold->kept, lw_archive_basis (self), error);
}

/* One request, on any thread. */
static void
fold_one (guint i, gpointer data)
{
  LwFold *fold = g_ptr_array_index ((GPtrArray *) data, i);
  LwCacheCase *kept = &fold->kept;

  lw_archive_fold_run (fold);
  if (!fold->value || fold->value->events->len + fold->value->flags->len == 0)
    return;

  kept->request = g_strdup (fold->request);
  kept->generation = fold->generation;
  kept->state = lw_case_freeze (fold->value);
  kept->sum = lw_cache_case_sum (kept->request, kept->generation, kept->state);
  lw_case_describe (fold->value, kept);
}

/* Folds all that were begun, on several threads. */
static gboolean
fold_all (GPtrArray *all, LwThreadEachFunc func, GError **error)
{
  lw_thread_each (all->len, func, all);
  for (guint i = 0; i < all->len; i++)
    {
      LwFold *fold = g_ptr_array_index (all, i);

      if (fold->error)
        {
          g_propagate_error (error, g_steal_pointer (&fold->error));
          return FALSE;
        }
    }

  return TRUE;
}

/* Outside of a transaction, so that no other process waits for it. */
static GPtrArray *
fold_stale (LwArchive *self, gboolean *more, GError **error)
{
  g_autoptr (GPtrArray) all =
      g_ptr_array_new_with_free_func ((GDestroyNotify) lw_archive_fold_free);
  g_autoptr (GArray) generations = NULL;
  g_auto (GStrv) requests = lw_cache_get_stale (self->cache, lw_archive_basis (self),
                                                SETTLE_AT_ONCE, &generations, error);

  if (!requests)
    return NULL;

  for (gsize i = 0; requests[i]; i++)
    {
      LwFold *fold = lw_archive_fold_begin (self, requests[i], error);

      if (!fold)
        return NULL;
      fold->generation = g_array_index (generations, gint64, i);
      g_ptr_array_add (all, fold);
    }
  if (!fold_all (all, fold_one, error))
    return NULL;
  *more = all->len == SETTLE_AT_ONCE;

  return g_steal_pointer (&all);
}

static gboolean
keep_all (LwArchive *self, GPtrArray *all, gboolean *more, GError **error)
{
  for (guint i = 0; i < all->len; i++)
    {
      LwFold *fold = g_ptr_array_index (all, i);

      if (!keep_case (self, fold, error))
        return FALSE;
      *more |= fold->spoilt->len > 0;
    }

  return TRUE;
}

gboolean
lw_archive_settle (LwArchive *self,
                   GPtrArray *wants,
                   GPtrArray *suspects,
                   gboolean *more,
                   GError **error)
{
  g_autoptr (GPtrArray) all = NULL;
  g_autoptr (GError) cause = NULL;

  *more = FALSE;
  if (!lw_archive_open (self, error))
    return FALSE;

  if (!(all = fold_stale (self, more, &cause)) ||
      (all->len > 0 && (!lw_cache_begin (self->cache, &cause) ||
                        !lw_archive_end (self, keep_all (self, all, more, &cause), &cause))))
    {
      lw_archive_failed (self, cause);
      g_propagate_error (error, g_steal_pointer (&cause));
      return FALSE;
    }

  for (guint i = 0; i < all->len; i++)
    {
      LwFold *fold = g_ptr_array_index (all, i);

      suspect (self, fold->value, suspects);
      if (!want_seals (self, fold->value, wants, error))
        return FALSE;
    }

  return TRUE;
}

/* --- giving out --------------------------------------------------------------------------------- */

/* One of those that are given out. */
typedef struct
{
  char *request;
  gint64 generation;
  GBytes *state; /* (nullable): of one that was not given out before */
  char *sum;
  LwCase *value;
  GError *error;
} Given;

static void
given_free (gpointer data)
{
  Given *given = data;

  g_free (given->request);
  g_clear_pointer (&given->state, g_bytes_unref);
  g_free (given->sum);
  g_clear_pointer (&given->value, lw_case_unref);
  g_clear_error (&given->error);
  g_free (given);
}

typedef struct
{
  LwArchive *self;
  GPtrArray *all; /* (element-type Given) */
} Giving;

static gboolean
is_known (const char *request, gint64 generation, gpointer user_data)
{
  Giving *giving = user_data;
  LwKnown *known = g_hash_table_lookup (giving->self->known, request);

  return known && known->generation == generation;
}

static gboolean
give_case (const char *request,
           gint64 generation,
           GBytes *state,
           const char *sum,
           gpointer user_data,
           GError **error)
{
  Giving *giving = user_data;
  Given *given = g_new0 (Given, 1);

  given->request = g_strdup (request);
  given->generation = generation;
  given->sum = g_strdup (sum);
  if (state)
    given->state = g_bytes_ref (state);
  else
    given->value =
        lw_case_ref (((LwKnown *) g_hash_table_lookup (giving->self->known, request))->value);
  g_ptr_array_add (giving->all, given);

  return TRUE;
}

/* On any thread. */
static void
thaw_one (guint i, gpointer data)
{
  Giving *giving = data;
  Given *given = g_ptr_array_index (giving->all, i);

  if (given->value || !lw_cache_case_check (given->request, given->generation, given->state,
                                            given->sum, &given->error))
    return;

  given->value = lw_case_thaw (given->request, given->state, giving->self->rulebook);
  if (!given->value)
    lw_cache_fail_damaged (&given->error, given->request);
  g_clear_pointer (&given->state, g_bytes_unref);
}

/* @cases: what was thawed is added, and remembered. */
static gboolean
take_given (LwArchive *self, Given *given, GPtrArray *cases, GError **error)
{
  LwKnown *known;

  if (!given->value)
    {
      g_propagate_error (error, g_steal_pointer (&given->error));
      return FALSE;
    }

  if (given->sum)
    {
      known = g_new0 (LwKnown, 1);
      known->generation = given->generation;
      known->value = lw_case_ref (given->value);
      g_hash_table_replace (self->known, g_steal_pointer (&given->request), known);
    }
  g_ptr_array_add (cases, g_steal_pointer (&given->value));

  return TRUE;
}

static gboolean
query_cases (LwArchive *self,
             const LwCacheQuery *query,
             GPtrArray *cases,
             guint *total,
             GError **error)
{
  g_autoptr (GPtrArray) all = g_ptr_array_new_with_free_func (given_free);
  Giving giving = { self, all };

  if (!lw_cache_query (self->cache, query, is_known, give_case, &giving, error) ||
      (total && !lw_cache_count (self->cache, query, total, error)))
    return FALSE;

  lw_thread_each (all->len, thaw_one, &giving);
  for (guint i = 0; i < all->len; i++)
    {
      if (!take_given (self, g_ptr_array_index (all, i), cases, error))
        return FALSE;
    }

  return TRUE;
}

GPtrArray *
lw_archive_query (LwArchive *self, const LwCacheQuery *query, guint *total, GError **error)
{
  g_autoptr (GPtrArray) cases = g_ptr_array_new_with_free_func ((GDestroyNotify) lw_case_unref);
  g_autoptr (GError) cause = NULL;

  if (!lw_archive_open (self, error))
    return NULL;

  lw_archive_basis (self);
  if (!query_cases (self, query, cases, total, &cause))
    {
      lw_archive_failed (self, cause);
      g_propagate_error (error, g_steal_pointer (&cause));
      return NULL;
    }

  return g_steal_pointer (&cases);
}

static gboolean
is_unneeded (const char *request, gint64 generation, gpointer user_data)
{
  return TRUE;
}

static gboolean
give_id (const char *request,
         gint64 generation,
         GBytes *state,
         const char *sum,
         gpointer user_data,
         GError **error)
{
  g_ptr_array_add (user_data, g_strdup (request));

  return TRUE;
}

static void
fold_whole (guint i, gpointer data)
{
  lw_archive_fold_run (g_ptr_array_index ((GPtrArray *) data, i));
}

static gboolean
query_whole (LwArchive *self, const LwCacheQuery *query, GPtrArray *cases, GError **error)
{
  g_autoptr (GPtrArray) ids = g_ptr_array_new_with_free_func (g_free);

  if (!lw_cache_query (self->cache, query, is_unneeded, give_id, ids, error))
    return FALSE;

  for (guint i = 0; i < ids->len; i += SETTLE_AT_ONCE)
    {
      g_autoptr (GPtrArray) all =
          g_ptr_array_new_with_free_func ((GDestroyNotify) lw_archive_fold_free);

      for (guint k = i; k < MIN (i + SETTLE_AT_ONCE, ids->len); k++)
        {
          LwFold *fold = lw_archive_fold_begin (self, g_ptr_array_index (ids, k), error);

          if (!fold)
            return FALSE;
          g_ptr_array_add (all, fold);
        }
      if (!fold_all (all, fold_whole, error))
        return FALSE;
      for (guint k = 0; k < all->len; k++)
        g_ptr_array_add (cases, g_steal_pointer (&((LwFold *) g_ptr_array_index (all, k))->value));
    }

  return TRUE;
}

GPtrArray *
lw_archive_query_whole (LwArchive *self, const LwCacheQuery *query, GError **error)
{
  g_autoptr (GPtrArray) cases = g_ptr_array_new_with_free_func ((GDestroyNotify) lw_case_unref);
  g_autoptr (GError) cause = NULL;

  if (!lw_archive_open (self, error))
    return NULL;

  if (!query_whole (self, query, cases, &cause))
    {
      lw_archive_failed (self, cause);
      g_propagate_error (error, g_steal_pointer (&cause));
      return NULL;
    }

  return g_steal_pointer (&cases);
}

static void
add_stray (const char *name, gpointer user_data)
{
  g_strv_builder_take (
      user_data, g_strdup_printf (_ ("The file %s in the ledger belongs to no request"), name));
}

GStrv
lw_archive_get_problems (LwArchive *self, GError **error)
{
  g_autoptr (GStrvBuilder) builder = g_strv_builder_new ();
  GPtrArray *rules = lw_rulebook_get_problems (self->rulebook);
  g_autoptr (GPtrArray) trouble = NULL;

  for (guint i = 0; i < rules->len; i++)
    g_strv_builder_add (builder, g_ptr_array_index (rules, i));

  if (!lw_archive_open (self, error) ||
      !lw_cache_foreach_stray (self->cache, add_stray, builder, error) ||
      !(trouble = lw_cache_get_trouble (self->cache, NULL, error)))
    return NULL;

  for (guint i = 0; i < trouble->len; i++)
    {
      const LwTrouble *one = g_ptr_array_index (trouble, i);

      g_strv_builder_take (
          builder,
          g_strdup_printf (one->kind == LW_TROUBLE_GONE
                               ? _ ("%s/%s was read before, and is gone from the ledger")
                               : _ ("%s/%s was changed in the ledger after it had been read"),
                           lw_shelf_to_string (one->shelf), one->name));
    }

  return g_strv_builder_end (builder);
}
