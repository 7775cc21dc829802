/* SPDX-License-Identifier: GPL-3.0-or-later */

#pragma once

#include <glib.h>

G_BEGIN_DECLS

#define LW_LEDGER_ERROR (lw_ledger_error_quark ())

/**
 * LwLedgerError:
 * @LW_LEDGER_ERROR_TAKEN: somebody else wrote that entry first
 * @LW_LEDGER_ERROR_NOT_FOUND: there is no such entry or request
 * @LW_LEDGER_ERROR_REFUSED: the storage refuses: missing rights, read-only, full
 * @LW_LEDGER_ERROR_UNSUPPORTED: the storage cannot keep the promise of create-if-absent
 * @LW_LEDGER_ERROR_BROKEN: the record is damaged: a gap, a broken chain, a foreign file
 * @LW_LEDGER_ERROR_UNREACHABLE: the storage cannot be reached now
 */
typedef enum
{
  LW_LEDGER_ERROR_TAKEN,
  LW_LEDGER_ERROR_NOT_FOUND,
  LW_LEDGER_ERROR_REFUSED,
  LW_LEDGER_ERROR_UNSUPPORTED,
  LW_LEDGER_ERROR_BROKEN,
  LW_LEDGER_ERROR_UNREACHABLE,
} LwLedgerError;

GQuark lw_ledger_error_quark (void);

G_END_DECLS
