/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "config.h"

#include <glib/gi18n-lib.h>
#include <string.h>

#include "lw-azure-error.h"
#include "lw-entra.h"
#include "lw-identity-private.h"
#include "lw-json.h"
#include "lw-jwt.h"
#include "lw-keyring.h"
#include "lw-pkce.h"
#include "lw-wire.h"

#define MARGIN_S                                                                                   \
  300 /* a token is renewed that long before it ends, or after nine tenths of its life */

G_DEFINE_FINAL_TYPE (LwIdentity, lw_identity, G_TYPE_OBJECT)

void
lw_clear_secret (char **text)
{
  if (*text != NULL)
    explicit_bzero (*text, strlen (*text));
  g_clear_pointer (text, g_free);
}

static void
lw_identity_finalize (GObject *object)
{
  LwIdentity *self = LW_IDENTITY (object);

  g_clear_pointer (&self->profile, lw_profile_unref);
  g_clear_pointer (&self->wire, lw_wire_unref);
  g_clear_pointer (&self->person, lw_person_free);
  g_clear_pointer (&self->tenant_id, g_free);
  lw_clear_secret (&self->given_token);
  lw_clear_secret (&self->refresh_token);
  for (guint i = 0; i < LW_AUDIENCE_COUNT; i++)
    {
      lw_clear_secret (&self->access[i].token);
      dex_clear (&self->refreshing[i]);
    }
  dex_clear (&self->remembering);
  dex_clear (&self->busy);
  g_clear_error (&self->keyring_error);
  G_OBJECT_CLASS (lw_identity_parent_class)->finalize (object);
}

static void
lw_identity_class_init (LwIdentityClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = lw_identity_finalize;
}

static void
lw_identity_init (LwIdentity *self)
{
}

LwIdentity *
lw_identity_new (LwProfile *profile)
{
  LwIdentity *self = g_object_new (LW_TYPE_IDENTITY, NULL);

  self->profile = lw_profile_ref (profile);
  self->wire = lw_wire_new (lw_profile_get_ca_file (profile));
  return self;
}

/* Who the claims of an id token or access token name. (transfer full) (nullable) */
static LwPerson *
person_of (JsonObject *claims)
{
  static const char *const names[] = { "upn", "preferred_username", "unique_name", "email" };
  const char *oid = lw_json_get_string (claims, "oid");
  const char *upn = NULL;
  const char *name = lw_json_get_string (claims, "name");

  for (guint i = 0; upn == NULL && i < G_N_ELEMENTS (names); i++)
    upn = lw_json_get_string (claims, names[i]);
  if (oid == NULL)
    return NULL;
  return lw_person_new (oid, name != NULL ? name : upn, upn);
}

static void
use_given (LwIdentity *self, const char *token)
{
  g_autoptr (JsonObject) claims = NULL;

  lw_clear_secret (&self->given_token);
  self->given_token = g_strstrip (g_strdup (token));
  self->given_end = 0;
  g_clear_pointer (&self->person, lw_person_free);
  g_clear_pointer (&self->tenant_id, g_free);
  claims = lw_jwt_claims (self->given_token);
  if (claims != NULL)
    {
      self->person = person_of (claims);
      g_set_str (&self->tenant_id, lw_json_get_string (claims, "tid"));
      self->given_end = lw_json_get_int (claims, "exp", 0);
    }
  self->signed_in = TRUE;
}

LwIdentity *
lw_identity_new_for_token (LwProfile *profile, const char *token)
{
  LwIdentity *self = lw_identity_new (profile);

  use_given (self, token);
  return self;
}

static gboolean
check_given (LwIdentity *self, GError **error)
{
  gint64 now = g_get_real_time () / G_USEC_PER_SEC;
  g_autoptr (GDateTime) end = NULL;
  g_autofree char *when = NULL;

  if (self->given_token[0] == '\0' || strpbrk (self->given_token, " \t\r\n") != NULL)
    {
      g_set_error_literal (error, LW_AZURE_ERROR, LW_AZURE_ERROR_SIGN_IN,
                           _ ("The given access token is empty or no token."));
      return FALSE;
    }
  if (self->given_end == 0 || self->given_end > now)
    return TRUE;
  end = g_date_time_new_from_unix_utc (self->given_end);
  when = end != NULL ? g_date_time_format (end, "%Y-%m-%d %H:%M UTC") : g_strdup ("?");
  g_set_error (error, LW_AZURE_ERROR, LW_AZURE_ERROR_SIGN_IN,
               _ ("The given access token expired on %s. Get a new one."), when);
  return FALSE;
}

