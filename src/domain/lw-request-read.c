/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "config.h"

#include <glib/gi18n-lib.h>

#include "lw-domain-error.h"
#include "lw-json.h"
#include "lw-number-private.h"
#include "lw-request.h"

/* A request is wrapped in an event, and both must stay within what the strict reader accepts. */
#define MAX_DEPTH        (LW_JSON_MAX_DEPTH - 4)
#define MAX_GRANT_NUMBER 9999
#define MAX_SIZE         (4 * 1024 * 1024)

/* An object being read: where it stands, and where its members are. */
typedef struct
{
  JsonObject *object;
  const char *path; /* "" for the request itself, else "grants[0]" */
  GError **error;
} Source;

static gboolean
wrong_type (Source *self, const char *path, const char *expected)
{
  g_set_error (self->error, LW_DOMAIN_ERROR, LW_DOMAIN_ERROR_TYPE,
               /* Translators: the first %s is the path of a member such as grants[0].scope, the
                * second what it must be, such as “a string”. */
               _ ("“%s” must be %s."), path, expected);
  return FALSE;
}

static gboolean
wrong_member (Source *self, const char *member, const char *expected)
{
  g_autofree char *path =
      *self->path != '\0' ? g_strdup_printf ("%s.%s", self->path, member) : g_strdup (member);

  return wrong_type (self, path, expected);
}

static JsonNode *
get (Source *self, const char *member)
{
  JsonNode *node = json_object_get_member (self->object, member);

  return node != NULL && !JSON_NODE_HOLDS_NULL (node) ? node : NULL;
}

static gboolean
read_text (Source *self, const char *member, char **out)
{
  JsonNode *node = get (self, member);

  if (node == NULL)
    return TRUE;
  if (!JSON_NODE_HOLDS_VALUE (node) || json_node_get_value_type (node) != G_TYPE_STRING)
    return wrong_member (self, member, _ ("a string"));
  *out = json_node_dup_string (node);
  return TRUE;
}

static gboolean
read_integer (Source *self, const char *member, gint64 max, gint64 *out)
{
  JsonNode *node = get (self, member);

  if (node == NULL)
    return TRUE;
  if (!JSON_NODE_HOLDS_VALUE (node) || json_node_get_value_type (node) != G_TYPE_INT64 ||
      json_node_get_int (node) < 0 || json_node_get_int (node) > max)
    return wrong_member (self, member, _ ("a whole number, not negative and not too large"));
  *out = json_node_get_int (node);
  return TRUE;
}

static gboolean
read_boolean (Source *self, const char *member, gboolean *out)
{
  JsonNode *node = get (self, member);

  if (node == NULL)
    return TRUE;
  if (!JSON_NODE_HOLDS_VALUE (node) || json_node_get_value_type (node) != G_TYPE_BOOLEAN)
    return wrong_member (self, member, _ ("true or false"));
  *out = json_node_get_boolean (node);
  return TRUE;
}

/* @out is left alone where the member is absent. */
static gboolean
read_object (Source *self, const char *member, JsonObject **out)
{
  JsonNode *node = get (self, member);

  if (node == NULL)
    return TRUE;
  if (!JSON_NODE_HOLDS_OBJECT (node))
    return wrong_member (self, member, _ ("an object"));
  *out = json_node_get_object (node);
  return TRUE;
}

static gboolean
read_array (Source *self, const char *member, JsonArray **out)
{
  JsonNode *node = get (self, member);

  if (node == NULL)
    return TRUE;
  if (!JSON_NODE_HOLDS_ARRAY (node))
    return wrong_member (self, member, _ ("a list"));
  *out = json_node_get_array (node);
  return TRUE;
}

static char *
path_of (Source *self, const char *member)
{
  return *self->path != '\0' ? g_strdup_printf ("%s.%s", self->path, member) : g_strdup (member);
}

static gboolean
read_strings (Source *self, const char *member, GPtrArray *out)
{
  JsonArray *array = NULL;

  if (!read_array (self, member, &array))
    return FALSE;
  for (guint i = 0; array != NULL && i < json_array_get_length (array); i++)
    {
      const char *text = lw_json_array_get_string (array, i);

      if (text == NULL)
        {
          g_autofree char *name = g_strdup_printf ("%s[%u]", member, i);

          return wrong_member (self, name, _ ("a string"));
        }
      g_ptr_array_add (out, g_strdup (text));
    }
  return TRUE;
}

/* Reads one element of a list; takes nothing over. */
typedef gpointer (*ReadElement) (Source *source);

static gboolean
read_list (Source *self, const char *member, ReadElement read, GPtrArray *out)
{
  JsonArray *array = NULL;

  if (!read_array (self, member, &array))
    return FALSE;
  for (guint i = 0; array != NULL && i < json_array_get_length (array); i++)
    {
      g_autofree char *name = g_strdup_printf ("%s[%u]", member, i);
      g_autofree char *path = path_of (self, name);
      Source element = { lw_json_array_get_object (array, i), path, self->error };
      gpointer value;

      if (element.object == NULL)
        return wrong_type (self, path, _ ("an object"));
      value = read (&element);
      if (value == NULL)
        return FALSE;
      g_ptr_array_add (out, value);
    }
  return TRUE;
}

