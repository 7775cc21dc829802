/* SPDX-License-Identifier: GPL-3.0-or-later */

#include <string.h>

#include "lw-arm-id.h"

#define SUB      "/subscriptions/5b84a0b2-debd-5e07-b5b8-601756f9c338"
#define RG       SUB "/resourceGroups/rg-eval"
#define SERVER   RG "/providers/Microsoft.Sql/servers/s1"
#define DATABASE SERVER "/databases/d1"
#define MG       "/providers/Microsoft.Management/managementGroups/contoso"

static void
test_kind (void)
{
  static const struct
  {
    const char *scope;
    LwScopeKind kind;
  } cases[] = {
    { MG, LW_SCOPE_MANAGEMENT_GROUP },
    { MG "/", LW_SCOPE_MANAGEMENT_GROUP },
    { "//PROVIDERS/microsoft.management/MANAGEMENTGROUPS/x", LW_SCOPE_MANAGEMENT_GROUP },
    { MG "/subscriptions/s", LW_SCOPE_OTHER },
    { SUB, LW_SCOPE_SUBSCRIPTION },
    { "/SUBSCRIPTIONS/x", LW_SCOPE_SUBSCRIPTION },
    { RG, LW_SCOPE_RESOURCE_GROUP },
    { SUB "/resourcegroups/rg", LW_SCOPE_RESOURCE_GROUP },
    { SERVER, LW_SCOPE_RESOURCE },
    { DATABASE, LW_SCOPE_RESOURCE },
    { SERVER "/providers/Microsoft.Insights/diagnosticSettings/x", LW_SCOPE_RESOURCE },
    { SUB "/providers/Microsoft.Security/pricings/x", LW_SCOPE_RESOURCE },
    { RG "/providers/Microsoft.Sql/servers", LW_SCOPE_OTHER },
    { RG "/providers/Microsoft.Sql", LW_SCOPE_OTHER },
    { SERVER "/databases", LW_SCOPE_OTHER },
    { SERVER "/providers/Microsoft.Insights", LW_SCOPE_OTHER },
    { RG "/other/x", LW_SCOPE_OTHER },
    { SUB "/resourceGroups", LW_SCOPE_OTHER },
    { "/subscriptions", LW_SCOPE_OTHER },
    { "/subscriptions//resourceGroups/x", LW_SCOPE_OTHER },
    { "subscriptions/x", LW_SCOPE_OTHER },
    { SUB "/resourceGroups/..", LW_SCOPE_OTHER },
    { SUB "/resourceGroups/.", LW_SCOPE_OTHER },
    { SUB "/resourceGroups/a?b", LW_SCOPE_OTHER },
    { SUB "/resourceGroups/a#b", LW_SCOPE_OTHER },
    { SUB "/resourceGroups/a\\b", LW_SCOPE_OTHER },
    { SUB "/resourceGroups/a\nb", LW_SCOPE_OTHER },
    { "/", LW_SCOPE_OTHER },
    { "", LW_SCOPE_OTHER },
    { NULL, LW_SCOPE_OTHER },
    { "https://management.azure.com" SUB, LW_SCOPE_OTHER },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_test_message ("%s", cases[i].scope);
      g_assert_cmpint (lw_scope_kind (cases[i].scope), ==, cases[i].kind);
    }
  g_assert_cmpstr (lw_scope_kind_to_string (LW_SCOPE_RESOURCE_GROUP), ==, "resourceGroup");
  g_assert_cmpstr (lw_scope_kind_to_string (LW_SCOPE_OTHER), ==, "other");
}

typedef char *(*Part) (const char *id);

static void
assert_part (Part part, const char *id, const char *expected)
{
  g_autofree char *value = part (id);

  g_assert_cmpstr (value, ==, expected);
}

