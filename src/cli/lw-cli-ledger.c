/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "config.h"

#include "lw-audit.h"
#include "lw-case-report.h"
#include "lw-cli-output.h"
#include "lw-cli-private.h"
#include "lw-json.h"

#include <glib/gi18n-lib.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

/* --- verify ------------------------------------------------------------------------------------- */

static JsonObject *
problem_to_json (const LwProblem *problem)
{
  JsonObject *object = json_object_new ();

  lw_json_set_string (object, "id", problem->id);
  json_object_set_boolean_member (object, "harmless", problem->harmless);
  lw_json_set_string (object, "request", problem->request);
  json_object_set_int_member (object, "seq", problem->seq);
  lw_json_set_string (object, "object", problem->object);
  lw_json_set_string (object, "message", problem->message);

  return object;
}

static JsonNode *
verification_to_json (LwVerification *result)
{
  g_autoptr (JsonObject) object = json_object_new ();
  JsonObject *seen = json_object_new ();
  JsonArray *problems = json_array_new ();

  json_object_set_int_member (seen, "requests", result->requests);
  json_object_set_int_member (seen, "events", result->events);
  json_object_set_int_member (seen, "seals", result->seals);
  json_object_set_int_member (seen, "evidence", result->evidence);
  json_object_set_int_member (seen, "rules", result->rules);
  json_object_set_int_member (seen, "exemptions", result->exemptions);
  for (guint i = 0; i < result->problems->len; i++)
    json_array_add_object_element (problems,
                                   problem_to_json (g_ptr_array_index (result->problems, i)));
  json_object_set_boolean_member (object, "clean", lw_verification_is_clean (result));
  json_object_set_object_member (object, "verified", seen);
  json_object_set_array_member (object, "problems", problems);

  return json_node_init_object (json_node_alloc (), object);
}

void
lw_cli_make_printable (GString *text)
{
  for (gsize i = 0; i < text->len; i++)
    {
      if (g_ascii_iscntrl (text->str[i]) && text->str[i] != '\n')
        text->str[i] = '?';
    }
}

static void
append_problem (GString *text, const LwProblem *problem)
{
  g_string_append_printf (text, "%s %s",
                          problem->harmless ? C_ ("in a list of problems", "note:")
                                            : C_ ("in a list of problems", "PROBLEM:"),
                          problem->id);
  if (problem->request && problem->seq > 0)
    g_string_append_printf (text, " %s #%u", problem->request, problem->seq);
  else if (problem->request)
    g_string_append_printf (text, " %s", problem->request);
  g_string_append_printf (text, ": %s", problem->message);
  if (problem->object)
    g_string_append_printf (text, " (%s)", problem->object);
  g_string_append_c (text, '\n');
}

static char *
verification_to_text (LwVerification *result)
{
  GString *text = g_string_new (NULL);
  guint notes = 0;

  for (guint i = 0; i < result->problems->len; i++)
    {
      const LwProblem *problem = g_ptr_array_index (result->problems, i);

      append_problem (text, problem);
      notes += problem->harmless;
    }
  g_string_append_printf (text,
                          _ ("Verified: %u requests with %u entries, %u seals, %u pieces of "
                             "evidence, %u changes of the "
                             "rules; %u exemptions held against Azure.\n"),
                          result->requests, result->events, result->seals, result->evidence,
                          result->rules, result->exemptions);
  if (lw_verification_is_clean (result))
    g_string_append (text, _ ("Nothing is wrong.\n"));
  else
    g_string_append_printf (
        text, ngettext ("%u problem.\n", "%u problems.\n", result->problems->len - notes),
        result->problems->len - notes);

  return g_string_free_and_steal (text);
}

LwExit
lw_cli_run_verify (LwCliRun *run, GError **error)
{
  g_autoptr (LwVerification) result =
      dex_await_boxed (lw_audit (run->session, !run->args->ledger_only), error);
  gboolean printed;

  if (!result)
    return LW_EXIT_FAILED;

  if (run->args->json)
    {
      g_autoptr (JsonNode) node = verification_to_json (result);

      printed = lw_cli_print_json (node, error);
    }
  else
    {
      g_autofree char *text = verification_to_text (result);

      printed = lw_cli_print (text, error);
    }

  if (!printed)
    return LW_EXIT_INPUT;

  return lw_verification_is_clean (result) ? LW_EXIT_DONE : LW_EXIT_REFUSED;
}

/* --- sync --------------------------------------------------------------------------------------- */

