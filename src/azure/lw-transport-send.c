/* SPDX-License-Identifier: GPL-3.0-or-later */

/* One call: whom it may go to, when, how often, and what to say where it fails. */

#include "config.h"

#include <glib/gi18n-lib.h>
#include <string.h>

#include "lw-clock.h"
#include "lw-fault.h"
#include "lw-mask.h"
#include "lw-transport-private.h"

#define ATTEMPT_MS   60000
#define MIN_WRITE_MS 2000 /* without which nothing is begun that changes something */
#define MAX_BROKEN   4    /* attempts after which a connection that breaks is reported */
#define MAX_FAILED   4 /* the same for a service that fails, which may be because of what is asked */

typedef enum
{
  NEXT_RETURN,
  NEXT_AGAIN
} Next;

static guint
remaining_ms (const LwSending *self)
{
  gint64 left = (self->deadline - g_get_monotonic_time ()) / 1000;

  return (guint) CLAMP (left, 0, G_MAXINT);
}

static gboolean
check_host (LwSending *self, GError **error)
{
  self->uri = g_uri_parse (self->url, SOUP_HTTP_URI_FLAGS, NULL);
  if (self->uri != NULL && lw_cloud_allows (self->transport->cloud, self->audience, self->uri))
    return TRUE;
  g_set_error (
      error, LW_AZURE_ERROR, LW_AZURE_ERROR_HOST,
      _ ("“%s” is not an address of this connection's cloud. The sign-in is not sent there."),
      self->uri != NULL && g_uri_get_host (self->uri) != NULL ? g_uri_get_host (self->uri) : "?");
  return FALSE;
}

/* The last one is the token's. */
static GStrv
with_own_headers (const LwSending *self, const char *token)
{
  g_autoptr (GStrvBuilder) builder = g_strv_builder_new ();

  g_strv_builder_add_many (builder, "Accept", "application/json", "x-ms-client-request-id",
                           self->request_id, NULL);
  if (self->headers != NULL)
    g_strv_builder_addv (builder, (const char **) self->headers);
  g_strv_builder_add (builder, "Authorization");
  g_strv_builder_take (builder, g_strconcat ("Bearer ", token, NULL));
  return g_strv_builder_end (builder);
}

static void
wipe_headers (GStrv headers)
{
  for (guint i = 0; headers != NULL && headers[i] != NULL; i++)
    lw_wipe (headers[i]);
  g_free (headers);
}

/* Errors */

static GError *
cancelled_error (void)
{
  return g_error_new_literal (G_IO_ERROR, G_IO_ERROR_CANCELLED, "The work was cancelled");
}

/* @error, or that the task was cancelled, where it was meanwhile. Takes @error. */
static DexFuture *
end (GError *error)
{
  if (!g_cancellable_is_cancelled (lw_task_get_cancellable ()))
    return dex_future_new_for_error (error);
  g_error_free (error);
  return dex_future_new_for_error (cancelled_error ());
}

static char *
method_and_address (const LwSending *self)
{
  return g_strdup_printf ("%s %.*s", self->method, (int) strcspn (self->url, "?#"), self->url);
}

static char *
wait_sentence (gint64 wait_ms)
{
  guint seconds = (guint) MAX (1, (wait_ms + 999) / 1000);

  return g_strdup_printf (g_dngettext (GETTEXT_PACKAGE, "Azure asks to wait %u second.",
                                       "Azure asks to wait %u seconds.", seconds),
                          seconds);
}

/* What the service says, with how long it asks to wait (-1: it says nothing), the call's own id where
 * it gave none, and this machine's clock where that is to blame. */
static GError *
complete_fault (const LwSending *self, const GError *fault, gint64 wait_ms)
{
  LwAzureErrorDetails details = *lw_azure_error_get_details (fault);
  g_autofree char *where = method_and_address (self);
  g_autofree char *text = NULL;

  details.url = where;
  if (details.request_id == NULL)
    details.request_id = self->request_id;
  if (fault->code == LW_AZURE_ERROR_SIGN_IN)
    {
      text = lw_clock_with_complaint (fault->message);
    }
  else if (wait_ms >= 1000)
    {
      g_autofree char *wait = wait_sentence (wait_ms);

      text = g_strdup_printf ("%s %s", fault->message, wait);
    }
  return lw_azure_error_new (fault->code, &details, text != NULL ? text : fault->message);
}

