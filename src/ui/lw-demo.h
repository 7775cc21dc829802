/* SPDX-License-Identifier: GPL-3.0-or-later */

#pragma once

#include "lw-identity.h"

G_BEGIN_DECLS

/**
 * LwDemo:
 *
 * The simulated tenant as a child process that ends with this one.
 */
#define LW_TYPE_DEMO (lw_demo_get_type ())
G_DECLARE_FINAL_TYPE (LwDemo, lw_demo, LW, DEMO, GObject)

LwDemo *lw_demo_new (void);
/* Starts the program and reads its line of endpoints. Resolves to %TRUE; rejects with a sentence where
 * it is missing, fails or says nothing in time. */
DexFuture *lw_demo_start (LwDemo *self);
void lw_demo_stop (LwDemo *self);
/* (nullable) before it was started. */
LwProfile *lw_demo_get_profile (LwDemo *self);
/* (element-type LwPerson): who can sign in. */
GPtrArray *lw_demo_get_personas (LwDemo *self);
/* The open_uri of #LwSignInHooks with an #LwDemo as its data: answers the sign-in in place of a browser, for the
 * persona that the address hints at. */
void lw_demo_open_uri (const char *uri, gpointer self);

G_END_DECLS
