/* SPDX-License-Identifier: GPL-3.0-or-later */

#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

/* For whom a token is. */
typedef enum
{
  LW_AUDIENCE_ARM,
  LW_AUDIENCE_GRAPH,
  LW_AUDIENCE_STORAGE
} LwAudience;
#define LW_AUDIENCE_COUNT 3

/* The endpoints of a cloud; base URLs without a trailing slash. Boxed, immutable. */
typedef struct
{
  char *name; /* "AzureCloud", "AzureUSGovernment", "AzureChinaCloud" or "custom" */
  char *arm;
  char *login;
  char *graph;
  char *storage_suffix;    /* "core.windows.net"; nullable in custom clouds */
  char *blob;              /* nullable: the account's base URL of a custom cloud */
  char *exemptions_create; /* api-version to create exemptions with */
  char *exemptions_newest; /* newest api-version of exemptions that the cloud knows */
  char *assignments;       /* api-version of policyAssignments */
  char *definitions;       /* api-version of policyDefinitions and policySetDefinitions */
} LwCloud;

LwCloud *lw_cloud_new_named (const char *name, GError **error);
LwCloud *
lw_cloud_new_custom (const char *arm, const char *login, const char *graph, const char *blob);
LwCloud *lw_cloud_ref (LwCloud *self);
void lw_cloud_unref (LwCloud *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (LwCloud, lw_cloud_unref)

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
