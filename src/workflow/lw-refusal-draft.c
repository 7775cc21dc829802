/* SPDX-License-Identifier: GPL-3.0-or-later */

/* From what Azure said to the narrowest request. */

#include "config.h"

#include "lw-json.h"
#include "lw-refusal-draft-private.h"

#include <glib/gi18n-lib.h>
#include <string.h>

/* More refusals than this are left to be asked for one by one. */
#define MAX_GRANTS 50

G_DEFINE_BOXED_TYPE (LwRefusalDraft, lw_refusal_draft, lw_refusal_draft_copy, lw_refusal_draft_free)

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
ask_for_scope (LwDrafting *self, LwRefusal *refusal, const char *scope, JsonArray *selectors)
{
  g_autofree char *message = NULL;
  const char *name = refusal->name ? refusal->name : "";

  if (!scope)
    {
      message = g_strdup_printf (_ ("The text does not say where “%s” is. Choose the resource, or "
                                    "the resource group it is "
                                    "going to be in."),
                                 name);
      lw_drafting_add_finding (self, "refusal.resource", LW_SEVERITY_BLOCKER, "scope", message);
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
      lw_drafting_add_finding (self, "refusal.selectors", LW_SEVERITY_WARNING, "selectors",
                               message);
    }
  else
    {
      message = g_strdup_printf (
          _ ("“%s” does not exist yet, so the resource group is the scope, for %s in %s alone."),
          name, refusal->type, refusal->location);
      lw_drafting_add_finding (self, "refusal.not-there", LW_SEVERITY_ADVICE, "scope", message);
    }
}

/* One policy that refused one resource. Awaits. */
static gboolean
draft_grant (LwDrafting *self,
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
  if (!lw_drafting_find_assignment (self, policy, scope, &grant->assignment, error))
    return FALSE;

  if (grant->assignment)
    {
      if (!(assignment = lw_drafting_read_assignment (self, grant->assignment, scope, &local)) &&
          local)
        {
          g_propagate_error (error, g_steal_pointer (&local));
          return FALSE;
        }
      if (assignment)
        g_set_str (&grant->assignment, assignment->id);
    }
  if (!lw_drafting_find_references (self, assignment, policy, scope, grant->references, error))
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
policies_that_fail (LwDrafting *self, LwRefusal *refusal, const char *scope, GError **error)
{
  g_autoptr (GPtrArray) states = NULL;
  g_autoptr (GPtrArray) names = g_ptr_array_new_with_free_func (g_free);
  g_autoptr (GHashTable) seen = g_hash_table_new (lw_arm_id_hash, lw_arm_id_equal);

  if (!scope || lw_scope_kind (scope) != LW_SCOPE_RESOURCE)
    return TRUE;
  if (!(states =
            lw_drafting_await_list (lw_client_count_states (self->client, scope, NULL), error)))
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
      g_autofree char *listed = lw_drafting_list_names (names);
      g_autofree char *message = g_strdup_printf (
          _ ("This resource fails policies of several assignments: %s. Choose one."), listed);

      lw_drafting_add_finding (self, "refusal.assignment", LW_SEVERITY_BLOCKER, "assignment",
                               message);
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
draft_refusal (LwDrafting *self, LwRefusal *refusal, GError **error)
{
  g_autofree char *scope = NULL;
  g_autoptr (JsonArray) selectors = NULL;
  guint findings = self->draft->findings->len;

  if (!lw_drafting_find_scope (self, refusal, &scope, &selectors, error))
    return FALSE;
  /* what fails a policy now need not be what was refused */
  if (refusal->policies->len == 0 &&
      !(refusal->message ? lw_drafting_find_by_reason (self, refusal, scope, error)
                         : policies_that_fail (self, refusal, scope, error)))
    return FALSE;

  if (refusal->policies->len == 0)
    {
      LwRequest *request = self->draft->request;
      LwGrant *grant = lw_grant_new (lw_request_next_grant_number (request));

      grant->scope = g_strdup (scope);
      g_clear_pointer (&grant->selectors, json_array_unref);
      grant->selectors = json_array_ref (selectors);
      if (self->draft->findings->len == findings)
        lw_drafting_add_finding (
            self, "refusal.assignment", LW_SEVERITY_BLOCKER, "assignment",
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
  LwDrafting self = { .session = verb->session,
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
    lw_drafting_add_finding (&self, "refusal.nothing", LW_SEVERITY_BLOCKER, "assignment",
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
