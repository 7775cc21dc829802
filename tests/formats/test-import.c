/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "lw-patience.h"
#include "lw-csv.h"
#include "lw-domain-error.h"
#include "lw-export.h"
#include "lw-import.h"
#include "lw-json.h"

#include <string.h>

#define SUB  "/subscriptions/11111111-2222-3333-4444-555555555555"
#define RG   SUB "/resourceGroups/rg-ai-lab"
#define TYPE "Microsoft.Authorization/policyExemptions"
#define ASG                                                                                        \
  "/providers/Microsoft.Management/managementGroups/corp/providers/Microsoft.Authorization/"       \
  "policyAssignments/base"
#define ID(n) RG "/providers/" TYPE "/" n
#define HEAD                                                                                       \
  "name,displayName,description,exemptionCategory,expiresOn,scope,scopes,assignmentReferenceId,"   \
  "policyAssignmentId,policyDefinitionReferenceIds,resourceSelectors,metadata,"                    \
  "assignmentScopeValidation\n"

static LwImport *
read_text (const char *text)
{
  g_autoptr (GBytes) bytes = g_bytes_new (text, strlen (text));
  g_autoptr (GError) error = NULL;
  LwImport *import = lw_import (bytes, NULL, &error);

  g_assert_no_error (error);
  return import;
}

static LwImportRow *
row_of (LwImport *import, guint index)
{
  g_assert_cmpuint (index, <, import->rows->len);
  return g_ptr_array_index (import->rows, index);
}

static JsonObject *
properties_of (LwImportRow *row)
{
  g_assert_cmpstr (row->problem, ==, NULL);
  g_assert_nonnull (row->exemption);
  return lw_json_get_object (row->exemption->json, "properties");
}

/* The JSON of a member, or "-". */
static void
assert_member (LwImportRow *row, const char *member, const char *expected)
{
  JsonNode *node = json_object_get_member (properties_of (row), member);
  g_autofree char *text = node != NULL ? json_to_string (node, FALSE) : g_strdup ("-");

  g_assert_cmpstr (text, ==, expected);
}

static void
assert_refused (LwImportRow *row, const char *where, const char *says)
{
  g_assert_null (row->exemption);
  g_assert_cmpstr (row->where, ==, where);
  g_assert_nonnull (row->problem);
  if (strstr (row->problem, says) == NULL)
    g_error ("“%s” does not say “%s”", row->problem, says);
}

static void
assert_noted (LwImportRow *row, const char *says)
{
  for (guint i = 0; i < row->notes->len; i++)
    if (strstr (g_ptr_array_index (row->notes, i), says) != NULL)
      return;
  g_error ("no note says “%s”", says);
}

/* --- dates -------------------------------------------------------------------------------------------- */

