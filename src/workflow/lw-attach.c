/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "config.h"

#include "lw-attach.h"
#include "lw-fault-point.h"
#include "lw-queue.h"
#include "lw-thread.h"

#include <errno.h>
#include <gio/gio.h>
#include <glib/gi18n-lib.h>
#include <glib/gstdio.h>
#include <string.h>
#include <sys/stat.h>

typedef struct
{
  LwSession *session;
  LwEvidence *evidence;
  LwRequest *request;
  GFile *file;
  GBytes *bytes;
  char *request_id;
  gsize limit;
} Attach;

static void
attach_free (gpointer data)
{
  Attach *self = data;

  g_clear_object (&self->session);
  g_clear_pointer (&self->evidence, lw_evidence_free);
  g_clear_pointer (&self->request, lw_request_free);
  g_clear_object (&self->file);
  g_clear_pointer (&self->bytes, g_bytes_unref);
  g_free (self->request_id);
  g_free (self);
}

static Attach *
attach_new (LwSession *session, const char *request_id, const LwEvidence *evidence, GFile *file)
{
  Attach *self = g_new0 (Attach, 1);

  self->session = g_object_ref (session);
  self->request_id = g_strdup (request_id);
  self->evidence = evidence ? lw_evidence_copy (evidence) : NULL;
  self->file = file ? g_object_ref (file) : NULL;
  self->limit = lw_rules_evidence_max_size (lw_session_get_rules (session));

  return self;
}

/* --- on threads --------------------------------------------------------------------------------- */

static GBytes *
read_limited (GInputStream *stream, gsize limit, GError **error)
{
  g_autoptr (GByteArray) data = g_byte_array_new ();
  guint8 buffer[16 * 1024];
  gssize n;

  while (data->len <= limit &&
         (n = g_input_stream_read (stream, buffer, sizeof buffer, NULL, error)))
    {
      if (n < 0)
        return NULL;
      g_byte_array_append (data, buffer, (guint) n);
    }

  return g_byte_array_free_to_bytes (g_steal_pointer (&data));
}

static DexFuture *
read_thread (gpointer data)
{
  Attach *self = data;
  g_autofree char *shown = g_file_get_parse_name (self->file);
  g_autoptr (GError) error = NULL;
  g_autoptr (GFileInputStream) stream = g_file_read (self->file, NULL, &error);
  GBytes *bytes = stream ? read_limited (G_INPUT_STREAM (stream), self->limit, &error) : NULL;

  if (!bytes)
    return dex_future_new_reject (G_IO_ERROR, error->code, _ ("%s cannot be read: %s"), shown,
                                  error->message);

  if (g_bytes_get_size (bytes) == 0 || g_bytes_get_size (bytes) > self->limit)
    {
      gboolean empty = g_bytes_get_size (bytes) == 0;
      g_autofree char *most = g_format_size_full (self->limit, G_FORMAT_SIZE_IEC_UNITS);

      g_bytes_unref (bytes);
      if (empty)
        return dex_future_new_reject (LW_LEDGER_ERROR, LW_LEDGER_ERROR_REFUSED,
                                      _ ("%s is empty, so it is evidence of nothing"), shown);
      return dex_future_new_reject (
          LW_LEDGER_ERROR, LW_LEDGER_ERROR_REFUSED,
          _ ("%s is larger than the %s that the rules allow. Attach a part "
             "of it, or a link to where it is kept"),
          shown, most);
    }

  return dex_future_new_take_boxed (G_TYPE_BYTES, bytes);
}

static LwEvidence *
describe (GFile *file, GBytes *bytes)
{
  g_autofree char *base = g_file_get_basename (file);
  g_autofree char *name = g_filename_display_name (base ? base : "");
  g_autofree char *sha256 = g_compute_checksum_for_bytes (G_CHECKSUM_SHA256, bytes);
  gsize size;
  const guchar *content = g_bytes_get_data (bytes, &size);
  g_autofree char *type = g_content_type_guess (name, content, MIN (size, 4096), NULL);
  g_autofree char *media_type = g_content_type_get_mime_type (type);

  return lw_evidence_new_file (sha256, name, (gint64) size,
                               media_type ? media_type : "application/octet-stream");
}

