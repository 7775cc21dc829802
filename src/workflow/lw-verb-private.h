/* SPDX-License-Identifier: GPL-3.0-or-later */

#pragma once

#include "lw-refusal.h"
#include "lw-verbs.h"

G_BEGIN_DECLS

/* What a verb works with; freed when its fiber ends. */
typedef struct
{
  LwSession *session;
  LwRequest *request;     /* nullable: a copy */
  char *request_id;       /* nullable */
  char *digest;           /* nullable */
  char *text;             /* nullable: a comment, trimmed */
  JsonArray *evidence;    /* nullable: what goes with a comment or a check */
  LwRefusalText *refusal; /* nullable: a copy */
  guint control;          /* of a check: which control, from 1 */
  LwEventKind kind;
} LwVerb;

LwVerb *
lw_verb_new (LwSession *session, const char *request_id, const char *digest, const char *text);
void lw_verb_free (gpointer data);
/* Runs @func as a fiber with a stack that JSON of any depth fits on. Takes @self. Rejects with
 * %LW_AZURE_ERROR_SIGN_IN where the session is not open. Once begun it comes to its end, whoever loses
 * interest meanwhile (a page that is closed, say): nothing is cut off half-way, and libdex before 0.10.1
 * can lose all fibers where one is cancelled at the moment at which what it awaits is done. */
DexFuture *lw_verb_run (LwVerb *self, DexFiberFunc func);

/* The case with the content of @digest in force; %LW_LEDGER_ERROR_NOT_FOUND where there is no such
 * request, %LW_LEDGER_ERROR_TAKEN where other content is in force. Awaits. (transfer full) */
LwCase *lw_verb_read_case (LwVerb *self, GError **error);

/* Appends an event by the person signed in. */
DexFuture *lw_verb_append (LwSession *session, LwCase *value, LwEventKind kind, JsonObject *body);

/**
 * lw_read_assignments:
 * @strict: whether an assignment that is gone or hidden is an error; else it is left out
 *
 * The assignments of all grants with their definitions, read in parallel. One that the person may not
 * read where it stands is looked for among those that their own scope inherits. Awaits.
 *
 * Returns: (transfer full): id (lw_arm_id_hash()) → LwAssignment; %NULL with %LW_AZURE_ERROR
 */
GHashTable *
lw_read_assignments (LwSession *session, const LwRequest *request, gboolean strict, GError **error);

/* Adds a warning, "owner.gone" or "owner.disabled", where the directory says so. Awaits. */
void lw_check_owner (LwSession *session, const LwRequest *request, GPtrArray *findings);
/* Adds a warning, "policy.refuses-exemption", for each grant whose exemption a policy of the tenant would
 * refuse. Awaits. */
void lw_check_refusals (LwSession *session, const LwRequest *request, GPtrArray *findings);

/* Reads the policy again: %FALSE with %LW_DOMAIN_ERROR_NOT_ALLOWED where a grant's policy differs from
 * what the request recorded ("policy.changed"), or the request has expired. Awaits. */
gboolean lw_verify_policy (LwSession *session, const LwRequest *request, GError **error);

G_END_DECLS
