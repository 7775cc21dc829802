/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "config.h"

#include <glib/gi18n-lib.h>
#include <string.h>

#include "lw-definition-version.h"
#include "lw-domain-error.h"
#include "lw-json.h"
#include "lw-policy-private.h"
#include "lw-policy.h"

G_DEFINE_BOXED_TYPE (LwAssignment, lw_assignment, lw_assignment_ref, lw_assignment_unref)

static void
reference_free (gpointer data)
{
  LwPolicyReference *self = data;

  g_free (self->reference_id);
  g_free (self->definition_id);
  g_free (self->display_name);
  g_free (self->description);
  g_free (self->category);
  g_free (self->effect);
  g_ptr_array_unref (self->groups);
  g_free (self);
}

JsonObject *
lw_azure_object (JsonNode *node, const char *what, const char *id_member, GError **error)
{
  JsonObject *object = lw_json_node_object (node);
  const char *id = lw_json_get_string (object, id_member);

  if (id == NULL || id[0] == '\0')
    {
      g_set_error (error, LW_DOMAIN_ERROR, LW_DOMAIN_ERROR_TYPE,
                   /* Translators: the first %s is such as “policy exemption”, the second a member’s
                    * name such as “id”. */
                   _ ("Azure answered a %s without “%s”."), what, id_member);
      return NULL;
    }
  return object;
}

void
lw_strings_append (GPtrArray *strings, JsonArray *array)
{
  for (guint i = 0; array != NULL && i < json_array_get_length (array); i++)
    {
      const char *text = lw_json_array_get_string (array, i);

      if (text != NULL)
        g_ptr_array_add (strings, g_strdup (text));
    }
}

char *
lw_name_of (JsonObject *object, const char *id)
{
  const char *name = lw_json_get_string (object, "name");

  return name != NULL && name[0] != '\0' ? g_strdup (name) : lw_arm_id_name (id);
}

char *
lw_text_or (const char *text, const char *fallback)
{
  return g_strdup (text != NULL && text[0] != '\0' ? text : fallback);
}

static LwAssignment *
read_assignment (JsonObject *object)
{
  LwAssignment *self = g_atomic_rc_box_new0 (LwAssignment);
  JsonObject *properties = lw_json_get_object (object, "properties");
  const char *version = lw_json_get_string (properties, "effectiveDefinitionVersion");

  self->json = lw_json_object_copy (object);
  self->id = lw_arm_id_normalize (lw_json_get_string (object, "id"));
  self->name = lw_name_of (object, self->id);
  if (!lw_arm_id_split (self->id, LW_ASSIGNMENTS_TYPE, &self->scope, NULL))
    self->scope = lw_arm_id_normalize (lw_json_get_string (properties, "scope"));
  self->display_name = lw_text_or (lw_json_get_string (properties, "displayName"), self->name);
  self->description = g_strdup (lw_json_get_string (properties, "description"));
  self->definition_id = lw_arm_id_normalize (lw_json_get_string (properties, "policyDefinitionId"));
  self->initiative = lw_arm_id_split (self->definition_id, LW_SET_DEFINITIONS_TYPE, NULL, NULL);
  self->definition_version =
      lw_text_or (version, lw_json_get_string (properties, "definitionVersion"));
  self->enforcement_mode =
      lw_text_or (lw_json_get_string (properties, "enforcementMode"), "Default");
  self->instance_id = g_strdup (lw_json_get_string (properties, "instanceId"));
  self->not_scopes = g_ptr_array_new_with_free_func (g_free);
  lw_strings_append (self->not_scopes, lw_json_get_array (properties, "notScopes"));
  self->references = g_ptr_array_new_with_free_func (reference_free);
  self->group_names = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_free);
  return self;
}

LwAssignment *
lw_assignment_from_json (JsonNode *node, GError **error)
{
  JsonObject *object = lw_azure_object (node, _ ("policy assignment"), "id", error);

  return object != NULL ? read_assignment (object) : NULL;
}

LwAssignment *
lw_assignment_ref (LwAssignment *self)
{
  return g_atomic_rc_box_acquire (self);
}

