/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "config.h"

#include "lw-ledger-private.h"

#include <glib/gi18n-lib.h>

#define HOUR ((gint64) 60 * 60 * G_USEC_PER_SEC)
/* Markers are found by the hour that their writer's clock showed. Those of the hours around the last
 * sync are listed again, so that a clock may be wrong by as much; a wider error, and a marker that was
 * never written, are mended by the full listing once a day. */
#define BEHIND (6 * HOUR)
#define AHEAD  (2 * HOUR)
#define DAY    (24 * HOUR)
/* A clock that was set back by less is not worth a full listing. */
#define SET_BACK ((gint64) 5 * 60 * G_USEC_PER_SEC)
/* How often a cache that was replaced is filled again before that is given up. */
#define MAX_TRIES 3
/* Rounds of reading what folding asked for: seals, and requests that look damaged. */
#define MAX_ROUNDS 4

typedef struct
{
  LwLedger *self;
  LwSyncKind kind;
  DexFuture *after; /* (nullable): the sync before */
  DexFuture *own;   /* (unowned): what waits for this one */
  gint64 started;
  LwFetched fetched;
} Sync;

static void
sync_free (gpointer data)
{
  Sync *sync = data;

  g_object_unref (sync->self);
  dex_clear (&sync->after);
  g_free (sync);
}

/* --- what has to be done ------------------------------------------------------------------------ */

typedef struct
{
  gint64 synced_at;
  gint64 listed_at;
  LwCacheMark mark;
} Times;

static DexFuture *
times_job (LwArchive *archive, gpointer data)
{
  Times *times = data;
  g_autoptr (GError) error = NULL;
  LwCache *cache;

  if (lw_archive_open (archive, &error))
    {
      cache = lw_archive_get_cache (archive);
      if (lw_cache_get_number (cache, "synced-at", &times->synced_at, &error) &&
          lw_cache_get_number (cache, "listed-at", &times->listed_at, &error) &&
          lw_cache_mark (cache, &times->mark, &error))
        return dex_future_new_for_boolean (TRUE);
      lw_archive_failed (archive, error);
    }

  return dex_future_new_for_error (g_steal_pointer (&error));
}

static gboolean
is_due (const Times *times, gint64 now)
{
  return times->listed_at == 0 || now - times->listed_at > DAY ||
         times->listed_at - now > SET_BACK || times->synced_at - now > SET_BACK;
}

typedef struct
{
  gint64 started;
  gboolean listed;
  LwCacheMark mark;
  LwSyncCounts *counts;
} Finish;

static gboolean
set_times (LwCache *cache, const Finish *finish, GError **error)
{
  return lw_cache_set_number (cache, "synced-at", finish->started, error) &&
         (!finish->listed || lw_cache_set_number (cache, "listed-at", finish->started, error));
}

static DexFuture *
finish_job (LwArchive *archive, gpointer data)
{
  Finish *finish = data;
  LwCache *cache;
  g_autoptr (GError) error = NULL;
  gboolean done;

  if (!lw_archive_open (archive, &error))
    return dex_future_new_for_error (g_steal_pointer (&error));

  cache = lw_archive_get_cache (archive);
  done = lw_cache_begin (cache, &error);
  if (done)
    {
      done = set_times (cache, finish, &error);
      done = lw_cache_end (cache, done, done ? &error : NULL) && done &&
             lw_cache_counts (cache, &finish->mark, finish->counts, &error);
    }
  if (!done)
    {
      lw_archive_failed (archive, error);
      return dex_future_new_for_error (g_steal_pointer (&error));
    }

  return dex_future_new_for_boolean (TRUE);
}

/* --- the log ------------------------------------------------------------------------------------ */

/* Ten hours of a day are one prefix: "2027-01-31/0", "2027-01-31/1", "2027-01-31/2".
 * (element-type utf8) (transfer full) */
static GPtrArray *
marker_prefixes (gint64 from, gint64 to)
{
  GPtrArray *prefixes = g_ptr_array_new_with_free_func (g_free);
  g_autofree char *last = NULL;

  for (gint64 at = from; at <= to + HOUR; at += HOUR)
    {
      g_autoptr (GDateTime) hour = g_date_time_new_from_unix_utc_usec (MIN (at, to));
      g_autofree char *day = g_date_time_format (hour, "%Y-%m-%d");
      g_autofree char *prefix = g_strdup_printf ("%s/%d", day, g_date_time_get_hour (hour) / 10);

      if (g_set_str (&last, prefix))
        g_ptr_array_add (prefixes, g_steal_pointer (&prefix));
    }

  return prefixes;
}

typedef struct
{
  GPtrArray *listings; /* (element-type DexFuture) */
  LwDiff *diff;
  GStrv requests;
} Markers;

