/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "config.h"

#include <glib/gi18n-lib.h>
#include <string.h>

#include "lw-transport-private.h"

#define DEADLINE_MS 100000
#define PAUSE_MS    500

G_DEFINE_FINAL_TYPE (LwTransport, lw_transport, G_TYPE_OBJECT)

static void
lw_transport_finalize (GObject *object)
{
  LwTransport *self = LW_TRANSPORT (object);

  g_clear_pointer (&self->cloud, lw_cloud_unref);
  g_clear_object (&self->identity);
  g_clear_pointer (&self->wire, lw_wire_unref);
  g_clear_pointer (&self->pace, lw_pace_free);
  g_clear_pointer (&self->lanes, g_hash_table_unref);
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
  self->pace = lw_pace_new ();
  self->lanes =
      g_hash_table_new_full (g_str_hash, g_str_equal, g_free, (GDestroyNotify) lw_lane_free);
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

LwSending *
lw_sending_new (LwTransport *transport, LwAudience audience, const char *method, const char *url)
{
  LwSending *self = g_new0 (LwSending, 1);

  self->transport = g_object_ref (transport);
  self->audience = audience;
  self->method = g_strdup (method);
  self->url = g_strdup (url);
  return self;
}

void
lw_sending_free (gpointer data)
{
  LwSending *self = data;

  g_object_unref (self->transport);
  g_free (self->method);
  g_free (self->url);
  g_strfreev (self->headers);
  g_clear_pointer (&self->body, g_bytes_unref);
  g_free (self->content_type);
  g_clear_pointer (&self->uri, g_uri_unref);
  g_free (self->request_id);
  g_clear_error (&self->refusal);
  g_free (self);
}

/* What came instead of JSON, in a sentence. */
static GError *
not_json_error (const LwSending *self, LwAnswer *answer, const GError *cause)
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
  LwSending *self = data;
  g_autoptr (GError) error = NULL;
  g_autoptr (LwAnswer) answer = NULL;
  gboolean is_page = self->reader.member != NULL;
  gpointer made;

  answer = dex_await_boxed (lw_transport_send (self->transport, self->audience, self->method,
                                               self->url, (const char *const *) self->headers,
                                               self->body, self->content_type, self->idempotent),
                            &error);
  if (answer == NULL)
    return dex_future_new_for_error (g_steal_pointer (&error));
  made = dex_await_boxed (
      lw_gate (is_page ? lw_page_read (answer->body, &self->reader) : lw_parse_json (answer->body)),
      &error);
  if (made == NULL && lw_wire_is_cancelled (error))
    return dex_future_new_for_error (g_steal_pointer (&error));
  if (made == NULL)
    return dex_future_new_for_error (not_json_error (self, answer, error));
  return dex_future_new_take_boxed (is_page ? LW_TYPE_PAGE : JSON_TYPE_NODE, made);
}

DexFuture *
lw_sending_json (LwSending *self)
{
  return lw_spawn (json_fiber, self, lw_sending_free);
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
  LwSending *sending;

  dex_return_error_if_fail (LW_IS_TRANSPORT (self));
  dex_return_error_if_fail (method != NULL && url != NULL);

  sending = lw_sending_new (self, audience, method, url);
  sending->headers = g_strdupv ((GStrv) headers);
  sending->idempotent = idempotent;
  if (body != NULL)
    {
      char *text = json_to_string (body, FALSE);

      sending->body = g_bytes_new_take (text, strlen (text));
      sending->content_type = g_strdup ("application/json; charset=utf-8");
    }
  return lw_sending_json (sending);
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
