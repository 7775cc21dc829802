/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "config.h"

#include "lw-ledger-private.h"
#include "lw-thread.h"

#include <glib/gi18n-lib.h>
#include <string.h>

#define PARALLEL 8
/* A listing that runs while somebody appends may miss an entry; more than a few are a real gap. */
#define MAX_MISSED 16

G_DEFINE_FINAL_TYPE (LwLedger, lw_ledger, G_TYPE_OBJECT)

/* --- reading many objects ----------------------------------------------------------------------- */

typedef struct
{
  LwLedger *self;
  LwShelf shelf;
  GPtrArray *names;
  guint next;
} Fetch;

static void
fetch_clear (gpointer data)
{
  Fetch *fetch = data;

  g_object_unref (fetch->self);
  g_ptr_array_unref (fetch->names);
}

static void
fetch_unref (gpointer data)
{
  g_atomic_rc_box_release_full (data, fetch_clear);
}

static DexFuture *
parse_thread (gpointer data)
{
  g_autoptr (GError) error = NULL;
  LwEvent *event = lw_event_from_bytes (data, &error);

  if (!event)
    return dex_future_new_for_error (g_steal_pointer (&error));

  return dex_future_new_take_boxed (LW_TYPE_EVENT, event);
}

static DexFuture *
parse_event (GBytes *bytes)
{
  return lw_thread_spawn (parse_thread, g_bytes_ref (bytes), (GDestroyNotify) g_bytes_unref);
}

/* An object that is damaged is kept as such; only a storage that fails stops the reading. */
static gboolean
is_about_object (const GError *error)
{
  return g_error_matches (error, LW_LEDGER_ERROR, LW_LEDGER_ERROR_NOT_FOUND) ||
         g_error_matches (error, LW_LEDGER_ERROR, LW_LEDGER_ERROR_BROKEN);
}

static gboolean
fetch_one (Fetch *fetch, const char *name, GError **error)
{
  LwRecord *record = fetch->self->record;
  g_autoptr (GError) cause = NULL;
  g_autoptr (GBytes) bytes = NULL;
  g_autoptr (LwEvent) event = NULL;

  bytes = dex_await_boxed (lw_store_get (fetch->self->store, fetch->shelf, name), &cause);
  if (!bytes && !is_about_object (cause))
    {
      g_propagate_error (error, g_steal_pointer (&cause));
      return FALSE;
    }

  if (fetch->shelf == LW_SHELF_SEALS)
    {
      if (bytes)
        lw_record_take_seal (record, name, bytes);
      return TRUE;
    }

  if (bytes)
    event = dex_await_boxed (parse_event (bytes), &cause);
  lw_record_take_event (record, name, event, cause ? cause->message : NULL);

  return TRUE;
}

static DexFuture *
fetch_worker (gpointer data)
{
  Fetch *fetch = data;
  g_autoptr (GError) error = NULL;

  while (fetch->next < fetch->names->len)
    {
      if (!fetch_one (fetch, g_ptr_array_index (fetch->names, fetch->next++), &error))
        {
          fetch->next = fetch->names->len; /* the others stop too */
          return dex_future_new_for_error (g_steal_pointer (&error));
        }
    }

  return dex_future_new_for_boolean (TRUE);
}

/* Waits for all; none is cancelled when another fails. What became of each is asked of each: a set of
 * futures says only that too many failed, and with some of both it may say that all is well. */
static gboolean
await_all (DexFuture *const *futures, guint n, GError **error)
{
  dex_await (dex_future_allv (futures, n), NULL);

  for (guint i = 0; i < n; i++)
    {
      if (!dex_future_get_value (futures[i], error))
        return FALSE;
    }

  return TRUE;
}

