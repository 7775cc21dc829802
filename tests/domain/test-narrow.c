/* SPDX-License-Identifier: GPL-3.0-or-later */

#include <json-glib/json-glib.h>
#include <string.h>

#include "lw-domain-error.h"
#include "lw-json.h"
#include "lw-narrow.h"
#include "lw-selectors.h"

#define MG  "/providers/Microsoft.Management/managementGroups/"
#define RG  "/subscriptions/s1/resourceGroups/rg1"
#define ST  RG "/providers/Microsoft.Storage/storageAccounts/"
#define SUB "{'id':'/subscriptions/s1','parent':'" MG "top'}"
#define TOP                                                                                        \
  "'assignment':{'scope':'" MG "top'},'hierarchy':[{'id':'" MG "top','parent':null}," SUB "]"

static char *
quoted (const char *text)
{
  return g_strdelimit (g_strdup (text), "'", '"');
}

static LwNarrowResult *
try_run (const char *text, GError **error)
{
  g_autofree char *json = quoted (text);
  g_autoptr (GError) parse_error = NULL;
  g_autoptr (JsonNode) node = lw_json_parse_string (json, &parse_error);
  g_autoptr (LwNarrow) question = NULL;

  g_assert_no_error (parse_error);
  question = lw_narrow_from_json (node, error);
  return question != NULL ? lw_narrow_run (question, error) : NULL;
}

static LwNarrowResult *
run (const char *text)
{
  g_autoptr (GError) error = NULL;
  LwNarrowResult *result = try_run (text, &error);

  g_assert_no_error (error);
  return result;
}

static gboolean
says (LwNarrowResult *result, const char *id)
{
  for (guint i = 0; i < result->notices->len; i++)
    if (strcmp (((LwNarrowNotice *) result->notices->pdata[i])->id, id) == 0)
      return TRUE;
  return FALSE;
}

static LwNarrowOption *
option (LwNarrowResult *result, guint index)
{
  g_assert_cmpuint (index, <, result->options->len);
  return result->options->pdata[index];
}

static LwNarrowExemption *
only (LwNarrowOption *choice)
{
  g_assert_cmpuint (choice->exemptions->len, ==, 1);
  return choice->exemptions->pdata[0];
}

static void
assert_selectors (LwNarrowExemption *exemption, const char *wanted)
{
  g_autoptr (JsonNode) node = json_node_init_array (json_node_alloc (), exemption->selectors);
  g_autofree char *got = lw_json_canonical (node, NULL);
  g_autofree char *text = quoted (wanted);

  g_assert_cmpstr (got, ==, text);
}

static void
assert_fails (const char *text, LwDomainError code, const char *word)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (LwNarrowResult) result = try_run (text, &error);

  g_assert_null (result);
  g_assert_error (error, LW_DOMAIN_ERROR, (int) code);
  if (strstr (error->message, word) == NULL)
    g_test_message ("%s", error->message);
  g_assert_nonnull (strstr (error->message, word));
}

/* --- what it finds ------------------------------------------------------------------------------ */

