/* SPDX-License-Identifier: GPL-3.0-or-later */

#include <string.h>

#include "lw-assess.h"
#include "lw-domain-fixture.h"
#include "lw-json.h"
#include "lw-policy.h"

/* One way to spoil the good request, and the finding it must give. */
typedef struct
{
  const char *id;
  LwSeverity severity;
  const char *field;
  const char *path;  /* of the member to change: members and indexes joined by dots */
  const char *value; /* JSON with single quotes; NULL takes the member away */
} Case;

#define LONG_501 "L501"
#define BLOCKER  LW_SEVERITY_BLOCKER
#define WARNING  LW_SEVERITY_WARNING
#define ADVICE   LW_SEVERITY_ADVICE

#define ASSIGNMENT                                                                                 \
  "/providers/Microsoft.Management/managementGroups/ai-workloads/providers/"                       \
  "Microsoft.Authorization/"                                                                       \
  "policyAssignments/ai-security-baseline"
#define SUBSCRIPTION "/subscriptions/5b84a0b2-debd-5e07-b5b8-601756f9c338"
#define GROUP        SUBSCRIPTION "/resourceGroups/rg-eval-weu"
#define ACCOUNT      GROUP "/providers/Microsoft.CognitiveServices/accounts/aoai-eval-weu"
#define MG(name)     "/providers/Microsoft.Management/managementGroups/" name
#define SET          "/providers/Microsoft.Authorization/policySetDefinitions/baseline"
#define DEFINITION   "/providers/Microsoft.Authorization/policyDefinitions/single"

/* Sets or removes the member at @path. @value of the form "L501" is a text of that length. */
static void
spoil (JsonNode *root, const char *path, const char *value)
{
  g_auto (GStrv) parts = g_strsplit (path, "/", -1);
  guint last = g_strv_length (parts) - 1;
  JsonNode *node = root;
  JsonNode *replacement = NULL;

  for (guint i = 0; i < last; i++)
    {
      if (JSON_NODE_HOLDS_ARRAY (node))
        node = json_array_get_element (json_node_get_array (node),
                                       (guint) g_ascii_strtoull (parts[i], NULL, 10));
      else
        node = json_object_get_member (json_node_get_object (node), parts[i]);
      g_assert_nonnull (node);
    }
  if (value != NULL && value[0] == 'L')
    {
      g_autoptr (GString) text = g_string_new (NULL);
      guint length = (guint) g_ascii_strtoull (value + 1, NULL, 10);

      while (text->len < length)
        g_string_append_printf (text, "word%u ", (guint) text->len);
      g_string_truncate (text, length - 1);
      g_string_append_c (text, 'x');
      replacement = json_node_init_string (json_node_alloc (), text->str);
    }
  else if (value != NULL)
    replacement = fixture_json (value);
  if (replacement != NULL)
    json_object_set_member (json_node_get_object (node), parts[last], replacement);
  else
    json_object_remove_member (json_node_get_object (node), parts[last]);
}

static GPtrArray *
assess_json (JsonNode *node, LwRules *rules, LwHierarchy *hierarchy, GHashTable *assignments)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (LwRequest) request = lw_request_from_json (node, &error);
  g_autoptr (GDateTime) now = fixture_now ();
  LwAssessContext context = { now, rules, hierarchy, assignments };

  g_assert_no_error (error);
  return lw_assess (request, &context);
}

static const LwFinding *
find (GPtrArray *findings, const char *id)
{
  for (guint i = 0; i < findings->len; i++)
    {
      const LwFinding *finding = g_ptr_array_index (findings, i);

      if (strcmp (finding->id, id) == 0)
        return finding;
    }
  return NULL;
}

static void
print_findings (GPtrArray *findings)
{
  for (guint i = 0; i < findings->len; i++)
    {
      const LwFinding *finding = g_ptr_array_index (findings, i);

      g_test_message ("%s %s (%s): %s", lw_severity_to_string (finding->severity), finding->id,
                      finding->field, finding->message);
    }
}

static void
assert_finding (GPtrArray *findings, const Case *expected)
{
  const LwFinding *finding = find (findings, expected->id);

  if (finding == NULL)
    {
      g_test_message ("expected %s", expected->id);
      print_findings (findings);
    }
  g_assert_nonnull (finding);
  if (finding->severity != expected->severity || g_strcmp0 (finding->field, expected->field) != 0)
    print_findings (findings);
  g_assert_cmpint (finding->severity, ==, expected->severity);
  g_assert_cmpstr (finding->field, ==, expected->field);
  g_assert_true (g_utf8_validate (finding->message, -1, NULL));
  g_assert_cmpuint (strlen (finding->message), >, 10);
  /* A subscription may also be exempted for a shorter time only, which blocks. */
  if (strcmp (expected->id, "scope.wide") != 0)
    g_assert_true (lw_findings_submittable (findings) == (expected->severity != BLOCKER));
}

