/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "config.h"

#include "lw-verb-private.h"

#include <glib/gi18n-lib.h>

#define STACK_SIZE (512 * 1024)

LwVerb *
lw_verb_new (LwSession *session, const char *request_id, const char *digest, const char *text)
{
  LwVerb *self = g_new0 (LwVerb, 1);

  self->session = g_object_ref (session);
  self->request_id = g_strdup (request_id);
  self->digest = g_strdup (digest);
  self->text = text ? g_strstrip (g_utf8_make_valid (text, -1)) : NULL;

  return self;
}

void
lw_verb_free (gpointer data)
{
  LwVerb *self = data;

  g_object_unref (self->session);
  g_clear_pointer (&self->request, lw_request_free);
  g_clear_pointer (&self->evidence, json_array_unref);
  g_clear_pointer (&self->refusal, lw_refusal_text_free);
  g_free (self->request_id);
  g_free (self->digest);
  g_free (self->text);
  g_free (self);
}

static DexFuture *
settle (DexFuture *future, gpointer user_data)
{
  DexPromise *promise = user_data;
  g_autoptr (GError) error = NULL;
  const GValue *value = dex_future_get_value (future, &error);

  if (value)
    dex_promise_resolve (promise, value);
  else
    dex_promise_reject (promise, g_steal_pointer (&error));

  return dex_ref (future);
}

DexFuture *
lw_verb_run (LwVerb *self, DexFiberFunc func)
{
  /* It does not hold what settles it, so dropping it cancels nothing. */
  DexPromise *promise;
  DexFuture *fiber;

  if (!lw_session_is_open (self->session))
    {
      lw_verb_free (self);
      return dex_future_new_reject (LW_AZURE_ERROR, LW_AZURE_ERROR_SIGN_IN, _ ("Sign in first"));
    }

  promise = dex_promise_new ();
  fiber = dex_scheduler_spawn (NULL, STACK_SIZE, func, self, lw_verb_free);
  dex_future_disown (dex_future_finally (fiber, settle, dex_ref (promise), dex_unref));

  return DEX_FUTURE (promise);
}

LwCase *
lw_verb_read_case (LwVerb *self, GError **error)
{
  LwLedger *ledger = lw_session_get_ledger (self->session);
  g_autoptr (LwCase) value = NULL;

  value = dex_await_boxed (lw_ledger_load_case (ledger, self->request_id), error);
  if (!value)
    return NULL;

  if (value->events->len == 0 && value->flags->len == 0)
    {
      g_set_error (error, LW_LEDGER_ERROR, LW_LEDGER_ERROR_NOT_FOUND,
                   _ ("There is no request %s in the ledger"), self->request_id);
      return NULL;
    }

  if (self->digest && g_strcmp0 (self->digest, value->digest) != 0)
    {
      g_set_error (
          error, LW_LEDGER_ERROR, LW_LEDGER_ERROR_TAKEN,
          _ ("The content of this request has changed since you read it: revision %u is in "
             "force now. Read it again and decide anew"),
          value->revision);
      return NULL;
    }

  return g_steal_pointer (&value);
}

DexFuture *
lw_verb_append (LwSession *session, LwCase *value, LwEventKind kind, JsonObject *body)
{
  g_autoptr (GDateTime) now = lw_session_now (session);

  return lw_ledger_append (lw_session_get_ledger (session), value->request_id, value->last_seq,
                           kind, lw_session_get_person (session),
                           lw_session_get_tenant_id (session), now, body);
}
