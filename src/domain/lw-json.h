/* SPDX-License-Identifier: GPL-3.0-or-later */

#pragma once

#include <json-glib/json-glib.h>

G_BEGIN_DECLS

#define LW_JSON_MAX_DEPTH 64

/**
 * lw_json_parse:
 * @bytes: UTF-8 JSON text
 * @max_size: the largest size accepted, in bytes; 0 for no limit
 *
 * The one reader for JSON that comes from outside. It accepts RFC 8259 and nothing else, and refuses
 * what would be altered on the way through: invalid UTF-8, a NUL (also as an escape), lone
 * surrogates, duplicate member names, nesting deeper than %LW_JSON_MAX_DEPTH, and numbers that a
 * 64-bit integer or an IEEE double does not keep exactly. A leading byte order mark is skipped.
 *
 * Returns: (transfer full): the root, or %NULL with %LW_DOMAIN_ERROR_JSON; the message gives the line
 *   and column
 */
JsonNode *lw_json_parse (GBytes *bytes, gsize max_size, GError **error);

#define LW_JSON_DAMAGED "@leeway.damaged"

/**
 * lw_json_parse_page:
 *
 * The same for a page of a list. An object in the root's "value" or "data" that holds what would be
 * altered is read all the same: such numbers as strings, such characters as U+FFFD, the last of members
 * with the same name. It gets a member %LW_JSON_DAMAGED, a sentence about what is wrong. It is there to be
 * shown, not to be written.
 */
JsonNode *lw_json_parse_page (GBytes *bytes, gsize max_size, GError **error);

/* The same as lw_json_parse() for a NUL-terminated string. */
JsonNode *lw_json_parse_string (const char *text, GError **error);

/**
 * lw_json_canonical:
 *
 * Writes @node as RFC 8785 (JSON Canonicalization Scheme) text.
 *
 * Returns: (transfer full): UTF-8 text without a trailing newline, or %NULL with
 *   %LW_DOMAIN_ERROR_JSON where a number is not finite
 */
char *lw_json_canonical (JsonNode *node, GError **error);

/* Lower-case hex SHA-256 of the canonical text: a revision's digest. (transfer full) */
char *lw_json_digest (JsonNode *node, GError **error);

/* Human-readable text, two spaces of indentation, members in their own order. (transfer full) */
char *lw_json_pretty (JsonNode *node);

/* Getters that answer %NULL or the fallback where the member is absent, null or of another type, and
 * never log. A %NULL object is allowed. */
const char *lw_json_get_string (JsonObject *object, const char *member);
gint64 lw_json_get_int (JsonObject *object, const char *member, gint64 fallback);
gboolean lw_json_get_boolean (JsonObject *object, const char *member, gboolean fallback);
JsonObject *lw_json_get_object (JsonObject *object, const char *member);
JsonArray *lw_json_get_array (JsonObject *object, const char *member);
/* The string at @index of @array, or %NULL. */
const char *lw_json_array_get_string (JsonArray *array, guint index);
/* The object at @index of @array, or %NULL. */
JsonObject *lw_json_array_get_object (JsonArray *array, guint index);
/* The object of @node, or %NULL where it is no object. A %NULL node is allowed. */
JsonObject *lw_json_node_object (JsonNode *node);

/* Follows members by "a.b.c" through nested objects; %NULL where one is missing. (transfer none) */
JsonNode *lw_json_path (JsonObject *object, const char *path);

/* Deep copies (transfer full); %NULL gives %NULL. */
JsonObject *lw_json_object_copy (JsonObject *object);
JsonArray *lw_json_array_copy (JsonArray *array);
/* Shares nothing, unlike json_node_copy(). */
JsonNode *lw_json_node_copy (JsonNode *node);
/* A node that holds its own deep copy of @object. (transfer full) */
JsonNode *lw_json_object_to_node (JsonObject *object);

/* Sets a string member; with %NULL the member becomes null. */
void lw_json_set_string (JsonObject *object, const char *member, const char *value);

G_END_DECLS