static char *
draft_folder (const char *request_id)
{
  return g_build_filename (g_get_user_data_dir (), "leeway", "evidence", request_id, NULL);
}

static gboolean
write_private (const char *folder, const char *name, GBytes *bytes, int mode, GError **error)
{
  g_autofree char *path = g_build_filename (folder, name, NULL);
  gsize size;
  const char *content = g_bytes_get_data (bytes, &size);

  if (g_mkdir_with_parents (folder, 0700) < 0)
    {
      int saved = errno;

      g_set_error (error, G_IO_ERROR, g_io_error_from_errno (saved),
                   _ ("The folder %s cannot be made: %s"), folder, g_strerror (saved));
      return FALSE;
    }

  return g_file_set_contents_full (path, content, (gssize) size,
                                   G_FILE_SET_CONTENTS_CONSISTENT | G_FILE_SET_CONTENTS_DURABLE,
                                   mode, error);
}

static DexFuture *
stage_thread (gpointer data)
{
  Attach *self = data;
  g_autofree char *folder = draft_folder (self->request_id);
  g_autoptr (LwEvidence) evidence = describe (self->file, self->bytes);
  g_autoptr (GError) error = NULL;

  if (!write_private (folder, evidence->sha256, self->bytes, 0600, &error))
    return dex_future_new_for_error (g_steal_pointer (&error));
  LW_FAULT_POINT (EVIDENCE_STAGED);

  return dex_future_new_take_boxed (LW_TYPE_EVIDENCE, g_steal_pointer (&evidence));
}

static DexFuture *
describe_thread (gpointer data)
{
  Attach *self = data;

  return dex_future_new_take_boxed (LW_TYPE_EVIDENCE, describe (self->file, self->bytes));
}

/* What the draft keeps under that name, where it is still what it was. */
static DexFuture *
staged_thread (gpointer data)
{
  Attach *self = data;
  g_autofree char *folder = draft_folder (self->request_id);
  g_autofree char *path = g_build_filename (folder, self->evidence->sha256, NULL);
  g_autofree char *actual = NULL;
  g_autoptr (GBytes) bytes = NULL;
  char *content;
  gsize size;

  if (g_file_get_contents (path, &content, &size, NULL))
    {
      bytes = g_bytes_new_take (content, size);
      actual = g_compute_checksum_for_bytes (G_CHECKSUM_SHA256, bytes);
      if (g_str_equal (actual, self->evidence->sha256))
        return dex_future_new_take_boxed (G_TYPE_BYTES, g_steal_pointer (&bytes));
    }

  return dex_future_new_reject (LW_LEDGER_ERROR, LW_LEDGER_ERROR_NOT_FOUND,
                                _ ("The draft keeps no such file"));
}

static char *
copies_folder (void)
{
  return g_build_filename (g_get_user_cache_dir (), "leeway", "open", NULL);
}

static DexFuture *
copy_thread (gpointer data)
{
  Attach *self = data;
  g_autofree char *parent = copies_folder ();
  g_autofree char *folder = g_build_filename (parent, "XXXXXX", NULL);
  g_autofree char *name = lw_evidence_safe_name (self->evidence->name);
  g_autofree char *path = NULL;
  g_autoptr (GError) error = NULL;

  if (g_mkdir_with_parents (parent, 0700) < 0 || !g_mkdtemp_full (folder, 0700))
    {
      int saved = errno;

      return dex_future_new_reject (G_IO_ERROR, (int) g_io_error_from_errno (saved),
                                    _ ("The folder %s cannot be made: %s"), parent,
                                    g_strerror (saved));
    }

  path = g_build_filename (folder, name, NULL);
  if (!write_private (folder, name, self->bytes, 0400, &error))
    return dex_future_new_for_error (g_steal_pointer (&error));

  return dex_future_new_take_object (g_file_new_for_path (path));
}

