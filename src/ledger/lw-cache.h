/* SPDX-License-Identifier: GPL-3.0-or-later */

#pragma once

#include <glib.h>

#include "lw-store.h"
#include "lw-sync-counts.h"

G_BEGIN_DECLS

#define LW_CACHE_ERROR (lw_cache_error_quark ())

/**
 * LwCacheError:
 * @LW_CACHE_ERROR_DAMAGED: what is in the file is not what was written to it: set it aside
 * @LW_CACHE_ERROR_BUSY: another process holds it for longer than is waited
 * @LW_CACHE_ERROR_FOREIGN: it is that of another ledger: set it aside
 * @LW_CACHE_ERROR_UNUSABLE: it cannot be written or read: disk full, read-only, input or output fails
 */
typedef enum
{
  LW_CACHE_ERROR_DAMAGED,
  LW_CACHE_ERROR_FOREIGN,
  LW_CACHE_ERROR_BUSY,
  LW_CACHE_ERROR_UNUSABLE,
} LwCacheError;

GQuark lw_cache_error_quark (void);

/**
 * LwCache:
 *
 * The local copy of a ledger in SQLite: the bytes of every event, seal and rules entry as they were
 * first seen, the folded state of each request, an index of their words, and when was synced last. All
 * of it can be read again from the ledger, so it lives in the user's cache folder, is written with
 * synchronous=NORMAL and is thrown away when it is damaged. (An outbox may not be: it will be a
 * database of its own in the data folder, with synchronous=FULL.)
 *
 * The files of a folder are cache-<n>.db. A name is never used twice, so that setting one aside is safe
 * while another process has it open: it becomes damaged-<n>.db, and cache-<n+1>.db begins. One of a
 * newer schema is left where it is, for the newer Leeway. Several processes share a cache: WAL,
 * transactions of some milliseconds, and a wait of some seconds for a lock.
 *
 * For one thread at a time; everything blocks.
 */
typedef struct _LwCache LwCache;

/* The version of the tables. See lw-cache-schema.c for what a change asks for. */
#define LW_CACHE_SCHEMA 3

/**
 * lw_cache_open:
 * @folder: (nullable): made where it is missing; %NULL for a cache in memory
 * @notice: (out) (transfer full) (nullable): a sentence where it is not the cache that was there, or is
 *   in memory because none can be kept
 *
 * Never fails: where no file can be used, the cache is one in memory.
 *
 * Returns: (transfer full)
 */
