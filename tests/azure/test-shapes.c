/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Answers of every shape: each verb reads what can be read, leaves out what cannot, and refuses what is
 * no answer to its question. */

#include <string.h>

#include "lw-client-private.h"
#include "lw-json.h"
#include "lw-test-script.h"

#define SUBSCRIPTION "/subscriptions/00000000-0000-4000-8000-000000000001"
#define GROUP        SUBSCRIPTION "/resourceGroups/rg"
#define ASSIGNMENT   GROUP "/providers/Microsoft.Authorization/policyAssignments/a"
#define EXEMPTION    GROUP "/providers/Microsoft.Authorization/policyExemptions/e"
#define PERSON       "00000000-0000-4000-8002-000000000001"

/* The verbs, each called the same way. */

static DexFuture *
exemptions (LwClient *client)
{
  return lw_client_list_exemptions (client, GROUP, NULL);
}

static DexFuture *
all_exemptions (LwClient *client)
{
  return lw_client_list_all_exemptions (client);
}

static DexFuture *
assignments (LwClient *client)
{
  return lw_client_list_assignments (client, GROUP);
}

static DexFuture *
subscriptions (LwClient *client)
{
  return lw_client_list_subscriptions (client);
}

static DexFuture *
groups (LwClient *client)
{
  return lw_client_list_resource_groups (client, SUBSCRIPTION);
}

static DexFuture *
resources (LwClient *client)
{
  return lw_client_list_resources (client, GROUP);
}

static DexFuture *
noncompliant (LwClient *client)
{
  return lw_client_list_noncompliant (client, GROUP, ASSIGNMENT);
}

static DexFuture *
counts (LwClient *client)
{
  return lw_client_count_states (client, GROUP, NULL);
}

static DexFuture *
components (LwClient *client)
{
  return lw_client_list_noncompliant_components (client, GROUP, ASSIGNMENT);
}

static DexFuture *
people (LwClient *client)
{
  return lw_client_search_people (client, "ann");
}

static DexFuture *
scopes (LwClient *client)
{
  return lw_client_load_scopes (client);
}

/* Lists under "value", with an element of each that can be read. */
static const struct
{
  const char *name;
  DexFuture *(*verb) (LwClient *client);
  const char *element;
  const char *link; /* the member that leads on; %NULL where there are no further pages */
} lists[] = {
  { "exemptions", exemptions, "{\"id\":\"" EXEMPTION "%u\"}", "nextLink" },
  { "assignments", assignments, "{\"id\":\"" ASSIGNMENT "%u\"}", "nextLink" },
  { "subscriptions", subscriptions, "{\"id\":\"/subscriptions/%u\",\"subscriptionId\":\"s\"}",
    "nextLink" },
  { "groups", groups, "{\"id\":\"" GROUP "%u\",\"type\":\"Microsoft.Resources/resourceGroups\"}",
    "nextLink" },
  { "resources", resources, "{\"id\":\"" GROUP "/providers/A.B/c/%u\",\"type\":\"A.B/c\"}",
    "nextLink" },
  { "noncompliant", noncompliant, "{\"resourceId\":\"" GROUP "/providers/A.B/c/%u\"}",
    "@odata.nextLink" },
  { "counts", counts, "{\"complianceState\":\"Exempt\",\"n\":%u}", "@odata.nextLink" },
  { "components", components, "{\"componentId\":\"%u\"}", NULL },
  { "people", people, "{\"id\":\"%u\"}", NULL },
};

static guint
count_found (DexFuture *(*verb) (LwClient *client), const char *const *answers, GError **error)
{
  LwTestAnswers script = { .answers = answers };
  g_autoptr (LwTestServer) server = lw_test_server_new (lw_test_answers_play, &script);
  g_autoptr (LwClient) client = lw_test_client (server->base, 5000);
  g_autoptr (GPtrArray) found = lw_test_boxed (verb (client), error);

  return found != NULL ? found->len : G_MAXUINT;
}

static char *
element (guint list, guint number)
{
  g_auto (GStrv) parts = g_strsplit (lists[list].element, "%u", 2);

  return g_strdup_printf ("%s%u%s", parts[0], number, parts[1]);
}

