/* SPDX-License-Identifier: GPL-3.0-or-later */

#pragma once

#include <adwaita.h>

#include "lw-connections.h"

G_BEGIN_DECLS

/**
 * LwWindow:
 *
 * The window: first run, and the person's connections, each of which stays open once it was shown.
 */
#define LW_TYPE_WINDOW (lw_window_get_type ())
G_DECLARE_FINAL_TYPE (LwWindow, lw_window, LW, WINDOW, AdwApplicationWindow)

LwWindow *lw_window_new (AdwApplication *application);
/* (transfer none) */
LwConnections *lw_window_get_connections (LwWindow *self);
/* Fixes the clock of the connections opened from now on. @now: (nullable). */
void lw_window_set_now (LwWindow *self, GDateTime *now);
/* The connection that was open last; where there is none, what asks for one. */
void lw_window_open_last (LwWindow *self);
/* Shows it as it was left; opens it where it was not open yet. */
void lw_window_show_connection (LwWindow *self, LwConnection *connection);
void lw_window_show_setup (LwWindow *self);
/* A status page for what kept the window from opening a connection. */
void lw_window_show_problem (LwWindow *self, const char *title, const GError *error);
/* Starts the demo tenant, once, and signs in as @persona (nullable: asks). */
void lw_window_open_demo (LwWindow *self, const char *persona);
/* Opens the connection of that file. @access_token: (nullable): a token given by the caller. */
void lw_window_open_profile (LwWindow *self, const char *path, const char *access_token);

G_END_DECLS