static void
test_ladder (void)
{
  g_autoptr (LwNarrowResult) result =
      run ("{" TOP ",'resources':["
           "{'id':'" ST "a','type':'Microsoft.Storage/storageAccounts','location':'westeurope',"
           "'references':['r1','r2']},"
           "{'id':'" ST "b','location':'West Europe','references':['R1','r2']},"
           "{'id':'" ST "c','location':'westeurope','references':['r1']},"
           "{'id':'" RG "/providers/Microsoft.KeyVault/vaults/k','location':'westeurope',"
           "'references':['r1']}],"
           "'need':[{'resource':'" ST "A','references':['r1']},"
           "{'resource':'" ST "b','references':['r1']}]}");
  LwNarrowOption *first = option (result, 0);
  LwNarrowOption *second = option (result, 1);

  g_assert_cmpuint (result->options->len, ==, 2);
  g_assert_cmpint (first->reach, ==, LW_SCOPE_RESOURCE);
  g_assert_cmpuint (first->exemptions->len, ==, 2);
  g_assert_cmpuint (first->collateral, ==, 0);
  g_assert_cmpint (second->reach, ==, LW_SCOPE_RESOURCE_GROUP);
  g_assert_cmpuint (second->collateral, ==, 1);
  g_assert_cmpuint (second->resources, ==, 1);
  g_assert_cmpstr (only (second)->scope, ==, RG);
  assert_selectors (only (second),
                    "[{'name':'storageAccounts-westeurope','selectors':["
                    "{'in':['Microsoft.Storage/storageAccounts'],'kind':'resourceType'},"
                    "{'in':['westeurope'],'kind':'resourceLocation'}]}]");
  {
    g_autoptr (GPtrArray) affected = lw_narrow_result_affected (result, second);
    LwNarrowAffected *entry = affected->pdata[0];

    g_assert_cmpuint (affected->len, ==, 1);
    g_assert_cmpstr (entry->type, ==, "Microsoft.Storage/storageAccounts");
    g_assert_cmpuint (entry->pairs, ==, 1);
    g_assert_cmpuint (entry->resources, ==, 1);
  }
}

/* A resource that comes later goes into a resource group that is there, by its type and place. */
static void
test_new (void)
{
  g_autoptr (LwNarrowResult) result =
      run ("{" TOP ",'resources':[],'need':[{'resource':'" ST "new','location':'westeurope',"
           "'references':['r1']}]}");

  g_assert_true (says (result, "need.new"));
  g_assert_cmpint (option (result, 0)->reach, ==, LW_SCOPE_RESOURCE_GROUP);
  g_assert_cmpstr (only (option (result, 0))->scope, ==, RG);
  assert_selectors (only (option (result, 0)),
                    "[{'name':'storageAccounts-westeurope','selectors':["
                    "{'in':['Microsoft.Storage/storageAccounts'],'kind':'resourceType'},"
                    "{'in':['westeurope'],'kind':'resourceLocation'}]}]");
  g_assert_cmpuint (result->options->len, ==, 1);
}

static void
test_children (void)
{
  g_autoptr (LwNarrowResult) result =
      run ("{" TOP ",'resources':[{'id':'" ST "a','references':['r1']},"
           "{'id':'" ST "a/blobServices/default','references':['r1']}],"
           "'need':[{'resource':'" ST "a','references':['r1']}]}");

  /* The child is covered too, unless the selectors leave it out. */
  g_assert_cmpuint (option (result, 0)->collateral, ==, 0);
  assert_selectors (only (option (result, 0)),
                    "[{'name':'storageAccounts','selectors':["
                    "{'in':['Microsoft.Storage/storageAccounts'],'kind':'resourceType'}]}]");
}

static void
test_single_definition (void)
{
  g_autoptr (LwNarrowResult) result =
      run ("{" TOP ",'resources':[{'id':'" ST "a','references':[]},{'id':'" ST "b'}],"
           "'need':[{'resource':'" ST "a'}]}");
  LwNarrowOption *narrow = option (result, 0);

  g_assert_cmpuint (result->options->len, ==, 1);
  g_assert_cmpstr (only (narrow)->scope, ==, ST "a");
  g_assert_cmpuint (only (narrow)->references->len, ==, 0);
}

/* None at all means all that were evaluated. */
static void
test_all_references (void)
{
  g_autoptr (LwNarrowResult) result =
      run ("{" TOP ",'resources':[{'id':'" ST "a','references':['r2','r1']}],"
           "'need':[{'resource':'" ST "a','references':[]}]}");
  LwNarrowExemption *exemption = only (option (result, 0));

  g_assert_cmpuint (exemption->references->len, ==, 2);
  g_assert_cmpstr (exemption->references->pdata[0], ==, "r1");
}

