/* SPDX-License-Identifier: GPL-3.0-or-later */

#pragma once

#include <json-glib/json-glib.h>

G_BEGIN_DECLS

/*
 * Reading and writing JSON without surprises: json-glib's own getters complain when a member has
 * another type than expected, which input from outside may well have.
 */

/* The member when it is a string, an object, an array; else %NULL. (transfer none) */
const char *lw_demo_json_string (JsonObject *object, const char *name);
JsonObject *lw_demo_json_object (JsonObject *object, const char *name);
JsonArray *lw_demo_json_array (JsonObject *object, const char *name);
gint64 lw_demo_json_int (JsonObject *object, const char *name, gint64 fallback);
gboolean lw_demo_json_bool (JsonObject *object, const char *name, gboolean fallback);
/* The @i-th element when it is a string or an object; else %NULL. (transfer none) */
const char *lw_demo_json_string_at (JsonArray *array, guint i);
JsonObject *lw_demo_json_object_at (JsonArray *array, guint i);

/* (transfer full) */
JsonNode *lw_demo_json_copy (JsonNode *node);
JsonObject *lw_demo_json_copy_object (JsonObject *object);
/* Moves @child into @object. */
void lw_demo_json_set_object (JsonObject *object, const char *name, JsonObject *child);
/* Compact text. (transfer full) */
char *lw_demo_json_object_text (JsonObject *object);
char *lw_demo_json_node_text (JsonNode *node);
/* Parses an object no deeper than 64; %NULL with a sentence in @error. (transfer full) */
JsonObject *lw_demo_json_parse (const char *data, gsize length, GError **error);

G_END_DECLS
