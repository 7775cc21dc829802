/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "config.h"

#include "lw-evidence.h"
#include "lw-json.h"
#include "lw-ledger-private.h"
#include "lw-thread.h"
#include "lw-verify-private.h"

#include <glib/gi18n-lib.h>
#include <string.h>

/* Requests that are read at once. */
#define PARALLEL 8
/* Clocks may differ by so much before it is worth saying. */
#define SKEW (5 * G_TIME_SPAN_MINUTE)

void
lw_verify_free (gpointer data)
{
  LwVerify *self = data;

  if (self->destroy)
    self->destroy (self->user_data);
  g_object_unref (self->store);
  g_clear_pointer (&self->hierarchy, lw_hierarchy_unref);
  g_clear_pointer (&self->rulebook, lw_rulebook_free);
  g_clear_pointer (&self->result, lw_verification_unref);
  for (guint i = 0; i < LW_SHELF_COUNT; i++)
    g_strfreev (self->names[i]);
  g_clear_pointer (&self->cited, g_hash_table_unref);
  g_clear_pointer (&self->last_seqs, g_hash_table_unref);
  g_clear_pointer (&self->requests, g_ptr_array_unref);
  g_free (self);
}

LwProblem *
lw_verify_problem (LwVerify *self,
                   const char *id,
                   const char *request,
                   guint seq,
                   LwShelf shelf,
                   const char *name,
                   const char *message)
{
  g_autofree char *object = name ? g_strconcat (lw_shelf_to_string (shelf), "/", name, NULL) : NULL;

  return lw_verification_add (self->result, id, request, seq, object, message);
}

/* What stands under that name; a damaged or missing object is a problem and no error. Awaits. */
GBytes *
lw_verify_get (LwVerify *self, LwShelf shelf, const char *name, const char *request, GError **error)
{
  g_autoptr (GError) cause = NULL;
  GBytes *bytes = dex_await_boxed (lw_store_get (self->store, shelf, name), &cause);

  if (bytes)
    return bytes;

  if (g_error_matches (cause, LW_LEDGER_ERROR, LW_LEDGER_ERROR_NOT_FOUND) ||
      g_error_matches (cause, LW_LEDGER_ERROR, LW_LEDGER_ERROR_BROKEN))
    lw_verify_problem (self, "ledger.unreadable", request, 0, shelf, name, cause->message);
  else
    g_propagate_error (error, g_steal_pointer (&cause));

  return NULL;
}

/* --- the rules ---------------------------------------------------------------------------------- */

static gboolean
verify_rules (LwVerify *self, GError **error)
{
  GStrv names = self->names[LW_SHELF_RULES];

  for (gsize i = 0; names[i]; i++)
    {
      g_autofree char *expected =
          g_strdup_printf ("%06u.json", lw_rulebook_next_seq (self->rulebook));
      g_autoptr (GBytes) bytes = NULL;
      g_autoptr (GError) cause = NULL;

      if (!g_str_equal (names[i], expected))
        {
          g_autofree char *message =
              g_strdup_printf (_ ("The rules have %s where %s must follow"), names[i], expected);

          lw_verify_problem (self, "rules.gap", NULL, 0, LW_SHELF_RULES, names[i], message);
          break;
        }
      bytes = lw_verify_get (self, LW_SHELF_RULES, names[i], NULL, &cause);
      if (cause)
        {
          g_propagate_error (error, g_steal_pointer (&cause));
          return FALSE;
        }
      if (!bytes)
        break;
      if (!lw_rulebook_add (self->rulebook, bytes, &cause))
        {
          lw_verify_problem (self, "rules.chain", NULL, 0, LW_SHELF_RULES, names[i],
                             cause->message);
          break;
        }
      self->result->rules++;
    }

  for (guint i = 0; i < lw_rulebook_get_problems (self->rulebook)->len; i++)
    lw_verify_problem (self, "rules.not-entitled", NULL, 0, LW_SHELF_RULES, NULL,
                       g_ptr_array_index (lw_rulebook_get_problems (self->rulebook), i));

  return TRUE;
}

/* --- a request ---------------------------------------------------------------------------------- */

typedef struct
{
  const char *id;
  GPtrArray *events;  /* (element-type LwEvent) */
  GHashTable *sealed; /* "digest-oid", of seals that are what they say */
  GHashTable *used;   /* those that an approval refers to */
} Request;

