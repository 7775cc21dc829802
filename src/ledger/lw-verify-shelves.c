/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "config.h"

#include "lw-evidence.h"
#include "lw-ledger-private.h"
#include "lw-thread.h"
#include "lw-verify-private.h"

#include <glib/gi18n-lib.h>
#include <string.h>

/* --- evidence ----------------------------------------------------------------------------------- */

static DexFuture *
hash_thread (gpointer data)
{
  return dex_future_new_take_string (g_compute_checksum_for_bytes (G_CHECKSUM_SHA256, data));
}

static gboolean
verify_file (LwVerify *self, const char *name, GError **error)
{
  g_autoptr (GError) cause = NULL;
  g_autoptr (GBytes) bytes = NULL;
  g_autofree char *actual = NULL;

  if (!lw_evidence_sha256_is_valid (name))
    {
      lw_verify_problem (self, "evidence.stray", NULL, 0, LW_SHELF_EVIDENCE, name,
                         _ ("This file is not named by its content"));
      return TRUE;
    }

  bytes = lw_verify_get (self, LW_SHELF_EVIDENCE, name, NULL, &cause);
  if (bytes)
    actual = dex_await_string (
        lw_thread_spawn (hash_thread, g_bytes_ref (bytes), (GDestroyNotify) g_bytes_unref), &cause);
  if (cause)
    {
      g_propagate_error (error, g_steal_pointer (&cause));
      return FALSE;
    }

  self->result->evidence++;
  if (actual && !g_str_equal (actual, name))
    lw_verify_problem (self, "evidence.altered", NULL, 0, LW_SHELF_EVIDENCE, name,
                       _ ("The content of this file is not the one that was attached"));

  return TRUE;
}

static void
report_missing (LwVerify *self, const char *sha256, const char *where)
{
  g_auto (GStrv) parts = g_strsplit (where, " ", 3);
  g_autofree char *message = g_strdup_printf (
      _ ("“%s” is named as evidence, but is not on the shelf"), parts[2] ? parts[2] : sha256);

  lw_verify_problem (self, "evidence.missing", parts[0],
                     (guint) g_ascii_strtoull (parts[1], NULL, 10), LW_SHELF_EVIDENCE, sha256,
                     message);
}

gboolean
lw_verify_evidence (LwVerify *self, GError **error)
{
  GStrv names = self->names[LW_SHELF_EVIDENCE];
  g_autoptr (GHashTable) there = g_hash_table_new (g_str_hash, g_str_equal);
  GHashTableIter iter;
  gpointer sha256, where;

  for (gsize i = 0; names[i]; i++)
    {
      if (!verify_file (self, names[i], error))
        return FALSE;
      g_hash_table_add (there, names[i]);
      if (!g_hash_table_contains (self->cited, names[i]) && lw_evidence_sha256_is_valid (names[i]))
        lw_verify_problem (self, "evidence.unused", NULL, 0, LW_SHELF_EVIDENCE, names[i],
                           _ ("No entry names this file: it was attached, and what it was for was "
                              "never sent"))
            ->harmless = TRUE;
    }

  g_hash_table_iter_init (&iter, self->cited);
  while (g_hash_table_iter_next (&iter, &sha256, &where))
    {
      if (!g_hash_table_contains (there, sha256))
        report_missing (self, sha256, where);
    }

  return TRUE;
}

/* --- the log ------------------------------------------------------------------------------------ */

/* "<date>/<hour>/<request id>-<seq>" */
static char *
parse_marker (const char *name, guint *seq)
{
  const char *file = strrchr (name, '/');
  const char *dash = file ? strrchr (file, '-') : NULL;
  g_autofree char *id = NULL;

  if (!dash || strspn (dash + 1, "0123456789") != strlen (dash + 1) || strlen (dash + 1) != 6)
    return NULL;

  id = g_strndup (file + 1, (gsize) (dash - file - 1));
  *seq = (guint) g_ascii_strtoull (dash + 1, NULL, 10);

  return lw_uuid_is_valid (id) ? g_steal_pointer (&id) : NULL;
}

static void
report_unmarked (LwVerify *self, GHashTable *marked)
{
  GStrv names = self->names[LW_SHELF_REQUESTS];
  guint n = 0;

  for (gsize i = 0; names[i]; i++)
    {
      g_autofree char *id = lw_record_request_of (names[i]);
      guint seq = lw_record_seq_of (names[i]);
      g_autofree char *key = id && seq > 0 ? g_strdup_printf ("%s %u", id, seq) : NULL;

      n += key && !g_hash_table_contains (marked, key);
    }

  if (n > 0)
    {
      g_autofree char *message = g_strdup_printf (
          ngettext ("%u entry has no marker in the log; the daily full listing finds it",
                    "%u entries have no marker in the log; the daily full listing finds them", n),
          n);

      lw_verify_problem (self, "log.unmarked", NULL, 0, LW_SHELF_LOG, NULL, message)->harmless =
          TRUE;
    }
}

/* A marker is written after its entry. One without it says that an entry at the end of a record was
 * taken away, which the chain of digests cannot show. */
void
lw_verify_log (LwVerify *self)
{
  GStrv names = self->names[LW_SHELF_LOG];
  g_autoptr (GHashTable) marked = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);

  for (gsize i = 0; names[i]; i++)
    {
      guint seq = 0;
      g_autofree char *id = parse_marker (names[i], &seq);
      guint last = id ? GPOINTER_TO_UINT (g_hash_table_lookup (self->last_seqs, id)) : 0;

      if (!id)
        lw_verify_problem (self, "log.stray", NULL, 0, LW_SHELF_LOG, names[i],
                           _ ("This file is no marker of an entry"))
            ->harmless = TRUE;
      else if (seq > last)
        lw_verify_problem (self, "log.lost", id, seq, LW_SHELF_LOG, names[i],
                           _ ("The log names this entry, and the record ends before it: it was "
                              "taken away"));
      if (id)
        g_hash_table_add (marked, g_strdup_printf ("%s %u", id, seq));
    }

  report_unmarked (self, marked);
}
