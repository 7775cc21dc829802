/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "config.h"

#include "lw-ladder-words.h"

#include <glib/gi18n-lib.h>

#include "lw-json.h"
#include "lw-widgets.h"

/* More names than that are not read. */
#define MAX_NAMES 3

static LwNarrowExemption *
first_of (const LwNarrowOption *option)
{
  return g_ptr_array_index (option->exemptions, 0);
}

char *
lw_ladder_title (LwWorkspace *workspace, const LwNarrowOption *option)
{
  guint n = option->exemptions->len;

  if (n == 1)
    return lw_workspace_scope_title (workspace, first_of (option)->scope);
  if (option->reach == LW_SCOPE_RESOURCE)
    return g_strdup_printf (ngettext ("%u resource", "%u resources", n), n);
  return g_strdup_printf (ngettext ("%u scope", "%u scopes", n), n);
}

/* The first few, and that there are more. */
static char *
join_names (GPtrArray *names)
{
  guint shown = MIN (names->len, MAX_NAMES);
  g_autoptr (GString) text = g_string_new (NULL);

  for (guint i = 0; i < shown; i++)
    g_string_append_printf (text, "%s%s", i > 0 ? ", " : "", (char *) g_ptr_array_index (names, i));
  if (names->len > shown)
    g_string_append (text, "…");
  return g_string_free_and_steal (g_steal_pointer (&text));
}

static void
add_values (GPtrArray *names, JsonObject *part)
{
  JsonArray *in = lw_json_get_array (part, "in");
  const char *kind = lw_json_get_string (part, "kind");

  for (guint i = 0; in != NULL && i < json_array_get_length (in); i++)
    {
      const char *value = lw_json_array_get_string (in, i);
      g_autofree char *name = NULL;

      if (value == NULL)
        continue;
      name = g_strcmp0 (kind, "resourceType") == 0 ? lw_arm_id_name (value) : g_strdup (value);
      if (!g_ptr_array_find_with_equal_func (names, name, g_str_equal, NULL))
        g_ptr_array_add (names, g_steal_pointer (&name));
    }
}

/* The types and locations that selectors name. (nullable) */
static char *
selected (JsonArray *selectors)
{
  g_autoptr (GPtrArray) names = g_ptr_array_new_with_free_func (g_free);

  for (guint i = 0; i < json_array_get_length (selectors); i++)
    {
      JsonArray *parts = lw_json_get_array (lw_json_array_get_object (selectors, i), "selectors");

      for (guint j = 0; parts != NULL && j < json_array_get_length (parts); j++)
        add_values (names, lw_json_array_get_object (parts, j));
    }
  return names->len > 0 ? join_names (names) : NULL;
}

static const char *
inherited (LwScopeKind reach, gboolean selects)
{
  switch (reach)
    {
    case LW_SCOPE_RESOURCE:
      return _ ("Nothing new inherits it.");
    case LW_SCOPE_RESOURCE_GROUP:
      return selects ? _ ("What is created there of that kind inherits it.")
                     : _ ("Anything created there inherits it.");
    case LW_SCOPE_SUBSCRIPTION:
      return selects ? _ ("Every new resource of that kind inherits it.")
                     : _ ("Every new resource inherits it.");
    case LW_SCOPE_MANAGEMENT_GROUP:
      return _ ("Every new subscription inherits it.");
    case LW_SCOPE_OTHER:
    default:
      return "";
    }
}

static char *
covered (LwWorkspace *workspace, const LwNarrowOption *option, const char *only)
{
  g_autoptr (GPtrArray) names = g_ptr_array_new_with_free_func (g_free);

  if (option->exemptions->len == 1)
    {
      if (only != NULL)
        return g_strdup_printf (_ ("Only %s."), only);
      return g_strdup (option->reach > LW_SCOPE_RESOURCE ? _ ("Everything in it.") : "");
    }
  for (guint i = 0; i < option->exemptions->len; i++)
    g_ptr_array_add (
        names,
        lw_arm_id_name (((LwNarrowExemption *) g_ptr_array_index (option->exemptions, i))->scope));
  {
    g_autofree char *joined = join_names (names);

    return g_strdup_printf ("%s.", joined);
  }
}

char *
lw_ladder_subtitle (LwWorkspace *workspace,
                    const LwNarrowOption *option,
                    const LwNarrowOption *before)
{
  g_autofree char *only =
      option->exemptions->len == 1 ? selected (first_of (option)->selectors) : NULL;
  g_autofree char *what = covered (workspace, option, only);
  const char *later = inherited (option->reach, only != NULL);
  guint n = option->exemptions->len;
  g_autofree char *saves = before != NULL && before->exemptions->len > n
                               ? g_strdup_printf (ngettext ("%u exemption instead of %u.",
                                                            "%u exemptions instead of %u.", n),
                                                  n, before->exemptions->len)
                               : NULL;

  return g_strdup_printf ("%s%s%s%s%s", what, *what != '\0' ? " " : "", later,
                          saves != NULL ? " " : "", saves != NULL ? saves : "");
}

char *
lw_ladder_others (const LwNarrowOption *option)
{
  if (option->at_least)
    return g_strdup_printf (_ ("at least %u"), option->resources);
  return g_strdup_printf ("%u", option->resources);
}

char *
lw_ladder_others_sentence (const LwNarrowOption *option)
{
  g_autofree char *pairs = g_strdup_printf ("%" G_GUINT64_FORMAT, option->collateral);

  if (option->collateral == 0)
    return g_strdup (option->at_least ? _ ("It lets off nothing else that you can see.")
                                      : _ ("It lets off nothing else."));
  return g_strdup_printf (
      option->at_least
          ? ngettext ("It also lets off at least %u other resource (checks: %s).",
                      "It also lets off at least %u other resources (checks: %s).",
                      option->resources)
          : ngettext ("It also lets off %u other resource (checks: %s).",
                      "It also lets off %u other resources (checks: %s).", option->resources),
      option->resources, pairs);
}

char *
lw_ladder_affected_words (const LwNarrowAffected *affected)
{
  return g_strdup_printf (ngettext ("%u resource", "%u resources", affected->resources),
                          affected->resources);
}

const char *
lw_ladder_choice_title (LwChoiceKind kind)
{
  switch (kind)
    {
    case LW_CHOICE_NOTHING:
      return _ ("Nothing may be in the way");
    case LW_CHOICE_FIX:
      return _ ("A fix may serve better");
    case LW_CHOICE_POLICY:
      return _ ("The policy may need a change");
    case LW_CHOICE_DO_NOT_ENFORCE:
      return _ ("The policy may not be ready to be enforced");
    case LW_CHOICE_ENROLL:
      return _ ("Enrollment may serve better");
    case LW_CHOICE_SELECTORS:
      return _ ("Selectors on the assignment may serve better");
    case LW_CHOICE_EXCLUSION:
      return _ ("An exclusion may serve better");
    case LW_CHOICE_EXEMPTION:
    default:
      return _ ("An exemption serves best");
    }
}
