/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "config.h"

#include "lw-cli-args.h"
#include "lw-request.h"

#include <glib/gi18n-lib.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

/* clang-format off */
G_DEFINE_QUARK (lw-cli-error-quark, lw_cli_error)
/* clang-format on */

enum
{
  TAKES_COMMENT = 1 << 0,
  NEEDS_COMMENT = 1 << 1,
  TAKES_DIGEST = 1 << 2,
  TAKES_FORMAT = 1 << 3,
  TAKES_ONLINE = 1 << 4,
  NEEDS_PROFILE = 1 << 5,
  TAKES_ATTACH = 1 << 6,
  TAKES_OUTPUT = 1 << 7,
  NEEDS_CONTROL = 1 << 8,
  TAKES_JSON = 1 << 9,
  TAKES_VERIFY = 1 << 10,
  TAKES_FILTER = 1 << 11,
  TAKES_FIRST = 1 << 12,
  TAKES_HTML = 1 << 13,
  TAKES_OLDER = 1 << 14,
  TAKES_REFUSAL = 1 << 15,
  TAKES_TO = 1 << 16,
  TAKES_FROM = 1 << 17,
  TAKES_RESUME = 1 << 18,
};

static const struct
{
  const char *name;
  LwCommand command;
  const char *operand; /* what it takes; NULL for nothing */
  guint flags;
} commands[] = {
  { "sign-in", LW_COMMAND_SIGN_IN, NULL, NEEDS_PROFILE },
  { "sign-out", LW_COMMAND_SIGN_OUT, NULL, NEEDS_PROFILE },
  { "check", LW_COMMAND_CHECK, "FILE", TAKES_ONLINE },
  { "parse-refusal", LW_COMMAND_PARSE_REFUSAL, "[FILE]", 0 },
  { "narrow", LW_COMMAND_NARROW, "FILE", 0 },
  { "choose", LW_COMMAND_CHOOSE, "FILE", 0 },
  { "draft", LW_COMMAND_DRAFT, NULL, NEEDS_PROFILE | TAKES_REFUSAL },
  { "export", LW_COMMAND_EXPORT, "FILE", TAKES_TO | TAKES_FROM | TAKES_OUTPUT },
  { "import", LW_COMMAND_IMPORT, "FILE", TAKES_FROM },
  { "submit", LW_COMMAND_SUBMIT, "FILE", NEEDS_PROFILE },
  { "requests", LW_COMMAND_REQUESTS, NULL, NEEDS_PROFILE },
  { "show", LW_COMMAND_SHOW, "ID", NEEDS_PROFILE },
  { "approve", LW_COMMAND_APPROVE, "ID", NEEDS_PROFILE | TAKES_DIGEST },
  { "reject", LW_COMMAND_REJECT, "ID", NEEDS_PROFILE | TAKES_DIGEST | NEEDS_COMMENT },
  { "request-changes", LW_COMMAND_REQUEST_CHANGES, "ID",
    NEEDS_PROFILE | TAKES_DIGEST | NEEDS_COMMENT },
  { "apply", LW_COMMAND_APPLY, "ID", NEEDS_PROFILE | TAKES_DIGEST | TAKES_OLDER | TAKES_RESUME },
  { "exemptions", LW_COMMAND_EXEMPTIONS, NULL, NEEDS_PROFILE | TAKES_FORMAT },
  { "comment", LW_COMMAND_COMMENT, "ID", NEEDS_PROFILE | NEEDS_COMMENT | TAKES_ATTACH },
  { "check-control", LW_COMMAND_CHECK_CONTROL, "ID",
    NEEDS_PROFILE | NEEDS_COMMENT | TAKES_ATTACH | NEEDS_CONTROL },
  { "attach", LW_COMMAND_ATTACH, "FILE", NEEDS_PROFILE },
  { "evidence", LW_COMMAND_EVIDENCE, "SHA256", NEEDS_PROFILE | TAKES_OUTPUT },
  { "ledger verify", LW_COMMAND_LEDGER_VERIFY, NULL, NEEDS_PROFILE | TAKES_JSON | TAKES_VERIFY },
  { "ledger sync", LW_COMMAND_LEDGER_SYNC, NULL, NEEDS_PROFILE | TAKES_JSON },
  { "ledger export", LW_COMMAND_LEDGER_EXPORT, "ID",
    NEEDS_PROFILE | TAKES_OUTPUT | TAKES_FORMAT | TAKES_HTML },
  { "ledger log", LW_COMMAND_LEDGER_LOG, NULL, NEEDS_PROFILE | TAKES_JSON | TAKES_FILTER },
  { "outbox list", LW_COMMAND_OUTBOX_LIST, NULL, NEEDS_PROFILE },
  { "outbox send", LW_COMMAND_OUTBOX_SEND, "[NUMBER]", NEEDS_PROFILE },
  { "outbox discard", LW_COMMAND_OUTBOX_DISCARD, "NUMBER", NEEDS_PROFILE },
  { "outbox restore", LW_COMMAND_OUTBOX_RESTORE, "NUMBER", NEEDS_PROFILE },
  { "rules show", LW_COMMAND_RULES_SHOW, NULL, NEEDS_PROFILE },
  { "rules check", LW_COMMAND_RULES_CHECK, "FILE", 0 },
  { "rules set", LW_COMMAND_RULES_SET, "FILE", NEEDS_PROFILE | TAKES_FIRST },
  { "rules history", LW_COMMAND_RULES_HISTORY, NULL, NEEDS_PROFILE | TAKES_JSON },
};

