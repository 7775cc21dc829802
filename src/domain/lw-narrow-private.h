/* SPDX-License-Identifier: GPL-3.0-or-later */

#pragma once

#include "lw-narrow.h"

G_BEGIN_DECLS

#define LW_NARROW_NONE G_MAXUINT

/* Texts to numbers from 0, without case; the first spelling is kept. */
typedef struct
{
  GHashTable *numbers; /* text → its number */
  GPtrArray *texts;    /* (element-type utf8) */
} LwNarrowWords;

void lw_narrow_words_init (LwNarrowWords *self);
void lw_narrow_words_clear (LwNarrowWords *self);
guint lw_narrow_words_add (LwNarrowWords *self, const char *text);
const char *lw_narrow_words_get (LwNarrowWords *self, guint number);

typedef struct
{
  char *id;
  guint type;     /* in words, or LW_NARROW_NONE */
  guint location; /* likewise */
  guint team;     /* likewise */
  guint set;      /* of references, in sets */
} LwNarrowItem;

typedef struct
{
  char *id;
  char *parent; /* nullable */
} LwNarrowLink;

typedef struct
{
  char *scope;
  char *text; /* nullable: why, or the id of an exemption */
  guint count;
  guint set;
  JsonArray *selectors; /* nullable */
} LwNarrowMark;

struct _LwNarrow
{
  char *scope;
  char *enforcement_mode;
  GStringChunk *text;
  LwNarrowWords types;
  LwNarrowWords locations;
  LwNarrowWords teams;
  LwNarrowWords references;
  GHashTable *set_numbers; /* GBytes → number */
  GPtrArray *sets;         /* (element-type GBytes): sorted guint numbers of references */
  GArray *scratch;         /* (element-type guint) */
  GArray *items;           /* (element-type LwNarrowItem) */
  GArray *needs;           /* (element-type LwNarrowItem) */
  GArray *links;           /* (element-type LwNarrowLink) */
  GPtrArray *exclusions;   /* (element-type utf8) */
  GArray *exemptions;      /* (element-type LwNarrowMark) */
  GArray *counts;          /* (element-type LwNarrowMark) */
  GArray *barriers;        /* (element-type LwNarrowMark) */
  GPtrArray *unread;       /* (element-type utf8) */
  GPtrArray *bare_types;   /* (element-type utf8) */
  char *identity_kind;     /* nullable */
  char *identity;
  gboolean identity_unknown; /* asked for, but not with that api-version */
  gboolean partial;
  gboolean named; /* some reference has a name: it is an initiative */
};

const guint *lw_narrow_set_get (LwNarrow *self, guint set, guint *length);
guint lw_narrow_set_add (LwNarrow *self, GArray *numbers);

/* A scope in the tree. */
typedef struct
{
  const char *id;  /* as it was first spelt; not terminated */
  const char *key; /* in lower case; not terminated */
  guint length;    /* of both */
  guint hash;
  LwScopeKind kind;
  guint parent;
  guint first_child;
  guint next_sibling;
  guint begin; /* its place in the order; LW_NARROW_NONE for what lies outside */
  guint end;   /* behind the last place below it */
  guint type;  /* of the resource, or LW_NARROW_NONE where it is none */
  guint location;
  guint team;
  guint set;  /* the references that an exemption here would let off; in the question's sets */
  guint need; /* in the plan's needs, or LW_NARROW_NONE */
  guint depth;
  guint count;      /* exemptions that stand there */
  guint placed : 1; /* its parent is settled, or that it has none */
  guint real : 1;   /* it exists */
  guint excluded : 1;
  guint barred : 1;
  guint blind : 1; /* not all at or below it could be read */
} LwNarrowNode;

/* What one resource needs. */
typedef struct
{
  guint node;
  guint type;
  guint location;
  gboolean real;
  guint set; /* the references, in the question's sets */
} LwNarrowNeed;

typedef enum
{
  LW_NARROW_BY_NOTHING,
  LW_NARROW_BY_PAIR,
  LW_NARROW_BY_TYPE,
  LW_NARROW_BY_LIST,
} LwNarrowCut;

