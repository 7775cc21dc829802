/* SPDX-License-Identifier: GPL-3.0-or-later */

#pragma once

#include "lw-demo-call.h"

G_BEGIN_DECLS

/*
 * Throttling, where the tenant was started with --quota N: Resource Manager lets a caller send N reads,
 * writes and deletes each per subscription (or tenant), of which a tenth comes back every second;
 * Resource Graph answers N queries in five seconds. Both say in headers what is left.
 */

/* FALSE, having answered 429, where the bucket of this kind of call is empty. */
gboolean lw_demo_quota_take (LwDemoCall *self);
gboolean lw_demo_quota_take_query (LwDemoCall *self);

G_END_DECLS