/* --- verbs -------------------------------------------------------------------------------------- */

static DexFuture *
on_thread (Attach *self, LwThreadFunc func)
{
  Attach *copy = attach_new (self->session, self->request_id, self->evidence, self->file);

  copy->bytes = self->bytes ? g_bytes_ref (self->bytes) : NULL;
  copy->limit = self->limit;

  return lw_thread_spawn (func, copy, attach_free);
}

static DexFuture *
stage_fiber (gpointer data)
{
  Attach *self = data;
  g_autoptr (GError) error = NULL;

  if (!(self->bytes = dex_await_boxed (on_thread (self, read_thread), &error)))
    return dex_future_new_for_error (g_steal_pointer (&error));

  return on_thread (self, stage_thread);
}

DexFuture *
lw_stage_evidence (LwSession *self, const char *request_id, GFile *file)
{
  g_return_val_if_fail (LW_IS_SESSION (self), NULL);
  g_return_val_if_fail (G_IS_FILE (file), NULL);

  if (!lw_uuid_is_valid (request_id))
    return dex_future_new_reject (LW_LEDGER_ERROR, LW_LEDGER_ERROR_NOT_FOUND,
                                  _ ("The draft has no id yet"));

  return dex_scheduler_spawn (NULL, 0, stage_fiber, attach_new (self, request_id, NULL, file),
                              attach_free);
}

static DexFuture *
attach_fiber (gpointer data)
{
  Attach *self = data;
  g_autoptr (LwEvidence) evidence = NULL;
  g_autoptr (GError) error = NULL;
  LwLedger *ledger = lw_session_get_ledger (self->session);
  LwOutbox *outbox = lw_session_get_outbox (self->session);

  if (!(self->bytes = dex_await_boxed (on_thread (self, read_thread), &error)) ||
      !(evidence = dex_await_boxed (on_thread (self, describe_thread), &error)))
    return dex_future_new_for_error (g_steal_pointer (&error));

  /* Kept here until what it goes with can be sent. */
  if (!dex_await (lw_ledger_put_evidence (ledger, self->bytes), &error) &&
      (!lw_error_is_outage (error) || !dex_await (lw_outbox_keep_file (outbox, self->bytes), NULL)))
    return dex_future_new_for_error (g_steal_pointer (&error));

  return dex_future_new_take_boxed (LW_TYPE_EVIDENCE, g_steal_pointer (&evidence));
}

DexFuture *
lw_attach_evidence (LwSession *self, GFile *file)
{
  g_return_val_if_fail (LW_IS_SESSION (self), NULL);
  g_return_val_if_fail (G_IS_FILE (file), NULL);

  if (!lw_session_is_open (self))
    return dex_future_new_reject (LW_AZURE_ERROR, LW_AZURE_ERROR_SIGN_IN, _ ("Sign in first"));

  return dex_scheduler_spawn (NULL, 0, attach_fiber, attach_new (self, NULL, NULL, file),
                              attach_free);
}

/* From the draft, else from the outbox, else from the ledger. @here: not from the ledger. Awaits.
 * (nullable) */
static GBytes *
find_bytes (Attach *self, gboolean *here, GError **error)
{
  LwOutbox *outbox = lw_session_get_outbox (self->session);
  gboolean valid = lw_evidence_sha256_is_valid (self->evidence->sha256);
  GBytes *bytes = NULL;

  if (self->request_id && valid)
    bytes = dex_await_boxed (on_thread (self, staged_thread), NULL);
  if (!bytes && valid && outbox)
    bytes = dex_await_boxed (lw_outbox_get_file (outbox, self->evidence->sha256), NULL);
  *here = bytes != NULL;
  if (!bytes)
    bytes = dex_await_boxed (
        lw_ledger_get_evidence (lw_session_get_ledger (self->session), self->evidence->sha256),
        error);

  return bytes;
}

