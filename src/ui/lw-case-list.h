/* SPDX-License-Identifier: GPL-3.0-or-later */

#pragma once

#include "lw-workspace.h"

G_BEGIN_DECLS

/**
 * LwCaseList:
 *
 * A #GListModel of #LwCaseItem: the requests that match a query, in its order. How many there are is known
 * at once; what they say is read as it comes into view. It follows the ledger: items that stay are the same
 * objects, so that what is selected and what is in view stays.
 *
 * Property "busy" (gboolean): whether it is being asked what matches; notified once that is known.
 */
#define LW_TYPE_CASE_LIST (lw_case_list_get_type ())
G_DECLARE_FINAL_TYPE (LwCaseList, lw_case_list, LW, CASE_LIST, GObject)

/* @query: "at" is set anew at each reading; with "text" %NULL everything matches. @workspace is not kept
 * alive. */
LwCaseList *lw_case_list_new (LwWorkspace *workspace, const LwLedgerQuery *query);
/* Looks for other words; %NULL gives an empty list. */
void lw_case_list_set_text (LwCaseList *self, const char *text);
gboolean lw_case_list_is_busy (LwCaseList *self);

G_END_DECLS
