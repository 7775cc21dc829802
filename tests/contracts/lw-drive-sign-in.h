/* SPDX-License-Identifier: GPL-3.0-or-later */

#pragma once

#include "lw-test-tenant.h"

G_BEGIN_DECLS

/* Signs in to @tenant, whose certificate is @ca, in each way there is, and asks for a token for each
 * audience. @pem: a certificate that the tenant knows the application by, with its key. */
void lw_drive_sign_in (LwTestTenant *tenant, const char *ca, const char *pem);

G_END_DECLS
