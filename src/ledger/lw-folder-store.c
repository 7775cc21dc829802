/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "config.h"

#include "lw-folder.h"
#include "lw-ledger.h"
#include "lw-thread.h"

#include <glib/gi18n-lib.h>

#define LW_TYPE_FOLDER_STORE (lw_folder_store_get_type ())
G_DECLARE_FINAL_TYPE (LwFolderStore, lw_folder_store, LW, FOLDER_STORE, LwStore)

struct _LwFolderStore
{
  LwStore parent_instance;
  char *root;
  GMutex lock;
  gboolean prepared; /* under the lock */
};

G_DEFINE_FINAL_TYPE (LwFolderStore, lw_folder_store, LW_TYPE_STORE)

typedef struct
{
  LwFolderStore *self;
  LwShelf shelf;
  char *name; /* or prefix */
  GBytes *bytes;
} Job;

static void
job_free (gpointer data)
{
  Job *job = data;

  g_object_unref (job->self);
  g_free (job->name);
  g_clear_pointer (&job->bytes, g_bytes_unref);
  g_free (job);
}

static DexFuture *
spawn_job (LwStore *store, LwThreadFunc func, LwShelf shelf, const char *name, GBytes *bytes)
{
  Job *job = g_new0 (Job, 1);

  job->self = g_object_ref (LW_FOLDER_STORE (store));
  job->shelf = shelf;
  job->name = g_strdup (name);
  job->bytes = bytes ? g_bytes_ref (bytes) : NULL;

  return lw_thread_spawn (func, job, job_free);
}

/* Once: a share that goes away later must not come back as an empty folder under its mount point. */
static gboolean
prepare (LwFolderStore *self, GError **error)
{
  g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&self->lock);

  if (!self->prepared)
    self->prepared = lw_folder_prepare (self->root, error);

  return self->prepared;
}

static char *
job_path (Job *job)
{
  return g_strconcat (lw_shelf_to_string (job->shelf), "/", job->name, NULL);
}

static DexFuture *
put_new_thread (gpointer data)
{
  Job *job = data;
  g_autofree char *path = job_path (job);
  g_autoptr (GError) error = NULL;

  if (!prepare (job->self, &error) ||
      !lw_folder_put_new (job->self->root, path, job->bytes, &error))
    return dex_future_new_for_error (g_steal_pointer (&error));

  return dex_future_new_for_boolean (TRUE);
}

static DexFuture *
get_thread (gpointer data)
{
  Job *job = data;
  g_autofree char *path = job_path (job);
  g_autoptr (GError) error = NULL;
  GBytes *bytes;

  if (!prepare (job->self, &error) || !(bytes = lw_folder_get (job->self->root, path, &error)))
    return dex_future_new_for_error (g_steal_pointer (&error));

  return dex_future_new_take_boxed (G_TYPE_BYTES, bytes);
}

static DexFuture *
list_thread (gpointer data)
{
  Job *job = data;
  const char *shelf = lw_shelf_to_string (job->shelf);
  g_autoptr (GError) error = NULL;
  LwListing *listing;

  if (!prepare (job->self, &error) ||
      !(listing = lw_folder_survey (job->self->root, shelf, job->name, &error)))
    return dex_future_new_for_error (g_steal_pointer (&error));

  return dex_future_new_take_boxed (LW_TYPE_LISTING, listing);
}

static DexFuture *
lw_folder_store_put_new (LwStore *store, LwShelf shelf, const char *name, GBytes *bytes)
{
  return spawn_job (store, put_new_thread, shelf, name, bytes);
}

static DexFuture *
lw_folder_store_get (LwStore *store, LwShelf shelf, const char *name)
{
  return spawn_job (store, get_thread, shelf, name, NULL);
}

static DexFuture *
lw_folder_store_survey (LwStore *store, LwShelf shelf, const char *prefix)
{
  return spawn_job (store, list_thread, shelf, prefix, NULL);
}

static void
lw_folder_store_finalize (GObject *object)
{
  LwFolderStore *self = LW_FOLDER_STORE (object);

  g_free (self->root);
  g_mutex_clear (&self->lock);

  G_OBJECT_CLASS (lw_folder_store_parent_class)->finalize (object);
}

static void
lw_folder_store_class_init (LwFolderStoreClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);
  LwStoreClass *store_class = LW_STORE_CLASS (klass);

  object_class->finalize = lw_folder_store_finalize;

  store_class->put_new = lw_folder_store_put_new;
  store_class->get = lw_folder_store_get;
  store_class->survey = lw_folder_store_survey;
}

static void
lw_folder_store_init (LwFolderStore *self)
{
  g_mutex_init (&self->lock);
}

LwStore *
lw_folder_store_new (const char *path, GError **error)
{
  g_autoptr (LwFolderStore) self = NULL;

  g_return_val_if_fail (path != NULL, NULL);

  if (!g_path_is_absolute (path))
    {
      g_autofree char *shown = g_filename_display_name (path);

      g_set_error (
          error, LW_LEDGER_ERROR, LW_LEDGER_ERROR_UNSUPPORTED,
          _ ("The ledger’s folder must be given from the root on, as in /srv/leeway; this is "
             "“%s”"),
          shown);
      return NULL;
    }

  self = g_object_new (LW_TYPE_FOLDER_STORE, NULL);
  self->root = g_strdup (path);

  return LW_STORE (g_steal_pointer (&self));
}
