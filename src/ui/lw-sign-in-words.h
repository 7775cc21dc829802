/* SPDX-License-Identifier: GPL-3.0-or-later */

#pragma once

#include "lw-profile.h"

G_BEGIN_DECLS

/* What the sign-in page says: of a way to sign in, and of what went wrong. */

const char *lw_sign_in_title (LwSignIn how);
const char *lw_sign_in_description (LwSignIn how);
/* The label of the button that begins it, with a mnemonic. */
const char *lw_sign_in_verb (LwSignIn how);
const char *lw_sign_in_name (LwSignIn how);

/* Whether a person is to sign in to it and none did: whoever the keyring knows may be another
 * connection's. */
gboolean lw_sign_in_is_unclaimed (LwProfile *profile);

/* A heading for what went wrong. */
const char *lw_sign_in_problem_title (const GError *error, LwSignIn how);
/* What to try next where the error's own sentence leaves that open. (nullable) */
const char *lw_sign_in_problem_hint (const GError *error);
/* Whether the keyring is in the way, so that a sign-in for this session only helps. */
gboolean lw_error_is_keyring (const GError *error);

G_END_DECLS
