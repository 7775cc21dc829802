/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Signing in: one entry for every way, and the way through the browser (authorization code with PKCE on
 * a loopback redirect). */

#include "config.h"

#include <glib/gi18n-lib.h>

#include "lw-azure-error.h"
#include "lw-identity-private.h"
#include "lw-loopback.h"
#include "lw-pkce.h"

static void
signing_in_free (gpointer data)
{
  LwSigningIn *self = data;

  if (self->destroy != NULL)
    self->destroy (self->user_data);
  g_object_unref (self->identity);
  g_free (self->claims);
  g_free (self->login_hint);
  lw_clear_secret (&self->secret);
  g_clear_object (&self->cancellable);
  dex_clear (&self->done);
  g_free (self);
}

gboolean
lw_signing_in_is_cancelled (LwSigningIn *self, GError **error)
{
  if (!g_cancellable_is_cancelled (self->cancellable))
    return FALSE;
  g_set_error_literal (error, LW_AZURE_ERROR, LW_AZURE_ERROR_CANCELLED,
                       _ ("The sign-in was cancelled."));
  return TRUE;
}

gboolean
lw_signing_in_sleep (LwSigningIn *self, guint milliseconds, GError **error)
{
  lw_sleep (milliseconds);
  return !lw_signing_in_is_cancelled (self, error);
}

static char *
authorize_url (LwSigningIn *self,
               const char *scope,
               const char *redirect_uri,
               const char *state,
               const char *nonce,
               const char *challenge)
{
  LwProfile *profile = self->identity->profile;
  g_autofree char *claims = lw_entra_claims (self->claims);
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
    "claims", claims,
    self->login_hint != NULL ? "login_hint" : "prompt",
    self->login_hint != NULL ? self->login_hint : "select_account",
    NULL,
  };
  /* clang-format on */
  g_autofree char *query = lw_form_encode (pairs);

  g_autofree char *url = lw_entra_url (profile, "authorize");

  return g_strconcat (url, "?", query, NULL);
}

/* The browser's part: resolves what the person did there to a code. */
static char *
await_code (LwSigningIn *self,
            const char *scope,
            const char *nonce,
            const char *verifier,
            char **redirect_uri,
            GError **error)
{
  g_autofree char *state = lw_random_text (16, error);
  g_autofree char *challenge = lw_pkce_challenge (verifier);
  g_autoptr (LwLoopback) loopback =
      state != NULL
          ? lw_loopback_new (state, LW_LOOPBACK_SECONDS * self->identity->second_ms, error)
          : NULL;
  g_autofree char *url = NULL;

  if (loopback == NULL)
    return NULL;
  *redirect_uri = g_strdup (lw_loopback_get_redirect_uri (loopback));
  url = authorize_url (self, scope, *redirect_uri, state, nonce, challenge);
  self->hooks.open_uri (url, self->user_data);
  return dex_await_string (lw_gate (lw_loopback_wait (loopback)), error);
}

static LwEntraTokens *
redeem_code (LwSigningIn *self,
             const char *code,
             const char *redirect_uri,
             const char *verifier,
             const char *scope,
             GError **error)
{
  LwIdentity *identity = self->identity;
  g_autofree char *claims = lw_entra_claims (self->claims);
  /* clang-format off */
  const char *const form[] = {
    "client_id", lw_profile_get_client_id (identity->profile),
    "grant_type", "authorization_code",
    "code", code,
    "redirect_uri", redirect_uri,
    "code_verifier", verifier,
    "scope", scope,
    "claims", claims,
    NULL,
  };
  /* clang-format on */

  return dex_await_boxed (lw_entra_request_token (identity->wire, identity->profile, form, FALSE),
                          error);
}

