/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Sign-in: discovery, authorization code with PKCE, and the device code's page. */

#include "lw-demo-entra.h"

#include "lw-demo-json.h"

#include <string.h>

#define CODE_SECONDS 600

static void
grant_free (gpointer data)
{
  LwDemoGrant *self = data;

  g_free (self->client_id);
  g_free (self->redirect_uri);
  g_free (self->challenge);
  g_free (self->nonce);
  g_free (self->scope);
  g_free (self->user_code);
  g_free (self);
}

LwDemoGrant *
lw_demo_grant_new (LwDemoPerson *person, const char *client_id, const char *scope)
{
  LwDemoGrant *self = g_new0 (LwDemoGrant, 1);

  self->person = person;
  self->client_id = g_strdup (client_id);
  self->scope = g_strdup (scope != NULL ? scope : "");
  self->expires = g_get_real_time () / G_USEC_PER_SEC + CODE_SECONDS;

  return self;
}

void
lw_demo_entra_start (LwDemo *demo)
{
  demo->codes = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, grant_free);
  demo->refresh = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, grant_free);
  demo->devices = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, grant_free);
  demo->assertions = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
}

gboolean
lw_demo_entra_owns (LwDemoCall *self)
{
  return lw_demo_call_path_is (self, 0, "common") ||
         lw_demo_call_path_is (self, 0, "devicelogin") ||
         (self->n_path >= 2 &&
          (lw_demo_call_path_is (self, 1, "oauth2") || lw_demo_call_path_is (self, 1, "v2.0") ||
           lw_demo_call_path_is (self, 1, ".well-known") ||
           lw_demo_call_path_is (self, 1, "discovery")));
}

void
lw_demo_entra_fail (LwDemoCall *self,
                    guint status,
                    const char *error,
                    guint number,
                    const char *format,
                    ...)
{
  g_autoptr (JsonObject) object = json_object_new ();
  JsonArray *codes = json_array_new ();
  g_autoptr (GDateTime) now = g_date_time_new_now_utc ();
  g_autofree char *stamp = g_date_time_format (now, "%Y-%m-%d %H:%M:%SZ");
  g_autofree char *trace = g_uuid_string_random ();
  g_autofree char *text = NULL;
  g_autofree char *description = NULL;
  g_autofree char *uri = g_strdup_printf ("%s/error?code=%u", self->base, number);
  va_list args;

  va_start (args, format);
  text = g_strdup_vprintf (format, args);
  va_end (args);
  description = g_strdup_printf ("AADSTS%u: %s Trace ID: %s Correlation ID: %s Timestamp: %s",
                                 number, text, trace, self->request_id, stamp);
  json_object_set_string_member (object, "error", error);
  json_object_set_string_member (object, "error_description", description);
  json_array_add_int_element (codes, number);
  json_object_set_array_member (object, "error_codes", codes);
  json_object_set_string_member (object, "timestamp", stamp);
  json_object_set_string_member (object, "trace_id", trace);
  json_object_set_string_member (object, "correlation_id", self->request_id);
  json_object_set_string_member (object, "error_uri", uri);
  lw_demo_call_set_header (self, "Cache-Control", "no-store, no-cache");
  lw_demo_call_reply_object (self, status, object);
}

static gboolean
knows_tenant (LwDemoCall *self)
{
  return lw_demo_call_path_is (self, 0, self->tenant->id) ||
         lw_demo_call_path_is (self, 0, "organizations") ||
         lw_demo_call_path_is (self, 0, "common") ||
         (self->tenant->domain != NULL && lw_demo_call_path_is (self, 0, self->tenant->domain));
}

static void
add_strings (JsonObject *object, const char *name, const char *const *values)
{
  JsonArray *array = json_array_new ();

  for (guint i = 0; values[i] != NULL; i++)
    json_array_add_string_element (array, values[i]);
  json_object_set_array_member (object, name, array);
}

