/* SPDX-License-Identifier: GPL-3.0-or-later */

#pragma once

#include <libdex.h>

#include "lw-pages.h"

G_BEGIN_DECLS

#define LW_TYPE_FORM_PAGE (lw_form_page_get_type ())
G_DECLARE_FINAL_TYPE (LwFormPage, lw_form_page, LW, FORM_PAGE, AdwNavigationPage)

/* Writes what was typed since the last save. Resolves to %TRUE once it is on disk. */
DexFuture *lw_form_page_flush (LwFormPage *self);
/* Shows a step, 0…5, and there the field of that path (nullable). */
void lw_form_page_show (LwFormPage *self, guint step, const char *field);

G_END_DECLS
