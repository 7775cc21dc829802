/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "config.h"

#include "lw-cache-private.h"
#include "lw-request.h"

#include <string.h>

void
lw_cache_case_clear (LwCacheCase *self)
{
  g_clear_pointer (&self->request, g_free);
  g_clear_pointer (&self->requester, g_free);
  g_clear_pointer (&self->owner, g_free);
  g_clear_pointer (&self->state, g_bytes_unref);
  g_clear_pointer (&self->sum, g_free);
  for (guint i = 0; i < G_N_ELEMENTS (self->words); i++)
    g_clear_pointer (&self->words[i], g_free);
}

GStrv
lw_cache_get_stale (LwCache *self,
                    const char *basis,
                    guint limit,
                    GArray **generations,
                    GError **error)
{
  g_auto (LwStatement) get = lw_cache_statement (self, LW_SQL_STALE, error);
  g_autoptr (GStrvBuilder) requests = g_strv_builder_new ();
  g_autoptr (GArray) numbers = g_array_new (FALSE, FALSE, sizeof (gint64));
  int code;

  if (!get)
    return NULL;

  lw_bind_text (get, 1, basis);
  sqlite3_bind_int64 (get, 2, limit);
  while ((code = lw_cache_step (self, get, error)) == SQLITE_ROW)
    {
      gint64 generation = sqlite3_column_int64 (get, 1);

      g_strv_builder_take (requests, lw_column_text (get, 0));
      g_array_append_val (numbers, generation);
    }
  if (code != SQLITE_DONE)
    return NULL;

  *generations = g_steal_pointer (&numbers);

  return g_strv_builder_end (requests);
}

gboolean
lw_cache_get_generation (LwCache *self, const char *request, gint64 *generation, GError **error)
{
  g_auto (LwStatement) get = lw_cache_statement (self, LW_SQL_GENERATION, error);
  int code;

  *generation = 0;
  if (!get)
    return FALSE;

  lw_bind_text (get, 1, request);
  if ((code = lw_cache_step (self, get, error)) == SQLITE_ROW)
    *generation = sqlite3_column_int64 (get, 0);

  return code != SQLITE_ERROR;
}

char *
lw_cache_case_sum (const char *request, gint64 generation, GBytes *state)
{
  g_autoptr (GChecksum) sum = g_checksum_new (G_CHECKSUM_SHA256);
  g_autofree char *head = g_strdup_printf ("%s %" G_GINT64_FORMAT "\n", request, generation);
  gsize size;
  const guchar *data = g_bytes_get_data (state, &size);

  g_checksum_update (sum, (const guchar *) head, -1);
  g_checksum_update (sum, data, (gssize) size);

  return g_strdup (g_checksum_get_string (sum));
}

gboolean
lw_cache_case_check (const char *request,
                     gint64 generation,
                     GBytes *state,
                     const char *sum,
                     GError **error)
{
  g_autofree char *found = lw_cache_case_sum (request, generation, state);

  return g_strcmp0 (found, sum) == 0 || lw_cache_fail_damaged (error, request);
}

static gboolean
row_of (LwCache *self, const char *request, gint64 *row, GError **error)
{
  g_auto (LwStatement) get = lw_cache_statement (self, LW_SQL_REQUEST_ROW, error);
  int code;

  *row = 0;
  if (!get)
    return FALSE;

  lw_bind_text (get, 1, request);
  if ((code = lw_cache_step (self, get, error)) == SQLITE_ROW)
    *row = sqlite3_column_int64 (get, 0);

  return code != SQLITE_ERROR;
}

static gboolean
put_words (LwCache *self, const LwCacheCase *value, GError **error)
{
  g_auto (LwStatement) put = NULL;
  gint64 row;

  if (!row_of (self, value->request, &row, error))
    return FALSE;
  if (row == 0)
    return TRUE; /* another process has removed it */
  if (!(put = lw_cache_statement (self, LW_SQL_PUT_WORDS, error)))
    return FALSE;

  sqlite3_bind_int64 (put, 1, row);
  for (guint i = 0; i < G_N_ELEMENTS (value->words); i++)
    lw_bind_text (put, (int) i + 2, value->words[i] ? value->words[i] : "");

  return lw_cache_run (self, put, error);
}

