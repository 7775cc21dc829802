/* SPDX-License-Identifier: GPL-3.0-or-later */

#pragma once

#include <adwaita.h>

#include "lw-client.h"
#include "lw-workspace.h"

G_BEGIN_DECLS

/**
 * LwPersonPicker:
 *
 * Finds a person in the directory. Emits "chosen" with an LwDirectoryPerson and closes.
 */
#define LW_TYPE_PERSON_PICKER (lw_person_picker_get_type ())
G_DECLARE_FINAL_TYPE (LwPersonPicker, lw_person_picker, LW, PERSON_PICKER, AdwDialog)

AdwDialog *lw_person_picker_new (LwWorkspace *workspace, const char *title);

/* "Lead engineer, Platform" of a person of the directory; "" where nothing is known. (transfer full) */
char *lw_directory_person_describe (const LwDirectoryPerson *person);

G_END_DECLS
