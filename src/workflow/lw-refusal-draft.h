/* SPDX-License-Identifier: GPL-3.0-or-later */

#pragma once

#include "lw-finding.h"
#include "lw-refusal.h"
#include "lw-session.h"

G_BEGIN_DECLS

/* The beginning of a request, and what it still has to be told. */
typedef struct
{
  LwRequest *request;
  /* (element-type LwFinding): "refusal.…", what could not be found (blockers), and what was assumed
   * (advice); the field names the grant. */
  GPtrArray *findings;
} LwRefusalDraft;

#define LW_TYPE_REFUSAL_DRAFT (lw_refusal_draft_get_type ())
GType lw_refusal_draft_get_type (void);
LwRefusalDraft *lw_refusal_draft_copy (const LwRefusalDraft *self);
void lw_refusal_draft_free (LwRefusalDraft *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (LwRefusalDraft, lw_refusal_draft_free)

/* {"request": {…}, "findings": [{"id", "severity", "field", "message", "hint"}]} (transfer full) */
JsonNode *lw_refusal_draft_to_json (const LwRefusalDraft *self);

/**
 * lw_draft_from_refusal:
 *
 * Looks up in the tenant what @text leaves open, and begins the narrowest request that lets through what
 * Azure refused: one grant for each resource and assignment. A resource that exists is its own scope. One that
 * does not exist yet gets its resource group, with selectors for its type and location. Of an initiative
 * only the references that refused are taken. A resource without a policy gets those that it fails, where they
 * are of one assignment. What cannot be found, or is not certain, is a finding.
 *
 * Resolves to an LwRefusalDraft, also where nothing could be found; rejects where Azure cannot be reached.
 */
DexFuture *lw_draft_from_refusal (LwSession *self, const LwRefusalText *text);

G_END_DECLS
