/* SPDX-License-Identifier: GPL-3.0-or-later */

/* What a refusal leaves open, looked up in the tenant. */

#include "config.h"

#include "lw-json.h"
#include "lw-refusal-draft-private.h"

#include <glib/gi18n-lib.h>
#include <string.h>

/* Shorter reasons say too little to find an assignment by (bytes). */
#define SHORTEST_REASON 12

/* --- findings ------------------------------------------------------------------------------------- */

void
lw_drafting_add_finding (LwDrafting *self,
                         const char *id,
                         LwSeverity severity,
                         const char *member,
                         const char *message)
{
  g_autofree char *field =
      g_strdup_printf ("grants[%u].%s", self->draft->request->grants->len, member);

  g_ptr_array_add (self->draft->findings, lw_finding_new (id, severity, field, message, NULL));
}

/* What one name among several may be. (transfer full) */
char *
lw_drafting_list_names (GPtrArray *names)
{
  g_autoptr (GString) out = g_string_new (NULL);

  for (guint i = 0; i < names->len && i < 10; i++)
    g_string_append_printf (out, "%s“%s”", i > 0 ? ", " : "",
                            (const char *) g_ptr_array_index (names, i));
  if (names->len > 10)
    g_string_append (out, ", …");

  return g_string_free_and_steal (g_steal_pointer (&out));
}

/* --- errors ------------------------------------------------------------------------------------------- */

/* Whether the answer is one: not allowed to know, or not there. Else nothing can be looked up. */
static gboolean
is_answer (const GError *error)
{
  return g_error_matches (error, LW_AZURE_ERROR, LW_AZURE_ERROR_FORBIDDEN) ||
         g_error_matches (error, LW_AZURE_ERROR, LW_AZURE_ERROR_NOT_FOUND) ||
         g_error_matches (error, LW_AZURE_ERROR, LW_AZURE_ERROR_INVALID);
}

/* A list of @future, empty where Azure does not give it; %NULL where it cannot be reached. Awaits. */
GPtrArray *
lw_drafting_await_list (DexFuture *future, GError **error)
{
  g_autoptr (GError) local = NULL;
  GPtrArray *list = dex_await_boxed (future, &local);

  if (list)
    return list;
  if (is_answer (local))
    return g_ptr_array_new ();
  g_propagate_error (error, g_steal_pointer (&local));

  return NULL;
}

/* --- where -------------------------------------------------------------------------------------------- */

/* What lies in a resource group. Awaits. (transfer none) */
static GPtrArray *
list_group (LwDrafting *self, const char *group, GError **error)
{
  GPtrArray *list = g_hash_table_lookup (self->groups, group);

  if (!list &&
      (list = lw_drafting_await_list (lw_client_list_resources (self->client, group), error)))
    g_hash_table_insert (self->groups, g_strdup (group), list);

  return list;
}

static LwScopeInfo *
find_info (GPtrArray *list, const char *id)
{
  for (guint i = 0; i < list->len; i++)
    {
      LwScopeInfo *info = g_ptr_array_index (list, i);

      if (lw_arm_id_equal (info->id, id))
        return info;
    }

  return NULL;
}

/* The id of the top-level resource: a list holds no children. (transfer full) */
static char *
top_resource (const char *id)
{
  char *top = g_strdup (id);
  char *parent;

  while ((parent = lw_arm_id_parent (top)) && lw_scope_kind (parent) == LW_SCOPE_RESOURCE)
    {
      g_free (top);
      top = parent;
    }
  g_free (parent);

  return top;
}

static void
take_resource (LwRefusal *refusal, LwScopeInfo *info)
{
  g_set_str (&refusal->resource, info->id);
  refusal->derived = FALSE;
  if (info->location)
    g_set_str (&refusal->location, info->location);
  g_free (refusal->group);
  refusal->group = lw_arm_id_resource_group_scope (info->id);
}