/* @names: (transfer none); awaits. */
static gboolean
fetch_all (LwLedger *self, LwShelf shelf, GPtrArray *names, GError **error)
{
  g_autoptr (GPtrArray) workers = g_ptr_array_new_with_free_func (dex_unref);
  Fetch *fetch;

  if (names->len == 0)
    return TRUE;

  fetch = g_atomic_rc_box_new0 (Fetch);
  fetch->self = g_object_ref (self);
  fetch->shelf = shelf;
  fetch->names = g_ptr_array_ref (names);
  for (guint i = 0; i < MIN (PARALLEL, names->len); i++)
    g_ptr_array_add (workers, dex_scheduler_spawn (NULL, 0, fetch_worker,
                                                   g_atomic_rc_box_acquire (fetch), fetch_unref));
  fetch_unref (fetch);

  return await_all ((DexFuture *const *) workers->pdata, workers->len, error);
}

/* --- cases -------------------------------------------------------------------------------------- */

void
lw_listing_clear (LwListing *listing)
{
  g_clear_pointer (&listing->events, g_strfreev);
  g_clear_pointer (&listing->seals, g_strfreev);
}

static void
want_missed (GPtrArray *names, const char *request_id, guint from, guint to)
{
  for (guint seq = from; seq < to && to - from <= MAX_MISSED; seq++)
    g_ptr_array_add (names, lw_record_event_name (request_id, seq));
}

static int
compare_names (gconstpointer a, gconstpointer b)
{
  return strcmp (*(const char *const *) a, *(const char *const *) b);
}

/* Names the entries that the listing lacks between those it has. */
static void
complete_listing (LwListing *listing)
{
  g_autoptr (GPtrArray) names = g_ptr_array_new_null_terminated (64, g_free, TRUE);
  g_autofree char *current = NULL;
  guint last = 0;

  for (gsize i = 0; listing->events[i]; i++)
    {
      g_autofree char *id = lw_record_request_of (listing->events[i]);
      guint seq = lw_record_seq_of (listing->events[i]);

      if (seq > 0)
        {
          if (g_set_str (&current, id))
            last = 0;
          want_missed (names, id, last + 1, seq);
          last = seq;
        }
      g_ptr_array_add (names, g_strdup (listing->events[i]));
    }

  g_ptr_array_sort (names, compare_names);
  g_strfreev (listing->events);
  listing->events = (GStrv) g_ptr_array_steal (names, NULL);
}

/* Lists and reads what was not seen before; awaits. */
static gboolean
read_listing (LwLedger *self, const char *prefix, LwListing *listing, GError **error)
{
  g_autoptr (DexFuture) events = lw_store_list (self->store, LW_SHELF_REQUESTS, prefix);
  g_autoptr (DexFuture) seals = lw_store_list (self->store, LW_SHELF_SEALS, prefix);
  g_autoptr (GPtrArray) unseen_events = g_ptr_array_new_with_free_func (g_free);
  g_autoptr (GPtrArray) unseen_seals = g_ptr_array_new_with_free_func (g_free);

  if (!await_all ((DexFuture *const[]) { events, seals }, 2, error))
    return FALSE;

  listing->events = g_strdupv (g_value_get_boxed (dex_future_get_value (events, NULL)));
  listing->seals = g_strdupv (g_value_get_boxed (dex_future_get_value (seals, NULL)));
  complete_listing (listing);

  for (gsize i = 0; listing->events[i]; i++)
    {
      if (lw_record_wants_event (self->record, listing->events[i]))
        g_ptr_array_add (unseen_events, g_strdup (listing->events[i]));
    }
  for (gsize i = 0; listing->seals[i]; i++)
    {
      if (lw_record_wants_seal (self->record, listing->seals[i]))
        g_ptr_array_add (unseen_seals, g_strdup (listing->seals[i]));
    }

  return fetch_all (self, LW_SHELF_REQUESTS, unseen_events, error) &&
         fetch_all (self, LW_SHELF_SEALS, unseen_seals, error);
}

LwCase *
lw_ledger_fold (LwLedger *self, const char *request_id, const char *const *names)
{
  return lw_record_fold (self->record, request_id, names, self->rulebook, self->hierarchy);
}

/* Awaits. (transfer full) (nullable) */
LwCase *
lw_ledger_read_case (LwLedger *self, const char *request_id, LwListing *listing, GError **error)
{
  g_autofree char *prefix = g_strconcat (request_id, "/", NULL);

  if (!read_listing (self, prefix, listing, error))
    return NULL;

  return lw_ledger_fold (self, request_id, (const char *const *) listing->events);
}

