/* SPDX-License-Identifier: GPL-3.0-or-later */

/* What keeps the keyring from doing what it is asked, in sentences. */

#include "config.h"

#include <glib/gi18n-lib.h>
#include <libsecret/secret.h>
#include <string.h>

#include "lw-azure-error.h"
#include "lw-identity.h"
#include "lw-keyring-private.h"

static gboolean
is_locked_error (const GError *error)
{
  g_autofree char *remote = g_dbus_error_get_remote_error (error);

  return g_error_matches (error, SECRET_ERROR, SECRET_ERROR_IS_LOCKED) ||
         g_strcmp0 (remote, "org.freedesktop.Secret.Error.IsLocked") == 0 ||
         strstr (error->message, "locked collection") != NULL;
}

/* libsecret does not say why a keyring stayed locked: where its password can be asked for, it was. */
static gboolean
can_prompt (void)
{
  return g_getenv ("WAYLAND_DISPLAY") != NULL || g_getenv ("DISPLAY") != NULL;
}

GError *
lw_keyring_locked_error (void)
{
  if (can_prompt ())
    return lw_azure_error_new (LW_AZURE_ERROR_KEYRING_REFUSED, NULL,
                               _ ("The keyring stayed locked, since its password was not given. "
                                  "Try again and unlock it, or "
                                  "sign in for this session only."));
  return lw_azure_error_new (LW_AZURE_ERROR_KEYRING_LOCKED, NULL,
                             _ ("The keyring is locked, so the sign-in kept in it cannot be used. "
                                "Unlock it and try again, or sign in for this session only."));
}

/* There is a keyring, and it does not do what it is asked. All else means that there is none: no bus, no
 * service, nothing to start it with. */
static gboolean
is_refusal (const GError *error)
{
  static const GIOErrorEnum refusals[] = {
    G_IO_ERROR_CANCELLED,  /* the portal's question was closed */
    G_IO_ERROR_DBUS_ERROR, /* an error of the service's own */
    G_IO_ERROR_NO_SPACE,   /* from here on: of libsecret's file */
    G_IO_ERROR_PERMISSION_DENIED, G_IO_ERROR_READ_ONLY, G_IO_ERROR_WRONG_ETAG,
  };

  for (guint i = 0; i < G_N_ELEMENTS (refusals); i++)
    {
      if (g_error_matches (error, G_IO_ERROR, (int) refusals[i]))
        return TRUE;
    }
  return error->domain == SECRET_ERROR ||
         g_error_matches (error, G_DBUS_ERROR, G_DBUS_ERROR_ACCESS_DENIED) ||
         g_error_matches (error, G_DBUS_ERROR, G_DBUS_ERROR_AUTH_FAILED) ||
         g_error_matches (error, G_DBUS_ERROR, G_DBUS_ERROR_NO_REPLY) ||
         g_error_matches (error, G_DBUS_ERROR, G_DBUS_ERROR_FAILED);
}

/* The service is there, and what was asked of it is not: an item, or the whole keyring where that could
 * not be made, or nobody wanted to. */
gboolean
lw_keyring_is_gone (const GError *error)
{
  g_autofree char *remote = g_dbus_error_get_remote_error (error);

  return g_error_matches (error, SECRET_ERROR, SECRET_ERROR_NO_SUCH_OBJECT) ||
         g_error_matches (error, G_DBUS_ERROR, G_DBUS_ERROR_UNKNOWN_OBJECT) ||
         g_error_matches (error, G_DBUS_ERROR, G_DBUS_ERROR_UNKNOWN_METHOD) ||
         g_error_matches (error, G_DBUS_ERROR, G_DBUS_ERROR_UNKNOWN_INTERFACE) ||
         g_strcmp0 (remote, "org.freedesktop.Secret.Error.NoSuchObject") == 0;
}

GError *
lw_keyring_error (const GError *cause)
{
  g_autofree char *text = NULL;
  g_autoptr (GError) plain = g_error_copy (cause);

  if (is_locked_error (cause))
    return lw_keyring_locked_error ();
  if (g_error_matches (cause, DEX_ERROR, DEX_ERROR_TIMED_OUT))
    return lw_azure_error_new (LW_AZURE_ERROR_KEYRING_LOCKED, NULL,
                               _ ("The keyring did not answer; it may be waiting for "
                                  "its password. Unlock it and try again, or sign in for this "
                                  "session only."));
  g_dbus_error_strip_remote_error (plain);
  if (lw_keyring_is_gone (cause) && can_prompt ())
    return lw_azure_error_new (LW_AZURE_ERROR_KEYRING_REFUSED, NULL,
                               _ ("There is no keyring yet, and none was made, since it got no "
                                  "password. You stay signed in "
                                  "until Leeway is closed."));
  if (!is_refusal (cause) || lw_keyring_is_gone (cause))
    {
      text = g_strdup_printf (
          _ ("There is no keyring to keep the sign-in in (%s). You stay signed in until "
             "Leeway is closed."),
          plain->message);
      return lw_azure_error_new (LW_AZURE_ERROR_KEYRING_MISSING, NULL, text);
    }
  text = g_strdup_printf (_ ("The keyring refuses to keep the sign-in or to give it (%s). Try "
                             "again, or sign in for this "
                             "session only."),
                          plain->message);
  return lw_azure_error_new (LW_AZURE_ERROR_KEYRING_REFUSED, NULL, text);
}

GError *
lw_keyring_nobody_error (void)
{
  const LwAzureErrorDetails details = { .code = (char *) LW_SIGN_IN_NOBODY };

  return lw_azure_error_new (LW_AZURE_ERROR_SIGN_IN, &details,
                             _ ("Nobody is signed in to this connection. Sign in."));
}

GError *
lw_keyring_ambiguous_error (void)
{
  const LwAzureErrorDetails details = { .code = (char *) LW_SIGN_IN_NEEDS_ACCOUNT };

  return lw_azure_error_new (
      LW_AZURE_ERROR_SIGN_IN, &details,
      _ ("Several accounts are signed in here, and the connection does not say which one is its "
         "own. Give it an account, or sign in."));
}