static void
test_dates (void)
{
  static const struct
  {
    const char *rows[2];  /* of one file */
    const char *expected; /* of the first; "-" for none, NULL for refused */
  } cases[] = {
    { { "2027-01-31T00:00:00Z" }, "2027-01-31T00:00:00Z" },
    { { "2027-01-31T00:00:00.1234567Z" }, "2027-01-31T00:00:00Z" },
    { { "2027-01-31T02:00:00+02:00" }, "2027-01-31T00:00:00Z" },
    { { "2027-01-31" }, "2027-01-31T00:00:00Z" },
    { { "2027-01-31 14:30:00" }, "2027-01-31T14:30:00Z" },
    { { "01/31/2027 00:00:00" }, "2027-01-31T00:00:00Z" },
    { { "1/31/2027 12:00:00 AM" }, "2027-01-31T00:00:00Z" },
    { { "1/31/2027 12:00:00 PM" }, "2027-01-31T12:00:00Z" },
    { { "31/01/2027 00:00:00" }, "2027-01-31T00:00:00Z" },
    { { "31.01.2027 00:00:00" }, "2027-01-31T00:00:00Z" },
    { { "02.01.2027" }, "2027-01-02T00:00:00Z" },
    { { "01/02/2027", "13/02/2027" }, "2027-02-01T00:00:00Z" },
    { { "01/02/2027", "02/13/2027" }, "2027-01-02T00:00:00Z" },
    { { "01/02/2027", "03/04/2027" }, NULL },
    { { "2/2/2027" }, "2027-02-02T00:00:00Z" },
    { { "3021-01-31T00:00:00Z" }, "3021-01-31T00:00:00Z" },
    { { "n/a" }, "-" },
    { { "" }, "-" },
    { { "2027-13-01T00:00:00Z" }, NULL },
    { { "2027-01-31T00:61:00Z" }, NULL },
    { { "soon" }, NULL },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      GString *text = g_string_new (HEAD);
      g_autofree char *file = NULL;
      g_autoptr (LwImport) import = NULL;

      for (guint j = 0; j < 2 && cases[i].rows[j] != NULL; j++)
        g_string_append_printf (text, "n%u,d,,Waiver,%s," RG ",,," ASG ",,,,\n", j,
                                cases[i].rows[j]);
      file = g_string_free_and_steal (text);
      import = read_text (file);
      g_test_message ("%s", cases[i].rows[0]);
      if (cases[i].expected == NULL)
        assert_refused (row_of (import, 0), "line 2", "“");
      else if (strcmp (cases[i].expected, "-") == 0)
        assert_member (row_of (import, 0), "expiresOn", "-");
      else
        g_assert_cmpstr (lw_json_get_string (properties_of (row_of (import, 0)), "expiresOn"), ==,
                         cases[i].expected);
    }
}

/* --- EPAC --------------------------------------------------------------------------------------------- */

static void
test_epac_json (void)
{
  g_autoptr (LwImport) import = read_text (
      "\xef\xbb\xbf// a comment\n"
      "{ /* another */ \"$schema\": \"x\",\n"
      "  \"exemptions\": [\n"
      "    { \"name\": \"a\", \"displayName\": \"A // no comment, ]\", \"exemptionCategory\": "
      "\"waiver\",\n"
      "      \"scope\": \"" RG "\", \"policyAssignmentId\": \"" ASG "\", \"expiresOn\": \"\",\n"
      "      \"description\": null, \"resourceSelectors\": null, \"metadata\": {\"x\": {\"deep\": "
      "[1]}}, },\n"
      "    { \"name\": \"b\", \"displayName\": \"B\", \"exemptionCategory\": \"Waiver\",\n"
      "      \"policyDefinitionName\": \"d\", \"scope\": \"" RG "\" },\n"
      "    { \"name\": \"c\", \"displayName\": \"C\", \"description\": \"D\", "
      "\"exemptionCategory\": \"Waiver\",\n"
      "      \"policyAssignmentId\": \"" ASG "\",\n"
      "      \"scopes\": [\"" RG "\", \"Pay:" SUB
      "\", \"/subscriptions/*/resourceGroups/rg-*\", \":" SUB "\"] },\n"
      "    { \"name\": \"d\" \"oops\" },\n"
      "    { \"name\": \"a\", \"displayName\": \"again\", \"exemptionCategory\": \"Waiver\",\n"
      "      \"scope\": \"" RG "/\", \"policyAssignmentId\": \"" ASG "\" },\n"
      "    7,\n"
      "  ],\n"
      "}\n");

  g_assert_cmpstr (import->format, ==, "epac");
  g_assert_cmpuint (import->rows->len, ==, 9);
  assert_member (row_of (import, 0), "displayName", "\"A // no comment, ]\"");
  assert_member (row_of (import, 0), "exemptionCategory", "\"Waiver\"");
  assert_member (row_of (import, 0), "expiresOn", "-");
  assert_member (row_of (import, 0), "description", "-");
  assert_member (row_of (import, 0), "metadata", "{\"x\":{\"deep\":[1]}}");
  g_assert_cmpstr (row_of (import, 0)->exemption->id, ==, ID ("a"));
  assert_refused (row_of (import, 1), "line 7", "policyDefinitionName");
  assert_member (row_of (import, 2), "displayName", "\"C - rg-ai-lab\"");
  assert_member (row_of (import, 3), "displayName", "\"C - Pay\"");
  assert_member (row_of (import, 3), "description", "\"D - Pay\"");
  g_assert_cmpstr (row_of (import, 3)->exemption->scope, ==, SUB);
  assert_refused (row_of (import, 4), "line 9", "pattern");
  assert_refused (row_of (import, 5), "line 9", "nothing before its colon");
  assert_refused (row_of (import, 6), "line 12", "not JSON");
  assert_refused (row_of (import, 7), "line 13", "line 4 has the same id");
  assert_refused (row_of (import, 8), "line 15", "no object");
}

