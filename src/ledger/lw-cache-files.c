/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "config.h"

#include "lw-cache-private.h"

#include <errno.h>
#include <glib/gi18n-lib.h>
#include <glib/gstdio.h>
#include <string.h>
#include <unistd.h>

#define KEPT    "cache-"
#define DAMAGED "damaged-"
#define SUFFIX  ".db"
/* A process that makes a file that this one wanted to make, again and again. */
#define MAX_TRIES 8

static guint busy_timeout = 5000;

void
lw_cache_set_busy_timeout (guint milliseconds)
{
  busy_timeout = milliseconds;
}

static void
close_database (sqlite3 **db)
{
  g_clear_pointer (db, sqlite3_close_v2);
}

typedef sqlite3 *Database;
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Database, close_database)

/* No mmap: a file that shrinks under it would be a bus error. */
static const char *const settings = "PRAGMA trusted_schema = OFF;"
                                    "PRAGMA cell_size_check = ON;"
                                    "PRAGMA mmap_size = 0;"
                                    "PRAGMA synchronous = NORMAL;"
                                    "PRAGMA temp_store = MEMORY;"
                                    "PRAGMA cache_size = -8000;";

static sqlite3 *
open_database (const char *path, int flags, GError **error)
{
  g_auto (Database) db = NULL;
  int code = sqlite3_open_v2 (path, &db, SQLITE_OPEN_READWRITE | flags, NULL);

  if (code != SQLITE_OK)
    {
      lw_cache_fail (db, code, error);
      return NULL;
    }

  sqlite3_extended_result_codes (db, 1);
  sqlite3_busy_timeout (db, (int) busy_timeout);
  sqlite3_db_config (db, SQLITE_DBCONFIG_DEFENSIVE, 1, NULL);
  if (!lw_cache_exec (db, settings, error))
    return NULL;

  return g_steal_pointer (&db);
}

static gboolean
use_wal (sqlite3 *db, GError **error)
{
  sqlite3_stmt *statement = NULL;
  gboolean wal = FALSE;
  int code = sqlite3_prepare_v2 (db, "PRAGMA journal_mode = WAL", -1, &statement, NULL);

  if (code == SQLITE_OK && (code = sqlite3_step (statement)) == SQLITE_ROW)
    wal = g_strcmp0 ((const char *) sqlite3_column_text (statement, 0), "wal") == 0;
  sqlite3_finalize (statement);

  if (code != SQLITE_ROW)
    return lw_cache_fail (db, code, error);

  /* Where there is no shared memory there is no other process either: the old journal will do. */
  return wal || sqlite3_db_readonly (db, "main") == 0 || lw_cache_fail (db, SQLITE_READONLY, error);
}

static LwCache *
cache_take (sqlite3 *db, const char *folder, const char *path)
{
  LwCache *self = g_new0 (LwCache, 1);

  self->db = db;
  self->folder = g_strdup (folder);
  self->path = g_strdup (path);

  return self;
}

static LwCache *
open_memory (const char *folder)
{
  g_autoptr (GError) error = NULL;
  sqlite3 *db = open_database (":memory:", 0, &error);

  if (!db || !lw_cache_schema_prepare (db, &error))
    g_error ("SQLite cannot even make a database in memory: %s", error->message);

  return cache_take (db, folder, NULL);
}

static char *
file_of (const char *folder, const char *prefix, gint64 n)
{
  g_autofree char *name = g_strdup_printf ("%s%" G_GINT64_FORMAT SUFFIX, prefix, n);

  return g_build_filename (folder, name, NULL);
}

/* The number in "<prefix><n>.db"; 0 for other names. */
static gint64
number_of (const char *name, const char *prefix)
{
  const char *digits = name + strlen (prefix);
  gsize n;

  if (!g_str_has_prefix (name, prefix))
    return 0;
  n = strspn (digits, "0123456789");
  if (n == 0 || n > 15 || strcmp (digits + n, SUFFIX) != 0)
    return 0;

  return g_ascii_strtoll (digits, NULL, 10);
}

static void
remove_file (const char *path)
{
  g_autofree char *wal = g_strconcat (path, "-wal", NULL);
  g_autofree char *shm = g_strconcat (path, "-shm", NULL);

  g_unlink (path);
  g_unlink (wal);
  g_unlink (shm);
}

/* The version that a cache file says it has; read from its header, so that a damaged or locked one needs
 * no opening. -1 for what is no database, 0 for what cannot be read. */
