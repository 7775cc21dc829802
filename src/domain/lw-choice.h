/* SPDX-License-Identifier: GPL-3.0-or-later */

#pragma once

#include "lw-narrow.h"

G_BEGIN_DECLS

/*
 * Is an exemption the right thing? There are other ways to get on, and some of them serve better: most of what
 * ends in a portfolio of exemptions should have been one of these.
 */

typedef enum
{
  LW_CHOICE_NOTHING, /* nothing is in the way */
  LW_CHOICE_FIX,     /* change the resource */
  LW_CHOICE_POLICY,  /* have the policy changed: its parameters, or an override of its effect */
  LW_CHOICE_DO_NOT_ENFORCE, /* enforcementMode DoNotEnforce, for as long as it takes */
  LW_CHOICE_ENROLL,         /* enforcementMode Enroll: enforce it only where that was asked for */
  LW_CHOICE_SELECTORS,      /* resourceSelectors on the assignment */
  LW_CHOICE_EXCLUSION,      /* notScopes of the assignment */
  LW_CHOICE_EXEMPTION,
} LwChoiceKind;

typedef enum
{
  LW_VERDICT_UNFIT,
  LW_VERDICT_POSSIBLE,
  LW_VERDICT_BEST,
} LwVerdict;

/* "nothing", "fix", "policy", "doNotEnforce", "enroll", "selectors", "exclusion", "exemption" */
const char *lw_choice_kind_to_string (LwChoiceKind kind);
/* "unfit", "possible", "best" */
const char *lw_verdict_to_string (LwVerdict verdict);

/* What the chooser goes by. A negative number is not known. Strings are borrowed and may be %NULL. */
typedef struct
{
  const char *effect; /* the strictest of the policies needed */
  const char *enforcement_mode;
  gboolean initiative;
  gboolean endless;      /* there is no end in sight, or none was named */
  gboolean fix_known;    /* Azure said what it would take */
  int renewals;          /* how often this was renewed before */
  int exemptions;        /* other exemptions in force from the same policies */
  int failing;           /* resources that fail these policies, below the assignment */
  int evaluated;         /* resources that these policies look at there */
  int needed;            /* resources that need something */
  int absent;            /* of these, not there yet */
  int bare;              /* of these, not able to carry an exemption */
  int not_scopes;        /* exclusions that the assignment has */
  gboolean whole_scopes; /* all there is in some scopes needs all of the assignment */
  gboolean
      whole_types; /* all there is of some types, everywhere, needs this, and nothing else does */
  gboolean whole_places; /* likewise of some locations */
  gboolean carried;      /* there is a way to exempt it */
} LwChoiceFacts;

/* The most exclusions that Azure takes. */
#define LW_MAX_NOT_SCOPES 400

/* Fills in what the question and its answer tell; the rest is as if not known. */
void lw_choice_facts_from_narrow (LwChoiceFacts *facts, LwNarrowResult *result);

typedef struct
{
  LwChoiceKind kind;
  LwVerdict verdict;
  char *why; /* a sentence or two */
} LwChoice;

/**
 * lw_choose:
 *
 * Returns: (transfer full) (element-type LwChoice): every kind once with its verdict, the best first;
 *   exactly one is %LW_VERDICT_BEST
 */
GPtrArray *lw_choose (const LwChoiceFacts *facts);

/* {"best", "choices": [{"choice", "verdict", "why"}]} (transfer full) */
JsonNode *lw_choices_to_json (GPtrArray *choices);

/**
 * lw_choice_facts_from_json:
 * @object: (nullable): {"effect", "endless", "fixKnown", "renewals", "exemptions", "failing"}; borrowed
 *
 * Adds what a person knows, and the tenant, to @facts.
 */
gboolean lw_choice_facts_from_json (LwChoiceFacts *facts, JsonObject *object, GError **error);

G_END_DECLS
