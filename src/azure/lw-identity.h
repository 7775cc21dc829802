/* SPDX-License-Identifier: GPL-3.0-or-later */

#pragma once

#include <libdex.h>

#include "lw-cloud.h"
#include "lw-profile.h"
#include "lw-request.h"

G_BEGIN_DECLS

#define LW_TYPE_IDENTITY (lw_identity_get_type ())
G_DECLARE_FINAL_TYPE (LwIdentity, lw_identity, LW, IDENTITY, GObject)

/* What a person types into a browser on any machine. */
typedef struct
{
  const char *uri;   /* where */
  const char *code;  /* what */
  gint64 expires_at; /* unix seconds */
} LwDeviceCode;

/**
 * LwSignInHooks:
 * @open_uri: opens an address in the person's browser. How it went is not asked, since the redirect is
 *   what counts
 * @show_code: shows the code; what it points to is gone when it returns
 *
 * What a sign-in asks of the program, on the main thread. Each is called at most once, and may be %NULL
 * where the profile's way to sign in has no use for it.
 */
typedef struct
{
  void (*open_uri) (const char *uri, gpointer user_data);           /* browser */
  void (*show_code) (const LwDeviceCode *code, gpointer user_data); /* device code */
} LwSignInHooks;

/* Codes in the details of a %LW_AZURE_ERROR_SIGN_IN that are ours and not Entra's: that nobody signed in
 * yet, what is missing, and that an account signed in that is not the profile's. */
#define LW_SIGN_IN_NOBODY        "nobody"
#define LW_SIGN_IN_NEEDS_ACCOUNT "account_required" /* several are signed in */
#define LW_SIGN_IN_NEEDS_SECRET  "secret_required"  /* the application's secret */
#define LW_SIGN_IN_NEEDS_PASSPHRASE                                                                \
  "passphrase_required" /* of the private key; or it was another */
#define LW_SIGN_IN_NEEDS_TOKEN   "token_required"
#define LW_SIGN_IN_OTHER_ACCOUNT "other_account"

/**
 * LwSignInAsk:
 * @claims: the claims of a challenge, from the details of the error that asked to sign in again
 * @login_hint: who is expected; else the account of the profile
 * @secret: the client secret, or the passphrase of the private key, or the token where the profile wants
 *   one, typed now; else the one in the keyring
 * @session_only: keep nothing in the keyring
 *
 * What a sign-in is begun with. All of it may be %NULL.
 */
typedef struct
{
  const char *claims;
  const char *login_hint;
  const char *secret;
  gboolean session_only;
} LwSignInAsk;

LwIdentity *lw_identity_new (LwProfile *profile);
/* Uses @token for everything; nothing is stored. The person is read from the token where it is a JWT,
 * and from Graph's /me by the session otherwise. */
LwIdentity *lw_identity_new_for_token (LwProfile *profile, const char *token);

/* Signs in silently with what is in the keyring (a refresh token, or an application's secret). Resolves
 * to %TRUE; rejects with %LW_AZURE_ERROR_SIGN_IN where there is none, and with the keyring's errors. */
DexFuture *lw_identity_resume (LwIdentity *self);
/**
 * lw_identity_sign_in:
 * @ask: (nullable): copied
 * @hooks: (nullable): copied
 * @destroy: (nullable): frees @user_data when the sign-in is over
 * @cancellable: (nullable)
 *
 * Signs in the way the profile says. What is worth keeping (refresh token, or the typed secret) is then
 * in the keyring, or in memory only where there is no usable keyring (see
 * lw_identity_get_keyring_error()) or @ask says so. Dropping the future does not end the sign-in;
 * @cancellable does.
 *
 * Resolves to %TRUE. Rejects with %LW_AZURE_ERROR_SIGN_IN and details (code, message, correlation id,
 * time, claims), %LW_AZURE_ERROR_CANCELLED, %LW_AZURE_ERROR_TIMED_OUT (five minutes in the browser, or
 * the code expired), %LW_AZURE_ERROR_PROFILE (the certificate's file), and the wire's errors.
 */
DexFuture *lw_identity_sign_in (LwIdentity *self,
                                const LwSignInAsk *ask,
                                const LwSignInHooks *hooks,
                                gpointer user_data,
                                GDestroyNotify destroy,
                                GCancellable *cancellable);
/* Forgets tokens here, and in the keyring those of the account that is signed in or the profile's; where
 * neither is known, nothing there. Resolves to %TRUE. */
DexFuture *lw_identity_sign_out (LwIdentity *self);
/* An access token for @audience, refreshed when needed (one refresh at a time for all callers).
 * Resolves to a string. */
DexFuture *lw_identity_get_token (LwIdentity *self, LwAudience audience);
/* Drops a cached access token that the service refused. */
void lw_identity_invalidate (LwIdentity *self, LwAudience audience, const char *token);
/**
 * lw_identity_challenge:
 * @token: what the service refused
 * @claims: (nullable): what it asks for instead, decoded
 *
 * Drops @token; the next token for @audience is asked for with @claims, and where that takes a person, the
 * error says so and carries the claims.
 *
 * Returns: whether another token can be had at all (not so where it was given)
 */
gboolean lw_identity_challenge (LwIdentity *self,
                                LwAudience audience,
                                const char *token,
                                const char *claims);

gboolean lw_identity_is_signed_in (LwIdentity *self);
/* Whether it is an application that signs in: it has no user name, and is not to be found by /me. */
gboolean lw_identity_is_application (LwIdentity *self);
/* Who the tokens say is signed in: oid, name, upn. (nullable) (transfer none) */
const LwPerson *lw_identity_get_person (LwIdentity *self);
/* Says who it is where the token did not: what Graph's /me answered for it. */
void lw_identity_set_person (LwIdentity *self, const LwPerson *person);
/* The tenant's GUID as the tokens or the profile give it. (nullable) (transfer none) */
const char *lw_identity_get_tenant_id (LwIdentity *self);
/* Why the sign-in will not be remembered; %NULL when it will. */
const GError *lw_identity_get_keyring_error (LwIdentity *self);

G_END_DECLS
