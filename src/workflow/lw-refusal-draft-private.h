/* SPDX-License-Identifier: GPL-3.0-or-later */

#pragma once

#include "lw-refusal-draft.h"
#include "lw-verb-private.h"

G_BEGIN_DECLS

typedef struct
{
  LwSession *session;
  LwClient *client;
  LwRefusalDraft *draft;
  GPtrArray *everywhere;   /* nullable: all assignments that the person sees */
  GHashTable *assignments; /* subscription → GPtrArray of LwAssignment, inherited ones too */
  GHashTable *definitions; /* assignment id → LwAssignment with its definition */
  GHashTable
      *groups; /* resource group → GPtrArray of LwScopeInfo, empty where it is not to be read */
} LwDrafting;

/* About the grant that is drafted. */
void lw_drafting_add_finding (LwDrafting *self,
                              const char *id,
                              LwSeverity severity,
                              const char *member,
                              const char *message);
/* What one name among several may be. (transfer full) */
char *lw_drafting_list_names (GPtrArray *names);
/* A list of @future, empty where Azure does not give it; %NULL where it cannot be reached. Awaits. */
GPtrArray *lw_drafting_await_list (DexFuture *future, GError **error);

/* What follows awaits, and answers %FALSE where Azure cannot be reached. */

/* Where the exemption has to be: the resource, else its group with selectors. @scope stays %NULL where it
 * has to be asked for. */
gboolean lw_drafting_find_scope (LwDrafting *self,
                                 LwRefusal *refusal,
                                 char **scope,
                                 JsonArray **selectors,
                                 GError **error);
/* With its definition, as far as that may be read; %NULL without an error where it may not be read at all.
 * (transfer none) */
LwAssignment *
lw_drafting_read_assignment (LwDrafting *self, const char *id, const char *scope, GError **error);
/* The assignment's id, where the text says only its name or what it assigns. */
gboolean lw_drafting_find_assignment (LwDrafting *self,
                                      const LwRefusedPolicy *policy,
                                      const char *scope,
                                      char **id,
                                      GError **error);
gboolean lw_drafting_find_references (LwDrafting *self,
                                      LwAssignment *assignment,
                                      const LwRefusedPolicy *policy,
                                      const char *scope,
                                      GPtrArray *references,
                                      GError **error);
/* The policy of a refusal that has a message alone: by the assignments' own messages for what does not
 * comply, which Azure gives as its reasons. Leaves it as it is where none, or more than one, is as good. */
gboolean lw_drafting_find_by_reason (LwDrafting *self,
                                     LwRefusal *refusal,
                                     const char *scope,
                                     GError **error);

G_END_DECLS
