/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "config.h"

#include "lw-queue.h"

#include <glib/gi18n-lib.h>

gboolean
lw_error_is_outage (const GError *error)
{
  if (!error)
    return FALSE;
  if (error->domain == LW_LEDGER_ERROR)
    return error->code == LW_LEDGER_ERROR_UNREACHABLE;
  if (error->domain != LW_AZURE_ERROR)
    return FALSE;

  switch ((LwAzureError) error->code)
    {
    case LW_AZURE_ERROR_THROTTLED:
    case LW_AZURE_ERROR_SERVER:
    case LW_AZURE_ERROR_NETWORK:
    case LW_AZURE_ERROR_TLS:
    case LW_AZURE_ERROR_PROTOCOL:
    case LW_AZURE_ERROR_HOST:
    case LW_AZURE_ERROR_TIMED_OUT:
      return TRUE;
    case LW_AZURE_ERROR_SIGN_IN:
    case LW_AZURE_ERROR_FORBIDDEN:
    case LW_AZURE_ERROR_NOT_FOUND:
    case LW_AZURE_ERROR_CONFLICT:
    case LW_AZURE_ERROR_INVALID:
    case LW_AZURE_ERROR_TOO_LARGE:
    case LW_AZURE_ERROR_KEYRING_LOCKED:
    case LW_AZURE_ERROR_KEYRING_MISSING:
    case LW_AZURE_ERROR_KEYRING_REFUSED:
    case LW_AZURE_ERROR_OLDER_VERSION:
    case LW_AZURE_ERROR_PROFILE:
    case LW_AZURE_ERROR_CANCELLED:
    default:
      return FALSE;
    }
}

/* Awaits. */
static gboolean
has_waiting (LwSession *session, const char *request_id)
{
  g_autoptr (GPtrArray) items =
      dex_await_boxed (lw_outbox_list (lw_session_get_outbox (session), FALSE), NULL);

  for (guint i = 0; items && i < items->len; i++)
    {
      LwOutboxItem *item = g_ptr_array_index (items, i);

      if (item->state == LW_OUTBOX_WAITING && g_ascii_strcasecmp (item->request, request_id) == 0)
        return TRUE;
    }

  return FALSE;
}

gboolean
lw_queue_is_behind (LwSession *session, const char *request_id)
{
  if (!has_waiting (session, request_id))
    return FALSE;

  dex_await (lw_sender_run (lw_session_get_sender (session)), NULL);

  return has_waiting (session, request_id);
}

LwCase *
lw_queue_add (LwSession *session,
              const LwWriting *writing,
              LwEvent *attempt,
              const GError *cause,
              GError **error)
{
  LwOutbox *outbox = lw_session_get_outbox (session);
  g_autoptr (GDateTime) now = lw_session_now (session);
  g_autoptr (LwOutboxItem) item =
      lw_outbox_item_new (writing->value->request_id, writing->title, writing->kind, now,
                          writing->content, writing->value->last_seq, writing->value->digest);
  g_autoptr (GError) local_error = NULL;
  LwCase *value;
  gint64 id;

  if (attempt)
    lw_outbox_item_set_attempt (item, attempt);
  id = dex_await_int64 (lw_outbox_add (outbox, item, writing->files), &local_error);
  if (local_error)
    {
      g_set_error (error, local_error->domain, local_error->code,
                   /* Translators: two sentences, the first without its full stop */
                   _ ("%s. What you wrote could not be kept to be sent later either: %s"),
                   cause ? cause->message : _ ("The ledger cannot be reached"),
                   local_error->message);
      return NULL;
    }

  dex_await (lw_outbox_note_try (outbox, id, cause ? cause->message : NULL), NULL);
  lw_sender_retry (lw_session_get_sender (session));

  /* One of its own, so that what is said of it is said of no other. */
  value = dex_await_boxed (
      lw_ledger_get_case (lw_session_get_ledger (session), writing->value->request_id), error);
  if (value)
    value->queued = id;

  return value;
}

LwCase *
lw_queue_write (LwSession *session, const LwWriting *writing, JsonObject *body, GError **error)
{
  LwCase *value = writing->value;
  const LwPerson *person = lw_session_get_person (session);
  g_autoptr (GDateTime) now = lw_session_now (session);
  g_autoptr (GError) cause = NULL;
  g_autoptr (LwEvent) event =
      lw_event_new (value->request_id, value->last_seq + 1, writing->kind, now, person,
                    lw_session_get_tenant_id (session), value->last_sha256, body);
  LwCase *after =
      dex_await_boxed (lw_ledger_append_event (lw_session_get_ledger (session), event), &cause);

  if (after)
    return after;
  if (!lw_error_is_outage (cause))
    {
      g_propagate_error (error, g_steal_pointer (&cause));
      return NULL;
    }

  /* What is not allowed already is better said now than after the outage. */
  if (!lw_case_check (value, writing->kind, person, body, lw_session_get_hierarchy (session),
                      error))
    return NULL;

  return lw_queue_add (session, writing, event, cause, error);
}