/* What cannot be read is left out; the rest stays. */
static void
test_elements (void)
{
  static const char *const odd[] = {
    "null",          "7",    "\"x\"",        "[]", "{}", "{\"id\":7}", "{\"id\":null}",
    "{\"id\":\"\"}", "true", "{\"name\":[]}"
  };

  for (guint i = 0; i < G_N_ELEMENTS (lists); i++)
    {
      g_autofree char *first = element (i, 1);
      g_autofree char *second = element (i, 2);
      g_autoptr (GString) body = g_string_new ("{\"value\":[");
      const char *answers[] = { NULL, NULL };
      g_autoptr (GError) error = NULL;

      g_string_append (body, first);
      for (guint j = 0; j < G_N_ELEMENTS (odd); j++)
        g_string_append_printf (body, ",%s", odd[j]);
      g_string_append_printf (body, ",%s]}", second);
      answers[0] = body->str;
      g_test_message ("%s", lists[i].name);
      g_assert_cmpuint (count_found (lists[i].verb, answers, &error), ==, 2);
      g_assert_no_error (error);
    }
}

/* How many were left out is said, of this list alone. */
static void
test_left_out (void)
{
  static const struct
  {
    const char *page;
    const char *start;
  } cases[] = {
    { "{\"value\":[7,{\"id\":\"" EXEMPTION "\"}]}", "1 object in a list" },
    { "{\"value\":[7,{\"id\":\"" EXEMPTION "\"},null,{}]}", "3 objects in a list" },
    { "{\"value\":[{\"id\":\"" EXEMPTION "\"}]}", NULL },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      const char *answers[] = { cases[i].page, NULL };
      LwTestAnswers script = { .answers = answers };
      g_autoptr (LwTestServer) server = lw_test_server_new (lw_test_answers_play, &script);
      g_autoptr (LwClient) client = lw_test_client (server->base, 5000);
      g_autoptr (GPtrArray) found = lw_test_boxed (exemptions (client), NULL);
      GPtrArray *notices = lw_client_get_notices (client);
      const LwNotice *notice;

      g_assert_cmpuint (found->len, ==, 1);
      g_assert_cmpuint (notices->len, ==, cases[i].start != NULL);
      if (cases[i].start == NULL)
        continue;
      notice = g_ptr_array_index (notices, 0);
      g_assert_cmpstr (notice->id, ==, "lists.left-out");
      g_assert_true (g_str_has_prefix (notice->message, cases[i].start));
    }
}

/* What one object holds cannot be kept exactly: the others are read, that one is shown and named, and
 * alone it is refused, so that nothing is written over it. */
static void
test_damaged (void)
{
  static const char *const odd[] = {
    "\"n\":12345678901234567890123",
    "\"n\":{\"a\":[1e999]}",
    "\"n\":1,\"n\":2",
    "\"n\":\"\\u0000\"",
    "\"n\":\"\\ud800\\n\"",
  };

  for (guint i = 0; i < G_N_ELEMENTS (odd); i++)
    for (guint j = 0; j < 2; j++)
      {
        g_autofree char *alone = g_strdup_printf (
            "{\"id\":\"" EXEMPTION "2\",\"properties\":{\"displayName\":\"d\",\"metadata\":{%s}}}",
            odd[i]);
        g_autofree char *page = g_strdup_printf ("{\"%s\":[{\"id\":\"" EXEMPTION
                                                 "1\"},%s,{\"id\":\"" EXEMPTION "3\"}]}",
                                                 j == 0 ? "value" : "data", alone);
        const char *answers[] = { page, alone, NULL };
        LwTestAnswers script = { .answers = answers };
        g_autoptr (LwTestServer) server = lw_test_server_new (lw_test_answers_play, &script);
        g_autoptr (LwClient) client = lw_test_client (server->base, 5000);
        g_autoptr (GError) error = NULL;
        g_autoptr (GError) refused = NULL;
        g_autoptr (GPtrArray) found =
            lw_test_boxed (j == 0 ? exemptions (client) : all_exemptions (client), &error);
        GPtrArray *notices = lw_client_get_notices (client);
        LwExemption *second;
        LwNotice *notice;

        g_test_message ("%s", page);
        g_assert_no_error (error);
        g_assert_cmpuint (found->len, ==, 3);
        second = g_ptr_array_index (found, 1);
        g_assert_cmpstr (second->id, ==, EXEMPTION "2");
        g_assert_cmpstr (second->display_name, ==, "d");
        g_assert_false (json_object_has_member (second->json, LW_JSON_DAMAGED));
        g_assert_cmpuint (notices->len, ==, 1);
        notice = g_ptr_array_index (notices, 0);
        g_assert_cmpstr (notice->id, ==, "lists.damaged");
        g_assert_nonnull (strstr (notice->message, EXEMPTION "2"));
        g_assert_null (lw_client_get_damage (client, EXEMPTION "1"));
        g_assert_nonnull (lw_client_get_damage (client, EXEMPTION "2"));
        g_assert_nonnull (strstr (notice->message, lw_client_get_damage (client, EXEMPTION "2")));
        g_assert_null (lw_test_boxed (lw_client_get_exemption (client, EXEMPTION "2"), &refused));
        g_assert_error (refused, LW_AZURE_ERROR, LW_AZURE_ERROR_PROTOCOL);
      }
}

