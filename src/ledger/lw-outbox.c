/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "config.h"

#include "lw-fault-point.h"
#include "lw-json.h"
#include "lw-outbox-private.h"
#include "lw-thread.h"

#include <glib/gi18n-lib.h>
#include <string.h>

/* What was taken out, and files that nothing names, are kept for so long. */
#define KEEP (7 * G_TIME_SPAN_DAY)

/* What the thread works with; outlives the object while something is queued. */
typedef struct
{
  LwOutboxDb db;
  gboolean cleaned;
  GMutex lock;
  char *notice; /* under the lock */
} State;

struct _LwOutbox
{
  GObject parent_instance;
  State *state;
  LwSerial *serial;
  char *notice;
};

G_DEFINE_FINAL_TYPE (LwOutbox, lw_outbox, G_TYPE_OBJECT)

enum
{
  CHANGED,
  N_SIGNALS
};
static guint signals[N_SIGNALS];

typedef struct _Job Job;
/* Does the work within a transaction: a settled future, or %NULL with an error. */
typedef DexFuture *(*JobFunc) (Job *job, sqlite3 *db, GError **error);

struct _Job
{
  State *state;
  JobFunc func;
  gint64 id;
  gint64 number;
  gboolean flag;
  char *text;
  char *request;
  char *digest;
  char *what;
  LwOutboxItem *item;
  LwEvent *event;
  GBytes *bytes;
  GPtrArray *files;
};

static void
state_clear (gpointer data)
{
  State *state = data;

  lw_outbox_db_close (&state->db);
  g_free (state->db.folder);
  g_free (state->db.owner.ledger);
  g_free (state->db.owner.tenant);
  g_free (state->db.owner.oid);
  g_free (state->db.notice);
  g_free (state->notice);
  g_mutex_clear (&state->lock);
}

static Job *
job_new (LwOutbox *self, JobFunc func)
{
  Job *job = g_new0 (Job, 1);

  job->state = g_atomic_rc_box_acquire (self->state);
  job->func = func;

  return job;
}

static void
job_free (gpointer data)
{
  Job *job = data;

  g_atomic_rc_box_release_full (job->state, state_clear);
  g_free (job->text);
  g_free (job->request);
  g_free (job->digest);
  g_free (job->what);
  g_clear_pointer (&job->item, lw_outbox_item_unref);
  g_clear_pointer (&job->event, lw_event_unref);
  g_clear_pointer (&job->bytes, g_bytes_unref);
  g_clear_pointer (&job->files, g_ptr_array_unref);
  g_free (job);
}

/* --- the thread --------------------------------------------------------------------------------- */

static gboolean
clean (Job *job, sqlite3 *db, GError **error)
{
  gint64 before = g_get_real_time () - KEEP;
  g_auto (LwOutboxQuery) items = lw_outbox_query (
      db, error, "DELETE FROM item WHERE discarded > 0 AND discarded < ?1", "i", before);
  g_auto (LwOutboxQuery) files =
      lw_outbox_query (db, error,
                       "DELETE FROM file WHERE kept < ?1 AND NOT EXISTS (SELECT 1 FROM item"
                       " WHERE item.ledger = file.ledger AND item.tenant = file.tenant"
                       " AND item.oid = file.oid AND instr (item.content, file.sha256) > 0)",
                       "i", before);

  return items && files && lw_outbox_run (db, items, error) && lw_outbox_run (db, files, error);
}

static DexFuture *
try_job (Job *job, GError **error)
{
  State *state = job->state;
  g_autoptr (DexFuture) result = NULL;
  sqlite3 *db;

  if (!lw_outbox_db_open (&state->db, error))
    return NULL;
  db = state->db.db;
  if (!lw_outbox_exec (db, "BEGIN IMMEDIATE", error))
    return NULL;

  if (state->cleaned || clean (job, db, error))
    result = job->func (job, db, error);
  if (result)
    LW_FAULT_POINT (OUTBOX_COMMITTING);
  if (result && lw_outbox_exec (db, "COMMIT", error))
    {
      LW_FAULT_POINT (OUTBOX_COMMITTED);
      state->cleaned = TRUE;
      return g_steal_pointer (&result);
    }
  if (!sqlite3_get_autocommit (db))
    sqlite3_exec (db, "ROLLBACK", NULL, NULL, NULL);

  return NULL;
}

