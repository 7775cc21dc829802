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
  LwPerson *bound; /* who signed in first: nobody else takes over before that one signs out */
  char *tenant_id;
  gboolean signed_in;

  char *given_token;
  gint64 given_end; /* unix seconds; 0 where it is not known */

  char *refresh_token; /* the newest one; of people */
  char *secret;        /* client secret or passphrase; of applications */
  guint generation;    /* grows with every sign-in and sign-out */
  Access access[LW_AUDIENCE_COUNT];
  char *claims[LW_AUDIENCE_COUNT];          /* of a challenge that no token answered yet */
  DexFuture *refreshing[LW_AUDIENCE_COUNT]; /* one for all callers */
  DexFuture *remembering;                   /* the keyring is being written */
  DexPromise *busy; /* one refresh at a time over all audiences, since the token rotates */
  GError *keyring_error;
  gboolean session_only; /* the keyring is left alone */
  guint second_ms;       /* how long a second of waiting is: less in tests */
};

/* For tests: how many milliseconds pass for a second when a person or another process is waited for. */
void lw_identity_set_second (LwIdentity *self, guint milliseconds);

/* One sign-in under way. */
typedef struct
{
  LwIdentity *identity;
  char *claims; /* nullable: of a challenge */
  char *login_hint;
  char *secret;
  gboolean session_only;
  LwSignInHooks hooks;
  gpointer user_data;
  GDestroyNotify destroy;
  GCancellable *cancellable; /* nullable */
  DexPromise *done;
} LwSigningIn;

/* Whether it was given up, with %LW_AZURE_ERROR_CANCELLED then. */
gboolean lw_signing_in_is_cancelled (LwSigningIn *self, GError **error);
/* Waits on its fiber; %FALSE as above where it was given up in the meantime. */
gboolean lw_signing_in_sleep (LwSigningIn *self, guint milliseconds, GError **error);
/* By device code, on the fiber of @self. */
gboolean lw_signing_in_by_device (LwSigningIn *self, GError **error);

/* Overwrites the text before it is freed. */
void lw_clear_secret (char **text);
/* %TRUE where the profile signs in as an application. */
gboolean lw_profile_is_application (LwProfile *profile);
/* What to ask for so that the answer holds a token for @audience, who it is, and a refresh token.
 * (transfer full) */
char *lw_identity_scopes (LwIdentity *self, LwAudience audience);
/* Works with @token from now on; @token may be %NULL where one was given before. */
gboolean lw_identity_take_given (LwIdentity *self, const char *token, GError **error);
gboolean lw_identity_check_given (LwIdentity *self, GError **error);
/* Says who it is by the claims of an id token or access token. @person: (transfer full) */
void lw_identity_take_person (LwIdentity *self, LwPerson *person, const char *tid);
/* %FALSE with a sentence where a token is of another tenant than the profile's. */
gboolean lw_identity_check_tenant (LwIdentity *self, const char *tid, GError **error);

/* Takes over what a sign-in of a person brought: who it is, and the tokens, in the place of all earlier
 * ones. %FALSE where the id token does not answer the request that had @nonce (nullable: where none was
 * sent), or is another account's than the profile's. */
gboolean
lw_identity_accept (LwIdentity *self, LwEntraTokens *tokens, const char *nonce, GError **error);
/* The same for what the id token of a refresh says. */
gboolean lw_identity_take_id_token (LwIdentity *self,
                                    const char *id_token,
                                    const char *nonce,
                                    GError **error);
/* Whether it says who signed in, where, and to what. */
gboolean lw_identity_names_somebody (const char *id_token);
/* Whose sign-in this is: the profile's account, or who signed in first. (transfer none) (nullable) */
const char *lw_identity_get_account (LwIdentity *self);
const char *lw_identity_get_account_upn (LwIdentity *self);
/* Keeps an access token until a while before it ends. */
void
lw_identity_keep_access (LwIdentity *self, LwAudience audience, const char *token, gint64 seconds);
void lw_identity_drop_access (LwIdentity *self);
/* Begins anew: nothing that is under way counts any more. */
void lw_identity_renew (LwIdentity *self);
/* Keeps what is worth it in the keyring: the newest refresh token, or the application's secret. Where
 * that fails the session lives on in memory and the reason is kept. One at a time, and to its end even
 * where nobody waits. */
DexFuture *lw_identity_remember (LwIdentity *self);

/* Signs in as the application with @secret (nullable: with what is known, here or in the keyring). On a
 * fiber. */
gboolean lw_identity_sign_in_as_app (LwIdentity *self,
                                     const char *secret,
                                     const char *claims,
                                     GError **error);
/* A token for the application. On a fiber. (transfer full) */
LwEntraTokens *lw_identity_request_as_app (LwIdentity *self,
                                           LwAudience audience,
                                           const char *secret,
                                           const char *claims,
                                           GError **error);

G_END_DECLS
