/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "config.h"

#include <glib/gi18n-lib.h>

#include "lw-domain-error.h"
#include "lw-json.h"
#include "lw-selectors.h"
#include "lw-tighten.h"

LwCoverage
lw_coverage_of_grant (const LwRequest *request, const LwGrant *grant)
{
  return (LwCoverage) {
    .assignment = grant->assignment,
    .scope = grant->scope,
    .references = grant->references,
    .selectors = grant->selectors,
    .expires = request->expires,
  };
}

static void
case_free (gpointer data)
{
  LwTightenCase *self = data;

  g_free (self->reason);
  g_free (self);
}

/* @reason: (transfer full) */
static void
add_case (GPtrArray *cases,
          guint grant,
          const char *aspect,
          gboolean same,
          gboolean contained,
          char *reason)
{
  LwTightenCase *entry = g_new0 (LwTightenCase, 1);

  entry->grant = grant;
  entry->aspect = aspect;
  entry->same = same;
  entry->contained = same || contained;
  entry->reason = entry->contained ? NULL : g_steal_pointer (&reason);
  g_free (reason);
  g_ptr_array_add (cases, entry);
}

/* --- assignment and scope ----------------------------------------------------------------------- */

static gboolean
same_id (const char *a, const char *b)
{
  return a != NULL && b != NULL && lw_arm_id_equal (a, b);
}

static void
compare_scopes (GPtrArray *cases,
                guint grant,
                const LwCoverage *inner,
                const LwCoverage *outer,
                LwHierarchy *hierarchy)
{
  const char *a = inner->scope != NULL ? inner->scope : "";
  const char *b = outer->scope != NULL ? outer->scope : "";
  gboolean known = lw_hierarchy_knows (hierarchy, b, a);
  gboolean contained = *a != '\0' && lw_scope_kind (a) != LW_SCOPE_OTHER &&
                       lw_scope_kind (b) != LW_SCOPE_OTHER &&
                       lw_hierarchy_contains (hierarchy, b, a);
  char *reason =
      known ? g_strdup_printf (_ ("The scope %s does not lie in %s."), a, b)
            : g_strdup_printf (_ ("It is not known whether the scope %s lies in %s."), a, b);

  add_case (cases, grant, "scope", same_id (a, b), contained, reason);
}

/* --- references and selectors ------------------------------------------------------------------- */

static gboolean
holds (GPtrArray *references, const char *reference)
{
  for (guint i = 0; references != NULL && i < references->len; i++)
    if (g_ascii_strcasecmp (references->pdata[i], reference) == 0)
      return TRUE;
  return FALSE;
}

static guint
count (GPtrArray *references)
{
  return references != NULL ? references->len : 0;
}

/* The first of @inner that @outer lacks. */
static const char *
missing (GPtrArray *inner, GPtrArray *outer)
{
  for (guint i = 0; i < count (inner); i++)
    if (!holds (outer, inner->pdata[i]))
      return inner->pdata[i];
  return NULL;
}

static gboolean
same_selectors (JsonArray *a, JsonArray *b)
{
  g_autoptr (JsonArray) none = json_array_new ();
  g_autoptr (JsonNode) a_node = json_node_init_array (json_node_alloc (), a != NULL ? a : none);
  g_autoptr (JsonNode) b_node = json_node_init_array (json_node_alloc (), b != NULL ? b : none);
  g_autofree char *a_text = lw_json_canonical (a_node, NULL);
  g_autofree char *b_text = lw_json_canonical (b_node, NULL);

  return a_text != NULL && g_strcmp0 (a_text, b_text) == 0;
}

static gboolean
selects (JsonArray *selectors)
{
  return selectors != NULL && json_array_get_length (selectors) > 0;
}

static void
compare_references (GPtrArray *cases, guint grant, const LwCoverage *inner, const LwCoverage *outer)
{
  const char *other = missing (inner->references, outer->references);
  gboolean all = count (inner->references) == 0 && count (outer->references) > 0;
  gboolean same = count (inner->references) == count (outer->references) && other == NULL &&
                  missing (outer->references, inner->references) == NULL;
  gboolean contained = count (outer->references) == 0 || (!all && other == NULL);
  char *reason = NULL;

  /* Policies that the list lacks may be left out by selectors all the same. */
  if (!contained && selects (inner->selectors))
    contained =
        lw_selectors_contained (inner->selectors, inner->references, NULL, outer->references, NULL);
  if (all)
    reason =
        g_strdup (_ ("It covers the whole initiative; only some of its policies were asked for."));
  else if (other != NULL)
    reason = g_strdup_printf (_ ("It covers the policy “%s”, which was not asked for."), other);
  add_case (cases, grant, "references", same, contained, reason);
}

