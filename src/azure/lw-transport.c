/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "config.h"

#include <glib/gi18n-lib.h>
#include <string.h>

#include "lw-fault.h"
#include "lw-json.h"
#include "lw-transport.h"
#include "lw-wire.h"

#define DEADLINE_MS  100000
#define ATTEMPT_MS   45000
#define PAUSE_MS     500
#define MAX_BROKEN   4 /* attempts after which a connection that breaks is reported */
#define MAX_PAGES    10000
#define MAX_ELEMENTS 2000000

struct _LwTransport
{
  GObject parent_instance;

  LwCloud *cloud;
  LwIdentity *identity;
  LwWire *wire;
  guint deadline_ms;
  guint pause_ms;
};

G_DEFINE_FINAL_TYPE (LwTransport, lw_transport, G_TYPE_OBJECT)

static void
lw_transport_finalize (GObject *object)
{
  LwTransport *self = LW_TRANSPORT (object);

  g_clear_pointer (&self->cloud, lw_cloud_unref);
  g_clear_object (&self->identity);
  g_clear_pointer (&self->wire, lw_wire_unref);
  G_OBJECT_CLASS (lw_transport_parent_class)->finalize (object);
}

static void
lw_transport_class_init (LwTransportClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = lw_transport_finalize;
}

static void
lw_transport_init (LwTransport *self)
{
  self->deadline_ms = DEADLINE_MS;
  self->pause_ms = PAUSE_MS;
}

LwTransport *
lw_transport_new (LwProfile *profile, LwIdentity *identity)
{
  LwTransport *self = g_object_new (LW_TYPE_TRANSPORT, NULL);

  self->cloud = lw_cloud_ref (lw_profile_get_cloud (profile));
  self->identity = g_object_ref (identity);
  self->wire = lw_wire_new (lw_profile_get_ca_file (profile));
  return self;
}

void
lw_transport_set_deadline (LwTransport *self, guint deadline_ms, guint pause_ms)
{
  g_return_if_fail (LW_IS_TRANSPORT (self));

  self->deadline_ms = deadline_ms;
  self->pause_ms = pause_ms;
}

typedef struct
{
  LwTransport *transport;
  LwAudience audience;
  char *method;
  char *url;
  GStrv headers;
  GBytes *body;
  char *content_type;
  gboolean idempotent;

  gint64 deadline; /* monotonic, microseconds */
  guint attempt;
  guint broken;     /* attempts that ended without an answer */
  gboolean renewed; /* a refused token was replaced once */
} Sending;

static Sending *
sending_new (LwTransport *transport, LwAudience audience, const char *method, const char *url)
{
  Sending *self = g_new0 (Sending, 1);

  self->transport = g_object_ref (transport);
  self->audience = audience;
  self->method = g_strdup (method);
  self->url = g_strdup (url);
  return self;
}

static void
sending_free (gpointer data)
{
  Sending *self = data;

  g_object_unref (self->transport);
  g_free (self->method);
  g_free (self->url);
  g_strfreev (self->headers);
  g_clear_pointer (&self->body, g_bytes_unref);
  g_free (self->content_type);
  g_free (self);
}

static guint
remaining_ms (const Sending *self)
{
  gint64 left = (self->deadline - g_get_monotonic_time ()) / 1000;

  return (guint) CLAMP (left, 0, G_MAXINT);
}

static gboolean
check_host (const Sending *self, GError **error)
{
  g_autoptr (GUri) uri = g_uri_parse (self->url, SOUP_HTTP_URI_FLAGS, NULL);

  if (uri != NULL && lw_cloud_allows (self->transport->cloud, self->audience, uri))
    return TRUE;
  g_set_error (
      error, LW_AZURE_ERROR, LW_AZURE_ERROR_HOST,
      _ ("“%s” is not an address of this connection's cloud. The sign-in is not sent there."),
      uri != NULL && g_uri_get_host (uri) != NULL ? g_uri_get_host (uri) : self->url);
  return FALSE;
}

static GStrv
with_own_headers (const Sending *self, const char *token)
{
  g_autoptr (GStrvBuilder) builder = g_strv_builder_new ();
  g_autofree char *request_id = g_uuid_string_random ();

  g_strv_builder_add_many (builder, "Accept", "application/json", "x-ms-client-request-id",
                           request_id, NULL);
  if (self->headers != NULL)
    g_strv_builder_addv (builder, (const char **) self->headers);
  g_strv_builder_add (builder, "Authorization");
  g_strv_builder_take (builder, g_strconcat ("Bearer ", token, NULL));
  return g_strv_builder_end (builder);
}

