/* SPDX-License-Identifier: GPL-3.0-or-later */

/* The token endpoint and its grants. */

#include "lw-demo-entra.h"

#include "lw-demo-json.h"

#include <string.h>

#define REFRESH_SECONDS (90 * 24 * 3600)
/* Entra does not revoke a refresh token when it is used; here the second use is the last, so that a
 * client which never takes the new one is found out. */
#define REFRESH_USES 2

static const char graph_scopes[] =
    "email openid profile User.Read User.ReadBasic.All User.Read.All";

/* Splits "https://resource/Scope" at the last slash: the resource keeps a slash that doubles it. */
static char *
scope_resource (const char *scope, const char **name)
{
  const char *slash = strrchr (scope, '/');

  if (slash == NULL)
    {
      *name = scope;
      return NULL;
    }
  *name = slash + 1;

  return g_strndup (scope, slash - scope);
}

static gboolean
is_protocol_scope (const char *scope)
{
  static const char *const known[] = { "openid", "profile", "email", "offline_access", NULL };

  return g_strv_contains (known, scope);
}

typedef struct
{
  LwDemoAudience audience;
  char *resource;
  GString *scp;
  gboolean openid;
  gboolean offline;
} Wanted;

static void
wanted_clear (Wanted *self)
{
  g_free (self->resource);
  g_string_free (self->scp, TRUE);
}

static void
add_scope (Wanted *wanted, const char *name)
{
  const char *text = !g_str_equal (name, ".default")              ? name
                     : wanted->audience == LW_DEMO_AUDIENCE_GRAPH ? graph_scopes
                                                                  : "user_impersonation";

  if (wanted->scp->len > 0)
    g_string_append_c (wanted->scp, ' ');
  g_string_append (wanted->scp, text);
}

/* Reads the scope parameter; FALSE, having answered, where Entra would refuse it. */
static gboolean
read_scopes (LwDemoCall *self, const char *text, Wanted *wanted)
{
  g_auto (GStrv) scopes = g_strsplit (text != NULL ? text : "", " ", -1);

  wanted->scp = g_string_new (NULL);
  for (guint i = 0; scopes[i] != NULL; i++)
    {
      const char *name;
      g_autofree char *resource = NULL;
      LwDemoAudience audience;

      wanted->openid |= g_str_equal (scopes[i], "openid");
      wanted->offline |= g_str_equal (scopes[i], "offline_access");
      if (*scopes[i] == '\0' || is_protocol_scope (scopes[i]))
        continue;

      resource = scope_resource (scopes[i], &name);
      if (resource == NULL)
        resource = g_strdup ("https://graph.microsoft.com");
      audience = lw_demo_audience (self->demo, resource, self->base);
      if (audience == LW_DEMO_AUDIENCE_NONE)
        {
          lw_demo_entra_fail (
              self, 400, "invalid_resource", 500011,
              "The resource principal named %s was not found in the tenant named %s.", resource,
              self->tenant->name);
          return FALSE;
        }
      if (wanted->audience != LW_DEMO_AUDIENCE_NONE && wanted->audience != audience)
        {
          lw_demo_entra_fail (
              self, 400, "invalid_request", 28000,
              "Provided value for the input parameter scope is not valid because it "
              "contains more than one resource.");
          return FALSE;
        }
      wanted->audience = audience;
      g_free (wanted->resource);
      wanted->resource = g_steal_pointer (&resource);
      add_scope (wanted, name);
    }

  if (wanted->audience == LW_DEMO_AUDIENCE_NONE)
    {
      wanted->audience = LW_DEMO_AUDIENCE_GRAPH;
      wanted->resource = g_strdup ("https://graph.microsoft.com");
      add_scope (wanted, "openid profile email User.Read");
    }

  return TRUE;
}

static char *
id_token (LwDemoCall *self, LwDemoGrant *grant)
{
  g_autoptr (JsonObject) claims = json_object_new ();
  gint64 now = lw_demo_clock (self->demo);
  g_autofree char *issuer = g_strdup_printf ("%s/%s/v2.0", self->base, self->tenant->id);

  json_object_set_string_member (claims, "aud", grant->client_id);
  json_object_set_string_member (claims, "iss", issuer);
  json_object_set_int_member (claims, "iat", now - 5);
  json_object_set_int_member (claims, "nbf", now - 5);
  json_object_set_int_member (claims, "exp", now + 3600);
  json_object_set_string_member (claims, "name", grant->person->name);
  if (grant->nonce != NULL)
    json_object_set_string_member (claims, "nonce", grant->nonce);
  json_object_set_string_member (claims, "oid", grant->person->oid);
  json_object_set_string_member (claims, "preferred_username", grant->person->upn);
  json_object_set_string_member (claims, "sub", grant->person->oid);
  json_object_set_string_member (claims, "tid", self->tenant->id);
  json_object_set_string_member (claims, "ver", "2.0");

  return lw_demo_token_sign (self->demo, claims);
}

