/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "lw-test-entra.h"

#include <string.h>

#include "lw-pkce.h"

static char *
make_id_token (LwTestEntra *self)
{
  g_autofree char *head = lw_base64url_encode ((const guchar *) "{\"alg\":\"none\"}", 14);
  g_autofree char *payload = g_strdup_printf (
      "{\"oid\":\"11111111-0000-4000-8000-000000000000\",\"tid\":\"%s\",\"aud\":\"%s\",\"nonce\":"
      "\"%s\",\"name\":\"P\",\"preferred_username\":\"p@x\"}",
      self->tid != NULL ? self->tid : LW_TEST_TENANT,
      self->aud != NULL ? self->aud : LW_TEST_CLIENT,
      self->nonce != NULL            ? self->nonce
      : self->browser->nonce != NULL ? self->browser->nonce
                                     : "");
  g_autofree char *body = lw_base64url_encode ((const guchar *) payload, strlen (payload));

  return g_strdup_printf ("%s.%s.c2ln", head, body);
}

void
lw_test_entra_let_go (LwTestEntra *self)
{
  while (self->paused->len > 0)
    {
      g_autoptr (SoupServerMessage) message =
          g_object_ref (g_ptr_array_index (self->paused, self->paused->len - 1));

      g_ptr_array_set_size (self->paused, self->paused->len - 1);
      self->in_flight--;
      soup_server_message_unpause (message);
    }
}

static gboolean
let_go_soon (gpointer data)
{
  lw_test_entra_let_go (data);
  return G_SOURCE_REMOVE;
}

static void
hold_back (LwTestEntra *self, SoupServerMessage *message)
{
  self->in_flight++;
  self->most_in_flight = MAX (self->most_in_flight, self->in_flight);
  soup_server_message_pause (message);
  g_ptr_array_add (self->paused, g_object_ref (message));
  if (!self->holds)
    g_timeout_add (5, let_go_soon, self);
}

static void
tell_the_time (LwTestEntra *self, SoupServerMessage *message)
{
  g_autoptr (GDateTime) now = g_date_time_new_now_utc ();
  g_autoptr (GDateTime) then = g_date_time_add_seconds (now, self->ahead);
  g_autofree char *date = soup_date_time_to_string (then, SOUP_DATE_HTTP);

  soup_message_headers_replace (soup_server_message_get_response_headers (message), "Date", date);
}

static void
check_code (LwTestEntra *self, GHashTable *form)
{
  g_autofree char *challenge = lw_pkce_challenge (g_hash_table_lookup (form, "code_verifier"));

  self->codes++;
  g_assert_cmpstr (challenge, ==, self->browser->challenge);
  g_assert_cmpstr (g_hash_table_lookup (form, "code"), ==, "the-code");
  g_assert_cmpstr (g_hash_table_lookup (form, "redirect_uri"), ==, self->browser->redirect_uri);
  g_assert_cmpstr (g_hash_table_lookup (form, "client_id"), ==, LW_TEST_CLIENT);
}

static void
note_refresh (LwTestEntra *self, GHashTable *form)
{
  const char *claims = g_hash_table_lookup (form, "claims");

  self->refreshes++;
  g_ptr_array_add (self->used, g_strdup (g_hash_table_lookup (form, "refresh_token")));
  g_ptr_array_add (self->claims, g_strdup (claims != NULL ? claims : ""));
}

static void
give_tokens (LwTestEntra *self, SoupServerMessage *message, gboolean refresh)
{
  g_autofree char *made = make_id_token (self);
  g_autofree char *answer = g_strdup_printf (
      "{\"access_token\":\"access-%u-%s\",\"expires_in\":3600,\"refresh_token\":\"refresh-%u\","
      "\"id_token\":\"%s\"}",
      self->refreshes, refresh ? "r" : "c", self->refreshes,
      self->id_token != NULL ? self->id_token : made);

  lw_test_answer (message, 200, "application/json", answer);
  hold_back (self, message);
}

static void
entra (LwTestServer *server,
       SoupServerMessage *message,
       const char *path,
       GHashTable *query,
       gpointer data)
{
  LwTestEntra *self = data;
  const char *body = g_ptr_array_index (server->bodies, server->bodies->len - 1);
  g_autoptr (GHashTable) form = NULL;
  gboolean refresh;

  tell_the_time (self, message);
  if (!g_str_equal (path, "/" LW_TEST_TENANT "/oauth2/v2.0/token"))
    {
      self->calls++;
      lw_test_answer (message, 200, "application/json", "{\"value\":[]}");
      return;
    }
  g_assert_cmpstr (g_ptr_array_index (server->authorizations, server->authorizations->len - 1), ==,
                   "");
  form = soup_form_decode (body);
  refresh = g_strcmp0 (g_hash_table_lookup (form, "grant_type"), "refresh_token") == 0;
  if (refresh)
    note_refresh (self, form);
  else
    check_code (self, form);
  if (refresh && self->error_body != NULL)
    lw_test_answer (message, self->error_status, "application/json", self->error_body);
  else
    give_tokens (self, message, refresh);
}

void
lw_test_entra_set_up (LwTestEntra *self, gconstpointer data)
{
  self->paused = g_ptr_array_new_with_free_func (g_object_unref);
  self->used = g_ptr_array_new_with_free_func (g_free);
  self->claims = g_ptr_array_new_with_free_func (g_free);
  self->server = lw_test_server_new (entra, self);
  self->profile = lw_test_profile (self->server->base, NULL);
  self->identity = lw_identity_new (self->profile);
  self->browser = lw_test_browser_new (NULL, FALSE, NULL);
}

void
lw_test_entra_tear_down (LwTestEntra *self, gconstpointer data)
{
  DexFuture *out = lw_identity_sign_out (self->identity);

  g_assert_true (lw_test_boolean (out, NULL));
  g_object_unref (self->identity);
  lw_profile_unref (self->profile);
  lw_test_server_free (self->server);
  lw_test_browser_free (self->browser);
  g_ptr_array_unref (self->paused);
  g_ptr_array_unref (self->used);
  g_ptr_array_unref (self->claims);
}

void
lw_test_entra_sign_in (LwTestEntra *self)
{
  DexFuture *future = lw_test_browser_sign_in (self->browser, self->identity);
  g_autofree char *back = NULL;

  lw_test_until (lw_test_browser_was_opened, self->browser);
  back = lw_test_browser_way_back (self->browser, "code=the-code");
  lw_test_browser_visit (self->browser, "GET", back, NULL);
  g_assert_true (lw_test_boolean (future, NULL));
}