static void
configuration (LwDemoCall *self)
{
  g_autoptr (JsonObject) object = json_object_new ();
  g_autofree char *here = g_strdup_printf ("%s/%s", self->base, self->tenant->id);
  const struct
  {
    const char *name, *path;
  } addresses[] = {
    { "token_endpoint", "oauth2/v2.0/token" },
    { "jwks_uri", "discovery/v2.0/keys" },
    { "issuer", "v2.0" },
    { "authorization_endpoint", "oauth2/v2.0/authorize" },
    { "device_authorization_endpoint", "oauth2/v2.0/devicecode" },
    { "end_session_endpoint", "oauth2/v2.0/logout" },
  };

  for (guint i = 0; i < G_N_ELEMENTS (addresses); i++)
    {
      g_autofree char *address = g_strdup_printf ("%s/%s", here, addresses[i].path);

      json_object_set_string_member (object, addresses[i].name, address);
    }
  add_strings (object, "response_types_supported", (const char *[]) { "code", NULL });
  add_strings (object, "response_modes_supported", (const char *[]) { "query", NULL });
  add_strings (object, "subject_types_supported", (const char *[]) { "pairwise", NULL });
  add_strings (object, "id_token_signing_alg_values_supported", (const char *[]) { "RS256", NULL });
  add_strings (object, "code_challenge_methods_supported", (const char *[]) { "S256", NULL });
  add_strings (object, "token_endpoint_auth_methods_supported",
               (const char *[]) { "client_secret_post", "private_key_jwt", NULL });
  add_strings (object, "scopes_supported",
               (const char *[]) { "openid", "profile", "email", "offline_access", NULL });
  json_object_set_string_member (object, "tenant_region_scope", "EU");
  lw_demo_call_reply_object (self, 200, object);
}

/* http://localhost or http://127.0.0.1, any port; the path counts only in that it must be equal
 * when the code is redeemed. */
static gboolean
is_loopback (const char *redirect)
{
  g_autoptr (GUri) uri = redirect != NULL ? g_uri_parse (redirect, G_URI_FLAGS_NONE, NULL) : NULL;
  const char *host = uri != NULL ? g_uri_get_host (uri) : NULL;

  return host != NULL && g_str_equal (g_uri_get_scheme (uri), "http") &&
         g_uri_get_fragment (uri) == NULL &&
         (g_str_equal (host, "localhost") || g_str_equal (host, "127.0.0.1"));
}

static void
redirect_to (LwDemoCall *self, const char *redirect, const char *query)
{
  g_autofree char *location =
      g_strconcat (redirect, strchr (redirect, '?') != NULL ? "&" : "?", query, NULL);

  lw_demo_call_set_header (self, "Cache-Control", "no-store, no-cache");
  soup_server_message_set_redirect (self->message, 302, location);
}

static void
redirect_error (LwDemoCall *self, const char *error, const char *description)
{
  const char *state = lw_demo_call_query (self, "state");
  g_autofree char *text = g_uri_escape_string (description, NULL, FALSE);
  g_autofree char *kept = g_uri_escape_string (state != NULL ? state : "", NULL, FALSE);
  g_autofree char *query =
      g_strdup_printf ("error=%s&error_description=%s&state=%s", error, text, kept);

  redirect_to (self, lw_demo_call_query (self, "redirect_uri"), query);
}

static void
answer_with_code (LwDemoCall *self, LwDemoPerson *person)
{
  LwDemoGrant *grant = lw_demo_grant_new (person, lw_demo_call_query (self, "client_id"),
                                          lw_demo_call_query (self, "scope"));
  const char *state = lw_demo_call_query (self, "state");
  g_autofree char *code = lw_demo_random_text (48);
  g_autofree char *kept = state != NULL ? g_uri_escape_string (state, NULL, FALSE) : NULL;
  g_autofree char *session = g_uuid_string_random ();
  g_autofree char *query =
      g_strdup_printf ("code=%s%s%s&session_state=%s", code, kept != NULL ? "&state=" : "",
                       kept != NULL ? kept : "", session);

  grant->redirect_uri = g_strdup (lw_demo_call_query (self, "redirect_uri"));
  grant->challenge = g_strdup (lw_demo_call_query (self, "code_challenge"));
  grant->nonce = g_strdup (lw_demo_call_query (self, "nonce"));
  lw_demo_note_secret (self->demo, "code", code);
  g_hash_table_replace (self->demo->codes, g_steal_pointer (&code), grant);
  redirect_to (self, lw_demo_call_query (self, "redirect_uri"), query);
}

