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
  GHashTable *examined; /* request → last generation at which it was a suspect */
  GHashTable *asked;    /* names of seals that are missing, and were asked for */
  GHashTable *ghosts;   /* names of events that only the log knows */
};

/* Commits where @done is %TRUE, else rolls back and answers %FALSE. */
gboolean lw_archive_end (LwArchive *self, gboolean done, GError **error);
const char *lw_archive_basis (LwArchive *self);
LwCase *
lw_archive_fold_objects (LwArchive *self, const char *request, GPtrArray *spoilt, GError **error);

G_END_DECLS
