/* SPDX-License-Identifier: GPL-3.0-or-later */

/* What came over the wire: answers, and the JSON in them. */

#include "config.h"

#include <glib/gi18n-lib.h>

#include "lw-json.h"
#include "lw-wire.h"

#define BIG_JSON (64 * 1024)

static void
lw_answer_clear (gpointer data)
{
  LwAnswer *self = data;

  g_clear_pointer (&self->headers, g_hash_table_unref);
  g_clear_pointer (&self->body, g_bytes_unref);
}

LwAnswer *
lw_answer_ref (LwAnswer *self)
{
  return g_atomic_rc_box_acquire (self);
}

void
lw_answer_unref (LwAnswer *self)
{
  g_atomic_rc_box_release_full (self, lw_answer_clear);
}

G_DEFINE_BOXED_TYPE (LwAnswer, lw_answer, lw_answer_ref, lw_answer_unref)

const char *
lw_answer_get_header (LwAnswer *self, const char *name)
{
  return g_hash_table_lookup (self->headers, name);
}

typedef struct
{
  GBytes *bytes;
  gboolean is_page;
  DexPromise *promise;
} Parsing;

static JsonNode *
parse_now (GBytes *bytes, gboolean is_page, GError **error)
{
  g_autoptr (GError) local = NULL;
  JsonNode *node = is_page ? lw_json_parse_page (bytes, LW_MAX_BODY, &local)
                           : lw_json_parse (bytes, LW_MAX_BODY, &local);

  if (node == NULL)
    g_set_error (error, LW_AZURE_ERROR, LW_AZURE_ERROR_PROTOCOL,
                 _ ("Azure's answer cannot be read: %s"), local->message);
  return node;
}

static gpointer
parse_thread (gpointer data)
{
  Parsing *parsing = data;
  g_autoptr (GError) error = NULL;
  JsonNode *node = parse_now (parsing->bytes, parsing->is_page, &error);

  if (node != NULL)
    dex_promise_resolve_boxed (parsing->promise, JSON_TYPE_NODE, node);
  else
    dex_promise_reject (parsing->promise, g_steal_pointer (&error));
  g_bytes_unref (parsing->bytes);
  dex_unref (parsing->promise);
  g_free (parsing);
  return NULL;
}

static DexFuture *
parse_json (GBytes *bytes, gboolean is_page)
{
  g_autoptr (GError) error = NULL;
  JsonNode *node;

  if (g_bytes_get_size (bytes) == 0)
    return dex_future_new_take_boxed (JSON_TYPE_NODE, json_node_new (JSON_NODE_NULL));
  if (g_bytes_get_size (bytes) > BIG_JSON)
    {
      DexPromise *promise = dex_promise_new ();
      Parsing *parsing = g_new0 (Parsing, 1);

      parsing->bytes = g_bytes_ref (bytes);
      parsing->is_page = is_page;
      parsing->promise = dex_ref (promise);
      g_thread_unref (g_thread_new ("lw-json", parse_thread, parsing));
      return DEX_FUTURE (promise);
    }
  node = parse_now (bytes, is_page, &error);
  if (node == NULL)
    return dex_future_new_for_error (g_steal_pointer (&error));
  return dex_future_new_take_boxed (JSON_TYPE_NODE, node);
}

DexFuture *
lw_parse_json (GBytes *bytes)
{
  return parse_json (bytes, FALSE);
}

DexFuture *
lw_parse_json_page (GBytes *bytes)
{
  return parse_json (bytes, TRUE);
}