static void
markers_clear (Markers *markers)
{
  g_clear_pointer (&markers->listings, g_ptr_array_unref);
  g_clear_pointer (&markers->diff, lw_diff_free);
  g_clear_pointer (&markers->requests, g_strfreev);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Markers, markers_clear)

static DexFuture *
markers_job (LwArchive *archive, gpointer data)
{
  Markers *markers = data;
  g_autoptr (GPtrArray) names = g_ptr_array_new_null_terminated (64, NULL, TRUE);
  g_autoptr (GError) error = NULL;

  for (guint i = 0; i < markers->listings->len; i++)
    {
      DexFuture *listing = g_ptr_array_index (markers->listings, i);
      const char *const *listed = g_value_get_boxed (dex_future_get_value (listing, NULL));

      for (gsize k = 0; listed[k]; k++)
        g_ptr_array_add (names, (gpointer) listed[k]);
    }

  markers->diff = lw_archive_diff_markers (archive, (const char *const *) names->pdata,
                                           &markers->requests, &error);
  if (!markers->diff)
    return dex_future_new_for_error (g_steal_pointer (&error));

  return dex_future_new_for_boolean (TRUE);
}

static DexFuture *
ghosts_job (LwArchive *archive, gpointer data)
{
  GPtrArray *absent = data;
  gboolean news = FALSE;

  for (guint i = 0; i < absent->len; i++)
    news |= lw_archive_add_ghost (archive, g_ptr_array_index (absent, i));

  return dex_future_new_for_boolean (news);
}

/* Reads what the log names since the last sync. @contradicts: the log names what is not there, so that
 * a full listing is due. Awaits. */
static gboolean
read_markers (Sync *sync, const Times *times, gboolean *contradicts, GError **error)
{
  LwLedger *self = sync->self;
  g_autoptr (GPtrArray) prefixes =
      marker_prefixes (MIN (times->synced_at, sync->started) - BEHIND, sync->started + AHEAD);
  g_autoptr (GPtrArray) absent = g_ptr_array_new_with_free_func (g_free);
  g_auto (Markers) markers = { .listings = g_ptr_array_new_with_free_func (dex_unref) };
  gboolean done;

  for (guint i = 0; i < prefixes->len; i++)
    g_ptr_array_add (markers.listings,
                     lw_store_list (self->store, LW_SHELF_LOG, g_ptr_array_index (prefixes, i)));
  if (!lw_ledger_await_all ((DexFuture *const *) markers.listings->pdata, markers.listings->len,
                            error) ||
      !dex_await (lw_ledger_push (self, markers_job, &markers), error))
    return FALSE;

  sync->fetched.absent = absent;
  done = lw_ledger_fetch (self, markers.diff->wants, LW_FETCH_NEW, &sync->fetched, error);
  for (gsize i = 0; done && markers.requests[i]; i++)
    {
      g_autofree char *prefix = g_strconcat (markers.requests[i], "/", NULL);

      done = lw_ledger_read_listing (self, prefix, FALSE, &sync->fetched, error);
    }
  sync->fetched.absent = NULL;
  if (done && absent->len > 0)
    *contradicts = dex_await_boolean (lw_ledger_push (self, ghosts_job, absent), NULL);

  return done;
}

/* --- folding ------------------------------------------------------------------------------------ */

typedef struct
{
  GPtrArray *wants;
  GPtrArray *suspects;
  gboolean more;
} Settle;

static DexFuture *
settle_job (LwArchive *archive, gpointer data)
{
  Settle *settle = data;
  g_autoptr (GError) error = NULL;

  if (!lw_archive_settle (archive, settle->wants, settle->suspects, &settle->more, &error))
    return dex_future_new_for_error (g_steal_pointer (&error));

  return dex_future_new_for_boolean (TRUE);
}

/* Folds what changed. With @ask, what that calls for is read: seals that the log does not name, and all
 * of a request that looks damaged. Awaits. */
static gboolean
settle (LwLedger *self, LwFetched *fetched, gboolean ask, GError **error)
{
  for (guint round = 0; round < MAX_ROUNDS; round++)
    {
      g_autoptr (GPtrArray) wants = g_ptr_array_new_with_free_func ((GDestroyNotify) lw_want_free);
      g_autoptr (GPtrArray) suspects = g_ptr_array_new_with_free_func (g_free);
      Settle job = { wants, suspects, FALSE };

      do
        {
          if (!dex_await (lw_ledger_push (self, settle_job, &job), error))
            return FALSE;
        }
      while (job.more);

      if (!ask || wants->len + suspects->len == 0)
        return TRUE;
      if (!lw_ledger_fetch (self, wants, LW_FETCH_NEW, fetched, error))
        return FALSE;
      for (guint i = 0; i < suspects->len; i++)
        {
          g_autofree char *prefix = g_strconcat (g_ptr_array_index (suspects, i), "/", NULL);

          if (!lw_ledger_read_listing (self, prefix, TRUE, fetched, error))
            return FALSE;
        }
    }

  return TRUE;
}

