/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "lw-test-tenant.h"

#include <string.h>

#include "lw-json.h"

LwTestTenant *
lw_test_tenant_new (const char *const *arguments)
{
  const char *program = g_getenv ("LEEWAY_DEMO_TENANT");
  const char *data = g_getenv ("LEEWAY_DEMO_DATA");
  g_autoptr (GPtrArray) argv = g_ptr_array_new ();
  g_autoptr (GSubprocess) process = NULL;
  g_autoptr (GDataInputStream) output = NULL;
  g_autoptr (JsonNode) node = NULL;
  g_autoptr (GError) error = NULL;
  g_autofree char *text = NULL;
  LwTestTenant *self;

  if (program == NULL || data == NULL || !g_file_test (program, G_FILE_TEST_IS_EXECUTABLE))
    return NULL;
  g_ptr_array_add (argv, (char *) program);
  g_ptr_array_add (argv, (char *) "--exit-with-parent");
  g_ptr_array_add (argv, (char *) "--tenant");
  g_ptr_array_add (argv, (char *) data);
  for (guint i = 0; arguments != NULL && arguments[i] != NULL; i++)
    g_ptr_array_add (argv, (char *) arguments[i]);
  g_ptr_array_add (argv, NULL);
  process =
      g_subprocess_newv ((const char *const *) argv->pdata,
                         G_SUBPROCESS_FLAGS_STDOUT_PIPE | G_SUBPROCESS_FLAGS_STDIN_PIPE, &error);
  g_assert_no_error (error);
  output = g_data_input_stream_new (g_subprocess_get_stdout_pipe (process));
  text = g_data_input_stream_read_line (output, NULL, NULL, &error);
  g_assert_no_error (error);
  g_assert_nonnull (text);
  node = lw_json_parse_string (text, &error);
  g_assert_no_error (error);
  self = g_new0 (LwTestTenant, 1);
  self->process = g_steal_pointer (&process);
  self->output = g_steal_pointer (&output);
  self->line = json_object_ref (json_node_get_object (node));
  return self;
}

void
lw_test_tenant_free (LwTestTenant *self)
{
  g_subprocess_force_exit (self->process);
  g_subprocess_wait (self->process, NULL, NULL);
  g_object_unref (self->output);
  g_object_unref (self->process);
  json_object_unref (self->line);
  g_free (self);
}

JsonObject *
lw_test_tenant_ask (LwTestTenant *self, const char *order)
{
  GOutputStream *input = g_subprocess_get_stdin_pipe (self->process);
  g_autofree char *line = g_strconcat (order, "\n", NULL);
  g_autofree char *reply = NULL;
  g_autoptr (JsonNode) node = NULL;
  g_autoptr (GError) error = NULL;

  g_output_stream_write_all (input, line, strlen (line), NULL, NULL, &error);
  g_assert_no_error (error);
  reply = g_data_input_stream_read_line (self->output, NULL, NULL, &error);
  g_assert_no_error (error);
  g_assert_nonnull (reply);
  node = lw_json_parse_string (reply, &error);
  g_assert_no_error (error);
  return json_object_ref (json_node_get_object (node));
}

LwProfile *
lw_test_tenant_profile (LwTestTenant *self, const char *ca_file)
{
  g_autoptr (JsonObject) profile = json_object_new ();
  g_autoptr (JsonNode) node = NULL;
  g_autoptr (GBytes) bytes = NULL;
  g_autoptr (GError) error = NULL;
  JsonObject *endpoints = json_object_new ();
  static const char *const names[] = { "arm", "login", "graph", "blob" };
  LwProfile *result;
  char *text;

  for (guint i = 0; i < G_N_ELEMENTS (names); i++)
    lw_json_set_string (endpoints, names[i], lw_json_get_string (self->line, names[i]));
  lw_json_set_string (profile, "cloud", "custom");
  json_object_set_object_member (profile, "endpoints", endpoints);
  lw_json_set_string (profile, "tenant", lw_json_get_string (self->line, "tenant"));
  lw_json_set_string (profile, "clientId", lw_json_get_string (self->line, "clientId"));
  lw_json_set_string (profile, "ledger", "/tmp/ledger");
  if (ca_file != NULL)
    lw_json_set_string (profile, "caFile", ca_file);
  node = lw_json_object_to_node (profile);
  text = json_to_string (node, FALSE);
  bytes = g_bytes_new_take (text, strlen (text));
  result = lw_profile_from_json (bytes, &error);
  g_assert_no_error (error);
  return result;
}

const char *
lw_test_tenant_token (LwTestTenant *self, const char *upn)
{
  JsonArray *personas = lw_json_get_array (self->line, "personas");

  for (guint i = 0; i < json_array_get_length (personas); i++)
    {
      JsonObject *persona = json_array_get_object_element (personas, i);

      if (g_strcmp0 (lw_json_get_string (persona, "upn"), upn) == 0)
        return lw_json_get_string (persona, "token");
    }
  g_error ("The tenant has no persona “%s”", upn);
}

LwClient *
lw_test_tenant_client (LwTestTenant *self, const char *upn)
{
  g_autoptr (LwProfile) profile = lw_test_tenant_profile (self, NULL);
  g_autoptr (LwIdentity) identity =
      lw_identity_new_for_token (profile, lw_test_tenant_token (self, upn));

  return lw_client_new (profile, identity);
}
