/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Writes whose answer or connection is lost: they are done once, or it is said that they were not. */

#include <string.h>

#include "lw-json.h"
#include "lw-test-faults.h"

/* Writes */

/* Faults after which nothing was done, and what they are told as. */
static gboolean
is_done (const char *kind, LwAzureError *code)
{
  *code = g_str_equal (kind, "reset") ? LW_AZURE_ERROR_NETWORK : LW_AZURE_ERROR_SERVER;
  return !g_str_equal (kind, "reset") && !g_str_equal (kind, "error-500");
}

static JsonNode *
exemption_body (const char *name)
{
  g_autofree char *text = g_strdup_printf (
      "{\"properties\":{\"policyAssignmentId\":\"" BASELINE
      "\",\"policyDefinitionReferenceIds\":[\"aiServicesPrivateLink\"],"
      "\"exemptionCategory\":\"Waiver\",\"displayName\":\"%s\",\"expiresOn\":"
      "\"2030-01-01T00:00:00Z\",\"metadata\":{\"n\":[1,true,null,{\"x\":\"y\"}]}}}",
      name);

  return lw_json_parse_string (text, NULL);
}

static void
test_put_exemption (gconstpointer data)
{
  const char *kind = data;
  g_autofree char *id = g_strconcat (EXEMPTION ("lw-"), kind, NULL);
  g_autofree char *write = g_strconcat ("PUT ", id, NULL);
  g_autofree char *rule =
      g_strdup_printf ("{\"do\":\"%s\",\"method\":\"PUT\"," ON_EXEMPTION "}", kind);
  g_autoptr (JsonNode) body = exemption_body (kind);
  g_autoptr (LwExemption) made = NULL;
  Attempt attempt;

  attempt_begin (&attempt, LONG_MS, rule);
  made = lw_test_boxed (lw_client_put_exemption (attempt.client, id, body, FALSE), NULL);
  g_assert_cmpstr (made->display_name, ==, kind);
  g_assert_cmpuint (lw_test_faulty_writes (faulty, write), ==, 1);
  attempt_end (&attempt);
}

/* What is there already is not written over by a second try: somebody may have been there between. */
static void
test_put_over_exemption (gconstpointer data)
{
  const char *kind = data;
  g_autofree char *id = g_strconcat (EXEMPTION ("lw-over-"), kind, NULL);
  g_autofree char *write = g_strconcat ("PUT ", id, NULL);
  g_autofree char *rule =
      g_strdup_printf ("{\"do\":\"%s\",\"method\":\"PUT\"," ON_EXEMPTION ",\"from\":2}", kind);
  g_autoptr (JsonNode) before = exemption_body ("before");
  g_autoptr (JsonNode) after = exemption_body ("after");
  g_autoptr (LwExemption) first = NULL;
  g_autoptr (LwExemption) second = NULL;
  g_autoptr (LwExemption) there = NULL;
  g_autoptr (GError) error = NULL;
  LwAzureError code;
  gboolean acted = is_done (kind, &code);
  Attempt attempt;

  attempt_begin (&attempt, LONG_MS, rule);
  first = lw_test_boxed (lw_client_put_exemption (attempt.client, id, before, FALSE), NULL);
  g_assert_nonnull (first);
  second = lw_test_boxed (lw_client_put_exemption (attempt.client, id, after, TRUE), &error);
  there = lw_test_boxed (lw_client_get_exemption (attempt.client, id), NULL);
  g_assert_cmpuint (lw_test_faulty_writes (faulty, write), ==, acted ? 2 : 1);
  if (acted)
    {
      g_assert_no_error (error);
      g_assert_cmpstr (second->display_name, ==, "after");
      g_assert_cmpstr (there->display_name, ==, "after");
    }
  else
    {
      g_assert_error (error, LW_AZURE_ERROR, (int) code);
      g_assert_cmpstr (there->display_name, ==, "before");
    }
  attempt_end (&attempt);
}

