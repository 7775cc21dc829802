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
  DexFuture *(*list) (LwStore *self, LwShelf shelf, const char *prefix);
};

/* Whether @name may name an object: segments of [A-Za-z0-9._-] that do not start or end with a dot nor
 * hold two in a row, joined by "/", at most 512 bytes. */
gboolean lw_store_name_is_valid (const char *name);

/* Creates the object, or rejects with %LW_LEDGER_ERROR_TAKEN where one of that name is there. Once it
 * resolves (to %TRUE) the object is durable. */
DexFuture *lw_store_put_new (LwStore *self, LwShelf shelf, const char *name, GBytes *bytes);
/* Resolves to a #GBytes; rejects with %LW_LEDGER_ERROR_NOT_FOUND. */
DexFuture *lw_store_get (LwStore *self, LwShelf shelf, const char *name);
/* Resolves to a %G_TYPE_STRV of the names that start with @prefix, sorted bytewise. */
DexFuture *lw_store_list (LwStore *self, LwShelf shelf, const char *prefix);

G_END_DECLS
