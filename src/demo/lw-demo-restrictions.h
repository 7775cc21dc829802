/* SPDX-License-Identifier: GPL-3.0-or-later */

#pragma once

#include "lw-demo-call.h"

G_BEGIN_DECLS

/* {scope}/providers/Microsoft.PolicyInsights/checkPolicyRestrictions */
void lw_demo_restrictions_handle (LwDemoCall *self, LwDemoScope *scope);
/* TRUE, having answered 403 RequestDisallowedByPolicy, where a policy with the effect deny that is in
 * force at the scope refuses the resource: {"type", "name", "properties"}. */
gboolean lw_demo_restrictions_refuse (LwDemoCall *self, LwDemoScope *scope, JsonObject *content);

G_END_DECLS
