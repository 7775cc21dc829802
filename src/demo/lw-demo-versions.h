/* SPDX-License-Identifier: GPL-3.0-or-later */

#pragma once

#include "lw-demo-call.h"

G_BEGIN_DECLS

/* The versions of a definition or set, newest first; empty where it has none. (transfer full) */
GStrv lw_demo_policy_versions (LwDemoPolicy *policy);
/* The newest that "1.*.*" takes. (transfer full) (nullable) */
char *lw_demo_policy_version_for (LwDemoPolicy *policy, const char *pattern);
/* {definition}/versions[/{version}]: GET and PUT of one, GET of all. @version is nullable. */
void lw_demo_versions_handle (LwDemoCall *self, LwDemoPolicy *policy, const char *version);

G_END_DECLS