gboolean
lw_cache_put_case (LwCache *self, const LwCacheCase *value, const char *basis, GError **error)
{
  g_auto (LwStatement) put = lw_cache_statement (self, LW_SQL_PUT_CASE, error);
  g_autofree char *sum = g_strdup (value->sum);

  if (!put)
    return FALSE;
  if (!sum)
    sum = lw_cache_case_sum (value->request, value->generation, value->state);

  lw_bind_text (put, 1, value->request);
  sqlite3_bind_int64 (put, 2, value->generation);
  lw_bind_text (put, 3, basis);
  sqlite3_bind_int (put, 4, value->phase);
  lw_bind_text (put, 5, value->requester);
  lw_bind_text (put, 6, value->owner);
  sqlite3_bind_int64 (put, 7, value->changed);
  sqlite3_bind_int64 (put, 8, value->expires);
  lw_bind_text (put, 9, sum);
  lw_bind_bytes (put, 10, value->state);
  sqlite3_bind_int (put, 11, value->flags);

  return lw_cache_run (self, put, error) && put_words (self, value, error);
}

gboolean
lw_cache_remove_case (LwCache *self, const char *request, GError **error)
{
  g_auto (LwStatement) words = lw_cache_statement (self, LW_SQL_DELETE_WORDS, error);
  g_auto (LwStatement) row = lw_cache_statement (self, LW_SQL_DELETE_CASE, error);
  gint64 id;

  if (!words || !row || !row_of (self, request, &id, error))
    return FALSE;

  sqlite3_bind_int64 (words, 1, id);
  lw_bind_text (row, 1, request);

  return lw_cache_run (self, words, error) && lw_cache_run (self, row, error);
}

/* --- counts ------------------------------------------------------------------------------------- */

gboolean
lw_cache_mark (LwCache *self, LwCacheMark *mark, GError **error)
{
  g_auto (LwStatement) get = lw_cache_statement (self, LW_SQL_MARK, error);

  if (!get || lw_cache_step (self, get, error) != SQLITE_ROW)
    return FALSE;

  mark->objects = sqlite3_column_int64 (get, 0);
  mark->requests = sqlite3_column_int64 (get, 1);

  return TRUE;
}

gboolean
lw_cache_counts (LwCache *self, const LwCacheMark *mark, LwSyncCounts *counts, GError **error)
{
  g_auto (LwStatement) get = lw_cache_statement (self, LW_SQL_COUNTS, error);

  if (!get)
    return FALSE;

  sqlite3_bind_int64 (get, 1, mark->objects);
  sqlite3_bind_int64 (get, 2, mark->requests);
  sqlite3_bind_int (get, 3, LW_SHELF_REQUESTS);
  if (lw_cache_step (self, get, error) != SQLITE_ROW)
    return FALSE;

  counts->new_events = (guint) sqlite3_column_int64 (get, 0);
  counts->new_requests = (guint) sqlite3_column_int64 (get, 1);
  counts->updated_requests = (guint) sqlite3_column_int64 (get, 2);
  counts->events = (guint) sqlite3_column_int64 (get, 3);
  counts->requests = (guint) sqlite3_column_int64 (get, 4);
  counts->flagged = (guint) sqlite3_column_int64 (get, 5);

  return TRUE;
}

/* --- queries ------------------------------------------------------------------------------------ */

/* Every word must be there, or one that begins so. Quoted, so that nothing in it is a
 * command; %NULL where there is no word. */
static char *
match_of (const char *text)
{
  g_autofree char *valid = g_utf8_make_valid (text, -1);
  g_auto (GStrv) words = g_strsplit_set (valid, " \t\r\n", -1);
  g_autoptr (GString) match = g_string_new (NULL);

  for (gsize i = 0; words[i]; i++)
    {
      gboolean any = FALSE;

      for (const char *c = words[i]; *c; c = g_utf8_next_char (c))
        any |= g_unichar_isalnum (g_utf8_get_char (c));
      if (!any)
        continue;

      g_strdelimit (words[i], "\"", ' ');
      g_string_append_printf (match, "%s\"%s\" *", match->len > 0 ? " " : "", words[i]);
    }

  return match->len > 0 ? g_string_free_and_steal (g_steal_pointer (&match)) : NULL;
}

/* The id of a request, where @text is one. (transfer full) (nullable) */
static char *
id_of (const char *text)
{
  g_autofree char *id = g_strstrip (g_ascii_strdown (text, -1));

  return lw_uuid_is_valid (id) ? g_steal_pointer (&id) : NULL;
}

