/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "lw-test-browser.h"

#include <string.h>

void
lw_test_browser_free (LwTestBrowser *self)
{
  g_object_unref (self->session);
  g_free (self->url);
  g_free (self->state);
  g_free (self->nonce);
  g_free (self->redirect_uri);
  g_free (self->challenge);
  g_free (self->claims);
  g_free (self->persona);
  g_free (self->page);
  g_clear_pointer (&self->headers, soup_message_headers_unref);
  g_free (self);
}

LwTestBrowser *
lw_test_browser_new (const char *persona, gboolean follow, const char *ca_file)
{
  LwTestBrowser *self = g_new0 (LwTestBrowser, 1);

  self->session = soup_session_new ();
  self->persona = g_strdup (persona);
  self->follow = follow;
  if (ca_file != NULL)
    {
      g_autoptr (GTlsDatabase) database = g_tls_file_database_new (ca_file, NULL);

      soup_session_set_tls_database (self->session, database);
    }
  return self;
}

static void
page_came (GObject *source, GAsyncResult *result, gpointer data)
{
  LwTestBrowser *self = data;
  g_autoptr (GError) error = NULL;
  SoupMessage *message = soup_session_get_async_result_message (SOUP_SESSION (source), result);
  g_autoptr (GBytes) bytes =
      soup_session_send_and_read_finish (SOUP_SESSION (source), result, &error);

  g_free (self->page);
  g_clear_pointer (&self->headers, soup_message_headers_unref);
  self->headers = soup_message_headers_ref (soup_message_get_response_headers (message));
  if (bytes != NULL && g_bytes_get_size (bytes) > 0)
    self->page = g_strndup (g_bytes_get_data (bytes, NULL), g_bytes_get_size (bytes));
  else
    self->page = g_strdup (bytes != NULL ? "" : error->message);
  self->status = bytes != NULL ? soup_message_get_status (message) : 599;
}

void
lw_test_browser_visit (LwTestBrowser *self, const char *method, const char *url, const char *host)
{
  g_autoptr (SoupMessage) message = soup_message_new (method, url);

  self->status = 0;
  if (host != NULL)
    soup_message_headers_replace (soup_message_get_request_headers (message), "Host", host);
  soup_session_send_and_read_async (self->session, message, G_PRIORITY_DEFAULT, NULL, page_came,
                                    self);
}

gboolean
lw_test_browser_has_page (gpointer self)
{
  return ((LwTestBrowser *) self)->status != 0;
}

guint
lw_test_browser_go (LwTestBrowser *self, const char *method, const char *url, const char *host)
{
  lw_test_browser_visit (self, method, url, host);
  lw_test_until (lw_test_browser_has_page, self);
  return self->status;
}

void
lw_test_browser_open (const char *url, gpointer data)
{
  LwTestBrowser *self = data;
  g_autoptr (GUri) uri = g_uri_parse (url, SOUP_HTTP_URI_FLAGS, NULL);
  g_autoptr (GHashTable) query = soup_form_decode (g_uri_get_query (uri));
  g_autofree char *whole = g_strconcat (url, self->persona != NULL ? "&persona=" : "",
                                        self->persona != NULL ? self->persona : "", NULL);

  g_assert_null (self->url);
  self->url = g_strdup (url);
  self->state = g_strdup (g_hash_table_lookup (query, "state"));
  self->nonce = g_strdup (g_hash_table_lookup (query, "nonce"));
  self->redirect_uri = g_strdup (g_hash_table_lookup (query, "redirect_uri"));
  self->challenge = g_strdup (g_hash_table_lookup (query, "code_challenge"));
  self->claims = g_strdup (g_hash_table_lookup (query, "claims"));
  g_assert_cmpuint (strlen (self->state), ==, 22);
  g_assert_cmpuint (strlen (self->nonce), ==, 22);
  g_assert_cmpstr (g_hash_table_lookup (query, "code_challenge_method"), ==, "S256");
  if (self->follow)
    lw_test_browser_visit (self, "GET", whole, NULL);
}

gboolean
lw_test_browser_was_opened (gpointer self)
{
  return ((LwTestBrowser *) self)->url != NULL;
}

DexFuture *
lw_test_browser_sign_in (LwTestBrowser *self, LwIdentity *identity)
{
  const LwSignInHooks hooks = { .open_uri = lw_test_browser_open };

  return lw_identity_sign_in (identity, NULL, &hooks, self, NULL, NULL);
}

char *
lw_test_browser_way_back (LwTestBrowser *self, const char *query)
{
  return g_strdup_printf ("%s?%s&state=%s", self->redirect_uri, query, self->state);
}
