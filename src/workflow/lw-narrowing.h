/* SPDX-License-Identifier: GPL-3.0-or-later */

#pragma once

#include "lw-choice.h"
#include "lw-session.h"

G_BEGIN_DECLS

/* What the tenant has for the narrowing engine, and what came of it. Boxed, reference counted, immutable. */
typedef struct
{
  LwNarrowResult *result;
  GPtrArray *choices;  /* (element-type LwChoice), the best first */
  GPtrArray *covering; /* (element-type LwExemption): in force, and at or around what is needed */
  guint needed;        /* resources that were asked for */
} LwNarrowing;

#define LW_TYPE_NARROWING (lw_narrowing_get_type ())
GType lw_narrowing_get_type (void);
LwNarrowing *lw_narrowing_ref (LwNarrowing *self);
void lw_narrowing_unref (LwNarrowing *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (LwNarrowing, lw_narrowing_unref)

/**
 * lw_narrow_assignment:
 * @assignment: with its definition, as far as that could be read
 * @resources: (element-type utf8): the ids of what has to get through, there or not yet
 * @references: (element-type utf8): by which it is blocked; none means those that each resource fails
 * @renewals: how often this was renewed before
 *
 * Reads what the assignment was evaluated for and the exemptions from it, and narrows. Where the person may
 * not read all of the assignment's scope, the subscriptions that they see are read, and what is counted is
 * "at least".
 *
 * Resolves to an LwNarrowing; rejects with %LW_AZURE_ERROR or what lw_narrow_run() says.
 */
DexFuture *lw_narrow_assignment (LwSession *self,
                                 LwAssignment *assignment,
                                 GPtrArray *resources,
                                 GPtrArray *references,
                                 int renewals);

G_END_DECLS
