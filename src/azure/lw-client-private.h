/* SPDX-License-Identifier: GPL-3.0-or-later */

#pragma once

#include "lw-client.h"
#include "lw-wire.h"

G_BEGIN_DECLS

#define LW_FAN_OUT 8

/* The types whose api-version differs between clouds, so that a session finds out which one to use. */
typedef enum
{
  LW_API_EXEMPTIONS,        /* to read exemptions, and to write over them */
  LW_API_EXEMPTIONS_CREATE, /* to create exemptions */
  LW_API_ASSIGNMENTS,
  LW_API_DEFINITIONS,
  LW_N_APIS,
  LW_API_FIXED = LW_N_APIS, /* those that are the same everywhere */
} LwApi;

struct _LwClient
{
  GObject parent_instance;

  LwCloud *cloud;
  LwIdentity *identity;
  LwTransport *transport;
  GHashTable *definitions; /* definition id (lw_arm_id_hash()) → JsonObject, read in this session */
  char *versions[LW_N_APIS]; /* that the cloud was found to know; %NULL: its own */
  gboolean
      older_is_accepted; /* somebody was told that this cloud is read by an older api-version */
  GPtrArray *notices;    /* (element-type LwNotice) */
  GHashTable *damaged;   /* id (lw_arm_id_hash()) of what was read with changes → why */
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
  GPtrArray *array;
  gconstpointer constant; /* not owned: what lives as long as the program */
} LwCall;

LwCall *lw_call_new (LwClient *client, const char *a, const char *b);
void lw_call_free (gpointer data);

/**
 * LwArmCall:
 * @api: whose api-version is used; %LW_API_FIXED for @version
 * @method: "GET", "PUT", "POST", "DELETE"
 * @id: an Azure id, or ""
 * @suffix: (nullable): what follows it
 * @query: (nullable): %NULL-terminated names and values, unescaped
 * @body: (nullable)
 * @oldest: (nullable): the api-version that knows all of @body; older ones are refused
 * @overwrites: whether lw_client_may_overwrite() is asked
 */
typedef struct
{
  LwApi api;
  const char *version;
  const char *method;
  const char *id;
  const char *suffix;
  const char *const *query;
  JsonNode *body;
  const char *oldest;
  gboolean overwrites;
} LwArmCall;

/* "{arm}{id}{suffix}?api-version={version}&{name}={value}…". Path and values are escaped. %NULL with
 * %LW_AZURE_ERROR_INVALID where the id is no Azure id (nor ""). */
char *lw_arm_url (LwClient *self, const LwArmCall *call, GError **error);
/**
 * lw_arm_await:
 *
 * On a fiber: sends the call and awaits its JSON. Where the cloud does not know the api-version it is
 * asked again with one that it knows, which is then used for the rest of the session (see
 * lw_client_get_notices()); Resource Manager refuses such calls before anything is done. An api-version
 * that is not known is never %LW_AZURE_ERROR_NOT_FOUND.
 */
JsonNode *lw_arm_await (LwClient *self, const LwArmCall *call, GError **error);
/* The same for a list: follows its next links. */
LwPage *lw_arm_await_page (LwClient *self,
                           const LwArmCall *call,
                           const LwPageReader *reader,
                           GError **error);
/* The same as lw_client_take_page() gives them. */
GPtrArray *lw_arm_await_values (LwClient *self,
                                const LwArmCall *call,
                                LwReadElement read,
                                GDestroyNotify destroy,
                                GError **error);
/* The same as JSON: a node that holds an array. */
JsonNode *lw_arm_await_list (LwClient *self, const LwArmCall *call, GError **error);
/* The same for what has no body: the status of the answer, or 0 with @error. */
guint lw_arm_await_status (LwClient *self, const LwArmCall *call, GError **error);

/* Api-versions (lw-api-version.c) */

/* Whether @error says that the cloud does not know the api-version that was used. */
gboolean lw_error_is_version (const GError *error);
/* The api-versions that Azure lists in such a refusal, oldest first; empty where it lists none.
 * (transfer full) */
GStrv lw_versions_in_message (const char *message);
/* What to use instead of @version: the newest of @offered (where that is empty, of those that are known
 * for @api) before it, else the oldest after it. (nullable) (transfer full) */
char *lw_version_instead (LwApi api, const char *version, const char *const *offered);
const char *lw_client_version (LwClient *self, LwApi api);
/* After a refusal of @used: whether there is another one to try now. */
gboolean
lw_client_change_version (LwClient *self, LwApi api, const char *used, const GError *error);
/* Whether exemptions are read by an older api-version than the cloud is said to know. */
gboolean lw_client_reads_older (LwClient *self);

/* Adds a notice unless one with that id is there. */
void lw_client_add_notice (LwClient *self, const char *id, const char *message);

/* "'…'" for OData filters. (transfer full) */
char *lw_odata_quote (const char *text);

/* The values of a page, with a notice where elements could not be read or were read with changes.
 * (transfer full) */
GPtrArray *lw_client_take_page (LwClient *self, LwPage *page);
/* Awaits a list and reads it; for a fiber to end with. */
DexFuture *lw_arm_list_future (LwClient *self,
                               const LwArmCall *call,
                               LwReadElement read,
                               GDestroyNotify destroy);
/* @array (nullable), or @error where there is none. Takes both. */
DexFuture *lw_future_take_array (GPtrArray *array, GError *error);

/**
 * LwEverywhere:
 * @query: Resource Graph's, whose rows are the objects themselves
 * @scopes: the scopes to ask one by one where that cannot be used (transfer full), or %NULL with an error
 * @call: fills in the list call for a scope
 * @read: makes a value of an object
 *
 * How to find all objects of a kind in the tenant.
 */
typedef struct
{
  const char *query;
  GPtrArray *(*scopes) (LwClient *self, GError **error);
  void (*call) (const char *scope, LwArmCall *call);
  LwReadElement read;
  GDestroyNotify destroy;
  const char *(*id_of) (gpointer value);
} LwEverywhere;

/* By Resource Graph, else by REST at each scope, each object once. Resolves to a boxed #GPtrArray. */
DexFuture *lw_client_find_everywhere (LwClient *self, const LwEverywhere *kind);

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
 * after which it stops; 0 for all. @read: (nullable): of its rows. Resolves to a #LwPage. */
DexFuture *lw_resource_graph_query (LwClient *self,
                                    const char *query,
                                    gboolean above,
                                    guint limit,
                                    LwReadElement read,
                                    GDestroyNotify destroy);
/* A KQL string literal, quotes included. %NULL with %LW_AZURE_ERROR_INVALID for control characters. */
char *lw_kql_quote (const char *text, GError **error);

/* Refusals that only mean that this person may not see it. */
gboolean lw_error_is_invisible (const GError *error);
/* Refusals of Resource Graph after which REST may still answer. */
gboolean lw_error_has_other_way (const GError *error);
/* An error of the domain's readers as %LW_AZURE_ERROR_PROTOCOL; others as they are. Takes @error. */
GError *lw_error_as_azure (GError *error);

/* A request of the Blob service. @create: only where nothing is there. */
DexFuture *lw_client_send_blob (LwClient *self,
                                const char *method,
                                const char *url,
                                gboolean create,
                                GBytes *body,
                                gboolean idempotent);

G_END_DECLS
