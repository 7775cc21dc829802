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

/* Refusals. The numbers only choose the words; what is done depends on "error" alone. */

static int
aadsts_number (const char *description)
{
  const char *at = description != NULL ? strstr (description, "AADSTS") : NULL;

  return at != NULL ? (int) MIN (g_ascii_strtoull (at + 6, NULL, 10), (guint64) G_MAXINT) : 0;
}

static const char *
sentence_for_number (int number)
{
  switch (number)
    {
    case 50072:
    case 50074:
    case 50076:
    case 50079:
      return _ ("A second factor is asked for. Sign in again in the browser and confirm it there.");
    case 65001:
    case 65004:
    case 90094:
    case 90095:
      return _ (
          "The app registration lacks consent. Ask an administrator of the tenant to grant it "
          "(Entra admin center, App registrations, API permissions, Grant admin consent).");
    case 53000:
    case 53001:
    case 53002:
    case 53003:
    case 530032:
    case 530034:
      return _ ("A Conditional Access policy blocks this sign-in. Use a managed device or the "
                "network that "
                "it asks for, or show the administrator the code below.");
    case 50105:
      return _ (
          "The account is not assigned to the app. Ask an administrator to assign you (Enterprise "
          "applications, Users and groups).");
    case 50020:
    case 50034:
      return _ (
          "This account is not in that tenant. Sign in with an account of the tenant, or have it "
          "invited as a guest.");
    case 50057:
      return _ ("This account is disabled. Ask an administrator of the tenant.");
    case 700016:
      return _ (
          "There is no app with this client id in the tenant. Check tenant and client id of the "
          "connection.");
    case 90002:
      return _ ("There is no such tenant. Check the tenant of the connection.");
    case 7000215:
    case 7000222:
      return _ ("The app's client secret is wrong or has expired. Make a new one and enter it.");
    case 7000218:
      return _ (
          "The app registration is not set up for desktop apps. Under Authentication, add the "
          "platform “Mobile and desktop applications” and allow public client flows.");
    case 70043:
    case 70044:
    case 700081:
    case 700082:
    case 700084:
      return _ ("The sign-in is too old. Sign in again.");
    case 50173:
      return _ ("The sign-in was revoked, for instance since the password changed. Sign in again.");
    case 50011:
      return _ (
          "The app registration does not allow the address that the browser must return to. Under "
          "Authentication, add http://localhost to “Mobile and desktop applications”.");
    case 500011:
      return _ ("The tenant does not know the service that was asked for. Check the cloud of the "
                "connection.");
    case 50058:
      return _ ("Nobody is signed in in the browser. Sign in again.");
    default:
      return NULL;
    }
}

static const char *
sentence_for_error (const char *code)
{
  if (g_str_equal (code, "access_denied") || g_str_equal (code, "authorization_declined"))
    return _ ("The sign-in was cancelled or refused in the browser.");
  if (g_str_equal (code, "interaction_required") || g_str_equal (code, "login_required"))
    return _ ("Microsoft Entra asks you to sign in again.");
  if (g_str_equal (code, "consent_required"))
    return _ (
        "The app registration lacks consent. Sign in again to give it, or ask an administrator "
        "of the tenant.");
  if (g_str_equal (code, "invalid_grant"))
    return _ ("The sign-in is no longer accepted. Sign in again.");
  if (g_str_equal (code, "unauthorized_client") || g_str_equal (code, "invalid_client"))
    return _ ("The app registration does not allow this way to sign in. Check it with your "
              "administrator.");
  return _ ("Microsoft Entra refuses the sign-in.");
}

/* The description without what follows for support: trace id, correlation id and time. */
static char *
first_lines (const char *description)
{
  g_auto (GStrv) parts = g_regex_split_simple ("\\s*Trace ID:", description, G_REGEX_CASELESS, 0);
  g_autofree char *valid = g_utf8_make_valid (parts[0] != NULL ? parts[0] : "", -1);
  g_autofree char *masked = lw_mask_secrets (valid);

  g_strdelimit (masked, "\r\n\t", ' ');
  if (g_utf8_strlen (masked, -1) > 500)
    {
      g_autofree char *cut = g_utf8_substring (masked, 0, 500);

      return g_strconcat (cut, "…", NULL);
    }
  return g_strstrip (g_steal_pointer (&masked));
}

GError *
lw_entra_refusal (const char *code,
                  const char *description,
                  const char *correlation_id,
                  const char *claims)
{
  const char *known = sentence_for_number (aadsts_number (description));
  g_autofree char *lines = description != NULL ? first_lines (description) : NULL;
  g_autoptr (GString) text =
      g_string_new (known != NULL ? known : sentence_for_error (code != NULL ? code : ""));
  LwAzureErrorDetails details = { .code = (char *) code,
                                  .message = lines,
                                  .request_id = (char *) correlation_id,
                                  .claims = (char *) claims,
                                  .at = g_get_real_time () / G_USEC_PER_SEC };

  if (lines != NULL && lines[0] != '\0')
    g_string_append_printf (text, " %s", lines);
  else if (code != NULL && code[0] != '\0')
    g_string_append_printf (text, " (%s)", code);
  return lw_azure_error_new (LW_AZURE_ERROR_SIGN_IN, &details, text->str);
}