static const char *
summary (void)
{
  return _ (
      "Asks for, reviews and applies exemptions from Azure Policy.\n"
      "\n"
      "Commands:\n"
      "  sign-in              Sign in the way the profile says, and keep it in the keyring;\n"
      "                       prints who it is\n"
      "  sign-out             Forget the sign-in\n"
      "  check FILE           Say what is wrong with a request. Needs no connection; with\n"
      "                       --online also what only the tenant knows\n"
      "  parse-refusal [FILE] Say what a refusal by Azure names. Needs no connection\n"
      "  narrow FILE          The smallest exemptions for what is needed, from the scopes and\n"
      "                       resources in FILE. Needs no connection\n"
      "  choose FILE          Whether an exemption is the right thing at all, from the same FILE\n"
      "                       and what its “facts” say; what would serve better, and why\n"
      "  draft                Begin a request: --from-refusal FILE, with what Azure said\n"
      "  export FILE          Write a request or exemptions in another format: --to\n"
      "  import FILE          Read exemptions of any format, and say what is wrong with each\n"
      "  submit FILE          Submit a request, or its next revision\n"
      "  requests             List the requests in the ledger, newest change first\n"
      "  show ID              Show a request with its content and its history\n"
      "  approve ID           Approve the content in force\n"
      "  reject ID            Reject it; --comment says why\n"
      "  request-changes ID   Send it back; --comment says what has to change\n"
      "  apply ID             Create the exemptions of an approved request in Azure\n"
      "  apply --resume       Finish what you began to apply on this machine, where it was cut "
      "off\n"
      "  exemptions           List the exemptions of the tenant\n"
      "  comment ID           Comment on a request; --comment says what, --attach adds files\n"
      "  check-control ID     Record that you checked a control: --control, --comment, --attach\n"
      "  attach FILE          Put a file on the evidence shelf; prints what a request’s\n"
      "                       “evidence” takes\n"
      "  evidence SHA256      Fetch a piece of evidence, verified; --output says where to\n"
      "  ledger verify        Verify the whole ledger, and what Azure says against it\n"
      "  ledger sync          Read what is new in the ledger\n"
      "  ledger export ID     The whole record of a request, as JSON or as a page to print\n"
      "  ledger log           Print the entries: --request, --person, --kind, --since\n"
      "  outbox list          What waits to be sent, was overtaken by others, or was discarded\n"
      "  outbox send [NUMBER] Send what waits; with NUMBER that one, as things stand now\n"
      "  outbox discard NUMBER\n"
      "                       Take it out; “outbox restore NUMBER” brings it back for a week\n"
      "  rules show           The rules in force\n"
      "  rules check FILE     Say what is wrong with rules. Needs no connection\n"
      "  rules set FILE       Make them the rules in force\n"
      "  rules history        Who changed what, when\n"
      "\n"
      "FILE is a request as JSON (see request.schema.json) or rules (see rules.schema.json), for\n"
      "“narrow” and\n"
      "“choose” {\"assignment\", \"hierarchy\", \"resources\", \"need\"}; “-” reads standard "
      "input. ID is the whole id of a request.");
}

