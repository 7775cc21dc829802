/* SPDX-License-Identifier: GPL-3.0-or-later */

#pragma once

#include <libdex.h>

G_BEGIN_DECLS

/* What an assertion is made of. All of it is copied. */
typedef struct
{
  const char *path;       /* PEM: certificate, chain if any, and private key in any order */
  const char *passphrase; /* nullable */
  const char *audience;   /* the token endpoint */
  const char *client_id;
  gint64 now; /* unix seconds */
} LwAssertionAsk;

/**
 * lw_entra_assertion:
 *
 * A client assertion as Microsoft Entra asks for it: a JSON web token signed with PS256, with the
 * SHA-256 of the certificate as x5t#S256, a jti of its own and ten minutes to live. Reading the file and
 * signing happen on a thread of their own.
 *
 * Resolves to a string. Rejects with %LW_AZURE_ERROR_PROFILE and a sentence where the file cannot be
 * read, holds no key, no certificate, or none that belongs to its key, where the certificate is not valid
 * now or the key is no RSA key of 2048 bits; and with %LW_AZURE_ERROR_SIGN_IN and the code
 * %LW_SIGN_IN_NEEDS_PASSPHRASE where the key has a passphrase and @passphrase is none or another.
 *
 * Source: https://learn.microsoft.com/entra/identity-platform/certificate-credentials
 */
DexFuture *lw_entra_assertion (const LwAssertionAsk *ask);

G_END_DECLS
