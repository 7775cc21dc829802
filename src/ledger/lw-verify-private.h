/* SPDX-License-Identifier: GPL-3.0-or-later */

#pragma once

#include "lw-verify.h"
#include "lw-rulebook.h"

G_BEGIN_DECLS

/* A verification at work. */
typedef struct
{
  LwStore *store;
  LwHierarchy *hierarchy; /* nullable */
  LwRulebook *rulebook;
  LwVerification *result;
  GStrv names[LW_SHELF_COUNT]; /* all that there is */
  guint n_events;
  guint n_seals;
  GPtrArray *requests; /* (element-type utf8): their ids */
  guint next;
  GHashTable *cited;     /* sha256 → "request seq name": where evidence was first named */
  GHashTable *last_seqs; /* request → the number of its last entry */
  LwVerifyFunc func;
  gpointer user_data;
  GDestroyNotify destroy;
} LwVerify;

LwVerification *lw_verification_new (void);
void lw_verify_free (gpointer data);

/* (transfer none) */
LwProblem *lw_verify_problem (LwVerify *self,
                              const char *id,
                              const char *request,
                              guint seq,
                              LwShelf shelf,
                              const char *name,
                              const char *message);
/* %NULL without an error where the object is damaged or gone, which it reports. Awaits. */
GBytes *lw_verify_get (LwVerify *self,
                       LwShelf shelf,
                       const char *name,
                       const char *request,
                       GError **error);

/* The evidence shelf against what the records name. Awaits. */
gboolean lw_verify_evidence (LwVerify *self, GError **error);
/* The log shelf against the records. */
void lw_verify_log (LwVerify *self);

G_END_DECLS