static void
test_epac_csv (void)
{
  g_autoptr (LwImport) import = read_text (
      HEAD "a,\"A, quoted\",\"two\r\nlines\",Mitigated,,\"" RG "\",," ASG
           ",,r1 & r2&,,\"{\"\"t\"\":\"\"x\"\"}\",\r\n"
           ",,,,,,,,,,,,\n"
           "b,B,,Waiver,," RG ",,,/providers/microsoft.management/managementgroups/corp/providers/"
           "microsoft.authorization/policyassignments/base,,null,{},\n"
           "Exemption_1,My display Name,Mitigated,,,,,,\n"
           "c,C,,Waiver,," RG ",x:" SUB "," ASG ",,,,,\n"
           "d,D,,Waiver,," RG ",,nonsense,,,,,\n"
           "e,E,,Waiver,," RG ",," ASG
           ",,,\"{\"\"name\"\":\"\"s\"\",\"\"selectors\"\":{\"\"kind\"\":\"\"resourceLocation\"\","
           "\"\"in\"\":\"\"westeurope\"\"}}\",,,surplus\n"
           "f,F,,Waiver,," RG ",," ASG ",,,,no json,\n"
           "g,'=1+1,,Waiver,," RG ",," ASG ",,,,,\n"
           "h,\"H,,Waiver\n"
           "i,I,,Waiver,," RG ",,/providers/microsoft.authorization/policyassignments/low,,,,,");

  g_assert_cmpstr (import->format, ==, "epac-csv");
  g_assert_cmpuint (import->rows->len, ==, 10);
  assert_member (row_of (import, 0), "policyDefinitionReferenceIds", "[\"r1\",\"r2\"]");
  assert_member (row_of (import, 0), "metadata", "{\"t\":\"x\"}");
  g_assert_cmpstr (row_of (import, 0)->where, ==, "line 2");
  assert_member (row_of (import, 1), "resourceSelectors", "-");
  g_assert_cmpstr (row_of (import, 1)->where, ==, "line 5");
  assert_refused (row_of (import, 2), "line 6", "shifted");
  assert_refused (row_of (import, 3), "line 7", "both");
  assert_refused (row_of (import, 4), "line 8", "nonsense");
  assert_member (
      row_of (import, 5), "resourceSelectors",
      "[{\"name\":\"s\",\"selectors\":[{\"kind\":\"resourceLocation\",\"in\":[\"westeurope\"]}]}]");
  assert_noted (row_of (import, 5), "overlooks");
  assert_noted (row_of (import, 5), "surplus");
  assert_refused (row_of (import, 6), "line 10", "metadata");
  assert_member (row_of (import, 7), "displayName", "\"=1+1\"");
  assert_refused (row_of (import, 8), "line 12", "never ends");
  assert_noted (row_of (import, 9), "upper and lower case");
}

static void
test_epac_old_lists (void)
{
  g_autoptr (LwImport) import = read_text (HEAD "a,A,,Waiver,," RG ",,," ASG ",\"r1, r2\",,,\n");

  assert_member (row_of (import, 0), "policyDefinitionReferenceIds", "[\"r1\",\"r2\"]");
  assert_noted (row_of (import, 0), "commas");
}

/* --- Azure -------------------------------------------------------------------------------------------- */