static gboolean
submit_one (Attach *self, const LwEvidence *evidence, GError **error)
{
  g_autoptr (GError) cause = NULL;
  g_autoptr (GBytes) bytes = NULL;
  gboolean here;

  g_clear_pointer (&self->evidence, lw_evidence_free);
  self->evidence = lw_evidence_copy (evidence);
  if (!(bytes = find_bytes (self, &here, &cause)))
    {
      if (g_error_matches (cause, LW_LEDGER_ERROR, LW_LEDGER_ERROR_NOT_FOUND))
        g_set_error (
            error, LW_LEDGER_ERROR, LW_LEDGER_ERROR_NOT_FOUND,
            _ ("“%s” is attached, but is neither on this machine nor in the ledger. Attach "
               "it again"),
            evidence->name ? evidence->name : evidence->sha256);
      else
        g_propagate_error (error, g_steal_pointer (&cause));
      return FALSE;
    }

  return !here ||
         dex_await (lw_ledger_put_evidence (lw_session_get_ledger (self->session), bytes), error);
}

static DexFuture *
submit_fiber (gpointer data)
{
  Attach *self = data;
  g_autoptr (GPtrArray) files = lw_evidence_files_of_request (self->request);
  g_autoptr (GError) error = NULL;

  for (guint i = 0; i < files->len; i++)
    {
      if (!submit_one (self, g_ptr_array_index (files, i), &error))
        return dex_future_new_for_error (g_steal_pointer (&error));
    }

  return dex_future_new_for_boolean (TRUE);
}

DexFuture *
lw_submit_evidence (LwSession *self, const LwRequest *request)
{
  Attach *attach;

  g_return_val_if_fail (LW_IS_SESSION (self), NULL);
  g_return_val_if_fail (request != NULL, NULL);

  attach = attach_new (self, request->id, NULL, NULL);
  attach->request = lw_request_copy (request);

  return dex_scheduler_spawn (NULL, 0, submit_fiber, attach, attach_free);
}

GPtrArray *
lw_staged_evidence (LwSession *session, const LwRequest *request)
{
  g_autoptr (GPtrArray) files = lw_evidence_files_of_request (request);
  GPtrArray *all = g_ptr_array_new_with_free_func ((GDestroyNotify) g_bytes_unref);

  for (guint i = 0; i < files->len; i++)
    {
      Attach *attach = attach_new (session, request->id, g_ptr_array_index (files, i), NULL);
      GBytes *bytes = lw_evidence_sha256_is_valid (attach->evidence->sha256)
                          ? dex_await_boxed (on_thread (attach, staged_thread), NULL)
                          : NULL;

      if (bytes)
        g_ptr_array_add (all, bytes);
      attach_free (attach);
    }

  return all;
}

static DexFuture *
restage_thread (gpointer data)
{
  Attach *self = data;
  g_autofree char *folder = draft_folder (self->request_id);
  g_autoptr (GError) error = NULL;

  if (!write_private (folder, self->evidence->sha256, self->bytes, 0600, &error))
    return dex_future_new_for_error (g_steal_pointer (&error));

  return dex_future_new_for_boolean (TRUE);
}

gboolean
lw_restage_evidence (LwSession *session, const LwRequest *request, GError **error)
{
  g_autoptr (GPtrArray) files = lw_evidence_files_of_request (request);
  LwOutbox *outbox = lw_session_get_outbox (session);
  gboolean done = TRUE;

  for (guint i = 0; i < files->len && done; i++)
    {
      const LwEvidence *evidence = g_ptr_array_index (files, i);
      Attach *attach = attach_new (session, request->id, evidence, NULL);

      /* What the outbox does not keep is in the ledger. */
      if (lw_evidence_sha256_is_valid (evidence->sha256) &&
          (attach->bytes = dex_await_boxed (lw_outbox_get_file (outbox, evidence->sha256), NULL)))
        done = dex_await (on_thread (attach, restage_thread), error);
      attach_free (attach);
    }

  return done;
}

