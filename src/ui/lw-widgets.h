/* SPDX-License-Identifier: GPL-3.0-or-later */

#pragma once

#include <adwaita.h>

#include "lw-request.h"

G_BEGIN_DECLS

/* Small parts that several pages use. */

/* A pill: a short word with a meaning. @style: "neutral", "accent", "success", "warning", "error". */
GtkWidget *lw_pill_new (const char *text, const char *style);
void lw_pill_set (GtkWidget *pill, const char *text, const char *style);

/* The nearest AdwToastOverlay's toast; announced to a screen reader. */
void lw_toast (GtkWidget *widget, const char *text);

/* Names a button that shows a label of its own for a screen reader, as in "Owner: Change…". Call it after
 * each change of the label. */
void lw_button_set_name (GtkWidget *button, const char *name);

/* Sets the text of a label that wraps, and keeps names such as "rg-eval-weu" from breaking at a hyphen. */
void lw_label_set_unbroken (GtkLabel *label, const char *text);

/* An alert whose heading may be as long as it likes, in any language: libadwaita 1.7 does not wrap it. */
AdwDialog *lw_alert_dialog_new (const char *heading, const char *body);
/* What happened, what it means, what to do; codes, request id and time under Details with Copy. */
void lw_error_dialog (GtkWidget *widget, const char *heading, const GError *error);
/* The sentence for people of an error, without the service's own words behind it. (transfer full) */
char *lw_error_sentence (const GError *error);
/* Codes, request id and time, folded away, with Copy; NULL where the service said nothing. */
GtkWidget *lw_error_details_new (const GError *error);
/* @content under a header bar. */
GtkWidget *lw_with_header (GtkWidget *content);
/* A status page for a failed load, with Try Again running @retry. */
GtkWidget *
lw_error_status_page (const char *title, const GError *error, GCallback retry, gpointer user_data);

/* Relative ("in 9 days", "2 hours ago") as of @now, and the exact local date for a tooltip. (transfer full) */
char *lw_date_relative (GDateTime *when, GDateTime *now);
char *lw_date_exact (GDateTime *when);
/* A day by locale ("31 January 2027"). (transfer full) */
char *lw_date_day (GDateTime *when);
/* The same of "YYYY-MM-DD"; the text itself where it is no day, %NULL for %NULL. (transfer full) */
char *lw_date_day_of (const char *day);

/* Last segment of a scope with its kind in words ("Resource group rg-eval-weu"). (transfer full) */
char *lw_scope_title (const char *scope);
const char *lw_scope_icon (const char *scope);
const char *lw_control_kind_title (const char *kind);
const char *lw_control_kind_icon (const char *kind);

G_END_DECLS
