/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Who is signed in, and with what. */

#include "config.h"

#include <glib/gi18n-lib.h>
#include <string.h>

#include "lw-azure-error.h"
#include "lw-identity-private.h"
#include "lw-json.h"
#include "lw-jwt.h"
#include "lw-keyring.h"
#include "lw-pkce.h"

#define MARGIN_S                                                                                   \
  300 /* a token is renewed that long before it ends, or after nine tenths of its life */
#define SKEW_S 300 /* how wrong the clocks may be between here and there */

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
  g_clear_pointer (&self->bound, lw_person_free);
  g_clear_pointer (&self->tenant_id, g_free);
  lw_clear_secret (&self->given_token);
  lw_clear_secret (&self->refresh_token);
  lw_clear_secret (&self->secret);
  for (guint i = 0; i < LW_AUDIENCE_COUNT; i++)
    {
      lw_clear_secret (&self->access[i].token);
      g_clear_pointer (&self->claims[i], g_free);
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
  self->second_ms = 1000;
}

LwIdentity *
lw_identity_new (LwProfile *profile)
{
  LwIdentity *self = g_object_new (LW_TYPE_IDENTITY, NULL);

  self->profile = lw_profile_ref (profile);
  self->wire = lw_wire_new (lw_profile_get_ca_file (profile));
  return self;
}

void
lw_identity_set_second (LwIdentity *self, guint milliseconds)
{
  self->second_ms = milliseconds;
}

gboolean
lw_profile_is_application (LwProfile *profile)
{
  return lw_profile_get_sign_in (profile) == LW_SIGN_IN_SECRET ||
         lw_profile_get_sign_in (profile) == LW_SIGN_IN_CERTIFICATE;
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

void
lw_identity_take_person (LwIdentity *self, LwPerson *person, const char *tid)
{
  /* The same person stays the same value: others hold it. */
  if (lw_person_equal (self->person, person))
    lw_person_free (person);
  else
    {
      g_clear_pointer (&self->person, lw_person_free);
      self->person = person;
    }
  g_set_str (&self->tenant_id, tid);
}

static gboolean check_account (LwIdentity *self, const LwPerson *person, GError **error);

/* Given tokens */

static void
use_given (LwIdentity *self, const char *token)
{
  g_autoptr (JsonObject) claims = NULL;

  lw_clear_secret (&self->given_token);
  self->given_token = g_strstrip (g_strdup (token));
  self->given_end = 0;
  claims = lw_jwt_claims (self->given_token);
  g_clear_pointer (&self->person, lw_person_free);
  self->person = claims != NULL ? person_of (claims) : NULL;
  g_set_str (&self->tenant_id, claims != NULL ? lw_json_get_string (claims, "tid") : NULL);
  if (claims != NULL)
    self->given_end = lw_json_get_int (claims, "exp", 0);
  self->signed_in = TRUE;
}

LwIdentity *
lw_identity_new_for_token (LwProfile *profile, const char *token)
{
  LwIdentity *self = lw_identity_new (profile);

  use_given (self, token);
  return self;
}

gboolean
lw_identity_check_given (LwIdentity *self, GError **error)
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
  if ((self->tenant_id != NULL && !lw_identity_check_tenant (self, self->tenant_id, error)) ||
      (self->person != NULL && !check_account (self, self->person, error)))
    return FALSE;
  /* Azure has the last word while the clocks may differ. */
  if (self->given_end == 0 || self->given_end + SKEW_S > now)
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
  const LwAzureErrorDetails details = { .code = (char *) LW_SIGN_IN_NEEDS_TOKEN };

  if (token != NULL)
    use_given (self, token);
  else if (self->given_token == NULL)
    {
      g_propagate_error (
          error, lw_azure_error_new (
                     LW_AZURE_ERROR_SIGN_IN, &details,
                     _ ("This connection works with an access token from you. Give it one.")));
      return FALSE;
    }
  self->signed_in = lw_identity_check_given (self, error);
  return self->signed_in;
}

/* Access tokens */

void
lw_identity_keep_access (LwIdentity *self, LwAudience audience, const char *token, gint64 seconds)
{
  Access *access = &self->access[audience];
  gint64 margin = MIN (MARGIN_S, seconds / 10);
  gint64 usable = (seconds - margin) * G_USEC_PER_SEC;

  lw_clear_secret (&access->token);
  access->token = g_strdup (token);
  access->monotonic_end = g_get_monotonic_time () + usable;
  access->real_end = g_get_real_time () + usable;
}

void
lw_identity_drop_access (LwIdentity *self)
{
  for (guint i = 0; i < LW_AUDIENCE_COUNT; i++)
    lw_clear_secret (&self->access[i].token);
}

void
lw_identity_renew (LwIdentity *self)
{
  self->generation++;
  lw_identity_drop_access (self);
  for (guint i = 0; i < LW_AUDIENCE_COUNT; i++)
    g_clear_pointer (&self->claims[i], g_free);
}

