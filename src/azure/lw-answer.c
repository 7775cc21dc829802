/* SPDX-License-Identifier: GPL-3.0-or-later */

/* What came over the wire: answers, and the JSON in them. */

#include "config.h"

#include <glib/gi18n-lib.h>

#include "lw-json.h"
#include "lw-wire.h"
#include "lw-work.h"

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

JsonNode *
lw_read_json (GBytes *bytes, gboolean is_page, GError **error)
{
  g_autoptr (GError) local = NULL;
  JsonNode *node;

  if (g_bytes_get_size (bytes) == 0)
    return json_node_new (JSON_NODE_NULL);
  node = is_page ? lw_json_parse_page (bytes, LW_MAX_BODY, &local)
                 : lw_json_parse (bytes, LW_MAX_BODY, &local);
  if (node == NULL)
    g_set_error (error, LW_AZURE_ERROR, LW_AZURE_ERROR_PROTOCOL,
                 _ ("Azure's answer cannot be read: %s"), local->message);
  return node;
}

static gpointer
parse (gpointer data, GError **error)
{
  return lw_read_json (data, FALSE, error);
}

DexFuture *
lw_parse_json (GBytes *bytes)
{
  return lw_work (parse, g_bytes_ref (bytes), (GDestroyNotify) g_bytes_unref, JSON_TYPE_NODE,
                  g_bytes_get_size (bytes) <= LW_BIG_TEXT);
}
