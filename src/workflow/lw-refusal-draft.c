/* SPDX-License-Identifier: GPL-3.0-or-later */

/* From what Azure said to the narrowest request. */

#include "config.h"

#include "lw-json.h"
#include "lw-refusal-draft.h"
#include "lw-verb-private.h"

#include <glib/gi18n-lib.h>
#include <string.h>

/* More refusals than this are left to be asked for one by one. */
#define MAX_GRANTS 50

G_DEFINE_BOXED_TYPE (LwRefusalDraft, lw_refusal_draft, lw_refusal_draft_copy, lw_refusal_draft_free)

typedef struct
{
  LwSession *session;
  LwClient *client;
  LwRefusalDraft *draft;
  GPtrArray *everywhere;   /* nullable: all assignments that the person sees */
  GHashTable *assignments; /* subscription → GPtrArray of LwAssignment, inherited ones too */
  GHashTable *definitions; /* assignment id → LwAssignment with its definition */
  GHashTable
      *groups; /* resource group → GPtrArray of LwScopeInfo, empty where it is not to be read */
} Drafting;

static gpointer
copy_finding (gconstpointer finding, gpointer unused)
{
  return lw_finding_copy (finding);
}

static LwRefusalDraft *
draft_new (void)
{
  LwRefusalDraft *self = g_new0 (LwRefusalDraft, 1);

  self->request = lw_request_new (NULL);
  self->findings = g_ptr_array_new_with_free_func ((GDestroyNotify) lw_finding_free);

  return self;
}

LwRefusalDraft *
lw_refusal_draft_copy (const LwRefusalDraft *self)
{
  LwRefusalDraft *copy = g_new0 (LwRefusalDraft, 1);

  copy->request = lw_request_copy (self->request);
  copy->findings = g_ptr_array_copy (self->findings, copy_finding, NULL);

  return copy;
}

void
lw_refusal_draft_free (LwRefusalDraft *self)
{
  if (!self)
    return;

  lw_request_free (self->request);
  g_ptr_array_unref (self->findings);
  g_free (self);
}

JsonNode *
lw_refusal_draft_to_json (const LwRefusalDraft *self)
{
  g_autoptr (JsonObject) object = json_object_new ();
  JsonArray *findings = json_array_new ();

  for (guint i = 0; i < self->findings->len; i++)
    json_array_add_element (findings, lw_finding_to_json (g_ptr_array_index (self->findings, i)));
  json_object_set_member (object, "request", lw_request_to_json (self->request));
  json_object_set_array_member (object, "findings", findings);

  return json_node_init_object (json_node_alloc (), object);
}

/* --- findings ------------------------------------------------------------------------------------- */

