/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "config.h"

#include "lw-domain-error.h"
#include "lw-evidence.h"
#include "lw-json.h"
#include "lw-queue.h"

#include <glib/gi18n-lib.h>

#define MAX_COMMENT 10000 /* characters */

static gboolean
check_text (const char *text, const char *missing, GError **error)
{
  if (!text || !*text)
    {
      g_set_error_literal (error, LW_DOMAIN_ERROR, LW_DOMAIN_ERROR_NOT_ALLOWED, missing);
      return FALSE;
    }

  if (g_utf8_strlen (text, -1) > MAX_COMMENT)
    {
      g_set_error (error, LW_DOMAIN_ERROR, LW_DOMAIN_ERROR_NOT_ALLOWED,
                   _ ("A comment may have at most %d characters"), MAX_COMMENT);
      return FALSE;
    }

  return TRUE;
}

/* Whether the person may, before Azure is asked anything. */
static gboolean
check_early (LwVerb *verb, LwCase *value, JsonObject *body, GError **error)
{
  return lw_case_check (value, verb->kind, lw_session_get_person (verb->session), body,
                        lw_session_get_hierarchy (verb->session), error);
}

static DexFuture *
approve_fiber (gpointer data)
{
  LwVerb *verb = data;
  g_autoptr (LwCase) value = NULL;
  g_autoptr (JsonObject) body = json_object_new ();
  g_autoptr (GError) error = NULL;
  LwCase *after = NULL;

  if ((value = lw_verb_read_case (verb, &error)))
    {
      lw_json_set_string (body, "digest", value->digest);
      lw_json_set_string (body, "terms", NULL);
      if (check_early (verb, value, body, &error) &&
          lw_verify_policy (verb->session, value->content, &error))
        after = dex_await_boxed (lw_verb_append (verb->session, value, LW_EVENT_APPROVED, body),
                                 &error);
    }
  if (!after && lw_error_is_outage (error))
    return dex_future_new_reject (
        error->domain, error->code,
        _ ("%s. An approval is never kept to be sent later: it has to be checked against the "
           "newest "
           "revision first. Approve again when the ledger can be reached"),
        error->message);
  if (!after)
    return dex_future_new_for_error (g_steal_pointer (&error));

  return dex_future_new_take_boxed (LW_TYPE_CASE, after);
}

/* Only who is named checks a control. */
static gboolean
check_control (LwVerb *verb, LwCase *value, GError **error)
{
  const LwPerson *person = lw_session_get_person (verb->session);
  const LwControl *control =
      value->content && verb->control >= 1 && verb->control <= value->content->controls->len
          ? g_ptr_array_index (value->content->controls, verb->control - 1)
          : NULL;

  if (control && lw_person_equal (control->checked_by, person))
    return TRUE;

  if (!control)
    g_set_error (error, LW_DOMAIN_ERROR, LW_DOMAIN_ERROR_NOT_ALLOWED,
                 _ ("This request has no control %u"), verb->control);
  else
    g_set_error (error, LW_DOMAIN_ERROR, LW_DOMAIN_ERROR_NOT_ALLOWED,
                 _ ("Control %u is checked by %s, not by you"), verb->control,
                 control->checked_by && control->checked_by->name ? control->checked_by->name
                                                                  : _ ("nobody"));
  return FALSE;
}

/* Writes it, or puts it into the outbox. Awaits. */
static LwCase *
write_text (LwVerb *verb, LwCase *value, JsonObject *body, gboolean behind, GError **error)
{
  const LwWriting writing = {
    .value = value,
    .kind = verb->kind,
    .content = body,
    .title = value->content ? value->content->title : NULL,
  };
  g_autoptr (GError) cause = NULL;

  if (behind)
    return lw_queue_add (verb->session, &writing, NULL, NULL, error);
  if (!check_early (verb, value, body, error))
    return NULL;
  if (lw_send_held_evidence (verb->session, verb->evidence, &cause))
    return lw_queue_write (verb->session, &writing, body, error);
  if (lw_error_is_outage (cause))
    return lw_queue_add (verb->session, &writing, NULL, cause, error);

  g_propagate_error (error, g_steal_pointer (&cause));

  return NULL;
}

