/* SPDX-License-Identifier: GPL-3.0-or-later */

#pragma once

#include <json-glib/json-glib.h>

G_BEGIN_DECLS

/* The object of @node where it has a text under @id_member, else %NULL with %LW_DOMAIN_ERROR_TYPE that
 * says that Azure answered a @what without it. (transfer none) */
JsonObject *
lw_azure_object (JsonNode *node, const char *what, const char *id_member, GError **error);

/* Appends copies of the strings of @array, which may be %NULL. */
void lw_strings_append (GPtrArray *strings, JsonArray *array);

/* The member "name", else the last segment of @id. (transfer full) */
char *lw_name_of (JsonObject *object, const char *id);

/* A copy of @text, or of @fallback where it is %NULL or empty. */
char *lw_text_or (const char *text, const char *fallback);

G_END_DECLS
