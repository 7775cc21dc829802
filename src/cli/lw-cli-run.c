/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "config.h"

#include "lw-cli-output.h"
#include "lw-cli-private.h"
#include "lw-domain-error.h"
#include "lw-json.h"

#include <errno.h>
#include <fcntl.h>
#include <glib/gi18n-lib.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define MAX_REQUEST (4 * 1024 * 1024)
#define MAX_TOKEN   (64 * 1024)
#define STACK_SIZE  (512 * 1024)

typedef LwCliRun Run;

/* --- errors ------------------------------------------------------------------------------------- */

LwExit
lw_cli_exit_for_error (const GError *error)
{
  if (g_error_matches (error, LW_DOMAIN_ERROR, LW_DOMAIN_ERROR_NOT_ALLOWED) ||
      g_error_matches (error, LW_LEDGER_ERROR, LW_LEDGER_ERROR_TAKEN) ||
      g_error_matches (error, LW_AZURE_ERROR, LW_AZURE_ERROR_OLDER_VERSION))
    return LW_EXIT_REFUSED;

  if (error->domain == LW_DOMAIN_ERROR || error->domain == LW_CLI_ERROR ||
      error->domain == G_FILE_ERROR || error->domain == G_IO_ERROR ||
      g_error_matches (error, LW_AZURE_ERROR, LW_AZURE_ERROR_PROFILE) ||
      g_error_matches (error, LW_LEDGER_ERROR, LW_LEDGER_ERROR_NOT_FOUND))
    return LW_EXIT_INPUT;

  return LW_EXIT_FAILED;
}

void
lw_cli_print_error (const GError *error)
{
  const LwAzureErrorDetails *details = lw_azure_error_get_details (error);
  g_autofree char *code = NULL;
  g_autofree char *request = NULL;

  if (details && details->code && !strstr (error->message, details->code))
    code = g_strdup_printf (" [%s]", details->code);
  if (details && details->request_id && !strstr (error->message, details->request_id))
    request = g_strdup_printf (" [request %s]", details->request_id);

  g_printerr ("leewayctl: %s%s%s\n", error->message, code ? code : "", request ? request : "");
}

/* --- input -------------------------------------------------------------------------------------- */

GBytes *
lw_cli_read (const char *path, gsize limit, GError **error)
{
  g_autofree char *shown = g_filename_display_name (path);
  g_autoptr (GByteArray) data = g_byte_array_new ();
  gboolean stdin_asked = g_str_equal (path, "-");
  int fd = stdin_asked ? STDIN_FILENO : open (path, O_RDONLY | O_CLOEXEC);
  guint8 buffer[8192];
  gssize n = -1;

  while (fd >= 0 && data->len <= limit && (n = read (fd, buffer, sizeof buffer)) != 0)
    {
      if (n < 0 && errno == EINTR)
        continue;
      if (n < 0)
        break;
      g_byte_array_append (data, buffer, n);
    }

  if (n < 0)
    g_set_error (error, G_IO_ERROR, g_io_error_from_errno (errno), _ ("%s cannot be read: %s"),
                 shown, g_strerror (errno));
  else if (data->len > limit)
    g_set_error (error, G_IO_ERROR, G_IO_ERROR_INVALID_DATA, _ ("%s is too large: at most %u KiB"),
                 shown, (guint) (limit / 1024));
  if (fd >= 0 && !stdin_asked)
    close (fd);

  return n < 0 || data->len > limit ? NULL : g_byte_array_free_to_bytes (g_steal_pointer (&data));
}

/* A request that was written by hand needs no id; it gets one. */
static LwRequest *
read_request (const char *path, GError **error)
{
  g_autofree char *shown = g_filename_display_name (path);
  g_autoptr (GBytes) bytes = lw_cli_read (path, MAX_REQUEST, error);
  g_autoptr (LwRequest) request = NULL;

  if (!bytes)
    return NULL;

  if (!(request = lw_request_from_bytes (bytes, error)))
    g_prefix_error (error, _ ("%s is no request: "), shown);
  else if (!request->id || !*request->id)
    {
      g_free (request->id);
      request->id = lw_uuid_v7 (g_get_real_time () / 1000);
    }

  return g_steal_pointer (&request);
}

