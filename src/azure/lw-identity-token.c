/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Access tokens: one refresh for all callers, and the newest refresh token never lost. */

#include "config.h"

#include <glib/gi18n-lib.h>

#include "lw-azure-error.h"
#include "lw-identity-private.h"
#include "lw-keyring.h"
#include "lw-turn.h"

#define MAX_REREADS    4
#define MAX_LOOKS      2 /* for one that another process is writing */
#define TURN_SECONDS   10
#define MAX_CHALLENGES 3 /* that come while one is being answered */

static const char *
usable_access (LwIdentity *self, LwAudience audience)
{
  const Access *access = &self->access[audience];

  if (access->token == NULL || g_get_monotonic_time () >= access->monotonic_end ||
      g_get_real_time () >= access->real_end)
    return NULL;
  return access->token;
}

static LwEntraTokens *
request_as_person (LwIdentity *self, LwAudience audience, const char *claims, GError **error)
{
  g_autofree char *scopes = lw_identity_scopes (self, audience);
  g_autofree char *wanted = lw_entra_claims (claims);
  g_autofree char *token = g_strdup (self->refresh_token);
  /* clang-format off */
  const char *const form[] = {
    "client_id", lw_profile_get_client_id (self->profile),
    "grant_type", "refresh_token",
    "refresh_token", token,
    "scope", scopes,
    "claims", wanted,
    NULL,
  };
  /* clang-format on */

  return dex_await_boxed (lw_entra_request_token (self->wire, self->profile, form, TRUE), error);
}

/* Several processes with one keyring use up each other's refresh token: one at a time renews and keeps what
 * it got. %NULL where there is nobody to mind, or a turn did not come. (transfer full) */
static LwTurn *
take_turn (LwIdentity *self)
{
  LwCloud *cloud = lw_profile_get_cloud (self->profile);
  g_autofree char *what = NULL;

  if (self->session_only || lw_profile_is_application (self->profile))
    return NULL;
  what = g_strjoin (" ", cloud->login, lw_profile_get_tenant (self->profile),
                    lw_profile_get_client_id (self->profile), NULL);
  return lw_turn_take (what, TURN_SECONDS * self->second_ms);
}

typedef struct
{
  DexFuture *remembering;
  LwTurn *turn;
} Ending;

static void
ending_free (gpointer data)
{
  Ending *self = data;

  dex_unref (self->remembering);
  lw_turn_free (self->turn);
  g_free (self);
}

static DexFuture *
end_turn_fiber (gpointer data)
{
  Ending *self = data;

  dex_await (dex_ref (self->remembering), NULL);
  return dex_future_new_for_boolean (TRUE);
}

/* Gives the turn back as soon as the keyring holds what it brought. Nobody waits for that. */
static void
end_turn (LwIdentity *self, LwTurn *turn)
{
  Ending *ending;

  if (turn == NULL || self->remembering == NULL)
    {
      g_clear_pointer (&turn, lw_turn_free);
      return;
    }
  ending = g_new0 (Ending, 1);
  ending->remembering = dex_ref (self->remembering);
  ending->turn = turn;
  dex_unref (lw_spawn_detached (end_turn_fiber, ending, ending_free));
}

/* Another process may have used the same keyring: whether it left a newer token there. @looks: how often to
 * look for it. */
static gboolean
take_newer_token (LwIdentity *self, guint generation, guint looks)
{
  const char *account = self->person != NULL ? self->person->id : lw_identity_get_account (self);
  g_autofree char *stored = NULL;

  if (self->session_only || lw_profile_is_application (self->profile))
    return FALSE;
  /* What this process has to keep comes first. */
  if (self->remembering != NULL)
    dex_await (dex_ref (self->remembering), NULL);
  for (guint i = 0; i < looks; i++)
    {
      /* It may be about to write it, or be doing so now. */
      if (i > 0 && !lw_sleep (self->second_ms))
        break;
      lw_clear_secret (&stored);
      stored = dex_await_string (lw_keyring_lookup (self->profile, account), NULL);
      if (generation != self->generation)
        break;
      if (stored != NULL && g_strcmp0 (stored, self->refresh_token) != 0)
        {
          lw_clear_secret (&self->refresh_token);
          self->refresh_token = g_steal_pointer (&stored);
          return TRUE;
        }
    }
  lw_clear_secret (&stored);
  return FALSE;
}

static gboolean
is_refused_grant (const GError *error)
{
  const LwAzureErrorDetails *details = lw_azure_error_get_details (error);

  return g_error_matches (error, LW_AZURE_ERROR, LW_AZURE_ERROR_SIGN_IN) && details != NULL &&
         g_strcmp0 (details->code, "invalid_grant") == 0;
}

