/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "config.h"

#include "lw-domain-error.h"
#include "lw-fault-point.h"
#include "lw-json.h"
#include "lw-ledger-private.h"

#include <glib/gi18n-lib.h>

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
  LwEvent *event; /* nullable: exactly this one */
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
  g_clear_pointer (&append->event, lw_event_unref);
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

char *
lw_ledger_say_meanwhile (LwEvent *event)
{
  g_return_val_if_fail (event != NULL, NULL);

#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wformat-nonliteral"
  return g_strdup_printf (what_happened (event->kind), person_label (event->by));
#pragma GCC diagnostic pop
}

static void
set_taken (GError **error, LwEvent *winner)
{
  g_autofree char *what = winner ? lw_ledger_say_meanwhile (winner) : NULL;

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
          g_str_equal (flag->id, "ledger.gone") || g_str_equal (flag->id, "ledger.rewritten") ||
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
put_seal (Append *append, GError **error)
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

  return lw_ledger_take (self, LW_SHELF_SEALS, name, stored ? stored : bytes, error);
}

static LwEvent *
event_numbered (LwCase *value, guint seq)
{
  for (guint i = 0; value && i < value->events->len; i++)
    {
      LwEvent *event = g_ptr_array_index (value->events, i);

      if (event->seq == seq)
        return event;
    }

  return NULL;
}

/* What took the number that was meant for @event. Awaits. */
static void
explain_taken (Append *append, guint seq, GError **error)
{
  g_autoptr (LwCase) value = lw_ledger_read_case (append->self, append->request_id, NULL);

  if (!value || check_whole (value, error))
    set_taken (error, event_numbered (value, seq));
}

/* Whether the very bytes are on record: what was sent before, and whose answer got lost. */
static gboolean
is_on_record (LwCase *value, LwEvent *event)
{
  LwEvent *there = event ? event_numbered (value, event->seq) : NULL;

  return there && g_strcmp0 (there->sha256, event->sha256) == 0;
}

static gboolean
check_append (Append *append, LwCase *value, GError **error)
{
  if (!check_whole (value, error))
    return FALSE;

  if (value->last_seq > append->expected_seq)
    {
      set_taken (error, event_numbered (value, append->expected_seq + 1));
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

/* Tells others' syncs that there is something new, under the hour of the clock by which they look. That
 * it fails fails nothing: their full listings find the entry too. (transfer full) */
static DexFuture *
put_marker (Append *append, guint seq)
{
  g_autoptr (GDateTime) now = g_date_time_new_from_unix_utc_usec (lw_ledger_now (append->self));
  g_autoptr (GBytes) nothing = g_bytes_new_static ("", 0);
  g_autofree char *marker = lw_record_marker_name (append->request_id, seq, now);

  return lw_store_put_new (append->self->store, LW_SHELF_LOG, marker, nothing);
}

/* It is in the ledger; that it cannot be kept here as well fails nothing. Awaits. */
static LwCase *
fold_after (Append *append, const char *name, LwEvent *event, GError **error)
{
  LwLedger *self = append->self;
  g_autoptr (GError) cause = NULL;
  LwCase *value = NULL;

  if (lw_ledger_take (self, LW_SHELF_REQUESTS, name, event->bytes, &cause))
    value = lw_ledger_fold (self, append->request_id, &cause);

  return value ? value : lw_ledger_read_case (self, append->request_id, error);
}

static DexFuture *
append_fiber (gpointer data)
{
  Append *append = data;
  LwLedger *self = append->self;
  g_autoptr (LwCase) value = NULL;
  g_autoptr (LwEvent) event = NULL;
  g_autoptr (GError) error = NULL;
  g_autofree char *name = NULL;
  g_autoptr (DexFuture) marker = NULL;
  LwCase *after;

  if (!(value = lw_ledger_read_case (self, append->request_id, &error)))
    return dex_future_new_for_error (g_steal_pointer (&error));
  if (is_on_record (value, append->event))
    return dex_future_new_take_boxed (LW_TYPE_CASE, g_steal_pointer (&value));
  if (!check_append (append, value, &error))
    return dex_future_new_for_error (g_steal_pointer (&error));

  if (append->kind == LW_EVENT_APPROVED)
    {
      if (!put_seal (append, &error))
        return dex_future_new_for_error (g_steal_pointer (&error));
      LW_FAULT_POINT (EVENT_SEALED);
    }

  if (append->event)
    event = lw_event_ref (append->event);
  else
    event = lw_event_new (append->request_id, value->last_seq + 1, append->kind, append->at,
                          append->by, append->tenant, value->last_sha256, append->body);
  if (g_strcmp0 (event->prev, value->last_sha256) != 0)
    {
      set_taken (&error, event_numbered (value, value->last_seq));
      return dex_future_new_for_error (g_steal_pointer (&error));
    }
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

  LW_FAULT_POINT (EVENT_WRITTEN);
  marker = put_marker (append, event->seq);
  after = fold_after (append, name, event, &error);
  dex_await (g_steal_pointer (&marker), NULL);
  LW_FAULT_POINT (EVENT_MARKED);
  if (!after)
    return dex_future_new_for_error (g_steal_pointer (&error));
  LW_FAULT_POINT (EVENT_KEPT);

  return dex_future_new_take_boxed (LW_TYPE_CASE, after);
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

  if (!(id = lw_ledger_normalize_id (request_id)))
    return lw_ledger_reject_id (request_id);

  append = g_new0 (Append, 1);
  append->self = g_object_ref (self);
  append->request_id = g_steal_pointer (&id);
  append->expected_seq = expected_seq;
  append->kind = kind;
  append->by = lw_person_copy (by);
  append->tenant = g_strdup (tenant);
  append->at = g_date_time_to_utc (at);
  append->body = body ? lw_json_object_copy (body) : json_object_new ();

  return lw_ledger_run (self, append_fiber, append, append_free);
}

DexFuture *
lw_ledger_append_event (LwLedger *self, LwEvent *event)
{
  Append *append;

  g_return_val_if_fail (LW_IS_LEDGER (self), NULL);
  g_return_val_if_fail (event != NULL, NULL);
  g_return_val_if_fail (event->kind != LW_EVENT_APPROVED, NULL);

  append = g_new0 (Append, 1);
  append->self = g_object_ref (self);
  append->request_id = g_strdup (event->request);
  append->expected_seq = event->seq - 1;
  append->kind = event->kind;
  append->by = lw_person_copy (event->by);
  append->tenant = g_strdup (event->by_tenant);
  append->at = g_date_time_ref (event->at);
  append->body = json_object_ref (event->body);
  append->event = lw_event_ref (event);

  return lw_ledger_run (self, append_fiber, append, append_free);
}
