/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Signing in through the browser: authorization code with PKCE on a loopback redirect. */

#include "config.h"

#include <glib/gi18n-lib.h>

#include "lw-azure-error.h"
#include "lw-identity-private.h"
#include "lw-loopback.h"
#include "lw-pkce.h"

typedef struct
{
  LwIdentity *identity;
  char *claims;
  char *login_hint;
  LwOpenUri open_uri;
  gpointer user_data;
  GDestroyNotify destroy;
} SigningIn;

static void
signing_in_free (gpointer data)
{
  SigningIn *self = data;

  if (self->destroy != NULL)
    self->destroy (self->user_data);
  g_object_unref (self->identity);
  g_free (self->claims);
  g_free (self->login_hint);
  g_free (self);
}

static char *
authorize_url (SigningIn *self,
               const char *scope,
               const char *redirect_uri,
               const char *state,
               const char *nonce,
               const char *challenge)
{
  LwProfile *profile = self->identity->profile;
  /* clang-format off */
  const char *const pairs[] = {
    "client_id", lw_profile_get_client_id (profile),
    "response_type", "code",
    "redirect_uri", redirect_uri,
    "response_mode", "query",
    "scope", scope,
    "state", state,
    "nonce", nonce,
    "code_challenge", challenge,
    "code_challenge_method", "S256",
    self->claims != NULL ? "claims" : "", self->claims != NULL ? self->claims : "",
    self->login_hint != NULL ? "login_hint" : "prompt",
    self->login_hint != NULL ? self->login_hint : "select_account",
    NULL,
  };
  /* clang-format on */
  g_autofree char *query = lw_form_encode (pairs);

  return g_strdup_printf ("%s/%s/oauth2/v2.0/authorize?%s", lw_profile_get_cloud (profile)->login,
                          lw_profile_get_tenant (profile), query);
}

/* The browser's part: resolves what the person did there to a code. */
static char *
await_code (SigningIn *self,
            const char *scope,
            const char *nonce,
            const char *verifier,
            char **redirect_uri,
            GError **error)
{
  g_autofree char *state = lw_random_text (16, error);
  g_autofree char *challenge = lw_pkce_challenge (verifier);
  g_autoptr (LwLoopback) loopback = state != NULL ? lw_loopback_new (state, error) : NULL;
  g_autofree char *url = NULL;

  if (loopback == NULL)
    return NULL;
  *redirect_uri = g_strdup (lw_loopback_get_redirect_uri (loopback));
  url = authorize_url (self, scope, *redirect_uri, state, nonce, challenge);
  self->open_uri (url, self->user_data);
  return dex_await_string (lw_loopback_wait (loopback), error);
}

static LwEntraTokens *
redeem_code (LwIdentity *self,
             const char *code,
             const char *redirect_uri,
             const char *verifier,
             const char *scope,
             GError **error)
{
  /* clang-format off */
  const char *const form[] = {
    "client_id", lw_profile_get_client_id (self->profile),
    "grant_type", "authorization_code",
    "code", code,
    "redirect_uri", redirect_uri,
    "code_verifier", verifier,
    "scope", scope,
    NULL,
  };
  /* clang-format on */

  return dex_await_boxed (lw_entra_request_token (self->wire, self->profile, form, FALSE), error);
}

static DexFuture *
sign_in_fiber (gpointer data)
{
  SigningIn *self = data;
  LwIdentity *identity = self->identity;
  LwCloud *cloud = lw_profile_get_cloud (identity->profile);
  g_autoptr (GError) error = NULL;
  g_autofree char *arm_scope = lw_cloud_scope (cloud, LW_AUDIENCE_ARM);
  g_autofree char *scope = g_strconcat ("openid profile offline_access ", arm_scope, NULL);
  g_autofree char *verifier = lw_random_text (32, &error);
  g_autofree char *nonce = verifier != NULL ? lw_random_text (16, &error) : NULL;
  g_autofree char *redirect_uri = NULL;
  g_autofree char *code = NULL;
  g_autoptr (LwEntraTokens) tokens = NULL;

  if (nonce != NULL)
    code = await_code (self, scope, nonce, verifier, &redirect_uri, &error);
  if (code != NULL)
    tokens = redeem_code (identity, code, redirect_uri, verifier, scope, &error);
  if (tokens == NULL || !lw_identity_accept (identity, tokens, nonce, &error))
    return dex_future_new_for_error (g_steal_pointer (&error));
  dex_await (lw_identity_remember (identity), NULL);
  return dex_future_new_for_boolean (TRUE);
}

DexFuture *
lw_identity_sign_in (LwIdentity *self,
                     const char *claims,
                     const char *login_hint,
                     LwOpenUri open_uri,
                     gpointer user_data,
                     GDestroyNotify destroy)
{
  SigningIn *signing_in;

  dex_return_error_if_fail (LW_IS_IDENTITY (self));
  dex_return_error_if_fail (open_uri != NULL);

  if (self->given_token != NULL || lw_profile_get_client_id (self->profile) == NULL)
    {
      if (destroy != NULL)
        destroy (user_data);
      return dex_future_new_reject (
          LW_AZURE_ERROR, LW_AZURE_ERROR_SIGN_IN,
          _ ("This connection works with a given access token, which is no "
             "longer accepted. Get a new one."));
    }
  signing_in = g_new0 (SigningIn, 1);
  signing_in->identity = g_object_ref (self);
  signing_in->claims = g_strdup (claims);
  signing_in->login_hint = g_strdup (login_hint);
  signing_in->open_uri = open_uri;
  signing_in->user_data = user_data;
  signing_in->destroy = destroy;
  return lw_spawn (sign_in_fiber, signing_in, signing_in_free);
}
