/* SPDX-License-Identifier: GPL-3.0-or-later */

#pragma once

#include <glib.h>

G_BEGIN_DECLS

/*
 * How this machine's clock compares with those of the servers that answered. Certificates and tokens
 * have times in them, and a clock that is off by more than five minutes makes good ones look bad.
 */

/* Takes note of an answer's "Date" (nullable). */
void lw_clock_note (const char *date);
/* Seconds by which this machine's clock is ahead of the last server's; negative where it is behind, 0
 * where it is not known. */
gint64 lw_clock_get_skew (void);
/* "This machine's clock is 12 minutes behind Azure's. …", where the last server's differs by more than
 * five minutes. (transfer full) (nullable) */
char *lw_clock_complaint (void);
/* @text, followed by that. (transfer full) */
char *lw_clock_with_complaint (const char *text);

G_END_DECLS