static void
assignment_clear (gpointer data)
{
  LwAssignment *self = data;

  g_free (self->id);
  g_free (self->name);
  g_free (self->scope);
  g_free (self->display_name);
  g_free (self->description);
  g_free (self->definition_id);
  g_free (self->definition_version);
  g_free (self->enforcement_mode);
  g_free (self->instance_id);
  g_ptr_array_unref (self->not_scopes);
  g_free (self->category);
  g_free (self->definition_name);
  g_ptr_array_unref (self->references);
  g_hash_table_unref (self->group_names);
  json_object_unref (self->json);
}

void
lw_assignment_unref (LwAssignment *self)
{
  g_atomic_rc_box_release_full (self, assignment_clear);
}

/* Where parameters come from: the assignment's values first, then what the definition defaults to. */
typedef struct
{
  JsonObject *values;      /* {name: {"value": …}} of what assigns; nullable */
  JsonObject *definitions; /* {name: {"defaultValue": …}} of what is assigned; nullable */
} Parameters;

/* json_object_get_member() without case, as Azure looks parameters up. */
static JsonObject *
find_parameter (JsonObject *object, const char *name)
{
  JsonObjectIter iter;
  const char *member;
  JsonNode *node;

  if (object == NULL)
    return NULL;
  json_object_iter_init (&iter, object);
  while (json_object_iter_next (&iter, &member, &node))
    if (g_ascii_strcasecmp (member, name) == 0)
      return lw_json_node_object (node);
  return NULL;
}

/* The name in "[parameters('name')]"; %NULL for any other expression. (transfer full) */
static char *
parameter_name (const char *expression)
{
  g_autofree char *text = NULL;
  gsize length;

  if (expression[0] != '[')
    return NULL;
  text = g_strstrip (g_strdup (expression + 1));
  length = strlen (text);
  if (length == 0 || text[length - 1] != ']')
    return NULL;
  text[length - 1] = '\0';
  g_strchomp (text);
  if (g_ascii_strncasecmp (text, "parameters", 10) != 0)
    return NULL;
  g_strstrip (memmove (text, text + 10, strlen (text + 10) + 1));
  length = strlen (text);
  if (length < 2 || text[0] != '(' || text[length - 1] != ')')
    return NULL;
  text[length - 1] = '\0';
  g_strstrip (memmove (text, text + 1, strlen (text + 1) + 1));
  length = strlen (text);
  if (length < 3 || text[0] != '\'' || text[length - 1] != '\'' ||
      memchr (text + 1, '\'', length - 2) != NULL)
    return NULL;
  return g_strndup (text + 1, length - 2);
}

/* What @text comes to: itself, the value of the parameter it names, or %NULL when not known. */
static const char *
resolve (const char *text, const Parameters *parameters)
{
  g_autofree char *name = NULL;
  const char *value;

  if (text == NULL || text[0] != '[')
    return text;
  name = parameter_name (text);
  if (name == NULL)
    return NULL;
  value = lw_json_get_string (find_parameter (parameters->values, name), "value");
  if (value == NULL)
    value = lw_json_get_string (find_parameter (parameters->definitions, name), "defaultValue");
  return value != NULL && value[0] != '[' ? value : NULL;
}

static JsonObject *
properties_of (JsonObject *object)
{
  return lw_json_get_object (object, "properties");
}

/* The effect of a definition for those parameters of it. */
static const char *
effect_of (JsonObject *definition, const Parameters *parameters)
{
  JsonObject *rule = lw_json_get_object (properties_of (definition), "policyRule");

  return resolve (lw_json_get_string (lw_json_get_object (rule, "then"), "effect"), parameters);
}

