/* SPDX-License-Identifier: GPL-3.0-or-later */

#pragma once

#include <glib.h>

G_BEGIN_DECLS

#define LW_AZURE_ERROR (lw_azure_error_quark ())

/**
 * LwAzureError:
 * @LW_AZURE_ERROR_SIGN_IN: nobody is signed in, or the sign-in is no longer accepted
 * @LW_AZURE_ERROR_FORBIDDEN: 403: the account lacks a right, a lock or a policy stands in the way
 * @LW_AZURE_ERROR_NOT_FOUND: 404
 * @LW_AZURE_ERROR_CONFLICT: 409 and 412: somebody was first, or the object changed
 * @LW_AZURE_ERROR_INVALID: 400 and other refusals of what was asked
 * @LW_AZURE_ERROR_THROTTLED: 429, after the retries that the deadline allowed
 * @LW_AZURE_ERROR_SERVER: 5xx, likewise
 * @LW_AZURE_ERROR_NETWORK: no connection, or it broke
 * @LW_AZURE_ERROR_TLS: the server's certificate was not accepted; the message says why
 * @LW_AZURE_ERROR_PROTOCOL: the answer could not be read (HTML, broken JSON, a wrong shape)
 * @LW_AZURE_ERROR_TOO_LARGE: the answer is over the size cap
 * @LW_AZURE_ERROR_HOST: a link or redirect leads off the cloud's hosts
 * @LW_AZURE_ERROR_TIMED_OUT: the deadline passed
 * @LW_AZURE_ERROR_KEYRING_LOCKED: the keyring is locked
 * @LW_AZURE_ERROR_KEYRING_MISSING: there is no keyring service
 * @LW_AZURE_ERROR_OLDER_VERSION: the cloud knows an older api-version only, by which a write might lose
 *   members; a person has to be told first
 * @LW_AZURE_ERROR_PROFILE: the profile is unreadable or lacks something
 * @LW_AZURE_ERROR_CANCELLED: somebody gave it up; nothing to report
 * @LW_AZURE_ERROR_KEYRING_REFUSED: the keyring was there, and its password or the storing was refused
 */
typedef enum
{
  LW_AZURE_ERROR_SIGN_IN,
  LW_AZURE_ERROR_FORBIDDEN,
  LW_AZURE_ERROR_NOT_FOUND,
  LW_AZURE_ERROR_CONFLICT,
  LW_AZURE_ERROR_INVALID,
  LW_AZURE_ERROR_THROTTLED,
  LW_AZURE_ERROR_SERVER,
  LW_AZURE_ERROR_NETWORK,
  LW_AZURE_ERROR_TLS,
  LW_AZURE_ERROR_PROTOCOL,
  LW_AZURE_ERROR_TOO_LARGE,
  LW_AZURE_ERROR_HOST,
  LW_AZURE_ERROR_TIMED_OUT,
  LW_AZURE_ERROR_KEYRING_LOCKED,
  LW_AZURE_ERROR_KEYRING_MISSING,
  LW_AZURE_ERROR_OLDER_VERSION,
  LW_AZURE_ERROR_PROFILE,
  LW_AZURE_ERROR_CANCELLED,
  LW_AZURE_ERROR_KEYRING_REFUSED,
} LwAzureError;

/* What the service itself said. Strings are NULL where it said nothing. */
typedef struct
{
  guint status;     /* HTTP status; 0 where there was no answer */
  char *code;       /* Azure's own code, such as "AuthorizationFailed", or Entra's "error" */
  char *message;    /* Azure's own message */
  char *request_id; /* x-ms-request-id, or Entra's correlation id */
  char *claims;     /* decoded claims of a challenge, to pass on when signing in again */
  char *url;        /* method and URL without query */
  gint64 at;        /* unix seconds */
  gboolean lost;    /* the request was sent and no answer came: it may have been carried out */
} LwAzureErrorDetails;

/* Frees the members and zeroes them: for details kept in a struct of one's own. */
void lw_azure_error_details_clear (LwAzureErrorDetails *details);

GQuark lw_azure_error_quark (void);
/* A @message for people; @details (nullable) are copied into the error. (transfer full) */
GError *
lw_azure_error_new (LwAzureError code, const LwAzureErrorDetails *details, const char *message);
/* (transfer none) (nullable): %NULL for errors of another domain. */
const LwAzureErrorDetails *lw_azure_error_get_details (const GError *error);

/* What to copy into a message to support: the sentence, the service's code, request or correlation id,
 * time in UTC, method and address without query, one a line. Holds no secret. Takes errors of every
 * domain. (transfer full) */
char *lw_error_report (const GError *error);

G_END_DECLS
