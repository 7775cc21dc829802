/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "config.h"

#include <glib/gi18n-lib.h>
#include <string.h>

#include "lw-entra.h"
#include "lw-fault.h"
#include "lw-json.h"
#include "lw-trace.h"

#define ATTEMPT_MS   30000
#define MAX_ATTEMPTS 4
#define PAUSE_MS     500
#define MAX_LIFETIME (7 * 24 * 3600)
#define MAX_REPLY    (1024 * 1024)

/* RFC 8628, section 3.2, and what is sensible */
#define DEFAULT_INTERVAL 5
#define MAX_INTERVAL     60
#define MAX_CODE_LIFE    3600

LwEntraTokens *
lw_entra_tokens_copy (const LwEntraTokens *self)
{
  LwEntraTokens *copy = g_new0 (LwEntraTokens, 1);

  copy->access_token = g_strdup (self->access_token);
  copy->expires_in = self->expires_in;
  copy->refresh_token = g_strdup (self->refresh_token);
  copy->id_token = g_strdup (self->id_token);
  return copy;
}

void
lw_entra_tokens_free (LwEntraTokens *self)
{
  g_free (self->access_token);
  g_free (self->refresh_token);
  g_free (self->id_token);
  g_free (self);
}

G_DEFINE_BOXED_TYPE (LwEntraTokens, lw_entra_tokens, lw_entra_tokens_copy, lw_entra_tokens_free)

LwEntraDevice *
lw_entra_device_copy (const LwEntraDevice *self)
{
  LwEntraDevice *copy = g_new0 (LwEntraDevice, 1);

  copy->device_code = g_strdup (self->device_code);
  copy->user_code = g_strdup (self->user_code);
  copy->uri = g_strdup (self->uri);
  copy->expires_in = self->expires_in;
  copy->interval = self->interval;
  return copy;
}

void
lw_entra_device_free (LwEntraDevice *self)
{
  g_free (self->device_code);
  g_free (self->user_code);
  g_free (self->uri);
  g_free (self);
}

G_DEFINE_BOXED_TYPE (LwEntraDevice, lw_entra_device, lw_entra_device_copy, lw_entra_device_free)

char *
lw_form_encode (const char *const *pairs)
{
  g_autoptr (GString) text = g_string_new (NULL);

  for (guint i = 0; pairs[i] != NULL; i += 2)
    {
      if (pairs[i][0] == '\0')
        continue;
      if (text->len > 0)
        g_string_append_c (text, '&');
      g_string_append (text, pairs[i]);
      g_string_append_c (text, '=');
      g_string_append_uri_escaped (text, pairs[i + 1], NULL, FALSE);
    }
  return g_string_free (g_steal_pointer (&text), FALSE);
}

static GError *
try_later (guint status, const char *code, const char *url)
{
  LwAzureErrorDetails details = { .status = status,
                                  .code = (char *) code,
                                  .url = (char *) url,
                                  .at = g_get_real_time () / G_USEC_PER_SEC };

  if (status == 429)
    return lw_azure_error_new (
        LW_AZURE_ERROR_THROTTLED, &details,
        _ ("Microsoft Entra asks to slow down. Try again in a few minutes."));
  return lw_azure_error_new (
      LW_AZURE_ERROR_SERVER, &details,
      _ ("Microsoft Entra has trouble at the moment. Try again in a few minutes."));
}

/* A number, or a text with one, as older endpoints give it. */
static gint64
read_seconds (JsonObject *reply, const char *member, gint64 otherwise)
{
  const char *text = lw_json_get_string (reply, member);

  return text != NULL ? g_ascii_strtoll (text, NULL, 10)
                      : lw_json_get_int (reply, member, otherwise);
}

/* What may stand in a header: visible ASCII. */
static gboolean
is_token_text (const char *text)
{
  for (const char *p = text; *p != '\0'; p++)
    {
      if (*p <= ' ' || *p > '~')
        return FALSE;
    }
  return text[0] != '\0';
}

