/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "config.h"

#include "lw-cli-output.h"
#include "lw-cli-private.h"
#include "lw-domain-error.h"
#include "lw-json.h"
#include "lw-rules-verbs.h"

#include <glib/gi18n-lib.h>

#define MAX_RULES (1024 * 1024)

/* Rules from a file: as they are, or as "rules show" prints them. */
static LwRules *
read_rules (const char *path, GError **error)
{
  g_autofree char *shown = g_filename_display_name (path);
  g_autoptr (GBytes) bytes = lw_cli_read (path, MAX_RULES, error);
  g_autoptr (JsonNode) node = NULL;
  JsonObject *object;
  LwRules *rules;

  if (!bytes)
    return NULL;
  if (!(node = lw_json_parse (bytes, MAX_RULES, error)))
    {
      g_prefix_error (error, _ ("%s holds no rules: "), shown);
      return NULL;
    }

  object = lw_json_node_object (node);
  if (object && lw_json_get_object (object, "rules"))
    rules = lw_rules_from_json (json_object_get_member (object, "rules"), error);
  else
    rules = lw_rules_from_json (node, error);
  if (!rules)
    g_prefix_error (error, _ ("%s holds no rules: "), shown);

  return rules;
}

static void
print_findings (GPtrArray *findings)
{
  for (guint i = 0; i < findings->len; i++)
    {
      const LwFinding *finding = g_ptr_array_index (findings, i);

      g_printerr ("%s: %s\n", lw_severity_to_string (finding->severity), finding->message);
    }
}

LwExit
lw_cli_check_rules (const LwCliArgs *args, GError **error)
{
  g_autoptr (LwRules) rules = read_rules (args->operand, error);
  g_autoptr (GPtrArray) findings = NULL;
  g_autoptr (JsonObject) object = json_object_new ();
  g_autoptr (JsonNode) node = NULL;
  JsonArray *array = json_array_new ();
  gboolean usable;

  json_object_set_array_member (object, "findings", array);
  if (!rules)
    return LW_EXIT_INPUT;

  findings = lw_rules_check (rules, NULL, NULL);
  usable = lw_findings_submittable (findings);
  for (guint i = 0; i < findings->len; i++)
    json_array_add_element (array, lw_finding_to_json (g_ptr_array_index (findings, i)));
  json_object_set_boolean_member (object, "usable", usable);
  print_findings (findings);
  node = json_node_init_object (json_node_alloc (), object);
  if (!lw_cli_print_json (node, error))
    return LW_EXIT_INPUT;

  return usable ? LW_EXIT_DONE : LW_EXIT_REFUSED;
}

LwExit
lw_cli_run_rules_show (LwCliRun *run, GError **error)
{
  LwLedger *ledger = lw_session_get_ledger (run->session);
  g_autoptr (JsonObject) object = json_object_new ();
  g_autoptr (JsonNode) node = NULL;

  json_object_set_int_member (object, "seq", lw_ledger_get_rules_seq (ledger));
  lw_json_set_string (object, "sha256", lw_ledger_get_rules_sha256 (ledger));
  json_object_set_member (object, "rules", lw_rules_to_json (lw_ledger_get_rules (ledger)));
  if (lw_ledger_get_rules_last_seq (ledger) == 0)
    g_printerr (_ ("These are the rules that Leeway ships with: nobody has set any yet.\n"));
  node = json_node_init_object (json_node_alloc (), object);

  return lw_cli_print_json (node, error) ? LW_EXIT_DONE : LW_EXIT_INPUT;
}

static void
print_lines (GPtrArray *lines)
{
  for (guint i = 0; i < lines->len; i++)
    g_printerr ("  %s\n", (const char *) g_ptr_array_index (lines, i));
}