static const char *
description (void)
{
  return _ (
      "Results are JSON on standard output, sentences for people on standard error.\n"
      "\n"
      "Exit status:\n"
      "  0  done\n"
      "  1  refused, or blockers found\n"
      "  2  unreadable input, or wrong usage\n"
      "  3  Azure, the ledger or the network failed\n"
      "  4  the ledger cannot be reached: what was to be written is kept in the outbox, and sent\n"
      "     when it is back, by Leeway or by “leewayctl outbox send”\n"
      "\n"
      "The profile is JSON: {\"cloud\", \"endpoints\": {\"arm\", \"login\", \"graph\", \"blob\"}, "
      "\"tenant\",\n"
      "\"clientId\", \"ledger\", \"signIn\", \"certificateFile\", \"caFile\", \"apiVersions\"}.\n"
      "A custom cloud may give \"arm\" alone. \"apiVersions\" is for clouds that know other "
      "versions:\n"
      "{\"exemptionsCreate\", \"exemptionsNewest\", \"assignments\", \"definitions\"}.\n"
      "\"signIn\" is one of\n"
      "  browser      you, in the browser of this machine\n"
      "  device-code  you, in a browser anywhere, with a code that is printed\n"
      "  secret       an application, with a client secret\n"
      "  certificate  an application, with the certificate and key in \"certificateFile\" (PEM)\n"
      "  token        an access token given by --access-token-file, which is kept nowhere\n"
      "A secret or passphrase is read from --secret-file, else from the environment variable\n"
      "LEEWAY_CLIENT_SECRET, else from the keyring, else asked for at the terminal. Only "
      "“sign-in”\n"
      "keeps it, in the keyring.\n"
      "\n"
      "Examples:\n"
      "  leewayctl check request.json\n"
      "  leewayctl --profile contoso.json submit request.json\n"
      "  leewayctl --profile contoso.json exemptions --format csv > exemptions.csv");
}

void
lw_cli_args_free (LwCliArgs *self)
{
  if (!self)
    return;

  g_free (self->operand);
  g_free (self->profile);
  g_free (self->token_file);
  g_free (self->secret_file);
  g_free (self->comment);
  g_free (self->digest);
  g_clear_pointer (&self->now, g_date_time_unref);
  g_strfreev (self->attach);
  g_free (self->output);
  g_free (self->request);
  g_free (self->person);
  g_free (self->kind);
  g_free (self->refusal);
  g_free (self->to);
  g_free (self->from);
  g_clear_pointer (&self->since, g_date_time_unref);
  g_free (self);
}

static gboolean
usage (GError **error, const char *message)
{
  g_set_error (error, LW_CLI_ERROR, LW_CLI_ERROR_USAGE, _ ("%s (leewayctl --help says more)"),
               message);

  return FALSE;
}

