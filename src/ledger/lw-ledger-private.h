/* SPDX-License-Identifier: GPL-3.0-or-later */

#pragma once

#include "lw-ledger.h"
#include "lw-record.h"
#include "lw-rulebook.h"

G_BEGIN_DECLS

/* Folding writes and reads JSON, which nests; a fiber's usual stack is too small for the deepest. */
#define LW_LEDGER_STACK_SIZE (512 * 1024)

struct _LwLedger
{
  GObject parent_instance;
  LwStore *store;
  LwHierarchy *hierarchy;
  LwRulebook *rulebook;
  LwRecord *record;
  GStrv strays;
  GStrv problems;
};

/* What is in the ledger of one request or of all: two sorted listings. */
typedef struct
{
  GStrv events;
  GStrv seals;
} LwListing;

void lw_listing_clear (LwListing *listing);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (LwListing, lw_listing_clear)

/* Lists and reads what was not seen before. Awaits. (transfer full) (nullable) */
LwCase *
lw_ledger_read_case (LwLedger *self, const char *request_id, LwListing *listing, GError **error);
/* @names: all objects of the request. (transfer full) */
LwCase *lw_ledger_fold (LwLedger *self, const char *request_id, const char *const *names);

/* An id as the ledger writes it; %NULL where it is none. (transfer full) */
char *lw_ledger_normalize_id (const char *request_id);
DexFuture *lw_ledger_reject_id (const char *request_id);

G_END_DECLS
