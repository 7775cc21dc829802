/* SPDX-License-Identifier: GPL-3.0-or-later */

#pragma once

#include "lw-demo-call.h"

G_BEGIN_DECLS

/**
 * LwDemoFaults:
 *
 * What the tenant is told to get wrong, as rules: {"faults": [{"do": …, "method": …, "path": …, "from":
 * …, "times": …}]}. lw_demo_faults_help() lists all that a rule may say.
 */

/* When a fault strikes. */
typedef enum
{
  LW_DEMO_FAULT_STATE,      /* as long as the rule is there */
  LW_DEMO_FAULT_CONNECTION, /* as a connection comes in */
  LW_DEMO_FAULT_BEFORE,     /* instead of what was asked: nothing is done */
  LW_DEMO_FAULT_AFTER,      /* what was asked was done; its answer suffers */
} LwDemoFaultPhase;

typedef struct _LwDemoFaultKind LwDemoFaultKind;

typedef struct
{
  const LwDemoFaultKind *kind;
  char *method;                 /* nullable: any */
  GPatternSpec *path;           /* nullable: any; of the path in lower case */
  guint from;                   /* the first request or connection that it strikes, from 1 */
  guint times;                  /* how many; 0 for all */
  guint seen;                   /* that matched */
  guint hits;                   /* that it struck */
  guint status;                 /* 0 where the rule says nothing */
  char *type;                   /* nullable */
  char *body;                   /* nullable */
  JsonObject *headers;          /* nullable */
  char *url;                    /* nullable */
  char *claims;                 /* nullable */
  char *retry_after;            /* nullable */
  gint64 seconds;               /* of "clock" and "refuse" */
  gint64 bytes;                 /* of "huge" */
  gboolean chunked;             /* "huge" does not say how long it is */
  GTlsCertificate *certificate; /* nullable */
} LwDemoFault;

struct _LwDemoFaultKind
{
  const char *name;
  LwDemoFaultPhase phase;
  const char *members; /* that it may have beyond those of all, separated by spaces */
  const char *needed;  /* nullable: likewise, that it must have */
  void (*strike) (LwDemoCall *call, const LwDemoFault *fault);
  const char *help;
};

LwDemoFaults *lw_demo_faults_new (void);
void lw_demo_faults_free (LwDemoFaults *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (LwDemoFaults, lw_demo_faults_free)
/* For --help. (transfer full) */
char *lw_demo_faults_help (void);

/* Replaces the rules by those of @object, or of the file. On an error those before stay. */
gboolean lw_demo_faults_read (LwDemoFaults *self, JsonObject *object, GError **error);
gboolean lw_demo_faults_load (LwDemoFaults *self, const char *path, GError **error);

/* Strikes where a rule says so; %TRUE where @call was answered (or never will be). */
gboolean lw_demo_faults_before (LwDemoFaults *self, LwDemoCall *call);
/* The same, once @call has its answer. Counts what was changed, too. */
void lw_demo_faults_after (LwDemoFaults *self, LwDemoCall *call);
/* (nullable) (transfer none): what the new connection meets. */
const LwDemoFault *lw_demo_faults_connection (LwDemoFaults *self);
/* (nullable) (transfer none): the rule of state called @name. */
const LwDemoFault *lw_demo_faults_state (LwDemoFaults *self, const char *name);
/* Called after each change of the rules. */
void lw_demo_faults_set_changed (LwDemoFaults *self, void (*changed) (gpointer), gpointer data);
/* Since the rules were last replaced: {"requests", "connections", "hits": [of each rule], "writes": {"PUT /path": times}} (transfer full) */
JsonObject *lw_demo_faults_stats (LwDemoFaults *self);

/* Kinds, each list ending with one that has no name: what happens to the connection (lw-demo-fault-wire.c)
 * and answers that are refusals or rubbish (lw-demo-fault-answers.c). */
extern const LwDemoFaultKind lw_demo_fault_wire_kinds[];
extern const LwDemoFaultKind lw_demo_fault_answer_kinds[];

/* lw-demo-front.c: accepts connections in the server's place, so that they can be refused or met with
 * another certificate. Frees itself with @server. */
gboolean lw_demo_front_listen (LwDemo *demo,
                               SoupServer *server,
                               GTlsCertificate *certificate,
                               guint *port,
                               GError **error);

/* lw-demo-control.c: takes rules and questions from standard input, one JSON object a line. @quit is
 * called at its end. */
void lw_demo_control_start (LwDemoFaults *faults, void (*quit) (gpointer), gpointer data);

G_END_DECLS