static void
test_bare_types (void)
{
  g_autoptr (LwNarrowResult) result =
      run ("{" TOP ",'resources':["
           "{'id':'" RG "/providers/Microsoft.Databricks/workspaces/w','references':['r1']},"
           "{'id':'" ST "a','references':['r1']}],'bareTypes':['my.own/things'],"
           "'need':[{'resource':'" RG "/providers/microsoft.databricks/workspaces/w',"
           "'references':['r1']}]}");

  g_assert_true (says (result, "scope.bare"));
  g_assert_cmpstr (only (option (result, 0))->scope, ==, RG);
  g_assert_cmpuint (option (result, 0)->collateral, ==, 0);
}

static void
test_full_scopes (void)
{
  g_autoptr (LwNarrowResult) result =
      run ("{" TOP ",'resources':[{'id':'" ST "a','references':['r1']}],"
           "'counts':[{'scope':'" ST "a','exemptions':1000},{'scope':'" RG "','exemptions':990}],"
           "'need':[{'resource':'" ST "a','references':['r1']}]}");

  g_assert_true (says (result, "scope.full"));
  g_assert_true (says (result, "scope.nearly-full"));
  g_assert_cmpstr (only (option (result, 0))->scope, ==, RG);
}

static void
test_barriers (void)
{
  g_autoptr (LwNarrowResult) result =
      run ("{" TOP ",'resources':[{'id':'" ST "a','references':['r1']}],"
           "'barriers':[{'scope':'" RG "','why':'locked'}],"
           "'need':[{'resource':'" ST "a','references':['r1']}]}");
  g_autoptr (LwNarrowResult) nowhere =
      run ("{" TOP ",'resources':[{'id':'" ST "a','references':['r1']}],"
           "'barriers':[{'scope':'" MG "top'}],"
           "'need':[{'resource':'" ST "a','references':['r1']}]}");

  g_assert_true (says (result, "scope.barred"));
  g_assert_cmpstr (only (option (result, 0))->scope, ==, "/subscriptions/s1");
  g_assert_cmpuint (nowhere->options->len, ==, 0);
  g_assert_true (says (nowhere, "options.none"));
}

static void
test_covered (void)
{
  g_autoptr (LwNarrowResult) result =
      run ("{" TOP ",'resources':[{'id':'" ST "a','references':['r1','r2']},"
           "{'id':'" ST "b','references':['r1']}],"
           "'exemptions':[{'scope':'" ST "a','references':['R1'],'selectors':[]}],"
           "'need':[{'resource':'" ST "a','references':['r1','r2']},"
           "{'resource':'" ST "b','references':['r1']}]}");
  g_autoptr (LwNarrowResult) by_selector =
      run ("{" TOP ",'resources':[{'id':'" ST "a','location':'here','references':['r1']}],"
           "'exemptions':[{'scope':'" RG "','references':[],'selectors':[{'name':'x','selectors':["
           "{'kind':'resourceLocation','notIn':['there']}]}]}],"
           "'need':[{'resource':'" ST "a','references':['r1']}]}");
  g_autoptr (LwNarrowResult) by_person =
      run ("{" TOP ",'resources':[{'id':'" ST "a','location':'here','references':['r1']}],"
           "'exemptions':[{'scope':'" RG "','selectors':[{'name':'x','selectors':["
           "{'kind':'userPrincipalId','in':['u']}]}]}],"
           "'need':[{'resource':'" ST "a','references':['r1']}]}");
  LwNarrowExemption *first = option (result, 0)->exemptions->pdata[0];

  g_assert_true (says (result, "need.exempt"));
  g_assert_cmpuint (first->references->len, ==, 1);
  g_assert_cmpstr (first->references->pdata[0], ==, "r2");
  g_assert_cmpuint (by_selector->options->len, ==, 0);
  g_assert_cmpuint (by_selector->needed, ==, 0);
  g_assert_cmpuint (by_person->needed, ==, 1);
}

