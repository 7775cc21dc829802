/* SPDX-License-Identifier: GPL-3.0-or-later */

#pragma once

#include <adwaita.h>

#include "lw-connections.h"
#include "lw-session.h"

G_BEGIN_DECLS

/**
 * LwShell:
 *
 * One open connection in the window: opening it, signing in, its sidebar and pages. It stays as it is
 * while another one is shown, so that switching back finds every page, selection and open form.
 *
 * Signals: "signed-in": the connection's person is known (each time somebody signed in);
 * "given-up": nobody wants to sign in to a connection that was never open.
 *
 * Its actions are the window's, under "shell." in place of "win.": see lw-pages.h.
 */
#define LW_TYPE_SHELL (lw_shell_get_type ())
G_DECLARE_FINAL_TYPE (LwShell, lw_shell, LW, SHELL, AdwBreakpointBin)

/* @now: (nullable): fixes the clock. */
GtkWidget *lw_shell_new (LwConnections *connections, LwConnection *connection, GDateTime *now);
LwConnection *lw_shell_get_connection (LwShell *self);
/* Opens the connection with what the keyring or the caller has; else asks to sign in. */
void lw_shell_open (LwShell *self);
/* Asks somebody to sign in, whoever did before; the work that is open goes on for the same person. */
void lw_shell_sign_in (LwShell *self);
/* Whether it was open once: its pages are there. */
gboolean lw_shell_has_workspace (LwShell *self);
/* Saves what is being typed. Resolves to %TRUE. */
DexFuture *lw_shell_flush (LwShell *self);
/* Forgets the tokens, here and in the keyring. Resolves to %TRUE. */
DexFuture *lw_shell_forget (LwShell *self);
/* It will not be shown again: what comes back from now on is of no interest. */
void lw_shell_close (LwShell *self);

G_END_DECLS