gboolean
lw_identity_take_given (LwIdentity *self, const char *token, GError **error)
{
  if (token != NULL)
    use_given (self, token);
  else if (self->given_token == NULL)
    {
      g_set_error_literal (error, LW_AZURE_ERROR, LW_AZURE_ERROR_SIGN_IN,
                           _ ("This connection works with an access token from you. Give it one."));
      return FALSE;
    }
  return check_given (self, error);
}

char *
lw_identity_scopes (LwIdentity *self, LwAudience audience)
{
  g_autofree char *scope = lw_cloud_scope (lw_profile_get_cloud (self->profile), audience);

  return g_strconcat ("openid profile offline_access ", scope, NULL);
}

static void
keep_access (LwIdentity *self, LwAudience audience, const char *token, gint64 seconds)
{
  Access *access = &self->access[audience];
  gint64 margin = MIN (MARGIN_S, seconds / 10);
  gint64 usable = (seconds - margin) * G_USEC_PER_SEC;

  lw_clear_secret (&access->token);
  access->token = g_strdup (token);
  access->monotonic_end = g_get_monotonic_time () + usable;
  access->real_end = g_get_real_time () + usable;
}

static const char *
usable_access (LwIdentity *self, LwAudience audience)
{
  const Access *access = &self->access[audience];

  if (access->token == NULL || g_get_monotonic_time () >= access->monotonic_end ||
      g_get_real_time () >= access->real_end)
    return NULL;
  return access->token;
}

static void
drop_access (LwIdentity *self)
{
  for (guint i = 0; i < LW_AUDIENCE_COUNT; i++)
    lw_clear_secret (&self->access[i].token);
}

/* Keeps the newest refresh token in the keyring; where that fails the session lives on in memory and
 * the reason is kept. */
static DexFuture *
remember_fiber (gpointer data)
{
  LwIdentity *self = data;
  g_autofree char *token = NULL;

  while (self->refresh_token != NULL && self->person != NULL && !self->session_only &&
         g_strcmp0 (token, self->refresh_token) != 0)
    {
      g_autoptr (GError) error = NULL;

      lw_clear_secret (&token);
      token = g_strdup (self->refresh_token);
      dex_await (lw_keyring_store (self->profile, self->person->id, token), &error);
      g_clear_error (&self->keyring_error);
      self->keyring_error = g_steal_pointer (&error);
    }
  lw_clear_secret (&token);
  dex_clear (&self->remembering);
  return dex_future_new_for_boolean (TRUE);
}

DexFuture *
lw_identity_remember (LwIdentity *self)
{
  if (self->remembering == NULL)
    {
      self->remembering = lw_spawn_detached (remember_fiber, g_object_ref (self), g_object_unref);
    }
  return dex_ref (self->remembering);
}

/* What the id token says, once it was found to answer our own request. */
static gboolean
take_id_token (LwIdentity *self, const char *id_token, const char *nonce, GError **error)
{
  g_autoptr (JsonObject) claims = lw_jwt_claims (id_token);
  const char *tenant = lw_profile_get_tenant (self->profile);
  const char *tid = lw_json_get_string (claims, "tid");
  g_autoptr (LwPerson) person = claims != NULL ? person_of (claims) : NULL;

  if (claims == NULL || person == NULL || tid == NULL)
    {
      g_set_error_literal (error, LW_AZURE_ERROR, LW_AZURE_ERROR_PROTOCOL,
                           _ ("The sign-in service does not say who signed in."));
      return FALSE;
    }
  if ((nonce != NULL && !lw_secret_equal (lw_json_get_string (claims, "nonce"), nonce)) ||
      g_strcmp0 (lw_json_get_string (claims, "aud"), lw_profile_get_client_id (self->profile)) != 0)
    {
      g_set_error_literal (
          error, LW_AZURE_ERROR, LW_AZURE_ERROR_PROTOCOL,
          _ ("The sign-in that came back is not the one that was begun. Sign in again."));
      return FALSE;
    }
  if (g_uuid_string_is_valid (tenant) && g_ascii_strcasecmp (tid, tenant) != 0)
    {
      g_set_error (error, LW_AZURE_ERROR, LW_AZURE_ERROR_SIGN_IN,
                   _ ("You signed in to another tenant (%s). Sign in with an account of the "
                      "connection's tenant."),
                   tid);
      return FALSE;
    }
  /* The same person stays the same value: others hold it. */
  if (!lw_person_equal (self->person, person))
    {
      g_clear_pointer (&self->person, lw_person_free);
      self->person = g_steal_pointer (&person);
    }
  g_set_str (&self->tenant_id, tid);
  return TRUE;
}

