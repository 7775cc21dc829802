/* SPDX-License-Identifier: GPL-3.0-or-later */

#pragma once

#include "lw-field-row.h"
#include "lw-workspace.h"

G_BEGIN_DECLS

/**
 * LwPersonField:
 *
 * A person as an answer, chosen from the directory.
 */
#define LW_TYPE_PERSON_FIELD (lw_person_field_get_type ())
G_DECLARE_FINAL_TYPE (LwPersonField, lw_person_field, LW, PERSON_FIELD, LwFieldRow)

GtkWidget *lw_person_field_new (LwWorkspace *workspace, const char *caption);
/* (nullable). Without "changed". */
void lw_person_field_set_person (LwPersonField *self, const LwPerson *person);
const LwPerson *lw_person_field_get_person (LwPersonField *self);

G_END_DECLS
