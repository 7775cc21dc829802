/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "config.h"

#include "lw-archive-private.h"

#include <glib/gi18n-lib.h>
#include <string.h>

/* A listing that runs while somebody appends may miss an entry; more than a few are a real gap. */
#define MAX_MISSED 16

#define ID_LENGTH  36
#define SEQ_DIGITS 6

LwWant *
lw_want_new (LwShelf shelf, const char *name, gboolean listed)
{
  LwWant *self = g_new0 (LwWant, 1);

  self->shelf = shelf;
  self->name = g_strdup (name);
  self->listed = listed;

  return self;
}

void
lw_want_free (LwWant *self)
{
  g_free (self->name);
  g_free (self);
}

LwDiff *
lw_diff_new (void)
{
  LwDiff *self = g_new0 (LwDiff, 1);

  self->wants = g_ptr_array_new_with_free_func ((GDestroyNotify) lw_want_free);
  self->gone = g_ptr_array_new_with_free_func ((GDestroyNotify) lw_want_free);

  return self;
}

void
lw_diff_free (LwDiff *self)
{
  if (!self)
    return;

  g_ptr_array_unref (self->wants);
  g_ptr_array_unref (self->gone);
  g_free (self);
}

/* --- listings ----------------------------------------------------------------------------------- */

/* Walks a listing and what is kept side by side, both sorted. */
typedef struct
{
  LwArchive *self;
  LwShelf shelf;
  const LwListing *listing;
  guint next;     /* in the listing */
  gboolean whole; /* the shelf, not a request */
  LwDiff *diff;
  GPtrArray *lost;   /* (element-type utf8): kept, never read, and no longer listed */
  GPtrArray *strays; /* (element-type utf8): listed, no entries, and new */
  guint matched;
  guint kept;
  char *request; /* of the last event listed */
  guint seq;
} Walk;

static gboolean
may_be_entry (LwShelf shelf, const char *name)
{
  return shelf == LW_SHELF_SEALS ? lw_record_is_seal (name) : lw_record_seq_of (name) > 0;
}

/* Entries that the listing lacks before this one. */
static void
want_missed (Walk *walk, const char *name)
{
  g_autofree char *request = NULL;
  guint seq;

  if (walk->shelf != LW_SHELF_REQUESTS || (seq = lw_record_seq_of (name)) == 0)
    return;

  request = lw_record_request_of (name);
  if (g_set_str (&walk->request, request))
    walk->seq = 0;
  for (guint i = walk->seq + 1; i < seq && seq - walk->seq <= MAX_MISSED + 1; i++)
    {
      g_autofree char *missed = lw_record_event_name (request, i);

      g_ptr_array_add (walk->diff->wants, lw_want_new (walk->shelf, missed, FALSE));
    }
  walk->seq = seq;
}

/* What was read without a listing has no stamp: the next full listing reads it once more. */
static gboolean
is_rewritten (const Walk *walk, const LwListed *listed, guint64 stamp)
{
  return listed->stamp != 0 && listed->stamp != stamp && (walk->whole || stamp != 0);
}

static void
walk_listed (Walk *walk, gboolean known, gboolean read, guint64 stamp)
{
  const LwListed *listed = lw_listing_get (walk->listing, walk->next++);
  const char *name = listed->name;

  if (!listed->stray)
    want_missed (walk, name);
  if (read && !is_rewritten (walk, listed, stamp))
    return;

  if (!listed->stray && (walk->shelf == LW_SHELF_RULES ? read : may_be_entry (walk->shelf, name)))
    {
      LwWant *want = lw_want_new (walk->shelf, name, TRUE);

      want->stamp = listed->stamp;
      g_ptr_array_add (walk->diff->wants, want);
    }
  else if (!known && walk->shelf == LW_SHELF_REQUESTS)
    g_ptr_array_add (walk->strays, g_strdup (name));
}

