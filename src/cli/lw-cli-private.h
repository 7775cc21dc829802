/* SPDX-License-Identifier: GPL-3.0-or-later */

#pragma once

#include "lw-cli-run.h"
#include "lw-verbs.h"

G_BEGIN_DECLS

/* A command at work on an open session. */
typedef struct
{
  const LwCliArgs *args;
  LwProfile *profile; /* as it was given; the session's may know more of its cloud */
  const char *token;  /* nullable: given by the caller */
  LwSession *session;
  GMainLoop *loop;
  LwExit exit;
} LwCliRun;

/* A file, or standard input for "-". (transfer full) (nullable) */
GBytes *lw_cli_read (const char *path, gsize limit, GError **error);
/* To --output where it is given, which must not be there yet, else to standard output. */
gboolean lw_cli_write (const LwCliArgs *args, GBytes *bytes, GError **error);
/* Takes out what could steer a terminal: names come from others. */
void lw_cli_make_printable (GString *text);
/* The content to decide on: what the caller saw, else what is in force. Awaits. (transfer full) (nullable) */
char *lw_cli_digest (LwCliRun *run, GError **error);
LwExit lw_cli_print_case (LwCliRun *run, LwCase *value, gboolean whole, GError **error);

/* Opens the run's session, and signs in first where that is needed. Awaits. */
gboolean lw_cli_open_session (LwCliRun *run, GError **error);

/* Whether a secret came from the environment and was not used yet. */
gboolean lw_cli_has_secret (void);

/* The commands; all await. What they return counts where no error is set. */
LwExit lw_cli_run_sign_in (LwCliRun *run, GError **error);
LwExit lw_cli_run_sign_out (LwCliRun *run, GError **error);
LwExit lw_cli_run_draft (LwCliRun *run, GError **error);
LwExit lw_cli_run_apply (LwCliRun *run, GError **error);
LwExit lw_cli_run_resume (LwCliRun *run, GError **error);
LwExit lw_cli_run_comment (LwCliRun *run, GError **error);
LwExit lw_cli_run_attach (LwCliRun *run, GError **error);
LwExit lw_cli_run_evidence (LwCliRun *run, GError **error);
LwExit lw_cli_run_verify (LwCliRun *run, GError **error);
LwExit lw_cli_run_sync (LwCliRun *run, GError **error);
LwExit lw_cli_run_export (LwCliRun *run, GError **error);
LwExit lw_cli_run_log (LwCliRun *run, GError **error);
LwExit lw_cli_run_outbox_list (LwCliRun *run, GError **error);
LwExit lw_cli_run_outbox_send (LwCliRun *run, GError **error);
/* Discard and restore. */
LwExit lw_cli_run_outbox_discard (LwCliRun *run, GError **error);
LwExit lw_cli_run_rules_show (LwCliRun *run, GError **error);
LwExit lw_cli_run_rules_set (LwCliRun *run, GError **error);
LwExit lw_cli_run_rules_history (LwCliRun *run, GError **error);

/* Without a session. */
LwExit lw_cli_check_rules (const LwCliArgs *args, GError **error);
LwExit lw_cli_parse_refusal (const LwCliArgs *args, GError **error);
LwExit lw_cli_export (const LwCliArgs *args, GError **error);
LwExit lw_cli_import (const LwCliArgs *args, GError **error);
LwExit lw_cli_narrow (const LwCliArgs *args, GError **error);
LwExit lw_cli_choose (const LwCliArgs *args, GError **error);

G_END_DECLS
