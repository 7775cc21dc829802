/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "config.h"

#include "lw-form-private.h"

#include "lw-await.h"

/* The policy that a form is about: what it asks, and what fails it. */

/* Where more fail than this, all of them is no longer the narrow choice: they are only marked. */
#define MOST_PRESELECTED 3

LwAssignment *
lw_form_get_assignment (LwForm *self)
{
  g_return_val_if_fail (LW_IS_FORM (self), NULL);
  return self->assignment;
}

const GError *
lw_form_get_assignment_error (LwForm *self)
{
  g_return_val_if_fail (LW_IS_FORM (self), NULL);
  return self->assignment_error;
}

gboolean
lw_form_is_loading (LwForm *self)
{
  g_return_val_if_fail (LW_IS_FORM (self), FALSE);
  return self->reading;
}

GPtrArray *
lw_form_get_failing (LwForm *self)
{
  g_return_val_if_fail (LW_IS_FORM (self), NULL);
  return self->failing;
}

gboolean
lw_form_reference_fails (LwForm *self, const char *reference_id)
{
  g_return_val_if_fail (LW_IS_FORM (self), FALSE);
  for (guint i = 0; self->failing != NULL && i < self->failing->len; i++)
    {
      LwPolicyState *state = g_ptr_array_index (self->failing, i);

      if (g_ascii_strcasecmp (state->reference_id != NULL ? state->reference_id : "",
                              reference_id) == 0)
        return TRUE;
    }
  return FALSE;
}

static const char *
assignment_id (LwForm *self)
{
  LwGrant *grant =
      self->request->grants->len > 0 ? g_ptr_array_index (self->request->grants, 0) : NULL;

  return grant != NULL && lw_form_has_text (grant->assignment) ? grant->assignment : NULL;
}

static void
collect_subscriptions (LwHierarchy *hierarchy, const char *id, GPtrArray *into, guint depth)
{
  g_autoptr (GPtrArray) children = NULL;

  if (lw_scope_kind (id) == LW_SCOPE_SUBSCRIPTION)
    {
      g_ptr_array_add (into, g_strdup (id));
      return;
    }
  if (depth > 16)
    return;
  children = lw_hierarchy_children (hierarchy, id);
  for (guint i = 0; i < children->len; i++)
    collect_subscriptions (hierarchy, g_ptr_array_index (children, i), into, depth + 1);
}

/* The subscriptions in which the assignment can fail, as far as the person sees them. */
static GPtrArray *
subscriptions_of (LwForm *self, LwAssignment *assignment)
{
  GPtrArray *into = g_ptr_array_new_with_free_func (g_free);
  LwHierarchy *hierarchy = lw_session_get_hierarchy (lw_form_get_session (self));
  g_autofree char *own = lw_arm_id_subscription_scope (assignment->scope);

  if (own != NULL)
    g_ptr_array_add (into, g_steal_pointer (&own));
  else if (hierarchy != NULL)
    {
      collect_subscriptions (hierarchy, assignment->scope, into, 0);
      if (into->len == 0)
        {
          /* Whose management group the person cannot see. */
          g_autoptr (GPtrArray) roots = lw_hierarchy_roots (hierarchy);

          for (guint i = 0; i < roots->len; i++)
            collect_subscriptions (hierarchy, g_ptr_array_index (roots, i), into, 0);
        }
    }
  return into;
}

void
lw_form_show_asked (LwForm *self)
{
  LwAssignment *more;

  if (self->assignment == NULL)
    return;
  for (guint i = 0; i < self->request->grants->len; i++)
    {
      LwGrant *grant = g_ptr_array_index (self->request->grants, i);

      more = lw_assignment_with_references (self->assignment, grant->references);
      lw_assignment_unref (self->assignment);
      self->assignment = more;
    }
}

static gboolean
fails_where_chosen (LwPolicyState *state, GPtrArray *scopes)
{
  for (guint i = 0; i < scopes->len; i++)
    if (lw_arm_id_contains (g_ptr_array_index (scopes, i), state->resource_id))
      return TRUE;
  return scopes->len == 0;
}

/* The definitions that fail in the scopes chosen, or anywhere while there are none.
 * (transfer container) */
static GPtrArray *
failing_references (LwForm *self)
{
  g_autoptr (GPtrArray) scopes = lw_form_get_scopes (self);
  GPtrArray *ids = g_ptr_array_new ();

  for (guint i = 0; i < self->failing->len; i++)
    {
      LwPolicyState *state = g_ptr_array_index (self->failing, i);

      if (lw_form_has_text (state->reference_id) && fails_where_chosen (state, scopes) &&
          lw_form_find_string (ids, state->reference_id) < 0)
        g_ptr_array_add (ids, state->reference_id);
    }
  return ids;
}

gboolean
lw_form_preselect_failing (LwForm *self)
{
  g_autoptr (GPtrArray) wanted = NULL;

  if (!self->preselect || self->assignment == NULL || !self->assignment->initiative ||
      self->failing == NULL)
    return FALSE;
  wanted = failing_references (self);
  lw_form_clear_references (self);
  for (guint i = 0; wanted->len <= MOST_PRESELECTED && i < wanted->len; i++)
    lw_form_set_reference (self, g_ptr_array_index (wanted, i), TRUE);
  return TRUE;
}