static char *
read_token (const char *path, GError **error)
{
  g_autofree char *shown = g_filename_display_name (path);
  g_autoptr (GBytes) bytes = lw_cli_read (path, MAX_TOKEN, error);
  g_autofree char *token = NULL;
  gsize size;
  const char *data;

  if (!bytes)
    return NULL;

  data = g_bytes_get_data (bytes, &size);
  token = g_strstrip (g_strndup (data ? data : "", size));

  /* What a header may carry, and nothing else. */
  for (const char *c = token; *c; c++)
    {
      if (!g_ascii_isgraph (*c))
        *token = '\0';
    }

  if (!*token)
    {
      g_set_error (error, G_IO_ERROR, G_IO_ERROR_INVALID_DATA, _ ("%s holds no access token"),
                   shown);
      return NULL;
    }

  return g_steal_pointer (&token);
}

/* --- checking without a connection -------------------------------------------------------------- */

static LwExit
report_findings (GPtrArray *findings, GError **error)
{
  g_autoptr (JsonNode) node = lw_cli_findings_to_json (findings);

  for (guint i = 0; i < findings->len; i++)
    {
      LwFinding *finding = g_ptr_array_index (findings, i);

      g_printerr ("%s: %s\n", lw_severity_to_string (finding->severity), finding->message);
    }

  if (!lw_cli_print_json (node, error))
    return LW_EXIT_INPUT;

  return lw_findings_submittable (findings) ? LW_EXIT_DONE : LW_EXIT_REFUSED;
}

static LwExit
check_offline (const LwCliArgs *args, GError **error)
{
  g_autoptr (LwRequest) request = read_request (args->operand, error);
  g_autoptr (GDateTime) now = args->now ? g_date_time_ref (args->now) : g_date_time_new_now_utc ();
  LwAssessContext context = { .now = now };
  g_autoptr (GPtrArray) findings = NULL;

  if (!request)
    return LW_EXIT_INPUT;

  findings = lw_assess (request, &context);

  return report_findings (findings, error);
}

/* --- commands on a session; all await ----------------------------------------------------------- */

LwExit
lw_cli_print_case (Run *run, LwCase *value, gboolean whole, GError **error)
{
  g_autoptr (JsonNode) node = lw_cli_case_to_json (run->session, value, whole);

  if (!lw_cli_print_json (node, error))
    return LW_EXIT_INPUT;
  if (value->queued == 0)
    return LW_EXIT_DONE;

  g_printerr (_ ("The ledger cannot be reached. What you wrote is kept in the outbox, and is sent "
                 "when it is back.\n"));

  return LW_EXIT_QUEUED;
}

static LwExit
run_check (Run *run, GError **error)
{
  g_autoptr (LwRequest) request = read_request (run->args->operand, error);
  g_autoptr (GPtrArray) findings = NULL;

  if (!request || !(findings = dex_await_boxed (lw_check_request (run->session, request), error)))
    return LW_EXIT_INPUT;

  return report_findings (findings, error);
}

static LwExit
run_submit (Run *run, GError **error)
{
  g_autoptr (LwRequest) request = read_request (run->args->operand, error);
  g_autoptr (LwCase) value = NULL;

  if (!request || !(value = dex_await_boxed (lw_submit (run->session, request), error)))
    return LW_EXIT_INPUT;

  if (value->queued == 0)
    g_printerr (_ ("Submitted as %s, revision %u.\n"), value->request_id, value->revision);

  return lw_cli_print_case (run, value, FALSE, error);
}

static LwExit
run_requests (Run *run, GError **error)
{
  g_autoptr (GPtrArray) cases = dex_await_boxed (lw_list_cases (run->session), error);
  g_autoptr (JsonArray) array = json_array_new ();
  g_autoptr (JsonNode) node = json_node_new (JSON_NODE_ARRAY);
  const char *const *problems;

  if (!cases)
    return LW_EXIT_FAILED;

  for (guint i = 0; i < cases->len; i++)
    json_array_add_element (
        array, lw_cli_case_to_json (run->session, g_ptr_array_index (cases, i), FALSE));
  json_node_set_array (node, array);

  problems = lw_ledger_get_problems (lw_session_get_ledger (run->session));
  for (gsize i = 0; problems[i]; i++)
    g_printerr ("leewayctl: %s\n", problems[i]);

  return lw_cli_print_json (node, error) ? LW_EXIT_DONE : LW_EXIT_INPUT;
}

char *
lw_cli_digest (Run *run, GError **error)
{
  g_autoptr (LwCase) value = NULL;

  if (run->args->digest)
    return g_ascii_strdown (run->args->digest, -1);

  if (!(value = dex_await_boxed (lw_load_case (run->session, run->args->operand), error)))
    return NULL;

  if (!value->digest)
    g_set_error (error, LW_LEDGER_ERROR, LW_LEDGER_ERROR_BROKEN,
                 _ ("The record of request %s holds no content that counts"), value->request_id);

  return g_strdup (value->digest);
}

