/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "lw-json.h"
#include "lw-request.h"

/*
 * Everything is written into a copy of the object that was read. A member is only touched where its
 * value changed, so that null stays null, what was absent stays absent, and the order stays. An object
 * made here has all members, null where there is no value.
 */

static JsonObject *
start (JsonObject *rest)
{
  return rest != NULL ? lw_json_object_copy (rest) : json_object_new ();
}

static JsonNode *
object_node (JsonObject *object)
{
  return json_node_init_object (json_node_alloc (), object);
}

static void
put_text (JsonObject *object, gboolean fresh, const char *member, const char *value)
{
  if (!fresh && g_strcmp0 (lw_json_get_string (object, member), value) == 0)
    return;
  lw_json_set_string (object, member, value);
}

/* Whether an absent or null @member stands for nothing, and nothing is what there is to write. */
static gboolean
stays_empty (JsonObject *object, gboolean fresh, const char *member, gboolean nothing)
{
  JsonNode *node = json_object_get_member (object, member);

  return !fresh && nothing && (node == NULL || JSON_NODE_HOLDS_NULL (node));
}

/* Takes @node. */
static void
put_node (JsonObject *object, const char *member, JsonNode *node)
{
  if (node != NULL)
    json_object_set_member (object, member, node);
  else
    lw_json_set_string (object, member, NULL);
}

static void
put_person (JsonObject *object, gboolean fresh, const char *member, const LwPerson *person)
{
  if (!stays_empty (object, fresh, member, person == NULL))
    put_node (object, member, person != NULL ? lw_person_to_json (person) : NULL);
}

typedef JsonNode *(*WriteElement) (gconstpointer element);

static void
put_list (JsonObject *object,
          gboolean fresh,
          const char *member,
          GPtrArray *elements,
          WriteElement write)
{
  JsonArray *array;

  if (stays_empty (object, fresh, member, elements->len == 0))
    return;
  array = json_array_sized_new (elements->len);
  for (guint i = 0; i < elements->len; i++)
    json_array_add_element (array, write (g_ptr_array_index (elements, i)));
  json_object_set_array_member (object, member, array);
}

static JsonNode *
write_text (gconstpointer text)
{
  return json_node_init_string (json_node_alloc (), text);
}

JsonNode *
lw_person_to_json (const LwPerson *self)
{
  g_autoptr (JsonObject) object = NULL;
  gboolean fresh;

  g_return_val_if_fail (self != NULL, NULL);

  fresh = self->rest == NULL;
  object = start (self->rest);
  put_text (object, fresh, "id", self->id);
  put_text (object, fresh, "name", self->name);
  put_text (object, fresh, "upn", self->upn);
  return object_node (object);
}

static int
compare_text (gconstpointer a, gconstpointer b)
{
  return g_strcmp0 (*(const char *const *) a, *(const char *const *) b);
}

static void
put_effects (JsonObject *object, gboolean fresh, GHashTable *effects)
{
  g_autoptr (JsonObject) copy = NULL;
  g_autoptr (GPtrArray) references = NULL;
  g_autoptr (GList) members = NULL;

  if (stays_empty (object, fresh, "effects", g_hash_table_size (effects) == 0))
    return;
  copy = start (lw_json_get_object (object, "effects"));
  members = json_object_get_members (copy);
  for (GList *l = members; l != NULL; l = l->next)
    if (lw_json_get_string (copy, l->data) != NULL && !g_hash_table_contains (effects, l->data))
      json_object_remove_member (copy, l->data);
  references = g_hash_table_get_keys_as_ptr_array (effects);
  g_ptr_array_sort (references, compare_text);
  for (guint i = 0; i < references->len; i++)
    {
      const char *reference = g_ptr_array_index (references, i);

      put_text (copy, FALSE, reference, g_hash_table_lookup (effects, reference));
    }
  json_object_set_member (object, "effects", object_node (copy));
}

static JsonNode *
write_policy (const LwPolicySnapshot *self)
{
  gboolean fresh = self->rest == NULL;
  g_autoptr (JsonObject) object = start (self->rest);

  put_text (object, fresh, "instanceId", self->instance_id);
  put_text (object, fresh, "definition", self->definition);
  put_text (object, fresh, "version", self->version);
  put_text (object, fresh, "enforcementMode", self->enforcement_mode);
  put_effects (object, fresh, self->effects);
  return object_node (object);
}

static void
put_number (JsonObject *object, gboolean fresh, const char *member, gint64 value)
{
  if (fresh || lw_json_get_int (object, member, 0) != value)
    json_object_set_int_member (object, member, value);
}

static JsonNode *
write_grant (gconstpointer data)
{
  const LwGrant *self = data;
  gboolean fresh = self->rest == NULL;
  g_autoptr (JsonObject) object = start (self->rest);

  put_number (object, fresh, "n", self->n);
  put_text (object, fresh, "assignment", self->assignment);
  put_text (object, fresh, "policyName", self->policy_name);
  put_list (object, fresh, "references", self->references, write_text);
  put_text (object, fresh, "scope", self->scope);
  if (!stays_empty (object, fresh, "selectors", json_array_get_length (self->selectors) == 0))
    json_object_set_array_member (object, "selectors", lw_json_array_copy (self->selectors));
  put_text (object, fresh, "why", self->why);
  put_text (object, fresh, "renews", self->renews);
  if (!stays_empty (object, fresh, "policy", self->policy == NULL))
    put_node (object, "policy", self->policy != NULL ? write_policy (self->policy) : NULL);
  return object_node (object);
}

