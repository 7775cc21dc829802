/* SPDX-License-Identifier: GPL-3.0-or-later */

#include <string.h>

#include "lw-domain-error.h"
#include "lw-domain-fixture.h"
#include "lw-json.h"
#include "lw-policy.h"

#define MG         "/providers/Microsoft.Management/managementGroups/contoso"
#define ASSIGNMENT MG "/providers/Microsoft.Authorization/policyAssignments/baseline"
#define SET        MG "/providers/Microsoft.Authorization/policySetDefinitions/baseline"
#define DEFINITION "/providers/Microsoft.Authorization/policyDefinitions/"

static LwAssignment *
assignment (const char *properties)
{
  g_autofree char *json = g_strdup_printf (
      "{'id':'%s','name':'baseline','properties':%s,'later':[1]}", ASSIGNMENT, properties);
  g_autoptr (JsonNode) node = fixture_json (json);
  g_autoptr (GError) error = NULL;
  LwAssignment *self = lw_assignment_from_json (node, &error);

  g_assert_no_error (error);
  return self;
}

static void
test_assignment (void)
{
  g_autoptr (LwAssignment) self = assignment (
      "{'displayName':'Baseline','policyDefinitionId':'" SET "','instanceId':'i',"
      "'enforcementMode':'DoNotEnforce','definitionVersion':'1.*.*','notScopes':['/a',7,'/b']}");
  g_autoptr (LwAssignment) bare = assignment ("{}");
  g_autoptr (LwAssignment) odd =
      assignment ("{'displayName':7,'policyDefinitionId':[],'notScopes':'x',"
                  "'overrides':{},'parameters':[],'enforcementMode':null}");

  g_assert_cmpstr (self->scope, ==, MG);
  g_assert_cmpstr (self->display_name, ==, "Baseline");
  g_assert_true (self->initiative);
  g_assert_cmpstr (self->definition_version, ==, "1.*.*");
  g_assert_cmpstr (self->enforcement_mode, ==, "DoNotEnforce");
  g_assert_cmpuint (self->not_scopes->len, ==, 2);
  g_assert_false (self->definition_known);
  g_assert_nonnull (lw_json_get_array (self->json, "later"));
  g_assert_cmpstr (bare->display_name, ==, "baseline");
  g_assert_cmpstr (bare->enforcement_mode, ==, "Default");
  g_assert_false (bare->initiative);
  g_assert_cmpstr (odd->display_name, ==, "baseline");
  g_assert_cmpuint (odd->not_scopes->len, ==, 0);
}

static void
test_refused (void)
{
  static const char *const cases[] = { "[]",       "null",      "'x'",        "{}",
                                       "{'id':7}", "{'id':''}", "{'id':null}" };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr (JsonNode) node = fixture_json (cases[i]);
      g_autoptr (GError) a = NULL;
      g_autoptr (GError) b = NULL;
      g_autoptr (GError) c = NULL;

      g_assert_null (lw_assignment_from_json (node, &a));
      g_assert_error (a, LW_DOMAIN_ERROR, LW_DOMAIN_ERROR_TYPE);
      g_assert_null (lw_exemption_from_json (node, &b));
      g_assert_error (b, LW_DOMAIN_ERROR, LW_DOMAIN_ERROR_TYPE);
      g_assert_null (lw_policy_state_from_json (node, &c));
      g_assert_error (c, LW_DOMAIN_ERROR, LW_DOMAIN_ERROR_TYPE);
    }
  g_assert_null (lw_assignment_from_json (NULL, NULL));
}

