/* SPDX-License-Identifier: GPL-3.0-or-later */

#pragma once

#include "lw-cache.h"
#include "lw-case.h"
#include "lw-rulebook.h"

G_BEGIN_DECLS

/**
 * LwArchive:
 *
 * What Leeway knows of a ledger, folded: the cache, the rules on record, and the cases that were given
 * out. Everything blocks and is done on one thread, that of the ledger's queue.
 *
 * Where a function fails with an error of the cache other than busy, the cache was replaced by an empty
 * one, and the caller begins again with a full listing.
 */
typedef struct _LwArchive LwArchive;

/* @folder: (nullable): of the cache; nothing is opened yet. */
LwArchive *lw_archive_new (const char *folder);
LwArchive *lw_archive_ref (LwArchive *self);
void lw_archive_unref (LwArchive *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (LwArchive, lw_archive_unref)

/* Opens the cache; every other function does so itself. */
gboolean lw_archive_open (LwArchive *self, GError **error);
void lw_archive_set_hierarchy (LwArchive *self, LwHierarchy *hierarchy);
/* A sentence about the cache; kept until the next one. (transfer none) (nullable) */
const char *lw_archive_get_notice (LwArchive *self);
LwCache *lw_archive_get_cache (LwArchive *self);
/* Handles an error of the cache: replaces it where it must. Always %FALSE. */
gboolean lw_archive_failed (LwArchive *self, const GError *error);

/* --- rules --- */

LwRulebook *lw_archive_get_rulebook (LwArchive *self);
/* Takes the next entry of the rules, where it follows. */
gboolean lw_archive_take_rules (LwArchive *self, GBytes *bytes, GError **error);

/* --- what is to be read --- */

/* An object that is to be read from the ledger. */
typedef struct
{
  LwShelf shelf;
  char *name;
  gboolean listed; /* a listing named it; else it may well not be there */
  guint64 stamp;   /* what the listing said; 0 where none did */
} LwWant;

LwWant *lw_want_new (LwShelf shelf, const char *name, gboolean listed);
void lw_want_free (LwWant *self);

/* What a listing asks for. */
typedef struct
{
  GPtrArray *wants; /* (element-type LwWant): not read so far, or not as it is now; seals first */
  GPtrArray *gone;  /* (element-type LwWant): read before, not listed any more */
} LwDiff;

LwDiff *lw_diff_new (void);
void lw_diff_free (LwDiff *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (LwDiff, lw_diff_free)

/**
 * lw_archive_diff:
 * @prefix: "" for whole shelves, else "<request>/"
 * @events: what is on the requests shelf under @prefix
 * @seals: the same of seals
 *
 * Compares listings with what is kept. What seems to have been written again is wanted too. Strays are
 * taken note of.
 *
 * Returns: (transfer full) (nullable): %LW_LEDGER_ERROR_UNREACHABLE where the ledger is empty and was
 *   not; %LW_CACHE_ERROR where it is another ledger than that of the cache
 */
LwDiff *lw_archive_diff (LwArchive *self,
                         const char *prefix,
                         const LwListing *events,
                         const LwListing *seals,
                         GError **error);

/* The same for the rules, of which only those that were read before are wanted. @whole: what was read
 * without a listing is wanted too. */
LwDiff *
lw_archive_diff_rules (LwArchive *self, const LwListing *rules, gboolean whole, GError **error);

/**
 * lw_archive_diff_markers:
 * @markers: names on the log shelf
 * @requests: (out) (transfer full): ids of requests that have to be listed on their own
 */
LwDiff *lw_archive_diff_markers (LwArchive *self,
                                 const char *const *markers,
                                 GStrv *requests,
                                 GError **error);

/* The log names an event that is not in the ledger. Whether that is news. */
gboolean lw_archive_add_ghost (LwArchive *self, const char *name);

/* --- what was read --- */

/**
 * lw_archive_take:
 * @objects: (element-type LwCacheObject): what was found in the ledger; without bytes and problem, it is
 *   not there any more
 * @news: (out): how many were not known
 *
 * Keeps what was read. Bytes that differ from those kept are not taken: the difference is recorded.
 */
gboolean lw_archive_take (LwArchive *self, GPtrArray *objects, guint *news, GError **error);

/**
 * lw_archive_fold:
 *
 * The state of one request with all its events.
 *
 * Returns: (transfer full) (nullable)
 */
LwCase *lw_archive_fold (LwArchive *self, const char *request, GError **error);

/**
 * lw_archive_settle:
 * @wants: (element-type LwWant): seals that approvals need and that were not read are added
 * @suspects: (element-type utf8): requests that are damaged by what is kept are added, once
 * @more: (out): whether there are still requests to be folded
 *
 * Folds some of the requests whose kept state is not the newest, and keeps it.
 */
gboolean lw_archive_settle (LwArchive *self,
                            GPtrArray *wants,
                            GPtrArray *suspects,
                            gboolean *more,
                            GError **error);

/* Cases as they are kept (see lw_case_thaw()). @total: (out) (nullable): how many match.
 * (element-type LwCase) (transfer full) */
GPtrArray *
lw_archive_query (LwArchive *self, const LwCacheQuery *query, guint *total, GError **error);

/* The same folded anew, with their whole events. */
GPtrArray *lw_archive_query_whole (LwArchive *self, const LwCacheQuery *query, GError **error);

/* Sentences about what belongs to no request. (transfer full) (nullable) */
GStrv lw_archive_get_problems (LwArchive *self, GError **error);

G_END_DECLS
