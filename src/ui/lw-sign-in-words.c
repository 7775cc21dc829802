/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "config.h"

#include "lw-sign-in-words.h"

#include <glib/gi18n-lib.h>

#include "lw-azure-error.h"
#include "lw-identity.h"

const char *
lw_sign_in_name (LwSignIn how)
{
  switch (how)
    {
    case LW_SIGN_IN_DEVICE_CODE:
      return _ ("A code for any browser");
    case LW_SIGN_IN_SECRET:
      return _ ("An application's secret");
    case LW_SIGN_IN_CERTIFICATE:
      return _ ("An application's certificate");
    case LW_SIGN_IN_TOKEN:
      return _ ("A given access token");
    case LW_SIGN_IN_BROWSER:
    default:
      return _ ("This computer's browser");
    }
}

const char *
lw_sign_in_title (LwSignIn how)
{
  switch (how)
    {
    case LW_SIGN_IN_SECRET:
    case LW_SIGN_IN_CERTIFICATE:
      return _ ("Sign In as an Application");
    case LW_SIGN_IN_TOKEN:
      return _ ("Give an Access Token");
    case LW_SIGN_IN_BROWSER:
    case LW_SIGN_IN_DEVICE_CODE:
    default:
      return _ ("Sign In");
    }
}

const char *
lw_sign_in_description (LwSignIn how)
{
  switch (how)
    {
    case LW_SIGN_IN_DEVICE_CODE:
      return _ (
          "Leeway works with your own rights in Azure. You get a code, and sign in with it in "
          "a browser on this or another device.");
    case LW_SIGN_IN_SECRET:
      return _ ("Leeway works with the rights of an application. It cannot approve: approvals are "
                "for people. Its secret comes from Entra, under Certificates & secrets.");
    case LW_SIGN_IN_CERTIFICATE:
      return _ ("Leeway works with the rights of an application. It cannot approve: approvals are "
                "for people. The file holds its certificate and the private key (PEM).");
    case LW_SIGN_IN_TOKEN:
      return _ ("For a try without an app registration. Paste what “az account get-access-token” "
                "prints under accessToken. It is good for about an hour and never kept.");
    case LW_SIGN_IN_BROWSER:
    default:
      return _ ("Leeway works with your own rights in Azure. You sign in with your organisation's "
                "account, in your browser.");
    }
}

const char *
lw_sign_in_verb (LwSignIn how)
{
  switch (how)
    {
    case LW_SIGN_IN_DEVICE_CODE:
      return _ ("_Get a Code");
    case LW_SIGN_IN_BROWSER:
      return _ ("_Sign In in the Browser");
    case LW_SIGN_IN_TOKEN:
      return _ ("_Use This Token");
    case LW_SIGN_IN_SECRET:
    case LW_SIGN_IN_CERTIFICATE:
    default:
      return _ ("_Sign In");
    }
}

gboolean
lw_sign_in_is_unclaimed (LwProfile *profile)
{
  LwSignIn how = lw_profile_get_sign_in (profile);

  return (how == LW_SIGN_IN_BROWSER || how == LW_SIGN_IN_DEVICE_CODE) &&
         lw_profile_get_account_id (profile) == NULL;
}

static const char *
title_of_refusal (const LwAzureErrorDetails *details)
{
  if (details != NULL && details->claims != NULL)
    return _ ("Sign In Again");
  if (details != NULL && g_strcmp0 (details->code, LW_SIGN_IN_NEEDS_PASSPHRASE) == 0)
    return _ ("A Passphrase Is Needed");
  if (details != NULL && g_strcmp0 (details->code, LW_SIGN_IN_OTHER_ACCOUNT) == 0)
    return _ ("That Was Another Account");
  return _ ("Signing In Did Not Work");
}

const char *
lw_sign_in_problem_title (const GError *error, LwSignIn how)
{
  if (error->domain != LW_AZURE_ERROR)
    return _ ("The Connection Cannot Be Opened");
  switch ((LwAzureError) error->code)
    {
    case LW_AZURE_ERROR_KEYRING_LOCKED:
      return _ ("The Keyring Is Locked");
    case LW_AZURE_ERROR_KEYRING_MISSING:
      return _ ("There Is No Keyring");
    case LW_AZURE_ERROR_KEYRING_REFUSED:
      return _ ("The Keyring Refused");
    case LW_AZURE_ERROR_TIMED_OUT:
      return how == LW_SIGN_IN_DEVICE_CODE ? _ ("The Code Has Expired")
                                           : _ ("Nobody Signed In in Time");
    case LW_AZURE_ERROR_NETWORK:
      return _ ("Microsoft Entra Cannot Be Reached");
    case LW_AZURE_ERROR_TLS:
      return _ ("The Server Is Not Trusted");
    case LW_AZURE_ERROR_PROFILE:
      return how == LW_SIGN_IN_CERTIFICATE ? _ ("The Certificate Cannot Be Used")
                                           : _ ("The Connection Cannot Be Opened");
    case LW_AZURE_ERROR_THROTTLED:
    case LW_AZURE_ERROR_SERVER:
      return _ ("Azure Has Trouble");
    case LW_AZURE_ERROR_FORBIDDEN:
      return _ ("A Right Is Missing");
    case LW_AZURE_ERROR_SIGN_IN:
      return title_of_refusal (lw_azure_error_get_details (error));
    case LW_AZURE_ERROR_NOT_FOUND:
    case LW_AZURE_ERROR_CONFLICT:
    case LW_AZURE_ERROR_INVALID:
    case LW_AZURE_ERROR_PROTOCOL:
    case LW_AZURE_ERROR_TOO_LARGE:
    case LW_AZURE_ERROR_HOST:
    case LW_AZURE_ERROR_CANCELLED:
    default:
      return _ ("Signing In Did Not Work");
    }
}

const char *
lw_sign_in_problem_hint (const GError *error)
{
  if (error->domain != LW_AZURE_ERROR)
    return NULL;
  switch ((LwAzureError) error->code)
    {
    case LW_AZURE_ERROR_KEYRING_LOCKED:
      return _ (
          "Unlock it and try again, or go on for this session only: then nothing is kept, and "
          "you sign in again next time.");
    case LW_AZURE_ERROR_KEYRING_MISSING:
      return _ ("Install and start one (GNOME Keyring, KWallet or KeePassXC), or go on for this "
                "session only: then nothing is kept, and you sign in again next time.");
    case LW_AZURE_ERROR_NETWORK:
      return _ ("Check the network and its proxy, then try again.");
    case LW_AZURE_ERROR_TIMED_OUT:
      return _ ("Try again.");
    default:
      return NULL;
    }
}

gboolean
lw_error_is_keyring (const GError *error)
{
  return g_error_matches (error, LW_AZURE_ERROR, LW_AZURE_ERROR_KEYRING_LOCKED) ||
         g_error_matches (error, LW_AZURE_ERROR, LW_AZURE_ERROR_KEYRING_MISSING) ||
         g_error_matches (error, LW_AZURE_ERROR, LW_AZURE_ERROR_KEYRING_REFUSED);
}
