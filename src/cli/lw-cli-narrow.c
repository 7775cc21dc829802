/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "config.h"

#include "lw-cli-output.h"
#include "lw-cli-private.h"
#include "lw-json.h"
#include "lw-narrow.h"

#include <glib/gi18n-lib.h>

#define MAX_QUESTION (128 * 1024 * 1024)

static LwNarrow *
read_question (const char *path, GError **error)
{
  g_autofree char *shown = g_filename_display_name (path);
  g_autoptr (GBytes) bytes = lw_cli_read (path, MAX_QUESTION, error);
  g_autoptr (JsonNode) node = bytes ? lw_json_parse (bytes, MAX_QUESTION, error) : NULL;
  LwNarrow *question = node ? lw_narrow_from_json (node, error) : NULL;

  if (bytes && !question)
    g_prefix_error (error, _ ("%s cannot be narrowed: "), shown);

  return question;
}

LwExit
lw_cli_narrow (const LwCliArgs *args, GError **error)
{
  g_autoptr (LwNarrow) question = read_question (args->operand, error);
  g_autoptr (LwNarrowResult) result = question ? lw_narrow_run (question, error) : NULL;
  g_autoptr (JsonNode) node = NULL;

  if (!result)
    return LW_EXIT_INPUT;

  for (guint i = 0; i < result->notices->len; i++)
    {
      const LwNarrowNotice *notice = g_ptr_array_index (result->notices, i);

      g_printerr ("%s %s\n", C_ ("in a list of problems", "note:"), notice->message);
    }
  node = lw_narrow_result_to_json (result);

  return lw_cli_print_json (node, error) ? LW_EXIT_DONE : LW_EXIT_INPUT;
}
