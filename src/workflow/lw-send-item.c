/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "config.h"

#include "lw-send-item.h"

#include "lw-domain-error.h"
#include "lw-json.h"
#include "lw-queue.h"

#include <glib/gi18n-lib.h>

/* Others write while this one sends; each time the event is made anew. */
#define MAX_TRIES 10

gboolean
lw_event_moves_on (LwEvent *event)
{
  return event->kind != LW_EVENT_COMMENTED && event->kind != LW_EVENT_CONTROL_CHECKED &&
         event->kind != LW_EVENT_UNKNOWN;
}

gboolean
lw_outbox_item_is_own (const LwOutboxItem *item, LwEvent *event)
{
  return g_strv_contains ((const char *const *) item->attempts, event->sha256);
}

GPtrArray *
lw_outbox_item_events_since (const LwOutboxItem *item, LwCase *value)
{
  GPtrArray *events = g_ptr_array_new_with_free_func ((GDestroyNotify) lw_event_unref);

  for (guint i = 0; i < value->events->len; i++)
    {
      LwEvent *event = g_ptr_array_index (value->events, i);

      if (event->seq > item->seen_seq && !lw_outbox_item_is_own (item, event))
        g_ptr_array_add (events, lw_event_ref (event));
    }

  return events;
}

/* The newest that moved the request on since the item was written. (transfer full) (nullable) */
static LwEvent *
moved_on (const LwOutboxItem *item, LwCase *value)
{
  g_autoptr (GPtrArray) events = lw_outbox_item_events_since (item, value);

  for (guint i = events->len; i > 0; i--)
    {
      LwEvent *event = g_ptr_array_index (events, i - 1);

      if (lw_event_moves_on (event))
        return lw_event_ref (event);
    }

  return NULL;
}

/* Whether it still means what the person meant. What the state allows is checked on writing. */
static gboolean
check_since (const LwOutboxItem *item, LwCase *value, GError **error)
{
  g_autoptr (LwEvent) event = moved_on (item, value);
  g_autofree char *what = event ? lw_ledger_say_meanwhile (event) : NULL;
  gboolean of_content = item->kind == LW_EVENT_REJECTED ||
                        item->kind == LW_EVENT_CHANGES_REQUESTED ||
                        item->kind == LW_EVENT_CONTROL_CHECKED;

  if (value->events->len == 0 && (item->kind != LW_EVENT_SUBMITTED || item->seen_seq > 0))
    {
      g_set_error (error, LW_LEDGER_ERROR, LW_LEDGER_ERROR_NOT_FOUND,
                   _ ("There is no request %s in the ledger"), item->request);
      return FALSE;
    }
  if (item->kind == LW_EVENT_SUBMITTED && what)
    {
      g_set_error (error, LW_LEDGER_ERROR, LW_LEDGER_ERROR_TAKEN,
                   _ ("%s. Compare both, and decide whether to submit yours all the same"), what);
      return FALSE;
    }
  if (of_content && g_strcmp0 (item->seen_digest, value->digest) != 0)
    {
      g_set_error (error, LW_LEDGER_ERROR, LW_LEDGER_ERROR_TAKEN,
                   _ ("%s. What you wrote was about other content: revision %u is in force now"),
                   what ? what : _ ("The content has changed"), value->revision);
      return FALSE;
    }

  return TRUE;
}

/* What the state does not allow is understood only with what happened. */
static void
add_what_happened (const LwOutboxItem *item, LwCase *value, GError **error)
{
  g_autoptr (LwEvent) event = moved_on (item, value);
  g_autofree char *what = event ? lw_ledger_say_meanwhile (event) : NULL;

  if (what && error && g_error_matches (*error, LW_DOMAIN_ERROR, LW_DOMAIN_ERROR_NOT_ALLOWED))
    {
      GError *both =
          g_error_new ((*error)->domain, (*error)->code, "%s. %s", what, (*error)->message);

      g_clear_error (error);
      *error = both;
    }
}

/* Awaits. @body: %NULL where nothing has to be written any more. */
static gboolean
make_body (LwSession *session,
           const LwOutboxItem *item,
           LwCase *value,
           JsonObject **body,
           GError **error)
{
  if (item->kind == LW_EVENT_SUBMITTED)
    {
      g_autoptr (LwRequest) request = lw_outbox_item_request (item);

      if (request)
        return lw_submit_make_body (session, request, value, body, error);
      g_set_error (error, LW_DOMAIN_ERROR, LW_DOMAIN_ERROR_TYPE,
                   _ ("What was to be submitted cannot be read any more"));
      return FALSE;
    }

  *body = lw_json_object_copy (item->content);
  if (item->kind == LW_EVENT_REJECTED || item->kind == LW_EVENT_CHANGES_REQUESTED)
    lw_json_set_string (*body, "digest", value->digest);

  return lw_send_held_evidence (session, lw_json_get_array (*body, "evidence"), error) &&
         lw_case_check (value, item->kind, lw_session_get_person (session), *body,
                        lw_session_get_hierarchy (session), error);
}

