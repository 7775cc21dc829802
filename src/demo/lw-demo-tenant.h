/* SPDX-License-Identifier: GPL-3.0-or-later */

#pragma once

#include <gio/gio.h>
#include <json-glib/json-glib.h>

G_BEGIN_DECLS

/*
 * The simulated organisation: what it owns, who works there and what they may do. Ids are kept as
 * written; a "key" is the lower-case id, since Azure compares ids without case.
 */

typedef enum
{
  LW_DEMO_ROOT,  /* "/": above all management groups */
  LW_DEMO_GROUP, /* management group */
  LW_DEMO_SUBSCRIPTION,
  LW_DEMO_RESOURCE_GROUP,
  LW_DEMO_RESOURCE,
} LwDemoKind;

typedef struct _LwDemoNode LwDemoNode;
struct _LwDemoNode
{
  LwDemoKind kind;
  char *id;
  char *key;
  char *name;
  char *display;
  char *type;
  char *location;      /* nullable */
  JsonObject *tags;    /* nullable */
  JsonObject *extra;   /* nullable: sku, kind, properties, identity of a resource */
  LwDemoNode *parent;  /* %NULL for the root management group */
  GPtrArray *children; /* (element-type LwDemoNode), not owned */
  GPtrArray *fails;    /* (element-type utf8) reference ids or assignment names; resources */
};

/* A scope named in a path; what it names need not exist. */
typedef struct
{
  LwDemoKind kind;
  char *id;
  char *key;
  LwDemoNode *node;   /* exactly this scope, or %NULL where it does not exist */
  LwDemoNode *anchor; /* its subscription or management group, or %NULL */
} LwDemoScope;

