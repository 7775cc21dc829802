/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Access tokens: issued, signed for this run alone, and read back. */

#include "lw-demo-faults.h"

#include "lw-demo-json.h"

#include <gio/gio.h>
#include <string.h>
#include <sys/random.h>
#include <unistd.h>

#define PERSONA_TOKEN_SECONDS (24 * 3600)

void
lw_demo_caller_free (LwDemoCaller *self)
{
  if (self == NULL)
    return;
  g_free (self->audience);
  g_strfreev (self->scopes);
  g_free (self);
}

char *
lw_demo_base64url (gconstpointer data, gsize length)
{
  char *text = g_base64_encode (data, length);

  g_strdelimit (text, "+", '-');
  g_strdelimit (text, "/", '_');
  while (g_str_has_suffix (text, "="))
    text[strlen (text) - 1] = '\0';

  return text;
}

static guint8 *
base64url_decode (const char *text, gsize *length)
{
  g_autoptr (GString) padded = g_string_new (text);

  g_strdelimit (padded->str, "-", '+');
  g_strdelimit (padded->str, "_", '/');
  while (padded->len % 4 != 0)
    g_string_append_c (padded, '=');

  return g_base64_decode (padded->str, length);
}

char *
lw_demo_random_text (guint bytes)
{
  guint8 data[64];

  bytes = MIN (bytes, sizeof data);
  if (getrandom (data, bytes, 0) != (gssize) bytes)
    g_error ("The system gives no random numbers");

  return lw_demo_base64url (data, bytes);
}

static char *
signature (LwDemo *demo, const char *text)
{
  g_autoptr (GHmac) hmac = g_hmac_new (G_CHECKSUM_SHA256, demo->key, sizeof demo->key);
  guint8 digest[32];
  gsize length = sizeof digest;

  g_hmac_update (hmac, (const guchar *) text, strlen (text));
  g_hmac_get_digest (hmac, digest, &length);

  return lw_demo_base64url (digest, length);
}

gint64
lw_demo_clock (LwDemo *demo)
{
  const LwDemoFault *clock =
      demo->faults != NULL ? lw_demo_faults_state (demo->faults, "clock") : NULL;

  return g_get_real_time () / G_USEC_PER_SEC + (clock != NULL ? clock->seconds : 0);
}

void
lw_demo_note_secret (LwDemo *demo, const char *kind, const char *text)
{
  g_autofree char *line = NULL;

  if (demo->secrets < 0 || text == NULL || *text == '\0')
    return;
  line = g_strdup_printf ("%s %s\n", kind, text);
  if (write (demo->secrets, line, strlen (line)) != (gssize) strlen (line))
    g_error ("A secret can’t be written down");
}

char *
lw_demo_token_sign (LwDemo *demo, JsonObject *claims)
{
  const char *header = "{\"typ\":\"JWT\",\"alg\":\"RS256\",\"kid\":\"demo\"}";
  g_autofree char *payload = lw_demo_json_object_text (claims);
  g_autofree char *first = lw_demo_base64url (header, strlen (header));
  g_autofree char *second = lw_demo_base64url (payload, strlen (payload));
  g_autofree char *text = g_strdup_printf ("%s.%s", first, second);
  g_autofree char *third = signature (demo, text);
  char *token = g_strdup_printf ("%s.%s", text, third);

  lw_demo_note_secret (demo, "token", token);

  return token;
}

static JsonObject *
new_claims (LwDemo *demo, LwDemoPerson *person, gboolean application, guint seconds)
{
  JsonObject *claims = json_object_new ();
  gint64 now = lw_demo_clock (demo);
  g_autofree char *jti = lw_demo_random_text (16);

  json_object_set_int_member (claims, "iat", now - 5);
  json_object_set_int_member (claims, "nbf", now - 5);
  json_object_set_int_member (claims, "exp", now + seconds);
  json_object_set_string_member (claims, "oid", person->oid);
  json_object_set_string_member (claims, "sub", person->oid);
  json_object_set_string_member (claims, "tid", demo->tenant->id);
  json_object_set_string_member (claims, application ? "app_displayname" : "name", person->name);
  json_object_set_string_member (claims, "idtyp", application ? "app" : "user");
  json_object_set_string_member (claims, "appid",
                                 application ? person->app_id : demo->tenant->client_id);
  if (!application && person->upn != NULL)
    {
      json_object_set_string_member (claims, "upn", person->upn);
      json_object_set_string_member (claims, "unique_name", person->upn);
    }
  json_object_set_string_member (claims, "uti", jti);
  json_object_set_int_member (claims, "demo_serial", (gint64) ++demo->tokens_issued);
  json_object_set_string_member (claims, "ver", "1.0");

  return claims;
}

