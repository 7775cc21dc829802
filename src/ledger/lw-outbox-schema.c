/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "config.h"

#include "lw-fault-point.h"
#include "lw-outbox-private.h"

#include <glib/gi18n-lib.h>

/*
 * A change of the tables is a new step at the end, and one more LW_OUTBOX_SCHEMA; steps that were
 * released stay as they are, since an outbox is never made anew: it is migrated through them.
 */

/* No version is ever so high: what says so is damaged. */
#define NO_SCHEMA 1000

static const char *const steps[LW_OUTBOX_SCHEMA] = {
  /* 1: what waits to be sent. "sum" is over what a person wrote, "attempts" lists the SHA-256 of every
   * event that was on its way. */
  "CREATE TABLE meta (key TEXT PRIMARY KEY, value TEXT) WITHOUT ROWID;"
  "CREATE TABLE item (id INTEGER PRIMARY KEY AUTOINCREMENT, ledger TEXT NOT NULL,"
  "  tenant TEXT NOT NULL, oid TEXT NOT NULL, request TEXT NOT NULL, title TEXT,"
  "  kind TEXT NOT NULL, written INTEGER NOT NULL, content TEXT NOT NULL, sum TEXT NOT NULL,"
  "  state INTEGER NOT NULL DEFAULT 0, seen_seq INTEGER NOT NULL DEFAULT 0, seen_digest TEXT,"
  "  problem TEXT, tried INTEGER NOT NULL DEFAULT 0, tries INTEGER NOT NULL DEFAULT 0,"
  "  discarded INTEGER NOT NULL DEFAULT 0, attempt BLOB, attempts TEXT NOT NULL DEFAULT '');"
  "CREATE INDEX item_owner ON item (ledger, tenant, oid, id);"
  "CREATE TABLE file (ledger TEXT NOT NULL, tenant TEXT NOT NULL, oid TEXT NOT NULL,"
  "  sha256 TEXT NOT NULL, kept INTEGER NOT NULL, bytes BLOB NOT NULL,"
  "  PRIMARY KEY (ledger, tenant, oid, sha256));",

  /* 2: what was begun in Azure */
  "CREATE TABLE begun (id INTEGER PRIMARY KEY AUTOINCREMENT, ledger TEXT NOT NULL,"
  "  tenant TEXT NOT NULL, oid TEXT NOT NULL, machine TEXT NOT NULL, request TEXT NOT NULL,"
  "  digest TEXT NOT NULL, what TEXT NOT NULL, at INTEGER NOT NULL, grants TEXT NOT NULL,"
  "  state TEXT NOT NULL, sum TEXT NOT NULL);"
  "CREATE UNIQUE INDEX begun_what"
  "  ON begun (ledger, tenant, oid, machine, request, digest, what);",
};

static gboolean
get_version (sqlite3 *db, int *version, GError **error)
{
  g_auto (LwOutboxQuery) query = lw_outbox_query (db, error, "PRAGMA user_version", "");

  if (!query || lw_outbox_step (db, query, error) != SQLITE_ROW)
    return FALSE;
  *version = sqlite3_column_int (query, 0);

  return TRUE;
}

static gboolean
run_steps (sqlite3 *db, GError **error)
{
  g_autofree char *set_version = g_strdup_printf ("PRAGMA user_version = %d", LW_OUTBOX_SCHEMA);
  int version = 0;

  /* Another process may have done it while this one waited. */
  if (!get_version (db, &version, error))
    return FALSE;

  for (int i = version; i < LW_OUTBOX_SCHEMA; i++)
    {
      if (!lw_outbox_exec (db, steps[i], error))
        return FALSE;
      LW_FAULT_POINT (OUTBOX_TABLES);
    }

  return lw_outbox_exec (db, set_version, error);
}