gboolean
lw_identity_accept (LwIdentity *self, LwEntraTokens *tokens, const char *nonce, GError **error)
{
  if (!take_id_token (self, tokens->id_token, nonce, error))
    return FALSE;
  self->generation++;
  drop_access (self);
  lw_clear_secret (&self->refresh_token);
  self->refresh_token = g_strdup (tokens->refresh_token);
  keep_access (self, LW_AUDIENCE_ARM, tokens->access_token, tokens->expires_in);
  self->signed_in = TRUE;
  return TRUE;
}

/* Refresh */

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

static LwEntraTokens *
request_refresh (LwIdentity *self, LwAudience audience, GError **error)
{
  g_autofree char *scopes = lw_identity_scopes (self, audience);
  g_autofree char *token = g_strdup (self->refresh_token);
  /* clang-format off */
  const char *const form[] = {
    "client_id", lw_profile_get_client_id (self->profile),
    "grant_type", "refresh_token",
    "refresh_token", token,
    "scope", scopes,
    NULL,
  };
  /* clang-format on */

  return dex_await_boxed (lw_entra_request_token (self->wire, self->profile, form, TRUE), error);
}

/* Does one refresh while nobody else does. The caller holds the turn. */
static char *
refresh_now (LwIdentity *self, LwAudience audience, GError **error)
{
  g_autoptr (LwEntraTokens) tokens = NULL;
  g_autoptr (GError) local = NULL;
  guint generation = self->generation;
  gboolean rotated;

  if (usable_access (self, audience) != NULL)
    return g_strdup (usable_access (self, audience));
  if (self->refresh_token == NULL)
    {
      g_set_error_literal (error, LW_AZURE_ERROR, LW_AZURE_ERROR_SIGN_IN,
                           _ ("Nobody is signed in to this connection. Sign in."));
      return NULL;
    }
  tokens = request_refresh (self, audience, &local);
  if (generation != self->generation)
    {
      g_set_error_literal (error, LW_AZURE_ERROR, LW_AZURE_ERROR_SIGN_IN,
                           _ ("The sign-in changed in the meantime. Try again."));
      return NULL;
    }
  if (tokens == NULL)
    {
      if (audience == LW_AUDIENCE_ARM &&
          g_error_matches (local, LW_AZURE_ERROR, LW_AZURE_ERROR_SIGN_IN))
        self->signed_in = FALSE;
      g_propagate_error (error, g_steal_pointer (&local));
      return NULL;
    }
  rotated =
      tokens->refresh_token != NULL && g_strcmp0 (tokens->refresh_token, self->refresh_token) != 0;
  if (rotated)
    {
      lw_clear_secret (&self->refresh_token);
      self->refresh_token = g_strdup (tokens->refresh_token);
    }
  if (tokens->id_token != NULL && !take_id_token (self, tokens->id_token, NULL, error))
    return NULL;
  keep_access (self, audience, tokens->access_token, tokens->expires_in);
  self->signed_in = TRUE;
  if (rotated)
    dex_unref (lw_identity_remember (self));
  return g_strdup (tokens->access_token);
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
      if (!check_given (self, &error))
        return dex_future_new_for_error (g_steal_pointer (&error));
      return dex_future_new_for_string (self->given_token);
    }
  if (usable_access (self, audience) != NULL)
    return dex_future_new_for_string (usable_access (self, audience));
  return join_refresh (self, audience);
}

void
lw_identity_invalidate (LwIdentity *self, LwAudience audience, const char *token)
{
  g_return_if_fail (LW_IS_IDENTITY (self));
  g_return_if_fail (audience < LW_AUDIENCE_COUNT);

  if (g_strcmp0 (self->access[audience].token, token) == 0)
    lw_clear_secret (&self->access[audience].token);
}

