/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "config.h"

#include "lw-outbox-private.h"

#include <errno.h>
#include <fcntl.h>
#include <glib/gi18n-lib.h>
#include <glib/gstdio.h>
#include <string.h>
#include <sys/file.h>
#include <unistd.h>

#define NAME "outbox.db"

static guint busy_timeout = 5000;
static guint max_pages;

GQuark
lw_outbox_error_quark (void)
{
  return g_quark_from_static_string ("lw-outbox-error-quark");
}

void
lw_outbox_set_limits (guint busy_milliseconds, guint pages)
{
  busy_timeout = busy_milliseconds;
  max_pages = pages;
}

/* --- errors ------------------------------------------------------------------------------------- */

static LwOutboxError
classify (int code)
{
  if (code == SQLITE_IOERR_SHORT_READ || code == SQLITE_IOERR_CORRUPTFS)
    return LW_OUTBOX_ERROR_DAMAGED;

  switch (code & 0xff)
    {
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
      return LW_OUTBOX_ERROR_BUSY;
    case SQLITE_FULL:
      return LW_OUTBOX_ERROR_FULL;
    case SQLITE_CORRUPT:
    case SQLITE_NOTADB:
    case SQLITE_FORMAT:
    case SQLITE_ERROR: /* a table or a column is not there */
    case SQLITE_SCHEMA:
    case SQLITE_MISMATCH:
    case SQLITE_CONSTRAINT:
      return LW_OUTBOX_ERROR_DAMAGED;
    default:
      return LW_OUTBOX_ERROR_UNUSABLE;
    }
}

gboolean
lw_outbox_fail (sqlite3 *db, int code, GError **error)
{
  int extended = db ? sqlite3_extended_errcode (db) : code;
  LwOutboxError kind = classify ((extended & 0xff) == (code & 0xff) ? extended : code);
  const char *why = db ? sqlite3_errmsg (db) : sqlite3_errstr (code);

  switch (kind)
    {
    case LW_OUTBOX_ERROR_BUSY:
      g_set_error_literal (error, LW_OUTBOX_ERROR, kind,
                           _ ("Leeway’s outbox is in use by another program. Try again"));
      break;
    case LW_OUTBOX_ERROR_FULL:
      g_set_error_literal (error, LW_OUTBOX_ERROR, kind,
                           _ ("The disk is full, so nothing can be kept in Leeway’s outbox. Make "
                              "room and try again"));
      break;
    case LW_OUTBOX_ERROR_DAMAGED:
      g_set_error (error, LW_OUTBOX_ERROR, kind, _ ("Leeway’s outbox is damaged (%s)"), why);
      break;
    case LW_OUTBOX_ERROR_NEWER:
    case LW_OUTBOX_ERROR_GONE:
    case LW_OUTBOX_ERROR_UNUSABLE:
    default:
      g_set_error (error, LW_OUTBOX_ERROR, LW_OUTBOX_ERROR_UNUSABLE,
                   _ ("Leeway’s outbox cannot be used (%s)"), why);
      break;
    }

  return FALSE;
}

static gboolean
fail_errno (GError **error, int saved)
{
  if (saved == ENOSPC || saved == EDQUOT)
    return lw_outbox_fail (NULL, SQLITE_FULL, error);

  g_set_error (error, LW_OUTBOX_ERROR, LW_OUTBOX_ERROR_UNUSABLE,
               _ ("Leeway’s outbox cannot be used (%s)"), g_strerror (saved));

  return FALSE;
}

/* --- queries ------------------------------------------------------------------------------------ */

gboolean
lw_outbox_exec (sqlite3 *db, const char *sql, GError **error)
{
  int code = sqlite3_exec (db, sql, NULL, NULL, NULL);

  return code == SQLITE_OK || lw_outbox_fail (db, code, error);
}

static void
bind_bytes (sqlite3_stmt *query, int index, GBytes *bytes)
{
  gsize size = 0;
  gconstpointer data = bytes ? g_bytes_get_data (bytes, &size) : NULL;

  if (bytes)
    sqlite3_bind_blob64 (query, index, data ? data : "", size, SQLITE_STATIC);
  else
    sqlite3_bind_null (query, index);
}

sqlite3_stmt *
lw_outbox_query (sqlite3 *db, GError **error, const char *sql, const char *types, ...)
{
  sqlite3_stmt *query = NULL;
  int code = sqlite3_prepare_v2 (db, sql, -1, &query, NULL);
  va_list args;

  if (code != SQLITE_OK)
    {
      lw_outbox_fail (db, code, error);
      return NULL;
    }

  va_start (args, types);
  for (int i = 0; types[i]; i++)
    {
      if (types[i] == 'i')
        sqlite3_bind_int64 (query, i + 1, va_arg (args, gint64));
      else if (types[i] == 'b')
        bind_bytes (query, i + 1, va_arg (args, GBytes *));
      else
        sqlite3_bind_text (query, i + 1, va_arg (args, const char *), -1, SQLITE_STATIC);
    }
  va_end (args);

  return query;
}

