/* SPDX-License-Identifier: GPL-3.0-or-later */

#pragma once

#include "lw-session.h"
#include "lw-verify.h"

G_BEGIN_DECLS

/**
 * lw_audit:
 * @ask_azure: whether to hold what was applied against Azure
 *
 * lw_ledger_verify(), and then the anchor: for each exemption that the record says was created, what Azure
 * says of who wrote it last and when; and for each exemption in Azure that names a request, whether the
 * record knows of it. The ids of what it adds begin with "azure.".
 *
 * Resolves to an LwVerification; where Azure cannot be asked, that is one of its problems.
 */
DexFuture *lw_audit (LwSession *self, gboolean ask_azure);

G_END_DECLS
