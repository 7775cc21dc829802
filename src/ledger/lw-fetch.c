/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "config.h"

#include "lw-ledger-private.h"

#include <glib/gi18n-lib.h>
#include <string.h>

#define PARALLEL 8
/* What is kept in one go: a transaction of some milliseconds. */
#define BATCH_OBJECTS 200
#define BATCH_BYTES   (1024 * 1024)

/* --- reading many objects ----------------------------------------------------------------------- */

typedef struct
{
  LwLedger *self;
  GPtrArray *wants;
  LwFetchMode mode;
  LwFetched *fetched;
  guint next;
  GPtrArray *batch; /* (element-type LwCacheObject) */
  gsize batch_bytes;
} Fetch;

static void
fetch_clear (gpointer data)
{
  Fetch *fetch = data;

  g_object_unref (fetch->self);
  g_ptr_array_unref (fetch->wants);
  g_ptr_array_unref (fetch->batch);
}

static void
fetch_unref (gpointer data)
{
  g_atomic_rc_box_release_full (data, fetch_clear);
}

static GPtrArray *
new_batch (void)
{
  return g_ptr_array_new_with_free_func ((GDestroyNotify) lw_cache_object_free);
}

typedef struct
{
  GPtrArray *objects;
  guint news;
} Take;

static DexFuture *
take_job (LwArchive *archive, gpointer data)
{
  Take *take = data;
  g_autoptr (GError) error = NULL;

  if (!lw_archive_take (archive, take->objects, &take->news, &error))
    return dex_future_new_for_error (g_steal_pointer (&error));

  return dex_future_new_for_boolean (TRUE);
}

/* Awaits. */
static gboolean
flush (Fetch *fetch, GError **error)
{
  g_autoptr (GPtrArray) objects = g_steal_pointer (&fetch->batch);
  Take take = { objects, 0 };

  fetch->batch = new_batch ();
  fetch->batch_bytes = 0;
  if (objects->len == 0)
    return TRUE;

  if (!dex_await (lw_ledger_push (fetch->self, take_job, &take), error))
    return FALSE;

  fetch->fetched->news += take.news;
  fetch->fetched->done += objects->len;
  g_signal_emit_by_name (fetch->self, "progress", fetch->fetched->done, fetch->fetched->total);

  return TRUE;
}

/* An object that is damaged is kept as such; only a storage that fails stops the reading. */
static gboolean
is_about_object (const GError *error)
{
  return g_error_matches (error, LW_LEDGER_ERROR, LW_LEDGER_ERROR_NOT_FOUND) ||
         g_error_matches (error, LW_LEDGER_ERROR, LW_LEDGER_ERROR_BROKEN);
}

static gboolean
fetch_one (Fetch *fetch, const LwWant *want, GError **error)
{
  g_autoptr (GError) cause = NULL;
  g_autoptr (GBytes) bytes =
      dex_await_boxed (lw_store_get (fetch->self->store, want->shelf, want->name), &cause);
  gboolean absent = g_error_matches (cause, LW_LEDGER_ERROR, LW_LEDGER_ERROR_NOT_FOUND);
  LwCacheObject *object;

  if (!bytes && !is_about_object (cause))
    {
      g_propagate_error (error, g_steal_pointer (&cause));
      return FALSE;
    }

  if (absent && fetch->mode == LW_FETCH_NEW && !want->listed)
    {
      if (fetch->fetched->absent && want->shelf == LW_SHELF_REQUESTS)
        g_ptr_array_add (fetch->fetched->absent, g_strdup (want->name));
      fetch->fetched->done++;
      return TRUE;
    }

  object = lw_cache_object_new (want->shelf, want->name, bytes);
  object->stamp = want->stamp;
  if (cause && !(absent && fetch->mode == LW_FETCH_CONFIRM))
    object->problem = g_strdup (cause->message);
  g_ptr_array_add (fetch->batch, object);
  fetch->batch_bytes += bytes ? g_bytes_get_size (bytes) : 0;

  if (fetch->batch->len >= BATCH_OBJECTS || fetch->batch_bytes >= BATCH_BYTES)
    return flush (fetch, error);

  return TRUE;
}