gboolean
lw_ledger_settle (LwLedger *self, GError **error)
{
  LwFetched none = { 0 };

  return settle (self, &none, FALSE, error);
}

/* --- syncing ------------------------------------------------------------------------------------ */

static gboolean
sync_once (Sync *sync, GError **error)
{
  LwLedger *self = sync->self;
  Times times = { 0 };
  LwSyncCounts counts = { 0 };
  Finish finish;
  LwSyncKind kind;
  g_autoptr (GError) cause = NULL;
  gboolean contradicts = FALSE;

  sync->started = lw_ledger_now (self);
  if (!dex_await (lw_ledger_push (self, times_job, &times), error))
    return FALSE;
  kind = sync->kind == LW_SYNC_NEW && is_due (&times, sync->started) ? LW_SYNC_ALL : sync->kind;

  /* Broken rules hinder decisions, not reading. */
  if (!lw_ledger_read_rules (self, kind, &cause) &&
      !g_error_matches (cause, LW_LEDGER_ERROR, LW_LEDGER_ERROR_BROKEN))
    {
      g_propagate_error (error, g_steal_pointer (&cause));
      return FALSE;
    }
  g_clear_error (&cause);

  if (kind == LW_SYNC_NEW && !read_markers (sync, &times, &contradicts, &cause))
    {
      if (!g_error_matches (cause, LW_LEDGER_ERROR, LW_LEDGER_ERROR_REFUSED))
        {
          g_propagate_error (error, g_steal_pointer (&cause));
          return FALSE;
        }
      contradicts = TRUE; /* the log may not be read: it goes without */
    }
  if (contradicts)
    kind = LW_SYNC_ALL;
  if (kind != LW_SYNC_NEW &&
      !lw_ledger_read_listing (self, "", kind == LW_SYNC_VERIFY, &sync->fetched, error))
    return FALSE;

  finish = (Finish) { sync->started, kind != LW_SYNC_NEW, times.mark, &counts };
  if (!settle (self, &sync->fetched, TRUE, error) ||
      !dex_await (lw_ledger_push (self, finish_job, &finish), error))
    return FALSE;
  self->counts = counts;

  return lw_ledger_update (self, error);
}

static DexFuture *
sync_fiber (gpointer data)
{
  Sync *sync = data;
  LwLedger *self = sync->self;
  g_autoptr (GError) error = NULL;

  if (sync->after)
    dex_await (g_steal_pointer (&sync->after), NULL);
  if (self->waiting == sync->own)
    dex_clear (&self->waiting);

  for (guint tries = 0; !sync_once (sync, &error); tries++)
    {
      if (!lw_ledger_lost_cache (error) || tries + 1 == MAX_TRIES)
        break;
      g_clear_error (&error);
    }

  g_clear_error (&self->sync_error);
  if (error)
    {
      self->sync_error = g_error_copy (error);
      return dex_future_new_for_error (g_steal_pointer (&error));
    }

  g_signal_emit_by_name (self, "synced", sync->fetched.news);

  return dex_future_new_for_uint (sync->fetched.news);
}

DexFuture *
lw_ledger_sync (LwLedger *self, LwSyncKind kind)
{
  Sync *sync;

  g_return_val_if_fail (LW_IS_LEDGER (self), NULL);
  g_return_val_if_fail (kind <= LW_SYNC_VERIFY, NULL);

  /* One that has not begun will see what is there now. */
  if (self->waiting && kind <= self->waiting_kind)
    return dex_ref (self->waiting);

  sync = g_new0 (Sync, 1);
  sync->self = g_object_ref (self);
  sync->kind = kind;
  sync->after = g_steal_pointer (&self->last_sync);
  sync->own = lw_ledger_run (self, sync_fiber, sync, sync_free);

  dex_clear (&self->waiting);
  self->waiting = dex_ref (sync->own);
  self->waiting_kind = kind;
  self->last_sync = dex_ref (sync->own);

  return sync->own;
}

/* --- what is kept ------------------------------------------------------------------------------- */

G_DEFINE_BOXED_TYPE (LwLedgerPage, lw_ledger_page, lw_ledger_page_ref, lw_ledger_page_unref)

static void
page_clear (gpointer data)
{
  LwLedgerPage *self = data;

  g_clear_pointer (&self->cases, g_ptr_array_unref);
}

