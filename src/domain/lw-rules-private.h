/* SPDX-License-Identifier: GPL-3.0-or-later */

#pragma once

#include "lw-rules.h"

G_BEGIN_DECLS

/* What rules are made of; lw-rules-read.c fills it. */

#define LW_SCOPE_KINDS 4

enum
{
  LW_WAIVER,
  LW_MITIGATED,
  LW_CATEGORIES,
};

/* People who may approve within a scope, under an assignment; %NULL stands for all. */
typedef struct
{
  char *scope;
  char *assignment;
  GPtrArray *people; /* (element-type LwPerson) */
} LwApprovers;

struct _LwRules
{
  JsonObject *json;
  gint64 max_days[LW_CATEGORIES][LW_SCOPE_KINDS];
  gint64 approvals[LW_SCOPE_KINDS];
  GHashTable *policies; /* assignment id → approvals */
  gint64 min_controls[LW_CATEGORIES];
  gint64 max_renewals;
  gint64 pending_days;
  gint64 emergency_approvals;
  gint64 emergency_hours;
  gint64 evidence_mib;
  gboolean owner_may_approve;
  gboolean whole_initiative;
  GArray *reminders;         /* guint */
  GPtrArray *vague_phrases;  /* (element-type utf8), NULL-terminated */
  GPtrArray *approvers;      /* (element-type LwApprovers) */
  GPtrArray *administrators; /* (element-type LwPerson) */
  char *team_tag;
};

G_END_DECLS
