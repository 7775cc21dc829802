/* SPDX-License-Identifier: GPL-3.0-or-later */

#pragma once

#include "lw-demo-call.h"

G_BEGIN_DECLS

/* {scope}/providers/Microsoft.Authorization/denyAssignments */
void lw_demo_denials_handle (LwDemoCall *self, LwDemoScope *scope);
/* The id of the deny assignment that takes @action away from @person there; %NULL for none. */
const char *lw_demo_denial_for (LwDemoTenant *tenant,
                                LwDemoPerson *person,
                                const char *action,
                                LwDemoScope *scope);

G_END_DECLS
