/* SPDX-License-Identifier: GPL-3.0-or-later */

#pragma once

#include "lw-refusal-private.h"

G_BEGIN_DECLS

#define LW_REFUSAL_MAX_KEY 40

typedef struct
{
  LwRefusalBuilder *builder;
  const char *start;
  const char *end;
  const char *at;
  LwRefusedField list_id;   /* what "id" and "name" are of, in a list of policy identifiers */
  LwRefusedField list_name; /* LW_REFUSED_N_FIELDS for nothing */
  char object_of[LW_REFUSAL_MAX_KEY + 1]; /* the member whose object was opened last */
  char path[64];                          /* of the evaluated expression */
  char *failed_name;                      /* "Resource TYPE 'NAME' failed" */
  char *failed_type;
} LwRefusalScanner;

typedef enum
{
  LW_KEY_POLICY, /* a field of a policy */
  LW_KEY_LIST,   /* opens {"name", "id"} of one */
  LW_KEY_ID,
  LW_KEY_NAME,
  LW_KEY_VALUE,
  LW_KEY_CODE,
  LW_KEY_TARGET,
  LW_KEY_MESSAGE,
  LW_KEY_RESOURCE,
  LW_KEY_TYPE,
  LW_KEY_LOCATION,
  LW_KEY_LOCATION_MAYBE,
  LW_KEY_GROUP,
  LW_KEY_SUBSCRIPTION,
  LW_KEY_OPERATION,
  LW_KEY_PATH,
  LW_KEY_EXPRESSION,
} LwRefusalKeyKind;

typedef struct
{
  const char *name;
  LwRefusalKeyKind kind;
  LwRefusedField field;
  gboolean bare; /* also without quotes, as in "Code: …" */
} LwRefusalKey;

gboolean lw_scan_is_space (char c);
gboolean lw_scan_is_word (char c);
const char *lw_scan_skip_space (LwRefusalScanner *self, const char *at);
/* Whether @words stand at @at, white space (of which there may be any, or none) apart: terminals break
 * lines between words and within them. Answers where they end. */
const char *lw_scan_match (LwRefusalScanner *self, const char *at, const char *words);
/* What a member of that name says. */
void lw_scan_take_member (LwRefusalScanner *self, const LwRefusalKey *key, const char *text);

/* Each reads on where its words stand, and answers whether they do. */
gboolean lw_scan_resource (LwRefusalScanner *self);
gboolean lw_scan_action (LwRefusalScanner *self);
gboolean lw_scan_option (LwRefusalScanner *self);
/* These do not read on. */
void lw_scan_az (LwRefusalScanner *self);
void lw_scan_tool (LwRefusalScanner *self, gsize length);

G_END_DECLS
