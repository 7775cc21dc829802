/* SPDX-License-Identifier: GPL-3.0-or-later */

#pragma once

#include "lw-test-people.h"

G_BEGIN_DECLS

/*
 * What the tests of faults share: one tenant that gets wrong what it is told, and whole operations
 * against it. What came of them is a typed error or success; nothing hangs beyond its deadline.
 */

#define EXEMPTION(name) GROUP "/providers/Microsoft.Authorization/policyExemptions/" name
#define ON_LIST         "\"path\":\"" EVALS "/providers/*/policyexemptions\""
#define ON_EXEMPTION    "\"path\":\"*/policyexemptions/lw-*\""
#define ON_TOKEN        "\"path\":\"*/oauth2/v2.0/token\""

#define PAGE     "1"                      /* exemptions in a page */
#define SHORT_MS lw_test_patience (5000)  /* for what is answered at once */
#define LONG_MS  lw_test_patience (20000) /* for what is tried again */
/* Two tries have the time, three don't. */
#define TWO_TRIES_MS lw_test_patience (1500)
#define PAUSE_MS     lw_test_patience (1000)

extern LwTestFaulty *faulty;
extern guint n_exemptions;   /* in the list */
extern guint first_pause_ms; /* before a second try */

typedef struct
{
  LwClient *client;
  gint64 start;
  guint deadline_ms;
} Attempt;

void attempt_begin (Attempt *self, guint deadline_ms, const char *rules);
/* Nothing hung, and nothing under way holds on to the client. */
void attempt_end (Attempt *self);
GPtrArray *list_exemptions (LwClient *client, GError **error);
/* The list comes through whole. @requests: (0 for any) */
void expect_list (guint deadline_ms, const char *rules, guint requests);
/* The list fails as told. @code, @requests: (nullable) (0 for any) */
GError *expect_failure (guint deadline_ms,
                        const char *rules,
                        LwAzureError expected,
                        const char *code,
                        guint requests);
/* What Azure said is all there. */
void assert_told (const GError *error, guint status);
/* The answer of a host where nobody should have come. */
void say_nothing (LwTestServer *server,
                  SoupServerMessage *message,
                  const char *path,
                  GHashTable *query,
                  gpointer data);

void add_kinds (const char *path, const char *const *kinds, GTestDataFunc func);
/* Runs what @add_tests adds. */
int faults_main (int argc, char **argv, void (*add_tests) (void));

G_END_DECLS