static void
test_az (void)
{
  g_autoptr (LwImport) import = read_text (
      "[{\"assignmentScopeValidation\": null, \"description\": null, \"displayName\": \"A\","
      " \"exemptionCategory\": \"Waiver\", \"expiresOn\": \"2027-01-31T00:00:00+00:00\","
      " \"id\": \"" ID (
          "a") "\", \"metadata\": null, \"name\": \"a\", \"policyAssignmentId\": \"" ASG "\","
               " \"policyDefinitionReferenceIds\": null, \"resourceGroup\": \"rg-ai-lab\", "
               "\"resourceSelectors\": null,"
               " \"systemData\": {\"createdBy\": \"x\"}, \"type\": \"" TYPE
               "\", \"newMember\": {\"y\": 1}}]");

  g_assert_cmpstr (import->format, ==, "az");
  assert_member (row_of (import, 0), "expiresOn", "\"2027-01-31T00:00:00Z\"");
  assert_member (row_of (import, 0), "newMember", "{\"y\":1}");
  assert_member (row_of (import, 0), "resourceGroup", "-");
  assert_member (row_of (import, 0), "metadata", "-");
  g_assert_cmpstr (row_of (import, 0)->exemption->created_by, ==, "x");
}

static void
test_powershell (void)
{
  g_autoptr (LwImport) import = read_text ("[{\"Id\":\"" ID (
      "a") "\",\"Name\":\"a\",\"Type\":\"" TYPE "\",\"DisplayName\":\"A\","
           "\"ExemptionCategory\":\"Mitigated\",\"PolicyAssignmentId\":\"" ASG
           "\",\"Metadata\":{\"k\":\"v\"},"
           "\"PolicyDefinitionReferenceId\":\"r\",\"ResourceSelector\":{\"Name\":\"s\","
           "\"Selector\":"
           "{\"Kind\":\"resourceType\",\"In\":null,\"NotIn\":[\"x\"]}},\"SystemDataCreatedBy\":"
           "\"me\"},"
           "{\"Id\":\"" ID ("b") "\",\"Name\":\"b\",\"ExemptionCategory\":\"Waiver\","
                                 "\"PolicyAssignmentId\":\"" ASG "\","
                                 "\"ResourceSelector\":[\"@{Name=s; Selector=System.Object[]}\"]},"
                                 "{\"Properties\":{\"PolicyAssignmentId\":\"" ASG
                                 "\",\"ExemptionCategory\":\"Waiver\"},"
                                 "\"ResourceId\":\"" ID ("c") "\",\"Name\":\"c\"}]");

  g_assert_cmpstr (import->format, ==, "powershell");
  assert_member (row_of (import, 0), "policyDefinitionReferenceIds", "[\"r\"]");
  assert_member (
      row_of (import, 0), "resourceSelectors",
      "[{\"name\":\"s\",\"selectors\":[{\"kind\":\"resourceType\",\"notIn\":[\"x\"]}]}]");
  assert_member (row_of (import, 0), "metadata", "{\"k\":\"v\"}");
  g_assert_cmpstr (row_of (import, 0)->exemption->created_by, ==, "me");
  assert_refused (row_of (import, 1), "line 1", "-Depth");
  g_assert_cmpstr (row_of (import, 2)->exemption->id, ==, ID ("c"));
}

#define GRAPH_ROW(n)                                                                               \
  "{\"id\":\"" ID (n) "\",\"name\":\"" n                                                           \
                      "\",\"type\":\"microsoft.authorization/policyexemptions\","                  \
                      "\"tenantId\":\"t\",\"properties\":{\"policyAssignmentId\":\"" ASG           \
                      "\",\"exemptionCategory\":\"Waiver\","                                       \
                      "\"future\":true}}"