static void
test_parts (void)
{
  assert_part (lw_arm_id_normalize, "//subscriptions/X//", "/subscriptions/X");
  assert_part (lw_arm_id_normalize, NULL, "");
  assert_part (lw_arm_id_normalize, "///", "");
  assert_part (lw_arm_id_key, "//Subscriptions/X/", "/subscriptions/x");
  assert_part (lw_arm_id_name, DATABASE "/", "d1");
  assert_part (lw_arm_id_name, "", "");
  assert_part (lw_arm_id_name, NULL, "");
  assert_part (lw_arm_id_subscription, DATABASE, "5b84a0b2-debd-5e07-b5b8-601756f9c338");
  assert_part (lw_arm_id_subscription, MG, NULL);
  assert_part (lw_arm_id_resource_group, DATABASE, "rg-eval");
  assert_part (lw_arm_id_resource_group, SUB, NULL);
  assert_part (lw_arm_id_management_group, MG "/providers/a/b/c", "contoso");
  assert_part (lw_arm_id_management_group, SUB, NULL);
  assert_part (lw_arm_id_resource_type, DATABASE, "Microsoft.Sql/servers/databases");
  assert_part (lw_arm_id_resource_type, DATABASE "/providers/Microsoft.Insights/settings/x",
               "Microsoft.Insights/settings");
  assert_part (lw_arm_id_resource_type, RG, NULL);
  assert_part (lw_arm_id_resource_type, MG, NULL);
  assert_part (lw_arm_id_subscription_scope, "//SUBSCRIPTIONS/x/resourceGroups/y",
               "/SUBSCRIPTIONS/x");
  assert_part (lw_arm_id_subscription_scope, MG, NULL);
  assert_part (lw_arm_id_resource_group_scope, DATABASE, RG);
  assert_part (lw_arm_id_resource_group_scope, SUB, NULL);
}

static void
test_parent (void)
{
  assert_part (lw_arm_id_parent, DATABASE "/providers/Microsoft.Insights/settings/x", DATABASE);
  assert_part (lw_arm_id_parent, DATABASE, SERVER);
  assert_part (lw_arm_id_parent, SERVER, RG);
  assert_part (lw_arm_id_parent, RG, SUB);
  assert_part (lw_arm_id_parent, SUB "/providers/Microsoft.Security/pricings/x", SUB);
  assert_part (lw_arm_id_parent, SUB, NULL);
  assert_part (lw_arm_id_parent, MG, NULL);
  assert_part (lw_arm_id_parent, "", NULL);
  assert_part (lw_arm_id_parent, NULL, NULL);
}

static void
test_split (void)
{
  g_autofree char *scope = NULL;
  g_autofree char *name = NULL;
  g_autofree char *outer = NULL;
  g_autofree char *joined = lw_arm_id_join (RG "/", LW_EXEMPTIONS_TYPE, "lw-1");

  g_assert_cmpstr (joined, ==, RG "/providers/Microsoft.Authorization/policyExemptions/lw-1");
  g_assert_true (lw_arm_id_split (joined, LW_EXEMPTIONS_TYPE, &scope, &name));
  g_assert_cmpstr (scope, ==, RG);
  g_assert_cmpstr (name, ==, "lw-1");

  /* At the last one: an exemption of a scope that is itself under an exemption. */
  g_assert_true (lw_arm_id_split (RG
                                  "/providers/microsoft.authorization/POLICYEXEMPTIONS/a/providers/"
                                  "Microsoft.Authorization/policyExemptions/b",
                                  LW_EXEMPTIONS_TYPE, &outer, NULL));
  g_assert_cmpstr (outer, ==, RG "/providers/microsoft.authorization/POLICYEXEMPTIONS/a");

  g_assert_false (lw_arm_id_split (joined, LW_ASSIGNMENTS_TYPE, NULL, NULL));
  g_assert_false (lw_arm_id_split (RG "/providers/Microsoft.Authorization/policyExemptions/",
                                   LW_EXEMPTIONS_TYPE, NULL, NULL));
  g_assert_false (lw_arm_id_split (RG "/providers/Microsoft.Authorization/policyExemptions/a/b",
                                   LW_EXEMPTIONS_TYPE, NULL, NULL));
  g_assert_false (lw_arm_id_split (NULL, LW_EXEMPTIONS_TYPE, NULL, NULL));
  g_assert_true (lw_arm_id_split ("/providers/Microsoft.Authorization/policyDefinitions/x",
                                  LW_DEFINITIONS_TYPE, NULL, NULL));
}

