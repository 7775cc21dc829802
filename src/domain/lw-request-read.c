/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "config.h"

#include <glib/gi18n-lib.h>

#include "lw-domain-error.h"
#include "lw-json.h"
#include "lw-number-private.h"
#include "lw-request.h"
#include "lw-source-private.h"

#define MAX_GRANT_NUMBER 9999
#define MAX_SIZE         (4 * 1024 * 1024)

LwPerson *
lw_person_from_json (JsonNode *node, const char *path, GError **error)
{
  g_autoptr (LwPerson) person = NULL;
  LwSource source = { lw_json_node_object (node), path, error };

  if (node == NULL || JSON_NODE_HOLDS_NULL (node))
    return NULL;
  if (source.object == NULL)
    {
      lw_source_wrong_type (&source, path, _ ("an object"));
      return NULL;
    }
  person = lw_person_new (NULL, NULL, NULL);
  if (!lw_source_text (&source, "id", &person->id) ||
      !lw_source_text (&source, "name", &person->name) ||
      !lw_source_text (&source, "upn", &person->upn))
    return NULL;
  person->rest = lw_json_object_copy (source.object);
  return g_steal_pointer (&person);
}

static gboolean
read_effects (LwSource *self, GHashTable *effects)
{
  JsonObject *object = NULL;
  JsonObjectIter iter;
  const char *reference;

  if (!lw_source_object (self, "effects", &object))
    return FALSE;
  if (object == NULL)
    return TRUE;
  json_object_iter_init_ordered (&iter, object);
  while (json_object_iter_next_ordered (&iter, &reference, NULL))
    {
      const char *effect = lw_json_get_string (object, reference);

      if (effect != NULL)
        g_hash_table_insert (effects, g_strdup (reference), g_strdup (effect));
      else if (!JSON_NODE_HOLDS_NULL (json_object_get_member (object, reference)))
        {
          g_autofree char *name = g_strdup_printf ("effects.%s", reference);

          return lw_source_wrong_member (self, name, _ ("a string"));
        }
    }
  return TRUE;
}

static gboolean
read_policy (LwSource *self, LwPolicySnapshot **out)
{
  g_autoptr (LwPolicySnapshot) policy = NULL;
  g_autofree char *path = lw_source_path_of (self, "policy");
  LwSource source = { NULL, path, self->error };

  if (!lw_source_object (self, "policy", &source.object))
    return FALSE;
  if (source.object == NULL)
    return TRUE;
  policy = lw_policy_snapshot_new ();
  if (!lw_source_text (&source, "instanceId", &policy->instance_id) ||
      !lw_source_text (&source, "definition", &policy->definition) ||
      !lw_source_text (&source, "version", &policy->version) ||
      !lw_source_text (&source, "enforcementMode", &policy->enforcement_mode) ||
      !read_effects (&source, policy->effects))
    return FALSE;
  policy->rest = lw_json_object_copy (source.object);
  *out = g_steal_pointer (&policy);
  return TRUE;
}

static gboolean
read_selectors (LwSource *self, JsonArray **out)
{
  JsonArray *array = NULL;

  if (!lw_source_array (self, "selectors", &array))
    return FALSE;
  for (guint i = 0; array != NULL && i < json_array_get_length (array); i++)
    if (lw_json_array_get_object (array, i) == NULL)
      {
        g_autofree char *name = g_strdup_printf ("selectors[%u]", i);

        return lw_source_wrong_member (self, name, _ ("an object"));
      }
  if (array != NULL)
    {
      json_array_unref (*out);
      *out = lw_json_array_copy (array);
    }
  return TRUE;
}

static gpointer
read_grant (LwSource *source)
{
  g_autoptr (LwGrant) grant = lw_grant_new (0);
  gint64 n = 0;

  if (!lw_source_integer (source, "n", MAX_GRANT_NUMBER, &n) ||
      !lw_source_text (source, "assignment", &grant->assignment) ||
      !lw_source_text (source, "policyName", &grant->policy_name) ||
      !lw_source_strings (source, "references", grant->references) ||
      !lw_source_text (source, "scope", &grant->scope) ||
      !read_selectors (source, &grant->selectors) || !lw_source_text (source, "why", &grant->why) ||
      !lw_source_text (source, "renews", &grant->renews) || !read_policy (source, &grant->policy))
    return NULL;
  grant->n = (guint) n;
  grant->rest = lw_json_object_copy (source->object);
  return g_steal_pointer (&grant);
}

static gboolean
read_reason (LwSource *self, LwReason *reason)
{
  LwSource source = { NULL, "reason", self->error };

  if (!lw_source_object (self, "reason", &source.object))
    return FALSE;
  if (source.object == NULL)
    return TRUE;
  if (!lw_source_text (&source, "blocker", &reason->blocker) ||
      !lw_source_text (&source, "control", &reason->control) ||
      !lw_source_text (&source, "impractical", &reason->impractical) ||
      !lw_source_text (&source, "endState", &reason->end_state) ||
      !lw_source_text (&source, "endStateBy", &reason->end_state_by))
    return FALSE;
  reason->rest = lw_json_object_copy (source.object);
  return TRUE;
}