static char *
client_info (LwDemoCall *self, LwDemoPerson *person)
{
  g_autofree char *text =
      g_strdup_printf ("{\"uid\":\"%s\",\"utid\":\"%s\"}", person->oid, self->tenant->id);

  return lw_demo_base64url (text, strlen (text));
}

static void
issue (LwDemoCall *self, LwDemoGrant *grant, Wanted *wanted, gboolean application, gboolean refresh)
{
  g_autoptr (JsonObject) object = json_object_new ();
  g_autofree char *token =
      lw_demo_token_new (self->demo, grant->person, application, wanted->resource, wanted->scp->str,
                         grant->capable, self->base);

  json_object_set_string_member (object, "token_type", "Bearer");
  if (!application)
    json_object_set_string_member (object, "scope", wanted->scp->str);
  json_object_set_int_member (object, "expires_in", self->demo->token_seconds);
  json_object_set_int_member (object, "ext_expires_in", self->demo->token_seconds);
  json_object_set_string_member (object, "access_token", token);
  if (refresh)
    {
      LwDemoGrant *next = lw_demo_grant_new (grant->person, grant->client_id, grant->scope);
      g_autofree char *text = lw_demo_random_text (48);

      next->expires = g_get_real_time () / G_USEC_PER_SEC + REFRESH_SECONDS;
      lw_demo_note_secret (self->demo, "refresh", text);
      json_object_set_string_member (object, "refresh_token", text);
      g_hash_table_replace (self->demo->refresh, g_steal_pointer (&text), next);
    }
  if (wanted->openid && !application)
    {
      g_autofree char *id = id_token (self, grant);
      g_autofree char *info = client_info (self, grant->person);

      json_object_set_string_member (object, "id_token", id);
      json_object_set_string_member (object, "client_info", info);
    }
  lw_demo_call_set_header (self, "Cache-Control", "no-store, no-cache");
  lw_demo_call_reply_object (self, 200, object);
}

/* Whether the client says that it understands challenges: {"access_token": {"xms_cc": {"values":
 * ["cp1"]}}} */
static gboolean
is_capable (GHashTable *form)
{
  const char *text = g_hash_table_lookup (form, "claims");
  g_autoptr (JsonObject) claims =
      text != NULL ? lw_demo_json_parse (text, strlen (text), NULL) : NULL;
  JsonObject *token = claims != NULL ? lw_demo_json_object (claims, "access_token") : NULL;
  JsonObject *capabilities = token != NULL ? lw_demo_json_object (token, "xms_cc") : NULL;
  JsonArray *values = capabilities != NULL ? lw_demo_json_array (capabilities, "values") : NULL;

  for (guint i = 0; values != NULL && i < json_array_get_length (values); i++)
    if (g_ascii_strcasecmp (lw_demo_json_string_at (values, i), "cp1") == 0)
      return TRUE;

  return FALSE;
}

/* FALSE, having answered, where the person's account is disabled. */
static gboolean
is_enabled (LwDemoCall *self, LwDemoPerson *person)
{
  if (lw_demo_json_bool (person->json, "accountEnabled", TRUE))
    return TRUE;
  lw_demo_entra_fail (self, 400, "invalid_grant", 50057, "The user account is disabled.");

  return FALSE;
}

static gboolean
verifier_fits (const char *verifier, const char *challenge)
{
  g_autoptr (GChecksum) checksum = g_checksum_new (G_CHECKSUM_SHA256);
  guint8 digest[32];
  gsize length = sizeof digest;
  g_autofree char *text = NULL;

  if (verifier == NULL || strlen (verifier) < 43 || strlen (verifier) > 128)
    return FALSE;
  g_checksum_update (checksum, (const guchar *) verifier, strlen (verifier));
  g_checksum_get_digest (checksum, digest, &length);
  text = lw_demo_base64url (digest, length);

  return g_str_equal (text, challenge);
}

static gboolean
expired (LwDemoGrant *grant)
{
  return grant->expires <= g_get_real_time () / G_USEC_PER_SEC;
}

