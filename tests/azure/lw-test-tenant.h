/* SPDX-License-Identifier: GPL-3.0-or-later */

#pragma once

#include "lw-test.h"

G_BEGIN_DECLS

/* The simulated tenant, running. */
typedef struct
{
  GSubprocess *process;
  GDataInputStream *output;
  JsonObject *line; /* what it printed */
} LwTestTenant;

/* @arguments: (nullable): further ones, %NULL-terminated. %NULL where the tenant is not built. */
LwTestTenant *lw_test_tenant_new (const char *const *arguments);
void lw_test_tenant_free (LwTestTenant *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (LwTestTenant, lw_test_tenant_free)

/* Tells or asks a tenant that was started with "--control" something, as JSON. (transfer full) */
JsonObject *lw_test_tenant_ask (LwTestTenant *self, const char *order);
/* A profile for it. @ca_file: (nullable) */
LwProfile *lw_test_tenant_profile (LwTestTenant *self, const char *ca_file);
/* A persona's token, by UPN. */
const char *lw_test_tenant_token (LwTestTenant *self, const char *upn);
/* A client with that persona's token. */
LwClient *lw_test_tenant_client (LwTestTenant *self, const char *upn);

G_END_DECLS
