/* SPDX-License-Identifier: GPL-3.0-or-later */

#pragma once

#include "lw-event.h"
#include "lw-rules.h"

G_BEGIN_DECLS

typedef enum
{
  LW_PHASE_NEW, /* no event yet */
  LW_PHASE_PENDING,
  LW_PHASE_CHANGES_REQUESTED,
  LW_PHASE_REJECTED,
  LW_PHASE_WITHDRAWN,
  LW_PHASE_APPROVED, /* quorum met, nothing applied yet */
  LW_PHASE_APPLYING,
  LW_PHASE_PARTLY_APPLIED,
  LW_PHASE_APPLY_FAILED,
  LW_PHASE_APPLIED,
  LW_PHASE_RETIRING,
  LW_PHASE_RETIRED,
} LwPhase;

const char *lw_phase_to_string (LwPhase phase);

typedef struct
{
  LwPerson *by;
  char *digest;
  guint seq;
  GDateTime *at;
  gboolean sealed;
  gboolean counts; /* sealed, of the digest in force, by somebody entitled */
} LwApproval;

/*
 * What the bodies of events hold, beyond what design and rules say of them ("digest" is always the one
 * in force, for an approval with terms that of the terms; "grants" are lists of objects with the
 * grant's number in "n"):
 *
 *   submitted          {"revision", "content", "digest", "rules": {"seq", "sha256"}}
 *   withdrawn          {"comment"}
 *   changes-requested  {"digest", "comment"}; rejected likewise
 *   approved           {"digest", "terms": the whole tightened content or null}
 *   applying           {"digest", "grants": [{"n", "before": object or null}]}
 *   applied            {"digest", "grants": [{"n", "exemption": object} or {"n", "error": {"code", "message"}}]};
 *                      apply-failed likewise. A grant is applied once it has an exemption here.
 *   retiring           {"grants": [{"n", "before": object}]}; retired {"grants": [{"n"}]}
 *   restored           {"digest", "grants": [{"n", "exemption": object}]}
 *   control-checked    {"text", "evidence", "control": its number from 1}
 *   commented          {"text", "evidence"}
 */

/* Something in the record that should not be there: it is shown and does not count. */
typedef struct
{
  guint seq; /* 0 for the record as a whole */
  char *
      id; /* "ledger.gap", "ledger.chain", "ledger.foreign", "ledger.gone", "ledger.rewritten", "ledger.not-allowed", "ledger.unsealed", … */
  char *message;
} LwFlag;

/**
 * LwCase:
 *
 * The state of a request: the fold of its events and seals. Boxed, reference counted, immutable.
 */
typedef struct
{
  char *request_id;
  LwPhase phase;
  guint revision; /* of @content */
  LwRequest
      *content; /* what is asked for: the newest revision, or the terms that replace it; nullable */
  LwRequest *previous;  /* the revision before; nullable */
  char *digest;         /* of @content */
  GPtrArray *approvals; /* (element-type LwApproval), all on record */
  guint approvals_counting;
  guint approvals_needed;
  GDateTime *submitted; /* of the newest revision; nullable */
  GDateTime *changed;   /* of the newest event; nullable */
  guint last_seq;
  char *last_sha256;      /* "" when there is none */
  LwEvent *last_decision; /* changes-requested, rejected or withdrawn; nullable */
  GHashTable
      *results; /* grant number (GUINT_TO_POINTER) → JsonObject: the exemption as Azure answered */
  GHashTable
      *failures;     /* grant number (GUINT_TO_POINTER) → JsonObject: the error of the last try */
  LwPerson *applier; /* by whom the applying event on record was written; nullable */
  GPtrArray *events; /* (element-type LwEvent), in order */
  GPtrArray *flags;  /* (element-type LwFlag) */
  LwRules *rules;    /* in force at submission */
  gint64
      queued; /* not 0: what a verb wrote is not in it, but waits in the outbox under this number */
} LwCase;

#define LW_TYPE_CASE (lw_case_get_type ())
GType lw_case_get_type (void);
LwCase *lw_case_ref (LwCase *self);
void lw_case_unref (LwCase *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (LwCase, lw_case_unref)

/* Whether a seal is on record for that digest by that person. */
typedef gboolean (*LwSealLookup) (const char *request,
                                  const char *digest,
                                  const char *oid,
                                  gpointer user_data);

/**
 * lw_case_fold:
 * @events: (element-type LwEvent): the record in order of seq; gaps, broken links and what is not
 *   allowed are flagged; nothing after a gap or a broken link counts
 * @rules: in force (the rules a submitted event records win where they are known)
 * @hierarchy: (nullable)
 */
LwCase *lw_case_fold (const char *request_id,
                      GPtrArray *events,
                      LwSealLookup seals,
                      gpointer user_data,
                      LwRules *rules,
                      LwHierarchy *hierarchy);

/**
 * lw_case_check:
 *
 * Whether @who may write an event of that kind (with that body) now.
 *
 * Returns: %FALSE with %LW_DOMAIN_ERROR_NOT_ALLOWED; the message is a sentence for that person
 */
gboolean lw_case_check (LwCase *self,
                        LwEventKind kind,
                        const LwPerson *who,
                        JsonObject *body,
                        LwHierarchy *hierarchy,
                        GError **error);

/* Whether the record is intact: no gap, no broken link, no foreign entry, nothing gone or rewritten since
 * it was read. Nothing may be added to one
 * that is not. */
gboolean lw_case_is_intact (LwCase *self);

/**
 * lw_case_terms_contained:
 *
 * Whether @terms only tighten @asked: the same texts and people, an expiry no later, a part of the grants,
 * each with the same assignment and contained in what was asked, as lw_coverage_contained() proves it by the
 * ids alone. Sets an error that names what is not contained.
 */
gboolean lw_case_terms_contained (const LwRequest *asked, const LwRequest *terms, GError **error);

/* The UPNs of those whose approval counts, joined by ", ". (transfer full) */
char *lw_case_approved_by (LwCase *self);
/* When the last counting approval was given; %NULL when none. (transfer none) */
GDateTime *lw_case_approved_on (LwCase *self);
/* Whether the person has a counting approval on record. */
gboolean lw_case_has_approved (LwCase *self, const char *oid);

G_END_DECLS
