/* SPDX-License-Identifier: GPL-3.0-or-later */

#pragma once

#include "lw-demo-call.h"

G_BEGIN_DECLS

extern const char *const lw_demo_exemption_versions[];

gboolean lw_demo_exemption_knows (const char *version, const char *member);
char *lw_demo_exemption_text (LwDemoCall *self, LwDemoExemption *exemption);
/* @exemption is what stands there already, or %NULL. */
void lw_demo_exemption_put (LwDemoCall *self,
                            LwDemoScope *scope,
                            const char *name,
                            LwDemoExemption *exemption);
void lw_demo_exemption_patch (LwDemoCall *self,
                              LwDemoScope *scope,
                              const char *name,
                              LwDemoExemption *exemption);

G_END_DECLS