static void
test_graph (void)
{
  g_autoptr (LwImport) rows = read_text ("{\"totalRecords\":9,\"count\":3,\"data\":[\n" GRAPH_ROW (
      "a") ",\n" GRAPH_ROW ("b") ",\n"
                                 "{\"id\":\"/x\",\"type\":\"microsoft.storage/storageaccounts\"},\n"
                                 "{\"id\":\"/x\",\"id\":\"/y\"}\n"
                                 "],\"facets\":[],\"resultTruncated\":\"true\"}");
  g_autoptr (LwImport) table = read_text (
      "{\"totalRecords\":1,\"data\":{\"columns\":[{\"name\":\"id\"},{\"name\":\"properties\"}],"
      "\"rows\":[[\"" ID ("a") "\",{\"policyAssignmentId\":\"" ASG
                               "\",\"exemptionCategory\":\"Waiver\"}]]}}");
  g_autoptr (LwImport) csv = read_text (
      "id,name,properties\n" ID ("a") ",a,\"{\"\"policyAssignmentId\"\":\"\"" ASG
                                      "\"\",\"\"exemptionCategory\"\":\"\"Waiver\"\"}\"\n");
  g_autoptr (LwImport) projected = read_text (
      "id,name,displayName,category,assignmentId,refs\n" ID ("a") ",a,A,Waiver," ASG ",r1&r2\n");

  g_assert_cmpstr (rows->format, ==, "resource-graph");
  g_assert_cmpuint (rows->notes->len, ==, 1);
  assert_member (row_of (rows, 1), "future", "true");
  assert_refused (row_of (rows, 2), "line 4", "storageaccounts");
  assert_refused (row_of (rows, 3), "line 5", "JSON");
  assert_member (row_of (table, 0), "policyAssignmentId", "\"" ASG "\"");
  g_assert_cmpstr (csv->format, ==, "resource-graph-csv");
  assert_member (row_of (csv, 0), "exemptionCategory", "\"Waiver\"");
  assert_member (row_of (projected, 0), "policyDefinitionReferenceIds", "[\"r1\",\"r2\"]");
}

static void
test_one_object (void)
{
  g_autoptr (LwImport) import = read_text (GRAPH_ROW ("a"));

  g_assert_cmpuint (import->rows->len, ==, 1);
  g_assert_cmpstr (row_of (import, 0)->exemption->id, ==, ID ("a"));
}

/* --- AzGovViz ----------------------------------------------------------------------------------------- */

static void
test_governance (void)
{
  static const char text[] =
      "\"Scope\";\"ExemptionName\";\"ExemptionDescription\";\"Category\";\"ExpiresOn_UTC\";"
      "\"ExemptionId\";"
      "\"PolicyAssignmentId\";\"PolicyType\";\"PoliciesExempted\";\"CreatedBy\";\"CreatedAt\"\n"
      "\"RG\";\"A; b\";\"d\";\"Waiver\";\"expired 01/02/2026 00:00:00\";\"" ID (
          "a") "\";\"" ASG "\";\"PolicySet\";"
               "\"all 12\";\"ann@contoso.example (User)\";\"2026-01-01 10:00:00\"\n"
               "\"RG\";\"B\";\"\";\"Waiver\";\"31.01.2027 00:00:00\";\"" ID (
                   "b") "\";\"" ASG "\";\"PolicySet\";"
                        "\"One, two (/providers/x)\";\"\";\"\"\n";
  g_autoptr (LwImport) import = read_text (text);

  g_assert_cmpstr (import->format, ==, "azgovviz");
  g_assert_true (row_of (import, 0)->partial);
  assert_member (row_of (import, 0), "displayName", "\"A; b\"");
  assert_member (row_of (import, 0), "expiresOn", "\"2026-01-02T00:00:00Z\"");
  assert_member (row_of (import, 1), "expiresOn", "\"2027-01-31T00:00:00Z\"");
  g_assert_cmpstr (row_of (import, 0)->exemption->created_by, ==, "ann@contoso.example");
  assert_noted (row_of (import, 1), "not which references");
}

/* --- what is no such file ------------------------------------------------------------------------------- */

static void
test_refused_files (void)
{
  static const char *const texts[] = {
    "", "hello", "a,b\n1,2\n", "{}", "7", "{\"a\":[1]}", "[", "{", "\"x\"", "{\"value\":",
  };

  for (guint i = 0; i < G_N_ELEMENTS (texts); i++)
    {
      g_autoptr (GBytes) bytes = g_bytes_new (texts[i], strlen (texts[i]));
      g_autoptr (GError) error = NULL;
      g_autoptr (LwImport) import = lw_import (bytes, NULL, &error);

      g_test_message ("%s", texts[i]);
      if (import != NULL)
        g_assert_cmpuint (import->rows->len, ==, 0);
      else
        g_assert_true (error->domain == LW_DOMAIN_ERROR);
    }
}

