/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Signing in from a terminal or a pipeline. A secret is never taken from the command line, where every
 * process could read it. */

#include "config.h"

#include "lw-cli-output.h"
#include "lw-cli-private.h"
#include "lw-json.h"
#include "lw-keyring.h"

#include <errno.h>
#include <fcntl.h>
#include <glib/gi18n-lib.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <termios.h>
#include <unistd.h>

#define SECRET_VARIABLE "LEEWAY_CLIENT_SECRET"
#define MAX_SECRET      (64 * 1024)

static void
open_browser (const char *uri, gpointer user_data)
{
  g_printerr (_ ("Sign in with your browser. If it does not open, go to:\n%s\n"), uri);
  g_app_info_launch_default_for_uri (uri, NULL, NULL);
}

static void
show_code (const LwDeviceCode *code, gpointer user_data)
{
  g_autoptr (GDateTime) end = g_date_time_new_from_unix_local (code->expires_at);
  g_autofree char *time = end ? g_date_time_format (end, "%H:%M") : g_strdup ("?");

  g_printerr (
      _ ("To sign in, open %s in a browser on any machine and enter the code %s. It is good "
         "until %s.\n"),
      code->uri, code->code, time);
}

static void
clear_secret (char **secret)
{
  if (*secret)
    explicit_bzero (*secret, strlen (*secret));
  g_clear_pointer (secret, g_free);
}

/* --- where a secret comes from ------------------------------------------------------------------- */

static char *secret_from_environment;

void
lw_cli_take_secret (void)
{
  const char *secret = g_getenv (SECRET_VARIABLE);

  clear_secret (&secret_from_environment);
  if (secret && *secret)
    secret_from_environment = g_strdup (secret);
  g_unsetenv (SECRET_VARIABLE);
}

gboolean
lw_cli_has_secret (void)
{
  return secret_from_environment != NULL;
}

/* The terminal while it shows nothing of what is typed; for the signal handler too. */
static struct
{
  int fd;
  struct termios before;
  struct termios quiet;
} terminal;

static const int signals[] = { SIGINT, SIGTERM, SIGHUP, SIGQUIT, SIGTSTP };

/* Whoever is ended or stopped leaves the terminal as it was. Calls nothing that a handler may not. */
static void
leave_terminal (int number)
{
  int saved = errno;

  tcsetattr (terminal.fd, TCSANOW, &terminal.before);
  if (number == SIGTSTP)
    {
      raise (SIGSTOP);
      tcsetattr (terminal.fd, TCSANOW, &terminal.quiet);
    }
  else
    {
      signal (number, SIG_DFL);
      raise (number);
    }
  errno = saved;
}

static void
watch_signals (struct sigaction *before)
{
  struct sigaction action = { .sa_handler = leave_terminal, .sa_flags = SA_RESTART };

  sigemptyset (&action.sa_mask);
  for (guint i = 0; i < G_N_ELEMENTS (signals); i++)
    {
      sigaction (signals[i], &action, &before[i]);
      if (before[i].sa_handler == SIG_IGN)
        sigaction (signals[i], &before[i], NULL);
    }
}

/* Says @why and asks at the terminal, without echo. %NULL where there is none, or nothing was typed. */
static char *
ask_terminal (const char *why, const char *question)
{
  int fd = open ("/dev/tty", O_RDWR | O_CLOEXEC | O_NOCTTY);
  g_autoptr (GString) line = g_string_new (NULL);
  struct sigaction before[G_N_ELEMENTS (signals)];
  char c;

  if (fd < 0)
    return NULL;
  if (tcgetattr (fd, &terminal.before) != 0)
    {
      close (fd);
      return NULL;
    }

  terminal.fd = fd;
  terminal.quiet = terminal.before;
  terminal.quiet.c_lflag &= ~(tcflag_t) ECHO;
  watch_signals (before);
  tcsetattr (fd, TCSAFLUSH, &terminal.quiet);
  dprintf (fd, "%s\n%s ", why, question);
  while (read (fd, &c, 1) == 1 && c != '\n' && line->len < MAX_SECRET)
    g_string_append_c (line, c);
  tcsetattr (fd, TCSAFLUSH, &terminal.before);
  for (guint i = 0; i < G_N_ELEMENTS (signals); i++)
    sigaction (signals[i], &before[i], NULL);
  dprintf (fd, "\n");
  close (fd);

  return line->len > 0 ? g_string_free (g_steal_pointer (&line), FALSE) : NULL;
}

