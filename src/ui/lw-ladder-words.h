/* SPDX-License-Identifier: GPL-3.0-or-later */

#pragma once

#include "lw-narrowing.h"
#include "lw-workspace.h"

G_BEGIN_DECLS

/* What the ladder says of an option. All (transfer full) unless a constant. */

/* "2 resources", "Resource group rg-eval-weu" */
char *lw_ladder_title (LwWorkspace *workspace, const LwNarrowOption *option);
/* What it covers, what will inherit it, and what it saves against the rung @before (nullable). */
char *lw_ladder_subtitle (LwWorkspace *workspace,
                          const LwNarrowOption *option,
                          const LwNarrowOption *before);
/* "0", "212", "at least 638" */
char *lw_ladder_others (const LwNarrowOption *option);
/* "It also lets off 14 checks on 9 other resources." */
char *lw_ladder_others_sentence (const LwNarrowOption *option);
/* "9 resources" */
char *lw_ladder_affected_words (const LwNarrowAffected *affected);
/* What serves better than an exemption, as a heading. */
const char *lw_ladder_choice_title (LwChoiceKind kind);

G_END_DECLS
