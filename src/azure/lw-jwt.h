/* SPDX-License-Identifier: GPL-3.0-or-later */

#pragma once

#include <json-glib/json-glib.h>

G_BEGIN_DECLS

/* The claims of a JSON web token; %NULL where @token is none. The signature is not checked: use it for
 * tokens that came straight from the token endpoint, or that the caller gave for itself, to learn what
 * they say, never to decide what somebody may do. (transfer full) */
JsonObject *lw_jwt_claims (const char *token);

G_END_DECLS
