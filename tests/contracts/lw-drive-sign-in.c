/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "lw-drive-sign-in.h"

#include "lw-json.h"

#define PRIYA  "priya@contoso.example"
#define SECRET "demo~secret-8Qk.P2vX4w"

/* Goes where a sign-in sends a person, as Priya, and follows the redirect. */
typedef struct
{
  SoupSession *session;
  guint pages;
} Browser;

static void
page_came (GObject *source, GAsyncResult *result, gpointer data)
{
  Browser *self = data;
  g_autoptr (GBytes) page = soup_session_send_and_read_finish (SOUP_SESSION (source), result, NULL);

  g_assert_nonnull (page);
  self->pages++;
}

static void
visit (Browser *self, const char *url, const char *more)
{
  g_autofree char *whole = g_strconcat (url, more, "persona=" PRIYA, NULL);
  g_autoptr (SoupMessage) message = soup_message_new ("GET", whole);

  soup_session_send_and_read_async (self->session, message, G_PRIORITY_DEFAULT, NULL, page_came,
                                    self);
}

static void
open_uri (const char *uri, gpointer data)
{
  visit (data, uri, "&");
}

static void
show_code (const LwDeviceCode *code, gpointer data)
{
  g_autofree char *more = g_strdup_printf ("?user_code=%s&", code->code);

  visit (data, code->uri, more);
}

/* @pem: the certificate and its key */
static LwProfile *
profile_for (LwTestTenant *tenant, const char *ca, const char *pem, const char *way)
{
  g_autoptr (LwProfile) plain = lw_test_tenant_profile (tenant, ca);
  g_autoptr (GBytes) bytes = lw_profile_to_json (plain);
  g_autoptr (JsonNode) node = lw_json_parse (bytes, 65536, NULL);
  g_autoptr (GBytes) changed = NULL;
  g_autoptr (GError) error = NULL;
  LwProfile *profile;
  char *text;

  lw_json_set_string (json_node_get_object (node), "signIn", way);
  if (g_str_equal (way, "certificate"))
    lw_json_set_string (json_node_get_object (node), "certificateFile", pem);
  text = json_to_string (node, FALSE);
  changed = g_bytes_new_take (text, strlen (text));
  profile = lw_profile_from_json (changed, &error);
  g_assert_no_error (error);
  return profile;
}

static void
sign_in (LwTestTenant *tenant, const char *ca, const char *pem, const char *way, Browser *browser)
{
  const LwSignInHooks hooks = { .open_uri = open_uri, .show_code = show_code };
  gboolean application = g_str_equal (way, "secret");
  const LwSignInAsk ask = { .session_only = TRUE, .secret = application ? SECRET : NULL };
  g_autoptr (LwProfile) profile = profile_for (tenant, ca, pem, way);
  g_autoptr (LwIdentity) identity = lw_identity_new (profile);

  g_assert_true (
      lw_test_boolean (lw_identity_sign_in (identity, &ask, &hooks, browser, NULL, NULL), NULL));
  for (guint i = 0; i < LW_AUDIENCE_COUNT; i++)
    {
      g_autofree char *token = lw_test_string (lw_identity_get_token (identity, i), NULL);
      g_autofree char *fresh = NULL;

      lw_identity_invalidate (identity, i, token);
      fresh = lw_test_string (lw_identity_get_token (identity, i), NULL);
      g_assert_nonnull (fresh);
    }
}

static gboolean
browser_is_done (gpointer data)
{
  return ((Browser *) data)->pages == 2;
}

void
lw_drive_sign_in (LwTestTenant *tenant, const char *ca, const char *pem)
{
  static const char *const ways[] = { "browser", "device-code", "secret", "certificate" };
  g_autoptr (GError) error = NULL;
  g_autoptr (GTlsDatabase) database = g_tls_file_database_new (ca, &error);
  g_autoptr (SoupSession) session = NULL;
  Browser browser = { 0 };

  g_assert_no_error (error);
  session = soup_session_new_with_options ("tls-database", database, NULL);
  browser.session = session;
  for (guint i = 0; i < G_N_ELEMENTS (ways); i++)
    sign_in (tenant, ca, pem, ways[i], &browser);
  lw_test_until (browser_is_done, &browser);
}