void
lw_identity_invalidate (LwIdentity *self, LwAudience audience, const char *token)
{
  g_return_if_fail (LW_IS_IDENTITY (self));
  g_return_if_fail (audience < LW_AUDIENCE_COUNT);

  if (g_strcmp0 (self->access[audience].token, token) == 0)
    lw_clear_secret (&self->access[audience].token);
}

gboolean
lw_identity_challenge (LwIdentity *self, LwAudience audience, const char *token, const char *claims)
{
  g_return_val_if_fail (LW_IS_IDENTITY (self), FALSE);
  g_return_val_if_fail (audience < LW_AUDIENCE_COUNT, FALSE);

  if (self->given_token != NULL)
    return FALSE;
  /* Another call may have brought a better one in the meantime. */
  if (self->access[audience].token != NULL && g_strcmp0 (self->access[audience].token, token) != 0)
    return TRUE;
  lw_clear_secret (&self->access[audience].token);
  /* One that says less does not take back what an earlier one asked for. */
  if (claims != NULL)
    g_set_str (&self->claims[audience], claims);
  return TRUE;
}

char *
lw_identity_scopes (LwIdentity *self, LwAudience audience)
{
  g_autofree char *scope = lw_cloud_scope (lw_profile_get_cloud (self->profile), audience);

  return g_strconcat ("openid profile offline_access ", scope, NULL);
}

/* What a sign-in brought */

const char *
lw_identity_get_account (LwIdentity *self)
{
  const char *account = lw_profile_get_account_id (self->profile);

  return account != NULL || self->bound == NULL ? account : self->bound->id;
}

const char *
lw_identity_get_account_upn (LwIdentity *self)
{
  if (lw_profile_get_account_id (self->profile) != NULL || self->bound == NULL)
    return lw_profile_get_account_upn (self->profile);
  return self->bound->upn;
}

gboolean
lw_identity_check_tenant (LwIdentity *self, const char *tid, GError **error)
{
  const char *tenant = lw_profile_get_tenant (self->profile);

  if (!g_uuid_string_is_valid (tenant) || g_ascii_strcasecmp (tid, tenant) == 0)
    return TRUE;
  g_set_error (
      error, LW_AZURE_ERROR, LW_AZURE_ERROR_SIGN_IN,
      _ ("You signed in to another tenant (%s). Sign in with an account of the connection's "
         "tenant."),
      tid);
  return FALSE;
}

static gboolean
check_account (LwIdentity *self, const LwPerson *person, GError **error)
{
  const char *account = lw_identity_get_account (self);
  const char *upn = lw_identity_get_account_upn (self);
  const LwAzureErrorDetails details = { .code = (char *) LW_SIGN_IN_OTHER_ACCOUNT };
  g_autofree char *text = NULL;

  if (account == NULL || g_ascii_strcasecmp (account, person->id) == 0)
    return TRUE;
  text = g_strdup_printf (
      _ ("You signed in as %s, but this connection is %s's. Sign in with that account, or make a "
         "connection of its own for this one."),
      person->upn != NULL ? person->upn : person->id, upn != NULL ? upn : account);
  g_propagate_error (error, lw_azure_error_new (LW_AZURE_ERROR_SIGN_IN, &details, text));
  return FALSE;
}

gboolean
lw_identity_names_somebody (const char *id_token)
{
  g_autoptr (JsonObject) claims = lw_jwt_claims (id_token);

  return claims != NULL && lw_json_get_string (claims, "oid") != NULL &&
         lw_json_get_string (claims, "tid") != NULL && lw_json_get_string (claims, "aud") != NULL;
}

gboolean
lw_identity_take_id_token (LwIdentity *self,
                           const char *id_token,
                           const char *nonce,
                           GError **error)
{
  g_autoptr (JsonObject) claims = lw_jwt_claims (id_token);
  const char *tid = lw_json_get_string (claims, "tid");
  const char *client = lw_profile_get_client_id (self->profile);
  const char *audience = lw_json_get_string (claims, "aud");
  g_autoptr (LwPerson) person = claims != NULL ? person_of (claims) : NULL;

  if (claims == NULL || person == NULL || tid == NULL || audience == NULL || client == NULL)
    {
      g_set_error_literal (error, LW_AZURE_ERROR, LW_AZURE_ERROR_PROTOCOL,
                           _ ("The sign-in service does not say who signed in."));
      return FALSE;
    }
  if ((nonce != NULL && !lw_secret_equal (lw_json_get_string (claims, "nonce"), nonce)) ||
      g_ascii_strcasecmp (audience, client) != 0)
    {
      g_set_error_literal (
          error, LW_AZURE_ERROR, LW_AZURE_ERROR_PROTOCOL,
          _ ("The sign-in that came back is not the one that was begun. Sign in again."));
      return FALSE;
    }
  if (!lw_identity_check_tenant (self, tid, error) || !check_account (self, person, error))
    return FALSE;
  if (self->bound == NULL)
    self->bound = lw_person_copy (person);
  lw_identity_take_person (self, g_steal_pointer (&person), tid);
  return TRUE;
}

