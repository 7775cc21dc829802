/* SPDX-License-Identifier: GPL-3.0-or-later */

#pragma once

#include <json-glib/json-glib.h>
#include <libdex.h>
#include <libsoup/soup.h>

#include "lw-client.h"

G_BEGIN_DECLS

#define LW_TEST_TOKEN  "opaque-token-that-must-not-leak-0123456789"
#define LW_TEST_TENANT "5e7c0a10-0000-4000-8000-000000000001"
#define LW_TEST_CLIENT "c11e0000-0000-4000-8000-000000000002"

/* Writes @value down for tests/secrets-check, where LEEWAY_DEMO_SECRETS names a folder for that. */
void lw_test_note_secret (const char *kind, const char *value);

/* @ms, or more where LEEWAY_TEST_SLOWNESS says how many times slower than usual things are. */
guint lw_test_patience (guint ms);

/* Runs the main loop until @future (transfer full) is settled; fails the test after 30 seconds. */
DexFuture *lw_test_settle (DexFuture *future);
/* The same, and takes what it resolved to; %NULL with @error where it was rejected. */
gpointer lw_test_boxed (DexFuture *future, GError **error);
char *lw_test_string (DexFuture *future, GError **error);
gboolean lw_test_boolean (DexFuture *future, GError **error);
/* Runs the main loop until @done or 30 seconds have passed. */
void lw_test_until (gboolean (*done) (gpointer), gpointer user_data);

/**
 * LwTestServer:
 *
 * A server on a port of its own that answers as @handler says and keeps what it was asked.
 */
typedef struct _LwTestServer LwTestServer;
typedef void (*LwTestHandler) (LwTestServer *self,
                               SoupServerMessage *message,
                               const char *path,
                               GHashTable *query,
                               gpointer user_data);
struct _LwTestServer
{
  SoupServer *server;
  char *base;                /* "http://127.0.0.1:port" */
  GPtrArray *requests;       /* "GET /path?query" */
  GPtrArray *authorizations; /* of each request; "" where there was none */
  GPtrArray *bodies;         /* of each request, as text */
  LwTestHandler handler;
  gpointer user_data;
};
LwTestServer *lw_test_server_new (LwTestHandler handler, gpointer user_data);
void lw_test_server_free (LwTestServer *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (LwTestServer, lw_test_server_free)
void lw_test_answer (SoupServerMessage *message, guint status, const char *type, const char *body);

/* A listener that answers every connection with the same bytes, whatever is asked, and then closes it
 * or, with @stall, lets it hang. */
typedef struct
{
  GSocket *socket;
  GThread *thread;
  GCancellable *cancellable;
  char *base;
  char *bytes;
  gboolean stall;
  GTlsCertificate *certificate; /* nullable */
  int connections;              /* atomic */
  GPtrArray *held;
} LwTestRaw;
LwTestRaw *lw_test_raw_new (const char *bytes, gboolean stall);
LwTestRaw *lw_test_raw_new_tls (const char *bytes, gboolean stall, GTlsCertificate *certificate);
void lw_test_raw_free (LwTestRaw *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (LwTestRaw, lw_test_raw_free)

/* A profile whose endpoints are all @base. */
LwProfile *lw_test_profile (const char *base, const char *ca_file);
/* A client with %LW_TEST_TOKEN against @base, that gives up after @deadline_ms. */
LwClient *lw_test_client (const char *base, guint deadline_ms);

/* A call of "@base/thing" by @client: its JSON. */
JsonNode *lw_test_call (LwClient *client,
                        const char *base,
                        const char *method,
                        gboolean idempotent,
                        GError **error);

/* Fail the test where @error does not say @text, or does. */
void lw_test_says (const GError *error, const char *text);
void lw_test_keeps_quiet (const GError *error, const char *text);

/* Canonical text, to compare with. */
char *lw_test_canonical (JsonNode *node);
/* "$LEEWAY_SHARED/azure/@name", or beside the source; %NULL where it is not there. */
char *lw_test_shared (const char *name);
JsonNode *lw_test_load_json (const char *path);

G_END_DECLS
