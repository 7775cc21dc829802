/* SPDX-License-Identifier: GPL-3.0-or-later */

#pragma once

#include "lw-verbs.h"

G_BEGIN_DECLS

LwExemptionItem *lw_exemption_item_new (LwExemption *exemption,
                                        LwTiles tiles,
                                        const char *policy,
                                        const char *team,
                                        const char *scope_label);

/* @items: (element-type LwExemptionItem) (transfer none); @clusters: (transfer full);
 * @ledger_error: (transfer full) (nullable) */
LwPortfolio *
lw_portfolio_new (GPtrArray *items, GPtrArray *clusters, GDateTime *loaded, GError *ledger_error);

G_END_DECLS
