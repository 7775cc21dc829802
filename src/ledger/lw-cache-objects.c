/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "config.h"

#include "lw-cache-private.h"

#include <string.h>

LwCacheObject *
lw_cache_object_new (LwShelf shelf, const char *name, GBytes *bytes)
{
  LwCacheObject *self = g_new0 (LwCacheObject, 1);

  self->shelf = shelf;
  self->name = g_strdup (name);
  self->bytes = bytes ? g_bytes_ref (bytes) : NULL;

  return self;
}

void
lw_cache_object_free (LwCacheObject *self)
{
  if (!self)
    return;

  g_free (self->name);
  g_free (self->sha256);
  g_clear_pointer (&self->bytes, g_bytes_unref);
  g_free (self->problem);
  g_free (self);
}

gboolean
lw_cache_touch (LwCache *self, const char *request, GError **error)
{
  g_auto (LwStatement) touch = NULL;

  if (!request)
    return TRUE;
  if (!(touch = lw_cache_statement (self, LW_SQL_TOUCH_REQUEST, error)))
    return FALSE;

  lw_bind_text (touch, 1, request);

  return lw_cache_run (self, touch, error);
}

/* @id is 0 for one that is not known. */
static gboolean
find_object (LwCache *self,
             LwShelf shelf,
             const char *name,
             gint64 *id,
             gboolean *read,
             char **sha256,
             GError **error)
{
  g_auto (LwStatement) find = lw_cache_statement (self, LW_SQL_FIND_OBJECT, error);
  int code;

  *id = 0;
  *read = FALSE;
  if (!find)
    return FALSE;

  sqlite3_bind_int (find, 1, (int) shelf);
  lw_bind_text (find, 2, name);
  if ((code = lw_cache_step (self, find, error)) == SQLITE_ROW)
    {
      *id = sqlite3_column_int64 (find, 0);
      *read = sqlite3_column_int (find, 2);
      if (sha256)
        *sha256 = lw_column_text (find, 1);
    }

  return code != SQLITE_ERROR;
}

static gboolean
insert_object (LwCache *self,
               const LwCacheObject *object,
               const char *request,
               const char *sha256,
               GError **error)
{
  g_auto (LwStatement) insert = lw_cache_statement (self, LW_SQL_INSERT_OBJECT, error);

  if (!insert)
    return FALSE;

  sqlite3_bind_int (insert, 1, (int) object->shelf);
  lw_bind_text (insert, 2, object->name);
  lw_bind_text (insert, 3, request);
  lw_bind_text (insert, 4, sha256);
  lw_bind_bytes (insert, 5, object->bytes);
  lw_bind_text (insert, 6, object->problem);
  sqlite3_bind_int64 (insert, 7, (gint64) object->stamp);

  return lw_cache_run (self, insert, error);
}

static gboolean
fill_object (LwCache *self,
             gint64 id,
             const LwCacheObject *object,
             const char *sha256,
             GError **error)
{
  g_auto (LwStatement) fill = lw_cache_statement (self, LW_SQL_FILL_OBJECT, error);

  if (!fill)
    return FALSE;

  sqlite3_bind_int64 (fill, 1, id);
  lw_bind_text (fill, 2, sha256);
  lw_bind_bytes (fill, 3, object->bytes);
  lw_bind_text (fill, 4, object->problem);
  sqlite3_bind_int64 (fill, 5, (gint64) object->stamp);

  return lw_cache_run (self, fill, error);
}

static gboolean
stamp_object (LwCache *self, gint64 id, guint64 stamp, GError **error)
{
  g_auto (LwStatement) set = lw_cache_statement (self, LW_SQL_STAMP_OBJECT, error);

  if (!set)
    return FALSE;

  sqlite3_bind_int64 (set, 1, id);
  sqlite3_bind_int64 (set, 2, (gint64) stamp);

  return lw_cache_run (self, set, error);
}

gboolean
lw_cache_put (LwCache *self,
              const LwCacheObject *object,
              const char *request,
              LwCachePut *result,
              GError **error)
{
  g_autofree char *sha256 = NULL;
  g_autofree char *stored = NULL;
  gboolean read;
  gint64 id;

  if (object->bytes)
    sha256 = g_compute_checksum_for_bytes (G_CHECKSUM_SHA256, object->bytes);
  if (!find_object (self, object->shelf, object->name, &id, &read, &stored, error))
    return FALSE;

  *result = LW_CACHE_PUT_KNOWN;
  if (read)
    {
      /* As long as it is another one, each full listing looks at it. */
      if (sha256 && g_strcmp0 (sha256, stored) != 0)
        {
          *result = LW_CACHE_PUT_DIFFERS;
          return stamp_object (self, id, 0, error);
        }
      if (sha256 && object->stamp != 0)
        return stamp_object (self, id, object->stamp, error);
      return TRUE;
    }

  *result = LW_CACHE_PUT_NEW;

  return (id ? fill_object (self, id, object, sha256, error)
             : insert_object (self, object, request, sha256, error)) &&
         lw_cache_touch (self, request, error);
}