/* On a terminal, over and over on the same line. */
static void
show_progress (LwLedger *ledger, guint done, guint total, gpointer data)
{
  gint64 *last = data;
  gint64 now = g_get_monotonic_time ();

  if (done < total && now - *last < G_USEC_PER_SEC / 10)
    return;

  *last = now;
  /* Translators: how many of the ledger’s objects were read */
  fprintf (stderr, _ ("\rRead %u of %u"), done, total);
  fflush (stderr);
}

static JsonNode *
counts_to_json (const LwSyncCounts *counts, guint news, double seconds)
{
  g_autoptr (JsonObject) object = json_object_new ();

  json_object_set_int_member (object, "new", news);
  json_object_set_int_member (object, "newEvents", counts->new_events);
  json_object_set_int_member (object, "newRequests", counts->new_requests);
  json_object_set_int_member (object, "updatedRequests", counts->updated_requests);
  json_object_set_int_member (object, "requests", counts->requests);
  json_object_set_int_member (object, "events", counts->events);
  json_object_set_int_member (object, "flagged", counts->flagged);
  json_object_set_double_member (object, "seconds", seconds);

  return json_node_init_object (json_node_alloc (), object);
}

static char *
counts_to_text (const LwSyncCounts *counts, double seconds)
{
  GString *text = g_string_new (NULL);

  g_string_append_printf (
      text,
      ngettext ("%u new entry: %u requests are new, %u were known. It took %.1f s.\n",
                "%u new entries: %u requests are new, %u were known. It took %.1f s.\n",
                counts->new_events),
      counts->new_events, counts->new_requests, counts->updated_requests, seconds);
  g_string_append_printf (text, _ ("The ledger has %u requests with %u entries.\n"),
                          counts->requests, counts->events);
  if (counts->flagged > 0)
    g_string_append_printf (text,
                            ngettext ("Something is wrong with %u request: “leewayctl ledger "
                                      "verify” says what.\n",
                                      "Something is wrong with %u requests: “leewayctl ledger "
                                      "verify” says what.\n",
                                      counts->flagged),
                            counts->flagged);

  return g_string_free_and_steal (text);
}

LwExit
lw_cli_run_sync (LwCliRun *run, GError **error)
{
  LwLedger *ledger = lw_session_get_ledger (run->session);
  gint64 start = g_get_monotonic_time ();
  gboolean told = isatty (STDERR_FILENO) == 1;
  gint64 last = 0;
  gulong handler =
      told ? g_signal_connect (ledger, "progress", G_CALLBACK (show_progress), &last) : 0;
  g_autoptr (GError) cause = NULL;
  guint news = dex_await_uint (lw_ledger_sync (ledger, LW_SYNC_NEW), &cause);
  const LwSyncCounts *counts = lw_ledger_get_sync_counts (ledger);
  double seconds = (double) (g_get_monotonic_time () - start) / G_USEC_PER_SEC;
  g_autofree char *text = NULL;

  if (told)
    {
      g_signal_handler_disconnect (ledger, handler);
      if (last > 0)
        fputs ("\r\033[K", stderr);
    }
  if (cause)
    {
      g_propagate_error (error, g_steal_pointer (&cause));
      return LW_EXIT_FAILED;
    }

  if (run->args->json)
    {
      g_autoptr (JsonNode) node = counts_to_json (counts, news, seconds);

      return lw_cli_print_json (node, error) ? LW_EXIT_DONE : LW_EXIT_INPUT;
    }
  text = counts_to_text (counts, seconds);

  return lw_cli_print (text, error) ? LW_EXIT_DONE : LW_EXIT_INPUT;
}

/* --- export ------------------------------------------------------------------------------------- */

LwExit
lw_cli_run_export (LwCliRun *run, GError **error)
{
  const LwCliArgs *args = run->args;
  g_autoptr (LwCase) value = dex_await_boxed (lw_load_case (run->session, args->operand), error);
  g_autoptr (GDateTime) now = lw_session_now (run->session);
  gboolean html = args->format_given ? args->format == LW_FORMAT_HTML
                                     : args->output && g_str_has_suffix (args->output, ".html");
  g_autoptr (GBytes) bytes = NULL;
  char *text;

  if (!value)
    return LW_EXIT_FAILED;

  if (html)
    text = lw_case_report_to_html (value, now);
  else
    {
      g_autoptr (JsonNode) node = lw_case_report_to_json (value, now);
      g_autofree char *pretty = lw_json_pretty (node);

      text = g_strconcat (pretty, "\n", NULL);
    }
  bytes = g_bytes_new_take (text, strlen (text));

  return lw_cli_write (args, bytes, error) ? LW_EXIT_DONE : LW_EXIT_INPUT;
}

