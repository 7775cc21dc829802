/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "config.h"

#include "lw-cli-output.h"
#include "lw-cli-private.h"
#include "lw-json.h"
#include "lw-outbox-verbs.h"

#include <glib/gi18n-lib.h>

/* --- as JSON ------------------------------------------------------------------------------------ */

static void
set_instant (JsonObject *object, const char *member, GDateTime *instant)
{
  g_autofree char *text = instant ? lw_instant_format (instant) : NULL;

  lw_json_set_string (object, member, text);
}

static const char *
state_of (const LwOutboxItem *item)
{
  if (item->discarded)
    return "discarded";

  return item->state == LW_OUTBOX_CONFLICT ? "conflict" : "waiting";
}

/* The other side of a conflict, where the ledger can be asked. Awaits. */
static JsonArray *
write_happened (LwCliRun *run, const LwOutboxItem *item)
{
  g_autoptr (LwCase) value =
      dex_await_boxed (lw_sender_load_case (lw_session_get_sender (run->session), item->id), NULL);
  g_autoptr (GPtrArray) events = value ? lw_outbox_item_events_since (item, value) : NULL;
  JsonArray *array = json_array_new ();

  for (guint i = 0; events && i < events->len; i++)
    {
      LwEvent *event = g_ptr_array_index (events, i);
      JsonObject *object = json_object_new ();

      json_object_set_int_member (object, "seq", event->seq);
      lw_json_set_string (object, "kind", event->kind_name);
      set_instant (object, "at", event->at);
      json_object_set_member (object, "by", lw_person_to_json (event->by));
      json_array_add_object_element (array, object);
    }

  return array;
}

static JsonObject *
write_item (LwCliRun *run, const LwOutboxItem *item)
{
  JsonObject *object = json_object_new ();

  json_object_set_int_member (object, "number", item->id);
  lw_json_set_string (object, "state", state_of (item));
  lw_json_set_string (object, "kind", lw_event_kind_to_string (item->kind));
  lw_json_set_string (object, "request", item->request);
  lw_json_set_string (object, "title", item->title);
  set_instant (object, "written", item->written);
  lw_json_set_string (object, "text", lw_outbox_item_text (item));
  lw_json_set_string (object, "problem", item->problem);
  json_object_set_int_member (object, "tries", item->tries);
  set_instant (object, "tried", item->tried);
  if (item->state == LW_OUTBOX_CONFLICT && !item->discarded)
    json_object_set_array_member (object, "happened", write_happened (run, item));

  return object;
}

/* Prints what is there, and says by the exit code whether anything waits. Awaits. */
static LwExit
print_items (LwCliRun *run, GError **error)
{
  LwOutbox *outbox = lw_session_get_outbox (run->session);
  g_autoptr (GPtrArray) items = dex_await_boxed (lw_outbox_list (outbox, TRUE), error);
  g_autoptr (JsonNode) node = json_node_new (JSON_NODE_ARRAY);
  JsonArray *array;
  guint waiting = 0;
  guint conflicts = 0;

  if (!items)
    return LW_EXIT_FAILED;

  array = json_array_new ();
  for (guint i = 0; i < items->len; i++)
    {
      LwOutboxItem *item = g_ptr_array_index (items, i);

      json_array_add_object_element (array, write_item (run, item));
      waiting += !item->discarded && item->state == LW_OUTBOX_WAITING;
      conflicts += !item->discarded && item->state == LW_OUTBOX_CONFLICT;
    }
  json_node_take_array (node, array);
  if (lw_outbox_get_notice (outbox))
    g_printerr ("leewayctl: %s\n", lw_outbox_get_notice (outbox));
  if (!lw_cli_print_json (node, error))
    return LW_EXIT_INPUT;

  return conflicts ? LW_EXIT_REFUSED : waiting ? LW_EXIT_QUEUED : LW_EXIT_DONE;
}

/* --- commands ----------------------------------------------------------------------------------- */

LwExit
lw_cli_run_outbox_list (LwCliRun *run, GError **error)
{
  LwExit exit = print_items (run, error);

  return exit == LW_EXIT_FAILED || exit == LW_EXIT_INPUT ? exit : LW_EXIT_DONE;
}

static gint64
number_of (LwCliRun *run)
{
  return run->args->operand ? g_ascii_strtoll (run->args->operand, NULL, 10) : 0;
}

LwExit
lw_cli_run_outbox_send (LwCliRun *run, GError **error)
{
  LwSender *sender = lw_session_get_sender (run->session);
  gint64 number = number_of (run);
  DexFuture *future = number > 0 ? lw_sender_send_again (sender, number) : lw_sender_run (sender);

  if (!dex_await (future, error))
    return LW_EXIT_FAILED;
  if (lw_sender_get_error (sender))
    lw_cli_print_error (lw_sender_get_error (sender));

  return print_items (run, error);
}

LwExit
lw_cli_run_outbox_discard (LwCliRun *run, GError **error)
{
  LwOutbox *outbox = lw_session_get_outbox (run->session);
  gboolean discard = run->args->command == LW_COMMAND_OUTBOX_DISCARD;

  if (!dex_await (lw_outbox_discard (outbox, number_of (run), discard), error))
    return LW_EXIT_FAILED;

  if (discard)
    g_printerr (_ ("Discarded. For a week “outbox restore %s” brings it back.\n"),
                run->args->operand);

  return lw_cli_run_outbox_list (run, error);
}