LwExit
lw_cli_run_rules_set (LwCliRun *run, GError **error)
{
  LwLedger *ledger = lw_session_get_ledger (run->session);
  guint last = lw_ledger_get_rules_last_seq (ledger);
  g_autoptr (LwRules) before = lw_rules_ref (lw_ledger_get_rules (ledger));
  g_autoptr (LwRules) rules = read_rules (run->args->operand, error);
  g_autoptr (LwRules) after = NULL;
  g_autoptr (GPtrArray) changes = NULL;
  g_autoptr (GPtrArray) findings = NULL;
  g_autoptr (GPtrArray) effects = NULL;
  g_autoptr (GPtrArray) cases = NULL;

  if (!rules)
    return LW_EXIT_INPUT;
  if ((last == 0) != run->args->first)
    {
      g_set_error_literal (
          error, LW_DOMAIN_ERROR, LW_DOMAIN_ERROR_NOT_ALLOWED,
          last == 0
              ? _ ("This ledger has no rules yet. Who sets the first ones answers for who may "
                   "decide and who may change them; say --first if that is meant")
              : _ ("This ledger has rules already; leave out --first to change them"));
      return LW_EXIT_REFUSED;
    }

  changes = lw_rules_diff (before, rules);
  if (changes->len == 0 && last > 0)
    {
      g_printerr (_ ("These are the rules in force already.\n"));
      return lw_cli_run_rules_show (run, error);
    }
  findings = lw_rules_check (rules, last > 0 ? before : NULL, lw_session_get_person (run->session));
  print_findings (findings);
  if (!(cases = dex_await_boxed (lw_list_cases (run->session), error)) ||
      !(after = dex_await_boxed (lw_set_rules (run->session, last, rules), error)))
    return LW_EXIT_FAILED;

  g_printerr (_ ("Entry %u of the rules:\n"), lw_ledger_get_rules_last_seq (ledger));
  print_lines (changes);
  effects = lw_rules_effects (run->session, after, cases);
  print_lines (effects);

  return lw_cli_run_rules_show (run, error);
}

static JsonObject *
entry_to_json (const LwRulesEntry *entry, GPtrArray *changes)
{
  JsonObject *object = json_object_new ();
  JsonArray *array = json_array_new ();
  g_autofree char *at = entry->at ? lw_instant_format (entry->at) : NULL;

  json_object_set_int_member (object, "seq", entry->seq);
  lw_json_set_string (object, "at", at);
  json_object_set_member (object, "by", lw_person_to_json (entry->by));
  json_object_set_boolean_member (object, "counts", entry->counts);
  for (guint i = 0; i < changes->len; i++)
    json_array_add_string_element (array, g_ptr_array_index (changes, i));
  json_object_set_array_member (object, "changes", array);

  return object;
}

LwExit
lw_cli_run_rules_history (LwCliRun *run, GError **error)
{
  GPtrArray *history = lw_ledger_get_rules_history (lw_session_get_ledger (run->session));
  g_autoptr (LwRules) before = lw_rules_new_default ();
  g_autoptr (JsonArray) array = json_array_new ();
  g_autoptr (JsonNode) node = json_node_new (JSON_NODE_ARRAY);
  g_autoptr (GString) text = g_string_new (NULL);

  for (guint i = 0; i < history->len; i++)
    {
      const LwRulesEntry *entry = g_ptr_array_index (history, i);
      g_autoptr (GPtrArray) changes = lw_rules_diff (before, entry->rules);
      g_autofree char *at =
          entry->at ? g_date_time_format (entry->at, "%Y-%m-%d %H:%M:%S UTC") : g_strdup ("?");

      json_array_add_object_element (array, entry_to_json (entry, changes));
      g_string_append_printf (text, "%u  %s  %s%s\n", entry->seq, at,
                              entry->by->name ? entry->by->name : entry->by->id,
                              entry->counts ? "" : _ ("  (does not count: no administrator)"));
      for (guint k = 0; k < changes->len; k++)
        g_string_append_printf (text, "     %s\n", (const char *) g_ptr_array_index (changes, k));
      if (entry->counts)
        {
          lw_rules_unref (before);
          before = lw_rules_ref (entry->rules);
        }
    }

  if (run->args->json)
    {
      json_node_set_array (node, array);
      return lw_cli_print_json (node, error) ? LW_EXIT_DONE : LW_EXIT_INPUT;
    }
  lw_cli_make_printable (text);

  return lw_cli_print (text->str, error) ? LW_EXIT_DONE : LW_EXIT_INPUT;
}
