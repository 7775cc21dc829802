/* SPDX-License-Identifier: GPL-3.0-or-later */

#pragma once

#include <libdex.h>

#include "lw-profile.h"

G_BEGIN_DECLS

/*
 * The refresh token of a connection in the keyring, one item for each account, and what an application
 * signs in with. What is kept for a custom cloud is for its sign-in service alone. A keyring that is locked (%LW_AZURE_ERROR_KEYRING_LOCKED), one that is missing
 * (%LW_AZURE_ERROR_KEYRING_MISSING), one whose person refused (%LW_AZURE_ERROR_KEYRING_REFUSED) and one
 * that holds nothing (%LW_AZURE_ERROR_SIGN_IN) are told apart. Nothing waits longer than 25 seconds,
 * since a prompt may never be answered.
 */

/* Resolves to the refresh token kept for @account (an object id), or with %NULL to that of the
 * only account there is one of; where there are several, rejects with %LW_AZURE_ERROR_SIGN_IN and
 * %LW_SIGN_IN_NEEDS_ACCOUNT. Rejects as said above. */
DexFuture *lw_keyring_lookup (LwProfile *profile, const char *account);
/* Keeps @token for @account (an object id), whose user name is @upn (nullable). Resolves to %TRUE;
 * rejects with the keyring's errors. */
DexFuture *
lw_keyring_store (LwProfile *profile, const char *account, const char *upn, const char *token);
/* Whose token that is: the profile's account, or the only one there is. Resolves to an object id;
 * rejects likewise. */
DexFuture *lw_keyring_lookup_account (LwProfile *profile);
/* Everybody whose token there is, whatever account the profile has. Resolves to a boxed #GPtrArray of
 * LwPerson with at least one, by user name, which may be %NULL as the name is; rejects likewise. */
DexFuture *lw_keyring_list_people (LwProfile *profile);
/* Forgets @account of the profile, and nothing with %NULL, which may be anybody's. Resolves to %TRUE. */
DexFuture *lw_keyring_clear (LwProfile *profile, const char *account);

/* The client secret of the profile's application, or the passphrase of its private key where it signs
 * in with a certificate. Resolve to a string, and to %TRUE; reject as said above. */
DexFuture *lw_keyring_lookup_secret (LwProfile *profile);
DexFuture *lw_keyring_store_secret (LwProfile *profile, const char *secret);
DexFuture *lw_keyring_clear_secret (LwProfile *profile);

/* For tests: how long the keyring may take, in milliseconds; 0 for the 25 seconds. */
void lw_keyring_set_deadline (guint milliseconds);

G_END_DECLS
