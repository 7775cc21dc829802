/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Signing in as an application: client credentials with a secret, or with an assertion signed by the key
 * of a certificate. There is no refresh token: each access token is asked for with the same proof. */

#include "config.h"

#include <glib/gi18n-lib.h>

#include "lw-azure-error.h"
#include "lw-entra-assertion.h"
#include "lw-identity-private.h"
#include "lw-json.h"
#include "lw-jwt.h"
#include "lw-keyring.h"

static char *
make_assertion (LwIdentity *self, const char *passphrase, GError **error)
{
  g_autofree char *audience = lw_entra_url (self->profile, "token");
  const LwAssertionAsk ask = { .path = lw_profile_get_certificate_file (self->profile),
                               .passphrase = passphrase,
                               .audience = audience,
                               .client_id = lw_profile_get_client_id (self->profile),
                               .now = g_get_real_time () / G_USEC_PER_SEC };

  return dex_await_string (lw_gate (lw_entra_assertion (&ask)), error);
}

LwEntraTokens *
lw_identity_request_as_app (LwIdentity *self,
                            LwAudience audience,
                            const char *secret,
                            const char *claims,
                            GError **error)
{
  gboolean certificate = lw_profile_get_sign_in (self->profile) == LW_SIGN_IN_CERTIFICATE;
  g_autofree char *scope = lw_cloud_scope (lw_profile_get_cloud (self->profile), audience);
  g_autofree char *wanted = lw_entra_claims (claims);
  g_autofree char *proof = certificate ? make_assertion (self, secret, error) : g_strdup (secret);
  LwEntraTokens *tokens;

  if (proof == NULL)
    return NULL;
  {
    /* clang-format off */
    const char *const form[] = {
      "client_id", lw_profile_get_client_id (self->profile),
      "grant_type", "client_credentials",
      certificate ? "client_assertion_type" : "",
      "urn:ietf:params:oauth:client-assertion-type:jwt-bearer",
      certificate ? "client_assertion" : "client_secret", proof,
      "scope", scope,
      "claims", wanted,
      NULL,
    };
    /* clang-format on */

    tokens =
        dex_await_boxed (lw_entra_request_token (self->wire, self->profile, form, TRUE), error);
  }
  lw_clear_secret (&proof);
  return tokens;
}

/* The application as its token names it. Its own name is not always there; the connection's is next. */
static gboolean
take_app (LwIdentity *self, const char *token, GError **error)
{
  g_autoptr (JsonObject) claims = lw_jwt_claims (token);
  const char *oid = lw_json_get_string (claims, "oid");
  const char *tid = lw_json_get_string (claims, "tid");
  const char *name = lw_json_get_string (claims, "app_displayname");

  if (oid == NULL || tid == NULL)
    {
      g_set_error_literal (error, LW_AZURE_ERROR, LW_AZURE_ERROR_PROTOCOL,
                           _ ("The sign-in service does not say which application signed in."));
      return FALSE;
    }
  if (!lw_identity_check_tenant (self, tid, error))
    return FALSE;
  if (name == NULL)
    name = lw_json_get_string (claims, "name");
  if (name == NULL)
    name = lw_profile_get_name (self->profile);
  if (name == NULL)
    name = lw_profile_get_client_id (self->profile);
  lw_identity_take_person (self, lw_person_new (oid, name, NULL), tid);
  return TRUE;
}

static GError *
secret_missing (void)
{
  const LwAzureErrorDetails details = { .code = (char *) LW_SIGN_IN_NEEDS_SECRET };

  return lw_azure_error_new (
      LW_AZURE_ERROR_SIGN_IN, &details,
      _ ("This connection signs in as an application, and its client secret is not in the keyring. "
         "Enter it."));
}

static gboolean
needs_passphrase (const GError *error)
{
  const LwAzureErrorDetails *details = lw_azure_error_get_details (error);

  return details != NULL && g_strcmp0 (details->code, LW_SIGN_IN_NEEDS_PASSPHRASE) == 0;
}

/* With the secret that is known here, or the one in the keyring. */
static LwEntraTokens *
request_with_known (LwIdentity *self, const char *claims, char **used, GError **error)
{
  gboolean certificate = lw_profile_get_sign_in (self->profile) == LW_SIGN_IN_CERTIFICATE;
  g_autoptr (GError) local = NULL;

  *used = g_strdup (self->secret);
  /* Most keys have no passphrase, and then the keyring is not asked. */
  if (*used != NULL || certificate)
    {
      LwEntraTokens *tokens =
          lw_identity_request_as_app (self, LW_AUDIENCE_ARM, *used, claims, &local);

      if (tokens != NULL)
        return tokens;
      if (*used != NULL || !needs_passphrase (local))
        {
          g_propagate_error (error, g_steal_pointer (&local));
          return NULL;
        }
    }
  else
    local = secret_missing ();
  {
    g_autoptr (GError) problem = NULL;

    *used = dex_await_string (lw_keyring_lookup_secret (self->profile), &problem);
    if (*used == NULL)
      {
        g_propagate_error (error, g_error_matches (problem, LW_AZURE_ERROR, LW_AZURE_ERROR_SIGN_IN)
                                      ? g_steal_pointer (&local)
                                      : g_steal_pointer (&problem));
        return NULL;
      }
  }
  return lw_identity_request_as_app (self, LW_AUDIENCE_ARM, *used, claims, error);
}

gboolean
lw_identity_sign_in_as_app (LwIdentity *self,
                            const char *secret,
                            const char *claims,
                            GError **error)
{
  g_autofree char *used = g_strdup (secret);
  g_autoptr (LwEntraTokens) tokens = NULL;
  g_autoptr (GError) local = NULL;

  tokens = secret != NULL
               ? lw_identity_request_as_app (self, LW_AUDIENCE_ARM, secret, claims, &local)
               : request_with_known (self, claims, &used, &local);
  if (tokens == NULL || !take_app (self, tokens->access_token, &local))
    {
      if (g_error_matches (local, LW_AZURE_ERROR, LW_AZURE_ERROR_SIGN_IN))
        self->signed_in = FALSE;
      lw_clear_secret (&used);
      g_propagate_error (error, g_steal_pointer (&local));
      return FALSE;
    }
  lw_identity_renew (self);
  lw_clear_secret (&self->secret);
  self->secret = g_steal_pointer (&used);
  lw_identity_keep_access (self, LW_AUDIENCE_ARM, tokens->access_token, tokens->expires_in);
  self->signed_in = TRUE;
  return TRUE;
}