/* Which options go with which command. */
static gboolean
check_options (LwCliArgs *self, const char *format, guint flags, GError **error)
{
  if (self->comment && !(flags & (TAKES_COMMENT | NEEDS_COMMENT)))
    return usage (error, _ ("--comment does not go with this command"));
  if (!self->comment && (flags & NEEDS_COMMENT))
    return usage (error, _ ("Say why with --comment TEXT"));
  if (self->comment && !g_utf8_validate (self->comment, -1, NULL))
    return usage (error, _ ("The comment is not UTF-8"));
  if (self->digest && !(flags & TAKES_DIGEST))
    return usage (error, _ ("--digest goes with approve, reject, request-changes and apply only"));
  if (format && !(flags & TAKES_FORMAT))
    return usage (error, _ ("--format goes with exemptions and ledger export only"));
  if (self->online && !(flags & TAKES_ONLINE))
    return usage (error, _ ("--online goes with check only"));
  if (self->attach && !(flags & TAKES_ATTACH))
    return usage (error, _ ("--attach goes with comment and check-control only"));
  if (self->output && !(flags & TAKES_OUTPUT))
    return usage (error, _ ("--output goes with evidence, export and ledger export only"));
  if (self->control != 0 && !(flags & NEEDS_CONTROL))
    return usage (error, _ ("--control goes with check-control only"));
  if (self->control < 1 && (flags & NEEDS_CONTROL))
    return usage (error, _ ("Say which control you checked, as in --control 1"));
  if (self->json && !(flags & TAKES_JSON))
    return usage (error, _ ("--json does not go with this command"));
  if (self->ledger_only && !(flags & TAKES_VERIFY))
    return usage (error, _ ("--ledger-only goes with ledger verify only"));
  if (self->accept_older && !(flags & TAKES_OLDER))
    return usage (error, _ ("--accept-older goes with apply only"));
  if (self->resume && !(flags & TAKES_RESUME))
    return usage (error, _ ("--resume goes with apply only"));
  if (self->first && !(flags & TAKES_FIRST))
    return usage (error, _ ("--first goes with rules set only"));
  if ((flags & TAKES_REFUSAL) && !self->refusal)
    return usage (error, _ ("Say what Azure said with --from-refusal FILE"));
  if (self->refusal && !(flags & TAKES_REFUSAL))
    return usage (error, _ ("--from-refusal goes with draft only"));
  if ((flags & TAKES_TO) && !self->to)
    return usage (error, _ ("Say which format with --to, as in --to bicep"));
  if (self->to && !(flags & TAKES_TO))
    return usage (error, _ ("--to goes with export only"));
  if (self->from && !(flags & TAKES_FROM))
    return usage (error, _ ("--from goes with import and export only"));
  if ((self->request || self->person || self->kind || self->since) && !(flags & TAKES_FILTER))
    return usage (error, _ ("--request, --person, --kind and --since go with ledger log only"));
  if (format && (self->format == LW_FORMAT_HTML) != ((flags & TAKES_HTML) != 0) &&
      self->format != LW_FORMAT_JSON)
    return usage (error, (flags & TAKES_HTML) ? _ ("ledger export takes --format json or html")
                                              : _ ("--format is table, json or csv"));
  if (!self->profile && ((flags & NEEDS_PROFILE) || self->online))
    return usage (error, _ ("Name the connection with --profile FILE"));

  return TRUE;
}

static gboolean
read_instants (LwCliArgs *self, const char *now, const char *since, GError **error)
{
  if (now && !(self->now = lw_instant_parse (now, NULL)))
    return usage (error, _ ("--now takes an instant such as 2027-01-31T09:00:00Z"));
  if (since && !(self->since = lw_instant_parse (since, NULL)))
    return usage (error, _ ("--since takes a day or an instant such as 2027-01-31T09:00:00Z"));

  return TRUE;
}

static gboolean
read_format (LwCliArgs *self, const char *format, GError **error)
{
  self->format_given = format != NULL;
  if (!format)
    self->format = isatty (STDOUT_FILENO) ? LW_FORMAT_TABLE : LW_FORMAT_JSON;
  else if (g_str_equal (format, "json"))
    self->format = LW_FORMAT_JSON;
  else if (g_str_equal (format, "table"))
    self->format = LW_FORMAT_TABLE;
  else if (g_str_equal (format, "csv"))
    self->format = LW_FORMAT_CSV;
  else if (g_str_equal (format, "html"))
    self->format = LW_FORMAT_HTML;
  else
    return usage (error, _ ("--format is table, json or csv"));

  return TRUE;
}