static sqlite3_stmt *
make_query (LwCache *self,
            const LwCacheQuery *query,
            const char *columns,
            gboolean all,
            GError **error)
{
  g_autofree char *id = query->text ? id_of (query->text) : NULL;
  g_autofree char *match = query->text && !id ? match_of (query->text) : NULL;
  g_autofree char *person = query->person ? g_ascii_strdown (query->person, -1) : NULL;
  g_autofree char *text = NULL;
  g_autoptr (GString) sql = g_string_new ("SELECT ");
  sqlite3_stmt *statement = NULL;
  int code;

  g_string_append_printf (sql, "%s FROM ", columns);
  if (match)
    g_string_append (sql, "search JOIN request ON request.id = search.rowid WHERE search MATCH ?1");
  else
    g_string_append (sql, "request WHERE 1");
  if (id)
    g_string_append (sql, " AND request.request = ?6");
  else if (query->text && !match)
    g_string_append (sql, " AND 0");
  g_string_append (sql, " AND state IS NOT NULL");
  if (query->phases || query->live || query->over)
    g_string_append (sql, " AND (((1 << phase) & ?2) != 0"
                          " OR (((1 << phase) & ?7) != 0 AND (expires = 0 OR expires > ?9))"
                          " OR (((1 << phase) & ?8) != 0 AND expires BETWEEN 1 AND ?9))");
  if (query->since)
    g_string_append (sql, " AND changed >= ?10");
  if (person)
    g_string_append (sql, " AND (requester = ?3 OR owner = ?3)");
  if (!all && match)
    g_string_append (sql, " ORDER BY bm25 (search, 10, 3, 5, 2, 2, 1), changed DESC");
  else if (!all)
    g_string_append (sql, " ORDER BY changed DESC, request");
  if (!all)
    g_string_append (sql, " LIMIT ?4 OFFSET ?5");

  code = sqlite3_prepare_v2 (self->db, sql->str, -1, &statement, NULL);
  if (code != SQLITE_OK)
    {
      lw_cache_fail (self->db, code, error);
      return NULL;
    }

  if (match)
    sqlite3_bind_text (statement, 1, match, -1, SQLITE_TRANSIENT);
  if (id)
    sqlite3_bind_text (statement, 6, id, -1, SQLITE_TRANSIENT);
  if (query->phases || query->live || query->over)
    {
      sqlite3_bind_int64 (statement, 2, query->phases);
      sqlite3_bind_int64 (statement, 7, query->live);
      sqlite3_bind_int64 (statement, 8, query->over);
      sqlite3_bind_int64 (statement, 9, query->at);
    }
  if (query->since)
    sqlite3_bind_int64 (statement, 10, query->since);
  if (person)
    sqlite3_bind_text (statement, 3, person, -1, SQLITE_TRANSIENT);
  if (!all)
    {
      sqlite3_bind_int64 (statement, 4, query->limit ? (gint64) query->limit : -1);
      sqlite3_bind_int64 (statement, 5, query->offset);
    }

  return statement;
}

typedef sqlite3_stmt *OwnStatement;
static void
own_statement_clear (OwnStatement *statement)
{
  sqlite3_finalize (*statement);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (OwnStatement, own_statement_clear)

gboolean
lw_cache_query (LwCache *self,
                const LwCacheQuery *query,
                LwCacheKnownFunc is_known,
                LwCacheCaseFunc func,
                gpointer user_data,
                GError **error)
{
  g_auto (OwnStatement) statement =
      make_query (self, query, "request.request, folded, sum, state", FALSE, error);
  int code;

  if (!statement)
    return FALSE;

  while ((code = lw_cache_step (self, statement, error)) == SQLITE_ROW)
    {
      g_autofree char *request = lw_column_text (statement, 0);
      gint64 generation = sqlite3_column_int64 (statement, 1);
      g_autoptr (GBytes) state = NULL;
      g_autofree char *sum = NULL;

      if (!is_known || !is_known (request, generation, user_data))
        {
          state = lw_column_bytes (statement, 3);
          sum = lw_column_text (statement, 2);
        }
      if (!func (request, generation, state, sum, user_data, error))
        return FALSE;
    }

  return code == SQLITE_DONE;
}

gboolean
lw_cache_query_keys (LwCache *self,
                     const LwCacheQuery *query,
                     LwCacheKeyFunc func,
                     gpointer user_data,
                     GError **error)
{
  g_auto (OwnStatement) statement =
      make_query (self, query, "request.request, folded", FALSE, error);
  int code;

  if (!statement)
    return FALSE;

  while ((code = lw_cache_step (self, statement, error)) == SQLITE_ROW)
    func ((const char *) sqlite3_column_text (statement, 0), sqlite3_column_int64 (statement, 1),
          user_data);

  return code == SQLITE_DONE;
}

gboolean
lw_cache_count (LwCache *self, const LwCacheQuery *query, guint *count, GError **error)
{
  g_auto (OwnStatement) statement = make_query (self, query, "count (*)", TRUE, error);
  int code;

  *count = 0;
  if (!statement)
    return FALSE;
  if ((code = lw_cache_step (self, statement, error)) == SQLITE_ROW)
    *count = (guint) sqlite3_column_int64 (statement, 0);

  return code != SQLITE_ERROR;
}