gboolean
lw_cache_spoil (LwCache *self,
                LwShelf shelf,
                const char *name,
                const char *request,
                const char *problem,
                GError **error)
{
  g_auto (LwStatement) change =
      lw_cache_statement (self, problem ? LW_SQL_SPOIL_OBJECT : LW_SQL_DELETE_OBJECT, error);

  if (!change)
    return FALSE;

  sqlite3_bind_int (change, 1, (int) shelf);
  lw_bind_text (change, 2, name);
  if (problem)
    {
      lw_bind_text (change, 3, request);
      lw_bind_text (change, 4, problem);
    }

  return lw_cache_run (self, change, error) && lw_cache_touch (self, request, error);
}

static LwCacheObject *
read_object (sqlite3_stmt *statement, GError **error)
{
  g_autoptr (LwCacheObject) object = g_new0 (LwCacheObject, 1);

  object->shelf = (LwShelf) sqlite3_column_int (statement, 0);
  object->name = lw_column_text (statement, 1);
  object->sha256 = lw_column_text (statement, 2);
  object->bytes = lw_column_bytes (statement, 3);
  object->problem = lw_column_text (statement, 4);

  if ((guint) object->shelf >= LW_SHELF_COUNT || !object->name ||
      (object->bytes && !lw_store_name_is_valid (object->name)))
    {
      lw_cache_fail_damaged (error, "object");
      return NULL;
    }

  return g_steal_pointer (&object);
}

gboolean
lw_cache_object_check (const LwCacheObject *object, GError **error)
{
  g_autofree char *sha256 = NULL;

  if (!object->bytes)
    return TRUE;

  sha256 = g_compute_checksum_for_bytes (G_CHECKSUM_SHA256, object->bytes);

  return g_strcmp0 (sha256, object->sha256) == 0 || lw_cache_fail_damaged (error, object->name);
}

/* (transfer full) (nullable): @objects, where they are what was stored */
static GPtrArray *
check_objects (GPtrArray *objects, GError **error)
{
  g_autoptr (GPtrArray) all = objects;

  for (guint i = 0; all && i < all->len; i++)
    {
      if (!lw_cache_object_check (g_ptr_array_index (all, i), error))
        return NULL;
    }

  return g_steal_pointer (&all);
}

/* @request: (nullable): that all must stand under. */
static GPtrArray *
read_objects (LwCache *self, sqlite3_stmt *statement, const char *request, GError **error)
{
  gsize length = request ? strlen (request) : 0;
  g_autoptr (GPtrArray) objects =
      g_ptr_array_new_with_free_func ((GDestroyNotify) lw_cache_object_free);
  int code;

  while ((code = lw_cache_step (self, statement, error)) == SQLITE_ROW)
    {
      LwCacheObject *object = read_object (statement, error);

      if (!object)
        return NULL;
      g_ptr_array_add (objects, object);
      if (request && (strncmp (object->name, request, length) != 0 || object->name[length] != '/'))
        {
          lw_cache_fail_damaged (error, object->name);
          return NULL;
        }
    }

  return code == SQLITE_DONE ? g_steal_pointer (&objects) : NULL;
}

GPtrArray *
lw_cache_get_objects (LwCache *self, const char *request, GError **error)
{
  return check_objects (lw_cache_read_objects (self, request, error), error);
}

GPtrArray *
lw_cache_read_objects (LwCache *self, const char *request, GError **error)
{
  g_auto (LwStatement) get = lw_cache_statement (self, LW_SQL_OBJECTS_OF, error);

  if (!get)
    return NULL;

  lw_bind_text (get, 1, request);

  return read_objects (self, get, request, error);
}

GPtrArray *
lw_cache_get_shelf (LwCache *self, LwShelf shelf, GError **error)
{
  g_auto (LwStatement) get = lw_cache_statement (self, LW_SQL_OBJECTS_ON, error);

  if (!get)
    return NULL;

  sqlite3_bind_int (get, 1, (int) shelf);

  return check_objects (read_objects (self, get, NULL, error), error);
}

