/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "config.h"

#include "lw-domain-error.h"
#include "lw-json.h"
#include "lw-ledger.h"
#include "lw-record.h"
#include "lw-rulebook.h"
#include "lw-thread.h"

#include <glib/gi18n-lib.h>
#include <string.h>

#define PARALLEL 8
/* Folding writes and reads JSON, which nests; a fiber's usual stack is too small for the deepest. */
#define STACK_SIZE (512 * 1024)
/* A listing that runs while somebody appends may miss an entry; more than a few are a real gap. */
#define MAX_MISSED 16

struct _LwLedger
{
  GObject parent_instance;
  LwStore *store;
  LwHierarchy *hierarchy;
  LwRulebook *rulebook;
  LwRecord *record;
  GStrv strays;
  GStrv problems;
};

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
        return dex_future_new_for_error (g_steal_pointer (&error));
    }

  return dex_future_new_for_boolean (TRUE);
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

  return dex_await (dex_future_all_racev ((DexFuture *const *) workers->pdata, workers->len),
                    error);
}

/* --- cases -------------------------------------------------------------------------------------- */

/* What is in the ledger of one request or of all: two sorted listings. */
typedef struct
{
  GStrv events;
  GStrv seals;
} Listing;

static void
listing_clear (Listing *listing)
{
  g_clear_pointer (&listing->events, g_strfreev);
  g_clear_pointer (&listing->seals, g_strfreev);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Listing, listing_clear)

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
complete_listing (Listing *listing)
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
read_listing (LwLedger *self, const char *prefix, Listing *listing, GError **error)
{
  g_autoptr (DexFuture) events = lw_store_list (self->store, LW_SHELF_REQUESTS, prefix);
  g_autoptr (DexFuture) seals = lw_store_list (self->store, LW_SHELF_SEALS, prefix);
  g_autoptr (GPtrArray) unseen_events = g_ptr_array_new_with_free_func (g_free);
  g_autoptr (GPtrArray) unseen_seals = g_ptr_array_new_with_free_func (g_free);

  if (!dex_await (dex_future_all (dex_ref (events), dex_ref (seals), NULL), error))
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

static LwCase *
fold (LwLedger *self, const char *request_id, const char *const *names)
{
  return lw_record_fold (self->record, request_id, names, self->rulebook, self->hierarchy);
}

/* Awaits. (transfer full) (nullable) */
static LwCase *
read_case (LwLedger *self, const char *request_id, Listing *listing, GError **error)
{
  g_autofree char *prefix = g_strconcat (request_id, "/", NULL);

  if (!read_listing (self, prefix, listing, error))
    return NULL;

  return fold (self, request_id, (const char *const *) listing->events);
}

/* An id as the ledger writes it; %NULL where it is none. */
static char *
normalize_id (const char *request_id)
{
  return lw_uuid_is_valid (request_id) ? g_ascii_strdown (request_id, -1) : NULL;
}

static DexFuture *
reject_id (const char *request_id)
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
  g_auto (Listing) listing = { 0 };
  g_autoptr (GError) error = NULL;
  LwCase *value = read_case (load->self, load->request_id, &listing, &error);

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

  if (!(id = normalize_id (request_id)))
    return reject_id (request_id);

  load = g_new0 (Load, 1);
  load->self = g_object_ref (self);
  load->request_id = g_steal_pointer (&id);

  return dex_scheduler_spawn (NULL, STACK_SIZE, load_case_fiber, load, load_free);
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
      g_ptr_array_add (cases, fold (self, id, (const char *const *) own->pdata));
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
  g_auto (Listing) listing = { 0 };
  g_autoptr (GError) error = NULL;

  if (!read_listing (self, "", &listing, &error))
    return dex_future_new_for_error (g_steal_pointer (&error));

  return dex_future_new_take_boxed (G_TYPE_PTR_ARRAY, fold_all (self, listing.events));
}