static void
put_reason (JsonObject *object, gboolean fresh, const LwReason *self)
{
  g_autoptr (JsonObject) reason = NULL;
  gboolean fresh_reason = self->rest == NULL;
  gboolean nothing = fresh_reason && self->blocker == NULL && self->control == NULL &&
                     self->impractical == NULL && self->end_state == NULL &&
                     self->end_state_by == NULL;

  if (stays_empty (object, fresh, "reason", nothing))
    return;
  reason = start (self->rest);
  put_text (reason, fresh_reason, "blocker", self->blocker);
  put_text (reason, fresh_reason, "control", self->control);
  put_text (reason, fresh_reason, "impractical", self->impractical);
  put_text (reason, fresh_reason, "endState", self->end_state);
  put_text (reason, fresh_reason, "endStateBy", self->end_state_by);
  json_object_set_member (object, "reason", object_node (reason));
}

static JsonNode *
write_remediation (gconstpointer data)
{
  const LwRemediation *self = data;
  gboolean fresh = self->rest == NULL;
  g_autoptr (JsonObject) object = start (self->rest);

  put_text (object, fresh, "step", self->step);
  put_text (object, fresh, "by", self->by);
  put_text (object, fresh, "link", self->link);
  return object_node (object);
}

/* A fresh one has either the members of a file or those of a link. */
static JsonNode *
write_evidence (gconstpointer data)
{
  const LwEvidence *self = data;
  gboolean file = self->rest == NULL && self->sha256 != NULL;
  g_autoptr (JsonObject) object = start (self->rest);

  put_text (object, file, "sha256", self->sha256);
  put_text (object, file, "name", self->name);
  put_number (object, file, "size", self->size);
  put_text (object, file, "mediaType", self->media_type);
  put_text (object, self->rest == NULL && !file, "link", self->link);
  return object_node (object);
}

static JsonNode *
write_control (gconstpointer data)
{
  const LwControl *self = data;
  gboolean fresh = self->rest == NULL;
  g_autoptr (JsonObject) object = start (self->rest);

  put_text (object, fresh, "kind", self->kind);
  put_text (object, fresh, "objective", self->objective);
  put_text (object, fresh, "definition", self->definition);
  put_text (object, fresh, "residualRisk", self->residual_risk);
  put_text (object, fresh, "validation", self->validation);
  put_text (object, fresh, "maintenance", self->maintenance);
  put_list (object, fresh, "evidence", self->evidence, write_evidence);
  put_person (object, fresh, "checkedBy", self->checked_by);
  put_text (object, fresh, "nextCheck", self->next_check);
  return object_node (object);
}

static void
put_renews (JsonObject *object, gboolean fresh, const LwRequest *self)
{
  JsonObject *read = lw_json_get_object (object, "renews");
  gboolean nothing = self->renews_request == NULL && self->renews_what_changed == NULL;
  g_autoptr (JsonObject) renews = NULL;

  if (stays_empty (object, fresh, "renews", nothing))
    return;
  /* What was an object without either member stays one; a renewal that was given up goes. */
  if (nothing && (read == NULL || lw_json_get_string (read, "request") != NULL ||
                  lw_json_get_string (read, "whatChanged") != NULL))
    {
      put_node (object, "renews", NULL);
      return;
    }
  renews = start (read);
  put_text (renews, read == NULL, "request", self->renews_request);
  put_text (renews, read == NULL, "whatChanged", self->renews_what_changed);
  json_object_set_member (object, "renews", object_node (renews));
}

static void
put_emergency (JsonObject *object, gboolean emergency)
{
  if (lw_json_get_boolean (object, "emergency", FALSE) == emergency)
    return;
  if (emergency)
    json_object_set_boolean_member (object, "emergency", TRUE);
  else
    json_object_remove_member (object, "emergency");
}

JsonNode *
lw_request_to_json (const LwRequest *self)
{
  g_autoptr (JsonObject) object = NULL;
  gboolean fresh;

  g_return_val_if_fail (self != NULL, NULL);

  fresh = self->rest == NULL;
  object = start (self->rest);
  put_number (object, fresh, "version", 1);
  put_text (object, fresh, "id", self->id);
  put_text (object, fresh, "title", self->title);
  put_text (object, fresh, "category", self->category);
  put_person (object, fresh, "requester", self->requester);
  put_list (object, fresh, "grants", self->grants, write_grant);
  put_reason (object, fresh, self->reason);
  put_person (object, fresh, "owner", self->owner);
  put_text (object, fresh, "expires", self->expires);
  put_list (object, fresh, "remediation", self->remediation, write_remediation);
  put_list (object, fresh, "controls", self->controls, write_control);
  put_list (object, fresh, "evidence", self->evidence, write_evidence);
  put_text (object, fresh, "ticket", self->ticket);
  put_renews (object, fresh, self);
  put_emergency (object, self->emergency);
  return object_node (object);
}

char *
lw_request_digest (const LwRequest *self, GError **error)
{
  g_autoptr (JsonNode) node = lw_request_to_json (self);

  return lw_json_digest (node, error);
}