/* The effect of a member of a set. Its parameters are values of the set, or name those of the set. */
static char *
member_effect (JsonObject *member, JsonObject *definition, const Parameters *set)
{
  JsonObject *properties = properties_of (definition);
  JsonObject *passed = lw_json_get_object (member, "parameters");
  JsonObject *rule = lw_json_get_object (properties, "policyRule");
  const char *effect = lw_json_get_string (lw_json_get_object (rule, "then"), "effect");
  g_autofree char *name = NULL;
  const char *value;

  /* Where the definition may not be read: nearly all of them call this parameter "effect". */
  if (definition == NULL)
    effect = find_parameter (passed, "effect") != NULL ? "[parameters('effect')]" : NULL;
  if (effect == NULL || effect[0] != '[')
    return g_strdup (effect);
  name = parameter_name (effect);
  if (name == NULL)
    return NULL;
  if (find_parameter (passed, name) != NULL)
    value = resolve (lw_json_get_string (find_parameter (passed, name), "value"), set);
  else
    value = resolve (effect, &(Parameters) { NULL, lw_json_get_object (properties, "parameters") });
  return g_strdup (value);
}

static void
fill_names (LwPolicyReference *self, JsonObject *definition)
{
  JsonObject *properties = properties_of (definition);
  JsonObject *metadata = lw_json_get_object (properties, "metadata");

  self->display_name = g_strdup (lw_json_get_string (properties, "displayName"));
  self->description = g_strdup (lw_json_get_string (properties, "description"));
  self->category = g_strdup (lw_json_get_string (metadata, "category"));
}

static LwPolicyReference *
add_reference (LwAssignment *self, const char *reference_id, const char *definition_id)
{
  LwPolicyReference *reference = g_new0 (LwPolicyReference, 1);

  reference->reference_id = g_strdup (reference_id);
  reference->definition_id = definition_id != NULL ? lw_arm_id_normalize (definition_id) : NULL;
  reference->groups = g_ptr_array_new_with_free_func (g_free);
  g_ptr_array_add (self->references, reference);
  return reference;
}

/* The definition of a member: of the version that the set takes where that is not the newest. */
static JsonObject *
find_member (GHashTable *members, JsonObject *member)
{
  const char *id = lw_json_get_string (member, "policyDefinitionId");
  g_autofree char *key = NULL;
  JsonObject *definition;

  if (members == NULL || id == NULL)
    return NULL;
  key = lw_definition_key (id, lw_json_get_string (member, "definitionVersion"));
  definition = g_hash_table_lookup (members, key);
  return definition != NULL ? definition : g_hash_table_lookup (members, id);
}

static void
add_set_references (LwAssignment *self,
                    JsonObject *set,
                    GHashTable *members,
                    const Parameters *parameters)
{
  JsonArray *list = lw_json_get_array (set, "policyDefinitions");
  JsonArray *groups = lw_json_get_array (set, "policyDefinitionGroups");

  for (guint i = 0; list != NULL && i < json_array_get_length (list); i++)
    {
      JsonObject *member = lw_json_array_get_object (list, i);
      const char *id = lw_json_get_string (member, "policyDefinitionId");
      const char *reference_id = lw_json_get_string (member, "policyDefinitionReferenceId");
      JsonObject *definition = find_member (members, member);
      LwPolicyReference *reference;

      if (reference_id == NULL)
        continue;
      reference = add_reference (self, reference_id, id);
      fill_names (reference, definition);
      reference->effect = member_effect (member, definition, parameters);
      lw_strings_append (reference->groups, lw_json_get_array (member, "groupNames"));
    }
  for (guint i = 0; groups != NULL && i < json_array_get_length (groups); i++)
    {
      JsonObject *group = lw_json_array_get_object (groups, i);
      const char *name = lw_json_get_string (group, "name");

      if (name != NULL)
        g_hash_table_insert (self->group_names, g_strdup (name),
                             lw_text_or (lw_json_get_string (group, "displayName"), name));
    }
}

typedef enum
{
  OUTSIDE,
  INSIDE,
  SOMETIMES
} Reach;

static gboolean
holds (JsonArray *array, const char *text)
{
  for (guint i = 0; array != NULL && i < json_array_get_length (array); i++)
    {
      const char *element = lw_json_array_get_string (array, i);

      if (element != NULL && g_ascii_strcasecmp (element, text) == 0)
        return TRUE;
    }
  return FALSE;
}

