/* SPDX-License-Identifier: GPL-3.0-or-later */

#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* Exit codes. */
typedef enum
{
  LW_EXIT_DONE = 0,
  LW_EXIT_REFUSED = 1, /* refused, or blockers found */
  LW_EXIT_INPUT = 2,   /* unreadable input or usage */
  LW_EXIT_FAILED = 3,  /* Azure, the ledger or the network failed */
  LW_EXIT_QUEUED = 4,  /* kept in the outbox, to be sent when the ledger is back */
} LwExit;

typedef enum
{
  LW_COMMAND_NONE, /* --version */
  LW_COMMAND_SIGN_IN,
  LW_COMMAND_SIGN_OUT,
  LW_COMMAND_CHECK,
  LW_COMMAND_PARSE_REFUSAL,
  LW_COMMAND_DRAFT,
  LW_COMMAND_EXPORT,
  LW_COMMAND_IMPORT,
  LW_COMMAND_SUBMIT,
  LW_COMMAND_REQUESTS,
  LW_COMMAND_SHOW,
  LW_COMMAND_APPROVE,
  LW_COMMAND_REJECT,
  LW_COMMAND_REQUEST_CHANGES,
  LW_COMMAND_APPLY,
  LW_COMMAND_EXEMPTIONS,
  LW_COMMAND_COMMENT,
  LW_COMMAND_CHECK_CONTROL,
  LW_COMMAND_ATTACH,
  LW_COMMAND_EVIDENCE,
  LW_COMMAND_LEDGER_VERIFY,
  LW_COMMAND_LEDGER_SYNC,
  LW_COMMAND_LEDGER_EXPORT,
  LW_COMMAND_LEDGER_LOG,
  LW_COMMAND_RULES_SHOW,
  LW_COMMAND_RULES_CHECK,
  LW_COMMAND_RULES_SET,
  LW_COMMAND_RULES_HISTORY,
  LW_COMMAND_NARROW,
  LW_COMMAND_CHOOSE,
  LW_COMMAND_OUTBOX_DISCARD,
  LW_COMMAND_OUTBOX_LIST,
  LW_COMMAND_OUTBOX_RESTORE,
  LW_COMMAND_OUTBOX_SEND,
} LwCommand;

typedef enum
{
  LW_FORMAT_JSON,
  LW_FORMAT_TABLE,
  LW_FORMAT_CSV,
  LW_FORMAT_HTML,
} LwFormat;

#define LW_CLI_ERROR (lw_cli_error_quark ())
typedef enum
{
  LW_CLI_ERROR_USAGE
} LwCliError;
GQuark lw_cli_error_quark (void);

/* What the command line says. */
typedef struct
{
  LwCommand command;
  char *operand; /* the file or the request id; %NULL where the command takes none */
  char *profile;
  char *token_file;
  char *secret_file; /* nullable: a path, or "-" */
  char *comment;
  char *digest;
  GDateTime *now; /* nullable */
  LwFormat format;
  gboolean format_given;
  gboolean online;
  GStrv attach; /* nullable: paths */
  char *output; /* nullable: a path */
  int control;  /* from 1; 0 where it is not given */
  gboolean json;
  gboolean ledger_only;
  gboolean accept_older;
  gboolean first;
  gboolean resume;
  char *request;    /* nullable */
  char *person;     /* nullable */
  char *kind;       /* nullable */
  GDateTime *since; /* nullable */
  char *refusal;    /* nullable: a path, or "-" */
  char *to;         /* nullable */
  char *from;       /* nullable */
} LwCliArgs;

/**
 * lw_cli_args_parse:
 *
 * Reads the command line; prints the help and exits where that is asked for.
 *
 * Returns: (transfer full): what it says, or %NULL with %LW_CLI_ERROR_USAGE
 */
LwCliArgs *lw_cli_args_parse (char **argv, GError **error);
void lw_cli_args_free (LwCliArgs *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (LwCliArgs, lw_cli_args_free)

G_END_DECLS