static void
add_finding (Drafting *self,
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
static char *
list_names (GPtrArray *names)
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
static GPtrArray *
await_list (DexFuture *future, GError **error)
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
list_group (Drafting *self, const char *group, GError **error)
{
  GPtrArray *list = g_hash_table_lookup (self->groups, group);

  if (!list && (list = await_list (lw_client_list_resources (self->client, group), error)))
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
find_by_name (Drafting *self, LwRefusal *refusal, GError **error)
{
  g_autoptr (GPtrArray) found = NULL;
  LwScopeInfo *match = NULL;
  guint n = 0;

  if (refusal->group || !refusal->name)
    return TRUE;
  found = await_list (lw_client_search_resources (self->client, refusal->name), error);
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
find_group (Drafting *self, LwRefusal *refusal, GError **error)
{
  g_autoptr (GPtrArray) scopes = NULL;
  const char *match = NULL;
  guint n = 0;

  if (refusal->group || !refusal->group_name)
    return TRUE;
  if (!(scopes = await_list (lw_client_load_scopes (self->client), error)))
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
static gboolean
find_scope (Drafting *self, LwRefusal *refusal, char **scope, JsonArray **selectors, GError **error)
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
list_assignments (Drafting *self, const char *scope, GError **error)
{
  g_autofree char *subscription = lw_arm_id_subscription_scope (scope);
  GPtrArray *list;

  if (!subscription)
    {
      if (!self->everywhere)
        self->everywhere = await_list (lw_client_list_all_assignments (self->client), error);
      return self->everywhere;
    }
  list = g_hash_table_lookup (self->assignments, subscription);
  if (!list && (list = await_list (lw_client_list_assignments (self->client, subscription), error)))
    g_hash_table_insert (self->assignments, g_steal_pointer (&subscription), list);

  return list;
}

/* Where it stands, else among those that @scope inherits: not everybody may read where it stands. Awaits;
 * %NULL without an error where it may not be read at all. (transfer full) */
static LwAssignment *
get_assignment (Drafting *self, const char *id, const char *scope, GError **error)
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
static LwAssignment *
read_assignment (Drafting *self, const char *id, const char *scope, GError **error)
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
static gboolean
find_assignment (Drafting *self,
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
  listed = list_names (names);
  message =
      names->len > 1
          ? g_strdup_printf (_ ("Several assignments may have refused this: %s. Choose the one "
                                "that did."),
                             listed)
          : g_strdup (_ ("The text does not say which assignment refused this. Choose it."));
  add_finding (self, "refusal.assignment", LW_SEVERITY_BLOCKER, "assignment", message);

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
references_of_states (Drafting *self,
                      const char *assignment,
                      const char *definition,
                      const char *scope,
                      GPtrArray *references,
                      GError **error)
{
  g_autoptr (GPtrArray) states = NULL;

  if (!scope ||
      !(states = await_list (lw_client_list_noncompliant (self->client, scope, assignment), error)))
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
static gboolean
find_references (Drafting *self,
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
    add_finding (
        self, "refusal.reference", LW_SEVERITY_BLOCKER, "references",
        _ ("The text does not say which policy of the initiative refused this. Choose it."));
  else if (references->len > 1)
    add_finding (self, "refusal.references", LW_SEVERITY_ADVICE, "references",
                 _ ("The policy is in the initiative more than once; all that refuse were taken. "
                    "Leave out those that you do not need."));

  return TRUE;
}

/* --- grants ------------------------------------------------------------------------------------------- */

static gboolean
same_strings (GPtrArray *a, GPtrArray *b)
{
  if (a->len != b->len)
    return FALSE;
  for (guint i = 0; i < a->len; i++)
    if (g_ascii_strcasecmp (g_ptr_array_index (a, i), g_ptr_array_index (b, i)) != 0)
      return FALSE;

  return TRUE;
}

static gboolean
same_json (JsonArray *a, JsonArray *b)
{
  g_autoptr (JsonNode) x = json_node_init_array (json_node_alloc (), a);
  g_autoptr (JsonNode) y = json_node_init_array (json_node_alloc (), b);

  return json_node_equal (x, y);
}

/* One exemption does for what is the same but for the references, or but for the selectors. */
static gboolean
merge_grant (LwRequest *request, LwGrant *grant)
{
  for (guint i = 0; i < request->grants->len; i++)
    {
      LwGrant *other = g_ptr_array_index (request->grants, i);

      if (!other->assignment || !grant->assignment || !other->scope || !grant->scope ||
          !lw_arm_id_equal (other->assignment, grant->assignment) ||
          !lw_arm_id_equal (other->scope, grant->scope))
        continue;
      if (same_json (other->selectors, grant->selectors))
        {
          for (guint j = 0; j < grant->references->len; j++)
            if (!g_ptr_array_find_with_equal_func (
                    other->references, g_ptr_array_index (grant->references, j), g_str_equal, NULL))
              g_ptr_array_add (other->references,
                               g_strdup (g_ptr_array_index (grant->references, j)));
          return TRUE;
        }
      if (same_strings (other->references, grant->references) &&
          json_array_get_length (other->selectors) > 0 &&
          json_array_get_length (grant->selectors) > 0 &&
          json_array_get_length (other->selectors) < 10)
        {
          JsonObject *selector = json_array_get_object_element (grant->selectors, 0);
          g_autofree char *name =
              g_strdup_printf ("refused-%u", json_array_get_length (other->selectors) + 1);

          json_object_set_string_member (selector, "name", name);
          json_array_add_object_element (other->selectors, json_object_ref (selector));
          return TRUE;
        }
    }

  return FALSE;
}

static void
ask_for_scope (Drafting *self, LwRefusal *refusal, const char *scope, JsonArray *selectors)
{
  g_autofree char *message = NULL;
  const char *name = refusal->name ? refusal->name : "";

  if (!scope)
    {
      message = g_strdup_printf (_ ("The text does not say where “%s” is. Choose the resource, or "
                                    "the resource group it is "
                                    "going to be in."),
                                 name);
      add_finding (self, "refusal.resource", LW_SEVERITY_BLOCKER, "scope", message);
      return;
    }
  if (lw_scope_kind (scope) != LW_SCOPE_RESOURCE_GROUP ||
      (refusal->resource && lw_scope_kind (refusal->resource) != LW_SCOPE_RESOURCE))
    return;
  if (!refusal->type || !refusal->location)
    {
      message = g_strdup_printf (_ ("“%s” does not exist yet, and the text does not say its %s. "
                                    "Without it everything else of "
                                    "the resource group is let off too."),
                                 name,
                                 !refusal->type
                                     ? (!refusal->location ? _ ("type and location") : _ ("type"))
                                     : _ ("location"));
      add_finding (self, "refusal.selectors", LW_SEVERITY_WARNING, "selectors", message);
    }
  else
    {
      message = g_strdup_printf (
          _ ("“%s” does not exist yet, so the resource group is the scope, for %s in %s alone."),
          name, refusal->type, refusal->location);
      add_finding (self, "refusal.not-there", LW_SEVERITY_ADVICE, "scope", message);
    }
}

/* One policy that refused one resource. Awaits. */
static gboolean
draft_grant (Drafting *self,
             LwRefusal *refusal,
             const LwRefusedPolicy *policy,
             const char *scope,
             JsonArray *selectors,
             GError **error)
{
  LwRequest *request = self->draft->request;
  g_autoptr (LwGrant) grant = lw_grant_new (lw_request_next_grant_number (request));
  guint findings = self->draft->findings->len;
  LwAssignment *assignment = NULL;
  g_autoptr (GError) local = NULL;

  grant->scope = g_strdup (scope);
  g_clear_pointer (&grant->selectors, json_array_unref);
  grant->selectors = lw_json_array_copy (selectors);
  if (!find_assignment (self, policy, scope, &grant->assignment, error))
    return FALSE;

  if (grant->assignment)
    {
      if (!(assignment = read_assignment (self, grant->assignment, scope, &local)) && local)
        {
          g_propagate_error (error, g_steal_pointer (&local));
          return FALSE;
        }
      if (assignment)
        g_set_str (&grant->assignment, assignment->id);
    }
  if (!find_references (self, assignment, policy, scope, grant->references, error))
    return FALSE;
  g_set_str (&grant->policy_name, assignment ? assignment->display_name : policy->assignment_name);
  ask_for_scope (self, refusal, scope, selectors);

  if (!merge_grant (request, grant))
    g_ptr_array_add (request->grants, g_steal_pointer (&grant));
  else
    g_ptr_array_set_size (self->draft->findings, (int) findings);

  return TRUE;
}

/* A resource alone: what it fails, where that is of one assignment. Awaits. */
static gboolean
policies_that_fail (Drafting *self, LwRefusal *refusal, const char *scope, GError **error)
{
  g_autoptr (GPtrArray) states = NULL;
  g_autoptr (GPtrArray) names = g_ptr_array_new_with_free_func (g_free);
  g_autoptr (GHashTable) seen = g_hash_table_new (lw_arm_id_hash, lw_arm_id_equal);

  if (!scope || lw_scope_kind (scope) != LW_SCOPE_RESOURCE)
    return TRUE;
  if (!(states = await_list (lw_client_count_states (self->client, scope, NULL), error)))
    return FALSE;

  for (guint i = 0; i < states->len; i++)
    {
      LwComplianceCount *state = g_ptr_array_index (states, i);

      if (g_ascii_strcasecmp (state->compliance, "NonCompliant") == 0 &&
          g_hash_table_add (seen, state->assignment_id))
        g_ptr_array_add (names, lw_arm_id_name (state->assignment_id));
    }
  if (names->len > 1)
    {
      g_autofree char *listed = list_names (names);
      g_autofree char *message = g_strdup_printf (
          _ ("This resource fails policies of several assignments: %s. Choose one."), listed);

      add_finding (self, "refusal.assignment", LW_SEVERITY_BLOCKER, "assignment", message);
      return TRUE;
    }
  for (guint i = 0; i < states->len && i < LW_REFUSAL_MAX_POLICIES; i++)
    {
      LwComplianceCount *state = g_ptr_array_index (states, i);
      LwRefusedPolicy *policy;

      if (g_ascii_strcasecmp (state->compliance, "NonCompliant") != 0)
        continue;
      policy = lw_refused_policy_new ();
      policy->assignment = g_strdup (state->assignment_id);
      if (*state->reference_id)
        policy->reference = g_strdup (state->reference_id);
      g_ptr_array_add (refusal->policies, policy);
    }

  return TRUE;
}

static gboolean
draft_refusal (Drafting *self, LwRefusal *refusal, GError **error)
{
  g_autofree char *scope = NULL;
  g_autoptr (JsonArray) selectors = NULL;
  guint findings = self->draft->findings->len;

  if (!find_scope (self, refusal, &scope, &selectors, error))
    return FALSE;
  if (refusal->policies->len == 0 && !policies_that_fail (self, refusal, scope, error))
    return FALSE;

  if (refusal->policies->len == 0)
    {
      LwRequest *request = self->draft->request;
      LwGrant *grant = lw_grant_new (lw_request_next_grant_number (request));

      grant->scope = g_strdup (scope);
      g_clear_pointer (&grant->selectors, json_array_unref);
      grant->selectors = json_array_ref (selectors);
      if (self->draft->findings->len == findings)
        add_finding (self, "refusal.assignment", LW_SEVERITY_BLOCKER, "assignment",
                     _ ("The text does not say which assignment refused this. Choose it."));
      ask_for_scope (self, refusal, scope, selectors);
      g_ptr_array_add (request->grants, grant);
      return TRUE;
    }
  for (guint i = 0; i < refusal->policies->len; i++)
    if (self->draft->request->grants->len < MAX_GRANTS &&
        !draft_grant (self, refusal, g_ptr_array_index (refusal->policies, i), scope, selectors,
                      error))
      return FALSE;

  return TRUE;
}

/* --- the verb ----------------------------------------------------------------------------------------- */

static void
write_title (LwRequest *request, const LwRefusalText *text)
{
  const LwRefusal *refusal = text->refusals->len > 0 ? g_ptr_array_index (text->refusals, 0) : NULL;
  const LwGrant *grant = request->grants->len > 0 ? g_ptr_array_index (request->grants, 0) : NULL;
  g_autoptr (GString) title = g_string_new (NULL);

  if (grant && grant->policy_name)
    g_string_append (title, grant->policy_name);
  if (refusal && refusal->name)
    g_string_append_printf (title, "%s%s", title->len > 0 ? ", " : "", refusal->name);
  if (title->len > 0 && g_utf8_strlen (title->str, -1) <= 128)
    g_set_str (&request->title, title->str);
}

static DexFuture *
draft_fiber (gpointer data)
{
  LwVerb *verb = data;
  g_autoptr (LwRefusalDraft) draft = draft_new ();
  g_autoptr (GHashTable) definitions = g_hash_table_new_full (
      lw_arm_id_hash, lw_arm_id_equal, g_free, (GDestroyNotify) lw_assignment_unref);
  g_autoptr (GHashTable) groups = g_hash_table_new_full (lw_arm_id_hash, lw_arm_id_equal, g_free,
                                                         (GDestroyNotify) g_ptr_array_unref);
  g_autoptr (GHashTable) assignments = g_hash_table_new_full (
      lw_arm_id_hash, lw_arm_id_equal, g_free, (GDestroyNotify) g_ptr_array_unref);
  Drafting self = { .session = verb->session,
                    .client = lw_session_get_client (verb->session),
                    .draft = draft,
                    .assignments = assignments,
                    .definitions = definitions,
                    .groups = groups };
  GError *error = NULL;

  draft->request->requester = lw_person_copy (lw_session_get_person (verb->session));
  for (guint i = 0; i < verb->refusal->refusals->len && !error; i++)
    draft_refusal (&self, g_ptr_array_index (verb->refusal->refusals, i), &error);
  g_clear_pointer (&self.everywhere, g_ptr_array_unref);
  if (error)
    return dex_future_new_for_error (error);

  if (draft->request->grants->len == 0)
    add_finding (&self, "refusal.nothing", LW_SEVERITY_BLOCKER, "assignment",
                 _ ("Nothing in this text says what Azure refused."));
  if (verb->refusal->truncated)
    g_ptr_array_add (draft->findings,
                     lw_finding_new ("refusal.cut", LW_SEVERITY_WARNING, "grants",
                                     _ ("The text is cut: something is named only in part and is "
                                        "left out."),
                                     NULL));
  if (verb->refusal->shortened || draft->request->grants->len >= MAX_GRANTS)
    g_ptr_array_add (draft->findings,
                     lw_finding_new ("refusal.many", LW_SEVERITY_WARNING, "grants",
                                     _ ("The text holds more refusals than one request can take."),
                                     NULL));
  write_title (draft->request, verb->refusal);

  return dex_future_new_take_boxed (LW_TYPE_REFUSAL_DRAFT, g_steal_pointer (&draft));
}

DexFuture *
lw_draft_from_refusal (LwSession *self, const LwRefusalText *text)
{
  LwVerb *verb;

  g_return_val_if_fail (LW_IS_SESSION (self) && text, NULL);

  verb = lw_verb_new (self, NULL, NULL, NULL);
  verb->refusal = lw_refusal_text_copy (text);

  return lw_verb_run (verb, draft_fiber);
}
