/* SPDX-License-Identifier: GPL-3.0-or-later */

#pragma once

#include "lw-pages.h"

G_BEGIN_DECLS

/* Says on the card whether the person could write the exemption: not shown, being asked, or known.
 * Shown until the next lw_decision_card_set_case(). */
void lw_decision_card_ask_right (LwDecisionCard *self);
void lw_decision_card_set_right (LwDecisionCard *self, LwRight right);

G_END_DECLS