static LwCase *
find_sent (const LwOutboxItem *item, LwCase *value)
{
  for (guint i = 0; i < value->events->len; i++)
    {
      if (lw_outbox_item_is_own (item, g_ptr_array_index (value->events, i)))
        return lw_case_ref (value);
    }

  return NULL;
}

/* What was on its way last, where its place is still free: it may yet arrive, so nothing else may be
 * sent for that place. (transfer full) (nullable) */
static LwEvent *
pending_attempt (const LwOutboxItem *item, LwCase *value)
{
  g_autoptr (LwEvent) event = item->attempt ? lw_event_from_bytes (item->attempt, NULL) : NULL;

  if (event && event->seq == value->last_seq + 1 &&
      g_strcmp0 (event->prev, value->last_sha256) == 0)
    return g_steal_pointer (&event);

  return NULL;
}

/* The event to send: made and recorded, unless one is on its way. %NULL without an error: nothing has to
 * be written. Awaits. */
static LwEvent *
next_event (LwOutbox *outbox,
            LwSession *session,
            LwOutboxItem **item,
            LwCase *value,
            GError **error)
{
  g_autoptr (LwEvent) event = pending_attempt (*item, value);
  g_autoptr (JsonObject) body = NULL;
  g_autoptr (GDateTime) now = NULL;
  LwOutboxItem *recorded;

  if (event)
    {
      if (!lw_send_held_evidence (session, lw_json_get_array (event->body, "evidence"), error))
        return NULL;
      return g_steal_pointer (&event);
    }
  if (!make_body (session, *item, value, &body, error) || !body)
    return NULL;

  now = lw_session_now (session);
  event = lw_event_new (value->request_id, value->last_seq + 1, (*item)->kind, now,
                        lw_session_get_person (session), lw_session_get_tenant_id (session),
                        value->last_sha256, body);
  recorded =
      dex_await_boxed (lw_outbox_set_attempt (outbox, (*item)->id, (*item)->attempt, event), error);
  if (!recorded)
    return NULL;

  /* Where another process was first, its event is the one that is sent. */
  lw_outbox_item_unref (*item);
  *item = recorded;

  return lw_event_from_bytes (recorded->attempt, error);
}

LwCase *
lw_send_item (LwOutbox *outbox, LwSession *session, LwOutboxItem **item, GError **error)
{
  LwLedger *ledger = lw_session_get_ledger (session);

  for (guint tries = 1;; tries++)
    {
      g_autoptr (GError) cause = NULL;
      g_autoptr (LwCase) value =
          dex_await_boxed (lw_ledger_read_newest_case (ledger, (*item)->request), &cause);
      g_autoptr (LwEvent) event = NULL;
      LwCase *after;

      if (value && (after = find_sent (*item, value)))
        return after;
      if (value && check_since (*item, value, &cause) &&
          (event = next_event (outbox, session, item, value, &cause)) &&
          (after = dex_await_boxed (lw_ledger_append_event (ledger, event), &cause)))
        return after;
      if (value && !cause)
        return g_steal_pointer (&value);

      if (event && g_error_matches (cause, LW_LEDGER_ERROR, LW_LEDGER_ERROR_TAKEN) &&
          tries < MAX_TRIES)
        continue;
      if (value)
        add_what_happened (*item, value, &cause);
      g_propagate_error (error, g_steal_pointer (&cause));
      return NULL;
    }
}

/* --- words -------------------------------------------------------------------------------------- */

const char *
lw_outbox_item_kind_label (const LwOutboxItem *item)
{
  switch (item->kind)
    {
    case LW_EVENT_SUBMITTED:
      return _ ("Submission");
    case LW_EVENT_WITHDRAWN:
      return _ ("Withdrawal");
    case LW_EVENT_CHANGES_REQUESTED:
      return _ ("Request for changes");
    case LW_EVENT_REJECTED:
      return _ ("Rejection");
    case LW_EVENT_CONTROL_CHECKED:
      return _ ("Check of a control");
    case LW_EVENT_COMMENTED:
      return _ ("Comment");
    case LW_EVENT_APPROVED:
    case LW_EVENT_APPLYING:
    case LW_EVENT_APPLIED:
    case LW_EVENT_APPLY_FAILED:
    case LW_EVENT_RETIRING:
    case LW_EVENT_RETIRED:
    case LW_EVENT_RESTORED:
    case LW_EVENT_UNKNOWN:
    default:
      return _ ("Entry");
    }
}

const char *
lw_outbox_item_text (const LwOutboxItem *item)
{
  const char *text = lw_json_get_string (item->content, "text");

  return text ? text : lw_json_get_string (item->content, "comment");
}

LwRequest *
lw_outbox_item_request (const LwOutboxItem *item)
{
  JsonNode *node = json_object_get_member (item->content, "request");

  return node ? lw_request_from_json (node, NULL) : NULL;
}