int
lw_outbox_step (sqlite3 *db, sqlite3_stmt *query, GError **error)
{
  int code = sqlite3_step (query);

  if (code == SQLITE_ROW || code == SQLITE_DONE)
    return code;

  lw_outbox_fail (db, code, error);

  return SQLITE_ERROR;
}

gboolean
lw_outbox_run (sqlite3 *db, sqlite3_stmt *query, GError **error)
{
  int code;

  while ((code = lw_outbox_step (db, query, error)) == SQLITE_ROW)
    ;

  return code == SQLITE_DONE;
}

/* --- the file ----------------------------------------------------------------------------------- */

static char *
path_of (LwOutboxDb *self)
{
  return g_build_filename (self->folder, NAME, NULL);
}

/* Held while the file is opened or replaced, so that one process does it. Closing lets go. */
static int
lock (LwOutboxDb *self, GError **error)
{
  g_autofree char *path = g_build_filename (self->folder, "outbox.lock", NULL);
  int fd;

  if (g_mkdir_with_parents (self->folder, 0700) < 0 ||
      (fd = g_open (path, O_RDWR | O_CREAT | O_CLOEXEC, 0600)) < 0)
    {
      fail_errno (error, errno);
      return -1;
    }

  while (flock (fd, LOCK_EX) < 0)
    {
      if (errno == EINTR)
        continue;
      /* Some network file systems know no locks; then two that find the same damage may both act. */
      break;
    }

  return fd;
}

static void
unlock (int fd)
{
  close (fd);
}

/* SQLite gives its journals the rights of the file. */
static gboolean
make_file (const char *path, GError **error)
{
  int fd = g_open (path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);

  if (fd < 0)
    return fail_errno (error, errno);
  close (fd);

  return TRUE;
}

static gboolean
configure (sqlite3 *db, GError **error)
{
  g_auto (LwOutboxQuery) wal = NULL;

  sqlite3_extended_result_codes (db, 1);
  sqlite3_busy_timeout (db, (int) busy_timeout);
  sqlite3_db_config (db, SQLITE_DBCONFIG_DEFENSIVE, 1, NULL);
  sqlite3_db_config (db, SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0, NULL);
  if (max_pages > 0)
    {
      g_autofree char *limit = g_strdup_printf ("PRAGMA max_page_count = %u", max_pages);

      if (!lw_outbox_exec (db, limit, error))
        return FALSE;
    }

  /* FULL: what was accepted outlives a power cut. Where there is no WAL, the old journal will do. */
  return lw_outbox_exec (db, "PRAGMA synchronous = FULL", error) &&
         (wal = lw_outbox_query (db, error, "PRAGMA journal_mode = WAL", "")) &&
         lw_outbox_run (db, wal, error);
}

static gboolean
check_whole (sqlite3 *db, GError **error)
{
  g_auto (LwOutboxQuery) check = lw_outbox_query (db, error, "PRAGMA quick_check(1)", "");
  const char *answer;

  if (!check || lw_outbox_step (db, check, error) != SQLITE_ROW)
    return FALSE;

  answer = (const char *) sqlite3_column_text (check, 0);
  if (g_strcmp0 (answer, "ok") == 0)
    return TRUE;

  g_set_error (error, LW_OUTBOX_ERROR, LW_OUTBOX_ERROR_DAMAGED,
               _ ("Leeway’s outbox is damaged (%s)"), answer ? answer : "?");

  return FALSE;
}

static void
read_notice (LwOutboxDb *self)
{
  g_auto (LwOutboxQuery) query =
      lw_outbox_query (self->db, NULL, "SELECT value FROM meta WHERE key = 'notice'", "");

  g_clear_pointer (&self->notice, g_free);
  if (query && sqlite3_step (query) == SQLITE_ROW && sqlite3_column_text (query, 0))
    self->notice = g_utf8_make_valid ((const char *) sqlite3_column_text (query, 0), -1);
}

static gboolean
open_file (LwOutboxDb *self, const char *path, GError **error)
{
  GStatBuf info;
  int code;

  if (!make_file (path, error))
    return FALSE;

  code = sqlite3_open_v2 (path, &self->db, SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX, NULL);
  if (code != SQLITE_OK)
    lw_outbox_fail (self->db, code, error);
  else if (configure (self->db, error) && lw_outbox_schema_prepare (self->db, error) &&
           check_whole (self->db, error) && g_stat (path, &info) == 0)
    {
      self->device = info.st_dev;
      self->inode = info.st_ino;
      read_notice (self);
      return TRUE;
    }

  lw_outbox_db_close (self);
  if (error && !*error)
    fail_errno (error, ENOENT);

  return FALSE;
}

