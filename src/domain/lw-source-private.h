/* SPDX-License-Identifier: GPL-3.0-or-later */

#pragma once

#include "lw-request.h"

G_BEGIN_DECLS

/*
 * An object being read, member by member. Every function answers %FALSE with %LW_DOMAIN_ERROR_TYPE where
 * the member has another type than its own; the message names its path. Absent and null are the same,
 * and leave @out as it was.
 */
typedef struct
{
  JsonObject *object;
  const char *path; /* "" for the root, else as in "grants[0]" */
  GError **error;
} LwSource;

/* Reads one element of a list; %NULL with an error. */
typedef gpointer (*LwSourceElement) (LwSource *source);

gboolean lw_source_text (LwSource *self, const char *member, char **out);
gboolean lw_source_integer (LwSource *self, const char *member, gint64 max, gint64 *out);
gboolean lw_source_boolean (LwSource *self, const char *member, gboolean *out);
gboolean lw_source_object (LwSource *self, const char *member, JsonObject **out);
gboolean lw_source_array (LwSource *self, const char *member, JsonArray **out);
/* Appends to @out. */
gboolean lw_source_strings (LwSource *self, const char *member, GPtrArray *out);
gboolean lw_source_list (LwSource *self, const char *member, LwSourceElement read, GPtrArray *out);
gboolean lw_source_person (LwSource *self, const char *member, LwPerson **out);

/* The member, or %NULL where it is absent or null. */
JsonNode *lw_source_get (LwSource *self, const char *member);
/* The path of a member. (transfer full) */
char *lw_source_path_of (LwSource *self, const char *member);
/* Always %FALSE: "“path” must be a string." */
gboolean lw_source_wrong_type (LwSource *self, const char *path, const char *expected);
gboolean lw_source_wrong_member (LwSource *self, const char *member, const char *expected);

/* The first @max characters of @text, with "…" where there are more; "" for %NULL. (transfer full) */
char *lw_excerpt (const char *text, guint max);

/* Whether everything in the tree, known member or not, has a canonical form that keeps it: no integer
 * beyond ±2^53, and room to be wrapped in an event. */
gboolean lw_source_check_tree (JsonNode *node, GError **error);

G_END_DECLS
