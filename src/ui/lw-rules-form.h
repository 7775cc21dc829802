/* SPDX-License-Identifier: GPL-3.0-or-later */

#pragma once

#include <adwaita.h>

#include "lw-rules-verbs.h"
#include "lw-workspace.h"

G_BEGIN_DECLS

/**
 * LwRulesForm:
 *
 * Rules while they are edited: what the rows of the page share. Signals: "changed"; "rebuild" (there
 * are other rows now).
 */
#define LW_TYPE_RULES_FORM (lw_rules_form_get_type ())
G_DECLARE_FINAL_TYPE (LwRulesForm, lw_rules_form, LW, RULES_FORM, GObject)

/* @base: what is in force; @editable: whether the person may change them. */
LwRulesForm *lw_rules_form_new (LwWorkspace *workspace, LwRules *base, gboolean editable);
LwWorkspace *lw_rules_form_get_workspace (LwRulesForm *self);
gboolean lw_rules_form_is_editable (LwRulesForm *self);
LwRules *lw_rules_form_get_base (LwRulesForm *self);
/* What is edited. Change it, then call lw_rules_form_changed(). (transfer none) */
JsonObject *lw_rules_form_get_json (LwRulesForm *self);
/* Puts other content into it, without "changed". */
void lw_rules_form_take (LwRulesForm *self, LwRules *rules);
void lw_rules_form_changed (LwRulesForm *self);
void lw_rules_form_rebuild (LwRulesForm *self);
/* As they are now. (transfer full) (nullable) */
LwRules *lw_rules_form_read (LwRulesForm *self, GError **error);

/* By a path such as "maxDays.Waiver.resource"; what is absent has the value that Leeway ships with. */
gint64 lw_rules_form_get_int (LwRulesForm *self, const char *path);
gboolean lw_rules_form_get_boolean (LwRulesForm *self, const char *path);
/* (transfer full): the node takes the place of what is there, and "changed" is emitted. */
void lw_rules_form_set (LwRulesForm *self, const char *path, JsonNode *node);
/* The list under a member of the whole; it is made where there is none. (transfer none) */
JsonArray *lw_rules_form_get_list (LwRulesForm *self, JsonObject *object, const char *member);

/* Rows for it; where it is not editable they only show. */
GtkWidget *lw_rules_number_row_new (LwRulesForm *form,
                                    const char *title,
                                    const char *unit,
                                    const char *path,
                                    int min,
                                    int max);
GtkWidget *lw_rules_switch_row_new (LwRulesForm *form, const char *title, const char *path);
GtkWidget *lw_rules_fact_row_new (const char *title, const char *value);
/* Adds the people of @array to @list, with what adds and removes them. */
void lw_rules_add_people (LwRulesForm *form, GtkListBox *list, JsonArray *array, const char *add);
/* One row for each group of approvers. */
void lw_rules_add_groups (LwRulesForm *form, GtkListBox *list);
/* One row for each policy with a number of approvals of its own. */
void lw_rules_add_policies (LwRulesForm *form, GtkListBox *list);
/* All of it, in the order of the page, with its history. */
void lw_rules_add_sections (LwRulesForm *form, GtkWidget *box);

G_END_DECLS
