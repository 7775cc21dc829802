/* SPDX-License-Identifier: GPL-3.0-or-later */

#pragma once

#include <json-glib/json-glib.h>

G_BEGIN_DECLS

/* Writes a tenant file that holds what the recorded requests presuppose: the subscriptions, resource
 * groups and management groups they name, the policies they refer to but do not make, and the older
 * exemptions that their lists show. Its one persona, Robin, owns everything. */
char *seed_write (JsonArray *pairs);
/* Removes the file and its folder. */
void seed_remove (const char *path);

G_END_DECLS
