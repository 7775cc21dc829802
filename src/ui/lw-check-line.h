/* SPDX-License-Identifier: GPL-3.0-or-later */

#pragma once

#include <adwaita.h>
#include <libdex.h>

G_BEGIN_DECLS

typedef enum
{
  LW_CHECK_NONE, /* not tested */
  LW_CHECK_RUNNING,
  LW_CHECK_GOOD,
  LW_CHECK_BAD,
} LwCheckState;

/**
 * LwCheckLine:
 *
 * What a test found: a tick or a warning, and a sentence. Hidden until there is something to say. Emits
 * "done" when a test ended; one that was overtaken by another ends without.
 */
#define LW_TYPE_CHECK_LINE (lw_check_line_get_type ())
G_DECLARE_FINAL_TYPE (LwCheckLine, lw_check_line, LW, CHECK_LINE, AdwBin)

/* @row: (nullable): the field that it is about, which is marked when the test fails. */
GtkWidget *lw_check_line_new (GtkWidget *row);
/* Shows @waiting until @future is settled: it resolves to a sentence. */
void lw_check_line_run (LwCheckLine *self, const char *waiting, DexFuture *future);
void lw_check_line_set (LwCheckLine *self, LwCheckState state, const char *text);
void lw_check_line_reset (LwCheckLine *self);
LwCheckState lw_check_line_get_state (LwCheckLine *self);

G_END_DECLS
