/* SPDX-License-Identifier: GPL-3.0-or-later */

#pragma once

#include "lw-session.h"

G_BEGIN_DECLS

/*
 * Tests of a connection before it is used, one part each. Every one resolves to a string: what was
 * found, in a sentence for people; and rejects with what is wrong and what to do about it. None needs
 * more than it is given, so that each answer can be tested as it is typed.
 */

/* Whether the cloud's Resource Manager answers. @ca_file: (nullable). */
DexFuture *lw_probe_cloud (LwCloud *cloud, const char *ca_file);
/* Whether the sign-in service knows the tenant, by its openid-configuration. */
DexFuture *lw_probe_tenant (LwCloud *cloud, const char *tenant, const char *ca_file);
/* Whether the tenant knows the application, as far as that is told before somebody signs in: a device
 * code is asked for and left to expire, or, for what signs in as an application, a token without a
 * secret. Nobody is signed in by either. */
DexFuture *lw_probe_client (LwCloud *cloud,
                            const char *tenant,
                            const char *client_id,
                            LwSignIn how,
                            const char *ca_file);
/* Whether the folder can hold a ledger. Nothing is made there. */
DexFuture *lw_probe_folder (const char *path);

/* With an open session: whether the directory can be searched for people. */
DexFuture *lw_probe_directory (LwSession *session);
/* Whether every shelf of the ledger can be read. */
DexFuture *lw_probe_ledger_read (LwSession *session);
/* Whether requests and evidence can be added. Writes the evidence of no bytes, which is named by its
 * content and so is the same object each time. */
DexFuture *lw_probe_ledger_write (LwSession *session);

G_END_DECLS
