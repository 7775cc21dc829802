/* SPDX-License-Identifier: GPL-3.0-or-later */

#pragma once

#include "lw-cloud.h"

G_BEGIN_DECLS

typedef enum
{
  LW_SIGN_IN_BROWSER,     /* "browser": a person, in the system's browser */
  LW_SIGN_IN_DEVICE_CODE, /* "device-code": a person, in a browser anywhere, with a code to type */
  LW_SIGN_IN_SECRET,      /* "secret": an application, with a client secret */
  LW_SIGN_IN_CERTIFICATE, /* "certificate": an application, with a certificate and its key */
  LW_SIGN_IN_TOKEN,       /* "token": a token given by the caller */
} LwSignIn;

/**
 * LwProfile:
 *
 * A connection: tenant, client id, cloud, ledger, way to sign in. Immutable. File format (JSON): {"name",
 * "cloud", "endpoints": {"arm", "login", "graph", "blob"}, "tenant", "clientId", "ledger", "signIn",
 * "certificateFile", "caFile", "account": {"id", "upn"}, "apiVersions": {…}}. A custom cloud may give
 * "storageSuffix" in the place of "blob" (accounts are then {name}.blob.{suffix}), "audience" where tokens
 * for Resource Manager are for another resource than "arm", and may name "arm" alone; the other endpoints
 * are then to be read from there (see lw_profile_needs_endpoints()). "apiVersions" is described with
 * lw_cloud_set_versions().
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
/* What the person calls the connection. (nullable) */
const char *lw_profile_get_name (LwProfile *self);
/* Whose sign-in the connection uses: object id and user name; %NULL until the first sign-in chose it. */
const char *lw_profile_get_account_id (LwProfile *self);
const char *lw_profile_get_account_upn (LwProfile *self);
/* The full path of a PEM file with a certificate and its private key. (nullable) */
const char *lw_profile_get_certificate_file (LwProfile *self);
/* A short stable key for folders and keyring attributes: of cloud, tenant, client id and ledger. */
const char *lw_profile_get_key (LwProfile *self);

/* The same connection with that account (both nullable: with none). (transfer full) */
LwProfile *lw_profile_with_account (LwProfile *self, const char *oid, const char *upn);
/* Whether the cloud's login, Graph and blob endpoints are still to be asked of its "arm". Until they are,
 * they are "" and nobody can sign in. */
gboolean lw_profile_needs_endpoints (LwProfile *self);
/* The same connection with the endpoints of @cloud, which was read from this one's "arm". %NULL with
 * %LW_AZURE_ERROR_PROFILE where the ledger is not in that cloud. (transfer full) */
LwProfile *lw_profile_with_cloud (LwProfile *self, LwCloud *cloud, GError **error);

G_END_DECLS
