/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "lw-test-faulty.h"

#include <glib/gstdio.h>

#include "lw-json.h"

static gboolean
make_certificate (const char *folder, const char *name, const char *names, const char *end)
{
  g_autofree char *pem = g_strdup_printf ("%s/%s.pem", folder, name);
  g_autofree char *key = g_strdup_printf ("%s/%s.key", folder, name);
  g_autofree char *san = g_strconcat ("subjectAltName=", names, NULL);
  /* clang-format off */
  const char *const argv[] = {
    "openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes",
    "-keyout", key, "-out", pem, "-subj", "/CN=test", "-addext", san,
    "-not_before", "20200101000000Z", "-not_after", end, NULL
  };
  /* clang-format on */
  g_autofree char *errors = NULL;
  int status = -1;

  return g_spawn_sync (NULL, (char **) argv, NULL, G_SPAWN_SEARCH_PATH, NULL, NULL, NULL, &errors,
                       &status, NULL) &&
         status == 0;
}

static char *
join_certificates (const char *folder)
{
  static const char *const names[] = { "good", "other", "expired" };
  g_autoptr (GString) all = g_string_new (NULL);
  char *path = g_build_filename (folder, "ca.pem", NULL);

  for (guint i = 0; i < G_N_ELEMENTS (names); i++)
    {
      g_autofree char *pem = g_strdup_printf ("%s/%s.pem", folder, names[i]);
      g_autofree char *text = NULL;

      g_assert_true (g_file_get_contents (pem, &text, NULL, NULL));
      g_string_append (all, text);
    }
  g_assert_true (g_file_set_contents (path, all->str, (gssize) all->len, NULL));
  return path;
}

LwTestFaulty *
lw_test_faulty_new (const char *const *arguments)
{
  g_autoptr (LwTestFaulty) self = g_new0 (LwTestFaulty, 1);
  g_autoptr (GStrvBuilder) builder = g_strv_builder_new ();
  g_autofree char *pem = NULL;
  g_autofree char *key = NULL;
  g_auto (GStrv) argv = NULL;
  g_autoptr (GError) error = NULL;

  self->folder = g_dir_make_tmp ("leeway-faults-XXXXXX", NULL);
  if (!make_certificate (self->folder, "good", "DNS:localhost,IP:127.0.0.1", "20990101000000Z") ||
      !make_certificate (self->folder, "other", "DNS:x.example", "20990101000000Z") ||
      !make_certificate (self->folder, "expired", "DNS:localhost", "20200201000000Z"))
    return NULL;
  self->ca_file = join_certificates (self->folder);
  pem = lw_test_faulty_file (self, "good.pem");
  key = lw_test_faulty_file (self, "good.key");
  self->good = g_tls_certificate_new_from_files (pem, key, &error);
  g_assert_no_error (error);
  g_strv_builder_add_many (builder, "--control", "--tls-certificate", pem, "--tls-key", key, NULL);
  if (arguments != NULL)
    g_strv_builder_addv (builder, (const char **) arguments);
  argv = g_strv_builder_end (builder);
  self->tenant = lw_test_tenant_new ((const char *const *) argv);
  return self->tenant != NULL ? g_steal_pointer (&self) : NULL;
}

void
lw_test_faulty_free (LwTestFaulty *self)
{
  static const char *const names[] = { "good.pem",    "good.key",    "other.pem", "other.key",
                                       "expired.pem", "expired.key", "ca.pem" };

  for (guint i = 0; i < G_N_ELEMENTS (names); i++)
    {
      g_autofree char *path = lw_test_faulty_file (self, names[i]);

      g_unlink (path);
    }
  g_rmdir (self->folder);
  g_clear_pointer (&self->tenant, lw_test_tenant_free);
  g_clear_object (&self->good);
  g_free (self->ca_file);
  g_free (self->folder);
  g_free (self);
}

char *
lw_test_faulty_file (LwTestFaulty *self, const char *name)
{
  return g_build_filename (self->folder, name, NULL);
}

void
lw_test_faulty_set (LwTestFaulty *self, const char *rules)
{
  g_autofree char *order = g_strdup_printf ("{\"faults\":[%s]}", rules);
  g_autoptr (JsonObject) reply = lw_test_tenant_ask (self->tenant, order);

  g_assert_cmpstr (lw_json_get_string (reply, "error"), ==, NULL);
}

guint
lw_test_faulty_requests (LwTestFaulty *self)
{
  g_autoptr (JsonObject) stats = lw_test_tenant_ask (self->tenant, "{\"stats\":true}");

  return (guint) lw_json_get_int (stats, "requests", 0);
}

guint
lw_test_faulty_writes (LwTestFaulty *self, const char *write)
{
  g_autoptr (JsonObject) stats = lw_test_tenant_ask (self->tenant, "{\"stats\":true}");

  return (guint) lw_json_get_int (lw_json_get_object (stats, "writes"), write, 0);
}

LwClient *
lw_test_faulty_client (LwTestFaulty *self, const char *upn, guint deadline_ms)
{
  g_autoptr (LwProfile) profile = lw_test_tenant_profile (self->tenant, self->ca_file);
  g_autoptr (LwIdentity) identity =
      lw_identity_new_for_token (profile, lw_test_tenant_token (self->tenant, upn));
  LwClient *client = lw_client_new (profile, identity);

  lw_transport_set_deadline (lw_client_get_transport (client), deadline_ms, 5);
  return client;
}

/* A browser */

typedef struct
{
  SoupSession *session;
  const char *upn;
  gboolean done;
} Browser;

static void
page_came (GObject *source, GAsyncResult *result, gpointer data)
{
  Browser *browser = data;
  g_autoptr (GBytes) bytes =
      soup_session_send_and_read_finish (SOUP_SESSION (source), result, NULL);

  browser->done = TRUE;
}

static void
opened (const char *uri, gpointer data)
{
  Browser *browser = data;
  g_autofree char *url = g_strconcat (uri, "&persona=", browser->upn, NULL);
  g_autoptr (SoupMessage) message = soup_message_new ("GET", url);

  soup_session_send_and_read_async (browser->session, message, G_PRIORITY_DEFAULT, NULL, page_came,
                                    browser);
}

static gboolean
is_done (gpointer data)
{
  return ((Browser *) data)->done;
}

gboolean
lw_test_faulty_sign_in (LwTestFaulty *self, LwIdentity *identity, const char *upn, GError **error)
{
  static const LwSignInHooks hooks = { .open_uri = opened };
  const LwSignInAsk ask = { .session_only = TRUE };
  g_autoptr (GTlsDatabase) database = g_tls_file_database_new (self->ca_file, NULL);
  Browser browser = { .session = soup_session_new (), .upn = upn };
  gboolean signed_in;

  soup_session_set_tls_database (browser.session, database);
  signed_in =
      lw_test_boolean (lw_identity_sign_in (identity, &ask, &hooks, &browser, NULL, NULL), error);
  lw_test_until (is_done, &browser);
  g_object_unref (browser.session);
  return signed_in;
}