/* The effect of a single definition whose rule says @rule, by parameters and overrides. */
static void
assert_single (const char *properties, const char *rule, const char *parameters, const char *effect)
{
  g_autofree char *all =
      g_strdup_printf ("{'policyDefinitionId':'" DEFINITION "one'%s}", properties);
  g_autofree char *json = g_strdup_printf ("{'name':'one','properties':{'displayName':'One','"
                                           "metadata':{'category':'Network'},'parameters':%s,"
                                           "'policyRule':{'then':{'effect':\"%s\"}}}}",
                                           parameters, rule);
  g_autofree char *quoted = NULL;
  g_autoptr (LwAssignment) bare = assignment (all);
  g_autoptr (LwAssignment) self = NULL;
  g_autoptr (JsonNode) definition = NULL;
  g_autoptr (GString) text = g_string_new (json);
  LwPolicyReference *reference;

  /* Single quotes stand for double ones, but not within the rule. */
  {
    gboolean in_rule = FALSE;

    for (gsize i = 0; i < text->len; i++)
      if (text->str[i] == '"')
        in_rule = !in_rule;
      else if (text->str[i] == '\'' && !in_rule)
        text->str[i] = '"';
  }
  definition = lw_json_parse_string (text->str, NULL);
  g_assert_nonnull (definition);
  self = lw_assignment_with_definition (bare, json_node_get_object (definition), NULL);
  g_assert_true (self->definition_known);
  g_assert_cmpstr (self->definition_name, ==, "One");
  g_assert_cmpstr (self->category, ==, "Network");
  g_assert_cmpuint (self->references->len, ==, 1);
  reference = lw_assignment_get_reference (self, "");
  g_assert_cmpstr (reference->display_name, ==, "One");
  g_assert_cmpstr (reference->effect, ==, effect);
}

static void
test_single_effect (void)
{
  const char *given = ",'parameters':{'EFFECT':{'value':'Deny'}}";
  const char *fallback = "{'effect':{'defaultValue':'Audit'}}";
  const char *ref = "[parameters('effect')]";

  assert_single ("", "deny", "{}", "deny");
  assert_single ("", ref, fallback, "Audit");
  assert_single (given, ref, fallback, "Deny");
  assert_single (given, "[ Parameters( 'effect' ) ]", fallback, "Deny");
  assert_single (given, "[parameters('other')]", fallback, NULL);
  assert_single ("", ref, "{}", NULL);
  assert_single (given, "[if(true(),'a','b')]", fallback, NULL);
  assert_single (given, "[concat(parameters('effect'),'x')]", fallback, NULL);
  assert_single (given, "[parameters('effect'", fallback, NULL);
  assert_single (given, "[", fallback, NULL);
  assert_single (",'overrides':[{'kind':'policyEffect','value':'Disabled'}]", ref, fallback,
                 "Disabled");
  assert_single (",'overrides':[{'kind':'definitionVersion','value':'2.*.*'}]", ref, fallback,
                 "Audit");
  assert_single (",'overrides':[{'kind':'policyEffect','value':'Disabled','selectors':["
                 "{'kind':'resourceLocation','in':['westeurope']}]}]",
                 ref, fallback, NULL);
}

#define MEMBER(ref, def, params)                                                                   \
  "{'policyDefinitionReferenceId':'" ref "','policyDefinitionId':'" DEFINITION def                 \
  "','groupNames':['g'],"                                                                          \
  "'parameters':" params "}"

static GHashTable *
members (void)
{
  GHashTable *table = g_hash_table_new_full (lw_arm_id_hash, lw_arm_id_equal, NULL,
                                             (GDestroyNotify) json_object_unref);
  static const char json[] = "{\"properties\":{\"displayName\":\"Known\",\"parameters\":{"
                             "\"effect\":{\"defaultValue\":\"Audit\"}},"
                             "\"policyRule\":{\"then\":{\"effect\":\"[parameters('effect')]\"}}}}";
  g_autoptr (JsonNode) node = lw_json_parse_string (json, NULL);

  g_hash_table_insert (table, (gpointer) DEFINITION "KNOWN",
                       json_object_ref (json_node_get_object (node)));
  return table;
}

