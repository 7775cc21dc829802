/* SPDX-License-Identifier: GPL-3.0-or-later */

#pragma once

#include "lw-case.h"
#include "lw-risk.h"

G_BEGIN_DECLS

/*
 * What the decision card and the queue say, in words. @hierarchy may be NULL everywhere: names of
 * subscriptions and management groups are then their ids. All strings are (transfer full) unless they
 * are const.
 */

/* "rg-eval-weu", "sub-data-prod", "aoai-eval-weu". */
char *lw_words_scope_name (LwHierarchy *hierarchy, const char *scope);
/* In the middle of a sentence: "the resource group rg-eval-weu". */
char *lw_words_scope_phrase (LwHierarchy *hierarchy, const char *scope);
/* Of all grants: "rg-eval-weu and 2 other scopes". @in_sentence: with "the resource group". */
char *
lw_words_request_scope (LwHierarchy *hierarchy, const LwRequest *request, gboolean in_sentence);
/* "2 definitions of AI platform baseline", "all of …", or a single policy's name. */
char *lw_words_grant_policy (const LwGrant *grant);
char *lw_words_request_policy (const LwRequest *request);
/* "Let the resource group rg-eval-weu skip 2 definitions of … until 31 January 2027." */
char *lw_words_sentence (LwHierarchy *hierarchy, const LwRequest *request);
/* A day as the card writes it, from "YYYY-MM-DD" or an instant; the text itself where it is neither. */
char *lw_words_day (const char *text);
/* "In 68 days, rules allow 90"; @too_long: whether that is more than they allow. */
char *lw_words_ends (const LwRequest *request, LwRules *rules, GDateTime *now, gboolean *too_long);

/* A pill's word and style (see lw_pill_new()). */
const char *lw_words_phase (LwPhase phase, const char **style);
const char *lw_words_risk (LwRisk risk, const char **style);
const char *lw_words_risk_heading (LwRisk risk);
/* "Reaches a resource group. Ends more than 90 days from now." */
char *lw_words_risk_reasons (LwRiskReasons reasons);
const char *lw_words_category (const char *category);

const char *lw_words_person (const LwPerson *person);
/* "Priya Raman submitted revision 2" */
char *lw_words_event (const LwEvent *event);
/* What the person wrote with it; %NULL where nothing. (transfer none) */
const char *lw_words_event_comment (const LwEvent *event);

/* What else than the reason changed from @previous to @request, a sentence each.
 * (transfer full) (element-type utf8) */
GPtrArray *
lw_words_changes (LwHierarchy *hierarchy, const LwRequest *previous, const LwRequest *request);

G_END_DECLS
