/* SPDX-License-Identifier: GPL-3.0-or-later */

#pragma once

#include <json-glib/json-glib.h>

/*
 * The definition of lw-narrow.h, tried out: every set of scopes, compared with every other. Reads the same
 * JSON as the engine and shares no code with it.
 */

/* One line an option, in order: "reach collateral resources number | scope [references] {selectors} | …",
 * all in lower case. (transfer full) */
char *lw_narrow_brute (JsonObject *question);

/* The engine's own answer, as JSON, in the same form. (transfer full) */
char *lw_narrow_brute_describe (JsonObject *answer);
