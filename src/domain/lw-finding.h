/* SPDX-License-Identifier: GPL-3.0-or-later */

#pragma once

#include <json-glib/json-glib.h>

G_BEGIN_DECLS

typedef enum
{
  LW_SEVERITY_BLOCKER,
  LW_SEVERITY_WARNING,
  LW_SEVERITY_ADVICE,
} LwSeverity;

/* What assessment says is wrong. @id is stable and dotted; @message and @hint are for people. */
typedef struct
{
  char *id;
  LwSeverity severity;
  char *field; /* a path such as "grants[0].scope"; "" for the whole request */
  char *message;
  char *hint; /* nullable */
} LwFinding;

LwFinding *lw_finding_new (const char *id,
                           LwSeverity severity,
                           const char *field,
                           const char *message,
                           const char *hint);
LwFinding *lw_finding_copy (const LwFinding *self);
void lw_finding_free (LwFinding *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (LwFinding, lw_finding_free)

const char *lw_severity_to_string (LwSeverity severity);
/* {"id", "severity", "field", "message", "hint"} (transfer full) */
JsonNode *lw_finding_to_json (const LwFinding *self);

G_END_DECLS