static LwHierarchy *
hierarchy (void)
{
  LwHierarchy *self = lw_hierarchy_new ();

  lw_hierarchy_add (self, MG ("root"), NULL, "Contoso");
  lw_hierarchy_add (self, MG ("ai-workloads"), MG ("root"), "AI Platform");
  lw_hierarchy_add (self, MG ("other"), MG ("root"), "Other");
  lw_hierarchy_add (self, SUBSCRIPTION, MG ("ai-workloads"), "sub-eval");
  lw_hierarchy_add (self, "/subscriptions/other", MG ("other"), "sub-other");
  return self;
}

/* The good request as it is: nothing but what is said of it. */
static void
test_good (void)
{
  g_autoptr (JsonNode) node = fixture_request_json ();
  g_autoptr (LwRules) rules = fixture_rules (NULL);
  g_autoptr (LwHierarchy) tree = hierarchy ();
  g_autoptr (GPtrArray) findings = assess_json (node, rules, tree, NULL);
  g_autoptr (GPtrArray) alone = assess_json (node, NULL, NULL, NULL);

  print_findings (findings);
  g_assert_cmpuint (findings->len, ==, 0);
  g_assert_true (lw_findings_submittable (findings));
  g_assert_cmpuint (alone->len, ==, 0);
}

static const Case cases[] = {
  { "request.id.invalid", BLOCKER, "id", "id", NULL },
  { "request.id.invalid", BLOCKER, "id", "id", "'../../etc'" },
  { "request.requester.missing", ADVICE, "requester", "requester", "null" },
  { "request.title.missing", BLOCKER, "title", "title", NULL },
  { "request.title.missing", BLOCKER, "title", "title", "' \\u200b '" },
  { "request.title.short", BLOCKER, "title", "title", "'Access'" },
  { "request.title.long", BLOCKER, "title", "title", "L129" },
  { "request.title.placeholder", BLOCKER, "title", "title", "'TODO: find a title'" },
  { "request.title.vague", BLOCKER, "title", "title", "'Exemption, business need'" },
  { "request.category.missing", BLOCKER, "category", "category", NULL },
  { "request.category.unknown", BLOCKER, "category", "category", "'Exception'" },
  { "request.ticket.missing", ADVICE, "ticket", "ticket", NULL },
  { "request.ticket.long", BLOCKER, "ticket", "ticket", "L65" },
  { "request.evidence.empty", BLOCKER, "evidence[0]", "evidence", "[{}]" },
  { "request.evidence.link", BLOCKER, "evidence[0]", "evidence",
    "[{'link':'javascript:alert(1)'}]" },
  { "request.whatChanged.missing", BLOCKER, "renews.whatChanged", "renews", "{'request':'x'}" },
  { "request.whatChanged.short", BLOCKER, "renews.whatChanged", "renews",
    "{'request':'x','whatChanged':'Peering slipped.'}" },
  { "request.whatChanged.missing", BLOCKER, "renews.whatChanged", "grants/0/renews",
    "'" ACCOUNT "/providers/Microsoft.Authorization/policyExemptions/old'" },

  { "policy.missing", BLOCKER, "grants", "grants", "[]" },
  { "scope.missing", BLOCKER, "grants", "grants", "null" },
  { "policy.missing", BLOCKER, "grants[0].assignment", "grants/0/assignment", "''" },
  { "policy.invalid", BLOCKER, "grants[0].assignment", "grants/0/assignment", "'ai-baseline'" },
  { "policy.invalid", BLOCKER, "grants[0].assignment", "grants/0/assignment", "'" SET "'" },
  { "policy.whole-initiative", BLOCKER, "grants[0].references", "grants/0",
    "{'n':1,'assignment':'" ASSIGNMENT "','scope':'" ACCOUNT "','policy':{'definition':'" SET
    "'}}" },
  { "policy.whole-initiative.explained", WARNING, "grants[0].references", "grants/0",
    "{'n':1,'assignment':'" ASSIGNMENT "','scope':'" ACCOUNT "','policy':{'definition':'" SET
    "'},'why':'Every single policy of it fails on this appliance.'}" },
  { "policy.reference.single", BLOCKER, "grants[0].references", "grants/0/policy",
    "{'definition':'" DEFINITION "'}" },
  { "policy.not-enforced", WARNING, "grants[0].assignment", "grants/0/policy",
    "{'enforcementMode':'DoNotEnforce'}" },
  { "policy.enrolled-only", WARNING, "grants[0].assignment", "grants/0/policy",
    "{'enforcementMode':'enroll'}" },
  { "policy.enforcement-unknown", ADVICE, "grants[0].assignment", "grants/0/policy",
    "{'enforcementMode':'Sometimes'}" },
  { "policy.effect.deny", ADVICE, "grants[0].references", "grants/0/policy",
    "{'effects':{'aiServicesNoPublicNetwork':'Deny'}}" },
  { "policy.effect.denyAction", ADVICE, "grants[0].references", "grants/0/policy",
    "{'effects':{'':'denyAction'}}" },
  { "policy.effect.audit", ADVICE, "grants[0].references", "grants/0/policy",
    "{'effects':{'':'audit'}}" },
  { "policy.effect.auditIfNotExists", ADVICE, "grants[0].references", "grants/0/policy",
    "{'effects':{'':'AuditIfNotExists'}}" },
  { "policy.effect.modify", ADVICE, "grants[0].references", "grants/0/policy",
    "{'effects':{'':'modify'}}" },
  { "policy.effect.append", ADVICE, "grants[0].references", "grants/0/policy",
    "{'effects':{'':'append'}}" },
  { "policy.effect.deployIfNotExists", ADVICE, "grants[0].references", "grants/0/policy",
    "{'effects':{'':'DeployIfNotExists'}}" },
  { "policy.effect.manual", ADVICE, "grants[0].references", "grants/0/policy",
    "{'effects':{'':'manual'}}" },
  { "policy.disabled", WARNING, "grants[0].references", "grants/0/policy",
    "{'effects':{'':'Disabled'}}" },

  { "scope.missing", BLOCKER, "grants[0].scope", "grants/0/scope", NULL },
  { "scope.invalid", BLOCKER, "grants[0].scope", "grants/0/scope", "'/subscriptions'" },
  { "scope.invalid", BLOCKER, "grants[0].scope", "grants/0/scope", "'" GROUP "/../rg-prod'" },
  { "scope.outside-assignment", BLOCKER, "grants[0].scope", "grants/0/scope",
    "'/subscriptions/other/resourceGroups/rg'" },
  { "scope.wide", WARNING, "grants[0].scope", "grants/0/scope", "'" SUBSCRIPTION "'" },
  { "scope.number", BLOCKER, "grants[0].n", "grants/0/n", "0" },
  { "scope.why.short", BLOCKER, "grants[0].why", "grants/0/why", "'Runs anew'" },
  { "scope.why.long", BLOCKER, "grants[0].why", "grants/0/why", LONG_501 },
  { "scope.why.placeholder", BLOCKER, "grants[0].why", "grants/0/why",
    "'aaaaaaaaaaaaaaaaaaaaaaaaa'" },
  { "scope.selectors.invalid", BLOCKER, "grants[0].selectors", "grants/0/selectors", "[{}]" },
  { "scope.selectors.invalid", BLOCKER, "grants[0].selectors", "grants/0/selectors",
    "[{'name':'a','selectors':[{'kind':'resourceType','in':['x'],'notIn':['y']}]}]" },
  { "scope.selectors.invalid", BLOCKER, "grants[0].selectors", "grants/0/selectors",
    "[{'name':'a','selectors':[{'kind':'resourceType','in':['x']},{'kind':'ResourceType','in':['y']"
    "}]}]" },
  { "scope.selectors.invalid", BLOCKER, "grants[0].selectors", "grants/0/selectors",
    "[{'name':'a','selectors':[{'kind':'colour','in':['x']}]}]" },
  { "scope.selectors.invalid", BLOCKER, "grants[0].selectors", "grants/0/selectors",
    "[{'name':'a','selectors':[{'kind':'resourceType','in':[]}]}]" },

  { "reason.blocker.missing", BLOCKER, "reason.blocker", "reason/blocker", NULL },
  { "reason.blocker.missing", BLOCKER, "reason.blocker", "reason", "null" },
  { "reason.blocker.short", BLOCKER, "reason.blocker", "reason/blocker", "'Runs do not work'" },
  { "reason.blocker.long", BLOCKER, "reason.blocker", "reason/blocker", LONG_501 },
  { "reason.blocker.placeholder", BLOCKER, "reason.blocker", "reason/blocker", "'N/A'" },
  { "reason.blocker.placeholder", BLOCKER, "reason.blocker", "reason/blocker",
    "'<describe what is blocked by the policy>'" },
  { "reason.blocker.vague", BLOCKER, "reason.blocker", "reason/blocker",
    "'Sorry, but WE NEEDED  this to work!'" },
  { "reason.blocker.copied", BLOCKER, "reason.blocker", "reason/blocker",
    "'Public network access for the evaluation endpoint.'" },
  { "reason.blocker.copied", BLOCKER, "reason.blocker", "reason/blocker",
    "'The nightly evaluation cannot reach aoai-eval-weu from the hosted runners. It is the release "
    "gate for the support model on 14 February.'" },
  { "reason.control.missing", BLOCKER, "reason.control", "reason/control", "''" },
  { "reason.control.short", BLOCKER, "reason.control", "reason/control", "'Private net'" },
  { "reason.control.long", BLOCKER, "reason.control", "reason/control", LONG_501 },
  { "reason.impractical.missing", BLOCKER, "reason.impractical", "reason/impractical", "null" },
  { "reason.impractical.short", BLOCKER, "reason.impractical", "reason/impractical",
    "'No peering yet'" },
  { "reason.impractical.long", BLOCKER, "reason.impractical", "reason/impractical", LONG_501 },
  { "reason.impractical.copied", BLOCKER, "reason.impractical", "reason/impractical",
    "'Model endpoints are reached over the private network only so that prompts stay off the "
    "internet'" },
  { "reason.endState.missing", BLOCKER, "reason.endState", "reason/endState", NULL },
  { "reason.endState.short", BLOCKER, "reason.endState", "reason/endState", "'It is fixed'" },
  { "reason.endState.long", BLOCKER, "reason.endState", "reason/endState", LONG_501 },
  { "reason.endStateBy.missing", BLOCKER, "reason.endStateBy", "reason/endStateBy", NULL },
  { "reason.endStateBy.invalid", BLOCKER, "reason.endStateBy", "reason/endStateBy",
    "'2027-02-30'" },
  { "reason.endStateBy.past", BLOCKER, "reason.endStateBy", "reason/endStateBy", "'2026-11-23'" },
  { "reason.endStateBy.after-expiry", WARNING, "reason.endStateBy", "reason/endStateBy",
    "'2027-02-01'" },
  { "reason.endStateBy.before-expiry", WARNING, "reason.endStateBy", "reason/endStateBy",
    "'2026-12-01'" },
  { "reason.remediation.missing", BLOCKER, "remediation", "remediation", "[]" },
  { "reason.remediation.step.missing", BLOCKER, "remediation[0].step", "remediation/0/step", "''" },
  { "reason.remediation.step.short", BLOCKER, "remediation[0].step", "remediation/0/step",
    "'Peer it'" },
  { "reason.remediation.step.long", BLOCKER, "remediation[0].step", "remediation/0/step", "L201" },
  { "reason.remediation.by.missing", BLOCKER, "remediation[0].by", "remediation/0/by", NULL },
  { "reason.remediation.by.invalid", BLOCKER, "remediation[0].by", "remediation/0/by",
    "'January'" },
  { "reason.remediation.by.past", BLOCKER, "remediation[0].by", "remediation/0/by",
    "'2025-01-01'" },
  { "reason.remediation.by.after-expiry", WARNING, "remediation[0].by", "remediation/0/by",
    "'2027-02-01'" },
  { "reason.remediation.link", BLOCKER, "remediation[0].link", "remediation/0/link", "'NET-2291'" },

  { "owner.missing", BLOCKER, "owner", "owner", "null" },
  { "owner.missing", BLOCKER, "owner", "owner/id", "''" },
  { "owner.upn.missing", BLOCKER, "owner.upn", "owner/upn", NULL },
  { "expiry.missing", BLOCKER, "expires", "expires", NULL },
  { "expiry.invalid", BLOCKER, "expires", "expires", "'soon'" },
  { "expiry.past", BLOCKER, "expires", "expires", "'2026-11-24T10:00:00Z'" },
  { "expiry.too-long", BLOCKER, "expires", "expires", "'2027-05-23T10:00:01Z'" },
  { "expiry.too-long", BLOCKER, "expires", "emergency", "true" },

  { "controls.too-few", BLOCKER, "controls", "controls", "[]" },
  { "controls.kind.missing", BLOCKER, "controls[0].kind", "controls/0/kind", NULL },
  { "controls.kind.unknown", BLOCKER, "controls[0].kind", "controls/0/kind", "'hope'" },
  { "controls.objective.missing", BLOCKER, "controls[0].objective", "controls/0/objective", NULL },
  { "controls.objective.short", BLOCKER, "controls[0].objective", "controls/0/objective",
    "'Keep safe'" },
  { "controls.objective.long", BLOCKER, "controls[0].objective", "controls/0/objective", LONG_501 },
  { "controls.definition.missing", BLOCKER, "controls[0].definition", "controls/0/definition",
    NULL },
  { "controls.definition.short", BLOCKER, "controls[0].definition", "controls/0/definition",
    "'Firewall'" },
  { "controls.definition.long", BLOCKER, "controls[0].definition", "controls/0/definition",
    "L1001" },
  { "controls.definition.copied", BLOCKER, "controls[0].definition", "controls/0/definition",
    "'Keep everyone but the evaluation runners away from the model endpoint'" },
  { "controls.residualRisk.missing", BLOCKER, "controls[0].residualRisk", "controls/0/residualRisk",
    NULL },
  { "controls.residualRisk.placeholder", BLOCKER, "controls[0].residualRisk",
    "controls/0/residualRisk", "'none'" },
  { "controls.residualRisk.long", BLOCKER, "controls[0].residualRisk", "controls/0/residualRisk",
    LONG_501 },
  { "controls.validation.missing", BLOCKER, "controls[0].validation", "controls/0/validation",
    NULL },
  { "controls.validation.short", BLOCKER, "controls[0].validation", "controls/0/validation",
    "'Tested'" },
  { "controls.validation.long", BLOCKER, "controls[0].validation", "controls/0/validation",
    LONG_501 },
  { "controls.validation.vague", BLOCKER, "controls[0].validation", "controls/0/validation",
    "'Tested as discussed, see the chat.'" },
  { "controls.maintenance.missing", BLOCKER, "controls[0].maintenance", "controls/0/maintenance",
    NULL },
  { "controls.maintenance.short", BLOCKER, "controls[0].maintenance", "controls/0/maintenance",
    "'Terraform'" },
  { "controls.maintenance.long", BLOCKER, "controls[0].maintenance", "controls/0/maintenance",
    LONG_501 },
  { "controls.evidence.missing", WARNING, "controls[0].evidence", "controls/0/evidence", "[]" },
  { "controls.evidence.empty", BLOCKER, "controls[0].evidence[0]", "controls/0/evidence",
    "[{'name':'x'}]" },
  { "controls.evidence.link", BLOCKER, "controls[0].evidence[0]", "controls/0/evidence",
    "[{'link':'https://'}]" },
  { "controls.checkedBy.missing", BLOCKER, "controls[0].checkedBy", "controls/0/checkedBy",
    "null" },
  { "controls.checkedBy.requester", ADVICE, "controls[0].checkedBy", "controls/0/checkedBy",
    "{'id':'" PRIYA "'}" },
  { "controls.nextCheck.missing", BLOCKER, "controls[0].nextCheck", "controls/0/nextCheck", NULL },
  { "controls.nextCheck.invalid", BLOCKER, "controls[0].nextCheck", "controls/0/nextCheck",
    "'monthly'" },
  { "controls.nextCheck.past", BLOCKER, "controls[0].nextCheck", "controls/0/nextCheck",
    "'2026-11-01'" },
  { "controls.nextCheck.after-expiry", WARNING, "controls[0].nextCheck", "controls/0/nextCheck",
    "'2027-02-01'" },
};