/* A name alone: what in the tenant is called so. Awaits. */
static gboolean
find_by_name (LwDrafting *self, LwRefusal *refusal, GError **error)
{
  g_autoptr (GPtrArray) found = NULL;
  LwScopeInfo *match = NULL;
  guint n = 0;

  if (refusal->group || !refusal->name)
    return TRUE;
  found = lw_drafting_await_list (lw_client_search_resources (self->client, refusal->name), error);
  if (!found)
    return FALSE;

  for (guint i = 0; i < found->len; i++)
    {
      LwScopeInfo *info = g_ptr_array_index (found, i);

      if (g_ascii_strcasecmp (info->name, refusal->name) != 0 ||
          (refusal->type && g_ascii_strcasecmp (info->type, refusal->type) != 0) ||
          (refusal->subscription && !lw_arm_id_contains (refusal->subscription, info->id)))
        continue;
      match = info;
      n++;
    }
  if (n == 1)
    take_resource (refusal, match);

  return TRUE;
}

/* The name of a resource group alone: where it is. Awaits. */
static gboolean
find_group (LwDrafting *self, LwRefusal *refusal, GError **error)
{
  g_autoptr (GPtrArray) scopes = NULL;
  const char *match = NULL;
  guint n = 0;

  if (refusal->group || !refusal->group_name)
    return TRUE;
  if (!(scopes = lw_drafting_await_list (lw_client_load_scopes (self->client), error)))
    return FALSE;

  for (guint i = 0; i < scopes->len; i++)
    {
      LwScopeInfo *info = g_ptr_array_index (scopes, i);
      g_autofree char *name = lw_arm_id_name (info->id);

      if (lw_scope_kind (info->id) != LW_SCOPE_RESOURCE_GROUP ||
          g_ascii_strcasecmp (name, refusal->group_name) != 0 ||
          (refusal->subscription && !lw_arm_id_contains (refusal->subscription, info->id)))
        continue;
      match = info->id;
      n++;
    }
  if (n == 1)
    refusal->group = g_strdup (match);

  return TRUE;
}

static JsonArray *
make_selectors (LwRefusal *refusal)
{
  JsonArray *selectors = json_array_new ();
  JsonArray *all = json_array_new ();
  JsonObject *selector = json_object_new ();
  const char *const values[][2] = { { "resourceType", refusal->type },
                                    { "resourceLocation", refusal->location } };

  for (guint i = 0; i < G_N_ELEMENTS (values); i++)
    {
      JsonObject *object;
      JsonArray *in;

      if (!values[i][1])
        continue;
      object = json_object_new ();
      in = json_array_new ();
      json_array_add_string_element (in, values[i][1]);
      json_object_set_string_member (object, "kind", values[i][0]);
      json_object_set_array_member (object, "in", in);
      json_array_add_object_element (all, object);
    }
  if (json_array_get_length (all) == 0)
    {
      json_object_unref (selector);
      json_array_unref (all);
      return selectors;
    }
  json_object_set_string_member (selector, "name", "refused");
  json_object_set_array_member (selector, "selectors", all);
  json_array_add_object_element (selectors, selector);

  return selectors;
}

/* Where the exemption has to be: the resource, else its group with selectors. Awaits; @scope stays %NULL
 * where it has to be asked for. */