gboolean
lw_cache_foreach_name (LwCache *self,
                       LwShelf shelf,
                       const char *prefix,
                       LwCacheNameFunc func,
                       gpointer user_data,
                       GError **error)
{
  g_auto (LwStatement) names = lw_cache_statement (self, LW_SQL_NAMES, error);
  /* No byte of UTF-8 is as high. */
  g_autofree char *end = g_strconcat (prefix, "\xff", NULL);
  int code;

  if (!names)
    return FALSE;

  sqlite3_bind_int (names, 1, (int) shelf);
  lw_bind_text (names, 2, prefix);
  lw_bind_text (names, 3, end);
  while ((code = lw_cache_step (self, names, error)) == SQLITE_ROW)
    {
      const char *name = (const char *) sqlite3_column_text (names, 0);
      gboolean read = sqlite3_column_int (names, 1);

      /* What was not read may be a stray. */
      if (!name || (read ? !lw_store_name_is_valid (name) : !g_utf8_validate (name, -1, NULL)))
        return lw_cache_fail_damaged (error, "name");
      func (name, read, (guint64) sqlite3_column_int64 (names, 2), user_data);
    }

  return code == SQLITE_DONE;
}

gboolean
lw_cache_foreach_stray (LwCache *self,
                        void (*func) (const char *name, gpointer user_data),
                        gpointer user_data,
                        GError **error)
{
  g_auto (LwStatement) strays = lw_cache_statement (self, LW_SQL_STRAYS, error);
  int code;

  if (!strays)
    return FALSE;

  sqlite3_bind_int (strays, 1, LW_SHELF_REQUESTS);
  while ((code = lw_cache_step (self, strays, error)) == SQLITE_ROW)
    {
      g_autofree char *name = lw_column_text (strays, 0);

      func (name, user_data);
    }

  return code == SQLITE_DONE;
}

gboolean
lw_cache_has (LwCache *self,
              LwShelf shelf,
              const char *name,
              gboolean *known,
              gboolean *read,
              GError **error)
{
  gint64 id;

  if (!find_object (self, shelf, name, &id, read, NULL, error))
    return FALSE;
  *known = id != 0;

  return TRUE;
}

/* --- trouble ------------------------------------------------------------------------------------ */

gboolean
lw_cache_add_trouble (LwCache *self,
                      LwShelf shelf,
                      const char *name,
                      const char *request,
                      LwTroubleKind kind,
                      GBytes *found,
                      GError **error)
{
  g_auto (LwStatement) put = lw_cache_statement (self, LW_SQL_PUT_TROUBLE, error);

  if (!put)
    return FALSE;

  sqlite3_bind_int (put, 1, (int) shelf);
  lw_bind_text (put, 2, name);
  lw_bind_text (put, 3, request);
  sqlite3_bind_int (put, 4, (int) kind);
  lw_bind_bytes (put, 5, found);

  return lw_cache_run (self, put, error) && lw_cache_touch (self, request, error);
}

gboolean
lw_cache_clear_trouble (LwCache *self,
                        LwShelf shelf,
                        const char *name,
                        const char *request,
                        GError **error)
{
  g_auto (LwStatement) delete = lw_cache_statement (self, LW_SQL_DELETE_TROUBLE, error);

  if (!delete)
    return FALSE;

  sqlite3_bind_int (delete, 1, (int) shelf);
  lw_bind_text (delete, 2, name);
  if (!lw_cache_run (self, delete, error))
    return FALSE;

  return sqlite3_changes (self->db) == 0 || lw_cache_touch (self, request, error);
}

static void
trouble_free (gpointer data)
{
  LwTrouble *trouble = data;

  g_free (trouble->name);
  g_free (trouble);
}

GPtrArray *
lw_cache_get_trouble (LwCache *self, const char *request, GError **error)
{
  g_auto (LwStatement) get =
      lw_cache_statement (self, request ? LW_SQL_GET_TROUBLE : LW_SQL_GET_TROUBLE_APART, error);
  g_autoptr (GPtrArray) all = g_ptr_array_new_with_free_func (trouble_free);
  int code;

  if (!get)
    return NULL;

  if (request)
    lw_bind_text (get, 1, request);
  while ((code = lw_cache_step (self, get, error)) == SQLITE_ROW)
    {
      LwTrouble *trouble = g_new0 (LwTrouble, 1);

      trouble->shelf = (LwShelf) sqlite3_column_int (get, 0);
      trouble->name = lw_column_text (get, 1);
      trouble->kind = (LwTroubleKind) sqlite3_column_int (get, 2);
      g_ptr_array_add (all, trouble);
    }

  return code == SQLITE_DONE ? g_steal_pointer (&all) : NULL;
}
