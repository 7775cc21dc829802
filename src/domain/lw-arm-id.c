/* SPDX-License-Identifier: GPL-3.0-or-later */

#include <string.h>

#include "lw-arm-id.h"

#define MANAGEMENT_GROUPS "Microsoft.Management"

/* The text without leading double slashes and trailing slashes, not copied. */
static const char *
trimmed (const char *id, gsize *length)
{
  if (id == NULL)
    id = "";
  while (id[0] == '/' && id[1] == '/')
    id++;
  *length = strlen (id);
  while (*length > 0 && id[*length - 1] == '/')
    (*length)--;
  return id;
}

/* The segments after the leading slash; %NULL where the text is no path of Azure Resource Manager. */
static GStrv
segments (const char *id)
{
  g_autofree char *path = lw_arm_id_normalize (id);
  g_auto (GStrv) parts = NULL;

  if (path[0] != '/')
    return NULL;
  for (const char *p = path; *p != '\0'; p++)
    if (g_ascii_iscntrl (*p) || strchr ("?#\\", *p) != NULL)
      return NULL;
  parts = g_strsplit (path + 1, "/", -1);
  for (guint i = 0; parts[i] != NULL; i++)
    if (parts[i][0] == '\0' || strcmp (parts[i], ".") == 0 || strcmp (parts[i], "..") == 0)
      return NULL;
  return g_steal_pointer (&parts);
}

static gboolean
same (const char *a, const char *b)
{
  return a != NULL && b != NULL && g_ascii_strcasecmp (a, b) == 0;
}

static gboolean
is_subscription_path (GStrv parts)
{
  return parts != NULL && same (parts[0], "subscriptions") && parts[1] != NULL;
}

static gboolean
is_resource_group_path (GStrv parts)
{
  return is_subscription_path (parts) && same (parts[2], "resourceGroups") && parts[3] != NULL;
}

static gboolean
is_management_group_path (GStrv parts)
{
  return parts != NULL && same (parts[0], "providers") && same (parts[1], MANAGEMENT_GROUPS) &&
         same (parts[2], "managementGroups") && parts[3] != NULL;
}

/* Whether @parts are one or more of "providers/{namespace}/{type}/{name}[/{type}/{name}…]". */
static gboolean
is_resource_path (char **parts)
{
  guint pairs = 0;

  if (!same (parts[0], "providers"))
    return FALSE;
  while (*parts != NULL)
    {
      if (same (parts[0], "providers"))
        {
          if (parts[1] == NULL || parts[2] == NULL || parts[3] == NULL)
            return FALSE;
          parts += 2;
          pairs = 0;
        }
      if (parts[0] == NULL || parts[1] == NULL)
        return FALSE;
      parts += 2;
      pairs++;
    }
  return pairs > 0;
}

static char *
join (GStrv parts, guint count)
{
  GString *text = g_string_new (NULL);

  for (guint i = 0; i < count; i++)
    g_string_append_printf (text, "/%s", parts[i]);
  return g_string_free_and_steal (text);
}

LwScopeKind
lw_scope_kind (const char *scope)
{
  g_auto (GStrv) parts = segments (scope);
  guint count = parts != NULL ? g_strv_length (parts) : 0;

  if (is_management_group_path (parts))
    return count == 4 ? LW_SCOPE_MANAGEMENT_GROUP : LW_SCOPE_OTHER;
  if (!is_subscription_path (parts))
    return LW_SCOPE_OTHER;
  if (count == 2)
    return LW_SCOPE_SUBSCRIPTION;
  if (is_resource_group_path (parts))
    {
      if (count == 4)
        return LW_SCOPE_RESOURCE_GROUP;
      return is_resource_path (parts + 4) ? LW_SCOPE_RESOURCE : LW_SCOPE_OTHER;
    }
  return is_resource_path (parts + 2) ? LW_SCOPE_RESOURCE : LW_SCOPE_OTHER;
}

const char *
lw_scope_kind_to_string (LwScopeKind kind)
{
  switch (kind)
    {
    case LW_SCOPE_RESOURCE:
      return "resource";
    case LW_SCOPE_RESOURCE_GROUP:
      return "resourceGroup";
    case LW_SCOPE_SUBSCRIPTION:
      return "subscription";
    case LW_SCOPE_MANAGEMENT_GROUP:
      return "managementGroup";
    case LW_SCOPE_OTHER:
    default:
      return "other";
    }
}

char *
lw_arm_id_normalize (const char *id)
{
  gsize length;

  id = trimmed (id, &length);
  return g_strndup (id, length);
}

char *
lw_arm_id_key (const char *id)
{
  gsize length;

  id = trimmed (id, &length);
  return g_ascii_strdown (id, (gssize) length);
}