static GError *
try_later (guint status, const char *code)
{
  LwAzureErrorDetails details = { .status = status,
                                  .code = (char *) code,
                                  .at = g_get_real_time () / G_USEC_PER_SEC };

  if (status == 429)
    return lw_azure_error_new (
        LW_AZURE_ERROR_THROTTLED, &details,
        _ ("Microsoft Entra asks to slow down. Try again in a few minutes."));
  return lw_azure_error_new (
      LW_AZURE_ERROR_SERVER, &details,
      _ ("Microsoft Entra has trouble at the moment. Try again in a few minutes."));
}

static gint64
read_lifetime (JsonObject *reply)
{
  const char *text = lw_json_get_string (reply, "expires_in");
  gint64 seconds =
      text != NULL ? g_ascii_strtoll (text, NULL, 10) : lw_json_get_int (reply, "expires_in", 0);

  return CLAMP (seconds, 0, MAX_LIFETIME);
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

LwEntraTokens *
lw_entra_read_reply (guint status, GBytes *body, GError **error)
{
  g_autoptr (JsonNode) node = lw_json_parse (body, 1024 * 1024, NULL);
  JsonObject *reply = lw_json_node_object (node);
  const char *code = lw_json_get_string (reply, "error");
  const char *description = lw_json_get_string (reply, "error_description");
  const char *access_token = lw_json_get_string (reply, "access_token");
  LwEntraTokens *tokens;

  if (status == 429 || status >= 500 || g_strcmp0 (code, "temporarily_unavailable") == 0)
    {
      g_propagate_error (error, try_later (status, code));
      return NULL;
    }
  if (code != NULL || (description != NULL && status >= 400))
    {
      GError *refusal =
          lw_entra_refusal (code, description, lw_json_get_string (reply, "correlation_id"),
                            lw_json_get_string (reply, "claims"));

      g_propagate_error (error, refusal);
      return NULL;
    }
  if (status != 200 || access_token == NULL || !is_token_text (access_token))
    {
      g_set_error_literal (
          error, LW_AZURE_ERROR, LW_AZURE_ERROR_PROTOCOL,
          _ ("The sign-in service gave an answer that cannot be understood. Check the "
             "login endpoint of the connection and the network's proxy."));
      return NULL;
    }
  tokens = g_new0 (LwEntraTokens, 1);
  tokens->access_token = g_strdup (access_token);
  tokens->expires_in = read_lifetime (reply);
  tokens->refresh_token = g_strdup (lw_json_get_string (reply, "refresh_token"));
  tokens->id_token = g_strdup (lw_json_get_string (reply, "id_token"));
  return tokens;
}

typedef struct
{
  LwWire *wire;
  char *url;
  GBytes *form;
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

static gboolean
is_passing (const GError *error)
{
  return g_error_matches (error, LW_AZURE_ERROR, LW_AZURE_ERROR_NETWORK) ||
         g_error_matches (error, LW_AZURE_ERROR, LW_AZURE_ERROR_TIMED_OUT) ||
         g_error_matches (error, LW_AZURE_ERROR, LW_AZURE_ERROR_THROTTLED) ||
         g_error_matches (error, LW_AZURE_ERROR, LW_AZURE_ERROR_SERVER);
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
      LwEntraTokens *tokens = NULL;
      gint64 wait_ms = -1;

      answer =
          dex_await_boxed (lw_wire_exchange (self->wire, "POST", self->url, headers, self->form,
                                             "application/x-www-form-urlencoded", ATTEMPT_MS),
                           &error);
      if (answer != NULL)
        {
          wait_ms = lw_answer_retry_after (answer);
          tokens = lw_entra_read_reply (answer->status, answer->body, &error);
        }
      if (tokens != NULL)
        return dex_future_new_take_boxed (LW_TYPE_ENTRA_TOKENS, tokens);
      if (!self->again || attempt == MAX_ATTEMPTS || !is_passing (error) || wait_ms > ATTEMPT_MS ||
          !lw_sleep (wait_ms >= 0 ? (guint) wait_ms : lw_retry_pause (attempt, PAUSE_MS)))
        return dex_future_new_for_error (g_steal_pointer (&error));
    }
}

DexFuture *
lw_entra_request_token (LwWire *wire, LwProfile *profile, const char *const *form, gboolean again)
{
  LwCloud *cloud = lw_profile_get_cloud (profile);
  Asking *asking = g_new0 (Asking, 1);
  char *text = lw_form_encode (form);

  asking->wire = lw_wire_ref (wire);
  asking->url =
      g_strdup_printf ("%s/%s/oauth2/v2.0/token", cloud->login, lw_profile_get_tenant (profile));
  asking->form = g_bytes_new_take (text, strlen (text));
  asking->again = again;
  return lw_spawn (ask_fiber, asking, asking_free);
}
