/* SPDX-License-Identifier: GPL-3.0-or-later */

#pragma once

#include "lw-refusal.h"

G_BEGIN_DECLS

/* --- the text ----------------------------------------------------------------------------------- */

/* UTF-8 without what terminals, logs and web pages add: escape sequences, frames, stamps, entities,
 * typographic quotes. Quotes keep their backslashes; JSON escapes of other characters are undone, percent
 * escapes of ids too. (transfer full) */
GString *lw_refusal_clean (GBytes *bytes, gboolean *shortened);

/* --- ids ---------------------------------------------------------------------------------------- */

typedef enum
{
  LW_REFUSAL_ID_NONE,
  LW_REFUSAL_ID_ASSIGNMENT,
  LW_REFUSAL_ID_DEFINITION,
  LW_REFUSAL_ID_SET,
  LW_REFUSAL_ID_EXEMPTION,
  LW_REFUSAL_ID_RESOURCE,
  LW_REFUSAL_ID_SCOPE,   /* a resource group, subscription or management group */
  LW_REFUSAL_ID_CONTEXT, /* a deployment, an event: only the scope it lies in matters, and is given */
} LwRefusalIdKind;

/* What the text is the id of, without what does not belong to it, such as the blade of a portal address.
 * @id: (out) (transfer full): %NULL for %LW_REFUSAL_ID_NONE */
LwRefusalIdKind lw_refusal_id (const char *text, char **id);

gboolean lw_refusal_is_type (const char *text);
gboolean lw_refusal_is_location (const char *text);
/* The type that a Terraform resource ("azurerm_storage_account"), a noun of PowerShell ("AzStorageAccount")
 * or a group of az ("storage account") stands for. (nullable) (transfer none) */
const char *lw_refusal_type_of_tool (const char *word);

/* --- what is found, in the order of the text ------------------------------------------------------- */

typedef struct _LwRefusalBuilder LwRefusalBuilder;

typedef enum
{
  LW_REFUSED_ASSIGNMENT,
  LW_REFUSED_ASSIGNMENT_NAME,
  LW_REFUSED_DEFINITION,
  LW_REFUSED_DEFINITION_NAME,
  LW_REFUSED_SET,
  LW_REFUSED_SET_NAME,
  LW_REFUSED_REFERENCE,
  LW_REFUSED_EFFECT,
  LW_REFUSED_N_FIELDS
} LwRefusedField;

LwRefusalBuilder *lw_refusal_builder_new (void);
void lw_refusal_builder_code (LwRefusalBuilder *self);
void lw_refusal_builder_resource (LwRefusalBuilder *self, const char *name, const char *type);
void lw_refusal_builder_target (LwRefusalBuilder *self, const char *target);
void lw_refusal_builder_message (LwRefusalBuilder *self, const char *message);
void lw_refusal_builder_type (LwRefusalBuilder *self, const char *type, gboolean sure);
void lw_refusal_builder_location (LwRefusalBuilder *self, const char *location, gboolean sure);
void lw_refusal_builder_group (LwRefusalBuilder *self, const char *name);
void lw_refusal_builder_subscription (LwRefusalBuilder *self, const char *guid);
void lw_refusal_builder_id (LwRefusalBuilder *self, LwRefusalIdKind kind, const char *id);
/* A list of policy identifiers: @is_start where another {"policyAssignment": …} begins. */
void lw_refusal_builder_policy (LwRefusalBuilder *self,
                                LwRefusedField field,
                                const char *value,
                                gboolean is_start);
/* An object of JSON begins or ends. */
void lw_refusal_builder_object (LwRefusalBuilder *self, gboolean opens);
void lw_refusal_builder_truncated (LwRefusalBuilder *self);
/* Frees the builder. */
LwRefusalText *lw_refusal_builder_finish (LwRefusalBuilder *self, gboolean shortened);

void lw_refusal_scan (LwRefusalBuilder *builder, const GString *text);

char **lw_refused_policy_field (LwRefusedPolicy *policy, LwRefusedField field);

G_END_DECLS