char *
lw_demo_token_new (LwDemo *demo,
                   LwDemoPerson *person,
                   gboolean application,
                   const char *audience,
                   const char *scp,
                   gboolean capable,
                   const char *base)
{
  g_autoptr (JsonObject) claims = new_claims (demo, person, application, demo->token_seconds);
  g_autofree char *issuer = g_strdup_printf ("https://sts.windows.net/%s/", demo->tenant->id);

  json_object_set_string_member (claims, "aud", audience);
  json_object_set_string_member (claims, "iss", issuer);
  if (!application)
    json_object_set_string_member (claims, "scp", scp);
  if (capable)
    {
      JsonArray *capabilities = json_array_new ();

      json_array_add_string_element (capabilities, "CP1");
      json_object_set_array_member (claims, "xms_cc", capabilities);
    }

  return lw_demo_token_sign (demo, claims);
}

char *
lw_demo_token_new_for_persona (LwDemo *demo, LwDemoPerson *person, const char *base)
{
  g_autoptr (JsonObject) claims = new_claims (demo, person, FALSE, PERSONA_TOKEN_SECONDS);
  g_autofree char *issuer = g_strdup_printf ("https://sts.windows.net/%s/", demo->tenant->id);

  json_object_set_string_member (claims, "aud", "https://management.azure.com/");
  json_object_set_string_member (claims, "iss", issuer);
  json_object_set_string_member (claims, "scp", "user_impersonation");
  json_object_set_boolean_member (claims, "demo_any_audience", TRUE);

  return lw_demo_token_sign (demo, claims);
}

/* "localhost" and both loopback addresses are one machine. (transfer full) */
static char *
same_host (const char *url)
{
  static const char *const names[] = { "://localhost", "://[::1]" };

  for (guint i = 0; i < G_N_ELEMENTS (names); i++)
    {
      const char *at = strstr (url, names[i]);

      if (at != NULL)
        return g_strdup_printf ("%.*s://127.0.0.1%s", (int) (at - url), url,
                                at + strlen (names[i]));
    }

  return g_strdup (url);
}

static gboolean
is_resource (const char *resource, const char *url)
{
  gsize length = strlen (url);

  return url[0] != '\0' && g_ascii_strncasecmp (resource, url, length) == 0 &&
         strspn (resource + length, "/") == strlen (resource + length);
}

LwDemoAudience
lw_demo_audience (LwDemo *demo, const char *asked, const char *asked_base)
{
  static const char *const arm[] = { "https://management.azure.com",
                                     "https://management.core.windows.net",
                                     "797f4846-ba00-4fd7-ba43-dac1f8f63013" };
  static const char *const graph[] = { "https://graph.microsoft.com",
                                       "00000003-0000-0000-c000-000000000000" };
  static const char *const storage[] = { "https://storage.azure.com",
                                         "e406a681-f3d4-42a8-90b6-c2b029497af1" };
  g_autofree char *resource = same_host (asked);
  g_autofree char *base = same_host (asked_base);
  g_autofree char *graph_here = g_strconcat (base, "/graph", NULL);
  g_autofree char *blob_here = g_strconcat (base, "/", demo->tenant->account, NULL);
  g_autofree char *blob_azure =
      g_strdup_printf ("https://%s.blob.core.windows.net", demo->tenant->account);

  for (guint i = 0; i < G_N_ELEMENTS (arm); i++)
    if (is_resource (resource, arm[i]))
      return LW_DEMO_AUDIENCE_ARM;
  for (guint i = 0; i < G_N_ELEMENTS (graph); i++)
    if (is_resource (resource, graph[i]))
      return LW_DEMO_AUDIENCE_GRAPH;
  for (guint i = 0; i < G_N_ELEMENTS (storage); i++)
    if (is_resource (resource, storage[i]))
      return LW_DEMO_AUDIENCE_STORAGE;
  if (is_resource (resource, graph_here))
    return LW_DEMO_AUDIENCE_GRAPH;
  if (is_resource (resource, blob_here) || is_resource (resource, blob_azure))
    return LW_DEMO_AUDIENCE_STORAGE;
  if (is_resource (resource, base))
    return LW_DEMO_AUDIENCE_ARM;

  return LW_DEMO_AUDIENCE_NONE;
}