static gboolean
is_number (const char *text)
{
  return g_ascii_string_to_unsigned (text, 10, 1, G_MAXINT64, NULL, NULL);
}

static gboolean
read_command (LwCliArgs *self, GStrv words, const char *format, GError **error)
{
  g_autofree char *message = NULL;
  g_autofree char *name = NULL;
  guint n = words ? g_strv_length (words) : 0;
  guint first;

  if (n == 0)
    return usage (error, _ ("Say what to do, as in “leewayctl check request.json”"));

  first = n > 1 && (g_str_equal (words[0], "ledger") || g_str_equal (words[0], "rules") ||
                    g_str_equal (words[0], "outbox"))
              ? 2
              : 1;
  name = first == 2 ? g_strjoin (" ", words[0], words[1], NULL) : g_strdup (words[0]);
  for (gsize i = 0; i < G_N_ELEMENTS (commands); i++)
    {
      const char *operand = commands[i].operand;

      if (!g_str_equal (name, commands[i].name))
        continue;

      /* What is finished is what was begun, and not what is named. */
      if (self->resume && (commands[i].flags & TAKES_RESUME))
        {
          if (n > first || self->digest)
            return usage (error, _ ("“apply --resume” takes neither an ID nor --digest"));
          operand = NULL;
        }

      if (n != first + (operand ? 1 : 0) && !(n == first && operand && operand[0] == '['))
        {
          message = operand ? g_strdup_printf (_ ("“%s” takes exactly one %s"), name, operand)
                            : g_strdup_printf (_ ("“%s” takes nothing but options"), name);
          return usage (error, message);
        }

      if (operand && g_str_equal (operand, "ID") && !lw_uuid_is_valid (words[first]))
        return usage (error, _ ("The id of a request is a UUID; “leewayctl requests” lists them"));
      if (operand && strstr (operand, "NUMBER") && n > first && !is_number (words[first]))
        return usage (error, _ ("“leewayctl outbox list” says the number of each"));

      self->command = commands[i].command;
      if (operand)
        self->operand = g_strdup (n > first ? words[first] : "-");
      return check_options (self, format, commands[i].flags, error);
    }

  message = g_strdup_printf (_ ("There is no command “%s”"), name);

  return usage (error, message);
}