static DexFuture *
fetch_worker (gpointer data)
{
  Fetch *fetch = data;
  g_autoptr (GError) error = NULL;

  while (fetch->next < fetch->wants->len)
    {
      if (!fetch_one (fetch, g_ptr_array_index (fetch->wants, fetch->next++), &error))
        {
          fetch->next = fetch->wants->len; /* the others stop too */
          return dex_future_new_for_error (g_steal_pointer (&error));
        }
    }

  return dex_future_new_for_boolean (TRUE);
}

gboolean
lw_ledger_fetch (LwLedger *self,
                 GPtrArray *wants,
                 LwFetchMode mode,
                 LwFetched *fetched,
                 GError **error)
{
  g_autoptr (GPtrArray) workers = g_ptr_array_new_with_free_func (dex_unref);
  Fetch *fetch;
  gboolean done;

  if (wants->len == 0)
    return TRUE;

  fetched->total += wants->len;
  fetch = g_atomic_rc_box_new0 (Fetch);
  fetch->self = g_object_ref (self);
  fetch->wants = g_ptr_array_ref (wants);
  fetch->mode = mode;
  fetch->fetched = fetched;
  fetch->batch = new_batch ();
  for (guint i = 0; i < MIN (PARALLEL, wants->len); i++)
    g_ptr_array_add (workers, dex_scheduler_spawn (NULL, LW_LEDGER_STACK_SIZE, fetch_worker,
                                                   g_atomic_rc_box_acquire (fetch), fetch_unref));

  /* What was read before a failure need not be read again. */
  done = lw_ledger_await_all ((DexFuture *const *) workers->pdata, workers->len, error);
  done = flush (fetch, done ? error : NULL) && done;
  fetch_unref (fetch);

  return done;
}

/* --- listings ----------------------------------------------------------------------------------- */

/* The names stay in the futures: a copy of all would be made on the main thread. What is wanted of them
 * is freed where it was made. */
typedef struct
{
  const char *prefix;
  gboolean verify;
  DexFuture *events;
  DexFuture *seals;
  LwDiff *diff;
} Diff;

static const LwListing *
listing_of (DexFuture *listing)
{
  return g_value_get_boxed (dex_future_get_value (listing, NULL));
}

static void
want_all (Diff *diff, LwShelf shelf, const LwListing *listing)
{
  for (guint i = 0; i < listing->objects->len; i++)
    {
      const LwListed *listed = lw_listing_get (listing, i);
      LwWant *want;

      if (listed->stray || !(shelf == LW_SHELF_SEALS ? lw_record_is_seal (listed->name)
                                                     : lw_record_seq_of (listed->name) > 0))
        continue;
      want = lw_want_new (shelf, listed->name, TRUE);
      want->stamp = listed->stamp;
      g_ptr_array_add (diff->diff->wants, want);
    }
}

static DexFuture *
diff_job (LwArchive *archive, gpointer data)
{
  Diff *diff = data;
  g_autoptr (GError) error = NULL;

  diff->diff = lw_archive_diff (archive, diff->prefix, listing_of (diff->events),
                                listing_of (diff->seals), &error);
  if (!diff->diff)
    return dex_future_new_for_error (g_steal_pointer (&error));

  if (diff->verify)
    {
      g_ptr_array_set_size (diff->diff->wants, 0);
      want_all (diff, LW_SHELF_SEALS, listing_of (diff->seals));
      want_all (diff, LW_SHELF_REQUESTS, listing_of (diff->events));
    }

  return dex_future_new_for_boolean (TRUE);
}

static DexFuture *
drop_job (LwArchive *archive, gpointer data)
{
  lw_diff_free (data);

  return dex_future_new_for_boolean (TRUE);
}

