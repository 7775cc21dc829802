/* SPDX-License-Identifier: GPL-3.0-or-later */

#pragma once

#include <adwaita.h>

#include "lw-policy.h"
#include "lw-workspace.h"

G_BEGIN_DECLS

/**
 * LwAssignmentPicker:
 *
 * All policy assignments that the person sees, searched by name, category, definition and id. Emits
 * "chosen" with an LwAssignment and closes.
 */
#define LW_TYPE_ASSIGNMENT_PICKER (lw_assignment_picker_get_type ())
G_DECLARE_FINAL_TYPE (LwAssignmentPicker, lw_assignment_picker, LW, ASSIGNMENT_PICKER, AdwDialog)

AdwDialog *lw_assignment_picker_new (LwWorkspace *workspace);

/* "Initiative with 18 definitions, assigned to management group AI Workloads". (transfer full) */
char *lw_assignment_describe (LwWorkspace *workspace, LwAssignment *assignment);
/* A pill: "Enforced" or "Not Enforced". */
GtkWidget *lw_assignment_pill_new (LwAssignment *assignment);
/* What an effect does, in words: "deny" → "Deny"; %NULL → "Effect unknown". (transfer none) */
const char *lw_effect_title (const char *effect);

G_END_DECLS
