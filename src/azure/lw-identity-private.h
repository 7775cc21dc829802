/* SPDX-License-Identifier: GPL-3.0-or-later */

#pragma once

#include "lw-entra.h"
#include "lw-identity.h"
#include "lw-wire.h"

G_BEGIN_DECLS

typedef struct
{
  char *token;
  gint64 monotonic_end; /* microseconds */
  gint64 real_end;      /* microseconds: the monotonic clock stands still in suspend */
} Access;

struct _LwIdentity
{
  GObject parent_instance;

  LwProfile *profile;
  LwWire *wire;
  LwPerson *person;
  char *tenant_id;
  gboolean signed_in;

  char *given_token;
  gint64 given_end; /* unix seconds; 0 where it is not known */

  char *refresh_token; /* the newest one */
  guint generation;    /* grows with every sign-in and sign-out */
  Access access[LW_AUDIENCE_COUNT];
  DexFuture *refreshing[LW_AUDIENCE_COUNT]; /* one for all callers */
  DexFuture *remembering;                   /* the keyring is being written */
  DexPromise *busy; /* one refresh at a time over all audiences, since the token rotates */
  GError *keyring_error;
  gboolean session_only; /* the keyring is left alone */
};

/* One sign-in under way. */
typedef struct
{
  LwIdentity *identity;
  char *claims;
  char *login_hint;
  char *secret;
  gboolean session_only;
  LwSignInHooks hooks;
  gpointer user_data;
  GDestroyNotify destroy;
  GCancellable *cancellable; /* nullable */
  DexPromise *done;
} LwSigningIn;

void lw_signing_in_free (gpointer data);
gboolean lw_signing_in_is_cancelled (LwSigningIn *self, GError **error);

/* Overwrites the text before it is freed. */
void lw_clear_secret (char **text);
/* What to ask for so that the answer holds a token for @audience, who it is, and a refresh token.
 * (transfer full) */
char *lw_identity_scopes (LwIdentity *self, LwAudience audience);
/* Works with @token from now on; @token may be %NULL where one was given before. */
gboolean lw_identity_take_given (LwIdentity *self, const char *token, GError **error);

/* Takes over what a sign-in brought: who it is, and the tokens, in the place of all earlier ones. %FALSE
 * where the id token does not answer the request that had @nonce. */
gboolean
lw_identity_accept (LwIdentity *self, LwEntraTokens *tokens, const char *nonce, GError **error);
/* Keeps the newest refresh token in the keyring; where that fails the session lives on in memory and the
 * reason is kept. One at a time, and to its end even where nobody waits. */
DexFuture *lw_identity_remember (LwIdentity *self);

G_END_DECLS
