/* SPDX-License-Identifier: GPL-3.0-or-later */

#pragma once

#include "lw-finding.h"

G_BEGIN_DECLS

/*
 * Judges whether a text says something that would not fit any other request as well.
 *
 * It weighs what a text holds: names, numbers, dates and words of its own on the one hand; on the other,
 * phrases that stand in the place of a cause. It knows English, German, French, Spanish, Portuguese and
 * Japanese by the lists in data/words, and says nothing about texts in other languages but what does not
 * depend on one. The same text is always judged alike.
 */

typedef enum
{
  LW_REASON_PLACEHOLDER, /* only fills the field */
  LW_REASON_TICKET,      /* only the number or address of a ticket */
  LW_REASON_ERROR,       /* only an error message */
  LW_REASON_POLICY_NAME, /* only the policy's name in other words */
  LW_REASON_NO_BLOCKER,  /* what is wanted, and not what it is that does not work */
  LW_REASON_URGENCY,     /* haste in the place of a cause */
  LW_REASON_BLAME,       /* somebody else in the place of a cause */
  LW_REASON_LATER,       /* some day */
  LW_REASON_EFFORT,      /* effort in the place of a cause */
  LW_REASON_NO_END,      /* that it will be over, and not how */
  LW_REASON_HOLLOW,      /* fits any request */
  LW_REASON_SHOUTING,    /* capitals and exclamation marks: advice */
} LwReasonKind;

/* What is wrong with a text. */
typedef struct
{
  LwReasonKind kind;
  LwSeverity severity;
  char *words; /* those of the text that say so, as they stand there; %NULL where it is the whole */
} LwReasonNote;

void lw_reason_note_free (LwReasonNote *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (LwReasonNote, lw_reason_note_free)

/* The name of a kind in the ids of findings: "ticket-only", "policy-name"… (transfer none) */
const char *lw_reason_kind_to_string (LwReasonKind kind);

/* What it says about the field that people know as @label, in a sentence or two. (transfer full) */
char *lw_reason_note_describe (const LwReasonNote *self, const char *label);

/**
 * lw_reason_judge:
 * @field: "reason.blocker", "reason.endState"…; what is expected depends on it
 * @text: any text
 * @policy_names: (nullable): the names of the policies that the request is about, %NULL-terminated
 *
 * Returns: (transfer full) (nullable): what is wrong with it first of all, or %NULL
 */
LwReasonNote *
lw_reason_judge (const char *field, const char *text, const char *const *policy_names);

G_END_DECLS