static void
test_outside (void)
{
  g_autoptr (LwNarrowResult) result =
      run ("{'assignment':{'scope':'/subscriptions/S1','notScopes':['" RG "/']},"
           "'resources':[{'id':'" ST "a','references':['r1']},"
           "{'id':'/subscriptions/s2/resourceGroups/g/providers/n.s/t/x','references':['r1']}],"
           "'need':[{'resource':'" ST "a','references':['r1']},"
           "{'resource':'/subscriptions/s2/resourceGroups/g/providers/n.s/t/x',"
           "'references':['r1']}]}");

  g_assert_cmpuint (result->options->len, ==, 0);
  g_assert_true (says (result, "need.excluded"));
  g_assert_true (says (result, "need.outside"));
  g_assert_false (says (result, "options.none"));
}

static void
test_modes (void)
{
  g_autoptr (LwNarrowResult) off =
      run ("{'assignment':{'scope':'/subscriptions/s1','enforcementMode':'DoNotEnforce'},"
           "'resources':[],'need':[{'resource':'" RG "','references':['r']}]}");
  g_autoptr (LwNarrowResult) enroll =
      run ("{'assignment':{'scope':'/subscriptions/s1','enforcementMode':'enroll'},"
           "'resources':[],'need':[{'resource':'" RG "','references':['r']}]}");

  g_assert_true (says (off, "assignment.not-enforced"));
  g_assert_true (says (enroll, "assignment.enroll"));
  /* A resource group itself may be what a policy looks at. */
  g_assert_cmpstr (only (option (off, 0))->scope, ==, RG);
  g_assert_cmpint (option (off, 0)->reach, ==, LW_SCOPE_RESOURCE_GROUP);
}

static void
test_identity (void)
{
  g_autoptr (LwNarrowResult) result =
      run ("{" TOP ",'resources':[{'id':'" ST "a','references':['r1']}],"
           "'identity':{'kind':'userPrincipalId','id':'oid','apiVersion':'2026-01-01-preview'},"
           "'need':[{'resource':'" ST "a','references':['r1']}]}");
  g_autoptr (LwNarrowResult) capital =
      run ("{" TOP ",'resources':[],'identity':{'kind':'groupPrincipalId','id':'oid',"
           "'apiVersion':'2024-12-01-preview'},'need':[{'resource':'" ST "a',"
           "'references':['r1']}]}");
  g_autoptr (LwNarrowResult) old =
      run ("{" TOP ",'resources':[{'id':'" ST "a','references':['r1']}],"
           "'identity':{'kind':'userPrincipalId','id':'oid','apiVersion':'2022-07-01-preview'},"
           "'need':[{'resource':'" ST "a','references':['r1']}]}");

  assert_selectors (only (option (result, 0)),
                    "[{'name':'identity','selectors':[{'in':['oid'],'kind':'userPrincipalId'}]}]");
  assert_selectors (only (option (capital, 0)),
                    "[{'name':'storageAccounts','selectors':["
                    "{'in':['oid'],'kind':'GroupPrincipalId'},"
                    "{'in':['Microsoft.Storage/storageAccounts'],'kind':'resourceType'}]}]");
  g_assert_true (says (old, "identity.unsupported"));
  assert_selectors (only (option (old, 0)), "[]");
}

static void
test_partial (void)
{
  g_autoptr (LwNarrowResult) result =
      run ("{" TOP ",'resources':[{'id':'" ST "a','references':['r1']},"
           "{'id':'" ST "b','references':['r1']},{'id':'" ST "c','references':['r1']}],"
           "'unread':['/subscriptions/s1/resourceGroups/hidden'],"
           "'need':[{'resource':'" ST "a','references':['r1']},"
           "{'resource':'" ST "b','references':['r1']}]}");
  g_autoptr (LwNarrowResult) all =
      run ("{" TOP ",'resources':[{'id':'" ST "a','references':['r1']}],"
           "'unread':['" MG "top'],'need':[{'resource':'" ST "b','references':['r1']}]}");

  g_autoptr (LwNarrowResult) partial =
      run ("{" TOP ",'partial':true,'resources':[{'id':'" ST "a','references':['r1']}],"
           "'barriers':[{'scope':'/subscriptions/s1'}],"
           "'need':[{'resource':'" ST "a','references':['r1']}]}");

  g_assert_true (option (partial, 0)->at_least);
  g_assert_false (option (result, 0)->at_least);
  g_assert_true (says (result, "read.partial"));
  g_assert_false (option (result, 1)->at_least); /* the resource group can be read */
  g_assert_true (option (all, 0)->at_least);
}

