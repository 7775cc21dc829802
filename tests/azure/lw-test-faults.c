/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "lw-test-faults.h"

#include <string.h>

LwTestFaulty *faulty;
guint n_exemptions;
guint first_pause_ms = 5;

void
attempt_begin (Attempt *self, guint deadline_ms, const char *rules)
{
  lw_test_faulty_set (faulty, rules);
  self->client = lw_test_faulty_client (faulty, TOMAS, deadline_ms);
  lw_transport_set_deadline (lw_client_get_transport (self->client), deadline_ms, first_pause_ms);
  self->deadline_ms = deadline_ms;
  self->start = g_get_monotonic_time ();
}

void
attempt_end (Attempt *self)
{
  /* valgrind and sanitizers are slow; a hang lasts for good */
  g_assert_cmpint (g_get_monotonic_time () - self->start, <,
                   (gint64) self->deadline_ms * 1000 + 10 * G_USEC_PER_SEC);
  g_assert_finalize_object (self->client);
  lw_test_faulty_set (faulty, "");
}

GPtrArray *
list_exemptions (LwClient *client, GError **error)
{
  return lw_test_boxed (lw_client_list_exemptions (client, EVALS, NULL), error);
}

void
expect_list (guint deadline_ms, const char *rules, guint requests)
{
  Attempt attempt;
  g_autoptr (GPtrArray) found = NULL;
  g_autoptr (GHashTable) ids = g_hash_table_new (g_str_hash, g_str_equal);

  attempt_begin (&attempt, deadline_ms, rules);
  found = list_exemptions (attempt.client, NULL);
  g_assert_cmpuint (found->len, ==, n_exemptions);
  for (guint i = 0; i < found->len; i++)
    g_assert_true (g_hash_table_add (ids, ((LwExemption *) g_ptr_array_index (found, i))->id));
  if (requests > 0)
    g_assert_cmpuint (lw_test_faulty_requests (faulty), ==, requests);
  attempt_end (&attempt);
}

GError *
expect_failure (guint deadline_ms,
                const char *rules,
                LwAzureError expected,
                const char *code,
                guint requests)
{
  Attempt attempt;
  GError *error = NULL;
  const LwAzureErrorDetails *details;

  attempt_begin (&attempt, deadline_ms, rules);
  g_assert_null (list_exemptions (attempt.client, &error));
  g_assert_error (error, LW_AZURE_ERROR, (int) expected);
  g_assert_cmpstr (error->message, !=, "");
  details = lw_azure_error_get_details (error);
  g_assert_nonnull (details);
  if (code != NULL)
    g_assert_cmpstr (details->code, ==, code);
  if (requests > 0)
    g_assert_cmpuint (lw_test_faulty_requests (faulty), ==, requests);
  attempt_end (&attempt);
  return error;
}

void
assert_told (const GError *error, guint status)
{
  const LwAzureErrorDetails *details = lw_azure_error_get_details (error);

  g_assert_cmpuint (details->status, ==, status);
  g_assert_nonnull (details->request_id);
  g_assert_true (g_uuid_string_is_valid (details->request_id));
  g_assert_nonnull (details->url);
  g_assert_null (strchr (details->url, '?'));
  g_assert_cmpint (details->at, >, 0);
}

void
say_nothing (LwTestServer *server,
             SoupServerMessage *message,
             const char *path,
             GHashTable *query,
             gpointer data)
{
  lw_test_answer (message, 200, "application/json", "{\"value\":[]}");
}

void
add_kinds (const char *path, const char *const *kinds, GTestDataFunc func)
{
  for (guint i = 0; kinds[i] != NULL; i++)
    {
      g_autofree char *name = g_strdup_printf ("/faults/%s/%s", path, kinds[i]);

      g_test_add_data_func (name, kinds[i], func);
    }
}

static void
test_nothing (void)
{
  g_test_skip ("The simulated tenant or openssl is not here; set LEEWAY_DEMO_TENANT and "
               "LEEWAY_DEMO_DATA");
}

int
faults_main (int argc, char **argv, void (*add_tests) (void))
{
  const char *const arguments[] = { "--page-size", PAGE, NULL };
  int status;

  dex_init ();
  g_test_init (&argc, &argv, NULL);
  faulty = lw_test_faulty_new (arguments);
  if (faulty != NULL)
    {
      g_autoptr (LwClient) client = lw_test_faulty_client (faulty, TOMAS, LONG_MS);
      g_autoptr (GPtrArray) found = list_exemptions (client, NULL);

      n_exemptions = found->len;
      add_tests ();
    }
  else
    {
      g_test_add_func ("/faults", test_nothing);
    }
  status = g_test_run ();
  g_clear_pointer (&faulty, lw_test_faulty_free);
  return status;
}