static DexFuture *
job_thread (gpointer data)
{
  Job *job = data;
  State *state = job->state;
  g_autoptr (GError) error = NULL;
  DexFuture *result = try_job (job, &error);

  if (!result && g_error_matches (error, LW_OUTBOX_ERROR, LW_OUTBOX_ERROR_DAMAGED))
    {
      g_clear_error (&error);
      if (lw_outbox_db_replace (&state->db, &error))
        result = try_job (job, &error);
    }

  g_mutex_lock (&state->lock);
  g_set_str (&state->notice, state->db.notice);
  g_mutex_unlock (&state->lock);

  return result ? result : dex_future_new_for_error (g_steal_pointer (&error));
}

static void
take_notice (LwOutbox *self)
{
  g_mutex_lock (&self->state->lock);
  g_set_str (&self->notice, self->state->notice);
  g_mutex_unlock (&self->state->lock);
}

static DexFuture *
after_reading (DexFuture *future, gpointer user_data)
{
  take_notice (user_data);

  return dex_ref (future);
}

static DexFuture *
after_writing (DexFuture *future, gpointer user_data)
{
  take_notice (user_data);
  if (dex_future_is_resolved (future))
    g_signal_emit (user_data, signals[CHANGED], 0);

  return dex_ref (future);
}

static DexFuture *
push (LwOutbox *self, Job *job, gboolean writes)
{
  DexFuture *future = lw_serial_push (self->serial, job_thread, job, job_free);

  return dex_future_finally (future, writes ? after_writing : after_reading, g_object_ref (self),
                             g_object_unref);
}

static gboolean
fail_gone (GError **error)
{
  g_set_error_literal (error, LW_OUTBOX_ERROR, LW_OUTBOX_ERROR_GONE,
                       _ ("This is no longer in the outbox: it was sent, or discarded"));

  return FALSE;
}

/* --- items -------------------------------------------------------------------------------------- */

static LwOutboxItem *
read_item (Job *job, sqlite3 *db, gint64 id, GError **error)
{
  const LwOutboxOwner *owner = &job->state->db.owner;
  g_auto (LwOutboxQuery) query =
      lw_outbox_query (db, error,
                       "SELECT " LW_OUTBOX_ITEM_COLUMNS " FROM item"
                       " WHERE ledger = ?1 AND tenant = ?2 AND oid = ?3 AND id = ?4",
                       "sssi", owner->ledger, owner->tenant, owner->oid, id);
  int code = query ? lw_outbox_step (db, query, error) : SQLITE_ERROR;

  if (code == SQLITE_ROW)
    return lw_outbox_item_read (query, error);
  if (code == SQLITE_DONE)
    fail_gone (error);

  return NULL;
}

static gboolean
put_file (Job *job, sqlite3 *db, const char *sha256, GBytes *bytes, GError **error)
{
  const LwOutboxOwner *owner = &job->state->db.owner;
  g_auto (LwOutboxQuery) query = lw_outbox_query (
      db, error,
      "INSERT INTO file (ledger, tenant, oid, sha256, kept, bytes)"
      " VALUES (?1, ?2, ?3, ?4, ?5, ?6)"
      " ON CONFLICT DO UPDATE SET kept = ?5",
      "ssssib", owner->ledger, owner->tenant, owner->oid, sha256, g_get_real_time (), bytes);

  return query && lw_outbox_run (db, query, error);
}

static DexFuture *
add_job (Job *job, sqlite3 *db, GError **error)
{
  const LwOutboxOwner *owner = &job->state->db.owner;
  LwOutboxItem *item = job->item;
  g_autofree char *content = lw_outbox_content_text (item->content, error);
  g_autofree char *sum = content ? lw_outbox_item_sum (item, owner, content) : NULL;
  g_autofree char *attempts = g_strjoinv (" ", item->attempts);
  g_auto (LwOutboxQuery) query = NULL;

  if (!sum)
    return NULL;

  query = lw_outbox_query (
      db, error,
      "INSERT INTO item (ledger, tenant, oid, request, title, kind, written, content, sum,"
      " seen_seq, seen_digest, attempt, attempts)"
      " VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13)",
      "ssssssissisbs", owner->ledger, owner->tenant, owner->oid, item->request, item->title,
      lw_event_kind_to_string (item->kind), g_date_time_to_unix_usec (item->written), content, sum,
      (gint64) item->seen_seq, item->seen_digest, item->attempt, attempts);
  if (!query || !lw_outbox_run (db, query, error))
    return NULL;
  g_clear_pointer (&query, sqlite3_finalize);

  job->id = sqlite3_last_insert_rowid (db);
  for (guint i = 0; job->files && i < job->files->len; i++)
    {
      GBytes *bytes = g_ptr_array_index (job->files, i);
      g_autofree char *sha256 = g_compute_checksum_for_bytes (G_CHECKSUM_SHA256, bytes);

      if (!put_file (job, db, sha256, bytes, error))
        return NULL;
    }

  return dex_future_new_for_int64 (job->id);
}

