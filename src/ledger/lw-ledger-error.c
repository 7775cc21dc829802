/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "lw-ledger-error.h"

/* clang-format off */
G_DEFINE_QUARK (lw-ledger-error-quark, lw_ledger_error)
/* clang-format on */