gboolean
lw_drafting_find_scope (LwDrafting *self,
                        LwRefusal *refusal,
                        char **scope,
                        JsonArray **selectors,
                        GError **error)
{
  GPtrArray *list;
  LwScopeInfo *info;
  g_autofree char *top = NULL;

  *selectors = json_array_new ();
  if (!find_group (self, refusal, error) || !find_by_name (self, refusal, error))
    return FALSE;

  if (refusal->resource && lw_scope_kind (refusal->resource) != LW_SCOPE_RESOURCE)
    {
      *scope = g_strdup (refusal->resource);
      return TRUE;
    }
  if (!refusal->group)
    {
      *scope = g_strdup (refusal->resource); /* one that lies in a subscription itself, or none */
      return TRUE;
    }
  if (!(list = list_group (self, refusal->group, error)))
    return FALSE;
  top = refusal->resource ? top_resource (refusal->resource) : NULL;
  if (top && (info = find_info (list, top)))
    {
      /* in Azure's own casing */
      *scope = g_str_equal (top, refusal->resource) || lw_arm_id_equal (top, refusal->resource)
                   ? g_strdup (info->id)
                   : g_strdup (refusal->resource);
      return TRUE;
    }
  /* not there, or not to be seen */
  *scope = g_strdup (refusal->group);
  g_clear_pointer (selectors, json_array_unref);
  *selectors = make_selectors (refusal);

  return TRUE;
}

/* --- by what ------------------------------------------------------------------------------------------ */

/* What applies where @scope (nullable) is, else all that the person sees. Awaits. (transfer none) */
static GPtrArray *
list_assignments (LwDrafting *self, const char *scope, GError **error)
{
  g_autofree char *subscription = lw_arm_id_subscription_scope (scope);
  GPtrArray *list;

  if (!subscription)
    {
      if (!self->everywhere)
        self->everywhere =
            lw_drafting_await_list (lw_client_list_all_assignments (self->client), error);
      return self->everywhere;
    }
  list = g_hash_table_lookup (self->assignments, subscription);
  if (!list && (list = lw_drafting_await_list (
                    lw_client_list_assignments (self->client, subscription), error)))
    g_hash_table_insert (self->assignments, g_steal_pointer (&subscription), list);

  return list;
}

/* Where it stands, else among those that @scope inherits: not everybody may read where it stands. Awaits;
 * %NULL without an error where it may not be read at all. (transfer full) */
static LwAssignment *
get_assignment (LwDrafting *self, const char *id, const char *scope, GError **error)
{
  g_autoptr (GError) local = NULL;
  LwAssignment *found = dex_await_boxed (lw_client_get_assignment (self->client, id), &local);
  GPtrArray *list;

  if (found)
    return found;
  if (!is_answer (local))
    {
      g_propagate_error (error, g_steal_pointer (&local));
      return NULL;
    }
  list = list_assignments (self, scope, error);
  for (guint i = 0; list && i < list->len; i++)
    if (lw_arm_id_equal (((LwAssignment *) g_ptr_array_index (list, i))->id, id))
      return lw_assignment_ref (g_ptr_array_index (list, i));

  return NULL;
}

/* With its definition, as far as that may be read. Awaits; as get_assignment(), but (transfer none) */
LwAssignment *
lw_drafting_read_assignment (LwDrafting *self, const char *id, const char *scope, GError **error)
{
  LwAssignment *whole = g_hash_table_lookup (self->definitions, id);
  g_autoptr (LwAssignment) assignment = NULL;

  if (whole || !(assignment = get_assignment (self, id, scope, error)))
    return whole;

  whole = dex_await_boxed (lw_client_load_definition (self->client, assignment), error);
  if (whole)
    g_hash_table_insert (self->definitions, g_strdup (id), whole);

  return whole;
}

static gboolean
same_text (const char *a, const char *b)
{
  g_autofree char *x = a ? g_utf8_casefold (a, -1) : NULL;
  g_autofree char *y = b ? g_utf8_casefold (b, -1) : NULL;

  return x && y && g_str_equal (x, y);
}

static gboolean
is_assigned (LwAssignment *assignment, const LwRefusedPolicy *policy)
{
  const char *definition = policy->set ? policy->set : policy->definition;

  if (definition && !lw_arm_id_equal (definition, assignment->definition_id))
    return FALSE;
  if (policy->assignment_name && !same_text (policy->assignment_name, assignment->display_name) &&
      !same_text (policy->assignment_name, assignment->name))
    return FALSE;

  return definition || policy->assignment_name;
}

