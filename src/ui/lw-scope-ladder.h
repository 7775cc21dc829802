/* SPDX-License-Identifier: GPL-3.0-or-later */

#pragma once

#include <adwaita.h>

#include "lw-form.h"

G_BEGIN_DECLS

/**
 * LwScopeLadder:
 *
 * The ways to exempt what is needed, the narrowest first, with how many others each would let off: by type
 * and team when it is unfolded. Choosing one sets the form's scopes, references and selectors. Hidden until
 * there is something to choose from.
 *
 * What is needed are the resources chosen; where wider scopes are chosen, what fails in them.
 */
#define LW_TYPE_SCOPE_LADDER (lw_scope_ladder_get_type ())
G_DECLARE_FINAL_TYPE (LwScopeLadder, lw_scope_ladder, LW, SCOPE_LADDER, AdwBin)

GtkWidget *lw_scope_ladder_new (LwForm *form);
/* The form changed: counts again where something else is needed, and marks what is chosen. */
void lw_scope_ladder_update (LwScopeLadder *self);

G_END_DECLS