static GError *
refusal_error (const LwSending *self, LwAnswer *answer, gint64 wait_ms)
{
  g_autoptr (GError) fault = lw_fault_new (self->method, self->url, answer);

  return complete_fault (self, fault, wait_ms);
}

static GError *
redirect_error (const LwSending *self, LwAnswer *answer)
{
  const char *location = lw_answer_get_header (answer, "location");
  g_autoptr (GUri) target =
      location != NULL ? g_uri_parse_relative (self->uri, location, SOUP_HTTP_URI_FLAGS, NULL)
                       : NULL;
  const char *service_id = lw_answer_get_header (answer, "x-ms-request-id");
  g_autofree char *where = method_and_address (self);
  g_autofree char *shown = target != NULL ? lw_mask_uri (target) : g_strdup ("?");
  g_autofree char *text = NULL;
  LwAzureErrorDetails details = { .status = answer->status,
                                  .url = where,
                                  .request_id =
                                      (char *) (service_id != NULL ? service_id : self->request_id),
                                  .at = g_get_real_time () / G_USEC_PER_SEC };

  if (target != NULL && !lw_uri_same_origin (self->uri, target))
    {
      text = g_strdup_printf (
          _ ("%s leads on to %s, which is not an address of this connection's cloud. "
             "The sign-in is not sent there."),
          g_uri_get_host (self->uri),
          g_uri_get_host (target) != NULL ? g_uri_get_host (target) : shown);
      return lw_azure_error_new (LW_AZURE_ERROR_HOST, &details, text);
    }
  text =
      g_strdup_printf (_ ("Azure gave a redirect (HTTP %u to %s) where an answer was expected. It "
                          "was not followed."),
                       answer->status, shown);
  return lw_azure_error_new (LW_AZURE_ERROR_PROTOCOL, &details, text);
}

/* Not sent at all: the service said, to this call or another, that it would have to wait too long. */
static GError *
throttled_error (const LwSending *self, guint wait_ms)
{
  const GError *refusal = lw_pace_get_refusal (self->transport->pace, self->method, self->uri);
  g_autofree char *where = NULL;
  g_autofree char *wait = NULL;
  g_autofree char *text = NULL;
  LwAzureErrorDetails details = { .request_id = self->request_id,
                                  .at = g_get_real_time () / G_USEC_PER_SEC };

  if (refusal != NULL)
    return complete_fault (self, refusal, wait_ms);
  details.url = where = method_and_address (self);
  wait = wait_sentence (wait_ms);
  text =
      g_strdup_printf ("%s %s", _ ("Azure asks to slow down. Try again in a few minutes."), wait);
  return lw_azure_error_new (LW_AZURE_ERROR_THROTTLED, &details, text);
}

/* Not sent either: the time was over before its turn came. */
static GError *
late_error (const LwSending *self)
{
  g_autofree char *where = method_and_address (self);
  g_autofree char *text =
      g_strdup_printf (_ ("%s did not answer in time."), g_uri_get_host (self->uri));
  LwAzureErrorDetails details = { .url = where,
                                  .request_id = self->request_id,
                                  .at = g_get_real_time () / G_USEC_PER_SEC };

  return lw_azure_error_new (LW_AZURE_ERROR_TIMED_OUT, &details, text);
}

/* The answer to what changes something did not come. */
static GError *
lost_error (const GError *cause)
{
  g_autofree char *text = g_strdup_printf (
      _ ("%s The request was sent before that, so it may have been carried out: reload and look "
         "before you try again."),
      cause->message);

  return lw_azure_error_new (cause->code, lw_azure_error_get_details (cause), text);
}

/* When */

/* Waits before the next attempt. %FALSE where the deadline would pass, or where this was cancelled. */
static gboolean
pause_before_retry (LwSending *self, gint64 asked_ms)
{
  guint jitter = lw_retry_pause (self->attempt, self->transport->pause_ms);
  gint64 pause = asked_ms >= 0 ? asked_ms + jitter / 4 : jitter;

  return pause < remaining_ms (self) && lw_sleep ((guint) pause);
}