static void
redeem_code (LwDemoCall *self, GHashTable *form)
{
  const char *code = g_hash_table_lookup (form, "code");
  const char *client = g_hash_table_lookup (form, "client_id");
  const char *scope = g_hash_table_lookup (form, "scope");
  LwDemoGrant *grant = code != NULL ? g_hash_table_lookup (self->demo->codes, code) : NULL;
  Wanted wanted = { 0 };

  if (grant == NULL || expired (grant))
    lw_demo_entra_fail (self, 400, "invalid_grant", 70008,
                        "The provided authorization code or refresh token has expired due to "
                        "inactivity, or was redeemed before.");
  else if (g_strcmp0 (client, grant->client_id) != 0)
    lw_demo_entra_fail (self, 400, "invalid_grant", 700005,
                        "The provided authorization code was issued for another application.");
  else if (g_strcmp0 (g_hash_table_lookup (form, "redirect_uri"), grant->redirect_uri) != 0)
    lw_demo_entra_fail (self, 400, "invalid_client", 50011,
                        "The redirect URI specified in the request does not match the one that the "
                        "code was issued for.");
  else if (!verifier_fits (g_hash_table_lookup (form, "code_verifier"), grant->challenge))
    lw_demo_entra_fail (self, 400, "invalid_grant", 501481,
                        "The code_verifier does not match the code_challenge supplied in the "
                        "authorization request.");
  else if (is_enabled (self, grant->person) &&
           read_scopes (self, scope != NULL ? scope : grant->scope, &wanted))
    {
      grant->capable = is_capable (form);
      issue (self, grant, &wanted, FALSE, wanted.offline);
    }

  /* One try, whatever comes of it. */
  if (grant != NULL)
    g_hash_table_remove (self->demo->codes, code);
  if (wanted.scp != NULL)
    wanted_clear (&wanted);
}

static void
redeem_refresh (LwDemoCall *self, GHashTable *form)
{
  const char *text = g_hash_table_lookup (form, "refresh_token");
  const char *scope = g_hash_table_lookup (form, "scope");
  LwDemoGrant *grant = text != NULL ? g_hash_table_lookup (self->demo->refresh, text) : NULL;
  Wanted wanted = { 0 };

  if (grant == NULL || expired (grant) || grant->uses >= REFRESH_USES)
    lw_demo_entra_fail (
        self, 400, "invalid_grant", 700082,
        "The refresh token has expired due to inactivity, or was replaced by another.");
  else if (g_strcmp0 (g_hash_table_lookup (form, "client_id"), grant->client_id) != 0)
    lw_demo_entra_fail (self, 400, "invalid_grant", 700005,
                        "The refresh token was issued for another application.");
  else if (is_enabled (self, grant->person) &&
           read_scopes (self, scope != NULL ? scope : grant->scope, &wanted))
    {
      grant->uses++;
      grant->capable = is_capable (form);
      issue (self, grant, &wanted, FALSE, TRUE);
    }
  if (wanted.scp != NULL)
    wanted_clear (&wanted);
}

/* RFC 8628, section 3.5: whoever asks before the interval is over waits five seconds more from then on. */
static gboolean
asks_too_often (LwDemoGrant *grant)
{
  gint64 now = g_get_monotonic_time ();
  gboolean often =
      grant->asked != 0 && now - grant->asked < (gint64) grant->interval * G_USEC_PER_SEC * 9 / 10;

  grant->asked = now;
  if (often)
    grant->interval += 5;

  return often;
}

static void
redeem_device (LwDemoCall *self, GHashTable *form)
{
  const char *code = g_hash_table_lookup (form, "device_code");
  LwDemoGrant *grant = code != NULL ? g_hash_table_lookup (self->demo->devices, code) : NULL;
  Wanted wanted = { 0 };

  if (grant == NULL)
    lw_demo_entra_fail (self, 400, "bad_verification_code", 70014,
                        "The device_code sent was not recognized.");
  else if (expired (grant))
    lw_demo_entra_fail (self, 400, "expired_token", 70020, "The device code has expired.");
  else if (g_strcmp0 (g_hash_table_lookup (form, "client_id"), grant->client_id) != 0)
    lw_demo_entra_fail (self, 400, "invalid_grant", 700005,
                        "The device code was issued for another application.");
  else if (grant->declined)
    lw_demo_entra_fail (self, 400, "authorization_declined", 65004,
                        "The end user denied the authorization request.");
  else if (grant->person == NULL && asks_too_often (grant))
    lw_demo_entra_fail (self, 400, "slow_down", 70016,
                        "The device code is asked about too often. Wait %u seconds between two "
                        "requests.",
                        grant->interval);
  else if (grant->person == NULL)
    lw_demo_entra_fail (self, 400, "authorization_pending", 70016,
                        "OAuth 2.0 device flow error. Authorization is pending. Continue polling.");
  else if (is_enabled (self, grant->person) && read_scopes (self, grant->scope, &wanted))
    {
      grant->capable = is_capable (form);
      issue (self, grant, &wanted, FALSE, wanted.offline);
      g_hash_table_remove (self->demo->devices, code);
    }
  if (wanted.scp != NULL)
    wanted_clear (&wanted);
}

