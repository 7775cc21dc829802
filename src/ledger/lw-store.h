/* SPDX-License-Identifier: GPL-3.0-or-later */

#pragma once

#include <libdex.h>

#include "lw-ledger-error.h"

G_BEGIN_DECLS

typedef enum
{
  LW_SHELF_REQUESTS,
  LW_SHELF_EVIDENCE,
  LW_SHELF_SEALS,
  LW_SHELF_RULES,
  LW_SHELF_LOG,
} LwShelf;
#define LW_SHELF_COUNT 5
const char *lw_shelf_to_string (LwShelf shelf);

/* What a listing says of an object. */
typedef struct
{
  char *name;
  guint64
      stamp; /* another one where the object was written again; 0 where the storage does not tell */
  gboolean
      stray; /* no object of a ledger has that name, which is shown without control characters */
} LwListed;

/**
 * LwListing:
 *
 * A boxed array of #LwListed, sorted bytewise by name.
 */
typedef struct
{
  GArray *objects;
} LwListing;

#define LW_TYPE_LISTING (lw_listing_get_type ())
GType lw_listing_get_type (void);
LwListing *lw_listing_new (void);
LwListing *lw_listing_ref (LwListing *self);
void lw_listing_unref (LwListing *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (LwListing, lw_listing_unref)
/* @stamp: (nullable): what the storage says that changes with the object: time, size, tag */
void lw_listing_add (LwListing *self, const char *name, const char *stamp);
void lw_listing_sort (LwListing *self);
/* Without strays. (transfer full) */
GStrv lw_listing_dup_names (const LwListing *self);
#define lw_listing_get(self, i) (&g_array_index ((self)->objects, LwListed, i))

/**
 * LwStore:
 *
 * Where a ledger keeps its immutable objects: a folder or Blob containers. Names are relative to the
 * shelf, with "/" between segments.
 */
#define LW_TYPE_STORE (lw_store_get_type ())
G_DECLARE_DERIVABLE_TYPE (LwStore, lw_store, LW, STORE, GObject)

struct _LwStoreClass
{
  GObjectClass parent_class;

  DexFuture *(*put_new) (LwStore *self, LwShelf shelf, const char *name, GBytes *bytes);
  DexFuture *(*get) (LwStore *self, LwShelf shelf, const char *name);
  DexFuture *(*survey) (LwStore *self, LwShelf shelf, const char *prefix);
};

/* Whether @name may name an object: segments of [A-Za-z0-9._-] that do not start or end with a dot nor
 * hold two in a row, joined by "/", at most 512 bytes. */
gboolean lw_store_name_is_valid (const char *name);

/* Creates the object, or rejects with %LW_LEDGER_ERROR_TAKEN where one of that name is there. Once it
 * resolves (to %TRUE) the object is durable. */
DexFuture *lw_store_put_new (LwStore *self, LwShelf shelf, const char *name, GBytes *bytes);
/* Resolves to a #GBytes; rejects with %LW_LEDGER_ERROR_NOT_FOUND. */
DexFuture *lw_store_get (LwStore *self, LwShelf shelf, const char *name);
/* Resolves to an #LwListing of all that is there whose name starts with @prefix. */
DexFuture *lw_store_survey (LwStore *self, LwShelf shelf, const char *prefix);
/* Resolves to a %G_TYPE_STRV of the names of objects that start with @prefix, sorted bytewise. */
DexFuture *lw_store_list (LwStore *self, LwShelf shelf, const char *prefix);

G_END_DECLS