/* Somebody mended it: the next list takes the mark away. */
static void
test_mended (void)
{
  static const char *const answers[] = {
    "{\"data\":[{\"id\":\"" EXEMPTION "\",\"n\":1e999}]}",
    "{\"data\":[{\"id\":\"" EXEMPTION "\",\"n\":1}]}",
    NULL,
  };
  LwTestAnswers script = { .answers = answers };
  g_autoptr (LwTestServer) server = lw_test_server_new (lw_test_answers_play, &script);
  g_autoptr (LwClient) client = lw_test_client (server->base, 5000);
  g_autoptr (GPtrArray) first = lw_test_boxed (lw_client_list_all_exemptions (client), NULL);
  g_autoptr (GPtrArray) second = NULL;

  g_assert_nonnull (lw_client_get_damage (client, EXEMPTION));
  second = lw_test_boxed (lw_client_list_all_exemptions (client), NULL);
  g_assert_cmpuint (second->len, ==, 1);
  g_assert_null (lw_client_get_damage (client, EXEMPTION));
}

/* Outside its elements, and where it is no JSON at all, a page is refused. */
static void
test_damaged_page (void)
{
  static const char *const bodies[] = {
    "{\"value\":[],\"n\":12345678901234567890123}",
    "{\"value\":[],\"value\":[]}",
    "{\"value\":[{\"id\":\"" EXEMPTION "\",\"n\":01}]}",
    "{\"value\":[{\"id\":\"" EXEMPTION "\",\"n\":\"\\x\"}]}",
    "{\"value\":[{\"id\":\"" EXEMPTION "\"}",
    "{\"value\":[{\"id\":\"" EXEMPTION "\"}],\"nextLink\":\"\\u0000\"}",
    "{\"other\":{\"value\":[{\"n\":1e999}]},\"value\":[]}",
  };

  for (guint i = 0; i < G_N_ELEMENTS (bodies); i++)
    {
      const char *answers[] = { bodies[i], NULL };
      g_autoptr (GError) error = NULL;

      g_test_message ("%s", bodies[i]);
      g_assert_cmpuint (count_found (exemptions, answers, &error), ==, G_MAXUINT);
      g_assert_error (error, LW_AZURE_ERROR, LW_AZURE_ERROR_PROTOCOL);
    }
}

static void
test_empty (void)
{
  static const char *const empty[] = { "{\"value\":[]}", NULL };
  static const char *const with_nulls[] = {
    "{\"value\":[],\"nextLink\":null,\"@odata.nextLink\":null,\"@odata.count\":0}", NULL
  };

  for (guint i = 0; i < G_N_ELEMENTS (lists); i++)
    {
      g_assert_cmpuint (count_found (lists[i].verb, empty, NULL), ==, 0);
      g_assert_cmpuint (count_found (lists[i].verb, with_nulls, NULL), ==, 0);
    }
}

