/* SPDX-License-Identifier: GPL-3.0-or-later */

#pragma once

#include "lw-compliance.h"
#include "lw-transport.h"

G_BEGIN_DECLS

/*
 * Azure Resource Manager, Policy, Policy Insights, Resource Graph and Microsoft Graph as typed verbs.
 * Every function returns a #DexFuture; lists resolve to a boxed %G_TYPE_PTR_ARRAY that owns its
 * elements; all reject with %LW_AZURE_ERROR.
 */

#define LW_TYPE_CLIENT (lw_client_get_type ())
G_DECLARE_FINAL_TYPE (LwClient, lw_client, LW, CLIENT, GObject)

LwClient *lw_client_new (LwProfile *profile, LwIdentity *identity);
LwTransport *lw_client_get_transport (LwClient *self);
LwCloud *lw_client_get_cloud (LwClient *self);

/* Something about the connection that a person should know: shown, never in the way. */
typedef struct
{
  char *id; /* stable: "api-version.exemptions", "resource-graph.subscriptions" */
  char *message;
} LwNotice;
/* What was found out so far. (transfer none) (element-type LwNotice) */
GPtrArray *lw_client_get_notices (LwClient *self);
/* Why the object @id, as it was last listed, cannot be read exactly: it is shown as far as it can be, and
 * never written over. A sentence; (nullable) where nothing is wrong with it. (transfer none) */
const char *lw_client_get_damage (LwClient *self, const char *id);
/**
 * lw_client_may_overwrite:
 *
 * Where this cloud does not know the newest api-version of exemptions, members of an exemption that only
 * newer ones know are neither read nor kept by a PUT. %FALSE with %LW_AZURE_ERROR_OLDER_VERSION then,
 * until lw_client_accept_older() says that a person was told.
 */
gboolean lw_client_may_overwrite (LwClient *self, GError **error);
void lw_client_accept_older (LwClient *self);

/* Scope tree. getEntities → boxed LwHierarchy: management groups and subscriptions that the person
 * sees. Where getEntities is refused, from the list of subscriptions. */
DexFuture *lw_client_load_hierarchy (LwClient *self);
DexFuture *lw_client_list_subscriptions (LwClient *self); /* LwScopeInfo */
DexFuture *lw_client_list_resource_groups (
    LwClient *self,
    const char *subscription); /* LwScopeInfo; @subscription: id or scope */
DexFuture *
lw_client_list_resources (LwClient *self,
                          const char *resource_group); /* LwScopeInfo; scope of a group */
DexFuture *
lw_client_search_resources (LwClient *self,
                            const char *text); /* LwScopeInfo, by Resource Graph, at most 1,000 */

/* Every management group, subscription and resource group that the person sees, tags included, and the
 * resources at or below a scope: both by Resource Graph. */
DexFuture *lw_client_load_scopes (LwClient *self);                             /* LwScopeInfo */
DexFuture *lw_client_list_resources_under (LwClient *self, const char *scope); /* LwScopeInfo */

/* Policy. */
DexFuture *lw_client_list_assignments (LwClient *self,
                                       const char *scope); /* LwAssignment, inherited ones too */
/* All that the person can see, by Resource Graph; where that fails by REST per subscription. */
DexFuture *lw_client_list_all_assignments (LwClient *self);           /* LwAssignment */
DexFuture *lw_client_get_assignment (LwClient *self, const char *id); /* LwAssignment */
/* With its definition, and a set's definitions, read (in parallel, cached for the session), of the
 * versions that are in force. A refusal is no error: definition_known stays FALSE. Resolves to an
 * LwAssignment. */
DexFuture *lw_client_load_definition (LwClient *self, LwAssignment *assignment);
/* For an initiative that may not be read: its definitions as @states (element-type LwPolicyState) name
 * them, with the names of those that may be read. Resolves to an LwAssignment. */
DexFuture *lw_client_load_evaluated (LwClient *self, LwAssignment *assignment, GPtrArray *states);

/* Compliance: what Policy Insights found last, at or below @scope (management group, subscription,
 * resource group or resource; components: not a management group). */
DexFuture *lw_client_list_noncompliant (LwClient *self,
                                        const char *scope,
                                        const char *assignment_id); /* LwPolicyState */
/* All that was evaluated, whatever came of it. */
DexFuture *lw_client_list_states (LwClient *self,
                                  const char *scope,
                                  const char *assignment_id); /* LwPolicyState */
/* Rows by assignment, reference and state; @assignment_id is %NULL for all assignments. */
DexFuture *lw_client_count_states (LwClient *self,
                                   const char *scope,
                                   const char *assignment_id); /* LwComplianceCount */