static void
walk_kept (const char *name, gboolean read, guint64 stamp, gpointer user_data)
{
  Walk *walk = user_data;
  guint n = walk->listing->objects->len;
  int order = 1;

  walk->kept += read;
  while (walk->next < n &&
         (order = strcmp (lw_listing_get (walk->listing, walk->next)->name, name)) < 0)
    walk_listed (walk, FALSE, FALSE, 0);

  if (walk->next < n && order == 0)
    {
      walk->matched += read;
      walk_listed (walk, TRUE, read, stamp);
    }
  else if (read)
    g_ptr_array_add (walk->diff->gone, lw_want_new (walk->shelf, name, FALSE));
  else
    g_ptr_array_add (walk->lost, g_strdup (name));
}

/* Notes what is there and is no entry, and forgets what was so and is there no more. */
static gboolean
note_strays (Walk *walk, GError **error)
{
  LwCache *cache = walk->self->cache;

  for (guint i = 0; i < walk->lost->len; i++)
    {
      const char *name = g_ptr_array_index (walk->lost, i);
      g_autofree char *request = lw_record_request_of (name);

      if (!lw_cache_spoil (cache, walk->shelf, name, request, NULL, error))
        return FALSE;
    }
  for (guint i = 0; i < walk->strays->len; i++)
    {
      const char *name = g_ptr_array_index (walk->strays, i);
      g_autofree char *request = lw_record_request_of (name);
      g_autoptr (LwCacheObject) object = lw_cache_object_new (walk->shelf, name, NULL);
      LwCachePut result;

      if (!lw_cache_put (cache, object, request, &result, error))
        return FALSE;
    }

  return TRUE;
}

static gboolean
walk_shelf (LwArchive *self,
            LwShelf shelf,
            const char *prefix,
            gboolean whole,
            const LwListing *listing,
            LwDiff *diff,
            guint *kept,
            guint *matched,
            GError **error)
{
  g_autoptr (GPtrArray) lost = g_ptr_array_new_with_free_func (g_free);
  g_autoptr (GPtrArray) strays = g_ptr_array_new_with_free_func (g_free);
  Walk walk = {
    .self = self,
    .shelf = shelf,
    .listing = listing,
    .whole = whole,
    .diff = diff,
    .lost = lost,
    .strays = strays,
  };
  gboolean done = lw_cache_foreach_name (self->cache, shelf, prefix, walk_kept, &walk, error);

  while (done && walk.next < listing->objects->len)
    walk_listed (&walk, FALSE, FALSE, 0);
  g_free (walk.request);
  *kept = walk.kept;
  *matched = walk.matched;

  if (!done || lost->len + strays->len == 0)
    return done;

  return lw_cache_begin (self->cache, error) &&
         lw_archive_end (self, note_strays (&walk, error), error);
}

/* An empty folder may be a share that is not connected; a ledger with other requests only is another
 * ledger. */
static gboolean
check_same (const LwListing *events, guint kept, guint matched, GError **error)
{
  if (kept == 0 || matched > 0)
    return TRUE;

  if (events->objects->len > 0)
    g_set_error_literal (error, LW_CACHE_ERROR, LW_CACHE_ERROR_FOREIGN,
                         _ ("The ledger holds nothing of what was read from it before"));
  else
    g_set_error (error, LW_LEDGER_ERROR, LW_LEDGER_ERROR_UNREACHABLE,
                 ngettext ("The ledger is empty, though %u entry was read from it before. If it is "
                           "on a share, connect it",
                           "The ledger is empty, though %u entries were read from it before. If it "
                           "is on a share, connect it",
                           kept),
                 kept);

  return FALSE;
}

