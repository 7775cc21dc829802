/* SPDX-License-Identifier: GPL-3.0-or-later */

#pragma once

#include "lw-outbox.h"

#include <sqlite3.h>

G_BEGIN_DECLS

/* Whose entries are looked at. */
typedef struct
{
  char *ledger;
  char *tenant;
  char *oid;
} LwOutboxOwner;

/**
 * LwOutboxDb:
 *
 * The file of the outbox, for one thread; everything blocks.
 */
typedef struct
{
  char *folder;
  LwOutboxOwner owner;
  sqlite3 *db; /* NULL while it is not open */
  guint64 device;
  guint64 inode;
  char *notice;
} LwOutboxDb;

/* Opens it where it is not open, or is no longer the file that has the name. */
gboolean lw_outbox_db_open (LwOutboxDb *self, GError **error);
/* Sets a damaged one aside, saves what is whole, and opens the new one. */
gboolean lw_outbox_db_replace (LwOutboxDb *self, GError **error);
void lw_outbox_db_close (LwOutboxDb *self);

/* Tables. */
gboolean lw_outbox_schema_prepare (sqlite3 *db, GError **error);
/* Copies what is whole. Returns how many rows. */
guint lw_outbox_salvage (const char *damaged, sqlite3 *to);

gboolean lw_outbox_fail (sqlite3 *db, int code, GError **error);
gboolean lw_outbox_exec (sqlite3 *db, const char *sql, GError **error);

typedef sqlite3_stmt *LwOutboxQuery;
static inline void
lw_outbox_query_clear (LwOutboxQuery *query)
{
  sqlite3_finalize (*query);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (LwOutboxQuery, lw_outbox_query_clear)

/* Prepares and binds ?1… by @types: "s" for a text, "i" for a gint64, "b" for a #GBytes; texts and
 * bytes must outlive it. (nullable) */
sqlite3_stmt *
lw_outbox_query (sqlite3 *db, GError **error, const char *sql, const char *types, ...);
/* SQLITE_ROW, SQLITE_DONE, or SQLITE_ERROR with an error set. */
int lw_outbox_step (sqlite3 *db, sqlite3_stmt *query, GError **error);
/* One that gives no rows. */
gboolean lw_outbox_run (sqlite3 *db, sqlite3_stmt *query, GError **error);

/* What is kept of a row to see whether it is whole: over the given texts. (transfer full) */
char *lw_outbox_sum (const char *first, ...) G_GNUC_NULL_TERMINATED;

#define LW_OUTBOX_ITEM_COLUMNS                                                                     \
  "id, request, title, kind, written, content, sum, state, seen_seq, seen_digest, problem, tried," \
  " tries, discarded, attempt, attempts, ledger, tenant, oid"
/* From a row of those columns; %NULL with %LW_OUTBOX_ERROR_DAMAGED. */
LwOutboxItem *lw_outbox_item_read (sqlite3_stmt *row, GError **error);
char *
lw_outbox_item_sum (const LwOutboxItem *item, const LwOutboxOwner *owner, const char *content);
char *lw_outbox_content_text (JsonObject *content, GError **error);

#define LW_BEGUN_COLUMNS                                                                           \
  "request, digest, what, at, grants, state, sum, machine, ledger, tenant, oid"
LwBegun *lw_begun_read (sqlite3_stmt *row, GError **error);
char *lw_begun_sum (const LwOutboxOwner *owner,
                    const char *machine,
                    const char *request,
                    const char *digest,
                    const char *what,
                    gint64 at,
                    const char *grants);

G_END_DECLS