static void
request_clear (Request *request)
{
  g_clear_pointer (&request->events, g_ptr_array_unref);
  g_clear_pointer (&request->sealed, g_hash_table_unref);
  g_clear_pointer (&request->used, g_hash_table_unref);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Request, request_clear)

static gboolean
read_event (LwVerify *self, Request *request, const char *name, GError **error)
{
  guint seq = lw_record_seq_of (name);
  g_autoptr (GError) cause = NULL;
  g_autoptr (GBytes) bytes = NULL;
  g_autoptr (LwEvent) event = NULL;

  if (seq > GPOINTER_TO_UINT (g_hash_table_lookup (self->last_seqs, request->id)))
    g_hash_table_insert (self->last_seqs, g_strdup (request->id), GUINT_TO_POINTER (seq));
  if (seq == 0)
    {
      lw_verify_problem (self, "ledger.stray", request->id, 0, LW_SHELF_REQUESTS, name,
                         _ ("This file does not belong to a ledger"));
      return TRUE;
    }

  bytes = lw_verify_get (self, LW_SHELF_REQUESTS, name, request->id, &cause);
  if (cause)
    {
      g_propagate_error (error, g_steal_pointer (&cause));
      return FALSE;
    }
  if (!bytes)
    return TRUE;

  if (!(event = lw_event_from_bytes (bytes, &cause)))
    lw_verify_problem (self, "ledger.unreadable", request->id, seq, LW_SHELF_REQUESTS, name,
                       cause->message);
  else if (event->seq != seq || g_ascii_strcasecmp (event->request, request->id) != 0)
    lw_verify_problem (self, "ledger.foreign", request->id, seq, LW_SHELF_REQUESTS, name,
                       _ ("This entry belongs to another place"));
  else
    {
      self->result->events++;
      g_ptr_array_add (request->events, g_steal_pointer (&event));
    }

  return TRUE;
}

/* "<request id>/<digest>-<oid>.json" must say what the object says. */
static gboolean
read_seal (LwVerify *self, Request *request, const char *name, GError **error)
{
  const char *file = strchr (name, '/') + 1;
  g_autofree char *stem =
      g_str_has_suffix (file, ".json") ? g_strndup (file, strlen (file) - 5) : NULL;
  g_autofree char *digest = NULL;
  g_autoptr (GError) cause = NULL;
  g_autoptr (GBytes) bytes = lw_verify_get (self, LW_SHELF_SEALS, name, request->id, &cause);

  if (cause)
    {
      g_propagate_error (error, g_steal_pointer (&cause));
      return FALSE;
    }
  if (!bytes)
    return TRUE;

  if (stem && strlen (stem) > 65 && stem[64] == '-')
    digest = g_strndup (stem, 64);
  if (digest && lw_seal_matches (bytes, request->id, digest, stem + 65))
    {
      self->result->seals++;
      g_hash_table_add (request->sealed, g_steal_pointer (&stem));
    }
  else
    lw_verify_problem (self, "seals.forged", request->id, 0, LW_SHELF_SEALS, name,
                       _ ("This seal does not say what its name says"));

  return TRUE;
}

static gboolean
is_sealed (const char *id, const char *digest, const char *oid, gpointer user_data)
{
  Request *request = user_data;
  g_autofree char *name = lw_seal_name (digest, oid);

  g_hash_table_add (request->used, g_strdup (name));

  return g_hash_table_contains (request->sealed, name);
}

/* The rules that the newest submission names, where they are on record. */
static LwRules *
rules_of (LwVerify *self, Request *request)
{
  for (guint i = request->events->len; i > 0; i--)
    {
      LwEvent *event = g_ptr_array_index (request->events, i - 1);
      JsonObject *named = lw_json_get_object (event->body, "rules");
      gint64 seq = lw_json_get_int (named, "seq", -1);
      LwRules *rules;

      if (event->kind != LW_EVENT_SUBMITTED)
        continue;

      rules =
          lw_rulebook_lookup (self->rulebook, (guint) seq, lw_json_get_string (named, "sha256"));
      if (rules)
        return rules;
      /* The defaults may have been those of another version of Leeway. */
      lw_verify_problem (self, "rules.unknown", request->id, event->seq, LW_SHELF_REQUESTS, NULL,
                         _ ("The rules that this submission names are not on record"))
          ->harmless = seq == 0;
      break;
    }

  return lw_rulebook_get_rules (self->rulebook);
}

