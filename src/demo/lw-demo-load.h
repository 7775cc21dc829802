/* SPDX-License-Identifier: GPL-3.0-or-later */

#pragma once

#include "lw-demo-tenant.h"

G_BEGIN_DECLS

/* Lists are joined; of anything else the first stays. */
void lw_demo_load_merge (JsonObject *into, JsonObject *from);
/* Spells out a short scope or assignment. (transfer full) (nullable) */
char *lw_demo_load_spell_out (LwDemoTenant *self, const char *text);
/* The "scope" of @object; %NULL with an error that says @what it belongs to. */
LwDemoScope *
lw_demo_load_scope (LwDemoTenant *self, JsonObject *object, const char *what, GError **error);
gboolean
lw_demo_load_policy (LwDemoTenant *self, LwDemoPolicyKind kind, JsonObject *object, GError **error);
gboolean lw_demo_load_exemption (LwDemoTenant *self, JsonObject *object, GError **error);

G_END_DECLS
