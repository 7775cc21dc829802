/* SPDX-License-Identifier: GPL-3.0-or-later */

#pragma once

#include <gio/gio.h>

#include "lw-case.h"

G_BEGIN_DECLS

/**
 * LwCaseItem:
 *
 * A request as a list item. Property "case" (boxed LwCase, %NULL until it was read): the newest state that
 * is known; notified when it looks different.
 */
#define LW_TYPE_CASE_ITEM (lw_case_item_get_type ())
G_DECLARE_FINAL_TYPE (LwCaseItem, lw_case_item, LW, CASE_ITEM, GObject)
/* @value: (nullable) */
LwCaseItem *lw_case_item_new (const char *request_id, LwCase *value);
const char *lw_case_item_get_request_id (LwCaseItem *self);
LwCase *lw_case_item_get_case (LwCaseItem *self); /* (transfer none) (nullable) */
void lw_case_item_set_case (LwCaseItem *self, LwCase *value);

/* Whether two states of the same request are the same to whoever looks at them. */
gboolean lw_case_looks_same (LwCase *a, LwCase *b);

/* A draft as a list item; replaced, never changed. */
#define LW_TYPE_DRAFT_ITEM (lw_draft_item_get_type ())
G_DECLARE_FINAL_TYPE (LwDraftItem, lw_draft_item, LW, DRAFT_ITEM, GObject)
LwDraftItem *lw_draft_item_new (const LwRequest *request);
LwRequest *lw_draft_item_get_request (LwDraftItem *self);
/* Whether both say the same. */
gboolean lw_draft_item_equal (LwDraftItem *a, LwDraftItem *b);

G_END_DECLS
