/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "config.h"

#include "lw-evidence.h"
#include "lw-fault-point.h"
#include "lw-ledger-private.h"
#include "lw-thread.h"

#include <glib/gi18n-lib.h>

typedef struct
{
  LwLedger *self;
  GBytes *bytes;
  char *sha256;
} Evidence;

static void
evidence_free (gpointer data)
{
  Evidence *evidence = data;

  g_object_unref (evidence->self);
  g_clear_pointer (&evidence->bytes, g_bytes_unref);
  g_free (evidence->sha256);
  g_free (evidence);
}

static DexFuture *
hash_thread (gpointer data)
{
  return dex_future_new_take_string (g_compute_checksum_for_bytes (G_CHECKSUM_SHA256, data));
}

static DexFuture *
hash (GBytes *bytes)
{
  return lw_thread_spawn (hash_thread, g_bytes_ref (bytes), (GDestroyNotify) g_bytes_unref);
}

static void
set_altered (GError **error, const char *sha256)
{
  g_set_error (
      error, LW_LEDGER_ERROR, LW_LEDGER_ERROR_BROKEN,
      _ ("The file on the evidence shelf is not the one that was attached: its content does "
         "not have the SHA-256 %s. It was not opened; tell whoever keeps the ledger"),
      sha256);
}

/* Reads and verifies. Awaits. */
static GBytes *
read_verified (LwLedger *self, const char *sha256, GError **error)
{
  g_autoptr (GBytes) bytes = NULL;
  g_autofree char *actual = NULL;

  if (!(bytes = dex_await_boxed (lw_store_get (self->store, LW_SHELF_EVIDENCE, sha256), error)) ||
      !(actual = dex_await_string (hash (bytes), error)))
    return NULL;

  if (g_strcmp0 (actual, sha256) != 0)
    {
      set_altered (error, sha256);
      return NULL;
    }

  return g_steal_pointer (&bytes);
}

static DexFuture *
put_fiber (gpointer data)
{
  Evidence *evidence = data;
  g_autofree char *sha256 = NULL;
  g_autoptr (GBytes) stored = NULL;
  g_autoptr (GError) error = NULL;

  if (!(sha256 = dex_await_string (hash (evidence->bytes), &error)))
    return dex_future_new_for_error (g_steal_pointer (&error));

  if (dex_await (
          lw_store_put_new (evidence->self->store, LW_SHELF_EVIDENCE, sha256, evidence->bytes),
          &error))
    {
      LW_FAULT_POINT (EVIDENCE_WRITTEN);
      return dex_future_new_take_string (g_steal_pointer (&sha256));
    }

  if (!g_error_matches (error, LW_LEDGER_ERROR, LW_LEDGER_ERROR_TAKEN))
    return dex_future_new_for_error (g_steal_pointer (&error));

  /* The same content is there already, which is fine; anything else is not. */
  g_clear_error (&error);
  if (!(stored = read_verified (evidence->self, sha256, &error)))
    return dex_future_new_for_error (g_steal_pointer (&error));

  return dex_future_new_take_string (g_steal_pointer (&sha256));
}

DexFuture *
lw_ledger_put_evidence (LwLedger *self, GBytes *bytes)
{
  gsize limit;
  Evidence *evidence;

  g_return_val_if_fail (LW_IS_LEDGER (self), NULL);
  g_return_val_if_fail (bytes != NULL, NULL);

  limit = lw_rules_evidence_max_size (lw_ledger_get_rules (self));
  if (g_bytes_get_size (bytes) == 0)
    return dex_future_new_reject (LW_LEDGER_ERROR, LW_LEDGER_ERROR_REFUSED,
                                  _ ("The file is empty, so it is evidence of nothing"));
  if (g_bytes_get_size (bytes) > limit)
    {
      g_autofree char *most = g_format_size_full (limit, G_FORMAT_SIZE_IEC_UNITS);
      g_autofree char *size =
          g_format_size_full (g_bytes_get_size (bytes), G_FORMAT_SIZE_IEC_UNITS);

      return dex_future_new_reject (LW_LEDGER_ERROR, LW_LEDGER_ERROR_REFUSED,
                                    _ ("The file has %s, and the rules allow at most %s. Attach a "
                                       "part of it, or a link to where it is kept"),
                                    size, most);
    }

  evidence = g_new0 (Evidence, 1);
  evidence->self = g_object_ref (self);
  evidence->bytes = g_bytes_ref (bytes);

  return dex_scheduler_spawn (NULL, 0, put_fiber, evidence, evidence_free);
}

static DexFuture *
get_fiber (gpointer data)
{
  Evidence *evidence = data;
  g_autoptr (GError) error = NULL;
  GBytes *bytes = read_verified (evidence->self, evidence->sha256, &error);

  if (bytes)
    return dex_future_new_take_boxed (G_TYPE_BYTES, bytes);

  if (g_error_matches (error, LW_LEDGER_ERROR, LW_LEDGER_ERROR_NOT_FOUND))
    return dex_future_new_reject (
        LW_LEDGER_ERROR, LW_LEDGER_ERROR_NOT_FOUND,
        _ ("The file is not on the ledger’s evidence shelf, though the record names it (%s)"),
        evidence->sha256);

  return dex_future_new_for_error (g_steal_pointer (&error));
}

DexFuture *
lw_ledger_get_evidence (LwLedger *self, const char *sha256)
{
  Evidence *evidence;

  g_return_val_if_fail (LW_IS_LEDGER (self), NULL);

  if (!lw_evidence_sha256_is_valid (sha256))
    {
      g_autofree char *shown = g_utf8_make_valid (sha256 ? sha256 : "", -1);

      return dex_future_new_reject (LW_LEDGER_ERROR, LW_LEDGER_ERROR_NOT_FOUND,
                                    _ ("“%s” is not the SHA-256 of a piece of evidence"), shown);
    }

  evidence = g_new0 (Evidence, 1);
  evidence->self = g_object_ref (self);
  evidence->sha256 = g_strdup (sha256);

  return dex_scheduler_spawn (NULL, 0, get_fiber, evidence, evidence_free);
}
