/* SPDX-License-Identifier: GPL-3.0-or-later */

#pragma once

#include <json-glib/json-glib.h>
#include <libdex.h>

G_BEGIN_DECLS

/* Makes a value out of one element of a list (transfer full); %NULL without @error where there is none to
 * make. It is called on other threads, and what it makes shares nothing with @node. */
typedef gpointer (*LwReadElement) (JsonNode *node, GError **error);

/**
 * LwPageReader:
 * @member: of the page, the list
 * @read: (nullable): of its elements; without it they stay #JsonNode, and what would be altered is refused
 * @destroy: frees what @read makes
 */
typedef struct
{
  const char *member;
  LwReadElement read;
  GDestroyNotify destroy;
} LwPageReader;

/* An element that holds what would be altered: it was read as far as it can be. */
typedef struct
{
  char *id; /* or its name, or "?" */
  char *reason;
} LwDamage;

/**
 * LwPage:
 * @rest: (nullable): the page without its list: links and the like
 * @values: (nullable): what the elements are; %NULL where there is no list
 * @damages: (element-type LwDamage)
 * @left_out: how many elements could not be read
 *
 * What one page of a list, or several, came to. Nobody changes it but who put it together.
 */
typedef struct
{
  JsonObject *rest;
  GPtrArray *values;
  GPtrArray *damages;
  guint left_out;
} LwPage;

#define LW_TYPE_PAGE (lw_page_get_type ())
GType lw_page_get_type (void);

/* An empty list. */
LwPage *lw_page_new (const LwPageReader *reader);
LwPage *lw_page_ref (LwPage *self);
void lw_page_unref (LwPage *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (LwPage, lw_page_unref)

/* Moves what is on @page behind what is in @self; for the only one who looks at @page. */
void lw_page_append (LwPage *self, LwPage *page);

/* Those of a reader without @read as a #JsonNode array. (transfer full) */
JsonNode *lw_page_to_array (LwPage *self);

/* Resolves to a #LwPage; large texts are read on a thread of their own, down to the values. Rejects with
 * %LW_AZURE_ERROR_PROTOCOL. */
DexFuture *lw_page_read (GBytes *bytes, const LwPageReader *reader);
/* The same for what was parsed already. Takes @node. (transfer full) */
LwPage *lw_page_from_node (JsonNode *node, const LwPageReader *reader);

G_END_DECLS