/* Three pages, of which the middle one is empty but leads on. */
static void
test_pages (void)
{
  for (guint i = 0; i < G_N_ELEMENTS (lists); i++)
    {
      g_autofree char *first = element (i, 1);
      g_autofree char *last = element (i, 2);
      g_autofree char *one = NULL;
      g_autofree char *two = NULL;
      g_autofree char *three = NULL;
      const char *answers[] = { NULL, NULL, NULL, NULL };

      if (lists[i].link == NULL)
        continue;
      one = g_strdup_printf ("{\"value\":[%s],\"%s\":\"HOST/2\"}", first, lists[i].link);
      two = g_strdup_printf ("{\"value\":[],\"%s\":\"HOST/3?a=b\"}", lists[i].link);
      three = g_strdup_printf ("{\"value\":[%s]}", last);
      answers[0] = one;
      answers[1] = two;
      answers[2] = three;
      g_test_message ("%s", lists[i].name);
      g_assert_cmpuint (count_found (lists[i].verb, answers, NULL), ==, 2);
    }
}

/* No lists at all. */
static void
test_no_lists (void)
{
  static const char *const bodies[] = {
    "{}", "[]", "null", "7", "{\"value\":{}}", "{\"value\":null}", "{\"value\":\"x\"}", ""
  };

  for (guint i = 0; i < G_N_ELEMENTS (lists); i++)
    for (guint j = 0; j < G_N_ELEMENTS (bodies); j++)
      {
        const char *answers[] = { bodies[j], NULL };
        g_autoptr (GError) error = NULL;

        g_assert_cmpuint (count_found (lists[i].verb, answers, &error), ==, G_MAXUINT);
        g_assert_error (error, LW_AZURE_ERROR, LW_AZURE_ERROR_PROTOCOL);
      }
}

/* Resource Graph */

#define ROW(id) "{\"id\":\"" id "\",\"type\":\"t\",\"name\":\"n\"}"

static void
test_graph (void)
{
  static const struct
  {
    const char *answers[4];
    guint found; /* %G_MAXUINT: refused */
  } cases[] = {
    { { "{\"data\":[]}" }, 0 },
    { { "{\"data\":[],\"resultTruncated\":\"false\",\"totalRecords\":0}" }, 0 },
    { { "{\"data\":[" ROW ("/a") ",null,7,{}],\"$skipToken\":null}" }, 1 },
    { { "{\"data\":[" ROW ("/a") "],\"resultTruncated\":\"true\",\"$skipToken\":\"1\"}",
        "{\"data\":[],\"$skipToken\":\"2\"}", "{\"data\":[" ROW ("/b") "],\"$skipToken\":\"\"}" },
      2 },
    { { "{\"data\":{\"columns\":[],\"rows\":[]}}" }, G_MAXUINT },
    { { "{\"data\":[" ROW ("/a") "],\"resultTruncated\":\"true\"}" }, G_MAXUINT },
    { { "{\"data\":[" ROW ("/a") "],\"resultTruncated\":true}" }, G_MAXUINT },
    { { "{}" }, G_MAXUINT },
    { { "[]" }, G_MAXUINT },
    { { "null" }, G_MAXUINT },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr (GError) error = NULL;

      g_test_message ("%s", cases[i].answers[0]);
      g_assert_cmpuint (count_found (scopes, cases[i].answers, &error), ==, cases[i].found);
      g_assert_true ((error != NULL) == (cases[i].found == G_MAXUINT));
    }
}

static void
say_limit (LwTestServer *server,
           SoupServerMessage *message,
           const char *path,
           GHashTable *query,
           gpointer data)
{
  soup_message_headers_replace (soup_server_message_get_response_headers (message),
                                "x-ms-tenant-subscription-limit-hit", "true");
  lw_test_answer (message, 200, "application/json", "{\"data\":[]}");
}

static void
test_graph_limit (void)
{
  g_autoptr (LwTestServer) server = lw_test_server_new (say_limit, NULL);
  g_autoptr (LwClient) client = lw_test_client (server->base, 5000);
  g_autoptr (GPtrArray) found = lw_test_boxed (lw_client_load_scopes (client), NULL);
  g_autoptr (GPtrArray) again = lw_test_boxed (lw_client_load_scopes (client), NULL);
  GPtrArray *notices = lw_client_get_notices (client);

  g_assert_cmpuint (notices->len, ==, 1);
  g_assert_cmpstr (((LwNotice *) g_ptr_array_index (notices, 0))->id, ==,
                   "resource-graph.subscriptions");
}