gboolean
lw_identity_accept (LwIdentity *self, LwEntraTokens *tokens, const char *nonce, GError **error)
{
  if (!lw_identity_take_id_token (self, tokens->id_token, nonce, error))
    return FALSE;
  lw_identity_renew (self);
  lw_clear_secret (&self->refresh_token);
  self->refresh_token = g_strdup (tokens->refresh_token);
  lw_identity_keep_access (self, LW_AUDIENCE_ARM, tokens->access_token, tokens->expires_in);
  self->signed_in = TRUE;
  return TRUE;
}

/* The keyring */

/* Whose refresh token it is; %NULL where that is not known yet. (transfer none) */
static const char *
owner (LwIdentity *self)
{
  return self->person != NULL ? self->person->id : lw_identity_get_account (self);
}

/* What is to be kept now; %NULL where there is nothing. (transfer none) */
static const char *
worth_keeping (LwIdentity *self)
{
  if (self->session_only)
    return NULL;
  if (lw_profile_is_application (self->profile))
    return self->secret;
  return owner (self) != NULL ? self->refresh_token : NULL;
}

static DexFuture *
remember_fiber (gpointer data)
{
  LwIdentity *self = data;
  g_autofree char *kept = NULL;

  while (worth_keeping (self) != NULL && g_strcmp0 (kept, worth_keeping (self)) != 0)
    {
      g_autoptr (GError) error = NULL;

      lw_clear_secret (&kept);
      kept = g_strdup (worth_keeping (self));
      if (lw_profile_is_application (self->profile))
        dex_await (lw_keyring_store_secret (self->profile, kept), &error);
      else
        dex_await (lw_keyring_store (self->profile, owner (self),
                                     self->person != NULL ? self->person->upn
                                                          : lw_identity_get_account_upn (self),
                                     kept),
                   &error);
      g_clear_error (&self->keyring_error);
      self->keyring_error = g_steal_pointer (&error);
    }
  lw_clear_secret (&kept);
  dex_clear (&self->remembering);
  return dex_future_new_for_boolean (TRUE);
}

DexFuture *
lw_identity_remember (LwIdentity *self)
{
  if (worth_keeping (self) == NULL)
    g_clear_error (&self->keyring_error);
  if (self->remembering == NULL)
    self->remembering = lw_spawn_detached (remember_fiber, g_object_ref (self), g_object_unref);
  return dex_ref (self->remembering);
}

/* Sign-out */

static gboolean
forget (LwIdentity *self, const char *account, GError **error)
{
  g_autoptr (GError) local = NULL;

  if (lw_profile_get_sign_in (self->profile) == LW_SIGN_IN_TOKEN)
    return TRUE;
  if (lw_profile_is_application (self->profile))
    dex_await (lw_keyring_clear_secret (self->profile), &local);
  else
    dex_await (lw_keyring_clear (self->profile, account), &local);
  /* Without a keyring there is nothing to forget there. */
  if (local == NULL || g_error_matches (local, LW_AZURE_ERROR, LW_AZURE_ERROR_KEYRING_MISSING))
    return TRUE;
  g_propagate_error (error, g_steal_pointer (&local));
  return FALSE;
}

static DexFuture *
sign_out_fiber (gpointer data)
{
  LwIdentity *self = data;
  g_autoptr (GError) error = NULL;
  g_autofree char *account = g_strdup (owner (self));

  lw_identity_renew (self);
  lw_clear_secret (&self->refresh_token);
  lw_clear_secret (&self->secret);
  lw_clear_secret (&self->given_token);
  g_clear_pointer (&self->person, lw_person_free);
  g_clear_pointer (&self->bound, lw_person_free);
  g_clear_pointer (&self->tenant_id, g_free);
  self->signed_in = FALSE;
  if (self->remembering != NULL)
    dex_await (dex_ref (self->remembering), NULL);
  if (!forget (self, account, &error))
    return dex_future_new_for_error (g_steal_pointer (&error));
  return dex_future_new_for_boolean (TRUE);
}

DexFuture *
lw_identity_sign_out (LwIdentity *self)
{
  dex_return_error_if_fail (LW_IS_IDENTITY (self));

  return lw_spawn (sign_out_fiber, g_object_ref (self), g_object_unref);
}

/* What is known */

gboolean
lw_identity_is_signed_in (LwIdentity *self)
{
  g_return_val_if_fail (LW_IS_IDENTITY (self), FALSE);

  return self->signed_in;
}

gboolean
lw_identity_is_application (LwIdentity *self)
{
  g_return_val_if_fail (LW_IS_IDENTITY (self), FALSE);

  return lw_profile_is_application (self->profile);
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