gboolean
lw_ledger_read_listing (LwLedger *self,
                        const char *prefix,
                        gboolean verify,
                        LwFetched *fetched,
                        GError **error)
{
  g_autoptr (DexFuture) events = lw_store_survey (self->store, LW_SHELF_REQUESTS, prefix);
  g_autoptr (DexFuture) seals = lw_store_survey (self->store, LW_SHELF_SEALS, prefix);
  Diff job = { prefix, verify, events, seals, NULL };
  gboolean done;

  if (!lw_ledger_await_all ((DexFuture *const[]) { events, seals }, 2, error) ||
      !dex_await (lw_ledger_push (self, diff_job, &job), error))
    return FALSE;

  done = lw_ledger_fetch (self, job.diff->wants, LW_FETCH_NEW, fetched, error) &&
         lw_ledger_fetch (self, job.diff->gone, LW_FETCH_CONFIRM, fetched, error);
  dex_future_disown (lw_ledger_push (self, drop_job, job.diff));

  return done;
}

/* --- cases -------------------------------------------------------------------------------------- */

static DexFuture *
fold_job (LwArchive *archive, gpointer data)
{
  g_autoptr (GError) error = NULL;
  LwCase *value = lw_archive_fold (archive, data, &error);

  if (!value)
    return dex_future_new_for_error (g_steal_pointer (&error));

  return dex_future_new_take_boxed (LW_TYPE_CASE, value);
}

LwCase *
lw_ledger_fold (LwLedger *self, const char *request_id, GError **error)
{
  return dex_await_boxed (lw_ledger_push (self, fold_job, (gpointer) request_id), error);
}

LwCase *
lw_ledger_read_case (LwLedger *self, const char *request_id, GError **error)
{
  g_autofree char *prefix = g_strconcat (request_id, "/", NULL);
  g_autoptr (LwCase) value = NULL;

  for (guint tries = 0; !value; tries++)
    {
      g_autoptr (GError) cause = NULL;
      LwFetched fetched = { 0 };

      if (lw_ledger_read_listing (self, prefix, FALSE, &fetched, &cause))
        value = lw_ledger_fold (self, request_id, &cause);
      /* Damage may be that of what is kept: then all of it is read and compared. */
      if (value && !lw_case_is_intact (value) && tries == 0 &&
          lw_ledger_read_listing (self, prefix, TRUE, &fetched, &cause))
        {
          g_clear_pointer (&value, lw_case_unref);
          value = lw_ledger_fold (self, request_id, &cause);
        }
      if (!value && !(lw_ledger_lost_cache (cause) && tries < 2))
        {
          g_propagate_error (error, g_steal_pointer (&cause));
          return NULL;
        }
    }

  return g_steal_pointer (&value);
}

gboolean
lw_ledger_take (LwLedger *self, LwShelf shelf, const char *name, GBytes *bytes, GError **error)
{
  g_autoptr (GPtrArray) objects = new_batch ();
  Take take = { objects, 0 };

  g_ptr_array_add (objects, lw_cache_object_new (shelf, name, bytes));

  return dex_await (lw_ledger_push (self, take_job, &take), error);
}

/* --- rules -------------------------------------------------------------------------------------- */

static DexFuture *
next_rules_job (LwArchive *archive, gpointer data)
{
  g_autoptr (GError) error = NULL;

  if (!lw_archive_open (archive, &error))
    return dex_future_new_for_error (g_steal_pointer (&error));

  return dex_future_new_for_uint (lw_rulebook_next_seq (lw_archive_get_rulebook (archive)));
}

typedef struct
{
  guint seq;
  GBytes *bytes;
} TakeRules;

static DexFuture *
take_rules_job (LwArchive *archive, gpointer data)
{
  TakeRules *take = data;
  g_autoptr (GError) error = NULL;

  /* Another reading may have taken it while this one waited. */
  if (lw_archive_open (archive, &error) &&
      lw_rulebook_next_seq (lw_archive_get_rulebook (archive)) == take->seq)
    lw_archive_take_rules (archive, take->bytes, &error);

  return error ? dex_future_new_for_error (g_steal_pointer (&error))
               : dex_future_new_for_boolean (TRUE);
}

