/* SPDX-License-Identifier: GPL-3.0-or-later */

#pragma once

#include <adwaita.h>

#include "lw-workspace.h"

G_BEGIN_DECLS

/*
 * What tests of the window's parts share: a workspace without network, believable requests, and
 * records of them in any phase. "Now" is 24 November 2026, 09:00 UTC.
 */

#define LW_UI_SUBSCRIPTION "/subscriptions/11111111-1111-4111-8111-111111111111"
#define LW_UI_GROUP        LW_UI_SUBSCRIPTION "/resourceGroups/rg-eval-weu"
#define LW_UI_RESOURCE     LW_UI_GROUP "/providers/Microsoft.CognitiveServices/accounts/aoai-eval"

/* Starts GTK and libdex; call it instead of g_test_init(). */
void lw_ui_test_init (int *argc, char ***argv);

LwWorkspace *lw_ui_test_workspace (void);
GDateTime *lw_ui_test_now (void);

/* "priya", "daniel" or "ingrid". */
LwPerson *lw_ui_test_person (const char *name);
/* A complete request of priya's, owned by daniel, for one resource. */
LwRequest *lw_ui_test_request (void);

/* A record being written: each call adds an event an hour after the one before. */
typedef struct _LwUiRecord LwUiRecord;
LwUiRecord *lw_ui_record_new (LwRequest *request);
void lw_ui_record_free (LwUiRecord *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (LwUiRecord, lw_ui_record_free)
/* Submits @request as it is now: the next revision. */
void lw_ui_record_submit (LwUiRecord *self, const LwRequest *request);
/* An event with "digest" and, where given, "comment". */
void lw_ui_record_add (LwUiRecord *self, LwEventKind kind, const char *by, const char *comment);
/* An applied or apply-failed event: with an exemption, or with Azure's error. */
void lw_ui_record_add_result (LwUiRecord *self, LwEventKind kind, const char *by);
LwCase *lw_ui_record_fold (LwUiRecord *self);

/* Whether a label below @widget shows that text (a part of it). */
gboolean lw_ui_test_shows (GtkWidget *widget, const char *text);
/* The first visible widget of @type below @widget; with @text a label of it must show that. */
GtkWidget *lw_ui_test_find (GtkWidget *widget, GType type, const char *text);
/* Runs the main loop until @check holds; fails the test after 45 seconds. */
void lw_ui_test_wait (gboolean (*check) (gpointer data), gpointer data);
/* Runs what is ready to run. */
void lw_ui_test_settle (void);
/* A window of that width with @child in it, drawn once. */
GtkWidget *lw_ui_test_window (GtkWidget *child, int width);

G_END_DECLS