static void
test_contains (void)
{
  g_assert_true (lw_arm_id_contains (SUB, RG));
  g_assert_true (lw_arm_id_contains (RG, RG "/"));
  g_assert_true (
      lw_arm_id_contains ("/SUBSCRIPTIONS/5B84A0B2-debd-5e07-b5b8-601756f9c338", DATABASE));
  g_assert_true (lw_arm_id_contains (SERVER, DATABASE));
  g_assert_false (lw_arm_id_contains (RG, SUB));
  g_assert_false (lw_arm_id_contains (RG, RG "-2"));
  g_assert_false (lw_arm_id_contains (SERVER, RG "/providers/Microsoft.Sql/servers/s11"));
  g_assert_false (lw_arm_id_contains (MG, SUB));
  g_assert_false (lw_arm_id_contains ("", SUB));
  g_assert_false (lw_arm_id_contains (NULL, NULL));
}

/* The hash agrees with equality whatever the case and the slashes. */
static void
test_hash (void)
{
  for (guint i = 0; i < 500; i++)
    {
      g_autofree char *id = g_strdup (DATABASE);
      g_autofree char *other = NULL;

      for (char *p = id; *p != '\0'; p++)
        *p = g_test_rand_bit () ? g_ascii_toupper (*p) : g_ascii_tolower (*p);
      other = g_strconcat (g_test_rand_bit () ? "/" : "", id, g_test_rand_bit () ? "/" : "", NULL);
      g_assert_true (lw_arm_id_equal (other, DATABASE));
      g_assert_cmpuint (lw_arm_id_hash (other), ==, lw_arm_id_hash (DATABASE));
    }
  g_assert_false (lw_arm_id_equal (DATABASE, SERVER));
}

static char *
mg (const char *name)
{
  return g_strconcat ("/providers/Microsoft.Management/managementGroups/", name, NULL);
}

static LwHierarchy *
tree (void)
{
  static const char *const pairs[][2] = {
    { "root", NULL }, { "a", "root" }, { "b", "root" }, { "c", "a" }
  };
  LwHierarchy *self = lw_hierarchy_new ();
  g_autofree char *c = mg ("c");

  for (guint i = 0; i < G_N_ELEMENTS (pairs); i++)
    {
      g_autofree char *child = mg (pairs[i][0]);
      g_autofree char *parent = pairs[i][1] != NULL ? mg (pairs[i][1]) : NULL;

      lw_hierarchy_add (self, child, parent, pairs[i][0]);
    }
  lw_hierarchy_add (self, SUB, c, "sub");
  return self;
}

