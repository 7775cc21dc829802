/* SPDX-License-Identifier: GPL-3.0-or-later */

#pragma once

#include "lw-demo-states.h"

G_BEGIN_DECLS

/**
 * lw_demo_apply:
 * @text: "groupby((a,b),aggregate($count as n))", "groupby((a,b))", "aggregate($count as n)", each also
 *   after "filter(…)/", which @filter is set to (transfer full)
 *
 * Returns: (transfer full) (element-type JsonObject): the groups in order of their first record, or %NULL
 *   where @text is nothing of that
 */
GPtrArray *lw_demo_apply (const char *text, GArray *states);
/* What stands in "filter(…)/" at the beginning, or %NULL; @rest is what follows. (transfer full) */
char *lw_demo_apply_filter (const char *text, const char **rest);

G_END_DECLS