/* The assignment's id, where the text says only its name or what it assigns. Awaits. */
gboolean
lw_drafting_find_assignment (LwDrafting *self,
                             const LwRefusedPolicy *policy,
                             const char *scope,
                             char **id,
                             GError **error)
{
  LwHierarchy *hierarchy = lw_session_get_hierarchy (self->session);
  GPtrArray *list;
  g_autoptr (GPtrArray) names = g_ptr_array_new ();
  LwAssignment *match = NULL;
  g_autofree char *listed = NULL;
  g_autofree char *message = NULL;

  if (policy->assignment)
    {
      *id = g_strdup (policy->assignment);
      return TRUE;
    }
  if (!(list = list_assignments (self, scope, error)))
    return FALSE;

  for (guint i = 0; i < list->len; i++)
    {
      LwAssignment *assignment = g_ptr_array_index (list, i);

      if (!is_assigned (assignment, policy) ||
          (scope && lw_hierarchy_knows (hierarchy, assignment->scope, scope) &&
           !lw_hierarchy_contains (hierarchy, assignment->scope, scope)))
        continue;
      match = assignment;
      g_ptr_array_add (names, assignment->display_name);
    }
  if (names->len == 1)
    {
      *id = g_strdup (match->id);
      return TRUE;
    }
  listed = lw_drafting_list_names (names);
  message =
      names->len > 1
          ? g_strdup_printf (_ ("Several assignments may have refused this: %s. Choose the one "
                                "that did."),
                             listed)
          : g_strdup (_ ("The text does not say which assignment refused this. Choose it."));
  lw_drafting_add_finding (self, "refusal.assignment", LW_SEVERITY_BLOCKER, "assignment", message);

  return TRUE;
}

static gboolean
refuses (const LwPolicyReference *reference)
{
  return reference->effect && (g_ascii_strcasecmp (reference->effect, "deny") == 0 ||
                               g_ascii_strcasecmp (reference->effect, "denyAction") == 0);
}

/* The references of the definition that refused; all of those that deny where one definition is in the
 * initiative more than once. */
static void
references_of_definition (LwAssignment *assignment, const char *definition, GPtrArray *references)
{
  for (guint pass = 0; pass < 2 && references->len == 0; pass++)
    for (guint i = 0; i < assignment->references->len; i++)
      {
        LwPolicyReference *reference = g_ptr_array_index (assignment->references, i);

        if (lw_arm_id_equal (reference->definition_id, definition) &&
            (pass == 1 || refuses (reference)))
          g_ptr_array_add (references, g_strdup (reference->reference_id));
      }
}

/* For who may not read the initiative: what was evaluated below @scope names the reference. Awaits. */
static gboolean
references_of_states (LwDrafting *self,
                      const char *assignment,
                      const char *definition,
                      const char *scope,
                      GPtrArray *references,
                      GError **error)
{
  g_autoptr (GPtrArray) states = NULL;

  if (!scope || !(states = lw_drafting_await_list (
                      lw_client_list_noncompliant (self->client, scope, assignment), error)))
    return scope == NULL;

  for (guint i = 0; i < states->len; i++)
    {
      LwPolicyState *state = g_ptr_array_index (states, i);

      if (state->definition_id && state->reference_id && *state->reference_id &&
          lw_arm_id_equal (state->definition_id, definition) &&
          !g_ptr_array_find_with_equal_func (references, state->reference_id, g_str_equal, NULL))
        g_ptr_array_add (references, g_strdup (state->reference_id));
    }

  return TRUE;
}

