/* SPDX-License-Identifier: GPL-3.0-or-later */

#pragma once

#include "lw-client.h"
#include "lw-wire.h"

G_BEGIN_DECLS

#define LW_FAN_OUT 8

struct _LwClient
{
  GObject parent_instance;

  LwCloud *cloud;
  LwIdentity *identity;
  LwTransport *transport;
  GHashTable *definitions; /* definition id (lw_arm_id_hash()) → JsonObject, read in this session */
};

/* The arguments of one call, for its fiber. Strings may be %NULL. */
typedef struct
{
  LwClient *client;
  char *a;
  char *b;
  gboolean flag;
  JsonNode *body;
  GBytes *bytes;
  LwAssignment *assignment;
} LwCall;

LwCall *lw_call_new (LwClient *client, const char *a, const char *b);
void lw_call_free (gpointer data);

/* "{arm}{id}{suffix}?api-version={version}&{name}={value}…", with further pairs up to %NULL. Path and
 * values are escaped. %NULL with %LW_AZURE_ERROR_INVALID where @id is no Azure id (nor ""). */
char *lw_arm_url (LwClient *self,
                  const char *id,
                  const char *suffix,
                  const char *version,
                  GError **error,
                  ...) G_GNUC_NULL_TERMINATED;
/* "'…'" for OData filters. (transfer full) */
char *lw_odata_quote (const char *text);

/* Makes a value out of one element of an answer. (transfer full) */
typedef gpointer (*LwReadElement) (JsonNode *node, GError **error);
/* @elements as a #GPtrArray of values; elements that cannot be read are left out with a warning in the
 * trace. (transfer full) */
GPtrArray *lw_read_elements (JsonNode *elements, LwReadElement read, GDestroyNotify destroy);
/* Awaits the list at @url and reads it. Takes @url; @error may be set already where it is %NULL. */
GPtrArray *lw_client_await_list (LwClient *self,
                                 LwAudience audience,
                                 const char *url,
                                 LwReadElement read,
                                 GDestroyNotify destroy,
                                 GError **error);
DexFuture *lw_future_take_array (GPtrArray *array);

/* Starts a piece of work for @item. (transfer full) */
typedef DexFuture *(*LwStart) (LwClient *client, gpointer item, gpointer user_data);
/* What came of it: @value, or %NULL with @error. %FALSE ends it all with @failure set. */
typedef gboolean (*LwFinish) (gpointer item,
                              const GValue *value,
                              const GError *error,
                              gpointer user_data,
                              GError **failure);
/* On a fiber: works through @items, at most %LW_FAN_OUT at once. Leaving early cancels the rest. */
gboolean lw_fan_out (LwClient *self,
                     GPtrArray *items,
                     LwStart start,
                     LwFinish finish,
                     gpointer user_data,
                     GError **error);

/* Runs a Resource Graph query to its end. @above: also what lies above the scopes one sees. @limit: rows
 * after which it stops; 0 for all. Resolves to a #JsonNode array. */
DexFuture *lw_resource_graph_query (LwClient *self, const char *query, gboolean above, guint limit);
/* A KQL string literal, quotes included. %NULL with %LW_AZURE_ERROR_INVALID for control characters. */
char *lw_kql_quote (const char *text, GError **error);

/* Refusals that only mean that this person may not see it. */
gboolean lw_error_is_invisible (const GError *error);
/* Refusals of Resource Graph after which REST may still answer. */
gboolean lw_error_has_other_way (const GError *error);
/* An error of the domain's readers as %LW_AZURE_ERROR_PROTOCOL; others as they are. Takes @error. */
GError *lw_error_as_azure (GError *error);

G_END_DECLS
