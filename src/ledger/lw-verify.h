/* SPDX-License-Identifier: GPL-3.0-or-later */

#pragma once

#include "lw-case.h"
#include "lw-ledger.h"

G_BEGIN_DECLS

/**
 * LwProblem:
 *
 * Something in the ledger, or in Azure against it, that should not be so.
 */
typedef struct
{
  char *id; /* stable and dotted: "ledger.gap", "rules.chain", "evidence.altered", "azure.writer" */
  char *request; /* nullable */
  guint seq;     /* of the request's entry; 0 where it is about none */
  char *object;  /* nullable: "shelf/name", or the id of an exemption */
  char *message;
  gboolean harmless; /* worth knowing, and explained by how the ledger works */
} LwProblem;

/**
 * LwVerification:
 *
 * What was looked at, and what is wrong. Boxed, reference counted; filled while it is made.
 */
typedef struct
{
  guint requests;
  guint events;
  guint seals;
  guint evidence;
  guint rules;
  guint exemptions;    /* compared with Azure */
  GPtrArray *problems; /* (element-type LwProblem), as they were found */
} LwVerification;

#define LW_TYPE_VERIFICATION (lw_verification_get_type ())
GType lw_verification_get_type (void);
LwVerification *lw_verification_ref (LwVerification *self);
void lw_verification_unref (LwVerification *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (LwVerification, lw_verification_unref)

/* Whether nothing is wrong; what is harmless does not count. */
gboolean lw_verification_is_clean (LwVerification *self);
/* @request, @object: (nullable). (transfer none) */
LwProblem *lw_verification_add (LwVerification *self,
                                const char *id,
                                const char *request,
                                guint seq,
                                const char *object,
                                const char *message);
/* Sorted by request and number, those of the ledger as a whole first. */
void lw_verification_sort (LwVerification *self);

/* Called for each request, folded, as it was verified; must not await. */
typedef void (*LwVerifyFunc) (LwCase *value, gpointer user_data);

/**
 * lw_ledger_verify:
 * @func: (nullable)
 *
 * Reads everything that the ledger holds, from the storage and not from what was seen before, and
 * verifies it: names and numbers, the chain of digests, the digests of contents, every seal, the chain of
 * the rules, that evidence is there and unaltered, that no entry is missing which the log names, and the
 * fold of every request.
 *
 * Resolves to an LwVerification; rejects only where the storage cannot be read.
 */
DexFuture *
lw_ledger_verify (LwLedger *self, LwVerifyFunc func, gpointer user_data, GDestroyNotify destroy);

G_END_DECLS