/* Every finding appears when the request is spoilt in that one place; the good one has none of them. */
static void
test_each (void)
{
  g_autoptr (LwRules) rules = fixture_rules (NULL);
  g_autoptr (LwHierarchy) tree = hierarchy ();

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr (JsonNode) node = fixture_request_json ();
      g_autoptr (GPtrArray) findings = NULL;
      g_auto (GStrv) parts = g_strsplit (cases[i].path, "/", -1);

      if (strcmp (cases[i].path, "grants/0") == 0)
        {
          JsonArray *grants = json_array_new ();

          json_array_add_element (grants, fixture_json (cases[i].value));
          json_object_set_array_member (json_node_get_object (node), "grants", grants);
        }
      else
        spoil (node, cases[i].path, cases[i].value);
      findings = assess_json (node, rules, tree, NULL);
      assert_finding (findings, &cases[i]);
    }
}

static LwAssignment *
assignment (const char *json, const char *set_json)
{
  g_autoptr (JsonNode) node = fixture_json (json);
  g_autoptr (JsonNode) set = set_json != NULL ? fixture_json (set_json) : NULL;
  g_autoptr (GError) error = NULL;
  g_autoptr (LwAssignment) bare = lw_assignment_from_json (node, &error);

  g_assert_no_error (error);
  return lw_assignment_with_definition (bare, lw_json_node_object (set), NULL);
}