static LwDemoPerson *
persona (LwDemoCall *self, const char *who)
{
  LwDemoPerson *person = who != NULL ? lw_demo_tenant_find_person (self->tenant, who) : NULL;

  return person != NULL && person->app_id == NULL ? person : NULL;
}

static void
authorize (LwDemoCall *self)
{
  const char *client = lw_demo_call_query (self, "client_id");
  const char *redirect = lw_demo_call_query (self, "redirect_uri");
  const char *method = lw_demo_call_query (self, "code_challenge_method");
  const char *challenge = lw_demo_call_query (self, "code_challenge");
  const char *type = lw_demo_call_query (self, "response_type");
  const char *mode = lw_demo_call_query (self, "response_mode");
  const char *prompt = lw_demo_call_query (self, "prompt");
  const char *hint = lw_demo_call_query (self, "login_hint");
  LwDemoPerson *chosen = persona (self, lw_demo_call_query (self, "persona"));
  gboolean silent = g_strcmp0 (prompt, "none") == 0;

  if (client == NULL || g_ascii_strcasecmp (client, self->tenant->client_id) != 0)
    lw_demo_page_error (self, "AADSTS700016",
                        "The application with this client id was not found in the directory.");
  else if (!is_loopback (redirect))
    lw_demo_page_error (self, "AADSTS50011",
                        "The redirect address of the request is not one that the application has "
                        "registered: it must be http://localhost or http://127.0.0.1.");
  else if (g_strcmp0 (type, "code") != 0 || (mode != NULL && !g_str_equal (mode, "query")))
    redirect_error (self, "unsupported_response_type",
                    "AADSTS70005: Only response_type=code with response_mode=query is served.");
  else if (g_strcmp0 (method, "S256") != 0 || challenge == NULL || strlen (challenge) != 43)
    redirect_error (self, "invalid_request",
                    "AADSTS9002325: Proof Key for Code Exchange is required: code_challenge with "
                    "code_challenge_method S256.");
  else if (chosen != NULL)
    answer_with_code (self, chosen);
  else if (silent && hint != NULL && persona (self, hint) != NULL)
    answer_with_code (self, persona (self, hint));
  else if (self->demo->auto_sign_in != NULL)
    answer_with_code (self, persona (self, self->demo->auto_sign_in));
  else if (silent)
    redirect_error (self, "login_required",
                    "AADSTS50058: A silent sign-in request was sent but no user is signed in.");
  else
    lw_demo_page (self, self->query, hint);
}

static void
device_code (LwDemoCall *self)
{
  g_autoptr (GHashTable) form = lw_demo_call_form (self);
  const char *client = g_hash_table_lookup (form, "client_id");
  g_autoptr (JsonObject) object = json_object_new ();
  g_autofree char *code = lw_demo_random_text (48);
  g_autofree char *uri = g_strconcat (self->base, "/devicelogin", NULL);
  g_autofree char *uuid = g_uuid_string_random ();
  g_autofree char *user_code = g_ascii_strup (uuid, 8);
  g_autofree char *message = NULL;
  LwDemoGrant *grant;

  if (client == NULL || g_ascii_strcasecmp (client, self->tenant->client_id) != 0)
    {
      lw_demo_entra_fail (self, 400, "unauthorized_client", 700016,
                          "The application with this client id was not found in the directory.");
      return;
    }

  grant = lw_demo_grant_new (NULL, client, g_hash_table_lookup (form, "scope"));
  grant->expires = g_get_real_time () / G_USEC_PER_SEC + self->demo->device_seconds;
  grant->interval = self->demo->device_interval;
  grant->user_code = g_strdup (user_code);
  if (self->demo->auto_sign_in != NULL)
    grant->person = persona (self, self->demo->auto_sign_in);
  message =
      g_strdup_printf ("To sign in, use a web browser to open the page %s and enter the code %s "
                       "to authenticate.",
                       uri, user_code);
  json_object_set_string_member (object, "user_code", user_code);
  json_object_set_string_member (object, "device_code", code);
  json_object_set_string_member (object, "verification_uri", uri);
  json_object_set_int_member (object, "expires_in", self->demo->device_seconds);
  json_object_set_int_member (object, "interval", self->demo->device_interval);
  json_object_set_string_member (object, "message", message);
  lw_demo_note_secret (self->demo, "device_code", code);
  g_hash_table_replace (self->demo->devices, g_steal_pointer (&code), grant);
  lw_demo_call_reply_object (self, 200, object);
}