/* The connection is gone when the next request wants to use it: with luck the client has seen it. */
static void
test_closed_when_idle (void)
{
  g_autofree char *container =
      g_strdup_printf ("%s/leeway-requests", lw_json_get_string (faulty->tenant->line, "blob"));
  Attempt attempt;

  expect_list (LONG_MS, "{\"do\":\"close\",\"times\":0}", n_exemptions);
  attempt_begin (&attempt, LONG_MS, "{\"do\":\"close\",\"times\":0}");
  for (guint i = 0; i < 4; i++)
    {
      g_autofree char *name = g_strdup_printf ("faults/closed-%u", i);
      g_autoptr (GBytes) mine = g_bytes_new (name, strlen (name));
      g_autoptr (GBytes) there = NULL;

      g_assert_true (
          lw_test_boolean (lw_client_blob_put_new (attempt.client, container, name, mine), NULL));
      there = lw_test_boxed (lw_client_blob_get (attempt.client, container, name), NULL);
      g_assert_true (g_bytes_equal (there, mine));
    }
  attempt_end (&attempt);
}

static void
test_put_exemption_throttled (void)
{
  static const char id[] = EXEMPTION ("lw-throttled");
  g_autoptr (JsonNode) body = exemption_body ("throttled");
  g_autoptr (LwExemption) made = NULL;
  Attempt attempt;

  attempt_begin (&attempt, LONG_MS,
                 "{\"do\":\"throttle\",\"method\":\"PUT\"," ON_EXEMPTION ",\"times\":2}");
  made = lw_test_boxed (lw_client_put_exemption (attempt.client, id, body, FALSE), NULL);
  g_assert_cmpuint (lw_test_faulty_writes (faulty, "PUT " EXEMPTION ("lw-throttled")), ==, 1);
  attempt_end (&attempt);
}

static void
test_put_exemption_refused (void)
{
  g_autoptr (JsonNode) body = exemption_body ("refused");
  g_autoptr (GError) error = NULL;
  Attempt attempt;

  attempt_begin (&attempt, SHORT_MS,
                 "{\"do\":\"forbidden-linked\",\"method\":\"PUT\"," ON_EXEMPTION ",\"times\":0}");
  g_assert_null (lw_test_boxed (
      lw_client_put_exemption (attempt.client, EXEMPTION ("lw-refused"), body, FALSE), &error));
  g_assert_error (error, LW_AZURE_ERROR, LW_AZURE_ERROR_FORBIDDEN);
  assert_told (error, 403);
  g_assert_cmpuint (lw_test_faulty_requests (faulty), ==, 1);
  attempt_end (&attempt);
}

static void
test_delete_exemption (gconstpointer data)
{
  const char *kind = data;
  g_autofree char *id = g_strconcat (EXEMPTION ("lw-delete-"), kind, NULL);
  g_autofree char *write = g_strconcat ("DELETE ", id, NULL);
  g_autofree char *rule =
      g_strdup_printf ("{\"do\":\"%s\",\"method\":\"DELETE\"," ON_EXEMPTION "}", kind);
  g_autoptr (JsonNode) body = exemption_body ("delete");
  g_autoptr (LwExemption) made = NULL;
  g_autoptr (LwExemption) there = NULL;
  g_autoptr (GError) error = NULL;
  g_autoptr (GError) missing = NULL;
  LwAzureError code;
  gboolean acted = is_done (kind, &code);
  gboolean done;
  Attempt attempt;

  attempt_begin (&attempt, LONG_MS, rule);
  made = lw_test_boxed (lw_client_put_exemption (attempt.client, id, body, FALSE), NULL);
  g_assert_nonnull (made);
  done = lw_test_boolean (lw_client_delete_exemption (attempt.client, id), &error);
  there = lw_test_boxed (lw_client_get_exemption (attempt.client, id), &missing);
  /* Sent once only: somebody may have made it anew between. */
  g_assert_cmpuint (lw_test_faulty_writes (faulty, write), ==, acted ? 1 : 0);
  g_assert_cmpint (done, ==, acted);
  if (acted)
    {
      g_assert_no_error (error);
      g_assert_error (missing, LW_AZURE_ERROR, LW_AZURE_ERROR_NOT_FOUND);
    }
  else
    {
      g_assert_error (error, LW_AZURE_ERROR, (int) code);
      g_assert_nonnull (there);
    }
  attempt_end (&attempt);
}

