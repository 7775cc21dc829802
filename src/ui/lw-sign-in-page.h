/* SPDX-License-Identifier: GPL-3.0-or-later */

#pragma once

#include <adwaita.h>

#include "lw-demo.h"
#include "lw-session.h"

G_BEGIN_DECLS

/**
 * LwSignInPage:
 *
 * Asks the person to sign in: through the browser, or on the demo tenant as one of its people.
 * Emits "signed-in" when the session is open.
 */
#define LW_TYPE_SIGN_IN_PAGE (lw_sign_in_page_get_type ())
G_DECLARE_FINAL_TYPE (LwSignInPage, lw_sign_in_page, LW, SIGN_IN_PAGE, AdwBin)

/* @demo: (nullable). @why: (nullable): what kept the last sign-in from being used. */
GtkWidget *lw_sign_in_page_new (LwSession *session, LwDemo *demo, const GError *why);
/* Signs in at once, on the demo tenant as that persona. @upn: (nullable): through the browser. */
void lw_sign_in_page_start (LwSignInPage *self, const char *upn);

G_END_DECLS