DexFuture *
lw_outbox_add (LwOutbox *self, LwOutboxItem *item, GPtrArray *files)
{
  Job *job;

  g_return_val_if_fail (LW_IS_OUTBOX (self), NULL);
  g_return_val_if_fail (item != NULL, NULL);

  job = job_new (self, add_job);
  job->item = lw_outbox_item_ref (item);
  if (files)
    job->files = g_ptr_array_ref (files);

  return push (self, job, TRUE);
}

static DexFuture *
list_job (Job *job, sqlite3 *db, GError **error)
{
  const LwOutboxOwner *owner = &job->state->db.owner;
  g_autoptr (GPtrArray) items =
      g_ptr_array_new_with_free_func ((GDestroyNotify) lw_outbox_item_unref);
  g_auto (LwOutboxQuery) query =
      lw_outbox_query (db, error,
                       "SELECT " LW_OUTBOX_ITEM_COLUMNS " FROM item"
                       " WHERE ledger = ?1 AND tenant = ?2 AND oid = ?3"
                       " AND (?4 OR discarded = 0) ORDER BY id",
                       "sssi", owner->ledger, owner->tenant, owner->oid, (gint64) job->flag);
  int code = SQLITE_ERROR;

  while (query && (code = lw_outbox_step (db, query, error)) == SQLITE_ROW)
    {
      LwOutboxItem *item = lw_outbox_item_read (query, error);

      if (!item)
        return NULL;
      g_ptr_array_add (items, item);
    }

  return code == SQLITE_DONE
             ? dex_future_new_take_boxed (G_TYPE_PTR_ARRAY, g_steal_pointer (&items))
             : NULL;
}

DexFuture *
lw_outbox_list (LwOutbox *self, gboolean with_discarded)
{
  Job *job;

  g_return_val_if_fail (LW_IS_OUTBOX (self), NULL);

  job = job_new (self, list_job);
  job->flag = with_discarded;

  return push (self, job, FALSE);
}

static DexFuture *
get_job (Job *job, sqlite3 *db, GError **error)
{
  LwOutboxItem *item = read_item (job, db, job->id, error);

  return item ? dex_future_new_take_boxed (LW_TYPE_OUTBOX_ITEM, item) : NULL;
}

DexFuture *
lw_outbox_get (LwOutbox *self, gint64 id)
{
  Job *job;

  g_return_val_if_fail (LW_IS_OUTBOX (self), NULL);

  job = job_new (self, get_job);
  job->id = id;

  return push (self, job, FALSE);
}

static gboolean
same_attempt (GBytes *a, GBytes *b)
{
  return a == b || (a && b && g_bytes_equal (a, b));
}

static DexFuture *
attempt_job (Job *job, sqlite3 *db, GError **error)
{
  g_autoptr (LwOutboxItem) item = read_item (job, db, job->id, error);
  g_autofree char *before = NULL;
  g_autofree char *attempts = NULL;
  g_auto (LwOutboxQuery) query = NULL;
  LwOutboxItem *after;

  if (!item)
    return NULL;
  if (item->discarded)
    {
      fail_gone (error);
      return NULL;
    }
  /* Another process was first. */
  if (!same_attempt (item->attempt, job->bytes))
    return dex_future_new_take_boxed (LW_TYPE_OUTBOX_ITEM, g_steal_pointer (&item));

  before = g_strjoinv (" ", item->attempts);
  attempts =
      *before ? g_strconcat (before, " ", job->event->sha256, NULL) : g_strdup (job->event->sha256);
  query = lw_outbox_query (db, error, "UPDATE item SET attempt = ?2, attempts = ?3 WHERE id = ?1",
                           "ibs", job->id, job->event->bytes, attempts);
  if (!query || !lw_outbox_run (db, query, error) || !(after = read_item (job, db, job->id, error)))
    return NULL;

  return dex_future_new_take_boxed (LW_TYPE_OUTBOX_ITEM, after);
}