LwCache *lw_cache_open (const char *folder, char **notice);
void lw_cache_free (LwCache *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (LwCache, lw_cache_free)

/**
 * lw_cache_replace:
 * @cause: what went wrong: damage and another ledger set the file aside, anything else leaves it alone and goes on in
 *   memory
 * @notice: as in lw_cache_open()
 *
 * Returns: (transfer full): the cache to go on with, empty. @self is freed.
 */
LwCache *lw_cache_replace (LwCache *self, const GError *cause, char **notice);

/* The file; %NULL for one in memory. (transfer none) */
const char *lw_cache_get_path (LwCache *self);

/* How long is waited for another process, in milliseconds (5,000). For tests. */
void lw_cache_set_busy_timeout (guint milliseconds);

/* Looks at every page and index. %FALSE with %LW_CACHE_ERROR_DAMAGED. Takes about a second for 200 MB. */
gboolean lw_cache_check (LwCache *self, GError **error);

/* Writing is done between these; lw_cache_end() rolls back where @commit is %FALSE or fails. */
gboolean lw_cache_begin (LwCache *self, GError **error);
gboolean lw_cache_end (LwCache *self, gboolean commit, GError **error);

/* Single values, as "synced-at". Instants are microseconds of UTC. 0 where it is not set. */
gboolean lw_cache_get_number (LwCache *self, const char *key, gint64 *value, GError **error);
gboolean lw_cache_set_number (LwCache *self, const char *key, gint64 value, GError **error);

/* --- objects ------------------------------------------------------------------------------------ */

/* An object of the ledger. @bytes is %NULL for one that is there and could not be read; @problem says
 * why, where that was tried. */
typedef struct
{
  LwShelf shelf;
  char *name;
  char *sha256;
  GBytes *bytes;
  char *problem;
  guint64 stamp; /* of the listing that named it; 0 where none did */
} LwCacheObject;

LwCacheObject *lw_cache_object_new (LwShelf shelf, const char *name, GBytes *bytes);
void lw_cache_object_free (LwCacheObject *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (LwCacheObject, lw_cache_object_free)

typedef enum
{
  LW_CACHE_PUT_NEW,
  LW_CACHE_PUT_KNOWN,   /* the same bytes are there */
  LW_CACHE_PUT_DIFFERS, /* other bytes are there, and stay */
} LwCachePut;

/* Keeps what is in @object (its sha256 is worked out here). @request: (nullable): whose it is; its state
 * then has to be folded anew. Bytes take the place of a problem, never of other bytes. The stamp is kept
 * with the bytes that it came with. */
gboolean lw_cache_put (LwCache *self,
                       const LwCacheObject *object,
                       const char *request,
                       LwCachePut *result,
                       GError **error);

/* Makes what is kept under that name an object that cannot be read, @problem, or forgets it with
 * %NULL. */
gboolean lw_cache_spoil (LwCache *self,
                         LwShelf shelf,
                         const char *name,
                         const char *request,
                         const char *problem,
                         GError **error);

/* (element-type LwCacheObject) (transfer full): events and seals of a request, by shelf and name;
 * LW_CACHE_ERROR_DAMAGED where bytes are not what was stored. */
GPtrArray *lw_cache_get_objects (LwCache *self, const char *request, GError **error);
/* The same without looking at their sums, which lw_cache_object_check() does, on any thread. */
GPtrArray *lw_cache_read_objects (LwCache *self, const char *request, GError **error);
gboolean lw_cache_object_check (const LwCacheObject *object, GError **error);
/* The same of a shelf, for few objects. */
GPtrArray *lw_cache_get_shelf (LwCache *self, LwShelf shelf, GError **error);

/* Called for each name kept on @shelf that starts with @prefix, in bytewise order. */
typedef void (*LwCacheNameFunc) (const char *name,
                                 gboolean read,
                                 guint64 stamp,
                                 gpointer user_data);
gboolean lw_cache_foreach_name (LwCache *self,
                                LwShelf shelf,
                                const char *prefix,
                                LwCacheNameFunc func,
                                gpointer user_data,
                                GError **error);
/* Names on the requests shelf that belong to no request. */
gboolean lw_cache_foreach_stray (LwCache *self,
                                 void (*func) (const char *name, gpointer user_data),
                                 gpointer user_data,
                                 GError **error);
/* @read: whether its bytes are there. %FALSE in both where it is not known. */
gboolean lw_cache_has (LwCache *self,
                       LwShelf shelf,
                       const char *name,
                       gboolean *known,
                       gboolean *read,
                       GError **error);

/* --- trouble ------------------------------------------------------------------------------------ */

typedef enum
{
  LW_TROUBLE_GONE = 1,      /* seen before, and no longer in the ledger */
  LW_TROUBLE_REWRITTEN = 2, /* the ledger now holds other bytes under the name */
} LwTroubleKind;

typedef struct
{
  LwShelf shelf;
  char *name;
  LwTroubleKind kind;
} LwTrouble;

/* Records what happened to an object in the ledger; its request has to be folded anew. */
gboolean lw_cache_add_trouble (LwCache *self,
                               LwShelf shelf,
                               const char *name,
                               const char *request,
                               LwTroubleKind kind,
                               GBytes *found,
                               GError **error);
/* It is as it was again. */
gboolean lw_cache_clear_trouble (LwCache *self,
                                 LwShelf shelf,
                                 const char *name,
                                 const char *request,
                                 GError **error);
/* @request: (nullable): of all that belong to no request. (element-type LwTrouble) (transfer full) */
GPtrArray *lw_cache_get_trouble (LwCache *self, const char *request, GError **error);

/* --- folded states ------------------------------------------------------------------------------ */

/* What is kept of a folded request: enough to list, filter and group it. Instants are microseconds of
 * UTC, 0 for none. */
typedef struct
{
  char *request;
  gint64 generation; /* of the objects that were folded */
  int phase;
  char *requester; /* nullable */
  char *owner;     /* nullable */
  gint64 changed;
  gint64 expires;
  int flags;     /* how many */
  GBytes *state; /* lw_case_freeze() */
  char *sum;     /* lw_cache_case_sum() of what is above; worked out where it is %NULL */
  /* for the index of words */
  char *words[6]; /* title, reason, people, scopes, policies, comments; %NULL leaves them out */
} LwCacheCase;

void lw_cache_case_clear (LwCacheCase *self);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (LwCacheCase, lw_cache_case_clear)

/* Of what a list relies on, so that a flipped bit is found. Any thread may work it out. (transfer full) */
char *lw_cache_case_sum (const char *request, gint64 generation, GBytes *state);
/* %FALSE with LW_CACHE_ERROR_DAMAGED where it is not @sum. */
gboolean lw_cache_case_check (const char *request,
                              gint64 generation,
                              GBytes *state,
                              const char *sum,
                              GError **error);

/* How far the cache is filled. */
typedef struct
{
  gint64 objects;
  gint64 requests;
} LwCacheMark;

gboolean lw_cache_mark (LwCache *self, LwCacheMark *mark, GError **error);
/* What came after @mark, and what there is. */
gboolean
lw_cache_counts (LwCache *self, const LwCacheMark *mark, LwSyncCounts *counts, GError **error);

/* At most @limit requests whose state is not that of their objects under @basis: a text that stands for
 * all else that a state depends on. @generations: (element-type gint64) (out). (transfer full) */
GStrv lw_cache_get_stale (LwCache *self,
                          const char *basis,
                          guint limit,
                          GArray **generations,
                          GError **error);
gboolean
lw_cache_get_generation (LwCache *self, const char *request, gint64 *generation, GError **error);
gboolean
lw_cache_put_case (LwCache *self, const LwCacheCase *value, const char *basis, GError **error);
/* Forgets the state of a request that has no objects left. */
gboolean lw_cache_remove_case (LwCache *self, const char *request, GError **error);

typedef struct
{
  guint phases;       /* 1 << LwPhase, 0 for all */
  const char *person; /* (nullable): object id of its requester or owner */
  const char *text;   /* (nullable): words that it must hold, or beginnings of them; or its id */
  guint offset;
  guint limit; /* 0 for all */
  guint
      live; /* 1 << LwPhase of those that are wanted beside @phases while they have not ended at @at */
  guint over; /* … once they have ended */
  gint64 at;
  gint64 since; /* changed then or later; 0 for whenever */
} LwCacheQuery;

/* Those that match, the newest first (the best first where words are asked for). @func is called with
 * @state and @sum %NULL where @is_known said that they are not needed; else it has to check them with
 * lw_cache_case_check(). */
typedef gboolean (*LwCacheKnownFunc) (const char *request, gint64 generation, gpointer user_data);
typedef gboolean (*LwCacheCaseFunc) (const char *request,
                                     gint64 generation,
                                     GBytes *state,
                                     const char *sum,
                                     gpointer user_data,
                                     GError **error);
gboolean lw_cache_query (LwCache *self,
                         const LwCacheQuery *query,
                         LwCacheKnownFunc is_known,
                         LwCacheCaseFunc func,
                         gpointer user_data,
                         GError **error);
/* Called with each that matches, in the same order, and the generation that its state is of. */
typedef void (*LwCacheKeyFunc) (const char *request, gint64 generation, gpointer user_data);
gboolean lw_cache_query_keys (LwCache *self,
                              const LwCacheQuery *query,
                              LwCacheKeyFunc func,
                              gpointer user_data,
                              GError **error);
/* How many match, whatever offset and limit. */
gboolean lw_cache_count (LwCache *self, const LwCacheQuery *query, guint *count, GError **error);

G_END_DECLS