static JsonNode *
set_definition (void)
{
  g_autofree char *json = g_strdup (
      "{'name':'baseline','properties':{'displayName':'The "
      "baseline','parameters':{'e':{'defaultValue':'Deny'}},"
      "'policyDefinitionGroups':[{'name':'g','displayName':'Network'},{'name':'h'}],'"
      "policyDefinitions':[" MEMBER ("default", "known", "{}") "," MEMBER ("passed", "known", "{'effect':{'value':'@e@'}}") "," MEMBER (
          "literal", "known",
          "{'effect':{'value':'Modify'}}") "," MEMBER ("unread", "unread",
                                                       "{'effect':{'value':'@e@'}"
                                                       "}") "," MEMBER ("unreadabl"
                                                                        "e",
                                                                        "unread", "{}") ",{'"
                                                                                        "pol"
                                                                                        "icy"
                                                                                        "Def"
                                                                                        "ini"
                                                                                        "tio"
                                                                                        "nId"
                                                                                        "':'"
                                                                                        "x'}"
                                                                                        ",7]"
                                                                                        "}"
                                                                                        "}");
  g_autoptr (GString) text = g_string_new (NULL);

  g_strdelimit (json, "'", '"');
  g_string_append (text, json);
  g_string_replace (text, "@e@", "[parameters('e')]", 0);
  return lw_json_parse_string (text->str, NULL);
}

static void
assert_effect (LwAssignment *self, const char *reference, const char *effect)
{
  LwPolicyReference *found = lw_assignment_get_reference (self, reference);

  g_assert_nonnull (found);
  g_assert_cmpstr (found->effect, ==, effect);
}

static void
test_set_effects (void)
{
  g_autoptr (GHashTable) known = members ();
  g_autoptr (JsonNode) set = set_definition ();
  g_autoptr (LwAssignment) bare = assignment ("{'policyDefinitionId':'" SET "'}");
  g_autoptr (LwAssignment) self =
      lw_assignment_with_definition (bare, json_node_get_object (set), known);
  g_autoptr (LwAssignment) given_bare = assignment (
      "{'policyDefinitionId':'" SET "','parameters':{'e':{'value':'Audit'}},'overrides':["
      "{'kind':'policyEffect','value':'Disabled','selectors':[{'kind':"
      "'policyDefinitionReferenceId','in':['LITERAL']}]},"
      "{'kind':'policyEffect','value':'Append','selectors':[{'kind':"
      "'policyDefinitionReferenceId','notIn':['passed','default','unread']}]}]}");
  g_autoptr (LwAssignment) given =
      lw_assignment_with_definition (given_bare, json_node_get_object (set), known);
  g_autoptr (LwAssignment) blind = lw_assignment_with_definition (bare, NULL, NULL);

  g_assert_cmpuint (self->references->len, ==, 5);
  assert_effect (self, "default", "Audit");
  assert_effect (self, "PASSED", "Deny");
  assert_effect (self, "literal", "Modify");
  assert_effect (self, "unread", "Deny");
  assert_effect (self, "unreadable", NULL);
  g_assert_cmpstr (lw_assignment_get_reference (self, "passed")->display_name, ==, "Known");
  g_assert_null (lw_assignment_get_reference (self, "unread")->display_name);
  g_assert_cmpstr (g_hash_table_lookup (self->group_names, "g"), ==, "Network");
  g_assert_cmpstr (g_hash_table_lookup (self->group_names, "h"), ==, "h");
  g_assert_null (lw_assignment_get_reference (self, "none"));

  assert_effect (given, "passed", "Audit");
  assert_effect (given, "literal", "Disabled");
  assert_effect (given, "unreadable", "Append");
  assert_effect (given, "default", "Audit");

  g_assert_false (blind->definition_known);
  g_assert_cmpuint (blind->references->len, ==, 0);
}

