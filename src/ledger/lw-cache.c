/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "config.h"

#include "lw-cache-private.h"
#include "lw-fault-point.h"

#include <glib/gi18n-lib.h>

GQuark
lw_cache_error_quark (void)
{
  return g_quark_from_static_string ("lw-cache-error-quark");
}

/* --- errors ------------------------------------------------------------------------------------- */

static LwCacheError
classify (int code)
{
  switch (code)
    {
    case SQLITE_IOERR_SHORT_READ:
    case SQLITE_IOERR_CORRUPTFS:
      return LW_CACHE_ERROR_DAMAGED;
    default:
      break;
    }

  switch (code & 0xff)
    {
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
      return LW_CACHE_ERROR_BUSY;
    case SQLITE_CORRUPT:
    case SQLITE_NOTADB:
    case SQLITE_FORMAT:
    case SQLITE_ERROR: /* a table or a column is not there */
    case SQLITE_SCHEMA:
    case SQLITE_MISMATCH:
    case SQLITE_CONSTRAINT:
      return LW_CACHE_ERROR_DAMAGED;
    default:
      return LW_CACHE_ERROR_UNUSABLE;
    }
}

gboolean
lw_cache_fail (sqlite3 *db, int code, GError **error)
{
  int extended = db ? sqlite3_extended_errcode (db) : code;
  LwCacheError kind = classify ((extended & 0xff) == (code & 0xff) ? extended : code);
  const char *why = db ? sqlite3_errmsg (db) : sqlite3_errstr (code);

  switch (kind)
    {
    case LW_CACHE_ERROR_BUSY:
      g_set_error_literal (error, LW_CACHE_ERROR, kind,
                           _ ("Leeway’s local copy of the ledger is in use by another program. Try "
                              "again"));
      break;
    case LW_CACHE_ERROR_DAMAGED:
      g_set_error (error, LW_CACHE_ERROR, kind,
                   _ ("Leeway’s local copy of the ledger is damaged (%s)"), why);
      break;
    case LW_CACHE_ERROR_UNUSABLE:
    default:
      g_set_error (error, LW_CACHE_ERROR, LW_CACHE_ERROR_UNUSABLE,
                   _ ("Leeway’s local copy of the ledger cannot be used (%s)"), why);
      break;
    }

  return FALSE;
}

gboolean
lw_cache_fail_damaged (GError **error, const char *what)
{
  g_set_error (error, LW_CACHE_ERROR, LW_CACHE_ERROR_DAMAGED,
               _ ("Leeway’s local copy of the ledger is damaged (%s)"), what);
  return FALSE;
}

gboolean
lw_cache_exec (sqlite3 *db, const char *sql, GError **error)
{
  int code = sqlite3_exec (db, sql, NULL, NULL, NULL);

  return code == SQLITE_OK || lw_cache_fail (db, code, error);
}

/* --- statements --------------------------------------------------------------------------------- */