/* FALSE, having answered, where the application does not prove that it is itself. */
static gboolean
proves_itself (LwDemoCall *self, LwDemoPerson *application, GHashTable *form)
{
  const char *secret = g_hash_table_lookup (form, "client_secret");
  const char *type = g_hash_table_lookup (form, "client_assertion_type");
  const char *assertion = g_hash_table_lookup (form, "client_assertion");
  guint number;

  if (assertion != NULL)
    {
      number = g_strcmp0 (type, "urn:ietf:params:oauth:client-assertion-type:jwt-bearer") != 0
                   ? 50027
                   : lw_demo_assertion_judge (self, application, assertion);
      if (number != 0)
        lw_demo_entra_fail (
            self, 401, "invalid_client", number, "%s",
            number == 700024   ? "Client assertion is not within its valid time range."
            : number == 700027 ? "The certificate with identifier used to sign the "
                                 "client assertion is not registered on application, "
                                 "or has expired."
            : number == 700023 ? "Client assertion audience claim does not match Realm "
                                 "issuer."
            : number == 50012  ? "Client assertion contains an invalid signature."
                               : "The client assertion is malformed or was seen "
                                 "before.");
      return number == 0;
    }
  if (secret != NULL && g_strcmp0 (secret, application->secret) == 0)
    return TRUE;
  if (secret != NULL && g_strcmp0 (secret, application->old_secret) == 0)
    lw_demo_entra_fail (self, 401, "invalid_client", 7000222,
                        "The provided client secret keys for app '%s' are expired.",
                        application->app_id);
  else
    lw_demo_entra_fail (
        self, 401, "invalid_client", 7000215,
        "Invalid client secret provided. Ensure the secret being sent in the request "
        "is the client secret value, not the client secret ID, for a secret added to app '%s'.",
        application->app_id);
  return FALSE;
}

static void
client_credentials (LwDemoCall *self, GHashTable *form)
{
  const char *client = g_hash_table_lookup (form, "client_id");
  const char *scope = g_hash_table_lookup (form, "scope");
  LwDemoPerson *application =
      client != NULL ? lw_demo_tenant_find_app (self->tenant, client) : NULL;
  Wanted wanted = { 0 };

  if (application == NULL)
    lw_demo_entra_fail (self, 400, "unauthorized_client", 700016,
                        "Application with identifier '%s' was not found in the directory '%s'.",
                        client != NULL ? client : "", self->tenant->name);
  else if (!proves_itself (self, application, form))
    return;
  else if (scope == NULL || !g_str_has_suffix (scope, "/.default"))
    lw_demo_entra_fail (
        self, 400, "invalid_scope", 1002012,
        "The provided value for scope is not valid. Client credential flows must have "
        "a scope value with /.default suffixed to the resource identifier.");
  else if (read_scopes (self, scope, &wanted))
    {
      g_autofree LwDemoGrant *grant = lw_demo_grant_new (application, NULL, NULL);

      g_clear_pointer (&grant->scope, g_free);
      grant->capable = is_capable (form);
      issue (self, grant, &wanted, TRUE, FALSE);
    }
  if (wanted.scp != NULL)
    wanted_clear (&wanted);
}

void
lw_demo_entra_token (LwDemoCall *self)
{
  g_autoptr (GHashTable) form = lw_demo_call_form (self);
  const char *type = g_hash_table_lookup (form, "grant_type");
  static const char *const secret[] = { "client_secret", "client_assertion", "code_verifier" };

  for (guint i = 0; i < G_N_ELEMENTS (secret); i++)
    lw_demo_note_secret (self->demo, secret[i], g_hash_table_lookup (form, secret[i]));
  if (g_strcmp0 (type, "authorization_code") == 0)
    redeem_code (self, form);
  else if (g_strcmp0 (type, "refresh_token") == 0)
    redeem_refresh (self, form);
  else if (g_strcmp0 (type, "urn:ietf:params:oauth:grant-type:device_code") == 0)
    redeem_device (self, form);
  else if (g_strcmp0 (type, "client_credentials") == 0)
    client_credentials (self, form);
  else
    lw_demo_entra_fail (self, 400, "unsupported_grant_type", 70003,
                        "The app requested an unsupported grant type '%s'.",
                        type != NULL ? type : "");
}