#define BASELINE                                                                                   \
  "{'name':'baseline','properties':{'policyDefinitions':[{'policyDefinitionReferenceId':"          \
  "'aiServicesNoPublicNetwork','policyDefinitionId':'" DEFINITION                                  \
  "','parameters':{'effect':{'value':'Deny'}}}]}}"

static void
assess_online (const char *assignment_json, const char *policy_json, const Case *expected)
{
  g_autoptr (JsonNode) node = fixture_request_json ();
  g_autoptr (LwRules) rules = fixture_rules (NULL);
  g_autoptr (LwHierarchy) tree = hierarchy ();
  g_autoptr (GHashTable) assignments = g_hash_table_new_full (
      lw_arm_id_hash, lw_arm_id_equal, g_free, (GDestroyNotify) lw_assignment_unref);
  g_autoptr (GPtrArray) findings = NULL;

  if (assignment_json != NULL)
    g_hash_table_insert (assignments, g_ascii_strup (ASSIGNMENT, -1),
                         assignment (assignment_json, BASELINE));
  if (policy_json != NULL)
    spoil (node, "grants/0/policy", policy_json);
  findings = assess_json (node, rules, tree, assignments);
  if (expected->field != NULL)
    assert_finding (findings, expected);
  else
    g_assert_null (find (findings, expected->id));
}

