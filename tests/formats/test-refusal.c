/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "lw-patience.h"
#include "lw-json.h"
#include "lw-refusal.h"

#include <string.h>

#define SUBSCRIPTION "/subscriptions/5b84a0b2-debd-5e07-b5b8-601756f9c338"
#define GROUP        SUBSCRIPTION "/resourceGroups/rg-eval-weu"
#define ASSIGNMENT                                                                                 \
  "/providers/Microsoft.Management/managementGroups/ai-workloads/providers/"                       \
  "Microsoft.Authorization/policyAssignments/ai-guardrails"

static JsonNode *
load (const char *path)
{
  g_autofree char *text = NULL;
  g_autoptr (GError) error = NULL;
  JsonNode *node;
  gsize size;
  g_autoptr (GBytes) bytes = NULL;

  g_file_get_contents (path, &text, &size, &error);
  g_assert_no_error (error);
  bytes = g_bytes_new (text, size);
  node = lw_json_parse (bytes, 0, &error);
  g_assert_no_error (error);
  return node;
}

static void assert_holds (JsonNode *expected, JsonNode *actual, const char *path, gboolean exact);

static void
assert_object_holds (JsonObject *expected, JsonObject *actual, const char *path, gboolean exact)
{
  g_autoptr (GList) members = json_object_get_members (expected);

  if (exact)
    {
      g_autoptr (GList) given = json_object_get_members (actual);

      for (GList *l = given; l != NULL; l = l->next)
        if (!json_object_has_member (expected, l->data))
          g_error ("%s.%s was not expected", path, (char *) l->data);
    }
  for (GList *l = members; l != NULL; l = l->next)
    {
      g_autofree char *inner = g_strdup_printf ("%s.%s", path, (char *) l->data);
      JsonNode *member = json_object_get_member (actual, l->data);

      if (member == NULL)
        g_error ("%s is missing", inner);
      assert_holds (json_object_get_member (expected, l->data), member, inner,
                    exact || strcmp (l->data, "resource") == 0 ||
                        strcmp (l->data, "policies") == 0);
    }
}

/* Whether @actual has every member of @expected; a resource and policies have no other, and lists have
 * the same elements. */
static void
assert_holds (JsonNode *expected, JsonNode *actual, const char *path, gboolean exact)
{
  g_assert_cmpint (json_node_get_node_type (actual), ==, json_node_get_node_type (expected));
  if (JSON_NODE_HOLDS_OBJECT (expected))
    assert_object_holds (json_node_get_object (expected), json_node_get_object (actual), path,
                         exact);
  else if (JSON_NODE_HOLDS_ARRAY (expected))
    {
      JsonArray *a = json_node_get_array (expected);
      JsonArray *b = json_node_get_array (actual);

      if (json_array_get_length (a) != json_array_get_length (b))
        g_error ("%s has %u elements, not %u", path, json_array_get_length (b),
                 json_array_get_length (a));
      for (guint i = 0; i < json_array_get_length (a); i++)
        {
          g_autofree char *inner = g_strdup_printf ("%s[%u]", path, i);

          assert_holds (json_array_get_element (a, i), json_array_get_element (b, i), inner, exact);
        }
    }
  else if (!json_node_equal (expected, actual))
    g_error ("%s is %s, not %s", path, json_to_string (actual, FALSE),
             json_to_string (expected, FALSE));
}

static void
test_sample (gconstpointer path)
{
  g_autofree char *stem = g_strndup (path, strlen (path) - strlen (".txt"));
  g_autofree char *json = g_strconcat (stem, ".json", NULL);
  g_autoptr (JsonNode) expected = load (json);
  g_autofree char *text = NULL;
  g_autoptr (GError) error = NULL;
  gsize size;

  g_file_get_contents (path, &text, &size, &error);
  g_assert_no_error (error);
  {
    g_autoptr (GBytes) bytes = g_bytes_new (text, size);
    g_autoptr (LwRefusalText) parsed = lw_refusal_parse (bytes);
    g_autoptr (LwRefusalText) copy = lw_refusal_text_copy (parsed);
    g_autoptr (JsonNode) actual = lw_refusal_text_to_json (copy);

    assert_holds (expected, actual, "", FALSE);
  }
}

