/* SPDX-License-Identifier: GPL-3.0-or-later */

#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* @length random bytes from the kernel as base64url text without padding; %NULL with
 * %LW_AZURE_ERROR_SIGN_IN where the kernel gives none. (transfer full) */
char *lw_random_text (gsize length, GError **error);

/* RFC 7636: base64url (SHA-256 (@verifier)). (transfer full) */
char *lw_pkce_challenge (const char *verifier);

/* Compares without telling by the time taken where they differ. %NULL equals nothing. */
gboolean lw_secret_equal (const char *a, const char *b);

/* RFC 4648 section 5, without padding. (transfer full) */
char *lw_base64url_encode (const guchar *data, gsize length);
/* Accepts both alphabets, with and without padding. %NULL where it is neither. (transfer full) */
GBytes *lw_base64url_decode (const char *text);

G_END_DECLS
