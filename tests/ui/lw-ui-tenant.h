/* SPDX-License-Identifier: GPL-3.0-or-later */

#pragma once

#include "lw-test-tenant.h"
#include "lw-ui-test.h"

G_BEGIN_DECLS

#define PRIYA  "priya@contoso.example"
#define TOMAS  "tomas@contoso.example"
#define INGRID "ingrid@contoso.example"

/* The simulated tenant with its Blob ledger, at the time of lw_ui_test_now(). */
LwTestTenant *lw_ui_tenant_new (void);
/* The same, which gets something wrong: @faults is what it takes as a file. */
LwTestTenant *lw_ui_tenant_new_with (const char *faults);
/* A connection to it that is nobody's. @ledger: (nullable): else the tenant's own. */
LwProfile *lw_ui_tenant_profile (LwTestTenant *self, const char *ledger);
/* An open session of that persona. */
LwSession *lw_ui_tenant_session (LwTestTenant *self, const char *upn);
/* The fixture's request with an id and title of its own, for @scope (nullable: as it is). */
LwRequest *lw_ui_tenant_request (const char *title, const char *scope);
/* Runs the main loop until the verb is done; it must succeed. */
LwCase *lw_ui_tenant_case (DexFuture *future);
/* Reads everything again, and waits for it. */
void lw_ui_tenant_refresh (LwWorkspace *workspace);

G_END_DECLS
