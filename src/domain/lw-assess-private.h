/* SPDX-License-Identifier: GPL-3.0-or-later */

#pragma once

#include "lw-assess.h"
#include "lw-source-private.h"

G_BEGIN_DECLS

/* One assessment under way. */
typedef struct
{
  const LwRequest *request;
  const LwAssessContext *context;
  LwRules *rules;
  GPtrArray *phrases; /* (element-type utf8): the rules' vague phrases, normalised once */
  char *today;        /* "YYYY-MM-DD" in UTC */
  char *expires;      /* the day of expiry, or NULL where it is missing or no instant */
  GPtrArray *findings;
} LwAssessment;

/* Adds a finding. @hint may be %NULL. */
void lw_assessment_add (LwAssessment *self,
                        LwSeverity severity,
                        const char *id,
                        const char *field,
                        const char *hint,
                        const char *format,
                        ...) G_GNUC_PRINTF (6, 7);

/* Looks at one text. @key is that of lw_field_max_chars(); @path is where it stands. Whether the text is
 * there at all. */
gboolean lw_assess_text (LwAssessment *self,
                         const char *key,
                         const char *path,
                         const char *text,
                         gboolean required);

/* Looks for the same text in two fields of a group. Both keys have a label; the finding is on the second. */
void lw_assess_copied (LwAssessment *self,
                       const char *first_key,
                       const char *first,
                       const char *second_key,
                       const char *path,
                       const char *second);

/* Looks at a day: whether it is there, a day, and not past; @prefix is that of the ids. Whether it is good. */
gboolean lw_assess_day (LwAssessment *self, const char *prefix, const char *path, const char *day);

/* Looks at a web address. %NULL and "" are none. */
void lw_assess_link (LwAssessment *self, const char *id, const char *path, const char *link);

void lw_assess_grants (LwAssessment *self);
void lw_assess_policies (LwAssessment *self);
void lw_assess_reason (LwAssessment *self);
void lw_assess_owner (LwAssessment *self);
void lw_assess_expiry (LwAssessment *self);
void lw_assess_controls (LwAssessment *self);

/* Words in one case with single spaces between and around them, without punctuation. (transfer full) */
char *lw_text_normalize (const char *text);
gboolean lw_text_is_blank (const char *text);

G_END_DECLS
