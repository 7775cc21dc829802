/* SPDX-License-Identifier: GPL-3.0-or-later */

#pragma once

#include "lw-policy.h"

G_BEGIN_DECLS

/*
 * Lists of exemptions for people and pipelines, in the order given.
 * @exemptions: (element-type LwExemption)
 */

/* One row an exemption under a header row (RFC 4180, UTF-8 without a byte order mark); cells that a
 * spreadsheet could run as a formula are guarded. Instants are UTC, reference ids are joined by
 * semicolons. (transfer full) */
char *lw_exemptions_to_csv (GPtrArray *exemptions);

/* A JSON array of the objects as Azure answered them, ended by a newline. (transfer full) */
char *lw_exemptions_to_json (GPtrArray *exemptions);

/* A table for a terminal. (transfer full) */
char *lw_exemptions_to_table (GPtrArray *exemptions);

G_END_DECLS
