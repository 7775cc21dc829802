/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "config.h"

#include "lw-json.h"
#include "lw-ledger-private.h"

#include <glib/gi18n-lib.h>
#include <string.h>

G_DEFINE_FINAL_TYPE (LwLedger, lw_ledger, G_TYPE_OBJECT)

/* --- cases -------------------------------------------------------------------------------------- */

char *
lw_ledger_normalize_id (const char *request_id)
{
  return lw_uuid_is_valid (request_id) ? g_ascii_strdown (request_id, -1) : NULL;
}

DexFuture *
lw_ledger_reject_id (const char *request_id)
{
  g_autofree char *shown = g_utf8_make_valid (request_id, -1);

  return dex_future_new_reject (LW_LEDGER_ERROR, LW_LEDGER_ERROR_NOT_FOUND,
                                _ ("“%s” is not the id of a request"), shown);
}

typedef struct
{
  LwLedger *self;
  char *request_id;
} Load;

static void
load_free (gpointer data)
{
  Load *load = data;

  g_object_unref (load->self);
  g_free (load->request_id);
  g_free (load);
}

static DexFuture *
load_case_fiber (gpointer data)
{
  Load *load = data;
  g_autoptr (GError) error = NULL;
  g_autoptr (LwCase) kept = NULL;
  LwCase *value = lw_ledger_read_case (load->self, load->request_id, &error);

  if (value)
    return dex_future_new_take_boxed (LW_TYPE_CASE, value);

  /* What was read before can be read without the ledger. */
  kept = lw_ledger_fold (load->self, load->request_id, NULL);
  if (!kept || kept->events->len == 0)
    return dex_future_new_for_error (g_steal_pointer (&error));

  g_clear_error (&load->self->sync_error);
  load->self->sync_error = g_steal_pointer (&error);

  return dex_future_new_take_boxed (LW_TYPE_CASE, g_steal_pointer (&kept));
}

static DexFuture *
newest_case_fiber (gpointer data)
{
  Load *load = data;
  g_autoptr (GError) error = NULL;
  LwCase *value = lw_ledger_read_case (load->self, load->request_id, &error);

  if (!value)
    return dex_future_new_for_error (g_steal_pointer (&error));

  return dex_future_new_take_boxed (LW_TYPE_CASE, value);
}

static DexFuture *
load_case (LwLedger *self, const char *request_id, DexFiberFunc func)
{
  g_autofree char *id = NULL;
  Load *load;

  if (!(id = lw_ledger_normalize_id (request_id)))
    return lw_ledger_reject_id (request_id);

  load = g_new0 (Load, 1);
  load->self = g_object_ref (self);
  load->request_id = g_steal_pointer (&id);

  return lw_ledger_run (self, func, load, load_free);
}

DexFuture *
lw_ledger_load_case (LwLedger *self, const char *request_id)
{
  g_return_val_if_fail (LW_IS_LEDGER (self), NULL);
  g_return_val_if_fail (request_id != NULL, NULL);

  return load_case (self, request_id, load_case_fiber);
}

DexFuture *
lw_ledger_read_newest_case (LwLedger *self, const char *request_id)
{
  g_return_val_if_fail (LW_IS_LEDGER (self), NULL);
  g_return_val_if_fail (request_id != NULL, NULL);

  return load_case (self, request_id, newest_case_fiber);
}

/* --- rules -------------------------------------------------------------------------------------- */

static DexFuture *
load_rules_fiber (gpointer data)
{
  LwLedger *self = data;
  g_autoptr (GError) error = NULL;
  g_autoptr (GError) update_error = NULL;

  for (guint tries = 0; tries < 2; tries++)
    {
      g_clear_error (&error);
      if (lw_ledger_read_rules (self, LW_SYNC_NEW, &error) || !lw_ledger_lost_cache (error))
        break;
    }

  if (!lw_ledger_update (self, &update_error))
    return dex_future_new_for_error (g_steal_pointer (&update_error));

  /* Rules that were read before hold for reading, as do the defaults where a sync found none; whoever
   * writes needs the ledger anyway. */
  if (error && ((self->rules_seq == 0 && !self->synced_at) ||
                g_error_matches (error, LW_LEDGER_ERROR, LW_LEDGER_ERROR_BROKEN)))
    return dex_future_new_for_error (g_steal_pointer (&error));
  if (error)
    {
      g_clear_error (&self->sync_error);
      self->sync_error = g_steal_pointer (&error);
    }

  return dex_future_new_take_boxed (LW_TYPE_RULES, lw_rules_ref (self->rules));
}

DexFuture *
lw_ledger_load_rules (LwLedger *self)
{
  g_return_val_if_fail (LW_IS_LEDGER (self), NULL);

  return lw_ledger_run (self, load_rules_fiber, g_object_ref (self), g_object_unref);
}

LwRules *
lw_ledger_get_rules (LwLedger *self)
{
  g_return_val_if_fail (LW_IS_LEDGER (self), NULL);

  return self->rules;
}

guint
lw_ledger_get_rules_seq (LwLedger *self)
{
  g_return_val_if_fail (LW_IS_LEDGER (self), 0);

  return self->rules_seq;
}

