/* SPDX-License-Identifier: GPL-3.0-or-later */

#pragma once

#include <adwaita.h>

#include "lw-profile.h"

G_BEGIN_DECLS

/**
 * LwWindow:
 *
 * The window: first run, signing in, and the pages of one connection.
 */
#define LW_TYPE_WINDOW (lw_window_get_type ())
G_DECLARE_FINAL_TYPE (LwWindow, lw_window, LW, WINDOW, AdwApplicationWindow)

LwWindow *lw_window_new (AdwApplication *application);
/* Fixes the clock of the connections opened from now on. @now: (nullable). */
void lw_window_set_now (LwWindow *self, GDateTime *now);
void lw_window_show_setup (LwWindow *self);
/* A status page for what kept the window from opening a connection. */
void lw_window_show_problem (LwWindow *self, const char *title, const GError *error);
/* Starts the demo tenant and signs in as @persona (nullable: asks). */
void lw_window_open_demo (LwWindow *self, const char *persona);
/* @access_token: (nullable): a token given by the caller. */
void lw_window_open_profile (LwWindow *self, LwProfile *profile, const char *access_token);

G_END_DECLS
