/* SPDX-License-Identifier: GPL-3.0-or-later */

#pragma once

#include <adwaita.h>

#include "lw-connections.h"
#include "lw-session.h"

G_BEGIN_DECLS

/**
 * LwSignInPage:
 *
 * Asks the person to sign in, the way the connection says, and says what went wrong when that did not
 * work. Signals: "signed-in" when the session is open; "given-up" when the person wants something else;
 * "edited" when the connection is another one now (a certificate was chosen), so that a new session is
 * needed; "continue-as" (string: an object id): one of those that lw_sign_in_page_offer() named; "retry":
 * the connection is to be opened again from the start.
 */
#define LW_TYPE_SIGN_IN_PAGE (lw_sign_in_page_get_type ())
G_DECLARE_FINAL_TYPE (LwSignInPage, lw_sign_in_page, LW, SIGN_IN_PAGE, AdwBin)

/* @why: (nullable): what kept the last sign-in from being used; its claims are passed on. */
GtkWidget *lw_sign_in_page_new (LwSession *session,
                                LwConnections *connections,
                                LwConnection *connection,
                                const GError *why);
/* Lets the person go on as one of those who are signed in on this computer already, with one click.
 * @people: (element-type LwPerson) */
void lw_sign_in_page_offer (LwSignInPage *self, GPtrArray *people);
/* Signs in at once, where that needs nothing typed. */
void lw_sign_in_page_start (LwSignInPage *self);
void lw_sign_in_page_popup_switcher (LwSignInPage *self);

G_END_DECLS