void
lw_outbox_db_close (LwOutboxDb *self)
{
  g_clear_pointer (&self->db, sqlite3_close_v2);
}

/* --- setting aside ------------------------------------------------------------------------------ */

static void
rename_with (const char *from, const char *to, const char *suffix)
{
  g_autofree char *old = g_strconcat (from, suffix, NULL);
  g_autofree char *new = g_strconcat (to, suffix, NULL);

  g_rename (old, new);
}

/* (transfer full) (nullable): what it is called now */
static char *
set_aside (LwOutboxDb *self, const char *path, GError **error)
{
  g_autoptr (GDateTime) now = g_date_time_new_now_utc ();
  g_autofree char *stamp = g_date_time_format (now, "%Y%m%dT%H%M%SZ");

  for (guint i = 1; i < 100; i++)
    {
      g_autofree char *name = g_strdup_printf ("outbox-damaged-%s-%u.db", stamp, i);
      g_autofree char *aside = g_build_filename (self->folder, name, NULL);

      if (g_file_test (aside, G_FILE_TEST_EXISTS))
        continue;
      if (g_rename (path, aside) < 0)
        break;

      rename_with (path, aside, "-wal");
      rename_with (path, aside, "-shm");
      return g_steal_pointer (&aside);
    }

  fail_errno (error, errno);

  return NULL;
}

static void
write_notice (LwOutboxDb *self, const char *aside, guint saved)
{
  g_autofree char *notice = NULL;
  g_auto (LwOutboxQuery) query = NULL;

  if (saved > 0)
    notice = g_strdup_printf (
        ngettext ("The outbox, where what waits to be sent is kept, was damaged. It was moved to "
                  "%s, and a new one was made with the %u entry that was whole. See whether "
                  "something of yours is missing",
                  "The outbox, where what waits to be sent is kept, was damaged. It was moved to "
                  "%s, and a new one was made with the %u entries that were whole. See whether "
                  "something of yours is missing",
                  saved),
        aside, saved);
  else
    notice = g_strdup_printf (
        _ ("The outbox, where what waits to be sent is kept, was damaged, and nothing in it could "
           "be read. It was moved to %s, and a new one was made. What you wrote while the ledger "
           "could not be reached has to be written again"),
        aside);

  g_set_str (&self->notice, notice);
  query = lw_outbox_query (self->db, NULL,
                           "INSERT OR REPLACE INTO meta (key, value) VALUES ('notice', ?1)", "s",
                           notice);
  if (query)
    sqlite3_step (query);
}

static gboolean
is_current (LwOutboxDb *self, const char *path)
{
  GStatBuf info;

  return self->db && g_stat (path, &info) == 0 && info.st_dev == self->device &&
         info.st_ino == self->inode;
}

/* Under the lock. */
static gboolean
replace (LwOutboxDb *self, const char *path, GError **error)
{
  g_autofree char *aside = NULL;
  guint saved;

  lw_outbox_db_close (self);
  if (!(aside = set_aside (self, path, error)) || !open_file (self, path, error))
    return FALSE;

  saved = lw_outbox_salvage (aside, self->db);
  write_notice (self, aside, saved);

  return TRUE;
}

gboolean
lw_outbox_db_open (LwOutboxDb *self, GError **error)
{
  g_autofree char *path = path_of (self);
  g_autoptr (GError) cause = NULL;
  gboolean opened;
  int fd;

  if (is_current (self, path))
    return TRUE;

  lw_outbox_db_close (self);
  if ((fd = lock (self, error)) < 0)
    return FALSE;

  opened = open_file (self, path, &cause);
  if (!opened && g_error_matches (cause, LW_OUTBOX_ERROR, LW_OUTBOX_ERROR_DAMAGED))
    opened = replace (self, path, error);
  else if (!opened)
    g_propagate_error (error, g_steal_pointer (&cause));
  unlock (fd);

  return opened;
}

gboolean
lw_outbox_db_replace (LwOutboxDb *self, GError **error)
{
  g_autofree char *path = path_of (self);
  gboolean done;
  int fd;

  if ((fd = lock (self, error)) < 0)
    return FALSE;

  /* Another process may have done it while this one waited. */
  if (is_current (self, path))
    done = replace (self, path, error);
  else
    done = open_file (self, path, error);
  unlock (fd);

  return done;
}