/* --- the hierarchy ------------------------------------------------------------------------------ */

static void
test_hierarchy (void)
{
  g_autoptr (LwNarrowResult) orphan =
      run ("{'assignment':{'scope':'" MG "top'},'hierarchy':[{'id':'" MG "TOP'}," SUB "," SUB
           ",{'id':'/subscriptions/lost','parent':'" MG "gone'},{'id':'nonsense','parent':''}],"
           "'resources':[{'id':'" ST "a','references':['r1']},{'id':'broken','references':['r1']},"
           "{'id':'/subscriptions/lost/resourceGroups/g/providers/n.s/t/x','references':['r1']},"
           "{'id':'" ST "b','references':['r1']},"
           "{'id':'/subscriptions/s1/resourceGroups/other/providers/n.s/t/x',"
           "'references':['r1']}],"
           "'need':[{'resource':'" ST "a','references':['r1']},"
           "{'resource':'/subscriptions/s1/resourceGroups/other/providers/n.s/t/x',"
           "'references':['r1']}]}");
  g_autoptr (LwNarrowResult) adopted =
      run ("{'assignment':{'scope':'" MG "top'},'resources':[{'id':'" ST "a',"
           "'references':['r1']}],'need':[{'resource':'" ST "a','references':['r1']}]}");

  g_assert_true (says (orphan, "hierarchy.orphan"));
  g_assert_true (says (orphan, "hierarchy.duplicate"));
  g_assert_true (says (orphan, "hierarchy.malformed"));
  g_assert_true (says (orphan, "resource.malformed"));
  g_assert_cmpuint (orphan->options->len, ==, 2);
  g_assert_true (says (adopted, "hierarchy.adopted"));
  g_assert_cmpuint (adopted->options->len, ==, 1);

  assert_fails ("{'assignment':{'scope':'" MG "a'},'hierarchy':[{'id':'" MG "a','parent':'" MG
                "b'},{'id':'" MG "B','parent':'" MG "a'}],'resources':[],'need':[]}",
                LW_DOMAIN_ERROR_TYPE, "circle");
  assert_fails ("{'assignment':{'scope':'" MG "a'},'hierarchy':[{'id':'" MG "a','parent':'" MG
                "a'}],'resources':[],'need':[]}",
                LW_DOMAIN_ERROR_TYPE, "circle");
  assert_fails ("{'assignment':{'scope':'" MG
                "a'},'hierarchy':[{'id':'/subscriptions/s','parent':'" MG
                "b'},{'id':'/Subscriptions/S','parent':'" MG "a'}],'resources':[],'need':[]}",
                LW_DOMAIN_ERROR_TYPE, "twice");
}

/* What stands beside or above the assignment is known to lie outside. */
static void
test_beside (void)
{
  g_autoptr (LwNarrowResult) result =
      run ("{'assignment':{'scope':'" MG "a'},'hierarchy':[{'id':'" MG "a','parent':'" MG "top'},"
           "{'id':'/subscriptions/s1','parent':'" MG "a'},{'id':'/subscriptions/s2','parent':'" MG
           "top'}],'resources':[{'id':'" ST "a','references':['r1']},"
           "{'id':'/subscriptions/s2/resourceGroups/g/providers/n.s/t/x','references':['r1']}],"
           "'need':[{'resource':'" ST "a','references':['r1']}]}");

  g_assert_cmpuint (result->notices->len, ==, 0);
  g_assert_cmpuint (result->options->len, ==, 1);
}