void lw_demo_scope_free (LwDemoScope *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (LwDemoScope, lw_demo_scope_free)

typedef enum
{
  LW_DEMO_DEFINITION,
  LW_DEMO_SET,
  LW_DEMO_ASSIGNMENT,
  LW_DEMO_N_POLICY_KINDS,
} LwDemoPolicyKind;

/* A definition, a set or an assignment. */
typedef struct
{
  LwDemoPolicyKind kind;
  LwDemoScope *scope; /* kind %LW_DEMO_ROOT: built-in */
  char *id;
  char *key;
  char *name;
  JsonObject *properties;
  JsonObject *system;   /* nullable: systemData */
  JsonObject *extra;    /* nullable: location, identity */
  GPtrArray *types;     /* (element-type utf8) lower-case types it looks at; definitions */
  gboolean by_rule;     /* whether its rule decides who fails; definitions */
  GHashTable *versions; /* nullable: "1.0.0" → JsonObject, properties of other versions */
} LwDemoPolicy;

/* One exemption; its text is what a GET answers with. */
typedef struct
{
  LwDemoScope *scope;
  char *id;
  char *key;
  char *name;
  char *assignment; /* lower-case id */
  GStrv references; /* nullable */
  gint64 expires;   /* seconds since 1970, %G_MAXINT64 when it never ends */
  gboolean newer;   /* has members that older api-versions hide */
  char *text;
} LwDemoExemption;

typedef struct
{
  char *name;
  char *id;
  GStrv actions;
  GStrv not_actions;
} LwDemoRole;

typedef struct
{
  LwDemoRole *role; /* not owned */
  LwDemoScope *scope;
} LwDemoRoleAssignment;

/* Someone in the directory, or an application. */
typedef struct
{
  char *oid;
  char *upn;
  char *name;
  char *app_id;     /* applications only */
  char *secret;     /* applications only */
  char *old_secret; /* applications only: one that has expired */
  char *manager;    /* upn, nullable */
  char *title;      /* what a persona is in the demo, nullable */
  gboolean persona;
  JsonObject *json;
  GPtrArray *roles;  /* (element-type LwDemoRoleAssignment) */
  GPtrArray *groups; /* (element-type utf8) */
} LwDemoPerson;

typedef struct
{
  char *id;
  char *name;
  char *domain;
  char *client_id;
  char *account;
  char *ledger;      /* nullable: first part of the containers' names */
  JsonObject *rules; /* nullable */
  char *rules_by;    /* nullable: upn */
  char *rules_at;
  gint64 started;    /* "now" at start, in microseconds since 1970 */
  gint64 started_at; /* monotonic */

  LwDemoNode *root;  /* the root management group */
  GHashTable *nodes; /* key → LwDemoNode, owned */
  GPtrArray *groups; /* (element-type LwDemoNode) parents first */
  GPtrArray *subscriptions;
  GPtrArray *resources; /* in order of id */
  GHashTable *roles;    /* name → LwDemoRole */
  GPtrArray *people;    /* (element-type LwDemoPerson) */
  GPtrArray *denials;   /* (element-type JsonObject) deny assignments as they are shown */
  GHashTable *policies; /* key → LwDemoPolicy, owned */
  GPtrArray *by_kind[LW_DEMO_N_POLICY_KINDS];
  GHashTable *exemptions;    /* key → LwDemoExemption, owned */
  GPtrArray *exemption_list; /* in order of creation */
  guint extra_states;        /* compliance rows beyond those of the data */
  guint serial;              /* grows with each change of policies or exemptions */
} LwDemoTenant;

/* An empty one; the loader fills it. */
LwDemoTenant *lw_demo_tenant_new (gint64 now);
void lw_demo_store_init (LwDemoTenant *self);
void lw_demo_store_clear (LwDemoTenant *self);

/* Reads the file and those it includes; @now is in microseconds since 1970, dates in the files are
 * relative to it. */
LwDemoTenant *lw_demo_tenant_load (const char *path, gint64 now, GError **error);
void lw_demo_tenant_free (LwDemoTenant *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (LwDemoTenant, lw_demo_tenant_free)

/* The tenant's clock, microseconds since 1970. */
gint64 lw_demo_tenant_now (LwDemoTenant *self);
/* "2024-03-27T20:46:02.9220769Z": as Azure stamps, without trailing zeros. (transfer full) */
char *lw_demo_stamp (gint64 microseconds);
/* "2024-03-27T20:46:02Z" (transfer full) */
char *lw_demo_stamp_seconds (gint64 microseconds);
char *lw_demo_uuid (const char *seed);

LwDemoNode *lw_demo_tenant_get_node (LwDemoTenant *self, const char *id);
LwDemoNode *lw_demo_tenant_add_node (LwDemoTenant *self,
                                     LwDemoKind kind,
                                     LwDemoNode *parent,
                                     const char *id,
                                     const char *name,
                                     const char *display,
                                     const char *type,
                                     const char *location);
/* What the path names; %NULL where it is no scope at all. */
LwDemoScope *lw_demo_tenant_scope (LwDemoTenant *self, const char *path);
/* Whether @inner is @outer or below it. */
gboolean lw_demo_scope_within (const LwDemoScope *inner, const LwDemoScope *outer);
gboolean lw_demo_node_within (const LwDemoNode *inner, const LwDemoScope *outer);

LwDemoPerson *lw_demo_tenant_find_person (LwDemoTenant *self, const char *oid_upn_or_name);
LwDemoPerson *lw_demo_tenant_find_app (LwDemoTenant *self, const char *app_id);
gboolean lw_demo_person_can (LwDemoPerson *self, const char *action, const LwDemoScope *scope);
gboolean lw_demo_person_can_node (LwDemoPerson *self, const char *action, const LwDemoNode *node);
gboolean lw_demo_person_in_group (LwDemoPerson *self, const char *group);

LwDemoPolicy *lw_demo_tenant_get_policy (LwDemoTenant *self, const char *id);
/* Takes @properties, @system and @extra; replaces what has the same id. (transfer none) */
LwDemoPolicy *lw_demo_tenant_put_policy (LwDemoTenant *self,
                                         LwDemoPolicyKind kind,
                                         LwDemoScope *scope,
                                         const char *name,
                                         JsonObject *properties,
                                         JsonObject *system,
                                         JsonObject *extra);
void lw_demo_tenant_remove_policy (LwDemoTenant *self, LwDemoPolicy *policy);
const char *lw_demo_policy_type (LwDemoPolicyKind kind);
char *lw_demo_policy_id (LwDemoPolicyKind kind, const char *scope_id, const char *name);
gboolean lw_demo_policy_is_set_id (const char *definition_id);
/* The effect of one definition as parameters and overrides of the assignment leave it, lower case;
 * @reference_id is %NULL for the assignment of a single definition. (transfer full) (nullable) */
char *lw_demo_assignment_effect (LwDemoTenant *self,
                                 LwDemoPolicy *assignment,
                                 JsonObject *set_member,
                                 LwDemoPolicy *definition);
gboolean lw_demo_assignment_covers (LwDemoPolicy *assignment, const LwDemoNode *node);

LwDemoExemption *lw_demo_tenant_get_exemption (LwDemoTenant *self, const char *id);
/* @properties and @system are read, not taken. Replaces what has the same id. (transfer none) */
LwDemoExemption *lw_demo_tenant_put_exemption (LwDemoTenant *self,
                                               LwDemoScope *scope,
                                               const char *name,
                                               JsonObject *properties,
                                               JsonObject *system);
/* For many at once: takes @scope and @text, the whole object; the name must be new. @reference may be
 * %NULL. */
void lw_demo_tenant_add_exemption_text (LwDemoTenant *self,
                                        LwDemoScope *scope,
                                        const char *name,
                                        const char *assignment,
                                        const char *reference,
                                        gint64 expires,
                                        char *text);
void lw_demo_tenant_remove_exemption (LwDemoTenant *self, LwDemoExemption *exemption);

/* Adds what load tests need, the same at every start. */
void lw_demo_tenant_grow_exemptions (LwDemoTenant *self, guint count);

G_END_DECLS