LwDiff *
lw_archive_diff (LwArchive *self,
                 const char *prefix,
                 const LwListing *events,
                 const LwListing *seals,
                 GError **error)
{
  g_autoptr (LwDiff) diff = lw_diff_new ();
  g_autoptr (GError) cause = NULL;
  guint kept, matched;

  if (!lw_archive_open (self, error))
    return NULL;

  /* The cache is looked at as a whole as often as the ledger is. Seals come first: with them an
   * approval folds to what it is at once. */
  if ((!*prefix && !lw_cache_check (self->cache, &cause)) ||
      !walk_shelf (self, LW_SHELF_SEALS, prefix, !*prefix, seals, diff, &kept, &matched, &cause) ||
      !walk_shelf (self, LW_SHELF_REQUESTS, prefix, !*prefix, events, diff, &kept, &matched,
                   &cause) ||
      (!*prefix && !check_same (events, kept, matched, &cause)))
    {
      lw_archive_failed (self, cause);
      g_propagate_error (error, g_steal_pointer (&cause));
      return NULL;
    }

  return g_steal_pointer (&diff);
}

LwDiff *
lw_archive_diff_rules (LwArchive *self, const LwListing *rules, gboolean whole, GError **error)
{
  g_autoptr (LwDiff) diff = lw_diff_new ();
  g_autoptr (GError) cause = NULL;
  guint kept, matched;

  if (!lw_archive_open (self, error))
    return NULL;

  if (!walk_shelf (self, LW_SHELF_RULES, "", whole, rules, diff, &kept, &matched, &cause))
    {
      lw_archive_failed (self, cause);
      g_propagate_error (error, g_steal_pointer (&cause));
      return NULL;
    }

  return g_steal_pointer (&diff);
}

/* --- markers ------------------------------------------------------------------------------------ */

/* "<date>/<hour>/<request id>-<seq>" */
static gboolean
parse_marker (const char *marker, char **request, guint *seq)
{
  const char *last = strrchr (marker, '/');
  g_autofree char *name = NULL;

  last = last ? last + 1 : marker;
  if (strlen (last) != ID_LENGTH + 1 + SEQ_DIGITS || last[ID_LENGTH] != '-')
    return FALSE;

  name = g_strdup_printf ("%.*s/%s.json", ID_LENGTH, last, last + ID_LENGTH + 1);
  *seq = lw_record_seq_of (name);
  *request = lw_record_request_of (name);

  return *seq > 0;
}

typedef struct
{
  GHashTable *have; /* numbers of the events that were read */
} Have;

static void
add_have (const char *name, gboolean read, guint64 stamp, gpointer user_data)
{
  Have *have = user_data;

  if (read)
    g_hash_table_add (have->have, GUINT_TO_POINTER (lw_record_seq_of (name)));
}

/* Everything up to @seq that was not read. */
static gboolean
want_up_to (LwArchive *self,
            const char *request,
            guint seq,
            LwDiff *diff,
            GStrvBuilder *relist,
            GError **error)
{
  g_autofree char *prefix = g_strconcat (request, "/", NULL);
  g_autoptr (GHashTable) numbers = g_hash_table_new (NULL, NULL);
  Have have = { numbers };
  guint missing = 0;

  if (!lw_cache_foreach_name (self->cache, LW_SHELF_REQUESTS, prefix, add_have, &have, error))
    return FALSE;

  for (guint i = 1; i <= seq && missing <= MAX_MISSED; i++)
    missing += !g_hash_table_contains (numbers, GUINT_TO_POINTER (i));
  if (missing > MAX_MISSED)
    {
      g_strv_builder_add (relist, request);
      return TRUE;
    }

  for (guint i = 1; i <= seq; i++)
    {
      g_autofree char *name = lw_record_event_name (request, i);

      if (!g_hash_table_contains (numbers, GUINT_TO_POINTER (i)) &&
          !g_hash_table_contains (self->ghosts, name))
        g_ptr_array_add (diff->wants, lw_want_new (LW_SHELF_REQUESTS, name, FALSE));
    }

  return TRUE;
}

