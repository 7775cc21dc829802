/* SPDX-License-Identifier: GPL-3.0-or-later */

#pragma once

#include <adwaita.h>

#include "lw-workspace.h"

G_BEGIN_DECLS

/* Everything known of an exemption: facts, where it comes from, metadata and the JSON as Azure sent it. */
AdwDialog *lw_exemption_dialog_new (LwWorkspace *workspace, LwExemptionItem *item);

G_END_DECLS
