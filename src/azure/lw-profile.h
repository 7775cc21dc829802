/* SPDX-License-Identifier: GPL-3.0-or-later */

#pragma once

#include "lw-cloud.h"

G_BEGIN_DECLS

typedef enum
{
  LW_SIGN_IN_BROWSER,
  LW_SIGN_IN_TOKEN, /* a token given by the caller */
} LwSignIn;

/**
 * LwProfile:
 *
 * A connection: tenant, client id, cloud, ledger, way to sign in. File format (JSON): {"cloud",
 * "endpoints": {"arm", "login", "graph", "blob"}, "tenant", "clientId", "ledger", "signIn", "caFile"}.
 */
typedef struct _LwProfile LwProfile;

LwProfile *lw_profile_from_json (GBytes *bytes, GError **error);
LwProfile *lw_profile_load (const char *path, GError **error);
LwProfile *lw_profile_ref (LwProfile *self);
void lw_profile_unref (LwProfile *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (LwProfile, lw_profile_unref)
GBytes *lw_profile_to_json (LwProfile *self);

LwCloud *lw_profile_get_cloud (LwProfile *self);
const char *lw_profile_get_tenant (LwProfile *self);
const char *lw_profile_get_client_id (LwProfile *self);
/* "/folder", "file:///folder" or "https://account.blob.…/name" (containers name-requests, …). */
const char *lw_profile_get_ledger (LwProfile *self);
LwSignIn lw_profile_get_sign_in (LwProfile *self);
const char *lw_profile_get_ca_file (LwProfile *self); /* nullable */
/* A short stable key for folders and keyring attributes: of cloud, tenant, client id and ledger. */
const char *lw_profile_get_key (LwProfile *self);

G_END_DECLS