static const char *const sql[LW_SQL_N] = {
  [LW_SQL_BEGIN] = "BEGIN IMMEDIATE",
  [LW_SQL_COMMIT] = "COMMIT",
  [LW_SQL_ROLLBACK] = "ROLLBACK",
  [LW_SQL_GET_META] = "SELECT value FROM meta WHERE key = ?1",
  [LW_SQL_SET_META] = "INSERT INTO meta (key, value) VALUES (?1, ?2)"
                      " ON CONFLICT (key) DO UPDATE SET value = ?2",

  [LW_SQL_FIND_OBJECT] = "SELECT id, sha256, bytes IS NOT NULL FROM object"
                         " WHERE shelf = ?1 AND name = ?2",
  [LW_SQL_INSERT_OBJECT] =
      "INSERT INTO object (shelf, name, request, sha256, bytes, problem, stamp)"
      " VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)",
  [LW_SQL_FILL_OBJECT] = "UPDATE object SET sha256 = ?2, bytes = ?3, problem = ?4, stamp = ?5"
                         " WHERE id = ?1",
  [LW_SQL_STAMP_OBJECT] = "UPDATE object SET stamp = ?2 WHERE id = ?1",
  [LW_SQL_SPOIL_OBJECT] = "INSERT INTO object (shelf, name, request, problem)"
                          " VALUES (?1, ?2, ?3, ?4) ON CONFLICT (shelf, name)"
                          " DO UPDATE SET sha256 = NULL, bytes = NULL, problem = ?4",
  [LW_SQL_DELETE_OBJECT] = "DELETE FROM object WHERE shelf = ?1 AND name = ?2",
  [LW_SQL_OBJECTS_OF] = "SELECT shelf, name, sha256, bytes, problem FROM object"
                        " WHERE request = ?1 ORDER BY shelf, name",
  [LW_SQL_OBJECTS_ON] = "SELECT shelf, name, sha256, bytes, problem FROM object"
                        " WHERE shelf = ?1 ORDER BY name",
  [LW_SQL_NAMES] = "SELECT name, bytes IS NOT NULL, stamp FROM object"
                   " WHERE shelf = ?1 AND name >= ?2 AND name < ?3 ORDER BY name",

  [LW_SQL_STRAYS] = "SELECT name FROM object WHERE request IS NULL AND shelf = ?1 ORDER BY name",
  [LW_SQL_TOUCH_REQUEST] = "INSERT INTO request (request) VALUES (?1)"
                           " ON CONFLICT (request) DO UPDATE SET generation = generation + 1",
  [LW_SQL_PUT_TROUBLE] = "INSERT INTO trouble (shelf, name, request, kind, found)"
                         " VALUES (?1, ?2, ?3, ?4, ?5) ON CONFLICT (shelf, name)"
                         " DO UPDATE SET kind = ?4, found = ?5",
  [LW_SQL_DELETE_TROUBLE] = "DELETE FROM trouble WHERE shelf = ?1 AND name = ?2",
  [LW_SQL_GET_TROUBLE] = "SELECT shelf, name, kind FROM trouble WHERE request = ?1 ORDER BY name",
  [LW_SQL_GET_TROUBLE_APART] =
      "SELECT shelf, name, kind FROM trouble WHERE request IS NULL ORDER BY shelf, name",

  [LW_SQL_STALE] = "SELECT request, generation FROM request"
                   " WHERE basis IS NOT ?1 OR folded IS NOT generation LIMIT ?2",
  [LW_SQL_GENERATION] = "SELECT generation FROM request WHERE request = ?1",
  [LW_SQL_PUT_CASE] = "UPDATE request SET folded = ?2, basis = ?3, phase = ?4, requester = ?5,"
                      " owner = ?6, changed = ?7, expires = ?8, sum = ?9, state = ?10, flags = ?11"
                      " WHERE request = ?1",
  [LW_SQL_REQUEST_ROW] = "SELECT id FROM request WHERE request = ?1",
  [LW_SQL_PUT_WORDS] = "INSERT OR REPLACE INTO search"
                       " (rowid, title, reason, people, scopes, policies, comments)"
                       " VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)",
  [LW_SQL_DELETE_WORDS] = "DELETE FROM search WHERE rowid = ?1",
  [LW_SQL_DELETE_CASE] = "DELETE FROM request WHERE request = ?1",
  [LW_SQL_MARK] = "SELECT (SELECT ifnull (max (id), 0) FROM object),"
                  " (SELECT ifnull (max (id), 0) FROM request)",
  /* Ids grow: what is above the mark came after it. */
  [LW_SQL_COUNTS] =
      "SELECT"
      " (SELECT count (*) FROM object WHERE id > ?1 AND shelf = ?3 AND bytes NOT NULL),"
      " (SELECT count (*) FROM request WHERE id > ?2 AND state NOT NULL),"
      " (SELECT count (DISTINCT object.request) FROM object"
      "  JOIN request USING (request) WHERE object.id > ?1 AND request.id <= ?2),"
      " (SELECT count (*) FROM object WHERE shelf = ?3 AND bytes NOT NULL),"
      " (SELECT count (*) FROM request WHERE state NOT NULL),"
      " (SELECT count (*) FROM request WHERE state NOT NULL AND flags > 0)",
};

sqlite3_stmt *
lw_cache_statement (LwCache *self, LwSql which, GError **error)
{
  int code;

  if (!self->statements[which])
    {
      code = sqlite3_prepare_v3 (self->db, sql[which], -1, SQLITE_PREPARE_PERSISTENT,
                                 &self->statements[which], NULL);
      if (code != SQLITE_OK)
        {
          lw_cache_fail (self->db, code, error);
          return NULL;
        }
    }

  return self->statements[which];
}

int
lw_cache_step (LwCache *self, sqlite3_stmt *statement, GError **error)
{
  int code = sqlite3_step (statement);

  if (code == SQLITE_ROW || code == SQLITE_DONE)
    return code;

  lw_cache_fail (self->db, code, error);

  return SQLITE_ERROR;
}