void
lw_form_keep_references (LwForm *self)
{
  g_return_if_fail (LW_IS_FORM (self));
  self->preselect = FALSE;
}

gboolean
lw_form_follows_failing (LwForm *self)
{
  g_return_val_if_fail (LW_IS_FORM (self), FALSE);
  return self->preselect;
}

/* Both the policy and the turn of loading that it is for: a newer choice makes an older one void. */
static gboolean
still_wanted (LwForm *self, guint turn)
{
  return self->loading == turn && !lw_workspace_is_closed (self->workspace);
}

static DexFuture *
load_fiber (gpointer data)
{
  LwForm *self = data;
  LwClient *client = lw_session_get_client (lw_form_get_session (self));
  guint turn = self->loading;
  g_autofree char *id = g_strdup (assignment_id (self));
  g_autoptr (GError) error = NULL;
  g_autoptr (LwAssignment) bare = NULL;
  g_autoptr (LwAssignment) whole = NULL;
  g_autoptr (GPtrArray) subscriptions = NULL;
  g_autoptr (GPtrArray) futures = g_ptr_array_new_with_free_func (dex_unref);
  g_autoptr (GPtrArray) failing =
      g_ptr_array_new_with_free_func ((GDestroyNotify) lw_policy_state_unref);
  gboolean known = FALSE;

  if (self->assignment != NULL && lw_arm_id_equal (self->assignment->id, id))
    bare = lw_assignment_ref (self->assignment);
  else
    bare = dex_await_boxed (lw_client_get_assignment (client, id), &error);
  if (bare != NULL)
    whole = dex_await_boxed (lw_client_load_definition (client, bare), &error);
  if (!still_wanted (self, turn) || (error != NULL && lw_error_is_cancelled (error)))
    return dex_future_new_for_boolean (FALSE);
  self->reading = FALSE;
  if (whole == NULL)
    {
      g_clear_error (&self->assignment_error);
      self->assignment_error = g_steal_pointer (&error);
      lw_form_emit (self, LW_FORM_SIGNAL_POLICY_CHANGED);
      return dex_future_new_for_boolean (FALSE);
    }
  g_clear_pointer (&self->assignment, lw_assignment_unref);
  self->assignment = g_steal_pointer (&whole);
  lw_form_show_asked (self);
  lw_form_assess (self);
  lw_form_emit (self, LW_FORM_SIGNAL_POLICY_CHANGED);

  subscriptions = subscriptions_of (self, self->assignment);
  for (guint i = 0; i < subscriptions->len; i++)
    g_ptr_array_add (
        futures, lw_client_list_noncompliant (client, g_ptr_array_index (subscriptions, i), id));
  for (guint i = 0; i < futures->len; i++)
    {
      g_autoptr (GPtrArray) some = dex_await_boxed (dex_ref (g_ptr_array_index (futures, i)), NULL);

      known |= some != NULL;
      for (guint j = 0; some != NULL && j < some->len; j++)
        g_ptr_array_add (failing, lw_policy_state_ref (g_ptr_array_index (some, j)));
    }
  if (known && self->assignment->initiative && !self->assignment->definition_known)
    whole = dex_await_boxed (lw_client_load_evaluated (client, self->assignment, failing), NULL);
  if (!still_wanted (self, turn) || !known)
    return dex_future_new_for_boolean (FALSE);
  if (whole != NULL)
    {
      g_clear_pointer (&self->assignment, lw_assignment_unref);
      self->assignment = g_steal_pointer (&whole);
      lw_form_show_asked (self);
      lw_form_assess (self);
    }
  g_clear_pointer (&self->failing, g_ptr_array_unref);
  self->failing = g_steal_pointer (&failing);
  if (lw_form_preselect_failing (self))
    lw_form_changed (self);
  lw_form_emit (self, LW_FORM_SIGNAL_POLICY_CHANGED);
  return dex_future_new_for_boolean (TRUE);
}

void
lw_form_load_assignment (LwForm *self)
{
  g_return_if_fail (LW_IS_FORM (self));
  self->loading++;
  g_clear_error (&self->assignment_error);
  g_clear_pointer (&self->failing, g_ptr_array_unref);
  self->reading = assignment_id (self) != NULL;
  if (!self->reading)
    return;
  lw_form_emit (self, LW_FORM_SIGNAL_POLICY_CHANGED);
  lw_workspace_spawn (self->workspace, load_fiber, g_object_ref (self), g_object_unref);
}

void
lw_form_set_policy (LwForm *self, LwAssignment *assignment)
{
  GPtrArray *grants;

  g_return_if_fail (LW_IS_FORM (self));
  g_return_if_fail (assignment != NULL);
  grants = self->request->grants;
  if (grants->len == 0)
    g_ptr_array_add (grants, lw_grant_new (self->next_grant++));
  for (guint i = 0; i < grants->len; i++)
    {
      LwGrant *grant = g_ptr_array_index (grants, i);

      g_set_str (&grant->assignment, assignment->id);
      g_set_str (&grant->policy_name, assignment->display_name);
      g_ptr_array_set_size (grant->references, 0);
      g_clear_pointer (&grant->policy, lw_policy_snapshot_free);
    }
  g_clear_pointer (&self->assignment, lw_assignment_unref);
  self->assignment = lw_assignment_ref (assignment);
  self->preselect = TRUE;
  lw_form_changed (self);
  lw_form_load_assignment (self);
}
