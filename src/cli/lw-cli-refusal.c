/* SPDX-License-Identifier: GPL-3.0-or-later */

/* What Azure said, pasted: read, and made the beginning of a request. */

#include "config.h"

#include "lw-cli-output.h"
#include "lw-cli-private.h"
#include "lw-refusal-draft.h"

#include <glib/gi18n-lib.h>

static LwRefusalText *
read_refusal (const char *path, GError **error)
{
  g_autoptr (GBytes) bytes = lw_cli_read (path, LW_REFUSAL_MAX_TEXT, error);

  return bytes ? lw_refusal_parse (bytes) : NULL;
}

static void
print_state (LwRefusalText *text)
{
  if (text->refusals->len + text->definitions->len + text->exemptions->len == 0)
    g_printerr (_ ("Nothing in this text says what Azure refused.\n"));
  if (text->truncated)
    g_printerr (_ ("The text is cut: something is named only in part and is left out.\n"));
  if (text->shortened)
    g_printerr (_ ("The text holds more than is read.\n"));
}

LwExit
lw_cli_parse_refusal (const LwCliArgs *args, GError **error)
{
  g_autoptr (LwRefusalText) text = read_refusal (args->operand, error);
  g_autoptr (JsonNode) node = NULL;

  if (!text)
    return LW_EXIT_INPUT;

  print_state (text);
  node = lw_refusal_text_to_json (text);
  if (!lw_cli_print_json (node, error))
    return LW_EXIT_INPUT;

  return text->refusals->len > 0 ? LW_EXIT_DONE : LW_EXIT_REFUSED;
}

LwExit
lw_cli_run_draft (LwCliRun *run, GError **error)
{
  g_autoptr (LwRefusalText) text = read_refusal (run->args->refusal, error);
  g_autoptr (LwRefusalDraft) draft = NULL;
  g_autoptr (JsonNode) node = NULL;

  if (!text || !(draft = dex_await_boxed (lw_draft_from_refusal (run->session, text), error)))
    return LW_EXIT_INPUT;

  for (guint i = 0; i < draft->findings->len; i++)
    {
      LwFinding *finding = g_ptr_array_index (draft->findings, i);

      g_printerr ("%s: %s\n", lw_severity_to_string (finding->severity), finding->message);
    }
  node = lw_request_to_json (draft->request);
  if (!lw_cli_print_json (node, error))
    return LW_EXIT_INPUT;

  return draft->request->grants->len > 0 ? LW_EXIT_DONE : LW_EXIT_REFUSED;
}