DexFuture *
lw_outbox_set_attempt (LwOutbox *self, gint64 id, GBytes *previous, LwEvent *attempt)
{
  Job *job;

  g_return_val_if_fail (LW_IS_OUTBOX (self), NULL);
  g_return_val_if_fail (attempt != NULL, NULL);

  job = job_new (self, attempt_job);
  job->id = id;
  job->bytes = previous ? g_bytes_ref (previous) : NULL;
  job->event = lw_event_ref (attempt);

  return push (self, job, FALSE);
}

/* Runs an UPDATE or DELETE of the item ?4 of the owner ?1 ?2 ?3, with @number as ?5, @text as ?6. */
static DexFuture *
change (Job *job, sqlite3 *db, const char *sql, GError **error)
{
  const LwOutboxOwner *owner = &job->state->db.owner;
  g_auto (LwOutboxQuery) query =
      lw_outbox_query (db, error, sql, "sssiis", owner->ledger, owner->tenant, owner->oid, job->id,
                       job->number, job->text);

  if (!query || !lw_outbox_run (db, query, error))
    return NULL;
  if (sqlite3_changes (db) == 0)
    {
      fail_gone (error);
      return NULL;
    }

  return dex_future_new_for_boolean (TRUE);
}

#define OF_OWNER " WHERE ledger = ?1 AND tenant = ?2 AND oid = ?3 AND id = ?4"

static DexFuture *
push_change (LwOutbox *self, JobFunc func, gint64 id, gint64 number, const char *text)
{
  Job *job = job_new (self, func);

  job->id = id;
  job->number = number;
  job->text = g_strdup (text);

  return push (self, job, TRUE);
}

static DexFuture *
note_job (Job *job, sqlite3 *db, GError **error)
{
  return change (job, db, "UPDATE item SET tries = tries + 1, tried = ?5, problem = ?6" OF_OWNER,
                 error);
}

DexFuture *
lw_outbox_note_try (LwOutbox *self, gint64 id, const char *problem)
{
  g_return_val_if_fail (LW_IS_OUTBOX (self), NULL);

  return push_change (self, note_job, id, g_get_real_time (), problem);
}

static DexFuture *
hold_job (Job *job, sqlite3 *db, GError **error)
{
  return change (job, db,
                 "UPDATE item SET state = 1, tries = tries + 1, tried = ?5, problem = ?6" OF_OWNER,
                 error);
}

DexFuture *
lw_outbox_hold (LwOutbox *self, gint64 id, const char *problem)
{
  g_return_val_if_fail (LW_IS_OUTBOX (self), NULL);

  return push_change (self, hold_job, id, g_get_real_time (), problem);
}

static DexFuture *
renew_job (Job *job, sqlite3 *db, GError **error)
{
  return change (job, db,
                 "UPDATE item SET state = 0, problem = NULL, seen_seq = ?5,"
                 " seen_digest = ?6" OF_OWNER,
                 error);
}

DexFuture *
lw_outbox_renew (LwOutbox *self, gint64 id, guint seen_seq, const char *seen_digest)
{
  g_return_val_if_fail (LW_IS_OUTBOX (self), NULL);

  return push_change (self, renew_job, id, seen_seq, seen_digest);
}

static DexFuture *
discard_job (Job *job, sqlite3 *db, GError **error)
{
  return change (job, db, "UPDATE item SET discarded = ?5" OF_OWNER, error);
}

DexFuture *
lw_outbox_discard (LwOutbox *self, gint64 id, gboolean discarded)
{
  g_return_val_if_fail (LW_IS_OUTBOX (self), NULL);

  return push_change (self, discard_job, id, discarded ? g_get_real_time () : 0, NULL);
}