static void
cite_evidence (LwVerify *self, Request *request)
{
  for (guint i = 0; i < request->events->len; i++)
    {
      LwEvent *event = g_ptr_array_index (request->events, i);
      g_autoptr (GPtrArray) files = lw_evidence_files_of (event->body);

      for (guint k = 0; k < files->len; k++)
        {
          const LwEvidence *file = g_ptr_array_index (files, k);

          if (!g_hash_table_contains (self->cited, file->sha256))
            g_hash_table_insert (self->cited, g_strdup (file->sha256),
                                 g_strdup_printf ("%s %u %s", request->id, event->seq, file->name));
        }
    }
}

static void
check_clocks (LwVerify *self, Request *request)
{
  for (guint i = 1; i < request->events->len; i++)
    {
      LwEvent *before = g_ptr_array_index (request->events, i - 1);
      LwEvent *event = g_ptr_array_index (request->events, i);

      if (g_date_time_difference (before->at, event->at) > SKEW)
        lw_verify_problem (
            self, "ledger.clock", request->id, event->seq, LW_SHELF_REQUESTS, NULL,
            _ ("This entry says it is older than the one before it: the clock of who "
               "wrote one of them was wrong"))
            ->harmless = TRUE;
    }
}

static void
fold_request (LwVerify *self, Request *request)
{
  LwRules *rules = rules_of (self, request);
  g_autoptr (LwCase) value =
      lw_case_fold (request->id, request->events, is_sealed, request, rules, self->hierarchy);
  GHashTableIter iter;
  gpointer name;

  for (guint i = 0; i < value->flags->len; i++)
    {
      const LwFlag *flag = g_ptr_array_index (value->flags, i);

      lw_verify_problem (self, flag->id, request->id, flag->seq, LW_SHELF_REQUESTS, NULL,
                         flag->message);
    }

  g_hash_table_iter_init (&iter, request->sealed);
  while (g_hash_table_iter_next (&iter, &name, NULL))
    {
      g_autofree char *object = g_strdup_printf ("%s/%s.json", request->id, (char *) name);

      if (!g_hash_table_contains (request->used, name))
        lw_verify_problem (self, "seals.unused", request->id, 0, LW_SHELF_SEALS, object,
                           _ ("No approval goes with this seal: its writer was interrupted, or "
                              "somebody else was faster"))
            ->harmless = TRUE;
    }

  self->result->requests++;
  if (self->func)
    self->func (value, self->user_data);
}

static guint
first_of (GStrv names, guint length, const char *prefix)
{
  guint low = 0, high = length;

  while (low < high)
    {
      guint middle = low + (high - low) / 2;

      if (strcmp (names[middle], prefix) < 0)
        low = middle + 1;
      else
        high = middle;
    }

  return low;
}

static gboolean
verify_request (LwVerify *self, const char *id, GError **error)
{
  g_auto (Request) request = { .id = id };
  g_autofree char *prefix = g_strconcat (id, "/", NULL);
  GStrv events = self->names[LW_SHELF_REQUESTS];
  GStrv seals = self->names[LW_SHELF_SEALS];

  request.events = g_ptr_array_new_with_free_func ((GDestroyNotify) lw_event_unref);
  request.sealed = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  request.used = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);

  for (guint i = first_of (events, self->n_events, prefix);
       events[i] && g_str_has_prefix (events[i], prefix); i++)
    if (!read_event (self, &request, events[i], error))
      return FALSE;
  for (guint i = first_of (seals, self->n_seals, prefix);
       seals[i] && g_str_has_prefix (seals[i], prefix); i++)
    if (!read_seal (self, &request, seals[i], error))
      return FALSE;

  cite_evidence (self, &request);
  check_clocks (self, &request);
  fold_request (self, &request);

  return TRUE;
}

static DexFuture *
request_worker (gpointer data)
{
  LwVerify *self = data;
  g_autoptr (GError) error = NULL;

  while (self->next < self->requests->len)
    {
      if (!verify_request (self, g_ptr_array_index (self->requests, self->next++), &error))
        {
          self->next = self->requests->len; /* the others stop too */
          return dex_future_new_for_error (g_steal_pointer (&error));
        }
    }

  return dex_future_new_for_boolean (TRUE);
}