static void
compare_selectors (GPtrArray *cases, guint grant, const LwCoverage *inner, const LwCoverage *outer)
{
  g_autofree char *witness = NULL;
  GPtrArray *references = count (inner->references) > 0 ? inner->references : outer->references;
  gboolean same = same_selectors (inner->selectors, outer->selectors);
  gboolean contained = !selects (outer->selectors);
  char *reason;

  /* Of the policies that both cover: what the lists have beyond that is another case. */
  if (!same && !contained)
    contained = lw_selectors_contained (inner->selectors, references, outer->selectors, references,
                                        &witness);
  reason =
      witness != NULL
          ? g_strdup_printf (_ ("Its selectors let off what those asked for do not: %s."), witness)
          : g_strdup (_ ("It is not certain that its selectors let off nothing beyond those asked "
                         "for."));
  add_case (cases, grant, "selectors", same, contained, reason);
}

/* --- expiry ------------------------------------------------------------------------------------- */

static void
compare_expiry (GPtrArray *cases, guint grant, const LwCoverage *inner, const LwCoverage *outer)
{
  g_autoptr (GDateTime) a = inner->expires != NULL ? lw_instant_parse (inner->expires, NULL) : NULL;
  g_autoptr (GDateTime) b = outer->expires != NULL ? lw_instant_parse (outer->expires, NULL) : NULL;
  gboolean never = outer->expires == NULL || *outer->expires == '\0';
  gboolean contained = a != NULL && (b != NULL ? g_date_time_compare (a, b) <= 0 : never);
  gboolean same = a != NULL && b != NULL && g_date_time_equal (a, b);

  add_case (cases, grant, "expires", same, contained,
            g_strdup (a == NULL ? _ ("It never expires, or at no instant that can be read.")
                                : _ ("It lasts longer than what was asked for.")));
}

/* --- the whole ---------------------------------------------------------------------------------- */

GPtrArray *
lw_coverage_compare (const LwCoverage *inner,
                     const LwCoverage *outer,
                     LwHierarchy *hierarchy,
                     guint grant)
{
  GPtrArray *cases = g_ptr_array_new_with_free_func (case_free);

  g_return_val_if_fail (inner != NULL && outer != NULL, cases);

  add_case (cases, grant, "assignment", same_id (inner->assignment, outer->assignment), FALSE,
            g_strdup (_ ("It exempts from another assignment.")));
  compare_scopes (cases, grant, inner, outer, hierarchy);
  compare_references (cases, grant, inner, outer);
  compare_selectors (cases, grant, inner, outer);
  compare_expiry (cases, grant, inner, outer);
  return cases;
}

gboolean
lw_tighten_contained (GPtrArray *cases)
{
  for (guint i = 0; i < cases->len; i++)
    if (!((LwTightenCase *) cases->pdata[i])->contained)
      return FALSE;
  return TRUE;
}

gboolean
lw_coverage_contained (const LwCoverage *inner,
                       const LwCoverage *outer,
                       LwHierarchy *hierarchy,
                       GError **error)
{
  g_autoptr (GPtrArray) cases = lw_coverage_compare (inner, outer, hierarchy, 0);

  for (guint i = 0; i < cases->len; i++)
    {
      const LwTightenCase *entry = cases->pdata[i];

      if (entry->contained)
        continue;
      g_set_error_literal (error, LW_DOMAIN_ERROR, LW_DOMAIN_ERROR_NOT_ALLOWED, entry->reason);
      return FALSE;
    }
  return TRUE;
}

/* The cases against the grant that contains it, else against the one of the same number. */
static GPtrArray *
compare_grant (const LwRequest *inner,
               const LwGrant *grant,
               const LwRequest *outer,
               LwHierarchy *hierarchy)
{
  LwCoverage coverage = lw_coverage_of_grant (inner, grant);
  LwGrant *namesake = lw_request_get_grant (outer, grant->n);
  g_autoptr (GPtrArray) best = NULL;

  for (guint i = 0; i <= outer->grants->len; i++)
    {
      LwGrant *other = i == 0 ? namesake : outer->grants->pdata[i - 1];
      LwCoverage room;
      GPtrArray *cases;

      if (other == NULL)
        continue;
      room = lw_coverage_of_grant (outer, other);
      cases = lw_coverage_compare (&coverage, &room, hierarchy, grant->n);
      if (lw_tighten_contained (cases))
        return cases;
      if (best == NULL && other == namesake)
        best = cases;
      else
        g_ptr_array_unref (cases);
    }
  if (best == NULL)
    {
      best = g_ptr_array_new_with_free_func (case_free);
      add_case (best, grant->n, "grants", FALSE, FALSE,
                g_strdup (_ ("Nothing that was asked for contains it.")));
    }
  return g_steal_pointer (&best);
}

GPtrArray *
lw_tighten_compare (const LwRequest *inner, const LwRequest *outer, LwHierarchy *hierarchy)
{
  GPtrArray *all = g_ptr_array_new_with_free_func (case_free);

  g_return_val_if_fail (inner != NULL && outer != NULL, all);

  for (guint i = 0; i < inner->grants->len; i++)
    {
      g_autoptr (GPtrArray) cases =
          compare_grant (inner, inner->grants->pdata[i], outer, hierarchy);

      g_ptr_array_extend_and_steal (all, g_steal_pointer (&cases));
    }
  if (inner->grants->len == 0)
    add_case (all, 0, "grants", FALSE, FALSE, g_strdup (_ ("It grants nothing.")));
  return all;
}
