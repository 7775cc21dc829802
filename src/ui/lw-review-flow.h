/* SPDX-License-Identifier: GPL-3.0-or-later */

#pragma once

#include <gtk/gtk.h>

#include "lw-workspace.h"

G_BEGIN_DECLS

/**
 * LwReviewFlow:
 *
 * What happens between a click on the review's bar and its result: confirmation, comment, the verb,
 * and what to say when somebody was first. One at a time.
 *
 * Property: "busy" (string): what is being done, %NULL when nothing is. Signal: "moved-on": the person was
 * told that the record moved on, so that its newest state can be shown.
 */
#define LW_TYPE_REVIEW_FLOW (lw_review_flow_get_type ())
G_DECLARE_FINAL_TYPE (LwReviewFlow, lw_review_flow, LW, REVIEW_FLOW, GObject)

/* @widget: where dialogs and toasts are shown; not kept alive. */
LwReviewFlow *lw_review_flow_new (LwWorkspace *workspace, GtkWidget *widget);
const char *lw_review_flow_get_busy (LwReviewFlow *self);

/* Each acts on the case as it was seen: a digest that is no longer in force is refused. */
void lw_review_flow_approve (LwReviewFlow *self, LwCase *value, LwRight right);
void lw_review_flow_decline (LwReviewFlow *self, LwCase *value, LwEventKind kind);
void lw_review_flow_apply (LwReviewFlow *self, LwCase *value);

/* Somebody else wrote to the record: a question that is open says so, and keeps what was typed. */
void lw_review_flow_take_news (LwReviewFlow *self, LwCase *value);

/* The ids of the exemptions that a case makes, a line each. (transfer full) */
char *lw_review_exemption_ids (LwCase *value);
/* What Azure answered to a grant that it refused the last time; %NULL where it refused none.
 * (transfer full) */
GError *lw_review_apply_error (LwCase *value);

G_END_DECLS
