/* SPDX-License-Identifier: GPL-3.0-or-later */

#pragma once

#include <gtk/gtk.h>

G_BEGIN_DECLS

/**
 * lw_diff_label_new:
 * @before: (nullable): what the text was; %NULL where there is nothing to compare with
 * @after: (nullable): what it is
 *
 * A selectable label that shows @after, and where @before is given what was added (tinted) and
 * removed (struck through). A screen reader gets the text as it is, and what changed in words.
 */
GtkWidget *lw_diff_label_new (const char *before, const char *after);

G_END_DECLS
