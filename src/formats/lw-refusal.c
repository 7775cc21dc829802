/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "lw-json.h"
#include "lw-refusal-private.h"

#include <string.h>

/* Text that is JSON from end to end is put in order first, if it is no longer than this. */
#define MAX_ORDERED  (1024 * 1024)
#define MAX_EMBEDDED 8

G_DEFINE_BOXED_TYPE (LwRefusalText, lw_refusal_text, lw_refusal_text_copy, lw_refusal_text_free)

/* --- values ---------------------------------------------------------------------------------------------- */

LwRefusedPolicy *
lw_refused_policy_new (void)
{
  return g_new0 (LwRefusedPolicy, 1);
}

LwRefusedPolicy *
lw_refused_policy_copy (const LwRefusedPolicy *self)
{
  LwRefusedPolicy *copy = lw_refused_policy_new ();

  for (guint i = 0; i < LW_REFUSED_N_FIELDS; i++)
    *lw_refused_policy_field (copy, i) =
        g_strdup (*lw_refused_policy_field ((LwRefusedPolicy *) self, i));
  return copy;
}

void
lw_refused_policy_free (LwRefusedPolicy *self)
{
  if (self == NULL)
    return;
  for (guint i = 0; i < LW_REFUSED_N_FIELDS; i++)
    g_free (*lw_refused_policy_field (self, i));
  g_free (self);
}

LwRefusal *
lw_refusal_new (void)
{
  LwRefusal *self = g_new0 (LwRefusal, 1);

  self->policies = g_ptr_array_new_with_free_func ((GDestroyNotify) lw_refused_policy_free);
  return self;
}

static gpointer
copy_policy (gconstpointer policy, gpointer unused)
{
  return lw_refused_policy_copy (policy);
}

LwRefusal *
lw_refusal_copy (const LwRefusal *self)
{
  LwRefusal *copy = g_new0 (LwRefusal, 1);

  copy->resource = g_strdup (self->resource);
  copy->name = g_strdup (self->name);
  copy->type = g_strdup (self->type);
  copy->location = g_strdup (self->location);
  copy->subscription = g_strdup (self->subscription);
  copy->group = g_strdup (self->group);
  copy->group_name = g_strdup (self->group_name);
  copy->message = g_strdup (self->message);
  copy->derived = self->derived;
  copy->policies = g_ptr_array_copy (self->policies, copy_policy, NULL);
  return copy;
}

void
lw_refusal_free (LwRefusal *self)
{
  if (self == NULL)
    return;
  g_free (self->resource);
  g_free (self->name);
  g_free (self->type);
  g_free (self->location);
  g_free (self->subscription);
  g_free (self->group);
  g_free (self->group_name);
  g_free (self->message);
  g_ptr_array_unref (self->policies);
  g_free (self);
}

static gpointer
copy_string (gconstpointer text, gpointer unused)
{
  return g_strdup (text);
}

static gpointer
copy_refusal (gconstpointer refusal, gpointer unused)
{
  return lw_refusal_copy (refusal);
}

LwRefusalText *
lw_refusal_text_copy (const LwRefusalText *self)
{
  LwRefusalText *copy = g_memdup2 (self, sizeof *self);

  copy->refusals = g_ptr_array_copy (self->refusals, copy_refusal, NULL);
  copy->assignments = g_ptr_array_copy (self->assignments, copy_string, NULL);
  copy->definitions = g_ptr_array_copy (self->definitions, copy_string, NULL);
  copy->exemptions = g_ptr_array_copy (self->exemptions, copy_string, NULL);
  copy->scopes = g_ptr_array_copy (self->scopes, copy_string, NULL);
  return copy;
}

void
lw_refusal_text_free (LwRefusalText *self)
{
  if (self == NULL)
    return;
  g_ptr_array_unref (self->refusals);
  g_ptr_array_unref (self->assignments);
  g_ptr_array_unref (self->definitions);
  g_ptr_array_unref (self->exemptions);
  g_ptr_array_unref (self->scopes);
  g_free (self);
}

/* --- JSON in the order in which it is read ---------------------------------------------------------------- */

static void append_node (GString *out, JsonNode *node, guint embedded);

static guint
rank (const char *member)
{
  static const char *const first[] = { "code",    "operationName", "target",       "resourceId",
                                       "message", "statusMessage", "responseBody", NULL };

  for (guint i = 0; first[i] != NULL; i++)
    if (g_ascii_strcasecmp (member, first[i]) == 0)
      return i;
  return g_ascii_strcasecmp (member, "additionalInfo") == 0 ? 99 : 50;
}

static gint
by_rank (gconstpointer a, gconstpointer b)
{
  return (gint) rank (a) - (gint) rank (b);
}