static LwEntraTokens *
request (LwIdentity *self,
         LwAudience audience,
         const char *claims,
         guint generation,
         gboolean in_turn,
         GError **error)
{
  /* Who had the turn before has written what it got. */
  guint looks = in_turn ? 1 : MAX_LOOKS;

  if (lw_profile_is_application (self->profile))
    return lw_identity_request_as_app (self, audience, self->secret, claims, error);
  for (guint i = 0;; i++)
    {
      g_autoptr (GError) local = NULL;
      g_autoptr (LwEntraTokens) tokens = request_as_person (self, audience, claims, &local);

      if (tokens != NULL)
        return g_steal_pointer (&tokens);
      if (i == MAX_REREADS || generation != self->generation || !is_refused_grant (local) ||
          !take_newer_token (self, generation, looks))
        {
          g_propagate_error (error, g_steal_pointer (&local));
          return NULL;
        }
    }
}

/* A refusal, with the claims of the challenge that led to it where it has none of its own, so that the
 * person's sign-in answers the challenge. Takes @refusal. */
static GError *
with_claims (GError *refusal, const char *claims)
{
  const LwAzureErrorDetails *details = lw_azure_error_get_details (refusal);
  LwAzureErrorDetails more = { 0 };
  GError *error;

  if (claims == NULL || !g_error_matches (refusal, LW_AZURE_ERROR, LW_AZURE_ERROR_SIGN_IN) ||
      (details != NULL && details->claims != NULL))
    return refusal;
  if (details != NULL)
    more = *details;
  more.claims = (char *) claims;
  error = lw_azure_error_new (LW_AZURE_ERROR_SIGN_IN, &more, refusal->message);
  g_error_free (refusal);
  return error;
}

static gboolean
can_ask (LwIdentity *self, GError **error)
{
  const LwAzureErrorDetails details = { .code = (char *) LW_SIGN_IN_NOBODY };

  if (lw_profile_is_application (self->profile) ? self->person != NULL
                                                : self->refresh_token != NULL)
    return TRUE;
  g_propagate_error (error,
                     lw_azure_error_new (LW_AZURE_ERROR_SIGN_IN, &details,
                                         _ ("Nobody is signed in to this connection. Sign in.")));
  return FALSE;
}

/* Takes over the refresh token that came in the place of the last one, which is used up. */
static void
take_rotated (LwIdentity *self, const LwEntraTokens *tokens)
{
  if (lw_profile_is_application (self->profile) || tokens->refresh_token == NULL ||
      g_strcmp0 (tokens->refresh_token, self->refresh_token) == 0)
    return;
  lw_clear_secret (&self->refresh_token);
  self->refresh_token = g_strdup (tokens->refresh_token);
  if (self->person != NULL || lw_identity_get_account (self) != NULL)
    dex_unref (lw_identity_remember (self));
}

/* Takes over what a refresh with @claims brought. */
static gboolean
keep (LwIdentity *self,
      LwAudience audience,
      const LwEntraTokens *tokens,
      const char *claims,
      GError **error)
{
  gboolean person = !lw_profile_is_application (self->profile);

  /* An id token that says nothing is no reason to lose the sign-in; another one's is not kept. */
  if (person && tokens->id_token != NULL && !lw_identity_names_somebody (tokens->id_token))
    {
      take_rotated (self, tokens);
      if (self->person == NULL)
        return lw_identity_take_id_token (self, tokens->id_token, NULL, error);
    }
  else if (person && tokens->id_token != NULL &&
           !lw_identity_take_id_token (self, tokens->id_token, NULL, error))
    return FALSE;
  take_rotated (self, tokens);
  self->signed_in = TRUE;
  /* A challenge that came in the meantime is not answered by this one. */
  if (g_strcmp0 (self->claims[audience], claims) == 0)
    {
      lw_identity_keep_access (self, audience, tokens->access_token, tokens->expires_in);
      g_clear_pointer (&self->claims[audience], g_free);
    }
  return TRUE;
}

/* Nobody signed in or out in the meantime. */
static gboolean
is_same_sign_in (LwIdentity *self, guint generation, GError **error)
{
  if (generation == self->generation)
    return TRUE;
  g_set_error_literal (error, LW_AZURE_ERROR, LW_AZURE_ERROR_SIGN_IN,
                       _ ("The sign-in changed in the meantime. Try again."));
  return FALSE;
}

/* One request. @answered: whether the token has all that was asked for until now. (transfer full) */
static char *
refresh_once (LwIdentity *self,
              LwAudience audience,
              gboolean in_turn,
              gboolean *answered,
              GError **error)
{
  g_autoptr (LwEntraTokens) tokens = NULL;
  g_autoptr (GError) local = NULL;
  g_autofree char *claims = g_strdup (self->claims[audience]);
  guint generation = self->generation;

  tokens = request (self, audience, claims, generation, in_turn, &local);
  if (!is_same_sign_in (self, generation, error))
    return NULL;
  if (tokens == NULL)
    {
      if (audience == LW_AUDIENCE_ARM &&
          g_error_matches (local, LW_AZURE_ERROR, LW_AZURE_ERROR_SIGN_IN))
        self->signed_in = FALSE;
      g_propagate_error (error, with_claims (g_steal_pointer (&local), claims));
      return NULL;
    }
  *answered = g_strcmp0 (self->claims[audience], claims) == 0;
  return keep (self, audience, tokens, claims, error) ? g_strdup (tokens->access_token) : NULL;
}

