/* SPDX-License-Identifier: GPL-3.0-or-later */

#pragma once

#include "lw-arm-id.h"

#include <json-glib/json-glib.h>

G_BEGIN_DECLS

/* More text than this is not looked at (bytes). */
#define LW_REFUSAL_MAX_TEXT (16 * 1024 * 1024)
/* More refusals or ids, or policies of one, than this are not kept. */
#define LW_REFUSAL_MAX_ITEMS    500
#define LW_REFUSAL_MAX_POLICIES 100

/* A policy that refused. Strings are %NULL where the text does not say. */
typedef struct
{
  char *assignment;      /* full id */
  char *assignment_name; /* what people call it */
  char *definition;      /* full id */
  char *definition_name;
  char *set; /* full id of the initiative; NULL for a single definition */
  char *set_name;
  char *reference; /* reference id of the definition in the initiative */
  char *effect;
} LwRefusedPolicy;

/* One resource that was refused, and by what. */
typedef struct
{
  char *resource; /* full id */
  char *name;     /* as Azure names it: "st1", "st1/default" */
  char *type;
  char *location;
  char *subscription;  /* scope: "/subscriptions/{guid}" */
  char *group;         /* scope: "/subscriptions/{guid}/resourceGroups/{name}" */
  char *group_name;    /* where the subscription is not known */
  char *message;       /* Azure's sentence with its reasons, without the identifiers */
  gboolean derived;    /* the id was put together from parts of the text */
  GPtrArray *policies; /* (element-type LwRefusedPolicy) */
} LwRefusal;

/* What a pasted text holds. */
typedef struct
{
  GPtrArray *refusals;    /* (element-type LwRefusal) */
  GPtrArray *assignments; /* full ids, each once (element-type utf8) */
  GPtrArray *definitions; /* policy definitions and initiatives */
  GPtrArray *exemptions;
  GPtrArray *scopes;   /* resources, resource groups, subscriptions, management groups */
  gboolean truncated;  /* the text ends within something */
  gboolean shortened;  /* it was longer than %LW_REFUSAL_MAX_TEXT, or holds more than is kept */
  gboolean is_refusal; /* Azure's words or code of a refusal were found */
} LwRefusalText;

#define LW_TYPE_REFUSAL_TEXT (lw_refusal_text_get_type ())
GType lw_refusal_text_get_type (void);

/**
 * lw_refusal_parse:
 * @bytes: whatever somebody pasted, in any encoding
 *
 * Finds what Azure refused because of a policy: RequestDisallowedByPolicy as az, Azure PowerShell,
 * Terraform (azurerm, azapi), deployments of ARM templates and Bicep, the portal and the activity log print
 * it, JSON inside JSON and lines broken by a terminal included; and plain ids and portal addresses. It
 * never fails: where nothing is found the lists are empty. Time and memory are linear in the size.
 *
 * A text without a refusal that names resources gives one refusal for each, with the assignments it names.
 *
 * Returns: (transfer full)
 */
LwRefusalText *lw_refusal_parse (GBytes *bytes);
LwRefusalText *lw_refusal_parse_text (const char *text);
LwRefusalText *lw_refusal_text_copy (const LwRefusalText *self);
void lw_refusal_text_free (LwRefusalText *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (LwRefusalText, lw_refusal_text_free)

/**
 * lw_refusal_text_to_json:
 *
 * {"kind": "refusal" | "ids" | "nothing",
 *  "refusals": [{"resource": {"id", "name", "type", "location", "subscription", "resourceGroup", "derived"},
 *                "message",
 *                "policies": [{"assignment": {"id", "name"}, "definition": {"id", "name"},
 *                              "initiative": {"id", "name"}, "reference", "effect"}],
 *                "found": ["assignment", …], "missing": ["location", …]}],
 *  "assignments": [id], "definitions": [id], "exemptions": [id], "scopes": [id],
 *  "truncated": true, "shortened": true}
 *
 * What is not known is absent. "found" and "missing" name, of "assignment", "definition", "reference",
 * "resource", "type", "location" and "message", what the text gives and what a request still needs: a
 * reference only where an initiative refused, type and location only where the resource's id is not
 * given by Azure, as it may not exist yet.
 *
 * Returns: (transfer full)
 */
JsonNode *lw_refusal_text_to_json (const LwRefusalText *self);

/* The names of what a request still needs, as in "missing" above; %NULL-terminated. (transfer container) */
const char **lw_refusal_missing (const LwRefusal *self);

LwRefusal *lw_refusal_new (void);
LwRefusal *lw_refusal_copy (const LwRefusal *self);
void lw_refusal_free (LwRefusal *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (LwRefusal, lw_refusal_free)
LwRefusedPolicy *lw_refused_policy_new (void);
LwRefusedPolicy *lw_refused_policy_copy (const LwRefusedPolicy *self);
void lw_refused_policy_free (LwRefusedPolicy *self);

G_END_DECLS
