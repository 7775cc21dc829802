/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "config.h"

#include "lw-cli-output.h"
#include "lw-cli-private.h"
#include "lw-choice.h"
#include "lw-json.h"
#include "lw-narrow.h"

#include <glib/gi18n-lib.h>

#define MAX_QUESTION (128 * 1024 * 1024)

/* @node: (out): what the file holds */
static LwNarrow *
read_question (const char *path, JsonNode **node, GError **error)
{
  g_autofree char *shown = g_filename_display_name (path);
  g_autoptr (GBytes) bytes = lw_cli_read (path, MAX_QUESTION, error);
  LwNarrow *question;

  *node = bytes ? lw_json_parse (bytes, MAX_QUESTION, error) : NULL;
  question = *node ? lw_narrow_from_json (*node, error) : NULL;

  if (bytes && !question)
    g_prefix_error (error, _ ("%s cannot be narrowed: "), shown);

  return question;
}

static void
print_notices (LwNarrowResult *result)
{
  for (guint i = 0; i < result->notices->len; i++)
    {
      const LwNarrowNotice *notice = g_ptr_array_index (result->notices, i);

      g_printerr ("%s %s\n", C_ ("in a list of problems", "note:"), notice->message);
    }
}

LwExit
lw_cli_narrow (const LwCliArgs *args, GError **error)
{
  g_autoptr (JsonNode) file = NULL;
  g_autoptr (LwNarrow) question = read_question (args->operand, &file, error);
  g_autoptr (LwNarrowResult) result = question ? lw_narrow_run (question, error) : NULL;
  g_autoptr (JsonNode) node = NULL;

  if (!result)
    return LW_EXIT_INPUT;

  print_notices (result);
  node = lw_narrow_result_to_json (result);

  return lw_cli_print_json (node, error) ? LW_EXIT_DONE : LW_EXIT_INPUT;
}

LwExit
lw_cli_choose (const LwCliArgs *args, GError **error)
{
  g_autoptr (JsonNode) file = NULL;
  g_autoptr (LwNarrow) question = read_question (args->operand, &file, error);
  g_autoptr (LwNarrowResult) result = question ? lw_narrow_run (question, error) : NULL;
  g_autoptr (GPtrArray) choices = NULL;
  g_autoptr (JsonNode) node = NULL;
  LwChoiceFacts facts;

  if (!result)
    return LW_EXIT_INPUT;

  lw_choice_facts_from_narrow (&facts, result);
  if (!lw_choice_facts_from_json (&facts, lw_json_get_object (lw_json_node_object (file), "facts"),
                                  error))
    return LW_EXIT_INPUT;

  print_notices (result);
  choices = lw_choose (&facts);
  node = lw_choices_to_json (choices);

  return lw_cli_print_json (node, error) ? LW_EXIT_DONE : LW_EXIT_INPUT;
}
