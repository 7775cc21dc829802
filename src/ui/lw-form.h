/* SPDX-License-Identifier: GPL-3.0-or-later */

#pragma once

#include "lw-assess.h"
#include "lw-narrow.h"
#include "lw-workspace.h"

G_BEGIN_DECLS

typedef enum
{
  LW_FORM_POLICY,
  LW_FORM_SCOPE,
  LW_FORM_REASON,
  LW_FORM_OWNER,
  LW_FORM_CONTROLS,
  LW_FORM_CHECK,
} LwStep;
#define LW_FORM_STEPS 6

typedef enum
{
  LW_STEP_STATE_OPEN, /* not answered yet */
  LW_STEP_STATE_DONE,
  LW_STEP_STATE_ATTENTION, /* answered or left, and something is wrong */
} LwStepState;

/**
 * LwForm:
 *
 * A request while it is written: what the steps of the form share. Every change is assessed and, half
 * a breath later, saved as a draft. Signals: "changed" (the content), "assessed" (findings or the
 * state of a step), "policy-changed" (the assignment, its definitions, or what fails). Property:
 * "saved-at" (boxed GDateTime, nullable), "save-error" (boxed GError, nullable).
 */
#define LW_TYPE_FORM (lw_form_get_type ())
G_DECLARE_FINAL_TYPE (LwForm, lw_form, LW, FORM, GObject)

/* @request: (nullable): what to go on with; it is copied. */
LwForm *lw_form_new (LwWorkspace *workspace, const LwRequest *request);
LwWorkspace *lw_form_get_workspace (LwForm *self);
LwSession *lw_form_get_session (LwForm *self);
/* The request itself: change it, then call lw_form_changed(). */
LwRequest *lw_form_get_request (LwForm *self);
void lw_form_changed (LwForm *self);

/* Saves what changed since. Resolves to %TRUE once it is on disk. */
DexFuture *lw_form_flush (LwForm *self);
/* The ledger has it now: forgets the draft and saves nothing more. Resolves to %TRUE. */
DexFuture *lw_form_finish (LwForm *self);

/* (element-type LwFinding), worst first. */
GPtrArray *lw_form_get_findings (LwForm *self);
/* What only the tenant could tell, added to the findings until the next change. */
void lw_form_take_findings (LwForm *self, GPtrArray *findings);
/* The worst finding of a field; a "*" in @field stands for any index, "**" at its end for anything.
 * (nullable) (transfer none) */
const LwFinding *lw_form_find (LwForm *self, const char *field);
/* The step of this form in which a finding is mended. */
LwStep lw_form_step_of (const LwFinding *finding);
gboolean lw_field_matches (const char *pattern, const char *field);
LwStepState lw_form_get_step_state (LwForm *self, LwStep step);
/* Blockers and warnings of a step. */
guint lw_form_count_problems (LwForm *self, LwStep step);
/* The person has been on that step and left it: from now on it says what is missing. */
void lw_form_leave_step (LwForm *self, LwStep step);
gboolean lw_form_was_left (LwForm *self, LwStep step);

/* The assignment of the request with its definitions. (nullable) */
LwAssignment *lw_form_get_assignment (LwForm *self);
/* Why the assignment of the request could not be read. (nullable) */
const GError *lw_form_get_assignment_error (LwForm *self);
void lw_form_load_assignment (LwForm *self);
/* Whether the assignment is being read. */
gboolean lw_form_is_loading (LwForm *self);
/* (element-type LwPolicyState) (nullable): what does not comply with the assignment where the person
 * can see it; %NULL while that is not known. */
GPtrArray *lw_form_get_failing (LwForm *self);
gboolean lw_form_reference_fails (LwForm *self, const char *reference_id);

/* Grants: one policy, one or more scopes. */
void lw_form_set_policy (LwForm *self, LwAssignment *assignment);
gboolean lw_form_has_reference (LwForm *self, const char *reference_id);
void lw_form_set_reference (LwForm *self, const char *reference_id, gboolean chosen);
/* Whether the references still follow what fails. */
gboolean lw_form_follows_failing (LwForm *self);
/* The person chose: Leeway no longer follows what fails in the scopes chosen. */
void lw_form_keep_references (LwForm *self);
void lw_form_clear_references (LwForm *self);
gboolean lw_form_has_scope (LwForm *self, const char *scope);
/* Adds a grant for the scope under a new number, or takes its grant away. */
void lw_form_set_scope (LwForm *self, const char *scope, gboolean chosen);
/* Grants for what the option exempts, with its references and selectors, in the place of all others. Those
 * that stay keep their numbers. */
void lw_form_take_option (LwForm *self, const LwNarrowOption *option);
/* (transfer container) (element-type utf8): the scopes chosen, in order. */
GPtrArray *lw_form_get_scopes (LwForm *self);
/* Why wider than needed, the same for all grants. */
const char *lw_form_get_why (LwForm *self);
void lw_form_set_why (LwForm *self, const char *why);

G_END_DECLS