static void
test_put_blob (gconstpointer data)
{
  const char *kind = data;
  g_autofree char *container =
      g_strdup_printf ("%s/leeway-requests", lw_json_get_string (faulty->tenant->line, "blob"));
  g_autofree char *name = g_strconcat ("faults/", kind, NULL);
  g_autofree char *write =
      g_strdup_printf ("PUT %s/%s", strstr (container + strlen ("https://"), "/"), name);
  g_autofree char *rule =
      g_strdup_printf ("{\"do\":\"%s\",\"method\":\"PUT\",\"path\":\"*/faults/*\"}", kind);
  g_autoptr (GBytes) mine = g_bytes_new_static ("mine", 4);
  g_autoptr (GBytes) theirs = g_bytes_new_static ("theirs", 6);
  g_autoptr (GBytes) there = NULL;
  Attempt attempt;

  attempt_begin (&attempt, LONG_MS, rule);
  g_assert_true (
      lw_test_boolean (lw_client_blob_put_new (attempt.client, container, name, mine), NULL));
  g_assert_cmpuint (lw_test_faulty_writes (faulty, write), ==, 1);
  g_assert_false (
      lw_test_boolean (lw_client_blob_put_new (attempt.client, container, name, theirs), NULL));
  there = lw_test_boxed (lw_client_blob_get (attempt.client, container, name), NULL);

  g_assert_true (g_bytes_equal (there, mine));
  g_assert_cmpuint (lw_test_faulty_writes (faulty, write), ==, 1);
  attempt_end (&attempt);
}

/* Half of a list of blobs is no list. */
static void
test_list_blobs (gconstpointer data)
{
  const char *kind = data;
  g_autofree char *container =
      g_strdup_printf ("%s/leeway-requests", lw_json_get_string (faulty->tenant->line, "blob"));
  g_autofree char *rule =
      g_strdup_printf ("{\"do\":\"%s\",\"method\":\"GET\",\"path\":\"*/leeway-requests\"}", kind);
  gboolean breaks = g_str_equal (kind, "reset-body");
  g_autoptr (GBytes) bytes = g_bytes_new_static ("listed", 6);
  g_autoptr (GError) error = NULL;
  g_auto (GStrv) names = NULL;
  Attempt attempt;

  attempt_begin (&attempt, LONG_MS, rule);
  lw_test_boolean (lw_client_blob_put_new (attempt.client, container, "listed/1", bytes), NULL);
  names = lw_test_boxed (lw_client_blob_list (attempt.client, container, "listed/"), &error);
  if (breaks)
    {
      g_assert_no_error (error);
      g_assert_cmpuint (g_strv_length (names), ==, 1);
      g_assert_cmpstr (names[0], ==, "listed/1");
    }
  else
    {
      g_assert_error (error, LW_AZURE_ERROR, LW_AZURE_ERROR_PROTOCOL);
    }
  attempt_end (&attempt);
}

static void
add_tests (void)
{
  static const char *const lists[] = { "cut-json", "html-200", "reset-body", NULL };
  static const char *const deletes[] = { "lose", "reset", "error-500", "error-500-done", NULL };
  static const char *const puts[] = { "lose",      "reset",          "reset-body",
                                      "error-500", "error-500-done", NULL };

  add_kinds ("put-exemption", puts, test_put_exemption);
  add_kinds ("put-over-exemption", puts, test_put_over_exemption);
  g_test_add_func ("/faults/put-exemption/throttled", test_put_exemption_throttled);
  g_test_add_func ("/faults/put-exemption/refused", test_put_exemption_refused);
  add_kinds ("delete-exemption", deletes, test_delete_exemption);
  g_test_add_func ("/faults/closed-when-idle", test_closed_when_idle);
  add_kinds ("list-blobs", lists, test_list_blobs);
  add_kinds ("put-blob", puts, test_put_blob);
}

int
main (int argc, char **argv)
{
  return faults_main (argc, argv, add_tests);
}