LwLedgerPage *
lw_ledger_page_ref (LwLedgerPage *self)
{
  return g_atomic_rc_box_acquire (self);
}

void
lw_ledger_page_unref (LwLedgerPage *self)
{
  g_atomic_rc_box_release_full (self, page_clear);
}

typedef struct
{
  LwLedger *self;
  LwCacheQuery query;
  char *person;
  char *text;
  gboolean sync;  /* first */
  gboolean plain; /* the cases alone */
  gboolean whole; /* with all of their events */
  LwLedgerPage *page;
} Query;

static void
query_free (gpointer data)
{
  Query *query = data;

  g_object_unref (query->self);
  g_free (query->person);
  g_free (query->text);
  g_clear_pointer (&query->page, lw_ledger_page_unref);
  g_free (query);
}

static DexFuture *
query_job (LwArchive *archive, gpointer data)
{
  Query *query = data;
  g_autoptr (GError) error = NULL;

  if (query->whole)
    query->page->cases = lw_archive_query_whole (archive, &query->query, &error);
  else
    query->page->cases = lw_archive_query (archive, &query->query,
                                           query->plain ? NULL : &query->page->total, &error);
  if (!query->page->cases)
    return dex_future_new_for_error (g_steal_pointer (&error));

  return dex_future_new_for_boolean (TRUE);
}

/* What is in the cache, folded. Awaits. */
static gboolean
answer (Query *query, GError **error)
{
  g_clear_pointer (&query->page, lw_ledger_page_unref);
  query->page = g_atomic_rc_box_new0 (LwLedgerPage);

  return lw_ledger_settle (query->self, error) &&
         dex_await (lw_ledger_push (query->self, query_job, query), error);
}

/* Whether there ever was a full listing, so that the cache can stand for the ledger. Awaits. */
static gboolean
ever_listed (LwLedger *self)
{
  Times times = { 0 };

  return dex_await (lw_ledger_push (self, times_job, &times), NULL) && times.listed_at > 0;
}

static DexFuture *
query_fiber (gpointer data)
{
  Query *query = data;
  LwLedger *self = query->self;
  g_autoptr (GError) error = NULL;

  for (guint tries = 0; tries < MAX_TRIES; tries++)
    {
      g_clear_error (&error);
      if (query->sync && !dex_await (lw_ledger_sync (self, LW_SYNC_NEW), &error) &&
          !ever_listed (self))
        break;
      g_clear_error (&error);
      if (answer (query, &error) || !lw_ledger_lost_cache (error))
        break;
    }
  if (!error)
    lw_ledger_update (self, &error);
  if (error)
    return dex_future_new_for_error (g_steal_pointer (&error));

  if (query->plain)
    return dex_future_new_take_boxed (G_TYPE_PTR_ARRAY, g_steal_pointer (&query->page->cases));

  return dex_future_new_take_boxed (LW_TYPE_LEDGER_PAGE, g_steal_pointer (&query->page));
}

static DexFuture *
run_query (LwLedger *self,
           const LwLedgerQuery *asked,
           gboolean sync,
           gboolean plain,
           gboolean whole)
{
  Query *query = g_new0 (Query, 1);

  query->self = g_object_ref (self);
  query->person = g_strdup (asked->person);
  query->text = g_strdup (asked->text);
  query->query = lw_ledger_to_cache_query (asked, query->person, query->text);
  query->sync = sync;
  query->plain = plain;
  query->whole = whole;

  return lw_ledger_run (self, query_fiber, query, query_free);
}

DexFuture *
lw_ledger_list_cases (LwLedger *self)
{
  g_return_val_if_fail (LW_IS_LEDGER (self), NULL);

  return run_query (self, &(LwLedgerQuery) { 0 }, TRUE, TRUE, FALSE);
}

DexFuture *
lw_ledger_list_whole_cases (LwLedger *self)
{
  g_return_val_if_fail (LW_IS_LEDGER (self), NULL);

  return run_query (self, &(LwLedgerQuery) { 0 }, TRUE, TRUE, TRUE);
}

DexFuture *
lw_ledger_query (LwLedger *self, const LwLedgerQuery *query)
{
  g_return_val_if_fail (LW_IS_LEDGER (self), NULL);
  g_return_val_if_fail (query != NULL, NULL);

  return run_query (self, query, FALSE, FALSE, FALSE);
}

DexFuture *
lw_ledger_search (LwLedger *self, const char *text, guint limit)
{
  g_return_val_if_fail (LW_IS_LEDGER (self), NULL);
  g_return_val_if_fail (text != NULL, NULL);

  return run_query (self, &(LwLedgerQuery) { .text = text, .limit = limit }, FALSE, TRUE, FALSE);
}