static gint64
version_of (const char *path)
{
  guchar header[64];
  FILE *file = g_fopen (path, "rb");
  gsize n = file ? fread (header, 1, sizeof header, file) : 0;

  if (!file)
    return 0;
  fclose (file);
  if (n < sizeof header || memcmp (header, "SQLite format 3", 16) != 0)
    return -1;

  return ((gint64) header[60] << 24) | (header[61] << 16) | (header[62] << 8) | header[63];
}

typedef struct
{
  gint64 best;    /* the newest that this version can use; 0 for none */
  gint64 highest; /* of all numbers ever used */
  gboolean newer; /* there is one of a newer version */
} Found;

static gboolean
look_around (const char *folder, Found *found, GError **error)
{
  g_autoptr (GDir) dir = g_dir_open (folder, 0, NULL);
  gint64 best_version = -2;
  const char *name;

  *found = (Found) { 0 };
  if (!dir)
    {
      g_set_error (error, LW_CACHE_ERROR, LW_CACHE_ERROR_UNUSABLE,
                   _ ("Leeway’s local copy of the ledger cannot be used (%s)"), g_strerror (errno));
      return FALSE;
    }

  while ((name = g_dir_read_name (dir)))
    {
      gint64 kept = number_of (name, KEPT);
      g_autofree char *path = g_build_filename (folder, name, NULL);
      gint64 version;

      found->highest = MAX (found->highest, MAX (kept, number_of (name, DAMAGED)));
      if (kept == 0)
        continue;

      version = version_of (path);
      if (version > LW_CACHE_SCHEMA && version < LW_CACHE_NO_SCHEMA)
        {
          found->newer = TRUE;
          continue;
        }
      version = version > LW_CACHE_SCHEMA ? -1 : version;
      if (version > best_version || (version == best_version && kept > found->best))
        {
          best_version = version;
          found->best = kept;
        }
    }

  return TRUE;
}

/* What was set aside before, and what this one replaced. */
static void
remove_old (const char *folder, gint64 keep)
{
  g_autoptr (GDir) dir = g_dir_open (folder, 0, NULL);
  gint64 newest_damaged = 0;
  const char *name;

  while (dir && (name = g_dir_read_name (dir)))
    newest_damaged = MAX (newest_damaged, number_of (name, DAMAGED));
  if (dir)
    g_dir_rewind (dir);

  while (dir && (name = g_dir_read_name (dir)))
    {
      g_autofree char *path = g_build_filename (folder, name, NULL);
      gint64 damaged = number_of (name, DAMAGED);
      gint64 kept = number_of (name, KEPT);

      if ((damaged > 0 && damaged < newest_damaged) ||
          (kept > 0 && kept < keep && version_of (path) <= LW_CACHE_SCHEMA))
        remove_file (path);
    }
}

/* Makes a new file in one go, so that nobody sees half of one. */
static gboolean
make_file (const char *folder, const char *path, GError **error)
{
  g_autofree char *name = g_strdup_printf (".new-%d-%08x" SUFFIX, (int) getpid (), g_random_int ());
  g_autofree char *fresh = g_build_filename (folder, name, NULL);
  sqlite3 *db = open_database (fresh, SQLITE_OPEN_CREATE, error);
  gboolean made = db && lw_cache_schema_prepare (db, error) && use_wal (db, error);

  g_clear_pointer (&db, sqlite3_close_v2);
  if (made && link (fresh, path) < 0 && errno != EEXIST && g_rename (fresh, path) < 0)
    {
      g_set_error (error, LW_CACHE_ERROR, LW_CACHE_ERROR_UNUSABLE,
                   _ ("Leeway’s local copy of the ledger cannot be used (%s)"), g_strerror (errno));
      made = FALSE;
    }
  remove_file (fresh);

  return made;
}

static LwCache *
open_file (const char *folder, const char *path, GError **error)
{
  g_auto (Database) db = NULL;
  g_autoptr (LwCache) self = NULL;

  /* SQLite takes an empty file for a new database; but a file gets its name when it is whole. */
  if (version_of (path) < 0)
    {
      lw_cache_fail_damaged (error, path);
      return NULL;
    }

  if (!(db = open_database (path, 0, error)) || !use_wal (db, error) ||
      !lw_cache_schema_prepare (db, error))
    return NULL;

  self = cache_take (g_steal_pointer (&db), folder, path);

  /* Every table must be there before anything is trusted. */
  for (guint i = 0; i < LW_SQL_N; i++)
    {
      if (!lw_cache_statement (self, i, error))
        return NULL;
    }

  return g_steal_pointer (&self);
}

static void
set_aside (const char *folder, gint64 n)
{
  g_autofree char *path = file_of (folder, KEPT, n);
  g_autofree char *aside = file_of (folder, DAMAGED, n);
  g_autofree char *wal = g_strconcat (path, "-wal", NULL);
  g_autofree char *shm = g_strconcat (path, "-shm", NULL);

  if (g_rename (path, aside) < 0)
    g_unlink (path);
  g_unlink (wal);
  g_unlink (shm);
}