#define ONLINE(more)                                                                               \
  "{'id':'" ASSIGNMENT "','properties':{'policyDefinitionId':'" SET "','instanceId':'i1'" more "}" \
  "}"

static void
test_online (void)
{
  static const struct
  {
    const char *assignment;
    const char *policy;
    Case expected;
  } online[] = {
    { NULL, NULL, { "policy.gone", BLOCKER, "grants[0].assignment" } },
    { ONLINE (""), NULL, { "policy.gone" } },
    { ONLINE (""), NULL, { "policy.effect.deny", ADVICE, "grants[0].references" } },
    { ONLINE (""),
      "{'instanceId':'i1','effects':{'aiServicesNoPublicNetwork':'deny'}}",
      { "policy.changed" } },
    { ONLINE (""), "{'version':'1.0.0'}", { "policy.changed" } },
    { ONLINE (""), "{'instanceId':'i2'}", { "policy.changed", BLOCKER, "grants[0].assignment" } },
    { ONLINE (""),
      "{'effects':{'aiServicesNoPublicNetwork':'audit'}}",
      { "policy.changed", BLOCKER, "grants[0].assignment" } },
    { ONLINE (""),
      "{'enforcementMode':'DoNotEnforce'}",
      { "policy.changed", BLOCKER, "grants[0].assignment" } },
    { ONLINE (""),
      "{'definition':'" DEFINITION "'}",
      { "policy.changed", BLOCKER, "grants[0].assignment" } },
    { ONLINE (",'enforcementMode':'DoNotEnforce'"),
      NULL,
      { "policy.not-enforced", WARNING, "grants[0].assignment" } },
    { ONLINE (",'enforcementMode':'Enroll'"),
      NULL,
      { "policy.enrolled-only", WARNING, "grants[0].assignment" } },
    { ONLINE (",'notScopes':['" GROUP "']"),
      NULL,
      { "policy.excluded", WARNING, "grants[0].scope" } },
    { ONLINE (",'notScopes':['" GROUP "-2']"), NULL, { "policy.excluded" } },
    { ONLINE (",'overrides':[{'kind':'policyEffect','value':'disabled'}]"),
      NULL,
      { "policy.disabled", WARNING, "grants[0].references" } },
  };

  for (guint i = 0; i < G_N_ELEMENTS (online); i++)
    assess_online (online[i].assignment, online[i].policy, &online[i].expected);
}