LwPerson *
lw_person_from_json (JsonNode *node, const char *path, GError **error)
{
  g_autoptr (LwPerson) person = NULL;
  Source source = { lw_json_node_object (node), path, error };

  if (node == NULL || JSON_NODE_HOLDS_NULL (node))
    return NULL;
  if (source.object == NULL)
    {
      wrong_type (&source, path, _ ("an object"));
      return NULL;
    }
  person = lw_person_new (NULL, NULL, NULL);
  if (!read_text (&source, "id", &person->id) || !read_text (&source, "name", &person->name) ||
      !read_text (&source, "upn", &person->upn))
    return NULL;
  person->rest = lw_json_object_copy (source.object);
  return g_steal_pointer (&person);
}

static gboolean
read_person (Source *self, const char *member, LwPerson **out)
{
  g_autofree char *path = path_of (self, member);
  JsonNode *node = get (self, member);

  if (node == NULL)
    return TRUE;
  *out = lw_person_from_json (node, path, self->error);
  return *out != NULL;
}

static gboolean
read_effects (Source *self, GHashTable *effects)
{
  JsonObject *object = NULL;
  JsonObjectIter iter;
  const char *reference;

  if (!read_object (self, "effects", &object))
    return FALSE;
  if (object == NULL)
    return TRUE;
  json_object_iter_init_ordered (&iter, object);
  while (json_object_iter_next_ordered (&iter, &reference, NULL))
    {
      const char *effect = lw_json_get_string (object, reference);

      if (effect != NULL)
        g_hash_table_insert (effects, g_strdup (reference), g_strdup (effect));
      else if (!json_object_get_null_member (object, reference))
        {
          g_autofree char *name = g_strdup_printf ("effects.%s", reference);

          return wrong_member (self, name, _ ("a string"));
        }
    }
  return TRUE;
}

static gboolean
read_policy (Source *self, LwPolicySnapshot **out)
{
  g_autoptr (LwPolicySnapshot) policy = NULL;
  g_autofree char *path = path_of (self, "policy");
  Source source = { NULL, path, self->error };

  if (!read_object (self, "policy", &source.object))
    return FALSE;
  if (source.object == NULL)
    return TRUE;
  policy = lw_policy_snapshot_new ();
  if (!read_text (&source, "instanceId", &policy->instance_id) ||
      !read_text (&source, "definition", &policy->definition) ||
      !read_text (&source, "version", &policy->version) ||
      !read_text (&source, "enforcementMode", &policy->enforcement_mode) ||
      !read_effects (&source, policy->effects))
    return FALSE;
  policy->rest = lw_json_object_copy (source.object);
  *out = g_steal_pointer (&policy);
  return TRUE;
}

static gboolean
read_selectors (Source *self, JsonArray **out)
{
  JsonArray *array = NULL;

  if (!read_array (self, "selectors", &array))
    return FALSE;
  for (guint i = 0; array != NULL && i < json_array_get_length (array); i++)
    if (lw_json_array_get_object (array, i) == NULL)
      {
        g_autofree char *name = g_strdup_printf ("selectors[%u]", i);

        return wrong_member (self, name, _ ("an object"));
      }
  if (array != NULL)
    {
      json_array_unref (*out);
      *out = lw_json_array_copy (array);
    }
  return TRUE;
}

static gpointer
read_grant (Source *source)
{
  g_autoptr (LwGrant) grant = lw_grant_new (0);
  gint64 n = 0;

  if (!read_integer (source, "n", MAX_GRANT_NUMBER, &n) ||
      !read_text (source, "assignment", &grant->assignment) ||
      !read_text (source, "policyName", &grant->policy_name) ||
      !read_strings (source, "references", grant->references) ||
      !read_text (source, "scope", &grant->scope) || !read_selectors (source, &grant->selectors) ||
      !read_text (source, "why", &grant->why) || !read_text (source, "renews", &grant->renews) ||
      !read_policy (source, &grant->policy))
    return NULL;
  grant->n = (guint) n;
  grant->rest = lw_json_object_copy (source->object);
  return g_steal_pointer (&grant);
}

static gboolean
read_reason (Source *self, LwReason *reason)
{
  Source source = { NULL, "reason", self->error };

  if (!read_object (self, "reason", &source.object))
    return FALSE;
  if (source.object == NULL)
    return TRUE;
  if (!read_text (&source, "blocker", &reason->blocker) ||
      !read_text (&source, "control", &reason->control) ||
      !read_text (&source, "impractical", &reason->impractical) ||
      !read_text (&source, "endState", &reason->end_state) ||
      !read_text (&source, "endStateBy", &reason->end_state_by))
    return FALSE;
  reason->rest = lw_json_object_copy (source.object);
  return TRUE;
}

