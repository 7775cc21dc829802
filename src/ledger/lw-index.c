/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "config.h"

#include "lw-ledger-private.h"

/* What lists ask for that read their rows as they come into view. */

/* How often a cache that was replaced is asked again before that is given up. */
#define MAX_TRIES 3

LwCacheQuery
lw_ledger_to_cache_query (const LwLedgerQuery *asked, const char *person, const char *text)
{
  return (LwCacheQuery) {
    .phases = asked->phases,
    .person = person,
    .text = text,
    .offset = asked->offset,
    .limit = asked->limit,
    .live = asked->live,
    .over = asked->over,
    .at = asked->at,
    .since = asked->since,
  };
}

/* --- the index ---------------------------------------------------------------------------------- */

G_DEFINE_BOXED_TYPE (LwLedgerIndex, lw_ledger_index, lw_ledger_index_ref, lw_ledger_index_unref)

static void
index_clear (gpointer data)
{
  LwLedgerIndex *self = data;

  g_clear_pointer (&self->keys, g_free);
}

LwLedgerIndex *
lw_ledger_index_ref (LwLedgerIndex *self)
{
  return g_atomic_rc_box_acquire (self);
}

void
lw_ledger_index_unref (LwLedgerIndex *self)
{
  g_atomic_rc_box_release_full (self, index_clear);
}

typedef struct
{
  LwLedger *self;
  LwLedgerQuery query;
  char *person;
  char *text;
  LwLedgerIndex *index;
} Ask;

static void
ask_free (gpointer data)
{
  Ask *ask = data;

  g_object_unref (ask->self);
  g_free (ask->person);
  g_free (ask->text);
  g_clear_pointer (&ask->index, lw_ledger_index_unref);
  g_free (ask);
}

static void
add_key (const char *request, gint64 generation, gpointer user_data)
{
  LwLedgerKey key = { .generation = generation };

  g_strlcpy (key.request, request, sizeof key.request);
  g_array_append_val ((GArray *) user_data, key);
}

static DexFuture *
index_job (LwArchive *archive, gpointer data)
{
  Ask *ask = data;
  LwCacheQuery query = lw_ledger_to_cache_query (&ask->query, ask->person, ask->text);
  g_autoptr (GArray) keys = g_array_new (FALSE, FALSE, sizeof (LwLedgerKey));
  g_autoptr (GError) error = NULL;

  if (!lw_archive_open (archive, &error) ||
      !lw_cache_query_keys (lw_archive_get_cache (archive), &query, add_key, keys, &error))
    {
      lw_archive_failed (archive, error);
      return dex_future_new_for_error (g_steal_pointer (&error));
    }

  ask->index = g_atomic_rc_box_new0 (LwLedgerIndex);
  ask->index->n = keys->len;
  ask->index->keys = (LwLedgerKey *) (gpointer) g_array_free (g_steal_pointer (&keys), FALSE);

  return dex_future_new_for_boolean (TRUE);
}

/* Runs @job on what is folded, again where the cache had to be replaced. Awaits. */
static gboolean
ask_cache (LwLedger *self, LwArchiveFunc job, gpointer data, GError **error)
{
  g_autoptr (GError) cause = NULL;

  for (guint tries = 0; tries < MAX_TRIES; tries++)
    {
      g_clear_error (&cause);
      if (lw_ledger_settle (self, &cause) && dex_await (lw_ledger_push (self, job, data), &cause))
        return TRUE;
      if (!lw_ledger_lost_cache (cause))
        break;
    }
  g_propagate_error (error, g_steal_pointer (&cause));

  return FALSE;
}

static DexFuture *
index_fiber (gpointer data)
{
  Ask *ask = data;
  g_autoptr (GError) error = NULL;

  if (!ask_cache (ask->self, index_job, ask, &error))
    return dex_future_new_for_error (g_steal_pointer (&error));

  return dex_future_new_take_boxed (LW_TYPE_LEDGER_INDEX, g_steal_pointer (&ask->index));
}

DexFuture *
lw_ledger_query_index (LwLedger *self, const LwLedgerQuery *query)
{
  Ask *ask;

  g_return_val_if_fail (LW_IS_LEDGER (self), NULL);
  g_return_val_if_fail (query != NULL, NULL);

  ask = g_new0 (Ask, 1);
  ask->self = g_object_ref (self);
  ask->query = *query;
  ask->person = g_strdup (query->person);
  ask->text = g_strdup (query->text);

  return lw_ledger_run (self, index_fiber, ask, ask_free);
}

/* --- some cases --------------------------------------------------------------------------------- */

typedef struct
{
  LwLedger *self;
  GStrv requests;
  GPtrArray *cases;
} Some;

static void
some_free (gpointer data)
{
  Some *some = data;

  g_object_unref (some->self);
  g_strfreev (some->requests);
  g_clear_pointer (&some->cases, g_ptr_array_unref);
  g_free (some);
}

static DexFuture *
some_job (LwArchive *archive, gpointer data)
{
  Some *some = data;
  g_autoptr (GError) error = NULL;

  g_clear_pointer (&some->cases, g_ptr_array_unref);
  some->cases = g_ptr_array_new_with_free_func ((GDestroyNotify) lw_case_unref);
  for (gsize i = 0; some->requests[i]; i++)
    {
      LwCacheQuery query = { .text = some->requests[i], .limit = 1 };
      GPtrArray *found = lw_archive_query (archive, &query, NULL, &error);

      if (!found)
        return dex_future_new_for_error (g_steal_pointer (&error));
      g_ptr_array_extend_and_steal (some->cases, found);
    }

  return dex_future_new_for_boolean (TRUE);
}

static DexFuture *
some_fiber (gpointer data)
{
  Some *some = data;
  g_autoptr (GError) error = NULL;

  if (!ask_cache (some->self, some_job, some, &error))
    return dex_future_new_for_error (g_steal_pointer (&error));

  return dex_future_new_take_boxed (G_TYPE_PTR_ARRAY, g_steal_pointer (&some->cases));
}

DexFuture *
lw_ledger_get_cases (LwLedger *self, const char *const *requests)
{
  g_autoptr (GStrvBuilder) ids = g_strv_builder_new ();
  Some *some;

  g_return_val_if_fail (LW_IS_LEDGER (self), NULL);
  g_return_val_if_fail (requests != NULL, NULL);

  /* What is no id would be looked for as words. */
  for (gsize i = 0; requests[i]; i++)
    {
      char *id = lw_ledger_normalize_id (requests[i]);

      if (id)
        g_strv_builder_take (ids, id);
    }

  some = g_new0 (Some, 1);
  some->self = g_object_ref (self);
  some->requests = g_strv_builder_end (ids);

  return lw_ledger_run (self, some_fiber, some, some_free);
}
