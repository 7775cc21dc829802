/* SPDX-License-Identifier: GPL-3.0-or-later */

#pragma once

#include "lw-demo-tenant.h"

G_BEGIN_DECLS

/*
 * The "if" of a policy rule. It knows allOf, anyOf and not; equals, notEquals, in, notIn, like, notLike,
 * contains, notContains, exists, less, greater and their …OrEquals; the fields id, name, type, kind,
 * location and tags['x'], and aliases, whose part after the resource type is looked up under "properties"
 * of the content. Any other condition is not met.
 */
typedef struct
{
  JsonObject *content;  /* the resource: type, name, location, properties, … */
  const char *scope;    /* where it is, nullable */
  JsonObject *values;   /* parameters: {name: {"value": …}}, nullable */
  JsonObject *declared; /* {name: {"defaultValue": …}}, nullable */
  const char *field;    /* nullable: a field that has */
  const char *value;    /* this value, whatever the content says */
} LwDemoRuleInput;

gboolean lw_demo_rule_matches (JsonObject *condition, const LwDemoRuleInput *input);
/* The names of the fields that the condition looks at, but for type. (element-type utf8) (transfer full) */
GPtrArray *lw_demo_rule_fields (JsonObject *condition);
/* The lower-case types that "field": "type" is compared with. (element-type utf8) (transfer full) */
GPtrArray *lw_demo_rule_types (JsonObject *condition);

G_END_DECLS
