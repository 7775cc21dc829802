/* SPDX-License-Identifier: GPL-3.0-or-later */

#pragma once

#include "lw-demo-tenant.h"

#include <libsoup/soup.h>
#include <stdio.h>

G_BEGIN_DECLS

/* Who a token speaks for, and where. */
typedef struct
{
  LwDemoPerson *person;
  char *audience;
  GStrv scopes;          /* "scp"; empty for applications */
  gboolean any_audience; /* the token of a persona in the line that is printed */
  gboolean application;
} LwDemoCaller;

void lw_demo_caller_free (LwDemoCaller *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (LwDemoCaller, lw_demo_caller_free)

typedef struct _LwDemoFaults LwDemoFaults;

typedef struct
{
  LwDemoTenant *tenant;
  LwDemoFaults *faults;  /* nullable: all goes well */
  int secrets;           /* where to write down what is secret; -1 for nowhere */
  guint64 tokens_issued; /* access tokens so far, and those of them that are good no longer */
  guint64 tokens_ended;
  guint8 key[32]; /* signs the tokens of this run */
  guint token_seconds;
  guint page_size;          /* of exemptions and policy states */
  char *auto_sign_in;       /* nullable */
  guint quota;              /* calls before a caller is throttled; 0 for never */
  GHashTable *buckets;      /* nullable: what is left of them */
  GStrv exemption_versions; /* nullable: the only api-versions of exemptions there are here */
  GStrv policy_versions;    /* nullable: the same for assignments, definitions and sets */
  FILE *record;             /* nullable: where calls and answers are written down */
  GHashTable *codes;        /* authorization code → LwDemoGrant */
  GHashTable *refresh;      /* refresh token → LwDemoGrant */
  GHashTable *devices;      /* device code → LwDemoGrant */
  GHashTable *assertions;   /* ids of client assertions seen */
  GPtrArray *certificates;  /* nullable: of applications */
  guint device_seconds;     /* how long a device code is good */
  guint device_interval;    /* seconds */
  GHashTable *containers;   /* name → LwDemoContainer */
  /* What the last query found, for the pages that follow it. */
  char *rows_key;
  GPtrArray *rows;
  GArray *states;
  guint states_serial;
  gint64 states_until; /* monotonic */
} LwDemo;

/* One request and its answer. */
typedef struct
{
  LwDemo *demo;
  LwDemoTenant *tenant;
  SoupServerMessage *message;
  const char *method;
  GStrv path; /* decoded, without empty parts */
  guint n_path;
  GHashTable *query;    /* lower-case name → value */
  LwDemoCaller *caller; /* nullable */
  char *request_id;
  char *base; /* "http://127.0.0.1:8080": as the client addressed us */
} LwDemoCall;

gboolean lw_demo_call_is (LwDemoCall *self, const char *method);
/* Whether the part of the path equals @text without case. */
gboolean lw_demo_call_path_is (LwDemoCall *self, guint i, const char *text);
/* "/a/b" of the first @n parts. (transfer full) */
char *lw_demo_call_path (LwDemoCall *self, guint n);
const char *lw_demo_call_query (LwDemoCall *self, const char *name);
guint lw_demo_call_query_uint (LwDemoCall *self, const char *name, guint fallback);
const char *lw_demo_call_header (LwDemoCall *self, const char *name);
void lw_demo_call_set_header (LwDemoCall *self, const char *name, const char *value);
/* The body as JSON; %NULL with a sentence in @error. (transfer full) */
JsonObject *lw_demo_call_body (LwDemoCall *self, GError **error);
/* The body as a form: name → value. (transfer full) */
GHashTable *lw_demo_call_form (LwDemoCall *self);
GHashTable *lw_demo_parse_form (const char *text, gboolean lower_names);

/* Answers. @text is taken. */
void lw_demo_call_reply (LwDemoCall *self, guint status, const char *type, char *text);
void lw_demo_call_reply_json (LwDemoCall *self, guint status, char *text);
void lw_demo_call_reply_object (LwDemoCall *self, guint status, JsonObject *object);
void lw_demo_call_reply_empty (LwDemoCall *self, guint status);
/* Resource Manager's own errors, and those of the provider behind it. */
void lw_demo_call_fail_gateway (LwDemoCall *self,
                                guint status,
                                const char *code,
                                const char *format,
                                ...) G_GNUC_PRINTF (4, 5);
void lw_demo_call_fail (LwDemoCall *self, guint status, const char *code, const char *format, ...)
    G_GNUC_PRINTF (4, 5);
void lw_demo_call_fail_not_found (LwDemoCall *self);
void lw_demo_call_fail_method (LwDemoCall *self);
/* 403 AuthorizationFailed */
void lw_demo_call_fail_right (LwDemoCall *self, const char *action, const char *scope);
/* FALSE, having answered 403, where the caller lacks the right. */
gboolean lw_demo_call_need (LwDemoCall *self, const char *action, LwDemoScope *scope);
/* FALSE, having answered 404, where the scope does not exist. */
gboolean lw_demo_call_need_scope (LwDemoCall *self, LwDemoScope *scope);
/* x-ms-ratelimit-remaining-… for the kind of scope and call. */
void lw_demo_call_count (LwDemoCall *self, gboolean tenant_wide);

/* Tokens */
typedef enum
{
  LW_DEMO_AUDIENCE_NONE,
  LW_DEMO_AUDIENCE_ARM,
  LW_DEMO_AUDIENCE_GRAPH,
  LW_DEMO_AUDIENCE_STORAGE,
} LwDemoAudience;

LwDemoAudience lw_demo_audience (LwDemo *demo, const char *resource, const char *base);
char *lw_demo_token_new (LwDemo *demo,
                         LwDemoPerson *person,
                         gboolean application,
                         const char *audience,
                         const char *scp,
                         gboolean capable,
                         const char *base);
char *lw_demo_token_new_for_persona (LwDemo *demo, LwDemoPerson *person, const char *base);
char *lw_demo_token_sign (LwDemo *demo, JsonObject *claims);
/* Fills self->caller from the Authorization header; a sentence where the token is no good. */
gboolean lw_demo_call_authenticate (LwDemoCall *self, LwDemoAudience wanted, char **problem);
/* Seconds since 1970 by the tenant's clock, which need not be right. */
gint64 lw_demo_clock (LwDemo *demo);
/* Writes @text (nullable) down, where asked to: tests look for it where it must not be. */
void lw_demo_note_secret (LwDemo *demo, const char *kind, const char *text);
char *lw_demo_base64url (gconstpointer data, gsize length);
char *lw_demo_random_text (guint bytes);

/* Registers a certificate, given as "APPID=FILE". */
gboolean lw_demo_assertion_register (LwDemo *demo, const char *text, GError **error);

/* The parts of the tenant; each answers the call. */
void lw_demo_entra_start (LwDemo *demo);
void lw_demo_entra_handle (LwDemoCall *self);
gboolean lw_demo_entra_owns (LwDemoCall *self);
void lw_demo_metadata_handle (LwDemoCall *self);
void lw_demo_arm_handle (LwDemoCall *self);
void lw_demo_groups_handle (LwDemoCall *self);
void lw_demo_entities_handle (LwDemoCall *self);
/* @rest: the parts of the path after the name */
void lw_demo_policy_handle (LwDemoCall *self,
                            LwDemoPolicyKind kind,
                            LwDemoScope *scope,
                            const char *name,
                            guint rest);
void lw_demo_exemptions_handle (LwDemoCall *self, LwDemoScope *scope, const char *name);
void lw_demo_states_handle (LwDemoCall *self, LwDemoScope *scope, guint rest);
void lw_demo_resource_graph_handle (LwDemoCall *self);
void lw_demo_graph_handle (LwDemoCall *self);
void lw_demo_blob_handle (LwDemoCall *self);
void lw_demo_blob_start (LwDemo *demo);
/* Writes the call and its answer down, where that was asked for. */
void lw_demo_record (LwDemoCall *self);
void lw_demo_page (LwDemoCall *self, GHashTable *parameters, const char *hint);
void lw_demo_page_error (LwDemoCall *self, const char *code, const char *text);
JsonObject *lw_demo_resource_json (const LwDemoNode *node);

G_END_DECLS