static gboolean
diff_markers (LwArchive *self,
              const char *const *markers,
              LwDiff *diff,
              GStrvBuilder *relist,
              GError **error)
{
  g_autoptr (GHashTable) newest = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  GHashTableIter iter;
  gpointer request, seq;

  for (gsize i = 0; markers[i]; i++)
    {
      g_autofree char *id = NULL;
      guint number;

      if (parse_marker (markers[i], &id, &number) &&
          number > GPOINTER_TO_UINT (g_hash_table_lookup (newest, id)))
        g_hash_table_insert (newest, g_steal_pointer (&id), GUINT_TO_POINTER (number));
    }

  g_hash_table_iter_init (&iter, newest);
  while (g_hash_table_iter_next (&iter, &request, &seq))
    {
      if (!want_up_to (self, request, GPOINTER_TO_UINT (seq), diff, relist, error))
        return FALSE;
    }

  return TRUE;
}

LwDiff *
lw_archive_diff_markers (LwArchive *self,
                         const char *const *markers,
                         GStrv *requests,
                         GError **error)
{
  g_autoptr (LwDiff) diff = lw_diff_new ();
  g_autoptr (GStrvBuilder) relist = g_strv_builder_new ();
  g_autoptr (GError) cause = NULL;

  if (!lw_archive_open (self, error))
    return NULL;

  if (!diff_markers (self, markers, diff, relist, &cause))
    {
      lw_archive_failed (self, cause);
      g_propagate_error (error, g_steal_pointer (&cause));
      return NULL;
    }
  *requests = g_strv_builder_end (relist);

  return g_steal_pointer (&diff);
}

gboolean
lw_archive_add_ghost (LwArchive *self, const char *name)
{
  return g_hash_table_add (self->ghosts, g_strdup (name));
}

/* --- taking ------------------------------------------------------------------------------------- */

/* Reading checks the sums of what is kept. */
static gboolean
check_kept (LwCache *cache, LwCacheObject *object, const char *request, GError **error)
{
  g_autoptr (GPtrArray) kept = request ? lw_cache_get_objects (cache, request, error)
                                       : lw_cache_get_shelf (cache, object->shelf, error);

  return kept != NULL;
}

static gboolean
take_object (LwArchive *self, LwCacheObject *object, guint *news, GError **error)
{
  LwCache *cache = self->cache;
  g_autofree char *request =
      object->shelf == LW_SHELF_RULES ? NULL : lw_record_request_of (object->name);
  LwCachePut result;

  /* Before the ledger is accused, it is made sure that the cache is not to blame. */
  if (!object->bytes && !object->problem)
    return lw_cache_check (cache, error) &&
           lw_cache_add_trouble (cache, object->shelf, object->name, request, LW_TROUBLE_GONE, NULL,
                                 error);

  if (!lw_cache_put (cache, object, request, &result, error))
    return FALSE;

  switch (result)
    {
    case LW_CACHE_PUT_NEW:
      *news += object->bytes != NULL;
      return TRUE;
    case LW_CACHE_PUT_KNOWN:
      return !object->bytes ||
             lw_cache_clear_trouble (cache, object->shelf, object->name, request, error);
    case LW_CACHE_PUT_DIFFERS:
    default:
      return lw_cache_check (cache, error) && check_kept (cache, object, request, error) &&
             lw_cache_add_trouble (cache, object->shelf, object->name, request,
                                   LW_TROUBLE_REWRITTEN, object->bytes, error);
    }
}

static gboolean
take_all (LwArchive *self, GPtrArray *objects, guint *news, GError **error)
{
  for (guint i = 0; i < objects->len; i++)
    {
      if (!take_object (self, g_ptr_array_index (objects, i), news, error))
        return FALSE;
    }

  return TRUE;
}

gboolean
lw_archive_take (LwArchive *self, GPtrArray *objects, guint *news, GError **error)
{
  g_autoptr (GError) cause = NULL;

  *news = 0;
  if (!lw_archive_open (self, error))
    return FALSE;

  if (lw_cache_begin (self->cache, &cause) &&
      lw_archive_end (self, take_all (self, objects, news, &cause), &cause))
    return TRUE;

  lw_archive_failed (self, cause);
  g_propagate_error (error, g_steal_pointer (&cause));

  return FALSE;
}