static gboolean
is_worth_a_retry (guint status)
{
  return status == 429 || status == 502 || status == 503 || status == 504;
}

/* Waits before the next attempt. %FALSE where the deadline would pass, or with %error where this was
 * cancelled. */
static gboolean
pause_before_retry (Sending *self, gint64 asked_ms)
{
  guint jitter = lw_retry_pause (self->attempt, self->transport->pause_ms);
  gint64 pause = asked_ms >= 0 ? asked_ms + jitter / 4 : jitter;

  return pause < remaining_ms (self) && lw_sleep ((guint) pause);
}

/* Adds how long Azure asks to wait, where that is longer than the deadline allows. */
static GError *
fault_with_wait (const Sending *self, LwAnswer *answer, gint64 wait_ms)
{
  g_autoptr (GError) fault = lw_fault_new (self->method, self->url, answer);
  g_autofree char *wait = NULL;
  g_autofree char *text = NULL;
  guint seconds = (guint) (wait_ms / 1000);

  if (wait_ms < 1000)
    return g_steal_pointer (&fault);
  wait = g_strdup_printf (g_dngettext (GETTEXT_PACKAGE, "Azure asks to wait %u second.",
                                       "Azure asks to wait %u seconds.", seconds),
                          seconds);
  text = g_strdup_printf ("%s %s", fault->message, wait);
  return lw_azure_error_new (fault->code, lw_azure_error_get_details (fault), text);
}

static GError *
redirect_error (const Sending *self, LwAnswer *answer)
{
  const char *location = lw_answer_get_header (answer, "location");
  g_autoptr (GUri) base = g_uri_parse (self->url, SOUP_HTTP_URI_FLAGS, NULL);
  g_autoptr (GUri) target =
      location != NULL ? g_uri_parse_relative (base, location, SOUP_HTTP_URI_FLAGS, NULL) : NULL;
  g_autofree char *text = NULL;
  LwAzureErrorDetails details = { .status = answer->status,
                                  .at = g_get_real_time () / G_USEC_PER_SEC };

  if (target != NULL && !lw_uri_same_origin (base, target))
    {
      text = g_strdup_printf (
          _ ("%s leads on to %s, which is not an address of this connection's cloud. "
             "The sign-in is not sent there."),
          g_uri_get_host (base), g_uri_get_host (target));
      return lw_azure_error_new (LW_AZURE_ERROR_HOST, &details, text);
    }
  return lw_azure_error_new (LW_AZURE_ERROR_PROTOCOL, &details,
                             _ ("Azure gave a redirect where an answer was expected."));
}

typedef enum
{
  NEXT_RETURN,
  NEXT_AGAIN
} Next;

/* No answer: again, or with @error as it is. */
static Next
after_break (Sending *self, const GError *error)
{
  gboolean passing = g_error_matches (error, LW_AZURE_ERROR, LW_AZURE_ERROR_NETWORK) ||
                     g_error_matches (error, LW_AZURE_ERROR, LW_AZURE_ERROR_TIMED_OUT);

  if (!passing || !self->idempotent || ++self->broken >= MAX_BROKEN)
    return NEXT_RETURN;
  return pause_before_retry (self, -1) ? NEXT_AGAIN : NEXT_RETURN;
}