static void
add_samples (void)
{
  g_autofree char *folder = g_build_filename (g_getenv ("LEEWAY_FIXTURES"), "refusals", NULL);
  g_autoptr (GError) error = NULL;
  g_autoptr (GDir) dir = g_dir_open (folder, 0, &error);
  const char *name;
  guint n = 0;

  g_assert_no_error (error);
  while ((name = g_dir_read_name (dir)) != NULL)
    if (g_str_has_suffix (name, ".txt"))
      {
        g_autofree char *test = g_strdup_printf ("/refusal/samples/%s", name);

        g_test_add_data_func_full (test, g_build_filename (folder, name, NULL), test_sample,
                                   g_free);
        n++;
      }
  g_assert_cmpuint (n, >=, 25);
}

/* The message is Azure's sentence with its reasons, on one line, and nothing of what follows. */
static void
test_message (void)
{
  static const char *const texts[][2] = {
    { "Resource 'st' was disallowed by policy. Reasons: 'Use private\n  endpoints.'. See error "
      "details "
      "for policy resource IDs.",
      "Resource 'st' was disallowed by policy. Reasons: 'Use private endpoints.'." },
    { "{\"message\":\"Resource 'st' was disallowed by policy. Reasons: 'Nein — geht nicht.'\"}",
      "Resource 'st' was disallowed by policy. Reasons: 'Nein — geht nicht.'" },
    { "(RequestDisallowedByPolicy) Resource 'st' was disallowed by\n  policy. Policy identifiers: "
      "'[]'.\nCode: RequestDisallowedByPolicy\nMessage: Resource 'st' was disallowed by policy. "
      "Policy "
      "identifiers: '[]'.",
      "Resource 'st' was disallowed by policy." },
  };

  for (guint i = 0; i < G_N_ELEMENTS (texts); i++)
    {
      g_autoptr (LwRefusalText) text = lw_refusal_parse_text (texts[i][0]);

      g_assert_cmpuint (text->refusals->len, ==, 1);
      g_assert_cmpstr (((LwRefusal *) g_ptr_array_index (text->refusals, 0))->message, ==,
                       texts[i][1]);
    }
}

static void
test_ids (void)
{
  static const struct
  {
    const char *text;
    const char *scope; /* NULL for none */
  } cases[] = {
    { GROUP, GROUP },
    { "see " GROUP "/.", GROUP },
    { "(" GROUP ")", GROUP },
    { "https://management.azure.com" GROUP "?api-version=2021-04-01", GROUP },
    { "//subscriptions/x", NULL },
    { "https://portal.azure.com/#@x/resource" SUBSCRIPTION "/overview", SUBSCRIPTION },
    { "https://portal.azure.com/#@x/resource" GROUP "/overview", GROUP },
    { GROUP "/providers/Microsoft.KeyVault/vaults/kv/secrets",
      GROUP "/providers/Microsoft.KeyVault/vaults/kv" },
    { "/subscriptions/{guid}/resourceGroups/rg", NULL },
    { "/subscriptions/***/resourceGroups/rg", NULL },
    { "/subscriptions/a/../b", NULL },
    { "\"/subscriptions/5b84a0b2-debd-5e07-b5b8-601756f9c338/resource\n   Groups/rg-eval-weu\"",
      GROUP },
    { "/providers/Microsoft.Management/managementGroups/ai-workloads",
      "/providers/Microsoft.Management/managementGroups/ai-workloads" },
    { "/providers/Microsoft.Nothing/x/y", NULL },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr (LwRefusalText) text = lw_refusal_parse_text (cases[i].text);

      g_test_message ("%s", cases[i].text);
      g_assert_cmpuint (text->scopes->len, ==, cases[i].scope != NULL ? 1 : 0);
      if (cases[i].scope != NULL)
        g_assert_true (lw_arm_id_equal (g_ptr_array_index (text->scopes, 0), cases[i].scope));
      g_assert_false (text->is_refusal);
    }
}

