/* SPDX-License-Identifier: GPL-3.0-or-later */

#pragma once

#include "lw-cache.h"

#include <sqlite3.h>

G_BEGIN_DECLS

/* No version is ever so high: what says so is damaged. */
#define LW_CACHE_NO_SCHEMA 1000

/* The statements, prepared when first used and kept. */
typedef enum
{
  LW_SQL_BEGIN,
  LW_SQL_COMMIT,
  LW_SQL_ROLLBACK,
  LW_SQL_GET_META,
  LW_SQL_SET_META,
  LW_SQL_FIND_OBJECT,
  LW_SQL_INSERT_OBJECT,
  LW_SQL_FILL_OBJECT,
  LW_SQL_STAMP_OBJECT,
  LW_SQL_SPOIL_OBJECT,
  LW_SQL_DELETE_OBJECT,
  LW_SQL_OBJECTS_OF,
  LW_SQL_OBJECTS_ON,
  LW_SQL_NAMES,
  LW_SQL_STRAYS,
  LW_SQL_TOUCH_REQUEST,
  LW_SQL_PUT_TROUBLE,
  LW_SQL_DELETE_TROUBLE,
  LW_SQL_GET_TROUBLE,
  LW_SQL_GET_TROUBLE_APART,
  LW_SQL_STALE,
  LW_SQL_GENERATION,
  LW_SQL_PUT_CASE,
  LW_SQL_REQUEST_ROW,
  LW_SQL_PUT_WORDS,
  LW_SQL_DELETE_WORDS,
  LW_SQL_DELETE_CASE,
  LW_SQL_MARK,
  LW_SQL_COUNTS,
  LW_SQL_N,
} LwSql;

struct _LwCache
{
  sqlite3 *db;
  char *folder; /* nullable */
  char *path;   /* nullable */
  sqlite3_stmt *statements[LW_SQL_N];
};

/* Tables. %FALSE with an error of the cache. */
gboolean lw_cache_schema_prepare (sqlite3 *db, GError **error);

gboolean lw_cache_fail (sqlite3 *db, int code, GError **error);
gboolean lw_cache_fail_damaged (GError **error, const char *what);
gboolean lw_cache_exec (sqlite3 *db, const char *sql, GError **error);

/* A kept statement, reset; %NULL with an error. Its bindings go away with lw_statement_done(). */
sqlite3_stmt *lw_cache_statement (LwCache *self, LwSql which, GError **error);

typedef sqlite3_stmt *LwStatement;
static inline void
lw_statement_done (LwStatement *statement)
{
  if (*statement)
    {
      sqlite3_reset (*statement);
      sqlite3_clear_bindings (*statement);
    }
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (LwStatement, lw_statement_done)

/* SQLITE_ROW, SQLITE_DONE, or SQLITE_ERROR with an error set. */
int lw_cache_step (LwCache *self, sqlite3_stmt *statement, GError **error);
/* One that gives no rows. */
gboolean lw_cache_run (LwCache *self, sqlite3_stmt *statement, GError **error);

/* Text is bound where it lives: it must outlive the step. */
void lw_bind_text (sqlite3_stmt *statement, int index, const char *text);
void lw_bind_bytes (sqlite3_stmt *statement, int index, GBytes *bytes);
/* (transfer full) (nullable) */
char *lw_column_text (sqlite3_stmt *statement, int column);
GBytes *lw_column_bytes (sqlite3_stmt *statement, int column);

/* The next state of the request is another one. */
gboolean lw_cache_touch (LwCache *self, const char *request, GError **error);

G_END_DECLS