/* An answer that is no success: again, or with @error set. */
static Next
after_refusal (Sending *self, LwAnswer *answer, const char *token, GError **error)
{
  const char *challenge = lw_answer_get_header (answer, "www-authenticate");
  gint64 wait_ms = -1;

  if (answer->status == 401 && lw_challenge_is_bearer (challenge))
    {
      g_autofree char *claims = lw_challenge_get_claims (challenge);

      lw_identity_invalidate (self->transport->identity, self->audience, token);
      if (claims == NULL && !self->renewed)
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
  if (is_worth_a_retry (answer->status))
    {
      wait_ms = lw_answer_retry_after (answer);
      /* What is throttled was not done, so that it may be sent again whatever it is. */
      if ((self->idempotent || answer->status == 429) && pause_before_retry (self, wait_ms))
        return NEXT_AGAIN;
    }
  g_propagate_error (error, fault_with_wait (self, answer, wait_ms));
  return NEXT_RETURN;
}

static DexFuture *
send_fiber (gpointer data)
{
  Sending *self = data;

  self->deadline = g_get_monotonic_time () + (gint64) self->transport->deadline_ms * 1000;
  for (;;)
    {
      g_autoptr (GError) error = NULL;
      g_autofree char *token = NULL;
      g_autoptr (LwAnswer) answer = NULL;
      g_auto (GStrv) headers = NULL;
      DexFuture *exchange;

      if (!check_host (self, &error))
        return dex_future_new_for_error (g_steal_pointer (&error));
      token = dex_await_string (
          lw_gate (lw_identity_get_token (self->transport->identity, self->audience)), &error);
      if (token == NULL)
        return dex_future_new_for_error (g_steal_pointer (&error));
      headers = with_own_headers (self, token);
      self->attempt++;
      exchange = lw_wire_exchange (self->transport->wire, self->method, self->url,
                                   (const char *const *) headers, self->body, self->content_type,
                                   MAX (1, MIN (remaining_ms (self), ATTEMPT_MS)));
      answer = dex_await_boxed (exchange, &error);
      if (answer == NULL)
        {
          if (after_break (self, error) == NEXT_AGAIN)
            continue;
          return dex_future_new_for_error (g_steal_pointer (&error));
        }
      if ((answer->status >= 200 && answer->status < 300) || answer->status == 304)
        return dex_future_new_take_boxed (LW_TYPE_ANSWER, g_steal_pointer (&answer));
      if (after_refusal (self, answer, token, &error) == NEXT_RETURN)
        return dex_future_new_for_error (g_steal_pointer (&error));
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
  Sending *sending;

  dex_return_error_if_fail (LW_IS_TRANSPORT (self));
  dex_return_error_if_fail (method != NULL && url != NULL);

  sending = sending_new (self, audience, method, url);
  sending->headers = g_strdupv ((GStrv) headers);
  sending->body = body != NULL ? g_bytes_ref (body) : NULL;
  sending->content_type = g_strdup (content_type);
  sending->idempotent = idempotent;
  return lw_spawn (send_fiber, sending, sending_free);
}

/* What came instead of JSON, in a sentence. */
static GError *
not_json_error (const Sending *self, LwAnswer *answer, const GError *cause)
{
  const char *type = lw_answer_get_header (answer, "content-type");
  g_autofree char *url = g_strndup (self->url, strcspn (self->url, "?#"));
  g_autofree char *where = g_strdup_printf ("%s %s", self->method, url);
  g_autofree char *text = NULL;
  LwAzureErrorDetails details = { .status = answer->status,
                                  .url = where,
                                  .request_id =
                                      (char *) lw_answer_get_header (answer, "x-ms-request-id"),
                                  .at = g_get_real_time () / G_USEC_PER_SEC };

  if (type != NULL && strstr (type, "html") != NULL)
    text =
        g_strdup (_ ("A web page came instead of Azure's answer. Something on the way, such as a "
                     "proxy or a sign-in page of the network, answers in its place."));
  else
    text = g_strdup (cause->message);
  return lw_azure_error_new (LW_AZURE_ERROR_PROTOCOL, &details, text);
}

static DexFuture *
json_fiber (gpointer data)
{
  Sending *self = data;
  g_autoptr (GError) error = NULL;
  g_autoptr (LwAnswer) answer = NULL;
  JsonNode *node;

  answer = dex_await_boxed (lw_transport_send (self->transport, self->audience, self->method,
                                               self->url, (const char *const *) self->headers,
                                               self->body, self->content_type, self->idempotent),
                            &error);
  if (answer == NULL)
    return dex_future_new_for_error (g_steal_pointer (&error));
  node = dex_await_boxed (lw_gate (lw_parse_json (answer->body)), &error);
  if (node == NULL && lw_wire_is_cancelled (error))
    return dex_future_new_for_error (g_steal_pointer (&error));
  if (node == NULL)
    return dex_future_new_for_error (not_json_error (self, answer, error));
  return dex_future_new_take_boxed (JSON_TYPE_NODE, node);
}

DexFuture *
lw_transport_json_with_headers (LwTransport *self,
                                LwAudience audience,
                                const char *method,
                                const char *url,
                                const char *const *headers,
                                JsonNode *body,
                                gboolean idempotent)
{
  Sending *sending;

  dex_return_error_if_fail (LW_IS_TRANSPORT (self));
  dex_return_error_if_fail (method != NULL && url != NULL);

  sending = sending_new (self, audience, method, url);
  sending->headers = g_strdupv ((GStrv) headers);
  sending->idempotent = idempotent;
  if (body != NULL)
    {
      char *text = json_to_string (body, FALSE);

      sending->body = g_bytes_new_take (text, strlen (text));
      sending->content_type = g_strdup ("application/json; charset=utf-8");
    }
  return lw_spawn (json_fiber, sending, sending_free);
}

DexFuture *
lw_transport_json (LwTransport *self,
                   LwAudience audience,
                   const char *method,
                   const char *url,
                   JsonNode *body,
                   gboolean idempotent)
{
  return lw_transport_json_with_headers (self, audience, method, url, NULL, body, idempotent);
}

/* Paging */

static DexFuture *
protocol_error (const char *text)
{
  return dex_future_new_reject (LW_AZURE_ERROR, LW_AZURE_ERROR_PROTOCOL, "%s", text);
}

/* The next page's address under any of its names; %NULL at the end. %FALSE where it is no text. */
static gboolean
read_next_link (JsonObject *page, const char **next)
{
  static const char *const names[] = { "nextLink", "@odata.nextLink", "@nextLink" };

  *next = NULL;
  for (guint i = 0; i < G_N_ELEMENTS (names); i++)
    {
      JsonNode *node = json_object_get_member (page, names[i]);

      if (node == NULL || JSON_NODE_HOLDS_NULL (node))
        continue;
      *next = lw_json_get_string (page, names[i]);
      if (*next == NULL)
        return FALSE;
      if ((*next)[0] == '\0')
        *next = NULL;
    }
  return TRUE;
}

/* The page's own way to the next one, which must stay on the host that was asked. */
static gboolean
check_next_link (const char *first, const char *next, GHashTable *seen, GError **error)
{
  g_autoptr (GUri) from = g_uri_parse (first, SOUP_HTTP_URI_FLAGS, NULL);
  g_autoptr (GUri) to = g_uri_parse (next, SOUP_HTTP_URI_FLAGS, NULL);

  if (from == NULL || to == NULL || g_uri_get_userinfo (to) != NULL ||
      !lw_uri_same_origin (from, to))
    {
      g_set_error (error, LW_AZURE_ERROR, LW_AZURE_ERROR_HOST,
                   _ ("The list continues at another host (%s). The sign-in is not sent there."),
                   to != NULL && g_uri_get_host (to) != NULL ? g_uri_get_host (to) : next);
      return FALSE;
    }
  if (!g_hash_table_add (seen, g_strdup (next)))
    {
      g_set_error_literal (error, LW_AZURE_ERROR, LW_AZURE_ERROR_PROTOCOL,
                           _ ("The list leads back to a page that was read already."));
      return FALSE;
    }
  return TRUE;
}

static DexFuture *
list_fiber (gpointer data)
{
  Sending *self = data;
  g_autoptr (GError) error = NULL;
  g_autoptr (JsonArray) all = json_array_new ();
  g_autoptr (GHashTable) seen = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  g_autofree char *url = g_strdup (self->url);
  JsonNode *result;

  g_hash_table_add (seen, g_strdup (url));
  for (guint pages = 0; url != NULL; pages++)
    {
      g_autoptr (JsonNode) node = NULL;
      JsonObject *page;
      JsonArray *value;
      const char *next;

      if (pages == MAX_PAGES || json_array_get_length (all) > MAX_ELEMENTS)
        return protocol_error (_ ("The list does not end. It was given up."));
      node = dex_await_boxed (
          lw_transport_json_with_headers (self->transport, self->audience, self->method, url,
                                          (const char *const *) self->headers, NULL, TRUE),
          &error);
      if (node == NULL)
        return dex_future_new_for_error (g_steal_pointer (&error));
      page = lw_json_node_object (node);
      value = lw_json_get_array (page, "value");
      if (value == NULL)
        return protocol_error (_ ("Azure's answer is not the list that was asked for."));
      for (guint i = 0; i < json_array_get_length (value); i++)
        json_array_add_element (all, json_node_copy (json_array_get_element (value, i)));
      if (!read_next_link (page, &next))
        return protocol_error (_ ("Azure's answer is not the list that was asked for."));
      if (next != NULL && !check_next_link (self->url, next, seen, &error))
        return dex_future_new_for_error (g_steal_pointer (&error));
      g_set_str (&url, next);
    }
  result = json_node_new (JSON_NODE_ARRAY);
  json_node_set_array (result, all);
  return dex_future_new_take_boxed (JSON_TYPE_NODE, result);
}

DexFuture *
lw_transport_list_with (LwTransport *self,
                        LwAudience audience,
                        const char *method,
                        const char *url,
                        const char *const *headers)
{
  Sending *sending;

  dex_return_error_if_fail (LW_IS_TRANSPORT (self));
  dex_return_error_if_fail (method != NULL && url != NULL);

  sending = sending_new (self, audience, method, url);
  sending->headers = g_strdupv ((GStrv) headers);
  return lw_spawn (list_fiber, sending, sending_free);
}

DexFuture *
lw_transport_list (LwTransport *self, LwAudience audience, const char *url)
{
  return lw_transport_list_with (self, audience, "GET", url, NULL);
}