static void
device_login (LwDemoCall *self)
{
  const char *user_code = lw_demo_call_query (self, "user_code");
  LwDemoPerson *person = persona (self, lw_demo_call_query (self, "persona"));
  gboolean declined = lw_demo_call_query (self, "decline") != NULL;
  GHashTableIter iter;
  gpointer value;

  if (person == NULL && !declined)
    {
      lw_demo_page (self, NULL, NULL);
      return;
    }
  g_hash_table_iter_init (&iter, self->demo->devices);
  while (g_hash_table_iter_next (&iter, NULL, &value))
    {
      LwDemoGrant *grant = value;

      if (user_code != NULL && g_ascii_strcasecmp (grant->user_code, user_code) == 0)
        {
          grant->person = person;
          grant->declined = declined;
          lw_demo_call_reply (self, 200, "text/html; charset=utf-8",
                              g_strdup (declined
                                            ? "<!doctype html><title>Declined</title><p>You have "
                                              "declined. You may close this window."
                                            : "<!doctype html><title>Signed in</title><p>You have "
                                              "signed in. You may close this window."));
          return;
        }
    }
  lw_demo_page_error (self, "AADSTS7000112", "That code did not work. Check it and try again.");
}

static void
instance_discovery (LwDemoCall *self)
{
  g_autoptr (JsonObject) object = json_object_new ();
  g_autofree char *endpoint =
      g_strdup_printf ("%s/%s/v2.0/.well-known/openid-configuration", self->base, self->tenant->id);

  json_object_set_string_member (object, "tenant_discovery_endpoint", endpoint);
  json_object_set_string_member (object, "api-version", "1.1");
  json_object_set_array_member (object, "metadata", json_array_new ());
  lw_demo_call_reply_object (self, 200, object);
}

void
lw_demo_entra_handle (LwDemoCall *self)
{
  g_autofree char *path = NULL;
  g_autofree char *rest = NULL;

  if (lw_demo_call_path_is (self, 0, "devicelogin"))
    {
      device_login (self);
      return;
    }
  if (lw_demo_call_path_is (self, 1, "discovery") && lw_demo_call_path_is (self, 2, "instance"))
    {
      instance_discovery (self);
      return;
    }
  if (!knows_tenant (self))
    {
      lw_demo_entra_fail (
          self, 400, "invalid_tenant", 90002,
          "Tenant '%s' not found. Check to make sure you have the correct tenant ID "
          "and are signing into the correct cloud.",
          self->path[0]);
      return;
    }

  path = lw_demo_call_path (self, self->n_path);
  rest = g_ascii_strdown (path + 1 + strlen (self->path[0]), -1);
  if (g_str_equal (rest, "/v2.0/.well-known/openid-configuration") ||
      g_str_equal (rest, "/.well-known/openid-configuration"))
    configuration (self);
  else if (g_str_equal (rest, "/oauth2/v2.0/authorize"))
    authorize (self);
  else if (g_str_equal (rest, "/oauth2/v2.0/token") && lw_demo_call_is (self, "POST"))
    lw_demo_entra_token (self);
  else if (g_str_equal (rest, "/oauth2/v2.0/devicecode") && lw_demo_call_is (self, "POST"))
    device_code (self);
  else if (g_str_equal (rest, "/discovery/v2.0/keys"))
    lw_demo_call_reply_json (self, 200, g_strdup ("{\"keys\":[]}"));
  else
    lw_demo_call_fail_not_found (self);
}
