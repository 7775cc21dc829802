/* SPDX-License-Identifier: GPL-3.0-or-later */

#pragma once

#include "lw-json.h"
#include "lw-profile.h"

#include <gio/gio.h>
#include <string.h>

/* The simulated tenant as a process of its own. */
typedef struct
{
  GSubprocess *process;
  JsonNode *line; /* its endpoints and people */
} LwTestTenant;

/* @option, @value: (nullable): a further option of the tenant's */
static inline void
lw_test_tenant_start_with (LwTestTenant *tenant, const char *option, const char *value)
{
  g_autoptr (GDataInputStream) input = NULL;
  g_autofree char *line = NULL;
  g_autoptr (GError) error = NULL;

  tenant->process = g_subprocess_new (
      G_SUBPROCESS_FLAGS_STDOUT_PIPE, &error, g_getenv ("LEEWAY_DEMO_TENANT"), "--exit-with-parent",
      "--tenant", g_getenv ("LEEWAY_DEMO_DATA"), option, value, NULL);
  g_assert_no_error (error);
  input = g_data_input_stream_new (g_subprocess_get_stdout_pipe (tenant->process));
  line = g_data_input_stream_read_line_utf8 (input, NULL, NULL, &error);
  g_assert_no_error (error);
  tenant->line = lw_json_parse_string (line, &error);
  g_assert_no_error (error);
}

static inline void
lw_test_tenant_start (LwTestTenant *tenant)
{
  lw_test_tenant_start_with (tenant, NULL, NULL);
}

static inline void
lw_test_tenant_stop (LwTestTenant *tenant)
{
  g_subprocess_force_exit (tenant->process);
  g_subprocess_wait (tenant->process, NULL, NULL);
  g_clear_object (&tenant->process);
  g_clear_pointer (&tenant->line, json_node_unref);
}

/* (transfer none) */
static inline JsonObject *
lw_test_tenant_person (LwTestTenant *tenant, const char *upn)
{
  JsonArray *people = lw_json_get_array (lw_json_node_object (tenant->line), "personas");

  for (guint i = 0; i < json_array_get_length (people); i++)
    {
      JsonObject *person = lw_json_array_get_object (people, i);

      if (g_strcmp0 (lw_json_get_string (person, "upn"), upn) == 0)
        return person;
    }
  g_assert_not_reached ();
}

static inline const char *
lw_test_tenant_token (LwTestTenant *tenant, const char *upn)
{
  return lw_json_get_string (lw_test_tenant_person (tenant, upn), "token");
}

/* A connection to it. @blob and @ledger: (nullable): other than its own. */
static inline LwProfile *
lw_test_tenant_profile (LwTestTenant *tenant, const char *blob, const char *ledger)
{
  JsonObject *line = lw_json_node_object (tenant->line);
  g_autoptr (JsonObject) object = json_object_new ();
  JsonObject *endpoints = json_object_new ();
  g_autoptr (JsonNode) node = NULL;
  g_autofree char *text = NULL;
  g_autofree char *url = NULL;
  g_autoptr (GBytes) bytes = NULL;
  g_autoptr (GError) error = NULL;
  LwProfile *profile;

  if (!blob)
    blob = lw_json_get_string (line, "blob");
  url = g_strdup_printf ("%s/%s", blob, lw_json_get_string (line, "ledger"));
  lw_json_set_string (endpoints, "arm", lw_json_get_string (line, "arm"));
  lw_json_set_string (endpoints, "login", lw_json_get_string (line, "login"));
  lw_json_set_string (endpoints, "graph", lw_json_get_string (line, "graph"));
  lw_json_set_string (endpoints, "blob", blob);
  json_object_set_object_member (object, "endpoints", endpoints);
  lw_json_set_string (object, "cloud", "custom");
  lw_json_set_string (object, "tenant", lw_json_get_string (line, "tenant"));
  lw_json_set_string (object, "clientId", lw_json_get_string (line, "clientId"));
  lw_json_set_string (object, "ledger", ledger ? ledger : url);
  lw_json_set_string (object, "signIn", "token");

  node = lw_json_object_to_node (object);
  text = lw_json_pretty (node);
  bytes = g_bytes_new (text, strlen (text));
  profile = lw_profile_from_json (bytes, &error);
  g_assert_no_error (error);

  return profile;
}
