/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Signing in by device code (RFC 8628): the person types a code into a browser anywhere, and the token
 * endpoint is asked now and then whether that was done. */

#include "config.h"

#include <glib/gi18n-lib.h>

#include "lw-azure-error.h"
#include "lw-identity-private.h"

#define SLOWER_S   5 /* RFC 8628, section 3.5 */
#define MAX_BROKEN 5

typedef struct
{
  LwSigningIn *signing_in;
  LwEntraDevice *device;
  guint usual;    /* seconds between two polls, as the service wants it */
  guint interval; /* seconds until the next one */
  guint broken;   /* how often in a row there was no answer */
  gint64 end;     /* monotonic, microseconds */
} Polling;

static LwEntraDevice *
request_device (LwSigningIn *self, GError **error)
{
  LwIdentity *identity = self->identity;
  g_autofree char *scopes = lw_identity_scopes (identity, LW_AUDIENCE_ARM);
  g_autofree char *claims = lw_entra_claims (self->claims);
  /* clang-format off */
  const char *const form[] = {
    "client_id", lw_profile_get_client_id (identity->profile),
    "scope", scopes,
    "claims", claims,
    NULL,
  };
  /* clang-format on */

  return dex_await_boxed (lw_entra_request_device_code (identity->wire, identity->profile, form),
                          error);
}

static LwEntraTokens *
redeem_device (Polling *self, GError **error)
{
  LwIdentity *identity = self->signing_in->identity;
  g_autofree char *claims = lw_entra_claims (self->signing_in->claims);
  /* clang-format off */
  const char *const form[] = {
    "client_id", lw_profile_get_client_id (identity->profile),
    "grant_type", "urn:ietf:params:oauth:grant-type:device_code",
    "device_code", self->device->device_code,
    "claims", claims,
    NULL,
  };
  /* clang-format on */

  return dex_await_boxed (lw_entra_request_token (identity->wire, identity->profile, form, FALSE),
                          error);
}

static gboolean
has_code (const GError *error, const char *code)
{
  const LwAzureErrorDetails *details = lw_azure_error_get_details (error);

  return details != NULL && g_strcmp0 (details->code, code) == 0;
}

static gboolean
is_over (const GError *error)
{
  return has_code (error, "expired_token") || has_code (error, "code_expired");
}

static gboolean
is_passing (const GError *error)
{
  return g_error_matches (error, LW_AZURE_ERROR, LW_AZURE_ERROR_NETWORK) ||
         g_error_matches (error, LW_AZURE_ERROR, LW_AZURE_ERROR_TIMED_OUT) ||
         g_error_matches (error, LW_AZURE_ERROR, LW_AZURE_ERROR_THROTTLED) ||
         g_error_matches (error, LW_AZURE_ERROR, LW_AZURE_ERROR_SERVER);
}

/* Whether to ask again after @error. */
static gboolean
goes_on (Polling *self, const GError *error)
{
  if (has_code (error, "authorization_pending"))
    {
      self->broken = 0;
      self->interval = self->usual;
    }
  else if (has_code (error, "slow_down"))
    {
      self->broken = 0;
      self->usual += SLOWER_S;
      self->interval = self->usual;
    }
  else if (is_passing (error) && ++self->broken < MAX_BROKEN)
    self->interval *= 2;
  else
    return FALSE;
  return TRUE;
}

static void
set_expired (GError **error, const GError *cause)
{
  g_propagate_error (error,
                     lw_azure_error_new (
                         LW_AZURE_ERROR_TIMED_OUT, lw_azure_error_get_details (cause),
                         _ ("The code expired before it was used. Begin again to get a new one.")));
}

static LwEntraTokens *
poll (Polling *self, GError **error)
{
  LwSigningIn *signing_in = self->signing_in;
  guint second_ms = signing_in->identity->second_ms;

  for (;;)
    {
      g_autoptr (GError) local = NULL;
      g_autoptr (LwEntraTokens) tokens = NULL;
      gint64 left_ms = (self->end - g_get_monotonic_time ()) / 1000;

      if (left_ms <= 0)
        {
          set_expired (error, NULL);
          return NULL;
        }
      if (!lw_signing_in_sleep (signing_in, (guint) MIN (left_ms + 1, self->interval * second_ms),
                                error))
        return NULL;
      tokens = redeem_device (self, &local);
      if (lw_signing_in_is_cancelled (signing_in, error))
        return NULL;
      if (tokens != NULL)
        return g_steal_pointer (&tokens);
      if (is_over (local))
        {
          set_expired (error, local);
          return NULL;
        }
      if (!goes_on (self, local))
        {
          g_propagate_error (error, g_steal_pointer (&local));
          return NULL;
        }
    }
}

gboolean
lw_signing_in_by_device (LwSigningIn *self, GError **error)
{
  g_autoptr (LwEntraDevice) device = NULL;
  g_autoptr (LwEntraTokens) tokens = NULL;
  LwDeviceCode code;
  Polling polling;

  if (self->hooks.show_code == NULL)
    {
      g_set_error_literal (
          error, LW_AZURE_ERROR, LW_AZURE_ERROR_SIGN_IN,
          _ ("There is no place to show a code here. Let the connection sign in by "
             "the browser."));
      return FALSE;
    }
  device = request_device (self, error);
  if (device == NULL || lw_signing_in_is_cancelled (self, error))
    return FALSE;
  code = (LwDeviceCode) { .uri = device->uri,
                          .code = device->user_code,
                          .expires_at = g_get_real_time () / G_USEC_PER_SEC + device->expires_in };
  polling = (Polling) { .signing_in = self,
                        .device = device,
                        .usual = device->interval,
                        .interval = device->interval,
                        .end = g_get_monotonic_time () +
                               device->expires_in * self->identity->second_ms * 1000 };
  self->hooks.show_code (&code, self->user_data);
  tokens = poll (&polling, error);
  return tokens != NULL && lw_identity_accept (self->identity, tokens, NULL, error);
}
