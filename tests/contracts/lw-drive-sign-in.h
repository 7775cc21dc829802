/* SPDX-License-Identifier: GPL-3.0-or-later */

#pragma once

#include "lw-test-tenant.h"

G_BEGIN_DECLS

/* Signs in to @tenant, whose certificate is @ca, in each way that needs no file, and asks for a token
 * for each audience. */
void lw_drive_sign_in (LwTestTenant *tenant, const char *ca);

G_END_DECLS