static LwExit
run_decision (Run *run, GError **error)
{
  const LwCliArgs *args = run->args;
  g_autofree char *digest = lw_cli_digest (run, error);
  g_autoptr (LwCase) value = NULL;
  DexFuture *future;

  if (!digest)
    return LW_EXIT_FAILED;

  if (args->command == LW_COMMAND_APPROVE)
    future = lw_approve (run->session, args->operand, digest);
  else if (args->command == LW_COMMAND_REJECT)
    future = lw_reject (run->session, args->operand, digest, args->comment);
  else
    future = lw_request_changes (run->session, args->operand, digest, args->comment);

  if (!(value = dex_await_boxed (future, error)))
    return LW_EXIT_FAILED;

  return lw_cli_print_case (run, value, FALSE, error);
}

static LwExit
run_show (Run *run, GError **error)
{
  g_autoptr (LwCase) value =
      dex_await_boxed (lw_load_case (run->session, run->args->operand), error);

  return value ? lw_cli_print_case (run, value, TRUE, error) : LW_EXIT_FAILED;
}

static LwExit
run_exemptions (Run *run, GError **error)
{
  g_autoptr (LwPortfolio) portfolio = dex_await_object (lw_load_portfolio (run->session), error);
  g_autofree char *text = NULL;
  const GError *ledger_error;

  if (!portfolio)
    return LW_EXIT_FAILED;

  if ((ledger_error = lw_portfolio_get_ledger_error (portfolio)))
    lw_cli_print_error (ledger_error);

  text = lw_cli_exemptions_to_text (portfolio, run->args->format);

  return lw_cli_print (text, error) ? LW_EXIT_DONE : LW_EXIT_INPUT;
}

static LwExit
run_command (Run *run, GError **error)
{
  switch (run->args->command)
    {
    case LW_COMMAND_CHECK:
      return run_check (run, error);
    case LW_COMMAND_SUBMIT:
      return run_submit (run, error);
    case LW_COMMAND_DRAFT:
      return lw_cli_run_draft (run, error);
    case LW_COMMAND_REQUESTS:
      return run_requests (run, error);
    case LW_COMMAND_SHOW:
      return run_show (run, error);
    case LW_COMMAND_APPROVE:
    case LW_COMMAND_REJECT:
    case LW_COMMAND_REQUEST_CHANGES:
      return run_decision (run, error);
    case LW_COMMAND_APPLY:
      return run->args->resume ? lw_cli_run_resume (run, error) : lw_cli_run_apply (run, error);
    case LW_COMMAND_EXEMPTIONS:
      return run_exemptions (run, error);
    case LW_COMMAND_COMMENT:
    case LW_COMMAND_CHECK_CONTROL:
      return lw_cli_run_comment (run, error);
    case LW_COMMAND_ATTACH:
      return lw_cli_run_attach (run, error);
    case LW_COMMAND_EVIDENCE:
      return lw_cli_run_evidence (run, error);
    case LW_COMMAND_LEDGER_VERIFY:
      return lw_cli_run_verify (run, error);
    case LW_COMMAND_LEDGER_SYNC:
      return lw_cli_run_sync (run, error);
    case LW_COMMAND_LEDGER_EXPORT:
      return lw_cli_run_export (run, error);
    case LW_COMMAND_LEDGER_LOG:
      return lw_cli_run_log (run, error);
    case LW_COMMAND_OUTBOX_LIST:
      return lw_cli_run_outbox_list (run, error);
    case LW_COMMAND_OUTBOX_SEND:
      return lw_cli_run_outbox_send (run, error);
    case LW_COMMAND_OUTBOX_DISCARD:
    case LW_COMMAND_OUTBOX_RESTORE:
      return lw_cli_run_outbox_discard (run, error);
    case LW_COMMAND_RULES_SHOW:
      return lw_cli_run_rules_show (run, error);
    case LW_COMMAND_RULES_SET:
      return lw_cli_run_rules_set (run, error);
    case LW_COMMAND_RULES_HISTORY:
      return lw_cli_run_rules_history (run, error);
    case LW_COMMAND_SIGN_IN:
    case LW_COMMAND_SIGN_OUT:
    case LW_COMMAND_RULES_CHECK:
    case LW_COMMAND_PARSE_REFUSAL:
    case LW_COMMAND_EXPORT:
    case LW_COMMAND_IMPORT:
    case LW_COMMAND_NARROW:
    case LW_COMMAND_CHOOSE:
    case LW_COMMAND_NONE:
    default:
      g_return_val_if_reached (LW_EXIT_INPUT);
    }
}