/* Whether an override reaches a reference: selectors are ANDed; one by place reaches it sometimes. */
static Reach
override_reach (JsonObject *override, const char *reference_id)
{
  JsonArray *selectors = lw_json_get_array (override, "selectors");
  Reach reach = INSIDE;

  for (guint i = 0; selectors != NULL && i < json_array_get_length (selectors); i++)
    {
      JsonObject *selector = lw_json_array_get_object (selectors, i);
      const char *kind = lw_json_get_string (selector, "kind");
      JsonArray *in = lw_json_get_array (selector, "in");

      if (kind == NULL || g_ascii_strcasecmp (kind, "policyDefinitionReferenceId") != 0)
        reach = SOMETIMES;
      else if ((in != NULL && !holds (in, reference_id)) ||
               holds (lw_json_get_array (selector, "notIn"), reference_id))
        return OUTSIDE;
    }
  return reach;
}

static void
apply_overrides (LwAssignment *self)
{
  JsonArray *overrides = lw_json_get_array (properties_of (self->json), "overrides");

  for (guint r = 0; r < self->references->len; r++)
    {
      LwPolicyReference *reference = g_ptr_array_index (self->references, r);

      for (guint i = 0; overrides != NULL && i < json_array_get_length (overrides); i++)
        {
          JsonObject *override = lw_json_array_get_object (overrides, i);
          const char *kind = lw_json_get_string (override, "kind");
          const char *value = lw_json_get_string (override, "value");
          Reach reach;

          if (kind == NULL || value == NULL || g_ascii_strcasecmp (kind, "policyEffect") != 0)
            continue;
          reach = override_reach (override, reference->reference_id);
          if (reach == OUTSIDE)
            continue;
          g_set_str (&reference->effect, reach == INSIDE ? value : NULL);
          break;
        }
    }
}

LwAssignment *
lw_assignment_with_definition (LwAssignment *self, JsonObject *definition, GHashTable *members)
{
  LwAssignment *result;
  JsonObject *properties = properties_of (definition);
  Parameters parameters;

  g_return_val_if_fail (self != NULL, NULL);

  result = read_assignment (self->json);
  if (definition == NULL)
    return result;
  result->definition_known = TRUE;
  result->definition_name = lw_text_or (lw_json_get_string (properties, "displayName"),
                                        lw_json_get_string (definition, "name"));
  result->category =
      g_strdup (lw_json_get_string (lw_json_get_object (properties, "metadata"), "category"));
  parameters.values = lw_json_get_object (properties_of (self->json), "parameters");
  parameters.definitions = lw_json_get_object (properties, "parameters");
  if (result->initiative)
    add_set_references (result, properties, members, &parameters);
  else
    {
      LwPolicyReference *reference = add_reference (result, "", result->definition_id);

      fill_names (reference, definition);
      reference->effect = g_strdup (effect_of (definition, &parameters));
    }
  apply_overrides (result);
  return result;
}

const char *
lw_assignment_get_definition_pattern (LwAssignment *self)
{
  JsonArray *overrides = lw_json_get_array (properties_of (self->json), "overrides");

  for (guint i = 0; overrides != NULL && i < json_array_get_length (overrides); i++)
    {
      JsonObject *override = lw_json_array_get_object (overrides, i);
      const char *kind = lw_json_get_string (override, "kind");
      JsonArray *selectors = lw_json_get_array (override, "selectors");

      if (kind != NULL && g_ascii_strcasecmp (kind, "definitionVersion") == 0 &&
          (selectors == NULL || json_array_get_length (selectors) == 0) &&
          lw_json_get_string (override, "value") != NULL)
        return lw_json_get_string (override, "value");
    }
  return self->definition_version;
}

static int
compare_references (gconstpointer a, gconstpointer b)
{
  const LwPolicyReference *x = *(LwPolicyReference *const *) a;
  const LwPolicyReference *y = *(LwPolicyReference *const *) b;

  return g_ascii_strcasecmp (x->reference_id, y->reference_id);
}

