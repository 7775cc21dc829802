/* SPDX-License-Identifier: GPL-3.0-or-later */

#pragma once

#include "lw-test.h"

G_BEGIN_DECLS

/* What a server answers, and what it was asked. */
typedef struct
{
  const char *type;
  const char *body;
  guint status;
  guint fail_first; /* how many requests get @status before all is well */
  const char *retry_after;
  const char *challenge;
  const char *location;
  char *next; /* nextLink of every page */
  guint pages;
  guint seen;
  char user_agent[64]; /* of the last request */
  char request_id[64];
} LwTestScript;

/* The server's handler; its data is the script. */
void lw_test_script_play (LwTestServer *server,
                          SoupServerMessage *message,
                          const char *path,
                          GHashTable *query,
                          gpointer data);
/* One call at @base by a client of its own: its JSON. */
JsonNode *lw_test_script_call (const char *base,
                               const char *method,
                               guint deadline_ms,
                               gboolean idempotent,
                               GError **error);
/* The same for a list. */
JsonNode *lw_test_script_list (const char *base, GError **error);
/* GETs from a server with that script, which must fail with @code. @seen: (nullable) (out) */
GError *lw_test_script_expect (LwTestScript script, LwAzureError code, guint *seen);

/* Answers, in turn; the last of them to all that follow. */
typedef struct
{
  const char *const *answers;
  guint n;
} LwTestAnswers;

void lw_test_answers_play (LwTestServer *server,
                           SoupServerMessage *message,
                           const char *path,
                           GHashTable *query,
                           gpointer data);

G_END_DECLS
