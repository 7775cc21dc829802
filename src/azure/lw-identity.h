/* SPDX-License-Identifier: GPL-3.0-or-later */

#pragma once

#include <libdex.h>

#include "lw-cloud.h"
#include "lw-profile.h"
#include "lw-request.h"

G_BEGIN_DECLS

#define LW_TYPE_IDENTITY (lw_identity_get_type ())
G_DECLARE_FINAL_TYPE (LwIdentity, lw_identity, LW, IDENTITY, GObject)

/**
 * LwOpenUri:
 *
 * Opens an address in the person's browser. Called once on the main thread; how it went is not asked,
 * since the redirect is what counts.
 */
typedef void (*LwOpenUri) (const char *uri, gpointer user_data);

LwIdentity *lw_identity_new (LwProfile *profile);
/* Uses @token for everything; nothing is stored. The person is read from the token where it is a JWT,
 * and from Graph's /me by the session otherwise. */
LwIdentity *lw_identity_new_for_token (LwProfile *profile, const char *token);

/* Signs in silently with the refresh token in the keyring. Resolves to %TRUE; rejects with
 * %LW_AZURE_ERROR_SIGN_IN where there is none, and with the keyring's errors. */
DexFuture *lw_identity_resume (LwIdentity *self);
/* Authorization code with PKCE on a loopback redirect. @claims (nullable) and @login_hint (nullable)
 * are passed on. Resolves to %TRUE; the refresh token is then in the keyring, or in memory only where
 * there is no usable keyring (see lw_identity_get_keyring_error()). */
DexFuture *lw_identity_sign_in (LwIdentity *self,
                                const char *claims,
                                const char *login_hint,
                                LwOpenUri open_uri,
                                gpointer user_data,
                                GDestroyNotify destroy);
/* Forgets tokens here and in the keyring. Resolves to %TRUE. */
DexFuture *lw_identity_sign_out (LwIdentity *self);
/* An access token for @audience, refreshed when needed (one refresh at a time for all callers).
 * Resolves to a string. */
DexFuture *lw_identity_get_token (LwIdentity *self, LwAudience audience);
/* Drops a cached access token that the service refused. */
void lw_identity_invalidate (LwIdentity *self, LwAudience audience, const char *token);

gboolean lw_identity_is_signed_in (LwIdentity *self);
/* Who the tokens say is signed in: oid, name, upn. (nullable) (transfer none) */
const LwPerson *lw_identity_get_person (LwIdentity *self);
/* Says who it is where the token did not: what Graph's /me answered for it. */
void lw_identity_set_person (LwIdentity *self, const LwPerson *person);
/* The tenant's GUID as the tokens or the profile give it. (nullable) (transfer none) */
const char *lw_identity_get_tenant_id (LwIdentity *self);
/* Why the sign-in will not be remembered; %NULL when it will. */
const GError *lw_identity_get_keyring_error (LwIdentity *self);

G_END_DECLS