static void
say_damaged (char **notice)
{
  g_free (*notice);
  *notice = g_strdup (_ ("Leeway’s local copy of the ledger was damaged. It was set aside, and "
                         "everything is read from the ledger again"));
}

static void
say_memory (char **notice, const GError *cause)
{
  g_free (*notice);
  if (g_error_matches (cause, LW_CACHE_ERROR, LW_CACHE_ERROR_BUSY))
    *notice =
        g_strdup (_ ("Leeway’s local copy of the ledger is in use by another program, so this "
                     "time everything is read from the ledger again"));
  else
    *notice = g_strdup_printf (_ ("No local copy of the ledger can be kept, so everything is read "
                                  "from the ledger each time, and nothing can be read offline. %s"),
                               cause->message);
}

/* The cache in @folder; one that is damaged is set aside. */
static LwCache *
open_in_folder (const char *folder, char **notice, GError **error)
{
  for (guint i = 0; i < MAX_TRIES; i++)
    {
      g_autoptr (GError) cause = NULL;
      g_autofree char *path = NULL;
      LwCache *self;
      Found found;

      if (!look_around (folder, &found, error))
        return NULL;

      path = file_of (folder, KEPT, found.best ? found.best : found.highest + 1);
      if (!found.best && !make_file (folder, path, error))
        return NULL;
      if (!found.best && found.newer && !*notice)
        *notice =
            g_strdup (_ ("The local copy of the ledger was made by a newer Leeway, which this "
                         "one cannot read. It is left alone, and a copy of this one’s own "
                         "begins"));

      if ((self = open_file (folder, path, &cause)))
        {
          remove_old (folder, found.best ? found.best : found.highest + 1);
          return self;
        }
      if (!g_error_matches (cause, LW_CACHE_ERROR, LW_CACHE_ERROR_DAMAGED))
        {
          g_propagate_error (error, g_steal_pointer (&cause));
          return NULL;
        }

      set_aside (folder, found.best ? found.best : found.highest + 1);
      say_damaged (notice);
    }

  g_set_error_literal (error, LW_CACHE_ERROR, LW_CACHE_ERROR_UNUSABLE,
                       _ ("Leeway’s local copy of the ledger cannot be used (it is damaged again "
                          "and again)"));
  return NULL;
}

LwCache *
lw_cache_open (const char *folder, char **notice)
{
  g_autoptr (GError) error = NULL;
  LwCache *self;

  g_return_val_if_fail (notice != NULL, NULL);

  *notice = NULL;
  if (!folder)
    return open_memory (NULL);

  if (g_mkdir_with_parents (folder, 0700) < 0)
    g_set_error (&error, LW_CACHE_ERROR, LW_CACHE_ERROR_UNUSABLE,
                 _ ("Leeway’s local copy of the ledger cannot be used (%s)"), g_strerror (errno));
  else if ((self = open_in_folder (folder, notice, &error)))
    return self;

  say_memory (notice, error);

  return open_memory (folder);
}

LwCache *
lw_cache_replace (LwCache *self, const GError *cause, char **notice)
{
  g_autofree char *folder = NULL;
  g_autofree char *name = NULL;
  LwCache *next;
  gint64 n;

  g_return_val_if_fail (self != NULL, NULL);
  g_return_val_if_fail (cause != NULL, NULL);
  g_return_val_if_fail (notice != NULL, NULL);

  *notice = NULL;
  folder = g_strdup (self->folder);
  name = self->path ? g_path_get_basename (self->path) : NULL;
  n = name ? number_of (name, KEPT) : 0;
  lw_cache_free (self);

  if (n > 0 && (g_error_matches (cause, LW_CACHE_ERROR, LW_CACHE_ERROR_DAMAGED) ||
                g_error_matches (cause, LW_CACHE_ERROR, LW_CACHE_ERROR_FOREIGN)))
    {
      g_autofree char *said = NULL;
      g_autofree char *aside = file_of (folder, DAMAGED, n);

      set_aside (folder, n);
      next = lw_cache_open (folder, &said);
      if (cause->code == LW_CACHE_ERROR_DAMAGED)
        say_damaged (notice);
      else
        *notice = g_strdup_printf (_ ("%s. It is another ledger, or it was emptied: the local copy "
                                      "of before was set aside as %s"),
                                   cause->message, aside);
      if (!next->path)
        {
          g_free (*notice);
          *notice = g_steal_pointer (&said);
        }
      return next;
    }

  say_memory (notice, cause);

  return open_memory (folder);
}