/* Rejecting and sending back name the content; withdrawing and commenting are about the request. */
static DexFuture *
text_fiber (gpointer data)
{
  LwVerb *verb = data;
  g_autoptr (LwCase) value = NULL;
  g_autoptr (JsonObject) body = json_object_new ();
  g_autoptr (GError) error = NULL;
  gboolean behind = lw_queue_is_behind (verb->session, verb->request_id);
  LwCase *after;

  if (!(value = lw_verb_read_case (verb, &error)))
    return dex_future_new_for_error (g_steal_pointer (&error));

  if (verb->kind == LW_EVENT_REJECTED || verb->kind == LW_EVENT_CHANGES_REQUESTED)
    lw_json_set_string (body, "digest", value->digest);
  if (verb->kind == LW_EVENT_CONTROL_CHECKED)
    {
      if (!check_control (verb, value, &error))
        return dex_future_new_for_error (g_steal_pointer (&error));
      json_object_set_int_member (body, "control", verb->control);
    }
  if (verb->kind == LW_EVENT_COMMENTED || verb->kind == LW_EVENT_CONTROL_CHECKED)
    {
      lw_json_set_string (body, "text", verb->text);
      json_object_set_array_member (
          body, "evidence", verb->evidence ? json_array_ref (verb->evidence) : json_array_new ());
    }
  else
    lw_json_set_string (body, "comment", verb->text);

  if (!(after = write_text (verb, value, body, behind, &error)))
    return dex_future_new_for_error (g_steal_pointer (&error));

  return dex_future_new_take_boxed (LW_TYPE_CASE, after);
}

static DexFuture *
run_text (LwSession *session,
          const char *request_id,
          const char *digest,
          const char *text,
          LwEventKind kind,
          const char *missing)
{
  LwVerb *verb = lw_verb_new (session, request_id, digest, text);
  g_autoptr (GError) error = NULL;

  verb->kind = kind;
  if (missing && !check_text (verb->text, missing, &error))
    {
      lw_verb_free (verb);
      return dex_future_new_for_error (g_steal_pointer (&error));
    }

  return lw_verb_run (verb, text_fiber);
}

DexFuture *
lw_approve (LwSession *session, const char *request_id, const char *digest)
{
  LwVerb *verb;

  g_return_val_if_fail (LW_IS_SESSION (session), NULL);
  g_return_val_if_fail (request_id != NULL, NULL);
  g_return_val_if_fail (digest != NULL, NULL);

  verb = lw_verb_new (session, request_id, digest, NULL);
  verb->kind = LW_EVENT_APPROVED;

  return lw_verb_run (verb, approve_fiber);
}

DexFuture *
lw_reject (LwSession *session, const char *request_id, const char *digest, const char *comment)
{
  g_return_val_if_fail (LW_IS_SESSION (session), NULL);
  g_return_val_if_fail (request_id != NULL, NULL);
  g_return_val_if_fail (digest != NULL, NULL);

  return run_text (session, request_id, digest, comment, LW_EVENT_REJECTED,
                   _ ("Say why you reject this request: the requester sees the comment"));
}

DexFuture *
lw_request_changes (LwSession *session,
                    const char *request_id,
                    const char *digest,
                    const char *comment)
{
  g_return_val_if_fail (LW_IS_SESSION (session), NULL);
  g_return_val_if_fail (request_id != NULL, NULL);
  g_return_val_if_fail (digest != NULL, NULL);

  return run_text (session, request_id, digest, comment, LW_EVENT_CHANGES_REQUESTED,
                   _ ("Say what has to change: the requester sees the comment"));
}

DexFuture *
lw_withdraw (LwSession *session, const char *request_id, const char *comment)
{
  g_return_val_if_fail (LW_IS_SESSION (session), NULL);
  g_return_val_if_fail (request_id != NULL, NULL);

  return run_text (session, request_id, NULL, comment, LW_EVENT_WITHDRAWN, NULL);
}

static DexFuture *
run_with_evidence (LwVerb *verb, LwEventKind kind, GPtrArray *evidence, const char *missing)
{
  g_autoptr (GError) error = NULL;

  verb->kind = kind;
  verb->evidence = lw_evidence_list_to_json (evidence);
  if (!check_text (verb->text, missing, &error))
    {
      lw_verb_free (verb);
      return dex_future_new_for_error (g_steal_pointer (&error));
    }

  return lw_verb_run (verb, text_fiber);
}

DexFuture *
lw_comment_with (LwSession *session, const char *request_id, const char *text, GPtrArray *evidence)
{
  g_return_val_if_fail (LW_IS_SESSION (session), NULL);
  g_return_val_if_fail (request_id != NULL, NULL);

  return run_with_evidence (lw_verb_new (session, request_id, NULL, text), LW_EVENT_COMMENTED,
                            evidence, _ ("The comment is empty"));
}

DexFuture *
lw_comment (LwSession *session, const char *request_id, const char *text)
{
  return lw_comment_with (session, request_id, text, NULL);
}

DexFuture *
lw_check_control (LwSession *session,
                  const char *request_id,
                  guint control,
                  const char *text,
                  GPtrArray *evidence)
{
  LwVerb *verb;

  g_return_val_if_fail (LW_IS_SESSION (session), NULL);
  g_return_val_if_fail (request_id != NULL, NULL);

  verb = lw_verb_new (session, request_id, NULL, text);
  verb->control = control;

  return run_with_evidence (verb, LW_EVENT_CONTROL_CHECKED, evidence,
                            _ ("Say what you checked and what you found"));
}