/* The same exemption in other letters and with a doubled slash, on one page and on the next. */
static void
test_duplicates (void)
{
  static const char *const answers[] = {
    "{\"data\":[{\"id\":\"" EXEMPTION "\"},{\"id\":\"//SUBSCRIPTIONS/00000000-0000-4000-8000-"
    "000000000001/RESOURCEGROUPS/RG/providers/microsoft.authorization/policyexemptions/E\"}],"
    "\"$skipToken\":\"1\"}",
    "{\"data\":[{\"id\":\"" EXEMPTION "/\"},{\"id\":\"" EXEMPTION "2\"}]}", NULL
  };

  g_assert_cmpuint (count_found (all_exemptions, answers, NULL), ==, 2);
}

/* Where an answer was cut short, each scope is asked. */
static void
test_other_way (void)
{
  static const char *const answers[] = {
    "{\"data\":[],\"resultTruncated\":\"true\"}",
    "{\"value\":[{\"id\":\"" SUBSCRIPTION "\",\"name\":\"00000000-0000-4000-8000-000000000001\","
    "\"type\":\"/subscriptions\",\"properties\":{\"parent\":{\"id\":null}}}]}",
    "{\"value\":[{\"id\":\"" EXEMPTION "\"}]}", NULL
  };

  g_assert_cmpuint (count_found (all_exemptions, answers, NULL), ==, 1);
}

/* A subscription, and management groups that show nothing to this account. @data: how many. */
static void
hide_groups (LwTestServer *server,
             SoupServerMessage *message,
             const char *path,
             GHashTable *query,
             gpointer data)
{
  g_autoptr (GString) entities = g_string_new ("{\"value\":[");

  for (guint i = 0; i < GPOINTER_TO_UINT (data); i++)
    g_string_append_printf (
        entities, "{\"id\":\"/providers/Microsoft.Management/managementGroups/group-%u\"},", i);
  g_string_append (entities, "{\"id\":\"" SUBSCRIPTION "\"}]}");
  if (strstr (path, "resources") != NULL)
    lw_test_answer (message, 403, "application/json", "{}");
  else if (strstr (path, "getEntities") != NULL)
    lw_test_answer (message, 200, "application/json", entities->str);
  else if (strstr (path, "managementGroups") != NULL)
    lw_test_answer (message, 403, "application/json", "{}");
  else
    lw_test_answer (message, 200, "application/json", "{\"value\":[{\"id\":\"" EXEMPTION "\"}]}");
}

/* What is missing is said, with the names of the first few scopes. */
static void
test_hidden_scopes (void)
{
  static const struct
  {
    guint hidden;
    const char *start;
    const char *end;
  } cases[] = { { 1, "1 scope did", ": group-0" },
                { 3, "3 scopes did", ": group-0, group-1, group-2" },
                { 5, "5 scopes did", ": group-0, group-1, group-2 and others" } };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr (LwTestServer) server =
          lw_test_server_new (hide_groups, GUINT_TO_POINTER (cases[i].hidden));
      g_autoptr (LwClient) client = lw_test_client (server->base, 5000);
      g_autoptr (GPtrArray) found = lw_test_boxed (lw_client_list_all_exemptions (client), NULL);
      GPtrArray *notices = lw_client_get_notices (client);
      const LwNotice *notice;

      g_assert_cmpuint (found->len, ==, 1);
      g_assert_cmpuint (notices->len, ==, 1);
      notice = g_ptr_array_index (notices, 0);
      g_assert_cmpstr (notice->id, ==, "lists.hidden-scopes");
      g_test_message ("%s", notice->message);
      g_assert_true (g_str_has_prefix (notice->message, cases[i].start));
      g_assert_true (g_str_has_suffix (notice->message, cases[i].end));
    }
}