/* --- bad input ---------------------------------------------------------------------------------- */

static void
test_bad_input (void)
{
  assert_fails ("[]", LW_DOMAIN_ERROR_TYPE, "object");
  assert_fails ("{}", LW_DOMAIN_ERROR_TYPE, "assignment.scope");
  assert_fails ("{'assignment':{'scope':7}}", LW_DOMAIN_ERROR_TYPE, "assignment.scope");
  assert_fails ("{'assignment':{'scope':'x'}}", LW_DOMAIN_ERROR_ID, "assignment");
  assert_fails ("{" TOP ",'resources':{}}", LW_DOMAIN_ERROR_TYPE, "resources");
  assert_fails ("{" TOP ",'resources':[3]}", LW_DOMAIN_ERROR_TYPE, "resources[0]");
  assert_fails ("{" TOP ",'resources':[{'id':3}]}", LW_DOMAIN_ERROR_TYPE, "resources[0].id");
  assert_fails ("{" TOP ",'resources':[{'id':'" RG "','references':'r'}]}", LW_DOMAIN_ERROR_TYPE,
                "resources[0].references");
  assert_fails ("{" TOP ",'need':[{'resource':'x','references':['r']}]}", LW_DOMAIN_ERROR_ID,
                "need[0].resource");
  assert_fails ("{" TOP ",'need':[{'resource':'" ST "a'},{'resource':'" ST
                "b','references':['r']}]}",
                LW_DOMAIN_ERROR_TYPE, "need[0].references");
  assert_fails ("{" TOP ",'need':[],'identity':{'kind':'x','id':'y'}}", LW_DOMAIN_ERROR_TYPE,
                "identity.kind");
  assert_fails ("{" TOP ",'need':[],'counts':[{'scope':'" RG "','exemptions':-3}]}",
                LW_DOMAIN_ERROR_TYPE, "counts[0].exemptions");
}

static void
test_depth (void)
{
  g_autoptr (LwNarrow) question = lw_narrow_new ();
  g_autoptr (GError) error = NULL;

  lw_narrow_set_assignment (question, MG "0", NULL);
  for (guint i = 1; i < 200; i++)
    {
      g_autofree char *id = g_strdup_printf (MG "%u", i);
      g_autofree char *parent = g_strdup_printf (MG "%u", i - 1);

      lw_narrow_add_scope (question, id, parent);
    }
  g_assert_null (lw_narrow_run (question, &error));
  g_assert_error (error, LW_DOMAIN_ERROR, LW_DOMAIN_ERROR_LIMIT);
}

static LwNarrow *
ask_for (guint resources, guint groups)
{
  LwNarrow *self = lw_narrow_new ();

  lw_narrow_set_assignment (self, "/subscriptions/s1", NULL);
  for (guint i = 0; i < resources; i++)
    {
      g_autofree char *id =
          g_strdup_printf ("/subscriptions/s1/resourceGroups/g%u/providers/My.Space/things%u/r%u",
                           i % groups, i % 600, i);

      lw_narrow_add_resource (self, id, NULL, "here", NULL, (const char *[]) { "r", NULL });
      lw_narrow_add_need (self, id, NULL, NULL, (const char *[]) { "r", NULL });
    }
  lw_narrow_add_resource (self, "/subscriptions/s1/resourceGroups/g0/providers/My.Space/others/r",
                          NULL, "here", NULL, (const char *[]) { "r", NULL });
  return self;
}