LwCliArgs *
lw_cli_args_parse (char **argv, GError **error)
{
  g_autoptr (LwCliArgs) self = g_new0 (LwCliArgs, 1);
  g_autoptr (GOptionContext) context = g_option_context_new (_ ("COMMAND [FILE | ID]"));
  g_auto (GStrv) copy = g_strdupv (argv);
  g_auto (GStrv) words = NULL;
  g_autofree char *now = NULL;
  g_autofree char *since = NULL;
  g_autofree char *format = NULL;
  g_autoptr (GError) local_error = NULL;
  gboolean version = FALSE;
  const GOptionEntry entries[] = {
    { "profile", 'p', 0, G_OPTION_ARG_FILENAME, &self->profile, N_ ("The connection to use"),
      N_ ("FILE") },
    { "access-token-file", 0, 0, G_OPTION_ARG_FILENAME, &self->token_file,
      N_ ("A file with an access token to use instead of signing in"), N_ ("FILE") },
    { "secret-file", 0, 0, G_OPTION_ARG_FILENAME, &self->secret_file,
      N_ ("A file with the client secret, or the passphrase of the certificate’s key; “-” reads "
          "standard input"),
      N_ ("FILE") },
    { "now", 0, 0, G_OPTION_ARG_STRING, &now, N_ ("Fix the clock"), N_ ("INSTANT") },
    { "online", 0, 0, G_OPTION_ARG_NONE, &self->online, N_ ("check: also ask the tenant"), NULL },
    { "comment", 'm', 0, G_OPTION_ARG_FILENAME, &self->comment,
      N_ ("reject, request-changes, comment, check-control: what there is to say"), N_ ("TEXT") },
    { "digest", 0, 0, G_OPTION_ARG_STRING, &self->digest,
      N_ ("Go on only if this content is in force (approve, reject, request-changes, apply)"),
      N_ ("SHA256") },
    { "format", 0, 0, G_OPTION_ARG_STRING, &format,
      N_ ("exemptions: table, json or csv; ledger export: json or html"), N_ ("FORMAT") },
    { "attach", 'a', 0, G_OPTION_ARG_FILENAME_ARRAY, &self->attach,
      N_ ("comment, check-control: a file as evidence; may be given several times"), N_ ("FILE") },
    { "control", 0, 0, G_OPTION_ARG_INT, &self->control,
      N_ ("check-control: the number of the control, from 1"), N_ ("NUMBER") },
    { "output", 'o', 0, G_OPTION_ARG_FILENAME, &self->output,
      N_ ("evidence, export, ledger export: the file to write instead of standard output"),
      N_ ("FILE") },
    { "json", 0, 0, G_OPTION_ARG_NONE, &self->json,
      N_ ("ledger, rules history: print JSON; ledger log: an entry a line"), NULL },
    { "ledger-only", 0, 0, G_OPTION_ARG_NONE, &self->ledger_only,
      N_ ("ledger verify: do not ask Azure"), NULL },
    { "accept-older", 0, 0, G_OPTION_ARG_NONE, &self->accept_older,
      N_ ("apply: write over exemptions that this cloud knows by an older version only"), NULL },
    { "resume", 0, 0, G_OPTION_ARG_NONE, &self->resume,
      N_ ("apply: finish what was begun on this machine"), NULL },
    { "request", 0, 0, G_OPTION_ARG_STRING, &self->request, N_ ("ledger log: of this request"),
      N_ ("ID") },
    { "person", 0, 0, G_OPTION_ARG_FILENAME, &self->person,
      N_ ("ledger log: by whom; part of a name, a user name or an object id"), N_ ("TEXT") },
    { "kind", 0, 0, G_OPTION_ARG_STRING, &self->kind, N_ ("ledger log: as in approved"),
      N_ ("KIND") },
    { "since", 0, 0, G_OPTION_ARG_STRING, &since, N_ ("ledger log: from then on"), N_ ("INSTANT") },
    { "first", 0, 0, G_OPTION_ARG_NONE, &self->first,
      N_ ("rules set: these are the first rules of this ledger"), NULL },
    { "from-refusal", 0, 0, G_OPTION_ARG_FILENAME, &self->refusal,
      N_ ("draft: a file with what Azure said; “-” reads standard input"), N_ ("FILE") },
    { "to", 0, 0, G_OPTION_ARG_STRING, &self->to,
      N_ ("export: arm, bicep, terraform, az, powershell, epac, epac-csv, ics or rest"),
      N_ ("FORMAT") },
    { "from", 0, 0, G_OPTION_ARG_STRING, &self->from,
      N_ ("import, export: the format of FILE where it is not recognised"), N_ ("FORMAT") },
    { "version", 0, 0, G_OPTION_ARG_NONE, &version, N_ ("Print the version"), NULL },
    { G_OPTION_REMAINING, 0, 0, G_OPTION_ARG_FILENAME_ARRAY, &words, NULL, NULL },
    { NULL },
  };

  g_option_context_add_main_entries (context, entries, GETTEXT_PACKAGE);
  g_option_context_set_summary (context, summary ());
  g_option_context_set_description (context, description ());

  if (!g_option_context_parse_strv (context, &copy, &local_error))
    {
      usage (error, local_error->message);
      return NULL;
    }

  if (version)
    return g_steal_pointer (&self);

  if (!read_instants (self, now, since, error) || !read_format (self, format, error) ||
      !read_command (self, words, format, error))
    return NULL;

  return g_steal_pointer (&self);
}