gboolean
lw_cache_run (LwCache *self, sqlite3_stmt *statement, GError **error)
{
  int code;

  while ((code = lw_cache_step (self, statement, error)) == SQLITE_ROW)
    ;

  return code == SQLITE_DONE;
}

void
lw_bind_text (sqlite3_stmt *statement, int index, const char *text)
{
  sqlite3_bind_text (statement, index, text, -1, SQLITE_STATIC);
}

void
lw_bind_bytes (sqlite3_stmt *statement, int index, GBytes *bytes)
{
  gsize size = 0;
  gconstpointer data = bytes ? g_bytes_get_data (bytes, &size) : NULL;

  if (bytes)
    sqlite3_bind_blob64 (statement, index, data ? data : "", size, SQLITE_STATIC);
  else
    sqlite3_bind_null (statement, index);
}

/* What a damaged file gives for text may be no UTF-8. */
char *
lw_column_text (sqlite3_stmt *statement, int column)
{
  const char *text = (const char *) sqlite3_column_text (statement, column);

  return text ? g_utf8_make_valid (text, -1) : NULL;
}

GBytes *
lw_column_bytes (sqlite3_stmt *statement, int column)
{
  gconstpointer data;

  if (sqlite3_column_type (statement, column) == SQLITE_NULL)
    return NULL;

  data = sqlite3_column_blob (statement, column);

  return g_bytes_new (data, (gsize) sqlite3_column_bytes (statement, column));
}

gboolean
lw_cache_begin (LwCache *self, GError **error)
{
  g_auto (LwStatement) begin = lw_cache_statement (self, LW_SQL_BEGIN, error);

  return begin && lw_cache_run (self, begin, error);
}

gboolean
lw_cache_end (LwCache *self, gboolean commit, GError **error)
{
  g_auto (LwStatement) end =
      lw_cache_statement (self, commit ? LW_SQL_COMMIT : LW_SQL_ROLLBACK, error);

  if (commit)
    LW_FAULT_POINT (CACHE_COMMITTING);
  if (end && lw_cache_run (self, end, error))
    {
      if (commit)
        LW_FAULT_POINT (CACHE_COMMITTED);
      return TRUE;
    }
  if (!sqlite3_get_autocommit (self->db))
    sqlite3_exec (self->db, "ROLLBACK", NULL, NULL, NULL);

  return FALSE;
}

gboolean
lw_cache_get_number (LwCache *self, const char *key, gint64 *value, GError **error)
{
  g_auto (LwStatement) get = lw_cache_statement (self, LW_SQL_GET_META, error);
  int code;

  *value = 0;
  if (!get)
    return FALSE;

  lw_bind_text (get, 1, key);
  if ((code = lw_cache_step (self, get, error)) == SQLITE_ROW)
    *value = sqlite3_column_int64 (get, 0);

  return code != SQLITE_ERROR;
}

gboolean
lw_cache_set_number (LwCache *self, const char *key, gint64 value, GError **error)
{
  g_auto (LwStatement) set = lw_cache_statement (self, LW_SQL_SET_META, error);

  if (!set)
    return FALSE;

  lw_bind_text (set, 1, key);
  sqlite3_bind_int64 (set, 2, value);

  return lw_cache_run (self, set, error);
}

gboolean
lw_cache_check (LwCache *self, GError **error)
{
  sqlite3_stmt *statement = NULL;
  g_autofree char *first = NULL;
  int code = sqlite3_prepare_v2 (self->db, "PRAGMA integrity_check(1)", -1, &statement, NULL);

  if (code == SQLITE_OK && (code = sqlite3_step (statement)) == SQLITE_ROW)
    first = lw_column_text (statement, 0);
  sqlite3_finalize (statement);

  if (code != SQLITE_ROW)
    return lw_cache_fail (self->db, code, error);

  return g_strcmp0 (first, "ok") == 0 || lw_cache_fail_damaged (error, first);
}

void
lw_cache_free (LwCache *self)
{
  if (!self)
    return;

  for (guint i = 0; i < LW_SQL_N; i++)
    sqlite3_finalize (self->statements[i]);
  sqlite3_close_v2 (self->db);
  g_free (self->folder);
  g_free (self->path);
  g_free (self);
}

const char *
lw_cache_get_path (LwCache *self)
{
  return self->path;
}