static void
test_reference_unknown (void)
{
  g_autoptr (JsonNode) node = fixture_request_json ();
  g_autoptr (GHashTable) assignments = g_hash_table_new_full (
      lw_arm_id_hash, lw_arm_id_equal, g_free, (GDestroyNotify) lw_assignment_unref);
  g_autoptr (GPtrArray) findings = NULL;
  const Case expected = { "policy.reference.unknown", BLOCKER, "grants[0].references[1]" };

  g_hash_table_insert (assignments, g_strdup (ASSIGNMENT), assignment (ONLINE (""), BASELINE));
  spoil (node, "grants/0/references", "['AISERVICESnopublicnetwork','gone']");
  findings = assess_json (node, NULL, NULL, assignments);
  assert_finding (findings, &expected);
}

static void
assess_with_rules (const char *rules_json,
                   const char *path,
                   const char *value,
                   const Case *expected)
{
  g_autoptr (JsonNode) node = fixture_request_json ();
  g_autoptr (LwRules) rules = fixture_rules (rules_json);
  g_autoptr (LwHierarchy) tree = hierarchy ();
  g_autoptr (GPtrArray) findings = NULL;

  if (path != NULL)
    spoil (node, path, value);
  findings = assess_json (node, rules, tree, NULL);
  if (expected->field != NULL)
    assert_finding (findings, expected);
  else
    g_assert_null (find (findings, expected->id));
}