/* An id as the ledger writes it; %NULL where it is none. */
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
  g_auto (LwListing) listing = { 0 };
  g_autoptr (GError) error = NULL;
  LwCase *value = lw_ledger_read_case (load->self, load->request_id, &listing, &error);

  if (!value)
    return dex_future_new_for_error (g_steal_pointer (&error));

  return dex_future_new_take_boxed (LW_TYPE_CASE, value);
}

DexFuture *
lw_ledger_load_case (LwLedger *self, const char *request_id)
{
  g_autofree char *id = NULL;
  Load *load;

  g_return_val_if_fail (LW_IS_LEDGER (self), NULL);
  g_return_val_if_fail (request_id != NULL, NULL);

  if (!(id = lw_ledger_normalize_id (request_id)))
    return lw_ledger_reject_id (request_id);

  load = g_new0 (Load, 1);
  load->self = g_object_ref (self);
  load->request_id = g_steal_pointer (&id);

  return dex_scheduler_spawn (NULL, LW_LEDGER_STACK_SIZE, load_case_fiber, load, load_free);
}

static void
update_problems (LwLedger *self)
{
  g_autoptr (GStrvBuilder) builder = g_strv_builder_new ();
  GPtrArray *rules = lw_rulebook_get_problems (self->rulebook);

  for (guint i = 0; i < rules->len; i++)
    g_strv_builder_add (builder, g_ptr_array_index (rules, i));
  g_strv_builder_addv (builder, (const char **) self->strays);

  g_strfreev (self->problems);
  self->problems = g_strv_builder_end (builder);
}

static GPtrArray *
fold_all (LwLedger *self, GStrv names)
{
  g_autoptr (GPtrArray) cases = g_ptr_array_new_with_free_func ((GDestroyNotify) lw_case_unref);
  g_autoptr (GStrvBuilder) strays = g_strv_builder_new ();

  for (gsize i = 0; names[i];)
    {
      g_autofree char *id = lw_record_request_of (names[i]);
      g_autoptr (GPtrArray) own = g_ptr_array_new_null_terminated (8, NULL, TRUE);

      if (!id)
        {
          g_strv_builder_take (
              strays,
              g_strdup_printf (_ ("The file %s in the ledger belongs to no request"), names[i++]));
          continue;
        }

      for (; names[i] && g_str_has_prefix (names[i], id); i++)
        g_ptr_array_add (own, names[i]);
      g_ptr_array_add (cases, lw_ledger_fold (self, id, (const char *const *) own->pdata));
    }

  g_strfreev (self->strays);
  self->strays = g_strv_builder_end (strays);
  update_problems (self);

  return g_steal_pointer (&cases);
}

static DexFuture *
list_cases_fiber (gpointer data)
{
  LwLedger *self = data;
  g_auto (LwListing) listing = { 0 };
  g_autoptr (GError) error = NULL;

  if (!read_listing (self, "", &listing, &error))
    return dex_future_new_for_error (g_steal_pointer (&error));

  return dex_future_new_take_boxed (G_TYPE_PTR_ARRAY, fold_all (self, listing.events));
}

DexFuture *
lw_ledger_list_cases (LwLedger *self)
{
  g_return_val_if_fail (LW_IS_LEDGER (self), NULL);

  return dex_scheduler_spawn (NULL, LW_LEDGER_STACK_SIZE, list_cases_fiber, g_object_ref (self),
                              g_object_unref);
}

/* --- rules -------------------------------------------------------------------------------------- */