static gboolean
read_entry (LwLedger *self, guint seq, const char *listed, GError **error)
{
  g_autofree char *name = g_strdup_printf ("%06u.json", seq);
  g_autoptr (GError) cause = NULL;
  g_autoptr (GBytes) bytes =
      dex_await_boxed (lw_store_get (self->store, LW_SHELF_RULES, name), &cause);
  TakeRules take = { seq, bytes };

  if (g_error_matches (cause, LW_LEDGER_ERROR, LW_LEDGER_ERROR_NOT_FOUND))
    {
      g_set_error (error, LW_LEDGER_ERROR, LW_LEDGER_ERROR_BROKEN,
                   _ ("The organisation’s rules in the ledger are damaged: there is "
                      "%s, but no entry %u before it"),
                   listed, seq);
      return FALSE;
    }
  if (!bytes)
    {
      g_propagate_error (error, g_steal_pointer (&cause));
      return FALSE;
    }

  return dex_await (lw_ledger_push (self, take_rules_job, &take), error);
}

/* Those that were read before are read again, to be compared. */
static gboolean
verify_rules (LwLedger *self, guint next, GError **error)
{
  g_autoptr (GPtrArray) wants = g_ptr_array_new_with_free_func ((GDestroyNotify) lw_want_free);
  LwFetched fetched = { 0 };

  for (guint seq = 1; seq < next; seq++)
    {
      g_autofree char *name = g_strdup_printf ("%06u.json", seq);

      g_ptr_array_add (wants, lw_want_new (LW_SHELF_RULES, name, FALSE));
    }

  return lw_ledger_fetch (self, wants, LW_FETCH_CONFIRM, &fetched, error);
}

typedef struct
{
  DexFuture *listing;
  gboolean whole;
  LwDiff *diff;
} DiffRules;

static DexFuture *
diff_rules_job (LwArchive *archive, gpointer data)
{
  DiffRules *job = data;
  g_autoptr (GError) error = NULL;

  job->diff = lw_archive_diff_rules (archive, listing_of (job->listing), job->whole, &error);

  return job->diff ? dex_future_new_for_boolean (TRUE)
                   : dex_future_new_for_error (g_steal_pointer (&error));
}

/* Those that the listing says were written again. */
static gboolean
compare_rules (LwLedger *self, DexFuture *listing, gboolean whole, GError **error)
{
  DiffRules job = { listing, whole, NULL };
  g_autoptr (LwDiff) diff = NULL;
  LwFetched fetched = { 0 };

  if (!dex_await (lw_ledger_push (self, diff_rules_job, &job), error))
    return FALSE;
  diff = job.diff;

  return lw_ledger_fetch (self, diff->wants, LW_FETCH_CONFIRM, &fetched, error) &&
         lw_ledger_fetch (self, diff->gone, LW_FETCH_CONFIRM, &fetched, error);
}

gboolean
lw_ledger_read_rules (LwLedger *self, LwSyncKind kind, GError **error)
{
  g_autoptr (DexFuture) listing = lw_store_survey (self->store, LW_SHELF_RULES, "");
  g_auto (GStrv) names = NULL;
  g_autoptr (GError) cause = NULL;
  guint next;

  if (!lw_ledger_await_all (&listing, 1, error))
    return FALSE;

  names = lw_listing_dup_names (listing_of (listing));
  next = dex_await_uint (lw_ledger_push (self, next_rules_job, NULL), &cause);
  if (cause)
    {
      g_propagate_error (error, g_steal_pointer (&cause));
      return FALSE;
    }
  if (!(kind == LW_SYNC_VERIFY ? verify_rules (self, next, error)
                               : compare_rules (self, listing, kind == LW_SYNC_ALL, error)))
    return FALSE;

  for (gsize i = 0; names[i]; i++)
    {
      g_autofree char *expected = g_strdup_printf ("%06u.json", next);

      if (strcmp (names[i], expected) < 0)
        continue; /* read before */
      if (!read_entry (self, next, names[i], error))
        return FALSE;
      next++;
    }

  return TRUE;
}
