/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "lw-ui-tenant.h"

#include <glib/gstdio.h>

#include "lw-json.h"
#include "lw-settings.h"

LwTestTenant *
lw_ui_tenant_new (void)
{
  return lw_ui_tenant_new_with (NULL);
}

LwTestTenant *
lw_ui_tenant_new_with (const char *faults)
{
  const char *arguments[] = { "--now", "2026-11-24T09:00:00Z", NULL, NULL, NULL };
  g_autofree char *path = NULL;
  g_autoptr (GError) error = NULL;
  LwTestTenant *tenant;

  if (faults != NULL)
    {
      int file = g_file_open_tmp ("leeway-faults-XXXXXX", &path, &error);

      g_assert_no_error (error);
      g_close (file, NULL);
      g_assert_true (g_file_set_contents (path, faults, -1, &error));
      arguments[2] = "--faults";
      arguments[3] = path;
    }
  tenant = lw_test_tenant_new (arguments);
  g_assert_nonnull (tenant);
  if (path != NULL)
    g_unlink (path);
  return tenant;
}

LwProfile *
lw_ui_tenant_profile (LwTestTenant *self, const char *ledger)
{
  g_autoptr (LwProfile) profile = lw_test_tenant_profile (self, NULL);
  g_autofree char *shared = g_strconcat (lw_json_get_string (self->line, "blob"), "/leeway", NULL);
  g_autoptr (GError) error = NULL;
  LwProfile *result =
      lw_profile_with_member (profile, "ledger", ledger != NULL ? ledger : shared, &error);

  g_assert_no_error (error);
  return result;
}

LwSession *
lw_ui_tenant_session (LwTestTenant *self, const char *upn)
{
  g_autoptr (LwProfile) profile = lw_ui_tenant_profile (self, NULL);
  g_autoptr (GDateTime) now = lw_ui_test_now ();
  LwSession *session = lw_session_new (profile, lw_test_tenant_token (self, upn), now);
  g_autoptr (GError) error = NULL;

  g_assert_true (lw_test_boolean (lw_session_open (session), &error));
  g_assert_no_error (error);
  return session;
}

LwRequest *
lw_ui_tenant_request (const char *title, const char *scope)
{
  g_autoptr (GBytes) bytes = NULL;
  g_autoptr (GError) error = NULL;
  char *text;
  gsize size;
  LwRequest *request;
  static gint64 made;

  g_assert_true (g_file_get_contents (g_getenv ("LEEWAY_GOOD_REQUEST"), &text, &size, &error));
  bytes = g_bytes_new_take (text, size);
  request = lw_request_from_bytes (bytes, &error);
  g_assert_no_error (error);
  g_free (request->id);
  request->id = lw_uuid_v7 (g_get_real_time () / 1000 + made++);
  g_set_str (&request->title, title);
  if (scope)
    {
      LwGrant *grant = g_ptr_array_index (request->grants, 0);

      g_set_str (&grant->scope, scope);
      g_set_str (&request->expires, "2027-01-12T22:59:59Z");
      g_set_str (&grant->why, "Accounts are made anew each night, so that none can be named.");
    }
  return request;
}

LwCase *
lw_ui_tenant_case (DexFuture *future)
{
  g_autoptr (GError) error = NULL;
  LwCase *value = lw_test_boxed (future, &error);

  g_assert_no_error (error);
  return value;
}

void
lw_ui_tenant_refresh (LwWorkspace *workspace)
{
  g_autoptr (GError) error = NULL;

  lw_test_boolean (lw_workspace_refresh (workspace), &error);
  g_assert_no_error (error);
  lw_test_boolean (lw_workspace_refresh_portfolio (workspace), &error);
  g_assert_no_error (error);
  lw_ui_test_settle ();
}