/* A custom cloud may leave its endpoints to be asked for. Awaits. */
static LwProfile *
complete_profile (LwProfile *profile, GError **error)
{
  g_autoptr (LwCloud) cloud = NULL;

  if (!lw_profile_needs_endpoints (profile))
    return lw_profile_ref (profile);

  cloud = dex_await_boxed (
      lw_cloud_discover (lw_profile_get_cloud (profile)->arm, lw_profile_get_ca_file (profile)),
      error);

  return cloud ? lw_profile_with_cloud (profile, cloud, error) : NULL;
}

static gboolean
begin_session (Run *run, GError **error)
{
  g_autoptr (LwProfile) profile = complete_profile (run->profile, error);

  if (!profile)
    return FALSE;

  run->session = lw_session_new (profile, run->token, run->args->now);
  lw_session_set_tolerant (run->session, run->args->command == LW_COMMAND_LEDGER_VERIFY);

  return TRUE;
}

/* What was found out about the cloud on the way. */
static void
print_notices (Run *run)
{
  LwClient *client = run->session ? lw_session_get_client (run->session) : NULL;
  GPtrArray *notices = client ? lw_client_get_notices (client) : NULL;

  for (guint i = 0; notices && i < notices->len; i++)
    g_printerr ("%s %s\n", C_ ("in a list of problems", "note:"),
                ((LwNotice *) g_ptr_array_index (notices, i))->message);
}

static DexFuture *
run_fiber (gpointer data)
{
  Run *run = data;
  g_autoptr (GError) error = NULL;

  if (!begin_session (run, &error))
    ;
  else if (run->args->command == LW_COMMAND_SIGN_IN)
    run->exit = lw_cli_run_sign_in (run, &error);
  else if (run->args->command == LW_COMMAND_SIGN_OUT)
    run->exit = lw_cli_run_sign_out (run, &error);
  else if (lw_cli_open_session (run, &error))
    run->exit = run_command (run, &error);

  print_notices (run);
  if (error)
    {
      lw_cli_print_error (error);
      run->exit = lw_cli_exit_for_error (error);
    }

  g_main_loop_quit (run->loop);

  return dex_future_new_for_boolean (TRUE);
}

static LwExit
run_online (const LwCliArgs *args, GError **error)
{
  g_autoptr (LwProfile) profile = lw_profile_load (args->profile, error);
  g_autoptr (GMainLoop) loop = NULL;
  g_autofree char *token = NULL;
  Run run = { .args = args };

  if (!profile)
    return LW_EXIT_INPUT;

  if (args->token_file && !(token = read_token (args->token_file, error)))
    return LW_EXIT_INPUT;

  if (!token && lw_profile_get_sign_in (profile) == LW_SIGN_IN_TOKEN && !args->secret_file &&
      !lw_cli_has_secret ())
    {
      g_set_error (
          error, LW_CLI_ERROR, LW_CLI_ERROR_USAGE,
          _ ("This profile expects a token from you: give it with --access-token-file FILE"));
      return LW_EXIT_INPUT;
    }

  loop = g_main_loop_new (NULL, FALSE);
  run.loop = loop;
  run.profile = profile;
  run.token = token;
  dex_future_disown (dex_scheduler_spawn (NULL, STACK_SIZE, run_fiber, &run, NULL));
  g_main_loop_run (loop);
  g_clear_object (&run.session);

  return run.exit;
}

LwExit
lw_cli_run (const LwCliArgs *args)
{
  g_autoptr (GError) error = NULL;
  LwExit exit;

  if (args->command == LW_COMMAND_CHECK && !args->online)
    exit = check_offline (args, &error);
  else if (args->command == LW_COMMAND_RULES_CHECK)
    exit = lw_cli_check_rules (args, &error);
  else if (args->command == LW_COMMAND_PARSE_REFUSAL)
    exit = lw_cli_parse_refusal (args, &error);
  else if (args->command == LW_COMMAND_EXPORT)
    exit = lw_cli_export (args, &error);
  else if (args->command == LW_COMMAND_IMPORT)
    exit = lw_cli_import (args, &error);
  else if (args->command == LW_COMMAND_NARROW)
    exit = lw_cli_narrow (args, &error);
  else if (args->command == LW_COMMAND_CHOOSE)
    exit = lw_cli_choose (args, &error);
  else
    exit = run_online (args, &error);

  if (error)
    {
      lw_cli_print_error (error);
      exit = lw_cli_exit_for_error (error);
    }

  return exit;
}