static void
test_snapshot (void)
{
  g_autoptr (GHashTable) known = members ();
  g_autoptr (JsonNode) set = set_definition ();
  g_autoptr (LwAssignment) bare =
      assignment ("{'policyDefinitionId':'" SET "','instanceId':'i','definitionVersion':'1.*.*',"
                  "'effectiveDefinitionVersion':'1.2.0'}");
  g_autoptr (LwAssignment) self =
      lw_assignment_with_definition (bare, json_node_get_object (set), known);
  g_autoptr (GPtrArray) references = g_ptr_array_new ();
  g_autoptr (LwPolicySnapshot) all = lw_assignment_snapshot (self, references);
  g_autoptr (LwPolicySnapshot) one = NULL;
  g_autoptr (LwPolicySnapshot) copy = lw_policy_snapshot_copy (all);
  g_autoptr (LwPolicySnapshot) blind = lw_assignment_snapshot (bare, references);

  g_ptr_array_add (references, (gpointer) "Passed");
  one = lw_assignment_snapshot (self, references);
  g_assert_cmpuint (g_hash_table_size (all->effects), ==, 4);
  g_assert_cmpuint (g_hash_table_size (one->effects), ==, 1);
  g_assert_cmpstr (g_hash_table_lookup (one->effects, "passed"), ==, "Deny");
  g_assert_cmpstr (one->version, ==, "1.2.0");
  g_assert_cmpstr (one->instance_id, ==, "i");
  g_assert_true (lw_policy_snapshot_equal (all, copy));
  /* Who may not read the definition knows no effects, which is no difference. */
  g_assert_true (lw_policy_snapshot_equal (all, blind));
  g_hash_table_replace (copy->effects, g_strdup ("passed"), g_strdup ("Audit"));
  g_assert_false (lw_policy_snapshot_equal (all, copy));
  g_hash_table_replace (copy->effects, g_strdup ("passed"), g_strdup ("deny"));
  g_assert_true (lw_policy_snapshot_equal (all, copy));
  g_set_str (&copy->instance_id, "j");
  g_assert_false (lw_policy_snapshot_equal (all, copy));
}

static LwExemption *
exemption (const char *json)
{
  g_autoptr (JsonNode) node = fixture_json (json);
  g_autoptr (GError) error = NULL;
  LwExemption *self = lw_exemption_from_json (node, &error);

  g_assert_no_error (error);
  return self;
}

static void
test_exemption (void)
{
  g_autoptr (LwExemption) self = exemption (
      "{'id':'//subscriptions/s/resourceGroups/rg/providers/Microsoft.Authorization/"
      "policyExemptions/x/',"
      "'name':'x','properties':{'policyAssignmentId':'" ASSIGNMENT "','displayName':'X',"
      "'exemptionCategory':'waiver','expiresOn':'2027-01-31T22:59:59.0000000Z',"
      "'policyDefinitionReferenceIds':['a'],'metadata':{'requestedBy':'p@x','approvedBy':'m@x','"
      "ticketRef':'T',"
      "'owner':'old@x','leeway':{'request':'R','digest':'D','owner':{'upn':'d@x'},'firstGranted':"
      "'2026-01-01T00:00:00Z'}}},'systemData':{'createdAt':'2026-02-01T00:00:00.1234567Z','"
      "createdBy':'c@x',"
      "'lastModifiedAt':'2026-03-01T00:00:00Z'}}");
  g_autoptr (LwExemption) bare = exemption (
      "{'id':'/subscriptions/s/providers/Microsoft.Authorization/policyExemptions/y','properties':"
      "{'expiresOn':'never','metadata':{'owner':'o@x'},'policyDefinitionReferenceIds':null},"
      "'systemData':{'createdAt':'2026-02-01T00:00:00Z'}}");
  g_autoptr (LwExemption) odd = exemption ("{'id':'not an id','properties':[],'systemData':7}");
  g_autoptr (JsonNode) written = lw_exemption_to_json (self);
  g_autofree char *first = lw_instant_format (self->first_granted);
  g_autofree char *created = lw_instant_format (bare->first_granted);

  g_assert_cmpstr (self->scope, ==, "/subscriptions/s/resourceGroups/rg");
  g_assert_cmpstr (self->category, ==, "waiver");
  g_assert_nonnull (self->expires);
  g_assert_cmpstr (self->owner, ==, "d@x");
  g_assert_cmpstr (self->request_id, ==, "R");
  g_assert_cmpstr (first, ==, "2026-01-01T00:00:00Z");
  g_assert_true (json_object_equal (json_node_get_object (written), self->json));
  g_assert_cmpstr (bare->name, ==, "y");
  g_assert_cmpstr (bare->display_name, ==, "y");
  g_assert_cmpstr (bare->owner, ==, "o@x");
  g_assert_null (bare->expires);
  g_assert_cmpstr (created, ==, "2026-02-01T00:00:00Z");
  g_assert_cmpstr (odd->scope, ==, "");
  g_assert_cmpstr (odd->assignment_id, ==, "");
  g_assert_null (odd->owner);
}