/* Resume */

static DexFuture *
resume_fiber (gpointer data)
{
  LwIdentity *self = data;
  g_autoptr (GError) error = NULL;
  g_autofree char *stored = NULL;
  g_autofree char *token = NULL;

  if (self->given_token != NULL)
    return check_given (self, &error) ? dex_future_new_for_boolean (TRUE)
                                      : dex_future_new_for_error (g_steal_pointer (&error));
  if (self->refresh_token == NULL)
    {
      if (lw_profile_get_sign_in (self->profile) == LW_SIGN_IN_TOKEN)
        return dex_future_new_reject (
            LW_AZURE_ERROR, LW_AZURE_ERROR_SIGN_IN,
            _ ("This connection works with an access token from you. Give it one."));
      stored = dex_await_string (lw_keyring_lookup (self->profile), &error);
      if (stored == NULL)
        return dex_future_new_for_error (g_steal_pointer (&error));
      if (self->refresh_token == NULL)
        self->refresh_token = g_steal_pointer (&stored);
    }
  token = dex_await_string (lw_gate (join_refresh (self, LW_AUDIENCE_ARM)), &error);
  if (token == NULL)
    return dex_future_new_for_error (g_steal_pointer (&error));
  return dex_future_new_for_boolean (TRUE);
}

DexFuture *
lw_identity_resume (LwIdentity *self)
{
  dex_return_error_if_fail (LW_IS_IDENTITY (self));

  return lw_spawn (resume_fiber, g_object_ref (self), g_object_unref);
}

/* Sign-out */

static DexFuture *
sign_out_fiber (gpointer data)
{
  LwIdentity *self = data;
  g_autoptr (GError) error = NULL;
  g_autofree char *account = g_strdup (
      self->person != NULL ? self->person->id : lw_profile_get_account_id (self->profile));

  self->generation++;
  drop_access (self);
  lw_clear_secret (&self->refresh_token);
  lw_clear_secret (&self->given_token);
  g_clear_pointer (&self->person, lw_person_free);
  g_clear_pointer (&self->tenant_id, g_free);
  self->signed_in = FALSE;
  if (self->remembering != NULL)
    dex_await (dex_ref (self->remembering), NULL);
  dex_await (lw_keyring_clear (self->profile, account), &error);
  /* Without a keyring there is nothing to forget there. */
  if (error == NULL || g_error_matches (error, LW_AZURE_ERROR, LW_AZURE_ERROR_KEYRING_MISSING))
    return dex_future_new_for_boolean (TRUE);
  return dex_future_new_for_error (g_steal_pointer (&error));
}

DexFuture *
lw_identity_sign_out (LwIdentity *self)
{
  dex_return_error_if_fail (LW_IS_IDENTITY (self));

  return lw_spawn (sign_out_fiber, g_object_ref (self), g_object_unref);
}

gboolean
lw_identity_is_signed_in (LwIdentity *self)
{
  g_return_val_if_fail (LW_IS_IDENTITY (self), FALSE);

  return self->signed_in;
}

const LwPerson *
lw_identity_get_person (LwIdentity *self)
{
  g_return_val_if_fail (LW_IS_IDENTITY (self), NULL);

  return self->person;
}

void
lw_identity_set_person (LwIdentity *self, const LwPerson *person)
{
  g_return_if_fail (LW_IS_IDENTITY (self));

  if (person == self->person)
    return;
  g_clear_pointer (&self->person, lw_person_free);
  self->person = person != NULL ? lw_person_copy (person) : NULL;
}

const char *
lw_identity_get_tenant_id (LwIdentity *self)
{
  const char *tenant;

  g_return_val_if_fail (LW_IS_IDENTITY (self), NULL);

  tenant = lw_profile_get_tenant (self->profile);
  if (self->tenant_id != NULL)
    return self->tenant_id;
  return g_uuid_string_is_valid (tenant) ? tenant : NULL;
}

const GError *
lw_identity_get_keyring_error (LwIdentity *self)
{
  g_return_val_if_fail (LW_IS_IDENTITY (self), NULL);

  return self->keyring_error;
}