static void
append_text (GString *out, const char *text)
{
  g_autoptr (JsonNode) node = json_node_init_string (json_node_alloc (), text);
  g_autofree char *json = json_to_string (node, FALSE);

  g_string_append (out, json);
}

static void
append_object (GString *out, JsonObject *object, guint embedded)
{
  g_autoptr (GList) members = g_list_sort (json_object_get_members (object), by_rank);

  g_string_append_c (out, '{');
  for (GList *l = members; l != NULL; l = l->next)
    {
      append_text (out, l->data);
      g_string_append_c (out, ':');
      append_node (out, json_object_get_member (object, l->data), embedded);
      if (l->next != NULL)
        g_string_append_c (out, ',');
    }
  g_string_append (out, "}\n");
}

static void
append_node (GString *out, JsonNode *node, guint embedded)
{
  const char *text = JSON_NODE_HOLDS_VALUE (node) ? json_node_get_string (node) : NULL;

  if (text != NULL && embedded < MAX_EMBEDDED && (text[0] == '{' || text[0] == '['))
    {
      g_autoptr (JsonNode) inner = lw_json_parse_string (text, NULL);

      if (inner != NULL)
        {
          append_node (out, inner, embedded + 1);
          return;
        }
    }
  if (text != NULL)
    append_text (out, text);
  else if (JSON_NODE_HOLDS_OBJECT (node))
    append_object (out, json_node_get_object (node), embedded);
  else if (JSON_NODE_HOLDS_ARRAY (node))
    {
      JsonArray *array = json_node_get_array (node);

      g_string_append_c (out, '[');
      for (guint i = 0; i < json_array_get_length (array); i++)
        append_node (out, json_array_get_element (array, i), embedded);
      g_string_append_c (out, ']');
    }
  else
    g_string_append (out, "null");
}

/* (transfer full) (nullable): the same text in order, where it is JSON. */
static GBytes *
in_order (GBytes *bytes)
{
  g_autoptr (JsonNode) root = NULL;
  GString *out;
  gsize size;
  const char *data = g_bytes_get_data (bytes, &size);
  gsize i = 0;

  while (i < size && g_ascii_isspace (data[i]))
    i++;
  if (i >= size || size > MAX_ORDERED || strchr ("{[\xef", data[i]) == NULL || data[i] == '\0' ||
      (root = lw_json_parse (bytes, MAX_ORDERED, NULL)) == NULL)
    return NULL;
  out = g_string_new (NULL);
  append_node (out, root, 0);
  return g_string_free_to_bytes (out);
}

/* --- reading ------------------------------------------------------------------------------------------------ */

LwRefusalText *
lw_refusal_parse (GBytes *bytes)
{
  LwRefusalBuilder *builder = lw_refusal_builder_new ();
  g_autoptr (GBytes) ordered = in_order (bytes);
  gboolean shortened = FALSE;
  GString *text = lw_refusal_clean (ordered != NULL ? ordered : bytes, &shortened);

  lw_refusal_scan (builder, text);
  g_string_free (text, TRUE);
  return lw_refusal_builder_finish (builder, shortened);
}

LwRefusalText *
lw_refusal_parse_text (const char *text)
{
  g_autoptr (GBytes) bytes = g_bytes_new (text, strlen (text));

  return lw_refusal_parse (bytes);
}

/* --- writing ------------------------------------------------------------------------------------------------ */

static void
set_text (JsonObject *object, const char *member, const char *text)
{
  if (text != NULL)
    json_object_set_string_member (object, member, text);
}

static void
set_pair (JsonObject *object, const char *member, const char *id, const char *name)
{
  JsonObject *pair;

  if (id == NULL && name == NULL)
    return;
  pair = json_object_new ();
  set_text (pair, "id", id);
  set_text (pair, "name", name);
  json_object_set_object_member (object, member, pair);
}

static JsonObject *
policy_to_json (const LwRefusedPolicy *policy)
{
  JsonObject *object = json_object_new ();

  set_pair (object, "assignment", policy->assignment, policy->assignment_name);
  set_pair (object, "definition", policy->definition, policy->definition_name);
  set_pair (object, "initiative", policy->set, policy->set_name);
  set_text (object, "reference", policy->reference);
  set_text (object, "effect", policy->effect);
  return object;
}

enum
{
  ASSIGNMENT,
  DEFINITION,
  REFERENCE,
  RESOURCE,
  TYPE,
  LOCATION,
  MESSAGE,
  N_PARTS
};

static const char *const part_names[N_PARTS] = { "assignment", "definition", "reference",
                                                 "resource",   "type",       "location",
                                                 "message" };

