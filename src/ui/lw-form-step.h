/* SPDX-License-Identifier: GPL-3.0-or-later */

#pragma once

#include "lw-field-row.h"
#include "lw-form.h"

G_BEGIN_DECLS

/**
 * LwFormStep:
 *
 * One step of the guided form: a question, and fields that are bound to what assessment says of them.
 */
#define LW_TYPE_FORM_STEP (lw_form_step_get_type ())
G_DECLARE_DERIVABLE_TYPE (LwFormStep, lw_form_step, LW, FORM_STEP, AdwBin)

struct _LwFormStepClass
{
  AdwBinClass parent_class;

  LwStep step;
  /* The answers in a few words, "" where there is none. (transfer full) */
  char *(*summary) (LwFormStep *self);
  /* Shows what the request holds: on opening and when something else changed it. */
  void (*load) (LwFormStep *self);
  /* Findings changed. */
  void (*assessed) (LwFormStep *self);
  /* The assignment or what fails changed. */
  void (*policy_changed) (LwFormStep *self);
  /* The step comes into view. */
  void (*shown) (LwFormStep *self);
};

/* A step of that type for the form. */
GtkWidget *lw_form_step_new (GType type, LwForm *form);
LwForm *lw_form_step_get_form (LwFormStep *self);
char *lw_form_step_summary (LwFormStep *self);
void lw_form_step_shown (LwFormStep *self);
/* Says from now on what is missing. */
void lw_form_step_leave (LwFormStep *self);
/* Moves the focus to the field of that path. Whether there is one. */
gboolean lw_form_step_focus_field (LwFormStep *self, const char *field);

/* For subclasses. */
void lw_form_step_set_question (LwFormStep *self, const char *question, const char *explanation);
void lw_form_step_set_explanation (LwFormStep *self, const char *explanation);
void lw_form_step_append (LwFormStep *self, GtkWidget *child);
/* A widget at the end of the question, such as "1 of 2 in place". */
void lw_form_step_set_aside (LwFormStep *self, GtkWidget *child);
void lw_form_step_set_width (LwFormStep *self, int width);
/* Puts the standard column of the step into a place of one's own. (transfer floating) */
GtkWidget *lw_form_step_take_column (LwFormStep *self);
/* @field: a path of a finding, "*" for any index. The row shows the worst finding of it. */
void lw_form_step_bind (LwFormStep *self, gpointer row, const char *field);
/* The same, and what is typed goes into @member of the request, which must outlive the row. Rows are
 * loaded from it by this call. */
void lw_form_step_bind_text (LwFormStep *self, gpointer row, char **member, const char *field);
void lw_form_step_bind_date (LwFormStep *self, gpointer row, char **member, const char *field);
void
lw_form_step_bind_person (LwFormStep *self, gpointer row, LwPerson **member, const char *field);
/* Forgets bindings whose field starts with @prefix: their rows are going away. */
void lw_form_step_unbind (LwFormStep *self, const char *prefix);
/* What a screen reader calls a list without a heading. */
void lw_form_list_set_label (GtkListBox *list, const char *label);
/* A boxed list in a group under a heading (nullable). The list is in @list. */
GtkWidget *lw_form_group_new (const char *title, const char *description, GtkListBox **list);

G_END_DECLS