/* What was cut is said, and what is whole is kept. */
static void
test_cut (void)
{
  g_autoptr (LwImport) import =
      read_text ("{\"value\":[\n" GRAPH_ROW ("a") ",\n{\"id\":\"" ID ("b"));

  g_assert_cmpuint (import->rows->len, ==, 2);
  g_assert_cmpstr (row_of (import, 0)->exemption->id, ==, ID ("a"));
  assert_refused (row_of (import, 1), "line 3", "JSON");
  g_assert_cmpuint (import->notes->len, ==, 1);
}

static void
test_hostile (void)
{
  static const char *const pieces[] = {
    "[",    "{\"a\":", "\"", "\"value\":[", "{\"value\":[{", "/*",
    "a,\"", "[{},",    "\\", ",",           "//\n",          "{\"exemptions\":[{\"name\":\""
  };
  gsize size = (g_test_slow () ? 20 * 1000 * 1000 : 1000 * 1000) / lw_test_slowness ();

  for (guint i = 0; i < G_N_ELEMENTS (pieces); i++)
    {
      GString *out = g_string_new (i % 3 == 0 ? "" : HEAD);
      g_autoptr (GBytes) bytes = NULL;
      gint64 start = g_get_monotonic_time ();
      g_autoptr (LwImport) import = NULL;

      while (out->len < size)
        g_string_append (out, pieces[i]);
      bytes = g_string_free_to_bytes (out);
      import = lw_import (bytes, NULL, NULL);
      g_test_message ("%u: %.0f ms", i, (double) (g_get_monotonic_time () - start) / 1000.0);
      g_assert_cmpint (g_get_monotonic_time () - start, <, lw_test_patience ());
    }
}

/* --- CSV ---------------------------------------------------------------------------------------------- */

static void
test_csv (void)
{
  g_autoptr (GPtrArray) rows =
      lw_csv_read ("\xef\xbb\xbf"
                   "a;\"b\"\"c\";\r\n\r\n; ;\rx\"y;\"1\n2\"tail\n\"open\nz",
                   0);
  LwCsvRow *first = g_ptr_array_index (rows, 0);
  LwCsvRow *second = g_ptr_array_index (rows, 1);
  LwCsvRow *third = g_ptr_array_index (rows, 2);
  LwCsvRow *last = g_ptr_array_index (rows, 3);

  g_assert_cmpuint (rows->len, ==, 4);
  g_assert_cmpstrv (first->cells, ((const char *const[]) { "a", "b\"c", "", NULL }));
  g_assert_cmpstrv (second->cells, ((const char *const[]) { "x\"y", "1\n2tail", NULL }));
  g_assert_cmpuint (second->line, ==, 4);
  g_assert_true (third->cut);
  g_assert_cmpuint (third->line, ==, 6);
  g_assert_cmpstrv (last->cells, ((const char *const[]) { "z", NULL }));
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/import/dates", test_dates);
  g_test_add_func ("/import/epac-json", test_epac_json);
  g_test_add_func ("/import/epac-csv", test_epac_csv);
  g_test_add_func ("/import/epac-old-lists", test_epac_old_lists);
  g_test_add_func ("/import/az", test_az);
  g_test_add_func ("/import/powershell", test_powershell);
  g_test_add_func ("/import/graph", test_graph);
  g_test_add_func ("/import/one-object", test_one_object);
  g_test_add_func ("/import/governance", test_governance);
  g_test_add_func ("/import/refused-files", test_refused_files);
  g_test_add_func ("/import/cut", test_cut);
  g_test_add_func ("/import/hostile", test_hostile);
  g_test_add_func ("/import/csv", test_csv);
  return g_test_run ();
}
