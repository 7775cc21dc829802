/* SPDX-License-Identifier: GPL-3.0-or-later */

#pragma once

#include "lw-form-step.h"

G_BEGIN_DECLS

/* The six steps, in order. */
#define LW_TYPE_STEP_POLICY (lw_step_policy_get_type ())
G_DECLARE_FINAL_TYPE (LwStepPolicy, lw_step_policy, LW, STEP_POLICY, LwFormStep)
#define LW_TYPE_STEP_SCOPE (lw_step_scope_get_type ())
G_DECLARE_FINAL_TYPE (LwStepScope, lw_step_scope, LW, STEP_SCOPE, LwFormStep)
#define LW_TYPE_STEP_REASON (lw_step_reason_get_type ())
G_DECLARE_FINAL_TYPE (LwStepReason, lw_step_reason, LW, STEP_REASON, LwFormStep)
#define LW_TYPE_STEP_OWNER (lw_step_owner_get_type ())
G_DECLARE_FINAL_TYPE (LwStepOwner, lw_step_owner, LW, STEP_OWNER, LwFormStep)
#define LW_TYPE_STEP_CONTROLS (lw_step_controls_get_type ())
G_DECLARE_FINAL_TYPE (LwStepControls, lw_step_controls, LW, STEP_CONTROLS, LwFormStep)
#define LW_TYPE_STEP_CHECK (lw_step_check_get_type ())
G_DECLARE_FINAL_TYPE (LwStepCheck, lw_step_check, LW, STEP_CHECK, LwFormStep)

/* Shown by the check: "edit" (uint step, string field) and "submitted" (string: what to say) are its signals. Submits, or
 * says what stands in the way. */
void lw_step_check_submit (LwStepCheck *self);

G_END_DECLS