/* Waits until the service is ready for one more of the kind, and reserves it. */
static gboolean
wait_for_pace (LwSending *self, GError **error)
{
  LwPace *pace = self->transport->pace;
  guint wait;

  for (;;)
    {
      wait = lw_pace_blocked (pace, self->method, self->uri);
      if (wait == 0)
        break;
      /* A little later, each at another time, than all that wait for the same. */
      wait += (guint) g_random_int_range (0, 250);
      if (wait >= remaining_ms (self))
        {
          g_propagate_error (error, throttled_error (self, wait));
          return FALSE;
        }
      if (!lw_sleep (wait))
        {
          g_propagate_error (error, cancelled_error ());
          return FALSE;
        }
    }
  wait = lw_pace_reserve (pace, self->method, self->uri);
  if (wait == 0 || (wait < remaining_ms (self) && lw_sleep (wait)))
    return TRUE;
  lw_pace_cancel (pace, self->method, self->uri);
  g_propagate_error (error, wait >= remaining_ms (self) ? throttled_error (self, wait)
                                                        : cancelled_error ());
  return FALSE;
}

static LwLane *
lane_for (LwTransport *self, GUri *uri)
{
  g_autofree char *key = g_strdup_printf ("%s:%d", g_uri_get_host (uri), g_uri_get_port (uri));
  LwLane *lane = g_hash_table_lookup (self->lanes, key);

  if (lane == NULL)
    {
      lane = lw_lane_new (LW_WIRE_CONNS);
      g_hash_table_insert (self->lanes, g_steal_pointer (&key), lane);
    }
  return lane;
}

/* Whether there is time left to send it; for what changes something, enough for an answer to come. */
static gboolean
is_in_time (const LwSending *self)
{
  guint least = self->idempotent ? 0 : MIN (MIN_WRITE_MS, self->transport->deadline_ms / 20);

  return remaining_ms (self) > least;
}

/* Waits for a place in the lane, as long as there is time. */
static gboolean
wait_for_lane (LwSending *self, LwLane *lane, GError **error)
{
  g_autoptr (GError) local = NULL;

  if (lw_lane_enter_until (lane, self->deadline, &local))
    {
      if (is_in_time (self))
        return TRUE;
      lw_lane_leave (lane);
    }
  else if (lw_wire_is_cancelled (local))
    {
      g_propagate_error (error, g_steal_pointer (&local));
      return FALSE;
    }
  g_propagate_error (error, late_error (self));
  return FALSE;
}

/* Waits for a token, as long as there is time. What renews it goes on for others. */
static char *
wait_for_token (LwSending *self, GError **error)
{
  g_autoptr (GError) local = NULL;
  DexFuture *token = lw_gate (lw_identity_get_token (self->transport->identity, self->audience));
  char *text = dex_await_string (
      dex_future_first (token, dex_timeout_new_msec ((int) remaining_ms (self)), NULL), &local);

  if (text != NULL)
    return text;
  if (g_error_matches (local, DEX_ERROR, DEX_ERROR_TIMED_OUT))
    g_propagate_error (error, late_error (self));
  else
    g_propagate_error (error, g_steal_pointer (&local));
  return NULL;
}

/* One attempt, in its turn. */
static LwAnswer *
attempt (LwSending *self, const char *token, GError **error)
{
  LwLane *lane = lane_for (self->transport, self->uri);
  GStrv headers;
  LwAnswer *answer;

  if (!wait_for_lane (self, lane, error))
    {
      lw_pace_cancel (self->transport->pace, self->method, self->uri);
      return NULL;
    }
  headers = with_own_headers (self, token);
  answer = dex_await_boxed (
      lw_wire_send (self->transport->wire,
                    &(LwWireRequest) {
                        .method = self->method,
                        .url = self->url,
                        .headers = (const char *const *) headers,
                        .body = self->body,
                        .content_type = self->content_type,
                        .request_id = self->request_id,
                        .timeout_ms = MAX (1, MIN (remaining_ms (self), ATTEMPT_MS)),
                        .idempotent = self->idempotent,
                    }),
      error);
  wipe_headers (headers);
  lw_lane_leave (lane);
  lw_pace_learn (self->transport->pace, self->method, self->uri, answer);
  return answer;
}

/* What next */

/* 500 passes as often as not, but nobody knows what was done before it: only what may be done twice is
 * sent again. */
static gboolean
is_worth_a_retry (LwSending *self, guint status)
{
  if (status == 500)
    return self->idempotent && ++self->failed < MAX_FAILED;
  return status == 408 || status == 429 || status == 502 || status == 503 || status == 504;
}

/* No answer: again, or with @error set right. What surely never reached the server may be sent again
 * whatever it is. */
