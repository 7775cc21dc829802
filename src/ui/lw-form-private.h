/* SPDX-License-Identifier: GPL-3.0-or-later */

#pragma once

#include "lw-form.h"

G_BEGIN_DECLS

typedef enum
{
  LW_FORM_SIGNAL_CHANGED,
  LW_FORM_SIGNAL_ASSESSED,
  LW_FORM_SIGNAL_POLICY_CHANGED,
} LwFormSignal;
#define LW_FORM_SIGNALS 3

struct _LwForm
{
  GObject parent_instance;

  LwWorkspace *workspace;
  LwRequest *request;
  guint next_grant;
  gboolean dirty;
  gboolean finished;
  gboolean left[LW_FORM_STEPS];
  guint save_source;
  guint assess_source;
  GDateTime *saved_at;
  GError *save_error;
  GPtrArray *findings;

  LwAssignment *assignment;
  GError *assignment_error;
  GPtrArray *failing;
  guint loading; /* the turn: a newer one makes an older one void */
  gboolean reading;
  gboolean preselect; /* the references follow what fails, until the person chooses some */
};

void lw_form_emit (LwForm *self, LwFormSignal signal);
/* Assesses the request at once. */
void lw_form_assess (LwForm *self);

/* Where the initiative may not be read, what the request already asks for is shown all the same. */
void lw_form_show_asked (LwForm *self);
/* Selects what fails as long as that is few. Whether anything changed. */
gboolean lw_form_preselect_failing (LwForm *self);

/* The place of @text in @strings, without case; -1 where it is not. */
int lw_form_find_string (GPtrArray *strings, const char *text);

static inline gboolean
lw_form_has_text (const char *text)
{
  return text != NULL && *text != '\0';
}

G_END_DECLS
