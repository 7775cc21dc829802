/* SPDX-License-Identifier: GPL-3.0-or-later */

#pragma once

#include <json-glib/json-glib.h>
#include <libdex.h>

G_BEGIN_DECLS

/* For whom a token is. */
typedef enum
{
  LW_AUDIENCE_ARM,
  LW_AUDIENCE_GRAPH,
  LW_AUDIENCE_STORAGE
} LwAudience;
#define LW_AUDIENCE_COUNT 3

/* The endpoints of a cloud; base URLs without a trailing slash. Boxed, immutable once it is shared. */
typedef struct
{
  char *name; /* "AzureCloud", "AzureUSGovernment", "AzureChinaCloud" or "custom" */
  char *arm;
  char *login;
  char *graph;
  char *audience; /* nullable: the resource that tokens for ARM are for, where it is not @arm */
  char *storage_suffix;     /* "core.windows.net"; nullable in custom clouds */
  char *blob;               /* nullable: the account's base URL of a custom cloud */
  char *exemptions_create;  /* api-version to create exemptions with */
  char *exemptions_newest;  /* newest api-version of exemptions that the cloud knows */
  char *assignments;        /* api-version of policyAssignments */
  char *definitions;        /* api-version of policyDefinitions and policySetDefinitions */
  gboolean policy_in_graph; /* whether Resource Graph has the table policyresources */
} LwCloud;

#define LW_TYPE_CLOUD (lw_cloud_get_type ())
GType lw_cloud_get_type (void);
LwCloud *lw_cloud_new_named (const char *name, GError **error);
LwCloud *
lw_cloud_new_custom (const char *arm, const char *login, const char *graph, const char *blob);
LwCloud *lw_cloud_ref (LwCloud *self);
void lw_cloud_unref (LwCloud *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (LwCloud, lw_cloud_unref)

/**
 * lw_cloud_set_versions:
 * @versions: (nullable): a profile's "apiVersions": {"exemptionsCreate", "exemptionsNewest",
 *   "assignments", "definitions"}, each absent or such as "2024-12-01-preview"
 *
 * Puts what a profile says in the place of the cloud's own api-versions. For a cloud that is not
 * shared yet.
 *
 * Returns: %FALSE with %LW_AZURE_ERROR_PROFILE where a member is unknown or no api-version
 */
gboolean lw_cloud_set_versions (LwCloud *self, JsonObject *versions, GError **error);

/**
 * lw_cloud_discover:
 * @arm: Resource Manager's address
 * @ca_file: (nullable): certificates to trust instead of the system's
 *
 * Reads a cloud's endpoints from "{arm}/metadata/endpoints", which needs no sign-in. Resolves to an
 * #LwCloud: one of the known ones where @arm is theirs (nothing is asked then), else a custom one, whose
 * "blob" is %NULL where "storage_suffix" is known. Rejects with %LW_AZURE_ERROR_PROFILE where the answer
 * lacks an endpoint, names one that is no https address or that belongs to one of the known clouds (their
 * tokens would go to @arm), or is about another Resource Manager; and with the network's errors.
 */
DexFuture *lw_cloud_discover (const char *arm, const char *ca_file);
/* The same from the answer itself: one object (api-version 2022-09-01), or the list of clouds that
 * earlier versions gave, of which the one with @arm is taken. */
LwCloud *lw_cloud_from_metadata (const char *arm, JsonNode *metadata, GError **error);

/* Whether @text is an api-version: "2026-01-01", "2026-01-01-preview". */
gboolean lw_is_api_version (const char *text);

/* The scope to ask a token with, "{resource}/.default". (transfer full) */
char *lw_cloud_scope (LwCloud *self, LwAudience audience);
/* Whether a bearer token for @audience may go to @uri: a host of this cloud, over https, or http on
 * loopback for a custom cloud whose endpoints are there. */
gboolean lw_cloud_allows (LwCloud *self, LwAudience audience, GUri *uri);

/* Whether @url (nullable) is absolute, without user name and fragment, and either https or plain http
 * on 127.0.0.1, ::1 or localhost. */
gboolean lw_url_is_trustworthy (const char *url);
/* The port, with the scheme's own where none is given. */
int lw_uri_port (GUri *uri);
/* Same scheme, host (without case) and port. */
gboolean lw_uri_same_origin (GUri *a, GUri *b);

G_END_DECLS