static gboolean
sign_in_by_browser (LwSigningIn *self, GError **error)
{
  LwIdentity *identity = self->identity;
  g_autofree char *scope = lw_identity_scopes (identity, LW_AUDIENCE_ARM);
  g_autofree char *verifier = lw_random_text (32, error);
  g_autofree char *nonce = verifier != NULL ? lw_random_text (16, error) : NULL;
  g_autofree char *redirect_uri = NULL;
  g_autofree char *code = NULL;
  g_autoptr (LwEntraTokens) tokens = NULL;

  if (nonce == NULL)
    return FALSE;
  if (self->hooks.open_uri == NULL)
    {
      g_set_error_literal (
          error, LW_AZURE_ERROR, LW_AZURE_ERROR_SIGN_IN,
          _ ("There is no browser to sign in with here. Let the connection sign in "
             "by a device code."));
      return FALSE;
    }
  code = await_code (self, scope, nonce, verifier, &redirect_uri, error);
  if (code == NULL)
    return FALSE;
  tokens = redeem_code (self, code, redirect_uri, verifier, scope, error);
  return tokens != NULL && !lw_signing_in_is_cancelled (self, error) &&
         lw_identity_accept (identity, tokens, nonce, error);
}

static gboolean
check_profile (LwIdentity *self, GError **error)
{
  if (!lw_profile_needs_endpoints (self->profile))
    return TRUE;
  g_set_error_literal (error, LW_AZURE_ERROR, LW_AZURE_ERROR_PROFILE,
                       _ ("The endpoints of the connection's cloud are not known yet."));
  return FALSE;
}

static gboolean
sign_in (LwSigningIn *self, GError **error)
{
  if (lw_signing_in_is_cancelled (self, error) || !check_profile (self->identity, error))
    return FALSE;
  switch (lw_profile_get_sign_in (self->identity->profile))
    {
    case LW_SIGN_IN_BROWSER:
      return sign_in_by_browser (self, error);
    case LW_SIGN_IN_DEVICE_CODE:
      return lw_signing_in_by_device (self, error);
    case LW_SIGN_IN_SECRET:
    case LW_SIGN_IN_CERTIFICATE:
      return lw_identity_sign_in_as_app (self->identity, self->secret, self->claims, error);
    case LW_SIGN_IN_TOKEN:
    default:
      return lw_identity_take_given (self->identity, self->secret, error);
    }
}

static DexFuture *
sign_in_fiber (gpointer data)
{
  LwSigningIn *self = data;
  g_autoptr (GError) error = NULL;

  if (sign_in (self, &error))
    {
      /* A secret that came out of the keyring need not go there again. */
      self->identity->session_only =
          self->session_only ||
          (lw_profile_is_application (self->identity->profile) && self->secret == NULL);
      dex_await (lw_identity_remember (self->identity), NULL);
      dex_promise_resolve_boolean (self->done, TRUE);
    }
  else
    {
      if (lw_wire_is_cancelled (error) || g_cancellable_is_cancelled (self->cancellable))
        {
          g_clear_error (&error);
          error =
              lw_azure_error_new (LW_AZURE_ERROR_CANCELLED, NULL, _ ("The sign-in was cancelled."));
        }
      dex_promise_reject (self->done, g_steal_pointer (&error));
    }
  return dex_future_new_for_boolean (TRUE);
}

DexFuture *
lw_identity_sign_in (LwIdentity *self,
                     const LwSignInAsk *ask,
                     const LwSignInHooks *hooks,
                     gpointer user_data,
                     GDestroyNotify destroy,
                     GCancellable *cancellable)
{
  LwSigningIn *signing_in;
  DexPromise *done;

  dex_return_error_if_fail (LW_IS_IDENTITY (self));

  signing_in = g_new0 (LwSigningIn, 1);
  signing_in->identity = g_object_ref (self);
  if (ask != NULL)
    {
      signing_in->claims = g_strdup (ask->claims);
      signing_in->login_hint = g_strdup (ask->login_hint);
      signing_in->secret = g_strdup (ask->secret);
      signing_in->session_only = ask->session_only;
    }
  if (signing_in->login_hint == NULL && !lw_profile_is_application (self->profile))
    signing_in->login_hint = g_strdup (lw_identity_get_account_upn (self));
  if (hooks != NULL)
    signing_in->hooks = *hooks;
  signing_in->user_data = user_data;
  signing_in->destroy = destroy;
  signing_in->cancellable = cancellable != NULL ? g_object_ref (cancellable) : NULL;
  done = signing_in->done = dex_promise_new ();
  dex_ref (done);
  dex_future_disown (
      lw_spawn_cancellable (sign_in_fiber, signing_in, signing_in_free, cancellable));
  return DEX_FUTURE (done);
}