static gpointer
read_remediation (Source *source)
{
  LwRemediation *step = lw_remediation_new (NULL, NULL, NULL);

  if (!read_text (source, "step", &step->step) || !read_text (source, "by", &step->by) ||
      !read_text (source, "link", &step->link))
    {
      lw_remediation_free (step);
      return NULL;
    }
  step->rest = lw_json_object_copy (source->object);
  return step;
}

static gpointer
read_evidence (Source *source)
{
  LwEvidence *evidence = lw_evidence_new_link (NULL);

  if (!read_text (source, "sha256", &evidence->sha256) ||
      !read_text (source, "name", &evidence->name) ||
      !read_integer (source, "size", LW_NUMBER_MAX_SAFE, &evidence->size) ||
      !read_text (source, "mediaType", &evidence->media_type) ||
      !read_text (source, "link", &evidence->link))
    {
      lw_evidence_free (evidence);
      return NULL;
    }
  evidence->rest = lw_json_object_copy (source->object);
  return evidence;
}

static gpointer
read_control (Source *source)
{
  g_autoptr (LwControl) control = lw_control_new (NULL);

  if (!read_text (source, "kind", &control->kind) ||
      !read_text (source, "objective", &control->objective) ||
      !read_text (source, "definition", &control->definition) ||
      !read_text (source, "residualRisk", &control->residual_risk) ||
      !read_text (source, "validation", &control->validation) ||
      !read_text (source, "maintenance", &control->maintenance) ||
      !read_list (source, "evidence", read_evidence, control->evidence) ||
      !read_person (source, "checkedBy", &control->checked_by) ||
      !read_text (source, "nextCheck", &control->next_check))
    return NULL;
  control->rest = lw_json_object_copy (source->object);
  return g_steal_pointer (&control);
}

static gboolean
read_renews (Source *self, LwRequest *request)
{
  Source source = { NULL, "renews", self->error };

  if (!read_object (self, "renews", &source.object))
    return FALSE;
  return source.object == NULL ||
         (read_text (&source, "request", &request->renews_request) &&
          read_text (&source, "whatChanged", &request->renews_what_changed));
}

/* Whether every number in the tree, known member or not, has a canonical form that keeps it. */
static gboolean
check_tree (JsonNode *node, guint depth, GError **error)
{
  if (depth > MAX_DEPTH)
    {
      g_set_error_literal (error, LW_DOMAIN_ERROR, LW_DOMAIN_ERROR_TYPE,
                           _ ("The request is nested too deeply."));
      return FALSE;
    }
  if (JSON_NODE_HOLDS_VALUE (node) && json_node_get_value_type (node) == G_TYPE_INT64 &&
      (json_node_get_int (node) > LW_NUMBER_MAX_SAFE ||
       json_node_get_int (node) < -LW_NUMBER_MAX_SAFE))
    {
      g_set_error (error, LW_DOMAIN_ERROR, LW_DOMAIN_ERROR_TYPE,
                   _ ("The number %" G_GINT64_FORMAT " is too large; write it as a string."),
                   json_node_get_int (node));
      return FALSE;
    }
  if (JSON_NODE_HOLDS_ARRAY (node))
    {
      JsonArray *array = json_node_get_array (node);

      for (guint i = 0; i < json_array_get_length (array); i++)
        if (!check_tree (json_array_get_element (array, i), depth + 1, error))
          return FALSE;
    }
  if (JSON_NODE_HOLDS_OBJECT (node))
    {
      JsonObjectIter iter;
      JsonNode *member;

      json_object_iter_init (&iter, json_node_get_object (node));
      while (json_object_iter_next (&iter, NULL, &member))
        if (!check_tree (member, depth + 1, error))
          return FALSE;
    }
  return TRUE;
}

static gboolean
check_version (Source *self)
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
  Source source = { lw_json_node_object (node), "", error };

  if (source.object == NULL)
    {
      g_set_error_literal (error, LW_DOMAIN_ERROR, LW_DOMAIN_ERROR_TYPE,
                           _ ("A request must be a JSON object."));
      return NULL;
    }
  if (!check_version (&source) || !check_tree (node, 1, error))
    return NULL;

  self = lw_request_new ("");
  g_clear_pointer (&self->id, g_free);
  if (!read_text (&source, "id", &self->id) || !read_text (&source, "title", &self->title) ||
      !read_text (&source, "category", &self->category) ||
      !read_person (&source, "requester", &self->requester) ||
      !read_list (&source, "grants", read_grant, self->grants) ||
      !read_reason (&source, self->reason) || !read_person (&source, "owner", &self->owner) ||
      !read_text (&source, "expires", &self->expires) ||
      !read_list (&source, "remediation", read_remediation, self->remediation) ||
      !read_list (&source, "controls", read_control, self->controls) ||
      !read_list (&source, "evidence", read_evidence, self->evidence) ||
      !read_text (&source, "ticket", &self->ticket) || !read_renews (&source, self) ||
      !read_boolean (&source, "emergency", &self->emergency))
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