gboolean
lw_send_held_evidence (LwSession *session, JsonArray *evidence, GError **error)
{
  g_autoptr (GPtrArray) list = lw_evidence_list_from_json (evidence);
  LwOutbox *outbox = lw_session_get_outbox (session);

  for (guint i = 0; i < list->len; i++)
    {
      const LwEvidence *one = g_ptr_array_index (list, i);
      g_autoptr (GBytes) bytes =
          lw_evidence_sha256_is_valid (one->sha256)
              ? dex_await_boxed (lw_outbox_get_file (outbox, one->sha256), NULL)
              : NULL;

      if (bytes &&
          !dex_await (lw_ledger_put_evidence (lw_session_get_ledger (session), bytes), error))
        return FALSE;
    }

  return TRUE;
}

static DexFuture *
fetch_fiber (gpointer data)
{
  Attach *self = data;
  g_autoptr (GError) error = NULL;
  gboolean here;
  GBytes *bytes = find_bytes (self, &here, &error);

  if (!bytes)
    return dex_future_new_for_error (g_steal_pointer (&error));

  return dex_future_new_take_boxed (G_TYPE_BYTES, bytes);
}

DexFuture *
lw_fetch_evidence (LwSession *self, const char *request_id, const LwEvidence *evidence)
{
  g_return_val_if_fail (LW_IS_SESSION (self), NULL);
  g_return_val_if_fail (evidence != NULL && evidence->sha256 != NULL, NULL);

  return dex_scheduler_spawn (NULL, 0, fetch_fiber, attach_new (self, request_id, evidence, NULL),
                              attach_free);
}

static DexFuture *
copy_fiber (gpointer data)
{
  Attach *self = data;
  g_autoptr (GError) error = NULL;
  gboolean here;

  if (!(self->bytes = find_bytes (self, &here, &error)))
    return dex_future_new_for_error (g_steal_pointer (&error));

  return on_thread (self, copy_thread);
}

DexFuture *
lw_copy_evidence (LwSession *self, const char *request_id, const LwEvidence *evidence)
{
  g_return_val_if_fail (LW_IS_SESSION (self), NULL);
  g_return_val_if_fail (evidence != NULL && evidence->sha256 != NULL, NULL);

  if (lw_evidence_is_program (evidence->name))
    return dex_future_new_reject (LW_LEDGER_ERROR, LW_LEDGER_ERROR_REFUSED,
                                  _ ("Opening “%s” could run something on this machine, so Leeway "
                                     "does not open it. Save it and "
                                     "look at it with a program that you trust with it"),
                                  evidence->name);

  return dex_scheduler_spawn (NULL, 0, copy_fiber, attach_new (self, request_id, evidence, NULL),
                              attach_free);
}

/* --- taking away -------------------------------------------------------------------------------- */

static void
remove_below (const char *path)
{
  g_autoptr (GDir) dir = g_dir_open (path, 0, NULL);
  const char *name;

  while (dir && (name = g_dir_read_name (dir)))
    {
      g_autofree char *child = g_build_filename (path, name, NULL);

      g_remove (child);
    }
}

void
lw_evidence_remove_copies (guint seconds)
{
  g_autofree char *folder = copies_folder ();
  g_autoptr (GDir) dir = g_dir_open (folder, 0, NULL);
  gint64 now = g_get_real_time () / G_USEC_PER_SEC;
  const char *name;

  while (dir && (name = g_dir_read_name (dir)))
    {
      g_autofree char *child = g_build_filename (folder, name, NULL);
      GStatBuf info;

      if (g_lstat (child, &info) < 0 || now - (gint64) info.st_mtime < (gint64) seconds)
        continue;
      if (S_ISDIR (info.st_mode))
        remove_below (child);
      g_remove (child);
    }
}

void
lw_evidence_forget_draft (const char *request_id)
{
  g_autofree char *folder = NULL;

  if (!lw_uuid_is_valid (request_id))
    return;

  folder = draft_folder (request_id);
  remove_below (folder);
  g_rmdir (folder);
}