/* The ids, each once; what belongs to no request is a problem. */
static void
collect_requests (LwVerify *self, LwShelf shelf, GHashTable *seen)
{
  for (gsize i = 0; self->names[shelf][i]; i++)
    {
      char *id = lw_record_request_of (self->names[shelf][i]);

      if (!id)
        lw_verify_problem (self, "ledger.stray", NULL, 0, shelf, self->names[shelf][i],
                           _ ("This file belongs to no request"));
      else if (g_hash_table_contains (seen, id))
        g_free (id);
      else
        {
          g_hash_table_add (seen, id);
          g_ptr_array_add (self->requests, g_strdup (id));
        }
    }
}

static gboolean
verify_requests (LwVerify *self, GError **error)
{
  g_autoptr (GHashTable) seen = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  g_autoptr (GPtrArray) workers = g_ptr_array_new_with_free_func (dex_unref);

  collect_requests (self, LW_SHELF_REQUESTS, seen);
  collect_requests (self, LW_SHELF_SEALS, seen);
  self->n_events = g_strv_length (self->names[LW_SHELF_REQUESTS]);
  self->n_seals = g_strv_length (self->names[LW_SHELF_SEALS]);

  for (guint i = 0; i < MIN (PARALLEL, self->requests->len); i++)
    g_ptr_array_add (workers,
                     dex_scheduler_spawn (NULL, LW_LEDGER_STACK_SIZE, request_worker, self, NULL));
  /* all come to their end before this one does: they work on the same */
  for (guint i = 0; i < workers->len; i++)
    {
      g_autoptr (GError) cause = NULL;

      if (!dex_await (dex_ref (g_ptr_array_index (workers, i)), &cause) && error && !*error)
        g_propagate_error (error, g_steal_pointer (&cause));
    }

  return !error || !*error;
}

/* --- the whole ---------------------------------------------------------------------------------- */

/* People go on working meanwhile: what is written later is listed earlier, so that nothing seems to be
 * missing which was added in between. */
static gboolean
list_all (LwVerify *self, GError **error)
{
  static const LwShelf order[LW_SHELF_COUNT] = { LW_SHELF_LOG, LW_SHELF_REQUESTS, LW_SHELF_SEALS,
                                                 LW_SHELF_EVIDENCE, LW_SHELF_RULES };

  for (guint i = 0; i < LW_SHELF_COUNT; i++)
    {
      LwShelf shelf = order[i];

      self->names[shelf] = dex_await_boxed (lw_store_list (self->store, shelf, ""), error);
      if (!self->names[shelf])
        return FALSE;
    }

  return TRUE;
}

static DexFuture *
verify_fiber (gpointer data)
{
  LwVerify *self = data;
  g_autoptr (GError) error = NULL;

  if (!list_all (self, &error) || !verify_rules (self, &error) || !verify_requests (self, &error) ||
      !lw_verify_evidence (self, &error))
    return dex_future_new_for_error (g_steal_pointer (&error));

  lw_verify_log (self);
  lw_verification_sort (self->result);

  return dex_future_new_take_boxed (LW_TYPE_VERIFICATION, lw_verification_ref (self->result));
}

DexFuture *
lw_ledger_verify (LwLedger *self, LwVerifyFunc func, gpointer user_data, GDestroyNotify destroy)
{
  LwVerify *verify;

  g_return_val_if_fail (LW_IS_LEDGER (self), NULL);

  verify = g_new0 (LwVerify, 1);
  verify->store = g_object_ref (self->store);
  verify->hierarchy = self->hierarchy ? lw_hierarchy_ref (self->hierarchy) : NULL;
  verify->rulebook = lw_rulebook_new ();
  verify->result = lw_verification_new ();
  verify->cited = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_free);
  verify->last_seqs = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  verify->requests = g_ptr_array_new_with_free_func (g_free);
  verify->func = func;
  verify->user_data = user_data;
  verify->destroy = destroy;

  return dex_scheduler_spawn (NULL, LW_LEDGER_STACK_SIZE, verify_fiber, verify, lw_verify_free);
}