LwAssignment *
lw_assignment_with_states (LwAssignment *self, GPtrArray *states, GHashTable *members)
{
  LwAssignment *result;

  g_return_val_if_fail (self != NULL, NULL);
  g_return_val_if_fail (states != NULL, NULL);

  if (self->definition_known || !self->initiative)
    return lw_assignment_ref (self);
  result = read_assignment (self->json);
  for (guint i = 0; i < states->len; i++)
    {
      LwPolicyState *state = g_ptr_array_index (states, i);
      LwPolicyReference *reference;

      if (state->reference_id[0] == '\0' || !lw_arm_id_equal (state->assignment_id, self->id) ||
          lw_assignment_get_reference (result, state->reference_id) != NULL)
        continue;
      reference = add_reference (result, state->reference_id, state->definition_id);
      if (members != NULL && state->definition_id != NULL)
        fill_names (reference, g_hash_table_lookup (members, state->definition_id));
      reference->effect = g_strdup (state->effect);
      for (guint j = 0; j < state->groups->len; j++)
        g_ptr_array_add (reference->groups, g_strdup (g_ptr_array_index (state->groups, j)));
    }
  g_ptr_array_sort (result->references, compare_references);
  return result;
}

LwAssignment *
lw_assignment_with_references (LwAssignment *self, GPtrArray *ids)
{
  LwAssignment *result;
  gboolean missing = FALSE;

  g_return_val_if_fail (self != NULL, NULL);
  g_return_val_if_fail (ids != NULL, NULL);

  for (guint i = 0; i < ids->len; i++)
    missing |= lw_assignment_get_reference (self, g_ptr_array_index (ids, i)) == NULL;
  if (!missing || self->definition_known || !self->initiative)
    return lw_assignment_ref (self);
  result = read_assignment (self->json);
  for (guint i = 0; i < self->references->len; i++)
    {
      LwPolicyReference *old = g_ptr_array_index (self->references, i);
      LwPolicyReference *copy = add_reference (result, old->reference_id, old->definition_id);

      copy->display_name = g_strdup (old->display_name);
      copy->description = g_strdup (old->description);
      copy->category = g_strdup (old->category);
      copy->effect = g_strdup (old->effect);
      for (guint j = 0; j < old->groups->len; j++)
        g_ptr_array_add (copy->groups, g_strdup (g_ptr_array_index (old->groups, j)));
    }
  for (guint i = 0; i < ids->len; i++)
    if (lw_assignment_get_reference (result, g_ptr_array_index (ids, i)) == NULL)
      add_reference (result, g_ptr_array_index (ids, i), NULL);
  return result;
}

LwPolicyReference *
lw_assignment_get_reference (LwAssignment *self, const char *reference_id)
{
  for (guint i = 0; i < self->references->len; i++)
    {
      LwPolicyReference *reference = g_ptr_array_index (self->references, i);

      if (g_ascii_strcasecmp (reference->reference_id, reference_id) == 0)
        return reference;
    }
  return NULL;
}

static gboolean
is_asked (GPtrArray *references, const char *reference_id)
{
  if (references == NULL || references->len == 0)
    return TRUE;
  for (guint i = 0; i < references->len; i++)
    if (g_ascii_strcasecmp (g_ptr_array_index (references, i), reference_id) == 0)
      return TRUE;
  return FALSE;
}

LwPolicySnapshot *
lw_assignment_snapshot (LwAssignment *self, GPtrArray *references)
{
  LwPolicySnapshot *snapshot = lw_policy_snapshot_new ();

  snapshot->instance_id = g_strdup (self->instance_id);
  snapshot->definition = g_strdup (self->definition_id);
  snapshot->version = g_strdup (self->definition_version);
  snapshot->enforcement_mode = g_strdup (self->enforcement_mode);
  for (guint i = 0; i < self->references->len; i++)
    {
      LwPolicyReference *reference = g_ptr_array_index (self->references, i);

      if (reference->effect != NULL && is_asked (references, reference->reference_id))
        g_hash_table_replace (snapshot->effects, g_strdup (reference->reference_id),
                              g_strdup (reference->effect));
    }
  return snapshot;
}