static void
test_hierarchy (void)
{
  g_autoptr (LwHierarchy) self = tree ();
  g_autofree char *root = mg ("ROOT");
  g_autofree char *a = mg ("a");
  g_autofree char *b = mg ("b");
  g_autofree char *c = mg ("c");
  g_autoptr (GPtrArray) roots = lw_hierarchy_roots (self);
  g_autoptr (GPtrArray) children = lw_hierarchy_children (self, root);

  g_assert_true (lw_hierarchy_contains (self, root, DATABASE));
  g_assert_true (lw_hierarchy_contains (self, a, DATABASE));
  g_assert_true (lw_hierarchy_contains (self, a, c));
  g_assert_true (lw_hierarchy_contains (self, c, c));
  g_assert_false (lw_hierarchy_contains (self, b, DATABASE));
  g_assert_false (lw_hierarchy_contains (self, c, a));
  g_assert_false (lw_hierarchy_contains (self, SUB, a));
  g_assert_false (lw_hierarchy_contains (NULL, a, SUB));
  g_assert_true (lw_hierarchy_contains (NULL, SUB, RG));

  g_assert_true (lw_hierarchy_knows (self, b, DATABASE));
  g_assert_true (lw_hierarchy_knows (self, a, DATABASE));
  g_assert_true (lw_hierarchy_knows (NULL, SUB, "/subscriptions/other"));
  g_assert_false (lw_hierarchy_knows (NULL, a, SUB));
  g_assert_false (lw_hierarchy_knows (self, a, "/subscriptions/other"));

  g_assert_cmpuint (roots->len, ==, 1);
  g_assert_cmpuint (children->len, ==, 2);
  g_assert_true (lw_arm_id_equal (g_ptr_array_index (children, 0), a));
  g_assert_true (lw_arm_id_equal (lw_hierarchy_parent (self, SUB), c));
  g_assert_null (lw_hierarchy_parent (self, root));
  g_assert_cmpstr (lw_hierarchy_display_name (self, c), ==, "c");
  g_assert_null (lw_hierarchy_display_name (self, "/subscriptions/other"));
}

/* What the reader may not see above a management group is not a root. */
static void
test_hierarchy_cut (void)
{
  g_autoptr (LwHierarchy) self = lw_hierarchy_new ();
  g_autofree char *seen = mg ("seen");
  g_autofree char *other = mg ("other");

  lw_hierarchy_add (self, SUB, seen, NULL);
  g_assert_true (lw_hierarchy_contains (self, seen, RG));
  g_assert_false (lw_hierarchy_knows (self, other, RG));
  lw_hierarchy_add (self, seen, NULL, NULL);
  g_assert_true (lw_hierarchy_knows (self, other, RG));
}

static void
test_hierarchy_moves (void)
{
  g_autoptr (LwHierarchy) self = tree ();
  g_autofree char *b = mg ("b");
  g_autofree char *c = mg ("c");
  g_autoptr (GPtrArray) before = lw_hierarchy_children (self, c);
  g_autoptr (GPtrArray) after = NULL;

  g_assert_cmpuint (before->len, ==, 1);
  lw_hierarchy_add (self, SUB, b, NULL);
  after = lw_hierarchy_children (self, c);
  g_assert_cmpuint (after->len, ==, 0);
  g_assert_true (lw_hierarchy_contains (self, b, RG));
  g_assert_false (lw_hierarchy_contains (self, c, RG));
  g_assert_cmpstr (lw_hierarchy_display_name (self, SUB), ==, "sub");
}

/* A tenant that answers a circle must not hang us. */
static void
test_hierarchy_circle (void)
{
  g_autoptr (LwHierarchy) self = lw_hierarchy_new ();
  g_autofree char *a = mg ("a");
  g_autofree char *b = mg ("b");
  g_autofree char *other = mg ("other");

  lw_hierarchy_add (self, a, b, NULL);
  lw_hierarchy_add (self, b, a, NULL);
  lw_hierarchy_add (self, SUB, a, NULL);
  lw_hierarchy_add (self, a, a, NULL);
  g_assert_true (lw_hierarchy_contains (self, b, SUB));
  g_assert_false (lw_hierarchy_contains (self, other, SUB));
  g_assert_false (lw_hierarchy_knows (self, other, SUB));
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/arm-id/kind", test_kind);
  g_test_add_func ("/arm-id/parts", test_parts);
  g_test_add_func ("/arm-id/parent", test_parent);
  g_test_add_func ("/arm-id/split", test_split);
  g_test_add_func ("/arm-id/contains", test_contains);
  g_test_add_func ("/arm-id/hash", test_hash);
  g_test_add_func ("/hierarchy/tree", test_hierarchy);
  g_test_add_func ("/hierarchy/cut", test_hierarchy_cut);
  g_test_add_func ("/hierarchy/moves", test_hierarchy_moves);
  g_test_add_func ("/hierarchy/circle", test_hierarchy_circle);
  return g_test_run ();
}
