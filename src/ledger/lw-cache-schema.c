/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "config.h"

#include "lw-cache-private.h"
#include "lw-fault-point.h"

#include <glib/gi18n-lib.h>

/*
 * A change of the tables is a new step at the end, and one more LW_CACHE_SCHEMA; steps that were
 * released stay as they are, since caches are migrated through them. test-cache.c holds a cache of each
 * earlier version.
 */

static const char *const steps[LW_CACHE_SCHEMA] = {
  /* 1: the bytes of objects */
  "CREATE TABLE meta (key TEXT PRIMARY KEY, value INTEGER NOT NULL) WITHOUT ROWID;"
  "CREATE TABLE object (id INTEGER PRIMARY KEY, shelf INTEGER NOT NULL, name TEXT NOT NULL,"
  "  request TEXT, sha256 TEXT, bytes BLOB, problem TEXT);"
  "CREATE UNIQUE INDEX object_name ON object (shelf, name);"
  "CREATE INDEX object_request ON object (request, shelf, name);",

  /* 2: the state of requests, an index of their words, and what was found to be wrong. A request whose
   * "folded" is not its "generation" has objects that its state does not know. */
  "CREATE TABLE request (id INTEGER PRIMARY KEY, request TEXT NOT NULL UNIQUE,"
  "  generation INTEGER NOT NULL DEFAULT 1, folded INTEGER NOT NULL DEFAULT 0, basis TEXT,"
  "  phase INTEGER NOT NULL DEFAULT 0, requester TEXT, owner TEXT,"
  "  changed INTEGER NOT NULL DEFAULT 0, expires INTEGER NOT NULL DEFAULT 0,"
  "  sum TEXT, state BLOB);"
  "CREATE INDEX request_changed ON request (changed DESC, request);"
  "CREATE INDEX request_stale ON request (basis, folded, generation);"
  "CREATE TABLE trouble (shelf INTEGER NOT NULL, name TEXT NOT NULL, request TEXT,"
  "  kind INTEGER NOT NULL, found BLOB, PRIMARY KEY (shelf, name)) WITHOUT ROWID;"
  "CREATE INDEX trouble_request ON trouble (request);"
  "CREATE VIRTUAL TABLE search USING fts5 (title, reason, people, scopes, policies, comments,"
  "  content='', contentless_delete=1, prefix='2 3', tokenize='unicode61 remove_diacritics 2');"
  "INSERT INTO request (request) SELECT DISTINCT request FROM object WHERE request IS NOT NULL;",

  /* 3: what a listing said of an object when it was read; how much is wrong with a request */
  ("ALTER TABLE object ADD COLUMN stamp INTEGER NOT NULL DEFAULT 0;"
   "ALTER TABLE request ADD COLUMN flags INTEGER NOT NULL DEFAULT 0;"),
};

static gboolean
get_version (sqlite3 *db, int *version, GError **error)
{
  sqlite3_stmt *statement = NULL;
  int code = sqlite3_prepare_v2 (db, "PRAGMA user_version", -1, &statement, NULL);

  if (code == SQLITE_OK && (code = sqlite3_step (statement)) == SQLITE_ROW)
    *version = sqlite3_column_int (statement, 0);
  sqlite3_finalize (statement);

  return code == SQLITE_ROW || lw_cache_fail (db, code, error);
}

static gboolean
run_steps (sqlite3 *db, GError **error)
{
  g_autofree char *set_version = g_strdup_printf ("PRAGMA user_version = %d", LW_CACHE_SCHEMA);
  int version = 0;

  /* Another process may have done it while this one waited. */
  if (!get_version (db, &version, error))
    return FALSE;

  for (int i = version; i < LW_CACHE_SCHEMA; i++)
    {
      if (!lw_cache_exec (db, steps[i], error))
        return FALSE;
      LW_FAULT_POINT (CACHE_TABLES);
    }

  return lw_cache_exec (db, set_version, error);
}

gboolean
lw_cache_schema_prepare (sqlite3 *db, GError **error)
{
  int version = 0;

  if (!get_version (db, &version, error))
    return FALSE;
  if (version < 0 || version >= LW_CACHE_NO_SCHEMA)
    return lw_cache_fail_damaged (error, "user_version");
  if (version > LW_CACHE_SCHEMA)
    {
      g_set_error_literal (error, LW_CACHE_ERROR, LW_CACHE_ERROR_UNUSABLE,
                           _ ("The local copy of the ledger was made by a newer Leeway"));
      return FALSE;
    }
  if (version == LW_CACHE_SCHEMA)
    return TRUE;

  if (!lw_cache_exec (db, "BEGIN EXCLUSIVE", error))
    return FALSE;
  if (!run_steps (db, error) || !lw_cache_exec (db, "COMMIT", error))
    {
      sqlite3_exec (db, "ROLLBACK", NULL, NULL, NULL);
      return FALSE;
    }

  return TRUE;
}