/* Whether the reply is a refusal or an interruption, with @error set. */
static gboolean
is_refused (guint status, JsonObject *reply, const char *url, GError **error)
{
  const char *code = lw_json_get_string (reply, "error");
  const char *description = lw_json_get_string (reply, "error_description");

  if (status == 429 || status >= 500 || g_strcmp0 (code, "temporarily_unavailable") == 0)
    {
      g_propagate_error (error, try_later (status, code, url));
      return TRUE;
    }
  if (code != NULL || (description != NULL && status >= 400))
    {
      const LwEntraRefusal refusal = {
        .code = code,
        .suberror = lw_json_get_string (reply, "suberror"),
        .description = description,
        .numbers = lw_json_get_array (reply, "error_codes"),
        .correlation_id = lw_json_get_string (reply, "correlation_id"),
        .timestamp = lw_json_get_string (reply, "timestamp"),
        .claims = lw_json_get_string (reply, "claims"),
        .url = url,
        .status = status,
      };

      g_propagate_error (error, lw_entra_refusal_to_error (&refusal));
      return TRUE;
    }
  return FALSE;
}

static GError *
not_understood (guint status, const char *url)
{
  const LwAzureErrorDetails details = { .status = status,
                                        .url = (char *) url,
                                        .at = g_get_real_time () / G_USEC_PER_SEC };

  return lw_azure_error_new (LW_AZURE_ERROR_PROTOCOL, &details,
                             _ ("The sign-in service gave an answer that cannot be understood. "
                                "Check the login endpoint of "
                                "the connection and the network's proxy."));
}

static LwEntraTokens *
read_tokens (guint status, GBytes *body, const char *url, GError **error)
{
  g_autoptr (JsonNode) node = lw_json_parse (body, MAX_REPLY, NULL);
  JsonObject *reply = lw_json_node_object (node);
  const char *access_token = lw_json_get_string (reply, "access_token");
  LwEntraTokens *tokens;

  if (is_refused (status, reply, url, error))
    return NULL;
  if (status != 200 || access_token == NULL || !is_token_text (access_token))
    {
      g_propagate_error (error, not_understood (status, url));
      return NULL;
    }
  tokens = g_new0 (LwEntraTokens, 1);
  tokens->access_token = g_strdup (access_token);
  tokens->expires_in = CLAMP (read_seconds (reply, "expires_in", 0), 0, MAX_LIFETIME);
  tokens->refresh_token = g_strdup (lw_json_get_string (reply, "refresh_token"));
  tokens->id_token = g_strdup (lw_json_get_string (reply, "id_token"));
  return tokens;
}

LwEntraTokens *
lw_entra_read_reply (guint status, GBytes *body, GError **error)
{
  return read_tokens (status, body, NULL, error);
}

static LwEntraDevice *
read_device (guint status, GBytes *body, const char *url, GError **error)
{
  g_autoptr (JsonNode) node = lw_json_parse (body, MAX_REPLY, NULL);
  JsonObject *reply = lw_json_node_object (node);
  const char *device_code = lw_json_get_string (reply, "device_code");
  const char *user_code = lw_json_get_string (reply, "user_code");
  const char *uri = lw_json_get_string (reply, "verification_uri");
  LwEntraDevice *device;

  if (is_refused (status, reply, url, error))
    return NULL;
  if (uri == NULL)
    uri = lw_json_get_string (reply, "verification_url");
  if (status != 200 || device_code == NULL || user_code == NULL || user_code[0] == '\0' ||
      !lw_url_is_trustworthy (uri))
    {
      g_propagate_error (error, not_understood (status, url));
      return NULL;
    }
  device = g_new0 (LwEntraDevice, 1);
  device->device_code = g_strdup (device_code);
  device->user_code = g_strdup (user_code);
  device->uri = g_strdup (uri);
  device->expires_in = CLAMP (read_seconds (reply, "expires_in", 900), 1, MAX_CODE_LIFE);
  device->interval =
      (guint) CLAMP (read_seconds (reply, "interval", DEFAULT_INTERVAL), 1, MAX_INTERVAL);
  return device;
}

/* Client capabilities and the claims of a challenge */

/* The object @member of @parent, made where there is none. */
static JsonObject *
ensure_object (JsonObject *parent, const char *member)
{
  JsonObject *object = lw_json_get_object (parent, member);

  if (object == NULL)
    {
      object = json_object_new ();
      json_object_set_object_member (parent, member, object);
    }
  return object;
}

char *
lw_entra_claims (const char *challenge)
{
  g_autoptr (JsonNode) node = challenge != NULL ? lw_json_parse_string (challenge, NULL) : NULL;
  JsonObject *asked = lw_json_node_object (node);
  g_autoptr (JsonObject) claims = asked != NULL ? lw_json_object_copy (asked) : json_object_new ();
  JsonObject *capabilities = ensure_object (ensure_object (claims, "access_token"), "xms_cc");
  JsonArray *values = json_array_new ();
  g_autoptr (JsonNode) whole = NULL;

  json_array_add_string_element (values, "cp1");
  json_object_set_array_member (capabilities, "values", values);
  whole = lw_json_object_to_node (claims);
  return json_to_string (whole, FALSE);
}