gboolean
lw_arm_id_equal (gconstpointer a, gconstpointer b)
{
  gsize a_length;
  gsize b_length;

  a = trimmed (a, &a_length);
  b = trimmed (b, &b_length);
  return a_length == b_length && g_ascii_strncasecmp (a, b, a_length) == 0;
}

guint
lw_arm_id_hash (gconstpointer id)
{
  gsize length;
  const char *text = trimmed (id, &length);
  guint32 hash = 5381;

  for (gsize i = 0; i < length; i++)
    hash = hash * 33 + (guchar) g_ascii_tolower (text[i]);
  return hash;
}

char *
lw_arm_id_name (const char *id)
{
  g_autofree char *path = lw_arm_id_normalize (id);
  const char *slash = strrchr (path, '/');

  return g_strdup (slash != NULL ? slash + 1 : path);
}

char *
lw_arm_id_parent (const char *id)
{
  g_auto (GStrv) parts = segments (id);
  guint count = parts != NULL ? g_strv_length (parts) : 0;

  if (!is_subscription_path (parts) || count <= 2)
    return NULL;
  if (is_resource_group_path (parts) && count == 4)
    return join (parts, 2);
  if (count < 4)
    return join (parts, 2);
  /* The last pair of type and name goes, and with the first pair its provider too. */
  count -= 2;
  if (count >= 2 && same (parts[count - 2], "providers"))
    count -= 2;
  return join (parts, count);
}

char *
lw_arm_id_subscription (const char *id)
{
  g_auto (GStrv) parts = segments (id);

  return is_subscription_path (parts) ? g_strdup (parts[1]) : NULL;
}

char *
lw_arm_id_resource_group (const char *id)
{
  g_auto (GStrv) parts = segments (id);

  return is_resource_group_path (parts) ? g_strdup (parts[3]) : NULL;
}

char *
lw_arm_id_management_group (const char *id)
{
  g_auto (GStrv) parts = segments (id);

  return is_management_group_path (parts) ? g_strdup (parts[3]) : NULL;
}

char *
lw_arm_id_resource_type (const char *id)
{
  g_auto (GStrv) parts = segments (id);
  g_autoptr (GString) type = NULL;
  char **from = NULL;

  if (parts == NULL || lw_scope_kind (id) == LW_SCOPE_MANAGEMENT_GROUP)
    return NULL;
  for (guint i = 0; parts[i] != NULL; i++)
    if (same (parts[i], "providers") && parts[i + 1] != NULL && parts[i + 2] != NULL)
      from = parts + i + 1;
  if (from == NULL)
    return NULL;
  type = g_string_new (from[0]);
  for (from++; from[0] != NULL; from += from[1] != NULL ? 2 : 1)
    g_string_append_printf (type, "/%s", from[0]);
  return g_string_free_and_steal (g_steal_pointer (&type));
}

char *
lw_arm_id_subscription_scope (const char *id)
{
  g_auto (GStrv) parts = segments (id);

  return is_subscription_path (parts) ? join (parts, 2) : NULL;
}

char *
lw_arm_id_resource_group_scope (const char *id)
{
  g_auto (GStrv) parts = segments (id);

  return is_resource_group_path (parts) ? join (parts, 4) : NULL;
}

/* Where @needle (in lower case) last stands in @haystack (in lower case), or -1. */
static gssize
last_index (const char *haystack, const char *needle)
{
  const char *found = g_strrstr (haystack, needle);

  return found != NULL ? found - haystack : -1;
}

gboolean
lw_arm_id_split (const char *id, const char *type, char **scope, char **name)
{
  g_autofree char *path = lw_arm_id_normalize (id);
  g_autofree char *key = g_ascii_strdown (path, -1);
  g_autofree char *infix = g_strdup_printf ("/providers/%s/", type);
  g_autofree char *infix_key = g_ascii_strdown (infix, -1);
  gssize index = last_index (key, infix_key);
  const char *rest;

  if (index < 0)
    return FALSE;
  rest = path + index + strlen (infix);
  if (*rest == '\0' || strchr (rest, '/') != NULL)
    return FALSE;
  if (scope != NULL)
    *scope = g_strndup (path, (gsize) index);
  if (name != NULL)
    *name = g_strdup (rest);
  return TRUE;
}

char *
lw_arm_id_join (const char *scope, const char *type, const char *name)
{
  g_autofree char *path = lw_arm_id_normalize (scope);

  return g_strdup_printf ("%s/providers/%s/%s", path, type, name);
}

gboolean
lw_arm_id_contains (const char *outer, const char *inner)
{
  gsize outer_length;
  gsize inner_length;

  outer = trimmed (outer, &outer_length);
  inner = trimmed (inner, &inner_length);
  return outer_length > 0 && inner_length >= outer_length &&
         g_ascii_strncasecmp (outer, inner, outer_length) == 0 &&
         (inner_length == outer_length || inner[outer_length] == '/');
}