static void
test_rules (void)
{
  const Case no_approver = { "owner.no-approver", BLOCKER, "owner" };
  const Case too_few = { "owner.too-few-approvers", BLOCKER, "owner" };
  const Case controls = { "controls.too-few", BLOCKER, "controls" };
  const Case too_long = { "expiry.too-long", BLOCKER, "expires" };
  const Case forbidden = { "policy.whole-initiative.forbidden", BLOCKER, "grants[0].references" };
  const Case renewal = { "request.emergency.renewal", BLOCKER, "emergency" };

  assess_with_rules ("{'approvers':[]}", NULL, NULL, &no_approver);
  assess_with_rules ("{'approvers':[{'people':[{'id':'" PRIYA "'},{'id':'" DANIEL "'}]}]}", NULL,
                     NULL, &no_approver);
  assess_with_rules ("{'approvers':[{'people':[{'id':'" PRIYA "'},{'id':'" DANIEL
                     "'}]}],'ownerMayApprove':true}",
                     NULL, NULL, &(Case) { "owner.no-approver" });
  assess_with_rules ("{'approvers':[{'scope':'/subscriptions/other','people':[{'id':'" MEI "'}]}]}",
                     NULL, NULL, &no_approver);
  assess_with_rules ("{'approvers':[{'scope':'" MG ("ai-workloads") "','people':[{'id':'" MEI
                                                                    "'}]}]}",
                     NULL, NULL, &(Case) { "owner.no-approver" });
  assess_with_rules ("{'approvers':[{'scope':'" MG ("other") "','people':[{'id':'" MEI "'}]}]}",
                     NULL, NULL, &no_approver);
  assess_with_rules ("{'approvals':{'policies':{'" ASSIGNMENT "':3}}}", NULL, NULL, &too_few);
  assess_with_rules ("{'minControls':{'Waiver':2}}", NULL, NULL, &controls);
  assess_with_rules ("{'minControls':{'Mitigated':2}}", NULL, NULL, &(Case) { "controls.too-few" });
  assess_with_rules ("{'maxDays':{'Waiver':{'resource':30}}}", NULL, NULL, &too_long);
  assess_with_rules ("{'wholeInitiative':false}", "grants/0/references", "[]",
                     &(Case) { "policy.whole-initiative.forbidden" });
  {
    g_autoptr (JsonNode) node = fixture_request_json ();
    g_autoptr (LwRules) rules = fixture_rules ("{'wholeInitiative':false}");
    g_autoptr (GPtrArray) findings = NULL;

    spoil (node, "grants/0/references", "[]");
    spoil (node, "grants/0/policy", "{'definition':'" SET "'}");
    findings = assess_json (node, rules, NULL, NULL);
    assert_finding (findings, &forbidden);
  }
  {
    g_autoptr (JsonNode) node = fixture_request_json ();
    g_autoptr (GPtrArray) findings = NULL;

    spoil (node, "emergency", "true");
    spoil (node, "expires", "'2026-11-26T10:00:00Z'");
    spoil (node, "renews",
           "{'request':'x','whatChanged':'Peering slipped to March, see the new plan.'}");
    findings = assess_json (node, NULL, NULL, NULL);
    g_assert_null (find (findings, "expiry.too-long"));
    assert_finding (findings, &renewal);
  }
}

/* Approvers by a management group: whether they reach the scope is not known without the tree. */
static void
test_unknown_tree (void)
{
  g_autoptr (JsonNode) node = fixture_request_json ();
  g_autoptr (LwRules) rules =
      fixture_rules ("{'approvers':[{'scope':'" MG ("other") "','people':[{'id':'" MEI "'}]}]}");
  g_autoptr (GPtrArray) findings = NULL;

  spoil (node, "grants/0/scope", "'/subscriptions/somewhere/resourceGroups/rg'");
  findings = assess_json (node, rules, NULL, NULL);
  g_assert_null (find (findings, "owner.no-approver"));
  g_assert_null (find (findings, "scope.outside-assignment"));
}