static char *
read_secret_file (const char *path, GError **error)
{
  g_autoptr (GBytes) bytes = lw_cli_read (path, MAX_SECRET, error);
  g_autofree char *secret = NULL;
  gsize size;
  const char *data;

  if (!bytes)
    return NULL;

  data = g_bytes_get_data (bytes, &size);
  secret = g_strndup (data ? data : "", size);
  /* Only the end of the line: a passphrase may begin or end with a blank. */
  secret[strcspn (secret, "\r\n")] = '\0';
  if (!*secret || !g_utf8_validate (secret, -1, NULL))
    {
      g_set_error (error, LW_CLI_ERROR, LW_CLI_ERROR_USAGE, _ ("%s holds no secret"),
                   g_str_equal (path, "-") ? _ ("Standard input") : path);
      return NULL;
    }

  return g_steal_pointer (&secret);
}

/* What was given beforehand: by --secret-file, or in the environment. %NULL without an error where
 * nothing was. */
static char *
given_secret (const LwCliArgs *args, GError **error)
{
  if (args->secret_file)
    return read_secret_file (args->secret_file, error);

  return g_steal_pointer (&secret_from_environment);
}

static const char *
question_for (LwProfile *profile)
{
  switch (lw_profile_get_sign_in (profile))
    {
    case LW_SIGN_IN_SECRET:
      return _ ("Client secret:");
    case LW_SIGN_IN_CERTIFICATE:
      return _ ("Passphrase of the private key:");
    case LW_SIGN_IN_TOKEN:
      return _ ("Access token:");
    case LW_SIGN_IN_BROWSER:
    case LW_SIGN_IN_DEVICE_CODE:
    default:
      return NULL;
    }
}

static gboolean
has_code (const GError *error, const char *code)
{
  const LwAzureErrorDetails *details = lw_azure_error_get_details (error);

  return details && g_strcmp0 (details->code, code) == 0;
}

/* Whether a secret, or another one, would help. */
static gboolean
wants_secret (const GError *error)
{
  return has_code (error, LW_SIGN_IN_NEEDS_SECRET) ||
         has_code (error, LW_SIGN_IN_NEEDS_PASSPHRASE) ||
         has_code (error, LW_SIGN_IN_NEEDS_TOKEN) || has_code (error, "invalid_client");
}

static gboolean
is_keyring_error (const GError *error)
{
  return g_error_matches (error, LW_AZURE_ERROR, LW_AZURE_ERROR_KEYRING_LOCKED) ||
         g_error_matches (error, LW_AZURE_ERROR, LW_AZURE_ERROR_KEYRING_MISSING) ||
         g_error_matches (error, LW_AZURE_ERROR, LW_AZURE_ERROR_KEYRING_REFUSED);
}

/* --- signing in ---------------------------------------------------------------------------------- */

static const LwSignInHooks hooks = { .open_uri = open_browser, .show_code = show_code };

/* Signs in with @error (transfer full) at hand, which says why that is needed; what cannot be asked for
 * here is reported as it is. */
static gboolean
sign_in_after (LwCliRun *run, GError *why, GError **error)
{
  g_autoptr (GError) reason = why;
  LwProfile *profile = lw_session_get_profile (run->session);
  const LwAzureErrorDetails *details = lw_azure_error_get_details (reason);
  const char *question = question_for (profile);
  gboolean keyring = is_keyring_error (reason);
  g_autofree char *secret = NULL;
  LwSignInAsk ask = { .session_only = keyring };
  gboolean done;

  if (question)
    {
      if (wants_secret (reason) || keyring)
        secret = ask_terminal (reason->message, question);
      if (!secret)
        {
          g_propagate_error (error, g_steal_pointer (&reason));
          return FALSE;
        }
      ask.secret = secret;
    }
  else if (keyring || has_code (reason, LW_SIGN_IN_NEEDS_ACCOUNT))
    g_printerr ("leewayctl: %s\n", reason->message);
  ask.claims = details ? details->claims : NULL;

  done = dex_await (lw_session_sign_in (run->session, &ask, &hooks, NULL, NULL, NULL), error);
  clear_secret (&secret);

  return done;
}

