/* SPDX-License-Identifier: GPL-3.0-or-later */

#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* Each an error of %LW_AZURE_ERROR, with a sentence. (transfer full) */

/* Why libsecret or the bus gave @cause: locked, missing or refused. */
GError *lw_keyring_error (const GError *cause);
/* Whether what was asked for is not, or no longer, there. */
gboolean lw_keyring_is_gone (const GError *error);
GError *lw_keyring_locked_error (void);
/* Nothing is kept for the connection; several accounts' are, and it does not say which is its own. */
GError *lw_keyring_nobody_error (void);
GError *lw_keyring_ambiguous_error (void);

G_END_DECLS