/* Every prefix of a text is read, says nothing that the whole does not say, and never half an id. */
static void
test_every_prefix (void)
{
  g_autofree char *path =
      g_build_filename (g_getenv ("LEEWAY_FIXTURES"), "refusals", "arm-json-in-json.txt", NULL);
  g_autofree char *whole = NULL;
  gsize size;

  g_assert_true (g_file_get_contents (path, &whole, &size, NULL));
  for (gsize n = 0; n <= size; n++)
    {
      g_autoptr (GBytes) bytes = g_bytes_new (whole, n);
      g_autoptr (LwRefusalText) text = lw_refusal_parse (bytes);

      for (guint i = 0; i < text->assignments->len; i++)
        g_assert_cmpstr (g_ptr_array_index (text->assignments, i), ==, ASSIGNMENT);
      for (guint i = 0; i < text->refusals->len; i++)
        {
          LwRefusal *refusal = g_ptr_array_index (text->refusals, i);

          for (guint j = 0; j < refusal->policies->len; j++)
            {
              LwRefusedPolicy *policy = g_ptr_array_index (refusal->policies, j);

              if (policy->assignment != NULL)
                g_assert_cmpstr (policy->assignment, ==, ASSIGNMENT);
              if (policy->reference != NULL)
                g_assert_cmpstr (policy->reference, ==, "storageNoPublicNetwork");
            }
        }
    }
}

/* What would take a reader that goes back more than time in proportion, at 10 MB each. */
static void
test_hostile (void)
{
  static const char *const pieces[] = {
    "\"/subscriptions/",
    "\"id\":\"",
    "\\",
    "Resource 'x' was disallowed by policy. ",
    "\"message\":\"",
    "R ",
    "\n",
    "{\"a\":",
    "azurerm_x ",
    "' ",
    "%2Fsubscriptions%2F",
    "\033[",
    "   | ",
    "The resource action ",
    "az storage account ",
    "\"policyAssignment\":{\"name\":\"x\n",
    "RequestDisallowedByPolicy\"target\":\"x\"",
  };
  gsize size = (g_test_slow () ? 10 * 1000 * 1000 : 1000 * 1000) / lw_test_slowness ();

  for (guint i = 0; i < G_N_ELEMENTS (pieces); i++)
    {
      GString *out = g_string_sized_new (size + 64);
      g_autoptr (GBytes) bytes = NULL;
      g_autoptr (LwRefusalText) text = NULL;
      gint64 start = g_get_monotonic_time ();

      while (out->len < size)
        g_string_append (out, pieces[i]);
      bytes = g_string_free_to_bytes (out);
      text = lw_refusal_parse (bytes);
      g_test_message ("%u: %.0f ms", i, (double) (g_get_monotonic_time () - start) / 1000.0);
      g_assert_cmpint (g_get_monotonic_time () - start, <, lw_test_patience ());
      g_assert_cmpuint (text->refusals->len, <=, LW_REFUSAL_MAX_ITEMS);
    }
}

static void
test_many (void)
{
  GString *out = g_string_new (NULL);
  g_autoptr (GBytes) bytes = NULL;
  g_autoptr (LwRefusalText) text = NULL;

  for (guint i = 0; i < 2 * LW_REFUSAL_MAX_ITEMS; i++)
    g_string_append_printf (out, "Resource 'r%u' was disallowed by policy.\n" GROUP "/%u\n", i, i);
  bytes = g_string_free_to_bytes (out);
  text = lw_refusal_parse (bytes);
  g_assert_cmpuint (text->refusals->len, ==, LW_REFUSAL_MAX_ITEMS);
  g_assert_true (text->shortened);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  add_samples ();
  g_test_add_func ("/refusal/message", test_message);
  g_test_add_func ("/refusal/ids", test_ids);
  g_test_add_func ("/refusal/every-prefix", test_every_prefix);
  g_test_add_func ("/refusal/hostile", test_hostile);
  g_test_add_func ("/refusal/many", test_many);
  return g_test_run ();
}