static DexFuture *
load_rules_fiber (gpointer data)
{
  LwLedger *self = data;
  g_autoptr (GError) error = NULL;
  g_auto (GStrv) names = dex_await_boxed (lw_store_list (self->store, LW_SHELF_RULES, ""), &error);

  if (!names)
    return dex_future_new_for_error (g_steal_pointer (&error));

  for (gsize i = 0; names[i]; i++)
    {
      guint seq = lw_rulebook_next_seq (self->rulebook);
      g_autofree char *expected = g_strdup_printf ("%06u.json", seq);
      g_autoptr (GBytes) bytes = NULL;

      if (strcmp (names[i], expected) < 0)
        continue; /* read before */

      bytes = dex_await_boxed (lw_store_get (self->store, LW_SHELF_RULES, expected), &error);
      if (g_error_matches (error, LW_LEDGER_ERROR, LW_LEDGER_ERROR_NOT_FOUND))
        return dex_future_new_reject (
            LW_LEDGER_ERROR, LW_LEDGER_ERROR_BROKEN,
            _ ("The organisation’s rules in the ledger are damaged: there is "
               "%s, but no entry %u before it"),
            names[i], seq);
      /* Another reading may have taken it while this one waited. */
      if (bytes && lw_rulebook_next_seq (self->rulebook) > seq)
        continue;
      if (!bytes || !lw_rulebook_add (self->rulebook, bytes, &error))
        return dex_future_new_for_error (g_steal_pointer (&error));
    }

  update_problems (self);

  return dex_future_new_take_boxed (LW_TYPE_RULES,
                                    lw_rules_ref (lw_rulebook_get_rules (self->rulebook)));
}

DexFuture *
lw_ledger_load_rules (LwLedger *self)
{
  g_return_val_if_fail (LW_IS_LEDGER (self), NULL);

  return dex_scheduler_spawn (NULL, LW_LEDGER_STACK_SIZE, load_rules_fiber, g_object_ref (self),
                              g_object_unref);
}

LwRules *
lw_ledger_get_rules (LwLedger *self)
{
  g_return_val_if_fail (LW_IS_LEDGER (self), NULL);

  return lw_rulebook_get_rules (self->rulebook);
}

guint
lw_ledger_get_rules_seq (LwLedger *self)
{
  g_return_val_if_fail (LW_IS_LEDGER (self), 0);

  return lw_rulebook_get_seq (self->rulebook);
}

const char *
lw_ledger_get_rules_sha256 (LwLedger *self)
{
  g_return_val_if_fail (LW_IS_LEDGER (self), NULL);

  return lw_rulebook_get_sha256 (self->rulebook);
}

/* --- the object --------------------------------------------------------------------------------- */

const char *const *
lw_ledger_get_problems (LwLedger *self)
{
  g_return_val_if_fail (LW_IS_LEDGER (self), NULL);

  return (const char *const *) self->problems;
}

void
lw_ledger_set_hierarchy (LwLedger *self, LwHierarchy *hierarchy)
{
  g_return_if_fail (LW_IS_LEDGER (self));

  g_clear_pointer (&self->hierarchy, lw_hierarchy_unref);
  if (hierarchy)
    self->hierarchy = lw_hierarchy_ref (hierarchy);
}

static void
lw_ledger_finalize (GObject *object)
{
  LwLedger *self = LW_LEDGER (object);

  g_clear_object (&self->store);
  g_clear_pointer (&self->hierarchy, lw_hierarchy_unref);
  g_clear_pointer (&self->rulebook, lw_rulebook_free);
  g_clear_pointer (&self->record, lw_record_free);
  g_clear_pointer (&self->strays, g_strfreev);
  g_clear_pointer (&self->problems, g_strfreev);

  G_OBJECT_CLASS (lw_ledger_parent_class)->finalize (object);
}

static void
lw_ledger_class_init (LwLedgerClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = lw_ledger_finalize;
}

static void
lw_ledger_init (LwLedger *self)
{
  self->rulebook = lw_rulebook_new ();
  self->record = lw_record_new ();
  self->strays = g_new0 (char *, 1);
  self->problems = g_new0 (char *, 1);
}

LwLedger *
lw_ledger_new (LwStore *store)
{
  LwLedger *self;

  g_return_val_if_fail (LW_IS_STORE (store), NULL);

  self = g_object_new (LW_TYPE_LEDGER, NULL);
  self->store = g_object_ref (store);

  return self;
}