static gpointer
read_remediation (LwSource *source)
{
  LwRemediation *step = lw_remediation_new (NULL, NULL, NULL);

  if (!lw_source_text (source, "step", &step->step) || !lw_source_text (source, "by", &step->by) ||
      !lw_source_text (source, "link", &step->link))
    {
      lw_remediation_free (step);
      return NULL;
    }
  step->rest = lw_json_object_copy (source->object);
  return step;
}

static gpointer
read_evidence (LwSource *source)
{
  LwEvidence *evidence = lw_evidence_new_link (NULL);

  if (!lw_source_text (source, "sha256", &evidence->sha256) ||
      !lw_source_text (source, "name", &evidence->name) ||
      !lw_source_integer (source, "size", LW_NUMBER_MAX_SAFE, &evidence->size) ||
      !lw_source_text (source, "mediaType", &evidence->media_type) ||
      !lw_source_text (source, "link", &evidence->link))
    {
      lw_evidence_free (evidence);
      return NULL;
    }
  evidence->rest = lw_json_object_copy (source->object);
  return evidence;
}

static gpointer
read_control (LwSource *source)
{
  g_autoptr (LwControl) control = lw_control_new (NULL);

  if (!lw_source_text (source, "kind", &control->kind) ||
      !lw_source_text (source, "objective", &control->objective) ||
      !lw_source_text (source, "definition", &control->definition) ||
      !lw_source_text (source, "residualRisk", &control->residual_risk) ||
      !lw_source_text (source, "validation", &control->validation) ||
      !lw_source_text (source, "maintenance", &control->maintenance) ||
      !lw_source_list (source, "evidence", read_evidence, control->evidence) ||
      !lw_source_person (source, "checkedBy", &control->checked_by) ||
      !lw_source_text (source, "nextCheck", &control->next_check))
    return NULL;
  control->rest = lw_json_object_copy (source->object);
  return g_steal_pointer (&control);
}

static gboolean
read_renews (LwSource *self, LwRequest *request)
{
  LwSource source = { NULL, "renews", self->error };

  if (!lw_source_object (self, "renews", &source.object))
    return FALSE;
  return source.object == NULL ||
         (lw_source_text (&source, "request", &request->renews_request) &&
          lw_source_text (&source, "whatChanged", &request->renews_what_changed));
}

static gboolean
check_version (LwSource *self)
{
  gint64 version = lw_json_get_int (self->object, "version", 0);

  if (version == 1)
    return TRUE;
  if (version > 1)
    g_set_error (self->error, LW_DOMAIN_ERROR, LW_DOMAIN_ERROR_VERSION,
                 _ ("This request is of version %" G_GINT64_FORMAT
                    ", which is newer than this Leeway knows; update Leeway."),
                 version);
  else
    g_set_error_literal (self->error, LW_DOMAIN_ERROR, LW_DOMAIN_ERROR_VERSION,
                         _ ("This is no request of Leeway: “version” must be 1."));
  return FALSE;
}

LwRequest *
lw_request_from_json (JsonNode *node, GError **error)
{
  g_autoptr (LwRequest) self = NULL;
  LwSource source = { lw_json_node_object (node), "", error };

  if (source.object == NULL)
    {
      g_set_error_literal (error, LW_DOMAIN_ERROR, LW_DOMAIN_ERROR_TYPE,
                           _ ("A request must be a JSON object."));
      return NULL;
    }
  if (!check_version (&source) || !lw_source_check_tree (node, error))
    return NULL;

  self = lw_request_new ("");
  g_clear_pointer (&self->id, g_free);
  if (!lw_source_text (&source, "id", &self->id) ||
      !lw_source_text (&source, "title", &self->title) ||
      !lw_source_text (&source, "category", &self->category) ||
      !lw_source_person (&source, "requester", &self->requester) ||
      !lw_source_list (&source, "grants", read_grant, self->grants) ||
      !read_reason (&source, self->reason) || !lw_source_person (&source, "owner", &self->owner) ||
      !lw_source_text (&source, "expires", &self->expires) ||
      !lw_source_list (&source, "remediation", read_remediation, self->remediation) ||
      !lw_source_list (&source, "controls", read_control, self->controls) ||
      !lw_source_list (&source, "evidence", read_evidence, self->evidence) ||
      !lw_source_text (&source, "ticket", &self->ticket) || !read_renews (&source, self) ||
      !lw_source_boolean (&source, "emergency", &self->emergency))
    return NULL;
  self->rest = lw_json_object_copy (source.object);
  return g_steal_pointer (&self);
}

LwRequest *
lw_request_from_bytes (GBytes *bytes, GError **error)
{
  g_autoptr (JsonNode) node = lw_json_parse (bytes, MAX_SIZE, error);

  return node != NULL ? lw_request_from_json (node, error) : NULL;
}