static void
test_permissions (void)
{
  static const struct
  {
    const char *permissions;
    const char *action;
    LwRight right;
  } cases[] = {
    { "[]", "a/b", LW_RIGHT_NO },
    { "[{'actions':['*']}]", "Microsoft.Authorization/policyExemptions/write", LW_RIGHT_YES },
    { "[{'actions':['*/read']}]", "Microsoft.Authorization/policyExemptions/write", LW_RIGHT_NO },
    { "[{'actions':['*/read']}]", "Microsoft.Authorization/policyExemptions/read", LW_RIGHT_YES },
    { "[{'actions':['microsoft.authorization/POLICYEXEMPTIONS/*']}]",
      "Microsoft.Authorization/policyExemptions/write", LW_RIGHT_YES },
    /* Contributor: all but writing and deleting under Microsoft.Authorization. */
    { "[{'actions':['*'],'notActions':['Microsoft.Authorization/*/Delete','Microsoft.Authorization/"
      "*/Write']}]",
      "Microsoft.Authorization/policyExemptions/write", LW_RIGHT_NO },
    { "[{'actions':['*'],'notActions':['Microsoft.Authorization/*/Delete','Microsoft.Authorization/"
      "*/Write']}]",
      "Microsoft.Authorization/policyAssignments/exempt/action", LW_RIGHT_YES },
    /* What one role takes away another may give. */
    { "[{'actions':['*'],'notActions':['*/write']},{'actions':['a/b/write']}]", "a/b/write",
      LW_RIGHT_YES },
    { "[{'actions':['a*b*c']}]", "axxbyyc", LW_RIGHT_YES },
    { "[{'actions':['a*b*c']}]", "axxbyycd", LW_RIGHT_NO },
    { "[{'actions':['a/b']}]", "a/bc", LW_RIGHT_NO },
    { "[{'actions':['']}]", "a", LW_RIGHT_NO },
    { "[{'actions':[7,null],'notActions':'x'},null,7]", "a", LW_RIGHT_NO },
  };

  g_assert_cmpint (lw_permissions_check (NULL, "a"), ==, LW_RIGHT_UNKNOWN);
  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr (JsonNode) node = fixture_json (cases[i].permissions);

      g_test_message ("%s %s", cases[i].permissions, cases[i].action);
      g_assert_cmpint (lw_permissions_check (json_node_get_array (node), cases[i].action), ==,
                       cases[i].right);
    }
}

static void
test_others (void)
{
  g_autoptr (JsonNode) node =
      fixture_json ("{'resourceId':'/subscriptions/s/','policyAssignmentId':'" ASSIGNMENT
                    "','policyDefinitionReferenceId':null,'complianceState':'NonCompliant'}");
  g_autoptr (LwPolicyState) state = lw_policy_state_from_json (node, NULL);
  g_autoptr (LwScopeInfo) info = lw_scope_info_new ("/subscriptions/s/", NULL, NULL, NULL, NULL);

  g_assert_cmpstr (state->resource_id, ==, "/subscriptions/s");
  g_assert_cmpstr (state->reference_id, ==, "");
  g_assert_cmpstr (state->compliance, ==, "NonCompliant");
  g_assert_cmpstr (state->resource_type, ==, "");
  g_assert_cmpstr (info->name, ==, "s");
  g_assert_cmpstr (info->display_name, ==, "s");
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/policy/assignment", test_assignment);
  g_test_add_func ("/policy/refused", test_refused);
  g_test_add_func ("/policy/single-effect", test_single_effect);
  g_test_add_func ("/policy/set-effects", test_set_effects);
  g_test_add_func ("/policy/snapshot", test_snapshot);
  g_test_add_func ("/policy/exemption", test_exemption);
  g_test_add_func ("/policy/permissions", test_permissions);
  g_test_add_func ("/policy/others", test_others);
  return g_test_run ();
}