/* All that shows is no more than an empty list would: nothing is said. */
static void
test_no_hidden_scopes (void)
{
  g_autoptr (LwTestServer) server = lw_test_server_new (hide_groups, GUINT_TO_POINTER (0));
  g_autoptr (LwClient) client = lw_test_client (server->base, 5000);
  g_autoptr (GPtrArray) found = lw_test_boxed (lw_client_list_all_exemptions (client), NULL);

  g_assert_cmpuint (found->len, ==, 1);
  g_assert_cmpuint (lw_client_get_notices (client)->len, ==, 0);
}

/* Long lists, read on another thread */

#define MANY 2000

static char *
long_page (void)
{
  GString *text = g_string_new ("{\"value\":[7,{\"id\":\"" EXEMPTION "-1\",\"a\":1e999}");

  for (guint i = 0; i < MANY; i++)
    g_string_append_printf (
        text, ",{\"id\":\"" EXEMPTION "%u\",\"properties\":{\"displayName\":\"%u\"}}", i, i);
  g_string_append (text, "]}");
  return g_string_free (text, FALSE);
}

static void
test_long_list (void)
{
  g_autofree char *text = long_page ();
  const char *const answers[] = { text, NULL };
  LwTestAnswers script = { .answers = answers };
  g_autoptr (LwTestServer) server = lw_test_server_new (lw_test_answers_play, &script);
  g_autoptr (LwClient) client = lw_test_client (server->base, lw_test_patience (20000));
  g_autoptr (GPtrArray) found = lw_test_boxed (exemptions (client), NULL);

  g_assert_cmpuint (strlen (text), >, 64 * 1024);
  g_assert_cmpuint (found->len, ==, MANY + 1);
  for (guint i = 0; i < MANY; i++)
    {
      g_autofree char *name = g_strdup_printf ("%u", i);

      g_assert_cmpstr (((LwExemption *) g_ptr_array_index (found, i + 1))->display_name, ==, name);
    }
  /* one that is shown although it would be altered, one that is none */
  g_assert_cmpuint (lw_client_get_notices (client)->len, ==, 2);
}

static gboolean
set_true (gpointer data)
{
  *(gboolean *) data = TRUE;
  return G_SOURCE_REMOVE;
}

/* Given up at any time, also while a thread reads: nothing holds on to the client. */
static void
test_long_list_dropped (void)
{
  g_autofree char *text = long_page ();
  const char *const answers[] = { text, NULL };
  LwTestAnswers script = { .answers = answers };
  g_autoptr (LwTestServer) server = lw_test_server_new (lw_test_answers_play, &script);

  for (guint ms = 0; ms < 60; ms += 3)
    {
      LwClient *client = lw_test_client (server->base, lw_test_patience (20000));
      DexFuture *future = exemptions (client);
      gboolean now = FALSE;

      g_timeout_add (lw_test_patience (ms), set_true, &now);
      while (!now)
        g_main_context_iteration (NULL, TRUE);
      dex_unref (future);
      while (g_main_context_iteration (NULL, FALSE))
        ;
      g_assert_finalize_object (client);
    }
}

int
main (int argc, char **argv)
{
  dex_init ();
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/lists/elements", test_elements);
  g_test_add_func ("/lists/mended", test_mended);
  g_test_add_func ("/lists/left-out", test_left_out);
  g_test_add_func ("/shapes/damaged", test_damaged);
  g_test_add_func ("/shapes/damaged-page", test_damaged_page);
  g_test_add_func ("/lists/empty", test_empty);
  g_test_add_func ("/lists/pages", test_pages);
  g_test_add_func ("/lists/none", test_no_lists);
  g_test_add_func ("/graph/shapes", test_graph);
  g_test_add_func ("/graph/limit", test_graph_limit);
  g_test_add_func ("/everywhere/duplicates", test_duplicates);
  g_test_add_func ("/everywhere/other-way", test_other_way);
  g_test_add_func ("/everywhere/hidden-scopes", test_hidden_scopes);
  g_test_add_func ("/everywhere/no-hidden-scopes", test_no_hidden_scopes);
  g_test_add_func ("/lists/long", test_long_list);
  g_test_add_func ("/lists/long/dropped", test_long_list_dropped);
  return g_test_run ();
}