static Next
after_break (LwSending *self, GError **error)
{
  const LwAzureErrorDetails *details = lw_azure_error_get_details (*error);
  gboolean passing = g_error_matches (*error, LW_AZURE_ERROR, LW_AZURE_ERROR_NETWORK) ||
                     g_error_matches (*error, LW_AZURE_ERROR, LW_AZURE_ERROR_TIMED_OUT);

  if (!passing)
    return NEXT_RETURN;
  if (remaining_ms (self) == 0 && self->refusal != NULL)
    {
      /* What the service said before is worth more than that there is no time left. */
      g_clear_error (error);
      *error = g_steal_pointer (&self->refusal);
      return NEXT_RETURN;
    }
  if (!self->idempotent && details->lost)
    {
      g_autoptr (GError) cause = g_steal_pointer (error);

      *error = lost_error (cause);
      return NEXT_RETURN;
    }
  if (++self->broken >= MAX_BROKEN)
    return NEXT_RETURN;
  return pause_before_retry (self, -1) ? NEXT_AGAIN : NEXT_RETURN;
}

/* An answer that is no success: again, or with @error set. */
static Next
after_refusal (LwSending *self, LwAnswer *answer, const char *token, GError **error)
{
  const char *challenge = lw_answer_get_header (answer, "www-authenticate");

  if (answer->status == 401 && lw_challenge_is_bearer (challenge))
    {
      g_autofree char *claims = lw_challenge_get_claims (challenge);

      gboolean another =
          lw_identity_challenge (self->transport->identity, self->audience, token, claims);

      if (!self->renewed && (another || claims == NULL))
        {
          self->renewed = TRUE;
          return NEXT_AGAIN;
        }
    }
  if (answer->status >= 300 && answer->status < 400)
    {
      g_propagate_error (error, redirect_error (self, answer));
      return NEXT_RETURN;
    }
  if (is_worth_a_retry (self, answer->status))
    {
      gint64 wait_ms = lw_answer_retry_after (answer);

      g_clear_error (&self->refusal);
      self->refusal = refusal_error (self, answer, wait_ms);
      /* What is throttled was not done, so that it may be sent again whatever it is. */
      if ((self->idempotent || answer->status == 429) && pause_before_retry (self, wait_ms))
        return NEXT_AGAIN;
      g_propagate_error (error, g_steal_pointer (&self->refusal));
      return NEXT_RETURN;
    }
  g_propagate_error (error, refusal_error (self, answer, -1));
  return NEXT_RETURN;
}

static DexFuture *
send_fiber (gpointer data)
{
  LwSending *self = data;
  g_autoptr (GError) unusable = NULL;

  self->deadline = g_get_monotonic_time () + (gint64) self->transport->deadline_ms * 1000;
  self->request_id = g_uuid_string_random ();
  if (!check_host (self, &unusable))
    return dex_future_new_for_error (g_steal_pointer (&unusable));
  for (;;)
    {
      g_autoptr (GError) error = NULL;
      g_autoptr (LwAnswer) answer = NULL;
      char *token;
      Next next;

      if (!wait_for_pace (self, &error))
        return end (g_steal_pointer (&error));
      token = wait_for_token (self, &error);
      if (token == NULL)
        {
          lw_pace_cancel (self->transport->pace, self->method, self->uri);
          return end (g_steal_pointer (&error));
        }
      self->attempt++;
      answer = attempt (self, token, &error);
      if (answer == NULL)
        next = after_break (self, &error);
      else if ((answer->status >= 200 && answer->status < 300) || answer->status == 304)
        next = NEXT_RETURN;
      else
        next = after_refusal (self, answer, token, &error);
      lw_wipe (token);
      if (next == NEXT_RETURN && error == NULL)
        return dex_future_new_take_boxed (LW_TYPE_ANSWER, g_steal_pointer (&answer));
      if (next == NEXT_RETURN)
        return end (g_steal_pointer (&error));
    }
}

DexFuture *
lw_transport_send (LwTransport *self,
                   LwAudience audience,
                   const char *method,
                   const char *url,
                   const char *const *headers,
                   GBytes *body,
                   const char *content_type,
                   gboolean idempotent)
{
  LwSending *sending;

  dex_return_error_if_fail (LW_IS_TRANSPORT (self));
  dex_return_error_if_fail (method != NULL && url != NULL);

  sending = lw_sending_new (self, audience, method, url);
  sending->headers = g_strdupv ((GStrv) headers);
  sending->body = body != NULL ? g_bytes_ref (body) : NULL;
  sending->content_type = g_strdup (content_type);
  sending->idempotent = idempotent;
  return lw_spawn (send_fiber, sending, lw_sending_free);
}