gboolean
lw_outbox_schema_prepare (sqlite3 *db, GError **error)
{
  int version = 0;

  if (!get_version (db, &version, error))
    return FALSE;
  if (version < 0 || version >= NO_SCHEMA)
    {
      g_set_error (error, LW_OUTBOX_ERROR, LW_OUTBOX_ERROR_DAMAGED,
                   _ ("Leeway’s outbox is damaged (%s)"), "user_version");
      return FALSE;
    }
  if (version > LW_OUTBOX_SCHEMA)
    {
      g_set_error_literal (error, LW_OUTBOX_ERROR, LW_OUTBOX_ERROR_NEWER,
                           _ ("Leeway’s outbox was made by a newer Leeway, which this one cannot "
                              "read. Send what waits there with that one, or update this one"));
      return FALSE;
    }
  if (version == LW_OUTBOX_SCHEMA)
    return TRUE;

  if (!lw_outbox_exec (db, "BEGIN EXCLUSIVE", error))
    return FALSE;
  if (!run_steps (db, error) || !lw_outbox_exec (db, "COMMIT", error))
    {
      sqlite3_exec (db, "ROLLBACK", NULL, NULL, NULL);
      return FALSE;
    }

  return TRUE;
}

/* --- salvage ------------------------------------------------------------------------------------ */

static void
copy_value (sqlite3_stmt *to, int index, sqlite3_stmt *from, int column)
{
  sqlite3_bind_value (to, index, sqlite3_column_value (from, column));
}

static gboolean
insert (sqlite3_stmt *to, sqlite3_stmt *from)
{
  for (int i = 0; i < sqlite3_column_count (from); i++)
    copy_value (to, i + 1, from, i);

  sqlite3_step (to);
  sqlite3_reset (to);

  return sqlite3_changes (sqlite3_db_handle (to)) > 0;
}

static gboolean
item_is_whole (sqlite3_stmt *row)
{
  g_autoptr (LwOutboxItem) item = lw_outbox_item_read (row, NULL);

  return item != NULL;
}

static gboolean
begun_is_whole (sqlite3_stmt *row)
{
  g_autoptr (LwBegun) begun = lw_begun_read (row, NULL);

  return begun != NULL;
}

static gboolean
file_is_whole (sqlite3_stmt *row)
{
  g_autofree char *sha256 = NULL;
  int size = sqlite3_column_bytes (row, 5);
  const guchar *data = sqlite3_column_blob (row, 5);

  if (!data)
    return FALSE;
  sha256 = g_compute_checksum_for_data (G_CHECKSUM_SHA256, data, (gsize) size);

  return g_strcmp0 (sha256, (const char *) sqlite3_column_text (row, 3)) == 0;
}

/* Reads from both ends, so that a page that is lost in the middle costs only what is on it. */
static guint
salvage_table (sqlite3 *from,
               sqlite3 *to,
               const char *select,
               const char *write,
               gboolean (*is_whole) (sqlite3_stmt *row))
{
  guint n = 0;

  for (guint pass = 0; pass < 2; pass++)
    {
      g_autofree char *sql = g_strdup_printf ("%s %s", select, pass == 0 ? "ASC" : "DESC");
      g_auto (LwOutboxQuery) read = lw_outbox_query (from, NULL, sql, "");
      g_auto (LwOutboxQuery) add = lw_outbox_query (to, NULL, write, "");
      int code = SQLITE_DONE;

      while (read && add && (code = sqlite3_step (read)) == SQLITE_ROW)
        {
          if (is_whole (read))
            n += insert (add, read);
        }
      if (code == SQLITE_DONE)
        break;
    }

  return n;
}

guint
lw_outbox_salvage (const char *damaged, sqlite3 *to)
{
  sqlite3 *from = NULL;
  guint n = 0;

  if (sqlite3_open_v2 (damaged, &from, SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX, NULL) ==
      SQLITE_OK)
    {
      sqlite3_db_config (from, SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0, NULL);
      n += salvage_table (from, to, "SELECT " LW_OUTBOX_ITEM_COLUMNS " FROM item ORDER BY id",
                          "INSERT OR IGNORE INTO item (" LW_OUTBOX_ITEM_COLUMNS ") VALUES"
                          " (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15,"
                          " ?16, ?17, ?18, ?19)",
                          item_is_whole);
      n += salvage_table (from, to, "SELECT " LW_BEGUN_COLUMNS " FROM begun ORDER BY id",
                          "INSERT OR IGNORE INTO begun (" LW_BEGUN_COLUMNS ") VALUES"
                          " (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11)",
                          begun_is_whole);
      salvage_table (from, to,
                     "SELECT ledger, tenant, oid, sha256, kept, bytes FROM file ORDER BY rowid",
                     "INSERT OR IGNORE INTO file (ledger, tenant, oid, sha256, kept, bytes)"
                     " VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
                     file_is_whole);
    }
  sqlite3_close_v2 (from);

  return n;
}
