/* SPDX-License-Identifier: GPL-3.0-or-later */

#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

/**
 * lw_mask_secrets:
 * @text: (nullable): anything that may be shown or written down, such as what a service says
 *
 * What looks like a secret becomes "***": JSON web tokens, what follows the name of an authorization
 * scheme, the value after a name such as client_secret in a query, a form, JSON or a header, in any
 * case and however often it was escaped by percents, and the user's part of an address.
 *
 * Returns: (transfer full)
 */
char *lw_mask_secrets (const char *text);

/**
 * lw_mask_uri:
 *
 * An address to show: without its user's part and fragment, and with the values of its query only where
 * their names are known to be harmless (api-version, $top and the like). Links to further pages and
 * redirects carry whatever a service puts there.
 *
 * Returns: (transfer full)
 */
char *lw_mask_uri (GUri *uri);

/**
 * lw_mask_header:
 *
 * The value of a header to show: as it is where the header is known to be harmless; of a challenge its
 * scheme and error; of a link its masked address; "***" of all others.
 *
 * Returns: (transfer full)
 */
char *lw_mask_header (const char *name, const char *value);

/* Overwrites @text and frees it; %NULL is fine. */
void lw_wipe (char *text);

G_END_DECLS