/* Awaits. */
gboolean
lw_drafting_find_references (LwDrafting *self,
                             LwAssignment *assignment,
                             const LwRefusedPolicy *policy,
                             const char *scope,
                             GPtrArray *references,
                             GError **error)
{
  LwPolicyReference *known;
  g_autofree char *subscription = lw_arm_id_subscription_scope (scope);

  if (assignment ? !assignment->initiative : !policy->set)
    return TRUE;

  if (policy->reference)
    {
      known = assignment ? lw_assignment_get_reference (assignment, policy->reference) : NULL;
      g_ptr_array_add (references, g_strdup (known ? known->reference_id : policy->reference));
      return TRUE;
    }
  if (assignment && policy->definition)
    {
      references_of_definition (assignment, policy->definition, references);
      if (references->len == 0 && !assignment->definition_known &&
          !references_of_states (self, assignment->id, policy->definition, subscription, references,
                                 error))
        return FALSE;
    }
  if (references->len == 0)
    lw_drafting_add_finding (
        self, "refusal.reference", LW_SEVERITY_BLOCKER, "references",
        _ ("The text does not say which policy of the initiative refused this. Choose it."));
  else if (references->len > 1)
    lw_drafting_add_finding (
        self, "refusal.references", LW_SEVERITY_ADVICE, "references",
        _ ("The policy is in the initiative more than once; all that refuse were taken. "
           "Leave out those that you do not need."));

  return TRUE;
}

/* --- by what it said ----------------------------------------------------------------------------------- */

/* In one line and without regard to case. (transfer full) */
static char *
fold (const char *text)
{
  g_autofree char *folded = g_utf8_casefold (text, -1);
  g_auto (GStrv) words = g_strsplit_set (folded, " \t\r\n", -1);
  g_autoptr (GString) out = g_string_new (NULL);

  for (guint i = 0; words[i]; i++)
    if (*words[i])
      g_string_append_printf (out, "%s%s", out->len > 0 ? " " : "", words[i]);

  return g_string_free_and_steal (g_steal_pointer (&out));
}

/* The longest of the assignment's own messages for what does not comply that stands in @said; 0 for none. */
static gsize
match_messages (LwAssignment *assignment, const char *said, const char **reference)
{
  JsonObject *properties = lw_json_get_object (assignment->json, "properties");
  JsonArray *messages = lw_json_get_array (properties, "nonComplianceMessages");
  gsize best = 0;

  for (guint i = 0; messages && i < json_array_get_length (messages); i++)
    {
      JsonObject *object = lw_json_array_get_object (messages, i);
      const char *message = lw_json_get_string (object, "message");
      g_autofree char *folded = message ? fold (message) : NULL;
      gsize length = folded ? strlen (folded) : 0;

      if (length < SHORTEST_REASON || length <= best || !strstr (said, folded))
        continue;
      best = length;
      *reference = lw_json_get_string (object, "policyDefinitionReferenceId");
    }

  return best;
}

gboolean
lw_drafting_find_by_reason (LwDrafting *self, LwRefusal *refusal, const char *scope, GError **error)
{
  g_autofree char *said = fold (refusal->message);
  GPtrArray *list = list_assignments (self, scope, error);
  LwAssignment *match = NULL;
  const char *reference = NULL;
  gboolean several = FALSE;
  gsize best = 0;
  LwRefusedPolicy *policy;

  for (guint i = 0; list && i < list->len; i++)
    {
      const char *of = NULL;
      gsize length = match_messages (g_ptr_array_index (list, i), said, &of);

      if (length == 0 || length < best)
        continue;
      several = length == best;
      best = length;
      match = g_ptr_array_index (list, i);
      reference = of;
    }
  if (!match || several)
    return list != NULL;

  policy = lw_refused_policy_new ();
  policy->assignment = g_strdup (match->id);
  policy->reference = g_strdup (reference);
  g_ptr_array_add (refusal->policies, policy);
  lw_drafting_add_finding (
      self, "refusal.by-reason", LW_SEVERITY_ADVICE, "assignment",
      _ ("The text does not name the assignment; it was found by the reason that "
         "Azure gave."));

  return TRUE;
}