static DexFuture *
forget_job (Job *job, sqlite3 *db, GError **error)
{
  const LwOutboxOwner *owner = &job->state->db.owner;
  g_autoptr (LwOutboxItem) item = NULL;
  g_autoptr (GError) gone = NULL;
  g_autofree char *content = NULL;
  g_autoptr (DexFuture) deleted = NULL;
  g_auto (LwOutboxQuery) query = NULL;

  /* Another process may have seen it on record as well. */
  if (!(item = read_item (job, db, job->id, &gone)))
    {
      if (g_error_matches (gone, LW_OUTBOX_ERROR, LW_OUTBOX_ERROR_GONE))
        return dex_future_new_for_boolean (TRUE);
      g_propagate_error (error, g_steal_pointer (&gone));
      return NULL;
    }

  if (!(content = lw_outbox_content_text (item->content, error)))
    return NULL;
  if (!(deleted = change (job, db, "DELETE FROM item" OF_OWNER, error)))
    return NULL;
  query = lw_outbox_query (db, error,
                           "DELETE FROM file WHERE ledger = ?1 AND tenant = ?2 AND oid = ?3"
                           " AND instr (?4, sha256) > 0 AND NOT EXISTS (SELECT 1 FROM item WHERE"
                           " item.ledger = ?1 AND item.tenant = ?2 AND item.oid = ?3"
                           " AND instr (item.content, file.sha256) > 0)",
                           "ssss", owner->ledger, owner->tenant, owner->oid, content);
  if (!query || !lw_outbox_run (db, query, error))
    return NULL;

  return dex_future_new_for_boolean (TRUE);
}

DexFuture *
lw_outbox_forget (LwOutbox *self, gint64 id)
{
  g_return_val_if_fail (LW_IS_OUTBOX (self), NULL);

  return push_change (self, forget_job, id, 0, NULL);
}

/* --- files -------------------------------------------------------------------------------------- */

static DexFuture *
keep_file_job (Job *job, sqlite3 *db, GError **error)
{
  g_autofree char *sha256 = g_compute_checksum_for_bytes (G_CHECKSUM_SHA256, job->bytes);

  if (!put_file (job, db, sha256, job->bytes, error))
    return NULL;

  return dex_future_new_take_string (g_steal_pointer (&sha256));
}

DexFuture *
lw_outbox_keep_file (LwOutbox *self, GBytes *bytes)
{
  Job *job;

  g_return_val_if_fail (LW_IS_OUTBOX (self), NULL);
  g_return_val_if_fail (bytes != NULL, NULL);

  job = job_new (self, keep_file_job);
  job->bytes = g_bytes_ref (bytes);

  return push (self, job, FALSE);
}

static DexFuture *
get_file_job (Job *job, sqlite3 *db, GError **error)
{
  const LwOutboxOwner *owner = &job->state->db.owner;
  g_auto (LwOutboxQuery) query = lw_outbox_query (
      db, error,
      "SELECT bytes FROM file WHERE ledger = ?1 AND tenant = ?2 AND oid = ?3 AND sha256 = ?4",
      "ssss", owner->ledger, owner->tenant, owner->oid, job->text);
  int code = query ? lw_outbox_step (db, query, error) : SQLITE_ERROR;
  g_autoptr (GBytes) bytes = NULL;
  g_autofree char *sha256 = NULL;

  if (code == SQLITE_DONE)
    fail_gone (error);
  if (code != SQLITE_ROW)
    return NULL;

  bytes = g_bytes_new (sqlite3_column_blob (query, 0), (gsize) sqlite3_column_bytes (query, 0));
  sha256 = g_compute_checksum_for_bytes (G_CHECKSUM_SHA256, bytes);
  if (strcmp (sha256, job->text) != 0)
    {
      g_set_error (error, LW_OUTBOX_ERROR, LW_OUTBOX_ERROR_DAMAGED,
                   _ ("Leeway’s outbox is damaged (%s)"), job->text);
      return NULL;
    }

  return dex_future_new_take_boxed (G_TYPE_BYTES, g_steal_pointer (&bytes));
}

DexFuture *
lw_outbox_get_file (LwOutbox *self, const char *sha256)
{
  Job *job;

  g_return_val_if_fail (LW_IS_OUTBOX (self), NULL);
  g_return_val_if_fail (sha256 != NULL, NULL);

  job = job_new (self, get_file_job);
  job->text = g_strdup (sha256);

  return push (self, job, FALSE);
}

/* --- the notice --------------------------------------------------------------------------------- */

const char *
lw_outbox_get_notice (LwOutbox *self)
{
  g_return_val_if_fail (LW_IS_OUTBOX (self), NULL);

  return self->notice;
}

static DexFuture *
dismiss_job (Job *job, sqlite3 *db, GError **error)
{
  if (!lw_outbox_exec (db, "DELETE FROM meta WHERE key = 'notice'", error))
    return NULL;
  g_clear_pointer (&job->state->db.notice, g_free);

  return dex_future_new_for_boolean (TRUE);
}

