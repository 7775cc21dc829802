/* SPDX-License-Identifier: GPL-3.0-or-later */

#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

/* For whom a token is. */
typedef enum { LW_AUDIENCE_ARM, LW_AUDIENCE_GRAPH, LW_AUDIENCE_STORAGE } LwAudience;
#define LW_AUDIENCE_COUNT 3

/* The endpoints of a cloud; base URLs without a trailing slash. Boxed, immutable. */
typedef struct {
  char *name;                /* "AzureCloud", "AzureUSGovernment", "AzureChinaCloud" or "custom" */
  char *arm;
  char *login;
  char *graph;
  char *storage_suffix;      /* "core.windows.net"; nullable in custom clouds */
  char *blob;                /* nullable: the account's base URL of a custom cloud */
  char *exemptions_create;   /* api-version to create exemptions with */
  char *exemptions_newest;   /* newest api-version of exemptions that the cloud knows */
} LwCloud;

LwCloud *lw_cloud_new_named (const char *name, GError **error);
LwCloud *lw_cloud_new_custom (const char *arm, const char *login, const char *graph, const char *blob);
LwCloud *lw_cloud_ref (LwCloud *self);
void lw_cloud_unref (LwCloud *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (LwCloud, lw_cloud_unref)

/* The scope to ask a token with, "{resource}/.default". (transfer full) */
char *lw_cloud_scope (LwCloud *self, LwAudience audience);
/* Whether a bearer token for @audience may go to @uri: a host of this cloud, over https, or http on
 * loopback for a custom cloud whose endpoints are there. */
gboolean lw_cloud_allows (LwCloud *self, LwAudience audience, GUri *uri);

G_END_DECLS