/* E(S). */
typedef struct
{
  LwNarrowCut cut;
  guint64 collateral;
  guint resources;
  guint needed;
  gboolean legal;
} LwNarrowCost;

typedef struct
{
  LwNarrow *question;
  GStringChunk *keys;
  GArray *nodes; /* (element-type LwNarrowNode) */
  GArray *table; /* (element-type guint): open addressing over nodes */
  guint root;    /* the assignment's scope */
  GArray *order; /* (element-type guint): the nodes inside, each before what lies below it */
  GArray *needs; /* (element-type LwNarrowNeed), by node's place once the plan is made */
  guint empty;   /* the set of no references */
  gboolean lost; /* resources whose place the hierarchy does not tell were left out */
} LwNarrowPlan;

LwNarrowPlan *lw_narrow_plan_new (LwNarrow *question, GPtrArray *notices, GError **error);
LwNarrowPlan *lw_narrow_plan_ref (LwNarrowPlan *self);
void lw_narrow_plan_unref (LwNarrowPlan *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (LwNarrowPlan, lw_narrow_plan_unref)

#define lw_narrow_node(plan, i) (&g_array_index ((plan)->nodes, LwNarrowNode, (i)))

char *lw_narrow_node_id (LwNarrowPlan *self, guint node);
/* The node of that id, or %LW_NARROW_NONE. */
guint lw_narrow_plan_find (LwNarrowPlan *self, const char *id);
/* The needs at or below @node are needs[@first … @last - 1]. */
void lw_narrow_plan_needs_below (LwNarrowPlan *self, guint node, guint *first, guint *last);
G_GNUC_PRINTF (3, 4)
void lw_narrow_notice (GPtrArray *notices, const char *id, const char *format, ...);
/* The node of @id, which is made where there is none; %LW_NARROW_NONE for what is no scope. @real says that
 * it exists, as does everything above it. @id has to live as long as the plan. */
guint lw_narrow_plan_ensure (LwNarrowPlan *self, const char *id, gboolean real);
/* The references of @set that are not in @other. */
guint lw_narrow_set_minus (LwNarrow *self, guint set, guint other);
guint lw_narrow_set_plus (LwNarrow *self, guint set, guint other);

/* Puts the resources and what is needed into the tree. */
gboolean lw_narrow_plan_add_items (LwNarrowPlan *self, GPtrArray *notices, GError **error);
/* Takes out what needs nothing any more: outside, excluded, exempt. After the order is there. */
void lw_narrow_plan_settle_needs (LwNarrowPlan *self, GPtrArray *notices);

/* Counts for many scopes with the same working memory. */
typedef struct _LwNarrowCounter LwNarrowCounter;
LwNarrowCounter *lw_narrow_counter_new (LwNarrowPlan *plan);
void lw_narrow_counter_free (LwNarrowCounter *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (LwNarrowCounter, lw_narrow_counter_free)
LwNarrowCost lw_narrow_count (LwNarrowCounter *self, guint node);
/* Adds what E(@node) lets off beyond the need to @affected ("type\nteam" → LwNarrowAffected). */
void lw_narrow_count_affected (LwNarrowCounter *self, guint node, GHashTable *affected);
LwNarrowExemption *lw_narrow_describe (LwNarrowCounter *self, guint node, const LwNarrowCost *cost);

/* Says what is worth knowing of the assignment, the needs, the room that is left. */
void lw_narrow_say (LwNarrowPlan *plan, const LwNarrowCost *costs, GPtrArray *notices);

/* Whether an exemption can stand at @node. */
gboolean lw_narrow_may_carry (LwNarrowPlan *self, guint node);

/* The best sets of scopes: each a GArray of guint nodes by id, in order. (transfer full) */
GPtrArray *lw_narrow_search (LwNarrowPlan *plan, const LwNarrowCost *costs);
guint lw_narrow_narrowest (LwNarrowPlan *plan, const LwNarrowCost *costs);

G_END_DECLS
