/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "config.h"

#include "lw-attach.h"
#include "lw-drafts.h"
#include "lw-fault-point.h"
#include "lw-json.h"
#include "lw-thread.h"

#include <errno.h>
#include <fcntl.h>
#include <gio/gio.h>
#include <glib/gi18n-lib.h>
#include <glib/gstdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define MAX_DRAFT (4 * 1024 * 1024)

/* What the threads share; outlives the object while something is queued. */
typedef struct
{
  char *folder;
  GMutex lock;
  GHashTable *pending; /* under the lock: request id → GBytes to write, or empty bytes to remove */
} State;

struct _LwDrafts
{
  GObject parent_instance;
  State *state;
  LwSerial *serial;
  GStrv problems;
};

G_DEFINE_FINAL_TYPE (LwDrafts, lw_drafts, G_TYPE_OBJECT)

typedef struct
{
  State *state;
  char *id;
} Job;

/* What a listing gives back. Boxed only to travel through a future. */
typedef struct
{
  GPtrArray *requests;
  GPtrArray *problems;
} Found;

static void
state_clear (gpointer data)
{
  State *state = data;

  g_free (state->folder);
  g_mutex_clear (&state->lock);
  g_hash_table_unref (state->pending);
}

static void
state_unref (State *state)
{
  g_atomic_rc_box_release_full (state, state_clear);
}

static Job *
job_new (State *state, const char *id)
{
  Job *job = g_new0 (Job, 1);

  job->state = g_atomic_rc_box_acquire (state);
  job->id = g_strdup (id);

  return job;
}

static void
job_free (gpointer data)
{
  Job *job = data;

  state_unref (job->state);
  g_free (job->id);
  g_free (job);
}

/* @what: (transfer full): a sentence without its end */
static gboolean
fail (GError **error, int saved, char *what)
{
  g_autofree char *message = what;

  g_set_error (error, G_IO_ERROR, g_io_error_from_errno (saved), "%s: %s", message,
               g_strerror (saved));

  return FALSE;
}

