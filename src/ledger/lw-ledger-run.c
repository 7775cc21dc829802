/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "config.h"

#include "lw-ledger-private.h"

/* How the ledger's verbs run: fibers on the main thread, jobs on the archive's. */

typedef struct
{
  LwArchive *archive;
  LwArchiveFunc func;
  gpointer data;
} Job;

static void
job_free (gpointer data)
{
  Job *job = data;

  lw_archive_unref (job->archive);
  g_free (job);
}

static DexFuture *
job_thread (gpointer data)
{
  Job *job = data;

  return job->func (job->archive, job->data);
}

DexFuture *
lw_ledger_push (LwLedger *self, LwArchiveFunc func, gpointer data)
{
  Job *job = g_new0 (Job, 1);

  job->archive = lw_archive_ref (self->archive);
  job->func = func;
  job->data = data;

  return lw_serial_push (self->serial, job_thread, job, job_free);
}

static DexFuture *
settle (DexFuture *future, gpointer user_data)
{
  DexPromise *promise = user_data;
  g_autoptr (GError) error = NULL;
  const GValue *value = dex_future_get_value (future, &error);

  if (value)
    dex_promise_resolve (promise, value);
  else
    dex_promise_reject (promise, g_steal_pointer (&error));

  return dex_ref (future);
}

DexFuture *
lw_ledger_run (LwLedger *self, DexFiberFunc func, gpointer data, GDestroyNotify data_destroy)
{
  /* It does not hold what settles it, so dropping it cancels nothing. */
  DexPromise *promise = dex_promise_new ();
  DexFuture *fiber = dex_scheduler_spawn (NULL, LW_LEDGER_STACK_SIZE, func, data, data_destroy);

  dex_future_disown (dex_future_finally (fiber, settle, dex_ref (promise), dex_unref));

  return DEX_FUTURE (promise);
}

gboolean
lw_ledger_lost_cache (const GError *error)
{
  return error && error->domain == LW_CACHE_ERROR && error->code != LW_CACHE_ERROR_BUSY;
}

/* What became of each is asked of each: a set of futures says only that too many failed, and with some
 * of both it may say that all is well. */
gboolean
lw_ledger_await_all (DexFuture *const *futures, guint n, GError **error)
{
  if (n == 0)
    return TRUE;

  dex_await (dex_future_allv (futures, n), NULL);

  for (guint i = 0; i < n; i++)
    {
      if (!dex_future_get_value (futures[i], error))
        return FALSE;
    }

  return TRUE;
}

void
lw_ledger_set_now (LwLedger *self, GDateTime *now)
{
  g_clear_pointer (&self->now, g_date_time_unref);
  self->now = now ? g_date_time_ref (now) : NULL;
}

gint64
lw_ledger_now (LwLedger *self)
{
  return self->now ? g_date_time_to_unix_usec (self->now) : g_get_real_time ();
}

/* --- what the archive says ---------------------------------------------------------------------- */

typedef struct
{
  LwRules *rules;
  guint rules_seq;
  char *rules_sha256;
  GPtrArray *rules_history;
  GStrv problems;
  char *notice;
  gint64 synced_at;
} Status;

static void
status_clear (Status *status)
{
  g_clear_pointer (&status->rules, lw_rules_unref);
  g_clear_pointer (&status->rules_sha256, g_free);
  g_clear_pointer (&status->rules_history, g_ptr_array_unref);
  g_clear_pointer (&status->problems, g_strfreev);
  g_clear_pointer (&status->notice, g_free);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Status, status_clear)

static DexFuture *
status_job (LwArchive *archive, gpointer data)
{
  Status *status = data;
  g_autoptr (GError) error = NULL;
  LwRulebook *rulebook;

  if (!lw_archive_open (archive, &error) ||
      !(status->problems = lw_archive_get_problems (archive, &error)) ||
      !lw_cache_get_number (lw_archive_get_cache (archive), "synced-at", &status->synced_at,
                            &error))
    {
      lw_archive_failed (archive, error);
      return dex_future_new_for_error (g_steal_pointer (&error));
    }

  rulebook = lw_archive_get_rulebook (archive);
  status->rules = lw_rules_ref (lw_rulebook_get_rules (rulebook));
  status->rules_seq = lw_rulebook_get_seq (rulebook);
  status->rules_sha256 = g_strdup (lw_rulebook_get_sha256 (rulebook));
  status->rules_history = lw_rulebook_copy_history (rulebook);
  status->notice = g_strdup (lw_archive_get_notice (archive));

  return dex_future_new_for_boolean (TRUE);
}

gboolean
lw_ledger_update (LwLedger *self, GError **error)
{
  g_auto (Status) status = { 0 };

  if (!dex_await (lw_ledger_push (self, status_job, &status), error))
    return FALSE;

  g_clear_pointer (&self->rules, lw_rules_unref);
  self->rules = g_steal_pointer (&status.rules);
  self->rules_seq = status.rules_seq;
  g_set_str (&self->rules_sha256, status.rules_sha256);
  g_clear_pointer (&self->rules_history, g_ptr_array_unref);
  self->rules_history = g_steal_pointer (&status.rules_history);
  g_strfreev (self->problems);
  self->problems = g_steal_pointer (&status.problems);
  g_set_str (&self->notice, status.notice);
  g_clear_pointer (&self->synced_at, g_date_time_unref);
  if (status.synced_at > 0)
    self->synced_at = g_date_time_new_from_unix_utc_usec (status.synced_at);

  return TRUE;
}
