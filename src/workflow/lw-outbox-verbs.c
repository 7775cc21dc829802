/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "config.h"

#include "lw-outbox-verbs.h"

#include "lw-attach.h"
#include "lw-domain-error.h"
#include "lw-json.h"
#include "lw-queue.h"

#include <glib/gi18n-lib.h>

typedef struct
{
  LwSession *session;
  gint64 id;
  char *text;
} Decision;

static void
decision_free (gpointer data)
{
  Decision *self = data;

  g_object_unref (self->session);
  g_free (self->text);
  g_free (self);
}

static DexFuture *
decide (LwSession *session, gint64 id, const char *text, DexFiberFunc func)
{
  Decision *self;

  if (!lw_session_is_open (session))
    return dex_future_new_reject (LW_AZURE_ERROR, LW_AZURE_ERROR_SIGN_IN, _ ("Sign in first"));

  self = g_new0 (Decision, 1);
  self->session = g_object_ref (session);
  self->id = id;
  self->text = text ? g_strstrip (g_utf8_make_valid (text, -1)) : NULL;

  return dex_scheduler_spawn (NULL, 512 * 1024, func, self, decision_free);
}

static DexFuture *
take_back_fiber (gpointer data)
{
  Decision *self = data;
  LwOutbox *outbox = lw_session_get_outbox (self->session);
  g_autoptr (GError) error = NULL;
  g_autoptr (LwOutboxItem) item = dex_await_boxed (lw_outbox_get (outbox, self->id), &error);
  g_autoptr (LwRequest) request = item ? lw_outbox_item_request (item) : NULL;

  if (!item)
    return dex_future_new_for_error (g_steal_pointer (&error));
  if (!request)
    return dex_future_new_reject (LW_DOMAIN_ERROR, LW_DOMAIN_ERROR_TYPE,
                                  _ ("What was to be submitted cannot be read any more"));
  if (!lw_restage_evidence (self->session, request, &error))
    return dex_future_new_for_error (g_steal_pointer (&error));

  return dex_future_new_take_boxed (LW_TYPE_REQUEST, g_steal_pointer (&request));
}

DexFuture *
lw_outbox_take_back (LwSession *session, gint64 id)
{
  g_return_val_if_fail (LW_IS_SESSION (session), NULL);

  return decide (session, id, NULL, take_back_fiber);
}

/* Awaits. */
static LwOutboxItem *
rewritten (Decision *self, const LwOutboxItem *item)
{
  g_autoptr (LwCase) value = dex_await_boxed (
      lw_ledger_read_newest_case (lw_session_get_ledger (self->session), item->request), NULL);
  g_autoptr (JsonObject) content = lw_json_object_copy (item->content);
  g_autoptr (GDateTime) now = lw_session_now (self->session);

  lw_json_set_string (content, json_object_has_member (content, "text") ? "text" : "comment",
                      self->text);

  return lw_outbox_item_new (item->request, item->title, item->kind, now, content,
                             value ? value->last_seq : item->seen_seq,
                             value ? value->digest : item->seen_digest);
}

static DexFuture *
rewrite_fiber (gpointer data)
{
  Decision *self = data;
  LwOutbox *outbox = lw_session_get_outbox (self->session);
  g_autoptr (GError) error = NULL;
  g_autoptr (LwOutboxItem) item = dex_await_boxed (lw_outbox_get (outbox, self->id), &error);
  g_autoptr (LwOutboxItem) next = NULL;

  if (!item)
    return dex_future_new_for_error (g_steal_pointer (&error));

  next = rewritten (self, item);
  if (!dex_await (lw_outbox_add (outbox, next, NULL), &error) ||
      !dex_await (lw_outbox_discard (outbox, self->id, TRUE), &error) ||
      !dex_await (lw_sender_run (lw_session_get_sender (self->session)), &error))
    return dex_future_new_for_error (g_steal_pointer (&error));

  return dex_future_new_for_boolean (TRUE);
}

DexFuture *
lw_outbox_rewrite (LwSession *session, gint64 id, const char *text)
{
  g_return_val_if_fail (LW_IS_SESSION (session), NULL);
  g_return_val_if_fail (text != NULL, NULL);

  return decide (session, id, text, rewrite_fiber);
}

static DexFuture *
drop_fiber (gpointer data)
{
  Decision *self = data;
  g_autoptr (GError) error = NULL;

  if (!dex_await (lw_outbox_discard (lw_session_get_outbox (self->session), self->id, TRUE),
                  &error))
    return dex_future_new_for_error (g_steal_pointer (&error));

  dex_future_disown (lw_sender_run (lw_session_get_sender (self->session)));

  return dex_future_new_for_boolean (TRUE);
}

DexFuture *
lw_outbox_drop (LwSession *session, gint64 id)
{
  g_return_val_if_fail (LW_IS_SESSION (session), NULL);

  return decide (session, id, NULL, drop_fiber);
}

DexFuture *
lw_outbox_undrop (LwSession *session, gint64 id)
{
  g_return_val_if_fail (LW_IS_SESSION (session), NULL);

  if (!lw_session_is_open (session))
    return dex_future_new_reject (LW_AZURE_ERROR, LW_AZURE_ERROR_SIGN_IN, _ ("Sign in first"));

  return lw_outbox_discard (lw_session_get_outbox (session), id, FALSE);
}
