/* SPDX-License-Identifier: GPL-3.0-or-later */

#pragma once

#include <adwaita.h>

#include "lw-form.h"

G_BEGIN_DECLS

/**
 * LwScopeBrowser:
 *
 * The tree of scopes with a search over the whole tenant. What is ticked becomes a grant of the form.
 */
#define LW_TYPE_SCOPE_BROWSER (lw_scope_browser_get_type ())
G_DECLARE_FINAL_TYPE (LwScopeBrowser, lw_scope_browser, LW, SCOPE_BROWSER, AdwBin)

GtkWidget *lw_scope_browser_new (LwForm *form);

G_END_DECLS
