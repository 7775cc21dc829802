/* SPDX-License-Identifier: GPL-3.0-or-later */

#pragma once

#include "lw-demo-call.h"

G_BEGIN_DECLS

/* FALSE, having answered 400, where the api-version is missing or unknown; any date-like one will do
 * where @versions is %NULL. */
gboolean lw_demo_call_supports (LwDemoCall *self, const char *type, const char *const *versions);
/* The address of the page that begins at @offset. (transfer full) */
char *lw_demo_call_next_link (LwDemoCall *self, guint offset);
/* Answers {"value": […]} with one page. (element-type JsonObject) */
void lw_demo_call_reply_list (LwDemoCall *self, GPtrArray *objects);
/* Whether the caller may read the subscription or anything in it. */
gboolean lw_demo_call_sees_subscription (LwDemoCall *self, const LwDemoNode *node);

G_END_DECLS
