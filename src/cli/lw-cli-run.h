/* SPDX-License-Identifier: GPL-3.0-or-later */

#pragma once

#include "lw-cli-args.h"

G_BEGIN_DECLS

/* Takes the application's secret out of the environment, so that nothing that is started, such as a
 * browser, inherits it. To be called first, while there are no threads. */
void lw_cli_take_secret (void);

/* Does what the command line asks for; sentences go to standard error. */
LwExit lw_cli_run (const LwCliArgs *args);

/* The exit code for what went wrong. */
LwExit lw_cli_exit_for_error (const GError *error);

/* "leewayctl: " and a sentence, with Azure's code and request id where there are any. */
void lw_cli_print_error (const GError *error);

G_END_DECLS