/* The claims of a token that this run issued and that is still good. */
static JsonObject *
read_token (LwDemo *demo, const char *token, char **problem)
{
  const char *end = strrchr (token, '.');
  const char *dot = strchr (token, '.');
  g_autofree char *text = NULL;
  g_autofree char *payload = NULL;
  g_autofree char *signed_by_us = NULL;
  g_autofree guint8 *data = NULL;
  g_autoptr (JsonObject) claims = NULL;
  gint64 now = lw_demo_clock (demo);
  gsize length;

  if (dot == NULL || end == dot)
    {
      *problem = g_strdup ("The access token is invalid.");
      return NULL;
    }
  text = g_strndup (token, end - token);
  signed_by_us = signature (demo, text);
  if (!g_str_equal (signed_by_us, end + 1))
    {
      *problem = g_strdup ("The access token validation failure: its signature is invalid.");
      return NULL;
    }
  payload = g_strndup (dot + 1, end - dot - 1);
  data = base64url_decode (payload, &length);
  claims = lw_demo_json_parse ((const char *) data, length, NULL);
  if (claims == NULL || lw_demo_json_int (claims, "exp", 0) <= now ||
      (guint64) lw_demo_json_int (claims, "demo_serial", G_MAXINT64) <= demo->tokens_ended)
    {
      *problem = g_strdup ("The access token expiry is in the past: it has expired.");
      return NULL;
    }

  return g_steal_pointer (&claims);
}

static const char *
bearer (LwDemoCall *self)
{
  const char *header = lw_demo_call_header (self, "Authorization");

  return header != NULL && g_ascii_strncasecmp (header, "Bearer ", 7) == 0 ? header + 7 : NULL;
}

gboolean
lw_demo_call_authenticate (LwDemoCall *self, LwDemoAudience wanted, char **problem)
{
  const char *token = bearer (self);
  g_autoptr (JsonObject) claims = NULL;
  LwDemoCaller *caller;
  LwDemoPerson *person;
  const char *oid, *scp;

  if (token == NULL)
    {
      *problem = g_strdup ("Authentication failed. The 'Authorization' header is missing.");
      return FALSE;
    }
  claims = read_token (self->demo, token, problem);
  if (claims == NULL)
    return FALSE;

  oid = lw_demo_json_string (claims, "oid");
  scp = lw_demo_json_string (claims, "scp");
  person = oid != NULL ? lw_demo_tenant_find_person (self->tenant, oid) : NULL;
  if (person == NULL)
    {
      *problem = g_strdup ("The access token names no one in this tenant.");
      return FALSE;
    }

  caller = g_new0 (LwDemoCaller, 1);
  caller->person = person;
  caller->audience = g_strdup (lw_demo_json_string (claims, "aud"));
  caller->scopes = g_strsplit (scp != NULL ? scp : "", " ", -1);
  caller->any_audience = lw_demo_json_bool (claims, "demo_any_audience", FALSE);
  caller->application = g_strcmp0 (lw_demo_json_string (claims, "idtyp"), "app") == 0;
  self->caller = caller;

  if (!caller->any_audience &&
      lw_demo_audience (self->demo, caller->audience, self->base) != wanted)
    {
      *problem =
          g_strdup_printf ("The access token has been obtained for wrong audience or resource "
                           "'%s'.",
                           caller->audience);
      return FALSE;
    }

  return TRUE;
}
