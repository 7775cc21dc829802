/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "lw-finding.h"
#include "lw-json.h"

LwFinding *
lw_finding_new (const char *id,
                LwSeverity severity,
                const char *field,
                const char *message,
                const char *hint)
{
  LwFinding *self;

  g_return_val_if_fail (id != NULL && message != NULL, NULL);

  self = g_new0 (LwFinding, 1);
  self->id = g_strdup (id);
  self->severity = severity;
  self->field = g_strdup (field != NULL ? field : "");
  self->message = g_strdup (message);
  self->hint = g_strdup (hint);
  return self;
}

LwFinding *
lw_finding_copy (const LwFinding *self)
{
  if (self == NULL)
    return NULL;
  return lw_finding_new (self->id, self->severity, self->field, self->message, self->hint);
}

void
lw_finding_free (LwFinding *self)
{
  if (self == NULL)
    return;
  g_free (self->id);
  g_free (self->field);
  g_free (self->message);
  g_free (self->hint);
  g_free (self);
}

const char *
lw_severity_to_string (LwSeverity severity)
{
  static const char *const names[] = { "blocker", "warning", "advice" };

  g_return_val_if_fail ((guint) severity < G_N_ELEMENTS (names), "advice");

  return names[severity];
}

JsonNode *
lw_finding_to_json (const LwFinding *self)
{
  g_autoptr (JsonObject) object = json_object_new ();

  lw_json_set_string (object, "id", self->id);
  lw_json_set_string (object, "severity", lw_severity_to_string (self->severity));
  lw_json_set_string (object, "field", self->field);
  lw_json_set_string (object, "message", self->message);
  lw_json_set_string (object, "hint", self->hint);
  return json_node_init_object (json_node_alloc (), object);
}