gboolean
lw_cli_open_session (LwCliRun *run, GError **error)
{
  LwProfile *profile = lw_session_get_profile (run->session);
  gboolean token = run->args->token_file != NULL;
  g_autoptr (GError) local_error = NULL;
  g_autofree char *secret = NULL;

  if (!token && question_for (profile))
    {
      secret = given_secret (run->args, &local_error);
      if (secret)
        {
          /* A pipeline's secret is its own to keep. */
          const LwSignInAsk ask = { .secret = secret, .session_only = TRUE };
          gboolean done =
              dex_await (lw_session_sign_in (run->session, &ask, &hooks, NULL, NULL, NULL), error);

          clear_secret (&secret);
          return done;
        }
    }

  if (!local_error && dex_await (lw_session_open (run->session), &local_error))
    return TRUE;

  if (!token && (g_error_matches (local_error, LW_AZURE_ERROR, LW_AZURE_ERROR_SIGN_IN) ||
                 is_keyring_error (local_error)))
    return sign_in_after (run, g_steal_pointer (&local_error), error);

  g_propagate_error (error, g_steal_pointer (&local_error));

  return FALSE;
}

/* --- the commands -------------------------------------------------------------------------------- */

static void
set_text (JsonObject *object, const char *name, const char *text)
{
  if (text)
    json_object_set_string_member (object, name, text);
  else
    json_object_set_null_member (object, name);
}

static gboolean
print_who (LwIdentity *identity, GError **error)
{
  const LwPerson *person = lw_identity_get_person (identity);
  g_autoptr (JsonObject) object = json_object_new ();
  g_autoptr (JsonNode) node = NULL;
  g_autofree char *text = NULL;

  set_text (object, "id", person ? person->id : NULL);
  set_text (object, "name", person ? person->name : NULL);
  set_text (object, "upn", person ? person->upn : NULL);
  set_text (object, "tenant", lw_identity_get_tenant_id (identity));
  json_object_set_boolean_member (object, "application", lw_identity_is_application (identity));
  node = lw_json_object_to_node (object);
  text = lw_json_pretty (node);

  return lw_cli_print (text, error);
}

LwExit
lw_cli_run_sign_in (LwCliRun *run, GError **error)
{
  LwIdentity *identity = lw_session_get_identity (run->session);
  const char *question = question_for (lw_session_get_profile (run->session));
  g_autoptr (GError) local_error = NULL;
  g_autofree char *secret = question ? given_secret (run->args, &local_error) : NULL;
  LwSignInAsk ask = { .secret = secret };
  gboolean done = FALSE;

  if (!local_error)
    done = dex_await (lw_identity_sign_in (identity, &ask, &hooks, NULL, NULL, NULL), &local_error);
  if (!done && question && !secret && wants_secret (local_error))
    {
      ask.secret = secret = ask_terminal (local_error->message, question);
      if (secret)
        {
          g_clear_error (&local_error);
          done = dex_await (lw_identity_sign_in (identity, &ask, &hooks, NULL, NULL, NULL),
                            &local_error);
        }
    }
  clear_secret (&secret);
  if (!done)
    {
      g_propagate_error (error, g_steal_pointer (&local_error));
      return LW_EXIT_FAILED;
    }
  if (!print_who (identity, error))
    return LW_EXIT_INPUT;
  if (lw_identity_get_keyring_error (identity))
    {
      g_propagate_error (error, g_error_copy (lw_identity_get_keyring_error (identity)));
      return LW_EXIT_FAILED;
    }

  return LW_EXIT_DONE;
}

LwExit
lw_cli_run_sign_out (LwCliRun *run, GError **error)
{
  LwProfile *profile = lw_session_get_profile (run->session);
  g_autoptr (LwProfile) named = NULL;
  g_autoptr (LwIdentity) identity = NULL;
  g_autofree char *account = NULL;
  g_autoptr (GError) local_error = NULL;

  if (lw_profile_get_account_id (profile) || question_for (profile))
    return dex_await (lw_session_sign_out (run->session), error) ? LW_EXIT_DONE : LW_EXIT_FAILED;

  /* Who it is that would be signed in by themselves, and nobody else. */
  account = dex_await_string (lw_keyring_lookup_account (profile), &local_error);
  if (!account && (has_code (local_error, LW_SIGN_IN_NOBODY) ||
                   g_error_matches (local_error, LW_AZURE_ERROR, LW_AZURE_ERROR_KEYRING_MISSING)))
    return LW_EXIT_DONE;
  if (!account)
    {
      g_propagate_error (error, g_steal_pointer (&local_error));
      return LW_EXIT_FAILED;
    }
  named = lw_profile_with_account (profile, account, NULL);
  identity = lw_identity_new (named);

  return dex_await (lw_identity_sign_out (identity), error) ? LW_EXIT_DONE : LW_EXIT_FAILED;
}
