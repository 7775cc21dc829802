/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "config.h"

#include "lw-form-private.h"

#include "lw-json.h"

/* What a form asks to let off: references and scopes, as grants of one policy. */

int
lw_form_find_string (GPtrArray *array, const char *text)
{
  for (guint i = 0; i < array->len; i++)
    if (g_ascii_strcasecmp (g_ptr_array_index (array, i), text) == 0)
      return i;
  return -1;
}

gboolean
lw_form_has_reference (LwForm *self, const char *reference_id)
{
  g_return_val_if_fail (LW_IS_FORM (self), FALSE);
  for (guint i = 0; i < self->request->grants->len; i++)
    {
      LwGrant *grant = g_ptr_array_index (self->request->grants, i);

      if (lw_form_find_string (grant->references, reference_id) >= 0)
        return TRUE;
    }
  return FALSE;
}

void
lw_form_set_reference (LwForm *self, const char *reference_id, gboolean chosen)
{
  g_return_if_fail (LW_IS_FORM (self));
  for (guint i = 0; i < self->request->grants->len; i++)
    {
      LwGrant *grant = g_ptr_array_index (self->request->grants, i);
      int at = lw_form_find_string (grant->references, reference_id);

      if (chosen && at < 0)
        g_ptr_array_add (grant->references, g_strdup (reference_id));
      else if (!chosen && at >= 0)
        g_ptr_array_remove_index (grant->references, at);
    }
  if (chosen && self->assignment != NULL &&
      lw_assignment_get_reference (self->assignment, reference_id) == NULL)
    {
      lw_form_show_asked (self);
      lw_form_emit (self, LW_FORM_SIGNAL_POLICY_CHANGED);
    }
}

void
lw_form_clear_references (LwForm *self)
{
  g_return_if_fail (LW_IS_FORM (self));
  for (guint i = 0; i < self->request->grants->len; i++)
    {
      LwGrant *grant = g_ptr_array_index (self->request->grants, i);

      g_ptr_array_set_size (grant->references, 0);
    }
}

gboolean
lw_form_has_scope (LwForm *self, const char *scope)
{
  g_return_val_if_fail (LW_IS_FORM (self), FALSE);
  for (guint i = 0; i < self->request->grants->len; i++)
    {
      LwGrant *grant = g_ptr_array_index (self->request->grants, i);

      if (lw_form_has_text (grant->scope) && lw_arm_id_equal (grant->scope, scope))
        return TRUE;
    }
  return FALSE;
}

static void
add_scope (LwForm *self, const char *scope)
{
  GPtrArray *grants = self->request->grants;
  LwGrant *model = grants->len > 0 ? g_ptr_array_index (grants, 0) : NULL;
  LwGrant *grant;

  if (model != NULL && !lw_form_has_text (model->scope))
    {
      g_set_str (&model->scope, scope);
      return;
    }
  grant = lw_grant_new (self->next_grant++);
  g_set_str (&grant->scope, scope);
  if (model != NULL)
    {
      g_set_str (&grant->assignment, model->assignment);
      g_set_str (&grant->policy_name, model->policy_name);
      g_set_str (&grant->why, model->why);
      for (guint i = 0; i < model->references->len; i++)
        g_ptr_array_add (grant->references, g_strdup (g_ptr_array_index (model->references, i)));
    }
  g_ptr_array_add (grants, grant);
}

static void
remove_scope (LwForm *self, const char *scope)
{
  GPtrArray *grants = self->request->grants;

  for (guint i = 0; i < grants->len; i++)
    {
      LwGrant *grant = g_ptr_array_index (grants, i);

      if (!lw_form_has_text (grant->scope) || !lw_arm_id_equal (grant->scope, scope))
        continue;
      /* The last one stays: it carries the policy. */
      if (grants->len == 1)
        g_clear_pointer (&grant->scope, g_free);
      else
        g_ptr_array_remove_index (grants, i);
      return;
    }
}

void
lw_form_set_scope (LwForm *self, const char *scope, gboolean chosen)
{
  g_return_if_fail (LW_IS_FORM (self));
  g_return_if_fail (scope != NULL);
  if (lw_form_has_scope (self, scope) == chosen)
    return;
  if (chosen)
    add_scope (self, scope);
  else
    remove_scope (self, scope);
  if (lw_form_preselect_failing (self))
    lw_form_emit (self, LW_FORM_SIGNAL_POLICY_CHANGED);
  lw_form_changed (self);
}

static LwNarrowExemption *
exemption_at (const LwNarrowOption *option, const char *scope)
{
  for (guint i = 0; i < option->exemptions->len; i++)
    {
      LwNarrowExemption *exemption = g_ptr_array_index (option->exemptions, i);

      if (lw_form_has_text (scope) && lw_arm_id_equal (exemption->scope, scope))
        return exemption;
    }
  return NULL;
}

static void
take_exemption (LwGrant *grant, const LwNarrowExemption *exemption)
{
  /* The whole initiative stays a choice of the person's. */
  if (exemption->references->len > 0)
    g_ptr_array_set_size (grant->references, 0);
  for (guint i = 0; i < exemption->references->len; i++)
    g_ptr_array_add (grant->references, g_strdup (g_ptr_array_index (exemption->references, i)));
  json_array_unref (grant->selectors);
  grant->selectors = lw_json_array_copy (exemption->selectors);
}

void
lw_form_take_option (LwForm *self, const LwNarrowOption *option)
{
  GPtrArray *grants;

  g_return_if_fail (LW_IS_FORM (self));
  g_return_if_fail (option != NULL && option->exemptions->len > 0);
  for (guint i = 0; i < option->exemptions->len; i++)
    {
      const char *scope = ((LwNarrowExemption *) g_ptr_array_index (option->exemptions, i))->scope;

      if (!lw_form_has_scope (self, scope))
        add_scope (self, scope);
    }
  grants = self->request->grants;
  for (guint i = grants->len; i-- > 0;)
    {
      LwGrant *grant = g_ptr_array_index (grants, i);
      LwNarrowExemption *exemption = exemption_at (option, grant->scope);

      if (exemption != NULL)
        take_exemption (grant, exemption);
      else
        g_ptr_array_remove_index (grants, i);
    }
  lw_form_changed (self);
}

GPtrArray *
lw_form_get_scopes (LwForm *self)
{
  GPtrArray *scopes = g_ptr_array_new ();

  g_return_val_if_fail (LW_IS_FORM (self), scopes);
  for (guint i = 0; i < self->request->grants->len; i++)
    {
      LwGrant *grant = g_ptr_array_index (self->request->grants, i);

      if (lw_form_has_text (grant->scope))
        g_ptr_array_add (scopes, grant->scope);
    }
  return scopes;
}

const char *
lw_form_get_why (LwForm *self)
{
  g_return_val_if_fail (LW_IS_FORM (self), NULL);
  for (guint i = 0; i < self->request->grants->len; i++)
    {
      LwGrant *grant = g_ptr_array_index (self->request->grants, i);

      if (lw_form_has_text (grant->why))
        return grant->why;
    }
  return NULL;
}

void
lw_form_set_why (LwForm *self, const char *why)
{
  g_return_if_fail (LW_IS_FORM (self));
  if (self->request->grants->len == 0 && lw_form_has_text (why))
    g_ptr_array_add (self->request->grants, lw_grant_new (self->next_grant++));
  for (guint i = 0; i < self->request->grants->len; i++)
    {
      LwGrant *grant = g_ptr_array_index (self->request->grants, i);

      g_set_str (&grant->why, lw_form_has_text (why) ? why : NULL);
    }
}