/* Does one refresh while nobody else does. The caller holds the turn. */
static char *
refresh_now (LwIdentity *self, LwAudience audience, GError **error)
{
  g_autofree char *token = NULL;
  gboolean answered = FALSE;
  LwTurn *turn;

  if (usable_access (self, audience) != NULL)
    return g_strdup (usable_access (self, audience));
  turn = take_turn (self);
  for (guint i = 0; i < MAX_CHALLENGES && !answered; i++)
    {
      lw_clear_secret (&token);
      if (can_ask (self, error))
        token = refresh_once (self, audience, turn != NULL, &answered, error);
      if (token == NULL)
        break;
    }
  end_turn (self, turn);
  return g_steal_pointer (&token);
}

typedef struct
{
  LwIdentity *identity;
  LwAudience audience;
} Refreshing;

static void
refreshing_free (gpointer data)
{
  Refreshing *self = data;

  g_object_unref (self->identity);
  g_free (self);
}

static DexFuture *
refresh_fiber (gpointer data)
{
  Refreshing *refreshing = data;
  LwIdentity *self = refreshing->identity;
  g_autoptr (GError) error = NULL;
  g_autofree char *token = NULL;
  DexPromise *turn;

  while (self->busy != NULL)
    dex_await (dex_ref (DEX_FUTURE (self->busy)), NULL);
  turn = self->busy = dex_promise_new ();
  token = refresh_now (self, refreshing->audience, &error);
  dex_clear (&self->refreshing[refreshing->audience]);
  dex_ref (turn);
  dex_clear (&self->busy);
  dex_promise_resolve_boolean (turn, TRUE);
  dex_unref (turn);
  if (token == NULL)
    return dex_future_new_for_error (g_steal_pointer (&error));
  return dex_future_new_for_string (token);
}

/* All callers share one refresh, which runs to its end even where they all went away: the rotated token
 * would be lost otherwise. */
static DexFuture *
join_refresh (LwIdentity *self, LwAudience audience)
{
  if (self->refreshing[audience] == NULL)
    {
      Refreshing *refreshing = g_new0 (Refreshing, 1);

      refreshing->identity = g_object_ref (self);
      refreshing->audience = audience;
      self->refreshing[audience] = lw_spawn_detached (refresh_fiber, refreshing, refreshing_free);
    }
  return dex_ref (self->refreshing[audience]);
}

DexFuture *
lw_identity_get_token (LwIdentity *self, LwAudience audience)
{
  g_autoptr (GError) error = NULL;

  dex_return_error_if_fail (LW_IS_IDENTITY (self));
  dex_return_error_if_fail (audience < LW_AUDIENCE_COUNT);

  if (self->given_token != NULL)
    {
      if (!lw_identity_check_given (self, &error))
        return dex_future_new_for_error (g_steal_pointer (&error));
      return dex_future_new_for_string (self->given_token);
    }
  if (usable_access (self, audience) != NULL)
    return dex_future_new_for_string (usable_access (self, audience));
  return join_refresh (self, audience);
}

/* Resume */

static gboolean
resume_person (LwIdentity *self, GError **error)
{
  g_autofree char *stored = NULL;
  guint generation = self->generation;

  if (self->refresh_token == NULL)
    {
      stored = dex_await_string (lw_keyring_lookup (self->profile, lw_identity_get_account (self)),
                                 error);
      if (stored == NULL)
        return FALSE;
      /* What was read before somebody signed out is not to come back. */
      if (!is_same_sign_in (self, generation, error))
        {
          lw_clear_secret (&stored);
          return FALSE;
        }
      if (self->refresh_token == NULL)
        self->refresh_token = g_steal_pointer (&stored);
    }
  return dex_await (lw_gate (join_refresh (self, LW_AUDIENCE_ARM)), error);
}

static gboolean
resume (LwIdentity *self, GError **error)
{
  if (self->given_token != NULL || lw_profile_get_sign_in (self->profile) == LW_SIGN_IN_TOKEN)
    return lw_identity_take_given (self, NULL, error);
  if (lw_profile_is_application (self->profile))
    return lw_identity_sign_in_as_app (self, NULL, NULL, error);
  return resume_person (self, error);
}

static DexFuture *
resume_fiber (gpointer data)
{
  g_autoptr (GError) error = NULL;

  if (!resume (data, &error))
    return dex_future_new_for_error (g_steal_pointer (&error));
  return dex_future_new_for_boolean (TRUE);
}

DexFuture *
lw_identity_resume (LwIdentity *self)
{
  dex_return_error_if_fail (LW_IS_IDENTITY (self));

  return lw_spawn (resume_fiber, g_object_ref (self), g_object_unref);
}