static void
find_parts (const LwRefusal *self, gboolean found[N_PARTS], gboolean needed[N_PARTS])
{
  gboolean exists = self->resource != NULL && !self->derived;

  memset (found, 0, N_PARTS * sizeof found[0]);
  memset (needed, 0, N_PARTS * sizeof needed[0]);
  found[ASSIGNMENT] = found[DEFINITION] = found[REFERENCE] = self->policies->len > 0;
  needed[ASSIGNMENT] = self->policies->len == 0;
  for (guint i = 0; i < self->policies->len; i++)
    {
      const LwRefusedPolicy *policy = g_ptr_array_index (self->policies, i);

      found[ASSIGNMENT] &= policy->assignment != NULL;
      found[DEFINITION] &= policy->definition != NULL;
      found[REFERENCE] &= policy->reference != NULL;
      needed[ASSIGNMENT] |= policy->assignment == NULL;
      needed[REFERENCE] |= policy->set != NULL && policy->reference == NULL;
    }
  found[RESOURCE] = self->resource != NULL;
  found[TYPE] = self->type != NULL;
  found[LOCATION] = self->location != NULL;
  found[MESSAGE] = self->message != NULL;
  needed[RESOURCE] = self->resource == NULL;
  needed[TYPE] = self->type == NULL && !exists;
  needed[LOCATION] = self->location == NULL && !exists;
}

const char **
lw_refusal_missing (const LwRefusal *self)
{
  gboolean found[N_PARTS];
  gboolean needed[N_PARTS];
  const char **missing = g_new0 (const char *, N_PARTS + 1);
  guint n = 0;

  find_parts (self, found, needed);
  for (guint i = 0; i < N_PARTS; i++)
    if (needed[i])
      missing[n++] = part_names[i];
  return missing;
}

static JsonArray *
names_to_json (const gboolean parts[N_PARTS])
{
  JsonArray *array = json_array_new ();

  for (guint i = 0; i < N_PARTS; i++)
    if (parts[i])
      json_array_add_string_element (array, part_names[i]);
  return array;
}

static JsonObject *
refusal_to_json (const LwRefusal *self)
{
  JsonObject *object = json_object_new ();
  JsonObject *resource = json_object_new ();
  JsonArray *policies = json_array_new ();
  gboolean found[N_PARTS];
  gboolean needed[N_PARTS];

  set_text (resource, "id", self->resource);
  set_text (resource, "name", self->name);
  set_text (resource, "type", self->type);
  set_text (resource, "location", self->location);
  set_text (resource, "subscription", self->subscription);
  set_text (resource, "resourceGroup", self->group != NULL ? self->group : self->group_name);
  if (self->derived)
    json_object_set_boolean_member (resource, "derived", TRUE);
  json_object_set_object_member (object, "resource", resource);
  set_text (object, "message", self->message);
  for (guint i = 0; i < self->policies->len; i++)
    json_array_add_object_element (policies,
                                   policy_to_json (g_ptr_array_index (self->policies, i)));
  json_object_set_array_member (object, "policies", policies);
  find_parts (self, found, needed);
  json_object_set_array_member (object, "found", names_to_json (found));
  json_object_set_array_member (object, "missing", names_to_json (needed));
  return object;
}

static void
set_list (JsonObject *object, const char *member, GPtrArray *strings)
{
  JsonArray *array = json_array_new ();

  for (guint i = 0; i < strings->len; i++)
    json_array_add_string_element (array, g_ptr_array_index (strings, i));
  json_object_set_array_member (object, member, array);
}

JsonNode *
lw_refusal_text_to_json (const LwRefusalText *self)
{
  g_autoptr (JsonObject) object = json_object_new ();
  JsonArray *refusals = json_array_new ();
  gboolean any = self->refusals->len + self->definitions->len + self->exemptions->len > 0;

  json_object_set_string_member (object, "kind",
                                 self->is_refusal ? "refusal" : (any ? "ids" : "nothing"));
  for (guint i = 0; i < self->refusals->len; i++)
    json_array_add_object_element (refusals,
                                   refusal_to_json (g_ptr_array_index (self->refusals, i)));
  json_object_set_array_member (object, "refusals", refusals);
  set_list (object, "assignments", self->assignments);
  set_list (object, "definitions", self->definitions);
  set_list (object, "exemptions", self->exemptions);
  set_list (object, "scopes", self->scopes);
  if (self->truncated)
    json_object_set_boolean_member (object, "truncated", TRUE);
  if (self->shortened)
    json_object_set_boolean_member (object, "shortened", TRUE);
  return json_node_init_object (json_node_alloc (), object);
}
