/* SPDX-License-Identifier: GPL-3.0-or-later */

#pragma once

#include <adwaita.h>

#include "lw-presets.h"

G_BEGIN_DECLS

/**
 * LwSetupForm:
 *
 * The fields of a connection. What can be tested before signing in is tested when a field is left, and
 * all of it before the form lets go. Emits "connect" with the profile.
 */
#define LW_TYPE_SETUP_FORM (lw_setup_form_get_type ())
G_DECLARE_FINAL_TYPE (LwSetupForm, lw_setup_form, LW, SETUP_FORM, AdwBin)

GtkWidget *lw_setup_form_new (void);
/* Starts from an existing profile; members that the form does not know are kept. */
void lw_setup_form_set_profile (LwSetupForm *self, LwProfile *profile);
/* Fills in what the administrator gave; locks it where they say so. */
void lw_setup_form_set_preset (LwSetupForm *self, const LwPreset *preset);

G_END_DECLS