/* Resolves to an LwComplianceSummary. */
DexFuture *
lw_client_summarize_states (LwClient *self, const char *scope, const char *assignment_id);
DexFuture *
lw_client_list_noncompliant_components (LwClient *self,
                                        const char *scope,
                                        const char *assignment_id); /* LwComponentState */

/**
 * lw_client_check_restrictions:
 * @scope: where the resource would be: a management group, a subscription or anything in it
 * @content: the resource as far as it is known: {"type", "name", "properties", …}
 * @api_version: of @content
 *
 * What the policies in force have against it. Needs the right to read at the scope only. Resolves to an
 * array of LwRestriction.
 */
DexFuture *lw_client_check_restrictions (LwClient *self,
                                         const char *scope,
                                         JsonNode *content,
                                         const char *api_version);
/* The same for the exemption that a PUT of @body at @id would make. */
DexFuture *lw_client_check_exemption (LwClient *self, const char *id, JsonNode *body);

/* Exemptions. */
DexFuture *lw_client_list_exemptions (LwClient *self,
                                      const char *scope,
                                      const char *filter); /* LwExemption; @filter nullable */
DexFuture *
lw_client_list_all_exemptions (LwClient *self); /* LwExemption, by Resource Graph, else REST */
/* With the newest api-version. Rejects with %LW_AZURE_ERROR_NOT_FOUND. */
DexFuture *lw_client_get_exemption (LwClient *self, const char *id); /* LwExemption */
/* @body: {"properties": …}. @newest: with the newest api-version (an exemption is there), else the one to create. */
DexFuture *lw_client_put_exemption (LwClient *self,
                                    const char *id,
                                    JsonNode *body,
                                    gboolean newest); /* LwExemption */
DexFuture *
lw_client_delete_exemption (LwClient *self,
                            const char *id); /* gboolean: FALSE when it was gone already */

/* Rights. Resolves to a JsonNode array (permissions); a 403 or 404 resolves to a null node: not known. */
DexFuture *lw_client_get_permissions (LwClient *self, const char *scope);
/* The same with what deny assignments take away. Resolves to LwRights. */
DexFuture *lw_client_get_rights (LwClient *self, const char *scope);

/* People. */
DexFuture *lw_client_get_me (LwClient *self); /* boxed: GPtrArray of one LwPerson */
typedef struct
{
  LwPerson *person;
  char *job_title;  /* nullable */
  char *department; /* nullable */
  char *mail;       /* nullable */
  int enabled;      /* 1, 0, or -1 where the sign-in may not see it */
} LwDirectoryPerson;
#define LW_TYPE_DIRECTORY_PERSON (lw_directory_person_get_type ())
GType lw_directory_person_get_type (void);
LwDirectoryPerson *lw_directory_person_copy (const LwDirectoryPerson *self);
void lw_directory_person_free (LwDirectoryPerson *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (LwDirectoryPerson, lw_directory_person_free)
DexFuture *lw_client_search_people (LwClient *self,
                                    const char *text); /* LwDirectoryPerson, at most 20 */
/* Somebody by their object id, whether the account is enabled included. */
DexFuture *lw_client_get_person (LwClient *self,
                                 const char *oid); /* GPtrArray of one or no LwDirectoryPerson */
DexFuture *lw_client_get_manager (LwClient *self,
                                  const char *oid); /* GPtrArray of one or no LwPerson */
/* Which of the groups the person signed in is in, by other groups too. Resolves to a G_TYPE_STRV. */
DexFuture *lw_client_check_member_groups (LwClient *self, const char *const *group_ids);

/* Blob Storage, for the ledger. @container_url: "https://account.blob…/name-requests". */
DexFuture *lw_client_blob_put_new (LwClient *self,
                                   const char *container_url,
                                   const char *name,
                                   GBytes *bytes); /* gboolean: FALSE where somebody was first */
DexFuture *
lw_client_blob_get (LwClient *self, const char *container_url, const char *name); /* GBytes */
DexFuture *lw_client_blob_list (LwClient *self,
                                const char *container_url,
                                const char *prefix); /* G_TYPE_STRV, sorted, all pages */
/* What the list says of a blob. */
typedef struct
{
  char *name;
  char *tag; /* changes whenever it is written: ETag, time and size */
} LwBlob;
void lw_blob_free (LwBlob *self);
/* The same with what tells whether a blob was written again: LwBlob. */
DexFuture *lw_client_blob_survey (LwClient *self, const char *container_url, const char *prefix);

G_END_DECLS