/* --- log ---------------------------------------------------------------------------------------- */

static gboolean
names_person (const LwPerson *person, const char *text)
{
  g_autofree char *wanted = g_utf8_casefold (text, -1);
  const char *const words[] = { person->name, person->upn, person->id };

  for (gsize i = 0; i < G_N_ELEMENTS (words); i++)
    {
      g_autofree char *word = words[i] ? g_utf8_casefold (words[i], -1) : NULL;

      if (word && strstr (word, wanted))
        return TRUE;
    }

  return FALSE;
}

static gboolean
is_wanted (const LwCliArgs *args, const LwEvent *event)
{
  return (!args->request || g_ascii_strcasecmp (args->request, event->request) == 0) &&
         (!args->kind || g_ascii_strcasecmp (args->kind, event->kind_name) == 0) &&
         (!args->person || names_person (event->by, args->person)) &&
         (!args->since || g_date_time_compare (event->at, args->since) >= 0);
}

static int
by_time (gconstpointer a, gconstpointer b)
{
  const LwEvent *left = *(const LwEvent *const *) a;
  const LwEvent *right = *(const LwEvent *const *) b;
  int order = g_date_time_compare (left->at, right->at);

  if (order == 0)
    order = strcmp (left->request, right->request);

  return order != 0 ? order : (left->seq > right->seq) - (left->seq < right->seq);
}

static GPtrArray *
wanted_events (const LwCliArgs *args, GPtrArray *cases)
{
  GPtrArray *events = g_ptr_array_new ();

  for (guint i = 0; i < cases->len; i++)
    {
      LwCase *value = g_ptr_array_index (cases, i);

      for (guint k = 0; k < value->events->len; k++)
        {
          LwEvent *event = g_ptr_array_index (value->events, k);

          if (is_wanted (args, event))
            g_ptr_array_add (events, event);
        }
    }
  g_ptr_array_sort (events, by_time);

  return events;
}

/* What a listing gives lacks what is large. @kept: the request that was read last. Awaits. */
static gboolean
append_whole (LwCliRun *run, const LwEvent *event, GString *text, LwCase **kept, GError **error)
{
  const LwEvent *whole;
  g_autoptr (JsonNode) node = NULL;
  g_autofree char *line = NULL;

  if (!*kept || g_strcmp0 ((*kept)->request_id, event->request) != 0)
    {
      g_clear_pointer (kept, lw_case_unref);
      *kept = dex_await_boxed (
          lw_ledger_get_case (lw_session_get_ledger (run->session), event->request), error);
      if (!*kept)
        return FALSE;
    }

  for (guint i = 0; i < (*kept)->events->len; i++)
    {
      whole = g_ptr_array_index ((*kept)->events, i);
      if (whole->seq != event->seq)
        continue;
      node = lw_json_parse (whole->bytes, 0, NULL);
      line = node ? lw_json_canonical (node, NULL) : NULL;
      if (line)
        g_string_append_printf (text, "%s\n", line);
    }

  return TRUE;
}

LwExit
lw_cli_run_log (LwCliRun *run, GError **error)
{
  const LwCliArgs *args = run->args;
  g_autoptr (GPtrArray) cases = NULL;
  g_autoptr (GPtrArray) events = NULL;
  g_autoptr (LwCase) kept = NULL;
  g_autoptr (GString) text = g_string_new (NULL);

  if (args->kind && lw_event_kind_from_string (args->kind) == LW_EVENT_UNKNOWN)
    {
      g_set_error (error, LW_CLI_ERROR, LW_CLI_ERROR_USAGE,
                   _ ("There are no entries of the kind “%s”; the kinds are submitted, approved, "
                      "commented and so on, as “leewayctl show” prints them"),
                   args->kind);
      return LW_EXIT_INPUT;
    }
  cases =
      dex_await_boxed (lw_ledger_list_whole_cases (lw_session_get_ledger (run->session)), error);
  if (!cases)
    return LW_EXIT_FAILED;

  events = wanted_events (args, cases);
  for (guint i = 0; i < events->len; i++)
    {
      LwEvent *event = g_ptr_array_index (events, i);

      if (!args->json)
        {
          g_autofree char *line = lw_event_line (event);

          g_string_append_printf (text, "%s\n", line);
        }
      else if (!append_whole (run, event, text, &kept, error))
        return LW_EXIT_FAILED;
    }

  if (!args->json)
    lw_cli_make_printable (text);

  return lw_cli_print (text->str, error) ? LW_EXIT_DONE : LW_EXIT_INPUT;
}