DexFuture *
lw_outbox_dismiss_notice (LwOutbox *self)
{
  g_return_val_if_fail (LW_IS_OUTBOX (self), NULL);

  return push (self, job_new (self, dismiss_job), TRUE);
}

/* --- what was begun ----------------------------------------------------------------------------- */

static char *
array_text (JsonArray *array, GError **error)
{
  g_autoptr (JsonNode) node = json_node_new (JSON_NODE_ARRAY);

  json_node_take_array (node, array ? lw_json_array_copy (array) : json_array_new ());

  return lw_json_canonical (node, error);
}

static DexFuture *
begin_job (Job *job, sqlite3 *db, GError **error)
{
  const LwOutboxOwner *owner = &job->state->db.owner;
  g_autofree char *machine = lw_machine_id ();
  g_autofree char *sum =
      lw_begun_sum (owner, machine, job->request, job->digest, job->what, job->number, job->text);
  g_auto (LwOutboxQuery) query = lw_outbox_query (
      db, error,
      "INSERT OR REPLACE INTO begun (ledger, tenant, oid, machine, request, digest, what, at,"
      " grants, state, sum) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, 'begun', ?10)",
      "sssssssiss", owner->ledger, owner->tenant, owner->oid, machine, job->request, job->digest,
      job->what, job->number, job->text, sum);

  if (!query || !lw_outbox_run (db, query, error))
    return NULL;

  return dex_future_new_for_boolean (TRUE);
}

static Job *
begun_job (LwOutbox *self, JobFunc func, const char *request, const char *digest, const char *what)
{
  Job *job = job_new (self, func);

  job->request = g_strdup (request);
  job->digest = g_strdup (digest);
  job->what = g_strdup (what);

  return job;
}

DexFuture *
lw_outbox_begin_apply (LwOutbox *self,
                       const char *request,
                       const char *digest,
                       const char *what,
                       JsonArray *grants,
                       GDateTime *at)
{
  g_autofree char *text = NULL;
  g_autoptr (GError) error = NULL;
  Job *job;

  g_return_val_if_fail (LW_IS_OUTBOX (self), NULL);
  g_return_val_if_fail (request != NULL && digest != NULL && what != NULL, NULL);
  g_return_val_if_fail (at != NULL, NULL);

  if (!(text = array_text (grants, &error)))
    return dex_future_new_for_error (g_steal_pointer (&error));

  job = begun_job (self, begin_job, request, digest, what);
  job->text = g_steal_pointer (&text);
  job->number = g_date_time_to_unix_usec (at);

  return push (self, job, FALSE);
}

#define OF_BEGUN                                                                                   \
  " WHERE ledger = ?1 AND tenant = ?2 AND oid = ?3 AND machine = ?4 AND request = ?5"              \
  " AND digest = ?6 AND what = ?7"

static DexFuture *
change_begun (Job *job, sqlite3 *db, const char *sql, GError **error)
{
  const LwOutboxOwner *owner = &job->state->db.owner;
  g_autofree char *machine = lw_machine_id ();
  g_auto (LwOutboxQuery) query =
      lw_outbox_query (db, error, sql, "ssssssss", owner->ledger, owner->tenant, owner->oid,
                       machine, job->request, job->digest, job->what, job->text);

  if (!query || !lw_outbox_run (db, query, error))
    return NULL;

  return dex_future_new_for_boolean (TRUE);
}

static DexFuture *
note_begun_job (Job *job, sqlite3 *db, GError **error)
{
  return change_begun (job, db, "UPDATE begun SET state = ?8" OF_BEGUN, error);
}

DexFuture *
lw_outbox_note_apply (LwOutbox *self,
                      const char *request,
                      const char *digest,
                      const char *what,
                      const char *state)
{
  Job *job;

  g_return_val_if_fail (LW_IS_OUTBOX (self), NULL);
  g_return_val_if_fail (request != NULL && digest != NULL && what != NULL, NULL);
  g_return_val_if_fail (state != NULL, NULL);

  job = begun_job (self, note_begun_job, request, digest, what);
  job->text = g_strdup (state);

  return push (self, job, FALSE);
}

static DexFuture *
end_begun_job (Job *job, sqlite3 *db, GError **error)
{
  return change_begun (job, db, "DELETE FROM begun" OF_BEGUN, error);
}