/* Asking */

char *
lw_entra_url (LwProfile *profile, const char *name)
{
  return g_strdup_printf ("%s/%s/oauth2/v2.0/%s", lw_profile_get_cloud (profile)->login,
                          lw_profile_get_tenant (profile), name);
}

typedef struct
{
  LwWire *wire;
  char *url;
  GBytes *form;
  gboolean device; /* a device code is asked for, else tokens */
  gboolean again;
} Asking;

static void
asking_free (gpointer data)
{
  Asking *self = data;

  lw_wire_unref (self->wire);
  g_free (self->url);
  g_bytes_unref (self->form);
  g_free (self);
}

static void
wipe (gpointer text)
{
  explicit_bzero (text, strlen (text));
  g_free (text);
}

static Asking *
asking_new (LwWire *wire, LwProfile *profile, const char *name, const char *const *form)
{
  Asking *self = g_new0 (Asking, 1);
  char *text = lw_form_encode (form);

  self->wire = lw_wire_ref (wire);
  self->url = lw_entra_url (profile, name);
  self->form = g_bytes_new_with_free_func (text, strlen (text), wipe, text);
  return self;
}

static gboolean
is_passing (const GError *error)
{
  return g_error_matches (error, LW_AZURE_ERROR, LW_AZURE_ERROR_NETWORK) ||
         g_error_matches (error, LW_AZURE_ERROR, LW_AZURE_ERROR_TIMED_OUT) ||
         g_error_matches (error, LW_AZURE_ERROR, LW_AZURE_ERROR_THROTTLED) ||
         g_error_matches (error, LW_AZURE_ERROR, LW_AZURE_ERROR_SERVER);
}

/* What the answer means. (nullable) (transfer full) */
static DexFuture *
read_answer (Asking *self, LwAnswer *answer, GError **error)
{
  g_autofree char *url = g_strconcat ("POST ", self->url, NULL);

  if (self->device)
    {
      LwEntraDevice *device = read_device (answer->status, answer->body, url, error);

      return device != NULL ? dex_future_new_take_boxed (LW_TYPE_ENTRA_DEVICE, device) : NULL;
    }
  else
    {
      LwEntraTokens *tokens = read_tokens (answer->status, answer->body, url, error);

      return tokens != NULL ? dex_future_new_take_boxed (LW_TYPE_ENTRA_TOKENS, tokens) : NULL;
    }
}

static DexFuture *
ask_fiber (gpointer data)
{
  static const char *const headers[] = { "Accept", "application/json", NULL };
  Asking *self = data;

  for (guint attempt = 1;; attempt++)
    {
      g_autoptr (GError) error = NULL;
      g_autoptr (LwAnswer) answer = NULL;
      DexFuture *result = NULL;
      gint64 wait_ms = -1;

      answer =
          dex_await_boxed (lw_wire_exchange (self->wire, "POST", self->url, headers, self->form,
                                             "application/x-www-form-urlencoded", ATTEMPT_MS),
                           &error);
      if (answer != NULL)
        {
          wait_ms = lw_answer_retry_after (answer);
          result = read_answer (self, answer, &error);
        }
      if (result != NULL)
        return result;
      if (!self->again || attempt == MAX_ATTEMPTS || !is_passing (error) || wait_ms > ATTEMPT_MS ||
          !lw_sleep (wait_ms >= 0 ? (guint) wait_ms : lw_retry_pause (attempt, PAUSE_MS)))
        return dex_future_new_for_error (g_steal_pointer (&error));
    }
}

DexFuture *
lw_entra_request_token (LwWire *wire, LwProfile *profile, const char *const *form, gboolean again)
{
  Asking *asking = asking_new (wire, profile, "token", form);

  asking->again = again;
  return lw_spawn (ask_fiber, asking, asking_free);
}

DexFuture *
lw_entra_request_device_code (LwWire *wire, LwProfile *profile, const char *const *form)
{
  Asking *asking = asking_new (wire, profile, "devicecode", form);

  asking->device = TRUE;
  asking->again = TRUE;
  return lw_spawn (ask_fiber, asking, asking_free);
}