static void
test_limits (void)
{
  g_autoptr (LwNarrow) most = ask_for (2000, 30);
  g_autoptr (LwNarrow) too_many = ask_for (2001, 30);
  g_autoptr (LwNarrow) twenty = ask_for (40, 20);
  g_autoptr (LwNarrow) hundred = ask_for (100, 1);
  g_autoptr (GError) error = NULL;
  g_autoptr (LwNarrowResult) result = lw_narrow_run (most, &error);
  g_autoptr (LwNarrowResult) by_group = NULL;
  g_autoptr (LwNarrowResult) listed = NULL;
  JsonArray *selectors;

  g_assert_no_error (error);
  g_assert_true (says (result, "options.limit"));
  g_assert_cmpuint (result->narrowest, ==, 2000);
  g_assert_cmpstr (only (option (result, 0))->scope, ==, "/subscriptions/s1");
  /* 600 types are more than selectors can name at all. */
  g_assert_cmpuint (json_array_get_length (only (option (result, 0))->selectors), ==, 0);

  by_group = lw_narrow_run (twenty, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (option (by_group, 0)->exemptions->len, ==, 20);
  g_assert_cmpint (option (by_group, 0)->reach, ==, LW_SCOPE_RESOURCE_GROUP);

  listed = lw_narrow_run (hundred, &error);
  selectors = only (option (listed, 0))->selectors;
  g_assert_cmpuint (json_array_get_length (selectors), ==, 2);
  for (guint i = 0; i < 2; i++)
    {
      JsonArray *parts = lw_json_get_array (lw_json_array_get_object (selectors, i), "selectors");
      JsonArray *in = lw_json_get_array (lw_json_array_get_object (parts, 0), "in");

      g_assert_cmpuint (json_array_get_length (in), ==, LW_MAX_SELECTOR_VALUES);
    }

  g_assert_null (lw_narrow_run (too_many, &error));
  g_assert_error (error, LW_DOMAIN_ERROR, LW_DOMAIN_ERROR_LIMIT);
}

/* --- what holds of every answer ----------------------------------------------------------------- */

static LwNarrow *
random_question (GRand *rand)
{
  LwNarrow *self = lw_narrow_new ();
  guint groups = (guint) g_rand_int_range (rand, 1, 60);

  lw_narrow_set_assignment (self, MG "0", NULL);
  lw_narrow_add_scope (self, MG "0", NULL);
  for (guint i = 1; i < 10; i++)
    {
      g_autofree char *id = g_strdup_printf (MG "%u", i);
      g_autofree char *parent = g_strdup_printf (MG "%d", g_rand_int_range (rand, 0, (gint32) i));

      lw_narrow_add_scope (self, id, parent);
    }
  for (guint i = 0; i < 8; i++)
    {
      g_autofree char *id = g_strdup_printf ("/subscriptions/s%u", i);
      g_autofree char *parent = g_strdup_printf (MG "%d", g_rand_int_range (rand, 0, 10));

      lw_narrow_add_scope (self, id, parent);
    }
  for (guint i = 0; i < 300; i++)
    {
      g_autofree char *reference = g_strdup_printf ("r%d", g_rand_int_range (rand, 0, 5));
      g_autofree char *id = g_strdup_printf (
          "/subscriptions/s%u/resourceGroups/g%d/providers/My.Space/t%d/r%u", i % 8,
          g_rand_int_range (rand, 0, (gint32) groups), g_rand_int_range (rand, 0, 4), i);

      lw_narrow_add_resource (self, id, NULL, i % 3 == 0 ? "here" : "there", NULL,
                              (const char *[]) { "r0", reference, NULL });
      if (g_rand_int_range (rand, 0, 8) == 0)
        lw_narrow_add_need (self, id, NULL, NULL, (const char *[]) { reference, NULL });
    }
  return self;
}

/* Options get wider, none is as good as another in all, and those affected add up. */
static void
test_properties (void)
{
  guint seeds = g_getenv ("LEEWAY_TEST_SLOWNESS") != NULL ? 5 : 100;

  for (guint seed = 0; seed < seeds; seed++)
    {
      g_autoptr (GRand) rand = g_rand_new_with_seed (seed);
      g_autoptr (LwNarrow) question = random_question (rand);
      g_autoptr (GError) error = NULL;
      g_autoptr (LwNarrowResult) result = lw_narrow_run (question, &error);

      g_assert_no_error (error);
      g_assert_cmpuint (result->options->len, >, 0);
      for (guint i = 0; i < result->options->len; i++)
        {
          LwNarrowOption *a = option (result, i);
          g_autoptr (GPtrArray) affected = lw_narrow_result_affected (result, a);
          guint64 pairs = 0;
          guint resources = 0;
          guint needed = 0;

          for (guint j = 0; j < affected->len; j++)
            {
              pairs += ((LwNarrowAffected *) affected->pdata[j])->pairs;
              resources += ((LwNarrowAffected *) affected->pdata[j])->resources;
            }
          g_assert_cmpuint (pairs, ==, a->collateral);
          g_assert_cmpuint (resources, ==, a->resources);
          g_assert_cmpuint (a->exemptions->len, <=, LW_NARROW_MAX_EXEMPTIONS);
          for (guint j = 0; j < a->exemptions->len; j++)
            {
              LwNarrowExemption *x = a->exemptions->pdata[j];

              needed += x->needed;
              for (guint k = 0; k < j; k++)
                g_assert_false (lw_arm_id_contains (
                    x->scope, ((LwNarrowExemption *) a->exemptions->pdata[k])->scope));
            }
          g_assert_cmpuint (needed, ==, result->needed);
          for (guint j = 0; j < i; j++)
            {
              LwNarrowOption *b = option (result, j);

              g_assert_cmpint (b->reach, <=, a->reach);
              g_assert_true (b->reach < a->reach || b->collateral < a->collateral);
              g_assert_true (b->exemptions->len > a->exemptions->len ||
                             b->collateral > a->collateral);
            }
        }
    }
}

static void
test_selectors (void)
{
  g_autoptr (JsonNode) node = NULL;
  g_autofree char *text =
      quoted ("[{'selectors':[{'kind':'ResourceType','in':['a/B']},"
              "{'kind':'resourceLocation','notIn':['there']}]},"
              "{'selectors':[{'kind':'policyDefinitionReferenceId','in':['x']}]},"
              "{'selectors':[]},{},7]");
  JsonArray *selectors;

  node = lw_json_parse_string (text, NULL);
  selectors = json_node_get_array (node);
  g_assert_true (lw_selectors_match (NULL, "t", NULL, ""));
  g_assert_true (lw_selectors_match (selectors, "A/b", "here", ""));
  g_assert_false (lw_selectors_match (selectors, "A/b", "There", ""));
  g_assert_false (lw_selectors_match (selectors, "A/b", NULL, ""));
  g_assert_true (lw_selectors_match (selectors, "c", "there", "X"));
  g_assert_false (lw_selectors_match (selectors, "c", "there", "y"));
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/narrow/ladder", test_ladder);
  g_test_add_func ("/narrow/new", test_new);
  g_test_add_func ("/narrow/children", test_children);
  g_test_add_func ("/narrow/single-definition", test_single_definition);
  g_test_add_func ("/narrow/all-references", test_all_references);
  g_test_add_func ("/narrow/bare-types", test_bare_types);
  g_test_add_func ("/narrow/full-scopes", test_full_scopes);
  g_test_add_func ("/narrow/barriers", test_barriers);
  g_test_add_func ("/narrow/covered", test_covered);
  g_test_add_func ("/narrow/outside", test_outside);
  g_test_add_func ("/narrow/modes", test_modes);
  g_test_add_func ("/narrow/identity", test_identity);
  g_test_add_func ("/narrow/partial", test_partial);
  g_test_add_func ("/narrow/hierarchy", test_hierarchy);
  g_test_add_func ("/narrow/beside", test_beside);
  g_test_add_func ("/narrow/bad-input", test_bad_input);
  g_test_add_func ("/narrow/depth", test_depth);
  g_test_add_func ("/narrow/limits", test_limits);
  g_test_add_func ("/narrow/properties", test_properties);
  g_test_add_func ("/narrow/selectors", test_selectors);
  return g_test_run ();
}