DexFuture *
lw_ledger_list_cases (LwLedger *self)
{
  g_return_val_if_fail (LW_IS_LEDGER (self), NULL);

  return dex_scheduler_spawn (NULL, STACK_SIZE, list_cases_fiber, g_object_ref (self),
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

  return dex_scheduler_spawn (NULL, STACK_SIZE, load_rules_fiber, g_object_ref (self),
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

/* --- writing ------------------------------------------------------------------------------------ */

typedef struct
{
  LwLedger *self;
  char *request_id;
  guint expected_seq;
  LwEventKind kind;
  LwPerson *by;
  char *tenant;
  GDateTime *at;
  JsonObject *body;
} Append;

static void
append_free (gpointer data)
{
  Append *append = data;

  g_object_unref (append->self);
  g_free (append->request_id);
  lw_person_free (append->by);
  g_free (append->tenant);
  g_date_time_unref (append->at);
  json_object_unref (append->body);
  g_free (append);
}

static const char *
what_happened (LwEventKind kind)
{
  switch (kind)
    {
    case LW_EVENT_SUBMITTED:
      return _ ("%s has submitted this request in the meantime");
    case LW_EVENT_WITHDRAWN:
      return _ ("%s has withdrawn this request in the meantime");
    case LW_EVENT_CHANGES_REQUESTED:
      return _ ("%s has asked for changes in the meantime");
    case LW_EVENT_REJECTED:
      return _ ("%s has rejected this request in the meantime");
    case LW_EVENT_APPROVED:
      return _ ("%s has approved this request in the meantime");
    case LW_EVENT_APPLYING:
      return _ ("%s has begun to apply this request in the meantime");
    case LW_EVENT_APPLIED:
    case LW_EVENT_APPLY_FAILED:
      return _ ("%s has applied this request in the meantime");
    case LW_EVENT_COMMENTED:
      return _ ("%s has commented on this request in the meantime");
    case LW_EVENT_RETIRING:
    case LW_EVENT_RETIRED:
    case LW_EVENT_RESTORED:
    case LW_EVENT_CONTROL_CHECKED:
    case LW_EVENT_UNKNOWN:
    default:
      return _ ("%s has changed this request in the meantime");
    }
}

static const char *
person_label (const LwPerson *person)
{
  if (person->name && *person->name)
    return person->name;
  if (person->upn && *person->upn)
    return person->upn;
  return person->id;
}

static void
set_taken (GError **error, LwEvent *winner)
{
  g_autofree char *what = NULL;

  if (winner)
    {
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wformat-nonliteral"
      what = g_strdup_printf (what_happened (winner->kind), person_label (winner->by));
#pragma GCC diagnostic pop
    }

  g_set_error (error, LW_LEDGER_ERROR, LW_LEDGER_ERROR_TAKEN,
               _ ("%s. Nothing of yours was recorded: read the request again and decide anew"),
               what ? what : _ ("Somebody else has changed this request in the meantime"));
}

/* A record that is damaged takes no more entries. */
static gboolean
check_whole (LwCase *value, GError **error)
{
  for (guint i = 0; i < value->flags->len; i++)
    {
      LwFlag *flag = g_ptr_array_index (value->flags, i);

      if (g_str_equal (flag->id, "ledger.gap") || g_str_equal (flag->id, "ledger.chain") ||
          (g_str_equal (flag->id, "ledger.foreign") && flag->seq > 0))
        {
          g_set_error (
              error, LW_LEDGER_ERROR, LW_LEDGER_ERROR_BROKEN,
              _ ("The record of this request is damaged, so nothing can be added to it. %s"),
              flag->message);
          return FALSE;
        }
    }

  return TRUE;
}

/* Puts @bytes, or finds that they are there already: after a fault, or where the same was sent twice.
 * Awaits. */
static gboolean
put_once (LwLedger *self, LwShelf shelf, const char *name, GBytes *bytes, GError **error)
{
  g_autoptr (GError) put_error = NULL;
  g_autoptr (GError) get_error = NULL;
  g_autoptr (GBytes) stored = NULL;

  if (dex_await (lw_store_put_new (self->store, shelf, name, bytes), &put_error))
    return TRUE;

  stored = dex_await_boxed (lw_store_get (self->store, shelf, name), &get_error);
  if (stored && g_bytes_equal (stored, bytes))
    return TRUE;

  if (!stored && g_error_matches (put_error, LW_LEDGER_ERROR, LW_LEDGER_ERROR_UNREACHABLE) &&
      !g_error_matches (get_error, LW_LEDGER_ERROR, LW_LEDGER_ERROR_NOT_FOUND))
    g_set_error (
        error, LW_LEDGER_ERROR, LW_LEDGER_ERROR_UNREACHABLE,
        _ ("%s. It is not known whether the entry was recorded: read the request again first"),
        put_error->message);
  else
    g_propagate_error (error, g_steal_pointer (&put_error));

  return FALSE;
}

/* The seal that the approval needs. One that this person left earlier for the same content is as good.
 * Awaits. */
static gboolean
put_seal (Append *append, char **seal_name, GError **error)
{
  LwLedger *self = append->self;
  const char *digest = lw_json_get_string (append->body, "digest");
  g_autoptr (GBytes) bytes = NULL;
  g_autoptr (GBytes) stored = NULL;
  g_autoptr (GError) local_error = NULL;
  g_autofree char *name = NULL;

  if (!digest)
    {
      g_set_error (error, LW_DOMAIN_ERROR, LW_DOMAIN_ERROR_NOT_ALLOWED,
                   _ ("An approval must name what it approves"));
      return FALSE;
    }

  name = lw_record_seal_name (append->request_id, digest, append->by->id);
  bytes = lw_seal_to_bytes (append->request_id, digest, append->at, append->by, append->tenant);

  if (!put_once (self, LW_SHELF_SEALS, name, bytes, &local_error))
    {
      if (!g_error_matches (local_error, LW_LEDGER_ERROR, LW_LEDGER_ERROR_TAKEN))
        {
          g_propagate_error (error, g_steal_pointer (&local_error));
          return FALSE;
        }
      if (!(stored = dex_await_boxed (lw_store_get (self->store, LW_SHELF_SEALS, name), error)))
        return FALSE;
      if (!lw_seal_matches (stored, append->request_id, digest, append->by->id))
        {
          g_set_error (error, LW_LEDGER_ERROR, LW_LEDGER_ERROR_BROKEN,
                       _ ("Something that is not your seal stands in its place (%s), so you cannot "
                          "approve this content"),
                       name);
          return FALSE;
        }
    }

  lw_record_take_seal (self->record, name, stored ? stored : bytes);
  *seal_name = g_steal_pointer (&name);

  return TRUE;
}

/* What took the number that was meant for @event. Awaits. */
static void
explain_taken (Append *append, guint seq, GError **error)
{
  g_auto (Listing) listing = { 0 };
  g_autoptr (LwCase) value = read_case (append->self, append->request_id, &listing, NULL);

  if (!value || check_whole (value, error))
    set_taken (error, lw_record_get_event (append->self->record, append->request_id, seq));
}

static gboolean
check_append (Append *append, LwCase *value, GError **error)
{
  if (!check_whole (value, error))
    return FALSE;

  if (value->last_seq > append->expected_seq)
    {
      set_taken (error, lw_record_get_event (append->self->record, append->request_id,
                                             append->expected_seq + 1));
      return FALSE;
    }

  if (value->last_seq < append->expected_seq)
    {
      g_set_error (
          error, LW_LEDGER_ERROR, LW_LEDGER_ERROR_BROKEN,
          _ ("The ledger has lost entries of this request: it ends at %u, and %u was seen"),
          value->last_seq, append->expected_seq);
      return FALSE;
    }

  return lw_case_check (value, append->kind, append->by, append->body, append->self->hierarchy,
                        error);
}

/* The case with the new entry, without reading it all again. */
static LwCase *
fold_after (Append *append, Listing *listing, const char *name)
{
  g_autoptr (GStrvBuilder) builder = g_strv_builder_new ();
  g_auto (GStrv) names = NULL;

  g_strv_builder_addv (builder, (const char **) listing->events);
  g_strv_builder_add (builder, name);
  names = g_strv_builder_end (builder);

  return fold (append->self, append->request_id, (const char *const *) names);
}

static DexFuture *
append_fiber (gpointer data)
{
  Append *append = data;
  LwLedger *self = append->self;
  g_auto (Listing) listing = { 0 };
  g_autoptr (LwCase) value = NULL;
  g_autoptr (LwEvent) event = NULL;
  g_autoptr (GBytes) nothing = g_bytes_new_static ("", 0);
  g_autoptr (GError) error = NULL;
  g_autofree char *name = NULL;
  g_autofree char *marker = NULL;
  g_autofree char *seal = NULL;

  if (!(value = read_case (self, append->request_id, &listing, &error)) ||
      !check_append (append, value, &error))
    return dex_future_new_for_error (g_steal_pointer (&error));

  if (append->kind == LW_EVENT_APPROVED && !put_seal (append, &seal, &error))
    return dex_future_new_for_error (g_steal_pointer (&error));

  event = lw_event_new (append->request_id, value->last_seq + 1, append->kind, append->at,
                        append->by, append->tenant, value->last_sha256, append->body);
  name = lw_record_event_name (append->request_id, event->seq);
  if (!put_once (self, LW_SHELF_REQUESTS, name, event->bytes, &error))
    {
      if (g_error_matches (error, LW_LEDGER_ERROR, LW_LEDGER_ERROR_TAKEN))
        {
          g_clear_error (&error);
          explain_taken (append, event->seq, &error);
        }
      return dex_future_new_for_error (g_steal_pointer (&error));
    }
  lw_record_take_event (self->record, name, event, NULL);

  /* Only a help for others' syncs: that it is missing fails nothing. */
  marker = lw_record_marker_name (append->request_id, event->seq, append->at);
  dex_await (lw_store_put_new (self->store, LW_SHELF_LOG, marker, nothing), NULL);

  return dex_future_new_take_boxed (LW_TYPE_CASE, fold_after (append, &listing, name));
}

DexFuture *
lw_ledger_append (LwLedger *self,
                  const char *request_id,
                  guint expected_seq,
                  LwEventKind kind,
                  const LwPerson *by,
                  const char *tenant,
                  GDateTime *at,
                  JsonObject *body)
{
  g_autofree char *id = NULL;
  Append *append;

  g_return_val_if_fail (LW_IS_LEDGER (self), NULL);
  g_return_val_if_fail (request_id != NULL, NULL);
  g_return_val_if_fail (by != NULL && by->id != NULL, NULL);
  g_return_val_if_fail (at != NULL, NULL);

  if (!(id = normalize_id (request_id)))
    return reject_id (request_id);

  append = g_new0 (Append, 1);
  append->self = g_object_ref (self);
  append->request_id = g_steal_pointer (&id);
  append->expected_seq = expected_seq;
  append->kind = kind;
  append->by = lw_person_copy (by);
  append->tenant = g_strdup (tenant);
  append->at = g_date_time_to_utc (at);
  append->body = body ? lw_json_object_copy (body) : json_object_new ();

  return dex_scheduler_spawn (NULL, STACK_SIZE, append_fiber, append, append_free);
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
