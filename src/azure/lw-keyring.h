/* SPDX-License-Identifier: GPL-3.0-or-later */

#pragma once

#include <libdex.h>

#include "lw-profile.h"

G_BEGIN_DECLS

/*
 * The refresh token of a connection in the keyring, one item for each account. A keyring that is
 * locked, one that is missing and one that holds nothing are told apart. Nothing waits longer than 25
 * seconds, since a prompt may never be answered.
 */

/* Resolves to the newest refresh token kept for the profile. Rejects with %LW_AZURE_ERROR_SIGN_IN where
 * there is none, %LW_AZURE_ERROR_KEYRING_LOCKED and %LW_AZURE_ERROR_KEYRING_MISSING. */
DexFuture *lw_keyring_lookup (LwProfile *profile);
/* Keeps @token for @account (an object id). Resolves to %TRUE; rejects with the keyring's errors. */
DexFuture *lw_keyring_store (LwProfile *profile, const char *account, const char *token);
/* Forgets every account of the profile. Resolves to %TRUE. */
DexFuture *lw_keyring_clear (LwProfile *profile);

G_END_DECLS