static void
test_several_grants (void)
{
  const Case duplicate = { "scope.duplicate", BLOCKER, "grants[1].scope" };
  const Case number = { "scope.number", BLOCKER, "grants[1].n" };
  const Case redundant = { "scope.redundant", WARNING, "grants[0].scope" };
  static const struct
  {
    const char *scope;
    const char *n;
    const char *references;
  } second[] = {
    { "'" ACCOUNT "/'", "2", "['AIservicesNoPublicNetwork']" },
    { "'" GROUP "/providers/Microsoft.Storage/storageAccounts/st'", "1",
      "['aiServicesNoPublicNetwork']" },
    { "'" GROUP "'", "2", "['aiServicesNoPublicNetwork']" },
    { "'" ACCOUNT "'", "2", "['another']" },
  };
  const Case *expected[] = { &duplicate, &number, &redundant, NULL };

  for (guint i = 0; i < G_N_ELEMENTS (second); i++)
    {
      g_autoptr (JsonNode) node = fixture_request_json ();
      JsonArray *grants = json_object_get_array_member (json_node_get_object (node), "grants");
      g_autoptr (GPtrArray) findings = NULL;

      json_array_add_element (grants, lw_json_node_copy (json_array_get_element (grants, 0)));
      spoil (node, "grants/1/scope", second[i].scope);
      spoil (node, "grants/1/n", second[i].n);
      spoil (node, "grants/1/references", second[i].references);
      findings = assess_json (node, NULL, NULL, NULL);
      if (expected[i] != NULL)
        assert_finding (findings, expected[i]);
      else
        g_assert_true (lw_findings_submittable (findings));
    }
}

/* What fits the limits always fits the exemption, and what does not is found. */
static void
test_too_many_controls (void)
{
  g_autoptr (JsonNode) node = fixture_request_json ();
  JsonArray *controls = json_object_get_array_member (json_node_get_object (node), "controls");
  guint first_refused = 0;

  for (guint count = 2; count <= 20; count++)
    {
      g_autoptr (GPtrArray) findings = NULL;

      json_array_add_element (controls, lw_json_node_copy (json_array_get_element (controls, 0)));
      findings = assess_json (node, NULL, NULL, NULL);
      if (find (findings, "controls.too-many") != NULL && first_refused == 0)
        first_refused = count;
      g_assert_true ((find (findings, "controls.too-many") != NULL) == (first_refused != 0));
    }
  g_assert_cmpuint (first_refused, >, 8);
  g_assert_cmpuint (first_refused, <, 20);
}

static void
test_order (void)
{
  g_autoptr (JsonNode) node = fixture_json ("{'version':1}");
  g_autoptr (GPtrArray) findings = assess_json (node, NULL, NULL, NULL);

  g_assert_cmpuint (findings->len, >, 10);
  for (guint i = 1; i < findings->len; i++)
    {
      const LwFinding *a = g_ptr_array_index (findings, i - 1);
      const LwFinding *b = g_ptr_array_index (findings, i);

      g_assert_cmpint (a->severity, <=, b->severity);
      if (a->severity == b->severity)
        g_assert_cmpuint (lw_finding_step (a), <=, lw_finding_step (b));
    }
}

static void
test_finding_json (void)
{
  g_autoptr (LwFinding) finding =
      lw_finding_new ("owner.missing", LW_SEVERITY_WARNING, NULL, "No owner.", NULL);
  g_autoptr (LwFinding) copy = lw_finding_copy (finding);
  g_autoptr (JsonNode) node = lw_finding_to_json (copy);
  g_autofree char *text = lw_json_canonical (node, NULL);

  g_assert_cmpstr (
      text, ==,
      "{\"field\":\"\",\"hint\":null,\"id\":\"owner.missing\",\"message\":\"No owner.\","
      "\"severity\":\"warning\"}");
}

static void
test_limits (void)
{
  g_assert_cmpuint (lw_field_max_chars ("title"), ==, 128);
  g_assert_cmpuint (lw_field_max_chars ("reason.blocker"), <=, 512);
  g_assert_cmpuint (lw_field_min_chars ("reason.blocker"), >, 0);
  g_assert_cmpuint (lw_field_max_chars ("nothing"), ==, 0);
  g_assert_cmpuint (lw_field_length ("  a\xF0\x9F\x98\x80 "), ==, 3);
  g_assert_cmpuint (lw_field_length (NULL), ==, 0);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/assess/good", test_good);
  g_test_add_func ("/assess/each", test_each);
  g_test_add_func ("/assess/online", test_online);
  g_test_add_func ("/assess/reference-unknown", test_reference_unknown);
  g_test_add_func ("/assess/rules", test_rules);
  g_test_add_func ("/assess/unknown-tree", test_unknown_tree);
  g_test_add_func ("/assess/several-grants", test_several_grants);
  g_test_add_func ("/assess/too-many-controls", test_too_many_controls);
  g_test_add_func ("/assess/order", test_order);
  g_test_add_func ("/assess/finding-json", test_finding_json);
  g_test_add_func ("/assess/limits", test_limits);
  return g_test_run ();
}