const char *
lw_ledger_get_rules_sha256 (LwLedger *self)
{
  g_return_val_if_fail (LW_IS_LEDGER (self), NULL);

  return self->rules_sha256;
}

/* --- the object --------------------------------------------------------------------------------- */

const char *const *
lw_ledger_get_problems (LwLedger *self)
{
  g_return_val_if_fail (LW_IS_LEDGER (self), NULL);

  return (const char *const *) self->problems;
}

const LwSyncCounts *
lw_ledger_get_sync_counts (LwLedger *self)
{
  g_return_val_if_fail (LW_IS_LEDGER (self), NULL);

  return &self->counts;
}

GDateTime *
lw_ledger_get_synced_at (LwLedger *self)
{
  g_return_val_if_fail (LW_IS_LEDGER (self), NULL);

  return self->synced_at;
}

const GError *
lw_ledger_get_sync_error (LwLedger *self)
{
  g_return_val_if_fail (LW_IS_LEDGER (self), NULL);

  return self->sync_error;
}

const char *
lw_ledger_get_notice (LwLedger *self)
{
  g_return_val_if_fail (LW_IS_LEDGER (self), NULL);

  return self->notice;
}

static DexFuture *
set_hierarchy_job (LwArchive *archive, gpointer data)
{
  lw_archive_set_hierarchy (archive, data);
  if (data)
    lw_hierarchy_unref (data);

  return dex_future_new_for_boolean (TRUE);
}

void
lw_ledger_set_hierarchy (LwLedger *self, LwHierarchy *hierarchy)
{
  g_return_if_fail (LW_IS_LEDGER (self));

  g_clear_pointer (&self->hierarchy, lw_hierarchy_unref);
  if (hierarchy)
    self->hierarchy = lw_hierarchy_ref (hierarchy);
  dex_future_disown (
      lw_ledger_push (self, set_hierarchy_job, hierarchy ? lw_hierarchy_ref (hierarchy) : NULL));
}

static void
lw_ledger_finalize (GObject *object)
{
  LwLedger *self = LW_LEDGER (object);

  g_clear_pointer (&self->serial, lw_serial_free);
  g_clear_pointer (&self->archive, lw_archive_unref);
  g_clear_object (&self->store);
  g_clear_pointer (&self->hierarchy, lw_hierarchy_unref);
  g_clear_pointer (&self->rules, lw_rules_unref);
  g_clear_pointer (&self->rules_sha256, g_free);
  g_clear_pointer (&self->rules_history, g_ptr_array_unref);
  g_clear_pointer (&self->problems, g_strfreev);
  g_clear_pointer (&self->notice, g_free);
  g_clear_pointer (&self->synced_at, g_date_time_unref);
  g_clear_pointer (&self->now, g_date_time_unref);
  g_clear_error (&self->sync_error);
  dex_clear (&self->last_sync);
  dex_clear (&self->waiting);

  G_OBJECT_CLASS (lw_ledger_parent_class)->finalize (object);
}

static void
lw_ledger_class_init (LwLedgerClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = lw_ledger_finalize;

  g_signal_new ("progress", LW_TYPE_LEDGER, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 2,
                G_TYPE_UINT, G_TYPE_UINT);
  g_signal_new ("synced", LW_TYPE_LEDGER, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 1,
                G_TYPE_UINT);
}

static void
lw_ledger_init (LwLedger *self)
{
  g_autoptr (LwRulebook) defaults = lw_rulebook_new ();

  self->rules = lw_rules_ref (lw_rulebook_get_rules (defaults));
  self->rules_sha256 = g_strdup (lw_rulebook_get_sha256 (defaults));
  self->rules_history = lw_rulebook_copy_history (defaults);
  self->problems = g_new0 (char *, 1);
  self->serial = lw_serial_new ();
}

LwLedger *
lw_ledger_new_cached (LwStore *store, const char *folder)
{
  LwLedger *self;

  g_return_val_if_fail (LW_IS_STORE (store), NULL);

  self = g_object_new (LW_TYPE_LEDGER, NULL);
  self->store = g_object_ref (store);
  self->archive = lw_archive_new (folder);

  return self;
}

LwLedger *
lw_ledger_new (LwStore *store)
{
  return lw_ledger_new_cached (store, NULL);
}

char *
lw_ledger_cache_folder (const char *key, const char *url)
{
  g_autoptr (GUri) uri = url ? g_uri_parse (url, G_URI_FLAGS_NONE, NULL) : NULL;
  const char *scheme = uri ? g_uri_get_scheme (uri) : NULL;
  const char *host = uri ? g_uri_get_host (uri) : NULL;

  g_return_val_if_fail (key != NULL, NULL);

  if (scheme && host && g_str_has_prefix (scheme, "http") &&
      (g_str_has_prefix (host, "127.") || g_ascii_strcasecmp (host, "localhost") == 0 ||
       strcmp (host, "::1") == 0))
    return NULL;

  return g_build_filename (g_get_user_cache_dir (), "leeway", "ledger", key, NULL);
}
