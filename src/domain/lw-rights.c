/* SPDX-License-Identifier: GPL-3.0-or-later */

/*
 * Role-based access as the permissions and deny assignments calls give it. Roles add up; a role's
 * notActions take away from that role only; a deny assignment takes away from all of them.
 */

#include "lw-compliance.h"

#include <string.h>

#include "lw-json.h"

G_DEFINE_BOXED_TYPE (LwRights, lw_rights, lw_rights_ref, lw_rights_unref)

/* Whether @text fits @pattern, in which "*" stands for any text; both in lower case. */
static gboolean
matches (const char *pattern, const char *text)
{
  const char *star = NULL;
  const char *retry = NULL;

  while (*text != '\0')
    if (*pattern == '*')
      {
        star = ++pattern;
        retry = text;
      }
    else if (*pattern == *text)
      {
        pattern++;
        text++;
      }
    else if (star != NULL)
      {
        pattern = star;
        text = ++retry;
      }
    else
      return FALSE;
  while (*pattern == '*')
    pattern++;
  return *pattern == '\0';
}

static gboolean
any_matches (JsonArray *patterns, const char *action)
{
  for (guint i = 0; patterns != NULL && i < json_array_get_length (patterns); i++)
    {
      const char *text = lw_json_array_get_string (patterns, i);
      g_autofree char *pattern = text != NULL ? g_ascii_strdown (text, -1) : NULL;

      if (pattern != NULL && matches (pattern, action))
        return TRUE;
    }
  return FALSE;
}

static gboolean
entry_allows (JsonObject *entry, const char *yes, const char *no, const char *key)
{
  return any_matches (lw_json_get_array (entry, yes), key) &&
         !any_matches (lw_json_get_array (entry, no), key);
}

static LwRight
check (JsonArray *permissions, const char *yes, const char *no, const char *action)
{
  g_autofree char *key = g_ascii_strdown (action, -1);

  if (permissions == NULL)
    return LW_RIGHT_UNKNOWN;
  for (guint i = 0; i < json_array_get_length (permissions); i++)
    {
      if (entry_allows (lw_json_array_get_object (permissions, i), yes, no, key))
        return LW_RIGHT_YES;
    }
  return LW_RIGHT_NO;
}

LwRight
lw_permissions_check (JsonArray *permissions, const char *action)
{
  g_return_val_if_fail (action != NULL, LW_RIGHT_UNKNOWN);

  return check (permissions, "actions", "notActions", action);
}

LwRight
lw_permissions_check_data (JsonArray *permissions, const char *action)
{
  g_return_val_if_fail (action != NULL, LW_RIGHT_UNKNOWN);

  return check (permissions, "dataActions", "notDataActions", action);
}

LwRights *
lw_rights_new (const char *scope, const char *principal, JsonArray *permissions, JsonArray *denials)
{
  LwRights *self;

  g_return_val_if_fail (scope != NULL, NULL);

  self = g_atomic_rc_box_new0 (LwRights);
  self->scope = lw_arm_id_normalize (scope);
  self->principal = g_strdup (principal);
  self->permissions = permissions != NULL ? json_array_ref (permissions) : NULL;
  self->denials = denials != NULL ? json_array_ref (denials) : NULL;
  return self;
}

LwRights *
lw_rights_ref (LwRights *self)
{
  return g_atomic_rc_box_acquire (self);
}

static void
rights_clear (gpointer data)
{
  LwRights *self = data;

  g_free (self->scope);
  g_free (self->principal);
  g_clear_pointer (&self->permissions, json_array_unref);
  g_clear_pointer (&self->denials, json_array_unref);
}

void
lw_rights_unref (LwRights *self)
{
  g_atomic_rc_box_release_full (self, rights_clear);
}

/* Whether a deny assignment reaches the scope: the call also gives those of scopes below it. */
static gboolean
reaches (LwRights *self, JsonObject *denial)
{
  const char *at = lw_json_get_string (denial, "scope");

  if (at == NULL || lw_arm_id_equal (at, self->scope))
    return TRUE;
  if (lw_json_get_boolean (denial, "doNotApplyToChildScopes", FALSE))
    return FALSE;
  /* Of management groups it gives those above only. */
  return lw_scope_kind (at) == LW_SCOPE_MANAGEMENT_GROUP || lw_arm_id_contains (at, self->scope);
}

/* %LW_RIGHT_YES where the principal is left out of the deny assignment, %LW_RIGHT_UNKNOWN where a group
 * is that the principal may be in. */
static LwRight
is_left_out (LwRights *self, JsonObject *denial)
{
  JsonArray *excluded = lw_json_get_array (denial, "excludePrincipals");
  LwRight left_out = LW_RIGHT_NO;

  for (guint i = 0; excluded != NULL && i < json_array_get_length (excluded); i++)
    {
      JsonObject *principal = lw_json_array_get_object (excluded, i);
      const char *id = lw_json_get_string (principal, "id");
      const char *type = lw_json_get_string (principal, "type");

      if (id != NULL && self->principal != NULL && g_ascii_strcasecmp (id, self->principal) == 0)
        return LW_RIGHT_YES;
      if (type == NULL || g_ascii_strcasecmp (type, "Group") == 0)
        left_out = LW_RIGHT_UNKNOWN;
    }
  return left_out;
}

static gboolean
denies (JsonObject *denial, const char *key)
{
  JsonArray *permissions = lw_json_get_array (denial, "permissions");

  for (guint i = 0; permissions != NULL && i < json_array_get_length (permissions); i++)
    {
      if (entry_allows (lw_json_array_get_object (permissions, i), "actions", "notActions", key))
        return TRUE;
    }
  return FALSE;
}

LwRight
lw_rights_check (LwRights *self, const char *action)
{
  g_autofree char *key = NULL;
  LwRight right;

  g_return_val_if_fail (self != NULL && action != NULL, LW_RIGHT_UNKNOWN);

  right = lw_permissions_check (self->permissions, action);
  key = g_ascii_strdown (action, -1);
  for (guint i = 0; self->denials != NULL && i < json_array_get_length (self->denials); i++)
    {
      JsonObject *denial =
          lw_json_get_object (lw_json_array_get_object (self->denials, i), "properties");
      LwRight left_out = is_left_out (self, denial);

      if (left_out == LW_RIGHT_YES || !denies (denial, key) || !reaches (self, denial))
        continue;
      if (left_out == LW_RIGHT_NO)
        return LW_RIGHT_NO;
      right = right == LW_RIGHT_YES ? LW_RIGHT_UNKNOWN : right;
    }
  return right;
}
