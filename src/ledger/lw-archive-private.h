/* SPDX-License-Identifier: GPL-3.0-or-later */

#pragma once

#include "lw-archive.h"
#include "lw-cache-private.h"
#include "lw-record.h"

G_BEGIN_DECLS

/* A case that was given out. */
typedef struct
{
  gint64 generation;
  LwCase *value;
} LwKnown;

/* A case that was folded with its whole events. */
typedef struct
{
  char *sum; /* of all that it was folded from */
  LwCase *value;
} LwRecent;

struct _LwArchive
{
  char *folder; /* nullable */
  LwCache *cache;
  char *notice;
  LwRulebook *rulebook;
  LwHierarchy *hierarchy;
  char *basis;          /* NULL where it has to be worked out anew */
  char known_basis[72]; /* of what is in @known */
  GHashTable *known;    /* request → LwKnown */
  GHashTable *recent;   /* request → LwRecent: a few that were folded with whole events */
  GHashTable *examined; /* request → last generation at which it was a suspect */
  GHashTable *asked;    /* names of seals that are missing, and were asked for */
  GHashTable *ghosts;   /* names of events that only the log knows */
};

/* Commits where @done is %TRUE, else rolls back and answers %FALSE. */
gboolean lw_archive_end (LwArchive *self, gboolean done, GError **error);
const char *lw_archive_basis (LwArchive *self);

/**
 * LwFold:
 * @objects, @trouble: what the cache holds of the request
 * @value: (nullable): what they fold to, once lw_archive_fold_run() has been
 * @spoilt: (element-type LwCacheObject): those whose bytes are no entry
 *
 * The folding of one request: begun on the archive's thread, run on any, as long as the archive's own
 * waits.
 */
typedef struct
{
  LwArchive *archive; /* unowned */
  char *request;
  gint64 generation;
  GPtrArray *objects;
  GPtrArray *trouble;
  gboolean checked; /* the sums of @objects */
  LwCase *before;   /* (nullable): an earlier state, whose events need not be parsed again */
  LwCase *value;
  GPtrArray *spoilt;
  LwCacheCase kept; /* for the cache, where that was asked for */
  GError *error;
} LwFold;

LwFold *lw_archive_fold_begin (LwArchive *self, const char *request, GError **error);
void lw_archive_fold_run (LwFold *fold);
void lw_archive_fold_free (LwFold *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (LwFold, lw_archive_fold_free)

G_END_DECLS