static void
sync_folder (const char *folder)
{
  int fd = open (folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

  if (fd >= 0)
    {
      fsync (fd);
      close (fd);
    }
}

static gboolean
write_draft (const char *folder, const char *path, GBytes *bytes, GError **error)
{
  gsize size;
  const char *data = g_bytes_get_data (bytes, &size);
  g_autoptr (GError) cause = NULL;

  if (g_mkdir_with_parents (folder, 0700) < 0)
    return fail (error, errno,
                 g_strdup_printf (_ ("The folder for drafts, %s, cannot be made"), folder));

  if (!g_file_set_contents_full (path, data, size,
                                 G_FILE_SET_CONTENTS_CONSISTENT | G_FILE_SET_CONTENTS_DURABLE, 0600,
                                 &cause))
    {
      g_set_error (error, cause->domain, cause->code, _ ("The draft cannot be saved: %s"),
                   cause->message);
      return FALSE;
    }

  sync_folder (folder);

  return TRUE;
}

static gboolean
remove_draft (const char *folder, const char *path, GError **error)
{
  if (g_unlink (path) < 0 && errno != ENOENT)
    return fail (error, errno, g_strdup_printf (_ ("The draft %s cannot be removed"), path));

  sync_folder (folder);

  return TRUE;
}

/* Does whatever is newest for that draft. Where an earlier job did it, there is nothing left to do. */
static DexFuture *
save_thread (gpointer data)
{
  Job *job = data;
  State *state = job->state;
  g_autofree char *file = g_strconcat (job->id, ".json", NULL);
  g_autofree char *path = g_build_filename (state->folder, file, NULL);
  g_autofree char *key = NULL;
  g_autoptr (GBytes) bytes = NULL;
  g_autoptr (GError) error = NULL;
  gboolean done;

  g_mutex_lock (&state->lock);
  g_hash_table_steal_extended (state->pending, job->id, (gpointer *) &key, (gpointer *) &bytes);
  g_mutex_unlock (&state->lock);

  if (!bytes)
    return dex_future_new_for_boolean (TRUE);

  if (g_bytes_get_size (bytes) > 0)
    {
      LW_FAULT_POINT (DRAFT_SAVING);
      done = write_draft (state->folder, path, bytes, &error);
      LW_FAULT_POINT (DRAFT_SAVED);
    }
  else
    {
      done = remove_draft (state->folder, path, &error);
      LW_FAULT_POINT (DRAFT_REMOVED);
      lw_evidence_forget_draft (job->id);
    }

  if (done)
    return dex_future_new_for_boolean (TRUE);

  g_mutex_lock (&state->lock);
  if (!g_hash_table_contains (state->pending, job->id))
    g_hash_table_insert (state->pending, g_steal_pointer (&key), g_steal_pointer (&bytes));
  g_mutex_unlock (&state->lock);

  return dex_future_new_for_error (g_steal_pointer (&error));
}

static DexFuture *
push (LwDrafts *self, const char *id, GBytes *bytes)
{
  State *state = self->state;

  if (!lw_uuid_is_valid (id))
    return dex_future_new_reject (G_IO_ERROR, G_IO_ERROR_INVALID_FILENAME,
                                  _ ("A draft needs an id that is a UUID"));

  g_mutex_lock (&state->lock);
  g_hash_table_replace (state->pending, g_strdup (id), g_bytes_ref (bytes));
  g_mutex_unlock (&state->lock);

  return lw_serial_push (self->serial, save_thread, job_new (state, id), job_free);
}

DexFuture *
lw_drafts_save (LwDrafts *self, const LwRequest *request)
{
  g_autoptr (JsonNode) node = NULL;
  g_autoptr (GBytes) bytes = NULL;
  char *text;

  g_return_val_if_fail (LW_IS_DRAFTS (self), NULL);
  g_return_val_if_fail (request != NULL, NULL);

  node = lw_request_to_json (request);
  text = lw_json_pretty (node);
  bytes = g_bytes_new_take (text, strlen (text));

  return push (self, request->id, bytes);
}

DexFuture *
lw_drafts_remove (LwDrafts *self, const char *request_id)
{
  g_autoptr (GBytes) nothing = g_bytes_new_static (NULL, 0);

  g_return_val_if_fail (LW_IS_DRAFTS (self), NULL);

  return push (self, request_id, nothing);
}

typedef struct
{
  gint64 modified; /* nanoseconds */
  LwRequest *request;
} Entry;

static int
compare_entries (gconstpointer a, gconstpointer b)
{
  const Entry *left = a;
  const Entry *right = b;

  return (left->modified < right->modified) - (left->modified > right->modified);
}

static LwRequest *
read_draft (const char *path, const char *name, gint64 *modified, GError **error)
{
  g_autofree char *data = NULL;
  g_autoptr (GBytes) bytes = NULL;
  g_autoptr (LwRequest) request = NULL;
  g_autofree char *expected = NULL;
  gsize size;
  GStatBuf info;

  if (g_lstat (path, &info) < 0 || !S_ISREG (info.st_mode) || info.st_size > MAX_DRAFT)
    {
      g_set_error (error, G_IO_ERROR, G_IO_ERROR_INVALID_DATA,
                   _ ("it is no file, or far too large"));
      return NULL;
    }

  *modified = info.st_mtim.tv_sec * G_GINT64_CONSTANT (1000000000) + info.st_mtim.tv_nsec;
  if (!g_file_get_contents (path, &data, &size, error))
    return NULL;

  bytes = g_bytes_new_take (g_steal_pointer (&data), size);
  if (!(request = lw_request_from_bytes (bytes, error)))
    return NULL;

  expected = g_strconcat (request->id ? request->id : "", ".json", NULL);
  if (g_strcmp0 (expected, name) != 0)
    {
      g_set_error (error, G_IO_ERROR, G_IO_ERROR_INVALID_DATA,
                   _ ("its name is not that of the draft in it"));
      return NULL;
    }

  return g_steal_pointer (&request);
}

static Found *
found_copy (Found *self)
{
  g_ptr_array_ref (self->requests);
  g_ptr_array_ref (self->problems);

  return g_memdup2 (self, sizeof *self);
}

static void
found_free (Found *self)
{
  g_ptr_array_unref (self->requests);
  g_ptr_array_unref (self->problems);
  g_free (self);
}

static GType found_get_type (void);
G_DEFINE_BOXED_TYPE (Found, found, found_copy, found_free)
G_DEFINE_AUTOPTR_CLEANUP_FUNC (Found, found_free)

static void
list_into (const char *folder, GArray *entries, GPtrArray *problems)
{
  g_autoptr (GDir) dir = g_dir_open (folder, 0, NULL);
  const char *name;

  while (dir && (name = g_dir_read_name (dir)))
    {
      g_autofree char *path = g_build_filename (folder, name, NULL);
      g_autofree char *shown = g_filename_display_name (path);
      g_autoptr (GError) error = NULL;
      Entry entry = { 0 };

      /* Only what this program names so is a draft; a temporary file ends otherwise. */
      if (*name == '.' || !g_str_has_suffix (name, ".json"))
        continue;

      if ((entry.request = read_draft (path, name, &entry.modified, &error)))
        g_array_append_val (entries, entry);
      else
        g_ptr_array_add (problems,
                         g_strdup_printf (_ ("The draft %s cannot be read and was left alone: %s"),
                                          shown, error->message));
    }
}

static DexFuture *
list_thread (gpointer data)
{
  Job *job = data;
  g_autoptr (GArray) entries = g_array_new (FALSE, FALSE, sizeof (Entry));
  g_autoptr (GPtrArray) requests =
      g_ptr_array_new_with_free_func ((GDestroyNotify) lw_request_free);
  g_autoptr (GPtrArray) problems = g_ptr_array_new_null_terminated (4, g_free, TRUE);
  Found *found = g_new0 (Found, 1);

  list_into (job->state->folder, entries, problems);
  g_array_sort (entries, compare_entries);
  for (guint i = 0; i < entries->len; i++)
    g_ptr_array_add (requests, g_array_index (entries, Entry, i).request);

  found->requests = g_steal_pointer (&requests);
  found->problems = g_steal_pointer (&problems);

  return dex_future_new_take_boxed (found_get_type (), found);
}

static DexFuture *
take_found (DexFuture *future, gpointer user_data)
{
  LwDrafts *self = user_data;
  const GValue *value = dex_future_get_value (future, NULL);
  Found *found = g_value_get_boxed (value);

  g_strfreev (self->problems);
  self->problems = g_strdupv ((GStrv) found->problems->pdata);

  return dex_future_new_take_boxed (G_TYPE_PTR_ARRAY, g_ptr_array_ref (found->requests));
}

DexFuture *
lw_drafts_list (LwDrafts *self)
{
  g_return_val_if_fail (LW_IS_DRAFTS (self), NULL);

  return dex_future_then (
      lw_serial_push (self->serial, list_thread, job_new (self->state, NULL), job_free), take_found,
      g_object_ref (self), g_object_unref);
}

const char *const *
lw_drafts_get_problems (LwDrafts *self)
{
  g_return_val_if_fail (LW_IS_DRAFTS (self), NULL);

  return (const char *const *) self->problems;
}

const char *
lw_drafts_get_folder (LwDrafts *self)
{
  g_return_val_if_fail (LW_IS_DRAFTS (self), NULL);

  return self->state->folder;
}

static void
lw_drafts_finalize (GObject *object)
{
  LwDrafts *self = LW_DRAFTS (object);

  g_clear_pointer (&self->serial, lw_serial_free);
  g_clear_pointer (&self->state, state_unref);
  g_clear_pointer (&self->problems, g_strfreev);

  G_OBJECT_CLASS (lw_drafts_parent_class)->finalize (object);
}

static void
lw_drafts_class_init (LwDraftsClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = lw_drafts_finalize;
}

static void
lw_drafts_init (LwDrafts *self)
{
  self->problems = g_new0 (char *, 1);
  self->serial = lw_serial_new ();
  self->state = g_atomic_rc_box_new0 (State);
  self->state->pending =
      g_hash_table_new_full (g_str_hash, g_str_equal, g_free, (GDestroyNotify) g_bytes_unref);
  g_mutex_init (&self->state->lock);
}

/* Object ids are GUIDs; whatever else comes is folded into something that is a file name. */
static char *
folder_for (const char *oid)
{
  if (oid && lw_uuid_is_valid (oid))
    return g_ascii_strdown (oid, -1);

  return g_compute_checksum_for_string (G_CHECKSUM_SHA256, oid ? oid : "", -1);
}

LwDrafts *
lw_drafts_new (LwProfile *profile, const char *oid)
{
  LwDrafts *self;
  g_autofree char *person = folder_for (oid);

  g_return_val_if_fail (profile != NULL, NULL);

  self = g_object_new (LW_TYPE_DRAFTS, NULL);
  self->state->folder = g_build_filename (g_get_user_data_dir (), "leeway", "drafts",
                                          lw_profile_get_key (profile), person, NULL);

  return self;
}