DexFuture *
lw_outbox_end_apply (LwOutbox *self, const char *request, const char *digest, const char *what)
{
  g_return_val_if_fail (LW_IS_OUTBOX (self), NULL);
  g_return_val_if_fail (request != NULL && digest != NULL && what != NULL, NULL);

  return push (self, begun_job (self, end_begun_job, request, digest, what), FALSE);
}

static DexFuture *
list_begun_job (Job *job, sqlite3 *db, GError **error)
{
  const LwOutboxOwner *owner = &job->state->db.owner;
  g_autofree char *machine = lw_machine_id ();
  g_autoptr (GPtrArray) all = g_ptr_array_new_with_free_func ((GDestroyNotify) lw_begun_unref);
  g_auto (LwOutboxQuery) query =
      lw_outbox_query (db, error,
                       "SELECT " LW_BEGUN_COLUMNS " FROM begun WHERE ledger = ?1 AND tenant = ?2"
                       " AND oid = ?3 AND machine = ?4 ORDER BY id",
                       "ssss", owner->ledger, owner->tenant, owner->oid, machine);
  int code = SQLITE_ERROR;

  while (query && (code = lw_outbox_step (db, query, error)) == SQLITE_ROW)
    {
      LwBegun *begun = lw_begun_read (query, error);

      if (!begun)
        return NULL;
      g_ptr_array_add (all, begun);
    }

  return code == SQLITE_DONE ? dex_future_new_take_boxed (G_TYPE_PTR_ARRAY, g_steal_pointer (&all))
                             : NULL;
}

DexFuture *
lw_outbox_list_begun (LwOutbox *self)
{
  g_return_val_if_fail (LW_IS_OUTBOX (self), NULL);

  return push (self, job_new (self, list_begun_job), FALSE);
}

char *
lw_machine_id (void)
{
  g_autofree char *id = NULL;

  if (!g_file_get_contents ("/etc/machine-id", &id, NULL, NULL) &&
      !g_file_get_contents ("/var/lib/dbus/machine-id", &id, NULL, NULL))
    id = g_strdup (g_get_host_name ());

  /* The id itself is not to be shown around: see machine-id(5). */
  return lw_outbox_sum ("org.leeway.Leeway", g_strstrip (id), NULL);
}

/* --- the object --------------------------------------------------------------------------------- */

static void
lw_outbox_finalize (GObject *object)
{
  LwOutbox *self = LW_OUTBOX (object);

  g_clear_pointer (&self->serial, lw_serial_free);
  g_atomic_rc_box_release_full (self->state, state_clear);
  g_free (self->notice);

  G_OBJECT_CLASS (lw_outbox_parent_class)->finalize (object);
}

static void
lw_outbox_class_init (LwOutboxClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = lw_outbox_finalize;

  signals[CHANGED] = g_signal_new ("changed", LW_TYPE_OUTBOX, G_SIGNAL_RUN_LAST, 0, NULL, NULL,
                                   NULL, G_TYPE_NONE, 0);
}

static void
lw_outbox_init (LwOutbox *self)
{
  self->state = g_atomic_rc_box_new0 (State);
  g_mutex_init (&self->state->lock);
  self->serial = lw_serial_new ();
}

/* Two ways of writing one address are one ledger. */
static char *
normalize (const char *ledger)
{
  char *text = g_strdup (ledger);
  gsize n = strlen (text);

  while (n > 1 && text[n - 1] == '/')
    text[--n] = '\0';

  return text;
}

LwOutbox *
lw_outbox_new (const char *folder, const char *ledger, const char *tenant, const char *oid)
{
  LwOutbox *self;

  g_return_val_if_fail (folder != NULL, NULL);
  g_return_val_if_fail (ledger != NULL, NULL);
  g_return_val_if_fail (oid != NULL, NULL);

  self = g_object_new (LW_TYPE_OUTBOX, NULL);
  self->state->db.folder = g_strdup (folder);
  self->state->db.owner.ledger = normalize (ledger);
  self->state->db.owner.tenant = g_ascii_strdown (tenant ? tenant : "", -1);
  self->state->db.owner.oid = g_ascii_strdown (oid, -1);

  return self;
}

char *
lw_outbox_folder (void)
{
  return g_build_filename (g_get_user_data_dir (), "leeway", NULL);
}
