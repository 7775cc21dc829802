/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "config.h"

#include "lw-archive-private.h"
#include "lw-case-state.h"

#include <glib/gi18n-lib.h>
#include <string.h>

/* Requests that are folded in one go, so that the thread is not taken for long. */
#define SETTLE_AT_ONCE 48

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
keep_case (LwArchive *self, LwCase *value, gint64 generation, GPtrArray *spoilt, GError **error)
{
  g_auto (LwCacheCase) kept = { .request = g_strdup (value->request_id), .generation = generation };

  for (guint i = 0; i < spoilt->len; i++)
    {
      LwCacheObject *object = g_ptr_array_index (spoilt, i);

      if (!lw_cache_spoil (self->cache, object->shelf, object->name, value->request_id,
                           object->problem, error))
        return FALSE;
    }

  if (value->events->len == 0 && value->flags->len == 0)
    return lw_cache_remove_case (self->cache, value->request_id, error);

  kept.state = lw_case_freeze (value);
  lw_case_describe (value, &kept);

  return lw_cache_put_case (self->cache, &kept, lw_archive_basis (self), error);
}

typedef struct
{
  LwCase *value;
  gint64 generation;
  GPtrArray *spoilt;
} Folded;

static void
folded_free (gpointer data)
{
  Folded *folded = data;

  lw_case_unref (folded->value);
  g_ptr_array_unref (folded->spoilt);
  g_free (folded);
}

/* Outside of a transaction, so that no other process waits for it. */
static GPtrArray *
fold_stale (LwArchive *self, gboolean *more, GError **error)
{
  g_autoptr (GPtrArray) all = g_ptr_array_new_with_free_func (folded_free);
  g_autoptr (GArray) generations = NULL;
  g_auto (GStrv) requests = lw_cache_get_stale (self->cache, lw_archive_basis (self),
                                                SETTLE_AT_ONCE, &generations, error);

  if (!requests)
    return NULL;

  for (gsize i = 0; requests[i]; i++)
    {
      g_autoptr (GPtrArray) spoilt =
          g_ptr_array_new_with_free_func ((GDestroyNotify) lw_cache_object_free);
      LwCase *value = lw_archive_fold_objects (self, requests[i], spoilt, error);
      Folded *folded;

      if (!value)
        return NULL;

      folded = g_new0 (Folded, 1);
      folded->value = value;
      folded->generation = g_array_index (generations, gint64, i);
      folded->spoilt = g_steal_pointer (&spoilt);
      g_ptr_array_add (all, folded);
    }
  *more = all->len == SETTLE_AT_ONCE;

  return g_steal_pointer (&all);
}

static gboolean
keep_all (LwArchive *self, GPtrArray *all, gboolean *more, GError **error)
{
  for (guint i = 0; i < all->len; i++)
    {
      Folded *folded = g_ptr_array_index (all, i);

      if (!keep_case (self, folded->value, folded->generation, folded->spoilt, error))
        return FALSE;
      *more |= folded->spoilt->len > 0;
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
      Folded *folded = g_ptr_array_index (all, i);

      suspect (self, folded->value, suspects);
      if (!want_seals (self, folded->value, wants, error))
        return FALSE;
    }

  return TRUE;
}

/* --- giving out --------------------------------------------------------------------------------- */

typedef struct
{
  LwArchive *self;
  GPtrArray *cases;
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
           gpointer user_data,
           GError **error)
{
  Giving *giving = user_data;
  LwKnown *known;

  if (!state)
    {
      known = g_hash_table_lookup (giving->self->known, request);
      g_ptr_array_add (giving->cases, lw_case_ref (known->value));
      return TRUE;
    }

  known = g_new0 (LwKnown, 1);
  known->generation = generation;
  if (!(known->value = lw_case_thaw (request, state, giving->self->rulebook)))
    {
      g_free (known);
      return lw_cache_fail_damaged (error, request);
    }
  g_hash_table_replace (giving->self->known, g_strdup (request), known);
  g_ptr_array_add (giving->cases, lw_case_ref (known->value));

  return TRUE;
}

GPtrArray *
lw_archive_query (LwArchive *self, const LwCacheQuery *query, guint *total, GError **error)
{
  g_autoptr (GPtrArray) cases = g_ptr_array_new_with_free_func ((GDestroyNotify) lw_case_unref);
  g_autoptr (GError) cause = NULL;
  Giving giving = { self, cases };

  if (!lw_archive_open (self, error))
    return NULL;

  lw_archive_basis (self);
  if (!lw_cache_query (self->cache, query, is_known, give_case, &giving, &cause) ||
      (total && !lw_cache_count (self->cache, query, total, &cause)))
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
give_id (const char *request, gint64 generation, GBytes *state, gpointer user_data, GError **error)
{
  g_ptr_array_add (user_data, g_strdup (request));

  return TRUE;
}

GPtrArray *
lw_archive_query_whole (LwArchive *self, const LwCacheQuery *query, GError **error)
{
  g_autoptr (GPtrArray) cases = g_ptr_array_new_with_free_func ((GDestroyNotify) lw_case_unref);
  g_autoptr (GPtrArray) ids = g_ptr_array_new_with_free_func (g_free);
  g_autoptr (GError) cause = NULL;

  if (!lw_archive_open (self, error))
    return NULL;

  if (!lw_cache_query (self->cache, query, is_unneeded, give_id, ids, &cause))
    {
      lw_archive_failed (self, cause);
      g_propagate_error (error, g_steal_pointer (&cause));
      return NULL;
    }

  for (guint i = 0; i < ids->len; i++)
    {
      LwCase *value = lw_archive_fold (self, g_ptr_array_index (ids, i), error);

      if (!value)
        return NULL;
      g_ptr_array_add (cases, value);
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
