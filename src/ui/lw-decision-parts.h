/* SPDX-License-Identifier: GPL-3.0-or-later */

#pragma once

#include <adwaita.h>

#include "lw-workspace.h"

G_BEGIN_DECLS

/* What a decision card shows; borrowed while its parts are made. */
typedef struct
{
  LwWorkspace *workspace;
  LwHierarchy *hierarchy; /* nullable */
  LwRules *rules;         /* those of the case, else of the session; nullable */
  GDateTime *now;
  LwCase *value; /* nullable: a draft */
  const LwRequest *request;
  const LwRequest *previous; /* nullable: the revision before */
  GPtrArray *findings;       /* (element-type LwFinding), nullable: not assessed */
  LwRight right;             /* whether the person could apply it */
  gboolean right_shown;
  gboolean right_known;
} LwDecisionView;

/* Each makes one section of the card, or gives %NULL where there is nothing to show. */

/* What the reader sees first, over both columns. */
GtkWidget *lw_decision_head_new (const LwDecisionView *view);
GtkWidget *lw_decision_facts_new (const LwDecisionView *view);
GtkWidget *lw_decision_flags_new (const LwDecisionView *view);
/* What became of each grant, while not all of them are in Azure. */
GtkWidget *lw_decision_result_new (const LwDecisionView *view);

/* The main column. */
GtkWidget *lw_decision_findings_new (const LwDecisionView *view);
GtkWidget *lw_decision_changes_new (const LwDecisionView *view);
GtkWidget *lw_decision_grants_new (const LwDecisionView *view);
GtkWidget *lw_decision_reason_new (const LwDecisionView *view);
GtkWidget *lw_decision_plan_new (const LwDecisionView *view);
GtkWidget *lw_decision_controls_new (const LwDecisionView *view);

/* The column at the side. */
GtkWidget *lw_decision_people_new (const LwDecisionView *view);
GtkWidget *lw_decision_sign_off_new (const LwDecisionView *view);
GtkWidget *lw_decision_right_new (const LwDecisionView *view);

/* Below both. */
GtkWidget *lw_decision_azure_new (const LwDecisionView *view);
GtkWidget *lw_decision_history_new (const LwDecisionView *view);

/* Building blocks, shared with the exemptions' details. */

/* A heading with @suffix (nullable) at its end; children are appended to the box. */
GtkWidget *lw_section_new (const char *title, GtkWidget *suffix);
GtkWidget *lw_caption_new (const char *text);
/* A label that wraps, with the text as it is. */
GtkWidget *lw_text_new (const char *text);
/* Breaks no line of @label within the first @part of its text, a name or a date, unless that is long. */
void lw_label_keep_together (GtkWidget *label, const char *part);
/* A caption above a selectable text: "Owner" over "Priya Raman". */
GtkWidget *lw_field_new (const char *caption, const char *text);
/* The same with a widget instead of the text; the widget is labelled by the caption. */
GtkWidget *lw_field_new_for (const char *caption, GtkWidget *value);
/* A card of monospaced text with a caption and a button that copies the text. */
GtkWidget *lw_code_new (const char *caption, const char *text);
/* A tinted box with an icon: "accent", "warning", "error", "success". */
GtkWidget *lw_note_new (const char *icon, const char *text, const char *style);
/* An avatar with a name and a line below; @suffix nullable. */
GtkWidget *lw_person_row_new (const char *name, const char *line, GtkWidget *suffix);
GtkWidget *lw_boxed_list_new (const char *label);

G_END_DECLS
