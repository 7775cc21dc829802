/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "config.h"

#include "lw-apply-begun.h"
#include "lw-cli-output.h"
#include "lw-cli-private.h"
#include "lw-domain-error.h"

#include <glib/gi18n-lib.h>

static void
set_partly_refused (GError **error)
{
  g_set_error (
      error, LW_AZURE_ERROR, LW_AZURE_ERROR_INVALID,
      _ ("Azure refused a part of the request; “error” of each grant says why. Apply again once "
         "that is mended"));
}

LwExit
lw_cli_run_apply (LwCliRun *run, GError **error)
{
  g_autofree char *digest = lw_cli_digest (run, error);
  g_autoptr (LwCase) value = NULL;

  if (run->args->accept_older)
    lw_client_accept_older (lw_session_get_client (run->session));
  if (!digest ||
      !(value = dex_await_boxed (lw_apply (run->session, run->args->operand, digest), error)))
    {
      if (g_error_matches (*error, LW_AZURE_ERROR, LW_AZURE_ERROR_OLDER_VERSION))
        g_printerr (_ ("With --accept-older it is written over all the same.\n"));
      return LW_EXIT_FAILED;
    }

  if (lw_cli_print_case (run, value, FALSE, error) != LW_EXIT_DONE)
    return LW_EXIT_INPUT;

  if (value->phase == LW_PHASE_APPLIED)
    return LW_EXIT_DONE;

  set_partly_refused (error);

  return LW_EXIT_FAILED;
}

/* One line for people about each. */
static LwExit
report (const LwFinished *finished)
{
  const char *title = finished->title ? finished->title : finished->request_id;
  g_autoptr (GString) line = g_string_new (NULL);
  g_autoptr (GError) cause = finished->error ? g_error_copy (finished->error) : NULL;

  if (!cause && finished->value->phase != LW_PHASE_APPLIED)
    set_partly_refused (&cause);
  if (!cause)
    g_string_append_printf (line, _ ("Finished: %s"), title);
  else
    g_string_append_printf (line, "leewayctl: %s: %s", title, cause->message);
  lw_cli_make_printable (line);
  g_printerr ("%s\n", line->str);

  return cause ? lw_cli_exit_for_error (cause) : LW_EXIT_DONE;
}

LwExit
lw_cli_run_resume (LwCliRun *run, GError **error)
{
  g_autoptr (GPtrArray) all = dex_await_boxed (lw_finish_begun (run->session), error);
  g_autoptr (JsonArray) array = json_array_new ();
  g_autoptr (JsonNode) node = json_node_new (JSON_NODE_ARRAY);
  LwExit worst = LW_EXIT_DONE;

  if (!all)
    return LW_EXIT_FAILED;

  if (all->len == 0)
    g_printerr (_ ("Nothing that you began to apply on this machine is unfinished.\n"));
  for (guint i = 0; i < all->len; i++)
    {
      const LwFinished *finished = g_ptr_array_index (all, i);
      LwExit exit = report (finished);

      worst = MAX (worst, exit);
      if (finished->value)
        json_array_add_element (array, lw_cli_case_to_json (run->session, finished->value, FALSE));
    }
  json_node_set_array (node, array);

  return lw_cli_print_json (node, error) ? worst : LW_EXIT_INPUT;
}
