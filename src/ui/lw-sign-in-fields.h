/* SPDX-License-Identifier: GPL-3.0-or-later */

#pragma once

#include <adwaita.h>

#include "lw-profile.h"

G_BEGIN_DECLS

/**
 * LwSignInFields:
 *
 * What a way to sign in asks for: a secret, a certificate's file and passphrase, a token; and whether
 * it is kept in the keyring. Emits "activated" when Return is pressed in its last field, and
 * "certificate-chosen" with the path of the file that was chosen.
 */
#define LW_TYPE_SIGN_IN_FIELDS (lw_sign_in_fields_get_type ())
G_DECLARE_FINAL_TYPE (LwSignInFields, lw_sign_in_fields, LW, SIGN_IN_FIELDS, AdwBin)

GtkWidget *lw_sign_in_fields_new (LwProfile *profile);
/* What was typed. (nullable) (transfer none) */
const char *lw_sign_in_fields_get_secret (LwSignInFields *self);
gboolean lw_sign_in_fields_is_session_only (LwSignInFields *self);
void lw_sign_in_fields_set_session_only (LwSignInFields *self, gboolean session_only);
/* Marks what is missing and puts the focus there; %FALSE where nothing is. */
gboolean lw_sign_in_fields_is_incomplete (LwSignInFields *self);
/* Empties what was typed, so that it does not stay on the screen. */
void lw_sign_in_fields_clear (LwSignInFields *self);

/* When an access token ends: unix seconds, 0 where it does not say. */
gint64 lw_token_expiry (const char *token);

G_END_DECLS
